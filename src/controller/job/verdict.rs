//! Whether a Job is at its end, by what is known of its Pods.
//!
//! One look: facts are gathered once, then judged in upstream's order. Models the first half of `syncJob` of kubernetes
//! `pkg/controller/job/job_controller.go`.

use super::facts::{JobPod, Spec};
use super::indexes::Indexes;
use super::policy::{self, Failure};
use super::status::{Condition, Status};
use crate::time::{Duration, Time};

/// What one reconcile goes by.
#[derive(Debug)]
pub(super) struct Facts<'a> {
    pub(super) spec: Spec<'a>,
    pub(super) pods: Vec<JobPod>,
    pub(super) now: Time,
    /// Pods that succeeded, counted or about to be.
    pub(super) succeeded: i64,
    /// Pods that failed and count, likewise.
    pub(super) failed: i64,
    /// Indexes that had succeeded when the status was written last.
    pub(super) succeeded_before: Indexes,
    /// Those that have succeeded now.
    pub(super) succeeded_indexes: Indexes,
    /// Those that have failed; only where failures are counted by index.
    pub(super) failed_indexes: Option<Indexes>,
}

impl<'a> Facts<'a> {
    pub(super) fn gather(spec: Spec<'a>, status: &Status, pods: Vec<JobPod>, now: Time) -> Self {
        let (indexed, completions) = (spec.indexed(), spec.completions());
        let new = |pod: &&JobPod, uncounted: &[String]| {
            pod.tracked()
                && !uncounted.iter().any(|uid| uid == pod.uid())
                && (!indexed || pod.index_below(completions).is_some())
        };
        let succeeded = pods.iter().filter(|pod| new(pod, &status.uncounted_succeeded));
        let failed = pods.iter().filter(|pod| new(pod, &status.uncounted_failed));
        let succeeded = succeeded.filter(|pod| pod.succeeded()).count();
        let counts =
            |pod: &&JobPod| pod.failed(spec) && policy::failure(spec, pod) != Failure::Ignored;
        let failed = failed.filter(counts).count();
        let total = |before: i64, new: usize, uncounted: &[String]| {
            before + i64::try_from(new + uncounted.len()).unwrap_or(i64::MAX)
        };
        let mut facts = Self {
            spec,
            now,
            succeeded: total(status.succeeded, succeeded, &status.uncounted_succeeded),
            failed: total(status.failed, failed, &status.uncounted_failed),
            succeeded_before: Indexes::default(),
            succeeded_indexes: Indexes::default(),
            failed_indexes: None,
            pods,
        };
        if let Some(completions) = completions.filter(|_| indexed) {
            facts.count_indexes(status, completions);
        }
        facts
    }

    fn count_indexes(&mut self, status: &Status, completions: i64) {
        let spec = self.spec;
        let uncounted = |of: &dyn Fn(&JobPod) -> bool| -> Vec<i64> {
            let pods = self.pods.iter().filter(|pod| pod.tracked() && of(pod));
            pods.filter_map(|pod| pod.index_below(Some(completions))).collect()
        };
        let before = Indexes::parse(&status.completed_indexes, completions);
        let now = before.with(uncounted(&JobPod::succeeded));
        let failed = spec.backoff_limit_per_index().map(|limit| {
            let before = status.failed_indexes.as_deref().unwrap_or_default();
            let failed = |pod: &JobPod| index_failed(spec, pod, limit);
            Indexes::parse(before, completions).with(uncounted(&failed))
        });
        self.succeeded = now.total();
        (self.succeeded_before, self.succeeded_indexes, self.failed_indexes) =
            (before, now, failed);
    }

