//! Shell scripts in containers: `sh -c 'while true; do date; sleep 5; done'`, one step at a time.
//!
//! A script is compiled to a flat list of steps with jumps ([`compile`]), so that a running one is a plain value: where
//! it stands, its variables, the last exit code. It runs until it must wait and says until when. Every command takes no
//! time but `sleep`; a script that runs many commands without waiting is made to wait a second, so that a busy loop
//! cannot stop the world.
//!
//! *Differs:* the commands are those of [`tools`]; functions, background jobs, arrays and arithmetic are refused when
//! the container starts, with a message in its log.

mod compile;
mod expand;
mod tools;

use std::sync::Arc;

use imbl::{OrdMap, Vector};

pub(super) use compile::compile;
pub(super) use tools::is_tool;

use super::{Answered, Ask, Stream};
use crate::time::{Duration, Time};

/// One step of a compiled script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Op {
    /// Runs a pipeline of simple commands.
    Run(Vec<Simple>),
    /// Turns success into failure and back (`!`).
    Negate,
    /// Continues elsewhere.
    Jump(usize),
    /// Continues elsewhere after success.
    JumpIfOk(usize),
    /// Continues elsewhere after failure.
    JumpIfFailed(usize),
    /// Sets the exit code, where a compound command ends without running anything.
    Status(i32),
    /// Fills the list of a `for` loop.
    ForList(usize, Vec<String>),
    /// Takes the next word of a `for` loop, or continues elsewhere.
    ForNext(usize, String, usize),
}

/// A command with its words as written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Simple {
    pub(super) assignments: Vec<(String, String)>,
    pub(super) words: Vec<String>,
    pub(super) redirects: Vec<Redirect>,
}

/// Where output goes or input comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Redirect {
    /// `< file`
    Read(String),
    /// `> file`, `2>> file`: descriptor, append, file.
    Write(u8, bool, String),
    /// `2>&1`
    ErrorToOutput,
    /// `>&2`
    OutputToError,
}

/// Files as the container sees them: what is mounted and what it wrote.
pub(super) type Files = OrdMap<String, Arc<str>>;

/// What a script may look at and change.
#[derive(Debug)]
pub(super) struct Surroundings<'a> {
    pub(super) now: Time,
    pub(super) hostname: &'a str,
    pub(super) files: &'a mut Files,
    /// Output, in order.
    pub(super) output: Vec<(Stream, String)>,
}

/// Why a script stopped running for now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Pause {
    /// It waits.
    Until(Time),
    /// It waits for nothing that will come (`tail -f`, `sleep infinity`).
    Forever,
    /// It ended.
    Exit(i32),
    /// It turns into another program.
    Become(Vec<String>),
    /// It asks the network.
    Ask(Box<Ask>),
}

/// A script under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Script {
    ops: Arc<[Op]>,
    at: usize,
    status: i32,
    variables: OrdMap<String, String>,
    lists: OrdMap<usize, Vector<String>>,
    /// A pipeline that waits for the network's answer to the command at this place.
    open: Option<(Vec<Simple>, usize, Ask)>,
}

/// How many steps a script may take at one moment.
const STEPS_AT_ONCE: usize = 400;

impl Script {
    /// A compiled script with the environment as its variables.
    pub(super) fn new(ops: Arc<[Op]>, variables: OrdMap<String, String>) -> Self {
        Self { ops, at: 0, status: 0, variables, lists: OrdMap::new(), open: None }
    }

    /// Runs until it has to wait.
    pub(super) fn run(&mut self, around: &mut Surroundings<'_>) -> Pause {
        for _ in 0..STEPS_AT_ONCE {
            let Some(op) = Arc::clone(&self.ops).get(self.at).cloned() else {
                return Pause::Exit(self.status);
            };
            self.at += 1;
            match op {
                Op::Run(pipeline) => {
                    if let Some(pause) = self.pipeline(&pipeline, 0, String::new(), around) {
                        return pause;
                    }
                }
                Op::Negate => self.status = i32::from(self.status == 0),
                Op::Jump(to) => self.at = to,
                Op::JumpIfOk(to) if self.status == 0 => self.at = to,
                Op::JumpIfFailed(to) if self.status != 0 => self.at = to,
                Op::JumpIfOk(_) | Op::JumpIfFailed(_) => {}
                Op::Status(status) => self.status = status,
                Op::ForList(slot, words) => {
                    let words = words.iter().flat_map(|word| self.expand(word, around)).collect();
                    self.lists.insert(slot, words);
                }
                Op::ForNext(slot, name, end) => {
                    match self.lists.get_mut(&slot).and_then(Vector::pop_front) {
                        Some(word) => {
                            self.variables.insert(name, word);
                        }
                        None => self.at = end,
                    }
                }
            }
        }
        Pause::Until(around.now + Duration::from_secs(1))
    }

