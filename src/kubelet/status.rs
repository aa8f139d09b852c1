//! What the kubelet reports of a Pod: phase, conditions, the state of each container.
//!
//! Models `generateAPIPodStatus` and `convertToAPIContainerStatuses` of kubernetes `pkg/kubelet/kubelet_pods.go`,
//! `pkg/kubelet/status/generate.go`, and `mergePodStatus` of `status_manager.go`.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{
    Container, ContainerState, ContainerStateRunning, ContainerStateTerminated,
    ContainerStateWaiting, ContainerStatus, HostIP, PodCondition, PodIP, PodStatus,
    ResourceRequirements, VolumeMountStatus,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity as Wire;

use super::worker::{Ended, Run, Step, Worker};
use super::{Host, World};
use crate::quantity::Quantity;
use crate::time::Time;

/// The conditions that are the kubelet's, in the order of its reports.
pub(super) const CONDITIONS: [&str; 5] =
    ["PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"];

impl Worker {
    /// Writes the Pod's status; `ending` once nothing of it will run again.
    pub(super) fn report(&mut self, host: &Host, world: &mut World<'_>, ending: bool) {
        if !world.connected {
            return;
        }
        host.look_for_node(world);
        let now = world.now();
        let key = self.key.clone();
        let current = world.client.store().get(&key).filter(|object| object.uid() == &*self.uid);
        let Some(current) = current.cloned() else { return };
        let old = &current.as_pod().expect("the key is a Pod's").status;
        let status = self.status(old, host, now, ending);
        if **old == status {
            self.pod = current;
            return;
        }
        let written = world.client.set_pod_status(&key, status);
        if let Ok(written) = written {
            self.pod = written;
        }
    }

    fn status(&self, old: &PodStatus, host: &Host, now: Time, ending: bool) -> PodStatus {
        let inits = self.inits();
        let ending = ending || matches!(self.step, Step::Terminated);
        // A Pod that was declared at its end while the machine was away stays there (`generateAPIPodStatus`).
        let phase = match old.phase.as_deref() {
            Some("Succeeded") => "Succeeded",
            Some("Failed") => "Failed",
            _ => self.phase(ending),
        };
        let of = |range: std::ops::Range<usize>| {
            let list: Vec<_> =
                range.map(|index| self.container_status(index, host, ending)).collect();
            (!list.is_empty()).then_some(list)
        };
        let failure = self.failure.as_ref();
        let mut status = PodStatus {
            phase: Some(phase.to_owned()),
            observed_generation: self.pod.meta.generation,
            host_ip: Some(host.address.to_string()),
            host_ips: Some(vec![HostIP { ip: host.address.to_string() }]),
            start_time: Some(self.start_time.to_meta()),
            init_container_statuses: of(0..inits),
            container_statuses: of(inits..self.runs.len()),
            qos_class: old.qos_class.clone(),
            nominated_node_name: old.nominated_node_name.clone(),
            resource_claim_statuses: old.resource_claim_statuses.clone(),
            reason: failure.map(|(reason, _)| (*reason).to_owned()).or(old.reason.clone()),
            message: failure.map(|(_, message)| message.to_string()).or(old.message.clone()),
            ..PodStatus::default()
        };
        if let Some(ip) = self.ip {
            status.pod_ip = Some(ip.to_string());
            status.pod_ips = Some(vec![PodIP { ip: ip.to_string() }]);
        }
        let (resources, allocated) = self.resources();
        status.resources = Some(resources);
        status.allocated_resources = allocated;
        status.conditions = Some(self.conditions(old, phase, now));
        status
    }

    /// What the Pod asks for and may use, over its main containers and sidecars. *Differs:* a larger init container
    /// does not raise it yet.
    fn resources(&self) -> (ResourceRequirements, Option<BTreeMap<String, Wire>>) {
        let running = (0..self.runs.len())
            .filter(|index| *index >= self.inits() || self.is_sidecar(*index))
            .filter_map(|index| self.container(index).resources.clone());
        let resources = sum(running);
        let allocated = resources.requests.clone();
        (resources, allocated)
    }

