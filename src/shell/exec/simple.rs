//! One simple command: assignments, redirects, then a function, a builtin or a command by that name.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::task::Poll;

use super::super::{Invocation, LocalFuture};
use super::{BROKEN_PIPE, BUILTINS, Io, Shell, Step, Variable, expand, function, redirect};
use crate::bash::ast::Simple;

/// GNU timeout's exit code, for a command that was given up.
pub(super) const GAVE_UP: i32 = 124;

/// Runs a simple command; the files that stood for `<(…)` are gone afterwards.
pub(super) async fn run(shell: &Shell, command: &Simple, io: Io) -> Step {
    let before = shell.state().substitutes.len();
    let result = run_kept(shell, command, io).await;
    let gone = shell.state().substitutes.split_off(before);
    shell.sandbox.files_mut(|files| gone.iter().for_each(|path| files.remove(path).unwrap_or(())));
    result
}

async fn run_kept(shell: &Shell, command: &Simple, io: Io) -> Step {
    let words = match expand::fields(shell, &command.words, &io).await {
        Ok(words) => words,
        Err(message) => return refused(shell, &io, &message),
    };
    if shell.state().trace && !words.is_empty() {
        let quoted: Vec<String> = words.iter().map(|word| traced(word)).collect();
        io.stderr.write(&format!("+ {}\n", quoted.join(" "))).unwrap_or(());
    }
    let redirected = match redirect::apply(shell, &command.redirects, io.clone()).await {
        Ok(redirected) => redirected,
        Err(message) => return Ok(shell.complain(&io, &message, 1)),
    };
    let io = redirected.io.clone();
    let status_before = shell.state().status;
    if words.is_empty() {
        // The status of `A=$(false)` is that of the substitution; `A=$?` still sees the one before.
        shell.state().substituted = None;
    }
    let mut assignments = BTreeMap::new();
    for (name, word) in &command.assignments {
        match expand::text(shell, word, &io).await {
            Ok(value) if words.is_empty() => shell.set(name, value),
            Ok(value) => drop(assignments.insert(name.clone(), value)),
            Err(message) => return refused(shell, &io, &message),
        }
    }
    let Some((name, arguments)) = words.split_first() else {
        let status = if command.assignments.is_empty() && command.redirects.is_empty() {
            status_before
        } else {
            shell.state().substituted.unwrap_or(0)
        };
        return redirected.finish(shell, "bash", Ok(status));
    };
    let alias = match command.words.first().map(|word| word.0.as_slice()) {
        Some([crate::bash::ast::Piece::Text(text)]) => shell.state().aliases.get(text).cloned(),
        _ => None,
    };
    let (name, arguments) = match &alias {
        None => (name.as_str(), arguments.to_vec()),
        // More than words is a command line of its own; its words come after it.
        Some(text) if text.contains(['|', ';', '&', '$', '<', '>', '\'', '"', '`']) => {
            let line: Vec<String> = std::iter::once(text.clone())
                .chain(arguments.iter().map(|word| quoted(word)))
                .collect();
            ("eval", line)
        }
        Some(text) => {
            let mut line = text.split_whitespace();
            let name = line.next().unwrap_or(name);
            (name, line.map(str::to_owned).chain(arguments.iter().cloned()).collect())
        }
    };
    let result = match named(shell, name, arguments, assignments, io).await {
        // SIGPIPE ends the whole stage of the pipeline: in bash, a loop of builtins dies of it too.
        Ok(BROKEN_PIPE) if redirected.io.stdout.is_broken() => Err(super::Leave::Exit(BROKEN_PIPE)),
        result => result,
    };
    redirected.finish(shell, name, result)
}

/// A word in single quotes.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', "'\\''"))
}

/// A word as `set -x` shows it.
fn traced(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "_-./:=,+%@".contains(c);
    if !word.is_empty() && word.chars().all(plain) { word.to_owned() } else { quoted(word) }
}

/// An expansion's refusal; under `set -u` an unset variable ends the shell, as `${x:?}` does.
fn refused(shell: &Shell, io: &Io, message: &str) -> Step {
    let code = shell.complain(io, message, 1);
    if message.ends_with("unbound variable") { Err(super::Leave::Exit(code)) } else { Ok(code) }
}

