//! `kubectl edit`: an object as a file in an editor; what is saved is sent as a patch.
//!
//! What the server finds invalid comes back into the editor, with the reasons at the head of the file, until it is good
//! or was left as it was. Models kubectl `pkg/cmd/util/editor/editoptions.go` (`EditOptions.Run`, `visitToPatch`).

use std::sync::Arc;

use serde_json::Value;

use super::call::Call;
use super::common::{FILES, PRINT, RECORD, SAVE_CONFIG, manager};
use super::edit_file::{Edited, EditedFile, has_lines, same, without_comments};
use super::failure::Failure;
use super::format::Format;
use super::verb::{Arguments, Flag, Group, Outcome, Verb};
use super::{change, manifests, record, server};
use crate::manifest::{Node, documents};
use crate::object::{Object, Reason, StatusError};
use crate::output::{json, yaml};
use crate::store::{PatchType, patch};
use crate::time::Duration;

/// The verb.
pub(super) static EDIT: Verb = Verb {
    name: "edit",
    group: Group::Intermediate,
    summary: "Edit a resource on the server",
    long: "Edit a resource from the default editor.",
    details: &[
        "The edit command allows you to directly edit any API resource you can retrieve via the command-line tools. It will open the editor beside the terminal, or the one that your KUBE_EDITOR or EDITOR environment variables name. You can edit multiple objects, although changes are applied one at a time.",
        "Editing is done with the API version used to fetch the resource. The default format is YAML. If you would like to edit in JSON, you can specify \"-o json\".",
        "In the event an error occurs while updating, a temporary file will be created on disk that contains your unapplied changes. The most common error when updating a resource is another editor changing the resource on the server. When this occurs, you will have to apply your changes to the newer version of the resource, or update your temporary saved copy to include the latest resource version.",
    ],
    usage: "edit (RESOURCE/NAME | -f FILENAME)",
    examples: &[
        ("Edit the Service named web", "kubectl edit svc/web"),
        ("Edit the Deployment named web in JSON", "kubectl edit deployment/web -o json"),
    ],
    flags: &[FLAGS, FILES, PRINT, RECORD],
    run: |call| Box::pin(async move { run(&call).await }),
    arguments: Arguments::Resources,
    ..Verb::BASE
};

static FLAGS: &[Flag] = &[
    manager("kubectl-edit"),
    SAVE_CONFIG,
    Flag::text("validate", "strict", "Must be one of: strict (or true), warn, ignore (or false).")
        .alone("strict"),
    Flag::switch("output-patch", "Output the patch if the resource is edited."),
    Flag::text(
        "subresource",
        "",
        "If specified, edit will operate on the subresource of the requested object.",
    ),
    Flag::switch("windows-line-endings", "Defaults to the line ending native to your platform."),
];

/// How long it takes to open the editor once more: an editor that is a command may never be content.
const REOPENING: Duration = Duration::from_millis(100);

/// Why the file must be edited again.
struct Complaint {
    head: String,
    others: Vec<String>,
}

/// What came of one save.
#[derive(Default)]
struct Round {
    complaints: Vec<Complaint>,
    retryable: bool,
    not_found: bool,
}

async fn run(call: &Call) -> Outcome {
    if call.flags.given("subresource") {
        return Err(Failure::not_simulated("kubectl edit --subresource"));
    }
    let found = change::named(call, call.args(), true).await?;
    Failure::all(found.failures)?;
    if found.objects.is_empty() {
        return Err(Failure::plain("edit cancelled, no objects found"));
    }
    let mut file = None;
    let done = session(call, &found.objects, &mut file).await;
    if let (Err(Failure::Plain(_) | Failure::Server(_) | Failure::Bare(_)), Some(file)) =
        (&done, &file)
    {
        call.err(format!("A copy of your changes has been stored to {:?}", file.path()))?;
    }
    done
}

/// Edits until all is good, or the learner gives up.
async fn session(call: &Call, objects: &[Arc<Object>], kept: &mut Option<EditedFile>) -> Outcome {
    let as_json = call.flags.text("output") == "json";
    let original = shown(objects, as_json);
    let mut text = original.clone();
    let mut round = Round::default();
    loop {
        let header = if as_json { String::new() } else { header(&round.complaints) };
        let edited = EditedFile::edit(call, kept.take(), as_json, &(header + &text)).await;
        let Edited { file, text: saved } = edited?;
        let file = kept.insert(file);
        if !round.complaints.is_empty() && same(&text, &saved) {
            return Err(Failure::plain("Edit cancelled, no valid changes were saved."));
        }
        if same(&original, &saved) {
            file.remove(call);
            return call.err("Edit cancelled, no changes made.");
        }
        if !has_lines(&saved) {
            file.remove(call);
            return call.err("Edit cancelled, saved file was empty.");
        }
        round = send(call, objects, &saved)?;
        if round.retryable || round.not_found {
            let path = file.path();
            call.err(if round.retryable {
                format!("You can run `kubectl replace -f {path}` to try this update again.")
            } else {
                format!("The edits you made on deleted resources have been saved to {path:?}")
            })?;
            return Err(Failure::Exit(1));
        }
        if round.complaints.is_empty() {
            file.remove(call);
            return Ok(());
        }
        text = without_comments(&saved);
        call.sandbox().sleep(REOPENING).await;
    }
}

