//! Manifests: YAML or JSON text to documents, documents to trees with places, trees to Kubernetes types.
//!
//! [`documents`] reads a text lazily, so that a caller can stop at the first bad document as kubectl does; [`decode`]
//! fills a k8s-openapi type from a tree as strictly as the API server, with its sentences and the place of each fault.
//! Every wire type is filled through this one deserializer: a JSON value becomes a tree first ([`Node::from_value`]).
//!
//! *Differs:* text in UTF-16 is refused; nesting is bounded at [`DEPTH_MAX`], where go-yaml stops at 10000.

pub mod base64;
mod compose;
mod decode;
mod documents;
mod encode;
mod fault;
mod float;
mod go_time;
mod go_type;
mod json;
mod metadata;
mod node;
mod parts;
mod report;
mod scalar;
mod suggest;

pub use decode::{Decoder, Never, decode};
pub use documents::{Documents, SyntaxError, documents, read_json};
pub use encode::encode;
pub use fault::{DecodeError, Fault};
pub use float::parse_float;
pub use json::check_json_object;
pub use metadata::check_metadata;
pub use node::{Data, Entry, Node, Number, Position, Span};
pub use scalar::plain_is_string;

/// How deep a document may nest: far beyond any manifest, and safe on a browser's stack.
pub const DEPTH_MAX: usize = 256;
