//! From text to commands: bash's grammar, as far as this shell runs it.
//!
//! One pass over the characters, no backtracking, nesting at most [`DEPTH_MAX`] deep: any text is parsed or refused in
//! time proportional to its length. Errors have bash's wording. What bash knows and this shell does not run
//! (`select`, `time`, arrays, descriptors above 2...) is refused by name.

use std::rc::Rc;

use super::ast::{AndOr, Command, Compound, Join, List, Pipeline, Redirect, Simple, Target, Word};
use super::redirect::Pending;

/// How deep commands, substitutions and quotes may nest.
pub(super) const DEPTH_MAX: usize = 24;

/// Operators, longest first.
const OPERATORS: &[&str] = &[
    "&>>", "<<<", "<<-", "&&", "||", ";;", "&>", "|&", "<<", ">>", "<&", ">&", ">|", "<>", "&",
    "|", ";", "<", ">", "(", ")", "\n",
];

/// Words that end a list in command position.
const CLOSING: &[&str] = &["then", "elif", "else", "fi", "do", "done", "esac", "}"];

/// Why a text is no command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ParseError {
    /// More lines could complete it; the message is for when there are none.
    Incomplete(String),
    /// No further text can mend it.
    Syntax(String),
}

impl ParseError {
    /// bash's sentence, without `bash: `.
    pub fn message(&self) -> &str {
        match self {
            Self::Incomplete(message) | Self::Syntax(message) => message,
        }
    }
}

pub(super) type Parsed<T> = Result<T, ParseError>;

/// Reads a text one complete command line after another, so that a script runs up to the line that is wrong.
#[derive(Debug)]
pub struct Parser {
    pub(super) text: Vec<char>,
    pub(super) at: usize,
    pub(super) depth: usize,
    pub(super) pending: Vec<Pending>,
    /// Whether more lines may follow; if not, an open here-document ends with the text, as in bash.
    pub(super) more: bool,
    /// Whether `{a,b}` stands for two words, as in bash and not in `sh`.
    pub(super) braces: bool,
}

pub(super) fn syntax<T>(message: impl Into<String>) -> Parsed<T> {
    Err(ParseError::Syntax(message.into()))
}

pub(super) fn unfinished<T>() -> Parsed<T> {
    Err(ParseError::Incomplete("syntax error: unexpected end of file".to_owned()))
}

impl Parser {
    /// A parser for a text; `more` tells whether further lines may be typed.
    pub fn new(text: &str, more: bool) -> Self {
        let mut text: Vec<char> = text.chars().filter(|c| *c != '\r').collect();
        if text.last().is_some_and(|last| *last != '\n') {
            text.push('\n');
        }
        Self { text, at: 0, depth: 0, pending: Vec::new(), more, braces: true }
    }

    /// A parser for a whole script of `sh`, where braces are letters like others.
    pub fn sh(text: &str) -> Self {
        Self { braces: false, ..Self::new(text, false) }
    }

    /// A parser for a text inside this one's text.
    pub(super) fn nested(&self, text: &str) -> Self {
        Self { depth: self.depth, braces: self.braces, ..Self::new(text, false) }
    }

    /// The commands of the next line that has any; `None` at the end.
    pub fn next_line(&mut self) -> Parsed<Option<List>> {
        self.line_breaks()?;
        if self.at >= self.text.len() {
            return Ok(None);
        }
        let mut list = List::new();
        loop {
            self.blanks();
            match self.operator() {
                None if self.at >= self.text.len() => break,
                Some("\n") => {
                    self.line_break()?;
                    break;
                }
                _ => {}
            }
            let (item, ended) = self.item()?;
            list.push(item);
            match self.operator() {
                _ if ended => {}
                Some(";") => self.take(";"),
                Some("\n") | None => {}
                Some(_) => return self.unexpected(),
            }
        }
        self.finish_here_documents()?;
        Ok(Some(list))
    }

    /// Runs `parse` one level deeper.
    pub(super) fn deeper<T>(&mut self, parse: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth >= DEPTH_MAX {
            return syntax(format!("syntax error: nested more than {DEPTH_MAX} levels deep"));
        }
        self.depth += 1;
        let parsed = parse(self);
        self.depth -= 1;
        parsed
    }

