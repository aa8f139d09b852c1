//! `PodTopologySpread`: keeps the Pods that a selector selects evenly spread over zones, nodes or any other label.
//!
//! Hard constraints (`DoNotSchedule`) refuse a node whose domain would be ahead of the emptiest by more than `maxSkew`;
//! soft ones score, and Pods without constraints of their own are softly spread by their Service's and ReplicaSet's
//! selectors. Models kubernetes `plugins/podtopologyspread/` (`common.go`, `filtering.go`, `scoring.go`, `plugin.go`).

use k8s_openapi::api::core::v1::TopologySpreadConstraint;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;

use super::{has_untolerated_taint, required_node_affinity_matches};
use crate::object::{Body, Key, Kind, Labels, Object, labels_match, selector_matches};
use crate::scheduler::batch::Seen;
use crate::scheduler::framework::{Cycle, MAX_NODE_SCORE, Plugin, PreFilter, Refusal};
use crate::scheduler::node_info::NodeInfo;
use crate::scheduler::pod_info::PodInfo;
use crate::store::Store;

/// The plugin's line in the list.
pub const POD_TOPOLOGY_SPREAD: Plugin = Plugin {
    weight: 2,
    pre_filter: Some(pre_filter),
    filter: Some(filter),
    pre_score: Some(pre_score),
    score: Some(score),
    normalize: Some(fewest_first),
    ..Plugin::named("PodTopologySpread")
};

const HOSTNAME: &str = "kubernetes.io/hostname";
const ZONE: &str = "topology.kubernetes.io/zone";

/// What comes of a constraint that is not met.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
enum Force {
    /// The node is refused.
    Hard,
    /// The node scores less.
    Soft,
    /// The same, by one of the system's default constraints.
    Default,
}

/// A constraint, read.
#[derive(Clone, Debug, PartialEq)]
pub struct Constraint {
    force: Force,
    max_skew: i64,
    topology_key: String,
    /// All must select; none at all select nothing.
    selectors: Vec<LabelSelector>,
    min_domains: usize,
    /// Count only nodes that the Pod's node affinity allows.
    honor_affinity: bool,
    /// Count only nodes whose taints the Pod tolerates.
    honor_taints: bool,
}

/// What a constraint counts on one node.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// Whether the node has the label.
    labelled: bool,
    /// The number of its domain; nodes without the label share one.
    domain: usize,
    /// How many of its Pods are selected.
    pods: i64,
    /// Whether it takes part in the counting of domains.
    counts: bool,
}

/// A hard constraint and how many Pods each of its domains has.
#[derive(Clone, Debug, PartialEq)]
pub struct Hard {
    /// Its place among the constraints.
    index: usize,
    /// Pods by domain, of those that take part.
    pods: Vec<Option<i64>>,
    /// Pods of the emptiest domain.
    emptiest: i64,
    /// Whether the Pod itself is among those it counts.
    itself: i64,
}

/// A soft constraint, counted.
#[derive(Clone, Debug)]
pub struct Soft {
    /// Its place among the constraints.
    index: usize,
    /// Pods by domain, of those with a candidate; empty for the host name, which is counted node by node.
    pods: Vec<Option<i64>>,
    /// Makes up for the number of its domains.
    weight: f64,
}

impl Constraint {
    fn read(wire: &TopologySpreadConstraint, pod: &PodInfo) -> Self {
        let by_key: Labels = wire
            .match_label_keys
            .iter()
            .flatten()
            .filter_map(|key| Some((key.clone(), pod.object.label(key)?.to_owned())))
            .collect();
        let mut selectors: Vec<_> = wire.label_selector.iter().cloned().collect();
        if !by_key.is_empty() && !selectors.is_empty() {
            selectors.push(LabelSelector { match_labels: Some(by_key), match_expressions: None });
        }
        Self {
            force: if wire.when_unsatisfiable == "DoNotSchedule" {
                Force::Hard
            } else {
                Force::Soft
            },
            max_skew: wire.max_skew.into(),
            topology_key: wire.topology_key.clone(),
            selectors,
            min_domains: usize::try_from(wire.min_domains.unwrap_or(1)).unwrap_or(1),
            honor_affinity: wire.node_affinity_policy.as_deref().unwrap_or("Honor") == "Honor",
            honor_taints: wire.node_taints_policy.as_deref().unwrap_or("Ignore") == "Honor",
        }
    }

    /// Whether it counts a Pod with these labels.
    pub fn selects(&self, labels: Option<&Labels>) -> bool {
        !self.selectors.is_empty() && self.selectors.iter().all(|one| selector_matches(one, labels))
    }

