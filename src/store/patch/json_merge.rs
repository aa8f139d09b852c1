//! JSON merge patches (RFC 7386), and kubectl's three-way form of them for kinds without struct tags.
//!
//! Models kubernetes apimachinery `pkg/util/jsonmergepatch/patch.go` (over evanphx/json-patch).

use serde_json::{Map, Value};

/// Applies a merge patch.
pub fn json_merge(original: Value, patch: Value) -> Value {
    let Value::Object(patch) = patch else { return patch };
    let mut original = match original {
        Value::Object(original) => original,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Map::new()
        }
    };
    for (key, change) in patch {
        if change.is_null() {
            original.remove(&key);
        } else {
            let old = original.remove(&key).unwrap_or(Value::Null);
            original.insert(key, json_merge(old, change));
        }
    }
    Value::Object(original)
}

/// The merge patch from one value to another.
pub fn json_merge_diff(original: &Value, modified: &Value) -> Value {
    let (Value::Object(old), Value::Object(new)) = (original, modified) else {
        return modified.clone();
    };
    let mut patch = Map::new();
    for (key, value) in new {
        match old.get(key) {
            Some(before) if before == value => {}
            Some(before @ Value::Object(_)) if value.is_object() => {
                patch.insert(key.clone(), json_merge_diff(before, value));
            }
            Some(_) | None => {
                patch.insert(key.clone(), value.clone());
            }
        }
    }
    for key in old.keys().filter(|key| !new.contains_key(*key)) {
        patch.insert(key.clone(), Value::Null);
    }
    Value::Object(patch)
}

/// kubectl's apply patch in this form: additions and changes against the live object, deletions against the
/// configuration applied last.
pub fn json_merge_three_way(last_applied: &Value, manifest: &Value, live: &Value) -> Value {
    let additions = keep(json_merge_diff(live, manifest), false);
    let deletions = keep(json_merge_diff(last_applied, manifest), true);
    join(deletions, additions)
}

/// Keeps the nulls of a patch, or what is not null.
fn keep(patch: Value, nulls: bool) -> Value {
    let Value::Object(map) = patch else { return patch };
    let kept = map.into_iter().filter_map(|(key, value)| match value {
        Value::Null => nulls.then_some((key, Value::Null)),
        Value::Object(_) => {
            let inner = keep(value, nulls);
            let empty = inner.as_object().is_some_and(Map::is_empty);
            (!empty).then_some((key, inner))
        }
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            (!nulls).then_some((key, value))
        }
    });
    Value::Object(kept.collect())
}

/// Joins two patches into one; nulls stay.
fn join(left: Value, right: Value) -> Value {
    match (left, right) {
        (Value::Object(mut left), Value::Object(right)) => {
            for (key, value) in right {
                let joined = match left.remove(&key) {
                    Some(old) => join(old, value),
                    None => value,
                };
                left.insert(key, joined);
            }
            Value::Object(left)
        }
        (_, right) => right,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn merges_and_makes_merge_patches() {
        let original = json!({"a": 1, "b": {"c": 2, "d": 3}, "e": [1]});
        let modified = json!({"a": 1, "b": {"c": 4}, "e": [2], "f": 5});
        let patch = json_merge_diff(&original, &modified);
        assert_eq!(patch, json!({"b": {"c": 4, "d": null}, "e": [2], "f": 5}));
        assert_eq!(json_merge(original, patch), modified);
    }

    #[test]
    fn apply_leaves_what_others_set() {
        let patch = json_merge_three_way(
            &json!({"a": 1, "b": 1}),
            &json!({"a": 2}),
            &json!({"a": 1, "b": 1, "c": 1}),
        );
        assert_eq!(patch, json!({"a": 2, "b": null}));
    }
}
