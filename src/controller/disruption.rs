//! The disruption controller: says in each PodDisruptionBudget's status how many of its Pods may be evicted now.
//!
//! Models kubernetes `pkg/controller/disruption/disruption.go` (`trySync`, `getExpectedPodCount`, `updatePdbStatus`) and
//! component-helpers `apps/poddisruptionbudget/helpers.go`. The eviction API (`store/evict.rs`) counts down what this
//! allows. *Differs:* a Pod of several budgets is not told of that in an Event, and a condition `DisruptionTarget` that
//! came to nothing stays.

use std::sync::Arc;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use serde_json::{Map, Value, json};

use super::pods::{is_ready, pod_body};
use super::{Controller, Requeue};
use crate::manifest::encode;
use crate::object::value::look::{at, entries, given, int_or_string, number};
use crate::object::{Key, Kind, Object, StatusError, ValueBody, selector_matches};
use crate::store::{Change, Client, EventType, Store, disruption_condition};
use crate::time::{Duration, Time};

/// The controller's line in the list.
pub const DISRUPTION: Controller =
    Controller { name: "controllermanager", keys, reconcile, cloud: false };

/// How long an evicted Pod may take to begin its end (`DeletionTimeout`).
const DELETION_TIMEOUT: Duration = Duration::from_mins(2);

fn keys(change: &Change, store: &Store) -> Vec<Key> {
    if change.key.kind == Kind::PodDisruptionBudget {
        return change.after.iter().map(|_| change.key.clone()).collect();
    }
    if change.key.kind != Kind::Pod {
        return Vec::new();
    }
    let mut budgets = store
        .list(Kind::PodDisruptionBudget, Some(&change.key.namespace))
        .filter(|budget| budget.as_value().is_some_and(|body| selects(body, change.object())))
        .peekable();
    if budgets.peek().is_none() || !matters(change) {
        return Vec::new();
    }
    budgets.map(|budget| budget.key()).collect()
}

/// Whether anything of a Pod changed that a budget counts.
fn matters(change: &Change) -> bool {
    let facts = |object: &Arc<Object>| {
        (pod_body(object).is_some_and(is_ready), object.terminating(), object.meta.labels.clone())
    };
    change.before.as_ref().map(facts) != change.after.as_ref().map(facts)
}

/// Whether a budget is about a Pod: one without a selector is about none.
fn selects(budget: &ValueBody, pod: &Object) -> bool {
    given(budget.spec(), "selector").is_some()
        && selector_matches(&budget.selector(), pod.meta.labels.as_ref())
}

