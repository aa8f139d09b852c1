//! What controllers ask about a Pod: is it alive, is it ready, since when, which one to give up first.
//!
//! Models kubernetes `pkg/api/v1/pod/util.go` (readiness) and `pkg/controller/controller_utils.go`
//! (`ActivePodsWithRanks`).
//! *Differs:* the uid decides last among Pods of like age, not before restarts; upstream's way is no total order.

use std::cmp::Ordering;
use std::sync::Arc;

use k8s_openapi::api::core::v1::{PodCondition, PodStatus};

use crate::object::{Body, Object, PodBody};
use crate::time::Time;

/// The Pod's body; `None` for any other kind.
pub fn pod_body(object: &Object) -> Option<&PodBody> {
    if let Body::Pod(pod) = &object.body { Some(pod) } else { None }
}

/// The phase; empty before anything was reported.
pub fn phase(pod: &PodBody) -> &str {
    pod.status.phase.as_deref().unwrap_or_default()
}

/// Whether the Pod has run to an end.
pub fn is_finished(pod: &PodBody) -> bool {
    matches!(phase(pod), "Succeeded" | "Failed")
}

/// A condition of a Pod's status.
pub fn condition<'a>(status: &'a PodStatus, type_: &str) -> Option<&'a PodCondition> {
    status.conditions.iter().flatten().find(|condition| condition.type_ == type_)
}

/// Puts a condition in place of the one of its type, or beside the others; its time stays while its status does
/// (`UpdatePodCondition`).
pub fn set_condition(status: &mut PodStatus, mut new: PodCondition, now: Time) {
    let conditions = status.conditions.get_or_insert_default();
    new.last_transition_time = Some(now.to_meta());
    match conditions.iter_mut().find(|condition| condition.type_ == new.type_) {
        Some(old) => {
            if old.status == new.status {
                new.last_transition_time = old.last_transition_time.take();
            }
            *old = new;
        }
        None => conditions.push(new),
    }
}

/// Whether the Pod is ready.
pub fn is_ready(pod: &PodBody) -> bool {
    condition(&pod.status, "Ready").is_some_and(|ready| ready.status == "True")
}

/// Since when the Pod has been ready; `None` if it is not.
pub fn ready_since(pod: &PodBody) -> Option<Time> {
    let ready = condition(&pod.status, "Ready").filter(|ready| ready.status == "True")?;
    ready.last_transition_time.as_ref().map(Time::from)
}

/// A Pod that may be given up, and how many of its siblings share its node.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The Pod.
    pub pod: Arc<Object>,
    /// Active Pods of the same owner (or its owner's other sets) on the same node.
    pub rank: usize,
}

/// The order in which Pods are given up, the first to go first (`ActivePodsWithRanks.Less`).
pub fn deletion_order(a: &Candidate, b: &Candidate, now: Time) -> Ordering {
    let (Some(pod_a), Some(pod_b)) = (pod_body(&a.pod), pod_body(&b.pod)) else {
        return Ordering::Equal;
    };
    let assigned = |pod: &PodBody| pod.own.node_name.is_some();
    (assigned(pod_a).cmp(&assigned(pod_b)))
        .then_with(|| phase_rank(pod_a).cmp(&phase_rank(pod_b)))
        .then_with(|| is_ready(pod_a).cmp(&is_ready(pod_b)))
        .then_with(|| deletion_cost(&a.pod).cmp(&deletion_cost(&b.pod)))
        .then_with(|| b.rank.cmp(&a.rank))
        .then_with(|| match (ready_since(pod_a), ready_since(pod_b)) {
            (Some(since_a), Some(since_b)) => age(since_a, now).cmp(&age(since_b, now)),
            _ => Ordering::Equal,
        })
        .then_with(|| restarts(pod_b).cmp(&restarts(pod_a)))
        .then_with(|| age(created(&a.pod), now).cmp(&age(created(&b.pod), now)))
        .then_with(|| a.pod.uid().cmp(b.pod.uid()))
}

fn phase_rank(pod: &PodBody) -> u8 {
    match phase(pod) {
        "Unknown" => 1,
        "Running" => 2,
        // Pending, or not reported yet.
        _ => 0,
    }
}

