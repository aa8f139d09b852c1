//! What is accepted and has no effect here: told once for each field.

use super::finding::Finding;
use super::place::entry;
use super::{Severity, items};
use crate::manifest::{Node, is_unsimulated, unsimulated};
use crate::object::KINDS;
use crate::view::Text;

/// Tells of each path once in a text.
pub(super) fn check(trees: &[Node], found: &mut Vec<Finding>) {
    let mut told: Vec<String> = Vec::new();
    for tree in trees.iter().flat_map(items) {
        let text = |key: &str| tree.get(key).and_then(Node::as_str).unwrap_or_default();
        let kind = text("kind");
        let version = text("apiVersion");
        let known = KINDS.iter().find(|info| info.name == kind && info.api_version() == version);
        let Some(known) = known else { continue };
        let mut tell = |what: String, span| {
            if !told.contains(&what) {
                let values = [what.as_str()];
                found.push(Finding::hint(Severity::Info, span, Text::AdviceUnsimulated, &values));
                told.push(what);
            }
        };
        if is_unsimulated(kind) {
            if let Some(entry) = entry(tree, "kind") {
                tell(kind.to_owned(), entry.value.span);
            }
            continue;
        }
        let Some(of) = known.wire_type() else { continue };
        for (path, entry) in unsimulated(of, tree) {
            tell(path, entry.key_span);
        }
    }
}
