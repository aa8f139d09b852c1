//! A Pod as the picture shows it: colour is the version of its image, shape is its health.
//!
//! Health follows what `kubectl get pods` would print as STATUS, folded into the few shapes that can be told apart.
//! Models the order of precedence in kubernetes `pkg/printers/internalversion/printers.go` (printPod).

use k8s_openapi::api::core::v1::{ContainerState, ContainerStatus, PodStatus};

use super::version::{Look, image, version};
use crate::object::{Body, Key, Name, Object, PodBody};
use crate::output::columns::summarize_pod;
use crate::quantity::Quantity;
use crate::view::forecast::{self, Soon};

/// How many colours there are for versions; more versions than that share.
pub const TINTS: u8 = 8;

/// What a Pod's init containers have done: how many are finished, of how many.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Steps {
    /// Finished ones.
    pub done: usize,
    /// All of them.
    pub all: usize,
}

/// The shape of a Pod.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Health {
    /// No node yet.
    Queued,
    /// On a node, nothing runs yet.
    Starting,
    /// Runs, but is not ready.
    Unready,
    /// Ready.
    Ready,
    /// Ran and fell, more than once or just now.
    Crashing,
    /// Its containers cannot be made: image, configuration.
    Stuck,
    /// Asked to go.
    Terminating,
    /// Succeeded.
    Done,
    /// Failed for good.
    Failed,
}

/// One Pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PodView {
    /// Where it stands in the store.
    pub key: Key,
    /// Tells it from an earlier one of the same name.
    pub uid: Name,
    /// What it is an instance of, short: its `app` label, or its name without the generated part.
    pub app: String,
    /// The tag of its first image.
    pub version: String,
    /// How that version looks.
    pub look: Look,
    /// What it is controlled by, where something does.
    pub owner: Option<Name>,
    /// Its shape.
    pub health: Health,
    /// The word for its state, as kubectl prints it.
    pub status: String,
    /// Restarts of all its containers.
    pub restarts: i32,
    /// Its init containers, while they have not all finished.
    pub steps: Option<Steps>,
    /// Whether a container of it runs.
    pub running: bool,
    /// Whether one of its containers has a readiness probe.
    pub probed: bool,
    /// What happens to it next by itself.
    pub soon: Option<Soon>,
    /// The node it is bound to.
    pub node: Option<Name>,
    /// Why it waits for a node, where the scheduler said so.
    pub waiting: Option<String>,
    /// Requested CPU, in thousandths.
    pub cpu_milli: i64,
    /// Requested memory, in bytes.
    pub memory_bytes: i64,
}

/// Reads a Pod; `look` gives the look of an image.
pub(super) fn pod(object: &Object, look: impl FnOnce(&str) -> Look) -> Option<PodView> {
    let Body::Pod(body) = &object.body else { return None };
    let image = image(&body.shared);
    let containers = || body.status.container_statuses.iter().flatten();
    let summary = summarize_pod(object, body);
    Some(PodView {
        key: object.key(),
        uid: object.uid().into(),
        app: app(object),
        version: version(image).to_owned(),
        look: look(image),
        owner: object.controller().map(|owner| owner.name.as_str().into()),
        health: health(object, body),
        status: summary.status.into_owned(),
        restarts: summary.restarts,
        steps: steps(body),
        running: containers().any(running),
        probed: body.shared.containers.iter().any(|one| one.readiness_probe.is_some()),
        soon: forecast::of_pod(object, body),
        node: body.own.node_name.clone(),
        waiting: unschedulable(&body.status).map(str::to_owned),
        cpu_milli: requested(body, "cpu", Quantity::milli_value),
        memory_bytes: requested(body, "memory", Quantity::value),
    })
}

fn health(object: &Object, body: &PodBody) -> Health {
    let status = &body.status;
    let containers: Vec<&ContainerStatus> = status
        .init_container_statuses
        .iter()
        .flatten()
        .chain(status.container_statuses.iter().flatten())
        .collect();
    match status.phase.as_deref() {
        _ if object.terminating() => Health::Terminating,
        Some("Succeeded") => Health::Done,
        Some("Failed") => Health::Failed,
        _ if body.own.node_name.is_none() => Health::Queued,
        _ if containers.iter().any(|container| stuck(container)) => Health::Stuck,
        _ if containers.iter().any(|container| crashing(container)) => Health::Crashing,
        _ if condition(status, "Ready") => Health::Ready,
        _ if containers.iter().any(|container| running(container)) => Health::Unready,
        _ => Health::Starting,
    }
}

