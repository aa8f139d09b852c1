//! The garbage collector: what nobody owns any more goes too.
//!
//! Models kubernetes `pkg/controller/garbagecollector/garbagecollector.go` (`attemptToDeleteItem`,
//! `attemptToOrphanWorker`, `processDeletingDependentsItem`): background deletion of dependents whose owners are all
//! gone, foreground deletion (the owner waits for those that block it), and orphaning.

use std::sync::Arc;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::OwnerReference;

use super::{Controller, Requeue};
use crate::object::{KINDS, Key, Kind, Object, Reason, StatusError};
use crate::store::{
    Change, Client, DeleteOptions, FOREGROUND_FINALIZER, ORPHAN_FINALIZER, Propagation, Store,
};

/// The controller's line in the list.
pub const GARBAGE_COLLECTOR: Controller =
    Controller { name: "garbage-collector-controller", keys, reconcile, cloud: false };

fn keys(change: &Change, store: &Store) -> Vec<Key> {
    let object = change.object();
    if change.after.is_none() {
        let dependents = store.owned_by(object.uid()).map(|dependent| dependent.key());
        return dependents.chain(waiting_owners(object, store)).collect();
    }
    let newly =
        |test: fn(&Object) -> bool| test(object) && !change.before.as_deref().is_some_and(test);
    if newly(|object| object.terminating() && has_finalizer(object, FOREGROUND_FINALIZER)) {
        let dependents = store.owned_by(object.uid()).map(|dependent| dependent.key());
        return std::iter::once(change.key.clone()).chain(dependents).collect();
    }
    if newly(|object| object.terminating() && has_finalizer(object, ORPHAN_FINALIZER)) {
        return vec![change.key.clone()];
    }
    let owners = &object.meta.owner_references;
    let changed =
        change.before.as_ref().is_none_or(|before| before.meta.owner_references != *owners);
    let lost = |owner: &OwnerReference| !matches!(find(owner, object, store), Owner::Solid);
    if changed && owners.iter().flatten().any(lost) {
        return vec![change.key.clone()];
    }
    Vec::new()
}

/// The owners of an object that went, where they wait for it.
fn waiting_owners(object: &Object, store: &Store) -> Vec<Key> {
    let owners = object.meta.owner_references.iter().flatten();
    owners
        .filter(|owner| matches!(find(owner, object, store), Owner::WaitsForDependents))
        .filter_map(|owner| owner_key(owner, object, store))
        .collect()
}

fn reconcile(client: &mut Client<'_>, key: &Key) -> Requeue {
    let Some(object) = client.store().get(key).cloned() else { return Requeue::No };
    let done = if object.terminating() && has_finalizer(&object, ORPHAN_FINALIZER) {
        orphan_dependents(client, &object)
    } else if object.terminating() && has_finalizer(&object, FOREGROUND_FINALIZER) {
        release_if_free(client, &object).map(|()| true)
    } else {
        // It reads the object anew before it deletes it.
        client.count_read();
        attempt_to_delete(client, &object).map(|()| true)
    };
    match done {
        Ok(true) => Requeue::No,
        Ok(false) => Requeue::Throttled,
        Err(refused) if refused.reason == Reason::NotFound => Requeue::No,
        Err(_) => Requeue::BackOff,
    }
}

/// Takes the owner out of its dependents, then lets it go; false if more calls are needed than may be made.
fn orphan_dependents(client: &mut Client<'_>, owner: &Object) -> Result<bool, StatusError> {
    let dependent =
        |client: &Client<'_>| client.store().owned_by(owner.uid()).next().map(|one| one.key());
    while let Some(key) = dependent(client) {
        if !client.may_call() {
            return Ok(false);
        }
        client.modify(&key, |dependent| keep_owners(dependent, |one| one.uid != owner.uid()))?;
    }
    remove_finalizer(client, owner, ORPHAN_FINALIZER).map(|()| true)
}

