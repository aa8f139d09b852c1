//! PersistentVolumeClaims: defaults and validation.
//!
//! Models kubernetes `pkg/apis/core/v1/defaults.go`, `ValidatePersistentVolumeClaimSpec` and `...Update` of
//! `pkg/apis/core/validation/validation.go`.

use serde_json::{Map, Value, json};

use super::rules::{PLAIN, Rules};
use super::{ValueBody, object, protect, text};
use crate::manifest::fill;
use crate::object::field::{Errors, Path};
use crate::object::internal::differ;
use crate::object::meta::validate_selector;
use crate::object::{Object, names};
use crate::quantity::Quantity;

/// What the server does to claims.
pub(super) const RULES: Rules = Rules {
    default: default_claim,
    new_status: || json!({ "phase": "Pending" }),
    prepare: |meta, _, _| protect(meta, "kubernetes.io/pvc-protection"),
    validate: |errors, _, body| validate_claim_spec(errors, body.spec(), &Path::new("spec")),
    validate_update,
    ..PLAIN
};

/// How a volume may be used, in alphabetical order.
pub(super) const ACCESS_MODES: [&str; 4] =
    ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];

/// Fills in what the author left out.
pub(super) fn default_claim(claim: &mut Map<String, Value>) {
    let spec = object(claim, "spec");
    spec.entry("volumeMode").or_insert_with(|| json!("Filesystem"));
}

/// Validates a claim's spec, be it of a claim or of a template for some.
pub(super) fn validate_claim_spec(errors: &mut Errors, spec: &Value, path: &Path<'_>) {
    let modes_path = path.child("accessModes");
    if spec["accessModes"].as_array().is_none_or(Vec::is_empty) {
        errors.required(&modes_path, "at least 1 access mode is required");
    }
    if spec["selector"].is_object() {
        validate_selector(errors, &fill(&spec["selector"]), &path.child("selector"));
    }
    validate_access_modes(errors, &spec["accessModes"], &modes_path);
    validate_size(errors, &spec["resources"]["requests"]["storage"], &path.child("resources"));
    let class = text(spec.get("storageClassName"));
    if !class.is_empty() {
        let here = path.child("storageClassName");
        errors.invalid_each(&here, class, names::dns1123_subdomain(class));
    }
    validate_mode(errors, &spec["volumeMode"], &path.child("volumeMode"));
    for field in ["dataSource", "dataSourceRef"] {
        if spec[field].is_object() {
            validate_source(errors, &spec[field], &path.child(field));
        }
    }
    let class = text(spec.get("volumeAttributesClassName"));
    if !class.is_empty() {
        let here = path.child("volumeAttributesClassName");
        errors.invalid_each(&here, class, names::dns1123_subdomain(class));
    }
}

/// Validates access modes that are there.
pub(super) fn validate_access_modes(errors: &mut Errors, modes: &Value, path: &Path<'_>) {
    let modes: Vec<&str> =
        modes.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    for mode in &modes {
        if !ACCESS_MODES.contains(mode) {
            errors.not_supported(path, *mode, &ACCESS_MODES);
        }
    }
    let once = modes.contains(&"ReadWriteOncePod");
    if once && modes.iter().any(|mode| *mode != "ReadWriteOncePod" && ACCESS_MODES.contains(mode)) {
        errors.forbidden(path, "may not use ReadWriteOncePod with other access modes");
    }
}

/// Validates a volume mode, if one is given.
pub(super) fn validate_mode(errors: &mut Errors, mode: &Value, path: &Path<'_>) {
    if let Some(mode) = mode.as_str()
        && !matches!(mode, "Block" | "Filesystem")
    {
        errors.not_supported(path, mode, &["Block", "Filesystem"]);
    }
}

fn validate_size(errors: &mut Errors, size: &Value, path: &Path<'_>) {
    let here = path.key("storage");
    let Some(size) = size.as_str() else { return errors.required(&here, "") };
    if is_nothing(size) {
        errors.invalid(&here, size, "must be greater than zero");
    }
}

/// Whether an amount is zero or less.
pub(super) fn is_nothing(size: &str) -> bool {
    let size = amount(size);
    size.is_zero() || size.is_negative()
}

/// An amount that was read as one.
pub(super) fn amount(text: &str) -> Quantity {
    Quantity::parse(text).unwrap_or_else(|_| Quantity::decimal(0))
}

fn validate_source(errors: &mut Errors, source: &Value, path: &Path<'_>) {
    for field in ["name", "kind"] {
        if text(source.get(field)).is_empty() {
            errors.required(&path.child(field), "");
        }
    }
    let (group, kind) = (text(source.get("apiGroup")), text(source.get("kind")));
    if group.is_empty() && kind != "PersistentVolumeClaim" {
        let detail = "must be 'PersistentVolumeClaim' when referencing the default apiGroup";
        errors.invalid(path, kind, detail);
    }
    if !group.is_empty() {
        errors.invalid_each(&path.child("apiGroup"), group, names::dns1123_subdomain(group));
    }
}

fn validate_update(errors: &mut Errors, _: &Object, new: &ValueBody, old: &ValueBody) {
    let path = Path::new("spec");
    let (before, mut after) = (old.spec(), new.spec().clone());
    if text(before.get("volumeName")).is_empty() {
        copy(&mut after, new.spec(), "volumeName");
    }
    let bound = text(new.status.get("phase")) == "Bound";
    let requested = |spec: &Value| spec["resources"]["requests"]["storage"].clone();
    if bound && !after["resources"]["requests"].is_null() {
        after["resources"]["requests"]["storage"] = requested(before);
    }
    copy(&mut after, before, "volumeAttributesClassName");
    let mut before_named = before.clone();
    if text(before.get("volumeName")).is_empty() {
        copy(&mut before_named, new.spec(), "volumeName");
    }
    if before["storageClassName"].is_null() {
        copy(&mut after, before, "storageClassName");
    }
    if after != before_named {
        let changes = differ("PersistentVolumeClaimSpec", &before_named, &after);
        let detail = format!(
            "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n{changes}"
        );
        errors.forbidden(&path, &detail);
    }
    let amount_of = |value: &Value| amount(value.as_str().unwrap_or("0"));
    let capacity = amount_of(&old.status["capacity"]["storage"]);
    let (now, then) = (amount_of(&requested(new.spec())), amount_of(&requested(before)));
    if now < then && now <= capacity {
        let here = path.child("resources");
        let here = here.child("requests");
        errors.forbidden(&here.child("storage"), "field can not be less than status.capacity");
    }
    if new.spec()["volumeMode"] != before["volumeMode"] {
        let mode = &new.spec()["volumeMode"];
        errors.invalid(&Path::new("volumeMode"), mode, "field is immutable");
    }
}

/// Makes a field what it is elsewhere.
fn copy(into: &mut Value, from: &Value, field: &str) {
    let Some(into) = into.as_object_mut() else { return };
    match from.get(field) {
        Some(value) => into.insert(field.to_owned(), value.clone()),
        None => into.remove(field),
    };
}
