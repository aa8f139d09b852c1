//! Which nodes a DaemonSet's Pods belong on, and the Pod for one of them.
//!
//! Models kubernetes `pkg/controller/daemon/daemon_controller.go` (`NodeShouldRunDaemonPod`) and
//! `pkg/controller/daemon/util/daemonset_util.go` (`AddOrUpdateDaemonPodTolerations`,
//! `ReplaceDaemonSetPodNodeNameNodeAffinity`, `CreatePodTemplate`).

use k8s_openapi::api::apps::v1::DaemonSetSpec;
use k8s_openapi::api::core::v1::{
    NodeSelector, NodeSelectorRequirement, NodeSelectorTerm, PodSpec, PodStatus, Toleration,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::history::{GENERATION_LABEL, HASH_LABEL};
use crate::controller::owner::controller_ref;
use crate::object::{Body, Object, PodBody, node_matches, template_generation, tolerates};

/// How a node and the Pods of a set go together.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Fit {
    /// One should run there.
    Runs,
    /// None should start there, but one that runs may stay.
    Stays,
    /// None should be there.
    Not,
}

/// The taints that a daemon's Pods bear, with their effects.
const BORNE: [(&str, &str); 6] = [
    ("node.kubernetes.io/not-ready", "NoExecute"),
    ("node.kubernetes.io/unreachable", "NoExecute"),
    ("node.kubernetes.io/disk-pressure", "NoSchedule"),
    ("node.kubernetes.io/memory-pressure", "NoSchedule"),
    ("node.kubernetes.io/pid-pressure", "NoSchedule"),
    ("node.kubernetes.io/unschedulable", "NoSchedule"),
];

/// How a node and a set go together.
pub(super) fn fit(node: &Object, spec: &DaemonSetSpec) -> Fit {
    let empty = PodSpec::default();
    let pod = spec.template.spec.as_ref().unwrap_or(&empty);
    let named = pod.node_name.as_deref().filter(|name| !name.is_empty());
    if named.is_some_and(|name| name != node.name()) || !affinity_matches(pod, node) {
        return Fit::Not;
    }
    let tolerations = tolerations(pod);
    let taints = node.as_node().and_then(|body| body.spec.taints.as_ref());
    let untolerated = |effects: &[&str]| {
        taints.into_iter().flatten().any(|taint| {
            effects.contains(&taint.effect.as_str())
                && !tolerations.iter().any(|one| tolerates(one, taint))
        })
    };
    match (untolerated(&["NoExecute"]), untolerated(&["NoSchedule"])) {
        (true, _) => Fit::Not,
        (false, true) => Fit::Stays,
        (false, false) => Fit::Runs,
    }
}

/// The template's tolerations and those of every daemon.
fn tolerations(pod: &PodSpec) -> Vec<Toleration> {
    let mut all = pod.tolerations.clone().unwrap_or_default();
    let host = pod.host_network == Some(true);
    let network = host.then_some(("node.kubernetes.io/network-unavailable", "NoSchedule"));
    for (key, effect) in BORNE.into_iter().chain(network) {
        let toleration = Toleration {
            key: Some(key.to_owned()),
            operator: Some("Exists".to_owned()),
            effect: Some(effect.to_owned()),
            ..Toleration::default()
        };
        if !all.contains(&toleration) {
            all.push(toleration);
        }
    }
    all
}

fn affinity_matches(pod: &PodSpec, node: &Object) -> bool {
    let labels = pod.node_selector.iter().flatten();
    let selected = |(key, value): (&String, &String)| node.label(key) == Some(value.as_str());
    let affinity = pod.affinity.as_ref().and_then(|affinity| affinity.node_affinity.as_ref());
    let required = affinity
        .and_then(|affinity| affinity.required_during_scheduling_ignored_during_execution.as_ref());
    labels.into_iter().all(selected) && required.is_none_or(|required| node_matches(required, node))
}

