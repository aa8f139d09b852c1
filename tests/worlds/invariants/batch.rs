//! What holds for Jobs and CronJobs: no more than may run, and an end that stays.

use kobune::object::{Kind, Object};
use kobune::store::Change;
use serde_json::{Value, json};

use super::{Verdict, holds};
use crate::facts::{World, active_of, by, field, number, owner};
use crate::lab::{self, Lab};
use crate::manifests::is_quick;

/// The condition by which a Job has ended.
fn finished(job: &Object) -> Option<String> {
    let conditions = field(job, "/status/conditions");
    let mut ended = conditions.as_array().into_iter().flatten().filter(|one| {
        (one["type"] == "Complete" || one["type"] == "Failed") && one["status"] == "True"
    });
    ended.next().and_then(|one| one["type"].as_str().map(str::to_owned))
}

pub(super) fn within_parallelism(world: &World<'_>, change: &Change) -> Verdict {
    if change.key.kind != Kind::Pod || !by(change, "job-controller") || change.before.is_some() {
        return Ok(());
    }
    let Some(job) = owner(world.store, change.object()) else { return Ok(()) };
    let active = active_of(world.store, job.uid());
    let parallelism = field(job, "/spec/parallelism").as_i64().unwrap_or(1);
    holds(active <= parallelism, || format!("{active} run, {parallelism} may"))?;
    let Some(completions) = field(job, "/spec/completions").as_i64() else { return Ok(()) };
    let done = number(job, "/status/succeeded");
    holds(active + done <= completions, || {
        format!("{active} run, {done} are done, {completions} are wanted")
    })
}

pub(super) fn break_parallelism(lab: &mut Lab) {
    let job = lab.put(lab::job("task", "true"));
    lab.by("job-controller");
    for name in ["task-1", "task-2"] {
        lab.put(lab::child(lab::pod(name), &job));
    }
}

pub(super) fn stays_finished(_: &World<'_>, change: &Change) -> Verdict {
    let (Some(before), Some(after)) = (&change.before, &change.after) else { return Ok(()) };
    if change.key.kind != Kind::Job {
        return Ok(());
    }
    let (was, is) = (finished(before), finished(after));
    holds(was.is_none() || was == is, || format!("{was:?} became {is:?}"))?;
    let count = |job: &Object| number(job, "/status/succeeded");
    holds(count(before) <= count(after), || format!("{} became {}", count(before), count(after)))
}

pub(super) fn break_finished(lab: &mut Lab) {
    let job = lab.put(lab::job("task", "true"));
    let ended = lab.forge(&job, "/status", json!({ "succeeded": 1 }));
    lab.forge(&ended, "/status", json!({}));
}

pub(super) fn one_at_a_time(world: &World<'_>, change: &Change) -> Verdict {
    if change.key.kind != Kind::Job || !by(change, "cronjob-controller") || change.before.is_some()
    {
        return Ok(());
    }
    let Some(cron) = owner(world.store, change.object()) else { return Ok(()) };
    if field(cron, "/spec/concurrencyPolicy") != "Forbid" {
        return Ok(());
    }
    // Those that somebody made by hand do not count.
    let by_hand = |job: &Object| job.annotation("cronjob.kubernetes.io/instantiate").is_some();
    let mut others = world.store.owned_by(cron.uid()).filter(|one| {
        one.kind() == Kind::Job
            && one.name() != &*change.key.name
            && finished(one).is_none()
            && !by_hand(one)
    });
    others.next().map_or(Ok(()), |other| Err(format!("{} goes on", other.name())))
}

pub(super) fn break_one_at_a_time(lab: &mut Lab) {
    let cron = lab.put(
        json!({ "apiVersion": "batch/v1", "kind": "CronJob", "metadata": { "name": "tick" },
        "spec": { "schedule": "* * * * *", "concurrencyPolicy": "Forbid",
            "jobTemplate": { "spec": lab::job("x", "true")["spec"] } } }),
    );
    lab.by("cronjob-controller");
    for name in ["tick-1", "tick-2"] {
        lab.put(lab::child(lab::job(name, "true"), &cron));
    }
}

pub(super) fn jobs_agree(world: &World<'_>) -> Verdict {
    for job in world.store.list(Kind::Job, None) {
        let (active, said) = (active_of(world.store, job.uid()), number(job, "/status/active"));
        // While Pods come and go it says so a moment later.
        let over = finished(job).is_some() || field(job, "/spec/suspend") == true;
        holds(!over || (active, said) == (0, 0), || {
            format!("{} is over or suspended, runs {active} and says {said}", job.name())
        })?;
    }
    Ok(())
}

pub(super) fn break_jobs_agree(lab: &mut Lab) {
    let mut job = lab::job("task", "true");
    job["spec"]["suspend"] = true.into();
    job["status"] = json!({ "active": 3 });
    lab.put(job);
}

pub(super) fn jobs_end(world: &World<'_>) -> Verdict {
    for job in world.store.list(Kind::Job, None) {
        let command = field(job, "/spec/template/spec/containers/0/command/2");
        let quick = command.as_str().is_some_and(is_quick);
        let stands = field(job, "/spec/suspend") == true || field(job, "/spec/parallelism") == 0;
        let waits = world
            .store
            .owned_by(job.uid())
            .any(|one| one.as_pod().is_some_and(|pod| pod.own.node_name.is_none()));
        // What a CronJob has begun a moment ago goes on.
        let by_clock = job.controller().is_some();
        if quick && !stands && !waits && !by_clock {
            holds(finished(job).is_some(), || {
                format!("{}: {}", job.name(), field(job, "/status"))
            })?;
        }
    }
    Ok(())
}

pub(super) fn break_jobs_end(lab: &mut Lab) {
    let mut job = lab::job("task", "true");
    job["status"] = Value::Null;
    lab.put(job);
}
