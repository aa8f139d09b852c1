//! `VolumeRestrictions`: a disk that takes one machine is not asked to take two, nor a claim for one Pod to serve two.
//!
//! Models kubernetes `plugins/volumerestrictions/volume_restrictions.go`.

use std::sync::Arc;

use k8s_openapi::api::core::v1::Volume;

use super::volume_binding::PodVolumes;
use crate::object::Object;
use crate::scheduler::batch::Seen;
use crate::scheduler::framework::{Cycle, Plugin, PreFilter, Refusal};
use crate::scheduler::node_info::NodeInfo;

/// The plugin's line in the list.
pub(super) const VOLUME_RESTRICTIONS: Plugin = Plugin {
    pre_filter: Some(pre_filter),
    filter: Some(filter),
    ..Plugin::named("VolumeRestrictions")
};

fn pre_filter(cycle: &mut Cycle<'_>) -> PreFilter {
    let disks = cycle.pod.spec().volumes.iter().flatten().any(|volume| disk(volume).is_some());
    let alone = cycle.around.volumes.is_some_and(|volumes| for_one_pod(volumes).next().is_some());
    if disks || alone { PreFilter::Ready } else { PreFilter::Skip }
}

fn filter(cycle: &Cycle<'_>, Seen { node, .. }: &Seen) -> Result<(), Refusal> {
    let taken = node.pods.values().flat_map(|pod| pod.spec().volumes.iter().flatten());
    let taken: Vec<Disk<'_>> = taken.filter_map(disk).collect();
    let mut wanted = cycle.pod.spec().volumes.iter().flatten().filter_map(disk);
    if wanted.any(|disk| taken.iter().any(|other| disk.conflicts(other))) {
        return Err(Refusal::unschedulable("node(s) had no available disk"));
    }
    let mut claims = cycle.around.volumes.into_iter().flat_map(for_one_pod);
    if claims.any(|claim| is_used(cycle, node, claim)) {
        return Err(Refusal::unschedulable(
            "node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode",
        ));
    }
    Ok(())
}

/// The claims that serve one Pod alone.
fn for_one_pod<'a>(volumes: &PodVolumes<'a>) -> impl Iterator<Item = &'a Arc<Object>> {
    volumes.claims().filter(|claim| {
        let modes = claim.as_value().and_then(|body| body.spec()["accessModes"].as_array());
        modes.into_iter().flatten().any(|mode| mode == "ReadWriteOncePod")
    })
}

/// Whether a Pod on any node uses a claim; of the node that is tried counts who is thought to be there.
fn is_used(cycle: &Cycle<'_>, tried: &NodeInfo, claim: &Object) -> bool {
    let others = cycle.around.nodes.values().filter(|node| node.name != tried.name);
    let mut pods = others.map(|node| &**node).chain([tried]).flat_map(|node| node.pods.values());
    pods.any(|pod| {
        pod.object.namespace() == claim.namespace()
            && pod.spec().volumes.iter().flatten().any(|volume| {
                let source = volume.persistent_volume_claim.as_ref();
                source.is_some_and(|source| source.claim_name == claim.name())
            })
    })
}

/// A disk that a Pod names itself, of a sort that cannot be everywhere at once.
struct Disk<'a> {
    sort: &'static str,
    /// Names of the same disk have one of these in common.
    at: Vec<&'a str>,
    name: [&'a str; 2],
    /// Whether it can be shared as long as nobody writes.
    shares: bool,
    read_only: bool,
}

impl Disk<'_> {
    fn conflicts(&self, other: &Disk<'_>) -> bool {
        let shared = self.shares && self.read_only && other.read_only;
        let meets = self.at.is_empty() || self.at.iter().any(|at| other.at.contains(at));
        self.sort == other.sort && self.name == other.name && meets && !shared
    }
}

fn disk(volume: &Volume) -> Option<Disk<'_>> {
    let plain = |sort, name, shares, read_only: Option<bool>| {
        let read_only = read_only.unwrap_or(false);
        Some(Disk { sort, at: Vec::new(), name: [name, ""], shares, read_only })
    };
    if let Some(disk) = &volume.gce_persistent_disk {
        return plain("gce", &disk.pd_name, true, disk.read_only);
    }
    if let Some(disk) = &volume.aws_elastic_block_store {
        return plain("aws", &disk.volume_id, false, disk.read_only);
    }
    if let Some(disk) = &volume.iscsi {
        return plain("iscsi", &disk.iqn, true, disk.read_only);
    }
    let disk = volume.rbd.as_ref()?;
    Some(Disk {
        sort: "rbd",
        at: disk.monitors.iter().map(String::as_str).collect(),
        name: [disk.pool.as_deref().unwrap_or("rbd"), &disk.image],
        shares: true,
        read_only: disk.read_only.unwrap_or(false),
    })
}
