//! The end of a Pod: hooks, signals, grace, and the removal of its object.
//!
//! Models `killContainer` of kubernetes `pkg/kubelet/kuberuntime/kuberuntime_container.go`, `SyncTerminatingPod` and
//! `SyncTerminatedPod` of `kubelet.go`, and the last delete of `status/status_manager.go`. Sidecars end after the main
//! containers, the last first.

use super::worker::{Run, Step, Worker};
use super::{Host, World};
use crate::engine::{Process, Rules, Signal};
use crate::store::DeleteOptions;
use crate::time::Duration;

/// How long the sandbox's removal takes.
const TEAR_DOWN: Duration = Duration::from_millis(150);
/// What a container has at least, and after its hook (`minimumGracePeriodInSeconds`).
pub(super) const GRACE_MIN: Duration = Duration::from_secs(2);

/// The longest termination message (`MaxContainerTerminationMessageLength`), and how many log lines stand in for one.
const MESSAGE_CHARS_MAX: usize = 4096;
const LOG_LINES_MAX: usize = 80;

impl Worker {
    /// Begins to end the Pod: it was deleted, or has run to its end.
    pub(super) fn begin_termination(&mut self, host: &mut Host, world: &mut World<'_>) {
        self.to_start.clear();
        self.report(host, world, false);
        self.step = Step::Terminating;
        for index in 0..self.runs.len() {
            if self.runs[index].running() {
                let message = format!("Stopping container {}", self.container(index).name);
                if self.is_sidecar(index) {
                    self.normal(index, host, world, "Killing", message);
                } else {
                    self.stop(index, message, host, world);
                }
            }
        }
        self.stop_on(host, world);
    }

    /// Tells one container to end: its hook first, then `SIGTERM`, after the grace `SIGKILL`.
    pub(super) fn stop(
        &mut self,
        index: usize,
        message: String,
        host: &mut Host,
        world: &mut World<'_>,
    ) {
        self.normal(index, host, world, "Killing", message);
        self.tell(index, host, world);
    }

    fn tell(&mut self, index: usize, host: &Host, world: &mut World<'_>) {
        let now = world.now();
        let grace = self.grace();
        let hook = self.pre_stop(index, host, world).min(grace);
        if let Some(run) = self.runs.get_mut(index).and_then(|runs| runs.now.as_mut()) {
            run.term_at = Some(now + hook);
            run.kill_at = Some((now + grace).max(now + hook + GRACE_MIN));
        }
    }

    /// The grace was changed while the Pod ends: it can only become shorter.
    pub(super) fn hurry(&mut self, host: &mut Host, world: &mut World<'_>) {
        let deadline = world.now() + self.grace();
        for runs in self.runs.iter_mut() {
            if let Some(run) = runs.now.as_mut() {
                run.kill_at = run.kill_at.map(|kill_at| kill_at.min(deadline));
            }
        }
        self.stop_on(host, world);
    }

    /// Sends the signals that are due and goes on once all that should have ended have.
    pub(super) fn stop_on(&mut self, host: &mut Host, world: &mut World<'_>) {
        for index in 0..self.runs.len() {
            self.signal(index, host, world);
        }
        if self.step == Step::Restarting {
            let waits = |run: &Run| run.ended.is_none() && run.kill_at.is_some();
            if !self.runs.iter().filter_map(|runs| runs.now.as_ref()).any(waits) {
                self.start_next(host, world);
            }
        }
        if self.step == Step::Terminating {
            let inits = self.inits();
            if (inits..self.runs.len()).any(|index| self.runs[index].running()) {
                return;
            }
            // Sidecars follow, the last one first.
            if let Some(index) = (0..inits).rev().find(|index| self.runs[*index].running()) {
                if self.runs[index].now.as_ref().is_some_and(|run| run.kill_at.is_none()) {
                    self.tell(index, host, world);
                    self.signal(index, host, world);
                    if !self.runs[index].running() {
                        self.stop_on(host, world);
                    }
                }
                return;
            }
            let duration = match host.rules {
                Rules::Real => TEAR_DOWN,
                Rules::Recorded => Duration::from_millis(1),
            };
            self.step = Step::TearingDown(world.now() + duration);
        }
    }

    fn signal(&mut self, index: usize, host: &mut Host, world: &mut World<'_>) {
        let now = world.now();
        let Some(run) = self.runs.get_mut(index).and_then(|runs| runs.now.as_mut()) else { return };
        if run.ended.is_some() {
            return;
        }
        let Run { process: Some(process), term_at, kill_at, logs, .. } = run else { return };
        let before = process.next_due();
        if term_at.is_some_and(|at| at <= now) {
            *term_at = None;
            process.signal(Signal::Terminate, now, logs);
        }
        if kill_at.is_some_and(|at| at <= now) {
            process.signal(Signal::Kill, now, logs);
        }
        let changed = Process::next_due(process) != before;
        self.note_end(index, host, world);
        if changed {
            self.plan_process(index, world);
        }
    }

    /// The sandbox is gone: the last report, and the object's removal if it was deleted.
    pub(super) fn torn_down(&mut self, host: &mut Host, world: &mut World<'_>) {
        self.sandbox = false;
        if let Some(address) = self.ip.filter(|address| *address != host.address) {
            host.addresses.free(address);
        }
        self.step = Step::Terminated;
        if self.removed {
            self.step = Step::Forgotten;
            return;
        }
        self.report(host, world, true);
        if self.pod.terminating() {
            self.delete_object(world);
        }
    }

    /// Deletes the object for good, now that nothing of it runs.
    pub(super) fn delete_object(&mut self, world: &mut World<'_>) {
        if !world.connected {
            return;
        }
        let options = DeleteOptions {
            grace_secs: Some(0),
            uid: Some(self.uid.to_string()),
            ..DeleteOptions::default()
        };
        // Refused only if it is gone already, or another of its name is there.
        drop(world.client.delete(&self.key, &options));
        let gone =
            world.client.store().get(&self.key).is_none_or(|object| object.uid() != &*self.uid);
        if gone {
            self.step = Step::Forgotten;
        }
    }

    /// What a container that ended left behind for its status (`terminationMessagePath` and `-Policy`).
    pub(super) fn termination_message(&self, index: usize, code: i32) -> Option<String> {
        let container = self.container(index);
        let run = self.runs[index].now.as_ref()?;
        let path = container.termination_message_path.as_deref().unwrap_or("/dev/termination-log");
        let written = run.process.as_ref()?.files().get(path).map(ToString::to_string);
        if let Some(text) = written.filter(|text| !text.is_empty()) {
            return Some(text.chars().take(MESSAGE_CHARS_MAX).collect());
        }
        let fall_back =
            container.termination_message_policy.as_deref() == Some("FallbackToLogsOnError");
        let mut lines: Vec<&str> =
            run.logs.lines().rev().take(LOG_LINES_MAX).map(|line| &*line.text).collect();
        if code == 0 || !fall_back || lines.is_empty() {
            return None;
        }
        lines.reverse();
        Some(lines.join("\n") + "\n")
    }
}
