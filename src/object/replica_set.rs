//! ReplicaSets: defaults and validation, and what Deployments share with them.
//!
//! Models kubernetes `pkg/apis/apps/v1/defaults.go`, `ValidateReplicaSetSpec` and `ValidatePodTemplateSpecForReplicaSet`
//! of `pkg/apis/apps/validation/validation.go`, and `pkg/registry/apps/replicaset/strategy.go`.
//!
//! A selector that was not given at all has neither labels nor expressions, not even empty ones (`is_missing`).

use k8s_openapi::api::apps::v1::ReplicaSetSpec;
use k8s_openapi::api::core::v1::PodTemplateSpec;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;

use super::field::{Errors, Path};
use super::labels::selector_matches;
use super::meta::{show_selector, validate_selector};
use super::pod::{default_template, validate_template};

/// Fills in what the author left out.
pub(super) fn default_replica_set(spec: &mut ReplicaSetSpec) {
    spec.replicas.get_or_insert(1);
    spec.min_ready_seconds = spec.min_ready_seconds.filter(|seconds| *seconds != 0);
    default_template(spec.template.get_or_insert_default());
}

/// Validates a spec.
pub(super) fn validate_replica_set(errors: &mut Errors, spec: &ReplicaSetSpec) {
    let path = Path::new("spec");
    errors.non_negative(&path.child("replicas"), spec.replicas.unwrap_or(0));
    errors.non_negative(&path.child("minReadySeconds"), spec.min_ready_seconds.unwrap_or(0));
    validate_selector_and_template(errors, &spec.selector, spec.template.as_ref(), &path);
}

/// Validates a spec as it replaces the stored one.
pub(super) fn validate_replica_set_update(
    errors: &mut Errors,
    spec: &ReplicaSetSpec,
    current: &ReplicaSetSpec,
) {
    validate_replica_set(errors, spec);
    if spec.selector != current.selector {
        let shown = show_selector(&spec.selector);
        errors.invalid(&Path::new("spec").child("selector"), &shown, "field is immutable");
    }
}

/// Whether the author gave no selector.
pub(super) fn is_missing(selector: &LabelSelector) -> bool {
    selector.match_labels.is_none() && selector.match_expressions.is_none()
}

/// The selector must be there, not empty, good, and select the Pods of the template.
pub(super) fn validate_selector_and_template(
    errors: &mut Errors,
    selector: &LabelSelector,
    template: Option<&PodTemplateSpec>,
    path: &Path<'_>,
) {
    let here = path.child("selector");
    let missing = is_missing(selector);
    let count = selector.match_labels.as_ref().map_or(0, std::collections::BTreeMap::len)
        + selector.match_expressions.as_ref().map_or(0, Vec::len);
    let mut found = Errors::new();
    if missing {
        found.required(&here, "");
    } else {
        validate_selector(&mut found, selector, &here);
        if count == 0 {
            let detail = "empty selector is invalid for deployment";
            found.invalid(&here, &show_selector(selector), detail);
        }
    }
    // Upstream cannot make a selector of what is malformed, and then does not look at the template.
    let malformed = count > 0 && !found.is_empty();
    errors.extend(found);
    if malformed {
        errors.invalid(&here, &show_selector(selector), "invalid label selector");
        return;
    }
    let template_path = path.child("template");
    let Some(template) = template else {
        errors.required(&template_path, "");
        return;
    };
    let labels = template.metadata.as_ref().and_then(|meta| meta.labels.as_ref());
    let selected = if missing { false } else { count == 0 || selector_matches(selector, labels) };
    if !selected {
        let meta_path = template_path.child("metadata");
        let detail = "`selector` does not match template `labels`";
        errors.invalid(&meta_path.child("labels"), &labels.cloned(), detail);
    }
    validate_template(errors, template, &template_path);
    let spec_path = template_path.child("spec");
    let spec = template.spec.as_ref();
    let restart = spec.and_then(|spec| spec.restart_policy.as_deref()).unwrap_or_default();
    if restart != "Always" {
        errors.not_supported(&spec_path.child("restartPolicy"), restart, &["Always"]);
    }
    if spec.is_some_and(|spec| spec.active_deadline_seconds.is_some()) {
        let detail = "activeDeadlineSeconds in ReplicaSet is not Supported";
        errors.forbidden(&spec_path.child("activeDeadlineSeconds"), detail);
    }
}
