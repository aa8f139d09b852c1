//! Go's names of types, for errors: what a JSON schema does not tell of `types.go`.
//!
//! serde hands over the names of structs and fields. Named strings, embedded structs and byte slices it does not know;
//! they stand here, read from kubernetes `staging/src/k8s.io/api/*/v1/types.go` and apimachinery `meta/v1/types.go`.

/// The Go type of a text at a struct's field (or of the texts in it).
pub(super) fn text(in_struct: &str, field: &str) -> &'static str {
    NAMED
        .iter()
        .find(|(structs, fields, _)| contains(structs, in_struct) && contains(fields, field))
        .map_or("string", |(.., name)| name)
}

/// The embedded struct through which Go reaches a field; its name stands in the path of errors.
pub(super) fn embedded(in_struct: &str, field: &str) -> Option<&'static str> {
    EMBEDDED
        .iter()
        .find(|(structs, fields, _)| {
            contains(structs, in_struct)
                && match fields.strip_prefix('!') {
                    Some(own) => !contains(own, field),
                    None => contains(fields, field),
                }
        })
        .map(|(.., name)| *name)
}

/// The Go type of a mapping with values of this type.
pub(super) fn map_of(value: &str) -> String {
    if value == QUANTITY { "v1.ResourceList".to_owned() } else { format!("map[string]{value}") }
}

/// The Go type of a struct.
pub(super) fn of_struct(name: &str) -> String {
    format!("v1.{name}")
}

/// `resource.Quantity`
pub(super) const QUANTITY: &str = "resource.Quantity";
/// A slice of bytes, base64 in JSON.
pub(super) const BYTES: &str = "[]uint8";

fn contains(words: &str, word: &str) -> bool {
    words.split(' ').any(|one| one == word)
}

/// Structs, fields, the embedded struct. `!` in front: all fields but these.
const EMBEDDED: &[(&str, &str, &str)] = &[
    ("Volume", "!name", "VolumeSource"),
    ("Probe", "exec httpGet tcpSocket grpc", "ProbeHandler"),
    ("IngressRule", "http", "IngressRuleValue"),
    ("EphemeralContainer", "!targetContainerName", "EphemeralContainerCommon"),
    (
        "ConfigMapEnvSource SecretEnvSource ConfigMapKeySelector SecretKeySelector ConfigMapProjection SecretProjection ConfigMapVolumeSource",
        "name",
        "LocalObjectReference",
    ),
    (
        "PersistentVolumeSpec",
        "!capacity accessModes claimRef persistentVolumeReclaimPolicy storageClassName mountOptions volumeMode nodeAffinity volumeAttributesClassName",
        "PersistentVolumeSource",
    ),
];

