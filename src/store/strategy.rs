//! What the API server does to an object of each kind before it writes it: status reset, generation.
//!
//! Models the `strategy.go` beside each kind under kubernetes `pkg/registry`: `PrepareForCreate` and
//! `PrepareForUpdate`. The quality of service class is given where Pods are
//! admitted.

use std::sync::Arc;

use k8s_openapi::api::apps::v1::{DaemonSetStatus, DeploymentStatus, ReplicaSetStatus};
use k8s_openapi::api::core::v1::{NamespaceStatus, PodCondition, PodStatus, ServiceStatus};

use crate::object::{
    Body, Kind, Object, PodBody, note_stored_version, set_template_generation, template_generation,
};
use crate::time::Time;

/// The finalizer in a Namespace's spec that the namespace controller removes last.
pub const NAMESPACE_FINALIZER: &str = "kubernetes";

/// Clears what a creator cannot set and sets what every new object of the kind has.
pub(super) fn prepare_for_create(object: &mut Object) {
    let generation = object.kind().info().generation.then_some(1);
    Arc::make_mut(&mut object.meta).generation = generation;
    match &mut object.body {
        Body::Pod(pod) => pod.status = Arc::new(new_pod_status(pod)),
        Body::DaemonSet(body) => {
            body.status = Arc::new(DaemonSetStatus::default());
            let generation = template_generation(&object.meta).max(1);
            set_template_generation(Arc::make_mut(&mut object.meta), generation);
        }
        Body::Deployment(body) => body.status = Arc::new(DeploymentStatus::default()),
        Body::ReplicaSet(body) => body.status = Arc::new(ReplicaSetStatus::default()),
        Body::Value(body) if has_own_status(body.kind) => {
            body.status = Arc::new(body.new_status());
        }
        Body::Service(body) => {
            let load_balancer = Some(k8s_openapi::api::core::v1::LoadBalancerStatus::default());
            body.status = Arc::new(ServiceStatus { load_balancer, ..ServiceStatus::default() });
        }
        Body::Namespace(body) => {
            let phase = Some("Active".to_owned());
            body.status = Arc::new(NamespaceStatus { phase, ..NamespaceStatus::default() });
            let finalizers = Arc::make_mut(&mut body.spec).finalizers.get_or_insert_default();
            if !finalizers.iter().any(|name| name == NAMESPACE_FINALIZER) {
                finalizers.push(NAMESPACE_FINALIZER.to_owned());
            }
        }
        // A Node's status is kept: the kubelet registers its node with one.
        _ => {}
    }
}

/// Whether the status is written apart from the rest; a definition may have it otherwise.
fn has_own_status(kind: Kind) -> bool {
    !matches!(kind, Kind::Custom(info) if !info.custom.status)
}

fn new_pod_status(pod: &PodBody) -> PodStatus {
    let gated = pod.shared.scheduling_gates.iter().flatten().next().is_some();
    PodStatus {
        phase: Some("Pending".to_owned()),
        conditions: gated.then(|| {
            vec![PodCondition {
                type_: "PodScheduled".to_owned(),
                status: "False".to_owned(),
                reason: Some("SchedulingGated".to_owned()),
                message: Some("Scheduling is blocked due to non-empty scheduling gates".to_owned()),
                ..PodCondition::default()
            }]
        }),
        ..PodStatus::default()
    }
}

