//! What `kubectl describe` says of a HorizontalPodAutoscaler. Models `describeHorizontalPodAutoscalerV2`.

use serde_json::Value;

use super::page::{Page, rfc1123};
use super::{View, event};
use crate::object::ValueBody;
use crate::object::value::look::{at, given, list, number, text};
use crate::output::columns::MetricUsage;

/// Writes the description.
pub(super) fn describe(page: &mut Page, view: &View<'_>, body: &ValueBody) {
    let (spec, status) = (body.spec(), &*body.status);
    let target = at(spec, &["scaleTargetRef"]);
    let kind = text(target, "kind");
    page.name(view.object);
    page.labels_and_annotations(view.object);
    page.field(0, "CreationTimestamp", rfc1123(view.object.meta.creation_timestamp.as_ref()));
    page.field(0, "Reference", format!("{kind}/{}", text(target, "name")));
    page.field(0, "Metrics", "( current / target )");
    let current = list(status, "currentMetrics");
    for (index, metric) in list(spec, "metrics").iter().enumerate() {
        page.line(1, metric_line(metric, current.get(index)));
    }
    let least = number(spec, "minReplicas").map(|number| number.to_string());
    page.field(0, "Min replicas", least.as_deref().unwrap_or("<unset>"));
    page.field(0, "Max replicas", number(spec, "maxReplicas").unwrap_or(0));
    if let Some(behavior) = given(spec, "behavior") {
        page.line(0, "Behavior:");
        for (title, field) in [("Scale Up", "scaleUp"), ("Scale Down", "scaleDown")] {
            if let Some(rules) = given(behavior, field) {
                direction(page, title, rules);
            }
        }
    }
    let count = |field: &str| number(status, field).unwrap_or(0);
    let counts = [count("currentReplicas"), count("desiredReplicas")];
    page.field(
        0,
        &format!("{kind} pods"),
        format!("{} current / {} desired", counts[0], counts[1]),
    );
    let conditions = list(status, "conditions");
    if !conditions.is_empty() {
        page.line(0, "Conditions:");
        page.line(1, "Type\tStatus\tReason\tMessage");
        page.line(1, "----\t------\t------\t-------");
    }
    for condition in conditions {
        let cells = ["type", "status", "reason", "message"].map(|field| text(condition, field));
        page.line(1, cells.join("\t"));
    }
    event::table(page, view);
}

fn metric_line(metric: &Value, current: Option<&Value>) -> String {
    let Some(usage) = MetricUsage::of(metric, current) else {
        return format!("<unknown metric type {:?}>", text(metric, "type"));
    };
    let MetricUsage { field, source, current, amount, target, by_pods } = usage;
    let metric = text(at(source, &["metric"]), "name");
    let kind = if by_pods { "(target average value)" } else { "(target value)" };
    let name = text(source, "name");
    match field {
        "pods" => format!("{metric:?} on pods:\t{current} / {target}"),
        "external" => format!("{metric:?} {kind}:\t{current} / {target}"),
        "object" => {
            let object = at(source, &["describedObject"]);
            let (object_kind, name) = (text(object, "kind"), text(object, "name"));
            format!("\"{metric}\" on {object_kind}/{name} {kind}:\t{current} / {target}")
        }
        _ => {
            let container = match given(source, "container").and_then(Value::as_str) {
                Some(container) => format!(" of container \"{container}\""),
                None => String::new(),
            };
            let how = if by_pods { "" } else { "  (as a percentage of request)" };
            let amount = amount.map(|amount| format!(" ({amount})"));
            let amount = amount.filter(|_| current != "<unknown>").unwrap_or_default();
            format!("resource {name}{container} on pods{how}:\t{current}{amount} / {target}")
        }
    }
}

/// `printDirectionBehavior`.
fn direction(page: &mut Page, title: &str, rules: &Value) {
    page.line(1, format!("{title}:"));
    if let Some(window) = number(rules, "stabilizationWindowSeconds") {
        page.line(2, format!("Stabilization Window: {window} seconds"));
    }
    let policies = list(rules, "policies");
    if policies.is_empty() {
        return;
    }
    let select = given(rules, "selectPolicy").and_then(Value::as_str).unwrap_or("Max");
    page.line(2, format!("Select Policy: {select}"));
    page.line(2, "Policies:");
    for policy in policies {
        let whole = |field: &str| number(policy, field).unwrap_or(0);
        page.line(
            3,
            format!(
                "- Type: {}\tValue: {}\tPeriod: {} seconds",
                text(policy, "type"),
                whole("value"),
                whole("periodSeconds")
            ),
        );
    }
}
