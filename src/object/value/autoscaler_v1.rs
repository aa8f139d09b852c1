//! HorizontalPodAutoscalers in their older version, `autoscaling/v1`: to it and from it.
//!
//! It has one metric, a percentage of CPU; the rest stands in annotations as JSON. Stored is `autoscaling/v2`. Models
//! kubernetes `pkg/apis/autoscaling/v1/conversion.go` and `pkg/apis/autoscaling/helpers.go`.

use serde_json::{Map, Value, json};

use super::look::{at, given, list, number, text};

/// What it calls itself.
pub const OLDER: &str = "autoscaling/v1";

const METRICS: &str = "autoscaling.alpha.kubernetes.io/metrics";
const CURRENT_METRICS: &str = "autoscaling.alpha.kubernetes.io/current-metrics";
const CONDITIONS: &str = "autoscaling.alpha.kubernetes.io/conditions";
const BEHAVIOR: &str = "autoscaling.alpha.kubernetes.io/behavior";

/// The fields of a kind of metric: their names there, and the way to each in `autoscaling/v2`.
type Fields = &'static [(&'static str, &'static [&'static str])];

const SPECS: [(&str, Fields); 5] = [
    (
        "object",
        &[
            ("target", &["describedObject"]),
            ("metricName", &["metric", "name"]),
            ("targetValue", &["target", "value"]),
            ("selector", &["metric", "selector"]),
            ("averageValue", &["target", "averageValue"]),
        ],
    ),
    (
        "pods",
        &[
            ("metricName", &["metric", "name"]),
            ("targetAverageValue", &["target", "averageValue"]),
            ("selector", &["metric", "selector"]),
        ],
    ),
    (
        "resource",
        &[
            ("name", &["name"]),
            ("targetAverageUtilization", &["target", "averageUtilization"]),
            ("targetAverageValue", &["target", "averageValue"]),
        ],
    ),
    (
        "containerResource",
        &[
            ("name", &["name"]),
            ("targetAverageUtilization", &["target", "averageUtilization"]),
            ("targetAverageValue", &["target", "averageValue"]),
            ("container", &["container"]),
        ],
    ),
    (
        "external",
        &[
            ("metricName", &["metric", "name"]),
            ("metricSelector", &["metric", "selector"]),
            ("targetValue", &["target", "value"]),
            ("targetAverageValue", &["target", "averageValue"]),
        ],
    ),
];

const STATUSES: [(&str, Fields); 2] = [
    (
        "resource",
        &[
            ("name", &["name"]),
            ("currentAverageUtilization", &["current", "averageUtilization"]),
            ("currentAverageValue", &["current", "averageValue"]),
        ],
    ),
    (
        "containerResource",
        &[
            ("name", &["name"]),
            ("currentAverageUtilization", &["current", "averageUtilization"]),
            ("currentAverageValue", &["current", "averageValue"]),
            ("container", &["container"]),
        ],
    ),
];

/// Whether a body says that it is of the older version.
pub fn is_older(value: &Value) -> bool {
    text(value, "apiVersion") == OLDER && text(value, "kind") == "HorizontalPodAutoscaler"
}

/// An autoscaler in the older version.
pub fn to_older(value: &Value) -> Value {
    let (spec, status) = (at(value, &["spec"]), at(value, &["status"]));
    let mut older = json!({
        "apiVersion": OLDER,
        "kind": "HorizontalPodAutoscaler",
        "metadata": at(value, &["metadata"]),
        "spec": {},
        "status": {
            "currentReplicas": number(status, "currentReplicas").unwrap_or(0),
            "desiredReplicas": number(status, "desiredReplicas").unwrap_or(0),
        },
    });
    for field in ["maxReplicas", "minReplicas", "scaleTargetRef"] {
        copy(spec, field, &mut older["spec"], field);
    }
    for field in ["lastScaleTime", "observedGeneration"] {
        copy(status, field, &mut older["status"], field);
    }
    let metrics = list(spec, "metrics");
    let first = metrics.iter().map(|metric| at(metric, &["resource"])).find(|one| is_cpu(one));
    if let Some(target) = first.map(|source| at(source, &["target"])) {
        let into = &mut older["spec"];
        copy(target, "averageUtilization", into, "targetCPUUtilizationPercentage");
    }
    let current = list(status, "currentMetrics");
    for source in current.iter().map(|metric| at(metric, &["resource"])).filter(|one| is_cpu(one)) {
        let into = &mut older["status"];
        copy(
            at(source, &["current"]),
            "averageUtilization",
            into,
            "currentCPUUtilizationPercentage",
        );
    }
    let others: Vec<String> = metrics
        .iter()
        .filter(|metric| {
            let source = at(metric, &["resource"]);
            !is_cpu(source) || given(at(source, &["target"]), "averageUtilization").is_none()
        })
        .map(|metric| metric_text(metric, &SPECS))
        .collect();
    let current: Vec<String> = current.iter().map(|one| metric_text(one, &STATUSES)).collect();
    let conditions: Vec<String> = list(status, "conditions").iter().map(condition_text).collect();
    let annotations = round_trip(&mut older);
    for (name, items) in [(METRICS, others), (CURRENT_METRICS, current), (CONDITIONS, conditions)] {
        if !items.is_empty() {
            let text = format!("[{}]", items.join(","));
            annotations.insert(name.to_owned(), Value::String(text));
        }
    }
    if let Some(behavior) = given(spec, "behavior") {
        let part =
            |direction: &str| given(behavior, direction).map_or("null".to_owned(), rules_text);
        let text =
            format!("{{\"ScaleUp\":{},\"ScaleDown\":{}}}", part("scaleUp"), part("scaleDown"));
        annotations.insert(BEHAVIOR.to_owned(), Value::String(text));
    }
    if annotations.is_empty()
        && let Some(metadata) = older["metadata"].as_object_mut()
    {
        metadata.remove("annotations");
    }
    older
}

