//! A container's main process: started from an image and a command, moved by time, requests and signals.
//!
//! A [`Process`] is a value. Its owner asks [`Process::next_due`] when it acts by itself, lets it act with
//! [`Process::advance`], and hands it what arrives. Once it has an [`Exit`] it never changes again.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::Arc;

use crate::persistent::OrdMap;

use super::cpu::{Cpu, NEVER};
use super::http::Relay;
use super::program::{self, Next, Reply, Start, Term};
use super::script::{Files, Pause, Script, Surroundings};
use super::{Answered, Ask, ImageConfig, Logs, Request, Response, Rules, Stream};
use crate::time::{Duration, Time};

/// Everything a program sees when it starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Launch {
    /// The image.
    pub image: Arc<ImageConfig>,
    /// The command line.
    pub argv: Vec<String>,
    /// The environment.
    pub env: BTreeMap<String, String>,
    /// The ports that the container declares.
    pub ports: Vec<u16>,
    /// Mounted files by path.
    pub files: OrdMap<String, Arc<str>>,
    /// Where folders are mounted.
    pub mounts: Vec<String>,
    /// The host name: the Pod's name, or its node's on the host's network.
    pub hostname: String,
    /// The domain that makes it a full name; empty where the Pod has no subdomain.
    pub domain: String,
    /// The address.
    pub ip: Ipv4Addr,
    /// How many bytes of memory it may use, if there is a limit.
    pub memory_limit: Option<u64>,
    /// Thousandths of a CPU that it may use: its limit, or what its machine has.
    pub cpu_milli: u64,
    /// The namespace of its Pod.
    pub namespace: String,
    /// The folder it starts in.
    pub folder: String,
    /// Whether somebody may type to it.
    pub stdin: bool,
}

/// How a process ended.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Exit {
    /// 0 for success; 128 + n after signal n.
    pub code: i32,
    /// When.
    pub at: Time,
    /// Whether the kernel killed it for lack of memory.
    pub out_of_memory: bool,
}

impl Exit {
    fn new(code: i32, at: Time) -> Self {
        Self { code, at, out_of_memory: false }
    }
}

/// How long a shell takes to find that a command is not there.
const AFTER_MISSING: Duration = Duration::from_millis(100);
/// How much memory a shell holds.
const SHELL_MIB: u32 = 1;
/// What a shell's command costs, in microseconds of CPU time.
const COMMAND_MICROS: u64 = 1000;
/// What it costs to accept a connection.
const ACCEPT_MICROS: u64 = 100;
/// How long a program takes to fill more memory than it may use.
const FILLING: Duration = Duration::from_millis(500);

/// Why a container could not be started: the runtime's whole message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StartError(pub String);

/// What can be sent to a process.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Signal {
    /// `SIGTERM`: asks it to end.
    Terminate,
    /// `SIGKILL`: ends it.
    Kill,
}

/// What came of a connection to a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Connection {
    /// Nothing listens there.
    Refused,
    /// It was accepted; what was said is not HTTP, or nothing was said.
    Accepted,
    /// An HTTP answer.
    Answered(Response),
    /// It asks somebody else first: connect again with what came of it in [`Request::relayed`].
    Relays(Box<Relay>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    /// A program that listens (on no port, perhaps) until it is told to end.
    Serving { program: usize, ports: Vec<u16>, listens_at: Time },
    /// A program that asks for the first of some names before it listens; with each name what it says if there is none.
    Resolving {
        program: usize,
        ports: Vec<u16>,
        after: Duration,
        names: Vec<(String, String)>,
        asked: bool,
    },
    /// A shell script that waits until the given time.
    Script { script: Box<Script>, until: Option<Time>, ask: Option<Box<Ask>> },
    /// About to end.
    Ending(Exit),
    /// Ended.
    Ended(Exit),
}

/// A running or ended process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    pub(super) launch: Arc<Launch>,
    pub(super) rules: Rules,
    pub(super) files: Files,
    state: State,
    /// Whether it answers every request with an error, since somebody broke it on purpose.
    broken: bool,
    cpu: Cpu,
    /// How much memory it holds.
    memory_mib: u32,
}

