//! Applying a strategic merge patch, to an object or (when `apply` joins two patches) to another patch.

use serde_json::Value;

use super::list::{self, are_maps, interleave, no_merge_key, partition, sort_like};
use super::schema::{Field, Strategy, Type};
use super::{
    DELETE, DELETE_FROM_LIST, DIRECTIVE, ELEMENT_ORDER, MERGE, Object, PatchError, REPLACE,
    RETAIN_KEYS, bad_type, same_type,
};
use crate::quote::go_value;

/// How to treat what only patches have.
#[derive(Copy, Clone, Debug)]
pub(super) struct Options {
    /// Whether directives beside lists are carried out, or kept for the server.
    pub(super) merge_lists: bool,
    /// Whether a null for a key that is not there goes, or stays for the server.
    pub(super) ignore_unmatched_nulls: bool,
}

/// Merges a patch into an object of a type.
pub(super) fn merge_map(
    mut original: Object,
    mut patch: Object,
    of: Type,
    options: Options,
) -> Result<Object, PatchError> {
    if let Some(directive) = patch.get(DIRECTIVE) {
        return if directive == REPLACE {
            patch.remove(DIRECTIVE);
            Ok(patch)
        } else if directive == DELETE {
            Ok(Object::new())
        } else {
            let directive = go_value(directive);
            let map = go_value(&Value::Object(patch));
            Err(PatchError(format!("unknown patch type: {directive} in map: {map}")))
        };
    }
    retain_keys(&mut original, &mut patch, options)?;
    merge_ordered_lists(&mut original, &mut patch, of, options)?;
    for (key, change) in patch {
        merge_key(&mut original, key, change, of, options)?;
    }
    Ok(original)
}

fn merge_key(
    original: &mut Object,
    mut key: String,
    mut change: Value,
    of: Type,
    options: Options,
) -> Result<(), PatchError> {
    let deletes = key.starts_with(DELETE_FROM_LIST);
    if deletes {
        if !options.merge_lists {
            original.insert(key, change);
            return Ok(());
        }
        let list = list_of(&key, DELETE_FROM_LIST, "invalid patch format of primitive list")?;
        key = String::from(list);
    }
    if change.is_null() {
        original.remove(&key);
        if options.ignore_unmatched_nulls {
            return Ok(());
        }
    }
    let old = match original.remove(&key) {
        Some(old) if same_type(&old, &change) => old,
        other => {
            if deletes {
                original.extend(other.map(|other| (key, other)));
                return Ok(());
            }
            if options.ignore_unmatched_nulls {
                discard_nulls(&mut change);
            }
            original.insert(key, change);
            return Ok(());
        }
    };
    let field = of.field(&key);
    let merged = match (old, change) {
        (Value::Object(old), Value::Object(change)) if field.strategy != Strategy::Replace => {
            Value::Object(merge_map(old, change, field.of, options)?)
        }
        (Value::Array(old), Value::Array(change)) if field.strategy == Strategy::Merge => {
            Value::Array(merge_list(old, change, field, deletes, options)?)
        }
        (_, change) => change,
    };
    original.insert(key, merged);
    Ok(())
}

fn discard_nulls(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|_, value| !value.is_null());
            map.values_mut().for_each(discard_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(discard_nulls),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// `$retainKeys`: what it does not name goes, and a patch may not set it.
fn retain_keys(
    original: &mut Object,
    patch: &mut Object,
    options: Options,
) -> Result<(), PatchError> {
    let Some(retained) = patch.remove(RETAIN_KEYS) else { return Ok(()) };
    if !options.merge_lists {
        if let Some(other) = original.get(RETAIN_KEYS).filter(|other| **other != retained) {
            return Err(PatchError(format!(
                "{} and {} are not deep equal: this may happen when calculating the 3-way diff patch",
                go_value(other),
                go_value(&retained)
            )));
        }
        original.insert(RETAIN_KEYS.to_owned(), retained);
        return Ok(());
    }
    let bad_format = || PatchError("invalid patch format of retainKeys".to_owned());
    let Value::Array(retained) = retained else { return Err(bad_format()) };
    let keeps = |key: &String| retained.iter().any(|one| one == key);
    let foreign = patch.iter().any(|(key, value)| {
        let directive = key.starts_with(DELETE_FROM_LIST) || key.starts_with(ELEMENT_ORDER);
        !value.is_null() && !directive && !keeps(key)
    });
    if foreign {
        return Err(bad_format());
    }
    original.retain(|key, _| keeps(key));
    Ok(())
}

/// The list that a directive beside it speaks of.
fn list_of<'a>(key: &'a str, prefix: &str, error: &str) -> Result<&'a str, PatchError> {
    key.strip_prefix(prefix)
        .and_then(|rest| rest.strip_prefix('/'))
        .ok_or_else(|| PatchError(error.to_owned()))
}

