//! ReplicationControllers and PodTemplates: defaults and validation.
//!
//! Models `SetDefaults_ReplicationController` (kubernetes `pkg/apis/core/v1/defaults.go`),
//! `ValidateReplicationControllerSpec` and `ValidatePodTemplate` (`pkg/apis/core/validation/validation.go`), and
//! `pkg/registry/core/{replicationcontroller,podtemplate}/strategy.go`.

use std::sync::Arc;

use k8s_openapi::api::core::v1::PodTemplateSpec;
use serde_json::{Map, Value, json};

use super::ValueBody;
use super::look::{default_to, given, inside, number, text};
use super::rules::{PLAIN, Rules};
use crate::manifest::{encode, fill};
use crate::object::Object;
use crate::object::field::{Errors, Path};
use crate::object::pod::{default_template, validate_template};

pub(super) const REPLICATION_CONTROLLER: Rules = Rules {
    default,
    prepare: |meta, body, _| {
        if meta.labels.is_none() {
            let labels = body.template().and_then(|template| template.metadata?.labels);
            Arc::make_mut(meta).labels = labels;
        }
    },
    new_status: || json!({ "replicas": 0 }),
    validate,
    ..PLAIN
};

pub(super) const POD_TEMPLATE: Rules = Rules {
    default: |fields| default_template_in(fields),
    validate: |errors, _, body| {
        validate_template(errors, &fill(body.field("template")), &Path::new("template"));
    },
    ..PLAIN
};

/// Defaults the Pod template that stands in the field `template`.
fn default_template_in(map: &mut Map<String, Value>) {
    if let Some(value) = map.get_mut("template").filter(|value| value.is_object()) {
        let mut template: PodTemplateSpec = fill(value);
        default_template(&mut template);
        *value = encode(&template);
    }
}

fn default(fields: &mut Map<String, Value>) {
    fields.entry("spec").or_insert_with(|| json!({}));
    let Some(spec) = inside(fields, "spec") else { return };
    default_to(spec, "replicas", 1);
    let labels = spec.get("template").and_then(|template| template.pointer("/metadata/labels"));
    let labels = labels.filter(|labels| labels.is_object()).cloned();
    let selects = spec.get("selector").and_then(Value::as_object);
    if let Some(labels) = labels
        && selects.is_none_or(Map::is_empty)
    {
        spec.insert("selector".to_owned(), labels);
    }
    default_template_in(spec);
}

fn validate(errors: &mut Errors, _: &Object, body: &ValueBody) {
    let (spec, path) = (body.spec(), Path::new("spec"));
    let whole = |field: &str| number(spec, field).unwrap_or(0);
    errors.non_negative(&path.child("minReadySeconds"), whole("minReadySeconds"));
    let selector = body.selector().match_labels.unwrap_or_default();
    if selector.is_empty() {
        errors.required(&path.child("selector"), "");
    }
    errors.non_negative(&path.child("replicas"), whole("replicas"));
    let template_path = path.child("template");
    let Some(template) = body.template() else {
        errors.required(&template_path, "");
        return;
    };
    let labels = template.metadata.as_ref().and_then(|meta| meta.labels.as_ref());
    let matches =
        |(key, value): (&String, &String)| labels.and_then(|labels| labels.get(key)) == Some(value);
    if !selector.iter().all(matches) {
        let detail = "`selector` does not match template `labels`";
        let here = template_path.child("metadata");
        errors.invalid(&here.child("labels"), &labels.cloned(), detail);
    }
    validate_template(errors, &template, &template_path);
    let pod = spec.pointer("/template/spec").unwrap_or(&Value::Null);
    let pod_path = template_path.child("spec");
    let restart = text(pod, "restartPolicy");
    if restart != "Always" {
        errors.not_supported(&pod_path.child("restartPolicy"), restart, &["Always"]);
    }
    if given(pod, "activeDeadlineSeconds").is_some() {
        let detail = "activeDeadlineSeconds in ReplicationController is not Supported";
        errors.forbidden(&pod_path.child("activeDeadlineSeconds"), detail);
    }
}