/// Starts a process; its first lines go to `logs`.
pub fn launch(
    rules: Rules,
    launch: Launch,
    now: Time,
    logs: &mut Logs,
) -> Result<Process, StartError> {
    let files = launch.files.clone();
    let launch = Arc::new(launch);
    let argv = launch.argv.clone();
    let idle = State::Serving { program: program::ANY, ports: Vec::new(), listens_at: now };
    let cpu = Cpu::new(launch.cpu_milli, now);
    let mut process =
        Process { launch, rules, files, state: idle, broken: false, cpu, memory_mib: SHELL_MIB };
    if !process.waits_for_commands() {
        process.become_program(&argv, now, logs)?;
    }
    Ok(process)
}

impl Process {
    /// How much memory it holds.
    pub fn memory_bytes(&self) -> u64 {
        u64::from(self.memory_mib) << 20
    }

    /// Whether it is a shell to which somebody may type: it waits for who attaches to it.
    pub fn waits_for_commands(&self) -> bool {
        let argv = &self.launch.argv;
        let typed = self.launch.stdin && self.rules == Rules::Real && Self::reads_commands(argv);
        typed && self.script_of(argv).is_some()
    }

    /// The command line.
    pub fn argv(&self) -> &[String] {
        &self.launch.argv
    }

    /// How it ended, if it has.
    pub fn exit(&self) -> Option<Exit> {
        match self.state {
            State::Ended(exit) => Some(exit),
            State::Serving { .. }
            | State::Resolving { .. }
            | State::Script { .. }
            | State::Ending(_) => None,
        }
    }

    /// What it used, as the metrics server reads it: over how long before the last reading, billionths of a CPU, and bytes
    /// of memory; `None` if it has not run for long enough.
    pub fn used(&self, started: Time, now: Time) -> Option<(Duration, u64, u64)> {
        let (window, nanos) = self.cpu.used(started, now)?;
        Some((window, nanos, u64::from(self.memory_mib) << 20))
    }

    /// The files that it sees: what is mounted and what it wrote.
    pub fn files(&self) -> &OrdMap<String, Arc<str>> {
        &self.files
    }

    /// The same, for whoever shares a volume with it.
    pub fn files_mut(&mut self) -> &mut OrdMap<String, Arc<str>> {
        &mut self.files
    }

    /// When it next does something by itself.
    pub fn next_due(&self) -> Option<Time> {
        match &self.state {
            State::Ending(exit) => Some(exit.at),
            State::Script { until, .. } => *until,
            State::Serving { .. } | State::Resolving { .. } | State::Ended(_) => None,
        }
    }

    /// Lets it do what is due by now.
    pub fn advance(&mut self, now: Time, logs: &mut Logs) {
        while self.next_due().is_some_and(|due| due <= now) {
            match &self.state {
                State::Ending(exit) => self.state = State::Ended(*exit),
                State::Script { until, .. } => self.run_script(until.unwrap_or(now), logs),
                State::Serving { .. } | State::Resolving { .. } | State::Ended(_) => return,
            }
        }
    }

    /// Sends a signal. What ignores `SIGTERM` as PID 1 does so because it is a shell or a program that installs no
    /// handler, as in reality; a script's `trap` takes effect when the command that it waits for has ended.
    pub fn signal(&mut self, signal: Signal, now: Time, logs: &mut Logs) {
        if self.exit().is_some() {
            return;
        }
        if self.rules.stops_at_once() {
            self.state = State::Ended(Exit::new(0, now));
            return;
        }
        match (signal, &self.state) {
            (Signal::Kill, _) => self.state = State::Ended(Exit::new(137, now)),
            (
                Signal::Terminate,
                State::Serving { program, .. } | State::Resolving { program, .. },
            ) => match program::PROGRAMS[*program].on_term {
                Term::Ends { code, after_millis, line } => {
                    if !line.is_empty() {
                        logs.write(now, Stream::Stdout, line);
                    }
                    let at = now + Duration::from_millis(after_millis);
                    self.state = State::Ending(Exit::new(code, at));
                }
                Term::Ignored => {}
            },
            (Signal::Terminate, State::Script { .. }) => {
                if let State::Script { script, .. } = &mut self.state {
                    script.terminate();
                }
            }
            (Signal::Terminate, State::Ending(_) | State::Ended(_)) => {}
        }
    }

