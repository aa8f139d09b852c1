//! `kubectl apply view-last-applied`, `set-last-applied` and `edit-last-applied`: what stands in the annotation that
//! client-side apply compares with.
//!
//! Models kubectl `pkg/cmd/apply/apply_{view,set,edit}_last_applied.go`. *Differs:* what is refused after an edit is not
//! opened again in the editor.

use serde_json::{Value, json};

use super::apply::{LAST_APPLIED, said, with_last_applied};
use super::call::Call;
use super::change;
use super::common::{DRY_RUN, DryRun, FILES, PRINT, RECORD, SELECTOR};
use super::edit_file::{Edited, EditedFile, has_lines, same};
use super::failure::Failure;
use super::format::Format;
use super::manifests::{self, Info};
use super::resource::{NOTHING_GIVEN, must_get};
use super::server;
use super::verb::{Arguments, Flag, Outcome, Verb};
use crate::manifest::read_json;
use crate::object::{Key, Object};
use crate::output::{json, yaml};
use crate::store::PatchType;

/// `view-last-applied`
pub(super) const VIEW: Verb = Verb {
    name: "view-last-applied",
    summary: "View the latest last-applied-configuration annotations of a resource/object",
    long: "View the latest last-applied-configuration annotations by type/name or file.",
    details: &[
        "The default output will be printed to stdout in YAML format. You can use the -o option to change the output format.",
    ],
    usage: "apply view-last-applied (TYPE [NAME | -l label] | TYPE/NAME | -f FILENAME)",
    examples: &[(
        "View what was applied last to a Deployment",
        "kubectl apply view-last-applied deployment/web",
    )],
    flags: &[
        &[
            Flag::switch(
                "all",
                "Select all resources in the namespace of the specified resource types",
            ),
            Flag::text("output", "yaml", "Output format. Must be one of (yaml, json)").letter('o'),
        ],
        FILES,
        SELECTOR,
    ],
    run: |call| Box::pin(async move { view(&call).await }),
    arguments: Arguments::Resources,
    ..Verb::BASE
};

/// `set-last-applied`
pub(super) const SET: Verb = Verb {
    name: "set-last-applied",
    summary: "Set the last-applied-configuration annotation on a live object to match the contents of a file",
    long: "Set the latest last-applied-configuration annotations by setting it to match the contents of a file. This results in the last-applied-configuration being updated as though 'kubectl apply -f <file>' was run, without updating any other parts of the object.",
    usage: "apply set-last-applied -f FILENAME",
    examples: &[(
        "Set the annotation to what the file says",
        "kubectl apply set-last-applied -f web.yaml",
    )],
    flags: &[
        &[Flag::switch(
            "create-annotation",
            "Will create 'last-applied-configuration' annotations if current objects doesn't have one",
        )],
        &[Flag::list("filename", "Filename, directory, or URL to files that contains the last-applied-configuration annotations").letter('f')],
        DRY_RUN,
        PRINT,
    ],
    run: |call| Box::pin(async move { set(&call).await }),
    ..Verb::BASE
};

/// `edit-last-applied`
pub(super) const EDIT: Verb = Verb {
    name: "edit-last-applied",
    summary: "Edit latest last-applied-configuration annotations of a resource/object",
    long: "Edit the latest last-applied-configuration annotations of resources from the default editor.",
    usage: "apply edit-last-applied (RESOURCE/NAME | -f FILENAME)",
    examples: &[(
        "Edit what was applied last to a Deployment",
        "kubectl apply edit-last-applied deployment/web",
    )],
    flags: &[
        &[
            Flag::text(
                "field-manager",
                "kubectl-client-side-apply",
                "Name of the manager used to track field ownership.",
            ),
            Flag::text(
                "validate",
                "strict",
                "Must be one of: strict (or true), warn, ignore (or false).",
            )
            .alone("strict"),
            Flag::switch(
                "windows-line-endings",
                "Defaults to the line ending native to your platform.",
            ),
        ],
        FILES,
        PRINT,
        RECORD,
    ],
    run: |call| Box::pin(async move { edit(&call).await }),
    arguments: Arguments::Resources,
    ..Verb::BASE
};

/// The configuration that was applied last.
fn last_applied(object: &Object) -> Option<Value> {
    object.annotation(LAST_APPLIED).and_then(|text| read_json(text).ok())
}

