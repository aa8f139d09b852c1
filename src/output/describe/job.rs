//! What `kubectl describe` says of a Job and a `CronJob`. Models `describeJob` and `describeCronJob`.

use k8s_openapi::api::core::v1::PodTemplateSpec;
use serde_json::Value;

use super::page::Page;
use super::{View, event, template};
use crate::manifest::fill;
use crate::object::ValueBody;
use crate::output::age;
use crate::output::columns::format_selector;
use crate::time::Time;

const UNSET: &str = "<unset>";
/// Longer lists of indexes are cut at the next comma.
const INDEXES_LENGTH: usize = 50;

/// Writes the description of a Job.
pub(super) fn job(page: &mut Page, view: &View<'_>, job: &ValueBody) {
    let (spec, status) = (job.spec(), &*job.status);
    page.name(view.object);
    page.field(0, "Selector", format_selector(&job.selector()));
    page.labels_and_annotations(view.object);
    page.controlled_by(view.object);
    number(page, spec, "parallelism", "Parallelism", None);
    number(page, spec, "completions", "Completions", Some(UNSET));
    page.field_if(0, "Completion Mode", spec.get("completionMode").and_then(Value::as_str));
    if let Some(suspended) = spec.get("suspend").and_then(Value::as_bool) {
        page.field(0, "Suspend", suspended);
    }
    number(page, spec, "backoffLimit", "Backoff Limit", None);
    number(page, spec, "ttlSecondsAfterFinished", "TTL Seconds After Finished", None);
    let (start, end) = (time(status, "startTime"), time(status, "completionTime"));
    for (label, time) in [("Start Time", start), ("Completed At", end)] {
        if let Some(time) = time {
            page.field(0, label, rfc1123(time));
        }
    }
    if let (Some(start), Some(end)) = (start, end) {
        page.field(0, "Duration", age::since(start, end));
    }
    if let Some(secs) = spec.get("activeDeadlineSeconds").and_then(Value::as_i64) {
        page.field(0, "Active Deadline Seconds", format!("{secs}s"));
    }
    let count = |field: &str| status.get(field).and_then(Value::as_i64);
    let of = |field: &str| count(field).unwrap_or(0);
    let ready = count("ready").map_or_else(String::new, |ready| format!(" ({ready} Ready)"));
    let (active, succeeded, failed) = (of("active"), of("succeeded"), of("failed"));
    page.field(
        0,
        "Pods Statuses",
        format!("{active} Active{ready} / {succeeded} Succeeded / {failed} Failed"),
    );
    if spec.get("completionMode").and_then(Value::as_str) == Some("Indexed") {
        let indexes = status.get("completedIndexes").and_then(Value::as_str);
        page.field(0, "Completed Indexes", shortened(indexes.unwrap_or_default()));
    }
    template::describe(page, job.template().as_ref());
    event::table(page, view);
}

/// Writes the description of a CronJob.
pub(super) fn cron_job(page: &mut Page, view: &View<'_>, cron: &ValueBody) {
    let spec = cron.spec();
    page.name(view.object);
    page.labels_and_annotations(view.object);
    let text = |field: &str| spec.get(field).and_then(Value::as_str);
    page.field(0, "Schedule", text("schedule").unwrap_or_default());
    page.field(0, "Concurrency Policy", text("concurrencyPolicy").unwrap_or_default());
    let suspended = spec.get("suspend").and_then(Value::as_bool);
    page.field(0, "Suspend", suspended.map_or(UNSET, super::page::title_bool));
    page.field(0, "Time Zone", text("timeZone").unwrap_or(UNSET));
    let limit = "Successful Job History Limit";
    number(page, spec, "successfulJobsHistoryLimit", limit, Some(UNSET));
    number(page, spec, "failedJobsHistoryLimit", "Failed Job History Limit", Some(UNSET));
    let deadline = spec.get("startingDeadlineSeconds").and_then(Value::as_i64);
    let deadline = deadline.map_or_else(|| UNSET.to_owned(), |secs| format!("{secs}s"));
    page.field(0, "Starting Deadline Seconds", deadline);
    let job = cron.at(&["spec", "jobTemplate", "spec"]);
    let selector = job.get("selector").filter(|selector| selector.is_object());
    let selector =
        selector.map_or_else(|| UNSET.to_owned(), |selector| format_selector(&fill(selector)));
    page.field(0, "Selector", selector);
    number(page, job, "parallelism", "Parallelism", Some(UNSET));
    number(page, job, "completions", "Completions", Some(UNSET));
    if let Some(secs) = job.get("activeDeadlineSeconds").and_then(Value::as_i64) {
        page.field(0, "Active Deadline Seconds", format!("{secs}s"));
    }
    let pods: PodTemplateSpec = fill(job.get("template").unwrap_or(&Value::Null));
    template::describe(page, Some(&pods));
    let last = time(&cron.status, "lastScheduleTime").map(rfc1123);
    page.field(0, "Last Schedule Time", last.as_deref().unwrap_or(UNSET));
    let active = cron.status.get("active").and_then(Value::as_array);
    let name = |one: &Value| one.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
    let names: Vec<String> = active.into_iter().flatten().map(name).collect();
    page.field(0, "Active Jobs", super::page::or_none(&names.join(", ")));
    event::table(page, view);
}

/// A number's line; without one, another text or no line.
fn number(page: &mut Page, spec: &Value, field: &str, label: &str, otherwise: Option<&str>) {
    match (spec.get(field).and_then(Value::as_i64), otherwise) {
        (Some(number), _) => page.field(0, label, number),
        (None, Some(text)) => page.field(0, label, text),
        (None, None) => {}
    }
}

fn time(status: &Value, field: &str) -> Option<Time> {
    Time::parse(status.get(field)?.as_str()?)
}

fn rfc1123(time: Time) -> String {
    super::page::rfc1123(Some(&time.to_meta()))
}

/// A list of indexes, not much longer than it may be (`capIndexesListOrNone`).
fn shortened(indexes: &str) -> String {
    if indexes.is_empty() {
        return "<none>".to_owned();
    }
    let comma = indexes.char_indices().find(|(at, letter)| *at >= INDEXES_LENGTH && *letter == ',');
    match comma.and_then(|(at, _)| indexes.split_at_checked(at + 1)) {
        Some((shown, _)) => format!("{shown}..."),
        None => indexes.to_owned(),
    }
}
