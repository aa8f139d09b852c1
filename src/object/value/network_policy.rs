//! NetworkPolicies: defaults, validation, warnings.
//!
//! Models kubernetes `pkg/apis/networking/validation/validation.go`, `pkg/apis/networking/v1/defaults.go`,
//! `pkg/registry/networking/networkpolicy/strategy.go` and apimachinery `pkg/util/validation/ip.go`, which lets
//! addresses of a sloppy form through and warns of them.

use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use serde_json::{Map, Value};

use super::ValueBody;
use super::look::{
    default_to, each, given, inside, int_or_string, list, network, number, parse_cidr, text, texts,
    validate_selector_at,
};
use super::rules::{PLAIN, Rules};
use crate::object::field::{Errors, Path};
use crate::object::warnings::warn_of_cidr;
use crate::object::{Object, names};

pub(super) const NETWORK_POLICY: Rules = Rules { default, validate, warn, ..PLAIN };

/// The two directions: the field of the rules, and in a rule that of the other side.
const DIRECTIONS: [(&str, &str); 2] = [("ingress", "from"), ("egress", "to")];

fn default(fields: &mut Map<String, Value>) {
    let Some(spec) = inside(fields, "spec") else { return };
    for (direction, _) in DIRECTIONS {
        for rule in each(spec, direction) {
            each(rule, "ports").for_each(|port| default_to(port, "protocol", "TCP"));
        }
    }
    let has = |field: &str| {
        spec.get(field).and_then(Value::as_array).is_some_and(|items| !items.is_empty())
    };
    if !has("policyTypes") {
        let mut types = vec![Value::from("Ingress")];
        if has("egress") {
            types.push(Value::from("Egress"));
        }
        spec.insert("policyTypes".to_owned(), Value::Array(types));
    }
}

fn validate(errors: &mut Errors, _: &Object, body: &ValueBody) {
    let (spec, path) = (body.spec(), Path::new("spec"));
    let selector = spec.get("podSelector").unwrap_or(&Value::Null);
    validate_selector_at(errors, selector, &path.child("podSelector"));
    for (direction, side) in DIRECTIONS {
        let rules_path = path.child(direction);
        for (index, rule) in list(spec, direction).iter().enumerate() {
            let here = rules_path.index(index);
            let ports_path = here.child("ports");
            for (index, port) in list(rule, "ports").iter().enumerate() {
                validate_port(errors, port, &ports_path.index(index));
            }
            let peers_path = here.child(side);
            for (index, peer) in list(rule, side).iter().enumerate() {
                validate_peer(errors, peer, &peers_path.index(index));
            }
        }
    }
    let types_path = path.child("policyTypes");
    if list(spec, "policyTypes").len() > 2 {
        let shown = spec.get("policyTypes").cloned().unwrap_or_default();
        errors.invalid(&types_path, &shown, "may not specify more than two policyTypes");
        return;
    }
    for (index, one) in texts(spec, "policyTypes").enumerate() {
        let known = &["Ingress", "Egress"];
        if !known.contains(&one) {
            errors.not_supported(&types_path.index(index), one, known);
        }
    }
}

fn validate_port(errors: &mut Errors, port: &Value, path: &Path<'_>) {
    if let Some(protocol) = given(port, "protocol").and_then(Value::as_str) {
        let known = &["TCP", "UDP", "SCTP"];
        if !known.contains(&protocol) {
            errors.not_supported(&path.child("protocol"), protocol, known);
        }
    }
    let (here, end_path) = (path.child("port"), path.child("endPort"));
    let end = number(port, "endPort");
    match (given(port, "port").map(int_or_string), end) {
        (Some(IntOrString::Int(first)), end) => {
            errors.invalid_each(&here, &first, names::port_number(first));
            if let Some(end) = end {
                if end < i64::from(first) {
                    errors.invalid(&end_path, &end, "must be greater than or equal to `port`");
                }
                let found = names::port_number(i32::try_from(end).unwrap_or(0));
                errors.invalid_each(&end_path, &end, found);
            }
        }
        (Some(IntOrString::String(name)), end) => {
            if let Some(end) = end {
                let detail = "may not be specified when `port` is non-numeric";
                errors.invalid(&end_path, &end, detail);
            }
            errors.invalid_each(&here, &name, names::port_name(&name));
        }
        (None, Some(end)) => {
            errors.invalid(&end_path, &end, "may not be specified when `port` is not specified");
        }
        (None, None) => {}
    }
}

fn validate_peer(errors: &mut Errors, peer: &Value, path: &Path<'_>) {
    let mut peers = 0;
    for field in ["podSelector", "namespaceSelector"] {
        if let Some(selector) = given(peer, field) {
            peers += 1;
            validate_selector_at(errors, selector, &path.child(field));
        }
    }
    match (given(peer, "ipBlock"), peers) {
        (Some(block), _) => {
            validate_block(errors, block, &path.child("ipBlock"));
            if peers > 0 {
                errors.forbidden(path, "may not specify both ipBlock and another peer");
            }
        }
        (None, 0) => errors.required(path, "must specify a peer"),
        (None, _) => {}
    }
}

fn validate_block(errors: &mut Errors, block: &Value, path: &Path<'_>) {
    let cidr = text(block, "cidr");
    let here = path.child("cidr");
    if cidr.is_empty() {
        errors.required(&here, "");
        return;
    }
    let Some((whole, length)) = validate_cidr(errors, cidr, &here) else { return };
    let excepts_path = path.child("except");
    for (index, except) in texts(block, "except").enumerate() {
        let here = excepts_path.index(index);
        let Some((part, part_length)) = validate_cidr(errors, except, &here) else { continue };
        let within = part.is_ipv4() == whole.is_ipv4()
            && network(part, length) == network(whole, length)
            && part_length > length;
        if !within {
            errors.invalid(&here, except, "must be a strict subset of `cidr`");
        }
    }
}

fn validate_cidr(
    errors: &mut Errors,
    cidr: &str,
    path: &Path<'_>,
) -> Option<(std::net::IpAddr, u32)> {
    let parsed = parse_cidr(cidr);
    if parsed.is_none() {
        let detail = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";
        errors.invalid(path, cidr, detail);
    }
    parsed
}

fn warn(found: &mut Vec<String>, _: &Object, body: &ValueBody) {
    let path = Path::new("spec");
    for (direction, side) in DIRECTIONS {
        let rules_path = path.child(direction);
        for (index, rule) in list(body.spec(), direction).iter().enumerate() {
            let here = rules_path.index(index);
            let peers_path = here.child(side);
            for (index, peer) in list(rule, side).iter().enumerate() {
                let Some(block) = given(peer, "ipBlock") else { continue };
                let peer_path = peers_path.index(index);
                let block_path = peer_path.child("ipBlock");
                warn_of_cidr(found, text(block, "cidr"), &block_path.child("cidr"));
                let excepts_path = block_path.child("except");
                for (index, except) in texts(block, "except").enumerate() {
                    warn_of_cidr(found, except, &excepts_path.index(index));
                }
            }
        }
    }
}
