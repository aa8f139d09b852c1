//! `sed`: a text edited line by line. Models GNU sed 4.9, without labels, branches and the hold space.

use regex_lite::Regex;

use super::regex::{Syntax, compile};
use super::tool::{Outcome, Spec, Tool, run, spec, text_of};
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

enum Address {
    Line(usize),
    Last,
    Step(usize, usize),
    Matches(Regex),
    /// `+N` lines after the first address.
    More(usize),
}

enum Act {
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
enum Part {
    Text(String),
    Group(usize),
}

struct Instruction {
    from: Option<Address>,
    to: Option<Address>,
    negated: bool,
    act: Act,
    /// Inside a range: the line at which it began.
    began: Option<usize>,
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
    let mut program = match parse(&script, syntax) {
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
                    to => hits(to),
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
                    out.push_str(found.get(*group).map_or("", |group| group.as_str()))
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

struct Reader {
    text: Vec<char>,
    at: usize,
    syntax: Syntax,
}

type Parsed<T> = Result<T, String>;

/// The program of a script; the error has its place.
fn parse(script: &str, syntax: Syntax) -> Result<Vec<Instruction>, (usize, String)> {
    let mut reader = Reader { text: script.chars().collect(), at: 0, syntax };
    let (mut program, mut open) = (Vec::new(), Vec::new());
    loop {
        reader.skip(|c| c.is_whitespace() || c == ';');
        if reader.at >= reader.text.len() {
            break;
        }
        let instruction = reader.instruction().map_err(|message| (reader.at, message))?;
        match instruction.act {
            Act::Group(_) => open.push(program.len()),
            Act::End => {
                let Some(start) = open.pop() else {
                    return Err((reader.at, "unexpected `}'".to_owned()));
                };
                let end = program.len() + 1;
                let group: &mut Instruction = &mut program[start];
                group.act = Act::Group(end);
            }
            _ => {}
        }
        program.push(instruction);
    }
    if open.is_empty() { Ok(program) } else { Err((0, "unmatched `{'".to_owned())) }
}

impl Reader {
    fn skip(&mut self, skip: impl Fn(char) -> bool) {
        while self.text.get(self.at).is_some_and(|c| skip(*c)) {
            self.at += 1;
        }
    }

    fn number(&mut self) -> Option<usize> {
        let start = self.at;
        self.skip(|c| c.is_ascii_digit());
        self.text[start..self.at].iter().collect::<String>().parse().ok()
    }

    fn next(&mut self) -> Option<char> {
        let next = self.text.get(self.at).copied();
        self.at += usize::from(next.is_some());
        next
    }

    /// Text up to an unescaped delimiter; an escaped one loses its backslash.
    fn delimited(&mut self, delimiter: char, problem: &str) -> Parsed<String> {
        let (mut text, mut in_bracket) = (String::new(), false);
        loop {
            match self.next().ok_or_else(|| problem.to_owned())? {
                '\\' => match self.next().ok_or_else(|| problem.to_owned())? {
                    c if c == delimiter => text.push(c),
                    c => text.extend(['\\', c]),
                },
                '[' => {
                    in_bracket = true;
                    text.push('[');
                }
                ']' => {
                    in_bracket = false;
                    text.push(']');
                }
                c if c == delimiter && !(in_bracket && self.text[self.at..].contains(&']')) => {
                    return Ok(text);
                }
                c => text.push(c),
            }
        }
    }

    fn address(&mut self) -> Parsed<Option<Address>> {
        let address = match self.text.get(self.at) {
            Some('0'..='9') => {
                let first = self.number().ok_or("invalid usage of line address 0")?;
                if self.text.get(self.at) == Some(&'~') {
                    self.at += 1;
                    Address::Step(first, self.number().unwrap_or(0))
                } else {
                    Address::Line(first)
                }
            }
            Some('$') => {
                self.at += 1;
                Address::Last
            }
            Some('+') => {
                self.at += 1;
                Address::More(self.number().ok_or("expected number after +")?)
            }
            Some(c @ ('/' | '\\')) => {
                self.at += 1;
                let delimiter =
                    if *c == '/' { '/' } else { self.next().ok_or("unexpected `,'")? };
                let pattern = self.delimited(delimiter, "unterminated address regex")?;
                let ignore_case = self.text.get(self.at) == Some(&'I');
                self.at += usize::from(ignore_case);
                Address::Matches(compile(&pattern, self.syntax, ignore_case)?)
            }
            _ => return Ok(None),
        };
        Ok(Some(address))
    }

    fn instruction(&mut self) -> Parsed<Instruction> {
        let from = self.address()?;
        self.skip(|c| c == ' ');
        let mut to = None;
        if from.is_some() && self.text.get(self.at) == Some(&',') {
            self.at += 1;
            self.skip(|c| c == ' ');
            to = Some(self.address()?.ok_or("unexpected `,'")?);
        }
        self.skip(|c| c == ' ');
        let mut negated = false;
        while self.text.get(self.at) == Some(&'!') {
            negated = true;
            self.at += 1;
            self.skip(|c| c == ' ');
        }
        let act = match self.next().ok_or("missing command")? {
            's' => self.substitution()?,
            'y' => self.translation()?,
            'p' => Act::Print,
            'd' => Act::Delete,
            'q' => Act::Quit,
            '=' => Act::Number,
            '{' => return Ok(Instruction { from, to, negated, act: Act::Group(0), began: None }),
            '}' => Act::End,
            'a' => Act::Append(self.rest()?),
            'i' => Act::Insert(self.rest()?),
            'c' => Act::Change(self.rest()?),
            other @ ('b' | 't' | 'T' | 'h' | 'H' | 'g' | 'G' | 'x' | 'n' | 'N' | 'D' | 'P'
            | ':' | 'r' | 'w' | 'l') => {
                return Err(format!("the command `{other}' is not simulated"));
            }
            other => return Err(format!("unknown command: `{other}'")),
        };
        self.skip(|c| c == ' ' || c == '\t');
        match self.text.get(self.at) {
            None | Some(';' | '\n' | '}') => {
                Ok(Instruction { from, to, negated, act, began: None })
            }
            Some('#') => {
                self.skip(|c| c != '\n');
                Ok(Instruction { from, to, negated, act, began: None })
            }
            Some(_) => {
                self.at += 1;
                Err("extra characters after command".to_owned())
            }
        }
    }

    fn substitution(&mut self) -> Parsed<Act> {
        let problem = "unterminated `s' command";
        let delimiter = self.next().ok_or(problem)?;
        let pattern = self.delimited(delimiter, problem)?;
        let with = self.replacement(delimiter)?;
        let (mut which, mut everywhere, mut print, mut ignore_case) = (1, false, false, false);
        while let Some(flag) = self.text.get(self.at) {
            match flag {
                'g' => everywhere = true,
                'p' => print = true,
                'i' | 'I' => ignore_case = true,
                '1'..='9' => {
                    which = self.number().unwrap_or(1);
                    continue;
                }
                ' ' | ';' | '\n' | '}' | '#' => break,
                _ => {
                    self.at += 1;
                    return Err("unknown option to `s'".to_owned());
                }
            }
            self.at += 1;
        }
        let regex = compile(&pattern, self.syntax, ignore_case)?;
        if let Some(group) = with.iter().find_map(|part| match part {
            Part::Group(group) if *group >= regex.captures_len() => Some(group),
            Part::Group(_) | Part::Text(_) => None,
        }) {
            return Err(format!("invalid reference \\{group} on `s' command's RHS"));
        }
        Ok(Act::Substitute { regex, with, which, everywhere, print })
    }

    fn replacement(&mut self, delimiter: char) -> Parsed<Vec<Part>> {
        let problem = "unterminated `s' command";
        let (mut parts, mut text) = (Vec::new(), String::new());
        loop {
            let group = match self.next().ok_or(problem)? {
                c if c == delimiter => {
                    parts.push(Part::Text(text));
                    return Ok(parts);
                }
                '&' => 0,
                '\\' => match self.next().ok_or(problem)? {
                    'n' => {
                        text.push('\n');
                        continue;
                    }
                    't' => {
                        text.push('\t');
                        continue;
                    }
                    digit @ '0'..='9' => digit.to_digit(10).map_or(0, |digit| digit as usize),
                    c => {
                        text.push(c);
                        continue;
                    }
                },
                c => {
                    text.push(c);
                    continue;
                }
            };
            parts.push(Part::Text(std::mem::take(&mut text)));
            parts.push(Part::Group(group));
        }
    }

    fn translation(&mut self) -> Parsed<Act> {
        let problem = "unterminated `y' command";
        let delimiter = self.next().ok_or(problem)?;
        let from: Vec<char> = self.delimited(delimiter, problem)?.chars().collect();
        let to: Vec<char> = self.delimited(delimiter, problem)?.chars().collect();
        if from.len() == to.len() {
            Ok(Act::Translate(from, to))
        } else {
            Err("strings for `y' command are different lengths".to_owned())
        }
    }

    /// The text of `a`, `i` and `c`: the rest of the line.
    fn rest(&mut self) -> Parsed<String> {
        self.skip(|c| c == ' ' || c == '\t');
        if self.text[self.at..].starts_with(&['\\', '\n']) {
            self.at += 2;
        } else if self.text.get(self.at) == Some(&'\\') {
            self.at += 1;
        }
        let start = self.at;
        self.skip(|c| c != '\n');
        if start == self.at {
            return Err("expected \\ after `a', `c' or `i'".to_owned());
        }
        let text: String = self.text[start..self.at].iter().collect();
        Ok(text + "\n")
    }
}
