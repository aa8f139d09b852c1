//! A Job's status as its controller works on it, and its conditions.
//!
//! Models `JobStatus`, and `newCondition`, `ensureJobConditionStatus` of kubernetes `pkg/controller/job/job_controller.go`.

use serde_json::{Map, Value, json};

use crate::time::Time;

/// A status.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Status {
    pub(super) active: i64,
    pub(super) ready: Option<i64>,
    pub(super) terminating: Option<i64>,
    pub(super) succeeded: i64,
    pub(super) failed: i64,
    pub(super) completed_indexes: String,
    pub(super) failed_indexes: Option<String>,
    /// The uids of Pods that succeeded and are about to be counted.
    pub(super) uncounted_succeeded: Vec<String>,
    /// The same for those that failed.
    pub(super) uncounted_failed: Vec<String>,
    pub(super) start_time: Option<Time>,
    pub(super) completion_time: Option<Time>,
    pub(super) conditions: Vec<Condition>,
}

/// A condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Condition {
    pub(super) type_: String,
    pub(super) status: bool,
    pub(super) reason: String,
    pub(super) message: String,
    pub(super) probed: Option<Time>,
    pub(super) since: Option<Time>,
}

impl Condition {
    pub(super) fn new(type_: &str, status: bool, reason: &str, message: &str, now: Time) -> Self {
        // The wire has whole seconds; so what is read back is what was written.
        let now = Some(Time::from_micros(now.secs() * 1_000_000));
        Self {
            type_: type_.to_owned(),
            status,
            reason: reason.to_owned(),
            message: message.to_owned(),
            probed: now,
            since: now,
        }
    }

    fn read(value: &Value) -> Self {
        Self {
            type_: text(value, "type"),
            status: text(value, "status") == "True",
            reason: text(value, "reason"),
            message: text(value, "message"),
            probed: time(value, "lastProbeTime"),
            since: time(value, "lastTransitionTime"),
        }
    }

    fn to_value(&self) -> Value {
        let mut fields = Map::new();
        fields.insert("type".to_owned(), json!(self.type_));
        fields.insert("status".to_owned(), json!(if self.status { "True" } else { "False" }));
        put(&mut fields, "lastProbeTime", self.probed.map(shown));
        put(&mut fields, "lastTransitionTime", self.since.map(shown));
        put(&mut fields, "reason", filled(&self.reason));
        put(&mut fields, "message", filled(&self.message));
        Value::Object(fields)
    }
}

impl Status {
    pub(super) fn read(value: &Value) -> Self {
        let number = |field: &str| value.get(field).and_then(Value::as_i64);
        let list = |of: &Value, field: &str| -> Vec<String> {
            let items = of.get(field).and_then(Value::as_array).into_iter().flatten();
            items.filter_map(|item| item.as_str().map(str::to_owned)).collect()
        };
        let uncounted = value.get("uncountedTerminatedPods").unwrap_or(&Value::Null);
        let conditions = value.get("conditions").and_then(Value::as_array);
        Self {
            active: number("active").unwrap_or(0),
            ready: number("ready"),
            terminating: number("terminating"),
            succeeded: number("succeeded").unwrap_or(0),
            failed: number("failed").unwrap_or(0),
            completed_indexes: text(value, "completedIndexes"),
            failed_indexes: value.get("failedIndexes").and_then(Value::as_str).map(str::to_owned),
            uncounted_succeeded: list(uncounted, "succeeded"),
            uncounted_failed: list(uncounted, "failed"),
            start_time: time(value, "startTime"),
            completion_time: time(value, "completionTime"),
            conditions: conditions.into_iter().flatten().map(Condition::read).collect(),
        }
    }

    pub(super) fn to_value(&self) -> Value {
        let mut fields = Map::new();
        let number = |count: i64| (count != 0).then(|| json!(count));
        put(&mut fields, "active", number(self.active));
        put(&mut fields, "ready", self.ready.map(Value::from));
        put(&mut fields, "terminating", self.terminating.map(Value::from));
        put(&mut fields, "succeeded", number(self.succeeded));
        put(&mut fields, "failed", number(self.failed));
        put(&mut fields, "completedIndexes", filled(&self.completed_indexes));
        put(&mut fields, "failedIndexes", self.failed_indexes.clone().map(Value::from));
        let mut uncounted = Map::new();
        for (field, uids) in
            [("succeeded", &self.uncounted_succeeded), ("failed", &self.uncounted_failed)]
        {
            put(&mut uncounted, field, (!uids.is_empty()).then(|| json!(uids)));
        }
        put(&mut fields, "uncountedTerminatedPods", Some(Value::Object(uncounted)));
        put(&mut fields, "startTime", self.start_time.map(shown));
        put(&mut fields, "completionTime", self.completion_time.map(shown));
        let conditions: Vec<Value> = self.conditions.iter().map(Condition::to_value).collect();
        put(
            &mut fields,
            "conditions",
            (!conditions.is_empty()).then_some(Value::Array(conditions)),
        );
        Value::Object(fields)
    }

    /// The condition of a type, if it is true.
    pub(super) fn holds(&self, type_: &str) -> Option<&Condition> {
        self.conditions.iter().find(|condition| condition.type_ == type_ && condition.status)
    }

    /// Adds a condition or changes the one of its type; true if something changed. One that is false is not added.
    pub(super) fn ensure(&mut self, new: Condition) -> bool {
        match self.conditions.iter_mut().find(|condition| condition.type_ == new.type_) {
            Some(old) => {
                let said = |one: &Condition| (one.status, one.reason.clone(), one.message.clone());
                let changed = said(old) != said(&new);
                if changed {
                    *old = new;
                }
                changed
            }
            None if new.status => {
                self.conditions.push(new);
                true
            }
            None => false,
        }
    }
}

fn put(fields: &mut Map<String, Value>, field: &str, value: Option<Value>) {
    if let Some(value) = value {
        fields.insert(field.to_owned(), value);
    }
}

fn filled(text: &str) -> Option<Value> {
    (!text.is_empty()).then(|| json!(text))
}

fn shown(time: Time) -> Value {
    Value::String(time.to_string())
}

fn text(value: &Value, field: &str) -> String {
    value.get(field).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn time(value: &Value, field: &str) -> Option<Time> {
    Time::parse(value.get(field)?.as_str()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let mut status = Status {
            active: 2,
            ready: Some(0),
            failed: 1,
            failed_indexes: Some(String::new()),
            uncounted_failed: vec!["u".to_owned()],
            start_time: Some(Time::START),
            ..Status::default()
        };
        let now = Time::START + crate::time::Duration::from_millis(1700);
        assert!(status.ensure(Condition::new("Suspended", true, "JobSuspended", "m", now)));
        assert!(!status.ensure(Condition::new("Suspended", true, "JobSuspended", "m", now)));
        assert!(!status.ensure(Condition::new("Other", false, "", "", now)));
        assert_eq!(Status::read(&status.to_value()), status);
        assert_eq!(
            status.to_value(),
            json!({
                "active": 2, "ready": 0, "failed": 1, "failedIndexes": "",
                "uncountedTerminatedPods": { "failed": ["u"] },
                "startTime": "2026-04-01T00:00:00Z",
                "conditions": [{
                    "type": "Suspended", "status": "True", "reason": "JobSuspended", "message": "m",
                    "lastProbeTime": "2026-04-01T00:00:01Z", "lastTransitionTime": "2026-04-01T00:00:01Z",
                }],
            })
        );
        assert!(status.holds("Suspended").is_some());
    }
}
