//! A rolling update: some new Pods, then fewer old ones, and again, within the bounds.
//!
//! Models kubernetes `pkg/controller/deployment/rolling.go`. One step a reconcile: up if the surge allows it, otherwise
//! down if availability allows it.
//!
//! *Differs:* Pods that a ReplicaSet is about to delete, because it was scaled down a moment ago, do not count as available;
//! upstream counts them until the ReplicaSet says so, and may go below availability when it is scaled during a rollout.

use super::rollout::{Rollout, Set};
use crate::controller::Requeue;
use crate::object::StatusError;

impl Rollout<'_, '_> {
    /// The next step of a rolling update (`rolloutRolling`).
    pub(super) fn roll(&mut self) -> Result<Requeue, StatusError> {
        self.find_new_set(true)?;
        if self.scale_up_new()? || self.scale_down_old() {
            return self.sync_rollout_status();
        }
        if self.is_complete(&self.status) {
            self.cleanup()?;
        }
        self.sync_rollout_status()
    }

    /// Whether the new ReplicaSet was scaled (`reconcileNewReplicaSet`).
    fn scale_up_new(&mut self) -> Result<bool, StatusError> {
        let Some(new) = self.new.clone() else { return Ok(false) };
        let wanted = self.replicas().min(self.new_set_replicas(new.replicas()));
        if new.replicas() == self.replicas() || wanted == new.replicas() {
            return Ok(false);
        }
        self.new = Some(self.scale_set(&new, wanted)?);
        Ok(true)
    }

    /// Whether old ReplicaSets were scaled down (`reconcileOldReplicaSets`). Where that was refused, upstream goes on as
    /// if there had been nothing to do.
    fn scale_down_old(&mut self) -> bool {
        if self.old.iter().map(Set::replicas).sum::<i32>() == 0 {
            return false;
        }
        let min_available = self.replicas() - self.bounds.unavailable;
        let new_unavailable = self.new.as_ref().map_or(0, |new| new.replicas() - new.available());
        let max_down = self.total_replicas() - min_available - new_unavailable;
        if max_down <= 0 {
            return false;
        }
        let Some(unhealthy) = self.scale_down_unhealthy(max_down) else { return false };
        self.scale_down_available(min_available).is_some_and(|healthy| unhealthy + healthy > 0)
    }

    /// First the old Pods that are not available anyway (`cleanupUnhealthyReplicas`); none if the API server refuses, or if
    /// a ReplicaSet has not caught up with its last scaling, so that what it reports cannot be counted on yet.
    fn scale_down_unhealthy(&mut self, max_down: i32) -> Option<i32> {
        let mut down = 0;
        for index in 0..self.old.len() {
            let set = self.old[index].clone();
            if down >= max_down {
                break;
            }
            if set.replicas() == 0 {
                continue;
            }
            let surplus = (set.replicas() - set.available()).min(max_down - down);
            if surplus < 0 {
                return None;
            }
            if surplus > 0 {
                self.old[index] = self.scale_set(&set, set.replicas() - surplus).ok()?;
                down += surplus;
            }
        }
        Some(down)
    }

    /// Then as many as availability allows, oldest ReplicaSet first (`scaleDownOldReplicaSetsForRollingUpdate`).
    fn scale_down_available(&mut self, min_available: i32) -> Option<i32> {
        let available: i32 = self.sets().map(|set| set.available().min(set.replicas())).sum();
        let (budget, mut down) = (available - min_available, 0);
        for index in 0..self.old.len() {
            let set = self.old[index].clone();
            let surplus = set.replicas().min(budget - down);
            if surplus > 0 {
                self.old[index] = self.scale_set(&set, set.replicas() - surplus).ok()?;
                down += surplus;
            }
        }
        Some(down)
    }
}
