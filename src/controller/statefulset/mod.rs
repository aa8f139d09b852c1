//! The StatefulSet controller: Pods with names that stay, made and replaced one after the other.
//!
//! Models kubernetes `pkg/controller/statefulset/stateful_set.go` and `stateful_set_control.go`: replicas are created in
//! order of their ordinals, each when those before it run and are ready; those too many go from the highest down; a new
//! template replaces Pods from the highest down, as many at a time as may be unavailable, down to the partition.
//! *Differs:* no expectations, since what it reads is never stale.

mod claim;
mod pod;
mod status;

use std::sync::Arc;

use k8s_openapi::api::core::v1::PodTemplateSpec;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use serde_json::Value;

use super::history::{History, Versioned};
use super::owner::claim as claim_objects;
use super::pods::{is_finished, is_ready, phase, pod_body, ready_since};
use super::{Controller, Requeue};
use crate::manifest::fill;
use crate::object::{
    Key, Kind, Object, Reason, StatusError, ValueBody, selector_matches, selects_everything,
};
use crate::order;
use crate::store::{Change, Client, DeleteOptions, EventType, Store};
use crate::time::{Duration, Time};

/// The controller's line in the list.
pub const STATEFUL_SET: Controller =
    Controller { name: "statefulset-controller", keys, reconcile, cloud: false };

fn keys(change: &Change, store: &Store) -> Vec<Key> {
    match change.key.kind {
        Kind::StatefulSet => vec![change.key.clone()],
        Kind::Pod => {
            let pods = [&change.before, &change.after].into_iter().flatten();
            let mut keys: Vec<Key> = pods.filter_map(|pod| owner_key(pod)).collect();
            keys.dedup();
            if keys.is_empty() { selecting(change.object(), store) } else { keys }
        }
        _ => Vec::new(),
    }
}

fn owner_key(pod: &Object) -> Option<Key> {
    let owner = pod.controller().filter(|owner| owner.kind == "StatefulSet")?;
    Some(Key::new(Kind::StatefulSet, pod.namespace(), owner.name.as_str()))
}

/// The sets that might adopt an orphan.
fn selecting(pod: &Object, store: &Store) -> Vec<Key> {
    if pod.controller().is_some() {
        return Vec::new();
    }
    let sets = store.list(Kind::StatefulSet, Some(pod.namespace()));
    let selects = |set: &&Arc<Object>| {
        set.as_value()
            .is_some_and(|body| selector_matches(&body.selector(), pod.meta.labels.as_ref()))
    };
    sets.filter(selects).map(|set| set.key()).collect()
}

fn reconcile(client: &mut Client<'_>, key: &Key) -> Requeue {
    let Some(object) = client.store().get(key).cloned() else { return Requeue::No };
    let Some(body) = object.as_value() else { return Requeue::No };
    let wanted = Wanted::of(body);
    if selects_everything(&wanted.selector) {
        return Requeue::No;
    }
    sync(client, &object, body, &wanted).unwrap_or(Requeue::BackOff)
}

/// What a set asks for.
#[derive(Debug)]
struct Wanted {
    replicas: usize,
    /// The first ordinal.
    start: usize,
    /// Whether Pods need not wait for one another (`podManagementPolicy: Parallel`).
    parallel: bool,
    /// Replicas below this place keep the current revision; none where Pods are replaced only when somebody deletes them.
    partition: Option<usize>,
    max_unavailable: usize,
    min_ready: Duration,
    selector: LabelSelector,
    template: PodTemplateSpec,
}

