//! JSON as Go writes it: keys sorted, `<`, `>` and `&` escaped, four spaces for `-o json`.
//!
//! Models Go `encoding/json` (`Marshal`, `MarshalIndent`) as kubectl's JSON printer uses it.

use std::fmt::Write as _;

use serde_json::{Map, Number, Value};

use crate::manifest;
use crate::manifest::types::{self, Shape, Type};

/// `kubectl -o json`: four spaces a level, a line break at the end.
pub fn print(value: &Value) -> String {
    let mut text = indented(value, "    ");
    text.push('\n');
    text
}

/// The same for an object that Go holds as a struct: its fields stand in their order there.
pub fn print_typed(value: &Value) -> String {
    let mut text = String::new();
    write_value(&mut text, value, Some("    "), 0, type_of(value));
    text.push('\n');
    text
}

/// In one line without spaces, the fields in their order in Go's struct.
pub fn compact_typed(value: &Value) -> String {
    let mut text = String::new();
    write_value(&mut text, value, None, 0, type_of(value));
    text
}

/// The Go type of a whole object, by what it says it is.
pub fn type_of(value: &Value) -> Option<Type> {
    let word = |key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default();
    let (group, version) = word("apiVersion").split_once('/').unwrap_or(("", word("apiVersion")));
    types::of_kind(group, version, word("kind"))
}

/// The type of a list's items.
pub(super) fn item_type(of: Option<Type>) -> Option<Type> {
    match of?.shape() {
        Shape::List(item) => Some(item),
        _ => None,
    }
}

/// The entries of a mapping with their types: those of a struct in its order, others by name.
pub(super) fn entries(
    map: &Map<String, Value>,
    of: Option<Type>,
) -> Vec<(&String, &Value, Option<Type>)> {
    let mut found = Vec::with_capacity(map.len());
    let (fields, of) = match of.map(Type::shape) {
        Some(Shape::Struct(known)) => (known.fields.as_slice(), None),
        Some(Shape::Map(value)) => (&[][..], Some(value)),
        _ => (&[][..], None),
    };
    for field in fields {
        if let Some((key, value)) = map.get_key_value(field.name) {
            found.push((key, value, Some(field.of)));
        }
    }
    for (key, value) in map {
        if !fields.iter().any(|field| field.name == key) {
            found.push((key, value, of));
        }
    }
    found
}

/// With line breaks and this much space a level; none at the end.
pub fn indented(value: &Value, indent: &str) -> String {
    let mut text = String::new();
    write_value(&mut text, value, Some(indent), 0, None);
    text
}

/// In one line without spaces.
pub fn compact(value: &Value) -> String {
    let mut text = String::new();
    write_value(&mut text, value, None, 0, None);
    text
}

/// A number as Go writes it.
pub fn number(number: &Number) -> String {
    match (number.as_i64(), number.as_u64(), number.as_f64()) {
        (Some(whole), ..) => whole.to_string(),
        (None, Some(whole), _) => whole.to_string(),
        (None, None, float) => manifest::Number::from_f64(float.unwrap_or_default()).to_string(),
    }
}

fn write_value(
    text: &mut String,
    value: &Value,
    indent: Option<&str>,
    depth: usize,
    of: Option<Type>,
) {
    match value {
        Value::Null => text.push_str("null"),
        Value::Bool(flag) => text.push_str(if *flag { "true" } else { "false" }),
        Value::Number(value) => text.push_str(&number(value)),
        Value::String(value) => write_string(text, value),
        Value::Array(items) => {
            text.push('[');
            let of = item_type(of);
            for (index, item) in items.iter().enumerate() {
                separate(text, index, indent, depth + 1);
                write_value(text, item, indent, depth + 1, of);
            }
            close(text, items.is_empty(), indent, depth);
            text.push(']');
        }
        Value::Object(map) => {
            text.push('{');
            for (index, (key, value, of)) in entries(map, of).into_iter().enumerate() {
                separate(text, index, indent, depth + 1);
                write_string(text, key);
                text.push_str(if indent.is_some() { ": " } else { ":" });
                write_value(text, value, indent, depth + 1, of);
            }
            close(text, map.is_empty(), indent, depth);
            text.push('}');
        }
    }
}

fn separate(text: &mut String, index: usize, indent: Option<&str>, depth: usize) {
    if index > 0 {
        text.push(',');
    }
    break_line(text, indent, depth);
}

fn close(text: &mut String, empty: bool, indent: Option<&str>, depth: usize) {
    if !empty {
        break_line(text, indent, depth);
    }
}

fn break_line(text: &mut String, indent: Option<&str>, depth: usize) {
    if let Some(indent) = indent {
        text.push('\n');
        text.push_str(&indent.repeat(depth));
    }
}

fn write_string(text: &mut String, value: &str) {
    text.push('"');
    for letter in value.chars() {
        match letter {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\u{8}' => text.push_str("\\b"),
            '\u{c}' => text.push_str("\\f"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            '\0'..='\u{1f}' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                write!(text, "\\u{:04x}", u32::from(letter)).expect("a String takes everything");
            }
            _ => text.push(letter),
        }
    }
    text.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn writes_as_go_does() {
        let value = json!({"b": [1, 2.5, {}], "a": "<&>\u{1}\n", "c": []});
        assert_eq!(compact(&value), r#"{"a":"\u003c\u0026\u003e\u0001\n","b":[1,2.5,{}],"c":[]}"#);
        assert_eq!(
            print(&json!({"a": [1], "b": {}})),
            "{\n    \"a\": [\n        1\n    ],\n    \"b\": {}\n}\n"
        );
    }
}
