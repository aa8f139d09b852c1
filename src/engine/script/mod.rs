//! Shell scripts in containers: `sh -c 'while true; do date; sleep 5; done'`, one step at a time.
//!
//! A script is compiled to a flat list of steps with jumps ([`compile`]), so that a running one is a plain value: where
//! it stands, its variables, the last exit code. It runs until it must wait and says until when. Every command takes no
//! time but `sleep`; a script that runs many commands without waiting is made to wait a second, so that a busy loop
//! cannot stop the world.
//!
//! *Differs:* the commands are those of [`tools`]; background jobs are refused when the container starts, with a
//! message in its log; what stands in a pipe before its end cannot wait; file names are not matched against `*`; a subshell's
//! changes stay, and so do the variables that are `local` to a function; `$(…)` cannot wait.

mod compile;
mod edit;
mod expand;
mod files;
mod lines;
mod nest;
mod redirect;
mod tools;

use std::sync::Arc;

use crate::persistent::{OrdMap, Vector};

pub(super) use compile::compile;
pub(super) use nest::{is_shell, of_shell, quoted};
pub(super) use tools::is_tool;

use super::process::Launch;
use super::{Answered, Ask, Rules, Signal, Stream};
use crate::bash::ast::Operator;
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
    /// Continues elsewhere unless a text matches one of the patterns (`case`).
    JumpUnlessMatches(Word, Vec<Word>, usize),
    /// Sets the exit code, where a compound command ends without running anything.
    Status(i32),
    /// Fills the list of a `for` loop.
    ForList(usize, Vec<Word>),
    /// Takes the next word of a `for` loop, or continues elsewhere.
    ForNext(usize, String, usize),
    /// From here on, a name stands for a function.
    Define(String, Arc<[Self]>),
}

/// A command with its words before expansion.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Simple {
    assignments: Vec<(String, Word)>,
    words: Vec<Word>,
    redirects: Vec<Redirect>,
}

/// A word before expansion.
type Word = Vec<Piece>;

/// A part of a word; the flag of those that can be split says whether quotes stand around them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// Stands for itself.
    Text(String),
    /// `$NAME`, `${NAME:-word}`
    Parameter(String, Option<(Operator, Word)>, bool),
    /// `${#NAME}`
    Length(String),
    /// `$(…)`
    Command(Arc<[Op]>, bool),
    /// `$((…))`
    Arithmetic(Word),
}

impl Piece {
    /// Whether its value becomes several words at its blanks.
    fn splits(&self) -> bool {
        matches!(self, Self::Parameter(_, _, false) | Self::Command(_, false))
    }
}

/// Where output goes or input comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Redirect {
    /// `< file`
    Read(Word),
    /// `<<END`, `<<<word`
    Text(Word),
    /// `> file`, `2>> file`: descriptor, append, file.
    Write(u8, bool, Word),
    /// `2>&1`: the first goes where the second goes now.
    Duplicate(u8, u8),
}

/// Files as the container sees them: what is mounted and what it wrote.
pub(super) type Files = OrdMap<String, Arc<str>>;

/// The variables of a shell, the environment among them.
pub(super) type Variables = OrdMap<String, String>;

/// What a script may look at and change.
#[derive(Debug)]
pub(super) struct Surroundings<'a> {
    pub(super) now: Time,
    pub(super) launch: &'a Launch,
    pub(super) rules: Rules,
    pub(super) files: &'a mut Files,
    /// Whether it runs beside the container's main process.
    pub(super) beside: bool,
    /// Output, in order.
    pub(super) output: Vec<(Stream, String)>,
    /// What it writes to the streams of the main process.
    pub(super) log: Vec<(Stream, String)>,
    /// Signals that it sends to PID 1.
    pub(super) signals: Vec<Signal>,
}

