//! A machine's hardware, and the Node by which its kubelet makes it known.
//!
//! Models `registerWithAPIServer` and `initialNode` of kubernetes `pkg/kubelet/kubelet_node_status.go` and
//! `nodestatus/setters.go`: a kubelet registers once after it has started; a Node that is deleted under a running kubelet
//! does not come back before that kubelet starts again.
//!
//! *Differs:* a machine registers ready, in one write; its `podCIDR` is given at once, not by the node IPAM controller.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::Arc;

use k8s_openapi::api::core::v1::{
    Node, NodeAddress, NodeCondition, NodeSpec, NodeStatus, NodeSystemInfo,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::heartbeat::HEALTHY;
use super::{Host, Kubelet, World};
use crate::engine::Rules;
use crate::network::PodAddresses;
use crate::object::{Body, Key, Kind, Object, Split, StatusError};
use crate::random::Random;
use crate::store::{EventOrigin, EventType};
use crate::time::Time;

/// What a machine has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hardware {
    /// Which of all machines there ever were; its addresses follow from it.
    pub number: usize,
    /// CPUs, as a quantity.
    pub cpu: String,
    /// Memory, as a quantity.
    pub memory: String,
    /// Labels of its own beside those that every node has (`--node-labels`).
    pub labels: BTreeMap<String, String>,
}

impl Hardware {
    /// The usual machine: 4 CPU, 8Gi.
    pub fn new(number: usize) -> Self {
        let (cpu, memory) = ("4".to_owned(), "8Gi".to_owned());
        Self { number, cpu, memory, labels: BTreeMap::new() }
    }

    /// Its CPUs in thousandths.
    pub(super) fn cpu_milli(&self) -> u64 {
        let milli = crate::quantity::Quantity::parse(&self.cpu).map_or(0, |cpu| cpu.milli_value());
        u64::try_from(milli).unwrap_or(0)
    }

    /// The machine's address: they follow the API server's in one private network.
    pub fn address(&self) -> Ipv4Addr {
        let [.., high, low] = u32::try_from(self.number + 2).unwrap_or(u32::MAX).to_be_bytes();
        Ipv4Addr::new(172, 18, high, low)
    }

    /// The range of its Pods' addresses.
    fn cidr(&self) -> String {
        format!("10.{}.{}.0/24", 244 + self.number / 256, self.number % 256)
    }

    pub(super) fn pod_addresses(&self) -> PodAddresses {
        PodAddresses::new(&self.cidr()).expect("the range is well formed")
    }

    /// The Node that stands for a machine.
    pub fn node(&self, name: &str, rules: Rules) -> Object {
        let own = [
            ("beta.kubernetes.io/arch", "amd64"),
            ("beta.kubernetes.io/os", "linux"),
            ("kubernetes.io/arch", "amd64"),
            ("kubernetes.io/hostname", name),
            ("kubernetes.io/os", "linux"),
        ];
        let mut labels = self.labels.clone();
        labels.extend(own.map(|(key, value)| (key.to_owned(), value.to_owned())));
        let metadata = ObjectMeta {
            name: Some(name.to_owned()),
            labels: Some(labels),
            // Written by the TTL controller; 0 s in clusters of up to 100 nodes.
            annotations: Some([("node.alpha.kubernetes.io/ttl".to_owned(), "0".to_owned())].into()),
            ..ObjectMeta::default()
        };
        let provider = match rules {
            Rules::Real => "kobune",
            Rules::Recorded => "kubemark",
        };
        let spec = NodeSpec {
            pod_cidr: Some(self.cidr()),
            pod_cidrs: Some(vec![self.cidr()]),
            provider_id: Some(format!("{provider}://{name}")),
            ..NodeSpec::default()
        };
        let meta = metadata.clone();
        let node = Node { metadata, spec: Some(spec), status: None };
        let body = Split { spec: node.spec.unwrap_or_default().into(), ..Split::default() };
        Object::new(meta, Body::Node(body))
    }

    fn status(&self, name: &str, rules: Rules, boot_id: String, now: Time) -> NodeStatus {
        let quantities: BTreeMap<_, _> = [
            ("cpu", self.cpu.as_str()),
            ("memory", self.memory.as_str()),
            ("ephemeral-storage", "100Gi"),
            ("pods", "110"),
        ]
        .map(|(resource, amount)| (resource.to_owned(), Quantity(amount.to_owned())))
        .into();
        let address = self.address().to_string();
        let addresses =
            [("InternalIP", address.as_str()), ("Hostname", name)].map(|(type_, address)| {
                NodeAddress { address: address.to_owned(), type_: type_.to_owned() }
            });
        let kernel = match rules {
            Rules::Real => "6.1.0-kobune",
            Rules::Recorded => "6.1.0-oracle",
        };
        NodeStatus {
            capacity: Some(quantities.clone()),
            allocatable: Some(quantities),
            conditions: Some(conditions(now)),
            addresses: Some(addresses.into()),
            node_info: Some(NodeSystemInfo {
                boot_id,
                kernel_version: kernel.to_owned(),
                os_image: "Debian GNU/Linux 12 (bookworm)".to_owned(),
                container_runtime_version: "containerd://2.1.3".to_owned(),
                kubelet_version: "v1.36.2".to_owned(),
                operating_system: "linux".to_owned(),
                architecture: "amd64".to_owned(),
                ..NodeSystemInfo::default()
            }),
            ..NodeStatus::default()
        }
    }
}

