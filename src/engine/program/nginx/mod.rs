//! nginx: the welcome page or mounted files, 404 for the rest, its start-up and access log lines.
//!
//! *Differs:* configuration files are not read yet, but for the `listen` ports of what is mounted under `/etc/nginx`.

use super::{Next, Program, Reply, Start, Term, clf_time};
use crate::engine::process::Launch;
use crate::engine::script::Files;
use crate::engine::{Request, Response, Stream};
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
    let out = |text: &str| (Stream::Stdout, text.to_owned());
    let lines = vec![
        out(
            "/docker-entrypoint.sh: /docker-entrypoint.d/ is not empty, will attempt to perform configuration",
        ),
        out("/docker-entrypoint.sh: Looking for shell scripts in /docker-entrypoint.d/"),
        out("/docker-entrypoint.sh: Configuration complete; ready for start up"),
    ];
    Start {
        lines,
        next: Next::Listen { ports: listen_ports(launch), after: Duration::from_millis(60) },
    }
}

/// Port 80, or those of the `listen` directives in mounted configuration.
fn listen_ports(launch: &Launch) -> Vec<u16> {
    let configuration = launch.files.iter().filter(|(path, _)| path.starts_with("/etc/nginx/"));
    let mut ports: Vec<u16> = configuration
        .flat_map(|(_, text)| text.lines())
        .filter_map(|line| line.trim().strip_prefix("listen")?.trim().split([' ', ';']).next())
        .filter_map(|address| address.rsplit(':').next()?.parse().ok())
        .collect();
    order::sort(&mut ports);
    ports.dedup();
    if ports.is_empty() { vec![80] } else { ports }
}

fn serve(launch: &Launch, files: &Files, request: &Request, now: Time) -> Reply {
    let server = format!("nginx/{}", version(launch));
    let route = request.route();
    let file = if route.ends_with('/') { format!("{route}index.html") } else { route.to_owned() };
    let page = files
        .get(&format!("/usr/share/nginx/html{file}"))
        .map(ToString::to_string)
        .or_else(|| (file == "/index.html").then(|| WELCOME.to_owned()));
    let mut lines = Vec::new();
    let response = match (request.method.as_str(), page) {
        ("GET" | "HEAD", Some(body)) => Response::new(200, "text/html", body),
        ("GET" | "HEAD", None) => {
            let time = now.format("%Y/%m/%d %H:%M:%S");
            let text = format!(
                "{time} [error] 29#29: *1 open() \"/usr/share/nginx/html{file}\" failed (2: No such file or directory), client: {}, server: localhost, request: \"{} {} HTTP/1.1\", host: \"{}\"",
                request.client, request.method, request.path, request.host
            );
            lines.push((Stream::Stderr, text));
            error_page(404, "404 Not Found", &server)
        }
        _ => error_page(405, "405 Not Allowed", &server),
    };
    let text = format!(
        "{} - - [{}] \"{} {} HTTP/1.1\" {} {} \"-\" \"{}\" \"-\"",
        request.client,
        clf_time(now),
        request.method,
        request.path,
        response.status,
        response.body.len(),
        request.user_agent
    );
    lines.push((Stream::Stdout, text));
    Reply { response: response.header("Server", &server), lines }
}

fn error_page(status: u16, title: &str, server: &str) -> Response {
    let body = format!(
        "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n<hr><center>{server}</center>\r\n</body>\r\n</html>\r\n"
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
