//! Jobs: what was started with `&` goes on beside the prompt, each in a shell of its own.
//!
//! A job is polled with its session ([`poll`]), whether a line runs or not. It reads nothing, and Ctrl+C does not reach
//! it; `kill %1` ends it. *Differs:* a job cannot be brought to the foreground, and ends with the shell that began it.

use std::fmt::Write as _;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use super::redirect::written;
use super::{Io, Running, Shell, and_or, exit_code};
use crate::bash::ast::AndOr;
use crate::shell::{Input, LocalFuture};

/// The most jobs at a time.
const JOBS_MAX: usize = 32;
/// The first process number that jobs have.
const PID_FIRST: usize = 1000;

/// A command in the background.
pub(crate) struct Job {
    number: usize,
    text: String,
    /// Where its end is told; `None` in a script.
    io: Option<Io>,
    /// Gone while it is polled.
    running: Option<LocalFuture<i32>>,
}

impl std::fmt::Debug for Job {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Job").field("number", &self.number).finish_non_exhaustive()
    }
}

/// Starts a job.
pub(super) fn start(shell: &Shell, body: &Rc<AndOr>, text: &str, io: &Io) -> i32 {
    let number = shell.jobs.borrow().last().map_or(1, |job| job.number + 1);
    if shell.jobs.borrow().len() >= JOBS_MAX {
        return shell.complain(io, "fork: retry: Resource temporarily unavailable", 1);
    }
    let pid = PID_FIRST + number;
    shell.set("!", pid.to_string());
    if shell.interactive {
        io.stderr.write(&format!("[{number}] {pid}\n")).unwrap_or(());
    }
    let (own, body) = (shell.fork(), Rc::clone(body));
    let streams = Io { stdin: Input::default(), ..io.clone() };
    let running: LocalFuture<i32> =
        Box::pin(async move { exit_code(and_or(&own, &body, &streams).await) });
    let io = shell.interactive.then(|| io.clone());
    let job = Job { number, text: text.to_owned(), io, running: Some(running) };
    shell.jobs.borrow_mut().push(job);
    0
}

/// Lets every job go on as far as it can.
pub(in crate::shell) fn poll(shell: &Shell) {
    let mut at = 0;
    loop {
        // A job that is polled may look at the list.
        let Some(mut running) = shell.jobs.borrow_mut().get_mut(at).map(|job| job.running.take())
        else {
            return;
        };
        let polled = running
            .as_mut()
            .map(|running| running.as_mut().poll(&mut Context::from_waker(Waker::noop())));
        let mut jobs = shell.jobs.borrow_mut();
        match polled {
            Some(Poll::Ready(code)) if at < jobs.len() => {
                let job = jobs.remove(at);
                if let Some(io) = &job.io {
                    let word = if code == 0 { "Done".to_owned() } else { format!("Exit {code}") };
                    let text = format!("[{}]+  {word:<22}  {}\n", job.number, job.text);
                    io.stderr.write(&text).unwrap_or(());
                }
            }
            _ => {
                if let Some(job) = jobs.get_mut(at) {
                    job.running = running;
                }
                at += 1;
            }
        }
    }
}

/// `jobs`
pub(super) fn list(shell: &Shell, _: &[String], io: &Io) -> i32 {
    let jobs = shell.jobs.borrow();
    let mut text = String::new();
    for job in jobs.iter() {
        let mark = if job.number == jobs.last().map_or(0, |last| last.number) { '+' } else { ' ' };
        writeln!(text, "[{}]{mark}  {:<22}  {} &", job.number, "Running", job.text)
            .expect("a String takes everything");
    }
    written(io.stdout.write(&text))
}

/// `kill %1`, `kill PID`
pub(super) fn kill(shell: &Shell, arguments: &[String], io: &Io) -> i32 {
    let mut status = 0;
    let targets = arguments.iter().filter(|argument| !argument.starts_with('-'));
    for target in targets {
        let number = match target.strip_prefix('%') {
            Some(number) => number.parse().ok(),
            None => target.parse().ok().and_then(|pid: usize| pid.checked_sub(PID_FIRST)),
        };
        let mut jobs = shell.jobs.borrow_mut();
        let before = jobs.len();
        jobs.retain(|job| Some(job.number) != number);
        if jobs.len() == before {
            drop(jobs);
            let what = if target.starts_with('%') { "no such job" } else { "No such process" };
            status = shell.complain(io, &format!("kill: ({target}) - {what}"), 1);
        }
    }
    status
}

/// `wait`: until every job is done.
pub(super) fn wait(shell: &Shell, _: Vec<String>, _: Io) -> Running<'_> {
    Box::pin(std::future::poll_fn(|_| {
        poll(shell);
        if shell.jobs.borrow().is_empty() { Poll::Ready(Ok(0)) } else { Poll::Pending }
    }))
}
