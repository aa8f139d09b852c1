//! A Deployment's status: its counts and the conditions `Available`, `Progressing` and `ReplicaFailure`.
//!
//! Models kubernetes `pkg/controller/deployment/sync.go` (`calculateStatus`) and
//! `pkg/controller/deployment/util/deployment_util.go` (`SetDeploymentCondition`).

use k8s_openapi::api::apps::v1::{DeploymentCondition, DeploymentStatus, ReplicaSetStatus};

use super::rollout::{Rollout, Set};
use crate::controller::nonzero;
use crate::object::{Body, StatusError};
use crate::time::Time;

/// A condition of a status.
pub(super) fn condition<'a>(
    status: &'a DeploymentStatus,
    type_: &str,
) -> Option<&'a DeploymentCondition> {
    status.conditions.iter().flatten().find(|condition| condition.type_ == type_)
}

/// A condition as of now.
pub(super) fn new_condition(
    type_: &str,
    status: &str,
    reason: &str,
    message: impl Into<String>,
    now: Time,
) -> DeploymentCondition {
    DeploymentCondition {
        type_: type_.to_owned(),
        status: status.to_owned(),
        reason: Some(reason.to_owned()),
        message: Some(message.into()),
        last_update_time: Some(now.to_meta()),
        last_transition_time: Some(now.to_meta()),
    }
}

/// Puts a condition in place of the one of its type; one that says the same stays as it was.
pub(super) fn set_condition(status: &mut DeploymentStatus, mut wanted: DeploymentCondition) {
    if let Some(current) = condition(status, &wanted.type_) {
        if current.status == wanted.status && current.reason == wanted.reason {
            return;
        }
        if current.status == wanted.status {
            wanted.last_transition_time.clone_from(&current.last_transition_time);
        }
    }
    remove_condition(status, &wanted.type_.clone());
    status.conditions.get_or_insert_default().push(wanted);
}

/// Takes a condition away.
pub(super) fn remove_condition(status: &mut DeploymentStatus, type_: &str) {
    if let Some(conditions) = &mut status.conditions {
        conditions.retain(|condition| condition.type_ != type_);
    }
    status.conditions.take_if(|conditions| conditions.is_empty());
}

impl Rollout<'_, '_> {
    /// The counts and the Available condition, from what was read at the start (`calculateStatus`).
    pub(super) fn calculate_status(&self) -> DeploymentStatus {
        let sum = |count: fn(&ReplicaSetStatus) -> Option<i32>| -> i32 {
            self.sets().filter_map(|set| count(&set.status)).sum()
        };
        let available = sum(|status| status.available_replicas);
        let terminating: Option<i32> = self.sets().map(|set| set.status.terminating_replicas).sum();
        let mut status = DeploymentStatus {
            observed_generation: self.deployment.meta.generation,
            replicas: nonzero(sum(|status| Some(status.replicas))),
            updated_replicas: nonzero(self.new.as_ref().map_or(0, |set| set.status.replicas)),
            ready_replicas: nonzero(sum(|status| status.ready_replicas)),
            available_replicas: nonzero(available),
            unavailable_replicas: nonzero((self.total_replicas() - available).max(0)),
            terminating_replicas: terminating,
            collision_count: self.status.collision_count,
            conditions: self.status.conditions.clone(),
        };
        let enough = available >= self.replicas() - self.bounds.unavailable;
        let (state, reason, message) = if enough {
            ("True", "MinimumReplicasAvailable", "Deployment has minimum availability.")
        } else {
            (
                "False",
                "MinimumReplicasUnavailable",
                "Deployment does not have minimum availability.",
            )
        };
        let now = self.client.now();
        set_condition(&mut status, new_condition("Available", state, reason, message, now));
        status
    }

    /// Writes the status without judging progress (`syncDeploymentStatus`).
    pub(super) fn sync_status(&mut self) -> Result<(), StatusError> {
        let status = self.calculate_status();
        self.write_status(status)
    }

    /// Writes a status if it says anything new.
    pub(super) fn write_status(&mut self, status: DeploymentStatus) -> Result<(), StatusError> {
        if *self.status == status {
            return Ok(());
        }
        let status = std::sync::Arc::new(status);
        let written = self.client.update_status(&self.deployment.key(), |body| {
            if let Body::Deployment(body) = body {
                body.status = std::sync::Arc::clone(&status);
            }
        })?;
        self.status = status;
        self.deployment = written;
        Ok(())
    }

    /// Writes a Progressing condition at once.
    pub(super) fn progressing(
        &mut self,
        state: &str,
        reason: &str,
        message: String,
    ) -> Result<(), StatusError> {
        let mut status = DeploymentStatus::clone(&self.status);
        let now = self.client.now();
        set_condition(&mut status, new_condition("Progressing", state, reason, message, now));
        self.write_status(status)
    }

    /// The `ReplicaFailure` condition of the new ReplicaSet, else of any (`getReplicaFailures`).
    pub(super) fn replica_failure(&self) -> Option<DeploymentCondition> {
        let failure = |set: &Set| {
            let conditions = set.status.conditions.iter().flatten();
            conditions.into_iter().find(|one| one.type_ == "ReplicaFailure").cloned()
        };
        let found = self.new.iter().chain(&self.old).find_map(failure)?;
        Some(DeploymentCondition {
            type_: found.type_,
            status: found.status,
            reason: found.reason,
            message: found.message,
            last_update_time: found.last_transition_time.clone(),
            last_transition_time: found.last_transition_time,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_that_says_the_same_keeps_its_time() {
        let mut status = DeploymentStatus::default();
        let (early, late) = (Time::START, Time::START + crate::time::Duration::from_secs(9));
        set_condition(&mut status, new_condition("Progressing", "True", "A", "one", early));
        set_condition(&mut status, new_condition("Progressing", "True", "A", "two", late));
        assert_eq!(condition(&status, "Progressing").unwrap().message.as_deref(), Some("one"));
        set_condition(&mut status, new_condition("Progressing", "True", "B", "three", late));
        let now = condition(&status, "Progressing").unwrap();
        assert_eq!(now.last_update_time, Some(late.to_meta()));
        assert_eq!(now.last_transition_time, Some(early.to_meta()), "the state did not turn");
    }
}
