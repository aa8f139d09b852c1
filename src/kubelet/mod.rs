//! Kubelets: Pods made real on a machine.
//!
//! A [`Kubelet`] is a value inside the cluster, one a node. The cluster hands it every change of a Pod bound to its
//! node ([`Kubelet::notice`]); what the kubelet wants to do about it, or later, is a [`Task`], which the cluster gives
//! back when it is due ([`Kubelet::perform`]). Everything a kubelet does goes through the [`World`] it is lent.

use crate::network::Network;
use crate::object::{Key, Name};
use crate::store::{Change, Client};
use crate::time::Duration;

/// Something a kubelet has to do at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Task {
    /// Look at a Pod again: it was bound here, or its spec or deletion time changed.
    Sync {
        /// The Pod.
        pod: Key,
    },
}

/// What a kubelet may touch while it works.
#[derive(Debug)]
pub struct World<'a> {
    /// Reads and writes, under the cause of the task.
    pub client: Client<'a>,
    /// Addresses and reachability.
    pub network: &'a mut Network,
    /// What to do later: the cluster makes it due after the given time.
    pub later: Vec<(Duration, Task)>,
}

/// The kubelet of one node.
#[derive(Clone, Debug, PartialEq)]
pub struct Kubelet {
    node: Name,
}

impl Kubelet {
    /// The kubelet of a node, just started. Called at bootstrap and when a machine is added; the Node object is
    /// registered already.
    pub fn new(node: Name) -> Self {
        Self { node }
    }

    /// The node it runs on.
    pub fn node(&self) -> &Name {
        &self.node
    }

    /// What the kubelet does first: heartbeats of Lease and Node status.
    pub fn start(&mut self, world: &mut World<'_>) {
        let _ = (&self.node, &world.later);
    }

    /// What a change of a Pod bound to this node (or of the Node itself) gives it to do, if anything: its own status
    /// writes should give nothing. Must be cheap. The cluster delivers the task some milliseconds later.
    pub fn notice(&self, change: &Change) -> Option<Task> {
        let _ = change;
        None
    }

    /// Does a task that is due.
    pub fn perform(&mut self, task: Task, world: &mut World<'_>) {
        let Task::Sync { .. } = task;
        let _ = world;
    }
}