    fn expand(&self, word: &str, around: &Surroundings<'_>) -> Vec<String> {
        let lookup = |name: &str| match name {
            "?" => Some(self.status.to_string()),
            "$" => Some("1".to_owned()),
            "HOSTNAME" => Some(around.hostname.to_owned()),
            _ => self.variables.get(name).cloned(),
        };
        let run = |line: &str| self.substitute(line, around);
        expand::word(word, &lookup, &run)
    }

    /// The output of `$(…)`: run on copies, so what it changes is forgotten, as in a subshell.
    fn substitute(&self, line: &str, around: &Surroundings<'_>) -> String {
        let Ok(ops) = compile(line) else { return String::new() };
        let mut files = around.files.clone();
        let mut inner = Surroundings {
            now: around.now,
            hostname: around.hostname,
            files: &mut files,
            output: Vec::new(),
        };
        // Nested substitutions each see a shorter line, so this ends.
        Self::new(ops, self.variables.clone()).run(&mut inner);
        let mut text: String = inner
            .output
            .into_iter()
            .filter(|(stream, _)| *stream == Stream::Stdout)
            .map(|(_, text)| text)
            .collect();
        text.truncate(text.trim_end_matches('\n').len());
        text
    }

    /// Runs the commands of a pipeline one after another, the output of each the input of the next.
    fn pipeline(
        &mut self,
        commands: &[Simple],
        from: usize,
        mut input: String,
        around: &mut Surroundings<'_>,
    ) -> Option<Pause> {
        for (index, command) in commands.iter().enumerate().skip(from) {
            let outcome = self.simple(command, std::mem::take(&mut input), around);
            if let tools::Then::Pause(Pause::Ask(ask)) = &outcome.then {
                self.open = Some((commands.to_vec(), index, Ask::clone(ask)));
            }
            let last = index + 1 == commands.len();
            match self.pass_on(outcome, last, around) {
                Ok(text) => input = text,
                Err(pause) => return Some(pause),
            }
        }
        None
    }

    /// Takes a command's outcome: its output goes out, or on to the next command.
    fn pass_on(
        &mut self,
        outcome: tools::Outcome,
        last: bool,
        around: &mut Surroundings<'_>,
    ) -> Result<String, Pause> {
        let mut output = outcome.output;
        let mut text = String::new();
        if !last {
            let on = output.extract_if(.., |(stream, _)| *stream == Stream::Stdout);
            text = on.map(|(_, text)| text).collect();
        }
        around.output.append(&mut output);
        match outcome.then {
            tools::Then::Ended(status) => self.status = status,
            tools::Then::Pause(pause) => {
                self.status = 0;
                return Err(pause);
            }
        }
        Ok(text)
    }

    /// Whether it waits for the network.
    pub(super) fn asks(&self) -> bool {
        self.open.is_some()
    }

    /// Goes on with the network's answer to what was asked.
    pub(super) fn answer(&mut self, answer: &Answered, around: &mut Surroundings<'_>) -> Pause {
        let Some((commands, index, ask)) = self.open.take() else { return self.run(around) };
        let (status, output, file) = ask.tell(answer);
        if let Some((path, text)) = file {
            around.files.insert(path, text.into());
        }
        let mut outcome = tools::Outcome { output, then: tools::Then::Ended(status) };
        for redirect in &commands[index].redirects {
            self.redirect(redirect, &mut outcome, around);
        }
        let last = index + 1 == commands.len();
        let rest = match self.pass_on(outcome, last, around) {
            Ok(input) => self.pipeline(&commands, index + 1, input, around),
            Err(pause) => Some(pause),
        };
        rest.unwrap_or_else(|| self.run(around))
    }

    fn simple(
        &mut self,
        command: &Simple,
        input: String,
        around: &mut Surroundings<'_>,
    ) -> tools::Outcome {
        let words: Vec<String> =
            command.words.iter().flat_map(|word| self.expand(word, around)).collect();
        let mut variables = self.variables.clone();
        for (name, value) in &command.assignments {
            variables.insert(name.clone(), self.expand(value, around).join(" "));
        }
        if words.is_empty() {
            self.variables = variables;
            return tools::Outcome::ended(0);
        }
        let mut input = input;
        for redirect in &command.redirects {
            if let Redirect::Read(file) = redirect {
                let path = self.expand(file, around).join(" ");
                let Some(text) = around.files.get(&path) else {
                    let message = format!("sh: can't open {path}: no such file\n");
                    return tools::Outcome::failed(1, message);
                };
                input = text.to_string();
            }
        }
        let mut outcome = match words.first().map(String::as_str) {
            Some("export" | "readonly" | "local") => {
                for word in words.iter().skip(1) {
                    if let Some((name, value)) = word.split_once('=') {
                        self.variables.insert(name.to_owned(), value.to_owned());
                    }
                }
                tools::Outcome::ended(0)
            }
            Some("exit") => {
                let code = words.get(1).and_then(|word| word.parse::<i32>().ok());
                tools::Outcome::pause(Pause::Exit(code.map_or(self.status, |code| code & 0xff)))
            }
            _ => tools::run(&words, &input, &variables, around),
        };
        for redirect in &command.redirects {
            self.redirect(redirect, &mut outcome, around);
        }
        outcome
    }

