//! Names: Services, their endpoints, Pods by address, machines. Models `CoreDNS`'s `kubernetes` plugin.
//!
//! A Pod's resolver tries a short name with the search list `NAMESPACE.svc.cluster.local svc.cluster.local
//! cluster.local`; so `web`, `web.shop`, `web.shop.svc` and `web.shop.svc.cluster.local` all find Services.

use std::net::Ipv4Addr;

use super::route::ready_endpoints;
use super::{Network, Origin};
use crate::object::{Body, Key, Kind};
use crate::store::Store;

impl Network {
    /// The addresses of a name, as `origin` resolves it: from an isolated machine no DNS server answers.
    pub fn resolve_for(&self, store: &Store, origin: &Origin, name: &str) -> Vec<Ipv4Addr> {
        if self.isolated(origin.node.as_ref()) {
            return name.parse().into_iter().collect();
        }
        self.resolve(store, &origin.namespace, name)
    }

    /// The addresses of a name, as somebody in `namespace` resolves it; empty if there are none.
    pub fn resolve(&self, store: &Store, namespace: &str, name: &str) -> Vec<Ipv4Addr> {
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        if let Ok(address) = name.parse() {
            return vec![address];
        }
        if name == "localhost" {
            return vec![Ipv4Addr::LOCALHOST];
        }
        if let Some(machine) = self.machine(&name) {
            return vec![machine.address];
        }
        let name = name.strip_suffix(".cluster.local").unwrap_or(&name);
        let labels: Vec<&str> = name.split('.').collect();
        match labels.as_slice() {
            [dashed, _, "pod"] => dashed.replace('-', ".").parse().into_iter().collect(),
            [service] | [service, "svc"] => self.service(store, namespace, service, None),
            [first, second] => {
                let found = self.service(store, second, first, None);
                if !found.is_empty() {
                    return found;
                }
                // `web-0.web` of a StatefulSet, within its own namespace.
                self.service(store, namespace, second, Some(first))
            }
            [service, namespace, "svc"] => self.service(store, namespace, service, None),
            [hostname, service, namespace] | [hostname, service, namespace, "svc"] => {
                self.service(store, namespace, service, Some(hostname))
            }
            _ => Vec::new(),
        }
    }

    fn service(
        &self,
        store: &Store,
        namespace: &str,
        service: &str,
        hostname: Option<&str>,
    ) -> Vec<Ipv4Addr> {
        let key = Key::new(Kind::Service, namespace, service);
        let Some(object) = store.get(&key) else { return Vec::new() };
        let Body::Service(body) = &object.body else { return Vec::new() };
        match (body.spec.cluster_ip.as_deref(), hostname) {
            (Some("None" | "") | None, None) => {
                let endpoints = ready_endpoints(self, store, &key, None);
                endpoints.into_iter().map(|endpoint| endpoint.address).collect()
            }
            (Some(address), None) => address.parse().into_iter().collect(),
            (_, Some(hostname)) => {
                let endpoints = ready_endpoints(self, store, &key, None).into_iter();
                endpoints
                    .filter(|endpoint| endpoint.hostname.as_deref() == Some(hostname))
                    .map(|endpoint| endpoint.address)
                    .collect()
            }
        }
    }
}
