//! What holds once machines and containers are repaired and the world has been left alone for a while.
//!
//! Some templates never come to work, by their label or their image; those are asked for less. So is what waits for room.

use std::collections::BTreeSet;
use std::sync::Arc;

use k8s_openapi::api::core::v1::Volume;
use kobune::manifest::Node;
use kobune::object::{KINDS, Key, Kind, Object, PodBody};
use kobune::store::Store;
use kobune::time::{Duration, Time};
use serde_json::{Value, json};

use super::volumes::in_use;
use super::{Verdict, holds};
use crate::facts::{
    World, active, active_of, allocatable, asked, condition, count, field, finished, host_ports,
    kept_away, number, owner, phase, pods, pods_on, ready, requests, sets_of,
};
use crate::lab::{self, Lab, machine};
use crate::manifests::{UNSOUND, is_good_image};

/// For how long nothing but heartbeats may be written before the end.
const QUIET: Duration = Duration::from_mins(3);

/// Every object, of every kind.
fn all(store: &Store) -> impl Iterator<Item = &Arc<Object>> {
    KINDS.iter().flat_map(|info| store.list(info.kind(), None))
}

/// Whether a template, or a Pod, can come to work.
fn sound(labels: Option<&str>, mut images: impl Iterator<Item = String>) -> bool {
    labels != Some(UNSOUND.1) && images.all(|image| is_good_image(&image))
}

fn sound_pod(object: &Object, pod: &PodBody) -> bool {
    let images = pod.shared.containers.iter().filter_map(|one| one.image.clone());
    sound(object.label(UNSOUND.0), images)
}

pub(super) fn sound_template(store: &Store, object: &Object) -> bool {
    // Pods of a class that is not there are refused.
    let class = field(object, "/spec/template/spec/priorityClassName");
    let there = |name: &str| store.get(&Key::cluster(Kind::PriorityClass, name)).is_some();
    if class.as_str().is_some_and(|name| !there(name)) {
        return false;
    }
    let template = field(object, "/spec/template");
    let containers = template["spec"]["containers"].as_array().cloned().unwrap_or_default();
    let images = containers.iter().map(|one| one["image"].as_str().unwrap_or_default().to_owned());
    sound(template["metadata"]["labels"][UNSOUND.0].as_str(), images)
}

/// Whether a Pod waits for a node.
fn waits(object: &Object, pod: &PodBody) -> bool {
    pod.own.node_name.is_none() && active(object, pod)
}

/// Whether some Pod of an object, or of the ReplicaSets it controls, waits for a node.
pub(super) fn some_wait(store: &Store, object: &Object) -> bool {
    let sets = sets_of(store, object.uid());
    let owners = std::iter::once(object.uid()).chain(sets.iter().map(|set| set.uid()));
    owners
        .flat_map(|uid| store.owned_by(uid))
        .any(|one| one.as_pod().is_some_and(|pod| waits(one, pod)))
}

pub(super) fn no_orphan(world: &World<'_>) -> Verdict {
    // What is being deleted may take its time.
    for object in all(world.store).filter(|object| !object.terminating()) {
        for reference in object.meta.owner_references.iter().flatten() {
            let Some(info) = KINDS.iter().find(|info| info.name == reference.kind) else {
                continue;
            };
            let namespace = if info.namespaced { object.namespace() } else { "" };
            let owner = world.store.get(&Key::new(info.kind(), namespace, reference.name.as_str()));
            holds(owner.is_some_and(|owner| owner.uid() == reference.uid), || {
                format!("{:?} is {}'s, who is gone", object.key(), reference.name)
            })?;
        }
    }
    Ok(())
}

pub(super) fn break_orphan(lab: &mut Lab) {
    lab.put(lab::owned(lab::pod("a"), "ReplicaSet", "gone", "gone"));
}

pub(super) fn namespaces_live(world: &World<'_>) -> Verdict {
    for object in all(world.store).filter(|object| !object.namespace().is_empty()) {
        let key = Key::cluster(Kind::Namespace, object.namespace());
        holds(world.store.get(&key).is_some(), || format!("{:?}", object.key()))?;
    }
    Ok(())
}

pub(super) fn break_namespace(lab: &mut Lab) {
    let of = |kind: &str, name: &str| json!({ "apiVersion": "v1", "kind": kind, "metadata": { "name": name } });
    let namespace = lab.put(of("Namespace", "shop"));
    let mut map = of("ConfigMap", "a");
    map["metadata"]["namespace"] = "shop".into();
    lab.put(map);
    lab.remove(&namespace);
}

