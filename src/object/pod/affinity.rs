//! Where a Pod wants to run: affinities, tolerations, spreading.
//!
//! Models `validateAffinity`, `ValidateTolerations` and `validateTopologySpreadConstraints` with what they call of
//! kubernetes `pkg/apis/core/validation/validation.go`.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{
    Affinity, NodeAffinity, NodeSelector, NodeSelectorRequirement, NodeSelectorTerm,
    PodAffinityTerm, PodSpec, Toleration, TopologySpreadConstraint, WeightedPodAffinityTerm,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, LabelSelectorRequirement};

use super::text;
use crate::object::field::{Errors, Path};
use crate::object::meta::{validate_label_name, validate_selector};
use crate::object::names;

const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution";
const PREFERRED: &str = "preferredDuringSchedulingIgnoredDuringExecution";

/// Validates all three kinds of affinity.
pub(super) fn validate_affinity(errors: &mut Errors, affinity: &Affinity, path: &Path<'_>) {
    if let Some(node) = &affinity.node_affinity {
        validate_node_affinity(errors, node, &path.child("nodeAffinity"));
    }
    let pod = affinity.pod_affinity.as_ref().map(|one| {
        let (required, preferred) = (
            &one.required_during_scheduling_ignored_during_execution,
            &one.preferred_during_scheduling_ignored_during_execution,
        );
        ("podAffinity", required, preferred)
    });
    let anti = affinity.pod_anti_affinity.as_ref().map(|one| {
        let (required, preferred) = (
            &one.required_during_scheduling_ignored_during_execution,
            &one.preferred_during_scheduling_ignored_during_execution,
        );
        ("podAntiAffinity", required, preferred)
    });
    for (field, required, preferred) in [pod, anti].into_iter().flatten() {
        let here = path.child(field);
        let required_path = here.child(REQUIRED);
        for (index, term) in required.iter().flatten().enumerate() {
            validate_pod_term(errors, term, &required_path.index(index));
        }
        let preferred_path = here.child(PREFERRED);
        for (index, weighted) in preferred.iter().flatten().enumerate() {
            let WeightedPodAffinityTerm { weight, pod_affinity_term } = weighted;
            let here = preferred_path.index(index);
            validate_weight(errors, *weight, &here);
            validate_pod_term(errors, pod_affinity_term, &here.child("podAffinityTerm"));
        }
    }
}

fn validate_weight(errors: &mut Errors, weight: i32, path: &Path<'_>) {
    if !(1..=100).contains(&weight) {
        errors.invalid(&path.child("weight"), &weight, "must be in the range 1-100");
    }
}

fn validate_node_affinity(errors: &mut Errors, affinity: &NodeAffinity, path: &Path<'_>) {
    if let Some(selector) = &affinity.required_during_scheduling_ignored_during_execution {
        let required_path = path.child(REQUIRED);
        validate_node_selector(errors, selector, &required_path);
    }
    let preferred_path = path.child(PREFERRED);
    let preferred = affinity.preferred_during_scheduling_ignored_during_execution.iter().flatten();
    for (index, term) in preferred.enumerate() {
        let here = preferred_path.index(index);
        validate_weight(errors, term.weight, &here);
        validate_node_term(errors, &term.preference, false, &here.child("preference"));
    }
}

/// Validates what a node must have.
pub(crate) fn validate_node_selector(
    errors: &mut Errors,
    selector: &NodeSelector,
    path: &Path<'_>,
) {
    let terms_path = path.child("nodeSelectorTerms");
    if selector.node_selector_terms.is_empty() {
        errors.required(&terms_path, "must have at least one node selector term");
    }
    for (index, term) in selector.node_selector_terms.iter().enumerate() {
        validate_node_term(errors, term, true, &terms_path.index(index));
    }
}

