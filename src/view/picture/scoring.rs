//! The scheduler's last decision, as the picture shows it: a score over each boat, or a refusal.

use crate::object::Name;
use crate::scheduler::decision::{Decision, Outcome};

/// What was decided about one Pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scoring {
    /// The Pod's name.
    pub pod: Name,
    /// Tells this decision from others about the same Pod.
    pub micros: i64,
    /// The node it went to, if any.
    pub chosen: Option<Name>,
    /// By node: its total, or nothing if it was refused.
    pub nodes: Vec<(Name, Option<i64>)>,
}

/// Reads a decision.
pub(super) fn scoring(decision: &Decision) -> Scoring {
    Scoring {
        pod: Name::clone(&decision.pod.name),
        micros: decision.time.micros(),
        chosen: match &decision.outcome {
            Outcome::Bound(node) => Some(Name::clone(node)),
            Outcome::Unschedulable(_) => None,
        },
        nodes: decision
            .nodes
            .iter()
            .map(|(node, verdict)| (Name::clone(node), verdict.total()))
            .collect(),
    }
}
