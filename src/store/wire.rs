//! Bodies as clients send them, decoded strictly.
//!
//! What follows, from defaults to storing, is [`Client::create`] and [`Client::update`]. Models kubernetes apiserver
//! `pkg/endpoints/handlers/create.go` with strict field validation, as kubectl asks for it.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::{Client, Store};
use crate::manifest::{Data, DecodeError, Node};
use crate::object::value::autoscaler_v1::is_older;
use crate::object::{Body, Key, Kind, Object, Reason, StatusError};

/// The forms of a patch.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum PatchType {
    /// A strategic merge patch: some lists are merged by a key.
    Strategic,
    /// A merge patch, RFC 7386.
    Merge,
    /// A JSON patch, RFC 6902.
    Json,
}

impl PatchType {
    /// The form in which kubectl sends what it changed: custom kinds have no lists that are merged by a key.
    pub fn of(kind: Kind) -> Self {
        if matches!(kind, Kind::Custom(_)) { Self::Merge } else { Self::Strategic }
    }
}

/// Decodes a document as an object of this kind, as strictly as the server; the faults keep their places.
pub fn decode_object(kind: Kind, document: &Node) -> Result<Object, DecodeError> {
    let mut object = Object::from_node(kind, document)?;
    tell_empty_selector(&mut object, document);
    Ok(object)
}

/// An empty selector and a missing one are not the same to validation, but are in the wire structs: a given one gets an
/// empty set of labels.
fn tell_empty_selector(object: &mut Object, document: &Node) {
    let given = document
        .get("spec")
        .and_then(|spec| spec.get("selector"))
        .is_some_and(|selector| matches!(selector.data, Data::Mapping(_)));
    if !given {
        return;
    }
    let selector = match &mut object.body {
        Body::DaemonSet(body) => &mut Arc::make_mut(&mut body.spec).selector,
        Body::Deployment(body) => &mut Arc::make_mut(&mut body.spec).selector,
        Body::ReplicaSet(body) => &mut Arc::make_mut(&mut body.spec).selector,
        _ => return,
    };
    if selector.match_labels.is_none() && selector.match_expressions.is_none() {
        selector.match_labels = Some(BTreeMap::new());
    }
}

/// Decodes a body that was sent for a kind; the refusal has the server's words.
pub fn decode_body(store: &Store, kind: Kind, body: &Value) -> Result<Object, StatusError> {
    let info = kind.info();
    let sent = body.get("kind").and_then(Value::as_str).unwrap_or_default();
    if sent != info.name {
        let problem = format!(
            "no kind {sent:?} is registered for version {:?} in scheme \"pkg/api/legacyscheme/scheme.go:30\"",
            info.api_version()
        );
        return Err(cannot_handle(sent, kind, &problem));
    }
    if body.get("apiVersion").and_then(Value::as_str) == Some("") {
        let message = "the server could not find the requested resource";
        return Err(StatusError::new(Reason::NotFound, message));
    }
    let mut object = store.decode(kind, &Node::from_value(body)).map_err(|error| {
        let refusal = cannot_handle(info.name, kind, &error.to_string());
        if is_older(body) {
            let message = refusal.message.replacen("\"v2\"", "\"v1\"", 1);
            return StatusError { message, ..refusal };
        }
        refusal
    })?;
    if !info.namespaced && object.meta.namespace.is_some() {
        // Whoever names one for a kind that has none is not heard (`EnsureObjectNamespaceMatchesRequestNamespace`).
        Arc::make_mut(&mut object.meta).namespace = None;
    }
    Ok(object)
}

fn cannot_handle(sent: &str, kind: Kind, problem: &str) -> StatusError {
    let info = kind.info();
    let message = format!(
        "{sent} in version {:?} cannot be handled as a {}: {problem}",
        info.version, info.name
    );
    StatusError::new(Reason::BadRequest, message)
}

impl Client<'_> {
    /// Creates what a body says (POST), see [`Client::create`].
    pub fn create_body(&mut self, kind: Kind, body: &Value) -> Result<Arc<Object>, StatusError> {
        self.check_served("create", &Key::cluster(kind, ""))?;
        let mut object = decode_body(self.store, kind, body)?;
        self.check_definition(kind)?;
        let collection = Key::new(kind, object.namespace(), "");
        self.authorize("create", &collection, "")?;
        let generated = self.prepare_new(&mut object)?;
        if has_empty_parts(body) {
            object = without_empty_parts(object);
        }
        self.store_new(object, generated)
    }
}

/// Whether there is an empty list or mapping anywhere. Nesting is bounded by the reader.
pub(super) fn has_empty_parts(value: &Value) -> bool {
    match value {
        Value::Object(map) => map.is_empty() || map.values().any(has_empty_parts),
        Value::Array(items) => items.is_empty() || items.iter().any(has_empty_parts),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// The object as it is after a trip through the wire, on which empty lists and maps get lost: to upstream they are the
/// same as none, to the wire structs they are not.
pub(super) fn without_empty_parts(object: Object) -> Object {
    if matches!(object.kind(), Kind::Custom(_)) {
        return object;
    }
    decode_object(object.kind(), &Node::from_value(&object.to_value())).unwrap_or(object)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::store::testing::{CAUSE, store};
    use crate::time::Time;

    fn create(kind: Kind, mut body: Value) -> Result<Arc<Object>, String> {
        body["kind"] = kind.info().name.into();
        body["apiVersion"] = kind.info().api_version().into();
        body["metadata"] = json!({"name": "x", "namespace": "default", "labels": {}});
        let mut store = store();
        let mut client = Client::new(&mut store, Time::START, CAUSE);
        client.create_body(kind, &body).map_err(|refusal| refusal.message)
    }

    #[test]
    fn a_body_is_decoded_strictly() {
        assert_eq!(
            create(Kind::ConfigMap, json!({"date": {}})).unwrap_err(),
            "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: strict decoding error: unknown field \"date\""
        );
    }

    #[test]
    fn a_missing_selector_is_not_an_empty_one() {
        let template = json!({
            "metadata": {"labels": {"a": "b"}},
            "spec": {"containers": [{"name": "c", "image": "i"}]},
        });
        assert_eq!(
            create(Kind::Deployment, json!({"spec": {"template": template}})).unwrap_err(),
            "Deployment.apps \"x\" is invalid: [spec.selector: Required value, spec.template.metadata.labels: Invalid value: {\"a\":\"b\"}: `selector` does not match template `labels`]"
        );
        let empty = json!({"spec": {"selector": {}, "template": template}});
        assert_eq!(
            create(Kind::Deployment, empty).unwrap_err(),
            "Deployment.apps \"x\" is invalid: spec.selector: Invalid value: {}: empty selector is invalid for deployment"
        );
    }

    #[test]
    fn empty_parts_are_as_none() {
        let object = create(Kind::ConfigMap, json!({"data": {}})).unwrap();
        assert_eq!(object.meta.labels, None);
        assert_eq!(object.as_config_map().unwrap().data, None);
    }
}
