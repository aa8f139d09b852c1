//! Deployments: defaults and validation.
//!
//! Models kubernetes `pkg/apis/apps/v1/defaults.go`, `ValidateDeploymentSpec` with what it calls of
//! `pkg/apis/apps/validation/validation.go`, and the immutable selector of `pkg/registry/apps/deployment/strategy.go`.

use k8s_openapi::api::apps::v1::{DeploymentSpec, DeploymentStrategy, RollingUpdateDeployment};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::field::{Errors, Path, Shown, Verbatim};
use super::meta::show_selector;
use super::names;
use super::pod::default_template;
use super::replica_set::{is_missing, validate_selector_and_template};
use crate::quote::quote;

/// Fills in what the author left out.
pub(super) fn default_deployment(spec: &mut DeploymentSpec) {
    spec.replicas.get_or_insert(1);
    spec.revision_history_limit.get_or_insert(10);
    spec.progress_deadline_seconds.get_or_insert(600);
    let strategy = spec.strategy.get_or_insert_default();
    let kind = strategy.type_.get_or_insert_default();
    if kind.is_empty() {
        "RollingUpdate".clone_into(kind);
    }
    if kind == "RollingUpdate" {
        let quarter = || IntOrString::String("25%".to_owned());
        let rolling = strategy.rolling_update.get_or_insert_default();
        rolling.max_unavailable.get_or_insert_with(quarter);
        rolling.max_surge.get_or_insert_with(quarter);
    }
    spec.paused = spec.paused.filter(|paused| *paused);
    spec.min_ready_seconds = spec.min_ready_seconds.filter(|seconds| *seconds != 0);
    default_template(&mut spec.template);
}

/// Validates a spec.
pub(super) fn validate_deployment(errors: &mut Errors, spec: &DeploymentSpec) {
    let path = Path::new("spec");
    errors.non_negative(&path.child("replicas"), spec.replicas.unwrap_or(0));
    validate_selector_and_template(errors, &spec.selector, Some(&spec.template), &path);
    let strategy = spec.strategy.clone().unwrap_or_default();
    validate_strategy(errors, &strategy, &path.child("strategy"));
    let min_ready = spec.min_ready_seconds.unwrap_or(0);
    errors.non_negative(&path.child("minReadySeconds"), min_ready);
    if let Some(limit) = spec.revision_history_limit {
        errors.non_negative(&path.child("revisionHistoryLimit"), limit);
    }
    if let Some(deadline) = spec.progress_deadline_seconds {
        let here = path.child("progressDeadlineSeconds");
        errors.non_negative(&here, deadline);
        if deadline <= min_ready {
            errors.invalid(&here, &deadline, "must be greater than minReadySeconds");
        }
    }
}

/// Validates a spec as it replaces the stored one.
pub(super) fn validate_deployment_update(
    errors: &mut Errors,
    spec: &DeploymentSpec,
    current: &DeploymentSpec,
) {
    validate_deployment(errors, spec);
    if spec.selector != current.selector {
        let shown = if is_missing(&spec.selector) {
            Verbatim("null".to_owned())
        } else {
            show_selector(&spec.selector)
        };
        errors.invalid(&Path::new("spec").child("selector"), &shown, "field is immutable");
    }
}

fn validate_strategy(errors: &mut Errors, strategy: &DeploymentStrategy, path: &Path<'_>) {
    let rolling_path = path.child("rollingUpdate");
    match (strategy.type_.as_deref().unwrap_or_default(), &strategy.rolling_update) {
        ("Recreate", None) => {}
        ("Recreate", Some(_)) => {
            let detail = "may not be specified when strategy `type` is 'Recreate'";
            errors.forbidden(&rolling_path, detail);
        }
        ("RollingUpdate", None) => {
            errors.required(&rolling_path, "this should be defaulted and never be nil");
        }
        ("RollingUpdate", Some(rolling)) => validate_rolling(errors, rolling, &rolling_path),
        (other, rolling) => {
            let bounds =
                rolling.as_ref().map(|of| (of.max_unavailable.as_ref(), of.max_surge.as_ref()));
            let shown = show_strategy(other, bounds);
            errors.not_supported(path, &shown, &["Recreate", "RollingUpdate"]);
        }
    }
}

/// A strategy as an error shows it: as JSON, with Go's names. The bounds are `maxUnavailable` and `maxSurge`.
pub(super) fn show_strategy(
    type_: &str,
    bounds: Option<(Option<&IntOrString>, Option<&IntOrString>)>,
) -> Verbatim {
    // The zero value stands for what is not given.
    let show = |bound: Option<&IntOrString>| bound.map_or_else(|| "0".to_owned(), Shown::shown);
    let rolling = bounds.map_or_else(
        || "null".to_owned(),
        |(unavailable, surge)| {
            let (unavailable, surge) = (show(unavailable), show(surge));
            format!("{{\"MaxUnavailable\":{unavailable},\"MaxSurge\":{surge}}}")
        },
    );
    Verbatim(format!("{{\"Type\":{},\"RollingUpdate\":{rolling}}}", quote(type_)))
}

