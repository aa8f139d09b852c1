//! The harbour: what the picture shows, as plain data.
//!
//! [`Watcher::look`] reads a cluster into a [`Picture`]. It keeps the parts of the last look, and an object whose
//! revision is unchanged keeps its part: equal parts are the same `Rc`, so drawing can compare by pointer.

mod boat;
mod pod;
mod scoring;
mod service;
mod traffic;
mod version;
mod waiting;
mod workload;

use std::collections::BTreeMap;
use std::rc::Rc;

pub use boat::{Boat, Plight, Share, cores, memory};
pub use pod::{Health, PodView, Steps, TINTS};
pub use scoring::Scoring;
pub use service::{LoadView, ServiceView};
pub use traffic::Dot;
pub use version::Look;
pub use waiting::{Hindrance, hindrances, waiting_text};
pub use workload::{Tide, Workload, troubles};

use self::version::Versions;
use self::workload::Ranks;
use crate::cluster::Cluster;
use crate::network::Machine;
use crate::object::{Body, Key, Kind, Name, Object};
use crate::order;
use crate::store::{Actor, Store};
use crate::time::Time;
use crate::view::forecast;

/// A Pod outside any picture, where its colour does not matter.
pub(super) fn health_of(object: &Object) -> Option<PodView> {
    pod::pod(object, |_| Look::default())
}

/// From so many Pods on, decks are drawn as squares.
pub const CROWD: usize = 300;

/// The whole harbour.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Picture {
    /// The store's revision.
    pub revision: u64,
    /// Which parts of the control plane wrote since the last look, in order of name.
    pub busy: Vec<&'static str>,
    /// Pods without a node, oldest first.
    pub queue: Vec<Rc<PodView>>,
    /// Nodes, in order of name.
    pub boats: Vec<Rc<Boat>>,
    /// Deployments, in key order.
    pub workloads: Vec<Rc<Workload>>,
    /// Services worth a card.
    pub services: Vec<Rc<ServiceView>>,
    /// Requests sent since the last look.
    pub dots: Rc<Vec<Dot>>,
    /// The scheduler's last decision.
    pub scoring: Option<Rc<Scoring>>,
    /// All Pods there are.
    pub pods: usize,
}

impl Picture {
    /// The time in whole seconds if anything in the picture is counted down; else always the same.
    pub fn clock(&self, now: Time) -> Time {
        let counts = self
            .boats
            .iter()
            .any(|boat| boat.soon.is_some() || boat.pods.iter().any(|pod| pod.soon.is_some()));
        if counts { Time::from_micros(now.secs() * 1_000_000) } else { Time::START }
    }
}

/// Looks at a cluster again and again, and remembers what did not change.
#[derive(Debug, Default)]
pub struct Watcher {
    pods: BTreeMap<Key, (u64, Rc<PodView>)>,
    boats: BTreeMap<Key, Rc<Boat>>,
    services: Vec<Rc<ServiceView>>,
    workloads: Vec<Rc<Workload>>,
    /// The revisions of ReplicaSets, by which decks are sorted.
    ranks: Ranks,
    /// The looks of images seen so far.
    versions: Versions,
    /// The last request seen of each steady client.
    told: Vec<(u64, u64)>,
    /// The revision of the last look.
    seen: u64,
}

impl Watcher {
    /// The picture of a cluster now.
    pub fn look(&mut self, cluster: &Cluster) -> Picture {
        let store = cluster.store();
        self.look_at_workloads(store);
        self.look_at_pods(cluster);
        let mut decks: BTreeMap<Name, Vec<Rc<PodView>>> = BTreeMap::new();
        let mut queue = Vec::new();
        for (_, pod) in self.pods.values() {
            match &pod.node {
                Some(node) => decks.entry(Name::clone(node)).or_default().push(Rc::clone(pod)),
                None => queue.push(Rc::clone(pod)),
            }
        }
        for deck in decks.values_mut() {
            order::sort_by(deck, |a, b| self.order(a).cmp(&self.order(b)));
        }
        self.look_at_boats(cluster, decks);
        self.look_at_services(store);
        self.look_at_loads(cluster);
        let busy = busy(store, self.seen);
        self.seen = store.revision();
        Picture {
            revision: store.revision(),
            busy,
            queue,
            boats: self.boats.values().cloned().collect(),
            workloads: self.workloads.clone(),
            services: self.services.clone(),
            dots: Rc::new(traffic::dots(cluster, &mut self.told)),
            scoring: scoring(cluster),
            pods: self.pods.len(),
        }
    }

