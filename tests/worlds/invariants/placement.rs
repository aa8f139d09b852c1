//! What holds when the scheduler binds a Pod to a node.

use std::sync::Arc;

use kobune::object::{Key, Kind, Name, Object, PodBody};
use kobune::store::{Change, Store};
use serde_json::json;

use super::{Verdict, holds};
use crate::facts::{RESOURCES, World, allocatable, asked, by, host_ports, kept_away, pods_on};
use crate::lab::{self, Lab};

/// The Pod that the scheduler has just bound, and its node.
fn bound<'a>(store: &'a Store, change: &'a Change) -> Option<(&'a PodBody, &'a Arc<Object>)> {
    if !by(change, "default-scheduler") {
        return None;
    }
    let node = |object: &Object| -> Option<Name> { object.as_pod()?.own.node_name.clone() };
    let to = node(change.after.as_ref()?)?;
    if change.before.as_deref().and_then(node).is_some() {
        return None;
    }
    let pod = change.after.as_ref()?.as_pod()?;
    Some((pod, store.get(&Key::cluster(Kind::Node, to))?))
}

pub(super) fn has_room(world: &World<'_>, change: &Change) -> Verdict {
    let Some((_, node)) = bound(world.store, change) else { return Ok(()) };
    let (amounts, count) = asked(world.store, node.name());
    let (room, places) = allocatable(node);
    for (index, resource) in RESOURCES.iter().enumerate() {
        let (amount, room) = (amounts[index], room[index]);
        // As upstream: who asks for nothing of a resource takes nothing of it.
        holds(amount <= room, || {
            format!("{} gives {room} thousandths of {resource}, {amount} are asked", node.name())
        })?;
    }
    holds(count <= places, || format!("{} takes {places} Pods, {count} are there", node.name()))
}

pub(super) fn break_room(lab: &mut Lab) {
    lab.put(lab::node("n1", "1"));
    for name in ["a", "b"] {
        let pod = lab.put(lab::asking(lab::pod(name), "700m"));
        lab.by("default-scheduler").bind(&pod, "n1");
    }
}

pub(super) fn may_go_there(world: &World<'_>, change: &Change) -> Verdict {
    let Some((pod, node)) = bound(world.store, change) else { return Ok(()) };
    let reason = kept_away(pod, node);
    holds(reason.is_none(), || format!("{}: {}", node.name(), reason.unwrap_or_default()))
}

pub(super) fn break_taint(lab: &mut Lab) {
    let mut node = lab::node("n1", "1");
    node["spec"] = json!({ "taints": [{ "key": "chaos", "effect": "NoSchedule" }] });
    lab.put(node);
    let pod = lab.put(lab::pod("a"));
    lab.by("default-scheduler").bind(&pod, "n1");
}

pub(super) fn own_host_ports(world: &World<'_>, change: &Change) -> Verdict {
    let Some((pod, node)) = bound(world.store, change) else { return Ok(()) };
    let own = host_ports(pod);
    if own.is_empty() {
        return Ok(());
    }
    let all = pods_on(world.store, node.name()).flat_map(|(_, pod)| host_ports(pod));
    let taken: Vec<i32> = all.filter(|port| own.contains(port)).collect();
    holds(taken.len() == own.len(), || format!("{}: {taken:?}", node.name()))
}

pub(super) fn break_host_port(lab: &mut Lab) {
    lab.put(lab::node("n1", "4"));
    for name in ["a", "b"] {
        let mut value = lab::pod(name);
        value["spec"]["containers"][0]["ports"] = json!([{ "containerPort": 80, "hostPort": 80 }]);
        let pod = lab.put(value);
        lab.by("default-scheduler").bind(&pod, "n1");
    }
}
