//! Patches: how a change that is written down is found and put into an object.
//!
//! A strategic merge patch merges maps by key and some lists by a key of their items; which, [`schema`] knows. `kubectl
//! apply` finds such a patch out of three versions ([`three_way`]), the API server puts it in ([`strategic_merge`]).
//! A merge patch (RFC 7386) knows maps only ([`merge`]). All work on JSON and know nothing of defaults or validation.

mod diff;
mod schema;
mod strategic;

use serde_json::{Map, Value};

use super::Kind;

/// An object in JSON.
type Object = Map<String, Value>;

/// Says what is to be done with a map: `delete` or `replace`.
const DIRECTIVE: &str = "$patch";
/// Lists the keys of a map that stay.
const RETAIN_KEYS: &str = "$retainKeys";
/// Before a list's name: the items of a list of scalars that go.
const DELETE_FROM: &str = "$deleteFromPrimitiveList/";
/// Before a list's name: the order of a list's items.
const ELEMENT_ORDER: &str = "$setElementOrder/";

/// The patch that turns `current` into what `modified` wants, taking away only what `original`, the last applied version,
/// had and `modified` has not.
pub fn three_way(
    kind: Kind,
    original: &Value,
    modified: &Value,
    current: &Value,
) -> Result<Value, String> {
    let schema = schema::of(kind);
    let empty = Object::new();
    let original = original.as_object().unwrap_or(&empty);
    let modified = modified.as_object().unwrap_or(&empty);
    let current = current.as_object().unwrap_or(&empty);
    let additions = diff::maps(current, modified, schema, diff::Options::ADDITIONS)?;
    let deletions = diff::maps(original, modified, schema, diff::Options::DELETIONS)?;
    let patch = strategic::merge_maps(deletions, additions, schema, strategic::Options::PATCHES)?;
    Ok(Value::Object(patch))
}

/// The object with a strategic merge patch put in.
pub fn strategic_merge(kind: Kind, original: &Value, patch: &Value) -> Result<Value, String> {
    let map = |value: &Value| value.as_object().cloned().unwrap_or_default();
    let options = strategic::Options::APPLY;
    strategic::merge_maps(map(original), map(patch), schema::of(kind), options).map(Value::Object)
}

/// The value with a JSON merge patch (RFC 7386) put in.
pub fn merge(original: Value, patch: &Value) -> Value {
    let Value::Object(patch) = patch else { return patch.clone() };
    let mut merged = if let Value::Object(map) = original { map } else { Object::new() };
    for (key, value) in patch {
        if value.is_null() {
            merged.remove(key);
        } else {
            let before = merged.remove(key).unwrap_or(Value::Null);
            merged.insert(key.clone(), merge(before, value));
        }
    }
    Value::Object(merged)
}

/// Takes out directives that a merge left where there was nothing to merge with.
pub fn drop_directives(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|key, _| {
                key != DIRECTIVE
                    && key != RETAIN_KEYS
                    && !key.starts_with(ELEMENT_ORDER)
                    && !key.starts_with(DELETE_FROM)
            });
            map.values_mut().for_each(drop_directives);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_directives),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// A list's items as they are told apart: by a key's value, or by themselves.
fn identity<'a>(item: &'a Value, key: &str) -> &'a Value {
    if key.is_empty() { item } else { item.get(key).unwrap_or(&Value::Null) }
}

/// A value as Go's `%v` prints it, for sorting.
fn sort_key(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Puts items in the order of a list; those not in it stay behind the others.
fn in_order(mut items: Vec<Value>, order: &[Value], key: &str) -> Vec<Value> {
    let place = |item: &Value| {
        order
            .iter()
            .position(|other| identity(other, key) == identity(item, key))
            .unwrap_or(usize::MAX)
    };
    items.sort_by_key(place);
    items
}

/// Whether every item is a map that has the key, or, without a key, a scalar.
fn check_items(lists: &[&[Value]], key: &str) -> Result<(), String> {
    for item in lists.iter().copied().flatten() {
        match item {
            Value::Object(map) if map.get(DIRECTIVE).is_some_and(|what| what == "replace") => {}
            Value::Object(map) if key.is_empty() || !map.contains_key(key) => {
                return Err(format!("map: {item} does not contain declared merge key: {key}"));
            }
            Value::Array(_) => return Err("lists of lists are not supported".to_owned()),
            Value::Object(_) => {}
            _ if key.is_empty() => {}
            _ => {
                return Err(format!("expected a map with the key {key:?} in a list, got {item}"));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_merge_patch_replaces_lists_and_removes_nulls() {
        let original = json!({"a": 1, "b": {"c": 2, "d": 3}, "l": [1, 2]});
        let patch = json!({"a": null, "b": {"c": null, "e": 4}, "l": [3]});
        assert_eq!(merge(original, &patch), json!({"b": {"d": 3, "e": 4}, "l": [3]}));
    }

    #[test]
    fn apply_takes_away_only_what_it_had_put_there() {
        let original = json!({"data": {"a": "1", "b": "2"}});
        let modified = json!({"data": {"a": "3"}});
        let current = json!({"data": {"a": "1", "b": "2", "other": "x"}, "status": {}});
        let patch = three_way(Kind::ConfigMap, &original, &modified, &current).unwrap();
        assert_eq!(patch, json!({"data": {"a": "3", "b": null}}));
        let merged = strategic_merge(Kind::ConfigMap, &current, &patch).unwrap();
        assert_eq!(merged, json!({"data": {"a": "3", "other": "x"}, "status": {}}));
    }

    #[test]
    fn containers_are_merged_by_name() {
        let pod = |containers: Value| json!({"spec": {"containers": containers}});
        let original = pod(json!([{"name": "a", "image": "1"}, {"name": "b", "image": "1"}]));
        let modified = pod(json!([{"name": "c", "image": "1"}, {"name": "a", "image": "2"}]));
        let current = pod(json!([
            {"name": "a", "image": "1", "stdin": false},
            {"name": "b", "image": "1"},
            {"name": "sidecar", "image": "9"}
        ]));
        let patch = three_way(Kind::Pod, &original, &modified, &current).unwrap();
        assert_eq!(
            patch,
            json!({"spec": {
                "$setElementOrder/containers": [{"name": "c"}, {"name": "a"}],
                "containers": [
                    {"name": "c", "image": "1"},
                    {"name": "a", "image": "2"},
                    {"name": "b", "$patch": "delete"}
                ]
            }})
        );
        let merged = strategic_merge(Kind::Pod, &current, &patch).unwrap();
        let wanted = pod(json!([
            {"name": "sidecar", "image": "9"},
            {"name": "c", "image": "1"},
            {"name": "a", "image": "2", "stdin": false}
        ]));
        assert_eq!(merged, wanted);
    }

    #[test]
    fn items_without_their_key_are_refused() {
        let pod = json!({"spec": {"containers": [{"name": "a"}]}});
        let patch = json!({"spec": {"containers": [{"image": "x"}]}});
        assert!(strategic_merge(Kind::Pod, &pod, &patch).unwrap_err().contains("merge key: name"));
    }
}
