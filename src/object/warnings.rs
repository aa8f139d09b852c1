//! What the API server accepts but warns about: the lines behind kubectl's `Warning: `.
//!
//! Models `GetWarningsForPodTemplate` (kubernetes `pkg/api/pod/warnings.go`) and the `WarningsOnCreate` of
//! `pkg/registry/core/pod` and `apps/deployment`. *Differs:* deprecated features that are not simulated are not warned of.

use std::collections::BTreeMap;
use std::fmt::Display;

use k8s_openapi::api::core::v1::{Container, PodSpec, PodTemplateSpec};

use super::field::Path;
use super::value::rules_of;
use super::{Body, Object, names};
use crate::quantity::Quantity;

/// Labels whose names changed, and since when.
const RENAMED_LABELS: &[(&str, &str, &str)] = &[
    ("beta.kubernetes.io/arch", "v1.14", "kubernetes.io/arch"),
    ("beta.kubernetes.io/instance-type", "v1.17", "node.kubernetes.io/instance-type"),
    ("beta.kubernetes.io/os", "v1.14", "kubernetes.io/os"),
    ("failure-domain.beta.kubernetes.io/region", "v1.17", "topology.kubernetes.io/region"),
    ("failure-domain.beta.kubernetes.io/zone", "v1.17", "topology.kubernetes.io/zone"),
];

/// The warnings about an object that was just created, or whose spec was just changed.
pub fn warnings(object: &Object) -> Vec<String> {
    let mut found = Vec::new();
    let path = Path::new("spec");
    match &object.body {
        Body::Pod(pod) => {
            warn_of_name(&mut found, object.name(), "the Pod's hostname");
            warn_of_spec(&mut found, &pod.shared, &path);
        }
        Body::DaemonSet(body) => {
            warn_of_name(&mut found, object.name(), "Pod names and hostnames");
            warn_of_template(&mut found, &body.spec.template, &path);
        }
        Body::Deployment(body) => {
            warn_of_name(&mut found, object.name(), "Pod names and hostnames");
            warn_of_template(&mut found, &body.spec.template, &path);
        }
        Body::ReplicaSet(body) => {
            warn_of_name(&mut found, object.name(), "Pod names and hostnames");
            if let Some(template) = &body.spec.template {
                warn_of_template(&mut found, template, &path);
            }
        }
        Body::Value(body) => (rules_of(body.kind).warn)(&mut found, object, body),
        _ => {}
    }
    found
}

/// Warns of a name that is good for the object and makes a bad one for what is called after it.
pub(super) fn warn_of_name(found: &mut Vec<String>, name: &str, usage: &str) {
    let complaints = names::dns1123_label(name);
    if !complaints.is_empty() {
        found.push(format!(
            "metadata.name: this is used in {usage}, which can result in surprising behavior; a DNS label is recommended: [{}]",
            complaints.join(" ")
        ));
    }
}

/// Warns of the template in a spec.
pub(super) fn warn_of_template(
    found: &mut Vec<String>,
    template: &PodTemplateSpec,
    path: &Path<'_>,
) {
    warn_of_template_at(found, template, &path.child("template"));
}

/// Warns of the template that stands at a path.
pub(super) fn warn_of_template_at(
    found: &mut Vec<String>,
    template: &PodTemplateSpec,
    path: &Path<'_>,
) {
    if let Some(spec) = &template.spec {
        warn_of_spec(found, spec, &path.child("spec"));
    }
}

