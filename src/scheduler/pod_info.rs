//! What the scheduler knows of a Pod: read once from its spec, then shared by all Pods of that spec.
//!
//! Models kubernetes `pkg/scheduler/framework/types.go` (`PodInfo`, `AffinityTerm`) and `pkg/scheduler/util/utils.go`.

use std::sync::Arc;

use k8s_openapi::api::core::v1::{PodAffinityTerm, PodSpec, WeightedPodAffinityTerm};

use super::resources::{Missing, Resources, pod_requests};
use crate::object::{Key, Object, PodBody, labels_match, selector_matches};

/// A Pod, as the scheduler sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct PodInfo {
    /// The version it was read from.
    pub object: Arc<Object>,
    /// What its spec says.
    pub facts: Arc<SpecFacts>,
    /// Whether it is being deleted: it still takes room, but is not counted among its like.
    pub terminating: bool,
}

/// What matters of a Pod's spec.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SpecFacts {
    /// What it asks for.
    pub requests: Resources,
    /// The same, with a typical amount for containers that ask for nothing.
    pub requests_or_typical: Resources,
    /// The host ports it takes.
    pub host_ports: Vec<HostPort>,
    /// Rules about other Pods, if it has any.
    pub affinity: Option<PodRules>,
}

/// A port of the node itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostPort {
    /// The address; `0.0.0.0` is all of them.
    pub ip: String,
    /// `TCP`, `UDP` or `SCTP`.
    pub protocol: String,
    /// The number.
    pub port: i32,
}

/// Required and preferred rules about the Pods beside a Pod.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PodRules {
    /// Must stand with all of these.
    pub affinity: Vec<PodAffinityTerm>,
    /// Must stand with none of these.
    pub anti_affinity: Vec<PodAffinityTerm>,
    /// Would rather stand with these.
    pub preferred_affinity: Vec<WeightedPodAffinityTerm>,
    /// Would rather not stand with these.
    pub preferred_anti_affinity: Vec<WeightedPodAffinityTerm>,
}

impl HostPort {
    /// Whether both cannot be had at once.
    pub fn conflicts(&self, other: &Self) -> bool {
        const ALL: &str = "0.0.0.0";
        self.port == other.port
            && self.protocol == other.protocol
            && (self.ip == other.ip || self.ip == ALL || other.ip == ALL)
    }
}

impl PodInfo {
    /// What there is to know of a Pod; `known` is a spec already read, whose facts are shared if it is the same one.
    pub fn new(
        object: &Arc<Object>,
        known: Option<&(Arc<PodSpec>, Arc<SpecFacts>)>,
    ) -> Option<Self> {
        let shared = &object.as_pod()?.shared;
        let facts = match known {
            Some((spec, facts)) if Arc::ptr_eq(spec, shared) => Arc::clone(facts),
            _ => Arc::new(SpecFacts::read(shared)),
        };
        Some(Self { object: Arc::clone(object), facts, terminating: object.terminating() })
    }

    /// Its place in the store.
    pub fn key(&self) -> Key {
        self.object.key()
    }

    /// Its body.
    pub fn pod(&self) -> &PodBody {
        self.object.as_pod().expect("made from a Pod")
    }

    /// Its spec, apart from the fields of its own.
    pub fn spec(&self) -> &PodSpec {
        &self.pod().shared
    }

    /// Its priority; higher goes first, and may evict lower ones.
    pub fn priority(&self) -> i32 {
        self.spec().priority.unwrap_or(0)
    }

    /// Whether something still holds it back from being scheduled.
    pub fn is_gated(&self) -> bool {
        self.spec().scheduling_gates.iter().flatten().next().is_some()
    }

    /// The node on which room was made for it.
    pub fn nominated(&self) -> Option<&str> {
        self.pod().status.nominated_node_name.as_deref().filter(|name| !name.is_empty())
    }

    /// Whether no selector can tell the two apart.
    pub fn same_group(&self, other: &Self) -> bool {
        self.object.meta.namespace == other.object.meta.namespace
            && self.object.meta.labels == other.object.meta.labels
    }

