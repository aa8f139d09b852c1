//! `CronJob`s: defaults and validation.
//!
//! Models kubernetes `pkg/apis/batch/v1/defaults.go`, `pkg/registry/batch/cronjob/strategy.go` and `ValidateCronJobCreate`,
//! `ValidateCronJobUpdate` of `pkg/apis/batch/validation/validation.go`.

use serde_json::{Map, Value, json};

use super::ValueBody;
use super::job::{default_template_of, get, object_at, spec_of, validate_spec, warn_of_spec};
use super::rules::{PLAIN, Rules};
use crate::object::Object;
use crate::object::cron::{Schedule, Zone};
use crate::object::field::{Errors, Path};

/// The rules for `CronJob`s.
pub(super) const CRON_JOB: Rules = Rules {
    default,
    new_status: || json!({}),
    validate,
    validate_update,
    warn: |found, _, body| {
        let path = Path::new("spec");
        let path = path.child("jobTemplate");
        warn_of_spec(found, body.at(&["spec", "jobTemplate", "spec"]), &path.child("spec"));
    },
    ..PLAIN
};

/// The name of a Job is that of its CronJob and eleven characters more.
const NAME_LENGTH_MAX: usize = 52;

fn default(fields: &mut Map<String, Value>) {
    let Some(spec) = spec_of(fields).as_object_mut() else { return };
    for (field, value) in [
        ("concurrencyPolicy", json!("Allow")),
        ("suspend", json!(false)),
        ("successfulJobsHistoryLimit", json!(3)),
        ("failedJobsHistoryLimit", json!(1)),
    ] {
        let given = spec.entry(field).or_insert(Value::Null);
        if given.is_null() || given.as_str() == Some("") {
            *given = value;
        }
    }
    if let Some(template) = object_at(spec, "jobTemplate").as_object_mut() {
        object_at(template, "metadata");
        let job = object_at(template, "spec");
        default_template_of(job);
        if let Some(job) = job.as_object_mut() {
            super::job_policy::default_conditions(job);
        }
    }
}

fn validate(errors: &mut Errors, object: &Object, body: &ValueBody) {
    let (path, spec) = (Path::new("spec"), body.spec());
    let schedule = get(spec, "schedule").as_str().unwrap_or_default();
    let schedule_path = path.child("schedule");
    if schedule.is_empty() {
        errors.required(&schedule_path, "");
    } else if let Err(error) = Schedule::parse(schedule) {
        errors.invalid(&schedule_path, schedule, &error);
    }
    if object.meta.creation_timestamp.is_none() {
        refuse_zone_in(errors, schedule, &schedule_path);
    }
    non_negative(errors, spec, "startingDeadlineSeconds", &path);
    if object.meta.creation_timestamp.is_none() {
        validate_zone(errors, get(spec, "timeZone"), &path.child("timeZone"));
    }
    let policies = ["Allow", "Forbid", "Replace"];
    let policy = get(spec, "concurrencyPolicy").as_str().unwrap_or_default();
    if !policies.contains(&policy) {
        errors.not_supported(&path.child("concurrencyPolicy"), policy, &policies);
    }
    validate_job(errors, get(spec, "jobTemplate"), &path.child("jobTemplate"));
    non_negative(errors, spec, "successfulJobsHistoryLimit", &path);
    non_negative(errors, spec, "failedJobsHistoryLimit", &path);
    if object.meta.creation_timestamp.is_none() && object.name().len() > NAME_LENGTH_MAX {
        let detail = format!("must be no more than {NAME_LENGTH_MAX} characters");
        errors.invalid(&Path::new("metadata").child("name"), object.name(), &detail);
    }
}

fn non_negative(errors: &mut Errors, spec: &Value, field: &str, path: &Path<'_>) {
    if let Some(number) = get(spec, field).as_i64() {
        errors.non_negative(&path.child(field), number);
    }
}

fn refuse_zone_in(errors: &mut Errors, schedule: &str, path: &Path<'_>) {
    if schedule.contains("TZ") {
        let detail = "cannot use TZ or CRON_TZ in schedule, use timeZone field instead";
        errors.invalid(path, schedule, detail);
    }
}

/// The Job inside; its selector is generated.
fn validate_job(errors: &mut Errors, template: &Value, path: &Path<'_>) {
    let (spec, path) = (get(template, "spec"), path.child("spec"));
    validate_spec(errors, spec, &path);
    if !get(spec, "selector").is_null() {
        let detail = "`selector` will be auto-generated";
        errors.invalid(&path.child("selector"), get(spec, "selector"), detail);
    }
    if get(spec, "manualSelector").as_bool() == Some(true) {
        errors.not_supported(&path.child("manualSelector"), &true, &["nil", "false"]);
    }
}

fn validate_zone(errors: &mut Errors, zone: &Value, path: &Path<'_>) {
    let Some(zone) = zone.as_str() else { return };
    if zone.is_empty() {
        errors.invalid(path, zone, "timeZone must be nil or non-empty string");
        return;
    }
    let proper = |part: &str| {
        let letters = part.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_+".contains(&b));
        letters && (1..=14).contains(&part.len()) && !matches!(part, "." | "..")
    };
    if !zone.split('/').all(|part| proper(part) && !part.starts_with('-')) {
        errors.invalid(path, zone, &format!("unknown time zone {zone}"));
        return;
    }
    if zone.eq_ignore_ascii_case("Local") {
        let detail =
            "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones";
        errors.invalid(path, zone, detail);
    }
    if let Err(error) = Zone::load(zone) {
        errors.invalid(path, zone, &error);
    }
}

fn validate_update(errors: &mut Errors, _: &Object, new: &ValueBody, old: &ValueBody) {
    let path = Path::new("spec");
    let (new, old) = (new.spec(), old.spec());
    let schedule = get(new, "schedule").as_str().unwrap_or_default();
    let schedule_path = path.child("schedule");
    if get(old, "schedule").as_str().unwrap_or_default().contains("TZ") {
        if schedule.contains("TZ") && get(new, "timeZone").is_string() {
            let detail = "cannot use both timeZone field and TZ or CRON_TZ in schedule";
            errors.invalid(&schedule_path, schedule, detail);
        }
    } else {
        refuse_zone_in(errors, schedule, &schedule_path);
    }
    if get(new, "timeZone") != get(old, "timeZone") {
        validate_zone(errors, get(new, "timeZone"), &path.child("timeZone"));
    }
}
