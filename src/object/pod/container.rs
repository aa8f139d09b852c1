//! Containers: regular, init and (never in a new Pod) ephemeral ones.
//!
//! Models `validateContainers`, `validateInitContainers`, `validateContainerCommon` and what they call of kubernetes
//! `pkg/apis/core/validation/validation.go`.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1::{
    Container, ContainerPort, ContainerResizePolicy, PodResourceClaim, Volume, VolumeDevice,
    VolumeMount,
};

use super::environment::{validate_env, validate_env_from};
use super::probe::{ProbeUse, validate_lifecycle, validate_probe};
use super::resources::validate_resources;
use super::security::validate_security_context;
use super::text;
use super::volume::{local_path, no_backsteps};
use crate::object::field::{Errors, Path};
use crate::object::names;

/// What a container is validated against: parts of its Pod.
pub(super) struct Surroundings<'a> {
    /// The good volumes, by name.
    pub volumes: BTreeMap<&'a str, &'a Volume>,
    /// The Pod's resource claims.
    pub claims: &'a [PodResourceClaim],
    /// The Pod's grace period.
    pub grace: Option<i64>,
    /// The Pod's restart policy.
    pub restart_policy: &'a str,
    /// Whether containers have the host's users.
    pub host_users: bool,
}

/// Validates the regular containers.
pub(super) fn validate_containers(
    errors: &mut Errors,
    containers: &[Container],
    around: &Surroundings<'_>,
    path: &Path<'_>,
) {
    if containers.is_empty() {
        errors.required(path, "");
        return;
    }
    let mut names = BTreeSet::new();
    for (index, container) in containers.iter().enumerate() {
        let here = path.index(index);
        validate_common(errors, container, around, &here);
        if !names.insert(container.name.as_str()) {
            errors.duplicate(&here.child("name"), &container.name);
        }
        validate_hooks(errors, container, around, &here);
        validate_restart_policy(errors, container, &here, &["Always", "Never", "OnFailure"]);
    }
    validate_host_ports(errors, containers.iter().enumerate(), path);
}

/// Validates the init containers; those that restart always are sidecars and may have probes.
pub(super) fn validate_init_containers(
    errors: &mut Errors,
    containers: &[Container],
    regular: &[Container],
    around: &Surroundings<'_>,
    path: &Path<'_>,
) {
    let mut names: BTreeSet<&str> = regular.iter().map(|one| one.name.as_str()).collect();
    for (index, container) in containers.iter().enumerate() {
        let here = path.index(index);
        validate_common(errors, container, around, &here);
        validate_restart_policy(errors, container, &here, &["Always", "Never", "OnFailure"]);
        if !names.insert(container.name.as_str()) && !container.name.is_empty() {
            errors.duplicate(&here.child("name"), &container.name);
        }
        validate_host_ports(errors, std::iter::once((0, container)), path);
        if container.restart_policy.as_deref() == Some("Always") {
            validate_hooks(errors, container, around, &here);
            continue;
        }
        let unfit = [
            ("lifecycle", container.lifecycle.is_some()),
            ("livenessProbe", container.liveness_probe.is_some()),
            ("readinessProbe", container.readiness_probe.is_some()),
            ("startupProbe", container.startup_probe.is_some()),
        ];
        for (field, set) in unfit {
            if set {
                let detail = "may not be set for init containers without restartPolicy=Always";
                errors.forbidden(&here.child(field), detail);
            }
        }
    }
}

fn validate_restart_policy(
    errors: &mut Errors,
    container: &Container,
    path: &Path<'_>,
    supported: &[&str],
) {
    if let Some(policy) = &container.restart_policy
        && !supported.contains(&policy.as_str())
    {
        errors.not_supported(&path.child("restartPolicy"), policy, supported);
    }
}

