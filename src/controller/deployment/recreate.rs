//! The `Recreate` strategy: all old Pods go, and only then the new ones come.
//!
//! Models kubernetes `pkg/controller/deployment/recreate.go`.

use k8s_openapi::api::apps::v1::DeploymentSpec;

use super::rollout::{Rollout, Set};
use crate::controller::Requeue;
use crate::controller::pods::{is_finished, pod_body};
use crate::object::StatusError;

/// Whether a Deployment asks for it.
pub(super) fn is_wanted(spec: &DeploymentSpec) -> bool {
    let strategy = spec.strategy.as_ref();
    strategy.and_then(|strategy| strategy.type_.as_deref()) == Some("Recreate")
}

impl Rollout<'_, '_> {
    /// The next step (`rolloutRecreate`).
    pub(super) fn recreate(&mut self) -> Result<Requeue, StatusError> {
        self.find_new_set(false)?;
        if self.empty_old_sets()? || self.old_pods_left() {
            return self.sync_rollout_status();
        }
        if self.new.is_none() {
            self.find_new_set(true)?;
        }
        if let Some(new) = self.new.clone()
            && new.replicas() != self.replicas()
        {
            self.new = Some(self.scale_set(&new, self.replicas())?);
        }
        if self.is_complete(&self.status) {
            self.cleanup()?;
        }
        self.sync_rollout_status()
    }

    /// Whether any old ReplicaSet was scaled to nothing.
    fn empty_old_sets(&mut self) -> Result<bool, StatusError> {
        let mut scaled = false;
        for index in 0..self.old.len() {
            let set = self.old[index].clone();
            if set.replicas() > 0 {
                self.old[index] = self.scale_set(&set, 0)?;
                scaled = true;
            }
        }
        Ok(scaled)
    }

    /// Whether an old Pod is still there and not at its end (`oldPodsRunning`).
    fn old_pods_left(&self) -> bool {
        let store = self.client.store();
        let alive = |set: &Set| {
            store
                .owned_by(set.object.uid())
                .filter_map(|pod| pod_body(pod))
                .any(|pod| !is_finished(pod))
        };
        self.old.iter().any(|set| set.status.replicas > 0 || alive(set))
    }
}
