//! Deletion: at once, or by a deletionTimestamp where grace or finalizers hold the object back.
//!
//! Models kubernetes apiserver `pkg/registry/rest/delete.go` (`BeforeDelete`), `generic/registry/store.go`
//! (`Delete`, `deletionFinalizersForGarbageCollection`), `pkg/registry/core/pod/strategy.go` (`CheckGracefulDelete`)
//! and `pkg/registry/core/namespace/storage`. An object with finalizers is never removed before the last one went.

use std::sync::Arc;
use std::time::Duration;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::Client;
use super::client::check_uid;
use super::strategy::NAMESPACE_FINALIZER;
use crate::object::custom::CLEANUP_FINALIZER;
use crate::object::{Body, Key, Kind, Object, Reason, StatusError};
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

/// The finalizer of foreground deletion.
pub const FOREGROUND_FINALIZER: &str = "foregroundDeletion";

/// The finalizer that makes the garbage collector orphan dependents.
pub const ORPHAN_FINALIZER: &str = "orphan";

/// Namespaces that admission never lets go.
const IMMORTAL_NAMESPACES: [&str; 3] = ["default", "kube-system", "kube-public"];

impl Client<'_> {
    /// Deletes: at once, or by setting deletionTimestamp where grace or finalizers hold the object back.
    /// Returns the last version.
    pub fn delete(
        &mut self,
        key: &Key,
        options: &DeleteOptions,
    ) -> Result<Arc<Object>, StatusError> {
        self.authorize("delete", key, "")?;
        let current = Arc::clone(self.current(key)?);
        if key.kind == Kind::Namespace && IMMORTAL_NAMESPACES.contains(&&*key.name) {
            return Err(StatusError::new(
                Reason::Forbidden,
                format!(
                    "namespaces \"{}\" is forbidden: this namespace may not be deleted",
                    key.name
                ),
            ));
        }
        check_uid(key, options.uid.as_deref(), &current)?;
        if let Body::Namespace(_) = &current.body {
            return Ok(self.terminate_namespace(key, &current));
        }
        let grace = match grace_of(&current, options, self.now) {
            Grace::Pending => return Ok(current),
            grace @ (Grace::None | Grace::Set { .. }) => grace,
        };
        let mut next = Object::clone(&current);
        let meta = Arc::make_mut(&mut next.meta);
        if let Grace::Set { deadline, secs } = grace {
            if meta.deletion_timestamp.is_none() {
                meta.generation = meta.generation.map(|generation| generation + 1);
            }
            meta.deletion_timestamp = Some(deadline.to_meta());
            meta.deletion_grace_period_seconds = Some(secs);
        }
        set_dependents_finalizer(meta, options.propagation);
        if key.kind == Kind::CustomResourceDefinition && meta.deletion_timestamp.is_none() {
            // Its objects go first (apiextensions-apiserver `pkg/registry/customresourcedefinition/etcd.go`).
            meta.finalizers.get_or_insert_default().push(CLEANUP_FINALIZER.to_owned());
        }
        let held = meta.finalizers.iter().flatten().next().is_some();
        if held && meta.deletion_timestamp.is_none() {
            meta.generation = meta.generation.map(|generation| generation + 1);
            meta.deletion_timestamp = Some(self.now.to_meta());
            meta.deletion_grace_period_seconds = Some(0);
        }
        let waits = held || matches!(grace, Grace::Set { secs: 1.., .. });
        let last = if next.meta == current.meta {
            self.count_read();
            current
        } else {
            self.put(key, next)
        };
        if !waits {
            self.store.write(key, None, self.now, self.cause);
        }
        Ok(last)
    }

    /// The first delete of a Namespace makes it `Terminating`; the namespace controller then empties it and calls
    /// [`Client::finalize_namespace`].
    fn terminate_namespace(&mut self, key: &Key, current: &Arc<Object>) -> Arc<Object> {
        if current.terminating() {
            return Arc::clone(current);
        }
        let mut next = Object::clone(current);
        Arc::make_mut(&mut next.meta).deletion_timestamp = Some(self.now.to_meta());
        if let Body::Namespace(body) = &mut next.body {
            Arc::make_mut(&mut body.status).phase = Some("Terminating".to_owned());
        }
        self.put(key, next)
    }

    /// Takes the `kubernetes` finalizer out of a Namespace's spec (the `finalize` subresource) and, if it is being
    /// deleted and no other finalizer is left, removes it.
    pub fn finalize_namespace(&mut self, name: &str) -> Result<Arc<Object>, StatusError> {
        let key = Key::cluster(Kind::Namespace, name);
        let current = Arc::clone(self.current(&key)?);
        let mut next = Object::clone(&current);
        let mut left = current.meta.finalizers.iter().flatten().count();
        if let Body::Namespace(body) = &mut next.body
            && let Some(finalizers) = &mut Arc::make_mut(&mut body.spec).finalizers
        {
            finalizers.retain(|finalizer| finalizer != NAMESPACE_FINALIZER);
            left += finalizers.len();
        }
        let last = if next == *current { current } else { self.put(&key, next) };
        if left == 0 && last.terminating() {
            self.store.write(&key, None, self.now, self.cause);
        }
        Ok(last)
    }
}

