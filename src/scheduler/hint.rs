//! Whether an event could help a Pod that was refused: it is tried again only then.
//!
//! Models the queueing hints of kubernetes `pkg/scheduler/framework/plugins/*` (`isSchedulableAfter…`), plugin by
//! plugin: a node must have changed in what the plugin reads, a Pod must have gone or come.

use super::queue::Waiting;
use crate::object::{Name, Object, PodBody};
use crate::store::Change;

/// Whether a change of a node could help: it is new, or something that a refusing plugin reads is different.
pub(super) fn node_helps(change: &Change, waiting: &Waiting) -> bool {
    let (Some(before), Some(after)) = (&change.before, &change.after) else {
        return change.after.is_some();
    };
    let changed = NodeChange::between(before, after);
    waiting.refused_by.iter().any(|plugin| match *plugin {
        "NodeResourcesFit" => changed.allocatable,
        "NodeUnschedulable" | "TaintToleration" => changed.taints,
        "NodeAffinity" | "InterPodAffinity" => changed.labels,
        "PodTopologySpread" => changed.labels || changed.taints,
        _ => false,
    }) || waiting.refused_by.is_empty()
}

/// What happened to a bound Pod.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum PodEvent {
    /// It was bound.
    Came,
    /// It was removed, or has finished.
    Gone,
    /// Its labels changed.
    Relabelled,
    /// Nothing that any plugin waits for.
    Other,
}

impl PodEvent {
    /// What a change says; `place` is the node that the Pod stood on before.
    pub(super) fn of(change: &Change, place: Option<&Name>) -> Self {
        match (&change.before, &change.after) {
            (_, None) => Self::Gone,
            (_, Some(after)) if after.as_pod().is_some_and(is_finished) => Self::Gone,
            (_, Some(_)) if place.is_none() => Self::Came,
            (Some(before), Some(after)) if before.meta.labels != after.meta.labels => {
                Self::Relabelled
            }
            _ => Self::Other,
        }
    }

    /// Whether it could help a Pod that was refused.
    pub(super) fn helps(self, waiting: &Waiting) -> bool {
        waiting.refused_by.iter().any(|plugin| match *plugin {
            "NodeResourcesFit" | "NodePorts" => self == Self::Gone,
            "InterPodAffinity" | "PodTopologySpread" => self != Self::Other,
            _ => false,
        })
    }
}

/// Whether a Pod's containers have ended for good: it takes no more room.
pub(super) fn is_finished(pod: &PodBody) -> bool {
    matches!(pod.status.phase.as_deref(), Some("Succeeded" | "Failed"))
}

/// In which respects two versions of a node differ.
struct NodeChange {
    allocatable: bool,
    labels: bool,
    /// Taints, or being cordoned.
    taints: bool,
}

impl NodeChange {
    fn between(before: &Object, after: &Object) -> Self {
        let (Some(old), Some(new)) = (before.as_node(), after.as_node()) else {
            return Self { allocatable: true, labels: true, taints: true };
        };
        Self {
            allocatable: old.status.allocatable != new.status.allocatable,
            labels: before.meta.labels != after.meta.labels,
            taints: old.spec.taints != new.spec.taints
                || old.spec.unschedulable != new.spec.unschedulable,
        }
    }
}
