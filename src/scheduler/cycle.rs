//! One scheduling cycle as a pure function: filter the nodes, score those that are left.
//!
//! Models kubernetes `pkg/scheduler/schedule_one.go` (`findNodesThatFitPod`, `evaluateNominatedNode`,
//! `prioritizeNodes`, `selectHost`), `framework/runtime/framework.go` (`RunFilterPluginsWithNominatedPods`) and
//! `framework/types.go` (`FitError`).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::batch::{Batch, Row, Seen};
use super::decision::{Scores, Verdict};
use super::framework::{Code, Cycle, ImageSpread, Nodes, Plugin, PreFilter, Refusal, Surroundings};
use super::node_info::NodeInfo;
use super::plugin::PLUGINS;
use super::pod_info::PodInfo;
use super::trial::Trial;
use crate::object::{Name, Object};
use crate::order;
use crate::random::Random;
use crate::store::Store;

/// Up to this many nodes every one is tried (`minFeasibleNodesToFind`).
const FEASIBLE_NODES_MIN: usize = 100;

/// What the nodes came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ranking {
    /// The plugins that scored, in order.
    pub scored_by: Vec<&'static str>,
    /// Every node that was looked at.
    pub nodes: Vec<(Name, Verdict)>,
    /// Where the next cycle begins to look, so that in large clusters all nodes get their turn.
    pub next_start: usize,
}

impl Ranking {
    /// The nodes with the highest total, in order of name.
    pub fn best(&self) -> Vec<&Name> {
        let top = self.nodes.iter().filter_map(|(_, verdict)| verdict.total()).max();
        let best = self.nodes.iter().filter(|(_, verdict)| top.is_some() && verdict.total() == top);
        best.map(|(name, _)| name).collect()
    }

    /// `0/3 nodes are available: 1 Insufficient cpu, 2 node(s) were unschedulable.`
    pub fn message(&self, nodes: usize) -> String {
        let mut reasons = BTreeMap::<&str, usize>::new();
        for (_, verdict) in &self.nodes {
            if let Verdict::Rejected(_, refusal) = verdict {
                for reason in &refusal.reasons {
                    *reasons.entry(reason).or_insert(0) += 1;
                }
            }
        }
        if reasons.is_empty() {
            return format!("0/{nodes} nodes are available");
        }
        format!("0/{nodes} nodes are available: {}.", histogram(reasons.into_iter()))
    }
}

/// `1 this, 2 that`, sorted as text.
pub fn histogram<'a>(reasons: impl Iterator<Item = (&'a str, usize)>) -> String {
    let mut counted: Vec<_> = reasons.map(|(reason, count)| format!("{count} {reason}")).collect();
    order::sort(&mut counted);
    counted.join(", ")
}

/// Filters and scores; `start` is where to begin in a large cluster, `batch` what is known for Pods like this one.
pub fn rank(pod: &PodInfo, around: Surroundings<'_>, start: usize, batch: &mut Batch) -> Ranking {
    let start = if batch.is_empty() { 0 } else { start % batch.len() };
    let nominated = pod.nominated().and_then(|node| batch.index(node));
    let nothing = Batch::empty();
    let about = Cycle::new(pod, around, &nothing);
    learn(batch, &about, start);
    if let Some(index) = nominated {
        batch.learn(&about, index);
    }
    let mut cycle = Cycle::new(pod, around, batch);
    let (filters, only) = pre_filter(&mut cycle);
    // Where room was made for the Pod it goes, without a look at other nodes.
    if let Some(index) = nominated {
        let mut tried = filter(&cycle, &filters, &only, &mut (index..=index));
        if !tried.feasible.is_empty() {
            return Ranking { next_start: start, ..ranking(&mut cycle, &mut tried, index) };
        }
    }
    let mut turns = (start..batch.len()).chain(0..start);
    let mut tried = filter(&cycle, &filters, &only, &mut turns);
    ranking(&mut cycle, &mut tried, start)
}

