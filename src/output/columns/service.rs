//! `NAME TYPE CLUSTER-IP EXTERNAL-IP PORT(S) AGE` of Services. Models `printService`.

use k8s_openapi::api::core::v1::{ServicePort, ServiceSpec, ServiceStatus};

use super::{Cell, Columns, NONE, always, created, name, or_none, wide};
use crate::object::{Body, Object};
use crate::order;
use crate::output::table;
use crate::time::Time;

pub(super) const COLUMNS: Columns = Columns {
    columns: &[
        always("Name"),
        always("Type"),
        always("Cluster-IP"),
        always("External-IP"),
        always("Port(s)"),
        always("Age"),
        wide("Selector"),
    ],
    cells,
};

/// Load balancer addresses longer than this are cut in narrow tables (`loadBalancerWidth`).
const LOAD_BALANCER_WIDTH: usize = 16;

fn cells(object: &Object, now: Time) -> Vec<Cell<'_>> {
    let Body::Service(service) = &object.body else { return Vec::new() };
    let (spec, status) = (&service.spec, &service.status);
    let cluster_ip = spec.cluster_ips.iter().flatten().next().or(spec.cluster_ip.as_ref());
    vec![
        name(object),
        spec.type_.as_deref().unwrap_or_default().into(),
        or_none(cluster_ip.map(String::as_str)),
        external_ip(spec, status).into(),
        ports(spec.ports.as_deref().unwrap_or_default()).into(),
        created(object, now),
        table::labels(spec.selector.as_ref()).into(),
    ]
}

/// Where the Service can be reached from outside (`getServiceExternalIP`).
pub fn external_ip(spec: &ServiceSpec, status: &ServiceStatus) -> String {
    let given = spec.external_ips.as_deref().unwrap_or_default();
    match spec.type_.as_deref().unwrap_or("ClusterIP") {
        "LoadBalancer" => {
            let balancer = load_balancer(status);
            let mut all: Vec<&str> = balancer.split(',').filter(|ip| !ip.is_empty()).collect();
            all.extend(given.iter().map(String::as_str));
            if all.is_empty() { "<pending>".to_owned() } else { all.join(",") }
        }
        "ExternalName" => spec.external_name.clone().unwrap_or_default(),
        _ if given.is_empty() => NONE.to_owned(),
        _ => given.join(","),
    }
}

fn load_balancer(status: &ServiceStatus) -> String {
    let ingress = status.load_balancer.as_ref().and_then(|balancer| balancer.ingress.as_deref());
    let mut addresses: Vec<&str> = ingress
        .unwrap_or_default()
        .iter()
        .filter_map(|point| point.ip.as_deref().or(point.hostname.as_deref()))
        .filter(|address| !address.is_empty())
        .collect();
    order::sort(&mut addresses);
    addresses.dedup();
    let text = addresses.join(",");
    if text.chars().count() > LOAD_BALANCER_WIDTH {
        let start: String = text.chars().take(LOAD_BALANCER_WIDTH - 3).collect();
        return format!("{start}...");
    }
    text
}

/// `80/TCP,443:31443/TCP` (`makePortString`).
fn ports(ports: &[ServicePort]) -> String {
    if ports.is_empty() {
        return NONE.to_owned();
    }
    let one = |port: &ServicePort| {
        let protocol = port.protocol.as_deref().unwrap_or("TCP");
        match port.node_port {
            Some(node_port) if node_port > 0 => format!("{}:{node_port}/{protocol}", port.port),
            _ => format!("{}/{protocol}", port.port),
        }
    };
    ports.iter().map(one).collect::<Vec<_>>().join(",")
}
