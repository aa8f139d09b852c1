//! What if: would a Pod fit on a node if some Pods came to it, or went?
//!
//! A trial has a copy of what the cycle knows, moves Pods on that copy, and asks all filters again, also those that
//! compare nodes. Models what kubernetes `pkg/scheduler/framework/runtime/framework.go` does with copies of the cycle's
//! state (`addNominatedPods`, `RunPreFilterExtensionAddPod`, `RunPreFilterExtensionRemovePod`).

use std::sync::Arc;

use super::batch::Batch;
use super::cycle::{pre_filter, refusal};
use super::framework::{Cycle, Nodes, Refusal, Surroundings};
use super::node_info::NodeInfo;
use super::pod_info::PodInfo;
use crate::object::{Key, Name};

/// A copy of what a cycle knows.
#[derive(Debug)]
pub(super) struct Trial<'a> {
    pod: &'a PodInfo,
    around: Surroundings<'a>,
    nodes: Nodes,
    batch: Batch,
    any_rules: bool,
}

/// Who refuses a node, and why; `None` if nobody does.
pub(super) type Refused = Option<(&'static str, Arc<Refusal>)>;

impl<'a> Trial<'a> {
    /// The world as the cycle finds it.
    pub(super) fn new(cycle: &Cycle<'a>) -> Self {
        let around = cycle.around;
        Self {
            pod: cycle.pod,
            around,
            nodes: around.nodes.clone(),
            batch: cycle.batch.clone(),
            any_rules: around.any_rules,
        }
    }

    /// The node at this place.
    pub(super) fn node(&self, index: usize) -> Option<&Arc<NodeInfo>> {
        self.nodes.get(self.batch.row(index)?.0)
    }

    /// A Pod comes to a node.
    pub(super) fn add(&mut self, node: &Name, key: &Key, pod: &Arc<PodInfo>) {
        self.any_rules |= pod.facts.affinity.is_some();
        self.change(node, |known| known.add(key, pod));
    }

    /// A Pod goes.
    pub(super) fn remove(&mut self, node: &Name, key: &Key) {
        self.change(node, |known| known.remove(key));
    }

    fn change(&mut self, node: &Name, change: impl FnOnce(&mut NodeInfo)) {
        let Some(known) = self.nodes.get_mut(node) else { return };
        change(Arc::make_mut(known));
        self.batch.relearn(self.pod, self.around, &self.nodes, node);
    }

    /// Whether the Pod fits now, whoever was promised room there.
    fn alone(&self, index: usize) -> Refused {
        let around = Surroundings { nodes: &self.nodes, any_rules: self.any_rules, ..self.around };
        let mut cycle = Cycle::new(self.pod, around, &self.batch);
        let (filters, _) = pre_filter(&mut cycle);
        refusal(&cycle, &filters, self.batch.row(index)?.1)
    }

    /// Whether the Pod fits now beside those who were promised room there.
    pub(super) fn with_nominated(&mut self, index: usize) -> Refused {
        let node = Name::clone(self.batch.row(index)?.0);
        let promised = self.around.nominated.iter().filter(|(there, _)| *there == node);
        let promised: Vec<_> = promised.map(|(_, pod)| (pod.key(), pod)).collect();
        for (key, pod) in &promised {
            self.add(&node, key, pod);
        }
        let refused = self.alone(index);
        for (key, _) in &promised {
            self.remove(&node, key);
        }
        refused
    }

    /// Whether the Pod fits now, both with and without those who were promised room there: they may help, and they may
    /// yet go elsewhere.
    pub(super) fn refused(&mut self, index: usize) -> Refused {
        let with = if self.around.nominated.is_empty() { None } else { self.with_nominated(index) };
        with.or_else(|| self.alone(index))
    }
}
