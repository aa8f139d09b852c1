//! A DaemonSet's status: on how many nodes its Pods should be, are, and are ready.
//!
//! Models kubernetes `pkg/controller/daemon/daemon_controller.go` (`updateDaemonSetStatus`).

use k8s_openapi::api::apps::v1::DaemonSetStatus;

use super::Daemons;
use super::nodes::Fit;
use crate::controller::nonzero;
use crate::controller::pods::{is_ready, pod_body};
use crate::object::StatusError;
use crate::store::Client;
use crate::time::{Duration, Time};

impl Daemons {
    /// Writes the status; how long until the next ready Pod counts as available.
    pub(super) fn write_status(
        &self,
        client: &mut Client<'_>,
        now: Time,
    ) -> Result<Option<Duration>, StatusError> {
        let mut status = DaemonSetStatus::default();
        let (mut updated, mut available, mut soonest) = (0, 0, None::<Duration>);
        for node in &self.nodes {
            if node.fit != Fit::Runs {
                status.number_misscheduled += i32::from(!node.pods.is_empty());
                continue;
            }
            status.desired_number_scheduled += 1;
            let Some(pod) = node.pods.first() else { continue };
            status.current_number_scheduled += 1;
            status.number_ready += i32::from(pod_body(pod).is_some_and(is_ready));
            match self.available_in(pod, now) {
                Some(wait) if wait.is_zero() => available += 1,
                Some(wait) => soonest = Some(soonest.map_or(wait, |other| other.min(wait))),
                None => {}
            }
            updated += i32::from(self.is_updated(pod));
        }
        // A new Pod that came beside an old one brings the set back, too, when it becomes available.
        for pod in self.nodes.iter().flat_map(|node| node.pods.iter().skip(1)) {
            if let Some(wait) = self.available_in(pod, now).filter(|wait| !wait.is_zero()) {
                soonest = Some(soonest.map_or(wait, |other| other.min(wait)));
            }
        }
        status.updated_number_scheduled = nonzero(updated);
        status.number_available = nonzero(available);
        status.number_unavailable = nonzero(status.desired_number_scheduled - available);
        status.observed_generation = self.object.meta.generation;
        let Some(body) = self.object.as_daemon_set() else { return Ok(soonest) };
        status.collision_count = body.status.collision_count;
        status.conditions.clone_from(&body.status.conditions);
        if *body.status != status {
            client.update_status(&self.object.key(), |body| {
                if let Some(body) = body.daemon_set_mut() {
                    body.status = status.into();
                }
            })?;
        }
        Ok(soonest)
    }
}