const BAD_ORDER: &str = "invalid patch format of setElementOrder list";

/// Lists with a `$setElementOrder` beside them: merged and put in that order, so that nothing is left of them to merge.
fn merge_ordered_lists(
    original: &mut Object,
    patch: &mut Object,
    of: Type,
    options: Options,
) -> Result<(), PatchError> {
    let keys: Vec<String> =
        patch.keys().filter(|key| key.starts_with(ELEMENT_ORDER)).cloned().collect();
    for key in keys {
        let Some(order) = patch.remove(&key) else { continue };
        if !options.merge_lists {
            if original.get(&key).is_some_and(|other| *other != order) {
                return Err(PatchError(BAD_ORDER.to_owned()));
            }
            original.insert(key.clone(), order.clone());
        }
        let Value::Array(order) = order else { return Err(bad_type("[]interface {}", &order)) };
        let name = list_of(&key, ELEMENT_ORDER, BAD_ORDER)?;
        let old = take_list(original, name)?;
        let change = take_list(patch, name)?;
        let field = of.field(name);
        check_order(change.as_deref().unwrap_or_default(), &order, field.merge_key)?;
        let merged = match (old.clone(), change.clone()) {
            (None, None) => continue,
            (Some(old), None) => old,
            (Some(old), Some(change)) if field.strategy == Strategy::Merge => {
                merge_list(old, change, field, false, options)?
            }
            (Some(_) | None, Some(change)) => change,
        };
        let (old, change) = (old.unwrap_or_default(), change.unwrap_or_default());
        let (patched, server_only) = partition(merged, &order, field.merge_key)?;
        let maps = are_maps(&[&old, &change])?;
        let live_order = if maps { overwritten(old, &change, field.merge_key) } else { old };
        let patched = sort_like(patched, &order, field.merge_key, maps)?;
        let server_only = sort_like(server_only, &live_order, field.merge_key, maps)?;
        let all = interleave(server_only, patched, &live_order, field.merge_key);
        original.insert(name.to_owned(), Value::Array(all));
    }
    Ok(())
}

/// The live list as upstream sees it once it has merged into it: elements were deleted and appended in place, so that
/// later ones moved up and new ones took the room that was left. The order of elements follows from that.
fn overwritten(mut list: Vec<Value>, patch: &[Value], merge_key: &str) -> Vec<Value> {
    if patch.iter().any(|item| item.get(DIRECTIVE).is_some_and(|directive| directive == REPLACE)) {
        return list;
    }
    let mut used = list.len();
    let position = |list: &[Value], used: usize, key: Option<&Value>| {
        list.iter().take(used).position(|one| one.get(merge_key) == key)
    };
    for item in patch.iter().filter(|item| item.get(DIRECTIVE).is_some()) {
        while let Some(at) = position(&list, used, item.get(merge_key)) {
            for moved in at + 1..used {
                list[moved - 1] = list[moved].clone();
            }
            used -= 1;
        }
    }
    for item in patch.iter().filter(|item| item.get(DIRECTIVE).is_none()) {
        if position(&list, used, item.get(merge_key)).is_none() {
            if let Some(room) = list.get_mut(used) {
                room.clone_from(item);
            }
            used += 1;
        }
    }
    list
}

fn take_list(map: &mut Object, name: &str) -> Result<Option<Vec<Value>>, PatchError> {
    match map.remove(name) {
        None => Ok(None),
        Some(Value::Array(items)) => Ok(Some(items)),
        Some(other) => Err(bad_type("[]interface {}", &other)),
    }
}

