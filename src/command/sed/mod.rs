//! `sed`: a text edited line by line. Models GNU sed 4.9, without labels, branches and the hold space.

mod parse;

use regex_lite::Regex;

use super::tool::{Outcome, Spec, Tool, run, spec, text_of};
use crate::bash::regex::Syntax;
use crate::shell::{BrokenPipe, Command};

static SPEC: Spec = spec(
    "sed",
    "Usage: sed [OPTION]... {script} [FILE]...\n\n  -n              print only what the script prints\n  -e SCRIPT       add a script\n  -E, -r          extended regular expressions\n  -i[SUFFIX]      edit files in place\n  -s              treat files apart\n",
    "ne:Eri?s",
    &[
        ("quiet", 'n'),
        ("silent", 'n'),
        ("expression", 'e'),
        ("regexp-extended", 'E'),
        ("in-place", 'i'),
    ],
);

/// `sed`
pub(super) static SED: Command = Command {
    name: "sed",
    summary: "edit text line by line",
    run: |invocation| run(&SPEC, invocation, sed),
    complete: |_, _| Vec::new(),
};

pub(super) enum Address {
    Line(usize),
    Last,
    Step(usize, usize),
    Matches(Regex),
    /// `+N` lines after the first address.
    More(usize),
}

pub(super) enum Act {
    Substitute {
        regex: Regex,
        with: Vec<Part>,
        which: usize,
        everywhere: bool,
        print: bool,
    },
    Print,
    Delete,
    Quit,
    Number,
    Translate(Vec<char>, Vec<char>),
    Append(String),
    Insert(String),
    Change(String),
    /// `{`: where it is not selected, go on behind this index.
    Group(usize),
    /// `}`
    End,
}

/// A piece of a replacement.
pub(super) enum Part {
    Text(String),
    Group(usize),
}

pub(super) struct Instruction {
    pub(super) from: Option<Address>,
    pub(super) to: Option<Address>,
    pub(super) negated: bool,
    pub(super) act: Act,
    /// Inside a range: the line at which it began.
    pub(super) began: Option<usize>,
}

async fn sed(mut tool: Tool) -> Outcome {
    let mut script: Vec<String> = tool.values('e').map(str::to_owned).collect();
    if script.is_empty() {
        if tool.operands.is_empty() {
            tool.invocation.stderr.write(SPEC.usage)?;
            return Ok(1);
        }
        script.push(tool.operands.remove(0));
    }
    let syntax = if tool.has('E') || tool.has('r') { Syntax::Extended } else { Syntax::Basic };
    let script = script.join("\n");
    let mut program = match parse::parse(&script, syntax) {
        Ok(program) => program,
        Err((at, message)) => {
            tool.complain(format_args!("-e expression #1, char {at}: {message}"));
            return Ok(1);
        }
    };
    if tool.has('i') {
        return in_place(&tool, &mut program);
    }
    stream(&tool, &mut program).await
}

async fn stream(tool: &Tool, program: &mut [Instruction]) -> Outcome {
    let (mut code, mut number, mut ahead) = (0, 0, None);
    for name in tool.inputs() {
        let input = match tool.open(&name) {
            Ok(input) => input,
            Err(error) => {
                tool.complain(format_args!("can't read {name}: {error}"));
                code = 2;
                continue;
            }
        };
        // One line is held back, so that `$` is known.
        while let Some(line) = input.read_line().await {
            if let Some(line) = ahead.replace(line) {
                number += 1;
                if edit(tool, program, &line, number, false, &mut |text| tool.print(text))? {
                    return Ok(code);
                }
            }
        }
    }
    if let Some(line) = ahead {
        edit(tool, program, &line, number + 1, true, &mut |text| tool.print(text))?;
    }
    Ok(code)
}

fn in_place(tool: &Tool, program: &mut [Instruction]) -> Outcome {
    let mut code = 0;
    if tool.operands.is_empty() {
        tool.complain("no input files");
        return Ok(1);
    }
    for name in &tool.operands {
        let bytes = match tool.read(name) {
            Ok(bytes) => bytes,
            Err(crate::shell::FileError::IsFolder) => {
                tool.complain(format_args!("couldn't edit {name}: not a regular file"));
                code = 4;
                continue;
            }
            Err(error) => {
                tool.complain(format_args!("can't read {name}: {error}"));
                code = 2;
                continue;
            }
        };
        let lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
        let mut out = String::new();
        for (index, line) in lines.iter().enumerate() {
            let last = index + 1 == lines.len();
            let quit = edit(tool, program, line, index + 1, last, &mut |text| {
                out.push_str(text);
                Ok(())
            })?;
            if quit {
                out.extend(lines[index + 1..].iter().map(|line| String::from_utf8_lossy(line)));
                break;
            }
        }
        let (path, now) = (tool.path(name), tool.invocation.sandbox.now());
        let suffix = tool.value('i').unwrap_or_default();
        let written = tool.invocation.sandbox.files_mut(|files| {
            if !suffix.is_empty() {
                files.write(&format!("{path}{suffix}"), bytes.to_vec(), now)?;
            }
            files.write(&path, out.into_bytes(), now)
        });
        if let Err(error) = written {
            tool.complain(format_args!("couldn't write {name}: {error}"));
            code = 4;
        }
    }
    Ok(code)
}

