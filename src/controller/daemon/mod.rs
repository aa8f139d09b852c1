//! The DaemonSet controller: one Pod on every node that should have one.
//!
//! Models kubernetes `pkg/controller/daemon/daemon_controller.go` (`syncDaemonSet`, `manage`, `podsShouldBeOnNode`).
//! Pods name their node in their affinity and are bound by the scheduler. *Differs:* no expectations, since what it reads
//! is never stale; a failed Pod is replaced a second after it was made at the soonest, without a growing delay.

mod history;
mod nodes;
mod status;
mod update;

use std::sync::Arc;

use k8s_openapi::api::apps::v1::{DaemonSetSpec, DaemonSetStatus};

use self::nodes::{Fit, fit, target_node};
use super::owner::claim;
use super::pods::{is_finished, is_ready, phase, pod_body};
use super::{Controller, Requeue};
use crate::object::{
    Key, Kind, Name, Object, Split, StatusError, selector_matches, selects_everything,
};
use crate::order;
use crate::store::{Change, Client, DeleteOptions, EventType, Store};
use crate::time::{Duration, Time};

/// The controller's line in the list.
pub const DAEMON_SET: Controller =
    Controller { name: "daemonset-controller", keys, reconcile, cloud: false };

/// How old a failed Pod must be before it is deleted.
const FAILED_POD_AGE: Duration = Duration::from_secs(1);

#[expect(clippy::wildcard_enum_match_arm, reason = "only a few kinds concern a controller")]
fn keys(change: &Change, store: &Store) -> Vec<Key> {
    match change.key.kind {
        Kind::DaemonSet => vec![change.key.clone()],
        Kind::Pod => {
            let owners = [&change.before, &change.after].into_iter().flatten();
            let mut keys: Vec<Key> = owners.filter_map(|pod| owner_key(pod)).collect();
            keys.dedup();
            if keys.is_empty() { selecting(change.object(), store) } else { keys }
        }
        Kind::Node if node_matters(change) => {
            store.list(Kind::DaemonSet, None).map(|set| set.key()).collect()
        }
        _ => Vec::new(),
    }
}

/// Whether anything changed of a node that decides what runs there.
fn node_matters(change: &Change) -> bool {
    let (Some(before), Some(after)) = (&change.before, &change.after) else { return true };
    let (Some(old), Some(new)) = (before.as_node(), after.as_node()) else { return false };
    !Arc::ptr_eq(&old.spec, &new.spec) || before.meta.labels != after.meta.labels
}

fn owner_key(pod: &Object) -> Option<Key> {
    let owner = pod.controller().filter(|owner| owner.kind == "DaemonSet")?;
    Some(Key::new(Kind::DaemonSet, pod.namespace(), owner.name.as_str()))
}

/// The sets that might adopt an orphan.
fn selecting(pod: &Object, store: &Store) -> Vec<Key> {
    if pod.controller().is_some() {
        return Vec::new();
    }
    let sets = store.list(Kind::DaemonSet, Some(pod.namespace()));
    let selects = |set: &&Arc<Object>| {
        set.as_daemon_set()
            .is_some_and(|body| selector_matches(&body.spec.selector, pod.meta.labels.as_ref()))
    };
    sets.filter(selects).map(|set| set.key()).collect()
}

fn reconcile(client: &mut Client<'_>, key: &Key) -> Requeue {
    let Some(object) = client.store().get(key).cloned() else { return Requeue::No };
    let Some(body) = object.as_daemon_set() else { return Requeue::No };
    if selects_everything(&body.spec.selector) {
        let message = "This daemon set is selecting all pods. A non-empty selector is required.";
        client.record(&object, EventType::Warning, "SelectingAll", message);
        return Requeue::No;
    }
    if object.terminating() {
        return Requeue::No;
    }
    sync(client, &object, body).unwrap_or(Requeue::BackOff)
}

/// One reconcile: the set, its nodes, and which of its Pods are where.
struct Daemons {
    object: Arc<Object>,
    spec: Arc<DaemonSetSpec>,
    hash: String,
    generation: i64,
    /// Every node in order of name, whether a Pod should run there, and its Pods: placed first, then oldest first.
    nodes: Vec<NodePods>,
    /// Pods that wait for a node which is not there.
    lost: Vec<Arc<Object>>,
}

