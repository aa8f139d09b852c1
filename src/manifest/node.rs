//! A document as a tree: what JSON can say, and where in the text each part stands.
//!
//! A mapping keeps its entries in the order of the text, repeated keys included; the last one counts, as it does for
//! kubectl. Nothing in a tree is deeper than [`super::DEPTH_MAX`].

use std::fmt;

use serde_json::Value;

use crate::order;

/// A place in a text. Lines and columns count from 0, columns in characters, the offset in bytes.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 0.
    pub line: u32,
    /// Column in characters, from 0.
    pub column: u32,
    /// Bytes before it.
    pub offset: u32,
}

/// From here to there; the end is exclusive. All zero for what does not come from a text.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// The first character.
    pub start: Position,
    /// Behind the last character.
    pub end: Position,
}

impl Span {
    const NOWHERE: Self = {
        let start = Position { line: 0, column: 0, offset: 0 };
        Self { start, end: start }
    };
}

/// `line 3, column 5`, counted from 1.
impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line + 1, self.column + 1)
    }
}

/// A number as JSON has it: whole ones exact, others as the nearest double.
#[derive(Copy, Clone, Debug, PartialEq)]
pub enum Number {
    /// A whole number that fits.
    Int(i64),
    /// A whole number above 2^63-1, which YAML has; on its way through JSON it becomes the nearest double.
    Unsigned(u64),
    /// Any other; finite.
    Float(f64),
}

impl Number {
    /// A finite double; whole numbers become exact, as they do on their way through JSON.
    pub fn from_f64(number: f64) -> Self {
        let text = format_f64(number);
        text.parse().map_or(Self::Float(number), Self::Int)
    }
}

/// As Go writes it into JSON: without exponent between 1e-6 and 1e21.
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Int(number) => write!(f, "{number}"),
            Self::Unsigned(number) => f.write_str(&format_f64(double(*number))),
            Self::Float(number) => f.write_str(&format_f64(*number)),
        }
    }
}

/// The nearest double.
#[expect(clippy::cast_precision_loss, reason = "it is what JSON's reader does to it")]
fn double(number: u64) -> f64 {
    number as f64
}

fn format_f64(number: f64) -> String {
    let size = number.abs();
    if size != 0.0 && !(1e-6..1e21).contains(&size) {
        let text = format!("{number:e}");
        // Go signs the exponent of big numbers.
        if size >= 1e21 { text.replace('e', "e+") } else { text }
    } else {
        format!("{number}")
    }
}

/// One entry of a mapping.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The key, as text.
    pub key: String,
    /// Where the key stands.
    pub key_span: Span,
    /// Whether it came out of a merge (`<<`).
    pub merged: bool,
    /// The value.
    pub value: Node,
}

/// What a node says.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "each is the JSON type of the same name")]
pub enum Data {
    Null,
    Bool(bool),
    Number(Number),
    String(String),
    Sequence(Vec<Node>),
    Mapping(Vec<Entry>),
}

/// A part of a document.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// What it says.
    pub data: Data,
    /// Where it stands.
    pub span: Span,
}

impl Node {
    /// `null`, from nowhere.
    pub const NULL: Self = Self { data: Data::Null, span: Span::NOWHERE };

    /// The value of a mapping's key; the last one if the key is repeated.
    pub fn get(&self, key: &str) -> Option<&Self> {
        let Data::Mapping(entries) = &self.data else { return None };
        entries.iter().rev().find(|entry| entry.key == key).map(|entry| &entry.value)
    }

    /// The text, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        if let Data::String(text) = &self.data { Some(text) } else { None }
    }

    /// The items, if it is a sequence.
    pub fn items(&self) -> Option<&[Self]> {
        if let Data::Sequence(items) = &self.data { Some(items) } else { None }
    }

    /// A mapping's entries as a decoder meets them: sorted by key, the last of repeated ones.
    pub fn sorted_entries(&self) -> Vec<&Entry> {
        let Data::Mapping(entries) = &self.data else { return Vec::new() };
        let mut sorted: Vec<&Entry> = entries.iter().collect();
        order::sort_by(&mut sorted, |left, right| left.key.cmp(&right.key));
        sorted.reverse();
        sorted.dedup_by(|next, kept| next.key == kept.key);
        sorted.reverse();
        sorted
    }

    /// Keys that stand twice in a mapping, here or below: where the later one stands. kubectl takes the last silently.
    pub fn repeated_keys(&self) -> Vec<(&str, Span)> {
        let mut found = Vec::new();
        let mut rest = vec![self];
        while let Some(node) = rest.pop() {
            match &node.data {
                Data::Sequence(items) => rest.extend(items),
                Data::Mapping(entries) => {
                    let mut seen = std::collections::BTreeSet::new();
                    for entry in entries.iter().filter(|entry| !entry.merged) {
                        if !seen.insert(entry.key.as_str()) {
                            found.push((entry.key.as_str(), entry.key_span));
                        }
                    }
                    rest.extend(entries.iter().map(|entry| &entry.value));
                }
                Data::Null | Data::Bool(_) | Data::Number(_) | Data::String(_) => {}
            }
        }
        order::sort_by_key(&mut found, |(_, span)| span.start);
        found
    }

    /// The same without places: keys sorted, repeated ones gone.
    pub fn to_value(&self) -> Value {
        match &self.data {
            Data::Null => Value::Null,
            Data::Bool(flag) => Value::Bool(*flag),
            Data::Number(Number::Int(number)) => (*number).into(),
            Data::Number(Number::Unsigned(number)) => double(*number).into(),
            Data::Number(Number::Float(number)) => (*number).into(),
            Data::String(text) => Value::String(text.clone()),
            Data::Sequence(items) => items.iter().map(Self::to_value).collect(),
            Data::Mapping(entries) => {
                let entries =
                    entries.iter().map(|entry| (entry.key.clone(), entry.value.to_value()));
                Value::Object(order::json(entries))
            }
        }
    }

    /// A tree that stands nowhere.
    pub fn from_value(value: &Value) -> Self {
        let data = match value {
            Value::Null => Data::Null,
            Value::Bool(flag) => Data::Bool(*flag),
            Value::Number(number) => Data::Number(match number.as_i64() {
                Some(number) => Number::Int(number),
                None => Number::from_f64(number.as_f64().unwrap_or_default()),
            }),
            Value::String(text) => Data::String(text.clone()),
            Value::Array(items) => Data::Sequence(items.iter().map(Self::from_value).collect()),
            Value::Object(map) => Data::Mapping(
                map.iter()
                    .map(|(key, value)| Entry {
                        key: key.clone(),
                        key_span: Span::default(),
                        merged: false,
                        value: Self::from_value(value),
                    })
                    .collect(),
            ),
        };
        Self { data, span: Span::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_print_as_go_writes_them_into_json() {
        for (number, text) in [
            (Number::from_f64(3.0), "3"),
            (Number::from_f64(1.5), "1.5"),
            (Number::from_f64(1e20), "100000000000000000000"),
            (Number::from_f64(1e21), "1e+21"),
            (Number::from_f64(0.000_000_5), "5e-7"),
            (Number::Int(-7), "-7"),
        ] {
            assert_eq!(number.to_string(), text);
        }
    }
}
