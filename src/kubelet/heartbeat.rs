//! A node's signs of life: its Lease every 10 s, its status every 5 min and when it changes.
//!
//! Models kubernetes `pkg/kubelet/kubelet_node_status.go` and component-helpers `apimachinery/lease/controller.go`
//! (40 s duration, renewed after a quarter of it).

use std::sync::Arc;

use k8s_openapi::api::coordination::v1::{Lease, LeaseSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, OwnerReference};

use super::{Kubelet, Task, World};
use crate::network::PodAddresses;
use crate::object::{Body, Key, Kind, Object};
use crate::time::Duration;

/// `nodeLeaseDurationSeconds`.
const LEASE_SECS: i32 = 40;
/// A quarter of it.
const RENEW: Duration = Duration::from_secs(10);
/// `nodeStatusReportFrequency`.
const REPORT: Duration = Duration::from_mins(5);

impl Kubelet {
    /// What the kubelet does first: learns its addresses, and begins to give signs of life.
    pub fn start(&mut self, world: &mut World<'_>) {
        let key = Key::cluster(Kind::Node, self.host.node.clone());
        if let Some(node) = world.client.store().get(&key).and_then(|object| object.as_node()) {
            let addresses = node.status.addresses.iter().flatten();
            let mut internal = addresses.filter(|address| address.type_ == "InternalIP");
            if let Some(address) = internal.find_map(|address| address.address.parse().ok()) {
                self.host.address = address;
            }
            if let Some(range) = node.spec.pod_cidr.as_deref().and_then(PodAddresses::new) {
                self.host.addresses = range;
            }
        }
        self.renew_lease(world);
        // Spread over the period, as machines that were started at different times are.
        let offset = Duration::from_micros(self.host.random.next_u64() % 300_000_000);
        world.later.push((offset, Task::NodeStatus));
    }

    pub(super) fn renew_lease(&mut self, world: &mut World<'_>) {
        let name = self.host.node.clone();
        let key = Key::new(Kind::Lease, "kube-node-lease", name.clone());
        let now = world.now();
        // 4% of jitter (`nodeLeaseRenewInterval`, JitterFactor).
        let jitter = Duration::from_micros(self.host.random.next_u64() % 400_000);
        world.later.push((RENEW + jitter, Task::Lease));
        if world.network.machine(&name).is_some_and(|machine| !machine.reachable()) {
            return;
        }
        let renewed = world.client.modify(&key, |object| {
            if let Some(lease) = object.body.lease_mut() {
                let spec = Arc::make_mut(lease).spec.get_or_insert_default();
                spec.renew_time = Some(now.to_micro_time());
            }
        });
        if renewed.is_err() {
            let node = Key::cluster(Kind::Node, name.clone());
            let owner = world.client.store().get(&node).map(|node| OwnerReference {
                api_version: "v1".to_owned(),
                kind: "Node".to_owned(),
                name: name.to_string(),
                uid: node.uid().to_owned(),
                ..OwnerReference::default()
            });
            let meta = ObjectMeta {
                name: Some(name.to_string()),
                namespace: Some("kube-node-lease".to_owned()),
                owner_references: owner.map(|owner| vec![owner]),
                ..ObjectMeta::default()
            };
            let spec = LeaseSpec {
                holder_identity: Some(name.to_string()),
                lease_duration_seconds: Some(LEASE_SECS),
                renew_time: Some(now.to_micro_time()),
                ..LeaseSpec::default()
            };
            let lease = Lease { metadata: ObjectMeta::default(), spec: Some(spec) };
            // Refused while the Node is gone, or its namespace is not there yet: tried again in 10 s.
            drop(world.client.create(Object::new(meta, Body::Lease(lease.into()))));
        }
    }

    pub(super) fn report_node(&mut self, world: &mut World<'_>) {
        world.later.push((REPORT, Task::NodeStatus));
        let name = self.host.node.clone();
        if world.network.machine(&name).is_some_and(|machine| !machine.reachable()) {
            return;
        }
        let now = world.now().to_meta();
        // Refused only if the Node was deleted; then there is nobody to report on.
        drop(world.client.update_node_status(&name, |status| {
            let kubelets = ["MemoryPressure", "DiskPressure", "PIDPressure", "Ready"];
            for condition in status.conditions.iter_mut().flatten() {
                if kubelets.contains(&condition.type_.as_str()) {
                    condition.last_heartbeat_time = Some(now.clone());
                }
            }
        }));
    }
}