/// The four conditions of a healthy node, in the order in which the kubelet reports them.
fn conditions(now: Time) -> Vec<NodeCondition> {
    HEALTHY
        .iter()
        .map(|(type_, status, reason, message, _)| NodeCondition {
            type_: (*type_).to_owned(),
            status: (*status).to_owned(),
            reason: Some((*reason).to_owned()),
            message: Some((*message).to_owned()),
            last_heartbeat_time: Some(now.to_meta()),
            last_transition_time: Some(now.to_meta()),
        })
        .collect()
}

/// What the kubelet says of a Node as it starts, the reason and the text; `{}` stands for the node's name.
const STARTING: [(&str, &str); 6] = [
    ("Starting", "Starting kubelet."),
    ("NodeHasSufficientMemory", "Node {} status is now: NodeHasSufficientMemory"),
    ("NodeHasNoDiskPressure", "Node {} status is now: NodeHasNoDiskPressure"),
    ("NodeHasSufficientPID", "Node {} status is now: NodeHasSufficientPID"),
    ("NodeAllocatableEnforced", "Updated Node Allocatable limit across pods"),
    ("NodeReady", "Node {} status is now: NodeReady"),
];

impl Host {
    /// A kubelet that finds no Node of its name imagines one as it would be at a start (`initialNode`, which
    /// `getNodeAnyWay` asks for each status of a Pod), and says aloud what it imagines.
    pub(super) fn look_for_node(&self, world: &mut World<'_>) {
        let key = Key::cluster(Kind::Node, self.node.clone());
        if world.client.store().get(&key).is_some() {
            return;
        }
        let meta = ObjectMeta { name: Some(self.node.to_string()), ..ObjectMeta::default() };
        let imagined = Object::new(meta, Body::Node(Split::default()));
        let origin = EventOrigin { host: &self.node, field_path: "" };
        for (reason, text) in &STARTING[1..4] {
            let message = text.replace("{}", &self.node);
            world.record(&imagined, origin, EventType::Normal, reason, message);
        }
    }
}

impl Kubelet {
    /// Makes the machine known, once after each start: creates its Node, or takes over the one that is there.
    /// `aloud` if Events tell of it, as they do but for the machines that a world begins with.
    pub fn register(&mut self, world: &mut World<'_>, aloud: bool) -> Result<(), StatusError> {
        if self.registered || !world.connected {
            return Ok(());
        }
        let name = self.host.node.clone();
        let key = Key::cluster(Kind::Node, name.clone());
        let now = world.now();
        let status = self.hardware.status(&name, self.host.rules, self.boot_id(), now);
        let known = world.client.store().get(&key).cloned();
        let node = if let Some(node) = &known {
            Arc::clone(node)
        } else {
            world.client.create(self.hardware.node(&name, self.host.rules))?;
            world.client.update_node_status(&name, |stored| *stored = status)?
        };
        self.registered = true;
        if !aloud {
            return Ok(());
        }
        let origin = EventOrigin { host: &name, field_path: "" };
        for (reason, text) in STARTING {
            let message = text.replace("{}", &name);
            world.record(&node, origin, EventType::Normal, reason, message);
        }
        let info = known.as_ref().and_then(|node| node.as_node()?.status.node_info.clone());
        let boot_before = info.map(|info| info.boot_id).unwrap_or_default();
        let boot = self.boot_id();
        if !boot_before.is_empty() && boot_before != boot {
            let message = format!("Node {name} has been rebooted, boot id: {boot}");
            world.record(&node, origin, EventType::Warning, "Rebooted", message);
            world.client.update_node_status(&name, |stored| {
                if let Some(info) = &mut stored.node_info {
                    info.boot_id = boot;
                }
            })?;
        }
        Ok(())
    }

    /// Tells one start of the machine from another. The reference world's machines have none.
    fn boot_id(&self) -> String {
        match self.host.rules {
            Rules::Real => {
                let name = format!("boot {} {}", self.host.node, self.boot);
                Random::new(self.host.relist_phase).split(&name).uid()
            }
            Rules::Recorded => String::new(),
        }
    }
}
