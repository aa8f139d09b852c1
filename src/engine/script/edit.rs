//! Tools in containers that edit texts: `sed`, `awk`, `base64`, `xargs`, `basename`, `dirname`.
//!
//! `sed` and `awk` are those of the user's shell ([`crate::text`]). *Differs:* other flags are passed over; `xargs` runs
//! its commands as a script of their own, so it stands last in a pipe.

use std::sync::Arc;

use super::tools::{Outcome, Then};
use super::{Surroundings, Variables, compile, files, nest};
use crate::bash::regex::Syntax;
use crate::engine::Stream;
use crate::manifest::base64 as code;
use crate::text::{awk as language, sed as editor};

/// The most commands that one `xargs` runs.
const COMMANDS_MAX: usize = 200;

/// Flags with their values, flags without, and what is left.
#[derive(Default)]
struct Line<'a> {
    values: Vec<(char, &'a str)>,
    flags: String,
    operands: Vec<&'a str>,
}

impl<'a> Line<'a> {
    /// Reads words; `with` are the flags that have values. With `first`, what follows the first operand is no flag.
    fn read(args: &'a [String], with: &str, first: bool) -> Self {
        let mut line = Self::default();
        let mut rest = args.iter().map(String::as_str);
        while let Some(arg) = rest.next() {
            let flags = arg.strip_prefix('-').filter(|flags| !flags.is_empty());
            let Some(flags) = flags.filter(|_| !first || line.operands.is_empty()) else {
                line.operands.push(arg);
                continue;
            };
            for (at, flag) in flags.char_indices() {
                if with.contains(flag) {
                    let own = flags.get(at + flag.len_utf8()..).filter(|own| !own.is_empty());
                    line.values.push((flag, own.or_else(|| rest.next()).unwrap_or_default()));
                    break;
                }
                line.flags.push(flag);
            }
        }
        line
    }

    fn value(&self, flag: char) -> Option<&'a str> {
        self.values.iter().rev().find(|(own, _)| *own == flag).map(|(_, value)| *value)
    }
}

/// The texts of files, or of standard input if none is named; what is missing is told.
fn gathered(
    tool: &str,
    names: &[&str],
    input: &str,
    variables: &Variables,
    around: &Surroundings<'_>,
    outcome: &mut Outcome,
) -> String {
    if names.is_empty() {
        return input.to_owned();
    }
    let mut text = String::new();
    for name in names {
        match around.read(&files::resolve(variables, name)) {
            _ if *name == "-" => text.push_str(input),
            Some(content) => text.push_str(&content),
            None => {
                let message = format!("{tool}: {name}: No such file or directory\n");
                outcome.output.push((Stream::Stderr, message));
                outcome.then = Then::Ended(1);
            }
        }
    }
    text
}

/// `sed`
pub(super) fn sed(
    args: &[String],
    input: &str,
    variables: &Variables,
    around: &mut Surroundings<'_>,
) -> Outcome {
    let mut line = Line::read(args, "e", false);
    let scripts = line.values.iter().map(|(_, script)| *script);
    let mut script = scripts.collect::<Vec<_>>().join("\n");
    if script.is_empty() && !line.operands.is_empty() {
        line.operands.remove(0).clone_into(&mut script);
    }
    let extended = line.flags.contains(['E', 'r']);
    let syntax = if extended { Syntax::Extended } else { Syntax::Basic };
    let quiet = line.flags.contains('n');
    let parse = || {
        let failed = |(_, message)| Outcome::failed(1, format!("sed: {message}\n"));
        editor::parse(&script, syntax).map_err(failed)
    };
    let mut outcome = Outcome::ended(0);
    if !line.flags.contains('i') {
        let text = gathered("sed", &line.operands, input, variables, around, &mut outcome);
        match parse() {
            Ok(mut program) => {
                let (out, _) = editor::edit_all(&mut program, quiet, text.as_bytes());
                outcome.output.push((Stream::Stdout, out));
            }
            Err(failed) => return failed,
        }
        return outcome;
    }
    for name in &line.operands {
        let text = gathered("sed", &[*name], input, variables, around, &mut outcome);
        let mut program = match parse() {
            Ok(program) => program,
            Err(failed) => return failed,
        };
        if !text.is_empty() {
            let (out, rest) = editor::edit_all(&mut program, quiet, text.as_bytes());
            let path = files::resolve(variables, name);
            around.files.insert(path, Arc::from(out + &String::from_utf8_lossy(rest)));
        }
    }
    outcome
}

