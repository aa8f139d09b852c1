//! Strategic merge as kustomize does it: by the same keys as the API server, but what a patch names comes first in a list.
//!
//! Models kyaml `yaml/merge2/merge2.go`, `smpdirective.go` and `yaml/walk/associative_sequence.go`. *Differs:* lists of
//! ports merge by the port alone where the patch names no protocol for any of them.

use serde_json::{Map, Value};

use super::schema::{Field, Strategy, Type};
use super::{DELETE, DIRECTIVE, MERGE, PatchError, REPLACE};

/// Merges a patch into an object, which says of what kind it is; `None` if nothing is left of it.
pub fn kustomize_merge(original: Value, patch: &Value) -> Result<Option<Value>, PatchError> {
    let text = |key: &str| original.get(key).and_then(Value::as_str).unwrap_or_default();
    let (group, version) = text("apiVersion").split_once('/').unwrap_or(("", text("apiVersion")));
    let of = Type::of_names(group, version, text("kind"));
    merge(Some(original), patch, of)
}

fn merge(original: Option<Value>, patch: &Value, of: Type) -> Result<Option<Value>, PatchError> {
    let Value::Object(changes) = patch else {
        return Ok(Some(patch.clone()).filter(|patch| !patch.is_null()));
    };
    let directive = match changes.get(DIRECTIVE).and_then(Value::as_str) {
        None => MERGE,
        Some(word) if [DELETE, REPLACE, MERGE].contains(&word) => word,
        Some(other) => return Err(PatchError(format!("unknown patch strategy '{other}'"))),
    };
    let mut map = match original {
        _ if directive == DELETE => return Ok(None),
        Some(Value::Object(map)) if directive == MERGE => map,
        _ => Map::new(),
    };
    for (key, change) in changes.iter().filter(|(key, _)| *key != DIRECTIVE) {
        let field = of.field(key);
        let old = map.remove(key);
        let merged = match change {
            Value::Array(items) if field.strategy == Strategy::Merge => {
                merge_list(old, items, &field)?
            }
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_)
            | Value::Object(_) => merge(old, change, field.of)?,
        };
        if let Some(merged) = merged {
            map.insert(key.clone(), merged);
        }
    }
    Ok(Some(Value::Object(map)))
}

fn merge_list(
    old: Option<Value>,
    items: &[Value],
    field: &Field,
) -> Result<Option<Value>, PatchError> {
    let alone = |item: &Value| {
        let directive = item.get(DIRECTIVE)?.as_str()?;
        (item.as_object()?.len() == 1).then(|| directive.to_owned())
    };
    let mut old: Vec<Value> = match old {
        Some(Value::Array(old)) => old,
        Some(_) | None => Vec::new(),
    };
    match items.iter().find_map(alone).as_deref() {
        Some(DELETE) => return Ok(None),
        Some(REPLACE) => old.clear(),
        _ => {}
    }
    let mut merged: Vec<Value> = Vec::new();
    for item in items.iter().filter(|item| alone(item).is_none()) {
        let at = old.iter().position(|old| same_item(old, item, items, field.merge_key));
        let before = at.map(|at| old.remove(at));
        match merged.iter_mut().find(|one| same_item(one, item, items, field.merge_key)) {
            Some(_) if before.is_none() => {}
            _ => merged.extend(merge(before, item, field.of)?),
        }
    }
    merged.extend(old);
    Ok(Some(Value::Array(merged)).filter(|list| list != &Value::Array(Vec::new())))
}

/// Whether two items of a list are the same one.
fn same_item(old: &Value, new: &Value, items: &[Value], key: &str) -> bool {
    if key.is_empty() {
        return old == new;
    }
    let told = items.iter().any(|item| item.get("protocol").is_some());
    let protocol = |item: &Value| item.get("protocol").and_then(Value::as_str).map(str::to_owned);
    let same_protocol = match (protocol(old), protocol(new)) {
        (Some(old), Some(new)) => old == new,
        _ => true,
    };
    old.get(key).is_some() && old.get(key) == new.get(key) && (!told || same_protocol)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_a_patch_names_comes_first() {
        let pod = |containers: Value| json!({"apiVersion": "v1", "kind": "Pod", "spec": {"containers": containers}});
        let original = pod(json!([{"name": "a", "image": "1"}, {"name": "b", "image": "1"}]));
        for (patch, result) in [
            (
                json!([{"name": "b", "image": "2"}, {"name": "c"}]),
                json!([{"name": "b", "image": "2"}, {"name": "c"}, {"name": "a", "image": "1"}]),
            ),
            (json!([{"name": "a", "$patch": "delete"}]), json!([{"name": "b", "image": "1"}])),
            (json!([{"$patch": "replace"}, {"name": "c"}]), json!([{"name": "c"}])),
        ] {
            let merged = kustomize_merge(original.clone(), &pod(patch.clone())).unwrap();
            assert_eq!(merged, Some(pod(result)), "{patch}");
        }
        assert_eq!(kustomize_merge(original, &json!({"$patch": "delete"})), Ok(None));
    }

    #[test]
    fn null_takes_away_and_plain_lists_are_replaced() {
        let original = json!({"metadata": {"labels": {"a": "1", "b": "1"}}, "x": [1, 2]});
        let patch = json!({"metadata": {"labels": {"a": null}}, "x": [3]});
        assert_eq!(
            kustomize_merge(original, &patch),
            Ok(Some(json!({"metadata": {"labels": {"b": "1"}}, "x": [3]})))
        );
    }
}
