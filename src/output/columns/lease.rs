//! `NAME HOLDER AGE` of Leases. Models `printLease`.

use super::{Cell, Columns, always, created, name};
use crate::object::{Body, Object};
use crate::time::Time;

pub(super) const COLUMNS: Columns =
    Columns { columns: &[always("Name"), always("Holder"), always("Age")], cells };

fn cells(object: &Object, now: Time) -> Vec<Cell<'_>> {
    let Body::Lease(lease) = &object.body else { return Vec::new() };
    let holder = lease.spec.as_ref().and_then(|spec| spec.holder_identity.as_deref());
    vec![name(object), holder.unwrap_or_default().into(), created(object, now)]
}
