//! What is kept and printed back, and on which nothing here acts: kinds, and fields of the others.
//!
//! They stand in `unsimulated.txt`. Its first line names the kinds; a line for a struct (`core PodSpec`) names fields, some
//! with the one value that needs no word because it says what is simulated anyway (`dnsPolicy=ClusterFirst`). A test holds
//! it against the table of types: each field is there, or in `tests/editor/simulated.txt` and named in code that acts.

use super::node::{Data, Entry, Node};
use super::types::{Shape, Struct, Type};

/// The list.
pub(super) const TEXT: &str = include_str!("unsimulated.txt");

/// Whether nothing acts upon objects of a kind.
pub fn is_unsimulated(kind: &str) -> bool {
    let first = TEXT.lines().next().unwrap_or_default();
    first.split(' ').skip(1).any(|name| name == kind)
}

/// The fields of an object on which nothing acts, each path once, with the first entry of it: `kubectl explain` takes such
/// paths (`spec.template.spec.dnsPolicy`).
pub fn unsimulated(of: Type, object: &Node) -> Vec<(String, &Entry)> {
    let mut found = Vec::new();
    let mut path = String::new();
    if let (Some(of), Data::Mapping(entries)) = (of.as_struct(), &object.data) {
        let own = |entry: &&Entry| !matches!(entry.key.as_str(), "metadata" | "status");
        for entry in entries.iter().filter(own) {
            field(of, entry, &mut path, &mut found);
        }
    }
    found
}

fn field<'a>(
    of: &Struct,
    entry: &'a Entry,
    path: &mut String,
    found: &mut Vec<(String, &'a Entry)>,
) {
    let Some(field) = of.field(&entry.key) else { return };
    let length = path.len();
    path.push_str(if length == 0 { "" } else { "." });
    path.push_str(field.name);
    match field.unsimulated {
        Some(plain) if !says_nothing(&entry.value, plain) => {
            if !found.iter().any(|(known, _)| known == path) {
                found.push((path.clone(), entry));
            }
        }
        Some(_) => {}
        None => inside(field.of, &entry.value, path, found),
    }
    path.truncate(length);
}

/// Goes on below; the reader bounds how deep that is.
fn inside<'a>(of: Type, node: &'a Node, path: &mut String, found: &mut Vec<(String, &'a Entry)>) {
    match (of.shape(), &node.data) {
        (Shape::Struct(of), Data::Mapping(entries)) => {
            for entry in entries {
                field(of, entry, path, found);
            }
        }
        (Shape::List(of), Data::Sequence(items)) => {
            for item in items {
                inside(of, item, path, found);
            }
        }
        (Shape::Map(of), Data::Mapping(entries)) => {
            for entry in entries {
                inside(of, &entry.value, path, found);
            }
        }
        _ => {}
    }
}

/// Whether a value is empty, or the one that needs no word.
fn says_nothing(node: &Node, plain: &str) -> bool {
    match &node.data {
        Data::Null => true,
        Data::Mapping(entries) => entries.is_empty(),
        Data::Sequence(items) => items.is_empty(),
        Data::String(text) => text == plain,
        Data::Bool(flag) => flag.to_string() == plain,
        Data::Number(number) => number.to_string() == plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::{documents, types};

    #[test]
    fn each_path_is_told_once_and_plain_values_are_not() {
        let text = "spec:\n  dnsPolicy: ClusterFirst\n  securityContext: {}\n  hostPID: true\n  containers:\n  - securityContext: {privileged: true}\n  - securityContext: {privileged: true}\n    tty: false\n";
        let tree = documents(text.as_bytes()).next().unwrap().unwrap();
        let pod = types::of_kind("", "v1", "Pod").unwrap();
        let found: Vec<(String, u32)> = unsimulated(pod, &tree)
            .into_iter()
            .map(|(path, entry)| (path, entry.key_span.start.line))
            .collect();
        let paths = [("spec.hostPID", 3), ("spec.containers.securityContext.privileged", 5)];
        assert_eq!(found, paths.map(|(path, line)| (path.to_owned(), line)));
        assert!(is_unsimulated("NetworkPolicy") && !is_unsimulated("Pod"));
    }
}