    /// Reads the Pods that changed since the last look; all of them if that is no longer known.
    fn look_at_pods(&mut self, cluster: &Cluster) {
        let store = cluster.store();
        let changed = if self.seen > 0 { since(store, self.seen) } else { None };
        let versions = &mut self.versions;
        let mut read = |object: &Object| {
            let mut view = pod::pod(object, |image| versions.look(image))?;
            if view.health == Health::Crashing && view.soon.is_none() {
                view.soon = forecast::restart(cluster, object);
            }
            Some((object.revision, Rc::new(view)))
        };
        if let Some(changed) = changed {
            for change in changed.filter(|change| change.key.kind == Kind::Pod) {
                let Some(object) = store.get(&change.key) else {
                    self.pods.remove(&change.key);
                    continue;
                };
                let known = self.pods.get(&change.key);
                if known.is_some_and(|(revision, _)| *revision == object.revision) {
                    continue;
                }
                if let Some(entry) = read(object) {
                    self.pods.insert(change.key.clone(), entry);
                }
            }
            return;
        }
        self.pods.clear();
        for object in store.list(Kind::Pod, None) {
            if let Some(entry) = read(object) {
                self.pods.insert(object.key(), entry);
            }
        }
    }

    /// How a Pod stands among those of its deck: the tide of a rollout moves in one direction.
    fn order<'a>(&self, pod: &'a PodView) -> (&'a str, i64, &'a str) {
        let rank = pod.owner.as_ref().and_then(|owner| {
            let at = self.ranks.binary_search_by(|(name, _)| name.cmp(owner)).ok()?;
            Some(self.ranks.get(at)?.1)
        });
        (&pod.app, rank.unwrap_or(0), &pod.key.name)
    }

    fn look_at_workloads(&mut self, store: &Store) {
        if self.seen > 0 && !touched(store, self.seen, &[Kind::Deployment, Kind::ReplicaSet]) {
            return;
        }
        let (found, ranks) = workload::workloads(store, &mut self.versions);
        self.ranks = ranks;
        let mut before = std::mem::take(&mut self.workloads).into_iter().peekable();
        for view in found {
            while before.next_if(|kept| kept.key < view.key).is_some() {}
            self.workloads.push(before.next_if(|kept| *kept == view).unwrap_or(view));
        }
    }

    /// A boat for every machine, every Node, and every name that a Pod is bound to.
    fn look_at_boats(&mut self, cluster: &Cluster, mut decks: BTreeMap<Name, Vec<Rc<PodView>>>) {
        let mut before = std::mem::take(&mut self.boats);
        for object in cluster.store().list(Kind::Node, None) {
            decks.entry(object.name().into()).or_default();
        }
        for name in cluster.kubelets().keys() {
            decks.entry(Name::clone(name)).or_default();
        }
        for (name, deck) in decks {
            let boat = boat::boat(&name, deck, cluster);
            let kept = before.remove(&boat.key).filter(|kept| **kept == boat);
            self.boats.insert(boat.key.clone(), kept.unwrap_or_else(|| Rc::new(boat)));
        }
    }

    /// Brings the numbers of the steady clients up to date.
    fn look_at_loads(&mut self, cluster: &Cluster) {
        for view in &mut self.services {
            if view.load.is_none() && cluster.loads().is_empty() {
                continue;
            }
            let load = traffic::load(cluster, view);
            if load != view.load {
                Rc::make_mut(view).load = load;
            }
        }
    }

    fn look_at_services(&mut self, store: &Store) {
        if self.seen > 0 && !touched(store, self.seen, &[Kind::Service, Kind::EndpointSlice]) {
            return;
        }
        let mut before = std::mem::take(&mut self.services).into_iter().peekable();
        for mut view in service::services(store) {
            while before.next_if(|kept| kept.key < view.key).is_some() {}
            if let Some(kept) = before.peek().filter(|kept| kept.key == view.key) {
                view.load.clone_from(&kept.load);
            }
            let kept = before.next_if(|kept| **kept == view);
            self.services.push(kept.unwrap_or_else(|| Rc::new(view)));
        }
    }
}

