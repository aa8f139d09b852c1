//! What holds of quotas: no Pod is let in beyond them.

use kobune::object::{Kind, Object, Quantity};
use kobune::store::{Change, Store};
use serde_json::{Value, json};

use super::{Verdict, holds};
use crate::facts::{World, active, count, field, pods, requests};
use crate::lab::{self, Lab};

/// How much of a resource a namespace uses, in thousandths; `None` for one that is not judged here.
fn used(store: &Store, namespace: &str, resource: &str) -> Option<i64> {
    // Who is being deleted counts until its time is over; it is given the benefit of the doubt.
    let here = || {
        let all = pods(store);
        all.filter(|(object, pod)| object.namespace() == namespace && active(object, pod))
    };
    match resource {
        "pods" => Some(count(here()) * 1000),
        "requests.cpu" => Some(here().map(|(_, pod)| requests(pod)[0]).sum()),
        _ => None,
    }
}

fn milli(value: &Value) -> i64 {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    Quantity::parse(&text).map_or(0, |quantity| quantity.milli_value())
}

/// The resources of a quota that are judged here: name, used, and the most that admission lets in.
fn judged(store: &Store, quota: &Object) -> Vec<(String, i64, i64)> {
    let at = field(quota, "/status/hard");
    let at = at.as_object().into_iter().flatten();
    at.filter_map(|(name, value)| {
        Some((name.clone(), used(store, quota.namespace(), name)?, milli(value)))
    })
    .collect()
}

pub(super) fn held(world: &World<'_>, change: &Change) -> Verdict {
    if change.key.kind != Kind::Pod || change.before.is_some() {
        return Ok(());
    }
    for quota in world.store.list(Kind::ResourceQuota, Some(&change.key.namespace)) {
        // One that was changed since, or counted for the first time, does not count.
        if quota.revision > change.revision {
            continue;
        }
        for (name, used, hard) in judged(world.store, quota) {
            // Who asks for nothing of a resource is not kept out for it.
            let body = change.after.as_ref().and_then(|after| after.as_pod());
            if name == "requests.cpu" && body.is_some_and(|pod| requests(pod)[0] == 0) {
                continue;
            }
            holds(used <= hard, || {
                format!("{}: {used} of {hard} thousandths of {name}", quota.name())
            })?;
        }
    }
    Ok(())
}

pub(super) fn break_held(lab: &mut Lab) {
    let pod = lab.put(lab::pod("a"));
    let none = json!({ "pods": "0" });
    lab.put(json!({ "apiVersion": "v1", "kind": "ResourceQuota", "metadata": { "name": "cap" },
        "spec": { "hard": none }, "status": { "hard": none, "used": none } }));
    lab.forge_creation(&pod);
}
