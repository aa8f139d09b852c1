//! The Pods that wait for a node: ready to be tried, backing off, or unschedulable until something changes.
//!
//! A refused Pod waits among the unschedulable until an event that could help its refusing plugins moves it on, or for
//! five minutes; before it is tried again it also sits out its back-off: 1 s, doubling up to 10 s.
//! Models kubernetes `pkg/scheduler/backend/queue/scheduling_queue.go`.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use crate::persistent::OrdMap;

use crate::object::Key;
use crate::store::Because;
use crate::time::{Duration, Time};

/// The first back-off (`podInitialBackoffSeconds`).
const BACK_OFF_FIRST: Duration = Duration::from_secs(1);
/// The longest back-off (`podMaxBackoffSeconds`).
const BACK_OFF_MAX: Duration = Duration::from_secs(10);
/// The longest that a Pod waits among the unschedulable (`DefaultPodMaxInUnschedulablePodsDuration`).
const UNSCHEDULABLE_MAX: Duration = Duration::from_mins(5);

/// Where a waiting Pod stands.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Its turn comes by priority, then by the time given.
    Active(Time),
    /// It may be tried again from the time given.
    BackOff(Time),
    /// Nothing has changed since it was refused; it is tried again at the time given at the latest.
    Unschedulable(Time),
    /// It has scheduling gates: it is not tried until they are gone.
    Gated,
}

/// A waiting Pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Where it stands.
    pub place: Place,
    /// Its priority; higher goes first.
    pub priority: i32,
    /// How often it has been tried.
    pub attempts: u32,
    /// When it was refused last, or came into the queue.
    pub since: Time,
    /// What made it due.
    pub because: Because,
    /// The plugins that refused it last.
    pub refused_by: BTreeSet<&'static str>,
}

/// The queue.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SchedulingQueue {
    waiting: OrdMap<Key, Waiting>,
    /// Active Pods in the order of their turns.
    turns: OrdMap<Turn, ()>,
    /// The others by the time at which they move on by themselves.
    timers: OrdMap<(Time, Key), ()>,
    /// Numbers the arrivals of one moment.
    arrivals: u64,
    numbers: OrdMap<Key, u64>,
}

/// Priority, time, order of arrival.
type Turn = (Reverse<i32>, Time, u64, Key);

impl SchedulingQueue {
    /// Pods that wait, in the order of keys.
    pub fn waiting(&self) -> &OrdMap<Key, Waiting> {
        &self.waiting
    }

    /// Pods whose turn comes, in the order of turns.
    pub fn turns(&self) -> impl Iterator<Item = &Key> {
        self.turns.keys().map(|turn| &turn.3)
    }

    /// Takes in a new Pod.
    pub fn add(&mut self, key: &Key, priority: i32, gated: bool, now: Time, because: Because) {
        let place = if gated { Place::Gated } else { Place::Active(now) };
        let new = Waiting {
            place,
            priority,
            attempts: 0,
            since: now,
            because,
            refused_by: BTreeSet::new(),
        };
        self.put(key, new);
    }

    /// Forgets a Pod: it is gone, or bound.
    pub fn remove(&mut self, key: &Key) -> Option<Waiting> {
        let waiting = self.waiting.remove(key)?;
        let number = self.numbers.remove(key).unwrap_or(0);
        match waiting.place {
            Place::Active(time) => {
                self.turns.discard(&(Reverse(waiting.priority), time, number, key.clone()));
            }
            Place::BackOff(time) | Place::Unschedulable(time) => {
                self.timers.discard(&(time, key.clone()));
            }
            Place::Gated => {}
        }
        Some(waiting)
    }

    /// Takes back a Pod that no node could hold.
    pub fn refuse(
        &mut self,
        key: &Key,
        mut waiting: Waiting,
        refused_by: BTreeSet<&'static str>,
        now: Time,
    ) {
        waiting.since = now;
        waiting.refused_by = refused_by;
        waiting.place = Place::Unschedulable(now + UNSCHEDULABLE_MAX);
        self.put(key, waiting);
    }

    /// Moves on the unschedulable Pods that an event could help.
    pub fn move_on(&mut self, now: Time, because: Because, helps: impl Fn(&Key, &Waiting) -> bool) {
        if self.timers.is_empty() {
            return;
        }
        let moved: Vec<Key> = self
            .waiting
            .iter()
            .filter(|(key, waiting)| {
                matches!(waiting.place, Place::Unschedulable(_)) && helps(key, waiting)
            })
            .map(|(key, _)| key.clone())
            .collect();
        for key in moved {
            self.retry(&key, now, because);
        }
    }

