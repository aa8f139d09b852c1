//! `NAME STATUS COMPLETIONS DURATION AGE` of Jobs, and the columns of `CronJob`s. Models `printJob` and `printCronJob`.

use k8s_openapi::api::core::v1::PodTemplateSpec;
use serde_json::Value;

use super::{
    Cell, Column, Columns, NONE, always, containers, created, format_selector, name, wide,
};
use crate::manifest::fill;
use crate::object::{Object, ValueBody};
use crate::output::age;
use crate::time::Time;

pub(super) const JOB: Columns = Columns {
    columns: &[
        always("Name"),
        always("Status"),
        always("Completions"),
        always("Duration"),
        always("Age"),
        CONTAINERS,
        IMAGES,
        SELECTOR,
    ],
    cells: job,
};

pub(super) const CRON_JOB: Columns = Columns {
    columns: &[
        always("Name"),
        always("Schedule"),
        always("Timezone"),
        always("Suspend"),
        always("Active"),
        always("Last Schedule"),
        always("Age"),
        CONTAINERS,
        IMAGES,
        SELECTOR,
    ],
    cells: cron_job,
};

const CONTAINERS: Column = wide("Containers");
const IMAGES: Column = wide("Images");
const SELECTOR: Column = wide("Selector");

fn job(object: &Object, now: Time) -> Vec<Cell<'_>> {
    let Some(body) = object.as_value() else { return Vec::new() };
    let [names, images, selector] = template_cells(body.spec());
    vec![
        name(object),
        job_status(object, body).into(),
        completions(body).into(),
        duration(body, now).into(),
        created(object, now),
        names,
        images,
        selector,
    ]
}

fn job_status(object: &Object, body: &ValueBody) -> &'static str {
    if holds(body, "Complete") {
        "Complete"
    } else if holds(body, "Failed") {
        "Failed"
    } else if object.terminating() {
        "Terminating"
    } else if holds(body, "Suspended") {
        "Suspended"
    } else if holds(body, "FailureTarget") {
        "FailureTarget"
    } else if holds(body, "SuccessCriteriaMet") {
        "SuccessCriteriaMet"
    } else {
        "Running"
    }
}

/// Whether a condition of this type is true.
fn holds(body: &ValueBody, type_: &str) -> bool {
    let conditions = body.status.get("conditions").and_then(Value::as_array);
    conditions.into_iter().flatten().any(|condition| {
        condition.get("type").and_then(Value::as_str) == Some(type_)
            && condition.get("status").and_then(Value::as_str) == Some("True")
    })
}

fn completions(body: &ValueBody) -> String {
    let number = |field: &str| body.spec().get(field).and_then(Value::as_i64);
    let succeeded = body.status.get("succeeded").and_then(Value::as_i64).unwrap_or(0);
    match (number("completions"), number("parallelism").unwrap_or(0)) {
        (Some(wanted), _) => format!("{succeeded}/{wanted}"),
        (None, parallelism @ 2..) => format!("{succeeded}/1 of {parallelism}"),
        (None, _) => format!("{succeeded}/1"),
    }
}

/// How long a Job took, or takes so far; empty if it never started.
fn duration(body: &ValueBody, now: Time) -> String {
    let time = |field: &str| Time::parse(body.status.get(field)?.as_str()?);
    time("startTime")
        .map_or_else(String::new, |start| age::since(start, time("completionTime").unwrap_or(now)))
}

fn cron_job(object: &Object, now: Time) -> Vec<Cell<'_>> {
    let Some(body) = object.as_value() else { return Vec::new() };
    let text = |field: &str| body.spec().get(field).and_then(Value::as_str);
    let suspended = body.spec().get("suspend").and_then(Value::as_bool);
    let active = body.status.get("active").and_then(Value::as_array).map_or(0, Vec::len);
    let last = body.status.get("lastScheduleTime").and_then(Value::as_str).and_then(Time::parse);
    let [names, images, selector] = template_cells(body.at(&["spec", "jobTemplate", "spec"]));
    vec![
        name(object),
        text("schedule").unwrap_or_default().into(),
        text("timeZone").unwrap_or(NONE).into(),
        suspended.map_or("<unset>", |flag| if flag { "True" } else { "False" }).into(),
        active.to_string().into(),
        last.map_or_else(|| NONE.into(), |last| age::since(last, now).into()),
        created(object, now),
        names,
        images,
        selector,
    ]
}

/// Containers, images and selector of a Job's spec.
fn template_cells(spec: &Value) -> [Cell<'static>; 3] {
    let template: PodTemplateSpec = fill(spec.get("template").unwrap_or(&Value::Null));
    let (names, images) = containers(template.spec.as_ref());
    let selector = match spec.get("selector").filter(|selector| selector.is_object()) {
        Some(selector) => format_selector(&fill(selector)).into(),
        None => NONE.into(),
    };
    [names, images, selector]
}
