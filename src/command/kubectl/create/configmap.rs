//! `kubectl create configmap NAME --from-literal=key=value`.

use serde_json::{Map, Value, json};

use super::super::call::Call;
use super::super::common::{DRY_RUN, PRINT, WRITE};
use super::super::verb::{Outcome, Verb};
use super::{data, failed_to_create, finish, name_of};
use crate::manifest::base64;
use crate::object::Kind;

pub(super) const CONFIGMAP: Verb = Verb {
    name: "configmap",
    aliases: &["cm"],
    summary: "Create a config map from a local file, directory or literal value",
    usage: "NAME [--from-file=[key=]source] [--from-literal=key1=value1] [--dry-run=server|client|none]",
    examples: &[
        (
            "Create a ConfigMap with two keys",
            "kubectl create configmap app --from-literal=level=debug --from-literal=mode=prod",
        ),
        ("Create one from a file", "kubectl create configmap app --from-file=app.conf"),
    ],
    flags: &[data::FROM, DRY_RUN, PRINT, WRITE],
    run: |call| Box::pin(async move { run(&call) }),
    ..Verb::BASE
};

fn run(call: &Call) -> Outcome {
    let name = name_of(call)?;
    let (mut text, mut binary) = (Map::new(), Map::new());
    for (key, bytes) in data::gather(call, "ConfigMap")? {
        match String::from_utf8(bytes) {
            Ok(value) => text.insert(key, Value::String(value)),
            Err(error) => binary.insert(key, Value::String(base64::encode(error.as_bytes()))),
        };
    }
    let mut body = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}});
    for (field, map) in [("data", text), ("binaryData", binary)] {
        if !map.is_empty() {
            body[field] = Value::Object(map);
        }
    }
    finish(call, Kind::ConfigMap, body, failed_to_create("configmap"))
}
