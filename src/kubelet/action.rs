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
    ///
    /// From the last to the first: the last that there is tells how far the Pod has come; of those before it only
    /// sidecars matter.
    fn init_actions(&self, initialized: bool, actions: &mut Actions) -> bool {
        let inits = self.inits();
        let (mut ready, mut found) = (initialized || inits == 0, initialized || inits == 0);
        for index in (0..inits).rev() {
            let runs = &self.runs[index];
            let sidecar = self.is_sidecar(index);
            if runs.now.is_none() || runs.stale {
                if found && sidecar {
                    actions.start.push(index);
                }
                continue;
            }
            if found && !sidecar {
                continue;
            }
            let done = match (runs.running(), runs.ended()) {
                (true, _) if sidecar => self.keep_sidecar(index, actions),
                (false, Some(ended)) if !sidecar && ended.code == 0 => true,
                (false, _) if self.should_start(index, runs) => {
                    actions.start.push(index);
                    false
                }
                _ => false,
            };
            if done && index + 1 == inits {
                ready = true;
            } else if done && !found {
                actions.start.push(index + 1);
            }
            found = true;
        }
        if !found {
            actions.start.push(0);
        }
        crate::order::sort(&mut actions.start);
        ready
    }

    /// A sidecar that runs: killed if a probe failed or it has another image. True if it has started up.
    fn keep_sidecar(&self, index: usize, actions: &mut Actions) -> bool {
        let runs = &self.runs[index];
        let started = self.started(index);
        let why = match self.failed_probe(index) {
            _ if started && self.changed_image(index, runs) => {
                Some("definition changed".to_owned())
            }
            Some(probe) => Some(format!("failed {probe} probe")),
            None => None,
        };
        if let Some(why) = why {
            let name = &self.container(index).name;
            actions.kill.push((index, format!("Init container {name} {why}")));
            actions.start.push(index);
        }
        started
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
