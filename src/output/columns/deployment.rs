//! `NAME READY UP-TO-DATE AVAILABLE AGE` of Deployments. Models `printDeployment`.

use super::{Cell, Columns, always, containers, created, format_selector, name, wide};
use crate::object::{Body, Object};
use crate::time::Time;

pub(super) const COLUMNS: Columns = Columns {
    columns: &[
        always("Name"),
        always("Ready"),
        always("Up-to-date"),
        always("Available"),
        always("Age"),
        wide("Containers"),
        wide("Images"),
        wide("Selector"),
    ],
    cells,
};

fn cells(object: &Object, now: Time) -> Vec<Cell<'_>> {
    let Body::Deployment(deployment) = &object.body else { return Vec::new() };
    let (spec, status) = (&deployment.spec, &deployment.status);
    let (names, images) = containers(spec.template.spec.as_ref());
    let ready = format!("{}/{}", status.ready_replicas.unwrap_or(0), spec.replicas.unwrap_or(0));
    vec![
        name(object),
        ready.into(),
        status.updated_replicas.unwrap_or(0).to_string().into(),
        status.available_replicas.unwrap_or(0).to_string().into(),
        created(object, now),
        names,
        images,
        format_selector(&spec.selector).into(),
    ]
}