/// Values are held to the form of label values only where the term is required (`strict`).
fn validate_node_term(errors: &mut Errors, term: &NodeSelectorTerm, strict: bool, path: &Path<'_>) {
    let expressions = path.child("matchExpressions");
    for (index, requirement) in term.match_expressions.iter().flatten().enumerate() {
        validate_node_requirement(errors, requirement, strict, &expressions.index(index));
    }
    let fields = path.child("matchFields");
    for (index, requirement) in term.match_fields.iter().flatten().enumerate() {
        validate_node_field(errors, requirement, &fields.index(index));
    }
}

fn validate_node_requirement(
    errors: &mut Errors,
    requirement: &NodeSelectorRequirement,
    strict: bool,
    path: &Path<'_>,
) {
    let values = requirement.values.as_deref().unwrap_or_default();
    let values_path = path.child("values");
    match requirement.operator.as_str() {
        "In" | "NotIn" if values.is_empty() => {
            errors.required(&values_path, "must be specified when `operator` is 'In' or 'NotIn'");
        }
        "Exists" | "DoesNotExist" if !values.is_empty() => errors.forbidden(
            &values_path,
            "may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
        ),
        "Gt" | "Lt" if values.len() != 1 => errors.required(
            &values_path,
            "must be specified single value when `operator` is 'Lt' or 'Gt'",
        ),
        "In" | "NotIn" | "Exists" | "DoesNotExist" | "Gt" | "Lt" => {}
        other => errors.invalid(&path.child("operator"), other, "not a valid selector operator"),
    }
    validate_label_name(errors, &requirement.key, &path.child("key"));
    if strict {
        for (index, value) in values.iter().enumerate() {
            errors.invalid_each(&values_path.index(index), value, names::label_value(value));
        }
    }
}

fn validate_node_field(
    errors: &mut Errors,
    requirement: &NodeSelectorRequirement,
    path: &Path<'_>,
) {
    let values = requirement.values.as_deref().unwrap_or_default();
    match requirement.operator.as_str() {
        "In" | "NotIn" if values.len() != 1 => errors.required(
            &path.child("values"),
            "must be only one value when `operator` is 'In' or 'NotIn' for node field selector",
        ),
        "In" | "NotIn" => {}
        other => errors.invalid(&path.child("operator"), other, "not a valid selector operator"),
    }
    if requirement.key == "metadata.name" {
        let values_path = path.child("values");
        for (index, value) in values.iter().enumerate() {
            let complaints = names::dns1123_subdomain(value);
            errors.invalid_each(&values_path.index(index), value, complaints);
        }
    } else {
        errors.invalid(&path.child("key"), &requirement.key, "not a valid field selector key");
    }
}

fn validate_pod_term(errors: &mut Errors, term: &PodAffinityTerm, path: &Path<'_>) {
    let selectors =
        [("labelSelector", &term.label_selector), ("namespaceSelector", &term.namespace_selector)];
    for (field, selector) in selectors {
        if let Some(selector) = selector {
            validate_selector(errors, selector, &path.child(field));
        }
    }
    for name in term.namespaces.iter().flatten() {
        errors.invalid_each(&path.child("namespace"), name, names::dns1123_label(name));
    }
    let keys = [&term.match_label_keys, &term.mismatch_label_keys];
    let keys = keys.map(|keys| keys.as_deref().unwrap_or_default());
    validate_label_keys(errors, keys, term.label_selector.as_ref(), path);
    let key_path = path.child("topologyKey");
    if term.topology_key.is_empty() {
        errors.required(&key_path, "can not be empty");
    }
    validate_label_name(errors, &term.topology_key, &key_path);
}

