//! `NAME AGE` of service accounts. Models `printServiceAccount`.

use super::{Cell, Columns, always, created, name};
use crate::object::Object;
use crate::time::Time;

pub(super) const COLUMNS: Columns = Columns { columns: &[always("Name"), always("Age")], cells };

fn cells(object: &Object, now: Time) -> Vec<Cell<'_>> {
    vec![name(object), created(object, now)]
}
