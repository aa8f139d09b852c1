//! Commands that change the shell itself, and the list of them.

use std::fmt::Write as _;

use super::super::{Command, Invocation, LocalFuture, files};
use super::redirect::written;
use super::{Io, Leave, Running, Shell, Step, Variable, jobs, list, variables};
use crate::bash::Parser;
use crate::order;

/// A command of the shell's own.
#[derive(Copy, Clone)]
pub struct Builtin {
    /// What is typed.
    pub name: &'static str,
    /// One line for `help`.
    pub summary: &'static str,
    /// Runs it.
    pub(super) run: for<'a> fn(&'a Shell, Vec<String>, Io) -> Running<'a>,
}

impl std::fmt::Debug for Builtin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// Wraps a builtin that does not wait.
macro_rules! at_once {
    ($name:literal, $summary:literal, $run:expr) => {
        Builtin {
            name: $name,
            summary: $summary,
            run: |shell, arguments, io| Box::pin(async move { $run(shell, &arguments, &io) }),
        }
    };
}

/// Wraps a builtin that does not wait and never leaves what runs.
macro_rules! plain {
    ($name:literal, $summary:literal, $run:expr) => {
        at_once!($name, $summary, |shell: &Shell, arguments: &[String], io: &Io| Ok($run(
            shell, arguments, io
        )))
    };
}

/// Every builtin, in order of name.
pub static BUILTINS: &[Builtin] = &[
    Builtin { name: ".", summary: "run a script in this shell", run: source },
    plain!(":", "do nothing", |_: &Shell, _: &[String], _: &Io| 0),
    plain!("alias", "short names for commands", variables::alias),
    at_once!("break", "leave a loop", leave_loop::<true>),
    Builtin {
        name: "bash",
        summary: "run a script, or with -c a text, in a shell of its own",
        run: bash,
    },
    Builtin { name: "builtin", summary: "run a command of the shell's own", run: command_builtin },
    plain!("cd", "change the current folder", cd),
    Builtin {
        name: "command",
        summary: "run a command, or tell which one it is",
        run: command_builtin,
    },
    plain!("complete", "completion works by itself here", |_: &Shell, _: &[String], _: &Io| 0),
    at_once!("continue", "start a loop's next round", leave_loop::<false>),
    Builtin { name: "eval", summary: "run a text as a command", run: eval },
    Builtin { name: "exec", summary: "run a command, and end the shell with it", run: exec },
    at_once!("exit", "end the shell", exit),
    plain!("export", "hand variables on to commands", variables::export),
    plain!("history", "list what was typed", history),
    plain!("jobs", "list what runs in the background", jobs::list),
    plain!("kill", "end what runs in the background", jobs::kill),
    plain!("let", "calculate", variables::let_),
    plain!("local", "variables of a function's own", variables::local),
    Builtin { name: "read", summary: "read a line into variables", run: variables::read },
    plain!("readonly", "set variables (they stay changeable)", variables::readonly),
    at_once!("return", "leave a function", return_),
    plain!("set", "options -e, -u, -x, -o pipefail; arguments", set),
    Builtin {
        name: "sh",
        summary: "run a script, or with -c a text, in a shell of its own",
        run: bash,
    },
    plain!("shift", "drop the first argument", shift),
    Builtin { name: "source", summary: "run a script in this shell", run: source },
    plain!("type", "tell what a name is", type_),
    plain!("unalias", "forget short names", variables::unalias),
    plain!("unset", "forget variables", variables::unset),
    Builtin { name: "wait", summary: "wait for what runs in the background", run: jobs::wait },
];

fn cd(shell: &Shell, arguments: &[String], io: &Io) -> i32 {
    let target = match arguments {
        [] => shell.get("HOME").unwrap_or_default(),
        [dash] if dash == "-" => match shell.get("OLDPWD") {
            Some(old) => old,
            None => return shell.complain(io, "cd: OLDPWD not set", 1),
        },
        [one] => one.clone(),
        _ => return shell.complain(io, "cd: too many arguments", 1),
    };
    let before = shell.state().cwd.clone();
    let path = files::resolve(&before, &target);
    let problem = shell.sandbox.files(|files| files.list(&path).err());
    if let Some(problem) = problem {
        return shell.complain(io, &format!("cd: {target}: {problem}"), 1);
    }
    shell.state().cwd.clone_from(&path);
    shell.set("OLDPWD", before);
    shell.set("PWD", path.clone());
    if arguments.iter().any(|argument| argument == "-") {
        return written(io.stdout.write(&format!("{path}\n")));
    }
    0
}

fn number(
    shell: &Shell,
    io: &Io,
    name: &str,
    arguments: &[String],
    default: i32,
) -> Result<i32, i32> {
    match arguments.first() {
        None => Ok(default),
        Some(text) => text.parse().map_err(|_invalid| {
            shell.complain(io, &format!("{name}: {text}: numeric argument required"), 2)
        }),
    }
}

