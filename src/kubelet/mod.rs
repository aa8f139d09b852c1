//! Kubelets: Pods made real on a machine.
//!
//! A [`Kubelet`] is a value inside the cluster, one a node. The cluster hands it every change of a Pod bound to its
//! node ([`Kubelet::notice`]); what the kubelet wants to do about it, or later, is a [`Task`], which the cluster gives
//! back when it is due ([`Kubelet::perform`]). Everything a kubelet does goes through the [`World`] it is lent.
//!
//! Each Pod has a `Worker`: a state machine that syncs, waits (for a mount, a sandbox, an image, a container),
//! and goes on. Nothing is polled: a Pod that has settled costs nothing but its probes. Models kubernetes `pkg/kubelet`
//! (`kubelet.go`, `pod_workers.go`, `kuberuntime/kuberuntime_manager.go`, `pleg/generic.go`).
//!
//! *Differs:* static Pods, device plugins, in-place resize and ephemeral containers are accepted and not acted on yet.

mod action;
mod backoff;
mod config;
mod downward;
mod event;
mod eviction;
mod exec;
mod fault;
mod heartbeat;
mod hook;
mod images;
mod phase;
mod power;
mod probe;
mod refresh;
mod register;
mod start;
mod status;
mod sync;
mod terminate;
mod usage;
mod volume;
mod worker;

use std::net::Ipv4Addr;
use std::sync::Arc;

use k8s_openapi::api::core::v1::PodStatus;

use crate::persistent::{OrdMap, Vector};

pub use exec::ExecPlace;
pub use fault::Fault;
pub use images::Pull;
pub use probe::ProbeKind;
pub use register::Hardware;

use self::images::Images;
use self::worker::Worker;
use crate::engine::{Answered, Ask, Connection, Logs, Request, Rules};
use crate::network::{Network, Origin, PodAddresses, Talk};
use crate::object::{Key, Kind, Name, Object};
use crate::random::Random;
use crate::store::{Actor, Change, Client, EventOrigin, EventType};
use crate::time::{Duration, Time};

/// Something a kubelet has to do at a moment. One that has been overtaken does nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Task {
    /// Look at a Pod again: it was bound here, or its spec or deletion time changed, or it is gone.
    Sync {
        /// The Pod.
        pod: Key,
        /// Which of that name.
        uid: Name,
    },
    /// A Pod's worker goes on: what it waited for is due.
    Work {
        /// The Pod's uid.
        uid: Name,
    },
    /// A container's process does something by itself.
    Process {
        /// The Pod's uid.
        uid: Name,
        /// The container's place, init containers first.
        container: usize,
    },
    /// The network's answer to what a container's process asked.
    Answer {
        /// The Pod's uid.
        uid: Name,
        /// The container's place.
        container: usize,
        /// Which run of it asked.
        run: i32,
        /// The answer.
        answer: Answered,
    },
    /// A Pod's volumes are looked at again, because a ConfigMap or Secret that it mounts has changed.
    Refresh {
        /// The Pod's uid.
        uid: Name,
    },
    /// A probe is due.
    Probe {
        /// The Pod's uid.
        uid: Name,
        /// The probe's place among the Pod's probes.
        probe: usize,
    },
    /// The image pull under way ends.
    Pull,
    /// The node's Lease is renewed.
    Lease,
    /// The node's status is reported.
    NodeStatus,
    /// Somebody else changed the Node.
    NodeChanged,
    /// The node's status is looked at, because somebody changed it.
    NodeLook,
    /// The machine's memory is looked at.
    Pressure,
}

/// What a kubelet may touch while it works.
#[derive(Debug)]
pub struct World<'a> {
    /// Reads and writes, under the cause of the task.
    pub client: Client<'a>,
    /// Addresses and reachability.
    pub network: &'a mut Network,
    /// What to do later: the cluster makes it due after the given time.
    pub later: Vec<(Duration, Task)>,
    /// What processes ask of the network: the cluster gives each a [`Task::Answer`].
    pub asks: Vec<Outgoing>,
    /// Whether the API server and the registries can be reached; without them nothing is written.
    pub connected: bool,
}

/// A question that a container's process sends out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// The Pod's uid.
    pub uid: Name,
    /// The container's place.
    pub container: usize,
    /// Which run of it asks: how often it was restarted.
    pub run: i32,
    /// From where.
    pub origin: Origin,
    /// What.
    pub ask: Box<Ask>,
}

