//! One reconcile of a Job: judge it, make or delete Pods, count those that ended, report.
//!
//! Counting is safe against a stop at any point: Pods keep a finalizer until the status names them as about to be counted.
//! Models `syncJob`, `manageJob` and `trackJobStatusAndRemoveFinalizers` of kubernetes `pkg/controller/job/job_controller.go`.
//! *Differs:* no expectations, since what it reads is never stale.

use std::sync::Arc;

use super::facts::{JobPod, Spec};
use super::indexes::Indexes;
use super::policy::{self, Failure};
use super::status::{Condition, Status};
use super::verdict::Facts;
use super::{backoff, pods};
use crate::controller::Requeue;
use crate::controller::pods::{Candidate, deletion_order};
use crate::object::{Key, Kind, Object, StatusError, ValueBody};
use crate::order;
use crate::store::{Client, EventType};
use crate::time::{Duration, Time};

/// Pods that are made or deleted in one reconcile (`MaxPodCreateDeletePerSync`), and that may be about to be counted
/// (`MaxUncountedPods`).
const PODS_MAX: i64 = 500;
/// How much later a Job is looked at again at the soonest (`syncJobBatchPeriod`).
pub(super) const BATCH_PERIOD: Duration = Duration::from_secs(1);

/// What one reconcile works on.
struct Round<'a> {
    job: &'a Arc<Object>,
    body: &'a ValueBody,
    facts: Facts<'a>,
    status: Status,
    /// The condition with which the Job ends.
    end: Option<Condition>,
    /// Whether the status must be written before Pods are let go.
    needs_flush: bool,
    /// When to look again.
    later: Option<Duration>,
    refusal: Option<StatusError>,
}

/// Reconciles a Job that is not at its end.
pub(super) fn sync(
    client: &mut Client<'_>,
    job: &Arc<Object>,
    body: &ValueBody,
    pods: Vec<JobPod>,
    rest: &[Key],
) -> Requeue {
    let (spec, now) = (Spec(body.spec()), client.now());
    let mut status = Status::read(&body.status);
    let before = status.clone();
    if status.start_time.is_none() && !spec.suspended() {
        // Where calls ran out before it was written, when the work began.
        status.start_time = Some(whole_second(client.kept().unwrap_or(now)));
    }
    let facts = Facts::gather(spec, &status, pods, now);
    let end = facts.verdict(&status);
    let later = facts.deadline_in(&status).filter(|_| end.is_none());
    status.active = count(&facts.pods, JobPod::active);
    status.ready = Some(count(&facts.pods, |pod| pod.active() && pod.ready()));
    status.terminating = Some(count(&facts.pods, JobPod::terminating));
    let mut round =
        Round { job, body, facts, status, end, needs_flush: false, later, refusal: None };
    let throttled =
        if round.end.is_some() { round.stop(client) } else { round.go_on(client, rest) };
    if throttled {
        client.keep(round.status.start_time.filter(|_| before.start_time.is_none()));
        return Requeue::Throttled;
    }
    client.keep(None);
    let shown = |status: &Status| (status.active, status.ready, status.terminating);
    round.needs_flush |= shown(&before) != shown(&round.status);
    match (round.track(client), round.refusal) {
        (Ok(false), _) => Requeue::Throttled,
        (Err(_), _) | (_, Some(_)) => Requeue::BackOff,
        (Ok(true), None) => round.later.map_or(Requeue::No, Requeue::After),
    }
}

fn count(pods: &[JobPod], which: impl Fn(&JobPod) -> bool) -> i64 {
    i64::try_from(pods.iter().filter(|pod| which(pod)).count()).unwrap_or(i64::MAX)
}

/// As the wire carries it.
fn whole_second(time: Time) -> Time {
    Time::from_micros(time.secs() * 1_000_000)
}

