//! Node.js by itself: without a program it ends; with a mounted one it is a web app; with a missing one it says so.
//!
//! *Differs:* JavaScript is not run. A file that exists is taken for a web server.

use super::web;
use super::{Next, Program, Start, Term, stderr};
use crate::engine::process::Launch;
use crate::time::Duration;

pub(super) const PROGRAM: Program = Program {
    name: "node",
    images: &["docker.io/library/node"],
    executables: &["node", "npm", "yarn", "npx"],
    start,
    serve: web::PROGRAM.serve,
    on_term: Term::Ignored,
    cpu_milli: 3,
    request_micros: 4_000,
    memory_mib: 42,
};

fn start(launch: &Launch, argv: &[String]) -> Start {
    let words: Vec<&str> = argv
        .iter()
        .map(String::as_str)
        .filter(|word| !word.ends_with("docker-entrypoint.sh"))
        .collect();
    let exit = |lines: &[&str], code| Start {
        lines: stderr(lines),
        next: Next::Exit { code, after: Duration::from_millis(60) },
    };
    match words.as_slice() {
        ["node"] => exit(&[], 0),
        ["node", "-v" | "--version"] => exit(&["v22.0.0"], 0),
        ["node", script, ..] if !script.starts_with('-') => {
            let path =
                if script.starts_with('/') { (*script).to_owned() } else { format!("/{script}") };
            if launch.files.contains_key(&path) {
                return (web::PROGRAM.start)(launch, argv);
            }
            let message = format!("Error: Cannot find module '{path}'");
            exit(
                &[
                    "node:internal/modules/cjs/loader:1228",
                    "  throw err;",
                    "  ^",
                    "",
                    &message,
                    "  code: 'MODULE_NOT_FOUND',",
                    "  requireStack: []",
                ],
                1,
            )
        }
        ["npm", ..] => exit(
            &[
                "npm error code ENOENT",
                "npm error syscall open",
                "npm error path /package.json",
                "npm error enoent Could not read package.json: Error: ENOENT: no such file or directory, open '/package.json'",
            ],
            254,
        ),
        // `node -e CODE`: the code is taken for a server.
        _ => (web::PROGRAM.start)(launch, argv),
    }
}