    /// Ends at once with this code, as a program does that fails.
    pub fn crash(&mut self, code: i32, now: Time) {
        if self.exit().is_none() {
            self.state = State::Ended(Exit::new(code, now));
        }
    }

    /// From now on answers every request with 500, or as it should again.
    pub fn set_broken(&mut self, broken: bool) {
        self.broken = broken;
    }

    /// Whether something listens on a port.
    pub fn listens(&self, port: u16, now: Time) -> bool {
        match &self.state {
            State::Serving { ports, listens_at, .. } => {
                if self.rules == Rules::Recorded {
                    return self.rules.tcp_probe(port).unwrap_or(false);
                }
                *listens_at <= now && ports.contains(&port)
            }
            State::Resolving { .. } | State::Script { .. } | State::Ending(_) | State::Ended(_) => {
                false
            }
        }
    }

    /// The ports it listens on.
    pub fn ports(&self) -> &[u16] {
        match &self.state {
            State::Serving { ports, .. } => ports,
            State::Resolving { .. } | State::Script { .. } | State::Ending(_) | State::Ended(_) => {
                &[]
            }
        }
    }

    /// Connects to a port and, with a request, speaks HTTP; and how long the answer takes.
    pub fn connect(
        &mut self,
        port: u16,
        request: Option<&Request>,
        now: Time,
        logs: &mut Logs,
    ) -> (Connection, Duration) {
        if self.rules == Rules::Recorded && self.exit().is_none() {
            let status = request.and_then(|request| self.rules.http_probe(&request.path));
            let connection = match (status, self.rules.tcp_probe(port)) {
                (Some(status), _) => Connection::Answered(Response::text(status, "")),
                (None, Some(false)) => Connection::Refused,
                (None, _) => Connection::Accepted,
            };
            return (connection, Duration::ZERO);
        }
        if !self.listens(port, now) {
            return (Connection::Refused, Duration::ZERO);
        }
        let State::Serving { program, .. } = &self.state else {
            return (Connection::Accepted, Duration::ZERO);
        };
        let program = &program::PROGRAMS[*program];
        let (Some(request), Some(serve)) = (request, program.serve) else {
            return (Connection::Accepted, self.cpu.work(ACCEPT_MICROS, now));
        };
        let took = self.cpu.work(u64::from(program.request_micros), now);
        if took == NEVER {
            return (Connection::Accepted, took);
        }
        if self.broken {
            let line = format!("{} {} 500 {}", request.method, request.path, request.client);
            logs.write(now, Stream::Stderr, &line);
            return (Connection::Answered(Response::text(500, "Internal Server Error\n")), took);
        }
        let request = Request { port, ..request.clone() };
        let Reply { response, lines, relay } = serve(&self.launch, &self.files, &request, now);
        if let Some(relay) = relay {
            return (Connection::Relays(relay), took);
        }
        for (stream, text) in lines {
            logs.write(now, stream, &text);
        }
        (Connection::Answered(response), took)
    }

    /// What it asks of the network, once.
    pub fn take_ask(&mut self) -> Option<Box<Ask>> {
        match &mut self.state {
            State::Script { ask, .. } => ask.take(),
            State::Resolving { names, asked, .. } if !*asked => {
                *asked = true;
                names.first().map(|(name, _)| Box::new(Ask::address(name)))
            }
            State::Resolving { .. }
            | State::Serving { .. }
            | State::Ending(_)
            | State::Ended(_) => None,
        }
    }

    /// Goes on with the network's answer.
    pub fn answer(&mut self, answer: &Answered, now: Time, logs: &mut Logs) {
        if matches!(&self.state, State::Script { script, .. } if script.asks()) {
            return self.step_script(Some(answer), now, logs);
        }
        let State::Resolving { program, ports, after, names, asked } = &mut self.state else {
            return;
        };
        let (_, lost) = names.remove(0);
        *asked = false;
        if *answer == Answered::NoName {
            logs.write(now, Stream::Stderr, &lost);
            self.state = State::Ended(Exit::new(1, now));
        } else if names.is_empty() {
            let (program, ports, listens_at) = (*program, std::mem::take(ports), now + *after);
            self.state = State::Serving { program, ports, listens_at };
        }
    }

    fn run_script(&mut self, now: Time, logs: &mut Logs) {
        self.step_script(None, now, logs);
    }

