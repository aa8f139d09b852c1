//! Admission of Pods: defaults, limits, service account, priority, tolerations; and the memory that makes siblings cheap.
//!
//! What becomes of a spec depends on the spec and its namespace alone, but for the suffix of the token volume's name.
//! So the last few are remembered: the Pods of one template share one admitted, defaulted and validated `Arc`.
//! Models kubernetes `plugin/pkg/admission/{serviceaccount,defaulttolerationseconds}/admission.go`.
//!
//! *Differs:* where a namespace has no `default` ServiceAccount yet, upstream waits for it a moment; here the Pod is
//! admitted as if it had come.

use std::sync::Arc;

use k8s_openapi::api::core::v1::{
    ConfigMapProjection, DownwardAPIProjection, DownwardAPIVolumeFile, KeyToPath,
    ObjectFieldSelector, PodSpec, ProjectedVolumeSource, ServiceAccount,
    ServiceAccountTokenProjection, Toleration, Volume, VolumeMount, VolumeProjection,
};

use super::{forbidden, limit_ranger, priority};
use crate::object::meta::validate_meta;
use crate::object::{
    Body, Key, Kind, Name, Object, PodBody, StatusError, TOKEN_VOLUME, field, names, pod, rules,
};
use crate::store::{Client, Store};

/// What became of a spec in a namespace.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::store) struct AdmittedPod {
    namespace: Name,
    input: Arc<PodSpec>,
    output: Arc<PodSpec>,
    qos_class: &'static str,
    /// Whether admission added the token volume.
    has_token: bool,
    /// Whether it names labels of the Pod, which siblings need not share.
    by_labels: bool,
    /// What its containers were given by limit ranges.
    limits: Option<String>,
}

/// Where the service account's token is mounted.
const TOKEN_PATH: &str = "/var/run/secrets/kubernetes.io/serviceaccount";
/// An hour and seven seconds: upstream's mark of a token that admission asked for.
const TOKEN_SECS: i64 = 3607;
/// How long a Pod stays on a node that is not ready or unreachable.
const TOLERATION_SECS: i64 = 300;

