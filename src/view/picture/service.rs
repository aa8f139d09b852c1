//! A Service as a card: its addresses, and which boats its ready endpoints stand on.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{ServiceSpec, ServiceStatus};

use crate::object::{Body, Key, Kind, Name, Object};
use crate::store::Store;

/// The label by which an EndpointSlice names its Service.
const SERVICE_NAME: &str = "kubernetes.io/service-name";

/// One Service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceView {
    /// Where it stands in the store.
    pub key: Key,
    /// `ClusterIP`, `NodePort`, `LoadBalancer`, `ExternalName`.
    pub kind: String,
    /// The cluster address with its first port, as one would type it.
    pub address: String,
    /// The node port, if it has one.
    pub node_port: Option<i32>,
    /// Addresses given by the load balancer; empty while none was.
    pub external: Vec<String>,
    /// How many endpoints there are, ready or not.
    pub endpoints: usize,
    /// Ready endpoints by node.
    pub ready: BTreeMap<Name, usize>,
}

impl ServiceView {
    /// How many endpoints are ready.
    pub fn ready_count(&self) -> usize {
        self.ready.values().sum()
    }

    /// Whether it waits for a load balancer's address.
    pub fn address_pending(&self) -> bool {
        self.kind == "LoadBalancer" && self.external.is_empty()
    }
}

/// The Services worth a card, in key order: not those of the cluster itself.
pub(super) fn services(store: &Store) -> Vec<ServiceView> {
    store
        .list(Kind::Service, None)
        .filter(|object| {
            object.namespace() != "kube-system"
                && (object.namespace(), object.name()) != ("default", "kubernetes")
        })
        .filter_map(|object| service(object, store))
        .collect()
}

fn service(object: &Object, store: &Store) -> Option<ServiceView> {
    let Body::Service(body) = &object.body else { return None };
    let mut view = ServiceView {
        key: object.key(),
        kind: body.spec.type_.clone().unwrap_or_else(|| "ClusterIP".to_owned()),
        address: address(&body.spec),
        node_port: body.spec.ports.iter().flatten().find_map(|port| port.node_port),
        external: external(&body.status),
        endpoints: 0,
        ready: BTreeMap::new(),
    };
    for slice in store.list(Kind::EndpointSlice, Some(object.namespace())) {
        if slice.label(SERVICE_NAME) == Some(object.name()) {
            count(slice, &mut view);
        }
    }
    Some(view)
}

fn count(slice: &Object, view: &mut ServiceView) {
    let Body::EndpointSlice(slice) = &slice.body else { return };
    for endpoint in slice.endpoints.iter().flatten() {
        view.endpoints += 1;
        let ready = endpoint.conditions.as_ref().and_then(|conditions| conditions.ready);
        if let (Some(node), true) = (&endpoint.node_name, ready.unwrap_or(true)) {
            *view.ready.entry(node.as_str().into()).or_default() += 1;
        }
    }
}

fn address(spec: &ServiceSpec) -> String {
    let host = match (&spec.cluster_ip, &spec.external_name) {
        (Some(ip), _) if !ip.is_empty() => ip.as_str(),
        (_, Some(name)) => name.as_str(),
        _ => "",
    };
    match spec.ports.iter().flatten().next() {
        Some(port) => format!("{host}:{}", port.port),
        None => host.to_owned(),
    }
}

fn external(status: &ServiceStatus) -> Vec<String> {
    let ingress = status.load_balancer.as_ref().and_then(|balancer| balancer.ingress.as_ref());
    ingress
        .into_iter()
        .flatten()
        .filter_map(|point| point.ip.clone().or_else(|| point.hostname.clone()))
        .collect()
}