/// Takes from the stored version what an update cannot change, and shares with it what is the same.
/// Raises the generation if what is wanted changed.
pub(super) fn prepare_for_update(next: &mut Object, current: &Object) {
    let changed = carry_over(&mut next.body, &current.body);
    if let (Body::DaemonSet(new), Body::DaemonSet(old)) = (&next.body, &current.body) {
        let changed = i64::from(new.spec.template != old.spec.template);
        let generation = template_generation(&current.meta) + changed;
        set_template_generation(Arc::make_mut(&mut next.meta), generation);
    }
    let annotations_changed =
        next.kind() == Kind::Deployment && next.meta.annotations != current.meta.annotations;
    let labels_changed =
        next.kind() == Kind::EndpointSlice && next.meta.labels != current.meta.labels;
    let generation = current.meta.generation.map(|generation| {
        if changed || annotations_changed || labels_changed { generation + 1 } else { generation }
    });
    // Metadata that nobody touched is shared, and so is known to be the same.
    if Arc::ptr_eq(&next.meta, &current.meta) && generation == current.meta.generation {
        return;
    }
    let meta = Arc::make_mut(&mut next.meta);
    meta.generation = generation;
    meta.creation_timestamp.clone_from(&current.meta.creation_timestamp);
    meta.uid.clone_from(&current.meta.uid);
    meta.deletion_timestamp.clone_from(&current.meta.deletion_timestamp);
    meta.deletion_grace_period_seconds = current.meta.deletion_grace_period_seconds;
    meta.generate_name.clone_from(&current.meta.generate_name);
    if *next.meta == *current.meta {
        next.meta = Arc::clone(&current.meta);
    }
}

/// Whether two bodies hold the very same spec (or the one struct there is), so that nothing needs defaulting.
pub(super) fn shares_spec(next: &Body, current: &Body) -> bool {
    match (next, current) {
        (Body::Pod(next), Body::Pod(current)) => Arc::ptr_eq(&next.shared, &current.shared),
        (Body::DaemonSet(next), Body::DaemonSet(current)) => Arc::ptr_eq(&next.spec, &current.spec),
        (Body::Deployment(next), Body::Deployment(current)) => {
            Arc::ptr_eq(&next.spec, &current.spec)
        }
        (Body::ReplicaSet(next), Body::ReplicaSet(current)) => {
            Arc::ptr_eq(&next.spec, &current.spec)
        }
        (Body::Service(next), Body::Service(current)) => Arc::ptr_eq(&next.spec, &current.spec),
        (Body::Node(next), Body::Node(current)) => Arc::ptr_eq(&next.spec, &current.spec),
        (Body::Secret(next), Body::Secret(current)) => Arc::ptr_eq(next, current),
        (Body::EndpointSlice(next), Body::EndpointSlice(current)) => Arc::ptr_eq(next, current),
        (Body::Value(next), Body::Value(current)) => Arc::ptr_eq(&next.fields, &current.fields),
        _ => false,
    }
}

/// Keeps the status, shares equal specs; true if the spec (or the one struct there is) changed.
fn carry_over(next: &mut Body, current: &Body) -> bool {
    match (next, current) {
        (Body::Pod(next), Body::Pod(current)) => {
            next.status = Arc::clone(&current.status);
            // A Pod's own fields are part of its spec, but admission made its token volume's name.
            let own_changed = next.own != current.own;
            share(&mut next.shared, &current.shared) || own_changed
        }
        (Body::DaemonSet(next), Body::DaemonSet(current)) => {
            next.status = Arc::clone(&current.status);
            share(&mut next.spec, &current.spec)
        }
        (Body::ControllerRevision(next), Body::ControllerRevision(current)) => share(next, current),
        (Body::Deployment(next), Body::Deployment(current)) => {
            next.status = Arc::clone(&current.status);
            share(&mut next.spec, &current.spec)
        }
        (Body::ReplicaSet(next), Body::ReplicaSet(current)) => {
            next.status = Arc::clone(&current.status);
            share(&mut next.spec, &current.spec)
        }
        (Body::Service(next), Body::Service(current)) => {
            next.status = Arc::clone(&current.status);
            share(&mut next.spec, &current.spec)
        }
        (Body::Node(next), Body::Node(current)) => {
            next.status = Arc::clone(&current.status);
            share(&mut next.spec, &current.spec)
        }
        (Body::Namespace(next), Body::Namespace(current)) => {
            // Finalizers go through their own subresource.
            next.clone_from(current);
            false
        }
        (Body::ConfigMap(next), Body::ConfigMap(current)) => share(next, current),
        (Body::Event(next), Body::Event(current)) => share(next, current),
        (Body::Secret(next), Body::Secret(current)) => share(next, current),
        (Body::ServiceAccount(next), Body::ServiceAccount(current)) => share(next, current),
        (Body::Lease(next), Body::Lease(current)) => share(next, current),
        (Body::EndpointSlice(next), Body::EndpointSlice(current)) => share(next, current),
        (Body::Value(next), Body::Value(current)) => {
            let mut changed = share(&mut next.fields, &current.fields);
            if has_own_status(next.kind) {
                next.status = Arc::clone(&current.status);
            } else {
                changed |= share(&mut next.status, &current.status);
            }
            if next.kind == Kind::CustomResourceDefinition {
                note_stored_version(next);
            }
            changed
        }
        // The key holds the kind, so both bodies are of one kind.
        (next, current) => {
            next.clone_from(current);
            false
        }
    }
}