impl Client<'_> {
    /// Defaults, admits and validates a new Pod; gives it its class. Its name is made by `name`, after admission and
    /// before validation.
    pub(in crate::store) fn admit_pod(
        &mut self,
        object: &mut Object,
        name: impl FnOnce(&mut Self, &mut Object),
    ) -> Result<(), StatusError> {
        let Body::Pod(body) = &object.body else { return Ok(()) };
        let plain = body.own.token_suffix.is_none() && body.own.node_name.is_none();
        let known = plain.then(|| self.store.recall(object.namespace(), &body.shared)).flatten();
        let admitted = if let Some(admitted) = known {
            limit_ranger::annotate(object, admitted.limits.as_deref());
            name(self, object);
            validate_siblings(object)?;
            admitted
        } else {
            let admitted = self.admit_spec(object)?;
            if let Body::Pod(body) = &mut object.body {
                body.shared = Arc::clone(&admitted.output);
            }
            limit_ranger::annotate(object, admitted.limits.as_deref());
            name(self, object);
            refuse(object, rules::validate(object))?;
            if admitted.output.overhead.as_ref().is_some_and(|overhead| !overhead.is_empty()) {
                let why = "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead";
                return Err(forbidden(object, why));
            }
            limit_ranger::check(self.store, object)?;
            if plain && !admitted.by_labels {
                self.store.remember(admitted.clone());
            }
            admitted
        };
        if let Body::Pod(body) = &mut object.body {
            body.shared = admitted.output;
            if admitted.has_token && body.own.token_suffix.is_none() {
                body.own.token_suffix = Some(self.store.random.suffix(5).into());
            }
            Arc::make_mut(&mut body.status).qos_class = Some(admitted.qos_class.to_owned());
        }
        self.charge_quotas(object, None)
    }

    /// What becomes of a spec that is not remembered.
    #[inline(never)]
    fn admit_spec(&self, object: &Object) -> Result<AdmittedPod, StatusError> {
        let Body::Pod(PodBody { shared, .. }) = &object.body else {
            return Err(forbidden(object, "not a Pod"));
        };
        let mut spec = PodSpec::clone(shared);
        pod::default_pod(&mut spec);
        let limits = limit_ranger::default_containers(self.store, object.namespace(), &mut spec);
        let has_token = self.admit_service_account(object, &mut spec)?;
        priority::admit_priority(self.store, object, &mut spec)?;
        if let Some(class) = &spec.runtime_class_name {
            // `plugin/pkg/admission/runtimeclass`: there are none here.
            let why = format!("pod rejected: RuntimeClass \"{class}\" not found");
            return Err(forbidden(object, &why));
        }
        add_tolerations(&mut spec);
        let by_labels = pod::merge_label_keys(&mut spec, object.meta.labels.as_ref());
        Ok(AdmittedPod {
            by_labels,
            namespace: object.namespace().into(),
            input: Arc::clone(shared),
            qos_class: pod::qos_class(&spec),
            output: Arc::new(spec),
            has_token,
            limits,
        })
    }

    /// Names the service account and mounts its token; true if the spec has the token volume now.
    fn admit_service_account(
        &self,
        object: &Object,
        spec: &mut PodSpec,
    ) -> Result<bool, StatusError> {
        let name = spec.service_account_name.get_or_insert_with(|| "default".to_owned()).clone();
        spec.service_account = Some(name.clone());
        let key = Key::new(Kind::ServiceAccount, object.namespace(), name.as_str());
        let account = self.store.get(&key).and_then(|account| account.as_service_account());
        if account.is_none() && name != "default" {
            let why = format!(
                "error looking up service account {}/{name}: serviceaccount \"{name}\" not found",
                object.namespace()
            );
            return Err(forbidden(object, &why));
        }
        let account = account.map(Arc::as_ref);
        if spec.image_pull_secrets.as_ref().is_none_or(Vec::is_empty)
            && let Some(secrets) = account.and_then(|account| account.image_pull_secrets.as_ref())
        {
            spec.image_pull_secrets = Some(secrets.clone()).filter(|secrets| !secrets.is_empty());
        }
        if wants_token(spec, account) { Ok(mount_token(spec)) } else { Ok(false) }
    }
}

impl Store {
    /// The spec equal to this one of a Pod that was admitted in a namespace not long ago. Who makes a Pod of it need not
    /// copy it.
    pub fn admitted_before(&self, namespace: &str, spec: &PodSpec) -> Option<Arc<PodSpec>> {
        let mut here = self.admitted.iter().filter(|admitted| *admitted.namespace == *namespace);
        here.find(|admitted| *admitted.input == *spec).map(|admitted| Arc::clone(&admitted.input))
    }

    fn recall(&self, namespace: &str, input: &Arc<PodSpec>) -> Option<AdmittedPod> {
        let here = || self.admitted.iter().filter(|admitted| *admitted.namespace == *namespace);
        let same = here().find(|admitted| Arc::ptr_eq(&admitted.input, input));
        same.or_else(|| here().rev().find(|admitted| *admitted.input == **input)).cloned()
    }
}

/// Answers with the errors there are.
pub(in crate::store) fn refuse(object: &Object, errors: field::Errors) -> Result<(), StatusError> {
    if errors.is_empty() {
        return Ok(());
    }
    Err(StatusError::invalid(object.kind().info(), object.name(), &errors.into_lines()))
}

/// Validates what differs among the Pods of a template.
fn validate_siblings(object: &Object) -> Result<(), StatusError> {
    let mut errors = field::Errors::new();
    validate_meta(&mut errors, &object.meta, true, names::dns1123_subdomain);
    if let Some(hostname) = object.as_pod().and_then(|pod| pod.own.hostname.as_ref()) {
        let path = field::Path::new("spec");
        errors.invalid_each(&path.child("hostname"), &**hostname, names::dns1123_label(hostname));
    }
    refuse(object, errors)
}

