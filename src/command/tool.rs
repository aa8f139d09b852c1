//! What the small tools share: options as getopt reads them, GNU's messages, input from files or standard input.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::shell::{BROKEN_PIPE, BrokenPipe, FileError, Input, Invocation, LocalFuture, resolve};

/// The options that a tool takes.
#[derive(Copy, Clone, Debug)]
pub(crate) struct Spec {
    /// The tool's name.
    pub(crate) name: &'static str,
    /// What `--help` prints.
    pub(crate) usage: &'static str,
    /// Letters, each followed by `:` if it takes a value, or `?` if a value may stand right behind it.
    pub(crate) letters: &'static str,
    /// Long names and the letters they stand for.
    pub(crate) long: &'static [(&'static str, char)],
    /// The exit code of a usage error.
    pub(crate) usage_error: i32,
    /// Whether options must stand before the first operand (`xargs`, `env`).
    pub(crate) options_first: bool,
}

/// A usual specification: usage errors exit with 1.
pub(crate) const fn spec(
    name: &'static str,
    usage: &'static str,
    letters: &'static str,
    long: &'static [(&'static str, char)],
) -> Spec {
    Spec { name, usage, letters, long, usage_error: 1, options_first: false }
}

/// A tool at work: its options, its operands and its streams.
#[derive(Debug)]
pub(crate) struct Tool {
    /// Its name, for messages.
    pub(crate) name: &'static str,
    /// Options in the order given.
    options: Vec<(char, String)>,
    /// What is not an option.
    pub(crate) operands: Vec<String>,
    /// Everything else it was given; its `args` are taken apart already.
    pub(crate) invocation: Invocation,
}

/// What a tool's body answers: an exit code, or that its reader has gone.
pub(crate) type Outcome = Result<i32, BrokenPipe>;

/// Reads the options, then runs `body`; a broken pipe ends it as SIGPIPE would.
pub(crate) fn run<F>(
    spec: &'static Spec,
    invocation: Invocation,
    body: fn(Tool) -> F,
) -> LocalFuture<i32>
where
    F: Future<Output = Outcome> + 'static,
{
    run_boxed(spec, invocation, Box::new(move |tool| Box::pin(body(tool))))
}

/// The same for a body of any type, so that this is not made for each tool.
fn run_boxed(
    spec: &'static Spec,
    invocation: Invocation,
    body: Box<dyn FnOnce(Tool) -> LocalFuture<Outcome>>,
) -> LocalFuture<i32> {
    Box::pin(async move {
        let stderr = invocation.stderr.clone();
        let stdout = invocation.stdout.clone();
        let written = match parse(spec, invocation) {
            Ok(tool) => return body(tool).await.unwrap_or(BROKEN_PIPE),
            Err(None) => stdout.write(spec.usage).map(|()| 0),
            Err(Some(message)) => {
                let name = spec.name;
                let text =
                    format!("{name}: {message}\nTry '{name} --help' for more information.\n");
                stderr.write(&text).map(|()| spec.usage_error)
            }
        };
        written.unwrap_or(BROKEN_PIPE)
    })
}

/// Takes the arguments apart; `Err(None)` asks for help.
fn parse(spec: &Spec, mut invocation: Invocation) -> Result<Tool, Option<String>> {
    let (mut options, mut operands) = (Vec::new(), Vec::new());
    let mut args = VecDeque::from(std::mem::take(&mut invocation.args));
    while let Some(arg) = args.pop_front() {
        if arg == "--" {
            operands.extend(args);
            break;
        } else if let Some(long) = arg.strip_prefix("--") {
            options.push(parse_long(spec, long, &mut args)?);
        } else if arg.len() > 1 && arg.starts_with('-') && !is_count(spec, &arg) {
            parse_letters(spec, &arg, &mut args, &mut options)?;
        } else if arg.len() > 1 && arg.starts_with('-') {
            options.push(('n', arg.trim_start_matches('-').to_owned()));
        } else {
            operands.push(arg);
            if spec.options_first {
                operands.extend(args);
                break;
            }
        }
    }
    Ok(Tool { name: spec.name, options, operands, invocation })
}

/// `head -5` and `tail -5`.
fn is_count(spec: &Spec, arg: &str) -> bool {
    matches!(spec.name, "head" | "tail") && arg.chars().skip(1).all(|c| c.is_ascii_digit())
}

fn parse_long(
    spec: &Spec,
    long: &str,
    args: &mut VecDeque<String>,
) -> Result<(char, String), Option<String>> {
    let (name, value) = match long.split_once('=') {
        Some((name, value)) => (name, Some(value.to_owned())),
        None => (long, None),
    };
    if name == "help" {
        return Err(None);
    }
    let Some((_, letter)) = spec.long.iter().find(|(known, _)| *known == name) else {
        return Err(Some(format!("unrecognized option '--{name}'")));
    };
    let takes = takes_value(spec, *letter);
    match (value, takes) {
        (Some(_), None) => Err(Some(format!("option '--{name}' doesn't allow an argument"))),
        (Some(value), _) => Ok((*letter, value)),
        (None, Some(':')) => match args.pop_front() {
            Some(value) => Ok((*letter, value)),
            None => Err(Some(format!("option '--{name}' requires an argument"))),
        },
        (None, _) => Ok((*letter, String::new())),
    }
}

