//! The last touch before an object leaves the server: what Go's encoder leaves out, and what it always writes.
//!
//! Where upstream's field is a value with `omitempty`, an empty list or map, an empty text, a zero or `false` is not
//! written, though k8s-openapi keeps it as `Some`; and fields without it are written though they hold nothing (`null`
//! times, empty statuses). The table of types says which is which.

use serde_json::{Map, Value};

use crate::manifest::types::{Field, Shape, Struct, Type};

/// Makes a value of a type the one that Go's encoder would write.
pub fn as_go_writes(of: Type, value: &mut Value) {
    match (of.shape(), value) {
        (Shape::Struct(of), Value::Object(object)) => write_fields(of, object),
        (Shape::List(item), Value::Array(items)) => {
            for value in items {
                as_go_writes(item, value);
            }
        }
        (Shape::Map(of), Value::Object(object)) => {
            for value in object.values_mut() {
                as_go_writes(of, value);
            }
        }
        _ => {}
    }
}

fn write_fields(of: &Struct, object: &mut Map<String, Value>) {
    for field in &of.fields {
        if let Some(value) = object.get_mut(field.name) {
            as_go_writes(field.of, value);
            match is_empty(field, value) {
                true if field.optional => drop(object.remove(field.name)),
                // In etcd an empty list is none.
                true if value.is_array() => *value = Value::Null,
                true | false => {}
            }
        } else if !field.optional {
            object.insert(field.name.to_owned(), zero(field.of));
        }
    }
}

/// Whether `omitempty` drops the value: behind a pointer, only null.
fn is_empty(field: &Field, value: &Value) -> bool {
    match value {
        Value::Null => true,
        _ if field.of.is_pointer() => false,
        Value::Bool(flag) => !flag,
        Value::Number(number) => number.as_i64() == Some(0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(object) => object.is_empty() && !matches!(field.of.shape(), Shape::Struct(_)),
    }
}

/// What Go writes for a value that was never set.
fn zero(of: Type) -> Value {
    match of.shape() {
        _ if of.is_pointer() => Value::Null,
        Shape::String => Value::String(String::new()),
        Shape::Bool => Value::Bool(false),
        Shape::Int32 | Shape::Int64 | Shape::Float64 | Shape::IntOrString => Value::from(0),
        Shape::Quantity => Value::String("0".to_owned()),
        Shape::Struct(of) => {
            let mut object = Map::new();
            write_fields(of, &mut object);
            Value::Object(object)
        }
        Shape::Bytes
        | Shape::Time
        | Shape::MicroTime
        | Shape::Any
        | Shape::List(_)
        | Shape::Map(_) => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::manifest::types;

    #[test]
    fn empty_things_are_left_out_as_upstream_does() {
        let mut value = json!({
            "metadata": { "labels": {}, "annotations": { "value": "" } },
            "spec": {
                "hostNetwork": false,
                "containers": [{ "name": "c", "args": [], "env": [{ "name": "A", "value": "" }] }],
                "securityContext": {},
                "volumes": [{ "name": "v", "emptyDir": {}, "hostPath": { "path": "/", "type": "" } }],
            },
            "status": { "conditions": [{ "type": "Ready", "status": "True" }] },
        });
        as_go_writes(types::of_kind("", "v1", "Pod").unwrap(), &mut value);
        let expected = json!({
            "metadata": { "annotations": { "value": "" } },
            "spec": {
                "containers": [{ "name": "c", "env": [{ "name": "A" }], "resources": {} }],
                "securityContext": {},
                "volumes": [{ "name": "v", "emptyDir": {}, "hostPath": { "path": "/", "type": "" } }],
            },
            "status": {
                "conditions": [{
                    "type": "Ready", "status": "True", "lastProbeTime": null, "lastTransitionTime": null,
                }],
            },
        });
        assert_eq!(value, expected);
    }
}
