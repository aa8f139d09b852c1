//! `kubectl describe`: everything about one object that a person may want to see, its Events included.
//!
//! One file a kind; kinds without a file of their own are shown field by field (`generic`). Models kubectl
//! `pkg/describe/describe.go`.

mod autoscaler;
mod config;
mod container;
mod daemonset;
mod deployment;
mod endpoint_slice;
mod endpoints;
mod event;
mod generic;
mod ingress;
mod job;
mod namespace;
mod network_policy;
mod node;
mod page;
mod pod;
mod quota;
mod replicaset;
mod replication_controller;
mod role;
mod service;
mod stateful_set;
mod storage;
mod template;
mod volume;

use crate::object::{Body, Kind, Object, ValueBody};
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
        Body::Value(body) => value(&mut page, &view, body),
        Body::Event(_) | Body::Lease(_) | Body::ControllerRevision(_) => {
            generic::describe(&mut page, &view);
        }
    }
    page.finish()
}

/// A kind that is held as a value.
fn value(page: &mut Page, view: &View<'_>, body: &ValueBody) {
    let describe = match body.kind {
        Kind::CronJob => job::cron_job,
        Kind::Endpoints => endpoints::describe,
        Kind::HorizontalPodAutoscaler => autoscaler::describe,
        Kind::Ingress => ingress::ingress,
        Kind::IngressClass => ingress::class,
        Kind::Job => job::job,
        Kind::LimitRange => quota::limit_range,
        Kind::NetworkPolicy => network_policy::describe,
        Kind::PersistentVolume => storage::volume,
        Kind::PersistentVolumeClaim => storage::claim,
        Kind::PodDisruptionBudget => quota::disruption_budget,
        Kind::PriorityClass => quota::priority_class,
        Kind::ReplicationController => replication_controller::describe,
        Kind::ResourceQuota => quota::resource_quota,
        Kind::Role | Kind::ClusterRole => role::role,
        Kind::RoleBinding | Kind::ClusterRoleBinding => role::binding,
        Kind::StatefulSet => stateful_set::describe,
        Kind::StorageClass => storage::class,
        _ => |page: &mut Page, view: &View<'_>, _: &ValueBody| generic::describe(page, view),
    };
    describe(page, view, body);
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
