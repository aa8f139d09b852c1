//! The CronJob controller: a Job at each time of a schedule.
//!
//! Each round takes account of the Jobs that are there, removes the oldest of those that ended, and makes the Job of the last
//! time that has come, unless it is too late, one still runs that may not be joined, or it was made already. Models
//! kubernetes `pkg/controller/cronjob/cronjob_controllerv2.go`.

mod missed;

use std::sync::Arc;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde_json::{Map, Value, json};

use self::missed::{Missed, Timing};
use super::job::finished_by;
use super::owner::{controller_ref, is_controlled_by};
use super::{Controller, Requeue};
use crate::manifest::fill;
use crate::object::cron::{Schedule, Zone};
use crate::object::{Key, Kind, Object, Reason, StatusError, ValueBody};
use crate::order;
use crate::quote::quote;
use crate::store::{Change, Client, DeleteOptions, EventType, Store};
use crate::time::{Duration, Time};

/// The controller's line in the list.
pub const CRON_JOB: Controller =
    Controller { name: "cronjob-controller", keys, reconcile, cloud: false };

/// The annotation that tells for which time a Job was made.
const SCHEDULED: &str = "batch.kubernetes.io/cronjob-scheduled-timestamp";

fn keys(change: &Change, _: &Store) -> Vec<Key> {
    match change.key.kind {
        Kind::CronJob => vec![change.key.clone()],
        Kind::Job => {
            let owner = |job: &Arc<Object>| {
                let owner = job.controller().filter(|owner| owner.kind == "CronJob")?;
                Some(Key::new(Kind::CronJob, job.namespace(), owner.name.as_str()))
            };
            let mut keys: Vec<Key> =
                [&change.before, &change.after].into_iter().flatten().filter_map(owner).collect();
            keys.dedup();
            keys
        }
        _ => Vec::new(),
    }
}

fn reconcile(client: &mut Client<'_>, key: &Key) -> Requeue {
    let Some(object) = client.store().get(key).cloned() else { return Requeue::No };
    let Some(body) = object.as_value().cloned() else { return Requeue::No };
    let mut round = Round::new(client, &object, &body);
    round.clean_up(client);
    round.take_account(client);
    let next = if object.terminating() { Ok(None) } else { round.start(client) };
    match (round.write(client), next) {
        (Err(_), _) | (_, Err(_)) => Requeue::BackOff,
        (Ok(()), Ok(wait)) => wait.map_or(Requeue::No, Requeue::After),
    }
}

/// What one reconcile works on.
struct Round<'a> {
    object: &'a Arc<Object>,
    body: &'a ValueBody,
    /// The Jobs of the CronJob.
    jobs: Vec<Arc<Object>>,
    /// `status.active`
    active: Vec<Value>,
    last_schedule: Option<Time>,
    last_success: Option<Time>,
}

impl<'a> Round<'a> {
    fn new(client: &Client<'_>, object: &'a Arc<Object>, body: &'a ValueBody) -> Self {
        let owned = client.store().owned_by(object.uid());
        let jobs = owned.filter(|job| job.kind() == Kind::Job && is_controlled_by(job, object));
        let time = |field: &str| Time::parse(body.status.get(field)?.as_str()?);
        Self {
            object,
            body,
            jobs: jobs.cloned().collect(),
            active: body
                .status
                .get("active")
                .and_then(Value::as_array)
                .cloned()
                .unwrap_or_default(),
            last_schedule: time("lastScheduleTime"),
            last_success: time("lastSuccessfulTime"),
        }
    }

