//! A shell within a shell: scripts that call scripts, `trap`, and the builtins that change the shell itself.
//!
//! A script that calls another waits in a [`Frame`]; at the inner one's end its exit code goes on in the outer one, whose
//! variables are as they were. *Differs:* of signals only `SIGTERM` can be trapped.

use std::sync::Arc;

use super::tools::{Outcome, Then};
use super::{Files, Op, Pause, Script, Surroundings, Variables, compile, files};
use crate::engine::Stream;
use crate::persistent::{OrdMap, Vector};

/// How deep scripts may call each other.
const DEPTH_MAX: usize = 8;

/// A script that waits for one that it called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Frame {
    ops: Arc<[Op]>,
    at: usize,
    lists: OrdMap<usize, Vector<String>>,
    arguments: Vec<String>,
    /// Those of the outer script; `None` where the inner one shares them (a trap, a function).
    variables: Option<Variables>,
}

/// Whether a command of this name is a shell.
pub(in crate::engine) fn is_shell(name: &str) -> bool {
    matches!(name.rsplit('/').next(), Some("sh" | "bash" | "ash" | "dash"))
}

/// The text that a shell's command line runs: what follows `-c`, or a file. Without either it reads its input, which
/// whoever calls it has to hand over; the error is the shell's own.
pub(in crate::engine) fn of_shell(argv: &[String], files: &Files) -> Result<String, String> {
    let mut rest = argv.iter().skip(1);
    while let Some(arg) = rest.next() {
        if arg.starts_with('-') && arg.ends_with('c') {
            return Ok(rest.next().cloned().unwrap_or_default());
        }
        if !arg.starts_with(['-', '+']) {
            let text = files.get(arg).map(ToString::to_string);
            return text
                .ok_or_else(|| format!("sh: can't open '{arg}': No such file or directory\n"));
        }
    }
    Ok(String::new())
}

/// A command line as a script of one command.
pub(in crate::engine) fn quoted(argv: &[String]) -> String {
    let quoted = argv.iter().map(|word| format!("'{}'", word.replace('\'', "'\\''")));
    quoted.collect::<Vec<_>>().join(" ")
}

/// Whether a command changes the shell itself.
pub(super) fn is_builtin(name: &str) -> bool {
    matches!(
        name,
        "export" | "readonly" | "local" | "unset" | "exit" | "return" | "cd" | "trap" | "shift"
    )
}

/// `sh -c '…'`, `sh FILE`, or a shell that reads what is piped into it.
pub(super) fn shell(
    words: &[String],
    input: String,
    variables: &Variables,
    around: &Surroundings<'_>,
) -> Outcome {
    let reads = words.iter().skip(1).all(|word| word.starts_with('-') && !word.ends_with('c'));
    let absolute: Vec<String> = words
        .iter()
        .map(|word| match around.read(&files::resolve(variables, word)) {
            Some(_) => files::resolve(variables, word),
            None => word.clone(),
        })
        .collect();
    let text = if reads { Ok(input.clone()) } else { of_shell(&absolute, around.files) };
    let compiled = text.and_then(|text| compile(&text).map_err(|error| format!("sh: {error}\n")));
    match compiled {
        Ok(ops) => Outcome {
            output: Vec::new(),
            then: Then::Enter(ops, if reads { String::new() } else { input }),
        },
        Err(message) => Outcome::failed(2, message),
    }
}

impl Script {
    /// Begins an inner script.
    pub(super) fn enter(&mut self, ops: Arc<[Op]>, input: String) {
        let variables = Some(self.variables.clone());
        self.begin(ops, Vec::new(), variables, input);
    }

    /// What a function's name stands for.
    pub(super) fn called(&self, words: &[String], input: String) -> Outcome {
        let (name, arguments) =
            words.split_first().map_or(("", &[][..]), |(name, all)| (name, all));
        match self.functions.get(name) {
            Some(ops) => {
                let then = Then::Call(Arc::clone(ops), arguments.to_vec(), input);
                Outcome { output: Vec::new(), then }
            }
            None => Outcome::ended(0),
        }
    }

    /// Runs a function at once, for what takes its output: it cannot wait.
    pub(super) fn captured(
        &mut self,
        ops: &Arc<[Op]>,
        arguments: Vec<String>,
        input: String,
        around: &mut Surroundings<'_>,
    ) -> Outcome {
        let Some(mut script) = self.within(ops) else {
            return Outcome::failed(2, "sh: too many levels of functions\n".to_owned());
        };
        let mut inner = Surroundings::new(around.now, around.launch, around.rules, around.files);
        inner.beside = around.beside;
        (script.arguments, script.input) = (arguments, input);
        let pause = script.go(0, &mut inner);
        let Surroundings { mut output, log, signals, .. } = inner;
        around.log.extend(log);
        around.signals.extend(signals);
        self.steps = script.steps;
        self.variables = script.variables;
        let Pause::Exit(code) = pause else {
            let text = "sh: a command that waits is not simulated in a pipe\n";
            output.push((Stream::Stderr, text.to_owned()));
            return Outcome { output, then: Then::Ended(1) };
        };
        Outcome { output, then: Then::Ended(code) }
    }

    /// A script that this one waits for, if there are not too many of them.
    pub(super) fn within(&self, ops: &Arc<[Op]>) -> Option<Self> {
        let mut script = Self::new(Arc::clone(ops), self.variables.clone());
        script.functions.clone_from(&self.functions);
        script.arguments.clone_from(&self.arguments);
        (script.steps, script.depth) = (self.steps, self.depth + 1);
        (script.depth <= DEPTH_MAX).then_some(script)
    }

