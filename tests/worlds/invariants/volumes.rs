//! What holds for claims and volumes: each is the other's only one, and what is in use stays.

use kobune::object::{Key, Kind, Object, PodBody};
use kobune::store::{Change, Store};
use serde_json::{Value, json};

use super::{Verdict, holds};
use crate::facts::{World, field, finished, pods};
use crate::lab::{self, Lab};

/// Whether a Pod mounts a claim.
fn mounts(object: &Object, pod: &PodBody, claim: &Key) -> bool {
    let mut volumes = pod.shared.volumes.iter().flatten();
    *claim.namespace == *object.namespace()
        && volumes.any(|volume| {
            let named = volume.persistent_volume_claim.as_ref();
            named.is_some_and(|named| named.claim_name == *claim.name)
        })
}

pub(super) fn claim_in_use_stays(world: &World<'_>, change: &Change) -> Verdict {
    if change.key.kind != Kind::PersistentVolumeClaim || change.after.is_some() {
        return Ok(());
    }
    holds(!in_use(world.store, &change.key), || "a Pod mounts it".to_owned())
}

/// Whether a claim is mounted: only a Pod that has a node uses what it mounts.
pub(super) fn in_use(store: &Store, claim: &Key) -> bool {
    claim.kind == Kind::PersistentVolumeClaim
        && pods(store).any(|(object, pod)| {
            pod.own.node_name.is_some() && !finished(pod) && mounts(object, pod, claim)
        })
}

fn claim(name: &str) -> Value {
    json!({ "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": { "name": name },
        "spec": { "accessModes": ["ReadWriteOnce"], "resources": { "requests": { "storage": "1Gi" } } } })
}

fn volume(name: &str) -> Value {
    json!({ "apiVersion": "v1", "kind": "PersistentVolume", "metadata": { "name": name },
        "spec": { "accessModes": ["ReadWriteOnce"], "capacity": { "storage": "1Gi" },
            "hostPath": { "path": "/data" } } })
}

pub(super) fn break_claim_in_use(lab: &mut Lab) {
    let mut pod = lab::on(lab::pod("a"), "n1");
    pod["spec"]["volumes"] =
        json!([{ "name": "v", "persistentVolumeClaim": { "claimName": "data" } }]);
    lab.put(pod);
    let claim = lab.put(claim("data"));
    lab.forge_removal(&claim);
}

pub(super) fn one_claim(_: &World<'_>, change: &Change) -> Verdict {
    let (Some(before), Some(after)) = (&change.before, &change.after) else { return Ok(()) };
    let place = match change.key.kind {
        Kind::PersistentVolumeClaim => "/spec/volumeName",
        Kind::PersistentVolume => "/spec/claimRef/uid",
        _ => return Ok(()),
    };
    let (was, is) = (field(before, place), field(after, place));
    holds(was.is_null() || is.is_null() || was == is, || format!("{was} became {is}"))
}

pub(super) fn break_one_claim(lab: &mut Lab) {
    let mut bound = claim("data");
    bound["spec"]["volumeName"] = "one".into();
    let bound = lab.put(bound);
    lab.forge(&bound, "/spec/volumeName", json!("two"));
}

pub(super) fn agree(world: &World<'_>) -> Verdict {
    for claim in world.store.list(Kind::PersistentVolumeClaim, None) {
        if field(claim, "/status/phase") != "Bound" {
            continue;
        }
        let name = field(claim, "/spec/volumeName").as_str().unwrap_or_default().to_owned();
        let volume = world.store.get(&Key::cluster(Kind::PersistentVolume, name.as_str()));
        let theirs = volume.is_some_and(|one| field(one, "/spec/claimRef/uid") == claim.uid());
        holds(theirs, || format!("{} is bound to {name}, which is not its own", claim.name()))?;
    }
    for volume in world.store.list(Kind::PersistentVolume, None) {
        if field(volume, "/status/phase") != "Bound" {
            continue;
        }
        let uid = field(volume, "/spec/claimRef/uid");
        let mut claims = world.store.list(Kind::PersistentVolumeClaim, None);
        let there = claims.any(|claim| uid == claim.uid());
        holds(there, || format!("{} is bound to a claim that is gone", volume.name()))?;
    }
    Ok(())
}

pub(super) fn break_agree(lab: &mut Lab) {
    let mut value = volume("one");
    value["spec"]["claimRef"] =
        json!({ "kind": "PersistentVolumeClaim", "name": "gone", "uid": "gone" });
    value["status"] = json!({ "phase": "Bound" });
    lab.put(value);
}
