//! A Pod's worker: what the kubelet knows and does about one Pod.
//!
//! A worker is at one [`Step`] at a time. [`Worker::work`] takes steps until it has to wait; [`Worker::plan`] then makes
//! the moment due at which it goes on. Between syncs it is idle. Models kubernetes `pkg/kubelet/pod_workers.go`.

use std::net::Ipv4Addr;
use std::sync::Arc;

use k8s_openapi::api::core::v1::{Container, ContainerStatus, PodSpec};

use super::backoff::BackOff;
use super::eviction::EVICTED;
use super::probe::Probe;
use super::terminate::GRACE_MIN;
use super::volume::Mounting;
use super::{Host, Outgoing, ProbeKind, Task, World};
use crate::engine::{Answered, Connection, ImageConfig, Logs, Process, Request};
use crate::network::Origin;
use crate::object::{Key, Name, Object, PodBody};
use crate::persistent::{OrdMap, Vector};
use crate::time::{Duration, Time};

/// The grace that containers of a Pod have that is evicted (`immediateEvictionGracePeriodSeconds`).
const EVICTION_GRACE_SECS: i64 = 1;

/// What a worker is doing.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Step {
    /// Nothing, until something is due.
    Idle,
    /// Waits for volumes.
    Mounting(Mounting),
    /// Waits for the sandbox.
    Sandbox(Time),
    /// Waits for an image of the first planned container.
    Pulling,
    /// Waits for the runtime to start the first planned container.
    Starting(Time),
    /// Waits for the postStart hook of the container that was started last; it has gone wrong if there is a message.
    Hook {
        /// The container.
        index: usize,
        /// When the hook ends.
        until: Time,
        /// Why it fails, if it does.
        failed: Option<String>,
    },
    /// Waits for containers to stop, because a probe or a hook failed.
    Restarting,
    /// Waits for all containers to stop, because the Pod ends.
    Terminating,
    /// All containers have stopped; the sandbox is being removed until then.
    TearingDown(Time),
    /// Nothing is left but logs.
    Terminated,
    /// Not even those: the worker can go.
    Forgotten,
}

/// What a sync met so far.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// Nothing, and the runtime had nothing to do.
    None,
    /// The runtime did what it was told.
    Acted,
    /// Something failed.
    Failure,
    /// A container has to wait until then.
    BackOff(Time),
}

/// A run of a container.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Run {
    /// `containerd://…` without the scheme.
    pub(super) id: String,
    pub(super) image: Arc<ImageConfig>,
    /// The image as the Pod named it.
    pub(super) written: String,
    /// `None` if the runtime could not start it.
    pub(super) process: Option<Process>,
    pub(super) started_at: Time,
    pub(super) ended: Option<Ended>,
    pub(super) logs: Logs,
    /// While it is being stopped: when it is killed.
    pub(super) kill_at: Option<Time>,
    /// While its preStop hook runs: when it is told to end.
    pub(super) term_at: Option<Time>,
    /// The probes that fail on purpose, whatever the program answers.
    pub(super) failing: Vec<ProbeKind>,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Ended {
    pub(super) code: i32,
    pub(super) reason: &'static str,
    pub(super) message: Option<String>,
    pub(super) at: Time,
}

/// A container over its runs.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Runs {
    pub(super) now: Option<Run>,
    pub(super) before: Option<Run>,
    pub(super) restarts: i32,
    pub(super) backoff: BackOff,
    /// Of pulls.
    pub(super) pull_backoff: BackOff,
    /// What the last failed pull said.
    pub(super) pull_error: Option<String>,
    /// Why it could not be started, reason and message (the kubelet's reason cache).
    pub(super) waiting: Option<(&'static str, String)>,
    /// Whether its newest run was in a sandbox that is gone.
    pub(super) stale: bool,
}

impl Runs {
    /// Whether its newest run goes on.
    pub(super) fn running(&self) -> bool {
        self.now.as_ref().is_some_and(|run| run.ended.is_none())
    }

    /// How its newest run ended.
    pub(super) fn ended(&self) -> Option<&Ended> {
        self.now.as_ref()?.ended.as_ref()
    }
}

