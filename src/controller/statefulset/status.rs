//! What a StatefulSet's status tells.
//!
//! Models kubernetes `pkg/controller/statefulset/stateful_set_control.go` (`updateStatus`) and `stateful_set_utils.go`
//! (`completeRollingUpdate`).

use serde_json::{Value, json};

use super::{Sync, is_running_and_ready, pod};
use crate::object::StatusError;
use crate::store::Client;

impl Sync<'_> {
    /// Writes the status, and notes when a Pod becomes available. Returns the name of the current revision.
    pub(super) fn write_status(&mut self, client: &mut Client<'_>) -> Result<String, StatusError> {
        let now = client.now();
        let pods: Vec<_> = self.replicas.iter().flatten().chain(&self.condemned).collect();
        let ready = pods.iter().filter(|pod| is_running_and_ready(pod)).count();
        let waits = pods.iter().filter_map(|pod| self.available_in(pod, now));
        let later = waits.clone().filter(|wait| !wait.is_zero()).min();
        let available = pods.iter().filter(|pod| is_running_and_ready(pod));
        let available = available.filter(|pod| self.is_available(pod, now)).count();
        let of = |revision: &str| {
            let alive = pods.iter().filter(|pod| !pod.terminating());
            alive.filter(|pod| pod.label(pod::REVISION) == Some(revision)).count()
        };
        let (mut current, mut current_count) = (self.current.0.clone(), of(&self.current.0));
        let updated = of(&self.update);
        let wanted = self.wanted.replicas;
        let complete = [updated, ready, pods.len()].into_iter().all(|count| count == wanted);
        if self.wanted.partition.is_some() && complete {
            current.clone_from(&self.update);
            current_count = updated;
        }
        let mut status = json!({
            "observedGeneration": self.object.meta.generation,
            "replicas": pods.len(),
            "readyReplicas": ready,
            "availableReplicas": available,
            "currentReplicas": current_count,
            "updatedReplicas": updated,
            "currentRevision": current,
            "updateRevision": self.update,
            "collisionCount": self.body.status["collisionCount"].as_i64().unwrap_or(0),
        });
        if let Value::Object(fields) = &mut status {
            fields.retain(|name, value| *value != 0 || KEPT.contains(&name.as_str()));
        }
        self.later = later;
        client.update_status(&self.object.key(), |body| {
            if let Some(body) = body.value_mut()
                && *body.status != status
            {
                body.status = status.into();
            }
        })?;
        Ok(current)
    }
}

/// The counts that are told even where they are zero.
const KEPT: [&str; 3] = ["replicas", "availableReplicas", "collisionCount"];
