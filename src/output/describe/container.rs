//! Containers of a Pod or of a template.
//!
//! Models `describeContainers` and what it calls. A template's containers stand one blank further in and have no state.

use k8s_openapi::api::core::v1::{
    Container, ContainerPort, ContainerState, ContainerStatus, EnvVar, EnvVarSource, Probe,
};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::page::{Page, or_none, rfc1123, title_bool};
use crate::object::Object;
use crate::object::pod::resource_field;
use crate::order;
use crate::quantity::Quantity;

/// Containers under a title. `pod` is the Pod that they belong to, for what its environment says of it.
pub(super) fn describe(
    page: &mut Page,
    title: &str,
    containers: &[Container],
    statuses: Option<&[ContainerStatus]>,
    pod: Option<&Object>,
) {
    let in_template = title.starts_with(' ');
    let none = if containers.is_empty() { " <none>" } else { "" };
    page.line(0, format!("{title}:{none}"));
    for container in containers {
        let status =
            statuses.unwrap_or_default().iter().find(|status| status.name == container.name);
        let indent = if in_template { " " } else { "" };
        page.line(1, format!("{indent}{}:", container.name));
        basics(page, container, status);
        command(page, "Command", container.command.as_deref());
        command(page, "Args", container.args.as_deref());
        if let Some(status) = status {
            states(page, status);
        }
        resources(page, container);
        probes(page, container);
        env_from(page, container);
        env(page, container, pod);
        mounts(page, container);
    }
}

fn basics(page: &mut Page, container: &Container, status: Option<&ContainerStatus>) {
    if let Some(status) = status {
        page.field(2, "Container ID", status.container_id.as_deref().unwrap_or_default());
    }
    page.field(2, "Image", container.image.as_deref().unwrap_or_default());
    if let Some(status) = status {
        page.field(2, "Image ID", &status.image_id);
    }
    let all = container.ports.as_deref().unwrap_or_default();
    for (label, of) in [
        ("Port", (|port| port.container_port) as fn(&ContainerPort) -> i32),
        ("Host Port", |port| port.host_port.unwrap_or(0)),
    ] {
        let text = ports(all, of);
        let plural = if text.contains(',') { "s" } else { "" };
        page.field(2, &format!("{label}{plural}"), or_none(&text));
    }
}

