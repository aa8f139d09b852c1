//! Reading a custom object by its version's structural schema: what the schema does not have is taken out and told, what
//! was left out gets its default.
//!
//! Nothing here judges values; that is `validate.rs`. Descent goes along schema and value together, both of which the reader
//! bounds. Models kubernetes `staging/src/k8s.io/apiextensions-apiserver/pkg/apiserver/schema`
//! (`pruning/algorithm.go`, `defaulting/{algorithm,prunenulls}.go`) and `customresource_handler.go`
//! (`unstructuredSchemaCoercer`). *Differs:* metadata of embedded resources is not checked; an object that is read from the
//! store does not get defaults that its definition has only since.

use serde_json::{Map, Value};

use super::Object;
use crate::manifest::{self, DecodeError, Fault, Node};
use crate::object::Kind;
use crate::order;

/// Fields that an object has beside those of its schema.
const META: [&str; 3] = ["apiVersion", "kind", "metadata"];

/// One node of a schema.
#[derive(Copy, Clone, Debug)]
pub(super) struct Schema<'a>(pub &'a Value);

impl<'a> Schema<'a> {
    /// Whether an extension or another flag is on.
    pub(super) fn flag(self, name: &str) -> bool {
        self.0.get(name) == Some(&Value::Bool(true))
    }

    /// The schema of a property that has a name.
    pub(super) fn property(self, name: &str) -> Option<Self> {
        self.0.get("properties").and_then(|all| all.get(name)).map(Self)
    }

    /// The schema of what is no property by name: of additional ones, if there may be some.
    pub(super) fn rest(self) -> Option<Self> {
        self.0.get("additionalProperties").filter(|rest| **rest != Value::Bool(false)).map(Self)
    }

    /// The schema of a field, whether by its name or as one of any others.
    pub(super) fn field(self, name: &str) -> Option<Self> {
        self.property(name).or_else(|| self.rest())
    }

    /// The schema of a list's items; that of nothing where none is said.
    pub(super) fn items(self) -> Self {
        static NOTHING: Value = Value::Null;
        Self(self.0.get("items").unwrap_or(&NOTHING))
    }

    fn default(self) -> Option<&'a Value> {
        self.0.get("default").filter(|value| !value.is_null())
    }

    /// Whether null is there and must not be.
    fn refuses_null(self, value: &Value) -> bool {
        value.is_null() && !self.flag("nullable")
    }
}

/// The path of a field below a path, which is empty for the object itself.
pub(super) fn below(path: &str, field: &str) -> String {
    if path.is_empty() { field.to_owned() } else { format!("{path}.{field}") }
}

/// Reads an object; beside it come the fields that were unknown, which are not in it.
pub fn decode(
    kind: Kind,
    document: &Node,
    schema: &Value,
) -> Result<(Object, Vec<Fault>), DecodeError> {
    let (metadata, mut faults) = manifest::read_metadata(document)?;
    let mut value = document.to_value();
    let schema = Schema(schema);
    if let Some(fields) = value.as_object_mut() {
        fields.insert("metadata".to_owned(), metadata);
        for path in unknown_fields(fields, schema) {
            let message = format!("unknown field \"{path}\"");
            faults.push(Fault { message, path, span: document.span, suggestion: None });
        }
        drop_nulls(fields, schema);
    }
    default(&mut value, schema);
    Ok((Object::from_value(kind, value), faults))
}

/// Takes out of an object what its schema has not, and tells it in order.
pub(super) fn unknown_fields(object: &mut Map<String, Value>, schema: Schema<'_>) -> Vec<String> {
    let mut unknown = Vec::new();
    prune_map(object, schema, true, "", &mut unknown);
    order::sort(&mut unknown);
    unknown
}

