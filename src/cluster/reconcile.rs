//! A controller's turn: one reconcile of one key, as far as the rate of its calls to the API server allows.
//!
//! Who may not call waits in line (`work.rs`); the line moves on when the next call may be made. So a controller with
//! a thousand Pods to make does it in a thousand small steps. Models the workers of kubernetes `pkg/controller`, which
//! block in client-go's rate limiter. *Differs:* a key that waits in line lets others go first; upstream has five workers.

use super::work::RECONCILE_INTERVAL;
use super::{Cluster, Task};
use crate::controller::{CONTROLLERS, Requeue};
use crate::object::Key;
use crate::store::{Actor, Cause, Client};

impl Cluster {
    /// A key is due.
    pub(super) fn reconcile(&mut self, index: usize, key: &Key) {
        let tokens = self.tokens(index);
        let queue = &mut self.work[index];
        if tokens == 0 || queue.has_line() {
            if queue.is_due(key, self.now) {
                queue.stand_in_line(key, Vec::new());
                self.plan_resume(index);
            }
            return;
        }
        self.work_on(index, key, Vec::new());
    }

    /// The line moves on: the first in it is done, perhaps not to its end.
    pub(super) fn resume(&mut self, index: usize) {
        self.work[index].resumes = false;
        if self.tokens(index) > 0
            && let Some((key, rest)) = self.work[index].next_in_line()
        {
            self.work_on(index, &key, rest);
        }
        self.plan_resume(index);
    }

    fn tokens(&self, index: usize) -> u32 {
        self.work[index].throttle.tokens(CONTROLLERS[index].rate(), self.now)
    }

    fn plan_resume(&mut self, index: usize) {
        let queue = &mut self.work[index];
        if queue.has_line() && !queue.resumes {
            queue.resumes = true;
            let at = queue.throttle.ready_at(CONTROLLERS[index].rate(), self.now);
            self.queue.push(at, Task::Resume { controller: index });
        }
    }

    /// Reconciles a key; `rest` is what an earlier turn at it left to do.
    fn work_on(&mut self, index: usize, key: &Key, rest: Vec<Key>) {
        let Some(because) = self.work[index].take(key, self.now) else { return };
        let controller = &CONTROLLERS[index];
        let cause = Cause { actor: Actor::Component(controller.name), because };
        let tokens = self.tokens(index);
        let (kept, turn) = (self.work[index].kept(key), self.work[index].turn(key));
        let notes = self.work[index].notes(key);
        let metrics = if controller.measures() { self.pod_metrics(&key.namespace) } else { None };
        let mut client = Client::new(&mut self.store, self.now, cause)
            .with_allowance(tokens)
            .with_rest(rest)
            .with_turn(turn)
            .for_controller(self.settings.profile.flags(), kept)
            .with_notes(notes, metrics);
        let requeue = (controller.reconcile)(&mut client, key);
        let kept = client.kept();
        let notes = client.take_notes();
        let (calls, events) = client.calls();
        let rest = client.take_rest();
        let queue = &mut self.work[index];
        queue.keep(key, kept);
        queue.set_notes(key, notes);
        queue.throttle.take(calls + events, controller.rate(), self.now);
        if requeue != Requeue::Throttled {
            queue.count_turn(key, requeue == Requeue::NextBatch);
        }
        let (delay, because) = match requeue {
            Requeue::Throttled => {
                queue.add(key, self.now, because);
                queue.stand_in_line(key, rest);
                return self.plan_resume(index);
            }
            Requeue::NextBatch => (RECONCILE_INTERVAL, because),
            Requeue::BackOff => (queue.back_off(key, controller.back_off()), because),
            Requeue::After(delay) => {
                queue.forget(key);
                (delay, crate::store::Because::Time)
            }
            Requeue::No => {
                queue.forget(key);
                return queue.done(key, self.now);
            }
        };
        queue.done(key, self.now);
        let at = self.now + delay;
        if queue.add(key, at, because) {
            self.queue.push(at, Task::Reconcile { controller: index, key: key.clone() });
        }
    }
}
