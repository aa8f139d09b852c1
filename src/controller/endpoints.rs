//! The endpoints controller: Endpoints objects for those who still read them, beside the EndpointSlices.
//!
//! Models kubernetes `pkg/controller/endpoint/endpoints_controller.go` (`syncService`) and
//! `pkg/api/v1/endpoints/util.go` (`RepackSubsets`). *Differs:* it reads the Service's slices, so it follows them by some
//! milliseconds.

use std::collections::BTreeMap;
use std::sync::Arc;

use k8s_openapi::api::discovery::v1::EndpointSlice;
use serde_json::{Map, Value, json};

use super::endpointslice::{SERVICE_NAME, selector};
use super::{Controller, Requeue};
use crate::manifest::encode;
use crate::object::{Key, Kind, Object, service};
use crate::order;
use crate::store::{Change, Client, DeleteOptions, Store};

/// The controller's line in the list.
pub const ENDPOINTS: Controller =
    Controller { name: "endpoint-controller", keys, reconcile, cloud: false };

/// Who keeps the object.
const MANAGED_BY: &str = "endpoints.kubernetes.io/managed-by";
/// Marks the Endpoints of a Service without an address.
const HEADLESS: &str = "service.kubernetes.io/headless";
/// When the last change came about.
const TRIGGER_TIME: &str = "endpoints.kubernetes.io/last-change-trigger-time";

#[expect(clippy::wildcard_enum_match_arm, reason = "only a few kinds concern a controller")]
fn keys(change: &Change, _store: &Store) -> Vec<Key> {
    let object = change.object();
    let name = match change.key.kind {
        Kind::Service => Some(object.name()),
        Kind::EndpointSlice => object.label(SERVICE_NAME),
        Kind::Endpoints if change.cause.actor.name() != ENDPOINTS.name => Some(object.name()),
        _ => None,
    };
    name.map(|name| Key::new(Kind::Service, object.namespace(), name)).into_iter().collect()
}

fn reconcile(client: &mut Client<'_>, key: &Key) -> Requeue {
    let endpoints = Key::new(Kind::Endpoints, Arc::clone(&key.namespace), Arc::clone(&key.name));
    let current = client.store().get(&endpoints).cloned();
    let Some(service) = client.store().get(key).cloned() else {
        let managed = current.is_some_and(|current| current.label(MANAGED_BY).is_some());
        if managed {
            // Who deleted it first had the same in mind.
            drop(client.delete(&endpoints, &DeleteOptions::default()));
        }
        return Requeue::No;
    };
    let Some(body) = service.as_service() else { return Requeue::No };
    if selector(&body.spec).is_none() || service.terminating() {
        return Requeue::No;
    }
    let (subsets, trigger) = subsets(client.store(), &service);
    let mut labels = service.meta.labels.clone().unwrap_or_default();
    labels.insert(MANAGED_BY.to_owned(), ENDPOINTS.name.to_owned());
    if service::is_headless(&body.spec) {
        labels.insert(HEADLESS.to_owned(), String::new());
    }
    let mut annotations = BTreeMap::new();
    if let Some(trigger) = trigger {
        annotations.insert(TRIGGER_TIME.to_owned(), trigger);
    }
    let meta = json!({
        "name": service.name(), "namespace": service.namespace(),
        "labels": encode(&labels), "annotations": encode(&annotations),
    });
    let mut fields = json!({ "metadata": meta });
    if !subsets.is_empty() {
        fields["subsets"] = Value::Array(subsets);
    }
    let wanted = Object::from_value(Kind::Endpoints, fields);
    let written = match current {
        None => client.create(wanted),
        Some(current) => {
            let same = current.meta.labels == wanted.meta.labels
                && current.as_value().map(|body| body.field("subsets"))
                    == wanted.as_value().map(|body| body.field("subsets"));
            if same {
                return Requeue::No;
            }
            let mut next = Object::clone(&current);
            next.body = wanted.body;
            let meta = Arc::make_mut(&mut next.meta);
            meta.labels.clone_from(&wanted.meta.labels);
            meta.annotations.clone_from(&wanted.meta.annotations);
            client.update(next)
        }
    };
    if written.is_ok() { Requeue::No } else { Requeue::BackOff }
}

