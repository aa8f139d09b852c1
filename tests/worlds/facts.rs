//! What the invariants read of a world: plain facts, worked out here and not asked of the code under test.
//!
//! Pods and Nodes, which are many, are read as they rest; other kinds by their wire form, whatever form they rest in.

use std::sync::Arc;

use kobune::cluster::Cluster;
use kobune::network::Machine as Hardware;
use kobune::object::{KINDS, Key, Kind, Name, Object, PodBody, tolerates};
use kobune::quantity::Quantity;
use kobune::store::{Actor, Change, Store};
use kobune::time::Time;
use serde_json::Value;

/// A machine, as seen from outside the cluster.
#[derive(Clone, Debug)]
pub(crate) struct Machine {
    pub(crate) node: Name,
    /// Whether it has power and its cable is in.
    pub(crate) reachable: bool,
    /// The uids of the Pods of which containers run there.
    pub(crate) runs: Vec<Name>,
}

/// The world after a write, or at the end.
pub(crate) struct World<'a> {
    pub(crate) store: &'a Store,
    pub(crate) now: Time,
    /// When something was last written that is no heartbeat.
    pub(crate) quiet_since: Time,
    pub(crate) machines: &'a dyn Fn() -> Vec<Machine>,
}

/// The machines of a cluster.
pub(crate) fn machines(cluster: &Cluster) -> Vec<Machine> {
    let kubelets = cluster.kubelets().iter();
    kubelets
        .map(|(node, kubelet)| Machine {
            node: Arc::clone(node),
            reachable: cluster.network().machine(node).is_some_and(Hardware::reachable),
            runs: kubelet.running().cloned().collect(),
        })
        .collect()
}

/// Whether a part of the cluster made a change.
pub(crate) fn by(change: &Change, component: &str) -> bool {
    matches!(change.cause.actor, Actor::Component(name) if name == component)
}

/// How many there are, as the wire counts.
pub(crate) fn count<T>(all: impl Iterator<Item = T>) -> i64 {
    i64::try_from(all.count()).unwrap_or(i64::MAX)
}

/// A field of an object's wire form; null where there is none.
pub(crate) fn field(object: &Object, pointer: &str) -> Value {
    object.to_value().pointer(pointer).cloned().unwrap_or_default()
}

/// A whole number of an object's wire form; 0 where there is none.
pub(crate) fn number(object: &Object, pointer: &str) -> i64 {
    field(object, pointer).as_i64().unwrap_or(0)
}

/// The owner that manages an object, if it is there.
pub(crate) fn owner<'a>(store: &'a Store, object: &Object) -> Option<&'a Arc<Object>> {
    let reference = object.controller()?;
    let info = KINDS.iter().find(|info| info.name == reference.kind)?;
    let owner = store.get(&Key::new(info.kind(), object.namespace(), reference.name.as_str()))?;
    (owner.uid() == reference.uid).then_some(owner)
}

/// All Pods.
pub(crate) fn pods(store: &Store) -> impl Iterator<Item = (&Arc<Object>, &PodBody)> {
    store.list(Kind::Pod, None).filter_map(|object| Some((object, object.as_pod()?)))
}

pub(crate) fn phase(pod: &PodBody) -> &str {
    pod.status.phase.as_deref().unwrap_or_default()
}

/// Whether a Pod has run to its end.
pub(crate) fn finished(pod: &PodBody) -> bool {
    matches!(phase(pod), "Succeeded" | "Failed")
}

pub(crate) fn ready(pod: &PodBody) -> bool {
    condition(pod, "Ready")
}

/// Whether a condition of a Pod is true.
pub(crate) fn condition(pod: &PodBody, name: &str) -> bool {
    pod.status.conditions.iter().flatten().any(|one| one.type_ == name && one.status == "True")
}

/// Whether a controller counts a Pod: it has neither ended nor is being deleted.
pub(crate) fn active(object: &Object, pod: &PodBody) -> bool {
    !finished(pod) && !object.terminating()
}

/// The active Pods that an object controls.
pub(crate) fn active_of(store: &Store, uid: &str) -> i64 {
    let owned =
        store.owned_by(uid).filter(|one| one.controller().is_some_and(|own| own.uid == uid));
    count(owned.filter(|one| one.as_pod().is_some_and(|pod| active(one, pod))))
}

/// An amount in thousandths.
fn milli(quantity: &str) -> i64 {
    Quantity::parse(quantity).map_or(0, |quantity| quantity.milli_value())
}

/// CPU and memory, in thousandths of a CPU and of a byte.
pub(crate) type Amounts = [i64; 2];
pub(crate) const RESOURCES: [&str; 2] = ["cpu", "memory"];

