//! The Pod garbage collector: removes Pods that nobody else will remove any more.
//!
//! Those whose node is gone for 40 s; those that are terminating on a node that was declared out of service; those that
//! are terminating and were never placed; and of Pods that have ended those beyond 12500. It looks every 20 s.
//! Models kubernetes `pkg/controller/podgc/gc_controller.go`.
//!
//! *Differs:* rounds are 10 s after whole multiples of 20 s, and only when something is due.

use std::sync::Arc;

use k8s_openapi::api::core::v1::PodCondition;

use super::pods::{is_finished, pod_body, set_condition};
use super::{Controller, Requeue, until_round};
use crate::object::{Key, Kind, Object, StatusError};
use crate::order;
use crate::store::{Change, Client, DeleteOptions, Store};
use crate::time::{Duration, Time};

/// The controller's line in the list.
pub const POD_GC: Controller =
    Controller { name: "pod-garbage-collector-controller", keys, reconcile, cloud: false };

/// How often it looks (`gcCheckPeriod`).
const PERIOD: Duration = Duration::from_secs(20);
/// Where in the period its rounds are.
const PHASE: Duration = Duration::from_secs(10);
/// How long a node must be gone (`quarantineTime`).
const QUARANTINE: Duration = Duration::from_secs(40);
/// How many Pods that have ended are kept (`--terminated-pod-gc-threshold`).
const TERMINATED_MAX: usize = 12_500;
const OUT_OF_SERVICE: &str = "node.kubernetes.io/out-of-service";

/// The key of all Pods that have ended.
fn ended() -> Key {
    Key::cluster(Kind::Pod, "")
}

/// Keys are nodes, Pods that were never placed, and [`ended`].
#[expect(clippy::wildcard_enum_match_arm, reason = "only a few kinds concern a controller")]
fn keys(change: &Change, store: &Store) -> Vec<Key> {
    match change.key.kind {
        Kind::Node => {
            let wanted = match &change.after {
                None => true,
                // Also when it comes back: its quarantine is over.
                Some(node) => change.before.is_none() || out_of_service(node),
            };
            if wanted && store.pods_on(&change.key.name).next().is_some() {
                return vec![change.key.clone()];
            }
            Vec::new()
        }
        Kind::Pod => pod_keys(change, store),
        _ => Vec::new(),
    }
}

fn pod_keys(change: &Change, store: &Store) -> Vec<Key> {
    let Some(after) = &change.after else { return Vec::new() };
    let Some(pod) = pod_body(after) else { return Vec::new() };
    let before = change.before.as_deref();
    let newly = |test: &dyn Fn(&Object) -> bool| test(after) && !before.is_some_and(test);
    let mut keys = Vec::new();
    if newly(&|pod| pod_body(pod).is_some_and(is_finished)) {
        keys.push(ended());
    }
    let Some(node) = &pod.own.node_name else {
        if newly(&Object::terminating) {
            keys.push(change.key.clone());
        }
        return keys;
    };
    let placed = newly(&|pod| pod_body(pod).is_some_and(|pod| pod.own.node_name.is_some()));
    if placed || newly(&Object::terminating) {
        let node = Key::cluster(Kind::Node, Arc::clone(node));
        if store.get(&node).is_none_or(|node| out_of_service(node)) {
            keys.push(node);
        }
    }
    keys
}

/// Whether somebody has declared that a node which is not ready will not come back as it was.
fn out_of_service(node: &Object) -> bool {
    let Some(body) = node.as_node() else { return false };
    super::nodelifecycle::ready(&body.status) != "True"
        && body.spec.taints.iter().flatten().any(|taint| taint.key == OUT_OF_SERVICE)
}

fn reconcile(client: &mut Client<'_>, key: &Key) -> Requeue {
    if let Some(wait) = until_round(client.now() + PHASE, PERIOD) {
        return Requeue::After(wait);
    }
    if key.kind == Kind::Node {
        return of_node(client, key);
    }
    if *key == ended() {
        return again(collect_ended(client));
    }
    match client.store().get(key).cloned() {
        Some(pod) if pod.terminating() => again(remove(client, &pod, None).is_ok()),
        Some(_) | None => Requeue::No,
    }
}

