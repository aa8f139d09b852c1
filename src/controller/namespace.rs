//! The namespace controller: empties a namespace that is being deleted, then lets it go.
//!
//! Models kubernetes `pkg/controller/namespace/namespace_controller.go` and
//! `deletion/namespaced_resources_deleter.go`: waits five seconds, deletes Pods first and everything else once they are
//! gone (ordered deletion), looks again after half the longest grace period, and removes its finalizer last. What holds it
//! up stands in its conditions (`deletion/status_condition_utils.go`), but for Pods, which are waited for in silence.

use std::sync::Arc;

use k8s_openapi::api::core::v1::NamespaceCondition;

use super::pods::{is_finished, pod_body};
use super::{Controller, Requeue};
use crate::object::{Body, Key, Kind, KindInfo, Object};
use crate::store::{Change, Client, DeleteOptions, Store};
use crate::time::{Duration, Time};

/// The controller's line in the list.
pub const NAMESPACE: Controller =
    Controller { name: "namespace-controller", keys, reconcile, cloud: false };

/// How long a deletion rests before it is worked on (`namespaceDeletionGracePeriod`).
const DELETION_GRACE: Duration = Duration::from_secs(5);

/// How many objects the API server deletes of a collection at a time, and how long that takes it.
const PIECE: usize = 50;
const PIECE_TIME: Duration = Duration::from_millis(10);

fn keys(change: &Change, _store: &Store) -> Vec<Key> {
    let deleted = change.key.kind == Kind::Namespace
        && change.after.as_ref().is_some_and(|namespace| namespace.terminating());
    if deleted { vec![change.key.clone()] } else { Vec::new() }
}

fn reconcile(client: &mut Client<'_>, key: &Key) -> Requeue {
    let Some(namespace) = client.store().get(key).cloned() else { return Requeue::No };
    let Some(deleted_at) = namespace.meta.deletion_timestamp.as_ref().map(Time::from) else {
        return Requeue::No;
    };
    let age = client.now() - deleted_at;
    if age < DELETION_GRACE {
        return Requeue::After(DELETION_GRACE.saturating_sub(age));
    }
    let others = client.store().kinds().filter(|info| info.namespaced && info.kind() != Kind::Pod);
    let kinds: Vec<Kind> = std::iter::once(Kind::Pod).chain(others.map(KindInfo::kind)).collect();
    let (mut longest, mut left) = (None, Vec::new());
    for kind in kinds {
        match delete_all(client, kind, &key.name, age) {
            Left::Nothing => {}
            Left::More => return Requeue::After(PIECE_TIME),
            Left::Waiting(estimate) => {
                longest = longest.max(Some(estimate));
                left.push(kind);
            }
        }
        // Pods go first; the rest once they are gone.
        if longest.is_some() && kind == Kind::Pod {
            left.clear();
            break;
        }
    }
    let conditions = conditions(client.store(), &key.name, &left);
    let now = client.now();
    // A namespace that is gone by now needs none.
    drop(client.update_status(key, |body| {
        if let Body::Namespace(body) = body {
            let before = Arc::make_mut(&mut body.status).conditions.get_or_insert_default();
            set_conditions(before, conditions, now);
        }
    }));
    if let Some(estimate) = longest {
        return Requeue::After(estimate / 2 + Duration::from_secs(1));
    }
    match client.finalize_namespace(&key.name) {
        Ok(_) => Requeue::No,
        Err(_) => Requeue::BackOff,
    }
}

/// A condition: type, whether it holds, reason, message.
type Condition = (&'static str, bool, &'static str, String);

