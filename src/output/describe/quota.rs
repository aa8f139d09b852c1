//! What bounds a namespace: ResourceQuotas and LimitRanges, by themselves and in the description of the namespace.
//! And PodDisruptionBudgets and PriorityClasses.
//!
//! Models `describeQuota`, `DescribeResourceQuotas`, `describeLimitRange`, `DescribeLimitRanges`,
//! `describePodDisruptionBudgetV1` and `describePriorityClass`.

use serde_json::Value;

use super::page::Page;
use super::{View, event};
use crate::manifest::fill;
use crate::object::value::look::{at, entries, given, list, number, quantity, text, texts};
use crate::object::{Kind, ValueBody};
use crate::order;
use crate::output::columns::format_selector;
use crate::output::table;
use crate::quantity::{Format, Quantity};

/// A ResourceQuota.
pub(super) fn resource_quota(page: &mut Page, view: &View<'_>, body: &ValueBody) {
    page.name(view.object);
    scopes(page, 0, " * ", body);
    page.line(0, "Resource\tUsed\tHard");
    page.line(0, "--------\t----\t----");
    let used = at(&body.status, &["used"]);
    for (resource, hard) in entries(&body.status, "hard") {
        let (hard, used) = (quantity(hard), quantity(at(used, &[resource])));
        let used = if used.format() == hard.format() { used } else { like(&used, hard.format()) };
        page.line(0, format!("{resource}\t{used}\t{hard}"));
    }
}

/// The amount with the suffixes of another.
fn like(amount: &Quantity, format: Format) -> Quantity {
    match format {
        Format::BinarySi => Quantity::binary(amount.value()),
        Format::DecimalSi | Format::DecimalExponent => Quantity::decimal(amount.value()),
    }
}

/// The scopes of a quota, and what they mean.
fn scopes(page: &mut Page, level: usize, bullet: &str, body: &ValueBody) {
    let mut scopes: Vec<&str> = texts(body.spec(), "scopes").collect();
    if scopes.is_empty() {
        return;
    }
    order::sort(&mut scopes);
    page.field(level, "Scopes", scopes.join(", "));
    for scope in scopes {
        let meaning = match scope {
            "Terminating" => {
                "Matches all pods that have an active deadline. These pods have a limited lifespan on a node before being actively terminated by the system."
            }
            "NotTerminating" => {
                "Matches all pods that do not have an active deadline. These pods usually include long running pods whose container command is not expected to terminate."
            }
            "BestEffort" => {
                "Matches all pods that do not have resource requirements set. These pods have a best effort quality of service."
            }
            "NotBestEffort" => {
                "Matches all pods that have at least one resource requirement set. These pods have a burstable or guaranteed quality of service."
            }
            _ => continue,
        };
        page.line(level, format!("{bullet}{meaning}"));
    }
}

/// The quotas of a namespace.
pub(super) fn quotas_of(page: &mut Page, view: &View<'_>) {
    let mut quotas = view.store.list(Kind::ResourceQuota, Some(view.object.name())).peekable();
    if quotas.peek().is_none() {
        return page.line(0, "No resource quota.");
    }
    page.line(0, "Resource Quotas");
    for object in quotas {
        let Some(body) = object.as_value() else { continue };
        page.field(1, "Name", object.name());
        scopes(page, 1, "* ", body);
        page.line(1, "Resource\tUsed\tHard");
        page.line(1, "--------\t---\t---");
        let used = at(&body.status, &["used"]);
        for (resource, hard) in entries(&body.status, "hard") {
            let used = quantity(at(used, &[resource]));
            page.line(1, format!("{resource}\t{used}\t{}", quantity(hard)));
        }
    }
}

/// A LimitRange.
pub(super) fn limit_range(page: &mut Page, view: &View<'_>, body: &ValueBody) {
    page.name(view.object);
    limits(page, "", [body]);
}

/// The limit ranges of a namespace.
pub(super) fn limit_ranges_of(page: &mut Page, view: &View<'_>) {
    let ranges = view.store.list(Kind::LimitRange, Some(view.object.name()));
    let mut ranges = ranges.filter_map(|object| object.as_value()).peekable();
    if ranges.peek().is_none() {
        return page.line(0, "No LimitRange resource.");
    }
    page.line(0, "Resource Limits");
    limits(page, " ", ranges);
}

/// The table of limits.
fn limits<'a>(page: &mut Page, indent: &str, ranges: impl IntoIterator<Item = &'a ValueBody>) {
    const BOUNDS: [&str; 5] = ["min", "max", "defaultRequest", "default", "maxLimitRequestRatio"];
    page.line(
        0,
        format!(
            "{indent}Type\tResource\tMin\tMax\tDefault Request\tDefault Limit\tMax Limit/Request Ratio"
        ),
    );
    page.line(
        0,
        format!(
            "{indent}----\t--------\t---\t---\t---------------\t-------------\t-----------------------"
        ),
    );
    for item in ranges.into_iter().flat_map(|body| list(body.spec(), "limits")) {
        let named = BOUNDS.iter().flat_map(|bound| entries(item, bound).map(|(name, _)| name));
        let mut resources: Vec<&str> = named.collect();
        order::sort(&mut resources);
        resources.dedup();
        for resource in resources {
            let cells = BOUNDS.map(|bound| {
                let amount = given(at(item, &[bound]), resource);
                amount.map_or_else(|| "-".to_owned(), |amount| quantity(amount).to_string())
            });
            let kind = text(item, "type");
            page.line(0, format!("{indent}{kind}\t{resource}\t{}", cells.join("\t")));
        }
    }
}

/// A PodDisruptionBudget.
pub(super) fn disruption_budget(page: &mut Page, view: &View<'_>, body: &ValueBody) {
    page.name(view.object);
    let bound = |field: &str| match given(body.spec(), field)? {
        Value::String(text) => Some(text.clone()),
        number => Some(number.to_string()),
    };
    if let Some(least) = bound("minAvailable") {
        page.field(0, "Min available", least);
    } else if let Some(most) = bound("maxUnavailable") {
        page.field(0, "Max unavailable", most);
    }
    let selector = given(body.spec(), "selector").map(|one| format_selector(&fill(one)));
    page.field(0, "Selector", selector.as_deref().unwrap_or("<unset>"));
    page.line(0, "Status:");
    for (title, field) in [
        ("Allowed disruptions", "disruptionsAllowed"),
        ("Current", "currentHealthy"),
        ("Desired", "desiredHealthy"),
        ("Total", "expectedPods"),
    ] {
        page.field(2, title, number(&body.status, field).unwrap_or(0));
    }
    event::table(page, view);
}

/// A PriorityClass.
pub(super) fn priority_class(page: &mut Page, view: &View<'_>, body: &ValueBody) {
    page.name(view.object);
    page.field(0, "Value", body.field("value").as_i64().unwrap_or(0));
    page.field(0, "GlobalDefault", body.field("globalDefault").as_bool().unwrap_or(false));
    let text = |field: &str| body.field(field).as_str().unwrap_or_default();
    page.field(0, "PreemptionPolicy", text("preemptionPolicy"));
    page.field(0, "Description", text("description"));
    page.field(0, "Annotations", table::labels(view.object.meta.annotations.as_ref()));
    event::table(page, view);
}
