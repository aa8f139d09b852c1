//! The class of an Ingress that names none: the one marked as default, of several the newest.
//!
//! Models kubernetes `plugin/pkg/admission/network/defaultingressclass/admission.go`.

use serde_json::Value;

use crate::object::value::look::given;
use crate::object::{Kind, Object};
use crate::store::Store;
use crate::time::Time;

/// Marks a class as the default.
const DEFAULT: &str = "ingressclass.kubernetes.io/is-default-class";
/// How Ingresses named their class before they had a field for it.
const CLASS: &str = "kubernetes.io/ingress.class";

/// Names the default class, where there is one and the Ingress names none.
pub(super) fn complete(store: &Store, object: &mut Object) {
    let named = object.annotation(CLASS).is_some()
        || object.as_value().is_none_or(|body| given(body.spec(), "ingressClassName").is_some());
    if object.kind() != Kind::Ingress || named {
        return;
    }
    let classes = store.list(Kind::IngressClass, None);
    let default = classes
        .filter(|class| class.annotation(DEFAULT) == Some("true"))
        .max_by_key(|class| class.meta.creation_timestamp.as_ref().map(Time::from));
    if let (Some(class), Some(body)) = (default, object.body.value_mut())
        && let Some(spec) = body.spec_mut().as_object_mut()
    {
        spec.insert("ingressClassName".to_owned(), Value::from(class.name()));
    }
}
