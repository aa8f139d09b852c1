//! A parsed template walked over an object. Models client-go `util/jsonpath/jsonpath.go` and its `template` helpers.

use std::borrow::Cow;
use std::cmp::Ordering;

use serde_json::Value;

use super::parse::{Bound, Node};
use crate::quote::go_value;

/// Values found: parts of the object, or literals of the template.
type Values<'a> = Vec<Cow<'a, Value>>;
/// A failed step also says what it had so far: a filter that only asks for existence counts it.
type Walked<'a> = Result<Values<'a>, (Values<'a>, String)>;

/// A template that visits more values than this is refused.
const VISITS_MAX: usize = 2_000_000;
/// Ranges within ranges.
const RANGES_MAX: usize = 64;

pub(super) fn find<'a>(
    nodes: &'a [Node],
    object: &'a Value,
    missing_allowed: bool,
) -> Result<Vec<Values<'a>>, String> {
    let mut walk = Walk { nodes, missing_allowed, ..Walk::default() };
    walk.find(Cow::Borrowed(object), 0)
}

/// Where the walk is among ranges.
#[derive(Default)]
struct Walk<'a> {
    nodes: &'a [Node],
    missing_allowed: bool,
    begin_range: usize,
    in_range: usize,
    end_range: usize,
    /// The node that ended the last range.
    last_end: usize,
    visits: usize,
}

impl<'a> Walk<'a> {
    fn find(&mut self, data: Cow<'a, Value>, from: usize) -> Result<Vec<Values<'a>>, String> {
        if self.in_range > RANGES_MAX {
            return Err("too many ranges within ranges".to_owned());
        }
        let current = vec![data];
        let mut groups = Vec::new();
        let mut at = from;
        while let Some(node) = self.nodes.get(at) {
            let results = self.walk(current.clone(), node).map_err(|(_, error)| error)?;
            if self.end_range > 0 && self.end_range <= self.in_range {
                self.end_range -= 1;
                self.last_end = at;
                break;
            }
            if self.begin_range > 0 {
                self.begin_range -= 1;
                self.in_range += 1;
                if results.is_empty() {
                    // The way to the end of the range has to be found all the same.
                    self.find(Cow::Owned(Value::Null), at + 1)?;
                }
                for value in results {
                    groups.extend(self.find(value, at + 1)?);
                }
                self.in_range -= 1;
                if self.last_end > at {
                    at = self.last_end;
                }
            } else {
                groups.push(results);
            }
            at += 1;
        }
        Ok(groups)
    }

    fn walk(&mut self, values: Values<'a>, node: &'a Node) -> Walked<'a> {
        self.visits += values.len() + 1;
        if self.visits > VISITS_MAX {
            return Err((Vec::new(), "the template visits too many values".to_owned()));
        }
        let literal = |value: Value, count: usize| Ok(vec![Cow::Owned(value); count]);
        match node {
            Node::List(nodes) => self.list(values, nodes),
            Node::Text(text) => literal(Value::String(text.clone()), 1),
            Node::Int(number) => literal((*number).into(), values.len()),
            Node::Float(number) => literal((*number).into(), values.len()),
            Node::Bool(flag) => literal((*flag).into(), values.len()),
            Node::Identifier(name) => self.identifier(values, name),
            Node::Field(name) => self.field(values, name),
            Node::Wildcard => Ok(values.into_iter().flat_map(children).collect()),
            Node::Recursive => {
                let mut found = Vec::new();
                for value in values {
                    self.recursive(value, &mut found)?;
                }
                Ok(found)
            }
            Node::Slice(bounds) => slice(values, *bounds),
            Node::Union(parts) => {
                let mut found = Vec::new();
                for part in parts {
                    match self.list(values.clone(), part) {
                        Ok(results) => found.extend(results),
                        Err((_, error)) => return Err((values, error)),
                    }
                }
                Ok(found)
            }
            Node::Filter(left, operator, right) => self.filter(values, left, operator, right),
        }
    }

    fn list(&mut self, values: Values<'a>, nodes: &'a [Node]) -> Walked<'a> {
        nodes.iter().try_fold(values, |values, node| self.walk(values, node))
    }

    fn identifier(&mut self, values: Values<'a>, name: &str) -> Walked<'a> {
        match name {
            "range" => {
                self.begin_range += 1;
                Ok(values)
            }
            "end" if self.in_range > 0 => {
                self.end_range += 1;
                Ok(Vec::new())
            }
            "end" => Err((Vec::new(), "not in range, nothing to end".to_owned())),
            other => Err((values, format!("unrecognized identifier {other}"))),
        }
    }

    fn field(&self, values: Values<'a>, name: &str) -> Walked<'a> {
        if values.is_empty() {
            return Ok(values);
        }
        let found: Values<'a> = values.into_iter().filter_map(|value| get(value, name)).collect();
        if found.is_empty() && !self.missing_allowed {
            return Err((found, format!("{name} is not found")));
        }
        Ok(found)
    }

    /// Every collection and text below, parents first.
    fn recursive(
        &mut self,
        value: Cow<'a, Value>,
        found: &mut Values<'a>,
    ) -> Result<(), (Values<'a>, String)> {
        self.visits += 1;
        if self.visits > VISITS_MAX {
            return Err((Vec::new(), "the template visits too many values".to_owned()));
        }
        let below = match &*value {
            Value::String(text) if !text.is_empty() => Vec::new(),
            Value::Array(_) | Value::Object(_) => {
                let below = children(value.clone());
                if below.is_empty() {
                    return Ok(());
                }
                below
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => return Ok(()),
        };
        found.push(value);
        for child in below {
            self.recursive(child, found)?;
        }
        Ok(())
    }

    fn filter(
        &mut self,
        values: Values<'a>,
        left: &'a [Node],
        operator: &str,
        right: &'a [Node],
    ) -> Walked<'a> {
        let mut found = Vec::new();
        for value in &values {
            if !value.is_array() {
                let message =
                    format!("{} is not array or slice and cannot be filtered", go_value(value));
                return Err((values, message));
            }
            for item in children(value.clone()) {
                let lefts = self.list(vec![item.clone()], left);
                if operator == "exists" {
                    let lefts = lefts.unwrap_or_else(|(lefts, _)| lefts);
                    if !lefts.is_empty() {
                        found.push(item);
                    }
                    continue;
                }
                let sides = lefts.and_then(|lefts| {
                    self.list(vec![item.clone()], right).map(|rights| (lefts, rights))
                });
                let (lefts, rights) = match sides {
                    Ok(sides) => sides,
                    Err((_, error)) => return Err((values, error)),
                };
                match (lefts.as_slice(), rights.as_slice()) {
                    ([], _) | (_, []) => {}
                    ([left], [right]) => match compare(left, operator, right) {
                        Ok(true) => found.push(item),
                        Ok(false) => {}
                        Err(error) => return Err((found, error)),
                    },
                    _ => {
                        let message = "can only compare one element at a time".to_owned();
                        return Err((values, message));
                    }
                }
            }
        }
        Ok(found)
    }
}

fn get<'a>(value: Cow<'a, Value>, name: &str) -> Option<Cow<'a, Value>> {
    match value {
        Cow::Borrowed(value) => value.as_object()?.get(name).map(Cow::Borrowed),
        Cow::Owned(value) => value.as_object()?.get(name).cloned().map(Cow::Owned),
    }
}

