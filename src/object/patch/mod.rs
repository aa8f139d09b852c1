//! Patches: strategic merge, JSON merge, and the three-way patch that `kubectl apply` makes.
//!
//! All are pure functions over JSON values. What makes a merge strategic (which lists merge by which key) is a table
//! taken from upstream's struct tags, in `schema.rs`.
//!
//! Models kubernetes apimachinery `pkg/util/strategicpatch/patch.go`, `pkg/util/jsonmergepatch` and kubectl
//! `pkg/util/apply`.

mod diff;
mod json_merge;
mod list;
mod merge;
mod schema;

use serde_json::{Map, Value};

pub use json_merge::{merge, merge_diff, merge_three_way};

use schema::Type;

use super::Kind;

/// A JSON object.
type Object = Map<String, Value>;

const DIRECTIVE: &str = "$patch";
const DELETE: &str = "delete";
const REPLACE: &str = "replace";
const MERGE: &str = "merge";
const RETAIN_KEYS: &str = "$retainKeys";
const DELETE_FROM_LIST: &str = "$deleteFromPrimitiveList";
const ELEMENT_ORDER: &str = "$setElementOrder";

/// Applies a strategic merge patch to an object of a kind. An error is upstream's sentence.
pub fn strategic_merge(kind: Kind, original: &Value, patch: &Value) -> Result<Value, String> {
    let options = merge::Options { merge_lists: true, ignore_unmatched_nulls: true };
    let (original, patch) = (object(original)?, object(patch)?);
    merge::merge_map(original, patch, Type::of(kind), options).map(Value::Object)
}

/// The patch that turns one object of a kind into another.
pub fn two_way(kind: Kind, original: &Value, modified: &Value) -> Result<Value, String> {
    let options = diff::Options { element_order: true, ..diff::Options::default() };
    let (original, modified) = (object(original)?, object(modified)?);
    diff::diff_maps(&original, &modified, Type::of(kind), options).map(Value::Object)
}

/// kubectl's apply patch: what the manifest changes or adds to the live object, and what it no longer has of the
/// configuration that was applied last. An empty object if there is nothing to do.
pub fn three_way(
    kind: Kind,
    last_applied: &Value,
    manifest: &Value,
    live: &Value,
) -> Result<Value, String> {
    let (last_applied, manifest, live) = (object(last_applied)?, object(manifest)?, object(live)?);
    let element_order = diff::Options { element_order: true, ..diff::Options::default() };
    let additions = diff::Options { ignore_deletions: true, ..element_order };
    let delta = diff::diff_maps(&live, &manifest, Type::of(kind), additions)?;
    let deletions = diff::Options { ignore_changes: true, ..element_order };
    let gone = diff::diff_maps(&last_applied, &manifest, Type::of(kind), deletions)?;
    let options = merge::Options { merge_lists: false, ignore_unmatched_nulls: false };
    merge::merge_map(gone, delta, Type::of(kind), options).map(Value::Object)
}

/// Takes out directives that a merge left where there was nothing to merge with.
pub fn drop_directives(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|key, _| {
                key != DIRECTIVE
                    && key != RETAIN_KEYS
                    && !key.starts_with(ELEMENT_ORDER)
                    && !key.starts_with(DELETE_FROM_LIST)
            });
            map.values_mut().for_each(drop_directives);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_directives),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn object(value: &Value) -> Result<Object, String> {
    match value {
        Value::Object(map) => Ok(map.clone()),
        Value::Null => Ok(Object::new()),
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Err("invalid JSON document".to_owned())
        }
    }
}

/// Whether two values have the same Go type: only then are they merged.
fn same_type(left: &Value, right: &Value) -> bool {
    go_type(left) == go_type(right)
}

fn go_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "<nil>",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "float64",
        Value::Number(_) => "int64",
        Value::String(_) => "string",
        Value::Array(_) => "[]interface {}",
        Value::Object(_) => "map[string]interface {}",
    }
}

fn bad_type(expected: &str, value: &Value) -> String {
    let received = if value.is_null() { "nil" } else { go_type(value) };
    format!("expected a {expected}, but received a {received}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn lists_merge_by_their_key_and_keep_an_order() {
        let pod = |containers: Value| json!({ "spec": { "containers": containers } });
        let original = pod(json!([{"name": "a", "image": "1"}, {"name": "b", "image": "1"}]));
        for (patch, result) in [
            (
                json!([{"name": "b", "image": "2"}]),
                json!([{"name": "a", "image": "1"}, {"name": "b", "image": "2"}]),
            ),
            (json!([{"name": "a", "$patch": "delete"}]), json!([{"name": "b", "image": "1"}])),
            (json!([{"$patch": "replace"}, {"name": "c"}]), json!([{"name": "c"}])),
            (
                json!([{"name": "c"}]),
                json!([{"name": "c"}, {"name": "a", "image": "1"}, {"name": "b", "image": "1"}]),
            ),
        ] {
            let merged = strategic_merge(Kind::Pod, &original, &pod(patch.clone())).unwrap();
            assert_eq!(merged, pod(result), "{patch}");
        }
    }

    #[test]
    fn faults_have_upstreams_words() {
        let patch = |patch: Value| {
            let original = json!({"spec": {"containers": [{"name": "a"}]}});
            strategic_merge(Kind::Pod, &original, &patch).unwrap_err()
        };
        assert_eq!(
            patch(json!({"spec": {"containers": [{"image": "x"}]}})),
            "map: map[image:x] does not contain declared merge key: name"
        );
        assert_eq!(
            patch(json!({"spec": {"$patch": "x"}})),
            "unknown patch type: x in map: map[$patch:x]"
        );
    }

    #[test]
    fn apply_removes_what_it_set_and_leaves_what_others_set() {
        let last = json!({"metadata": {"labels": {"a": "1", "b": "1"}}});
        let live = json!({"metadata": {"labels": {"a": "1", "b": "1", "c": "1"}}});
        let manifest = json!({"metadata": {"labels": {"a": "2"}}});
        let patch = three_way(Kind::Pod, &last, &manifest, &live).unwrap();
        assert_eq!(patch, json!({"metadata": {"labels": {"a": "2", "b": null}}}));
        assert_eq!(three_way(Kind::Pod, &live, &live, &live).unwrap(), json!({}));
    }
}