impl Round<'_> {
    /// Counts Pods that were deleted just now.
    fn note_deleted(&mut self, done: pods::Done) -> bool {
        self.status.active -= done.count;
        self.status.ready = self.status.ready.map(|ready| ready - done.ready);
        self.status.terminating = self.status.terminating.map(|count| count + done.count);
        self.refusal = self.refusal.take().or(done.refusal);
        done.throttled
    }

    /// The Job is at its end: its Pods go. True if calls ran out.
    fn stop(&mut self, client: &mut Client<'_>) -> bool {
        let active: Vec<JobPod> =
            self.facts.pods.iter().filter(|pod| pod.active()).cloned().collect();
        let done = pods::delete(client, self.job, &active, false);
        if done.refusal.is_some() {
            // Some are left, so it cannot be declared.
            self.end = None;
        }
        self.note_deleted(done)
    }

    /// The Job goes on: Pods are made and deleted, and perhaps it was suspended, resumed, or is complete. True if calls ran
    /// out.
    fn go_on(&mut self, client: &mut Client<'_>, rest: &[Key]) -> bool {
        let managed = !self.job.terminating();
        if managed && self.manage(client, rest) {
            return true;
        }
        let (spec, now) = (self.facts.spec, self.facts.now);
        let wanted = spec.completions().unwrap_or(1);
        if self.facts.succeeded >= wanted && self.status.active == 0 {
            let (reason, message) =
                ("CompletionsReached", "Reached expected number of succeeded pods");
            self.end = Some(Condition::new("SuccessCriteriaMet", true, reason, message, now));
        } else if managed {
            let (reason, event, message) = if spec.suspended() {
                ("JobSuspended", "Suspended", "Job suspended")
            } else {
                ("JobResumed", "Resumed", "Job resumed")
            };
            let new = Condition::new("Suspended", spec.suspended(), reason, message, now);
            if self.status.ensure(new) {
                self.needs_flush = true;
                client.record(self.job, EventType::Normal, event, message);
                if !spec.suspended() {
                    self.status.start_time = Some(whole_second(now));
                }
            }
        }
        false
    }

    /// Creates or deletes Pods, never both at once. True if calls ran out.
    fn manage(&mut self, client: &mut Client<'_>, rest: &[Key]) -> bool {
        let spec = self.facts.spec;
        if !rest.is_empty() && !spec.suspended() {
            return self.create_pods(
                client,
                &rest.iter().map(|key| key.name.parse().ok()).collect::<Vec<_>>(),
            );
        }
        let active = self.status.active;
        let wanted = match spec.completions() {
            _ if spec.suspended() => 0,
            Some(completions) => {
                (completions - self.facts.succeeded).min(spec.parallelism()).max(0)
            }
            None if self.facts.succeeded > 0 => active,
            None => spec.parallelism(),
        };
        let too_many = self.too_many((active - wanted).max(0));
        if spec.suspended() || !too_many.is_empty() {
            let done = pods::delete(client, self.job, &too_many, true);
            return self.note_deleted(done);
        }
        let ending =
            if spec.only_replaces_failed() { self.status.terminating.unwrap_or(0) } else { 0 };
        let missing = wanted - ending - active;
        if missing <= 0 {
            return false;
        }
        self.create(client, missing)
    }

    fn create(&mut self, client: &mut Client<'_>, missing: i64) -> bool {
        let (spec, now) = (self.facts.spec, self.facts.now);
        let per_index = self.facts.failed_indexes.is_some();
        let mut wait = Duration::ZERO;
        if !per_index {
            wait = backoff::remaining(spec, &self.facts.pods, now);
        }
        let (mut count, mut indexes) = (missing.min(PODS_MAX), Vec::new());
        if spec.indexed() {
            indexes = self.pending_indexes(usize::try_from(count).unwrap_or(0));
            if per_index {
                (indexes, wait) = self.ready_indexes(&indexes);
            }
            count = i64::try_from(indexes.len()).unwrap_or(0);
        }
        if !wait.is_zero() {
            let wait = wait.max(BATCH_PERIOD);
            self.later = Some(self.later.map_or(wait, |later| later.min(wait)));
            return false;
        }
        let wanted = if spec.indexed() {
            indexes.into_iter().map(Some).collect()
        } else {
            vec![None; usize::try_from(count).unwrap_or(0)]
        };
        self.create_pods(client, &wanted)
    }

    /// Creates Pods, each for an index or for none; what calls do not suffice for is left for the next turn.
    fn create_pods(&mut self, client: &mut Client<'_>, wanted: &[Option<i64>]) -> bool {
        let done = pods::create(client, self.job, self.body, &self.facts, wanted);
        self.status.active += done.count;
        self.refusal = self.refusal.take().or(done.refusal);
        if done.throttled {
            let made = usize::try_from(done.count).unwrap_or(0);
            let key = |index: &Option<i64>| {
                let name = index.map_or_else(String::new, |index| index.to_string());
                Key::new(Kind::Job, self.job.namespace(), name)
            };
            client.leave_rest(wanted.iter().skip(made).map(key).collect());
        }
        done.throttled
    }

    /// The first indexes that neither ended nor have a Pod (`firstPendingIndexes`).
    fn pending_indexes(&self, count: usize) -> Vec<i64> {
        let facts = &self.facts;
        let mut taken = facts.succeeded_indexes.and(&facts.indexes_of(JobPod::active));
        if facts.spec.only_replaces_failed() {
            taken = taken.and(&facts.indexes_of(JobPod::terminating));
        }
        if let Some(failed) = &facts.failed_indexes {
            taken = taken.and(failed);
        }
        taken.first_missing(count, facts.spec.completions().unwrap_or(0))
    }

    /// Those of the indexes that need not wait; if there are none, how long the first has to.
    fn ready_indexes(&self, indexes: &[i64]) -> (Vec<i64>, Duration) {
        let last = self.facts.awaiting_replacement();
        let wait = |index: &i64| {
            let failed = last.iter().find(|(one, _)| one == index);
            failed
                .map_or(Duration::ZERO, |(_, pod)| backoff::remaining_of_index(pod, self.facts.now))
        };
        let ready: Vec<i64> =
            indexes.iter().copied().filter(|index| wait(index).is_zero()).collect();
        let soonest = indexes.iter().map(wait).min().unwrap_or_default();
        (ready, soonest)
    }

    /// The active Pods that go if at least so many must: those whose index is wrong or taken, then those that are missed
    /// least (`activePodsForRemoval`).
    fn too_many(&self, at_least: i64) -> Vec<JobPod> {
        let (facts, now) = (&self.facts, self.facts.now);
        if at_least == 0 && !facts.spec.indexed() {
            return Vec::new();
        }
        let active = facts.pods.iter().filter(|pod| pod.active());
        let mut candidates: Vec<Candidate> =
            active.map(|pod| Candidate { pod: Arc::clone(&pod.0), rank: 0 }).collect();
        order::sort_by(&mut candidates, |a, b| deletion_order(a, b, now));
        let pods = candidates.iter().filter_map(|candidate| JobPod::new(&candidate.pod));
        if !facts.spec.indexed() {
            return pods.take(usize::try_from(at_least).unwrap_or(0)).collect();
        }
        let (mut gone, mut left, mut seen) = (Vec::new(), Vec::new(), Indexes::default());
        // Of those with one index the one that is missed most stays.
        let pods: Vec<JobPod> = pods.collect();
        for pod in pods.into_iter().rev() {
            match pod.index_below(facts.spec.completions()) {
                Some(index) if !seen.has(index) => {
                    seen = seen.with([index]);
                    left.push(pod);
                }
                _ => gone.push(pod),
            }
        }
        while i64::try_from(gone.len()).unwrap_or(i64::MAX) < at_least
            && let Some(pod) = left.pop()
        {
            gone.push(pod);
        }
        gone.truncate(usize::try_from(PODS_MAX).unwrap_or(usize::MAX));
        gone
    }

    /// Names Pods that ended as about to be counted, lets them go, counts them, and declares the end. False if calls ran
    /// out.
    fn track(&mut self, client: &mut Client<'_>) -> Result<bool, StatusError> {
        let mut tracked: Vec<String> = Vec::new();
        tracked.extend(
            self.facts.pods.iter().filter(|pod| pod.tracked()).map(|pod| pod.uid().to_owned()),
        );
        self.needs_flush |= self.count_let_go(&tracked);
        let (ended, complete) = self.name_ended();
        self.announce_end();
        if self.needs_flush {
            self.write(client)?;
        }
        let left = pods::release(client, ended.iter().map(|pod| pod.0.key()).collect())?;
        if !left.is_empty() {
            client.leave_rest(left);
            return Ok(false);
        }
        tracked.retain(|uid| !ended.iter().any(|pod| pod.uid() == uid));
        let mut needs_flush = self.count_let_go(&tracked);
        let declared = complete && self.declare_end();
        needs_flush |= declared;
        if needs_flush {
            self.write(client)?;
        }
        if declared {
            self.tell_end(client);
        }
        Ok(true)
    }

    fn write(&self, client: &mut Client<'_>) -> Result<(), StatusError> {
        let status = self.status.to_value();
        client.update_status(&self.job.key(), |body| {
            if let Some(body) = body.value_mut() {
                body.status = Arc::new(status);
            }
        })?;
        Ok(())
    }

    /// Counts the Pods that were about to be and have lost the finalizer; true if there were some.
    fn count_let_go(&mut self, tracked: &[String]) -> bool {
        let settle = |uncounted: &mut Vec<String>, counter: &mut i64| {
            let before = uncounted.len();
            uncounted.retain(|uid| tracked.contains(uid));
            let counted = before - uncounted.len();
            *counter += i64::try_from(counted).unwrap_or(0);
            counted > 0
        };
        let status = &mut self.status;
        let succeeded = settle(&mut status.uncounted_succeeded, &mut status.succeeded);
        let failed = settle(&mut status.uncounted_failed, &mut status.failed);
        succeeded || failed
    }

    /// The Pods that may lose the finalizer, now named in the status where they are to be counted; false if there are too
    /// many for one reconcile.
    fn name_ended(&mut self) -> (Vec<JobPod>, bool) {
        let facts = &self.facts;
        let (spec, indexed) = (facts.spec, facts.spec.indexed());
        let mut pods: Vec<&JobPod> = facts.pods.iter().filter(|pod| pod.tracked()).collect();
        if indexed {
            order::sort_by_key(&mut pods, |pod| pod.index());
        }
        let stopped = self.end.as_ref().is_some_and(|end| end.type_ != "SuccessCriteriaMet");
        let delayed: Vec<&str> =
            facts.awaiting_replacement().iter().map(|(_, pod)| pod.uid()).collect();
        let (mut ended, mut new_indexes, mut complete) = (Vec::new(), Vec::new(), true);
        for pod in pods {
            let failed = pod.failed(spec);
            let over = self.job.terminating() || self.end.is_some() || pod.succeeded();
            if !over && (!failed || delayed.contains(&pod.uid())) {
                continue;
            }
            ended.push(pod.clone());
            let uid = pod.uid().to_owned();
            let known = self.status.uncounted_failed.contains(&uid);
            let index = pod.index_below(spec.completions());
            if pod.succeeded() && !known {
                match index.filter(|_| indexed) {
                    Some(index) if !facts.succeeded_before.has(index) => new_indexes.push(index),
                    None if !indexed && !self.status.uncounted_succeeded.contains(&uid) => {
                        self.status.uncounted_succeeded.push(uid);
                        self.needs_flush = true;
                    }
                    _ => {}
                }
            } else if (failed || stopped)
                && !known
                && (!indexed || index.is_some())
                && policy::failure(spec, pod) != Failure::Ignored
            {
                self.status.uncounted_failed.push(uid);
                self.needs_flush = true;
            }
            let named = new_indexes.len()
                + self.status.uncounted_succeeded.len()
                + self.status.uncounted_failed.len();
            if i64::try_from(named).unwrap_or(i64::MAX) >= PODS_MAX {
                complete = false;
                break;
            }
        }
        if indexed {
            self.show_indexes(new_indexes);
        }
        (ended, complete)
    }

    fn show_indexes(&mut self, new: Vec<i64>) {
        let all = self.facts.succeeded_before.with(new);
        let failed = self.facts.failed_indexes.as_ref().map(ToString::to_string);
        let shown = all.to_string();
        self.needs_flush |=
            shown != self.status.completed_indexes || failed != self.status.failed_indexes;
        self.status.succeeded = all.total();
        (self.status.completed_indexes, self.status.failed_indexes) = (shown, failed);
    }

    /// Says in the status how the Job will end, before Pods are let go; what it ends with comes after.
    fn announce_end(&mut self) {
        let Some(end) = self.end.take() else { return };
        let last = match end.type_.as_str() {
            "FailureTarget" => "Failed",
            "SuccessCriteriaMet" => "Complete",
            _ => {
                self.end = Some(end);
                return;
            }
        };
        if self.status.holds(&end.type_).is_none() {
            self.status.conditions.push(end.clone());
            self.needs_flush = true;
        }
        self.end = Some(Condition::new(last, true, &end.reason, &end.message, self.facts.now));
    }

    /// Declares the end, if every Pod is counted and none is about to go; true if so (`enactJobFinished`).
    fn declare_end(&mut self) -> bool {
        let Some(end) = &self.end else { return false };
        let status = &mut self.status;
        let uncounted = status.uncounted_succeeded.len() + status.uncounted_failed.len();
        if uncounted > 0 || status.terminating.is_some_and(|count| count > 0) {
            return false;
        }
        if end.type_ == "Complete" {
            status.completion_time = end.since;
        }
        status.ensure(end.clone());
        true
    }

    fn tell_end(&self, client: &mut Client<'_>) {
        let Some(end) = &self.end else { return };
        if end.type_ != "Complete" {
            return client.record(self.job, EventType::Warning, &end.reason, &*end.message);
        }
        if self.facts.spec.completions().is_some_and(|wanted| self.status.succeeded > wanted) {
            let message = "Too many succeeded pods running after completion count reached";
            client.record(self.job, EventType::Warning, "TooManySucceededPods", message);
        }
        client.record(self.job, EventType::Normal, "Completed", "Job completed");
    }
}