/// The elements of a patch must stand in the order that it asks for, and be among those it names.
fn check_order(patch: &[Value], order: &[Value], merge_key: &str) -> Result<(), PatchError> {
    if patch.is_empty() || order.is_empty() {
        return Ok(());
    }
    let mut wanted = order.iter();
    for item in patch {
        if !merge_key.is_empty() {
            let map = item.as_object().ok_or_else(|| bad_type("map[string]interface {}", item))?;
            if map.contains_key(DIRECTIVE) {
                continue;
            }
        }
        loop {
            let Some(next) = wanted.next() else {
                let shown = |list: &[Value]| go_value(&Value::Array(list.to_vec()));
                return Err(PatchError(format!(
                    "The order in patch list:\n{}\n doesn't match {ELEMENT_ORDER} list:\n{}\n",
                    shown(patch),
                    shown(order)
                )));
            };
            let equal = if merge_key.is_empty() {
                item == next
            } else {
                list::key_of(item, merge_key)?.1 == list::key_of(next, merge_key)?.1
            };
            if equal {
                break;
            }
        }
    }
    Ok(())
}

/// Merges two lists whose strategy is to merge.
fn merge_list(
    original: Vec<Value>,
    patch: Vec<Value>,
    field: Field,
    deletes: bool,
    options: Options,
) -> Result<Vec<Value>, PatchError> {
    if original.is_empty() && patch.is_empty() {
        return Ok(original);
    }
    let maps = are_maps(&[&original, &patch])?;
    let merge_key = field.merge_key;
    let (old, patch, merged) = if maps {
        if merge_key.is_empty() {
            let message = "cannot merge lists without merge key for type struct";
            return Err(PatchError(message.to_owned()));
        }
        let (old, patch) = carry_out_directives(original, patch, merge_key)?;
        let merged = merge_elements(old.clone(), &patch, field, options)?;
        (old, patch, merged)
    } else {
        if options.merge_lists && deletes {
            return Ok(original.into_iter().filter(|item| !patch.contains(item)).collect());
        }
        let both: Vec<Value> = original.iter().chain(&patch).cloned().collect();
        (original, patch, list::deduplicate(both))
    };
    let (patched, server_only) = partition(merged, &patch, merge_key)?;
    let patched = sort_like(patched, &patch, merge_key, maps)?;
    let server_only = sort_like(server_only, &old, merge_key, maps)?;
    Ok(interleave(server_only, patched, &old, merge_key))
}

/// Elements with `$patch`: deletes theirs from the original, or makes the rest of the patch the whole list.
fn carry_out_directives(
    mut original: Vec<Value>,
    patch: Vec<Value>,
    merge_key: &str,
) -> Result<(Vec<Value>, Vec<Value>), PatchError> {
    let mut rest = Vec::new();
    let mut replace = false;
    for item in patch {
        let Some(directive) = item.get(DIRECTIVE) else {
            rest.push(item);
            continue;
        };
        if directive == DELETE {
            let wanted = item.get(merge_key).ok_or_else(|| no_merge_key(&item, merge_key))?;
            while let Some(at) = list::find(&original, merge_key, wanted)? {
                original.remove(at);
            }
        } else if directive == REPLACE {
            replace = true;
        } else if directive == MERGE {
            let message = "merging lists cannot yet be specified in the patch";
            return Err(PatchError(message.to_owned()));
        } else {
            let (directive, map) = (go_value(directive), go_value(&item));
            return Err(PatchError(format!("unknown patch type: {directive} in map: {map}")));
        }
    }
    Ok(if replace { (rest, Vec::new()) } else { (original, rest) })
}

fn merge_elements(
    mut original: Vec<Value>,
    patch: &[Value],
    field: Field,
    options: Options,
) -> Result<Vec<Value>, PatchError> {
    for item in patch {
        let wanted =
            item.get(field.merge_key).ok_or_else(|| no_merge_key(item, field.merge_key))?;
        let found = list::find(&original, field.merge_key, wanted)?;
        match (found.and_then(|at| original.get_mut(at)), item) {
            (Some(Value::Object(old)), Value::Object(change)) => {
                *old = merge_map(std::mem::take(old), change.clone(), field.of, options)?;
            }
            _ => original.push(item.clone()),
        }
    }
    Ok(original)
}
