//! Nodes, Leases and EndpointSlices: defaults and validation.
//!
//! Models `ValidateNode` and `validateNodeTaints` (kubernetes `pkg/apis/core/validation/validation.go`),
//! `ValidateLease` (`pkg/apis/coordination/validation`) and `ValidateEndpointSlice` (`pkg/apis/discovery/validation`).

use std::collections::BTreeSet;

use k8s_openapi::api::coordination::v1::LeaseSpec;
use k8s_openapi::api::core::v1::{NodeSpec, NodeStatus, Taint};
use k8s_openapi::api::discovery::v1::EndpointSlice;

use super::field::{Errors, Path, Verbatim};
use super::meta::validate_label_name;
use super::names;
use super::pod::{canonical, validate_ip, validate_protocol, validate_taint_effect};
use crate::quote::quote;

/// What a node can give is what it has, if it says no other.
pub(super) fn default_node_status(status: &mut NodeStatus) {
    if status.allocatable.is_none() {
        status.allocatable.clone_from(&status.capacity);
    }
    for list in [&mut status.capacity, &mut status.allocatable].into_iter().flatten() {
        for amount in list.values_mut() {
            *amount = canonical(amount);
        }
    }
}

/// Validates a node's spec.
pub(super) fn validate_node(errors: &mut Errors, spec: &NodeSpec) {
    let path = Path::new("metadata");
    validate_taints(errors, spec.taints.as_deref().unwrap_or_default(), &path.child("taints"));
}

fn validate_taints(errors: &mut Errors, taints: &[Taint], path: &Path<'_>) {
    let mut seen = BTreeSet::new();
    for (index, taint) in taints.iter().enumerate() {
        let here = path.index(index);
        validate_label_name(errors, &taint.key, &here.child("key"));
        let value = taint.value.as_deref().unwrap_or_default();
        let complaints = names::label_value(value);
        if !complaints.is_empty() {
            errors.invalid(&here.child("value"), value, &complaints.join(";"));
        }
        if taint.effect.is_empty() {
            errors.required(&here.child("effect"), "");
        } else {
            validate_taint_effect(errors, &taint.effect, &here.child("effect"));
        }
        if !seen.insert((&taint.key, &taint.effect)) {
            let shown = format!(
                "{{\"Key\":{},\"Value\":{},\"Effect\":{},\"TimeAdded\":null}}: taints must be unique by key and effect pair",
                quote(&taint.key),
                quote(value),
                quote(&taint.effect)
            );
            errors.duplicate(&here, &Verbatim(shown));
        }
    }
}

/// Validates a node's spec as it replaces the stored one.
pub(super) fn validate_node_update(errors: &mut Errors, spec: &NodeSpec, current: &NodeSpec) {
    let path = Path::new("spec");
    let old = current.pod_cidrs.as_deref().unwrap_or_default();
    if !old.is_empty() && spec.pod_cidrs.as_deref() != Some(old) {
        let detail = "node updates may not change podCIDR except from \"\" to valid";
        errors.forbidden(&path.child("podCIDRs"), detail);
    }
    let provider = current.provider_id.as_deref().unwrap_or_default();
    if !provider.is_empty() && spec.provider_id.as_deref() != Some(provider) {
        let detail = "node updates may not change providerID except from \"\" to valid";
        errors.forbidden(&path.child("providerID"), detail);
    }
    validate_node(errors, spec);
}

/// Validates a Lease's spec.
pub(super) fn validate_lease(errors: &mut Errors, spec: &LeaseSpec) {
    let path = Path::new("spec");
    if let Some(seconds) = spec.lease_duration_seconds.filter(|seconds| *seconds <= 0) {
        errors.invalid(&path.child("leaseDurationSeconds"), &seconds, "must be greater than 0");
    }
    if let Some(transitions) = spec.lease_transitions {
        errors.non_negative(&path.child("leaseTransitions"), transitions);
    }
    if spec.holder_identity.as_deref() == Some("") {
        errors.invalid(&path.child("holderIdentity"), "", "must not be empty");
    }
}

/// Fills in what the author left out.
pub(super) fn default_endpoint_slice(slice: &mut EndpointSlice) {
    for port in slice.ports.iter_mut().flatten() {
        port.name.get_or_insert_default();
        port.protocol.get_or_insert_with(|| "TCP".to_owned());
    }
    for endpoint in slice.endpoints.iter_mut().flatten() {
        endpoint.conditions.get_or_insert_default();
    }
}

/// Validates an EndpointSlice's addresses and ports.
pub(super) fn validate_endpoint_slice(errors: &mut Errors, slice: &EndpointSlice) {
    let path = Path::new("addressType");
    let kinds = &["FQDN", "IPv4", "IPv6"];
    match slice.address_type.as_str() {
        "" => errors.required(&path, ""),
        other if !kinds.contains(&other) => errors.not_supported(&path, other, kinds),
        _ => {}
    }
    let path = Path::new("endpoints");
    for (index, endpoint) in slice.endpoints.iter().flatten().enumerate() {
        let here = path.index(index);
        let addresses_path = here.child("addresses");
        if endpoint.addresses.is_empty() {
            errors.required(&addresses_path, "must contain at least 1 address");
        }
        for (index, address) in endpoint.addresses.iter().enumerate() {
            if slice.address_type == "FQDN" {
                let complaints = names::dns1123_subdomain(address);
                errors.invalid_each(&addresses_path.index(index), address, complaints);
            } else {
                validate_ip(errors, address, &addresses_path.index(index));
            }
        }
    }
    let path = Path::new("ports");
    let mut seen = BTreeSet::new();
    for (index, port) in slice.ports.iter().flatten().enumerate() {
        let here = path.index(index);
        let name = port.name.as_deref().unwrap_or_default();
        if !name.is_empty() {
            errors.invalid_each(&here.child("name"), name, names::dns1123_label(name));
        }
        if !seen.insert(name) {
            errors.duplicate(&here.child("name"), name);
        }
        let protocol = port.protocol.as_deref().unwrap_or_default();
        validate_protocol(errors, protocol, &here.child("protocol"));
    }
}
