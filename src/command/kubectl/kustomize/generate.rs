//! `configMapGenerator` and `secretGenerator`: objects out of files, pairs and env files.
//!
//! Models kustomize `api/internal/generators`, `api/kv/kv.go` and `api/types/generatoroptions.go`.

use serde_json::{Map, Value, json};

use super::resource::{Behavior, Resource, object_at};
use crate::manifest::base64;

/// Reads a file that a generator names.
pub(super) type Load<'a> = dyn Fn(&str) -> Result<Vec<u8>, String> + 'a;

/// How long a line of base64 may be.
const LINE_LENGTH: usize = 70;

/// What one generator makes.
pub(super) fn generate(
    kind: &str,
    args: &Value,
    global: Option<&Value>,
    load: &Load<'_>,
) -> Result<Resource, String> {
    let text = |key: &str| args.get(key).and_then(Value::as_str).unwrap_or_default();
    if text("name").is_empty() {
        return Err(format!("a {} must have a name", kind.to_lowercase()));
    }
    let pairs = pairs(args, load).map_err(|problem| format!("loading KV pairs: {problem}"))?;
    let mut value = json!({"apiVersion": "v1", "kind": kind, "metadata": {"name": text("name")}});
    if !text("namespace").is_empty() {
        value["metadata"]["namespace"] = text("namespace").into();
    }
    if kind == "Secret" {
        let given = text("type");
        value["type"] = if given.is_empty() { "Opaque" } else { given }.into();
    }
    for (key, bytes) in pairs {
        add(&mut value, kind, &key, bytes)?;
    }
    let options = |key: &str| {
        let own = args.get("options").and_then(|options| options.get(key));
        (own, global.and_then(|options| options.get(key)))
    };
    for field in ["labels", "annotations"] {
        let (own, global) = options(field);
        let all = global.into_iter().chain(own).filter_map(Value::as_object).flatten();
        let mut all = all.peekable();
        if all.peek().is_none() {
            continue;
        }
        let place = object_at(object_value(&mut value, "metadata"), field);
        all.for_each(|(key, value)| drop(place.insert(key.clone(), value.clone())));
    }
    let on = |key: &str| {
        let (own, global) = options(key);
        [own, global].into_iter().flatten().any(|value| value == &Value::Bool(true))
    };
    if on("immutable") {
        value["immutable"] = Value::Bool(true);
    }
    let mut resource = Resource::new(value);
    resource.hashed = !on("disableNameSuffixHash");
    resource.behavior = match text("behavior") {
        "create" => Behavior::Create,
        "replace" => Behavior::Replace,
        "merge" => Behavior::Merge,
        _ => Behavior::Unspecified,
    };
    Ok(resource)
}

fn object_value<'a>(value: &'a mut Value, key: &str) -> &'a mut Value {
    object_at(value, key);
    &mut value[key]
}

/// Puts one pair where it belongs.
fn add(value: &mut Value, kind: &str, key: &str, bytes: Vec<u8>) -> Result<(), String> {
    let known = |field: &str| value.get(field).is_some_and(|map| map.get(key).is_some());
    if known("data") || known("binaryData") {
        let name = value.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default();
        let kind = kind.to_lowercase();
        return Err(format!("{kind} {name} illegally repeats the key `{key}`"));
    }
    let (field, text) = match (kind, String::from_utf8(bytes)) {
        ("Secret", Ok(text)) => ("data", wrapped(text.as_bytes())),
        ("Secret", Err(error)) => ("data", wrapped(error.as_bytes())),
        (_, Ok(text)) => ("data", text),
        (_, Err(error)) => ("binaryData", wrapped(error.as_bytes())),
    };
    object_at(value, field).insert(key.to_owned(), Value::String(text));
    Ok(())
}

/// Base64; what fills a line gets line breaks.
fn wrapped(bytes: &[u8]) -> String {
    let text = base64::encode(bytes);
    if text.len() < LINE_LENGTH {
        return text;
    }
    let mut lines = String::new();
    for (index, letter) in text.chars().enumerate() {
        if index > 0 && index % LINE_LENGTH == 0 {
            lines.push('\n');
        }
        lines.push(letter);
    }
    lines.push('\n');
    lines
}

