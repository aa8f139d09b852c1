//! `TaintToleration`: a node's taints keep away the Pods that do not tolerate them; soft taints make it less wanted.
//!
//! Models kubernetes `plugins/tainttoleration/taint_toleration.go` and `Toleration.ToleratesTaint`.

use k8s_openapi::api::core::v1::Toleration;

use crate::object::tolerates;
use crate::scheduler::batch::Seen;
use crate::scheduler::framework::{Cycle, Plugin, Refusal, normalize};
use crate::scheduler::node_info::NodeInfo;
use crate::scheduler::pod_info::PodInfo;

/// The plugin's line in the list.
pub(super) const TAINT_TOLERATION: Plugin = Plugin {
    weight: 3,
    filter: Some(filter),
    score: Some(score),
    normalize: Some(fewest_first),
    local: true,
    ..Plugin::named("TaintToleration")
};

/// Whether a node has a hard taint that the Pod does not tolerate.
pub fn has_untolerated_taint(pod: &PodInfo, node: &NodeInfo) -> bool {
    let tolerations = pod.spec().tolerations.as_deref().unwrap_or_default();
    node.taints()
        .iter()
        .filter(|taint| taint.effect == "NoSchedule" || taint.effect == "NoExecute")
        .any(|taint| !tolerations.iter().any(|one| tolerates(one, taint)))
}

fn filter(cycle: &Cycle<'_>, Seen { node, .. }: &Seen) -> Result<(), Refusal> {
    if has_untolerated_taint(cycle.pod, node) {
        Err(Refusal::unresolvable("node(s) had untolerated taint(s)"))
    } else {
        Ok(())
    }
}

/// How many soft taints the Pod does not tolerate.
fn score(cycle: &Cycle<'_>, Seen { node, .. }: &Seen) -> i64 {
    let soft = |toleration: &&Toleration| {
        matches!(toleration.effect.as_deref().unwrap_or_default(), "" | "PreferNoSchedule")
    };
    let tolerations: Vec<_> = cycle.pod.spec().tolerations.iter().flatten().filter(soft).collect();
    let untolerated = node
        .taints()
        .iter()
        .filter(|taint| taint.effect == "PreferNoSchedule")
        .filter(|taint| !tolerations.iter().any(|one| tolerates(one, taint)))
        .count();
    i64::try_from(untolerated).unwrap_or(i64::MAX)
}

fn fewest_first(_: &Cycle<'_>, _: &[&Seen], scores: &mut [i64]) {
    normalize(scores, true);
}
