//! `PodTopologySpread`: keeps the Pods that a selector selects evenly spread over zones, nodes or any other label.
//!
//! Hard constraints (`DoNotSchedule`) refuse a node whose domain would be ahead of the emptiest by more than `maxSkew`;
//! soft ones score, and Pods without constraints of their own are softly spread by their Service's and ReplicaSet's
//! selectors. Models kubernetes `plugins/podtopologyspread/` (`common.go`, `filtering.go`, `scoring.go`, `plugin.go`).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use k8s_openapi::api::core::v1::TopologySpreadConstraint;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;

use super::required_node_affinity_matches;
use crate::object::tolerates;
use crate::object::{Body, Key, Kind, Labels, Name, labels_match, selector_matches};
use crate::scheduler::framework::{Cycle, MAX_NODE_SCORE, Plugin, PreFilter, Refusal};
use crate::scheduler::node_info::NodeInfo;
use crate::scheduler::pod_info::PodInfo;

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

/// A constraint, read.
#[derive(Clone, Debug, PartialEq)]
struct Constraint {
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

/// A hard constraint and how many Pods each of its domains has.
#[derive(Clone, Debug, PartialEq)]
pub struct Hard {
    constraint: Constraint,
    counts: BTreeMap<String, i64>,
}

/// The soft constraints, counted.
#[derive(Debug, Default)]
pub struct Soft {
    constraints: Vec<Constraint>,
    /// For each constraint, how many Pods each domain has; empty for the host name, which is counted node by node.
    counts: Vec<BTreeMap<String, i64>>,
    /// For each constraint, the weight that makes up for the number of its domains.
    weights: Vec<f64>,
    /// Nodes that lack a label; they score 0.
    ignored: BTreeSet<Name>,
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
            max_skew: wire.max_skew.into(),
            topology_key: wire.topology_key.clone(),
            selectors,
            min_domains: usize::try_from(wire.min_domains.unwrap_or(1)).unwrap_or(1),
            honor_affinity: wire.node_affinity_policy.as_deref().unwrap_or("Honor") == "Honor",
            honor_taints: wire.node_taints_policy.as_deref().unwrap_or("Ignore") == "Honor",
        }
    }

    fn selects(&self, labels: Option<&Labels>) -> bool {
        !self.selectors.is_empty() && self.selectors.iter().all(|one| selector_matches(one, labels))
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
        let tolerations = pod.spec().tolerations.as_deref().unwrap_or_default();
        !self.honor_taints
            || node
                .taints()
                .iter()
                .filter(|taint| taint.effect == "NoSchedule" || taint.effect == "NoExecute")
                .all(|taint| tolerations.iter().any(|one| tolerates(one, taint)))
    }
}

/// The Pod's own constraints of one kind.
fn own_constraints(pod: &PodInfo, action: &str) -> Vec<Constraint> {
    let wire = pod.spec().topology_spread_constraints.iter().flatten();
    wire.filter(|one| one.when_unsatisfiable == action)
        .map(|one| Constraint::read(one, pod))
        .collect()
}

fn has_all_keys(node: &NodeInfo, constraints: &[Constraint]) -> bool {
    constraints.iter().all(|one| node.label(&one.topology_key).is_some())
}

fn pre_filter(cycle: &mut Cycle<'_>) -> PreFilter {
    let constraints = own_constraints(cycle.pod, "DoNotSchedule");
    if constraints.is_empty() {
        return PreFilter::Skip;
    }
    let mut counts = vec![BTreeMap::new(); constraints.len()];
    for node in cycle.nodes.values().filter(|node| has_all_keys(node, &constraints)) {
        for (constraint, counts) in constraints.iter().zip(&mut counts) {
            if constraint.counts_node(cycle.pod, node) {
                let domain = node.label(&constraint.topology_key).unwrap_or_default();
                *counts.entry(domain.to_owned()).or_insert(0) += constraint.count(cycle.pod, node);
            }
        }
    }
    let hard = constraints.into_iter().zip(counts);
    cycle.state.hard_spread =
        hard.map(|(constraint, counts)| Hard { constraint, counts }).collect();
    PreFilter::Ready
}

fn filter(cycle: &Cycle<'_>, node: &NodeInfo) -> Result<(), Refusal> {
    for Hard { constraint, counts } in &cycle.state.hard_spread {
        let Some(domain) = node.label(&constraint.topology_key) else {
            return Err(Refusal::unresolvable(
                "node(s) didn't match pod topology spread constraints (missing required label)",
            ));
        };
        // Fewer domains than asked for: the emptiest counts as empty. No domain at all: nothing to be ahead of.
        let emptiest = if counts.len() < constraint.min_domains {
            0
        } else {
            counts.values().copied().min().unwrap_or(i64::from(i32::MAX))
        };
        let itself = i64::from(constraint.selects(cycle.pod.object.meta.labels.as_ref()));
        let here = counts.get(domain).copied().unwrap_or(0);
        if here + itself - emptiest > constraint.max_skew {
            return Err(Refusal::unschedulable(
                "node(s) didn't match pod topology spread constraints",
            ));
        }
    }
    Ok(())
}