fn deletion_cost(object: &Object) -> i32 {
    object
        .annotation("controller.kubernetes.io/pod-deletion-cost")
        .and_then(|cost| cost.parse().ok())
        .unwrap_or(0)
}

/// The most restarts among the regular containers, then among the sidecars.
fn restarts(pod: &PodBody) -> (i32, i32) {
    let most = |statuses: &Option<Vec<k8s_openapi::api::core::v1::ContainerStatus>>| {
        statuses.iter().flatten().map(|status| status.restart_count).max().unwrap_or(0)
    };
    (most(&pod.status.container_statuses), most(&pod.status.init_container_statuses))
}

fn created(object: &Object) -> Time {
    object.meta.creation_timestamp.as_ref().map(Time::from).unwrap_or_default()
}

/// An age as its power of two in nanoseconds, which is all that counts (`LogarithmicScaleDown`).
fn age(since: Time, now: Time) -> i64 {
    (now - since).as_nanos().checked_ilog2().map_or(-1, i64::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

    fn candidate(
        name: &str,
        node: bool,
        phase: &str,
        ready_at: Option<i64>,
        cost: &str,
    ) -> Candidate {
        let ready = PodCondition {
            type_: "Ready".to_owned(),
            status: if ready_at.is_some() { "True" } else { "False" }.to_owned(),
            last_transition_time: ready_at.map(|at| Time::from_micros(at * 1_000_000).to_meta()),
            ..PodCondition::default()
        };
        let status = PodStatus {
            phase: Some(phase.to_owned()),
            conditions: Some(vec![ready]),
            ..PodStatus::default()
        };
        let mut body = PodBody { status: status.into(), ..PodBody::default() };
        body.own.node_name = node.then(|| "node-1".into());
        let key = "controller.kubernetes.io/pod-deletion-cost".to_owned();
        let meta = ObjectMeta {
            name: Some(name.to_owned()),
            uid: Some(name.to_owned()),
            annotations: Some([(key, cost.to_owned())].into()),
            ..ObjectMeta::default()
        };
        Candidate { pod: Object::new(meta, Body::Pod(body)).into(), rank: 0 }
    }

    #[test]
    fn the_least_useful_go_first() {
        let mut list = [
            candidate("old-ready", true, "Running", Some(0), ""),
            candidate("costly", true, "Running", Some(99), "5"),
            candidate("young-ready", true, "Running", Some(99), ""),
            candidate("unready", true, "Running", None, ""),
            candidate("pending", true, "Pending", None, ""),
            candidate("unassigned", false, "Pending", None, ""),
        ];
        let now = Time::from_micros(100_000_000);
        crate::order::sort_by(&mut list, |a, b| deletion_order(a, b, now));
        let names: Vec<_> = list.iter().map(|one| one.pod.name()).collect();
        assert_eq!(
            names,
            ["unassigned", "pending", "unready", "young-ready", "old-ready", "costly"]
        );
    }

    #[test]
    fn the_order_is_total() {
        let one = |name: &str, ready: i64| candidate(name, true, "Running", Some(ready), "");
        // Two of the same second, and a third within the same power of two between them by uid.
        let (a, b, c) = (one("c", 90), one("a", 90), one("b", 89));
        let now = Time::from_micros(100_000_000);
        for (x, y, z) in [(&a, &b, &c), (&b, &c, &a), (&c, &a, &b)] {
            let smaller = |p, q| deletion_order(p, q, now) == Ordering::Less;
            assert!(!(smaller(x, y) && smaller(y, z) && smaller(z, x)), "a circle");
            assert_ne!(deletion_order(x, y, now), Ordering::Equal);
        }
    }

    #[test]
    fn among_equals_the_doubled_up_go_first() {
        let mut crowded = candidate("crowded", true, "Running", Some(5), "");
        crowded.rank = 2;
        let alone = candidate("alone", true, "Running", Some(50), "");
        assert_eq!(
            deletion_order(&crowded, &alone, Time::from_micros(100_000_000)),
            Ordering::Less
        );
    }
}
