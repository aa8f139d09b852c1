//! What holds for every object, whatever its kind.

use kobune::object::Kind;
use kobune::store::{Actor, Because, Change};
use serde_json::json;

use super::{Verdict, holds};
use crate::facts::{World, field, owner};
use crate::lab::{self, Lab};

pub(super) fn keeps_uid(_: &World<'_>, change: &Change) -> Verdict {
    let (Some(before), Some(after)) = (&change.before, &change.after) else { return Ok(()) };
    let same = before.uid() == after.uid()
        && before.meta.creation_timestamp == after.meta.creation_timestamp;
    holds(same && !after.uid().is_empty(), || format!("{} was {}", after.uid(), before.uid()))
}

pub(super) fn break_uid(lab: &mut Lab) {
    let pod = lab.put(lab::pod("a"));
    lab.forge(&pod, "/metadata/uid", json!("another"));
}

pub(super) fn generation_counts(_: &World<'_>, change: &Change) -> Verdict {
    let (Some(before), Some(after)) = (&change.before, &change.after) else { return Ok(()) };
    // Pods, which are many, count theirs in few cases; what has no spec counts other fields.
    let spec = field(after, "/spec");
    if !change.key.kind.info().generation || after.as_pod().is_some() || spec.is_null() {
        return Ok(());
    }
    let wanted_anew = field(before, "/spec") != spec;
    // A Deployment's annotations go to its ReplicaSets and count, unless they come with its status
    // (`pkg/registry/apps/deployment/strategy.go`).
    let annotated =
        change.key.kind == Kind::Deployment && before.meta.annotations != after.meta.annotations;
    let deleted = !before.terminating() && after.terminating();
    let (old, new) = (before.meta.generation, after.meta.generation);
    let counted = old.map(|old| old + i64::from(wanted_anew || deleted));
    holds(new == counted || annotated && new == old.map(|old| old + 1), || {
        format!("{old:?} became {new:?}; spec changed: {wanted_anew}, deleted: {deleted}")
    })
}

pub(super) fn break_generation(lab: &mut Lab) {
    let set = lab.put(lab::replica_set("a", 1));
    lab.forge(&set, "/spec/replicas", json!(5));
}

pub(super) fn deletion_stays(_: &World<'_>, change: &Change) -> Verdict {
    let (Some(before), Some(after)) = (&change.before, &change.after) else { return Ok(()) };
    holds(!before.terminating() || after.terminating(), || "it was being deleted".to_owned())
}

pub(super) fn break_deletion(lab: &mut Lab) {
    let pod = lab.put(lab::pod("a"));
    let deleted = lab.forge(&pod, "/metadata/deletionTimestamp", json!("2026-04-01T00:00:00Z"));
    lab.forge(&deleted, "/metadata/deletionTimestamp", json!(null));
}

pub(super) fn has_a_cause(_: &World<'_>, change: &Change) -> Verdict {
    let before = match (change.cause.actor, change.cause.because) {
        (_, Because::Change(revision)) => revision < change.revision,
        (Actor::User, because) => matches!(because, Because::Act(_)),
        (Actor::Component(_), _) => true,
    };
    holds(before, || format!("{:?} at revision {}", change.cause, change.revision))
}

pub(super) fn break_cause(lab: &mut Lab) {
    lab.because(Because::Change(1 << 40));
    lab.put(lab::pod("a"));
}

pub(super) fn owner_lives(world: &World<'_>, change: &Change) -> Verdict {
    let (None, Some(child), Actor::Component(_)) =
        (&change.before, &change.after, change.cause.actor)
    else {
        return Ok(());
    };
    if child.controller().is_none() {
        return Ok(());
    }
    holds(owner(world.store, child).is_some(), || {
        format!("its owner {:?} is not there", child.controller().map(|owner| &owner.name))
    })
}

pub(super) fn break_owner(lab: &mut Lab) {
    lab.by("replicaset-controller");
    lab.put(lab::owned(lab::pod("a"), "ReplicaSet", "gone", "gone"));
}
