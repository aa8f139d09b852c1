//! Scaling a Deployment, also in the middle of a rollout, and pausing it.
//!
//! Models kubernetes `pkg/controller/deployment/sync.go` (`scale`, `isScalingEvent`, `checkPausedConditions`) and
//! `util/deployment_util.go` (`GetReplicaSetProportion`): while several ReplicaSets have Pods, each gets a share in
//! proportion to its size, and what rounding leaves goes to the largest.

use super::annotations::{DESIRED_REPLICAS, MAX_REPLICAS, number};
use super::rollout::{Rollout, Set};
use super::status::condition;
use crate::object::StatusError;
use crate::order;

impl Rollout<'_, '_> {
    /// Scales, without rolling (`sync`).
    pub(super) fn sync_scale(&mut self) -> Result<(), StatusError> {
        self.find_new_set(false)?;
        self.scale()?;
        if self.spec.paused == Some(true) {
            self.cleanup()?;
        }
        self.sync_status()
    }

    /// Whether the wish changed since the ReplicaSets were last scaled (`isScalingEvent`).
    pub(super) fn is_scaling_event(&mut self) -> Result<bool, StatusError> {
        self.find_new_set(false)?;
        Ok(self.sets().filter(|set| set.replicas() > 0).any(|set| {
            number(set.object.meta.annotations.as_ref(), DESIRED_REPLICAS)
                .is_some_and(|desired| desired != self.replicas())
        }))
    }

    /// Notes in the Progressing condition that the Deployment was paused or resumed (`checkPausedConditions`).
    pub(super) fn check_paused(&mut self) -> Result<(), StatusError> {
        if !self.has_deadline() {
            return Ok(());
        }
        let reason =
            condition(&self.status, "Progressing").and_then(|current| current.reason.as_deref());
        let noted = reason == Some("DeploymentPaused");
        let timed_out = reason == Some("ProgressDeadlineExceeded");
        match self.spec.paused == Some(true) {
            _ if timed_out => Ok(()),
            true if !noted => {
                self.progressing("Unknown", "DeploymentPaused", "Deployment is paused".to_owned())
            }
            false if noted => {
                self.progressing("Unknown", "DeploymentResumed", "Deployment is resumed".to_owned())
            }
            _ => Ok(()),
        }
    }

    fn scale(&mut self) -> Result<(), StatusError> {
        if let Some(set) = self.active_or_latest() {
            if set.replicas() != self.replicas() {
                let scaled = self.scale_set(&set, self.replicas())?;
                self.replace(scaled);
            }
            return Ok(());
        }
        let saturated = self.new.as_ref().is_some_and(|new| self.is_saturated(new));
        if saturated {
            for index in 0..self.old.len() {
                let set = self.old[index].clone();
                if set.replicas() > 0 {
                    self.old[index] = self.scale_set(&set, 0)?;
                }
            }
            return Ok(());
        }
        if !super::recreate::is_wanted(&self.spec) {
            for (set, size) in self.proportional_sizes() {
                let scaled = self.scale_set(&set, size)?;
                self.replace(scaled);
            }
        }
        Ok(())
    }

    fn replace(&mut self, scaled: Set) {
        let place = self.old.iter_mut().chain(&mut self.new);
        if let Some(set) = place.into_iter().find(|set| set.object.uid() == scaled.object.uid()) {
            *set = scaled;
        }
    }

    /// The only ReplicaSet with Pods, or the newest if none has any; `None` if several have (`FindActiveOrLatest`).
    fn active_or_latest(&self) -> Option<Set> {
        let active: Vec<&Set> = self.sets().filter(|set| set.replicas() > 0).collect();
        match active.as_slice() {
            [] => self.new.as_ref().or(self.old.last()).cloned(),
            [only] => Some((*only).clone()),
            _ => None,
        }
    }

    fn is_saturated(&self, new: &Set) -> bool {
        number(new.object.meta.annotations.as_ref(), DESIRED_REPLICAS) == Some(self.replicas())
            && new.replicas() == self.replicas()
            && new.available() == self.replicas()
    }

    /// The new size of every ReplicaSet with Pods, the largest first.
    fn proportional_sizes(&self) -> Vec<(Set, i32)> {
        let mut sets: Vec<Set> = self.sets().filter(|set| set.replicas() > 0).cloned().collect();
        let total: i32 = sets.iter().map(Set::replicas).sum();
        let allowed = if self.replicas() > 0 { self.replicas() + self.bounds.surge } else { 0 };
        let to_add = allowed - total;
        order::sort_by(&mut sets, |a, b| {
            let created =
                |set: &Set| set.object.meta.creation_timestamp.as_ref().map(|time| time.0);
            let by_age = created(a).cmp(&created(b)).then_with(|| a.name().cmp(b.name()));
            let by_age = if to_add > 0 { by_age.reverse() } else { by_age };
            b.replicas().cmp(&a.replicas()).then(by_age)
        });
        let mut added = 0;
        let mut sizes: Vec<(Set, i32)> = Vec::with_capacity(sets.len());
        for set in sets {
            let share = self.share(&set, to_add, added);
            added += share;
            let size = set.replicas() + share;
            sizes.push((set, size));
        }
        if let Some((_, largest)) = sizes.first_mut() {
            *largest = (*largest + to_add - added).max(0);
        }
        sizes
    }

    /// A ReplicaSet's share of what is to be added or taken away (`GetReplicaSetProportion`).
    fn share(&self, set: &Set, to_add: i32, added: i32) -> i32 {
        if set.replicas() == 0 || to_add == 0 || to_add == added {
            return 0;
        }
        let fraction = self.fraction(set);
        let left = to_add - added;
        if to_add > 0 { fraction.min(left) } else { fraction.max(left) }
    }

    fn fraction(&self, set: &Set) -> i32 {
        if self.replicas() == 0 {
            return -set.replicas();
        }
        let max_now = i64::from(self.replicas() + self.bounds.surge);
        let max_before = number(set.object.meta.annotations.as_ref(), MAX_REPLICAS)
            .filter(|max| *max != 0)
            .or(self.status.replicas)
            .unwrap_or(0);
        if max_before == 0 {
            return 0;
        }
        let (size, before) = (i64::from(set.replicas()), i64::from(max_before));
        i32::try_from(rounded_ratio(size * max_now, before) - size).unwrap_or(0)
    }
}

/// `a / b`, halves rounded away from zero; `b` is positive.
fn rounded_ratio(a: i64, b: i64) -> i64 {
    if a < 0 { -((-a * 2 + b) / (2 * b)) } else { (a * 2 + b) / (2 * b) }
}

#[cfg(test)]
mod tests {
    use super::rounded_ratio;

    #[test]
    fn halves_are_rounded_away_from_zero() {
        let table = [(5, 2, 3), (-5, 2, -3), (4, 3, 1), (8 * 15, 13, 9), (0, 7, 0)];
        for (a, b, expected) in table {
            assert_eq!(rounded_ratio(a, b), expected, "{a} / {b}");
        }
    }
}
