//! `NodePorts`: two Pods cannot take the same port of a node.
//!
//! Models kubernetes `plugins/nodeports/node_ports.go`.

use crate::scheduler::framework::{Cycle, Plugin, PreFilter, Refusal};
use crate::scheduler::node_info::NodeInfo;

/// The plugin's line in the list.
pub(super) const NODE_PORTS: Plugin =
    Plugin { pre_filter: Some(pre_filter), filter: Some(filter), ..Plugin::named("NodePorts") };

fn pre_filter(cycle: &mut Cycle<'_>) -> PreFilter {
    if cycle.pod.facts.host_ports.is_empty() { PreFilter::Skip } else { PreFilter::Ready }
}

fn filter(cycle: &Cycle<'_>, node: &NodeInfo) -> Result<(), Refusal> {
    if cycle.pod.facts.host_ports.iter().any(|port| node.host_port_taken(port)) {
        return Err(Refusal::unschedulable(
            "node(s) didn't have free ports for the requested pod ports",
        ));
    }
    Ok(())
}
