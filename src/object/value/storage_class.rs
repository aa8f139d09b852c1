//! StorageClasses: defaults and validation.
//!
//! Models kubernetes `pkg/apis/storage/v1/defaults.go` and `ValidateStorageClass` of
//! `pkg/apis/storage/validation/validation.go`.

use serde_json::{Map, Value, json};

use super::rules::{PLAIN, Rules};
use super::{ValueBody, text};
use crate::object::field::{Errors, Path};
use crate::object::{Object, names};

/// What the server does to classes.
pub(super) const RULES: Rules =
    Rules { default, validate: |errors, _, body| validate(errors, body), validate_update, ..PLAIN };

fn default(fields: &mut Map<String, Value>) {
    fields.entry("reclaimPolicy").or_insert_with(|| json!("Delete"));
    fields.entry("volumeBindingMode").or_insert_with(|| json!("Immediate"));
}

fn validate(errors: &mut Errors, body: &ValueBody) {
    let provisioner = text(Some(body.field("provisioner")));
    let path = Path::new("provisioner");
    if provisioner.is_empty() {
        errors.required(&path, "");
    } else {
        let lower = provisioner.to_lowercase();
        errors.invalid_each(&path, provisioner, names::qualified_name(&lower));
    }
    let parameters = body.field("parameters").as_object();
    for (key, _) in parameters.into_iter().flatten().filter(|(key, _)| key.is_empty()) {
        let detail = "field can not be empty.";
        errors.invalid(&Path::new("parameters"), key, detail);
    }
    for (field, supported) in [
        ("reclaimPolicy", ["Delete", "Retain"]),
        ("volumeBindingMode", ["Immediate", "WaitForFirstConsumer"]),
    ] {
        let value = text(Some(body.field(field)));
        // Upstream lets an empty `reclaimPolicy` through.
        if !supported.contains(&value) && (field, value) != ("reclaimPolicy", "") {
            errors.not_supported(&Path::new(field), value, &supported);
        }
    }
}

fn validate_update(errors: &mut Errors, _: &Object, new: &ValueBody, old: &ValueBody) {
    if new.field("parameters") != old.field("parameters") {
        errors.forbidden(&Path::new("parameters"), "updates to parameters are forbidden.");
    }
    if new.field("provisioner") != old.field("provisioner") {
        errors.forbidden(&Path::new("provisioner"), "updates to provisioner are forbidden.");
    }
    if new.field("reclaimPolicy") != old.field("reclaimPolicy") {
        errors.forbidden(&Path::new("reclaimPolicy"), "updates to reclaimPolicy are forbidden.");
    }
    if new.field("volumeBindingMode") != old.field("volumeBindingMode") {
        let shown = new.field("volumeBindingMode");
        errors.invalid(&Path::new("volumeBindingMode"), shown, "field is immutable");
    }
}
