//! What bounds a namespace or a disruption: ResourceQuotas, PodDisruptionBudgets, PriorityClasses. Models
//! `printResourceQuota`, `printPodDisruptionBudget` and `printPriorityClass`.

use serde_json::Value;

use super::{Cell, Columns, always, created, name};
use crate::object::Object;
use crate::object::value::look::{at, entries, given, number, quantity};
use crate::time::Time;

pub(super) const RESOURCE_QUOTA: Columns = Columns {
    columns: &[always("Name"), always("Request"), always("Limit"), always("Age")],
    cells: resource_quota,
};

pub(super) const DISRUPTION_BUDGET: Columns = Columns {
    columns: &[
        always("Name"),
        always("Min Available"),
        always("Max Unavailable"),
        always("Allowed Disruptions"),
        always("Age"),
    ],
    cells: disruption_budget,
};

pub(super) const PRIORITY_CLASS: Columns = Columns {
    columns: &[
        always("Name"),
        always("Value"),
        always("Global-Default"),
        always("Age"),
        always("PreemptionPolicy"),
    ],
    cells: priority_class,
};

fn resource_quota(object: &Object, now: Time) -> Vec<Cell<'_>> {
    let Some(body) = object.as_value() else { return Vec::new() };
    let used = at(&body.status, &["used"]);
    let (mut requests, mut limits) = (Vec::new(), Vec::new());
    for (resource, hard) in entries(&body.status, "hard") {
        let used = quantity(at(used, &[resource]));
        let side = if resource.starts_with("limits.") { &mut limits } else { &mut requests };
        side.push(format!("{resource}: {used}/{}", quantity(hard)));
    }
    vec![name(object), requests.join(", ").into(), limits.join(", ").into(), created(object, now)]
}

fn disruption_budget(object: &Object, now: Time) -> Vec<Cell<'_>> {
    let Some(body) = object.as_value() else { return Vec::new() };
    let bound = |field: &str| match given(body.spec(), field) {
        Some(Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
        None => "N/A".to_owned(),
    };
    vec![
        name(object),
        bound("minAvailable").into(),
        bound("maxUnavailable").into(),
        number(&body.status, "disruptionsAllowed").unwrap_or(0).to_string().into(),
        created(object, now),
    ]
}

fn priority_class(object: &Object, now: Time) -> Vec<Cell<'_>> {
    let Some(body) = object.as_value() else { return Vec::new() };
    let default = body.field("globalDefault").as_bool().unwrap_or(false);
    vec![
        name(object),
        body.field("value").as_i64().unwrap_or(0).to_string().into(),
        default.to_string().into(),
        created(object, now),
        body.field("preemptionPolicy").as_str().unwrap_or_default().into(),
    ]
}