/// An autoscaler of the older version in the one that is kept.
pub fn from_older(older: &Value) -> Value {
    let (spec, status) = (at(older, &["spec"]), at(older, &["status"]));
    let annotation = |name: &str| {
        let text = at(older, &["metadata", "annotations", name]).as_str()?;
        serde_json::from_str::<Value>(text).ok()
    };
    let mut value = json!({
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": at(older, &["metadata"]),
        "spec": {},
        "status": status,
    });
    for field in ["maxReplicas", "minReplicas", "scaleTargetRef"] {
        copy(spec, field, &mut value["spec"], field);
    }
    let others = annotation(METRICS);
    let others = others.as_ref().and_then(Value::as_array).into_iter().flatten();
    let mut metrics: Vec<Value> = others.map(metric_of).collect();
    if let Some(percent) = given(spec, "targetCPUUtilizationPercentage") {
        let target = json!({ "type": "Utilization", "averageUtilization": percent });
        metrics
            .push(json!({ "type": "Resource", "resource": { "name": "cpu", "target": target } }));
    }
    if !metrics.is_empty() {
        value["spec"]["metrics"] = Value::Array(metrics);
    }
    if let Some(behavior) = annotation(BEHAVIOR) {
        value["spec"]["behavior"] = small_letters(behavior);
    }
    if round_trip(&mut value).is_empty()
        && let Some(metadata) = value["metadata"].as_object_mut()
    {
        metadata.remove("annotations");
    }
    if let Some(status) = value["status"].as_object_mut() {
        status.remove("currentCPUUtilizationPercentage");
    }
    value
}

fn is_cpu(source: &Value) -> bool {
    text(source, "name") == "cpu"
}

fn copy(from: &Value, field: &str, into: &mut Value, name: &str) {
    if let Some(value) = given(from, field) {
        into[name] = value.clone();
    }
}

/// The annotations, without those that carry what the older version has no fields for.
fn round_trip(value: &mut Value) -> &mut Map<String, Value> {
    if !value["metadata"].is_object() {
        value["metadata"] = json!({});
    }
    let annotations = &mut value["metadata"]["annotations"];
    if !annotations.is_object() {
        *annotations = json!({});
    }
    let annotations = annotations.as_object_mut().expect("it was made a mapping");
    for name in [METRICS, CURRENT_METRICS, CONDITIONS, BEHAVIOR] {
        annotations.remove(name);
    }
    annotations
}

/// JSON with the fields in this order; those that are not there are left out.
fn ordered<'a>(fields: impl Iterator<Item = (&'a str, String)>) -> String {
    let fields: Vec<String> = fields.map(|(name, text)| format!("\"{name}\":{text}")).collect();
    format!("{{{}}}", fields.join(","))
}

