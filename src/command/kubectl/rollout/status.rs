//! `kubectl rollout status`: says how far a rollout is, at every change, until it is done.
//!
//! Models kubectl `pkg/polymorphichelpers/rollout_status.go` (`DeploymentStatusViewer`,
//! `DaemonSetStatusViewer`, `StatefulSetStatusViewer`).

use super::super::call::Call;
use super::super::failure::Failure;
use super::super::verb::Outcome;
use super::{require_template, revision, targets};
use crate::object::{Body, Object, ValueBody};
use crate::time::Duration;

/// Runs the subcommand.
pub(super) async fn run(call: &Call) -> Outcome {
    let found = targets(call).await?;
    Failure::all(found.failures)?;
    let wanted = call.flags.int("revision");
    if wanted < 0 {
        return Err(Failure::plain(format!("revision must be a positive integer: {wanted}")));
    }
    for object in &found.objects {
        require_template(object, "status viewer")?;
        one(call, object, wanted).await?;
    }
    Ok(())
}

/// How far it is.
enum Stage {
    Going(String),
    Done(String),
    Failed(String),
}

async fn one(call: &Call, object: &Object, wanted: i64) -> Outcome {
    let key = object.key();
    let timeout = call.flags.duration("timeout").positive().filter(|timeout| !timeout.is_zero());
    // Without a timeout it watches for as long as it takes.
    let timeout = timeout.unwrap_or(Duration::from_hours(8760));
    let end = call.now() + timeout;
    let mut seen = 0;
    loop {
        let left = end - call.now();
        let next = call.sandbox().until_within(left, |cluster| match cluster.store().get(&key) {
            None => Some(None),
            Some(object) if object.revision > seen => {
                Some(Some((object.revision, stage(object, wanted))))
            }
            Some(_) => None,
        });
        match next.await {
            None => return Err(Failure::plain("timed out waiting for the condition")),
            Some(None) => return Err(Failure::plain("object has been deleted")),
            Some(Some((_, Stage::Failed(text)))) => return Err(Failure::plain(text)),
            Some(Some((_, Stage::Done(text)))) => return call.line(text),
            Some(Some((revision, Stage::Going(text)))) => {
                call.line(text)?;
                seen = revision;
            }
        }
        if !call.flags.on("watch") {
            return Ok(());
        }
    }
}

fn stage(object: &Object, wanted: i64) -> Stage {
    let deployment = match &object.body {
        Body::Deployment(deployment) => deployment,
        Body::Value(set) => return stateful_stage(object, set),
        _ => return daemon_stage(object),
    };
    if wanted > 0 && wanted != revision(object) {
        return Stage::Failed(format!(
            "desired revision ({wanted}) is different from the running revision ({})",
            revision(object)
        ));
    }
    let (spec, status, name) = (&deployment.spec, &deployment.status, object.name());
    if object.meta.generation.unwrap_or(0) > status.observed_generation.unwrap_or(0) {
        return Stage::Going("Waiting for deployment spec update to be observed...".to_owned());
    }
    let late = status.conditions.iter().flatten().any(|condition| {
        condition.type_ == "Progressing"
            && condition.reason.as_deref() == Some("ProgressDeadlineExceeded")
    });
    if late {
        return Stage::Failed(format!("deployment {name:?} exceeded its progress deadline"));
    }
    let count = |number: Option<i32>| number.unwrap_or(0);
    let (replicas, updated) = (count(status.replicas), count(status.updated_replicas));
    let (wanted, available) = (count(spec.replicas), count(status.available_replicas));
    let waiting = format!("Waiting for deployment {name:?} rollout to finish:");
    if updated < wanted {
        Stage::Going(format!(
            "{waiting} {updated} out of {wanted} new replicas have been updated..."
        ))
    } else if replicas > updated {
        let old = replicas - updated;
        Stage::Going(format!("{waiting} {old} old replicas are pending termination..."))
    } else if available < updated {
        Stage::Going(format!(
            "{waiting} {available} of {updated} updated replicas are available..."
        ))
    } else {
        Stage::Done(format!("deployment {name:?} successfully rolled out"))
    }
}

/// How far a DaemonSet is.
fn daemon_stage(object: &Object) -> Stage {
    let Body::DaemonSet(set) = &object.body else {
        return Stage::Failed("object does not roll out".to_owned());
    };
    let strategy = set.spec.update_strategy.as_ref().and_then(|strategy| strategy.type_.as_deref());
    if strategy != Some("RollingUpdate") {
        return Stage::Failed(
            "rollout status is only available for RollingUpdate strategy type".to_owned(),
        );
    }
    let (status, name) = (&set.status, object.name());
    if object.meta.generation.unwrap_or(0) > status.observed_generation.unwrap_or(0) {
        return Stage::Going("Waiting for daemon set spec update to be observed...".to_owned());
    }
    let wanted = status.desired_number_scheduled;
    let updated = status.updated_number_scheduled.unwrap_or(0);
    let available = status.number_available.unwrap_or(0);
    let waiting = format!("Waiting for daemon set {name:?} rollout to finish:");
    if updated < wanted {
        Stage::Going(format!("{waiting} {updated} out of {wanted} new pods have been updated..."))
    } else if available < wanted {
        Stage::Going(format!("{waiting} {available} of {wanted} updated pods are available..."))
    } else {
        Stage::Done(format!("daemon set {name:?} successfully rolled out"))
    }
}

/// How far a StatefulSet is.
fn stateful_stage(object: &Object, set: &ValueBody) -> Stage {
    let strategy = &set.spec()["updateStrategy"];
    if strategy["type"] != "RollingUpdate" {
        return Stage::Failed(
            "rollout status is only available for RollingUpdate strategy type".to_owned(),
        );
    }
    let count = |field: &str| set.status[field].as_i64().unwrap_or(0);
    if object.meta.generation.unwrap_or(0) > count("observedGeneration") {
        return Stage::Going("Waiting for statefulset spec update to be observed...".to_owned());
    }
    let wanted = object.body.replicas().map_or(0, i64::from);
    let updated = count("updatedReplicas");
    if count("readyReplicas") < wanted {
        let missing = wanted - count("readyReplicas");
        return Stage::Going(format!("Waiting for {missing} pods to be ready..."));
    }
    if strategy["rollingUpdate"].is_object() {
        let partition = strategy["rollingUpdate"]["partition"].as_i64().unwrap_or(0);
        let share = wanted - partition;
        if updated < share {
            return Stage::Going(format!(
                "Waiting for partitioned roll out to finish: {updated} out of {share} new pods have been updated..."
            ));
        }
        return Stage::Done(format!(
            "partitioned roll out complete: {updated} new pods have been updated..."
        ));
    }
    let revision = |field: &str| set.status[field].as_str().unwrap_or_default().to_owned();
    let (current, update) = (revision("currentRevision"), revision("updateRevision"));
    if update != current {
        return Stage::Going(format!(
            "waiting for statefulset rolling update to complete {updated} pods at revision {update}..."
        ));
    }
    let replicas = count("currentReplicas");
    Stage::Done(format!(
        "statefulset rolling update complete {replicas} pods at revision {current}..."
    ))
}
