//! Volumes, claims and classes. Models `printPersistentVolume`, `printPersistentVolumeClaim`, `printStorageClass` and
//! kubernetes `staging/src/k8s.io/kubectl/pkg/util/storage/storage.go`.

use serde_json::Value;

use super::{Cell, Columns, always, created, name, wide};
use crate::object::{Object, ValueBody, is_default_class, storage_class};
use crate::time::Time;

pub(super) const VOLUME: Columns = Columns {
    columns: &[
        always("Name"),
        always("Capacity"),
        always("Access Modes"),
        always("Reclaim Policy"),
        always("Status"),
        always("Claim"),
        always("StorageClass"),
        always("VolumeAttributesClass"),
        always("Reason"),
        always("Age"),
        wide("VolumeMode"),
    ],
    cells: volume,
};

pub(super) const CLAIM: Columns = Columns {
    columns: &[
        always("Name"),
        always("Status"),
        always("Volume"),
        always("Capacity"),
        always("Access Modes"),
        always("StorageClass"),
        always("VolumeAttributesClass"),
        always("Age"),
        wide("VolumeMode"),
    ],
    cells: claim,
};

pub(super) const CLASS: Columns = Columns {
    columns: &[
        always("Name"),
        always("Provisioner"),
        always("ReclaimPolicy"),
        always("VolumeBindingMode"),
        always("AllowVolumeExpansion"),
        always("Age"),
    ],
    cells: class,
};

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn or_unset(value: &Value) -> Cell<'_> {
    value.as_str().unwrap_or("<unset>").into()
}

fn volume(object: &Object, now: Time) -> Vec<Cell<'_>> {
    let Some(body) = object.as_value() else { return Vec::new() };
    let spec = body.spec();
    let bound_to = &spec["claimRef"];
    let claim = if bound_to.is_object() {
        format!("{}/{}", text(&bound_to["namespace"]), text(&bound_to["name"]))
    } else {
        String::new()
    };
    vec![
        name(object),
        text(&spec["capacity"]["storage"]).into(),
        access_modes(&spec["accessModes"]).into(),
        text(&spec["persistentVolumeReclaimPolicy"]).into(),
        phase(object, body).into(),
        claim.into(),
        storage_class(object).into(),
        or_unset(&spec["volumeAttributesClassName"]),
        text(&body.status["reason"]).into(),
        created(object, now),
        or_unset(&spec["volumeMode"]),
    ]
}

fn claim(object: &Object, now: Time) -> Vec<Cell<'_>> {
    let Some(body) = object.as_value() else { return Vec::new() };
    let spec = body.spec();
    let volume = text(&spec["volumeName"]);
    let (capacity, modes) = match volume {
        "" => ("", String::new()),
        _ => (text(&body.status["capacity"]["storage"]), access_modes(&body.status["accessModes"])),
    };
    vec![
        name(object),
        phase(object, body).into(),
        volume.into(),
        capacity.into(),
        modes.into(),
        storage_class(object).into(),
        or_unset(&spec["volumeAttributesClassName"]),
        created(object, now),
        or_unset(&spec["volumeMode"]),
    ]
}

fn class(object: &Object, now: Time) -> Vec<Cell<'_>> {
    let Some(body) = object.as_value() else { return Vec::new() };
    let name = if is_default_class(object) {
        format!("{} (default)", object.name()).into()
    } else {
        name(object)
    };
    let expands = body.field("allowVolumeExpansion").as_bool().unwrap_or(false);
    vec![
        name,
        text(body.field("provisioner")).into(),
        text(body.field("reclaimPolicy")).into(),
        text(body.field("volumeBindingMode")).into(),
        if expands { "true" } else { "false" }.into(),
        created(object, now),
    ]
}

fn phase<'a>(object: &Object, body: &'a ValueBody) -> &'a str {
    if object.terminating() { "Terminating" } else { text(&body.status["phase"]) }
}

/// Access modes in few letters, always in the same order.
pub(in crate::output) fn access_modes(modes: &Value) -> String {
    const SHORT: [(&str, &str); 4] = [
        ("ReadWriteOnce", "RWO"),
        ("ReadOnlyMany", "ROX"),
        ("ReadWriteMany", "RWX"),
        ("ReadWriteOncePod", "RWOP"),
    ];
    let has = |mode| modes.as_array().into_iter().flatten().any(|one| *one == mode);
    let found = SHORT.iter().filter(|(mode, _)| has(*mode)).map(|(_, short)| *short);
    found.collect::<Vec<_>>().join(",")
}
