//! Validation that all kinds share: metadata, labels, selectors.
//!
//! Models kubernetes apimachinery `pkg/api/validation/objectmeta.go`, `pkg/apis/meta/v1/validation/validation.go` and
//! `ValidateObjectMeta` of `pkg/apis/core/validation/validation.go`.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{
    LabelSelector, LabelSelectorRequirement, ObjectMeta, OwnerReference,
};

use super::field::{Errors, Path, Verbatim};
use super::names;
use crate::manifest::encode;
use crate::order;
use crate::quote::quote;

/// All annotations of an object together, keys and values, in bytes.
const ANNOTATIONS_SIZE_MAX: usize = 256 * 1024;

/// What an object of some kind may be called.
pub type NameRule = fn(&str) -> Vec<String>;

/// Validates the metadata of a new object.
pub fn validate_meta(errors: &mut Errors, meta: &ObjectMeta, namespaced: bool, rule: NameRule) {
    let path = Path::new("metadata");
    if let Some(prefix) = meta.generate_name.as_ref().filter(|prefix| !prefix.is_empty()) {
        errors.invalid_each(&path.child("generateName"), prefix, names::as_prefix(rule, prefix));
    }
    match meta.name.as_deref().unwrap_or_default() {
        "" => errors.required(&path.child("name"), "name or generateName is required"),
        name => errors.invalid_each(&path.child("name"), name, rule(name)),
    }
    let namespace = meta.namespace.as_deref().unwrap_or_default();
    match (namespaced, namespace) {
        (true, "") => errors.required(&path.child("namespace"), ""),
        (true, namespace) => {
            errors.invalid_each(
                &path.child("namespace"),
                namespace,
                names::dns1123_label(namespace),
            );
        }
        (false, "") => {}
        (false, _) => errors.forbidden(&path.child("namespace"), "not allowed on this type"),
    }
    validate_common(errors, meta, &path);
}

/// Validates metadata as it replaces the stored one. Names, uids and times were carried over before.
pub fn validate_meta_update(errors: &mut Errors, meta: &ObjectMeta, current: &ObjectMeta) {
    let path = Path::new("metadata");
    if current.deletion_timestamp.is_some() {
        let old: Vec<&String> = current.finalizers.iter().flatten().collect();
        let mut new: Vec<&String> =
            meta.finalizers.iter().flatten().filter(|one| !old.contains(one)).collect();
        order::sort(&mut new);
        if !new.is_empty() {
            let list: Vec<String> = new.iter().map(|name| quote(name)).collect();
            let detail = format!(
                "no new finalizers can be added if the object is being deleted, found new finalizers []string{{{}}}",
                list.join(", ")
            );
            errors.forbidden(&path.child("finalizers"), &detail);
        }
    }
    validate_common(errors, meta, &path);
}

fn validate_common(errors: &mut Errors, meta: &ObjectMeta, path: &Path<'_>) {
    if let Some(labels) = &meta.labels {
        validate_labels(errors, labels, &path.child("labels"));
    }
    if let Some(annotations) = &meta.annotations {
        validate_annotations(errors, annotations, &path.child("annotations"));
    }
    if let Some(owners) = &meta.owner_references {
        validate_owners(errors, owners, &path.child("ownerReferences"));
    }
    if let Some(finalizers) = &meta.finalizers {
        validate_finalizers(errors, finalizers, &path.child("finalizers"));
    }
}

/// Validates label keys and values.
pub fn validate_labels(errors: &mut Errors, labels: &BTreeMap<String, String>, path: &Path<'_>) {
    for (key, value) in labels {
        validate_label_name(errors, key, path);
        errors.invalid_each(path, value, names::label_value(value));
    }
}

/// Validates one label key.
pub fn validate_label_name(errors: &mut Errors, key: &str, path: &Path<'_>) {
    errors.invalid_each(path, key, names::qualified_name(key));
}

/// Validates annotation keys, in which case does not matter, and the total size.
pub fn validate_annotations(
    errors: &mut Errors,
    annotations: &BTreeMap<String, String>,
    path: &Path<'_>,
) {
    for key in annotations.keys() {
        errors.invalid_each(path, key, names::qualified_name(&key.to_lowercase()));
    }
    let size: usize = annotations.iter().map(|(key, value)| key.len() + value.len()).sum();
    if size > ANNOTATIONS_SIZE_MAX {
        errors.too_long(path, ANNOTATIONS_SIZE_MAX);
    }
}

