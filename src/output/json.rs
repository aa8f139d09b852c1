//! JSON as Go writes it: keys sorted, `<`, `>` and `&` escaped, four spaces for `-o json`.
//!
//! Models Go `encoding/json` (`Marshal`, `MarshalIndent`) as kubectl's JSON printer uses it.

use std::fmt::Write as _;

use serde_json::{Number, Value};

use crate::manifest;

/// `kubectl -o json`: four spaces a level, a line break at the end.
pub fn print(value: &Value) -> String {
    let mut text = indented(value, "    ");
    text.push('\n');
    text
}

/// With line breaks and this much space a level; none at the end.
pub fn indented(value: &Value, indent: &str) -> String {
    let mut text = String::new();
    write_value(&mut text, value, Some(indent), 0);
    text
}

/// In one line without spaces.
pub fn compact(value: &Value) -> String {
    let mut text = String::new();
    write_value(&mut text, value, None, 0);
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

fn write_value(text: &mut String, value: &Value, indent: Option<&str>, depth: usize) {
    match value {
        Value::Null => text.push_str("null"),
        Value::Bool(flag) => text.push_str(if *flag { "true" } else { "false" }),
        Value::Number(value) => text.push_str(&number(value)),
        Value::String(value) => write_string(text, value),
        Value::Array(items) => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                separate(text, index, indent, depth + 1);
                write_value(text, item, indent, depth + 1);
            }
            close(text, items.is_empty(), indent, depth);
            text.push(']');
        }
        Value::Object(map) => {
            text.push('{');
            for (index, (key, value)) in map.iter().enumerate() {
                separate(text, index, indent, depth + 1);
                write_string(text, key);
                text.push_str(if indent.is_some() { ": " } else { ":" });
                write_value(text, value, indent, depth + 1);
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
