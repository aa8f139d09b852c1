//! Kinds that definitions make: which are served, and how their objects are read and judged.
//!
//! What is served follows from the stored `CustomResourceDefinition`s and from nothing else. Models kubernetes
//! `staging/src/k8s.io/apiextensions-apiserver/pkg/apiserver/customresource_handler.go` and
//! `pkg/registry/customresource/{strategy,validator}.go`.

use std::sync::Arc;

use serde_json::Value;

use super::{Client, Store};
use crate::manifest::{DecodeError, Fault, Node};
use crate::object::custom::{self, condition, definition_of};
use crate::object::field::Errors;
use crate::object::official::Resource;
use crate::object::{KINDS, Key, Kind, KindInfo, Object, Reason, StatusError};
use crate::order;

impl Store {
    /// Every version of every kind that definitions serve, by group and name; the preferred version of each first.
    pub fn served(&self) -> &[&'static Resource] {
        &self.served
    }

    /// Whether there is such a kind.
    pub fn serves(&self, kind: Kind) -> bool {
        !matches!(kind, Kind::Custom(_)) || self.custom().any(|info| info.kind() == kind)
    }

    /// Every kind there is, those of definitions in their preferred version.
    pub fn kinds(&self) -> impl Iterator<Item = &'static KindInfo> {
        let custom: Vec<&'static KindInfo> = self.custom().collect();
        let preferred = |at: &usize| *at == 0 || custom[at - 1] != custom[*at];
        let custom: Vec<_> = (0..custom.len()).filter(preferred).map(|at| custom[at]).collect();
        KINDS.iter().chain(custom)
    }

    fn custom(&self) -> impl Iterator<Item = &'static KindInfo> {
        self.served.iter().filter_map(|resource| resource.custom)
    }

    /// Serves what a definition says now. Its lines are made anew only if something of it changed.
    #[inline(never)]
    pub(super) fn note_definition(&mut self, before: Option<&Object>, after: Option<&Object>) {
        let says = |object: Option<&Object>| {
            let body = object.and_then(Object::as_value)?;
            let names = body.status.get("acceptedNames").cloned();
            let established = condition(body, "Established") == Some("True");
            Some((Arc::clone(&body.fields), names, established))
        };
        if says(before) == says(after) {
            return;
        }
        let name = after.or(before).map(Object::name).unwrap_or_default();
        self.served.retain(|resource| resource.qualified() != name);
        self.served.extend(after.map(custom::served).unwrap_or_default());
        order::sort_by_key(&mut self.served, |resource| (resource.group(), resource.plural));
    }

    /// The schema of a kind that a definition made.
    fn schema(&self, kind: Kind) -> Option<&Value> {
        let definition = self.get(&definition_of(kind)?)?;
        Some(custom::schema_of(definition, kind.info().version))
    }

    /// Decodes a document as an object of this kind, as strictly as the server; the faults keep their places.
    pub fn decode(&self, kind: Kind, document: &Node) -> Result<Object, DecodeError> {
        if !matches!(kind, Kind::Custom(_)) {
            return super::decode_object(kind, document);
        }
        match self.decode_custom(kind, document)? {
            (object, faults) if faults.is_empty() => Ok(object),
            (_, faults) => Err(DecodeError { faults, strict: true, untold: Vec::new() }),
        }
    }

    /// Decodes a custom object without its unknown fields, which are told.
    pub(super) fn decode_custom(
        &self,
        kind: Kind,
        document: &Node,
    ) -> Result<(Object, Vec<Fault>), DecodeError> {
        custom::decode(kind, document, self.schema(kind).unwrap_or(&Value::Null))
    }
}

impl Client<'_> {
    /// Refuses a request about a kind that is not served.
    pub(super) fn check_served(&self, verb: &str, key: &Key) -> Result<(), StatusError> {
        if self.store.serves(key.kind) { Ok(()) } else { Err(not_served(verb, key)) }
    }

    /// Refuses a new object of a kind that is going away.
    pub(super) fn check_definition(&self, kind: Kind) -> Result<(), StatusError> {
        let definition = definition_of(kind).and_then(|key| self.store.get(&key));
        if definition.is_some_and(|definition| definition.terminating()) {
            let message =
                "create not allowed while custom resource definition is terminating".to_owned();
            return Err(StatusError::new(Reason::MethodNotAllowed, message));
        }
        Ok(())
    }

    /// What is wrong with a custom object by its schema. What was wrong with the stored one and did not change is let be.
    pub(super) fn judge(&self, errors: &mut Errors, object: &Object, current: Option<&Object>) {
        let Some(schema) = self.store.schema(object.kind()) else { return };
        let old = current.map(Object::to_value);
        let mut found = Errors::new();
        custom::validate_object(&mut found, &object.to_value(), old.as_ref(), schema, errors);
        errors.extend(found);
    }

    /// What is wrong with a custom object's status by its schema.
    pub(super) fn judge_status(&self, object: &Object) -> Errors {
        let mut errors = Errors::new();
        let schema = self.store.schema(object.kind());
        let schema = schema.and_then(|schema| schema.pointer("/properties/status"));
        if let (Some(schema), Some(body)) = (schema, object.as_value())
            && !body.status.is_null()
        {
            custom::validate_at(&mut errors, &body.status, schema, "status");
        }
        errors
    }
}

/// The answer where there is no such kind (client-go `NewGenericServerResponse`).
pub fn not_served(verb: &str, key: &Key) -> StatusError {
    let method = match verb {
        "create" => "post",
        "update" => "put",
        "patch" => "patch",
        "delete" => "delete",
        _ => "get",
    };
    let resource = key.kind.info().resource();
    let name = if key.name.is_empty() || method == "post" {
        String::new()
    } else {
        format!(" {}", key.name)
    };
    let message =
        format!("the server could not find the requested resource ({method} {resource}{name})");
    StatusError::new(Reason::NotFound, message)
}