/// `awk`
pub(super) fn awk(
    args: &[String],
    input: &str,
    variables: &Variables,
    around: &Surroundings<'_>,
) -> Outcome {
    let line = Line::read(args, "Fv", true);
    let Some((program, names)) = line.operands.split_first() else {
        return Outcome::failed(1, "awk: no program\n".to_owned());
    };
    let mut machine = match language::parse(program) {
        Ok(items) => language::Machine::new(items),
        Err(message) => return Outcome::failed(1, format!("awk: cmd. line:1: {message}\n")),
    };
    for (flag, value) in &line.values {
        if *flag == 'F' {
            machine.separate_by(value);
        } else {
            machine.set(value);
        }
    }
    let mut outcome = Outcome::ended(0);
    let text = gathered("awk", names, input, variables, around, &mut outcome);
    let ended = machine.over(&text);
    outcome.output.push((Stream::Stdout, machine.out));
    if let Err(message) = ended {
        outcome.output.push((Stream::Stderr, format!("awk: cmd. line:1: {message}\n")));
        outcome.then = Then::Ended(2);
    } else if machine.code != 0 {
        outcome.then = Then::Ended(machine.code);
    }
    outcome
}

/// `base64`
pub(super) fn base64(
    args: &[String],
    input: &str,
    variables: &Variables,
    around: &Surroundings<'_>,
) -> Outcome {
    let line = Line::read(args, "w", false);
    let mut outcome = Outcome::ended(0);
    let text = gathered("base64", &line.operands, input, variables, around, &mut outcome);
    if line.flags.contains(['d', 'D']) {
        let text: String = text.chars().filter(|letter| !letter.is_whitespace()).collect();
        match code::decode(&text) {
            Ok(bytes) => {
                let text = String::from_utf8_lossy(&bytes).into_owned();
                outcome.output.push((Stream::Stdout, text));
            }
            Err(_) => return Outcome::failed(1, "base64: truncated input\n".to_owned()),
        }
        return outcome;
    }
    let width = line.value('w').map_or(Some(76), |width| width.parse::<usize>().ok());
    let mut out = String::new();
    for (index, letter) in code::encode(text.as_bytes()).chars().enumerate() {
        if width.is_some_and(|width| width > 0 && index > 0 && index % width == 0) {
            out.push('\n');
        }
        out.push(letter);
    }
    if width != Some(0) {
        out.push('\n');
    }
    outcome.output.push((Stream::Stdout, out));
    outcome
}

/// `xargs`: its commands become a script.
pub(super) fn xargs(args: &[String], input: &str) -> Outcome {
    let line = Line::read(args, "nIP", true);
    let mut command: Vec<String> = line.operands.iter().map(|word| (*word).to_owned()).collect();
    if command.is_empty() {
        command.push("echo".to_owned());
    }
    let runs: Vec<Vec<String>> = if let Some(mark) = line.value('I') {
        let lines = input.lines().map(str::trim).filter(|line| !line.is_empty());
        let filled = |line: &str| command.iter().map(|word| word.replace(mark, line)).collect();
        lines.map(filled).collect()
    } else {
        let words: Vec<String> = input.split_whitespace().map(str::to_owned).collect();
        let size = line.value('n').and_then(|size| size.parse().ok()).unwrap_or(words.len());
        let with = |some: &[String]| command.iter().chain(some).cloned().collect();
        match words.as_slice() {
            [] if line.flags.contains('r') => Vec::new(),
            [] => vec![command.clone()],
            words => words.chunks(size.max(1)).map(with).collect(),
        }
    };
    let script: Vec<String> = runs.iter().take(COMMANDS_MAX).map(|run| nest::quoted(run)).collect();
    match compile(&script.join("\n")) {
        Ok(ops) => Outcome { output: Vec::new(), then: Then::Enter(ops, String::new()) },
        Err(error) => Outcome::failed(1, format!("xargs: {error}\n")),
    }
}

/// `basename PATH [SUFFIX]`, `dirname PATH`
pub(super) fn part_of(name: &str, args: &[String]) -> Outcome {
    let Some(path) = args.first() else {
        return Outcome::failed(1, format!("{name}: missing operand\n"));
    };
    let trimmed = path.trim_end_matches('/');
    let (folder, file) = trimmed.rsplit_once('/').unwrap_or((".", trimmed));
    let part = match (name, args.get(1)) {
        ("dirname", _) if folder.is_empty() => "/",
        ("dirname", _) => folder,
        (_, Some(suffix)) if file != suffix => file.strip_suffix(suffix.as_str()).unwrap_or(file),
        _ => file,
    };
    Outcome::printed(format!("{part}\n"))
}
