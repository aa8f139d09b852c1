//! The Pods that wait for a node: ready to be tried, backing off, or unschedulable until something changes.
//!
//! A refused Pod waits among the unschedulable until an event that could help its refusing plugins moves it on, or for
//! five minutes. It then sits out its back-off (1 s, doubling up to 10 s), but only while others wait to be tried: a
//! scheduler with nothing else to do takes it at once. Who failed for want of any node waits its back-off in full.
//! Models kubernetes `pkg/scheduler/backend/queue/scheduling_queue.go`, `active_queue.go` and `backoff_queue.go`.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::sync::Arc;

use super::pod_info::PodInfo;
use crate::object::Key;
use crate::persistent::{OrdMap, Table};
use crate::store::Because;
use crate::time::{Duration, Time};

/// The first back-off (`podInitialBackoffSeconds`).
const BACK_OFF_FIRST: Duration = Duration::from_secs(1);
/// The longest back-off (`podMaxBackoffSeconds`).
const BACK_OFF_MAX: Duration = Duration::from_secs(10);
/// The longest that a Pod waits among the unschedulable (`DefaultPodMaxInUnschedulablePodsDuration`).
const UNSCHEDULABLE_MAX: Duration = Duration::from_mins(5);
/// How often it is looked for those who have waited that long, in seconds.
const FLUSH_SECS: i64 = 30;
/// Back-offs end at whole seconds (`backoffQOrderingWindowDuration`): within one, priority decides.
const WINDOW_SECS: i64 = 1;

/// Where a waiting Pod stands.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Its turn comes by priority, then by how long it has waited.
    Active,
    /// It may be tried again from the time given, or when no active Pod is left.
    BackOff(Time),
    /// Nothing has changed since it was refused; it is tried again at the time given at the latest.
    Unschedulable(Time),
    /// It has scheduling gates: it is not tried until they are gone.
    Gated,
}

/// A waiting Pod.
#[derive(Clone, Debug, PartialEq)]
pub struct Waiting {
    /// The Pod, as it is now.
    pub pod: Arc<PodInfo>,
    /// Where it stands.
    pub place: Place,
    /// How often it has been tried.
    pub attempts: u32,
    /// When it was refused last, or came into the queue.
    pub since: Time,
    /// What made it due.
    pub because: Because,
    /// The plugins that refused it last; none if there was no node at all.
    pub refused_by: BTreeSet<&'static str>,
    /// Its number among the arrivals.
    number: u64,
}

/// The queue.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SchedulingQueue {
    waiting: Table<Key, Waiting>,
    active: OrdMap<Turn, ()>,
    backing_off: OrdMap<Turn, ()>,
    unschedulable: OrdMap<Turn, ()>,
    /// Numbers the arrivals of one moment.
    arrivals: u64,
}

/// When it moves on by itself, priority, since when it waits, order of arrival.
type Turn = (Time, Reverse<i32>, Time, u64, Key);

impl SchedulingQueue {
    /// Pods that wait.
    pub fn waiting(&self) -> &Table<Key, Waiting> {
        &self.waiting
    }

    /// Takes in a new Pod.
    pub fn add(&mut self, key: &Key, pod: Arc<PodInfo>, now: Time, because: Because) {
        let place = if pod.is_gated() { Place::Gated } else { Place::Active };
        let refused_by = BTreeSet::new();
        self.put(
            key,
            Waiting { pod, place, attempts: 0, since: now, because, refused_by, number: 0 },
        );
    }

    /// Takes over a new version of a waiting Pod; true if it waits.
    pub fn update(&mut self, key: &Key, pod: &Arc<PodInfo>) -> bool {
        self.waiting.get_mut(key).is_some_and(|waiting| {
            waiting.pod = Arc::clone(pod);
            true
        })
    }

