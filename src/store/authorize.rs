//! Who may do what: role-based access control.
//!
//! Models kubernetes `plugin/pkg/auth/authorizer/rbac/rbac.go`, `pkg/registry/rbac/validation/rule.go` and
//! `staging/src/k8s.io/apiserver/pkg/authentication/user`. The group `system:masters` may everything. *Differs:* only
//! who is impersonated (`--as`) is asked; the learner is in that group, and controllers are not asked.

use std::sync::Arc;

use serde_json::Value;

use super::{Client, Store};
use crate::object::{Key, Kind, Object, Reason, StatusError};

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// `jane`, or `system:serviceaccount:shop:bot`.
    pub name: String,
    /// The groups, those that everybody is in included.
    pub groups: Vec<String>,
}

/// What is asked for.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Access<'a> {
    /// An act on objects.
    Resource {
        /// `list`.
        verb: &'a str,
        /// `apps`; empty for the core group.
        group: &'a str,
        /// `deployments`, or `pods/exec`.
        resource: &'a str,
        /// Empty for all namespaces, and for what has none.
        namespace: &'a str,
        /// Empty for no object in particular.
        name: &'a str,
    },
    /// A request for an address that is no object.
    Path {
        /// `get`.
        verb: &'a str,
        /// `/healthz`.
        path: &'a str,
    },
}

impl User {
    /// Somebody by name, in these groups and in those that their name puts them in.
    pub fn new(name: &str, given: &[String]) -> Self {
        let mut groups = given.to_vec();
        let mut parts = name.strip_prefix("system:serviceaccount:").into_iter();
        let namespace = parts.next().and_then(|rest| rest.split(':').next());
        if let Some(namespace) = namespace.filter(|_| given.is_empty()) {
            groups.push("system:serviceaccounts".to_owned());
            groups.push(format!("system:serviceaccounts:{namespace}"));
        }
        let anonymous = name == "system:anonymous";
        let all = if anonymous { "system:unauthenticated" } else { "system:authenticated" };
        if !groups.iter().any(|group| group == all) {
            groups.push(all.to_owned());
        }
        Self { name: name.to_owned(), groups }
    }

    /// The one that kubeadm makes, which the learner is.
    pub fn admin() -> Self {
        Self::new("kubernetes-admin", &["system:masters".to_owned()])
    }

    fn is_subject(&self, subject: &Value, namespace: &str) -> bool {
        let name = subject["name"].as_str().unwrap_or_default();
        match subject["kind"].as_str() {
            Some("User") => name == self.name,
            Some("Group") => self.groups.iter().any(|group| group == name),
            Some("ServiceAccount") => {
                let namespace = subject["namespace"].as_str().unwrap_or(namespace);
                self.name == format!("system:serviceaccount:{namespace}:{name}")
            }
            _ => false,
        }
    }
}

impl Store {
    /// Whether somebody may do something.
    pub fn may(&self, user: &User, access: &Access<'_>) -> bool {
        if user.groups.iter().any(|group| group == "system:masters") {
            return true;
        }
        let namespace = match access {
            Access::Resource { namespace, .. } => namespace,
            Access::Path { .. } => "",
        };
        self.rules_for(user, namespace).iter().any(|rule| allows(rule, access))
    }

    /// Every rule that holds for somebody in a namespace, those of the cluster first.
    pub fn rules_for(&self, user: &User, namespace: &str) -> Vec<Value> {
        let bindings = self.list(Kind::ClusterRoleBinding, None);
        let own = (!namespace.is_empty())
            .then(|| self.list(Kind::RoleBinding, Some(namespace)))
            .into_iter()
            .flatten();
        bindings.chain(own).flat_map(|binding| self.rules_bound(user, binding)).collect()
    }

    fn rules_bound(&self, user: &User, binding: &Arc<Object>) -> Vec<Value> {
        let Some(body) = binding.as_value() else { return Vec::new() };
        let namespace = binding.namespace();
        let subjects = body.field("subjects").as_array();
        if !subjects.into_iter().flatten().any(|subject| user.is_subject(subject, namespace)) {
            return Vec::new();
        }
        let role = body.field("roleRef");
        let name = role["name"].as_str().unwrap_or_default();
        let key = match role["kind"].as_str() {
            Some("Role") => Key::new(Kind::Role, namespace, name),
            _ => Key::cluster(Kind::ClusterRole, name),
        };
        self.get(&key).map_or_else(Vec::new, |role| self.rules_of(role))
    }

