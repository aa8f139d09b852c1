//! Environment variables and where their values come from.
//!
//! Models `ValidateEnv` and `ValidateEnvFrom` of kubernetes `pkg/apis/core/validation/validation.go`.

use k8s_openapi::api::core::v1::{
    EnvFromSource, EnvVar, ObjectFieldSelector, ResourceFieldSelector,
};

use super::text;
use crate::object::field::{Errors, Path};
use crate::object::names;
use crate::quantity::Quantity;

/// What an environment variable can say of its Pod.
const ENV_FIELDS: &[&str] = &[
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
];

/// What a file can say of its Pod.
pub(super) const FILE_FIELDS: &[&str] = &[
    "metadata.annotations",
    "metadata.labels",
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
];

/// What can be said of a container's resources.
const RESOURCES: &[&str] = &[
    "limits.cpu",
    "limits.ephemeral-storage",
    "limits.memory",
    "requests.cpu",
    "requests.ephemeral-storage",
    "requests.memory",
];

/// Validates a container's variables.
pub(super) fn validate_env(errors: &mut Errors, variables: &[EnvVar], path: &Path<'_>) {
    for (index, variable) in variables.iter().enumerate() {
        let here = path.index(index);
        if variable.name.is_empty() {
            errors.required(&here.child("name"), "");
        } else {
            let complaints = names::relaxed_env_name(&variable.name);
            errors.invalid_each(&here.child("name"), &variable.name, complaints);
        }
        validate_value_from(errors, variable, &here.child("valueFrom"));
    }
}

fn validate_value_from(errors: &mut Errors, variable: &EnvVar, path: &Path<'_>) {
    let Some(source) = &variable.value_from else { return };
    let mut sources = 0;
    if let Some(field) = &source.field_ref {
        sources += 1;
        validate_field_ref(errors, field, ENV_FIELDS, &path.child("fieldRef"));
    }
    if let Some(field) = &source.resource_field_ref {
        sources += 1;
        validate_resource_ref(errors, field, &path.child("resourceFieldRef"), false);
    }
    if let Some(reference) = &source.config_map_key_ref {
        sources += 1;
        validate_key_ref(errors, &reference.name, &reference.key, &path.child("configMapKeyRef"));
    }
    if let Some(reference) = &source.secret_key_ref {
        sources += 1;
        validate_key_ref(errors, &reference.name, &reference.key, &path.child("secretKeyRef"));
    }
    if source.file_key_ref.is_some() {
        sources += 1;
    }
    if sources == 0 {
        errors.invalid(
            path,
            "",
            "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`",
        );
    } else if !text(variable.value.as_ref()).is_empty() {
        errors.invalid(path, "", "may not be specified when `value` is not empty");
    } else if sources > 1 {
        errors.invalid(path, "", "may not have more than one field specified at a time");
    }
}

fn validate_key_ref(errors: &mut Errors, name: &str, key: &str, path: &Path<'_>) {
    errors.invalid_each(&path.child("name"), name, names::dns1123_subdomain(name));
    if key.is_empty() {
        errors.required(&path.child("key"), "");
    } else {
        errors.invalid_each(&path.child("key"), key, names::config_map_key(key));
    }
}

/// Validates a reference to a field of the Pod.
pub(super) fn validate_field_ref(
    errors: &mut Errors,
    field: &ObjectFieldSelector,
    supported: &[&str],
    path: &Path<'_>,
) {
    let field_path = field.field_path.as_str();
    if text(field.api_version.as_ref()).is_empty() {
        errors.required(&path.child("apiVersion"), "");
        return;
    }
    if field_path.is_empty() {
        errors.required(&path.child("fieldPath"), "");
        return;
    }
    let version = text(field.api_version.as_ref());
    if version != "v1" {
        unconvertible(errors, field_path, &format!("unsupported pod version: {version}"), path);
    } else if let Some((base, key)) = subscript(field_path) {
        match base {
            "metadata.annotations" => {
                let key = key.to_lowercase();
                errors.invalid_each(path, &key, names::qualified_name(&key));
            }
            "metadata.labels" => errors.invalid_each(path, key, names::qualified_name(key)),
            _ => unsupported_label(errors, field_path, path),
        }
    } else if !ENV_FIELDS.contains(&field_path)
        && !FILE_FIELDS.contains(&field_path)
        && !is_convertible(field_path)
    {
        unsupported_label(errors, field_path, path);
    } else if !supported.contains(&field_path) {
        errors.not_supported(&path.child("fieldPath"), field_path, supported);
    }
}

