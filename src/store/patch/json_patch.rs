//! JSON patches (RFC 6902): a list of operations on places in a document.
//!
//! Either all operations are done or none. Lists may be counted from their end (`-1`), and `-` stands behind the last
//! item. Models evanphx/json-patch as kubectl has it (`Patch.Apply`); the sentences are its own.

use serde_json::{Map, Value};

use super::PatchError;

const MISSING: &str = "missing value";
const BAD_INDEX: &str = "invalid index referenced";

/// Applies a patch.
pub fn json_patch(mut document: Value, patch: &Value) -> Result<Value, PatchError> {
    for operation in operations(patch)? {
        operation.apply(&mut document).map_err(PatchError)?;
    }
    Ok(document)
}

/// What one operation does.
#[derive(Copy, Clone)]
enum Act<'a> {
    Add(&'a Value),
    Remove,
    Replace(&'a Value),
    Move(&'a str),
    Copy(&'a str),
    Test(&'a Value),
}

struct Operation<'a> {
    act: Act<'a>,
    path: &'a str,
}

/// Reads all operations before the first is done.
fn operations(patch: &Value) -> Result<Vec<Operation<'_>>, PatchError> {
    let wrong = |value: &Value, what: &str| {
        PatchError(format!("json: cannot unmarshal {} into {what}", json_kind(value)))
    };
    let items = match patch {
        Value::Null => return Ok(Vec::new()),
        Value::Array(items) => items,
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
            return Err(wrong(patch, "Go value of type jsonpatch.Patch"));
        }
    };
    let mut operations = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let what = format!("Patch.{index} of type jsonpatch.Operation");
        let fields = item.as_object().ok_or_else(|| wrong(item, &what))?;
        let operation = operation(fields)
            .map_err(|problem| PatchError(format!("invalid operation {item}: {problem}")))?;
        operations.push(operation);
    }
    Ok(operations)
}

fn operation(fields: &Map<String, Value>) -> Result<Operation<'_>, String> {
    static NULL: Value = Value::Null;
    let value = || {
        let missing =
            || format!("failed to decode 'value': operation, missing value field: {MISSING}");
        fields.get("value").ok_or_else(missing)
    };
    let act = match fields.get("op").and_then(Value::as_str).unwrap_or("unknown") {
        "add" => Act::Add(value()?),
        "replace" => Act::Replace(value()?),
        "test" => Act::Test(fields.get("value").unwrap_or(&NULL)),
        "remove" => Act::Remove,
        "move" => Act::Move(text(fields, "from", "operation, missing from field")?),
        "copy" => Act::Copy(text(fields, "from", "operation, missing from field")?),
        _ => return Err("unsupported operation".to_owned()),
    };
    Ok(Operation { act, path: text(fields, "path", "operation missing path field")? })
}

fn text<'a>(fields: &'a Map<String, Value>, key: &str, without: &str) -> Result<&'a str, String> {
    match fields.get(key) {
        Some(Value::String(text)) => Ok(text),
        None | Some(Value::Null) => Err(format!("failed to decode '{key}': {without}: {MISSING}")),
        Some(other) => Err(format!(
            "failed to decode '{key}': json: cannot unmarshal {} into Go value of type string",
            json_kind(other)
        )),
    }
}

/// What JSON calls a value, as Go's decoder says it.
pub(in crate::store) fn json_kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

impl Operation<'_> {
    fn apply(&self, document: &mut Value) -> Result<(), String> {
        let path = self.path;
        match self.act {
            Act::Add(value) => {
                let (holder, key) = holder(document, path).ok_or_else(|| {
                    format!(
                        "add operation does not apply: doc is missing path: \"{path}\": {MISSING}"
                    )
                })?;
                add(holder, &key, value.clone())
                    .map_err(|problem| format!("error in add for path: '{path}': {problem}"))
            }
            Act::Remove => {
                let (holder, key) = holder(document, path).ok_or_else(|| {
                    format!("remove operation does not apply: doc is missing path: \"{path}\": {MISSING}")
                })?;
                remove(holder, &key)
                    .map(drop)
                    .map_err(|problem| format!("error in remove for path: '{path}': {problem}"))
            }
            Act::Replace(value) => {
                let (holder, key) = holder(document, path).ok_or_else(|| {
                    format!(
                        "replace operation does not apply: doc is missing path: {path}: {MISSING}"
                    )
                })?;
                let place = get(holder, &key).ok().ok_or_else(|| {
                    format!(
                        "replace operation does not apply: doc is missing key: {path}: {MISSING}"
                    )
                })?;
                value.clone_into(place);
                Ok(())
            }
            Act::Test(value) => test(document, path, value),
            Act::Move(from) => {
                let (holder, key) = missing_from(document, "move", from)?;
                let moved = remove_known(holder, &key)
                    .map_err(|problem| format!("error in move for path: '{key}': {problem}"))?;
                let (holder, key) = missing_to(document, "move", path)?;
                add(holder, &key, moved)
                    .map_err(|problem| format!("error in move for path: '{path}': {problem}"))
            }
            Act::Copy(from) => {
                let (holder, key) = missing_from(document, "copy", from)?;
                let copied = get(holder, &key)
                    .map_err(|problem| format!("error in copy for from: '{from}': {problem}"))?
                    .clone();
                let (holder, key) = missing_to(document, "copy", path)?;
                add(holder, &key, copied)
                    .map_err(|problem| format!("error while adding value during copy: {problem}"))
            }
        }
    }
}

