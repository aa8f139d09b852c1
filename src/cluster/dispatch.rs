//! How changes reach those who watch, and how due tasks reach those who do them.
//!
//! After every step each new change is shown, once and in order, to the network, the scheduler, the kubelet of the
//! Pod's node, and every controller. Showing only makes work due, some milliseconds later: the time in which a watch
//! event reaches its informer. So effects never share a moment with their causes, and the stages can be seen.
//! All of them then read the store as it is. What all have been shown is let go but for the last 10,000 changes, so a
//! page that runs for hours does not grow with them.

use std::sync::Arc;

use super::{Cluster, Profile, Task};
use crate::controller::CONTROLLERS;
use crate::kubelet::{self, World};
use crate::network::Machine;
use crate::object::{Body, Kind, Name};
use crate::store::{Actor, Because, Cause, Change, Client, Rate};
use crate::time::{Duration, Time};

/// From a write to the kubelet that it concerns.
pub const KUBELET_DELIVERY: Duration = Duration::from_millis(5);
/// From a write to the scheduler's queue; also the time that one cycle takes, so Pods are placed one after another.
/// (A scheduler places 100 to 300 Pods a second in the upstream performance tests.)
pub const SCHEDULING_CYCLE: Duration = Duration::from_millis(5);
/// How often the scheduler may call the API server, its Events aside, which have a client of their own
/// (`clientConnection` of its default configuration). Upstream decides on while bindings wait; here the cycles wait.
const SCHEDULER_RATE: Rate = Rate { per_second: 50, burst: 100 };
/// How many changes are kept for those who look back: narration, picture, `kubectl get --watch`.
const LOG_KEPT: u64 = 10_000;

impl Cluster {
    /// Does one due task.
    pub(super) fn perform(&mut self, task: Task) {
        match task {
            Task::Reconcile { controller, key } => self.reconcile(controller, &key),
            Task::Resume { controller } => self.resume(controller),
            Task::Schedule => self.schedule(),
            Task::Kubelet { node, boot, task, because } => {
                let same = self.kubelets.get(&node).is_some_and(|kubelet| kubelet.boot() == boot);
                let rejection = match &task {
                    kubelet::Task::Sync { pod, uid } if same => self.rejection(&node, pod, uid),
                    _ => None,
                };
                if let (Some(rejection), kubelet::Task::Sync { pod, .. }) = (rejection, &task) {
                    self.with_kubelet(&node, because, |kubelet, world| {
                        kubelet.reject(pod, rejection, world);
                    });
                } else if same && self.network.machine(&node).is_some_and(Machine::runs) {
                    self.with_kubelet(&node, because, |kubelet, world| {
                        kubelet.perform(task, world);
                    });
                }
            }
            Task::Started { node, boot, act } => self.machine_started(&node, boot, act),
            Task::Join { node, boot, act } => self.join(&node, boot, act),
            Task::ExpireEvents => self.expire_events(),
            Task::Load { number } => self.send_load(number),
            Task::Wake => {}
        }
    }

    /// Shows new changes to everyone who watches.
    pub(super) fn dispatch(&mut self) {
        if self.store.revision() == self.seen {
            return;
        }
        let Self { store, queue, network, scheduler, kubelets, work, now, settings, .. } = self;
        let cloudless = settings.profile == Profile::Oracle;
        for change in store.log().since(self.seen) {
            if goes_unheard(change) {
                continue;
            }
            let because = Because::Change(change.revision);
            network.notice(change);
            scheduler.notice(change);
            if let Some(kubelet) = node_of(change).and_then(|node| kubelets.get(node))
                && network.machine_mut(kubelet.node()).is_some_and(|machine| machine.is_told(*now))
                && let Some(task) = kubelet.notice(change)
            {
                let (node, boot) = (kubelet.node().clone(), kubelet.boot());
                queue.push(*now + KUBELET_DELIVERY, Task::Kubelet { node, boot, task, because });
            }
            if matches!(change.key.kind, Kind::ConfigMap | Kind::Secret) && change.before.is_some()
            {
                for (node, kubelet) in kubelets.iter() {
                    let boot = kubelet.boot();
                    for (delay, task) in kubelet.notice_source(change) {
                        let node = node.clone();
                        queue.push(*now + delay, Task::Kubelet { node, boot, task, because });
                    }
                }
            }
            for (index, controller) in CONTROLLERS.iter().enumerate() {
                if controller.cloud && cloudless {
                    continue;
                }
                for key in (controller.keys)(change, store) {
                    let batched = *now + controller.batch(change, &key);
                    let at = work[index].soonest(&key, *now).max(batched);
                    if work[index].add(&key, at, because) {
                        queue.push(at, Task::Reconcile { controller: index, key });
                    }
                }
            }
        }
        self.seen = self.store.revision();
        self.store.compact((self.seen + 1).saturating_sub(LOG_KEPT));
        self.plan_scheduling();
        self.plan_expiry();
    }