pub(super) fn deletions_end(world: &World<'_>) -> Verdict {
    let overdue = |object: &Object| {
        let end = object.meta.deletion_timestamp.as_ref().map(Time::from);
        end.is_some_and(|end| end + QUIET < world.now)
    };
    let mut left =
        all(world.store).filter(|object| overdue(object) && !in_use(world.store, &object.key()));
    left.next().map_or(Ok(()), |object| {
        Err(format!("{:?}, finalizers {:?}", object.key(), object.meta.finalizers))
    })
}

pub(super) fn break_deletion(lab: &mut Lab) {
    let mut pod = lab::pod("a");
    pod["metadata"]["finalizers"] = json!(["example.com/stays"]);
    let pod = lab.put(pod);
    lab.delete(&pod);
    lab.now += Duration::from_hours(1);
}

pub(super) fn nodes_ready(world: &World<'_>) -> Verdict {
    for node in world.store.list(Kind::Node, None) {
        let conditions = field(node, "/status/conditions");
        let mut conditions = conditions.as_array().into_iter().flatten();
        let ready = conditions.any(|one| one["type"] == "Ready" && one["status"] == "True");
        let taints = field(node, "/spec/taints");
        holds(ready && taints.is_null(), || {
            format!("{}: ready {ready}, taints {taints}", node.name())
        })?;
    }
    for machine in (world.machines)() {
        let node = world.store.get(&Key::cluster(Kind::Node, Arc::clone(&machine.node)));
        holds(machine.reachable && node.is_some(), || format!("{machine:?} without a Node"))?;
    }
    Ok(())
}

pub(super) fn break_nodes(lab: &mut Lab) {
    let mut node = lab::node("n1", "1");
    node["status"]["conditions"] = json!([{ "type": "Ready", "status": "Unknown" }]);
    lab.put(node);
}

pub(super) fn nodes_are_there(world: &World<'_>) -> Verdict {
    for (object, pod) in pods(world.store) {
        let Some(node) = pod.own.node_name.clone() else { continue };
        let key = Key::cluster(Kind::Node, Arc::clone(&node));
        holds(world.store.get(&key).is_some(), || format!("{} is on {node}", object.name()))?;
    }
    Ok(())
}

pub(super) fn break_missing_node(lab: &mut Lab) {
    lab.put(lab::on(lab::pod("a"), "gone"));
}

pub(super) fn machines_agree(world: &World<'_>) -> Verdict {
    for machine in (world.machines)() {
        let runs: BTreeSet<&str> = machine.runs.iter().map(AsRef::as_ref).collect();
        // What comes and goes is said a moment later than it is.
        let should = pods_on(world.store, &machine.node).filter(|(object, pod)| {
            if !sound_pod(object, pod) {
                return false;
            }
            let mut states = pod.status.container_statuses.iter().flatten();
            states.any(|one| one.state.as_ref().is_some_and(|state| state.running.is_some()))
        });
        for (object, _) in should {
            holds(runs.contains(object.uid()), || {
                format!("{} is said to run on {}", object.name(), machine.node)
            })?;
        }
        for uid in runs {
            let known = pods_on(world.store, &machine.node).any(|(object, _)| object.uid() == uid);
            holds(known, || format!("{} runs {uid}, which is no Pod there", machine.node))?;
        }
    }
    Ok(())
}

pub(super) fn break_machines(lab: &mut Lab) {
    lab.put(lab::node("n1", "1"));
    lab.machines.push(machine("n1", &["nobody"]));
}

pub(super) fn waiting_fits_nowhere(world: &World<'_>) -> Verdict {
    for (object, pod) in pods(world.store).filter(|(object, pod)| waits(object, pod)) {
        // Where it goes depends on other Pods, or is one node; that is the scheduling table's to check.
        let keeps = |volume: &Volume| volume.persistent_volume_claim.is_some();
        let choosy = |pod: &PodBody| {
            pod.shared.affinity.is_some() || pod.shared.volumes.iter().flatten().any(keeps)
        };
        if choosy(pod) || pod.shared.topology_spread_constraints.is_some() {
            continue;
        }
        let own = requests(pod);
        for node in world.store.list(Kind::Node, None) {
            let ((taken, there), (room, places)) =
                (asked(world.store, node.name()), allocatable(node));
            let fits = (0..own.len()).all(|at| own[at] == 0 || own[at] + taken[at] <= room[at]);
            let ports = host_ports(pod);
            let free = pods_on(world.store, node.name())
                .all(|(_, other)| !host_ports(other).iter().any(|port| ports.contains(port)));
            let welcome = !pods_on(world.store, node.name()).any(|(_, other)| choosy(other));
            if fits && free && welcome && there < places && kept_away(pod, node).is_none() {
                return Err(format!("{} has room for {}", node.name(), object.name()));
            }
        }
    }
    Ok(())
}