impl<'a> Surroundings<'a> {
    /// Those of the main process.
    pub(super) fn new(now: Time, launch: &'a Launch, rules: Rules, files: &'a mut Files) -> Self {
        Self {
            now,
            launch,
            rules,
            files,
            beside: false,
            output: Vec::new(),
            log: Vec::new(),
            signals: Vec::new(),
        }
    }
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
    /// It starts another program, which no script can do by itself.
    Become {
        /// The command line.
        argv: Vec<String>,
        /// Whether the program takes the script's place (`exec`).
        replaces: bool,
    },
    /// It asks the network.
    Ask(Box<Ask>),
}

/// A script under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Script {
    ops: Arc<[Op]>,
    at: usize,
    status: i32,
    variables: Variables,
    lists: OrdMap<usize, Vector<String>>,
    /// What functions are defined, and what follows the name of the one that runs.
    functions: OrdMap<String, Arc<[Op]>>,
    arguments: Vec<String>,
    /// The scripts that wait for this one to end, the innermost last.
    outer: Vec<nest::Frame>,
    /// What `trap` has installed for `SIGTERM`, and whether that has come.
    trap: Option<Arc<[Op]>>,
    terminated: bool,
    /// What stands on its standard input, until a command takes it.
    input: String,
    /// Whether `exit` ended it.
    left: bool,
    /// A pipeline that waits for the network's answer to the command at this place.
    open: Option<(Vec<Simple>, usize, Ask)>,
    /// How many steps are left at this moment, those of substitutions included.
    steps: usize,
    /// How many scripts wait for what this one prints.
    depth: usize,
}

/// How many steps a script may take at one moment.
const STEPS_AT_ONCE: usize = 400;
/// How many more the substitutions of the last of them may take.
const STEPS_SPARE: usize = 400;

impl Script {
    /// A compiled script with the environment as its variables.
    pub(super) fn new(ops: Arc<[Op]>, variables: Variables) -> Self {
        Self {
            ops,
            at: 0,
            status: 0,
            variables,
            lists: OrdMap::new(),
            functions: OrdMap::new(),
            arguments: Vec::new(),
            outer: Vec::new(),
            trap: None,
            terminated: false,
            input: String::new(),
            left: false,
            open: None,
            steps: 0,
            depth: 0,
        }
    }

    /// Runs until it has to wait.
    pub(super) fn run(&mut self, around: &mut Surroundings<'_>) -> Pause {
        self.steps = STEPS_AT_ONCE + STEPS_SPARE;
        self.go(STEPS_SPARE, around)
    }

