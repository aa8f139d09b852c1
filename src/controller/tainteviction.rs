//! The taint eviction controller: Pods that do not bear a `NoExecute` taint of their node are deleted, at once or when
//! the time that they tolerate it is over.
//!
//! Models kubernetes `pkg/controller/tainteviction/taint_eviction.go` and `timed_workers.go`. The moment of an eviction
//! is set once, when its taint is first seen, and stands until the taints go; further taints do not move it.

use std::sync::Arc;

use k8s_openapi::api::core::v1::{PodCondition, PodStatus, Taint, Toleration};

use super::pods::{condition, set_condition};
use super::{Controller, Requeue};
use crate::object::{Body, Endurance, Key, Kind, Object, PodBody, StatusError, endurance};
use crate::store::{Change, Client, DeleteOptions, EventType, Store};

/// The controller's line in the list.
pub const TAINT_EVICTION: Controller =
    Controller { name: "taint-eviction-controller", keys, reconcile, cloud: false };

#[expect(clippy::wildcard_enum_match_arm, reason = "only a few kinds concern a controller")]
fn keys(change: &Change, store: &Store) -> Vec<Key> {
    match change.key.kind {
        Kind::Node => {
            let taints = |node: &Option<Arc<Object>>| -> Vec<Taint> {
                node.iter().flat_map(|node| driving_out(node)).cloned().collect()
            };
            if change.after.is_none() || taints(&change.before) == taints(&change.after) {
                return Vec::new();
            }
            store.pods_on(&change.key.name).map(|pod| pod.key()).collect()
        }
        Kind::Pod => {
            let pod = change.object();
            let Some(node) = pod.as_pod().and_then(|body| body.own.node_name.as_ref()) else {
                return Vec::new();
            };
            if let (Some(before), Some(after)) = (&change.before, &change.after)
                && same_terms(before, after)
            {
                return Vec::new();
            }
            let node = store.get(&Key::cluster(Kind::Node, Arc::clone(node)));
            let calm = node.is_some_and(|node| driving_out(node).next().is_none());
            if calm { Vec::new() } else { vec![change.key.clone()] }
        }
        _ => Vec::new(),
    }
}

/// The taints of a node that drive Pods out.
pub fn driving_out(node: &Object) -> impl Iterator<Item = &Taint> {
    let taints = node.as_node().map(|body| body.spec.taints.iter().flatten());
    taints.into_iter().flatten().filter(|taint| taint.effect == "NoExecute")
}

/// Whether two versions of a Pod are the same in what decides: where it is, and what it tolerates.
fn same_terms(before: &Object, after: &Object) -> bool {
    let (Some(old), Some(new)) = (before.as_pod(), after.as_pod()) else { return false };
    old.own.node_name == new.own.node_name
        && (Arc::ptr_eq(&old.shared, &new.shared) || tolerations(old) == tolerations(new))
}

/// What a Pod tolerates.
pub fn tolerations(pod: &PodBody) -> &[Toleration] {
    pod.shared.tolerations.as_deref().unwrap_or_default()
}

fn reconcile(client: &mut Client<'_>, key: &Key) -> Requeue {
    let Some(pod) = client.store().get(key).cloned() else { return cancel(client, key) };
    let Some(body) = pod.as_pod() else { return Requeue::No };
    if marked(&body.status) && pod.terminating() {
        return Requeue::No;
    }
    let node = body.own.node_name.as_ref();
    let node = node.and_then(|node| client.store().get(&Key::cluster(Kind::Node, node.clone())));
    let Some(node) = node else { return Requeue::No };
    let bears = endurance(driving_out(node), tolerations(body));
    match bears {
        Endurance::Forever => cancel(client, key),
        Endurance::None => {
            cancel(client, key);
            evict(client, &pod)
        }
        Endurance::For(time) => {
            let now = client.now();
            let at = client.kept().unwrap_or(now + time);
            if at <= now {
                client.keep(None);
                return evict(client, &pod);
            }
            client.keep(Some(at));
            Requeue::After(at - now)
        }
    }
}

fn evict(client: &mut Client<'_>, pod: &Arc<Object>) -> Requeue {
    say(client, &pod.key(), "Marking for deletion Pod");
    match mark_and_delete(client, pod) {
        Ok(()) => Requeue::No,
        Err(_) => Requeue::BackOff,
    }
}

fn mark_and_delete(client: &mut Client<'_>, pod: &Object) -> Result<(), StatusError> {
    let (key, now) = (pod.key(), client.now());
    let generation = pod.meta.generation;
    client.update_pod_status(&key, |status| {
        let condition = PodCondition {
            type_: "DisruptionTarget".to_owned(),
            status: "True".to_owned(),
            reason: Some(REASON.to_owned()),
            message: Some("Taint manager: deleting due to NoExecute taint".to_owned()),
            observed_generation: generation,
            ..PodCondition::default()
        };
        set_condition(status, condition, now);
    })?;
    client.delete(&key, &DeleteOptions::default())?;
    Ok(())
}

const REASON: &str = "DeletionByTaintManager";

/// Whether this controller has evicted the Pod already.
fn marked(status: &PodStatus) -> bool {
    let target = condition(status, "DisruptionTarget");
    target.is_some_and(|target| target.reason.as_deref() == Some(REASON))
}

/// Gives an eviction up that was planned.
fn cancel(client: &mut Client<'_>, key: &Key) -> Requeue {
    if client.kept().is_some() {
        client.keep(None);
        say(client, key, "Cancelling deletion of Pod");
    }
    Requeue::No
}

/// Records an Event about a Pod by its name alone, as upstream does: it is not among those that `describe` shows.
fn say(client: &mut Client<'_>, key: &Key, what: &str) {
    let meta = k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta {
        name: Some(key.name.to_string()),
        namespace: Some(key.namespace.to_string()),
        ..Default::default()
    };
    let about = Object::new(meta, Body::Pod(PodBody::default()));
    let message = format!("{what} {}/{}", key.namespace, key.name);
    client.record(&about, EventType::Normal, "TaintManagerEviction", message);
}
