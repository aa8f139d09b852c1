//! Which nodes drive their Pods out: `NoExecute` taints, at the rate that the state of the node's zone allows.
//!
//! Models `processTaintBaseEviction`, `doNoExecuteTaintingPass`, `ComputeZoneState` and `handleDisruption` of kubernetes
//! `pkg/controller/nodelifecycle/node_lifecycle_controller.go`. One node every 10 s a zone; where more than half of a
//! zone is lost, one every 100 s if the zone is large, else none; where every zone is lost entirely, none, and the taints
//! are taken back: then it is more likely that the control plane is cut off than that all nodes are dead.

use std::collections::BTreeMap;
use std::sync::Arc;

use k8s_openapi::api::core::v1::Taint;

use super::{MONITOR_PERIOD, NOT_READY, UNREACHABLE, condition, put_taints, ready, taint, zone};
use crate::controller::until_round;
use crate::object::{Kind, Object};
use crate::order;
use crate::store::{Client, Store};
use crate::time::{Duration, Time};

/// Between two nodes of a zone (`--node-eviction-rate` 0.1).
pub(super) const INTERVAL: Duration = Duration::from_secs(10);
/// The same in a large zone of which much is lost (`--secondary-node-eviction-rate` 0.01).
const SECONDARY_INTERVAL: Duration = Duration::from_secs(100);
/// A zone with more nodes is large (`--large-cluster-size-threshold`).
const LARGE: usize = 50;
/// Of how many nodes in a hundred much is lost (`--unhealthy-zone-threshold` 0.55).
const UNHEALTHY_PERCENT: usize = 55;

/// The state of a zone.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
struct Zone {
    nodes: usize,
    lost: usize,
    /// When a node of it was tainted last.
    tainted: Time,
}

impl Zone {
    fn fully_disrupted(self) -> bool {
        self.lost > 0 && self.lost == self.nodes
    }

    /// The time between two nodes, `None` if none is to be tainted.
    fn interval(self) -> Option<Duration> {
        let partly = self.lost > 2 && self.lost * 100 >= self.nodes * UNHEALTHY_PERCENT;
        match (self.fully_disrupted(), partly, self.nodes > LARGE) {
            (true, ..) | (false, false, _) => Some(INTERVAL),
            (false, true, true) => Some(SECONDARY_INTERVAL),
            (false, true, false) => None,
        }
    }
}

/// Taints and untaints by what each node said at the round's beginning (`nodes`). True if some node still waits for its
/// turn.
pub(super) fn pass(client: &mut Client<'_>, nodes: &[Arc<Object>]) -> bool {
    let zones = zones(client.store(), nodes);
    if !zones.is_empty() && zones.values().all(|zone| zone.fully_disrupted()) {
        for node in nodes {
            replace(client, node, None);
        }
        return false;
    }
    let mut waiting: Vec<(Time, &Arc<Object>, &str)> = Vec::new();
    for node in nodes {
        let Some(body) = node.as_node() else { continue };
        let (wanted, other) = match ready(&body.status) {
            "True" => {
                replace(client, node, None);
                continue;
            }
            "False" => (NOT_READY, UNREACHABLE),
            _ => (UNREACHABLE, NOT_READY),
        };
        if has(node, other) {
            replace(client, node, Some(wanted));
        } else if !has(node, wanted) {
            let since = condition(&body.status, "Ready")
                .and_then(|ready| ready.last_transition_time.as_ref().map(Time::from));
            waiting.push((since.unwrap_or_default(), node, wanted));
        }
    }
    order::sort_by_key(&mut waiting, |(since, node, _)| (*since, node.key()));
    let now = client.now();
    let (mut zones, mut left) = (zones, false);
    for (_, node, wanted) in waiting {
        let Some(zone) = zones.get_mut(&zone_of(node)) else { continue };
        match zone.interval() {
            Some(interval) if zone.tainted + interval <= now => {
                replace(client, node, Some(wanted));
                zone.tainted = now;
            }
            Some(_) => left = true,
            None => {}
        }
    }
    left
}

type Zones = BTreeMap<(String, String), Zone>;

fn zone_of(node: &Object) -> (String, String) {
    let (region, zone) = zone(node);
    (region.to_owned(), zone.to_owned())
}

