//! sed's language: a text edited line by line. Models GNU sed 4.9, without labels, branches and the hold space.

mod parse;

use regex_lite::Regex;

pub(crate) use self::parse::parse;
use super::line_of;

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

pub(crate) struct Instruction {
    pub(super) from: Option<Address>,
    pub(super) to: Option<Address>,
    pub(super) negated: bool,
    pub(super) act: Act,
    /// Inside a range: the line at which it began.
    pub(super) began: Option<usize>,
}

/// Runs the program over a whole text; beside what comes of it stands what follows the line at which it quits.
pub(crate) fn edit_all<'a>(
    program: &mut [Instruction],
    silent: bool,
    text: &'a [u8],
) -> (String, &'a [u8]) {
    let (mut out, mut rest, mut number) = (String::new(), text, 0);
    while !rest.is_empty() {
        let end = rest.iter().position(|byte| *byte == b'\n').map_or(rest.len(), |at| at + 1);
        let (line, after) = rest.split_at(end);
        (rest, number) = (after, number + 1);
        if edit(program, silent, line, (number, rest.is_empty()), &mut out) {
            break;
        }
    }
    (out, rest)
}

/// Runs the program over a line, of which the place says the number and whether it is the last; true if it quits.
pub(crate) fn edit(
    program: &mut [Instruction],
    silent: bool,
    line: &[u8],
    place: (usize, bool),
    out: &mut String,
) -> bool {
    let (number, last) = place;
    let newline = if line.ends_with(b"\n") || !last { "\n" } else { "" };
    let mut text = line_of(line);
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
                        out.extend([&*text, newline]);
                    }
                }
            }
            Act::Print => out.extend([&*text, newline]),
            Act::Delete => deleted = true,
            Act::Quit => quit = true,
            Act::Number => out.extend([&*number.to_string(), "\n"]),
            Act::Translate(from, to) => {
                text = text
                    .chars()
                    .map(|c| from.iter().position(|f| *f == c).map_or(c, |at| to[at]))
                    .collect();
            }
            Act::Append(more) => after.push_str(more),
            Act::Insert(more) => out.push_str(more),
            Act::Change(with) => {
                deleted = true;
                if instruction.to.is_none() || instruction.began.is_none() {
                    out.push_str(with);
                }
            }
            Act::Group(_) | Act::End => {}
        }
    }
    if !deleted && !silent {
        out.extend([&*text, newline]);
    }
    out.push_str(&after);
    quit
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
