//! Pods for the tests of this folder.

use std::sync::Arc;

use serde_json::{Value, json};

use super::facts::JobPod;
use crate::manifest::Node;
use crate::object::{Kind, Object};
use crate::time::{Duration, Time};

/// A Pod as a few words tell it: its phase, exit code, end in seconds, a condition, failures of its index before it,
/// its index.
pub(super) fn pod(told: &Value) -> JobPod {
    let at = told["at"].as_u64().map(|secs| (Time::START + Duration::from_secs(secs)).to_string());
    let state = match told["exit"].as_i64() {
        Some(code) => json!({ "terminated": { "exitCode": code, "finishedAt": at } }),
        None => json!({ "running": {} }),
    };
    let conditions = told["condition"].as_str().map(|of| json!([{ "type": of, "status": "True" }]));
    let failures = told["failures"].as_i64().unwrap_or(0).to_string();
    let index = told["index"].as_i64().unwrap_or(0).to_string();
    let value = json!({
        "metadata": {
            "name": told["name"].as_str().unwrap_or("p"),
            "namespace": "default",
            "uid": told["name"].as_str().unwrap_or("p"),
            "annotations": { super::facts::FAILURES: failures, super::facts::INDEX: index },
            "finalizers": [super::facts::TRACKING_FINALIZER],
        },
        "spec": { "containers": [{ "name": "main", "image": "busybox" }] },
        "status": {
            "phase": told["phase"],
            "conditions": conditions,
            "containerStatuses": [{
                "name": "main", "state": state, "image": "busybox", "imageID": "", "ready": false, "restartCount": 0,
            }],
        },
    });
    let object = Object::from_node(Kind::Pod, &Node::from_value(&value)).expect("a Pod");
    JobPod::new(&Arc::new(object)).expect("a Pod")
}
