//! Reading and changing a body of a known kind without a match at every place: `object.as_pod()`, `body.pod_status_mut()`.
//!
//! The accessors answer `None` for any other kind; which kind an object has never changes.

use std::sync::Arc;

use k8s_openapi::api::apps::v1::{
    ControllerRevision, DaemonSetSpec, DaemonSetStatus, DeploymentSpec, DeploymentStatus,
    ReplicaSetSpec, ReplicaSetStatus,
};
use k8s_openapi::api::coordination::v1::Lease;
use k8s_openapi::api::core::v1::{
    ConfigMap, Event, NamespaceSpec, NamespaceStatus, NodeSpec, NodeStatus, PodStatus,
    PodTemplateSpec, Secret, ServiceAccount, ServiceSpec, ServiceStatus,
};
use k8s_openapi::api::discovery::v1::EndpointSlice;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;

use serde_json::Value;

use super::{Body, Object, PodBody, Split, ValueBody};

/// Writes one accessor a kind: `as_node` to read, `as_node_mut` to change (copying what is shared).
macro_rules! accessors {
    ($($kind:ident: $read:ident, $change:ident -> $form:ty;)+) => {
        impl Object {
            $(
                #[doc = concat!("The body, if this is a ", stringify!($kind), ".")]
                pub fn $read(&self) -> Option<&$form> {
                    if let Body::$kind(body) = &self.body { Some(body) } else { None }
                }
            )+
        }
        impl Body {
            $(
                #[doc = concat!("The body to change, if this is a ", stringify!($kind), ".")]
                pub fn $change(&mut self) -> Option<&mut $form> {
                    if let Self::$kind(body) = self { Some(body) } else { None }
                }
            )+
        }
    };
}

accessors! {
    ConfigMap: as_config_map, config_map_mut -> Arc<ConfigMap>;
    Event: as_event, event_mut -> Arc<Event>;
    Namespace: as_namespace, namespace_mut -> Split<NamespaceSpec, NamespaceStatus>;
    Node: as_node, node_mut -> Split<NodeSpec, NodeStatus>;
    Pod: as_pod, pod_mut -> PodBody;
    Secret: as_secret, secret_mut -> Arc<Secret>;
    ServiceAccount: as_service_account, service_account_mut -> Arc<ServiceAccount>;
    Service: as_service, service_mut -> Split<ServiceSpec, ServiceStatus>;
    ControllerRevision: as_controller_revision, controller_revision_mut -> Arc<ControllerRevision>;
    DaemonSet: as_daemon_set, daemon_set_mut -> Split<DaemonSetSpec, DaemonSetStatus>;
    Deployment: as_deployment, deployment_mut -> Split<DeploymentSpec, DeploymentStatus>;
    ReplicaSet: as_replica_set, replica_set_mut -> Split<ReplicaSetSpec, ReplicaSetStatus>;
    Lease: as_lease, lease_mut -> Arc<Lease>;
    EndpointSlice: as_endpoint_slice, endpoint_slice_mut -> Arc<EndpointSlice>;
    Value: as_value, value_mut -> ValueBody;
}

impl Object {
    /// The selector of the Pods that this object owns or serves, if it has one.
    ///
    /// Models kubernetes `staging/src/k8s.io/kubectl/pkg/polymorphichelpers/helpers.go` (`SelectorsForObject`).
    pub fn pod_selector(&self) -> Option<LabelSelector> {
        if let Some(service) = self.as_service() {
            let match_labels = Some(service.spec.selector.clone()?);
            return Some(LabelSelector { match_labels, ..LabelSelector::default() });
        }
        if let Some(body) = self.as_value() {
            let selector = body.at(&["spec", "selector"]);
            let runs_pods = !body.kind.info().pod_spec.is_empty() && selector.is_object();
            return runs_pods.then(|| body.selector());
        }
        let selector = self.as_deployment().map(|body| &body.spec.selector);
        let selector = selector.or_else(|| self.as_replica_set().map(|body| &body.spec.selector));
        let selector = selector.or_else(|| self.as_daemon_set().map(|body| &body.spec.selector));
        selector.cloned()
    }
}

impl Body {
    /// A Pod's status, to change.
    pub fn pod_status_mut(&mut self) -> Option<&mut PodStatus> {
        self.pod_mut().map(|pod| Arc::make_mut(&mut pod.status))
    }

    /// The template of the Pods that this runs, if it runs some.
    pub fn template(&self) -> Option<PodTemplateSpec> {
        match self {
            Self::Deployment(body) => Some(body.spec.template.clone()),
            Self::DaemonSet(body) => Some(body.spec.template.clone()),
            Self::ReplicaSet(body) => body.spec.template.clone(),
            Self::Value(body) => body.template(),
            _ => None,
        }
    }

    /// Puts another template in the place of the one there is.
    pub fn set_template(&mut self, template: PodTemplateSpec) {
        match self {
            Self::Deployment(body) => Arc::make_mut(&mut body.spec).template = template,
            Self::DaemonSet(body) => Arc::make_mut(&mut body.spec).template = template,
            Self::ReplicaSet(body) => Arc::make_mut(&mut body.spec).template = Some(template),
            Self::Value(body) => body.set_template(&template),
            _ => {}
        }
    }

    /// Says how often two templates had one hash, in a status that tells it.
    pub fn set_collision_count(&mut self, count: i32) {
        match self {
            Self::DaemonSet(body) => {
                Arc::make_mut(&mut body.status).collision_count = Some(count);
            }
            Self::Value(body) => {
                if let Some(status) = Arc::make_mut(&mut body.status).as_object_mut() {
                    status.insert("collisionCount".to_owned(), Value::from(count));
                }
            }
            _ => {}
        }
    }

    /// How many replicas are wanted, if the kind can be scaled and something is said.
    pub fn replicas(&self) -> Option<i32> {
        match self {
            Self::Deployment(body) => body.spec.replicas,
            Self::ReplicaSet(body) => body.spec.replicas,
            Self::Value(body) => {
                let info = body.kind.info();
                let path: Vec<&str> = info.replicas_path().collect();
                let replicas = body.at(&path).as_i64()?;
                i32::try_from(replicas).ok().filter(|_| info.scalable())
            }
            _ => None,
        }
    }

    /// Says how many replicas are wanted; false if the kind cannot be scaled.
    pub fn set_replicas(&mut self, replicas: i32) -> bool {
        match self {
            Self::Deployment(body) => Arc::make_mut(&mut body.spec).replicas = Some(replicas),
            Self::ReplicaSet(body) => Arc::make_mut(&mut body.spec).replicas = Some(replicas),
            Self::Value(body) if body.kind.info().scalable() => {
                let info = body.kind.info();
                let mut at = body.spec_mut();
                for step in info.replicas_path().skip(1) {
                    if !at.is_object() {
                        *at = Value::Object(serde_json::Map::new());
                    }
                    at = &mut at[step];
                }
                *at = Value::from(replicas);
            }
            _ => return false,
        }
        true
    }

    /// A Node's status, to change.
    pub fn node_status_mut(&mut self) -> Option<&mut NodeStatus> {
        self.node_mut().map(|node| Arc::make_mut(&mut node.status))
    }
}
