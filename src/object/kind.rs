//! The registry of kinds: every other list (decoding, tables, completion, discovery) is derived from [`KINDS`].
//!
//! Names, short names and categories are those that `kubectl api-resources` prints.

use crate::manifest::types::{self, Type};

/// The kinds this sandbox simulates, in the order in which `kubectl api-resources` lists them within a group.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "each is the Kubernetes kind of the same name")]
pub enum Kind {
    ConfigMap,
    Endpoints,
    Event,
    LimitRange,
    Namespace,
    Node,
    PersistentVolumeClaim,
    PersistentVolume,
    Pod,
    PodTemplate,
    ReplicationController,
    ResourceQuota,
    Secret,
    ServiceAccount,
    Service,
    CustomResourceDefinition,
    ControllerRevision,
    DaemonSet,
    Deployment,
    ReplicaSet,
    StatefulSet,
    HorizontalPodAutoscaler,
    CronJob,
    Job,
    Lease,
    EndpointSlice,
    IngressClass,
    Ingress,
    IPAddress,
    NetworkPolicy,
    ServiceCIDR,
    PodDisruptionBudget,
    ClusterRoleBinding,
    ClusterRole,
    RoleBinding,
    Role,
    PriorityClass,
    CSIDriver,
    CSINode,
    CSIStorageCapacity,
    StorageClass,
    VolumeAttachment,
    VolumeAttributesClass,
}

/// What the API server's discovery knows of a kind.
#[derive(Copy, Clone, Debug)]
pub struct KindInfo {
    /// The kind itself.
    pub kind: Kind,
    /// `Deployment`.
    pub name: &'static str,
    /// `deployments`.
    pub plural: &'static str,
    /// `deployment`.
    pub singular: &'static str,
    /// `deploy`.
    pub short_names: &'static [&'static str],
    /// `apps`, or empty for the core group.
    pub group: &'static str,
    /// `v1`.
    pub version: &'static str,
    /// Whether objects of this kind live in a namespace.
    pub namespaced: bool,
    /// Whether `kubectl get all` shows it.
    pub in_all: bool,
    /// Whether its objects count the versions of what is wanted in `metadata.generation`.
    pub generation: bool,
    /// Where the spec of the Pods stands that its objects are or run; empty if they run none.
    pub pod_spec: &'static [&'static str],
}

