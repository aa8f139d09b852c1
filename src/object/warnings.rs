//! What the API server accepts but warns about: the lines behind kubectl's `Warning: `.
//!
//! Models the `WarningsOnCreate` of the strategies under kubernetes `pkg/registry`, and `GetWarningsFor...` of
//! `pkg/api/{service,persistentvolume,persistentvolumeclaim,storage}` and apimachinery `pkg/util/validation/ip.go`; what a
//! Pod's spec is warned of stands in `pod/warnings.rs`.

use std::fmt::Display;

use serde_json::Value;

use super::pod::warnings::{
    DEPRECATED_VOLUMES, deprecated_label, fraction, warn_of_claim, warn_of_pod, warn_of_term,
};
use super::value::look::{at, given, list, network, parse_cidr, parse_ip, text, texts};
use super::value::rules_of;
use super::{Body, Kind, Object, names};

/// The warnings about an object that was just created, or whose spec was just changed.
pub fn warnings(object: &Object) -> Vec<String> {
    let mut found = Vec::new();
    let kind = object.kind();
    let value = object.to_value();
    match kind {
        Kind::Pod => warn_of_name(&mut found, object.name(), "the Pod's hostname"),
        Kind::DaemonSet
        | Kind::Deployment
        | Kind::ReplicaSet
        | Kind::ReplicationController
        | Kind::Job
        | Kind::CronJob => warn_of_name(&mut found, object.name(), "Pod names and hostnames"),
        Kind::Service => warn_of_service(&mut found, &value),
        Kind::PersistentVolume => warn_of_volume(&mut found, &value),
        Kind::PersistentVolumeClaim => {
            warn_of_class(&mut found, &value);
            warn_of_claim(&mut found, at(&value, &["spec"]), "spec");
        }
        Kind::StorageClass => warn_of_topologies(&mut found, &value),
        _ => {}
    }
    if let Body::Value(body) = &object.body {
        (rules_of(body.kind).warn)(&mut found, object, body);
    }
    if let Some((_, path)) = kind.info().pod_spec.split_last()
        && at(&value, path).is_object()
    {
        let before = if path.is_empty() { String::new() } else { format!("{}.", path.join(".")) };
        warn_of_pod(&mut found, at(&value, path), &before);
    }
    if kind == Kind::StatefulSet {
        warn_of_stateful_set(&mut found, at(&value, &["spec"]));
    }
    found
}

/// Warns of a name that is good for the object and makes a bad one for what is called after it.
fn warn_of_name(found: &mut Vec<String>, name: &str, usage: &str) {
    let complaints = names::dns1123_label(name);
    if !complaints.is_empty() {
        found.push(format!(
            "metadata.name: this is used in {usage}, which can result in surprising behavior; a DNS label is recommended: [{}]",
            complaints.join(" ")
        ));
    }
}

fn warn_of_service(found: &mut Vec<String>, service: &Value) {
    let mut warn = |what: &str| found.push(what.to_owned());
    let spec = at(service, &["spec"]);
    if given(
        at(service, &["metadata", "annotations"]),
        "service.kubernetes.io/topology-aware-hints",
    )
    .is_some()
    {
        warn(
            "annotation service.kubernetes.io/topology-aware-hints is deprecated, please use service.kubernetes.io/topology-mode instead",
        );
    }
    let kind = text(spec, "type");
    let headless = kind == "ClusterIP" && text(spec, "clusterIP") == "None";
    let outside = !list(spec, "externalIPs").is_empty();
    if headless {
        if !text(spec, "loadBalancerIP").is_empty() {
            warn("spec.loadBalancerIP is ignored for headless services");
        }
        if outside {
            warn("spec.externalIPs is ignored for headless services");
        }
        if text(spec, "sessionAffinity") != "None" {
            warn("spec.SessionAffinity is ignored for headless services");
        }
    }
    for (index, address) in texts(spec, "externalIPs").enumerate() {
        warn_of_address(found, address, &format!("spec.externalIPs[{index}]"));
    }
    if outside && !headless && kind != "ExternalName" {
        found.push(
            "spec.externalIPs is deprecated and may no longer be implemented in some clusters"
                .to_owned(),
        );
    }
    warn_of_address(found, text(spec, "loadBalancerIP"), &"spec.loadBalancerIP");
    for (index, cidr) in texts(spec, "loadBalancerSourceRanges").enumerate() {
        warn_of_cidr(found, cidr, &format!("spec.loadBalancerSourceRanges[{index}]"));
    }
    let mut warn = |what: &str| found.push(what.to_owned());
    if outside && kind == "ExternalName" {
        warn("spec.externalIPs is ignored when spec.type is \"ExternalName\"");
    }
    if kind != "ExternalName" && !text(spec, "externalName").is_empty() {
        warn("spec.externalName is ignored when spec.type is not \"ExternalName\"");
    }
    if text(spec, "trafficDistribution") == "PreferClose" {
        warn("spec.trafficDistribution: \"PreferClose\" is deprecated; use \"PreferSameZone\"");
    }
}

