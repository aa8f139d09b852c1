//! `NAME DATA AGE`: how many keys a ConfigMap holds. Models `printConfigMap`.

use super::{Cell, Columns, always, created, name};
use crate::object::{Body, Object};
use crate::time::Time;

pub(super) const COLUMNS: Columns =
    Columns { columns: &[always("Name"), always("Data"), always("Age")], cells };

fn cells(object: &Object, now: Time) -> Vec<Cell<'_>> {
    let Body::ConfigMap(map) = &object.body else { return Vec::new() };
    let keys = map.data.as_ref().map_or(0, std::collections::BTreeMap::len)
        + map.binary_data.as_ref().map_or(0, std::collections::BTreeMap::len);
    vec![name(object), keys.to_string().into(), created(object, now)]
}
