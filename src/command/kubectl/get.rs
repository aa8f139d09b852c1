//! `kubectl get`: objects as tables or in other forms.
//!
//! Models kubectl `pkg/cmd/get/get.go`. *Differs:* `--chunk-size` and `--server-print` are read and have no effect.

mod part;
mod raw;
mod watch;

pub(super) use watch::{changes_after, deadline};

use std::sync::Arc;

use serde_json::Value;

use super::call::Call;
use super::common::{ALLOW_MISSING_TEMPLATE_KEYS, SHOW_MANAGED_FIELDS, TEMPLATE};
use super::failure::Failure;
use super::format::{self, Format};
use super::manifests;
use super::resource::{self, Found, Request};
use super::sort::{self, Sorter};
use super::verb::{Arguments, Flag, Group, Outcome, Verb};
use crate::object::value::autoscaler_v1::to_older;
use crate::object::{Kind, Object};
use crate::output::table::{self, Options};
use crate::output::{columns, tabwriter};
use crate::shell::LocalFuture;

/// The verb.
pub(super) static GET: Verb = Verb {
    name: "get",
    group: Group::Intermediate,
    summary: "Display one or many resources",
    details: &[
        "Prints a table of the most important information about the specified resources. You can filter the list using a label selector and the --selector flag. If the desired resource type is namespaced you will only see results in the current namespace if you don't specify any namespace.",
        "By specifying the output as 'jsonpath' or 'custom-columns' you can pick out single fields.",
        "Use \"kubectl api-resources\" for a complete list of supported resources.",
    ],
    usage: "get [(-o|--output=)json|yaml|kyaml|name|go-template|go-template-file|template|templatefile|jsonpath|jsonpath-as-json|jsonpath-file|custom-columns|custom-columns-file|wide] (TYPE[.VERSION][.GROUP] [NAME | -l label] | TYPE[.VERSION][.GROUP]/NAME ...) [flags]",
    examples: &[
        ("List all Pods of the current namespace", "kubectl get pods"),
        ("List them with their nodes and addresses", "kubectl get pods -o wide"),
        ("Show one Deployment", "kubectl get deployment web"),
        ("Show a Pod as YAML", "kubectl get pod web -o yaml"),
        ("List Deployments and ReplicaSets together", "kubectl get deploy,rs"),
        ("List the Pods that have a label, in all namespaces", "kubectl get pods -A -l app=web"),
        ("Show one field", "kubectl get svc web -o jsonpath='{.spec.clusterIP}'"),
    ],
    flags: &[FLAGS],
    run,
    arguments: Arguments::Resources,
    ..Verb::BASE
};

static FLAGS: &[Flag] = &[
    Flag::switch(
        "all-namespaces",
        "If present, list the requested object(s) across all namespaces.",
    )
    .letter('A'),
    ALLOW_MISSING_TEMPLATE_KEYS,
    Flag::int("chunk-size", "500", "Return large lists in chunks rather than all at once."),
    Flag::text(
        "field-selector",
        "",
        "Selector (field query) to filter on, supports '=', '==', and '!='.",
    ),
    Flag::list("filename", "Files that name the resources to get.").letter('f'),
    Flag::switch("ignore-not-found", "If nothing was found, exit without an error."),
    Flag::text("kustomize", "", "Process the kustomization directory.").letter('k'),
    Flag::switch("recursive", "Process the folder used in -f, --filename recursively.").letter('R'),
    Flag::list("label-columns", "Labels to show as columns of their own.").letter('L'),
    Flag::switch("no-headers", "Print no headers."),
    Flag::text(
        "output",
        "",
        "Output format: json, yaml, name, wide, jsonpath=..., custom-columns=...",
    )
    .letter('o'),
    Flag::switch("output-watch-events", "Print what happened to each object with --watch."),
    Flag::text("raw", "", "Raw URI to request from the server."),
    Flag::text("selector", "", "Selector (label query) to filter on.").letter('l'),
    Flag::switch("server-print", "Have the server return the columns.").or("true"),
    Flag::switch("show-kind", "Put the kind before each name."),
    Flag::switch("show-labels", "Show all labels as the last column."),
    SHOW_MANAGED_FIELDS,
    Flag::text("sort-by", "", "Sort by this field, given as a JSONPath expression."),
    Flag::text("subresource", "", "Get the named subresource of each object."),
    TEMPLATE,
    Flag::switch("watch", "After listing, watch for changes.").letter('w'),
    Flag::switch("watch-only", "Watch for changes without listing first."),
];

