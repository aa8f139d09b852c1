//! References by name: after prefixes, suffixes and hashes, whoever names an object by its old name names it by its new.
//!
//! Models kustomize `api/filters/nameref/nameref.go` and `api/internal/konfig/builtinpluginconsts/namereference.go`.

use serde_json::Value;

use super::fields::{End, Spec};
use super::resource::{Id, Resource};

/// Where the spec of Pods stands in objects of a kind.
static POD_SPECS: &[(&str, &str)] = &[
    ("Pod", "spec"),
    ("PodTemplate", "template/spec"),
    ("Deployment ReplicaSet DaemonSet StatefulSet Job ReplicationController", "spec/template/spec"),
    ("CronJob", "spec/jobTemplate/spec/template/spec"),
];

const WITHOUT_CONTROLLERS: &str = "ReplicationController";
const WITHOUT_SETS: &str = "PodTemplate ReplicaSet";

/// What the spec of a Pod names: the kind, the path in it, and the kinds around it in which nobody looks.
static IN_PODS: &[(&str, &str, &str)] = &[
    ("ConfigMap", "volumes/configMap/name", WITHOUT_CONTROLLERS),
    ("ConfigMap", "containers/env/valueFrom/configMapKeyRef/name", WITHOUT_CONTROLLERS),
    ("ConfigMap", "initContainers/env/valueFrom/configMapKeyRef/name", WITHOUT_CONTROLLERS),
    ("ConfigMap", "containers/envFrom/configMapRef/name", WITHOUT_CONTROLLERS),
    ("ConfigMap", "initContainers/envFrom/configMapRef/name", WITHOUT_CONTROLLERS),
    ("ConfigMap", "volumes/projected/sources/configMap/name", WITHOUT_CONTROLLERS),
    ("Secret", "volumes/secret/secretName", WITHOUT_CONTROLLERS),
    ("Secret", "containers/env/valueFrom/secretKeyRef/name", WITHOUT_CONTROLLERS),
    ("Secret", "initContainers/env/valueFrom/secretKeyRef/name", WITHOUT_CONTROLLERS),
    ("Secret", "containers/envFrom/secretRef/name", WITHOUT_CONTROLLERS),
    ("Secret", "initContainers/envFrom/secretRef/name", WITHOUT_CONTROLLERS),
    ("Secret", "imagePullSecrets/name", WITHOUT_CONTROLLERS),
    ("Secret", "volumes/projected/sources/secret/name", WITHOUT_CONTROLLERS),
    ("ServiceAccount", "serviceAccountName", WITHOUT_SETS),
    ("PersistentVolumeClaim", "volumes/persistentVolumeClaim/claimName", WITHOUT_SETS),
    ("PriorityClass", "priorityClassName", WITHOUT_SETS),
];

/// What else names: the kind that is named, the kinds that name it, and where.
static ELSEWHERE: &[(&str, &str, &str)] = &[
    (
        "Deployment ReplicationController ReplicaSet StatefulSet",
        "HorizontalPodAutoscaler",
        "spec/scaleTargetRef/name",
    ),
    ("ConfigMap", "Node", "spec/configSource/configMap"),
    ("ConfigMap", "Role ClusterRole", "rules/resourceNames"),
    (
        "ConfigMap",
        "Ingress",
        "metadata/annotations/nginx.ingress.kubernetes.io\\/fastcgi-params-configmap",
    ),
    ("Secret", "Ingress", "spec/tls/secretName"),
    ("Secret", "Ingress", "metadata/annotations/ingress.kubernetes.io\\/auth-secret"),
    ("Secret", "Ingress", "metadata/annotations/nginx.ingress.kubernetes.io\\/auth-secret"),
    ("Secret", "Ingress", "metadata/annotations/nginx.ingress.kubernetes.io\\/auth-tls-secret"),
    ("Secret", "ServiceAccount", "imagePullSecrets/name"),
    ("Secret", "StorageClass", "parameters/secretName"),
    ("Secret", "StorageClass", "parameters/adminSecretName"),
    ("Secret", "StorageClass", "parameters/userSecretName"),
    ("Secret", "StorageClass", "parameters/secretRef"),
    ("Secret", "Role ClusterRole", "rules/resourceNames"),
    ("Secret", "PersistentVolume", "spec/azureFile/secretName"),
    ("Service", "StatefulSet", "spec/serviceName"),
    ("Service", "Ingress", "spec/rules/http/paths/backend/service/name"),
    ("Service", "Ingress", "spec/defaultBackend/service/name"),
    ("Service", "APIService", "spec/service/name"),
    (
        "Service",
        "ValidatingWebhookConfiguration MutatingWebhookConfiguration",
        "webhooks/clientConfig/service",
    ),
    ("Service", "HTTPRoute", "spec/rules/backendRefs/name"),
    ("Role", "RoleBinding", "roleRef/name"),
    ("ClusterRole", "RoleBinding ClusterRoleBinding", "roleRef/name"),
    ("ServiceAccount", "RoleBinding ClusterRoleBinding", "subjects"),
    ("PersistentVolume", "PersistentVolumeClaim", "spec/volumeName"),
    ("PersistentVolume", "ClusterRole", "rules/resourceNames"),
    ("StorageClass", "PersistentVolume PersistentVolumeClaim", "spec/storageClassName"),
    ("StorageClass", "StatefulSet", "spec/volumeClaimTemplates/spec/storageClassName"),
    ("IngressClass", "Ingress", "spec/ingressClassName"),
];

/// An object that may be named.
struct Candidate {
    previous: Vec<Id>,
    now: Id,
    prefixes: Vec<String>,
    suffixes: Vec<String>,
}

