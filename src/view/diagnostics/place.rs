//! From a field's path in the server's words to a place in the text.

use crate::manifest::{Data, Entry, Node, Span};

/// Where a path led.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    /// What stands there, or as near to it as there is something.
    pub(super) node: &'a Node,
    /// The entry whose value that is, if it is one's.
    pub(super) entry: Option<&'a Entry>,
    /// What of the path is not there.
    pub(super) rest: &'a str,
}

impl Place<'_> {
    /// What is marked: a plain value, else the key.
    pub(super) fn span(&self) -> Span {
        let plain = !matches!(self.node.data, Data::Mapping(_) | Data::Sequence(_) | Data::Null);
        match self.entry {
            Some(entry) if !plain || !self.rest.is_empty() => entry.key_span,
            _ => self.node.span,
        }
    }
}

/// Follows a path, `spec.containers[0].resources.limits[cpu]`, as far as it goes.
pub(super) fn follow<'a>(root: &'a Node, path: &'a str) -> Place<'a> {
    let mut place = Place { node: root, entry: None, rest: path };
    loop {
        let rest = place.rest;
        let next = match &place.node.data {
            Data::Mapping(entries) => entry_of(entries, rest).map(|(entry, rest)| Place {
                node: &entry.value,
                entry: Some(entry),
                rest,
            }),
            Data::Sequence(items) => index_of(rest).and_then(|(index, rest)| {
                let node = items.get(index)?;
                Some(Place { node, rest, ..place })
            }),
            _ => None,
        };
        match next {
            Some(next) => place = next,
            None => return place,
        }
    }
}

/// The entry that a path begins with, and what is behind it. The server leaves out that labels are in the metadata.
fn entry_of<'a>(entries: &'a [Entry], path: &'a str) -> Option<(&'a Entry, &'a str)> {
    let find = |key: &str| entries.iter().rev().find(|entry| entry.key == key);
    if let Some((key, rest)) = path.strip_prefix('[').and_then(|path| path.split_once(']')) {
        return find(key).map(|entry| (entry, rest.trim_start_matches('.')));
    }
    let key = path.split(['.', '[']).next().filter(|key| !key.is_empty())?;
    if let Some(entry) = find(key) {
        let rest = path.strip_prefix(key).unwrap_or_default();
        return Some((entry, rest.strip_prefix('.').unwrap_or(rest)));
    }
    if key == "labels" {
        return find("metadata").map(|entry| (entry, path));
    }
    // Keys may have dots themselves.
    let longer = |entry: &&Entry| {
        entry.key.contains('.')
            && path
                .strip_prefix(entry.key.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    };
    let entry = entries.iter().rev().find(longer)?;
    let rest = path.strip_prefix(entry.key.as_str()).unwrap_or_default();
    Some((entry, rest.strip_prefix('.').unwrap_or(rest)))
}

fn index_of(path: &str) -> Option<(usize, &str)> {
    let (index, rest) = path.strip_prefix('[')?.split_once(']')?;
    Some((index.parse().ok()?, rest.strip_prefix('.').unwrap_or(rest)))
}

/// What stands at a path of keys.
pub(super) fn at<'a>(node: &'a Node, path: &[&str]) -> Option<&'a Node> {
    path.iter().try_fold(node, |node, key| node.get(key))
}

/// A text at a path of keys; empty where there is none.
pub(super) fn text<'a>(node: &'a Node, path: &[&str]) -> &'a str {
    at(node, path).and_then(Node::as_str).unwrap_or_default()
}

/// The entry of a mapping with this key.
pub(super) fn entry<'a>(node: &'a Node, key: &str) -> Option<&'a Entry> {
    entries(node).iter().rev().find(|entry| entry.key == key)
}

/// The entries of a mapping, as they stand.
pub(super) fn entries(node: &Node) -> &[Entry] {
    if let Data::Mapping(entries) = &node.data { entries } else { &[] }
}

/// The items of a list at a key.
pub(super) fn list<'a>(node: &'a Node, key: &str) -> &'a [Node] {
    node.get(key).and_then(Node::items).unwrap_or_default()
}

/// Where an object begins: its kind, or whatever stands first.
pub(super) fn head(node: &Node) -> Span {
    let found = entry(node, "kind").or_else(|| entries(node).first());
    found.map_or(Span { start: node.span.start, end: node.span.start }, |entry| Span {
        start: entry.key_span.start,
        end: entry.value.span.end.max(entry.key_span.end),
    })
}

/// Where an object's name stands; where it begins if it has none.
pub(super) fn name(node: &Node) -> Span {
    let metadata = entry(node, "metadata");
    let name = metadata.and_then(|metadata| metadata.value.get("name"));
    name.map(|name| name.span)
        .or(metadata.map(|entry| entry.key_span))
        .unwrap_or_else(|| head(node))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::documents;

    #[test]
    fn a_path_is_followed_as_far_as_it_goes() {
        let text = "spec:\n  containers:\n  - name: a\n    resources: {limits: {cpu: 1, example.com/x: 2}}\nmetadata: {labels: {a.b/c: d}}\n";
        let tree = documents(text.as_bytes()).next().unwrap().unwrap();
        for (path, line, column, rest) in [
            ("spec.containers[0].name", 3, 11, ""),
            ("spec.containers[0].image", 2, 3, "image"),
            ("spec.containers[0].resources.limits[cpu]", 4, 31, ""),
            ("spec.containers[0].resources.limits[example.com/x]", 4, 49, ""),
            ("spec.containers[4].image", 2, 3, "[4].image"),
            ("labels", 5, 12, ""),
            ("metadata.labels.a.b/c", 5, 28, ""),
            ("status", 1, 1, "status"),
        ] {
            let place = follow(&tree, path);
            let start = place.span().start;
            assert_eq!(
                (start.line + 1, start.column + 1, place.rest),
                (line, column, rest),
                "{path}"
            );
        }
    }
}
