//! The functions that templates can call. Models Go `text/template/funcs.go` and cli-runtime `pkg/printers/template.go`.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt::Write as _;

use serde_json::Value;

use super::format;
use super::value::{Val, type_of};
use crate::manifest::base64;
use crate::quote::{go_value, is_print};

/// Each function: its name, how many arguments it must have, and whether it takes more.
const FUNCTIONS: &[(&str, usize, bool)] = &[
    ("and", 1, true),
    ("base64decode", 1, false),
    ("call", 1, true),
    ("eq", 1, true),
    ("exists", 1, true),
    ("ge", 2, false),
    ("gt", 2, false),
    ("html", 0, true),
    ("index", 1, true),
    ("js", 0, true),
    ("le", 2, false),
    ("len", 1, false),
    ("lt", 2, false),
    ("ne", 2, false),
    ("not", 1, false),
    ("or", 1, true),
    ("print", 0, true),
    ("printf", 1, true),
    ("println", 0, true),
    ("slice", 1, true),
    ("urlquery", 0, true),
];

/// Whether there is such a function.
pub(super) fn is_known(name: &str) -> bool {
    FUNCTIONS.iter().any(|(known, ..)| *known == name)
}

/// How many arguments it must have, and how many it may have if that has an end.
pub(super) fn arity(name: &str) -> (usize, Option<usize>) {
    let found = FUNCTIONS.iter().find(|(known, ..)| *known == name);
    found.map_or((0, None), |(_, least, more)| (*least, (!more).then_some(*least)))
}

/// What went wrong in a call.
type Called<'a> = Result<Val<'a>, String>;

/// Calls a function; `and` and `or` are no calls.
pub(super) fn call<'a>(name: &str, mut values: Vec<Val<'a>>) -> Called<'a> {
    match name {
        "base64decode" => decode(values),
        "call" => Err("call of nil".to_owned()),
        "eq" => equal(&values).map(Val::own),
        "ne" => equal(&values).map(|equal| Val::own(!equal)),
        "lt" => less(&values).map(Val::own),
        "ge" => less(&values).map(|less| Val::own(!less)),
        "le" => Ok(Val::own(less(&values)? || equal(&values)?)),
        "gt" => Ok(Val::own(!(less(&values)? || equal(&values)?))),
        "exists" => {
            let item = values.remove(0);
            let found = index(item, values).map(Val::unwrapped);
            Ok(Val::own(!matches!(found, Ok(Val::Missing) | Err(_))))
        }
        "html" => Ok(Val::own(html(&joined(values)))),
        "js" => Ok(Val::own(js(&joined(values)))),
        "urlquery" => Ok(Val::own(url_query(&joined(values)))),
        "index" => {
            let item = values.remove(0);
            index(item, values)
        }
        "len" => length(values),
        "not" => Ok(Val::own(!values.into_iter().any(|value| value.unwrapped().is_true()))),
        "print" => Ok(Val::own(print(&plain(values)))),
        "printf" => Ok(Val::own(format::printf(&values))),
        "println" => {
            let texts: Vec<String> = plain(values).iter().map(go_value).collect();
            Ok(Val::own(texts.join(" ") + "\n"))
        }
        "slice" => {
            let item = values.remove(0);
            slice(item, &values)
        }
        _ => Err(format!("{name} is not a function")),
    }
}

/// An entry of a mapping.
pub(super) fn entry<'a>(receiver: &Val<'a>, key: &str) -> Option<Val<'a>> {
    match receiver {
        Val::Json { value: Cow::Borrowed(value), .. } => {
            let value: &'a Value = value;
            value.get(key).map(Val::entry)
        }
        Val::Json { value: Cow::Owned(value), .. } => value.get(key).cloned().map(owned_entry),
        Val::Missing | Val::Int(_) => None,
    }
}

fn owned_entry<'a>(value: Value) -> Val<'a> {
    Val::Json { value: Cow::Owned(value), wrapped: true }
}

/// What a range meets in its nth round: key and element.
pub(super) fn entry_at<'a>(value: &Val<'a>, index: usize) -> (Val<'a>, Val<'a>) {
    let number = Val::Int(i64::try_from(index).unwrap_or(i64::MAX));
    match value {
        Val::Json { value: Cow::Borrowed(value), .. } => {
            let value: &'a Value = value;
            match value {
                Value::Array(items) => (number, items.get(index).map_or(Val::Missing, Val::entry)),
                Value::Object(map) => match map.iter().nth(index) {
                    Some((key, element)) => (Val::own(key.as_str()), Val::entry(element)),
                    None => (Val::Missing, Val::Missing),
                },
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                    (Val::Missing, Val::own(index))
                }
            }
        }
        Val::Json { value: Cow::Owned(value), .. } => match value {
            Value::Array(items) => {
                (number, items.get(index).cloned().map_or(Val::Missing, owned_entry))
            }
            Value::Object(map) => match map.iter().nth(index) {
                Some((key, element)) => (Val::own(key.as_str()), owned_entry(element.clone())),
                None => (Val::Missing, Val::Missing),
            },
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                (Val::Missing, Val::own(index))
            }
        },
        Val::Int(_) | Val::Missing => (Val::Missing, number),
    }
}