async fn view(call: &Call) -> Outcome {
    let found = change::named(call, call.args(), call.flags.on("all")).await?;
    Failure::all(found.failures)?;
    let mut texts = Vec::new();
    for object in &found.objects {
        // Of an object without one nothing is said: upstream's complaint is lost on its way.
        let Some(value) = last_applied(object) else { continue };
        texts.push(match call.flags.text("output") {
            "json" => json::indented(&value, "  ") + "\n",
            "yaml" => yaml::print(&value),
            other => {
                return Err(call.usage(format!(
                    "Unexpected -o output mode: {other}, the flag 'output' must be one of yaml|json"
                )));
            }
        });
    }
    call.out(texts.concat())
}

async fn set(call: &Call) -> Outcome {
    let dry_run = DryRun::of(call)?;
    let format = Format::of_writer(call)?;
    if !call.flags.given("filename") {
        return Err(Failure::plain(NOTHING_GIVEN));
    }
    let loaded = manifests::load(call).await?;
    Failure::all(loaded.failures)?;
    let mut changes = Vec::new();
    for info in &loaded.infos {
        let key = Key::new(info.kind, info.namespace.as_str(), info.name.as_str());
        let live = must_get(call, &key)?;
        let before = live.annotation(LAST_APPLIED);
        if before.is_none() && !call.flags.on("create-annotation") {
            return Err(Failure::plain(format!(
                "no last-applied-configuration annotation found on resource: {}, to create the annotation, run the command with --create-annotation",
                info.name
            )));
        }
        let patch = annotation_patch(&info.value);
        if patch
            .pointer("/metadata/annotations")
            .and_then(|all| all.get(LAST_APPLIED))
            .and_then(Value::as_str)
            == before
        {
            call.line(format!("set-last-applied {}: no changes required.", info.name))?;
        } else {
            changes.push((info, live, patch));
        }
    }
    for (info, live, patch) in changes {
        let value = if dry_run == DryRun::Client {
            live.to_value()
        } else {
            server::patch(call, dry_run, &live.key(), PatchType::Merge, &patch)?.to_value()
        };
        match &format {
            Some(format) => call.out(format.print(&value)?)?,
            None => call.line(said(info.kind, &info.name, "configured", dry_run))?,
        }
    }
    Ok(())
}

/// The merge patch that makes an object look as if this had been applied last (`GetApplyPatch`).
fn annotation_patch(value: &Value) -> Value {
    let annotated = with_last_applied(value);
    let text = annotated
        .pointer("/metadata/annotations")
        .and_then(|annotations| annotations.get(LAST_APPLIED))
        .cloned()
        .unwrap_or_default();
    json!({"metadata": {"annotations": {LAST_APPLIED: text}}})
}

const HEADER: &str = "# Please edit the 'last-applied-configuration' annotations below.\n# Lines beginning with a '#' will be ignored, and an empty file will abort the edit.\n#\n";

async fn edit(call: &Call) -> Outcome {
    let found = change::named(call, call.args(), true).await?;
    Failure::all(found.failures)?;
    let objects: Vec<_> =
        found.objects.iter().filter_map(|object| Some((object, last_applied(object)?))).collect();
    let original = match objects.as_slice() {
        [] => {
            return Err(Failure::plain(
                "no last-applied-configuration annotation found on resources, to create the annotation, use command `kubectl apply set-last-applied --create-annotation`",
            ));
        }
        [(_, value)] => value.clone(),
        several => {
            let items: Vec<&Value> = several.iter().map(|(_, value)| value).collect();
            json!({"apiVersion": "v1", "items": items, "kind": "List", "metadata": {}})
        }
    };
    let as_json = call.flags.text("output") == "json";
    let text = if as_json { json::print(&original) } else { yaml::print(&original) };
    let header = if as_json { "" } else { HEADER };
    let Edited { file, text: saved } =
        EditedFile::edit(call, None, as_json, &format!("{header}{text}")).await?;
    file.remove(call);
    if same(&text, &saved) {
        return call.err("Edit cancelled, no changes made.");
    }
    if !has_lines(&saved) {
        return call.err("Edit cancelled, saved file was empty.");
    }
    for info in manifests::parse(call, "edited-file", &saved)? {
        edited(call, &info)?;
    }
    Ok(())
}

fn edited(call: &Call, info: &Info) -> Outcome {
    let key = Key::new(info.kind, info.namespace.as_str(), info.name.as_str());
    let live = must_get(call, &key)?;
    let same = last_applied(&live).as_ref() == Some(&info.value);
    if !same {
        let patch = annotation_patch(&info.value);
        server::patch(call, DryRun::None, &key, PatchType::Merge, &patch)?;
    }
    let done = if same { "skipped" } else { "edited" };
    call.line(said(info.kind, &info.name, done, DryRun::None))
}