fn test(document: &mut Value, path: &str, value: &Value) -> Result<(), String> {
    let (holder, key) = holder(document, path).ok_or_else(|| {
        format!("test operation does not apply: is missing path: {path}: {MISSING}")
    })?;
    let is_object = holder.is_object();
    let found = match get(holder, &key) {
        Ok(found) => &*found,
        // A key that is not there counts as null.
        Err(_) if is_object => &Value::Null,
        Err(problem) => return Err(format!("error in test for path: '{path}': {problem}")),
    };
    if found == value {
        return Ok(());
    }
    Err(format!("testing value {path} failed: test failed"))
}

fn missing_from<'a>(
    document: &'a mut Value,
    name: &str,
    from: &str,
) -> Result<(&'a mut Value, String), String> {
    holder(document, from).ok_or_else(|| {
        format!("{name} operation does not apply: doc is missing from path: {from}: {MISSING}")
    })
}

fn missing_to<'a>(
    document: &'a mut Value,
    name: &str,
    path: &str,
) -> Result<(&'a mut Value, String), String> {
    holder(document, path).ok_or_else(|| {
        format!(
            "{name} operation does not apply: doc is missing destination path: {path}: {MISSING}"
        )
    })
}

/// The object or list in which a path's last step stands, and that step. What stands before the first slash does not
/// count.
fn holder<'a>(document: &'a mut Value, path: &str) -> Option<(&'a mut Value, String)> {
    let (_, steps) = path.split_once('/')?;
    let (before, last) = match steps.rsplit_once('/') {
        Some((before, last)) => (Some(before), last),
        None => (None, steps),
    };
    let mut at = document;
    for step in before.into_iter().flat_map(|before| before.split('/')) {
        at = get(at, &unescape(step)).ok()?;
    }
    (at.is_object() || at.is_array()).then(|| (at, unescape(last)))
}

fn unescape(step: &str) -> String {
    step.replace("~1", "/").replace("~0", "~")
}

fn get<'a>(holder: &'a mut Value, key: &str) -> Result<&'a mut Value, String> {
    match holder {
        Value::Array(items) => {
            let at = index(key, items.len())?;
            items.get_mut(at).ok_or_else(|| out_of_range(key))
        }
        Value::Object(map) => map
            .get_mut(key)
            .ok_or_else(|| format!("unable to get nonexistent key: {key}: {MISSING}")),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            Err(MISSING.to_owned())
        }
    }
}

fn remove(holder: &mut Value, key: &str) -> Result<Value, String> {
    match holder {
        Value::Array(items) => {
            let at = index(key, items.len())?;
            if at < items.len() { Ok(items.remove(at)) } else { Err(out_of_range(key)) }
        }
        Value::Object(map) => map
            .remove(key)
            .ok_or_else(|| format!("unable to remove nonexistent key: {key}: {MISSING}")),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            Err(MISSING.to_owned())
        }
    }
}

/// Takes out what is looked up first: what is missing is told as a lookup tells it.
fn remove_known(holder: &mut Value, key: &str) -> Result<Value, String> {
    get(holder, key)?;
    remove(holder, key)
}

