//! Compares the sandbox with what a real Kubernetes answered: tables of single answers, and transcripts.
//!
//! The recordings are in `$KOBUNE_ORACLE`, or in `../shared/oracle`; where neither is there, this passes. It prints one
//! line a table and a group, `oracle NAME: M of N`; N is every row and step there is, built or not. Without the variable
//! no figure may fall below `tests/oracle-floor.toml`; `-- --raise` writes better figures into it, `-- --show NAME`
//! prints the rows of a table (or the transcripts of a group) that do not match.

#[path = "../src/headless/explain/document.rs"]
mod explain;
#[path = "oracle/floor.rs"]
mod floor;
#[path = "oracle/tables.rs"]
mod tables;
#[path = "oracle/transcripts.rs"]
mod transcripts;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

/// One line of the result.
struct Figure {
    name: String,
    matched: usize,
    all: usize,
}

/// What the arguments ask for.
#[derive(Default)]
struct Asked {
    raise: bool,
    show: Option<String>,
}

fn main() -> ExitCode {
    let mut asked = Asked::default();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--raise" => asked.raise = true,
            "--show" => asked.show = arguments.next(),
            "--list" => return ExitCode::SUCCESS,
            // `cargo test FILTER` hands its filter to every test program.
            filter if !filter.starts_with('-') && !"oracle".contains(filter) => {
                return ExitCode::SUCCESS;
            }
            _ => {}
        }
    }
    let given = std::env::var_os("KOBUNE_ORACLE").map(PathBuf::from);
    let folder = given
        .clone()
        .unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/oracle"));
    if !folder.is_dir() {
        say("oracle: not found, passed over");
        return ExitCode::SUCCESS;
    }
    let mut figures = tables::figures(&folder.join("tables"), asked.show.as_deref());
    figures.extend(transcripts::figures(&folder.join("transcripts"), asked.show.as_deref()));
    for figure in &figures {
        say(&format!("oracle {}: {} of {}", figure.name, figure.matched, figure.all));
    }
    if given.is_some() {
        return ExitCode::SUCCESS;
    }
    match floor::check(&figures, asked.raise) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            say(&message);
            ExitCode::FAILURE
        }
    }
}

/// Prints a line; a closed output ends the run.
fn say(line: &str) {
    if writeln!(std::io::stdout(), "{line}").is_err() {
        std::process::exit(1);
    }
}

/// Runs `work`, and counts a panic as a miss: it says so and goes on.
fn unpanicked<T>(what: &str, work: impl FnOnce() -> T) -> Option<T> {
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
    if result.is_err() {
        drop(writeln!(std::io::stderr(), "oracle: panic in {what}"));
    }
    result.ok()
}