/// Runs the program over one line; true if it quits.
fn edit(
    tool: &Tool,
    program: &mut [Instruction],
    line: &[u8],
    number: usize,
    last: bool,
    out: &mut dyn FnMut(&str) -> Result<(), BrokenPipe>,
) -> Result<bool, BrokenPipe> {
    let newline = if line.ends_with(b"\n") || !last { "\n" } else { "" };
    let mut text = text_of(line);
    let (mut at, mut quit, mut deleted, mut after) = (0, false, false, String::new());
    while at < program.len() && !quit && !deleted {
        let selected = selects(&mut program[at], &text, number, last);
        let instruction = &program[at];
        at += 1;
        if !selected {
            if let Act::Group(end) = instruction.act {
                at = end;
            }
            continue;
        }
        match &instruction.act {
            Act::Substitute { regex, with, which, everywhere, print } => {
                if let Some(changed) = substitute(&text, regex, with, *which, *everywhere) {
                    text = changed;
                    if *print {
                        out(&format!("{text}{newline}"))?;
                    }
                }
            }
            Act::Print => out(&format!("{text}{newline}"))?,
            Act::Delete => deleted = true,
            Act::Quit => quit = true,
            Act::Number => out(&format!("{number}\n"))?,
            Act::Translate(from, to) => {
                text = text
                    .chars()
                    .map(|c| from.iter().position(|f| *f == c).map_or(c, |at| to[at]))
                    .collect();
            }
            Act::Append(more) => after.push_str(more),
            Act::Insert(more) => out(more)?,
            Act::Change(with) => {
                deleted = true;
                if instruction.to.is_none() || instruction.began.is_none() {
                    out(with)?;
                }
            }
            Act::Group(_) | Act::End => {}
        }
    }
    if !deleted && !tool.has('n') {
        out(&format!("{text}{newline}"))?;
    }
    out(&after)?;
    Ok(quit)
}

fn selects(instruction: &mut Instruction, text: &str, number: usize, last: bool) -> bool {
    let hits = |address: &Address| match address {
        Address::Line(line) => *line == number,
        Address::Last => last,
        Address::Step(first, step) => {
            number >= *first && (number - first).checked_rem(*step).unwrap_or(number - first) == 0
        }
        Address::Matches(regex) => regex.is_match(text),
        Address::More(_) => false,
    };
    let selected = match (&instruction.from, &instruction.to) {
        (None, _) => true,
        (Some(from), None) => hits(from),
        (Some(from), Some(to)) => match instruction.began {
            Some(began) => {
                let ends = match to {
                    Address::More(lines) => number >= began + lines,
                    Address::Line(line) => number >= *line,
                    Address::Last | Address::Step(..) | Address::Matches(_) => hits(to),
                };
                if ends {
                    instruction.began = None;
                }
                true
            }
            None if hits(from) => {
                let over = match to {
                    Address::Line(line) => *line <= number,
                    Address::More(lines) => *lines == 0,
                    Address::Last => last,
                    Address::Matches(_) | Address::Step(..) => false,
                };
                instruction.began = (!over).then_some(number);
                true
            }
            None => false,
        },
    };
    selected != instruction.negated
}

fn substitute(
    text: &str,
    regex: &Regex,
    with: &[Part],
    which: usize,
    everywhere: bool,
) -> Option<String> {
    let (mut out, mut end, mut changed) = (String::new(), 0, false);
    for (index, found) in regex.captures_iter(text).enumerate() {
        if index + 1 < which {
            continue;
        }
        let whole = found.get(0)?;
        out.push_str(text.get(end..whole.start())?);
        for part in with {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Group(group) => {
                    out.push_str(found.get(*group).map_or("", |group| group.as_str()));
                }
            }
        }
        end = whole.end();
        changed = true;
        if !everywhere {
            break;
        }
    }
    out.push_str(text.get(end..)?);
    changed.then_some(out)
}
