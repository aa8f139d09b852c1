//! Giving out the addresses and node ports of Services.
//!
//! What is taken is read from the stored Services; nothing is kept beside them. Numbers that nobody asked for come from
//! the upper part of each range, so that the lower one stays free for those who ask.
//! Models kubernetes `pkg/registry/core/service/storage/{alloc,storage}.go`, `ipallocator` and `portallocator`, and
//! `pkg/registry/core/service/strategy.go`. *Differs:* one family, IPv4.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::sync::Arc;

use k8s_openapi::api::core::v1::{ServicePort, ServiceSpec};

use super::{Client, Store};
use crate::object::field::{Errors, Path};
use crate::object::service::{
    is_externally_accessible, is_headless, kind_of, needs_health_check, validate_cluster_ips,
};
use crate::object::{Body, Key, Kind, Object, StatusError};
use crate::order;

/// `10.96.0.0/16`, the Service range.
const NETWORK: u32 = 0x0a60_0000;
/// Usable addresses lie between the network's own and the broadcast one.
const ADDRESS_MAX: u32 = 0xfffe;
/// The first address that is given to who did not ask for one: behind min(max(16, size/16), 256) others.
const ADDRESS_DYNAMIC: u32 = 257;
/// The node ports.
const PORT_MIN: i32 = 30_000;
const PORT_MAX: i32 = 32_767;
/// The first node port that is given to who did not ask for one: behind min(max(16, size/32), 128) others.
const PORT_DYNAMIC: i32 = PORT_MIN + 86;

