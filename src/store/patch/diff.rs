//! Making a strategic merge patch from two objects.

use serde_json::Value;

use super::list::{are_maps, deduplicate, key_of, sort_like};
use super::schema::{Field, Strategy, Type};
use super::{
    DELETE, DELETE_FROM_LIST, DIRECTIVE, ELEMENT_ORDER, Object, PatchError, RETAIN_KEYS, same_type,
};
use crate::order;
use crate::quote::go_value;

/// What a patch is to say.
#[derive(Copy, Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "they are upstream's DiffOptions")]
pub(super) struct Options {
    /// Nothing about what is gone.
    pub(super) ignore_deletions: bool,
    /// Nothing but what is gone.
    pub(super) ignore_changes: bool,
    /// The order of merged lists.
    pub(super) element_order: bool,
    /// The keys that stay, for the struct at hand.
    pub(super) retain_keys: bool,
}

/// The patch from one object of a type to another.
pub(super) fn diff_maps(
    original: &Object,
    modified: &Object,
    of: Type,
    options: Options,
) -> Result<Object, PatchError> {
    let mut patch = Object::new();
    let mut retained: Vec<Value> = Vec::new();
    for (key, new) in modified {
        if options.retain_keys && !new.is_null() {
            retained.push(Value::String(key.clone()));
        }
        let Some(old) = original.get(key) else {
            if !options.ignore_changes {
                patch.insert(key.clone(), new.clone());
            }
            continue;
        };
        if key == DIRECTIVE {
            if !old.is_string() || !new.is_string() {
                return Err(PatchError(format!("invalid value for special key: {DIRECTIVE}")));
            }
            if old != new {
                patch.insert(key.clone(), new.clone());
            }
            continue;
        }
        diff_values(&mut patch, key, (old, new), of.field(key), options)?;
    }
    if !options.ignore_deletions {
        for key in original.keys().filter(|key| !modified.contains_key(*key)) {
            patch.insert(key.clone(), Value::Null);
        }
    }
    let fewer = original.iter().any(|(key, value)| !value.is_null() && !modified.contains_key(key));
    if !retained.is_empty() && (!patch.is_empty() || fewer) {
        order::sort_by_key(&mut retained, go_value);
        patch.insert(RETAIN_KEYS.to_owned(), Value::Array(retained));
    }
    Ok(patch)
}

/// One key that both objects have.
fn diff_values(
    patch: &mut Object,
    key: &str,
    (old, new): (&Value, &Value),
    field: Field,
    options: Options,
) -> Result<(), PatchError> {
    let inner = Options { retain_keys: field.retain_keys, ..options };
    match (old, new) {
        (Value::Object(old), Value::Object(changed)) => {
            if field.strategy == Strategy::Replace {
                if !options.ignore_changes {
                    patch.insert(key.to_owned(), new.clone());
                }
                return Ok(());
            }
            let change = diff_maps(old, changed, field.of, inner)?;
            if !change.is_empty() {
                patch.insert(key.to_owned(), Value::Object(change));
            }
        }
        (Value::Array(old), Value::Array(new)) if field.strategy == Strategy::Merge => {
            let change = diff_lists(old, new, field, inner)?;
            for (name, list) in [
                (key.to_owned(), change.patch),
                (format!("{DELETE_FROM_LIST}/{key}"), change.deletions),
                (format!("{ELEMENT_ORDER}/{key}"), change.order),
            ] {
                if !list.is_empty() {
                    patch.insert(name, Value::Array(list));
                }
            }
        }
        _ => {
            if !options.ignore_changes && (old != new || !same_type(old, new)) {
                patch.insert(key.to_owned(), new.clone());
            }
        }
    }
    Ok(())
}

/// What stands in a patch for a list that merges.
#[derive(Default)]
struct ListChange {
    patch: Vec<Value>,
    /// Of a list of scalars.
    deletions: Vec<Value>,
    order: Vec<Value>,
}

fn diff_lists(
    original: &[Value],
    modified: &[Value],
    field: Field,
    options: Options,
) -> Result<ListChange, PatchError> {
    if original.is_empty() {
        let patch = if options.ignore_changes { Vec::new() } else { modified.to_vec() };
        return Ok(ListChange { patch, ..ListChange::default() });
    }
    if !are_maps(&[original, modified])? {
        return diff_scalars(original, modified, options);
    }
    let merge_key = field.merge_key;
    let (changes, deletions) = diff_elements(original, modified, field, options)?;
    let mut patch = sort_like(changes, modified, merge_key, true)?;
    patch.extend(deletions);
    let mut order = Vec::new();
    let reordered = !same_order(original, modified, merge_key)?;
    let says_something = !patch.is_empty();
    if options.element_order
        && (!options.ignore_changes && (says_something || reordered)
            || !options.ignore_deletions && says_something)
    {
        for item in modified {
            let (_, key) = key_of(item, merge_key)?;
            order.push(keyed(merge_key, key));
        }
    }
    Ok(ListChange { patch, deletions: Vec::new(), order })
}

