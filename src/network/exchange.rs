//! A request's way as data: where from, over which hops, to whom, and what came of it.

use std::net::Ipv4Addr;

use crate::engine::Response;
use crate::object::{Key, Name};
use crate::time::Duration;

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The namespace whose short Service names it knows.
    pub namespace: Name,
    /// Its address.
    pub address: Ipv4Addr,
    /// The node it runs on; `None` for the user's own machine, which is on the machines' network.
    pub node: Option<Name>,
}

impl Origin {
    /// The user at the terminal.
    pub fn terminal() -> Self {
        Self { namespace: "default".into(), address: Ipv4Addr::new(172, 18, 0, 1), node: None }
    }
}

/// Where a request ends: a port of an address on a machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    /// The machine.
    pub node: Name,
    /// The Pod's address, or the machine's own.
    pub address: Ipv4Addr,
    /// The port.
    pub port: u16,
}

/// One stage of the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hop {
    /// Somebody asks.
    Client {
        /// Their address.
        address: Ipv4Addr,
    },
    /// A name became an address.
    Dns {
        /// The name as asked.
        name: String,
        /// The answer.
        address: Ipv4Addr,
    },
    /// A load balancer's address.
    LoadBalancer {
        /// Its Service.
        service: Key,
        /// The address.
        address: Ipv4Addr,
    },
    /// A port that every machine opens for a Service.
    NodePort {
        /// The machine that was asked.
        node: Name,
        /// The port.
        port: u16,
    },
    /// kube-proxy's choice of an endpoint.
    Service {
        /// The Service.
        service: Key,
        /// Its port.
        port: u16,
        /// The chosen endpoint.
        endpoint: Ipv4Addr,
        /// The endpoint's port.
        endpoint_port: u16,
        /// Among how many ready ones it was chosen.
        ready: usize,
    },
    /// The machine and, if it has an address of its own, the Pod.
    Pod {
        /// The Pod.
        pod: Option<Key>,
        /// The machine.
        node: Name,
        /// The address.
        address: Ipv4Addr,
        /// The port.
        port: u16,
    },
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConnectError {
    /// No such name.
    CouldNotResolve {
        /// The name.
        host: String,
    },
    /// Nothing listens there, or a Service has no ready endpoint.
    Refused,
    /// Nobody answers at that address.
    TimedOut,
    /// The connection was accepted, but what answers speaks no HTTP.
    EmptyReply,
}

/// What came of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// The way it took.
    pub hops: Vec<Hop>,
    /// The address that was connected to, once the name was resolved.
    pub address: Option<Ipv4Addr>,
    /// How long it took in virtual time; for [`ConnectError::TimedOut`] the caller's own patience counts.
    pub latency: Duration,
    /// The answer.
    pub result: Result<Response, ConnectError>,
}