impl Wanted {
    fn of(body: &ValueBody) -> Self {
        let spec = body.spec();
        let count = |value: &Value| value.as_u64().and_then(|count| usize::try_from(count).ok());
        let replicas = count(&spec["replicas"]).unwrap_or(0);
        let strategy = &spec["updateStrategy"];
        let rolls = strategy["type"] == "RollingUpdate";
        let rolling = &strategy["rollingUpdate"];
        let max_unavailable = match &rolling["maxUnavailable"] {
            Value::Null => 1,
            given => match fill::<IntOrString>(given) {
                IntOrString::Int(number) => usize::try_from(number).unwrap_or(1),
                IntOrString::String(text) => {
                    let percent = text.strip_suffix('%').and_then(|text| text.parse().ok());
                    replicas * percent.unwrap_or(0_usize) / 100
                }
            },
        };
        Self {
            replicas,
            start: count(&spec["ordinals"]["start"]).unwrap_or(0),
            parallel: spec["podManagementPolicy"] == "Parallel",
            partition: rolls.then(|| count(&rolling["partition"]).unwrap_or(0)),
            max_unavailable: max_unavailable.max(1),
            min_ready: Duration::from_secs(spec["minReadySeconds"].as_u64().unwrap_or(0)),
            selector: body.selector(),
            template: body.template().unwrap_or_default(),
        }
    }
}

/// One reconcile: the set, its two revisions and its Pods.
struct Sync<'a> {
    object: &'a Arc<Object>,
    body: &'a ValueBody,
    wanted: &'a Wanted,
    /// The revision that Pods below the partition keep, with its template.
    current: (String, PodTemplateSpec),
    /// The revision of the present template.
    update: String,
    /// A Pod for each replica, in order; none where it is missing.
    replicas: Vec<Option<Arc<Object>>>,
    /// Pods beyond the replicas, the highest ordinal first.
    condemned: Vec<Arc<Object>>,
    /// When a Pod that is ready counts as available.
    later: Option<Duration>,
}

fn sync(
    client: &mut Client<'_>,
    object: &Arc<Object>,
    body: &ValueBody,
    wanted: &Wanted,
) -> Result<Requeue, StatusError> {
    let history = revisions(client, object, body, wanted)?;
    let update = history.current.name().to_owned();
    let named = body.status["currentRevision"].as_str().unwrap_or_default();
    let current = history.old.iter().find(|revision| revision.name() == named);
    let current = current.map_or_else(
        || (update.clone(), wanted.template.clone()),
        |revision| (revision.name().to_owned(), template_of(revision)),
    );
    let pods = claim_objects(client, object, &wanted.selector, Kind::Pod, |pod| {
        pod::ordinal(object, pod).is_some()
    });
    let mut sync = Sync::gather(object, body, wanted, (current, update), pods);
    let worked = if object.terminating() { Ok(()) } else { sync.work(client) };
    sync.regather(client);
    let current = sync.write_status(client)?;
    worked?;
    let used = |revision: &Object| {
        let pods = sync.replicas.iter().flatten().chain(&sync.condemned);
        revision.name() == current
            || pods.into_iter().any(|pod| pod.label(pod::REVISION) == Some(revision.name()))
    };
    history.clean_up(client, used)?;
    Ok(sync.later.map_or(Requeue::No, Requeue::After))
}

fn revisions(
    client: &mut Client<'_>,
    set: &Arc<Object>,
    body: &ValueBody,
    wanted: &Wanted,
) -> Result<History, StatusError> {
    let int = |value: &Value| value.as_i64().and_then(|number| i32::try_from(number).ok());
    let of = Versioned {
        set,
        selector: &wanted.selector,
        template: &wanted.template,
        collisions: int(&body.status["collisionCount"]),
        limit: int(&body.spec()["revisionHistoryLimit"]),
        label: "controller.kubernetes.io/hash",
        hashes_template: false,
    };
    History::construct(client, &of)
}

/// The template that a revision keeps.
fn template_of(revision: &Object) -> PodTemplateSpec {
    let data = revision.as_controller_revision().and_then(|body| body.data.as_ref());
    data.map(|data| fill(&data.0["spec"]["template"])).unwrap_or_default()
}

