//! The TTL-after-finished controller: a Job that ended goes when its time is over.
//!
//! Models kubernetes `pkg/controller/ttlafterfinished/ttlafterfinished_controller.go`.

use serde_json::Value;

use super::job::finished_by;
use super::{Controller, Requeue};
use crate::object::{Key, Kind, Object, Reason};
use crate::store::{Change, Client, DeleteOptions, Propagation, Store};
use crate::time::{Duration, Time};

/// The controller's line in the list.
pub const TTL_AFTER_FINISHED: Controller =
    Controller { name: "ttl-after-finished-controller", keys, reconcile, cloud: false };

fn keys(change: &Change, _: &Store) -> Vec<Key> {
    let due = change.after.as_ref().is_some_and(|job| expires(job).is_some());
    if due { vec![change.key.clone()] } else { Vec::new() }
}

/// When a Job goes, if it is to.
fn expires(job: &Object) -> Option<Time> {
    if job.kind() != Kind::Job || job.terminating() {
        return None;
    }
    let after = job.as_value()?.spec().get("ttlSecondsAfterFinished").and_then(Value::as_u64)?;
    let (_, since) = finished_by(job)?;
    Some(since? + Duration::from_secs(after))
}

fn reconcile(client: &mut Client<'_>, key: &Key) -> Requeue {
    let Some(job) = client.store().get(key).cloned() else { return Requeue::No };
    let Some(at) = expires(&job) else { return Requeue::No };
    if at > client.now() {
        return Requeue::After(at - client.now());
    }
    let options = DeleteOptions {
        propagation: Propagation::Foreground,
        uid: Some(job.uid().to_owned()),
        ..DeleteOptions::default()
    };
    match client.delete(key, &options) {
        Err(error) if error.reason != Reason::NotFound => Requeue::BackOff,
        _ => Requeue::No,
    }
}
