//! The pause container: sleeps until it is told to end.

use super::{Next, Program, Start, Term};
use crate::engine::process::Launch;
use crate::time::Duration;

pub(super) const PROGRAM: Program = Program {
    name: "pause",
    images: &["registry.k8s.io/pause"],
    executables: &["pause"],
    start,
    serve: None,
    on_term: Term::Ends { code: 0, after_millis: 1, line: "Shutting down, got signal: Terminated" },
    cpu_milli: 0,
    request_micros: 0,
    memory_mib: 1,
};

fn start(_launch: &Launch, _argv: &[String]) -> Start {
    Start { lines: Vec::new(), next: Next::Listen { ports: Vec::new(), after: Duration::ZERO } }
}