pub(super) fn break_waiting(lab: &mut Lab) {
    lab.put(lab::node("n1", "1"));
    lab.put(lab::pod("a"));
}

pub(super) fn replica_sets_agree(world: &World<'_>) -> Verdict {
    for set in world.store.list(Kind::ReplicaSet, None) {
        let active = active_of(world.store, set.uid());
        let owned = world.store.owned_by(set.uid());
        let are_ready = count(owned.filter(|pod| pod.as_pod().is_some_and(ready)));
        let wanted = number(set, "/spec/replicas");
        let said = (number(set, "/status/replicas"), number(set, "/status/readyReplicas"));
        let seen = number(set, "/status/observedGeneration") == set.meta.generation.unwrap_or(0);
        let conditions = field(set, "/status/conditions");
        let mut conditions = conditions.as_array().into_iter().flatten();
        // The API server refuses its Pods, and it says so.
        if conditions.any(|one| one["type"] == "ReplicaFailure" && one["status"] == "True") {
            continue;
        }
        holds(active == wanted && said == (active, are_ready) && seen, || {
            format!(
                "{} wants {wanted}, has {active}, {are_ready} ready; says {said:?}, seen: {seen}",
                set.name()
            )
        })?;
    }
    Ok(())
}

pub(super) fn break_replica_set(lab: &mut Lab) {
    lab.put(lab::replica_set("a", 2));
}

pub(super) fn deployments_done(world: &World<'_>) -> Verdict {
    for deployment in world.store.list(Kind::Deployment, None) {
        let value = deployment.to_value();
        let (spec, status) = (&value["spec"], &value["status"]);
        let seen = status["observedGeneration"] == value["metadata"]["generation"];
        holds(seen, || format!("{} has not been seen", deployment.name()))?;
        let wanted = spec["replicas"].as_i64().unwrap_or(1);
        let sets = sets_of(world.store, deployment.uid());
        let sizes: Vec<i64> =
            sets.iter().map(|set| number(set, "/spec/replicas")).filter(|size| *size > 0).collect();
        // Rescaled in the middle of a rolling update that becomes a `Recreate`: upstream stands still, too (`scale` in
        // `pkg/controller/deployment/sync.go` does nothing then, so it stays a scaling event).
        let stuck = spec["strategy"]["type"] == "Recreate" && sizes.len() > 1;
        let paused = spec["paused"] == true;
        if paused
            || stuck
            || !sound_template(world.store, deployment)
            || some_wait(world.store, deployment)
        {
            continue;
        }
        let has = |name: &str| status[name].as_i64().unwrap_or(0) == wanted;
        let done = ["replicas", "readyReplicas", "availableReplicas", "updatedReplicas"];
        let one = sizes.is_empty() && wanted == 0 || sizes == [wanted];
        holds(done.iter().all(|name| has(name)) && one, || {
            format!("{} wants {wanted}, has {sizes:?}: {status}", deployment.name())
        })?;
        let old = count(sets.iter()) - count(sizes.iter());
        let limit = spec["revisionHistoryLimit"].as_i64().unwrap_or(10) + i64::from(wanted == 0);
        holds(old <= limit, || format!("{} keeps {old} old revisions", deployment.name()))?;
    }
    Ok(())
}

pub(super) fn break_deployment(lab: &mut Lab) {
    let mut value = lab::deployment("web", 2, &Value::Null);
    value["status"]["observedGeneration"] = json!(1);
    lab.put(value);
}

pub(super) fn daemons_everywhere(world: &World<'_>) -> Verdict {
    for set in world.store.list(Kind::DaemonSet, None) {
        if !sound_template(world.store, set) || some_wait(world.store, set) {
            continue;
        }
        let selector = field(set, "/spec/template/spec/nodeSelector");
        let chosen = |node: &Object| {
            let mut pairs = selector.as_object().into_iter().flatten();
            pairs.all(|(key, value)| node.label(key) == value.as_str())
        };
        let nodes = count(world.store.list(Kind::Node, None).filter(|node| chosen(node)));
        let status = field(set, "/status");
        let mut says = ["desiredNumberScheduled", "currentNumberScheduled", "numberReady"]
            .map(|name| status[name].as_i64().unwrap_or(0))
            .into_iter();
        let owned = world.store.owned_by(set.uid());
        let are = count(owned.filter(|pod| pod.as_pod().is_some_and(ready)));
        // Old Pods of a set that is updated on deletion only may be unsound.
        let sound = world
            .store
            .owned_by(set.uid())
            .all(|one| one.as_pod().is_none_or(|pod| sound_pod(one, pod)));
        let rolls = field(set, "/spec/updateStrategy/type") == "RollingUpdate";
        let newest = !rolls || status["updatedNumberScheduled"].as_i64().unwrap_or(0) == nodes;
        let fine = !sound || are == nodes && says.all(|number| number == nodes) && newest;
        holds(fine, || format!("{}: {nodes} nodes, {are} ready: {status}", set.name()))?;
    }
    Ok(())
}

