//! Roles and their bindings. Models `RoleDescriber`, `RoleBindingDescriber` and their twins for the cluster, and
//! `pkg/util/rbac/rbac.go`: rules are taken apart and put together again, a line a resource.

use serde_json::Value;

use super::View;
use super::page::Page;
use crate::object::ValueBody;
use crate::object::value::look::{text, texts};
use crate::order;

/// A rule about one resource, or one address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Rule<'a> {
    verbs: Vec<&'a str>,
    group: Option<&'a str>,
    resource: Option<&'a str>,
    name: Option<&'a str>,
    url: Option<&'a str>,
}

/// A Role or ClusterRole.
pub(super) fn role(page: &mut Page, view: &View<'_>, body: &ValueBody) {
    head(page, view);
    page.line(0, "PolicyRule:");
    page.line(1, "Resources\tNon-Resource URLs\tResource Names\tVerbs");
    page.line(1, "---------\t-----------------\t--------------\t-----");
    for rule in compact(body.field("rules")) {
        let bracketed = |one: Option<&str>| format!("[{}]", one.unwrap_or_default());
        page.line(
            1,
            format!(
                "{}\t{}\t{}\t[{}]",
                resource_of(&rule),
                bracketed(rule.url),
                bracketed(rule.name),
                rule.verbs.join(" ")
            ),
        );
    }
}

fn head(page: &mut Page, view: &View<'_>) {
    page.field(0, "Name", view.object.name());
    page.labels_and_annotations(view.object);
}

/// `deployments.apps/scale` (`CombineResourceGroup`).
fn resource_of(rule: &Rule<'_>) -> String {
    let Some(resource) = rule.resource else { return String::new() };
    let (name, sub) = resource.split_once('/').map_or((resource, None), |(a, b)| (a, Some(b)));
    let group = rule.group.filter(|group| !group.is_empty());
    let group = group.map(|group| format!(".{group}")).unwrap_or_default();
    let sub = sub.map(|sub| format!("/{sub}")).unwrap_or_default();
    format!("{name}{group}{sub}")
}

/// The rules, one for each resource or address, in the order of their printed form.
fn compact(rules: &Value) -> Vec<Rule<'_>> {
    let mut found: Vec<Rule<'_>> = Vec::new();
    for rule in rules.as_array().into_iter().flatten() {
        let some = |field: &'static str| texts(rule, field).map(Some).collect::<Vec<_>>();
        let mut names = some("resourceNames");
        if names.is_empty() {
            names.push(None);
        }
        let (groups, resources) = (some("apiGroups"), some("resources"));
        let mut parts = Vec::new();
        for group in groups {
            for resource in &resources {
                for name in &names {
                    let (resource, name) = (*resource, *name);
                    parts.push(Rule { group, resource, name, ..Rule::default() });
                }
            }
        }
        for part in parts {
            let at = found.iter().position(|one| Rule { verbs: Vec::new(), ..one.clone() } == part);
            let at = at.unwrap_or_else(|| {
                found.push(part);
                found.len() - 1
            });
            for verb in texts(rule, "verbs") {
                if let Some(one) = found.get_mut(at).filter(|one| !one.verbs.contains(&verb)) {
                    one.verbs.push(verb);
                }
            }
        }
        // Rules about addresses are not put together.
        for url in some("nonResourceURLs") {
            let verbs = texts(rule, "verbs");
            found.extend(verbs.map(|verb| Rule { verbs: vec![verb], url, ..Rule::default() }));
        }
    }
    order::sort_by_key(&mut found, printed);
    found
}

/// A rule as Go prints it; rules are sorted by that.
fn printed(rule: &Rule<'_>) -> String {
    let list = |one: Option<&str>| one.unwrap_or_default().to_owned();
    format!(
        "Verbs:[{}],APIGroups:[{}],Resources:[{}],ResourceNames:[{}],NonResourceURLs:[{}],",
        rule.verbs.join(" "),
        list(rule.group),
        list(rule.resource),
        list(rule.name),
        list(rule.url)
    )
}

/// A RoleBinding or ClusterRoleBinding.
pub(super) fn binding(page: &mut Page, view: &View<'_>, body: &ValueBody) {
    head(page, view);
    let role = body.field("roleRef");
    page.line(0, "Role:");
    page.field(1, "Kind", text(role, "kind"));
    page.field(1, "Name", text(role, "name"));
    page.line(0, "Subjects:");
    page.line(1, "Kind\tName\tNamespace");
    page.line(1, "----\t----\t---------");
    for subject in body.field("subjects").as_array().into_iter().flatten() {
        page.line(1, ["kind", "name", "namespace"].map(|field| text(subject, field)).join("\t"));
    }
}
