//! StatefulSets: defaults and validation.
//!
//! Models kubernetes `pkg/apis/apps/v1/defaults.go`, `ValidateStatefulSetSpec` with what it calls of
//! `pkg/apis/apps/validation/validation.go`, and `pkg/registry/apps/statefulset/strategy.go`. The Pods' volumes are those
//! of the template and one for each claim template.

use k8s_openapi::api::core::v1::{PersistentVolumeClaimVolumeSource, PodTemplateSpec, Volume};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use serde_json::{Map, Value, json};

use super::claim::{default_claim, validate_claim_spec};
use super::rules::Rules;
use super::{ValueBody, default_template, object, text};
use crate::manifest::fill;
use crate::object::deployment::{number_in, percent_in, validate_bound};
use crate::object::field::{Errors, Path, Verbatim};
use crate::object::meta::{show_selector, validate_selector};
use crate::object::pod::validate_template;
use crate::object::{Object, names, selector_matches};
use crate::quote::quote;

/// What the server does to StatefulSets.
pub(super) const RULES: Rules = Rules {
    name: names::dns1123_label,
    default,
    new_status: || json!({ "replicas": 0 }),
    validate: |errors, _, body| validate(errors, body),
    validate_update,
    ..super::rules::PLAIN
};

fn default(fields: &mut Map<String, Value>) {
    let spec = object(fields, "spec");
    default_template(spec, &["template"]);
    spec.entry("podManagementPolicy").or_insert_with(|| json!("OrderedReady"));
    let strategy = object(spec, "updateStrategy");
    if text(strategy.get("type")).is_empty() {
        strategy.insert("type".to_owned(), json!("RollingUpdate"));
        strategy.entry("rollingUpdate").or_insert_with(|| json!({}));
    }
    if text(strategy.get("type")) == "RollingUpdate"
        && let Some(rolling) = strategy.get_mut("rollingUpdate").and_then(Value::as_object_mut)
    {
        rolling.entry("partition").or_insert_with(|| json!(0));
    }
    let retention = object(spec, "persistentVolumeClaimRetentionPolicy");
    for when in ["whenDeleted", "whenScaled"] {
        if text(retention.get(when)).is_empty() {
            retention.insert(when.to_owned(), json!("Retain"));
        }
    }
    spec.entry("replicas").or_insert_with(|| json!(1));
    spec.entry("revisionHistoryLimit").or_insert_with(|| json!(10));
    let claims = spec.get_mut("volumeClaimTemplates").and_then(Value::as_array_mut);
    for claim in claims.into_iter().flatten().filter_map(Value::as_object_mut) {
        // What nobody set is told all the same, as the server keeps whole claims.
        claim.insert("apiVersion".to_owned(), json!("v1"));
        claim.insert("kind".to_owned(), json!("PersistentVolumeClaim"));
        let status = object(claim, "status");
        if text(status.get("phase")).is_empty() {
            status.insert("phase".to_owned(), json!("Pending"));
        }
        default_claim(claim);
    }
}

fn validate(errors: &mut Errors, body: &ValueBody) {
    let path = Path::new("spec");
    let spec = body.spec();
    let policy = text(spec.get("podManagementPolicy"));
    if !matches!(policy, "OrderedReady" | "Parallel") {
        let here = path.child("podManagementPolicy");
        errors.invalid(&here, policy, "must be 'OrderedReady' or 'Parallel'");
    }
    validate_strategy(errors, &body.spec()["updateStrategy"], &path.child("updateStrategy"));
    let retention_path = path.child("persistentVolumeClaimRetentionPolicy");
    for when in ["whenDeleted", "whenScaled"] {
        let policy = text(Some(body.at(&["spec", "persistentVolumeClaimRetentionPolicy", when])));
        if !matches!(policy, "Retain" | "Delete") {
            errors.not_supported(&retention_path.child(when), policy, &["Retain", "Delete"]);
        }
    }
    for field in ["replicas", "minReadySeconds"] {
        errors.non_negative(&path.child(field), spec[field].as_i64().unwrap_or(0));
    }
    let start = body.at(&["spec", "ordinals", "start"]).as_i64().unwrap_or(0);
    errors.non_negative(&path.child("ordinals.start"), start);
    let service = text(spec.get("serviceName"));
    if !service.is_empty() {
        let here = path.child("serviceName");
        errors.invalid_each(&here, service, names::dns1123_label(service));
    }
    let claims_path = path.child("volumeClaimTemplates");
    for (index, claim) in claim_templates(body).iter().enumerate() {
        validate_claim_spec(errors, &claim["spec"], &claims_path.index(index).child("spec"));
    }
    validate_selector_and_template(errors, body, &path);
}

fn claim_templates(body: &ValueBody) -> &[Value] {
    body.spec()["volumeClaimTemplates"].as_array().map(Vec::as_slice).unwrap_or_default()
}

