//! HorizontalPodAutoscalers: defaults and validation of `autoscaling/v2`.
//!
//! Models kubernetes `pkg/apis/autoscaling/v2/defaults.go`, `pkg/apis/autoscaling/validation/validation.go` and
//! `pkg/registry/autoscaling/horizontalpodautoscaler/strategy.go`.

use serde_json::{Map, Value, json};

use super::look::{at, default_to, given, inside, list, number, quantity, text, validate_required};
use super::rules::{PLAIN, Rules};
use super::{ValueBody, object};
use crate::object::field::{Errors, Path};
use crate::object::{Object, names};

pub(super) const AUTOSCALER: Rules =
    Rules { default, new_status: || json!({}), validate_new, validate_update, ..PLAIN };

/// The percentage of the requested CPU that is aimed at where nothing is said.
const UTILIZATION: i64 = 80;
/// An hour, in seconds.
const WINDOW_MAX: i64 = 3600;
/// Half an hour, in seconds.
const PERIOD_MAX: i64 = 1800;

/// The kinds of metrics in the order in which they are looked at, each with its field.
const SOURCES: [(&str, &str); 5] = [
    ("Object", "object"),
    ("External", "external"),
    ("Pods", "pods"),
    ("Resource", "resource"),
    ("ContainerResource", "containerResource"),
];

fn default(fields: &mut Map<String, Value>) {
    let spec = object(fields, "spec");
    default_to(spec, "minReplicas", 1);
    if spec.get("metrics").and_then(Value::as_array).is_none_or(Vec::is_empty) {
        let target = json!({ "type": "Utilization", "averageUtilization": UTILIZATION });
        let metric = json!({ "type": "Resource", "resource": { "name": "cpu", "target": target } });
        spec.insert("metrics".to_owned(), Value::Array(vec![metric]));
    }
    if let Some(behavior) = inside(spec, "behavior") {
        let by_percent = json!({ "type": "Percent", "value": 100, "periodSeconds": 15 });
        let by_pods = json!({ "type": "Pods", "value": 4, "periodSeconds": 15 });
        default_rules(behavior, "scaleUp", json!([by_pods, by_percent.clone()]));
        if let Some(rules) = inside(behavior, "scaleUp") {
            default_to(rules, "stabilizationWindowSeconds", 0);
        }
        default_rules(behavior, "scaleDown", json!([by_percent]));
    }
}

fn default_rules(behavior: &mut Map<String, Value>, direction: &str, policies: Value) {
    default_to(behavior, direction, json!({}));
    if let Some(rules) = inside(behavior, direction) {
        default_to(rules, "selectPolicy", "Max");
        default_to(rules, "policies", policies);
    }
}

fn validate_new(errors: &mut Errors, _: &Object, body: &ValueBody) {
    validate_spec(errors, body, true);
}

/// A target whose group was let through once is not looked at again.
fn validate_update(errors: &mut Errors, _: &Object, new: &ValueBody, old: &ValueBody) {
    let [target, before] = [new, old].map(|body| body.at(&["spec", "scaleTargetRef"]));
    let same = |field: &str| text(target, field) == text(before, field);
    validate_spec(errors, new, !same("apiVersion") || !same("kind"));
}

fn validate_spec(errors: &mut Errors, body: &ValueBody, with_version: bool) {
    let (spec, path) = (body.spec(), Path::new("spec"));
    let least = number(spec, "minReplicas");
    let most = number(spec, "maxReplicas").unwrap_or(0);
    if let Some(least) = least.filter(|least| *least < 1) {
        let detail = "must be greater than or equal to 1";
        errors.invalid(&path.child("minReplicas"), &least, detail);
    }
    let here = path.child("maxReplicas");
    match most {
        0 => errors.required(&here, "must be set and greater than 0"),
        _ if most < 0 => errors.invalid(&here, &most, "must be greater than 0"),
        _ => {}
    }
    if least.is_some_and(|least| most < least) {
        errors.invalid(&here, &most, "must be greater than or equal to `minReplicas`");
    }
    let target = spec.get("scaleTargetRef").unwrap_or(&Value::Null);
    let target_path = path.child("scaleTargetRef");
    validate_target(errors, target, &target_path);
    if with_version {
        let any_group = text(target, "kind") == "ReplicationController";
        validate_version(errors, text(target, "apiVersion"), any_group, &target_path);
    }
    let metrics_path = path.child("metrics");
    let metrics = list(spec, "metrics");
    for (index, metric) in metrics.iter().enumerate() {
        validate_metric(errors, metric, &metrics_path.index(index));
    }
    let from_outside = |metric: &Value| matches!(text(metric, "type"), "Object" | "External");
    if least == Some(0) && !metrics.iter().any(from_outside) {
        let detail = "must specify at least one Object or External metric to support scaling to zero replicas";
        errors.forbidden(&metrics_path, detail);
    }
    let behavior_path = path.child("behavior");
    for direction in ["scaleUp", "scaleDown"] {
        let rules = at(spec, &["behavior", direction]);
        if rules.is_object() {
            validate_scaling(errors, rules, &behavior_path.child(direction));
        }
    }
}

