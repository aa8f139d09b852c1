//! What `kubectl describe` says of an EndpointSlice. Models `describeEndpointSliceV1`.

use k8s_openapi::api::discovery::v1::{Endpoint, EndpointSlice};

use super::page::Page;
use super::{View, event};

/// Writes the description.
pub(super) fn describe(page: &mut Page, view: &View<'_>, slice: &EndpointSlice) {
    page.name(view.object);
    page.labels_and_annotations(view.object);
    page.field(0, "AddressType", &slice.address_type);
    let ports = slice.ports.as_deref().unwrap_or_default();
    if ports.is_empty() {
        page.line(0, "Ports: <unset>");
    } else {
        page.line(0, "Ports:");
        page.line(1, "Name\tPort\tProtocol");
        page.line(1, "----\t----\t--------");
        for port in ports {
            let name = port.name.as_deref().filter(|name| !name.is_empty()).unwrap_or("<unset>");
            let number = port.port.map_or_else(|| "<unset>".to_owned(), |port| port.to_string());
            let protocol = port.protocol.as_deref().unwrap_or("TCP");
            page.line(1, format!("{name}\t{number}\t{protocol}"));
        }
    }
    let endpoints = slice.endpoints.as_deref().unwrap_or_default();
    if endpoints.is_empty() {
        page.line(0, "Endpoints: <none>");
    } else {
        page.line(0, "Endpoints:");
        for endpoint in endpoints {
            one(page, endpoint);
        }
    }
    if view.events && has_events(view) {
        event::table(page, view);
    }
}

/// Without Events upstream prints nothing here.
fn has_events(view: &View<'_>) -> bool {
    let mut page = Page::default();
    event::table(&mut page, view);
    !page.finish().starts_with("Events:  <none>")
}

fn one(page: &mut Page, endpoint: &Endpoint) {
    let text = |value: Option<&String>| {
        value.filter(|value| !value.is_empty()).cloned().unwrap_or_else(|| "<unset>".to_owned())
    };
    page.field(1, "- Addresses", endpoint.addresses.join(", "));
    page.line(2, "Conditions:");
    let ready = endpoint.conditions.as_ref().and_then(|conditions| conditions.ready);
    let ready = ready.map_or_else(|| "<unset>".to_owned(), |ready| ready.to_string());
    page.field(3, "Ready", ready);
    page.field(2, "Hostname", text(endpoint.hostname.as_ref()));
    if let Some(target) = &endpoint.target_ref {
        let part = |value: Option<&String>| value.cloned().unwrap_or_default();
        let target = format!("{}/{}", part(target.kind.as_ref()), part(target.name.as_ref()));
        page.field(2, "TargetRef", target);
    }
    page.field(2, "NodeName", text(endpoint.node_name.as_ref()));
    page.field(2, "Zone", text(endpoint.zone.as_ref()));
}