/// Scores what was tried from `start` on, and puts it into the order of names.
fn ranking(cycle: &mut Cycle<'_>, tried: &mut Tried, start: usize) -> Ranking {
    let scored_by = score(cycle, tried);
    let (batch, count) = (cycle.batch, tried.verdicts.len());
    // What came after the last node was tried at the end, and stands at the beginning.
    let mut nodes = Vec::with_capacity(count);
    let unturned = (batch.len() - start).min(count);
    let back = tried.verdicts.split_off(unturned);
    let places = (0..back.len()).chain(start..start + unturned);
    for (place, verdict) in places.zip(back.into_iter().chain(tried.verdicts.drain(..))) {
        nodes.extend(batch.row(place).map(|(name, _)| (Name::clone(name), verdict)));
    }
    Ranking { scored_by, nodes, next_start: start + count }
}

/// Finds out what this cycle needs to know about nodes: all, if it compares them; else enough that can hold the Pod.
fn learn(batch: &mut Batch, cycle: &Cycle<'_>, start: usize) {
    let alone = batch.constraints().is_empty()
        && !cycle.around.any_rules
        && cycle.pod.spec().affinity.is_none();
    let mut missing = if alone { feasible_nodes_to_find(batch.len()) } else { usize::MAX };
    for index in (start..batch.len()).chain(0..start) {
        if missing == 0 {
            return;
        }
        batch.learn(cycle, index);
        let refused = batch.row(index).is_none_or(|(_, row)| row.refused.is_some());
        missing -= usize::from(!refused);
    }
}

/// Ranks nodes for a Pod in a world of nothing but these nodes and the Pods bound to them: one cycle without a cluster.
pub fn rank_among(nodes: &[Arc<Object>], bound: &[Arc<Object>], pod: &Arc<Object>) -> Ranking {
    let mut infos: BTreeMap<Name, NodeInfo> = nodes
        .iter()
        .filter_map(NodeInfo::new)
        .map(|info| (Name::clone(&info.name), info))
        .collect();
    for other in bound {
        let node = other.as_pod().and_then(|body| body.own.node_name.as_ref());
        let info = node.and_then(|node| infos.get_mut(node));
        if let (Some(info), Some(other)) = (info, PodInfo::new(other, None)) {
            info.add(&other.key(), &Arc::new(other));
        }
    }
    let mut images = ImageSpread::new();
    for image in nodes.iter().flat_map(image_names) {
        *images.entry(image).or_insert(0) += 1;
    }
    let nodes: Nodes = infos.into_iter().map(|(name, info)| (name, Arc::new(info))).collect();
    let store = Store::new(&Random::new(0));
    let any_rules = nodes.values().any(|node| !node.pods_with_affinity.is_empty());
    let around =
        Surroundings { nodes: &nodes, images: &images, any_rules, nominated: &[], volumes: None };
    PodInfo::new(pod, None).map_or_else(Ranking::default, |pod| {
        rank(&pod, around, 0, &mut Batch::new(&pod, &nodes, &store))
    })
}

/// Every name of every image on a node.
pub(super) fn image_names(node: &Arc<Object>) -> Vec<Name> {
    let images = node.as_node().into_iter().flat_map(|body| body.status.images.iter().flatten());
    images.flat_map(|image| image.names.iter().flatten()).map(|name| name.as_str().into()).collect()
}

/// The nodes in question, and the plugins that narrowed them down; none did if the set is absent.
#[derive(Debug, Default)]
pub(super) struct Narrowed {
    names: Option<BTreeSet<Name>>,
    by: Vec<&'static str>,
}

/// Runs `PreFilter` of every plugin: whose filter has something to say beyond what each node's row says, and which
/// nodes come into question.
pub(super) fn pre_filter(cycle: &mut Cycle<'_>) -> (Vec<&'static Plugin>, Narrowed) {
    let (mut filters, mut only) = (Vec::new(), Narrowed::default());
    for plugin in PLUGINS {
        let answer = plugin.pre_filter.map_or(PreFilter::Ready, |pre_filter| pre_filter(cycle));
        if answer != PreFilter::Skip && plugin.filter.is_some() && !plugin.local {
            filters.push(plugin);
        }
        if let PreFilter::Only(names) = answer {
            only.by.push(plugin.name);
            only.names = Some(match only.names {
                None => names,
                Some(earlier) => &earlier & &names,
            });
        }
    }
    (filters, only)
}