    fn text(&self, field: &str) -> Option<&'a str> {
        self.body.spec().get(field).and_then(Value::as_str)
    }

    fn count(&self, field: &str) -> Option<i64> {
        self.body.spec().get(field).and_then(Value::as_i64)
    }

    fn is_active(&self, uid: &str) -> bool {
        self.active.iter().any(|one| refers(one, "uid", uid))
    }

    /// Removes the oldest of the Jobs that ended, beyond those that are kept (`cleanupFinishedJobs`).
    fn clean_up(&mut self, client: &mut Client<'_>) {
        for (end, limit) in
            [("Complete", "successfulJobsHistoryLimit"), ("Failed", "failedJobsHistoryLimit")]
        {
            let Some(limit) = self.count(limit) else { continue };
            let ended = |job: &&Arc<Object>| finished_by(job).is_some_and(|(by, _)| by == end);
            let mut jobs: Vec<Arc<Object>> = self.jobs.iter().filter(ended).cloned().collect();
            order::sort_by_key(&mut jobs, |job| {
                let started = status_time(job, "startTime");
                (started.is_none(), started, job.name().to_owned())
            });
            let too_many = jobs.len().saturating_sub(usize::try_from(limit).unwrap_or(0));
            for job in jobs.iter().take(too_many) {
                self.delete(client, job);
            }
        }
    }

    /// Deletes a Job, with its Pods; false if that was refused.
    fn delete(&mut self, client: &mut Client<'_>, job: &Object) -> bool {
        if let Err(error) = client.delete(&job.key(), &DeleteOptions::default()) {
            let message = format!("Deleted job: {error}");
            client.record(self.object, EventType::Warning, "FailedDelete", message);
            return false;
        }
        self.active.retain(|one| !refers(one, "uid", job.uid()));
        let message = format!("Deleted job {}", job.name());
        client.record(self.object, EventType::Normal, "SuccessfulDelete", message);
        true
    }

    /// Brings the status up to the Jobs that are there.
    fn take_account(&mut self, client: &mut Client<'_>) {
        for job in self.jobs.clone() {
            let name = job.name();
            let end = finished_by(&job);
            if self.is_active(job.uid()) {
                if let Some((by, _)) = &end {
                    self.active.retain(|one| !refers(one, "uid", job.uid()));
                    let message = format!("Saw completed job: {name}, condition: {by}");
                    client.record(self.object, EventType::Normal, "SawCompletedJob", message);
                }
            } else if end.is_none() {
                let message =
                    format!("Saw a job that the controller did not create or forgot: {name}");
                client.record(self.object, EventType::Warning, "UnexpectedJob", message);
            }
            if end.is_some_and(|(by, _)| by == "Complete") {
                self.last_success = self.last_success.max(status_time(&job, "completionTime"));
            }
        }
        let lost: Vec<Value> = self
            .active
            .iter()
            .filter(|one| !self.jobs.iter().any(|job| refers(one, "uid", job.uid())))
            .cloned()
            .collect();
        for one in lost {
            let name = one.get("name").and_then(Value::as_str).unwrap_or_default();
            let message = format!("Active job went missing: {name}");
            client.record(self.object, EventType::Normal, "MissingJob", message);
            self.active.retain(|other| *other != one);
        }
    }

    /// Makes the Job that is due, if one is; returns when to look again.
    fn start(&mut self, client: &mut Client<'_>) -> Result<Option<Duration>, StatusError> {
        let Some(timing) = self.timing(client) else { return Ok(None) };
        let due = match timing.due() {
            Ok(due) => due,
            Err(why) => {
                let schedule = self.text("schedule").unwrap_or_default();
                let message = format!("invalid schedule: {schedule} : {why}");
                client.record(self.object, EventType::Warning, "InvalidSchedule", message);
                return Ok(None);
            }
        };
        if let Some((time, missed)) = due {
            if missed == Missed::Many {
                let message = "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew";
                client.record(self.object, EventType::Warning, "TooManyMissedTimes", message);
            }
            self.start_for(client, time, &timing)?;
        }
        let last = self.last_schedule;
        Ok(Timing { last, ..timing }.wait())
    }

    /// Its times; `None` if it is suspended or they cannot be known.
    fn timing(&self, client: &mut Client<'_>) -> Option<Timing> {
        let schedule = self.text("schedule").unwrap_or_default();
        let mut zoned = schedule.to_owned();
        if let Some(name) = self.text("timeZone") {
            if let Err(error) = Zone::load(name) {
                let message = format!("invalid timeZone: {}: {error}", quote(name));
                client.record(self.object, EventType::Warning, "UnknownTimeZone", message);
                return None;
            }
            if !schedule.contains("TZ") {
                zoned = format!("TZ={name} {schedule}");
            }
        }
        if self.body.spec().get("suspend").and_then(Value::as_bool) == Some(true) {
            return None;
        }
        if schedule.contains("TZ") {
            let message = format!(
                "CRON_TZ or TZ used in schedule {} is not officially supported, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details",
                quote(schedule)
            );
            client.record(self.object, EventType::Warning, "UnsupportedSchedule", message);
        }
        let schedule = match Schedule::parse(&zoned) {
            Ok(schedule) => schedule,
            Err(error) => {
                let message = format!("unparseable schedule: {} : {error}", quote(schedule));
                client.record(self.object, EventType::Warning, "UnparseableSchedule", message);
                return None;
            }
        };
        let created = self.object.meta.creation_timestamp.as_ref().map(Time::from);
        let deadline = self.count("startingDeadlineSeconds");
        Some(Timing {
            schedule,
            created: created.unwrap_or_default(),
            last: self.last_schedule,
            deadline: deadline.map(|secs| Duration::from_secs(secs.unsigned_abs())),
            now: client.now(),
        })
    }

    fn start_for(
        &mut self,
        client: &mut Client<'_>,
        time: Time,
        timing: &Timing,
    ) -> Result<(), StatusError> {
        if timing.deadline.is_some_and(|deadline| time + deadline < timing.now) {
            let when = time.format("%a, %d %b %Y %T %z");
            let message = format!("Missed scheduled time to start a job: {when}");
            client.record(self.object, EventType::Warning, "MissSchedule", message);
            return Ok(());
        }
        let name = format!("{}-{}", self.object.name(), time.secs().div_euclid(60));
        let named = self.active.iter().any(|one| refers(one, "name", &name));
        if named || self.last_schedule == Some(time) {
            return Ok(());
        }
        let policy = self.text("concurrencyPolicy").unwrap_or_default();
        if policy == "Forbid" && !self.active.is_empty() {
            let message = "Not starting job because prior execution is running and concurrency policy is Forbid";
            client.record(self.object, EventType::Normal, "JobAlreadyActive", message);
            return Ok(());
        }
        if policy == "Replace" {
            self.replace(client)?;
        }
        let job = match client.create(self.job(&name, time)) {
            Ok(job) => {
                let message = format!("Created job {}", job.name());
                client.record(self.object, EventType::Normal, "SuccessfulCreate", message);
                job
            }
            Err(error) if error.reason == Reason::AlreadyExists => {
                let key = Key::new(Kind::Job, self.object.namespace(), name.as_str());
                match client.store().get(&key).cloned() {
                    Some(job) if is_controlled_by(&job, self.object) => job,
                    _ => return Ok(()),
                }
            }
            Err(error) => {
                let message = format!("Error creating job: {error}");
                client.record(self.object, EventType::Warning, "FailedCreate", message);
                return Err(error);
            }
        };
        if !self.is_active(job.uid()) {
            self.active.push(reference(&job));
        }
        self.last_schedule = Some(time);
        Ok(())
    }

    /// Deletes the Jobs that still run.
    fn replace(&mut self, client: &mut Client<'_>) -> Result<(), StatusError> {
        for job in self.jobs.clone() {
            if self.is_active(job.uid()) && !self.delete(client, &job) {
                let (space, name) = (job.namespace(), job.name());
                let text = format!("could not replace job {space}/{name}");
                return Err(StatusError::new(Reason::Conflict, text));
            }
        }
        Ok(())
    }

    /// The Job of a time (`getJobFromTemplate2`).
    fn job(&self, name: &str, time: Time) -> Object {
        let template = self.body.at(&["spec", "jobTemplate"]);
        let mut meta: ObjectMeta = fill(template.get("metadata").unwrap_or(&Value::Null));
        let zone = self.text("timeZone").and_then(|name| Zone::load(name).ok());
        let stamp = zone.unwrap_or(Zone::UTC).rfc3339(time);
        meta.annotations.get_or_insert_default().insert(SCHEDULED.to_owned(), stamp);
        let meta = ObjectMeta {
            name: Some(name.to_owned()),
            namespace: self.object.meta.namespace.clone(),
            labels: meta.labels,
            annotations: meta.annotations,
            owner_references: Some(vec![controller_ref(self.object)]),
            ..ObjectMeta::default()
        };
        let mut fields = Map::new();
        fields.insert("spec".to_owned(), template.get("spec").cloned().unwrap_or_default());
        let body = ValueBody { kind: Kind::Job, fields: fields.into(), status: Arc::default() };
        Object::new(meta, crate::object::Body::Value(body))
    }

    fn write(&self, client: &mut Client<'_>) -> Result<(), StatusError> {
        let mut status = Map::new();
        if !self.active.is_empty() {
            status.insert("active".to_owned(), Value::Array(self.active.clone()));
        }
        for (field, time) in
            [("lastScheduleTime", self.last_schedule), ("lastSuccessfulTime", self.last_success)]
        {
            if let Some(time) = time {
                status.insert(field.to_owned(), json!(time.to_string()));
            }
        }
        client.update_status(&self.object.key(), |body| {
            if let Some(body) = body.value_mut() {
                body.status = Arc::new(Value::Object(status));
            }
        })?;
        Ok(())
    }
}

fn refers(reference: &Value, field: &str, text: &str) -> bool {
    reference.get(field).and_then(Value::as_str) == Some(text)
}

fn status_time(job: &Object, field: &str) -> Option<Time> {
    Time::parse(job.as_value()?.status.get(field)?.as_str()?)
}

/// `status.active` names a Job by all that tells it.
fn reference(job: &Object) -> Value {
    let info = job.kind().info();
    json!({
        "apiVersion": info.api_version(),
        "kind": info.name,
        "name": job.name(),
        "namespace": job.namespace(),
        "resourceVersion": job.revision.to_string(),
        "uid": job.uid(),
    })
}
