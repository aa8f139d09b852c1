//! hashicorp/http-echo: answers every request with one text. Models its `main.go` (1.0).

use super::{Next, Program, Reply, Start, Term, flag, stderr};
use crate::engine::process::Launch;
use crate::engine::script::Files;
use crate::engine::{Request, Response, Stream};
use crate::time::{Duration, Time};

pub(super) const PROGRAM: Program = Program {
    name: "http-echo",
    images: &["docker.io/hashicorp/http-echo"],
    executables: &["http-echo"],
    start,
    serve: Some(serve),
    on_term: Term::Ends { code: 0, after_millis: 20, line: "" },
    cpu_milli: 1,
    request_micros: 500,
    memory_mib: 5,
};

fn text(launch: &Launch) -> Option<String> {
    flag(&launch.argv, "text")
        .map(str::to_owned)
        .or_else(|| launch.env.get("ECHO_TEXT").cloned())
        .filter(|text| !text.is_empty())
}

fn start(launch: &Launch, argv: &[String]) -> Start {
    let listen = flag(argv, "listen").unwrap_or(":5678");
    let Some(port) = listen.rsplit(':').next().and_then(|port| port.parse().ok()) else {
        let line = format!("[ERR] Server exited with: listen tcp: address {listen}: invalid port");
        return failed(&line, 1);
    };
    if text(launch).is_none() {
        return failed("Missing -text option!", 127);
    }
    let line = format!("[INFO] server is listening on {listen}");
    Start {
        lines: stderr(&[&line]),
        next: Next::Listen { ports: vec![port], after: Duration::from_millis(10) },
    }
}

fn failed(line: &str, code: i32) -> Start {
    Start { lines: stderr(&[line]), next: Next::Exit { code, after: Duration::from_millis(5) } }
}

fn serve(launch: &Launch, _files: &Files, request: &Request, now: Time) -> Reply {
    if request.route() == "/health" {
        let response = Response::new(200, "application/json", "{\"status\":\"ok\"}");
        return Reply { response, lines: Vec::new(), ..Reply::default() };
    }
    let body = text(launch).unwrap_or_default() + "\n";
    let line = format!(
        "{} {} {}:43210 \"{} {} HTTP/1.1\" 200 {} \"{}\" 12.5µs",
        now.format("%Y/%m/%d %H:%M:%S"),
        request.host,
        request.client,
        request.method,
        request.path,
        body.len(),
        request.user_agent
    );
    let response = Response::text(200, body)
        .header("X-App-Version", "1.0.0")
        .header("X-App-Name", "http-echo");
    Reply { response, lines: vec![(Stream::Stdout, line)], ..Reply::default() }
}
