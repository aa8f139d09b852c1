//! A provisioner: makes volumes on the disks of nodes for claims that ask for them, and deletes them with their claims.
//!
//! Stands for Rancher's local-path provisioner, which kind and k3s ship: volumes live on the node that the first Pod of
//! the claim goes to, below `/var/local-path-provisioner`. The reference world has none; there claims wait for ever.
//! *Differs:* upstream runs a Pod on the node to make and to delete the folder; here it takes a moment.

use serde_json::json;

use super::{PROVISIONED_BY, PROVISIONER, class_of, text};
use crate::controller::{Controller, Requeue};
use crate::object::{Key, Kind, Object, SELECTED_NODE};
use crate::store::{Change, Client, DeleteOptions, EventType, Store};
use crate::time::Duration;

/// The controller's line in the list.
pub const PROVISION: Controller =
    Controller { name: "rancher.io/local-path", keys, reconcile, cloud: true };

/// How long it takes to make a folder, or to delete one.
const WORK: Duration = Duration::from_secs(2);

fn keys(change: &Change, _: &Store) -> Vec<Key> {
    let Some(object) = &change.after else { return Vec::new() };
    let concerned = match change.key.kind {
        Kind::PersistentVolumeClaim => is_ours(object),
        Kind::PersistentVolume => is_released(object),
        _ => false,
    };
    if concerned { vec![change.key.clone()] } else { Vec::new() }
}

/// Whether a claim waits for this provisioner.
fn is_ours(claim: &Object) -> bool {
    claim.annotation(PROVISIONER[0]) == Some(PROVISION.name)
        && !claim.terminating()
        && claim.as_value().is_some_and(|body| text(&body.spec()["volumeName"]).is_empty())
}

/// Whether a volume of this provisioner's is to be deleted.
fn is_released(volume: &Object) -> bool {
    let Some(body) = volume.as_value() else { return false };
    volume.annotation(PROVISIONED_BY) == Some(PROVISION.name)
        && !volume.terminating()
        && body.status["phase"] == "Released"
        && body.spec()["persistentVolumeReclaimPolicy"] == "Delete"
}

fn reconcile(client: &mut Client<'_>, key: &Key) -> Requeue {
    let Some(object) = client.store().get(key).cloned() else { return Requeue::No };
    let is_volume = key.kind == Kind::PersistentVolume;
    if is_volume != is_released(&object) || is_volume == is_ours(&object) {
        client.keep(None);
        return Requeue::No;
    }
    let since = client.kept();
    if since.is_none() && !is_volume {
        let claim = format!("{}/{}", object.namespace(), object.name());
        let message = format!("External provisioner is provisioning volume for claim \"{claim}\"");
        client.record(&object, EventType::Normal, "Provisioning", message);
    }
    let end = since.unwrap_or(client.now()) + WORK;
    if end > client.now() {
        client.keep(Some(since.unwrap_or(client.now())));
        return Requeue::After(end - client.now());
    }
    client.keep(None);
    let done = if is_volume {
        client.delete(key, &DeleteOptions::default()).map(drop)
    } else {
        let volume = new_volume(client.store(), &object);
        let name = volume.name().to_owned();
        let made = client.create(volume).map(drop);
        if made.is_ok() {
            let message = format!("Successfully provisioned volume {name}");
            client.record(&object, EventType::Normal, "ProvisioningSucceeded", message);
        }
        made
    };
    if done.is_ok() { Requeue::No } else { Requeue::BackOff }
}

/// A volume for a claim, on the node of its first Pod.
fn new_volume(store: &Store, claim: &Object) -> Object {
    let name = format!("pvc-{}", claim.uid());
    let class = class_of(store, claim);
    let policy = class.and_then(|class| class.as_value()).map(|body| body.field("reclaimPolicy"));
    let (namespace, claimed) = (claim.namespace(), claim.name());
    let spec = claim.as_value().map(|body| body.spec().clone()).unwrap_or_default();
    let mut volume = json!({
        "metadata": {
            "name": name,
            "annotations": { PROVISIONED_BY: PROVISION.name },
        },
        "spec": {
            "accessModes": spec["accessModes"],
            "capacity": { "storage": spec["resources"]["requests"]["storage"] },
            "claimRef": {
                "apiVersion": "v1", "kind": "PersistentVolumeClaim", "name": claimed,
                "namespace": namespace, "uid": claim.uid(),
                "resourceVersion": claim.revision.to_string(),
            },
            "hostPath": {
                "path": format!("/var/local-path-provisioner/{name}_{namespace}_{claimed}"),
                "type": "DirectoryOrCreate",
            },
            "persistentVolumeReclaimPolicy": policy.cloned().unwrap_or_else(|| json!("Delete")),
            "storageClassName": spec["storageClassName"],
            "volumeMode": spec["volumeMode"],
        },
    });
    if let Some(node) = claim.annotation(SELECTED_NODE) {
        volume["spec"]["nodeAffinity"] = json!({ "required": { "nodeSelectorTerms": [{
            "matchExpressions": [
                { "key": "kubernetes.io/hostname", "operator": "In", "values": [node] },
            ],
        }] } });
    }
    Object::from_value(Kind::PersistentVolume, volume)
}