/// Who names something.
struct Referrer {
    id: Id,
    prefixes: Vec<String>,
    suffixes: Vec<String>,
    /// The kind that its `roleRef` names.
    role: Option<String>,
}

/// Sets every reference right.
pub(super) fn fix(resources: &mut [Resource]) -> Result<(), String> {
    let candidates: Vec<Candidate> = resources
        .iter()
        .filter(|one| !one.previous.is_empty())
        .map(|one| Candidate {
            previous: one.previous.clone(),
            now: one.id(),
            prefixes: one.prefixes.clone(),
            suffixes: one.suffixes.clone(),
        })
        .collect();
    if candidates.is_empty() {
        return Ok(());
    }
    for resource in resources {
        let role = resource.value.pointer("/roleRef/kind").and_then(Value::as_str);
        let referrer = Referrer {
            id: resource.id(),
            prefixes: resource.prefixes.clone(),
            suffixes: resource.suffixes.clone(),
            role: role.map(str::to_owned),
        };
        let kind = referrer.id.kind.clone();
        for (kinds, pod_spec) in POD_SPECS.iter().filter(|(kinds, _)| has(kinds, &kind)) {
            for (target, path, without) in IN_PODS {
                if !has(without, &kind) {
                    let path = format!("{pod_spec}/{path}");
                    update(resource, &referrer, &candidates, target, (kinds, &path))?;
                }
            }
        }
        for (targets, kinds, path) in ELSEWHERE.iter().filter(|(_, kinds, _)| has(kinds, &kind)) {
            for target in targets.split(' ') {
                update(resource, &referrer, &candidates, target, (kinds, path))?;
            }
        }
    }
    Ok(())
}

fn has(kinds: &str, kind: &str) -> bool {
    kinds.split(' ').any(|one| one == kind)
}

fn update(
    resource: &mut Resource,
    referrer: &Referrer,
    candidates: &[Candidate],
    target: &str,
    (kinds, path): (&str, &str),
) -> Result<(), String> {
    let is_role = path.ends_with("roleRef/name");
    if is_role && referrer.role.as_deref().is_some_and(|role| role != target) {
        return Ok(());
    }
    let mut set = |place: &mut Value| set(place, referrer, candidates, target);
    Spec { kinds, path, create: false }.visit(&mut resource.value, End::Nothing, &mut set)
}

fn set(
    place: &mut Value,
    referrer: &Referrer,
    candidates: &[Candidate],
    target: &str,
) -> Result<(), String> {
    match place {
        Value::Array(items) => {
            items.iter_mut().try_for_each(|item| set(item, referrer, candidates, target))
        }
        Value::String(name) => {
            if let Some(found) = select(name, None, referrer, candidates, target)? {
                name.clone_from(&found.now.name);
            }
            Ok(())
        }
        Value::Object(map) => {
            let Some(name) = map.get("name").and_then(Value::as_str).map(str::to_owned) else {
                return Err("path config error; no 'name' field in node".to_owned());
            };
            let namespace = map.get("namespace").and_then(Value::as_str).map(str::to_owned);
            if let Some(found) = select(&name, namespace.as_deref(), referrer, candidates, target)?
            {
                map.insert("name".to_owned(), Value::String(found.now.name.clone()));
                if !found.now.namespace.is_empty() {
                    let namespace = Value::String(found.now.namespace.clone());
                    map.insert("namespace".to_owned(), namespace);
                }
            }
            Ok(())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
    }
}

/// The object that a name means, if it is one whose name changed.
fn select<'a>(
    name: &str,
    namespace: Option<&str>,
    referrer: &Referrer,
    candidates: &'a [Candidate],
    target: &str,
) -> Result<Option<&'a Candidate>, String> {
    let mut found: Vec<&Candidate> = candidates
        .iter()
        .filter(|one| one.previous.iter().any(|id| id.name == name && id.kind == target))
        .filter(|one| in_reach(referrer, &one.now))
        .collect();
    if let Some(namespace) = namespace {
        let originally =
            |one: &&Candidate| one.previous.first().is_some_and(|id| id.namespace == namespace);
        if candidates.iter().any(|one| originally(&one)) {
            found.retain(originally);
        } else {
            found.retain(|one| one.now.namespace == namespace);
        }
    }
    if found.len() > 1 {
        found.retain(|one| {
            same_end(&one.prefixes, &referrer.prefixes)
                && same_end(&one.suffixes, &referrer.suffixes)
        });
    }
    if found.len() > 1 {
        // Now none is like none alone.
        let alike = |left: &[String], right: &[String]| {
            left.is_empty() == right.is_empty() && same_end(left, right)
        };
        found.retain(|one| {
            alike(&one.prefixes, &referrer.prefixes) && alike(&one.suffixes, &referrer.suffixes)
        });
    }
    let Some(first) = found.first().copied() else { return Ok(None) };
    if found.iter().all(|one| one.now.name == first.now.name) {
        return Ok(Some(first));
    }
    let ids: Vec<String> = found.iter().map(|one| one.now.to_string()).collect();
    Err(format!("found multiple possible referrals: {}", ids.join(", ")))
}

/// Objects in other namespaces cannot be named, but service accounts and what has none.
fn in_reach(referrer: &Referrer, candidate: &Id) -> bool {
    referrer.id.is_cluster_scoped()
        || candidate.is_cluster_scoped()
        || candidate.kind == "ServiceAccount"
        || referrer.id.same_namespace(candidate)
}

/// Whether the shorter list is the end of the longer.
fn same_end(left: &[String], right: &[String]) -> bool {
    left.ends_with(right) || right.ends_with(left)
}
