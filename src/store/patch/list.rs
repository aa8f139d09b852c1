//! Lists that merge: finding elements by their key, and keeping the order of a patch and of the server.

use serde_json::Value;

use super::{DELETE, DIRECTIVE, Object, PatchError, bad_type, go_type};
use crate::quote::go_value;

/// The value by which an element of a merging list is known: its key's value, or itself in a list of scalars.
fn identity<'a>(item: &'a Value, merge_key: &str) -> Option<&'a Value> {
    if merge_key.is_empty() { Some(item) } else { item.get(merge_key) }
}

/// Where an element with the same identity stands.
fn index(list: &[Value], item: &Value, merge_key: &str) -> Option<usize> {
    let wanted = identity(item, merge_key);
    list.iter().position(|one| identity(one, merge_key) == wanted)
}

/// Where the mapping with this key's value stands.
pub(super) fn find(
    list: &[Value],
    merge_key: &str,
    wanted: &Value,
) -> Result<Option<usize>, PatchError> {
    for (at, item) in list.iter().enumerate() {
        let Value::Object(map) = item else {
            return Err(PatchError(format!("value for key {at} is not a map.")));
        };
        if map.get(merge_key) == Some(wanted) {
            return Ok(Some(at));
        }
    }
    Ok(None)
}

/// An element's key's value; every mapping in a merging list must have one.
pub(super) fn key_of<'a>(
    item: &'a Value,
    merge_key: &str,
) -> Result<(&'a Object, &'a Value), PatchError> {
    let map = item.as_object().ok_or_else(|| bad_type("map[string]interface {}", item))?;
    match map.get(merge_key) {
        Some(value) => Ok((map, value)),
        None => Err(no_merge_key(item, merge_key)),
    }
}

pub(super) fn no_merge_key(item: &Value, merge_key: &str) -> PatchError {
    PatchError(format!("map: {} does not contain declared merge key: {merge_key}", go_value(item)))
}

/// Whether the elements of these lists are mappings. They must all be of one type, and not lists.
pub(super) fn are_maps(lists: &[&[Value]]) -> Result<bool, PatchError> {
    let mut items = lists.iter().copied().flatten();
    let Some(first) = items.next() else {
        return Err(PatchError("no elements in any of the given slices".to_owned()));
    };
    if first.is_array() {
        return Err(PatchError("lists of lists are not supported".to_owned()));
    }
    if items.any(|item| go_type(item) != go_type(first)) {
        let shown: Vec<String> =
            lists.iter().map(|list| go_value(&Value::Array(list.to_vec()))).collect();
        return Err(PatchError(format!(
            "list element types are not identical: [{}]",
            shown.join(" ")
        )));
    }
    Ok(first.is_object())
}

/// Splits a list by whether elements have their like in another.
pub(super) fn partition(
    list: Vec<Value>,
    by: &[Value],
    merge_key: &str,
) -> Result<(Vec<Value>, Vec<Value>), PatchError> {
    if !merge_key.is_empty() {
        for item in &list {
            key_of(item, merge_key)?;
        }
    }
    Ok(list.into_iter().partition(|item| index(by, item, merge_key).is_some()))
}

/// Sorts a list into the order of another; elements that ask for deletion go last.
pub(super) fn sort_like(
    list: Vec<Value>,
    order: &[Value],
    merge_key: &str,
    maps: bool,
) -> Result<Vec<Value>, PatchError> {
    let mut deletions = Vec::new();
    let mut sorted: Vec<Value> = Vec::new();
    if maps {
        for item in list.iter().chain(order) {
            key_of(item, merge_key)?;
        }
    }
    for item in list {
        if maps && item.get(DIRECTIVE).is_some_and(|directive| directive == DELETE) {
            deletions.push(item);
            continue;
        }
        // Upstream's comparison calls elements that the order lacks smaller than any before them.
        let at = index(order, &item, merge_key);
        let before = |other: &Value| match (at, index(order, other, merge_key)) {
            (Some(at), Some(other)) => at < other,
            _ => true,
        };
        let keep = sorted.iter().rev().take_while(|other| before(other)).count();
        sorted.insert(sorted.len() - keep, item);
    }
    sorted.extend(deletions);
    Ok(sorted)
}

/// Puts elements that only the server has among those of the patch. Both keep their order; an element of the server
/// goes before one of the patch if it did so in the live list.
pub(super) fn interleave(
    server_only: Vec<Value>,
    patch: Vec<Value>,
    server_order: &[Value],
    merge_key: &str,
) -> Vec<Value> {
    let mut all = Vec::with_capacity(server_only.len() + patch.len());
    let mut left = server_only.into_iter().peekable();
    let mut right = patch.into_iter().peekable();
    loop {
        let take_left = match (left.peek(), right.peek()) {
            (None, None) => return all,
            (Some(_), None) => true,
            (None, Some(_)) => false,
            (Some(left), Some(right)) => {
                let places =
                    (index(server_order, left, merge_key), index(server_order, right, merge_key));
                matches!(places, (Some(left), Some(right)) if left < right)
            }
        };
        all.extend(if take_left { left.next() } else { right.next() });
    }
}

/// Removes repetitions as upstream does: the last element takes the place of a removed one.
pub(super) fn deduplicate(mut list: Vec<Value>) -> Vec<Value> {
    let mut first = 0;
    while first < list.len() {
        let mut at = first + 1;
        while at < list.len() {
            if list[first] == list[at] {
                list.swap_remove(at);
            } else {
                at += 1;
            }
        }
        first += 1;
    }
    list
}
