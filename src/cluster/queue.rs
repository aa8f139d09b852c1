//! What is due, and when: an ordered queue of tasks. Ties are broken by the order of asking.

use crate::persistent::OrdMap;

use crate::kubelet;
use crate::object::{Key, Name};
use crate::store::Because;
use crate::time::Time;

/// Something that one part of the world has to do at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Task {
    /// A controller looks at one of its keys.
    Reconcile {
        /// Its place in `CONTROLLERS`.
        controller: usize,
        /// The key.
        key: Key,
    },
    /// A controller may call the API server again: the first key of its line goes on.
    Resume {
        /// Its place in `CONTROLLERS`.
        controller: usize,
    },
    /// The scheduler takes the next Pod from its queue.
    Schedule,
    /// A node's kubelet does something.
    Kubelet {
        /// The node.
        node: Name,
        /// In which run of the machine; in another nothing is left to do.
        boot: u32,
        /// What.
        task: kubelet::Task,
        /// What made it due.
        because: Because,
    },
    /// A machine that was switched on has started up.
    Started {
        /// The machine.
        node: Name,
        /// Which run of it begins.
        boot: u32,
        /// The act that switched it on.
        act: u64,
    },
    /// A machine's kubelet finds the API server again.
    Join {
        /// The machine.
        node: Name,
        /// In which run of it.
        boot: u32,
        /// The act that connected it.
        act: u64,
    },
    /// Events whose hour is over are removed.
    ExpireEvents,
    /// A steady client sends its next request.
    Load {
        /// Which client.
        number: u64,
    },
    /// Nothing but that the clock stops here: somebody outside waits for this moment.
    Wake,
}

/// Tasks by due time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Queue {
    tasks: OrdMap<(Time, u64), Task>,
    /// Numbers given out so far.
    asked: u64,
}

impl Queue {
    /// Asks for a task at a time.
    pub fn push(&mut self, at: Time, task: Task) {
        self.asked += 1;
        self.tasks.insert((at, self.asked), task);
    }

    /// Takes the task that is due first.
    pub fn pop(&mut self) -> Option<(Time, Task)> {
        let key = *self.tasks.get_min().map(|(key, _)| key)?;
        let task = self.tasks.remove(&key)?;
        Some((key.0, task))
    }

    /// When the first task is due.
    pub fn next_due(&self) -> Option<Time> {
        self.tasks.get_min().map(|((time, _), _)| *time)
    }

    /// Everything that is due, in order.
    pub fn iter(&self) -> impl Iterator<Item = (Time, &Task)> {
        self.tasks.iter().map(|((time, _), task)| (*time, task))
    }
}
