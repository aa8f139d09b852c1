//! The scheduler: gives each Pod without a node the best one that can hold it.
//!
//! A value inside the cluster: the queue of Pods that wait, what it knows of each node, and its last decisions. The
//! cluster tells it of every change ([`Scheduler::notice`]) and runs one cycle for one Pod at a time
//! ([`Scheduler::schedule`]). Models kubernetes `pkg/scheduler/scheduler.go`, `schedule_one.go` and `eventhandlers.go`.
//! *Differs:* a cycle binds at once; there is no time between assuming and binding.

pub mod batch;
pub mod cycle;
pub mod decision;
pub mod framework;
pub mod node_info;
pub mod plugin;
pub mod pod_info;
pub mod preemption;
pub mod queue;
pub mod resources;

mod hint;
#[cfg(test)]
mod testing;
mod trial;

use std::collections::BTreeSet;
use std::sync::Arc;

use k8s_openapi::api::core::v1::{PodCondition, PodSpec};

use self::batch::Batches;
use self::cycle::{Ranking, image_names, rank};
use self::decision::{Decision, Outcome, Verdict};
use self::framework::{Cycle, ImageSpread, Nodes, Refusal, Surroundings};
use self::hint::{NodeEvent, PodEvent, is_finished};
use self::node_info::NodeInfo;
use self::plugin::volume_binding::{self, PodVolumes};
use self::pod_info::{PodInfo, SpecFacts};
use self::preemption::{Preemption, preempt};
use self::queue::{SchedulingQueue, Waiting};
use crate::object::{Key, Kind, Name, Object, PodBody};
use crate::order;
use crate::persistent::{Table, Vector};
use crate::random::Random;
use crate::store::{Because, Change, Client, EventType};
use crate::time::Time;

/// How many decisions are kept.
const DECISIONS_KEPT: usize = 500;

/// The scheduler's whole state.
#[derive(Clone, Debug, PartialEq)]
pub struct Scheduler {
    queue: SchedulingQueue,
    nodes: Nodes,
    images: ImageSpread,
    /// Where each bound Pod stands.
    places: Table<Key, Name>,
    /// The nodes on which room was made for waiting Pods.
    nominated: Table<Key, Name>,
    /// The Pod taken from the queue for the cycle that runs.
    in_flight: Option<(Key, Waiting)>,
    /// The spec that was read last, since siblings come one after another.
    last_spec: Option<(Arc<PodSpec>, Arc<SpecFacts>)>,
    /// The last decision about each Pod, of those still kept.
    decisions: Table<Key, Arc<Decision>>,
    decided: Vector<Key>,
    next_start: usize,
    /// What is known about nodes for the last few kinds of Pods.
    batches: Batches,
    /// How many Pods on nodes have rules about other Pods.
    pods_with_rules: usize,
    random: Random,
}

impl Scheduler {
    /// A scheduler that knows nothing yet.
    pub fn new(random: &Random) -> Self {
        Self {
            queue: SchedulingQueue::default(),
            nodes: Nodes::new(),
            images: ImageSpread::new(),
            places: Table::default(),
            nominated: Table::default(),
            in_flight: None,
            last_spec: None,
            decisions: Table::default(),
            decided: Vector::new(),
            next_start: 0,
            batches: Batches::default(),
            pods_with_rules: 0,
            random: random.split("scheduler"),
        }
    }

    /// The Pods that wait.
    pub fn queue(&self) -> &SchedulingQueue {
        &self.queue
    }

    /// What is known of each node.
    pub fn nodes(&self) -> &Nodes {
        &self.nodes
    }

    /// The last decision about a Pod, if it is still kept.
    pub fn decision(&self, pod: &Key) -> Option<&Arc<Decision>> {
        self.decisions.get(pod)
    }

    /// Pods that were decided about, oldest first; a Pod may stand there more than once.
    pub fn decided(&self) -> &Vector<Key> {
        &self.decided
    }

