//! The server's side of a request: a document becomes an object of its kind, and is written.
//!
//! Decoding is strict, as kubectl asks for it (`fieldValidation=Strict`). What follows, from defaults to storing, is
//! [`Client::create`] and [`Client::update`]. Models kubernetes apiserver `pkg/endpoints/handlers/{create,update,patch}.go`.
//! A server-side dry run is the same on a clone of the store.

use std::sync::Arc;

use serde_json::Value;

use super::Client;
use crate::manifest::{Data, DecodeError, Node, decode};
use crate::object::{Body, Key, Kind, Object, Reason, StatusError};

/// Decodes a document as an object of this kind, as strictly as the server; the faults keep their places.
pub fn decode_object(kind: Kind, document: &Node) -> Result<Object, DecodeError> {
    let mut object = decode(document, |decoder| Object::decode(kind, decoder))?;
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
        Body::Deployment(body) => &mut Arc::make_mut(&mut body.spec).selector,
        Body::ReplicaSet(body) => &mut Arc::make_mut(&mut body.spec).selector,
        Body::ConfigMap(_)
        | Body::Event(_)
        | Body::Namespace(_)
        | Body::Node(_)
        | Body::Pod(_)
        | Body::Secret(_)
        | Body::ServiceAccount(_)
        | Body::Service(_)
        | Body::Lease(_)
        | Body::EndpointSlice(_) => return,
    };
    if selector.match_labels.is_none() && selector.match_expressions.is_none() {
        selector.match_labels = Some(std::collections::BTreeMap::new());
    }
}

/// The server's refusal of a document that is no object of this kind.
pub fn undecodable(kind: Kind, error: &DecodeError) -> StatusError {
    let info = kind.info();
    StatusError::new(
        Reason::BadRequest,
        format!(
            "{0} in version \"{1}\" cannot be handled as a {0}: {error}",
            info.name, info.version
        ),
    )
}

impl Client<'_> {
    /// Creates what a document says (POST), in this namespace unless the document names it too. Kinds without
    /// namespaces ignore `namespace`.
    pub fn create_document(
        &mut self,
        kind: Kind,
        namespace: &str,
        document: &Node,
    ) -> Result<Arc<Object>, StatusError> {
        let object = decode_object(kind, document).map_err(|error| undecodable(kind, &error))?;
        let mut object = in_namespace(object, namespace)?;
        let generated = self.prepare_new(&mut object)?;
        if has_empty_parts(document) {
            object = without_empty_parts(object);
        }
        self.store_new(object, generated)
    }

    /// Replaces the object at `key` with what a document says (PUT).
    pub fn replace_document(
        &mut self,
        key: &Key,
        document: &Node,
    ) -> Result<Arc<Object>, StatusError> {
        let object =
            decode_object(key.kind, document).map_err(|error| undecodable(key.kind, &error))?;
        let mut object = in_namespace(object, &key.namespace)?;
        if has_empty_parts(document) {
            object = without_empty_parts(object);
        }
        if object.name() != &*key.name {
            return Err(StatusError::new(
                Reason::BadRequest,
                format!(
                    "the name of the object ({}) does not match the name on the URL ({})",
                    object.name(),
                    key.name
                ),
            ));
        }
        self.update(object)
    }

    /// Writes what a patch made of the stored version (PATCH): `patched` is that version's value with the patch applied.
    pub fn patch_to(&mut self, key: &Key, patched: &Value) -> Result<Arc<Object>, StatusError> {
        self.current(key)?;
        self.replace_document(key, &Node::from_value(patched))
    }
}

/// Whether a document has an empty list or mapping anywhere. Nesting is bounded by the reader.
fn has_empty_parts(document: &Node) -> bool {
    match &document.data {
        Data::Mapping(entries) => {
            entries.is_empty() || entries.iter().any(|entry| has_empty_parts(&entry.value))
        }
        Data::Sequence(items) => items.is_empty() || items.iter().any(has_empty_parts),
        Data::Null | Data::Bool(_) | Data::Number(_) | Data::String(_) => false,
    }
}

/// The object as it is after a trip through the wire, on which empty lists and maps get lost: to upstream they are the
/// same as none, to the wire structs they are not.
fn without_empty_parts(object: Object) -> Object {
    let document = Node::from_value(&object.to_value());
    match decode_object(object.kind(), &document) {
        Ok(decoded) => decoded,
        Err(_) => object,
    }
}

/// Puts an object into the namespace of the request; one that names another is refused.
fn in_namespace(mut object: Object, namespace: &str) -> Result<Object, StatusError> {
    let wanted = if object.kind().info().namespaced { namespace } else { "" };
    if object.namespace() == wanted {
        return Ok(object);
    }
    if !object.namespace().is_empty() && !wanted.is_empty() {
        return Err(StatusError::new(
            Reason::BadRequest,
            "the namespace of the provided object does not match the namespace sent on the request",
        ));
    }
    if !wanted.is_empty() {
        Arc::make_mut(&mut object.meta).namespace = Some(wanted.to_owned());
    }
    Ok(object)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::documents;
    use crate::store::testing::{CAUSE, store};
    use crate::time::Time;

    fn create(kind: Kind, text: &str) -> Result<Arc<Object>, String> {
        let mut store = store();
        let mut client = Client::new(&mut store, Time::START, CAUSE);
        let node = documents(text.as_bytes()).next().expect("a document").expect("good YAML");
        client.create_document(kind, "default", &node).map_err(|refusal| refusal.message)
    }

    #[test]
    fn a_document_is_decoded_strictly() {
        assert_eq!(
            create(Kind::ConfigMap, "metadata: {name: a}\ndate: {}").unwrap_err(),
            "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: strict decoding error: unknown field \"date\""
        );
        assert_eq!(
            create(Kind::ConfigMap, "metadata: {name: a, namespace: b}").unwrap_err(),
            "the namespace of the provided object does not match the namespace sent on the request"
        );
    }

    #[test]
    fn a_missing_selector_is_not_an_empty_one() {
        let rest =
            "template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: i}]}}";
        let missing = create(Kind::Deployment, &format!("metadata: {{name: d}}\nspec: {{{rest}}}"));
        assert_eq!(
            missing.unwrap_err(),
            "Deployment.apps \"d\" is invalid: [spec.selector: Required value, spec.template.metadata.labels: Invalid value: {\"a\":\"b\"}: `selector` does not match template `labels`]"
        );
        let empty = create(
            Kind::Deployment,
            &format!("metadata: {{name: d}}\nspec: {{selector: {{}}, {rest}}}"),
        );
        assert_eq!(
            empty.unwrap_err(),
            "Deployment.apps \"d\" is invalid: spec.selector: Invalid value: {}: empty selector is invalid for deployment"
        );
    }
}