/// The addresses of the Service's slices by their ports, and when the last of them changed.
fn subsets(store: &Store, service: &Object) -> (Vec<Value>, Option<String>) {
    let mut trigger: Option<String> = None;
    let mut found: Vec<(Value, [Vec<Value>; 2])> = Vec::new();
    let slices = store.list(Kind::EndpointSlice, Some(service.namespace()));
    for slice in slices.filter(|slice| slice.label(SERVICE_NAME) == Some(service.name())) {
        let Some(body) = slice.as_endpoint_slice() else { continue };
        trigger = trigger.max(slice.annotation(TRIGGER_TIME).map(str::to_owned));
        let ports = ports(body);
        let at = found.iter().position(|(known, _)| *known == ports).unwrap_or_else(|| {
            found.push((ports, Default::default()));
            found.len() - 1
        });
        for endpoint in body.endpoints.iter().flatten() {
            let ready = endpoint.conditions.as_ref().and_then(|conditions| conditions.ready);
            let Some(ip) = endpoint.addresses.first() else { continue };
            let mut address = Map::new();
            address.insert("ip".to_owned(), ip.as_str().into());
            if let Some(hostname) = &endpoint.hostname {
                address.insert("hostname".to_owned(), hostname.as_str().into());
            }
            if let Some(node) = &endpoint.node_name {
                address.insert("nodeName".to_owned(), node.as_str().into());
            }
            if let Some(target) = &endpoint.target_ref {
                address.insert("targetRef".to_owned(), encode(target));
            }
            if let Some((_, sides)) = found.get_mut(at) {
                sides[usize::from(ready == Some(false))].push(Value::Object(address));
            }
        }
    }
    let subset = |(ports, sides): (Value, [Vec<Value>; 2])| {
        let mut subset = Map::new();
        for (field, mut addresses) in ["addresses", "notReadyAddresses"].into_iter().zip(sides) {
            order::sort_by(&mut addresses, |a, b| {
                let ip = |one: &Value| one["ip"].as_str().map(str::to_owned);
                ip(a).cmp(&ip(b))
            });
            if !addresses.is_empty() {
                subset.insert(field.to_owned(), Value::Array(addresses));
            }
        }
        if subset.is_empty() {
            return None;
        }
        if ports.as_array().is_some_and(|ports| !ports.is_empty()) {
            subset.insert("ports".to_owned(), ports);
        }
        Some(Value::Object(subset))
    };
    (found.into_iter().filter_map(subset).collect(), trigger)
}

fn ports(slice: &EndpointSlice) -> Value {
    let ports = slice.ports.iter().flatten().map(|port| {
        let mut shown = Map::new();
        if let Some(name) = port.name.as_deref().filter(|name| !name.is_empty()) {
            shown.insert("name".to_owned(), name.into());
        }
        shown.insert("port".to_owned(), port.port.unwrap_or(0).into());
        shown.insert("protocol".to_owned(), port.protocol.as_deref().unwrap_or("TCP").into());
        if let Some(protocol) = &port.app_protocol {
            shown.insert("appProtocol".to_owned(), protocol.as_str().into());
        }
        Value::Object(shown)
    });
    Value::Array(ports.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::{CAUSE, store};
    use crate::time::Time;

    #[test]
    fn addresses_stand_by_their_ports_the_ready_ones_apart() {
        let mut store = store();
        let mut client = Client::new(&mut store, Time::START, CAUSE);
        let meta = |name: &str| {
            let labels = json!({ SERVICE_NAME: "web" });
            json!({ "name": name, "namespace": "default", "labels": labels })
        };
        let endpoint =
            |ip: &str, ready: bool| json!({ "addresses": [ip], "conditions": { "ready": ready } });
        for (name, endpoints) in [
            ("a", json!([endpoint("10.0.0.2", true), endpoint("10.0.0.3", false)])),
            ("b", json!([endpoint("10.0.0.1", true)])),
        ] {
            let slice = json!({
                "metadata": meta(name), "addressType": "IPv4", "endpoints": endpoints,
                "ports": [{ "name": "", "port": 80, "protocol": "TCP" }],
            });
            client.create(Object::from_value(Kind::EndpointSlice, slice)).unwrap();
        }
        let service = Object::from_value(Kind::Service, json!({ "metadata": meta("web") }));
        let (found, _) = subsets(client.store(), &service);
        let expected = json!([{
            "addresses": [{ "ip": "10.0.0.1" }, { "ip": "10.0.0.2" }],
            "notReadyAddresses": [{ "ip": "10.0.0.3" }],
            "ports": [{ "port": 80, "protocol": "TCP" }],
        }]);
        assert_eq!(Value::Array(found), expected);
    }
}
