//! Words: quotes, `$` and what follows it.

use std::rc::Rc;

use super::ast::{Expansion, Operator, Piece, Word};
use super::brace;
use super::parser::{ParseError, Parsed, Parser, is_name, syntax};

/// Where a word ends.
#[derive(Copy, Clone, PartialEq, Eq)]
enum End {
    /// At a blank or an operator.
    Token,
    /// At `}`, inside `${…}`; with `true`, double quotes stand around it.
    Brace(bool),
    /// At `))`, with as many `(` before it as `)`.
    Arithmetic,
    /// At `"`.
    Quote,
    /// At a blank: a regular expression.
    Blank,
    /// Nowhere: a here-document.
    Never,
}

/// The text of a word whose expansions stand for themselves, as a here-document's end does.
pub(super) fn literal(word: &Word) -> String {
    let text = |piece: &Piece| match piece {
        Piece::Text(text) | Piece::Quoted(text) => text.clone(),
        Piece::Tilde => "~".to_owned(),
        Piece::Expand(..) => String::new(),
    };
    word.0.iter().map(text).collect()
}

/// The lines of a here-document as a word: expansions count, quotes stand for themselves.
pub(super) fn here_document(body: &str, around: &Parser) -> Parsed<Word> {
    around.nested(body).pieces(End::Never).map(Word)
}

fn unmatched<T>(quote: &str) -> Parsed<T> {
    Err(ParseError::Incomplete(format!("unexpected EOF while looking for matching `{quote}'")))
}

/// Text pieces grow in place.
fn push(pieces: &mut Vec<Piece>, c: char, quoted: bool) {
    match (pieces.last_mut(), quoted) {
        (Some(Piece::Text(text)), false) | (Some(Piece::Quoted(text)), true) => text.push(c),
        (_, false) => pieces.push(Piece::Text(c.into())),
        (_, true) => pieces.push(Piece::Quoted(c.into())),
    }
}

impl Parser {
    /// One word, at least one character long.
    pub(super) fn word(&mut self) -> Parsed<Word> {
        let start = self.at;
        let pieces = self.pieces(End::Token)?;
        if self.at == start { self.unexpected() } else { Ok(Word(pieces)) }
    }

    /// The regular expression of `[[ … =~ … ]]`.
    pub(super) fn regex_word(&mut self) -> Parsed<Word> {
        self.pieces(End::Blank).map(Word)
    }

    /// One word with its braces (`{a,b}`) worked out.
    pub(super) fn words(&mut self) -> Parsed<Vec<Word>> {
        let word = self.word()?;
        Ok(if self.braces { brace::expand(word) } else { vec![word] })
    }

    /// `NAME=word`, if it stands here.
    pub(super) fn assignment(&mut self) -> Parsed<Option<(String, Word)>> {
        let name: String = self.text[self.at..]
            .iter()
            .take_while(|c| c.is_ascii_alphanumeric() || **c == '_')
            .collect();
        let after = self.at + name.len();
        if !is_name(&name) || self.text.get(after) != Some(&'=') {
            return Ok(None);
        }
        self.at = after + 1;
        self.pieces(End::Token).map(|pieces| Some((name, Word(pieces))))
    }

    fn pieces(&mut self, end: End) -> Parsed<Vec<Piece>> {
        let (start, mut pieces) = (self.at, Vec::new());
        let quoted = !matches!(end, End::Token | End::Brace(false) | End::Blank);
        let mut parentheses = 0_usize;
        if end == End::Token && self.text.get(self.at) == Some(&'~') {
            let next = self.text.get(self.at + 1);
            if next.is_none_or(|c| c.is_whitespace() || "/;&|()<>".contains(*c)) {
                self.at += 1;
                pieces.push(Piece::Tilde);
            }
        }
        while let Some(&c) = self.text.get(self.at) {
            match (c, end) {
                ('<', End::Token)
                    if self.at == start && self.text.get(self.at + 1) == Some(&'(') =>
                {
                    self.at += 2;
                    let list = self.list(&[")"])?;
                    self.at += 1;
                    pieces.push(Piece::Expand(Rc::new(Expansion::Process(list)), true));
                }
                (' ' | '\t' | '\n' | ';' | '&' | '|' | '(' | ')' | '<' | '>', End::Token)
                | (' ' | '\t' | '\n', End::Blank)
                | ('}', End::Brace(_))
                | ('"', End::Quote) => return Ok(pieces),
                ('(', End::Arithmetic) => {
                    parentheses += 1;
                    self.at += 1;
                    push(&mut pieces, c, true);
                }
                (')', End::Arithmetic) if parentheses == 0 => {
                    return if self.text.get(self.at + 1) == Some(&')') {
                        Ok(pieces)
                    } else {
                        syntax(
                            "syntax error: `$((' without `))'; for a subshell in a substitution write `$( ('",
                        )
                    };
                }
                (')', End::Arithmetic) => {
                    parentheses -= 1;
                    self.at += 1;
                    push(&mut pieces, c, true);
                }
                ('\\', End::Blank) => self.kept_backslash(&mut pieces),
                ('\\', _) => self.backslash(&mut pieces, quoted),
                ('\'', End::Token | End::Brace(false) | End::Blank) => {
                    self.single_quotes(&mut pieces)?;
                }
                ('"', End::Token | End::Brace(_) | End::Blank) => {
                    self.double_quotes(&mut pieces)?;
                }
                ('$', _) => self.dollar(&mut pieces, quoted)?,
                ('`', _) => self.backquotes(&mut pieces, quoted)?,
                (c, _) => {
                    self.at += 1;
                    push(&mut pieces, c, quoted);
                }
            }
        }
        match end {
            End::Token | End::Never | End::Blank => Ok(pieces),
            End::Brace(_) => unmatched("}"),
            End::Arithmetic => unmatched(")"),
            End::Quote => unmatched("\""),
        }
    }

