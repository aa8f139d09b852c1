//! A node's signs of life: its Lease every 10 s, its status every 5 min and when it changes.
//!
//! Models kubernetes `pkg/kubelet/kubelet_node_status.go` and component-helpers `apimachinery/lease/controller.go`
//! (40 s duration, renewed after a quarter of it).

use std::sync::Arc;

use k8s_openapi::api::coordination::v1::{Lease, LeaseSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, OwnerReference};

use super::{Kubelet, Task, World};
use crate::network::Talk;
use crate::object::{Body, Key, Kind, Object};
use crate::store::{EventOrigin, EventType};
use crate::time::Duration;

/// `nodeLeaseDurationSeconds`.
const LEASE_SECS: i32 = 40;
/// A quarter of it.
const RENEW: Duration = Duration::from_secs(10);
/// How far apart neighbouring machines renew their Leases, so that not all do it at once.
const STAGGER: Duration = Duration::from_secs(3);
/// `nodeStatusUpdateFrequency`: how often the kubelet compares the node's status with what it should say.
const LOOK_MICROS: u64 = 10_000_000;
/// The conditions of a healthy node: type, status, reason, message, and the Event that says so.
pub(super) const HEALTHY: [(&str, &str, &str, &str, &str); 4] = [
    (
        "MemoryPressure",
        "False",
        "KubeletHasSufficientMemory",
        "kubelet has sufficient memory available",
        "NodeHasSufficientMemory",
    ),
    (
        "DiskPressure",
        "False",
        "KubeletHasNoDiskPressure",
        "kubelet has no disk pressure",
        "NodeHasNoDiskPressure",
    ),
    (
        "PIDPressure",
        "False",
        "KubeletHasSufficientPID",
        "kubelet has sufficient PID available",
        "NodeHasSufficientPID",
    ),
    ("Ready", "True", "KubeletReady", "kubelet is posting ready status", "NodeReady"),
];
/// The condition of a node that runs short of memory.
const SHORT: (&str, &str, &str, &str, &str) = (
    "MemoryPressure",
    "True",
    "KubeletHasInsufficientMemory",
    "kubelet has insufficient memory available",
    "NodeHasInsufficientMemory",
);
/// `nodeStatusReportFrequency`.
pub(super) const REPORT: Duration = Duration::from_mins(5);

impl Kubelet {
    /// Begins to give signs of life.
    pub(super) fn begin_heartbeat(&mut self, world: &mut World<'_>) {
        self.write_lease(world);
        // Spread over the periods, as those of machines that were started at different times are.
        let offset = STAGGER * u32::try_from(self.hardware.number % 100).unwrap_or(0);
        let offset = Duration::from_millis(
            u64::try_from(offset.as_millis() % RENEW.as_millis()).unwrap_or(0),
        );
        world.later.push((offset, Task::Lease));
        let offset = Duration::from_micros(self.host.random.next_u64() % 300_000_000);
        world.later.push((offset, Task::NodeStatus));
    }

    #[inline(never)]
    pub(super) fn renew_lease(&mut self, world: &mut World<'_>) {
        // 4% of jitter (`nodeLeaseRenewInterval`, JitterFactor).
        let jitter = Duration::from_micros(self.host.random.next_u64() % 400_000);
        world.later.push((RENEW + jitter, Task::Lease));
        self.write_lease(world);
    }

    fn write_lease(&self, world: &mut World<'_>) {
        let name = self.host.node.clone();
        let key = Key::new(Kind::Lease, "kube-node-lease", name.clone());
        let now = world.now();
        if !world.says(Talk::Heartbeat, &name) {
            return;
        }
        let renewed = world.client.modify(&key, |object| {
            if let Some(lease) = object.body.lease_mut() {
                let spec = Arc::make_mut(lease).spec.get_or_insert_default();
                spec.renew_time = Some(now.to_micro_time());
            }
        });
        if renewed.is_err() && world.connected {
            let node = Key::cluster(Kind::Node, name.clone());
            // No Lease without its Node (`SetNodeOwnerFunc`): tried again in 10 s.
            let Some(node) = world.client.store().get(&node) else { return };
            let owner = OwnerReference {
                api_version: "v1".to_owned(),
                kind: "Node".to_owned(),
                name: name.to_string(),
                uid: node.uid().to_owned(),
                ..OwnerReference::default()
            };
            let meta = ObjectMeta {
                name: Some(name.to_string()),
                namespace: Some("kube-node-lease".to_owned()),
                owner_references: Some(vec![owner]),
                ..ObjectMeta::default()
            };
            let spec = LeaseSpec {
                holder_identity: Some(name.to_string()),
                lease_duration_seconds: Some(LEASE_SECS),
                renew_time: Some(now.to_micro_time()),
                ..LeaseSpec::default()
            };
            let lease = Lease { metadata: ObjectMeta::default(), spec: Some(spec) };
            // Refused while its namespace is not there yet: tried again in 10 s.
            drop(world.client.create(Object::new(meta, Body::Lease(lease.into()))));
        }
    }

    /// Somebody changed the Node: the kubelet sees it when it next looks, every 10 s.
    pub(super) fn node_changed(&mut self, world: &mut World<'_>) {
        if !self.host.look_planned {
            let into = u64::try_from(world.now().micros()).unwrap_or(0) % LOOK_MICROS;
            let wait =
                Duration::from_micros(LOOK_MICROS - (into + self.host.relist_phase) % LOOK_MICROS);
            self.host.look_planned = true;
            world.later.push((wait, Task::NodeLook));
        }
    }

    /// Reports the node: its conditions as they are, with an Event for each that changed.
    #[inline(never)]
    pub(super) fn report_node(&mut self, world: &mut World<'_>) {
        let name = self.host.node.clone();
        let key = Key::cluster(Kind::Node, name.clone());
        let node = world.client.store().get(&key).cloned();
        let (Some(node), true) = (node, world.connected) else { return };
        let Some(body) = node.as_node() else { return };
        let mut news = Vec::new();
        let schedulable = body.spec.unschedulable != Some(true);
        if schedulable != self.host.schedulable {
            self.host.schedulable = schedulable;
            news.push(if schedulable { "NodeSchedulable" } else { "NodeNotSchedulable" });
        }
        let now = world.now().to_meta();
        // Refused only if the Node was deleted; then there is nobody to report on.
        drop(world.client.update_node_status(&name, |status| {
            for condition in status.conditions.iter_mut().flatten() {
                let Some(healthy) = HEALTHY.iter().find(|line| line.0 == condition.type_) else {
                    continue;
                };
                let healthy =
                    if self.host.pressure.told && healthy.0 == SHORT.0 { &SHORT } else { healthy };
                let (_, status, reason, message, event) = *healthy;
                condition.last_heartbeat_time = Some(now.clone());
                if condition.status != status {
                    condition.status = status.to_owned();
                    condition.reason = Some(reason.to_owned());
                    condition.message = Some(message.to_owned());
                    condition.last_transition_time = Some(now.clone());
                    news.push(event);
                }
            }
        }));
        for event in news {
            let origin = EventOrigin { host: &name, field_path: "" };
            let message = format!("Node {name} status is now: {event}");
            world.record(&node, origin, EventType::Normal, event, message);
        }
    }
}