fn keyed(merge_key: &str, value: &Value) -> Value {
    Value::Object(Object::from_iter([(merge_key.to_owned(), value.clone())]))
}

fn same_order(left: &[Value], right: &[Value], merge_key: &str) -> Result<bool, PatchError> {
    if left.len() != right.len() {
        return Ok(false);
    }
    for (left, right) in left.iter().zip(right) {
        if key_of(left, merge_key)?.1 != key_of(right, merge_key)?.1 {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Elements of lists of mappings, met in the order of their keys: changes, then deletions.
fn diff_elements(
    original: &[Value],
    modified: &[Value],
    field: Field,
    options: Options,
) -> Result<(Vec<Value>, Vec<Value>), PatchError> {
    let merge_key = field.merge_key;
    let sorted = |list: &[Value]| {
        let mut keyed = Vec::with_capacity(list.len());
        for item in list {
            let (map, key) = key_of(item, merge_key)?;
            keyed.push((go_value(key), key.clone(), map.clone()));
        }
        order::sort_by(&mut keyed, |left, right| left.0.cmp(&right.0));
        Ok(keyed.into_iter().peekable())
    };
    let (mut old, mut new) = (sorted(original)?, sorted(modified)?);
    let (mut changes, mut deletions) = (Vec::new(), Vec::new());
    loop {
        let ordering = match (old.peek(), new.peek()) {
            (None, None) => return Ok((changes, deletions)),
            (Some(_), None) => std::cmp::Ordering::Less,
            (None, Some(_)) => std::cmp::Ordering::Greater,
            (Some(old), Some(new)) => old.0.cmp(&new.0),
        };
        let before = if ordering.is_le() { old.next() } else { None };
        let after = if ordering.is_ge() { new.next() } else { None };
        match (before, after) {
            (Some((_, _, before)), Some((_, key, after))) => {
                let mut change = diff_maps(&before, &after, field.of, options)?;
                if !change.is_empty() {
                    change.insert(merge_key.to_owned(), key);
                    changes.push(Value::Object(change));
                }
            }
            (None, Some((_, _, after))) => {
                if !options.ignore_changes {
                    changes.push(Value::Object(after));
                }
            }
            (Some((_, key, _)), None) => {
                if !options.ignore_deletions {
                    let directive = (DIRECTIVE.to_owned(), Value::from(DELETE));
                    let entries = [(merge_key.to_owned(), key), directive];
                    deletions.push(Value::Object(Object::from_iter(entries)));
                }
            }
            (None, None) => {}
        }
    }
}

fn diff_scalars(
    original: &[Value],
    modified: &[Value],
    options: Options,
) -> Result<ListChange, PatchError> {
    let sorted = |list: &[Value]| {
        let mut list: Vec<(String, Value)> =
            list.iter().map(|value| (go_value(value), value.clone())).collect();
        order::sort_by(&mut list, |left, right| left.0.cmp(&right.0));
        list.into_iter().peekable()
    };
    let (mut old, mut new) = (sorted(original), sorted(modified));
    let (mut patch, mut deletions) = (Vec::new(), Vec::new());
    loop {
        let ordering = match (old.peek(), new.peek()) {
            (None, None) => break,
            (Some(_), None) => std::cmp::Ordering::Less,
            (None, Some(_)) => std::cmp::Ordering::Greater,
            (Some(old), Some(new)) => old.0.cmp(&new.0),
        };
        let before = if ordering.is_le() { old.next() } else { None };
        let after = if ordering.is_ge() { new.next() } else { None };
        match (before, after) {
            (Some((_, before)), None) if !options.ignore_deletions => deletions.push(before),
            (None, Some((_, after))) if !options.ignore_changes => patch.push(after),
            _ => {}
        }
    }
    let deletions = deduplicate(deletions);
    let patch = sort_like(patch, modified, "", false)?;
    let ordered = options.element_order
        && (!options.ignore_deletions && !deletions.is_empty()
            || !options.ignore_changes && original != modified);
    let order = if ordered { modified.to_vec() } else { Vec::new() };
    Ok(ListChange { patch, deletions, order })
}