fn steps(body: &PodBody) -> Option<Steps> {
    let all = body.shared.init_containers.as_ref()?.len();
    let finished = |status: &&ContainerStatus| {
        let end = status.state.as_ref().and_then(|state| state.terminated.as_ref());
        end.is_some_and(|end| end.exit_code == 0) || (status.ready && status.started == Some(true))
    };
    let done = body.status.init_container_statuses.iter().flatten().filter(finished).count();
    (done < all).then_some(Steps { done, all })
}

fn stuck(container: &ContainerStatus) -> bool {
    waiting_reason(container).is_some_and(|reason| {
        !matches!(reason, "ContainerCreating" | "PodInitializing" | "CrashLoopBackOff")
    })
}

fn crashing(container: &ContainerStatus) -> bool {
    let terminated = |state: &Option<ContainerState>| {
        state.as_ref().and_then(|state| state.terminated.as_ref()).map(|end| end.exit_code)
    };
    waiting_reason(container) == Some("CrashLoopBackOff")
        || terminated(&container.state).is_some_and(|code| code != 0)
        || (!container.ready && terminated(&container.last_state).is_some_and(|code| code != 0))
}

fn running(container: &ContainerStatus) -> bool {
    container.state.as_ref().is_some_and(|state| state.running.is_some())
}

fn waiting_reason(container: &ContainerStatus) -> Option<&str> {
    container.state.as_ref()?.waiting.as_ref()?.reason.as_deref()
}

fn condition(status: &PodStatus, name: &str) -> bool {
    status
        .conditions
        .iter()
        .flatten()
        .any(|condition| condition.type_ == name && condition.status == "True")
}

/// What the scheduler said when it found no node.
fn unschedulable(status: &PodStatus) -> Option<&str> {
    status
        .conditions
        .iter()
        .flatten()
        .find(|condition| condition.type_ == "PodScheduled" && condition.status == "False")
        .and_then(|condition| condition.message.as_deref().or(condition.reason.as_deref()))
}

fn requested(body: &PodBody, resource: &str, read: fn(&Quantity) -> i64) -> i64 {
    let of = |container: &k8s_openapi::api::core::v1::Container| {
        let requests = container.resources.as_ref()?.requests.as_ref()?;
        Quantity::parse(&requests.get(resource)?.0).ok().map(|quantity| read(&quantity))
    };
    let running: i64 = body.shared.containers.iter().filter_map(of).sum();
    let init = body.shared.init_containers.iter().flatten().filter_map(of).max();
    running.max(init.unwrap_or(0))
}

fn app(object: &Object) -> String {
    let label = ["app.kubernetes.io/name", "app", "k8s-app", "run"]
        .into_iter()
        .find_map(|label| object.label(label).filter(|value| !value.is_empty()));
    let name = || object.meta.generate_name.as_deref().unwrap_or(object.name());
    let hashed = object.label("pod-template-hash");
    label.map_or_else(
        || {
            let name = name().trim_end_matches('-');
            let stem = hashed.and_then(|hash| name.strip_suffix(hash)).unwrap_or(name);
            stem.trim_end_matches('-').to_owned()
        },
        str::to_owned,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

    fn example(phase: &str, waiting: Option<&str>, node: Option<&str>) -> Object {
        let mut body = PodBody::default();
        body.own.node_name = node.map(Into::into);
        let container = ContainerStatus {
            state: Some(ContainerState {
                waiting: waiting.map(|reason| k8s_openapi::api::core::v1::ContainerStateWaiting {
                    reason: Some(reason.to_owned()),
                    message: None,
                }),
                ..ContainerState::default()
            }),
            ..ContainerStatus::default()
        };
        body.status = PodStatus {
            phase: Some(phase.to_owned()),
            container_statuses: Some(vec![container]),
            ..PodStatus::default()
        }
        .into();
        let meta = ObjectMeta { name: Some("web-1".to_owned()), ..ObjectMeta::default() };
        Object::new(meta, Body::Pod(body))
    }

    #[test]
    fn health_is_told_from_the_status() {
        for (phase, waiting, node, health, word) in [
            ("Pending", None, None, Health::Queued, "Pending"),
            (
                "Pending",
                Some("ContainerCreating"),
                Some("n"),
                Health::Starting,
                "ContainerCreating",
            ),
            ("Pending", Some("ImagePullBackOff"), Some("n"), Health::Stuck, "ImagePullBackOff"),
            ("Running", Some("CrashLoopBackOff"), Some("n"), Health::Crashing, "CrashLoopBackOff"),
            ("Succeeded", None, Some("n"), Health::Done, "Succeeded"),
        ] {
            let view =
                pod(&example(phase, waiting, node), |_| Look::default()).expect("it is a Pod");
            assert_eq!((view.health, view.status.as_str()), (health, word), "{phase} {waiting:?}");
        }
    }
}
