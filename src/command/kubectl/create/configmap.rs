//! `kubectl create configmap NAME --from-literal=key=value`. Models kubectl `pkg/cmd/create/create_configmap.go`.

use serde_json::{Map, Value};

use super::super::call::Call;
use super::super::common::{DRY_RUN, PRINT, WRITE};
use super::super::verb::{Outcome, Verb};
use super::generator::{Generator, generate};
use super::{append_hash, data};
use crate::manifest::base64;

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
    run: |call| generate(call, &CONFIG_MAPS),
    ..Verb::BASE
};

static CONFIG_MAPS: Generator = Generator {
    group: "",
    kind: "ConfigMap",
    required: &[],
    make: config_map,
    refused: "failed to create configmap: ",
};

fn config_map(call: &Call, name: &str, body: &mut Value) -> Outcome {
    let (mut text, mut binary) = (Map::new(), Map::new());
    for (key, bytes) in data::gather(call, "ConfigMap", name)? {
        match String::from_utf8(bytes) {
            Ok(value) => text.insert(key, Value::String(value)),
            Err(error) => binary.insert(key, Value::String(base64::encode(error.as_bytes()))),
        };
    }
    for (field, map) in [("data", text), ("binaryData", binary)] {
        if !map.is_empty() {
            body[field] = Value::Object(map);
        }
    }
    append_hash(call, name, body);
    Ok(())
}
