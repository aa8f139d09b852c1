//! Ingresses, their classes and NetworkPolicies. Models `printIngress`, `printIngressClass` and `printNetworkPolicy`.

use serde_json::Value;

use super::{Cell, Columns, NONE, always, created, format_selector, name};
use crate::manifest::fill;
use crate::object::Object;
use crate::object::value::look::{at, given, list, text};
use crate::order;
use crate::time::Time;

pub(super) const INGRESS: Columns = Columns {
    columns: &[
        always("Name"),
        always("Class"),
        always("Hosts"),
        always("Address"),
        always("Ports"),
        always("Age"),
    ],
    cells: ingress,
};

pub(super) const INGRESS_CLASS: Columns = Columns {
    columns: &[always("Name"), always("Controller"), always("Parameters"), always("Age")],
    cells: ingress_class,
};

pub(super) const NETWORK_POLICY: Columns = Columns {
    columns: &[always("Name"), always("Pod-Selector"), always("Age")],
    cells: network_policy,
};

fn ingress(object: &Object, now: Time) -> Vec<Cell<'_>> {
    let Some(body) = object.as_value() else { return Vec::new() };
    let spec = body.spec();
    let class = given(spec, "ingressClassName").and_then(Value::as_str);
    let secure = !list(spec, "tls").is_empty();
    vec![
        name(object),
        class.unwrap_or(NONE).into(),
        hosts(spec).into(),
        addresses(&body.status).into(),
        if secure { "80, 443" } else { "80" }.into(),
        created(object, now),
    ]
}

/// The hosts of the rules, at most three (`formatHosts`).
fn hosts(spec: &Value) -> String {
    let hosts: Vec<&str> = list(spec, "rules")
        .iter()
        .map(|rule| text(rule, "host"))
        .filter(|host| !host.is_empty())
        .collect();
    match hosts.as_slice() {
        [] => "*".to_owned(),
        [first, second, third, rest @ ..] if !rest.is_empty() => {
            format!("{first},{second},{third} + {} more...", rest.len())
        }
        few => few.join(","),
    }
}

/// Where an Ingress can be reached, by its status (`ingressLoadBalancerStatusStringer`).
pub fn addresses(status: &Value) -> String {
    let points = list(at(status, &["loadBalancer"]), "ingress").iter();
    let mut all: Vec<&str> = points
        .map(|point| match text(point, "ip") {
            "" => text(point, "hostname"),
            ip => ip,
        })
        .filter(|address| !address.is_empty())
        .collect();
    order::sort(&mut all);
    all.dedup();
    all.join(",")
}

fn ingress_class(object: &Object, now: Time) -> Vec<Cell<'_>> {
    let Some(body) = object.as_value() else { return Vec::new() };
    let parameters = given(body.spec(), "parameters").map_or_else(
        || NONE.to_owned(),
        |parameters| {
            let group = given(parameters, "apiGroup").and_then(Value::as_str);
            let group = group.map(|group| format!(".{group}")).unwrap_or_default();
            format!("{}{group}/{}", text(parameters, "kind"), text(parameters, "name"))
        },
    );
    vec![
        name(object),
        text(body.spec(), "controller").into(),
        parameters.into(),
        created(object, now),
    ]
}

fn network_policy(object: &Object, now: Time) -> Vec<Cell<'_>> {
    let Some(body) = object.as_value() else { return Vec::new() };
    let selector = format_selector(&fill(body.at(&["spec", "podSelector"])));
    vec![name(object), selector.into(), created(object, now)]
}