/// Lifecycle and probes, in upstream's order.
fn validate_hooks(
    errors: &mut Errors,
    container: &Container,
    around: &Surroundings<'_>,
    path: &Path<'_>,
) {
    if let Some(lifecycle) = &container.lifecycle {
        validate_lifecycle(errors, lifecycle, around.grace, &path.child("lifecycle"));
    }
    let probes = [
        ("livenessProbe", &container.liveness_probe, ProbeUse::Liveness),
        ("readinessProbe", &container.readiness_probe, ProbeUse::Readiness),
        ("startupProbe", &container.startup_probe, ProbeUse::Startup),
    ];
    for (field, probe, usage) in probes {
        if let Some(probe) = probe {
            validate_probe(errors, probe, usage, &path.child(field));
        }
    }
}

fn validate_common(
    errors: &mut Errors,
    container: &Container,
    around: &Surroundings<'_>,
    path: &Path<'_>,
) {
    let name_path = path.child("name");
    if container.name.is_empty() {
        errors.required(&name_path, "");
    } else {
        errors.invalid_each(&name_path, &container.name, names::dns1123_label(&container.name));
    }
    if text(container.image.as_ref()).is_empty() {
        errors.required(&path.child("image"), "");
    }
    let policy = text(container.termination_message_policy.as_ref());
    if !["File", "FallbackToLogsOnError"].contains(&policy) {
        let supported = &["File", "FallbackToLogsOnError"];
        errors.not_supported(&path.child("terminationMessagePolicy"), policy, supported);
    }
    validate_ports(errors, container.ports.as_deref().unwrap_or_default(), &path.child("ports"));
    validate_env(errors, container.env.as_deref().unwrap_or_default(), &path.child("env"));
    let env_from = container.env_from.as_deref().unwrap_or_default();
    validate_env_from(errors, env_from, &path.child("envFrom"));
    validate_mounts(errors, container, around, &path.child("volumeMounts"));
    validate_devices(errors, container, around, &path.child("volumeDevices"));
    let pull = text(container.image_pull_policy.as_ref());
    if !["Always", "IfNotPresent", "Never"].contains(&pull) {
        let supported = &["Always", "IfNotPresent", "Never"];
        errors.not_supported(&path.child("imagePullPolicy"), pull, supported);
    }
    if let Some(resources) = &container.resources {
        validate_resources(errors, resources, around.claims, &path.child("resources"), false);
    }
    let resize = container.resize_policy.as_deref().unwrap_or_default();
    validate_resize_policy(errors, resize, around.restart_policy, &path.child("resizePolicy"));
    if let Some(context) = &container.security_context {
        let here = path.child("securityContext");
        validate_security_context(errors, context, around.host_users, &here);
    }
}

fn validate_ports(errors: &mut Errors, ports: &[ContainerPort], path: &Path<'_>) {
    let mut seen = BTreeSet::new();
    for (index, port) in ports.iter().enumerate() {
        let here = path.index(index);
        if let Some(name) = port.name.as_ref().filter(|name| !name.is_empty()) {
            let complaints = names::port_name(name);
            if complaints.is_empty() && !seen.insert(name.as_str()) {
                errors.duplicate(&here.child("name"), name);
            }
            errors.invalid_each(&here.child("name"), name, complaints);
        }
        let number_path = here.child("containerPort");
        if port.container_port == 0 {
            errors.required(&number_path, "");
        } else {
            let complaints = names::port_number(port.container_port);
            errors.invalid_each(&number_path, &port.container_port, complaints);
        }
        if let Some(host_port) = port.host_port.filter(|host_port| *host_port != 0) {
            let complaints = names::port_number(host_port);
            errors.invalid_each(&here.child("hostPort"), &host_port, complaints);
        }
        validate_protocol(errors, text(port.protocol.as_ref()), &here.child("protocol"));
    }
}

/// A transport protocol, of a container's or Service's port.
pub(crate) fn validate_protocol(errors: &mut Errors, protocol: &str, path: &Path<'_>) {
    match protocol {
        "TCP" | "UDP" | "SCTP" => {}
        "" => errors.required(path, ""),
        other => errors.not_supported(path, other, &["SCTP", "TCP", "UDP"]),
    }
}

