//! PATCH: a stored object changed by a patch to its wire form, or to that of its `status` or `scale`.
//!
//! What kubectl sends without a word on strictness is lenient: unknown fields are dropped and warned of. Models
//! kubernetes apiserver `pkg/endpoints/handlers/patch.go` and `rest.go`; the words for wrong types in strategic patches
//! are those of apimachinery `pkg/runtime/converter.go`. *Differs:* where upstream's converter names a Go kind that our
//! decoder does not know of, the nearest stands.

use std::sync::Arc;

use serde_json::{Value, json};

use super::Client;
use super::admission::refuse;
use super::patch::{self, json_kind};
use super::wire::{PatchType, has_empty_parts, without_empty_parts};
use crate::manifest::{DecodeError, Node, types};
use crate::object::custom::in_version;
use crate::object::{Invalid, Key, Kind, Object, Reason, StatusError};
use crate::quote::{go_value, quote};

/// How many operations a JSON patch may have.
const OPERATIONS_MAX: usize = 10_000;

/// The part of an object that a request is about.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub enum Subresource {
    /// The object, but for its status.
    #[default]
    None,
    /// Its status alone.
    Status,
    /// Its number of replicas, as a `Scale`.
    Scale,
}

/// What a PATCH asks for.
#[derive(Copy, Clone, Debug)]
pub struct PatchRequest<'a> {
    /// The form of the patch.
    pub form: PatchType,
    /// The patch.
    pub body: &'a Value,
    /// Whether unknown fields are warned of, not refused.
    pub lenient: bool,
    /// What is patched.
    pub subresource: Subresource,
}

/// What came of a PATCH.
#[derive(Clone, Debug)]
pub struct Patched {
    /// The version after.
    pub object: Arc<Object>,
    /// What the server warned of.
    pub warnings: Vec<String>,
}

impl Client<'_> {
    /// Changes a stored object by a patch to its wire form: metadata and spec, see [`Client::update`].
    pub fn patch(
        &mut self,
        key: &Key,
        form: PatchType,
        body: &Value,
    ) -> Result<Arc<Object>, StatusError> {
        let request = PatchRequest { form, body, lenient: false, subresource: Subresource::None };
        self.patch_as(key, &request).map(|patched| patched.object)
    }

    /// Changes a stored object, or a part of it, by a patch.
    pub fn patch_as(
        &mut self,
        key: &Key,
        request: &PatchRequest<'_>,
    ) -> Result<Patched, StatusError> {
        let part = match request.subresource {
            Subresource::None => "",
            Subresource::Scale => "scale",
            Subresource::Status => "status",
        };
        self.authorize("patch", key, part)?;
        let current = Arc::clone(self.current(key)?);
        if request.subresource == Subresource::Scale {
            return self.patch_scale(key, &current, request);
        }
        subresource_value(&current, request.subresource).ok_or_else(no_such_path)?;
        let custom = matches!(key.kind, Kind::Custom(_));
        if custom && request.form == PatchType::Strategic {
            let message = "the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml";
            return Err(StatusError::new(Reason::UnsupportedMediaType, message));
        }
        let current = in_version(current, key.kind);
        let next = apply(Some(key.kind), current.to_value(), request)?;
        let (object, warnings) = self.decode_patched(key, next, request)?;
        let object = match request.subresource {
            Subresource::Status if custom => {
                refuse(&object, self.judge_status(&object))?;
                self.update_status(key, |body| *body = object.body)?
            }
            Subresource::Status => self.update_status(key, |body| *body = object.body)?,
            Subresource::None | Subresource::Scale => self.update(object)?,
        };
        Ok(Patched { object, warnings })
    }

    fn patch_scale(
        &mut self,
        key: &Key,
        current: &Object,
        request: &PatchRequest<'_>,
    ) -> Result<Patched, StatusError> {
        let scale = scale_value(current).ok_or_else(no_such_path)?;
        let next = apply(None, scale, request)?;
        let replicas = next.pointer("/spec/replicas").and_then(Value::as_i64).unwrap_or(0);
        let object = self.replace_scale(key, replicas)?;
        Ok(Patched { object, warnings: Vec::new() })
    }

    /// Sets the number of replicas through a `Scale`, which has rules of its own.
    pub fn replace_scale(&mut self, key: &Key, replicas: i64) -> Result<Arc<Object>, StatusError> {
        let causes: Vec<String> = if replicas < 0 {
            vec![format!(
                "spec.replicas: Invalid value: {replicas}: must be greater than or equal to 0"
            )]
        } else {
            Vec::new()
        };
        let replicas = i32::try_from(replicas).unwrap_or(i32::MAX);
        if causes.is_empty() {
            return self.scale(key, replicas);
        }
        let message =
            format!("Scale.autoscaling {:?} is invalid: {}", &*key.name, causes.join(", "));
        let details = Invalid { kind: "Scale".to_owned(), name: key.name.to_string(), causes };
        Err(StatusError {
            invalid: Some(Box::new(details)),
            ..StatusError::new(Reason::Invalid, message)
        })
    }

    /// Reads the patched document as the object it must still be.
    fn decode_patched(
        &self,
        key: &Key,
        mut next: Value,
        request: &PatchRequest<'_>,
    ) -> Result<(Object, Vec<String>), StatusError> {
        let info = key.kind.info();
        let fields = next.as_object_mut().ok_or_else(|| bad_request("invalid JSON document"))?;
        fields.insert("apiVersion".to_owned(), Value::String(info.api_version()));
        fields.insert("kind".to_owned(), Value::String(info.name.to_owned()));
        drop_directives(&mut next);
        fill_namespace(key, &mut next)?;
        let mut warnings = Vec::new();
        let mut decoded = self.store.decode(key.kind, &Node::from_value(&next));
        if let (Kind::Custom(_), true) = (key.kind, request.lenient) {
            decoded = self.store.decode_custom(key.kind, &Node::from_value(&next)).map(
                |(object, faults)| {
                    warnings.extend(faults.into_iter().map(|fault| fault.message));
                    object
                },
            );
        } else if let Err(error) = &decoded
            && error.strict
            && request.lenient
        {
            for fault in &error.faults {
                warnings.push(fault.message.clone());
                remove_at(&mut next, &fault.path);
            }
            decoded = self.store.decode(key.kind, &Node::from_value(&next));
        }
        let mut object = decoded.map_err(|error| undecodable(&next, &error, request))?;
        if has_empty_parts(&next) {
            object = without_empty_parts(object);
        }
        if object.name() != &*key.name {
            return Err(bad_request(if object.name().is_empty() {
                format!(
                    "the name of the object ({} based on URL) was undeterminable: name must be provided",
                    key.name
                )
            } else {
                format!(
                    "the name of the object ({}) does not match the name on the URL ({})",
                    object.name(),
                    key.name
                )
            }));
        }
        Ok((object, warnings))
    }
}

