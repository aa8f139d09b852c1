//! The API server and its etcd: every object, its versions, and who wrote them because of what.
//!
//! [`Store`] is a value: cloning it is cheap and gives an independent world. Reading is direct; writing goes through a
//! [`Client`], which stamps every change with its [`Cause`]. The log of changes is what controllers, scheduler and
//! kubelets watch, each with a cursor of its own; its owner compacts it, so it does not grow without end.

mod admission;
mod authorize;
mod cause;
mod client;
mod custom;
mod delete;
mod digest;
mod event;
mod evict;
mod family;
mod fields;
mod flags;
mod log;
mod note;
pub mod patch;
mod patch_request;
mod server_apply;
mod service_ip;
mod strategy;
mod tally;
#[cfg(test)]
pub(crate) mod testing;
mod throttle;
mod wire;

use std::sync::Arc;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::OwnerReference;

use admission::AdmittedPod;
pub use authorize::{Access, User, check as authorize};
pub use cause::{Actor, Because, Cause};
pub use client::Client;
pub use custom::not_served;
pub use delete::{DeleteOptions, FOREGROUND_FINALIZER, ORPHAN_FINALIZER, Propagation};
pub use event::{EventOrigin, EventType};
pub use evict::disruption_condition;
pub use family::Alike;
use family::Family;
pub use flags::Flags;
pub use log::{Change, ChangeLog};
pub use note::Note;
pub use patch_request::{
    PatchRequest, Patched, Subresource, no_such_path, scale_value, subresource_value,
};
pub use server_apply::ApplyOptions;
pub use strategy::NAMESPACE_FINALIZER;
use tally::Difference;
pub use tally::ready_since;
pub use throttle::{Rate, Throttle};
pub use wire::{PatchType, decode_body, decode_object};

use crate::object::official::Resource;
use crate::object::{Body, Key, Kind, Name, Object};
use crate::persistent::{OrdMap, OrdSet, Table, Vector};
use crate::random::Random;
use crate::time::Time;

/// All objects of a cluster and the log of their changes.
#[derive(Clone, Debug, PartialEq)]
pub struct Store {
    objects: Table<Key, Arc<Object>>,
    /// Their keys in order: what is listed.
    keys: OrdSet<Key>,
    /// What names this uid as its owner.
    owned: OrdMap<Name, Family>,
    /// The Pods and ReplicaSets that no controller manages: what a controller may adopt.
    orphans: OrdSet<Key>,
    /// The Pods bound to each node.
    bound: OrdMap<Name, OrdSet<Key>>,
    /// The Events about each object, by its uid, or by its name where there is none.
    told: OrdMap<Name, Vec<Key>>,
    /// Events that were deleted, which those who told them remember.
    past_events: Table<Key, Arc<Object>>,
    /// The revision of the last write; etcd starts at 1.
    revision: u64,
    log: ChangeLog,
    /// When to look whether an Event's hour is over, in the order of writing.
    event_expiry: Vector<(Time, Key)>,
    /// The recorders' spam filters: component and object, and when its bucket is full again.
    event_spam: OrdMap<Name, Time>,
    /// When the filters were last cleared of those whose buckets are full.
    event_spam_cleared: Time,
    /// What became of the last few Pod specs.
    admitted: Vector<AdmittedPod>,
    /// For uids and generated names.
    random: Random,
    /// Who manages which fields, of the objects of which it had to be written down.
    managers: OrdMap<Key, Arc<server_apply::Managers>>,
    /// What the stored definitions serve.
    served: Vec<&'static Resource>,
}