    /// The domain that a node is in.
    pub fn domain<'a>(&self, node: &'a NodeInfo) -> Option<&'a str> {
        node.label(&self.topology_key)
    }

    /// Looks at a node; its domain gets a number if it is met for the first time.
    pub fn look(&self, pod: &PodInfo, node: &NodeInfo, domains: &mut Vec<String>) -> Cell {
        let label = self.domain(node);
        let name = label.unwrap_or_default();
        let domain = domains.iter().position(|domain| domain == name).unwrap_or_else(|| {
            domains.push(name.to_owned());
            domains.len() - 1
        });
        Cell {
            labelled: label.is_some(),
            domain,
            pods: self.count(pod, node),
            counts: self.counts_node(pod, node),
        }
    }

    /// How many Pods of the namespace on a node are selected.
    fn count(&self, pod: &PodInfo, node: &NodeInfo) -> i64 {
        node.groups
            .iter()
            .filter(|group| group.example.object.meta.namespace == pod.object.meta.namespace)
            .filter(|group| self.selects(group.example.object.meta.labels.as_ref()))
            .map(|group| group.count)
            .sum()
    }

    /// Whether a node takes part in the counting.
    fn counts_node(&self, pod: &PodInfo, node: &NodeInfo) -> bool {
        if self.honor_affinity && !required_node_affinity_matches(pod, node) {
            return false;
        }
        !self.honor_taints || !has_untolerated_taint(pod, node)
    }

    fn by_host(&self) -> bool {
        self.topology_key == HOSTNAME
    }
}

/// All constraints that a Pod is held to: its own, or the system's defaults.
pub fn constraints(pod: &PodInfo, store: &Store) -> Vec<Constraint> {
    let own = pod.spec().topology_spread_constraints.as_deref().unwrap_or_default();
    if own.is_empty() {
        return default_constraints(pod, store);
    }
    own.iter().map(|one| Constraint::read(one, pod)).collect()
}

/// The constraints that can keep a Pod from nodes: all its own.
pub fn hard_constraints(pod: &PodInfo) -> Vec<Constraint> {
    let own = pod.spec().topology_spread_constraints.iter().flatten();
    own.map(|one| Constraint::read(one, pod)).filter(|one| one.force == Force::Hard).collect()
}

/// The places of the hard or the soft constraints.
fn places(cycle: &Cycle<'_>, hard: bool) -> Vec<usize> {
    let all = cycle.batch.constraints().iter().enumerate();
    all.filter(|(_, one)| (one.force == Force::Hard) == hard).map(|(index, _)| index).collect()
}

fn has_all_labels(seen: &Seen, places: &[usize]) -> bool {
    places.iter().all(|index| seen.cells[*index].labelled)
}

fn pre_filter(cycle: &mut Cycle<'_>) -> PreFilter {
    let places = places(cycle, true);
    if places.is_empty() {
        return PreFilter::Skip;
    }
    let labels = cycle.pod.object.meta.labels.as_ref();
    let mut all = Vec::new();
    for &index in &places {
        let constraint = &cycle.batch.constraints()[index];
        let mut pods = vec![None; cycle.batch.domains(index)];
        let counted = cycle.batch.seen().filter(|seen| has_all_labels(seen, &places));
        for cell in counted.map(|seen| seen.cells[index]).filter(|cell| cell.counts) {
            *pods[cell.domain].get_or_insert(0) += cell.pods;
        }
        // Fewer domains than asked for: the emptiest counts as empty. No domain at all: nothing to be ahead of.
        let emptiest = if pods.iter().flatten().count() < constraint.min_domains {
            0
        } else {
            pods.iter().flatten().copied().min().unwrap_or(i64::from(i32::MAX))
        };
        let itself = i64::from(constraint.selects(labels));
        all.push(Hard { index, pods, emptiest, itself });
    }
    cycle.state.hard_spread = all;
    PreFilter::Ready
}

fn filter(cycle: &Cycle<'_>, seen: &Seen) -> Result<(), Refusal> {
    for hard in &cycle.state.hard_spread {
        let cell = seen.cells[hard.index];
        if !cell.labelled {
            return Err(Refusal::unresolvable(
                "node(s) didn't match pod topology spread constraints (missing required label)",
            ));
        }
        let here = hard.pods[cell.domain].unwrap_or(0);
        let max_skew = cycle.batch.constraints()[hard.index].max_skew;
        if here + hard.itself - hard.emptiest > max_skew {
            return Err(Refusal::unschedulable(
                "node(s) didn't match pod topology spread constraints",
            ));
        }
    }
    Ok(())
}

/// The system's default constraints, by what selects the Pod: its Services and its ReplicaSet.
fn default_constraints(pod: &PodInfo, store: &Store) -> Vec<Constraint> {
    let selectors = default_selectors(&pod.object, store);
    if selectors.is_empty() {
        return Vec::new();
    }
    [(HOSTNAME, 3), (ZONE, 5)]
        .map(|(key, max_skew)| Constraint {
            force: Force::Default,
            max_skew,
            topology_key: key.to_owned(),
            selectors: selectors.clone(),
            min_domains: 1,
            honor_affinity: true,
            honor_taints: false,
        })
        .into()
}

