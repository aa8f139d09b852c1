//! `NodePorts`: two Pods cannot take the same port of a node.
//!
//! Models kubernetes `plugins/nodeports/node_ports.go`.

use crate::scheduler::batch::Seen;
use crate::scheduler::framework::{Cycle, Plugin, PreFilter, Refusal};

/// The plugin's line in the list.
pub(super) const NODE_PORTS: Plugin = Plugin {
    pre_filter: Some(pre_filter),
    filter: Some(filter),
    local: true,
    ..Plugin::named("NodePorts")
};

fn pre_filter(cycle: &mut Cycle<'_>) -> PreFilter {
    if cycle.pod.facts.host_ports.is_empty() { PreFilter::Skip } else { PreFilter::Ready }
}

fn filter(cycle: &Cycle<'_>, Seen { node, .. }: &Seen) -> Result<(), Refusal> {
    if cycle.pod.facts.host_ports.iter().any(|port| node.host_port_taken(port)) {
        return Err(Refusal::unschedulable(
            "node(s) didn't have free ports for the requested pod ports",
        ));
    }
    Ok(())
}
