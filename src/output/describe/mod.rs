//! `kubectl describe`: everything about one object that a person may want to see, its Events included.
//!
//! One file a kind; kinds without a file of their own are shown field by field (`generic`). Models kubectl
//! `pkg/describe/describe.go`.

mod config;
mod container;
mod daemonset;
mod deployment;
mod endpoint_slice;
mod event;
mod generic;
mod job;
mod namespace;
mod node;
mod page;
mod pod;
mod replicaset;
mod service;
mod template;
mod volume;

use crate::object::{Body, Kind, Object};
use crate::store::Store;
use crate::time::Time;

use self::page::Page;

/// The whole description.
pub fn describe(store: &Store, object: &Object, now: Time, events: bool) -> String {
    let mut page = Page::default();
    let view = View { store, object, now, events };
    match &object.body {
        Body::Pod(pod) => pod::describe(&mut page, &view, pod),
        Body::DaemonSet(set) => daemonset::describe(&mut page, &view, set),
        Body::Deployment(deployment) => deployment::describe(&mut page, &view, deployment),
        Body::ReplicaSet(set) => replicaset::describe(&mut page, &view, set),
        Body::Node(node) => node::describe(&mut page, &view, node),
        Body::Service(service) => service::describe(&mut page, &view, service),
        Body::Namespace(namespace) => namespace::describe(&mut page, &view, namespace),
        Body::ConfigMap(map) => config::config_map(&mut page, &view, map),
        Body::Secret(secret) => config::secret(&mut page, &view, secret),
        Body::ServiceAccount(account) => config::service_account(&mut page, &view, account),
        Body::EndpointSlice(slice) => endpoint_slice::describe(&mut page, &view, slice),
        Body::Value(body) if body.kind == Kind::Job => job::job(&mut page, &view, body),
        Body::Value(body) if body.kind == Kind::CronJob => job::cron_job(&mut page, &view, body),
        Body::Event(_) | Body::Lease(_) | Body::ControllerRevision(_) | Body::Value(_) => {
            generic::describe(&mut page, &view);
        }
    }
    page.finish()
}

/// A Pod template by itself, its tabs kept, as `kubectl rollout history --revision` prints it.
pub fn template_text(template: &k8s_openapi::api::core::v1::PodTemplateSpec) -> String {
    let mut page = Page::default();
    template::describe(&mut page, Some(template));
    page.raw()
}

/// What a description is made from.
#[derive(Copy, Clone, Debug)]
struct View<'a> {
    store: &'a Store,
    object: &'a Object,
    now: Time,
    /// Whether Events are shown.
    events: bool,
}
