//! A value as Go prints the struct that it stands for, with all types and all fields: what templates' hashes are over.
//!
//! The order of fields, their names and types come from the table of types; what the value leaves out has Go's zero. In
//! etcd an empty list or map is none, so it prints as `<nil>`.
//!
//! Models k8s.io/utils `dump/dump.go` (`ForHash`) over go-spew's `spew/format.go`, with `%#v`. *Differs:* of a time
//! that is set, upstream prints the machine's zone; here it prints as one that is not.

use serde_json::Value;

use super::Quantity;
use crate::manifest::types::{Field, Shape, Struct, Type};

/// The value of a struct of this type, as `(v1.PodTemplateSpec){ObjectMeta:(v1.ObjectMeta){Name:(string)...`.
pub fn go_dump(of: Type, value: &Value) -> String {
    let mut out = String::new();
    write_typed(&mut out, of, Some(value));
    out
}

fn write_typed(out: &mut String, of: Type, value: Option<&Value>) {
    let value = value.filter(|value| !value.is_null());
    out.push_str(if of.is_pointer() { "(*" } else { "(" });
    out.push_str(&of.go());
    out.push(')');
    match value {
        None if of.is_pointer() => out.push_str("<nil>"),
        value => write_bare(out, of, value),
    }
}

fn write_bare(out: &mut String, of: Type, value: Option<&Value>) {
    let text = value.and_then(Value::as_str).unwrap_or_default();
    match of.shape() {
        Shape::String => out.push_str(text),
        Shape::Bool => {
            let set = value.and_then(Value::as_bool).unwrap_or(false);
            out.push_str(if set { "true" } else { "false" });
        }
        Shape::Int32 | Shape::Int64 | Shape::Float64 => write_number(out, value),
        Shape::Time | Shape::MicroTime => {
            out.push_str(
                "{Time:(time.Time){wall:(uint64)0 ext:(int64)0 loc:(*time.Location)<nil>}}",
            );
        }
        Shape::Quantity => {
            // The controller reads what the server wrote, in the canonical form.
            let canonical =
                Quantity::parse(text).map_or_else(|_| "0".to_owned(), |it| it.to_string());
            if let Ok(quantity) = Quantity::parse(&canonical) {
                out.push_str(&quantity.go_dump());
            }
        }
        Shape::IntOrString => {
            let kind = if value.is_some_and(Value::is_string) { "1" } else { "0" };
            out.push_str("{Type:(intstr.Type)");
            out.push_str(kind);
            out.push_str(" IntVal:(int32)");
            write_number(out, value);
            out.push_str(" StrVal:(string)");
            out.push_str(text);
            out.push('}');
        }
        Shape::List(item) => match value.and_then(Value::as_array) {
            Some(items) if !items.is_empty() => {
                out.push('[');
                for (at, value) in items.iter().enumerate() {
                    out.push_str(if at > 0 { " " } else { "" });
                    write_bare(out, item, Some(value));
                }
                out.push(']');
            }
            _ => out.push_str("<nil>"),
        },
        Shape::Map(item) => match value.and_then(Value::as_object) {
            Some(fields) if !fields.is_empty() => {
                out.push_str("map[");
                for (at, (key, value)) in fields.iter().enumerate() {
                    out.push_str(if at > 0 { " " } else { "" });
                    out.push_str(key);
                    out.push(':');
                    write_bare(out, item, Some(value));
                }
                out.push(']');
            }
            _ => out.push_str("<nil>"),
        },
        Shape::Struct(of) => write_fields(out, of, value),
        Shape::Bytes | Shape::Any => out.push_str("<nil>"),
    }
}

fn write_number(out: &mut String, value: Option<&Value>) {
    out.push_str(&value.and_then(Value::as_i64).unwrap_or(0).to_string());
}

/// The fields in Go's order; those of an embedded struct in braces of their own.
fn write_fields(out: &mut String, of: &Struct, value: Option<&Value>) {
    let mut within = None;
    out.push('{');
    for (at, field) in of.fields.iter().enumerate() {
        if within.is_some() && within != field.embedded {
            out.push('}');
        }
        out.push_str(if at > 0 { " " } else { "" });
        if let Some(name) = field.embedded.filter(|_| within != field.embedded) {
            out.push_str(name);
            out.push_str(":(v1.");
            out.push_str(name);
            out.push_str("){");
        }
        within = field.embedded;
        write_name(out, field);
        out.push(':');
        write_typed(out, field.of, value.and_then(|value| value.get(field.name)));
    }
    out.push_str(if within.is_some() { "}}" } else { "}" });
}

fn write_name(out: &mut String, field: &Field) {
    if let Some(name) = field.go_name {
        return out.push_str(name);
    }
    let mut letters = field.name.chars();
    out.extend(letters.next().map(|first| first.to_ascii_uppercase()));
    out.push_str(letters.as_str());
}
