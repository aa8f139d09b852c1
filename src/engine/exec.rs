//! Commands that are run inside a container beside its main process: by probes, by hooks, by `kubectl exec`.
//!
//! An [`ExecSession`] is a value that whoever began it keeps and moves on, as far as it goes without waiting. It sees the
//! container's files and environment as they are then, and ends with the container. *Differs:* it cannot start a second
//! program (a web server, a database); it says so.

use super::process::{Process, missing};
use super::script::{self, Pause, Script, Surroundings, Variables};
use super::{Answered, Ask, Logs, Rules, Signal, Stream, Userland};
use crate::time::{Duration, Time};

/// What came of a command run to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exec {
    /// The exit code.
    pub code: i32,
    /// What it wrote, both streams in order.
    pub output: String,
    /// How long it ran.
    pub took: Duration,
}

/// How long a command may run inside a container before it is cut off, where nobody sits and waits for it.
pub const EXEC_MAX: Duration = Duration::from_hours(1);

/// How many commands that are not there may be called at one moment.
const MISSING_AT_ONCE: usize = 50;

/// A command under way inside a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExecSession {
    script: Script,
    /// What is left to say before it ends with 2: the shell could not read its script.
    refused: Option<String>,
}

/// Why a command could not be begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExecError {
    /// There is no such file: runc's sentence.
    Missing(String),
    /// It is there, but the sandbox does not run it: a sentence.
    NotSimulated(String),
}

/// How a command stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExecState {
    /// It waits until then.
    Waits(Time),
    /// It waits for nothing that will come.
    Stays,
    /// It asks the network.
    Asks(Box<Ask>),
    /// It ended.
    Ended(i32),
}

impl ExecSession {
    /// Takes the next line of an interactive shell, or the message why it cannot be read.
    pub fn next_line(&mut self, line: &str) -> Result<(), String> {
        self.script.renew(script::compile(line)?);
        Ok(())
    }

    /// Whether `exit` was called, rather than the end of the script reached.
    pub fn left(&self) -> bool {
        self.script.left()
    }

    /// The folder that it is in.
    pub fn folder(&self) -> String {
        self.script.folder()
    }
}

impl Process {
    /// Whether a command line is a shell that reads its commands from its input.
    pub fn reads_commands(argv: &[String]) -> bool {
        let name = argv.first().and_then(|word| word.rsplit('/').next());
        name.is_some_and(script::is_shell)
            && argv
                .iter()
                .skip(1)
                .all(|arg| matches!(arg.as_str(), "-i" | "-l" | "-il" | "-li" | "--login"))
    }

    /// What an interactive shell shows before the cursor.
    pub fn prompt(&self, argv: &[String], session: &ExecSession) -> String {
        let folder = session.folder();
        let bash = argv.first().is_some_and(|word| word.ends_with("bash"));
        match self.launch.image.userland {
            Userland::Debian if bash && self.launch.image.known => {
                format!("root@{}:{folder}# ", self.launch.hostname)
            }
            Userland::Debian if self.launch.image.known => "# ".to_owned(),
            Userland::BusyBox | Userland::Debian | Userland::Bare => format!("{folder} # "),
        }
    }

    /// Begins a command; `input` stands on its standard input.
    pub fn begin_exec(&self, argv: &[String], input: String) -> Result<ExecSession, ExecError> {
        match self.script_of(argv) {
            Some(Ok(mut script)) => {
                script.set_input(input);
                Ok(ExecSession { script, refused: None })
            }
            Some(Err(message)) => {
                let script = Script::new([].into(), Variables::new());
                Ok(ExecSession { script, refused: Some(message) })
            }
            None => {
                let name = argv.first().map_or("", String::as_str);
                let known = self.launch.image.known && self.rules == Rules::Real;
                if known && self.program_of(argv).is_some() {
                    return Err(ExecError::NotSimulated(format!(
                        "starting a second program ({name}) in a container is not simulated"
                    )));
                }
                Err(ExecError::Missing(format!(
                    "OCI runtime exec failed: exec failed: unable to start container process: exec: \"{name}\": {}: unknown",
                    missing(name)
                )))
            }
        }
    }

    /// Lets a command go on as far as it can, with the network's answer if it has asked; what it writes goes to `out`,
    /// what it writes to the main process's streams into the log.
    pub fn run_exec(
        &mut self,
        session: &mut ExecSession,
        answer: Option<&Answered>,
        now: Time,
        logs: &mut Logs,
        out: &mut Vec<(Stream, String)>,
    ) -> ExecState {
        if let Some(message) = session.refused.take() {
            out.push((Stream::Stderr, message));
            return ExecState::Ended(2);
        }
        for _ in 0..MISSING_AT_ONCE {
            let mut around = Surroundings::new(now, &self.launch, self.rules, &mut self.files);
            around.beside = true;
            let pause = match answer.filter(|_| session.script.asks()) {
                Some(answer) => session.script.answer(answer, &mut around),
                None => session.script.run(&mut around),
            };
            let Surroundings { output, log, signals, .. } = around;
            // The recordings' runtime runs nothing and hands no output on.
            out.extend(output.into_iter().filter(|_| self.rules == Rules::Real));
            for (stream, text) in log {
                logs.write(now, stream, &text);
            }
            for signal in signals {
                self.signal_from_within(signal, now, logs);
            }
            if self.exit().is_some() {
                return ExecState::Ended(137);
            }
            return match pause {
                Pause::Until(time) => ExecState::Waits(time),
                Pause::Forever => ExecState::Stays,
                Pause::Ask(ask) => ExecState::Asks(ask),
                Pause::Exit(code) => ExecState::Ended(code),
                Pause::Become { argv, replaces } => {
                    if self.rules == Rules::Recorded {
                        return ExecState::Ended(0);
                    }
                    let name = argv.first().map_or("", String::as_str);
                    let (code, message) = if self.program_of(&argv).is_some()
                        && self.launch.image.known
                    {
                        (
                            1,
                            format!(
                                "sh: starting a second program ({name}) in a container is not simulated\n"
                            ),
                        )
                    } else {
                        (127, self.not_found(name))
                    };
                    out.push((Stream::Stderr, message));
                    if !replaces {
                        session.script.failed(code);
                        continue;
                    }
                    ExecState::Ended(code)
                }
            };
        }
        // A loop around a command that is not there must not stop the world.
        ExecState::Waits(now + Duration::from_secs(1))
    }

    /// What the container's shell says of a command that is not there.
    pub(super) fn not_found(&self, name: &str) -> String {
        match self.launch.image.userland {
            Userland::Debian if self.launch.image.known => format!("sh: 1: {name}: not found\n"),
            Userland::Debian | Userland::BusyBox | Userland::Bare => {
                format!("sh: {name}: not found\n")
            }
        }
    }

    /// A signal that a command inside the container sends to PID 1: one for which it has installed no handler is lost, and
    /// so is `SIGKILL`, which the kernel lets nobody within send to PID 1 (`pid_namespaces(7)`).
    fn signal_from_within(&mut self, signal: Signal, now: Time, logs: &mut Logs) {
        if signal == Signal::Terminate && self.rules == Rules::Real {
            self.signal(signal, now, logs);
        }
    }
}
