//! PodDisruptionBudgets: validation. Their status is the disruption controller's.
//!
//! Models kubernetes `pkg/apis/policy/validation/validation.go` and `pkg/registry/policy/poddisruptionbudget/strategy.go`;
//! nothing but the path asks for a form of the name.

use serde_json::{Value, json};

use super::ValueBody;
use super::look::{given, int_or_string, validate_selector_at};
use super::rules::{PLAIN, Rules};
use crate::object::deployment::{percent_in, validate_bound};
use crate::object::field::{Errors, Path, Shown, Verbatim};
use crate::object::meta::show_selector;
use crate::object::{Object, names};

pub(super) const DISRUPTION_BUDGET: Rules =
    Rules { name: names::path_segment, new_status: || json!({}), validate, ..PLAIN };

fn validate(errors: &mut Errors, _: &Object, body: &ValueBody) {
    let (spec, path) = (body.spec(), Path::new("spec"));
    let bound = |field: &str| given(spec, field).map(int_or_string);
    let (least, most) = (bound("minAvailable"), bound("maxUnavailable"));
    if least.is_some() && most.is_some() {
        let detail = "minAvailable and maxUnavailable cannot be both set";
        errors.invalid(&path, &show(body), detail);
    }
    for (field, bound) in [("minAvailable", least), ("maxUnavailable", most)] {
        let Some(bound) = bound else { continue };
        let here = path.child(field);
        validate_bound(errors, &bound, &here);
        if percent_in(&bound).is_some_and(|percent| percent > 100) {
            errors.invalid(&here, &bound, "must not be greater than 100%");
        }
    }
    validate_selector_at(errors, body.at(&["spec", "selector"]), &path.child("selector"));
    if let Some(policy) = given(spec, "unhealthyPodEvictionPolicy").and_then(Value::as_str) {
        let known = &["AlwaysAllow", "IfHealthyBudget"];
        if !known.contains(&policy) {
            errors.not_supported(&path.child("unhealthyPodEvictionPolicy"), policy, known);
        }
    }
}

/// The spec as an error shows it: as JSON, with Go's names.
fn show(body: &ValueBody) -> Verbatim {
    let spec = body.spec();
    let bound = |field: &str| given(spec, field).map(int_or_string).shown();
    let selector = given(spec, "selector").map(|_| show_selector(&body.selector())).shown();
    let policy = given(spec, "unhealthyPodEvictionPolicy").cloned().shown();
    Verbatim(format!(
        "{{\"MinAvailable\":{},\"Selector\":{selector},\"MaxUnavailable\":{},\"UnhealthyPodEvictionPolicy\":{policy}}}",
        bound("minAvailable"),
        bound("maxUnavailable")
    ))
}