    /// A backslash of a regular expression, which stays, and what follows it.
    fn kept_backslash(&mut self, pieces: &mut Vec<Piece>) {
        let both = self.text.iter().skip(self.at).take(2).copied().collect::<Vec<char>>();
        self.at += both.len();
        for c in both {
            push(pieces, c, false);
        }
    }

    fn backslash(&mut self, pieces: &mut Vec<Piece>, quoted: bool) {
        let next = self.text.get(self.at + 1).copied();
        match next {
            Some('\n') => self.at += 2,
            Some(c) if !quoted || matches!(c, '$' | '`' | '"' | '\\') => {
                self.at += 2;
                push(pieces, c, true);
            }
            _ => {
                self.at += 1;
                push(pieces, '\\', true);
            }
        }
    }

    fn single_quotes(&mut self, pieces: &mut Vec<Piece>) -> Parsed<()> {
        let rest = &self.text[self.at + 1..];
        let Some(length) = rest.iter().position(|c| *c == '\'') else { return unmatched("'") };
        pieces.push(Piece::Quoted(rest[..length].iter().collect()));
        self.at += length + 2;
        Ok(())
    }

    fn double_quotes(&mut self, pieces: &mut Vec<Piece>) -> Parsed<()> {
        self.at += 1;
        let inner = self.deeper(|parser| parser.pieces(End::Quote))?;
        self.at += 1;
        if inner.is_empty() {
            pieces.push(Piece::Quoted(String::new()));
        }
        pieces.extend(inner);
        Ok(())
    }

    /// `$'…'`: backslashes as in C.
    fn c_quotes(&mut self, pieces: &mut Vec<Piece>) -> Parsed<()> {
        self.at += 2;
        let mut text = String::new();
        loop {
            let Some(&c) = self.text.get(self.at) else { return unmatched("'") };
            self.at += 1;
            match c {
                '\'' => break,
                '\\' => {
                    let Some(&escaped) = self.text.get(self.at) else { return unmatched("'") };
                    self.at += 1;
                    match escaped {
                        'n' => text.push('\n'),
                        't' => text.push('\t'),
                        'r' => text.push('\r'),
                        'e' => text.push('\u{1b}'),
                        '\\' | '\'' | '"' | '?' => text.push(escaped),
                        other => text.extend(['\\', other]),
                    }
                }
                c => text.push(c),
            }
        }
        pieces.push(Piece::Quoted(text));
        Ok(())
    }

    fn dollar(&mut self, pieces: &mut Vec<Piece>, quoted: bool) -> Parsed<()> {
        let (next, after) =
            (self.text.get(self.at + 1).copied(), self.text.get(self.at + 2).copied());
        let expansion = match next {
            Some('(') if after == Some('(') => {
                self.at += 3;
                let word = self.deeper(|parser| parser.pieces(End::Arithmetic))?;
                self.at += 2;
                Expansion::Arithmetic(Word(word))
            }
            Some('(') => {
                self.at += 2;
                let list = self.list(&[")"])?;
                self.at += 1;
                Expansion::Command(list)
            }
            Some('{') => {
                self.at += 2;
                self.deeper(|parser| parser.braces(quoted))?
            }
            Some('\'') if !quoted => return self.c_quotes(pieces),
            Some('"') if !quoted => {
                self.at += 1;
                return self.double_quotes(pieces);
            }
            Some(c) if c.is_ascii_alphabetic() || c == '_' => {
                self.at += 1;
                Expansion::Parameter(self.name(), None)
            }
            Some(c @ ('?' | '#' | '@' | '*' | '$' | '!' | '-' | '0'..='9')) => {
                self.at += 2;
                Expansion::Parameter(c.into(), None)
            }
            _ => {
                self.at += 1;
                push(pieces, '$', quoted);
                return Ok(());
            }
        };
        pieces.push(Piece::Expand(Rc::new(expansion), quoted));
        Ok(())
    }