/// What the grace period makes of a delete.
#[derive(Copy, Clone)]
enum Grace {
    /// The kind has no graceful deletion, or it is over.
    None,
    /// Graceful deletion is under way and not made shorter: nothing to do.
    Pending,
    /// The object gets this deadline; with zero seconds it goes at once.
    Set { deadline: Time, secs: i64 },
}

fn grace_of(current: &Object, options: &DeleteOptions, now: Time) -> Grace {
    let Body::Pod(pod) = &current.body else { return Grace::None };
    let asked = options.grace_secs.map(|secs| if secs < 0 { 1 } else { secs });
    if let Some(deadline) = &current.meta.deletion_timestamp {
        let pending = current.meta.deletion_grace_period_seconds.unwrap_or(0);
        return match asked {
            _ if pending == 0 => Grace::None,
            Some(secs) if secs < pending => {
                let micros = pending.saturating_mul(1_000_000);
                let began = Time::from_micros(Time::from(deadline).micros().saturating_sub(micros));
                Grace::Set { deadline: after(began, secs), secs }
            }
            _ => Grace::Pending,
        };
    }
    let finished = matches!(pod.status.phase.as_deref(), Some("Succeeded" | "Failed"));
    let secs = if pod.own.node_name.is_none() || finished {
        0
    } else {
        let own = asked.or(pod.shared.termination_grace_period_seconds).unwrap_or(0);
        if own < 0 { 1 } else { own }
    };
    Grace::Set { deadline: after(now, secs), secs }
}

fn after(time: Time, secs: i64) -> Time {
    time + Duration::from_secs(secs.unsigned_abs())
}