/// A host port may be taken once for each protocol and address among these containers.
fn validate_host_ports<'a>(
    errors: &mut Errors,
    containers: impl Iterator<Item = (usize, &'a Container)>,
    path: &Path<'_>,
) {
    let mut taken = BTreeSet::new();
    for (index, container) in containers {
        let here = path.index(index);
        let ports_path = here.child("ports");
        for (port_index, port) in container.ports.iter().flatten().enumerate() {
            let Some(number) = port.host_port.filter(|number| *number != 0) else { continue };
            let protocol = text(port.protocol.as_ref());
            let place = format!("{protocol}/{}/{number}", text(port.host_ip.as_ref()));
            if taken.contains(&place) {
                errors.duplicate(&ports_path.index(port_index).child("hostPort"), &place);
            }
            taken.insert(place);
        }
    }
}

fn validate_mounts(
    errors: &mut Errors,
    container: &Container,
    around: &Surroundings<'_>,
    path: &Path<'_>,
) {
    let devices = container.volume_devices.as_deref().unwrap_or_default();
    let mut points = BTreeSet::new();
    for (index, mount) in container.volume_mounts.iter().flatten().enumerate() {
        let here = path.index(index);
        let (name_path, mount_path) = (here.child("name"), here.child("mountPath"));
        if mount.name.is_empty() {
            errors.required(&name_path, "");
        }
        if !around.volumes.contains_key(mount.name.as_str()) {
            errors.not_found(&name_path, &mount.name);
        }
        if mount.mount_path.is_empty() {
            errors.required(&mount_path, "");
        }
        if !points.insert(mount.mount_path.as_str()) {
            errors.invalid(&mount_path, &mount.mount_path, "must be unique");
        }
        if devices.iter().any(|device| device.name == mount.name) {
            errors.invalid(&name_path, &mount.name, "must not already exist in volumeDevices");
        }
        if devices.iter().any(|device| device.device_path == mount.mount_path) {
            let detail = "must not already exist as a path in volumeDevices";
            errors.invalid(&mount_path, &mount.mount_path, detail);
        }
        validate_sub_path(errors, mount, &here, path);
        validate_mount_modes(errors, mount, container, path);
    }
}

/// Upstream reports a bad sub-path at the list, not at the mount; `list` is its path.
fn validate_sub_path(errors: &mut Errors, mount: &VolumeMount, here: &Path<'_>, list: &Path<'_>) {
    let sub_path = text(mount.sub_path.as_ref());
    let expression = text(mount.sub_path_expr.as_ref());
    if !sub_path.is_empty() {
        local_path(errors, sub_path, &list.child("subPath"));
    }
    if !expression.is_empty() {
        if !sub_path.is_empty() {
            let detail = "subPathExpr and subPath are mutually exclusive";
            errors.invalid(&here.child("subPathExpr"), expression, detail);
        }
        local_path(errors, expression, &list.child("subPathExpr"));
    }
}

fn validate_mount_modes(
    errors: &mut Errors,
    mount: &VolumeMount,
    container: &Container,
    path: &Path<'_>,
) {
    if let Some(mode) = &mount.mount_propagation {
        let here = path.child("mountPropagation");
        let supported = &["Bidirectional", "HostToContainer", "None"];
        if !supported.contains(&mode.as_str()) {
            errors.not_supported(&here, mode, supported);
        }
        let context = container.security_context.as_ref();
        let privileged = context.and_then(|context| context.privileged).unwrap_or(false);
        if mode == "Bidirectional" && !privileged {
            let detail =
                "Bidirectional mount propagation is available only to privileged containers";
            errors.forbidden(&here, detail);
        }
    }
    if let Some(mode) = &mount.recursive_read_only {
        let here = path.child("recursiveReadOnly");
        let propagation = mount.mount_propagation.as_deref().unwrap_or("None");
        match mode.as_str() {
            "Disabled" => {}
            "Enabled" | "IfPossible" => {
                if mount.read_only != Some(true) {
                    let detail = "may only be specified when readOnly is true";
                    errors.forbidden(&here, detail);
                }
                if propagation != "None" {
                    let detail =
                        "may only be specified when mountPropagation is None or not specified";
                    errors.forbidden(&here, detail);
                }
            }
            other => {
                errors.not_supported(&here, other, &["Disabled", "Enabled", "IfPossible"]);
            }
        }
    }
}

