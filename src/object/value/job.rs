//! Jobs: defaults, the generated selector, validation.
//!
//! Models kubernetes `pkg/apis/batch/v1/defaults.go`, `pkg/registry/batch/job/strategy.go` and `ValidateJob`,
//! `ValidateJobUpdate` of `pkg/apis/batch/validation/validation.go`. The rules of the two policies are in `job_policy.rs`.

use std::collections::BTreeMap;
use std::sync::Arc;

use k8s_openapi::api::core::v1::PodTemplateSpec;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde_json::{Map, Value, json};

use super::rules::{PLAIN, Rules};
use super::{ValueBody, job_policy};
use crate::manifest::{encode, fill};
use crate::object::field::{Errors, Path, Verbatim};
use crate::object::internal::compact;
use crate::object::meta::{show_selector, validate_selector};
use crate::object::pod::{default_template, validate_template};
use crate::object::{Object, names, selector_matches};
use crate::time::Time;

/// The rules for Jobs.
pub(super) const JOB: Rules = Rules {
    default: |fields| default_spec(spec_of(fields)),
    prepare,
    new_status: || json!({}),
    validate,
    validate_update,
    warn: |found, _, body| warn_of_spec(found, body.spec(), &Path::new("spec")),
    ..PLAIN
};

/// The labels that tie a Pod to its Job; the first two are what they were called before.
const LABELS: [&str; 4] = [
    "controller-uid",
    "job-name",
    "batch.kubernetes.io/controller-uid",
    "batch.kubernetes.io/job-name",
];

static NOTHING: Value = Value::Null;

/// A spec to change; there is one afterwards.
pub(super) fn spec_of(fields: &mut Map<String, Value>) -> &mut Value {
    object_at(fields, "spec")
}

/// What stands in a field, made a mapping if it is none.
pub(super) fn object_at<'a>(fields: &'a mut Map<String, Value>, field: &str) -> &'a mut Value {
    let value = fields.entry(field).or_insert(Value::Null);
    if !value.is_object() {
        *value = Value::Object(Map::new());
    }
    value
}

/// A field, or null.
pub(super) fn get<'a>(value: &'a Value, field: &str) -> &'a Value {
    value.get(field).unwrap_or(&NOTHING)
}

fn default_spec(spec: &mut Value) {
    default_template_of(spec);
    let Some(spec) = spec.as_object_mut() else { return };
    if !set(spec, "completions") && !set(spec, "parallelism") {
        spec.insert("completions".to_owned(), json!(1));
    }
    let per_index = set(spec, "backoffLimitPerIndex");
    let policy = set(spec, "podFailurePolicy");
    let replacement = if policy { "Failed" } else { "TerminatingOrFailed" };
    for (field, value) in [
        ("parallelism", json!(1)),
        ("backoffLimit", json!(if per_index { i32::MAX } else { 6 })),
        ("completionMode", json!("NonIndexed")),
        ("suspend", json!(false)),
        ("podReplacementPolicy", json!(replacement)),
        ("manualSelector", json!(false)),
    ] {
        if !set(spec, field) {
            spec.insert(field.to_owned(), value);
        }
    }
    job_policy::default_conditions(spec);
}

fn set(fields: &Map<String, Value>, field: &str) -> bool {
    fields.get(field).is_some_and(|value| !value.is_null())
}

/// Defaults the Pod template of a Job's spec, and what is defaulted inside the policies.
pub(super) fn default_template_of(spec: &mut Value) {
    let Some(spec) = spec.as_object_mut() else { return };
    let mut template: PodTemplateSpec = fill(spec.get("template").unwrap_or(&NOTHING));
    default_template(&mut template);
    spec.insert("template".to_owned(), encode(&template));
}

