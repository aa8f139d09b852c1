//! A Service as a card: its addresses, and which boats its ready endpoints stand on.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{ServiceSpec, ServiceStatus};

use crate::cluster::load::Load;
use crate::object::{Body, Key, Kind, Name, Object};
use crate::store::Store;
use crate::time::Time;

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
    /// The port at its cluster address, if it has one.
    pub port: Option<i32>,
    /// The steady client that asks it, if there is one.
    pub load: Option<LoadView>,
}

/// A steady client, in numbers for the last seconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadView {
    /// Its name.
    pub name: Name,
    /// Requests it sends a second.
    pub per_second: u32,
    /// Successes in thousandths of what ended within the last seconds; `None` if nothing did.
    pub permille: Option<u64>,
    /// How long an answer takes, in tenths of a millisecond.
    pub latency: u64,
    /// How many requests failed since it began.
    pub failed: u64,
}

/// How many seconds a client's numbers look back.
const RECENT_SECS: i64 = 5;

impl LoadView {
    /// A client's numbers as of now.
    pub(super) fn new(load: &Load, now: Time) -> Self {
        let recent = load.recent(now, RECENT_SECS);
        Self {
            name: Name::clone(&load.plan.name),
            per_second: load.plan.per_second,
            permille: recent.success_permille(),
            latency: u64::try_from(recent.latency_mean.as_micros() / 100).unwrap_or(0),
            failed: load.failed(),
        }
    }
}

impl ServiceView {
    /// How many endpoints are ready.
    pub fn ready_count(&self) -> usize {
        self.ready.values().sum()
    }

    /// Where it is asked from the terminal: `http://web`, or `http://shop.prod:8080`.
    pub fn url(&self) -> Option<String> {
        let port = match self.port? {
            80 => String::new(),
            port => format!(":{port}"),
        };
        let (name, namespace) = (&self.key.name, &self.key.namespace);
        let space = if &**namespace == "default" { String::new() } else { format!(".{namespace}") };
        Some(format!("http://{name}{space}{port}"))
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
        port: body.spec.ports.iter().flatten().next().map(|port| port.port),
        load: None,
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
