//! The policies of a Job: what they may say.
//!
//! Models `validatePodFailurePolicy`, `validateSuccessPolicy`, `validatePodReplacementPolicy` and `validateIndexesFormat` of
//! kubernetes `pkg/apis/batch/validation/validation.go`.

use serde_json::{Map, Value};

use super::job::get;
use crate::object::field::{Errors, Path, Verbatim};
use crate::object::names;
use crate::quote::quote;

/// Rules of a policy, and patterns of a rule.
const RULES_MAX: usize = 20;
/// Exit codes of a rule.
const VALUES_MAX: usize = 255;
const ACTIONS: [&str; 4] = ["Count", "FailIndex", "FailJob", "Ignore"];

/// The status of a condition that a rule asks for is `True` unless it says otherwise.
pub(super) fn default_conditions(spec: &mut Map<String, Value>) {
    let rules = spec.get_mut("podFailurePolicy").and_then(|policy| policy.get_mut("rules"));
    for rule in rules.and_then(Value::as_array_mut).into_iter().flatten() {
        let patterns = rule.get_mut("onPodConditions").and_then(Value::as_array_mut);
        for pattern in patterns.into_iter().flatten().filter_map(Value::as_object_mut) {
            let status = pattern.entry("status").or_insert(Value::Null);
            if status.as_str().unwrap_or_default().is_empty() {
                *status = Value::String("True".to_owned());
            }
        }
    }
}

/// Validates the policies of a spec.
pub(super) fn validate(errors: &mut Errors, spec: &Value, path: &Path<'_>) {
    if get(spec, "podFailurePolicy").is_object() {
        validate_failure(errors, spec, &path.child("podFailurePolicy"));
    }
    let success = get(spec, "successPolicy");
    if success.is_object() {
        let here = path.child("successPolicy");
        if get(spec, "completionMode").as_str() == Some("Indexed") {
            validate_success(errors, spec, success, &here);
        } else {
            errors.invalid(&here, &shown(success), "requires indexed completion mode");
        }
    }
    if let Some(policy) = get(spec, "podReplacementPolicy").as_str() {
        // With a failure policy only the first.
        let all = ["Failed", "TerminatingOrFailed"];
        let supported = if get(spec, "podFailurePolicy").is_object() { &all[..1] } else { &all };
        if !supported.contains(&policy) {
            errors.not_supported(&path.child("podReplacementPolicy"), policy, supported);
        }
    }
}

/// A success policy as the server's own type prints it.
fn shown(policy: &Value) -> Verbatim {
    let rules = items(get(policy, "rules")).iter().map(|rule| {
        let (indexes, count) = (get(rule, "succeededIndexes"), get(rule, "succeededCount"));
        format!("{{\"SucceededIndexes\":{indexes},\"SucceededCount\":{count}}}")
    });
    Verbatim(format!("{{\"Rules\":[{}]}}", rules.collect::<Vec<_>>().join(",")))
}

