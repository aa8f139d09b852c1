//! What may change in a Pod after it was created: images, a few numbers, more tolerations, fewer gates.
//!
//! Models `ValidatePodUpdate` of kubernetes `pkg/apis/core/validation/validation.go`.

use k8s_openapi::api::core::v1::{Container, Pod, PodSpec, Toleration};

use super::spec::validate_pod_again;
use super::text;
use crate::manifest::encode;
use crate::object::field::{Errors, Path};
use crate::object::internal::differ;
use crate::object::meta::validate_meta_update;
use crate::object::names;

const REFUSAL: &str = "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

/// Validates a Pod as it replaces the stored one.
#[inline(never)]
pub fn validate_pod_update(errors: &mut Errors, pod: &Pod, current: &Pod) {
    validate_meta_update(errors, &pod.metadata, &current.metadata);
    validate_pod_again(errors, &pod.metadata, pod.spec.as_ref());
    let (Some(spec), Some(old)) = (&pod.spec, &current.spec) else { return };
    let path = Path::new("spec");
    let init = |spec: &PodSpec| spec.init_containers.clone().unwrap_or_default();
    let lists = [
        ("containers", spec.containers.clone(), &old.containers),
        ("initContainers", init(spec), &init(old)),
    ];
    for (field, new, old) in lists {
        if new.len() != old.len() {
            let detail = "pod updates may not add or remove containers";
            errors.forbidden(&path.child(field), detail);
            return;
        }
        validate_new_images(errors, &new, &path.child(field));
    }
    if !validate_deadline(errors, spec, old, &path.child("activeDeadlineSeconds")) {
        return;
    }
    validate_added_tolerations(errors, spec, old, &path.child("tolerations"));
    let gates_path = path.child("schedulingGates");
    for (index, gate) in spec.scheduling_gates.iter().flatten().enumerate() {
        if !old.scheduling_gates.iter().flatten().any(|one| one.name == gate.name) {
            let detail =
                format!("only deletion is allowed, but found new scheduling gate '{}'", gate.name);
            errors.forbidden(&gates_path.index(index).child("name"), &detail);
        }
    }
    let munged = with_old_fields(spec, old);
    if munged != *old {
        let difference = differ("PodSpec", &encode(old), &encode(&munged));
        errors.forbidden(&path, &format!("{REFUSAL}\n{difference}"));
    }
}

fn validate_new_images(errors: &mut Errors, containers: &[Container], path: &Path<'_>) {
    for (index, container) in containers.iter().enumerate() {
        let here = path.index(index);
        let image = text(container.image.as_ref());
        if image.is_empty() {
            errors.required(&here.child("image"), "");
        }
        if image.trim() != image {
            let detail = "must not have leading or trailing whitespace";
            errors.invalid(&here.child("image"), image, detail);
        }
    }
}

/// False if upstream stops here.
fn validate_deadline(errors: &mut Errors, spec: &PodSpec, old: &PodSpec, path: &Path<'_>) -> bool {
    match (spec.active_deadline_seconds, old.active_deadline_seconds) {
        (Some(new), _) if !(0..=i64::from(i32::MAX)).contains(&new) => {
            errors.invalid(path, &new, &names::range_error(0, i64::from(i32::MAX)));
            false
        }
        (Some(new), Some(old)) if old < new => {
            errors.invalid(path, &new, "must be less than or equal to previous value");
            false
        }
        (None, Some(_)) => {
            let detail = "must not update from a positive integer to nil value";
            errors.invalid(path, &None::<i64>, detail);
            true
        }
        _ => true,
    }
}

fn validate_added_tolerations(errors: &mut Errors, spec: &PodSpec, old: &PodSpec, path: &Path<'_>) {
    let new = spec.tolerations.as_deref().unwrap_or_default();
    let same = |one: &Toleration, other: &Toleration| {
        Toleration { toleration_seconds: None, ..one.clone() }
            == Toleration { toleration_seconds: None, ..other.clone() }
    };
    let kept = old.tolerations.iter().flatten().all(|old| new.iter().any(|new| same(old, new)));
    if !kept {
        let detail = "existing toleration can not be modified except its tolerationSeconds";
        errors.forbidden(path, detail);
    }
}

/// The new spec with every field that may change set back.
fn with_old_fields(spec: &PodSpec, old: &PodSpec) -> PodSpec {
    let mut munged = spec.clone();
    let set_back = |containers: &mut [Container], old: &[Container]| {
        for (container, old) in containers.iter_mut().zip(old) {
            container.image.clone_from(&old.image);
        }
    };
    set_back(&mut munged.containers, &old.containers);
    if let (Some(new), Some(old)) = (&mut munged.init_containers, &old.init_containers) {
        set_back(new, old);
    }
    munged.active_deadline_seconds = old.active_deadline_seconds;
    munged.scheduling_gates.clone_from(&old.scheduling_gates);
    munged.tolerations.clone_from(&old.tolerations);
    let was_negative = old.termination_grace_period_seconds.is_some_and(|grace| grace < 0);
    if was_negative && munged.termination_grace_period_seconds == Some(1) {
        munged.termination_grace_period_seconds = old.termination_grace_period_seconds;
    }
    if old.scheduling_gates.as_ref().is_some_and(|gates| !gates.is_empty()) {
        set_back_placement(&mut munged, old);
    }
    munged
}

/// While a Pod is gated, its node selector may grow and its node affinity narrow.
fn set_back_placement(munged: &mut PodSpec, old: &PodSpec) {
    let grown = old.node_selector.iter().flatten().all(|(key, value)| {
        munged.node_selector.as_ref().and_then(|selector| selector.get(key)) == Some(value)
    });
    if grown {
        munged.node_selector.clone_from(&old.node_selector);
    }
    let old_affinity = old.affinity.as_ref().and_then(|affinity| affinity.node_affinity.as_ref());
    if old_affinity.is_none() {
        if let Some(affinity) = &mut munged.affinity {
            affinity.node_affinity = None;
        }
        if munged.affinity == Some(k8s_openapi::api::core::v1::Affinity::default()) {
            munged.affinity.clone_from(&old.affinity);
        }
    }
}