impl World<'_> {
    fn now(&self) -> Time {
        self.client.now()
    }

    /// Whether what the kubelet of a node sends to the API server arrives there, answered or not.
    fn says(&mut self, talk: Talk, node: &str) -> bool {
        let now = self.now();
        self.connected
            || self.network.machine_mut(node).is_some_and(|machine| machine.says(talk, now))
    }

    /// Whether what the API server tells the kubelet of a node arrives there.
    fn hears(&self, node: &str) -> bool {
        let now = self.now();
        self.connected || self.network.machine(node).is_some_and(|machine| machine.hears(now))
    }

    /// Records an Event, if anybody can hear it. *Differs:* upstream tries again for two minutes.
    fn record(
        &mut self,
        about: &Object,
        origin: EventOrigin<'_>,
        event: EventType,
        reason: &str,
        message: impl Into<String>,
    ) {
        if self.says(Talk::Event, origin.host) {
            self.client.record_from(about, origin, event, reason, message);
        }
    }

    /// Makes a task due at a time.
    fn at(&mut self, time: Time, task: Task) {
        self.later.push((time - self.now(), task));
    }
}

/// The kubelet of one node.
#[derive(Clone, Debug, PartialEq)]
pub struct Kubelet {
    host: Host,
    /// One worker a Pod, by uid.
    workers: OrdMap<Name, Arc<Worker>>,
    /// While it is frozen: what came due meanwhile.
    held: Option<Vector<Task>>,
    /// What the machine has.
    hardware: Arc<Hardware>,
    /// Which of all starts of machines this is; what was planned in another is not done.
    boot: u32,
    /// Whether the kubelet has found or made its Node since it started.
    registered: bool,
    /// Whether the machine has lost its power and has not started up again.
    dark: bool,
}

/// What all Pods of a node share.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Host {
    node: Name,
    rules: Rules,
    address: Ipv4Addr,
    /// The CPUs of the machine, in thousandths.
    cpu_milli: u64,
    addresses: PodAddresses,
    images: Images,
    /// What the folders on the disk hold that Pods mounted: by folder and path within.
    disk: OrdMap<String, OrdMap<String, Arc<str>>>,
    /// Where in each second the kubelet asks the runtime what has changed, in microseconds.
    relist_phase: u64,
    /// Whether Pods may be scheduled here, as last seen.
    schedulable: bool,
    /// Whether a look at the node's status is planned.
    look_planned: bool,
    pressure: eviction::Pressure,
    random: Random,
}

/// Whether a Pod has ended for good.
fn has_ended(pod: &Object) -> bool {
    let phase = pod.as_pod().and_then(|body| body.status.phase.as_deref());
    matches!(phase, Some("Succeeded" | "Failed"))
}

/// How often the kubelet asks the runtime what has changed (`genericPlegRelistPeriod`).
const RELIST_MICROS: u64 = 1_000_000;

impl Host {
    /// The first moment after `time` at which the runtime's news are known.
    fn relist_after(&self, time: Time) -> Time {
        let micros = u64::try_from(time.micros()).unwrap_or(0).saturating_sub(self.relist_phase);
        let into = micros % RELIST_MICROS;
        time + Duration::from_micros(RELIST_MICROS - into)
    }

    /// `duration` and up to half as much again (`wait.Jitter(duration, 0.5)`).
    fn jitter(&mut self, duration: Duration) -> Duration {
        let parts = u32::try_from(self.random.below(1000)).unwrap_or(0);
        duration + duration / 2 * parts / 1000
    }
}

impl Kubelet {
    /// The kubelet of a new machine. Its `boot` and those of [`Kubelet::lose_power`] are all different.
    pub fn new(node: Name, hardware: Hardware, boot: u32, rules: Rules, random: &Random) -> Self {
        let mut random = random.split("kubelet").split(&node);
        let relist_phase = random.next_u64() % RELIST_MICROS;
        let host = Host {
            node,
            rules,
            address: hardware.address(),
            cpu_milli: hardware.cpu_milli(),
            addresses: hardware.pod_addresses(),
            images: Images::default(),
            disk: OrdMap::new(),
            relist_phase,
            schedulable: true,
            look_planned: false,
            pressure: eviction::Pressure::default(),
            random,
        };
        let hardware = Arc::new(hardware);
        Self {
            host,
            workers: OrdMap::new(),
            held: None,
            hardware,
            boot,
            registered: false,
            dark: false,
        }
    }

