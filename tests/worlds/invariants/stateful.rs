//! What holds for StatefulSets: an order, and names that stay.

use std::sync::Arc;

use kobune::object::{Key, Kind, Object};
use kobune::order;
use kobune::store::{Change, Store};
use serde_json::json;

use super::rest::{some_wait, sound_template};
use super::{Verdict, holds};
use crate::facts::{World, by, field, number, owner, ready};
use crate::lab::{self, Lab};

/// The number at the end of a Pod's name.
fn ordinal(pod: &str) -> i64 {
    pod.rsplit('-').next().and_then(|number| number.parse().ok()).unwrap_or(-1)
}

/// The set whose controller wrote a Pod, where the Pods come and go one after the other.
fn ordered<'a>(store: &'a Store, change: &Change) -> Option<&'a Arc<Object>> {
    if change.key.kind != Kind::Pod || !by(change, "statefulset-controller") {
        return None;
    }
    let set = owner(store, change.object())?;
    (field(set, "/spec/podManagementPolicy") != "Parallel").then_some(set)
}

pub(super) fn made_in_order(world: &World<'_>, change: &Change) -> Verdict {
    let Some(set) = ordered(world.store, change) else { return Ok(()) };
    if change.before.is_some() {
        return Ok(());
    }
    let start = number(set, "/spec/ordinals/start");
    for before in start..ordinal(&change.key.name) {
        let key = Key::new(Kind::Pod, set.namespace(), format!("{}-{before}", set.name()));
        let pod = world.store.get(&key);
        let fine = pod.is_some_and(|pod| !pod.terminating() && pod.as_pod().is_some_and(ready));
        holds(fine, || format!("{} is not ready", key.name))?;
    }
    Ok(())
}

pub(super) fn break_order(lab: &mut Lab) {
    let set = lab.put(lab::stateful_set("db", 2));
    lab.by("statefulset-controller");
    lab.put(lab::child(lab::pod("db-1"), &set));
}

pub(super) fn last_goes_first(world: &World<'_>, change: &Change) -> Verdict {
    let Some(set) = ordered(world.store, change) else { return Ok(()) };
    let begins = change.before.as_ref().is_some_and(|before| !before.terminating())
        && change.after.as_ref().is_none_or(|after| after.terminating());
    let end = number(set, "/spec/ordinals/start") + number(set, "/spec/replicas");
    let own = ordinal(&change.key.name);
    // Those within the wanted ones are replaced for other reasons.
    if !begins || own < end {
        return Ok(());
    }
    let above = world
        .store
        .owned_by(set.uid())
        .find(|pod| pod.kind() == Kind::Pod && ordinal(pod.name()) > own);
    holds(above.is_none(), || format!("{} is still there", above.map_or("", |pod| pod.name())))
}

pub(super) fn break_last(lab: &mut Lab) {
    let set = lab.put(lab::stateful_set("db", 0));
    lab.by("statefulset-controller");
    let pods = ["db-0", "db-1"].map(|name| lab.put(lab::child(lab::pod(name), &set)));
    lab.delete(&pods[0]);
}

pub(super) fn done(world: &World<'_>) -> Verdict {
    for set in world.store.list(Kind::StatefulSet, None) {
        if !sound_template(world.store, set) || some_wait(world.store, set) {
            continue;
        }
        let (wanted, start) = (number(set, "/spec/replicas"), number(set, "/spec/ordinals/start"));
        let mut names: Vec<i64> = world
            .store
            .owned_by(set.uid())
            .filter(|one| one.kind() == Kind::Pod)
            .map(|pod| ordinal(pod.name()))
            .collect();
        order::sort(&mut names);
        let said = number(set, "/status/replicas");
        let all: Vec<i64> = (start..start + wanted).collect();
        // A Pod that somebody took away by its labels keeps the name, and no other can be made.
        let taken = (start..start + wanted).filter(|one| !names.contains(one)).any(|one| {
            let key = Key::new(Kind::Pod, set.namespace(), format!("{}-{one}", set.name()));
            world.store.get(&key).is_some()
        });
        // Pods of an unsound template that was replaced stay until somebody deletes them, also upstream.
        let stuck =
            world.store.owned_by(set.uid()).any(|one| one.as_pod().is_some_and(|pod| !ready(pod)));
        holds(stuck || taken || names == all && said == wanted, || {
            format!("{} wants {wanted} and has {names:?}; says {said}", set.name())
        })?;
    }
    Ok(())
}

pub(super) fn break_done(lab: &mut Lab) {
    let mut set = lab::stateful_set("db", 2);
    set["status"] = json!({ "replicas": 2 });
    lab.put(set);
}