impl Client<'_> {
    /// Gives a new Service, or with `current` a changed one, what its type needs.
    pub(super) fn allocate_service(
        &mut self,
        object: &mut Object,
        current: Option<&Object>,
    ) -> Result<(), StatusError> {
        if object.kind() == Kind::Service { self.allocate(object, current) } else { Ok(()) }
    }

    #[inline(never)]
    fn allocate(
        &mut self,
        object: &mut Object,
        current: Option<&Object>,
    ) -> Result<(), StatusError> {
        let name = object.name().to_owned();
        let taken = Taken::by_others(self.store, &object.key());
        let Body::Service(body) = &mut object.body else { return Ok(()) };
        let spec = Arc::make_mut(&mut body.spec);
        if let Some(old) = current.and_then(|current| current.as_service()) {
            keep_allocated(spec, &old.spec);
            drop_what_the_type_lost(spec, &old.spec);
        }
        let old = current.and_then(|current| current.as_service()).map(|old| &*old.spec);
        match_addresses(spec, old);
        let mut errors = Errors::new();
        validate_cluster_ips(&mut errors, spec);
        if errors.is_empty() && kind_of(spec) != "ExternalName" {
            choose_families(&mut errors, spec);
        }
        // An address once given is kept; validation refuses another.
        let kept = old.is_some_and(|old| {
            needs_address(old) && old.cluster_ip.is_some() && spec.cluster_ip.is_some()
        });
        if errors.is_empty() && !kept {
            self.allocate_address(&mut errors, spec, &taken);
        }
        if errors.is_empty() {
            self.allocate_ports(&mut errors, spec, &taken, old);
        }
        if errors.is_empty() {
            return Ok(());
        }
        Err(StatusError::invalid(Kind::Service.info(), &name, &errors.into_lines()))
    }

    fn allocate_address(&mut self, errors: &mut Errors, spec: &mut ServiceSpec, taken: &Taken) {
        if !needs_address(spec) || is_headless(spec) {
            return;
        }
        let asked = spec.cluster_ip.as_deref().unwrap_or_default();
        if asked.is_empty() {
            let span = ADDRESS_MAX - ADDRESS_DYNAMIC + 1;
            let start = self.store.random.below(span as usize);
            let free = (0..span)
                .map(|step| {
                    NETWORK + ADDRESS_DYNAMIC + (u32::try_from(start).unwrap_or(0) + step) % span
                })
                .chain((1..ADDRESS_DYNAMIC).map(|offset| NETWORK + offset))
                .map(|bits| Ipv4Addr::from(bits).to_string())
                .find(|address| !taken.addresses.contains(address));
            if let Some(address) = free {
                spec.cluster_ips = Some(vec![address.clone()]);
                spec.cluster_ip = Some(address);
            }
            return;
        }
        let bits = asked.parse::<Ipv4Addr>().map_or(0, u32::from);
        let complaint = if !(1..=ADDRESS_MAX).contains(&bits.wrapping_sub(NETWORK)) {
            "the provided network does not match the current range"
        } else if taken.addresses.contains(asked) {
            "provided IP is already allocated"
        } else {
            return;
        };
        let path = Path::new("spec");
        let detail = format!("failed to allocate IP {asked}: {complaint}");
        let shown = [asked.to_owned()];
        errors.invalid(&path.child("clusterIPs"), &shown[..], &detail);
    }

    fn allocate_ports(
        &mut self,
        errors: &mut Errors,
        spec: &mut ServiceSpec,
        taken: &Taken,
        old: Option<&ServiceSpec>,
    ) {
        let mut used = taken.ports.clone();
        if matches!(kind_of(spec), "NodePort" | "LoadBalancer") {
            let unasked = needs_node_ports(spec);
            let ports = spec.ports.as_deref_mut().unwrap_or_default();
            self.allocate_node_ports(errors, ports, &mut used, old, unasked);
            if !errors.is_empty() {
                return;
            }
        }
        if !needs_health_check(spec) {
            return;
        }
        match spec.health_check_node_port.unwrap_or(0) {
            0 => spec.health_check_node_port = self.free_port(&used),
            asked => {
                if let Some(complaint) = self.refusal(asked, &taken.ports) {
                    let path = Path::new("spec");
                    let detail = format!(
                        "failed to allocate requested HealthCheck NodePort {asked}: {complaint}"
                    );
                    errors.invalid(&path.child("healthCheckNodePort"), &asked, &detail);
                }
            }
        }
    }

    /// `initNodePorts`: ports of the same number, over different protocols, share a node port; for a changed Service
    /// `updateNodePorts`: what it had is its own. The first refusal is the answer.
    fn allocate_node_ports(
        &mut self,
        errors: &mut Errors,
        ports: &mut [ServicePort],
        used: &mut BTreeSet<i32>,
        old: Option<&ServiceSpec>,
        unasked: bool,
    ) {
        let had = old.and_then(|old| old.ports.as_deref()).unwrap_or_default();
        for index in 0..ports.len() {
            let (port, own) = (ports[index].port, ports[index].node_port.unwrap_or(0));
            let (before, here) = ports.split_at(index);
            let twin = before.iter().find(|twin| twin.port == port).and_then(|twin| twin.node_port);
            let asked = match (old, twin) {
                _ if own == 0 && !unasked => continue,
                (Some(_), _) if own != 0 && [had, before].iter().any(|list| has(list, own)) => {
                    continue;
                }
                (None, Some(twin)) if own == 0 || own == twin => {
                    ports[index].node_port = Some(twin);
                    continue;
                }
                (None, None) => {
                    let same = here.iter().filter(|other| other.port == port);
                    let asked = same.filter_map(|other| other.node_port);
                    asked.into_iter().find(|number| *number != 0).unwrap_or(0)
                }
                _ => own,
            };
            let number = if asked == 0 { self.free_port(used) } else { Some(asked) };
            if asked != 0
                && let Some(complaint) = self.refusal(asked, used)
            {
                let path = Path::new("spec");
                let ports_path = path.child("ports");
                errors.invalid(&ports_path.index(index).child("nodePort"), &asked, &complaint);
                return;
            }
            used.extend(number);
            ports[index].node_port = number;
        }
    }

    /// Why a number cannot be had; a rehearsal asks only whether somebody has it (`portallocator/operation.go`).
    fn refusal(&self, asked: i32, used: &BTreeSet<i32>) -> Option<String> {
        if !self.rehearsal && !(PORT_MIN..=PORT_MAX).contains(&asked) {
            return Some(format!(
                "provided port is not in the valid range. The range of valid ports is {PORT_MIN}-{PORT_MAX}"
            ));
        }
        used.contains(&asked).then(|| "provided port is already allocated".to_owned())
    }

    fn free_port(&mut self, used: &BTreeSet<i32>) -> Option<i32> {
        if self.rehearsal {
            // Models `portallocator/operation.go`: the next behind those of this request.
            let taken = Taken::by_others(self.store, &Key::new(Kind::Service, "", ""));
            let last = used.difference(&taken.ports).max().filter(|last| **last > 0);
            return Some(last.map_or(PORT_MAX + 2, |last| last.saturating_add(1)));
        }
        let span = PORT_MAX - PORT_DYNAMIC + 1;
        let start = self.store.random.below(usize::try_from(span).unwrap_or(1));
        let start = i32::try_from(start).unwrap_or(0);
        (0..span)
            .map(|step| PORT_DYNAMIC + (start + step) % span)
            .chain(PORT_MIN..PORT_DYNAMIC)
            .find(|number| !used.contains(number))
    }
}

/// Whether one of the ports has the node port.
fn has(ports: &[ServicePort], number: i32) -> bool {
    ports.iter().any(|port| port.node_port == Some(number))
}

