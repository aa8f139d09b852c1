//! What the API server answers when it refuses: apimachinery's `metav1.Status`, reason and words.
//!
//! Models kubernetes apimachinery `pkg/api/errors/errors.go`; the texts are upstream's.

use std::fmt;

use super::{Key, KindInfo};

/// The machine-readable reason; its name is what kubectl prints in `Error from server (…)`.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is metav1.StatusReason of the same name")]
pub enum Reason {
    NotFound,
    AlreadyExists,
    Conflict,
    Invalid,
    BadRequest,
    Forbidden,
    MethodNotAllowed,
    TooManyRequests,
    UnsupportedMediaType,
    InternalError,
}

/// A refusal by the API server. `message` is whole and ready to print.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusError {
    /// Why.
    pub reason: Reason,
    /// The server's sentence, without kubectl's prefix.
    pub message: String,
    /// For [`Reason::Invalid`]: what the status's details say, which clients print in place of the sentence.
    pub invalid: Option<Box<Invalid>>,
}

/// The details of a refusal for being invalid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    /// The kind without its group: `Deployment`.
    pub kind: String,
    /// The object's name; empty where it has none.
    pub name: String,
    /// Each field's error: `spec.replicas: Invalid value: -1: must be greater than or equal to 0`.
    pub causes: Vec<String>,
}

impl StatusError {
    /// An answer with this reason and sentence.
    pub fn new(reason: Reason, message: impl Into<String>) -> Self {
        Self { reason, message: message.into(), invalid: None }
    }

    /// `deployments.apps "web" not found`
    pub fn not_found(key: &Key) -> Self {
        Self::new(
            Reason::NotFound,
            format!("{} \"{}\" not found", key.kind.info().resource(), key.name),
        )
    }

    /// `pods "web" already exists`
    pub fn already_exists(key: &Key) -> Self {
        Self::new(
            Reason::AlreadyExists,
            format!("{} \"{}\" already exists", key.kind.info().resource(), key.name),
        )
    }

    /// The optimistic-lock refusal: the caller's resourceVersion is not the stored one.
    pub fn conflict(key: &Key) -> Self {
        Self::new(
            Reason::Conflict,
            format!(
                "Operation cannot be fulfilled on {} \"{}\": the object has been modified; please apply your changes to the latest version and try again",
                key.kind.info().resource(),
                key.name
            ),
        )
    }

    /// `Deployment.apps "web" is invalid: …`: one error stands alone, several stand in brackets.
    pub fn invalid(kind: &KindInfo, name: &str, errors: &[String]) -> Self {
        let list = match errors {
            [one] => one.clone(),
            many => format!("[{}]", many.join(", ")),
        };
        let qualified = if kind.group.is_empty() {
            kind.name.to_owned()
        } else {
            format!("{}.{}", kind.name, kind.group)
        };
        let details =
            Invalid { kind: kind.name.to_owned(), name: name.to_owned(), causes: errors.to_vec() };
        Self {
            reason: Reason::Invalid,
            message: format!("{qualified} \"{name}\" is invalid: {list}"),
            invalid: Some(Box::new(details)),
        }
    }
}

impl fmt::Display for StatusError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for StatusError {}