/// Makes `next` the same allocation as `current` where they are equal; true if they differ.
fn share<T: PartialEq>(next: &mut Arc<T>, current: &Arc<T>) -> bool {
    if Arc::ptr_eq(next, current) {
        return false;
    }
    if **next == **current {
        *next = Arc::clone(current);
        return false;
    }
    true
}

/// Takes everything but the status from the stored version; true if the status changed.
pub(super) fn prepare_for_status_update(next: &mut Body, current: &Body) -> bool {
    match (next, current) {
        (Body::Pod(next), Body::Pod(current)) => {
            next.shared = Arc::clone(&current.shared);
            next.own.clone_from(&current.own);
            if next.status.qos_class.is_none() && current.status.qos_class.is_some() {
                Arc::make_mut(&mut next.status).qos_class.clone_from(&current.status.qos_class);
            }
            share(&mut next.status, &current.status)
        }
        (Body::DaemonSet(next), Body::DaemonSet(current)) => {
            next.spec = Arc::clone(&current.spec);
            share(&mut next.status, &current.status)
        }
        (Body::Deployment(next), Body::Deployment(current)) => {
            next.spec = Arc::clone(&current.spec);
            share(&mut next.status, &current.status)
        }
        (Body::ReplicaSet(next), Body::ReplicaSet(current)) => {
            next.spec = Arc::clone(&current.spec);
            share(&mut next.status, &current.status)
        }
        (Body::Service(next), Body::Service(current)) => {
            next.spec = Arc::clone(&current.spec);
            share(&mut next.status, &current.status)
        }
        (Body::Node(next), Body::Node(current)) => {
            next.spec = Arc::clone(&current.spec);
            share(&mut next.status, &current.status)
        }
        (Body::Namespace(next), Body::Namespace(current)) => {
            next.spec = Arc::clone(&current.spec);
            share(&mut next.status, &current.status)
        }
        (Body::Value(next), Body::Value(current)) => {
            next.fields = Arc::clone(&current.fields);
            share(&mut next.status, &current.status)
        }
        (next, current) => {
            next.clone_from(current);
            false
        }
    }
}

/// Sets the `PodScheduled` condition to true, as binding does; the transition time moves only with the status.
pub(super) fn set_scheduled(status: &mut PodStatus, generation: Option<i64>, now: Time) {
    let conditions = status.conditions.get_or_insert_default();
    let old = conditions.iter_mut().find(|condition| condition.type_ == "PodScheduled");
    let transition = match &old {
        Some(old) if old.status == "True" => old.last_transition_time.clone(),
        Some(_) | None => Some(now.to_meta()),
    };
    let condition = PodCondition {
        type_: "PodScheduled".to_owned(),
        status: "True".to_owned(),
        last_transition_time: transition,
        observed_generation: generation,
        ..PodCondition::default()
    };
    match old {
        Some(old) => *old = condition,
        None => conditions.push(condition),
    }
}
