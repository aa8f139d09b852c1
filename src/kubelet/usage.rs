//! What a kubelet tells the metrics server: the counters of its machine and of the containers that run.
//!
//! Models kubernetes `pkg/kubelet/metrics/collectors/resource_metrics.go` (`/metrics/resource`) and what metrics-server
//! `pkg/storage` makes of two readings. *Differs:* nothing is read while nobody asks; the answer is what the last reading
//! would have given.

use super::Kubelet;
use super::worker::Worker;
use crate::engine::{WINDOW, last_reading};
use crate::object::{ContainerMetrics, Metrics, Object, Usage};
use crate::time::{Duration, Time};

/// What the machine's own parts use: the kernel, the runtime and the kubelet. Our choice, of the size that an idle machine
/// of a small cluster shows.
const SYSTEM: Usage = Usage { cpu_nanos: 45_000_000, memory_bytes: 410 << 20 };
/// What each Pod costs them: its shim and its probes. Our choice.
const PER_POD: Usage = Usage { cpu_nanos: 1_000_000, memory_bytes: 1 << 20 };

/// The memory that the machine's own parts use with so many Pods.
pub(super) fn system_bytes(pods: usize) -> u64 {
    SYSTEM.memory_bytes + PER_POD.memory_bytes * u64::try_from(pods).unwrap_or(0)
}

impl Kubelet {
    /// What a Pod's containers use; `None` if the metrics server knows nothing of it yet.
    pub fn pod_metrics(&self, pod: &Object, now: Time) -> Option<Metrics> {
        self.workers.get(pod.uid())?.metrics(now)
    }

    /// What the machine uses as a whole.
    pub fn node_metrics(&self, now: Time) -> Metrics {
        let mut total = SYSTEM;
        for worker in self.workers.values() {
            total.add(PER_POD);
            for container in worker.usages(now).flatten() {
                total.add(container.usage);
            }
        }
        total.cpu_nanos = total.cpu_nanos.min(self.host.cpu_milli * 1_000_000);
        let containers = vec![ContainerMetrics { name: String::new(), usage: total }];
        Metrics { at: last_reading(now), window: WINDOW, containers }
    }
}

impl Worker {
    /// Of each container that runs: what it uses, if that is known.
    fn usages(&self, now: Time) -> impl Iterator<Item = Option<ContainerMetrics>> {
        self.runs.iter().enumerate().filter(|(_, runs)| runs.running()).map(move |(index, runs)| {
            let run = runs.now.as_ref()?;
            let (_, cpu_nanos, memory_bytes) = run.process.as_ref()?.used(run.started_at, now)?;
            let name = self.container(index).name.clone();
            Some(ContainerMetrics { name, usage: Usage { cpu_nanos, memory_bytes } })
        })
    }

    /// All of its containers must be known (`podStorage.GetMetrics`).
    fn metrics(&self, now: Time) -> Option<Metrics> {
        let containers: Vec<ContainerMetrics> = self.usages(now).collect::<Option<_>>()?;
        let started = self.runs.iter().filter_map(|runs| runs.now.as_ref());
        let newest = started.filter(|run| run.ended.is_none()).map(|run| run.started_at).max()?;
        let at = last_reading(now);
        let window: Duration = (at - newest).min(WINDOW);
        Some(Metrics { at, window, containers })
    }
}
