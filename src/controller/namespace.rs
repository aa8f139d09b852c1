//! The namespace controller: empties a namespace that is being deleted, then lets it go.
//!
//! Models kubernetes `pkg/controller/namespace/namespace_controller.go` and
//! `deletion/namespaced_resources_deleter.go`: waits five seconds, deletes Pods first and everything else once they are
//! gone (ordered deletion), looks again after half the longest grace period, and removes its finalizer last.
//! *Differs:* the conditions that tell what remains are not reported.

use super::pods::{is_finished, pod_body};
use super::{Controller, Requeue};
use crate::object::{Key, Kind, KindInfo, Object};
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
    let mut longest = None;
    for kind in kinds {
        match delete_all(client, kind, &key.name, age) {
            Left::Nothing => {}
            Left::More => return Requeue::After(PIECE_TIME),
            Left::Waiting(estimate) => longest = longest.max(Some(estimate)),
        }
        // Pods go first; the rest once they are gone.
        if longest.is_some() && kind == Kind::Pod {
            break;
        }
    }
    if let Some(estimate) = longest {
        return Requeue::After(estimate / 2 + Duration::from_secs(1));
    }
    match client.finalize_namespace(&key.name) {
        Ok(_) => Requeue::No,
        Err(_) => Requeue::BackOff,
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
