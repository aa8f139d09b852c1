//! Manifests: YAML or JSON text to documents, documents to trees with places, trees to Kubernetes types.
//!
//! [`documents`] reads a text lazily, so that a caller can stop at the first bad document as kubectl does; [`read`] makes
//! a value of a tree as strictly as the API server, by the table of all types ([`types`]), with the server's sentences and
//! the place of each fault; [`fill`] makes a k8s-openapi type of such a value, and [`encode`] is its way back.
//!
//! *Differs:* text in UTF-16 is refused; nesting is bounded at [`DEPTH_MAX`], where go-yaml stops at 10000.

pub mod base64;
mod compose;
mod documents;
mod encode;
mod fault;
mod fill;
mod float;
mod go_time;
mod json;
mod node;
mod read;
mod report;
mod scalar;
mod suggest;
pub mod types;
mod unsimulated;

pub use documents::{Documents, SyntaxError, documents, read_json};
pub use encode::encode;
pub use fault::{DecodeError, Fault};
pub use fill::{Never, fill};
pub use float::parse_float;
pub use json::check_json_object;
pub use node::{Data, Entry, Node, Number, Position, Span};
pub use read::{check_metadata, read, read_metadata};
pub use scalar::plain_is_string;
pub use suggest::near;
pub use unsimulated::{is_unsimulated, unsimulated};

/// How deep a document may nest: far beyond any manifest, and safe on a browser's stack.
pub const DEPTH_MAX: usize = 256;