fn wants_token(spec: &PodSpec, account: Option<&ServiceAccount>) -> bool {
    spec.automount_service_account_token
        .or_else(|| account?.automount_service_account_token)
        .unwrap_or(true)
}

/// Mounts the token in every container that has nothing there; true if some container needed it.
fn mount_token(spec: &mut PodSpec) -> bool {
    // A token volume that the author wrote (a Pod made from `get -o yaml`) is used as it is.
    let own = spec.volumes.iter().flatten().map(|volume| &volume.name);
    let own = own.clone().find(|name| name.starts_with(TOKEN_VOLUME)).cloned();
    let name = own.clone().unwrap_or_else(|| TOKEN_VOLUME.to_owned());
    let mut needed = false;
    let containers = spec.init_containers.iter_mut().flatten().chain(spec.containers.iter_mut());
    for container in containers {
        let mounts = container.volume_mounts.get_or_insert_default();
        if mounts.iter().any(|mount| mount.mount_path == TOKEN_PATH) {
            continue;
        }
        needed = true;
        mounts.push(VolumeMount {
            name: name.clone(),
            read_only: Some(true),
            mount_path: TOKEN_PATH.to_owned(),
            ..VolumeMount::default()
        });
    }
    if needed && own.is_none() {
        spec.volumes.get_or_insert_default().push(token_volume());
    }
    needed && name == TOKEN_VOLUME
}

fn token_volume() -> Volume {
    let token = ServiceAccountTokenProjection {
        expiration_seconds: Some(TOKEN_SECS),
        path: "token".to_owned(),
        ..ServiceAccountTokenProjection::default()
    };
    let root = ConfigMapProjection {
        name: "kube-root-ca.crt".to_owned(),
        items: Some(vec![KeyToPath {
            key: "ca.crt".to_owned(),
            path: "ca.crt".to_owned(),
            mode: None,
        }]),
        optional: None,
    };
    let namespace = DownwardAPIVolumeFile {
        path: "namespace".to_owned(),
        field_ref: Some(ObjectFieldSelector {
            api_version: Some("v1".to_owned()),
            field_path: "metadata.namespace".to_owned(),
        }),
        ..DownwardAPIVolumeFile::default()
    };
    let api = DownwardAPIProjection { items: Some(vec![namespace]) };
    let sources = vec![
        VolumeProjection { service_account_token: Some(token), ..VolumeProjection::default() },
        VolumeProjection { config_map: Some(root), ..VolumeProjection::default() },
        VolumeProjection { downward_api: Some(api), ..VolumeProjection::default() },
    ];
    Volume {
        name: TOKEN_VOLUME.to_owned(),
        projected: Some(ProjectedVolumeSource {
            default_mode: Some(0o644),
            sources: Some(sources),
        }),
        ..Volume::default()
    }
}

/// What admission puts into a Pod that is written again: its priority, where that is left out, and tolerations.
pub(in crate::store) fn complete_update(spec: &mut PodSpec, current: &Object) {
    let Some(current) = current.as_pod() else { return };
    spec.priority = spec.priority.or(current.shared.priority);
    if spec.preemption_policy.is_none() {
        spec.preemption_policy.clone_from(&current.shared.preemption_policy);
    }
    add_tolerations(spec);
}

/// Lets a Pod stay five minutes on a node in trouble, unless it says how long.
fn add_tolerations(spec: &mut PodSpec) {
    let tolerations = spec.tolerations.get_or_insert_default();
    for key in ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"] {
        let empty_or = |field: &Option<String>, value: &str| {
            field.as_deref().is_none_or(|field| field.is_empty() || field == value)
        };
        let tolerated = tolerations
            .iter()
            .any(|one| empty_or(&one.key, key) && empty_or(&one.effect, "NoExecute"));
        if !tolerated {
            tolerations.push(Toleration {
                key: Some(key.to_owned()),
                operator: Some("Exists".to_owned()),
                effect: Some("NoExecute".to_owned()),
                toleration_seconds: Some(TOLERATION_SECS),
                value: None,
            });
        }
    }
}
