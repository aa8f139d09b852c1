//! Faults on purpose: a container's program crashes, answers badly, or lets its probes fail.
//!
//! They act on the container's present run, so a restart cures them, as it cures a program that has lost its way. What
//! follows (exit code, Events, back-off, endpoints) is the kubelet's ordinary work. Real clusters do this with tools
//! such as Chaos Mesh; here it is part of the sandbox.

use super::worker::Worker;
use super::{Host, Kubelet, ProbeKind, World};
use crate::engine::Process;
use crate::object::{Name, Object};

/// What is to go wrong in a container.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Its program ends with this exit code (128 + n stands for signal n).
    Crash(i32),
    /// The kernel kills its program because it has used more memory than it may.
    OutOfMemory,
    /// One of its probes fails.
    Probe(ProbeKind),
    /// Its program answers every request with 500, those of probes included.
    Broken,
    /// Nothing any more: its probes are answered, its program works again.
    Healed,
}

impl Kubelet {
    /// Lets something go wrong in a container of a Pod. The error is a sentence for the user.
    pub fn fault(
        &mut self,
        pod: &Object,
        container: &str,
        fault: Fault,
        world: &mut World<'_>,
    ) -> Result<(), String> {
        let node = self.node().clone();
        if self.frozen() {
            return Err(format!("{node}, where pod \"{}\" runs, cannot be reached", pod.name()));
        }
        let mut result = Err(not_running(container, pod.name()));
        self.with_worker(&Name::from(pod.uid()), world, |worker, host, world| {
            result = worker.fault(container, fault, host, world);
        });
        result
    }
}

fn not_running(container: &str, pod: &str) -> String {
    format!("container \"{container}\" of pod \"{pod}\" does not run")
}

impl Worker {
    fn fault(
        &mut self,
        container: &str,
        fault: Fault,
        host: &mut Host,
        world: &mut World<'_>,
    ) -> Result<(), String> {
        let pod = self.pod.name();
        let index = self
            .index_of(container)
            .ok_or_else(|| format!("pod \"{pod}\" has no container \"{container}\""))?;
        if !self.runs[index].running() {
            return Err(not_running(container, pod));
        }
        match fault {
            Fault::Crash(code) => self.crash(index, code, "", host, world),
            Fault::OutOfMemory => self.crash(index, 137, "OOMKilled", host, world),
            Fault::Probe(kind) => {
                if kind.of(self.container(index)).is_none() {
                    let kind = kind.title().to_lowercase();
                    return Err(format!(
                        "container \"{container}\" of pod \"{pod}\" has no {kind} probe"
                    ));
                }
                if let Some(run) = self.runs[index].now.as_mut()
                    && !run.failing.contains(&kind)
                {
                    run.failing.push(kind);
                }
            }
            Fault::Broken => self.set_broken(index, true),
            Fault::Healed => {
                if let Some(run) = self.runs[index].now.as_mut() {
                    run.failing.clear();
                }
                self.set_broken(index, false);
            }
        }
        Ok(())
    }

    fn crash(
        &mut self,
        index: usize,
        code: i32,
        reason: &'static str,
        host: &mut Host,
        world: &mut World<'_>,
    ) {
        let now = world.now();
        self.with_process(index, |process, _| Process::crash(process, code, now));
        self.note_end(index, host, world);
        let ended = self.runs[index].now.as_mut().and_then(|run| run.ended.as_mut());
        if let Some(ended) = ended.filter(|_| !reason.is_empty()) {
            ended.reason = reason;
        }
        self.after_act(index, host, world);
    }

    fn set_broken(&mut self, index: usize, broken: bool) {
        self.with_process(index, |process, _| process.set_broken(broken));
    }

    /// Whether a probe of a container is made to fail.
    pub(super) fn fails_on_purpose(&self, index: usize, kind: ProbeKind) -> bool {
        let run = self.runs.get(index).and_then(|runs| runs.now.as_ref());
        run.is_some_and(|run| run.failing.contains(&kind))
    }
}
