//! The HorizontalPodAutoscaler controller: every 15 s it sets how many replicas a target has, by what its Pods use.
//!
//! A round finds the target's scale, asks `metric` how many replicas each metric wants, lets `limits` hold the greatest
//! of them back, and writes scale, conditions and status. Models `reconcileAutoscaler` of kubernetes
//! `pkg/controller/podautoscaler/horizontal.go`. *Differs:* custom and external metrics have no adapters, and say so as the
//! API server would.

mod limits;
mod metric;
pub mod replicas;

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Controller, Requeue};
use crate::object::value::look::{at, given, list, number, text};
use crate::object::{Key, Kind, Object, Selector, ValueBody, official};
use crate::store::{Change, Client, EventType, Note, Store};
use crate::time::Duration;

/// The controller's line in the list.
pub const HORIZONTAL: Controller =
    Controller { name: "horizontal-pod-autoscaler", keys, reconcile, cloud: false };

/// How often each autoscaler has its round, and how long after a change (`--horizontal-pod-autoscaler-sync-period`).
pub const SYNC_PERIOD: Duration = Duration::from_secs(15);

/// The conditions.
const ABLE: &str = "AbleToScale";
const ACTIVE: &str = "ScalingActive";
const LIMITED: &str = "ScalingLimited";

fn keys(change: &Change, _: &Store) -> Vec<Key> {
    let about = change.key.kind == Kind::HorizontalPodAutoscaler && change.after.is_some();
    about.then(|| change.key.clone()).into_iter().collect()
}

fn reconcile(client: &mut Client<'_>, key: &Key) -> Requeue {
    let Some(hpa) = client.store().get(key).cloned() else {
        // Who has the same name later begins anew.
        client.set_notes(Vec::new());
        return Requeue::No;
    };
    let Some(body) = hpa.as_value() else { return Requeue::No };
    let conditions = list(&body.status, "conditions").to_vec();
    let notes = client.take_notes();
    let mut round = Round { client, hpa: &hpa, body, conditions, notes };
    let mut status = Value::clone(&body.status);
    if let Some(outcome) = round.run() {
        status = json!({
            "currentReplicas": outcome.current,
            "desiredReplicas": outcome.desired,
            "currentMetrics": outcome.metrics,
            "lastScaleTime": at(&status, &["lastScaleTime"]),
        });
        if outcome.rescaled {
            status["lastScaleTime"] = Value::from(round.client.now().to_string());
        }
    }
    let Round { conditions, notes, .. } = round;
    status["conditions"] = Value::Array(conditions);
    if let Some(fields) = status.as_object_mut() {
        // What Go leaves out.
        fields.retain(|name, value| match name.as_str() {
            "lastScaleTime" => !value.is_null(),
            "currentReplicas" => *value != 0,
            _ => true,
        });
    }
    client.set_notes(notes);
    let written = client.update_status(key, |body| {
        if let Some(body) = body.value_mut() {
            body.status = Arc::new(status);
        }
    });
    if let Err(refused) = written {
        client.record(&hpa, EventType::Warning, "FailedUpdateStatus", refused.to_string());
    }
    Requeue::After(SYNC_PERIOD)
}

/// One round of one autoscaler.
struct Round<'a, 'b> {
    client: &'a mut Client<'b>,
    hpa: &'a Arc<Object>,
    body: &'a ValueBody,
    conditions: Vec<Value>,
    notes: Vec<Note>,
}

/// What a round came to.
struct Outcome {
    current: i32,
    desired: i32,
    metrics: Value,
    rescaled: bool,
}

/// What a round wants of the target.
enum Wish {
    /// So many replicas, and what the Event says of it.
    Scale(i32, String),
    /// No change.
    Stay,
}

impl Round<'_, '_> {
    /// `None` if the target's scale cannot be read; the conditions say why.
    fn run(&mut self) -> Option<Outcome> {
        let target = match self.target() {
            Ok(target) => target,
            Err(problem) => {
                self.warn("FailedGetScale", &problem);
                let text = format!(
                    "the HPA controller was unable to get the target's current scale: {problem}"
                );
                self.set(ABLE, false, "FailedGetScale", &text);
                return None;
            }
        };
        let text = "the HPA controller was able to get the target's current scale";
        self.set(ABLE, true, "SucceededGetScale", text);
        let current = target.body.replicas().unwrap_or(1);
        self.recommend_first(current);
        let (min, max) = self.bounds();
        let mut metrics = Value::Null;
        let wish = if current == 0 && min != 0 {
            let text = "scaling is disabled since the replica count of the target is zero";
            self.set(ACTIVE, false, "ScalingDisabled", text);
            Wish::Stay
        } else if current > max {
            Wish::Scale(max, "Current number of replicas above Spec.MaxReplicas".to_owned())
        } else if current < min {
            Wish::Scale(min, "Current number of replicas below Spec.MinReplicas".to_owned())
        } else {
            let Some(wish) = self.by_metrics(&target, current, &mut metrics) else {
                let desired = self.desired_before();
                return Some(Outcome { current, desired, metrics, rescaled: false });
            };
            wish
        };
        let mut outcome = Outcome { current, desired: current, metrics, rescaled: false };
        if let Wish::Scale(desired, reason) = wish {
            outcome.rescaled = self.rescale(&target, current, desired, &reason);
            outcome.desired = if outcome.rescaled { desired } else { self.desired_before() };
        }
        Some(outcome)
    }