/// One Pod on this node.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Worker {
    /// The newest version the kubelet has seen.
    pub(super) pod: Arc<Object>,
    pub(super) key: Key,
    pub(super) uid: Name,
    pub(super) step: Step,
    /// When the next sync is wanted.
    pub(super) wanted: Option<Time>,
    /// No sync begins before: it waits for news of the runtime that are newer than the last sync.
    pub(super) not_before: Time,
    /// When [`Task::Work`] was last asked for.
    pub(super) planned: Option<Time>,
    /// When the kubelet first saw the Pod.
    pub(super) start_time: Time,
    pub(super) mounted: bool,
    pub(super) mount_tries: u32,
    pub(super) ip: Option<Ipv4Addr>,
    /// Whether the sandbox stands.
    pub(super) sandbox: bool,
    /// One a container, init containers first.
    pub(super) runs: Vector<Runs>,
    pub(super) probes: Vector<Probe>,
    /// What `emptyDir` volumes hold, and those on the node's disk, by volume and path within.
    pub(super) empty_dirs: OrdMap<String, OrdMap<String, Arc<str>>>,
    /// The volumes on the node's disk, and where there.
    pub(super) on_disk: OrdMap<String, String>,
    /// Why the kubelet itself made the Pod fail: reason and message.
    pub(super) failure: Option<(&'static str, Arc<str>)>,
    /// Containers still to be started in this sync.
    pub(super) to_start: Vector<usize>,
    pub(super) trouble: Trouble,
    /// Whether the Pod's object is gone from the API server.
    pub(super) removed: bool,
}

impl Worker {
    pub(super) fn new(pod: Arc<Object>, now: Time) -> Self {
        let count = pod.as_pod().map_or(0, |body| {
            body.shared.init_containers.as_ref().map_or(0, Vec::len) + body.shared.containers.len()
        });
        let mut worker = Self {
            uid: pod.uid().into(),
            key: pod.key(),
            pod,
            step: Step::Idle,
            wanted: Some(now),
            not_before: now,
            planned: None,
            start_time: now,
            mounted: false,
            mount_tries: 0,
            ip: None,
            sandbox: false,
            runs: (0..count).map(|_| Runs::default()).collect(),
            probes: Vector::new(),
            empty_dirs: OrdMap::new(),
            on_disk: OrdMap::new(),
            failure: None,
            to_start: Vector::new(),
            trouble: Trouble::None,
            removed: false,
        };
        worker.adopt_restarts();
        worker.add_probes(now);
        worker
    }

    /// Containers that are said to have run, and that this machine does not know, have been restarted: those of a Node
    /// whose name another machine took over (`convertToAPIContainerStatuses` of kubernetes `pkg/kubelet/kubelet_pods.go`).
    /// *Differs:* the last state stays empty, where upstream has `ContainerStatusUnknown`.
    fn adopt_restarts(&mut self) {
        let (inits, pod) = (self.inits(), Arc::clone(&self.pod));
        let Some(body) = pod.as_pod() else { return };
        let ran = |status: &&ContainerStatus| {
            status.container_id.as_deref().is_some_and(|id| !id.is_empty())
        };
        for (runs, container) in self.runs.iter_mut().skip(inits).zip(&body.shared.containers) {
            let mut said = body.status.container_statuses.iter().flatten().filter(ran);
            if let Some(said) = said.find(|status| status.name == container.name) {
                runs.restarts = said.restart_count + 1;
            }
        }
    }

    pub(super) fn body(&self) -> &PodBody {
        self.pod.as_pod().expect("a worker's object is a Pod")
    }

    pub(super) fn spec(&self) -> &PodSpec {
        &self.body().shared
    }

    /// How many init containers there are; they come first.
    pub(super) fn inits(&self) -> usize {
        self.spec().init_containers.as_ref().map_or(0, Vec::len)
    }