    /// Takes note of a change: of a Node, or of a Pod.
    pub fn notice(&mut self, change: &Change) {
        let object = change.object();
        if object.as_node().is_some() {
            self.notice_node(change);
        } else if let Some(pod) = object.as_pod() {
            self.notice_pod(change, pod);
        } else if matches!(
            change.key.kind,
            Kind::PersistentVolumeClaim
                | Kind::PersistentVolume
                | Kind::StorageClass
                | Kind::CSINode
        ) && self.queue.awaits_events()
        {
            let because = Because::Change(change.revision);
            self.queue.move_on(change.time, because, |waiting| {
                plugin::ABOUT_VOLUMES.iter().any(|name| waiting.refused_by.contains(name))
            });
        }
    }

    #[inline(never)]
    fn notice_node(&mut self, change: &Change) {
        let name = &change.key.name;
        let images = |object: &Option<Arc<Object>>| object.as_ref().map(image_names);
        if images(&change.before) == images(&change.after) {
            self.batches.forget(name);
        } else {
            self.batches.clear();
        }
        for image in change.before.iter().flat_map(image_names) {
            if let Some(count) = self.images.get_mut(&image) {
                *count -= 1;
            }
        }
        if let Some(node) = &change.after {
            for image in image_names(node) {
                *self.images.entry(image).or_insert(0) += 1;
            }
            match self.nodes.get_mut(name) {
                Some(known) => Arc::make_mut(known).set_node(node),
                None => NodeInfo::new(node).map(|info| {
                    self.nodes.insert(Name::clone(name), Arc::new(info));
                }),
            };
        } else {
            let gone = self.nodes.get(name).map_or(0, |node| node.pods_with_affinity.len());
            self.pods_with_rules -= gone;
            self.nodes.remove(name);
        }
        if self.queue.awaits_events()
            && let Some(event) = NodeEvent::of(change)
        {
            let because = Because::Change(change.revision);
            self.queue.move_on(change.time, because, |waiting| event.helps(waiting));
        }
    }

    fn notice_pod(&mut self, change: &Change, pod: &PodBody) {
        let key = &change.key;
        let gone = change.after.is_none() || is_finished(pod);
        let event = match &pod.own.node_name {
            None if gone => {
                self.queue.remove(key);
                // What was promised to it is free.
                let promised = self.nominated.discard(key) && self.queue.awaits_events();
                if promised { PodEvent::of(change, None) } else { None }
            }
            None => return self.notice_waiting(change, pod),
            Some(node) => {
                self.queue.remove(key);
                self.nominated.discard(key);
                let heard = self.queue.awaits_events();
                let event = if heard { PodEvent::of(change, self.places.get(key)) } else { None };
                if gone {
                    self.leave(key);
                    self.places.remove(key);
                } else if !self.stands_unchanged(change, pod, node) {
                    self.stand(key, node, change.object());
                }
                event
            }
        };
        if let Some(event) = event {
            let because = Because::Change(change.revision);
            self.queue.move_on(change.time, because, |waiting| event.helps(waiting));
        }
    }

    /// A Pod without a node came, or was changed.
    fn notice_waiting(&mut self, change: &Change, pod: &PodBody) {
        if pod.shared.scheduler_name.as_deref().is_some_and(|name| name != "default-scheduler") {
            return;
        }
        let (key, because) = (&change.key, Because::Change(change.revision));
        let Some(info) = self.read(change.object()) else { return };
        match info.nominated() {
            Some(node) => self.nominated.insert(key.clone(), node.into()),
            None => {
                self.nominated.discard(key);
            }
        }
        let gated = info.is_gated();
        let before = change.before.as_ref().and_then(|before| Some((before, before.as_pod()?)));
        let Some((before, old)) = before else {
            return self.queue.add(key, info, change.time, because);
        };
        self.queue.update(key, &info);
        let was_gated = old.shared.scheduling_gates.iter().flatten().next().is_some();
        if was_gated && !gated {
            self.queue.add(key, info, change.time, because);
        } else if old.shared != pod.shared || before.meta.labels != change.object().meta.labels {
            self.queue.retry(key, change.time, because);
        }
    }