/// Lets an owner go once no dependent blocks it.
fn release_if_free(client: &mut Client<'_>, owner: &Object) -> Result<(), StatusError> {
    let blocks = |dependent: &Arc<Object>| {
        let owners = dependent.meta.owner_references.iter().flatten();
        owners
            .into_iter()
            .any(|one| one.uid == owner.uid() && one.block_owner_deletion == Some(true))
    };
    if client.store().owned_by(owner.uid()).any(blocks) {
        return Ok(());
    }
    remove_finalizer(client, owner, FOREGROUND_FINALIZER)
}

/// Deletes an object whose owners are all gone or wait for it; with one left, forgets the others.
fn attempt_to_delete(client: &mut Client<'_>, object: &Object) -> Result<(), StatusError> {
    let owners: Vec<_> = object.meta.owner_references.iter().flatten().cloned().collect();
    if owners.is_empty() || object.terminating() && !has_finalizer(object, FOREGROUND_FINALIZER) {
        return Ok(());
    }
    let states: Vec<_> = owners.iter().map(|owner| find(owner, object, client.store())).collect();
    if states.contains(&Owner::Solid) {
        let lost: Vec<_> = owners
            .iter()
            .zip(&states)
            .filter(|(_, state)| **state != Owner::Solid)
            .map(|(owner, _)| owner.uid.clone())
            .collect();
        if !lost.is_empty() {
            let key = object.key();
            client.modify(&key, |one| keep_owners(one, |owner| !lost.contains(&owner.uid)))?;
        }
        return Ok(());
    }
    let has_dependents = client.store().owned_by(object.uid()).next().is_some();
    let waits = states.contains(&Owner::WaitsForDependents);
    let propagation = if waits && has_dependents || has_finalizer(object, FOREGROUND_FINALIZER) {
        Propagation::Foreground
    } else if has_finalizer(object, ORPHAN_FINALIZER) {
        Propagation::Orphan
    } else {
        Propagation::Background
    };
    let uid = Some(object.uid().to_owned());
    client
        .delete(&object.key(), &DeleteOptions { propagation, uid, ..DeleteOptions::default() })?;
    Ok(())
}

/// What has become of an owner.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
enum Owner {
    /// It is there.
    Solid,
    /// It is not, or another one has its name.
    Gone,
    /// It is being deleted in the foreground.
    WaitsForDependents,
}

fn find(owner: &OwnerReference, dependent: &Object, store: &Store) -> Owner {
    // An owner of a kind that is not simulated cannot be looked up; it is taken to be there.
    let Some(key) = owner_key(owner, dependent, store) else { return Owner::Solid };
    match store.get(&key).filter(|found| found.uid() == owner.uid) {
        None => Owner::Gone,
        Some(found) if found.terminating() && has_finalizer(found, FOREGROUND_FINALIZER) => {
            Owner::WaitsForDependents
        }
        Some(_) => Owner::Solid,
    }
}

fn owner_key(owner: &OwnerReference, dependent: &Object, store: &Store) -> Option<Key> {
    let custom = store.served().iter().filter_map(|resource| resource.custom);
    let info = KINDS
        .iter()
        .chain(custom)
        .find(|info| info.name == owner.kind && info.api_version() == owner.api_version)?;
    let namespace = if info.namespaced { dependent.namespace() } else { "" };
    let kind: Kind = info.kind();
    Some(Key::new(kind, namespace, owner.name.as_str()))
}

fn has_finalizer(object: &Object, finalizer: &str) -> bool {
    object.meta.finalizers.iter().flatten().any(|one| one == finalizer)
}

fn remove_finalizer(
    client: &mut Client<'_>,
    object: &Object,
    finalizer: &str,
) -> Result<(), StatusError> {
    client.modify(&object.key(), |object| {
        if let Some(finalizers) = &mut Arc::make_mut(&mut object.meta).finalizers {
            finalizers.retain(|one| one != finalizer);
        }
    })?;
    Ok(())
}

fn keep_owners(object: &mut Object, keep: impl Fn(&OwnerReference) -> bool) {
    let meta = Arc::make_mut(&mut object.meta);
    if let Some(owners) = &mut meta.owner_references {
        owners.retain(keep);
    }
    meta.owner_references.take_if(|owners| owners.is_empty());
}
