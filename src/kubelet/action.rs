//! What a sync has to do about a Pod's containers: which to kill, which to start.
//!
//! Models `computePodActions` and `computeInitContainerActions` of kubernetes
//! `pkg/kubelet/kuberuntime/kuberuntime_manager.go` and `kuberuntime_container.go`.

use super::worker::{Runs, Worker};

/// What is to be done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Actions {
    /// Containers to kill, with what the Event says.
    pub(super) kill: Vec<(usize, String)>,
    /// Containers to start, in order.
    pub(super) start: Vec<usize>,
}

impl Worker {
    /// Compares what should run with what runs.
    pub(super) fn actions(&self) -> Actions {
        let mut actions = Actions::default();
        let inits = self.inits();
        // Once a main container has run, init containers are over; only sidecars are kept up.
        let initialized =
            self.runs.iter().skip(inits).any(|runs| runs.now.is_some() && !runs.stale);
        let ready = self.init_actions(initialized, &mut actions);
        if !ready {
            return actions;
        }
        for index in inits..self.runs.len() {
            let runs = &self.runs[index];
            if !runs.running() {
                if self.should_start(index, runs) {
                    actions.start.push(index);
                }
                continue;
            }
            if self.changed_image(index, runs) {
                // Whatever the restart policy says.
                let name = &self.container(index).name;
                let message = format!("Container {name} definition changed, will be restarted");
                actions.kill.push((index, message));
                actions.start.push(index);
            } else if let Some(probe) = self.failed_probe(index) {
                let name = &self.container(index).name;
                let message = format!("Container {name} failed {probe} probe");
                if self.policy(index) == "Never" {
                    actions.kill.push((index, message));
                } else {
                    actions.kill.push((index, format!("{message}, will be restarted")));
                    actions.start.push(index);
                }
            }
        }
        actions
    }

    /// Init containers, one after another, and sidecars, kept up. True if the main containers may run.
    fn init_actions(&self, initialized: bool, actions: &mut Actions) -> bool {
        for index in 0..self.inits() {
            let runs = &self.runs[index];
            if self.is_sidecar(index) {
                if !runs.running() {
                    actions.start.push(index);
                    if !initialized {
                        return false;
                    }
                } else if self.failed_probe(index).is_some() {
                    let name = &self.container(index).name;
                    let probe = self.failed_probe(index).unwrap_or_default();
                    let message =
                        format!("Container {name} failed {probe} probe, will be restarted");
                    actions.kill.push((index, message));
                    actions.start.push(index);
                } else if !initialized && !self.started(index) {
                    return false;
                }
                continue;
            }
            let done = !runs.stale && runs.ended().is_some_and(|ended| ended.code == 0);
            if initialized || done {
                continue;
            }
            if !runs.running() && (runs.stale || self.should_start(index, runs)) {
                actions.start.push(index);
            }
            return false;
        }
        true
    }

    /// Whether a container runs another image than the Pod now names (`containerChanged`; of what its hash covers, only
    /// the image can change).
    fn changed_image(&self, index: usize, runs: &Runs) -> bool {
        runs.now.as_ref().map(|run| run.written.as_str()) != self.container(index).image.as_deref()
    }

    /// Whether a container that does not run should (`ShouldContainerBeRestarted`).
    pub(super) fn should_start(&self, index: usize, runs: &Runs) -> bool {
        match (runs.ended(), self.policy(index)) {
            (None, _) => runs.now.is_none(),
            (Some(_), "Always") => true,
            (Some(ended), "OnFailure") => ended.code != 0,
            (Some(_), _) => false,
        }
    }

    /// A container's restart policy: its own, or the Pod's (an init container is done once it succeeded).
    pub(super) fn policy(&self, index: usize) -> &str {
        let own = self.container(index).restart_policy.as_deref();
        match own.unwrap_or(self.restart_policy()) {
            "Always" if index < self.inits() && !self.is_sidecar(index) => "OnFailure",
            policy => policy,
        }
    }
}
