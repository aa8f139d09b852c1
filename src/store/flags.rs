//! What the control plane was started with, where worlds differ.

use crate::time::Duration;

/// Flags of the control plane's parts; a client hands them to the part that it works for.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Flags {
    /// How long a node may be silent before it counts as lost (kube-controller-manager
    /// `--node-monitor-grace-period`).
    pub node_monitor_grace_period: Duration,
}

impl Default for Flags {
    fn default() -> Self {
        Self { node_monitor_grace_period: Duration::from_secs(50) }
    }
}
