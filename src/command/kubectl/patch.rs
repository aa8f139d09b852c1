//! `kubectl patch`: single fields of an object, by a strategic merge patch, a merge patch or a JSON patch.
//!
//! Models kubectl `pkg/cmd/patch/patch.go`. What the server would make of a patch with `--dry-run=client` or `--local` is
//! found out here, without defaults and validation, as there.

use serde_json::Value;

use super::apply::said;
use super::call::Call;
use super::common::{DRY_RUN, DryRun, FILES, PRINT, RECORD, read_file};
use super::failure::Failure;
use super::format::Format;
use super::manifests::{self, Info};
use super::verb::{Arguments, Flag, Group, Outcome, Verb};
use super::{change, record, server};
use crate::manifest::{Node, documents};
use crate::object::{Key, Kind, Object};
use crate::store::{PatchRequest, PatchType, Subresource, no_such_path, patch, subresource_value};

/// The verb.
pub(super) static PATCH: Verb = Verb {
    name: "patch",
    group: Group::Advanced,
    summary: "Update fields of a resource",
    long: "Update fields of a resource using strategic merge patch, a JSON merge patch, or a JSON patch.",
    details: &[
        "JSON and YAML formats are accepted.",
        "Note: Strategic merge patch is not supported for custom resources.",
    ],
    usage: "patch (-f FILENAME | TYPE NAME) [-p PATCH|--patch-file FILE]",
    examples: &[
        (
            "Set the number of replicas",
            "kubectl patch deployment web -p '{\"spec\":{\"replicas\":3}}'",
        ),
        (
            "Change a container's image by its place in the list",
            "kubectl patch pod web --type=json -p '[{\"op\":\"replace\",\"path\":\"/spec/containers/0/image\",\"value\":\"nginx:1.28\"}]'",
        ),
        (
            "Set the number of replicas through the scale subresource",
            "kubectl patch deployment web --subresource=scale --type=merge -p '{\"spec\":{\"replicas\":2}}'",
        ),
    ],
    flags: &[FLAGS, FILES, DRY_RUN, PRINT, RECORD],
    run: |call| Box::pin(async move { patch(&call).await }),
    arguments: Arguments::Resources,
    ..Verb::BASE
};

static FLAGS: &[Flag] = &[
    Flag::text(
        "field-manager",
        "kubectl-patch",
        "Name of the manager used to track field ownership.",
    ),
    Flag::switch(
        "local",
        "If true, patch will operate on the content of the file, not the server-side resource.",
    ),
    Flag::text("patch", "", "The patch to be applied to the resource JSON file.").letter('p'),
    Flag::text("patch-file", "", "A file containing a patch to be applied to the resource."),
    Flag::text(
        "subresource",
        "",
        "If specified, patch will operate on the subresource of the requested object.",
    ),
    Flag::text(
        "type",
        "strategic",
        "The type of patch being provided; one of [json merge strategic]",
    ),
];

/// Subresources that some kinds have in reality, of those that cannot be asked for here.
const OFFICIAL: [&str; 5] = ["ephemeralcontainers", "eviction", "log", "resize", "token"];

/// What `--subresource` names.
pub(super) fn subresource(call: &Call) -> Result<Subresource, Failure> {
    match call.flags.text("subresource") {
        "" => Ok(Subresource::None),
        "status" => Ok(Subresource::Status),
        "scale" => Ok(Subresource::Scale),
        other if OFFICIAL.contains(&other) => {
            Err(Failure::not_simulated(&format!("The subresource {other}")))
        }
        _ => Err(no_such_path().into()),
    }
}

/// The object as a subresource shows it.
pub(super) fn shown(object: &Object, subresource: Subresource) -> Result<Value, Failure> {
    subresource_value(object, subresource).ok_or_else(|| no_such_path().into())
}

/// What the flags ask for.
struct Settings {
    form: PatchType,
    body: Value,
    dry_run: DryRun,
    format: Option<Format>,
    subresource: Subresource,
}

