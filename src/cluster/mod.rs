//! The parts put together: the world as one value, and the one function that moves it.
//!
//! [`Cluster::step`] takes the next due task from the queue, sets the clock to its time, does it, and hands the changes
//! it made to everyone who watches. Nothing else moves time. Cloning a cluster is cheap and gives an independent one.

mod admit;
mod bootstrap;
mod dispatch;
mod exec;
mod fault;
pub mod load;
mod machine;
mod memory;
mod metrics;
mod outlook;
mod queue;
mod quiet;
mod reconcile;
mod request;
pub mod scenario;
mod work;

pub use bootstrap::SYSTEM_NAMESPACES;
pub use dispatch::{KUBELET_DELIVERY, SCHEDULING_CYCLE};
pub use exec::{ContainerExec, ExecRefused, ExecStep};
pub use machine::{BOOT, MachineError, NewMachine, aside};
pub use outlook::{Due, Fate};
pub use queue::{Queue, Task};
pub use work::{CONTROLLER_DELIVERY, RECONCILE_INTERVAL};

use std::sync::Arc;

use self::load::Load;
use self::work::WorkQueue;
use crate::controller::CONTROLLERS;
use crate::kubelet::Kubelet;
use crate::network::Network;
use crate::object::Name;
use crate::persistent::OrdMap;
use crate::random::Random;
use crate::scheduler::Scheduler;
use crate::store::{Actor, Because, Cause, Client, Flags, Store, Throttle};
use crate::time::{Duration, Time};

/// Which world this is.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub enum Profile {
    /// The sandbox's own world: DNS, load balancer, real-world timings.
    #[default]
    Default,
    /// The world in which the reference transcripts were recorded.
    Oracle,
}

impl Profile {
    /// What the control plane was started with.
    pub(crate) fn flags(self) -> Flags {
        match self {
            Self::Default => Flags::default(),
            Self::Oracle => Flags { node_monitor_grace_period: Duration::from_secs(20) },
        }
    }
}

/// How to make a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The seed of everything that is left to chance.
    pub seed: u64,
    /// How many workers of 4 CPU and 8Gi.
    pub nodes: usize,
    /// Which world.
    pub profile: Profile,
}

impl Default for Settings {
    fn default() -> Self {
        Self { seed: 1, nodes: 3, profile: Profile::Default }
    }
}

/// The whole world of one cluster.
#[derive(Clone, Debug, PartialEq)]
pub struct Cluster {
    settings: Settings,
    now: Time,
    store: Store,
    queue: Queue,
    /// The revision up to which everyone has been shown the changes.
    seen: u64,
    /// One work queue a controller, in the order of `CONTROLLERS`.
    work: Vec<WorkQueue>,
    scheduler: Scheduler,
    /// What the scheduler has used of its rate of calls.
    bindings: Throttle,
    /// When the next scheduling cycle is due.
    scheduling_at: Option<Time>,
    /// When the next Events expire.
    expiry_at: Option<Time>,
    /// The kubelet of each node.
    kubelets: OrdMap<Name, Kubelet>,
    network: Network,
    /// The steady clients, in the order of their start.
    loads: Vec<Arc<Load>>,
    /// How many of them were ever started.
    loads_started: u64,
    /// Machines made so far.
    machines_made: usize,
    /// Starts of machines so far.
    boots: u32,
    /// Acts done so far; the next has this number plus one.
    acts: u64,
}

impl Cluster {
    /// A fresh cluster: system namespaces, workers registered and ready to take Pods.
    pub fn new(settings: Settings) -> Self {
        let random = Random::new(settings.seed);
        let mut cluster = Self {
            now: Time::START,
            store: Store::new(&random),
            queue: Queue::default(),
            seen: 0,
            work: vec![WorkQueue::default(); CONTROLLERS.len()],
            scheduler: Scheduler::new(&random),
            bindings: Throttle::default(),
            scheduling_at: None,
            expiry_at: None,
            kubelets: OrdMap::new(),
            network: Network::new(&random),
            loads: Vec::new(),
            loads_started: 0,
            machines_made: 0,
            boots: 0,
            acts: 0,
            settings,
        };
        cluster.bootstrap();
        cluster
    }

    /// How this cluster was made.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The virtual time.
    pub fn now(&self) -> Time {
        self.now
    }

    /// The state, to read.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The kubelets by node, to read.
    pub fn kubelets(&self) -> &OrdMap<Name, Kubelet> {
        &self.kubelets
    }

    /// The network, to read.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// The scheduler, to read.
    pub fn scheduler(&self) -> &Scheduler {
        &self.scheduler
    }

    /// What is due, to read.
    pub fn queue(&self) -> &Queue {
        &self.queue
    }

    /// Does something as the user: counts it as an act, lets `work` write, and makes due what the writes concern.
    pub fn act<T>(&mut self, work: impl FnOnce(&mut Client<'_>) -> T) -> T {
        self.acts += 1;
        let cause = Cause { actor: Actor::User, because: Because::Act(self.acts) };
        let result = work(&mut Client::new(&mut self.store, self.now, cause));
        self.dispatch();
        result
    }

    /// Makes the clock stop at `time` on its way, for somebody outside who waits for it.
    pub fn wake_at(&mut self, time: Time) {
        self.queue.push(time.max(self.now), Task::Wake);
    }

    /// When the next task is due; `None` if nothing will ever happen by itself.
    pub fn next_due(&self) -> Option<Time> {
        self.queue.next_due()
    }

    /// Does the next due task and returns its time.
    pub fn step(&mut self) -> Option<Time> {
        let (time, task) = self.queue.pop()?;
        self.now = time;
        self.perform(task);
        self.dispatch();
        memory::reserve();
        Some(time)
    }

    /// Steps through everything due up to `until`, and sets the clock there.
    pub fn advance_to(&mut self, until: Time) {
        while self.next_due().is_some_and(|due| due <= until) {
            self.step();
        }
        self.now = self.now.max(until);
    }
}
