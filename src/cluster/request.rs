//! Requests through the cluster's network.
//!
//! The network finds the way, the kubelet at its end hands the request to the container that listens. A request is not
//! a write: it takes its latency from whoever waits for it, and changes nothing but the program's own state and log.

use super::Cluster;
use crate::engine::{Answered, Ask, Connection, NEVER, Relay, Request, Wanted};
use crate::kubelet::{self, Outgoing};
use crate::network::{ConnectError, Destination, Exchange, Hop, Origin};
use crate::object::Key;
use crate::time::Duration;

/// What a simulated program takes to answer at least.
const SERVING: Duration = Duration::from_micros(800);
/// How long a program waits for who it asks (nginx's `proxy_connect_timeout`).
const RELAY_PATIENCE: Duration = Duration::from_mins(1);
/// How often a request may be sent on.
const RELAYS_MAX: usize = 8;

impl Cluster {
    /// Sends a request to `host:port`, as curl does.
    pub fn request(
        &mut self,
        origin: &Origin,
        host: &str,
        port: u16,
        mut request: Request,
    ) -> Exchange {
        let route = self.network.route(&self.store, origin, host, port);
        let mut exchange = Exchange {
            hops: route.hops,
            address: route.address,
            latency: route.latency,
            result: Err(ConnectError::TimedOut),
        };
        let end = match route.end {
            Ok(end) => end,
            Err(error) => {
                exchange.result = Err(error);
                return exchange;
            }
        };
        // What came in through a machine's port has that machine's address from there on.
        let masked = exchange.hops.iter().find_map(|hop| match hop {
            Hop::NodePort { node, .. } => self.network.machine(node).map(|machine| machine.address),
            Hop::LoadBalancer { .. } => {
                self.network.machine(&end.node).map(|machine| machine.address)
            }
            Hop::Client { .. } | Hop::Dns { .. } | Hop::Service { .. } | Hop::Pod { .. } => None,
        });
        request.client = masked.unwrap_or(origin.address);
        let (connection, took) = match self.kubelets.get_mut(&end.node) {
            Some(kubelet) if kubelet.frozen() => return exchange,
            Some(kubelet) => kubelet.deliver(end.address, end.port, Some(&request), self.now),
            None => (Connection::Refused, Duration::ZERO),
        };
        exchange.latency = exchange.latency * 2 + took.max(SERVING);
        let (connection, took) = match connection {
            Connection::Relays(relay) => {
                let (latency, answer) = self.relay(&end, *relay);
                exchange.latency += latency;
                request.relayed = Some(answer);
                let kubelet = self.kubelets.get_mut(&end.node);
                kubelet.map_or((Connection::Refused, Duration::ZERO), |kubelet| {
                    kubelet.deliver(end.address, end.port, Some(&request), self.now)
                })
            }
            connection => (connection, took),
        };
        exchange.result = match connection {
            _ if took == NEVER => Err(ConnectError::TimedOut),
            Connection::Answered(response) => Ok(response),
            Connection::Accepted | Connection::Relays(_) => Err(ConnectError::EmptyReply),
            Connection::Refused => Err(ConnectError::Refused),
        };
        exchange
    }

    /// Sends on what a program in a Pod asks before it answers; how long that takes, and what comes of it. A request
    /// that goes in circles comes to nothing.
    fn relay(&mut self, from: &Destination, relay: Relay) -> (Duration, Answered) {
        let Relay { host, port, mut request } = relay;
        let pod = self.store.pods_on(&from.node).find(|object| {
            let ip = object.as_pod().and_then(|pod| pod.status.pod_ip.as_deref()?.parse().ok());
            ip == Some(from.address)
        });
        let namespace = pod.map_or("default", |pod| pod.namespace()).into();
        let node = Some(from.node.clone());
        let origin = Origin { namespace, address: from.address, node };
        if request.relays >= RELAYS_MAX {
            return (Duration::ZERO, Answered::TimedOut(String::new()));
        }
        request.relays += 1;
        let exchange = self.request(&origin, &host, port, request);
        let address = exchange.address.map(|address| address.to_string()).unwrap_or_default();
        match exchange.result {
            Ok(response) => (exchange.latency, Answered::Response(address, response)),
            Err(ConnectError::CouldNotResolve { .. }) => (exchange.latency, Answered::NoName),
            Err(ConnectError::Refused) => (exchange.latency, Answered::Refused(address)),
            Err(ConnectError::EmptyReply) => (exchange.latency, Answered::Open(address)),
            Err(ConnectError::TimedOut) => (RELAY_PATIENCE, Answered::TimedOut(address)),
        }
    }

    /// Sends a request to a port of a Pod's own loopback, as its kubelet does for a forwarded port.
    pub fn request_in_pod(&mut self, pod: &Key, port: u16, request: Request) -> Exchange {
        let place = self.store.get(pod).and_then(|object| {
            let body = object.as_pod()?;
            let address = body.status.pod_ip.as_deref()?.parse().ok()?;
            Some((body.own.node_name.clone()?, address))
        });
        match place {
            Some((node, address)) if self.kubelet(&node).is_ok() => {
                let origin = Origin { namespace: pod.namespace.clone(), address, node: Some(node) };
                self.request(&origin, "127.0.0.1", port, request)
            }
            _ => Exchange {
                hops: Vec::new(),
                address: None,
                latency: Duration::ZERO,
                result: Err(ConnectError::TimedOut),
            },
        }
    }

    /// Carries out what a container's process asked: after how long it gets which answer.
    pub(super) fn carry_out(&mut self, outgoing: Outgoing) -> (Duration, kubelet::Task) {
        let Outgoing { uid, container, run, origin, ask } = outgoing;
        let (delay, answer) = self.ask(&origin, &ask);
        (delay, kubelet::Task::Answer { uid, container, run, answer })
    }

    /// Carries out a question that a program in a container has for the network: after how long it gets which answer.
    pub(super) fn ask(&mut self, origin: &Origin, ask: &Ask) -> (Duration, Answered) {
        let addresses = self.network.resolve_for(&self.store, origin, &ask.host);
        match (addresses.first(), ask.wanted) {
            (None, _) => (SERVING, Answered::NoName),
            (Some(address), Wanted::Address) => (SERVING, Answered::Address(address.to_string())),
            (Some(_), Wanted::Port | Wanted::Answer) => {
                let client = origin.address;
                let request = Request::get(&ask.path, &ask.host, &ask.tool, client);
                let exchange = self.request(origin, &ask.host, ask.port, request);
                let address =
                    exchange.address.map(|address| address.to_string()).unwrap_or_default();
                match exchange.result {
                    Ok(_) if exchange.latency > ask.patience => {
                        (ask.patience, Answered::TimedOut(address))
                    }
                    Ok(_) if ask.wanted == Wanted::Port => {
                        (exchange.latency, Answered::Open(address))
                    }
                    Ok(response) => (exchange.latency, Answered::Response(address, response)),
                    Err(ConnectError::CouldNotResolve { .. }) => (SERVING, Answered::NoName),
                    Err(ConnectError::Refused) => (exchange.latency, Answered::Refused(address)),
                    Err(ConnectError::EmptyReply) => (exchange.latency, Answered::Open(address)),
                    Err(ConnectError::TimedOut) => (ask.patience, Answered::TimedOut(address)),
                }
            }
        }
    }
}