    /// Whether a Pod stood on its node before a change, and nothing changed that any plugin reads.
    fn stands_unchanged(&self, change: &Change, pod: &PodBody, node: &Name) -> bool {
        let before = change.before.as_ref().and_then(|before| Some((before, before.as_pod()?)));
        let Some((before, old)) = before else { return false };
        let (meta, object) = (&before.meta, change.object());
        let same_meta = Arc::ptr_eq(meta, &object.meta)
            || meta.labels == object.meta.labels && before.terminating() == object.terminating();
        same_meta
            && Arc::ptr_eq(&old.shared, &pod.shared)
            && old.own.node_name == pod.own.node_name
            && self.nodes.get(node).is_some_and(|known| known.pods.contains_key(&change.key))
    }

    /// Puts a Pod on the node it is bound to.
    fn stand(&mut self, key: &Key, node: &Name, object: &Arc<Object>) {
        let Some(info) = self.read(object) else { return };
        self.leave(key);
        self.places.insert(key.clone(), Name::clone(node));
        self.change_node(node, |known| known.add(key, &info));
    }

    fn leave(&mut self, key: &Key) {
        if let Some(node) = self.places.get(key).cloned() {
            self.change_node(&node, |known| known.remove(key));
        }
    }

    fn change_node(&mut self, node: &Name, change: impl FnOnce(&mut NodeInfo)) {
        self.batches.forget(node);
        let Some(known) = self.nodes.get_mut(node) else { return };
        let before = known.pods_with_affinity.len();
        change(Arc::make_mut(known));
        self.pods_with_rules = self.pods_with_rules + known.pods_with_affinity.len() - before;
    }

    fn read(&mut self, object: &Arc<Object>) -> Option<Arc<PodInfo>> {
        let info = PodInfo::new(object, self.last_spec.as_ref())?;
        let spec = Arc::clone(&object.as_pod()?.shared);
        self.last_spec = Some((spec, Arc::clone(&info.facts)));
        Some(Arc::new(info))
    }

    /// When the next cycle is due, if any Pod waits for one.
    pub fn next_due(&self) -> Option<Time> {
        self.queue.next_due()
    }

    /// Takes the Pod whose turn it is, and what made it due; [`Self::schedule`] must follow.
    pub fn pop(&mut self, now: Time) -> Option<(Key, Because)> {
        let (key, waiting) = self.queue.pop(now)?;
        let because = waiting.because;
        self.in_flight = Some((key.clone(), waiting));
        Some((key, because))
    }

    /// One cycle for one Pod: rank the nodes, then bind to the best, or make room, or say why there is none.
    pub fn schedule(&mut self, pod: &Key, client: &mut Client<'_>) {
        let Some((_, waiting)) = self.in_flight.take().filter(|(key, _)| key == pod) else {
            return;
        };
        let info = Arc::clone(&waiting.pod);
        let object = &info.object;
        if object.terminating() || client.store().get(pod).is_none() {
            return;
        }
        let nominated = self.nominated_beside(&info);
        let volumes = match PodVolumes::of(client.store(), object) {
            Ok(volumes) => volumes,
            Err(reason) => return self.refuse_all(client, waiting, &reason),
        };
        let around = Surroundings {
            nodes: &self.nodes,
            images: &self.images,
            any_rules: self.pods_with_rules > 0,
            nominated: &nominated,
            volumes: Some(&volumes),
        };
        let mut batch = self.batches.take(&info, &self.nodes, client.store());
        let ranking = rank(&info, around, self.next_start, Arc::make_mut(&mut batch));
        self.next_start = ranking.next_start;
        let best = ranking.best();
        let outcome = if best.is_empty() {
            let budgets = preemption::budgets(client.store());
            let cycle = Cycle::new(&info, around, &batch);
            let now = client.now();
            let preemption = preempt(&cycle, &ranking, &budgets, now, &mut self.random);
            let message = failure(&preemption, &ranking, self.nodes.len());
            self.queue.refuse(pod, waiting, refused_by(&ranking), now);
            self.refuse(client, &info, &preemption, &message);
            Outcome::Unschedulable(message)
        } else {
            let node = Name::clone(best[self.random.below(best.len())]);
            if volumes.waits() {
                let plan = volumes.plan(&node);
                volume_binding::carry_out(client, &node, &plan);
                nominate(client, object, &node);
                let by = BTreeSet::from([volume_binding::NAME]);
                self.queue.refuse(pod, waiting, by, client.now());
            } else {
                bind(client, object, &node);
            }
            Outcome::Bound(node)
        };
        self.batches.put(batch);
        self.keep(Decision {
            pod: pod.clone(),
            time: client.now(),
            scored_by: ranking.scored_by,
            nodes: ranking.nodes,
            outcome,
        });
    }

