//! `DefaultPreemption`: makes room for a Pod by evicting Pods of lower priority.
//!
//! On each node that evicting could help, all lower Pods are taken away on a copy; if the Pod fits then, they come back,
//! the important ones first, as long as it still fits: those that cannot are the victims there. One node is chosen, and
//! named in the Pod's `nominatedNodeName`; once its victims are gone the Pod is tried there first.
//! Models kubernetes `plugins/defaultpreemption/default_preemption.go` and `framework/preemption/`.
//! *Differs:* victims are told in the same moment, one after another.

use std::cmp::Reverse;
use std::sync::Arc;

use k8s_openapi::api::core::v1::PodCondition;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use serde_json::Value;

use super::cycle::{Ranking, histogram, resolvable};
use super::decision::Verdict;
use super::framework::Cycle;
use super::pod_info::PodInfo;
use super::trial::Trial;
use crate::object::{Key, Kind, Name, Object, selector_matches, selects_everything};
use crate::order;
use crate::random::Random;
use crate::store::{Client, DeleteOptions, EventType, Store};
use crate::time::Time;

/// At least this share of the nodes in question is tried, in percent (`minCandidateNodesPercentage`).
const CANDIDATES_PERCENT: usize = 10;
/// At least so many nodes are tried (`minCandidateNodesAbsolute`).
const CANDIDATES_MIN: usize = 100;

/// What came of it.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Preemption {
    /// Room can be made.
    Found(Candidate),
    /// It cannot, for the reason given; the Pod gives up a node that was promised to it.
    Hopeless(String),
    /// The Pod may not evict, for the reason given; what was promised to it stays.
    NotEligible(&'static str),
}

/// A node, and who would have to go from it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Candidate {
    pub(super) node: Name,
    /// The most important first; never empty.
    pub(super) victims: Vec<Arc<PodInfo>>,
    /// How many of them are held by a budget.
    violations: usize,
}

/// What a `PodDisruptionBudget` allows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Budget {
    /// Its namespace.
    pub namespace: String,
    /// Its Pods.
    pub selector: LabelSelector,
    /// How many of them may go now.
    pub allowed: i32,
    /// Pods that were let go already.
    pub disrupted: Vec<String>,
}

/// Looks for a node on which room can be made.
#[inline(never)]
pub(super) fn preempt(
    cycle: &Cycle<'_>,
    ranking: &Ranking,
    budgets: &[Budget],
    now: Time,
    random: &mut Random,
) -> Preemption {
    if let Some(reason) = not_eligible(cycle, ranking) {
        return Preemption::NotEligible(reason);
    }
    let potential: Vec<&Name> = ranking
        .nodes
        .iter()
        .filter(|(_, verdict)| resolvable(verdict))
        .map(|(name, _)| name)
        .collect();
    let (mut candidates, mut refusals) = (Vec::new(), Vec::new());
    let enough = (potential.len() * CANDIDATES_PERCENT / 100).max(CANDIDATES_MIN);
    let offset = if potential.is_empty() { 0 } else { random.below(potential.len()) };
    let (before, first) = potential.split_at(offset);
    for node in first.iter().chain(before) {
        let polite = candidates.iter().any(|one: &Candidate| one.violations == 0);
        if polite && candidates.len() >= enough {
            break;
        }
        match victims(cycle, node, budgets, now) {
            Ok(candidate) => candidates.push(candidate),
            Err(reasons) => refusals.extend(reasons),
        }
    }
    match choose(candidates, now, random) {
        Some(candidate) => Preemption::Found(candidate),
        None => Preemption::Hopeless(hopeless(ranking, &refusals, potential.len())),
    }
}

