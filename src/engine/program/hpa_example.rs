//! The image of the official HorizontalPodAutoscaler walkthrough: a page that costs much CPU and answers `OK!`.
//!
//! Stands for `registry.k8s.io/hpa-example`, an Apache with a PHP page that adds up a million square roots.

use super::{Next, Program, Reply, Start, Term, common_log, stderr};
use crate::engine::process::Launch;
use crate::engine::script::Files;
use crate::engine::{Request, Response, Stream};
use crate::time::{Duration, Time};

pub(super) const PROGRAM: Program = Program {
    name: "hpa-example",
    images: &["registry.k8s.io/hpa-example"],
    executables: &["apache2-foreground"],
    start,
    serve: Some(serve),
    on_term: Term::Ends { code: 0, after_millis: 50, line: "" },
    cpu_milli: 1,
    request_micros: 40_000,
    memory_mib: 9,
};

fn start(launch: &Launch, _argv: &[String]) -> Start {
    let line = format!(
        "AH00558: apache2: Could not reliably determine the server's fully qualified domain name, using {}. Set the 'ServerName' directive globally to suppress this message",
        launch.ip
    );
    let next = Next::Listen { ports: vec![80], after: Duration::from_millis(100) };
    Start { lines: stderr(&[&line]), next }
}

fn serve(_launch: &Launch, _files: &Files, request: &Request, now: Time) -> Reply {
    let response = Response::text(200, "OK!");
    let line = format!("{} \"-\" \"{}\"", common_log(request, &response, now), request.user_agent);
    Reply { response, lines: vec![(Stream::Stdout, line)], ..Reply::default() }
}
