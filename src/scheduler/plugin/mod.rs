//! The scheduler's plugins, in the order of upstream's default profile: the first to refuse a node is the one named.
//!
//! Models kubernetes `pkg/scheduler/apis/config/v1/default_plugins.go`, its order and weights. Plugins for
//! dynamic resources are not here.

pub mod inter_pod_affinity;
pub mod pod_topology_spread;
pub mod volume_binding;

mod image_locality;
mod node_affinity;
mod node_name;
mod node_ports;
mod node_resources_balanced_allocation;
mod node_resources_fit;
mod node_unschedulable;
mod node_volume_limits;
mod taint_toleration;
mod volume_restrictions;
mod volume_zone;

pub use node_affinity::required_node_affinity_matches;
pub use node_resources_fit::{lacks_resources, shortage};
pub use taint_toleration::has_untolerated_taint;

use super::framework::Plugin;

/// Those that a change of a claim, a volume, a class or a node's drivers may make think again.
pub const ABOUT_VOLUMES: [&str; 4] =
    ["NodeVolumeLimits", volume_binding::NAME, "VolumeRestrictions", "VolumeZone"];

/// Every plugin.
pub static PLUGINS: &[Plugin] = &[
    node_unschedulable::NODE_UNSCHEDULABLE,
    node_name::NODE_NAME,
    taint_toleration::TAINT_TOLERATION,
    node_affinity::NODE_AFFINITY,
    node_ports::NODE_PORTS,
    node_resources_fit::NODE_RESOURCES_FIT,
    volume_restrictions::VOLUME_RESTRICTIONS,
    node_volume_limits::NODE_VOLUME_LIMITS,
    volume_binding::VOLUME_BINDING,
    volume_zone::VOLUME_ZONE,
    pod_topology_spread::POD_TOPOLOGY_SPREAD,
    inter_pod_affinity::INTER_POD_AFFINITY,
    node_resources_balanced_allocation::NODE_RESOURCES_BALANCED_ALLOCATION,
    image_locality::IMAGE_LOCALITY,
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_unique_and_scores_have_weights() {
        let names: BTreeSet<_> = PLUGINS.iter().map(|plugin| plugin.name).collect();
        assert_eq!(names.len(), PLUGINS.len());
        for plugin in PLUGINS {
            assert_eq!(plugin.score.is_some(), plugin.weight > 0, "{}", plugin.name);
            assert!(plugin.filter.is_some() || plugin.score.is_some(), "{}", plugin.name);
        }
    }
}
