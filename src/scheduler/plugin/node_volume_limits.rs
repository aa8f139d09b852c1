//! `NodeVolumeLimits`: a node takes no more volumes of a driver than its `CSINode` says.
//!
//! Models kubernetes `plugins/nodevolumelimits/csi.go`. *Differs:* volumes of the kinds that drivers took over (in-tree
//! volumes of clouds) are not counted as theirs.

use std::collections::BTreeSet;

use super::volume_binding::{PodVolumes, claims_of, storage_provisioner, volume_of};
use crate::object::{Key, Kind, Name, Object};
use crate::scheduler::batch::Seen;
use crate::scheduler::framework::{Cycle, Plugin, PreFilter, Refusal};
use crate::store::Store;

/// The plugin's line in the list.
pub(super) const NODE_VOLUME_LIMITS: Plugin = Plugin {
    pre_filter: Some(pre_filter),
    filter: Some(filter),
    ..Plugin::named("NodeVolumeLimits")
};

/// A volume as its driver knows it: the driver, and the volume's handle or the claim that will get one.
type Attached = (String, String);

fn pre_filter(cycle: &mut Cycle<'_>) -> PreFilter {
    let asks = cycle.around.volumes.is_some_and(|volumes| volumes.claims().next().is_some());
    let limited = cycle
        .around
        .volumes
        .and_then(PodVolumes::store)
        .is_some_and(|store| store.list(Kind::CSINode, None).next().is_some());
    if asks && limited { PreFilter::Ready } else { PreFilter::Skip }
}

fn filter(cycle: &Cycle<'_>, Seen { node, .. }: &Seen) -> Result<(), Refusal> {
    let Some(store) = cycle.around.volumes.and_then(PodVolumes::store) else {
        return Ok(());
    };
    let mut there = BTreeSet::new();
    for pod in node.pods.values() {
        there.extend(attached(store, &pod.object));
    }
    let mut new = attached(store, &cycle.pod.object);
    new.retain(|volume| !there.contains(volume));
    for (driver, _) in &new {
        let of_driver = |(other, _): &&Attached| other == driver;
        let count = there.iter().filter(of_driver).count() + new.iter().filter(of_driver).count();
        if limit(store, &node.name, driver).is_some_and(|limit| count > limit) {
            return Err(Refusal::unschedulable("node(s) exceed max volume count"));
        }
    }
    Ok(())
}

/// How many volumes of a driver a node takes, if it says so.
fn limit(store: &Store, node: &Name, driver: &str) -> Option<usize> {
    let known = store.get(&Key::cluster(Kind::CSINode, Name::clone(node)))?;
    let drivers = known.as_value()?.spec()["drivers"].as_array()?;
    let found = drivers.iter().find(|one| one["name"] == driver)?;
    usize::try_from(found["allocatable"]["count"].as_u64()?).ok()
}

/// The volumes of a Pod that drivers attach.
fn attached(store: &Store, pod: &Object) -> BTreeSet<Attached> {
    let mut all = BTreeSet::new();
    for claim in claims_of(store, pod) {
        let source = volume_of(store, claim)
            .and_then(|volume| volume.as_value())
            .map(|volume| &volume.spec()["csi"]);
        if let Some(csi) = source {
            if let (Some(driver), Some(handle)) =
                (csi["driver"].as_str(), csi["volumeHandle"].as_str())
            {
                all.insert((driver.to_owned(), handle.to_owned()));
            }
        } else if let Some(provisioner) = storage_provisioner(store, claim) {
            let pending = format!("{}/{}", claim.namespace(), claim.name());
            all.insert((provisioner.to_owned(), pending));
        }
    }
    all
}
