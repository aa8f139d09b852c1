//! A load balancer for Services that ask for one.
//!
//! Stands for the service controller of a cloud provider (`staging/src/k8s.io/cloud-provider/controllers/service`):
//! holds the Service by a finalizer, gives it an address, tells of it, and lets go when the Service is deleted or asks
//! for another type. The reference world has none; there Services wait for an address for ever.
//! *Differs:* addresses come from 203.0.113.0/24, reserved for documentation, the lowest free one first.

use std::collections::BTreeSet;
use std::sync::Arc;

use k8s_openapi::api::core::v1::{LoadBalancerIngress, LoadBalancerStatus};

use super::{Controller, Requeue};
use crate::object::{Body, Key, Kind, Object, StatusError};
use crate::order;
use crate::store::{Change, Client, EventType, Store};

/// The controller's line in the list.
pub const LOAD_BALANCER: Controller =
    Controller { name: "service-controller", keys, reconcile, cloud: true };

const FINALIZER: &str = "service.kubernetes.io/load-balancer-cleanup";

fn keys(change: &Change, _store: &Store) -> Vec<Key> {
    let concerned = change.key.kind == Kind::Service
        && change.after.as_ref().is_some_and(|service| wants(service) || is_held(service));
    if concerned { vec![change.key.clone()] } else { Vec::new() }
}

fn wants(service: &Object) -> bool {
    let Body::Service(body) = &service.body else { return false };
    body.spec.type_.as_deref() == Some("LoadBalancer")
        && body.spec.load_balancer_class.is_none()
        && !service.terminating()
}

fn is_held(service: &Object) -> bool {
    service.meta.finalizers.iter().flatten().any(|one| one == FINALIZER)
}

fn address(service: &Object) -> Option<&str> {
    let Body::Service(body) = &service.body else { return None };
    let ingress = body.status.load_balancer.as_ref()?.ingress.as_ref()?;
    ingress.first()?.ip.as_deref()
}

fn reconcile(client: &mut Client<'_>, key: &Key) -> Requeue {
    let Some(service) = client.store().get(key).cloned() else { return Requeue::No };
    let done = match (wants(&service), is_held(&service), address(&service)) {
        (true, true, Some(_)) | (false, false, _) => return Requeue::No,
        (true, _, _) => ensure(client, &service),
        (false, true, _) => release(client, &service),
    };
    if done.is_ok() { Requeue::No } else { Requeue::BackOff }
}

fn ensure(client: &mut Client<'_>, service: &Arc<Object>) -> Result<(), StatusError> {
    let Some(free) = free_address(client.store()) else {
        let message =
            "Error syncing load balancer: failed to ensure load balancer: no address left";
        client.record(service, EventType::Warning, "SyncLoadBalancerFailed", message);
        return Ok(());
    };
    client.record(service, EventType::Normal, "EnsuringLoadBalancer", "Ensuring load balancer");
    if !is_held(service) {
        client.modify(&service.key(), |service| {
            let meta = Arc::make_mut(&mut service.meta);
            meta.finalizers.get_or_insert_default().push(FINALIZER.to_owned());
        })?;
    }
    let ingress = LoadBalancerIngress {
        ip: Some(free),
        ip_mode: Some("VIP".to_owned()),
        ..LoadBalancerIngress::default()
    };
    set_status(client, service, Some(LoadBalancerStatus { ingress: Some(vec![ingress]) }))?;
    client.record(service, EventType::Normal, "EnsuredLoadBalancer", "Ensured load balancer");
    Ok(())
}

fn release(client: &mut Client<'_>, service: &Arc<Object>) -> Result<(), StatusError> {
    client.record(service, EventType::Normal, "DeletingLoadBalancer", "Deleting load balancer");
    set_status(client, service, None)?;
    client.modify(&service.key(), |service| {
        if let Some(finalizers) = &mut Arc::make_mut(&mut service.meta).finalizers {
            finalizers.retain(|one| one != FINALIZER);
        }
    })?;
    client.record(service, EventType::Normal, "DeletedLoadBalancer", "Deleted load balancer");
    Ok(())
}

fn set_status(
    client: &mut Client<'_>,
    service: &Object,
    balancer: Option<LoadBalancerStatus>,
) -> Result<(), StatusError> {
    client.update_status(&service.key(), |body| {
        if let Body::Service(body) = body {
            Arc::make_mut(&mut body.status).load_balancer = balancer;
        }
    })?;
    Ok(())
}

fn free_address(store: &Store) -> Option<String> {
    let taken: BTreeSet<&str> =
        order::set(store.list(Kind::Service, None).filter_map(|service| address(service)));
    (1..255).map(|host| format!("203.0.113.{host}")).find(|free| !taken.contains(free.as_str()))
}
