//! `kubectl rollout undo`, `restart`, `pause` and `resume`: changes to a template or to a Deployment's pause.
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
use super::{CHANGE_CAUSE, Revision, require_template, revisions, rolls_out, targets};
use crate::object::{Body, Object};
use crate::output::describe;

/// What a restart writes into the template, so that it is another one.
const RESTARTED_AT: &str = "kubectl.kubernetes.io/restartedAt";

/// Runs `undo`.
pub(super) async fn run(call: &Call) -> Outcome {
    let wanted = call.flags.int("to-revision");
    let dry_run = DryRun::of(call)?;
    let found = targets(call).await?;
    let mut failures = found.failures;
    for object in &found.objects {
        if let Err(failure) = undo(call, object, wanted, dry_run) {
            failures.push(failure);
        }
    }
    Failure::all(failures)
}

fn undo(call: &Call, object: &Object, wanted: i64, dry_run: DryRun) -> Outcome {
    let info = object.kind().info();
    if object.annotation(LAST_APPLIED).is_some() {
        call.warn(format!(
            "resource {}/{} was previously managed with 'kubectl apply'. Rolling back will not update the {LAST_APPLIED} annotation, which may cause unexpected behavior on future 'kubectl apply' operations. Consider using 'kubectl apply' with your previous configuration file instead.",
            info.plural,
            object.name()
        ))?;
    }
    require_template(object, "rollbacker")?;
    if object.as_deployment().is_some_and(|body| body.spec.paused == Some(true)) {
        return Err(Failure::plain(
            "you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' and try again",
        ));
    }
    let Some(present) = object.body.template() else { return Ok(()) };
    let all = revisions(call, object);
    let target = find(&all, object, wanted)?;
    let named = format!("{}/{}", info.qualified_singular(), object.name());
    if dry_run == DryRun::Client {
        let text = describe::template_text(&target.template);
        return call.line(format!("{named} {text}{}", dry_run.suffix()));
    }
    let mut template = target.template.clone();
    if let Some(labels) = template.metadata.as_mut().and_then(|meta| meta.labels.as_mut()) {
        labels.remove("pod-template-hash");
    }
    if same_template(&template, &present) {
        let shown = if object.as_deployment().is_some() { target.number } else { wanted };
        return call.line(format!(
            "{named} skipped rollback (current template already matches revision {shown})"
        ));
    }
    let cause = target.cause().map(str::to_owned);
    server::act(call, dry_run, |client| {
        client.modify(&object.key(), |next| {
            if next.as_deployment().is_some() {
                set_cause(next, cause);
            }
            next.body.set_template(template);
        })
    })?;
    call.line(format!("{named} rolled back{}", dry_run.suffix()))
}

/// The revision to go back to.
fn find<'r>(all: &'r [Revision], object: &Object, wanted: i64) -> Result<&'r Revision, Failure> {
    if wanted != 0 {
        let found = all.iter().find(|revision| revision.number == wanted);
        return found.ok_or_else(|| {
            Failure::plain(format!("unable to find specified revision {wanted} in history"))
        });
    }
    let before = all.len().checked_sub(2).and_then(|at| all.get(at));
    before.ok_or_else(|| {
        if object.as_deployment().is_some() {
            let name = object.name();
            Failure::plain(format!("no rollout history found for deployment {name:?}"))
        } else {
            Failure::plain("no last revision to roll back to")
        }
    })
}

/// A Deployment takes the cause of the revision that comes back.
fn set_cause(object: &mut Object, cause: Option<String>) {
    let Some(annotations) = Arc::make_mut(&mut object.meta).annotations.as_mut() else { return };
    match cause {
        Some(cause) => drop(annotations.insert(CHANGE_CAUSE.to_owned(), cause)),
        None => drop(annotations.remove(CHANGE_CAUSE)),
    }
}

fn same_template(left: &PodTemplateSpec, right: &PodTemplateSpec) -> bool {
    let meta = |template: &PodTemplateSpec| template.metadata.clone().unwrap_or_default();
    let (left_meta, right_meta) = (meta(left), meta(right));
    left.spec == right.spec
        && left_meta.labels.unwrap_or_default() == right_meta.labels.unwrap_or_default()
        && left_meta.annotations.unwrap_or_default() == right_meta.annotations.unwrap_or_default()
}

/// Runs `restart`.
pub(super) async fn restart(call: &Call) -> Outcome {
    let found = targets(call).await?;
    let mut failures = found.failures;
    let now = call.now().to_string();
    for object in &found.objects {
        let resource = object.kind().info().resource();
        let paused = object.as_deployment().is_some_and(|body| body.spec.paused == Some(true));
        let template = object.body.template().filter(|_| rolls_out(object.kind()));
        let problem = match template {
            None => "restarting is not supported",
            Some(_) if paused => "can't restart paused deployment (run rollout resume first)",
            Some(mut template) => {
                let meta = template.metadata.get_or_insert_default();
                let annotations = meta.annotations.get_or_insert_default();
                annotations.insert(RESTARTED_AT.to_owned(), now.clone());
                write(call, object, "restarted", &mut failures, |next| {
                    next.body.set_template(template);
                })?;
                continue;
            }
        };
        let name = object.name();
        failures.push(Failure::Bare(format!("error: {resource} {name:?} {problem}")));
    }
    Failure::all(failures)
}

/// Runs `pause` and `resume`.
pub(super) async fn pause(call: &Call, paused: bool) -> Outcome {
    let (done, doing) = if paused { ("paused", "pausing") } else { ("resumed", "resuming") };
    let found = targets(call).await?;
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
