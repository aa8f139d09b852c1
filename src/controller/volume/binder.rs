//! The controller that binds claims to volumes.
//!
//! Models kubernetes `pkg/controller/volume/persistentvolume/pv_controller.go` (`syncClaim`, `syncVolume`) and
//! `index.go`. *Differs:* a volume is recycled at once, without a Pod that does it; in the world itself nothing provisions but `provisioner.rs`.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{PROVISIONED_BY, PROVISIONER, annotate, claim_of, class_of, text, volume_of};
use crate::controller::{Controller, Requeue};
use crate::object::{
    BIND_COMPLETED, BOUND_BY_CONTROLLER, Key, Kind, Object, SELECTED_NODE, StatusError,
    best_volume, is_bound_to, reserve, storage_class, unfit, waits_for_consumer,
};
use crate::store::{Change, Client, DeleteOptions, EventType, Store};
use crate::time::Duration;

/// The controller's line in the list.
pub const BINDER: Controller =
    Controller { name: "persistentvolume-controller", keys, reconcile, cloud: false };

/// How often everything is looked at again (`--pvclaimbinder-sync-period`).
const RESYNC: Duration = Duration::from_secs(15);

/// The provisioner that stands for volumes which somebody makes by hand.
const NO_PROVISIONER: &str = "kubernetes.io/no-provisioner";

fn keys(change: &Change, store: &Store) -> Vec<Key> {
    let objects = || [&change.before, &change.after].into_iter().flatten();
    match change.key.kind {
        Kind::PersistentVolumeClaim => {
            let mut keys = vec![change.key.clone()];
            keys.extend(objects().filter_map(|claim| volume_of(claim)));
            if change.after.is_none() {
                let volumes = store.list(Kind::PersistentVolume, None);
                let ours = |volume: &&Arc<Object>| claim_of(volume).as_ref() == Some(&change.key);
                keys.extend(volumes.filter(ours).map(|volume| volume.key()));
            }
            keys
        }
        Kind::PersistentVolume => {
            let mut keys = vec![change.key.clone()];
            keys.extend(objects().filter_map(|volume| claim_of(volume)));
            keys.extend(waiting(store));
            keys
        }
        Kind::StorageClass => waiting(store).collect(),
        _ => Vec::new(),
    }
}

/// The claims that have no volume yet.
fn waiting(store: &Store) -> impl Iterator<Item = Key> + '_ {
    let claims = store.list(Kind::PersistentVolumeClaim, None);
    claims.filter(|claim| claim.annotation(BIND_COMPLETED).is_none()).map(|claim| claim.key())
}

fn reconcile(client: &mut Client<'_>, key: &Key) -> Requeue {
    let Some(object) = client.store().get(key).cloned() else { return Requeue::No };
    let done = match key.kind {
        Kind::PersistentVolume => volume(client, &object).map(|()| Requeue::No),
        _ if object.annotation(BIND_COMPLETED).is_some() => {
            bound_claim(client, &object).map(|()| Requeue::No)
        }
        _ => unbound_claim(client, &object),
    };
    done.unwrap_or(Requeue::BackOff)
}

/// A claim whose binding is not done (`syncUnboundClaim`).
fn unbound_claim(client: &mut Client<'_>, claim: &Arc<Object>) -> Result<Requeue, StatusError> {
    if let Some(key) = volume_of(claim) {
        return named_volume(client, claim, &key);
    }
    let class = class_of(client.store(), claim).cloned();
    let selected = claim.annotation(SELECTED_NODE).is_some();
    let delayed = class.as_deref().is_some_and(waits_for_consumer) && !selected;
    let found = {
        let volumes = client.store().list(Kind::PersistentVolume, None);
        best_volume(claim, volumes, None, delayed || selected).cloned()
    };
    if let Some(volume) = found {
        return bind(client, &volume, claim).map(|()| Requeue::No);
    }
    if claim.terminating() {
        return Ok(Requeue::No);
    }
    let wanted = storage_class(claim).to_owned();
    match class {
        _ if delayed => {
            let message = "waiting for first consumer to be created before binding";
            client.record(claim, EventType::Normal, "WaitForFirstConsumer", message);
        }
        Some(class) => provision(client, claim, &class)?,
        None if wanted.is_empty() => {
            let message =
                "no persistent volumes available for this claim and no storage class is set";
            client.record(claim, EventType::Normal, "FailedBinding", message);
        }
        None => {
            let message = format!("storageclass.storage.k8s.io {wanted:?} not found");
            client.record(claim, EventType::Warning, "ProvisioningFailed", message);
        }
    }
    claim_status(client, claim, json!({ "phase": "Pending" }))?;
    Ok(Requeue::After(RESYNC))
}

