//! A Node, with the Pods on it and what they ask for. Models `describeNode` and `describeNodeResource`.

use std::collections::BTreeMap;
use std::sync::Arc;

use k8s_openapi::api::coordination::v1::Lease;
use k8s_openapi::api::core::v1::{Container, NodeSpec, NodeStatus, PodSpec, Taint};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity as Wire;

use super::container::canonical;
use super::page::{Page, rfc1123, rfc1123_micro};
use super::{View, event};
use crate::object::{Body, Key, Kind, Object, Quantity, Split};
use crate::order;
use crate::output::{age, columns};

/// Resources by name.
type Resources = BTreeMap<String, Quantity>;

/// Writes the description.
pub(super) fn describe(page: &mut Page, view: &View<'_>, node: &Split<NodeSpec, NodeStatus>) {
    let (spec, status) = (&node.spec, &node.status);
    page.name(view.object);
    page.field(0, "Roles", columns::node_roles(view.object));
    page.labels_and_annotations(view.object);
    page.field(0, "CreationTimestamp", rfc1123(view.object.meta.creation_timestamp.as_ref()));
    taints(page, spec.taints.as_deref().unwrap_or_default());
    page.field(0, "Unschedulable", spec.unschedulable.unwrap_or(false));
    lease(page, view);
    conditions(page, status);
    page.line(0, "Addresses:");
    for address in status.addresses.iter().flatten() {
        page.field(1, &address.type_, &address.address);
    }
    for (title, list) in [("Capacity", &status.capacity), ("Allocatable", &status.allocatable)] {
        let Some(list) = list.as_ref().filter(|list| !list.is_empty()) else { continue };
        page.line(0, format!("{title}:"));
        for (name, quantity) in list {
            page.field(1, name, canonical(&quantity.0));
        }
    }
    system_info(page, status);
    page.field_if(0, "PodCIDR", spec.pod_cidr.as_deref());
    page.field_if(0, "PodCIDRs", spec.pod_cidrs.as_ref().map(|list| list.join(",")).as_deref());
    page.field_if(0, "ProviderID", spec.provider_id.as_deref());
    pods(page, view, status);
    event::table(page, view);
}

fn taints(page: &mut Page, taints: &[Taint]) {
    let mut taints: Vec<&Taint> = taints.iter().collect();
    order::sort_by_key(&mut taints, |taint| (&taint.effect, &taint.key));
    let lines: Vec<String> = taints
        .into_iter()
        .map(|taint| match taint.value.as_deref() {
            Some(value) if !value.is_empty() => format!("{}={value}:{}", taint.key, taint.effect),
            _ => format!("{}:{}", taint.key, taint.effect),
        })
        .collect();
    page.list("Taints", &lines);
}

fn lease(page: &mut Page, view: &View<'_>) {
    let key = Key::new(Kind::Lease, "kube-node-lease", view.object.name());
    let found = view.store.get(&key).and_then(|object| {
        if let Body::Lease(lease) = &object.body { Some(Arc::clone(lease)) } else { None }
    });
    let Some(lease) = found else {
        let name = view.object.name();
        let text = format!("Failed to get lease: leases.coordination.k8s.io {name:?} not found");
        return page.field(0, "Lease", text);
    };
    let Lease { spec, .. } = &*lease;
    let spec = spec.as_ref();
    let unset = || "<unset>".to_owned();
    page.line(0, "Lease:");
    let holder = spec.and_then(|spec| spec.holder_identity.clone());
    page.field(1, "HolderIdentity", holder.unwrap_or_else(unset));
    for (label, time) in [
        ("AcquireTime", spec.and_then(|spec| spec.acquire_time.as_ref())),
        ("RenewTime", spec.and_then(|spec| spec.renew_time.as_ref())),
    ] {
        let text = time.map_or_else(unset, |time| rfc1123_micro(Some(time)));
        page.field(1, label, text);
    }
}

fn conditions(page: &mut Page, status: &NodeStatus) {
    let conditions = status.conditions.as_deref().unwrap_or_default();
    if conditions.is_empty() {
        return;
    }
    page.line(0, "Conditions:");
    page.line(1, "Type\tStatus\tLastHeartbeatTime\tLastTransitionTime\tReason\tMessage");
    page.line(1, "----\t------\t-----------------\t------------------\t------\t-------");
    for condition in conditions {
        page.line(
            1,
            format!(
                "{} \t{} \t{} \t{} \t{} \t{}",
                condition.type_,
                condition.status,
                rfc1123(condition.last_heartbeat_time.as_ref()),
                rfc1123(condition.last_transition_time.as_ref()),
                condition.reason.as_deref().unwrap_or_default(),
                condition.message.as_deref().unwrap_or_default()
            ),
        );
    }
}

fn system_info(page: &mut Page, status: &NodeStatus) {
    let Some(info) = &status.node_info else { return };
    page.line(0, "System Info:");
    for (label, text) in [
        ("Machine ID", &info.machine_id),
        ("System UUID", &info.system_uuid),
        ("Boot ID", &info.boot_id),
        ("Kernel Version", &info.kernel_version),
        ("OS Image", &info.os_image),
        ("Operating System", &info.operating_system),
        ("Architecture", &info.architecture),
        ("Container Runtime Version", &info.container_runtime_version),
        ("Kubelet Version", &info.kubelet_version),
    ] {
        page.field(1, label, text);
    }
}

