//! Eviction: the polite way to delete a Pod, which `kubectl drain` takes.
//!
//! Models the `eviction` subresource, kubernetes `pkg/registry/core/pod/storage/eviction.go`: a Pod that runs is let go
//! only if its `PodDisruptionBudget` allows it, which then allows one less; it is marked as disrupted and deleted.

use std::sync::Arc;

use k8s_openapi::api::core::v1::PodCondition;
use serde_json::{Map, Value, json};

use super::{Client, DeleteOptions, ready_since};
use crate::manifest::encode;
use crate::object::value::look::{at, given, list, number, text};
use crate::object::{Key, Kind, Object, Reason, StatusError, ValueBody, selector_matches};
use crate::time::Time;

/// What is said of a Pod that has to stay.
const REFUSAL: &str = "Cannot evict pod as it would violate the pod's disruption budget.";

impl Client<'_> {
    /// Evicts a Pod.
    pub fn evict(&mut self, key: &Key, options: &DeleteOptions) -> Result<(), StatusError> {
        let current = Arc::clone(self.current(key)?);
        let (generation, now) = (current.meta.generation, self.now);
        let phase = current.as_pod().and_then(|pod| pod.status.phase.as_deref());
        let ended = matches!(phase, Some("Succeeded" | "Failed"));
        if !ended && phase != Some("Pending") && !current.terminating() {
            self.use_budget(&current)?;
        }
        if !ended && !current.terminating() {
            self.update_pod_status(key, |status| {
                let conditions = status.conditions.get_or_insert_default();
                conditions.retain(|condition| condition.type_ != "DisruptionTarget");
                conditions.push(PodCondition {
                    type_: "DisruptionTarget".to_owned(),
                    status: "True".to_owned(),
                    reason: Some("EvictionByEvictionAPI".to_owned()),
                    message: Some("Eviction API: evicting".to_owned()),
                    observed_generation: generation,
                    last_transition_time: Some(now.to_meta()),
                    last_probe_time: None,
                });
            })?;
        }
        self.delete(key, options)?;
        Ok(())
    }

    /// Takes one disruption from the budget of a Pod, if it has one.
    fn use_budget(&mut self, pod: &Object) -> Result<(), StatusError> {
        let budgets = self.store.list(Kind::PodDisruptionBudget, Some(pod.namespace()));
        let budgets = budgets.filter(|budget| {
            budget.as_value().is_some_and(|body| {
                given(body.spec(), "selector").is_some()
                    && selector_matches(&body.selector(), pod.meta.labels.as_ref())
            })
        });
        let mut budgets: Vec<Arc<Object>> = budgets.cloned().collect();
        let Some(budget) = budgets.pop() else { return Ok(()) };
        if !budgets.is_empty() {
            return Err(StatusError::new(
                Reason::InternalError,
                "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.",
            ));
        }
        let Some(body) = budget.as_value() else { return Ok(()) };
        let ready = pod.as_pod().is_some_and(|pod| ready_since(&pod.status).is_some());
        if !ready && may_go_unready(body) {
            return Ok(());
        }
        let status = &body.status;
        let observed = number(status, "observedGeneration").unwrap_or(0);
        let allowed = number(status, "disruptionsAllowed").unwrap_or(0);
        if observed < budget.meta.generation.unwrap_or(0) || allowed <= 0 {
            return Err(StatusError::new(Reason::TooManyRequests, REFUSAL));
        }
        let now = self.now;
        self.update_status(&budget.key(), |body| {
            let Some(body) = body.value_mut() else { return };
            let status = Arc::make_mut(&mut body.status);
            status["disruptionsAllowed"] = Value::from(allowed - 1);
            if let Some(status) = status.as_object_mut() {
                let disrupted = status.entry("disruptedPods");
                let disrupted = disrupted.or_insert_with(|| Value::Object(Map::new()));
                if let Some(disrupted) = disrupted.as_object_mut() {
                    disrupted.insert(pod.name().to_owned(), encode(&now.to_meta()));
                }
            }
            if allowed == 1 {
                disruption_condition(status, now);
            }
        })?;
        Ok(())
    }
}

/// Whether a Pod that is not ready anyway may go: always, or while enough others are.
fn may_go_unready(budget: &ValueBody) -> bool {
    let count = |field: &str| number(&budget.status, field).unwrap_or(0);
    let (healthy, desired) = (count("currentHealthy"), count("desiredHealthy"));
    text(budget.spec(), "unhealthyPodEvictionPolicy") == "AlwaysAllow"
        || (healthy >= desired && desired > 0)
}

/// Brings the condition `DisruptionAllowed` in a budget's status up to date with the number beside it.
pub fn disruption_condition(status: &mut Value, now: Time) {
    let allowed = number(status, "disruptionsAllowed").unwrap_or(0) > 0;
    let (is, reason) =
        if allowed { ("True", "SufficientPods") } else { ("False", "InsufficientPods") };
    let before =
        list(status, "conditions").iter().find(|one| text(one, "type") == "DisruptionAllowed");
    let time = match before.filter(|condition| text(condition, "status") == is) {
        Some(condition) => at(condition, &["lastTransitionTime"]).clone(),
        None => encode(&now.to_meta()),
    };
    status["conditions"] = json!([{
        "type": "DisruptionAllowed", "status": is, "reason": reason, "message": "",
        "observedGeneration": number(status, "observedGeneration").unwrap_or(0),
        "lastTransitionTime": time,
    }]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::{CAUSE, pod, store};

    #[test]
    fn a_budget_lets_go_as_many_as_it_allows() {
        let mut store = store();
        let mut client = Client::new(&mut store, Time::START, CAUSE);
        let meta = json!({ "name": "b", "namespace": "default" });
        let spec = json!({ "minAvailable": 1, "selector": {} });
        let budget = Object::from_value(
            Kind::PodDisruptionBudget,
            json!({ "metadata": meta, "spec": spec }),
        );
        let budget = client.create(budget).unwrap().key();
        let keys = ["p", "q"].map(|name| {
            let key = client.create(pod(name)).unwrap().key();
            client.update_pod_status(&key, |status| status.phase = Some("Running".into())).unwrap();
            key
        });
        let refused = Err(StatusError::new(Reason::TooManyRequests, REFUSAL));
        let options = DeleteOptions::default();
        assert_eq!(client.evict(&keys[0], &options), refused);
        let status = json!({ "disruptionsAllowed": 1, "observedGeneration": 1 });
        client
            .update_status(&budget, |body| {
                if let Some(body) = body.value_mut() {
                    body.status = Arc::new(status);
                }
            })
            .unwrap();
        assert_eq!(client.evict(&keys[0], &options), Ok(()));
        assert_eq!(client.evict(&keys[1], &options), refused);
        let left =
            client.store().get(&budget).and_then(|budget| Some(budget.as_value()?.status.clone()));
        let left = left.unwrap();
        assert_eq!(left["disruptedPods"]["p"], "2026-04-01T00:00:00Z");
        assert_eq!(left["conditions"][0]["reason"], "InsufficientPods");
    }
}
