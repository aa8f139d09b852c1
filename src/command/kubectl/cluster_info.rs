//! `kubectl cluster-info`: where the control plane answers.
//!
//! Models kubectl `pkg/cmd/clusterinfo/clusterinfo.go`. *Differs:* `dump` is refused.

use super::call::Call;
use super::verb::{Group, Outcome, Verb};

/// The verb about the cluster's address.
pub(super) static CLUSTER_INFO: Verb = Verb {
    name: "cluster-info",
    group: Group::Cluster,
    summary: "Display cluster information",
    details: &[
        "Display addresses of the control plane and services with label kubernetes.io/cluster-service=true.",
    ],
    usage: "cluster-info",
    examples: &[("Print the address of the control plane", "kubectl cluster-info")],
    verbs: &[Verb {
        name: "dump",
        summary: "Dump relevant information for debugging and diagnosis",
        simulated: false,
        ..Verb::BASE
    }],
    run: |call| Box::pin(async move { cluster_info(&call) }),
    ..Verb::BASE
};

fn cluster_info(call: &Call) -> Outcome {
    call.out("Kubernetes control plane is running at https://127.0.0.1:6443\n\nTo further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.\n")
}