pub(super) fn break_daemons(lab: &mut Lab) {
    lab.put(lab::node("n1", "1"));
    lab.put(lab::daemon_set("agent"));
}

pub(super) fn sound_pods_ready(world: &World<'_>) -> Verdict {
    for (object, pod) in pods(world.store) {
        let owned = owner(world.store, object).is_some();
        let runs = sound_pod(object, pod) && pod.own.node_name.is_some();
        // A Pod of nobody that has ended stays as it is.
        if runs && (owned || !finished(pod)) && !finished(pod) {
            holds(ready(pod) && condition(pod, "ContainersReady"), || {
                format!("{} is {}", object.name(), phase(pod))
            })?;
        }
    }
    Ok(())
}

pub(super) fn break_sound_pod(lab: &mut Lab) {
    lab.put(lab::in_phase(lab::on(lab::pod("a"), "n1"), "Running"));
}

pub(super) fn endpoints_agree(world: &World<'_>) -> Verdict {
    for service in world.store.list(Kind::Service, None) {
        let selector = field(service, "/spec/selector");
        let Some(selector) = selector.as_object() else { continue };
        let chosen = |object: &Object| {
            object.namespace() == service.namespace()
                && selector.iter().all(|(key, value)| object.label(key) == value.as_str())
        };
        let there = pods(world.store).filter(|(object, pod)| chosen(object) && !finished(pod));
        let any = field(service, "/spec/publishNotReadyAddresses") == true;
        let there: BTreeSet<(String, bool)> = there
            .filter_map(|(_, pod)| Some((pod.status.pod_ip.clone()?, any || ready(pod))))
            .collect();
        let slices = world
            .store
            .list(Kind::EndpointSlice, Some(service.namespace()))
            .filter(|slice| slice.label("kubernetes.io/service-name") == Some(service.name()));
        let said: BTreeSet<(String, bool)> = slices
            .flat_map(|slice| field(slice, "/endpoints").as_array().cloned().unwrap_or_default())
            .map(|one| {
                let address = one["addresses"][0].as_str().unwrap_or_default().to_owned();
                (address, one["conditions"]["ready"] == true)
            })
            .collect();
        holds(there == said, || format!("{}: {there:?}, not {said:?}", service.name()))?;
    }
    Ok(())
}

pub(super) fn break_endpoints(lab: &mut Lab) {
    lab.put(json!({ "apiVersion": "v1", "kind": "Service", "metadata": { "name": "web" },
        "spec": { "selector": { "app": "a" }, "ports": [{ "port": 80 }] } }));
    lab.put(lab::slice("web", "10.244.1.7", "a"));
}

pub(super) fn stored_reads_back(world: &World<'_>) -> Verdict {
    for object in all(world.store) {
        let value = object.to_value();
        let again = Object::from_node(object.kind(), &Node::from_value(&value));
        let again = again.map_err(|error| format!("{:?}: {error}", object.key()))?;
        holds(again.to_value() == value, || format!("{:?} reads back otherwise", object.key()))?;
    }
    Ok(())
}

pub(super) fn break_stored(lab: &mut Lab) {
    lab.put(lab::node("n1", "1"));
    lab.misstate("n1");
}

pub(super) fn quiet(world: &World<'_>) -> Verdict {
    let mut all = pods(world.store);
    let settled =
        |object: &Object, pod: &PodBody| finished(pod) || sound_pod(object, pod) && ready(pod);
    let sound = world.store.list(Kind::CronJob, None).next().is_none()
        && all.all(|(object, pod)| settled(object, pod));
    holds(!sound || world.quiet_since + QUIET <= world.now, || {
        format!("written to at {}, now it is {}", world.quiet_since, world.now)
    })
}

pub(super) fn break_quiet(lab: &mut Lab) {
    lab.quiet_since = Time::START;
    lab.now = Time::START + Duration::from_secs(1);
}