/// Asks the class's provisioner for a volume (`provisionClaimOperationExternal`).
fn provision(
    client: &mut Client<'_>,
    claim: &Arc<Object>,
    class: &Object,
) -> Result<(), StatusError> {
    let provisioner = class.as_value().map(|body| text(body.field("provisioner")));
    let provisioner = provisioner.unwrap_or_default().to_owned();
    if provisioner == NO_PROVISIONER {
        let message = "storageclass.storage.k8s.io has no provisioner";
        let message = format!("{message}: {:?}", class.name());
        client.record(claim, EventType::Warning, "ProvisioningFailed", message);
        return Ok(());
    }
    if claim.annotation(PROVISIONER[0]) != Some(provisioner.as_str()) {
        client.modify(&claim.key(), |claim| {
            for key in PROVISIONER {
                annotate(claim, key, &provisioner);
            }
        })?;
    }
    let message = format!(
        "Waiting for a volume to be created either by the external provisioner '{provisioner}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered."
    );
    client.record(claim, EventType::Normal, "ExternalProvisioning", message);
    Ok(())
}

/// A claim that asks for one volume by name.
fn named_volume(
    client: &mut Client<'_>,
    claim: &Arc<Object>,
    key: &Key,
) -> Result<Requeue, StatusError> {
    let Some(volume) = client.store().get(key).cloned() else {
        claim_status(client, claim, json!({ "phase": "Pending" }))?;
        return Ok(Requeue::After(RESYNC));
    };
    let Some(body) = volume.as_value() else { return Ok(Requeue::No) };
    let problem = if !body.spec()["claimRef"].is_object() {
        unfit(&volume, claim).map(|why| {
            (
                "VolumeMismatch",
                format!("Cannot bind to requested volume {:?}: {why}", volume.name()),
            )
        })
    } else if is_bound_to(body, claim) {
        None
    } else {
        let message = format!("volume {:?} already bound to a different claim.", volume.name());
        Some(("FailedBinding", message))
    };
    match problem {
        None => bind(client, &volume, claim).map(|()| Requeue::No),
        Some((reason, message)) => {
            client.record(claim, EventType::Warning, reason, message);
            claim_status(client, claim, json!({ "phase": "Pending" }))?;
            Ok(Requeue::After(RESYNC))
        }
    }
}

/// A claim whose binding was done once (`syncBoundClaim`).
fn bound_claim(client: &mut Client<'_>, claim: &Arc<Object>) -> Result<(), StatusError> {
    let volume = volume_of(claim).and_then(|key| client.store().get(&key).cloned());
    let Some(volume) = volume else {
        return lose(
            client,
            claim,
            "Bound claim has lost its PersistentVolume. Data on this volume is lost!",
        );
    };
    let Some(body) = volume.as_value() else { return Ok(()) };
    if !body.spec()["claimRef"].is_object() || is_bound_to(body, claim) {
        return bind(client, &volume, claim);
    }
    lose(client, claim, "Two claims are bound to the same volume, this one is bound incorrectly")
}

fn lose(client: &mut Client<'_>, claim: &Arc<Object>, why: &str) -> Result<(), StatusError> {
    let lost = claim.as_value().is_some_and(|body| body.status["phase"] == "Lost");
    if !lost {
        let reason = if why.starts_with("Two") { "ClaimMisbound" } else { "ClaimLost" };
        client.record(claim, EventType::Warning, reason, why);
    }
    claim_status(client, claim, json!({ "phase": "Lost" }))
}

/// Makes volume and claim each other's, and says so in the statuses of both (`bind`).
fn bind(client: &mut Client<'_>, volume: &Object, claim: &Object) -> Result<(), StatusError> {
    let volume = client.modify(&volume.key(), |volume| reserve(volume, claim))?;
    volume_status(client, &volume, "Bound")?;
    let name = volume.name().to_owned();
    let chosen = volume_of(claim).is_none();
    let claim = client.modify(&claim.key(), |claim| {
        if chosen {
            annotate(claim, BOUND_BY_CONTROLLER, "yes");
        }
        annotate(claim, BIND_COMPLETED, "yes");
        if let Some(body) = claim.body.value_mut() {
            body.spec_mut()["volumeName"] = json!(name);
        }
    })?;
    let Some(body) = volume.as_value() else { return Ok(()) };
    let status = json!({
        "accessModes": body.spec()["accessModes"],
        "capacity": body.spec()["capacity"],
        "phase": "Bound",
    });
    claim_status(client, &claim, status)
}

/// Replaces what the status says; the rest of it stays.
fn claim_status(client: &mut Client<'_>, claim: &Object, new: Value) -> Result<(), StatusError> {
    client.update_status(&claim.key(), |body| {
        let Some(body) = body.value_mut() else { return };
        let mut status = body.status.as_object().cloned().unwrap_or_default();
        if new["phase"] != "Bound" {
            status.remove("accessModes");
            status.remove("capacity");
        }
        if let Value::Object(new) = new {
            status.extend(new);
        }
        if *body.status != Value::Object(status.clone()) {
            body.status = Arc::new(Value::Object(status));
        }
    })?;
    Ok(())
}

