//! What `kubectl describe` says of Endpoints. Models `describeEndpoints`.

use super::page::{Page, or_none};
use super::{View, event};
use crate::object::ValueBody;
use crate::object::value::look::{list, number, text};

/// Writes the description.
pub(super) fn describe(page: &mut Page, view: &View<'_>, body: &ValueBody) {
    page.name(view.object);
    page.labels_and_annotations(view.object);
    page.line(0, "Subsets:");
    for subset in body.field("subsets").as_array().into_iter().flatten() {
        for (title, field) in
            [("Addresses", "addresses"), ("NotReadyAddresses", "notReadyAddresses")]
        {
            let ips: Vec<&str> = list(subset, field).iter().map(|one| text(one, "ip")).collect();
            page.field(1, title, or_none(&ips.join(",")));
        }
        let ports = list(subset, "ports");
        if !ports.is_empty() {
            page.line(1, "Ports:");
            page.line(2, "Name\tPort\tProtocol");
            page.line(2, "----\t----\t--------");
        }
        for port in ports {
            let name = Some(text(port, "name")).filter(|name| !name.is_empty());
            let name = name.unwrap_or("<unset>");
            let number = number(port, "port").unwrap_or(0);
            page.line(2, format!("{name}\t{number}\t{}", text(port, "protocol")));
        }
        page.line(0, "");
    }
    event::table(page, view);
}
