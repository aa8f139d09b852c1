//! Commands run in a container: to their end for probes and hooks, step by step for `kubectl exec`.
//!
//! Models kubernetes `pkg/kubelet/kuberuntime/instrumented_services.go` (`Exec`, `ExecSync`) as far as a Pod sees them.
//! *Differs:* a probe's command reaches nothing outside its own Pod.

use super::worker::Worker;
use super::{Host, Kubelet, World};
use crate::engine::{
    Answered, Ask, Connection, EXEC_MAX, Exec, ExecError, ExecSession, ExecState, Process, Request,
    Stream, Wanted,
};
use crate::network::Origin;
use crate::object::{Name, Object};
use crate::time::Time;

/// How often a probe's command may wait or ask before it counts as one that runs for ever.
const ROUNDS_MAX: usize = 200;

/// Which run of which container a command was begun in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExecPlace {
    uid: Name,
    container: usize,
    run: i32,
    /// From where it asks the network.
    pub origin: Origin,
}

impl Kubelet {
    /// Begins a command in a container that runs; the place is `None` if it does not.
    pub fn begin_exec(
        &self,
        pod: &Object,
        container: &str,
        argv: &[String],
        input: String,
    ) -> Option<(ExecPlace, Result<ExecSession, ExecError>)> {
        let worker = self.workers.get(pod.uid())?;
        let index = worker.index_of(container)?;
        let runs = worker.runs.get(index).filter(|runs| runs.running())?;
        let process = runs.now.as_ref()?.process.as_ref()?;
        let origin = Origin {
            namespace: pod.namespace().into(),
            address: worker.ip?,
            node: Some(self.node().clone()),
        };
        let uid = Name::from(pod.uid());
        let place = ExecPlace { uid, container: index, run: runs.restarts, origin };
        Some((place, process.begin_exec(argv, input)))
    }

    /// The command line of a container's main process, if that is a shell that waits for who types to it.
    pub fn main_shell(&self, pod: &Object, container: &str) -> Option<Vec<String>> {
        let worker = self.workers.get(pod.uid())?;
        let runs = worker.runs.get(worker.index_of(container)?).filter(|runs| runs.running())?;
        let process = runs.now.as_ref()?.process.as_ref()?;
        process.waits_for_commands().then(|| process.argv().to_vec())
    }

    /// What an interactive shell shows before the cursor.
    pub fn exec_prompt(&self, place: &ExecPlace, argv: &[String], session: &ExecSession) -> String {
        let run = self.workers.get(&place.uid).and_then(|worker| worker.runs.get(place.container));
        let process = run.and_then(|runs| runs.now.as_ref()).and_then(|run| run.process.as_ref());
        process.map(|process| process.prompt(argv, session)).unwrap_or_default()
    }

    /// Whether the container still runs in which a command was begun.
    pub fn exec_lives(&self, place: &ExecPlace) -> bool {
        let worker = self.workers.get(&place.uid);
        let runs = worker.and_then(|worker| worker.runs.get(place.container));
        runs.is_some_and(|runs| runs.running() && runs.restarts == place.run)
    }

    /// Lets a command go on as far as it can; one whose container has ended was killed with it.
    pub fn run_exec(
        &mut self,
        place: &ExecPlace,
        session: &mut ExecSession,
        answer: Option<&Answered>,
        out: &mut Vec<(Stream, String)>,
        world: &mut World<'_>,
    ) -> ExecState {
        let mut state = ExecState::Ended(137);
        if self.exec_lives(place) {
            self.with_worker(&place.uid.clone(), world, |worker, host, world| {
                state = worker.run_exec(place.container, session, answer, out, host, world);
            });
        }
        state
    }
}

impl Worker {
    fn run_exec(
        &mut self,
        index: usize,
        session: &mut ExecSession,
        answer: Option<&Answered>,
        out: &mut Vec<(Stream, String)>,
        host: &mut Host,
        world: &mut World<'_>,
    ) -> ExecState {
        let now = world.now();
        let ran = self.with_process(index, |process, logs| {
            let before = process.next_due();
            let state = process.run_exec(session, answer, now, logs, out);
            (state, Process::next_due(process) != before || process.exit().is_some())
        });
        let Some((state, changed)) = ran else { return ExecState::Ended(137) };
        if changed {
            self.after_act(index, host, world);
        }
        state
    }

    /// Runs a command to its end; what it waits for is counted, not waited for. One that would run for ever is cut off
    /// with 124.
    pub(super) fn exec_to_end(&mut self, index: usize, argv: &[String], now: Time) -> Option<Exec> {
        let begun =
            self.with_process(index, |process, _| process.begin_exec(argv, String::new()))?;
        let mut session = match begun {
            Ok(session) => session,
            Err(ExecError::Missing(output) | ExecError::NotSimulated(output)) => {
                let took = crate::time::Duration::ZERO;
                return Some(Exec { code: 126, output: output + "\n", took });
            }
        };
        let (mut out, mut time, mut answer) = (Vec::new(), now, None);
        let mut rounds = 0;
        let code = loop {
            rounds += 1;
            let state = self.with_process(index, |process, logs| {
                process.run_exec(&mut session, answer.as_ref(), time, logs, &mut out)
            })?;
            answer = None;
            match state {
                ExecState::Waits(until) if until <= now + EXEC_MAX && rounds < ROUNDS_MAX => {
                    time = until;
                }
                ExecState::Asks(_) if rounds >= ROUNDS_MAX => {
                    time = now + EXEC_MAX;
                    break 124;
                }
                ExecState::Waits(_) | ExecState::Stays => {
                    time = now + EXEC_MAX;
                    break 124;
                }
                ExecState::Ended(code) => break code,
                ExecState::Asks(ask) => {
                    answer = self.answer_within(&ask, time);
                    if answer.is_none() {
                        let tool = &ask.tool;
                        let text =
                            format!("{tool}: a probe's requests to others are not simulated\n");
                        out.push((Stream::Stderr, text));
                        break 1;
                    }
                }
            }
        };
        let output = out.into_iter().map(|(_, text)| text).collect();
        Some(Exec { code, output, took: time - now })
    }

    /// What the Pod itself answers to a question that goes no further.
    fn answer_within(&mut self, ask: &Ask, now: Time) -> Option<Answered> {
        let own = self.ip?.to_string();
        let inside = matches!(ask.host.as_str(), "localhost" | "127.0.0.1" | "::1" | "0.0.0.0");
        // What `/etc/hosts` says of the Pod itself.
        let (name, domain) = (self.hostname(""), self.domain());
        let named = ask.host == name
            || ask.host.strip_prefix(&name).and_then(|rest| rest.strip_prefix('.'))
                == Some(&domain);
        if !inside && ask.host != own && !named {
            return None;
        }
        let address = if inside { "127.0.0.1".to_owned() } else { own };
        if ask.wanted == Wanted::Address {
            return Some(Answered::Address(address));
        }
        let Some(container) = self.listener(ask.port, now) else {
            return Some(Answered::Refused(address));
        };
        let client = self.ip?;
        let request = Request::get(&ask.path, &ask.host, &ask.tool, client);
        let wanted = (ask.wanted == Wanted::Answer).then_some(&request);
        Some(match self.connect(container, ask.port, wanted, now).0 {
            Connection::Refused => Answered::Refused(address),
            Connection::Accepted | Connection::Relays(_) => Answered::Open(address),
            Connection::Answered(response) => Answered::Response(address, response),
        })
    }
}
