//! A template's text to words. Models Go `text/template/parse/lex.go`.

use crate::quote::{is_print, quote};

/// What a word is.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Error,
    Bool,
    /// Punctuation without a meaning of its own: `,`.
    Char,
    CharConstant,
    Assign,
    Declare,
    Eof,
    Field,
    Identifier,
    LeftDelim,
    LeftParen,
    Number,
    Pipe,
    /// In backquotes.
    RawString,
    RightDelim,
    RightParen,
    Space,
    String,
    Text,
    Variable,
    Dot,
    /// `range`, `if`, `nil` and the like.
    Keyword,
}

/// One word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) kind: Kind,
    /// Its first byte in the text.
    pub(super) at: usize,
    /// Its line, from 1.
    pub(super) line: usize,
    /// As it is written; what is wrong, for an error.
    pub(super) text: String,
}

impl Item {
    /// Whether it is this keyword.
    pub(super) fn is(&self, keyword: &str) -> bool {
        self.kind == Kind::Keyword && self.text == keyword
    }

    /// As errors name it.
    pub(super) fn shown(&self) -> String {
        match self.kind {
            Kind::Eof => "EOF".to_owned(),
            Kind::Error => self.text.clone(),
            Kind::Keyword | Kind::Dot => format!("<{}>", self.text),
            _ if self.text.len() > 10 => {
                let start: String = self.text.chars().take(10).collect();
                format!("{}...", quote(&start))
            }
            _ => quote(&self.text),
        }
    }
}

const KEYWORDS: [&str; 11] = [
    "block", "break", "continue", "define", "else", "end", "if", "nil", "range", "template", "with",
];

