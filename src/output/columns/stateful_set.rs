//! `NAME READY AGE` of StatefulSets. Models `printStatefulSet`.

use super::{Cell, Columns, always, containers, created, name, wide};
use crate::object::Object;
use crate::time::Time;

pub(super) const COLUMNS: Columns = Columns {
    columns: &[always("Name"), always("Ready"), always("Age"), wide("Containers"), wide("Images")],
    cells,
};

fn cells(object: &Object, now: Time) -> Vec<Cell<'_>> {
    let Some(body) = object.as_value() else { return Vec::new() };
    let wanted = object.body.replicas().unwrap_or(0);
    let ready = body.status["readyReplicas"].as_i64().unwrap_or(0);
    let template = body.template();
    let (names, images) = containers(template.as_ref().and_then(|template| template.spec.as_ref()));
    vec![name(object), format!("{ready}/{wanted}").into(), created(object, now), names, images]
}
