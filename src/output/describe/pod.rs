//! What `kubectl describe` says of a Pod. Models `describePod`.

use super::page::{Page, rfc1123};
use super::{View, container, event, template, volume};
use crate::object::{Object, PodBody};
use crate::output::age;

/// Writes the description.
pub(super) fn describe(page: &mut Page, view: &View<'_>, pod: &PodBody) {
    let spec = pod.spec();
    let status = &pod.status;
    head(page, view.object, pod);
    page.labels_and_annotations(view.object);
    phase(page, view, pod);
    page.field_if(0, "Reason", status.reason.as_deref());
    page.field_if(0, "Message", status.message.as_deref());
    let seccomp =
        spec.security_context.as_ref().and_then(|context| context.seccomp_profile.as_ref());
    if let Some(profile) = seccomp {
        page.field(0, "SeccompProfile", &profile.type_);
        page.field_if(0, "LocalhostProfile", profile.localhost_profile.as_deref());
    }
    addresses(page, pod);
    page.controlled_by(view.object);
    page.field_if(0, "NominatedNodeName", status.nominated_node_name.as_deref());
    let init = spec.init_containers.as_deref().unwrap_or_default();
    let pod_object = Some(view.object);
    if !init.is_empty() {
        let statuses = status.init_container_statuses.as_deref();
        container::describe(page, "Init Containers", init, statuses, pod_object);
    }
    let statuses = status.container_statuses.as_deref();
    container::describe(page, "Containers", &spec.containers, statuses, pod_object);
    conditions(page, pod);
    volume::describe(page, "Volumes", spec.volumes.as_deref());
    page.field(0, "QoS Class", status.qos_class.as_deref().unwrap_or_default());
    page.pairs("Node-Selectors", spec.node_selector.as_ref());
    page.tolerations("Tolerations", spec.tolerations.as_deref());
    let constraints = spec.topology_spread_constraints.as_deref();
    template::spread(page, "Topology Spread Constraints", constraints);
    event::table(page, view);
}

fn head(page: &mut Page, object: &Object, pod: &PodBody) {
    let spec = &pod.shared;
    page.name(object);
    if let Some(priority) = spec.priority {
        page.field(0, "Priority", priority);
    }
    page.field_if(0, "Priority Class Name", spec.priority_class_name.as_deref());
    page.field_if(0, "Runtime Class Name", spec.runtime_class_name.as_deref());
    page.field_if(0, "Service Account", spec.service_account_name.as_deref());
    match pod.own.node_name.as_deref() {
        Some(node) => {
            let host = pod.status.host_ip.as_deref().unwrap_or_default();
            page.field(0, "Node", format!("{node}/{host}"));
        }
        None => page.field(0, "Node", "<none>"),
    }
    if let Some(start) = &pod.status.start_time {
        page.field(0, "Start Time", rfc1123(Some(start)));
    }
}

fn phase(page: &mut Page, view: &View<'_>, pod: &PodBody) {
    let phase = pod.status.phase.as_deref().unwrap_or_default();
    let meta = &view.object.meta;
    match &meta.deletion_timestamp {
        Some(deletion) if !matches!(phase, "Failed" | "Succeeded") => {
            let lasts = age::of(Some(deletion), view.now);
            page.field(0, "Status", format!("Terminating (lasts {lasts})"));
            let grace = meta.deletion_grace_period_seconds.unwrap_or(0);
            page.field(0, "Termination Grace Period", format!("{grace}s"));
        }
        _ => page.field(0, "Status", phase),
    }
}

fn addresses(page: &mut Page, pod: &PodBody) {
    page.field(0, "IP", pod.status.pod_ip.as_deref().unwrap_or_default());
    let ips = pod.status.pod_ips.as_deref().unwrap_or_default();
    if ips.is_empty() {
        return page.field(0, "IPs", "<none>");
    }
    page.line(0, "IPs:");
    for ip in ips {
        page.field(1, "IP", &ip.ip);
    }
}

fn conditions(page: &mut Page, pod: &PodBody) {
    let conditions = pod.status.conditions.as_deref().unwrap_or_default();
    let gates = pod.shared.readiness_gates.as_deref().unwrap_or_default();
    if !gates.is_empty() {
        page.line(0, "Readiness Gates:");
        page.line(1, "Type\tStatus");
        for gate in gates {
            let condition = conditions.iter().find(|c| c.type_ == gate.condition_type);
            let status = condition.map_or("<none>", |condition| condition.status.as_str());
            page.line(1, format!("{} \t{status} ", gate.condition_type));
        }
    }
    if !conditions.is_empty() {
        page.line(0, "Conditions:");
        page.line(1, "Type\tStatus");
        for condition in conditions {
            page.line(1, format!("{} \t{} ", condition.type_, condition.status));
        }
    }
}
