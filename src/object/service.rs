//! Services: defaults and validation. Addresses and node ports are given out by the store.
//!
//! Models `SetDefaults_Service` (kubernetes `pkg/apis/core/v1/defaults.go`) and `ValidateService` with what it calls of
//! `pkg/apis/core/validation/validation.go`.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use k8s_openapi::api::core::v1::{ClientIPConfig, ServicePort, ServiceSpec, SessionAffinityConfig};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::field::{Errors, Path, Verbatim};
use super::meta::validate_labels;
use super::names;
use super::pod::{validate_ip, validate_port, validate_protocol};
use crate::quote::quote;

/// Three hours, in seconds.
const AFFINITY_TIMEOUT: i32 = 10_800;
/// A day, in seconds.
const AFFINITY_TIMEOUT_MAX: i32 = 86_400;

/// Fills in what the author left out.
pub fn default_service(spec: &mut ServiceSpec) {
    fill(&mut spec.session_affinity, "None");
    match spec.session_affinity.as_deref() {
        Some("None") => spec.session_affinity_config = None,
        Some("ClientIP") => {
            let config = spec.session_affinity_config.get_or_insert_default();
            let client_ip = config.client_ip.get_or_insert_default();
            client_ip.timeout_seconds.get_or_insert(AFFINITY_TIMEOUT);
        }
        _ => {}
    }
    fill(&mut spec.type_, "ClusterIP");
    for port in spec.ports.iter_mut().flatten() {
        fill(&mut port.protocol, "TCP");
        let unset = match &port.target_port {
            None | Some(IntOrString::Int(0)) => true,
            Some(IntOrString::String(name)) => name.is_empty(),
            Some(IntOrString::Int(_)) => false,
        };
        if unset {
            port.target_port = Some(IntOrString::Int(port.port));
        }
        port.name = port.name.take().filter(|name| !name.is_empty());
        port.node_port = port.node_port.filter(|number| *number != 0);
    }
    if is_externally_accessible(spec) {
        fill(&mut spec.external_traffic_policy, "Cluster");
    }
    if matches!(kind_of(spec), "ClusterIP" | "NodePort" | "LoadBalancer") {
        spec.internal_traffic_policy.get_or_insert_with(|| "Cluster".to_owned());
    }
    if kind_of(spec) == "LoadBalancer" {
        spec.allocate_load_balancer_node_ports.get_or_insert(true);
    }
    spec.publish_not_ready_addresses = spec.publish_not_ready_addresses.filter(|publish| *publish);
}

fn fill(field: &mut Option<String>, default: &str) {
    if field.as_deref().is_none_or(str::is_empty) {
        *field = Some(default.to_owned());
    }
}

/// `ClusterIP`, `NodePort`...
pub fn kind_of(spec: &ServiceSpec) -> &str {
    spec.type_.as_deref().unwrap_or_default()
}

/// Whether traffic from outside may come to the Service.
pub fn is_externally_accessible(spec: &ServiceSpec) -> bool {
    let addressed = spec.external_ips.as_ref().is_some_and(|ips| !ips.is_empty());
    matches!(kind_of(spec), "LoadBalancer" | "NodePort")
        || (kind_of(spec) == "ClusterIP" && addressed)
}

/// Whether a load balancer asks each node whether it has an endpoint.
pub fn needs_health_check(spec: &ServiceSpec) -> bool {
    kind_of(spec) == "LoadBalancer" && spec.external_traffic_policy.as_deref() == Some("Local")
}

/// Whether the Service has no address of its own, only endpoints.
pub fn is_headless(spec: &ServiceSpec) -> bool {
    matches!(spec.cluster_ips.as_deref(), Some([only]) if only == "None")
}

