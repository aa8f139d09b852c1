//! Ingresses and their classes. Models `describeIngressV1` and `describeIngressClassV1`.

use serde_json::Value;

use super::page::Page;
use super::{View, event, service};
use crate::object::value::look::{at, given, list, number, text, texts};
use crate::object::{Body, Key, Kind, ValueBody};
use crate::output::columns::ingress_addresses;

/// An Ingress.
pub(super) fn ingress(page: &mut Page, view: &View<'_>, body: &ValueBody) {
    let spec = body.spec();
    page.field(0, "Name", view.object.name());
    page.pairs("Labels", view.object.meta.labels.as_ref());
    page.field(0, "Namespace", view.object.namespace());
    page.field(0, "Address", ingress_addresses(&body.status));
    let class = given(spec, "ingressClassName").and_then(Value::as_str);
    page.field(0, "Ingress Class", class.unwrap_or("<none>"));
    let default = given(spec, "defaultBackend");
    let default = default.map_or_else(|| "<default>".to_owned(), |one| backend(view, one));
    page.field(0, "Default backend", &default);
    let tls = list(spec, "tls");
    if !tls.is_empty() {
        page.line(0, "TLS:");
    }
    for one in tls {
        let hosts = texts(one, "hosts").collect::<Vec<_>>().join(",");
        page.line(
            1,
            match text(one, "secretName") {
                "" => format!("SNI routes {hosts}"),
                secret => format!("{secret} terminates {hosts}"),
            },
        );
    }
    page.line(0, "Rules:\n  Host\tPath\tBackends");
    page.line(1, "----\t----\t--------");
    let mut rules = list(spec, "rules").iter().filter_map(|rule| {
        let host = Some(text(rule, "host")).filter(|host| !host.is_empty());
        Some((host.unwrap_or("*"), given(rule, "http")?))
    });
    let first = rules.next();
    if first.is_none() {
        page.line(1, format!("*\t*\t{default}"));
    }
    for (host, http) in first.into_iter().chain(rules) {
        page.line(1, format!("{host}\t"));
        for one in list(http, "paths") {
            let backend = backend(view, at(one, &["backend"]));
            page.line(2, format!("\t{} \t{backend}", text(one, "path")));
        }
    }
    page.annotations("Annotations", view.object.meta.annotations.as_ref());
    event::table(page, view);
}

/// `web:80 (10.244.1.2:8080)` (`describeBackendV1`).
fn backend(view: &View<'_>, backend: &Value) -> String {
    if let Some(wanted) = given(backend, "service") {
        let (name, port) = (text(wanted, "name"), at(wanted, &["port"]));
        let (port_name, port) = (text(port, "name"), number(port, "number").unwrap_or(0));
        let shown = if port == 0 { port_name.to_owned() } else { port.to_string() };
        let key = Key::new(Kind::Service, view.object.namespace(), name);
        let stored = view.store.get(&key).map(|object| &object.body);
        let Some(Body::Service(stored)) = stored else {
            return format!("{name}:{shown} (<error: services {name:?} not found>)");
        };
        let meant = stored.spec.ports.iter().flatten().rfind(|one| {
            let one_name = one.name.as_deref().unwrap_or_default();
            i64::from(one.port) == port || (!port_name.is_empty() && port_name == one_name)
        });
        let port_name = meant.and_then(|port| port.name.as_deref()).unwrap_or_default();
        let slices = service::slices(view, name);
        return format!("{name}:{shown} ({})", service::endpoints(&slices, port_name));
    }
    given(backend, "resource").map_or_else(String::new, |resource| {
        let group = given(resource, "apiGroup").and_then(Value::as_str).unwrap_or("<none>");
        let (kind, name) = (text(resource, "kind"), text(resource, "name"));
        format!("APIGroup: {group}, Kind: {kind}, Name: {name}")
    })
}

/// An IngressClass.
pub(super) fn class(page: &mut Page, view: &View<'_>, body: &ValueBody) {
    page.name(view.object);
    page.labels_and_annotations(view.object);
    page.field(0, "Controller", text(body.spec(), "controller"));
    if let Some(parameters) = given(body.spec(), "parameters") {
        page.line(0, "Parameters:");
        page.field_if(1, "APIGroup", given(parameters, "apiGroup").and_then(Value::as_str));
        page.field(1, "Kind", text(parameters, "kind"));
        page.field(1, "Name", text(parameters, "name"));
    }
    event::table(page, view);
}
