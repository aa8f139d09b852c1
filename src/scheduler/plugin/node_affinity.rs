//! `NodeAffinity`: `nodeSelector` and node affinity, required and preferred.
//!
//! Models kubernetes `plugins/nodeaffinity/node_affinity.go` and component-helpers
//! `scheduling/corev1/nodeaffinity/nodeaffinity.go`.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::{
    NodeAffinity, NodeSelector, NodeSelectorRequirement, NodeSelectorTerm,
};

use crate::object::Name;
use crate::order;
use crate::scheduler::batch::Seen;
use crate::scheduler::framework::{Cycle, Plugin, PreFilter, Refusal, normalize};
use crate::scheduler::node_info::NodeInfo;
use crate::scheduler::pod_info::PodInfo;

/// The plugin's line in the list.
pub(super) const NODE_AFFINITY: Plugin = Plugin {
    weight: 2,
    pre_filter: Some(pre_filter),
    filter: Some(filter),
    pre_score: Some(pre_score),
    score: Some(score),
    normalize: Some(best_first),
    local: true,
    ..Plugin::named("NodeAffinity")
};

/// Whether a node has what the Pod requires of it: `nodeSelector` and required node affinity.
pub fn required_node_affinity_matches(pod: &PodInfo, node: &NodeInfo) -> bool {
    pod.node_selector_matches(node.labels())
        && required(pod).is_none_or(|selector| {
            selector.node_selector_terms.iter().any(|term| term_matches(term, node))
        })
}

fn node_affinity(pod: &PodInfo) -> Option<&NodeAffinity> {
    pod.spec().affinity.as_ref()?.node_affinity.as_ref()
}

fn required(pod: &PodInfo) -> Option<&NodeSelector> {
    node_affinity(pod)?.required_during_scheduling_ignored_during_execution.as_ref()
}

/// Names the nodes in question where every term names its nodes by `metadata.name`, as a DaemonSet's Pods do.
fn pre_filter(cycle: &mut Cycle<'_>) -> PreFilter {
    let Some(selector) = required(cycle.pod) else {
        return if cycle.pod.spec().node_selector.is_some() {
            PreFilter::Ready
        } else {
            PreFilter::Skip
        };
    };
    let mut names = BTreeSet::new();
    for term in &selector.node_selector_terms {
        let fields = term.match_fields.iter().flatten();
        let by_name: Vec<_> = fields
            .filter(|field| field.key == "metadata.name" && field.operator == "In")
            .map(|field| {
                order::set(field.values.iter().flatten().map(|name| Name::from(name.as_str())))
            })
            .collect();
        let Some(common) = by_name.into_iter().reduce(|all, one| &all & &one) else {
            return PreFilter::Ready;
        };
        names.extend(common);
    }
    PreFilter::Only(names)
}

fn filter(cycle: &Cycle<'_>, Seen { node, .. }: &Seen) -> Result<(), Refusal> {
    if required_node_affinity_matches(cycle.pod, node) {
        Ok(())
    } else {
        Err(Refusal::unresolvable("node(s) didn't match Pod's node affinity/selector"))
    }
}

fn pre_score(cycle: &mut Cycle<'_>, _: &[&Seen]) -> bool {
    let preferred = node_affinity(cycle.pod)
        .and_then(|rules| rules.preferred_during_scheduling_ignored_during_execution.as_ref());
    preferred.is_some_and(|terms| !terms.is_empty())
}

/// The weights of the preferred terms that the node meets.
fn score(cycle: &Cycle<'_>, Seen { node, .. }: &Seen) -> i64 {
    node_affinity(cycle.pod)
        .and_then(|rules| rules.preferred_during_scheduling_ignored_during_execution.as_ref())
        .into_iter()
        .flatten()
        .filter(|term| term.weight != 0 && term_matches(&term.preference, node))
        .map(|term| i64::from(term.weight))
        .sum()
}

fn best_first(_: &Cycle<'_>, _: &[&Seen], scores: &mut [i64]) {
    normalize(scores, false);
}

/// Whether a node meets every requirement of a term; an empty term matches nothing.
fn term_matches(term: &NodeSelectorTerm, node: &NodeInfo) -> bool {
    let expressions = term.match_expressions.as_deref().unwrap_or_default();
    let fields = term.match_fields.as_deref().unwrap_or_default();
    if expressions.is_empty() && fields.is_empty() {
        return false;
    }
    expressions.iter().all(|one| requirement_met(one, node.label(&one.key)))
        && fields.iter().all(|one| {
            let value = (one.key == "metadata.name").then_some(&*node.name);
            requirement_met(one, value)
        })
}

fn requirement_met(requirement: &NodeSelectorRequirement, value: Option<&str>) -> bool {
    let values = requirement.values.as_deref().unwrap_or_default();
    let listed = || value.is_some_and(|value| values.iter().any(|one| one == value));
    let compared = |wanted: fn(i64, i64) -> bool| {
        let (Some(value), [limit]) = (value, values) else { return false };
        matches!((value.parse(), limit.parse()), (Ok(value), Ok(limit)) if wanted(value, limit))
    };
    match requirement.operator.as_str() {
        "In" => listed(),
        "NotIn" => !listed(),
        "Exists" => value.is_some(),
        "DoesNotExist" => value.is_none(),
        "Gt" => compared(|value, limit| value > limit),
        "Lt" => compared(|value, limit| value < limit),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requirements_as_upstream() {
        let table = [
            ("In", &["a", "b"][..], Some("a"), true),
            ("In", &["b"], None, false),
            ("NotIn", &["a"], None, true),
            ("NotIn", &["a"], Some("a"), false),
            ("Exists", &[], Some(""), true),
            ("DoesNotExist", &[], None, true),
            ("Gt", &["3"], Some("4"), true),
            ("Gt", &["3"], Some("x"), false),
            ("Lt", &["3"], Some("2"), true),
            ("Lt", &["3"], None, false),
        ];
        for (operator, values, value, expected) in table {
            let requirement = NodeSelectorRequirement {
                key: "k".to_owned(),
                operator: operator.to_owned(),
                values: Some(values.iter().map(|value| (*value).to_owned()).collect()),
            };
            assert_eq!(
                requirement_met(&requirement, value),
                expected,
                "{operator} {values:?} {value:?}"
            );
        }
    }
}
