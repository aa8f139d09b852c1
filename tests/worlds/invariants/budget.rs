//! What holds of disruption budgets: an eviction takes no healthy Pod that a budget needs.

use kobune::object::{Kind, Object, PodBody};
use kobune::store::Change;
use serde_json::json;

use super::{Verdict, holds};
use crate::facts::{World, active, field, pods, ready};
use crate::lab::{self, Lab};

/// Whether a Pod has been evicted by who asked for it.
fn evicted(object: &Object) -> bool {
    let conditions =
        object.as_pod().into_iter().flat_map(|pod| pod.status.conditions.iter().flatten());
    conditions.into_iter().any(|one| {
        one.type_ == "DisruptionTarget" && one.reason.as_deref() == Some("EvictionByEvictionAPI")
    })
}

/// Whether a budget counts a Pod as healthy.
fn healthy(object: &Object, pod: &PodBody) -> bool {
    active(object, pod) && ready(pod) && !evicted(object)
}

pub(super) fn heeded(world: &World<'_>, change: &Change) -> Verdict {
    let (Some(before), Some(after)) = (&change.before, &change.after) else { return Ok(()) };
    let Some(body) = before.as_pod() else { return Ok(()) };
    if !healthy(before, body) || !evicted(after) {
        return Ok(());
    }
    for budget in world.store.list(Kind::PodDisruptionBudget, Some(before.namespace())) {
        // One that was made or changed since was not asked.
        let selector = field(budget, "/spec/selector/matchLabels");
        let (Some(selector), Some(least)) =
            (selector.as_object(), field(budget, "/spec/minAvailable").as_u64())
        else {
            continue;
        };
        let chosen = |object: &Object| {
            object.namespace() == before.namespace()
                && selector.iter().all(|(key, value)| object.label(key) == value.as_str())
        };
        if !chosen(before) || field(budget, "/status/observedGeneration").is_null() {
            continue;
        }
        let left = pods(world.store).filter(|(object, pod)| chosen(object) && healthy(object, pod));
        let left = left.filter(|(object, _)| object.uid() != before.uid()).count();
        holds(u64::try_from(left).is_ok_and(|left| left >= least), || {
            format!("{} wants {least}, {left} healthy are left", budget.name())
        })?;
    }
    Ok(())
}

pub(super) fn break_heeded(lab: &mut Lab) {
    lab.put(json!({ "apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": { "name": "a" },
        "spec": { "minAvailable": 1, "selector": { "matchLabels": { "app": "a" } } },
        "status": { "observedGeneration": 1, "currentHealthy": 1, "desiredHealthy": 1,
            "disruptionsAllowed": 0, "expectedPods": 1 } }));
    let mut value = lab::in_phase(lab::pod("a"), "Running");
    value["status"]["conditions"] = json!([{ "type": "Ready", "status": "True" }]);
    let pod = lab.put(value);
    let evicted = json!([{ "type": "Ready", "status": "True" },
        { "type": "DisruptionTarget", "status": "True", "reason": "EvictionByEvictionAPI" }]);
    lab.forge(&pod, "/status/conditions", evicted);
}
