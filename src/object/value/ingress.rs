//! Ingresses and their classes: defaults, validation, warnings.
//!
//! Models kubernetes `pkg/apis/networking/validation/validation.go`, `pkg/apis/networking/v1/defaults.go` and
//! `pkg/registry/networking/{ingress,ingressclass}/strategy.go`.

use serde_json::{Map, Value, json};

use super::ValueBody;
use super::look::{
    default_to, given, inside, list, number, parse_ip, text, texts, validate_required,
};
use super::rules::{PLAIN, Rules};
use crate::object::field::{Errors, Path};
use crate::object::{Object, names};

/// The annotation by which Ingresses named their class before they had a field for it.
const CLASS_ANNOTATION: &str = "kubernetes.io/ingress.class";
/// The longest name of a controller, in bytes.
const CONTROLLER_LENGTH_MAX: usize = 250;

pub(super) const INGRESS: Rules =
    Rules { new_status: || json!({ "loadBalancer": {} }), validate, validate_new, warn, ..PLAIN };

pub(super) const INGRESS_CLASS: Rules = Rules {
    default: default_class,
    validate: validate_class,
    validate_update: |errors, _, new, old| {
        let (new, old) = (text(new.spec(), "controller"), text(old.spec(), "controller"));
        if new != old {
            let path = Path::new("spec");
            errors.invalid(&path.child("controller"), new, "field is immutable");
        }
    },
    ..PLAIN
};

fn validate(errors: &mut Errors, _: &Object, body: &ValueBody) {
    let (spec, path) = (body.spec(), Path::new("spec"));
    let rules = list(spec, "rules");
    let backend = given(spec, "defaultBackend");
    if rules.is_empty() && backend.is_none() {
        let detail = "either `defaultBackend` or `rules` must be specified";
        errors.invalid(&path, &list_shown(spec, "rules"), detail);
    }
    if let Some(backend) = backend {
        validate_backend(errors, backend, &path.child("defaultBackend"));
    }
    let rules_path = path.child("rules");
    for (index, rule) in rules.iter().enumerate() {
        validate_rule(errors, rule, &rules_path.index(index));
    }
    let tls_path = path.child("tls");
    for (index, tls) in list(spec, "tls").iter().enumerate() {
        validate_tls(errors, tls, &tls_path.index(index));
    }
    if let Some(class) = given(spec, "ingressClassName") {
        let class = class.as_str().unwrap_or_default();
        let found = names::dns1123_subdomain(class);
        errors.invalid_each(&path.child("ingressClassName"), class, found);
    }
}

/// A list as Go shows it: `null` where there never was one.
fn list_shown(value: &Value, field: &str) -> Value {
    value.get(field).cloned().unwrap_or_default()
}

fn validate_new(errors: &mut Errors, object: &Object, body: &ValueBody) {
    let class = given(body.spec(), "ingressClassName").and_then(Value::as_str);
    if let (Some(annotation), Some(class)) = (object.annotation(CLASS_ANNOTATION), class)
        && annotation != class
    {
        let path = Path::new("annotations");
        let detail = "must match `ingressClassName` when both are specified";
        errors.invalid(&path.child(CLASS_ANNOTATION), annotation, detail);
    }
}

fn warn(found: &mut Vec<String>, object: &Object, body: &ValueBody) {
    if object.annotation(CLASS_ANNOTATION).is_some()
        && given(body.spec(), "ingressClassName").is_none()
    {
        found.push(format!(
            "annotation {CLASS_ANNOTATION:?} is deprecated, please use 'spec.ingressClassName' instead"
        ));
    }
}

fn validate_host(errors: &mut Errors, host: &str, path: &Path<'_>) {
    let wildcard = host.contains('*');
    let rule = if wildcard { names::wildcard_subdomain } else { names::dns1123_subdomain };
    errors.invalid_each(path, host, rule(host));
}

fn validate_tls(errors: &mut Errors, tls: &Value, path: &Path<'_>) {
    let hosts_path = path.child("hosts");
    for (index, host) in texts(tls, "hosts").enumerate() {
        validate_host(errors, host, &hosts_path.index(index));
    }
    let secret = text(tls, "secretName");
    if !secret.is_empty() {
        let found = names::dns1123_subdomain(secret);
        errors.invalid_each(&path.child("secretName"), secret, found);
    }
}

fn validate_rule(errors: &mut Errors, rule: &Value, path: &Path<'_>) {
    let host = text(rule, "host");
    if !host.is_empty() {
        let here = path.child("host");
        if parse_ip(host).is_some() {
            errors.invalid(&here, host, "must be a DNS name, not an IP address");
        }
        validate_host(errors, host, &here);
    }
    let Some(http) = given(rule, "http") else { return };
    let http_path = path.child("http");
    let paths_path = http_path.child("paths");
    let paths = list(http, "paths");
    if paths.is_empty() {
        errors.required(&paths_path, "");
    }
    for (index, one) in paths.iter().enumerate() {
        validate_path(errors, one, &paths_path.index(index));
    }
}