    /// Commands up to a word of `ends` or an operator of `ends` in command position, which is left standing.
    pub(super) fn list(&mut self, ends: &[&str]) -> Parsed<List> {
        self.deeper(|parser| {
            let mut list = List::new();
            loop {
                parser.line_breaks()?;
                if parser.at >= parser.text.len() {
                    return unfinished();
                }
                if parser.stands_at(ends) {
                    break;
                }
                let (item, ended) = parser.item()?;
                list.push(item);
                match parser.operator() {
                    _ if ended => {}
                    Some(";") => parser.take(";"),
                    Some("\n") => parser.line_break()?,
                    _ => {
                        parser.blanks();
                        if parser.at < parser.text.len() && !parser.stands_at(ends) {
                            return parser.unexpected();
                        }
                    }
                }
            }
            if list.is_empty() && ends != [";;", "esac"] && ends != [")"] {
                return parser.unexpected();
            }
            Ok(list)
        })
    }

    /// Pipelines up to a separator; true if that was a `&`, which is taken.
    fn item(&mut self) -> Parsed<(AndOr, bool)> {
        let start = self.at;
        let item = self.and_or()?;
        self.blanks();
        if self.operator() != Some("&") {
            return Ok((item, false));
        }
        let text: String = self.text[start..self.at].iter().collect();
        self.take("&");
        let command = Command::Background(Rc::new(item), text.trim().to_owned());
        let first = Pipeline { negated: false, commands: vec![command] };
        Ok((AndOr { first, rest: Vec::new() }, true))
    }

    fn and_or(&mut self) -> Parsed<AndOr> {
        let first = self.pipeline()?;
        let mut rest = Vec::new();
        loop {
            self.blanks();
            let join = match self.operator() {
                Some("&&") => Join::And,
                Some("||") => Join::Or,
                _ => return Ok(AndOr { first, rest }),
            };
            self.at += 2;
            self.line_breaks()?;
            rest.push((join, self.pipeline()?));
        }
    }

    fn pipeline(&mut self) -> Parsed<Pipeline> {
        self.blanks();
        let mut negated = false;
        while self.plain_word() == Some("!".to_owned()) {
            self.at += 1;
            negated = !negated;
            self.blanks();
        }
        let mut commands = vec![self.command()?];
        loop {
            self.blanks();
            let both = match self.operator() {
                Some("|") => false,
                Some("|&") => true,
                _ => return Ok(Pipeline { negated, commands }),
            };
            self.at += 1 + usize::from(both);
            if both {
                let redirect = Redirect { stream: 2, target: Target::Duplicate(1) };
                match commands.last_mut() {
                    Some(Command::Simple(simple)) => simple.redirects.push(redirect),
                    Some(Command::Compound(_, redirects)) => redirects.push(redirect),
                    _ => {}
                }
            }
            self.line_breaks()?;
            commands.push(self.command()?);
        }
    }

    fn command(&mut self) -> Parsed<Command> {
        self.blanks();
        if self.at >= self.text.len() {
            return unfinished();
        }
        if self.stands("((") {
            let text = self.doubled()?;
            let word = self.deeper(|parser| super::word::here_document(&text, parser))?;
            return self.with_redirects(Compound::Arithmetic(word));
        }
        if self.operator() == Some("(") {
            self.take("(");
            let list = self.list(&[")"])?;
            if list.is_empty() {
                return self.unexpected();
            }
            self.take(")");
            return self.with_redirects(Compound::Subshell(list));
        }
        let word = self.plain_word().unwrap_or_default();
        match word.as_str() {
            "{" => {
                self.skip_word(&word);
                let list = self.list(&["}"])?;
                self.take("}");
                self.with_redirects(Compound::Group(list))
            }
            "if" => self.if_command(),
            "while" | "until" => {
                self.skip_word(&word);
                let condition = self.list(&["do"])?;
                let body = self.do_group()?;
                self.with_redirects(Compound::While { until: word == "until", condition, body })
            }
            "for" => self.for_command(),
            "case" => self.case_command(),
            "[[" => self.test_command(),
            "function" => {
                self.skip_word(&word);
                self.blanks();
                let Some(name) = self.plain_word() else { return self.unexpected() };
                self.skip_word(&name);
                self.blanks();
                if self.operator() == Some("(") {
                    return self.function(name);
                }
                self.function_body(name)
            }
            "select" | "coproc" | "time" => {
                syntax(format!("`{word}' is not simulated in this shell"))
            }
            closing if CLOSING.contains(&closing) => self.unexpected(),
            _ => self.simple(),
        }
    }

    pub(super) fn with_redirects(&mut self, compound: Compound) -> Parsed<Command> {
        let mut redirects = Vec::new();
        loop {
            self.blanks();
            match self.redirect()? {
                Some(redirect) => redirects.push(redirect),
                None => return Ok(Command::Compound(compound, redirects)),
            }
        }
    }

