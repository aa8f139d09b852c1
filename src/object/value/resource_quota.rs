//! ResourceQuotas: validation. What is used is the quota controller's to say.
//!
//! Models `ValidateResourceQuotaSpec` and what it calls of kubernetes `pkg/apis/core/validation/validation.go`.

use serde_json::{Value, json};

use super::look::{entries, given, list, quantity, text, texts};
use super::rules::{PLAIN, Rules};
use super::{ValueBody, resource_name};
use crate::object::Object;
use crate::object::field::{Errors, Path, Verbatim};

pub(super) const RESOURCE_QUOTA: Rules =
    Rules { new_status: || json!({}), validate, validate_update, ..PLAIN };

/// The scopes of quotas for Pods; those of one line exclude each other.
const OPPOSITES: [[&str; 2]; 2] =
    [["BestEffort", "NotBestEffort"], ["NotTerminating", "Terminating"]];

/// The scopes by which no values are asked for.
const PLAIN_SCOPES: [&str; 5] =
    ["BestEffort", "NotBestEffort", "Terminating", "NotTerminating", "CrossNamespacePodAffinity"];

/// `IsResourceQuotaScopeValidForResource`.
fn is_measured(scope: &str, resource: &str) -> bool {
    let compute =
        ["cpu", "memory", "limits.cpu", "limits.memory", "requests.cpu", "requests.memory"];
    match scope {
        "BestEffort" => resource == "pods",
        "Terminating"
        | "NotTerminating"
        | "NotBestEffort"
        | "PriorityClass"
        | "CrossNamespacePodAffinity" => resource == "pods" || compute.contains(&resource),
        "VolumeAttributesClass" => {
            matches!(resource, "persistentvolumeclaims" | "requests.storage")
        }
        _ => true,
    }
}

fn is_scope(scope: &str) -> bool {
    PLAIN_SCOPES.contains(&scope) || matches!(scope, "PriorityClass" | "VolumeAttributesClass")
}

fn validate(errors: &mut Errors, _: &Object, body: &ValueBody) {
    let (spec, path) = (body.spec(), Path::new("spec"));
    let hard_path = path.child("hard");
    for (name, value) in entries(spec, "hard") {
        let here = hard_path.key(name);
        resource_name::validate_of_quota(errors, name, &here);
        let amount = quantity(value);
        if amount.is_negative() {
            let detail = "must be greater than or equal to 0";
            errors.invalid(&here, &amount.to_string(), detail);
        }
        if resource_name::is_whole(name) && amount.milli_value() % 1000 != 0 {
            errors.invalid(&here, &amount.to_string(), "must be an integer");
        }
    }
    validate_scopes(errors, spec, &path.child("scopes"));
    if given(spec, "scopeSelector").is_some() {
        validate_scope_selector(errors, spec, &path.child("scopeSelector"));
    }
}

/// The resources under `hard` that quotas know; what is beyond them has no scope.
fn resources(spec: &Value) -> impl Iterator<Item = &str> {
    entries(spec, "hard")
        .map(|(name, _)| name)
        .filter(|name| resource_name::is_standard_in_quotas(name))
}

fn scopes_shown(spec: &Value) -> Value {
    spec.get("scopes").cloned().unwrap_or_default()
}

fn validate_scopes(errors: &mut Errors, spec: &Value, path: &Path<'_>) {
    let shown = scopes_shown(spec);
    for scope in texts(spec, "scopes") {
        if !is_scope(scope) {
            errors.invalid(path, &shown, "unsupported scope");
        }
        for _ in resources(spec).filter(|resource| !is_measured(scope, resource)) {
            errors.invalid(path, &shown, "unsupported scope applied to resource");
        }
    }
    let scopes: Vec<&str> = texts(spec, "scopes").collect();
    refuse_opposites(errors, &scopes, &shown, path);
}

fn refuse_opposites(errors: &mut Errors, scopes: &[&str], shown: &Value, path: &Path<'_>) {
    for pair in OPPOSITES {
        if pair.iter().all(|scope| scopes.contains(scope)) {
            errors.invalid(path, shown, "conflicting scopes");
        }
    }
}

fn validate_scope_selector(errors: &mut Errors, spec: &Value, path: &Path<'_>) {
    let selector = spec.get("scopeSelector").unwrap_or(&Value::Null);
    let here = path.child("matchExpressions");
    let requirements = list(selector, "matchExpressions");
    for requirement in requirements {
        let (scope, operator) = (text(requirement, "scopeName"), text(requirement, "operator"));
        if !is_scope(scope) {
            errors.invalid(&here.child("scopeName"), scope, "unsupported scope");
        }
        for _ in resources(spec).filter(|resource| !is_measured(scope, resource)) {
            let detail = "unsupported scope applied to resource";
            errors.invalid(&here, &show_selector(requirements), detail);
        }
        let operator_path = here.child("operator");
        if PLAIN_SCOPES.contains(&scope) && operator != "Exists" {
            let detail = "must be 'Exist' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity";
            errors.invalid(&operator_path, operator, detail);
        }
        let empty = list(requirement, "values").is_empty();
        let values_path = here.child("values");
        match operator {
            "In" | "NotIn" if empty => errors.required(
                &values_path,
                "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector",
            ),
            "Exists" | "DoesNotExist" if !empty => {
                let detail = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector";
                let values = requirement.get("values").cloned().unwrap_or_default();
                errors.invalid(&values_path, &values, detail);
            }
            "In" | "NotIn" | "Exists" | "DoesNotExist" => {}
            other => errors.invalid(&operator_path, other, "not a valid selector operator"),
        }
    }
    let scopes: Vec<&str> = requirements.iter().map(|one| text(one, "scopeName")).collect();
    refuse_opposites(errors, &scopes, &scopes_shown(spec), &here);
}

/// The selector as an error shows it: as JSON, with Go's names.
fn show_selector(requirements: &[Value]) -> Verbatim {
    let shown: Vec<String> = requirements
        .iter()
        .map(|one| {
            let [scope, operator] =
                ["scopeName", "operator"].map(|field| crate::quote::quote(text(one, field)));
            let values = one.get("values").cloned().unwrap_or_default();
            format!("{{\"ScopeName\":{scope},\"Operator\":{operator},\"Values\":{values}}}")
        })
        .collect();
    Verbatim(format!("{{\"MatchExpressions\":[{}]}}", shown.join(",")))
}

fn validate_update(errors: &mut Errors, _: &Object, new: &ValueBody, old: &ValueBody) {
    let scopes =
        |body: &ValueBody| crate::order::set(texts(body.spec(), "scopes").map(str::to_owned));
    if scopes(new) != scopes(old) {
        let path = Path::new("spec");
        errors.invalid(&path.child("scopes"), &scopes_shown(new.spec()), "field is immutable");
    }
}
