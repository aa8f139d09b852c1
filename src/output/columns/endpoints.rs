//! `NAME ENDPOINTS AGE` of Endpoints. Models `printEndpoints`.

use serde_json::Value;

use super::{Cell, Columns, NONE, always, created, name};
use crate::object::Object;
use crate::object::value::look::{list, number, text};
use crate::time::Time;

pub(super) const COLUMNS: Columns =
    Columns { columns: &[always("Name"), always("Endpoints"), always("Age")], cells };

fn cells(object: &Object, now: Time) -> Vec<Cell<'_>> {
    let Some(body) = object.as_value() else { return Vec::new() };
    vec![name(object), endpoints(body.field("subsets")).into(), created(object, now)]
}

/// The ready addresses with each port, at most three (`formatEndpoints`).
fn endpoints(subsets: &Value) -> String {
    let subsets = subsets.as_array().map(Vec::as_slice).unwrap_or_default();
    if subsets.is_empty() {
        return NONE.to_owned();
    }
    let mut all = Vec::new();
    for subset in subsets {
        let ips = || list(subset, "addresses").iter().map(|address| text(address, "ip"));
        let ports = list(subset, "ports");
        if ports.is_empty() {
            all.extend(ips().map(str::to_owned));
        }
        for port in ports {
            let port = number(port, "port").unwrap_or(0);
            all.extend(ips().map(|ip| {
                if ip.contains(':') { format!("[{ip}]:{port}") } else { format!("{ip}:{port}") }
            }));
        }
    }
    match all.as_slice() {
        [first, second, third, rest @ ..] if !rest.is_empty() => {
            format!("{first},{second},{third} + {} more...", rest.len())
        }
        few => few.join(","),
    }
}
