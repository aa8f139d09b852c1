//! Running parsed commands: lists, pipelines, compounds. Words are expanded in `expand`, simple commands run in `simple`.
//!
//! Everything is a future over one [`Shell`]; the commands of a pipeline run side by side. A shell that never waits is
//! made to: each [`SPIN`] commands take [`SPIN_TIME`] of virtual time, so an endless loop does not freeze its owner.

mod builtin;
mod expand;
mod jobs;
mod redirect;
mod simple;
mod state;
mod test;
mod variables;

pub use builtin::{BUILTINS, Builtin, run_script};
pub(super) use jobs::poll as poll_jobs;
pub use state::Patience;
pub(super) use state::{Shell, Variable};

use std::cell::RefCell;
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;

use super::{Input, Output, pipe};
use crate::bash::Pattern;
use crate::bash::ast::{AndOr, Command, Compound, Join, List, Pipeline, Word};
use crate::time::Duration;

/// After so many commands a shell waits for [`SPIN_TIME`]: a millisecond a command.
const SPIN: u32 = 100;
/// See [`SPIN`].
const SPIN_TIME: Duration = Duration::from_millis(100);
/// How deep lists may run inside lists (functions, substitutions, groups): bounds the machine's stack.
const DEPTH_MAX: usize = 24;
/// The exit code of a command that was cut short by a broken pipe (128 + SIGPIPE).
pub const BROKEN_PIPE: i32 = 141;

/// The three streams a command has.
#[derive(Clone, Debug)]
pub(super) struct Io {
    /// Standard input.
    pub(super) stdin: Input,
    /// Standard output.
    pub(super) stdout: Output,
    /// Standard error.
    pub(super) stderr: Output,
}

/// Why a list ended before its end.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Leave {
    /// `exit`, with its code.
    Exit(i32),
    /// `return`, with its code.
    Return(i32),
    /// `break`, out of so many loops.
    Break(usize),
    /// `continue`, out of so many loops less one.
    Continue(usize),
}

/// An exit code, or a way out.
pub(super) type Step = Result<i32, Leave>;

/// A future that borrows the shell.
pub(super) type Running<'a> = Pin<Box<dyn Future<Output = Step> + 'a>>;

/// Runs commands one after another.
pub(super) fn list<'a>(shell: &'a Shell, list: &'a List, io: Io) -> Running<'a> {
    Box::pin(async move {
        let Some(_depth) = shell.enter(DEPTH_MAX) else {
            return Ok(shell.complain(
                &io,
                &format!("maximum nesting level exceeded ({DEPTH_MAX})"),
                1,
            ));
        };
        let mut status = 0;
        for item in list {
            status = and_or(shell, item, &io).await?;
            shell.state().status = status;
        }
        Ok(status)
    })
}

async fn and_or(shell: &Shell, item: &AndOr, io: &Io) -> Step {
    let mut status = tested(shell, !item.rest.is_empty(), pipeline(shell, &item.first, io)).await?;
    let mut last_ran = item.rest.is_empty();
    for (index, (join, next)) in item.rest.iter().enumerate() {
        shell.state().status = status;
        if (*join == Join::And) == (status == 0) {
            last_ran = index + 1 == item.rest.len();
            status = tested(shell, !last_ran, pipeline(shell, next, io)).await?;
        } else {
            last_ran = false;
        }
    }
    let negated = item.rest.last().map_or(&item.first, |(_, last)| last).negated;
    let state = shell.state();
    if status != 0 && last_ran && !negated && state.exit_on_error && state.testing == 0 {
        return Err(Leave::Exit(status));
    }
    Ok(status)
}

/// Runs a condition: failing inside it does not end a shell with `set -e`.
async fn tested(shell: &Shell, test: bool, run: impl Future<Output = Step>) -> Step {
    if !test {
        return run.await;
    }
    shell.state().testing += 1;
    let result = run.await;
    shell.state().testing -= 1;
    result
}

async fn pipeline(shell: &Shell, pipeline: &Pipeline, io: &Io) -> Step {
    let status = match pipeline.commands.as_slice() {
        [one] => command(shell, one, io.clone()).await?,
        many => side_by_side(shell, many, io).await,
    };
    Ok(if pipeline.negated { i32::from(status == 0) } else { status })
}