/// The `Scale` of an object; `None` if its kind has none.
pub fn scale_value(object: &Object) -> Option<Value> {
    if !object.kind().info().scalable() {
        return None;
    }
    let whole = object.to_value();
    let [wanted, there, selected] =
        object.kind().info().custom.scale.unwrap_or([".spec.replicas", ".status.replicas", ""]);
    let found = |path: &str| whole.pointer(&path.replace('.', "/")).cloned();
    let number = |path: &str| found(path).unwrap_or_else(|| json!(0));
    let mut metadata = json!({});
    for field in ["creationTimestamp", "name", "namespace", "resourceVersion", "uid"] {
        if let Some(value) = whole.pointer(&format!("/metadata/{field}")) {
            metadata[field] = value.clone();
        }
    }
    let mut status = json!({"replicas": number(there)});
    let selector = object.pod_selector();
    if let Kind::Custom(_) = object.kind() {
        if let Some(selector) = found(selected).filter(|_| !selected.is_empty()) {
            status["selector"] = selector;
        }
    } else if let Ok(selector) = crate::object::Selector::from_label_selector(selector.as_ref()) {
        status["selector"] = Value::String(selector.to_string());
    }
    Some(json!({
        "apiVersion": "autoscaling/v1",
        "kind": "Scale",
        "metadata": metadata,
        "spec": {"replicas": number(wanted)},
        "status": status,
    }))
}

/// An object as one of its subresources shows it; `None` if its kind has none of that name.
pub fn subresource_value(object: &Object, part: Subresource) -> Option<Value> {
    match part {
        Subresource::Scale => scale_value(object),
        Subresource::Status if !has_status(object.kind()) => None,
        Subresource::None | Subresource::Status => Some(object.to_value()),
    }
}

fn has_status(kind: Kind) -> bool {
    let info = kind.info();
    let declared =
        || types::of_kind(info.group, info.version, info.name)?.as_struct()?.field("status");
    matches!(kind, Kind::Custom(_)) && info.custom.status || declared().is_some()
}

/// The answer where a kind has no such subresource.
pub fn no_such_path() -> StatusError {
    StatusError::new(Reason::NotFound, "the server could not find the requested resource")
}

fn bad_request(message: impl Into<String>) -> StatusError {
    StatusError::new(Reason::BadRequest, message)
}

