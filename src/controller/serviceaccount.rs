//! What every namespace has: the ServiceAccount `default` and the ConfigMap `kube-root-ca.crt`.
//!
//! Models kubernetes `pkg/controller/serviceaccount/serviceaccounts_controller.go` and
//! `pkg/controller/certificates/rootcacertpublisher/publisher.go`: made for each active namespace, made again when
//! deleted, and the ConfigMap's content put right when it was changed.
//! *Differs:* the certificate is a fixed text that no machine would accept.

use std::sync::Arc;

use k8s_openapi::api::core::v1::{ConfigMap, ServiceAccount};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::{Controller, Requeue};
use crate::object::{Body, Key, Kind, Object};
use crate::store::{Change, Client, Store};

/// Makes each ServiceAccount.
pub const SERVICE_ACCOUNT: Controller = Controller {
    name: "service-account-controller",
    keys: service_account_keys,
    reconcile: reconcile_service_account,
    cloud: false,
};

/// Publishes the root certificate.
pub const ROOT_CA: Controller = Controller {
    name: "root-ca-certificate-publisher",
    keys: root_ca_keys,
    reconcile: reconcile_root_ca,
    cloud: false,
};

const SERVICE_ACCOUNT_NAME: &str = "default";
const ROOT_CA_NAME: &str = "kube-root-ca.crt";
const ROOT_CA_ENTRY: &str = "ca.crt";
const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----
a2luZCByZWdhcmRzIGZyb20gdGhlIGxpdHRsZSBib2F0OyBub3QgYSBjZXJ0aWZpY2F0ZQ==
-----END CERTIFICATE-----
";

/// The namespace as key, where it is new or what it should have changed or went.
fn namespace_key(change: &Change, kind: Kind, name: &str) -> Vec<Key> {
    let namespace = if change.key.kind == Kind::Namespace && change.after.is_some() {
        &change.key.name
    } else if change.key.kind == kind && *change.key.name == *name {
        &change.key.namespace
    } else {
        return Vec::new();
    };
    vec![Key::cluster(Kind::Namespace, Arc::clone(namespace))]
}

fn service_account_keys(change: &Change, _store: &Store) -> Vec<Key> {
    if change.key.kind == Kind::ServiceAccount && change.after.is_some() {
        return Vec::new();
    }
    namespace_key(change, Kind::ServiceAccount, SERVICE_ACCOUNT_NAME)
}

fn root_ca_keys(change: &Change, _store: &Store) -> Vec<Key> {
    namespace_key(change, Kind::ConfigMap, ROOT_CA_NAME)
}

fn is_active(client: &Client<'_>, namespace: &Key) -> bool {
    client.store().get(namespace).is_some_and(|object| !object.terminating())
}

fn meta(namespace: &Key, name: &str) -> ObjectMeta {
    ObjectMeta {
        name: Some(name.to_owned()),
        namespace: Some(namespace.name.to_string()),
        ..ObjectMeta::default()
    }
}

fn reconcile_service_account(client: &mut Client<'_>, namespace: &Key) -> Requeue {
    let key = Key::new(Kind::ServiceAccount, Arc::clone(&namespace.name), SERVICE_ACCOUNT_NAME);
    if !is_active(client, namespace) || client.store().get(&key).is_some() {
        return Requeue::No;
    }
    let body = Body::ServiceAccount(ServiceAccount::default().into());
    match client.create(Object::new(meta(namespace, SERVICE_ACCOUNT_NAME), body)) {
        Ok(_) => Requeue::No,
        Err(_) => Requeue::BackOff,
    }
}

fn reconcile_root_ca(client: &mut Client<'_>, namespace: &Key) -> Requeue {
    if !is_active(client, namespace) {
        return Requeue::No;
    }
    let wanted = ConfigMap {
        data: Some([(ROOT_CA_ENTRY.to_owned(), CERTIFICATE.to_owned())].into()),
        ..ConfigMap::default()
    };
    let key = Key::new(Kind::ConfigMap, Arc::clone(&namespace.name), ROOT_CA_NAME);
    let written = match client.store().get(&key) {
        None => {
            let mut meta = meta(namespace, ROOT_CA_NAME);
            let description = "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.";
            meta.annotations =
                Some([("kubernetes.io/description".to_owned(), description.to_owned())].into());
            client.create(Object::new(meta, Body::ConfigMap(wanted.into())))
        }
        Some(current) => {
            if current.as_config_map().is_none_or(|held| held.data == wanted.data) {
                return Requeue::No;
            }
            let body = Body::ConfigMap(wanted.into());
            client.update(Object { body, ..Object::clone(current) })
        }
    };
    if written.is_ok() { Requeue::No } else { Requeue::BackOff }
}