/// Validates a spec whose addresses and ports were given out.
pub fn validate_service(errors: &mut Errors, spec: &ServiceSpec) {
    let path = Path::new("spec");
    let ports = spec.ports.as_deref().unwrap_or_default();
    let ports_path = path.child("ports");
    if ports.is_empty() && !is_headless(spec) && kind_of(spec) != "ExternalName" {
        errors.required(&ports_path, "");
    }
    validate_kind(errors, spec, &path);
    let mut seen = BTreeSet::new();
    for (index, port) in ports.iter().enumerate() {
        validate_service_port(errors, port, ports.len() > 1, &mut seen, &ports_path.index(index));
    }
    if let Some(selector) = &spec.selector {
        validate_labels(errors, selector, &path.child("selector"));
    }
    validate_affinity(errors, spec, &path);
    validate_cluster_ips(errors, spec);
    let external_path = path.child("externalIPs");
    for (index, address) in spec.external_ips.iter().flatten().enumerate() {
        let here = external_path.index(index);
        validate_ip(errors, address, &here);
        validate_common(errors, address, &here);
    }
    let kinds = &["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];
    if !kinds.contains(&kind_of(spec)) {
        errors.not_supported(&path.child("type"), kind_of(spec), kinds);
    }
    validate_port_clashes(errors, spec, ports, &ports_path);
    validate_load_balancer(errors, spec, &path);
    validate_traffic(errors, spec, &path);
}

/// Addresses that mean something else on each machine belong to nobody (`ValidateNonSpecialIP`).
fn validate_common(errors: &mut Errors, address: &str, path: &Path<'_>) {
    let Ok(ip) = address.parse::<Ipv4Addr>() else { return };
    let detail = if ip.is_unspecified() {
        &format!("may not be unspecified ({address})")
    } else if ip.is_loopback() {
        "may not be in the loopback range (127.0.0.0/8, ::1/128)"
    } else if ip.is_link_local() {
        "may not be in the link-local range (169.254.0.0/16, fe80::/10)"
    } else if ip.octets().starts_with(&[224, 0, 0]) {
        "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)"
    } else {
        return;
    };
    errors.invalid(path, address, detail);
}

fn validate_kind(errors: &mut Errors, spec: &ServiceSpec, path: &Path<'_>) {
    let ips_path = path.child("clusterIPs");
    match kind_of(spec) {
        kind @ ("LoadBalancer" | "NodePort") if is_headless(spec) => {
            let detail = format!("may not be set to 'None' for {kind} services");
            errors.invalid(&ips_path.index(0), "None", &detail);
        }
        "ExternalName" => {
            let unfit = [
                ("clusterIPs", spec.cluster_ips.as_ref().is_some_and(|ips| !ips.is_empty())),
                ("ipFamilies", spec.ip_families.as_ref().is_some_and(|list| !list.is_empty())),
                ("ipFamilyPolicy", spec.ip_family_policy.is_some()),
            ];
            for (field, set) in unfit {
                if set {
                    errors
                        .forbidden(&path.child(field), "may not be set for ExternalName services");
                }
            }
            let name = spec.external_name.as_deref().unwrap_or_default();
            let name = name.strip_suffix('.').unwrap_or(name);
            let here = path.child("externalName");
            if name.is_empty() {
                errors.required(&here, "");
            } else {
                errors.invalid_each(&here, name, names::dns1123_subdomain(name));
            }
        }
        _ => {}
    }
}

fn validate_service_port<'a>(
    errors: &mut Errors,
    port: &'a ServicePort,
    named: bool,
    seen: &mut BTreeSet<&'a str>,
    path: &Path<'_>,
) {
    let name_path = path.child("name");
    match port.name.as_deref().unwrap_or_default() {
        "" if named => errors.required(&name_path, ""),
        "" => {}
        name => {
            errors.invalid_each(&name_path, name, names::dns1123_label(name));
            if !seen.insert(name) {
                errors.duplicate(&name_path, name);
            }
        }
    }
    errors.invalid_each(&path.child("port"), &port.port, names::port_number(port.port));
    let protocol = port.protocol.as_deref().unwrap_or_default();
    validate_protocol(errors, protocol, &path.child("protocol"));
    let target = port.target_port.clone().unwrap_or(IntOrString::Int(0));
    validate_port(errors, &target, &path.child("targetPort"));
    if let Some(protocol) = &port.app_protocol {
        errors.invalid_each(&path.child("appProtocol"), protocol, names::qualified_name(protocol));
    }
}

fn validate_affinity(errors: &mut Errors, spec: &ServiceSpec, path: &Path<'_>) {
    let affinity = spec.session_affinity.as_deref().unwrap_or_default();
    if !["ClientIP", "None"].contains(&affinity) {
        errors.not_supported(&path.child("sessionAffinity"), affinity, &["ClientIP", "None"]);
    }
    let Some(SessionAffinityConfig {
        client_ip: Some(ClientIPConfig { timeout_seconds: Some(timeout) }),
    }) = &spec.session_affinity_config
    else {
        return;
    };
    if affinity == "ClientIP" && !(1..=AFFINITY_TIMEOUT_MAX).contains(timeout) {
        let config_path = path.child("sessionAffinityConfig");
        let client_path = config_path.child("clientIP");
        let detail = format!("must be greater than 0 and less than {AFFINITY_TIMEOUT_MAX}");
        errors.invalid(&client_path.child("timeoutSeconds"), timeout, &detail);
    }
}

