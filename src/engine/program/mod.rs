//! The programs inside images: one file each, listed in [`PROGRAMS`].
//!
//! A program says how it starts (what it logs, which ports it opens after how long, or how it fails), what it answers
//! over HTTP, and what it does when told to end.

mod databases;
mod hpa_example;
mod http_echo;
mod httpd;
mod nginx;
mod node;
mod pause;
mod python;
mod redis;
mod stress;
mod web;
mod whoami;

pub(super) use nginx::WELCOME as NGINX_WELCOME;

use super::http::Relay;
use super::process::Launch;
use super::script::Files;
use super::{Request, Response, Stream};
use crate::time::{Duration, Time};

/// How a program answers a request.
pub(super) type Serve = fn(&Launch, &Files, &Request, Time) -> Reply;

/// What a program is.
#[derive(Copy, Clone, Debug)]
pub struct Program {
    /// Its name in the sandbox.
    pub name: &'static str,
    /// The repositories whose images hold it; empty for programs that any unknown image may hold.
    pub images: &'static [&'static str],
    /// File names under which it is called.
    pub executables: &'static [&'static str],
    /// Starts it with a command line.
    pub start: fn(&Launch, &[String]) -> Start,
    /// Answers a request; `None` for programs that do not speak HTTP.
    pub serve: Option<Serve>,
    /// What it does on `SIGTERM`.
    pub on_term: Term,
    /// Thousandths of a CPU it uses when idle.
    pub cpu_milli: u32,
    /// What a request costs, in microseconds of CPU time.
    pub request_micros: u32,
    /// Mebibytes it holds.
    pub memory_mib: u32,
}

/// How a program begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Start {
    /// Its first lines.
    pub lines: Vec<(Stream, String)>,
    /// What it does then.
    pub next: Next,
}

/// What a program does after its first lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Opens ports after a while and stays.
    Listen {
        /// The ports.
        ports: Vec<u16>,
        /// The while.
        after: Duration,
    },
    /// Opens ports after a while and stays, once other servers' names are known.
    Resolve {
        /// Each name, and what is said before it ends with 1 if there is no such name.
        names: Vec<(String, String)>,
        /// The ports.
        ports: Vec<u16>,
        /// The while.
        after: Duration,
    },
    /// Stays, and uses so much.
    Hold {
        /// The memory.
        mebibytes: u32,
        /// Thousandths of a CPU that it uses.
        cpu_milli: u32,
    },
    /// Ends after a while.
    Exit {
        /// The exit code.
        code: i32,
        /// The while.
        after: Duration,
    },
}

/// An answer and what is logged of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The answer.
    pub response: Response,
    /// Log lines.
    pub lines: Vec<(Stream, String)>,
    /// Somebody else is asked first; then nothing else of this counts.
    pub relay: Option<Box<Relay>>,
}

impl Default for Reply {
    fn default() -> Self {
        Self { response: Response::new(500, "text/plain", ""), lines: Vec::new(), relay: None }
    }
}

/// What a program does on `SIGTERM`.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Term {
    /// Ends, possibly after a last line.
    Ends {
        /// The exit code.
        code: i32,
        /// Milliseconds until then.
        after_millis: u64,
        /// What it logs; may be empty.
        line: &'static str,
    },
    /// Nothing: it installs no handler, and PID 1 has no default one.
    Ignored,
}

/// The index of the program that any image may hold.
pub const ANY: usize = 0;

/// Every program; the first is the generic web app.
pub static PROGRAMS: &[Program] = &[
    web::PROGRAM,
    nginx::PROGRAM,
    httpd::PROGRAM,
    hpa_example::PROGRAM,
    http_echo::PROGRAM,
    whoami::PROGRAM,
    redis::PROGRAM,
    databases::POSTGRES,
    databases::MYSQL,
    databases::MARIADB,
    databases::MONGO,
    databases::MEMCACHED,
    databases::RABBITMQ,
    node::PROGRAM,
    python::PROGRAM,
    pause::PROGRAM,
    stress::PROGRAM,
];

/// The program that a command line starts in an image of this name. Unknown images hold a web app under every name.
pub(super) fn find(image: &str, known: bool, argv: &[String]) -> Option<(usize, &'static Program)> {
    if !known {
        return Some((ANY, &PROGRAMS[ANY]));
    }
    let file = |word: &String| word.rsplit('/').next().unwrap_or_default().to_owned();
    let mut names = argv.iter().map(file);
    // An image's entrypoint script starts what follows it.
    let first = names.next()?;
    let name = if first == "docker-entrypoint.sh" { names.next()? } else { first };
    PROGRAMS.iter().enumerate().find(|(_, program)| {
        program.images.contains(&image) && program.executables.contains(&name.as_str())
    })
}

/// Lines on standard output.
fn stdout(lines: &[&str]) -> Vec<(Stream, String)> {
    lines.iter().map(|line| (Stream::Stdout, (*line).to_owned())).collect()
}

/// Lines on standard error.
fn stderr(lines: &[&str]) -> Vec<(Stream, String)> {
    lines.iter().map(|line| (Stream::Stderr, (*line).to_owned())).collect()
}

/// The value of a flag given as `-name=value`, `--name=value` or `-name value`.
fn flag<'a>(argv: &'a [String], name: &str) -> Option<&'a str> {
    argv.iter().enumerate().find_map(|(index, arg)| {
        let rest = arg.trim_start_matches('-').strip_prefix(name)?;
        if !arg.starts_with('-') {
            return None;
        }
        match rest.strip_prefix('=') {
            Some(value) => Some(value),
            None if rest.is_empty() => argv.get(index + 1).map(String::as_str),
            None => None,
        }
    })
}

/// A line of an access log in the Common Log Format: `10.244.1.2 - - [01/Apr/2026:00:00:10 +0000] "GET / HTTP/1.1" 200 4`.
fn common_log(request: &Request, response: &Response, now: Time) -> String {
    let Request { client, method, path, .. } = request;
    let (time, length) = (now.format("%d/%b/%Y:%H:%M:%S +0000"), response.body.len());
    format!("{client} - - [{time}] \"{method} {path} HTTP/1.1\" {} {length}", response.status)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::CATALOGUE;

    #[test]
    fn names_are_unique_and_images_known() {
        for (index, program) in PROGRAMS.iter().enumerate() {
            assert!(PROGRAMS[..index].iter().all(|other| other.name != program.name));
            for image in program.images {
                assert!(CATALOGUE.iter().any(|known| known.name == *image), "{image}");
            }
        }
    }

    #[test]
    fn every_known_image_starts_by_default() {
        for image in CATALOGUE {
            let argv: Vec<String> =
                image.entrypoint.iter().chain(image.cmd).map(|&word| word.to_owned()).collect();
            let shell = argv[0].ends_with("sh") && !argv[0].contains("entrypoint");
            assert!(shell || find(image.name, true, &argv).is_some(), "{}", image.name);
        }
    }

    #[test]
    fn flags() {
        let argv: Vec<String> = ["-text=hi", "-listen", ":8080"].map(str::to_owned).into();
        assert_eq!(flag(&argv, "text"), Some("hi"));
        assert_eq!(flag(&argv, "listen"), Some(":8080"));
        assert_eq!(flag(&argv, "lis"), None);
    }
}
