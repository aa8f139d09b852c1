//! One sync of a Pod: report, mount, sandbox, then what [`super::action`] says.
//!
//! Models `SyncPod` of kubernetes `pkg/kubelet/kubelet.go` and `kuberuntime_manager.go`, and `completeWork` of
//! `pod_workers.go` (a failed sync is tried again after 10 s, one that met a back-off at its end, at most 60 s; each up
//! to half as much later).

use std::sync::Arc;

use super::worker::{Step, Trouble, Worker};
use super::{Host, World, has_ended};
use crate::object::Object;
use crate::store::EventType;
use crate::time::Duration;

/// How the Event about a volume begins.
pub(super) const VOLUME_ERROR: &str = "MountVolume.SetUp failed for volume";
/// `backOffPeriod`.
const RETRY: Duration = Duration::from_secs(10);
/// From the end of a sync in which the runtime did something to the next, which reports it.
const POD_RELIST: Duration = Duration::from_millis(3);
/// `resyncInterval`.
const RESYNC: Duration = Duration::from_mins(1);

impl Worker {
    /// The Pod's object changed, or is gone.
    pub(super) fn changed(
        &mut self,
        object: Option<Arc<Object>>,
        host: &mut Host,
        world: &mut World<'_>,
    ) {
        let Some(object) = object else {
            self.removed = true;
            match self.step {
                Step::Terminated => self.step = Step::Forgotten,
                Step::Terminating | Step::TearingDown(_) | Step::Forgotten => {}
                Step::Idle
                | Step::Mounting(_)
                | Step::Sandbox(_)
                | Step::Pulling
                | Step::Starting(_)
                | Step::Hook { .. }
                | Step::Restarting => self.begin_termination(host, world),
            }
            return;
        };
        let terminating = object.terminating();
        self.pod = object;
        match (&self.step, terminating) {
            (Step::Terminated, deleted) => {
                // What ended while the machine was cut off has not been told yet.
                if !deleted || !has_ended(&self.pod) {
                    self.report(host, world, true);
                }
                if deleted {
                    self.delete_object(world);
                }
            }
            (Step::TearingDown(_) | Step::Forgotten, _) => {}
            (Step::Terminating, _) => self.hurry(host, world),
            (_, true) => self.begin_termination(host, world),
            (_, false) => self.want(world.now()),
        }
        self.work(host, world);
    }

    /// Begins a sync with a report.
    pub(super) fn begin_sync(&mut self, host: &mut Host, world: &mut World<'_>) {
        self.wanted = None;
        self.trouble = Trouble::None;
        self.to_start.clear();
        for run in self.runs.iter_mut().filter_map(|runs| runs.now.as_mut()) {
            if run.ended.is_some() {
                run.kill_at = None;
            }
        }
        self.check_deadline(host, world);
        self.poke_readiness(world);
        self.report(host, world, false);
        if self.is_over() || matches!(self.phase(false), "Succeeded" | "Failed") {
            self.begin_termination(host, world);
        } else if !self.mounted && self.spec().volumes.as_ref().is_some_and(|list| !list.is_empty())
        {
            self.begin_mount(world);
        } else if !self.sandbox {
            self.begin_sandbox(host, world);
        } else {
            self.act(host, world);
        }
    }

    /// A Pod that has been active for longer than it may fails (`pkg/kubelet/active_deadline.go`).
    fn check_deadline(&mut self, host: &Host, world: &mut World<'_>) {
        let Some(secs) = self.spec().active_deadline_seconds else { return };
        let deadline = self.start_time + Duration::from_secs(u64::try_from(secs).unwrap_or(0));
        if deadline > world.now() {
            self.want(deadline);
        } else if self.failure.is_none() {
            let message = "Pod was active on the node longer than the specified deadline";
            self.failure = Some(("DeadlineExceeded", message.into()));
            self.say(host, world, EventType::Normal, "DeadlineExceeded", message.to_owned());
        }
    }

    /// Begins to make the sandbox.
    pub(super) fn begin_sandbox(&mut self, host: &mut Host, world: &mut World<'_>) {
        if self.runs.iter().any(|runs| runs.stale) {
            let message = "Pod sandbox changed, it will be killed and re-created.";
            self.say(host, world, EventType::Normal, "SandboxChanged", message.to_owned());
        }
        self.step = Step::Sandbox(world.now() + host.rules.sandbox_duration());
    }

    /// The sandbox stands: it has an address.
    pub(super) fn sandbox_ready(&mut self, host: &mut Host, world: &mut World<'_>) {
        let address = if self.spec().host_network == Some(true) {
            Some(host.address)
        } else {
            host.addresses.take()
        };
        let Some(address) = address else {
            let message = "Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox: plugin type=\"bridge\" failed (add): failed to allocate for range 0: no IP addresses available in range set";
            self.say(host, world, EventType::Warning, "FailedCreatePodSandBox", message.to_owned());
            self.met(Trouble::Failure);
            self.finish_sync(host, world);
            return;
        };
        self.ip = Some(address);
        self.sandbox = true;
        self.met(Trouble::Acted);
        // The runtime's news of the new sandbox lead to another sync.
        self.want(host.relist_after(world.now()));
        self.act(host, world);
    }

    /// Kills and starts what has to be.
    fn act(&mut self, host: &mut Host, world: &mut World<'_>) {
        let actions = self.actions();
        self.to_start = actions.start.into();
        if actions.kill.is_empty() {
            self.start_next(host, world);
            return;
        }
        self.step = Step::Restarting;
        self.met(Trouble::Acted);
        for (index, message) in actions.kill {
            self.stop(index, message, host, world);
        }
        self.stop_on(host, world);
    }

    /// Ends a sync: when the next one comes depends on how this one went.
    pub(super) fn finish_sync(&mut self, host: &mut Host, world: &World<'_>) {
        let now = world.now();
        self.step = Step::Idle;
        self.not_before = host.relist_after(now);
        let retry = match self.trouble {
            Trouble::None => return,
            Trouble::Acted => {
                // What the runtime was told to do is looked at right away (`PLEGOnDemandRelist`, on since 1.36).
                self.not_before = now + POD_RELIST;
                POD_RELIST
            }
            Trouble::Failure => host.jitter(RETRY),
            Trouble::BackOff(until) => host.jitter((until - now).min(RESYNC)),
        };
        self.want(now + retry);
    }

    /// Notes what this sync met: the earliest end of a back-off counts, else that something failed.
    pub(super) fn met(&mut self, trouble: Trouble) {
        self.trouble = match (self.trouble, trouble) {
            (Trouble::BackOff(one), Trouble::BackOff(other)) => Trouble::BackOff(one.min(other)),
            (Trouble::BackOff(until), _) | (_, Trouble::BackOff(until)) => Trouble::BackOff(until),
            (Trouble::Failure, _) | (_, Trouble::Failure) => Trouble::Failure,
            (Trouble::Acted, _) | (_, Trouble::Acted) => Trouble::Acted,
            (Trouble::None, Trouble::None) => Trouble::None,
        };
    }
}