fn metric_text(metric: &Value, kinds: &[(&'static str, Fields)]) -> String {
    let kind = at(metric, &["type"]).to_string();
    let source = kinds.iter().find_map(|(field, fields)| {
        let source = given(metric, field)?;
        let parts = fields.iter().filter_map(|(name, way)| {
            let value = Some(at(source, way)).filter(|value| !value.is_null());
            Some(match (value, *name) {
                (Some(value), "target") => ("target", reference_text(value)),
                (Some(value), name) => (name, value.to_string()),
                // Not a pointer: zero where nothing is said.
                (None, "targetValue") if *field == "object" => ("targetValue", "\"0\"".to_owned()),
                (None, _) => return None,
            })
        });
        Some((*field, ordered(parts)))
    });
    ordered([("type", kind)].into_iter().chain(source))
}

fn reference_text(reference: &Value) -> String {
    in_order(reference, &["kind", "name", "apiVersion"])
}

fn condition_text(condition: &Value) -> String {
    in_order(condition, &["type", "status", "lastTransitionTime", "reason", "message"])
}

fn in_order(value: &Value, fields: &[&'static str]) -> String {
    ordered(fields.iter().filter_map(|field| Some((*field, given(value, field)?.to_string()))))
}

/// The rules of a direction as Go writes a type without names for JSON.
fn rules_text(rules: &Value) -> String {
    let policies = list(rules, "policies").iter().map(|policy| {
        let fields = [("Type", "type"), ("Value", "value"), ("PeriodSeconds", "periodSeconds")];
        ordered(fields.into_iter().map(|(name, field)| (name, at(policy, &[field]).to_string())))
    });
    let policies: Vec<String> = policies.collect();
    let field = |name: &'static str, field: &str| (name, at(rules, &[field]).to_string());
    ordered(
        [
            field("StabilizationWindowSeconds", "stabilizationWindowSeconds"),
            field("SelectPolicy", "selectPolicy"),
            ("Policies", format!("[{}]", policies.join(","))),
            field("Tolerance", "tolerance"),
        ]
        .into_iter(),
    )
}

/// A metric out of the annotation.
fn metric_of(metric: &Value) -> Value {
    let mut new = json!({ "type": at(metric, &["type"]) });
    for (field, fields) in SPECS {
        let Some(source) = given(metric, field) else { continue };
        let mut into = json!({});
        for (name, way) in fields {
            if let Some(value) = given(source, name) {
                match way {
                    [one] => into[*one] = value.clone(),
                    [one, other, ..] => into[*one][*other] = value.clone(),
                    [] => {}
                }
            }
        }
        let target = &into["target"];
        let kind = if given(target, "averageUtilization").is_some() {
            "Utilization"
        } else if given(target, "averageValue").is_some() {
            "AverageValue"
        } else {
            "Value"
        };
        into["target"]["type"] = Value::from(kind);
        new[field] = into;
    }
    new
}

/// The same with names that begin with a small letter, and without nulls. Depth is bounded by the reader of JSON.
fn small_letters(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let mut small = Map::new();
            for (name, value) in fields {
                let mut letters = name.chars();
                let first = letters.next().map(|first| first.to_ascii_lowercase());
                if !value.is_null() {
                    small.insert(first.into_iter().chain(letters).collect(), small_letters(value));
                }
            }
            Value::Object(small)
        }
        Value::Array(items) => items.into_iter().map(small_letters).collect(),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_older_version_lacks_goes_through_annotations() {
        let full = json!({
            "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler",
            "metadata": { "name": "web", "annotations": { "a": "b" } },
            "spec": {
                "maxReplicas": 5, "minReplicas": 2,
                "scaleTargetRef": { "apiVersion": "apps/v1", "kind": "Deployment", "name": "web" },
                "metrics": [
                    { "type": "Object", "object": {
                        "describedObject": { "apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "name": "main" },
                        "metric": { "name": "rps" }, "target": { "type": "Value", "value": "10k" } } },
                    { "type": "Resource", "resource": { "name": "memory", "target": { "type": "AverageValue", "averageValue": "50Mi" } } },
                    { "type": "Resource", "resource": { "name": "cpu", "target": { "type": "Utilization", "averageUtilization": 60 } } },
                ],
                "behavior": { "scaleUp": { "selectPolicy": "Max", "stabilizationWindowSeconds": 0,
                    "policies": [{ "type": "Pods", "value": 4, "periodSeconds": 15 }] } },
            },
            "status": {
                "currentReplicas": 2, "desiredReplicas": 3,
                "currentMetrics": [{ "type": "Resource", "resource": { "name": "cpu", "current": { "averageUtilization": 7, "averageValue": "7m" } } }],
                "conditions": [{ "type": "AbleToScale", "status": "True", "lastTransitionTime": "t", "reason": "r", "message": "m" }],
            },
        });
        let older = to_older(&full);
        assert_eq!(older["spec"]["targetCPUUtilizationPercentage"], 60);
        assert_eq!(
            older["status"],
            json!({ "currentReplicas": 2, "desiredReplicas": 3, "currentCPUUtilizationPercentage": 7 })
        );
        let annotation =
            |name: &str| older["metadata"]["annotations"][name].as_str().unwrap_or_default();
        for (name, text) in [
            (
                METRICS,
                r#"[{"type":"Object","object":{"target":{"kind":"Ingress","name":"main","apiVersion":"networking.k8s.io/v1"},"metricName":"rps","targetValue":"10k"}},{"type":"Resource","resource":{"name":"memory","targetAverageValue":"50Mi"}}]"#,
            ),
            (
                CURRENT_METRICS,
                r#"[{"type":"Resource","resource":{"name":"cpu","currentAverageUtilization":7,"currentAverageValue":"7m"}}]"#,
            ),
            (
                CONDITIONS,
                r#"[{"type":"AbleToScale","status":"True","lastTransitionTime":"t","reason":"r","message":"m"}]"#,
            ),
            (
                BEHAVIOR,
                r#"{"ScaleUp":{"StabilizationWindowSeconds":0,"SelectPolicy":"Max","Policies":[{"Type":"Pods","Value":4,"PeriodSeconds":15}],"Tolerance":null},"ScaleDown":null}"#,
            ),
            ("a", "b"),
        ] {
            assert_eq!(annotation(name), text, "{name}");
        }
        let back = from_older(&older);
        assert_eq!(back["spec"], full["spec"]);
        assert_eq!(back["metadata"], full["metadata"]);
    }
}
