//! Eviction: the polite way to delete a Pod, which `kubectl drain` takes.
//!
//! Models the `eviction` subresource, kubernetes `pkg/registry/core/pod/storage/eviction.go`: a Pod that has not ended is
//! marked as disrupted and then deleted. *Differs:* there are no `PodDisruptionBudget`s yet that could forbid it.

use k8s_openapi::api::core::v1::PodCondition;

use super::{Client, DeleteOptions};
use crate::object::{Key, StatusError};

impl Client<'_> {
    /// Evicts a Pod.
    pub fn evict(&mut self, key: &Key, options: &DeleteOptions) -> Result<(), StatusError> {
        let current = self.current(key)?;
        let (generation, now) = (current.meta.generation, self.now);
        let ended = current
            .as_pod()
            .is_some_and(|pod| matches!(pod.status.phase.as_deref(), Some("Succeeded" | "Failed")));
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
}
