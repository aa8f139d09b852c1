//! `NodeName`: a Pod that names its node fits no other.
//!
//! Models kubernetes `plugins/nodename/node_name.go`. Such a Pod is bound when it is created and seldom comes here.

use crate::scheduler::batch::Seen;
use crate::scheduler::framework::{Cycle, Plugin, Refusal};

/// The plugin's line in the list.
pub(super) const NODE_NAME: Plugin =
    Plugin { filter: Some(filter), local: true, ..Plugin::named("NodeName") };

fn filter(cycle: &Cycle<'_>, Seen { node, .. }: &Seen) -> Result<(), Refusal> {
    match &cycle.pod.pod().own.node_name {
        Some(wanted) if *wanted != node.name => {
            Err(Refusal::unresolvable("node(s) didn't match the requested node name"))
        }
        _ => Ok(()),
    }
}