    /// A role's rules, and of one that gathers others, theirs.
    fn rules_of(&self, role: &Arc<Object>) -> Vec<Value> {
        let Some(body) = role.as_value() else { return Vec::new() };
        let own = body.field("rules").as_array().cloned().unwrap_or_default();
        let selectors = body.field("aggregationRule")["clusterRoleSelectors"].as_array();
        let Some(selectors) = selectors else { return own };
        let others = self.list(Kind::ClusterRole, None).filter(|other| other.name() != role.name());
        let gathered = others.filter(|other| {
            selectors.iter().any(|selector| {
                let selector = crate::manifest::fill(selector);
                crate::object::selector_matches(&selector, other.meta.labels.as_ref())
            })
        });
        let rules = gathered.filter_map(|other| other.as_value()?.field("rules").as_array());
        own.into_iter().chain(rules.flatten().cloned()).collect()
    }
}

/// Whether a list of a rule has a word, or the star for any.
fn has(rule: &Value, list: &str, word: &str) -> bool {
    let words = rule[list].as_array().into_iter().flatten().filter_map(Value::as_str);
    words.into_iter().any(|one| one == "*" || one == word)
}

fn allows(rule: &Value, access: &Access<'_>) -> bool {
    match access {
        Access::Resource { verb, group, resource, name, .. } => {
            let names = rule["resourceNames"].as_array();
            let part = resource.split_once('/').map(|(_, part)| format!("*/{part}"));
            has(rule, "verbs", verb)
                && has(rule, "apiGroups", group)
                && (has(rule, "resources", resource)
                    || part.is_some_and(|part| has(rule, "resources", &part)))
                && names.is_none_or(|names| names.is_empty() || names.iter().any(|one| one == name))
        }
        Access::Path { verb, path } => {
            let urls = rule["nonResourceURLs"].as_array().into_iter().flatten();
            has(rule, "verbs", verb)
                && urls.filter_map(Value::as_str).any(|url| match url.strip_suffix('*') {
                    Some(start) => path.starts_with(start),
                    None => url == *path,
                })
        }
    }
}

/// The refusal of an act on objects of a kind; `part` is a subresource, or empty.
fn forbidden(user: &User, verb: &str, key: &Key, part: &str) -> StatusError {
    let info = key.kind.info();
    let whole = info.resource();
    let shown = if key.name.is_empty() { whole } else { format!("{whole} \"{}\"", key.name) };
    let resource = resource(key.kind, part);
    let place = match &*key.namespace {
        "" => "at the cluster scope".to_owned(),
        namespace => format!("in the namespace \"{namespace}\""),
    };
    let message = format!(
        "{shown} is forbidden: User {:?} cannot {verb} resource {resource:?} in API group {:?} {place}",
        user.name, info.group
    );
    StatusError::new(Reason::Forbidden, message)
}

fn resource(kind: Kind, part: &str) -> String {
    let plural = kind.info().plural;
    if part.is_empty() { plural.to_owned() } else { format!("{plural}/{part}") }
}

/// Refuses what somebody may not do; the name in the key is empty for a list.
pub fn check(
    store: &Store,
    user: Option<&User>,
    verb: &str,
    key: &Key,
    part: &str,
) -> Result<(), StatusError> {
    let Some(user) = user else { return Ok(()) };
    let access = Access::Resource {
        verb,
        group: key.kind.info().group,
        resource: &resource(key.kind, part),
        namespace: &key.namespace,
        name: &key.name,
    };
    if store.may(user, &access) { Ok(()) } else { Err(forbidden(user, verb, key, part)) }
}

impl Client<'_> {
    /// Acts as somebody else from here on, and is refused what they may not do.
    pub fn impersonate(&mut self, user: Option<User>) {
        self.user = user;
    }

    /// Refuses what the impersonated may not do.
    pub(super) fn authorize(&self, verb: &str, key: &Key, part: &str) -> Result<(), StatusError> {
        self.check_served(verb, key)?;
        check(self.store, self.user.as_ref(), verb, key, part)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn rules_allow_what_they_name() {
        let rule = json!({
            "verbs": ["get", "list"], "apiGroups": [""], "resources": ["pods", "*/scale"],
            "resourceNames": ["web"],
        });
        let ask = |verb, resource, name| {
            let access = Access::Resource { verb, group: "", resource, namespace: "shop", name };
            allows(&rule, &access)
        };
        assert!(ask("get", "pods", "web"));
        assert!(ask("get", "replicationcontrollers/scale", "web"));
        assert!(!ask("list", "pods", ""));
        assert!(!ask("delete", "pods", "web"));
        assert!(!ask("get", "pods/log", "web"));
        let url = json!({ "verbs": ["get"], "nonResourceURLs": ["/api/*", "/healthz"] });
        assert!(allows(&url, &Access::Path { verb: "get", path: "/api/v1" }));
        assert!(!allows(&url, &Access::Path { verb: "get", path: "/healthz/x" }));
    }
}
