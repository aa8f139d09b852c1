//! The ReplicaSet controller: as many Pods as asked for, no fewer, no more. It keeps ReplicationControllers too, which say
//! the same in an older form.
//!
//! Models kubernetes `pkg/controller/replicaset/replica_set.go` and `replica_set_utils.go`: claim the Pods, create or
//! delete the difference (creation in batches that double while they succeed), report the status of what was there
//! before; and `pkg/controller/replication/conversion.go`. *Differs:* no expectations, since what it reads is never stale.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use k8s_openapi::api::apps::v1::{ReplicaSetCondition, ReplicaSetSpec, ReplicaSetStatus};
use k8s_openapi::api::core::v1::PodStatus;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::owner::{claim, controller_ref};
use super::pods::{Candidate, deletion_order, is_finished, is_ready, pod_body, ready_since};
use super::{Controller, Requeue, nonzero};
use crate::manifest::{encode, fill};
use crate::object::value::look::number;
use crate::object::{
    Body, Key, Kind, Name, Object, PodBody, Reason, StatusError, labels_match, selector_matches,
};
use crate::order;
use crate::store::{Change, Client, DeleteOptions, EventType, Store};
use crate::time::{Duration, Time};

/// The controller's line in the list.
pub const REPLICASET: Controller =
    Controller { name: "replicaset-controller", keys: set_keys, reconcile, cloud: false };

/// The same for ReplicationControllers.
pub const REPLICATION_CONTROLLER: Controller =
    Controller { name: "replication-controller", keys: rc_keys, reconcile, cloud: false };

/// After how many created Pods the status is written, and how many are chosen for deletion at once (`BurstReplicas`).
const BURST_REPLICAS: u32 = 500;

fn set_keys(change: &Change, store: &Store) -> Vec<Key> {
    keys(Kind::ReplicaSet, change, store)
}

fn rc_keys(change: &Change, store: &Store) -> Vec<Key> {
    keys(Kind::ReplicationController, change, store)
}

/// The sets of a kind that a change concerns.
fn keys(kind: Kind, change: &Change, store: &Store) -> Vec<Key> {
    if change.key.kind == kind {
        return if only_status_changed(change) { Vec::new() } else { vec![change.key.clone()] };
    }
    if change.key.kind != Kind::Pod || !pod_matters(change) {
        return Vec::new();
    }
    let mut keys: Vec<Key> = [&change.before, &change.after]
        .into_iter()
        .flatten()
        .filter_map(|pod| owner_key(kind, pod))
        .collect();
    keys.dedup();
    if keys.is_empty() {
        keys = sets_selecting(kind, change.object(), store);
    }
    keys
}

/// Whether an update of a set touched its status alone, which nobody but this controller writes.
fn only_status_changed(change: &Change) -> bool {
    let (Some(before), Some(after)) = (&change.before, &change.after) else { return false };
    let same = match (&before.body, &after.body) {
        (Body::ReplicaSet(old), Body::ReplicaSet(new)) => Arc::ptr_eq(&old.spec, &new.spec),
        (Body::Value(old), Body::Value(new)) => Arc::ptr_eq(&old.fields, &new.fields),
        _ => false,
    };
    same && before.meta == after.meta
}

/// Whether anything changed of which a set takes account; its reconcile would do nothing otherwise.
fn pod_matters(change: &Change) -> bool {
    let (Some(before), Some(after)) = (&change.before, &change.after) else { return true };
    let (Some(old), Some(new)) = (pod_body(before), pod_body(after)) else { return false };
    (!Arc::ptr_eq(&before.meta, &after.meta) && before.meta != after.meta)
        || is_finished(old) != is_finished(new)
        || is_ready(old) != is_ready(new)
}

fn owner_key(kind: Kind, pod: &Object) -> Option<Key> {
    let owner = pod.controller().filter(|owner| owner.kind == kind.info().name)?;
    Some(Key::new(kind, pod.namespace(), owner.name.as_str()))
}