    /// What the last round wanted.
    fn desired_before(&self) -> i32 {
        let before = number(&self.body.status, "desiredReplicas").unwrap_or(0);
        i32::try_from(before).unwrap_or(0)
    }

    /// The least and the greatest number of replicas.
    fn bounds(&self) -> (i32, i32) {
        let bound = |field: &str, default: i64| {
            i32::try_from(number(self.body.spec(), field).unwrap_or(default)).unwrap_or(i32::MAX)
        };
        (bound("minReplicas", 1), bound("maxReplicas", 0))
    }

    /// What the metrics want, within limits; `None` if they say nothing.
    fn by_metrics(&mut self, target: &Object, current: i32, metrics: &mut Value) -> Option<Wish> {
        let (proposed, name) = match self.propose(target, current, metrics) {
            Ok(proposal) => proposal,
            Err(problem) => {
                self.warn("FailedComputeMetricsReplicas", &problem);
                return None;
            }
        };
        let reason = if proposed > current {
            format!("{name} above target")
        } else {
            "All metrics below target".to_owned()
        };
        let desired = self.limit(current, proposed);
        Some(if desired == current { Wish::Stay } else { Wish::Scale(desired, reason) })
    }

    /// Writes the target's scale; false if that was refused.
    fn rescale(&mut self, target: &Object, current: i32, desired: i32, reason: &str) -> bool {
        if let Err(refused) = self.client.scale(&target.key(), desired) {
            let text = format!("New size: {desired}; reason: {reason}; error: {refused}");
            self.warn("FailedRescale", &text);
            let text =
                format!("the HPA controller was unable to update the target scale: {refused}");
            self.set(ABLE, false, "FailedUpdateScale", &text);
            return false;
        }
        let text = format!("the HPA controller was able to update the target scale to {desired}");
        self.set(ABLE, true, "SucceededRescale", &text);
        let text = format!("New size: {desired}; reason: {reason}");
        self.client.record(self.hpa, EventType::Normal, "SuccessfulRescale", text);
        self.note_scaling(current, desired);
        true
    }

    /// The target, if it has a scale.
    fn target(&mut self) -> Result<Arc<Object>, String> {
        let reference = self.body.at(&["spec", "scaleTargetRef"]);
        self.client.count_read();
        target_of(self.client.store(), self.hpa.namespace(), reference)
    }

    fn warn(&mut self, reason: &str, message: &str) {
        self.client.record(self.hpa, EventType::Warning, reason, message);
    }

    /// Sets a condition; its time changes with its status (`setConditionInList`).
    fn set(&mut self, of: &str, holds: bool, reason: &str, message: &str) {
        let status = if holds { "True" } else { "False" };
        let old = self.conditions.iter_mut().find(|condition| text(condition, "type") == of);
        let since = old.as_deref().filter(|old| text(old, "status") == status);
        let since = since.and_then(|old| given(old, "lastTransitionTime").cloned());
        let new = json!({
            "type": of,
            "status": status,
            "reason": reason,
            "message": message,
            "lastTransitionTime":
                since.unwrap_or_else(|| Value::from(self.client.now().to_string())),
        });
        match old {
            Some(old) => *old = new,
            None => self.conditions.push(new),
        }
    }
}

/// What a reference of an autoscaler leads to, or what the API server says of it.
fn target_of(store: &Store, namespace: &str, reference: &Value) -> Result<Arc<Object>, String> {
    let (version, kind, name) =
        (text(reference, "apiVersion"), text(reference, "kind"), text(reference, "name"));
    let group = version.split_once('/').map_or("", |(group, _)| group);
    let Some(resource) = official::find(group, kind) else {
        return Err(format!("no matches for kind {kind:?} in group {group:?}"));
    };
    let simulated = resource.simulated().filter(|kind| kind.info().scalable());
    let Some(simulated) = simulated else {
        return Err("the server could not find the requested resource".to_owned());
    };
    store.get(&Key::new(simulated, namespace, name)).cloned().ok_or_else(|| {
        // That is the group of the scale, not of what has it.
        let group = if group.is_empty() { "autoscaling" } else { group };
        format!("{}/scale.{group} {name:?} not found", resource.plural)
    })
}

/// The selector of a target's Pods, as its scale says it.
fn selector_of(target: &Object) -> Result<Selector, String> {
    Selector::from_label_selector(target.pod_selector().as_ref())
}
