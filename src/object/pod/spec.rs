//! A Pod's spec as a whole, in Pods and in templates.
//!
//! Models `validatePodMetadataAndSpec`, `ValidatePodSpec` and `ValidatePodTemplateSpec` of kubernetes
//! `pkg/apis/core/validation/validation.go`.

use std::collections::BTreeMap;
use std::net::IpAddr;

use k8s_openapi::api::core::v1::{Pod, PodDNSConfig, PodSpec, PodTemplateSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::affinity::{validate_affinity, validate_spread, validate_tolerations};
use super::container::{
    Surroundings, validate_containers, validate_images, validate_init_containers,
};
use super::resources::validate_resources;
use super::security::validate_pod_security_context;
use super::text;
use super::volume::validate_volumes;
use crate::object::field::{Errors, Path};
use crate::object::meta::{validate_annotations, validate_labels, validate_meta};
use crate::object::names;

/// Validates a new Pod.
pub fn validate_pod(errors: &mut Errors, pod: &Pod) {
    validate_pod_again(errors, &pod.metadata, pod.spec.as_ref());
    let Some(spec) = &pod.spec else { return };
    let path = Path::new("spec");
    if spec.ephemeral_containers.as_ref().is_some_and(|list| !list.is_empty()) {
        errors.forbidden(&path.child("ephemeralContainers"), "cannot be set on create");
    }
    let gated = spec.scheduling_gates.as_ref().is_some_and(|list| !list.is_empty());
    if gated && !text(spec.node_name.as_ref()).is_empty() {
        let detail = "cannot be set until all schedulingGates have been cleared";
        errors.forbidden(&path.child("nodeName"), detail);
    }
}

/// Validates what must hold of a Pod at every write.
pub(super) fn validate_pod_again(errors: &mut Errors, meta: &ObjectMeta, spec: Option<&PodSpec>) {
    validate_meta(errors, meta, true, names::dns1123_subdomain);
    let Some(spec) = spec else { return };
    let path = Path::new("spec");
    validate_pod_annotations(errors, meta.annotations.as_ref(), &Path::new("metadata"));
    validate_spec(errors, spec, &path, true);
    validate_images(errors, &spec.containers, &path.child("containers"));
    let init = spec.init_containers.as_deref().unwrap_or_default();
    validate_images(errors, init, &path.child("initContainers"));
}

fn validate_pod_annotations(
    errors: &mut Errors,
    annotations: Option<&BTreeMap<String, String>>,
    path: &Path<'_>,
) {
    const DELETION_COST: &str = "controller.kubernetes.io/pod-deletion-cost";
    let Some(cost) = annotations.and_then(|annotations| annotations.get(DELETION_COST)) else {
        return;
    };
    if cost.parse::<i32>().is_err()
        || cost.starts_with('+')
        || (cost.starts_with('0') && cost.len() > 1)
    {
        let here = path.child("annotations");
        errors.invalid(&here.key(DELETION_COST), cost, "must be a 32bit integer");
    }
}

/// Validates a Pod template.
pub fn validate_template(errors: &mut Errors, template: &PodTemplateSpec, path: &Path<'_>) {
    let empty = ObjectMeta::default();
    let meta = template.metadata.as_ref().unwrap_or(&empty);
    if let Some(labels) = &meta.labels {
        validate_labels(errors, labels, &path.child("labels"));
    }
    if let Some(annotations) = &meta.annotations {
        validate_annotations(errors, annotations, &path.child("annotations"));
    }
    validate_pod_annotations(errors, meta.annotations.as_ref(), path);
    let empty = PodSpec::default();
    let spec = template.spec.as_ref().unwrap_or(&empty);
    let spec_path = path.child("spec");
    validate_spec(errors, spec, &spec_path, false);
    if spec.ephemeral_containers.as_ref().is_some_and(|list| !list.is_empty()) {
        let detail = "ephemeral containers not allowed in pod template";
        errors.forbidden(&spec_path.child("ephemeralContainers"), detail);
    }
}

/// Validates a spec; a Pod's host ports must be set where a template's may come from defaults.
fn validate_spec(errors: &mut Errors, spec: &PodSpec, path: &Path<'_>, is_pod: bool) {
    let restart_policy = text(spec.restart_policy.as_ref());
    let claims = spec.resource_claims.as_deref().unwrap_or_default();
    let volumes = spec.volumes.as_deref().unwrap_or_default();
    let around = Surroundings {
        volumes: validate_volumes(errors, volumes, &path.child("volumes")),
        claims,
        grace: spec.termination_grace_period_seconds,
        restart_policy,
        host_users: spec.host_users.unwrap_or(true),
    };
    let init = spec.init_containers.as_deref().unwrap_or_default();
    validate_containers(errors, &spec.containers, &around, &path.child("containers"));
    let init_path = path.child("initContainers");
    validate_init_containers(errors, init, &spec.containers, &around, &init_path);
    if let Some(resources) = &spec.resources {
        validate_resources(errors, resources, claims, &path.child("resources"), true);
    }
    validate_host_network(errors, spec, path, is_pod);
    let policies = &["Always", "OnFailure", "Never"];
    if !policies.contains(&restart_policy) {
        errors.not_supported(&path.child("restartPolicy"), restart_policy, policies);
    }
    let dns_policy = text(spec.dns_policy.as_ref());
    let policies = &["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"];
    if !policies.contains(&dns_policy) {
        errors.not_supported(&path.child("dnsPolicy"), dns_policy, policies);
    }
    if let Some(selector) = &spec.node_selector {
        validate_labels(errors, selector, &path.child("nodeSelector"));
    }
    if let Some(context) = &spec.security_context {
        validate_pod_security_context(errors, context, spec, &path.child("securityContext"));
    }
    if let Some(affinity) = &spec.affinity {
        validate_affinity(errors, affinity, &path.child("affinity"));
    }
    validate_dns_config(errors, spec.dns_config.as_ref(), dns_policy, &path.child("dnsConfig"));
    validate_gates(errors, spec, path);
    let spread = spec.topology_spread_constraints.as_deref().unwrap_or_default();
    validate_spread(errors, spread, &path.child("topologySpreadConstraints"));
    validate_host_users(errors, spec, path);
    validate_names(errors, spec, path);
}

fn validate_host_network(errors: &mut Errors, spec: &PodSpec, path: &Path<'_>, is_pod: bool) {
    if spec.host_network != Some(true) {
        return;
    }
    let containers_path = path.child("containers");
    for (index, container) in spec.containers.iter().enumerate() {
        let here = containers_path.index(index);
        let ports_path = here.child("ports");
        for (port_index, port) in container.ports.iter().flatten().enumerate() {
            let host_port = port.host_port.unwrap_or(0);
            if (is_pod || host_port != 0) && host_port != port.container_port {
                let detail = "must match `containerPort` when `hostNetwork` is true";
                let here = ports_path.index(port_index);
                errors.invalid(&here.child("hostPort"), &host_port, detail);
            }
        }
    }
}

fn validate_dns_config(
    errors: &mut Errors,
    config: Option<&PodDNSConfig>,
    policy: &str,
    path: &Path<'_>,
) {
    let servers_path = path.child("nameservers");
    let Some(config) = config else {
        if policy == "None" {
            errors.required(path, "must provide `dnsConfig` when `dnsPolicy` is None");
        }
        return;
    };
    let servers = config.nameservers.as_deref().unwrap_or_default();
    if policy == "None" && servers.is_empty() {
        let detail = "must provide at least one DNS nameserver when `dnsPolicy` is None";
        errors.required(&servers_path, detail);
        return;
    }
    if servers.len() > 3 {
        errors.invalid(&servers_path, servers, "must not have more than 3 nameservers");
    }
    for (index, server) in servers.iter().enumerate() {
        validate_ip(errors, server, &servers_path.index(index));
    }
    let searches = config.searches.as_deref().unwrap_or_default();
    let searches_path = path.child("searches");
    if searches.len() > 32 {
        errors.invalid(&searches_path, searches, "must not have more than 32 search paths");
    }
    if searches.join(" ").len() > 2048 {
        let detail =
            "must not have more than 2048 characters (including spaces) in the search list";
        errors.invalid(&searches_path, searches, detail);
    }
    for (index, search) in searches.iter().enumerate().filter(|(_, search)| *search != ".") {
        let search = search.strip_suffix('.').unwrap_or(search);
        let complaints = names::dns1123_subdomain_with_underscore(search);
        errors.invalid_each(&searches_path.index(index), search, complaints);
    }
    let options_path = path.child("options");
    for (index, option) in config.options.iter().flatten().enumerate() {
        if text(option.name.as_ref()).is_empty() {
            errors.required(&options_path.index(index), "must not be empty");
        }
    }
}

/// An IP address of either family.
pub(crate) fn validate_ip(errors: &mut Errors, address: &str, path: &Path<'_>) {
    if address.parse::<IpAddr>().is_err() {
        let detail = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
        errors.invalid(path, address, detail);
    }
}

fn validate_gates(errors: &mut Errors, spec: &PodSpec, path: &Path<'_>) {
    let readiness_path = path.child("readinessGates");
    for (index, gate) in spec.readiness_gates.iter().flatten().enumerate() {
        let here = readiness_path.index(index);
        let complaints = names::qualified_name(&gate.condition_type);
        errors.invalid_each(&here.child("conditionType"), &gate.condition_type, complaints);
    }
    let scheduling_path = path.child("schedulingGates");
    let mut seen: Vec<&str> = Vec::new();
    for (index, gate) in spec.scheduling_gates.iter().flatten().enumerate() {
        let here = scheduling_path.index(index);
        errors.invalid_each(&here, &gate.name, names::qualified_name(&gate.name));
        if seen.contains(&gate.name.as_str()) {
            errors.duplicate(&here, &gate.name);
        }
        seen.push(&gate.name);
    }
}

fn validate_host_users(errors: &mut Errors, spec: &PodSpec, path: &Path<'_>) {
    if spec.host_users != Some(false) {
        return;
    }
    let shared = [
        ("hostNetwork", spec.host_network),
        ("HostPID", spec.host_pid),
        ("HostIPC", spec.host_ipc),
    ];
    for (field, set) in shared {
        if set == Some(true) {
            errors.forbidden(&path.child(field), "when `pod.Spec.HostUsers` is false");
        }
    }
}

/// The names, numbers and small lists at the end of upstream's function.
fn validate_names(errors: &mut Errors, spec: &PodSpec, path: &Path<'_>) {
    let subdomain = names::dns1123_subdomain as fn(&str) -> Vec<String>;
    let check = |errors: &mut Errors,
                 field: &str,
                 value: &Option<String>,
                 rule: fn(&str) -> Vec<String>| {
        let value = text(value.as_ref());
        if !value.is_empty() {
            errors.invalid_each(&path.child(field), value, rule(value));
        }
    };
    check(errors, "serviceAccountName", &spec.service_account_name, subdomain);
    check(errors, "nodeName", &spec.node_name, subdomain);
    if let Some(deadline) = spec.active_deadline_seconds
        && !(1..=i64::from(i32::MAX)).contains(&deadline)
    {
        let detail = names::range_error(1, i64::from(i32::MAX));
        errors.invalid(&path.child("activeDeadlineSeconds"), &deadline, &detail);
    }
    check(errors, "hostname", &spec.hostname, names::dns1123_label);
    check(errors, "subdomain", &spec.subdomain, names::dns1123_label);
    let tolerations = spec.tolerations.as_deref().unwrap_or_default();
    validate_tolerations(errors, tolerations, &path.child("tolerations"));
    let aliases_path = path.child("hostAliases");
    for (index, alias) in spec.host_aliases.iter().flatten().enumerate() {
        let here = aliases_path.index(index);
        validate_ip(errors, &alias.ip, &here.child("ip"));
        let names_path = here.child("hostnames");
        for (name_index, name) in alias.hostnames.iter().flatten().enumerate() {
            errors.invalid_each(
                &names_path.index(name_index),
                name,
                names::dns1123_subdomain(name),
            );
        }
    }
    check(errors, "priorityClassName", &spec.priority_class_name, subdomain);
    if let Some(class) = &spec.runtime_class_name {
        errors.invalid_each(&path.child("runtimeClassName"), class, subdomain(class));
    }
    if let Some(policy) = &spec.preemption_policy {
        let supported = &["PreemptLowerPriority", "Never"];
        if !supported.contains(&policy.as_str()) {
            errors.not_supported(&path.child("preemptionPolicy"), policy, supported);
        }
    }
    if let Some(os) = &spec.os {
        let here = path.child("os");
        if os.name.is_empty() {
            errors.required(&here.child("name"), "cannot be empty");
        } else if !["linux", "windows"].contains(&os.name.as_str()) {
            errors.not_supported(&here, &os.name, &["linux", "windows"]);
        }
    }
}
