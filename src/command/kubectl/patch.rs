//! `kubectl patch` and `kubectl replace`. Models kubectl `pkg/cmd/patch` and `pkg/cmd/replace`.

use serde_json::Value;

use super::apply::said;
use super::call::Call;
use super::common::{DRY_RUN, DryRun, FILES, PRINT, WRITE, read_file};
use super::failure::Failure;
use super::format::Format;
use super::resource::{self, NOTHING_GIVEN, Request};
use super::verb::{Arguments, Flag, Group, Outcome, Verb};
use super::{manifests, server};
use crate::manifest::{Node, documents};
use crate::object::{Key, StatusError};
use crate::store::{PatchType, decode_body};

/// The verb that changes single fields.
pub(super) static PATCH: Verb = Verb {
    name: "patch",
    group: Group::Advanced,
    summary: "Update fields of a resource",
    details: &[
        "Update fields of a resource using strategic merge patch, a JSON merge patch, or a JSON patch. JSON and YAML formats are accepted.",
    ],
    usage: "patch (-f FILENAME | TYPE NAME) [-p PATCH|--patch-file FILE]",
    examples: &[(
        "Set the number of replicas",
        "kubectl patch deployment web -p '{\"spec\":{\"replicas\":3}}'",
    )],
    flags: &[FLAGS, DRY_RUN, PRINT],
    run: |call| Box::pin(async move { patch(&call) }),
    arguments: Arguments::Resources,
    ..Verb::BASE
};

static FLAGS: &[Flag] = &[
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

/// The verb that puts one object in the place of another.
pub(super) static REPLACE: Verb = Verb {
    name: "replace",
    group: Group::Advanced,
    summary: "Replace a resource by file name or stdin",
    details: &[
        "JSON and YAML formats are accepted. If replacing an existing resource, the complete resource spec must be provided.",
    ],
    usage: "replace -f FILENAME",
    examples: &[("Replace what the manifest in web.yaml describes", "kubectl replace -f web.yaml")],
    flags: &[FILES, DRY_RUN, PRINT, WRITE, REPLACE_FLAGS],
    run: |call| Box::pin(async move { replace(&call).await }),
    ..Verb::BASE
};

static REPLACE_FLAGS: &[Flag] = &[Flag::switch(
    "force",
    "If true, immediately remove resources from API and create them again.",
)];

fn patch(call: &Call) -> Outcome {
    let text = match (call.flags.text("patch"), call.flags.text("patch-file")) {
        ("", "") => {
            return Err(Failure::plain(
                "must specify --patch or --patch-file containing the contents of the patch",
            ));
        }
        ("", path) => read_file(call, path)?,
        (text, _) => text.to_owned(),
    };
    let patch_type = match call.flags.text("type") {
        "strategic" => PatchType::Strategic,
        "merge" => PatchType::Merge,
        "json" => return Err(Failure::not_simulated("kubectl patch --type=json")),
        other => {
            return Err(Failure::plain(format!(
                "--type must be one of [json merge strategic], not {other:?}"
            )));
        }
    };
    let body: Value = match documents(text.as_bytes()).next() {
        Some(Ok(node)) => Node::to_value(&node),
        Some(Err(error)) => {
            return Err(Failure::plain(format!("unable to parse {text:?}: {error}")));
        }
        None => Value::Null,
    };
    let dry_run = DryRun::of(call)?;
    let format = Format::parse_of_writer(call.flags.text("output"), |path| read_file(call, path))?;
    let request = resource::request(call.args())?;
    let found = match &request {
        Request::Nothing => return Err(Failure::plain(NOTHING_GIVEN)),
        Request::Lists(_) => {
            return Err(Failure::plain("resource(s) were provided, but no name was specified"));
        }
        Request::Names(_) => resource::find_request(call, &request)?,
    };
    let mut failures = found.failures;
    for object in &found.objects {
        // What a client-side dry run would show is what the server makes of it.
        let how = if dry_run == DryRun::Client { DryRun::Server } else { dry_run };
        match server::patch(call, how, &object.key(), patch_type, &body) {
            Err(error) => failures.push(error.into()),
            Ok(after) => {
                if let Some(format) = &format {
                    call.out(format.print(&after.to_value())?)?;
                } else {
                    let same = after.revision == object.revision;
                    let done = if same { "patched (no change)" } else { "patched" };
                    call.line(said(object.kind(), object.name(), done, dry_run))?;
                }
            }
        }
    }
    Failure::all(failures)
}

async fn replace(call: &Call) -> Outcome {
    if !call.flags.given("filename") && !call.flags.given("kustomize") {
        return Err(Failure::plain("must specify one of -f and -k"));
    }
    if call.flags.on("force") {
        return Err(Failure::not_simulated("kubectl replace --force"));
    }
    let dry_run = DryRun::of(call)?;
    let loaded = manifests::load(call).await?;
    let mut failures = loaded.failures;
    for info in &loaded.infos {
        let key = Key::new(info.kind, info.namespace.as_str(), info.name.as_str());
        let done = if dry_run == DryRun::Client {
            resource::must_get(call, &key).map(drop)
        } else {
            let done = server::act(call, dry_run, |client| {
                if client.store().get(&key).is_none() {
                    return Err(StatusError::not_found(&key));
                }
                client.update(decode_body(info.kind, &info.value)?)
            });
            done.map(drop).map_err(Failure::from)
        };
        match done {
            Ok(()) => call.line(said(info.kind, &info.name, "replaced", dry_run))?,
            Err(failure) => failures.push(failure.while_doing("replacing", &info.source)),
        }
    }
    Failure::all(failures)
}
