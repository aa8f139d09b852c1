//! Verbs that real kubectl has and this one does not have yet: each says so in one clear sentence.

use super::verb::{Group, Verb};

/// A verb that is known but not built.
macro_rules! verbs {
    ($($(#[$doc:meta])* $id:ident $name:literal $group:ident $summary:literal)+) => {
        $(
            $(#[$doc])*
            pub(super) static $id: Verb = Verb {
                name: $name,
                group: Group::$group,
                summary: $summary,
                details: &["Not simulated yet."],
                usage: $name,
                simulated: false,
                ..Verb::BASE
            };
        )+
    };
}

verbs! {
    /// Certificate requests.
    CERTIFICATE "certificate" Cluster "Modify certificate resources"
    /// A local proxy to the server.
    PROXY "proxy" Troubleshooting "Run a proxy to the Kubernetes API server"
    /// Debugging containers.
    DEBUG "debug" Troubleshooting "Create debugging sessions for troubleshooting workloads and nodes"
    /// Preferences.
    KUBERC "kuberc" Other "Manage kuberc configuration files"
}