/// All pairs: of env files, pairs and files.
fn pairs(args: &Value, load: &Load<'_>) -> Result<Vec<(String, Vec<u8>)>, String> {
    let list = |key: &str| -> Vec<&str> {
        let items = args.get(key).and_then(Value::as_array);
        items.into_iter().flatten().filter_map(Value::as_str).collect()
    };
    let mut pairs = Vec::new();
    let mut envs = list("envs");
    envs.extend(args.get("env").and_then(Value::as_str).filter(|env| !env.is_empty()));
    for path in &envs {
        let problem =
            |problem: String| format!("env source files: [{}]: {problem}", envs.join(" "));
        let bytes = load(path).map_err(problem)?;
        let text = String::from_utf8(bytes)
            .map_err(|error| problem(format!("invalid utf8 bytes in {path}: {error}")))?;
        for line in text.lines().map(|line| line.trim_start().trim_end_matches('\r')) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (key, value) = line.split_once('=').unwrap_or((line, ""));
            pairs.push((key.to_owned(), value.as_bytes().to_vec()));
        }
    }
    let literals = list("literals");
    for literal in &literals {
        let problem = || {
            format!(
                "literal sources [{}]: invalid literal source {literal}, expected key=value",
                literals.join(" ")
            )
        };
        let (key, value) = literal.split_once('=').ok_or_else(problem)?;
        if key.is_empty() {
            return Err(problem());
        }
        pairs.push((key.to_owned(), unquoted(value).as_bytes().to_vec()));
    }
    let files = list("files");
    for source in &files {
        let (key, path) = match source.split_once('=') {
            Some((key, path)) => (key, path),
            None => (source.rsplit('/').next().unwrap_or_default(), *source),
        };
        let bytes = load(path)
            .map_err(|problem| format!("file sources: [{}]: {problem}", files.join(" ")))?;
        pairs.push((key.to_owned(), bytes));
    }
    Ok(pairs)
}

/// A value without the quotes around it.
fn unquoted(text: &str) -> &str {
    let within = |quote: char| text.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    within('"').or_else(|| within('\'')).unwrap_or(text)
}

/// Lets a generated object meet those that are there.
pub(super) fn absorb(resources: &mut Vec<Resource>, mut new: Resource) -> Result<(), String> {
    let id = new.id();
    let old = resources.iter_mut().find(|one| one.any_id(|other| other.equals(&id)));
    let go = format!(
        "merging from generator &{{0xc000123450 <nil>}}: id resid.ResId{{Gvk:resid.Gvk{{Group:{:?}, Version:{:?}, Kind:{:?}, isClusterScoped:false}}, Name:{:?}, Namespace:{:?}}}",
        id.group, id.version, id.kind, id.name, id.namespace
    );
    let Some(old) = old else {
        if matches!(new.behavior, Behavior::Merge | Behavior::Replace) {
            return Err(format!("{go} does not exist; cannot merge or replace"));
        }
        resources.push(new);
        return Ok(());
    };
    let behavior = match new.behavior {
        Behavior::Merge | Behavior::Replace => new.behavior,
        Behavior::Create => return Err(cannot(&go, "create")),
        Behavior::Unspecified => return Err(cannot(&go, "unspecified")),
    };
    for field in ["labels", "annotations"] {
        let path = format!("/metadata/{field}");
        let before = old.value.pointer(&path).and_then(Value::as_object).cloned();
        under(&mut new.value["metadata"], field, before);
    }
    if behavior == Behavior::Merge {
        for field in ["data", "binaryData"] {
            let before = old.value.get(field).and_then(Value::as_object).cloned();
            under(&mut new.value, field, before);
        }
    }
    let now = old.id();
    new.set_metadata("name", &now.name);
    new.set_metadata("namespace", &now.namespace);
    old.value = new.value;
    Ok(())
}

fn cannot(go: &str, behavior: &str) -> String {
    format!("{go} exists; can not use behavior: '{behavior}', behavior must be merge or replace")
}

/// Puts a mapping under one: what both have stays.
fn under(value: &mut Value, field: &str, below: Option<Map<String, Value>>) {
    let Some(below) = below.filter(|below| !below.is_empty()) else { return };
    let place = object_at(value, field);
    for (key, value) in below {
        place.entry(key).or_insert(value);
    }
}
