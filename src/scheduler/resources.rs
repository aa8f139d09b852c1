//! Amounts of what a node has and a Pod asks for, in whole units.
//!
//! Models kubernetes `pkg/scheduler/framework/types.go` (`Resource`) and component-helpers
//! `resource/helpers.go` (`PodRequests`): containers add up, sidecars stay, the largest init container counts.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{Container, PodSpec};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity as WireQuantity;

use crate::quantity::Quantity;

/// What a container without a CPU request is taken to need when nodes are scored, in milli-CPU.
const DEFAULT_MILLI_CPU: i64 = 100;
/// What a container without a memory request is taken to need when nodes are scored, in bytes (200 MB).
const DEFAULT_MEMORY: i64 = 200 * 1024 * 1024;

/// An amount of each resource.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resources {
    /// Thousandths of a CPU.
    pub milli_cpu: i64,
    /// Bytes.
    pub memory: i64,
    /// Bytes.
    pub ephemeral_storage: i64,
    /// Everything else that is counted, `nvidia.com/gpu`, by name.
    pub scalar: BTreeMap<String, i64>,
}

/// A list of quantities as objects carry it.
pub type ResourceList = BTreeMap<String, WireQuantity>;

impl Resources {
    /// The amounts in a list; what cannot be read counts as nothing (the API server lets no such thing pass).
    pub fn from_list(list: Option<&ResourceList>) -> Self {
        let mut resources = Self::default();
        for (name, quantity) in list.into_iter().flatten() {
            let Ok(quantity) = Quantity::parse(&quantity.0) else { continue };
            match name.as_str() {
                "cpu" => resources.milli_cpu = quantity.milli_value(),
                "memory" => resources.memory = quantity.value(),
                "ephemeral-storage" => resources.ephemeral_storage = quantity.value(),
                "pods" => {}
                _ => {
                    resources.scalar.insert(name.clone(), quantity.value());
                }
            }
        }
        resources
    }

    /// Whether nothing at all is asked for.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    /// Adds another amount.
    pub fn add(&mut self, other: &Self) {
        self.combine(other, i64::saturating_add);
    }

    /// Takes another amount away.
    pub fn subtract(&mut self, other: &Self) {
        self.combine(other, i64::saturating_sub);
    }

    /// Raises each amount to at least the other's.
    fn raise_to(&mut self, other: &Self) {
        self.combine(other, i64::max);
    }

    fn combine(&mut self, other: &Self, combine: fn(i64, i64) -> i64) {
        self.milli_cpu = combine(self.milli_cpu, other.milli_cpu);
        self.memory = combine(self.memory, other.memory);
        self.ephemeral_storage = combine(self.ephemeral_storage, other.ephemeral_storage);
        for (name, amount) in &other.scalar {
            let entry = self.scalar.entry(name.clone()).or_default();
            *entry = combine(*entry, *amount);
        }
    }
}

/// How containers without a request are counted.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Missing {
    /// As nothing: what is really reserved.
    Nothing,
    /// As 100m CPU and 200 MB, so that empty Pods spread too.
    Typical,
}

/// What a Pod asks for.
pub fn pod_requests(spec: &PodSpec, missing: Missing) -> Resources {
    let mut total = Resources::default();
    for container in &spec.containers {
        total.add(&container_requests(container, missing));
    }
    let (mut sidecars, mut init_peak) = (Resources::default(), Resources::default());
    for container in spec.init_containers.iter().flatten() {
        let mut requests = container_requests(container, missing);
        if container.restart_policy.as_deref() == Some("Always") {
            total.add(&requests);
            sidecars.add(&requests);
            init_peak.raise_to(&sidecars);
        } else {
            requests.add(&sidecars);
            init_peak.raise_to(&requests);
        }
    }
    total.raise_to(&init_peak);
    if let Some(whole) = spec.resources.as_ref().and_then(|resources| resources.requests.as_ref()) {
        override_with(&mut total, whole);
    }
    total.add(&Resources::from_list(spec.overhead.as_ref()));
    total
}

fn container_requests(container: &Container, missing: Missing) -> Resources {
    let list = container.resources.as_ref().and_then(|resources| resources.requests.as_ref());
    let mut requests = Resources::from_list(list);
    if missing == Missing::Typical {
        let lacks = |name: &str| list.is_none_or(|list| !list.contains_key(name));
        if lacks("cpu") {
            requests.milli_cpu = DEFAULT_MILLI_CPU;
        }
        if lacks("memory") {
            requests.memory = DEFAULT_MEMORY;
        }
    }
    requests
}

/// Requests of the Pod as a whole (`spec.resources`) stand in place of the sum.
fn override_with(total: &mut Resources, whole: &ResourceList) {
    let amounts = Resources::from_list(Some(whole));
    if whole.contains_key("cpu") {
        total.milli_cpu = amounts.milli_cpu;
    }
    if whole.contains_key("memory") {
        total.memory = amounts.memory;
    }
}