fn exit(shell: &Shell, arguments: &[String], io: &Io) -> Step {
    let status = shell.state().status;
    match number(shell, io, "exit", arguments, status) {
        Ok(code) | Err(code) => Err(Leave::Exit(code & 0xff)),
    }
}

fn return_(shell: &Shell, arguments: &[String], io: &Io) -> Step {
    let status = shell.state().status;
    if shell.state().locals.is_empty() {
        return Ok(shell.complain(
            io,
            "return: can only `return' from a function or sourced script",
            1,
        ));
    }
    match number(shell, io, "return", arguments, status) {
        Ok(code) | Err(code) => Err(Leave::Return(code & 0xff)),
    }
}

fn leave_loop<const BREAK: bool>(shell: &Shell, arguments: &[String], io: &Io) -> Step {
    match number(shell, io, if BREAK { "break" } else { "continue" }, arguments, 1) {
        Ok(loops) => {
            let loops = usize::try_from(loops).unwrap_or(1).max(1);
            Err(if BREAK { Leave::Break(loops) } else { Leave::Continue(loops) })
        }
        Err(code) => Ok(code),
    }
}

fn exec(shell: &Shell, arguments: Vec<String>, io: Io) -> Running<'_> {
    Box::pin(async move {
        let Some((name, rest)) = arguments.split_first() else { return Ok(0) };
        let none = std::collections::BTreeMap::new();
        let code = super::simple::named(shell, name, rest.to_vec(), none, io).await?;
        Err(Leave::Exit(code))
    })
}

fn history(shell: &Shell, arguments: &[String], io: &Io) -> i32 {
    if arguments == ["-c"] {
        shell.state().history.clear();
        return 0;
    }
    let lines = shell.state().history.clone();
    let shown = match number(shell, io, "history", arguments, i32::MAX) {
        Ok(count) => usize::try_from(count).unwrap_or(0),
        Err(_) => return 1,
    };
    let mut text = String::new();
    for (index, line) in lines.iter().enumerate().skip(lines.len().saturating_sub(shown)) {
        writeln!(text, "{:5}  {line}", index + 1).expect("a String takes everything");
    }
    written(io.stdout.write(&text))
}

fn shift(shell: &Shell, arguments: &[String], io: &Io) -> i32 {
    let count = match number(shell, io, "shift", arguments, 1) {
        Ok(count) => usize::try_from(count).unwrap_or(0),
        Err(code) => return code,
    };
    let mut state = shell.state();
    if count > state.arguments.len() {
        return 1;
    }
    state.arguments.drain(..count);
    0
}

fn set(shell: &Shell, arguments: &[String], io: &Io) -> i32 {
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let on = argument.starts_with('-');
        let Some(letters) = argument.strip_prefix(['-', '+']) else {
            shell.state().arguments = std::iter::once(argument).chain(rest).cloned().collect();
            return 0;
        };
        if letters == "-" {
            shell.state().arguments = rest.cloned().collect();
            return 0;
        }
        for letter in letters.chars() {
            let name = if letter == 'o' { rest.next().map_or("", String::as_str) } else { "" };
            let mut state = shell.state();
            match (letter, name) {
                ('e', _) | ('o', "errexit") => state.exit_on_error = on,
                ('u', _) | ('o', "nounset") => state.refuse_unset = on,
                ('x', _) | ('o', "xtrace") => state.trace = on,
                ('o', "pipefail") => state.pipe_fail = on,
                _ => {
                    drop(state);
                    let option = if letter == 'o' { name.to_owned() } else { argument.clone() };
                    return shell.complain(
                        io,
                        &format!("set: {option}: this option is not simulated"),
                        2,
                    );
                }
            }
        }
    }
    0
}

/// What a name is, as `type` and `command -v` tell.
fn kind(shell: &Shell, name: &str) -> Option<&'static str> {
    if shell.state().functions.contains_key(name) {
        Some("function")
    } else if BUILTINS.iter().any(|builtin| builtin.name == name) {
        Some("builtin")
    } else {
        shell.commands.iter().any(|command| command.name == name).then_some("file")
    }
}

fn type_(shell: &Shell, arguments: &[String], io: &Io) -> i32 {
    let mut status = 0;
    for name in arguments {
        let text = match kind(shell, name) {
            Some("function") => format!("{name} is a function\n"),
            Some("builtin") => format!("{name} is a shell builtin\n"),
            Some(_) => format!("{name} is /usr/bin/{name}\n"),
            None => {
                status = shell.complain(io, &format!("type: {name}: not found"), 1);
                continue;
            }
        };
        status |= written(io.stdout.write(&text));
    }
    status
}

fn command_builtin(shell: &Shell, arguments: Vec<String>, io: Io) -> Running<'_> {
    Box::pin(async move {
        match arguments.split_first() {
            None => Ok(0),
            Some((flag, names)) if flag == "-v" => {
                let mut status = 0;
                for name in names {
                    let text = match kind(shell, name) {
                        Some("file") => format!("/usr/bin/{name}\n"),
                        Some(_) => format!("{name}\n"),
                        None => {
                            status = 1;
                            continue;
                        }
                    };
                    status |= written(io.stdout.write(&text));
                }
                Ok(status)
            }
            Some((name, rest)) => {
                let none = std::collections::BTreeMap::new();
                super::simple::named(shell, name, rest.to_vec(), none, io).await
            }
        }
    })
}

