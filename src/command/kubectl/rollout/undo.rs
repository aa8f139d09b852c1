//! `kubectl rollout undo`, `restart`, `pause` and `resume`: changes to a Deployment's template or to its pause.
//!
//! Models kubectl `pkg/polymorphichelpers/rollback.go`, `objectrestarter.go`, `objectpauser.go` and `objectresumer.go`.

use std::sync::Arc;

use k8s_openapi::api::core::v1::PodTemplateSpec;

use super::super::apply::LAST_APPLIED;
use super::super::call::Call;
use super::super::common::DryRun;
use super::super::failure::Failure;
use super::super::server;
use super::super::verb::Outcome;
use super::{require_deployment, revisions, targets};
use crate::object::{Body, Kind, Object};

/// What a restart writes into the template, so that it is another one.
const RESTARTED_AT: &str = "kubectl.kubernetes.io/restartedAt";

/// Runs `undo`.
pub(super) fn run(call: &Call) -> Outcome {
    let wanted = call.flags.int("to-revision");
    if wanted < 0 {
        return Err(Failure::plain(format!("revision must be a positive integer: {wanted}")));
    }
    let dry_run = DryRun::of(call)?;
    let found = targets(call)?;
    let mut failures = found.failures;
    for object in &found.objects {
        if let Err(failure) = undo(call, object, wanted, dry_run) {
            failures.push(failure);
        }
    }
    Failure::all(failures)
}

fn undo(call: &Call, object: &Object, wanted: i64, dry_run: DryRun) -> Outcome {
    require_deployment(object, "rollbacker")?;
    let info = object.kind().info();
    if object.annotation(LAST_APPLIED).is_some() {
        call.warn(format!(
            "resource {}/{} was previously managed with 'kubectl apply'. Rolling back will not update the {LAST_APPLIED} annotation, which may cause unexpected behavior on future 'kubectl apply' operations. Consider using 'kubectl apply' with your previous configuration file instead.",
            info.plural,
            object.name()
        ))?;
    }
    let Body::Deployment(deployment) = &object.body else { return Ok(()) };
    if deployment.spec.paused == Some(true) {
        return Err(Failure::plain(
            "you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' and try again",
        ));
    }
    let sets = revisions(call, object);
    let target = if wanted == 0 {
        let before = sets.len().checked_sub(2).and_then(|at| sets.get(at));
        before.ok_or_else(|| {
            Failure::plain(format!("no rollout history found for deployment {:?}", object.name()))
        })?
    } else {
        let found = sets.iter().find(|(revision, _)| *revision == wanted);
        found.ok_or_else(|| {
            Failure::plain(format!("unable to find specified revision {wanted} in history"))
        })?
    };
    let Body::ReplicaSet(set) = &target.1.body else { return Ok(()) };
    let mut template = set.spec.template.clone().unwrap_or_default();
    if let Some(labels) = template.metadata.as_mut().and_then(|meta| meta.labels.as_mut()) {
        labels.remove("pod-template-hash");
    }
    let named = format!("{}/{}", info.qualified_singular(), object.name());
    if same_template(&template, &deployment.spec.template) {
        return call.line(format!(
            "{named} skipped rollback (current template already matches revision {})",
            target.0
        ));
    }
    if dry_run != DryRun::Client {
        let cause = target.1.annotation("kubernetes.io/change-cause").map(str::to_owned);
        let done = server::act(call, dry_run, |client| {
            client.modify(&object.key(), |next| {
                if let Some(annotations) = Arc::make_mut(&mut next.meta).annotations.as_mut() {
                    match cause {
                        Some(cause) => {
                            annotations.insert("kubernetes.io/change-cause".to_owned(), cause);
                        }
                        None => {
                            annotations.remove("kubernetes.io/change-cause");
                        }
                    }
                }
                set_template(next, template);
            })
        });
        done?;
    }
    call.line(format!("{named} rolled back{}", dry_run.suffix()))
}

fn same_template(left: &PodTemplateSpec, right: &PodTemplateSpec) -> bool {
    let meta = |template: &PodTemplateSpec| template.metadata.clone().unwrap_or_default();
    let (left_meta, right_meta) = (meta(left), meta(right));
    left.spec == right.spec
        && left_meta.labels.unwrap_or_default() == right_meta.labels.unwrap_or_default()
        && left_meta.annotations.unwrap_or_default() == right_meta.annotations.unwrap_or_default()
}

fn set_template(object: &mut Object, template: PodTemplateSpec) {
    if let Body::Deployment(deployment) = &mut object.body {
        Arc::make_mut(&mut deployment.spec).template = template;
    }
}

/// Runs `restart`.
pub(super) fn restart(call: &Call) -> Outcome {
    let found = targets(call)?;
    let mut failures = found.failures;
    let now = call.now().to_string();
    for object in &found.objects {
        let info = object.kind().info();
        let Body::Deployment(deployment) = &object.body else {
            failures.push(Failure::Bare(format!(
                "error: {} {:?} restarting is not supported",
                info.resource(),
                object.name()
            )));
            continue;
        };
        if deployment.spec.paused == Some(true) {
            failures.push(Failure::Bare(format!(
                "error: {} {:?} can't restart paused deployment (run rollout resume first)",
                info.resource(),
                object.name()
            )));
            continue;
        }
        let mut template = deployment.spec.template.clone();
        let meta = template.metadata.get_or_insert_default();
        meta.annotations.get_or_insert_default().insert(RESTARTED_AT.to_owned(), now.clone());
        write(call, object, "restarted", &mut failures, |next| set_template(next, template))?;
    }
    Failure::all(failures)
}

/// Runs `pause` and `resume`.
pub(super) fn pause(call: &Call, paused: bool) -> Outcome {
    let (done, doing) = if paused { ("paused", "pausing") } else { ("resumed", "resuming") };
    let found = targets(call)?;
    let mut failures = found.failures;
    for object in &found.objects {
        let resource = object.kind().info().resource();
        let problem = if let Body::Deployment(deployment) = &object.body {
            match (deployment.spec.paused == Some(true), paused) {
                (true, true) => Some("is already paused".to_owned()),
                (false, false) => Some("is not paused".to_owned()),
                (true, false) | (false, true) => None,
            }
        } else {
            Some(format!("{doing} is not supported"))
        };
        if let Some(problem) = problem {
            failures
                .push(Failure::Bare(format!("error: {resource} {:?} {problem}", object.name())));
            continue;
        }
        write(call, object, done, &mut failures, |next| {
            if let Body::Deployment(deployment) = &mut next.body {
                Arc::make_mut(&mut deployment.spec).paused = paused.then_some(true);
            }
        })?;
    }
    Failure::all(failures)
}

/// Writes a change and says so.
fn write(
    call: &Call,
    object: &Object,
    done: &str,
    failures: &mut Vec<Failure>,
    change: impl FnOnce(&mut Object),
) -> Outcome {
    debug_assert_eq!(object.kind(), Kind::Deployment, "only Deployments get here");
    match call.sandbox().act(|client| client.modify(&object.key(), change)) {
        Ok(_) => {
            let kind = object.kind().info().qualified_singular();
            call.line(format!("{kind}/{} {done}", object.name()))
        }
        Err(error) => {
            failures.push(error.into());
            Ok(())
        }
    }
}
