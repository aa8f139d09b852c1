//! The annotations by which a Deployment remembers its rollouts on its ReplicaSets, and the template's hash.
//!
//! Models kubernetes `pkg/controller/deployment/util/deployment_util.go` (`SetNewReplicaSetAnnotations`,
//! `SetReplicasAnnotations`) and `pkg/controller/controller_utils.go` (`ComputeHash`).

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::PodTemplateSpec;

use crate::manifest::{encode, types};
use crate::object::{Labels, go_dump};

/// Counts the rollouts of a Deployment.
pub(super) const REVISION: &str = "deployment.kubernetes.io/revision";
/// The revisions that a ReplicaSet had before, when a rollback brought it back.
const REVISION_HISTORY: &str = "deployment.kubernetes.io/revision-history";
/// The Deployment's replicas when its ReplicaSet was last scaled.
pub(super) const DESIRED_REPLICAS: &str = "deployment.kubernetes.io/desired-replicas";
/// The same plus the surge.
pub(super) const MAX_REPLICAS: &str = "deployment.kubernetes.io/max-replicas";
/// What is not copied from a Deployment to its ReplicaSets (`annotationsToSkip`).
const NOT_COPIED: [&str; 6] = [
    "kubectl.kubernetes.io/last-applied-configuration",
    REVISION,
    REVISION_HISTORY,
    DESIRED_REPLICAS,
    MAX_REPLICAS,
    "deprecated.deployment.rollback.to",
];
/// How long a revision history may be, in characters (`maxRevHistoryLengthInChars`).
const HISTORY_CHARS_MAX: usize = 2000;

