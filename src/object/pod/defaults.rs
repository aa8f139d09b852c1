//! What a Pod or a template gets where its author said nothing.
//!
//! Models kubernetes `pkg/apis/core/v1/defaults.go` and the generated `zz_generated.defaults.go`, and makes explicit
//! the struct fields that Go always writes (`resources: {}`). Defaulting twice changes nothing.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{
    Container, ContainerPort, HTTPGetAction, Lifecycle, ObjectFieldSelector, PodSpec,
    PodTemplateSpec, Probe, ProjectedVolumeSource, ResourceFieldSelector, ResourceRequirements,
    Volume,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity as WireQuantity;

use super::resources::{canonical, canonical_list};

/// `0644`, the mode of projected files.
const FILE_MODE: i32 = 0o644;

/// Fills an empty or missing text.
fn fill(field: &mut Option<String>, default: &str) {
    if field.as_deref().is_none_or(str::is_empty) {
        *field = Some(default.to_owned());
    }
}

/// Fills a missing number; Go cannot tell 0 from missing where its field is no pointer.
fn fill_number(field: &mut Option<i32>, default: i32) {
    if field.is_none_or(|number| number == 0) {
        *field = Some(default);
    }
}

/// Defaults a template.
pub fn default_template(template: &mut PodTemplateSpec) {
    template.metadata.get_or_insert_default();
    default_spec(template.spec.get_or_insert_default());
}

/// Defaults a Pod: as its template, and what only Pods get.
pub fn default_pod(spec: &mut PodSpec) {
    default_spec(spec);
    for container in spec.containers.iter_mut().chain(spec.init_containers.iter_mut().flatten()) {
        if let Some(resources) = &mut container.resources {
            requests_from_limits(resources);
        }
    }
    spec.enable_service_links.get_or_insert(true);
    // Only a Pod's own is made good (`Convert_v1_Pod_To_core_Pod`); a template keeps it, with a warning.
    if let Some(grace) = &mut spec.termination_grace_period_seconds
        && *grace < 0
    {
        *grace = 1;
    }
    if spec.host_network == Some(true) {
        for container in spec.containers.iter_mut().chain(spec.init_containers.iter_mut().flatten())
        {
            for port in container.ports.iter_mut().flatten() {
                fill_number(&mut port.host_port, port.container_port);
            }
        }
    }
}

fn requests_from_limits(resources: &mut ResourceRequirements) {
    let Some(limits) = &resources.limits else { return };
    if limits.is_empty() {
        return;
    }
    let requests = resources.requests.get_or_insert_default();
    for (name, limit) in limits {
        requests.entry(name.clone()).or_insert_with(|| limit.clone());
    }
}

fn default_spec(spec: &mut PodSpec) {
    fill(&mut spec.dns_policy, "ClusterFirst");
    fill(&mut spec.restart_policy, "Always");
    fill(&mut spec.scheduler_name, "default-scheduler");
    spec.security_context.get_or_insert_default();
    spec.termination_grace_period_seconds.get_or_insert(30);
    // A host namespace that is not shared is not said: Go drops `false` there.
    for flag in [&mut spec.host_network, &mut spec.host_pid, &mut spec.host_ipc] {
        *flag = flag.filter(|shared| *shared);
    }
    // The older name of the service account follows the newer, and stands in for it.
    if spec.service_account_name.as_deref().is_none_or(str::is_empty) {
        spec.service_account_name = spec.service_account.take().filter(|name| !name.is_empty());
    }
    spec.service_account.clone_from(&spec.service_account_name);
    for volume in spec.volumes.iter_mut().flatten() {
        default_volume(volume);
    }
    for container in spec.containers.iter_mut().chain(spec.init_containers.iter_mut().flatten()) {
        default_container(container);
    }
    if let Some(overhead) = &mut spec.overhead {
        canonical_list(overhead);
    }
    if let Some(resources) = &mut spec.resources {
        default_resources(resources);
        requests_from_limits(resources);
    }
}