fn plain(values: Vec<Val<'_>>) -> Vec<Value> {
    values.into_iter().map(Val::into_json).collect()
}

/// Go's `fmt.Sprint`: spaces between what are no texts.
fn print(values: &[Value]) -> String {
    let mut text = String::new();
    for (index, value) in values.iter().enumerate() {
        let texts = value.is_string()
            || index.checked_sub(1).and_then(|at| values.get(at)).is_none_or(Value::is_string);
        if !texts {
            text.push(' ');
        }
        text.push_str(&go_value(value));
    }
    text
}

/// The text of all arguments, for escaping (`evalArgs`).
fn joined(values: Vec<Val<'_>>) -> String {
    let shown = |value: Val<'_>| match value.unwrapped() {
        Val::Missing => Value::from("<no value>"),
        other => other.into_json(),
    };
    print(&values.into_iter().map(shown).collect::<Vec<_>>())
}

fn decode(values: Vec<Val<'_>>) -> Called<'_> {
    let text = values.into_iter().next().map_or(Value::Null, Val::into_json);
    let bytes = base64::decode(text.as_str().unwrap_or_default())
        .map_err(|problem| format!("base64 decode failed: {problem}"))?;
    Ok(Val::own(String::from_utf8_lossy(&bytes).into_owned()))
}

fn length(values: Vec<Val<'_>>) -> Called<'_> {
    let value = values.into_iter().next().unwrap_or(Val::Missing);
    let count = match &value {
        Val::Json { value, .. } => match &**value {
            Value::Null => return Err("len of nil pointer".to_owned()),
            Value::String(text) => text.len(),
            Value::Array(items) => items.len(),
            Value::Object(map) => map.len(),
            Value::Bool(_) | Value::Number(_) => {
                return Err(format!("len of type {}", type_of(value)));
            }
        },
        Val::Missing => {
            return Err("reflect: call of reflect.Value.Type on zero Value".to_owned());
        }
        Val::Int(_) => return Err("len of type int".to_owned()),
    };
    Ok(Val::Int(i64::try_from(count).unwrap_or(i64::MAX)))
}

/// A number that an index or a bound is; its type, if it is none.
fn whole(value: &Val<'_>) -> Result<i64, &'static str> {
    match value {
        Val::Int(number) => Ok(*number),
        Val::Json { value: json, .. } => {
            json.as_i64().filter(|_| !json.is_f64()).ok_or(value.inner_type())
        }
        Val::Missing => Err("nil"),
    }
}

fn index<'a>(item: Val<'a>, indexes: Vec<Val<'a>>) -> Called<'a> {
    if matches!(item, Val::Missing) {
        return Err("index of untyped nil".to_owned());
    }
    let mut item = item;
    for index in indexes {
        let kind = match &item {
            Val::Int(_) => return Err("can't index item of type int".to_owned()),
            Val::Missing => return Err("index of nil pointer".to_owned()),
            Val::Json { value, .. } => value,
        };
        let index = index.unwrapped();
        item = match &**kind {
            Value::Null => return Err("index of nil pointer".to_owned()),
            Value::Array(items) => {
                let at = in_range(&index, items.len())?;
                entry_at(&item, at).1
            }
            Value::String(text) => {
                let at = in_range(&index, text.len())?;
                Val::Int(text.as_bytes().get(at).copied().map_or(0, i64::from))
            }
            Value::Object(_) => match &index {
                Val::Missing => return Err("value is nil; should be of type string".to_owned()),
                Val::Json { value: key, .. } if key.is_string() => {
                    let key = key.as_str().unwrap_or_default();
                    entry(&item, key).unwrap_or_else(|| owned_entry(Value::Null))
                }
                Val::Json { .. } | Val::Int(_) => {
                    let kind = index.inner_type();
                    return Err(format!("value has type {kind}; should be string"));
                }
            },
            Value::Bool(_) | Value::Number(_) => {
                return Err(format!("can't index item of type {}", item.inner_type()));
            }
        };
    }
    Ok(item)
}

fn in_range(index: &Val<'_>, length: usize) -> Result<usize, String> {
    let number = whole(index).map_err(|kind| match kind {
        "nil" => "cannot index slice/array with nil".to_owned(),
        kind => format!("cannot index slice/array with type {kind}"),
    })?;
    usize::try_from(number)
        .ok()
        .filter(|at| *at < length)
        .ok_or_else(|| format!("index out of range: {number}"))
}

fn slice<'a>(item: Val<'a>, bounds: &[Val<'a>]) -> Called<'a> {
    let Val::Json { value, .. } = item.unwrapped() else {
        return Err("slice of untyped nil".to_owned());
    };
    if bounds.len() > 3 {
        return Err(format!("too many slice indexes: {}", bounds.len()));
    }
    let length = match &*value {
        Value::Array(items) => items.len(),
        Value::String(_) if bounds.len() == 3 => {
            return Err("cannot 3-index slice a string".to_owned());
        }
        Value::String(text) => text.len(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => {
            return Err(format!("can't slice item of type {}", type_of(&value)));
        }
    };
    let mut range = [0, length];
    for (slot, bound) in range.iter_mut().zip(bounds) {
        let bound = bound.clone().unwrapped();
        *slot = in_range(&bound, length + 1)?;
    }
    let [from, to] = range;
    if from > to {
        return Err(format!("invalid slice index: {from} > {to}"));
    }
    match value.into_owned() {
        Value::Array(items) => Ok(Val::own(items.get(from..to).unwrap_or_default().to_vec())),
        Value::String(text) => {
            let bytes = text.as_bytes().get(from..to).unwrap_or_default();
            Ok(Val::own(String::from_utf8_lossy(bytes).into_owned()))
        }
        other => Ok(Val::own(other)),
    }
}

/// What can be compared with each other (`basicKind`); empty for what has no order.
fn basic_kind(value: &Value) -> &'static str {
    match value {
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "float",
        Value::Number(_) => "int",
        Value::String(_) => "string",
        Value::Null | Value::Array(_) | Value::Object(_) => "",
    }
}

/// Two values of kinds that cannot be compared.
fn incompatible(left: &Val<'_>, right: &Val<'_>) -> String {
    let (left, right) = (left.inner_type(), right.inner_type());
    format!("incompatible types for comparison: {left} and {right}")
}

fn equal(values: &[Val<'_>]) -> Result<bool, String> {
    let Some((first_value, others)) = values.split_first() else { return Ok(false) };
    if others.is_empty() {
        return Err("missing argument for comparison".to_owned());
    }
    let first = &first_value.clone().into_json();
    for other_value in others {
        let other = &other_value.clone().into_json();
        let (left, right) = (basic_kind(first), basic_kind(other));
        let same = if left != right {
            if !first.is_null() && !other.is_null() {
                return Err(incompatible(first_value, other_value));
            }
            false
        } else if !left.is_empty() {
            compare(first, other) == Some(Ordering::Equal)
        } else if first.is_null() || other.is_null() {
            first.is_null() == other.is_null()
        } else {
            let shown = format::printf(&[Val::own("%s"), other_value.clone()]);
            return Err(format!("non-comparable type {shown}: {}", type_of(other)));
        };
        if same {
            return Ok(true);
        }
    }
    Ok(false)
}

fn less(values: &[Val<'_>]) -> Result<bool, String> {
    let [left_value, right_value] = values else { return Ok(false) };
    let (left, right) = (&left_value.clone().into_json(), &right_value.clone().into_json());
    let (left_kind, right_kind) = (basic_kind(left), basic_kind(right));
    if left_kind.is_empty() || right_kind.is_empty() {
        return Err("invalid type for comparison".to_owned());
    }
    if left_kind != right_kind {
        return Err(incompatible(left_value, right_value));
    }
    if left_kind == "bool" {
        return Err("invalid type for comparison".to_owned());
    }
    Ok(compare(left, right) == Some(Ordering::Less))
}

fn compare(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Bool(left), Value::Bool(right)) => Some(left.cmp(right)),
        (Value::String(left), Value::String(right)) => Some(left.cmp(right)),
        _ => match (left.as_i64(), right.as_i64()) {
            (Some(left), Some(right)) => Some(left.cmp(&right)),
            _ => left.as_f64().partial_cmp(&right.as_f64()),
        },
    }
}

fn html(text: &str) -> String {
    let mut escaped = String::new();
    for letter in text.chars() {
        match letter {
            '\0' => escaped.push('\u{fffd}'),
            '"' => escaped.push_str("&#34;"),
            '\'' => escaped.push_str("&#39;"),
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            _ => escaped.push(letter),
        }
    }
    escaped
}

fn js(text: &str) -> String {
    let mut escaped = String::new();
    for letter in text.chars() {
        match letter {
            '\\' | '\'' | '"' => {
                escaped.push('\\');
                escaped.push(letter);
            }
            '<' | '>' | '&' | '=' | '\0'..='\u{1f}' => {
                write!(escaped, "\\u{:04X}", u32::from(letter)).expect("a String takes everything");
            }
            _ if letter.is_ascii() || is_print(letter) => escaped.push(letter),
            _ => {
                write!(escaped, "\\u{:04X}", u32::from(letter)).expect("a String takes everything");
            }
        }
    }
    escaped
}

fn url_query(text: &str) -> String {
    let mut escaped = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                escaped.push(char::from(byte));
            }
            b' ' => escaped.push('+'),
            _ => write!(escaped, "%{byte:02X}").expect("a String takes everything"),
        }
    }
    escaped
}
