//! The harbour: what the picture shows, as plain data.
//!
//! [`Watcher::look`] reads a cluster into a [`Picture`]. It keeps the parts of the last look, and an object whose
//! revision is unchanged keeps its part: equal parts are the same `Rc`, so drawing can compare by pointer.

mod boat;
mod pod;
mod scoring;
mod service;
mod waiting;

use std::collections::BTreeMap;
use std::rc::Rc;

pub use boat::{Boat, Share, cores, memory};
pub use pod::{Health, PodView, TINTS};
pub use scoring::Scoring;
pub use service::ServiceView;
pub use waiting::{Hindrance, hindrances, waiting_text};

use crate::cluster::Cluster;
use crate::object::{Body, Key, Kind, Name, Object};
use crate::store::{Actor, Store};

/// A Pod outside any picture, where its colour does not matter.
pub(super) fn health_of(object: &Object) -> Option<PodView> {
    pod::pod(object, |_| 0)
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
    /// Services worth a card.
    pub services: Vec<Rc<ServiceView>>,
    /// The scheduler's last decision.
    pub scoring: Option<Rc<Scoring>>,
    /// All Pods there are.
    pub pods: usize,
}

/// Looks at a cluster again and again, and remembers what did not change.
#[derive(Debug, Default)]
pub struct Watcher {
    pods: BTreeMap<Key, (u64, Rc<PodView>)>,
    boats: BTreeMap<Key, Rc<Boat>>,
    services: Vec<Rc<ServiceView>>,
    /// The colour of each image seen so far.
    tints: BTreeMap<String, u8>,
    /// The revision of the last look.
    seen: u64,
}

impl Watcher {
    /// The picture of a cluster now.
    pub fn look(&mut self, cluster: &Cluster) -> Picture {
        let store = cluster.store();
        self.look_at_pods(store);
        let mut decks: BTreeMap<Name, Vec<Rc<PodView>>> = BTreeMap::new();
        let mut queue = Vec::new();
        for (_, pod) in self.pods.values() {
            match &pod.node {
                Some(node) => decks.entry(Name::clone(node)).or_default().push(Rc::clone(pod)),
                None => queue.push(Rc::clone(pod)),
            }
        }
        self.look_at_boats(store, decks);
        self.look_at_services(store);
        let busy = busy(store, self.seen);
        self.seen = store.revision();
        Picture {
            revision: store.revision(),
            busy,
            queue,
            boats: self.boats.values().cloned().collect(),
            services: self.services.clone(),
            scoring: scoring(cluster),
            pods: self.pods.len(),
        }
    }

    fn look_at_pods(&mut self, store: &Store) {
        let mut before = std::mem::take(&mut self.pods);
        for object in store.list(Kind::Pod, None) {
            let key = object.key();
            let kept = before.remove(&key).filter(|(revision, _)| *revision == object.revision);
            let tints = &mut self.tints;
            let entry = kept.or_else(|| {
                let view = pod::pod(object, |image| tint(tints, image))?;
                Some((object.revision, Rc::new(view)))
            });
            if let Some(entry) = entry {
                self.pods.insert(key, entry);
            }
        }
    }

    fn look_at_boats(&mut self, store: &Store, mut decks: BTreeMap<Name, Vec<Rc<PodView>>>) {
        let mut before = std::mem::take(&mut self.boats);
        for object in store.list(Kind::Node, None) {
            let key = object.key();
            let deck = decks.remove(&key.name).unwrap_or_default();
            let Some(boat) = boat::boat(object, deck) else { continue };
            let kept = before.remove(&key).filter(|kept| **kept == boat);
            self.boats.insert(key, kept.unwrap_or_else(|| Rc::new(boat)));
        }
    }

    fn look_at_services(&mut self, store: &Store) {
        if self.seen > 0 && !touched(store, self.seen) {
            return;
        }
        let mut before = std::mem::take(&mut self.services).into_iter().peekable();
        for view in service::services(store) {
            while before.next_if(|kept| kept.key < view.key).is_some() {}
            let kept = before.next_if(|kept| **kept == view);
            self.services.push(kept.unwrap_or_else(|| Rc::new(view)));
        }
    }
}

fn tint(tints: &mut BTreeMap<String, u8>, image: &str) -> u8 {
    let next = u8::try_from(tints.len() % usize::from(TINTS)).unwrap_or(0);
    *tints.entry(image.to_owned()).or_insert(next)
}

fn scoring(cluster: &Cluster) -> Option<Rc<Scoring>> {
    let scheduler = cluster.scheduler();
    let decision = scheduler.decision(scheduler.decided().last()?)?;
    Some(Rc::new(scoring::scoring(decision)))
}

/// Whether a Service or its endpoints may have changed after a revision.
fn touched(store: &Store, seen: u64) -> bool {
    let mut changes = store.log().since(seen).peekable();
    let forgotten = changes.peek().is_some_and(|change| change.revision != seen + 1);
    forgotten
        || changes.any(|change| matches!(change.key.kind, Kind::Service | Kind::EndpointSlice))
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
    names.sort_unstable();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::Settings;
    use crate::manifest::{decode, documents};
    use crate::time::Duration;
    use crate::view::desk::EXAMPLE;

    /// A cluster to which the example was given.
    fn cluster() -> Cluster {
        let mut cluster = Cluster::new(Settings::default());
        for (document, kind) in documents(EXAMPLE.as_bytes()).zip([Kind::Deployment, Kind::Service])
        {
            let node = document.expect("the example is YAML");
            let mut object =
                decode(&node, |decoder| Object::decode(kind, decoder)).expect("and sound");
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