/// All words; an error ends them.
pub(super) fn lex(text: &str) -> Vec<Item> {
    let mut lexer = Lexer { text, at: 0, start: 0, line: 1, parens: 0, items: Vec::new() };
    if let Err(problem) = lexer.run() {
        let item = Item { kind: Kind::Error, at: lexer.start, line: lexer.line, text: problem };
        lexer.items.push(item);
    }
    let eof = Item { kind: Kind::Eof, at: lexer.at, line: lexer.line, text: "EOF".to_owned() };
    lexer.items.push(eof);
    lexer.items
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    /// Where the word begins that is being read.
    start: usize,
    /// The line of `start`.
    line: usize,
    parens: usize,
    items: Vec<Item>,
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let letter = self.peek()?;
        self.at += letter.len_utf8();
        Some(letter)
    }

    fn word(&self) -> &'a str {
        self.text.get(self.start..self.at).unwrap_or_default()
    }

    fn ignore(&mut self) {
        self.line += self.word().matches('\n').count();
        self.start = self.at;
    }

    fn emit(&mut self, kind: Kind) {
        let text = self.word().to_owned();
        self.items.push(Item { kind, at: self.start, line: self.line, text });
        self.ignore();
    }

    fn take_while(&mut self, wanted: impl Fn(char) -> bool) {
        while self.peek().is_some_and(&wanted) {
            self.next();
        }
    }

    fn accept(&mut self, wanted: &str) -> bool {
        let found = self.peek().is_some_and(|letter| wanted.contains(letter));
        if found {
            self.next();
        }
        found
    }

    fn run(&mut self) -> Result<(), String> {
        while let Some(length) = self.rest().find("{{") {
            self.left_delim(length)?;
        }
        self.at = self.text.len();
        if self.at > self.start {
            self.emit(Kind::Text);
        }
        Ok(())
    }

    /// The text before an action, the action's start, and all of the action.
    fn left_delim(&mut self, length: usize) -> Result<(), String> {
        let (before, after) = self.rest().split_at_checked(length).unwrap_or_default();
        let inside = after.get(2..).unwrap_or_default();
        let trims = has_left_marker(inside);
        let kept = if trims { before.trim_end_matches(is_space).len() } else { length };
        self.at += kept;
        if kept > 0 {
            self.emit(Kind::Text);
        }
        self.at += length - kept;
        self.ignore();
        let marker = if trims { 2 } else { 0 };
        self.at += 2;
        if inside.get(marker..).is_some_and(|rest| rest.starts_with("/*")) {
            self.at += marker;
            return self.comment();
        }
        self.emit(Kind::LeftDelim);
        self.at += marker;
        self.ignore();
        self.parens = 0;
        while self.inside()? {}
        Ok(())
    }

    fn comment(&mut self) -> Result<(), String> {
        let end = self.rest().find("*/").ok_or("unclosed comment")?;
        self.at += end + 2;
        let (marked, closed) = self.right_delim();
        if !closed {
            return Err("comment ends before closing delimiter".to_owned());
        }
        self.at += if marked { 4 } else { 2 };
        if marked {
            self.take_while(is_space);
        }
        self.ignore();
        Ok(())
    }

    /// Whether the action ends here: with ` -` before the braces, and at all.
    fn right_delim(&self) -> (bool, bool) {
        let rest = self.rest();
        let marked =
            rest.starts_with(is_space) && rest.get(1..).is_some_and(|rest| rest.starts_with("-}}"));
        (marked, marked || rest.starts_with("}}"))
    }

    /// One word inside an action; false after its end.
    fn inside(&mut self) -> Result<bool, String> {
        let (marked, closed) = self.right_delim();
        if closed {
            if self.parens > 0 {
                return Err("unclosed left paren".to_owned());
            }
            if marked {
                self.at += 2;
                self.ignore();
            }
            self.at += 2;
            self.emit(Kind::RightDelim);
            if marked {
                self.take_while(is_space);
                self.ignore();
            }
            return Ok(false);
        }
        let Some(letter) = self.next() else { return Err("unclosed action".to_owned()) };
        match letter {
            _ if is_space(letter) => self.space(),
            '=' => self.emit(Kind::Assign),
            ':' if self.accept("=") => self.emit(Kind::Declare),
            ':' => return Err("expected :=".to_owned()),
            '|' => self.emit(Kind::Pipe),
            '"' => self.quoted('"', "unterminated quoted string", Kind::String)?,
            '`' => self.raw()?,
            '\'' => self.quoted('\'', "unterminated character constant", Kind::CharConstant)?,
            '$' => self.name(Kind::Variable)?,
            '.' if !self.peek().is_some_and(|letter| letter.is_ascii_digit()) => {
                self.name(Kind::Field)?;
            }
            '.' | '+' | '-' | '0'..='9' => {
                self.at = self.start;
                self.number()?;
            }
            _ if is_alphanumeric(letter) => self.identifier()?,
            '(' => {
                self.emit(Kind::LeftParen);
                self.parens += 1;
            }
            ')' => {
                self.parens = self.parens.checked_sub(1).ok_or("unexpected right paren")?;
                self.emit(Kind::RightParen);
            }
            ' '..='~' => self.emit(Kind::Char),
            _ => {
                return Err(format!("unrecognized character in action: {}", code_point(letter)));
            }
        }
        Ok(true)
    }

    /// Spaces, but for one that belongs to ` -}}`.
    fn space(&mut self) {
        self.at = self.start;
        while self.peek().is_some_and(is_space) && !self.right_delim().1 {
            self.next();
        }
        if self.at > self.start {
            self.emit(Kind::Space);
        }
    }

    fn identifier(&mut self) -> Result<(), String> {
        self.take_while(is_alphanumeric);
        self.terminated()?;
        let kind = match self.word() {
            "true" | "false" => Kind::Bool,
            word if KEYWORDS.contains(&word) => Kind::Keyword,
            _ => Kind::Identifier,
        };
        self.emit(kind);
        Ok(())
    }

    /// What follows a dot or a dollar sign.
    fn name(&mut self, kind: Kind) -> Result<(), String> {
        if self.at_terminator() {
            self.emit(if kind == Kind::Field { Kind::Dot } else { kind });
            return Ok(());
        }
        self.take_while(is_alphanumeric);
        self.terminated()?;
        self.emit(kind);
        Ok(())
    }

    fn terminated(&self) -> Result<(), String> {
        match self.peek() {
            Some(letter) if !self.at_terminator() => {
                Err(format!("bad character {}", code_point(letter)))
            }
            Some(_) | None => Ok(()),
        }
    }

    fn at_terminator(&self) -> bool {
        let ends = |letter| is_space(letter) || matches!(letter, '.' | ',' | '|' | ':' | ')' | '(');
        self.peek().is_none_or(ends) || self.rest().starts_with("}}")
    }

    fn quoted(&mut self, quote: char, problem: &str, kind: Kind) -> Result<(), String> {
        loop {
            let letter = match self.next() {
                Some('\\') => self.next().filter(|letter| *letter != '\n').map(|_| '\\'),
                other => other.filter(|letter| *letter != '\n'),
            };
            match letter {
                None => return Err(problem.to_owned()),
                Some(letter) if letter == quote => break,
                Some(_) => {}
            }
        }
        self.emit(kind);
        Ok(())
    }

    fn raw(&mut self) -> Result<(), String> {
        let end = self.rest().find('`').ok_or("unterminated raw quoted string")?;
        self.at += end + 1;
        self.emit(Kind::RawString);
        Ok(())
    }

    fn number(&mut self) -> Result<(), String> {
        self.accept("+-");
        let mut radix = 10;
        if self.accept("0") {
            radix = match () {
                () if self.accept("xX") => 16,
                () if self.accept("oO") => 8,
                () if self.accept("bB") => 2,
                () => 10,
            };
        }
        let digit = |letter: char| letter == '_' || letter.is_digit(radix);
        self.take_while(digit);
        if self.accept(".") {
            self.take_while(digit);
        }
        if radix == 10 && self.accept("eE") || radix == 16 && self.accept("pP") {
            self.accept("+-");
            self.take_while(|letter| letter == '_' || letter.is_ascii_digit());
        }
        if self.peek().is_some_and(is_alphanumeric) {
            self.next();
            return Err(format!("bad number syntax: {}", quote(self.word())));
        }
        self.emit(Kind::Number);
        Ok(())
    }
}

/// `- ` after the opening braces.
fn has_left_marker(inside: &str) -> bool {
    inside.strip_prefix('-').is_some_and(|rest| rest.starts_with(is_space))
}

fn is_space(letter: char) -> bool {
    matches!(letter, ' ' | '\t' | '\r' | '\n')
}

fn is_alphanumeric(letter: char) -> bool {
    letter == '_' || letter.is_alphanumeric()
}

/// `U+0025 '%'`.
fn code_point(letter: char) -> String {
    let code = u32::from(letter);
    if is_print(letter) { format!("U+{code:04X} '{letter}'") } else { format!("U+{code:04X}") }
}