/// What a wildcard finds: values, items, or (as upstream) the bytes of a text.
fn children(value: Cow<'_, Value>) -> Values<'_> {
    if let Value::String(text) = &*value {
        return text.bytes().map(|byte| Cow::Owned(byte.into())).collect();
    }
    match value {
        Cow::Borrowed(Value::Array(items)) => items.iter().map(Cow::Borrowed).collect(),
        Cow::Borrowed(Value::Object(map)) => map.values().map(Cow::Borrowed).collect(),
        Cow::Owned(Value::Array(items)) => items.into_iter().map(Cow::Owned).collect(),
        Cow::Owned(Value::Object(map)) => map.into_values().map(Cow::Owned).collect(),
        Cow::Borrowed(_) | Cow::Owned(_) => Vec::new(),
    }
}

fn slice(values: Values<'_>, bounds: [Bound; 3]) -> Walked<'_> {
    let mut found = Vec::new();
    for value in &values {
        let items = match &**value {
            Value::Null => continue,
            Value::Array(_) => children(value.clone()),
            Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
                let message = format!("{} is not array or slice", go_type(value));
                return Err((values, message));
            }
        };
        let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
        let mut from = bounds[0].value.unwrap_or(0);
        if from < 0 {
            from += length;
        }
        let mut to = bounds[1].value.unwrap_or(length);
        if to < 0 || to == 0 && bounds[1].derived {
            to += length;
        }
        if from == to {
            return Ok(found);
        }
        let out = |index: i64| format!("array index out of bounds: index {index}, length {length}");
        let fault = if from >= length || from < 0 {
            Some(out(from))
        } else if to > length || to < 0 {
            Some(out(to - 1))
        } else if from > to {
            Some(format!("starting index {from} is greater than ending index {to}"))
        } else if bounds[2].value.is_some_and(|step| step <= 0) {
            Some("step must be > 0".to_owned())
        } else {
            None
        };
        if let Some(fault) = fault {
            return Err((values, fault));
        }
        let size = |number: i64| usize::try_from(number).unwrap_or(usize::MAX);
        let step = size(bounds[2].value.unwrap_or(1)).max(1);
        found.extend(items.into_iter().take(size(to)).skip(size(from)).step_by(step));
    }
    Ok(found)
}

fn go_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "<nil>",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "float64",
        Value::Number(_) => "int64",
        Value::String(_) => "string",
        Value::Array(_) => "[]interface {}",
        Value::Object(_) => "map[string]interface {}",
    }
}

/// Go's templates compare what is of one kind: booleans, whole numbers, floats, texts.
fn compare(left: &Value, operator: &str, right: &Value) -> Result<bool, String> {
    if !matches!(operator, "<" | ">" | "==" | "!=" | "<=" | ">=") {
        return Err(format!("unrecognized filter operator {operator}"));
    }
    for side in [left, right] {
        if matches!(side, Value::Null | Value::Array(_) | Value::Object(_)) {
            return Err("invalid type for comparison".to_owned());
        }
    }
    let ordering = match (left, right) {
        (Value::Bool(left), Value::Bool(right)) => {
            return match operator {
                "==" => Ok(left == right),
                "!=" => Ok(left != right),
                _ => Err("invalid type for comparison".to_owned()),
            };
        }
        (Value::String(left), Value::String(right)) => Some(left.cmp(right)),
        (Value::Number(left), Value::Number(right)) if left.is_f64() == right.is_f64() => {
            match (left.as_i64(), right.as_i64()) {
                (Some(left), Some(right)) => Some(left.cmp(&right)),
                _ => left.as_f64().partial_cmp(&right.as_f64()),
            }
        }
        _ => return Err("incompatible types for comparison".to_owned()),
    };
    Ok(match operator {
        "==" => ordering == Some(Ordering::Equal),
        "!=" => ordering != Some(Ordering::Equal),
        "<" => ordering == Some(Ordering::Less),
        ">" => ordering == Some(Ordering::Greater),
        "<=" => ordering.is_some_and(Ordering::is_le),
        _ => ordering.is_some_and(Ordering::is_ge),
    })
}
