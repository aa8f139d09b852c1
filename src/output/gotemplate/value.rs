//! The values that a template works with, and what Go says of them: types, truth, text.

use std::borrow::Cow;

use serde_json::Value;

use crate::quote::go_value;

/// A value.
#[derive(Clone, Debug)]
pub(super) enum Val<'a> {
    /// What a missing key gives, and what a null becomes when it is looked at: no value at all.
    Missing,
    /// What the object holds.
    Json {
        /// The value.
        value: Cow<'a, Value>,
        /// Whether it came out of a list or a mapping, whose entries are all `interface {}`.
        wrapped: bool,
    },
    /// A whole number that the template itself made: an `int`, where the object has `int64`.
    Int(i64),
}

impl<'a> Val<'a> {
    /// An entry of a list or a mapping.
    pub(super) fn entry(value: &'a Value) -> Self {
        Val::Json { value: Cow::Borrowed(value), wrapped: true }
    }

    /// A value with a type of its own.
    pub(super) fn own(value: impl Into<Value>) -> Self {
        Val::Json { value: Cow::Owned(value.into()), wrapped: false }
    }

    /// What stands inside an `interface {}`.
    #[must_use]
    pub(super) fn unwrapped(self) -> Self {
        match self {
            Val::Json { value, .. } if value.is_null() => Val::Missing,
            Val::Json { value, .. } => Val::Json { value, wrapped: false },
            other @ (Val::Missing | Val::Int(_)) => other,
        }
    }

    /// Go's name for its type, seen from outside.
    pub(super) fn type_name(&self) -> &'static str {
        match self {
            Val::Json { wrapped: true, .. } => "interface {}",
            other => other.inner_type(),
        }
    }

    /// Go's name for the type of what it holds.
    pub(super) fn inner_type(&self) -> &'static str {
        match self {
            Val::Missing => "<nil>",
            Val::Int(_) => "int",
            Val::Json { value, .. } => type_of(value),
        }
    }

    /// Whether it counts as true (`isTrue`): neither empty nor zero.
    pub(super) fn is_true(&self) -> bool {
        match self {
            Val::Missing => false,
            Val::Int(number) => *number != 0,
            Val::Json { value, .. } => match &**value {
                Value::Null => false,
                Value::Bool(flag) => *flag,
                Value::Number(number) => number.as_f64() != Some(0.0),
                Value::String(text) => !text.is_empty(),
                Value::Array(items) => !items.is_empty(),
                Value::Object(map) => !map.is_empty(),
            },
        }
    }

    /// As an argument of a function that takes anything.
    pub(super) fn into_json(self) -> Value {
        match self {
            Val::Missing => Value::Null,
            Val::Int(number) => number.into(),
            Val::Json { value, .. } => value.into_owned(),
        }
    }

    /// As `%v` prints it.
    pub(super) fn text(&self) -> String {
        match self {
            Val::Missing => "<no value>".to_owned(),
            Val::Int(number) => number.to_string(),
            Val::Json { value, .. } => go_value(value),
        }
    }
}

/// Go's name for the type of a decoded value.
pub(super) fn type_of(value: &Value) -> &'static str {
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
