//! The metrics server: it asks every kubelet every 15 s what runs there uses, and tells who asks the metrics API.
//!
//! Models metrics-server `pkg/{scraper,storage,api}`. *Differs:* it needs no Pod of its own and is always there, but in the
//! world of the recordings; the readings are all at once, at whole multiples of 15 s, and of a machine that cannot be reached
//! nothing is known at once.

use std::sync::Arc;

use super::{Cluster, Profile};
use crate::engine::{WINDOW, last_reading};
use crate::kubelet::Kubelet;
use crate::network::Machine;
use crate::object::{Kind, Metrics, Object, PodMetrics};
use crate::time::Time;

impl Cluster {
    /// Whether the metrics API is served.
    pub fn has_metrics(&self) -> bool {
        self.settings.profile == Profile::Default
    }

    /// What a Pod uses, if that is known.
    pub fn metrics_of_pod(&self, pod: &Object) -> Option<Metrics> {
        let node = pod.as_pod()?.own.node_name.as_ref()?;
        self.told_by(node)?.pod_metrics(pod, self.now)
    }

    /// What the Pods of a namespace use that have metrics, in order of name; none if nothing serves them.
    pub fn pod_metrics(&self, namespace: &str) -> Option<PodMetrics> {
        if !self.has_metrics() {
            return None;
        }
        let pods = self.store.list(Kind::Pod, Some(namespace));
        Some(pods.filter_map(|pod| Some((Arc::clone(pod), self.metrics_of_pod(pod)?))).collect())
    }

    /// What a machine uses, if that is known: it takes two readings.
    pub fn metrics_of_node(&self, node: &Object) -> Option<Metrics> {
        let since = node.meta.creation_timestamp.as_ref().map(Time::from)?;
        let known = since + WINDOW <= last_reading(self.now);
        self.told_by(node.name()).filter(|_| known).map(|kubelet| kubelet.node_metrics(self.now))
    }

    /// The kubelet of a machine, if the metrics server runs and can reach it.
    fn told_by(&self, node: &str) -> Option<&Kubelet> {
        let reached = self.network.machine(node).is_some_and(Machine::reachable);
        let kubelet = self.kubelets.get(node).filter(|kubelet| !kubelet.frozen());
        kubelet.filter(|_| reached && self.has_metrics())
    }
}
