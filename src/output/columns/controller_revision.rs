//! `NAME CONTROLLER REVISION AGE` of ControllerRevisions. Models `printControllerRevision`.

use super::{Cell, Columns, NONE, always, created, name};
use crate::object::{Body, Object};
use crate::time::Time;

pub(super) const COLUMNS: Columns = Columns {
    columns: &[always("Name"), always("Controller"), always("Revision"), always("Age")],
    cells,
};

fn cells(object: &Object, now: Time) -> Vec<Cell<'_>> {
    let Body::ControllerRevision(revision) = &object.body else { return Vec::new() };
    let controller = object.controller().map_or_else(
        || NONE.to_owned(),
        |owner| {
            let group = owner.api_version.split_once('/').map_or("", |(group, _)| group);
            let dot = if group.is_empty() { "" } else { "." };
            format!("{}{dot}{group}/{}", owner.kind.to_lowercase(), owner.name)
        },
    );
    vec![
        name(object),
        controller.into(),
        revision.revision.to_string().into(),
        created(object, now),
    ]
}
