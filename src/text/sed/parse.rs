//! From sed's script to instructions.

use regex_lite::Regex;

use super::{Act, Address, Instruction, Part};
use crate::bash::regex::{Syntax, compile};

struct Reader {
    text: Vec<char>,
    at: usize,
    syntax: Syntax,
    /// The expression that an empty one stands for. *Differs:* the one before it in the script, not the one last used.
    before: Option<Regex>,
}

type Parsed<T> = Result<T, String>;

/// The program of a script; the error has its place.
pub(crate) fn parse(script: &str, syntax: Syntax) -> Result<Vec<Instruction>, (usize, String)> {
    let mut reader = Reader { text: script.chars().collect(), at: 0, syntax, before: None };
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
            Act::Substitute { .. }
            | Act::Print
            | Act::Delete
            | Act::Quit
            | Act::Number
            | Act::Translate(..)
            | Act::Append(_)
            | Act::Insert(_)
            | Act::Change(_) => {}
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
                Address::Matches(self.expression(&pattern, ignore_case)?)
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
        let regex = self.expression(&pattern, ignore_case)?;
        if let Some(group) = with.iter().find_map(|part| match part {
            Part::Group(group) if *group >= regex.captures_len() => Some(group),
            Part::Group(_) | Part::Text(_) => None,
        }) {
            return Err(format!("invalid reference \\{group} on `s' command's RHS"));
        }
        Ok(Act::Substitute { regex, with, which, everywhere, print })
    }

    fn expression(&mut self, pattern: &str, ignore_case: bool) -> Parsed<Regex> {
        if !pattern.is_empty() {
            self.before = Some(compile(pattern, self.syntax, ignore_case)?);
        } else if self.before.is_none() {
            // GNU sed tells no place.
            self.at = 0;
        }
        self.before.clone().ok_or_else(|| "no previous regular expression".to_owned())
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
