//! The Deployment controller: keeps one ReplicaSet per pod template and moves Pods from the old to the new.
//!
//! Models kubernetes `pkg/controller/deployment/deployment_controller.go` (`syncDeployment`). Each reconcile does the
//! next safe thing: scale if the wish changed, otherwise roll (`rolling`, `recreate`), and reports what it saw
//! *before* its own writes, as upstream does.

mod annotations;
mod bounds;
mod progress;
mod recreate;
mod rolling;
mod rollout;
mod scale;
mod status;

pub(super) use annotations::{FNV_BASIS, FNV_PRIME, safe_encode, template_hash};
pub(super) use bounds::scaled;
pub use bounds::{Bounds, rolling_update_bounds};

use std::sync::Arc;

use self::rollout::Rollout;
use super::{Controller, Requeue};
use crate::object::{Body, Key, Kind, Object, StatusError, selector_matches, selects_everything};
use crate::store::{Change, Client, EventType, Store};

/// The controller's line in the list.
pub const DEPLOYMENT: Controller =
    Controller { name: "deployment-controller", keys, reconcile, cloud: false };

#[expect(clippy::wildcard_enum_match_arm, reason = "only a few kinds concern a controller")]
fn keys(change: &Change, store: &Store) -> Vec<Key> {
    match change.key.kind {
        Kind::Deployment => vec![change.key.clone()],
        Kind::ReplicaSet => {
            let mut keys: Vec<Key> = [&change.before, &change.after]
                .into_iter()
                .flatten()
                .filter_map(|set| owner_key(set))
                .collect();
            keys.dedup();
            if keys.is_empty() { deployments_selecting(change.object(), store) } else { keys }
        }
        Kind::Pod if change.after.is_none() => last_pod_gone(change, store).into_iter().collect(),
        _ => Vec::new(),
    }
}

fn owner_key(set: &Object) -> Option<Key> {
    let owner = set.controller().filter(|owner| owner.kind == "Deployment")?;
    Some(Key::new(Kind::Deployment, set.namespace(), owner.name.as_str()))
}

/// The Deployments that might adopt an orphaned ReplicaSet.
fn deployments_selecting(set: &Object, store: &Store) -> Vec<Key> {
    store
        .list(Kind::Deployment, Some(set.namespace()))
        .filter(|deployment| {
            deployment
                .as_deployment()
                .is_some_and(|body| selector_matches(&body.spec.selector, set.meta.labels.as_ref()))
        })
        .map(|deployment| deployment.key())
        .collect()
}

/// A `Recreate` Deployment waits for the last of its old Pods to be gone.
fn last_pod_gone(change: &Change, store: &Store) -> Option<Key> {
    let pod = change.object();
    let owner = pod.controller().filter(|owner| owner.kind == "ReplicaSet")?;
    let set = store.get(&Key::new(Kind::ReplicaSet, pod.namespace(), owner.name.as_str()))?;
    let key = owner_key(set)?;
    let Body::Deployment(body) = &store.get(&key)?.body else { return None };
    recreate::is_wanted(&body.spec).then_some(key)
}

fn reconcile(client: &mut Client<'_>, key: &Key) -> Requeue {
    let Some(deployment) = client.store().get(key).cloned() else { return Requeue::No };
    match sync(client, &deployment) {
        Ok(requeue) => requeue,
        Err(_) => Requeue::BackOff,
    }
}

fn sync(client: &mut Client<'_>, deployment: &Arc<Object>) -> Result<Requeue, StatusError> {
    let Body::Deployment(body) = &deployment.body else { return Ok(Requeue::No) };
    if selects_everything(&body.spec.selector) {
        let message = "This deployment is selecting all pods. A non-empty selector is required.";
        client.record(deployment, EventType::Warning, "SelectingAll", message);
        return Ok(Requeue::No);
    }
    let mut rollout = Rollout::gather(client, deployment, body);
    if deployment.terminating() {
        rollout.find_new_set(false)?;
        return rollout.sync_status().map(|()| Requeue::No);
    }
    rollout.check_paused()?;
    if rollout.spec.paused == Some(true) || rollout.is_scaling_event()? {
        return rollout.sync_scale().map(|()| Requeue::No);
    }
    if recreate::is_wanted(&rollout.spec) { rollout.recreate() } else { rollout.roll() }
}