    /// Lets a Pod be tried again, after what is left of its back-off. A gated Pod stays where it is.
    pub fn retry(&mut self, key: &Key, now: Time, because: Because) {
        if !matches!(self.waiting.get(key), Some(one) if matches!(one.place, Place::Unschedulable(_)))
        {
            return;
        }
        let Some(mut waiting) = self.remove(key) else { return };
        let ready = waiting.since + back_off(waiting.attempts);
        waiting.because = because;
        waiting.place = if ready > now { Place::BackOff(ready) } else { Place::Active(now) };
        self.put(key, waiting);
    }

    /// When something is to be done: a turn, or a timer that runs out.
    pub fn next_due(&self) -> Option<Time> {
        let turn = self.turns.get_min().map(|((_, time, ..), ())| *time);
        let timer = self.timers.get_min().map(|((time, _), ())| *time);
        turn.into_iter().chain(timer).min()
    }

    /// Takes the Pod whose turn it is; its attempt is counted.
    pub fn pop(&mut self, now: Time) -> Option<(Key, Waiting)> {
        while let Some(key) = self.expired(now) {
            if let Some(mut waiting) = self.remove(&key) {
                waiting.place = Place::Active(now);
                self.put(&key, waiting);
            }
        }
        let key = self.turns.get_min()?.0.3.clone();
        let mut waiting = self.remove(&key)?;
        waiting.attempts += 1;
        Some((key, waiting))
    }

    fn expired(&self, now: Time) -> Option<Key> {
        let (time, key) = &self.timers.get_min()?.0;
        (*time <= now).then(|| key.clone())
    }

    fn put(&mut self, key: &Key, waiting: Waiting) {
        self.remove(key);
        self.arrivals += 1;
        match waiting.place {
            Place::Active(time) => {
                let turn = (Reverse(waiting.priority), time, self.arrivals, key.clone());
                self.turns.insert(turn, ());
            }
            Place::BackOff(time) | Place::Unschedulable(time) => {
                self.timers.insert((time, key.clone()), ());
            }
            Place::Gated => {}
        }
        self.numbers.insert(key.clone(), self.arrivals);
        self.waiting.insert(key.clone(), waiting);
    }
}

/// How long a Pod waits after so many attempts.
fn back_off(attempts: u32) -> Duration {
    let doublings = attempts.saturating_sub(1).min(16);
    (BACK_OFF_FIRST * 2_u32.pow(doublings)).min(BACK_OFF_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::Kind;

    fn key(name: &str) -> Key {
        Key::new(Kind::Pod, "default", name)
    }

    fn at(secs: u64) -> Time {
        Time::START + Duration::from_secs(secs)
    }

    #[test]
    fn priority_goes_before_age() {
        let mut queue = SchedulingQueue::default();
        queue.add(&key("z-first"), 0, false, at(0), Because::Time);
        queue.add(&key("a-second"), 0, false, at(0), Because::Time);
        queue.add(&key("urgent"), 10, false, at(5), Because::Time);
        let order: Vec<_> =
            std::iter::from_fn(|| queue.pop(at(6))).map(|(key, _)| key.name.to_string()).collect();
        assert_eq!(order, ["urgent", "z-first", "a-second"]);
    }

    #[test]
    fn a_refused_pod_waits_for_an_event_and_its_back_off() {
        let mut queue = SchedulingQueue::default();
        queue.add(&key("web"), 0, false, at(0), Because::Time);
        let (web, waiting) = queue.pop(at(0)).unwrap();
        queue.refuse(&web, waiting, BTreeSet::from(["NodeResourcesFit"]), at(0));
        assert_eq!(queue.next_due(), Some(at(300)), "nothing happens: five minutes");
        queue.move_on(at(0), Because::Change(7), |_, waiting| waiting.refused_by.contains("Other"));
        assert_eq!(queue.next_due(), Some(at(300)), "an event that does not help");
        queue.move_on(at(0), Because::Change(8), |_, _| true);
        assert_eq!(queue.next_due(), Some(at(1)), "one second of back-off");
        assert!(queue.pop(at(0)).is_none());
        assert_eq!(queue.pop(at(1)).unwrap().1.because, Because::Change(8));
        assert!(queue.waiting().is_empty());
    }

    #[test]
    fn back_off_doubles_up_to_ten_seconds() {
        let secs: Vec<_> = (1..=6).map(|attempts| back_off(attempts).as_secs()).collect();
        assert_eq!(secs, [1, 2, 4, 8, 10, 10]);
    }
}