impl<'a> Sync<'a> {
    fn gather(
        object: &'a Arc<Object>,
        body: &'a ValueBody,
        wanted: &'a Wanted,
        (current, update): ((String, PodTemplateSpec), String),
        pods: Vec<Arc<Object>>,
    ) -> Self {
        let mut sync = Self {
            object,
            body,
            wanted,
            current,
            update,
            replicas: vec![None; wanted.replicas],
            condemned: Vec::new(),
            later: None,
        };
        for pod in pods {
            let ordinal = pod::ordinal(object, &pod).unwrap_or(0);
            let place = ordinal.checked_sub(wanted.start);
            match place.and_then(|place| sync.replicas.get_mut(place)) {
                Some(replica) => *replica = Some(pod),
                None => sync.condemned.push(pod),
            }
        }
        order::sort_by_key(&mut sync.condemned, |pod| std::cmp::Reverse(pod::ordinal(object, pod)));
        sync
    }

    /// Looks at the Pods once more, after work on them.
    fn regather(&mut self, client: &Client<'_>) {
        let pods = self.replicas.iter().flatten().chain(&self.condemned);
        let mut names: Vec<Key> = pods.map(|pod| pod.key()).collect();
        for index in 0..self.replicas.len() {
            let name = pod::name(self.object, self.wanted.start + index);
            names.push(Key::new(Kind::Pod, self.object.namespace(), name.as_str()));
        }
        order::sort(&mut names);
        names.dedup();
        let owned = |pod: &&Arc<Object>| super::owner::is_controlled_by(pod, self.object);
        let found = names.iter().filter_map(|key| client.store().get(key)).filter(owned).cloned();
        let of = (self.current.clone(), self.update.clone());
        let later = self.later;
        *self = Self::gather(self.object, self.body, self.wanted, of, found.collect());
        self.later = later;
    }

    /// Does what can be done now. The first thing that has to be waited for ends it (`updateStatefulSet`).
    fn work(&mut self, client: &mut Client<'_>) -> Result<(), StatusError> {
        let mut waits = false;
        for index in 0..self.replicas.len() {
            let stop = self.process_replica(client, index)?;
            waits |= stop;
            if stop && !self.wanted.parallel {
                return Ok(());
            }
        }
        if waits {
            return Ok(());
        }
        let first_unhealthy = self.first_unhealthy();
        for pod in self.condemned.clone() {
            let stop = self.process_condemned(client, &pod, first_unhealthy.as_ref())?;
            if stop && !self.wanted.parallel {
                return Ok(());
            }
        }
        if !self.condemned.is_empty() {
            return Ok(());
        }
        self.roll(client)
    }

    /// The unhealthy Pod with the lowest place, among the replicas before those beyond.
    fn first_unhealthy(&self) -> Option<Arc<Object>> {
        let pods = self.replicas.iter().flatten().chain(self.condemned.iter().rev());
        pods.into_iter().find(|pod| !is_healthy(pod)).map(Arc::clone)
    }

    /// True if the Pods after this one have to wait (`processReplica`).
    fn process_replica(
        &mut self,
        client: &mut Client<'_>,
        index: usize,
    ) -> Result<bool, StatusError> {
        let ordinal = self.wanted.start + index;
        let Some(pod) = self.replicas[index].clone() else {
            self.create(client, index, ordinal)?;
            return Ok(!self.wanted.parallel);
        };
        if pod_body(&pod).is_some_and(is_finished) {
            if !pod.terminating() {
                self.delete(client, &pod)?;
            }
            return Ok(true);
        }
        if pod_body(&pod).is_some_and(|body| phase(body) == "Pending") {
            claim::create_missing(client, self.object, self.body, ordinal)?;
        }
        if self.wanted.parallel {
            claim::keep_retention(client, self.object, self.body, (ordinal, &pod), false)?;
            return Ok(false);
        }
        if !is_healthy(&pod) || !self.is_available(&pod, client.now()) {
            return Ok(true);
        }
        claim::keep_retention(client, self.object, self.body, (ordinal, &pod), false)?;
        Ok(false)
    }

