//! `NAME REFERENCE TARGETS MINPODS MAXPODS REPLICAS AGE` of HorizontalPodAutoscalers. Models
//! `printHorizontalPodAutoscaler`.

use serde_json::Value;

use super::{Cell, Columns, NONE, always, created, name};
use crate::object::value::look::{at, given, list, number, quantity, text};
use crate::object::{Object, ValueBody};
use crate::time::Time;

pub(super) const COLUMNS: Columns = Columns {
    columns: &[
        always("Name"),
        always("Reference"),
        always("Targets"),
        always("MinPods"),
        always("MaxPods"),
        always("Replicas"),
        always("Age"),
    ],
    cells,
};

/// So many metrics are shown.
const METRICS_MAX: usize = 2;

fn cells(object: &Object, now: Time) -> Vec<Cell<'_>> {
    let Some(body) = object.as_value() else { return Vec::new() };
    let spec = body.spec();
    let target = at(spec, &["scaleTargetRef"]);
    let least = number(spec, "minReplicas").map(|number| number.to_string());
    vec![
        name(object),
        format!("{}/{}", text(target, "kind"), text(target, "name")).into(),
        metrics(body).into(),
        least.unwrap_or_else(|| "<unset>".to_owned()).into(),
        number(spec, "maxReplicas").unwrap_or(0).to_string().into(),
        number(&body.status, "currentReplicas").unwrap_or(0).to_string().into(),
        created(object, now),
    ]
}

/// `cpu: 10%/60%`, at most two (`formatHPAMetrics`).
fn metrics(body: &ValueBody) -> String {
    let metrics = list(body.spec(), "metrics");
    let shown: Vec<String> = metrics
        .iter()
        .enumerate()
        .take(METRICS_MAX)
        .map(|(index, metric)| {
            let Some(usage) = Usage::of(metric, list(&body.status, "currentMetrics").get(index))
            else {
                return "<unknown type>".to_owned();
            };
            let Usage { current, target, by_pods, .. } = &usage;
            let average = if *by_pods && !matches!(usage.field, "pods") { " (avg)" } else { "" };
            match usage.field {
                "resource" | "containerResource" => {
                    format!("{}: {current}/{target}", text(usage.source, "name"))
                }
                _ => format!("{current}/{target}{average}"),
            }
        })
        .collect();
    match metrics.len() {
        0 => NONE.to_owned(),
        count if count > METRICS_MAX => {
            format!("{} + {} more...", shown.join(", "), count - METRICS_MAX)
        }
        _ => shown.join(", "),
    }
}

/// One metric of an autoscaler: what is, and what is aimed at.
#[derive(Debug)]
pub struct Usage<'a> {
    /// The field that the metric stands in: `resource`, `pods`...
    pub field: &'static str,
    /// What stands in it.
    pub source: &'a Value,
    /// What is, or `<unknown>`.
    pub current: String,
    /// What is, where it is a percentage: the amount behind it.
    pub amount: Option<String>,
    /// What is aimed at.
    pub target: String,
    /// Whether the target is an average over Pods.
    pub by_pods: bool,
}

/// The kinds of metrics and their fields.
const SOURCES: [(&str, &str); 5] = [
    ("External", "external"),
    ("Pods", "pods"),
    ("Object", "object"),
    ("Resource", "resource"),
    ("ContainerResource", "containerResource"),
];

impl<'a> Usage<'a> {
    /// Of a metric of the spec and the one of the status that stands in its place; none for an unknown kind.
    pub fn of(metric: &'a Value, status: Option<&Value>) -> Option<Self> {
        let (_, field) = SOURCES.into_iter().find(|(kind, _)| *kind == text(metric, "type"))?;
        let source = given(metric, field)?;
        let current = status.and_then(|status| given(given(status, field)?, "current"));
        let target = at(source, &["target"]);
        let by_pods = field == "pods" || given(target, "averageValue").is_some();
        let unknown = || "<unknown>".to_owned();
        let amount_of = |value: &Value| quantity(value).to_string();
        if matches!(field, "resource" | "containerResource") && !by_pods {
            let percent = |value: &Value| {
                number(value, "averageUtilization").map(|percent| format!("{percent}%"))
            };
            return Some(Self {
                field,
                source,
                current: current.and_then(percent).unwrap_or_else(unknown),
                amount: current.map(|current| amount_of(at(current, &["averageValue"]))),
                target: percent(target).unwrap_or_else(|| "<auto>".to_owned()),
                by_pods,
            });
        }
        let of = if by_pods { "averageValue" } else { "value" };
        let current = current.map(|current| amount_of(at(current, &[of])));
        Some(Self {
            field,
            source,
            current: current.unwrap_or_else(unknown),
            amount: None,
            target: amount_of(at(target, &[of])),
            by_pods,
        })
    }
}