    /// The node it runs on.
    pub fn node(&self) -> &Name {
        &self.host.node
    }

    /// What a change of a Pod bound to this node (or of the Node itself) gives it to do, if anything: its own status
    /// writes give nothing. The cluster delivers the task some milliseconds later.
    pub fn notice(&self, change: &Change) -> Option<Task> {
        let object = change.object();
        if change.key.kind == Kind::Node {
            let foreign = change.cause.actor != Actor::Component("kubelet");
            return (foreign && change.after.is_some()).then_some(Task::NodeChanged);
        }
        let pod = object.as_pod()?;
        if change.cause.actor == Actor::Component("kubelet") {
            return None;
        }
        let task = Task::Sync { pod: change.key.clone(), uid: Name::from(object.uid()) };
        let Some(before) = change.before.as_ref() else { return Some(task) };
        let same = change.after.is_some()
            && before.as_pod().is_some_and(|old| {
                old.own == pod.own
                    && Arc::ptr_eq(&old.shared, &pod.shared)
                    && old.status == pod.status
            })
            && before.meta.deletion_timestamp == object.meta.deletion_timestamp
            && before.meta.deletion_grace_period_seconds
                == object.meta.deletion_grace_period_seconds;
        (!same).then_some(task)
    }

    /// Does a task that is due.
    pub fn perform(&mut self, task: Task, world: &mut World<'_>) {
        if let Some(held) = &mut self.held {
            held.push_back(task);
            return;
        }
        match task {
            // What changes while nobody can tell it is listed again later.
            Task::Sync { .. } | Task::NodeChanged | Task::Refresh { .. }
                if !world.hears(&self.host.node) => {}
            Task::Sync { pod, uid } => self.sync(&pod, &uid, world),
            Task::Work { uid } => self.with_worker(&uid, world, Worker::work),
            Task::Process { uid, container } => {
                self.with_worker(&uid, world, |worker, host, world| {
                    worker.process(container, host, world);
                });
            }
            Task::Answer { uid, container, run, answer } => {
                self.with_worker(&uid, world, |worker, host, world| {
                    if worker.runs.get(container).is_some_and(|runs| runs.restarts == run) {
                        worker.answered(container, &answer, host, world);
                    }
                });
            }
            Task::Refresh { uid } => self.with_worker(&uid, world, |worker, _, world| {
                worker.refresh(world.client.store());
            }),
            Task::Probe { uid, probe } => self.with_worker(&uid, world, |worker, host, world| {
                worker.probe_due(probe, host, world);
            }),
            Task::Pull => self.pull(world),
            Task::Lease => self.renew_lease(world),
            Task::NodeStatus => {
                world.later.push((heartbeat::REPORT, Task::NodeStatus));
                self.report_node(world);
            }
            Task::Pressure => self.check_pressure(world),
            Task::NodeLook => {
                self.host.look_planned = false;
                self.report_node(world);
            }
            Task::NodeChanged => self.node_changed(world),
        }
    }

    /// A Pod's object changed.
    fn sync(&mut self, pod: &Key, uid: &Name, world: &mut World<'_>) {
        let object = world.client.store().get(pod).filter(|object| object.uid() == &**uid).cloned();
        if let (Some(object), false) = (&object, self.workers.contains_key(uid)) {
            // What has ended before anything of it ran here stays as it is.
            if has_ended(object) && !object.terminating() {
                return;
            }
            let worker = Worker::new(Arc::clone(object), world.now());
            self.workers.insert(uid.clone(), Arc::new(worker));
        }
        self.with_worker(uid, world, |worker, host, world| worker.changed(object, host, world));
    }

    /// Whether it has taken a Pod.
    pub fn knows(&self, uid: &str) -> bool {
        self.workers.contains_key(uid)
    }

