//! The network: addresses, names, and the way of a request.
//!
//! A value inside the cluster, which hands it every change of a Pod, Service or EndpointSlice; from those it keeps
//! who has which address, so that a request costs look-ups and no scans. The way of a request ([`Network::route`]) ends
//! at a machine and a port; the kubelet there hands it to the container that listens.
//!
//! Models kube-proxy (`pkg/proxy/iptables`: a random ready endpoint, a refusal where there is none), `CoreDNS`'s
//! `kubernetes` plugin, and the host-local address plugin of CNI.

mod address;
mod dns;
mod exchange;
mod link;
mod machine;
mod route;

use std::net::Ipv4Addr;

use crate::persistent::{OrdMap, OrdSet};

pub use address::PodAddresses;
pub use exchange::{ConnectError, Destination, Exchange, Hop, Origin};
pub use link::{Link, Talk};
pub use machine::{Direction, Machine, Power};
pub use route::Route;

use crate::object::{Body, Key, Kind, Name, Object};
use crate::random::Random;
use crate::store::Change;

/// The network of one cluster.
#[derive(Clone, Debug, PartialEq)]
pub struct Network {
    machines: OrdMap<Name, Machine>,
    /// Whose address this is: Pods with addresses of their own.
    pods: OrdMap<Ipv4Addr, (Name, Key)>,
    /// Cluster IPs, external IPs and addresses of load balancers.
    services: OrdMap<Ipv4Addr, Key>,
    /// Services by node port.
    node_ports: OrdMap<u16, Key>,
    /// The EndpointSlices of each Service.
    slices: OrdMap<Key, OrdSet<Key>>,
    random: Random,
}

impl Network {
    /// An empty network.
    pub fn new(random: &Random) -> Self {
        Self {
            machines: OrdMap::new(),
            pods: OrdMap::new(),
            services: OrdMap::new(),
            node_ports: OrdMap::new(),
            slices: OrdMap::new(),
            random: random.split("network"),
        }
    }

    /// Takes note of a change of a Pod, Service or EndpointSlice. Cheap: what has not changed is left alone.
    pub fn notice(&mut self, change: &Change) {
        match change.key.kind {
            Kind::Pod => {
                let (before, after) =
                    (address_of(change.before.as_deref()), address_of(change.after.as_deref()));
                if before != after {
                    if let Some((address, _)) = before {
                        self.pods.discard(&address);
                    }
                    if let Some((address, node)) = after {
                        self.pods.insert(address, (node, change.key.clone()));
                    }
                }
            }
            Kind::Service => self.notice_service(change),
            Kind::EndpointSlice => {
                let service = |object: &Option<std::sync::Arc<Object>>| {
                    object.as_deref().and_then(service_of_slice)
                };
                let (before, after) = (service(&change.before), service(&change.after));
                if before != after {
                    if let Some(slices) = before.and_then(|service| self.slices.get_mut(&service)) {
                        slices.remove(&change.key);
                    }
                    if let Some(service) = after {
                        self.slices.entry(service).or_default().insert(change.key.clone());
                    }
                }
            }
            _ => {}
        }
    }

    #[inline(never)]
    fn notice_service(&mut self, change: &Change) {
        if let Some(object) = &change.before {
            let (addresses, ports) = faces_of(object);
            for address in addresses {
                self.services.discard(&address);
            }
            for port in ports {
                self.node_ports.discard(&port);
            }
        }
        if let Some(object) = &change.after {
            let (addresses, ports) = faces_of(object);
            for address in addresses {
                self.services.insert(address, change.key.clone());
            }
            for port in ports {
                self.node_ports.insert(port, change.key.clone());
            }
        }
    }

    /// Every machine by its node's name.
    pub fn machines(&self) -> impl Iterator<Item = (&Name, &Machine)> {
        self.machines.iter()
    }

    /// Plugs a machine in.
    pub fn add_machine(&mut self, node: Name, machine: Machine) {
        self.machines.insert(node, machine);
    }

    /// Takes a machine away.
    pub fn remove_machine(&mut self, node: &str) {
        self.machines.discard(node);
    }

    /// Whether nothing passes between a machine and any other: it is off or packets to it or from it are lost.
    pub fn isolated(&self, node: Option<&Name>) -> bool {
        node.and_then(|node| self.machine(node)).is_some_and(|machine| !machine.reachable())
    }

    /// A machine by its node's name.
    pub fn machine(&self, node: &str) -> Option<&Machine> {
        self.machines.get(node)
    }

    /// Changes a machine: its power, its cable.
    pub fn machine_mut(&mut self, node: &str) -> Option<&mut Machine> {
        self.machines.get_mut(node)
    }

    /// The Service that is met at an address.
    pub fn service_at(&self, address: Ipv4Addr) -> Option<&Key> {
        self.services.get(&address)
    }

    /// The Service for which every machine opens a port.
    pub fn service_of_port(&self, node_port: u16) -> Option<&Key> {
        self.node_ports.get(&node_port)
    }

    /// The Pod that has an address of its own.
    pub fn pod_at(&self, address: Ipv4Addr) -> Option<&Key> {
        self.pods.get(&address).map(|(_, pod)| pod)
    }
}

/// A Pod's address and node, where the address is its own.
fn address_of(object: Option<&Object>) -> Option<(Ipv4Addr, Name)> {
    let Body::Pod(pod) = &object?.body else { return None };
    if pod.shared.host_network == Some(true)
        || matches!(pod.status.phase.as_deref(), Some("Succeeded" | "Failed"))
    {
        return None;
    }
    Some((pod.status.pod_ip.as_ref()?.parse().ok()?, pod.own.node_name.clone()?))
}

/// The addresses and node ports at which a Service is met.
fn faces_of(object: &Object) -> (Vec<Ipv4Addr>, Vec<u16>) {
    let Body::Service(service) = &object.body else { return (Vec::new(), Vec::new()) };
    let spec = &service.spec;
    let balancer =
        service.status.load_balancer.iter().flat_map(|balancer| balancer.ingress.iter().flatten());
    let addresses = spec
        .cluster_ips
        .iter()
        .flatten()
        .chain(spec.external_ips.iter().flatten())
        .chain(balancer.filter_map(|ingress| ingress.ip.as_ref()))
        .filter_map(|address| address.parse().ok())
        .collect();
    let ports = spec
        .ports
        .iter()
        .flatten()
        .filter_map(|port| u16::try_from(port.node_port?).ok())
        .filter(|port| *port > 0)
        .collect();
    (addresses, ports)
}

fn service_of_slice(slice: &Object) -> Option<Key> {
    let service = slice.label("kubernetes.io/service-name")?;
    Some(Key::new(Kind::Service, slice.namespace(), service))
}
