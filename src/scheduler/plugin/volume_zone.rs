//! `VolumeZone`: a Pod goes to the zone of its volumes, where these say one in their labels.
//!
//! Models kubernetes `plugins/volumezone/volume_zone.go`. A node without any such label is let be, as upstream does it for
//! clusters of one zone.

use std::sync::Arc;

use super::volume_binding::PodVolumes;
use crate::object::Object;
use crate::scheduler::batch::Seen;
use crate::scheduler::framework::{Cycle, Plugin, PreFilter, Refusal};
use crate::scheduler::node_info::NodeInfo;

/// The plugin's line in the list.
pub(super) const VOLUME_ZONE: Plugin =
    Plugin { pre_filter: Some(pre_filter), filter: Some(filter), ..Plugin::named("VolumeZone") };

/// The labels that tell a place, and by what name a node may carry the same.
const TOPOLOGY: [(&str, &str); 4] = [
    ("failure-domain.beta.kubernetes.io/zone", "topology.kubernetes.io/zone"),
    ("failure-domain.beta.kubernetes.io/region", "topology.kubernetes.io/region"),
    ("topology.kubernetes.io/zone", "topology.kubernetes.io/zone"),
    ("topology.kubernetes.io/region", "topology.kubernetes.io/region"),
];

/// What stands between the zones of a volume that is in several (`LabelZonesToSet`).
const ZONES_DELIMITER: &str = "__";

fn pre_filter(cycle: &mut Cycle<'_>) -> PreFilter {
    let placed = |volume: &Arc<Object>| TOPOLOGY.iter().any(|(key, _)| volume.label(key).is_some());
    match cycle.around.volumes {
        Some(volumes) if volumes.bound().any(placed) => PreFilter::Ready,
        Some(_) | None => PreFilter::Skip,
    }
}

fn filter(cycle: &Cycle<'_>, Seen { node, .. }: &Seen) -> Result<(), Refusal> {
    if TOPOLOGY.iter().all(|(key, _)| node.label(key).is_none()) {
        return Ok(());
    }
    let mut volumes = cycle.around.volumes.into_iter().flat_map(PodVolumes::bound);
    if volumes.all(|volume| is_in_reach(volume, node)) {
        return Ok(());
    }
    Err(Refusal::unresolvable("node(s) had no available volume zone"))
}

fn is_in_reach(volume: &Object, node: &NodeInfo) -> bool {
    TOPOLOGY.iter().all(|(key, now)| {
        let Some(zones) = volume.label(key) else { return true };
        let here = node.label(key).or_else(|| node.label(now));
        here.is_some_and(|here| zones.split(ZONES_DELIMITER).any(|zone| zone == here))
    })
}