/// What there is to say of what is left.
fn conditions(store: &Store, namespace: &str, left: &[Kind]) -> [Condition; 5] {
    let (mut resources, mut finalizers) = (Vec::new(), Vec::new());
    for kind in left {
        let info = kind.info();
        let mut count = 0;
        for object in store.list(*kind, Some(namespace)) {
            count += 1;
            finalizers.extend(object.meta.finalizers.iter().flatten().cloned());
        }
        resources.push(format!("{}.{} has {count} resource instances", info.plural, info.group));
    }
    crate::order::sort(&mut resources);
    crate::order::sort(&mut finalizers);
    let held = finalizers.chunk_by(|one, other| one == other);
    let held = held
        .filter_map(|all| Some(format!("{} in {} resource instances", all.first()?, all.len())));
    let held: Vec<String> = held.collect();
    let gone = || ("ContentRemoved", "All content successfully removed".to_owned());
    let remaining = match resources.as_slice() {
        [] => gone(),
        all => ("SomeResourcesRemain", format!("Some resources are remaining: {}", all.join(", "))),
    };
    let finalizing = match held.as_slice() {
        [] => gone(),
        all => {
            let all = all.join(", ");
            let text = format!("Some content in the namespace has finalizers remaining: {all}");
            ("SomeFinalizersRemain", text)
        }
    };
    let fine = |kind, reason, text: &str| (kind, false, reason, text.to_owned());
    [
        fine(
            "NamespaceDeletionDiscoveryFailure",
            "ResourcesDiscovered",
            "All resources successfully discovered",
        ),
        fine(
            "NamespaceDeletionGroupVersionParsingFailure",
            "ParsedGroupVersions",
            "All legacy kube types successfully parsed",
        ),
        fine(
            "NamespaceDeletionContentFailure",
            "ContentDeleted",
            "All content successfully deleted, may be waiting on finalization",
        ),
        ("NamespaceContentRemaining", !resources.is_empty(), remaining.0, remaining.1),
        ("NamespaceFinalizersRemaining", !held.is_empty(), finalizing.0, finalizing.1),
    ]
}

/// Brings the conditions up to date (`updateConditions`).
fn set_conditions(all: &mut Vec<NamespaceCondition>, wanted: [Condition; 5], now: Time) {
    for (type_, holds, reason, message) in wanted {
        let status = if holds { "True" } else { "False" };
        let at = all.iter().position(|one| one.type_ == type_);
        let since = at.and_then(|at| all.get(at)).filter(|one| one.status == status);
        let condition = NamespaceCondition {
            type_: type_.to_owned(),
            status: status.to_owned(),
            reason: Some(reason.to_owned()),
            message: Some(message),
            last_transition_time: since
                .map_or_else(|| Some(now.to_meta()), |one| one.last_transition_time.clone()),
        };
        match at.and_then(|at| all.get_mut(at)) {
            Some(one) => *one = condition,
            None => all.push(condition),
        }
    }
}

/// What is left of a kind.
enum Left {
    /// Nothing.
    Nothing,
    /// What the API server has not come to yet.
    More,
    /// What ends by itself, and how long that may take.
    Waiting(Duration),
}

/// Deletes the objects of a kind, so many at a time.
fn delete_all(client: &mut Client<'_>, kind: Kind, namespace: &str, age: Duration) -> Left {
    let objects = || client.store().list(kind, Some(namespace));
    // What finalizers hold back is looked at again after 15 s (`finalizerEstimateSeconds`).
    let grace = objects().filter_map(|object| grace(object)).max().filter(|grace| *grace > age);
    let fresh = objects().filter(|object| !object.terminating());
    let fresh: Vec<Key> = fresh.take(PIECE).map(|object| object.key()).collect();
    for key in &fresh {
        // What is gone by now is as good as deleted; what is refused remains and is seen below.
        drop(client.delete(key, &DeleteOptions::default()));
    }
    if client.store().list(kind, Some(namespace)).next().is_none() {
        Left::Nothing
    } else if fresh.len() == PIECE {
        Left::More
    } else {
        Left::Waiting(grace.unwrap_or(Duration::from_secs(15)))
    }
}

/// How long a running Pod may take to end.
fn grace(object: &Object) -> Option<Duration> {
    let pod = pod_body(object).filter(|pod| !is_finished(pod))?;
    let secs = pod.shared.termination_grace_period_seconds?;
    Some(Duration::from_secs(u64::try_from(secs).ok()?))
}
