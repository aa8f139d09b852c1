//! The parts put together: the world as one value, and the one function that moves it.
//!
//! [`Cluster::step`] takes the next due task from the queue, sets the clock to its time, does it, and hands the changes
//! it made to everyone who watches. Nothing else moves time. Cloning a cluster is cheap and gives an independent one.

mod queue;

pub use queue::{Queue, Task};

use crate::random::Random;
use crate::store::{Actor, Because, Cause, Client, Store};
use crate::time::Time;

/// Which world this is.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub enum Profile {
    /// The sandbox's own world: DNS, load balancer, real-world timings.
    #[default]
    Default,
    /// The world in which the reference transcripts were recorded.
    Oracle,
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
    /// Acts done so far; the next has this number plus one.
    acts: u64,
}

impl Cluster {
    /// A fresh cluster: system namespaces, workers registered and ready to take Pods.
    pub fn new(settings: Settings) -> Self {
        let random = Random::new(settings.seed);
        Self {
            now: Time::START,
            store: Store::new(&random),
            queue: Queue::default(),
            acts: 0,
            settings,
        }
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
        Some(time)
    }

    /// Steps through everything due up to `until`, and sets the clock there.
    pub fn advance_to(&mut self, until: Time) {
        while self.next_due().is_some_and(|due| due <= until) {
            self.step();
        }
        self.now = self.now.max(until);
    }

    fn perform(&mut self, task: Task) {
        match task {
            Task::Heartbeat { .. } | Task::Wake => {}
        }
    }

    /// Hands new changes to everyone who watches.
    fn dispatch(&mut self) {}
}
