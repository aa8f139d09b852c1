//! What a scheduling cycle decided, kept as data for the picture and the inspector.
//!
//! For every node that was looked at: which plugin refused it and why, or what each plugin scored it (weighted).

use std::sync::Arc;

use crate::object::{Key, Name};
use crate::scheduler::framework::Refusal;
use crate::time::Time;

/// One cycle for one Pod.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// The Pod.
    pub pod: Key,
    /// When.
    pub time: Time,
    /// The plugins that scored, in order; the scores of a [`Verdict::Scored`] stand in the same order.
    pub scored_by: Vec<&'static str>,
    /// Every node that was looked at, in the order of names.
    pub nodes: Vec<(Name, Verdict)>,
    /// The node it went to, or why there is none.
    pub outcome: Outcome,
}

/// How a cycle ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Bound to this node.
    Bound(Name),
    /// No node can hold it: the whole message, as the event says it.
    Unschedulable(String),
}

/// What was found out about a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Refused by this plugin.
    Rejected(&'static str, Arc<Refusal>),
    /// It could hold the Pod: the weighted scores.
    Scored(Scores),
}

/// Weighted scores, small and without a place of their own on the heap: there is one for each node and decision.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct Scores {
    count: u8,
    scores: [i16; SCORES_MAX],
}

/// At least as many as plugins score.
const SCORES_MAX: usize = 8;

impl Scores {
    /// Adds the next plugin's.
    pub fn push(&mut self, score: i64) {
        if let Some(place) = self.scores.get_mut(usize::from(self.count)) {
            *place = i16::try_from(score).unwrap_or(i16::MAX);
            self.count += 1;
        }
    }

    /// The scores, in the order of the plugins that scored.
    pub fn as_slice(&self) -> &[i16] {
        self.scores.get(..usize::from(self.count)).unwrap_or_default()
    }
}

impl Decision {
    /// The node's total, if it was scored.
    pub fn total(&self, node: &str) -> Option<i64> {
        self.nodes.iter().find(|(name, _)| &**name == node).and_then(|(_, verdict)| verdict.total())
    }
}

impl Verdict {
    /// The sum of the scores.
    pub fn total(&self) -> Option<i64> {
        match self {
            Self::Rejected(..) => None,
            Self::Scored(scores) => {
                Some(scores.as_slice().iter().map(|score| i64::from(*score)).sum())
            }
        }
    }
}
