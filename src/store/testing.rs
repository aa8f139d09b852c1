//! For tests: a store with one namespace, and small valid objects.

use std::sync::Arc;

use k8s_openapi::api::apps::v1::DeploymentSpec;
use k8s_openapi::api::core::v1::{Container, PodSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::{Actor, Because, Cause, Client, Store};
use crate::object::{Body, Object, PodBody, Split};
use crate::random::Random;
use crate::time::Time;

/// The cause of every write in tests.
pub(crate) const CAUSE: Cause = Cause { actor: Actor::User, because: Because::Act(1) };

/// A store in which the namespace `default` stands.
pub(crate) fn store() -> Store {
    let mut store = Store::new(&Random::new(1));
    let namespace = Object::new(
        ObjectMeta { name: Some("default".into()), ..ObjectMeta::default() },
        Body::Namespace(Split::default()),
    );
    Client::new(&mut store, Time::START, CAUSE)
        .create(namespace)
        .expect("an empty store takes a namespace");
    store
}

/// An object in the namespace `default`.
pub(crate) fn named(name: &str, body: Body) -> Object {
    let meta = ObjectMeta {
        name: Some(name.into()),
        namespace: Some("default".into()),
        ..ObjectMeta::default()
    };
    Object::new(meta, body)
}

/// A spec of one container.
pub(crate) fn pod_spec() -> PodSpec {
    let container =
        Container { name: "web".into(), image: Some("nginx".into()), ..Container::default() };
    PodSpec { containers: vec![container], ..PodSpec::default() }
}

/// A Pod of one container.
pub(crate) fn pod(name: &str) -> Object {
    named(name, Body::Pod(PodBody { shared: Arc::new(pod_spec()), ..PodBody::default() }))
}

/// A Deployment of one container.
pub(crate) fn deployment(name: &str) -> Object {
    let mut spec = DeploymentSpec::default();
    let labels = std::collections::BTreeMap::from([("app".to_owned(), name.to_owned())]);
    spec.selector.match_labels = Some(labels.clone());
    spec.template.metadata.get_or_insert_default().labels = Some(labels);
    spec.template.spec = Some(pod_spec());
    named(name, Body::Deployment(Split { spec: Arc::new(spec), ..Split::default() }))
}
