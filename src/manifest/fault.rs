//! What is wrong with a tree: the server's words, the path, the place, and what may have been meant.
//!
//! A [`DecodeError`] prints as the API server's sentence, without what stands before it.

use std::fmt;

use super::node::Span;

/// Why a tree is not the object it should be. Prints as the server's sentence, without what stands before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodeError {
    /// What is wrong: one fault, or every unknown field.
    pub faults: Vec<Fault>,
    /// Whether the faults are unknown fields, which a lenient reader would pass over.
    pub strict: bool,
    /// What else is wrong, of which the server says nothing before the first is mended.
    pub untold: Vec<Fault>,
}

/// One thing that is wrong with a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The server's words for it.
    pub message: String,
    /// Where in the object: `spec.containers[0].img`.
    pub path: String,
    /// Where in the text.
    pub span: Span,
    /// The field that may have been meant.
    pub suggestion: Option<&'static str>,
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.strict {
            f.write_str("strict decoding error: ")?;
        }
        for (index, fault) in self.faults.iter().enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            write!(f, "{separator}{}", fault.message)?;
        }
        Ok(())
    }
}

impl std::error::Error for DecodeError {}
