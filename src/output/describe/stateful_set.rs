//! What `kubectl describe` says of a StatefulSet. Models `describeStatefulSet` and `describeVolumeClaimTemplates`.

use serde_json::Value;

use super::page::{Page, rfc1123};
use super::replicaset::phases;
use super::{View, event, template};
use crate::manifest::fill;
use crate::object::ValueBody;
use crate::output::columns::format_selector;

/// Writes the description.
pub(super) fn describe(page: &mut Page, view: &View<'_>, set: &ValueBody) {
    page.name(view.object);
    let created = view.object.meta.creation_timestamp.as_ref();
    page.field(0, "CreationTimestamp", rfc1123(created));
    page.field(0, "Selector", format_selector(&set.selector()));
    page.labels_and_annotations(view.object);
    let wanted = view.object.body.replicas().unwrap_or(0);
    let total = set.status["replicas"].as_i64().unwrap_or(0);
    page.field(0, "Replicas", format!("{wanted} desired | {total} total"));
    let strategy = &set.spec()["updateStrategy"];
    page.field(0, "Update Strategy", strategy["type"].as_str().unwrap_or_default());
    let rolling = &strategy["rollingUpdate"];
    if let Some(partition) = rolling["partition"].as_i64() {
        page.field(1, "Partition", partition);
        if !rolling["maxUnavailable"].is_null() {
            page.field(1, "MaxUnavailable", scalar(&rolling["maxUnavailable"]));
        }
    }
    let [running, waiting, succeeded, failed] = phases(view);
    page.field(
        0,
        "Pods Status",
        format!("{running} Running / {waiting} Waiting / {succeeded} Succeeded / {failed} Failed"),
    );
    template::describe(page, set.template().as_ref());
    claims(page, set.spec()["volumeClaimTemplates"].as_array());
    event::table(page, view);
}

fn claims(page: &mut Page, claims: Option<&Vec<Value>>) {
    let Some(claims) = claims.filter(|claims| !claims.is_empty()) else {
        return page.field(0, "Volume Claims", "<none>");
    };
    page.line(0, "Volume Claims:");
    for claim in claims {
        let spec = &claim["spec"];
        page.field(1, "Name", scalar(&claim["metadata"]["name"]));
        page.field(1, "StorageClass", scalar(&spec["storageClassName"]));
        page.pairs("  Labels", fill::<Option<_>>(&claim["metadata"]["labels"]).as_ref());
        page.pairs("  Annotations", fill::<Option<_>>(&claim["metadata"]["annotations"]).as_ref());
        let size = &spec["resources"]["requests"]["storage"];
        page.field(1, "Capacity", size.as_str().unwrap_or("<default>"));
        let modes = spec["accessModes"].as_array().into_iter().flatten().filter_map(Value::as_str);
        page.field(1, "Access Modes", format!("[{}]", modes.collect::<Vec<_>>().join(" ")));
    }
}

/// A text without quotes; nothing for null.
fn scalar(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}
