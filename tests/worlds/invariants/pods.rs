//! What holds for every Pod: one place, one way forward.

use kobune::store::Change;
use serde_json::json;

use super::{Verdict, holds};
use crate::facts::{World, by, condition, finished, phase, pods, ready};
use crate::lab::{self, Lab, machine};

pub(super) fn stays_on_its_node(_: &World<'_>, change: &Change) -> Verdict {
    let (Some(before), Some(after)) = (&change.before, &change.after) else { return Ok(()) };
    let (Some(old), Some(new)) = (before.as_pod(), after.as_pod()) else { return Ok(()) };
    holds(old.own.node_name.is_none() || old.own.node_name == new.own.node_name, || {
        format!("it went from {:?} to {:?}", old.own.node_name, new.own.node_name)
    })
}

pub(super) fn break_node(lab: &mut Lab) {
    let pod = lab.put(lab::on(lab::pod("a"), "n1"));
    lab.forge(&pod, "/spec/nodeName", json!("n2"));
}

pub(super) fn runs_on_one_machine(world: &World<'_>, change: &Change) -> Verdict {
    let Some(after) = &change.after else { return Ok(()) };
    if after.as_pod().is_none() || !by(change, "kubelet") {
        return Ok(());
    }
    let uid = after.uid();
    let machines = (world.machines)().into_iter();
    let at: Vec<_> = machines.filter(|one| one.runs.iter().any(|run| **run == *uid)).collect();
    holds(at.len() < 2, || format!("it runs on {at:?}"))
}

pub(super) fn break_machines(lab: &mut Lab) {
    lab.by("kubelet");
    let pod = lab.put(lab::on(lab::pod("a"), "n1"));
    lab.machines.extend([machine("n1", &[pod.uid()]), machine("n2", &[pod.uid()])]);
}

/// How far a Pod is on its way.
fn stage(phase: &str) -> usize {
    match phase {
        "Succeeded" | "Failed" => 2,
        "Running" => 1,
        _ => 0,
    }
}

pub(super) fn phase_goes_on(_: &World<'_>, change: &Change) -> Verdict {
    let (Some(before), Some(after)) = (&change.before, &change.after) else { return Ok(()) };
    let (Some(old), Some(new)) = (before.as_pod(), after.as_pod()) else { return Ok(()) };
    let (old, new) = (phase(old), phase(new));
    let on = stage(old) < stage(new) || old == new;
    holds(on, || format!("{old} became {new}"))
}

pub(super) fn break_phase(lab: &mut Lab) {
    let pod = lab.put(lab::in_phase(lab::pod("a"), "Succeeded"));
    lab.forge(&pod, "/status/phase", json!("Running"));
}

pub(super) fn restarts_grow(_: &World<'_>, change: &Change) -> Verdict {
    let (Some(before), Some(after)) = (&change.before, &change.after) else { return Ok(()) };
    let (Some(old), Some(new)) = (before.as_pod(), after.as_pod()) else { return Ok(()) };
    for was in old.status.container_statuses.iter().flatten() {
        let mut now = new.status.container_statuses.iter().flatten();
        let Some(now) = now.find(|now| now.name == was.name) else { continue };
        if now.restart_count < was.restart_count {
            return Err(format!("{} became {}", was.restart_count, now.restart_count));
        }
    }
    Ok(())
}

pub(super) fn break_restarts(lab: &mut Lab) {
    let mut value = lab::in_phase(lab::pod("a"), "Running");
    value["status"]["containerStatuses"] =
        json!([{ "name": "app", "image": "x", "imageID": "", "ready": true, "restartCount": 3 }]);
    let pod = lab.put(value);
    lab.forge(&pod, "/status/containerStatuses/0/restartCount", json!(2));
}

pub(super) fn ready_means_running(_: &World<'_>, change: &Change) -> Verdict {
    let Some(pod) = change.after.as_ref().and_then(|after| after.as_pod()) else { return Ok(()) };
    // Others write the phase of Pods whose kubelet is away, and leave it to be ready.
    if !ready(pod) || !by(change, "kubelet") {
        return Ok(());
    }
    let containers = pod.status.container_statuses.iter().flatten();
    let all = containers.clone().count() == pod.shared.containers.len()
        && containers.clone().all(|one| one.ready);
    let fine = all
        && phase(pod) == "Running"
        && condition(pod, "ContainersReady")
        && pod.status.pod_ip.is_some()
        && pod.own.node_name.is_some();
    holds(fine, || {
        format!("{} at {:?}, all containers ready: {all}", phase(pod), pod.own.node_name)
    })
}

pub(super) fn break_ready(lab: &mut Lab) {
    let mut value = lab::in_phase(lab::pod("a"), "Pending");
    value["status"]["conditions"] = json!([{ "type": "Ready", "status": "True" }]);
    lab.by("kubelet");
    lab.put(value);
}

pub(super) fn own_address(world: &World<'_>, change: &Change) -> Verdict {
    let address = |object: &kobune::object::Object| object.as_pod()?.status.pod_ip.clone();
    let Some(after) = &change.after else { return Ok(()) };
    let Some(pod) = after.as_pod() else { return Ok(()) };
    let own = address(after);
    if own.is_none()
        || own == change.before.as_deref().and_then(address)
        || pod.shared.host_network == Some(true)
    {
        return Ok(());
    }
    let other = pods(world.store).find(|(object, other)| {
        object.uid() != after.uid()
            && !finished(other)
            && other.shared.host_network != Some(true)
            && other.status.pod_ip == own
    });
    holds(other.is_none(), || {
        format!("{own:?} is that of {}, too", other.map_or("", |(object, _)| object.name()))
    })
}

pub(super) fn break_address(lab: &mut Lab) {
    for name in ["a", "b"] {
        let mut value = lab::in_phase(lab::pod(name), "Running");
        value["status"]["podIP"] = json!("10.244.1.7");
        lab.put(value);
    }
}
