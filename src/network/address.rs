//! Addresses of Pods on one node: from the node's `podCIDR`, one after another, as CNI's host-local plugin gives them.
//!
//! The first address of the range is the bridge's; a freed address is given again only after the range has been gone
//! through.

use std::net::Ipv4Addr;

use crate::persistent::OrdSet;

/// The addresses of one node's range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PodAddresses {
    /// The network's address, as a number.
    network: u32,
    /// How many addresses the range has.
    size: u32,
    /// The last one given, counted from the network's address.
    last: u32,
    used: OrdSet<u32>,
}

impl PodAddresses {
    /// The addresses of a range such as `10.244.1.0/24`; `None` if it is none.
    pub fn new(cidr: &str) -> Option<Self> {
        let (network, bits) = cidr.split_once('/')?;
        let network: Ipv4Addr = network.parse().ok()?;
        let bits: u32 = bits.parse().ok().filter(|bits| (8..=29).contains(bits))?;
        Some(Self {
            network: u32::from(network),
            size: 1 << (32 - bits),
            last: 1,
            used: OrdSet::new(),
        })
    }

    /// The next free address; `None` when all are taken.
    pub fn take(&mut self) -> Option<Ipv4Addr> {
        // 0 is the network, 1 the bridge, the last the broadcast address.
        let usable = self.size - 3;
        for step in 0..usable {
            let offset = 2 + (self.last - 1 + step) % usable;
            if !self.used.contains(&offset) {
                self.used.insert(offset);
                self.last = offset;
                return Some(Ipv4Addr::from(self.network + offset));
            }
        }
        None
    }

    /// Gives an address back.
    pub fn free(&mut self, address: Ipv4Addr) {
        self.used.remove(&u32::from(address).wrapping_sub(self.network));
    }

    /// The bridge's address: what Pods see as the client when their own node calls.
    pub fn gateway(&self) -> Ipv4Addr {
        Ipv4Addr::from(self.network + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goes_round_before_an_address_is_used_again() {
        let mut addresses = PodAddresses::new("10.244.1.0/29").unwrap();
        let given: Vec<_> =
            (0..3).filter_map(|_| addresses.take()).map(|a| a.to_string()).collect();
        assert_eq!(given, ["10.244.1.2", "10.244.1.3", "10.244.1.4"]);
        addresses.free(Ipv4Addr::new(10, 244, 1, 2));
        let given: Vec<_> =
            (0..3).filter_map(|_| addresses.take()).map(|a| a.to_string()).collect();
        assert_eq!(given, ["10.244.1.5", "10.244.1.6", "10.244.1.2"]);
        assert_eq!(addresses.take(), None, "all are taken");
    }
}
