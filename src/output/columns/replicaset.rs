//! `NAME DESIRED CURRENT READY AGE` of ReplicaSets. Models `printReplicaSet`.

use super::{Cell, Column, Columns, always, containers, created, format_selector, name, wide};
use crate::object::{Body, Object};
use crate::time::Time;

pub(super) const COLUMNS: Columns = Columns { columns: NAMES, cells };

/// Those of ReplicationControllers too.
pub(super) const NAMES: &[Column] = &[
    always("Name"),
    always("Desired"),
    always("Current"),
    always("Ready"),
    always("Age"),
    wide("Containers"),
    wide("Images"),
    wide("Selector"),
];

fn cells(object: &Object, now: Time) -> Vec<Cell<'_>> {
    let Body::ReplicaSet(set) = &object.body else { return Vec::new() };
    let template = set.spec.template.as_ref();
    let (names, images) = containers(template.and_then(|template| template.spec.as_ref()));
    vec![
        name(object),
        set.spec.replicas.unwrap_or(0).to_string().into(),
        set.status.replicas.to_string().into(),
        set.status.ready_replicas.unwrap_or(0).to_string().into(),
        created(object, now),
        names,
        images,
        format_selector(&set.spec.selector).into(),
    ]
}