fn validate_target(errors: &mut Errors, target: &Value, path: &Path<'_>) {
    for field in ["kind", "name"] {
        validate_required(errors, text(target, field), names::path_segment, &path.child(field));
    }
}

/// `ValidateAPIVersion`.
fn validate_version(errors: &mut Errors, version: &str, any_group: bool, path: &Path<'_>) {
    let here = path.child("apiVersion");
    let detail = match version.split('/').collect::<Vec<_>>().as_slice() {
        [_, _, _, ..] => format!("unexpected GroupVersion string: {version}"),
        [group, _] if any_group || !group.is_empty() => return,
        _ if any_group => return,
        _ => "apiVersion must specify API group".to_owned(),
    };
    errors.invalid(&here, version, &detail);
}

fn validate_metric(errors: &mut Errors, metric: &Value, path: &Path<'_>) {
    let kind = text(metric, "type");
    let type_path = path.child("type");
    if kind.is_empty() {
        errors.required(&type_path, "must specify a metric source type");
    }
    let expected = SOURCES.iter().find(|(name, _)| *name == kind).map(|(_, field)| *field);
    if expected.is_none() {
        let known = &["ContainerResource", "External", "Object", "Pods", "Resource"];
        errors.not_supported(&type_path, kind, known);
    }
    let present: Vec<&str> = SOURCES
        .iter()
        .map(|(_, field)| *field)
        .filter(|field| given(metric, field).is_some())
        .collect();
    if let Some((field, source)) =
        present.first().and_then(|field| Some((*field, given(metric, field)?)))
    {
        validate_source(errors, field, source, &path.child(field));
    }
    if let Some(field) = expected.filter(|field| !present.contains(field)) {
        let detail = "must populate information for the given metric source";
        errors.required(&path.child(field), detail);
    }
    if present.len() > 1 {
        for field in present.into_iter().filter(|field| Some(*field) != expected) {
            let detail = "must populate the given metric source only";
            errors.forbidden(&path.child(field), detail);
        }
    }
}

fn validate_source(errors: &mut Errors, kind: &str, source: &Value, path: &Path<'_>) {
    if kind == "object" {
        let object = source.get("describedObject").unwrap_or(&Value::Null);
        let here = path.child("describedObject");
        validate_target(errors, object, &here);
        validate_version(errors, text(object, "apiVersion"), true, &here);
    }
    let name_path = path.child("name");
    match kind {
        "resource" | "containerResource" => {
            if text(source, "name").is_empty() {
                errors.required(&name_path, "must specify a resource name");
            }
        }
        _ => {
            let metric_path = path.child("metric");
            match text(at(source, &["metric"]), "name") {
                "" => errors.required(&metric_path.child("name"), "must specify a metric name"),
                name => {
                    let here = metric_path.child("name");
                    errors.invalid_each(&here, name, names::path_segment(name));
                }
            }
        }
    }
    if kind == "containerResource" {
        let here = path.child("container");
        match text(source, "container") {
            "" => errors.required(&here, "must specify a container"),
            name => errors.invalid_each(&here, name, names::dns1123_label(name)),
        }
    }
    let target = source.get("target").unwrap_or(&Value::Null);
    let target_path = path.child("target");
    validate_metric_target(errors, target, &target_path);
    validate_target_of(errors, kind, target, &target_path);
}

