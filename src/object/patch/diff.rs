//! The difference of two versions as a strategic merge patch.
//!
//! Models apimachinery `pkg/util/strategicpatch/patch.go` (`diffMaps` and what it calls).

use std::cmp::Ordering;

use serde_json::{Value, json};

use super::schema::{Rule, Schema};
use super::{
    DELETE_FROM, DIRECTIVE, ELEMENT_ORDER, Object, RETAIN_KEYS, check_items, identity, in_order,
    sort_key,
};

/// What is looked for.
#[derive(Copy, Clone, Debug)]
pub(super) struct Options {
    additions: bool,
    deletions: bool,
    retain_keys: bool,
}

impl Options {
    /// What is new or other.
    pub(super) const ADDITIONS: Self =
        Self { additions: true, deletions: false, retain_keys: false };
    /// What is no longer there.
    pub(super) const DELETIONS: Self =
        Self { additions: false, deletions: true, retain_keys: false };
}

/// The patch that leads from one map to another.
pub(super) fn maps(
    original: &Object,
    modified: &Object,
    schema: &Schema,
    options: Options,
) -> Result<Object, String> {
    let mut patch = Object::new();
    for (key, new) in modified {
        match original.get(key) {
            Some(Value::Object(old)) if new.is_object() => {
                let new = new.as_object().unwrap_or(old);
                let rule = schema.rule(key);
                let options = Options { retain_keys: rule.retain_keys, ..options };
                let inner = maps(old, new, rule.inner, options)?;
                if !inner.is_empty() {
                    patch.insert(key.clone(), Value::Object(inner));
                }
            }
            Some(Value::Array(old)) if new.is_array() => {
                let new = new.as_array().unwrap_or(old);
                lists(key, old, new, schema.rule(key), options, &mut patch)?;
            }
            Some(old) if old == new => {}
            Some(_) | None => {
                if options.additions {
                    patch.insert(key.clone(), new.clone());
                }
            }
        }
    }
    if options.deletions {
        for key in original.keys().filter(|key| !modified.contains_key(*key)) {
            patch.insert(key.clone(), Value::Null);
        }
    }
    if options.retain_keys {
        let kept: Vec<&String> =
            modified.iter().filter(|(_, value)| !value.is_null()).map(|(key, _)| key).collect();
        let fewer = original.keys().any(|key| !modified.contains_key(key));
        if !kept.is_empty() && (!patch.is_empty() || fewer) {
            patch.insert(RETAIN_KEYS.to_owned(), json!(kept));
        }
    }
    Ok(patch)
}

/// Puts the difference of two lists into the patch of the map they stand in.
fn lists(
    field: &str,
    original: &[Value],
    modified: &[Value],
    rule: Rule,
    options: Options,
    patch: &mut Object,
) -> Result<(), String> {
    let Some(key) = rule.key else {
        if options.additions && original != modified {
            patch.insert(field.to_owned(), json!(modified));
        }
        return Ok(());
    };
    if original.is_empty() {
        if !modified.is_empty() && options.additions {
            patch.insert(field.to_owned(), json!(modified));
        }
        return Ok(());
    }
    check_items(&[original, modified], key)?;
    if key.is_empty() {
        scalars(field, original, modified, options, patch);
        return Ok(());
    }
    let options = Options { retain_keys: rule.retain_keys, ..options };
    let (mut changes, deleted) = items(original, modified, key, rule.inner, options)?;
    changes = in_order(changes, modified, key);
    let same_order = original.len() == modified.len()
        && original.iter().zip(modified).all(|(old, new)| identity(old, key) == identity(new, key));
    changes.extend(deleted);
    if (options.additions && (!changes.is_empty() || !same_order))
        || (options.deletions && !changes.is_empty())
    {
        let order: Vec<Value> =
            modified.iter().map(|item| json!({ key: identity(item, key) })).collect();
        if !order.is_empty() {
            patch.insert(format!("{ELEMENT_ORDER}{field}"), Value::Array(order));
        }
    }
    if !changes.is_empty() {
        patch.insert(field.to_owned(), Value::Array(changes));
    }
    Ok(())
}

/// Changed and new items, and the directives that delete the others.
fn items(
    original: &[Value],
    modified: &[Value],
    key: &str,
    schema: &Schema,
    options: Options,
) -> Result<(Vec<Value>, Vec<Value>), String> {
    let sorted = |items: &[Value]| {
        let mut items: Vec<(String, Value)> =
            items.iter().map(|item| (sort_key(identity(item, key)), item.clone())).collect();
        items.sort_by(|(left, _), (right, _)| left.cmp(right));
        items
    };
    let (original, modified) = (sorted(original), sorted(modified));
    let (mut old, mut new) = (original.iter().peekable(), modified.iter().peekable());
    let (mut changes, mut deleted) = (Vec::new(), Vec::new());
    loop {
        let order = match (old.peek(), new.peek()) {
            (None, None) => return Ok((changes, deleted)),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some((left, _)), Some((right, _))) => left.cmp(right),
        };
        let before = if order == Ordering::Greater { None } else { old.next() };
        let after = if order == Ordering::Less { None } else { new.next() };
        match (before, after) {
            (Some((_, Value::Object(before))), Some((_, Value::Object(after)))) => {
                let mut inner = maps(before, after, schema, options)?;
                if !inner.is_empty() {
                    inner.insert(key.to_owned(), after.get(key).cloned().unwrap_or(Value::Null));
                    changes.push(Value::Object(inner));
                }
            }
            (None, Some((_, after))) if options.additions => changes.push(after.clone()),
            (Some((_, before)), None) if options.deletions => {
                deleted.push(json!({ key: identity(before, key), DIRECTIVE: "delete" }));
            }
            _ => {}
        }
    }
}

/// Lists of scalars: what is new, and beside it what goes.
fn scalars(
    field: &str,
    original: &[Value],
    modified: &[Value],
    options: Options,
    patch: &mut Object,
) {
    let missing_in = |list: &[Value], item: &&Value| !list.contains(item);
    let sorted = |list: &[Value], other: &[Value]| {
        let mut found: Vec<Value> =
            list.iter().filter(|item| missing_in(other, item)).cloned().collect();
        found.sort_by_key(sort_key);
        found.dedup();
        found
    };
    let added = if options.additions { sorted(modified, original) } else { Vec::new() };
    let gone = if options.deletions { sorted(original, modified) } else { Vec::new() };
    if !gone.is_empty() || (options.additions && original != modified) {
        patch.insert(format!("{ELEMENT_ORDER}{field}"), json!(modified));
    }
    if !added.is_empty() {
        patch.insert(field.to_owned(), Value::Array(in_order(added, modified, "")));
    }
    if !gone.is_empty() {
        patch.insert(format!("{DELETE_FROM}{field}"), Value::Array(gone));
    }
}
