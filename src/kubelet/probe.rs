//! Probes: sent at their period to the running container, judged by their thresholds.
//!
//! Models kubernetes `pkg/kubelet/prober/worker.go`, `prober.go` and `prober_manager.go`: each probe ticks from the
//! moment the Pod came to the node; the initial delay and the start-up probe hold ticks back; a report of a container
//! that is not ready sends its readiness probe at once; a failed liveness or start-up probe waits for the next run.
//!
//! *Differs:* ticks that upstream would pass over are not made; a gRPC probe counts as a TCP probe.

use k8s_openapi::api::core::v1::{Container, Probe as ProbeSpec};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::worker::{Step, Worker};
use super::{Host, Task, World};
use crate::engine::{Connection, Request};
use crate::time::{Duration, Time};

/// The three kinds of probe.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the field of Container of that name")]
pub enum ProbeKind {
    Startup,
    Liveness,
    Readiness,
}

impl ProbeKind {
    /// As Events begin with it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Startup => "Startup",
            Self::Liveness => "Liveness",
            Self::Readiness => "Readiness",
        }
    }

    pub(super) fn of(self, container: &Container) -> Option<&ProbeSpec> {
        match self {
            Self::Startup => container.startup_probe.as_ref(),
            Self::Liveness => container.liveness_probe.as_ref(),
            Self::Readiness => container.readiness_probe.as_ref(),
        }
    }
}

/// One probe of one container.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Probe {
    pub(super) container: usize,
    pub(super) kind: ProbeKind,
    /// From when its ticks are counted.
    added: Time,
    /// The last answer and how often in a row it came.
    last: Option<(bool, i32)>,
    /// What holds, once a threshold was reached in this run of the container.
    pub(super) result: Option<bool>,
    /// Whether it waits for the container's next run.
    hold: bool,
    /// When it is sent next.
    due: Option<Time>,
}

/// What came of sending a probe.
enum Answer {
    Success,
    /// With the output.
    Failure(String),
}

impl Worker {
    /// Sets up the Pod's probes.
    pub(super) fn add_probes(&mut self, now: Time) {
        for index in 0..self.runs.len() {
            // Init containers that end have none.
            if index < self.inits() && !self.is_sidecar(index) {
                continue;
            }
            for kind in [ProbeKind::Startup, ProbeKind::Liveness, ProbeKind::Readiness] {
                if kind.of(self.container(index)).is_some() {
                    self.probes.push_back(Probe {
                        container: index,
                        kind,
                        added: now,
                        last: None,
                        result: None,
                        hold: false,
                        due: None,
                    });
                }
            }
        }
    }

    /// A container's probe of a kind.
    fn probe(&self, index: usize, kind: ProbeKind) -> Option<&Probe> {
        self.probes.iter().find(|probe| probe.container == index && probe.kind == kind)
    }

    /// Whether a container has a probe of a kind and this holds of it.
    fn holds(&self, index: usize, kind: ProbeKind, result: bool) -> bool {
        self.probe(index, kind).is_some_and(|probe| probe.result == Some(result))
    }

    /// Whether a container runs and its start-up probe, if it has one, has succeeded.
    pub(super) fn started(&self, index: usize) -> bool {
        self.runs[index].running()
            && (self.probe(index, ProbeKind::Startup).is_none()
                || self.holds(index, ProbeKind::Startup, true))
    }

    /// Whether a container is ready: started, and its readiness probe, if it has one, succeeds.
    pub(super) fn ready(&self, index: usize) -> bool {
        self.started(index)
            && (self.probe(index, ProbeKind::Readiness).is_none()
                || self.holds(index, ProbeKind::Readiness, true))
    }