/// Refuses families that the cluster has not, and chooses where the author did not (`initIPFamilyFields`). What has
/// neither address nor selector is of both families, as its endpoints are somebody's own.
fn choose_families(errors: &mut Errors, spec: &mut ServiceSpec) {
    let bare = is_headless(spec) && spec.selector.as_ref().is_none_or(BTreeMap::is_empty);
    let policy = if bare { "RequireDualStack" } else { "SingleStack" };
    let policy = spec.ip_family_policy.get_or_insert_with(|| policy.to_owned());
    let families = spec.ip_families.get_or_insert_default();
    let path = Path::new("spec");
    if policy == "SingleStack" && families.len() > 1 {
        let detail = "must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are specified";
        errors.invalid(&path.child("ipFamilyPolicy"), policy, detail);
        return;
    }
    if families.is_empty() {
        families.push("IPv4".to_owned());
    }
    if bare {
        if policy != "SingleStack" && families.len() == 1 {
            let other = if families[0] == "IPv4" { "IPv6" } else { "IPv4" };
            families.push(other.to_owned());
        }
        return;
    }
    if policy == "RequireDualStack" {
        let detail = "this cluster is not configured for dual-stack services";
        errors.invalid(&path.child("ipFamilyPolicy"), policy, detail);
    }
    let families_path = path.child("ipFamilies");
    for (index, family) in families.iter().enumerate().filter(|(_, family)| *family != "IPv4") {
        errors.invalid(&families_path.index(index), family, "not configured on this cluster");
    }
}

/// What other Services have.
struct Taken {
    addresses: BTreeSet<String>,
    ports: BTreeSet<i32>,
}

impl Taken {
    fn by_others(store: &Store, key: &Key) -> Self {
        let mut taken = Self { addresses: BTreeSet::new(), ports: BTreeSet::new() };
        for other in store.list(Kind::Service, None).filter(|other| other.key() != *key) {
            let Some(body) = other.as_service() else { continue };
            taken.addresses.extend(body.spec.cluster_ips.iter().flatten().cloned());
            taken.ports.extend(body.spec.ports.iter().flatten().filter_map(|port| port.node_port));
            taken.ports.extend(body.spec.health_check_node_port);
        }
        taken
    }
}

fn needs_address(spec: &ServiceSpec) -> bool {
    matches!(kind_of(spec), "ClusterIP" | "NodePort" | "LoadBalancer")
}

fn needs_node_ports(spec: &ServiceSpec) -> bool {
    let balanced =
        kind_of(spec) == "LoadBalancer" && spec.allocate_load_balancer_node_ports != Some(false);
    balanced || kind_of(spec) == "NodePort"
}

/// An update that leaves out what was given out keeps it (`patchAllocatedValues`).
fn keep_allocated(spec: &mut ServiceSpec, old: &ServiceSpec) {
    if needs_address(spec) && needs_address(old) {
        if spec.cluster_ip.as_deref().is_none_or(str::is_empty) {
            spec.cluster_ip.clone_from(&old.cluster_ip);
        }
        if spec.cluster_ips.as_ref().is_none_or(Vec::is_empty) && spec.cluster_ip == old.cluster_ip
        {
            spec.cluster_ips.clone_from(&old.cluster_ips);
        }
        if spec.ip_families.is_none() {
            spec.ip_families.clone_from(&old.ip_families);
        }
        if spec.ip_family_policy.is_none() {
            spec.ip_family_policy.clone_from(&old.ip_family_policy);
        }
    }
    if needs_node_ports(spec) && needs_node_ports(old) {
        let numbers = |spec: &ServiceSpec| -> BTreeSet<i32> {
            order::set(spec.ports.iter().flatten().filter_map(|port| port.node_port))
        };
        let mut used: BTreeSet<i32> =
            order::set(numbers(old).intersection(&numbers(spec)).copied());
        for port in spec.ports.iter_mut().flatten().filter(|port| port.node_port.is_none()) {
            let before = old.ports.iter().flatten().find(|before| before.name == port.name);
            let number = before.and_then(|before| before.node_port);
            if let Some(number) = number.filter(|number| used.insert(*number)) {
                port.node_port = Some(number);
            }
        }
    }
    if needs_health_check(spec) && needs_health_check(old) && spec.health_check_node_port.is_none()
    {
        spec.health_check_node_port = old.health_check_node_port;
    }
}

/// Makes the list of addresses follow the one address, where a client gave or changed only that
/// (`normalizeClusterIPs`).
fn match_addresses(spec: &mut ServiceSpec, old: Option<&ServiceSpec>) {
    let ip = spec.cluster_ip.take().filter(|ip| !ip.is_empty());
    spec.cluster_ips = spec.cluster_ips.take().filter(|ips| !ips.is_empty());
    let follows = match old {
        None => spec.cluster_ips.is_none(),
        Some(old) if old.cluster_ip == ip => false,
        Some(old) => old.cluster_ips == spec.cluster_ips || spec.cluster_ips.is_none(),
    };
    if follows {
        spec.cluster_ips = ip.clone().map(|ip| vec![ip]);
    }
    spec.cluster_ip = ip;
}

