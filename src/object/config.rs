//! ConfigMaps and Secrets: defaults and validation.
//!
//! Models `ValidateConfigMap` and `ValidateSecret` of kubernetes `pkg/apis/core/validation/validation.go`, and what
//! decoding does with `stringData` (`pkg/apis/core/v1/conversion.go`).

use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::field::{Errors, Path};
use super::names;

/// All values of one object together, in bytes.
const SIZE_MAX: usize = 1024 * 1024;

/// Fills in what the author left out, and moves `stringData` into `data`.
pub(super) fn default_secret(secret: &mut Secret) {
    if secret.type_.as_deref().is_none_or(str::is_empty) {
        secret.type_ = Some("Opaque".to_owned());
    }
    if let Some(strings) = secret.string_data.take().filter(|strings| !strings.is_empty()) {
        let data = secret.data.get_or_insert_default();
        data.extend(strings.into_iter().map(|(key, value)| (key, ByteString(value.into_bytes()))));
    }
}

/// Validates a ConfigMap's data.
pub(super) fn validate_config_map(errors: &mut Errors, config: &ConfigMap) {
    let (data_path, binary_path) = (Path::new("data"), Path::new("binaryData"));
    let mut size = 0;
    for (key, value) in config.data.iter().flatten() {
        let here = data_path.key(key);
        errors.invalid_each(&here, key, names::config_map_key(key));
        if config.binary_data.as_ref().is_some_and(|binary| binary.contains_key(key)) {
            errors.invalid(&here, key, "duplicate of key present in binaryData");
        }
        size += value.len();
    }
    for (key, value) in config.binary_data.iter().flatten() {
        errors.invalid_each(&binary_path.key(key), key, names::config_map_key(key));
        size += value.0.len();
    }
    if size > SIZE_MAX {
        errors.too_long(&Path::new(""), SIZE_MAX);
    }
}

/// Validates a ConfigMap as it replaces the stored one.
pub(super) fn validate_config_map_update(
    errors: &mut Errors,
    config: &ConfigMap,
    current: &ConfigMap,
) {
    if current.immutable == Some(true) {
        let changes = [
            ("immutable", config.immutable != Some(true)),
            ("data", config.data != current.data),
            ("binaryData", config.binary_data != current.binary_data),
        ];
        refuse_changes(errors, &changes);
    }
    validate_config_map(errors, config);
}

fn refuse_changes(errors: &mut Errors, changes: &[(&str, bool)]) {
    for (field, changed) in changes {
        if *changed {
            errors.forbidden(&Path::new(field), "field is immutable when `immutable` is set");
        }
    }
}

/// Validates a Secret's data, by its type.
pub(super) fn validate_secret(errors: &mut Errors, secret: &Secret, meta: &ObjectMeta) {
    let path = Path::new("data");
    let mut size = 0;
    for (key, value) in secret.data.iter().flatten() {
        errors.invalid_each(&path.key(key), key, names::config_map_key(key));
        size += value.0.len();
    }
    if size > SIZE_MAX {
        errors.too_long(&path, SIZE_MAX);
    }
    let entry = |key: &str| secret.data.as_ref().and_then(|data| data.get(key));
    let mut require = |keys: &[&str]| {
        for key in keys {
            if entry(key).is_none() {
                errors.required(&path.key(key), "");
            }
        }
    };
    match secret.type_.as_deref().unwrap_or_default() {
        "kubernetes.io/service-account-token" => {
            const NAME: &str = "kubernetes.io/service-account.name";
            let named = meta.annotations.as_ref().and_then(|annotations| annotations.get(NAME));
            if named.is_none_or(String::is_empty) {
                let meta_path = Path::new("metadata");
                errors.required(&meta_path.child("annotations").key(NAME), "");
            }
        }
        "kubernetes.io/dockercfg" => validate_json(errors, secret, ".dockercfg"),
        "kubernetes.io/dockerconfigjson" => validate_json(errors, secret, ".dockerconfigjson"),
        "kubernetes.io/basic-auth"
            if entry("username").is_none() && entry("password").is_none() =>
        {
            require(&["username", "password"]);
        }
        "kubernetes.io/ssh-auth"
            if entry("ssh-privatekey").is_none_or(|value| value.0.is_empty()) =>
        {
            errors.required(&path.key("ssh-privatekey"), "");
        }
        "kubernetes.io/tls" => require(&["tls.crt", "tls.key"]),
        _ => {}
    }
}

fn validate_json(errors: &mut Errors, secret: &Secret, key: &str) {
    let path = Path::new("data");
    match secret.data.as_ref().and_then(|data| data.get(key)) {
        None => errors.required(&path.key(key), ""),
        Some(value) => {
            if let Err(complaint) = crate::manifest::check_json_object(&value.0) {
                errors.invalid(&path.key(key), "<secret contents redacted>", &complaint);
            }
        }
    }
}

/// Validates a Secret as it replaces the stored one.
pub(super) fn validate_secret_update(
    errors: &mut Errors,
    secret: &Secret,
    meta: &ObjectMeta,
    current: &Secret,
) {
    if secret.type_ != current.type_ {
        errors.invalid(&Path::new("type"), &secret.type_, "field is immutable");
    }
    if current.immutable == Some(true) {
        let changes =
            [("immutable", secret.immutable != Some(true)), ("data", secret.data != current.data)];
        refuse_changes(errors, &changes);
    }
    validate_secret(errors, secret, meta);
}
