//! PersistentVolumes: defaults and validation.
//!
//! Models kubernetes `pkg/apis/core/v1/defaults.go`, `ValidatePersistentVolumeSpec` and `...Update` of
//! `pkg/apis/core/validation/validation.go`. *Differs:* of the sources that need a machine in a cloud or a server of
//! their own only the required fields are checked.

use std::sync::Arc;

use k8s_openapi::api::core::v1::{HostPathVolumeSource, NodeSelector};
use serde_json::{Map, Value, json};

use super::claim::{amount, is_nothing, validate_access_modes, validate_mode};
use super::rules::{PLAIN, Rules};
use super::{ValueBody, object, protect, text};
use crate::manifest::{encode, fill};
use crate::object::field::{Errors, Path};
use crate::object::internal::differ;
use crate::object::pod::{validate_driver, validate_host_path, validate_node_selector};
use crate::object::{Object, names};

/// What the server does to volumes.
pub(super) const RULES: Rules = Rules {
    default,
    prepare: |meta, body, now| {
        protect(meta, "kubernetes.io/pv-protection");
        let since = encode(&now.to_meta());
        body.status = Arc::new(json!({ "lastPhaseTransitionTime": since, "phase": "Pending" }));
    },
    validate: |errors, _, body| validate(errors, body.spec()),
    validate_update,
    ..PLAIN
};

/// The sources in the order in which they are looked at, the place of each in errors, and the fields it needs.
const SOURCES: &[(&str, &str, &[&str])] = &[
    ("hostPath", "hostPath", &[]),
    ("gcePersistentDisk", "persistentDisk", &["pdName"]),
    ("awsElasticBlockStore", "awsElasticBlockStore", &["volumeID"]),
    ("glusterfs", "glusterfs", &["endpoints", "path"]),
    ("flocker", "flocker", &[]),
    ("nfs", "nfs", &["server", "path"]),
    ("rbd", "rbd", &["monitors", "image"]),
    ("quobyte", "quobyte", &["registry", "volume"]),
    ("cephfs", "cephfs", &["monitors"]),
    ("iscsi", "iscsi", &["targetPortal", "iqn"]),
    ("cinder", "cinder", &["volumeID"]),
    ("fc", "fc", &[]),
    ("flexVolume", "flexVolume", &["driver"]),
    ("azureFile", "azureFile", &["secretName", "shareName"]),
    ("vsphereVolume", "vsphereVolume", &["volumePath"]),
    ("photonPersistentDisk", "photonPersistentDisk", &["pdID"]),
    ("portworxVolume", "portworxVolume", &["volumeID"]),
    ("azureDisk", "azureDisk", &["diskName", "diskURI"]),
    ("scaleIO", "scaleIO", &["gateway", "system"]),
    ("local", "local", &[]),
    ("storageos", "storageos", &["volumeName"]),
    ("csi", "csi", &["volumeHandle"]),
];

fn default(fields: &mut Map<String, Value>) {
    let spec = object(fields, "spec");
    if text(spec.get("persistentVolumeReclaimPolicy")).is_empty() {
        spec.insert("persistentVolumeReclaimPolicy".to_owned(), json!("Retain"));
    }
    spec.entry("volumeMode").or_insert_with(|| json!("Filesystem"));
    if let Some(source) = spec.get_mut("hostPath").and_then(Value::as_object_mut) {
        source.entry("type").or_insert_with(|| json!(""));
    }
}