fn run(call: Call) -> LocalFuture<Outcome> {
    Box::pin(async move {
        let from_files = call.flags.given("filename") || call.flags.given("kustomize");
        check(&call, from_files)?;
        if !call.flags.text("raw").is_empty() {
            return raw::run(&call);
        }
        let format = Format::of(&call)?;
        let format = if call.flags.on("no-headers") { format.without_headers() } else { format };
        let request = resource::request(call.known(), call.args())?;
        if call.flags.on("watch") || call.flags.on("watch-only") {
            return watch::run(&call, &format, &request).await;
        }
        if !call.flags.text("subresource").is_empty() {
            return part::run(&call, &format, &request);
        }
        let mut found = if from_files {
            manifests::live(&call).await?
        } else {
            resource::find_request(&call, &request)?
        };
        if call.flags.on("ignore-not-found") {
            found.failures.clear();
        }
        if format.is_table() {
            tables(&call, &format, &request, found)
        } else {
            let path = call.flags.text("sort-by");
            if !path.is_empty() && !found.single {
                sort::by(&call, path, &mut found.objects, Sorter::Objects)?;
            }
            print(&call, &format, found)
        }
    })
}

/// What kubectl finds wrong before it asks the server (`Complete`, `Validate`).
fn check(call: &Call, from_files: bool) -> Outcome {
    let flags = &call.flags;
    let (raw, output) = (flags.text("raw"), flags.text("output"));
    let (watch, watch_only) = (flags.on("watch"), flags.on("watch-only"));
    if !raw.is_empty() {
        let problem = if !call.args().is_empty() {
            "arguments may not be passed when --raw is specified".to_owned()
        } else if watch || watch_only || !flags.text("selector").is_empty() {
            "--raw may not be specified with other flags that filter the server request or alter the output".to_owned()
        } else if !output.is_empty() {
            "--raw and --output are mutually exclusive".to_owned()
        } else if !raw.starts_with('/') {
            format!("--raw must be a valid URL path: parse {raw:?}: invalid URI for request")
        } else {
            return Ok(());
        };
        return Err(Failure::plain(problem));
    }
    let sorted = !flags.text("sort-by").is_empty();
    if watch && sorted {
        call.err(
            "warning: --watch requested, --sort-by will be ignored for watch events received",
        )?;
    } else if watch_only && sorted {
        call.err("warning: --watch-only requested, --sort-by will be ignored")?;
    } else if !watch && !watch_only && call.args().is_empty() && !from_files {
        return Err(nothing_asked(call)?);
    }
    if flags.on("show-labels") && !output.is_empty() && output != "wide" {
        return Err(Failure::plain(format!(
            "--show-labels option cannot be used with {output} printer"
        )));
    }
    if flags.on("output-watch-events") && !watch && !watch_only {
        return Err(Failure::plain(
            "--output-watch-events option can only be used with --watch or --watch-only",
        ));
    }
    Ok(())
}

fn nothing_asked(call: &Call) -> Result<Failure, Failure> {
    call.err("You must specify the type of resource to get. Use \"kubectl api-resources\" for a complete list of supported resources.\n")?;
    Ok(call.usage(
        "Required resource not specified.\nUse \"kubectl explain <resource>\" for a detailed description of that resource (e.g. kubectl explain pods).",
    ))
}

/// An object, with who manages its fields if that is asked for.
fn shown(call: &Call, object: &Object, hides: bool) -> Value {
    let mut value = object.to_value();
    if !hides {
        let managed = call.read(|store| store.managed_fields(object));
        value["metadata"]["managedFields"] = managed;
    }
    value
}

