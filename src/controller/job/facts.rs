//! What is asked of a Job and its Pods: thin views of their specs.
//!
//! Models the small helpers of kubernetes `pkg/controller/job`: `job_controller.go`, `indexed_job_utils.go`,
//! `tracking_utils.go`, and `getFinishedTime` of `backoff_utils.go`.

use std::sync::Arc;

use k8s_openapi::api::core::v1::ContainerStatus;
use serde_json::Value;

use crate::controller::pods::{condition, is_finished, is_ready, phase};
use crate::object::{Object, PodBody};
use crate::time::{Duration, Time};

/// The finalizer of Pods that are not counted yet.
pub(super) const TRACKING_FINALIZER: &str = "batch.kubernetes.io/job-tracking";
/// The annotation, and label, that holds a Pod's index.
pub(super) const INDEX: &str = "batch.kubernetes.io/job-completion-index";
/// How often Pods of this index failed before this one.
pub(super) const FAILURES: &str = "batch.kubernetes.io/job-index-failure-count";
/// How often they failed without that being counted.
pub(super) const IGNORED_FAILURES: &str = "batch.kubernetes.io/job-index-ignored-failure-count";

/// A Job's spec, defaults filled in.
#[derive(Copy, Clone, Debug)]
pub(super) struct Spec<'a>(pub(super) &'a Value);

impl<'a> Spec<'a> {
    fn int(self, field: &str) -> Option<i64> {
        self.0.get(field)?.as_i64()
    }

    fn text(self, field: &str) -> &'a str {
        self.0.get(field).and_then(Value::as_str).unwrap_or_default()
    }

    pub(super) fn parallelism(self) -> i64 {
        self.int("parallelism").unwrap_or(1)
    }

    pub(super) fn completions(self) -> Option<i64> {
        self.int("completions")
    }

    pub(super) fn backoff_limit(self) -> i64 {
        self.int("backoffLimit").unwrap_or(6)
    }

    pub(super) fn backoff_limit_per_index(self) -> Option<i64> {
        self.int("backoffLimitPerIndex")
    }

    pub(super) fn max_failed_indexes(self) -> Option<i64> {
        self.int("maxFailedIndexes")
    }

    pub(super) fn active_deadline(self) -> Option<Duration> {
        self.int("activeDeadlineSeconds").map(|secs| Duration::from_secs(secs.unsigned_abs()))
    }

    pub(super) fn suspended(self) -> bool {
        self.0.get("suspend").and_then(Value::as_bool).unwrap_or(false)
    }

    pub(super) fn indexed(self) -> bool {
        self.text("completionMode") == "Indexed"
    }

    /// Whether somebody else looks after the Job.
    pub(super) fn managed_elsewhere(self) -> bool {
        !matches!(self.text("managedBy"), "" | "kubernetes.io/job-controller")
    }

    pub(super) fn failure_policy(self) -> Option<&'a Value> {
        self.0.get("podFailurePolicy").filter(|policy| policy.is_object())
    }

    pub(super) fn success_policy(self) -> Option<&'a Value> {
        self.0.get("successPolicy").filter(|policy| policy.is_object())
    }

    /// Whether a Pod is replaced, and counts as failed, only when it has really ended.
    pub(super) fn only_replaces_failed(self) -> bool {
        self.text("podReplacementPolicy") == "Failed" || self.failure_policy().is_some()
    }

    pub(super) fn restarts_containers(self) -> bool {
        let policy = self.0.pointer("/template/spec/restartPolicy").and_then(Value::as_str);
        policy == Some("OnFailure")
    }
}

/// A Pod of a Job.
#[derive(Clone, Debug)]
pub(super) struct JobPod(pub(super) Arc<Object>);

impl JobPod {
    /// `None` for what is no Pod.
    pub(super) fn new(object: &Arc<Object>) -> Option<Self> {
        object.as_pod().map(|_| Self(Arc::clone(object)))
    }

