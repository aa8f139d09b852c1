//! Python by itself: `-m http.server` serves; without a program it ends; a missing file is reported as Python does.
//!
//! *Differs:* Python code is not run. A file that exists, or `-c CODE`, is taken for a web server.

use super::web;
use super::{Next, Program, Reply, Start, Term, stderr};
use crate::engine::process::Launch;
use crate::engine::script::Files;
use crate::engine::{Request, Response, Stream};
use crate::time::{Duration, Time};

pub(super) const PROGRAM: Program = Program {
    name: "python",
    images: &["docker.io/library/python"],
    executables: &["python", "python3"],
    start,
    serve: Some(serve),
    on_term: Term::Ignored,
    cpu_milli: 2,
    request_micros: 6_000,
    memory_mib: 18,
};

fn http_server(argv: &[String]) -> Option<u16> {
    let at = argv.iter().position(|word| word == "http.server")?;
    Some(argv.get(at + 1).and_then(|port| port.parse().ok()).unwrap_or(8000))
}

fn start(launch: &Launch, argv: &[String]) -> Start {
    if let Some(port) = http_server(argv) {
        let next = Next::Listen { ports: vec![port], after: Duration::from_millis(80) };
        // Standard output is buffered while it is no terminal, so the banner is not seen.
        return Start { lines: Vec::new(), next };
    }
    let exit = |lines: &[&str], code| Start {
        lines: stderr(lines),
        next: Next::Exit { code, after: Duration::from_millis(40) },
    };
    match argv.get(1).map(String::as_str) {
        None => exit(&[], 0),
        Some(file) if !file.starts_with('-') => {
            let path = if file.starts_with('/') { file.to_owned() } else { format!("/{file}") };
            if launch.files.contains_key(&path) {
                return (web::PROGRAM.start)(launch, argv);
            }
            let line =
                format!("python3: can't open file '{path}': [Errno 2] No such file or directory");
            exit(&[&line], 2)
        }
        Some(_) => (web::PROGRAM.start)(launch, argv),
    }
}

fn serve(launch: &Launch, _files: &Files, request: &Request, now: Time) -> Reply {
    let listing = "<!DOCTYPE HTML>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>Directory listing for /</title>\n</head>\n<body>\n<h1>Directory listing for /</h1>\n<hr>\n<ul>\n</ul>\n<hr>\n</body>\n</html>\n";
    let response = match (http_server(&launch.argv), request.route()) {
        (Some(_), "/") => Response::new(200, "text/html; charset=utf-8", listing),
        (Some(_), _) => Response::new(
            404,
            "text/html;charset=utf-8",
            "<h1>Error response</h1>\n<p>Error code: 404</p>\n<p>Message: File not found.</p>\n",
        ),
        (None, route) => Response::text(200, format!("{route}: hello from {}\n", launch.hostname)),
    };
    let line = format!(
        "{} - - [{}] \"{} {} HTTP/1.1\" {} -",
        request.client,
        now.format("%d/%b/%Y %H:%M:%S"),
        request.method,
        request.path,
        response.status
    );
    Reply {
        response: response.header("Server", "SimpleHTTP/0.6 Python/3.13.5"),
        lines: vec![(Stream::Stderr, line)],
        ..Reply::default()
    }
}