    fn redirect(
        &self,
        redirect: &Redirect,
        outcome: &mut tools::Outcome,
        around: &mut Surroundings<'_>,
    ) {
        let send = |outcome: &mut tools::Outcome, from: Stream, to: Stream| {
            for (stream, _) in outcome.output.iter_mut().filter(|(stream, _)| *stream == from) {
                *stream = to;
            }
        };
        match redirect {
            Redirect::Read(_) => {}
            Redirect::ErrorToOutput => send(outcome, Stream::Stderr, Stream::Stdout),
            Redirect::OutputToError => send(outcome, Stream::Stdout, Stream::Stderr),
            Redirect::Write(descriptor, append, file) => {
                let from = if *descriptor == 2 { Stream::Stderr } else { Stream::Stdout };
                let path = self.expand(file, around).join(" ");
                let mut text = match (append, around.files.get(&path)) {
                    (true, Some(old)) => old.to_string(),
                    _ => String::new(),
                };
                for (_, part) in outcome.output.extract_if(.., |(stream, _)| *stream == from) {
                    text.push_str(&part);
                }
                match path.as_str() {
                    "/dev/null" => {}
                    "/dev/stdout" | "/proc/1/fd/1" => outcome.output.push((Stream::Stdout, text)),
                    "/dev/stderr" | "/proc/1/fd/2" => outcome.output.push((Stream::Stderr, text)),
                    _ => {
                        text.truncate(text.floor_char_boundary(tools::FILE_BYTES_MAX));
                        around.files.insert(path, text.into());
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    /// Runs a script for some seconds and shows what it wrote (`@2` stands for two seconds later) and how it stands.
    fn play(script: &str, secs: u64) -> String {
        let mut files = Files::new();
        let mut shown = String::new();
        let mut script = Script::new(compile(script).unwrap(), OrdMap::new());
        let (mut now, end) = (Time::START, Time::START + Duration::from_secs(secs));
        loop {
            let mut around =
                Surroundings { now, hostname: "web-1", files: &mut files, output: Vec::new() };
            let pause = script.run(&mut around);
            shown.extend(around.output.into_iter().map(|(_, text)| text.replace('\n', ";")));
            match pause {
                Pause::Until(time) if time <= end => {
                    write!(shown, "@{} ", (time - now).as_secs()).expect("text can be written");
                    now = time;
                }
                Pause::Until(_) => return shown + "waits",
                Pause::Forever => return shown + "stays",
                Pause::Exit(code) => return format!("{shown}exit {code}"),
                Pause::Become(argv) => return shown + "becomes " + &argv.join(" "),
                Pause::Ask(ask) => return format!("{shown}asks {}:{}", ask.host, ask.port),
            }
        }
    }

    #[test]
    fn scripts_run_as_a_shell_runs_them() {
        for (script, expected) in [
            ("echo hi", "hi;exit 0"),
            ("sleep 2; exit 42", "@2 exit 42"),
            ("true && echo a || echo b", "a;exit 0"),
            ("false && echo a || echo b", "b;exit 0"),
            ("! true", "exit 1"),
            ("while true; do echo x; sleep 1; done", "x;@1 x;@1 x;@1 x;waits"),
            ("for i in a b; do echo $i; done; echo end", "a;b;end;exit 0"),
            ("if [ -f /x ]; then echo yes; else echo no; fi", "no;exit 0"),
            ("touch /x; if [ -f /x ]; then echo yes; fi", "yes;exit 0"),
            ("N=3; echo \"$N ${M:-none}\" '$N'", "3 none $N;exit 0"),
            ("echo a > /f; echo b >> /f; cat /f | grep b", "b;exit 0"),
            ("cat /none 2>/dev/null || exit 3", "exit 3"),
            ("until false; do sleep 1; done", "@1 @1 @1 waits"),
            ("echo $(hostname)", "web-1;exit 0"),
            ("tail -f /dev/null", "stays"),
            ("sleep infinity", "stays"),
            ("exec nginx -g 'daemon off;'", "becomes nginx -g daemon off;"),
            ("nosuchtool", "becomes nosuchtool"),
            ("until nc -z db 5432; do sleep 1; done", "asks db:5432"),
        ] {
            assert_eq!(play(script, 3), expected, "{script}");
        }
    }

    #[test]
    fn a_busy_loop_is_slowed_down() {
        assert!(play("while true; do true; done", 2).ends_with("waits"));
    }
}