fn add(holder: &mut Value, key: &str, value: Value) -> Result<(), String> {
    match holder {
        Value::Array(items) if key == "-" => items.push(value),
        Value::Array(items) => {
            let at = index(key, items.len() + 1).map_err(|problem| {
                if problem.starts_with("strconv") {
                    format!("value was not a proper array index: '{key}': {problem}")
                } else {
                    problem
                }
            })?;
            items.insert(at.min(items.len()), value);
        }
        Value::Object(map) => {
            map.insert(key.to_owned(), value);
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
    Ok(())
}

/// The place in a list of so many items; negative numbers count from its end.
fn index(key: &str, length: usize) -> Result<usize, String> {
    let number: Option<i64> = key.parse().ok();
    let number = number.ok_or_else(|| format!("strconv.Atoi: parsing {key:?}: invalid syntax"))?;
    let length = i64::try_from(length).unwrap_or(i64::MAX);
    let at = if number < 0 { number + length } else { number };
    match usize::try_from(at) {
        Ok(place) if at < length => Ok(place),
        _ => Err(out_of_range(key)),
    }
}

fn out_of_range(key: &str) -> String {
    let number: i64 = key.parse().unwrap_or(0);
    format!("Unable to access invalid index: {number}: {BAD_INDEX}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn patched(patch: &str) -> Result<Value, String> {
        let pod = json!({"metadata": {"name": "x", "labels": {"a": "b"}},
            "spec": {"containers": [{"name": "a"}, {"name": "b"}]}});
        let patch: Value = serde_json::from_str(patch).unwrap();
        json_patch(pod, &patch).map_err(|error| error.0)
    }

    #[test]
    fn operations_change_the_place_they_name() {
        for (patch, pointer, expected) in [
            (
                r#"[{"op":"add","path":"/spec/containers/-","value":1}]"#,
                "/spec/containers/2",
                json!(1),
            ),
            (
                r#"[{"op":"add","path":"/spec/containers/0","value":1}]"#,
                "/spec/containers/0",
                json!(1),
            ),
            (
                r#"[{"op":"replace","path":"/spec/containers/-1/name","value":"z"}]"#,
                "/spec/containers/1/name",
                json!("z"),
            ),
            (
                r#"[{"op":"remove","path":"/spec/containers/0"}]"#,
                "/spec/containers",
                json!([{"name": "b"}]),
            ),
            (
                r#"[{"op":"add","path":"/metadata/labels/a~1b~0","value":"q"}]"#,
                "/metadata/labels",
                json!({"a": "b", "a/b~": "q"}),
            ),
            (
                r#"[{"op":"move","from":"/metadata/labels/a","path":"/metadata/labels/c"},{"op":"copy","from":"/metadata/labels/c","path":"/metadata/labels/d"}]"#,
                "/metadata/labels",
                json!({"c": "b", "d": "b"}),
            ),
            (
                r#"[{"op":"test","path":"/metadata/nope"},{"op":"test","path":"/metadata/name","value":"x"}]"#,
                "/metadata/name",
                json!("x"),
            ),
        ] {
            let value = patched(patch).unwrap();
            assert_eq!(value.pointer(pointer), Some(&expected), "{patch}");
        }
    }

    #[test]
    fn faults_have_the_librarys_words() {
        for (patch, problem) in [
            (
                r#"{"op":"add"}"#,
                "json: cannot unmarshal object into Go value of type jsonpatch.Patch",
            ),
            ("[1]", "json: cannot unmarshal number into Patch.0 of type jsonpatch.Operation"),
            (
                r#"[{"op":"bogus","path":"/a"}]"#,
                r#"invalid operation {"op":"bogus","path":"/a"}: unsupported operation"#,
            ),
            (
                r#"[{"op":"add","value":3}]"#,
                r#"invalid operation {"op":"add","value":3}: failed to decode 'path': operation missing path field: missing value"#,
            ),
            (
                r#"[{"op":"add","path":"/x"}]"#,
                r#"invalid operation {"op":"add","path":"/x"}: failed to decode 'value': operation, missing value field: missing value"#,
            ),
            (
                r#"[{"op":"remove","path":"/metadata/labels/z"}]"#,
                "error in remove for path: '/metadata/labels/z': unable to remove nonexistent key: z: missing value",
            ),
            (
                r#"[{"op":"remove","path":"/metadata/annotations/z"}]"#,
                "remove operation does not apply: doc is missing path: \"/metadata/annotations/z\": missing value",
            ),
            (
                r#"[{"op":"replace","path":"/metadata/labels/z","value":1}]"#,
                "replace operation does not apply: doc is missing key: /metadata/labels/z: missing value",
            ),
            (
                r#"[{"op":"remove","path":"/spec/containers/-3"}]"#,
                "error in remove for path: '/spec/containers/-3': Unable to access invalid index: -3: invalid index referenced",
            ),
            (
                r#"[{"op":"add","path":"/spec/containers/9","value":1}]"#,
                "error in add for path: '/spec/containers/9': Unable to access invalid index: 9: invalid index referenced",
            ),
            (
                r#"[{"op":"add","path":"/spec/containers/x","value":1}]"#,
                "error in add for path: '/spec/containers/x': value was not a proper array index: 'x': strconv.Atoi: parsing \"x\": invalid syntax",
            ),
            (
                r#"[{"op":"test","path":"/metadata/name","value":"y"}]"#,
                "testing value /metadata/name failed: test failed",
            ),
            (
                r#"[{"op":"move","from":"/metadata/labels/q","path":"/metadata/labels/c"}]"#,
                "error in move for path: 'q': unable to get nonexistent key: q: missing value",
            ),
            (
                r#"[{"op":"add","path":"","value":1}]"#,
                "add operation does not apply: doc is missing path: \"\": missing value",
            ),
            (
                r#"[{"op":"add","path":"/metadata/name/x","value":1}]"#,
                "add operation does not apply: doc is missing path: \"/metadata/name/x\": missing value",
            ),
        ] {
            assert_eq!(patched(patch).unwrap_err(), problem, "{patch}");
        }
    }
}
