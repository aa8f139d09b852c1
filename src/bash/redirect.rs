//! Redirects and here-documents: where the streams 0, 1 and 2 go; all others are refused.
//!
//! A here-document's lines come after the line that names it: its word is filled in once they were read.

use std::cell::OnceCell;
use std::rc::Rc;

use super::ast::{Piece, Redirect, Target, Word};
use super::parser::{ParseError, Parsed, Parser, syntax};
use super::word;

/// A here-document whose lines are still to come.
#[derive(Debug)]
pub(super) struct Pending {
    end: String,
    literal: bool,
    strip_tabs: bool,
    text: Rc<OnceCell<Word>>,
}

impl Parser {
    /// A redirect, if one stands here; a digit counts only right before its operator.
    pub(super) fn redirect(&mut self) -> Parsed<Option<Redirect>> {
        let start = self.at;
        let digits: String =
            self.text[start..].iter().take_while(|c| c.is_ascii_digit()).take(9).collect();
        self.at += digits.len();
        let Some(operator) = self.operator().filter(|operator| {
            operator.contains(['<', '>'])
                && !(*operator == "<" && self.text.get(self.at + 1) == Some(&'('))
                && (digits.is_empty() || !operator.starts_with('&'))
        }) else {
            self.at = start;
            return Ok(None);
        };
        self.take(operator);
        let default = u8::from(!operator.starts_with('<'));
        let stream = if digits.is_empty() { Ok(default) } else { descriptor(&digits) }?;
        self.blanks();
        let target = match operator {
            "<<" | "<<-" => self.here_document(operator == "<<-")?,
            "<&" | ">&" => {
                let word = self.plain_word().unwrap_or_default();
                self.at += word.chars().count();
                if operator == ">&"
                    && digits.is_empty()
                    && !word.starts_with(|c: char| c.is_ascii_digit())
                {
                    self.at -= word.chars().count();
                    Target::WriteBoth(self.word()?)
                } else if word == "-" {
                    return syntax("closing a stream (>&-) is not simulated");
                } else {
                    Target::Duplicate(descriptor(&word)?)
                }
            }
            "<" => Target::Read(self.word()?),
            ">" | ">|" => Target::Write(self.word()?),
            ">>" => Target::Append(self.word()?),
            "&>" => Target::WriteBoth(self.word()?),
            "&>>" => Target::AppendBoth(self.word()?),
            "<<<" => Target::HereString(self.word()?),
            other => return syntax(format!("the redirect `{other}' is not simulated")),
        };
        Ok(Some(Redirect { stream, target }))
    }

    fn here_document(&mut self, strip_tabs: bool) -> Parsed<Target> {
        let start = self.at;
        let word = self.word()?;
        let literal = self.text[start..self.at].iter().any(|c| matches!(c, '\'' | '"' | '\\'));
        let text = Rc::new(OnceCell::new());
        let end = word::literal(&word);
        self.pending.push(Pending { end, literal, strip_tabs, text: Rc::clone(&text) });
        Ok(Target::HereDocument(text))
    }

    /// Reads the lines of the here-documents that the line before began.
    pub(super) fn here_documents(&mut self) -> Parsed<()> {
        for pending in std::mem::take(&mut self.pending) {
            let mut body = String::new();
            loop {
                if self.at >= self.text.len() {
                    if self.more {
                        return Err(ParseError::Incomplete(format!(
                            "warning: here-document delimited by end-of-file (wanted `{}')",
                            pending.end
                        )));
                    }
                    break;
                }
                let line: String =
                    self.text[self.at..].iter().take_while(|c| **c != '\n').collect();
                self.at = (self.at + line.chars().count() + 1).min(self.text.len());
                let line =
                    if pending.strip_tabs { line.trim_start_matches('\t') } else { line.as_str() };
                if line == pending.end {
                    break;
                }
                body.push_str(line);
                body.push('\n');
            }
            let word = if pending.literal {
                Word(vec![Piece::Quoted(body)])
            } else {
                self.deeper(|parser| word::here_document(&body, parser))?
            };
            pending.text.set(word).expect("a here-document is read once");
        }
        Ok(())
    }

    pub(super) fn finish_here_documents(&mut self) -> Parsed<()> {
        if self.pending.is_empty() { Ok(()) } else { self.here_documents() }
    }
}

fn descriptor(digits: &str) -> Parsed<u8> {
    match digits {
        "0" => Ok(0),
        "1" => Ok(1),
        "2" => Ok(2),
        other if other.chars().all(|c| c.is_ascii_digit()) && !other.is_empty() => {
            syntax(format!("{other}: streams other than 0, 1 and 2 are not simulated"))
        }
        other => syntax(format!("{other}: ambiguous redirect")),
    }
}
