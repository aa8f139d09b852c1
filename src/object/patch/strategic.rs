//! A strategic merge patch put into an object, or two patches put together.
//!
//! Models apimachinery `pkg/util/strategicpatch/patch.go` (`mergeMap` and what it calls). The order of a merged list is
//! that of the patch's `$setElementOrder`, else of its items; what only the server has is put where it stood.

use serde_json::Value;

use super::schema::{Rule, Schema};
use super::{
    DELETE_FROM, DIRECTIVE, ELEMENT_ORDER, Object, RETAIN_KEYS, check_items, identity, in_order,
};

/// What the left side is.
#[derive(Copy, Clone, Debug)]
pub(super) struct Options {
    /// An object, which directives change; otherwise a patch, which keeps them.
    object: bool,
}

impl Options {
    /// A patch is put into an object.
    pub(super) const APPLY: Self = Self { object: true };
    /// A patch is put into another patch.
    pub(super) const PATCHES: Self = Self { object: false };
}

/// Puts a patch into a map.
pub(super) fn merge_maps(
    mut original: Object,
    mut patch: Object,
    schema: &Schema,
    options: Options,
) -> Result<Object, String> {
    if let Some(directive) = patch.remove(DIRECTIVE) {
        return match directive.as_str() {
            Some("replace") => Ok(patch),
            Some("delete") => Ok(Object::new()),
            _ => Err(format!("unknown patch type: {directive} in map: {}", Value::Object(patch))),
        };
    }
    retain_keys(&mut original, &mut patch, options)?;
    ordered_lists(&mut original, &mut patch, schema, options)?;
    for (key, value) in patch {
        if let Some(field) = key.strip_prefix(DELETE_FROM) {
            if options.object {
                if let (Some(Value::Array(list)), Value::Array(gone)) =
                    (original.get_mut(field), &value)
                {
                    list.retain(|item| !gone.contains(item));
                }
            } else {
                original.insert(key, value);
            }
            continue;
        }
        if value.is_null() {
            original.remove(&key);
            if options.object {
                continue;
            }
        }
        let rule = schema.rule(&key);
        let merged = match (original.remove(&key), value) {
            (Some(Value::Object(old)), Value::Object(new)) => {
                Value::Object(merge_maps(old, new, rule.inner, options)?)
            }
            (Some(Value::Array(old)), Value::Array(new)) => {
                Value::Array(merge_lists(old, new, rule, options)?)
            }
            (Some(_), new) => new,
            (None, new) if options.object => without_nulls(new),
            (None, new) => new,
        };
        original.insert(key, merged);
    }
    Ok(original)
}

/// Removes keys with null below a value that is taken as it is.
fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(map) => Value::Object(
            map.into_iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(key, value)| (key, without_nulls(value)))
                .collect(),
        ),
        Value::Array(items) => Value::Array(items.into_iter().map(without_nulls).collect()),
        scalar => scalar,
    }
}

/// `$retainKeys`: what it does not name goes.
fn retain_keys(original: &mut Object, patch: &mut Object, options: Options) -> Result<(), String> {
    let Some(retained) = patch.remove(RETAIN_KEYS) else { return Ok(()) };
    if !options.object {
        original.entry(RETAIN_KEYS).or_insert(retained);
        return Ok(());
    }
    let Value::Array(kept) = retained else {
        return Err("invalid patch format of retainKeys".to_owned());
    };
    let keeps = |key: &String| kept.iter().any(|kept| kept.as_str() == Some(key));
    let named = patch.iter().filter(|(key, value)| {
        !value.is_null() && !key.starts_with(DELETE_FROM) && !key.starts_with(ELEMENT_ORDER)
    });
    for (key, _) in named {
        if !keeps(key) {
            return Err("invalid patch format of retainKeys".to_owned());
        }
    }
    original.retain(|key, _| keeps(key));
    Ok(())
}

/// `$setElementOrder`: merges the lists it speaks of and puts them in order. They are then out of the patch.
fn ordered_lists(
    original: &mut Object,
    patch: &mut Object,
    schema: &Schema,
    options: Options,
) -> Result<(), String> {
    let directives: Vec<String> =
        patch.keys().filter(|key| key.starts_with(ELEMENT_ORDER)).cloned().collect();
    for directive in directives {
        let Some(order) = patch.remove(&directive) else { continue };
        let Some(field) = directive.strip_prefix(ELEMENT_ORDER) else { continue };
        if !options.object {
            original.insert(directive.clone(), order.clone());
        }
        let Value::Array(order) = order else {
            return Err("invalid patch format of setElementOrder list".to_owned());
        };
        let rule = schema.rule(field);
        let key = rule.key.unwrap_or_default();
        let list = |value: Option<Value>| match value {
            None => Ok(None),
            Some(Value::Array(list)) => Ok(Some(list)),
            Some(other) => Err(format!("expected a list at {field}, got {other}")),
        };
        let old = list(original.remove(field))?;
        let new = list(patch.remove(field))?;
        let before = match (&old, &new) {
            (Some(old), Some(new)) if !key.is_empty() => edited_in_place(old, new, key),
            _ => old.clone().unwrap_or_default(),
        };
        let merged = match (old, new) {
            (None, None) => continue,
            (Some(list), None) | (None, Some(list)) => list,
            (Some(old), Some(new)) => merge_lists(old, new, rule, options)?,
        };
        check_items(&[&merged, &order], key)?;
        original.insert(field.to_owned(), Value::Array(arrange(merged, &order, &before, key)));
    }
    Ok(())
}