/// Runs the commands of a pipeline, each in a shell of its own, until all are done.
async fn side_by_side(shell: &Shell, commands: &[Command], io: &Io) -> i32 {
    let mut inputs = vec![io.stdin.clone()];
    let mut stages: Vec<Option<Running<'_>>> = Vec::new();
    for (index, stage) in commands.iter().enumerate() {
        let stdin = inputs[index].clone();
        let stdout = if index + 1 == commands.len() {
            io.stdout.clone()
        } else {
            let (output, input) = pipe();
            inputs.push(input);
            output
        };
        let io = Io { stdin, stdout, stderr: io.stderr.clone() };
        let own = shell.fork();
        stages.push(Some(Box::pin(async move { Ok(exit_code(command(&own, stage, io).await)) })));
    }
    let mut codes = vec![0; stages.len()];
    poll_fn(|context| {
        loop {
            let before: u64 = inputs.iter().map(Input::uses).sum();
            for (index, slot) in stages.iter_mut().enumerate() {
                let Some(stage) = slot else { continue };
                if let Poll::Ready(result) = stage.as_mut().poll(context) {
                    codes[index] = exit_code(result);
                    *slot = None;
                    if index > 0 {
                        inputs[index].close();
                    }
                }
            }
            if stages.iter().all(Option::is_none) {
                return Poll::Ready(());
            }
            if inputs.iter().map(Input::uses).sum::<u64>() == before {
                return Poll::Pending;
            }
        }
    })
    .await;
    let last = codes.last().copied().unwrap_or(0);
    let failed = codes.iter().rev().copied().find(|code| *code != 0);
    if shell.state().pipe_fail { failed.unwrap_or(0) } else { last }
}

/// The code with which a shell of its own ends.
pub(super) fn exit_code(result: Step) -> i32 {
    match result {
        Ok(code) | Err(Leave::Exit(code) | Leave::Return(code)) => code,
        Err(Leave::Break(_) | Leave::Continue(_)) => 0,
    }
}

fn command<'a>(shell: &'a Shell, command: &'a Command, io: Io) -> Running<'a> {
    Box::pin(async move {
        shell.tick(SPIN, SPIN_TIME).await;
        if shell.line_is_over() {
            return Err(Leave::Exit(simple::GAVE_UP));
        }
        match command {
            Command::Simple(command) => simple::run(shell, command, io).await,
            Command::Compound(body, redirects) => {
                match redirect::apply(shell, redirects, io.clone()).await {
                    Ok(redirected) => {
                        let result = compound(shell, body, redirected.io.clone()).await;
                        redirected.finish(shell, "bash", result)
                    }
                    Err(message) => Ok(shell.complain(&io, &message, 1)),
                }
            }
            Command::Background(body, text) => Ok(jobs::start(shell, body, text, &io)),
            Command::Function(name, body) => {
                shell.state().functions.insert(name.clone(), Rc::clone(body));
                Ok(0)
            }
        }
    })
}

/// Runs a function's body.
pub(super) fn function<'a>(shell: &'a Shell, body: &'a Command, io: Io) -> Running<'a> {
    Box::pin(async move {
        let Some(_depth) = shell.enter(DEPTH_MAX) else {
            return Ok(shell.complain(
                &io,
                &format!("maximum function nesting level exceeded ({DEPTH_MAX})"),
                1,
            ));
        };
        match command(shell, body, io).await {
            Err(Leave::Return(code)) => Ok(code),
            other => other,
        }
    })
}

async fn compound(shell: &Shell, body: &Compound, io: Io) -> Step {
    match body {
        Compound::Group(body) => list(shell, body, io).await,
        Compound::Subshell(body) => Ok(exit_code(list(&shell.fork(), body, io).await)),
        Compound::If(branches, otherwise) => {
            for (condition, body) in branches {
                if tested(shell, true, list(shell, condition, io.clone())).await? == 0 {
                    return list(shell, body, io).await;
                }
            }
            match otherwise {
                Some(body) => list(shell, body, io).await,
                None => Ok(0),
            }
        }
        Compound::For(name, words, body) => {
            for_loop(shell, name, words.as_deref(), body, &io).await
        }
        Compound::While { until, condition, body } => {
            while_loop(shell, *until, condition, body, &io).await
        }
        Compound::Test(tokens) => Ok(test::test(shell, tokens, &io).await),
        Compound::Arithmetic(word) => match calculated(shell, word, &io).await {
            Ok(value) => Ok(i32::from(value == 0)),
            Err(message) => Ok(shell.complain(&io, &format!("((: {message}"), 1)),
        },
        Compound::Count(parts, body) => match count_loop(shell, parts, body, &io).await {
            Ok(step) => step,
            Err(message) => Ok(shell.complain(&io, &format!("((: {message}"), 1)),
        },
        Compound::Case(subject, arms) => {
            let expanded = async {
                let subject = expand::text(shell, subject, &io).await?;
                for (patterns, body) in arms {
                    for pattern in patterns {
                        let pattern = expand::pattern(shell, pattern, &io).await?;
                        if Pattern::new(&pattern).matches(&subject) {
                            return Ok(Some(body));
                        }
                    }
                }
                Ok::<_, String>(None)
            };
            match expanded.await {
                Ok(Some(body)) => list(shell, body, io).await,
                Ok(None) => Ok(0),
                Err(message) => Ok(shell.complain(&io, &message, 1)),
            }
        }
    }
}