fn validate_strategy(errors: &mut Errors, strategy: &Value, path: &Path<'_>) {
    let rolling = &strategy["rollingUpdate"];
    let rolling_path = path.child("rollingUpdate");
    match text(strategy.get("type")) {
        "OnDelete" if rolling.is_object() => {
            let shown = show_rolling(rolling);
            let detail = "only allowed for updateStrategy 'RollingUpdate'";
            errors.invalid(&rolling_path, &shown, detail);
        }
        "OnDelete" => {}
        "RollingUpdate" => {
            let partition = rolling["partition"].as_i64().unwrap_or(0);
            errors.non_negative(&rolling_path.child("partition"), partition);
            if !rolling["maxUnavailable"].is_null() {
                let bound: IntOrString = fill(&rolling["maxUnavailable"]);
                let here = rolling_path.child("maxUnavailable");
                validate_bound(errors, &bound, &here);
                if number_in(&bound) == 0 {
                    errors.invalid(&here, &bound, "cannot be 0");
                }
                if percent_in(&bound).is_some_and(|percent| percent > 100) {
                    errors.invalid(&here, &bound, "must not be greater than 100%");
                }
            }
        }
        other => {
            let rolling = if rolling.is_object() { show_rolling(rolling).0 } else { "null".into() };
            let shown = format!("{{\"Type\":{},\"RollingUpdate\":{rolling}}}", quote(other));
            errors.invalid(path, &Verbatim(shown), "must be 'RollingUpdate' or 'OnDelete'");
        }
    }
}

/// `rollingUpdate` as an error shows it, with Go's names.
fn show_rolling(rolling: &Value) -> Verbatim {
    let partition = rolling["partition"].as_i64().unwrap_or(0);
    Verbatim(format!(
        "{{\"Partition\":{partition},\"MaxUnavailable\":{}}}",
        rolling["maxUnavailable"]
    ))
}

fn validate_selector_and_template(errors: &mut Errors, body: &ValueBody, path: &Path<'_>) {
    let here = path.child("selector");
    let given = body.spec()["selector"].is_object();
    let selector = body.selector();
    let count = selector.match_labels.iter().flatten().count()
        + selector.match_expressions.iter().flatten().count();
    let empty = count == 0;
    let mut found = Errors::new();
    if given {
        validate_selector(&mut found, &selector, &here);
    } else {
        found.required(&here, "");
    }
    let malformed = given && !found.is_empty();
    errors.extend(found);
    if given && empty {
        let detail = "empty selector is invalid for statefulset";
        errors.invalid(&here, &show_selector(&selector), detail);
    }
    let mut template = body.template().unwrap_or_default();
    let template_path = path.child("template");
    if malformed {
        errors.invalid(&here, &show_selector(&selector), "");
    } else {
        let labels = template.metadata.as_ref().and_then(|meta| meta.labels.as_ref());
        // No selector selects nothing.
        if !given || !(empty || selector_matches(&selector, labels)) {
            let meta_path = template_path.child("metadata");
            let detail = "`selector` does not match template `labels`";
            errors.invalid(&meta_path.child("labels"), &labels.cloned(), detail);
        }
        add_claims(&mut template, claim_templates(body));
        validate_template(errors, &template, &template_path);
    }
    validate_pods(errors, &template, &template_path.child("spec"));
}

/// Adds to a template the volumes that the Pods will have for their claims.
fn add_claims(template: &mut PodTemplateSpec, claims: &[Value]) {
    let volumes = template.spec.get_or_insert_default().volumes.get_or_insert_default();
    for claim in claims {
        let name = text(claim["metadata"].get("name"));
        volumes.retain(|volume| volume.name != name);
        let source =
            PersistentVolumeClaimVolumeSource { claim_name: name.to_owned(), read_only: None };
        let persistent_volume_claim = Some(source);
        volumes.push(Volume {
            name: name.to_owned(),
            persistent_volume_claim,
            ..Volume::default()
        });
    }
}

fn validate_pods(errors: &mut Errors, template: &PodTemplateSpec, path: &Path<'_>) {
    let pod = template.spec.as_ref();
    let restart = pod.and_then(|pod| pod.restart_policy.as_deref()).unwrap_or_default();
    if restart != "Always" {
        errors.not_supported(&path.child("restartPolicy"), restart, &["Always"]);
    }
    if pod.is_some_and(|pod| pod.active_deadline_seconds.is_some()) {
        let detail = "activeDeadlineSeconds in StatefulSet is not Supported";
        errors.forbidden(&path.child("activeDeadlineSeconds"), detail);
    }
}

/// The fields that may change.
const CHANGEABLE: [&str; 7] = [
    "replicas",
    "ordinals",
    "template",
    "updateStrategy",
    "revisionHistoryLimit",
    "persistentVolumeClaimRetentionPolicy",
    "minReadySeconds",
];

fn validate_update(errors: &mut Errors, _: &Object, new: &ValueBody, old: &ValueBody) {
    let fixed = |body: &ValueBody| {
        let mut spec = body.spec().as_object().cloned().unwrap_or_default();
        spec.retain(|key, value| !CHANGEABLE.contains(&key.as_str()) && !value.is_null());
        spec
    };
    if fixed(new) != fixed(old) {
        let detail = "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";
        errors.forbidden(&Path::new("spec"), detail);
    }
}
