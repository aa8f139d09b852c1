//! The node lifecycle controller: what the rest of the cluster may expect of a node, said as taints and conditions.
//!
//! Models kubernetes `pkg/controller/nodelifecycle/node_lifecycle_controller.go`: taints by condition and by
//! `spec.unschedulable` (`doNoScheduleTaintingPass`, `doNoExecuteTaintingPass`), and the verdict `Unknown` on a node
//! whose Lease was not renewed for 50 s (`monitorNodeHealth`).
//! *Differs:* it looks when the Lease would run out, not every 5 s. Marking and evicting Pods is not done here yet.

use std::sync::Arc;

use k8s_openapi::api::core::v1::{NodeCondition, NodeSpec, NodeStatus, Taint};

use super::{Controller, Requeue};
use crate::object::{Body, Key, Kind, Object, StatusError};
use crate::store::{Change, Client, Store};
use crate::time::{Duration, Time};

/// The controller's line in the list.
pub const NODE_LIFECYCLE: Controller =
    Controller { name: "node-controller", keys, reconcile, cloud: false };

/// How long a node may be silent (`--node-monitor-grace-period`).
const GRACE: Duration = Duration::from_secs(50);
const NOT_READY: &str = "node.kubernetes.io/not-ready";
const UNREACHABLE: &str = "node.kubernetes.io/unreachable";
const UNSCHEDULABLE: &str = "node.kubernetes.io/unschedulable";

fn keys(change: &Change, _store: &Store) -> Vec<Key> {
    if change.key.kind != Kind::Node {
        return Vec::new();
    }
    let Some(after) = &change.after else { return Vec::new() };
    let same = change.before.as_ref().is_some_and(|before| facts(before) == facts(after));
    if same { Vec::new() } else { vec![change.key.clone()] }
}

/// What of a Node this controller goes by: its spec, and the states of its conditions.
fn facts(node: &Object) -> Option<(&NodeSpec, Vec<(&str, &str)>)> {
    let Body::Node(body) = &node.body else { return None };
    let conditions = body.status.conditions.iter().flatten();
    Some((&body.spec, conditions.map(|one| (one.type_.as_str(), one.status.as_str())).collect()))
}

fn reconcile(client: &mut Client<'_>, key: &Key) -> Requeue {
    let Some(node) = client.store().get(key).cloned() else { return Requeue::No };
    let Body::Node(body) = &node.body else { return Requeue::No };
    let last_seen = last_heartbeat(client.store(), &node);
    let silent = client.now() - last_seen;
    let known = condition(&body.status, "Ready").is_some_and(|ready| ready.status != "Unknown");
    let judged = if silent > GRACE && known { mark_unknown(client, key) } else { Ok(()) };
    if judged.and_then(|()| sync_taints(client, key)).is_err() {
        return Requeue::BackOff;
    }
    if silent > GRACE {
        return Requeue::No;
    }
    Requeue::After(GRACE.saturating_sub(silent) + Duration::from_millis(1))
}

/// When the node's Lease was renewed last; before the first time, when the node was created.
fn last_heartbeat(store: &Store, node: &Object) -> Time {
    let lease = store.get(&Key::new(Kind::Lease, "kube-node-lease", node.name()));
    let renewed = lease
        .and_then(|lease| lease.as_lease()?.spec.as_ref()?.renew_time.as_ref().map(Time::from));
    let created = node.meta.creation_timestamp.as_ref().map(Time::from).unwrap_or_default();
    renewed.map_or(created, |renewed| renewed.max(created))
}

fn condition<'a>(status: &'a NodeStatus, type_: &str) -> Option<&'a NodeCondition> {
    status.conditions.iter().flatten().find(|condition| condition.type_ == type_)
}

/// Says of every condition that nobody knows.
fn mark_unknown(client: &mut Client<'_>, key: &Key) -> Result<(), StatusError> {
    let now = client.now();
    client.update_status(key, |body| {
        let Body::Node(body) = body else { return };
        for condition in Arc::make_mut(&mut body.status).conditions.iter_mut().flatten() {
            "Unknown".clone_into(&mut condition.status);
            condition.reason = Some("NodeStatusUnknown".to_owned());
            condition.message = Some("Kubelet stopped posting node status.".to_owned());
            condition.last_transition_time = Some(now.to_meta());
        }
    })?;
    Ok(())
}

