//! Which labels a decoded selector selects.
//!
//! Models apimachinery `pkg/apis/meta/v1/helpers.go` (`LabelSelectorAsSelector`): an empty selector selects everything;
//! `NotIn` and `DoesNotExist` are met by labels that lack the key; an unknown operator selects nothing (validation
//! refuses it before).

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, LabelSelectorRequirement};

/// An object's labels.
pub type Labels = BTreeMap<String, String>;

/// Whether a `matchLabels` map (a Service's selector, a nodeSelector) selects these labels; an empty one does.
pub fn labels_match(wanted: &Labels, labels: Option<&Labels>) -> bool {
    wanted.iter().all(|(key, value)| labels.is_some_and(|labels| labels.get(key) == Some(value)))
}

/// Whether a selector selects these labels.
pub fn selector_matches(selector: &LabelSelector, labels: Option<&Labels>) -> bool {
    selector.match_labels.as_ref().is_none_or(|wanted| labels_match(wanted, labels))
        && selector.match_expressions.iter().flatten().all(|one| requirement_met(one, labels))
}

/// Whether a selector has no requirement at all.
pub fn selects_everything(selector: &LabelSelector) -> bool {
    selector.match_labels.as_ref().is_none_or(BTreeMap::is_empty)
        && selector.match_expressions.as_ref().is_none_or(Vec::is_empty)
}

fn requirement_met(requirement: &LabelSelectorRequirement, labels: Option<&Labels>) -> bool {
    let value = labels.and_then(|labels| labels.get(&requirement.key));
    let listed = || {
        value.is_some_and(|value| requirement.values.iter().flatten().any(|wanted| wanted == value))
    };
    match requirement.operator.as_str() {
        "In" => listed(),
        "NotIn" => !listed(),
        "Exists" => value.is_some(),
        "DoesNotExist" => value.is_none(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(pairs: &[(&str, &str)]) -> Labels {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn expressions_as_upstream() {
        let table = [
            ("In", "app", &["a", "b"][..], true),
            ("In", "tier", &["a"], false),
            ("NotIn", "app", &["a"], false),
            ("NotIn", "tier", &["a"], true),
            ("Exists", "app", &[], true),
            ("DoesNotExist", "app", &[], false),
            ("Unheard", "app", &[], false),
        ];
        let labels = labels(&[("app", "a")]);
        for (operator, key, values, expected) in table {
            let requirement = LabelSelectorRequirement {
                key: key.to_owned(),
                operator: operator.to_owned(),
                values: Some(values.iter().map(|value| (*value).to_owned()).collect()),
            };
            let selector = LabelSelector {
                match_expressions: Some(vec![requirement]),
                ..LabelSelector::default()
            };
            assert_eq!(selector_matches(&selector, Some(&labels)), expected, "{operator} {key}");
        }
    }

    #[test]
    fn an_empty_selector_selects_everything() {
        assert!(selector_matches(&LabelSelector::default(), None));
        assert!(!labels_match(&labels(&[("app", "a")]), None));
    }
}
