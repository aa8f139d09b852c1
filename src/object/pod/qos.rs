//! The quality of service class of a Pod, computed once, when it is admitted.
//!
//! Models kubernetes `pkg/apis/core/helper/qos/qos.go` (`ComputePodQOS`): only cpu and memory count, zero is as none.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{PodSpec, ResourceRequirements};

use crate::quantity::Quantity;

/// The resources that decide.
const DECISIVE: [&str; 2] = ["cpu", "memory"];

/// `Guaranteed`, `Burstable` or `BestEffort`.
pub fn qos_class(spec: &PodSpec) -> &'static str {
    let mut requests = BTreeMap::new();
    let mut limits = BTreeMap::new();
    let mut all_limited = true;
    let mut count = |resources: Option<&ResourceRequirements>| {
        let mut limited = 0;
        for name in DECISIVE {
            let list = |side: fn(&ResourceRequirements) -> Option<&BTreeMap<_, _>>| {
                resources.and_then(side).and_then(|list| positive(list, name))
            };
            if let Some(amount) = list(|resources| resources.requests.as_ref()) {
                add(&mut requests, name, &amount);
            }
            if let Some(amount) = list(|resources| resources.limits.as_ref()) {
                add(&mut limits, name, &amount);
                limited += 1;
            }
        }
        all_limited &= limited == DECISIVE.len();
    };
    let pod_level = spec.resources.as_ref().filter(|resources| {
        [&resources.requests, &resources.limits].into_iter().flatten().any(|list| !list.is_empty())
    });
    if pod_level.is_some() {
        count(pod_level);
    } else {
        let containers = spec.containers.iter().chain(spec.init_containers.iter().flatten());
        for container in containers {
            count(container.resources.as_ref());
        }
    }
    if requests.is_empty() && limits.is_empty() {
        "BestEffort"
    } else if all_limited && requests == limits {
        "Guaranteed"
    } else {
        "Burstable"
    }
}

fn positive(
    list: &BTreeMap<String, k8s_openapi::apimachinery::pkg::api::resource::Quantity>,
    name: &str,
) -> Option<Quantity> {
    let amount = Quantity::parse(&list.get(name)?.0).ok()?;
    (!amount.is_zero() && !amount.is_negative()).then_some(amount)
}

fn add(sums: &mut BTreeMap<&'static str, Quantity>, name: &'static str, amount: &Quantity) {
    let sum = sums.get(name).map_or_else(|| amount.clone(), |sum| sum.plus(amount));
    sums.insert(name, sum);
}
