//! A machine's power and network, as its kubelet lives them.
//!
//! Without power everything ends at once and without a word: containers are found dead at the next start, their
//! sandboxes have to be made anew, and what was only in memory (back-off, probes, pulls under way) is forgotten. Without
//! a network everything goes on, but nothing is heard or said; afterwards the kubelet lists its Pods again.
//!
//! Models what a start finds: containerd `internal/cri/server/restart.go` (a container whose task is gone has exited
//! with 255 and the reason Unknown), kubernetes `pkg/kubelet/kuberuntime/kuberuntime_manager.go` (`computePodActions`,
//! a changed sandbox), and the reflector's new list.

use std::sync::Arc;

use super::backoff::BackOff;
use super::worker::{Ended, Runs, Step, Trouble, Worker};
use super::{Host, Kubelet, Task, World};
use crate::object::Name;
use crate::time::{Duration, Time};

/// How often a Pod's volumes are looked at, and up to half as much again (`resyncInterval` of `kubelet.go`).
const RESYNC: Duration = Duration::from_mins(1);

impl Kubelet {
    /// Which of all starts of machines this is.
    pub fn boot(&self) -> u32 {
        self.boot
    }

    /// The uids of Pods of which a container runs on the machine, whatever the API server says of them; none while the
    /// machine has no power.
    pub fn running(&self) -> impl Iterator<Item = &Name> {
        let powered = !self.dark;
        let running = self
            .workers
            .iter()
            .filter(move |(_, worker)| powered && worker.runs.iter().any(Runs::running));
        running.map(|(uid, _)| uid)
    }

    /// The power is gone: what was planned is never done.
    pub fn lose_power(&mut self, boot: u32) {
        self.boot = boot;
        self.held = None;
        self.registered = false;
        self.dark = true;
        self.host.images.forget_pulls();
    }

    /// The machine has started up: cleans up what the lost power has left, and begins to give signs of life.
    pub fn start(&mut self, world: &mut World<'_>) {
        self.dark = false;
        self.host.look_planned = false;
        self.host.pressure = super::eviction::Pressure::default();
        let uids: Vec<Name> = self.workers.keys().cloned().collect();
        for uid in uids {
            if let Some(worker) = self.workers.get_mut(&uid) {
                Arc::make_mut(worker).found_dead(&mut self.host, world.now());
            }
        }
        self.begin_heartbeat(world);
    }

    /// The API server can be reached, after a start or after a cut: everything is listed again.
    pub fn join(&mut self, world: &mut World<'_>) {
        let name = self.host.node.clone();
        let bound: Vec<_> = world
            .client
            .store()
            .pods_on(&name)
            .map(|pod| (pod.key(), Name::from(pod.uid())))
            .collect();
        let gone: Vec<_> = self
            .workers
            .iter()
            .filter(|(uid, _)| !bound.iter().any(|(_, other)| other == *uid))
            .map(|(uid, worker)| (worker.key.clone(), uid.clone()))
            .collect();
        for (pod, uid) in bound.iter().chain(&gone) {
            self.sync(pod, uid, world);
        }
        for worker in self.workers.values().filter(|worker| worker.mounts_objects()) {
            let wait = self.host.jitter(RESYNC);
            world.later.push((wait, Task::Refresh { uid: Name::clone(&worker.uid) }));
        }
        self.node_changed(world);
    }
}

impl Worker {
    /// After a loss of power: no container runs, and the sandbox is gone.
    fn found_dead(&mut self, host: &mut Host, now: Time) {
        if let Some(address) = self.ip.take().filter(|address| *address != host.address) {
            host.addresses.free(address);
        }
        for runs in self.runs.iter_mut() {
            runs.found_dead(now);
        }
        self.sandbox = false;
        self.forget_plans(now);
    }

    fn forget_plans(&mut self, now: Time) {
        self.mounted = false;
        self.mount_tries = 0;
        self.wanted = None;
        self.not_before = now;
        self.to_start.clear();
        self.trouble = Trouble::None;
        self.probes.clear();
        self.add_probes(now);
        if !matches!(self.step, Step::Terminated | Step::Forgotten) {
            self.step = Step::Idle;
        }
        self.planned = None;
    }
}

impl Runs {
    fn found_dead(&mut self, now: Time) {
        self.backoff = BackOff::default();
        self.pull_backoff = BackOff::default();
        self.waiting = None;
        self.stale = self.now.is_some();
        let Some(run) = &mut self.now else { return };
        run.process = None;
        run.kill_at = None;
        run.term_at = None;
        if run.ended.is_none() {
            run.ended = Some(Ended { code: 255, reason: "Unknown", message: None, at: now });
        }
    }
}
