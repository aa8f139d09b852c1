//! A Pod's phase from the states of its containers. Models `getPhase` of kubernetes `pkg/kubelet/kubelet_pods.go`.

use super::worker::{Runs, Worker};

/// What a container counts as.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
enum Counts {
    Waiting,
    Running,
    Succeeded,
    Failed,
}

fn counts(runs: &Runs) -> Counts {
    match (runs.running(), runs.ended()) {
        (true, _) => Counts::Running,
        (false, Some(ended)) if ended.code == 0 => Counts::Succeeded,
        (false, Some(_)) => Counts::Failed,
        // It ran on a machine that is gone.
        (false, None) if runs.restarts > 0 => Counts::Failed,
        (false, None) => Counts::Waiting,
    }
}

impl Worker {
    /// The phase; `ending` once the Pod will never run anything again.
    pub(super) fn phase(&self, ending: bool) -> &'static str {
        if self.failure.is_some() {
            return "Failed";
        }
        let inits = self.inits();
        let policy = self.restart_policy();
        let main: Vec<Counts> = self.runs.iter().skip(inits).map(counts).collect();
        let started = main.iter().any(|counts| *counts != Counts::Waiting);
        let count = |what: Counts| main.iter().filter(|counts| **counts == what).count();
        if !started {
            for index in 0..inits {
                match counts(&self.runs[index]) {
                    Counts::Failed if !self.is_sidecar(index) && (policy == "Never" || ending) => {
                        return "Failed";
                    }
                    Counts::Succeeded => {}
                    Counts::Running if self.is_sidecar(index) && self.started(index) => {}
                    Counts::Running | Counts::Waiting | Counts::Failed => {
                        return if ending { "Failed" } else { "Pending" };
                    }
                }
            }
        }
        let stopped = count(Counts::Succeeded) + count(Counts::Failed);
        if count(Counts::Waiting) > 0 {
            return if ending { "Failed" } else { "Pending" };
        }
        if count(Counts::Running) > 0 || stopped == 0 {
            return if stopped == 0 && main.is_empty() { "Pending" } else { "Running" };
        }
        let all_succeeded = count(Counts::Failed) == 0;
        match (policy, ending) {
            (_, true) if all_succeeded => "Succeeded",
            ("Never", false) | (_, true) if !all_succeeded => "Failed",
            ("Always", false) => "Running",
            _ if all_succeeded => "Succeeded",
            _ => "Running",
        }
    }
}
