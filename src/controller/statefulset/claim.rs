//! The claims of a StatefulSet's Pods: made once for each ordinal, and kept unless the set says otherwise.
//!
//! Models kubernetes `pkg/controller/statefulset/stateful_pod_control.go` and `stateful_set_utils.go`
//! (`getPersistentVolumeClaims`, `updateClaimOwnerRefForSetAndPod`).

use std::sync::Arc;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::OwnerReference;
use serde_json::{Value, json};

use crate::controller::owner::controller_ref;
use crate::object::{Key, Kind, Object, StatusError, ValueBody};
use crate::store::{Client, EventType};

fn templates(body: &ValueBody) -> &[Value] {
    body.spec()["volumeClaimTemplates"].as_array().map(Vec::as_slice).unwrap_or_default()
}

/// For each claim template, its name and the name of the claim of the Pod with this ordinal.
pub(super) fn names<'a>(
    set: &'a Object,
    body: &'a ValueBody,
    ordinal: usize,
) -> impl Iterator<Item = (&'a str, String)> {
    templates(body).iter().map(move |template| {
        let name = template["metadata"]["name"].as_str().unwrap_or_default();
        (name, format!("{name}-{}-{ordinal}", set.name()))
    })
}

/// Makes the claims that a Pod needs and that are not there.
pub(super) fn create_missing(
    client: &mut Client<'_>,
    set: &Arc<Object>,
    body: &ValueBody,
    ordinal: usize,
) -> Result<(), StatusError> {
    for ((_, name), template) in names(set, body, ordinal).zip(templates(body)) {
        let key = Key::new(Kind::PersistentVolumeClaim, set.namespace(), name.as_str());
        if client.store().get(&key).is_some() {
            continue;
        }
        let mut claim = template.clone();
        claim["metadata"]["name"] = json!(name);
        claim["metadata"]["namespace"] = json!(set.namespace());
        let selected = body.at(&["spec", "selector", "matchLabels"]).as_object();
        for (label, value) in selected.into_iter().flatten() {
            claim["metadata"]["labels"][label] = value.clone();
        }
        let made = client.create(Object::from_value(Kind::PersistentVolumeClaim, claim));
        let pod = super::pod::name(set, ordinal);
        let what = format!("Create Claim {name} Pod {pod} in StatefulSet {}", set.name());
        match made {
            Ok(_) => {
                let message = format!("{what} success");
                client.record(set, EventType::Normal, "SuccessfulCreate", message);
            }
            Err(error) => {
                let message = format!("{what} failed error: {error}");
                client.record(set, EventType::Warning, "FailedCreate", message);
                return Err(error);
            }
        }
    }
    Ok(())
}

/// Lets the claims of a Pod go with whom the set's retention policy says: with the set, with a Pod that is one too many,
/// or with nobody.
pub(super) fn keep_retention(
    client: &mut Client<'_>,
    set: &Arc<Object>,
    body: &ValueBody,
    (ordinal, pod): (usize, &Object),
    condemned: bool,
) -> Result<(), StatusError> {
    let policy = |when| {
        body.at(&["spec", "persistentVolumeClaimRetentionPolicy", when]).as_str() == Some("Delete")
    };
    let owner = match (condemned && policy("whenScaled"), policy("whenDeleted")) {
        (true, _) => Some(OwnerReference { block_owner_deletion: None, ..controller_ref(pod) }),
        (false, true) => Some(OwnerReference { block_owner_deletion: None, ..controller_ref(set) }),
        (false, false) => None,
    };
    let ours = |one: &OwnerReference| one.uid == set.uid() || one.uid == pod.uid();
    for (_, name) in names(set, body, ordinal) {
        let key = Key::new(Kind::PersistentVolumeClaim, set.namespace(), name.as_str());
        let Some(claim) = client.store().get(&key) else { continue };
        let owners = claim.meta.owner_references.iter().flatten();
        let (theirs, mut kept): (Vec<_>, Vec<_>) = owners.cloned().partition(ours);
        if theirs.iter().eq(owner.iter()) {
            continue;
        }
        kept.extend(owner.clone());
        client.modify(&key, |claim| {
            let meta = Arc::make_mut(&mut claim.meta);
            meta.owner_references = (!kept.is_empty()).then_some(kept);
        })?;
    }
    Ok(())
}
