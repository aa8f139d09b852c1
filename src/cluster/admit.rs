//! Whether a kubelet takes a Pod that was bound to its node: the scheduler is not the only one who binds.
//!
//! Models `Admit` and `generalFilter` of kubernetes `pkg/kubelet/lifecycle/predicate.go` and `AdmissionCheck` of
//! `pkg/scheduler/eventhandlers.go`: the first reason counts. It asks the scheduler's picture of the node, in which the
//! Pod stands already.
//!
//! *Differs:* critical Pods do not push others out, and what was bound while the machine could not be reached is taken.

use super::Cluster;
use crate::object::{Key, Name, tolerates};
use crate::scheduler::node_info::NodeInfo;
use crate::scheduler::plugin::{required_node_affinity_matches, shortage};
use crate::scheduler::pod_info::PodInfo;

/// Why a Pod is rejected: the reason's name, and a sentence.
pub(super) type Rejection = (String, String);

impl Cluster {
    /// Why the kubelet of a node does not take a Pod that is new to it; `None` if it does.
    pub(super) fn rejection(&self, node: &Name, pod: &Key, uid: &str) -> Option<Rejection> {
        let kubelet = self.kubelets.get(node)?;
        let reachable = self.network.machine(node)?.reachable();
        let object = self.store.get(pod).filter(|object| object.uid() == uid)?;
        if !reachable || kubelet.knows(uid) || object.terminating() || kubelet.frozen() {
            return None;
        }
        let info = self.scheduler.nodes().get(node)?;
        let own = info.pods.get(pod).filter(|own| own.object.uid() == uid)?;
        let admitted = |other: &PodInfo| kubelet.knows(other.object.uid());
        let crowded = info.overcommitted() || !own.facts.host_ports.is_empty();
        let lacking = crowded.then(|| among_admitted(info, admitted)).and_then(|seen| {
            let short = shortage(own, &seen).map(|(what, wanted, taken, has)| {
                let sentence = format!(
                    "Node didn't have enough resource: {what}, requested: {wanted}, used: {taken}, capacity: {has}"
                );
                (format!("OutOf{what}"), sentence)
            });
            short.or_else(|| elsewhere(own, info)).or_else(|| {
                let taken = own.facts.host_ports.iter().any(|port| seen.host_port_taken(port));
                taken.then(|| failed("NodePorts", "node(s) didn't have free ports for the requested pod ports"))
            })
        });
        lacking.or_else(|| elsewhere(own, info)).or_else(|| driven_out(own, info))
    }
}

/// A node with those of its Pods that its kubelet has taken.
fn among_admitted(info: &NodeInfo, admitted: impl Fn(&PodInfo) -> bool) -> NodeInfo {
    let mut seen = info.clone();
    for (key, pod) in &info.pods {
        if !admitted(pod) {
            seen.remove(key);
        }
    }
    seen
}

fn failed(predicate: &str, why: &str) -> Rejection {
    (predicate.to_owned(), format!("Predicate {predicate} failed: {why}"))
}

fn elsewhere(pod: &PodInfo, info: &NodeInfo) -> Option<Rejection> {
    let fits = required_node_affinity_matches(pod, info);
    (!fits).then(|| failed("NodeAffinity", "node(s) didn't match Pod's node affinity/selector"))
}

fn driven_out(pod: &PodInfo, info: &NodeInfo) -> Option<Rejection> {
    let tolerations = pod.spec().tolerations.as_deref().unwrap_or_default();
    let mut taints = info.taints().iter().filter(|taint| taint.effect == "NoExecute");
    let driven =
        taints.any(|taint| !tolerations.iter().any(|toleration| tolerates(toleration, taint)));
    driven.then(|| failed("TaintToleration", "node(s) had taints that the pod didn't tolerate"))
}
