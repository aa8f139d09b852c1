//! The Job controller: Pods until as many have succeeded as are wanted, or too many have failed.
//!
//! Keys are Jobs, and Pods that carry the tracking finalizer though no Job will count them any more. A Job that was changed
//! is looked at at once; what its Pods do is gathered for a second. Models kubernetes `pkg/controller/job/job_controller.go`.

mod backoff;
mod facts;
mod indexes;
mod pods;
mod policy;
mod status;
mod sync;
#[cfg(test)]
mod testing;
mod verdict;

use std::sync::Arc;

use self::facts::{JobPod, Spec, TRACKING_FINALIZER, is_tracked};
use self::status::Status;
use super::owner::{claim, is_controlled_by};
use super::{Controller, Requeue};
use crate::object::{Key, Kind, Object, selector_matches};
use crate::store::{Change, Client, Store};
use crate::time::Duration;

/// The controller's line in the list.
pub const JOB: Controller = Controller { name: "job-controller", keys, reconcile, cloud: false };

/// How long what a change makes due may wait for more of its kind (`enqueueSyncJobBatched`).
pub(super) fn batch(change: &Change, key: &Key) -> Duration {
    let generation = |job: &Option<Arc<Object>>| job.as_ref().map(|job| job.meta.generation);
    let spec_changed =
        change.key.kind == Kind::Job && generation(&change.before) != generation(&change.after);
    if key.kind == Kind::Job && !spec_changed { sync::BATCH_PERIOD } else { Duration::ZERO }
}

fn keys(change: &Change, store: &Store) -> Vec<Key> {
    match change.key.kind {
        Kind::Job => {
            let job = change.object();
            let mut keys = vec![change.key.clone()];
            if change.after.is_none() || is_finished(job) {
                let pods = store.owned_by(job.uid());
                keys.extend(pods.filter(|pod| is_tracked(pod)).map(|pod| pod.key()));
            }
            keys
        }
        Kind::Pod => pod_keys(change, store),
        _ => Vec::new(),
    }
}

fn pod_keys(change: &Change, store: &Store) -> Vec<Key> {
    let pod = change.object();
    let owned = [&change.before, &change.after].into_iter().flatten();
    let mut keys: Vec<Key> = owned.filter_map(|pod| owner_key(pod)).collect();
    keys.dedup();
    let gone = |key: &Key| store.get(key).is_none_or(|job| is_finished(job));
    if is_tracked(pod) && change.after.is_some() && keys.iter().all(gone) {
        keys.push(change.key.clone());
    }
    if pod.controller().is_none() && change.after.is_some() {
        let selects = |job: &&Arc<Object>| {
            job.as_value()
                .is_some_and(|body| selector_matches(&body.selector(), pod.meta.labels.as_ref()))
        };
        keys.extend(
            store.list(Kind::Job, Some(pod.namespace())).filter(selects).map(|job| job.key()),
        );
    }
    keys
}

fn owner_key(pod: &Object) -> Option<Key> {
    let owner = pod.controller().filter(|owner| owner.kind == "Job")?;
    Some(Key::new(Kind::Job, pod.namespace(), owner.name.as_str()))
}

/// Whether a Job has run to its end: `Complete` or `Failed`.
pub(super) fn is_finished(job: &Object) -> bool {
    finished_by(job).is_some()
}

/// The condition with which a Job ended, and since when.
pub fn finished_by(job: &Object) -> Option<(String, Option<crate::time::Time>)> {
    let status = Status::read(&job.as_value()?.status);
    let end = status.holds("Complete").or_else(|| status.holds("Failed"))?;
    Some((end.type_.clone(), end.since))
}

fn reconcile(client: &mut Client<'_>, key: &Key) -> Requeue {
    let Some(object) = client.store().get(key).cloned() else { return Requeue::No };
    if key.kind == Kind::Pod {
        return let_orphan_go(client, &object);
    }
    let Some(body) = object.as_value() else { return Requeue::No };
    if Spec(body.spec()).managed_elsewhere() || is_finished(&object) {
        return Requeue::No;
    }
    let mut rest = client.take_rest();
    if rest.first().is_some_and(|key| key.kind == Kind::Pod) {
        // They are named in the status as about to be counted.
        match pods::release(client, std::mem::take(&mut rest)) {
            Ok(left) if left.is_empty() => {}
            Ok(left) => {
                client.leave_rest(left);
                return Requeue::Throttled;
            }
            Err(_) => return Requeue::BackOff,
        }
    }
    let pods = claimed(client, &object);
    sync::sync(client, &object, body, pods, &rest)
}

/// The Pods of a Job; orphans that it adopts are to be counted too.
fn claimed(client: &mut Client<'_>, job: &Arc<Object>) -> Vec<JobPod> {
    let Some(body) = job.as_value() else { return Vec::new() };
    let owned: Vec<Key> = client.store().owned_by(job.uid()).map(|pod| pod.key()).collect();
    let mut pods = claim(client, job, &body.selector(), Kind::Pod, |_| true);
    for pod in pods.iter_mut().filter(|pod| !owned.contains(&pod.key())) {
        let tracked = client.modify(&pod.key(), |pod| {
            let finalizers = Arc::make_mut(&mut pod.meta).finalizers.get_or_insert_default();
            finalizers.push(TRACKING_FINALIZER.to_owned());
        });
        if let Ok(tracked) = tracked {
            *pod = tracked;
        }
    }
    pods.iter().filter_map(JobPod::new).collect()
}

/// A Pod that no Job will count loses the finalizer (`syncOrphanPod`).
fn let_orphan_go(client: &mut Client<'_>, pod: &Object) -> Requeue {
    if let Some(owner) = pod.controller() {
        let job = owner_key(pod).and_then(|key| client.store().get(&key));
        let counts = job.is_some_and(|job| {
            let elsewhere =
                job.as_value().is_some_and(|body| Spec(body.spec()).managed_elsewhere());
            is_controlled_by(pod, job) && (elsewhere || !is_finished(job))
        });
        if owner.kind != "Job" || counts {
            return Requeue::No;
        }
    }
    match pods::remove_finalizer(client, &pod.key()) {
        Ok(()) => Requeue::No,
        Err(_) => Requeue::BackOff,
    }
}