/// The node that a Pod is on or waits for (`GetTargetNodeName`).
pub(super) fn target_node(pod: &Object) -> Option<String> {
    let body = pod.as_pod()?;
    if let Some(name) = &body.own.node_name {
        return Some(name.to_string());
    }
    let affinity = body.shared.affinity.as_ref()?.node_affinity.as_ref()?;
    let required = affinity.required_during_scheduling_ignored_during_execution.as_ref()?;
    let fields = required.node_selector_terms.iter().flat_map(|term| term.match_fields.iter());
    let named = |one: &&NodeSelectorRequirement| one.key == "metadata.name" && one.operator == "In";
    fields.flatten().find(named)?.values.as_ref()?.first().cloned()
}

/// The Pod for a node.
pub(super) fn new_pod(set: &Object, spec: &DaemonSetSpec, hash: &str, node: &str) -> Object {
    let template = spec.template.clone();
    let from = template.metadata.unwrap_or_default();
    let mut labels = from.labels.unwrap_or_default();
    labels.insert(GENERATION_LABEL.to_owned(), template_generation(&set.meta).to_string());
    labels.insert(HASH_LABEL.to_owned(), hash.to_owned());
    let meta = ObjectMeta {
        generate_name: Some(format!("{}-", set.name())),
        namespace: set.meta.namespace.clone(),
        labels: Some(labels),
        annotations: from.annotations,
        finalizers: from.finalizers,
        owner_references: Some(vec![controller_ref(set)]),
        ..ObjectMeta::default()
    };
    let mut pod = template.spec.unwrap_or_default();
    pod.tolerations = Some(tolerations(&pod));
    let affinity = pod.affinity.get_or_insert_default().node_affinity.get_or_insert_default();
    let term = NodeSelectorTerm {
        match_fields: Some(vec![NodeSelectorRequirement {
            key: "metadata.name".to_owned(),
            operator: "In".to_owned(),
            values: Some(vec![node.to_owned()]),
        }]),
        ..NodeSelectorTerm::default()
    };
    affinity.required_during_scheduling_ignored_during_execution =
        Some(NodeSelector { node_selector_terms: vec![term] });
    Object::new(meta, Body::Pod(PodBody::from_spec(pod, PodStatus::default())))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::manifest::Node;
    use crate::object::Kind;

    fn read(kind: Kind, value: &serde_json::Value) -> Object {
        let node: Node = crate::manifest::documents(value.to_string().as_bytes())
            .next()
            .expect("a document")
            .expect("it is sound");
        Object::from_node(kind, &node).expect("the object is sound")
    }

    #[test]
    fn a_node_gets_a_pod_unless_it_is_told_not_to() {
        let taint = |effect: &str| json!([{"key": "k", "effect": effect}]);
        let table = [
            (json!({}), json!({}), Fit::Runs),
            (
                json!({"unschedulable": true, "taints": [{"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}]}),
                json!({}),
                Fit::Runs,
            ),
            (json!({"taints": taint("NoSchedule")}), json!({}), Fit::Stays),
            (json!({"taints": taint("NoExecute")}), json!({}), Fit::Not),
            (
                json!({"taints": taint("NoExecute")}),
                json!({"tolerations": [{"operator": "Exists"}]}),
                Fit::Runs,
            ),
            (json!({"taints": taint("PreferNoSchedule")}), json!({}), Fit::Runs),
            (json!({}), json!({"nodeSelector": {"zone": "a"}}), Fit::Runs),
            (json!({}), json!({"nodeSelector": {"zone": "b"}}), Fit::Not),
            (json!({}), json!({"nodeName": "other"}), Fit::Not),
        ];
        for (node, pod, expected) in table {
            let name = format!("{node} {pod}");
            let node = json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n", "labels": {"zone": "a"}}, "spec": node});
            let mut pod = pod;
            pod["containers"] = json!([]);
            let set = json!({"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": {"name": "d"},
                "spec": {"selector": {}, "template": {"spec": pod}}});
            let set = read(Kind::DaemonSet, &set);
            let spec = &set.as_daemon_set().expect("a DaemonSet is one").spec;
            assert_eq!(fit(&read(Kind::Node, &node), spec), expected, "{name}");
            let made = new_pod(&set, spec, "abc", "n");
            assert_eq!(
                target_node(&made).as_deref(),
                Some(if name.contains("other") { "other" } else { "n" })
            );
        }
    }
}