/// The sets that might adopt an orphan.
fn sets_selecting(kind: Kind, pod: &Object, store: &Store) -> Vec<Key> {
    if pod.controller().is_some() {
        return Vec::new();
    }
    store
        .list(kind, Some(pod.namespace()))
        .filter(|set| match (set.as_replica_set(), set.as_value()) {
            (Some(body), _) => selector_matches(&body.spec.selector, pod.meta.labels.as_ref()),
            (None, Some(body)) => selector_matches(&body.selector(), pod.meta.labels.as_ref()),
            (None, None) => false,
        })
        .map(|set| set.key())
        .collect()
}

fn reconcile(client: &mut Client<'_>, key: &Key) -> Requeue {
    let Some(set) = client.store().get(key).cloned() else { return Requeue::No };
    let Some((spec, old)) = as_set(&set) else { return Requeue::No };
    if needs_claiming(client.store(), &set, &spec) {
        claim(client, &set, &spec.selector, Kind::Pod, runs);
    }
    let mut counts = count(client.store(), &set, &spec, client.now());
    let managed =
        if set.terminating() { Ok(Requeue::No) } else { manage(client, &set, &spec, &counts) };
    // Upstream reports after every burst; between them it is in the middle of its work.
    let burst = counts.replicas.abs_diff(old.replicas) >= BURST_REPLICAS;
    if let Ok(requeue @ (Requeue::Throttled | Requeue::NextBatch)) = managed
        && !burst
    {
        return requeue;
    }
    if client.turn() > 0 && !burst {
        counts.as_reported(&old);
    }
    let status = new_status(&set, &old, &counts, managed.as_ref().err(), client.now());
    let written = if *old == status {
        Ok(set)
    } else {
        client.update_status(key, |body| match body {
            Body::Value(body) => body.status = Arc::new(encode(&status)),
            other => {
                if let Some(body) = other.replica_set_mut() {
                    body.status = status.into();
                }
            }
        })
    };
    match (managed, written) {
        (Ok(Requeue::No), Ok(_)) => counts.next_available.map_or(Requeue::No, Requeue::After),
        (Ok(requeue), Ok(_)) => requeue,
        _ => Requeue::BackOff,
    }
}

/// What a set wants and what was said of it; a ReplicationController in the form of a ReplicaSet.
fn as_set(set: &Object) -> Option<(Arc<ReplicaSetSpec>, Arc<ReplicaSetStatus>)> {
    if let Some(body) = set.as_replica_set() {
        return Some((Arc::clone(&body.spec), Arc::clone(&body.status)));
    }
    let body = set.as_value()?;
    let number = |field: &str| number(body.spec(), field).and_then(|one| i32::try_from(one).ok());
    let spec = ReplicaSetSpec {
        min_ready_seconds: number("minReadySeconds"),
        replicas: number("replicas"),
        selector: body.selector(),
        template: body.template(),
    };
    let mut status: ReplicaSetStatus = fill(&body.status);
    // That is not told of a ReplicationController, so that it never differs.
    status.terminating_replicas = None;
    Some((Arc::new(spec), Arc::new(status)))
}

/// Whether there are Pods to adopt, or Pods to let go of since the selector does not select them any more.
fn needs_claiming(store: &Store, set: &Object, spec: &ReplicaSetSpec) -> bool {
    let selected = |object: &Object| selector_matches(&spec.selector, object.meta.labels.as_ref());
    let mut orphans = store.orphans(Kind::Pod, set.namespace());
    if orphans.any(|pod| runs(pod) && !pod.terminating() && selected(pod)) {
        return true;
    }
    !store.counts_of(set.uid()).iter().all(|alike| selected(&alike.example))
}

/// Whether a Pod has not run to its end; others are neither adopted nor counted.
fn runs(pod: &Object) -> bool {
    pod_body(pod).is_some_and(|body| !is_finished(body))
}

