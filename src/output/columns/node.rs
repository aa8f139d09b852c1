//! `NAME STATUS ROLES AGE VERSION` of Nodes. Models `printNode`.

use k8s_openapi::api::core::v1::NodeStatus;

use super::{Cell, Columns, NONE, always, created, name, or_none, wide};
use crate::object::{Body, Object};
use crate::order;
use crate::time::Time;

pub(super) const COLUMNS: Columns = Columns {
    columns: &[
        always("Name"),
        always("Status"),
        always("Roles"),
        always("Age"),
        always("Version"),
        wide("Internal-IP"),
        wide("External-IP"),
        wide("OS-Image"),
        wide("Kernel-Version"),
        wide("Container-Runtime"),
    ],
    cells,
};

fn cells(object: &Object, now: Time) -> Vec<Cell<'_>> {
    let Body::Node(node) = &object.body else { return Vec::new() };
    let status = &node.status;
    let mut state = ready(status).to_owned();
    if node.spec.unschedulable == Some(true) {
        state.push_str(",SchedulingDisabled");
    }
    let info = status.node_info.as_ref();
    let unknown = |text: Option<&str>| -> String {
        text.filter(|text| !text.is_empty()).unwrap_or("<unknown>").to_owned()
    };
    vec![
        name(object),
        state.into(),
        roles(object).into(),
        created(object, now),
        info.map_or("", |info| info.kubelet_version.as_str()).into(),
        or_none(address(status, "InternalIP")),
        or_none(address(status, "ExternalIP")),
        unknown(info.map(|info| info.os_image.as_str())).into(),
        unknown(info.map(|info| info.kernel_version.as_str())).into(),
        unknown(info.map(|info| info.container_runtime_version.as_str())).into(),
    ]
}

fn ready(status: &NodeStatus) -> &'static str {
    match status.conditions.iter().flatten().find(|condition| condition.type_ == "Ready") {
        Some(condition) if condition.status == "True" => "Ready",
        Some(_) => "NotReady",
        None => "Unknown",
    }
}

fn address<'a>(status: &'a NodeStatus, kind: &str) -> Option<&'a str> {
    let mut addresses = status.addresses.iter().flatten();
    addresses.find(|address| address.type_ == kind).map(|address| address.address.as_str())
}

/// The roles that a node's labels give it, in order, or `<none>` (`findNodeRoles`).
pub(in crate::output) fn roles(object: &Object) -> String {
    let mut roles: Vec<&str> = object
        .meta
        .labels
        .iter()
        .flatten()
        .filter_map(|(key, value)| match key.strip_prefix("node-role.kubernetes.io/") {
            Some(role) => Some(role).filter(|role| !role.is_empty()),
            None if key == "kubernetes.io/role" && !value.is_empty() => Some(value.as_str()),
            None => None,
        })
        .collect();
    order::sort(&mut roles);
    roles.dedup();
    if roles.is_empty() { NONE.to_owned() } else { roles.join(",") }
}