    /// Rejects a Pod that was bound to its node (`rejectPod`): the reason's name, and a sentence.
    pub fn reject(&mut self, pod: &Key, (reason, why): (String, String), world: &mut World<'_>) {
        let Some(object) = world.client.store().get(pod).cloned() else { return };
        let (Some(body), false) = (object.as_pod(), has_ended(&object)) else { return };
        let origin = EventOrigin { host: &self.host.node, field_path: "" };
        world.record(&object, origin, EventType::Warning, &reason, why.clone());
        let mut conditions = body.status.conditions.clone().unwrap_or_default();
        conditions.retain(|condition| !status::CONDITIONS.contains(&condition.type_.as_str()));
        let status = PodStatus {
            phase: Some("Failed".to_owned()),
            reason: Some(reason),
            message: Some(format!("Pod was rejected: {why}")),
            start_time: Some(world.now().to_meta()),
            observed_generation: object.meta.generation,
            qos_class: body.status.qos_class.clone(),
            conditions: (!conditions.is_empty()).then_some(conditions),
            ..PodStatus::default()
        };
        // Refused only if it is gone.
        drop(world.client.set_pod_status(pod, status));
    }

    #[inline(never)]
    fn pull(&mut self, world: &mut World<'_>) {
        let Some(done) = self.host.images.finish(world, self.host.rules) else { return };
        let uid = done.uid.clone();
        self.with_worker(&uid, world, |worker, host, world| worker.pulled(done, host, world));
    }

    /// Lets one worker do something, makes its next moment due, and forgets it when it is done for good.
    fn with_worker(
        &mut self,
        uid: &Name,
        world: &mut World<'_>,
        work: impl FnOnce(&mut Worker, &mut Host, &mut World<'_>),
    ) {
        let Some(worker) = self.workers.get_mut(uid) else { return };
        let worker = Arc::make_mut(worker);
        work(worker, &mut self.host, world);
        worker.plan(world);
        worker.close_folders(&mut self.host);
        if worker.gone() {
            self.workers.discard(uid);
        }
    }

    /// Connects to a port of an address on this machine, as the network does for others; and how long the answer takes.
    pub fn deliver(
        &mut self,
        address: Ipv4Addr,
        port: u16,
        request: Option<&Request>,
        now: Time,
    ) -> (Connection, Duration) {
        let own = address == self.host.address;
        let found = self.workers.iter().find_map(|(uid, worker)| {
            let port = if own { worker.host_port(port) } else { Some(port) }?;
            let here = own || worker.address() == Some(address);
            let container = if here { worker.listener(port, now) } else { None };
            container.map(|container| (uid.clone(), container, port))
        });
        let refused = (Connection::Refused, Duration::ZERO);
        let Some((uid, container, port)) = found else { return refused };
        match self.workers.get_mut(&uid) {
            Some(worker) => Arc::make_mut(worker).connect(container, port, request, now),
            None => refused,
        }
    }

    /// The images being pulled or waiting for it, the one under way first.
    pub fn pulls(&self) -> impl Iterator<Item = Pull<'_>> {
        self.host.images.pulls()
    }

    /// A container's log: of its newest run, or with `previous` of the one before. The error is the kubelet's sentence
    /// (`validateContainerLogStatus`).
    pub fn logs(&self, pod: &Object, container: &str, previous: bool) -> Result<&Logs, String> {
        match self.workers.get(pod.uid()) {
            Some(worker) => worker.logs(container, previous),
            None => Err(format!(
                "container \"{container}\" in pod \"{}\" is waiting to start: ContainerCreating",
                pod.name()
            )),
        }
    }

    /// When a container of a Pod that crashed is started again, if one waits for that.
    pub fn restart_at(&self, pod: &Object, now: Time) -> Option<Time> {
        self.workers.get(pod.uid())?.restart_at(now)
    }

    /// Freezes the kubelet and everything it runs, as `SIGSTOP` would: nothing is done until [`Kubelet::thaw`].
    pub fn freeze(&mut self) {
        self.held.get_or_insert_default();
    }

    /// Whether it is frozen.
    pub fn frozen(&self) -> bool {
        self.held.is_some()
    }

    /// Goes on after [`Kubelet::freeze`], with what came due meanwhile.
    pub fn thaw(&mut self, world: &mut World<'_>) {
        for task in &self.held.take().unwrap_or_default() {
            self.perform(task.clone(), world);
        }
        // Due times have passed while frozen; each worker plans anew.
        let uids: Vec<Name> = self.workers.keys().cloned().collect();
        for uid in uids {
            self.with_worker(&uid, world, Worker::resume);
        }
    }
}