/// One object by itself, several as a list.
fn shown(objects: &[Arc<Object>], as_json: bool) -> String {
    let value = match objects {
        [one] => one.to_value(),
        several => serde_json::json!({
            "apiVersion": "v1",
            "items": several.iter().map(|object| object.to_value()).collect::<Vec<_>>(),
            "kind": "List",
            "metadata": {},
        }),
    };
    if as_json { json::print(&value) } else { yaml::print(&value) }
}

/// What stands above the object (`editHeader.writeTo`).
fn header(complaints: &[Complaint]) -> String {
    let mut text = String::from(
        "# Please edit the object below. Lines beginning with a '#' will be ignored,\n# and an empty file will abort the edit. If an error occurs while saving this file will be\n# reopened with the relevant failures.\n#\n",
    );
    let commented = |line: &str| line.replace('\n', "\n# ");
    for Complaint { head, others } in complaints {
        let colon = if others.is_empty() { "" } else { ":" };
        text.push_str(&["# ", &commented(head), colon, "\n"].concat());
        for other in others {
            text.push_str(&["# * ", &commented(other), "\n"].concat());
        }
        text.push_str("#\n");
    }
    text
}

/// Reads what was saved and sends what changed in it.
fn send(call: &Call, objects: &[Arc<Object>], saved: &str) -> Result<Round, Failure> {
    let mut round = Round::default();
    let first = objects.first().expect("there is an object to edit");
    if let Err(problem) = check(saved) {
        let resource = first.kind().info().resource();
        let name = first.name();
        round.complaints.push(Complaint {
            head: format!("{resource} {name:?} was not valid"),
            others: vec![format!(
                "<nil>: Invalid value: \"The edited file failed validation\": {problem}"
            )],
        });
        call.err(format!("error: {resource} {name:?} is invalid"))?;
        return Ok(round);
    }
    let infos = match manifests::parse(call, "edited-file", saved) {
        Ok(infos) => infos,
        Err(failure) => {
            let text = failure.text();
            let problem = text.trim_end().trim_start_matches("error: ");
            round.complaints.push(Complaint {
                head: format!("The edited file had a syntax error: {problem}"),
                others: Vec::new(),
            });
            return Ok(round);
        }
    };
    for info in infos {
        let mut edited = info.value;
        let uid = edited.pointer("/metadata/uid").and_then(Value::as_str).unwrap_or_default();
        let original = objects.iter().find(|object| object.uid() == uid).ok_or_else(|| {
            Failure::plain(format!(
                "no original object found for {}/{}",
                info.kind.info().name,
                info.name
            ))
        })?;
        record::record(call, &mut edited);
        one(call, original, &edited, &mut round)?;
    }
    Ok(round)
}

/// What is wrong with the text before any object is looked for.
fn check(saved: &str) -> Result<(), String> {
    for document in documents(saved.as_bytes()) {
        let node: Node = document.map_err(|error| {
            error.message.trim_start_matches("error converting YAML to JSON: ").to_owned()
        })?;
        manifests::problem(&node)?;
    }
    Ok(())
}

/// Sends one object's change and says what came of it.
fn one(call: &Call, original: &Object, edited: &Value, round: &mut Round) -> Outcome {
    let format = Format::of_writer(call)?;
    let info = original.kind().info();
    let before = original.to_value();
    let print = |value: &Value, done: &str| match &format {
        Some(format) => call.out(format.print(value)?),
        None => call.line(format!("{}/{} {done}", info.qualified_singular(), original.name())),
    };
    if before == *edited {
        return print(edited, "skipped");
    }
    let same_at = |path: &str| before.pointer(path) == edited.pointer(path);
    if !["/apiVersion", "/kind", "/metadata/name"].into_iter().all(same_at) {
        return Err(Failure::plain("At least one of apiVersion, kind and name was changed"));
    }
    let change = patch::two_way(original.kind(), &before, edited)
        .map_err(|error| Failure::plain(error.0))?;
    if call.flags.on("output-patch") {
        call.line(format!("Patch: {}", json::compact(&change)))?;
    }
    let dry_run = super::common::DryRun::None;
    match server::patch(call, dry_run, &original.key(), PatchType::of(original.kind()), &change) {
        Ok(patched) => print(&patched.to_value(), "edited"),
        Err(error) => call.err(complain(round, original, error)),
    }
}

/// Notes a refusal, and words it for the terminal (`editResults.addError`).
fn complain(round: &mut Round, original: &Object, error: StatusError) -> String {
    let (resource, name) = (original.kind().info().resource(), original.name());
    if error.reason == Reason::Invalid {
        let others = error.invalid.map(|details| details.causes).unwrap_or_default();
        let head = format!("{resource} {name:?} was not valid");
        round.complaints.push(Complaint { head, others });
        return format!("error: {resource} {name:?} is invalid");
    }
    if error.reason == Reason::NotFound {
        round.not_found = true;
        return format!("error: {resource} {name:?} could not be found on the server");
    }
    round.retryable = true;
    format!("error: {resource} {name:?} could not be patched: {error}")
}
