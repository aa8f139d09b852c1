//! `NAME STATUS AGE` of Namespaces. Models `printNamespace`.

use super::{Cell, Columns, always, created, name};
use crate::object::{Body, Object};
use crate::time::Time;

pub(super) const COLUMNS: Columns =
    Columns { columns: &[always("Name"), always("Status"), always("Age")], cells };

fn cells(object: &Object, now: Time) -> Vec<Cell<'_>> {
    let Body::Namespace(namespace) = &object.body else { return Vec::new() };
    vec![
        name(object),
        namespace.status.phase.as_deref().unwrap_or_default().into(),
        created(object, now),
    ]
}
