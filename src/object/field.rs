//! Field errors: where in an object something is wrong, what stands there, and why.
//!
//! A [`Path`] is a chain of borrowed steps; it becomes text only when there is an error to tell. Values are shown as
//! the API server of 1.36 shows them: strings quoted as Go quotes them, everything else as JSON.
//! Models kubernetes apimachinery `pkg/util/validation/field/{path,errors}.go`.

use std::collections::BTreeMap;
use std::fmt;

use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use crate::manifest::encode;
use crate::quote::quote;

/// A place in an object: `spec.containers[0].resources.limits[cpu]`.
#[derive(Copy, Clone, Debug)]
pub struct Path<'a> {
    parent: Option<&'a Self>,
    step: Step<'a>,
}

#[derive(Copy, Clone, Debug)]
enum Step<'a> {
    Child(&'a str),
    Index(usize),
    Key(&'a str),
}

impl<'a> Path<'a> {
    /// A field of the object itself.
    pub const fn new(name: &'a str) -> Self {
        Self { parent: None, step: Step::Child(name) }
    }

    /// A field of what is here.
    #[must_use]
    pub const fn child(&'a self, name: &'a str) -> Self {
        Self { parent: Some(self), step: Step::Child(name) }
    }

    /// An element of the list that is here.
    #[must_use]
    pub const fn index(&'a self, index: usize) -> Self {
        Self { parent: Some(self), step: Step::Index(index) }
    }

    /// An entry of the map that is here.
    #[must_use]
    pub const fn key(&'a self, key: &'a str) -> Self {
        Self { parent: Some(self), step: Step::Key(key) }
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            write!(f, "{parent}")?;
        }
        match self.step {
            Step::Child(name) if self.parent.is_some() => write!(f, ".{name}"),
            Step::Child(name) => f.write_str(name),
            Step::Index(index) => write!(f, "[{index}]"),
            Step::Key(key) => write!(f, "[{key}]"),
        }
    }
}

/// What is wrong with an object, in the order of finding it. Each error is one finished line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Errors(Vec<String>);

impl Errors {
    /// Nothing wrong so far.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Errors that are finished lines already.
    pub fn from_lines(lines: Vec<String>) -> Self {
        Self(lines)
    }