    fn name(&mut self) -> String {
        let name: String = self.text[self.at..]
            .iter()
            .take_while(|c| c.is_ascii_alphanumeric() || **c == '_')
            .collect();
        self.at += name.len();
        name
    }

    /// The inside of `${…}`, up to and with the brace.
    fn braces(&mut self, quoted: bool) -> Parsed<Expansion> {
        let start = self.at;
        let length = self.text.get(self.at) == Some(&'#')
            && self
                .text
                .get(self.at + 1)
                .is_some_and(|c| c.is_ascii_alphanumeric() || "_@*".contains(*c));
        if length {
            self.at += 1;
        }
        let name = match self.text.get(self.at) {
            Some(c @ ('?' | '#' | '@' | '*' | '$' | '!' | '-')) => {
                self.at += 1;
                c.to_string()
            }
            _ => self.name(),
        };
        let operator =
            if self.text.get(self.at) == Some(&'}') { None } else { self.brace_operator() };
        let closed = self.text.get(self.at) == Some(&'}');
        if name.is_empty() || (operator.is_none() && !closed) || (length && !closed) {
            let Some(rest) = self.text[start..].iter().position(|c| *c == '}') else {
                return unmatched("}");
            };
            let text: String = self.text[start..start + rest].iter().collect();
            return syntax(format!("${{{text}}}: bad substitution"));
        }
        let expansion = match operator {
            None if length => Expansion::Length(name),
            None => Expansion::Parameter(name, None),
            Some(operator) => {
                // Patterns are patterns within quotes, too.
                let pattern = matches!(
                    operator,
                    Operator::CutStart(_) | Operator::CutEnd(_) | Operator::Replace(_)
                );
                let word = Word(self.pieces(End::Brace(quoted && !pattern))?);
                Expansion::Parameter(name, Some((operator, word)))
            }
        };
        self.at += 1;
        Ok(expansion)
    }

    fn brace_operator(&mut self) -> Option<Operator> {
        let two: String = self.text[self.at..].iter().take(2).collect();
        let (operator, length) = match two.as_str() {
            ":-" => (Operator::Default(true), 2),
            ":=" => (Operator::Assign(true), 2),
            ":+" => (Operator::Alternative(true), 2),
            ":?" => (Operator::Error(true), 2),
            "##" => (Operator::CutStart(true), 2),
            "%%" => (Operator::CutEnd(true), 2),
            "//" => (Operator::Replace(true), 2),
            "^^" => (Operator::Upper(true), 2),
            ",," => (Operator::Lower(true), 2),
            two => match two.chars().next()? {
                '-' => (Operator::Default(false), 1),
                '=' => (Operator::Assign(false), 1),
                '+' => (Operator::Alternative(false), 1),
                '?' => (Operator::Error(false), 1),
                '#' => (Operator::CutStart(false), 1),
                '%' => (Operator::CutEnd(false), 1),
                '/' => (Operator::Replace(false), 1),
                ':' => (Operator::Slice, 1),
                '^' => (Operator::Upper(false), 1),
                ',' => (Operator::Lower(false), 1),
                _ => return None,
            },
        };
        self.at += length;
        Some(operator)
    }

    /// Backquotes: their text, with escaped backquotes, backslashes and dollars unescaped, is parsed as commands.
    fn backquotes(&mut self, pieces: &mut Vec<Piece>, quoted: bool) -> Parsed<()> {
        self.at += 1;
        let mut text = String::new();
        loop {
            let Some(&c) = self.text.get(self.at) else { return unmatched("`") };
            self.at += 1;
            match c {
                '`' => break,
                '\\' => match self.text.get(self.at) {
                    Some(&escaped @ ('`' | '\\' | '$')) => {
                        self.at += 1;
                        text.push(escaped);
                    }
                    _ => text.push('\\'),
                },
                c => text.push(c),
            }
        }
        let list = self.deeper(|parser| {
            let mut inner = parser.nested(&text);
            let mut list = Vec::new();
            while let Some(line) = inner.next_line()? {
                list.extend(line);
            }
            Ok(list)
        })?;
        pieces.push(Piece::Expand(Rc::new(Expansion::Command(list)), quoted));
        Ok(())
    }
}
