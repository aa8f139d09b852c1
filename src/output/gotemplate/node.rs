//! What a template is made of, and how errors show it. Models Go `text/template/parse/node.go`.

use std::fmt::{self, Write as _};

use super::lex::Kind;
use crate::manifest::parse_float;
use crate::output::jsonpath::unquote;
use crate::quote::quote;

/// A part of a template.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    Text(String),
    /// `{{pipeline}}`
    Action(Pipe),
    /// `{{if}}`, `{{range}}`, `{{with}}`
    Control(Control, Pipe, Vec<Self>, Vec<Self>),
    /// `{{template "name" pipeline}}`, and where it stands.
    Template(usize, String, Option<Pipe>),
    Break,
    Continue,
}

/// Which control structure.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Control {
    If,
    Range,
    With,
}

/// `$x := a | b | c`
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Pipe {
    pub(super) at: usize,
    /// `=` in place of `:=`.
    pub(super) assigns: bool,
    pub(super) variables: Vec<String>,
    /// The words of each command.
    pub(super) commands: Vec<Vec<Operand>>,
}

/// A word of a command.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Operand {
    /// Where errors say it is.
    pub(super) at: usize,
    pub(super) term: Term,
}

/// What it is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Term {
    Dot,
    Nil,
    Bool(bool),
    /// As it is written, and as it is read.
    Int(String, i64),
    Float(String, f64),
    String(String, String),
    /// A function's name.
    Identifier(String),
    /// `.a.b`
    Field(Vec<String>),
    /// `$x.a.b`
    Variable(String, Vec<String>),
    /// `(a | b)`
    Pipe(Pipe),
    /// `(a | b).c`, or a function's name with fields behind it
    Chain(Box<Operand>, Vec<String>),
}

impl fmt::Display for Pipe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.variables.is_empty() {
            f.write_str(&self.variables.join(", "))?;
            f.write_str(if self.assigns { " = " } else { " := " })?;
        }
        for (index, command) in self.commands.iter().enumerate() {
            f.write_str(if index > 0 { " | " } else { "" })?;
            f.write_str(&command_text(command))?;
        }
        Ok(())
    }
}

/// A command as errors show it.
pub(super) fn command_text(command: &[Operand]) -> String {
    let words: Vec<String> = command.iter().map(|operand| operand.term.to_string()).collect();
    words.join(" ")
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fields = match self {
            Self::Dot => return f.write_char('.'),
            Self::Nil => return f.write_str("nil"),
            Self::Bool(flag) => return write!(f, "{flag}"),
            Self::Int(text, _) | Self::Float(text, _) | Self::String(text, _) => {
                return f.write_str(text);
            }
            Self::Identifier(name) => return f.write_str(name),
            Self::Pipe(pipe) => return write!(f, "({pipe})"),
            Self::Field(fields) => fields,
            Self::Variable(name, fields) => {
                f.write_str(name)?;
                fields
            }
            Self::Chain(operand, fields) => {
                write!(f, "{}", operand.term)?;
                fields
            }
        };
        fields.iter().try_for_each(|field| write!(f, ".{field}"))
    }
}

/// A number or a character, read.
pub(super) fn number(text: &str, kind: Kind) -> Result<Term, String> {
    if kind == Kind::CharConstant {
        let letter = unquote(text, '\'');
        let mut letters = letter.as_deref().unwrap_or_default().chars();
        return match (letters.next(), letters.next()) {
            (Some(letter), None) => Ok(Term::Int(text.to_owned(), i64::from(u32::from(letter)))),
            _ => Err(format!("malformed character constant: {text}")),
        };
    }
    let plain = text.replace('_', "");
    let (sign, digits) = match plain.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", plain.strip_prefix('+').unwrap_or(&plain)),
    };
    let lower = digits.to_lowercase();
    let (radix, digits) = match lower.get(..2) {
        Some("0x") => (16, lower.get(2..).unwrap_or_default()),
        Some("0o") => (8, lower.get(2..).unwrap_or_default()),
        Some("0b") => (2, lower.get(2..).unwrap_or_default()),
        Some(start) if start.starts_with('0') && !lower.contains(['.', 'e']) => {
            (8, lower.get(1..).unwrap_or_default())
        }
        Some(_) | None => (10, lower.as_str()),
    };
    if let Ok(number) = i64::from_str_radix(&format!("{sign}{digits}"), radix) {
        return Ok(Term::Int(text.to_owned(), number));
    }
    match parse_float(&plain).filter(|_| radix == 10) {
        Some(float) if lower.contains(['.', 'e']) => Ok(Term::Float(text.to_owned(), float)),
        Some(_) => Err(format!("integer overflow: {}", quote(text))),
        None => Err(format!("illegal number syntax: {}", quote(text))),
    }
}