/// Go's sentence on what is no operation of a JSON patch.
fn not_an_operation(operation: &Value) -> Option<String> {
    let Some(fields) = operation.as_object() else {
        let kind = json_kind(operation);
        return Some(format!(
            "json: cannot unmarshal {kind} into Go value of type handlers.jsonPatchOp"
        ));
    };
    let texts = ["from", "op", "path"].into_iter();
    let mut wrong = texts.filter_map(|name| Some((name, fields.get(name)?)));
    let (name, value) = wrong.find(|(_, value)| !value.is_string() && !value.is_null())?;
    Some(format!(
        "json: cannot unmarshal {} into Go struct field jsonPatchOp.{name} of type string",
        json_kind(value)
    ))
}

/// The patched document.
fn apply(
    kind: Option<Kind>,
    current: Value,
    request: &PatchRequest<'_>,
) -> Result<Value, StatusError> {
    let body = request.body;
    let wrong = |what: &str| {
        format!("json: cannot unmarshal {} into Go value of type {what}", json_kind(body))
    };
    let object = "map[string]interface {}";
    let is_object = body.is_object() || body.is_null();
    match request.form {
        PatchType::Strategic if !is_object => Err(bad_request(wrong(object))),
        PatchType::Strategic => patch::strategic_merge(kind, current, body.clone())
            .map_err(|error| bad_request(error.to_string())),
        PatchType::Merge if !is_object => {
            Err(bad_request(format!("error decoding patch: {}", wrong(object))))
        }
        PatchType::Merge | PatchType::Json if body.is_null() => Ok(current),
        PatchType::Merge => Ok(patch::json_merge(current, body.clone())),
        PatchType::Json => {
            let Some(operations) = body.as_array() else {
                let problem = wrong("[]handlers.jsonPatchOp");
                return Err(bad_request(format!("error decoding patch: {problem}")));
            };
            if let Some(problem) = operations.iter().find_map(not_an_operation) {
                return Err(bad_request(format!("error decoding patch: {problem}")));
            }
            if operations.len() > OPERATIONS_MAX {
                return Err(bad_request(format!(
                    "The allowed maximum operations in a JSON patch is {OPERATIONS_MAX}, got {}",
                    operations.len()
                )));
            }
            // The server does not tell which operation failed.
            patch::json_patch(current, body).ok().ok_or_else(|| {
                invalid(
                    "the server rejected our request due to an error in our request".to_owned(),
                    Vec::new(),
                )
            })
        }
    }
}

/// A refusal that speaks of the request and of no object.
fn invalid(message: String, causes: Vec<String>) -> StatusError {
    let details = Invalid { kind: String::new(), name: String::new(), causes };
    StatusError { invalid: Some(Box::new(details)), ..StatusError::new(Reason::Invalid, message) }
}

/// The namespace cannot be changed, but may be left out.
fn fill_namespace(key: &Key, next: &mut Value) -> Result<(), StatusError> {
    let metadata = next.pointer("/metadata").cloned().unwrap_or_default();
    let given = metadata.get("namespace").and_then(Value::as_str).unwrap_or_default();
    if given == &*key.namespace {
        return Ok(());
    }
    if !given.is_empty() && !key.namespace.is_empty() {
        return Err(bad_request(
            "the namespace of the provided object does not match the namespace sent on the request",
        ));
    }
    if let Some(metadata) = next.pointer_mut("/metadata").and_then(Value::as_object_mut) {
        metadata.remove("namespace");
        if !key.namespace.is_empty() {
            metadata.insert("namespace".to_owned(), Value::String(key.namespace.to_string()));
        }
    }
    Ok(())
}

/// What the server says of a patched object that is none.
fn undecodable(next: &Value, error: &DecodeError, request: &PatchRequest<'_>) -> StatusError {
    let (shown, problem) = match request.form {
        PatchType::Strategic if error.strict => (go_value(request.body), error.to_string()),
        PatchType::Strategic => (go_value(request.body), conversion(&error.to_string())),
        PatchType::Merge | PatchType::Json => (next.to_string(), error.to_string()),
    };
    let cause = format!("patch: Invalid value: {}: {problem}", quote(&shown));
    invalid(format!(" \"\" is invalid: {cause}"), vec![cause])
}

