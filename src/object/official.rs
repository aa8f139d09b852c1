//! Everything that a Kubernetes 1.36 API server serves, simulated or not, in the order of `kubectl api-resources`.
//!
//! With it the sandbox tells a kind that exists but is not simulated yet from one that does not exist. Kinds that are
//! simulated have their line in [`super::KINDS`] too.

use super::{KINDS, Kind, KindInfo};

/// One line of `kubectl api-resources`.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    /// `deployments`.
    pub plural: &'static str,
    /// `deploy`.
    pub short_names: &'static [&'static str],
    /// `apps/v1`.
    pub api_version: &'static str,
    /// Whether objects of this kind live in a namespace.
    pub namespaced: bool,
    /// `Deployment`.
    pub kind: &'static str,
    /// The kind's line, where a definition made it.
    pub custom: Option<&'static KindInfo>,
}

impl Resource {
    /// `apps`, or empty for the core group.
    pub fn group(&self) -> &'static str {
        self.api_version.split_once('/').map_or("", |(group, _)| group)
    }

    /// `v1`.
    pub fn version(&self) -> &'static str {
        self.api_version.split_once('/').map_or(self.api_version, |(_, version)| version)
    }

    /// `deployments.apps`, or `pods` for the core group.
    pub fn qualified(&self) -> String {
        match self.group() {
            "" => self.plural.to_owned(),
            group => format!("{}.{group}", self.plural),
        }
    }

    /// `deployment.apps`, or `pod` for the core group.
    pub fn qualified_singular(&self) -> String {
        let kind = self.kind.to_lowercase();
        match self.group() {
            "" => kind,
            group => format!("{kind}.{group}"),
        }
    }

    /// `deployment`.
    pub fn singular(&self) -> String {
        self.custom.map_or_else(|| self.kind.to_lowercase(), |info| info.singular.to_owned())
    }

    /// The kind, where this sandbox simulates it.
    pub fn simulated(&self) -> Option<Kind> {
        if let Some(info) = self.custom {
            return Some(info.kind());
        }
        KINDS
            .iter()
            .find(|info| info.plural == self.plural && info.group == self.group())
            .map(KindInfo::kind)
    }
}

