//! The world before the first act: system namespaces, priority classes, workers, the API server's own Service.
//!
//! Models what kube-apiserver (`pkg/controlplane/controller/systemnamespaces`, `.../kubernetesservice`) and the
//! kubelets (`kubelet/register.rs`) write when they start. Everything goes through the same client as later writes. What controllers add to a namespace (ServiceAccount, root CA) they add in
//! the [`WARM_UP`] that passes before the world is handed over at [`Time::START`].

use k8s_openapi::api::core::v1::{Namespace, Service, ServicePort, ServiceSpec};
use k8s_openapi::api::discovery::v1::{Endpoint, EndpointConditions, EndpointPort, EndpointSlice};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use serde_json::json;

use super::{Cluster, Profile};
use crate::manifest::read_json;
use crate::object::{Body, Kind, Object, Split, system_priority_classes};
use crate::order;
use crate::store::{Actor, Because, Cause, Client};
use crate::time::{Duration, Time};

/// How long the parts of the cluster have been running when the user first sees it.
const WARM_UP: Duration = Duration::from_secs(30);

/// The namespaces that the API server itself keeps (`systemnamespaces_controller.go`).
pub const SYSTEM_NAMESPACES: [&str; 4] =
    ["default", "kube-node-lease", "kube-public", "kube-system"];

/// The address at which the API server listens, inside the cluster.
const API_SERVER_IP: &str = "172.18.0.2";
const API_SERVER_PORT: i32 = 6443;

impl Cluster {
    /// Fills an empty world and lets its parts settle, up to [`Time::START`].
    pub(super) fn bootstrap(&mut self) {
        let warm_up = i64::try_from(WARM_UP.as_micros()).expect("the warm-up is short");
        self.now = Time::from_micros(Time::START.micros() - warm_up);
        let cause = Cause { actor: Actor::Component("kube-apiserver"), because: Because::Time };
        let mut client = Client::new(&mut self.store, self.now, cause);
        for name in SYSTEM_NAMESPACES {
            client.create(namespace(name)).expect("an empty store takes a namespace");
        }
        for class in system_priority_classes() {
            client.create(class).expect("an empty store takes the classes");
        }
        client.create(api_service()).expect("an empty store takes the API server's Service");
        client.create(api_endpoints()).expect("an empty store takes the API server's addresses");
        client.create(old_endpoints()).expect("an empty store takes them in the old form too");
        if self.settings.profile == Profile::Default {
            client.create(storage_class()).expect("an empty store takes a class");
        }
        for object in policy() {
            client.create(object).expect("an empty store takes a role");
        }
        for number in 1..=self.settings.nodes {
            self.first_machine(number);
        }
        self.dispatch();
        self.advance_to(Time::START);
    }
}

fn object<T: k8s_openapi::Metadata<Ty = ObjectMeta>>(
    wire: T,
    body: impl FnOnce(T) -> Body,
) -> Object {
    let meta = wire.metadata().clone();
    Object::new(meta, body(wire))
}

fn namespace(name: &str) -> Object {
    let labels = [("kubernetes.io/metadata.name".to_owned(), name.to_owned())];
    let metadata = ObjectMeta {
        name: Some(name.to_owned()),
        labels: Some(labels.into()),
        ..ObjectMeta::default()
    };
    object(Namespace { metadata, ..Namespace::default() }, |_| Body::Namespace(Split::default()))
}

/// The roles that every cluster has and that people use, and their bindings, as kubernetes writes them when it starts
/// (`plugin/pkg/auth/authorizer/rbac/bootstrappolicy/policy.go`); those of its own parts are left out.
fn policy() -> impl Iterator<Item = Object> {
    // JSON, which is quicker to read than YAML: every page does it when it opens.
    let mut policy = read_json(include_str!("policy.json")).expect("the policy is JSON");
    [Kind::ClusterRole, Kind::ClusterRoleBinding].into_iter().flat_map(move |kind| {
        let objects = policy[kind.info().name].take();
        let objects = objects.as_array().cloned().unwrap_or_default();
        objects.into_iter().map(move |object| Object::from_value(kind, object))
    })
}

/// The class of the provisioner that this world has, the default one (as kind and k3s come with).
fn storage_class() -> Object {
    let class = json!({
        "metadata": {
            "name": "standard",
            "annotations": { "storageclass.kubernetes.io/is-default-class": "true" },
        },
        "provisioner": "rancher.io/local-path",
        "reclaimPolicy": "Delete",
        "volumeBindingMode": "WaitForFirstConsumer",
    });
    Object::from_value(Kind::StorageClass, class)
}

fn api_meta(labels: &[(&str, &str)]) -> ObjectMeta {
    ObjectMeta {
        name: Some("kubernetes".to_owned()),
        namespace: Some("default".to_owned()),
        labels: Some(order::map(labels.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())))),
        ..ObjectMeta::default()
    }
}

/// The `kubernetes` Service (`kubernetesservice/controller.go`): the first address of the Service range, no selector.
fn api_service() -> Object {
    let meta = api_meta(&[("component", "apiserver"), ("provider", "kubernetes")]);
    let spec = ServiceSpec {
        type_: Some("ClusterIP".to_owned()),
        cluster_ip: Some("10.96.0.1".to_owned()),
        cluster_ips: Some(vec!["10.96.0.1".to_owned()]),
        ip_families: Some(vec!["IPv4".to_owned()]),
        ip_family_policy: Some("SingleStack".to_owned()),
        session_affinity: Some("None".to_owned()),
        internal_traffic_policy: Some("Cluster".to_owned()),
        ports: Some(vec![ServicePort {
            name: Some("https".to_owned()),
            port: 443,
            protocol: Some("TCP".to_owned()),
            target_port: Some(IntOrString::Int(API_SERVER_PORT)),
            ..ServicePort::default()
        }]),
        ..ServiceSpec::default()
    };
    let service = Service { metadata: meta, spec: Some(spec), status: None };
    object(service, |service| {
        Body::Service(Split { spec: service.spec.unwrap_or_default().into(), ..Split::default() })
    })
}

/// The same as Endpoints.
fn old_endpoints() -> Object {
    let labels = json!({ "endpointslice.kubernetes.io/skip-mirror": "true" });
    let port = json!({ "name": "https", "port": API_SERVER_PORT, "protocol": "TCP" });
    let fields = json!({
        "metadata": { "name": "kubernetes", "namespace": "default", "labels": labels },
        "subsets": [{ "addresses": [{ "ip": API_SERVER_IP }], "ports": [port] }],
    });
    Object::from_value(Kind::Endpoints, fields)
}

/// The API server's own EndpointSlice (`reconcilers/endpointsadapter.go`).
fn api_endpoints() -> Object {
    let slice = EndpointSlice {
        address_type: "IPv4".to_owned(),
        endpoints: Some(vec![Endpoint {
            addresses: vec![API_SERVER_IP.to_owned()],
            conditions: Some(EndpointConditions {
                ready: Some(true),
                ..EndpointConditions::default()
            }),
            ..Endpoint::default()
        }]),
        ports: Some(vec![EndpointPort {
            name: Some("https".to_owned()),
            port: Some(API_SERVER_PORT),
            protocol: Some("TCP".to_owned()),
            ..EndpointPort::default()
        }]),
        metadata: ObjectMeta::default(),
    };
    Object::new(
        api_meta(&[("kubernetes.io/service-name", "kubernetes")]),
        Body::EndpointSlice(slice.into()),
    )
}