fn validate(errors: &mut Errors, spec: &Value) {
    let path = Path::new("spec");
    let modes = path.child("accessModes");
    if spec["accessModes"].as_array().is_none_or(Vec::is_empty) {
        errors.required(&modes, "");
    }
    validate_access_modes(errors, &spec["accessModes"], &modes);
    validate_capacity(errors, &spec["capacity"], &path.child("capacity"));
    let policy = text(spec.get("persistentVolumeReclaimPolicy"));
    let policy_path = path.child("persistentVolumeReclaimPolicy");
    let policies = ["Delete", "Recycle", "Retain"];
    if !policy.is_empty() && !policies.contains(&policy) {
        errors.not_supported(&policy_path, policy, &policies);
    }
    let affinity = &spec["nodeAffinity"];
    if affinity.is_object() {
        let here = path.child("nodeAffinity");
        if affinity["required"].is_object() {
            let required: NodeSelector = fill(&affinity["required"]);
            validate_node_selector(errors, &required, &here.child("required"));
        } else {
            errors.required(&here.child("required"), "must specify required node constraints");
        }
    }
    validate_sources(errors, spec, &path);
    let root = text(spec["hostPath"].get("path")).trim_end_matches('/').is_empty();
    if spec["hostPath"].is_object() && root && policy == "Recycle" {
        let detail = "may not be 'recycle' for a hostPath mount of '/'";
        errors.forbidden(&policy_path, detail);
    }
    let class = text(spec.get("storageClassName"));
    if !class.is_empty() {
        let here = path.child("storageClassName");
        errors.invalid_each(&here, class, names::dns1123_subdomain(class));
    }
    validate_mode(errors, &spec["volumeMode"], &path.child("volumeMode"));
}

fn validate_capacity(errors: &mut Errors, capacity: &Value, path: &Path<'_>) {
    let entries = capacity.as_object().filter(|entries| !entries.is_empty());
    if entries.is_none() {
        errors.required(path, "");
    }
    if entries.is_none_or(|entries| entries.len() > 1 || !entries.contains_key("storage")) {
        errors.not_supported(path, capacity, &["storage"]);
    }
    for (name, size) in entries.into_iter().flatten() {
        let size = size.as_str().unwrap_or_default();
        if amount(size).is_negative() {
            let detail = "must be a valid resource quantity";
            errors.invalid(&path.key(name), size, detail);
        }
        if is_nothing(size) {
            errors.invalid(&path.key(name), size, "must be greater than zero");
        }
    }
}

fn validate_sources(errors: &mut Errors, spec: &Value, path: &Path<'_>) {
    let mut found = 0;
    for (field, place, needed) in SOURCES {
        let source = &spec[*field];
        if !source.is_object() {
            continue;
        }
        found += 1;
        if found > 1 {
            errors.forbidden(&path.child(field), "may not specify more than 1 volume type");
            continue;
        }
        let here = path.child(place);
        if *field == "csi" {
            validate_driver(errors, text(source.get("driver")), &here.child("driver"));
        }
        for name in *needed {
            if source[*name].as_str().is_none_or(str::is_empty) && !source[*name].is_array() {
                errors.required(&here.child(name), "");
            }
        }
        if *field == "hostPath" {
            let host: HostPathVolumeSource = fill(source);
            validate_host_path(errors, &host, &here);
        }
        if *field == "local" {
            validate_local(errors, text(source.get("path")), &here);
            if !spec["nodeAffinity"]["required"].is_object() {
                let detail = "Local volume requires node affinity";
                errors.required(&path.child("nodeAffinity"), detail);
            }
        }
    }
    if found == 0 {
        errors.required(path, "must specify a volume type");
    }
}

fn validate_local(errors: &mut Errors, target: &str, path: &Path<'_>) {
    let here = path.child("path");
    if target.is_empty() {
        return errors.required(&here, "");
    }
    if target.split('/').any(|part| part == "..") {
        errors.invalid(&here, target, "must not contain '..'");
    }
}

fn validate_update(errors: &mut Errors, _: &Object, new: &ValueBody, old: &ValueBody) {
    let source = |body: &ValueBody| {
        let find = |(field, ..): &(&'static str, &str, &[&str])| {
            body.spec().get(field).map(|source| (*field, source.clone()))
        };
        SOURCES.iter().find_map(find)
    };
    if source(new) != source(old) {
        let path = Path::new("spec");
        let changes = differ("PersistentVolumeSource", old.spec(), new.spec());
        let detail = format!("spec.persistentvolumesource is immutable after creation\n{changes}");
        errors.forbidden(&path.child("persistentvolumesource"), &detail);
    }
    if new.spec()["volumeMode"] != old.spec()["volumeMode"] {
        let mode = &new.spec()["volumeMode"];
        errors.invalid(&Path::new("volumeMode"), mode, "field is immutable");
    }
    let affinity = |body: &ValueBody| body.spec()["nodeAffinity"].clone();
    if affinity(old).is_object() && affinity(new) != affinity(old) {
        errors.invalid(&Path::new("nodeAffinity"), &affinity(new), "field is immutable");
    }
}