    fn conditions(&self, old: &PodStatus, phase: &str, now: Time) -> Vec<PodCondition> {
        let previous = old.conditions.as_deref().unwrap_or_default();
        let foreign =
            previous.iter().filter(|condition| !CONDITIONS.contains(&condition.type_.as_str()));
        let mut conditions: Vec<PodCondition> = foreign.cloned().collect();
        let at = conditions.iter().position(|condition| condition.type_ == "DisruptionTarget");
        if let Some(condition) = self.disrupted(at.and_then(|at| conditions.get(at)), now) {
            conditions.retain(|condition| condition.type_ != "DisruptionTarget");
            conditions.push(condition);
        }
        let containers = self.containers_ready(phase);
        let facts = [
            if self.sandbox { Verdict::TRUE } else { Verdict::FALSE },
            self.initialized(phase),
            self.pod_ready(&containers, previous),
            containers,
            Verdict::TRUE,
        ];
        for (type_, verdict) in CONDITIONS.into_iter().zip(facts) {
            let before = previous.iter().find(|condition| condition.type_ == type_);
            let status = if verdict.holds { "True" } else { "False" };
            let since = before
                .filter(|before| before.status == status)
                .and_then(|before| before.last_transition_time.clone());
            conditions.push(PodCondition {
                type_: type_.to_owned(),
                status: status.to_owned(),
                reason: (!verdict.reason.is_empty()).then(|| verdict.reason.to_owned()),
                message: (!verdict.message.is_empty()).then_some(verdict.message),
                observed_generation: self.pod.meta.generation,
                last_transition_time: Some(since.unwrap_or_else(|| now.to_meta())),
                last_probe_time: None,
            });
        }
        conditions
    }

    fn initialized(&self, phase: &str) -> Verdict {
        if phase == "Succeeded" {
            return Verdict { reason: "PodCompleted", ..Verdict::TRUE };
        }
        let inits = self.inits();
        if self.runs.iter().skip(inits).any(|runs| runs.now.is_some()) {
            return Verdict::TRUE;
        }
        let open = (0..inits).filter(|index| {
            if self.is_sidecar(*index) {
                !self.started(*index)
            } else {
                self.runs[*index].ended().is_none_or(|ended| ended.code != 0)
            }
        });
        let names: Vec<&str> = open.map(|index| self.container(index).name.as_str()).collect();
        if names.is_empty() {
            return Verdict::TRUE;
        }
        Verdict {
            holds: false,
            reason: "ContainersNotInitialized",
            message: format!("containers with incomplete status: [{}]", names.join(" ")),
        }
    }

    fn containers_ready(&self, phase: &str) -> Verdict {
        match phase {
            "Succeeded" => return Verdict { reason: "PodCompleted", ..Verdict::FALSE },
            "Failed" => return Verdict { reason: "PodFailed", ..Verdict::FALSE },
            _ => {}
        }
        let inits = self.inits();
        let unready = (0..self.runs.len())
            .filter(|index| *index >= inits || self.is_sidecar(*index))
            .filter(|index| !self.ready(*index));
        let names: Vec<&str> = unready.map(|index| self.container(index).name.as_str()).collect();
        if names.is_empty() {
            return Verdict::TRUE;
        }
        Verdict {
            holds: false,
            reason: "ContainersNotReady",
            message: format!("containers with unready status: [{}]", names.join(" ")),
        }
    }

    /// Ready: the containers are, and every readiness gate's condition is true.
    fn pod_ready(&self, containers: &Verdict, previous: &[PodCondition]) -> Verdict {
        if !containers.holds {
            return containers.clone();
        }
        let gates = self.spec().readiness_gates.iter().flatten();
        let closed: Vec<String> = gates
            .filter_map(|gate| {
                let name = &gate.condition_type;
                match previous.iter().find(|condition| condition.type_ == *name) {
                    None => Some(format!(
                        "corresponding condition of pod readiness gate \"{name}\" does not exist."
                    )),
                    Some(condition) if condition.status != "True" => Some(format!(
                        "the status of pod readiness gate \"{name}\" is not \"True\", but {}",
                        condition.status
                    )),
                    Some(_) => None,
                }
            })
            .collect();
        if closed.is_empty() {
            return Verdict::TRUE;
        }
        Verdict { holds: false, reason: "ReadinessGatesNotReady", message: closed.join(", ") }
    }