/// Every resource of a 1.36 API server without extensions.
pub static RESOURCES: &[Resource] = &[
    resource("bindings", &[], "v1", true, "Binding"),
    resource("componentstatuses", &["cs"], "v1", false, "ComponentStatus"),
    resource("configmaps", &["cm"], "v1", true, "ConfigMap"),
    resource("endpoints", &["ep"], "v1", true, "Endpoints"),
    resource("events", &["ev"], "v1", true, "Event"),
    resource("limitranges", &["limits"], "v1", true, "LimitRange"),
    resource("namespaces", &["ns"], "v1", false, "Namespace"),
    resource("nodes", &["no"], "v1", false, "Node"),
    resource("persistentvolumeclaims", &["pvc"], "v1", true, "PersistentVolumeClaim"),
    resource("persistentvolumes", &["pv"], "v1", false, "PersistentVolume"),
    resource("pods", &["po"], "v1", true, "Pod"),
    resource("podtemplates", &[], "v1", true, "PodTemplate"),
    resource("replicationcontrollers", &["rc"], "v1", true, "ReplicationController"),
    resource("resourcequotas", &["quota"], "v1", true, "ResourceQuota"),
    resource("secrets", &[], "v1", true, "Secret"),
    resource("serviceaccounts", &["sa"], "v1", true, "ServiceAccount"),
    resource("services", &["svc"], "v1", true, "Service"),
    resource(
        "mutatingadmissionpolicies",
        &[],
        "admissionregistration.k8s.io/v1",
        false,
        "MutatingAdmissionPolicy",
    ),
    resource(
        "mutatingadmissionpolicybindings",
        &[],
        "admissionregistration.k8s.io/v1",
        false,
        "MutatingAdmissionPolicyBinding",
    ),
    resource(
        "mutatingwebhookconfigurations",
        &[],
        "admissionregistration.k8s.io/v1",
        false,
        "MutatingWebhookConfiguration",
    ),
    resource(
        "validatingadmissionpolicies",
        &[],
        "admissionregistration.k8s.io/v1",
        false,
        "ValidatingAdmissionPolicy",
    ),
    resource(
        "validatingadmissionpolicybindings",
        &[],
        "admissionregistration.k8s.io/v1",
        false,
        "ValidatingAdmissionPolicyBinding",
    ),
    resource(
        "validatingwebhookconfigurations",
        &[],
        "admissionregistration.k8s.io/v1",
        false,
        "ValidatingWebhookConfiguration",
    ),
    resource(
        "customresourcedefinitions",
        &["crd", "crds"],
        "apiextensions.k8s.io/v1",
        false,
        "CustomResourceDefinition",
    ),
    resource("apiservices", &[], "apiregistration.k8s.io/v1", false, "APIService"),
    resource("controllerrevisions", &[], "apps/v1", true, "ControllerRevision"),
    resource("daemonsets", &["ds"], "apps/v1", true, "DaemonSet"),
    resource("deployments", &["deploy"], "apps/v1", true, "Deployment"),
    resource("replicasets", &["rs"], "apps/v1", true, "ReplicaSet"),
    resource("statefulsets", &["sts"], "apps/v1", true, "StatefulSet"),
    resource("selfsubjectreviews", &[], "authentication.k8s.io/v1", false, "SelfSubjectReview"),
    resource("tokenreviews", &[], "authentication.k8s.io/v1", false, "TokenReview"),
    resource(
        "localsubjectaccessreviews",
        &[],
        "authorization.k8s.io/v1",
        true,
        "LocalSubjectAccessReview",
    ),
    resource(
        "selfsubjectaccessreviews",
        &[],
        "authorization.k8s.io/v1",
        false,
        "SelfSubjectAccessReview",
    ),
    resource(
        "selfsubjectrulesreviews",
        &[],
        "authorization.k8s.io/v1",
        false,
        "SelfSubjectRulesReview",
    ),
    resource("subjectaccessreviews", &[], "authorization.k8s.io/v1", false, "SubjectAccessReview"),
    resource(
        "horizontalpodautoscalers",
        &["hpa"],
        "autoscaling/v2",
        true,
        "HorizontalPodAutoscaler",
    ),
    resource("cronjobs", &["cj"], "batch/v1", true, "CronJob"),
    resource("jobs", &[], "batch/v1", true, "Job"),
    resource(
        "certificatesigningrequests",
        &["csr"],
        "certificates.k8s.io/v1",
        false,
        "CertificateSigningRequest",
    ),
    resource("leases", &[], "coordination.k8s.io/v1", true, "Lease"),
    resource("endpointslices", &[], "discovery.k8s.io/v1", true, "EndpointSlice"),
    resource("events", &["ev"], "events.k8s.io/v1", true, "Event"),
    resource("flowschemas", &[], "flowcontrol.apiserver.k8s.io/v1", false, "FlowSchema"),
    resource(
        "prioritylevelconfigurations",
        &[],
        "flowcontrol.apiserver.k8s.io/v1",
        false,
        "PriorityLevelConfiguration",
    ),
    resource("ingressclasses", &[], "networking.k8s.io/v1", false, "IngressClass"),
    resource("ingresses", &["ing"], "networking.k8s.io/v1", true, "Ingress"),
    resource("ipaddresses", &["ip"], "networking.k8s.io/v1", false, "IPAddress"),
    resource("networkpolicies", &["netpol"], "networking.k8s.io/v1", true, "NetworkPolicy"),
    resource("servicecidrs", &[], "networking.k8s.io/v1", false, "ServiceCIDR"),
    resource("runtimeclasses", &[], "node.k8s.io/v1", false, "RuntimeClass"),
    resource("poddisruptionbudgets", &["pdb"], "policy/v1", true, "PodDisruptionBudget"),
    resource(
        "clusterrolebindings",
        &[],
        "rbac.authorization.k8s.io/v1",
        false,
        "ClusterRoleBinding",
    ),
    resource("clusterroles", &[], "rbac.authorization.k8s.io/v1", false, "ClusterRole"),
    resource("rolebindings", &[], "rbac.authorization.k8s.io/v1", true, "RoleBinding"),
    resource("roles", &[], "rbac.authorization.k8s.io/v1", true, "Role"),
    resource("deviceclasses", &[], "resource.k8s.io/v1", false, "DeviceClass"),
    resource("resourceclaims", &[], "resource.k8s.io/v1", true, "ResourceClaim"),
    resource("resourceclaimtemplates", &[], "resource.k8s.io/v1", true, "ResourceClaimTemplate"),
    resource("resourceslices", &[], "resource.k8s.io/v1", false, "ResourceSlice"),
    resource("priorityclasses", &["pc"], "scheduling.k8s.io/v1", false, "PriorityClass"),
    resource("csidrivers", &[], "storage.k8s.io/v1", false, "CSIDriver"),
    resource("csinodes", &[], "storage.k8s.io/v1", false, "CSINode"),
    resource("csistoragecapacities", &[], "storage.k8s.io/v1", true, "CSIStorageCapacity"),
    resource("storageclasses", &["sc"], "storage.k8s.io/v1", false, "StorageClass"),
    resource("volumeattachments", &[], "storage.k8s.io/v1", false, "VolumeAttachment"),
    resource(
        "volumeattributesclasses",
        &["vac"],
        "storage.k8s.io/v1",
        false,
        "VolumeAttributesClass",
    ),
];

/// What a metrics server serves beside them.
pub static METRICS: &[Resource] = &[
    resource("nodes", &[], "metrics.k8s.io/v1beta1", false, "NodeMetrics"),
    resource("pods", &[], "metrics.k8s.io/v1beta1", true, "PodMetrics"),
];

const fn resource(
    plural: &'static str,
    short_names: &'static [&'static str],
    api_version: &'static str,
    namespaced: bool,
    kind: &'static str,
) -> Resource {
    Resource { plural, short_names, api_version, namespaced, kind, custom: None }
}

/// The resource of this kind in this group, whatever its version.
pub fn find(group: &str, kind: &str) -> Option<&'static Resource> {
    RESOURCES.iter().find(|resource| resource.kind == kind && resource.group() == group)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn simulated_kinds_are_official_and_called_alike() {
        for info in KINDS {
            let resource = find(info.group, info.name).expect(info.name);
            assert_eq!(resource.plural, info.plural);
            assert_eq!(resource.short_names, info.short_names);
            assert_eq!(resource.namespaced, info.namespaced);
            assert_eq!(resource.api_version, info.api_version());
            assert_eq!(resource.simulated(), Some(info.kind()));
        }
    }
}
