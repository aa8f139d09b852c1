//! The last touch before an object leaves the server: what Go's encoder leaves out, and what it always writes.
//!
//! Where upstream's field is a value with `omitempty`, an empty list or map, an empty text, a zero or `false` is not
//! written, though k8s-openapi keeps it as `Some`; and some fields are written though they hold nothing (`null` times).
//! The names here are those of the kinds in `KINDS`, learned from kubernetes `staging/src/k8s.io/api/*/v1/types.go`.

use serde_json::{Map, Value};

use super::Kind;

/// Maps that are left out when empty; any other empty mapping is a struct, and stays.
const MAPS: &[&str] = &[
    "allocatable",
    "annotations",
    "binaryData",
    "capacity",
    "data",
    "labels",
    "limits",
    "matchLabels",
    "nodeSelector",
    "overhead",
    "requests",
    "stringData",
];

/// Lists that are written even when empty.
const LISTS_KEPT: &[&str] = &["addresses", "containers", "endpoints", "nodeSelectorTerms", "ports"];

/// Flags that are left out when false; the others are pointers upstream.
const FLAGS: &[&str] = &[
    "hostIPC",
    "hostNetwork",
    "hostPID",
    "paused",
    "publishNotReadyAddresses",
    "readOnly",
    "stdin",
    "stdinOnce",
    "tty",
    "unschedulable",
];

/// Numbers that are left out when zero.
const NUMBERS: &[&str] = &[
    "availableReplicas",
    "failureThreshold",
    "fullyLabeledReplicas",
    "healthCheckNodePort",
    "hostPort",
    "initialDelaySeconds",
    "minReadySeconds",
    "nodePort",
    "observedGeneration",
    "periodSeconds",
    "readyReplicas",
    "successThreshold",
    "timeoutSeconds",
    "unavailableReplicas",
    "updatedReplicas",
];

/// Texts that are left out when empty.
const TEXTS: &[&str] = &[
    "clusterIP",
    "effect",
    "externalName",
    "externalTrafficPolicy",
    "generateName",
    "hostIP",
    "hostname",
    "imagePullPolicy",
    "loadBalancerIP",
    "medium",
    "namespace",
    "nodeName",
    "operator",
    "podCIDR",
    "prefix",
    "priorityClassName",
    "providerID",
    "schedulerName",
    "serviceAccount",
    "serviceAccountName",
    "sessionAffinity",
    "subPath",
    "subPathExpr",
    "subdomain",
    "value",
    "workingDir",
];

/// Makes a value the one that Go's encoder would write.
pub(super) fn as_go_writes(kind: Kind, value: &mut Value) {
    leave_out(value);
    let Value::Object(object) = value else { return };
    match kind {
        Kind::Service => {
            if let Some(Value::Object(spec)) = object.get_mut("spec") {
                remove_if(spec, "selector", |selector| {
                    selector.as_object().is_some_and(Map::is_empty)
                });
            }
        }
        Kind::Deployment => {
            if let Some(Value::Object(status)) = object.get_mut("status") {
                remove_if(status, "replicas", |replicas| replicas.as_i64() == Some(0));
            }
        }
        Kind::Pod => {
            if let Some(Value::Object(status)) = object.get_mut("status") {
                fill_pod_status(status);
            }
        }
        Kind::Event => {
            for time in ["eventTime", "firstTimestamp", "lastTimestamp"] {
                object.entry(time).or_insert(Value::Null);
            }
            for text in ["reportingComponent", "reportingInstance"] {
                object.entry(text).or_insert_with(|| Value::String(String::new()));
            }
            object.entry("source").or_insert_with(|| Value::Object(Map::new()));
        }
        Kind::Node => {
            if let Some(Value::Object(status)) = object.get_mut("status") {
                status
                    .entry("daemonEndpoints")
                    .or_insert_with(|| serde_json::json!({ "kubeletEndpoint": { "Port": 0 } }));
            }
        }
        Kind::EndpointSlice => {
            for list in ["endpoints", "ports"] {
                object.entry(list).or_insert(Value::Null);
            }
        }
        Kind::ConfigMap
        | Kind::Namespace
        | Kind::Secret
        | Kind::ServiceAccount
        | Kind::ControllerRevision
        | Kind::DaemonSet
        | Kind::ReplicaSet
        | Kind::Lease => {}
    }
}

fn remove_if(object: &mut Map<String, Value>, key: &str, empty: impl FnOnce(&Value) -> bool) {
    if object.get(key).is_some_and(empty) {
        object.remove(key);
    }
}

/// Conditions have a probe time, containers a present and a last state, even where there is nothing to say.
fn fill_pod_status(status: &mut Map<String, Value>) {
    if let Some(Value::Array(conditions)) = status.get_mut("conditions") {
        for condition in conditions.iter_mut().filter_map(Value::as_object_mut) {
            condition.entry("lastProbeTime").or_insert(Value::Null);
            condition.entry("lastTransitionTime").or_insert(Value::Null);
        }
    }
    for list in ["containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses"] {
        let Some(Value::Array(containers)) = status.get_mut(list) else { continue };
        for container in containers.iter_mut().filter_map(Value::as_object_mut) {
            for state in ["state", "lastState"] {
                container.entry(state).or_insert_with(|| Value::Object(Map::new()));
            }
        }
    }
}

/// Drops what `omitempty` drops, all the way down.
fn leave_out(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(leave_out),
        Value::Object(object) => {
            object.retain(|key, value| {
                // The keys of a user's own map are no fields.
                if !MAPS.contains(&key.as_str()) {
                    leave_out(value);
                }
                !is_left_out(key, value)
            });
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn is_left_out(key: &str, value: &Value) -> bool {
    match value {
        Value::Object(object) => object.is_empty() && MAPS.contains(&key),
        Value::Array(items) => items.is_empty() && !LISTS_KEPT.contains(&key),
        Value::Bool(flag) => !flag && FLAGS.contains(&key),
        Value::Number(number) => number.as_i64() == Some(0) && NUMBERS.contains(&key),
        Value::String(text) => text.is_empty() && TEXTS.contains(&key),
        Value::Null => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn empty_things_are_left_out_as_upstream_does() {
        let mut value = json!({
            "metadata": { "labels": {}, "annotations": { "value": "" } },
            "spec": {
                "hostNetwork": false,
                "containers": [{ "name": "c", "args": [], "env": [{ "name": "A", "value": "" }] }],
                "securityContext": {},
                "volumes": [{ "name": "v", "emptyDir": {}, "hostPath": { "type": "" } }],
            },
            "status": { "conditions": [{ "type": "Ready" }] },
        });
        as_go_writes(Kind::Pod, &mut value);
        let expected = json!({
            "metadata": { "annotations": { "value": "" } },
            "spec": {
                "containers": [{ "name": "c", "env": [{ "name": "A" }] }],
                "securityContext": {},
                "volumes": [{ "name": "v", "emptyDir": {}, "hostPath": { "type": "" } }],
            },
            "status": {
                "conditions": [{ "type": "Ready", "lastProbeTime": null, "lastTransitionTime": null }],
            },
        });
        assert_eq!(value, expected);
    }
}