/// The system's default constraints, by what selects the Pod: its Services and its ReplicaSet.
fn default_constraints(cycle: &Cycle<'_>) -> Vec<Constraint> {
    let selectors = default_selectors(cycle);
    if selectors.is_empty() {
        return Vec::new();
    }
    [(HOSTNAME, 3), (ZONE, 5)]
        .map(|(key, max_skew)| Constraint {
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
fn default_selectors(cycle: &Cycle<'_>) -> Vec<LabelSelector> {
    let pod = &cycle.pod.object;
    let labels = pod.meta.labels.as_ref();
    let mut merged = Labels::new();
    for service in cycle.store.list(Kind::Service, Some(pod.namespace())) {
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
        if let Some(Body::ReplicaSet(set)) = cycle.store.get(&key).map(|set| &set.body) {
            selectors.push(set.spec.selector.clone());
        }
    }
    selectors
}

fn pre_score(cycle: &mut Cycle<'_>, feasible: &[Arc<NodeInfo>]) -> bool {
    let own =
        cycle.pod.spec().topology_spread_constraints.as_ref().is_some_and(|list| !list.is_empty());
    let constraints =
        if own { own_constraints(cycle.pod, "ScheduleAnyway") } else { default_constraints(cycle) };
    if constraints.is_empty() {
        return false;
    }
    // Nodes without a zone may still be spread over by host name, but only by the default constraints.
    let (ignored, scored): (Vec<_>, Vec<_>) =
        feasible.iter().partition(|node| own && !has_all_keys(node, &constraints));
    let mut soft = Soft {
        ignored: ignored.into_iter().map(|node| Name::clone(&node.name)).collect(),
        ..Soft::default()
    };
    for constraint in &constraints {
        let mut counts = BTreeMap::new();
        if constraint.topology_key != HOSTNAME {
            for node in &scored {
                let domain = node.label(&constraint.topology_key).unwrap_or_default();
                counts.entry(domain.to_owned()).or_insert(0);
            }
            count_domains(cycle, constraint, own.then_some(&*constraints), &mut counts);
        }
        let domains = if constraint.topology_key == HOSTNAME { scored.len() } else { counts.len() };
        soft.weights.push(weight(domains));
        soft.counts.push(counts);
    }
    soft.constraints = constraints;
    cycle.state.soft_spread = soft;
    true
}

/// Adds up the Pods of each domain that has a candidate; with `required`, only nodes with all their labels count.
fn count_domains(
    cycle: &Cycle<'_>,
    constraint: &Constraint,
    required: Option<&[Constraint]>,
    counts: &mut BTreeMap<String, i64>,
) {
    for node in cycle.nodes.values() {
        if required.is_some_and(|all| !has_all_keys(node, all))
            || !constraint.counts_node(cycle.pod, node)
        {
            continue;
        }
        let domain = node.label(&constraint.topology_key).unwrap_or_default();
        if let Some(count) = counts.get_mut(domain) {
            *count += constraint.count(cycle.pod, node);
        }
    }
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
fn score(cycle: &Cycle<'_>, node: &NodeInfo) -> i64 {
    let soft = &cycle.state.soft_spread;
    if soft.ignored.contains(&node.name) {
        return 0;
    }
    let mut score = 0.0;
    for (index, constraint) in soft.constraints.iter().enumerate() {
        let Some(domain) = node.label(&constraint.topology_key) else { continue };
        let count = if constraint.topology_key == HOSTNAME {
            constraint.count(cycle.pod, node)
        } else {
            soft.counts[index].get(domain).copied().unwrap_or(0)
        };
        score += count as f64 * soft.weights[index] + (constraint.max_skew - 1) as f64;
    }
    libm::round(score) as i64
}

/// The fewer Pods, the better; ignored nodes score 0.
fn fewest_first(cycle: &Cycle<'_>, nodes: &[Arc<NodeInfo>], scores: &mut [i64]) {
    let ignored = |index: usize| cycle.state.soft_spread.ignored.contains(&nodes[index].name);
    let counted = |scores: &[i64]| {
        let values = scores.iter().enumerate().filter(|(index, _)| !ignored(*index));
        values.map(|(_, score)| *score).collect::<Vec<_>>()
    };
    let values = counted(scores);
    let min = values.iter().copied().min().unwrap_or(i64::MAX);
    let max = values.iter().copied().max().unwrap_or(0).max(0);
    for (index, score) in scores.iter_mut().enumerate() {
        *score = if ignored(index) {
            0
        } else if max == 0 {
            MAX_NODE_SCORE
        } else {
            MAX_NODE_SCORE * (max + min - *score) / max
        };
    }
}
