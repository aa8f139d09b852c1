//! `NodeResourcesFit`: a node must have left what the Pod requests; the emptier it stays, the better.
//!
//! Models kubernetes `plugins/noderesources/fit.go` and `least_allocated.go` (CPU and memory, weight 1 each).

use super::super::resources::Resources;
use crate::scheduler::batch::Seen;
use crate::scheduler::framework::{Code, Cycle, MAX_NODE_SCORE, Plugin, Refusal};
use crate::scheduler::node_info::NodeInfo;
use crate::scheduler::pod_info::PodInfo;

/// The plugin's line in the list.
pub(super) const NODE_RESOURCES_FIT: Plugin = Plugin {
    weight: 1,
    filter: Some(filter),
    score: Some(score),
    local: true,
    ..Plugin::named("NodeResourcesFit")
};

fn filter(cycle: &Cycle<'_>, Seen { node, .. }: &Seen) -> Result<(), Refusal> {
    let refusal = lacking(cycle.pod, node);
    if refusal.reasons.is_empty() { Ok(()) } else { Err(refusal) }
}

/// Whether a node does not have what the Pod requests.
pub fn lacks_resources(pod: &PodInfo, node: &NodeInfo) -> bool {
    !lacking(pod, node).reasons.is_empty()
}

/// All that a node lacks.
fn lacking(pod: &PodInfo, node: &NodeInfo) -> Refusal {
    let pods = i64::try_from(node.pods.len()).unwrap_or(i64::MAX);
    let mut refusal = Refusal { code: Code::Unschedulable, reasons: Vec::new() };
    if pods + 1 > node.allowed_pods {
        refusal.reasons.push("Too many pods".to_owned());
    }
    let wanted = &pod.facts.requests;
    if !wanted.is_nothing() {
        for (name, wanted, has, taken) in amounts(wanted, node) {
            if wanted > 0 && wanted > has - taken {
                refusal.reasons.push(format!("Insufficient {name}"));
                if wanted > has {
                    refusal.code = Code::UnschedulableAndUnresolvable;
                }
            }
        }
    }
    refusal
}

/// The first thing that a node has too little of, as its kubelet sees it: what, how much is wanted, taken and there.
/// Extended resources that the node does not have at all are not asked for.
pub fn shortage<'a>(pod: &'a PodInfo, node: &'a NodeInfo) -> Option<(&'a str, i64, i64, i64)> {
    let pods = i64::try_from(node.pods.len()).unwrap_or(i64::MAX);
    if pods + 1 > node.allowed_pods {
        return Some(("pods", 1, pods, node.allowed_pods));
    }
    let known = |name: &str| {
        matches!(name, "cpu" | "memory" | "ephemeral-storage")
            || node.allocatable.scalar.contains_key(name)
    };
    amounts(&pod.facts.requests, node)
        .find(|(name, wanted, has, taken)| *wanted > 0 && *wanted > has - taken && known(name))
        .map(|(name, wanted, has, taken)| (name, wanted, taken, has))
}

/// Each resource asked for: its name, how much is wanted, what the node has, what is taken of it.
fn amounts<'a>(
    wanted: &'a Resources,
    node: &'a NodeInfo,
) -> impl Iterator<Item = (&'a str, i64, i64, i64)> {
    let (has, taken) = (&node.allocatable, &node.requested);
    let fixed = [
        ("cpu", wanted.milli_cpu, has.milli_cpu, taken.milli_cpu),
        ("memory", wanted.memory, has.memory, taken.memory),
        (
            "ephemeral-storage",
            wanted.ephemeral_storage,
            has.ephemeral_storage,
            taken.ephemeral_storage,
        ),
    ];
    let scalar = wanted.scalar.iter().map(|(name, amount)| {
        let of = |resources: &Resources| resources.scalar.get(name).copied().unwrap_or(0);
        (name.as_str(), *amount, of(has), of(taken))
    });
    fixed.into_iter().chain(scalar)
}

/// The share that would stay free, averaged over CPU and memory.
fn score(cycle: &Cycle<'_>, Seen { node, .. }: &Seen) -> i64 {
    let (wanted, taken) = (&cycle.pod.facts.requests_or_typical, &node.requested_or_typical);
    let shares = [
        (taken.milli_cpu + wanted.milli_cpu, node.allocatable.milli_cpu),
        (taken.memory + wanted.memory, node.allocatable.memory),
    ];
    let (mut sum, mut count) = (0, 0);
    for (taken, has) in shares {
        if has == 0 {
            continue;
        }
        count += 1;
        if taken <= has {
            sum += (has - taken) * MAX_NODE_SCORE / has;
        }
    }
    if count == 0 { 0 } else { sum / count }
}
