//! The form in which objects rest: metadata, revision, body; and the way to and from the wire structs.
//!
//! The structs inside are k8s-openapi's with their metadata taken out. A Pod is the `PodSpec` it shares with its
//! siblings plus the few fields of its own, merged on the way out ([`PodBody::spec`]).

use std::sync::Arc;

use k8s_openapi::api::apps::v1::{
    ControllerRevision, DaemonSet, DaemonSetSpec, DaemonSetStatus, Deployment, DeploymentSpec,
    DeploymentStatus, ReplicaSet, ReplicaSetSpec, ReplicaSetStatus,
};
use k8s_openapi::api::coordination::v1::Lease;
use k8s_openapi::api::core::v1::{
    ConfigMap, Event, Namespace, NamespaceSpec, NamespaceStatus, Node, NodeSpec, NodeStatus, Pod,
    PodSpec, PodStatus, Secret, Service, ServiceAccount, ServiceSpec, ServiceStatus,
};
use k8s_openapi::api::discovery::v1::EndpointSlice;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, OwnerReference};
use serde_json::Value;

use super::value::ValueBody;
use super::value::autoscaler_v1::{OLDER, from_older};
use super::{Key, Kind};
use crate::manifest::{self, DecodeError, fill, types};

/// One version of one object.
#[derive(Clone, Debug, PartialEq)]
pub struct Object {
    /// Everything of the metadata but the resourceVersion, which is `revision`.
    pub meta: Arc<ObjectMeta>,
    /// The store's revision at which this version was written; 0 before it is stored.
    pub revision: u64,
    /// The rest.
    pub body: Body,
}

/// A spec and a status that change apart.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Split<S, T> {
    /// What is wanted.
    pub spec: Arc<S>,
    /// What is.
    pub status: Arc<T>,
}

/// What an object says beside its metadata, by kind.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "each but the last is the Kubernetes kind of the same name")]
pub enum Body {
    ConfigMap(Arc<ConfigMap>),
    Event(Arc<Event>),
    Namespace(Split<NamespaceSpec, NamespaceStatus>),
    Node(Split<NodeSpec, NodeStatus>),
    Pod(PodBody),
    Secret(Arc<Secret>),
    ServiceAccount(Arc<ServiceAccount>),
    Service(Split<ServiceSpec, ServiceStatus>),
    ControllerRevision(Arc<ControllerRevision>),
    DaemonSet(Split<DaemonSetSpec, DaemonSetStatus>),
    Deployment(Split<DeploymentSpec, DeploymentStatus>),
    ReplicaSet(Split<ReplicaSetSpec, ReplicaSetStatus>),
    Lease(Arc<Lease>),
    EndpointSlice(Arc<EndpointSlice>),
    /// Any other kind.
    Value(ValueBody),
}

/// A Pod: what it shares with the Pods of its template, what is its own, and its status.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PodBody {
    /// The defaulted and admitted spec, shared among siblings. The fields of [`PodOwn`] are empty in it.
    pub shared: Arc<PodSpec>,
    /// The fields that differ among siblings.
    pub own: PodOwn,
    /// What the kubelet (and the scheduler, before) reported.
    pub status: Arc<PodStatus>,
}

/// The part of a Pod's spec that differs among the Pods of one template.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PodOwn {
    /// `spec.nodeName`: set by binding.
    pub node_name: Option<super::Name>,
    /// The five letters after `kube-api-access-` in the token volume's name, where ServiceAccount admission added one.
    pub token_suffix: Option<super::Name>,
    /// `spec.hostname`, where a controller sets it.
    pub hostname: Option<super::Name>,
}

/// The name that stands for the token volume in a shared spec; [`PodBody::spec`] puts the suffix behind it.
pub const TOKEN_VOLUME: &str = "kube-api-access-";

impl PodBody {
    /// The whole spec, as the wire shows it. Costs a copy: for single fields read `shared` and `own`.
    pub fn spec(&self) -> PodSpec {
        let mut spec = PodSpec::clone(&self.shared);
        if let Some(node_name) = &self.own.node_name {
            spec.node_name = Some(node_name.to_string());
        }
        if let Some(hostname) = &self.own.hostname {
            spec.hostname = Some(hostname.to_string());
        }
        if let Some(suffix) = &self.own.token_suffix {
            rename_token_volume(&mut spec, TOKEN_VOLUME, &format!("{TOKEN_VOLUME}{suffix}"));
        }
        spec
    }

