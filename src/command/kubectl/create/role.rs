//! `kubectl create role` and `clusterrole`. Models kubectl `pkg/cmd/create/create_role.go` and `create_clusterrole.go`.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::super::call::Call;
use super::super::common::{DRY_RUN, PRINT, WRITE};
use super::super::failure::Failure;
use super::super::kinds;
use super::super::verb::{Flag, Outcome, Verb};
use super::generator::{Generator, generate, text_map};

pub(super) const ROLE: Verb = Verb {
    name: "role",
    summary: "Create a role with single rule",
    usage: "NAME --verb=verb --resource=resource.group/subresource [--resource-name=resourcename] [--dry-run=server|client|none]",
    examples: &[
        (
            "Create a Role that may read Pods",
            "kubectl create role pod-reader --verb=get,list,watch --resource=pods",
        ),
        (
            "Create one for Deployments, which have a group",
            "kubectl create role deployer --verb=get,update --resource=deployments.apps",
        ),
    ],
    flags: &[RULE, DRY_RUN, PRINT, WRITE],
    run: |call| generate(call, &ROLES),
    ..Verb::BASE
};

pub(super) const CLUSTER_ROLE: Verb = Verb {
    name: "clusterrole",
    summary: "Create a cluster role",
    usage: "NAME --verb=verb --resource=resource.group [--resource-name=resourcename] [--dry-run=server|client|none]",
    examples: &[
        (
            "Create a ClusterRole that may read Nodes",
            "kubectl create clusterrole node-reader --verb=get,list,watch --resource=nodes",
        ),
        (
            "Create one that gathers the rules of others by their label",
            "kubectl create clusterrole monitoring --aggregation-rule=example.com/to-monitoring=true",
        ),
    ],
    flags: &[RULE, CLUSTER_RULE, DRY_RUN, PRINT, WRITE],
    run: |call| generate(call, &CLUSTER_ROLES),
    ..Verb::BASE
};

static ROLES: Generator = Generator {
    group: "rbac.authorization.k8s.io",
    kind: "Role",
    required: &[],
    make: role,
    refused: "",
};

static CLUSTER_ROLES: Generator = Generator { kind: "ClusterRole", make: cluster_role, ..ROLES };

static RULE: &[Flag] = &[
    Flag::list("resource", "Resource that the rule applies to"),
    Flag::array("resource-name", "Name of an object that the rule applies to; may be repeated"),
    Flag::list("verb", "Verb that applies to the resources contained in the rule"),
];

static CLUSTER_RULE: &[Flag] = &[
    Flag::array("aggregation-rule", "Labels of the ClusterRoles whose rules are gathered.").or(""),
    Flag::list("non-resource-url", "A partial url that user should have access to."),
];

/// The verbs that objects know; others get a warning.
const VERBS: [&str; 14] = [
    "*",
    "get",
    "delete",
    "list",
    "create",
    "update",
    "patch",
    "watch",
    "proxy",
    "deletecollection",
    "use",
    "bind",
    "escalate",
    "impersonate",
];

/// The verbs of addresses that are no objects.
const URL_VERBS: [&str; 8] = ["*", "get", "post", "put", "delete", "patch", "head", "options"];

/// Verbs that only some resources have, with their group.
const SPECIAL: &[(&str, &[(&str, &str)])] = &[
    ("use", &[("policy", "podsecuritypolicies"), ("extensions", "podsecuritypolicies")]),
    ("bind", ROLE_RESOURCES),
    ("escalate", ROLE_RESOURCES),
    (
        "impersonate",
        &[
            ("", "users"),
            ("", "serviceaccounts"),
            ("", "groups"),
            ("authentication.k8s.io", "userextras"),
        ],
    ),
];

const ROLE_RESOURCES: &[(&str, &str)] =
    &[("rbac.authorization.k8s.io", "roles"), ("rbac.authorization.k8s.io", "clusterroles")];

/// A resource as it was asked for.
struct Asked<'a> {
    group: &'a str,
    name: &'a str,
    subresource: &'a str,
}

fn role(call: &Call, _: &str, body: &mut Value) -> Outcome {
    let (verbs, resources) = (verbs(call), resources(call));
    if verbs.is_empty() {
        return Err(Failure::plain("at least one verb must be specified"));
    }
    warn_of_verbs(call, &verbs)?;
    if resources.is_empty() {
        return Err(Failure::plain("at least one resource must be specified"));
    }
    check_resources(call, &verbs, &resources)?;
    body["rules"] = rules(call, &verbs, &resources, &[]);
    Ok(())
}

fn cluster_role(call: &Call, _: &str, body: &mut Value) -> Outcome {
    let (verbs, resources) = (verbs(call), resources(call));
    let urls = once(call.flags.list("non-resource-url"));
    let aggregation = call.flags.list("aggregation-rule");
    if !aggregation.is_empty() {
        if !(urls.is_empty() && verbs.is_empty() && resources.is_empty())
            || call.flags.given("resource-name")
        {
            return Err(Failure::plain(
                "aggregation rule must be specified without nonResourceURLs, verbs, resources or resourceNames",
            ));
        }
        let labels = aggregation_labels(call, aggregation)?;
        body["aggregationRule"] = json!({"clusterRoleSelectors": [{"matchLabels": labels}]});
        body["rules"] = Value::Null;
        return Ok(());
    }
    if verbs.is_empty() {
        return Err(Failure::plain("at least one verb must be specified"));
    }
    if resources.is_empty() && urls.is_empty() {
        return Err(Failure::plain("one of resource or nonResourceURL must be specified"));
    }
    if !resources.is_empty() {
        warn_of_verbs(call, &verbs)?;
        check_resources(call, &verbs, &resources)?;
    }
    check_urls(&verbs, &urls)?;
    body["rules"] = rules(call, &verbs, &resources, &urls);
    Ok(())
}

