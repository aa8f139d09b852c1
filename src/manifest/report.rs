//! Where the decoder is and what it met: the paths to a place, and the faults on the way.
//!
//! Models the `decodeState` of sigs.k8s.io/json (`internal/golang/encoding/json/decode.go`) and its sentences.

use std::fmt::Write as _;

use super::fault::{DecodeError, Fault};
use super::node::{Data, Entry, Node, Span};
use super::suggest::nearest;
use super::types::Field;
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
    /// The struct being read.
    pub(super) in_struct: &'static str,
    unknown: Vec<Fault>,
    /// The first wrong type.
    mistyped: Option<Fault>,
    /// The first fault that goes before all others.
    fatal: Option<Fault>,
    /// Those that came after the first.
    later: Vec<Fault>,
}

impl State {
    pub(super) fn verdict(self) -> Result<(), DecodeError> {
        let Self { fatal, mistyped, unknown, mut later, .. } = self;
        let (first, second) = if fatal.is_some() { (fatal, mistyped) } else { (mistyped, None) };
        match first {
            Some(fault) => {
                later.extend(second);
                later.extend(unknown);
                Err(DecodeError { faults: vec![fault], strict: false, untold: later })
            }
            None if unknown.is_empty() => Ok(()),
            None => Err(DecodeError { faults: unknown, strict: true, untold: Vec::new() }),
        }
    }

    fn fault_at(&self, message: String, span: Span) -> Fault {
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

    /// Notes a wrong type, if it is the first.
    pub(super) fn mistype(&mut self, node: &Node, value: &str, go_type: &str) {
        self.mistype_as(node, self.cannot_unmarshal(value, go_type));
    }

    /// The same with other words.
    pub(super) fn mistype_as(&mut self, node: &Node, message: String) {
        let fault = self.fault_at(message, node.span);
        note(&mut self.mistyped, &mut self.later, fault);
    }

    pub(super) fn fatal(&mut self, node: &Node, message: String) {
        let fault = self.fault_at(message, node.span);
        note(&mut self.fatal, &mut self.later, fault);
    }

    /// Goes to the value of an entry: of a struct's field, and the struct embedded on the way to it, or of a map.
    /// Returns the length of the paths before.
    pub(super) fn enter(
        &mut self,
        entry: &Entry,
        field: Option<(&'static str, Option<&'static str>)>,
    ) -> (usize, usize) {
        let lengths = (self.path.len(), self.go_path.len());
        push_key(&mut self.path, &entry.key);
        if let Some((field, embedded)) = field {
            self.go_path.extend(embedded);
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

    /// A field of the whole that says what it is must say this.
    pub(super) fn check_identity(&mut self, entry: &Entry, expected: &str) {
        let text = entry.value.as_str().unwrap_or_default();
        if text != expected {
            let message = format!("invalid value: string {text:?}, expected {expected}");
            let lengths = self.enter(entry, None);
            self.fatal(&entry.value, message);
            self.leave(lengths);
        }
    }

    pub(super) fn unknown_field(&mut self, entry: &Entry, fields: &[Field]) {
        let mut path = self.path.clone();
        push_key(&mut path, &entry.key);
        let message = format!("unknown field {}", quote(&path));
        if self.unknown.len() < UNKNOWN_MAX {
            let suggestion = nearest(&entry.key, fields);
            self.unknown.push(Fault { message, path, span: entry.key_span, suggestion });
        }
    }
}

/// Keeps a fault as the first, or as one of the later ones.
fn note(first: &mut Option<Fault>, later: &mut Vec<Fault>, fault: Fault) {
    if first.is_none() {
        *first = Some(fault);
    } else if later.len() < UNKNOWN_MAX {
        later.push(fault);
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