/// Runs a text line by line in this shell.
fn run_text<'a>(shell: &'a Shell, text: &str, io: Io) -> Running<'a> {
    let mut parser = Parser::new(text, false);
    Box::pin(async move {
        let mut status = 0;
        loop {
            match parser.next_line() {
                Ok(None) => return Ok(status),
                Ok(Some(line)) => status = list(shell, &line, io.clone()).await?,
                Err(error) => return Ok(shell.complain(&io, error.message(), 2)),
            }
        }
    })
}

fn eval(shell: &Shell, arguments: Vec<String>, io: Io) -> Running<'_> {
    let text = arguments.join(" ");
    drop(arguments);
    run_text(shell, &text, io)
}

fn source(shell: &Shell, arguments: Vec<String>, io: Io) -> Running<'_> {
    Box::pin(async move {
        let Some((name, rest)) = arguments.split_first() else {
            return Ok(shell.complain(&io, "source: filename argument required", 2));
        };
        let path = files::resolve(&shell.state().cwd, name);
        let bytes = match shell.sandbox.files(|files| files.read(&path)) {
            Ok(bytes) => bytes,
            Err(error) => return Ok(shell.complain(&io, &format!("{name}: {error}"), 1)),
        };
        let outer = (!rest.is_empty())
            .then(|| std::mem::replace(&mut shell.state().arguments, rest.to_vec()));
        shell.state().locals.push(std::collections::BTreeMap::new());
        let result = run_text(shell, &String::from_utf8_lossy(&bytes), io).await;
        shell.state().locals.pop();
        if let Some(outer) = outer {
            shell.state().arguments = outer;
        }
        match result {
            Err(Leave::Return(code)) => Ok(code),
            other => other,
        }
    })
}

/// `bash FILE ARGUMENTS`, `bash -c TEXT NAME ARGUMENTS`, or a script on standard input.
fn bash(shell: &Shell, arguments: Vec<String>, io: Io) -> Running<'_> {
    Box::pin(async move {
        let mut rest = arguments.into_iter().peekable();
        let mut options = Vec::new();
        while let Some(flag) = rest.next_if(|word| {
            word.len() > 1
                && word.starts_with('-')
                && word.chars().skip(1).all(|c| "eux".contains(c))
        }) {
            options.push(flag);
        }
        let (name, bytes) = match rest.next() {
            None => ("bash".to_owned(), io.stdin.read_to_end().await.into()),
            Some(flag) if flag == "-c" => {
                let Some(text) = rest.next() else {
                    return Ok(shell.complain(&io, "-c: option requires an argument", 2));
                };
                let name = rest.next().unwrap_or_else(|| "bash".to_owned());
                (name, text.into_bytes().into())
            }
            Some(flag) if flag.starts_with('-') => {
                return Ok(shell.complain(
                    &io,
                    &format!("{flag}: this option is not simulated"),
                    2,
                ));
            }
            Some(name) => {
                let path = files::resolve(&shell.state().cwd, &name);
                match shell.sandbox.files(|files| files.read(&path)) {
                    Ok(bytes) => (name, bytes),
                    Err(error) => return Ok(shell.complain(&io, &format!("{name}: {error}"), 127)),
                }
            }
        };
        script(shell, &name, &bytes, rest.collect(), &options, io).await
    })
}

/// Runs a script in a shell of its own.
pub(super) async fn script(
    shell: &Shell,
    name: &str,
    bytes: &[u8],
    arguments: Vec<String>,
    options: &[String],
    io: Io,
) -> Step {
    let mut own = shell.fork();
    own.interactive = false;
    {
        let mut state = own.state();
        state.variables.retain(|_, variable| variable.exported);
        state.functions.clear();
        state.locals.clear();
        state.arguments = arguments;
        name.clone_into(&mut state.name);
        (state.exit_on_error, state.refuse_unset, state.pipe_fail) = (false, false, false);
        state.trace = false;
        state.aliases.clear();
    }
    set(&own, options, &io);
    Ok(super::exit_code(run_text(&own, &String::from_utf8_lossy(bytes), io).await))
}

/// Runs a text as `bash -c` would, for a command that starts another program.
pub fn run_script(
    call: Invocation,
    commands: &'static [Command],
    text: String,
) -> LocalFuture<i32> {
    Box::pin(async move {
        let shell = Shell::new(call.sandbox, commands);
        {
            let mut state = shell.state();
            let exported = |(name, value)| (name, Variable { value, exported: true });
            state.variables = order::map(call.env.into_iter().map(exported));
            state.cwd = call.cwd;
        }
        let io = Io { stdin: call.stdin, stdout: call.stdout, stderr: call.stderr };
        super::exit_code(run_text(&shell, &text, io).await)
    })
}