/// Models kubernetes `plugins/helper/spread.go` (`DefaultSelector`).
fn default_selectors(pod: &Object, store: &Store) -> Vec<LabelSelector> {
    let labels = pod.meta.labels.as_ref();
    let mut merged = Labels::new();
    for service in store.list(Kind::Service, Some(pod.namespace())) {
        let selector = service.as_service().and_then(|body| body.spec.selector.as_ref());
        if let Some(selector) = selector.filter(|one| !one.is_empty() && labels_match(one, labels))
        {
            merged.extend(selector.clone());
        }
    }
    let mut selectors = Vec::new();
    if !merged.is_empty() {
        selectors.push(LabelSelector { match_labels: Some(merged), match_expressions: None });
    }
    if let Some(owner) = pod.controller().filter(|owner| owner.kind == "ReplicaSet") {
        let key = Key::new(Kind::ReplicaSet, pod.namespace(), owner.name.as_str());
        if let Some(Body::ReplicaSet(set)) = store.get(&key).map(|set| &set.body) {
            selectors.push(set.spec.selector.clone());
        }
    }
    selectors
}

/// Whether a node lacks a label that the Pod's own soft constraints need: it scores 0. Nodes without a zone may still
/// be spread over by host name, but only by the default constraints.
fn ignored(cycle: &Cycle<'_>, seen: &Seen) -> bool {
    let mut soft = cycle.state.soft_spread.iter().map(|soft| soft.index);
    soft.any(|index| {
        cycle.batch.constraints()[index].force == Force::Soft && !seen.cells[index].labelled
    })
}

fn pre_score(cycle: &mut Cycle<'_>, feasible: &[&Seen]) -> bool {
    let places = places(cycle, false);
    let blank = |index| Soft { index, pods: Vec::new(), weight: 0.0 };
    cycle.state.soft_spread = places.iter().copied().map(blank).collect();
    let scored: Vec<&Seen> =
        feasible.iter().copied().filter(|seen| !ignored(cycle, seen)).collect();
    for (order, &index) in places.iter().enumerate() {
        let constraint = &cycle.batch.constraints()[index];
        let (mut pods, mut domains) = (Vec::new(), scored.len());
        if !constraint.by_host() {
            pods = vec![None; cycle.batch.domains(index)];
            for seen in &scored {
                pods[seen.cells[index].domain] = Some(0);
            }
            domains = pods.iter().flatten().count();
            let all = cycle.batch.seen();
            let counted = all
                .filter(|seen| constraint.force == Force::Default || has_all_labels(seen, &places));
            for cell in counted.map(|seen| seen.cells[index]).filter(|cell| cell.counts) {
                if let Some(count) = &mut pods[cell.domain] {
                    *count += cell.pods;
                }
            }
        }
        cycle.state.soft_spread[order] = Soft { index, pods, weight: weight(domains) };
    }
    !places.is_empty()
}

/// Upstream's `topologyNormalizingWeight`: ln(domains + 2).
#[expect(clippy::cast_precision_loss, reason = "a number of nodes; upstream computes in floats")]
#[expect(clippy::float_arithmetic, reason = "upstream computes this weight in floats")]
fn weight(domains: usize) -> f64 {
    libm::log(domains as f64 + 2.0)
}

#[expect(
    clippy::float_arithmetic,
    reason = "upstream adds up in floats, then rounds to an integer"
)]
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "as upstream casts"
)]
fn score(cycle: &Cycle<'_>, seen: &Seen) -> i64 {
    if ignored(cycle, seen) {
        return 0;
    }
    let mut score = 0.0;
    for soft in &cycle.state.soft_spread {
        let (constraint, cell) = (&cycle.batch.constraints()[soft.index], seen.cells[soft.index]);
        if !cell.labelled {
            continue;
        }
        let count =
            if constraint.by_host() { cell.pods } else { soft.pods[cell.domain].unwrap_or(0) };
        score += count as f64 * soft.weight + (constraint.max_skew - 1) as f64;
    }
    libm::round(score) as i64
}

/// The fewer Pods, the better; ignored nodes score 0.
fn fewest_first(cycle: &Cycle<'_>, nodes: &[&Seen], scores: &mut [i64]) {
    let counted = scores.iter().zip(nodes).filter(|(_, seen)| !ignored(cycle, seen));
    let (mut min, mut max) = (i64::MAX, 0);
    for (score, _) in counted {
        min = min.min(*score);
        max = max.max(*score);
    }
    for (score, seen) in scores.iter_mut().zip(nodes) {
        *score = if ignored(cycle, seen) {
            0
        } else if max == 0 {
            MAX_NODE_SCORE
        } else {
            MAX_NODE_SCORE * (max + min - *score) / max
        };
    }
}
