//! Whether an event could help a Pod that was refused: it is tried again only then.
//!
//! Models the queueing hints of kubernetes `pkg/scheduler/framework/plugins/*` (`isSchedulableAfter…`), plugin by
//! plugin: an event helps if what refused the Pod would say something else about this node, or beside this Pod.
//! *Differs:* a Pod kept away by the rules of Pods that are there is tried again when such a Pod goes; upstream's hint
//! leaves it to the five minutes.

use k8s_openapi::api::core::v1::PodAffinityTerm;

use super::node_info::NodeInfo;
use super::plugin::pod_topology_spread::{Constraint, hard_constraints};
use super::plugin::{has_untolerated_taint, lacks_resources, required_node_affinity_matches};
use super::pod_info::PodInfo;
use super::queue::Waiting;
use crate::object::{Name, PodBody};
use crate::store::Change;

/// What happened to a node.
pub(super) struct NodeEvent {
    before: Option<NodeInfo>,
    after: Option<NodeInfo>,
}

impl NodeEvent {
    /// What a change of a Node says; `None` if it concerns no plugin.
    pub(super) fn of(change: &Change) -> Option<Self> {
        if let (Some(before), Some(after)) = (&change.before, &change.after)
            && let (Some(old), Some(new)) = (before.as_node(), after.as_node())
            && before.meta.labels == after.meta.labels
            && old.spec == new.spec
            && old.status.allocatable == new.status.allocatable
        {
            return None;
        }
        let read = |object: &Option<_>| object.as_ref().and_then(NodeInfo::new);
        Some(Self { before: read(&change.before), after: read(&change.after) })
    }

    /// Whether it could help a Pod that was refused.
    pub(super) fn helps(&self, waiting: &Waiting) -> bool {
        waiting.refused_by.iter().any(|plugin| self.helps_against(plugin, &waiting.pod))
    }

    fn helps_against(&self, plugin: &str, pod: &PodInfo) -> bool {
        if plugin == "PodTopologySpread" {
            return self.changes_domains(&hard_constraints(pod));
        }
        let Some(after) = &self.after else { return false };
        // Whether the plugin would let the Pod come now, and would not have done so before.
        let opens = |closed: &dyn Fn(&NodeInfo) -> bool| {
            !closed(after) && self.before.as_ref().is_none_or(closed)
        };
        match plugin {
            "NodeUnschedulable" => opens(&|node| node.spec().unschedulable == Some(true)),
            "TaintToleration" => opens(&|node| has_untolerated_taint(pod, node)),
            "NodeAffinity" => opens(&|node| !required_node_affinity_matches(pod, node)),
            "NodeName" | "NodePorts" | "VolumeRestrictions" | "NodeVolumeLimits" => {
                self.before.is_none()
            }
            "VolumeZone" => {
                self.before.as_ref().is_none_or(|before| before.labels() != after.labels())
            }
            "NodeResourcesFit" => {
                !lacks_resources(pod, after)
                    && self.before.as_ref().is_none_or(|before| has_more(pod, before, after))
            }
            "InterPodAffinity" => self.changes_company(pod),
            _ => false,
        }
    }

    fn changes_domains(&self, constraints: &[Constraint]) -> bool {
        let labelled = |node: &Option<NodeInfo>| {
            node.as_ref()
                .is_some_and(|node| constraints.iter().all(|one| one.domain(node).is_some()))
        };
        match (&self.before, &self.after) {
            (Some(before), Some(after)) => {
                labelled(&self.before) != labelled(&self.after)
                    || labelled(&self.after)
                        && (before.taints() != after.taints()
                            || constraints
                                .iter()
                                .any(|one| one.domain(before) != one.domain(after)))
            }
            _ => labelled(&self.before) || labelled(&self.after),
        }
    }

    /// Whether the node came into or out of a domain that the Pod's own rules are about.
    fn changes_company(&self, pod: &PodInfo) -> bool {
        let (Some(after), Some(rules)) = (&self.after, &pod.facts.affinity) else { return false };
        let differs = |term: &PodAffinityTerm, wanted: bool| {
            let now = after.label(&term.topology_key);
            match &self.before {
                None => now.is_some() || !wanted,
                Some(before) => {
                    let was = before.label(&term.topology_key);
                    was != now && (if wanted { now } else { was }).is_some()
                }
            }
        };
        rules.affinity.iter().any(|term| differs(term, true))
            || rules.anti_affinity.iter().any(|term| differs(term, false))
    }
}