/// Validates addresses and families; allocation does so too, before anything else.
pub fn validate_cluster_ips(errors: &mut Errors, spec: &ServiceSpec) {
    if kind_of(spec) == "ExternalName" {
        return;
    }
    let path = Path::new("spec");
    let here = path.child("clusterIPs");
    let ips = spec.cluster_ips.as_deref().unwrap_or_default();
    match (spec.cluster_ip.as_deref().unwrap_or_default(), ips.first()) {
        ("", Some(_)) => {
            errors.invalid(&here, ips, "must be empty when `clusterIP` is not specified");
        }
        ("", None) => {}
        (_, None) => errors.required(&here, ""),
        (ip, Some(first)) if ip != first => {
            errors.invalid(&here, ips, "first value must match `clusterIP`");
        }
        _ => {}
    }
    let families_path = path.child("ipFamilies");
    let families = spec.ip_families.as_deref().unwrap_or_default();
    for (index, family) in families.iter().enumerate() {
        if !["IPv4", "IPv6"].contains(&family.as_str()) {
            errors.not_supported(&families_path.index(index), family, &["IPv4", "IPv6"]);
        }
        if families.iter().take(index).any(|other| other == family) {
            errors.duplicate(&families_path.index(index), family);
        }
    }
    if let Some(policy) = &spec.ip_family_policy {
        let supported = &["PreferDualStack", "RequireDualStack", "SingleStack"];
        if !supported.contains(&policy.as_str()) {
            errors.not_supported(&path.child("ipFamilyPolicy"), policy, supported);
        }
    }
    for (index, ip) in ips.iter().enumerate() {
        if index == 0 && ip == "None" {
            if ips.len() > 1 {
                errors.invalid(&here, ips, "'None' must be the first and only value");
            }
            continue;
        }
        validate_ip(errors, ip, &here.index(index));
    }
    if ips.len() > 2 {
        errors.invalid(&here, ips, "may only hold up to 2 values");
    }
}

fn validate_port_clashes(
    errors: &mut Errors,
    spec: &ServiceSpec,
    ports: &[ServicePort],
    path: &Path<'_>,
) {
    if kind_of(spec) == "ClusterIP" {
        for (index, port) in ports.iter().enumerate() {
            if port.node_port.unwrap_or(0) != 0 {
                let here = path.index(index);
                let detail = "may not be used when `type` is 'ClusterIP'";
                errors.forbidden(&here.child("nodePort"), detail);
            }
        }
    }
    let mut taken = BTreeSet::new();
    for (index, port) in ports.iter().enumerate() {
        let Some(number) = port.node_port.filter(|number| *number != 0) else { continue };
        if !taken.insert((port.protocol.as_deref(), number)) {
            errors.duplicate(&path.index(index).child("nodePort"), &number);
        }
    }
    let mut taken = BTreeSet::new();
    for (index, port) in ports.iter().enumerate() {
        if !taken.insert((port.protocol.as_deref(), port.port)) {
            let shown = format!(
                "{{\"Name\":\"\",\"Protocol\":{},\"AppProtocol\":null,\"Port\":{},\"TargetPort\":0,\"NodePort\":0}}",
                quote(port.protocol.as_deref().unwrap_or_default()),
                port.port
            );
            errors.duplicate(&path.index(index), &Verbatim(shown));
        }
    }
}