    /// The lines so far.
    pub fn lines(&self) -> &[String] {
        &self.0
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many errors there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The lines, each once.
    pub fn into_lines(self) -> Vec<String> {
        let mut lines: Vec<String> = Vec::with_capacity(self.0.len());
        for line in self.0 {
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
        lines
    }

    /// Takes over another list.
    pub fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// `Required value`, with a reason where there is one.
    pub fn required(&mut self, path: &Path<'_>, detail: &str) {
        self.push(path, "Required value", detail);
    }

    /// `Forbidden`, with the reason.
    pub fn forbidden(&mut self, path: &Path<'_>, detail: &str) {
        self.push(path, "Forbidden", detail);
    }

    /// `Invalid value`, shown, with the reason.
    pub fn invalid(&mut self, path: &Path<'_>, value: &(impl Shown + ?Sized), detail: &str) {
        self.push(path, &format!("Invalid value: {}", value.shown()), detail);
    }

    /// One `Invalid value` for each reason.
    pub fn invalid_each(
        &mut self,
        path: &Path<'_>,
        value: &(impl Shown + ?Sized),
        details: impl IntoIterator<Item = String>,
    ) {
        for detail in details {
            self.invalid(path, value, &detail);
        }
    }

    /// `Duplicate value`.
    pub fn duplicate(&mut self, path: &Path<'_>, value: &(impl Shown + ?Sized)) {
        self.push(path, &format!("Duplicate value: {}", value.shown()), "");
    }

    /// `Not found`: a reference to nothing.
    pub fn not_found(&mut self, path: &Path<'_>, value: &(impl Shown + ?Sized)) {
        self.push(path, &format!("Not found: {}", value.shown()), "");
    }

    /// `Unsupported value`, with the supported ones in the given order.
    pub fn not_supported(
        &mut self,
        path: &Path<'_>,
        value: &(impl Shown + ?Sized),
        supported: &[&str],
    ) {
        let list: Vec<String> = supported.iter().map(|one| quote(one)).collect();
        let detail = format!("supported values: {}", list.join(", "));
        self.push(path, &format!("Unsupported value: {}", value.shown()), &detail);
    }

    /// `Too long`: more than so many bytes.
    pub fn too_long(&mut self, path: &Path<'_>, bytes_max: usize) {
        self.push(path, "Too long", &format!("may not be more than {bytes_max} bytes"));
    }

    /// `Too many`: more than so many items.
    pub fn too_many(&mut self, path: &Path<'_>, count: usize, max: usize) {
        let detail = format!("must have at most {max} items");
        self.push(path, &format!("Too many: {count}"), &detail);
    }

    /// `Invalid value`, not shown, with the reason.
    pub fn invalid_without_value(&mut self, path: &Path<'_>, detail: &str) {
        self.push(path, "Invalid value", detail);
    }

    /// `must be greater than or equal to 0` unless it is.
    pub fn non_negative(&mut self, path: &Path<'_>, value: impl Into<i64>) {
        let value = value.into();
        if value < 0 {
            self.invalid(path, &value, "must be greater than or equal to 0");
        }
    }

    fn push(&mut self, path: &Path<'_>, what: &str, detail: &str) {
        let colon = if detail.is_empty() { "" } else { ": " };
        self.0.push(format!("{path}: {what}{colon}{detail}"));
    }
}

/// A value as an error shows it.
pub trait Shown {
    /// The text.
    fn shown(&self) -> String;
}

impl Shown for str {
    fn shown(&self) -> String {
        quote(self)
    }
}

impl Shown for String {
    fn shown(&self) -> String {
        quote(self)
    }
}

impl Shown for i32 {
    fn shown(&self) -> String {
        self.to_string()
    }
}

impl Shown for i64 {
    fn shown(&self) -> String {
        self.to_string()
    }
}

impl Shown for bool {
    fn shown(&self) -> String {
        self.to_string()
    }
}

impl Shown for IntOrString {
    fn shown(&self) -> String {
        match self {
            Self::Int(number) => number.to_string(),
            Self::String(text) => quote(text),
        }
    }
}

impl Shown for serde_json::Value {
    fn shown(&self) -> String {
        as_go(self)
    }
}

impl Shown for BTreeMap<String, String> {
    fn shown(&self) -> String {
        as_go(&encode(self))
    }
}

impl Shown for [String] {
    fn shown(&self) -> String {
        as_go(&encode(self))
    }
}

/// JSON as Go writes it: with the letters of HTML escaped.
pub(super) fn as_go(value: &serde_json::Value) -> String {
    value.to_string().replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
}

impl<T: Shown> Shown for Option<T> {
    fn shown(&self) -> String {
        self.as_ref().map_or_else(|| "null".to_owned(), Shown::shown)
    }
}

/// Text that is already in the form to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verbatim(pub String);

impl Shown for Verbatim {
    fn shown(&self) -> String {
        self.0.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_read_as_upstream_writes_them() {
        let spec = Path::new("spec");
        let mut errors = Errors::new();
        errors.required(&spec.child("ports").index(1).child("name"), "");
        errors.required(&spec.child("key"), "can not be empty");
        errors.invalid(&spec.child("limits").key("cup"), "cup", "no such resource");
        errors.not_supported(&spec.child("type"), "x", &["A", "B"]);
        errors.invalid(&spec.child("labels"), &None::<BTreeMap<String, String>>, "do not match");
        errors.non_negative(&spec.child("replicas"), -1);
        assert_eq!(
            errors.into_lines(),
            [
                "spec.ports[1].name: Required value",
                "spec.key: Required value: can not be empty",
                "spec.limits[cup]: Invalid value: \"cup\": no such resource",
                "spec.type: Unsupported value: \"x\": supported values: \"A\", \"B\"",
                "spec.labels: Invalid value: null: do not match",
                "spec.replicas: Invalid value: -1: must be greater than or equal to 0",
            ]
        );
    }
}