/// Puts the taints that the node's state calls for in place of those it called for before.
fn sync_taints(client: &mut Client<'_>, key: &Key) -> Result<(), StatusError> {
    let Some(node) = client.store().get(key) else { return Ok(()) };
    let Body::Node(body) = &node.body else { return Ok(()) };
    let current: Vec<Taint> = body.spec.taints.clone().unwrap_or_default();
    let wanted = wanted_taints(&body.spec, &body.status);
    let same = |a: &Taint, b: &Taint| a.key == b.key && a.effect == b.effect;
    let ours = |taint: &Taint| {
        [NOT_READY, UNREACHABLE, UNSCHEDULABLE].contains(&taint.key.as_str())
            || PRESSURES.iter().any(|(_, key)| *key == taint.key)
    };
    let mut next: Vec<Taint> = current
        .iter()
        .filter(|taint| !ours(taint) || wanted.iter().any(|one| same(one, taint)))
        .cloned()
        .collect();
    for (key, effect) in wanted.iter().map(|taint| (&taint.key, &taint.effect)) {
        if next.iter().any(|taint| taint.key == *key && taint.effect == *effect) {
            continue;
        }
        next.push(Taint {
            key: key.clone(),
            effect: effect.clone(),
            value: None,
            time_added: Some(client.now().to_meta()),
        });
    }
    if next == current {
        return Ok(());
    }
    client.modify(key, |node| {
        if let Body::Node(body) = &mut node.body {
            Arc::make_mut(&mut body.spec).taints = (!next.is_empty()).then_some(next);
        }
    })?;
    Ok(())
}

/// Conditions that keep Pods away while true.
const PRESSURES: [(&str, &str); 4] = [
    ("MemoryPressure", "node.kubernetes.io/memory-pressure"),
    ("DiskPressure", "node.kubernetes.io/disk-pressure"),
    ("PIDPressure", "node.kubernetes.io/pid-pressure"),
    ("NetworkUnavailable", "node.kubernetes.io/network-unavailable"),
];

fn wanted_taints(spec: &NodeSpec, status: &NodeStatus) -> Vec<Taint> {
    let mut wanted = Vec::new();
    let mut taint = |key: &str, effect: &str| {
        let (key, effect) = (key.to_owned(), effect.to_owned());
        wanted.push(Taint { key, effect, ..Taint::default() });
    };
    let ready = condition(status, "Ready").map(|ready| ready.status.as_str());
    let key = match ready {
        Some("False") => Some(NOT_READY),
        Some("Unknown") => Some(UNREACHABLE),
        _ => None,
    };
    if let Some(key) = key {
        taint(key, "NoSchedule");
        taint(key, "NoExecute");
    }
    for (type_, key) in PRESSURES {
        if condition(status, type_).is_some_and(|condition| condition.status == "True") {
            taint(key, "NoSchedule");
        }
    }
    if spec.unschedulable == Some(true) {
        taint(UNSCHEDULABLE, "NoSchedule");
    }
    wanted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn taints_follow_the_conditions() {
        let table = [
            ("True", false, ""),
            ("False", false, "not-ready:NoSchedule not-ready:NoExecute"),
            ("Unknown", false, "unreachable:NoSchedule unreachable:NoExecute"),
            ("True", true, "unschedulable:NoSchedule"),
        ];
        for (ready, cordoned, expected) in table {
            let ready = NodeCondition {
                type_: "Ready".to_owned(),
                status: ready.to_owned(),
                ..NodeCondition::default()
            };
            let status = NodeStatus { conditions: Some(vec![ready]), ..NodeStatus::default() };
            let spec = NodeSpec { unschedulable: Some(cordoned), ..NodeSpec::default() };
            let taints: Vec<_> = wanted_taints(&spec, &status)
                .iter()
                .map(|taint| {
                    format!("{}:{}", taint.key.replace("node.kubernetes.io/", ""), taint.effect)
                })
                .collect();
            assert_eq!(taints.join(" "), expected);
        }
    }
}
