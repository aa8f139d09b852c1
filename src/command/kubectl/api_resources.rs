//! `kubectl api-resources` and `kubectl api-versions`: what the API server serves.
//!
//! Models kubectl `pkg/cmd/apiresources`. *Differs:* kinds that are served by a real cluster but not simulated here
//! are listed too, so that the list is the one a learner will meet.

use super::call::Call;
use super::failure::Failure;
use super::verb::{Flag, Group, Outcome, Verb};
use crate::object::official::{RESOURCES, Resource};
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

fn resources(call: &Call) -> Outcome {
    if !call.args().is_empty() {
        return Err(call.usage(format!("unexpected arguments: {:?}", call.args())));
    }
    let group = call.flags.text("api-group");
    let mut shown: Vec<&Resource> = RESOURCES
        .iter()
        .filter(|resource| !call.flags.given("api-group") || resource.group() == group)
        .filter(|resource| {
            !call.flags.given("namespaced") || resource.namespaced == call.flags.on("namespaced")
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
        "" => call.out(table(&shown, !call.flags.on("no-headers"))),
        other => {
            Err(Failure::not_simulated(&format!("The output format {other} of api-resources")))
        }
    }
}

fn table(resources: &[&Resource], headers: bool) -> String {
    let mut text = String::new();
    if headers {
        text.push_str("NAME\tSHORTNAMES\tAPIVERSION\tNAMESPACED\tKIND\n");
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
        text.push('\n');
    }
    tabwriter::align(&text, tabwriter::TABLE)
}

fn versions(call: &Call) -> Outcome {
    // Served beside the version that api-resources prefers.
    let mut versions = vec!["autoscaling/v1"];
    versions.extend(RESOURCES.iter().map(|resource| resource.api_version));
    order::sort(&mut versions);
    versions.dedup();
    versions.iter().try_for_each(|version| call.line(version))
}