fn parse_letters(
    spec: &Spec,
    arg: &str,
    args: &mut VecDeque<String>,
    options: &mut Vec<(char, String)>,
) -> Result<(), Option<String>> {
    let mut letters = arg.chars().skip(1);
    while let Some(letter) = letters.next() {
        if !spec.letters.contains(letter) || matches!(letter, ':' | '?') {
            return Err(Some(format!("invalid option -- '{letter}'")));
        }
        let Some(takes) = takes_value(spec, letter) else {
            options.push((letter, String::new()));
            continue;
        };
        let attached: String = letters.by_ref().collect();
        let value = match (attached.is_empty(), takes) {
            (true, ':') => args
                .pop_front()
                .ok_or_else(|| Some(format!("option requires an argument -- '{letter}'")))?,
            _ => attached,
        };
        options.push((letter, value));
    }
    Ok(())
}

/// `:` if a letter takes a value, `?` if it may.
fn takes_value(spec: &Spec, letter: char) -> Option<char> {
    let mut letters = spec.letters.chars().skip_while(|c| *c != letter);
    letters.next();
    letters.next().filter(|next| matches!(next, ':' | '?'))
}

impl Tool {
    /// The options in the order given, with their values.
    pub(crate) fn given(&self) -> impl Iterator<Item = (char, &str)> {
        self.options.iter().map(|(letter, value)| (*letter, value.as_str()))
    }

    /// Whether an option was given.
    pub(crate) fn has(&self, letter: char) -> bool {
        self.options.iter().any(|(given, _)| *given == letter)
    }

    /// The last value of an option.
    pub(crate) fn value(&self, letter: char) -> Option<&str> {
        self.values(letter).last()
    }

    /// Every value of an option, in order.
    pub(crate) fn values(&self, letter: char) -> impl Iterator<Item = &str> {
        self.options
            .iter()
            .filter(move |(given, _)| *given == letter)
            .map(|(_, value)| value.as_str())
    }

    /// Which of two options was given later.
    pub(crate) fn last_of(&self, letters: &[char]) -> Option<char> {
        self.options.iter().rev().map(|(given, _)| *given).find(|given| letters.contains(given))
    }

    /// Writes text to standard output.
    pub(crate) fn print(&self, text: &str) -> Result<(), BrokenPipe> {
        self.invocation.stdout.write(text)
    }

    /// Writes bytes to standard output.
    pub(crate) fn print_bytes(&self, bytes: &[u8]) -> Result<(), BrokenPipe> {
        self.invocation.stdout.write_bytes(bytes)
    }

    /// Writes `NAME: MESSAGE` to standard error.
    pub(crate) fn complain(&self, message: impl std::fmt::Display) {
        // A reader that has gone reads no complaint.
        let text = format!("{}: {message}\n", self.name);
        self.invocation.stderr.write(&text).unwrap_or(());
    }

    /// Complains and asks to try `--help`; the code to end with.
    pub(crate) fn misused(&self, message: &str, code: i32) -> Outcome {
        self.complain(message);
        let name = self.name;
        self.invocation.stderr.write(&format!("Try '{name} --help' for more information.\n"))?;
        Ok(code)
    }

    /// A path as seen from the current folder.
    pub(crate) fn path(&self, name: &str) -> String {
        resolve(&self.invocation.cwd, name)
    }

    /// A file's bytes.
    pub(crate) fn read(&self, name: &str) -> Result<Arc<Vec<u8>>, FileError> {
        let path = self.path(name);
        self.invocation.sandbox.files(|files| files.read(&path))
    }

    /// A file, or standard input for `-`.
    pub(crate) fn open(&self, name: &str) -> Result<Input, FileError> {
        if name == "-" {
            Ok(self.invocation.stdin.clone())
        } else {
            self.read(name).map(|bytes| Input::from_bytes(bytes.as_slice()))
        }
    }

    /// The operands, or `-` if there are none.
    pub(crate) fn inputs(&self) -> Vec<String> {
        if self.operands.is_empty() { vec!["-".to_owned()] } else { self.operands.clone() }
    }

    /// Everything in the inputs, and 1 if one could not be read.
    pub(crate) async fn read_all(&self) -> (Vec<u8>, i32) {
        let (mut all, mut code) = (Vec::new(), 0);
        for name in self.inputs() {
            match self.open(&name) {
                Ok(input) => all.extend(input.read_to_end().await),
                Err(error) => {
                    self.complain(format_args!("{name}: {error}"));
                    code = 1;
                }
            }
        }
        (all, code)
    }
}

/// A line without its newline, as text; bytes that are not UTF-8 become `�`.
pub(crate) fn text_of(line: &[u8]) -> String {
    String::from_utf8_lossy(line.strip_suffix(b"\n").unwrap_or(line)).into_owned()
}

/// The lines of a text, without newlines; a final newline begins no further line.
pub(crate) fn lines_of(bytes: &[u8]) -> Vec<String> {
    bytes.split_inclusive(|byte| *byte == b'\n').map(text_of).collect()
}
