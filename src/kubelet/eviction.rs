//! Eviction: a machine that runs short of memory ends a Pod, and says that it is short.
//!
//! Models kubernetes `pkg/kubelet/eviction/eviction_manager.go` (`synchronize`) and `helpers.go` (`rankMemoryPressure`,
//! `evictionMessage`) with the default threshold `memory.available<100Mi`; the taint is the node lifecycle controller's.
//! *Differs:* memory is looked at after a container started and while it is short, not every 10 s; disks and process
//! numbers never run short.

use std::fmt::Write as _;
use std::sync::Arc;

use k8s_openapi::api::core::v1::PodCondition;

use super::worker::Worker;
use super::{Host, Kubelet, Task, World};
use crate::engine::{Process, Rules};
use crate::object::usage::{REQUESTS, of_container};
use crate::object::{Key, Kind, Name};
use crate::quantity::Quantity;
use crate::store::{EventOrigin, EventType};
use crate::time::{Duration, Time};

/// `monitoringInterval`.
const LOOK_MICROS: u64 = 10_000_000;
/// What must be left.
const THRESHOLD_BYTES: i64 = 100 << 20;
/// `evictionPressureTransitionPeriod`: for how long a node is called short once it was.
const TRANSITION: Duration = Duration::from_mins(5);
/// Pods of this priority are never evicted (`SystemCriticalPriority`).
const CRITICAL: i32 = 2_000_000_000;
/// Why the kubelet made a Pod fail.
pub(super) const EVICTED: &str = "Evicted";

/// How a machine stands with its memory.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Pressure {
    /// Whether a look at it is planned.
    planned: bool,
    /// Whether the node is called short of it.
    pub(super) told: bool,
    /// Until when it is.
    until: Option<Time>,
}

impl Host {
    /// Looks at the memory when it is next due.
    pub(super) fn plan_pressure(&mut self, world: &mut World<'_>) {
        if self.pressure.planned || self.rules == Rules::Recorded {
            return;
        }
        let into = u64::try_from(world.now().micros()).unwrap_or(0) % LOOK_MICROS;
        let wait = LOOK_MICROS - (into + self.relist_phase) % LOOK_MICROS;
        self.pressure.planned = true;
        world.later.push((Duration::from_micros(wait), Task::Pressure));
    }
}

impl Kubelet {
    /// Looks at the memory; at most one Pod is evicted at a time.
    #[inline(never)]
    pub(super) fn check_pressure(&mut self, world: &mut World<'_>) {
        self.host.pressure.planned = false;
        let (now, available) = (world.now(), self.memory_available());
        let short = available < THRESHOLD_BYTES;
        if short {
            self.host.pressure.until = Some(now + TRANSITION);
        }
        let pressed = self.host.pressure.until.is_some_and(|until| now < until);
        if pressed != self.host.pressure.told {
            self.host.pressure.told = pressed;
            self.report_node(world);
        }
        if short {
            self.say_of_node("EvictionThresholdMet", "Attempting to reclaim memory", world);
            if let Some(uid) = self.victim() {
                self.with_worker(&uid, world, |worker, host, world| {
                    worker.evict(available, host, world);
                });
            }
        }
        if pressed {
            self.host.plan_pressure(world);
        }
    }

    fn say_of_node(&self, reason: &str, message: &str, world: &mut World<'_>) {
        let name = self.host.node.clone();
        let key = Key::cluster(Kind::Node, name.clone());
        let Some(node) = world.client.store().get(&key).cloned() else { return };
        let origin = EventOrigin { host: &name, field_path: "" };
        world.record(&node, origin, EventType::Warning, reason, message.to_owned());
    }

    /// Bytes that nobody uses.
    fn memory_available(&self) -> i64 {
        let total = Quantity::parse(&self.hardware.memory).map_or(0, |all| all.value());
        let used = self.workers.values().map(|worker| worker.memory()).sum::<i64>();
        let system = i64::try_from(super::usage::system_bytes(self.workers.len())).unwrap_or(0);
        total - used - system
    }

    /// Who goes first: who uses more than it asked for, of low priority, by how much more.
    fn victim(&self) -> Option<Name> {
        let running = self.workers.iter().filter(|(_, worker)| {
            worker.memory() > 0 && worker.failure.is_none() && worker.priority() < CRITICAL
        });
        let first = running.min_by_key(|(_, worker)| {
            let beyond = worker.memory() - worker.requested();
            (beyond <= 0, worker.priority(), -beyond)
        });
        first.map(|(uid, _)| uid.clone())
    }
}

impl Worker {
    fn priority(&self) -> i32 {
        self.spec().priority.unwrap_or(0)
    }

    /// Bytes that a container uses.
    fn memory_of(&self, index: usize) -> i64 {
        let run = self.runs.get(index).and_then(|runs| runs.now.as_ref());
        let run = run.filter(|run| run.ended.is_none());
        let bytes = run.and_then(|run| run.process.as_ref()).map_or(0, Process::memory_bytes);
        i64::try_from(bytes).unwrap_or(i64::MAX)
    }

    fn memory(&self) -> i64 {
        (0..self.runs.len()).map(|index| self.memory_of(index)).sum()
    }

    fn requested_of(&self, index: usize) -> Quantity {
        let all = of_container(self.container(index), REQUESTS);
        let own = all.into_iter().find(|(name, _)| name == "memory");
        own.map_or_else(|| Quantity::binary(0), |(_, amount)| amount)
    }

    fn requested(&self) -> i64 {
        (0..self.runs.len()).map(|index| self.requested_of(index).value()).sum()
    }

    /// Makes the Pod fail for lack of memory.
    fn evict(&mut self, available: i64, host: &mut Host, world: &mut World<'_>) {
        let mut message = format!(
            "The node was low on resource: memory. Threshold quantity: {}, available: {}. ",
            Quantity::binary(THRESHOLD_BYTES),
            Quantity::binary(available.max(0))
        );
        for index in 0..self.runs.len() {
            let (used, asked) = (self.memory_of(index), self.requested_of(index));
            if used > asked.value() {
                let (name, used) = (&self.container(index).name, Quantity::binary(used));
                write!(message, "Container {name} was using {used}, request is {asked}, has larger consumption of memory. ")
                    .expect("a String takes everything");
            }
        }
        self.say(host, world, EventType::Warning, EVICTED, message.clone());
        self.failure = Some((EVICTED, Arc::from(message)));
        self.want(world.now());
        self.work(host, world);
    }

    /// The condition of a Pod that was evicted.
    pub(super) fn disrupted(
        &self,
        since: Option<&PodCondition>,
        now: Time,
    ) -> Option<PodCondition> {
        let (_, message) = self.failure.as_ref().filter(|(reason, _)| *reason == EVICTED)?;
        let since = since.and_then(|before| before.last_transition_time.clone());
        Some(PodCondition {
            type_: "DisruptionTarget".to_owned(),
            status: "True".to_owned(),
            reason: Some("TerminationByKubelet".to_owned()),
            message: Some(message.to_string()),
            observed_generation: self.pod.meta.generation,
            last_transition_time: Some(since.unwrap_or_else(|| now.to_meta())),
            last_probe_time: None,
        })
    }
}