    /// Forgets a Pod: it is gone, or bound.
    pub fn remove(&mut self, key: &Key) -> Option<Waiting> {
        let waiting = self.waiting.remove(key)?;
        if let Some((turns, turn)) = self.turn(key, &waiting) {
            turns.discard(&turn);
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
        waiting.place = Place::Unschedulable(if refused_by.is_empty() {
            end_of_back_off(&waiting)
        } else {
            up_to(now + UNSCHEDULABLE_MAX, FLUSH_SECS)
        });
        waiting.refused_by = refused_by;
        self.put(key, waiting);
    }

    /// Whether any Pod waits for an event.
    pub fn awaits_events(&self) -> bool {
        !self.unschedulable.is_empty()
    }

    /// Moves on the unschedulable Pods that an event could help.
    pub fn move_on(&mut self, now: Time, because: Because, helps: impl Fn(&Waiting) -> bool) {
        let keys = self.unschedulable.keys().map(|turn| &turn.4);
        let helped = keys.filter(|key| self.waiting.get(*key).is_some_and(&helps));
        let helped: Vec<Key> = helped.cloned().collect();
        for key in helped {
            self.retry(&key, now, because);
        }
    }

    /// Lets an unschedulable Pod be tried again, after what is left of its back-off.
    pub fn retry(&mut self, key: &Key, now: Time, because: Because) {
        let known = self.waiting.get(key);
        if !known.is_some_and(|waiting| matches!(waiting.place, Place::Unschedulable(_))) {
            return;
        }
        let Some(mut waiting) = self.remove(key) else { return };
        let ready = end_of_back_off(&waiting);
        waiting.because = because;
        waiting.place = if ready > now { Place::BackOff(ready) } else { Place::Active };
        self.put(key, waiting);
    }

    /// When something is to be done: a turn since then, or a time at which a Pod moves on.
    pub fn next_due(&self) -> Option<Time> {
        let turn = |turns: &OrdMap<Turn, ()>| turns.get_min().map(|((_, _, since, ..), ())| *since);
        turn(&self.active)
            .or_else(|| turn(&self.backing_off))
            .or_else(|| self.unschedulable.get_min().map(|((moment, ..), ())| *moment))
    }

    /// Takes the Pod whose turn it is; its attempt is counted.
    pub fn pop(&mut self, now: Time) -> Option<(Key, Waiting)> {
        self.flush(now);
        let key = self.active.get_min().or_else(|| self.backing_off.get_min())?.0.4.clone();
        let mut waiting = self.remove(&key)?;
        waiting.attempts += 1;
        Some((key, waiting))
    }

    /// Lets those be tried whose time has come.
    fn flush(&mut self, now: Time) {
        loop {
            let due = |turns: &OrdMap<Turn, ()>| {
                let turn = &turns.get_min()?.0;
                (turn.0 <= now).then(|| turn.4.clone())
            };
            let Some(key) = due(&self.backing_off).or_else(|| due(&self.unschedulable)) else {
                return;
            };
            let Some(mut waiting) = self.remove(&key) else { return };
            waiting.place = Place::Active;
            self.put(&key, waiting);
        }
    }

    fn put(&mut self, key: &Key, mut waiting: Waiting) {
        self.remove(key);
        self.arrivals += 1;
        waiting.number = self.arrivals;
        if let Some((turns, turn)) = self.turn(key, &waiting) {
            turns.insert(turn, ());
        }
        self.waiting.insert(key.clone(), waiting);
    }

    /// Where a Pod stands in line; a gated one stands in none.
    fn turn(&mut self, key: &Key, waiting: &Waiting) -> Option<(&mut OrdMap<Turn, ()>, Turn)> {
        let (turns, moment) = match waiting.place {
            Place::Active => (&mut self.active, Time::START),
            Place::BackOff(time) => (&mut self.backing_off, time),
            Place::Unschedulable(time) => (&mut self.unschedulable, time),
            Place::Gated => return None,
        };
        let priority = Reverse(waiting.pod.priority());
        Some((turns, (moment, priority, waiting.since, waiting.number, key.clone())))
    }
}

/// How long a Pod waits after so many attempts.
fn back_off(attempts: u32) -> Duration {
    let doublings = attempts.saturating_sub(1).min(16);
    (BACK_OFF_FIRST * 2_u32.pow(doublings)).min(BACK_OFF_MAX)
}

/// The end of a Pod's back-off: the whole second in which it ends.
fn end_of_back_off(waiting: &Waiting) -> Time {
    down_to(waiting.since + back_off(waiting.attempts), WINDOW_SECS)
}

fn down_to(time: Time, secs: i64) -> Time {
    let micros = time.micros();
    Time::from_micros(micros - micros.rem_euclid(secs * 1_000_000))
}

fn up_to(time: Time, secs: i64) -> Time {
    let down = down_to(time, secs);
    if down == time { time } else { Time::from_micros(down.micros() + secs * 1_000_000) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::{Body, Kind, Object};
    use crate::store::testing;

    fn add(queue: &mut SchedulingQueue, name: &str, priority: i32, now: Time) -> Key {
        let mut pod: Object = testing::pod(name);
        if let Body::Pod(body) = &mut pod.body {
            Arc::make_mut(&mut body.shared).priority = Some(priority);
        }
        let key = Key::new(Kind::Pod, "default", name);
        let info = PodInfo::new(&Arc::new(pod), None).expect("it is a Pod");
        queue.add(&key, Arc::new(info), now, Because::Time);
        key
    }

    fn at(millis: u64) -> Time {
        Time::START + Duration::from_millis(millis)
    }

    fn refuse(queue: &mut SchedulingQueue, by: &[&'static str], now: Time) {
        let (key, waiting) = queue.pop(now).expect("one waits");
        queue.refuse(&key, waiting, by.iter().copied().collect(), now);
    }

    #[test]
    fn priority_goes_before_age() {
        let mut queue = SchedulingQueue::default();
        for (name, priority, time) in [("z-first", 0, 0), ("a-second", 0, 0), ("urgent", 10, 5)] {
            add(&mut queue, name, priority, at(time));
        }
        let order: Vec<_> =
            std::iter::from_fn(|| queue.pop(at(6))).map(|(key, _)| key.name.to_string()).collect();
        assert_eq!(order, ["urgent", "z-first", "a-second"]);
    }

    #[test]
    fn a_refused_pod_waits_for_an_event_and_backs_off_while_others_wait() {
        let mut queue = SchedulingQueue::default();
        let web = add(&mut queue, "web", 0, at(0));
        refuse(&mut queue, &["NodeResourcesFit"], at(500));
        assert_eq!(queue.next_due(), Some(at(330_000)), "five minutes, at a round of 30 s");
        queue.move_on(at(600), Because::Change(7), |one| one.refused_by.contains("Other"));
        assert_eq!(queue.next_due(), Some(at(330_000)), "an event that does not help");
        queue.move_on(at(700), Because::Change(8), |_| true);
        let place = |queue: &SchedulingQueue| queue.waiting().get(&web).map(|one| one.place);
        assert_eq!(place(&queue), Some(Place::BackOff(at(1000))), "1.5 s, at a whole second");
        add(&mut queue, "other", -5, at(700));
        assert_eq!(&*queue.pop(at(800)).expect("one is active").0.name, "other");
        let (key, waiting) = queue.pop(at(900)).expect("nobody else waits");
        assert_eq!((key, waiting.because), (web, Because::Change(8)), "it need not wait");
        assert!(queue.waiting().is_empty());
    }

    #[test]
    fn without_any_node_a_pod_waits_its_back_off_in_full() {
        let mut queue = SchedulingQueue::default();
        add(&mut queue, "web", 0, at(0));
        refuse(&mut queue, &[], at(0));
        assert!(queue.pop(at(900)).is_none());
        refuse(&mut queue, &[], at(1000));
        assert_eq!(queue.next_due(), Some(at(3000)));
    }

    #[test]
    fn back_off_doubles_up_to_ten_seconds() {
        let secs: Vec<_> = (1..=6).map(|attempts| back_off(attempts).as_secs()).collect();
        assert_eq!(secs, [1, 2, 4, 8, 10, 10]);
    }
}