async fn for_loop(shell: &Shell, name: &str, words: Option<&[Word]>, body: &List, io: &Io) -> Step {
    let words = match words {
        None => shell.state().arguments.clone(),
        Some(words) => match expand::fields(shell, words, io).await {
            Ok(words) => words,
            Err(message) => return Ok(shell.complain(io, &message, 1)),
        },
    };
    let mut status = 0;
    for word in words {
        shell.set(name, word);
        match round(list(shell, body, io.clone()).await)? {
            Round::Next(code) => status = code,
            Round::Done(code) => return Ok(code),
        }
    }
    Ok(status)
}

async fn calculated(shell: &Shell, word: &Word, io: &Io) -> Result<i64, String> {
    let text = expand::text(shell, word, io).await?;
    expand::calculate(shell, &text)
}

async fn count_loop(
    shell: &Shell,
    [first, condition, step]: &[Word; 3],
    body: &List,
    io: &Io,
) -> Result<Step, String> {
    calculated(shell, first, io).await?;
    let mut status = 0;
    // No condition holds for ever.
    while condition.0.is_empty() || calculated(shell, condition, io).await? != 0 {
        match round(list(shell, body, io.clone()).await) {
            Ok(Round::Next(code)) => status = code,
            Ok(Round::Done(code)) => return Ok(Ok(code)),
            Err(leave) => return Ok(Err(leave)),
        }
        calculated(shell, step, io).await?;
    }
    Ok(Ok(status))
}

async fn while_loop(shell: &Shell, until: bool, condition: &List, body: &List, io: &Io) -> Step {
    let mut status = 0;
    loop {
        let asked = round(tested(shell, true, list(shell, condition, io.clone())).await)?;
        match asked {
            Round::Next(code) if (code == 0) == until => return Ok(status),
            Round::Next(_) => {}
            Round::Done(code) => return Ok(code),
        }
        match round(list(shell, body, io.clone()).await)? {
            Round::Next(code) => status = code,
            Round::Done(code) => return Ok(code),
        }
    }
}

/// What a loop does after a round.
enum Round {
    Next(i32),
    Done(i32),
}

fn round(result: Step) -> Result<Round, Leave> {
    match result {
        Ok(code) => Ok(Round::Next(code)),
        Err(Leave::Break(1)) => Ok(Round::Done(0)),
        Err(Leave::Continue(1)) => Ok(Round::Next(0)),
        Err(Leave::Break(loops)) => Err(Leave::Break(loops - 1)),
        Err(Leave::Continue(loops)) => Err(Leave::Continue(loops - 1)),
        Err(leave @ (Leave::Exit(_) | Leave::Return(_))) => Err(leave),
    }
}

/// Runs a list in a shell of its own and returns what it wrote and its exit code.
pub(super) async fn capture(shell: &Shell, body: &List, io: &Io) -> (Vec<u8>, i32) {
    let text = Rc::new(RefCell::new(Vec::new()));
    let sink = Rc::clone(&text);
    let stdout = Output::to(Rc::new(move |bytes| {
        let mut text = sink.borrow_mut();
        if text.len() + bytes.len() > expand::BYTES_MAX {
            return Err(super::BrokenPipe);
        }
        text.extend_from_slice(bytes);
        Ok(())
    }));
    let io = Io { stdin: io.stdin.clone(), stdout, stderr: io.stderr.clone() };
    let code = exit_code(list(&shell.fork(), body, io).await);
    (text.take(), code)
}
