//! The node lifecycle controller: what the rest of the cluster may expect of a node, said as conditions and taints.
//!
//! Models kubernetes `pkg/controller/nodelifecycle/node_lifecycle_controller.go`. `health`: the verdict `Unknown` on
//! nodes that are silent for too long, and their Pods' readiness (`monitorNodeHealth`, every 5 s). `eviction`: the
//! `NoExecute` taints of nodes that are not ready, at a rate for each zone, none when all zones are down
//! (`handleDisruption`). Here: `NoSchedule` taints by condition and by `spec.unschedulable`
//! (`doNoScheduleTaintingPass`), and the Events about nodes that come and go.
//!
//! *Differs:* rounds are at whole multiples of 5 s, and only when something is due; the rate limit goes by the taints'
//! own times, so a taint that is gone again is not counted.

mod eviction;
mod health;

use std::sync::Arc;

use k8s_openapi::api::core::v1::{NodeCondition, NodeSpec, NodeStatus, Taint};

pub use eviction::tainted_at;
pub use health::verdict_at;

use super::{Controller, Requeue, until_round};
use crate::object::{Body, Key, Kind, Object, StatusError};
use crate::store::{Change, Client, EventType, Store};
use crate::time::{Duration, Time};

/// The controller's line in the list.
pub const NODE_LIFECYCLE: Controller =
    Controller { name: "node-controller", keys, reconcile, cloud: false };

/// How often the nodes' health is looked at (`--node-monitor-period`).
pub const MONITOR_PERIOD: Duration = Duration::from_secs(5);

/// From a change of a Node to the taints that follow from it: the call takes its time, in which the scheduler has already
/// tried the Pods that the change gives hope.
pub const TAINTING: Duration = Duration::from_millis(10);

const NOT_READY: &str = "node.kubernetes.io/not-ready";
/// The key of the taint of a node that nobody hears of.
pub const UNREACHABLE: &str = "node.kubernetes.io/unreachable";
const UNSCHEDULABLE: &str = "node.kubernetes.io/unschedulable";

/// The key of the round over all nodes.
fn round() -> Key {
    Key::cluster(Kind::Node, "")
}

fn keys(change: &Change, _store: &Store) -> Vec<Key> {
    if change.key.kind != Kind::Node {
        return Vec::new();
    }
    let same = match (&change.before, &change.after) {
        (Some(before), Some(after)) => facts(before) == facts(after),
        _ => false,
    };
    if same { Vec::new() } else { vec![change.key.clone(), round()] }
}

/// What this controller goes by in a Node.
#[derive(PartialEq)]
struct Facts<'a> {
    spec: &'a NodeSpec,
    conditions: Vec<(&'a str, &'a str)>,
    zone: (&'a str, &'a str),
}

fn facts(node: &Object) -> Option<Facts<'_>> {
    let Body::Node(body) = &node.body else { return None };
    let conditions = body.status.conditions.iter().flatten();
    Some(Facts {
        spec: &body.spec,
        conditions: conditions.map(|one| (one.type_.as_str(), one.status.as_str())).collect(),
        zone: zone(node),
    })
}

/// A node's region and zone, empty where it has none.
fn zone(node: &Object) -> (&str, &str) {
    let label = |name: &str| node.label(name).unwrap_or_default();
    (label("topology.kubernetes.io/region"), label("topology.kubernetes.io/zone"))
}

fn reconcile(client: &mut Client<'_>, key: &Key) -> Requeue {
    if *key == round() {
        return health::round(client);
    }
    if client.store().get(key).is_none() {
        return say_removed(client, key);
    }
    match sync_taints(client, key) {
        Ok(()) => Requeue::No,
        Err(_) => Requeue::BackOff,
    }
}

