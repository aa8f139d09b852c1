//! KYAML, as `kubectl -o kyaml` prints it: YAML with braces and quotes everywhere, where indentation means nothing.
//!
//! Models sigs.k8s.io/yaml `kyaml/kyaml.go`.

use serde_json::Value;

use super::json::{self, entries};
use crate::manifest::parse_float;
use crate::manifest::types::Type;
use crate::quote::is_print;

/// A whole document with its `---`; the fields of a type stand in Go's order, others by name.
pub fn print(value: &Value, of: Option<Type>) -> String {
    let mut text = "---\n".to_owned();
    write_value(&mut text, value, of, 0);
    text.push('\n');
    text
}

fn write_value(text: &mut String, value: &Value, of: Option<Type>, indent: usize) {
    match value {
        Value::Null => text.push_str("null"),
        Value::Bool(flag) => text.push_str(if *flag { "true" } else { "false" }),
        Value::Number(number) => text.push_str(&json::number(number)),
        Value::String(string) => write_string(text, string, indent + 1, false),
        Value::Array(items) => write_list(text, items, of, indent),
        Value::Object(map) if map.is_empty() => text.push_str("{}"),
        Value::Object(map) => {
            text.push_str("{\n");
            for (key, value, of) in entries(map, of) {
                text.push_str(&"  ".repeat(indent + 1));
                if needs_quotes(key) {
                    write_string(text, key, indent + 1, true);
                } else {
                    text.push_str(key);
                }
                text.push_str(": ");
                write_value(text, value, of, indent + 1);
                text.push_str(",\n");
            }
            text.push_str(&"  ".repeat(indent));
            text.push('}');
        }
    }
}

/// Lists of objects and lists begin in the line of their bracket.
fn write_list(text: &mut String, items: &[Value], of: Option<Type>, indent: usize) {
    let of = json::item_type(of);
    let cuddled = items.iter().all(|item| item.is_object() || item.is_array());
    text.push('[');
    for (index, item) in items.iter().enumerate() {
        if cuddled {
            text.push_str(if index > 0 { ", " } else { "" });
            write_value(text, item, of, indent);
        } else {
            text.push('\n');
            text.push_str(&"  ".repeat(indent + 1));
            write_value(text, item, of, indent + 1);
            text.push(',');
        }
    }
    if !cuddled {
        text.push('\n');
        text.push_str(&"  ".repeat(indent));
    }
    text.push(']');
}

/// A text in double quotes; each of its lines takes one of its own, unless it is a key.
fn write_string(text: &mut String, string: &str, indent: usize, compact: bool) {
    let folded = string.contains('\n') && !compact;
    text.push('"');
    if folded {
        text.push_str("\\\n");
    }
    for letter in string.chars() {
        if text.ends_with('\n') {
            text.push_str(&"  ".repeat(indent));
            text.push(if letter.is_whitespace() && letter != '\n' { '\\' } else { ' ' });
        }
        write_letter(text, letter);
        if letter == '\n' && folded {
            text.push_str("\\\n");
        }
    }
    if folded {
        if !text.ends_with('\n') {
            text.push_str("\\\n");
        }
        text.push_str(&"  ".repeat(indent));
    }
    text.push('"');
}

fn write_letter(text: &mut String, letter: char) {
    let escape = match letter {
        '"' | '\\' => letter,
        _ if is_print(letter) => return text.push(letter),
        '\u{7}' => 'a',
        '\u{8}' => 'b',
        '\u{c}' => 'f',
        '\n' => 'n',
        '\r' => 'r',
        '\t' => 't',
        '\u{b}' => 'v',
        '\0' => '0',
        '\u{1b}' => 'e',
        '\u{85}' => 'N',
        '\u{a0}' => '_',
        '\u{2028}' => 'L',
        '\u{2029}' => 'P',
        _ => {
            let code = u32::from(letter);
            let shown = match code {
                0..0x20 | 0x7f => format!("\\x{code:02x}"),
                0..0x1_0000 => format!("\\u{code:04x}"),
                _ => format!("\\U{code:08x}"),
            };
            return text.push_str(&shown);
        }
    };
    text.push('\\');
    text.push(escape);
}

/// Whether a key could be read as something else.
fn needs_quotes(key: &str) -> bool {
    let anywhere = |letter: char| letter.is_alphanumeric() || letter == '_';
    let edges = key.chars().next().is_some_and(anywhere) && key.ends_with(anywhere);
    let inside = key.chars().all(|letter| anywhere(letter) || matches!(letter, '-' | '.' | '/'));
    !edges || !inside || reads_as_another_type(key)
}

fn reads_as_another_type(key: &str) -> bool {
    let words = [
        "null", "true", "y", "yes", "on", "false", "n", "no", "off", "t", "f", "inf", "nan",
        "infinity",
    ];
    let plain = key.replace('_', "").to_lowercase();
    let digits = plain.trim_start_matches(['+', '-']);
    let based = [("0x", 16), ("0b", 2), ("0o", 8)].iter().any(|(prefix, radix)| {
        digits.strip_prefix(prefix).is_some_and(|rest| {
            !rest.is_empty() && rest.chars().all(|digit| digit.is_digit(*radix))
        })
    });
    words.contains(&key.to_lowercase().as_str())
        || based
        || parse_float(&plain).is_some()
        || is_date(key)
}

/// `2026-04-01` and what begins so.
fn is_date(key: &str) -> bool {
    let mut parts = key.split('-');
    let number = |part: Option<&str>, digits: std::ops::RangeInclusive<usize>| {
        part.is_some_and(|part| {
            digits.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
        })
    };
    number(parts.next(), 4..=4)
        && number(parts.next(), 1..=2)
        && number(parts.next(), 1..=2)
        && parts.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn quotes_values_and_doubtful_keys() {
        let value = json!({
            "a": "1", "n": 1, "ca.crt": "x\n  y\n", "0x1": true, "list": ["a", 2], "deep": [{"x": null}, {}],
            "none": [], "-": "tab\t\"",
        });
        let text = concat!(
            "---\n{\n",
            "  \"-\": \"tab\\t\\\"\",\n",
            "  \"0x1\": true,\n",
            "  a: \"1\",\n",
            "  ca.crt: \"\\\n     x\\n\\\n    \\  y\\n\\\n    \",\n",
            "  deep: [{\n    x: null,\n  }, {}],\n",
            "  list: [\n    \"a\",\n    2,\n  ],\n",
            "  \"n\": 1,\n",
            "  none: [],\n",
            "}\n"
        );
        assert_eq!(print(&value, None), text);
    }
}