    /// The probe because of which a running container has to be killed.
    pub(super) fn failed_probe(&self, index: usize) -> Option<&'static str> {
        if self.holds(index, ProbeKind::Liveness, false) {
            return Some("liveness");
        }
        self.holds(index, ProbeKind::Startup, false).then_some("startup")
    }

    /// A container has a new run: its probes begin anew.
    pub(super) fn new_run(&mut self, index: usize, world: &mut World<'_>) {
        for probe in self.probes.iter_mut().filter(|probe| probe.container == index) {
            probe.result = None;
            probe.hold = false;
        }
        self.replan_probes(index, world);
    }

    /// Makes the next ticks of a container's probes due, whatever was planned.
    pub(super) fn replan_probes(&mut self, index: usize, world: &mut World<'_>) {
        for probe in self.probes.iter_mut().filter(|probe| probe.container == index) {
            probe.due = None;
        }
        self.plan_probes(index, world.now(), world);
    }

    /// Makes the next ticks of a container's probes due, those at `from` included.
    fn plan_probes(&mut self, index: usize, from: Time, world: &mut World<'_>) {
        for place in 0..self.probes.len() {
            if self.probes[place].container == index {
                self.plan_probe(place, from, world);
            }
        }
    }

    fn plan_probe(&mut self, place: usize, from: Time, world: &mut World<'_>) {
        let probe = &self.probes[place];
        let index = probe.container;
        let startup = probe.kind == ProbeKind::Startup;
        let ending =
            matches!(self.step, Step::Terminating | Step::TearingDown(_) | Step::Terminated);
        if probe.hold
            || self.started(index) == startup
            || !self.runs[index].running()
            || (ending && probe.kind != ProbeKind::Readiness)
        {
            return;
        }
        let Some(spec) = probe.kind.of(self.container(index)) else { return };
        let earliest = from.max(self.earliest(index, spec));
        let period = micros(spec.period_seconds.unwrap_or(10).max(1));
        let since = u64::try_from((earliest - probe.added).as_micros()).unwrap_or(0);
        let due = probe.added + Duration::from_micros(since.div_ceil(period) * period);
        self.probe_at(place, due, world);
    }

    /// When the initial delay of a running container is over (counted in whole seconds of its start).
    fn earliest(&self, index: usize, spec: &ProbeSpec) -> Time {
        let started = self.runs[index].now.as_ref().map_or(self.start_time, |run| run.started_at);
        let delay = u64::try_from(spec.initial_delay_seconds.unwrap_or(0)).unwrap_or(0);
        started + Duration::from_secs(delay)
    }

    fn probe_at(&mut self, place: usize, due: Time, world: &mut World<'_>) {
        let due = due.max(world.now());
        if self.probes[place].due.is_none_or(|planned| planned > due || planned < world.now()) {
            self.probes[place].due = Some(due);
            world.at(due, Task::Probe { uid: self.uid.clone(), probe: place });
        }
    }

    /// A report is about to be made: containers that are not ready are probed at once (`UpdatePodStatus`).
    pub(super) fn poke_readiness(&mut self, world: &mut World<'_>) {
        let now = world.now();
        for place in 0..self.probes.len() {
            let probe = &self.probes[place];
            let index = probe.container;
            let waits = probe.kind == ProbeKind::Readiness && probe.result != Some(true);
            if !waits || !self.started(index) {
                continue;
            }
            let spec = probe.kind.of(self.container(index));
            if spec.is_some_and(|spec| self.earliest(index, spec) <= now) {
                self.probe_at(place, now, world);
            }
        }
    }

    /// A probe's tick.
    #[inline(never)]
    pub(super) fn probe_due(&mut self, place: usize, host: &mut Host, world: &mut World<'_>) {
        let now = world.now();
        let Some(probe) = self.probes.get(place).cloned() else { return };
        if probe.due != Some(now) {
            return;
        }
        self.probes[place].due = None;
        let (index, kind) = (probe.container, probe.kind);
        let startup = kind == ProbeKind::Startup;
        if probe.hold || !self.runs[index].running() || self.started(index) == startup {
            return;
        }
        let Some(spec) = kind.of(self.container(index)).cloned() else { return };
        let failing = self.fails_on_purpose(index, kind);
        let answer = if failing {
            self.failure_of(index, &spec)
        } else {
            self.send(index, &spec, host, now)
        };
        let success = match answer {
            Answer::Success => true,
            Answer::Failure(output) => {
                let message = format!("{} probe failed: {output}", kind.title());
                self.warning(index, host, world, "Unhealthy", message);
                false
            }
        };
        self.judge(place, &spec, success, host, world);
        self.plan_probe(place, now + Duration::from_micros(1), world);
        self.work(host, world);
    }

    /// Counts an answer; at its threshold it holds.
    fn judge(
        &mut self,
        place: usize,
        spec: &ProbeSpec,
        success: bool,
        host: &mut Host,
        world: &mut World<'_>,
    ) {
        let probe = &mut self.probes[place];
        let run = match probe.last {
            Some((last, run)) if last == success => run.saturating_add(1),
            _ => 1,
        };
        probe.last = Some((success, run));
        let threshold = if success {
            spec.success_threshold.unwrap_or(1)
        } else {
            spec.failure_threshold.unwrap_or(3)
        };
        if run < threshold || probe.result == Some(success) {
            return;
        }
        // A readiness probe that has not succeeded yet counts as failed from the start.
        let news = success || probe.result.is_some() || probe.kind != ProbeKind::Readiness;
        probe.result = Some(success);
        let (index, kind) = (probe.container, probe.kind);
        if !success && kind != ProbeKind::Readiness {
            probe.hold = true;
            probe.last = None;
        }
        let now = world.now();
        match kind {
            ProbeKind::Startup if success => self.plan_probes(index, now, world),
            ProbeKind::Startup | ProbeKind::Liveness | ProbeKind::Readiness => {}
        }
        if kind == ProbeKind::Liveness && success {
            return;
        }
        if news {
            if kind != ProbeKind::Liveness {
                self.report(host, world, false);
            }
            self.want(now);
        }
    }

    /// What a probe meets that is made to fail: a program that answers, but badly.
    fn failure_of(&self, index: usize, spec: &ProbeSpec) -> Answer {
        let tcp = spec.tcp_socket.as_ref();
        let port = tcp.and_then(|tcp| port_of(&tcp.port, self.container(index)));
        Answer::Failure(match (&spec.http_get, port, self.ip) {
            (Some(_), ..) => "HTTP probe failed with statuscode: 500".to_owned(),
            (None, Some(port), Some(ip)) => {
                format!("dial tcp {ip}:{port}: connect: connection refused")
            }
            (None, ..) => String::new(),
        })
    }

    /// A probe by a command.
    fn send_command(
        &mut self,
        index: usize,
        argv: &[String],
        timeout: Duration,
        now: Time,
    ) -> Answer {
        match self.exec_to_end(index, argv, now) {
            Some(done) if done.took > timeout => {
                let command: Vec<String> = argv.iter().map(|word| format!("{word:?}")).collect();
                Answer::Failure(format!(
                    "command timed out: {} timed out after {}",
                    command.join(" "),
                    crate::time::go_duration(timeout)
                ))
            }
            Some(done) if done.code == 0 => Answer::Success,
            Some(done) => Answer::Failure(done.output),
            None => Answer::Failure(String::new()),
        }
    }

    /// Sends a probe.
    fn send(&mut self, index: usize, spec: &ProbeSpec, host: &Host, now: Time) -> Answer {
        let timeout = Duration::from_secs(
            u64::try_from(spec.timeout_seconds.unwrap_or(1)).unwrap_or(1).max(1),
        );
        if let Some(exec) = &spec.exec {
            let argv = exec.command.clone().unwrap_or_default();
            return self.send_command(index, &argv, timeout, now);
        }
        let container = self.container(index);
        let own = self.ip.unwrap_or(host.address);
        if let Some(http) = &spec.http_get {
            let Some(port) = port_of(&http.port, container) else {
                return Answer::Failure(format!("port {} not found", text(&http.port)));
            };
            let address = http.host.as_deref().and_then(|host| host.parse().ok()).unwrap_or(own);
            let path = http.path.as_deref().unwrap_or("/");
            let mut request = Request::get(
                path,
                &format!("{address}:{port}"),
                "kube-probe/1.36",
                host.addresses.gateway(),
            );
            for header in http.http_headers.iter().flatten() {
                request.headers.push((header.name.clone(), header.value.clone()));
            }
            let url = format!("http://{address}:{port}{path}");
            return match self.connect(index, port, Some(&request), now) {
                (_, took) if took > timeout => Answer::Failure(format!(
                    "Get \"{url}\": context deadline exceeded (Client.Timeout exceeded while awaiting headers)"
                )),
                (Connection::Answered(response), _) if (200..400).contains(&response.status) => {
                    Answer::Success
                }
                (Connection::Relays(_), _) => Answer::Success,
                (Connection::Answered(response), _) => Answer::Failure(format!(
                    "HTTP probe failed with statuscode: {}",
                    response.status
                )),
                (Connection::Accepted, _) => Answer::Failure(format!("Get \"{url}\": EOF")),
                (Connection::Refused, _) => Answer::Failure(format!(
                    "Get \"{url}\": dial tcp {address}:{port}: connect: connection refused"
                )),
            };
        }
        let tcp = spec.tcp_socket.as_ref().and_then(|tcp| port_of(&tcp.port, container));
        let grpc = spec.grpc.as_ref().and_then(|grpc| u16::try_from(grpc.port).ok());
        match (tcp.or(grpc), &spec.tcp_socket) {
            (Some(port), _) => match self.connect(index, port, None, now).0 {
                Connection::Accepted | Connection::Answered(_) | Connection::Relays(_) => {
                    Answer::Success
                }
                Connection::Refused if tcp.is_some() => {
                    Answer::Failure(format!("dial tcp {own}:{port}: connect: connection refused"))
                }
                Connection::Refused => Answer::Failure(format!(
                    "timeout: failed to connect service \"{own}:{port}\" within {}: context deadline exceeded",
                    crate::time::go_duration(timeout)
                )),
            },
            (None, Some(tcp)) => Answer::Failure(format!("port {} not found", text(&tcp.port))),
            (None, None) => Answer::Failure("missing probe handler".to_owned()),
        }
    }
}

fn micros(secs: i32) -> u64 {
    u64::try_from(secs).unwrap_or(1) * 1_000_000
}

/// A port by number, or by the name that the container gives it (`ResolveContainerPort`).
pub(super) fn port_of(port: &IntOrString, container: &Container) -> Option<u16> {
    match port {
        IntOrString::Int(number) => u16::try_from(*number).ok(),
        IntOrString::String(name) => {
            let mut ports = container.ports.iter().flatten();
            let found = ports.find(|port| port.name.as_deref() == Some(name));
            match found {
                Some(port) => u16::try_from(port.container_port).ok(),
                None => name.parse().ok(),
            }
        }
    }
}

fn text(port: &IntOrString) -> String {
    match port {
        IntOrString::Int(number) => number.to_string(),
        IntOrString::String(name) => name.clone(),
    }
}