    /// A body from a whole spec; the fields of its own are taken out of the shared part.
    pub fn from_spec(mut spec: PodSpec, status: PodStatus) -> Self {
        let own = PodOwn {
            node_name: spec.node_name.take().filter(|name| !name.is_empty()).map(Into::into),
            token_suffix: take_token_suffix(&mut spec),
            hostname: spec.hostname.take().map(Into::into),
        };
        Self { shared: Arc::new(spec), own, status: Arc::new(status) }
    }
}

fn take_token_suffix(spec: &mut PodSpec) -> Option<super::Name> {
    let name = spec
        .volumes
        .iter()
        .flatten()
        .map(|volume| &volume.name)
        .find(|name| name.strip_prefix(TOKEN_VOLUME).is_some_and(|rest| rest.len() == 5))?;
    let name = name.clone();
    rename_token_volume(spec, &name, TOKEN_VOLUME);
    name.strip_prefix(TOKEN_VOLUME).map(Into::into)
}

fn rename_token_volume(spec: &mut PodSpec, from: &str, to: &str) {
    for volume in spec.volumes.iter_mut().flatten().filter(|volume| volume.name == from) {
        to.clone_into(&mut volume.name);
    }
    let containers = spec.containers.iter_mut().chain(spec.init_containers.iter_mut().flatten());
    for mount in containers.flat_map(|container| container.volume_mounts.iter_mut().flatten()) {
        if mount.name == from {
            to.clone_into(&mut mount.name);
        }
    }
}

impl Object {
    /// A new object, not stored yet.
    pub fn new(meta: ObjectMeta, body: Body) -> Self {
        Self { meta: Arc::new(meta), revision: 0, body }
    }

    /// The kind.
    pub fn kind(&self) -> Kind {
        self.body.kind()
    }

    /// The name; empty if there is none yet.
    pub fn name(&self) -> &str {
        self.meta.name.as_deref().unwrap_or_default()
    }

    /// The namespace; empty if the kind has none.
    pub fn namespace(&self) -> &str {
        self.meta.namespace.as_deref().unwrap_or_default()
    }

    /// The uid; empty before it is stored.
    pub fn uid(&self) -> &str {
        self.meta.uid.as_deref().unwrap_or_default()
    }

    /// The place in the store.
    pub fn key(&self) -> Key {
        Key::new(self.kind(), self.namespace(), self.name())
    }

    /// One label's value.
    pub fn label(&self, key: &str) -> Option<&str> {
        self.meta.labels.as_ref()?.get(key).map(String::as_str)
    }

    /// One annotation's value.
    pub fn annotation(&self, key: &str) -> Option<&str> {
        self.meta.annotations.as_ref()?.get(key).map(String::as_str)
    }

    /// The owner that manages this object, if any.
    pub fn controller(&self) -> Option<&OwnerReference> {
        self.meta.owner_references.iter().flatten().find(|owner| owner.controller == Some(true))
    }

    /// Whether deletion has been asked for.
    pub fn terminating(&self) -> bool {
        self.meta.deletion_timestamp.is_some()
    }
}