    /// The reason of a container that was never tried: with init containers it is the same for them and the others
    /// (`convertToAPIContainerStatuses`).
    pub(super) fn not_yet(&self) -> &'static str {
        if self.inits() > 0 { "PodInitializing" } else { "ContainerCreating" }
    }

    /// A container's spec by its place.
    pub(super) fn container(&self, index: usize) -> &Container {
        let inits = self.spec().init_containers.as_deref().unwrap_or_default();
        inits.get(index).unwrap_or_else(|| &self.spec().containers[index - inits.len()])
    }

    /// A container's place by its name.
    pub(super) fn index_of(&self, name: &str) -> Option<usize> {
        (0..self.runs.len()).find(|index| self.container(*index).name == name)
    }

    /// Whether a container is a sidecar: an init container that is kept running.
    pub(super) fn is_sidecar(&self, index: usize) -> bool {
        index < self.inits() && self.container(index).restart_policy.as_deref() == Some("Always")
    }

    /// Where in the Pod an Event about a container points.
    pub(super) fn field_path(&self, index: usize) -> String {
        let name = &self.container(index).name;
        if index < self.inits() {
            format!("spec.initContainers{{{name}}}")
        } else {
            format!("spec.containers{{{name}}}")
        }
    }

    pub(super) fn restart_policy(&self) -> &str {
        self.spec().restart_policy.as_deref().unwrap_or("Always")
    }

    /// Asks for a sync at a time, or earlier if one is wanted already.
    pub(super) fn want(&mut self, at: Time) {
        self.wanted = Some(self.wanted.map_or(at, |wanted| wanted.min(at)));
    }

    /// When [`Worker::work`] has something to do next.
    fn next(&self) -> Option<Time> {
        match &self.step {
            Step::Idle => self.wanted.map(|wanted| wanted.max(self.not_before)),
            Step::Mounting(mounting) => Some(mounting.due()),
            Step::Sandbox(until)
            | Step::Starting(until)
            | Step::Hook { until, .. }
            | Step::TearingDown(until) => Some(*until),
            Step::Restarting | Step::Terminating => {
                let runs = self.runs.iter().filter_map(|runs| runs.now.as_ref());
                let due = runs.filter(|run| run.ended.is_none());
                due.filter_map(|run| run.term_at.or(run.kill_at)).min()
            }
            Step::Pulling | Step::Terminated | Step::Forgotten => None,
        }
    }

    /// Makes the next moment due.
    #[inline(never)]
    pub(super) fn plan(&mut self, world: &mut World<'_>) {
        let next = self.next().map(|time| time.max(world.now()));
        if next.is_some() && next != self.planned {
            self.planned = next;
            world.at(next.unwrap_or_default(), Task::Work { uid: self.uid.clone() });
        }
    }

    /// Plans everything anew, after the kubelet was frozen.
    pub(super) fn resume(&mut self, _host: &mut Host, world: &mut World<'_>) {
        self.planned = None;
        for index in 0..self.runs.len() {
            self.plan_process(index, world);
            self.replan_probes(index, world);
        }
    }

    /// Takes steps until there is something to wait for.
    pub(super) fn work(&mut self, host: &mut Host, world: &mut World<'_>) {
        let now = world.now();
        if self.planned.is_some_and(|planned| planned <= now) {
            self.planned = None;
        }
        while self.next().is_some_and(|due| due <= now) {
            match &self.step {
                Step::Idle => self.begin_sync(host, world),
                Step::Mounting(_) => self.try_mount(host, world),
                Step::Sandbox(_) => self.sandbox_ready(host, world),
                Step::Starting(_) => self.start_container(host, world),
                Step::Hook { .. } => self.post_started(host, world),
                Step::Restarting | Step::Terminating => self.stop_on(host, world),
                Step::TearingDown(_) => self.torn_down(host, world),
                Step::Pulling | Step::Terminated | Step::Forgotten => return,
            }
        }
    }

    /// Whether the worker can be forgotten.
    pub(super) fn gone(&self) -> bool {
        self.step == Step::Forgotten
    }

    /// The Pod's address.
    pub(super) fn address(&self) -> Option<Ipv4Addr> {
        self.ip.filter(|_| self.sandbox)
    }

    /// The port of the Pod behind a port of the machine.
    pub(super) fn host_port(&self, port: u16) -> Option<u16> {
        if self.spec().host_network == Some(true) {
            return Some(port);
        }
        let ports =
            self.spec().containers.iter().flat_map(|container| container.ports.iter().flatten());
        let mut ports = ports.filter(|candidate| candidate.host_port == Some(i32::from(port)));
        ports.next().and_then(|port| u16::try_from(port.container_port).ok())
    }

    /// The container that listens on a port.
    pub(super) fn listener(&self, port: u16, now: Time) -> Option<usize> {
        (0..self.runs.len()).find(|index| {
            let run = self.runs[*index].now.as_ref();
            run.and_then(|run| run.process.as_ref())
                .is_some_and(|process| process.listens(port, now))
        })
    }

    /// Connects to a container; and how long the answer takes.
    pub(super) fn connect(
        &mut self,
        container: usize,
        port: u16,
        request: Option<&Request>,
        now: Time,
    ) -> (Connection, Duration) {
        self.with_process(container, |process, logs| process.connect(port, request, now, logs))
            .unwrap_or((Connection::Refused, Duration::ZERO))
    }

    /// A container's log.
    pub(super) fn logs(&self, container: &str, previous: bool) -> Result<&Logs, String> {
        let pod = self.pod.name();
        let index = self.index_of(container).ok_or_else(|| {
            format!("container \"{container}\" in pod \"{pod}\" is not available")
        })?;
        let runs = &self.runs[index];
        match (previous, &runs.before, &runs.now) {
            (true, Some(run), _) | (false, _, Some(run)) => Ok(&run.logs),
            (true, None, _) => Err(format!(
                "previous terminated container \"{container}\" in pod \"{pod}\" not found"
            )),
            (false, _, None) => {
                let reason = runs.waiting.as_ref().map_or(self.not_yet(), |(reason, _)| *reason);
                Err(match reason {
                    "ErrImagePull" => format!(
                        "container \"{container}\" in pod \"{pod}\" is waiting to start: image can't be pulled"
                    ),
                    "ImagePullBackOff" => format!(
                        "container \"{container}\" in pod \"{pod}\" is waiting to start: trying and failing to pull image"
                    ),
                    _ => format!(
                        "container \"{container}\" in pod \"{pod}\" is waiting to start: {reason}"
                    ),
                })
            }
        }
    }

    /// A container's process does what is due; if it ends, the news come with the next look at the runtime.
    pub(super) fn process(&mut self, index: usize, host: &mut Host, world: &mut World<'_>) {
        let now = world.now();
        if self.with_process(index, |process, logs| process.advance(now, logs)).is_some() {
            self.after_act(index, host, world);
        }
    }

    /// The network has answered a container's process.
    #[inline(never)]
    pub(super) fn answered(
        &mut self,
        index: usize,
        answer: &Answered,
        host: &mut Host,
        world: &mut World<'_>,
    ) {
        let now = world.now();
        if self.with_process(index, |process, logs| process.answer(answer, now, logs)).is_some() {
            self.after_act(index, host, world);
        }
    }

    /// A process did something: perhaps it ended, asks something, or will act again.
    pub(super) fn after_act(&mut self, index: usize, host: &mut Host, world: &mut World<'_>) {
        self.note_end(index, host, world);
        self.plan_process(index, world);
        if matches!(self.step, Step::Restarting | Step::Terminating) {
            self.stop_on(host, world);
        }
    }

    /// Takes note of a process that has ended.
    pub(super) fn note_end(&mut self, index: usize, host: &mut Host, world: &mut World<'_>) {
        let Some(run) = self.runs.get_mut(index).and_then(|runs| runs.now.as_mut()) else { return };
        let (None, Some(exit)) = (&run.ended, run.process.as_ref().and_then(Process::exit)) else {
            return;
        };
        let reason = match exit.code {
            _ if exit.out_of_memory => "OOMKilled",
            0 => "Completed",
            _ => "Error",
        };
        run.ended = Some(Ended { code: exit.code, reason, message: None, at: exit.at });
        let message = self.termination_message(index, exit.code);
        if let Some(ended) = self.runs[index].now.as_mut().and_then(|run| run.ended.as_mut()) {
            ended.message = message;
        }
        self.want(host.relist_after(world.now()));
    }

    /// Makes the next own act of a process due, and sends out what it asks.
    pub(super) fn plan_process(&mut self, index: usize, world: &mut World<'_>) {
        let process = self.runs.get_mut(index).and_then(|runs| runs.now.as_mut());
        let process = process.and_then(|run| run.process.as_mut());
        if let (Some(ask), Some(address)) = (process.and_then(Process::take_ask), self.ip) {
            let origin = Origin {
                namespace: self.pod.namespace().into(),
                address,
                node: self.body().own.node_name.clone(),
            };
            let run = self.runs[index].restarts;
            let uid = self.uid.clone();
            world.asks.push(Outgoing { uid, container: index, run, origin, ask });
        }
        let run = self.runs.get(index).and_then(|runs| runs.now.as_ref());
        let due = run.and_then(|run| run.process.as_ref()).and_then(Process::next_due);
        if let Some(due) = due {
            let due = due.max(world.now());
            world.at(due, Task::Process { uid: self.uid.clone(), container: index });
        }
    }

    /// The grace that the Pod's containers have to end by themselves.
    pub(super) fn grace(&self) -> Duration {
        let evicted = self.failure.as_ref().is_some_and(|(reason, _)| *reason == EVICTED);
        let asked = self.pod.meta.deletion_grace_period_seconds;
        let asked = asked.or(self.spec().termination_grace_period_seconds).unwrap_or(30);
        let secs = if evicted { EVICTION_GRACE_SECS } else { asked };
        Duration::from_secs(u64::try_from(secs).unwrap_or(0)).max(GRACE_MIN)
    }
}
