//! Which lists are merged, by which key, and which maps keep only the keys a patch names.
//!
//! Models the tags `patchStrategy` and `patchMergeKey` in kubernetes `staging/src/k8s.io/api/*/types.go`. What is not
//! named here is a map merged key by key, or a list replaced as a whole.

use crate::object::Kind;

/// The fields of a type that are not of the ordinary kind, or have such below them.
#[derive(Debug)]
pub(super) struct Schema(&'static [(&'static str, Rule)]);

/// How one field is patched.
#[derive(Copy, Clone, Debug)]
pub(super) struct Rule {
    /// The type of the field or of the list's items.
    pub(super) inner: &'static Schema,
    /// For a list that is merged: its items' key, empty for scalars.
    pub(super) key: Option<&'static str>,
    /// Whether a patch names the keys that stay.
    pub(super) retain_keys: bool,
}

impl Schema {
    /// The rule of a field.
    pub(super) fn rule(&self, field: &str) -> Rule {
        self.0.iter().find(|(name, _)| *name == field).map_or(map(&PLAIN), |(_, rule)| *rule)
    }
}

const fn map(inner: &'static Schema) -> Rule {
    Rule { inner, key: None, retain_keys: false }
}

const fn list(key: &'static str, inner: &'static Schema) -> Rule {
    Rule { inner, key: Some(key), retain_keys: false }
}

const fn retain(rule: Rule) -> Rule {
    Rule { retain_keys: true, ..rule }
}

static PLAIN: Schema = Schema(&[]);

static METADATA: Schema =
    Schema(&[("finalizers", list("", &PLAIN)), ("ownerReferences", list("uid", &PLAIN))]);

static CONTAINER: Schema = Schema(&[
    ("env", list("name", &PLAIN)),
    ("ports", list("containerPort", &PLAIN)),
    ("volumeDevices", list("devicePath", &PLAIN)),
    ("volumeMounts", list("mountPath", &PLAIN)),
]);

static POD_SPEC: Schema = Schema(&[
    ("containers", list("name", &CONTAINER)),
    ("ephemeralContainers", list("name", &CONTAINER)),
    ("hostAliases", list("ip", &PLAIN)),
    ("imagePullSecrets", list("name", &PLAIN)),
    ("initContainers", list("name", &CONTAINER)),
    ("resourceClaims", retain(list("name", &PLAIN))),
    ("schedulingGates", list("name", &PLAIN)),
    ("topologySpreadConstraints", list("topologyKey", &PLAIN)),
    ("volumes", retain(list("name", &PLAIN))),
]);

static POD_STATUS: Schema = Schema(&[
    ("conditions", list("type", &PLAIN)),
    ("hostIPs", list("ip", &PLAIN)),
    ("podIPs", list("ip", &PLAIN)),
    ("resourceClaimStatuses", retain(list("name", &PLAIN))),
]);

static TEMPLATE: Schema = Schema(&[("metadata", map(&METADATA)), ("spec", map(&POD_SPEC))]);

static CONDITIONS: Schema = Schema(&[("conditions", list("type", &PLAIN))]);

static PLAIN_KIND: Schema = Schema(&[("metadata", map(&METADATA))]);

static POD: Schema =
    Schema(&[("metadata", map(&METADATA)), ("spec", map(&POD_SPEC)), ("status", map(&POD_STATUS))]);

static DEPLOYMENT_SPEC: Schema =
    Schema(&[("strategy", retain(map(&PLAIN))), ("template", map(&TEMPLATE))]);

static DEPLOYMENT: Schema = Schema(&[
    ("metadata", map(&METADATA)),
    ("spec", map(&DEPLOYMENT_SPEC)),
    ("status", map(&CONDITIONS)),
]);

static REPLICA_SET_SPEC: Schema = Schema(&[("template", map(&TEMPLATE))]);

static REPLICA_SET: Schema = Schema(&[
    ("metadata", map(&METADATA)),
    ("spec", map(&REPLICA_SET_SPEC)),
    ("status", map(&CONDITIONS)),
]);

static SERVICE_SPEC: Schema = Schema(&[("ports", list("port", &PLAIN))]);

static SERVICE: Schema = Schema(&[
    ("metadata", map(&METADATA)),
    ("spec", map(&SERVICE_SPEC)),
    ("status", map(&CONDITIONS)),
]);

static NODE_SPEC: Schema = Schema(&[("podCIDRs", list("", &PLAIN))]);

static NODE_STATUS: Schema =
    Schema(&[("addresses", list("type", &PLAIN)), ("conditions", list("type", &PLAIN))]);

static NODE: Schema = Schema(&[
    ("metadata", map(&METADATA)),
    ("spec", map(&NODE_SPEC)),
    ("status", map(&NODE_STATUS)),
]);

static NAMESPACE: Schema = Schema(&[("metadata", map(&METADATA)), ("status", map(&CONDITIONS))]);

static SERVICE_ACCOUNT: Schema =
    Schema(&[("metadata", map(&METADATA)), ("secrets", list("name", &PLAIN))]);

/// The rules of a kind.
pub(super) fn of(kind: Kind) -> &'static Schema {
    match kind {
        Kind::ConfigMap | Kind::Event | Kind::Secret | Kind::Lease | Kind::EndpointSlice => {
            &PLAIN_KIND
        }
        Kind::Namespace => &NAMESPACE,
        Kind::Node => &NODE,
        Kind::Pod => &POD,
        Kind::ServiceAccount => &SERVICE_ACCOUNT,
        Kind::Service => &SERVICE,
        Kind::Deployment => &DEPLOYMENT,
        Kind::ReplicaSet => &REPLICA_SET,
    }
}