/// Writes the conversions between a body and the wire structs, one line a kind.
macro_rules! bodies {
    ($($kind:ident: $form:ident),+ $(,)?) => {
        impl Body {
            /// The kind of the object that has this body.
            pub fn kind(&self) -> Kind {
                match self {
                    $(Self::$kind(_) => Kind::$kind,)+
                    Self::Value(body) => body.kind,
                }
            }
        }

        impl Object {
            /// An object from a value of its kind's type, see [`manifest::read`].
            pub fn from_value(kind: Kind, value: Value) -> Self {
                match kind {
                    $(Kind::$kind => bodies!(@from $form $kind value),)+
                    _ => {
                        let (meta, body) = ValueBody::from_value(kind, value);
                        Self::from_wire(meta, Body::Value(body))
                    }
                }
            }

            /// The object as the API server would send it (keys sorted, as kubectl prints them).
            pub fn to_value(&self) -> Value {
                let mut meta = ObjectMeta::clone(&self.meta);
                if self.revision > 0 {
                    meta.resource_version = Some(self.revision.to_string());
                }
                let mut value = match &self.body {
                    $(Body::$kind(body) => bodies!(@to $form $kind body meta),)+
                    Body::Value(body) => body.to_value(&meta),
                };
                if let Some(of) = self.kind().info().wire_type() {
                    super::wire::as_go_writes(of, &mut value);
                }
                value
            }
        }
    };
    (@from $form:ident $kind:ident $value:ident) => {{
        // A function for each kind: one for all of them is 60 kB of wasm.
        #[inline(never)]
        fn of_wire(value: &Value) -> Object {
            let mut wire: $kind = fill(value);
            let meta = std::mem::take(&mut wire.metadata);
            Object::from_wire(meta, Body::$kind(bodies!(@body $form wire)))
        }
        of_wire(&$value)
    }};
    (@body split $wire:ident) => {
        Split {
            spec: Arc::new($wire.spec.unwrap_or_default()),
            status: Arc::new($wire.status.unwrap_or_default()),
        }
    };
    (@body pod $wire:ident) => {
        PodBody::from_spec($wire.spec.unwrap_or_default(), $wire.status.unwrap_or_default())
    };
    (@body whole $wire:ident) => {
        Arc::new($wire)
    };
    (@to split $kind:ident $body:ident $meta:ident) => {
        manifest::encode(&$kind {
            metadata: $meta,
            spec: Some((*$body.spec).clone()),
            status: Some((*$body.status).clone()),
        })
    };
    (@to pod $kind:ident $body:ident $meta:ident) => {
        manifest::encode(&$kind {
            metadata: $meta,
            spec: Some($body.spec()),
            status: Some((*$body.status).clone()),
        })
    };
    (@to whole $kind:ident $body:ident $meta:ident) => {{
        let mut wire = $kind::clone($body);
        wire.metadata = $meta;
        manifest::encode(&wire)
    }};
}

bodies! {
    ConfigMap: whole,
    Event: whole,
    Namespace: split,
    Node: split,
    Pod: pod,
    Secret: whole,
    ServiceAccount: whole,
    Service: split,
    ControllerRevision: whole,
    DaemonSet: split,
    Deployment: split,
    ReplicaSet: split,
    Lease: whole,
    EndpointSlice: whole,
}

impl Object {
    /// Decodes a tree as strictly as the API server: unknown fields and wrong types are refused with its sentences.
    pub fn from_node(kind: Kind, node: &manifest::Node) -> Result<Self, DecodeError> {
        let info = kind.info();
        let older = kind == Kind::HorizontalPodAutoscaler
            && node.get("apiVersion").and_then(manifest::Node::as_str) == Some(OLDER);
        if let (true, Some(of)) = (older, types::of_kind("autoscaling", "v1", info.name)) {
            return Ok(Self::from_value(kind, from_older(&manifest::read(node, of, OLDER)?)));
        }
        let value = match info.wire_type() {
            Some(of) => manifest::read(node, of, &info.api_version())?,
            None => node.to_value(),
        };
        Ok(Self::from_value(kind, value))
    }