/// The order that the live list is taken to have had. Upstream reads it from the array in which it has just deleted and
/// appended: a new item may stand where a deleted one was, and the last item may stand twice.
fn edited_in_place(old: &[Value], patch: &[Value], key: &str) -> Vec<Value> {
    let mut array = old.to_vec();
    let mut length = array.len();
    let same = |left: &Value, right: &Value| identity(left, key) == identity(right, key);
    let is_directive = |item: &Value| item.get(DIRECTIVE).is_some();
    for gone in patch.iter().filter(|item| is_directive(item)) {
        while let Some(at) = array.iter().take(length).position(|item| same(item, gone)) {
            if let Some(tail) = array.get_mut(at..length) {
                tail.rotate_left(1);
                if let [.., before_last, last] = tail {
                    last.clone_from(before_last);
                }
            }
            length -= 1;
        }
    }
    for item in patch.iter().filter(|item| !is_directive(item)) {
        if !array.iter().take(length).any(|other| same(other, item)) {
            if let Some(place) = array.get_mut(length) {
                *place = item.clone();
            }
            length += 1;
        }
    }
    array
}

/// Merges two lists.
fn merge_lists(
    original: Vec<Value>,
    patch: Vec<Value>,
    rule: Rule,
    options: Options,
) -> Result<Vec<Value>, String> {
    let Some(key) = rule.key else { return Ok(patch) };
    check_items(&[&original, &patch], key)?;
    let before = original.clone();
    if key.is_empty() {
        let mut merged = original;
        for item in &patch {
            if !merged.contains(item) {
                merged.push(item.clone());
            }
        }
        return Ok(arrange(merged, &patch, &before, key));
    }
    let mut merged = original;
    let mut wanted: Vec<Value> = Vec::new();
    let mut replace = false;
    for item in patch {
        // Between patches, what is deleted stays a directive.
        match item.get(DIRECTIVE).and_then(Value::as_str) {
            Some("delete") => merged.retain(|other| identity(other, key) != identity(&item, key)),
            Some("replace") => replace = true,
            Some(other) => return Err(format!("unknown patch type: {other} in a list")),
            None => wanted.push(item),
        }
    }
    if replace {
        return Ok(wanted);
    }
    for item in &wanted {
        let at = merged.iter().position(|other| identity(other, key) == identity(item, key));
        match (at.and_then(|at| merged.get_mut(at)), item) {
            (Some(place), Value::Object(new)) => {
                let old = place.as_object().cloned().unwrap_or_default();
                *place = Value::Object(merge_maps(old, new.clone(), rule.inner, options)?);
            }
            (None, item) if options.object => merged.push(without_nulls(item.clone())),
            (_, item) => merged.push(item.clone()),
        }
    }
    Ok(arrange(merged, &wanted, &before, key))
}

/// Items of the patch in its order; between them, as near as can be to where they stood, those of the server alone.
fn arrange(items: Vec<Value>, order: &[Value], before: &[Value], key: &str) -> Vec<Value> {
    let is_in = |list: &[Value], item: &Value| {
        list.iter().any(|other| identity(other, key) == identity(item, key))
    };
    let (ours, theirs): (Vec<_>, Vec<_>) = items.into_iter().partition(|item| is_in(order, item));
    let ours = sorted(ours, order, key);
    let theirs = sorted(theirs, before, key);
    let place =
        |item: &Value| before.iter().position(|other| identity(other, key) == identity(item, key));
    let mut merged = Vec::with_capacity(ours.len() + theirs.len());
    let (mut ours, mut theirs) = (ours.into_iter().peekable(), theirs.into_iter().peekable());
    loop {
        let theirs_first = match (theirs.peek(), ours.peek()) {
            (None, None) => return merged,
            (Some(_), None) => true,
            (None, Some(_)) => false,
            (Some(theirs), Some(ours)) => {
                place(theirs).zip(place(ours)).is_some_and(|(theirs, ours)| theirs < ours)
            }
        };
        merged.extend(if theirs_first { theirs.next() } else { ours.next() });
    }
}

/// In order, with the directives that delete at the end.
fn sorted(items: Vec<Value>, order: &[Value], key: &str) -> Vec<Value> {
    let deletes = |item: &Value| item.get(DIRECTIVE).and_then(Value::as_str) == Some("delete");
    let (deleted, kept): (Vec<_>, Vec<_>) = items.into_iter().partition(deletes);
    let mut sorted = in_order(kept, order, key);
    sorted.extend(deleted);
    sorted
}