fn validate_load_balancer(errors: &mut Errors, spec: &ServiceSpec, path: &Path<'_>) {
    const ONLY: &str = "may only be used when `type` is 'LoadBalancer'";
    let is_load_balancer = kind_of(spec) == "LoadBalancer";
    let ranges = spec.load_balancer_source_ranges.as_deref().unwrap_or_default();
    // Upstream's spelling.
    let ranges_path = path.child("LoadBalancerSourceRanges");
    if !ranges.is_empty() && !is_load_balancer {
        errors.forbidden(&ranges_path, ONLY);
    }
    for (index, range) in ranges.iter().enumerate() {
        let range = range.trim();
        if !is_cidr(range) {
            let detail = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";
            errors.invalid(&ranges_path.index(index), range, detail);
        }
    }
    if spec.allocate_load_balancer_node_ports.is_some() && !is_load_balancer {
        errors.forbidden(&path.child("allocateLoadBalancerNodePorts"), ONLY);
    }
    if let Some(class) = &spec.load_balancer_class {
        let here = path.child("loadBalancerClass");
        if is_load_balancer {
            errors.invalid_each(&here, class, names::qualified_name(class));
        } else {
            errors.forbidden(&here, ONLY);
        }
    }
}

fn is_cidr(text: &str) -> bool {
    let Some((address, bits)) = text.split_once('/') else { return false };
    let Ok(address) = address.parse::<std::net::IpAddr>() else { return false };
    bits.parse::<u8>().is_ok_and(|bits| bits <= if address.is_ipv4() { 32 } else { 128 })
}

fn validate_traffic(errors: &mut Errors, spec: &ServiceSpec, path: &Path<'_>) {
    let here = path.child("externalTrafficPolicy");
    let external = spec.external_traffic_policy.as_deref().unwrap_or_default();
    match (is_externally_accessible(spec), external) {
        (false, "") | (true, "Cluster" | "Local") => {}
        (false, _) => {
            errors.invalid(&here, external, "may only be set for externally-accessible services");
        }
        (true, "") => errors.required(&here, ""),
        (true, _) => errors.not_supported(&here, external, &["Cluster", "Local"]),
    }
    let here = path.child("healthCheckNodePort");
    match (needs_health_check(spec), spec.health_check_node_port.unwrap_or(0)) {
        (false, 0) => {}
        (false, number) => {
            let detail = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'";
            errors.invalid(&here, &number, detail);
        }
        (true, 0) => errors.required(&here, ""),
        (true, number) => errors.invalid_each(&here, &number, names::port_number(number)),
    }
    if let Some(policy) = &spec.internal_traffic_policy
        && !["Cluster", "Local"].contains(&policy.as_str())
    {
        errors.not_supported(&path.child("internalTrafficPolicy"), policy, &["Cluster", "Local"]);
    }
    if let Some(distribution) = &spec.traffic_distribution {
        let supported = &["PreferClose", "PreferSameNode", "PreferSameZone"];
        if !supported.contains(&distribution.as_str()) {
            errors.not_supported(&path.child("trafficDistribution"), distribution, supported);
        }
    }
}

/// Validates a spec as it replaces the stored one: addresses stay.
pub fn validate_service_update(errors: &mut Errors, spec: &ServiceSpec, current: &ServiceSpec) {
    let path = Path::new("spec");
    let external = |spec: &ServiceSpec| kind_of(spec) == "ExternalName";
    let headless = is_headless(spec) && is_headless(current);
    if !external(spec) && !external(current) && !headless {
        let here = path.child("clusterIPs");
        let new = spec.cluster_ips.as_deref().unwrap_or_default();
        let old = current.cluster_ips.as_deref().unwrap_or_default();
        if new.is_empty() && !old.is_empty() {
            errors.invalid(&here.index(0), new, "primary clusterIP can not be unset");
        }
        for (index, (_, _)) in old.iter().zip(new).enumerate().filter(|(_, (old, new))| old != new)
        {
            errors.invalid(&here.index(index), new, "may not change once set");
        }
        if is_headless(spec) == is_headless(current) {
            let new = spec.ip_families.as_deref().unwrap_or_default();
            let old = current.ip_families.as_deref().unwrap_or_default();
            if old.iter().zip(new).any(|(old, new)| old != new) {
                let here = path.child("ipFamilies");
                errors.invalid(&here.index(0), new, "may not change once set");
            }
        }
    }
    let balanced = kind_of(spec) == "LoadBalancer" && kind_of(current) == "LoadBalancer";
    if balanced && spec.load_balancer_class != current.load_balancer_class {
        let here = path.child("loadBalancerClass");
        errors.invalid(&here, &spec.load_balancer_class, "may not change once set");
    }
    if needs_health_check(spec)
        && needs_health_check(current)
        && spec.health_check_node_port != current.health_check_node_port
    {
        errors.forbidden(&path.child("healthCheckNodePort"), "field is immutable");
    }
    validate_service(errors, spec);
}
