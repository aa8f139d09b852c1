//! What holds while workloads roll: bounds, counts, and who is called ready.

use std::sync::Arc;

use kobune::object::{Key, Kind, Object};
use kobune::store::{Change, Store};
use serde_json::{Value, json};

use super::{Verdict, holds};
use crate::facts::{
    Rolling, World, active, active_of, by, field, finished, number, owner, ready, rolling, sets_of,
};
use crate::lab::{self, Lab};

/// How many Pods a ReplicaSet's Deployment wanted when its size was set last.
const DESIRED: &str = "/metadata/annotations/deployment.kubernetes.io~1desired-replicas";

/// What the deployment controller made of a ReplicaSet's size.
struct Resized<'a> {
    deployment: &'a Arc<Object>,
    rolling: Rolling,
    before: i64,
    now: i64,
    /// Whether the Deployment was scaled or is paused; each ReplicaSet then gets its share, whatever is available.
    shared_out: bool,
}

fn resized<'a>(store: &'a Store, change: &Change) -> Option<Resized<'a>> {
    if change.key.kind != Kind::ReplicaSet || !by(change, "deployment-controller") {
        return None;
    }
    let after = change.after.as_ref()?;
    let deployment = owner(store, after)?;
    let before = change.before.as_ref().map_or(0, |set| number(set, "/spec/replicas"));
    let now = number(after, "/spec/replicas");
    let rolling = rolling(deployment);
    let paused = field(deployment, "/spec/paused") == true;
    let noted = change.before.as_ref().map(|set| field(set, DESIRED));
    let noted = noted.as_ref().and_then(|noted| noted.as_str()?.parse::<i64>().ok());
    let shared_out = paused || noted.is_some_and(|noted| noted != rolling.replicas);
    if before == now {
        return None;
    }
    Some(Resized { deployment, rolling, before, now, shared_out })
}

pub(super) fn below_surge(world: &World<'_>, change: &Change) -> Verdict {
    let Some(Resized { deployment, rolling, before, now, .. }) = resized(world.store, change)
    else {
        return Ok(());
    };
    if now < before || rolling.recreate {
        return Ok(());
    }
    let sets = sets_of(world.store, deployment.uid());
    let all: i64 = sets.iter().map(|set| number(set, "/spec/replicas")).sum();
    // Who scales ReplicaSets by hand is above it before, and makes the shares wrong, also upstream (`getReplicaSetFraction`).
    let above = all - now + before > rolling.most;
    holds(above || all <= rolling.most, || {
        format!("{before} became {now}: {all} Pods in all, at most {} may be", rolling.most)
    })
}

pub(super) fn break_surge(lab: &mut Lab) {
    let deployment =
        lab.put(lab::deployment("web", 4, &json!({ "maxSurge": 1, "maxUnavailable": 1 })));
    lab.by("deployment-controller");
    for (name, size) in [("web-1", 4), ("web-2", 2)] {
        lab.put(lab::child(lab::replica_set(name, size), &deployment));
    }
}

pub(super) fn above_availability(world: &World<'_>, change: &Change) -> Verdict {
    let Some(Resized { deployment, rolling, before, now, shared_out }) =
        resized(world.store, change)
    else {
        return Ok(());
    };
    if now > before || shared_out || rolling.recreate {
        return Ok(());
    }
    let own = number(change.object(), "/status/availableReplicas");
    if own.min(before) == own.min(now) {
        return Ok(());
    }
    let (mut had, mut keeps) = (0, 0);
    for set in sets_of(world.store, deployment.uid()) {
        let available = number(set, "/status/availableReplicas");
        had += available;
        keeps += available.min(number(set, "/spec/replicas"));
    }
    holds(keeps >= rolling.least.min(had), || {
        format!("{before} became {now}: of {had} available {keeps} stay, {} must", rolling.least)
    })
}

pub(super) fn break_availability(lab: &mut Lab) {
    let deployment =
        lab.put(lab::deployment("web", 4, &json!({ "maxSurge": 1, "maxUnavailable": 1 })));
    lab.by("deployment-controller");
    let mut value = lab::child(lab::replica_set("web-1", 4), &deployment);
    value["status"] = json!({ "replicas": 4, "readyReplicas": 4, "availableReplicas": 4 });
    value["metadata"]["annotations"] = json!({ "deployment.kubernetes.io/desired-replicas": "4" });
    let set = lab.put(value);
    lab.set(&set, "/spec/replicas", json!(2));
}

pub(super) fn recreate_waits(world: &World<'_>, change: &Change) -> Verdict {
    let Some(Resized { deployment, rolling, before, now, shared_out }) =
        resized(world.store, change)
    else {
        return Ok(());
    };
    if now <= before || !rolling.recreate || shared_out {
        return Ok(());
    }
    let sets = sets_of(world.store, deployment.uid());
    let hash = |set: &Object| set.label("pod-template-hash").map(str::to_owned);
    let own = change.after.as_deref().and_then(hash);
    for set in sets.iter().filter(|set| hash(set) != own) {
        let mut pods = world.store.owned_by(set.uid());
        let left = pods.find(|pod| pod.as_pod().is_some_and(|body| !finished(body)));
        if let Some(pod) = left {
            return Err(format!("{} is still there", pod.name()));
        }
    }
    Ok(())
}