    /// No node can do, whatever it is like: something that the Pod needs is not there.
    #[inline(never)]
    fn refuse_all(&mut self, client: &mut Client<'_>, waiting: Waiting, reason: &str) {
        let (info, now) = (Arc::clone(&waiting.pod), client.now());
        let count = self.nodes.len();
        let refusal = Arc::new(Refusal::unresolvable(reason));
        let verdict = Verdict::Rejected(volume_binding::NAME, refusal);
        let nodes: Vec<_> =
            self.nodes.keys().map(|name| (Name::clone(name), verdict.clone())).collect();
        let preemption = Preemption::Hopeless(format!(
            "0/{count} nodes are available: {count} Preemption is not helpful for scheduling."
        ));
        let message =
            format!("0/{count} nodes are available: {reason}.") + &preemption::message(&preemption);
        let pod = info.object.key();
        self.queue.refuse(&pod, waiting, BTreeSet::from([volume_binding::NAME]), now);
        self.refuse(client, &info, &preemption, &message);
        let outcome = Outcome::Unschedulable(message);
        self.keep(Decision { pod, time: now, scored_by: Vec::new(), nodes, outcome });
    }

    /// The other waiting Pods for which room was made and that are at least as important, with their nodes.
    fn nominated_beside(&self, pod: &PodInfo) -> Vec<(Name, Arc<PodInfo>)> {
        let nominated = self.nominated.iter();
        nominated
            .filter_map(|(key, node)| Some((node, &self.queue.waiting().get(key)?.pod)))
            .filter(|(_, other)| other.priority() >= pod.priority())
            .map(|(node, other)| (Name::clone(node), Arc::clone(other)))
            .collect()
    }

    /// No node can hold a Pod: says so, and makes room if that is possible.
    #[inline(never)]
    fn refuse(
        &self,
        client: &mut Client<'_>,
        pod: &PodInfo,
        preemption: &Preemption,
        message: &str,
    ) {
        report(client, &pod.object, message, preemption);
        let Preemption::Found(candidate) = preemption else { return };
        let there = self.nominated.iter().filter(|(_, node)| **node == candidate.node);
        let lower = there.map(|(key, _)| key).filter(|key| {
            let waiting = self.queue.waiting().get(*key);
            waiting.is_some_and(|waiting| waiting.pod.priority() < pod.priority())
        });
        preemption::evict(client, pod, candidate, lower);
    }

    fn keep(&mut self, decision: Decision) {
        self.decided.push_back(decision.pod.clone());
        self.decisions.insert(decision.pod.clone(), Arc::new(decision));
        if self.decided.len() > DECISIONS_KEPT {
            let oldest = self.decided.pop_front();
            if let Some(oldest) = oldest.filter(|key| !self.queue.waiting().contains_key(key)) {
                self.decisions.remove(&oldest);
            }
        }
    }
}

