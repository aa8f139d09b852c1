//! The `EndpointSliceMirroring` controller: Endpoints that somebody wrote by hand, for a Service without a selector, become
//! EndpointSlices, which the network reads.
//!
//! Models kubernetes `pkg/controller/endpointslicemirroring` (`syncEndpoints`, `reconciler.go`, `utils.go`): a slice for each
//! subset, owned by the Endpoints. *Differs:* a subset of more than 1000 addresses is not cut, and of addresses of both
//! families in one subset those of the second are left out.

use std::sync::Arc;

use serde_json::{Value, json};

use super::endpointslice::{SERVICE_NAME, selector};
use super::owner::controller_ref;
use super::{Controller, Requeue};
use crate::manifest::encode;
use crate::object::value::look::{given, list, text};
use crate::object::{Key, Kind, Object, StatusError};
use crate::store::{Change, Client, DeleteOptions, Store};

/// The controller's line in the list.
pub const ENDPOINT_SLICE_MIRRORING: Controller =
    Controller { name: "endpoint-slice-mirroring-controller", keys, reconcile, cloud: false };

const MANAGED_BY: &str = "endpointslice.kubernetes.io/managed-by";
const MANAGER: &str = "endpointslicemirroring-controller.k8s.io";
/// Endpoints with this label stay alone.
const SKIP: &str = "endpointslice.kubernetes.io/skip-mirror";
/// So do those that only hold a lock.
const LEADER: &str = "control-plane.alpha.kubernetes.io/leader";
/// What is not copied.
const OWN: [&str; 2] = [
    "endpoints.kubernetes.io/last-change-trigger-time",
    "kubectl.kubernetes.io/last-applied-configuration",
];

#[expect(clippy::wildcard_enum_match_arm, reason = "only a few kinds concern a controller")]
fn keys(change: &Change, _: &Store) -> Vec<Key> {
    let object = change.object();
    let name = match change.key.kind {
        Kind::Endpoints | Kind::Service => Some(object.name()),
        Kind::EndpointSlice if change.cause.actor.name() != ENDPOINT_SLICE_MIRRORING.name => {
            object.label(SERVICE_NAME).filter(|_| object.label(MANAGED_BY) == Some(MANAGER))
        }
        _ => None,
    };
    name.map(|name| Key::new(Kind::Endpoints, object.namespace(), name)).into_iter().collect()
}

fn reconcile(client: &mut Client<'_>, key: &Key) -> Requeue {
    let existing: Vec<Arc<Object>> = client
        .store()
        .list(Kind::EndpointSlice, Some(&key.namespace))
        .filter(|slice| !slice.terminating() && slice.label(MANAGED_BY) == Some(MANAGER))
        .filter(|slice| slice.label(SERVICE_NAME) == Some(&*key.name))
        .cloned()
        .collect();
    let mut wanted = match mirrored(client.store(), key) {
        Some(endpoints) => slices(&endpoints),
        None => Vec::new(),
    };
    let mut gone = Vec::new();
    let mut changed = Vec::new();
    for slice in existing {
        let same_ports = |new: &Object| ports(new) == ports(&slice);
        match wanted.iter().position(same_ports) {
            Some(at) => {
                let Object { body, meta, .. } = wanted.remove(at);
                if body != slice.body || meta.labels != slice.meta.labels {
                    let mut next = Object::clone(&slice);
                    next.body = body;
                    Arc::make_mut(&mut next.meta).labels.clone_from(&meta.labels);
                    changed.push(next);
                }
            }
            None => gone.push(slice.key()),
        }
    }
    let written = write(client, wanted, changed, &gone);
    if written.is_ok() { Requeue::No } else { Requeue::BackOff }
}

fn write(
    client: &mut Client<'_>,
    create: Vec<Object>,
    update: Vec<Object>,
    delete: &[Key],
) -> Result<(), StatusError> {
    for slice in create {
        client.create(slice)?;
    }
    for slice in update {
        client.update(slice)?;
    }
    for key in delete {
        client.delete(key, &DeleteOptions::default())?;
    }
    Ok(())
}

/// The Endpoints, if they are to be mirrored: their Service is there and finds no Pods by itself.
fn mirrored(store: &Store, key: &Key) -> Option<Arc<Object>> {
    let endpoints = store.get(key).filter(|endpoints| !endpoints.terminating())?;
    if endpoints.label(SKIP) == Some("true") || endpoints.annotation(LEADER).is_some() {
        return None;
    }
    let service = Key::new(Kind::Service, Arc::clone(&key.namespace), Arc::clone(&key.name));
    let service = store.get(&service)?.as_service()?;
    selector(&service.spec).is_none().then(|| Arc::clone(endpoints))
}

fn ports(slice: &Object) -> Value {
    slice.as_endpoint_slice().map_or(Value::Null, |slice| encode(&slice.ports))
}

/// A slice for each subset that has addresses.
fn slices(endpoints: &Object) -> Vec<Object> {
    let Some(body) = endpoints.as_value() else { return Vec::new() };
    let Value::Array(subsets) = body.field("subsets") else { return Vec::new() };
    subsets.iter().filter_map(|subset| slice(endpoints, subset)).collect()
}

fn slice(endpoints: &Object, subset: &Value) -> Option<Object> {
    let ready = list(subset, "addresses").iter().map(|address| (address, true));
    let unready = list(subset, "notReadyAddresses").iter().map(|address| (address, false));
    let all: Vec<(&Value, bool)> = ready.chain(unready).collect();
    let six = |address: &Value| text(address, "ip").contains(':');
    let family = six(all.first()?.0);
    let entries =
        all.iter().filter(|(address, _)| six(address) == family).map(|(address, ready)| {
            let mut entry =
                json!({ "addresses": [text(address, "ip")], "conditions": { "ready": ready } });
            for field in ["hostname", "nodeName", "targetRef"] {
                if let Some(value) = given(address, field) {
                    entry[field] = value.clone();
                }
            }
            entry
        });
    let ports = list(subset, "ports").iter().map(|port| {
        let mut port = port.clone();
        // Its name is there though it be empty.
        let name = text(&port, "name").to_owned();
        port["name"] = Value::from(name);
        port
    });
    let mut labels = endpoints.meta.labels.clone().unwrap_or_default();
    labels.insert(SERVICE_NAME.to_owned(), endpoints.name().to_owned());
    labels.insert(MANAGED_BY.to_owned(), MANAGER.to_owned());
    let mut annotations = endpoints.meta.annotations.clone().unwrap_or_default();
    annotations.retain(|name, _| !OWN.contains(&name.as_str()));
    let fields = json!({
        "metadata": {
            "generateName": format!("{}-", endpoints.name()),
            "namespace": endpoints.namespace(),
            "labels": encode(&labels),
            "annotations": encode(&annotations),
            "ownerReferences": [encode(&controller_ref(endpoints))],
        },
        "addressType": if family { "IPv6" } else { "IPv4" },
        "endpoints": entries.collect::<Value>(),
        "ports": ports.collect::<Value>(),
    });
    Some(Object::from_value(Kind::EndpointSlice, fields))
}