fn settings(call: &Call) -> Result<Settings, Failure> {
    let flags = &call.flags;
    let dry_run = DryRun::of(call)?;
    let text = match (flags.text("patch"), flags.text("patch-file")) {
        ("", "") => {
            return Err(Failure::plain(
                "must specify --patch or --patch-file containing the contents of the patch",
            ));
        }
        ("", path) => read_file(call, path).map_err(|failure| {
            let problem = failure.text();
            let problem = problem.trim_start_matches("error: ").trim_end();
            Failure::plain(format!("unable to read patch file: {problem}"))
        })?,
        (text, "") => text.to_owned(),
        _ => return Err(Failure::plain("cannot specify --patch and --patch-file together")),
    };
    if flags.on("local") && !call.args().is_empty() {
        return Err(Failure::plain("cannot specify --local and server resources"));
    }
    if flags.on("local") && dry_run == DryRun::Server {
        return Err(Failure::plain(
            "cannot specify --local and --dry-run=server - did you mean --dry-run=client?",
        ));
    }
    let form = match flags.text("type").to_lowercase().as_str() {
        "strategic" | "" => PatchType::Strategic,
        "merge" => PatchType::Merge,
        "json" => PatchType::Json,
        _ => {
            return Err(Failure::plain(format!(
                "--type must be one of [json merge strategic], not {:?}",
                flags.text("type")
            )));
        }
    };
    let body = match documents(text.as_bytes()).next() {
        Some(Ok(node)) => Node::to_value(&node),
        Some(Err(error)) => {
            let problem = error.message.trim_start_matches("error converting YAML to JSON: ");
            return Err(Failure::plain(format!(
                "unable to parse {:?}: {problem}",
                flags.text("patch")
            )));
        }
        None => Value::Null,
    };
    let format = Format::of_writer(call)?;
    Ok(Settings { form, body, dry_run, format, subresource: subresource(call)? })
}

async fn patch(call: &Call) -> Outcome {
    let settings = settings(call)?;
    if call.flags.on("local") {
        let loaded = manifests::load(call).await?;
        let mut failures = loaded.failures;
        for Info { kind, value, name, .. } in loaded.infos {
            let before = value.clone();
            match local(kind, value, &settings) {
                Ok(after) => say(call, &settings, &after, &said_of(kind, &name), before != after)?,
                Err(failure) => failures.push(failure),
            }
        }
        return Failure::all(failures);
    }
    let found = change::named(call, call.args(), false).await?;
    let (mut failures, mut count) = (found.failures, 0);
    for object in &found.objects {
        count += 1;
        if let Err(failure) = one(call, object, &settings) {
            failures.push(failure);
        }
    }
    if count == 0 && failures.is_empty() {
        return Err(Failure::plain("no objects passed to patch"));
    }
    Failure::all(failures)
}

/// The words before what was done.
fn said_of(kind: Kind, name: &str) -> String {
    said(kind, name, "", DryRun::None)
}

fn one(call: &Call, object: &Object, settings: &Settings) -> Outcome {
    let Settings { form, body, dry_run, subresource, .. } = settings;
    let head = match subresource {
        Subresource::Scale => format!("scale.autoscaling/{} ", object.name()),
        Subresource::None | Subresource::Status => said_of(object.kind(), object.name()),
    };
    let before = shown(object, *subresource)?;
    if *dry_run == DryRun::Client {
        let after = local(object.kind(), before.clone(), settings)?;
        return say(call, settings, &after, &head, before != after);
    }
    let request = PatchRequest { form: *form, body, lenient: true, subresource: *subresource };
    let key: Key = object.key();
    let mut after = server::patch_as(call, *dry_run, &key, &request)?;
    let changed = *after != *object;
    if call.flags.on("record") {
        let cause = record::patch(call);
        after = server::patch(call, *dry_run, &key, PatchType::Merge, &cause)?;
    }
    say(call, settings, &shown(&after, *subresource)?, &head, changed)
}

fn say(call: &Call, settings: &Settings, after: &Value, head: &str, changed: bool) -> Outcome {
    match &settings.format {
        Some(format) => call.out(format.print(after)?),
        None if changed => call.line(format!("{head}patched")),
        None => call.line(format!("{head}patched (no change)")),
    }
}

/// The patched object without a server (`getPatchedJSON`).
fn local(kind: Kind, value: Value, settings: &Settings) -> Result<Value, Failure> {
    let patched = match settings.form {
        PatchType::Merge => Ok(patch::json_merge(value, settings.body.clone())),
        PatchType::Strategic => patch::strategic_merge(Some(kind), value, settings.body.clone()),
        PatchType::Json => patch::json_patch(value, &settings.body),
    };
    patched.map_err(|error| match error.0.split_once("doc is missing key: ") {
        Some((_, key)) => Failure::plain(format!("Object to be patched is missing field ({key})")),
        None => Failure::plain(error.0),
    })
}
