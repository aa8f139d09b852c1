//! Roles and their bindings, of a namespace or of the cluster: defaults and validation.
//!
//! Models kubernetes `pkg/apis/rbac/v1/defaults.go` and `pkg/apis/rbac/validation/validation.go`.

use serde_json::{Map, Value, json};

use super::ValueBody;
use super::look::{
    default_text, each, given, inside, list, text, validate_required, validate_selector_at,
};
use super::rules::{PLAIN, Rules};
use crate::object::field::{Errors, Path};
use crate::object::{Kind, Object, names};

/// The group of roles, users and groups.
const GROUP: &str = "rbac.authorization.k8s.io";

pub(super) const ROLE: Rules =
    Rules { name: names::path_segment, validate: validate_role, ..PLAIN };

pub(super) const BINDING: Rules = Rules {
    name: names::path_segment,
    default: default_binding,
    validate: validate_binding,
    validate_update: |errors, _, new, old| {
        let [new, old] = [new, old].map(|body| body.field("roleRef"));
        if new != old {
            // Go's names, and its order of fields.
            let [group, kind, name] = ["apiGroup", "kind", "name"].map(|field| text(new, field));
            let shown = [("APIGroup", group), ("Kind", kind), ("Name", name)]
                .map(|(field, text)| format!("{field:?}:{}", crate::quote::quote(text)));
            let shown = crate::object::field::Verbatim(format!("{{{}}}", shown.join(",")));
            errors.invalid(&Path::new("roleRef"), &shown, "cannot change roleRef");
        }
    },
    ..PLAIN
};

fn validate_role(errors: &mut Errors, _: &Object, body: &ValueBody) {
    let namespaced = body.kind == Kind::Role;
    let rules_path = Path::new("rules");
    let rules = body.field("rules").as_array().map(Vec::as_slice).unwrap_or_default();
    for (index, rule) in rules.iter().enumerate() {
        validate_rule(errors, rule, namespaced, &rules_path.index(index));
    }
    let aggregation = body.field("aggregationRule");
    if !aggregation.is_object() {
        return;
    }
    let path = Path::new("aggregationRule");
    let here = path.child("clusterRoleSelectors");
    let selectors = list(aggregation, "clusterRoleSelectors");
    if selectors.is_empty() {
        let detail = "at least one clusterRoleSelector required if aggregationRule is non-nil";
        errors.required(&here, detail);
    }
    for (index, selector) in selectors.iter().enumerate() {
        validate_selector_at(errors, selector, &here.index(index));
    }
}

fn validate_rule(errors: &mut Errors, rule: &Value, namespaced: bool, path: &Path<'_>) {
    let has = |field: &str| !list(rule, field).is_empty();
    if !has("verbs") {
        errors.required(&path.child("verbs"), "verbs must contain at least one value");
    }
    let urls = rule.get("nonResourceURLs").filter(|_| has("nonResourceURLs"));
    if let Some(urls) = urls {
        let here = path.child("nonResourceURLs");
        if namespaced {
            let detail = "namespaced rules cannot apply to non-resource URLs";
            errors.invalid(&here, urls, detail);
        }
        if has("apiGroups") || has("resources") || has("resourceNames") {
            let detail = "rules cannot apply to both regular resources and non-resource URLs";
            errors.invalid(&here, urls, detail);
        }
        return;
    }
    if !has("apiGroups") {
        let detail = "resource rules must supply at least one api group";
        errors.required(&path.child("apiGroups"), detail);
    }
    if !has("resources") {
        let detail = "resource rules must supply at least one resource";
        errors.required(&path.child("resources"), detail);
    }
}

fn default_binding(fields: &mut Map<String, Value>) {
    fields.entry("roleRef").or_insert_with(|| json!({}));
    if let Some(role) = inside(fields, "roleRef") {
        default_text(role, "apiGroup", GROUP);
    }
    for subject in each(fields, "subjects") {
        if matches!(subject.get("kind").and_then(Value::as_str), Some("User" | "Group")) {
            default_text(subject, "apiGroup", GROUP);
        }
    }
}

fn validate_binding(errors: &mut Errors, _: &Object, body: &ValueBody) {
    let (role, path) = (body.field("roleRef"), Path::new("roleRef"));
    if text(role, "apiGroup") != GROUP {
        errors.not_supported(&path.child("apiGroup"), text(role, "apiGroup"), &[GROUP]);
    }
    let namespaced = body.kind == Kind::RoleBinding;
    let kinds: &[&str] = if namespaced { &["Role", "ClusterRole"] } else { &["ClusterRole"] };
    if !kinds.contains(&text(role, "kind")) {
        errors.not_supported(&path.child("kind"), text(role, "kind"), kinds);
    }
    validate_required(errors, text(role, "name"), names::path_segment, &path.child("name"));
    let subjects_path = Path::new("subjects");
    let subjects = body.field("subjects").as_array().map(Vec::as_slice).unwrap_or_default();
    for (index, subject) in subjects.iter().enumerate() {
        validate_subject(errors, subject, namespaced, &subjects_path.index(index));
    }
}

fn validate_subject(errors: &mut Errors, subject: &Value, namespaced: bool, path: &Path<'_>) {
    let (kind, name) = (text(subject, "kind"), text(subject, "name"));
    let (name_path, group_path) = (path.child("name"), path.child("apiGroup"));
    let group = text(subject, "apiGroup");
    if name.is_empty() {
        errors.required(&name_path, "");
    }
    match kind {
        "ServiceAccount" => {
            if !name.is_empty() {
                errors.invalid_each(&name_path, name, names::dns1123_subdomain(name));
            }
            if !group.is_empty() {
                errors.not_supported(&group_path, group, &[""]);
            }
            if !namespaced && given(subject, "namespace").is_none() {
                errors.required(&path.child("namespace"), "");
            }
        }
        "User" | "Group" => {
            if name.is_empty() {
                let detail = format!("{} name cannot be empty", kind.to_lowercase());
                errors.invalid(&name_path, name, &detail);
            }
            if group != GROUP {
                errors.not_supported(&group_path, group, &[GROUP]);
            }
        }
        other => {
            let known = &["ServiceAccount", "User", "Group"];
            errors.not_supported(&path.child("kind"), other, known);
        }
    }
}
