//! The registry of kinds: every other list (decoding, tables, completion, discovery) is derived from [`KINDS`].
//!
//! Names, short names and categories are those that `kubectl api-resources` prints.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

use crate::manifest::types::{self, Type};

/// Makes the enum, and the place of each kind in it.
macro_rules! kinds {
    ($($name:ident)+) => {
        /// The kinds this sandbox simulates, in the order in which `kubectl api-resources` lists them within a group, and
        /// those that its users define.
        #[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[expect(missing_docs, reason = "each but the last is the Kubernetes kind of the same name")]
        pub enum Kind {
            $($name,)+
            /// A kind that a `CustomResourceDefinition` made, in one of its versions; see [`super::custom`].
            Custom(&'static KindInfo),
        }

        #[derive(Copy, Clone)]
        enum Place {
            $($name,)+
            Custom,
        }

        impl Kind {
            /// Where it stands in [`KINDS`]; those that are defined come after all others.
            pub(super) const fn place(self) -> usize {
                (match self {
                    $(Self::$name => Place::$name,)+
                    Self::Custom(_) => Place::Custom,
                }) as usize
            }
        }
    };
}

kinds! {
    ConfigMap Endpoints Event LimitRange Namespace Node PersistentVolumeClaim PersistentVolume Pod
    PodTemplate ReplicationController ResourceQuota Secret ServiceAccount Service
    CustomResourceDefinition ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet
    HorizontalPodAutoscaler CronJob Job Lease EndpointSlice IngressClass Ingress IPAddress
    NetworkPolicy ServiceCIDR PodDisruptionBudget ClusterRoleBinding ClusterRole RoleBinding Role
    PriorityClass CSIDriver CSINode CSIStorageCapacity StorageClass VolumeAttachment
    VolumeAttributesClass
}

/// What the API server's discovery knows of a kind.
///
/// Lines with the same plural and group are the same kind: versions of one definition.
#[derive(Copy, Clone, Debug)]
pub struct KindInfo {
    /// The kind itself; none if it is one that a definition made, which is known by this line.
    pub(super) of: Option<Kind>,
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
    /// What only a definition says.
    pub custom: Custom,
}

/// What a definition says of its kind beyond what all kinds have.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct Custom {
    /// The name of the kind that lists are of.
    pub list: &'static str,
    /// By which words it can be asked for together with others.
    pub categories: &'static [&'static str],
    /// The columns of its tables.
    pub columns: &'static [Column],
    /// The type and the path of the cells after the name: `date`, `.metadata.creationTimestamp`.
    pub cells: &'static [[&'static str; 2]],
    /// Whether a write to the object leaves its status alone.
    pub status: bool,
    /// Where its `scale` subresource finds the replicas wanted, those there are, and the selector.
    pub scale: Option<[&'static str; 3]>,
}

/// A column of a kind's table.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// As the server spells it; headers are in capitals.
    pub name: &'static str,
    /// Shown with `-o wide` only.
    pub wide: bool,
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
        of: Some(kind),
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
        custom: NOT_CUSTOM,
    }
}

const NOT_CUSTOM: Custom =
    Custom { list: "", categories: &[], columns: &[], cells: &[], status: false, scale: None };

impl Kind {
    /// The registry's line for this kind.
    pub fn info(self) -> &'static KindInfo {
        match self {
            Self::Custom(info) => info,
            _ => &KINDS[self.place()],
        }
    }
}

impl PartialEq for KindInfo {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for KindInfo {}

impl PartialOrd for KindInfo {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for KindInfo {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.plural, self.group).cmp(&(other.plural, other.group))
    }
}

impl Hash for KindInfo {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.plural, self.group).hash(state);
    }
}

impl KindInfo {
    /// The kind that this is the line of.
    pub fn kind(&'static self) -> Kind {
        self.of.unwrap_or(Kind::Custom(self))
    }

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
        self.qualified(&self.name.to_lowercase())
    }

    /// Whether its objects have a number of replicas that the `scale` subresource sets.
    pub fn scalable(&self) -> bool {
        match self.of {
            Some(kind) => matches!(
                kind,
                Kind::Deployment
                    | Kind::ReplicaSet
                    | Kind::StatefulSet
                    | Kind::ReplicationController
            ),
            None => self.custom.scale.is_some(),
        }
    }

    /// The fields that lead to the number of replicas wanted.
    pub fn replicas_path(&self) -> impl Iterator<Item = &'static str> {
        let path = self.custom.scale.map_or(".spec.replicas", |[wanted, ..]| wanted);
        path.split('.').skip(1)
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
            assert_eq!(info.kind().place(), index, "{} is out of place", info.name);
        }
    }
}
