//! The ReplicaSet controller: as many Pods as asked for, no fewer, no more.
//!
//! Models kubernetes `pkg/controller/replicaset/replica_set.go` and `replica_set_utils.go`: claim the Pods, create or
//! delete the difference (creation in batches that double while they succeed), report the status of what was there
//! before. *Differs:* no expectations, since what it reads is never stale.

use std::sync::Arc;

use k8s_openapi::api::apps::v1::{ReplicaSetCondition, ReplicaSetSpec, ReplicaSetStatus};
use k8s_openapi::api::core::v1::PodStatus;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::owner::{claim, controller_ref, is_controlled_by};
use super::pods::{
    Candidate, availability, deletion_order, is_active, is_finished, is_ready, pod_body,
};
use super::{Controller, Requeue, nonzero};
use crate::object::{Body, Key, Kind, Object, PodBody, StatusError, selector_matches};
use crate::store::{Change, Client, DeleteOptions, EventType, Store};
use crate::time::{Duration, Time};

/// The controller's line in the list.
pub const REPLICASET: Controller =
    Controller { name: "replicaset-controller", keys, reconcile, cloud: false };

/// How many Pods one reconcile creates or deletes at most (`BurstReplicas`).
const BURST_REPLICAS: usize = 500;

fn keys(change: &Change, store: &Store) -> Vec<Key> {
    match change.key.kind {
        Kind::ReplicaSet => {
            if only_status_changed(change) {
                Vec::new()
            } else {
                vec![change.key.clone()]
            }
        }
        Kind::Pod if pod_matters(change) => {
            let mut keys: Vec<Key> = [&change.before, &change.after]
                .into_iter()
                .flatten()
                .filter_map(|pod| owner_key(pod))
                .collect();
            keys.dedup();
            if keys.is_empty() {
                keys = sets_selecting(change.object(), store);
            }
            keys
        }
        _ => Vec::new(),
    }
}

/// Whether an update of a set touched its status alone, which nobody but this controller writes.
fn only_status_changed(change: &Change) -> bool {
    let (Some(before), Some(after)) = (&change.before, &change.after) else { return false };
    let (Body::ReplicaSet(old), Body::ReplicaSet(new)) = (&before.body, &after.body) else {
        return false;
    };
    Arc::ptr_eq(&old.spec, &new.spec) && before.meta == after.meta
}

/// Whether anything changed of which a set takes account; its reconcile would do nothing otherwise.
fn pod_matters(change: &Change) -> bool {
    let (Some(before), Some(after)) = (&change.before, &change.after) else { return true };
    let (Some(old), Some(new)) = (pod_body(before), pod_body(after)) else { return false };
    (!Arc::ptr_eq(&before.meta, &after.meta) && before.meta != after.meta)
        || is_finished(old) != is_finished(new)
        || is_ready(old) != is_ready(new)
}

fn owner_key(pod: &Object) -> Option<Key> {
    let owner = pod.controller().filter(|owner| owner.kind == "ReplicaSet")?;
    Some(Key::new(Kind::ReplicaSet, pod.namespace(), owner.name.as_str()))
}

/// The sets that might adopt an orphan.
fn sets_selecting(pod: &Object, store: &Store) -> Vec<Key> {
    if pod.controller().is_some() {
        return Vec::new();
    }
    store
        .list(Kind::ReplicaSet, Some(pod.namespace()))
        .filter(|set| match &set.body {
            Body::ReplicaSet(set) => selector_matches(&set.spec.selector, pod.meta.labels.as_ref()),
            _ => false,
        })
        .map(|set| set.key())
        .collect()
}

fn reconcile(client: &mut Client<'_>, key: &Key) -> Requeue {
    let Some(set) = client.store().get(key).cloned() else { return Requeue::No };
    let Body::ReplicaSet(body) = &set.body else { return Requeue::No };
    let spec = Arc::clone(&body.spec);
    let pods = claim(client, &set, &spec.selector, Kind::Pod, |pod| {
        pod_body(pod).is_some_and(|body| !is_finished(body))
    });
    let (active, terminating): (Vec<_>, Vec<_>) =
        pods.into_iter().partition(|pod| !pod.terminating());
    let managed = if set.terminating() { Ok(()) } else { manage(client, &set, &spec, &active) };
    let facts = count(&active, terminating.len(), &spec, client.now());
    let status = new_status(&set, &body.status, &facts, managed.as_ref().err(), client.now());
    let written = client.update_status(key, |body| {
        if let Body::ReplicaSet(body) = body {
            if *body.status != status {
                body.status = status.into();
            }
        }
    });
    match (managed, written) {
        (Ok(()), Ok(_)) => facts.next_available.map_or(Requeue::No, Requeue::After),
        _ => Requeue::BackOff,
    }
}

