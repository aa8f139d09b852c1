//! The two policies of a Job: what a failed Pod means for it, and which indexes are enough.
//!
//! Models kubernetes `pkg/controller/job/pod_failure_policy.go` and `success_policy.go`.

use k8s_openapi::api::core::v1::ContainerStatus;
use serde_json::Value;

use super::facts::{JobPod, Spec};
use super::indexes::Indexes;

/// What a failed Pod means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// It counts against the limits, as it does without a policy.
    Counts,
    /// It does not.
    Ignored,
    /// Its index has failed.
    FailsIndex,
    /// The whole Job has, and why.
    FailsJob(String),
}

/// What the first rule that matches a failed Pod makes of it.
pub(super) fn failure(spec: Spec<'_>, pod: &JobPod) -> Failure {
    let rules = spec.failure_policy().and_then(|policy| policy.get("rules")?.as_array());
    for (index, rule) in rules.into_iter().flatten().enumerate() {
        let Some(subject) = matched(rule, pod) else { continue };
        let action = rule.get("action").and_then(Value::as_str).unwrap_or_default();
        match action {
            "Ignore" => return Failure::Ignored,
            "Count" => return Failure::Counts,
            "FailIndex" => return Failure::FailsIndex,
            "FailJob" => {
                let text = format!("{subject} matching {action} rule at index {index}");
                return Failure::FailsJob(text);
            }
            _ => {}
        }
    }
    Failure::Counts
}

/// What of the Pod a rule is about, as the message says it.
fn matched(rule: &Value, pod: &JobPod) -> Option<String> {
    let (namespace, name) = (pod.0.namespace(), pod.0.name());
    let status = &pod.body().status;
    if let Some(codes) = rule.get("onExitCodes").filter(|codes| codes.is_object()) {
        let mut all =
            status.container_statuses.iter().chain(&status.init_container_statuses).flatten();
        let (container, code) = all.find_map(|status| exit_code(codes, status))?;
        return Some(format!(
            "Container {container} for pod {namespace}/{name} failed with exit code {code}"
        ));
    }
    let patterns = rule.get("onPodConditions")?.as_array()?;
    let condition = status.conditions.iter().flatten().find(|condition| {
        patterns.iter().any(|pattern| {
            pattern.get("type").and_then(Value::as_str) == Some(&condition.type_)
                && pattern.get("status").and_then(Value::as_str) == Some(&condition.status)
        })
    })?;
    Some(format!("Pod {namespace}/{name} has condition {}", condition.type_))
}

/// A container's exit code, if it failed with one that is meant.
fn exit_code<'a>(codes: &Value, status: &'a ContainerStatus) -> Option<(&'a str, i32)> {
    let code = status.state.as_ref()?.terminated.as_ref()?.exit_code;
    let container = codes.get("containerName").and_then(Value::as_str);
    if code == 0 || container.is_some_and(|container| container != status.name) {
        return None;
    }
    let values = codes.get("values").and_then(Value::as_array);
    let listed = values.into_iter().flatten().any(|value| value.as_i64() == Some(code.into()));
    let meant = match codes.get("operator").and_then(Value::as_str) {
        Some("In") => listed,
        Some("NotIn") => !listed,
        _ => false,
    };
    meant.then_some((status.name.as_str(), code))
}

/// The message of the first rule that the indexes which succeeded satisfy.
pub(super) fn success(spec: Spec<'_>, succeeded: &Indexes) -> Option<String> {
    let rules = spec.success_policy()?.get("rules")?.as_array()?;
    let completions = spec.completions()?;
    let satisfied = |rule: &Value| {
        let count = rule.get("succeededCount").and_then(Value::as_i64);
        match rule.get("succeededIndexes").and_then(Value::as_str) {
            Some(text) => {
                let wanted = Indexes::parse(text, completions);
                let there = wanted.common(succeeded);
                !wanted.is_empty()
                    && (there == wanted.total() || count.is_some_and(|count| there >= count))
            }
            None => count.is_some_and(|count| succeeded.total() >= count),
        }
    };
    let index = rules.iter().position(satisfied).filter(|_| !succeeded.is_empty())?;
    Some(format!("Matched rules at index {index}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::pod;
    use super::*;

    #[test]
    fn the_first_rule_that_matches_decides() {
        let spec = json!({ "podFailurePolicy": { "rules": [
            { "action": "Ignore", "onPodConditions": [{ "type": "DisruptionTarget", "status": "True" }] },
            { "action": "FailJob", "onExitCodes": { "containerName": "main", "operator": "In", "values": [42] } },
            { "action": "FailIndex", "onExitCodes": { "operator": "NotIn", "values": [1, 2] } },
        ] } });
        for (state, expected) in [
            (json!({ "phase": "Failed", "exit": 1 }), Failure::Counts),
            (json!({ "phase": "Failed", "exit": 7 }), Failure::FailsIndex),
            (
                json!({ "phase": "Failed", "exit": 42 }),
                Failure::FailsJob(
                    "Container main for pod default/p failed with exit code 42 matching FailJob rule at index 1"
                        .to_owned(),
                ),
            ),
            (
                json!({ "phase": "Failed", "exit": 42, "condition": "DisruptionTarget" }),
                Failure::Ignored,
            ),
            (json!({ "phase": "Failed" }), Failure::Counts),
        ] {
            assert_eq!(failure(Spec(&spec), &pod(&state)), expected, "{state}");
        }
    }

    #[test]
    fn enough_indexes_are_success() {
        let spec = json!({ "completions": 6, "successPolicy": { "rules": [
            { "succeededIndexes": "0,4-5", "succeededCount": 2 },
            { "succeededIndexes": "1-2" },
            { "succeededCount": 4 },
        ] } });
        for (succeeded, rule) in [
            ("", None),
            ("0", None),
            ("0,5", Some(0)),
            ("1-2", Some(1)),
            ("0,1,3", None),
            ("0,1,3", None),
            ("0-3", Some(1)),
        ] {
            let message = success(Spec(&spec), &Indexes::parse(succeeded, 6));
            let expected = rule.map(|index| format!("Matched rules at index {index}"));
            assert_eq!(message, expected, "{succeeded}");
        }
    }
}