    fn step_script(&mut self, answer: Option<&Answered>, now: Time, logs: &mut Logs) {
        let State::Script { script, until, ask } = &mut self.state else { return };
        self.cpu.work(COMMAND_MICROS, now);
        let mut around = Surroundings::new(now, &self.launch, self.rules, &mut self.files);
        let pause = match answer {
            Some(answer) => script.answer(answer, &mut around),
            None => script.run(&mut around),
        };
        write_all(logs, now, around.output);
        match pause {
            Pause::Until(time) => *until = Some(time),
            Pause::Forever => *until = None,
            Pause::Ask(wanted) => {
                *until = None;
                *ask = Some(wanted);
            }
            Pause::Exit(code) => self.state = State::Ended(Exit::new(code, now)),
            Pause::Become { argv, replaces } => {
                if self.become_program(&argv, now, logs).is_ok() {
                    return;
                }
                let message = self.not_found(argv.first().map_or("", String::as_str));
                logs.write(now, Stream::Stderr, &message);
                if let (State::Script { script, until, .. }, false) = (&mut self.state, replaces) {
                    script.failed(127);
                    // A loop around a command that is not there must not stop the world.
                    *until = Some(now + AFTER_MISSING);
                } else {
                    self.state = State::Ended(Exit::new(127, now));
                }
            }
        }
    }

    /// Turns into what the command line says.
    fn become_program(
        &mut self,
        argv: &[String],
        now: Time,
        logs: &mut Logs,
    ) -> Result<(), StartError> {
        match self.script_of(argv) {
            Some(Ok(script)) => {
                self.state =
                    State::Script { script: Box::new(script), until: Some(now), ask: None };
                self.run_script(now, logs);
                return Ok(());
            }
            Some(Err(message)) => {
                logs.write(now, Stream::Stderr, &message);
                self.state = State::Ended(Exit::new(2, now));
                return Ok(());
            }
            None => {}
        }
        let (index, program) = self.program_of(argv).ok_or_else(|| StartError(runc(argv)))?;
        let Start { lines, next } = (program.start)(&self.launch, argv);
        write_all(logs, now, lines);
        let (needed, cpu_milli) = match &next {
            Next::Hold { mebibytes, cpu_milli } => (*mebibytes, *cpu_milli),
            Next::Listen { .. } | Next::Resolve { .. } => (program.memory_mib, program.cpu_milli),
            Next::Exit { .. } => (0, 0),
        };
        self.memory_mib = needed;
        self.cpu.set_idle(cpu_milli.into());
        let limit = self.launch.memory_limit.filter(|_| self.rules == Rules::Real);
        if limit.is_some_and(|limit| u64::from(needed) << 20 > limit) {
            let exit = Exit { code: 137, at: now + FILLING, out_of_memory: true };
            self.state = State::Ending(exit);
            return Ok(());
        }
        self.state = match next {
            Next::Hold { .. } => {
                State::Serving { program: index, ports: Vec::new(), listens_at: now }
            }
            Next::Resolve { names, ports, after } if !names.is_empty() => {
                State::Resolving { program: index, ports, after, names, asked: false }
            }
            Next::Listen { ports, after } | Next::Resolve { ports, after, .. } => {
                // What a program does before it listens is work.
                let micros = u64::try_from(after.as_micros()).unwrap_or(0);
                let after =
                    if self.rules == Rules::Real { self.cpu.work(micros, now) } else { after };
                State::Serving { program: index, ports, listens_at: now + after }
            }
            Next::Exit { code, after } => State::Ending(Exit::new(code, now + after)),
        };
        Ok(())
    }
}

fn write_all(logs: &mut Logs, now: Time, lines: Vec<(Stream, String)>) {
    for (stream, text) in lines {
        logs.write(now, stream, &text);
    }
}

/// What runc says of a file that is not there, with containerd's words around it.
fn runc(argv: &[String]) -> String {
    let name = argv.first().map_or("", String::as_str);
    format!(
        "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: exec: \"{name}\": {}",
        missing(name)
    )
}

/// Why a file cannot be run.
pub(super) fn missing(name: &str) -> String {
    if name.contains('/') {
        format!("stat {name}: no such file or directory")
    } else {
        "executable file not found in $PATH".to_owned()
    }
}
