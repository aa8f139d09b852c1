//! What a plugin is, and what one scheduling cycle knows.
//!
//! A plugin is a value in `plugin::PLUGINS`: which points of the cycle it takes part in, as plain functions over a
//! [`Cycle`]. What it computes ahead for all nodes it keeps in its own field of [`CycleState`].
//! Models kubernetes `pkg/scheduler/framework/interface.go`.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::persistent::OrdMap;

use super::batch::{Batch, Seen};
use super::node_info::NodeInfo;
use super::plugin::volume_binding::PodVolumes;
use super::plugin::{inter_pod_affinity, pod_topology_spread};
use super::pod_info::PodInfo;
use crate::object::Name;

/// The best score a plugin gives a node, before its weight.
pub const MAX_NODE_SCORE: i64 = 100;

/// All nodes by name.
pub type Nodes = OrdMap<Name, Arc<NodeInfo>>;

/// On how many nodes each image is.
pub type ImageSpread = OrdMap<Name, i64>;

/// Whether a node can hold the Pod.
pub type Filter = fn(&Cycle<'_>, &Seen) -> Result<(), Refusal>;
/// Looks at the nodes that can hold the Pod before they are scored; false if there is nothing to score.
pub type PreScore = fn(&mut Cycle<'_>, &[&Seen]) -> bool;
/// Brings the scores of all nodes into 0 to [`MAX_NODE_SCORE`].
pub type Normalize = fn(&Cycle<'_>, &[&Seen], &mut [i64]);

/// One plugin.
#[derive(Copy, Clone, Debug)]
pub struct Plugin {
    /// Upstream's name.
    pub name: &'static str,
    /// What its score is multiplied with.
    pub weight: i64,
    /// Whether what its filter and score say depends on nothing but the Pod's spec, labels and namespace, the node, and
    /// where images are: it is asked once for Pods that are alike, as long as the node does not change.
    pub local: bool,
    /// Looks at the Pod and all nodes before any node is tried.
    pub pre_filter: Option<fn(&mut Cycle<'_>) -> PreFilter>,
    /// See [`Filter`].
    pub filter: Option<Filter>,
    /// See [`PreScore`].
    pub pre_score: Option<PreScore>,
    /// How well a node suits.
    pub score: Option<fn(&Cycle<'_>, &Seen) -> i64>,
    /// See [`Normalize`].
    pub normalize: Option<Normalize>,
}

impl Plugin {
    /// A plugin that takes part in nothing, to start a value from.
    pub const fn named(name: &'static str) -> Self {
        Self {
            name,
            weight: 0,
            local: false,
            pre_filter: None,
            filter: None,
            pre_score: None,
            score: None,
            normalize: None,
        }
    }
}

/// What a plugin says before nodes are tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PreFilter {
    /// Try the nodes.
    Ready,
    /// This plugin's filter has nothing to say about this Pod.
    Skip,
    /// Only these nodes come into question.
    Only(BTreeSet<Name>),
}

/// Whether evicting Pods could make room.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Code {
    /// Evicting other Pods might help.
    Unschedulable,
    /// Nothing short of a change to the node or the Pod will help.
    UnschedulableAndUnresolvable,
}

/// Why a node cannot hold the Pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Whether evicting could help.
    pub code: Code,
    /// Upstream's words, counted and joined in the message.
    pub reasons: Vec<String>,
}

impl Refusal {
    /// A refusal that evicting other Pods might overcome.
    pub fn unschedulable(reason: &str) -> Self {
        Self { code: Code::Unschedulable, reasons: vec![reason.to_owned()] }
    }

    /// A refusal that no eviction overcomes.
    pub fn unresolvable(reason: &str) -> Self {
        Self { code: Code::UnschedulableAndUnresolvable, reasons: vec![reason.to_owned()] }
    }
}

/// What a cycle finds, besides the Pod.
#[derive(Copy, Clone, Debug)]
pub struct Surroundings<'a> {
    /// All nodes.
    pub nodes: &'a Nodes,
    /// Where images are.
    pub images: &'a ImageSpread,
    /// Whether any Pod on any node has rules about other Pods.
    pub any_rules: bool,
    /// Waiting Pods that are at least as important and for which room was made, with their nodes: it is theirs.
    pub nominated: &'a [(Name, Arc<PodInfo>)],
    /// What the Pod's claims ask for; none where there is no store to look into.
    pub volumes: Option<&'a PodVolumes<'a>>,
}

/// What one cycle knows.
#[derive(Debug)]
pub struct Cycle<'a> {
    /// The Pod to place.
    pub pod: &'a PodInfo,
    /// What there is.
    pub around: Surroundings<'a>,
    /// What is known about each node for Pods like this one.
    pub batch: &'a Batch,
    /// What plugins computed ahead.
    pub state: CycleState,
}

/// What plugins computed ahead, each in its field.
#[derive(Debug, Default)]
pub struct CycleState {
    /// `InterPodAffinity`, for filtering.
    pub affinity_counts: inter_pod_affinity::Counts,
    /// `InterPodAffinity`, for scoring.
    pub affinity_scores: inter_pod_affinity::TopologyScores,
    /// `PodTopologySpread`, for filtering.
    pub hard_spread: Vec<pod_topology_spread::Hard>,
    /// `PodTopologySpread`, for scoring.
    pub soft_spread: Vec<pod_topology_spread::Soft>,
}

impl<'a> Cycle<'a> {
    /// A cycle that has just begun.
    pub fn new(pod: &'a PodInfo, around: Surroundings<'a>, batch: &'a Batch) -> Self {
        Self { pod, around, batch, state: CycleState::default() }
    }
}

/// Stretches scores so that the best node has [`MAX_NODE_SCORE`]; with `reverse` the worst has it
/// (kubernetes `plugins/helper/normalize_score.go`).
pub fn normalize(scores: &mut [i64], reverse: bool) {
    let max = scores.iter().copied().max().unwrap_or(0);
    for score in scores {
        if max == 0 {
            *score = if reverse { MAX_NODE_SCORE } else { *score };
            continue;
        }
        *score = *score * MAX_NODE_SCORE / max;
        if reverse {
            *score = MAX_NODE_SCORE - *score;
        }
    }
}
