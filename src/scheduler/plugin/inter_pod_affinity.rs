//! `InterPodAffinity`: Pods that must, must not, would rather or would rather not stand with certain other Pods.
//!
//! "With" is in the same domain of the rule's topology key. Rules of the Pods that are there already count too: their
//! anti-affinity keeps the new Pod away, their preferences score. Models kubernetes `plugins/interpodaffinity/`
//! (`filtering.go`, `scoring.go`); `hardPodAffinityWeight` is 1.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{PodAffinityTerm, WeightedPodAffinityTerm};

use crate::scheduler::batch::Seen;
use crate::scheduler::framework::{Cycle, MAX_NODE_SCORE, Plugin, PreFilter, Refusal};
use crate::scheduler::node_info::NodeInfo;
use crate::scheduler::pod_info::{PodInfo, PodRules};

/// The plugin's line in the list.
pub const INTER_POD_AFFINITY: Plugin = Plugin {
    weight: 2,
    pre_filter: Some(pre_filter),
    filter: Some(filter),
    pre_score: Some(pre_score),
    score: Some(score),
    normalize: Some(stretch),
    ..Plugin::named("InterPodAffinity")
};

/// What a required rule of a Pod that is there already adds to a node's score.
const HARD_POD_AFFINITY_WEIGHT: i64 = 1;

/// A topology key and one of its values: one domain.
type Domain = (String, String);

/// How many Pods in each domain concern the required rules.
#[derive(Debug, Default)]
pub struct Counts {
    /// Pods there that must not stand with the new one.
    existing_anti_affinity: BTreeMap<Domain, i64>,
    /// Pods there that the new one must stand with.
    affinity: BTreeMap<Domain, i64>,
    /// Pods there that the new one must not stand with.
    anti_affinity: BTreeMap<Domain, i64>,
}

/// The sum of the preferences for each domain.
pub type TopologyScores = BTreeMap<String, BTreeMap<String, i64>>;

fn rules(pod: &PodInfo) -> Option<&PodRules> {
    pod.facts.affinity.as_ref()
}

fn add(counts: &mut BTreeMap<Domain, i64>, term: &PodAffinityTerm, node: &NodeInfo) {
    if let Some(value) = node.label(&term.topology_key) {
        *counts.entry((term.topology_key.clone(), value.to_owned())).or_insert(0) += 1;
    }
}

fn pre_filter(cycle: &mut Cycle<'_>) -> PreFilter {
    if !cycle.around.any_rules && rules(cycle.pod).is_none() {
        return PreFilter::Skip;
    }
    let mut counts = Counts::default();
    for node in cycle.around.nodes.values() {
        for there in node.pods_with_affinity.values() {
            for term in rules(there).into_iter().flat_map(|rules| &rules.anti_affinity) {
                if cycle.pod.selected_by(term, there) {
                    add(&mut counts.existing_anti_affinity, term, node);
                }
            }
        }
    }
    let own = rules(cycle.pod)
        .filter(|rules| !rules.affinity.is_empty() || !rules.anti_affinity.is_empty());
    if let Some(own) = own {
        for node in cycle.around.nodes.values() {
            for there in node.pods.values() {
                if there.selected_by_all(&own.affinity, cycle.pod) {
                    own.affinity.iter().for_each(|term| add(&mut counts.affinity, term, node));
                }
                for term in &own.anti_affinity {
                    if there.selected_by(term, cycle.pod) {
                        add(&mut counts.anti_affinity, term, node);
                    }
                }
            }
        }
    }
    let nothing = own.is_none() && counts.existing_anti_affinity.is_empty();
    cycle.state.affinity_counts = counts;
    if nothing { PreFilter::Skip } else { PreFilter::Ready }
}

fn filter(cycle: &Cycle<'_>, Seen { node, .. }: &Seen) -> Result<(), Refusal> {
    let counts = &cycle.state.affinity_counts;
    if let Some(own) = rules(cycle.pod) {
        if !affinity_met(cycle.pod, own, counts, node) {
            return Err(Refusal::unresolvable("node(s) didn't match pod affinity rules"));
        }
        if own.anti_affinity.iter().any(|term| count_at(&counts.anti_affinity, term, node) > 0) {
            return Err(Refusal::unschedulable("node(s) didn't match pod anti-affinity rules"));
        }
    }
    let kept_away = node.labels().into_iter().flatten().any(|(key, value)| {
        counts.existing_anti_affinity.contains_key(&(key.clone(), value.clone()))
    });
    if kept_away {
        return Err(Refusal::unschedulable(
            "node(s) didn't satisfy existing pods anti-affinity rules",
        ));
    }
    Ok(())
}