fn prune(value: &mut Value, schema: Schema<'_>, path: &str, unknown: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            prune_map(map, schema, schema.flag("x-kubernetes-embedded-resource"), path, unknown);
        }
        Value::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                prune(item, schema.items(), &format!("{path}[{index}]"), unknown);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn prune_map(
    map: &mut Map<String, Value>,
    schema: Schema<'_>,
    resource: bool,
    path: &str,
    unknown: &mut Vec<String>,
) {
    let preserves = schema.flag("x-kubernetes-preserve-unknown-fields");
    map.retain(|key, value| {
        if resource && META.contains(&key.as_str()) {
            return true;
        }
        let path = below(path, key);
        match schema.field(key) {
            Some(schema) => prune(value, schema, &path, unknown),
            None if preserves => {}
            None => {
                unknown.push(path);
                return false;
            }
        }
        true
    });
}

/// Takes out nulls where null says nothing and no default stands in for it.
fn drop_nulls(map: &mut Map<String, Value>, schema: Schema<'_>) {
    map.retain(|key, value| {
        let Some(schema) = schema.field(key) else { return true };
        if schema.refuses_null(value) && schema.default().is_none() {
            return false;
        }
        drop_nulls_in(value, schema);
        true
    });
}

fn drop_nulls_in(value: &mut Value, schema: Schema<'_>) {
    match value {
        Value::Object(map) => drop_nulls(map, schema),
        Value::Array(items) => {
            for item in items {
                drop_nulls_in(item, schema.items());
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Fills in what was left out.
fn default(value: &mut Value, schema: Schema<'_>) {
    match value {
        Value::Object(map) => {
            let properties = schema.0.get("properties").and_then(Value::as_object);
            for (key, schema) in properties.into_iter().flatten() {
                let schema = Schema(schema);
                let Some(default) = schema.default() else { continue };
                if map.get(key).is_none_or(|value| schema.refuses_null(value)) {
                    map.insert(key.clone(), default.clone());
                }
            }
            for (key, value) in map.iter_mut() {
                if let Some(schema) = schema.property(key) {
                    default(value, schema);
                } else if let Some(rest) = schema.rest() {
                    default_element(value, rest);
                }
            }
        }
        Value::Array(items) => {
            for item in items {
                default_element(item, schema.items());
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn default_element(value: &mut Value, schema: Schema<'_>) {
    if let Some(default) = schema.default().filter(|_| schema.refuses_null(value)) {
        *value = default.clone();
    }
    default(value, schema);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_the_schema_has_not_is_told_and_what_is_left_out_is_filled_in() {
        let schema = json!({ "type": "object", "properties": { "spec": { "type": "object", "properties": {
            "size": { "type": "integer", "default": 1 },
            "labels": { "type": "object", "additionalProperties": { "type": "string" } },
            "parts": { "type": "array", "items": { "type": "object", "properties": {
                "name": { "type": "string" }, "mode": { "type": "string", "default": "a" } } } },
            "free": { "type": "object", "x-kubernetes-preserve-unknown-fields": true,
                "properties": { "known": { "type": "object" } } },
        } } } });
        let mut object = json!({ "kind": "Widget", "metadata": { "name": "x" }, "extra": 1, "spec": {
            "size": null, "labels": { "a.b": "c", "d": null }, "colour": "red",
            "parts": [{ "name": "p", "nme": "q" }], "free": { "any": { "thing": 1 }, "known": { "x": 1 } } } });
        let fields = object.as_object_mut().unwrap();
        let unknown = unknown_fields(fields, Schema(&schema));
        assert_eq!(unknown, ["extra", "spec.colour", "spec.free.known.x", "spec.parts[0].nme"]);
        drop_nulls(fields, Schema(&schema));
        default(&mut object, Schema(&schema));
        assert_eq!(
            object["spec"],
            json!({ "size": 1, "labels": { "a.b": "c" }, "parts": [{ "name": "p", "mode": "a" }],
                "free": { "any": { "thing": 1 }, "known": {} } })
        );
    }
}
