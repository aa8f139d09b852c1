//! What objects use of their namespace's quotas, and which objects a quota is about.
//!
//! Models kubernetes `pkg/quota/v1/evaluator/core/{pods,services,persistent_volume_claims}.go`,
//! `staging/src/k8s.io/apiserver/pkg/quota/v1/generic/evaluator.go` and component-helpers `resource/helpers.go`.
//! *Differs:* the scopes `CrossNamespacePodAffinity` and `VolumeAttributesClass` are about no object here.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{Container, PodSpec, ResourceRequirements};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity as WireQuantity;
use serde_json::Value;

use super::pod::qos_class;
use super::value::look::{at, entries, given, list, quantity, text, texts};
use super::{KINDS, Kind, KindInfo, Object, ValueBody};
use crate::quantity::Quantity;
use crate::time::Time;

/// Amounts by name, in order of name.
pub type Amounts = Vec<(String, Quantity)>;

/// Which side of a container's resources.
pub type Side = fn(&ResourceRequirements) -> Option<&BTreeMap<String, WireQuantity>>;

/// What is asked for.
pub const REQUESTS: Side = |resources| resources.requests.as_ref();
/// What may be used at most.
pub const LIMITS: Side = |resources| resources.limits.as_ref();

/// The amount of this name.
pub fn amount<'a>(amounts: &'a [(String, Quantity)], name: &str) -> Option<&'a Quantity> {
    amounts.iter().find(|(own, _)| own == name).map(|(_, amount)| amount)
}

/// Adds to the amount of this name.
pub fn add(amounts: &mut Amounts, name: &str, more: &Quantity) {
    combine(amounts, name, more, Quantity::plus);
}

fn combine(
    amounts: &mut Amounts,
    name: &str,
    other: &Quantity,
    combine: impl Fn(&Quantity, &Quantity) -> Quantity,
) {
    match amounts.binary_search_by(|(own, _)| own.as_str().cmp(name)) {
        Ok(at) => {
            if let Some((_, amount)) = amounts.get_mut(at) {
                *amount = combine(amount, other);
            }
        }
        Err(at) => amounts.insert(at, (name.to_owned(), other.clone())),
    }
}

fn raise_to(amounts: &mut Amounts, others: &[(String, Quantity)]) {
    for (name, other) in others {
        combine(amounts, name, other, |one, other| one.max(other).clone());
    }
}

fn add_all(amounts: &mut Amounts, others: &[(String, Quantity)]) {
    for (name, other) in others {
        add(amounts, name, other);
    }
}

/// The amounts on one side of a container's resources.
pub fn of_container(container: &Container, side: Side) -> Amounts {
    from_map(container.resources.as_ref().and_then(side))
}

fn from_map(map: Option<&BTreeMap<String, WireQuantity>>) -> Amounts {
    let entries = map.into_iter().flatten();
    entries
        .filter_map(|(name, amount)| Some((name.clone(), Quantity::parse(&amount.0).ok()?)))
        .collect()
}

/// What a Pod as a whole asks for, or may use (`PodRequests`, `PodLimits`): containers add up, sidecars stay, the largest
/// init container counts, what is said for the Pod as a whole goes before.
pub fn of_pod(spec: &PodSpec, side: Side) -> Amounts {
    let mut total = Amounts::new();
    for container in &spec.containers {
        add_all(&mut total, &of_container(container, side));
    }
    let (mut sidecars, mut peak) = (Amounts::new(), Amounts::new());
    for container in spec.init_containers.iter().flatten() {
        let mut amounts = of_container(container, side);
        if container.restart_policy.as_deref() == Some("Always") {
            add_all(&mut total, &amounts);
            add_all(&mut sidecars, &amounts);
            raise_to(&mut peak, &sidecars);
        } else {
            add_all(&mut amounts, &sidecars);
            raise_to(&mut peak, &amounts);
        }
    }
    raise_to(&mut total, &peak);
    for (name, whole) in from_map(spec.resources.as_ref().and_then(side)) {
        combine(&mut total, &name, &whole, |_, whole| whole.clone());
    }
    for (name, overhead) in from_map(spec.overhead.as_ref()) {
        if !std::ptr::fn_addr_eq(side, LIMITS) || amount(&total, &name).is_some() {
            add(&mut total, &name, &overhead);
        }
    }
    total
}

/// What quotas are about, by the names of their resources: the kind whose objects are counted or summed.
pub fn kind_of(resource: &str) -> Option<Kind> {
    if let Some(counted) = resource.strip_prefix("count/") {
        return KINDS.iter().find(|info| info.resource() == counted).map(KindInfo::kind);
    }
    Some(match resource {
        "services" | "services.nodeports" | "services.loadbalancers" => Kind::Service,
        "configmaps" => Kind::ConfigMap,
        "secrets" => Kind::Secret,
        "replicationcontrollers" => Kind::ReplicationController,
        "resourcequotas" => Kind::ResourceQuota,
        "persistentvolumeclaims" | "requests.storage" => Kind::PersistentVolumeClaim,
        _ if resource.contains(".storageclass.storage.k8s.io/") => Kind::PersistentVolumeClaim,
        _ => Kind::Pod,
    })
}

