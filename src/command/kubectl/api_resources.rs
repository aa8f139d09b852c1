//! `kubectl api-resources` and `kubectl api-versions`: what the API server serves.
//!
//! Models kubectl `pkg/cmd/apiresources`. *Differs:* kinds that are served by a real cluster but not simulated here
//! are listed too, so that the list is the one a learner will meet.

use super::call::Call;
use super::common::SHOW_MANAGED_FIELDS;
use super::failure::Failure;
use super::verb::{Flag, Group, Outcome, Verb};
use crate::cluster::Cluster;
use crate::object::official::{METRICS, Resource};
use crate::order;
use crate::output::tabwriter;
use crate::shell::LocalFuture;

/// The verb that lists kinds.
pub(super) static API_RESOURCES: Verb = Verb {
    name: "api-resources",
    group: Group::Other,
    summary: "Print the supported API resources on the server",
    details: &["Print the supported API resources on the server."],
    usage: "api-resources [flags]",
    examples: &[
        ("List everything the server knows", "kubectl api-resources"),
        ("List what has no namespace", "kubectl api-resources --namespaced=false"),
    ],
    flags: &[&[
        Flag::list("categories", "Limit to resources that belong to the specified categories."),
        SHOW_MANAGED_FIELDS,
        Flag::list("verbs", "Limit to resources that support the specified verbs."),
        Flag::text("api-group", "", "Limit to resources in the specified API group."),
        Flag::switch("cached", "Use the cached list of resources if available."),
        Flag::switch("namespaced", "If false, non-namespaced resources will be returned, otherwise returning namespaced resources by default.").or("true"),
        Flag::switch("no-headers", "When using the default or custom-column output format, don't print headers."),
        Flag::text("output", "", "Output format. One of: (json, yaml, name, wide).").letter('o'),
        Flag::text("sort-by", "", "If non-empty, sort list of resources using specified field: name or kind."),
    ]],
    run: |call| Box::pin(async move { resources(&call) }),
    ..Verb::BASE
};

/// The verb that lists groups and versions.
pub(super) static API_VERSIONS: Verb = Verb {
    name: "api-versions",
    group: Group::Other,
    summary: "Print the supported API versions on the server, in the form of \"group/version\"",
    details: &["Print the supported API versions on the server, in the form of \"group/version\"."],
    usage: "api-versions",
    examples: &[("Print the supported API versions", "kubectl api-versions")],
    run: |call: Call| -> LocalFuture<Outcome> { Box::pin(async move { versions(&call) }) },
    ..Verb::BASE
};

fn unexpected(call: &Call) -> Failure {
    call.usage(format!("unexpected arguments: [{}]", call.args().join(" ")))
}

fn resources(call: &Call) -> Outcome {
    if !call.args().is_empty() {
        return Err(unexpected(call));
    }
    let group = call.flags.text("api-group");
    if !call.flags.on("cached") {
        call.known().refresh();
    }
    let mut shown: Vec<&Resource> = preferred(call)
        .into_iter()
        .filter(|resource| !call.flags.given("api-group") || resource.group() == group)
        .filter(|resource| {
            !call.flags.given("namespaced") || resource.namespaced == call.flags.on("namespaced")
        })
        .filter(|resource| {
            let categories = categories(resource);
            let verbs = verbs(resource);
            call.flags.list("categories").iter().all(|asked| categories.contains(&asked.as_str()))
                && call.flags.list("verbs").iter().all(|asked| verbs.contains(&asked.as_str()))
        })
        .collect();
    match call.flags.text("sort-by") {
        "" => {}
        "name" => order::sort_by_key(&mut shown, |resource| resource.plural),
        "kind" => order::sort_by_key(&mut shown, |resource| resource.kind),
        _ => return Err(Failure::plain("--sort-by accepts only name or kind")),
    }
    match call.flags.text("output") {
        "name" => shown.iter().try_for_each(|resource| call.line(resource.qualified())),
        output @ ("" | "wide") => call.out(table(call, &shown, output == "wide")),
        "json" | "yaml" => Err(Failure::not_simulated("This output format of api-resources")),
        other => Err(Failure::plain(format!(
            "unable to match a printer suitable for the output format {other:?}, allowed formats are: json,kyaml,name,wide,yaml"
        ))),
    }
}

/// Every resource in its preferred version, by group.
fn preferred(call: &Call) -> Vec<&'static Resource> {
    let mut found: Vec<&'static Resource> = Vec::new();
    for resource in call.known().all() {
        let same =
            |one: &&Resource| one.plural == resource.plural && one.group() == resource.group();
        if !found.iter().any(same) {
            found.push(resource);
        }
    }
    if call.sandbox().read(Cluster::has_metrics) {
        found.extend(METRICS);
    }
    order::sort_by_key(&mut found, |resource| (resource.group(), resource.plural));
    found
}

/// What `kubectl get` and its like can be asked for at once.
fn categories(resource: &Resource) -> &'static [&'static str] {
    const ALL: &[&str] = &[
        "pods",
        "replicationcontrollers",
        "services",
        "daemonsets",
        "deployments",
        "replicasets",
        "statefulsets",
        "horizontalpodautoscalers",
        "cronjobs",
        "jobs",
    ];
    if let Some(info) = resource.custom {
        return info.custom.categories;
    }
    match resource.group() {
        "" | "apps" | "autoscaling" | "batch" if ALL.contains(&resource.plural) => &["all"],
        "apiextensions.k8s.io" | "admissionregistration.k8s.io" | "apiregistration.k8s.io" => {
            &["api-extensions"]
        }
        _ => &[],
    }
}

/// What can be done with objects of a kind.
fn verbs(resource: &Resource) -> &'static [&'static str] {
    match resource.plural {
        _ if resource.group() == "metrics.k8s.io" => &["get", "list"],
        "bindings" => &["create"],
        "componentstatuses" => &["get", "list"],
        "namespaces" => &["create", "delete", "get", "list", "patch", "update", "watch"],
        name if name.ends_with("reviews") => &["create"],
        _ => &["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"],
    }
}

fn table(call: &Call, resources: &[&Resource], wide: bool) -> String {
    let mut text = String::new();
    if !call.flags.on("no-headers") {
        text.push_str("NAME\tSHORTNAMES\tAPIVERSION\tNAMESPACED\tKIND");
        text.push_str(if wide { "\tVERBS\tCATEGORIES\n" } else { "\n" });
    }
    for resource in resources {
        let cells = [
            resource.plural,
            &resource.short_names.join(","),
            resource.api_version,
            if resource.namespaced { "true" } else { "false" },
            resource.kind,
        ];
        text.push_str(&cells.join("\t"));
        if wide {
            text.extend(["\t", &verbs(resource).join(","), "\t", &categories(resource).join(",")]);
        }
        text.push('\n');
    }
    tabwriter::align(&text, tabwriter::TABLE)
}

fn versions(call: &Call) -> Outcome {
    if !call.args().is_empty() {
        return Err(unexpected(call));
    }
    // Served beside the version that api-resources prefers.
    let mut versions = vec!["autoscaling/v1"];
    call.known().refresh();
    versions.extend(call.known().all().map(|resource| resource.api_version));
    if call.sandbox().read(Cluster::has_metrics) {
        versions.extend(METRICS.iter().map(|resource| resource.api_version));
    }
    order::sort(&mut versions);
    versions.dedup();
    versions.iter().try_for_each(|version| call.line(version))
}
