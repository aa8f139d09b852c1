//! `NAME ADDRESSTYPE PORTS ENDPOINTS AGE` of EndpointSlices. Models `printEndpointSlice`.

use super::{Cell, Columns, always, created, first_three, name};
use crate::object::{Body, Object};
use crate::time::Time;

pub(super) const COLUMNS: Columns = Columns {
    columns: &[
        always("Name"),
        always("AddressType"),
        always("Ports"),
        always("Endpoints"),
        always("Age"),
    ],
    cells,
};

fn cells(object: &Object, now: Time) -> Vec<Cell<'_>> {
    let Body::EndpointSlice(slice) = &object.body else { return Vec::new() };
    let ports: Vec<_> = slice
        .ports
        .iter()
        .flatten()
        .map(|port| match (port.port, &port.name) {
            (Some(number), _) => number.to_string(),
            (None, Some(name)) => name.clone(),
            (None, None) => "*".to_owned(),
        })
        .collect();
    let addresses: Vec<_> = slice
        .endpoints
        .iter()
        .flatten()
        .flat_map(|endpoint| endpoint.addresses.iter().cloned())
        .collect();
    vec![
        name(object),
        slice.address_type.as_str().into(),
        first_three(&ports),
        first_three(&addresses),
        created(object, now),
    ]
}