/// The revision that annotations name; 0 without one.
pub(super) fn revision(annotations: Option<&Labels>) -> i64 {
    annotations.and_then(|all| all.get(REVISION)).and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// A number kept in an annotation.
pub(super) fn number(annotations: Option<&Labels>, key: &str) -> Option<i32> {
    annotations?.get(key)?.parse().ok()
}

/// Brings the new ReplicaSet's annotations up to date: the Deployment's own, and the revision.
pub(super) fn update(annotations: &mut Labels, deployment: Option<&Labels>, new_revision: i64) {
    for (key, value) in deployment.into_iter().flatten() {
        if !NOT_COPIED.contains(&key.as_str()) {
            annotations.insert(key.clone(), value.clone());
        }
    }
    let old = annotations.get(REVISION).cloned();
    if revision(Some(annotations)) >= new_revision {
        return;
    }
    annotations.insert(REVISION.to_owned(), new_revision.to_string());
    if let Some(old) = old {
        let history = annotations.entry(REVISION_HISTORY.to_owned()).or_default();
        *history = append_history(history, &old);
    }
}

/// The history with one more revision, the oldest dropped where it gets too long.
fn append_history(history: &str, revision: &str) -> String {
    let mut all: Vec<&str> = history.split(',').filter(|one| !one.is_empty()).collect();
    all.push(revision);
    let length = |all: &[&str]| all.iter().map(|one| one.len() + 1).sum::<usize>() - 1;
    while all.len() > 1 && length(&all) > HISTORY_CHARS_MAX {
        all.remove(0);
    }
    all.join(",")
}

/// Notes the size for which a ReplicaSet was scaled; says whether that is news.
pub(super) fn note_replicas(annotations: &mut Labels, desired: i32, max: i32) -> bool {
    let mut changed = false;
    for (key, value) in [(DESIRED_REPLICAS, desired), (MAX_REPLICAS, max)] {
        let value = value.to_string();
        changed |= annotations.get(key) != Some(&value);
        annotations.insert(key.to_owned(), value);
    }
    changed
}

/// The hash that tells the ReplicaSets of a Deployment apart: FNV-32a over the template as Go prints it, then over the
/// number of collisions so far, in eight bytes.
pub(in crate::controller) fn template_hash(
    template: &PodTemplateSpec,
    collisions: Option<i32>,
) -> String {
    let text = types::of_struct("core", "PodTemplateSpec")
        .map_or_else(String::new, |of| go_dump(of, &encode(template)));
    let collisions = collisions.map(|count| i64::from(count.cast_unsigned()).to_le_bytes());
    let bytes = text.bytes().chain(collisions.into_iter().flatten());
    safe_encode(
        bytes.fold(FNV_BASIS, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(FNV_PRIME)),
    )
}

/// Where FNV with 32 bits begins.
pub(in crate::controller) const FNV_BASIS: u32 = 0x811c_9dc5;
/// What FNV with 32 bits multiplies by.
pub(in crate::controller) const FNV_PRIME: u32 = 0x0100_0193;

/// A hash's decimal digits in letters from which no words can be made (`SafeEncodeString`).
pub(in crate::controller) fn safe_encode(hash: u32) -> String {
    const ALPHABET: &[u8; 27] = b"bcdfghjklmnpqrstvwxz2456789";
    hash.to_string().bytes().map(|digit| char::from(ALPHABET[usize::from(digit) % 27])).collect()
}

/// Whether two templates are the same but for the hash label (`EqualIgnoreHash`).
pub(super) fn same_template(a: Option<&PodTemplateSpec>, b: &PodTemplateSpec) -> bool {
    let Some(a) = a else { return false };
    if a.spec != b.spec {
        return false;
    }
    let strip = |template: &PodTemplateSpec| {
        let mut meta = template.metadata.clone().unwrap_or_default();
        if let Some(labels) = &mut meta.labels {
            labels.remove(HASH_LABEL);
        }
        meta.labels = meta.labels.filter(|labels| !labels.is_empty());
        meta.annotations = meta.annotations.filter(|annotations| !annotations.is_empty());
        meta
    };
    strip(a) == strip(b)
}

/// The label that carries the hash (`DefaultDeploymentUniqueLabelKey`).
pub(super) const HASH_LABEL: &str = "pod-template-hash";

/// Labels with the hash among them.
pub(super) fn with_hash(labels: Option<&Labels>, hash: &str) -> Labels {
    let mut labels: BTreeMap<_, _> = labels.cloned().unwrap_or_default();
    labels.insert(HASH_LABEL.to_owned(), hash.to_owned());
    labels
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::fill;
    use serde_json::{Value, json};

    #[test]
    fn a_rollback_remembers_the_revisions_a_set_had() {
        let mut annotations = Labels::new();
        for revision in [1, 3, 3, 6] {
            update(&mut annotations, None, revision);
        }
        assert_eq!(annotations[REVISION], "6");
        assert_eq!(annotations[REVISION_HISTORY], "1,3");
    }

    #[test]
    fn the_users_annotations_are_copied_and_kubectls_are_not() {
        let mut annotations = Labels::new();
        let own: Labels = [
            ("kubernetes.io/change-cause", "to 1.26"),
            ("kubectl.kubernetes.io/last-applied-configuration", "{}"),
        ]
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .into();
        update(&mut annotations, Some(&own), 1);
        let keys: Vec<_> = annotations.keys().map(String::as_str).collect();
        assert_eq!(keys, [REVISION, "kubernetes.io/change-cause"]);
    }

    /// A template as the server keeps it, with labels of its own and a field more for the container.
    fn template(labels: &Value, container: &Value, volumes: &Value) -> PodTemplateSpec {
        let mut whole = json!({
            "imagePullPolicy": "IfNotPresent", "image": "nginx:1.27",
            "terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File",
        });
        for (key, value) in container.as_object().into_iter().flatten() {
            whole[key] = value.clone();
        }
        let mut spec = json!({
            "containers": [whole], "dnsPolicy": "ClusterFirst", "restartPolicy": "Always",
            "schedulerName": "default-scheduler", "securityContext": {},
            "terminationGracePeriodSeconds": 30, "volumes": volumes,
        });
        if labels["app"] == "front" {
            spec["serviceAccount"] = json!("default");
            spec["serviceAccountName"] = json!("default");
        }
        fill(&json!({"metadata": {"labels": labels}, "spec": spec}))
    }

    #[test]
    fn a_hash_is_upstreams() {
        let front = json!({
            "name": "front",
            "ports": [{"name": "http", "containerPort": 8080, "protocol": "TCP"}],
            "env": [{"name": "MODE", "value": "prod"}],
            "resources": {
                "requests": {"cpu": "50m", "memory": "16Mi"},
                "limits": {"cpu": "100m", "memory": "32Mi"},
            },
            "volumeMounts": [{"name": "cache", "mountPath": "/cache"}],
            "readinessProbe": {
                "httpGet": {"path": "/", "port": "http", "scheme": "HTTP"},
                "timeoutSeconds": 1, "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3,
            },
        });
        // What a controller manager of v1.36 put behind the names of ReplicaSets.
        for (labels, container, volumes, hash) in [
            (json!({"app": "lc"}), json!({"name": "lc"}), json!([]), "6b8b58b96"),
            (json!({"app": "lc", "v": "2"}), json!({"name": "lc"}), json!([]), "749dd6766b"),
            (
                json!({"app": "front"}),
                front,
                json!([{"name": "cache", "emptyDir": {}}]),
                "7f6c55559",
            ),
        ] {
            assert_eq!(template_hash(&template(&labels, &container, &volumes), None), hash);
        }
    }

    #[test]
    fn a_collision_makes_another_hash() {
        let template = PodTemplateSpec::default();
        let hashes = [None, Some(0), Some(1)].map(|count| template_hash(&template, count));
        assert!(hashes[0] != hashes[1] && hashes[1] != hashes[2], "{hashes:?}");
    }
}
