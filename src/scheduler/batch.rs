//! What was found out about each node for Pods that are alike, kept from one cycle to the next.
//!
//! Most plugins go by the Pod's spec, labels and namespace and by the one node alone (`Plugin::local`). Siblings are the
//! same in these, and from one cycle to the next few nodes change: so a row a node is kept, and forgotten when its node
//! changes. What plugins say about several nodes together is worked out anew each time, from the rows. The result is the
//! same as without any of this. Models what kubernetes `pkg/scheduler/framework/runtime/batch.go` is for (opportunistic
//! batching by Pod signature). *Differs:* upstream keeps the last ranking, and only where a Pod fills its node.

use std::sync::Arc;

use k8s_openapi::api::core::v1::PodSpec;

use super::framework::{Cycle, Nodes, Refusal, Surroundings};
use super::node_info::NodeInfo;
use super::plugin::PLUGINS;
use super::plugin::pod_topology_spread::{Cell, Constraint, constraints};
use super::pod_info::PodInfo;
use crate::object::{Labels, Name};
use crate::store::Store;

/// The nodes as Pods of one kind see them.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    alike: Alike,
    /// All nodes, in order of name.
    names: Vec<Name>,
    /// A row a node; `None` where it is not known, or no longer.
    rows: Vec<Option<Row>>,
    /// The domains of each constraint met so far, by the numbers that cells have.
    domains: Vec<Vec<String>>,
}

/// What Pods have in common that local plugins cannot tell apart.
#[derive(Clone, Debug, Default, PartialEq)]
struct Alike {
    spec: Arc<PodSpec>,
    namespace: Option<String>,
    labels: Option<Labels>,
    constraints: Vec<Constraint>,
}

/// A node, and what its counting for the spread constraints came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    /// The node.
    pub node: Arc<NodeInfo>,
    /// One a constraint.
    pub cells: Vec<Cell>,
}

/// What is known about a node.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// What plugins go by.
    pub seen: Seen,
    /// The first local plugin that refuses it.
    pub refused: Option<(&'static str, Arc<Refusal>)>,
    /// What the local plugins that score say, in their order, before it is normalized.
    pub scores: Vec<i64>,
}

impl Alike {
    fn of(pod: &PodInfo, store: &Store) -> Self {
        let meta = &pod.object.meta;
        Self {
            spec: Arc::clone(&pod.pod().shared),
            namespace: meta.namespace.clone(),
            labels: meta.labels.clone(),
            constraints: constraints(pod, store),
        }
    }

    fn same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.spec, &other.spec)
            && self.namespace == other.namespace
            && self.labels == other.labels
            && self.constraints == other.constraints
    }
}

impl Batch {
    /// Nothing is known, not even the nodes.
    pub fn empty() -> Self {
        Self { alike: Alike::default(), names: Vec::new(), rows: Vec::new(), domains: Vec::new() }
    }

    /// For Pods like this one; no row is known yet.
    pub fn new(pod: &PodInfo, nodes: &Nodes, store: &Store) -> Self {
        Self::of(Alike::of(pod, store), nodes)
    }

    fn of(alike: Alike, nodes: &Nodes) -> Self {
        let names: Vec<Name> = nodes.keys().cloned().collect();
        Self {
            domains: vec![Vec::new(); alike.constraints.len()],
            alike,
            rows: vec![None; names.len()],
            names,
        }
    }

    /// The spread constraints of these Pods.
    pub fn constraints(&self) -> &[Constraint] {
        &self.alike.constraints
    }

    /// How many domains a constraint has.
    pub fn domains(&self, constraint: usize) -> usize {
        self.domains.get(constraint).map_or(0, Vec::len)
    }

    /// All nodes that are known.
    pub fn seen(&self) -> impl Iterator<Item = &Seen> {
        self.rows.iter().flatten().map(|row| &row.seen)
    }

    /// How many nodes there are.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// A node's name and row, by its place in the order of names.
    pub fn row(&self, index: usize) -> Option<(&Name, &Row)> {
        Some((self.names.get(index)?, self.rows.get(index)?.as_ref()?))
    }

    /// Finds out what is not known about the node at this place.
    pub fn learn(&mut self, cycle: &Cycle<'_>, index: usize) {
        let (Some(name), Some(row @ None)) = (self.names.get(index), self.rows.get_mut(index))
        else {
            return;
        };
        let Some(node) = cycle.around.nodes.get(name) else { return };
        let pairs = self.alike.constraints.iter().zip(&mut self.domains);
        let cells = pairs.map(|(one, domains)| one.look(cycle.pod, node, domains)).collect();
        *row = Some(Row::new(cycle, Seen { node: Arc::clone(node), cells }));
    }

    /// Finds out about a node that is not as it was.
    pub fn relearn(&mut self, pod: &PodInfo, around: Surroundings<'_>, nodes: &Nodes, node: &str) {
        let Some(index) = self.index(node) else { return };
        self.rows[index] = None;
        let nothing = Self::empty();
        self.learn(&Cycle::new(pod, Surroundings { nodes, ..around }, &nothing), index);
    }

    /// A node's place in the order of names.
    pub fn index(&self, node: &str) -> Option<usize> {
        self.names.binary_search_by(|name| (**name).cmp(node)).ok()
    }

    /// Forgets what is known about a node.
    pub fn forget(&mut self, node: &str) {
        if let Some(index) = self.index(node) {
            self.rows[index] = None;
        }
    }
}

impl Row {
    fn new(cycle: &Cycle<'_>, seen: Seen) -> Self {
        let local = || PLUGINS.iter().filter(|plugin| plugin.local);
        let refused = local().find_map(|plugin| {
            let refusal = plugin.filter?(cycle, &seen).err()?;
            Some((plugin.name, Arc::new(refusal)))
        });
        let scores = match &refused {
            Some(_) => Vec::new(),
            None => local().filter_map(|plugin| Some(plugin.score?(cycle, &seen))).collect(),
        };
        Self { seen, refused, scores }
    }
}

/// How many kinds of Pods are remembered: some rollouts at one time.
const BATCHES_MAX: usize = 4;

/// The batches of the last few kinds of Pods, the one used last at the end.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Batches(Vec<Arc<Batch>>);

impl Batches {
    /// Takes out the batch for a Pod; who has used it puts it back.
    pub fn take(&mut self, pod: &PodInfo, nodes: &Nodes, store: &Store) -> Arc<Batch> {
        let alike = Alike::of(pod, store);
        match self.0.iter().position(|batch| batch.alike.same(&alike)) {
            Some(at) => self.0.remove(at),
            None => Arc::new(Batch::of(alike, nodes)),
        }
    }

    /// Puts a batch back.
    pub fn put(&mut self, batch: Arc<Batch>) {
        if self.0.len() == BATCHES_MAX {
            self.0.remove(0);
        }
        self.0.push(batch);
    }

    /// Something about a node is not as it was. Must be called before the node is changed.
    pub fn forget(&mut self, node: &Name) {
        for batch in &mut self.0 {
            Arc::make_mut(batch).forget(node);
        }
    }

    /// There are other nodes than before, or images are on others.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}
