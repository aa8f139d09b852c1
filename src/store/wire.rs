//! Bodies as clients send them: decoded strictly, or as patches to what is stored.
//!
//! Models kubernetes apiserver `pkg/endpoints/handlers/create.go` and `patch.go` with strict field validation.

use std::sync::Arc;

use serde_json::Value;

use super::Client;
use crate::manifest::{self, Node};
use crate::object::{Key, Kind, Object, Reason, StatusError, patch};

/// The forms of a patch.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum PatchType {
    /// A strategic merge patch: some lists are merged by a key.
    Strategic,
    /// A merge patch, RFC 7386.
    Merge,
}

/// Decodes a body that was sent for a kind; the refusal has the server's words.
pub fn decode_body(kind: Kind, body: &Value) -> Result<Object, StatusError> {
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
    let node = Node::from_value(body);
    manifest::decode(&node, |decoder| Object::decode(kind, decoder))
        .map_err(|error| cannot_handle(info.name, kind, &error.to_string()))
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
    /// Changes a stored object by a patch to its wire form: metadata and spec, see [`Client::update`].
    pub fn patch(
        &mut self,
        key: &Key,
        patch_type: PatchType,
        body: &Value,
    ) -> Result<Arc<Object>, StatusError> {
        let bad_request = |message: String| StatusError::new(Reason::BadRequest, message);
        let current = self.current(key)?.to_value();
        let mut next = match patch_type {
            PatchType::Strategic => {
                patch::strategic_merge(key.kind, &current, body).map_err(bad_request)?
            }
            PatchType::Merge => patch::merge(current, body),
        };
        let info = key.kind.info();
        next["apiVersion"] = Value::String(info.api_version());
        next["kind"] = Value::String(info.name.to_owned());
        patch::drop_directives(&mut next);
        let node = Node::from_value(&next);
        let object = manifest::decode(&node, |decoder| Object::decode(key.kind, decoder))
            .map_err(|error| bad_request(error.to_string()))?;
        if object.name() != &*key.name {
            return Err(bad_request(format!(
                "the name of the object ({}) does not match the name on the URL ({})",
                object.name(),
                key.name
            )));
        }
        if object.namespace() != &*key.namespace {
            return Err(bad_request(format!(
                "the namespace of the object ({}) does not match the namespace on the request ({})",
                object.namespace(),
                key.namespace
            )));
        }
        self.update(object)
    }
}
