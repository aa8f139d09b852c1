//! DaemonSets and the ControllerRevisions that remember their templates: defaults and validation.
//!
//! Models kubernetes `pkg/apis/apps/v1/defaults.go`, `ValidateDaemonSetSpec` and what it calls of
//! `pkg/apis/apps/validation/validation.go`, and `pkg/registry/apps/daemonset/strategy.go` (the template's generation,
//! which lives in an annotation).

use k8s_openapi::api::apps::v1::{
    ControllerRevision, DaemonSetSpec, DaemonSetUpdateStrategy, RollingUpdateDaemonSet,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::deployment::{number_in, percent_in, show_strategy, validate_bound};
use super::field::{Errors, Path, Verbatim};
use super::labels::selector_matches;
use super::meta::{show_selector, validate_selector};
use super::pod::{default_template, validate_template};
use super::replica_set::is_missing;

/// The annotation that counts the changes of the template.
const TEMPLATE_GENERATION: &str = "deprecated.daemonset.template.generation";

/// Fills in what the author left out.
pub(super) fn default_daemon_set(spec: &mut DaemonSetSpec) {
    spec.revision_history_limit.get_or_insert(10);
    spec.min_ready_seconds = spec.min_ready_seconds.filter(|seconds| *seconds != 0);
    let strategy = spec.update_strategy.get_or_insert_default();
    let kind = strategy.type_.get_or_insert_default();
    if kind.is_empty() {
        "RollingUpdate".clone_into(kind);
    }
    if kind == "RollingUpdate" {
        let rolling = strategy.rolling_update.get_or_insert_default();
        rolling.max_unavailable.get_or_insert(IntOrString::Int(1));
        rolling.max_surge.get_or_insert(IntOrString::Int(0));
    }
    default_template(&mut spec.template);
}

/// The template's generation; 0 if there is none.
pub fn template_generation(meta: &ObjectMeta) -> i64 {
    let text = meta.annotations.as_ref().and_then(|all| all.get(TEMPLATE_GENERATION));
    text.and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// Writes the template's generation.
pub fn set_template_generation(meta: &mut ObjectMeta, generation: i64) {
    let annotations = meta.annotations.get_or_insert_default();
    annotations.insert(TEMPLATE_GENERATION.to_owned(), generation.to_string());
}

/// Validates a spec.
pub(super) fn validate_daemon_set(errors: &mut Errors, spec: &DaemonSetSpec) {
    let path = Path::new("spec");
    validate_template_and_selector(errors, spec, &path);
    errors.non_negative(&path.child("minReadySeconds"), spec.min_ready_seconds.unwrap_or(0));
    let strategy = spec.update_strategy.clone().unwrap_or_default();
    validate_strategy(errors, &strategy, &path.child("updateStrategy"));
    if let Some(limit) = spec.revision_history_limit {
        errors.non_negative(&path.child("revisionHistoryLimit"), limit);
    }
}

/// Validates a spec as it replaces the stored one.
pub(super) fn validate_daemon_set_update(
    errors: &mut Errors,
    spec: &DaemonSetSpec,
    current: &DaemonSetSpec,
) {
    validate_daemon_set(errors, spec);
    if spec.selector != current.selector {
        let shown = if is_missing(&spec.selector) {
            Verbatim("null".to_owned())
        } else {
            show_selector(&spec.selector)
        };
        errors.invalid(&Path::new("spec").child("selector"), &shown, "field is immutable");
    }
}

fn validate_template_and_selector(errors: &mut Errors, spec: &DaemonSetSpec, path: &Path<'_>) {
    let here = path.child("selector");
    let selector = &spec.selector;
    let missing = is_missing(selector);
    let count = selector.match_labels.as_ref().map_or(0, std::collections::BTreeMap::len)
        + selector.match_expressions.as_ref().map_or(0, Vec::len);
    let mut found = Errors::new();
    if !missing {
        validate_selector(&mut found, selector, &here);
    }
    let malformed = !found.is_empty();
    errors.extend(found);
    let template_path = path.child("template");
    let labels = spec.template.metadata.as_ref().and_then(|meta| meta.labels.as_ref());
    let selected = !missing && (count == 0 || selector_matches(selector, labels));
    if !malformed && !selected {
        let meta_path = template_path.child("metadata");
        let detail = "`selector` does not match template `labels`";
        errors.invalid(&meta_path.child("labels"), &labels.cloned(), detail);
    }
    if !missing && count == 0 {
        let detail = "empty selector is invalid for daemonset";
        errors.invalid(&here, &show_selector(selector), detail);
    }
    validate_template(errors, &spec.template, &template_path);
    let spec_path = template_path.child("spec");
    let pod = spec.template.spec.as_ref();
    let restart = pod.and_then(|pod| pod.restart_policy.as_deref()).unwrap_or_default();
    if restart != "Always" {
        errors.not_supported(&spec_path.child("restartPolicy"), restart, &["Always"]);
    }
    if pod.is_some_and(|pod| pod.active_deadline_seconds.is_some()) {
        let detail = "activeDeadlineSeconds in DaemonSet is not Supported";
        errors.forbidden(&spec_path.child("activeDeadlineSeconds"), detail);
    }
}

fn validate_strategy(errors: &mut Errors, strategy: &DaemonSetUpdateStrategy, path: &Path<'_>) {
    let rolling_path = path.child("rollingUpdate");
    match (strategy.type_.as_deref().unwrap_or_default(), &strategy.rolling_update) {
        ("OnDelete", _) => {}
        ("RollingUpdate", None) => errors.required(&rolling_path, ""),
        ("RollingUpdate", Some(rolling)) => validate_rolling(errors, rolling, &rolling_path),
        (other, rolling) => {
            let bounds =
                rolling.as_ref().map(|of| (of.max_unavailable.as_ref(), of.max_surge.as_ref()));
            let shown = show_strategy(other, bounds);
            errors.not_supported(path, &shown, &["RollingUpdate", "OnDelete"]);
        }
    }
}

fn validate_rolling(errors: &mut Errors, rolling: &RollingUpdateDaemonSet, path: &Path<'_>) {
    let zero = IntOrString::Int(0);
    let unavailable = rolling.max_unavailable.as_ref().unwrap_or(&zero);
    let surge = rolling.max_surge.as_ref().unwrap_or(&zero);
    let (unavailable_path, surge_path) = (path.child("maxUnavailable"), path.child("maxSurge"));
    validate_bound(errors, unavailable, &unavailable_path);
    validate_bound(errors, surge, &surge_path);
    for (bound, here) in [(unavailable, &unavailable_path), (surge, &surge_path)] {
        if percent_in(bound).is_some_and(|percent| percent > 100) {
            errors.invalid(here, bound, "must not be greater than 100%");
        }
    }
    match (number_in(unavailable) != 0, number_in(surge) != 0) {
        (true, true) => {
            errors.invalid(&surge_path, surge, "may not be set when maxUnavailable is non-zero");
        }
        (false, false) => {
            errors.required(&unavailable_path, "cannot be 0 when maxSurge is 0");
        }
        _ => {}
    }
}

/// Validates a ControllerRevision.
pub(super) fn validate_controller_revision(errors: &mut Errors, revision: &ControllerRevision) {
    if revision.data.is_none() {
        errors.required(&Path::new("data"), "data is mandatory");
    }
    errors.non_negative(&Path::new("revision"), revision.revision);
}

/// Validates a ControllerRevision as it replaces the stored one.
pub(super) fn validate_controller_revision_update(
    errors: &mut Errors,
    revision: &ControllerRevision,
    current: &ControllerRevision,
) {
    validate_controller_revision(errors, revision);
    if revision.data != current.data {
        errors.invalid(&Path::new("data"), &Verbatim("null".to_owned()), "field is immutable");
    }
}