fn default_container(container: &mut Container) {
    let latest = tag(container.image.as_deref().unwrap_or_default()) == "latest";
    fill(&mut container.image_pull_policy, if latest { "Always" } else { "IfNotPresent" });
    fill(&mut container.termination_message_path, "/dev/termination-log");
    fill(&mut container.termination_message_policy, "File");
    default_resources(container.resources.get_or_insert_default());
    for ContainerPort { protocol, .. } in container.ports.iter_mut().flatten() {
        fill(protocol, "TCP");
    }
    for variable in container.env.iter_mut().flatten() {
        let Some(source) = &mut variable.value_from else { continue };
        if let Some(field) = &mut source.field_ref {
            default_field_ref(field);
        }
        if let Some(field) = &mut source.resource_field_ref {
            default_resource_ref(field);
        }
    }
    let probes = [
        &mut container.liveness_probe,
        &mut container.readiness_probe,
        &mut container.startup_probe,
    ];
    for probe in probes.into_iter().flatten() {
        default_probe(probe);
    }
    if let Some(lifecycle) = &mut container.lifecycle {
        default_lifecycle(lifecycle);
    }
}

/// The tag of an image's name as `parsers.ParseImageName` sees it: `latest` where neither tag nor digest is given,
/// nothing where the name cannot be read.
fn tag(image: &str) -> &str {
    let (name, digest) = image.split_once('@').map_or((image, false), |(name, _)| (name, true));
    let last = name.rsplit('/').next().unwrap_or_default();
    let (path, tag) = match last.rsplit_once(':') {
        Some((_, tag)) => (name.strip_suffix(tag).and_then(|name| name.strip_suffix(':')), tag),
        None => (Some(name), if digest { "" } else { "latest" }),
    };
    if path.is_some_and(is_repository) { tag } else { "" }
}

/// `[domain/]part[/part...]`, parts in lower case (`distribution/reference`). What stands before the first slash is a
/// domain if it has a dot or a colon, or is `localhost`.
fn is_repository(name: &str) -> bool {
    let path = match name.split_once('/') {
        Some((domain, path)) if domain.contains(['.', ':']) || domain == "localhost" => path,
        _ => name,
    };
    path.split('/').all(|part| {
        let edge = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let bytes = part.as_bytes();
        bytes.first().is_some_and(edge)
            && bytes.last().is_some_and(edge)
            && bytes.iter().all(|byte| edge(byte) || matches!(byte, b'.' | b'_' | b'-'))
    })
}

fn default_resources(resources: &mut ResourceRequirements) {
    for list in [&mut resources.limits, &mut resources.requests].into_iter().flatten() {
        canonical_list(list);
    }
    drop_empty(&mut resources.limits);
    drop_empty(&mut resources.requests);
}

fn drop_empty(list: &mut Option<BTreeMap<String, WireQuantity>>) {
    if list.as_ref().is_some_and(BTreeMap::is_empty) {
        *list = None;
    }
}

fn default_field_ref(field: &mut ObjectFieldSelector) {
    fill(&mut field.api_version, "v1");
}

fn default_resource_ref(field: &mut ResourceFieldSelector) {
    let divisor = field.divisor.get_or_insert_with(|| WireQuantity("0".to_owned()));
    *divisor = canonical(divisor);
}

fn default_probe(probe: &mut Probe) {
    fill_number(&mut probe.timeout_seconds, 1);
    fill_number(&mut probe.period_seconds, 10);
    fill_number(&mut probe.success_threshold, 1);
    fill_number(&mut probe.failure_threshold, 3);
    probe.initial_delay_seconds = probe.initial_delay_seconds.filter(|delay| *delay != 0);
    if let Some(http) = &mut probe.http_get {
        default_http_get(http);
    }
    if let Some(grpc) = &mut probe.grpc {
        grpc.service.get_or_insert_default();
    }
}