/// Gives a volume a phase, with what is to be said of it; true if it had another.
fn volume_phase(
    client: &mut Client<'_>,
    volume: &Object,
    phase: &str,
    message: &str,
) -> Result<bool, StatusError> {
    let now = crate::manifest::encode(&client.now().to_meta());
    let mut changed = false;
    client.update_status(&volume.key(), |body| {
        let Some(body) = body.value_mut() else { return };
        if body.status["phase"] != phase {
            let mut status = json!({ "lastPhaseTransitionTime": now, "phase": phase });
            if !message.is_empty() {
                status["message"] = message.into();
            }
            body.status = Arc::new(status);
            changed = true;
        }
    })?;
    Ok(changed)
}

fn volume_status(client: &mut Client<'_>, volume: &Object, phase: &str) -> Result<(), StatusError> {
    volume_phase(client, volume, phase, "").map(drop)
}

/// A volume by itself (`syncVolume`).
fn volume(client: &mut Client<'_>, volume: &Arc<Object>) -> Result<(), StatusError> {
    let Some(body) = volume.as_value() else { return Ok(()) };
    let reference = &body.spec()["claimRef"];
    let uid = text(&reference["uid"]);
    let Some(key) = claim_of(volume).filter(|_| !uid.is_empty()) else {
        // Free, or kept for a claim that is not there yet.
        return volume_status(client, volume, "Available");
    };
    let claim = client.store().get(&key).filter(|claim| claim.uid() == uid).cloned();
    let Some(claim) = claim else {
        // A failure stays to be seen.
        if body.status["phase"] != "Failed" {
            volume_status(client, volume, "Released")?;
        }
        return reclaim(client, volume);
    };
    let theirs = volume_of(&claim);
    if theirs.as_ref() == Some(&volume.key()) {
        return volume_status(client, volume, "Bound");
    }
    if theirs.is_none() || volume.annotation(BOUND_BY_CONTROLLER).is_none() {
        return Ok(());
    }
    // The claim took another volume: this one is free again, unless somebody made it for the claim.
    unbind(client, volume)
}

/// Gives a volume back, kept for its claim if somebody wrote it so (`unbindVolume`).
fn unbind(client: &mut Client<'_>, volume: &Object) -> Result<(), StatusError> {
    let ours = volume.annotation(BOUND_BY_CONTROLLER).is_some();
    client.modify(&volume.key(), |volume| {
        let meta = Arc::make_mut(&mut volume.meta);
        meta.annotations.iter_mut().for_each(|all| drop(all.remove(BOUND_BY_CONTROLLER)));
        if let Some(spec) = volume.body.value_mut().and_then(|body| body.spec_mut().as_object_mut())
        {
            if ours {
                spec.remove("claimRef");
            } else if let Some(claim) = spec.get_mut("claimRef").and_then(Value::as_object_mut) {
                claim.remove("uid");
            }
        }
    })?;
    volume_status(client, volume, "Available")
}

/// What becomes of a volume whose claim is gone. Provisioned ones are their provisioner's business. What failed is tried
/// again at every look, and told once (`reclaimVolume`, `volume/hostpath/host_path.go`).
fn reclaim(client: &mut Client<'_>, volume: &Arc<Object>) -> Result<(), StatusError> {
    let Some(body) = volume.as_value() else { return Ok(()) };
    let spec = body.spec();
    let folder = spec["hostPath"]["path"].as_str();
    let (reason, message) = match (text(&spec["persistentVolumeReclaimPolicy"]), folder) {
        ("Delete", _) if volume.annotation(PROVISIONED_BY).is_some() => return Ok(()),
        ("Delete", Some(path)) if path.contains("/tmp/") && !path.ends_with("/tmp/") => {
            // Refused only where it is gone.
            drop(client.delete(&volume.key(), &DeleteOptions::default()));
            return Ok(());
        }
        ("Delete", Some(path)) => {
            let why =
                format!("host_path deleter only supports /tmp/.+ but received provided {path}");
            ("VolumeFailedDelete", why)
        }
        ("Delete", None) => {
            let (name, why) = (volume.name(), "no deletable volume plugin matched");
            let why = format!("error getting deleter volume plugin for volume {name:?}: {why}");
            ("VolumeFailedDelete", why)
        }
        ("Recycle", _) if folder.is_some() || !spec["nfs"].is_null() => {
            client.record(
                volume,
                EventType::Normal,
                "VolumeRecycled",
                "Volume recycled".to_owned(),
            );
            return unbind(client, volume);
        }
        ("Recycle", _) => {
            ("VolumeFailedRecycle", "No recycler plugin found for the volume!".to_owned())
        }
        _ => return Ok(()),
    };
    if volume_phase(client, volume, "Failed", &message)? {
        client.record(volume, EventType::Warning, reason, message);
    }
    Ok(())
}
