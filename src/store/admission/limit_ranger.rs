//! LimitRanges: what a Pod's containers get that name no amounts, and what is refused that lies beyond the bounds.
//!
//! Models kubernetes `plugin/pkg/admission/limitranger/admission.go`.

use std::collections::BTreeMap;
use std::sync::Arc;

use k8s_openapi::api::core::v1::{Container, PodSpec};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity as WireQuantity;
use serde_json::Value;

use super::forbidden;
use crate::object::usage::{Amounts, LIMITS, REQUESTS, amount, of_container, of_pod};
use crate::object::value::look::{at, entries, list, quantity, text};
use crate::object::{Kind, Object, StatusError};
use crate::quantity::Quantity;
use crate::store::Store;

/// What the plugin did to a Pod.
pub(super) const ANNOTATION: &str = "kubernetes.io/limit-ranger";

/// The items of the limit ranges in a namespace, each range by itself.
fn ranges<'a>(store: &'a Store, namespace: &'a str) -> impl Iterator<Item = &'a [Value]> {
    let ranges = store.list(Kind::LimitRange, Some(namespace));
    ranges.filter_map(|range| Some(list(range.as_value()?.spec(), "limits")))
}

/// Gives containers the default amounts of their namespace; says what was given, if anything.
pub(super) fn default_containers(
    store: &Store,
    namespace: &str,
    spec: &mut PodSpec,
) -> Option<String> {
    let mut last = None;
    for items in ranges(store, namespace) {
        let mut given = Vec::new();
        let defaults = |field: &str| {
            let items = items.iter().filter(|item| text(item, "type") == "Container");
            let mut defaults = BTreeMap::new();
            for (name, amount) in items.flat_map(|item| entries(item, field)) {
                defaults.insert(name.to_owned(), WireQuantity(quantity(amount).to_string()));
            }
            defaults
        };
        let (limits, requests) = (defaults("default"), defaults("defaultRequest"));
        for container in &mut spec.containers {
            fill(container, "container", &requests, &limits, &mut given);
        }
        for container in spec.init_containers.iter_mut().flatten() {
            fill(container, "init container", &requests, &limits, &mut given);
        }
        if !given.is_empty() {
            last = Some(format!("LimitRanger plugin set: {}", given.join("; ")));
        }
    }
    last
}

/// `mergeContainerResources`.
fn fill(
    container: &mut Container,
    kind: &str,
    requests: &BTreeMap<String, WireQuantity>,
    limits: &BTreeMap<String, WireQuantity>,
    given: &mut Vec<String>,
) {
    for (word, defaults) in [("request", requests), ("limit", limits)] {
        if defaults.is_empty() {
            continue;
        }
        let resources = container.resources.get_or_insert_default();
        let side = if word == "limit" { &mut resources.limits } else { &mut resources.requests };
        let side = side.get_or_insert_default();
        let mut set = Vec::new();
        for (name, amount) in defaults {
            if !side.contains_key(name) {
                side.insert(name.clone(), amount.clone());
                set.push(name.as_str());
            }
        }
        if !set.is_empty() {
            given.push(format!("{} {word} for {kind} {}", set.join(", "), container.name));
        }
    }
}

/// Refuses a Pod or claim that lies beyond the bounds of its namespace.
pub(super) fn check(store: &Store, object: &Object) -> Result<(), StatusError> {
    for items in ranges(store, object.namespace()) {
        let mut problems: Vec<String> = Vec::new();
        for item in items {
            match text(item, "type") {
                "Container" => {
                    let spec = object.as_pod().map(|pod| &pod.shared);
                    let init = spec.and_then(|spec| spec.init_containers.as_ref());
                    let containers = spec.map(|spec| spec.containers.as_slice());
                    let all = containers.into_iter().flatten().chain(init.into_iter().flatten());
                    for container in all {
                        let requests = of_container(container, REQUESTS);
                        let limits = of_container(container, LIMITS);
                        check_item(&mut problems, item, &requests, &limits);
                    }
                }
                "Pod" => {
                    if let Some(pod) = object.as_pod() {
                        let spec = &pod.shared;
                        let requests = of_pod(spec, REQUESTS);
                        check_item(&mut problems, item, &requests, &of_pod(spec, LIMITS));
                    }
                }
                "PersistentVolumeClaim" if object.kind() == Kind::PersistentVolumeClaim => {
                    if let Some(body) = object.as_value() {
                        let requests = entries(at(body.spec(), &["resources"]), "requests");
                        let requests: Amounts =
                            requests.map(|(name, one)| (name.to_owned(), quantity(one))).collect();
                        check_claim(&mut problems, item, &requests);
                    }
                }
                _ => {}
            }
        }
        let mut lines: Vec<String> = Vec::new();
        for problem in problems {
            if !lines.contains(&problem) {
                lines.push(problem);
            }
        }
        match lines.as_slice() {
            [] => {}
            [one] => return Err(forbidden(object, one)),
            several => return Err(forbidden(object, &format!("[{}]", several.join(", ")))),
        }
    }
    Ok(())
}

/// Whether there is nothing to compare with, or not enough.
fn too_little(amount: Option<&Quantity>, bound: &Quantity) -> bool {
    amount.is_some_and(|amount| amount < bound)
}

fn too_much(amount: Option<&Quantity>, bound: &Quantity) -> bool {
    amount.is_some_and(|amount| amount > bound)
}

fn shown(amount: Option<&Quantity>) -> String {
    amount.map(Quantity::to_string).unwrap_or_default()
}