fn validate_rolling(errors: &mut Errors, rolling: &RollingUpdateDeployment, path: &Path<'_>) {
    let zero = IntOrString::Int(0);
    let unavailable = rolling.max_unavailable.as_ref().unwrap_or(&zero);
    let surge = rolling.max_surge.as_ref().unwrap_or(&zero);
    let unavailable_path = path.child("maxUnavailable");
    validate_bound(errors, unavailable, &unavailable_path);
    validate_bound(errors, surge, &path.child("maxSurge"));
    if number_in(unavailable) == 0 && number_in(surge) == 0 {
        errors.invalid(&unavailable_path, unavailable, "may not be 0 when `maxSurge` is 0");
    }
    if percent_in(unavailable).is_some_and(|percent| percent > 100) {
        errors.invalid(&unavailable_path, unavailable, "must not be greater than 100%");
    }
}

pub(super) fn validate_bound(errors: &mut Errors, bound: &IntOrString, path: &Path<'_>) {
    match bound {
        IntOrString::Int(number) => errors.non_negative(path, *number),
        IntOrString::String(text) => errors.invalid_each(path, bound, names::percent(text)),
    }
}

/// The percentage that the text is.
pub fn percent_in(bound: &IntOrString) -> Option<i64> {
    let IntOrString::String(text) = bound else { return None };
    if !names::percent(text).is_empty() {
        return None;
    }
    text.strip_suffix('%')?.parse().ok()
}

/// The percentage, the number, or the number that the text is; 0 for any other text.
pub fn number_in(bound: &IntOrString) -> i64 {
    match bound {
        IntOrString::Int(number) => i64::from(*number),
        IntOrString::String(text) => percent_in(bound).or_else(|| text.parse().ok()).unwrap_or(0),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;

    use super::*;

    fn complaints(change: impl FnOnce(&mut DeploymentSpec)) -> Vec<String> {
        let labels = BTreeMap::from([("app".to_owned(), "web".to_owned())]);
        let mut spec = DeploymentSpec::default();
        spec.selector.match_labels = Some(labels.clone());
        spec.template.metadata.get_or_insert_default().labels = Some(labels);
        let container = k8s_openapi::api::core::v1::Container {
            name: "web".into(),
            image: Some("nginx".into()),
            ..Default::default()
        };
        spec.template.spec.get_or_insert_default().containers.push(container);
        change(&mut spec);
        default_deployment(&mut spec);
        let mut errors = Errors::new();
        validate_deployment(&mut errors, &spec);
        errors.into_lines()
    }

    fn bounds(unavailable: &str, surge: &str) -> Vec<String> {
        let bound = |text: &str| match text.parse() {
            Ok(number) => IntOrString::Int(number),
            Err(_) => IntOrString::String(text.to_owned()),
        };
        complaints(|spec| {
            let rolling = RollingUpdateDeployment {
                max_unavailable: Some(bound(unavailable)),
                max_surge: Some(bound(surge)),
            };
            spec.strategy.get_or_insert_default().rolling_update = Some(rolling);
        })
    }

    #[test]
    fn bounds_of_a_rolling_update() {
        const ZERO: &str = "may not be 0 when `maxSurge` is 0";
        let path = "spec.strategy.rollingUpdate";
        assert!(bounds("25%", "1").is_empty());
        assert_eq!(bounds("0", "0"), [format!("{path}.maxUnavailable: Invalid value: 0: {ZERO}")]);
        assert_eq!(
            bounds("0%", "0"),
            [format!("{path}.maxUnavailable: Invalid value: \"0%\": {ZERO}")]
        );
        assert_eq!(
            bounds("120%", "1"),
            [format!(
                "{path}.maxUnavailable: Invalid value: \"120%\": must not be greater than 100%"
            )]
        );
        assert_eq!(
            bounds("1", "-1"),
            [format!("{path}.maxSurge: Invalid value: -1: must be greater than or equal to 0")]
        );
    }

    #[test]
    fn an_unknown_strategy_is_shown_as_upstream_holds_it() {
        let lines = complaints(|spec| {
            spec.strategy.get_or_insert_default().type_ = Some("BlueGreen".into());
        });
        assert_eq!(
            lines,
            [
                "spec.strategy: Unsupported value: {\"Type\":\"BlueGreen\",\"RollingUpdate\":null}: supported values: \"Recreate\", \"RollingUpdate\""
            ]
        );
    }

    #[test]
    fn the_selector_must_be_there_and_match() {
        let missing = complaints(|spec| spec.selector = LabelSelector::default());
        assert_eq!(
            missing,
            [
                "spec.selector: Required value",
                "spec.template.metadata.labels: Invalid value: {\"app\":\"web\"}: `selector` does not match template `labels`"
            ]
        );
        let empty = complaints(|spec| spec.selector.match_labels = Some(BTreeMap::default()));
        assert_eq!(
            empty,
            ["spec.selector: Invalid value: {}: empty selector is invalid for deployment"]
        );
        let other = complaints(|spec| spec.template.metadata = None);
        assert_eq!(
            other,
            [
                "spec.template.metadata.labels: Invalid value: null: `selector` does not match template `labels`"
            ]
        );
    }
}