/// Every simulated kind, in the order of [`Kind`].
pub static KINDS: &[KindInfo] = &[
    KindInfo {
        short_names: &["cm"],
        ..core(Kind::ConfigMap, "ConfigMap", "configmaps", "configmap")
    },
    KindInfo {
        short_names: &["ep"],
        ..core(Kind::Endpoints, "Endpoints", "endpoints", "endpoints")
    },
    KindInfo { short_names: &["ev"], ..core(Kind::Event, "Event", "events", "event") },
    KindInfo {
        short_names: &["limits"],
        ..core(Kind::LimitRange, "LimitRange", "limitranges", "limitrange")
    },
    KindInfo {
        short_names: &["ns"],
        namespaced: false,
        ..core(Kind::Namespace, "Namespace", "namespaces", "namespace")
    },
    KindInfo {
        short_names: &["no"],
        namespaced: false,
        ..core(Kind::Node, "Node", "nodes", "node")
    },
    KindInfo {
        short_names: &["pvc"],
        ..core(
            Kind::PersistentVolumeClaim,
            "PersistentVolumeClaim",
            "persistentvolumeclaims",
            "persistentvolumeclaim",
        )
    },
    KindInfo {
        short_names: &["pv"],
        namespaced: false,
        ..core(Kind::PersistentVolume, "PersistentVolume", "persistentvolumes", "persistentvolume")
    },
    KindInfo {
        short_names: &["po"],
        in_all: true,
        generation: true,
        pod_spec: &["spec"],
        ..core(Kind::Pod, "Pod", "pods", "pod")
    },
    core(Kind::PodTemplate, "PodTemplate", "podtemplates", "podtemplate"),
    KindInfo {
        short_names: &["rc"],
        in_all: true,
        generation: true,
        pod_spec: &["spec", "template", "spec"],
        ..core(
            Kind::ReplicationController,
            "ReplicationController",
            "replicationcontrollers",
            "replicationcontroller",
        )
    },
    KindInfo {
        short_names: &["quota"],
        ..core(Kind::ResourceQuota, "ResourceQuota", "resourcequotas", "resourcequota")
    },
    core(Kind::Secret, "Secret", "secrets", "secret"),
    KindInfo {
        short_names: &["sa"],
        ..core(Kind::ServiceAccount, "ServiceAccount", "serviceaccounts", "serviceaccount")
    },
    KindInfo {
        short_names: &["svc"],
        in_all: true,
        ..core(Kind::Service, "Service", "services", "service")
    },
    KindInfo {
        short_names: &["crd", "crds"],
        group: "apiextensions.k8s.io",
        namespaced: false,
        generation: true,
        ..core(
            Kind::CustomResourceDefinition,
            "CustomResourceDefinition",
            "customresourcedefinitions",
            "customresourcedefinition",
        )
    },
    KindInfo {
        group: "apps",
        ..core(
            Kind::ControllerRevision,
            "ControllerRevision",
            "controllerrevisions",
            "controllerrevision",
        )
    },
    KindInfo {
        short_names: &["ds"],
        group: "apps",
        in_all: true,
        generation: true,
        pod_spec: TEMPLATE,
        ..core(Kind::DaemonSet, "DaemonSet", "daemonsets", "daemonset")
    },
    KindInfo {
        short_names: &["deploy"],
        group: "apps",
        in_all: true,
        generation: true,
        pod_spec: TEMPLATE,
        ..core(Kind::Deployment, "Deployment", "deployments", "deployment")
    },
    KindInfo {
        short_names: &["rs"],
        group: "apps",
        in_all: true,
        generation: true,
        pod_spec: TEMPLATE,
        ..core(Kind::ReplicaSet, "ReplicaSet", "replicasets", "replicaset")
    },
    KindInfo {
        short_names: &["sts"],
        group: "apps",
        in_all: true,
        generation: true,
        pod_spec: &["spec", "template", "spec"],
        ..core(Kind::StatefulSet, "StatefulSet", "statefulsets", "statefulset")
    },
    KindInfo {
        short_names: &["hpa"],
        group: "autoscaling",
        version: "v2",
        in_all: true,
        ..core(
            Kind::HorizontalPodAutoscaler,
            "HorizontalPodAutoscaler",
            "horizontalpodautoscalers",
            "horizontalpodautoscaler",
        )
    },
    KindInfo {
        short_names: &["cj"],
        group: "batch",
        in_all: true,
        generation: true,
        pod_spec: &["spec", "jobTemplate", "spec", "template", "spec"],
        ..core(Kind::CronJob, "CronJob", "cronjobs", "cronjob")
    },
    KindInfo {
        group: "batch",
        in_all: true,
        generation: true,
        pod_spec: &["spec", "template", "spec"],
        ..core(Kind::Job, "Job", "jobs", "job")
    },
    KindInfo { group: "coordination.k8s.io", ..core(Kind::Lease, "Lease", "leases", "lease") },
    KindInfo {
        group: "discovery.k8s.io",
        generation: true,
        ..core(Kind::EndpointSlice, "EndpointSlice", "endpointslices", "endpointslice")
    },
    KindInfo {
        group: "networking.k8s.io",
        namespaced: false,
        generation: true,
        ..core(Kind::IngressClass, "IngressClass", "ingressclasses", "ingressclass")
    },
    KindInfo {
        short_names: &["ing"],
        group: "networking.k8s.io",
        generation: true,
        ..core(Kind::Ingress, "Ingress", "ingresses", "ingress")
    },
    KindInfo {
        short_names: &["ip"],
        group: "networking.k8s.io",
        namespaced: false,
        ..core(Kind::IPAddress, "IPAddress", "ipaddresses", "ipaddress")
    },
    KindInfo {
        short_names: &["netpol"],
        group: "networking.k8s.io",
        generation: true,
        ..core(Kind::NetworkPolicy, "NetworkPolicy", "networkpolicies", "networkpolicy")
    },
    KindInfo {
        group: "networking.k8s.io",
        namespaced: false,
        ..core(Kind::ServiceCIDR, "ServiceCIDR", "servicecidrs", "servicecidr")
    },
    KindInfo {
        short_names: &["pdb"],
        group: "policy",
        generation: true,
        ..core(
            Kind::PodDisruptionBudget,
            "PodDisruptionBudget",
            "poddisruptionbudgets",
            "poddisruptionbudget",
        )
    },
    KindInfo {
        group: "rbac.authorization.k8s.io",
        namespaced: false,
        ..core(
            Kind::ClusterRoleBinding,
            "ClusterRoleBinding",
            "clusterrolebindings",
            "clusterrolebinding",
        )
    },
    KindInfo {
        group: "rbac.authorization.k8s.io",
        namespaced: false,
        ..core(Kind::ClusterRole, "ClusterRole", "clusterroles", "clusterrole")
    },
    KindInfo {
        group: "rbac.authorization.k8s.io",
        ..core(Kind::RoleBinding, "RoleBinding", "rolebindings", "rolebinding")
    },
    KindInfo { group: "rbac.authorization.k8s.io", ..core(Kind::Role, "Role", "roles", "role") },
    KindInfo {
        short_names: &["pc"],
        group: "scheduling.k8s.io",
        namespaced: false,
        generation: true,
        ..core(Kind::PriorityClass, "PriorityClass", "priorityclasses", "priorityclass")
    },
    KindInfo {
        group: "storage.k8s.io",
        namespaced: false,
        ..core(Kind::CSIDriver, "CSIDriver", "csidrivers", "csidriver")
    },
    KindInfo {
        group: "storage.k8s.io",
        namespaced: false,
        ..core(Kind::CSINode, "CSINode", "csinodes", "csinode")
    },
    KindInfo {
        group: "storage.k8s.io",
        ..core(
            Kind::CSIStorageCapacity,
            "CSIStorageCapacity",
            "csistoragecapacities",
            "csistoragecapacity",
        )
    },
    KindInfo {
        short_names: &["sc"],
        group: "storage.k8s.io",
        namespaced: false,
        ..core(Kind::StorageClass, "StorageClass", "storageclasses", "storageclass")
    },
    KindInfo {
        group: "storage.k8s.io",
        namespaced: false,
        ..core(Kind::VolumeAttachment, "VolumeAttachment", "volumeattachments", "volumeattachment")
    },
    KindInfo {
        short_names: &["vac"],
        group: "storage.k8s.io",
        namespaced: false,
        ..core(
            Kind::VolumeAttributesClass,
            "VolumeAttributesClass",
            "volumeattributesclasses",
            "volumeattributesclass",
        )
    },
];

