//! The rolling update of a DaemonSet: old Pods go node by node, or new ones come first where a surge is allowed.
//!
//! Models kubernetes `pkg/controller/daemon/update.go` (`rollingUpdate`, `findUpdatedPodsOnNode`,
//! `updatedDesiredNodeCounts`).

use std::sync::Arc;

use k8s_openapi::api::apps::v1::RollingUpdateDaemonSet;

use super::nodes::Fit;
use super::{Daemons, NodePods, Wanted};
use crate::controller::deployment::scaled;
use crate::object::Object;
use crate::time::Time;

/// The Pods of a node that are not being deleted: new, old. Of each at most one, else the node is being cleaned up.
type Pair<'n> = Option<(Option<&'n Arc<Object>>, Option<&'n Arc<Object>>)>;

impl Daemons {
    fn rolling(&self) -> Option<&RollingUpdateDaemonSet> {
        let strategy = self.spec.update_strategy.as_ref()?;
        if strategy.type_.as_deref() == Some("RollingUpdate") {
            strategy.rolling_update.as_ref()
        } else {
            None
        }
    }

    /// How many nodes may have two Pods for a while.
    pub(super) fn max_surge(&self, nodes: usize) -> usize {
        let surge = self.rolling().and_then(|rolling| rolling.max_surge.as_ref());
        let nodes = i32::try_from(nodes).unwrap_or(i32::MAX);
        scaled(surge, nodes, true).ok().and_then(|surge| usize::try_from(surge).ok()).unwrap_or(0)
    }

    fn pair<'n>(&self, node: &'n NodePods) -> Pair<'n> {
        let (mut new, mut old) = (None, None);
        for pod in node.pods.iter().filter(|pod| !pod.terminating()) {
            let place = if self.is_updated(pod) { &mut new } else { &mut old };
            if place.replace(pod).is_some() {
                return None;
            }
        }
        Some((new, old))
    }

    /// The next step of the update.
    pub(super) fn rolling_update(&self, now: Time) -> Wanted {
        let Some(rolling) = self.rolling() else { return Wanted::default() };
        let desired = self.nodes.iter().filter(|node| node.fit == Fit::Runs).count();
        let surge = self.max_surge(desired);
        if surge > 0 {
            return self.surge(surge, now);
        }
        let nodes = i32::try_from(desired).unwrap_or(i32::MAX);
        let unavailable = scaled(rolling.max_unavailable.as_ref(), nodes, true).unwrap_or(0);
        let unavailable = usize::try_from(unavailable).unwrap_or(0);
        let impossible = desired > 0 && unavailable == 0;
        self.replace(if impossible { 1 } else { unavailable }, now)
    }

    /// The nodes that take part: those that should have a Pod, and those that have one.
    fn taking_part(&self) -> impl Iterator<Item = &NodePods> {
        self.nodes.iter().filter(|node| node.fit == Fit::Runs || !node.pods.is_empty())
    }

    /// Without a surge: old Pods are deleted, and the next round makes new ones.
    fn replace(&self, max_unavailable: usize, now: Time) -> Wanted {
        let (mut unavailable, mut wanted, mut candidates) = (0, Wanted::default(), Vec::new());
        for node in self.taking_part() {
            match self.pair(node) {
                Some((Some(new), None)) => {
                    unavailable += usize::from(!self.is_available(new, now));
                }
                Some((None, Some(old))) if !self.is_available(old, now) => {
                    wanted.delete.push(Arc::clone(old));
                }
                Some((None, Some(old))) => candidates.push(Arc::clone(old)),
                None | Some((None, None) | (Some(_), Some(_))) => unavailable += 1,
            }
        }
        let room = max_unavailable.saturating_sub(unavailable);
        wanted.delete.extend(candidates.into_iter().take(room));
        wanted
    }

    /// With a surge: new Pods come beside old ones, which go when the new are available.
    fn surge(&self, max_surge: usize, now: Time) -> Wanted {
        let (mut surging, mut wanted, mut candidates) = (0, Wanted::default(), Vec::new());
        for node in self.taking_part() {
            match self.pair(node) {
                None => surging += 1,
                Some((_, None)) => {}
                Some((None, Some(old))) if !self.is_available(old, now) => {
                    wanted.create.push(Arc::clone(&node.name));
                }
                Some((None, Some(_))) => candidates.push(Arc::clone(&node.name)),
                Some((Some(new), Some(_))) if !self.is_available(new, now) => surging += 1,
                Some((Some(_), Some(old))) => wanted.delete.push(Arc::clone(old)),
            }
        }
        let room = max_surge.saturating_sub(surging);
        wanted.create.extend(candidates.into_iter().take(room));
        wanted
    }
}
