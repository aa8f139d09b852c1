//! Endpoints: defaults, validation, warnings.
//!
//! Models `SetDefaults_EndpointPort`s of kubernetes `pkg/apis/core/v1/defaults.go`, `ValidateEndpoints` of
//! `pkg/apis/core/validation/validation.go` and `pkg/registry/core/endpoint/strategy.go`.

use std::net::IpAddr;

use serde_json::{Map, Value};

use super::ValueBody;
use super::look::{default_text, each, given, list, number, parse_ip, text};
use super::rules::{PLAIN, Rules};
use crate::object::field::{Errors, Path};
use crate::object::warnings::warn_of_address;
use crate::object::{Object, names};

pub(super) const ENDPOINTS: Rules = Rules { default, validate, warn, ..PLAIN };

fn default(fields: &mut Map<String, Value>) {
    for subset in each(fields, "subsets") {
        each(subset, "ports").for_each(|port| default_text(port, "protocol", "TCP"));
    }
}

fn subsets(body: &ValueBody) -> &[Value] {
    body.field("subsets").as_array().map(Vec::as_slice).unwrap_or_default()
}

fn validate(errors: &mut Errors, _: &Object, body: &ValueBody) {
    let path = Path::new("subsets");
    for (index, subset) in subsets(body).iter().enumerate() {
        let here = path.index(index);
        let lists = ["addresses", "notReadyAddresses"];
        if lists.iter().all(|field| list(subset, field).is_empty()) {
            errors.required(&here, "must specify `addresses` or `notReadyAddresses`");
        }
        for field in lists {
            let addresses_path = here.child(field);
            for (index, address) in list(subset, field).iter().enumerate() {
                validate_address(errors, address, &addresses_path.index(index));
            }
        }
        let (ports, ports_path) = (list(subset, "ports"), here.child("ports"));
        for (index, port) in ports.iter().enumerate() {
            validate_port(errors, port, ports.len() > 1, &ports_path.index(index));
        }
    }
}

fn validate_address(errors: &mut Errors, address: &Value, path: &Path<'_>) {
    let (ip, here) = (text(address, "ip"), path.child("ip"));
    let parsed = parse_ip(ip);
    if parsed.is_none() {
        let detail = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
        errors.invalid(&here, ip, detail);
    }
    let hostname = text(address, "hostname");
    if !hostname.is_empty() {
        errors.invalid_each(&path.child("hostname"), hostname, names::dns1123_label(hostname));
    }
    if let Some(node) = given(address, "nodeName").and_then(Value::as_str) {
        errors.invalid_each(&path.child("nodeName"), node, names::dns1123_subdomain(node));
    }
    let Some(parsed) = parsed else {
        errors.invalid(&here, ip, "must be a valid IP address");
        return;
    };
    if let Some(problem) = special(parsed) {
        errors.invalid(&here, ip, problem);
    }
}

/// Why no endpoint can have this address (`ValidateNonSpecialIP`).
fn special(ip: IpAddr) -> Option<&'static str> {
    let link_local = match ip {
        IpAddr::V4(ip) => ip.is_link_local(),
        IpAddr::V6(ip) => ip.segments()[0] & 0xffc0 == 0xfe80,
    };
    let link_local_multicast = match ip {
        IpAddr::V4(ip) => ip.octets()[..3] == [224, 0, 0],
        IpAddr::V6(ip) => ip.segments()[0] & 0xff0f == 0xff02,
    };
    if ip.is_unspecified() {
        Some("may not be unspecified (0.0.0.0 or ::)")
    } else if ip.is_loopback() {
        Some("may not be in the loopback range (127.0.0.0/8, ::1/128)")
    } else if link_local {
        Some("may not be in the link-local range (169.254.0.0/16, fe80::/10)")
    } else if link_local_multicast {
        Some("may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)")
    } else {
        None
    }
}

fn validate_port(errors: &mut Errors, port: &Value, named: bool, path: &Path<'_>) {
    let (name, here) = (text(port, "name"), path.child("name"));
    if name.is_empty() && named {
        errors.required(&here, "");
    } else if !name.is_empty() {
        errors.invalid_each(&here, name, names::dns1123_label(name));
    }
    let number = number(port, "port").unwrap_or(0);
    let found = names::port_number(i32::try_from(number).unwrap_or(0));
    errors.invalid_each(&path.child("port"), &number, found);
    let protocol = text(port, "protocol");
    if protocol.is_empty() {
        errors.required(&path.child("protocol"), "");
    } else {
        crate::object::pod::validate_protocol(errors, protocol, &path.child("protocol"));
    }
    if let Some(protocol) = given(port, "appProtocol").and_then(Value::as_str) {
        let found = names::qualified_name(protocol);
        errors.invalid_each(&path.child("appProtocol"), protocol, found);
    }
}

/// What every answer about Endpoints is headed with.
pub const DEPRECATED: &str =
    "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice";

/// That the kind is deprecated, and `GetWarningsForIP` for each address.
fn warn(found: &mut Vec<String>, _: &Object, body: &ValueBody) {
    found.push(DEPRECATED.to_owned());
    let path = Path::new("subsets");
    for (index, subset) in subsets(body).iter().enumerate() {
        let here = path.index(index);
        for field in ["addresses", "notReadyAddresses"] {
            let addresses_path = here.child(field);
            for (index, address) in list(subset, field).iter().enumerate() {
                let address_path = addresses_path.index(index);
                warn_of_address(found, text(address, "ip"), &address_path.child("ip"));
            }
        }
    }
}
