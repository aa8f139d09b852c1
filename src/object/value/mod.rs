//! Kinds that are held as JSON values: those whose every field needs no type of its own.
//!
//! The table of types ([`crate::manifest::types`]) reads and writes them as strictly as those with wire structs; what the
//! server does to them is in the kind's own file here, what acts on them reads the fields it needs. A Pod template inside
//! is made a wire struct and back where its defaults and rules are asked for.

mod claim;
mod cron_job;
mod definition;
mod definition_schema;
mod job;
mod job_policy;
mod rules;
mod stateful_set;
mod storage_class;
mod volume;

mod autoscaler;
pub mod autoscaler_v1;
mod disruption_budget;
mod endpoints;
mod ingress;
mod limit_range;
pub mod look;
mod network_policy;
mod priority_class;
mod replication_controller;
mod resource_name;
mod resource_quota;
mod role;

use std::sync::Arc;

use k8s_openapi::api::core::v1::PodTemplateSpec;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};
use serde_json::{Map, Value};

pub(crate) use definition::note_stored_version;
pub use endpoints::DEPRECATED as ENDPOINTS_DEPRECATED;
pub(super) use job::settle as settle_job;
pub use priority_class::{SYSTEM_PRIORITY_CLASSES, system_priority_classes};
pub(super) use rules::of as rules_of;

use super::Kind;
use crate::manifest::{encode, fill, types};

/// What an object of such a kind says beside its metadata.
#[derive(Clone, Debug, PartialEq)]
pub struct ValueBody {
    /// The kind.
    pub kind: Kind,
    /// What is wanted: every field but the status, of most kinds only `spec`.
    pub fields: Arc<Map<String, Value>>,
    /// What is; null where nothing was reported, or the kind has none.
    pub status: Arc<Value>,
}

static NOTHING: Value = Value::Null;

impl ValueBody {
    /// A body of this kind from its wire form, and its metadata.
    pub(super) fn from_value(kind: Kind, value: Value) -> (ObjectMeta, Self) {
        let Value::Object(mut fields) = value else {
            return (
                ObjectMeta::default(),
                Self { kind, fields: Arc::default(), status: Arc::default() },
            );
        };
        let meta = fields.remove("metadata").unwrap_or_default();
        let status = fields.remove("status").unwrap_or_default();
        fields.remove("apiVersion");
        fields.remove("kind");
        (fill(&meta), Self { kind, fields: Arc::new(fields), status: Arc::new(status) })
    }

    pub(super) fn to_value(&self, meta: &ObjectMeta) -> Value {
        let mut object = Map::clone(&self.fields);
        let info = self.kind.info();
        object.insert("apiVersion".to_owned(), Value::String(info.api_version()));
        object.insert("kind".to_owned(), Value::String(info.name.to_owned()));
        object.insert("metadata".to_owned(), encode(meta));
        if !self.status.is_null() {
            object.insert("status".to_owned(), Value::clone(&self.status));
        }
        Value::Object(object)
    }

    /// The spec, or null.
    pub fn spec(&self) -> &Value {
        self.field("spec")
    }

    /// One field beside metadata and status, or null.
    pub fn field(&self, name: &str) -> &Value {
        self.fields.get(name).unwrap_or(&NOTHING)
    }

    /// What stands at a path of fields, or null: `body.at(&["spec", "selector"])`.
    pub fn at(&self, path: &[&str]) -> &Value {
        let Some((first, rest)) = path.split_first() else { return &NOTHING };
        rest.iter().fold(self.field(first), |value, key| value.get(key).unwrap_or(&NOTHING))
    }

    /// `spec.selector` as a wire struct; of a `ReplicationController`, whose selector is a set of labels, that.
    pub fn selector(&self) -> LabelSelector {
        let selector = self.at(&["spec", "selector"]);
        if self.kind == Kind::ReplicationController {
            return LabelSelector { match_labels: fill(selector), ..LabelSelector::default() };
        }
        fill(selector)
    }

    /// The template of the Pods it runs as a wire struct, if there is one.
    pub fn template(&self) -> Option<PodTemplateSpec> {
        let (_, path) = self.kind.info().pod_spec.split_last()?;
        let template = self.at(path);
        template.is_object().then(|| fill(template))
    }

    /// Puts another template in the place of the one there is.
    pub fn set_template(&mut self, template: &PodTemplateSpec) {
        let Some((_, path)) = self.kind.info().pod_spec.split_last() else { return };
        write_template(Arc::make_mut(&mut self.fields), path, template);
    }

    /// The status of a new object.
    pub fn new_status(&self) -> Value {
        (rules_of(self.kind).new_status)()
    }

    /// The spec, to change it; the shared one is copied.
    pub fn spec_mut(&mut self) -> &mut Value {
        Arc::make_mut(&mut self.fields).entry("spec").or_insert_with(|| Value::Object(Map::new()))
    }
}

/// A text; empty where there is none, as Go's zero value.
fn text(value: Option<&Value>) -> &str {
    value.and_then(Value::as_str).unwrap_or_default()
}

/// The mapping at a field, to change it; an empty one is put there if there is none.
fn object<'a>(fields: &'a mut Map<String, Value>, name: &str) -> &'a mut Map<String, Value> {
    let field = fields.entry(name).or_insert(Value::Null);
    if !field.is_object() {
        *field = Value::Object(Map::new());
    }
    field.as_object_mut().expect("it was made a mapping")
}

/// Defaults the Pod template at a path below; an empty one where there is none.
fn default_template(fields: &mut Map<String, Value>, path: &[&str]) {
    let found = path.split_first().and_then(|(first, rest)| {
        rest.iter().try_fold(fields.get(*first)?, |value, key| value.get(key))
    });
    let mut template: PodTemplateSpec = fill(found.unwrap_or(&NOTHING));
    crate::object::pod::default_template(&mut template);
    write_template(fields, path, &template);
}

/// Writes a Pod template at a path below, as Go would.
fn write_template(fields: &mut Map<String, Value>, path: &[&str], template: &PodTemplateSpec) {
    let Some((last, before)) = path.split_last() else { return };
    let fields = before.iter().fold(fields, |fields, name| object(fields, name));
    let mut written = encode(template);
    if let Some(of) = types::of_struct("core", "PodTemplateSpec") {
        super::wire::as_go_writes(of, &mut written);
    }
    fields.insert((*last).to_owned(), written);
}

/// Gives a new object the finalizer that keeps it while it is in use, as the admission of volumes and claims does
/// (kubernetes `plugin/pkg/admission/storage/storageobjectinuseprotection`).
fn protect(meta: &mut Arc<ObjectMeta>, finalizer: &str) {
    let finalizers = Arc::make_mut(meta).finalizers.get_or_insert_default();
    if !finalizers.iter().any(|name| name == finalizer) {
        finalizers.push(finalizer.to_owned());
    }
}