fn reconcile(client: &mut Client<'_>, key: &Key) -> Requeue {
    let Some(budget) = client.store().get(key).cloned() else { return Requeue::No };
    let Some(body) = budget.as_value() else { return Requeue::No };
    let pods: Vec<Arc<Object>> = client
        .store()
        .list(Kind::Pod, Some(budget.namespace()))
        .filter(|pod| selects(body, pod))
        .cloned()
        .collect();
    if pods.is_empty() {
        client.record(&budget, EventType::Normal, "NoPods", "No matching pods found");
    }
    let expected = match expected(client.store(), body, &pods) {
        Ok(expected) => expected,
        Err(problem) => return fail_safe(client, &budget, &problem),
    };
    if expected.unmanaged {
        let message = format!(
            "Pods selected by this PodDisruptionBudget (selector: {}) were found to be unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account for these pods please set \".spec.minAvailable\" field of the PDB to an integer value.",
            in_go(&body.selector())
        );
        client.record(&budget, EventType::Warning, "UnmanagedPods", &message);
    }
    let now = client.now();
    let (disrupted, recheck) = disrupted(body, &pods, now);
    let healthy = pods.iter().filter(|pod| {
        !pod.terminating()
            && !disrupted.contains_key(pod.name())
            && pod_body(pod).is_some_and(is_ready)
    });
    let healthy = count(healthy.count());
    let allowed = if expected.count > 0 { (healthy - expected.desired).max(0) } else { 0 };
    let generation = budget.meta.generation.unwrap_or(0);
    let mut status = json!({
        "currentHealthy": healthy,
        "desiredHealthy": expected.desired,
        "expectedPods": expected.count,
        "disruptionsAllowed": allowed,
        "observedGeneration": generation,
        "conditions": at(&body.status, &["conditions"]),
    });
    if !disrupted.is_empty() {
        status["disruptedPods"] = Value::Object(disrupted);
    }
    disruption_condition(&mut status, now);
    match (write(client, key, status), recheck) {
        (Err(_), _) => Requeue::BackOff,
        (Ok(()), Some(at)) => Requeue::After(at - now),
        (Ok(()), None) => Requeue::No,
    }
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn write(client: &mut Client<'_>, key: &Key, status: Value) -> Result<(), StatusError> {
    client.update_status(key, |body| {
        if let Some(body) = body.value_mut() {
            body.status = Arc::new(status);
        }
    })?;
    Ok(())
}

/// How many Pods there should be, and how many of them healthy.
#[derive(Default)]
struct Expected {
    count: i64,
    desired: i64,
    /// Whether some Pod has no controller, so that nobody knows how many there should be.
    unmanaged: bool,
}

/// `getExpectedPodCount`: a number of available Pods needs no more; percentages and what may be unavailable are of what
/// the Pods' controllers want.
fn expected(store: &Store, body: &ValueBody, pods: &[Arc<Object>]) -> Result<Expected, String> {
    let bound = |field: &str| given(body.spec(), field).map(int_or_string);
    let scaled = |bound, total: i64| {
        let percent = crate::object::percent_in(&bound);
        percent.map_or_else(
            || crate::object::number_in(&bound),
            |percent| percent.saturating_mul(total).saturating_add(99) / 100,
        )
    };
    if let Some(most) = bound("maxUnavailable") {
        let (count, unmanaged) = scale_of_all(store, pods)?;
        return Ok(Expected { count, desired: (count - scaled(most, count)).max(0), unmanaged });
    }
    let Some(least) = bound("minAvailable") else { return Ok(Expected::default()) };
    if crate::object::percent_in(&least).is_none() {
        let desired = crate::object::number_in(&least);
        return Ok(Expected { count: count(pods.len()), desired, unmanaged: false });
    }
    let (count, unmanaged) = scale_of_all(store, pods)?;
    Ok(Expected { count, desired: scaled(least, count), unmanaged })
}

/// How many Pods their controllers want together, and whether some have none (`getExpectedScale`).
fn scale_of_all(store: &Store, pods: &[Arc<Object>]) -> Result<(i64, bool), String> {
    let mut seen: Vec<&str> = Vec::new();
    let (mut total, mut unmanaged) = (0, false);
    for pod in pods {
        let Some(owner) = pod.controller() else {
            unmanaged = true;
            continue;
        };
        let kind = crate::object::KINDS
            .iter()
            .find(|info| info.name == owner.kind && info.api_version() == owner.api_version);
        if let Some(info) = kind.filter(|info| !info.scalable()) {
            return Err(format!("{} does not implement the scale subresource", info.resource()));
        }
        let of = |kind: Kind, name: &str, uid: &str| {
            let object = store.get(&Key::new(kind, pod.namespace(), name))?;
            (object.uid() == uid).then_some(object)
        };
        let found = kind.and_then(|info| of(info.kind(), &owner.name, &owner.uid));
        // The ReplicaSets of a Deployment want together what the Deployment wants.
        let found = found.map(|set| {
            let owner = set.controller().filter(|owner| owner.kind == "Deployment");
            owner.and_then(|owner| of(Kind::Deployment, &owner.name, &owner.uid)).unwrap_or(set)
        });
        let Some(found) = found else {
            return Err(format!("found no controllers for pod {:?}", pod.name()));
        };
        if !seen.contains(&found.uid()) {
            seen.push(found.uid());
            total += i64::from(found.body.replicas().unwrap_or(0));
        }
    }
    Ok((total, unmanaged))
}

/// The Pods that were evicted and have not begun to end, and when to look again (`buildDisruptedPodMap`).
fn disrupted(
    body: &ValueBody,
    pods: &[Arc<Object>],
    now: Time,
) -> (Map<String, Value>, Option<Time>) {
    let mut left = Map::new();
    let mut recheck = None;
    for (name, time) in entries(&body.status, "disruptedPods") {
        let waited = |pod: &&Arc<Object>| pod.name() == name && !pod.terminating();
        let deadline = time.as_str().and_then(Time::parse).map(|time| time + DELETION_TIMEOUT);
        if let Some(deadline) = deadline.filter(|deadline| *deadline > now)
            && pods.iter().any(|pod| waited(&pod))
        {
            left.insert(name.to_owned(), time.clone());
            recheck = Some(recheck.map_or(deadline, |earlier: Time| earlier.min(deadline)));
        }
    }
    (left, recheck)
}

/// Nothing may be evicted where it is not known how much may.
fn fail_safe(client: &mut Client<'_>, budget: &Object, problem: &str) -> Requeue {
    let message = format!("Failed to calculate the number of expected pods: {problem}");
    client.record(budget, EventType::Warning, "CalculateExpectedPodCountFailed", &message);
    let Some(body) = budget.as_value() else { return Requeue::No };
    let mut status = Value::clone(&body.status);
    if !status.is_object() {
        status = json!({});
    }
    status["disruptionsAllowed"] = Value::from(0);
    let conditions = at(&status, &["conditions"]).as_array();
    let before = conditions.and_then(|all| all.first());
    let same = before.is_some_and(|condition| condition["status"] == "False");
    let time = match before.filter(|_| same) {
        Some(condition) => condition["lastTransitionTime"].clone(),
        None => encode(&client.now().to_meta()),
    };
    status["conditions"] = json!([{
        "type": "DisruptionAllowed", "status": "False", "reason": "SyncFailed", "message": problem,
        "observedGeneration": number(&status, "observedGeneration").unwrap_or(0),
        "lastTransitionTime": time,
    }]);
    if write(client, &budget.key(), status).is_ok() { Requeue::No } else { Requeue::BackOff }
}

/// A selector as Go prints it.
pub(super) fn in_go(selector: &LabelSelector) -> String {
    let mut labels = String::new();
    for (key, value) in selector.match_labels.iter().flatten() {
        labels.push_str(&[key.as_str(), ": ", value, ","].concat());
    }
    let expressions = selector.match_expressions.iter().flatten().map(|one| {
        let values = one.values.as_deref().unwrap_or_default().join(" ");
        let (key, operator) = (&one.key, &one.operator);
        format!("LabelSelectorRequirement{{Key:{key},Operator:{operator},Values:[{values}],}},")
    });
    let expressions: String = expressions.collect();
    format!(
        "&LabelSelector{{MatchLabels:map[string]string{{{labels}}},MatchExpressions:[]LabelSelectorRequirement{{{expressions}}},}}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::Body;
    use crate::store::testing::{CAUSE, deployment, pod, store};

    /// Count and desired of a budget over the Pods of a Deployment of ten, three of which are there.
    fn counted(bound: &Value) -> (i64, i64) {
        let mut store = store();
        let mut client = Client::new(&mut store, Time::START, CAUSE);
        let owner = client.create(deployment("d")).unwrap();
        client.scale(&owner.key(), 10).unwrap();
        let reference = k8s_openapi::apimachinery::pkg::apis::meta::v1::OwnerReference {
            api_version: "apps/v1".into(),
            kind: "Deployment".into(),
            name: "d".into(),
            uid: owner.uid().to_owned(),
            controller: Some(true),
            ..Default::default()
        };
        let pods: Vec<Arc<Object>> = ["a", "b", "c"]
            .map(|name| {
                let mut pod = pod(name);
                Arc::make_mut(&mut pod.meta).owner_references = Some(vec![reference.clone()]);
                client.create(pod).unwrap()
            })
            .into();
        let meta = json!({ "name": "b", "namespace": "default" });
        let budget = Object::from_value(
            Kind::PodDisruptionBudget,
            json!({ "metadata": meta, "spec": bound }),
        );
        let Body::Value(body) = &budget.body else { panic!("a budget is a value") };
        let expected = expected(client.store(), body, &pods).unwrap();
        (expected.count, expected.desired)
    }

    #[test]
    fn percentages_are_of_what_the_controllers_want() {
        assert_eq!(counted(&json!({ "minAvailable": 2 })), (3, 2));
        assert_eq!(counted(&json!({ "minAvailable": "25%" })), (10, 3));
        assert_eq!(counted(&json!({ "maxUnavailable": "25%" })), (10, 7));
        assert_eq!(counted(&json!({ "maxUnavailable": 12 })), (10, 0));
    }
}
