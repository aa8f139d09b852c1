//! A Deployment as a gauge of its tide: how many Pods each version has, the oldest revision first.

use std::rc::Rc;

use k8s_openapi::api::apps::v1::DeploymentSpec;

use super::version::{Look, Versions, image, version};
use super::{Health, Picture};
use crate::controller::deployment::rolling_update_bounds;
use crate::object::{Body, Key, Kind, Name, Object};
use crate::order;
use crate::store::Store;

/// The annotation that counts the rollouts of a Deployment.
const REVISION: &str = "deployment.kubernetes.io/revision";

/// One Deployment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workload {
    /// Where it stands in the store.
    pub key: Key,
    /// How many Pods it wants.
    pub wanted: i32,
    /// How many are ready, of all versions.
    pub ready: i32,
    /// Whether its rollout is held.
    pub paused: bool,
    /// Whether its rollout made no progress within its deadline.
    pub stalled: bool,
    /// Its versions that have Pods, or are to have some, in the order of their revisions.
    pub tides: Vec<Tide>,
    /// Every version that it remembers, in the same order.
    pub history: Vec<Tide>,
    /// During a rolling update: how many Pods must be available at least, and how many there may be at most.
    pub bounds: Option<(i32, i32)>,
    /// How many are available.
    pub available: i32,
    /// What it says of its progress.
    pub message: Option<String>,
}

/// One version of a Deployment: a ReplicaSet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tide {
    /// The ReplicaSet.
    pub set: Name,
    /// The tag of its image.
    pub version: String,
    /// Why it was made, where that was recorded.
    pub cause: Option<String>,
    /// How that version looks.
    pub look: Look,
    /// Which rollout it is.
    pub revision: i64,
    /// How many Pods it shall have.
    pub wanted: i32,
    /// How many it has.
    pub pods: i32,
    /// How many of them are ready.
    pub ready: i32,
}

impl Workload {
    /// Whether more than one version has Pods.
    pub fn rolling(&self) -> bool {
        self.tides.iter().filter(|tide| tide.pods > 0 || tide.wanted > 0).count() > 1
    }

    /// Its Pods of all versions.
    pub fn pods(&self) -> i32 {
        self.tides.iter().map(|tide| tide.pods).sum()
    }
}

/// The rank of each ReplicaSet among those of its Deployment, in order of name: by which decks are sorted.
pub(super) type Ranks = Vec<(Name, i64)>;

/// Every Deployment, in key order, and the revisions of the ReplicaSets.
pub(super) fn workloads(store: &Store, versions: &mut Versions) -> (Vec<Rc<Workload>>, Ranks) {
    greet(store, versions);
    let mut ranks = Ranks::new();
    let list = store.list(Kind::Deployment, None);
    let list = list.filter_map(|object| workload(object, store, versions, &mut ranks)).map(Rc::new);
    let list = list.collect();
    order::sort(&mut ranks);
    (list, ranks)
}

/// Gives the images of ReplicaSets their looks in the order in which the sets were made, so that a world that was
/// restored looks as it did before.
fn greet(store: &Store, versions: &mut Versions) {
    let mut sets: Vec<&Object> =
        store.list(Kind::ReplicaSet, None).map(|object| &**object).collect();
    order::sort_by_key(&mut sets, |set| {
        set.meta.creation_timestamp.as_ref().map(crate::time::Time::from)
    });
    for set in sets {
        if let Some(image) = set_image(set) {
            versions.look(image);
        }
    }
}

fn set_image(object: &Object) -> Option<&str> {
    let Body::ReplicaSet(set) = &object.body else { return None };
    Some(image(set.spec.template.as_ref()?.spec.as_ref()?))
}

fn workload(
    object: &Object,
    store: &Store,
    versions: &mut Versions,
    ranks: &mut Ranks,
) -> Option<Workload> {
    let Body::Deployment(body) = &object.body else { return None };
    let sets = store.list(Kind::ReplicaSet, Some(object.namespace()));
    let own = sets.filter(|set| set.controller().is_some_and(|owner| owner.uid == object.uid()));
    let mut tides: Vec<Tide> = own.filter_map(|set| tide(set, versions)).collect();
    order::sort_by_key(&mut tides, |tide| tide.revision);
    ranks.extend(tides.iter().map(|tide| (Name::clone(&tide.set), tide.revision)));
    let history = tides.clone();
    let newest = tides.last().map(|tide| Name::clone(&tide.set));
    tides.retain(|tide| tide.pods > 0 || tide.wanted > 0 || Some(&tide.set) == newest.as_ref());
    let mut conditions = body.status.conditions.iter().flatten();
    let progress = conditions.find(|at| at.type_ == "Progressing");
    let wanted = body.spec.replicas.unwrap_or(1);
    Some(Workload {
        key: object.key(),
        wanted,
        ready: body.status.ready_replicas.unwrap_or(0),
        available: body.status.available_replicas.unwrap_or(0),
        paused: body.spec.paused == Some(true),
        stalled: progress
            .is_some_and(|at| at.reason.as_deref() == Some("ProgressDeadlineExceeded")),
        message: progress.and_then(|at| at.message.clone()),
        bounds: bounds(&body.spec, wanted),
        tides,
        history,
    })
}

fn bounds(spec: &DeploymentSpec, wanted: i32) -> Option<(i32, i32)> {
    let rolling = spec.strategy.as_ref()?.rolling_update.as_ref()?;
    let (surge, unavailable) = (rolling.max_surge.as_ref(), rolling.max_unavailable.as_ref());
    let bounds = rolling_update_bounds(surge, unavailable, wanted).ok()?;
    Some((wanted.saturating_sub(bounds.unavailable).max(0), wanted.saturating_add(bounds.surge)))
}

/// What keeps the Pods of the newest version from being ready: the words for their states, and how many are in each.
pub fn troubles(picture: &Picture, workload: &Workload) -> Vec<(String, usize)> {
    let Some(newest) = workload.tides.last() else { return Vec::new() };
    let mut found: Vec<(String, usize)> = Vec::new();
    let pods = picture.boats.iter().flat_map(|boat| &boat.pods).chain(&picture.queue);
    let ours = pods.filter(|pod| {
        pod.key.namespace == workload.key.namespace && pod.owner.as_ref() == Some(&newest.set)
    });
    for pod in ours {
        let word = match pod.health {
            Health::Ready | Health::Terminating | Health::Done => continue,
            Health::Unready => "Running, 0/1",
            Health::Queued
            | Health::Starting
            | Health::Crashing
            | Health::Stuck
            | Health::Failed => &pod.status,
        };
        match found.iter_mut().find(|(known, _)| known == word) {
            Some((_, count)) => *count += 1,
            None => found.push((word.to_owned(), 1)),
        }
    }
    found
}

fn tide(object: &Object, versions: &mut Versions) -> Option<Tide> {
    let Body::ReplicaSet(set) = &object.body else { return None };
    let image = set_image(object)?;
    Some(Tide {
        set: object.name().into(),
        version: version(image).to_owned(),
        cause: object.annotation("kubernetes.io/change-cause").map(str::to_owned),
        look: versions.look(image),
        revision: object.annotation(REVISION).and_then(|text| text.parse().ok()).unwrap_or(0),
        wanted: set.spec.replicas.unwrap_or(1),
        pods: set.status.replicas,
        ready: set.status.ready_replicas.unwrap_or(0),
    })
}
