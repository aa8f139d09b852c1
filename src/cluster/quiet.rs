//! Whether anything of weight happens: what is written again and again in a world at rest does not count.

use super::Cluster;
use crate::object::{Body, Object};
use crate::store::Change;
use crate::time::Time;

impl Cluster {
    /// When something was last written that is no heartbeat: no Lease's renewal, no node status that says the same
    /// again, no Event that was counted up or forgotten. [`Time::START`] if nothing of that kind is remembered.
    pub fn last_write_of_weight(&self) -> Time {
        let last = self.store.log().newest_first().find(|change| !is_heartbeat(change));
        last.map_or(Time::START, |change| change.time)
    }
}

fn is_heartbeat(change: &Change) -> bool {
    match (change.before.as_deref(), change.after.as_deref()) {
        (Some(before), after) => match (&before.body, after.map(|after| &after.body)) {
            (Body::Lease(_), Some(_)) | (Body::Event(_), _) => true,
            (Body::Node(old), Some(Body::Node(new))) => {
                let told =
                    |object: &Object| (object.meta.labels.clone(), object.meta.annotations.clone());
                let mut old_status = old.status.as_ref().clone();
                let mut new_status = new.status.as_ref().clone();
                for condition in
                    old_status.conditions.iter_mut().chain(&mut new_status.conditions).flatten()
                {
                    condition.last_heartbeat_time = None;
                }
                old.spec == new.spec
                    && old_status == new_status
                    && change.after.as_deref().map(told) == Some(told(before))
            }
            _ => false,
        },
        (None, _) => false,
    }
}
