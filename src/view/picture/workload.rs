//! A Deployment as a gauge of its tide: how many Pods each version has, the oldest revision first.

use std::rc::Rc;

use super::version::{Look, Versions, image, version};
use crate::object::{Body, Key, Kind, Name, Object};
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
    /// How many revisions it remembers.
    pub revisions: usize,
}

/// One version of a Deployment: a ReplicaSet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tide {
    /// The ReplicaSet.
    pub set: Name,
    /// The tag of its image.
    pub version: String,
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
    ranks.sort_unstable();
    (list, ranks)
}

/// Gives the images of ReplicaSets their looks in the order in which the sets were made, so that a world that was
/// restored looks as it did before.
fn greet(store: &Store, versions: &mut Versions) {
    let mut sets: Vec<&Object> =
        store.list(Kind::ReplicaSet, None).map(|object| &**object).collect();
    sets.sort_by_key(|set| set.meta.creation_timestamp.as_ref().map(crate::time::Time::from));
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
    tides.sort_by_key(|tide| tide.revision);
    ranks.extend(tides.iter().map(|tide| (Name::clone(&tide.set), tide.revision)));
    let revisions = tides.len();
    let newest = tides.last().map(|tide| Name::clone(&tide.set));
    tides.retain(|tide| tide.pods > 0 || tide.wanted > 0 || Some(&tide.set) == newest.as_ref());
    let mut conditions = body.status.conditions.iter().flatten();
    Some(Workload {
        key: object.key(),
        wanted: body.spec.replicas.unwrap_or(1),
        ready: body.status.ready_replicas.unwrap_or(0),
        paused: body.spec.paused == Some(true),
        stalled: conditions.any(|at| {
            at.type_ == "Progressing" && at.reason.as_deref() == Some("ProgressDeadlineExceeded")
        }),
        tides,
        revisions,
    })
}

fn tide(object: &Object, versions: &mut Versions) -> Option<Tide> {
    let Body::ReplicaSet(set) = &object.body else { return None };
    let image = set_image(object)?;
    Some(Tide {
        set: object.name().into(),
        version: version(image).to_owned(),
        look: versions.look(image),
        revision: object.annotation(REVISION).and_then(|text| text.parse().ok()).unwrap_or(0),
        wanted: set.spec.replicas.unwrap_or(1),
        pods: set.status.replicas,
        ready: set.status.ready_replicas.unwrap_or(0),
    })
}
