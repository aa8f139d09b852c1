//! `NAME READY STATUS RESTARTS AGE` of Pods.
//!
//! STATUS is no field: it is told from phase, reason, init containers, containers and deletion, in this order of
//! growing weight. Models `printPod`.

use k8s_openapi::api::core::v1::{ContainerStateTerminated, ContainerStatus, PodCondition};

use super::{Cell, Columns, always, created, name, or_none, wide};
use crate::object::{Body, Object, PodBody};
use crate::output::age;
use crate::time::Time;

pub(super) const COLUMNS: Columns = Columns {
    columns: &[
        always("Name"),
        always("Ready"),
        always("Status"),
        always("Restarts"),
        always("Age"),
        wide("IP"),
        wide("Node"),
        wide("Nominated Node"),
        wide("Readiness Gates"),
    ],
    cells,
};

/// What the columns READY, STATUS and RESTARTS are made of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PodSummary<'a> {
    /// STATUS.
    pub status: Cell<'a>,
    /// Containers that are ready, sidecars included.
    pub ready: usize,
    /// Containers that should be.
    pub total: usize,
    /// Restarts of the containers that count at this stage.
    pub restarts: i32,
    /// When a container last ended and was started again.
    pub last_restart: Option<Time>,
}

fn cells(object: &Object, now: Time) -> Vec<Cell<'_>> {
    let Body::Pod(pod) = &object.body else { return Vec::new() };
    let summary = summarize(object, pod);
    let restarts: Cell<'_> = match summary.last_restart {
        _ if summary.restarts == 0 => "0".into(),
        Some(last) => format!("{} ({} ago)", summary.restarts, age::since(last, now)).into(),
        None => summary.restarts.to_string().into(),
    };
    let ip = pod.status.pod_ips.iter().flatten().next().map(|ip| ip.ip.as_str());
    vec![
        name(object),
        of_all(summary.ready, summary.total),
        summary.status,
        restarts,
        created(object, now),
        or_none(ip),
        or_none(pod.own.node_name.as_deref()),
        or_none(pod.status.nominated_node_name.as_deref()),
        readiness_gates(pod),
    ]
}

/// How many of how many: `1/1`, what nearly every Pod says.
fn of_all(some: usize, all: usize) -> Cell<'static> {
    match (some, all) {
        (1, 1) => "1/1".into(),
        _ => format!("{some}/{all}").into(),
    }
}

/// What a Pod's table row says of it.
pub fn summarize<'a>(object: &Object, pod: &'a PodBody) -> PodSummary<'a> {
    let status = &pod.status;
    let conditions = status.conditions.as_deref().unwrap_or_default();
    let phase = status.phase.as_deref().unwrap_or_default();
    let mut summary = PodSummary {
        status: status.reason.as_deref().filter(|text| !text.is_empty()).unwrap_or(phase).into(),
        total: pod.shared.containers.len() + sidecars(pod),
        ..PodSummary::default()
    };
    let gated = |condition: &PodCondition| {
        condition.type_ == "PodScheduled" && condition.reason.as_deref() == Some("SchedulingGated")
    };
    if conditions.iter().any(gated) {
        summary.status = "SchedulingGated".into();
    }
    let sidecar = init_containers(pod, &mut summary);
    let initializing = sidecar.initializing;
    if !initializing || is_true(conditions, "Initialized") {
        summary.restarts = sidecar.restarts;
        summary.last_restart = sidecar.last_restart;
        containers(pod, conditions, &mut summary);
    }
    if object.terminating() {
        if status.reason.as_deref() == Some("NodeLost") {
            summary.status = "Unknown".into();
        } else if !matches!(phase, "Succeeded" | "Failed") {
            summary.status = "Terminating".into();
        }
    }
    summary
}

fn is_sidecar(pod: &PodBody, name: &str) -> bool {
    let mut init = pod.shared.init_containers.iter().flatten();
    init.any(|container| {
        container.name == name && container.restart_policy.as_deref() == Some("Always")
    })
}

