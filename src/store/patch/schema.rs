//! How each field is patched: the `patchStrategy` and `patchMergeKey` of upstream's struct tags.
//!
//! Read from kubernetes `staging/src/k8s.io/api/*/*/types.go` and apimachinery `meta/v1/types.go`. A field that is not
//! here is patched the plain way: mappings merge, lists are replaced.

/// What a value is, as far as patching needs to know.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Type<'a> {
    /// A Go struct of this name.
    Struct(&'a str),
    /// Anything that has no metadata below it.
    Plain,
}

/// What a field's tags say.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) struct Field {
    /// The type of the value, or of a list's elements.
    pub(super) of: Type<'static>,
    pub(super) strategy: Strategy,
    /// Empty for lists of texts.
    pub(super) merge_key: &'static str,
    /// Whether a patch names the keys that stay.
    pub(super) retain_keys: bool,
}

#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Strategy {
    Default,
    Merge,
    Replace,
}

const PLAIN: Field =
    Field { of: Type::Plain, strategy: Strategy::Default, merge_key: "", retain_keys: false };

impl Type<'_> {
    /// The tags of one field.
    pub(super) fn field(self, name: &str) -> Field {
        let Self::Struct(structure) = self else { return PLAIN };
        let row = FIELDS.iter().find(|(structs, field, ..)| {
            *field == name && structs.split(' ').any(|one| one == structure)
        });
        row.map_or(PLAIN, |(_, _, of, tags)| Field {
            of: if of.is_empty() { Type::Plain } else { Type::Struct(of) },
            ..tags.field()
        })
    }
}

#[derive(Copy, Clone)]
enum Tags {
    /// No tags: a struct on the way to one that has some.
    None,
    Replace,
    RetainKeys,
    Merge(&'static str),
    MergeRetainKeys(&'static str),
}

impl Tags {
    fn field(self) -> Field {
        match self {
            Self::None => PLAIN,
            Self::Replace => Field { strategy: Strategy::Replace, ..PLAIN },
            Self::RetainKeys => Field { retain_keys: true, ..PLAIN },
            Self::Merge(merge_key) => Field { strategy: Strategy::Merge, merge_key, ..PLAIN },
            Self::MergeRetainKeys(merge_key) => {
                Field { strategy: Strategy::Merge, merge_key, retain_keys: true, ..PLAIN }
            }
        }
    }
}

/// Structs, field, type of the value or of the list's elements, tags.
const FIELDS: &[(&str, &str, &str, Tags)] = &[
    (
        "ConfigMap Event Namespace Node Pod Secret ServiceAccount Service Deployment ReplicaSet Lease EndpointSlice DaemonSet StatefulSet Job CronJob Ingress NetworkPolicy PersistentVolume PersistentVolumeClaim PodDisruptionBudget HorizontalPodAutoscaler PodTemplateSpec JobTemplateSpec",
        "metadata",
        "ObjectMeta",
        Tags::None,
    ),
    ("ObjectMeta", "ownerReferences", "OwnerReference", Tags::Merge("uid")),
    ("ObjectMeta", "finalizers", "", Tags::Merge("")),
    ("Pod PodTemplateSpec", "spec", "PodSpec", Tags::None),
    ("Pod", "status", "PodStatus", Tags::None),
    ("Deployment", "spec", "DeploymentSpec", Tags::None),
    ("ReplicaSet", "spec", "ReplicaSetSpec", Tags::None),
    ("DaemonSet", "spec", "DaemonSetSpec", Tags::None),
    ("StatefulSet", "spec", "StatefulSetSpec", Tags::None),
    ("Job JobTemplateSpec", "spec", "JobSpec", Tags::None),
    ("CronJob", "spec", "CronJobSpec", Tags::None),
    ("CronJobSpec", "jobTemplate", "JobTemplateSpec", Tags::None),
    (
        "DeploymentSpec ReplicaSetSpec DaemonSetSpec StatefulSetSpec JobSpec",
        "template",
        "PodTemplateSpec",
        Tags::None,
    ),
    ("DeploymentSpec", "strategy", "DeploymentStrategy", Tags::RetainKeys),
    (
        "Namespace Node Deployment ReplicaSet DaemonSet StatefulSet Job Service PersistentVolumeClaim PodDisruptionBudget",
        "status",
        "StatusWithConditions",
        Tags::None,
    ),
    ("StatusWithConditions PodStatus", "conditions", "Condition", Tags::Merge("type")),
    ("StatusWithConditions", "addresses", "NodeAddress", Tags::Merge("type")),
    ("PodStatus", "podIPs", "PodIP", Tags::Merge("ip")),
    ("PodStatus", "hostIPs", "HostIP", Tags::Merge("ip")),
    ("PodStatus", "resourceClaimStatuses", "PodResourceClaimStatus", Tags::MergeRetainKeys("name")),
    ("PodSpec", "volumes", "Volume", Tags::MergeRetainKeys("name")),
    ("PodSpec", "containers", "Container", Tags::Merge("name")),
    ("PodSpec", "initContainers", "Container", Tags::Merge("name")),
    ("PodSpec", "ephemeralContainers", "Container", Tags::Merge("name")),
    ("PodSpec", "imagePullSecrets", "LocalObjectReference", Tags::Merge("name")),
    ("PodSpec", "hostAliases", "HostAlias", Tags::Merge("ip")),
    (
        "PodSpec",
        "topologySpreadConstraints",
        "TopologySpreadConstraint",
        Tags::Merge("topologyKey"),
    ),
    ("PodSpec", "schedulingGates", "PodSchedulingGate", Tags::Merge("name")),
    ("PodSpec", "resourceClaims", "PodResourceClaim", Tags::MergeRetainKeys("name")),
    ("Container", "ports", "ContainerPort", Tags::Merge("containerPort")),
    ("Container", "env", "EnvVar", Tags::Merge("name")),
    ("Container", "volumeMounts", "VolumeMount", Tags::Merge("mountPath")),
    ("Container", "volumeDevices", "VolumeDevice", Tags::Merge("devicePath")),
    ("Service", "spec", "ServiceSpec", Tags::None),
    ("ServiceSpec", "ports", "ServicePort", Tags::Merge("port")),
    ("ServiceAccount", "secrets", "ObjectReference", Tags::Merge("name")),
    ("Node", "spec", "NodeSpec", Tags::None),
    ("NodeSpec", "podCIDRs", "", Tags::Merge("")),
    ("PodDisruptionBudget", "spec", "PodDisruptionBudgetSpec", Tags::None),
    ("PodDisruptionBudgetSpec", "selector", "LabelSelector", Tags::Replace),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_have_the_tags_of_their_struct() {
        let template = Type::Struct("DeploymentSpec").field("template");
        assert_eq!(template.of, Type::Struct("PodTemplateSpec"));
        let volumes = Type::Struct("PodSpec").field("volumes");
        assert_eq!((volumes.merge_key, volumes.retain_keys), ("name", true));
        assert_eq!(Type::Struct("PodSpec").field("tolerations"), PLAIN);
        assert_eq!(Type::Plain.field("containers"), PLAIN);
    }
}