fn pods(page: &mut Page, view: &View<'_>, status: &NodeStatus) {
    let allocatable = read(status.allocatable.as_ref().or(status.capacity.as_ref()));
    let mut pods: Vec<(&Object, PodSpec)> = view
        .store
        .pods_on(view.object.name())
        .filter_map(|object| {
            let Body::Pod(pod) = &object.body else { return None };
            let finished = matches!(pod.status.phase.as_deref(), Some("Succeeded" | "Failed"));
            (!finished).then(|| (&**object, PodSpec::clone(&pod.shared)))
        })
        .collect();
    order::sort_by_key(&mut pods, |(object, _)| (object.namespace(), object.name()));
    page.field(0, "Non-terminated Pods", format!("({} in total)", pods.len()));
    page.line(
        1,
        "Namespace\tName\t\tCPU Requests\tCPU Limits\tMemory Requests\tMemory Limits\tAge",
    );
    page.line(
        1,
        "---------\t----\t\t------------\t----------\t---------------\t-------------\t---",
    );
    let (mut requests, mut limits) = (Resources::new(), Resources::new());
    for (object, spec) in &pods {
        let own_requests = total(spec, |container| container.resources.as_ref()?.requests.as_ref());
        let own_limits = total(spec, |container| container.resources.as_ref()?.limits.as_ref());
        let cell = |list: &Resources, name| share(list, &allocatable, name);
        page.line(
            1,
            format!(
                "{}\t{}\t\t{}\t{}\t{}\t{}\t{}",
                object.namespace(),
                object.name(),
                cell(&own_requests, "cpu"),
                cell(&own_limits, "cpu"),
                cell(&own_requests, "memory"),
                cell(&own_limits, "memory"),
                age::of(object.meta.creation_timestamp.as_ref(), view.now)
            ),
        );
        add(&mut requests, &own_requests);
        add(&mut limits, &own_limits);
    }
    page.line(0, "Allocated resources:");
    page.line(1, "(Total limits may be over 100 percent, i.e., overcommitted.)");
    page.line(1, "Resource\tRequests\tLimits");
    page.line(1, "--------\t--------\t------");
    let standard = ["cpu", "memory", "ephemeral-storage"];
    for name in standard {
        let (requested, limited) =
            (share(&requests, &allocatable, name), share(&limits, &allocatable, name));
        page.line(1, format!("{name}\t{requested}\t{limited}"));
    }
    let others = allocatable.keys().filter(|name| !standard.contains(&name.as_str()));
    for name in others.filter(|name| *name != "pods") {
        let amount =
            |list: &Resources| list.get(name).map_or_else(|| "0".to_owned(), ToString::to_string);
        page.line(1, format!("{name}\t{}\t{}", amount(&requests), amount(&limits)));
    }
}

fn read(list: Option<&BTreeMap<String, Wire>>) -> Resources {
    let known = |(name, quantity): (&String, &Wire)| {
        Some((name.clone(), Quantity::parse(&quantity.0).ok()?))
    };
    order::map(list.into_iter().flatten().filter_map(known))
}

fn add(sum: &mut Resources, more: &Resources) {
    for (name, quantity) in more {
        let before = sum.get(name).cloned();
        sum.insert(name.clone(), before.map_or_else(|| quantity.clone(), |sum| sum.plus(quantity)));
    }
}

fn raise(list: &mut Resources, other: &Resources) {
    for (name, quantity) in other {
        if list.get(name).is_none_or(|before| before < quantity) {
            list.insert(name.clone(), quantity.clone());
        }
    }
}

/// What a Pod asks for: its containers together, or an init container with the sidecars before it if that is more, and
/// the overhead (component-helpers `resource.PodRequests`).
fn total<'a>(
    spec: &'a PodSpec,
    list: impl Fn(&'a Container) -> Option<&'a BTreeMap<String, Wire>>,
) -> Resources {
    let mut sum = Resources::new();
    for container in &spec.containers {
        add(&mut sum, &read(list(container)));
    }
    let (mut sidecars, mut init) = (Resources::new(), Resources::new());
    for container in spec.init_containers.iter().flatten() {
        let mut own = read(list(container));
        if container.restart_policy.as_deref() == Some("Always") {
            add(&mut sum, &own);
            add(&mut sidecars, &own);
            own = sidecars.clone();
        } else {
            add(&mut own, &sidecars);
        }
        raise(&mut init, &own);
    }
    raise(&mut sum, &init);
    if let Some(overhead) = &spec.overhead {
        add(&mut sum, &read(Some(overhead)));
    }
    sum
}

/// `250m (6%)` of what is allocatable, rounded down.
fn share(list: &Resources, allocatable: &Resources, name: &str) -> String {
    let Some(quantity) = list.get(name) else { return "0 (0%)".to_owned() };
    let size = |quantity: &Quantity| {
        if name == "cpu" { quantity.milli_value() } else { quantity.value() }
    };
    let whole = allocatable.get(name).map_or(0, size);
    let percent = if whole == 0 { 0 } else { i128::from(size(quantity)) * 100 / i128::from(whole) };
    format!("{quantity} ({percent}%)")
}