/// Creates or deletes the difference to what is asked for. The error is the first refusal.
fn manage(
    client: &mut Client<'_>,
    set: &Arc<Object>,
    spec: &ReplicaSetSpec,
    active: &[Arc<Object>],
) -> Result<(), (&'static str, StatusError)> {
    let wanted = usize::try_from(spec.replicas.unwrap_or(1)).unwrap_or(0);
    if active.len() < wanted {
        create_pods(client, set, spec, (wanted - active.len()).min(BURST_REPLICAS))
            .map_err(|refused| ("FailedCreate", refused))
    } else {
        let surplus = (active.len() - wanted).min(BURST_REPLICAS);
        delete_pods(client, set, active, surplus).map_err(|refused| ("FailedDelete", refused))
    }
}

/// Creates Pods one, two, four... at a time; a batch with a refusal is the last.
fn create_pods(
    client: &mut Client<'_>,
    set: &Arc<Object>,
    spec: &ReplicaSetSpec,
    count: usize,
) -> Result<(), StatusError> {
    let mut pattern = pod_from_template(set, spec);
    let (mut remaining, mut batch, mut refusal) = (count, 1.min(count), None);
    while batch > 0 {
        for _ in 0..batch {
            match client.create(pattern.clone()) {
                Ok(pod) => {
                    let message = format!("Created pod: {}", pod.name());
                    client.record(set, EventType::Normal, "SuccessfulCreate", message);
                    share_spec(&mut pattern, &pod);
                }
                Err(error) => {
                    let message = format!("Error creating: {error}");
                    client.record(set, EventType::Warning, "FailedCreate", message);
                    refusal.get_or_insert(error);
                }
            }
        }
        if let Some(error) = refusal {
            return Err(error);
        }
        remaining -= batch;
        batch = (2 * batch).min(remaining);
    }
    Ok(())
}

/// Lets the next Pod start from the spec of one that was admitted, so that siblings share it.
fn share_spec(pattern: &mut Object, admitted: &Object) {
    if let (Body::Pod(pattern), Body::Pod(admitted)) = (&mut pattern.body, &admitted.body) {
        pattern.shared = Arc::clone(&admitted.shared);
    }
}

/// A Pod as the template says (`GetPodFromTemplate`).
fn pod_from_template(set: &Object, spec: &ReplicaSetSpec) -> Object {
    let template = spec.template.clone().unwrap_or_default();
    let from = template.metadata.unwrap_or_default();
    let meta = ObjectMeta {
        generate_name: Some(format!("{}-", set.name())),
        namespace: set.meta.namespace.clone(),
        labels: from.labels,
        annotations: from.annotations,
        finalizers: from.finalizers,
        owner_references: Some(vec![controller_ref(set)]),
        ..ObjectMeta::default()
    };
    let spec = template.spec.unwrap_or_default();
    Object::new(meta, Body::Pod(PodBody::from_spec(spec, PodStatus::default())))
}

/// Deletes the Pods that are missed least.
fn delete_pods(
    client: &mut Client<'_>,
    set: &Arc<Object>,
    active: &[Arc<Object>],
    count: usize,
) -> Result<(), StatusError> {
    if count == 0 {
        return Ok(());
    }
    let mut candidates = ranked(client.store(), set, active);
    if count < candidates.len() {
        let now = client.now();
        candidates.sort_by(|a, b| deletion_order(a, b, now));
    }
    let mut refusal = None;
    for Candidate { pod, .. } in candidates.into_iter().take(count) {
        match client.delete(&pod.key(), &DeleteOptions::default()) {
            Ok(_) => {
                let message = format!("Deleted pod: {}", pod.name());
                client.record(set, EventType::Normal, "SuccessfulDelete", message);
            }
            Err(error) if error.reason == crate::object::Reason::NotFound => {}
            Err(error) => {
                let message = format!("Error deleting: {error}");
                client.record(set, EventType::Warning, "FailedDelete", message);
                refusal.get_or_insert(error);
            }
        }
    }
    refusal.map_or(Ok(()), Err)
}

