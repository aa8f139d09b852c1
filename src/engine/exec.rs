//! Commands that are run inside a container beside its main process: by probes, by hooks, by `kubectl exec`.

use super::Rules;
use super::process::{Process, missing};
use super::script::{Pause, Surroundings};
use crate::time::{Duration, Time};

/// What came of a command run inside the container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exec {
    /// The exit code.
    pub code: i32,
    /// What it wrote, both streams in order.
    pub output: String,
    /// How long it ran.
    pub took: Duration,
}

impl Exec {
    /// A command that ended at once.
    fn at_once(code: i32, output: String) -> Self {
        Self { code, output, took: Duration::ZERO }
    }
}

/// How long a command may run inside a container before it is cut off.
const EXEC_MAX: Duration = Duration::from_hours(1);

impl Process {
    /// Runs a command inside the container, to its end; what it waits for is counted, not waited for. One that would
    /// run for ever is cut off with 124.
    pub fn exec(&mut self, argv: &[String], now: Time) -> Exec {
        if let Some(answer) = self.client_tool(argv, now) {
            return answer;
        }
        let mut command = match self.script_of(argv) {
            Some(Ok(script)) => script,
            Some(Err(message)) => return Exec::at_once(2, message),
            None => return Exec::at_once(126, not_found(argv)),
        };
        let hostname = self.launch.hostname.clone();
        let (mut output, mut time) = (String::new(), now);
        let pause = loop {
            let mut around = Surroundings {
                now: time,
                hostname: &hostname,
                files: &mut self.files,
                output: Vec::new(),
            };
            let pause = command.run(&mut around);
            output.extend(around.output.into_iter().map(|(_, text)| text));
            match pause {
                Pause::Until(until) if until <= now + EXEC_MAX => time = until,
                pause @ (Pause::Until(_)
                | Pause::Forever
                | Pause::Exit(_)
                | Pause::Become(_)
                | Pause::Ask(_)) => break pause,
            }
        };
        if self.rules == Rules::Recorded {
            output.clear();
        }
        let took = time - now;
        match pause {
            Pause::Exit(code) => Exec { code, output, took },
            Pause::Until(_) | Pause::Forever => Exec { code: 124, output, took: EXEC_MAX },
            Pause::Ask(ask) => {
                let text = format!(
                    "{}: requests to others from an exec are not simulated yet\n",
                    ask.tool
                );
                Exec { code: 1, output: output + &text, took }
            }
            Pause::Become(argv) => match self.client_tool(&argv, now) {
                Some(Exec { code, output: more, .. }) => {
                    Exec { code, output: output + &more, took }
                }
                None if self.rules == Rules::Recorded => Exec { code: 0, output, took },
                None => {
                    let name = argv.first().map_or("", String::as_str);
                    Exec { code: 127, output: format!("{output}sh: {name}: not found\n"), took }
                }
            },
        }
    }

    /// Clients that probes call: they succeed while their server listens.
    fn client_tool(&self, argv: &[String], now: Time) -> Option<Exec> {
        let name = argv.first()?.rsplit('/').next()?;
        let (port, yes, no) = match name {
            "pg_isready" => (
                5432,
                "/var/run/postgresql:5432 - accepting connections\n",
                "/var/run/postgresql:5432 - no response\n",
            ),
            "redis-cli" => (
                6379,
                "PONG\n",
                "Could not connect to Redis at 127.0.0.1:6379: Connection refused\n",
            ),
            "mysqladmin" | "mariadb-admin" => {
                (3306, "mysqld is alive\n", "mysqladmin: connect to server at 'localhost' failed\n")
            }
            "rabbitmq-diagnostics" => {
                (5672, "Ping succeeded\n", "Error: unable to perform an operation on node\n")
            }
            "wget" | "curl" => {
                let url = argv
                    .iter()
                    .find(|arg| arg.contains("localhost") || arg.contains("127.0.0.1"))?;
                let rest = url.trim_start_matches("http://");
                let port = rest
                    .split('/')
                    .next()?
                    .rsplit_once(':')
                    .map_or(Some(80), |(_, port)| port.parse().ok())?;
                (port, "", "can't connect to remote host (127.0.0.1): Connection refused\n")
            }
            _ => return None,
        };
        let up = self.listens(port, now);
        Some(Exec::at_once(i32::from(!up), if up { yes } else { no }.to_owned()))
    }
}

fn not_found(argv: &[String]) -> String {
    let name = argv.first().map_or("", String::as_str);
    format!(
        "OCI runtime exec failed: exec failed: unable to start container process: exec: \"{name}\": {}: unknown\n",
        missing(name)
    )
}
