//! The EndpointSlice controller: for every Service with a selector, the addresses of the Pods behind it.
//!
//! Models kubernetes `pkg/controller/endpointslice/endpointslice_controller.go` (`syncService`) and
//! `staging/src/k8s.io/endpointslice/reconciler.go`: one group of slices for each set of resolved ports, at most 100
//! endpoints a slice, as few slices touched as possible, an empty one where there is no endpoint at all.

mod endpoint;
mod slices;

use std::collections::BTreeMap;
use std::sync::Arc;

use k8s_openapi::api::core::v1::{PodSpec, ServiceSpec};
use k8s_openapi::api::discovery::v1::{Endpoint, EndpointPort};

use self::endpoint::{belongs, endpoint, resolve_ports};
use self::slices::{Group, plan};
use super::pods::{is_finished, is_ready, pod_body};
use super::{Controller, Requeue};
use crate::object::{Body, Key, Kind, Object, StatusError, labels_match};
use crate::order;
use crate::store::{Change, Client, DeleteOptions, Store};

/// The controller's line in the list.
pub const ENDPOINT_SLICE: Controller =
    Controller { name: "endpoint-slice-controller", keys, reconcile, cloud: false };

/// Which Service a slice belongs to.
pub(super) const SERVICE_NAME: &str = "kubernetes.io/service-name";
/// Who keeps a slice.
const MANAGED_BY: &str = "endpointslice.kubernetes.io/managed-by";
const MANAGER: &str = "endpointslice-controller.k8s.io";

#[expect(clippy::wildcard_enum_match_arm, reason = "only a few kinds concern a controller")]
fn keys(change: &Change, store: &Store) -> Vec<Key> {
    match change.key.kind {
        Kind::Service => vec![change.key.clone()],
        Kind::Pod if pod_matters(change) => {
            let mut keys = services_of(change.object(), store);
            if let Some(before) = change.before.as_ref().filter(|_| change.after.is_some()) {
                keys.extend(services_of(before, store));
            }
            order::sort(&mut keys);
            keys.dedup();
            keys
        }
        // Its own writes need no second look; a slice that somebody deleted or changed is put right.
        Kind::EndpointSlice if change.cause.actor.name() != ENDPOINT_SLICE.name => {
            let slice = change.object();
            let managed = slice.label(MANAGED_BY) == Some(MANAGER);
            let service = slice.label(SERVICE_NAME).filter(|_| managed);
            service
                .map(|name| Key::new(Kind::Service, slice.namespace(), name))
                .into_iter()
                .collect()
        }
        _ => Vec::new(),
    }
}

/// Whether anything of a Pod changed that an endpoint shows (`podEndpointsChanged`).
fn pod_matters(change: &Change) -> bool {
    let facts = |object: &Object| {
        let pod = pod_body(object)?;
        let own = (pod.own.node_name.clone(), pod.own.hostname.clone());
        let state = (is_ready(pod), is_finished(pod), object.terminating());
        Some((pod.status.pod_ip.clone(), own, state))
    };
    match (&change.before, &change.after) {
        (Some(before), Some(after)) => {
            facts(before) != facts(after) || before.meta.labels != after.meta.labels
        }
        // Without an address there is nothing to add or remove.
        _ => pod_body(change.object()).is_some_and(|pod| pod.status.pod_ip.is_some()),
    }
}

fn services_of(pod: &Object, store: &Store) -> Vec<Key> {
    store
        .list(Kind::Service, Some(pod.namespace()))
        .filter(|service| {
            let wanted = service.as_service().and_then(|body| selector(&body.spec));
            wanted.is_some_and(|wanted| labels_match(wanted, pod.meta.labels.as_ref()))
        })
        .map(|service| service.key())
        .collect()
}

/// Which Pods a Service is for, if the slices are kept for it.
pub(super) fn selector(spec: &ServiceSpec) -> Option<&BTreeMap<String, String>> {
    let external = spec.type_.as_deref() == Some("ExternalName");
    spec.selector.as_ref().filter(|selector| !external && !selector.is_empty())
}

fn reconcile(client: &mut Client<'_>, key: &Key) -> Requeue {
    let Some(service) = client.store().get(key).cloned() else { return Requeue::No };
    let Body::Service(body) = &service.body else { return Requeue::No };
    if selector(&body.spec).is_none() || service.terminating() {
        return Requeue::No;
    }
    let groups = desired(client.store(), &service, &body.spec);
    // By their labels: those of an earlier Service of the same name, left behind as orphans, are put away.
    let (existing, foreign): (Vec<_>, Vec<_>) = client
        .store()
        .list(Kind::EndpointSlice, Some(service.namespace()))
        .filter(|slice| !slice.terminating() && slice.label(MANAGED_BY) == Some(MANAGER))
        .filter(|slice| slice.label(SERVICE_NAME) == Some(service.name()))
        .map(Arc::clone)
        .partition(|slice| slice.controller().is_some_and(|owner| owner.uid == service.uid()));
    let mut plan = plan(&service, &body.spec, groups, &existing, client.now());
    plan.delete.extend(foreign.iter().map(|slice| slice.key()));
    let done = write(client, plan);
    if done.is_ok() { Requeue::No } else { Requeue::BackOff }
}

/// The endpoints that there should be, by the ports that the Service's ports mean in each Pod.
fn desired(store: &Store, service: &Object, spec: &ServiceSpec) -> Vec<Group> {
    let Some(selector) = selector(spec) else { return Vec::new() };
    let mut groups: Vec<(Vec<EndpointPort>, Vec<Endpoint>)> = Vec::new();
    // Siblings share their spec, and so their ports.
    let mut last: Option<(&Arc<PodSpec>, usize)> = None;
    for pod in store.list(Kind::Pod, Some(service.namespace())) {
        let Some(body) = pod_body(pod) else { continue };
        if !labels_match(selector, pod.meta.labels.as_ref()) || !belongs(body) {
            continue;
        }
        let sibling = last.filter(|(shared, _)| Arc::ptr_eq(shared, &body.shared));
        let group = sibling.map_or_else(
            || {
                let ports = resolve_ports(spec, body);
                groups.iter().position(|(known, _)| *known == ports).unwrap_or_else(|| {
                    groups.push((ports, Vec::new()));
                    groups.len() - 1
                })
            },
            |(_, group)| group,
        );
        last = Some((&body.shared, group));
        groups[group].1.push(endpoint(store, service, spec, pod, body));
    }
    groups.into_iter().map(|(ports, endpoints)| Group { ports, endpoints }).collect()
}

fn write(client: &mut Client<'_>, plan: slices::Plan) -> Result<(), StatusError> {
    for slice in plan.create {
        client.create(slice)?;
    }
    for slice in plan.update {
        client.update(slice)?;
    }
    for key in plan.delete {
        client.delete(&key, &DeleteOptions::default())?;
    }
    Ok(())
}