/// Gives a new Job its selector, and its Pods the labels for it (`generateSelector`). A Job without labels has those of its
/// Pods, these too.
fn prepare(meta: &mut Arc<ObjectMeta>, body: &mut ValueBody, _: Time) {
    let (name, uid) = (meta.name.clone(), meta.uid.clone());
    let (name, uid) = (name.unwrap_or_default(), uid.unwrap_or_default());
    let Some(spec) = body.spec_mut().as_object_mut() else { return };
    let mut template: PodTemplateSpec = fill(spec.get("template").unwrap_or(&NOTHING));
    let from = template.metadata.get_or_insert_default();
    let shared = from.labels.as_ref().is_some_and(|labels| !labels.is_empty());
    if spec.get("manualSelector").and_then(Value::as_bool) != Some(true) {
        let labels = from.labels.get_or_insert_default();
        for label in LABELS {
            let value = if label.ends_with("uid") { &uid } else { &name };
            labels.entry(label.to_owned()).or_insert_with(|| value.clone());
        }
        let selector = object_at(spec, "selector");
        if let Some(selector) = selector.as_object_mut()
            && let Some(labels) = object_at(selector, "matchLabels").as_object_mut()
        {
            labels.entry(LABELS[2]).or_insert_with(|| json!(uid));
        }
    }
    spec.insert("template".to_owned(), encode(&template));
    if shared {
        settle(meta, body);
    }
}

/// Gives a Job that has none the labels of its Pods, as reading it back does.
pub(in crate::object) fn settle(meta: &mut Arc<ObjectMeta>, body: &ValueBody) {
    if meta.labels.as_ref().is_none_or(BTreeMap::is_empty) {
        let template = body.template().and_then(|template| template.metadata);
        if let Some(labels) = template.and_then(|meta| meta.labels) {
            Arc::make_mut(meta).labels = Some(labels);
        }
    }
}

fn validate(errors: &mut Errors, object: &Object, body: &ValueBody) {
    let path = Path::new("spec");
    validate_generated(errors, object, body, &path);
    validate_spec(errors, body.spec(), &path);
    let template_path = path.child("template");
    let template = body.template().unwrap_or_default();
    let labels = template.metadata.as_ref().and_then(|meta| meta.labels.as_ref());
    let selector_path = path.child("selector");
    if body.at(&["spec", "selector"]).is_null() {
        errors.required(&selector_path, "");
    } else {
        let selector = body.selector();
        validate_selector(errors, &selector, &selector_path);
        if !selector_matches(&selector, labels) {
            let detail = "`selector` does not match template `labels`";
            let meta_path = template_path.child("metadata");
            errors.invalid(&meta_path.child("labels"), &labels.cloned(), detail);
        }
    }
    let completions = get(body.spec(), "completions").as_i64().filter(|count| *count > 0);
    if let Some(completions) = completions.filter(|_| indexed(body.spec())) {
        let hostname = format!("{}-{}", object.name(), completions - 1);
        if !names::dns1123_label(&hostname).is_empty() {
            let detail = format!("will not able to create pod with invalid DNS label: {hostname}");
            errors.invalid(&Path::new("metadata").child("name"), object.name(), &detail);
        }
    }
}

fn indexed(spec: &Value) -> bool {
    get(spec, "completionMode").as_str() == Some("Indexed")
}

/// A selector that was generated, and the labels it asks for, are as they were made.
fn validate_generated(errors: &mut Errors, object: &Object, body: &ValueBody, path: &Path<'_>) {
    let manual = get(body.spec(), "manualSelector").as_bool() == Some(true);
    if manual || body.at(&["spec", "selector"]).is_null() {
        return;
    }
    let template = body.template().unwrap_or_default();
    let labels = template.metadata.and_then(|meta| meta.labels).unwrap_or_default();
    let template_path = path.child("template");
    let labels_path = template_path.child("metadata");
    let labels_path = labels_path.child("labels");
    let mut expected = BTreeMap::new();
    for label in LABELS {
        let value = if label.ends_with("uid") { object.uid() } else { object.name() };
        expected.insert(label.to_owned(), value.to_owned());
        match labels.get(label) {
            None => errors.required(&labels_path.key(label), &format!("must be '{value}'")),
            Some(given) if given != value => {
                errors.invalid(&labels_path.key(label), &labels, &format!("must be '{value}'"));
            }
            Some(_) => {}
        }
    }
    let selector = body.selector();
    if !selector_matches(&selector, Some(&expected)) {
        let detail = "`selector` not auto-generated";
        errors.invalid(&path.child("selector"), &show_selector(&selector), detail);
    }
}