    /// Whether a rule of `owner`'s is about this Pod: namespace and labels (`AffinityTerm.Matches`).
    ///
    /// *Differs:* a namespace selector that is not empty selects nothing here: namespaces are not read yet.
    pub fn selected_by(&self, term: &PodAffinityTerm, owner: &Self) -> bool {
        let namespace = self.object.namespace();
        let listed = term.namespaces.iter().flatten().any(|name| name == namespace);
        let implied = term.namespaces.as_ref().is_none_or(Vec::is_empty)
            && term.namespace_selector.is_none()
            && namespace == owner.object.namespace();
        let everywhere =
            term.namespace_selector.as_ref().is_some_and(crate::object::selects_everything);
        if !listed && !implied && !everywhere {
            return false;
        }
        // A missing selector selects nothing.
        let Some(selector) = &term.label_selector else { return false };
        let labels = self.object.meta.labels.as_ref();
        selector_matches(selector, labels)
            && term.match_label_keys.iter().flatten().all(|key| {
                owner.object.label(key).is_none_or(|value| self.object.label(key) == Some(value))
            })
            && term.mismatch_label_keys.iter().flatten().all(|key| {
                owner.object.label(key).is_none_or(|value| self.object.label(key) != Some(value))
            })
    }

    /// Whether all the rules are about this Pod; no rules are about none.
    pub fn selected_by_all(&self, terms: &[PodAffinityTerm], owner: &Self) -> bool {
        !terms.is_empty() && terms.iter().all(|term| self.selected_by(term, owner))
    }

    /// Whether its `nodeSelector` selects these labels.
    pub fn node_selector_matches(&self, labels: Option<&crate::object::Labels>) -> bool {
        self.spec().node_selector.as_ref().is_none_or(|wanted| labels_match(wanted, labels))
    }
}

impl SpecFacts {
    /// Reads a spec.
    pub fn read(spec: &PodSpec) -> Self {
        Self {
            requests: pod_requests(spec, Missing::Nothing),
            requests_or_typical: pod_requests(spec, Missing::Typical),
            host_ports: host_ports(spec),
            affinity: pod_rules(spec),
        }
    }
}

/// The host ports of containers and of sidecars.
fn host_ports(spec: &PodSpec) -> Vec<HostPort> {
    let sidecars = spec
        .init_containers
        .iter()
        .flatten()
        .filter(|container| container.restart_policy.as_deref() == Some("Always"));
    sidecars
        .chain(&spec.containers)
        .flat_map(|container| container.ports.iter().flatten())
        .filter_map(|port| {
            let number = port.host_port.filter(|number| *number > 0)?;
            Some(HostPort {
                ip: port
                    .host_ip
                    .clone()
                    .filter(|ip| !ip.is_empty())
                    .unwrap_or_else(|| "0.0.0.0".to_owned()),
                protocol: port.protocol.clone().unwrap_or_else(|| "TCP".to_owned()),
                port: number,
            })
        })
        .collect()
}

fn pod_rules(spec: &PodSpec) -> Option<PodRules> {
    let affinity = spec.affinity.as_ref()?;
    let (with, without) = (affinity.pod_affinity.as_ref(), affinity.pod_anti_affinity.as_ref());
    if with.is_none() && without.is_none() {
        return None;
    }
    let mut rules = PodRules::default();
    if let Some(with) = with {
        rules.affinity =
            with.required_during_scheduling_ignored_during_execution.clone().unwrap_or_default();
        rules.preferred_affinity =
            with.preferred_during_scheduling_ignored_during_execution.clone().unwrap_or_default();
    }
    if let Some(without) = without {
        rules.anti_affinity =
            without.required_during_scheduling_ignored_during_execution.clone().unwrap_or_default();
        rules.preferred_anti_affinity = without
            .preferred_during_scheduling_ignored_during_execution
            .clone()
            .unwrap_or_default();
    }
    Some(rules)
}