fn validate_owners(errors: &mut Errors, owners: &[OwnerReference], path: &Path<'_>) {
    let mut first_controller: Option<String> = None;
    for owner in owners {
        let fields = [
            ("apiVersion", &owner.api_version, "version must not be empty"),
            ("kind", &owner.kind, "must not be empty"),
            ("name", &owner.name, "must not be empty"),
            ("uid", &owner.uid, "must not be empty"),
        ];
        for (field, value, complaint) in fields {
            if value.is_empty() {
                errors.invalid(&path.child(field), value, complaint);
            }
        }
        if owner.controller != Some(true) {
            continue;
        }
        let this = format!("{}/{}", owner.kind, owner.name);
        match &first_controller {
            None => first_controller = Some(this),
            Some(first) => {
                let shown = encode(owners).to_string();
                let detail = format!(
                    "Only one reference can have Controller set to true. Found \"true\" in references for {first} and {this}"
                );
                errors.invalid(path, &Verbatim(shown), &detail);
            }
        }
    }
}

fn validate_finalizers(errors: &mut Errors, finalizers: &[String], path: &Path<'_>) {
    for finalizer in finalizers {
        errors.invalid_each(path, finalizer, names::qualified_name(finalizer));
    }
    let has = |name: &str| finalizers.iter().any(|finalizer| finalizer == name);
    if has("orphan") && has("foregroundDeletion") {
        errors.invalid(
            path,
            finalizers,
            "finalizer orphan and foregroundDeletion cannot be both set",
        );
    }
    for (index, finalizer) in finalizers.iter().enumerate() {
        let standard = ["orphan", "foregroundDeletion", "kubernetes"].contains(&finalizer.as_str());
        if !finalizer.contains('/') && !standard {
            errors.invalid(
                &path.index(index),
                finalizer,
                "name is neither a standard finalizer name nor is it fully qualified",
            );
        }
    }
}

/// Validates a label selector.
pub fn validate_selector(errors: &mut Errors, selector: &LabelSelector, path: &Path<'_>) {
    if let Some(labels) = &selector.match_labels {
        validate_labels(errors, labels, &path.child("matchLabels"));
    }
    let expressions = path.child("matchExpressions");
    for (index, requirement) in selector.match_expressions.iter().flatten().enumerate() {
        validate_requirement(errors, requirement, &expressions.index(index));
    }
}

fn validate_requirement(
    errors: &mut Errors,
    requirement: &LabelSelectorRequirement,
    path: &Path<'_>,
) {
    let values = requirement.values.as_deref().unwrap_or_default();
    let values_path = path.child("values");
    match requirement.operator.as_str() {
        "In" | "NotIn" if values.is_empty() => {
            errors.required(&values_path, "must be specified when `operator` is 'In' or 'NotIn'");
        }
        "Exists" | "DoesNotExist" if !values.is_empty() => errors.forbidden(
            &values_path,
            "may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
        ),
        "In" | "NotIn" | "Exists" | "DoesNotExist" => {}
        other => errors.invalid(&path.child("operator"), other, "not a valid selector operator"),
    }
    validate_label_name(errors, &requirement.key, &path.child("key"));
    for (index, value) in values.iter().enumerate() {
        errors.invalid_each(&values_path.index(index), value, names::label_value(value));
    }
}

/// A selector as an error shows it: JSON with upstream's order of fields.
pub fn show_selector(selector: &LabelSelector) -> Verbatim {
    let mut parts = Vec::new();
    if let Some(labels) = selector.match_labels.as_ref().filter(|labels| !labels.is_empty()) {
        parts.push(format!("\"matchLabels\":{}", super::field::Shown::shown(labels)));
    }
    if let Some(list) = selector.match_expressions.as_ref().filter(|list| !list.is_empty()) {
        let text = encode(list).to_string();
        parts.push(format!("\"matchExpressions\":{text}"));
    }
    Verbatim(format!("{{{}}}", parts.join(",")))
}
