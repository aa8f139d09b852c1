//! `NAME TYPE DATA AGE` of Secrets. Models `printSecret`.

use super::{Cell, Columns, always, created, name};
use crate::object::{Body, Object};
use crate::time::Time;

pub(super) const COLUMNS: Columns =
    Columns { columns: &[always("Name"), always("Type"), always("Data"), always("Age")], cells };

fn cells(object: &Object, now: Time) -> Vec<Cell<'_>> {
    let Body::Secret(secret) = &object.body else { return Vec::new() };
    let keys = secret.data.as_ref().map_or(0, std::collections::BTreeMap::len);
    vec![
        name(object),
        secret.type_.as_deref().unwrap_or_default().into(),
        keys.to_string().into(),
        created(object, now),
    ]
}
