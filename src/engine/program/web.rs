//! The generic web app: what runs in images that the sandbox does not know.
//!
//! It listens on every port that its container declares (else on `PORT` from its environment, else on 8080), is healthy
//! at once, answers every path with 200, and ends cleanly on `SIGTERM`. *Differs:* it stands for a student's own
//! program, whose real answers nobody here can know.

use super::{Next, Program, Reply, Start, Term, stdout};
use crate::engine::process::Launch;
use crate::engine::script::Files;
use crate::engine::{Request, Response, Stream};
use crate::time::{Duration, Time};

pub(super) const PROGRAM: Program = Program {
    name: "web",
    images: &[],
    executables: &["app"],
    start,
    serve: Some(serve),
    on_term: Term::Ends { code: 0, after_millis: 50, line: "SIGTERM received, shutting down" },
    cpu_milli: 2,
    request_micros: 5_000,
    memory_mib: 24,
};

fn start(launch: &Launch, _argv: &[String]) -> Start {
    let declared = if launch.ports.is_empty() { &launch.image.ports } else { &launch.ports };
    let from_env = || launch.env.get("PORT").and_then(|port| port.parse().ok()).unwrap_or(8080);
    let ports = if declared.is_empty() { vec![from_env()] } else { declared.clone() };
    let lines: Vec<String> = ports.iter().map(|port| format!("listening on :{port}")).collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    Start { lines: stdout(&lines), next: Next::Listen { ports, after: Duration::from_millis(200) } }
}

fn serve(launch: &Launch, _files: &Files, request: &Request, _now: Time) -> Reply {
    let health = ["/health", "/healthz", "/livez", "/readyz", "/ready", "/live", "/ping"];
    let probe = request.user_agent.starts_with("kube-probe/");
    let body = if health.contains(&request.route()) {
        "ok\n".to_owned()
    } else {
        format!("{} {}: hello from {}\n", launch.image.reference, request.route(), launch.hostname)
    };
    let line = format!("{} {} 200 {}", request.method, request.path, request.client);
    // Probes would drown everything else.
    let lines = if probe { Vec::new() } else { vec![(Stream::Stdout, line)] };
    Reply { response: Response::text(200, body), lines, ..Reply::default() }
}
