//! PriorityClasses: defaults and validation, and the classes that every cluster has.
//!
//! Models kubernetes `pkg/apis/scheduling/validation/validation.go` and `pkg/apis/scheduling/v1/{defaults,helpers}.go`.

use serde_json::{Map, Value, json};

use super::ValueBody;
use super::look::default_to;
use super::rules::{PLAIN, Rules};
use crate::object::field::{Errors, Path};
use crate::object::{Kind, Object};

/// The priority that users' classes may have at most.
const USER_PRIORITY_MAX: i64 = 1_000_000_000;
/// How the names of the system's own classes begin.
const SYSTEM_PREFIX: &str = "system-";

/// The system's own classes: name, value, description.
pub const SYSTEM_PRIORITY_CLASSES: [(&str, i64, &str); 2] = [
    (
        "system-node-critical",
        2_000_001_000,
        "Used for system critical pods that must not be moved from their current node.",
    ),
    (
        "system-cluster-critical",
        2_000_000_000,
        "Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.",
    ),
];

/// The classes that the API server makes (`pkg/registry/scheduling/rest/storage_scheduling.go`).
pub fn system_priority_classes() -> [Object; 2] {
    SYSTEM_PRIORITY_CLASSES.map(|(name, value, description)| {
        let meta = json!({ "name": name });
        let fields = json!({ "metadata": meta, "value": value, "description": description });
        Object::from_value(Kind::PriorityClass, fields)
    })
}

pub(super) const PRIORITY_CLASS: Rules = Rules { default, validate, validate_update, ..PLAIN };

fn default(fields: &mut Map<String, Value>) {
    default_to(fields, "preemptionPolicy", "PreemptLowerPriority");
}

fn value_of(body: &ValueBody) -> i64 {
    body.field("value").as_i64().unwrap_or(0)
}

fn validate(errors: &mut Errors, object: &Object, body: &ValueBody) {
    let (name, value) = (object.name(), value_of(body));
    if name.starts_with(SYSTEM_PREFIX) {
        if let Some(problem) = system_problem(name, value, body) {
            let detail = format!(
                "priority class names with '{SYSTEM_PREFIX}' prefix are reserved for system use only. error: {problem}"
            );
            errors.forbidden(&Path::new("metadata").child("name"), &detail);
        }
    } else if value > USER_PRIORITY_MAX {
        let detail =
            format!("maximum allowed value of a user defined priority is {USER_PRIORITY_MAX}");
        errors.forbidden(&Path::new("value"), &detail);
    }
    if let Some(policy) = body.fields.get("preemptionPolicy").filter(|policy| !policy.is_null()) {
        let (policy, path) = (policy.as_str().unwrap_or_default(), Path::new("preemptionPolicy"));
        let known = &["PreemptLowerPriority", "Never"];
        if policy.is_empty() {
            errors.required(&path, "");
        } else if !known.contains(&policy) {
            errors.not_supported(&path, policy, known);
        }
    }
}

/// `IsKnownSystemPriorityClass`.
fn system_problem(name: &str, value: i64, body: &ValueBody) -> Option<String> {
    let known = SYSTEM_PRIORITY_CLASSES.iter().find(|(known, _, _)| *known == name);
    match known {
        None => Some(format!("{name} is not a known system priority class")),
        Some((_, right, _)) if *right != value => {
            Some(format!("value of {name} PriorityClass must be {right}"))
        }
        Some(_) => (body.field("globalDefault").as_bool() == Some(true))
            .then(|| format!("globalDefault of {name} PriorityClass must be false")),
    }
}

fn validate_update(errors: &mut Errors, _: &Object, new: &ValueBody, old: &ValueBody) {
    if value_of(new) != value_of(old) {
        errors.forbidden(&Path::new("value"), "may not be changed in an update.");
    }
    let [new, old] = [new, old].map(|body| body.field("preemptionPolicy"));
    if new != old {
        errors.invalid(&Path::new("preemptionPolicy"), new, "field is immutable");
    }
}
