//! Whether a rollout gets on: the Progressing condition and its deadline.
//!
//! Models kubernetes `pkg/controller/deployment/progress.go`.

use k8s_openapi::api::apps::v1::DeploymentStatus;

use super::rollout::Rollout;
use super::status::{condition, new_condition, remove_condition, set_condition};
use crate::controller::Requeue;
use crate::object::StatusError;
use crate::time::{Duration, Time};

/// The reason of a finished rollout.
const AVAILABLE: &str = "NewReplicaSetAvailable";
/// The reason of one that did not get on.
const TIMED_OUT: &str = "ProgressDeadlineExceeded";

impl Rollout<'_, '_> {
    /// Writes the status during a rollout, and says when to look again for lack of progress (`syncRolloutStatus`).
    pub(super) fn sync_rollout_status(&mut self) -> Result<Requeue, StatusError> {
        let mut status = self.calculate_status();
        if !self.has_deadline() {
            remove_condition(&mut status, "Progressing");
        }
        let current = condition(&self.status, "Progressing");
        let done_before = status.replicas == status.updated_replicas
            && current.is_some_and(|current| current.reason.as_deref() == Some(AVAILABLE));
        if self.has_deadline() && !done_before {
            self.judge_progress(&mut status);
        }
        match self.replica_failure() {
            Some(failure) => set_condition(&mut status, failure),
            None => remove_condition(&mut status, "ReplicaFailure"),
        }
        let requeue = self.next_check(&status);
        self.write_status(status)?;
        Ok(requeue)
    }

    fn judge_progress(&self, status: &mut DeploymentStatus) {
        let now = self.client.now();
        let about = match &self.new {
            Some(set) => format!("ReplicaSet \"{}\"", set.name()),
            None => format!("Deployment \"{}\"", self.deployment.name()),
        };
        if self.is_complete(status) {
            let message = format!("{about} has successfully progressed.");
            set_condition(status, new_condition("Progressing", "True", AVAILABLE, message, now));
        } else if progressed(&self.status, status) {
            let message = format!("{about} is progressing.");
            let mut wanted =
                new_condition("Progressing", "True", "ReplicaSetUpdated", message, now);
            // The time of the last progress is news even if nothing else is.
            if let Some(current) = condition(status, "Progressing") {
                if current.status == "True" {
                    wanted.last_transition_time.clone_from(&current.last_transition_time);
                }
                remove_condition(status, "Progressing");
            }
            set_condition(status, wanted);
        } else if self.is_timed_out(status) {
            let message = format!("{about} has timed out progressing.");
            set_condition(status, new_condition("Progressing", "False", TIMED_OUT, message, now));
        }
    }

    /// Whether everything wanted is there, updated and available, and nothing else (`DeploymentComplete`).
    pub(super) fn is_complete(&self, status: &DeploymentStatus) -> bool {
        let wanted = self.replicas();
        [status.updated_replicas, status.replicas, status.available_replicas]
            .into_iter()
            .all(|count| count.unwrap_or(0) == wanted)
            && status.observed_generation >= self.deployment.meta.generation
    }

    fn is_timed_out(&self, status: &DeploymentStatus) -> bool {
        let Some(current) = condition(status, "Progressing") else { return false };
        match current.reason.as_deref() {
            Some(AVAILABLE) => false,
            Some(TIMED_OUT) => true,
            _ => {
                let last = current.last_update_time.as_ref().map(Time::from).unwrap_or_default();
                last + self.deadline() < self.client.now()
            }
        }
    }

    fn deadline(&self) -> Duration {
        let secs = self.spec.progress_deadline_seconds.unwrap_or(600);
        Duration::from_secs(u64::try_from(secs).unwrap_or(0))
    }

    /// When to look again (`requeueStuckDeployment`): a second after the deadline, counted from the last progress.
    fn next_check(&self, status: &DeploymentStatus) -> Requeue {
        let Some(current) = condition(status, "Progressing") else { return Requeue::No };
        if !self.has_deadline()
            || self.is_complete(status)
            || matches!(current.reason.as_deref(), Some(TIMED_OUT | AVAILABLE))
        {
            return Requeue::No;
        }
        let last = current.last_update_time.as_ref().map(Time::from).unwrap_or_default();
        Requeue::After((last + self.deadline()) - self.client.now() + Duration::from_secs(1))
    }
}

/// Whether one status shows progress over another (`DeploymentProgressing`).
fn progressed(before: &DeploymentStatus, after: &DeploymentStatus) -> bool {
    let count = |value: Option<i32>| value.unwrap_or(0);
    let old_pods =
        |status: &DeploymentStatus| count(status.replicas) - count(status.updated_replicas);
    count(after.updated_replicas) > count(before.updated_replicas)
        || old_pods(after) < old_pods(before)
        || count(after.ready_replicas) > count(before.ready_replicas)
        || count(after.available_replicas) > count(before.available_replicas)
}