fn not_eligible(cycle: &Cycle<'_>, ranking: &Ranking) -> Option<&'static str> {
    if cycle.pod.spec().preemption_policy.as_deref() == Some("Never") {
        return Some("not eligible due to preemptionPolicy=Never.");
    }
    let nominated = cycle.pod.nominated()?;
    let looked_at = ranking.nodes.iter().find(|(name, _)| &**name == nominated);
    let node = cycle.around.nodes.get(nominated).filter(|_| {
        looked_at.is_some_and(|(_, verdict)| {
            matches!(verdict, Verdict::Scored(_)) || resolvable(verdict)
        })
    })?;
    let mut lower = node.pods.values().filter(|one| one.priority() < cycle.pod.priority());
    let waits = lower.any(|one| one.terminating && is_preempted(one));
    waits.then_some("not eligible due to a terminating pod on the nominated node.")
}

fn is_preempted(pod: &PodInfo) -> bool {
    let mut conditions = pod.pod().status.conditions.iter().flatten();
    conditions
        .find(|one| one.type_ == "DisruptionTarget")
        .is_some_and(|one| one.status == "True" && one.reason.as_deref() == Some(REASON))
}

/// Who would have to go from a node (`SelectVictimsOnNode`), or why that would not help.
fn victims(
    cycle: &Cycle<'_>,
    name: &Name,
    budgets: &[Budget],
    now: Time,
) -> Result<Candidate, Vec<String>> {
    let nobody = || vec!["No preemption victims found for incoming pod".to_owned()];
    let mut trial = Trial::new(cycle);
    let index = cycle.batch.index(name).ok_or_else(nobody)?;
    let node = trial.node(index).ok_or_else(nobody)?;
    let lower = node.pods.values().filter(|one| one.priority() < cycle.pod.priority());
    let mut lower: Vec<(Key, Arc<PodInfo>)> =
        lower.map(|one| (one.key(), Arc::clone(one))).collect();
    if lower.is_empty() {
        return Err(nobody());
    }
    for (key, _) in &lower {
        trial.remove(name, key);
    }
    if let Some((_, refusal)) = trial.refused(index) {
        return Err(refusal.reasons.clone());
    }
    order::sort_by_key(&mut lower, |(_, pod)| importance(pod, now));
    let held = held_by_budgets(&lower, budgets);
    let (mut victims, mut violations) = (Vec::new(), 0);
    for wanted in [true, false] {
        for ((key, pod), _) in lower.iter().zip(&held).filter(|(_, held)| **held == wanted) {
            trial.add(name, key, pod);
            if trial.refused(index).is_some() {
                trial.remove(name, key);
                victims.push(Arc::clone(pod));
                violations += usize::from(wanted);
            }
        }
    }
    order::sort_by_key(&mut victims, |pod| importance(pod, now));
    if victims.is_empty() {
        Err(nobody())
    } else {
        Ok(Candidate { node: Name::clone(name), victims, violations })
    }
}

/// Orders Pods: higher priority first, then those that have run longer (`MoreImportantPod`).
fn importance(pod: &PodInfo, now: Time) -> (Reverse<i32>, Time) {
    (Reverse(pod.priority()), started(pod, now))
}

fn started(pod: &PodInfo, now: Time) -> Time {
    pod.pod().status.start_time.as_ref().map_or(now, Time::from)
}

/// Which Pods a budget would not let go, if they went in this order (`filterPodsWithPDBViolation`).
fn held_by_budgets(pods: &[(Key, Arc<PodInfo>)], budgets: &[Budget]) -> Vec<bool> {
    let mut allowed: Vec<i32> = budgets.iter().map(|budget| budget.allowed).collect();
    let mut held = Vec::with_capacity(pods.len());
    for (key, pod) in pods {
        let labels = pod.object.meta.labels.as_ref();
        let mut violated = false;
        for (budget, left) in budgets.iter().zip(&mut allowed) {
            let concerned = budget.namespace == *key.namespace
                && !selects_everything(&budget.selector)
                && selector_matches(&budget.selector, labels)
                && !budget.disrupted.iter().any(|name| *name == *key.name);
            *left -= i32::from(concerned);
            violated |= concerned && *left < 0;
        }
        held.push(violated);
    }
    held
}

/// The node that suffers least (`pickOneNodeForPreemption`): fewest budgets broken, lowest highest priority, lowest sum
/// of priorities, fewest victims, youngest most important victim; then chance.
fn choose(mut candidates: Vec<Candidate>, now: Time, random: &mut Random) -> Option<Candidate> {
    let cost = |candidate: &Candidate| {
        let priorities = || candidate.victims.iter().map(|pod| i64::from(pod.priority()));
        let highest = priorities().max().unwrap_or(0);
        let sum: i64 = priorities().map(|priority| priority + (1 << 31)).sum();
        let top = candidate.victims.iter().filter(|pod| i64::from(pod.priority()) == highest);
        let earliest = top.map(|pod| started(pod, now)).min();
        (candidate.violations, highest, sum, candidate.victims.len(), Reverse(earliest))
    };
    let least = candidates.iter().map(cost).min()?;
    candidates.retain(|candidate| cost(candidate) == least);
    let chosen = if candidates.len() == 1 { 0 } else { random.below(candidates.len()) };
    Some(candidates.swap_remove(chosen))
}

/// `0/3 nodes are available: …`: why no room can be made.
fn hopeless(ranking: &Ranking, refusals: &[String], potential: usize) -> String {
    let rest = ranking.nodes.len() - potential;
    let mut counts = std::collections::BTreeMap::<&str, usize>::new();
    for reason in refusals {
        *counts.entry(reason).or_insert(0) += 1;
    }
    if rest > 0 {
        counts.insert("Preemption is not helpful for scheduling", rest);
    }
    format!("0/{} nodes are available: {}.", ranking.nodes.len(), histogram(counts.into_iter()))
}

/// What the event adds to why no node fits; nothing if room is made. The first half is the dynamic resources plugin's.
pub(super) fn message(preemption: &Preemption) -> String {
    let reason = match preemption {
        Preemption::Found(_) => return String::new(),
        Preemption::Hopeless(reason) => reason,
        Preemption::NotEligible(reason) => *reason,
    };
    format!(" no new claims to deallocate, preemption: {reason}")
}

/// The budgets that there are.
#[inline(never)]
pub(super) fn budgets(store: &Store) -> Vec<Budget> {
    let budget = |object: &Arc<Object>| {
        let body = object.as_value()?;
        let of = |field: &str| body.status.get(field);
        let allowed = of("disruptionsAllowed").and_then(Value::as_i64).unwrap_or(0);
        let disrupted = of("disruptedPods").and_then(Value::as_object);
        Some(Budget {
            namespace: object.namespace().to_owned(),
            selector: body.selector(),
            allowed: i32::try_from(allowed).unwrap_or(0),
            disrupted: disrupted.into_iter().flat_map(|pods| pods.keys().cloned()).collect(),
        })
    };
    store.list(Kind::PodDisruptionBudget, None).filter_map(budget).collect()
}

const REASON: &str = "PreemptionByScheduler";

/// Evicts the victims. Pods of lower priority that were promised the node are promised nothing any more.
pub(super) fn evict<'a>(
    client: &mut Client<'_>,
    pod: &PodInfo,
    candidate: &Candidate,
    promised: impl Iterator<Item = &'a Key>,
) {
    for key in promised {
        // Who is gone by now needs no promise.
        drop(client.update_pod_status(key, |status| status.nominated_node_name = None));
    }
    let scheduler = pod.spec().scheduler_name.as_deref().unwrap_or("default-scheduler");
    for victim in candidate.victims.iter().filter(|victim| !victim.terminating) {
        let (key, now) = (victim.key(), client.now());
        let condition = PodCondition {
            type_: "DisruptionTarget".to_owned(),
            status: "True".to_owned(),
            reason: Some(REASON.to_owned()),
            message: Some(format!("{scheduler}: preempting to accommodate a higher priority pod")),
            observed_generation: victim.object.meta.generation,
            last_transition_time: Some(now.to_meta()),
            last_probe_time: None,
        };
        let marked = client.update_pod_status(&key, |status| {
            let conditions = status.conditions.get_or_insert_default();
            conditions.retain(|one| one.type_ != condition.type_);
            conditions.insert(0, condition);
        });
        // Who is gone already need not be evicted.
        if marked.is_ok() && client.delete(&key, &DeleteOptions::default()).is_ok() {
            let uid = pod.object.meta.uid.as_deref().unwrap_or_default();
            let message = format!("Preempted by pod {uid} on node {}", candidate.node);
            client.record_action(
                &victim.object,
                EventType::Normal,
                "Preempted",
                "Preempting",
                message,
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::Body;
    use crate::scheduler::testing::{World, decoded};

    /// A full node each for `low` and for `high`, and then a Pod of the highest class that fits on none.
    fn crowded(change: impl FnOnce(&mut k8s_openapi::api::core::v1::Pod)) -> World {
        let mut world = World::new();
        let polite = serde_json::json!({ "metadata": { "name": "polite" }, "value": 1000,
            "preemptionPolicy": "Never" });
        world.create(decoded(Kind::PriorityClass, &polite));
        world.node("a", "2");
        world.node("b", "2");
        let class = |class: &'static str| {
            move |pod: &mut k8s_openapi::api::core::v1::Pod| {
                pod.spec.get_or_insert_default().priority_class_name = Some(class.to_owned());
            }
        };
        world.pod_with("high", "1500m", class("system-cluster-critical"));
        world.run(1);
        world.pod("low", "1500m");
        world.run(1);
        world.pod_with("vip", "1500m", |pod| {
            class("system-node-critical")(pod);
            change(pod);
        });
        world.run(1);
        world
    }

    fn key(name: &str) -> Key {
        Key::new(Kind::Pod, "default", name)
    }

    fn status(world: &World, name: &str) -> k8s_openapi::api::core::v1::PodStatus {
        let pod = world.store.get(&key(name)).and_then(|pod| pod.as_pod());
        (*pod.expect("it is there").status).clone()
    }

    #[test]
    fn the_lowest_goes_and_the_node_is_promised() {
        let mut world = crowded(|_| {});
        assert!(world.store.get(&key("low")).is_some_and(|pod| pod.terminating()));
        assert!(world.store.get(&key("high")).is_some_and(|pod| !pod.terminating()));
        let conditions = status(&world, "low").conditions.unwrap_or_default();
        assert_eq!(conditions[0].reason.as_deref(), Some(REASON));
        let node = world.place("low");
        assert_eq!(status(&world, "vip").nominated_node_name, node);
        // What is promised is kept from others, also while the victim is still there.
        world.pod("later", "1");
        world.run(1);
        assert_eq!(world.place("later"), None);
        let now = DeleteOptions { grace_secs: Some(0), ..DeleteOptions::default() };
        world.act(|client| client.delete(&key("low"), &now)).expect("it is there");
        world.run(1);
        assert_eq!((world.place("vip"), world.place("later")), (node, None));
        assert_eq!(status(&world, "vip").nominated_node_name, None);
    }

    #[test]
    fn who_must_not_evict_waits_and_says_so() {
        let world = crowded(|pod| {
            pod.spec.get_or_insert_default().priority_class_name = Some("polite".to_owned());
        });
        let conditions = status(&world, "vip").conditions.unwrap_or_default();
        let message = conditions[0].message.as_deref();
        assert_eq!(
            message,
            Some(
                "0/2 nodes are available: 2 Insufficient cpu. no new claims to deallocate, \
                 preemption: not eligible due to preemptionPolicy=Never."
            )
        );
        assert!(world.store.get(&key("low")).is_some_and(|pod| !pod.terminating()));
    }

    fn candidate(node: &str, violations: usize, victims: &[(i32, i64)]) -> Candidate {
        let victim = |(priority, started): &(i32, i64)| {
            let mut pod = crate::store::testing::pod("victim");
            if let Body::Pod(body) = &mut pod.body {
                Arc::make_mut(&mut body.shared).priority = Some(*priority);
                let start = Time::from_micros(started * 1_000_000);
                Arc::make_mut(&mut body.status).start_time = Some(start.to_meta());
            }
            Arc::new(PodInfo::new(&Arc::new(pod), None).expect("it is a Pod"))
        };
        let victims = victims.iter().map(victim).collect();
        Candidate { node: node.into(), victims, violations }
    }

    #[test]
    fn the_node_that_suffers_least() {
        let table = [
            ("fewer budgets broken", (1, vec![(1, 0)]), (0, vec![(9, 0), (9, 0)])),
            ("lower highest priority", (0, vec![(5, 0)]), (0, vec![(4, 0), (4, 0), (4, 0)])),
            ("lower sum", (0, vec![(5, 0), (5, 0)]), (0, vec![(5, 0), (-3, 0)])),
            ("fewer victims of negative priority", (0, vec![(-5, 0), (-5, 0)]), (0, vec![(-5, 0)])),
            ("later start of the highest", (0, vec![(5, 7), (1, 9)]), (0, vec![(5, 8), (1, 1)])),
        ];
        for (what, worse, better) in table {
            for swap in [false, true] {
                let mut both = vec![
                    candidate("worse", worse.0, &worse.1),
                    candidate("better", better.0, &better.1),
                ];
                if swap {
                    both.reverse();
                }
                let chosen = choose(both, Time::START, &mut Random::new(1)).expect("one of two");
                assert_eq!(&*chosen.node, "better", "{what}");
            }
        }
    }

    #[test]
    fn budgets_hold_those_beyond_what_they_allow() {
        let selector = LabelSelector {
            match_labels: Some([("app".to_owned(), "db".to_owned())].into()),
            match_expressions: None,
        };
        let pod = |name: &str, app: &str| {
            let mut pod = crate::store::testing::pod(name);
            Arc::make_mut(&mut pod.meta).labels = Some([("app".to_owned(), app.to_owned())].into());
            let info = PodInfo::new(&Arc::new(pod), None).expect("it is a Pod");
            (info.key(), Arc::new(info))
        };
        let pods = [pod("gone", "db"), pod("one", "db"), pod("web", "web"), pod("two", "db")];
        let disrupted = vec!["gone".to_owned()];
        let budget = Budget { namespace: "default".to_owned(), selector, allowed: 1, disrupted };
        assert_eq!(held_by_budgets(&pods, &[budget]), [false, false, false, true]);
        let all = Budget { namespace: "default".to_owned(), ..Budget::default() };
        assert_eq!(held_by_budgets(&pods, &[all]), [false; 4], "an empty selector selects nothing");
    }
}