/// What only the old type had goes, if the update did not touch it (`dropTypeDependentFields`).
fn drop_what_the_type_lost(spec: &mut ServiceSpec, old: &ServiceSpec) {
    if needs_address(old) && !needs_address(spec) {
        if spec.cluster_ip == old.cluster_ip {
            spec.cluster_ip = None;
            spec.cluster_ips = None;
        }
        if spec.ip_families == old.ip_families {
            spec.ip_families = None;
        }
        if spec.ip_family_policy == old.ip_family_policy {
            spec.ip_family_policy = None;
        }
    }
    if needs_node_ports(old) && !needs_node_ports(spec) {
        let had: BTreeSet<i32> =
            order::set(old.ports.iter().flatten().filter_map(|port| port.node_port));
        for port in spec.ports.iter_mut().flatten() {
            port.node_port = port.node_port.filter(|number| !had.contains(number));
        }
    }
    if kind_of(old) == "LoadBalancer" && kind_of(spec) != "LoadBalancer" {
        if spec.allocate_load_balancer_node_ports == old.allocate_load_balancer_node_ports {
            spec.allocate_load_balancer_node_ports = None;
        }
        if spec.load_balancer_class == old.load_balancer_class {
            spec.load_balancer_class = None;
        }
    }
    if needs_health_check(old)
        && !needs_health_check(spec)
        && spec.health_check_node_port == old.health_check_node_port
    {
        spec.health_check_node_port = None;
    }
    if is_externally_accessible(old)
        && !is_externally_accessible(spec)
        && spec.external_traffic_policy == old.external_traffic_policy
    {
        spec.external_traffic_policy = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::Split;
    use crate::store::testing::{CAUSE, named, store};
    use crate::time::Time;

    fn service(name: &str, kind: &str, address: &str, node_port: i32) -> Object {
        let port = ServicePort {
            port: 80,
            node_port: (node_port != 0).then_some(node_port),
            ..ServicePort::default()
        };
        let spec = ServiceSpec {
            type_: Some(kind.into()),
            cluster_ip: (!address.is_empty()).then(|| address.to_owned()),
            ports: Some(vec![port]),
            ..ServiceSpec::default()
        };
        named(name, Body::Service(Split { spec: Arc::new(spec), ..Split::default() }))
    }

    #[test]
    fn what_is_taken_or_outside_is_refused() {
        let mut store = store();
        let mut client = Client::new(&mut store, Time::START, CAUSE);
        client.create(service("a", "NodePort", "10.96.0.10", 30080)).unwrap();
        let table = [
            (
                service("b", "NodePort", "", 30080),
                "spec.ports[0].nodePort: Invalid value: 30080: provided port is already allocated",
            ),
            (
                service("b", "NodePort", "", 80),
                "spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. The range of valid ports is 30000-32767",
            ),
            (
                service("b", "ClusterIP", "10.96.0.10", 0),
                "spec.clusterIPs: Invalid value: [\"10.96.0.10\"]: failed to allocate IP 10.96.0.10: provided IP is already allocated",
            ),
            (
                service("b", "ClusterIP", "192.168.1.1", 0),
                "spec.clusterIPs: Invalid value: [\"192.168.1.1\"]: failed to allocate IP 192.168.1.1: the provided network does not match the current range",
            ),
        ];
        for (object, line) in table {
            let message = client.create(object).unwrap_err().message;
            assert_eq!(message, format!("Service \"b\" is invalid: {line}"));
        }
    }

    #[test]
    fn an_address_may_not_change() {
        let mut store = store();
        let mut client = Client::new(&mut store, Time::START, CAUSE);
        let mut next = Object::clone(&client.create(service("a", "ClusterIP", "", 0)).unwrap());
        if let Body::Service(body) = &mut next.body {
            Arc::make_mut(&mut body.spec).cluster_ip = Some("10.96.10.11".into());
        }
        assert_eq!(
            client.update(next).unwrap_err().message,
            "Service \"a\" is invalid: spec.clusterIPs[0]: Invalid value: [\"10.96.10.11\"]: may not change once set"
        );
    }

    #[test]
    fn a_service_keeps_its_address_and_loses_its_node_port_with_its_type() {
        let mut store = store();
        let mut client = Client::new(&mut store, Time::START, CAUSE);
        let first = client.create(service("a", "NodePort", "", 0)).unwrap();
        let address = first.as_service().unwrap().spec.cluster_ip.clone();
        assert!(first.as_service().unwrap().spec.ports.as_ref().unwrap()[0].node_port.is_some());
        let second = client.update(service("a", "ClusterIP", "", 0)).unwrap();
        let spec = &second.as_service().unwrap().spec;
        assert_eq!(spec.cluster_ip, address);
        assert_eq!(spec.ports.as_ref().unwrap()[0].node_port, None);
    }
}
