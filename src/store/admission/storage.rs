//! `DefaultStorageClass`: a claim that names no class gets the default one.
//!
//! Models kubernetes `plugin/pkg/admission/storage/storageclass/setdefault/admission.go`: of several the youngest.

use serde_json::Value;

use crate::object::{Kind, Object, is_default_class};
use crate::store::Client;

impl Client<'_> {
    /// Gives a new claim the default class, if there is one and it names none.
    pub(in crate::store) fn default_storage_class(&self, object: &mut Object) {
        let Some(body) = object.body.value_mut().filter(|body| {
            body.kind == Kind::PersistentVolumeClaim && body.spec()["storageClassName"].is_null()
        }) else {
            return;
        };
        let classes = self.store.list(Kind::StorageClass, None);
        let youngest = classes.filter(|class| is_default_class(class)).max_by(|a, b| {
            let created = |class: &Object| class.meta.creation_timestamp.as_ref().map(|at| at.0);
            created(a).cmp(&created(b)).then_with(|| b.name().cmp(a.name()))
        });
        let spec = body.spec_mut().as_object_mut();
        if let (Some(class), Some(spec)) = (youngest, spec) {
            let name = Value::String(class.name().to_owned());
            spec.insert("storageClassName".to_owned(), name);
        }
    }
}
