//! A Pod's phase from the states of its containers. Models `getPhase` of kubernetes `pkg/kubelet/kubelet_pods.go`, and when
//! a Pod's work is done (`KillPod` of `computePodActions`, `kuberuntime/kuberuntime_manager.go`): a sidecar that still runs
//! keeps the Pod `Running`.
//!
//! *Differs:* init containers that run again in a new sandbox do not make the Pod `Pending` again.

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
        let mut main = self.runs.iter().skip(inits).map(counts);
        let initialized = main.any(|counts| counts != Counts::Waiting);
        let (mut pending, mut waiting, mut running) = (false, false, false);
        let (mut stopped, mut succeeded, mut over) = (0, 0, 0);
        for (index, runs) in self.runs.iter().enumerate() {
            let counts = counts(runs);
            if index < inits && !self.is_sidecar(index) {
                match counts {
                    _ if initialized => {}
                    Counts::Failed if ending || !self.should_start(index, runs) => return "Failed",
                    Counts::Running | Counts::Waiting => pending = true,
                    Counts::Failed | Counts::Succeeded => {}
                }
                continue;
            }
            running |= counts == Counts::Running;
            waiting |= counts == Counts::Waiting;
            if index < inits {
                pending |= !initialized && counts == Counts::Running && !self.started(index);
            } else if matches!(counts, Counts::Succeeded | Counts::Failed) {
                stopped += 1;
                succeeded += i32::from(counts == Counts::Succeeded);
                over += i32::from(ending || !self.should_start(index, runs));
            }
        }
        match () {
            () if pending || waiting || !running && stopped == 0 => {
                if ending {
                    "Failed"
                } else {
                    "Pending"
                }
            }
            () if running || over < stopped => "Running",
            () if succeeded == stopped => "Succeeded",
            () => "Failed",
        }
    }

    /// Whether its work is done, so that its sidecars end too.
    pub(super) fn is_over(&self) -> bool {
        let inits = self.inits();
        let main = || self.runs.iter().enumerate().skip(inits);
        main().count() > 0
            && main().all(|(index, runs)| {
                matches!(counts(runs), Counts::Succeeded | Counts::Failed)
                    && !self.should_start(index, runs)
            })
    }
}