fn warn_of_class(found: &mut Vec<String>, object: &Value) {
    const CLASS: &str = "volume.beta.kubernetes.io/storage-class";
    if given(at(object, &["metadata", "annotations"]), CLASS).is_some() {
        found.push(format!("metadata.annotations[{CLASS}]: deprecated since v1.8; use \"storageClassName\" attribute instead"));
    }
}

fn warn_of_volume(found: &mut Vec<String>, volume: &Value) {
    warn_of_class(found, volume);
    let spec = at(volume, &["spec"]);
    if text(spec, "persistentVolumeReclaimPolicy") == "Recycle" {
        found.push("spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.".to_owned());
    }
    let terms = list(at(spec, &["nodeAffinity", "required"]), "nodeSelectorTerms");
    for (index, term) in terms.iter().enumerate() {
        let path = format!("spec.nodeAffinity.required.nodeSelectorTerms[{index}]");
        warn_of_term(found, term, &path, false);
    }
    let deprecated = ["cephfs", "photonPersistentDisk", "scaleIO", "storageos", "glusterfs", "rbd"];
    for field in deprecated {
        let said = DEPRECATED_VOLUMES.iter().find(|(name, _)| *name == field);
        if let Some((_, said)) = said.filter(|_| given(spec, field).is_some()) {
            let field = if field == "storageos" { "storageOS" } else { field };
            found.push(format!("spec.{field}: {said}"));
        }
    }
}

fn warn_of_topologies(found: &mut Vec<String>, class: &Value) {
    for (index, topology) in list(class, "allowedTopologies").iter().enumerate() {
        for (inner, one) in list(topology, "matchLabelExpressions").iter().enumerate() {
            if let Some(said) = deprecated_label(text(one, "key")) {
                found.push(format!(
                    "allowedTopologies[{index}].matchLabelExpressions[{inner}]: {said}"
                ));
            }
        }
    }
}

fn warn_of_stateful_set(found: &mut Vec<String>, spec: &Value) {
    for (index, claim) in list(spec, "volumeClaimTemplates").iter().enumerate() {
        let path = format!("spec.volumeClaimTemplates[{index}]");
        warn_of_claim(found, at(claim, &["spec"]), &path);
    }
    if spec.get("revisionHistoryLimit").and_then(Value::as_i64).is_some_and(|limit| limit < 0) {
        found.push("spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended".to_owned());
    }
}

/// Warns of bytes that are no whole number.
pub(super) fn warn_of_fraction(found: &mut Vec<String>, amount: &Value, path: &dyn Display) {
    if let Some(amount) = fraction(amount) {
        found.push(format!(
            "{path}: fractional byte value \"{amount}\" is invalid, must be an integer"
        ));
    }
}

/// `GetWarningsForIP`.
pub(super) fn warn_of_address(found: &mut Vec<String>, given: &str, path: &dyn Display) {
    let Some(ip) = parse_ip(given).filter(|ip| ip.to_string() != given) else { return };
    found.push(if ip.is_ipv4() {
        format!("{path}: non-standard IP address {given:?} is invalid: use \"{ip}\"")
    } else {
        format!("{path}: IPv6 address {given:?} should be in RFC 5952 canonical format (\"{ip}\")")
    });
}

/// `GetWarningsForCIDR`.
pub(super) fn warn_of_cidr(found: &mut Vec<String>, cidr: &str, path: &dyn Display) {
    let Some((address, length)) = parse_cidr(cidr) else { return };
    let bits = network(address, length);
    let (first, bits_max) = match address {
        std::net::IpAddr::V4(_) => {
            let number = u32::try_from(bits >> 96).unwrap_or(0);
            (std::net::IpAddr::V4(number.into()), 32)
        }
        std::net::IpAddr::V6(_) => (std::net::IpAddr::V6(bits.into()), 128),
    };
    if first != address {
        found.push(format!(
            "{path}: CIDR value {cidr:?} is ambiguous in this context (should be \"{first}/{length}\" or \"{address}/{bits_max}\"?)"
        ));
    }
    let canonical = format!("{address}/{length}");
    if address.is_ipv4() && canonical != cidr {
        found.push(format!(
            "{path}: non-standard CIDR value {cidr:?} is invalid: use \"{first}/{length}\""
        ));
    } else if address.is_ipv6() && first == address && canonical != cidr {
        found.push(format!(
            "{path}: IPv6 CIDR value {cidr:?} should be in RFC 5952 canonical format ({canonical:?})"
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use k8s_openapi::api::core::v1::{Container, EnvVar, PodSpec, ResourceRequirements};
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