impl Store {
    /// An empty store.
    pub fn new(random: &Random) -> Self {
        Self {
            objects: Table::default(),
            keys: OrdSet::new(),
            owned: OrdMap::new(),
            bound: OrdMap::new(),
            orphans: OrdSet::new(),
            told: OrdMap::new(),
            past_events: Table::default(),
            revision: 1,
            log: ChangeLog::default(),
            event_expiry: Vector::new(),
            event_spam: OrdMap::new(),
            event_spam_cleared: Time::START,
            admitted: Vector::new(),
            random: random.split("store"),
            managers: OrdMap::default(),
            served: Vec::new(),
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
        self.keys
            .range(first..)
            .take_while(move |key| {
                key.kind == kind && namespace.as_ref().is_none_or(|name| *name == key.namespace)
            })
            .filter_map(|key| self.objects.get(key))
    }

    /// Objects that name this uid among their owners, in key order.
    pub fn owned_by(&self, uid: &str) -> impl Iterator<Item = &Arc<Object>> {
        let keys = self.owned.get(uid).into_iter().flat_map(Family::keys);
        keys.filter_map(|key| self.objects.get(key))
    }

    /// How many Pods the owner with this uid controls, by their labels.
    pub fn counts_of(&self, uid: &str) -> &[Alike] {
        self.owned.get(uid).map_or(&[], Family::alike)
    }

    /// Pods or ReplicaSets in a namespace that no controller manages, in key order.
    pub fn orphans(&self, kind: Kind, namespace: &str) -> impl Iterator<Item = &Arc<Object>> {
        let here = move |key: &&Key| key.kind == kind && *key.namespace == *namespace;
        let first = Key::new(kind, namespace, "");
        let keys = self.orphans.range(first..).take_while(here);
        keys.filter_map(|key| self.objects.get(key))
    }

    /// Pods bound to a node, in key order, finished ones included.
    pub fn pods_on(&self, node: &str) -> impl Iterator<Item = &Arc<Object>> {
        let keys = self.bound.get(node).into_iter().flat_map(OrdSet::iter);
        keys.filter_map(|key| self.objects.get(key))
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
        let after = after.map(|object| Arc::new(Object { revision: self.revision, ..object }));
        if after.is_none() && !self.managers.is_empty() {
            self.managers.remove(key);
        }
        let before = match &after {
            Some(object) => self.objects.replace(key, Arc::clone(object)),
            None => self.objects.remove(key),
        };
        let (old, new) = (before.as_deref(), after.as_deref());
        match (old, new) {
            (None, Some(object)) => {
                self.keys.insert(key.clone());
                self.tell(key, object);
            }
            (Some(_), None) => {
                self.keys.remove(key);
                if let Some(object) = &before {
                    self.untell(key, object);
                }
            }
            _ => {}
        }
        if old.map(owners_of) == new.map(owners_of) {
            self.recount(old, new);
        } else {
            self.unlink(key, old);
            self.link(key, new);
        }
        self.place(key, old, new);
        if key.kind == Kind::CustomResourceDefinition {
            self.note_definition(old, new);
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

    /// Notes whose an object is.
    fn link(&mut self, key: &Key, object: Option<&Object>) {
        let Some(object) = object else { return };
        for owner in owners_of(object).into_iter().flatten() {
            self.owned.entry(owner.uid.as_str().into()).or_default().insert(key);
        }
        if object.controller().is_none()
            && matches!(key.kind, Kind::Pod | Kind::ReplicaSet | Kind::ControllerRevision)
        {
            self.orphans.insert(key.clone());
        }
        self.recount(None, Some(object));
    }

    /// Forgets whose an object was.
    fn unlink(&mut self, key: &Key, object: Option<&Object>) {
        let Some(object) = object else { return };
        self.recount(Some(object), None);
        for owner in owners_of(object).into_iter().flatten() {
            let uid = owner.uid.as_str();
            let Some(family) = self.owned.get_mut(uid) else { continue };
            family.remove(key);
            if family.is_empty() {
                self.owned.discard(uid);
            }
        }
        self.orphans.remove(key);
    }

    /// Brings its controller's counts up to date with what became of a Pod.
    fn recount(&mut self, before: Option<&Object>, after: Option<&Object>) {
        let controller = after.or(before).and_then(Object::controller);
        if let Some(controller) = controller
            && let Some(change) = Difference::between(before, after)
            && let Some(family) = self.owned.get_mut(controller.uid.as_str())
        {
            family.count(&change);
        }
    }

    /// Keeps the Pods of each node.
    fn place(&mut self, key: &Key, before: Option<&Object>, after: Option<&Object>) {
        let (old, new) = (before.and_then(node_of), after.and_then(node_of));
        if old == new {
            return;
        }
        if let Some(node) = old
            && let Some(pods) = self.bound.get_mut(node)
        {
            pods.remove(key);
            if pods.is_empty() {
                self.bound.discard(node);
            }
        }
        if let Some(node) = new {
            self.bound.entry(Arc::clone(node)).or_default().insert(key.clone());
        }
    }
}

fn owners_of(object: &Object) -> Option<&Vec<OwnerReference>> {
    object.meta.owner_references.as_ref()
}

fn node_of(object: &Object) -> Option<&Name> {
    if let Body::Pod(pod) = &object.body { pod.own.node_name.as_ref() } else { None }
}