/// A decoder's sentence on a wrong type as the converter of unstructured objects says it.
fn conversion(sentence: &str) -> String {
    let parts = sentence
        .strip_prefix("json: cannot unmarshal ")
        .and_then(|rest| rest.split_once(" into "))
        .and_then(|(value, rest)| Some((value, rest.rsplit_once(" of type ")?.1)));
    let Some((value, wanted)) = parts else { return sentence.to_owned() };
    let (word, _) = value.split_once(' ').unwrap_or((value, ""));
    let kind = match word {
        "object" => "map",
        "array" => "slice",
        "number" if value.contains('.') => "float64",
        "number" => "int64",
        other => other,
    };
    let scalar = matches!(wanted, "string" | "bool" | "int32" | "int64");
    match kind {
        "int64" | "float64" if wanted == "string" => format!("cannot convert {kind} to string"),
        _ if scalar => format!("unrecognized type: {wanted}"),
        _ if wanted.starts_with("[]") => format!("cannot restore slice from {kind}"),
        _ if wanted.starts_with("map[") => format!("cannot restore map from {kind}"),
        _ => format!("cannot restore struct from: {kind}"),
    }
}

/// Takes out the field at a path like `spec.containers[0].img`.
fn remove_at(value: &mut Value, path: &str) {
    let (before, last) = path.rsplit_once('.').unwrap_or(("", path));
    let mut at = Some(value);
    for step in before.split('.').filter(|step| !step.is_empty()) {
        let mut parts = step.split('[');
        at = at.and_then(|at| at.get_mut(parts.next().unwrap_or_default()));
        for part in parts {
            let index: usize = part.trim_end_matches(']').parse().unwrap_or(usize::MAX);
            at = at.and_then(|at| at.get_mut(index));
        }
    }
    if let Some(map) = at.and_then(Value::as_object_mut) {
        map.remove(last);
    }
}

/// Takes out directives that a merge left where there was nothing to merge with.
fn drop_directives(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|key, _| {
                key != "$patch"
                    && key != "$retainKeys"
                    && !key.starts_with("$setElementOrder/")
                    && !key.starts_with("$deleteFromPrimitiveList/")
            });
            map.values_mut().for_each(drop_directives);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_directives),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::{CAUSE, deployment, store};
    use crate::time::Time;

    fn patched(
        form: PatchType,
        subresource: Subresource,
        body: &str,
    ) -> Result<Patched, StatusError> {
        let mut store = store();
        let mut client = Client::new(&mut store, Time::START, CAUSE);
        let key = client.create(deployment("web")).unwrap().key();
        let body: Value = serde_json::from_str(body).unwrap();
        client.patch_as(&key, &PatchRequest { form, body: &body, lenient: true, subresource })
    }

    #[test]
    fn unknown_fields_are_dropped_with_a_warning() {
        let body = r#"{"spec": {"replcas": 3, "replicas": 3}}"#;
        let patched = patched(PatchType::Strategic, Subresource::None, body).unwrap();
        assert_eq!(patched.warnings, ["unknown field \"spec.replcas\""]);
        assert_eq!(patched.object.to_value()["spec"]["replicas"], 3);
    }

    #[test]
    fn refusals_have_the_servers_words() {
        let of = |form, body: &str| {
            let refusal = patched(form, Subresource::None, body).unwrap_err();
            refusal.invalid.map_or(refusal.message, |details| details.causes.join("; "))
        };
        assert_eq!(
            of(PatchType::Strategic, r#"{"spec": {"replicas": "3"}}"#),
            "patch: Invalid value: \"map[spec:map[replicas:3]]\": unrecognized type: int32"
        );
        assert_eq!(
            of(PatchType::Json, r#"{"op": "add"}"#),
            "error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp"
        );
        assert_eq!(
            of(PatchType::Merge, "1"),
            "error decoding patch: json: cannot unmarshal number into Go value of type map[string]interface {}"
        );
        let lost = patched(PatchType::Json, Subresource::None, r#"[{"op":"remove","path":"/a"}]"#);
        assert_eq!(
            lost.unwrap_err().message,
            "the server rejected our request due to an error in our request"
        );
    }

    #[test]
    fn a_subresource_is_changed_and_nothing_else() {
        let scale = r#"{"spec": {"replicas": 4}}"#;
        let object = patched(PatchType::Merge, Subresource::Scale, scale).unwrap().object;
        assert_eq!(scale_value(&object).unwrap()["spec"]["replicas"], 4);
        let status = r#"{"spec": {"replicas": 4}, "status": {"replicas": 7}}"#;
        let object = patched(PatchType::Merge, Subresource::Status, status).unwrap().object;
        let value = object.to_value();
        assert_eq!(
            (&value["spec"]["replicas"], &value["status"]["replicas"]),
            (&json!(1), &json!(7))
        );
        let negative =
            patched(PatchType::Merge, Subresource::Scale, r#"{"spec": {"replicas": -1}}"#);
        assert_eq!(
            negative.unwrap_err().message,
            "Scale.autoscaling \"web\" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0"
        );
    }
}