/// How many nodes that can hold the Pod are enough (`numFeasibleNodesToFind`): all of a hundred, half of a thousand,
/// never fewer than 5 %.
fn feasible_nodes_to_find(nodes: usize) -> usize {
    if nodes < FEASIBLE_NODES_MIN {
        return nodes;
    }
    let percentage = 50_usize.saturating_sub(nodes / 125).max(5);
    (nodes * percentage / 100).max(FEASIBLE_NODES_MIN)
}

/// The nodes that were tried, in turn.
struct Tried {
    verdicts: Vec<Verdict>,
    /// Those that can hold the Pod: their place above, and among all nodes.
    feasible: Vec<(usize, usize)>,
}

/// Tries the nodes in turn until enough can hold the Pod.
fn filter(
    cycle: &Cycle<'_>,
    filters: &[&Plugin],
    only: &Narrowed,
    turns: &mut dyn Iterator<Item = usize>,
) -> Tried {
    let enough = feasible_nodes_to_find(cycle.batch.len());
    // At their full size from the start: growing them step by step was a quarter of the time with 500 nodes.
    let (verdicts, feasible) = (Vec::with_capacity(enough), Vec::with_capacity(enough));
    let mut tried = Tried { verdicts, feasible };
    let mut trial = None;
    for index in turns {
        let Some((name, row)) = cycle.batch.row(index).filter(|_| tried.feasible.len() < enough)
        else {
            break;
        };
        if only.names.as_ref().is_some_and(|names| !names.contains(name)) {
            let reason = format!("node(s) didn't satisfy plugin(s) [{}]", only.by.join(" "));
            let refusal = Arc::new(Refusal::unresolvable(&reason));
            tried.verdicts.push(Verdict::Rejected(only.by[0], refusal));
            continue;
        }
        let refused = if cycle.around.nominated.iter().any(|(node, _)| node == name) {
            trial.get_or_insert_with(|| Trial::new(cycle)).refused(index)
        } else {
            refusal(cycle, filters, row)
        };
        if let Some((plugin, refusal)) = refused {
            tried.verdicts.push(Verdict::Rejected(plugin, refusal));
        } else {
            tried.feasible.push((tried.verdicts.len(), index));
            tried.verdicts.push(Verdict::Scored(Scores::default()));
        }
    }
    tried
}

/// The first plugin that refuses a node, if any does.
pub(super) fn refusal(
    cycle: &Cycle<'_>,
    filters: &[&Plugin],
    row: &Row,
) -> Option<(&'static str, Arc<Refusal>)> {
    row.refused.clone().or_else(|| {
        filters.iter().find_map(|plugin| {
            let refusal = plugin.filter?(cycle, &row.seen).err()?;
            Some((plugin.name, Arc::new(refusal)))
        })
    })
}

/// Scores the nodes that can hold the Pod. Returns the plugins that scored.
fn score(cycle: &mut Cycle<'_>, tried: &mut Tried) -> Vec<&'static str> {
    let batch = cycle.batch;
    let feasible = tried.feasible.iter().filter_map(|(_, index)| Some(batch.row(*index)?.1));
    let rows: Vec<&Row> = feasible.collect();
    let seen: Vec<&Seen> = rows.iter().map(|row| &row.seen).collect();
    let (mut scored_by, mut local) = (Vec::new(), 0);
    for plugin in PLUGINS {
        let Some(score) = plugin.score else { continue };
        let column = local;
        local += usize::from(plugin.local);
        if rows.is_empty() || plugin.pre_score.is_some_and(|pre| !pre(cycle, &seen)) {
            continue;
        }
        let mut scores: Vec<i64> = if plugin.local {
            rows.iter().map(|row| row.scores.get(column).copied().unwrap_or(0)).collect()
        } else {
            seen.iter().map(|seen| score(cycle, seen)).collect()
        };
        if let Some(normalize) = plugin.normalize {
            normalize(cycle, &seen, &mut scores);
        }
        scored_by.push(plugin.name);
        for ((place, _), score) in tried.feasible.iter().zip(scores) {
            if let Verdict::Scored(row) = &mut tried.verdicts[*place] {
                row.push(score * plugin.weight);
            }
        }
    }
    scored_by
}

/// Whether evicting Pods could help on this node.
pub fn resolvable(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Rejected(_, refusal) if refusal.code == Code::Unschedulable)
}