/// In the first round after a Node was deleted, says so.
fn say_removed(client: &mut Client<'_>, key: &Key) -> Requeue {
    if let Some(wait) = until_round(client.now(), MONITOR_PERIOD) {
        return Requeue::After(wait);
    }
    let log = client.store().log();
    let removal = log.newest_first().find(|change| change.key == *key && change.after.is_none());
    if let Some(node) = removal.and_then(|change| change.before.clone()) {
        let name = node.name();
        let message = format!("Node {name} event: Removing Node {name} from Controller");
        client.record(&node, EventType::Normal, "RemovingNode", message);
    }
    Requeue::No
}

fn condition<'a>(status: &'a NodeStatus, type_: &str) -> Option<&'a NodeCondition> {
    status.conditions.iter().flatten().find(|condition| condition.type_ == type_)
}

/// What a node's `Ready` condition says; `Unknown` where it has none.
pub fn ready(status: &NodeStatus) -> &str {
    condition(status, "Ready").map_or("Unknown", |ready| ready.status.as_str())
}

/// Puts the taints that the node's state calls for in place of those it called for before.
fn sync_taints(client: &mut Client<'_>, key: &Key) -> Result<(), StatusError> {
    let Some(node) = client.store().get(key) else { return Ok(()) };
    let Body::Node(body) = &node.body else { return Ok(()) };
    let wanted = wanted_taints(&body.spec, &body.status);
    let current = body.spec.taints.clone().unwrap_or_default();
    let ours = |taint: &Taint| {
        taint.effect == "NoSchedule"
            && ([NOT_READY, UNREACHABLE, UNSCHEDULABLE].contains(&taint.key.as_str())
                || PRESSURES.iter().any(|(_, key)| *key == taint.key))
    };
    let stays = |taint: &Taint| !ours(taint) || wanted.contains(&taint.key.as_str());
    let missing: Vec<&str> = wanted
        .iter()
        .copied()
        .filter(|key| !current.iter().any(|taint| ours(taint) && taint.key == *key))
        .collect();
    if missing.is_empty() && current.iter().all(stays) {
        return Ok(());
    }
    let now = client.now();
    let mut next: Vec<Taint> = current.iter().filter(|taint| stays(taint)).cloned().collect();
    next.extend(missing.into_iter().map(|key| taint(key, "NoSchedule", now)));
    put_taints(client, key, next)
}

fn taint(key: &str, effect: &str, now: Time) -> Taint {
    Taint {
        key: key.to_owned(),
        effect: effect.to_owned(),
        value: None,
        time_added: Some(now.to_meta()),
    }
}

fn put_taints(client: &mut Client<'_>, key: &Key, taints: Vec<Taint>) -> Result<(), StatusError> {
    client.modify(key, |node| {
        if let Body::Node(body) = &mut node.body {
            Arc::make_mut(&mut body.spec).taints = (!taints.is_empty()).then_some(taints);
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

/// The keys of the `NoSchedule` taints that a node's state calls for.
fn wanted_taints(spec: &NodeSpec, status: &NodeStatus) -> Vec<&'static str> {
    let mut wanted = Vec::new();
    match condition(status, "Ready").map(|ready| ready.status.as_str()) {
        Some("False") => wanted.push(NOT_READY),
        Some("Unknown") => wanted.push(UNREACHABLE),
        _ => {}
    }
    for (type_, key) in PRESSURES {
        if condition(status, type_).is_some_and(|condition| condition.status == "True") {
            wanted.push(key);
        }
    }
    if spec.unschedulable == Some(true) {
        wanted.push(UNSCHEDULABLE);
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
            ("False", false, "node.kubernetes.io/not-ready"),
            ("Unknown", false, "node.kubernetes.io/unreachable"),
            ("True", true, "node.kubernetes.io/unschedulable"),
        ];
        for (ready, cordoned, expected) in table {
            let ready = NodeCondition {
                type_: "Ready".to_owned(),
                status: ready.to_owned(),
                ..NodeCondition::default()
            };
            let status = NodeStatus { conditions: Some(vec![ready]), ..NodeStatus::default() };
            let spec = NodeSpec { unschedulable: Some(cordoned), ..NodeSpec::default() };
            assert_eq!(wanted_taints(&spec, &status).join(" "), expected);
        }
    }
}
