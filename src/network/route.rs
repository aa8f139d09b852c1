//! The way of a request, from a host and a port to a machine and a port.
//!
//! Models kube-proxy `pkg/proxy/topology.go` (which endpoints) and `pkg/proxy/iptables/proxier.go` (a random one of the
//! ready; a refusal where there are none; node ports and load balancer addresses open on every node).
//! *Differs:* `sessionAffinity` is not kept yet.

use std::net::Ipv4Addr;
use std::sync::Arc;

use k8s_openapi::api::discovery::v1::EndpointSlice;

use super::{ConnectError, Destination, Hop, Machine, Network, Origin};
use crate::object::{Body, Key, Name};
use crate::persistent::OrdSet;
use crate::store::Store;
use crate::time::Duration;

/// Where a request goes, or why it goes nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The way.
    pub hops: Vec<Hop>,
    /// The address that the client connects to.
    pub address: Option<Ipv4Addr>,
    /// How long it takes to get there.
    pub latency: Duration,
    /// The end of the way.
    pub end: Result<Destination, ConnectError>,
}

/// A ready endpoint of a Service.
#[derive(Clone, Debug)]
pub(super) struct Endpoint {
    pub(super) address: Ipv4Addr,
    pub(super) hostname: Option<String>,
    pub(super) node: Option<Name>,
    /// The number of the port asked for; 0 where the slice has none of that name.
    port: u16,
}

/// Within one machine.
const LOCAL: Duration = Duration::from_micros(100);
/// Between machines.
const REMOTE: Duration = Duration::from_micros(500);
/// One question to the cluster's DNS.
const DNS: Duration = Duration::from_millis(1);

impl Network {
    /// Finds the way of a connection from `origin` to `host:port`.
    pub fn route(&mut self, store: &Store, origin: &Origin, host: &str, port: u16) -> Route {
        let mut route = Route {
            hops: vec![Hop::Client { address: origin.address }],
            address: None,
            latency: Duration::ZERO,
            end: Err(ConnectError::TimedOut),
        };
        let addresses = self.resolve_for(store, origin, host);
        let choice = self.random.below(addresses.len());
        let Some(&address) = addresses.get(choice) else {
            route.end = Err(ConnectError::CouldNotResolve { host: host.to_owned() });
            return route;
        };
        if host.parse::<Ipv4Addr>().is_err() {
            route.latency += DNS;
            route.hops.push(Hop::Dns { name: host.to_owned(), address });
        }
        route.address = Some(address);
        route.end = self.connect(store, origin, address, port, &mut route.hops);
        if let Ok(end) = &route.end {
            let pod = self.pods.get(&end.address).map(|(_, pod)| pod.clone());
            let (node, address, port) = (end.node.clone(), end.address, end.port);
            route.latency += if origin.node.as_ref() == Some(&node) { LOCAL } else { REMOTE };
            route.hops.push(Hop::Pod { pod, node, address, port });
        }
        route
    }

    fn connect(
        &mut self,
        store: &Store,
        origin: &Origin,
        address: Ipv4Addr,
        port: u16,
        hops: &mut Vec<Hop>,
    ) -> Result<Destination, ConnectError> {
        if address.is_loopback() {
            // A Pod's containers share one loopback; nothing listens on the user's own machine.
            let node = origin.node.clone().ok_or(ConnectError::Refused)?;
            return Ok(Destination { node, address: origin.address, port });
        }
        if let Some(service) = self.services.get(&address).cloned() {
            if is_balancer(store, &service, address) {
                hops.push(Hop::LoadBalancer { service: service.clone(), address });
            }
            return self.through_service(store, origin, &service, port, false, hops);
        }
        if let Some((node, machine)) =
            self.machines.iter().find(|(_, machine)| machine.address == address)
        {
            let same = origin.node.as_ref() == Some(node);
            if !machine.runs()
                || (!same && (!machine.reachable() || self.isolated(origin.node.as_ref())))
            {
                return Err(ConnectError::TimedOut);
            }
            let node = node.clone();
            if let Some(service) = self.node_ports.get(&port).cloned() {
                hops.push(Hop::NodePort { node, port });
                return self.through_service(store, origin, &service, port, true, hops);
            }
            return Ok(Destination { node, address, port });
        }
        self.to_pod(origin, address, port)
    }

    fn to_pod(
        &self,
        origin: &Origin,
        address: Ipv4Addr,
        port: u16,
    ) -> Result<Destination, ConnectError> {
        let (node, _) = self.pods.get(&address).ok_or(ConnectError::TimedOut)?;
        let same = origin.node.as_ref() == Some(node);
        let runs = self.machine(node).is_some_and(Machine::runs);
        if !runs || (!same && (self.isolated(Some(node)) || self.isolated(origin.node.as_ref()))) {
            return Err(ConnectError::TimedOut);
        }
        Ok(Destination { node: node.clone(), address, port })
    }

