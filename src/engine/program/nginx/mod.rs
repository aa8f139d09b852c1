//! nginx: what its configuration says, with its start-up, error and access log lines.
//!
//! The configuration is what is mounted, or else the image's: read when it starts ([`config`]), held to at each request
//! ([`site`]). Names of other servers must be known when it starts. *Differs:* it is not read again before the container
//! starts anew; of the lines at the start three stand for all; `config::NOT_SIMULATED` has what is passed over, and says so.

mod config;
mod proxy;
mod site;
mod variable;

use std::net::Ipv4Addr;

use self::config::Directive;
use self::site::{Complaint, Outcome, Visit};
use super::{Next, Program, Reply, Start, Term, common_log, stdout};
use crate::engine::process::Launch;
use crate::engine::script::Files;
use crate::engine::{Request, Response, Stream, userland};
use crate::order;
use crate::time::{Duration, Time};

pub(super) const PROGRAM: Program = Program {
    name: "nginx",
    images: &["docker.io/library/nginx"],
    executables: &["nginx", "nginx-debug"],
    start,
    serve: Some(serve),
    on_term: Term::Ends { code: 0, after_millis: 30, line: "" },
    cpu_milli: 1,
    request_micros: 500,
    memory_mib: 4,
};

/// The page that the image brings.
pub(in crate::engine) const WELCOME: &str = "<!DOCTYPE html>
<html>
<head>
<title>Welcome to nginx!</title>
<style>
html { color-scheme: light dark; }
body { width: 35em; margin: 0 auto;
font-family: Tahoma, Verdana, Arial, sans-serif; }
</style>
</head>
<body>
<h1>Welcome to nginx!</h1>
<p>If you see this page, the nginx web server is successfully installed and
working. Further configuration is required.</p>

<p>For online documentation and support please refer to
<a href=\"http://nginx.org/\">nginx.org</a>.<br/>
Commercial support is available at
<a href=\"http://nginx.com/\">nginx.com</a>.</p>

<p><em>Thank you for using nginx.</em></p>
</body>
</html>
";

fn start(launch: &Launch, _argv: &[String]) -> Start {
    let mut lines = stdout(&[
        "/docker-entrypoint.sh: /docker-entrypoint.d/ is not empty, will attempt to perform configuration",
        "/docker-entrypoint.sh: Looking for shell scripts in /docker-entrypoint.d/",
    ]);
    for (template, file) in config::templates(launch) {
        let text = format!("20-envsubst-on-templates.sh: Running envsubst on {template} to {file}");
        lines.push((Stream::Stdout, text));
    }
    lines.extend(stdout(&["/docker-entrypoint.sh: Configuration complete; ready for start up"]));
    let root = match config::load(launch) {
        Ok(root) => root,
        Err(message) => {
            lines.push((Stream::Stderr, format!("nginx: [emerg] {message}")));
            let after = Duration::from_millis(20);
            return Start { lines, next: Next::Exit { code: 1, after } };
        }
    };
    let http: Vec<&Directive> = root.all("http").collect();
    let servers = http.iter().flat_map(|http| http.all("server"));
    let mut ports: Vec<u16> = servers.flat_map(site::ports).collect();
    order::sort(&mut ports);
    ports.dedup();
    let mut names = Vec::new();
    for http in http {
        backends(http, http, &mut names);
        left_out(http, &mut lines);
    }
    let next = Next::Resolve { names, ports, after: Duration::from_millis(60) };
    Start { lines, next }
}

/// The names of other servers, which must be known when nginx starts, each with what nginx says if it is not.
fn backends(http: &Directive, block: &Directive, names: &mut Vec<(String, String)>) {
    for one in &block.block {
        let place = match (one.name.as_str(), block.name.as_str()) {
            ("server", "upstream") => one.arg(0),
            ("proxy_pass", _) if !one.arg(0).contains('$') => {
                let rest = one.arg(0).split_once("://").map_or("", |(_, rest)| rest);
                let server = rest.split('/').next().unwrap_or_default();
                let group = http.all("upstream").any(|group| group.arg(0) == server);
                if group { "" } else { server }
            }
            _ => "",
        };
        let (host, _) = proxy::address_of(place);
        if !host.is_empty() && !host.starts_with("unix") && host.parse::<Ipv4Addr>().is_err() {
            let said = if one.name == "server" { place } else { &host };
            let message =
                format!("nginx: [emerg] host not found in upstream \"{said}\" in {}", one.place);
            names.push((host, message));
        }
        backends(http, one, names);
    }
}

