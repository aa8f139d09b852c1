//! The scheduler: gives each Pod without a node the best one that can hold it.
//!
//! A value inside the cluster: the queue of Pods that wait, and what it knows of each node. The cluster tells it of
//! every change ([`Scheduler::notice`]) and runs one cycle for one Pod at a time ([`Scheduler::schedule`]).
//! Models kubernetes `pkg/scheduler/schedule_one.go`.

use imbl::OrdMap;

use crate::object::{Body, Key, Name};
use crate::random::Random;
use crate::store::{Because, Change, Client};
use crate::time::Time;

/// The scheduler's whole state.
#[derive(Clone, Debug, PartialEq)]
pub struct Scheduler {
    active: OrdMap<(Time, Key), Because>,
    nodes: OrdMap<Name, ()>,
    random: Random,
}

impl Scheduler {
    /// A scheduler that knows nothing yet.
    pub fn new(random: &Random) -> Self {
        Self { active: OrdMap::new(), nodes: OrdMap::new(), random: random.split("scheduler") }
    }

    /// Takes note of a change: of a Node, or of a Pod.
    pub fn notice(&mut self, change: &Change) {
        match &change.object().body {
            Body::Node(_) => {
                if change.after.is_some() {
                    self.nodes.insert(change.key.name.clone(), ());
                } else {
                    self.nodes.remove(&change.key.name);
                }
            }
            Body::Pod(pod) if change.before.is_none() && pod.own.node_name.is_none() => {
                self.active
                    .insert((change.time, change.key.clone()), Because::Change(change.revision));
            }
            _ => {}
        }
    }

    /// When the next cycle is due, if any Pod waits for one.
    pub fn next_due(&self) -> Option<Time> {
        self.active.get_min().map(|((time, _), _)| *time)
    }

    /// Takes the Pod whose turn it is, and what made it due.
    pub fn pop(&mut self, _now: Time) -> Option<(Key, Because)> {
        let key = self.active.get_min()?.0.clone();
        let because = self.active.remove(&key)?;
        Some((key.1, because))
    }

    /// One cycle for one Pod.
    pub fn schedule(&mut self, pod: &Key, client: &mut Client<'_>) {
        let chosen = self.random.below(self.nodes.len());
        if let Some(node) = self.nodes.keys().nth(chosen).cloned() {
            // A Pod that is gone or bound by now needs no node.
            drop(client.bind(pod, &node));
        }
    }
}
