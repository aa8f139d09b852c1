//! Defaults and validation by kind: the one place that knows which rules an object is held to.
//!
//! Models the strategies under kubernetes `pkg/registry`: `Validate` and `ValidateUpdate`. A new kind has its lines here
//! and its rules in a file of its own.

use std::sync::Arc;

use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::config::{
    default_secret, validate_config_map, validate_config_map_update, validate_secret,
    validate_secret_update,
};
use super::daemon_set::{
    default_daemon_set, validate_controller_revision, validate_controller_revision_update,
    validate_daemon_set, validate_daemon_set_update,
};
use super::deployment::{default_deployment, validate_deployment, validate_deployment_update};
use super::field::Errors;
use super::meta::{NameRule, validate_meta, validate_meta_update};
use super::node::{
    default_endpoint_slice, default_node_status, validate_endpoint_slice, validate_lease,
    validate_node, validate_node_update,
};
use super::replica_set::{default_replica_set, validate_replica_set, validate_replica_set_update};
use super::service::{default_service, validate_service, validate_service_update};
use super::value::{rules_of, settle_job};
use super::{Body, Kind, Object, PodBody, names, pod};
use crate::time::Time;

/// The label that every Namespace carries its name in.
const NAMESPACE_NAME_LABEL: &str = "kubernetes.io/metadata.name";

/// What objects of a kind may be called.
pub fn name_rule(kind: Kind) -> NameRule {
    match kind {
        Kind::Namespace | Kind::Service => names::dns1123_label,
        _ => rules_of(kind).name,
    }
}

/// Fills in what the author left out. Doing it twice changes nothing. Pods are defaulted where they are admitted.
#[inline(never)]
pub fn default(object: &mut Object) {
    match &mut object.body {
        Body::DaemonSet(body) => default_daemon_set(Arc::make_mut(&mut body.spec)),
        Body::Deployment(body) => default_deployment(Arc::make_mut(&mut body.spec)),
        Body::ReplicaSet(body) => default_replica_set(Arc::make_mut(&mut body.spec)),
        Body::Service(body) => default_service(Arc::make_mut(&mut body.spec)),
        Body::Secret(secret) => default_secret(Arc::make_mut(secret)),
        Body::Node(body) => default_node_status(Arc::make_mut(&mut body.status)),
        Body::EndpointSlice(slice) => default_endpoint_slice(Arc::make_mut(slice)),
        Body::Namespace(_) => {
            if let Some(name) = object.meta.name.clone().filter(|name| !name.is_empty()) {
                let labels = Arc::make_mut(&mut object.meta).labels.get_or_insert_default();
                labels.insert(NAMESPACE_NAME_LABEL.to_owned(), name);
            }
        }
        Body::Value(body) => {
            (rules_of(body.kind).default)(Arc::make_mut(&mut body.fields));
        }
        _ => {}
    }
}

/// Gives a new object, named and with its uid, what the server gives beyond that at this moment.
pub fn prepare(object: &mut Object, now: Time) {
    if let Body::Value(body) = &mut object.body {
        (rules_of(body.kind).prepare)(&mut object.meta, body, now);
    }
}

/// Fills in what only a stored object has.
pub fn settle(object: &mut Object) {
    if let Body::Value(body) = &object.body
        && body.kind == Kind::Job
    {
        settle_job(&mut object.meta, body);
    }
}

/// What is wrong with a new object.
#[inline(never)]
pub fn validate(object: &Object) -> Errors {
    let mut errors = Errors::new();
    if let Body::Pod(body) = &object.body {
        pod::validate_pod(&mut errors, &wire_pod(object, body));
        return errors;
    }
    let info = object.kind().info();
    // Its strategy leaves metadata to the common check, which comes last and only if all else is well.
    let meta_last = info.kind() == Kind::PodDisruptionBudget;
    if !meta_last {
        validate_meta(&mut errors, &object.meta, info.namespaced, name_rule(info.kind()));
    }
    validate_body(&mut errors, object);
    if let Body::Value(body) = &object.body {
        (rules_of(body.kind).validate_new)(&mut errors, object, body);
    }
    if meta_last && errors.is_empty() {
        validate_meta(&mut errors, &object.meta, info.namespaced, name_rule(info.kind()));
    }
    errors
}

