//! Redis: its start-up lines and port. *Differs:* it speaks no Redis protocol; a connection is accepted and that is all.

use super::{Next, Program, Start, Term, flag};
use crate::engine::Stream;
use crate::engine::process::Launch;
use crate::time::Duration;

pub(super) const PROGRAM: Program = Program {
    name: "redis",
    images: &["docker.io/library/redis"],
    executables: &["redis-server"],
    start,
    serve: None,
    on_term: Term::Ends { code: 0, after_millis: 20, line: "1:M * User requested shutdown..." },
    cpu_milli: 3,
    request_micros: 0,
    memory_mib: 9,
};

fn start(_launch: &Launch, argv: &[String]) -> Start {
    let port = flag(argv, "port").and_then(|port| port.parse().ok()).unwrap_or(6379);
    let out = |text: String| (Stream::Stdout, text);
    let lines = vec![
        out("1:C * oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo".to_owned()),
        out("1:C * Configuration loaded".to_owned()),
        out("1:M * monotonic clock: POSIX clock_gettime".to_owned()),
        out(format!("1:M * Running mode=standalone, port={port}.")),
        out("1:M * Server initialized".to_owned()),
        out("1:M * Ready to accept connections tcp".to_owned()),
    ];
    Start { lines, next: Next::Listen { ports: vec![port], after: Duration::from_millis(30) } }
}
