//! Apache httpd: `It works!`, mounted files, its start-up and access log lines.

use super::{Next, Program, Reply, Start, Term, common_log, stderr};
use crate::engine::process::Launch;
use crate::engine::script::Files;
use crate::engine::{Request, Response, Stream};
use crate::time::{Duration, Time};

pub(super) const PROGRAM: Program = Program {
    name: "httpd",
    images: &["docker.io/library/httpd"],
    executables: &["httpd-foreground", "httpd"],
    start,
    serve: Some(serve),
    on_term: Term::Ends { code: 0, after_millis: 50, line: "" },
    cpu_milli: 1,
    request_micros: 1_000,
    memory_mib: 7,
};

fn start(launch: &Launch, _argv: &[String]) -> Start {
    let text = format!(
        "AH00558: httpd: Could not reliably determine the server's fully qualified domain name, using {}. Set the 'ServerName' directive globally to suppress this message",
        launch.ip
    );
    let next = Next::Listen { ports: vec![80], after: Duration::from_millis(80) };
    Start { lines: stderr(&[&text]), next }
}

fn serve(_launch: &Launch, files: &Files, request: &Request, now: Time) -> Reply {
    let route = request.route();
    let file = if route.ends_with('/') { format!("{route}index.html") } else { route.to_owned() };
    let page = files
        .get(&format!("/usr/local/apache2/htdocs{file}"))
        .map(ToString::to_string)
        .or_else(|| {
            (file == "/index.html")
                .then(|| "<html><body><h1>It works!</h1></body></html>\n".to_owned())
        });
    let response = match page {
        Some(body) => Response::new(200, "text/html", body),
        None => Response::new(
            404,
            "text/html; charset=iso-8859-1",
            "<!DOCTYPE HTML PUBLIC \"-//IETF//DTD HTML 2.0//EN\">\n<html><head>\n<title>404 Not Found</title>\n</head><body>\n<h1>Not Found</h1>\n<p>The requested URL was not found on this server.</p>\n</body></html>\n",
        ),
    };
    let line = common_log(request, &response, now);
    Reply {
        response: response.header("Server", "Apache/2.4.65 (Unix)"),
        lines: vec![(Stream::Stdout, line)],
        ..Reply::default()
    }
}