fn validate_body(errors: &mut Errors, object: &Object) {
    match &object.body {
        Body::ControllerRevision(revision) => validate_controller_revision(errors, revision),
        Body::DaemonSet(body) => validate_daemon_set(errors, &body.spec),
        Body::Deployment(body) => validate_deployment(errors, &body.spec),
        Body::ReplicaSet(body) => validate_replica_set(errors, &body.spec),
        Body::Service(body) => validate_service(errors, &body.spec),
        Body::ConfigMap(config) => validate_config_map(errors, config),
        Body::Secret(secret) => validate_secret(errors, secret, &object.meta),
        Body::Node(body) => validate_node(errors, &body.spec),
        Body::Lease(lease) => {
            if let Some(spec) = &lease.spec {
                validate_lease(errors, spec);
            }
        }
        Body::EndpointSlice(slice) => validate_endpoint_slice(errors, slice),
        Body::Value(body) => (rules_of(body.kind).validate)(errors, object, body),
        Body::Event(_) | Body::Namespace(_) | Body::ServiceAccount(_) | Body::Pod(_) => {}
    }
}

/// What is wrong with an object as it replaces the stored one.
#[inline(never)]
pub fn validate_update(object: &Object, current: &Object) -> Errors {
    let mut errors = Errors::new();
    let validate_meta_update =
        |errors: &mut Errors, meta: &Arc<ObjectMeta>, old: &Arc<ObjectMeta>| {
            // Metadata that is shared with the stored version was found good when that was stored.
            if !Arc::ptr_eq(meta, old) {
                validate_meta_update(errors, meta, old);
            }
        };
    if let (Body::Pod(new), Body::Pod(old)) = (&object.body, &current.body) {
        if Arc::ptr_eq(&new.shared, &old.shared) && new.own == old.own {
            validate_meta_update(&mut errors, &object.meta, &current.meta);
        } else {
            let (pod, old) = (wire_pod(object, new), wire_pod(current, old));
            pod::validate_pod_update(&mut errors, &pod, &old);
        }
        return errors;
    }
    validate_meta_update(&mut errors, &object.meta, &current.meta);
    // What is updated most of all.
    if let Body::Lease(lease) = &object.body {
        if let Some(spec) = &lease.spec {
            validate_lease(&mut errors, spec);
        }
        return errors;
    }
    validate_body_update(&mut errors, object, current);
    errors
}

#[inline(never)]
fn validate_body_update(errors: &mut Errors, object: &Object, current: &Object) {
    match (&object.body, &current.body) {
        (Body::ControllerRevision(new), Body::ControllerRevision(old)) => {
            validate_controller_revision_update(errors, new, old);
        }
        (Body::DaemonSet(new), Body::DaemonSet(old)) => {
            if !Arc::ptr_eq(&new.spec, &old.spec) {
                validate_daemon_set_update(errors, &new.spec, &old.spec);
            }
        }
        (Body::Deployment(new), Body::Deployment(old)) => {
            if !Arc::ptr_eq(&new.spec, &old.spec) {
                validate_deployment_update(errors, &new.spec, &old.spec);
            }
        }
        (Body::ReplicaSet(new), Body::ReplicaSet(old)) => {
            if !Arc::ptr_eq(&new.spec, &old.spec) {
                validate_replica_set_update(errors, &new.spec, &old.spec);
            }
        }
        (Body::Service(new), Body::Service(old)) => {
            validate_service_update(errors, &new.spec, &old.spec);
        }
        (Body::ConfigMap(new), Body::ConfigMap(old)) => {
            validate_config_map_update(errors, new, old);
        }
        (Body::Secret(new), Body::Secret(old)) => {
            validate_secret_update(errors, new, &object.meta, old);
        }
        (Body::Node(new), Body::Node(old)) => {
            validate_node_update(errors, &new.spec, &old.spec);
        }
        (Body::Value(new), Body::Value(old)) => {
            if !Arc::ptr_eq(&new.fields, &old.fields) {
                let rules = rules_of(new.kind);
                (rules.validate)(errors, object, new);
                (rules.validate_update)(errors, object, new, old);
            }
        }
        _ => validate_body(errors, object),
    }
}

/// The Pod as one wire struct. The token volume keeps its name without suffix: validation knows it.
fn wire_pod(object: &Object, body: &PodBody) -> Pod {
    let mut spec = k8s_openapi::api::core::v1::PodSpec::clone(&body.shared);
    spec.node_name = body.own.node_name.as_ref().map(ToString::to_string);
    spec.hostname = body.own.hostname.as_ref().map(ToString::to_string);
    Pod { metadata: (*object.meta).clone(), spec: Some(spec), status: None }
}
