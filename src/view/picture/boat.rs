//! A node as a boat: its waterline is what is requested of it, its deck the Pods bound to it.
//!
//! What befell the machine (no power, no network) is told apart from what the API says of the node: for 50 s the API does
//! not know.

use std::rc::Rc;

use k8s_openapi::api::core::v1::NodeStatus;

use super::pod::{Health, PodView};
use crate::cluster::{Cluster, Fate};
use crate::network::{Direction, Machine, Power};
use crate::object::{Key, Kind, Name};
use crate::quantity::Quantity;
use crate::time::Time;
use crate::view::Text;
use crate::view::forecast::{self, Soon};

/// What befell the machine itself.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub enum Plight {
    /// Nothing.
    #[default]
    Afloat,
    /// It has no power: nothing on it runs.
    Dark,
    /// It has power again and starts up.
    Starting,
    /// Its network is cut, in one direction or both: what runs on it runs on.
    Cut,
}

/// One node and what stands on it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "facts about one node that do not depend on each other"
)]
pub struct Boat {
    /// Where it stands in the store.
    pub key: Key,
    /// Whether there is a Node: a machine may not have registered yet, and Pods outlive a deleted Node for a while.
    pub known: bool,
    /// Whether there is a machine: a Node may have been written by hand, or its machine taken away.
    pub machine: bool,
    /// What befell the machine.
    pub plight: Plight,
    /// Which of its packets are lost.
    pub lost: Option<Direction>,
    /// What happens next by itself: it will be called NotReady, a Pod will be evicted.
    pub soon: Option<Soon>,
    /// Whether its Ready condition is True.
    pub ready: bool,
    /// Since when it has been so.
    pub since: Option<Time>,
    /// Whether it takes new Pods (`spec.unschedulable` is not set).
    pub schedulable: bool,
    /// What it can give away.
    pub allocatable: Share,
    /// What is requested of it.
    pub requested: Share,
    /// The Pods on its deck: by application, its oldest version first, then by name. Those that ended no longer weigh.
    pub pods: Vec<Rc<PodView>>,
}

/// Amounts of CPU and memory.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// CPU in thousandths.
    pub cpu_milli: i64,
    /// Memory in bytes.
    pub memory_bytes: i64,
}

impl Boat {
    /// How full it is by requests, in percent: the fuller of CPU and memory.
    pub fn percent(&self) -> i64 {
        let part = |used: i64, of: i64| if of > 0 { used.saturating_mul(100) / of } else { 0 };
        part(self.requested.cpu_milli, self.allocatable.cpu_milli)
            .max(part(self.requested.memory_bytes, self.allocatable.memory_bytes))
            .clamp(0, 100)
    }
}

/// Reads a machine, its Node and its Pods, as far as each is there.
pub(super) fn boat(name: &Name, pods: Vec<Rc<PodView>>, cluster: &Cluster) -> Boat {
    let key = Key::cluster(Kind::Node, Name::clone(name));
    let node = cluster.store().get(&key).and_then(|object| object.as_node());
    let status = node.map(|node| &*node.status);
    let ready = status.and_then(|status| {
        status.conditions.iter().flatten().find(|condition| condition.type_ == "Ready")
    });
    let weighing =
        || pods.iter().filter(|pod| !matches!(pod.health, Health::Done | Health::Failed));
    let requested = Share {
        cpu_milli: weighing().map(|pod| pod.cpu_milli).sum(),
        memory_bytes: weighing().map(|pod| pod.memory_bytes).sum(),
    };
    let plight = plight(cluster, name);
    let is_ready = ready.is_some_and(|condition| condition.status == "True");
    let calm = plight == Plight::Afloat && is_ready;
    Boat {
        known: node.is_some(),
        machine: cluster.network().machine(name).is_some(),
        plight,
        lost: cluster.network().machine(name).and_then(Machine::lost),
        soon: if calm { None } else { soon(cluster, name, plight) },
        ready: is_ready,
        since: ready.and_then(|condition| condition.last_transition_time.as_ref()).map(Time::from),
        schedulable: node.is_none_or(|node| node.spec.unschedulable != Some(true)),
        allocatable: status.map(allocatable).unwrap_or_default(),
        requested,
        pods,
        key,
    }
}

/// What befell a machine.
pub(super) fn plight(cluster: &Cluster, node: &str) -> Plight {
    match cluster.network().machine(node) {
        Some(machine) if matches!(machine.power, Power::Starting(_)) => Plight::Starting,
        Some(machine) if !machine.runs() => Plight::Dark,
        Some(machine) if machine.lost().is_some() => Plight::Cut,
        Some(_) | None => Plight::Afloat,
    }
}

/// The first thing that happens by itself; Pods that happen to go at once are counted.
fn soon(cluster: &Cluster, node: &str, plight: Plight) -> Option<Soon> {
    let dues = cluster.outlook(node);
    let first = dues.iter().find(|due| due.fate != Fate::Tainted);
    if let Some(due) = first {
        let same = dues.iter().filter(|other| other.at == due.at);
        return Some(forecast::of_due(due, same.count()));
    }
    let waits = cluster.store().pods_on(node).any(|pod| pod.terminating());
    (plight != Plight::Afloat && waits).then(|| Soon {
        what: Text::SoonReturns,
        subject: String::new(),
        at: None,
    })
}

fn allocatable(status: &NodeStatus) -> Share {
    let read = |resource: &str| {
        let quantity = status.allocatable.as_ref()?.get(resource)?;
        Quantity::parse(&quantity.0).ok()
    };
    Share {
        cpu_milli: read("cpu").map_or(0, |quantity| quantity.milli_value()),
        memory_bytes: read("memory").map_or(0, |quantity| quantity.value()),
    }
}

/// CPU for people: `1.8`, `4`, `0.25`.
pub fn cores(milli: i64) -> String {
    let text = format!("{}.{:03}", milli / 1000, milli % 1000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Memory for people: `2.1Gi`, `512Mi`.
pub fn memory(bytes: i64) -> String {
    const MI: i64 = 1 << 20;
    const GI: i64 = 1 << 30;
    if bytes < GI && bytes > 0 {
        return format!("{}Mi", bytes / MI);
    }
    let tenths = bytes.saturating_mul(10) / GI;
    if tenths % 10 == 0 {
        format!("{}Gi", tenths / 10)
    } else {
        format!("{}.{}Gi", tenths / 10, tenths % 10)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_read_well() {
        assert_eq!(cores(4000), "4");
        assert_eq!(cores(1850), "1.85");
        assert_eq!(cores(0), "0");
        assert_eq!(memory(8 << 30), "8Gi");
        assert_eq!(memory(512 << 20), "512Mi");
        assert_eq!(memory((2 << 30) + (103 << 20)), "2.1Gi");
        assert_eq!(memory(0), "0Gi");
    }
}