/// What a Job's spec and that in a CronJob's template are held to alike (`validateJobSpec`).
pub(super) fn validate_spec(errors: &mut Errors, spec: &Value, path: &Path<'_>) {
    for field in [
        "parallelism",
        "completions",
        "activeDeadlineSeconds",
        "backoffLimit",
        "ttlSecondsAfterFinished",
        "backoffLimitPerIndex",
        "maxFailedIndexes",
    ] {
        if let Some(number) = get(spec, field).as_i64() {
            errors.non_negative(&path.child(field), number);
        }
    }
    let (per_index, max_failed) =
        (get(spec, "backoffLimitPerIndex").as_i64(), get(spec, "maxFailedIndexes").as_i64());
    if max_failed.is_some() && per_index.is_none() {
        let detail = "when maxFailedIndexes is specified";
        errors.required(&path.child("backoffLimitPerIndex"), detail);
    }
    validate_manager(errors, spec, path);
    match get(spec, "completionMode").as_str() {
        Some("Indexed") => validate_indexed(errors, spec, path),
        None | Some("NonIndexed") => {
            for (field, value) in
                [("backoffLimitPerIndex", per_index), ("maxFailedIndexes", max_failed)]
            {
                if let Some(value) = value {
                    errors.invalid(&path.child(field), &value, "requires indexed completion mode");
                }
            }
        }
        Some(other) => {
            errors.not_supported(&path.child("completionMode"), other, &["NonIndexed", "Indexed"]);
        }
    }
    job_policy::validate(errors, spec, path);
    validate_pods(errors, spec, path);
}

fn validate_manager(errors: &mut Errors, spec: &Value, path: &Path<'_>) {
    let Some(manager) = get(spec, "managedBy").as_str() else { return };
    let here = path.child("managedBy");
    if manager.is_empty() {
        errors.required(&here, "");
        return;
    }
    match manager.split_once('/') {
        Some((domain, rest)) if !domain.is_empty() && !rest.is_empty() => {
            errors.invalid_each(&here, domain, names::dns1123_subdomain(domain));
        }
        _ => {
            let detail = "must be a domain-prefixed path (such as \"acme.io/foo\")";
            errors.invalid(&here, manager, detail);
        }
    }
    if manager.len() > 63 {
        errors.too_long(&here, 63);
    }
}

/// Limits of indexed Jobs, which keep their status small.
fn validate_indexed(errors: &mut Errors, spec: &Value, path: &Path<'_>) {
    const MANY: i64 = 100_000;
    const FEWER: i64 = 10_000;
    let number = |field: &str| get(spec, field).as_i64();
    let (completions, max_failed) = (number("completions"), number("maxFailedIndexes"));
    if completions.is_none() {
        errors.required(&path.child("completions"), "when completion mode is Indexed");
    }
    let (parallelism_path, max_path) = (path.child("parallelism"), path.child("maxFailedIndexes"));
    if let Some(parallelism) = number("parallelism").filter(|count| *count > MANY) {
        let detail =
            format!("must be less than or equal to {MANY} when completion mode is Indexed");
        errors.invalid(&parallelism_path, &parallelism, &detail);
    }
    if let (Some(completions), Some(max)) = (completions, max_failed)
        && max > completions
    {
        errors.invalid(&max_path, &max, "must be less than or equal to completions");
    }
    if let Some(max) = max_failed.filter(|max| *max > MANY) {
        errors.invalid(&max_path, &max, &format!("must be less than or equal to {MANY}"));
    }
    if completions.is_none_or(|count| count <= MANY) || number("backoffLimitPerIndex").is_none() {
        return;
    }
    if max_failed.is_none() {
        let detail = format!("must be specified when completions is above {MANY}");
        errors.required(&max_path, &detail);
    }
    for (here, value) in [(&parallelism_path, number("parallelism")), (&max_path, max_failed)] {
        if let Some(value) = value.filter(|value| *value > FEWER) {
            let detail = format!(
                "must be less than or equal to {FEWER} when completions are above {MANY} and used with backoff limit per index"
            );
            errors.invalid(here, &value, &detail);
        }
    }
}