    /// The condition with which the Job ends, or is about to; `None` while it goes on.
    pub(super) fn verdict(&self, status: &Status) -> Option<Condition> {
        if let Some(met) = status.holds("SuccessCriteriaMet") {
            return Some(met.clone());
        }
        if let Some(target) = status.holds("FailureTarget") {
            return Some(Condition::new("Failed", true, &target.reason, &target.message, self.now));
        }
        let fails = |reason: &str, message: &str| {
            Some(Condition::new("FailureTarget", true, reason, message, self.now))
        };
        let failed = self.pods.iter().filter(|pod| pod.failed(self.spec));
        let message = failed.filter_map(|pod| match policy::failure(self.spec, pod) {
            Failure::FailsJob(message) => Some(message),
            Failure::Counts | Failure::Ignored | Failure::FailsIndex => None,
        });
        if let Some(message) = message.take(1).next() {
            return fails("PodFailurePolicy", &message);
        }
        if self.failed > self.spec.backoff_limit() || self.restarted_too_often() {
            let message = "Job has reached the specified backoff limit";
            return fails("BackoffLimitExceeded", message);
        }
        if self.deadline_in(status).is_some_and(|rest| rest.is_zero()) {
            return fails("DeadlineExceeded", "Job was active longer than specified deadline");
        }
        let failed = self.failed_indexes.as_ref().map_or(0, Indexes::total);
        if self.spec.max_failed_indexes().is_some_and(|max| failed > max) {
            let message = "Job has exceeded the specified maximal number of failed indexes";
            return fails("MaxFailedIndexesExceeded", message);
        }
        let ended = failed + self.succeeded_indexes.total();
        if failed > 0 && self.spec.completions().is_some_and(|wanted| ended >= wanted) {
            return fails("FailedIndexes", "Job has failed indexes");
        }
        let message = policy::success(self.spec, &self.succeeded_indexes)?;
        let met = ("SuccessCriteriaMet", "SuccessPolicy");
        Some(Condition::new(met.0, true, met.1, &message, self.now))
    }

    /// How long the Job may go on; `None` if it has no deadline, or does not run.
    pub(super) fn deadline_in(&self, status: &Status) -> Option<Duration> {
        let (deadline, start) = (self.spec.active_deadline()?, status.start_time?);
        (!self.spec.suspended()).then(|| (start + deadline) - self.now)
    }

    /// Restarts count where the kubelet restarts containers (`pastBackoffLimitOnFailure`).
    fn restarted_too_often(&self) -> bool {
        if !self.spec.restarts_containers() {
            return false;
        }
        let waiting = |pod: &&JobPod| {
            matches!(pod.body().status.phase.as_deref(), Some("Running" | "Pending"))
        };
        let restarts: i64 = self.pods.iter().filter(waiting).map(JobPod::restarts).sum();
        restarts >= self.spec.backoff_limit().max(1)
    }

    /// Of each index that is neither done nor running its last Pod that failed: it stays until the next one, which carries
    /// its count on, is there (`getPodsWithDelayedDeletionPerIndex`).
    pub(super) fn awaiting_replacement(&self) -> Vec<(i64, &JobPod)> {
        let mut last: Vec<(i64, &JobPod)> = Vec::new();
        let Some(failed) = &self.failed_indexes else { return last };
        let active = self.indexes_of(JobPod::active);
        let open = |index: i64| {
            !self.succeeded_indexes.has(index) && !failed.has(index) && !active.has(index)
        };
        let failures = |pod: &JobPod| pod.failures() + pod.ignored_failures();
        for pod in self.pods.iter().filter(|pod| pod.tracked() && pod.failed(self.spec)) {
            let Some(index) = pod.index_below(self.spec.completions()) else { continue };
            if !open(index) {
                continue;
            }
            match last.iter_mut().find(|(one, _)| *one == index) {
                Some((_, before)) => {
                    if failures(before) <= failures(pod)
                        && before.finished_at() <= pod.finished_at()
                    {
                        *before = pod;
                    }
                }
                None => last.push((index, pod)),
            }
        }
        last
    }

    /// The indexes of some Pods.
    pub(super) fn indexes_of(&self, which: fn(&JobPod) -> bool) -> Indexes {
        let pods = self.pods.iter().filter(|pod| which(pod));
        Indexes::default().with(pods.filter_map(JobPod::index))
    }
}

