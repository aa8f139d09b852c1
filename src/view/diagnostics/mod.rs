//! What is wrong in a manifest, with its place, in the server's words and in the learner's: for the editor.
//!
//! Reads a text as `kubectl apply` and the server would: syntax, kind, unknown fields and wrong types, and then, on a copy
//! of the world, admission and validation. Reading stops at the first document that is no YAML; faults of the documents
//! before it are all told. Beside what is refused stand hints: what is accepted and surely not
//! meant, and what is kept without an effect here.
//!
//! A [`Repair`] changes one span. It names what stands there, so that an editor whose text has moved on leaves it alone.

mod decoding;
mod finding;
mod foreign;
mod hints;
mod place;
mod refusal;
mod rehearsal;
mod reindent;
mod syntax;
mod traps;
mod unsimulated;
mod wide;

use self::finding::Source;
use self::rehearsal::Rehearsal;
use super::{Lang, Text};
use crate::cluster::Cluster;
use crate::manifest::{Node, documents};
use crate::order;

/// Longer texts are not checked while somebody types; applying them still does.
pub const CHECKED_BYTES_MAX: usize = 512 << 10;

/// How weighty a finding is; the order is that of weight.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// It is refused.
    Error,
    /// It is accepted, and surely not what was meant.
    Warning,
    /// Good to know.
    Info,
}

impl Severity {
    /// Its name in styles and for the editor element.
    pub fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
        }
    }
}

/// A part of a text. Lines and columns count from 1, columns in UTF-16 units as the editor does; the end is exclusive.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// First line.
    pub line: usize,
    /// First column.
    pub column: usize,
    /// Last line.
    pub end_line: usize,
    /// Column after the last.
    pub end_column: usize,
}

/// One thing to tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Where it is marked.
    pub place: Place,
    /// How weighty it is.
    pub severity: Severity,
    /// The server's text; empty where the server says nothing.
    pub message: String,
    /// A plain sentence, and what is filled in.
    pub advice: Option<(Text, Vec<String>)>,
    /// What would mend it, the likeliest first.
    pub repairs: Vec<Repair>,
}

/// A change that would mend something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repair {
    /// What is replaced.
    pub place: Place,
    /// What stands there now.
    pub before: String,
    /// What comes there.
    pub after: String,
    /// What it is called, see [`Repair::tell`].
    pub label: Text,
}

impl Repair {
    /// What it is called: a sentence that may show what comes there.
    pub fn tell(&self, lang: Lang) -> String {
        let mut lines = self.after.trim().lines();
        let first = lines.next().unwrap_or_default().to_owned();
        let more = if lines.next().is_some() { " …" } else { "" };
        self.label.fill(lang, &[&(first + more)])
    }
}

impl Diagnostic {
    /// The plain sentence in a language; empty where there is none.
    pub fn tell(&self, lang: Lang) -> String {
        self.advice.as_ref().map_or_else(String::new, |(text, values)| {
            let values: Vec<&str> = values.iter().map(String::as_str).collect();
            text.fill(lang, &values)
        })
    }
}

/// The world that a manifest would be sent to.
#[derive(Copy, Clone, Debug)]
pub struct World<'a> {
    /// The cluster.
    pub cluster: &'a Cluster,
    /// The namespace of the current context.
    pub namespace: &'a str,
}

/// Everything there is to tell about a text, in the order of the text.
pub fn check(text: &str, world: &World<'_>) -> Vec<Diagnostic> {
    if text.len() > CHECKED_BYTES_MAX {
        return Vec::new();
    }
    let source = Source::new(text);
    let mut found = Vec::new();
    let mut trees = Vec::new();
    for document in documents(text.as_bytes()) {
        match document {
            Ok(node) => trees.push(node),
            Err(error) => found.push(syntax::finding(&source, &error)),
        }
    }
    let mut rehearsal = Rehearsal::new(world);
    for tree in trees.iter().flat_map(items) {
        decoding::check(&source, tree, &mut rehearsal, &mut found);
    }
    hints::check(&source, &trees, &mut found);
    unsimulated::check(&trees, &mut found);
    wide::check(&source, &mut found);
    foreign::recognise(&source, &mut found);
    let mut told: Vec<Diagnostic> = found.into_iter().map(|one| source.diagnostic(one)).collect();
    order::sort_by(&mut told, |left, right| {
        (left.place, left.severity).cmp(&(right.place, right.severity))
    });
    told.dedup();
    told
}

/// The objects in a document: those in a list, or itself.
fn items(tree: &Node) -> &[Node] {
    let list = tree.get("kind").and_then(Node::as_str).is_some_and(|kind| kind.ends_with("List"));
    match tree.get("items").and_then(Node::items).filter(|_| list) {
        Some(items) => items,
        None => std::slice::from_ref(tree),
    }
}

/// The list as the editor element takes it.
pub fn to_json(diagnostics: &[Diagnostic], lang: Lang) -> String {
    let place = |place: &Place| {
        serde_json::json!([place.line, place.column, place.end_line, place.end_column])
    };
    let list = diagnostics.iter().map(|one| {
        let repairs = one.repairs.iter().map(|repair| {
            serde_json::json!({
                "place": place(&repair.place),
                "before": repair.before,
                "after": repair.after,
                "name": repair.tell(lang),
            })
        });
        serde_json::json!({
            "place": place(&one.place),
            "severity": one.severity.name(),
            "message": one.message,
            "advice": one.tell(lang),
            "repairs": repairs.collect::<serde_json::Value>(),
        })
    });
    list.collect::<serde_json::Value>().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::Settings;

    fn cluster() -> Cluster {
        Cluster::new(Settings { nodes: 0, ..Settings::default() })
    }

    fn told(text: &str) -> Vec<Diagnostic> {
        check(text, &World { cluster: &cluster(), namespace: "default" })
    }

    fn places(text: &str) -> Vec<String> {
        let tell = |found: Diagnostic| {
            let Place { line, column, end_column, .. } = found.place;
            format!("{line}:{column}-{end_column} {}", found.message)
        };
        told(text).into_iter().map(tell).collect()
    }

    #[test]
    fn faults_have_their_place() {
        let text = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: a\n---\napiVersion: apps/v1\nkind: Deployment\nspec:\n  replica: 3\n";
        assert_eq!(places(text), ["9:3-10 strict decoding error: unknown field \"spec.replica\""]);
    }

    #[test]
    fn broken_yaml_has_its_line() {
        let found = told("apiVersion: v1\nkind: [\n");
        assert_eq!(found.len(), 1);
        assert!(found[0].place.line >= 2, "{found:?}");
    }

    #[test]
    fn columns_count_as_the_editor_does() {
        let text = "kind: Pod\napiVersion: v1\nmetadata: {annotations: {\"𠮷\": \"x\"}, nam: y}\n";
        let line = text.lines().nth(2).expect("three lines");
        let units = line.split("nam").next().expect("a start").encode_utf16().count();
        assert_eq!(told(text)[0].place.column, units + 1);
    }

    #[test]
    fn what_is_no_manifest_says_something_or_nothing() {
        for text in ["", "\0", "just words", "- 1\n- 2\n", "kind: Nosuch\napiVersion: v1\n"] {
            assert!(told(text).iter().all(|found| !found.message.is_empty()), "{text:?}");
        }
    }
}
