//! The network: addresses, names, and the way of a request.
//!
//! A value inside the cluster. The cluster hands it every change of a Pod, Service or EndpointSlice.

use crate::store::Change;

/// The network of one cluster.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Network {}

impl Network {
    /// Takes note of a change of a Pod, Service, EndpointSlice or Node. Must be cheap.
    pub fn notice(&mut self, change: &Change) {
        let _ = change;
    }
}