/// `minConstraint`, `maxConstraint`, `limitRequestRatioConstraint`.
fn check_item(problems: &mut Vec<String>, item: &Value, requests: &Amounts, limits: &Amounts) {
    let kind = text(item, "type");
    for (name, bound) in entries(item, "min") {
        let bound = quantity(bound);
        let (request, limit) = (amount(requests, name), amount(limits, name));
        let start = format!("minimum {name} usage per {kind} is {bound}");
        if request.is_none() {
            problems.push(format!("{start}.  No request is specified"));
        } else if too_little(request, &bound) {
            problems.push(format!("{start}, but request is {}", shown(request)));
        } else if too_little(limit, &bound) {
            problems.push(format!("{start}, but limit is {}", shown(limit)));
        }
    }
    for (name, bound) in entries(item, "max") {
        let bound = quantity(bound);
        let (request, limit) = (amount(requests, name), amount(limits, name));
        let start = format!("maximum {name} usage per {kind} is {bound}");
        if limit.is_none() {
            problems.push(format!("{start}.  No limit is specified"));
        } else if too_much(limit, &bound) {
            problems.push(format!("{start}, but limit is {}", shown(limit)));
        } else if too_much(request, &bound) {
            problems.push(format!("{start}, but request is {}", shown(request)));
        }
    }
    for (name, bound) in entries(item, "maxLimitRequestRatio") {
        let bound = quantity(bound);
        let (request, limit) = (amount(requests, name), amount(limits, name));
        let start = format!("{name} max limit to request ratio per {kind} is {bound}");
        let there = |amount: Option<&Quantity>| amount.is_some_and(|amount| !amount.is_zero());
        if !there(request) {
            problems.push(format!("{start}, but no request is specified or request is 0"));
        } else if !there(limit) {
            problems.push(format!("{start}, but no limit is specified or limit is 0"));
        } else if let Some(ratio) = exceeded(request, limit, &bound) {
            problems.push(format!("{start}, but provided ratio is {ratio}"));
        }
    }
}

/// The ratio of a limit to its request, to six places, where it is beyond the bound.
fn exceeded(
    request: Option<&Quantity>,
    limit: Option<&Quantity>,
    bound: &Quantity,
) -> Option<String> {
    let milli = |amount: &Quantity| i128::from(amount.milli_value());
    let (request, limit, bound) = (milli(request?), milli(limit?), milli(bound));
    let beyond = limit.checked_mul(1000)? > bound.checked_mul(request)?;
    let micro = limit.checked_mul(2_000_000)?.checked_div(request)?.checked_add(1)? / 2;
    beyond.then(|| format!("{}.{:06}", micro / 1_000_000, micro.rem_euclid(1_000_000)))
}

fn check_claim(problems: &mut Vec<String>, item: &Value, requests: &Amounts) {
    let kind = text(item, "type");
    for (field, word) in [("min", "minimum"), ("max", "maximum")] {
        for (name, bound) in entries(item, field) {
            let (bound, request) = (quantity(bound), amount(requests, name));
            let start = format!("{word} {name} usage per {kind} is {bound}");
            let beyond = if field == "min" {
                too_little(request, &bound)
            } else {
                too_much(request, &bound)
            };
            if request.is_none() {
                problems.push(format!("{start}.  No request is specified"));
            } else if beyond {
                problems.push(format!("{start}, but request is {}", shown(request)));
            }
        }
    }
}

/// Notes on a Pod what its containers were given.
pub(super) fn annotate(object: &mut Object, given: Option<&str>) {
    if let Some(given) = given {
        let annotations = Arc::make_mut(&mut object.meta).annotations.get_or_insert_default();
        annotations.insert(ANNOTATION.to_owned(), given.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::object::Key;
    use crate::store::Client;
    use crate::store::testing::{CAUSE, pod, store};
    use crate::time::Time;

    fn range(name: &str, limits: &Value) -> Object {
        let meta = json!({ "name": name, "namespace": "default" });
        Object::from_value(
            Kind::LimitRange,
            json!({ "metadata": meta, "spec": { "limits": limits } }),
        )
    }

    fn with_memory(name: &str, request: &str) -> Object {
        let mut pod = pod(name);
        if let Some(body) = pod.body.pod_mut() {
            let resources =
                Arc::make_mut(&mut body.shared).containers[0].resources.get_or_insert_default();
            let request = WireQuantity(request.to_owned());
            resources.requests = Some([("memory".to_owned(), request)].into());
        }
        pod
    }

    #[test]
    fn containers_get_defaults_and_are_held_to_bounds() {
        let mut store = store();
        let mut client = Client::new(&mut store, Time::START, CAUSE);
        let limits = json!([{
            "type": "Container", "max": { "memory": "1Gi" }, "min": { "memory": "32Mi" },
            "maxLimitRequestRatio": { "memory": "2" },
        }]);
        client.create(range("lr", &limits)).unwrap();
        let given = client.create(pod("none")).unwrap();
        assert_eq!(
            given.annotation(ANNOTATION),
            Some(
                "LimitRanger plugin set: memory request for container web; memory limit for container web"
            )
        );
        assert_eq!(
            client.create(with_memory("small", "8Mi")).unwrap_err().message,
            "pods \"small\" is forbidden: [minimum memory usage per Container is 32Mi, but request is 8Mi, memory max limit to request ratio per Container is 2, but provided ratio is 128.000000]"
        );
        assert_eq!(
            client.create(with_memory("some", "100Mi")).unwrap_err().message,
            "pods \"some\" is forbidden: memory max limit to request ratio per Container is 2, but provided ratio is 10.240000"
        );
        // A Pod of the same spec is not remembered across a change of the bounds.
        client
            .delete(
                &Key::new(Kind::LimitRange, "default", "lr"),
                &crate::store::DeleteOptions::default(),
            )
            .unwrap();
        assert_eq!(client.create(pod("free")).unwrap().annotation(ANNOTATION), None);
    }
}