/// What an object uses.
pub fn usage(object: &Object, now: Time) -> Amounts {
    let one = Quantity::decimal(1);
    let info = object.kind().info();
    let mut used = vec![(format!("count/{}", info.resource()), one.clone())];
    if let Some(pod) = object.as_pod() {
        if counts(object, now) {
            add(&mut used, "pods", &one);
            pod_usage(&mut used, &pod.shared);
        }
    } else if let Some(service) = object.as_service() {
        let spec = &service.spec;
        let ports = spec.ports.as_deref().unwrap_or_default();
        let given = ports.iter().filter(|port| port.node_port.is_some_and(|port| port != 0));
        let (balancers, node_ports) = match spec.type_.as_deref() {
            Some("NodePort") => (0, ports.len()),
            Some("LoadBalancer") => match spec.allocate_load_balancer_node_ports {
                Some(false) => (1, given.count()),
                _ => (1, ports.len()),
            },
            _ => (0, 0),
        };
        let node_ports = i64::try_from(node_ports).unwrap_or(i64::MAX);
        add(&mut used, "services", &one);
        add(&mut used, "services.loadbalancers", &Quantity::decimal(balancers));
        add(&mut used, "services.nodeports", &Quantity::decimal(node_ports));
    } else if let Some(body) =
        object.as_value().filter(|body| body.kind == Kind::PersistentVolumeClaim)
    {
        claim_usage(&mut used, body);
    } else if matches!(
        object.kind(),
        Kind::ConfigMap | Kind::Secret | Kind::ReplicationController | Kind::ResourceQuota
    ) {
        add(&mut used, info.plural, &one);
    }
    used
}

/// Whether a Pod still takes from its quota (`QuotaV1Pod`): it does until it has ended, or should have.
fn counts(object: &Object, now: Time) -> bool {
    let ended = object
        .as_pod()
        .is_some_and(|pod| matches!(pod.status.phase.as_deref(), Some("Succeeded" | "Failed")));
    let overdue = object.meta.deletion_timestamp.as_ref().is_some_and(|deadline| {
        object.meta.deletion_grace_period_seconds.is_some() && Time::from(deadline) < now
    });
    !ended && !overdue
}

/// `podComputeUsageHelper`.
fn pod_usage(used: &mut Amounts, spec: &PodSpec) {
    for (name, amount) in of_pod(spec, REQUESTS) {
        if matches!(name.as_str(), "cpu" | "memory" | "ephemeral-storage")
            || name.starts_with("hugepages-")
        {
            add(used, &name, &amount);
        }
        add(used, &format!("requests.{name}"), &amount);
    }
    for (name, amount) in of_pod(spec, LIMITS) {
        if matches!(name.as_str(), "cpu" | "memory" | "ephemeral-storage") {
            add(used, &format!("limits.{name}"), &amount);
        }
    }
}

fn claim_usage(used: &mut Amounts, body: &ValueBody) {
    let one = Quantity::decimal(1);
    let class = given(body.spec(), "storageClassName").and_then(Value::as_str);
    let class = class.map(|class| format!("{class}.storageclass.storage.k8s.io"));
    add(used, "persistentvolumeclaims", &one);
    if let Some(class) = &class {
        add(used, &format!("{class}/persistentvolumeclaims"), &one);
    }
    for (_, storage) in
        entries(at(body.spec(), &["resources"]), "requests").filter(|(name, _)| *name == "storage")
    {
        let storage = quantity(storage);
        add(used, "requests.storage", &storage);
        if let Some(class) = &class {
            add(used, &format!("{class}/requests.storage"), &storage);
        }
    }
}

/// Whether an object lies within all of a quota's scopes; only Pods have any.
pub fn in_scope(quota: &ValueBody, object: &Object) -> bool {
    let spec = quota.spec();
    let plain = texts(spec, "scopes").all(|scope| has_scope(object, scope, &Value::Null));
    let selector = at(spec, &["scopeSelector"]);
    let mut requirements = list(selector, "matchExpressions").iter();
    plain && requirements.all(|one| has_scope(object, text(one, "scopeName"), one))
}

fn has_scope(object: &Object, scope: &str, requirement: &Value) -> bool {
    let Some(pod) = object.as_pod() else { return false };
    let spec = &pod.shared;
    let terminating = spec.active_deadline_seconds.is_some_and(|secs| secs >= 0);
    let best_effort = || qos_class(spec) == "BestEffort";
    match scope {
        "Terminating" => terminating,
        "NotTerminating" => !terminating,
        "BestEffort" => best_effort(),
        "NotBestEffort" => !best_effort(),
        "PriorityClass" => {
            let class = spec.priority_class_name.as_deref().unwrap_or_default();
            let listed = texts(requirement, "values").any(|value| value == class);
            match text(requirement, "operator") {
                "In" => !class.is_empty() && listed,
                "NotIn" => class.is_empty() || !listed,
                "DoesNotExist" => class.is_empty(),
                _ => !class.is_empty(),
            }
        }
        _ => false,
    }
}

/// What a quota asks containers to name and some do not: `limits.cpu for: web; requests.cpu for: web` (`Constraints`).
pub fn unnamed<'a>(spec: &PodSpec, hard: impl Iterator<Item = &'a str>) -> Option<String> {
    const COMPUTE: [&str; 6] =
        ["cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory"];
    if spec.resources.as_ref().is_some_and(|all| all.limits.is_some() || all.requests.is_some()) {
        return None;
    }
    let mut found = Vec::new();
    for resource in hard.filter(|resource| COMPUTE.contains(resource)) {
        let (side, name) = match resource.split_once('.') {
            Some(("limits", name)) => (LIMITS, name),
            Some((_, name)) => (REQUESTS, name),
            None => (REQUESTS, resource),
        };
        let containers = spec.containers.iter().chain(spec.init_containers.iter().flatten());
        let lacking = containers
            .filter(|container| amount(&of_container(container, side), name).is_none())
            .map(|container| container.name.as_str());
        let mut lacking: Vec<&str> = lacking.collect();
        crate::order::sort(&mut lacking);
        lacking.dedup();
        if !lacking.is_empty() {
            found.push(format!("{resource} for: {}", lacking.join(",")));
        }
    }
    (!found.is_empty()).then(|| found.join("; "))
}