fn validate_devices(
    errors: &mut Errors,
    container: &Container,
    around: &Surroundings<'_>,
    path: &Path<'_>,
) {
    let mounts = container.volume_mounts.as_deref().unwrap_or_default();
    let (mut seen_names, mut seen_paths) = (BTreeSet::new(), BTreeSet::new());
    for (index, VolumeDevice { name, device_path }) in
        container.volume_devices.iter().flatten().enumerate()
    {
        let here = path.index(index);
        let (name_path, device_path_path) = (here.child("name"), here.child("devicePath"));
        if name.is_empty() {
            errors.required(&name_path, "");
        }
        if seen_names.contains(name.as_str()) {
            errors.invalid(&name_path, name, "must be unique");
        }
        match around.volumes.get(name.as_str()) {
            None => errors.not_found(&name_path, name),
            Some(volume)
                if volume.persistent_volume_claim.is_none() && volume.ephemeral.is_none() =>
            {
                let detail = "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode";
                errors.invalid(&name_path, name, detail);
            }
            Some(_) => {}
        }
        if device_path.is_empty() {
            errors.required(&device_path_path, "");
        }
        if seen_paths.contains(device_path.as_str()) {
            errors.invalid(&device_path_path, device_path, "must be unique");
        }
        if device_path.is_empty() || no_backsteps(device_path) {
            seen_paths.insert(device_path.as_str());
        } else {
            errors.invalid(&device_path_path, device_path, "can not contain backsteps ('..')");
        }
        if mounts.iter().any(|mount| mount.name == *name) {
            errors.invalid(&name_path, name, "must not already exist in volumeMounts");
        }
        if mounts.iter().any(|mount| mount.mount_path == *device_path) {
            let detail = "must not already exist as a path in volumeMounts";
            errors.invalid(&device_path_path, device_path, detail);
        }
        seen_names.insert(name.as_str());
    }
}

fn validate_resize_policy(
    errors: &mut Errors,
    policies: &[ContainerResizePolicy],
    restart_policy: &str,
    path: &Path<'_>,
) {
    let mut seen = BTreeSet::new();
    for (index, policy) in policies.iter().enumerate() {
        if !seen.insert(policy.resource_name.as_str()) {
            errors.duplicate(&path.index(index), &policy.resource_name);
        }
        let fields = [
            (&policy.resource_name, ["cpu", "memory"]),
            (&policy.restart_policy, ["NotRequired", "RestartContainer"]),
        ];
        for (value, supported) in fields {
            if value.is_empty() {
                errors.required(path, "");
            } else if !supported.contains(&value.as_str()) {
                errors.not_supported(path, value, &supported);
            }
        }
        if restart_policy == "Never" && policy.restart_policy != "NotRequired" {
            let detail = "must be 'NotRequired' when `restartPolicy` is 'Never'";
            errors.invalid(path, &policy.restart_policy, detail);
        }
    }
}

/// What only Pods are held to, not templates: no blanks around an image's name.
pub(super) fn validate_images(errors: &mut Errors, containers: &[Container], path: &Path<'_>) {
    for (index, container) in containers.iter().enumerate() {
        let image = text(container.image.as_ref());
        if image.trim() != image {
            let detail = "must not have leading or trailing whitespace";
            errors.invalid(&path.index(index).child("image"), image, detail);
        }
    }
}