/// The zones as they are now.
fn zones(store: &Store, nodes: &[Arc<Object>]) -> Zones {
    let mut zones = Zones::new();
    for node in nodes {
        let current = store.get(&node.key()).unwrap_or(node);
        let Some(body) = current.as_node() else { continue };
        let zone = zones.entry(zone_of(node)).or_default();
        // Some nodes are not to be counted (`isNodeExcludedFromDisruptionChecks`).
        if current.label("node.kubernetes.io/exclude-disruption").is_none() {
            zone.nodes += 1;
            zone.lost += usize::from(ready(&body.status) != "True");
        }
        for taint in body.spec.taints.iter().flatten().filter(|taint| drives_out(taint)) {
            let added = taint.time_added.as_ref().map(Time::from).unwrap_or_default();
            zone.tainted = zone.tainted.max(added);
        }
    }
    zones
}

fn drives_out(taint: &Taint) -> bool {
    taint.effect == "NoExecute" && (taint.key == NOT_READY || taint.key == UNREACHABLE)
}

fn has(node: &Object, key: &str) -> bool {
    let Some(body) = node.as_node() else { return false };
    body.spec.taints.iter().flatten().any(|taint| drives_out(taint) && taint.key == key)
}

/// Puts one of the two taints in place of both, or takes both away. A refusal leaves it to the next round.
fn replace(client: &mut Client<'_>, node: &Object, wanted: Option<&str>) {
    let Some(current) = client.store().get(&node.key()) else { return };
    let Some(body) = current.as_node() else { return };
    let taints = body.spec.taints.iter().flatten();
    if wanted.is_none() && !taints.clone().any(drives_out) {
        return;
    }
    let mut next: Vec<Taint> = taints.filter(|taint| !drives_out(taint)).cloned().collect();
    next.extend(wanted.map(|key| taint(key, "NoExecute", client.now())));
    drop(put_taints(client, &node.key(), next));
}

/// When a node that is given up in the round `lost_at` is tainted, if no other node changes; `None` if never.
pub fn tainted_at(store: &Store, node: &Object, lost_at: Time, now: Time) -> Option<Time> {
    let nodes: Vec<Arc<Object>> = store.list(Kind::Node, None).cloned().collect();
    let mut zones = zones(store, &nodes);
    let was_ready = node.as_node().is_some_and(|body| ready(&body.status) == "True");
    if let (Some(zone), true) = (zones.get_mut(&zone_of(node)), was_ready) {
        zone.lost += 1;
    }
    if zones.values().all(|zone| zone.fully_disrupted()) {
        return None;
    }
    let zone = zones.get(&zone_of(node))?;
    let interval = zone.interval()?;
    let since = |node: &Object| {
        let ready = condition(&node.as_node()?.status, "Ready")?;
        (ready.status != "True").then(|| ready.last_transition_time.as_ref().map(Time::from))
    };
    let own = since(node).flatten().unwrap_or(lost_at);
    let ahead = nodes.iter().filter(|other| zone_of(other) == zone_of(node)).filter(|other| {
        let waits = !has(other, UNREACHABLE) && !has(other, NOT_READY);
        waits
            && since(other).flatten().is_some_and(|since| (since, other.key()) < (own, node.key()))
    });
    let ahead = u32::try_from(ahead.count()).unwrap_or(u32::MAX);
    let round = |time: Time| time + until_round(time, MONITOR_PERIOD).unwrap_or_default();
    let earliest = round(lost_at + MONITOR_PERIOD).max(round(now));
    Some(earliest.max(zone.tainted + interval) + interval.saturating_mul(ahead))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_more_is_lost_the_slower_it_goes() {
        let secs = |nodes, lost| {
            let zone = Zone { nodes, lost, tainted: Time::START };
            zone.interval().map(|interval| interval.as_secs())
        };
        assert_eq!(secs(3, 1), Some(10));
        assert_eq!(secs(3, 2), Some(10), "two are too few to judge by");
        assert_eq!(secs(4, 3), None, "much of a small zone");
        assert_eq!(secs(5, 3), None, "60%");
        assert_eq!(secs(6, 3), Some(10), "50%");
        assert_eq!(secs(100, 55), Some(100), "much of a large zone");
        assert_eq!(secs(3, 3), Some(10), "all of it, while others live");
    }
}