fn count_at(counts: &BTreeMap<Domain, i64>, term: &PodAffinityTerm, node: &NodeInfo) -> i64 {
    let Some(value) = node.label(&term.topology_key) else { return 0 };
    counts.get(&(term.topology_key.clone(), value.to_owned())).copied().unwrap_or(0)
}

/// Whether the Pods to stand with are in the node's domains. The first Pod of a group that wants its own company may
/// go anywhere.
fn affinity_met(pod: &PodInfo, own: &PodRules, counts: &Counts, node: &NodeInfo) -> bool {
    if own.affinity.iter().any(|term| node.label(&term.topology_key).is_none()) {
        return false;
    }
    own.affinity.iter().all(|term| count_at(&counts.affinity, term, node) > 0)
        || (counts.affinity.is_empty() && pod.selected_by_all(&own.affinity, pod))
}

/// Adds up preferences, of the new Pod and of those that are there.
fn pre_score(cycle: &mut Cycle<'_>, _: &[&Seen]) -> bool {
    let mut scores = TopologyScores::new();
    let own = rules(cycle.pod);
    if !cycle.around.any_rules && own.is_none() {
        return false;
    }
    for node in cycle.around.nodes.values() {
        // Without rules of its own, only the Pods that have rules matter.
        let there = if own.is_some() { &node.pods } else { &node.pods_with_affinity };
        for there in there.values() {
            score_existing(&mut scores, cycle.pod, there, node);
        }
    }
    let any = !scores.is_empty();
    cycle.state.affinity_scores = scores;
    any
}

fn score_existing(scores: &mut TopologyScores, pod: &PodInfo, there: &PodInfo, node: &NodeInfo) {
    let mut weigh = |term: &PodAffinityTerm, chosen: &PodInfo, owner: &PodInfo, weight: i64| {
        let Some(value) = node.label(&term.topology_key) else { return };
        if chosen.selected_by(term, owner) {
            let domains = scores.entry(term.topology_key.clone()).or_default();
            *domains.entry(value.to_owned()).or_insert(0) += weight;
        }
    };
    let signed = |terms: &[WeightedPodAffinityTerm], sign: i64| {
        let terms =
            terms.iter().map(|one| (one.pod_affinity_term.clone(), sign * i64::from(one.weight)));
        terms.collect::<Vec<_>>()
    };
    if let Some(own) = rules(pod) {
        for (term, weight) in signed(&own.preferred_affinity, 1)
            .iter()
            .chain(&signed(&own.preferred_anti_affinity, -1))
        {
            weigh(term, there, pod, *weight);
        }
    }
    if let Some(rules) = rules(there) {
        for term in &rules.affinity {
            weigh(term, pod, there, HARD_POD_AFFINITY_WEIGHT);
        }
        for (term, weight) in signed(&rules.preferred_affinity, 1)
            .iter()
            .chain(&signed(&rules.preferred_anti_affinity, -1))
        {
            weigh(term, pod, there, *weight);
        }
    }
}

fn score(cycle: &Cycle<'_>, Seen { node, .. }: &Seen) -> i64 {
    cycle
        .state
        .affinity_scores
        .iter()
        .filter_map(|(key, domains)| domains.get(node.label(key)?))
        .sum()
}

/// Stretches the scores between the worst and the best node.
#[expect(clippy::float_arithmetic, reason = "upstream divides in floats, then cuts to integers")]
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "as upstream casts"
)]
fn stretch(_: &Cycle<'_>, _: &[&Seen], scores: &mut [i64]) {
    let min = scores.iter().copied().min().unwrap_or(0);
    let max = scores.iter().copied().max().unwrap_or(0);
    for score in scores {
        *score = if max > min {
            (MAX_NODE_SCORE as f64 * ((*score - min) as f64 / (max - min) as f64)) as i64
        } else {
            0
        };
    }
}