/// Labels that `ConvertDownwardAPIFieldLabel` knows beside those that some place supports.
fn is_convertible(field_path: &str) -> bool {
    matches!(field_path, "spec.restartPolicy" | "spec.schedulerName" | "status.phase" | "spec.host")
}

fn unsupported_label(errors: &mut Errors, field_path: &str, path: &Path<'_>) {
    unconvertible(errors, field_path, &format!("field label not supported: {field_path}"), path);
}

fn unconvertible(errors: &mut Errors, field_path: &str, why: &str, path: &Path<'_>) {
    let detail = format!("error converting fieldPath: {why}");
    errors.invalid(&path.child("fieldPath"), field_path, &detail);
}

/// `metadata.labels['app']` to its two parts.
fn subscript(field_path: &str) -> Option<(&str, &str)> {
    field_path.strip_suffix("']")?.split_once("['").filter(|(base, _)| !base.is_empty())
}

/// Validates a reference to a container's resource; in a file (`volume`) it must name the container.
pub(super) fn validate_resource_ref(
    errors: &mut Errors,
    field: &ResourceFieldSelector,
    path: &Path<'_>,
    volume: bool,
) {
    let resource = field.resource.as_str();
    let huge =
        resource.starts_with("requests.hugepages-") || resource.starts_with("limits.hugepages-");
    if volume && text(field.container_name.as_ref()).is_empty() {
        errors.required(&path.child("containerName"), "");
    } else if resource.is_empty() {
        errors.required(&path.child("resource"), "");
    } else if !RESOURCES.contains(&resource) && !huge {
        errors.not_supported(&path.child("resource"), resource, RESOURCES);
    }
    let Some(divisor) = field.divisor.as_ref().and_then(|divisor| Quantity::parse(&divisor.0).ok())
    else {
        return;
    };
    if divisor.is_zero() {
        return;
    }
    let shown = divisor.to_string();
    let cpu = matches!(resource, "limits.cpu" | "requests.cpu");
    let good: &[&str] = if cpu {
        &["1m", "1"]
    } else {
        &["1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"]
    };
    let what = match resource.split_once('.').map(|(_, what)| what) {
        Some("cpu") => "cpu",
        Some("memory") => "memory",
        Some("ephemeral-storage") => "local ephemeral storage",
        Some(_) if huge => "hugepages",
        _ => return,
    };
    if !good.contains(&shown.as_str()) {
        let listed = if cpu { "1m and 1".to_owned() } else { good.join(", ") };
        let detail =
            format!("only divisor's values {listed} are supported with the {what} resource");
        errors.invalid(&path.child("divisor"), resource, &detail);
    }
}

/// Validates the sources of whole sets of variables.
pub(super) fn validate_env_from(errors: &mut Errors, sources: &[EnvFromSource], path: &Path<'_>) {
    for (index, source) in sources.iter().enumerate() {
        let here = path.index(index);
        if let Some(prefix) = source.prefix.as_ref().filter(|prefix| !prefix.is_empty()) {
            errors.invalid_each(&here.child("prefix"), prefix, names::relaxed_env_name(prefix));
        }
        let config_map =
            source.config_map_ref.as_ref().map(|one| ("configMapRef", one.name.as_str()));
        let secret = source.secret_ref.as_ref().map(|one| ("secretRef", one.name.as_str()));
        for (field, name) in [config_map, secret].into_iter().flatten() {
            let reference = here.child(field);
            if name.is_empty() {
                errors.required(&reference.child("name"), "");
            } else {
                let complaints = names::as_prefix(names::dns1123_subdomain, name);
                errors.invalid_each(&reference.child("name"), name, complaints);
            }
        }
        match (config_map, secret) {
            (None, None) => {
                errors.invalid(path, "", "must specify one of: `configMapRef` or `secretRef`");
            }
            (Some(_), Some(_)) => {
                errors.invalid(path, "", "may not have more than one field specified at a time");
            }
            _ => {}
        }
    }
}