    fn create(
        &mut self,
        client: &mut Client<'_>,
        index: usize,
        ordinal: usize,
    ) -> Result<(), StatusError> {
        claim::create_missing(client, self.object, self.body, ordinal)?;
        let keeps_current = self.wanted.partition.is_some_and(|partition| index < partition);
        let (revision, template) = if keeps_current {
            (&self.current.0, &self.current.1)
        } else {
            (&self.update, &self.wanted.template)
        };
        let pod = pod::new(self.object, self.body, template, revision, ordinal);
        let name = pod.name().to_owned();
        let made = client.create(pod);
        self.tell(client, "Create", &name, made.as_ref().err());
        self.replicas[index] = Some(made?);
        Ok(())
    }

    fn delete(&self, client: &mut Client<'_>, pod: &Object) -> Result<(), StatusError> {
        let deleted = client.delete(&pod.key(), &DeleteOptions::default());
        match deleted {
            Err(refused) if refused.reason == Reason::NotFound => Ok(()),
            other => {
                self.tell(client, "Delete", pod.name(), other.as_ref().err());
                other.map(drop)
            }
        }
    }

    /// Reports what was done to a Pod (`recordPodEvent`).
    fn tell(&self, client: &mut Client<'_>, verb: &str, pod: &str, error: Option<&StatusError>) {
        let what = format!("{verb} Pod {pod} in StatefulSet {}", self.object.name());
        let set = self.object;
        match error {
            None => {
                let reason = format!("Successful{verb}");
                client.record(set, EventType::Normal, &reason, format!("{what} successful"));
            }
            Some(error) => {
                let reason = format!("Failed{verb}");
                let message = format!("{what} failed error: {error}");
                client.record(set, EventType::Warning, &reason, message);
            }
        }
    }

    /// True if the Pods after this one have to wait (`processCondemned`).
    fn process_condemned(
        &self,
        client: &mut Client<'_>,
        pod: &Arc<Object>,
        first_unhealthy: Option<&Arc<Object>>,
    ) -> Result<bool, StatusError> {
        if pod.terminating() {
            return Ok(true);
        }
        let is_first = first_unhealthy.is_some_and(|first| first.name() == pod.name());
        let steady = is_healthy(pod) && self.is_available(pod, client.now());
        if !steady && !self.wanted.parallel && !is_first && first_unhealthy.is_some() {
            return Ok(true);
        }
        let ordinal = pod::ordinal(self.object, pod).unwrap_or(0);
        claim::keep_retention(client, self.object, self.body, (ordinal, pod), true)?;
        self.delete(client, pod)?;
        Ok(true)
    }

    /// Replaces Pods of another revision, the highest first (`updateStatefulSetAfterInvariantEstablished`).
    fn roll(&self, client: &mut Client<'_>) -> Result<(), StatusError> {
        let Some(partition) = self.wanted.partition else { return Ok(()) };
        let now = client.now();
        let pods = || self.replicas.iter().flatten();
        let unavailable =
            pods().filter(|pod| !is_healthy(pod) || !self.is_available(pod, now)).count();
        let room = self.wanted.max_unavailable.saturating_sub(unavailable);
        let outdated = self.replicas.iter().skip(partition).rev().flatten().filter(|pod| {
            pod.label(pod::REVISION) != Some(self.update.as_str()) && !pod.terminating()
        });
        for pod in outdated.take(room) {
            self.delete(client, pod)?;
        }
        Ok(())
    }

    /// Whether a Pod has been ready for long enough.
    fn is_available(&self, pod: &Object, now: Time) -> bool {
        self.available_in(pod, now).is_some_and(|wait| wait.is_zero())
    }

    /// How long until a Pod counts as available; `None` if it is not ready.
    fn available_in(&self, pod: &Object, now: Time) -> Option<Duration> {
        let at = ready_since(pod_body(pod)?)? + self.wanted.min_ready;
        let none = self.wanted.min_ready.is_zero() || at <= now;
        Some(if none { Duration::ZERO } else { at - now })
    }
}

/// Whether a Pod runs, is ready and is not being deleted.
fn is_healthy(pod: &Object) -> bool {
    !pod.terminating() && is_running_and_ready(pod)
}

fn is_running_and_ready(pod: &Object) -> bool {
    pod_body(pod).is_some_and(|body| phase(body) == "Running" && is_ready(body))
}