fn validate_path(errors: &mut Errors, one: &Value, path: &Path<'_>) {
    let Some(kind) = given(one, "pathType") else {
        errors.required(&path.child("pathType"), "pathType must be specified");
        return;
    };
    let (target, target_path) = (text(one, "path"), path.child("path"));
    let kind = kind.as_str().unwrap_or_default();
    let strict = matches!(kind, "Exact" | "Prefix");
    match kind {
        "Exact" | "Prefix" | "ImplementationSpecific" => {
            if !target.starts_with('/') && (strict || !target.is_empty()) {
                errors.invalid(&target_path, target, "must be an absolute path");
            }
        }
        other => {
            let known = &["Exact", "ImplementationSpecific", "Prefix"];
            errors.not_supported(&path.child("pathType"), other, known);
        }
    }
    if strict {
        for part in ["//", "/./", "/../", "%2f", "%2F"] {
            if target.contains(part) {
                errors.invalid(&target_path, target, &format!("must not contain '{part}'"));
            }
        }
        for end in ["/..", "/."] {
            if target.ends_with(end) {
                errors.invalid(&target_path, target, &format!("cannot end with '{end}'"));
            }
        }
    }
    let backend = one.get("backend").unwrap_or(&Value::Null);
    validate_backend(errors, backend, &path.child("backend"));
}

fn validate_backend(errors: &mut Errors, backend: &Value, path: &Path<'_>) {
    match (given(backend, "resource"), given(backend, "service")) {
        (Some(_), Some(_)) => {
            errors.invalid(path, "", "cannot set both resource and service backends");
        }
        (Some(resource), None) => validate_reference(errors, resource, &path.child("resource")),
        (None, Some(service)) => validate_service_backend(errors, service, path),
        (None, None) => errors.invalid(path, "", "resource or service backend is required"),
    }
}

fn validate_service_backend(errors: &mut Errors, service: &Value, path: &Path<'_>) {
    let here = path.child("service");
    validate_required(errors, text(service, "name"), names::dns1123_label, &here.child("name"));
    let port = service.get("port").unwrap_or(&Value::Null);
    let port_path = here.child("port");
    let (name, number) = (text(port, "name"), number(port, "number").unwrap_or(0));
    match (name, number) {
        ("", 0) => errors.required(path, "port name or number is required"),
        ("", number) => {
            let found = names::port_number(i32::try_from(number).unwrap_or(0));
            errors.invalid_each(&port_path.child("number"), &number, found);
        }
        (name, 0) => {
            errors.invalid_each(&port_path.child("name"), name, names::port_name(name));
        }
        _ => errors.invalid(path, "", "cannot set both port name & port number"),
    }
}

/// A reference to some object of the same namespace: group, kind, name.
fn validate_reference(errors: &mut Errors, reference: &Value, path: &Path<'_>) {
    if let Some(group) = given(reference, "apiGroup").and_then(Value::as_str) {
        errors.invalid_each(&path.child("apiGroup"), group, names::dns1123_subdomain(group));
    }
    for field in ["kind", "name"] {
        validate_required(errors, text(reference, field), names::path_segment, &path.child(field));
    }
}

fn default_class(fields: &mut Map<String, Value>) {
    if let Some(parameters) = inside(fields, "spec").and_then(|spec| inside(spec, "parameters")) {
        default_to(parameters, "scope", "Cluster");
    }
}

fn validate_class(errors: &mut Errors, _: &Object, body: &ValueBody) {
    let (spec, path) = (body.spec(), Path::new("spec"));
    let here = path.child("controller");
    match text(spec, "controller") {
        "" => errors.required(&here, ""),
        controller => {
            if controller.len() > CONTROLLER_LENGTH_MAX {
                errors.too_long(&here, CONTROLLER_LENGTH_MAX);
            }
            validate_domain_path(errors, controller, &here);
        }
    }
    if let Some(parameters) = given(spec, "parameters") {
        validate_parameters(errors, parameters, &path.child("parameters"));
    }
}

/// `IsDomainPrefixedPath`.
fn validate_domain_path(errors: &mut Errors, text: &str, path: &Path<'_>) {
    match text.split_once('/') {
        Some((host, rest)) if !host.is_empty() && !rest.is_empty() => {
            errors.invalid_each(path, host, names::dns1123_subdomain(host));
            let allowed =
                |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~%!$&'()*+,;=:".contains(&byte);
            if !rest.bytes().all(allowed) {
                let format = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+";
                let detail = format!("Invalid path (regex used for validation is '{format}')");
                errors.invalid(path, rest, &detail);
            }
        }
        _ => {
            errors.invalid(path, text, "must be a domain-prefixed path (such as \"acme.io/foo\")");
        }
    }
}

fn validate_parameters(errors: &mut Errors, parameters: &Value, path: &Path<'_>) {
    validate_reference(errors, parameters, path);
    let namespace = given(parameters, "namespace").and_then(Value::as_str);
    let namespace_path = path.child("namespace");
    match (text(parameters, "scope"), namespace) {
        ("Namespace", None) => {
            errors.required(&namespace_path, "`parameters.scope` is set to 'Namespace'");
        }
        ("Namespace", Some(namespace)) => {
            errors.invalid_each(&namespace_path, namespace, names::dns1123_label(namespace));
        }
        ("Cluster", Some(_)) => {
            errors.forbidden(&namespace_path, "`parameters.scope` is set to 'Cluster'");
        }
        ("Cluster", None) => {}
        (other, _) => {
            errors.not_supported(&path.child("scope"), other, &["Cluster", "Namespace"]);
        }
    }
}