/// Says which directives are passed over.
fn left_out(block: &Directive, lines: &mut Vec<(Stream, String)>) {
    for one in &block.block {
        if config::NOT_SIMULATED.contains(&one.name.as_str()) {
            let text =
                format!("nginx: [sandbox] \"{}\" is not simulated in {}", one.name, one.place);
            lines.push((Stream::Stderr, text));
        }
        left_out(one, lines);
    }
}

fn serve(launch: &Launch, files: &Files, request: &Request, now: Time) -> Reply {
    let server = format!("nginx/{}", version(launch));
    let file = |path: &str| {
        if path.ends_with('/') {
            let within = files.keys().any(|one| one.starts_with(path))
                || userland::files_of(launch).any(|one| one.starts_with(path));
            return within.then(String::new);
        }
        files
            .get(path)
            .cloned()
            .or_else(|| userland::file(launch, path))
            .map(|text| text.to_string())
    };
    let root = config::load(launch).unwrap_or_default();
    let mut errors = Vec::new();
    let outcome = match site::server(&root, request.port, &request.host) {
        None => Outcome::Response(error_page(500)),
        Some((http, server)) => {
            let mut visit = Visit {
                http,
                server,
                request,
                file: &file,
                hostname: &launch.hostname,
                now,
                variables: Vec::new(),
                stays: false,
                errors: Vec::new(),
            };
            let outcome = visit.answer();
            errors = visit.errors;
            outcome
        }
    };
    let response = match outcome {
        Outcome::Relay(relay) => return Reply { relay: Some(relay), ..Reply::default() },
        Outcome::Response(response) => response,
    };
    let mut response = response.header("Server", &server);
    if response.body.contains(SERVER) {
        response.body = response.body.replace(SERVER, &server);
        let length = response.body.len().to_string();
        for (name, value) in &mut response.headers {
            if name == "Content-Length" {
                value.clone_from(&length);
            }
        }
    }
    Reply { lines: logged(request, &response, &errors, now), response, relay: None }
}

/// The lines of the error log and the access log.
fn logged(
    request: &Request,
    response: &Response,
    errors: &[Complaint],
    now: Time,
) -> Vec<(Stream, String)> {
    let Request { client, method, path, host, user_agent, .. } = request;
    let mut lines = Vec::new();
    for Complaint { text, upstream } in errors {
        let upstream = upstream.as_ref().map(|at| format!(", upstream: \"{at}\""));
        let upstream = upstream.unwrap_or_default();
        let time = now.format("%Y/%m/%d %H:%M:%S");
        let text = format!(
            "{time} [error] 29#29: *1 {text}, client: {client}, server: localhost, request: \"{method} {path} HTTP/1.1\"{upstream}, host: \"{host}\"",
        );
        lines.push((Stream::Stderr, text));
    }
    let text = common_log(request, response, now);
    lines.push((Stream::Stdout, format!("{text} \"-\" \"{user_agent}\" \"-\"")));
    lines
}

/// Stands in pages for the server's name and version.
const SERVER: &str = "\0server";

/// nginx's own page for a status.
fn error_page(status: u16) -> Response {
    let title = match status {
        301 => "301 Moved Permanently",
        302 => "302 Found",
        303 => "303 See Other",
        307 => "307 Temporary Redirect",
        308 => "308 Permanent Redirect",
        400 => "400 Bad Request",
        401 => "401 Authorization Required",
        403 => "403 Forbidden",
        404 => "404 Not Found",
        405 => "405 Not Allowed",
        429 => "429 Too Many Requests",
        500 => "500 Internal Server Error",
        502 => "502 Bad Gateway",
        503 => "503 Service Temporarily Unavailable",
        504 => "504 Gateway Time-out",
        _ => return Response::new(status, "text/plain", ""),
    };
    let body = format!(
        "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n<hr><center>{SERVER}</center>\r\n</body>\r\n</html>\r\n"
    );
    Response::new(status, "text/html", body)
}

/// The version that a tag names, with the patch level of its newest release.
fn version(launch: &Launch) -> String {
    let tag = launch.image.reference.tag.as_deref().unwrap_or("latest");
    let base = tag.split('-').next().unwrap_or_default();
    match base.matches('.').count() {
        1 => match base {
            "1.25" | "1.27" => format!("{base}.5"),
            "1.26" => format!("{base}.3"),
            _ => format!("{base}.0"),
        },
        2 => base.to_owned(),
        _ => "1.29.0".to_owned(),
    }
}