/// Runs a command by name, with words that are already expanded.
pub(super) async fn named(
    shell: &Shell,
    name: &str,
    arguments: Vec<String>,
    assignments: BTreeMap<String, String>,
    io: Io,
) -> Step {
    let body = shell.state().functions.get(name).cloned();
    let builtin = BUILTINS.iter().find(|builtin| builtin.name == name);
    if body.is_some() || builtin.is_some() {
        let before = lend(shell, assignments);
        let step = match (body, builtin) {
            (Some(body), _) => call(shell, &body, arguments, io).await,
            (None, Some(builtin)) => (builtin.run)(shell, arguments, io).await,
            (None, None) => Ok(0),
        };
        let mut state = shell.state();
        for (name, variable) in before {
            match variable {
                Some(variable) => drop(state.variables.insert(name, variable)),
                None => drop(state.variables.remove(&name)),
            }
        }
        drop(state);
        return step;
    }
    let cwd = shell.state().cwd.clone();
    let Some(command) = shell.commands.iter().find(|command| command.name == name) else {
        return unknown(shell, name, arguments, io).await;
    };
    let mut env = shell.environment();
    env.extend(assignments);
    let stdin = io.stdin.clone();
    let invocation = Invocation {
        args: arguments,
        cwd,
        env,
        stdin,
        stdout: io.stdout,
        stderr: io.stderr,
        sandbox: shell.sandbox.clone(),
    };
    Ok(patiently(shell, (command.run)(invocation)).await)
}

/// Waits for a command, as long as the shell has patience.
async fn patiently(shell: &Shell, mut running: LocalFuture<i32>) -> i32 {
    let began = shell.sandbox.now();
    poll_fn(|context| match running.as_mut().poll(context) {
        Poll::Pending if shell.gives_up(began) => Poll::Ready(GAVE_UP),
        Poll::Pending => Poll::Pending,
        Poll::Ready(code) => Poll::Ready(code),
    })
    .await
}

/// Sets variables for the time of one command, which may hand them on; what they were before.
fn lend(shell: &Shell, assignments: BTreeMap<String, String>) -> Vec<(String, Option<Variable>)> {
    let mut state = shell.state();
    let mut before = Vec::new();
    for (name, value) in assignments {
        let lent = Variable { value, exported: true };
        before.push((name.clone(), state.variables.insert(name, lent)));
    }
    before
}

/// Calls a function: its arguments and locals are its own.
async fn call(
    shell: &Shell,
    body: &crate::bash::ast::Command,
    arguments: Vec<String>,
    io: Io,
) -> Step {
    let outer = std::mem::replace(&mut shell.state().arguments, arguments);
    shell.state().locals.push(BTreeMap::new());
    let result = function(shell, body, io).await;
    let mut state = shell.state();
    state.arguments = outer;
    for (name, value) in state.locals.pop().unwrap_or_default() {
        match value {
            Some(value) => drop(state.variables.insert(name, value)),
            None => drop(state.variables.remove(&name)),
        }
    }
    result
}

/// Sets a variable aside for the time of the function that runs; false outside functions.
pub(super) fn make_local(shell: &Shell, name: &str) -> bool {
    let mut state = shell.state();
    let current: Option<Variable> = state.variables.get(name).cloned();
    let Some(locals) = state.locals.last_mut() else { return false };
    locals.entry(name.to_owned()).or_insert(current);
    true
}

/// What bash or a usual machine has, and this one does not.
const NOT_SIMULATED: &[&str] = &[
    "bg",
    "declare",
    "disown",
    "fg",
    "getopts",
    "mapfile",
    "nano",
    "nohup",
    "popd",
    "pushd",
    "readarray",
    "trap",
    "typeset",
    "ulimit",
    "umask",
    "vi",
    "vim",
];

/// A name that is no command: a script by its path, or nothing at all.
async fn unknown(shell: &Shell, name: &str, arguments: Vec<String>, io: Io) -> Step {
    if NOT_SIMULATED.contains(&name) {
        return Ok(shell.complain(&io, &format!("{name}: not simulated in this shell"), 1));
    }
    if !name.contains('/') {
        return Ok(shell.complain(&io, &format!("{name}: command not found"), 127));
    }
    let path = super::super::files::resolve(&shell.state().cwd, name);
    if shell.sandbox.files(|files| files.is_folder(&path)) {
        return Ok(shell.complain(&io, &format!("{name}: Is a directory"), 126));
    }
    match shell.sandbox.files(|files| files.read(&path)) {
        Ok(script) => super::builtin::script(shell, name, &script, arguments, &[], io).await,
        Err(error) => Ok(shell.complain(&io, &format!("{name}: {error}"), 127)),
    }
}
