//! What the server would say: each object is sent to a copy of the world, one after the other as `kubectl apply` does.

use std::sync::Arc;

use serde_json::{Value, json};

use super::World;
use crate::command::kubectl::LAST_APPLIED;
use crate::manifest::read_json;
use crate::object::{Object, StatusError, warnings};
use crate::store::{Actor, Because, Cause, Client, PatchType, Store, patch};
use crate::time::Time;

/// A copy of the world, in which what is checked takes place.
pub(super) struct Rehearsal<'a> {
    store: Store,
    now: Time,
    namespace: &'a str,
}

/// What became of an object: the server's warnings, or its refusal.
pub(super) type Said = Result<Vec<String>, StatusError>;

impl<'a> Rehearsal<'a> {
    pub(super) fn new(world: &World<'a>) -> Self {
        let store = world.cluster.store().clone();
        Self { store, now: world.cluster.now(), namespace: world.namespace }
    }

    /// The state, to read.
    pub(super) fn store(&self) -> &Store {
        &self.store
    }

    /// Creates an object, or changes the one there is; `manifest` is what was written.
    pub(super) fn apply(&mut self, mut object: Object, mut manifest: Value) -> Said {
        let kind = object.kind();
        if kind.info().namespaced && object.namespace().is_empty() {
            Arc::make_mut(&mut object.meta).namespace = Some(self.namespace.to_owned());
            manifest["metadata"]["namespace"] = Value::from(self.namespace);
        }
        if !kind.info().namespaced {
            Arc::make_mut(&mut object.meta).namespace = None;
        }
        let key = object.key();
        let cause = Cause { actor: Actor::User, because: Because::Act(0) };
        let live = self.store.get(&key).cloned();
        let mut client = Client::new(&mut self.store, self.now, cause);
        let Some(live) = live else {
            return client.create(object).map(|created| warnings(&created));
        };
        let last: Value = live
            .annotation(LAST_APPLIED)
            .and_then(|text| read_json(text).ok())
            .filter(Value::is_object)
            .unwrap_or_else(|| json!({}));
        // What is in the world as it is written is warned of again: the text still says so.
        let patch = patch::three_way(kind, &last, &manifest, &live.to_value()).ok();
        let patch =
            patch.filter(|patch| patch.as_object().is_some_and(|fields| !fields.is_empty()));
        let now = match patch {
            Some(patch) => client.patch(&key, PatchType::of(kind), &patch)?,
            None => live,
        };
        Ok(warnings(&now))
    }
}