/// A node and the set's Pods on it.
struct NodePods {
    name: Name,
    fit: Fit,
    pods: Vec<Arc<Object>>,
}

/// What is to be created (on which nodes) and deleted.
#[derive(Default)]
struct Wanted {
    create: Vec<Name>,
    delete: Vec<Arc<Object>>,
    /// When a failed Pod may go.
    later: Option<Duration>,
}

fn sync(
    client: &mut Client<'_>,
    object: &Arc<Object>,
    body: &Split<DaemonSetSpec, DaemonSetStatus>,
) -> Result<Requeue, StatusError> {
    let history = history::construct(client, object, &body.spec, &body.status)?;
    let hash = history::hash(&history).to_owned();
    let daemons = Daemons::gather(client, object, &body.spec, &hash);
    let now = client.now();
    let mut wanted = daemons.manage(client, now);
    if wanted.create.is_empty() && wanted.delete.is_empty() {
        let later = wanted.later;
        wanted = Wanted { later, ..daemons.rolling_update(now) };
    }
    let all_done = daemons.carry_out(client, &wanted);
    // What has been done shows in the Pods, which bring the set back here.
    let daemons = Daemons::gather(client, object, &body.spec, &hash);
    let next_available = daemons.write_status(client, now)?;
    if !all_done? {
        return Ok(Requeue::Throttled);
    }
    history::clean_up(history, client, &daemons)?;
    let soonest = [wanted.later, next_available].into_iter().flatten().min();
    Ok(soonest.map_or(Requeue::No, Requeue::After))
}

impl Daemons {
    fn gather(
        client: &mut Client<'_>,
        object: &Arc<Object>,
        spec: &Arc<DaemonSetSpec>,
        hash: &str,
    ) -> Self {
        let pods = claim(client, object, &spec.selector, Kind::Pod, |_| true);
        let store = client.store();
        let nodes = store.list(Kind::Node, None);
        let mut daemons = Self {
            object: Arc::clone(object),
            spec: Arc::clone(spec),
            hash: hash.to_owned(),
            generation: crate::object::template_generation(&object.meta),
            nodes: nodes
                .map(|node| NodePods {
                    name: node.name().into(),
                    fit: fit(node, spec),
                    pods: Vec::new(),
                })
                .collect(),
            lost: Vec::new(),
        };
        for pod in pods {
            let Some(target) = target_node(&pod) else { continue };
            match daemons.nodes.iter_mut().find(|node| *node.name == *target) {
                Some(node) => node.pods.push(pod),
                None if pod.as_pod().is_some_and(|body| body.own.node_name.is_none()) => {
                    daemons.lost.push(pod);
                }
                None => {}
            }
        }
        for node in &mut daemons.nodes {
            order::sort_by(&mut node.pods, |a, b| {
                let created =
                    |pod: &Object| pod.meta.creation_timestamp.as_ref().map(|time| time.0);
                let waits =
                    |pod: &Object| pod_body(pod).is_some_and(|body| body.own.node_name.is_none());
                waits(a)
                    .cmp(&waits(b))
                    .then_with(|| created(a).cmp(&created(b)))
                    .then_with(|| a.name().cmp(b.name()))
            });
        }
        daemons
    }

    /// Whether a Pod is of the newest template (`IsPodUpdated`).
    fn is_updated(&self, pod: &Object) -> bool {
        pod.label(history::HASH_LABEL) == Some(self.hash.as_str())
            || pod.label(history::GENERATION_LABEL) == Some(self.generation.to_string().as_str())
    }

    /// Whether a Pod has been ready for long enough.
    fn is_available(&self, pod: &Object, now: Time) -> bool {
        self.available_in(pod, now).is_some_and(|wait| wait.is_zero())
    }

    /// How long until a Pod counts as available; `None` if it is not ready.
    fn available_in(&self, pod: &Object, now: Time) -> Option<Duration> {
        let since = super::pods::ready_since(pod_body(pod)?)?;
        let min = self.spec.min_ready_seconds.unwrap_or(0).max(0).unsigned_abs();
        let at = since + Duration::from_secs(min.into());
        Some(if min == 0 || at <= now { Duration::ZERO } else { at - now })
    }

    fn allows_surge(&self) -> bool {
        self.max_surge(self.nodes.len()) > 0
    }

