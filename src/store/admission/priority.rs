//! Priorities: what a Pod's class says of it, and that only one class is the default.
//!
//! Models kubernetes `plugin/pkg/admission/priority/admission.go`. The two classes of the system hold even where their
//! objects are missing.

use std::sync::Arc;

use k8s_openapi::api::core::v1::PodSpec;

use super::forbidden;
use crate::object::{Key, Kind, Object, SYSTEM_PRIORITY_CLASSES, StatusError};
use crate::store::Store;

/// Refuses a second default class.
pub(super) fn admit_class(store: &Store, class: &Object) -> Result<(), StatusError> {
    let body = class.as_value().filter(|body| body.kind == Kind::PriorityClass);
    if body.is_some_and(|body| body.field("globalDefault").as_bool() == Some(true))
        && let Some((other, ..)) = default_priority_class(store)
        && other != class.name()
    {
        let why = format!(
            "PriorityClass {other} is already marked as default. Only one default can exist"
        );
        return Err(forbidden(class, &why));
    }
    Ok(())
}

/// A class of priorities: its name, its value, and whether its Pods may evict others.
type PriorityClass<'a> = (&'a str, i32, &'a str);

/// What a PriorityClass says.
fn priority_class(object: &Object) -> Option<PriorityClass<'_>> {
    let body = object.as_value()?;
    let value = body.field("value").as_i64().unwrap_or(0);
    let policy = body.field("preemptionPolicy").as_str().unwrap_or(PREEMPT);
    Some((object.name(), i32::try_from(value).unwrap_or(i32::MAX), policy))
}

/// The class of Pods that name none: of those marked as default the one with the lowest value.
fn default_priority_class(store: &Store) -> Option<PriorityClass<'_>> {
    let default = |object: &&Arc<Object>| {
        let body = object.as_value();
        body.is_some_and(|body| body.field("globalDefault").as_bool() == Some(true))
    };
    let classes = store.list(Kind::PriorityClass, None).filter(default);
    classes.filter_map(|object| priority_class(object)).min_by_key(|(_, value, _)| *value)
}

const PREEMPT: &str = "PreemptLowerPriority";

/// Computes the priority, and whether the Pod may evict others, from its class.
pub(super) fn admit_priority(
    store: &Store,
    object: &Object,
    spec: &mut PodSpec,
) -> Result<(), StatusError> {
    let named = spec.priority_class_name.as_deref().unwrap_or_default();
    let class = match named {
        "" => default_priority_class(store),
        name => {
            let system = SYSTEM_PRIORITY_CLASSES.iter().find(|class| class.0 == name);
            let system = system.and_then(|(_, value, _)| i32::try_from(*value).ok());
            let key = Key::cluster(Kind::PriorityClass, name);
            let class = store.get(&key).and_then(|object| priority_class(object));
            let class = class.or_else(|| Some((name, system?, PREEMPT)));
            if class.is_none() {
                let why = format!("no PriorityClass with name {name} was found");
                return Err(forbidden(object, &why));
            }
            class
        }
    };
    let (name, priority, policy) = class.unwrap_or(("", 0, PREEMPT));
    if let Some(given) = spec.priority.filter(|given| *given != priority) {
        let why = format!(
            "the integer value of priority ({given}) must not be provided in pod spec; priority admission controller computed {priority} from the given PriorityClass name"
        );
        return Err(forbidden(object, &why));
    }
    if let Some(given) = spec.preemption_policy.as_deref().filter(|given| *given != policy) {
        let why = format!(
            "the string value of PreemptionPolicy ({given}) must not be provided in pod spec; priority admission controller computed {policy} from the given PriorityClass name"
        );
        return Err(forbidden(object, &why));
    }
    let (name, policy) = (name.to_owned(), policy.to_owned());
    if !name.is_empty() {
        spec.priority_class_name = Some(name);
    }
    (spec.priority, spec.preemption_policy) = (Some(priority), Some(policy));
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::manifest::Node;
    use crate::object::Body;
    use crate::store::Client;
    use crate::store::testing::{CAUSE, pod, store};
    use crate::time::Time;

    fn class(client: &mut Client<'_>, name: &str, value: i64, default: bool) -> String {
        let class =
            json!({ "metadata": { "name": name }, "value": value, "globalDefault": default });
        let class = Object::from_node(Kind::PriorityClass, &Node::from_value(&class));
        match client.create(class.expect("it is sound")) {
            Ok(_) => "created".to_owned(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn a_pod_has_the_priority_of_its_class_or_of_the_default_one() {
        let mut store = store();
        let mut client = Client::new(&mut store, Time::START, CAUSE);
        let admitted = |client: &mut Client<'_>, name: &str, class: &str| {
            let mut pod = pod(name);
            if let Body::Pod(body) = &mut pod.body {
                let class = Some(class.to_owned()).filter(|class| !class.is_empty());
                Arc::make_mut(&mut body.shared).priority_class_name = class;
            }
            match client.create(pod) {
                Ok(pod) => {
                    let spec = &pod.as_pod().expect("it is a Pod").shared;
                    let class = spec.priority_class_name.as_deref().unwrap_or_default();
                    format!("{class} {}", spec.priority.unwrap_or(-1))
                }
                Err(error) => error.to_string(),
            }
        };
        assert_eq!(admitted(&mut client, "a", ""), " 0");
        assert_eq!(class(&mut client, "low", 100, false), "created");
        assert_eq!(class(&mut client, "usual", 7, true), "created");
        let second = "priorityclasses.scheduling.k8s.io \"more\" is forbidden: PriorityClass usual is \
            already marked as default. Only one default can exist";
        assert_eq!(class(&mut client, "more", 8, true), second);
        let table = [
            ("low", "low 100"),
            ("", "usual 7"),
            ("system-node-critical", "system-node-critical 2000001000"),
            ("high", "pods \"p\" is forbidden: no PriorityClass with name high was found"),
        ];
        for (name, expected) in table {
            let pod = if name == "high" { "p".to_owned() } else { format!("with-{name}x") };
            assert_eq!(admitted(&mut client, &pod, name), expected);
        }
    }
}