fn print(call: &Call, format: &Format, found: Found) -> Outcome {
    let Found { objects, failures, older, single } = found;
    let shown = |object: &Object, hides: bool| {
        let value = shown(call, object, hides);
        let older = older && object.kind() == Kind::HorizontalPodAutoscaler;
        if older { to_older(&value) } else { value }
    };
    let template = call.flags.text("output");
    let data = matches!(template, "json" | "yaml" | "kyaml" | "name");
    let asked = call.flags.on("show-managed-fields") || template.contains("managedFields");
    match objects.as_slice() {
        [object] if single => {
            let text = format.print(&shown(object, !asked)).or_else(|failure| {
                // What could not be printed is told with all that was there.
                if data { Err(failure) } else { format.print(&shown(object, false)) }
            });
            call.out(text?)?;
        }
        // A missing object that was asked for by name leaves nothing to print.
        [] if single => {}
        objects => {
            let mut list = format::list(objects.iter().map(Arc::as_ref));
            if asked || older {
                let shown = |object: &Arc<Object>| shown(object, !asked);
                list["items"] = objects.iter().map(shown).collect();
            }
            call.out(format.print(&list)?)?;
        }
    }
    Failure::all(failures)
}

/// The options that the flags ask for.
pub(super) fn table_options(call: &Call, format: &Format) -> Options {
    Options {
        wide: matches!(format, Format::Table { wide: true }),
        labels: call.flags.on("show-labels"),
        label_columns: call.flags.list("label-columns").to_vec(),
        ..Options::default()
    }
}

/// Whether names carry their kind: where there are several, and in `get all` (`multipleGVKsRequested`).
pub(super) fn shows_kind(call: &Call, objects: &[Arc<Object>]) -> bool {
    let first = objects.first().map(|object| object.kind());
    let several = objects.iter().any(|object| Some(object.kind()) != first);
    several || call.flags.on("show-kind") || call.args().first().is_some_and(|arg| arg == "all")
}

fn tables(call: &Call, format: &Format, request: &Request, found: Found) -> Outcome {
    let Found { mut objects, failures, .. } = found;
    let path = call.flags.text("sort-by");
    if !path.is_empty() {
        for block in objects.chunk_by_mut(|left, right| left.kind() == right.kind()) {
            sort::by(call, path, block, Sorter::Table)?;
        }
    }
    let mut options = table_options(call, format);
    // A kind of which nothing was found was asked for all the same.
    let lists = matches!(request, Request::Lists(kinds) if kinds.len() > 1);
    options.kind = lists || shows_kind(call, &objects);
    let now = call.now();
    let headers = !call.flags.on("no-headers");
    let blocks = objects.chunk_by(|left, right| left.kind() == right.kind());
    let mut text = String::new();
    for (index, block) in blocks.enumerate() {
        if index > 0 && headers {
            text.push('\n');
        }
        options.namespace = call.all_namespaces() && block[0].kind().info().namespaced;
        text.push_str(&block_text(block, headers, &options, now));
    }
    call.out(&text)?;
    if objects.is_empty() && failures.is_empty() && !call.flags.on("ignore-not-found") {
        call.err(nothing_found(call, request))?;
    }
    Failure::all(failures)
}

/// One kind's header and rows, aligned.
fn block_text(
    block: &[Arc<Object>],
    headers: bool,
    options: &Options,
    now: crate::time::Time,
) -> String {
    let kind = block[0].kind();
    let columns = columns::of(kind);
    let mut text = String::new();
    if headers {
        table::header(&mut text, columns.columns, options);
    }
    for object in block {
        table::row(&mut text, &columns, &columns.row(object, now), options);
    }
    tabwriter::align(&text, tabwriter::TABLE)
}

fn nothing_found(call: &Call, request: &Request) -> String {
    let namespaced = match request {
        Request::Lists(kinds) => kinds.iter().all(|kind: &Kind| kind.info().namespaced),
        Request::Nothing | Request::Names(_) => true,
    };
    if call.all_namespaces() || !namespaced {
        "No resources found".to_owned()
    } else {
        format!("No resources found in {} namespace.", call.namespace())
    }
}