/// The active Pods, each with the number of active Pods of all sets of the same owner on its node.
fn ranked(store: &Store, set: &Object, active: &[Arc<Object>]) -> Vec<Candidate> {
    let mut on_node = std::collections::BTreeMap::<&str, usize>::new();
    let family: Vec<&Arc<Object>> = match set.controller() {
        Some(owner) => store
            .owned_by(&owner.uid)
            .filter(|sibling| sibling.kind() == Kind::ReplicaSet)
            .filter(|sibling| sibling.controller().is_some_and(|one| one.uid == owner.uid))
            .flat_map(|sibling| {
                store.owned_by(sibling.uid()).filter(|pod| is_controlled_by(pod, sibling))
            })
            .collect(),
        None => active.iter().collect(),
    };
    let node = |pod: &Object| pod_body(pod).and_then(|body| body.own.node_name.clone());
    let nodes: Vec<_> = family
        .iter()
        .filter(|pod| pod_body(pod).is_some_and(|body| is_active(pod, body)))
        .filter_map(|pod| node(pod))
        .collect();
    for name in &nodes {
        *on_node.entry(name).or_default() += 1;
    }
    active
        .iter()
        .map(|pod| Candidate {
            rank: node(pod).and_then(|name| on_node.get(&*name).copied()).unwrap_or(0),
            pod: Arc::clone(pod),
        })
        .collect()
}

/// What the status counts.
#[derive(Clone, Debug, Default, PartialEq)]
struct Counts {
    replicas: i32,
    fully_labeled: i32,
    ready: i32,
    available: i32,
    terminating: i32,
    /// How long until the next ready Pod becomes available.
    next_available: Option<Duration>,
}

fn count(active: &[Arc<Object>], terminating: usize, spec: &ReplicaSetSpec, now: Time) -> Counts {
    let as_count = |number: usize| i32::try_from(number).unwrap_or(i32::MAX);
    let mut counts = Counts {
        replicas: as_count(active.len()),
        terminating: as_count(terminating),
        ..Counts::default()
    };
    let template = spec.template.as_ref().and_then(|template| template.metadata.as_ref());
    let wanted = template.and_then(|meta| meta.labels.as_ref());
    let min_ready_secs = spec.min_ready_seconds.unwrap_or(0);
    for object in active {
        let Some(pod) = pod_body(object) else { continue };
        let labels = object.meta.labels.as_ref();
        if wanted.is_none_or(|wanted| crate::object::labels_match(wanted, labels)) {
            counts.fully_labeled += 1;
        }
        if is_ready(pod) {
            counts.ready += 1;
        }
        match availability(pod, min_ready_secs, now) {
            Ok(()) => counts.available += 1,
            Err(Some(wait)) => {
                counts.next_available =
                    Some(counts.next_available.map_or(wait, |earlier| earlier.min(wait)));
            }
            Err(None) => {}
        }
    }
    counts
}

fn new_status(
    set: &Object,
    old: &ReplicaSetStatus,
    counts: &Counts,
    failure: Option<&(&'static str, StatusError)>,
    now: Time,
) -> ReplicaSetStatus {
    let mut conditions = old.conditions.clone().unwrap_or_default();
    let failed_before = conditions.iter().any(|one| one.type_ == "ReplicaFailure");
    match failure {
        Some((reason, refused)) if !failed_before => conditions.push(ReplicaSetCondition {
            type_: "ReplicaFailure".to_owned(),
            status: "True".to_owned(),
            reason: Some((*reason).to_owned()),
            message: Some(refused.message.clone()),
            last_transition_time: Some(now.to_meta()),
        }),
        None if failed_before => conditions.retain(|one| one.type_ != "ReplicaFailure"),
        _ => {}
    }
    ReplicaSetStatus {
        replicas: counts.replicas,
        fully_labeled_replicas: nonzero(counts.fully_labeled),
        ready_replicas: nonzero(counts.ready),
        available_replicas: nonzero(counts.available),
        terminating_replicas: Some(counts.terminating),
        observed_generation: set.meta.generation,
        conditions: (!conditions.is_empty()).then_some(conditions),
    }
}