fn warn_of_spec(found: &mut Vec<String>, spec: &PodSpec, path: &Path<'_>) {
    let mut warn = |path: &dyn Display, what: &str| found.push(format!("{path}: {what}"));
    let selector_path = path.child("nodeSelector");
    for key in spec.node_selector.iter().flat_map(BTreeMap::keys) {
        if let Some((_, since, new)) = RENAMED_LABELS.iter().find(|(old, _, _)| old == key) {
            let what = format!("deprecated since {since}; use \"{new}\" instead");
            warn(&selector_path.key(key), &what);
        }
    }
    let spread_path = path.child("topologySpreadConstraints");
    for (index, constraint) in spec.topology_spread_constraints.iter().flatten().enumerate() {
        if constraint.label_selector.is_none() {
            let what = "a null labelSelector results in matching no pod";
            warn(&spread_path.index(index).child("labelSelector"), what);
        }
    }
    let secrets_path = path.child("imagePullSecrets");
    for (index, secret) in spec.image_pull_secrets.iter().flatten().enumerate() {
        if secret.name.is_empty() {
            let what = format!("invalid empty name {:?}", secret.name);
            warn(&secrets_path.index(index).child("name"), &what);
        }
    }
    if spec.termination_grace_period_seconds.is_some_and(|grace| grace < 0) {
        let what = "must be >= 0; negative values are invalid and will be treated as 1";
        warn(&path.child("terminationGracePeriodSeconds"), what);
    }
    let init = spec.init_containers.as_deref().unwrap_or_default();
    for (field, containers) in [("initContainers", init), ("containers", &spec.containers)] {
        let list_path = path.child(field);
        for (index, container) in containers.iter().enumerate() {
            warn_of_container(found, container, &list_path.index(index));
        }
    }
}

fn warn_of_container(found: &mut Vec<String>, container: &Container, path: &Path<'_>) {
    let mut warn = |path: &dyn Display, what: &str| found.push(format!("{path}: {what}"));
    if let Some(resources) = &container.resources {
        let resources_path = path.child("resources");
        for (field, list) in [("limits", &resources.limits), ("requests", &resources.requests)] {
            for name in ["memory", "ephemeral-storage"] {
                let amount = list.as_ref().and_then(|list| list.get(name));
                let fraction = amount
                    .and_then(|amount| Quantity::parse(&amount.0).ok())
                    .filter(|amount| amount.milli_value() % 1000 != 0);
                if let Some(amount) = fraction {
                    let what = format!(
                        "fractional byte value \"{amount}\" is invalid, must be an integer"
                    );
                    warn(&resources_path.child(field).key(name), &what);
                }
            }
        }
    }
    let env = container.env.as_deref().unwrap_or_default();
    let env_path = path.child("env");
    for (index, variable) in env.iter().enumerate() {
        let hidden = env.iter().take(index).any(|other| other.name == variable.name);
        // A later value may be built from the earlier one.
        let refers = variable
            .value
            .as_ref()
            .is_some_and(|value| value.contains(&format!("$({})", variable.name)));
        if hidden && !refers {
            let what = format!(
                "hides previous definition of {:?}, which may be dropped when using apply",
                variable.name
            );
            warn(&env_path.index(index), &what);
        }
    }
    let ports = container.ports.as_deref().unwrap_or_default();
    let ports_path = path.child("ports");
    for (index, port) in ports.iter().enumerate() {
        let same = ports.iter().take(index).position(|other| {
            (other.container_port, &other.protocol, other.host_port, &other.host_ip)
                == (port.container_port, &port.protocol, port.host_port, &port.host_ip)
        });
        if let Some(other) = same {
            let what = format!("duplicate port definition with {}", ports_path.index(other));
            warn(&ports_path.index(index), &what);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use k8s_openapi::api::core::v1::{EnvVar, ResourceRequirements};
    use k8s_openapi::apimachinery::pkg::api::resource::Quantity as WireQuantity;
    use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

    #[test]
    fn what_is_odd_is_said() {
        let env = |name: &str| EnvVar { name: name.into(), ..EnvVar::default() };
        let requests = [("memory".to_owned(), WireQuantity("128m".into()))];
        let container = Container {
            env: Some(vec![env("A"), env("B"), env("A")]),
            resources: Some(ResourceRequirements {
                requests: Some(requests.into()),
                ..ResourceRequirements::default()
            }),
            ..Container::default()
        };
        let spec = PodSpec { containers: vec![container], ..PodSpec::default() };
        let body = crate::object::PodBody { shared: spec.into(), ..Default::default() };
        let meta = ObjectMeta { name: Some("a.b".into()), ..ObjectMeta::default() };
        assert_eq!(
            warnings(&Object::new(meta, Body::Pod(body))),
            [
                "metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]",
                "spec.containers[0].resources.requests[memory]: fractional byte value \"128m\" is invalid, must be an integer",
                "spec.containers[0].env[2]: hides previous definition of \"A\", which may be dropped when using apply",
            ]
        );
    }
}