#[inline(never)]
fn refused_by(ranking: &Ranking) -> BTreeSet<&'static str> {
    let verdicts = ranking.nodes.iter().map(|(_, verdict)| verdict);
    order::set(verdicts.filter_map(|verdict| match verdict {
        Verdict::Rejected(plugin, _) => Some(*plugin),
        Verdict::Scored(_) => None,
    }))
}

#[inline(never)]
fn failure(preemption: &Preemption, ranking: &Ranking, nodes: usize) -> String {
    if nodes == 0 {
        return "no nodes available to schedule pods".to_owned();
    }
    ranking.message(nodes) + &preemption::message(preemption)
}

fn bind(client: &mut Client<'_>, pod: &Object, node: &Name) {
    match client.bind(&pod.key(), node) {
        Ok(_) => {
            let message =
                format!("Successfully assigned {}/{} to {node}", pod.namespace(), pod.name());
            client.record_action(pod, EventType::Normal, "Scheduled", "Binding", message);
        }
        Err(error) => {
            let message = format!("binding rejected: {error}");
            client.record_action(
                pod,
                EventType::Warning,
                "FailedScheduling",
                "Scheduling",
                message,
            );
        }
    }
}

/// Promises a node to a Pod that waits there for its volumes.
#[inline(never)]
fn nominate(client: &mut Client<'_>, pod: &Object, node: &Name) {
    drop(client.update_pod_status(&pod.key(), |status| {
        status.nominated_node_name = Some(node.to_string());
    }));
}

/// The longest text of an Event (`NoteLengthLimit`), and what ends a longer one.
const NOTE_LENGTH_MAX: usize = 1024;
const NOTE_CUT: &str = " ...";

/// Says in an event and in the Pod's condition that no node could hold it, and names the node that it is promised.
fn report(client: &mut Client<'_>, pod: &Object, message: &str, preemption: &Preemption) {
    let note = if message.len() > NOTE_LENGTH_MAX {
        let kept = NOTE_LENGTH_MAX - NOTE_CUT.len();
        message.chars().take(kept).chain(NOTE_CUT.chars()).collect()
    } else {
        message.to_owned()
    };
    client.record_action(pod, EventType::Warning, "FailedScheduling", "Scheduling", note);
    let (now, generation) = (client.now().to_meta(), pod.meta.generation);
    // A Pod that is gone by now needs no condition.
    drop(client.update_pod_status(&pod.key(), |status| {
        match preemption {
            Preemption::Found(candidate) => {
                status.nominated_node_name = Some(candidate.node.to_string());
            }
            Preemption::Hopeless(_) => status.nominated_node_name = None,
            Preemption::NotEligible(_) => {}
        }
        let conditions = status.conditions.get_or_insert_default();
        let old = conditions.iter_mut().find(|condition| condition.type_ == "PodScheduled");
        let transition = match &old {
            Some(old) if old.status == "False" => old.last_transition_time.clone(),
            Some(_) | None => Some(now),
        };
        let condition = PodCondition {
            type_: "PodScheduled".to_owned(),
            status: "False".to_owned(),
            reason: Some("Unschedulable".to_owned()),
            message: Some(message.to_owned()),
            last_transition_time: transition,
            observed_generation: generation,
            ..PodCondition::default()
        };
        match old {
            Some(old) => *old = condition,
            None => conditions.push(condition),
        }
    }));
}

#[cfg(test)]
mod tests {
    use super::testing::World;
    use super::*;
    use crate::object::Kind;
    use crate::store::DeleteOptions;

    #[test]
    fn a_pod_goes_to_the_emptier_node() {
        let mut world = World::new();
        world.node("small", "2");
        world.node("large", "8");
        world.pod("web", "1");
        world.run(1);
        assert_eq!(world.place("web").as_deref(), Some("large"));
    }

