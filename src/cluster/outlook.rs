//! What will happen to a node and its Pods if nothing else does, and when: what countdowns show.
//!
//! It asks the rules that the controllers go by; it decides nothing itself. A node that is heard of has no outlook: what
//! its silence has brought about is about to be taken back.

use super::Cluster;
use crate::controller::nodelifecycle::{UNREACHABLE, ready, tainted_at, verdict_at};
use crate::controller::podgc::{POD_GC, removed_at};
use crate::controller::tainteviction::{TAINT_EVICTION, driving_out, tolerations};
use crate::controller::{CONTROLLERS, Controller};
use crate::kubelet::Kubelet;
use crate::network::{Machine, Power};
use crate::object::{Endurance, Key, Kind, Name, Object, endurance};
use crate::order;
use crate::time::Time;

/// Something that will happen.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Due {
    /// When.
    pub at: Time,
    /// What.
    pub fate: Fate,
}

/// What will happen to a node or one of its Pods.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// The machine has started up, and its kubelet works.
    Started,
    /// The node controller gives the node up: it becomes `NotReady`.
    NotReady,
    /// The node gets the taint that drives Pods out; from here their tolerations count.
    Tainted,
    /// This Pod is deleted because it bears its node's taints no longer.
    Evicted(Key),
    /// This Pod is removed because its node is gone.
    Removed(Key),
}

impl Cluster {
    /// What will happen to a node and its Pods, soonest first.
    pub fn outlook(&self, node: &str) -> Vec<Due> {
        let mut dues = Vec::new();
        let machine = self.network.machine(node);
        if let Some(Power::Starting(at)) = machine.map(|machine| machine.power) {
            dues.push(Due { at, fate: Fate::Started });
        }
        let key = Key::cluster(Kind::Node, node);
        match self.store.get(&key) {
            None => self.without_node(&key, &mut dues),
            Some(object) => self.with_node(object, machine, &mut dues),
        }
        order::sort(&mut dues);
        dues
    }

    /// What will happen to a Pod because of its node.
    pub fn pod_outlook(&self, pod: &Key) -> Option<Due> {
        let node = self.store.get(pod)?.as_pod()?.own.node_name.clone()?;
        let mut dues = self.outlook(&node).into_iter();
        dues.find(|due| matches!(&due.fate, Fate::Evicted(key) | Fate::Removed(key) if key == pod))
    }

    /// Whether a node's kubelet is at work and can be heard, be it for the last time.
    pub fn heard(&self, node: &str) -> bool {
        let machine = self.network.machine(node);
        machine.is_some_and(|machine| machine.reachable() || machine.has_last_word())
            && self.kubelets.get(node).is_some_and(|kubelet| !kubelet.frozen())
    }

    /// When the API server last heard of a node: its Lease.
    pub fn last_heartbeat(&self, node: &str) -> Option<Time> {
        let lease = self.store.get(&Key::new(Kind::Lease, "kube-node-lease", node))?;
        lease.as_lease()?.spec.as_ref()?.renew_time.as_ref().map(Time::from)
    }

    fn without_node(&self, key: &Key, dues: &mut Vec<Due>) {
        let at = removed_at(self.kept(&POD_GC, key), self.now);
        let pods = self.store.pods_on(&key.name);
        dues.extend(pods.map(|pod| Due { at, fate: Fate::Removed(pod.key()) }));
    }

    fn with_node(&self, node: &Object, machine: Option<&Machine>, dues: &mut Vec<Due>) {
        let Some(body) = node.as_node() else { return };
        let heard = self.heard(node.name());
        if heard && driving_out(node).next().is_none() {
            return;
        }
        let known = ready(&body.status) != "Unknown";
        let grace = self.settings.profile.flags().node_monitor_grace_period;
        let mut lost_at = self.now;
        if !heard && known {
            lost_at = verdict_at(&self.store, node, grace);
            let back = machine.filter(|machine| machine.lost().is_none()).and_then(|machine| {
                if let Power::Starting(at) = machine.power { Some(at) } else { None }
            });
            if back.is_some_and(|back| back < lost_at) {
                return;
            }
            dues.push(Due { at: lost_at, fate: Fate::NotReady });
        }
        let tainted = driving_out(node).any(|taint| taint.key == UNREACHABLE);
        let taint_at = match (heard, tainted) {
            (true, _) => None,
            (false, true) => Some(self.now),
            (false, false) => tainted_at(&self.store, node, lost_at, self.now),
        };
        if let (Some(at), false) = (taint_at, tainted) {
            dues.push(Due { at, fate: Fate::Tainted });
        }
        for pod in self.store.pods_on(node.name()).filter(|pod| !pod.terminating()) {
            dues.extend(self.eviction(node, pod, heard, taint_at));
        }
    }

    /// When a Pod is evicted: as planned, or by its tolerations once the node is tainted.
    fn eviction(
        &self,
        node: &Object,
        pod: &Object,
        heard: bool,
        taint_at: Option<Time>,
    ) -> Option<Due> {
        let ours = |key: &str| key == UNREACHABLE || key == "node.kubernetes.io/not-ready";
        let by_others = driving_out(node).any(|taint| !ours(&taint.key));
        let planned = self.kept(&TAINT_EVICTION, &pod.key());
        let at = match (planned, taint_at) {
            // Its own taints go before that.
            (Some(_), None) if heard && !by_others => None,
            (Some(at), _) => Some(at),
            (None, Some(from)) => {
                let mut taints: Vec<_> = driving_out(node).cloned().collect();
                if !taints.iter().any(|taint| taint.key == UNREACHABLE) {
                    taints.push(k8s_openapi::api::core::v1::Taint {
                        key: UNREACHABLE.to_owned(),
                        effect: "NoExecute".to_owned(),
                        ..Default::default()
                    });
                }
                match endurance(taints.iter(), tolerations(pod.as_pod()?)) {
                    Endurance::Forever => None,
                    Endurance::For(time) => Some(from + time),
                    Endurance::None => Some(from),
                }
            }
            (None, None) => None,
        };
        at.map(|at| Due { at, fate: Fate::Evicted(pod.key()) })
    }

    /// The moment that a controller keeps for one of its keys.
    fn kept(&self, controller: &Controller, key: &Key) -> Option<Time> {
        let index = CONTROLLERS.iter().position(|one| one.name == controller.name)?;
        self.work.get(index)?.kept(key)
    }

    /// Every machine with its kubelet, in order of name.
    pub fn machines(&self) -> impl Iterator<Item = (&Name, &Machine, &Kubelet)> {
        self.network.machines().filter_map(|(name, machine)| {
            self.kubelets.get(name).map(|kubelet| (name, machine, kubelet))
        })
    }
}
