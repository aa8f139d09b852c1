//! The API server and its etcd: every object, its versions, and who wrote them because of what.
//!
//! [`Store`] is a value: cloning it is cheap and gives an independent world. Reading is direct; writing goes through a
//! [`Client`], which stamps every change with its [`Cause`]. The log of changes is what controllers, scheduler and
//! kubelets watch, each with a cursor of its own; its owner compacts it, so it does not grow without end.

mod admission;
mod cause;
mod client;
mod delete;
mod digest;
mod event;
mod family;
mod flags;
mod log;
pub mod patch;
mod service_ip;
mod strategy;
mod summary;
#[cfg(test)]
pub(crate) mod testing;
mod throttle;
mod wire;

use std::sync::Arc;

use admission::AdmittedPod;
pub use cause::{Actor, Because, Cause};
pub use client::Client;
pub use delete::{DeleteOptions, FOREGROUND_FINALIZER, ORPHAN_FINALIZER, Propagation};
pub use event::{EventOrigin, EventType};
pub use family::{Alike, Family};
pub use flags::Flags;
pub use log::{Change, ChangeLog};
pub use strategy::NAMESPACE_FINALIZER;
pub use summary::PodSummary;
pub use throttle::{Rate, Throttle};
pub use wire::{PatchType, decode_body, decode_object};

use crate::object::{Body, Key, Kind, Name, Object};
use crate::persistent::{OrdMap, Vector};
use crate::random::Random;
use crate::time::Time;

/// All objects of a cluster and the log of their changes.
#[derive(Clone, Debug, PartialEq)]
pub struct Store {
    objects: OrdMap<Key, Arc<Object>>,
    /// Every key whose object is owned by this uid (controller or not).
    owned: OrdMap<Name, OrdMap<Key, Arc<Object>>>,
    /// The Pods that each controlling owner has, in brief.
    controlled: OrdMap<Name, Family>,
    /// The Pods and ReplicaSets that no controller manages: what a controller may adopt.
    orphans: OrdMap<Key, Arc<Object>>,
    /// The Pods bound to each node.
    bound: OrdMap<Name, OrdMap<Key, Arc<Object>>>,
    /// The revision of the last write; etcd starts at 1.
    revision: u64,
    log: ChangeLog,
    /// When to look whether an Event's hour is over, in the order of writing.
    event_expiry: Vector<(Time, Key)>,
    /// The recorders' spam filters: component and object, and when its bucket is full again.
    event_spam: OrdMap<(&'static str, Name), Time>,
    /// What became of the last few Pod specs.
    admitted: Vector<AdmittedPod>,
    /// For uids and generated names.
    random: Random,
}

impl Store {
    /// An empty store.
    pub fn new(random: &Random) -> Self {
        Self {
            objects: OrdMap::new(),
            owned: OrdMap::new(),
            controlled: OrdMap::new(),
            bound: OrdMap::new(),
            orphans: OrdMap::new(),
            revision: 1,
            log: ChangeLog::default(),
            event_expiry: Vector::new(),
            event_spam: OrdMap::new(),
            admitted: Vector::new(),
            random: random.split("store"),
        }
    }

    /// The revision of the last write.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// One object.
    pub fn get(&self, key: &Key) -> Option<&Arc<Object>> {
        self.objects.get(key)
    }

    /// Objects of a kind, in one namespace or (with `None`) in all, in key order.
    pub fn list(&self, kind: Kind, namespace: Option<&str>) -> impl Iterator<Item = &Arc<Object>> {
        let first = Key::new(kind, namespace.unwrap_or_default(), "");
        let namespace = namespace.map(Name::from);
        self.objects
            .range(first..)
            .take_while(move |(key, _)| {
                key.kind == kind && namespace.as_ref().is_none_or(|name| *name == key.namespace)
            })
            .map(|(_, object)| object)
    }

    /// Objects that name this uid among their owners, in key order.
    pub fn owned_by(&self, uid: &str) -> impl Iterator<Item = &Arc<Object>> {
        self.owned.get(uid).into_iter().flat_map(OrdMap::values)
    }

    /// The Pods that the owner with this uid controls, in brief, in key order.
    pub fn pods_of(&self, uid: &str) -> impl Iterator<Item = &PodSummary> {
        self.controlled.get(uid).into_iter().flat_map(Family::pods)
    }

