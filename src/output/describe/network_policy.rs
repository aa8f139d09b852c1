//! What `kubectl describe` says of a NetworkPolicy. Models `describeNetworkPolicy`.

use serde_json::Value;

use super::View;
use super::page::Page;
use crate::manifest::fill;
use crate::object::ValueBody;
use crate::object::value::look::{at, given, list, number, text, texts};
use crate::output::columns::format_selector;
use crate::time::Time;

/// One direction of traffic, in the words of the page.
struct Direction {
    /// The field of the rules.
    rules: &'static str,
    /// The policy type that turns it on.
    kind: &'static str,
    /// The field of the other side, and how it is titled.
    side: &'static str,
    title: &'static str,
    /// What the other side is to the traffic.
    end: &'static str,
}

const DIRECTIONS: [Direction; 2] = [
    Direction { rules: "ingress", kind: "Ingress", side: "from", title: "From", end: "source" },
    Direction { rules: "egress", kind: "Egress", side: "to", title: "To", end: "destination" },
];

/// Writes the description.
pub(super) fn describe(page: &mut Page, view: &View<'_>, body: &ValueBody) {
    let spec = body.spec();
    page.name(view.object);
    let created = view.object.meta.creation_timestamp.as_ref().map(Time::from);
    let created = created.map(|time| time.format("%Y-%m-%d %H:%M:%S +0000 UTC"));
    page.field(0, "Created on", created.unwrap_or_default());
    page.labels_and_annotations(view.object);
    page.line(0, "Spec:");
    let selector = match format_selector(&fill(at(spec, &["podSelector"]))).as_str() {
        "<none>" => "<none> (Allowing the specific traffic to all pods in this namespace)".into(),
        selector => selector.to_owned(),
    };
    page.line(1, format!("PodSelector:     {selector}"));
    let types: Vec<&str> = texts(spec, "policyTypes").collect();
    for direction in &DIRECTIONS {
        let name = direction.rules;
        if types.contains(&direction.kind) {
            page.line(1, format!("Allowing {name} traffic:"));
            rules(page, spec, direction);
        } else {
            page.line(1, format!("Not affecting {name} traffic"));
        }
    }
    page.line(1, format!("Policy Types: {}", types.join(", ")));
}

fn rules(page: &mut Page, spec: &Value, direction: &Direction) {
    let rules = list(spec, direction.rules);
    if rules.is_empty() {
        let name = direction.rules;
        page.line(2, format!("<none> (Selected pods are isolated for {name} connectivity)"));
    }
    for (index, rule) in rules.iter().enumerate() {
        if index > 0 {
            page.line(2, "----------");
        }
        ports(page, list(rule, "ports"));
        let peers = list(rule, direction.side);
        let title = direction.title;
        if peers.is_empty() {
            page.line(2, format!("{title}: <any> (traffic not restricted by {})", direction.end));
        }
        for peer in peers {
            page.line(2, format!("{title}:"));
            peer_lines(page, peer);
        }
    }
}

fn ports(page: &mut Page, ports: &[Value]) {
    if ports.is_empty() {
        page.line(2, "To Port: <any> (traffic allowed to all ports)");
    }
    for port in ports {
        let protocol = given(port, "protocol").and_then(Value::as_str).unwrap_or("TCP");
        let number_or_name = match given(port, "port") {
            Some(Value::String(name)) => name.clone(),
            Some(number) => number.to_string(),
            None => "<nil>".to_owned(),
        };
        page.line(
            2,
            match number(port, "endPort") {
                None => format!("To Port: {number_or_name}/{protocol}"),
                Some(end) => format!("To Port Range: {number_or_name}-{end}/{protocol}"),
            },
        );
    }
}

fn peer_lines(page: &mut Page, peer: &Value) {
    let mut selected = false;
    for (field, title) in
        [("namespaceSelector", "NamespaceSelector"), ("podSelector", "PodSelector")]
    {
        if let Some(selector) = given(peer, field) {
            selected = true;
            page.line(3, format!("{title}: {}", format_selector(&fill(selector))));
        }
    }
    if let Some(block) = given(peer, "ipBlock").filter(|_| !selected) {
        page.line(3, "IPBlock:");
        page.line(4, format!("CIDR: {}", text(block, "cidr")));
        let except = texts(block, "except").collect::<Vec<_>>().join(", ");
        page.line(4, format!("Except: {except}"));
    }
}
