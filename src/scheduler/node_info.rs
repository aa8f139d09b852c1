//! What the scheduler knows of a node: what it has, what is taken, and by whom.
//!
//! Kept up to date change by change, so that a scheduling cycle never walks over all Pods. Pods with the same namespace
//! and labels are counted together: a selector is then matched once for each group, not for each Pod.
//! Models kubernetes `pkg/scheduler/framework/types.go` (`NodeInfo`, `PodInfo`).

use std::sync::Arc;

use k8s_openapi::api::core::v1::{NodeSpec, NodeStatus, Taint};

use super::pod_info::{HostPort, PodInfo};
use super::resources::Resources;
use crate::object::{Key, Labels, Name, Object};
use crate::persistent::Table;
use crate::quantity::Quantity;

/// One node.
#[derive(Clone, Debug, PartialEq)]
pub struct NodeInfo {
    /// Its name.
    pub name: Name,
    /// Its version when it was last seen.
    node: Arc<Object>,
    /// What Pods may take.
    pub allocatable: Resources,
    /// How many Pods it takes.
    pub allowed_pods: i64,
    /// What its Pods asked for.
    pub requested: Resources,
    /// The same, with a typical amount for containers that ask for nothing; scores use it.
    pub requested_or_typical: Resources,
    /// Its Pods.
    pub pods: Table<Key, Arc<PodInfo>>,
    /// Those of its Pods that have rules about other Pods.
    pub pods_with_affinity: Table<Key, Arc<PodInfo>>,
    /// How many of its Pods that are not being deleted have the same namespace and labels.
    pub groups: Vec<Group>,
}

/// Pods that no selector can tell apart.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// One of them.
    pub example: Arc<PodInfo>,
    /// How many there are.
    pub count: i64,
}

impl NodeInfo {
    /// A node without Pods; `None` if the object is of another kind.
    pub fn new(node: &Arc<Object>) -> Option<Self> {
        let mut info = Self {
            name: node.name().into(),
            node: Arc::clone(node),
            allocatable: Resources::default(),
            allowed_pods: 0,
            requested: Resources::default(),
            requested_or_typical: Resources::default(),
            pods: Table::default(),
            pods_with_affinity: Table::default(),
            groups: Vec::new(),
        };
        info.set_node(node)?;
        Some(info)
    }

    /// Its version when it was last seen.
    pub fn object(&self) -> &Arc<Object> {
        &self.node
    }

    /// Takes over a new version of the node.
    pub fn set_node(&mut self, node: &Arc<Object>) -> Option<()> {
        let status = &node.as_node()?.status;
        self.node = Arc::clone(node);
        self.allocatable = Resources::from_list(status.allocatable.as_ref());
        let pods = status.allocatable.as_ref().and_then(|list| list.get("pods"));
        self.allowed_pods =
            pods.and_then(|pods| Quantity::parse(&pods.0).ok()).map_or(0, |pods| pods.value());
        Some(())
    }

    /// The node's labels.
    pub fn labels(&self) -> Option<&Labels> {
        self.node.meta.labels.as_ref()
    }

    /// One label's value.
    pub fn label(&self, key: &str) -> Option<&str> {
        self.node.label(key)
    }

    /// The node's taints.
    pub fn taints(&self) -> &[Taint] {
        self.spec().taints.as_deref().unwrap_or_default()
    }

    /// The node's spec.
    pub fn spec(&self) -> &NodeSpec {
        &self.node.as_node().expect("made from a node").spec
    }

    /// The node's status.
    pub fn status(&self) -> &NodeStatus {
        &self.node.as_node().expect("made from a node").status
    }

    /// Whether its Pods ask for more than it has, as they may who were bound by hand.
    pub fn overcommitted(&self) -> bool {
        let (has, taken) = (&self.allocatable, &self.requested);
        self.pods.len() > usize::try_from(self.allowed_pods).unwrap_or(0)
            || taken.milli_cpu > has.milli_cpu
            || taken.memory > has.memory
            || taken.ephemeral_storage > has.ephemeral_storage
            || taken
                .scalar
                .iter()
                .any(|(name, taken)| has.scalar.get(name).is_some_and(|has| taken > has))
    }

    /// Whether a host port is free (`HostPortInfo.CheckConflict`): an address conflicts with itself and with all.
    pub fn host_port_taken(&self, wanted: &HostPort) -> bool {
        self.pods
            .values()
            .flat_map(|pod| &pod.facts.host_ports)
            .any(|taken| taken.conflicts(wanted))
    }

    /// Adds a Pod.
    pub fn add(&mut self, key: &Key, pod: &Arc<PodInfo>) {
        self.remove(key);
        self.requested.add(&pod.facts.requests);
        self.requested_or_typical.add(&pod.facts.requests_or_typical);
        self.pods.insert(key.clone(), Arc::clone(pod));
        if pod.facts.affinity.is_some() {
            self.pods_with_affinity.insert(key.clone(), Arc::clone(pod));
        }
        if pod.terminating {
            return;
        }
        match self.groups.iter_mut().find(|group| group.example.same_group(pod)) {
            Some(group) => group.count += 1,
            None => self.groups.push(Group { example: Arc::clone(pod), count: 1 }),
        }
    }

    /// Removes a Pod, if it is here.
    pub fn remove(&mut self, key: &Key) {
        let Some(pod) = self.pods.remove(key) else { return };
        self.requested.subtract(&pod.facts.requests);
        self.requested_or_typical.subtract(&pod.facts.requests_or_typical);
        self.pods_with_affinity.discard(key);
        if pod.terminating {
            return;
        }
        if let Some(at) = self.groups.iter().position(|group| group.example.same_group(&pod)) {
            self.groups[at].count -= 1;
            if self.groups[at].count == 0 {
                self.groups.remove(at);
            }
        }
    }
}
