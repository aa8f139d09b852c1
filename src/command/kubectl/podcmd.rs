//! Which Pod and which container a command means: of a Pod, or of what has Pods.
//!
//! Models kubectl `pkg/cmd/util/podcmd/podcmd.go` and `pkg/polymorphichelpers/{attachablepodforobject,helpers}.go`.

use std::sync::Arc;

use k8s_openapi::api::core::v1::Container;

use super::call::Call;
use super::common::within_pod_running_timeout;
use super::failure::Failure;
use super::kinds;
use crate::cluster::Cluster;
use crate::object::{Key, Kind, Object, PodBody, StatusError, selector_matches};

/// What `web` or `deployment/web` names.
fn key(call: &Call, target: &str) -> Result<Key, Failure> {
    Ok(match target.split_once('/') {
        Some((kind, name)) => call.key(kinds::of_word(call.known(), kind)?, name),
        None => call.key(Kind::Pod, target),
    })
}

/// The object that is named, if it is there.
pub(super) fn named(call: &Call, target: &str) -> Result<Option<Arc<Object>>, Failure> {
    Ok(call.get(&key(call, target)?))
}

/// The Pod that is named, or the best one of what is named: one that runs and is ready, the oldest of those
/// (`attachablePodForObject`).
pub(super) async fn attachable(call: &Call, target: &str) -> Result<Arc<Object>, Failure> {
    let key = key(call, target)?;
    let object = call.get(&key).ok_or_else(|| StatusError::not_found(&key))?;
    if object.as_pod().is_some() {
        return Ok(object);
    }
    let Some(selector) = object.pod_selector() else {
        return Err(Failure::plain(format!("cannot attach to {}", without_pods(&object))));
    };
    let namespace = call.namespace().to_owned();
    let best = move |cluster: &Cluster| {
        let pods = cluster.store().list(Kind::Pod, Some(&namespace));
        let matching = pods.filter(|pod| selector_matches(&selector, pod.meta.labels.as_ref()));
        matching.max_by_key(|pod| rank(pod)).cloned()
    };
    within_pod_running_timeout(call, best).await
}

/// Why no Pods come of an object, in kubectl's own words (`SelectorsForObject` of `pkg/polymorphichelpers/helpers.go`,
/// "not implemented" included).
pub(super) fn without_pods(object: &Object) -> String {
    let (kind, name) = (object.kind().info().name, object.name());
    if object.kind() == Kind::Service {
        return format!(
            "*v1.Service: invalid service '{name}': Service is defined without a selector"
        );
    }
    format!("*v1.{kind}: selector for *v1.{kind} not implemented")
}

/// The names of a Pod's containers in one line (`AllContainerNames`).
pub(super) fn all_containers(body: &PodBody) -> String {
    let name = |container: &Container| container.name.clone();
    let mut all: Vec<String> = body.shared.containers.iter().map(name).collect();
    let inits = body.shared.init_containers.iter().flatten();
    all.extend(inits.map(|container| format!("{} (init)", container.name)));
    all.join(", ")
}

/// That a Pod has no such container.
pub(super) fn no_such_container(pod: &Object, body: &PodBody, name: &str) -> Failure {
    let all = all_containers(body);
    Failure::plain(format!("container {name} is not valid for pod {} out of: {all}", pod.name()))
}

/// How well a Pod serves to run something in (`podutils.ActivePods`, from its end).
fn rank(pod: &Object) -> (bool, bool, bool, std::cmp::Reverse<i64>) {
    let Some(body) = pod.as_pod() else { return (false, false, false, std::cmp::Reverse(0)) };
    let running = body.status.phase.as_deref() == Some("Running");
    let mut conditions = body.status.conditions.iter().flatten();
    let ready =
        conditions.any(|condition| condition.type_ == "Ready" && condition.status == "True");
    let created = pod.meta.creation_timestamp.as_ref().map_or(0, |time| time.0.as_second());
    (body.own.node_name.is_some(), running, ready, std::cmp::Reverse(created))
}

/// The container that is named, annotated or first, to do something with: `attach`, `exec into`.
pub(super) fn container(call: &Call, pod: &Object, act: &str) -> Result<String, Failure> {
    let body = pod.as_pod().ok_or_else(|| Failure::plain("the object is no Pod"))?;
    if let Some(phase @ ("Succeeded" | "Failed")) = body.status.phase.as_deref() {
        return Err(Failure::plain(format!(
            "cannot {act} a container in a completed pod; current phase is {phase}"
        )));
    }
    let named = call.flags.text("container");
    let inits = body.shared.init_containers.as_deref().unwrap_or_default();
    let containers = &body.shared.containers;
    let annotated = pod.annotation("kubectl.kubernetes.io/default-container");
    let known =
        |name: &&str| containers.iter().chain(inits).any(|container| container.name == *name);
    if !named.is_empty() {
        return match Some(named).filter(known) {
            Some(name) => Ok(name.to_owned()),
            None => Err(no_such_container(pod, body, named)),
        };
    }
    if let Some(name) = annotated.filter(known) {
        return Ok(name.to_owned());
    }
    let first = containers.first().map(|container| container.name.clone()).unwrap_or_default();
    if containers.len() + inits.len() > 1 && !call.flags.on("quiet") {
        call.err(format!("Defaulted container {first:?} out of: {}", all_containers(body)))?;
    }
    Ok(first)
}