    fn container_status(&self, index: usize, host: &Host, ending: bool) -> ContainerStatus {
        let (container, runs) = (self.container(index), &self.runs[index]);
        let image = container.image.clone().unwrap_or_default();
        let mut status = ContainerStatus {
            name: container.name.clone(),
            image: image.clone(),
            restart_count: runs.restarts,
            started: Some(self.started(index)),
            ready: self.is_ready(index),
            last_state: Some(last_state(runs.before.as_ref())),
            volume_mounts: self.mounts(container),
            ..ContainerStatus::default()
        };
        if let Some(run) = &runs.now {
            status.container_id = Some(format!("containerd://{}", run.id));
            status.image = host.rules.image_name(&image, &run.image.reference);
            status.image_id = host.rules.image_id(&image, &run.image.reference, &run.image.digest);
            status.state = Some(state(run));
            let resources = container.resources.clone().unwrap_or_default();
            status.allocated_resources.clone_from(&resources.requests);
            status.resources = Some(resources);
        } else {
            let reason = self.not_yet();
            status.state = Some(waiting(reason, ""));
        }
        // A container that will be tried again is waiting, with the reason why it could not be started so far.
        let again = !ending && !runs.running() && self.should_start(index, runs);
        if let Some((reason, message)) = runs.waiting.as_ref().filter(|_| again) {
            if let Some(run) = runs.now.as_ref().filter(|run| run.ended.is_some()) {
                status.last_state = Some(state(run));
            }
            status.state = Some(waiting(reason, message));
        }
        status
    }

    /// An init container that ends is ready once it succeeded.
    fn is_ready(&self, index: usize) -> bool {
        if index < self.inits() && !self.is_sidecar(index) {
            return self.runs[index].ended().is_some_and(|ended| ended.code == 0);
        }
        self.ready(index)
    }

    fn mounts(&self, container: &Container) -> Option<Vec<VolumeMountStatus>> {
        let suffix = self.body().own.token_suffix.as_deref();
        let mounts = container.volume_mounts.as_ref()?.iter().map(|mount| VolumeMountStatus {
            name: match suffix {
                Some(suffix) if mount.name == crate::object::TOKEN_VOLUME => {
                    format!("{}{suffix}", mount.name)
                }
                _ => mount.name.clone(),
            },
            mount_path: mount.mount_path.clone(),
            read_only: mount.read_only.filter(|read_only| *read_only),
            recursive_read_only: (mount.read_only == Some(true)).then(|| {
                mount.recursive_read_only.clone().unwrap_or_else(|| "Disabled".to_owned())
            }),
            volume_status: None,
        });
        Some(mounts.collect())
    }
}

/// Whether a condition holds, and why not.
#[derive(Clone, Debug)]
struct Verdict {
    holds: bool,
    reason: &'static str,
    message: String,
}

impl Verdict {
    const TRUE: Self = Self { holds: true, reason: "", message: String::new() };
    const FALSE: Self = Self { holds: false, reason: "", message: String::new() };
}

fn waiting(reason: &str, message: &str) -> ContainerState {
    let waiting = ContainerStateWaiting {
        reason: Some(reason.to_owned()),
        message: (!message.is_empty()).then(|| message.to_owned()),
    };
    ContainerState { waiting: Some(waiting), ..ContainerState::default() }
}

fn state(run: &Run) -> ContainerState {
    if let Some(ended) = &run.ended {
        let terminated = Some(terminated(run, ended));
        return ContainerState { terminated, ..ContainerState::default() };
    }
    let running = ContainerStateRunning { started_at: Some(run.started_at.to_meta()) };
    ContainerState { running: Some(running), ..ContainerState::default() }
}

fn terminated(run: &Run, ended: &Ended) -> ContainerStateTerminated {
    ContainerStateTerminated {
        container_id: Some(format!("containerd://{}", run.id)),
        exit_code: ended.code,
        reason: Some(ended.reason.to_owned()),
        message: ended.message.clone(),
        started_at: Some(run.started_at.to_meta()),
        finished_at: Some(ended.at.to_meta()),
        signal: None,
    }
}

fn last_state(before: Option<&Run>) -> ContainerState {
    before.map_or_else(ContainerState::default, state)
}

/// The requirements of several containers together.
fn sum(lists: impl Iterator<Item = ResourceRequirements>) -> ResourceRequirements {
    let mut total = ResourceRequirements::default();
    for list in lists {
        add(&mut total.requests, list.requests);
        add(&mut total.limits, list.limits);
    }
    total
}

fn add(total: &mut Option<BTreeMap<String, Wire>>, more: Option<BTreeMap<String, Wire>>) {
    for (name, amount) in more.into_iter().flatten() {
        let sum = total.get_or_insert_default().entry(name).or_insert_with(|| Wire("0".to_owned()));
        if sum.0 == "0" {
            *sum = amount;
        } else if let (Ok(one), Ok(other)) = (Quantity::parse(&sum.0), Quantity::parse(&amount.0)) {
            sum.0 = one.plus(&other).to_string();
        }
    }
}
