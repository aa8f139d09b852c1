//! What the scheduler saw when it last looked for a place for a Pod: node by node, scored or refused.

use crate::cluster::Cluster;
use crate::object::{Key, Kind, Name};
use crate::order;
use crate::scheduler::decision::{Decision, Outcome, Verdict};

/// Nodes that are listed.
const NODES: usize = 12;

/// One decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placement {
    /// The best nodes, the chosen one first.
    pub nodes: Vec<Candidate>,
    /// How many more there were.
    pub more: usize,
}

/// A node as the scheduler saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The node.
    pub node: Name,
    /// Whether the Pod went there.
    pub chosen: bool,
    /// Its total; `None` if it was refused.
    pub total: Option<i64>,
    /// The plugins' scores, or the one that refused it with its reasons.
    pub because: Vec<(&'static str, String)>,
}

/// The last decision about a Pod, if it is still known.
pub(super) fn placement(cluster: &Cluster, key: &Key) -> Option<Placement> {
    if key.kind != Kind::Pod {
        return None;
    }
    let decision = cluster.scheduler().decision(key)?;
    let mut nodes: Vec<Candidate> =
        decision.nodes.iter().map(|(node, verdict)| candidate(decision, node, verdict)).collect();
    order::sort_by_key(&mut nodes, |candidate| {
        (!candidate.chosen, std::cmp::Reverse(candidate.total), Name::clone(&candidate.node))
    });
    let more = nodes.len().saturating_sub(NODES);
    nodes.truncate(NODES);
    (!nodes.is_empty()).then_some(Placement { nodes, more })
}

fn candidate(decision: &Decision, node: &Name, verdict: &Verdict) -> Candidate {
    let because = match verdict {
        Verdict::Rejected(plugin, refusal) => vec![(*plugin, refusal.reasons.join(", "))],
        Verdict::Scored(scores) => decision
            .scored_by
            .iter()
            .zip(scores.as_slice())
            .map(|(plugin, score)| (*plugin, score.to_string()))
            .collect(),
    };
    Candidate {
        node: Name::clone(node),
        chosen: decision.outcome == Outcome::Bound(Name::clone(node)),
        total: verdict.total(),
        because,
    }
}
