//! The round over all nodes, every 5 s: who has been silent for too long, and what that means for their Pods.
//!
//! Models `monitorNodeHealth` and `tryUpdateNodeHealth` of kubernetes
//! `pkg/controller/nodelifecycle/node_lifecycle_controller.go`, and `MarkPodsNotReady` of
//! `pkg/controller/util/node/controller_utils.go`. A sign of life counts from the round that sees it, so a node is given
//! up in the round that comes the grace period later: 50 to 55 s after its last renewal of the Lease.

use std::sync::Arc;

use k8s_openapi::api::core::v1::NodeCondition;

use super::{MONITOR_PERIOD, condition, eviction, ready};
use crate::controller::pods;
use crate::controller::{Requeue, until_round};
use crate::object::{Key, Kind, Object, StatusError};
use crate::store::{Client, EventType, Store};
use crate::time::{Duration, Time};

/// How long a new node may take to say anything (`--node-startup-grace-period`).
const STARTUP_GRACE: Duration = Duration::from_mins(1);
/// The conditions that are the kubelet's.
const CONDITIONS: [&str; 4] = ["Ready", "MemoryPressure", "DiskPressure", "PIDPressure"];

/// One round. Between rounds it only waits for the next.
pub(super) fn round(client: &mut Client<'_>) -> Requeue {
    let now = client.now();
    if let Some(wait) = until_round(now, MONITOR_PERIOD) {
        return Requeue::After(wait);
    }
    let grace = client.flags().node_monitor_grace_period;
    let nodes: Vec<Arc<Object>> = client.store().list(Kind::Node, None).cloned().collect();
    let mut next: Option<Time> = None;
    for node in &nodes {
        let Some(body) = node.as_node() else { continue };
        say_registered(client, node);
        let seen = ready(&body.status);
        if seen == "Unknown" && condition(&body.status, "Ready").is_some() {
            continue;
        }
        let verdict = verdict_at(client.store(), node, grace);
        if verdict > now {
            next = Some(next.map_or(verdict, |next| next.min(verdict)));
        } else if give_up(client, node, seen == "True").is_err() {
            next = Some(now + MONITOR_PERIOD);
        }
    }
    if eviction::pass(client, &nodes) {
        next = Some(now + MONITOR_PERIOD);
    }
    next.map_or(Requeue::No, |next| Requeue::After(next - now))
}

/// In which round a node is given up, if it gives no further sign of life.
pub fn verdict_at(store: &Store, node: &Object, grace: Duration) -> Time {
    let created = node.meta.creation_timestamp.as_ref().map(Time::from).unwrap_or_default();
    let reported = node.as_node().and_then(|body| condition(&body.status, "Ready"));
    let grace = if reported.is_some() { grace } else { STARTUP_GRACE };
    let reported = reported.and_then(|ready| ready.last_heartbeat_time.as_ref().map(Time::from));
    let lease = store.get(&Key::new(Kind::Lease, "kube-node-lease", node.name()));
    let renewed = lease
        .and_then(|lease| lease.as_lease()?.spec.as_ref()?.renew_time.as_ref().map(Time::from));
    let last = created.max(reported.unwrap_or_default()).max(renewed.unwrap_or_default());
    let seen = last + until_round(last, MONITOR_PERIOD).unwrap_or_default();
    let over = seen + grace;
    over + until_round(over, MONITOR_PERIOD).unwrap_or_default()
}

/// Says of every condition that nobody knows; of a node that was ready until now, that it is not, and neither are its
/// Pods.
fn give_up(
    client: &mut Client<'_>,
    node: &Arc<Object>,
    was_ready: bool,
) -> Result<(), StatusError> {
    let now = client.now();
    client.update_node_status(node.name(), |status| {
        let conditions = status.conditions.get_or_insert_default();
        for type_ in CONDITIONS {
            match conditions.iter_mut().find(|condition| condition.type_ == type_) {
                Some(known) if known.status == "Unknown" => {}
                Some(known) => {
                    "Unknown".clone_into(&mut known.status);
                    known.reason = Some("NodeStatusUnknown".to_owned());
                    known.message = Some("Kubelet stopped posting node status.".to_owned());
                    known.last_transition_time = Some(now.to_meta());
                }
                None => conditions.push(NodeCondition {
                    type_: type_.to_owned(),
                    status: "Unknown".to_owned(),
                    reason: Some("NodeStatusNeverUpdated".to_owned()),
                    message: Some("Kubelet never posted node status.".to_owned()),
                    last_heartbeat_time: node.meta.creation_timestamp.clone(),
                    last_transition_time: Some(now.to_meta()),
                }),
            }
        }
    })?;
    if was_ready {
        let message = format!("Node {} status is now: NodeNotReady", node.name());
        client.record(node, EventType::Normal, "NodeNotReady", message);
        mark_pods_not_ready(client, node.name())?;
    }
    Ok(())
}

/// Takes the readiness of every Pod on a node back, so that no Service sends anybody there.
fn mark_pods_not_ready(client: &mut Client<'_>, node: &str) -> Result<(), StatusError> {
    let now = client.now();
    let pods: Vec<Arc<Object>> = client.store().pods_on(node).cloned().collect();
    for pod in pods {
        let Some(body) = pod.as_pod() else { continue };
        if pods::condition(&body.status, "Ready").is_none_or(|ready| ready.status == "False") {
            continue;
        }
        client.update_pod_status(&pod.key(), |status| {
            let mut conditions = status.conditions.iter_mut().flatten();
            if let Some(ready) = conditions.find(|condition| condition.type_ == "Ready") {
                "False".clone_into(&mut ready.status);
                ready.last_transition_time = Some(now.to_meta());
                ready.observed_generation = pod.meta.generation;
            }
        })?;
        client.record(&pod, EventType::Warning, "NodeNotReady", "Node is not ready");
    }
    Ok(())
}

/// In the first round after a Node was created, says so. The nodes that a world begins with are no news.
fn say_registered(client: &mut Client<'_>, node: &Arc<Object>) {
    let (now, created) = (client.now(), node.meta.creation_timestamp.as_ref().map(Time::from));
    let new = created.is_some_and(|created| created < now && created + MONITOR_PERIOD >= now);
    if new && now > Time::START {
        let name = node.name();
        let message = format!("Node {name} event: Registered Node {name} in Controller");
        client.record(node, EventType::Normal, "RegisteredNode", message);
    }
}
