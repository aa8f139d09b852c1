//! traefik/whoami: says who answered and what was asked. Models its `app.go`.

use super::{Next, Program, Reply, Start, Term, flag, stdout};
use crate::engine::process::Launch;
use crate::engine::script::Files;
use crate::engine::{Request, Response};
use crate::time::{Duration, Time};

pub(super) const PROGRAM: Program = Program {
    name: "whoami",
    images: &["docker.io/traefik/whoami"],
    executables: &["whoami"],
    start,
    serve: Some(serve),
    on_term: Term::Ends { code: 2, after_millis: 5, line: "" },
    cpu_milli: 1,
    request_micros: 500,
    memory_mib: 3,
};

fn start(launch: &Launch, argv: &[String]) -> Start {
    let port =
        flag(argv, "port").or_else(|| launch.env.get("WHOAMI_PORT_NUMBER").map(String::as_str));
    let port = port.and_then(|port| port.parse().ok()).unwrap_or(80);
    let line = format!("Starting up on port {port}");
    Start {
        lines: stdout(&[&line]),
        next: Next::Listen { ports: vec![port], after: Duration::from_millis(10) },
    }
}

fn serve(launch: &Launch, _files: &Files, request: &Request, _now: Time) -> Reply {
    if request.route() == "/health" {
        return Reply { response: Response::text(200, ""), lines: Vec::new(), ..Reply::default() };
    }
    let body = format!(
        "Hostname: {}\nIP: 127.0.0.1\nIP: {}\nRemoteAddr: {}:43210\n{} {} HTTP/1.1\nHost: {}\nUser-Agent: {}\nAccept: */*\n{}\n",
        launch.hostname,
        launch.ip,
        request.client,
        request.method,
        request.path,
        request.host,
        request.user_agent,
        request.headers_shown()
    );
    Reply { response: Response::text(200, body), lines: Vec::new(), ..Reply::default() }
}