pub(super) fn break_recreate(lab: &mut Lab) {
    let mut value = lab::deployment("web", 2, &Value::Null);
    value["spec"]["strategy"] = json!({ "type": "Recreate" });
    let deployment = lab.put(value);
    lab.by("deployment-controller");
    let old = lab.put(lab::child(lab::replica_set("web-1", 0), &deployment));
    lab.put(lab::child(lab::pod("web-1-a"), &old));
    let mut new = lab::child(lab::replica_set("web-2", 2), &deployment);
    for place in
        ["/metadata/labels", "/spec/selector/matchLabels", "/spec/template/metadata/labels"]
    {
        *new.pointer_mut(place).expect("it is there") =
            json!({ "app": "a", "pod-template-hash": "2" });
    }
    lab.put(new);
}

/// The ReplicaSet whose controller wrote a Pod, if it is there.
fn set_of<'a>(store: &'a Store, change: &Change) -> Option<&'a Arc<Object>> {
    if change.key.kind != Kind::Pod || !by(change, "replicaset-controller") {
        return None;
    }
    owner(store, change.object())
}

pub(super) fn no_more_than_wanted(world: &World<'_>, change: &Change) -> Verdict {
    let Some(set) = set_of(world.store, change) else { return Ok(()) };
    if change.before.is_some() {
        return Ok(());
    }
    let (there, wanted) = (active_of(world.store, set.uid()), number(set, "/spec/replicas"));
    holds(there <= wanted, || format!("{} wants {wanted} and has {there}", set.name()))
}

pub(super) fn break_more(lab: &mut Lab) {
    let set = lab.put(lab::replica_set("a", 1));
    lab.by("replicaset-controller");
    for name in ["a-1", "a-2"] {
        lab.put(lab::child(lab::pod(name), &set));
    }
}

/// Whether a write begins the end of a Pod.
fn ends(change: &Change) -> bool {
    let lived = change
        .before
        .as_ref()
        .is_some_and(|before| before.as_pod().is_some_and(|pod| active(before, pod)));
    lived && change.after.as_ref().is_none_or(|after| after.terminating())
}

pub(super) fn no_fewer_than_wanted(world: &World<'_>, change: &Change) -> Verdict {
    let Some(set) = set_of(world.store, change) else { return Ok(()) };
    if !ends(change) {
        return Ok(());
    }
    let (there, wanted) = (active_of(world.store, set.uid()), number(set, "/spec/replicas"));
    holds(there >= wanted, || format!("{} wants {wanted} and has {there}", set.name()))
}

pub(super) fn break_fewer(lab: &mut Lab) {
    let set = lab.put(lab::replica_set("a", 1));
    lab.by("replicaset-controller");
    let pod = lab.put(lab::child(lab::pod("a-1"), &set));
    lab.delete(&pod);
}

/// The node that a daemon's Pod is made for (`GetTargetNodeName`).
fn target(pod: &Object) -> Value {
    let affinity = "/spec/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution";
    field(pod, &format!("{affinity}/nodeSelectorTerms/0/matchFields/0/values/0"))
}

pub(super) fn one_daemon_a_node(world: &World<'_>, change: &Change) -> Verdict {
    let (None, Some(after)) = (&change.before, &change.after) else { return Ok(()) };
    if change.key.kind != Kind::Pod || !by(change, "daemonset-controller") {
        return Ok(());
    }
    let Some(set) = owner(world.store, after) else { return Ok(()) };
    let surge = field(set, "/spec/updateStrategy/rollingUpdate/maxSurge");
    let most = if surge.is_null() || surge == 0 || surge == "0%" { 1 } else { 2 };
    let node = target(after);
    let owned = world.store.owned_by(set.uid());
    let there = owned
        .filter(|pod| pod.as_pod().is_some_and(|body| active(pod, body)) && target(pod) == node);
    let there = there.count();
    holds(there <= most, || format!("{there} for {node}"))
}

pub(super) fn break_daemons(lab: &mut Lab) {
    let set = lab.put(lab::daemon_set("agent"));
    lab.by("daemonset-controller");
    for name in ["agent-1", "agent-2"] {
        let mut value = lab::child(lab::pod(name), &set);
        let fields = json!([{ "key": "metadata.name", "operator": "In", "values": ["n1"] }]);
        value["spec"]["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"] =
            json!({ "nodeSelectorTerms": [{ "matchFields": fields }] });
        lab.put(value);
    }
}

pub(super) fn endpoints_are_ready(world: &World<'_>, change: &Change) -> Verdict {
    let Some(slice) = &change.after else { return Ok(()) };
    if change.key.kind != Kind::EndpointSlice || !by(change, "endpoint-slice-controller") {
        return Ok(());
    }
    let service = slice.label("kubernetes.io/service-name").unwrap_or_default();
    let service = world.store.get(&Key::new(Kind::Service, slice.namespace(), service));
    let any = service.is_some_and(|one| field(one, "/spec/publishNotReadyAddresses") == true);
    if any {
        return Ok(());
    }
    for endpoint in field(slice, "/endpoints").as_array().into_iter().flatten() {
        let name = endpoint["targetRef"]["name"].as_str().unwrap_or_default();
        let pod = world.store.get(&Key::new(Kind::Pod, slice.namespace(), name));
        let fine = pod.is_some_and(|pod| !pod.terminating() && pod.as_pod().is_some_and(ready));
        if endpoint["conditions"]["ready"] == true && !fine {
            return Err(format!("{name} is not ready"));
        }
    }
    Ok(())
}

pub(super) fn break_endpoints(lab: &mut Lab) {
    lab.put(lab::pod("a"));
    lab.by("endpoint-slice-controller");
    lab.put(lab::slice("web", "10.244.1.7", "a"));
}