/// Whether a Pod was the last try of its index (`isIndexFailed`).
fn index_failed(spec: Spec<'_>, pod: &JobPod, limit: i64) -> bool {
    pod.failed(spec)
        && match policy::failure(spec, pod) {
            Failure::FailsIndex => true,
            Failure::Ignored => false,
            Failure::Counts | Failure::FailsJob(_) => pod.failures() >= limit,
        }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::testing::pod;
    use super::*;

    fn verdict(spec: &Value, status: &Value, pods: &[Value]) -> String {
        let now = Time::START + Duration::from_secs(100);
        let status = Status::read(status);
        let facts = Facts::gather(Spec(spec), &status, pods.iter().map(pod).collect(), now);
        facts.verdict(&status).map_or_else(
            || "goes on".to_owned(),
            |condition| format!("{} {}", condition.type_, condition.reason),
        )
    }

    fn failed(name: &str, index: i64, before: i64) -> Value {
        json!({ "name": name, "phase": "Failed", "exit": 1, "index": index, "failures": before })
    }

    #[test]
    fn ends_of_jobs() {
        let running = json!({ "name": "r", "phase": "Running" });
        let plain = json!({ "completions": 1, "backoffLimit": 1 });
        let deadline = json!({ "activeDeadlineSeconds": 100 });
        let started = json!({ "startTime": "2026-04-01T00:00:00Z" });
        for (name, spec, status, pods, expected) in [
            (
                "one failure is within the limit",
                &plain,
                json!({}),
                vec![failed("a", 0, 0)],
                "goes on",
            ),
            (
                "two are not",
                &plain,
                json!({ "failed": 1 }),
                vec![failed("b", 0, 0)],
                "FailureTarget BackoffLimitExceeded",
            ),
            (
                "a Pod that is about to be counted counts once",
                &plain,
                json!({ "uncountedTerminatedPods": { "failed": ["a"] } }),
                vec![failed("a", 0, 0)],
                "goes on",
            ),
            (
                "the target was set",
                &plain,
                json!({ "conditions": [{ "type": "FailureTarget", "status": "True", "reason": "R" }] }),
                vec![],
                "Failed R",
            ),
            (
                "time is up",
                &deadline,
                started,
                vec![running.clone()],
                "FailureTarget DeadlineExceeded",
            ),
            (
                "the deadline was extended",
                &deadline,
                json!({ "startTime": "2026-04-01T00:00:01Z" }),
                vec![running],
                "goes on",
            ),
        ] {
            assert_eq!(verdict(spec, &status, &pods), expected, "{name}");
        }
    }

    #[test]
    fn ends_of_jobs_that_count_by_index() {
        let per_index = json!({
            "completions": 2, "completionMode": "Indexed", "backoffLimit": 100, "backoffLimitPerIndex": 1, "maxFailedIndexes": 1,
        });
        for (name, status, pods, expected) in [
            ("an index may fail once more", json!({}), vec![failed("a", 0, 0)], "goes on"),
            (
                "an index failed and the other succeeded",
                json!({ "completedIndexes": "1" }),
                vec![failed("a", 0, 1)],
                "FailureTarget FailedIndexes",
            ),
            (
                "too many indexes failed",
                json!({ "failedIndexes": "1" }),
                vec![failed("a", 0, 1)],
                "FailureTarget MaxFailedIndexesExceeded",
            ),
        ] {
            assert_eq!(verdict(&per_index, &status, &pods), expected, "{name}");
        }
    }

    #[test]
    fn restarts_count_where_the_kubelet_restarts() {
        let mut running = pod(&json!({ "phase": "Running" }));
        let object = std::sync::Arc::make_mut(&mut running.0);
        if let Some(status) = object.body.pod_status_mut() {
            status.container_statuses.as_mut().unwrap()[0].restart_count = 2;
        }
        let status = Status::default();
        for (policy, limit, expected) in [
            ("OnFailure", 2, true),
            ("OnFailure", 3, false),
            ("OnFailure", 0, true),
            ("Never", 2, false),
        ] {
            let spec = json!({ "backoffLimit": limit, "template": { "spec": { "restartPolicy": policy } } });
            let facts = Facts::gather(Spec(&spec), &status, vec![running.clone()], Time::START);
            assert_eq!(facts.verdict(&status).is_some(), expected, "{policy} {limit}");
        }
    }
}
