//! `kubectl scale`: the number of replicas. Models kubectl `pkg/cmd/scale/scale.go`.

use serde_json::json;

use super::apply::said;
use super::call::Call;
use super::common::{DRY_RUN, DryRun, FILES, PRINT, RECORD, SELECTOR};
use super::failure::Failure;
use super::record::CHANGE_CAUSE;
use super::verb::{Arguments, Flag, Group, Outcome, Verb};
use super::{change, record, server};
use crate::object::Object;
use crate::shell::LocalFuture;
use crate::store::PatchType;

/// The verb.
pub(super) static SCALE: Verb = Verb {
    name: "scale",
    group: Group::Deploy,
    summary: "Set a new size for a deployment, replica set, or replication controller",
    details: &[
        "Scale also allows users to specify one or more preconditions for the scale action.",
    ],
    usage: "scale [--resource-version=version] [--current-replicas=count] --replicas=COUNT (-f FILENAME | TYPE NAME)",
    examples: &[
        ("Scale a Deployment to three replicas", "kubectl scale --replicas=3 deployment/web"),
        (
            "Only if it has two now",
            "kubectl scale --current-replicas=2 --replicas=3 deployment/web",
        ),
    ],
    flags: &[FLAGS, FILES, DRY_RUN, PRINT, SELECTOR, RECORD],
    run,
    arguments: Arguments::Resources,
    ..Verb::BASE
};

static FLAGS: &[Flag] = &[
    Flag::switch("all", "Select all resources in the namespace of the specified resource types."),
    Flag::int(
        "current-replicas",
        "-1",
        "Precondition for current size. -1 (default) for no condition.",
    ),
    Flag::int("replicas", "0", "The new desired number of replicas. Required."),
    Flag::text("resource-version", "", "Precondition for resource version."),
    Flag::duration(
        "timeout",
        "0s",
        "The length of time to wait before giving up on a scale operation, zero means don't wait.",
    ),
];

fn run(call: Call) -> LocalFuture<Outcome> {
    Box::pin(async move { scale(&call).await })
}

async fn scale(call: &Call) -> Outcome {
    if !call.flags.given("replicas") {
        return Err(Failure::plain("required flag(s) \"replicas\" not set"));
    }
    let replicas = i32::try_from(call.flags.int("replicas")).unwrap_or(-1);
    if replicas < 0 {
        return Err(Failure::plain(
            "The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0",
        ));
    }
    let dry_run = DryRun::of(call)?;
    let found = change::named(call, call.args(), call.flags.on("all")).await?;
    let mut failures = found.failures;
    for object in &found.objects {
        let tried = dry_run == DryRun::Client;
        let ready = if tried { Ok(()) } else { precondition(call, object) };
        let done = ready.and_then(|()| {
            if tried {
                return Ok(());
            }
            server::act(call, dry_run, |client| client.scale(&object.key(), replicas))?;
            let cause = json!({"metadata": {"annotations": {CHANGE_CAUSE: record::command(call)}}});
            if call.flags.on("record") {
                server::patch(call, dry_run, &object.key(), PatchType::Merge, &cause)?;
            }
            Ok(())
        });
        match done {
            Ok(()) => call.line(said(object.kind(), object.name(), "scaled", dry_run))?,
            Err(failure) => failures.push(failure),
        }
    }
    if found.objects.is_empty() && failures.is_empty() {
        return Err(Failure::plain("no objects passed to scale"));
    }
    Failure::all(failures)
}

/// `--current-replicas` and `--resource-version` (`ScalePrecondition`).
fn precondition(call: &Call, object: &Object) -> Result<(), Failure> {
    let wanted = call.flags.int("current-replicas");
    let current = object.body.replicas();
    if wanted != -1 && current.map(i64::from) != Some(wanted) {
        return Err(Failure::plain(format!(
            "Expected replicas to be {wanted}, was {}",
            current.unwrap_or(0)
        )));
    }
    let version = call.flags.text("resource-version");
    if !version.is_empty() && version != object.revision.to_string() {
        return Err(Failure::plain(format!(
            "Expected resource version to be {version}, was {}",
            object.revision
        )));
    }
    Ok(())
}
