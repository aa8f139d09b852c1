//! A controller's work queue: which of its keys are due, when, and because of what.
//!
//! A key stands in the queue at most once, at the earliest time anyone asked for; its cause is the change that made it
//! due first (later changes before the reconcile are seen by it all the same, since it reads the store). A key that
//! was refused comes back with growing delay; a key whose controller may not call the API server stands in line.
//! Models client-go `util/workqueue` (delaying and rate limiting queue).

use std::collections::VecDeque;
use std::sync::Arc;

use crate::object::Key;
use crate::persistent::Table;
use crate::store::{Because, Note, Throttle};
use crate::time::{Duration, Time};

/// From a write to the reconcile that it makes due.
pub const CONTROLLER_DELIVERY: Duration = Duration::from_millis(3);
/// From one reconcile of a key to the next. The real ones wait for their writes to reach etcd and to come back by the
/// watch; so changes in quick succession are seen together, as they are there.
pub const RECONCILE_INTERVAL: Duration = Duration::from_millis(20);

/// Keys waiting for one controller.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct WorkQueue {
    waiting: Table<Key, (Time, Because)>,
    /// How often in a row a key was refused.
    failures: Table<Key, u32>,
    /// How many batches of its present work a key has behind it.
    turns: Table<Key, u32>,
    /// The moments that the controller keeps for keys.
    kept: Table<Key, Time>,
    /// What else it remembers of them.
    notes: Table<Key, Arc<Vec<Note>>>,
    /// The keys reconciled within the last interval, and when.
    recent: Table<Key, Time>,
    /// When `recent` was last cleared of older ones.
    cleared: Time,
    /// Keys that are due and wait until the controller may call again; each with what is left of its last turn.
    line: VecDeque<(Key, Vec<Key>)>,
    /// Whether the line is to move on at a planned time.
    pub(super) resumes: bool,
    /// What the controller has used of its rate.
    pub(super) throttle: Throttle,
}

impl WorkQueue {
    /// Asks for a key at a time. Returns whether this is earlier than what was asked so far, so that a task is needed.
    pub(super) fn add(&mut self, key: &Key, at: Time, because: Because) -> bool {
        if self.waiting.get(key).is_some_and(|(earlier, _)| *earlier <= at) {
            return false;
        }
        self.waiting.insert(key.clone(), (at, because));
        true
    }

    /// When a key whose change is seen now is due.
    pub(super) fn soonest(&self, key: &Key, now: Time) -> Time {
        let delivered = now + CONTROLLER_DELIVERY;
        self.recent.get(key).map_or(delivered, |last| delivered.max(*last + RECONCILE_INTERVAL))
    }

    /// Notes that a key was reconciled.
    pub(super) fn done(&mut self, key: &Key, now: Time) {
        self.recent.insert(key.clone(), now);
        if self.cleared + RECONCILE_INTERVAL < now {
            self.cleared = now;
            self.recent.retain(|_, last| *last + RECONCILE_INTERVAL > now);
        }
    }

    /// Takes a key whose time has come; `None` if it was done earlier, or is due later.
    pub(super) fn take(&mut self, key: &Key, now: Time) -> Option<Because> {
        let (at, because) = *self.waiting.get(key)?;
        if at > now {
            return None;
        }
        self.waiting.discard(key);
        Some(because)
    }

    /// Whether a key's time has come.
    pub(super) fn is_due(&self, key: &Key, now: Time) -> bool {
        self.waiting.get(key).is_some_and(|(at, _)| *at <= now)
    }

    /// Puts a key that is due at the end of the line.
    pub(super) fn stand_in_line(&mut self, key: &Key, rest: Vec<Key>) {
        self.line.push_back((key.clone(), rest));
    }

    /// Whether anyone stands in line.
    pub(super) fn has_line(&self) -> bool {
        !self.line.is_empty()
    }

    /// Takes the first of the line, and what is left of its last turn.
    pub(super) fn next_in_line(&mut self) -> Option<(Key, Vec<Key>)> {
        self.line.pop_front()
    }

    /// How many batches of its present work a key has behind it.
    pub(super) fn turn(&self, key: &Key) -> u32 {
        self.turns.get(key).copied().unwrap_or(0)
    }

    /// Counts a batch, or forgets them when the work is done.
    pub(super) fn count_turn(&mut self, key: &Key, goes_on: bool) {
        if goes_on {
            *self.turns.entry(key.clone()).or_insert(0) += 1;
        } else if !self.turns.is_empty() {
            self.turns.discard(key);
        }
    }

    /// The moment that the controller keeps for a key.
    pub(super) fn kept(&self, key: &Key) -> Option<Time> {
        self.kept.get(key).copied()
    }

    /// Keeps a moment for a key, or none.
    pub(super) fn keep(&mut self, key: &Key, moment: Option<Time>) {
        match moment {
            Some(moment) => {
                self.kept.insert(key.clone(), moment);
            }
            None if self.kept.is_empty() => {}
            None => {
                self.kept.discard(key);
            }
        }
    }

    /// What the controller remembers of a key.
    pub(super) fn notes(&self, key: &Key) -> Vec<Note> {
        self.notes.get(key).map_or_else(Vec::new, |notes| notes.to_vec())
    }

    /// Remembers this of a key.
    pub(super) fn set_notes(&mut self, key: &Key, notes: Vec<Note>) {
        if !notes.is_empty() {
            self.notes.insert(key.clone(), Arc::new(notes));
        } else if !self.notes.is_empty() {
            self.notes.discard(key);
        }
    }

    /// Counts a refusal and returns how long to wait.
    pub(super) fn back_off(&mut self, key: &Key, (first, max): (Duration, Duration)) -> Duration {
        let failures = self.failures.entry(key.clone()).or_insert(0);
        let delay = first.saturating_mul(1_u32.checked_shl(*failures).unwrap_or(u32::MAX));
        *failures += 1;
        delay.min(max)
    }

    /// Forgets refusals, after a success.
    pub(super) fn forget(&mut self, key: &Key) {
        if !self.failures.is_empty() {
            self.failures.discard(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::Kind;

    #[test]
    fn a_key_waits_once_at_its_earliest_time() {
        let (mut queue, key) = (WorkQueue::default(), Key::cluster(Kind::Node, "n"));
        let (soon, late) = (Time::from_micros(10), Time::from_micros(20));
        assert!(queue.add(&key, late, Because::Time));
        assert!(queue.add(&key, soon, Because::Change(7)));
        assert!(!queue.add(&key, late, Because::Change(8)));
        assert_eq!(queue.take(&key, Time::from_micros(9)), None);
        assert_eq!(queue.take(&key, soon), Some(Because::Change(7)));
        assert_eq!(queue.take(&key, late), None, "it was done already");
    }

    #[test]
    fn refusals_double_the_delay_up_to_1000_s() {
        let (mut queue, key) = (WorkQueue::default(), Key::cluster(Kind::Node, "n"));
        let limits = (Duration::from_millis(5), Duration::from_secs(1000));
        let delays: Vec<_> = (0..3).map(|_| queue.back_off(&key, limits).as_millis()).collect();
        assert_eq!(delays, [5, 10, 20]);
        for _ in 0..40 {
            queue.back_off(&key, limits);
        }
        assert_eq!(queue.back_off(&key, limits), limits.1);
        queue.forget(&key);
        assert_eq!(queue.back_off(&key, limits), limits.0);
    }
}
