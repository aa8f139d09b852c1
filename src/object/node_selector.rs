//! Whether a node has what a selector of nodes asks for.
//!
//! Models kubernetes `staging/src/k8s.io/component-helpers/scheduling/corev1/nodeaffinity/nodeaffinity.go`.

use k8s_openapi::api::core::v1::{NodeSelector, NodeSelectorRequirement, NodeSelectorTerm};

use super::Object;

/// Whether a node meets one of a selector's terms; an empty term matches nothing.
pub fn node_matches(selector: &NodeSelector, node: &Object) -> bool {
    selector.node_selector_terms.iter().any(|term| term_matches(term, node))
}

fn term_matches(term: &NodeSelectorTerm, node: &Object) -> bool {
    let expressions = term.match_expressions.as_deref().unwrap_or_default();
    let fields = term.match_fields.as_deref().unwrap_or_default();
    let name = |key: &str| (key == "metadata.name").then(|| node.name());
    (!expressions.is_empty() || !fields.is_empty())
        && expressions.iter().all(|one| requirement_met(one, node.label(&one.key)))
        && fields.iter().all(|one| requirement_met(one, name(&one.key)))
}

fn requirement_met(requirement: &NodeSelectorRequirement, value: Option<&str>) -> bool {
    let values = requirement.values.as_deref().unwrap_or_default();
    let listed = value.is_some_and(|value| values.iter().any(|one| one == value));
    let compared = || -> Option<std::cmp::Ordering> {
        let [limit] = values else { return None };
        Some(value?.parse::<i64>().ok()?.cmp(&limit.parse().ok()?))
    };
    match requirement.operator.as_str() {
        "In" => listed,
        "NotIn" => !listed,
        "Exists" => value.is_some(),
        "DoesNotExist" => value.is_none(),
        "Gt" => compared() == Some(std::cmp::Ordering::Greater),
        "Lt" => compared() == Some(std::cmp::Ordering::Less),
        _ => false,
    }
}
