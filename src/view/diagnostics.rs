//! What is wrong in a manifest, with its place: for the editor's underlines and its list of problems.
//!
//! Reads a text as `kubectl apply` and the server would, without a world: syntax, unknown fields, wrong types. Reading
//! stops at the first document that is no YAML; faults of the documents before it are all told.

use crate::manifest::{DecodeError, Node, Span, SyntaxError, documents};
use crate::object::{KINDS, Kind, Object};

/// Longer texts are not checked while somebody types; applying them still does.
pub const CHECKED_BYTES_MAX: usize = 512 << 10;

/// One problem. Lines and columns count from 1, columns in UTF-16 units as the editor does; the end is exclusive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// First line.
    pub line: usize,
    /// First column.
    pub column: usize,
    /// Last line.
    pub end_line: usize,
    /// Column after the last.
    pub end_column: usize,
    /// The server's text.
    pub message: String,
    /// The word that may have been meant.
    pub suggestion: Option<&'static str>,
}

/// Everything that is wrong with a text, in the order of the text.
pub fn check(text: &str) -> Vec<Diagnostic> {
    if text.len() > CHECKED_BYTES_MAX {
        return Vec::new();
    }
    let lines: Vec<&str> = text.split('\n').collect();
    let mut found = Vec::new();
    for document in documents(text.as_bytes()) {
        match document {
            Ok(node) => found.extend(faults(&node, &lines)),
            Err(error) => found.push(syntax(&error, &lines)),
        }
    }
    found
}

fn syntax(error: &SyntaxError, lines: &[&str]) -> Diagnostic {
    let span = Span { start: error.position, end: error.position };
    diagnostic(span, error.message.clone(), None, lines)
}

fn faults(node: &Node, lines: &[&str]) -> Vec<Diagnostic> {
    let Some(kind) = kind(node) else { return Vec::new() };
    let Err(DecodeError { faults, .. }) = Object::from_node(kind, node) else {
        return Vec::new();
    };
    faults
        .into_iter()
        .map(|fault| diagnostic(fault.span, fault.message, fault.suggestion, lines))
        .collect()
}

/// The kind that a document names, if it is one that we know the shape of.
fn kind(node: &Node) -> Option<Kind> {
    let (version, name) = (node.get("apiVersion")?.as_str()?, node.get("kind")?.as_str()?);
    KINDS
        .iter()
        .find(|info| info.name == name && info.api_version() == version)
        .map(|info| info.kind)
}

fn diagnostic(
    span: Span,
    message: String,
    suggestion: Option<&'static str>,
    lines: &[&str],
) -> Diagnostic {
    let place = |line: u32, column: u32| {
        let (line, column) = (usize::try_from(line), usize::try_from(column));
        let line = line.unwrap_or(0).min(lines.len().saturating_sub(1));
        let text = lines.get(line).copied().unwrap_or_default();
        let units: usize = text.chars().take(column.unwrap_or(0)).map(char::len_utf16).sum();
        (line + 1, units + 1)
    };
    let (line, column) = place(span.start.line, span.start.column);
    let (mut end_line, mut end_column) = place(span.end.line, span.end.column);
    // A long part is marked on its first line only, an empty one where it would begin.
    if end_line > line || (end_line, end_column) <= (line, column) {
        let text = lines.get(line - 1).copied().unwrap_or_default();
        end_line = line;
        end_column = text.trim_end().chars().map(char::len_utf16).sum::<usize>().max(column) + 1;
    }
    Diagnostic { line, column, end_line, end_column, message, suggestion }
}

/// The list as the editor element takes it; `tell` makes the sentence of each.
pub fn to_json(diagnostics: &[Diagnostic], tell: impl Fn(&Diagnostic) -> String) -> String {
    let list: Vec<_> = diagnostics
        .iter()
        .map(|diagnostic| {
            serde_json::json!({
                "line": diagnostic.line,
                "column": diagnostic.column,
                "endLine": diagnostic.end_line,
                "endColumn": diagnostic.end_column,
                "severity": "error",
                "message": tell(diagnostic),
            })
        })
        .collect();
    serde_json::Value::from(list).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(text: &str) -> Vec<String> {
        check(text)
            .into_iter()
            .map(|found| {
                format!("{}:{}-{} {}", found.line, found.column, found.end_column, found.message)
            })
            .collect()
    }

    #[test]
    fn faults_have_their_place() {
        let text = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n---\napiVersion: apps/v1\nkind: Deployment\nspec:\n  replica: 3\n";
        assert_eq!(places(text), ["9:3-10 unknown field \"spec.replica\""]);
    }

    #[test]
    fn broken_yaml_has_its_line() {
        let found = check("apiVersion: v1\nkind: [\n");
        assert_eq!(found.len(), 1);
        assert!(found[0].line >= 2, "{found:?}");
    }

    #[test]
    fn columns_count_as_the_editor_does() {
        let text = "kind: Pod\napiVersion: v1\nmetadata: {annotations: {\"𠮷\": \"x\"}, nam: y}\n";
        let found = check(text);
        let line = text.lines().nth(2).expect("three lines");
        let units = line.split("nam").next().expect("a start").encode_utf16().count();
        assert_eq!(found[0].column, units + 1);
    }

    #[test]
    fn what_is_no_manifest_is_left_alone() {
        for text in ["", "\0", "just words", "- 1\n- 2\n", "kind: Nosuch\napiVersion: v1\n"] {
            assert!(check(text).iter().all(|found| !found.message.is_empty()), "{text:?}");
        }
    }
}