    /// Lends a kubelet the world for one piece of work.
    pub(super) fn with_kubelet(
        &mut self,
        node: &Name,
        because: Because,
        work: impl FnOnce(&mut kubelet::Kubelet, &mut World<'_>),
    ) {
        let connected = self.network.machine(node).is_some_and(Machine::reachable);
        let Some(kubelet) = self.kubelets.get_mut(node) else { return };
        let cause = Cause { actor: Actor::Component("kubelet"), because };
        let client = Client::new(&mut self.store, self.now, cause);
        let (later, asks) = (Vec::new(), Vec::new());
        let mut world = World { client, network: &mut self.network, later, asks, connected };
        work(kubelet, &mut world);
        let World { later, asks, .. } = world;
        let boot = kubelet.boot();
        for (delay, task) in later {
            let task = Task::Kubelet { node: node.clone(), boot, task, because };
            self.queue.push(self.now + delay, task);
        }
        for outgoing in asks {
            let (delay, task) = self.carry_out(outgoing);
            let task = Task::Kubelet { node: node.clone(), boot, task, because };
            self.queue.push(self.now + delay, task);
        }
    }

    #[inline(never)]
    fn expire_events(&mut self) {
        self.expiry_at = None;
        let cause = Cause { actor: Actor::Component("kube-apiserver"), because: Because::Time };
        Client::new(&mut self.store, self.now, cause).expire_events();
        self.plan_expiry();
    }

    /// Makes the removal of old Events due.
    fn plan_expiry(&mut self) {
        if self.expiry_at.is_none() {
            self.expiry_at = self.store.next_event_expiry();
            if let Some(at) = self.expiry_at {
                self.queue.push(at.max(self.now), Task::ExpireEvents);
            }
        }
    }

    fn schedule(&mut self) {
        self.scheduling_at = None;
        if let Some((pod, because)) = self.scheduler.pop(self.now) {
            let cause = Cause { actor: Actor::Component("default-scheduler"), because };
            let mut client = Client::new(&mut self.store, self.now, cause);
            self.scheduler.schedule(&pod, &mut client);
            let (calls, _) = client.calls();
            self.bindings.take(calls, SCHEDULER_RATE, self.now);
        }
        self.plan_scheduling();
    }

    /// Makes the next scheduling cycle due, if a Pod waits for one and no earlier cycle is due already.
    fn plan_scheduling(&mut self) {
        let Some(due) = self.scheduler.next_due() else { return };
        let may_bind = self.bindings.ready_at(SCHEDULER_RATE, self.now);
        let at = due.max(self.now + SCHEDULING_CYCLE).max(may_bind);
        if self.scheduling_at.is_none_or(|planned: Time| planned > at) {
            self.scheduling_at = Some(at);
            self.queue.push(at, Task::Schedule);
        }
    }
}

/// Whether no part of the cluster acts on a change: Events are for people, and whether Leases were renewed the node
/// controller looks up in rounds.
fn goes_unheard(change: &Change) -> bool {
    match (&change.before, &change.after) {
        _ if change.key.kind == Kind::Event => true,
        (Some(before), Some(after)) if change.key.kind == Kind::Lease => {
            Arc::ptr_eq(&before.meta, &after.meta)
        }
        _ => false,
    }
}

/// The node whose kubelet a change concerns: the Pod's, or the Node itself.
fn node_of(change: &Change) -> Option<&Name> {
    let object = change.object();
    if let Body::Pod(pod) = &object.body {
        return pod.own.node_name.as_ref();
    }
    matches!(object.body, Body::Node(_)).then_some(&change.key.name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::Settings;
    use crate::object::Key;
    use crate::store::DeleteOptions;
    use crate::store::testing::named;

    #[test]
    fn the_log_forgets_all_but_the_last_changes() {
        let mut cluster = Cluster::new(Settings { nodes: 0, ..Settings::default() });
        let key = Key::new(Kind::ConfigMap, "default", "note");
        while cluster.store.revision() < LOG_KEPT + 100 {
            cluster.act(|client| {
                client.create(named("note", Body::ConfigMap(Arc::default()))).unwrap();
                client.delete(&key, &DeleteOptions::default()).unwrap();
            });
            cluster.advance_to(cluster.now + Duration::from_secs(1));
        }
        let (log, newest) = (cluster.store.log(), cluster.store.revision());
        assert_eq!(log.newest_first().count() as u64, LOG_KEPT);
        assert!(log.at(newest - LOG_KEPT).is_none());
        // Who looks back further gets what is left.
        assert_eq!(log.since(0).next(), log.at(newest + 1 - LOG_KEPT));
    }
}
