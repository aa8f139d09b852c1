//! What `kubectl describe` says of a Service. Models `describeService`.

use k8s_openapi::api::core::v1::{LoadBalancerIngress, ServicePort, ServiceSpec, ServiceStatus};
use k8s_openapi::api::discovery::v1::EndpointSlice;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::container::port_text;
use super::page::{Page, or_none};
use super::{View, event};
use crate::object::{Body, Kind, Split};
use crate::output::table;

/// The label by which EndpointSlices name their Service.
const SERVICE_NAME: &str = "kubernetes.io/service-name";

/// Writes the description.
pub(super) fn describe(
    page: &mut Page,
    view: &View<'_>,
    service: &Split<ServiceSpec, ServiceStatus>,
) {
    let spec = &service.spec;
    page.name(view.object);
    page.labels_and_annotations(view.object);
    page.field(0, "Selector", table::labels(spec.selector.as_ref()));
    page.field(0, "Type", spec.type_.as_deref().unwrap_or_default());
    addresses(page, spec);
    let ingress =
        service.status.load_balancer.as_ref().and_then(|balancer| balancer.ingress.as_deref());
    if let Some(ingress) = ingress.filter(|ingress| !ingress.is_empty()) {
        let points: Vec<String> = ingress.iter().map(ingress_text).collect();
        page.field(0, "LoadBalancer Ingress", points.join(", "));
    }
    page.field_if(0, "External Name", spec.external_name.as_deref());
    let slices = slices(view, view.object.name());
    for port in spec.ports.iter().flatten() {
        one_port(page, port, &slices);
    }
    page.field(0, "Session Affinity", spec.session_affinity.as_deref().unwrap_or_default());
    page.field_if(0, "External Traffic Policy", spec.external_traffic_policy.as_deref());
    page.field_if(0, "Internal Traffic Policy", spec.internal_traffic_policy.as_deref());
    if let Some(port) = spec.health_check_node_port.filter(|port| *port != 0) {
        page.field(0, "HealthCheck NodePort", port);
    }
    if let Some(ranges) = spec.load_balancer_source_ranges.as_ref().filter(|list| !list.is_empty())
    {
        page.field(0, "LoadBalancer Source Ranges", ranges.join(","));
    }
    event::table(page, view);
}

fn addresses(page: &mut Page, spec: &ServiceSpec) {
    let list =
        |list: &Option<Vec<String>>| list.as_ref().map(|list| list.join(",")).unwrap_or_default();
    page.field_if(0, "IP Family Policy", spec.ip_family_policy.as_deref());
    page.field(0, "IP Families", or_none(&list(&spec.ip_families)));
    page.field(0, "IP", spec.cluster_ip.as_deref().unwrap_or_default());
    page.field(0, "IPs", or_none(&list(&spec.cluster_ips)));
    page.field_if(0, "External IPs", Some(&list(&spec.external_ips)));
    page.field_if(0, "Desired LoadBalancer IP", spec.load_balancer_ip.as_deref());
}

fn ingress_text(point: &LoadBalancerIngress) -> String {
    let address = point.ip.as_deref().or(point.hostname.as_deref()).unwrap_or_default();
    match point.ip_mode.as_deref() {
        Some(mode) if !mode.is_empty() => format!("{address} ({mode})"),
        _ => address.to_owned(),
    }
}

/// The slices of a Service in the namespace of what is described.
pub(super) fn slices<'a>(view: &View<'a>, service: &str) -> Vec<&'a EndpointSlice> {
    view.store
        .list(Kind::EndpointSlice, Some(view.object.namespace()))
        .filter(|slice| slice.label(SERVICE_NAME) == Some(service))
        .filter_map(|slice| {
            if let Body::EndpointSlice(slice) = &slice.body { Some(&**slice) } else { None }
        })
        .collect()
}

fn one_port(page: &mut Page, port: &ServicePort, slices: &[&EndpointSlice]) {
    let name = port.name.as_deref().filter(|name| !name.is_empty()).unwrap_or("<unset>");
    let protocol = port.protocol.as_deref().unwrap_or("TCP");
    page.line(0, format!("Port:\t{name}\t{}/{protocol}", port.port));
    let target = port
        .target_port
        .as_ref()
        .map_or_else(|| port_text(&IntOrString::Int(port.port)), port_text);
    page.field(0, "TargetPort", format!("{target}/{protocol}"));
    if let Some(app) = &port.app_protocol {
        page.field(0, "AppProtocol", app);
    }
    if let Some(node_port) = port.node_port.filter(|port| *port != 0) {
        page.line(0, format!("NodePort:\t{name}\t{node_port}/{protocol}"));
    }
    page.field(0, "Endpoints", endpoints(slices, port.name.as_deref().unwrap_or_default()));
}

/// The ready addresses behind a port, at most three (`formatEndpointSlices`).
pub(super) fn endpoints(slices: &[&EndpointSlice], name: &str) -> String {
    if slices.is_empty() {
        return "<none>".to_owned();
    }
    let mut all = Vec::new();
    for slice in slices {
        let ports = slice.ports.iter().flatten();
        for port in ports.filter(|port| port.name.as_deref().unwrap_or_default() == name) {
            let number = port.port.unwrap_or(0);
            let ready = slice.endpoints.iter().flatten().filter(|endpoint| {
                endpoint.conditions.as_ref().and_then(|conditions| conditions.ready) != Some(false)
            });
            all.extend(ready.filter_map(|endpoint| {
                endpoint.addresses.first().map(|address| format!("{address}:{number}"))
            }));
        }
    }
    match all.as_slice() {
        [first, second, third, rest @ ..] if !rest.is_empty() => {
            format!("{first},{second},{third} + {} more...", rest.len())
        }
        few => few.join(","),
    }
}