    /// How many Pods the owner with this uid controls, by their labels.
    pub fn counts_of(&self, uid: &str) -> &[Alike] {
        self.controlled.get(uid).map_or(&[], Family::alike)
    }

    /// Pods or ReplicaSets in a namespace that no controller manages, in key order.
    pub fn orphans(&self, kind: Kind, namespace: &str) -> impl Iterator<Item = &Arc<Object>> {
        let first = Key::new(kind, namespace, "");
        let namespace = Name::clone(&first.namespace);
        self.orphans
            .range(first..)
            .take_while(move |(key, _)| key.kind == kind && key.namespace == namespace)
            .map(|(_, object)| object)
    }

    /// Pods bound to a node, in key order, finished ones included.
    pub fn pods_on(&self, node: &str) -> impl Iterator<Item = &Arc<Object>> {
        self.bound.get(node).into_iter().flat_map(OrdMap::values)
    }

    /// The log of changes.
    pub fn log(&self) -> &ChangeLog {
        &self.log
    }

    /// Forgets changes that every watcher has seen and that lie before `revision`.
    pub fn compact(&mut self, revision: u64) {
        self.log.compact(revision);
    }

    /// Puts, replaces or (with `None`) removes one object: the only place where the state changes.
    fn write(
        &mut self,
        key: &Key,
        after: Option<Object>,
        now: Time,
        cause: Cause,
    ) -> Option<Arc<Object>> {
        self.revision += 1;
        self.forget_admitted(key.kind);
        let before = self.objects.get(key).cloned();
        let after = after.map(|object| Arc::new(Object { revision: self.revision, ..object }));
        if before.as_deref().is_some_and(|before| moved(before, after.as_deref())) {
            self.unindex(key, before.as_deref());
        }
        match &after {
            Some(object) => {
                self.index(key, object);
                self.objects.insert(key.clone(), Arc::clone(object));
            }
            None => {
                self.objects.discard(key);
            }
        }
        self.log.push(Change {
            revision: self.revision,
            time: now,
            key: key.clone(),
            before,
            after: after.clone(),
            cause,
        });
        after
    }

    fn index(&mut self, key: &Key, object: &Arc<Object>) {
        for owner in object.meta.owner_references.iter().flatten() {
            let owned = self.owned.entry(owner.uid.as_str().into()).or_default();
            owned.insert(key.clone(), Arc::clone(object));
        }
        match (object.controller(), PodSummary::of(object)) {
            (Some(owner), Some(summary)) => {
                let pods = self.controlled.entry(owner.uid.as_str().into()).or_default();
                pods.insert(key, summary);
            }
            (None, _) if matches!(key.kind, Kind::Pod | Kind::ReplicaSet) => {
                self.orphans.insert(key.clone(), Arc::clone(object));
            }
            _ => {}
        }
        if let Some(node) = node_of(object) {
            let bound = self.bound.entry(Arc::clone(node)).or_default();
            bound.insert(key.clone(), Arc::clone(object));
        }
    }

    fn unindex(&mut self, key: &Key, object: Option<&Object>) {
        let Some(object) = object else { return };
        for owner in object.meta.owner_references.iter().flatten() {
            remove_from(&mut self.owned, owner.uid.as_str(), key);
        }
        if let Some(owner) = object.controller()
            && let Some(family) = self.controlled.get_mut(owner.uid.as_str())
        {
            family.remove(key);
            if family.is_empty() {
                self.controlled.discard(owner.uid.as_str());
            }
        }
        self.orphans.discard(key);
        if let Some(node) = node_of(object) {
            remove_from(&mut self.bound, node, key);
        }
    }
}

/// Whether an object leaves a place in an index: it is removed, or its owners or its node change.
fn moved(before: &Object, after: Option<&Object>) -> bool {
    after.is_none_or(|after| {
        before.meta.owner_references != after.meta.owner_references
            || node_of(before) != node_of(after)
    })
}

fn node_of(object: &Object) -> Option<&Name> {
    if let Body::Pod(pod) = &object.body { pod.own.node_name.as_ref() } else { None }
}

fn remove_from(index: &mut OrdMap<Name, OrdMap<Key, Arc<Object>>>, entry: &str, key: &Key) {
    let Some(keys) = index.get_mut(entry) else { return };
    keys.discard(key);
    if keys.is_empty() {
        index.discard(entry);
    }
}
