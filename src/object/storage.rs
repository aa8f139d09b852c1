//! Volumes and claims: which class they are of, and which volume fits which claim.
//!
//! The volume controller and the scheduler ask here. Models kubernetes
//! `staging/src/k8s.io/component-helpers/storage/volume/pv_helpers.go` and `helpers.go`.

use std::sync::Arc;

use k8s_openapi::api::core::v1::NodeSelector;
use serde_json::{Value, json};

use super::{Object, ValueBody, node_matches, selector_matches};
use crate::manifest::fill;
use crate::quantity::Quantity;

/// The annotation that names a volume's or claim's class where the field does not.
const CLASS_ANNOTATION: &str = "volume.beta.kubernetes.io/storage-class";

/// Says on which node the first Pod of a claim will run.
pub const SELECTED_NODE: &str = "volume.kubernetes.io/selected-node";
/// Says that a controller chose the other side of a binding.
pub const BOUND_BY_CONTROLLER: &str = "pv.kubernetes.io/bound-by-controller";
/// Says that a claim's binding is done.
pub const BIND_COMPLETED: &str = "pv.kubernetes.io/bind-completed";

/// The annotations of a storage class that is the default.
const DEFAULT_ANNOTATIONS: [&str; 2] = [
    "storageclass.kubernetes.io/is-default-class",
    "storageclass.beta.kubernetes.io/is-default-class",
];

/// The class that a volume has or a claim asks for; empty if none.
pub fn storage_class(object: &Object) -> &str {
    let field = || object.as_value().and_then(|body| body.spec()["storageClassName"].as_str());
    object.annotation(CLASS_ANNOTATION).or_else(field).unwrap_or_default()
}

/// Whether claims that name no class get this one.
pub fn is_default_class(class: &Object) -> bool {
    DEFAULT_ANNOTATIONS.into_iter().any(|key| class.annotation(key) == Some("true"))
}

/// Whether claims of this class wait for a Pod before they are bound.
pub fn waits_for_consumer(class: &Object) -> bool {
    let mode = class.as_value().map(|body| body.field("volumeBindingMode"));
    mode.is_some_and(|mode| *mode == "WaitForFirstConsumer")
}

/// Whether a volume is kept for this claim.
pub fn is_bound_to(volume: &ValueBody, claim: &Object) -> bool {
    let reference = &volume.spec()["claimRef"];
    let uid = reference["uid"].as_str().unwrap_or_default();
    reference["name"] == claim.name()
        && reference["namespace"] == claim.namespace()
        && (uid.is_empty() || uid == claim.uid())
}

/// Keeps a volume for a claim; if it was not yet, that is told to be a controller's choice (`GetBindVolumeToClaim`).
pub fn reserve(volume: &mut Object, claim: &Object) {
    let known = volume.as_value().is_some_and(|body| is_bound_to(body, claim));
    if !known {
        let annotations = Arc::make_mut(&mut volume.meta).annotations.get_or_insert_default();
        annotations.insert(BOUND_BY_CONTROLLER.to_owned(), "yes".to_owned());
    }
    let Some(body) = volume.body.value_mut() else { return };
    if body.spec()["claimRef"]["uid"] == claim.uid() {
        return;
    }
    body.spec_mut()["claimRef"] = json!({
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "name": claim.name(),
        "namespace": claim.namespace(),
        "resourceVersion": claim.revision.to_string(),
        "uid": claim.uid(),
    });
}

/// Whether a volume can be reached from a node.
pub fn is_reachable(volume: &ValueBody, node: &Object) -> bool {
    let required = &volume.spec()["nodeAffinity"]["required"];
    !required.is_object() || node_matches(&fill::<NodeSelector>(required), node)
}

/// What keeps a volume from being a claim's, in upstream's words (`checkVolumeSatisfyClaim`).
pub fn unfit(volume: &Object, claim: &Object) -> Option<&'static str> {
    let (Some(has), Some(asks)) = (volume.as_value(), claim.as_value()) else {
        return Some("incompatible volumeMode");
    };
    if size(has) < requested(asks) {
        return Some("requested PV is too small");
    }
    if storage_class(volume) != storage_class(claim) {
        return Some("storageClassName does not match");
    }
    if mode(has) != mode(asks) {
        return Some("incompatible volumeMode");
    }
    (!has_modes(has, asks)).then_some("incompatible accessMode")
}

/// The best of some volumes for a claim: one that is kept for it, or the smallest that fits. Where the claim waits for a
/// Pod (`delayed`), one that fits is only found for a node.
pub fn best_volume<'a>(
    claim: &Object,
    volumes: impl Iterator<Item = &'a Arc<Object>>,
    node: Option<&Object>,
    delayed: bool,
) -> Option<&'a Arc<Object>> {
    let asks = claim.as_value()?;
    let mut best: Option<(&Arc<Object>, usize, Quantity)> = None;
    for volume in volumes.filter(|volume| !volume.terminating()) {
        let Some(has) = volume.as_value() else { continue };
        let reachable = node.is_none_or(|node| is_reachable(has, node));
        let kept = has.spec()["claimRef"].is_object();
        if (kept && !is_bound_to(has, claim))
            || size(has) < requested(asks)
            || mode(has) != mode(asks)
        {
            continue;
        }
        if kept {
            return reachable.then_some(volume);
        }
        let available = has.status["phase"] == "Available";
        let selected = &asks.spec()["selector"];
        let selects =
            !selected.is_object() || selector_matches(&fill(selected), volume.meta.labels.as_ref());
        let of_class = storage_class(volume) == storage_class(claim);
        let waits = node.is_none() && delayed;
        if waits || !available || !selects || !of_class || !reachable || !has_modes(has, asks) {
            continue;
        }
        // Volumes that can do little go before those that can do more.
        let modes = modes(has).count();
        let better = best
            .as_ref()
            .is_none_or(|(_, least, smallest)| (modes, &size(has)) < (*least, smallest));
        if better {
            best = Some((volume, modes, size(has)));
        }
    }
    best.map(|(volume, ..)| volume)
}

fn amount(value: &Value) -> Quantity {
    let parsed = Quantity::parse(value.as_str().unwrap_or("0"));
    parsed.unwrap_or_else(|_| Quantity::decimal(0))
}

fn size(volume: &ValueBody) -> Quantity {
    amount(&volume.spec()["capacity"]["storage"])
}

fn requested(claim: &ValueBody) -> Quantity {
    amount(&claim.spec()["resources"]["requests"]["storage"])
}

fn mode(body: &ValueBody) -> &str {
    body.spec()["volumeMode"].as_str().unwrap_or("Filesystem")
}

fn modes(body: &ValueBody) -> impl Iterator<Item = &Value> {
    body.spec()["accessModes"].as_array().into_iter().flatten()
}

/// Whether a volume can be used in every way that a claim asks for.
fn has_modes(volume: &ValueBody, claim: &ValueBody) -> bool {
    modes(claim).all(|asked| modes(volume).any(|mode| mode == asked))
}
