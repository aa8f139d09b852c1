//! One scheduling cycle as a pure function: filter the nodes, score those that are left.
//!
//! Models kubernetes `pkg/scheduler/schedule_one.go` (`findNodesThatFitPod`, `prioritizeNodes`, `selectHost`) and
//! `framework/types.go` (`FitError`).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::decision::Verdict;
use super::framework::{Code, Cycle, ImageSpread, Nodes, Plugin, PreFilter, Refusal};
use super::node_info::NodeInfo;
use super::plugin::PLUGINS;
use super::pod_info::PodInfo;
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

/// Filters and scores; `start` is where to begin in a large cluster.
pub fn rank(cycle: &mut Cycle<'_>, start: usize) -> Ranking {
    let (filters, only) = pre_filter(cycle);
    let (mut rejected, feasible, next_start) = filter(cycle, &filters, &only, start);
    let mut ranking = score(cycle, &feasible);
    ranking.nodes.append(&mut rejected);
    order::sort_by(&mut ranking.nodes, |(a, _), (b, _)| a.cmp(b));
    ranking.next_start = next_start;
    ranking
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
    let nodes = infos.into_iter().map(|(name, info)| (name, Arc::new(info))).collect();
    let store = Store::new(&Random::new(0));
    match PodInfo::new(pod, None) {
        Some(pod) => rank(&mut Cycle::new(&pod, &nodes, &images, &store), 0),
        None => Ranking::default(),
    }
}

/// Every name of every image on a node.
pub(super) fn image_names(node: &Arc<Object>) -> Vec<Name> {
    let images = node.as_node().into_iter().flat_map(|body| body.status.images.iter().flatten());
    images.flat_map(|image| image.names.iter().flatten()).map(|name| name.as_str().into()).collect()
}

/// The nodes in question, and the plugins that narrowed them down; none did if the set is absent.
#[derive(Debug, Default)]
struct Narrowed {
    names: Option<BTreeSet<Name>>,
    by: Vec<&'static str>,
}

/// Runs `PreFilter` of every plugin: whose filter has something to say, and which nodes come into question.
fn pre_filter(cycle: &mut Cycle<'_>) -> (Vec<&'static Plugin>, Narrowed) {
    let (mut filters, mut only) = (Vec::new(), Narrowed::default());
    for plugin in PLUGINS {
        let answer = plugin.pre_filter.map_or(PreFilter::Ready, |pre_filter| pre_filter(cycle));
        if answer != PreFilter::Skip && plugin.filter.is_some() {
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

type Filtered = (Vec<(Name, Verdict)>, Vec<Arc<NodeInfo>>, usize);

/// Tries the nodes in turn until enough can hold the Pod.
fn filter(cycle: &Cycle<'_>, filters: &[&Plugin], only: &Narrowed, start: usize) -> Filtered {
    let nodes: &Nodes = cycle.nodes;
    let enough = feasible_nodes_to_find(nodes.len());
    let (mut rejected, mut feasible, mut tried) = (Vec::new(), Vec::new(), 0);
    let start = if nodes.is_empty() { 0 } else { start % nodes.len() };
    for (name, node) in nodes.iter().skip(start).chain(nodes.iter().take(start)) {
        if feasible.len() == enough {
            break;
        }
        tried += 1;
        if only.names.as_ref().is_some_and(|names| !names.contains(name)) {
            let reason = format!("node(s) didn't satisfy plugin(s) [{}]", only.by.join(" "));
            let verdict = Verdict::Rejected(only.by[0], Refusal::unresolvable(&reason));
            rejected.push((Name::clone(name), verdict));
            continue;
        }
        let refusal = filters.iter().find_map(|plugin| {
            let filter = plugin.filter?;
            filter(cycle, node).err().map(|refusal| Verdict::Rejected(plugin.name, refusal))
        });
        match refusal {
            Some(verdict) => rejected.push((Name::clone(name), verdict)),
            None => feasible.push(Arc::clone(node)),
        }
    }
    (rejected, feasible, start + tried)
}

/// Scores the nodes that can hold the Pod.
fn score(cycle: &mut Cycle<'_>, feasible: &[Arc<NodeInfo>]) -> Ranking {
    let mut ranking = Ranking::default();
    let mut rows = vec![Vec::new(); feasible.len()];
    for plugin in PLUGINS {
        let Some(score) = plugin.score else { continue };
        if feasible.is_empty() || plugin.pre_score.is_some_and(|pre| !pre(cycle, feasible)) {
            continue;
        }
        let mut scores: Vec<i64> = feasible.iter().map(|node| score(cycle, node)).collect();
        if let Some(normalize) = plugin.normalize {
            normalize(cycle, feasible, &mut scores);
        }
        ranking.scored_by.push(plugin.name);
        for (row, score) in rows.iter_mut().zip(scores) {
            row.push(score * plugin.weight);
        }
    }
    let names = feasible.iter().map(|node| Name::clone(&node.name));
    ranking.nodes = names.zip(rows.into_iter().map(Verdict::Scored)).collect();
    ranking
}

/// Whether evicting Pods could help on this node.
pub fn resolvable(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Rejected(_, refusal) if refusal.code == Code::Unschedulable)
}