    pub(super) fn body(&self) -> &PodBody {
        self.0.as_pod().expect("it was checked when it was made")
    }

    pub(super) fn uid(&self) -> &str {
        self.0.uid()
    }

    /// Whether it has yet to be counted.
    pub(super) fn tracked(&self) -> bool {
        is_tracked(&self.0)
    }

    pub(super) fn succeeded(&self) -> bool {
        phase(self.body()) == "Succeeded"
    }

    /// Neither at its end nor being deleted.
    pub(super) fn active(&self) -> bool {
        !is_finished(self.body()) && !self.0.terminating()
    }

    /// Being deleted and not at its end.
    pub(super) fn terminating(&self) -> bool {
        !is_finished(self.body()) && self.0.terminating()
    }

    pub(super) fn ready(&self) -> bool {
        is_ready(self.body())
    }

    /// Whether it counts as failed (`isPodFailed`).
    pub(super) fn failed(&self, spec: Spec<'_>) -> bool {
        let deleted = !spec.only_replaces_failed() && self.0.terminating() && !self.succeeded();
        phase(self.body()) == "Failed" || deleted
    }

    /// Its index, if it has a good one.
    pub(super) fn index(&self) -> Option<i64> {
        self.0.annotation(INDEX)?.parse().ok().filter(|index| *index >= 0)
    }

    /// The same, if it is also one of those that the Job has.
    pub(super) fn index_below(&self, completions: Option<i64>) -> Option<i64> {
        self.index().filter(|index| *index < completions.unwrap_or(0))
    }

    fn count(&self, annotation: &str) -> i64 {
        let count = self.0.annotation(annotation).and_then(|text| text.parse::<i32>().ok());
        count.map_or(0, |count| i64::from(count.max(0)))
    }

    /// How often its index failed before it.
    pub(super) fn failures(&self) -> i64 {
        self.count(FAILURES)
    }

    /// How often its index failed before it without that being counted.
    pub(super) fn ignored_failures(&self) -> i64 {
        self.count(IGNORED_FAILURES)
    }

    /// Restarts of all its containers.
    pub(super) fn restarts(&self) -> i64 {
        let status = &self.body().status;
        let all = status.init_container_statuses.iter().chain(&status.container_statuses).flatten();
        all.map(|status| i64::from(status.restart_count)).sum()
    }

    /// When it ended: with its last container, when it became unready, when it was deleted, or when it was made.
    pub(super) fn finished_at(&self) -> Time {
        let status = &self.body().status;
        let unready = condition(status, "Ready").filter(|ready| ready.status == "False");
        let deleted = || {
            let deadline = Time::from(self.0.meta.deletion_timestamp.as_ref()?);
            let grace = self.0.meta.deletion_grace_period_seconds.unwrap_or(0);
            Some(Time::from_micros(
                deadline.micros().saturating_sub(grace.saturating_mul(1_000_000)),
            ))
        };
        let containers = status.container_statuses.as_deref().unwrap_or_default();
        containers_ended(containers)
            .or_else(|| unready?.last_transition_time.as_ref().map(Time::from))
            .or_else(deleted)
            .or_else(|| self.0.meta.creation_timestamp.as_ref().map(Time::from))
            .unwrap_or_default()
    }
}

fn containers_ended(containers: &[ContainerStatus]) -> Option<Time> {
    let ended = |status: &ContainerStatus| {
        status.state.as_ref()?.terminated.as_ref()?.finished_at.as_ref().map(Time::from)
    };
    let ends: Option<Vec<Time>> = containers.iter().map(ended).collect();
    ends?.into_iter().max()
}

/// Whether a Pod has yet to be counted by its Job.
pub(super) fn is_tracked(pod: &Object) -> bool {
    pod.meta.finalizers.iter().flatten().any(|finalizer| finalizer == TRACKING_FINALIZER)
}
