//! `NodeUnschedulable`: a cordoned node takes only Pods that tolerate its being cordoned.
//!
//! Models kubernetes `plugins/nodeunschedulable/node_unschedulable.go`.

use k8s_openapi::api::core::v1::Taint;

use crate::object::tolerates;
use crate::scheduler::batch::Seen;
use crate::scheduler::framework::{Cycle, Plugin, Refusal};

/// The plugin's line in the list.
pub(super) const NODE_UNSCHEDULABLE: Plugin =
    Plugin { filter: Some(filter), local: true, ..Plugin::named("NodeUnschedulable") };

fn filter(cycle: &Cycle<'_>, Seen { node, .. }: &Seen) -> Result<(), Refusal> {
    if node.spec().unschedulable != Some(true) {
        return Ok(());
    }
    let cordoned = Taint {
        key: "node.kubernetes.io/unschedulable".to_owned(),
        effect: "NoSchedule".to_owned(),
        ..Taint::default()
    };
    let tolerated =
        cycle.pod.spec().tolerations.iter().flatten().any(|one| tolerates(one, &cordoned));
    if tolerated { Ok(()) } else { Err(Refusal::unresolvable("node(s) were unschedulable")) }
}
