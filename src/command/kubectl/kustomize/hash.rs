//! The hash behind the name of a generated `ConfigMap` or Secret.
//!
//! Models kustomize `api/hasher/hasher.go`, which hashes as kubectl does (`kubectl/hash.rs`), but other contents: the name is
//! not part of them, since upstream looks for one under a key that no object has.

use serde_json::{Value, json};

use crate::command::kubectl::hash::letters;

/// The hash of an object.
pub(super) fn of(value: &Value) -> String {
    let part = |path: &str| value.pointer(path).cloned().unwrap_or_else(|| json!(""));
    let mut hashed = match value.get("kind").and_then(Value::as_str) {
        Some("ConfigMap") => json!({"kind": "ConfigMap", "name": "", "data": part("/data")}),
        Some("Secret") => json!({
            "kind": "Secret", "type": part("/type"), "name": "", "data": part("/data"),
        }),
        _ => value.clone(),
    };
    for more in ["binaryData", "stringData"] {
        if let Some(map) = value.get(more).filter(|map| map.is_object()) {
            hashed[more] = map.clone();
        }
    }
    letters(&hashed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_end_as_kustomize_ends_them() {
        let value =
            json!({"kind": "ConfigMap", "metadata": {"name": "dev-conf"}, "data": {"a": "1"}});
        assert_eq!(of(&value), "h29d89cmmt");
    }
}
