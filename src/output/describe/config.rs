//! `ConfigMaps`, Secrets and `ServiceAccounts`. Models `describeConfigMap`, `describeSecret` and `describeServiceAccount`.

use k8s_openapi::api::core::v1::{ConfigMap, Secret, ServiceAccount};

use super::page::Page;
use super::{View, event};

/// A ConfigMap, its values in full.
pub(super) fn config_map(page: &mut Page, view: &View<'_>, map: &ConfigMap) {
    page.name(view.object);
    page.labels_and_annotations(view.object);
    page.line(0, "\nData\n====");
    for (key, value) in map.data.iter().flatten() {
        page.line(0, format!("{key}:\n----"));
        page.line(0, value);
        page.line(0, "");
    }
    page.line(0, "\nBinaryData\n====");
    for (key, bytes) in map.binary_data.iter().flatten() {
        page.line(0, format!("{key}: {} bytes", bytes.0.len()));
    }
    page.line(0, "");
    event::table(page, view);
}

/// A Secret: how long its values are, not what they are, but for a ServiceAccount's token.
pub(super) fn secret(page: &mut Page, view: &View<'_>, secret: &Secret) {
    page.name(view.object);
    page.labels_and_annotations(view.object);
    let kind = secret.type_.as_deref().unwrap_or_default();
    page.line(0, "");
    page.field(0, "Type", kind);
    page.line(0, "\nData\n====");
    for (key, bytes) in secret.data.iter().flatten() {
        if key == "token" && kind == "kubernetes.io/service-account-token" {
            page.field(0, key, String::from_utf8_lossy(&bytes.0));
        } else {
            page.field(0, key, format!("{} bytes", bytes.0.len()));
        }
    }
}

/// A ServiceAccount.
pub(super) fn service_account(page: &mut Page, view: &View<'_>, account: &ServiceAccount) {
    page.name(view.object);
    page.labels_and_annotations(view.object);
    let names: Vec<String> =
        account.image_pull_secrets.iter().flatten().map(|secret| secret.name.clone()).collect();
    page.list("Image pull secrets", &names);
    event::table(page, view);
}
