//! The namespace controller: empties a namespace that is being deleted, then lets it go.
//!
//! Models kubernetes `pkg/controller/namespace/namespace_controller.go` and
//! `deletion/namespaced_resources_deleter.go`: waits five seconds, deletes Pods first and everything else once they are
//! gone (ordered deletion), looks again after half the longest grace period, and removes its finalizer last.
//! *Differs:* the conditions that tell what remains are not reported.

use super::pods::{is_finished, pod_body};
use super::{Controller, Requeue};
use crate::object::{KINDS, Key, Kind, Object};
use crate::store::{Change, Client, DeleteOptions, Store};
use crate::time::{Duration, Time};

/// The controller's line in the list.
pub const NAMESPACE: Controller =
    Controller { name: "namespace-controller", keys, reconcile, cloud: false };

/// How long a deletion rests before it is worked on (`namespaceDeletionGracePeriod`).
const DELETION_GRACE: Duration = Duration::from_secs(5);

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
    if let Some(estimate) = delete_all(client, Kind::Pod, &key.name, age) {
        return Requeue::After(estimate / 2 + Duration::from_secs(1));
    }
    let others = KINDS.iter().filter(|info| info.namespaced && info.kind != Kind::Pod);
    let left = others.filter_map(|info| delete_all(client, info.kind, &key.name, age)).max();
    if let Some(estimate) = left {
        return Requeue::After(estimate / 2 + Duration::from_secs(1));
    }
    match client.finalize_namespace(&key.name) {
        Ok(_) => Requeue::No,
        Err(_) => Requeue::BackOff,
    }
}

/// Deletes the objects of a kind. If any remain, how long that may take.
fn delete_all(
    client: &mut Client<'_>,
    kind: Kind,
    namespace: &str,
    age: Duration,
) -> Option<Duration> {
    let objects: Vec<_> = client.store().list(kind, Some(namespace)).cloned().collect();
    // What finalizers hold back is looked at again after 15 s (`finalizerEstimateSeconds`).
    let grace =
        objects.iter().filter_map(|object| grace(object)).max().filter(|grace| *grace > age);
    for object in objects {
        // What is gone by now is as good as deleted; what is refused remains and is seen below.
        drop(client.delete(&object.key(), &DeleteOptions::default()));
    }
    client.store().list(kind, Some(namespace)).next()?;
    Some(grace.unwrap_or(Duration::from_secs(15)))
}

/// How long a running Pod may take to end.
fn grace(object: &Object) -> Option<Duration> {
    let pod = pod_body(object).filter(|pod| !is_finished(pod))?;
    let secs = pod.shared.termination_grace_period_seconds?;
    Some(Duration::from_secs(u64::try_from(secs).ok()?))
}