/// Keys of the Pod's own labels beside a selector, into which they were merged when the Pod was made
/// (`ValidateMatchLabelKeysAndMismatchLabelKeys`).
fn validate_label_keys(
    errors: &mut Errors,
    [matching, mismatching]: [&[String]; 2],
    selector: Option<&LabelSelector>,
    path: &Path<'_>,
) {
    for (field, keys) in [("matchLabelKeys", matching), ("mismatchLabelKeys", mismatching)] {
        let here = path.child(field);
        if keys.is_empty() {
            continue;
        }
        if selector.is_none() {
            errors.forbidden(&here, "must not be specified when labelSelector is not set");
            continue;
        }
        for (index, key) in keys.iter().enumerate() {
            validate_label_name(errors, key, &here.index(index));
        }
    }
    let labels = selector.and_then(|selector| selector.match_labels.as_ref());
    let wanted: Vec<&str> = selector
        .and_then(|selector| selector.match_expressions.as_deref())
        .unwrap_or_default()
        .iter()
        .map(|one| one.key.as_str())
        .collect();
    for (place, key) in wanted.iter().enumerate() {
        let before = wanted.iter().take(place).any(|other| other == key);
        let twice = before || labels.is_some_and(|labels| labels.contains_key(*key));
        if let Some(index) = matching.iter().rposition(|one| one == key).filter(|_| twice) {
            let detail = "exists in both matchLabelKeys and labelSelector";
            errors.invalid(&path.index(index), *key, detail);
        }
    }
    let here = path.child("matchLabelKeys");
    for (index, key) in matching.iter().enumerate() {
        if mismatching.contains(key) {
            let detail = "exists in both matchLabelKeys and mismatchLabelKeys";
            errors.invalid(&here.index(index), key, detail);
        }
    }
}

/// The terms of a Pod's affinity to other Pods, and away from them.
fn terms(affinity: &mut Affinity) -> impl Iterator<Item = &mut PodAffinityTerm> {
    let (near, far) = (affinity.pod_affinity.as_mut(), affinity.pod_anti_affinity.as_mut());
    let near = near.map(|near| {
        (
            &mut near.preferred_during_scheduling_ignored_during_execution,
            &mut near.required_during_scheduling_ignored_during_execution,
        )
    });
    let far = far.map(|far| {
        (
            &mut far.preferred_during_scheduling_ignored_during_execution,
            &mut far.required_during_scheduling_ignored_during_execution,
        )
    });
    near.into_iter().chain(far).flat_map(|(preferred, required)| {
        let preferred = preferred.iter_mut().flatten().map(|one| &mut one.pod_affinity_term);
        preferred.chain(required.iter_mut().flatten())
    })
}

/// Writes the labels that a new Pod's terms and constraints name by key alone into their selectors (`mutatePodAffinity`
/// and `mutateTopologySpreadConstraints` of kubernetes `pkg/registry/core/pod/strategy.go`). True if there were keys.
pub(crate) fn merge_label_keys(
    spec: &mut PodSpec,
    labels: Option<&BTreeMap<String, String>>,
) -> bool {
    let mut found = false;
    let mut merge = |selector: &mut Option<LabelSelector>, keys: Option<&[String]>, operator| {
        let (Some(selector), Some(keys)) = (selector, keys) else { return };
        for key in keys {
            found = true;
            let Some(value) = labels.and_then(|labels| labels.get(key)) else { continue };
            selector.match_expressions.get_or_insert_default().push(LabelSelectorRequirement {
                key: key.clone(),
                operator: str::to_owned(operator),
                values: Some(vec![value.clone()]),
            });
        }
    };
    for term in spec.affinity.iter_mut().flat_map(terms) {
        merge(&mut term.label_selector, term.match_label_keys.as_deref(), "In");
        merge(&mut term.label_selector, term.mismatch_label_keys.as_deref(), "NotIn");
    }
    for constraint in spec.topology_spread_constraints.iter_mut().flatten() {
        merge(&mut constraint.label_selector, constraint.match_label_keys.as_deref(), "In");
    }
    found
}