    fn through_service(
        &mut self,
        store: &Store,
        origin: &Origin,
        service: &Key,
        port: u16,
        node_port: bool,
        hops: &mut Vec<Hop>,
    ) -> Result<Destination, ConnectError> {
        let Some(Body::Service(body)) = store.get(service).map(|object| &object.body) else {
            return Err(ConnectError::TimedOut);
        };
        let number = |port: Option<i32>| port.and_then(|port| u16::try_from(port).ok());
        let mut ports = body.spec.ports.iter().flatten();
        let found = ports.find(|candidate| {
            number(if node_port { candidate.node_port } else { Some(candidate.port) }) == Some(port)
        });
        // Other ports of a Service's address are nobody's: packets are dropped or rejected by the machine.
        let found = found.ok_or(ConnectError::Refused)?;
        let port = number(Some(found.port)).unwrap_or(port);
        let name = found.name.clone().unwrap_or_default();
        let mut endpoints = ready_endpoints(self, store, service, Some(&name));
        if body.spec.internal_traffic_policy.as_deref() == Some("Local") && !node_port {
            endpoints.retain(|endpoint| endpoint.node == origin.node);
        }
        let choice = self.random.below(endpoints.len());
        let endpoint = endpoints.get(choice).ok_or(ConnectError::Refused)?;
        hops.push(Hop::Service {
            service: service.clone(),
            port,
            endpoint: endpoint.address,
            endpoint_port: endpoint.port,
            ready: endpoints.len(),
        });
        let machine = self.machines.iter().find(|(_, machine)| machine.address == endpoint.address);
        match machine {
            Some((node, machine))
                if machine.reachable() && !self.isolated(origin.node.as_ref()) =>
            {
                Ok(Destination {
                    node: node.clone(),
                    address: endpoint.address,
                    port: endpoint.port,
                })
            }
            Some(_) => Err(ConnectError::TimedOut),
            None => self.to_pod(origin, endpoint.address, endpoint.port),
        }
    }
}

/// Whether this address of a Service is its load balancer's.
fn is_balancer(store: &Store, service: &Key, address: Ipv4Addr) -> bool {
    let Some(Body::Service(body)) = store.get(service).map(|object| &object.body) else {
        return false;
    };
    let balancer =
        body.status.load_balancer.iter().flat_map(|balancer| balancer.ingress.iter().flatten());
    let address = address.to_string();
    balancer.filter_map(|ingress| ingress.ip.as_ref()).any(|ip| *ip == address)
}

/// The ready endpoints of a Service, those of its slices in key order; where none is ready, those that are terminating
/// but still serve (`topology.go`).
pub(super) fn ready_endpoints(
    network: &Network,
    store: &Store,
    service: &Key,
    port: Option<&str>,
) -> Vec<Endpoint> {
    let keys = network.slices.get(service).into_iter().flat_map(OrdSet::iter);
    let slices: Vec<Arc<EndpointSlice>> = keys
        .filter_map(|key| store.get(key))
        .filter_map(|object| object.as_endpoint_slice().cloned())
        .collect();
    let ready = endpoints_where(&slices, port, |ready, _, _| ready);
    if ready.is_empty() {
        return endpoints_where(&slices, port, |_, serving, terminating| serving && terminating);
    }
    ready
}

fn endpoints_where(
    slices: &[Arc<EndpointSlice>],
    port: Option<&str>,
    usable: fn(bool, bool, bool) -> bool,
) -> Vec<Endpoint> {
    let mut found = Vec::new();
    for slice in slices {
        let number = slice
            .ports
            .iter()
            .flatten()
            .find(|candidate| {
                port.is_none_or(|name| candidate.name.as_deref().unwrap_or_default() == name)
            })
            .and_then(|port| u16::try_from(port.port?).ok());
        if port.is_some() && number.is_none() {
            continue;
        }
        for endpoint in slice.endpoints.iter().flatten() {
            let conditions = endpoint.conditions.clone().unwrap_or_default();
            let ready = conditions.ready.unwrap_or(true);
            let (serving, terminating) =
                (conditions.serving.unwrap_or(ready), conditions.terminating.unwrap_or(false));
            let Some(address) = endpoint.addresses.first().and_then(|address| address.parse().ok())
            else {
                continue;
            };
            if usable(ready, serving, terminating) {
                found.push(Endpoint {
                    address,
                    hostname: endpoint.hostname.clone(),
                    node: endpoint.node_name.as_deref().map(Name::from),
                    port: number.unwrap_or(0),
                });
            }
        }
    }
    found
}
