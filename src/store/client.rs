//! The way to write: a client acts for one actor, at one moment, because of one thing.
//!
//! Models the API server's generic registry (kubernetes `staging/src/k8s.io/apiserver/pkg/registry/generic/registry/store.go`):
//! names and uids, generation and resourceVersion, graceful deletion, finalizers.

use std::sync::Arc;

use super::{Cause, Store};
use crate::object::{Body, Key, Name, Object, StatusError};
use crate::time::Time;

/// How dependents of a deleted object are treated (`--cascade`).
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub enum Propagation {
    /// The garbage collector deletes them afterwards.
    #[default]
    Background,
    /// The object stays until they are gone.
    Foreground,
    /// They lose the owner and stay.
    Orphan,
}

/// What a delete asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeleteOptions {
    /// Seconds of grace; `None` takes the object's own.
    pub grace_secs: Option<i64>,
    /// What happens to dependents.
    pub propagation: Propagation,
    /// Delete only the object with this uid.
    pub uid: Option<String>,
}

/// The two types of Event.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the Kubernetes event type of the same name")]
pub enum EventType {
    Normal,
    Warning,
}

/// Writes for one actor and one cause. Reads go through [`Client::store`].
#[derive(Debug)]
pub struct Client<'a> {
    store: &'a mut Store,
    now: Time,
    cause: Cause,
}

impl<'a> Client<'a> {
    /// A client for one piece of work.
    pub fn new(store: &'a mut Store, now: Time, cause: Cause) -> Self {
        Self { store, now, cause }
    }

    /// The state, to read.
    pub fn store(&self) -> &Store {
        self.store
    }

    /// The moment of this piece of work.
    pub fn now(&self) -> Time {
        self.now
    }

    /// Who acts and why.
    pub fn cause(&self) -> Cause {
        self.cause
    }

    /// Creates an object: names it (`generateName`), gives it uid, creation time and generation, defaults, admits,
    /// validates and stores it.
    pub fn create(&mut self, mut object: Object) -> Result<Arc<Object>, StatusError> {
        let random = &mut self.store.random;
        let meta = Arc::make_mut(&mut object.meta);
        if meta.name.as_deref().unwrap_or_default().is_empty() {
            if let Some(prefix) = &meta.generate_name {
                meta.name = Some(format!("{prefix}{}", random.suffix(5)));
            }
        }
        meta.uid = Some(random.uid());
        meta.creation_timestamp = Some(self.now.to_meta());
        let key = object.key();
        if self.store.get(&key).is_some() {
            return Err(StatusError::already_exists(&key));
        }
        Ok(self.put(&key, object))
    }

    /// Replaces an object's metadata and spec; its status stays. Refused with a conflict if `object.revision` is set
    /// and is not the stored one. A write that changes nothing makes no revision. Raises the generation when the spec
    /// changed, and removes the object when its last finalizer went while it was being deleted.
    pub fn update(&mut self, object: Object) -> Result<Arc<Object>, StatusError> {
        let key = object.key();
        let current = self.store.get(&key).ok_or_else(|| StatusError::not_found(&key))?;
        if object.revision != 0 && object.revision != current.revision {
            return Err(StatusError::conflict(&key));
        }
        Ok(self.put(&key, object))
    }

    /// Replaces an object's status and nothing else, by a change to a copy of the stored version; a write that changes
    /// nothing makes no revision.
    pub fn update_status(
        &mut self,
        key: &Key,
        change: impl FnOnce(&mut Body),
    ) -> Result<Arc<Object>, StatusError> {
        let current = self.store.get(key).ok_or_else(|| StatusError::not_found(key))?;
        let mut next = Object::clone(current);
        change(&mut next.body);
        if next.body == current.body {
            return Ok(Arc::clone(current));
        }
        Ok(self.put(key, next))
    }

    /// Deletes: at once, or by setting deletionTimestamp where grace or finalizers hold the object back.
    /// Returns the last version.
    pub fn delete(
        &mut self,
        key: &Key,
        options: &DeleteOptions,
    ) -> Result<Arc<Object>, StatusError> {
        let current = self.store.get(key).ok_or_else(|| StatusError::not_found(key))?;
        if options.uid.as_ref().is_some_and(|uid| uid != current.uid()) {
            return Err(StatusError::conflict(key));
        }
        let last = Arc::clone(current);
        self.store.write(key, None, self.now, self.cause);
        Ok(last)
    }

    /// Binds a Pod to a node (the `binding` subresource): sets the node and the `PodScheduled` condition.
    pub fn bind(&mut self, key: &Key, node: &Name) -> Result<Arc<Object>, StatusError> {
        let current = self.store.get(key).ok_or_else(|| StatusError::not_found(key))?;
        let mut next = Object::clone(current);
        if let Body::Pod(pod) = &mut next.body {
            pod.own.node_name = Some(Arc::clone(node));
        }
        Ok(self.put(key, next))
    }

    /// Records an Event about an object, or raises the count of the one that says the same
    /// (client-go `tools/record`: same object, type, reason, message and component).
    pub fn record(
        &mut self,
        about: &Object,
        event: EventType,
        reason: &str,
        message: impl Into<String>,
    ) {
        let _ = (about, event, reason, message.into());
    }

    fn put(&mut self, key: &Key, next: Object) -> Arc<Object> {
        self.store.write(key, Some(next), self.now, self.cause).expect("an object was written")
    }
}
