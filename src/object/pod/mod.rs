//! Pods and Pod templates: defaults, validation, quality of service.
//!
//! A template is validated as the Pods that will come of it, but for what only a Pod has.
//! Models kubernetes `pkg/apis/core/v1/defaults.go` and `ValidatePodSpec` with what hangs on it of
//! `pkg/apis/core/validation/validation.go`, in upstream's order, so that several errors stand as they do there.

mod affinity;
mod container;
mod defaults;
mod environment;
mod probe;
mod qos;
mod resources;
mod security;
mod spec;
mod update;
mod volume;
pub(super) mod warnings;

pub(crate) use affinity::{merge_label_keys, validate_node_selector, validate_taint_effect};
pub(crate) use container::validate_protocol;
pub use defaults::{default_pod, default_template};
pub(crate) use probe::validate_port;
pub use qos::qos_class;
pub use resources::{canonical, in_parts, resource_field};
pub(crate) use spec::validate_ip;
pub use spec::{validate_pod, validate_template};
pub use update::validate_pod_update;
pub(crate) use volume::{validate_driver, validate_host_path};

/// An optional text, empty where there is none: Go's zero value.
fn text(field: Option<&String>) -> &str {
    field.map_or("", String::as_str)
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::{
        Container, ContainerPort, Pod, PodSpec, ResourceRequirements, Toleration, VolumeMount,
    };
    use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
    use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

    use super::*;
    use crate::object::field::Errors;

    fn container(name: &str, image: &str) -> Container {
        Container { name: name.into(), image: Some(image.into()), ..Container::default() }
    }

    /// Defaults and validates a Pod with these containers, changed by `change`.
    fn complaints(containers: Vec<Container>, change: impl FnOnce(&mut PodSpec)) -> Vec<String> {
        let mut spec = PodSpec { containers, ..PodSpec::default() };
        change(&mut spec);
        default_pod(&mut spec);
        let meta = ObjectMeta {
            name: Some("web".into()),
            namespace: Some("default".into()),
            ..ObjectMeta::default()
        };
        let mut errors = Errors::new();
        validate_pod(&mut errors, &Pod { metadata: meta, spec: Some(spec), status: None });
        errors.into_lines()
    }

    #[test]
    fn a_plain_pod_is_good() {
        assert!(complaints(vec![container("web", "nginx")], |_| {}).is_empty());
    }

    #[test]
    fn each_fault_has_its_place_and_sentence() {
        let mut faulty = container("web", " nginx");
        faulty.ports =
            Some(vec![ContainerPort { host_port: Some(-1), ..ContainerPort::default() }]);
        faulty.volume_mounts =
            Some(vec![VolumeMount { name: "data".into(), ..VolumeMount::default() }]);
        let lines = complaints(vec![faulty, container("web", "x")], |spec| {
            spec.restart_policy = Some("Sometimes".into());
            spec.tolerations = Some(vec![Toleration {
                operator: Some("In".into()),
                key: Some("a".into()),
                ..Toleration::default()
            }]);
        });
        assert_eq!(
            lines,
            [
                "spec.containers[0].ports[0].containerPort: Required value",
                "spec.containers[0].ports[0].hostPort: Invalid value: -1: must be between 1 and 65535, inclusive",
                "spec.containers[0].volumeMounts[0].name: Not found: \"data\"",
                "spec.containers[0].volumeMounts[0].mountPath: Required value",
                "spec.containers[1].name: Duplicate value: \"web\"",
                "spec.restartPolicy: Unsupported value: \"Sometimes\": supported values: \"Always\", \"OnFailure\", \"Never\"",
                "spec.tolerations[0].operator: Unsupported value: \"In\": supported values: \"Equal\", \"Exists\"",
                "spec.containers[0].image: Invalid value: \" nginx\": must not have leading or trailing whitespace",
            ]
        );
    }

    #[test]
    fn requests_default_to_limits_and_decide_the_class() {
        let with = |requests: &[(&str, &str)], limits: &[(&str, &str)]| {
            let list = |pairs: &[(&str, &str)]| {
                (!pairs.is_empty()).then(|| {
                    pairs.iter().map(|(k, v)| ((*k).to_owned(), Quantity((*v).into()))).collect()
                })
            };
            let mut one = container("web", "nginx");
            one.resources = Some(ResourceRequirements {
                requests: list(requests),
                limits: list(limits),
                claims: None,
            });
            let mut spec = PodSpec { containers: vec![one], ..PodSpec::default() };
            default_pod(&mut spec);
            qos_class(&spec)
        };
        assert_eq!(with(&[], &[]), "BestEffort");
        assert_eq!(with(&[("cpu", "1")], &[]), "Burstable");
        assert_eq!(with(&[], &[("cpu", "1"), ("memory", "1Gi")]), "Guaranteed");
        assert_eq!(with(&[("cpu", "500m")], &[("cpu", "1"), ("memory", "1Gi")]), "Burstable");
        assert_eq!(with(&[("cpu", "0")], &[]), "BestEffort");
    }
}
