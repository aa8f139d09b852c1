//! `NodeResourcesBalancedAllocation`: prefers nodes whose CPU and memory fill up evenly, and those the Pod evens out.
//!
//! Models kubernetes `plugins/noderesources/balanced_allocation.go` as of 1.36: half the score is given to all, the
//! rest says how the balance changes by the Pod. Pods that request nothing are not scored.
//! Worked example: an empty node of 8 CPU and 2Gi, a Pod of 500m and 1Gi: fractions 0.0625 and 0.5, balance 78 with it,
//! 100 without: 50 + (50 + 78 - 100) / 2 = 64.

use super::super::resources::Resources;
use crate::scheduler::batch::Seen;
use crate::scheduler::framework::{Cycle, MAX_NODE_SCORE, Plugin};
use crate::scheduler::node_info::NodeInfo;

/// The plugin's line in the list.
pub(super) const NODE_RESOURCES_BALANCED_ALLOCATION: Plugin = Plugin {
    weight: 1,
    pre_score: Some(pre_score),
    score: Some(score),
    local: true,
    ..Plugin::named("NodeResourcesBalancedAllocation")
};

fn pre_score(cycle: &mut Cycle<'_>, _: &[&Seen]) -> bool {
    let wanted = &cycle.pod.facts.requests;
    wanted.milli_cpu != 0 || wanted.memory != 0
}

fn score(cycle: &Cycle<'_>, Seen { node, .. }: &Seen) -> i64 {
    let mut with = node.requested.clone();
    with.add(&cycle.pod.facts.requests);
    let (with, without) = (balance(&with, node), balance(&node.requested, node));
    MAX_NODE_SCORE / 2 + (MAX_NODE_SCORE / 2 + with - without) / 2
}

/// 100 where CPU and memory are taken to the same fraction, 50 where one is full and the other empty.
#[expect(
    clippy::float_arithmetic,
    reason = "upstream's scores are computed in floats, then cut to integers"
)]
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "as upstream casts"
)]
fn balance(taken: &Resources, node: &NodeInfo) -> i64 {
    let pairs =
        [(taken.milli_cpu, node.allocatable.milli_cpu), (taken.memory, node.allocatable.memory)];
    let fractions: Vec<f64> = pairs
        .into_iter()
        .filter(|(_, has)| *has != 0)
        .map(|(taken, has)| (taken as f64 / has as f64).min(1.0))
        .collect();
    let deviation = match fractions[..] {
        [cpu, memory] => ((cpu - memory) / 2.0).abs(),
        _ => 0.0,
    };
    ((1.0 - deviation) * MAX_NODE_SCORE as f64) as i64
}