/// Validates tolerations.
pub(super) fn validate_tolerations(
    errors: &mut Errors,
    tolerations: &[Toleration],
    path: &Path<'_>,
) {
    for (index, toleration) in tolerations.iter().enumerate() {
        let here = path.index(index);
        let key = text(toleration.key.as_ref());
        let operator = text(toleration.operator.as_ref());
        let value = text(toleration.value.as_ref());
        let effect = text(toleration.effect.as_ref());
        let operator_path = here.child("operator");
        if !key.is_empty() {
            validate_label_name(errors, key, &here.child("key"));
        } else if operator != "Exists" {
            let detail = "operator must be Exists when `key` is empty, which means \"match all values and all keys\"";
            errors.invalid(&operator_path, operator, detail);
        }
        if toleration.toleration_seconds.is_some() && effect != "NoExecute" {
            let detail = "effect must be 'NoExecute' when `tolerationSeconds` is set";
            errors.invalid(&here.child("effect"), effect, detail);
        }
        match operator {
            "Equal" | "" => {
                let complaints = names::label_value(value);
                if !complaints.is_empty() {
                    errors.invalid(&operator_path, value, &complaints.join(";"));
                }
            }
            "Exists" if !value.is_empty() => {
                let detail = "value must be empty when `operator` is 'Exists'";
                errors.invalid(&operator_path, value, detail);
            }
            "Exists" => {}
            other => errors.not_supported(&operator_path, other, &["Equal", "Exists"]),
        }
        if !effect.is_empty() {
            validate_taint_effect(errors, effect, &here.child("effect"));
        }
    }
}

/// The effect of a taint or toleration.
pub(crate) fn validate_taint_effect(errors: &mut Errors, effect: &str, path: &Path<'_>) {
    let supported = &["NoSchedule", "PreferNoSchedule", "NoExecute"];
    if !supported.contains(&effect) {
        errors.not_supported(path, effect, supported);
    }
}

/// Validates spread constraints.
pub(super) fn validate_spread(
    errors: &mut Errors,
    constraints: &[TopologySpreadConstraint],
    path: &Path<'_>,
) {
    for (index, constraint) in constraints.iter().enumerate() {
        let here = path.index(index);
        if constraint.max_skew <= 0 {
            let detail = "must be greater than zero";
            errors.invalid(&here.child("maxSkew"), &constraint.max_skew, detail);
        }
        if constraint.topology_key.is_empty() {
            errors.required(&here.child("topologyKey"), "can not be empty");
        }
        let action = constraint.when_unsatisfiable.as_str();
        let supported = &["DoNotSchedule", "ScheduleAnyway"];
        if !supported.contains(&action) {
            errors.not_supported(&here.child("whenUnsatisfiable"), action, supported);
        }
        let repeated = constraints.iter().skip(index + 1).any(|other| {
            other.topology_key == constraint.topology_key && other.when_unsatisfiable == action
        });
        if repeated {
            let pair = format!("{{{}, {action}}}", constraint.topology_key);
            errors.duplicate(&here.child("{topologyKey, whenUnsatisfiable}"), &pair);
        }
        if let Some(domains) = constraint.min_domains {
            let domains_path = here.child("minDomains");
            if domains <= 0 {
                errors.invalid(&domains_path, &domains, "must be greater than zero");
            }
            if action != "DoNotSchedule" {
                let detail = format!(
                    "can only use minDomains if whenUnsatisfiable=DoNotSchedule, not {action}"
                );
                errors.invalid(&domains_path, &domains, &detail);
            }
        }
        let policies = [
            ("nodeAffinityPolicy", &constraint.node_affinity_policy),
            ("nodeTaintsPolicy", &constraint.node_taints_policy),
        ];
        for (field, policy) in policies {
            if let Some(policy) = policy.as_ref().filter(|one| *one != "Honor" && *one != "Ignore")
            {
                errors.not_supported(&here.child(field), policy, &["Honor", "Ignore"]);
            }
        }
        let keys = constraint.match_label_keys.as_deref().unwrap_or_default();
        let selector = constraint.label_selector.as_ref();
        validate_label_keys(errors, [keys, &[]], selector, &here);
        if let Some(selector) = selector {
            validate_selector(errors, selector, &here.child("labelSelector"));
        }
    }
}