    /// `read`: the words of a line, the last variable taking the rest.
    pub(super) fn read(&mut self, words: &[String], line: &str) {
        let names: Vec<&String> =
            words.iter().skip(1).filter(|word| !word.starts_with('-')).collect();
        let mut rest = line.trim();
        for (index, name) in names.iter().enumerate() {
            let (word, after) = match rest.split_once(char::is_whitespace) {
                Some((word, after)) if index + 1 < names.len() => (word, after.trim_start()),
                _ => (rest, ""),
            };
            self.variables.insert((*name).clone(), word.to_owned());
            rest = after;
        }
    }

    /// Begins a function.
    pub(super) fn call(&mut self, ops: Arc<[Op]>, arguments: Vec<String>, input: String) {
        self.begin(ops, arguments, None, input);
    }

    /// Begins what this script waits for, unless there is too much of that already.
    fn begin(
        &mut self,
        ops: Arc<[Op]>,
        arguments: Vec<String>,
        variables: Option<Variables>,
        input: String,
    ) {
        if self.outer.len() >= DEPTH_MAX {
            self.status = 2;
            return;
        }
        self.push(ops, arguments, variables);
        self.input = input;
        self.status = 0;
    }

    fn push(&mut self, ops: Arc<[Op]>, arguments: Vec<String>, variables: Option<Variables>) {
        self.outer.push(Frame {
            ops: std::mem::replace(&mut self.ops, ops),
            at: std::mem::take(&mut self.at),
            lists: std::mem::take(&mut self.lists),
            arguments: std::mem::replace(&mut self.arguments, arguments),
            variables,
        });
    }

    /// Ends an inner script and goes on with the outer one; false if there is none.
    pub(super) fn leave(&mut self, code: i32) -> bool {
        let Some(frame) = self.outer.pop() else { return false };
        self.ops = frame.ops;
        self.at = frame.at;
        self.lists = frame.lists;
        self.arguments = frame.arguments;
        self.status = code;
        match frame.variables {
            Some(variables) => self.variables = variables,
            // The end of a trap or a function, or `exit` within it.
            None if self.left => return self.leave(code),
            None => {}
        }
        self.left = false;
        true
    }

    /// `SIGTERM` has come: its trap, if one is installed, runs before the next command.
    pub(in crate::engine) fn terminate(&mut self) {
        self.terminated = true;
    }

    /// Runs the trap of a signal that has come.
    pub(super) fn spring(&mut self) {
        if !std::mem::take(&mut self.terminated) {
            return;
        }
        let Some(ops) = self.trap.clone() else { return };
        self.push(ops, self.arguments.clone(), None);
    }

    /// Puts something on its standard input.
    pub(in crate::engine) fn set_input(&mut self, input: String) {
        self.input = input;
    }

    /// Goes on with other commands, as an interactive shell does with its next line.
    pub(in crate::engine) fn renew(&mut self, ops: Arc<[Op]>) {
        self.ops = ops;
        self.at = 0;
        self.lists = OrdMap::new();
        self.outer.clear();
    }

    /// Whether `exit` ended it.
    pub(in crate::engine) fn left(&self) -> bool {
        self.left
    }

    /// The folder that it is in.
    pub(in crate::engine) fn folder(&self) -> String {
        files::folder(&self.variables)
    }

    /// The command that it could not start has failed.
    pub(in crate::engine) fn failed(&mut self, code: i32) {
        self.status = code;
    }

    pub(super) fn builtin(&mut self, words: &[String], around: &Surroundings<'_>) -> Outcome {
        let argument = words.get(1).map(String::as_str);
        match (words.first().map_or("", String::as_str), argument) {
            (name @ ("exit" | "return"), code) => {
                let code = code.and_then(|word| word.parse::<i32>().ok());
                self.left |= name == "exit";
                return Outcome::pause(Pause::Exit(code.map_or(self.status, |code| code & 0xff)));
            }
            ("shift", _) => {
                if self.arguments.is_empty() {
                    return Outcome::ended(1);
                }
                self.arguments.remove(0);
            }
            ("cd", path) => {
                let path = files::resolve(&self.variables, path.unwrap_or("/root"));
                if !around.is_folder(&path) {
                    let path = words.get(1).map_or("", String::as_str);
                    let text = format!("sh: cd: can't cd to {path}: No such file or directory\n");
                    return Outcome::failed(2, text);
                }
                self.variables.insert("PWD".to_owned(), path);
            }
            ("trap", Some(command)) => {
                let terminates = words
                    .iter()
                    .skip(2)
                    .any(|word| matches!(word.as_str(), "TERM" | "SIGTERM" | "15"));
                if terminates && command == "-" {
                    self.trap = None;
                } else if terminates {
                    match compile(command) {
                        Ok(ops) => self.trap = Some(ops),
                        Err(error) => return Outcome::failed(2, format!("sh: {error}\n")),
                    }
                }
            }
            ("unset", Some(_)) => {
                for word in words.iter().skip(1) {
                    self.variables.remove(word);
                }
            }
            ("export" | "readonly" | "local", Some(_)) => {
                for word in words.iter().skip(1) {
                    if let Some((name, value)) = word.split_once('=') {
                        self.variables.insert(name.to_owned(), value.to_owned());
                    }
                }
            }
            _ => {}
        }
        Outcome::ended(0)
    }
}

/// An error message in the container's own words: `BusyBox`'s or GNU's.
pub(super) fn complaint(gnu: bool, tool: &str, path: &str, what: &str) -> (Stream, String) {
    let text = if gnu {
        format!("{tool}: {what} '{path}': No such file or directory\n")
    } else {
        format!("{tool}: {path}: No such file or directory\n")
    };
    (Stream::Stderr, text)
}