/// A number that is another one when something that the picture shows changed without a write to the store: a
/// machine's power or cable, a request.
pub fn stir(cluster: &Cluster) -> u64 {
    let sent: u64 = cluster.loads().iter().map(|load| load.sent + (load.number << 32)).sum();
    cluster.kubelets().keys().fold(sent, |sum, name| {
        let lost = cluster.network().machine(name).and_then(Machine::lost);
        let lost = lost.map_or(0, |way| way as u64 + 1);
        let state = boat::plight(cluster, name) as u64 * 4 + lost + 1;
        sum.wrapping_mul(19).wrapping_add(state)
    })
}

fn scoring(cluster: &Cluster) -> Option<Rc<Scoring>> {
    let scheduler = cluster.scheduler();
    let decision = scheduler.decision(scheduler.decided().last()?)?;
    Some(Rc::new(scoring::scoring(decision)))
}

/// The changes after a revision; `None` if some of them are no longer kept.
fn since(store: &Store, seen: u64) -> Option<impl Iterator<Item = &crate::store::Change>> {
    let mut changes = store.log().since(seen).peekable();
    let whole = match changes.peek() {
        Some(change) => change.revision == seen + 1,
        None => store.revision() == seen,
    };
    whole.then_some(changes)
}

/// Whether an object of one of these kinds may have changed after a revision.
fn touched(store: &Store, seen: u64, kinds: &[Kind]) -> bool {
    since(store, seen)
        .is_none_or(|mut changes| changes.any(|change| kinds.contains(&change.key.kind)))
}

/// Who wrote after a revision, heartbeats aside. Looks back at most a thousand changes.
fn busy(store: &Store, seen: u64) -> Vec<&'static str> {
    let from = seen.max(store.revision().saturating_sub(1000));
    let mut names: Vec<_> = store
        .log()
        .since(from)
        .filter(|change| !matches!(change.object().body, Body::Lease(_) | Body::Node(_)))
        .filter_map(|change| match change.cause.actor {
            Actor::User => None,
            Actor::Component(name) => Some(name),
        })
        .collect();
    order::sort(&mut names);
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::Settings;
    use crate::manifest::documents;
    use crate::time::Duration;
    use crate::view::desk::EXAMPLE;

    /// A cluster to which the example was given.
    fn cluster() -> Cluster {
        let mut cluster = Cluster::new(Settings::default());
        for (document, kind) in documents(EXAMPLE.as_bytes()).zip([Kind::Deployment, Kind::Service])
        {
            let node = document.expect("the example is YAML");
            let mut object = Object::from_node(kind, &node).expect("and sound");
            std::sync::Arc::make_mut(&mut object.meta).namespace = Some("default".to_owned());
            cluster.act(|client| client.create(object)).expect("it is admitted");
        }
        cluster
    }

    fn after(cluster: &mut Cluster, secs: u64) {
        cluster.advance_to(cluster.now() + Duration::from_secs(secs));
    }

    #[test]
    fn pods_wait_in_the_queue_and_end_on_decks() {
        let (mut cluster, mut watcher) = (cluster(), Watcher::default());
        let mut longest = 0;
        while watcher.look(&cluster).boats.iter().all(|boat| boat.pods.is_empty()) {
            longest = longest.max(watcher.look(&cluster).queue.len());
            cluster.step().expect("something is due");
        }
        assert!(longest > 0, "no Pod was seen in the queue");
        after(&mut cluster, 60);
        let picture = watcher.look(&cluster);
        let decks: Vec<usize> = picture.boats.iter().map(|boat| boat.pods.len()).collect();
        assert_eq!((picture.queue.len(), decks), (0, vec![1, 1, 1]));
        assert!(picture.boats.iter().all(|boat| boat.pods[0].health == Health::Ready));
        assert_eq!(picture.services[0].ready_count(), 3);
        assert_eq!(picture.scoring.as_ref().map(|scoring| scoring.nodes.len()), Some(3));
    }

    #[test]
    fn what_is_unchanged_is_the_same() {
        let (mut cluster, mut watcher) = (cluster(), Watcher::default());
        after(&mut cluster, 60);
        let before = watcher.look(&cluster);
        after(&mut cluster, 120);
        let now = watcher.look(&cluster);
        assert!(now.revision > before.revision, "heartbeats were written");
        for (was, is) in before.boats.iter().zip(&now.boats) {
            assert!(Rc::ptr_eq(was, is), "{} was read anew", is.key);
        }
        assert!(Rc::ptr_eq(&before.services[0], &now.services[0]));
    }
}
