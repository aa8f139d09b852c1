//! What verbs that change single fields share: resources before changes among the arguments, one write for each object.

use serde_json::Value;

use super::apply::said;
use super::call::Call;
use super::common::DryRun;
use super::failure::Failure;
use super::format::Format;
use super::record::{self, CHANGE_CAUSE};
use super::resource::{self, Found, NOTHING_GIVEN, Request};
use super::verb::Outcome;
use super::{manifests, server};
use crate::object::Object;
use crate::store::PatchType;

/// Splits arguments where the first change (`key=value` or `key-`) stands (`GetResourcesAndPairs`).
pub(super) fn resources_and_pairs(
    call: &Call,
    what: &str,
) -> Result<(Vec<String>, Vec<String>), Failure> {
    let is_pair = |arg: &String| {
        (arg.contains('=') && !arg.starts_with('=')) || (arg.ends_with('-') && arg != "-")
    };
    let at = call.args().iter().position(is_pair).unwrap_or(call.args().len());
    let (resources, pairs) = call.args().split_at_checked(at).unwrap_or_default();
    if let Some(late) = pairs.iter().find(|arg| !is_pair(arg)) {
        return Err(Failure::plain(format!(
            "all resources must be specified before {what} changes: {late}"
        )));
    }
    Ok((resources.to_vec(), pairs.to_vec()))
}

/// The objects that `-f` or resources among the arguments name; a kind alone needs `all` or a selector.
pub(super) async fn named(call: &Call, resources: &[String], all: bool) -> Result<Found, Failure> {
    let request = resource::request(call.known(), resources)?;
    if call.flags.given("filename") || call.flags.given("kustomize") {
        if request != Request::Nothing {
            return Err(Failure::plain(resource::PATHS_AND_ARGUMENTS));
        }
        return manifests::live(call).await;
    }
    match &request {
        Request::Nothing => Err(Failure::plain(NOTHING_GIVEN)),
        Request::Lists(_) if !all && call.flags.text("selector").is_empty() => {
            Err(Failure::plain("resource(s) were provided, but no name was specified"))
        }
        Request::Lists(_) | Request::Names(_) => resource::find_request(call, &request),
    }
}

/// Sends a merge patch for one object and says what was done, or prints the object with `-o`.
pub(super) fn send(
    call: &Call,
    object: &Object,
    patch: &Value,
    done: &str,
    dry_run: DryRun,
) -> Outcome {
    let format = Format::of_writer(call)?;
    let mut patch = patch.clone();
    if call.flags.on("record") {
        patch["metadata"]["annotations"][CHANGE_CAUSE] = Value::String(record::command(call));
    }
    let value = if dry_run == DryRun::Client {
        crate::store::patch::json_merge(object.to_value(), patch)
    } else {
        server::patch(call, dry_run, &object.key(), PatchType::Merge, &patch)?.to_value()
    };
    // `taint` does not say that it only tried.
    let told = if call.verb.name == "taint" { DryRun::None } else { dry_run };
    match format {
        Some(format) => call.out(format.print(&value)?),
        None => call.line(said(object.kind(), object.name(), done, told)),
    }
}