fn items(list: &Value) -> &[Value] {
    list.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn choices(values: &[&str]) -> String {
    let quoted: Vec<String> = values.iter().map(|value| quote(value)).collect();
    format!("valid values: [{}]", quoted.join(" "))
}

fn choose(errors: &mut Errors, value: &Value, path: &Path<'_>, supported: &[&str]) {
    match value.as_str().unwrap_or_default() {
        "" => errors.required(path, &choices(supported)),
        value if !supported.contains(&value) => errors.not_supported(path, value, supported),
        _ => {}
    }
}

fn validate_failure(errors: &mut Errors, spec: &Value, path: &Path<'_>) {
    let rules = items(get(get(spec, "podFailurePolicy"), "rules"));
    let rules_path = path.child("rules");
    if rules.len() > RULES_MAX {
        errors.too_many(&rules_path, rules.len(), RULES_MAX);
    }
    for (index, rule) in rules.iter().enumerate() {
        let here = rules_path.index(index);
        let action = get(rule, "action");
        if action.as_str() != Some("FailIndex") {
            choose(errors, action, &here.child("action"), &ACTIONS);
        } else if get(spec, "backoffLimitPerIndex").is_null() {
            let detail = "requires the backoffLimitPerIndex to be set";
            errors.invalid(&here.child("action"), "FailIndex", detail);
        }
        let (codes, patterns) = (get(rule, "onExitCodes"), items(get(rule, "onPodConditions")));
        if codes.is_object() {
            validate_codes(errors, spec, codes, &here.child("onExitCodes"));
        }
        validate_patterns(errors, patterns, &here.child("onPodConditions"));
        let detail = match (codes.is_object(), !patterns.is_empty()) {
            (true, true) => "specifying both OnExitCodes and OnPodConditions is not supported",
            (false, false) => "specifying one of OnExitCodes and OnPodConditions is required",
            _ => continue,
        };
        errors.invalid_without_value(&here, detail);
    }
}

fn validate_patterns(errors: &mut Errors, patterns: &[Value], path: &Path<'_>) {
    if patterns.len() > RULES_MAX {
        errors.too_many(path, patterns.len(), RULES_MAX);
    }
    for (index, pattern) in patterns.iter().enumerate() {
        let here = path.index(index);
        let type_ = get(pattern, "type").as_str().unwrap_or_default();
        errors.invalid_each(&here.child("type"), type_, names::qualified_name(type_));
        let status = get(pattern, "status");
        choose(errors, status, &here.child("status"), &["False", "True", "Unknown"]);
    }
}

fn validate_codes(errors: &mut Errors, spec: &Value, codes: &Value, path: &Path<'_>) {
    let operator = get(codes, "operator");
    choose(errors, operator, &path.child("operator"), &["In", "NotIn"]);
    if let Some(name) = get(codes, "containerName").as_str() {
        let pod = get(get(spec, "template"), "spec");
        let of = |field: &str| items(get(pod, field)).iter();
        let mut containers = of("containers").chain(of("initContainers"));
        if !containers.any(|container| get(container, "name").as_str() == Some(name)) {
            let detail = "must be one of the container or initContainer names in the pod template";
            errors.invalid(&path.child("containerName"), name, detail);
        }
    }
    let values_path = path.child("values");
    let values: Vec<i64> = items(get(codes, "values")).iter().filter_map(Value::as_i64).collect();
    if values.is_empty() {
        errors.invalid(&values_path, get(codes, "values"), "at least one value is required");
    } else if values.len() > VALUES_MAX {
        errors.too_many(&values_path, values.len(), VALUES_MAX);
    }
    for (index, value) in values.iter().enumerate() {
        let here = values_path.index(index);
        if *value == 0 && operator.as_str() == Some("In") {
            errors.invalid(&here, value, "must not be 0 for the In operator");
        }
        if values.iter().take(index).any(|earlier| earlier == value) {
            errors.duplicate(&here, value);
        }
    }
    if !values.is_sorted() {
        errors.invalid(&values_path, get(codes, "values"), "must be ordered");
    }
}

fn validate_success(errors: &mut Errors, spec: &Value, policy: &Value, path: &Path<'_>) {
    let Some(completions) = get(spec, "completions").as_i64() else { return };
    let rules = items(get(policy, "rules"));
    let rules_path = path.child("rules");
    if rules.is_empty() {
        let detail = "at least one rules must be specified when the successPolicy is specified";
        errors.required(&rules_path, detail);
    }
    if rules.len() > RULES_MAX {
        errors.too_many(&rules_path, rules.len(), RULES_MAX);
    }
    for (index, rule) in rules.iter().enumerate() {
        let here = rules_path.index(index);
        let count = get(rule, "succeededCount").as_i64();
        let indexes = get(rule, "succeededIndexes").as_str();
        if count.is_none() && indexes.is_none() {
            let detail = "at least one of succeededCount or succeededIndexes must be specified";
            errors.required(&here, detail);
        }
        let mut total = 0;
        if let Some(indexes) = indexes {
            match count_indexes(indexes, completions) {
                Ok(count) => total = count,
                Err(error) => {
                    let detail = format!("error parsing succeededIndexes: {error}");
                    errors.invalid(&here.child("succeededIndexes"), indexes, &detail);
                }
            }
        }
        let Some(count) = count else { continue };
        let count_path = here.child("succeededCount");
        errors.non_negative(&count_path, count);
        let mut at_most = |max: i64, of: &str| {
            if count > max {
                let detail = format!("must be less than or equal to {max} ({of})");
                errors.invalid(&count_path, &count, &detail);
            }
        };
        at_most(completions, "the number of specified completions");
        if indexes.is_some() {
            at_most(total, "the number of indexes in the specified succeededIndexes field");
        }
    }
}

/// How many indexes a text like `0,2-5` names.
fn count_indexes(text: &str, completions: i64) -> Result<i64, String> {
    let (mut last, mut total) = (None, 0);
    if text.is_empty() {
        return Ok(0);
    }
    for part in text.split(',') {
        let (first, end) = interval(part, completions)?;
        if let Some(last) = last.filter(|last| *last >= first) {
            return Err(format!("non-increasing order, previous: {last}, current: {first}"));
        }
        total += end - first + 1;
        last = Some(end);
    }
    Ok(total)
}

fn interval(text: &str, completions: i64) -> Result<(i64, i64), String> {
    let parts: Vec<&str> = text.split('-').collect();
    let number = |part: &str| {
        let quoted = quote(part);
        match part.parse::<i64>() {
            Err(_) => Err(format!("cannot convert string to integer for index: {quoted}")),
            Ok(number) if number >= completions => Err(format!("too large index: {quoted}")),
            Ok(number) => Ok(number),
        }
    };
    match parts[..] {
        [one] => number(one).map(|index| (index, index)),
        [first, last] => {
            let (first, last) = (number(first)?, number(last)?);
            if first >= last {
                return Err(format!("non-increasing order, previous: {first}, current: {last}"));
            }
            Ok((first, last))
        }
        _ => Err(format!(
            "the fragment {} violates the requirement that an index interval can have at most two parts separated by '-'",
            quote(text)
        )),
    }
}
