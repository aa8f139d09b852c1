//! Patches: strategic merge, JSON merge, JSON patch, and the three-way patch that `kubectl apply` makes.
//!
//! All are pure functions over JSON values. What makes a merge strategic (which lists merge by which key) are upstream's
//! struct tags, from the table of types.
//!
//! Models kubernetes apimachinery `pkg/util/strategicpatch/patch.go`, `pkg/util/jsonmergepatch` and kubectl
//! `pkg/util/apply`.

mod diff;
mod json_merge;
mod json_patch;
mod kustomize;
mod list;
mod merge;
mod schema;

use std::fmt;

use serde_json::{Map, Value};

pub use json_merge::{json_merge, json_merge_diff, json_merge_three_way};
pub(in crate::store) use json_patch::json_kind;
pub use json_patch::json_patch;
pub use kustomize::kustomize_merge;

use crate::object::Kind;
use schema::Type;

/// A JSON object.
type Object = Map<String, Value>;

/// Why a patch cannot be made or applied; upstream's sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatchError(pub String);

impl fmt::Display for PatchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for PatchError {}

const DIRECTIVE: &str = "$patch";
const DELETE: &str = "delete";
const REPLACE: &str = "replace";
const MERGE: &str = "merge";
const RETAIN_KEYS: &str = "$retainKeys";
const DELETE_FROM_LIST: &str = "$deleteFromPrimitiveList";
const ELEMENT_ORDER: &str = "$setElementOrder";

/// Applies a strategic merge patch to an object of a kind; none stands for a type without metadata.
pub fn strategic_merge(
    kind: Option<Kind>,
    original: Value,
    patch: Value,
) -> Result<Value, PatchError> {
    let of = kind.map_or(Type::Plain, Type::of_kind);
    let options = merge::Options { merge_lists: true, ignore_unmatched_nulls: true };
    let merged = merge::merge_map(object(original)?, object(patch)?, of, options)?;
    Ok(Value::Object(merged))
}

/// The patch that turns one object of a kind into another.
pub fn two_way(kind: Kind, original: &Value, modified: &Value) -> Result<Value, PatchError> {
    let options = diff::Options { element_order: true, ..diff::Options::default() };
    let (original, modified) = (object_ref(original)?, object_ref(modified)?);
    diff::diff_maps(original, modified, Type::of_kind(kind), options).map(Value::Object)
}

/// kubectl's apply patch: what the manifest changes or adds to the live object, and what it no longer has of the
/// configuration that was applied last. An empty object if there is nothing to do.
pub fn three_way(
    kind: Kind,
    last_applied: &Value,
    manifest: &Value,
    live: &Value,
) -> Result<Value, PatchError> {
    let (last_applied, manifest) = (object_ref(last_applied)?, object_ref(manifest)?);
    let element_order = diff::Options { element_order: true, ..diff::Options::default() };
    let additions = diff::Options { ignore_deletions: true, ..element_order };
    let delta = diff::diff_maps(object_ref(live)?, manifest, Type::of_kind(kind), additions)?;
    let deletions = diff::Options { ignore_changes: true, ..element_order };
    let gone = diff::diff_maps(last_applied, manifest, Type::of_kind(kind), deletions)?;
    let options = merge::Options { merge_lists: false, ignore_unmatched_nulls: false };
    merge::merge_map(gone, delta, Type::of_kind(kind), options).map(Value::Object)
}

fn object(value: Value) -> Result<Object, PatchError> {
    match value {
        Value::Object(map) => Ok(map),
        Value::Null => Ok(Object::new()),
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Err(bad_document())
        }
    }
}

fn object_ref(value: &Value) -> Result<&Object, PatchError> {
    value.as_object().ok_or_else(bad_document)
}

fn bad_document() -> PatchError {
    PatchError("invalid JSON document".to_owned())
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

fn bad_type(expected: &str, value: &Value) -> PatchError {
    let received = if value.is_null() { "nil" } else { go_type(value) };
    PatchError(format!("expected a {expected}, but received a {received}"))
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
            let merged =
                strategic_merge(Some(Kind::Pod), original.clone(), pod(patch.clone())).unwrap();
            assert_eq!(merged, pod(result), "{patch}");
        }
    }

    #[test]
    fn faults_have_upstreams_words() {
        let patch = |patch: Value| {
            let original = json!({"spec": {"containers": [{"name": "a"}]}});
            strategic_merge(Some(Kind::Pod), original, patch).unwrap_err().0
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