fn ports(ports: &[ContainerPort], number: fn(&ContainerPort) -> i32) -> String {
    let one = |port: &ContainerPort| {
        let protocol = port.protocol.as_deref().unwrap_or("TCP");
        match port.name.as_deref().filter(|name| !name.is_empty()) {
            Some(name) => format!("{}/{protocol} ({name})", number(port)),
            None => format!("{}/{protocol}", number(port)),
        }
    };
    ports.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn command(page: &mut Page, title: &str, words: Option<&[String]>) {
    let words = words.unwrap_or_default();
    if words.is_empty() {
        return;
    }
    page.line(2, format!("{title}:"));
    for line in words.iter().flat_map(|word| word.split('\n')) {
        page.line(3, line);
    }
}

fn states(page: &mut Page, status: &ContainerStatus) {
    state(page, "State", status.state.as_ref());
    if let Some(last) = status.last_state.as_ref().filter(|last| last.terminated.is_some()) {
        state(page, "Last State", Some(last));
    }
    page.field(2, "Ready", title_bool(status.ready));
    page.field(2, "Restart Count", status.restart_count);
}

fn state(page: &mut Page, title: &str, state: Option<&ContainerState>) {
    let Some(state) = state else { return page.field(2, title, "Waiting") };
    if let Some(running) = &state.running {
        page.field(2, title, "Running");
        page.field(3, "Started", rfc1123(running.started_at.as_ref()));
    } else if let Some(waiting) = &state.waiting {
        page.field(2, title, "Waiting");
        page.field_if(3, "Reason", waiting.reason.as_deref());
    } else if let Some(end) = &state.terminated {
        page.field(2, title, "Terminated");
        page.field_if(3, "Reason", end.reason.as_deref());
        page.field_if(3, "Message", end.message.as_deref());
        page.field(3, "Exit Code", end.exit_code);
        if let Some(signal) = end.signal.filter(|signal| *signal > 0) {
            page.field(3, "Signal", signal);
        }
        page.field(3, "Started", rfc1123(end.started_at.as_ref()));
        page.field(3, "Finished", rfc1123(end.finished_at.as_ref()));
    } else {
        page.field(2, title, "Waiting");
    }
}

fn resources(page: &mut Page, container: &Container) {
    let Some(resources) = &container.resources else { return };
    for (title, list) in [("Limits", &resources.limits), ("Requests", &resources.requests)] {
        let Some(list) = list.as_ref().filter(|list| !list.is_empty()) else { continue };
        page.line(2, format!("{title}:"));
        for (name, quantity) in list {
            page.field(3, name, canonical(&quantity.0));
        }
    }
}

/// A quantity in its shortest form.
pub(super) fn canonical(quantity: &str) -> String {
    Quantity::parse(quantity).map_or_else(|_| quantity.to_owned(), |quantity| quantity.to_string())
}

fn probes(page: &mut Page, container: &Container) {
    for (title, probe) in [
        ("Liveness", &container.liveness_probe),
        ("Readiness", &container.readiness_probe),
        ("Startup", &container.startup_probe),
    ] {
        if let Some(probe) = probe {
            page.field(2, title, probe_text(probe));
        }
    }
}

/// `http-get http://:80/healthz delay=0s timeout=1s period=10s #success=1 #failure=3` (`DescribeProbe`).
fn probe_text(probe: &Probe) -> String {
    let number = |value: Option<i32>| value.unwrap_or(0);
    let numbers = format!(
        "delay={}s timeout={}s period={}s #success={} #failure={}",
        number(probe.initial_delay_seconds),
        number(probe.timeout_seconds),
        number(probe.period_seconds),
        number(probe.success_threshold),
        number(probe.failure_threshold)
    );
    if let Some(exec) = &probe.exec {
        let words = exec.command.as_deref().unwrap_or_default().join(" ");
        format!("exec [{words}] {numbers}")
    } else if let Some(get) = &probe.http_get {
        let scheme = get.scheme.as_deref().unwrap_or("HTTP").to_lowercase();
        let host = get.host.as_deref().unwrap_or_default();
        let port = port_text(&get.port);
        let path = get.path.as_deref().unwrap_or_default();
        let slash = if path.is_empty() || path.starts_with('/') { "" } else { "/" };
        format!("http-get {scheme}://{host}:{port}{slash}{path} {numbers}")
    } else if let Some(tcp) = &probe.tcp_socket {
        let host = tcp.host.as_deref().unwrap_or_default();
        format!("tcp-socket {host}:{} {numbers}", port_text(&tcp.port))
    } else if let Some(grpc) = &probe.grpc {
        let service = grpc.service.as_deref().unwrap_or_default();
        format!("grpc <pod>:{} {service} {numbers}", grpc.port)
    } else {
        format!("unknown {numbers}")
    }
}

/// A port's number or name.
pub(super) fn port_text(port: &IntOrString) -> String {
    match port {
        IntOrString::Int(number) => number.to_string(),
        IntOrString::String(name) => name.clone(),
    }
}

fn env_from(page: &mut Page, container: &Container) {
    let sources = container.env_from.as_deref().unwrap_or_default();
    if sources.is_empty() {
        return;
    }
    page.line(2, "Environment Variables from:");
    for source in sources {
        let (kind, name, optional) = match (&source.config_map_ref, &source.secret_ref) {
            (Some(map), _) => ("ConfigMap", map.name.as_str(), map.optional),
            (None, Some(secret)) => ("Secret", secret.name.as_str(), secret.optional),
            (None, None) => ("", "", None),
        };
        let prefix = match source.prefix.as_deref() {
            Some(prefix) if !prefix.is_empty() => format!(" with prefix '{prefix}'"),
            _ => String::new(),
        };
        let optional = optional.unwrap_or(false);
        page.line(3, format!("{name}\t{kind}{prefix}\tOptional: {optional}"));
    }
}

fn env(page: &mut Page, container: &Container, pod: Option<&Object>) {
    let variables = container.env.as_deref().unwrap_or_default();
    page.line(2, if variables.is_empty() { "Environment:\t<none>" } else { "Environment:" });
    for variable in variables {
        if let Some(source) = &variable.value_from {
            env_from_elsewhere(page, container, variable, source, pod);
            continue;
        }
        let value = variable.value.as_deref().unwrap_or_default();
        for (index, line) in value.split('\n').enumerate() {
            if index == 0 {
                page.field(3, &variable.name, line);
            } else {
                page.line(3, format!("\t{line}"));
            }
        }
    }
}

fn env_from_elsewhere(
    page: &mut Page,
    container: &Container,
    variable: &EnvVar,
    source: &EnvVarSource,
    pod: Option<&Object>,
) {
    let name = &variable.name;
    if let Some(field) = &source.field_ref {
        let value = pod.map(|pod| metadata_field(pod, &field.field_path)).unwrap_or_default();
        let version = field.api_version.as_deref().unwrap_or_default();
        page.line(3, format!("{name}:\t{value} ({version}:{})", field.field_path));
    } else if let Some(resource) = &source.resource_field_ref {
        let limit = matches!(resource.resource.as_str(), "limits.cpu" | "limits.memory");
        let value = match resource_field(container, resource) {
            0 if limit => "node allocatable".to_owned(),
            value => value.to_string(),
        };
        page.line(3, format!("{name}:\t{value} ({})", resource.resource));
    } else if let Some(secret) = &source.secret_key_ref {
        let optional = secret.optional.unwrap_or(false);
        let (key, of) = (&secret.key, &secret.name);
        page.line(
            3,
            format!("{name}:\t<set to the key '{key}' in secret '{of}'>\tOptional: {optional}"),
        );
    } else if let Some(map) = &source.config_map_key_ref {
        let optional = map.optional.unwrap_or(false);
        let (key, of) = (&map.key, &map.name);
        page.line(
            3,
            format!("{name}:\t<set to the key '{key}' of config map '{of}'>\tOptional: {optional}"),
        );
    }
}

/// What a Pod's metadata says at a path (`ExtractFieldPathAsString`); nothing for other paths.
fn metadata_field(pod: &Object, path: &str) -> String {
    let keyed = |prefix: &str| {
        path.strip_prefix(prefix)
            .and_then(|rest| rest.strip_prefix("['"))
            .and_then(|rest| rest.strip_suffix("']"))
    };
    if let Some(key) = keyed("metadata.labels") {
        return pod.label(key).unwrap_or_default().to_owned();
    }
    if let Some(key) = keyed("metadata.annotations") {
        return pod.annotation(key).unwrap_or_default().to_owned();
    }
    match path {
        "metadata.name" => pod.name().to_owned(),
        "metadata.namespace" => pod.namespace().to_owned(),
        "metadata.uid" => pod.uid().to_owned(),
        _ => String::new(),
    }
}

fn mounts(page: &mut Page, container: &Container) {
    let mut mounts: Vec<_> = container.volume_mounts.iter().flatten().collect();
    order::sort_by_key(&mut mounts, |mount| &mount.mount_path);
    page.line(2, if mounts.is_empty() { "Mounts:\t<none>" } else { "Mounts:" });
    for mount in &mounts {
        let how = if mount.read_only == Some(true) { "ro" } else { "rw" };
        let path = match mount.sub_path.as_deref() {
            Some(path) if !path.is_empty() => format!(",path={path:?}"),
            _ => String::new(),
        };
        page.line(3, format!("{} from {} ({how}{path})", mount.mount_path, mount.name));
    }
    let devices = container.volume_devices.as_deref().unwrap_or_default();
    if !devices.is_empty() {
        page.line(2, "Devices:");
        for device in devices {
            page.line(3, format!("{} from {}", device.device_path, device.name));
        }
    }
}
