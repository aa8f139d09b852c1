//! The Pods of a StatefulSet: their names, labels and volumes.
//!
//! Models kubernetes `pkg/controller/statefulset/stateful_set_utils.go` (`newStatefulSetPod`, `initIdentity`,
//! `updateIdentity`, `updateStorage`).

use std::sync::Arc;

use k8s_openapi::api::core::v1::{
    PersistentVolumeClaimVolumeSource, PodStatus, PodTemplateSpec, Volume,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::claim;
use crate::controller::owner::controller_ref;
use crate::object::{Body, Object, PodBody, ValueBody};

/// The label that names a Pod's revision.
pub(super) const REVISION: &str = "controller-revision-hash";

/// The name of the Pod with an ordinal.
pub(super) fn name(set: &Object, ordinal: usize) -> String {
    format!("{}-{ordinal}", set.name())
}

/// A Pod's ordinal; none if it is not named after the set.
pub(super) fn ordinal(set: &Object, pod: &Object) -> Option<usize> {
    let digits = pod.name().strip_prefix(set.name())?.strip_prefix('-')?;
    let ordinal = digits.parse().ok()?;
    (name(set, ordinal) == pod.name()).then_some(ordinal)
}

/// A new Pod as a revision's template says.
pub(super) fn new(
    set: &Arc<Object>,
    body: &ValueBody,
    template: &PodTemplateSpec,
    revision: &str,
    ordinal: usize,
) -> Object {
    let template = template.clone();
    let from = template.metadata.unwrap_or_default();
    let name = name(set, ordinal);
    let mut labels = from.labels.unwrap_or_default();
    labels.insert(REVISION.to_owned(), revision.to_owned());
    labels.insert("statefulset.kubernetes.io/pod-name".to_owned(), name.clone());
    labels.insert("apps.kubernetes.io/pod-index".to_owned(), ordinal.to_string());
    let meta = ObjectMeta {
        name: Some(name.clone()),
        generate_name: Some(format!("{}-", set.name())),
        namespace: set.meta.namespace.clone(),
        labels: Some(labels),
        annotations: from.annotations,
        finalizers: from.finalizers,
        owner_references: Some(vec![controller_ref(set)]),
        ..ObjectMeta::default()
    };
    let mut spec = template.spec.unwrap_or_default();
    spec.hostname = Some(name);
    let service = body.spec()["serviceName"].as_str().filter(|service| !service.is_empty());
    spec.subdomain = service.map(str::to_owned);
    let mut volumes: Vec<Volume> =
        claim::names(set, body, ordinal).map(|(name, claim)| mounted(name, claim)).collect();
    let others = spec.volumes.unwrap_or_default().into_iter();
    let claimed: Vec<String> = volumes.iter().map(|volume| volume.name.clone()).collect();
    volumes.extend(others.filter(|volume| !claimed.contains(&volume.name)));
    spec.volumes = (!volumes.is_empty()).then_some(volumes);
    Object::new(meta, Body::Pod(PodBody::from_spec(spec, PodStatus::default())))
}

fn mounted(name: &str, claim_name: String) -> Volume {
    let source = PersistentVolumeClaimVolumeSource { claim_name, read_only: None };
    Volume { name: name.to_owned(), persistent_volume_claim: Some(source), ..Volume::default() }
}