/// Adds or removes the garbage collector's two finalizers as the propagation asks.
fn set_dependents_finalizer(meta: &mut ObjectMeta, propagation: Propagation) {
    let wanted = match propagation {
        Propagation::Background => None,
        Propagation::Foreground => Some(FOREGROUND_FINALIZER),
        Propagation::Orphan => Some(ORPHAN_FINALIZER),
    };
    let mut finalizers = meta.finalizers.take().unwrap_or_default();
    finalizers.retain(|name| {
        (name != FOREGROUND_FINALIZER && name != ORPHAN_FINALIZER) || Some(name.as_str()) == wanted
    });
    if let Some(wanted) = wanted
        && !finalizers.iter().any(|name| name == wanted)
    {
        finalizers.push(wanted.to_owned());
    }
    meta.finalizers = (!finalizers.is_empty()).then_some(finalizers);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::Name;
    use crate::store::testing::{CAUSE, deployment, pod as new_pod, store};

    /// What is left of a Pod after the deletes, as `deadline in seconds / grace / generation`, or `gone`.
    fn after_deletes(bound: bool, finalizer: Option<&str>, grace: &[Option<i64>]) -> String {
        let mut store = store();
        let mut client = Client::new(&mut store, Time::START, CAUSE);
        let mut pod = new_pod("p");
        if let Body::Pod(body) = &mut pod.body {
            Arc::make_mut(&mut body.shared).termination_grace_period_seconds = Some(30);
        }
        if let Some(finalizer) = finalizer {
            Arc::make_mut(&mut pod.meta).finalizers = Some(vec![finalizer.into()]);
        }
        let key = client.create(pod).unwrap().key();
        if bound {
            client.bind(&key, &Name::from("node-1")).unwrap();
        }
        for secs in grace {
            let options = DeleteOptions { grace_secs: *secs, ..DeleteOptions::default() };
            client.delete(&key, &options).unwrap();
        }
        match store.get(&key) {
            None => "gone".into(),
            Some(pod) => format!(
                "{}/{}/{}",
                pod.meta
                    .deletion_timestamp
                    .as_ref()
                    .map_or(-1, |time| Time::from(time).secs() - Time::START.secs()),
                pod.meta.deletion_grace_period_seconds.unwrap_or(-1),
                pod.meta.generation.unwrap_or(-1),
            ),
        }
    }

    #[test]
    fn grace_and_finalizers_hold_a_pod_back() {
        assert_eq!(after_deletes(true, None, &[None]), "30/30/2", "its own grace");
        assert_eq!(after_deletes(true, None, &[None, None]), "30/30/2", "asked twice");
        assert_eq!(after_deletes(true, None, &[None, Some(5)]), "5/5/2", "made shorter");
        assert_eq!(after_deletes(true, None, &[Some(5), Some(60)]), "5/5/2", "never longer");
        assert_eq!(after_deletes(true, None, &[None, Some(0)]), "gone", "the kubelet's last word");
        assert_eq!(after_deletes(false, None, &[None]), "gone", "not scheduled");
        assert_eq!(
            after_deletes(false, Some("example.com/hold"), &[None]),
            "0/0/2",
            "held by a finalizer"
        );
        assert_eq!(
            after_deletes(true, Some("example.com/hold"), &[None, Some(0)]),
            "0/0/2",
            "held after its grace"
        );
    }

    #[test]
    fn the_last_finalizer_to_go_removes_what_was_deleted() {
        let mut store = store();
        let mut client = Client::new(&mut store, Time::START, CAUSE);
        let key = client.create(deployment("d")).unwrap().key();
        let options =
            DeleteOptions { propagation: Propagation::Foreground, ..DeleteOptions::default() };
        client.delete(&key, &options).unwrap();
        let held = client.store().get(&key).expect("held by its finalizer");
        assert_eq!(held.meta.finalizers.as_deref(), Some(&[FOREGROUND_FINALIZER.to_owned()][..]));
        client.modify(&key, |object| Arc::make_mut(&mut object.meta).finalizers = None).unwrap();
        assert!(store.get(&key).is_none());
    }

    #[test]
    fn a_namespace_terminates_and_goes_when_finalized() {
        let mut store = store();
        let mut client = Client::new(&mut store, Time::START, CAUSE);
        let meta = ObjectMeta { name: Some("shop".into()), ..ObjectMeta::default() };
        let key = client
            .create(Object::new(meta, Body::Namespace(crate::object::Split::default())))
            .unwrap()
            .key();
        client.delete(&key, &DeleteOptions::default()).unwrap();
        let phase =
            client.store().get(&key).and_then(|object| object.as_namespace()?.status.phase.clone());
        assert_eq!(phase.as_deref(), Some("Terminating"));
        client.finalize_namespace("shop").unwrap();
        assert!(store.get(&key).is_none());
    }
}