/// The spec of the Pods that a workload makes.
const TEMPLATE: &[&str] = &["spec", "template", "spec"];

const fn core(
    kind: Kind,
    name: &'static str,
    plural: &'static str,
    singular: &'static str,
) -> KindInfo {
    KindInfo {
        kind,
        name,
        plural,
        singular,
        short_names: &[],
        group: "",
        version: "v1",
        namespaced: true,
        in_all: false,
        generation: false,
        pod_spec: &[],
    }
}

impl Kind {
    /// The registry's line for this kind.
    pub fn info(self) -> &'static KindInfo {
        &KINDS[self as usize]
    }
}

impl KindInfo {
    /// `apps/v1`, or `v1` for the core group.
    pub fn api_version(&self) -> String {
        if self.group.is_empty() {
            self.version.to_owned()
        } else {
            format!("{}/{}", self.group, self.version)
        }
    }

    /// The type of its objects; none if the table of types has it not.
    pub fn wire_type(&self) -> Option<Type> {
        types::of_kind(self.group, self.version, self.name)
    }

    /// `deployments.apps`, or `pods` for the core group: the form in server messages.
    pub fn resource(&self) -> String {
        self.qualified(self.plural)
    }

    /// `deployment.apps`, or `pod`: the form in which kubectl names what it did.
    pub fn qualified_singular(&self) -> String {
        self.qualified(self.singular)
    }

    /// Whether its objects have a number of replicas that the `scale` subresource sets.
    pub fn scalable(&self) -> bool {
        matches!(self.name, "Deployment" | "ReplicaSet" | "StatefulSet" | "ReplicationController")
    }

    fn qualified(&self, word: &str) -> String {
        if self.group.is_empty() { word.to_owned() } else { format!("{word}.{}", self.group) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registry_stands_in_the_order_of_the_enum() {
        for (index, info) in KINDS.iter().enumerate() {
            assert_eq!(info.kind as usize, index, "{} is out of place", info.name);
        }
    }
}
