//! Machines: whether they have power, and whether their cable is in.

use std::net::Ipv4Addr;

use crate::object::{Body, Object};

/// A machine as the network sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Machine {
    /// Its address.
    pub address: Ipv4Addr,
    /// Whether it runs.
    pub powered: bool,
    /// Whether it can be reached, and can reach others.
    pub connected: bool,
}

impl Machine {
    /// A machine that runs and is connected.
    pub fn new(address: Ipv4Addr) -> Self {
        Self { address, powered: true, connected: true }
    }

    /// Whether packets pass between it and others.
    pub fn reachable(&self) -> bool {
        self.powered && self.connected
    }
}

/// A Node's `InternalIP`.
pub(super) fn address_of(node: &Object) -> Option<Ipv4Addr> {
    let Body::Node(node) = &node.body else { return None };
    let addresses = node.status.addresses.iter().flatten();
    addresses
        .filter(|address| address.type_ == "InternalIP")
        .find_map(|address| address.address.parse().ok())
}
