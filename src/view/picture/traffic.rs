//! Requests as dots: the newest of the steady clients' requests, and how far each came.

use super::service::{LoadView, ServiceView};
use crate::cluster::Cluster;
use crate::cluster::load::{Ending, Load};
use crate::object::Key;

/// How many requests of one client one look can bring.
const DOTS_MAX: usize = 12;

/// A request on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dot {
    /// Which client, and which of its requests.
    pub id: (u64, u64),
    /// The Service that it was for.
    pub service: Key,
    /// The Pod that it was sent on to, whether or not it got there.
    pub pod: Option<Key>,
    /// Whether it was answered well.
    pub answered: bool,
}

/// The requests sent since the last look: `told` has the number of the last one seen of each client, and is brought up
/// to date. Of very many, the newest.
pub(super) fn dots(cluster: &Cluster, told: &mut Vec<(u64, u64)>) -> Vec<Dot> {
    let mut dots = Vec::new();
    told.retain(|(load, _)| cluster.loads().iter().any(|other| other.number == *load));
    for load in cluster.loads() {
        let seen = told.iter().find(|(number, _)| *number == load.number).map(|(_, seen)| *seen);
        let fresh = load.flights().rev().take_while(|flight| Some(flight.number) > seen);
        dots.extend(fresh.take(DOTS_MAX).filter_map(|flight| {
            Some(Dot {
                id: (load.number, flight.number),
                service: flight.service.clone()?,
                pod: flight.pod.clone(),
                answered: flight.ending == Ending::Answered,
            })
        }));
        told.retain(|(number, _)| *number != load.number);
        told.push((load.number, load.sent));
    }
    dots
}

/// The client that asks a Service, as far as it is one in the cluster, with its numbers as of now.
pub(super) fn load(cluster: &Cluster, service: &ServiceView) -> Option<LoadView> {
    let asks = |load: &Load| {
        let last = load.flights().next_back();
        last.and_then(|flight| flight.service.as_ref()) == Some(&service.key)
    };
    let load = cluster.loads().iter().find(|load| asks(load))?;
    Some(LoadView::new(load, cluster.now()))
}
