//! The two controllers that keep claims while Pods use them, and volumes while claims are bound to them.
//!
//! Models kubernetes `pkg/controller/volume/pvcprotection/pvc_protection_controller.go` and
//! `pvprotection/pv_protection_controller.go`.

use std::sync::Arc;

use super::{claim_of, text};
use crate::controller::pods::{is_finished, pod_body};
use crate::controller::{Controller, Requeue};
use crate::object::{Key, Kind, Object};
use crate::store::{Change, Client, Store};

/// The line of the controller for claims.
pub const CLAIM_PROTECTION: Controller = Controller {
    name: "persistentvolumeclaim-protection-controller",
    keys: claim_keys,
    reconcile: reconcile_claim,
    cloud: false,
};

/// The line of the controller for volumes.
pub const VOLUME_PROTECTION: Controller = Controller {
    name: "persistentvolume-protection-controller",
    keys: volume_keys,
    reconcile: reconcile_volume,
    cloud: false,
};

/// The names of the claims that a Pod mounts.
fn claims_of(pod: &Object) -> impl Iterator<Item = &str> {
    let volumes = pod_body(pod).and_then(|body| body.shared.volumes.as_ref());
    let claims = volumes.into_iter().flatten();
    claims.filter_map(|volume| Some(volume.persistent_volume_claim.as_ref()?.claim_name.as_str()))
}

fn claim_keys(change: &Change, _: &Store) -> Vec<Key> {
    let ended = |pod: &Object| pod_body(pod).is_some_and(is_finished);
    match change.key.kind {
        Kind::PersistentVolumeClaim => vec![change.key.clone()],
        Kind::Pod if change.after.as_ref().is_none_or(|pod| ended(pod)) => {
            let pod = change.object();
            let key = |name: &str| Key::new(Kind::PersistentVolumeClaim, pod.namespace(), name);
            claims_of(pod).map(key).collect()
        }
        _ => Vec::new(),
    }
}

fn reconcile_claim(client: &mut Client<'_>, key: &Key) -> Requeue {
    let Some(claim) = client.store().get(key).cloned() else { return Requeue::No };
    let in_use = || {
        let mut pods = client.store().list(Kind::Pod, Some(claim.namespace()));
        pods.any(|pod| {
            // Who has no node yet does not use it: its kubelet will not start it (`podUsesPVC`).
            pod_body(pod).is_some_and(|body| body.own.node_name.is_some() && !is_finished(body))
                && claims_of(pod).any(|name| name == claim.name())
        })
    };
    if !claim.terminating() || in_use() {
        return Requeue::No;
    }
    release(client, &claim, "kubernetes.io/pvc-protection")
}

fn volume_keys(change: &Change, _: &Store) -> Vec<Key> {
    match change.key.kind {
        Kind::PersistentVolume => vec![change.key.clone()],
        _ => Vec::new(),
    }
}

fn reconcile_volume(client: &mut Client<'_>, key: &Key) -> Requeue {
    let Some(volume) = client.store().get(key).cloned() else { return Requeue::No };
    let bound = volume.as_value().is_some_and(|body| text(&body.status["phase"]) == "Bound");
    if !volume.terminating() || (bound && claim_of(&volume).is_some()) {
        return Requeue::No;
    }
    release(client, &volume, "kubernetes.io/pv-protection")
}

/// Takes a finalizer off.
fn release(client: &mut Client<'_>, object: &Object, finalizer: &str) -> Requeue {
    let done = client.modify(&object.key(), |object| {
        let meta = Arc::make_mut(&mut object.meta);
        meta.finalizers.iter_mut().for_each(|all| all.retain(|one| one != finalizer));
        meta.finalizers = meta.finalizers.take().filter(|all| !all.is_empty());
    });
    if done.is_ok() { Requeue::No } else { Requeue::BackOff }
}
