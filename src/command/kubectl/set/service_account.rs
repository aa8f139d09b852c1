//! `kubectl set serviceaccount`: as whom Pods talk to the API. Models kubectl `pkg/cmd/set/set_serviceaccount.go`.

use serde_json::json;

use super::super::call::Call;
use super::super::common::{DRY_RUN, FILES, PRINT, RECORD};
use super::super::failure::Failure;
use super::super::verb::{Arguments, Outcome, Verb};
use super::{Change, SHARED, begin, check, each, pod_spec, targets};

pub(super) const SERVICE_ACCOUNT: Verb = Verb {
    name: "serviceaccount",
    aliases: &["sa"],
    summary: "Update the service account of a resource",
    long: "Update the service account of pod template resources.",
    details: &[
        "Possible resources (case insensitive) can be:",
        " replicationcontroller (rc), deployment (deploy), daemonset (ds), job, replicaset (rs), statefulset",
    ],
    usage: "(-f FILENAME | TYPE NAME) SERVICE_ACCOUNT",
    examples: &[(
        "Run a Deployment's Pods as the service account robot",
        "kubectl set serviceaccount deployment web robot",
    )],
    flags: &[SHARED, FILES, DRY_RUN, PRINT, RECORD],
    run: |call| Box::pin(async move { run(&call).await }),
    arguments: Arguments::Resources,
    ..Verb::BASE
};

async fn run(call: &Call) -> Outcome {
    let dry_run = begin(call)?;
    let Some((name, resources)) = call.args().split_last() else {
        return Err(Failure::plain("serviceaccount is required"));
    };
    check(call, dry_run)?;
    let targets = targets(call, resources).await?;
    let change = Change {
        done: "serviceaccount updated",
        failed: "failed to patch ServiceAccountName",
        quiet: false,
        apply: &|target, value, _| {
            pod_spec(target, value)?["serviceAccountName"] = json!(name);
            Ok(())
        },
    };
    each(call, &targets, dry_run, &change)
}