    #[test]
    fn what_is_bound_takes_room_and_what_goes_gives_it_back() {
        let mut world = World::new();
        world.node("only", "2");
        world.pod("first", "1500m");
        world.pod("second", "1");
        world.run(1);
        assert_eq!(world.place("second"), None);
        let waiting = world.scheduler.queue().waiting().values().next().expect("it waits");
        assert_eq!(waiting.refused_by, BTreeSet::from(["NodeResourcesFit"]));
        let first = Key::new(Kind::Pod, "default", "first");
        let now = DeleteOptions { grace_secs: Some(0), ..DeleteOptions::default() };
        world.act(|client| client.delete(&first, &now)).expect("it was there");
        world.run(1);
        assert_eq!(world.place("second").as_deref(), Some("only"), "after its back-off");
    }

    #[test]
    fn a_refusal_is_said_in_the_condition_and_kept_as_data() {
        let mut world = World::new();
        world.node("a", "1");
        world.node("b", "1");
        world.pod("large", "3");
        world.run(1);
        let key = Key::new(Kind::Pod, "default", "large");
        let expected = "0/2 nodes are available: 2 Insufficient cpu. no new claims to deallocate, \
            preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.";
        let pod = world.store.get(&key).and_then(|pod| pod.as_pod()).expect("it is there");
        let condition = &pod.status.conditions.as_ref().expect("it has conditions")[0];
        assert_eq!(condition.message.as_deref(), Some(expected));
        let decision = world.scheduler.decision(&key).expect("it is kept");
        assert_eq!(decision.outcome, Outcome::Unschedulable(expected.to_owned()));
        assert_eq!(decision.nodes.len(), 2);
    }

    #[test]
    fn what_is_remembered_about_nodes_is_forgotten_when_they_change() {
        let mut world = World::new();
        let mut random = Random::new(5);
        for number in 0..130 {
            world.node(&format!("n{number}"), ["2", "4", "8"][number % 3]);
        }
        for round in 0..120 {
            let kind = random.below(5);
            world.pod_with(&format!("p{round}"), ["100m", "1"][kind % 2], |pod| {
                pod.metadata.labels = Some([("app".to_owned(), format!("a{kind}"))].into());
                let spec = pod.spec.get_or_insert_default();
                let selector = serde_json::json!({"matchLabels": {"app": format!("a{kind}")}});
                let key = "kubernetes.io/hostname";
                let action = ["DoNotSchedule", "ScheduleAnyway"][round % 2];
                let rules = match kind {
                    2 => serde_json::json!({"topologySpreadConstraints": [{"maxSkew": 1, "topologyKey": key,
                        "whenUnsatisfiable": action, "labelSelector": selector}]}),
                    3 => serde_json::json!({"affinity": {"podAntiAffinity": {
                        "requiredDuringSchedulingIgnoredDuringExecution": [{"topologyKey": key, "labelSelector": selector}]}}}),
                    _ => return,
                };
                let mut value = serde_json::to_value(&*spec).expect("a spec serializes");
                let rules = rules.as_object().expect("a mapping").clone();
                value.as_object_mut().expect("a mapping").extend(rules);
                *spec = serde_json::from_value(value).expect("a spec");
            });
            match random.below(6) {
                0 => {
                    let key = Key::cluster(Kind::Node, format!("n{}", random.below(130)));
                    world
                        .act(|client| {
                            client.modify(&key, |node| {
                                if let crate::object::Body::Node(body) = &mut node.body {
                                    Arc::make_mut(&mut body.spec).unschedulable =
                                        Some(round % 2 == 0);
                                }
                            })
                        })
                        .expect("it is there");
                }
                1 => {
                    let key =
                        Key::new(Kind::Pod, "default", format!("p{}", random.below(round + 1)));
                    let now = DeleteOptions { grace_secs: Some(0), ..DeleteOptions::default() };
                    // It may be gone already.
                    drop(world.act(|client| client.delete(&key, &now)));
                }
                _ => {}
            }
            world.run(1);
        }
        assert!(world.scheduler.places.len() > 60, "{} Pods", world.scheduler.places.len());
    }
}
