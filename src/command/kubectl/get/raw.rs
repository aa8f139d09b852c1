//! `kubectl get --raw PATH`: what the API server answers at an address.
//!
//! Models the paths of kubernetes `staging/src/k8s.io/apiserver/pkg/endpoints`. *Differs:* objects and lists of the kinds
//! that are simulated, their use of resources, health and version are there; discovery and queries (`?watch=1`) are not.

use serde_json::{Value, json};

use super::super::call::Call;
use super::super::failure::Failure;
use super::super::verb::Outcome;
use super::super::version::server_version_json;
use crate::cluster::Cluster;
use crate::object::official::Resource;
use crate::object::{Key, Kind, Reason, StatusError};
use crate::order;
use crate::output::json as go_json;

pub(super) fn run(call: &Call) -> Outcome {
    let path = call.flags.text("raw").trim_end_matches('/');
    match path {
        "/healthz" | "/livez" | "/readyz" => return call.out("ok"),
        "/version" => return call.out(server_version_json()),
        "/api" | "/apis" | "/openapi/v2" | "/openapi/v3" | "/metrics" => {
            return not_simulated(path);
        }
        _ => {}
    }
    if path.contains('?') {
        return not_simulated(path);
    }
    let words: Vec<&str> = path.split('/').skip(1).collect();
    let (api_version, rest) = match words.as_slice() {
        ["apis", "metrics.k8s.io", "v1beta1", rest @ ..] => return metrics(call, rest),
        ["api", version, rest @ ..] => ((*version).to_owned(), rest),
        ["apis", group, version, rest @ ..] => (format!("{group}/{version}"), rest),
        _ => return not_found(),
    };
    let (namespace, rest) = match rest {
        ["namespaces", namespace, rest @ ..] if !rest.is_empty() => (Some(*namespace), rest),
        _ => (None, rest),
    };
    let [plural, name @ ..] = rest else { return not_simulated(path) };
    let resource = call
        .known()
        .find(|resource| resource.plural == *plural && resource.api_version == api_version)
        .filter(|resource| namespace.is_none() || resource.namespaced);
    match (resource, name) {
        (None, _) => not_found(),
        (Some(resource), []) => list(call, resource, namespace),
        (Some(resource), [name]) => one(call, resource, namespace, name),
        (Some(_), _) => not_simulated(path),
    }
}

fn not_simulated(path: &str) -> Outcome {
    Err(Failure::not_simulated(&format!("The path {path} of the API server")))
}

fn not_found() -> Outcome {
    let message = "the server could not find the requested resource";
    Err(StatusError::new(Reason::NotFound, message).into())
}

/// What the metrics server answers.
fn metrics(call: &Call, rest: &[&str]) -> Outcome {
    let (kind, namespace, name) = match rest {
        ["nodes", name @ ..] => (Kind::Node, None, name),
        ["namespaces", namespace, "pods", name @ ..] => (Kind::Pod, Some(*namespace), name),
        ["pods"] => (Kind::Pod, None, &[][..]),
        _ => return not_found(),
    };
    let served = call.sandbox().read(Cluster::has_metrics);
    let (true, [] | [_]) = (served, name) else { return not_found() };
    let found: Vec<String> = call.sandbox().read(|cluster| {
        let objects = cluster.store().list(kind, namespace);
        let objects =
            objects.filter(|object| name.first().is_none_or(|name| *name == object.name()));
        let told = objects.filter_map(|object| {
            let metrics = match kind {
                Kind::Node => cluster.metrics_of_node(object),
                _ => cluster.metrics_of_pod(object),
            };
            Some(in_order(&metrics?.to_value(object), name.is_empty()))
        });
        told.collect()
    });
    let of = if kind == Kind::Node { "Node" } else { "Pod" };
    match (name, found.first()) {
        ([], _) => call.line(format!(
            "{{\"kind\":\"{of}MetricsList\",\"apiVersion\":\"metrics.k8s.io/v1beta1\",\"metadata\":{{}},\"items\":[{}]}}",
            found.join(",")
        )),
        (_, Some(one)) => call.line(one),
        ([name, ..], None) => {
            let named = namespace.map_or_else(|| (*name).to_owned(), |of| format!("{of}/{name}"));
            let of = of.to_lowercase();
            let message = format!("{of}metrics.metrics.k8s.io {named:?} not found");
            Err(StatusError::new(Reason::NotFound, message).into())
        }
    }
}

/// The fields in Go's order; in a list the objects do not say what they are.
fn in_order(value: &Value, listed: bool) -> String {
    const FIELDS: &[&str] =
        &["kind", "apiVersion", "metadata", "timestamp", "window", "containers", "usage"];
    const NAMES: &[&str] = &["name", "namespace", "creationTimestamp", "labels"];
    let parts = |value: &Value, fields: &[&str]| {
        let part = |field: &&str| {
            let inside = value.get(*field)?;
            Some(format!("{field:?}:{}", go_json::compact(inside)))
        };
        fields.iter().filter_map(part).collect::<Vec<_>>().join(",")
    };
    let metadata = format!("\"metadata\":{{{}}}", parts(&value["metadata"], NAMES));
    let (before, after) = FIELDS.split_at(2);
    let before = if listed { String::new() } else { parts(value, before) + "," };
    format!("{{{before}{metadata},{}}}", parts(value, &after[1..]))
}

fn one(call: &Call, resource: &Resource, namespace: Option<&str>, name: &str) -> Outcome {
    if resource.namespaced && namespace.is_none() {
        return not_found();
    }
    let kind = super::super::kinds::simulated(resource)?;
    let key = Key::new(kind, namespace.unwrap_or_default(), name);
    let object = call.get(&key).ok_or_else(|| StatusError::not_found(&key))?;
    call.line(go_json::compact_typed(&object.to_value()))
}

fn list(call: &Call, resource: &Resource, namespace: Option<&str>) -> Outcome {
    let kind = super::super::kinds::simulated(resource)?;
    let (items, revision) = call.read(|store| {
        let items: Vec<String> = store
            .list(kind, namespace)
            .map(|object| {
                // In a list the objects do not say what they are; their order of fields stays.
                let value = object.to_value();
                let text = go_json::compact_typed(&value);
                let head = Value::Object(order::json([
                    ("kind".to_owned(), Value::from(resource.kind)),
                    ("apiVersion".to_owned(), Value::from(resource.api_version)),
                ]));
                let head = go_json::compact_typed(&head);
                let head = head.trim_end_matches('}');
                let rest = text.strip_prefix(head).map(|rest| rest.trim_start_matches(','));
                rest.map_or(text.clone(), |rest| format!("{{{rest}"))
            })
            .collect();
        (items, store.revision())
    });
    let metadata = go_json::compact(&json!({"resourceVersion": revision.to_string()}));
    call.line(format!(
        "{{\"kind\":\"{}List\",\"apiVersion\":\"{}\",\"metadata\":{metadata},\"items\":[{}]}}",
        resource.kind,
        resource.api_version,
        items.join(",")
    ))
}