    /// Runs while more than so many steps are left.
    fn go(&mut self, spare: usize, around: &mut Surroundings<'_>) -> Pause {
        while self.steps > spare {
            self.steps -= 1;
            self.spring();
            let Some(op) = Arc::clone(&self.ops).get(self.at).cloned() else {
                if self.leave(self.status) {
                    continue;
                }
                return Pause::Exit(self.status);
            };
            self.at += 1;
            match op {
                Op::Run(pipeline) => {
                    // Some commands leave what stands on their input to the next.
                    let input = if leaves_input(&pipeline) {
                        String::new()
                    } else {
                        std::mem::take(&mut self.input)
                    };
                    match self.pipeline(&pipeline, 0, input, around) {
                        Some(Pause::Exit(code)) if self.leave(code) => {}
                        Some(pause) => return pause,
                        None => {}
                    }
                }
                Op::Negate => self.status = i32::from(self.status == 0),
                Op::Jump(to) => self.at = to,
                Op::JumpIfOk(to) if self.status == 0 => self.at = to,
                Op::JumpIfFailed(to) if self.status != 0 => self.at = to,
                Op::JumpIfOk(_) | Op::JumpIfFailed(_) => {}
                Op::Status(status) => self.status = status,
                Op::Define(name, ops) => {
                    self.functions.insert(name, ops);
                    self.status = 0;
                }
                Op::JumpUnlessMatches(subject, patterns, to) => {
                    match self.matches(&subject, &patterns, around) {
                        Ok(true) => {}
                        Ok(false) => self.at = to,
                        Err(error) => {
                            around.output.push((Stream::Stderr, format!("sh: {error}\n")));
                            return Pause::Exit(2);
                        }
                    }
                }
                Op::ForList(slot, words) => match self.fields(&words, around) {
                    Ok(words) => self.lists.insert(slot, words.into()),
                    Err(error) => {
                        around.output.push((Stream::Stderr, format!("sh: {error}\n")));
                        return Pause::Exit(2);
                    }
                },
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

    /// Runs the commands of a pipeline one after another, the output of each the input of the next.
    fn pipeline(
        &mut self,
        commands: &[Simple],
        from: usize,
        mut input: String,
        around: &mut Surroundings<'_>,
    ) -> Option<Pause> {
        for (index, command) in commands.iter().enumerate().skip(from) {
            let mut outcome = self.simple(command, std::mem::take(&mut input), around);
            if index + 1 < commands.len()
                && let tools::Then::Call(ops, arguments, input) = &outcome.then
            {
                let before = self.variables.clone();
                outcome = self.captured(ops, arguments.clone(), input.clone(), around);
                self.variables = before;
            }
            if index + 1 < commands.len() && matches!(outcome.then, tools::Then::Enter(..)) {
                let text = "sh: a shell within a pipe is not simulated in containers\n";
                outcome = tools::Outcome::failed(1, text.to_owned());
            }
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
            tools::Then::Enter(ops, input) => self.enter(ops, input),
            tools::Then::Call(ops, arguments, input) => self.call(ops, arguments, input),
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
        self.steps = STEPS_SPARE;
        let (status, output, file) = ask.tell(answer);
        if let Some((path, text)) = file {
            around.files.insert(path, text.into());
        }
        let mut outcome = tools::Outcome { output, then: tools::Then::Ended(status) };
        if let Err(error) = self.redirect(&commands[index].redirects, &mut outcome, around) {
            outcome = fatal(&error);
        }
        let last = index + 1 == commands.len();
        let rest = match self.pass_on(outcome, last, around) {
            Ok(input) => self.pipeline(&commands, index + 1, input, around),
            Err(pause) => Some(pause),
        };
        match rest {
            Some(Pause::Exit(code)) if self.leave(code) => self.run(around),
            Some(pause) => pause,
            None => self.run(around),
        }
    }

    fn simple(
        &mut self,
        command: &Simple,
        input: String,
        around: &mut Surroundings<'_>,
    ) -> tools::Outcome {
        // A shell ends when it cannot expand a word.
        self.try_simple(command, input, around).unwrap_or_else(|error| fatal(&error))
    }

    fn try_simple(
        &mut self,
        command: &Simple,
        mut input: String,
        around: &mut Surroundings<'_>,
    ) -> Result<tools::Outcome, String> {
        let words = self.fields(&command.words, around)?;
        let mut assigned = Vec::new();
        for (name, value) in &command.assignments {
            assigned.push((name.clone(), self.text(value, around)?));
            if words.is_empty() {
                self.variables.extend(assigned.drain(..));
            }
        }
        for redirect in &command.redirects {
            match redirect {
                Redirect::Read(file) => {
                    let path = self.text(file, around)?;
                    let Some(text) = around.read(&files::resolve(&self.variables, &path)) else {
                        let message = format!("sh: can't open {path}: no such file\n");
                        return Ok(tools::Outcome::failed(1, message));
                    };
                    input = text.to_string();
                }
                Redirect::Text(word) => input = self.text(word, around)?,
                Redirect::Write(..) | Redirect::Duplicate(..) => {}
            }
        }
        let mut outcome = match words.first().map(String::as_str) {
            None => tools::Outcome::ended(0),
            Some(name) if self.functions.contains_key(name) => {
                let writes = |one: &Redirect| matches!(one, Redirect::Write(..));
                match self.called(&words, input) {
                    tools::Outcome { then: tools::Then::Call(ops, arguments, input), .. }
                        if command.redirects.iter().any(writes) =>
                    {
                        self.captured(&ops, arguments, input, around)
                    }
                    outcome => outcome,
                }
            }
            Some("read") => {
                let (line, rest) = input.split_once('\n').unwrap_or((&input, ""));
                let ended = input.is_empty();
                self.read(&words, line);
                rest.clone_into(&mut self.input);
                tools::Outcome::ended(i32::from(ended))
            }
            Some(name) if nest::is_builtin(name) => self.builtin(&words, around),
            Some(name) if is_shell(name) && !command.redirects.is_empty() => {
                let text = "sh: redirections of an inner shell are not simulated in containers\n";
                tools::Outcome::failed(1, text.to_owned())
            }
            Some(name) if is_shell(name) => nest::shell(&words, input, &self.variables, around),
            Some(_) => {
                let mut variables = self.variables.clone();
                variables.extend(assigned);
                tools::run(&words, &input, &variables, around)
            }
        };
        self.redirect(&command.redirects, &mut outcome, around)?;
        Ok(outcome)
    }
}

/// Commands that read nothing.
const READ_NOTHING: &[&str] = &[
    ":", "[", "cd", "date", "echo", "exit", "export", "false", "local", "printf", "pwd", "return",
    "set", "shift", "sleep", "test", "touch", "true", "unset",
];

/// Whether a command leaves its input alone.
fn leaves_input(pipeline: &[Simple]) -> bool {
    let word = pipeline.first().and_then(|command| command.words.first()).map(Vec::as_slice);
    let Some([Piece::Text(name)]) = word else { return word.is_none() };
    READ_NOTHING.contains(&name.as_str())
}

fn fatal(error: &str) -> tools::Outcome {
    tools::Outcome {
        output: vec![(Stream::Stderr, format!("sh: {error}\n"))],
        then: tools::Then::Pause(Pause::Exit(2)),
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;
    use crate::engine::{ImageRef, resolve};

    fn launch() -> Launch {
        let image = resolve(Rules::Real, &ImageRef::parse("busybox").unwrap()).unwrap();
        Launch {
            image,
            argv: vec!["sh".to_owned()],
            env: std::collections::BTreeMap::new(),
            ports: Vec::new(),
            files: OrdMap::new(),
            mounts: Vec::new(),
            hostname: "web-1".to_owned(),
            domain: "web.default.svc.cluster.local".to_owned(),
            ip: std::net::Ipv4Addr::new(10, 244, 1, 2),
            memory_limit: None,
            cpu_milli: 4000,
            namespace: "default".to_owned(),
            folder: "/".to_owned(),
            stdin: false,
        }
    }

    /// Runs a script for some seconds and shows what it wrote (`@2` stands for two seconds later) and how it stands.
    fn play(script: &str, secs: u64) -> String {
        let mut files = Files::new();
        let mut shown = String::new();
        let launch = launch();
        let mut script = Script::new(compile(script).unwrap(), OrdMap::new());
        let (mut now, end) = (Time::START, Time::START + Duration::from_secs(secs));
        loop {
            let mut around = Surroundings::new(now, &launch, Rules::Real, &mut files);
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
                Pause::Become { argv, .. } => return shown + "becomes " + &argv.join(" "),
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
            (
                "hostname -f; hostname -d",
                "web-1.web.default.svc.cluster.local;web.default.svc.cluster.local;exit 0",
            ),
            ("tail -f /dev/null", "stays"),
            ("sleep infinity", "stays"),
            ("exec nginx -g 'daemon off;'", "becomes nginx -g daemon off;"),
            ("nosuchtool", "becomes nosuchtool"),
            ("cat /none >/dev/null 2>&1; cat /none 2>&1 >/dev/null | wc", "1;exit 0"),
            ("cat <<E >/f; cat /f\nN is ${N:=4}\nE\necho $((N * 2 + 1))", "N is 4;9;exit 0"),
            ("X='a  b'; for i in $X \"$X\" x{1,2}; do echo $i.; done", "a.;b.;a b.;x{1,2}.;exit 0"),
            ("if false; then echo 1; elif true; then echo 2; else echo 3; fi", "2;exit 0"),
            ("for i in 1 2 3; do [ $i = 2 ] && continue; echo $i; done", "1;3;exit 0"),
            ("echo $((1 / 0)); echo on", "sh: 1 / 0: division by 0 (error token is \"0\");exit 2"),
            ("echo ${N:?is needed}", "sh: N: is needed;exit 2"),
            (
                "case $X-a in b|*-a) echo 1;; *) echo 2;; esac; case x in '*') echo 3;; esac",
                "1;exit 0",
            ),
            (
                "for i in start stop; do case $i in start) echo up;; *) break;; esac; done",
                "up;exit 0",
            ),
            (
                "printf 'a=1\\nb=2\\nab=3\\n' | grep -vE '^b|3$'; env | grep -c '^NO'",
                "a=1;0;exit 1",
            ),
            ("printf '%-2s|%03d\\n' a -1 b 2", "a |-01;b |002;exit 0"),
            (
                "printf '1\\n2\\n3\\n' > /tmp/f; sed -i 2q /tmp/f; sed 1q /tmp/f; cat /tmp/f",
                "1;1;2;3;exit 0",
            ),
            ("printf 'a:b:c\\n' | cut -d: -f1,3 | tr a-z A-Z; echo a-b | tr -d -", "A:C;ab;exit 0"),
            (
                "printf 'b\\nb\\na\\n' | uniq -c; echo abc | cut -c2-",
                "      2 b;      1 a;bc;exit 0",
            ),
            (
                "echo x1y22 | grep -o '[0-9]*'; printf '9\\n10\\n9\\n' | sort -nu",
                "1;22;9;10;exit 0",
            ),
            ("until nc -z db 5432; do sleep 1; done", "asks db:5432"),
        ] {
            assert_eq!(play(script, 3), expected, "{script}");
        }
    }

    #[test]
    fn a_busy_loop_is_slowed_down() {
        assert!(play("while true; do true; done", 2).ends_with("waits"));
        assert!(play("while true; do X=$(echo a); done", 2).ends_with("waits"));
    }

    #[test]
    fn nested_and_doubling_loops_end() {
        let nested = "while true; do echo $(".repeat(6) + "true" + &"); done".repeat(6);
        assert!(play(&nested, 9).ends_with("sh: $(…): too many commands at once;exit 2"));
        let doubling = "X=abcdefgh; while true; do X=$X$X; done";
        assert_eq!(play(doubling, 9), "sh: argument list too long;exit 2");
    }

    #[test]
    fn what_is_not_run_is_refused_by_name() {
        for (script, expected) in [
            ("(((((((", "syntax error: unexpected end of file"),
            ("echo 'a", "unexpected EOF while looking for matching `''"),
            ("echo ${A:1:2}", "this expansion of ${A…} is not simulated in containers"),
            ("f() { true; } > x", "such functions are not simulated in containers"),
            ("sleep 1 &", "background jobs (&) are not simulated in containers"),
            ("fi", "syntax error near unexpected token `fi'"),
        ] {
            assert_eq!(compile(script).unwrap_err(), expected, "{script}");
        }
    }

    #[test]
    fn any_depth_is_read_or_refused() {
        for opening in
            ["(", "{ ", "$(", "$((", "\"$(", "`", "${a:-", "if ", "while ", "! ", "[", "<<a "]
        {
            for count in [7, 24, 5000] {
                let script = "echo ".to_owned() + &opening.repeat(count);
                let bare = opening.repeat(count);
                for text in [script, bare] {
                    if let Ok(ops) = compile(&text) {
                        assert!(!ops.is_empty(), "{opening} {count}");
                    }
                }
            }
        }
    }
}