/// Whether a node has more than before of anything that the Pod asks for.
fn has_more(pod: &PodInfo, before: &NodeInfo, after: &NodeInfo) -> bool {
    let (wanted, old, new) = (&pod.facts.requests, &before.allocatable, &after.allocatable);
    after.allowed_pods > before.allowed_pods
        || wanted.milli_cpu > 0 && new.milli_cpu > old.milli_cpu
        || wanted.memory > 0 && new.memory > old.memory
        || wanted.ephemeral_storage > 0 && new.ephemeral_storage > old.ephemeral_storage
        || wanted.scalar.iter().any(|(name, amount)| {
            *amount > 0 && new.scalar.get(name).unwrap_or(&0) > old.scalar.get(name).unwrap_or(&0)
        })
}

/// What happened to a Pod that has a node, or was promised one.
pub(super) struct PodEvent {
    before: Option<PodInfo>,
    after: Option<PodInfo>,
}

impl PodEvent {
    /// What a change says; `place` is the node that the Pod stood on before. `None` if no plugin waits for it.
    pub(super) fn of(change: &Change, place: Option<&Name>) -> Option<Self> {
        let read = |object: &Option<_>| object.as_ref().and_then(|one| PodInfo::new(one, None));
        let finished =
            change.after.as_ref().and_then(|after| after.as_pod()).is_none_or(is_finished);
        match (&change.before, &change.after) {
            _ if finished => Some(Self { before: read(&change.before), after: None }),
            (_, Some(_)) if place.is_none() => {
                Some(Self { before: None, after: read(&change.after) })
            }
            (Some(before), Some(after)) if before.meta.labels != after.meta.labels => {
                Some(Self { before: read(&change.before), after: read(&change.after) })
            }
            _ => None,
        }
    }

    /// Whether it could help a Pod that was refused.
    pub(super) fn helps(&self, waiting: &Waiting) -> bool {
        let pod = &waiting.pod;
        waiting.refused_by.iter().any(|plugin| match *plugin {
            "NodeResourcesFit" | "NodeVolumeLimits" | "VolumeRestrictions" => self.after.is_none(),
            "NodePorts" => {
                self.after.is_none()
                    && self.before.as_ref().is_some_and(|gone| {
                        let ports = &pod.facts.host_ports;
                        gone.facts
                            .host_ports
                            .iter()
                            .any(|port| ports.iter().any(|own| own.conflicts(port)))
                    })
            }
            "InterPodAffinity" => self.changes_company(pod),
            "PodTopologySpread" => self.changes_counts(pod),
            _ => false,
        })
    }

    fn changes_company(&self, pod: &PodInfo) -> bool {
        let rules = pod.facts.affinity.as_ref();
        let matches = |one: &Option<PodInfo>, terms: &[PodAffinityTerm]| {
            one.as_ref().is_some_and(|one| one.selected_by_all(terms, pod))
        };
        let of_its_own = rules.is_some_and(|rules| {
            !matches(&self.before, &rules.affinity) && matches(&self.after, &rules.affinity)
                || matches(&self.before, &rules.anti_affinity)
                    && !matches(&self.after, &rules.anti_affinity)
        });
        let others = self.before.as_ref().filter(|_| self.after.is_none()).is_some_and(|gone| {
            let mut terms = gone.facts.affinity.iter().flat_map(|rules| &rules.anti_affinity);
            terms.any(|term| pod.selected_by(term, gone))
        });
        of_its_own || others
    }

    fn changes_counts(&self, pod: &PodInfo) -> bool {
        let counted = |one: &Option<PodInfo>, constraint: &Constraint| {
            one.as_ref().is_some_and(|one| {
                one.object.meta.namespace == pod.object.meta.namespace
                    && constraint.selects(one.object.meta.labels.as_ref())
            })
        };
        hard_constraints(pod)
            .iter()
            .any(|constraint| counted(&self.before, constraint) != counted(&self.after, constraint))
    }
}

/// Whether a Pod's containers have ended for good: it takes no more room.
pub(super) fn is_finished(pod: &PodBody) -> bool {
    matches!(pod.status.phase.as_deref(), Some("Succeeded" | "Failed"))
}
