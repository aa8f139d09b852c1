//! Machines: whether they have power, and whether their cable is in.
//!
//! A machine is not its Node: it goes on without one when the Node is deleted, and a Node that somebody wrote by hand has
//! no machine behind it. Power and cable are apart: a machine without a cable runs what it ran.

use std::net::Ipv4Addr;

use crate::time::Time;

/// A machine as the network sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Machine {
    /// Its address.
    pub address: Ipv4Addr,
    /// Whether it runs.
    pub power: Power,
    /// Whether its cable is in.
    pub connected: bool,
}

/// A machine's power.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Power {
    /// Off: nothing on it runs.
    Off,
    /// It starts up; its kubelet begins to work then.
    Starting(Time),
    /// It runs.
    On,
}

impl Machine {
    /// A connected machine.
    pub fn new(address: Ipv4Addr, power: Power) -> Self {
        Self { address, power, connected: true }
    }

    /// Whether it runs.
    pub fn runs(&self) -> bool {
        self.power == Power::On
    }

    /// Whether packets pass between it and others.
    pub fn reachable(&self) -> bool {
        self.runs() && self.connected
    }
}