/// `key=value,key=value`, as often as it was given.
fn aggregation_labels(call: &Call, given: &[String]) -> Result<Value, Failure> {
    let mut pairs = Vec::new();
    for text in given {
        for pair in text.split(',').filter(|pair| !pair.is_empty()) {
            let (key, value) = pair.split_once('=').ok_or_else(|| {
                Failure::plain(format!(
                    "invalid argument {text:?} for \"--aggregation-rule\" flag: malformed pair, expect string=string\nSee '{} --help' for usage.",
                    call.path
                ))
            })?;
            pairs.push((key.trim(), value.trim()));
        }
    }
    Ok(text_map(pairs))
}

/// Each once, in the order given.
fn once(given: &[String]) -> Vec<&str> {
    let mut found: Vec<&str> = Vec::new();
    for text in given {
        if !found.contains(&text.as_str()) {
            found.push(text);
        }
    }
    found
}

fn verbs(call: &Call) -> Vec<&str> {
    let verbs = once(call.flags.list("verb"));
    if verbs.contains(&"*") { vec!["*"] } else { verbs }
}

/// `deployments.apps/scale`, read; `*` alone stands for everything.
fn resources(call: &Call) -> Vec<Asked<'_>> {
    let mut found = Vec::new();
    for text in call.flags.list("resource") {
        let (whole, subresource) = text.split_once('/').unwrap_or((text, ""));
        let (name, group) = whole.split_once('.').unwrap_or((whole, ""));
        let asked = Asked { group, name, subresource };
        if text == "*" {
            return vec![asked];
        }
        found.push(asked);
    }
    found
}

fn warn_of_verbs(call: &Call, verbs: &[&str]) -> Outcome {
    for verb in verbs.iter().filter(|verb| !VERBS.contains(verb)) {
        call.warn(format!("'{verb}' is not a standard resource verb"))?;
    }
    Ok(())
}

/// What the server calls a resource, or what was asked for if it has none.
fn served<'a>(call: &Call, asked: &Asked<'a>) -> (&'a str, &'a str, bool) {
    let found = if asked.group.is_empty() {
        kinds::resource(call.known(), asked.name)
    } else {
        kinds::resource(call.known(), &format!("{}.{}", asked.name, asked.group))
    };
    match found {
        Some(resource) => (resource.group(), resource.plural, true),
        None => (asked.group, asked.name, false),
    }
}

fn check_resources(call: &Call, verbs: &[&str], resources: &[Asked<'_>]) -> Outcome {
    for asked in resources {
        if asked.name.is_empty() {
            return Err(Failure::plain(
                "resource must be specified if apiGroup/subresource specified",
            ));
        }
        if asked.name == "*" {
            return Ok(());
        }
        let (group, plural, mut known) = served(call, asked);
        for (verb, allowed) in SPECIAL.iter().filter(|(verb, _)| verbs.contains(verb)) {
            if !allowed.contains(&(group, plural)) {
                return Err(Failure::plain(format!(
                    "can not perform '{verb}' on '{plural}' in group '{group}'"
                )));
            }
            known = true;
        }
        if !known {
            let group = if asked.group.is_empty() {
                String::new()
            } else {
                format!(" in group {:?}", asked.group)
            };
            return Err(Failure::Bare(format!(
                "the server doesn't have a resource type {:?}{group}",
                asked.name
            )));
        }
    }
    Ok(())
}

fn check_urls(verbs: &[&str], urls: &[&str]) -> Outcome {
    if urls.is_empty() {
        return Ok(());
    }
    if let Some(verb) = verbs.iter().find(|verb| !URL_VERBS.contains(verb)) {
        return Err(Failure::plain(format!("invalid verb: '{verb}' for nonResourceURL")));
    }
    for url in urls.iter().filter(|url| **url != "*") {
        let Some(rest) = url.strip_prefix('/') else {
            return Err(Failure::plain("nonResourceURL should start with /"));
        };
        if rest.strip_suffix('*').unwrap_or(rest).contains('*') {
            return Err(Failure::plain(
                "nonResourceURL only supports wildcard matches when '*' is at the end",
            ));
        }
    }
    Ok(())
}

/// A rule for each group, in their order, and one for addresses (`generateResourcePolicyRules`).
fn rules(call: &Call, verbs: &[&str], resources: &[Asked<'_>], urls: &[&str]) -> Value {
    let mut groups: BTreeMap<String, Value> = BTreeMap::new();
    for asked in resources {
        let (group, plural, _) = served(call, asked);
        let slash = if asked.subresource.is_empty() { "" } else { "/" };
        let name = Value::from(format!("{plural}{slash}{}", asked.subresource));
        let names = groups.entry(group.to_owned()).or_insert_with(|| json!([]));
        if let Some(names) = names.as_array_mut().filter(|names| !names.contains(&name)) {
            names.push(name);
        }
    }
    let objects = once(call.flags.list("resource-name"));
    let mut rules = Vec::new();
    for (group, names) in groups {
        let mut rule = json!({"apiGroups": [group], "resources": names, "verbs": verbs});
        if !objects.is_empty() {
            rule["resourceNames"] = json!(objects);
        }
        rules.push(rule);
    }
    if !urls.is_empty() {
        rules.push(json!({"nonResourceURLs": urls, "verbs": verbs}));
    }
    Value::Array(rules)
}
