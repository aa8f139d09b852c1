//! Where the decoder is and what it met: the paths to a place, and the faults on the way.
//!
//! Models the `decodeState` of sigs.k8s.io/json (`internal/golang/encoding/json/decode.go`) and its sentences.

use std::fmt::Write as _;

use super::fault::{DecodeError, Fault};
use super::go_type;
use super::node::{Data, Entry, Node, Span};
use super::suggest::nearest;
use crate::quote::quote;

/// Unknown fields are told up to this number, as upstream does.
const UNKNOWN_MAX: usize = 100;

/// Where the decoder is and what it met.
#[derive(Debug, Default)]
pub(super) struct State {
    /// The path as strict errors print it, with indices: the lengths before each step are kept by the callers.
    pub(super) path: String,
    /// The path as Go's type errors print it: field names, and those of embedded structs.
    pub(super) go_path: Vec<&'static str>,
    /// The struct being filled and its field.
    pub(super) in_struct: &'static str,
    pub(super) field: &'static str,
    /// The version that the whole must have.
    pub(super) api_version: Option<String>,
    /// While a type is asked what it would have liked to read: the Go name of that.
    pub(super) probe: Option<String>,
    unknown: Vec<Fault>,
    /// The first wrong type.
    pub(super) mistyped: Option<Fault>,
    /// The first fault that goes before all others.
    fatal: Option<Fault>,
}

impl State {
    pub(super) fn verdict(self) -> Result<(), DecodeError> {
        match self.fatal.or(self.mistyped) {
            Some(fault) => Err(DecodeError { faults: vec![fault], strict: false }),
            None if self.unknown.is_empty() => Ok(()),
            None => Err(DecodeError { faults: self.unknown, strict: true }),
        }
    }

    pub(super) fn fault_at(&self, message: String, span: Span) -> Fault {
        Fault { message, path: self.path.clone(), span, suggestion: None }
    }

    pub(super) fn cannot_unmarshal(&self, value: &str, go_type: &str) -> String {
        if self.in_struct.is_empty() {
            return format!("json: cannot unmarshal {value} into Go value of type {go_type}");
        }
        let path = self.go_path.join(".");
        format!(
            "json: cannot unmarshal {value} into Go struct field {}.{path} of type {go_type}",
            self.in_struct
        )
    }

    pub(super) fn mistype(&mut self, node: &Node, value: &str, go_type: &str) {
        if self.mistyped.is_none() {
            let message = self.cannot_unmarshal(value, go_type);
            self.mistyped = Some(self.fault_at(message, node.span));
        }
    }

    pub(super) fn fatal(&mut self, node: &Node, message: String) {
        if self.fatal.is_none() {
            self.fatal = Some(self.fault_at(message, node.span));
        }
    }

    /// Notes the Go name of a type that is asked for it.
    pub(super) fn answer(&mut self, go_type: &str) {
        if let Some(answer) = &mut self.probe {
            go_type.clone_into(answer);
        }
    }

    /// Goes to the value of an entry. Returns the length of the paths before.
    pub(super) fn enter(&mut self, entry: &Entry, field: Option<&'static str>) -> (usize, usize) {
        let lengths = (self.path.len(), self.go_path.len());
        push_key(&mut self.path, &entry.key);
        if let Some(field) = field {
            self.field = field;
            self.go_path.extend(go_type::embedded(self.in_struct, field));
            self.go_path.push(field);
        }
        lengths
    }

    pub(super) fn enter_item(&mut self, index: usize) -> (usize, usize) {
        let lengths = (self.path.len(), self.go_path.len());
        write!(self.path, "[{index}]").expect("a String takes everything");
        lengths
    }

    pub(super) fn leave(&mut self, (length, go_length): (usize, usize)) {
        self.path.truncate(length);
        self.go_path.truncate(go_length);
    }

    /// The fields of the whole that say what it is; it is not the type's business.
    pub(super) fn check_identity(&mut self, entry: &Entry) {
        let expected = match entry.key.as_str() {
            "kind" => self.in_struct,
            _ => match &self.api_version {
                Some(version) => version,
                None => return,
            },
        };
        let text = entry.value.as_str().unwrap_or_default();
        if text != expected {
            let message = format!("invalid value: string {text:?}, expected {expected}");
            let lengths = self.enter(entry, None);
            self.fatal(&entry.value, message);
            self.leave(lengths);
        }
    }

    pub(super) fn unknown_field(&mut self, entry: &Entry, fields: &'static [&'static str]) {
        let mut path = self.path.clone();
        push_key(&mut path, &entry.key);
        let message = format!("unknown field {}", quote(&path));
        if self.unknown.len() < UNKNOWN_MAX {
            let suggestion = nearest(&entry.key, fields);
            self.unknown.push(Fault { message, path, span: entry.key_span, suggestion });
        }
    }
}

fn push_key(path: &mut String, key: &str) {
    if !path.is_empty() {
        path.push('.');
    }
    path.push_str(key);
}

/// Go's word for what a node is.
pub(super) fn go_kind(node: &Node) -> &'static str {
    match &node.data {
        Data::Null => "null",
        Data::Bool(_) => "bool",
        Data::Number(_) => "number",
        Data::String(_) => "string",
        Data::Sequence(_) => "array",
        Data::Mapping(_) => "object",
    }
}
