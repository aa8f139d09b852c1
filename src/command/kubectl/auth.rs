//! `kubectl auth`: who one is, and what one may do.
//!
//! Models kubectl `pkg/cmd/auth/{cani,whoami}.go` and `pkg/util/rbac/rbac.go`.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::call::Call;
use super::common::PRINT;
use super::failure::Failure;
use super::format::Format;
use super::verb::{Flag, Group, Outcome, Verb};
use crate::object::official::Resource;
use crate::order;
use crate::output::tabwriter;
use crate::store::{Access, User};

/// The verb about permissions.
pub(super) static AUTH: Verb = Verb {
    name: "auth",
    group: Group::Troubleshooting,
    summary: "Inspect authorization",
    usage: "[flags]",
    verbs: &[
        CAN_I,
        Verb {
            name: "reconcile",
            summary: "Reconciles rules for RBAC role, role binding, cluster role, and cluster role binding objects",
            simulated: false,
            ..Verb::BASE
        },
        WHOAMI,
    ],
    ..Verb::BASE
};

const CAN_I: Verb = Verb {
    name: "can-i",
    summary: "Check whether an action is allowed",
    usage: "can-i VERB [TYPE | TYPE/NAME | NONRESOURCEURL]",
    examples: &[
        ("Ask whether you may create Pods", "kubectl auth can-i create pods"),
        (
            "Ask it for a ServiceAccount",
            "kubectl auth can-i list pods --as=system:serviceaccount:default:bot",
        ),
        ("List what is allowed", "kubectl auth can-i --list"),
    ],
    flags: &[CAN_I_FLAGS],
    run: |call| Box::pin(async move { can_i(&call) }),
    ..Verb::BASE
};

static CAN_I_FLAGS: &[Flag] = &[
    Flag::switch("all-namespaces", "If true, check the specified action in all namespaces.")
        .letter('A'),
    Flag::switch("list", "If true, prints all allowed actions."),
    Flag::switch("no-headers", "If true, prints allowed actions without headers"),
    Flag::switch("quiet", "If true, suppress output and just return the exit code.").letter('q'),
    Flag::text("subresource", "", "SubResource such as pod/log or deployment/scale"),
];

const WHOAMI: Verb = Verb {
    name: "whoami",
    summary: "Experimental: Check self subject attributes",
    usage: "whoami",
    examples: &[("See who you are to the cluster", "kubectl auth whoami")],
    flags: &[PRINT],
    run: |call| Box::pin(async move { who_am_i(&call) }),
    ..Verb::BASE
};

/// Whom a call speaks for: who is impersonated, or the learner.
fn user_of(call: &Call) -> User {
    call.user().unwrap_or_else(User::admin)
}

fn who_am_i(call: &Call) -> Outcome {
    let user = user_of(call);
    let uid = call.flags.text("as-uid");
    let uid = if call.user().is_none() { "admin" } else { uid };
    if let Some(format) = Format::of_writer(call)? {
        let mut info = json!({ "groups": user.groups, "username": user.name });
        if !uid.is_empty() {
            info["uid"] = json!(uid);
        }
        return call.out(format.print(&json!({
            "apiVersion": "authentication.k8s.io/v1",
            "kind": "SelfSubjectReview",
            "metadata": { "creationTimestamp": call.now().to_string() },
            "status": { "userInfo": info },
        }))?);
    }
    let mut text = format!("ATTRIBUTE\tVALUE\nUsername\t{}\n", user.name);
    if !uid.is_empty() {
        text.push_str(&["UID\t", uid, "\n"].concat());
    }
    text.push_str(&["Groups\t[", &user.groups.join(" "), "]\n"].concat());
    call.out(tabwriter::align(&text, tabwriter::TABLE))
}