/// Structs, fields, the name of the text's type.
const NAMED: &[(&str, &str, &str)] = &[
    ("Secret", "data", BYTES),
    ("ConfigMap", "binaryData", BYTES),
    ("ObjectMeta OwnerReference ObjectReference", "uid", "types.UID"),
    ("ManagedFieldsEntry", "operation", "v1.ManagedFieldsOperationType"),
    ("LabelSelectorRequirement", "operator", "v1.LabelSelectorOperator"),
    ("NodeSelectorRequirement", "operator", "v1.NodeSelectorOperator"),
    ("Container EphemeralContainer", "imagePullPolicy", "v1.PullPolicy"),
    ("Container EphemeralContainer", "terminationMessagePolicy", "v1.TerminationMessagePolicy"),
    ("Container EphemeralContainer", "restartPolicy", "v1.ContainerRestartPolicy"),
    (
        "ContainerPort ServicePort EndpointPort NetworkPolicyPort PortStatus",
        "protocol",
        "v1.Protocol",
    ),
    ("ContainerResizePolicy", "resourceName", "v1.ResourceName"),
    ("ContainerResizePolicy", "restartPolicy", "v1.ResourceResizeRestartPolicy"),
    ("ContainerRestartRule", "action", "v1.ContainerRestartRuleAction"),
    ("ContainerRestartRuleOnExitCodes", "operator", "v1.ContainerRestartRuleOnExitCodesOperator"),
    ("AzureDiskVolumeSource", "cachingMode", "v1.AzureDataDiskCachingMode"),
    ("AzureDiskVolumeSource", "kind", "v1.AzureDataDiskKind"),
    ("NodeStatus", "volumesInUse", "v1.UniqueVolumeName"),
    ("AttachedVolume", "name", "v1.UniqueVolumeName"),
    ("PodSpec", "restartPolicy", "v1.RestartPolicy"),
    ("PodSpec", "dnsPolicy", "v1.DNSPolicy"),
    ("PodSpec PriorityClass", "preemptionPolicy", "v1.PreemptionPolicy"),
    ("PodOS", "name", "v1.OSName"),
    ("HTTPGetAction", "scheme", "v1.URIScheme"),
    ("Lifecycle ContainerStatus", "stopSignal", "v1.Signal"),
    ("Toleration", "operator", "v1.TolerationOperator"),
    ("Toleration Taint", "effect", "v1.TaintEffect"),
    ("TopologySpreadConstraint", "whenUnsatisfiable", "v1.UnsatisfiableConstraintAction"),
    ("TopologySpreadConstraint", "nodeAffinityPolicy nodeTaintsPolicy", "v1.NodeInclusionPolicy"),
    ("Capabilities", "add drop", "v1.Capability"),
    ("SeccompProfile", "type", "v1.SeccompProfileType"),
    ("AppArmorProfile", "type", "v1.AppArmorProfileType"),
    ("SecurityContext", "procMount", "v1.ProcMountType"),
    ("PodSecurityContext", "fsGroupChangePolicy", "v1.PodFSGroupChangePolicy"),
    ("PodSecurityContext", "supplementalGroupsPolicy", "v1.SupplementalGroupsPolicy"),
    ("PodSecurityContext", "seLinuxChangePolicy", "v1.PodSELinuxChangePolicy"),
    ("VolumeMount", "mountPropagation", "v1.MountPropagationMode"),
    ("VolumeMount", "recursiveReadOnly", "v1.RecursiveReadOnlyMode"),
    ("EmptyDirVolumeSource", "medium", "v1.StorageMedium"),
    ("HostPathVolumeSource", "type", "v1.HostPathType"),
    ("ImageVolumeSource", "pullPolicy", "v1.PullPolicy"),
    (
        "PersistentVolumeClaimSpec PersistentVolumeSpec PersistentVolumeClaimStatus",
        "accessModes",
        "v1.PersistentVolumeAccessMode",
    ),
    ("PersistentVolumeClaimSpec PersistentVolumeSpec", "volumeMode", "v1.PersistentVolumeMode"),
    ("PersistentVolumeSpec", "persistentVolumeReclaimPolicy", "v1.PersistentVolumeReclaimPolicy"),
    ("PodStatus", "phase", "v1.PodPhase"),
    ("PodStatus", "qosClass", "v1.PodQOSClass"),
    ("PodCondition", "type", "v1.PodConditionType"),
    ("NodeCondition", "type", "v1.NodeConditionType"),
    ("NamespaceCondition", "type", "v1.NamespaceConditionType"),
    ("DeploymentCondition", "type", "v1.DeploymentConditionType"),
    ("ReplicaSetCondition", "type", "v1.ReplicaSetConditionType"),
    (
        "PodCondition NodeCondition NamespaceCondition DeploymentCondition ReplicaSetCondition Condition",
        "status",
        "v1.ConditionStatus",
    ),
    ("NodeAddress", "type", "v1.NodeAddressType"),
    ("NodeStatus", "phase", "v1.NodePhase"),
    ("NamespaceSpec", "finalizers", "v1.FinalizerName"),
    ("NamespaceStatus", "phase", "v1.NamespacePhase"),
    ("Secret", "type", "v1.SecretType"),
    ("ServiceSpec", "type", "v1.ServiceType"),
    ("ServiceSpec", "sessionAffinity", "v1.ServiceAffinity"),
    ("ServiceSpec", "externalTrafficPolicy", "v1.ServiceExternalTrafficPolicy"),
    ("ServiceSpec", "internalTrafficPolicy", "v1.ServiceInternalTrafficPolicy"),
    ("ServiceSpec", "ipFamilies", "v1.IPFamily"),
    ("ServiceSpec", "ipFamilyPolicy", "v1.IPFamilyPolicy"),
    ("LoadBalancerIngress", "ipMode", "v1.LoadBalancerIPMode"),
    ("EndpointSlice", "addressType", "v1.AddressType"),
    ("LeaseSpec", "strategy", "v1.CoordinatedLeaseStrategy"),
    ("DeploymentStrategy", "type", "v1.DeploymentStrategyType"),
    ("DaemonSetUpdateStrategy", "type", "v1.DaemonSetUpdateStrategyType"),
    ("StatefulSetUpdateStrategy", "type", "v1.StatefulSetUpdateStrategyType"),
    ("StatefulSetSpec", "podManagementPolicy", "v1.PodManagementPolicyType"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_what_go_names() {
        assert_eq!(text("Toleration", "effect"), "v1.TaintEffect");
        assert_eq!(text("Container", "image"), "string");
        assert_eq!(embedded("Volume", "configMap"), Some("VolumeSource"));
        assert_eq!(embedded("Volume", "name"), None);
        assert_eq!(embedded("Probe", "periodSeconds"), None);
    }
}