/// The Pods: their template, and that they may end.
fn validate_pods(errors: &mut Errors, spec: &Value, path: &Path<'_>) {
    let template_path = path.child("template");
    let template: PodTemplateSpec = fill(get(spec, "template"));
    validate_template(errors, &template, &template_path);
    let spec_path = template_path.child("spec");
    let here = spec_path.child("restartPolicy");
    let policy = template.spec.as_ref().and_then(|spec| spec.restart_policy.as_deref());
    match policy.unwrap_or_default() {
        "" | "Always" => errors.required(&here, "valid values: \"OnFailure\", \"Never\""),
        "Never" => {}
        "OnFailure" if get(spec, "podFailurePolicy").is_null() => {}
        "OnFailure" => {
            let detail = "only \"Never\" is supported when podFailurePolicy is specified";
            errors.invalid(&here, "OnFailure", detail);
        }
        other => errors.not_supported(&here, other, &["OnFailure", "Never"]),
    }
}

fn validate_update(errors: &mut Errors, _: &Object, new: &ValueBody, old: &ValueBody) {
    let path = Path::new("spec");
    let (new, old) = (new.spec(), old.spec());
    validate_completions(errors, new, old, &path);
    let immutable = |errors: &mut Errors, field: &str| {
        if get(new, field) != get(old, field) {
            errors.invalid(&path.child(field), get(new, field), "field is immutable");
        }
    };
    immutable(errors, "selector");
    if get(new, "template") != &with_directives(get(old, "template"), new, old) {
        let shown = Verbatim(compact("PodTemplateSpec", get(new, "template")));
        errors.invalid(&path.child("template"), &shown, "field is immutable");
    }
    for field in
        ["completionMode", "podFailurePolicy", "backoffLimitPerIndex", "managedBy", "successPolicy"]
    {
        immutable(errors, field);
    }
}

/// Completions may change only together with the parallelism, of indexed Jobs.
fn validate_completions(errors: &mut Errors, new: &Value, old: &Value, path: &Path<'_>) {
    let (wanted, before) = (get(new, "completions"), get(old, "completions"));
    if wanted == before {
        return;
    }
    let here = path.child("completions");
    if !indexed(new) {
        errors.invalid(&here, wanted, "field is immutable");
    } else if !wanted.is_null() && wanted != get(new, "parallelism") {
        errors.invalid(&here, wanted, "can only be modified in tandem with spec.parallelism");
    }
}

/// The old template with the parts of the new one that may change while a Job is suspended: where its Pods go and what
/// they ask for.
fn with_directives(template: &Value, new: &Value, old: &Value) -> Value {
    let mut template = template.clone();
    if get(old, "suspend").as_bool() != Some(true) {
        return template;
    }
    let from = get(new, "template");
    copy(&mut template, from, &["metadata", "annotations"]);
    copy(&mut template, from, &["metadata", "labels"]);
    for field in ["nodeSelector", "tolerations", "schedulingGates"] {
        copy(&mut template, from, &["spec", field]);
    }
    copy(&mut template, from, &["spec", "affinity", "nodeAffinity"]);
    template
}

fn copy(to: &mut Value, from: &Value, path: &[&str]) {
    let Some((field, rest)) = path.split_first() else { return };
    if !to.is_object() && get(from, field).is_null() {
        return;
    }
    if !to.is_object() {
        *to = Value::Object(Map::new());
    }
    let Some(object) = to.as_object_mut() else { return };
    if rest.is_empty() {
        match from.get(field) {
            Some(value) => object.insert((*field).to_owned(), value.clone()),
            None => object.remove(*field),
        };
    } else if object.contains_key(*field) || from.get(field).is_some() {
        copy(object_at(object, field), get(from, field), rest);
    }
}

/// Warns of what a Job's spec holds beside the template.
pub(super) fn warn_of_spec(found: &mut Vec<String>, spec: &Value, path: &Path<'_>) {
    let number = |field: &str| get(spec, field).as_i64().unwrap_or(0);
    if indexed(spec) && number("completions") > 100_000 && number("parallelism") > 10_000 {
        found.push(format!(
            "{path}: In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail"
        ));
    }
}