    fn simple(&mut self) -> Parsed<Command> {
        let mut simple = Simple::default();
        loop {
            self.blanks();
            if let Some(redirect) = self.redirect()? {
                simple.redirects.push(redirect);
                continue;
            }
            match self.operator() {
                Some("(") => {
                    let [Word(pieces)] = simple.words.as_slice() else { return self.unexpected() };
                    let [super::ast::Piece::Text(name)] = pieces.as_slice() else {
                        return self.unexpected();
                    };
                    return self.function(name.clone());
                }
                Some("<") => simple.words.extend(self.words()?),
                Some(_) => break,
                None if self.at >= self.text.len() => break,
                None if simple.words.is_empty() => match self.assignment()? {
                    Some(assignment) => simple.assignments.push(assignment),
                    None => simple.words.extend(self.words()?),
                },
                None => simple.words.extend(self.words()?),
            }
        }
        if simple.words.is_empty() && simple.assignments.is_empty() && simple.redirects.is_empty() {
            return self.unexpected();
        }
        Ok(Command::Simple(simple))
    }

    fn function(&mut self, name: String) -> Parsed<Command> {
        self.take("(");
        self.expect(")")?;
        self.function_body(name)
    }

    fn function_body(&mut self, name: String) -> Parsed<Command> {
        self.line_breaks()?;
        let body = self.deeper(Self::command)?;
        match body {
            Command::Compound(..) => Ok(Command::Function(name, Rc::new(body))),
            Command::Simple(_) | Command::Function(..) | Command::Background(..) => {
                syntax(format!("`{name}': a function's body stands in braces"))
            }
        }
    }

    /// Skips blanks, escaped newlines and a comment.
    pub(super) fn blanks(&mut self) {
        while let Some(c) = self.text.get(self.at) {
            match c {
                ' ' | '\t' => self.at += 1,
                '\\' if self.text.get(self.at + 1) == Some(&'\n') => self.at += 2,
                '#' => {
                    while self.text.get(self.at).is_some_and(|c| *c != '\n') {
                        self.at += 1;
                    }
                }
                _ => break,
            }
        }
    }

    fn line_break(&mut self) -> Parsed<()> {
        self.take("\n");
        self.here_documents()
    }

    pub(super) fn line_breaks(&mut self) -> Parsed<()> {
        loop {
            self.blanks();
            if self.text.get(self.at) != Some(&'\n') {
                return Ok(());
            }
            self.line_break()?;
        }
    }

    /// The operator that stands here.
    pub(super) fn operator(&self) -> Option<&'static str> {
        let rest = self.text.get(self.at..)?;
        OPERATORS.iter().copied().find(|operator| {
            rest.len() >= operator.len() && operator.chars().zip(rest).all(|(a, b)| a == *b)
        })
    }

    pub(super) fn stands(&self, text: &str) -> bool {
        let mut rest = self.text.get(self.at..).unwrap_or_default().iter();
        text.chars().all(|c| rest.next() == Some(&c))
    }

    /// The word that stands here, if it has no quotes or expansions.
    pub(super) fn plain_word(&self) -> Option<String> {
        let mut word = String::new();
        for c in self.text.get(self.at..)? {
            match c {
                ' ' | '\t' | '\n' | ';' | '&' | '|' | '(' | ')' | '<' | '>' => break,
                '\\' | '\'' | '"' | '$' | '`' => return None,
                c => word.push(*c),
            }
        }
        (!word.is_empty()).then_some(word)
    }

    pub(super) fn stands_at(&self, ends: &[&str]) -> bool {
        let (operator, word) = (self.operator(), self.plain_word());
        ends.iter().any(|end| operator == Some(end) || word.as_deref() == Some(end))
    }

    pub(super) fn expect(&mut self, what: &str) -> Parsed<()> {
        self.blanks();
        if self.stands_at(&[what]) {
            self.take(what);
            Ok(())
        } else {
            self.unexpected()
        }
    }

    /// Steps over a text that is known to stand here.
    pub(super) fn take(&mut self, text: &str) {
        self.at += text.chars().count();
    }

    pub(super) fn skip_word(&mut self, word: &str) {
        self.take(word);
    }

    /// The refusal of what stands here.
    pub(super) fn unexpected<T>(&mut self) -> Parsed<T> {
        self.blanks();
        let token = match self.operator() {
            Some("\n") => "newline".to_owned(),
            Some(operator) => operator.to_owned(),
            None if self.at >= self.text.len() => return unfinished(),
            None => match self.plain_word() {
                Some(word) => word,
                None => self.text[self.at..].iter().take_while(|c| !c.is_whitespace()).collect(),
            },
        };
        syntax(format!("syntax error near unexpected token `{token}'"))
    }
}

/// Whether a text can be a variable's name.
pub fn is_name(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with(|c: char| c.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