fn default_http_get(http: &mut HTTPGetAction) {
    fill(&mut http.path, "/");
    fill(&mut http.scheme, "HTTP");
}

fn default_lifecycle(lifecycle: &mut Lifecycle) {
    for handler in [&mut lifecycle.post_start, &mut lifecycle.pre_stop].into_iter().flatten() {
        if let Some(http) = &mut handler.http_get {
            default_http_get(http);
        }
    }
}

fn default_volume(volume: &mut Volume) {
    let bare = Volume { name: volume.name.clone(), ..Volume::default() };
    if *volume == bare {
        volume.empty_dir = Some(k8s_openapi::api::core::v1::EmptyDirVolumeSource::default());
    }
    if let Some(limit) = volume.empty_dir.as_mut().and_then(|source| source.size_limit.as_mut()) {
        *limit = canonical(limit);
    }
    if let Some(source) = &mut volume.host_path {
        source.type_.get_or_insert_default();
    }
    if let Some(source) = &mut volume.secret {
        source.default_mode.get_or_insert(FILE_MODE);
    }
    if let Some(source) = &mut volume.config_map {
        source.default_mode.get_or_insert(FILE_MODE);
    }
    if let Some(source) = &mut volume.downward_api {
        source.default_mode.get_or_insert(FILE_MODE);
        for file in source.items.iter_mut().flatten() {
            file.field_ref.as_mut().map(default_field_ref);
            file.resource_field_ref.as_mut().map(default_resource_ref);
        }
    }
    if let Some(source) = &mut volume.projected {
        default_projected(source);
    }
    if let Some(source) = &mut volume.image {
        let latest = tag(source.reference.as_deref().unwrap_or_default()) == "latest";
        fill(&mut source.pull_policy, if latest { "Always" } else { "IfNotPresent" });
    }
    if let Some(source) = &mut volume.iscsi {
        fill(&mut source.iscsi_interface, "default");
    }
    if let Some(source) = &mut volume.rbd {
        fill(&mut source.pool, "rbd");
        fill(&mut source.user, "admin");
        fill(&mut source.keyring, "/etc/ceph/keyring");
    }
    if let Some(template) =
        volume.ephemeral.as_mut().and_then(|source| source.volume_claim_template.as_mut())
    {
        fill(&mut template.spec.volume_mode, "Filesystem");
    }
}

fn default_projected(source: &mut ProjectedVolumeSource) {
    source.default_mode.get_or_insert(FILE_MODE);
    for projection in source.sources.iter_mut().flatten() {
        if let Some(token) = &mut projection.service_account_token {
            token.expiration_seconds.get_or_insert(3600);
        }
        for file in
            projection.downward_api.iter_mut().flat_map(|api| api.items.iter_mut().flatten())
        {
            file.field_ref.as_mut().map(default_field_ref);
            file.resource_field_ref.as_mut().map(default_resource_ref);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_found_behind_ports_and_before_digests() {
        let table = [
            ("nginx", "latest"),
            ("nginx:1.27", "1.27"),
            ("localhost:5000/nginx", "latest"),
            ("localhost:5000/nginx:2", "2"),
            ("nginx@sha256:00", ""),
            ("", ""),
            ("-1", ""),
            ("Nginx", ""),
            ("ghcr.io/a/b", "latest"),
        ];
        for (image, expected) in table {
            assert_eq!(tag(image), expected, "{image}");
        }
    }

    #[test]
    fn defaulting_twice_changes_nothing() {
        let container =
            Container { name: "web".into(), image: Some("nginx".into()), ..Container::default() };
        let mut spec = PodSpec {
            containers: vec![container],
            volumes: Some(vec![Volume { name: "data".into(), ..Volume::default() }]),
            host_network: Some(true),
            ..PodSpec::default()
        };
        default_pod(&mut spec);
        let once = spec.clone();
        default_pod(&mut spec);
        assert_eq!(spec, once);
        assert!(once.volumes.unwrap()[0].empty_dir.is_some());
    }
}