fn can_i(call: &Call) -> Outcome {
    let quiet = call.flags.on("quiet");
    let part = call.flags.text("subresource");
    if call.flags.on("list") {
        if !call.args().is_empty() {
            return Err(Failure::plain("list option must be specified with no arguments"));
        }
        if quiet || call.all_namespaces() || !part.is_empty() {
            return Err(Failure::plain(
                "list option can't be specified with neither quiet, all-namespaces nor subresource options",
            ));
        }
        return list(call);
    }
    let [verb, what] = call.args() else {
        return Err(Failure::plain(
            "you must specify two arguments: verb resource or verb resource/resourceName.\nSee 'kubectl auth can-i -h' for help and examples.",
        ));
    };
    let (verb, user) = (verb.as_str(), user_of(call));
    let namespace = if call.all_namespaces() { "" } else { call.namespace() };
    let allowed = if what.starts_with('/') {
        if !part.is_empty() {
            return Err(Failure::plain("--subresource can not be used with NonResourceURL"));
        }
        check_verb(call, verb, URL_VERBS)?;
        call.read(|store| store.may(&user, &Access::Path { verb, path: what }))
    } else {
        let (word, name) = what.split_once('/').unwrap_or((what, ""));
        let found = resource(call, word)?;
        if let Some(found) = found.filter(|found| !found.namespaced && !namespace.is_empty()) {
            let group = match found.group() {
                "" => String::new(),
                group => format!(" in group '{group}'"),
            };
            let scope = format!("resource '{}' is not namespace scoped{group}\n", found.plural);
            call.warn(scope)?;
        }
        if found.is_some() && !call.all_namespaces() {
            check_verb(call, verb, VERBS)?;
        }
        let plural = found.map_or(word, |found| found.plural);
        let resource = if part.is_empty() { plural.to_owned() } else { format!("{plural}/{part}") };
        let group = found.map_or("", Resource::group);
        let access = Access::Resource { verb, group, resource: &resource, namespace, name };
        call.read(|store| store.may(&user, &access))
    };
    if call.flags.on("no-headers") {
        return Err(Failure::plain("--no-headers cannot be set without --list specified"));
    }
    if !quiet {
        call.line(if allowed { "yes" } else { "no" })?;
    }
    if allowed { Ok(()) } else { Err(Failure::Exit(1)) }
}

const VERBS: &[&str] = &[
    "get",
    "list",
    "watch",
    "create",
    "update",
    "patch",
    "delete",
    "deletecollection",
    "use",
    "bind",
    "impersonate",
    "*",
    "approve",
    "sign",
    "escalate",
    "attest",
];
const URL_VERBS: &[&str] = &["get", "put", "post", "head", "options", "delete", "patch", "*"];

fn check_verb(call: &Call, verb: &str, known: &[&str]) -> Outcome {
    if known.contains(&verb) {
        return Ok(());
    }
    call.warn(format!("verb '{verb}' is not a known verb\n"))
}

/// The resource that a word names; with a warning, none if the server has no such.
fn resource(call: &Call, word: &str) -> Result<Option<&'static Resource>, Failure> {
    if word == "*" {
        return Ok(None);
    }
    let lower = word.to_lowercase();
    let (name, group) = lower.split_once('.').unwrap_or((&lower, ""));
    let found = call.known().find(|resource| {
        let kind = resource.singular();
        let named = resource.plural == name || kind == name || resource.short_names.contains(&name);
        named && (group.is_empty() || resource.group() == group)
    });
    if found.is_none() && !matches!(name, "users" | "groups") {
        let group = if group.is_empty() { String::new() } else { format!(" in group '{group}'") };
        call.warn(format!("the server doesn't have a resource type '{name}'{group}\n"))?;
    }
    Ok(found)
}

/// A line of the list: resources, addresses, names, verbs.
type Line = (String, String, String, Vec<String>);

fn list(call: &Call) -> Outcome {
    let user = user_of(call);
    let rules = call.read(|store| store.rules_for(&user, call.namespace()));
    // Rules about one resource are told together; those about addresses stand by themselves.
    let mut resources: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    let mut lines: Vec<(String, Line)> = Vec::new();
    for rule in &rules {
        let words = |list: &str| -> Vec<String> {
            let all = rule[list].as_array().into_iter().flatten();
            all.filter_map(Value::as_str).map(str::to_owned).collect()
        };
        let verbs = words("verbs");
        for url in words("nonResourceURLs") {
            for verb in &verbs {
                let line = (String::new(), url.clone(), String::new(), vec![verb.clone()]);
                lines.push((format!("~{url}"), line));
            }
        }
        let names = match words("resourceNames") {
            names if names.is_empty() => vec![String::new()],
            names => names,
        };
        for (group, resource) in words("apiGroups")
            .iter()
            .flat_map(|group| words("resources").into_iter().map(move |one| (group.clone(), one)))
        {
            let whole = if group.is_empty() { resource } else { format!("{resource}.{group}") };
            for name in &names {
                let known = resources.entry((whole.clone(), name.clone())).or_default();
                known.extend(
                    verbs.iter().filter(|verb| !known.contains(verb)).cloned().collect::<Vec<_>>(),
                );
            }
        }
    }
    for ((resource, name), verbs) in resources {
        lines.push((resource.clone(), (resource, String::new(), name, verbs)));
    }
    order::sort_by(&mut lines, |a, b| a.0.cmp(&b.0));
    let mut text = String::new();
    if !call.flags.on("no-headers") {
        text.push_str("Resources\tNon-Resource URLs\tResource Names\tVerbs\n");
    }
    for (_, (resource, url, name, verbs)) in lines {
        let line = format!("{resource}\t[{url}]\t[{name}]\t[{}]\n", verbs.join(" "));
        text.push_str(&line);
    }
    call.out(tabwriter::align(&text, tabwriter::TABLE))
}