    /// Takes the resourceVersion out of the metadata, where only the wire has it.
    fn from_wire(mut meta: ObjectMeta, body: Body) -> Self {
        let revision = meta.resource_version.take().and_then(|text| text.parse().ok()).unwrap_or(0);
        meta.managed_fields = None;
        Self { meta: Arc::new(meta), revision, body }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Every value that differs from this one in one place, where something of another type stands.
    fn mistaken(value: &Value) -> Vec<Value> {
        let others = [
            json!(null),
            json!(true),
            json!(-1),
            json!(1.5),
            json!(""),
            json!("x y"),
            json!([]),
            json!([null, 3]),
            json!({}),
            json!({ "x": [1], "kind": 1 }),
        ];
        let mut all = others.to_vec();
        match value {
            Value::Object(fields) => {
                for (key, part) in fields {
                    all.extend(mistaken(part).into_iter().map(|part| {
                        let mut fields = fields.clone();
                        fields.insert(key.clone(), part);
                        Value::Object(fields)
                    }));
                }
            }
            Value::Array(items) => {
                for (at, part) in items.iter().enumerate() {
                    all.extend(mistaken(part).into_iter().map(|part| {
                        let mut items = items.clone();
                        items[at] = part;
                        Value::Array(items)
                    }));
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
        all
    }

    /// Whatever stands where: the decoder never offers a type what it refuses.
    #[test]
    fn nothing_that_can_be_sent_stops_the_decoder() {
        let time = "2026-04-01T00:00:00Z";
        let container = json!({
            "name": "c", "env": [{ "name": "A", "valueFrom": { "resourceFieldRef": { "resource": "limits.cpu", "divisor": "1m" } } }],
            "livenessProbe": { "httpGet": { "port": "http", "path": "/" }, "periodSeconds": 3 },
            "resources": { "limits": { "cpu": "1" } }, "securityContext": { "privileged": true, "runAsUser": 1 },
        });
        let pod = json!({
            "containers": [container], "nodeSelector": { "a": "b" }, "overhead": { "cpu": 1 }, "priority": 1,
            "volumes": [{ "name": "v", "emptyDir": { "sizeLimit": "1Gi" } }, { "name": "w", "projected": { "sources": [{ "configMap": { "items": [] } }] } }],
        });
        let sent = [
            (
                Kind::Pod,
                json!({
                    "apiVersion": "v1", "kind": "Pod",
                    "metadata": { "name": "p", "creationTimestamp": time, "managedFields": [{ "fieldsV1": { "f": {} } }] },
                    "spec": pod, "status": { "startTime": time, "podIPs": [{ "ip": "10.0.0.1" }] },
                }),
            ),
            (
                Kind::Deployment,
                json!({
                    "spec": { "replicas": 1, "strategy": { "rollingUpdate": { "maxSurge": "25%" } },
                        "selector": { "matchExpressions": [{ "key": "a", "operator": "In", "values": ["b"] }] } },
                }),
            ),
            (
                Kind::Service,
                json!({ "spec": { "ports": [{ "port": 80, "targetPort": 80 }], "sessionAffinityConfig": { "clientIP": {} } } }),
            ),
            (Kind::Secret, json!({ "data": { "a": "YQ==" }, "stringData": { "b": "c" } })),
            (
                Kind::ConfigMap,
                json!({ "data": { "a": "b" }, "binaryData": { "a": "YQ==" }, "immutable": true }),
            ),
            (
                Kind::Event,
                json!({ "eventTime": "2026-04-01T00:00:00.000000Z", "count": 1, "firstTimestamp": time, "involvedObject": { "kind": "Pod" } }),
            ),
            (
                Kind::Lease,
                json!({ "spec": { "renewTime": "2026-04-01T00:00:00.000000Z", "leaseDurationSeconds": 40 } }),
            ),
            (
                Kind::Node,
                json!({ "status": { "capacity": { "cpu": "4" }, "images": [{ "names": ["a"], "sizeBytes": 1 }] } }),
            ),
            (
                Kind::EndpointSlice,
                json!({ "endpoints": [{ "addresses": ["10.0.0.1"], "conditions": { "ready": true } }], "ports": [{ "port": 80 }] }),
            ),
        ];
        for (kind, value) in sent {
            let decode = |value| Object::from_node(kind, &manifest::Node::from_value(value));
            decode(&value).expect("as it stands it is sound");
            let refused = mistaken(&value).iter().filter(|value| decode(value).is_err()).count();
            assert!(refused > 10, "{kind:?}");
        }
        let late = json!({ "metadata": { "creationTimestamp": "9999-12-31T23:59:59Z" } });
        for zone in ["Z", "+99:99", "-00:00"] {
            let text = late.to_string().replace('Z', zone);
            let value = serde_json::from_str(&text).expect("it is JSON");
            drop(Object::from_node(Kind::Pod, &manifest::Node::from_value(&value)));
        }
    }

    #[test]
    fn an_object_of_another_kind_or_version_is_refused() {
        let refused = |value: Value| {
            Object::from_node(Kind::Pod, &manifest::Node::from_value(&value))
                .unwrap_err()
                .to_string()
        };
        assert_eq!(
            refused(json!({ "kind": "Job" })),
            "invalid value: string \"Job\", expected Pod"
        );
        assert_eq!(
            refused(json!({ "apiVersion": "v2" })),
            "invalid value: string \"v2\", expected v1"
        );
    }
}