/// What a Pod asks for: the sum of what runs together, at its most (`k8s.io/component-helpers/resource/helpers.go`).
pub(crate) fn requests(pod: &PodBody) -> Amounts {
    RESOURCES.map(|resource| {
        let of = |container: &k8s_openapi::api::core::v1::Container| {
            let requests = container.resources.as_ref().and_then(|all| all.requests.as_ref());
            requests.and_then(|all| all.get(resource)).map_or(0, |amount| milli(&amount.0))
        };
        let (mut beside, mut most) = (0, 0);
        for init in pod.shared.init_containers.iter().flatten() {
            if init.restart_policy.as_deref() == Some("Always") {
                beside += of(init);
                most = most.max(beside);
            } else {
                most = most.max(beside + of(init));
            }
        }
        let together: i64 = pod.shared.containers.iter().map(of).sum();
        most.max(beside + together)
    })
}

/// What a node gives: CPU, memory, and how many Pods.
pub(crate) fn allocatable(node: &Object) -> (Amounts, usize) {
    let status = node.as_node().map(|node| &node.status);
    let amount = |resource: &str| {
        let all = status.and_then(|status| status.allocatable.as_ref());
        all.and_then(|all| all.get(resource)).map_or(0, |amount| milli(&amount.0))
    };
    (RESOURCES.map(amount), usize::try_from(amount("pods") / 1000).unwrap_or(0))
}

/// The Pods on a node that have not ended.
pub(crate) fn pods_on<'a>(
    store: &'a Store,
    node: &str,
) -> impl Iterator<Item = (&'a Arc<Object>, &'a PodBody)> {
    let all = store.pods_on(node).filter_map(|object| Some((object, object.as_pod()?)));
    all.filter(|(_, pod)| !finished(pod))
}

/// How much is asked of a node, and by how many Pods.
pub(crate) fn asked(store: &Store, node: &str) -> (Amounts, usize) {
    pods_on(store, node).fold(([0, 0], 0), |(sum, count), (_, pod)| {
        let own = requests(pod);
        ([sum[0] + own[0], sum[1] + own[1]], count + 1)
    })
}

/// The ports of the machine that a Pod takes.
pub(crate) fn host_ports(pod: &PodBody) -> Vec<i32> {
    let ports = pod.shared.containers.iter().flat_map(|one| one.ports.iter().flatten());
    ports.filter_map(|port| port.host_port).filter(|port| *port > 0).collect()
}

/// Why a Pod may not go to a node, its room aside: cordoned, tainted, not asked for.
pub(crate) fn kept_away(pod: &PodBody, node: &Object) -> Option<String> {
    let spec = &node.as_node()?.spec;
    let tolerated = |taint: &k8s_openapi::api::core::v1::Taint| {
        let mut all = pod.shared.tolerations.iter().flatten();
        all.any(|one| tolerates(one, taint))
    };
    let taint = spec.taints.iter().flatten().find(|taint| {
        matches!(taint.effect.as_str(), "NoSchedule" | "NoExecute") && !tolerated(taint)
    });
    if let Some(taint) = taint {
        return Some(format!("the taint {}:{}", taint.key, taint.effect));
    }
    let mut wanted = pod.shared.node_selector.iter().flatten();
    let other = wanted.find(|(key, value)| node.label(key) != Some(value.as_str()));
    other.map(|(key, value)| format!("no label {key}={value}"))
}

/// How a Deployment may roll.
#[derive(Debug)]
pub(crate) struct Rolling {
    pub(crate) replicas: i64,
    pub(crate) recreate: bool,
    /// The most Pods that there may be.
    pub(crate) most: i64,
    /// The fewest that must be available.
    pub(crate) least: i64,
}

/// A number, or a share of `total`.
fn scaled(value: &Value, total: i64, up: bool) -> i64 {
    match value.as_str().and_then(|text| text.strip_suffix('%')?.parse::<i64>().ok()) {
        Some(percent) if up => (percent * total + 99) / 100,
        Some(percent) => percent * total / 100,
        None => value.as_i64().unwrap_or(0),
    }
}

/// How a Deployment may roll, by its strategy.
pub(crate) fn rolling(deployment: &Object) -> Rolling {
    let value = deployment.to_value();
    let spec = &value["spec"];
    let replicas = spec["replicas"].as_i64().unwrap_or(1);
    let bounds = &spec["strategy"]["rollingUpdate"];
    let surge = scaled(&bounds["maxSurge"], replicas, true);
    let down = scaled(&bounds["maxUnavailable"], replicas, false);
    // Both nothing, by rounding: one may go.
    let down = if surge == 0 && down == 0 { 1 } else { down };
    let recreate = spec["strategy"]["type"] == "Recreate";
    Rolling { replicas, recreate, most: replicas + surge, least: replicas - down }
}

/// The ReplicaSets that a Deployment controls.
pub(crate) fn sets_of<'a>(store: &'a Store, uid: &str) -> Vec<&'a Arc<Object>> {
    store.owned_by(uid).filter(|one| one.kind() == Kind::ReplicaSet).collect()
}
