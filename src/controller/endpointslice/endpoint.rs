//! One endpoint: a Pod as the clients of a Service see it.
//!
//! Models kubernetes `staging/src/k8s.io/endpointslice/utils.go` (`podToEndpoint`, `getEndpointPorts`) and
//! `pkg/api/v1/endpoints`, `pkg/api/v1/pod` (`FindPort`).

use k8s_openapi::api::core::v1::{Container, ObjectReference, ServicePort, ServiceSpec};
use k8s_openapi::api::discovery::v1::{Endpoint, EndpointConditions, EndpointPort};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use crate::controller::pods::{is_finished, is_ready};
use crate::object::{Body, Key, Kind, Object, PodBody};
use crate::store::Store;

/// Whether a Pod has a place among the endpoints: it has an address and has not run to its end.
pub(super) fn belongs(pod: &PodBody) -> bool {
    !is_finished(pod) && pod.status.pod_ip.as_ref().is_some_and(|address| !address.is_empty())
}

/// The endpoint of a Pod.
pub(super) fn endpoint(
    store: &Store,
    service: &Object,
    spec: &ServiceSpec,
    object: &Object,
    pod: &PodBody,
) -> Endpoint {
    let (serving, terminating) = (is_ready(pod), object.terminating());
    let publish = spec.publish_not_ready_addresses == Some(true);
    let subdomain = pod.shared.subdomain.as_deref();
    let hostname = pod.own.hostname.as_deref().filter(|_| subdomain == Some(service.name()));
    Endpoint {
        addresses: pod.status.pod_ip.iter().cloned().collect(),
        conditions: Some(EndpointConditions {
            ready: Some(publish || serving && !terminating),
            serving: Some(serving),
            terminating: Some(terminating),
        }),
        hostname: hostname.map(str::to_owned),
        node_name: pod.own.node_name.as_ref().map(ToString::to_string),
        target_ref: Some(ObjectReference {
            kind: Some("Pod".to_owned()),
            namespace: object.meta.namespace.clone(),
            name: object.meta.name.clone(),
            uid: object.meta.uid.clone(),
            ..ObjectReference::default()
        }),
        zone: zone(store, pod),
        ..Endpoint::default()
    }
}

fn zone(store: &Store, pod: &PodBody) -> Option<String> {
    let node = store.get(&Key::cluster(Kind::Node, pod.own.node_name.clone()?))?;
    let Body::Node(_) = &node.body else { return None };
    node.label("topology.kubernetes.io/zone").map(str::to_owned)
}

/// What the Service's ports are in this Pod; a name that the Pod does not have is left out.
pub(super) fn resolve_ports(spec: &ServiceSpec, pod: &PodBody) -> Vec<EndpointPort> {
    let ports = spec.ports.iter().flatten();
    ports
        .filter_map(|port| {
            Some(EndpointPort {
                name: Some(port.name.clone().unwrap_or_default()),
                port: Some(find_port(port, pod)?),
                protocol: Some(protocol(port.protocol.as_deref()).to_owned()),
                app_protocol: port.app_protocol.clone(),
            })
        })
        .collect()
}

fn protocol(given: Option<&str>) -> &str {
    given.unwrap_or("TCP")
}

fn find_port(port: &ServicePort, pod: &PodBody) -> Option<i32> {
    let name = match &port.target_port {
        None | Some(IntOrString::Int(0)) => return Some(port.port),
        Some(IntOrString::Int(number)) => return Some(*number),
        Some(IntOrString::String(name)) => name,
    };
    let sidecar = |container: &&Container| container.restart_policy.as_deref() == Some("Always");
    let sidecars = pod.shared.init_containers.iter().flatten().filter(sidecar);
    pod.shared
        .containers
        .iter()
        .chain(sidecars)
        .flat_map(|container| container.ports.iter().flatten())
        .find(|declared| {
            declared.name.as_ref() == Some(name)
                && protocol(declared.protocol.as_deref()) == protocol(port.protocol.as_deref())
        })
        .map(|declared| declared.container_port)
}