/// Which of the target's fields a kind of metric needs, and which do not go together.
fn validate_target_of(errors: &mut Errors, kind: &str, target: &Value, path: &Path<'_>) {
    let has = |field: &str| given(target, field).is_some();
    let (value, average) = (has("value"), has("averageValue"));
    let average_path = path.child("averageValue");
    match kind {
        "object" if !value && !average => {
            errors.required(&average_path, "must set either a target value or averageValue");
        }
        "external" if !value && !average => errors.required(
            &average_path,
            "must set either a target value for metric or a per-pod target",
        ),
        "external" if value && average => errors.forbidden(
            &path.child("value"),
            "may not set both a target value for metric and a per-pod target",
        ),
        "pods" if !average => {
            errors.required(&average_path, "must specify a positive target averageValue");
        }
        "resource" | "containerResource" => match (has("averageUtilization"), average) {
            (false, false) => errors.required(
                &path.child("averageUtilization"),
                "must set either a target raw value or a target utilization",
            ),
            (true, true) => errors.forbidden(
                &average_path,
                "may not set both a target raw value and a target utilization",
            ),
            _ => {}
        },
        _ => {}
    }
}

fn validate_metric_target(errors: &mut Errors, target: &Value, path: &Path<'_>) {
    let (kind, here) = (text(target, "type"), path.child("type"));
    if kind.is_empty() {
        errors.required(&here, "must specify a metric target type");
    }
    if !matches!(kind, "Utilization" | "Value" | "AverageValue") {
        errors.invalid(&here, kind, "must be either Utilization, Value, or AverageValue");
    }
    for field in ["value", "averageValue"] {
        if let Some(value) = given(target, field) {
            let amount = quantity(value);
            if amount.is_zero() || amount.is_negative() {
                errors.invalid(&path.child(field), &amount.to_string(), "must be positive");
            }
        }
    }
    if let Some(percent) = number(target, "averageUtilization").filter(|percent| *percent < 1) {
        errors.invalid(&path.child("averageUtilization"), &percent, "must be greater than 0");
    }
}

fn validate_scaling(errors: &mut Errors, rules: &Value, path: &Path<'_>) {
    if let Some(window) = number(rules, "stabilizationWindowSeconds") {
        let here = path.child("stabilizationWindowSeconds");
        if window < 0 {
            errors.invalid(&here, &window, "must be greater than or equal to zero");
        }
        if window > WINDOW_MAX {
            let detail = format!("must be less than or equal to {WINDOW_MAX}");
            errors.invalid(&here, &window, &detail);
        }
    }
    if let Some(select) = given(rules, "selectPolicy").and_then(Value::as_str) {
        let known = &["Disabled", "Max", "Min"];
        if !known.contains(&select) {
            errors.not_supported(&path.child("selectPolicy"), select, known);
        }
    }
    let policies_path = path.child("policies");
    let policies = list(rules, "policies");
    if policies.is_empty() {
        errors.required(&policies_path, "must specify at least one Policy");
    }
    for (index, policy) in policies.iter().enumerate() {
        validate_policy(errors, policy, &policies_path.index(index));
    }
    if let Some(tolerance) = given(rules, "tolerance").map(quantity)
        && tolerance.is_negative()
    {
        let detail = "must be greater than or equal to 0";
        errors.invalid(&path.child("tolerance"), &tolerance.to_string(), detail);
    }
}

fn validate_policy(errors: &mut Errors, policy: &Value, path: &Path<'_>) {
    let kind = text(policy, "type");
    if !matches!(kind, "Pods" | "Percent") {
        errors.not_supported(&path.child("type"), kind, &["Percent", "Pods"]);
    }
    let value = number(policy, "value").unwrap_or(0);
    if value <= 0 {
        errors.invalid(&path.child("value"), &value, "must be greater than zero");
    }
    let (period, here) =
        (number(policy, "periodSeconds").unwrap_or(0), path.child("periodSeconds"));
    if period <= 0 {
        errors.invalid(&here, &period, "must be greater than zero");
    }
    if period > PERIOD_MAX {
        errors.invalid(&here, &period, &format!("must be less than or equal to {PERIOD_MAX}"));
    }
}