/// Creates or deletes the difference to what is asked for, as far as calls are allowed and have been answered; says
/// how it goes on. The error is the first refusal.
fn manage(
    client: &mut Client<'_>,
    set: &Arc<Object>,
    spec: &ReplicaSetSpec,
    counts: &Counts,
) -> Result<Requeue, (&'static str, StatusError)> {
    let chosen = client.take_rest();
    if !chosen.is_empty() {
        return delete_pods(client, set, chosen).map_err(|refused| ("FailedDelete", refused));
    }
    let (wanted, there) = (spec.replicas.unwrap_or(1), counts.replicas);
    let count = wanted.abs_diff(there);
    match there.cmp(&wanted) {
        Ordering::Less => {
            create_pods(client, set, spec, count).map_err(|refused| ("FailedCreate", refused))
        }
        Ordering::Greater => {
            let chosen = least_missed(client, set, count.min(BURST_REPLICAS));
            delete_pods(client, set, chosen).map_err(|refused| ("FailedDelete", refused))
        }
        Ordering::Equal => Ok(Requeue::No),
    }
}

/// Creates Pods one, two, four... at a time, each batch when the one before it is there; one with a refusal is the last
/// (`slowStartBatch`).
fn create_pods(
    client: &mut Client<'_>,
    set: &Arc<Object>,
    spec: &ReplicaSetSpec,
    count: u32,
) -> Result<Requeue, StatusError> {
    let mut pattern = pod_from_template(client.store(), set, spec);
    let batch = 1_u32.checked_shl(client.turn()).unwrap_or(u32::MAX).min(count);
    let mut refusal = None;
    for _ in 0..batch {
        if refusal.is_none() && !client.may_call() {
            return Ok(Requeue::Throttled);
        }
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
    match refusal {
        Some(error) => Err(error),
        None if batch < count => Ok(Requeue::NextBatch),
        None => Ok(Requeue::No),
    }
}

/// Lets the next Pod start from the spec of one that was admitted, so that siblings share it.
fn share_spec(pattern: &mut Object, admitted: &Object) {
    if let (Body::Pod(pattern), Body::Pod(admitted)) = (&mut pattern.body, &admitted.body) {
        pattern.shared = Arc::clone(&admitted.shared);
    }
}

/// A Pod as the template says (`GetPodFromTemplate`).
fn pod_from_template(store: &Store, set: &Object, spec: &ReplicaSetSpec) -> Object {
    let template = spec.template.as_ref();
    let from = template.and_then(|template| template.metadata.clone()).unwrap_or_default();
    let meta = ObjectMeta {
        generate_name: Some(format!("{}-", set.name())),
        namespace: set.meta.namespace.clone(),
        labels: from.labels,
        annotations: from.annotations,
        finalizers: from.finalizers,
        owner_references: Some(vec![controller_ref(set)]),
        ..ObjectMeta::default()
    };
    let spec = template.and_then(|template| template.spec.as_ref());
    let body = match spec.and_then(|spec| store.admitted_before(set.namespace(), spec)) {
        Some(shared) => PodBody { shared, ..PodBody::default() },
        None => PodBody::from_spec(spec.cloned().unwrap_or_default(), PodStatus::default()),
    };
    Object::new(meta, Body::Pod(body))
}

/// The Pods that are missed least.
#[inline(never)]
fn least_missed(client: &Client<'_>, set: &Object, count: u32) -> Vec<Key> {
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    let mut candidates = ranked(client.store(), set);
    if count < candidates.len() {
        let now = client.now();
        order::sort_by(&mut candidates, |a, b| deletion_order(a, b, now));
    }
    candidates.into_iter().take(count).map(|candidate| candidate.pod.key()).collect()
}

/// Deletes Pods that were chosen; some may be left for later.
#[inline(never)]
fn delete_pods(
    client: &mut Client<'_>,
    set: &Arc<Object>,
    chosen: Vec<Key>,
) -> Result<Requeue, StatusError> {
    let (mut refusal, mut chosen) = (None, chosen.into_iter());
    while client.may_call()
        && let Some(key) = chosen.next()
    {
        match client.delete(&key, &DeleteOptions::default()) {
            Ok(_) => {
                let message = format!("Deleted pod: {}", key.name);
                client.record(set, EventType::Normal, "SuccessfulDelete", message);
            }
            Err(error) if error.reason == Reason::NotFound => {}
            Err(error) => {
                let message = format!("Error deleting: {error}");
                client.record(set, EventType::Warning, "FailedDelete", message);
                refusal.get_or_insert(error);
            }
        }
    }
    if let Some(error) = refusal {
        return Err(error);
    }
    let rest: Vec<Key> = chosen.collect();
    let requeue = if rest.is_empty() { Requeue::No } else { Requeue::Throttled };
    client.leave_rest(rest);
    Ok(requeue)
}

/// The active Pods, each with the number of active Pods of all sets of the same owner on its node.
fn ranked(store: &Store, set: &Object) -> Vec<Candidate> {
    let family: Vec<&str> = match set.controller() {
        Some(owner) => store
            .owned_by(&owner.uid)
            .filter(|sibling| sibling.kind() == Kind::ReplicaSet)
            .filter(|sibling| sibling.controller().is_some_and(|one| one.uid == owner.uid))
            .map(|sibling| sibling.uid())
            .collect(),
        None => vec![set.uid()],
    };
    let node = |pod: &Object| pod.as_pod().and_then(|body| body.own.node_name.clone());
    let mut on_node = BTreeMap::<Name, usize>::new();
    for pod in family.into_iter().flat_map(|uid| active_pods(store, uid)) {
        if let Some(name) = node(pod) {
            *on_node.entry(name).or_default() += 1;
        }
    }
    active_pods(store, set.uid())
        .map(|pod| Candidate {
            rank: node(pod).and_then(|name| on_node.get(&name).copied()).unwrap_or(0),
            pod: Arc::clone(pod),
        })
        .collect()
}

/// The Pods of an owner that count: neither at their end nor being deleted.
fn active_pods<'a>(store: &'a Store, uid: &'a str) -> impl Iterator<Item = &'a Arc<Object>> {
    let controlled = move |pod: &Object| pod.controller().is_some_and(|owner| owner.uid == uid);
    store.owned_by(uid).filter(move |pod| runs(pod) && !pod.terminating() && controlled(pod))
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

impl Counts {
    /// What was counted before the first batch of Pods was created: upstream's status of that round says no more.
    fn as_reported(&mut self, status: &ReplicaSetStatus) {
        self.replicas = status.replicas;
        self.fully_labeled = status.fully_labeled_replicas.unwrap_or(0);
        self.ready = status.ready_replicas.unwrap_or(0);
        self.available = status.available_replicas.unwrap_or(0);
        self.terminating = status.terminating_replicas.unwrap_or(0);
    }
}

fn count(store: &Store, set: &Object, spec: &ReplicaSetSpec, now: Time) -> Counts {
    let template = spec.template.as_ref().and_then(|template| template.metadata.as_ref());
    let wanted = template.and_then(|meta| meta.labels.as_ref());
    let labeled =
        |pod: &Object| wanted.is_none_or(|wanted| labels_match(wanted, pod.meta.labels.as_ref()));
    let mut counts = Counts::default();
    for alike in store.counts_of(set.uid()) {
        counts.replicas += alike.active;
        counts.fully_labeled += if labeled(&alike.example) { alike.active } else { 0 };
        counts.ready += alike.ready;
        counts.terminating += alike.terminating;
    }
    let min_ready = spec.min_ready_seconds.unwrap_or(0).max(0).unsigned_abs();
    if min_ready == 0 {
        counts.available = counts.ready;
        return counts;
    }
    for pod in active_pods(store, set.uid()) {
        let Some(since) = pod_body(pod).and_then(ready_since) else { continue };
        let available_at = since + Duration::from_secs(min_ready.into());
        if available_at <= now {
            counts.available += 1;
        } else {
            let wait = available_at - now;
            let sooner = counts.next_available.map_or(wait, |earlier| earlier.min(wait));
            counts.next_available = Some(sooner);
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
    // Nobody is told of a ReplicationController's Pods that are being deleted.
    let told = set.kind() == Kind::ReplicaSet;
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
        terminating_replicas: told.then_some(counts.terminating),
        observed_generation: set.meta.generation,
        conditions: (!conditions.is_empty()).then_some(conditions),
    }
}
