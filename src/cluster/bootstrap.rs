//! The world before the first act: system namespaces, workers, the API server's own Service.
//!
//! Models what kube-apiserver (`pkg/controlplane/controller/systemnamespaces`, `.../kubernetesservice`) and the
//! kubelets (`pkg/kubelet/kubelet_node_status.go`, `nodestatus/setters.go`) write when they start. Everything goes
//! through the same client as later writes. What controllers add to a namespace (ServiceAccount, root CA) they add in
//! the [`WARM_UP`] that passes before the world is handed over at [`Time::START`].
//!
//! *Differs:* a machine registers ready, in one write; its `podCIDR` is given at once, not by the node IPAM controller.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{
    Namespace, Node, NodeAddress, NodeCondition, NodeSpec, NodeStatus, NodeSystemInfo, Service,
    ServicePort, ServiceSpec,
};
use k8s_openapi::api::discovery::v1::{Endpoint, EndpointConditions, EndpointPort, EndpointSlice};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::{Cluster, Profile};
use crate::engine::Rules;
use crate::kubelet::Kubelet;
use crate::object::{Body, Key, Kind, Name, Object, Split};
use crate::random::Random;
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
        client.create(api_service()).expect("an empty store takes the API server's Service");
        client.create(api_endpoints()).expect("an empty store takes the API server's addresses");
        for number in 1..=self.settings.nodes {
            self.add_machine(number);
        }
        self.dispatch();
        self.advance_to(Time::START);
    }

    /// Adds one worker, `node-NUMBER`: registers its Node and starts its kubelet.
    fn add_machine(&mut self, number: usize) {
        let name = Name::from(format!("node-{number}"));
        let key = Key::cluster(Kind::Node, Name::clone(&name));
        let cause = Cause { actor: Actor::Component("kubelet"), because: Because::Time };
        let status = node_status(&name, number, self.settings.profile, self.now);
        let mut client = Client::new(&mut self.store, self.now, cause);
        client
            .create(node(&name, number, self.settings.profile))
            .expect("machine numbers are used once");
        client
            .update_status(&key, |body| {
                if let Body::Node(node) = body {
                    node.status = status.into();
                }
            })
            .expect("the node was created just now");
        let rules = match self.settings.profile {
            Profile::Default => Rules::Real,
            Profile::Oracle => Rules::Recorded,
        };
        let kubelet = Kubelet::new(Name::clone(&name), rules, &Random::new(self.settings.seed));
        self.kubelets.insert(Name::clone(&name), kubelet);
        self.with_kubelet(&name, Because::Time, Kubelet::start);
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

fn api_meta(labels: &[(&str, &str)]) -> ObjectMeta {
    ObjectMeta {
        name: Some("kubernetes".to_owned()),
        namespace: Some("default".to_owned()),
        labels: Some(labels.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()),
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

fn node(name: &str, number: usize, profile: Profile) -> Object {
    let labels = [
        ("beta.kubernetes.io/arch", "amd64"),
        ("beta.kubernetes.io/os", "linux"),
        ("kubernetes.io/arch", "amd64"),
        ("kubernetes.io/hostname", name),
        ("kubernetes.io/os", "linux"),
    ];
    let metadata = ObjectMeta {
        name: Some(name.to_owned()),
        labels: Some(labels.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()),
        // Written by the TTL controller; 0 s in clusters of up to 100 nodes.
        annotations: Some([("node.alpha.kubernetes.io/ttl".to_owned(), "0".to_owned())].into()),
        ..ObjectMeta::default()
    };
    let cidr = format!("10.{}.{}.0/24", 244 + number / 256, number % 256);
    let provider = match profile {
        Profile::Default => "kobune",
        Profile::Oracle => "kubemark",
    };
    let spec = NodeSpec {
        pod_cidr: Some(cidr.clone()),
        pod_cidrs: Some(vec![cidr]),
        provider_id: Some(format!("{provider}://{name}")),
        ..NodeSpec::default()
    };
    object(Node { metadata, spec: Some(spec), status: None }, |node| {
        Body::Node(Split { spec: node.spec.unwrap_or_default().into(), ..Split::default() })
    })
}

fn node_status(name: &str, number: usize, profile: Profile, now: Time) -> NodeStatus {
    let quantities: BTreeMap<_, _> =
        [("cpu", "4"), ("memory", "8Gi"), ("ephemeral-storage", "100Gi"), ("pods", "110")]
            .map(|(resource, amount)| (resource.to_owned(), Quantity(amount.to_owned())))
            .into();
    // The machines follow the API server's in one private network.
    let address = format!("172.18.{}.{}", (number + 2) / 256, (number + 2) % 256);
    let addresses =
        [("InternalIP", address.as_str()), ("Hostname", name)].map(|(type_, address)| {
            NodeAddress { address: address.to_owned(), type_: type_.to_owned() }
        });
    NodeStatus {
        capacity: Some(quantities.clone()),
        allocatable: Some(quantities),
        conditions: Some(node_conditions(now)),
        addresses: Some(addresses.into()),
        node_info: Some(NodeSystemInfo {
            kernel_version: match profile {
                Profile::Default => "6.1.0-kobune".to_owned(),
                Profile::Oracle => "6.1.0-oracle".to_owned(),
            },
            os_image: "Debian GNU/Linux 12 (bookworm)".to_owned(),
            container_runtime_version: "containerd://2.1.3".to_owned(),
            kubelet_version: "v1.36.2".to_owned(),
            operating_system: "linux".to_owned(),
            architecture: "amd64".to_owned(),
            ..NodeSystemInfo::default()
        }),
        ..NodeStatus::default()
    }
}

/// The four conditions of a healthy node, in the order in which the kubelet reports them.
fn node_conditions(now: Time) -> Vec<NodeCondition> {
    let condition = |type_: &str, status: &str, reason: &str, message: &str| NodeCondition {
        type_: type_.to_owned(),
        status: status.to_owned(),
        reason: Some(reason.to_owned()),
        message: Some(message.to_owned()),
        last_heartbeat_time: Some(now.to_meta()),
        last_transition_time: Some(now.to_meta()),
    };
    vec![
        condition(
            "MemoryPressure",
            "False",
            "KubeletHasSufficientMemory",
            "kubelet has sufficient memory available",
        ),
        condition(
            "DiskPressure",
            "False",
            "KubeletHasNoDiskPressure",
            "kubelet has no disk pressure",
        ),
        condition(
            "PIDPressure",
            "False",
            "KubeletHasSufficientPID",
            "kubelet has sufficient PID available",
        ),
        condition("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
    ]
}