fn sidecars(pod: &PodBody) -> usize {
    let init = pod.shared.init_containers.iter().flatten();
    init.filter(|container| container.restart_policy.as_deref() == Some("Always")).count()
}

/// What the sidecars among the init containers add once the Pod is initialised.
#[derive(Default)]
struct Sidecars {
    initializing: bool,
    restarts: i32,
    last_restart: Option<Time>,
}

fn init_containers(pod: &PodBody, summary: &mut PodSummary<'_>) -> Sidecars {
    let mut sidecars = Sidecars::default();
    let total = pod.shared.init_containers.as_ref().map_or(0, Vec::len);
    for (index, container) in pod.status.init_container_statuses.iter().flatten().enumerate() {
        let sidecar = is_sidecar(pod, &container.name);
        let ended = last_end(container);
        summary.restarts += container.restart_count;
        summary.last_restart = summary.last_restart.max(ended);
        if sidecar {
            sidecars.restarts += container.restart_count;
            sidecars.last_restart = sidecars.last_restart.max(ended);
        }
        let state = container.state.as_ref();
        let terminated = state.and_then(|state| state.terminated.as_ref());
        let waiting = state.and_then(|state| state.waiting.as_ref());
        let waiting = waiting.and_then(|waiting| waiting.reason.as_deref());
        match (terminated, waiting) {
            (Some(terminated), _) if terminated.exit_code == 0 => continue,
            _ if sidecar && container.started == Some(true) => {
                summary.ready += usize::from(container.ready);
                continue;
            }
            (Some(terminated), _) => {
                summary.status = format!("Init:{}", end_text(terminated)).into();
            }
            (None, Some(reason)) if !reason.is_empty() && reason != "PodInitializing" => {
                summary.status = format!("Init:{reason}").into();
            }
            _ => summary.status = format!("Init:{index}/{total}").into(),
        }
        sidecars.initializing = true;
        break;
    }
    sidecars
}

fn containers<'a>(pod: &'a PodBody, conditions: &[PodCondition], summary: &mut PodSummary<'a>) {
    let mut running = false;
    for container in pod.status.container_statuses.iter().flatten().rev() {
        summary.restarts += container.restart_count;
        summary.last_restart = summary.last_restart.max(last_end(container));
        let Some(state) = &container.state else { continue };
        let waiting = state.waiting.as_ref().and_then(|waiting| waiting.reason.as_deref());
        match (waiting.filter(|reason| !reason.is_empty()), &state.terminated) {
            (Some(reason), _) => summary.status = reason.into(),
            (None, Some(terminated)) => summary.status = end_text(terminated),
            (None, None) if container.ready && state.running.is_some() => {
                running = true;
                summary.ready += 1;
            }
            (None, None) => {}
        }
    }
    if summary.status == "Completed" && running {
        let ready = is_true(conditions, "Ready");
        summary.status = if ready { "Running" } else { "NotReady" }.into();
    }
}

/// How a container ended: its reason, else its signal or exit code.
fn end_text(end: &ContainerStateTerminated) -> Cell<'_> {
    match (end.reason.as_deref(), end.signal) {
        (Some(reason), _) if !reason.is_empty() => reason.into(),
        (_, Some(signal)) if signal != 0 => format!("Signal:{signal}").into(),
        _ => format!("ExitCode:{}", end.exit_code).into(),
    }
}

fn last_end(container: &ContainerStatus) -> Option<Time> {
    let end = container.last_state.as_ref()?.terminated.as_ref()?;
    end.finished_at.as_ref().map(Time::from)
}

fn is_true(conditions: &[PodCondition], kind: &str) -> bool {
    conditions.iter().any(|condition| condition.type_ == kind && condition.status == "True")
}

fn readiness_gates(pod: &PodBody) -> Cell<'static> {
    let gates = pod.shared.readiness_gates.as_deref().unwrap_or_default();
    if gates.is_empty() {
        return super::NONE.into();
    }
    let conditions = pod.status.conditions.as_deref().unwrap_or_default();
    let open = gates.iter().filter(|gate| is_true(conditions, &gate.condition_type)).count();
    of_all(open, gates.len())
}