/// What was refused is tried again in the next round.
fn again(done: bool) -> Requeue {
    if done { Requeue::No } else { Requeue::After(PERIOD) }
}

fn of_node(client: &mut Client<'_>, key: &Key) -> Requeue {
    let pods: Vec<Arc<Object>> = client.store().pods_on(&key.name).cloned().collect();
    if let Some(node) = client.store().get(key) {
        let out = out_of_service(node);
        client.keep(None);
        if !out {
            return Requeue::No;
        }
        let terminating = pods.iter().filter(|pod| pod.terminating());
        return again(remove_all(client, terminating, None));
    }
    if pods.is_empty() {
        client.keep(None);
        return Requeue::No;
    }
    let now = client.now();
    let missed = client.kept().unwrap_or(now);
    client.keep(Some(missed));
    if missed + QUARANTINE > now {
        return Requeue::After(PERIOD);
    }
    let condition = PodCondition {
        type_: "DisruptionTarget".to_owned(),
        status: "True".to_owned(),
        reason: Some("DeletionByPodGC".to_owned()),
        message: Some("PodGC: node no longer exists".to_owned()),
        ..PodCondition::default()
    };
    let done = remove_all(client, pods.iter(), Some(&condition));
    if done {
        client.keep(None);
    }
    again(done)
}

/// Removes Pods; false if one was refused, which does not keep the others.
fn remove_all<'a>(
    client: &mut Client<'_>,
    pods: impl Iterator<Item = &'a Arc<Object>>,
    condition: Option<&PodCondition>,
) -> bool {
    let mut done = true;
    for pod in pods {
        done &= remove(client, pod, condition).is_ok();
    }
    done
}

/// The oldest Pods that have ended go, until as many are left as may be.
fn collect_ended(client: &mut Client<'_>) -> bool {
    let all = client.store().list(Kind::Pod, None);
    let mut pods: Vec<Arc<Object>> =
        all.filter(|pod| pod_body(pod).is_some_and(is_finished)).cloned().collect();
    let excess = pods.len().saturating_sub(TERMINATED_MAX);
    if excess == 0 {
        return true;
    }
    // Evicted Pods first (`byEvictionAndCreationTimestamp`).
    order::sort_by_key(&mut pods, |pod| {
        let evicted =
            pod_body(pod).is_some_and(|pod| pod.status.reason.as_deref() == Some("Evicted"));
        let created = pod.meta.creation_timestamp.as_ref().map(Time::from);
        (!evicted, created, pod.key())
    });
    remove_all(client, pods.iter().take(excess), None)
}

/// Makes a Pod fail that has not ended, and removes it without grace.
fn remove(
    client: &mut Client<'_>,
    pod: &Arc<Object>,
    condition: Option<&PodCondition>,
) -> Result<(), StatusError> {
    let (key, now) = (pod.key(), client.now());
    if pod_body(pod).is_some_and(|pod| !is_finished(pod)) {
        client.update_pod_status(&key, |status| {
            status.phase = Some("Failed".to_owned());
            if let Some(condition) = condition {
                let observed_generation = pod.meta.generation;
                set_condition(
                    status,
                    PodCondition { observed_generation, ..condition.clone() },
                    now,
                );
            }
        })?;
    }
    let options = DeleteOptions { grace_secs: Some(0), ..DeleteOptions::default() };
    client.delete(&key, &options)?;
    Ok(())
}

/// When the Pods of a node that is gone are removed: `missed` is when that was first noticed, if it was.
pub fn removed_at(missed: Option<Time>, now: Time) -> Time {
    let missed = missed.unwrap_or(now + until_round(now + PHASE, PERIOD).unwrap_or_default());
    missed + QUARANTINE
}