    /// Which nodes lack a Pod, and which Pods are too many.
    fn manage(&self, client: &mut Client<'_>, now: Time) -> Wanted {
        let mut wanted = Wanted::default();
        for node in &self.nodes {
            match node.fit {
                Fit::Runs if node.pods.is_empty() => wanted.create.push(Arc::clone(&node.name)),
                Fit::Runs | Fit::Stays => self.keep(client, node, now, &mut wanted),
                Fit::Not => {
                    let alive = node.pods.iter().filter(|pod| !pod.terminating());
                    wanted.delete.extend(alive.map(Arc::clone));
                }
            }
        }
        wanted.delete.extend(self.lost.iter().filter(|pod| !pod.terminating()).map(Arc::clone));
        wanted
    }

    /// On a node whose Pods may stay: those at their end go, and all but the oldest (`podsShouldBeOnNode`).
    fn keep(&self, client: &mut Client<'_>, node: &NodePods, now: Time, wanted: &mut Wanted) {
        let mut running = Vec::new();
        for pod in node.pods.iter().filter(|pod| !pod.terminating()) {
            let Some(body) = pod_body(pod) else { continue };
            if !is_finished(body) {
                running.push(Arc::clone(pod));
                continue;
            }
            let failed = phase(body) == "Failed";
            let created = pod.meta.creation_timestamp.as_ref().map(Time::from).unwrap_or_default();
            if failed && created + FAILED_POD_AGE > now {
                let wait = created + FAILED_POD_AGE - now;
                wanted.later = Some(wanted.later.map_or(wait, |earlier| earlier.min(wait)));
                continue;
            }
            let (type_, reason, end) = if failed {
                (EventType::Warning, "FailedDaemonPod", "failed daemon pod")
            } else {
                (EventType::Normal, "SucceededDaemonPod", "succeeded daemon pod")
            };
            let (space, name, verb) =
                (pod.namespace(), pod.name(), if failed { "kill" } else { "delete" });
            let message =
                format!("Found {end} {space}/{name} on node {}, will try to {verb} it", node.name);
            client.record(&self.object, type_, reason, message);
            wanted.delete.push(Arc::clone(pod));
        }
        if !self.allows_surge() {
            wanted.delete.extend(running.into_iter().skip(1));
            return;
        }
        if running.is_empty() && node.fit == Fit::Runs {
            wanted.create.push(Arc::clone(&node.name));
        }
        if running.len() <= 1 {
            return;
        }
        let (new, old): (Vec<_>, Vec<_>) =
            running.into_iter().partition(|pod| self.is_updated(pod));
        if let (Some(new), Some(old)) = (new.first(), old.first()) {
            let old_ready = pod_body(old).is_some_and(is_ready);
            if !old_ready || self.is_available(new, now) {
                wanted.delete.push(Arc::clone(old));
            }
        }
        wanted.delete.extend(new.into_iter().skip(1));
        wanted.delete.extend(old.into_iter().skip(1));
    }

    /// Creates and deletes; true if all of it is done. The error is the first refusal (`syncNodes`).
    fn carry_out(&self, client: &mut Client<'_>, wanted: &Wanted) -> Result<bool, StatusError> {
        let mut refusal = None;
        for node in &wanted.create {
            if !client.may_call() {
                return Ok(false);
            }
            match client.create(nodes::new_pod(&self.object, &self.spec, &self.hash, node)) {
                Ok(pod) => {
                    let message = format!("Created pod: {}", pod.name());
                    client.record(&self.object, EventType::Normal, "SuccessfulCreate", message);
                }
                Err(error) => {
                    let message = format!("Error creating: {error}");
                    client.record(&self.object, EventType::Warning, "FailedCreate", message);
                    refusal = Some(error);
                    break;
                }
            }
        }
        for pod in &wanted.delete {
            if !client.may_call() {
                return refusal.map_or(Ok(false), Err);
            }
            match client.delete(&pod.key(), &DeleteOptions::default()) {
                Ok(_) => {
                    let message = format!("Deleted pod: {}", pod.name());
                    client.record(&self.object, EventType::Normal, "SuccessfulDelete", message);
                }
                Err(error) if error.reason == crate::object::Reason::NotFound => {}
                Err(error) => {
                    let message = format!("Error deleting: {error}");
                    client.record(&self.object, EventType::Warning, "FailedDelete", message);
                    refusal.get_or_insert(error);
                }
            }
        }
        refusal.map_or(Ok(true), Err)
    }
}
