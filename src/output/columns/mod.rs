//! The columns of each kind, as the API server's tables have them.
//!
//! One file a kind; [`of`] finds it. A row's cells stand in the order of the columns. Models kubernetes
//! `pkg/printers/internalversion/printers.go`.

mod autoscaler;
mod configmap;
mod controller_revision;
mod custom;
mod daemonset;
mod deployment;
mod endpoint_slice;
mod endpoints;
mod event;
mod ingress;
mod job;
mod lease;
mod namespace;
mod node;
mod pod;
mod quota;
mod replicaset;
mod replication_controller;
mod role;
mod secret;
mod service;
mod service_account;
mod stateful_set;
mod storage;

use std::borrow::Cow;

use k8s_openapi::api::core::v1::PodSpec;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;

pub use autoscaler::Usage as MetricUsage;
pub(super) use daemonset::node_selector;
pub use ingress::addresses as ingress_addresses;
pub(super) use node::roles as node_roles;
pub use pod::{PodSummary, summarize as summarize_pod};
pub use service::external_ip as service_external_ip;
pub(super) use storage::access_modes;

use super::age;
pub use crate::object::Column;
use crate::object::{Kind, Object};
use crate::order;
use crate::time::Time;

/// A cell's text.
pub type Cell<'a> = Cow<'a, str>;

/// One object's cells.
#[derive(Clone, Debug, PartialEq)]
pub struct Row<'a> {
    /// The object.
    pub object: &'a Object,
    /// A cell for each column.
    pub cells: Vec<Cell<'a>>,
}

/// How the objects of a kind are shown.
#[derive(Copy, Clone, Debug)]
pub struct Columns {
    /// The columns, wide ones included.
    pub columns: &'static [Column],
    /// The cells of an object of this kind, in the order of the columns.
    pub cells: for<'a> fn(&'a Object, Time) -> Vec<Cell<'a>>,
}

const fn always(name: &'static str) -> Column {
    Column { name, wide: false }
}

const fn wide(name: &'static str) -> Column {
    Column { name, wide: true }
}

/// How this kind is shown.
pub fn of(kind: Kind) -> Columns {
    match kind {
        Kind::ConfigMap => configmap::COLUMNS,
        Kind::Event => event::COLUMNS,
        Kind::Namespace => namespace::COLUMNS,
        Kind::Node => node::COLUMNS,
        Kind::Pod => pod::COLUMNS,
        Kind::Secret => secret::COLUMNS,
        Kind::ServiceAccount => service_account::COLUMNS,
        Kind::Service => service::COLUMNS,
        Kind::ControllerRevision => controller_revision::COLUMNS,
        Kind::DaemonSet => daemonset::COLUMNS,
        Kind::Deployment => deployment::COLUMNS,
        Kind::ReplicaSet => replicaset::COLUMNS,
        Kind::Lease => lease::COLUMNS,
        Kind::EndpointSlice => endpoint_slice::COLUMNS,
        Kind::CronJob => job::CRON_JOB,
        Kind::Job => job::JOB,
        Kind::PersistentVolume => storage::VOLUME,
        Kind::PersistentVolumeClaim => storage::CLAIM,
        Kind::StatefulSet => stateful_set::COLUMNS,
        Kind::StorageClass => storage::CLASS,
        Kind::Endpoints => endpoints::COLUMNS,
        Kind::HorizontalPodAutoscaler => autoscaler::COLUMNS,
        Kind::Ingress => ingress::INGRESS,
        Kind::IngressClass => ingress::INGRESS_CLASS,
        Kind::NetworkPolicy => ingress::NETWORK_POLICY,
        Kind::PodDisruptionBudget => quota::DISRUPTION_BUDGET,
        Kind::PodTemplate => replication_controller::POD_TEMPLATE,
        Kind::PriorityClass => quota::PRIORITY_CLASS,
        Kind::ReplicationController => replication_controller::COLUMNS,
        Kind::ResourceQuota => quota::RESOURCE_QUOTA,
        Kind::RoleBinding | Kind::ClusterRoleBinding => role::BINDING,
        Kind::Custom(info) => custom::columns(info),
        _ => GENERIC,
    }
}

/// How a kind is shown that upstream's printers do not know (`pkg/registry/rest/table.go`).
const GENERIC: Columns = Columns {
    columns: &[always("Name"), always("Created At")],
    cells: |object, _| vec![name(object), created_at(object)],
};

fn created_at(object: &Object) -> Cell<'static> {
    let time = object.meta.creation_timestamp.as_ref();
    time.map_or(Cow::Borrowed("<unknown>"), |time| Cow::Owned(time.0.to_string()))
}

impl Columns {
    /// The row of an object.
    pub fn row<'a>(&self, object: &'a Object, now: Time) -> Row<'a> {
        Row { object, cells: (self.cells)(object, now) }
    }

    /// Which column holds the name.
    pub fn name_at(&self) -> usize {
        self.columns.iter().position(|column| column.name == "Name").unwrap_or(0)
    }
}

/// What stands where there is nothing.
const NONE: &str = "<none>";

fn or_none(text: Option<&str>) -> Cell<'_> {
    Cow::Borrowed(text.filter(|text| !text.is_empty()).unwrap_or(NONE))
}

fn name(object: &Object) -> Cell<'_> {
    Cow::Borrowed(object.name())
}

fn created(object: &Object, now: Time) -> Cell<'static> {
    Cow::Owned(age::of(object.meta.creation_timestamp.as_ref(), now))
}

/// The container names and images of a template (`layoutContainerCells`).
fn containers(spec: Option<&PodSpec>) -> (Cell<'static>, Cell<'static>) {
    let containers = spec.map(|spec| spec.containers.as_slice()).unwrap_or_default();
    let names: Vec<_> = containers.iter().map(|container| container.name.as_str()).collect();
    let images: Vec<_> =
        containers.iter().map(|container| container.image.as_deref().unwrap_or_default()).collect();
    (names.join(",").into(), images.join(",").into())
}

/// A selector as `metav1.FormatLabelSelector` prints it: requirements in order of key, values too.
pub fn format_selector(selector: &LabelSelector) -> String {
    let equal = selector
        .match_labels
        .iter()
        .flatten()
        .map(|(key, value)| (key.as_str(), format!("{key}={value}")));
    let expressions = selector.match_expressions.iter().flatten().map(|requirement| {
        let key = requirement.key.as_str();
        let mut values: Vec<_> = requirement.values.iter().flatten().map(String::as_str).collect();
        order::sort(&mut values);
        values.dedup();
        let values = values.join(",");
        let text = match requirement.operator.as_str() {
            "In" => format!("{key} in ({values})"),
            "NotIn" => format!("{key} notin ({values})"),
            "DoesNotExist" => format!("!{key}"),
            _ => key.to_owned(),
        };
        (key, text)
    });
    let mut parts: Vec<_> = equal.chain(expressions).collect();
    order::sort_by_key(&mut parts, |(left, _)| *left);
    if parts.is_empty() {
        return NONE.to_owned();
    }
    parts.into_iter().map(|(_, text)| text).collect::<Vec<_>>().join(",")
}

/// The first three of a list, and how many more there are (`listWithMoreString`).
fn first_three(list: &[String]) -> Cell<'static> {
    match list {
        [] => "<unset>".into(),
        [_] | [_, _] | [_, _, _] => list.join(",").into(),
        [first, second, third, rest @ ..] => {
            format!("{first},{second},{third} + {} more...", rest.len()).into()
        }
    }
}
