//! A finding before it is told: spans in bytes and characters, and the text they stand in.

use super::{Diagnostic, Place, Repair, Severity};
use crate::manifest::{Entry, Node, Position, Span, documents};
use crate::object::{KINDS, Object};
use crate::view::Text;

/// One thing that was found.
pub(super) struct Finding {
    pub(super) span: Span,
    pub(super) severity: Severity,
    /// The server's text.
    pub(super) message: String,
    pub(super) advice: Option<(Text, Vec<String>)>,
    pub(super) repairs: Vec<Change>,
}

/// A change of one span of the text.
pub(super) struct Change {
    pub(super) span: Span,
    pub(super) after: String,
    pub(super) label: Text,
}

impl Finding {
    /// Something that the server refuses, in its words.
    pub(super) fn error(span: Span, message: impl Into<String>) -> Self {
        let severity = Severity::Error;
        Self { span, severity, message: message.into(), advice: None, repairs: Vec::new() }
    }

    /// Something of which the server says nothing.
    pub(super) fn hint(severity: Severity, span: Span, text: Text, values: &[&str]) -> Self {
        Self { severity, ..Self::error(span, "") }.advise(text, values)
    }

    /// The same with a plain sentence.
    pub(super) fn advise(self, text: Text, values: &[&str]) -> Self {
        let values = values.iter().map(|value| (*value).to_owned()).collect();
        Self { advice: Some((text, values)), ..self }
    }

    /// The same with one more way to mend it.
    pub(super) fn or_write(self, span: Span, after: impl Into<String>) -> Self {
        self.or(Change { span, after: after.into(), label: Text::RepairChange })
    }

    /// The same with one more way to mend it.
    pub(super) fn or(mut self, change: Change) -> Self {
        self.repairs.push(change);
        self
    }
}

/// The text that is checked.
pub(super) struct Source<'a> {
    pub(super) text: &'a str,
    pub(super) lines: Vec<&'a str>,
    /// Where each line begins, in bytes.
    starts: Vec<usize>,
}

impl<'a> Source<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let lines: Vec<&str> = text.split('\n').collect();
        let mut at = 0;
        let starts = lines
            .iter()
            .map(|line| {
                let next = at + line.len() + 1;
                std::mem::replace(&mut at, next)
            })
            .collect();
        Self { text, lines, starts }
    }

    /// A line, from 0; empty beyond the end.
    pub(super) fn line(&self, line: u32) -> &'a str {
        self.lines.get(line as usize).copied().unwrap_or_default()
    }

    /// Where a place stands, in bytes.
    fn offset(&self, place: Position) -> usize {
        let Some(start) = self.starts.get(place.line as usize) else { return self.text.len() };
        let within = self.line(place.line).chars().take(place.column as usize);
        start + within.map(char::len_utf8).sum::<usize>()
    }

    /// What stands in a span.
    pub(super) fn within(&self, span: Span) -> &'a str {
        self.text.get(self.offset(span.start)..self.offset(span.end)).unwrap_or_default()
    }

    /// A part of a line, in characters.
    pub(super) fn in_line(&self, line: u32, from: usize, to: usize) -> Span {
        let at = |column: usize| Position {
            line,
            column: u32::try_from(column).unwrap_or(u32::MAX),
            offset: 0,
        };
        Span { start: at(from), end: at(to.min(self.line(line).chars().count())) }
    }

    /// Whole lines, from the first up to the last, without the last line's end.
    pub(super) fn whole_lines(&self, first: u32, last: u32) -> Span {
        let end = self.in_line(last, 0, usize::MAX).end;
        Span { start: self.in_line(first, 0, 0).start, end }
    }

    /// Whether it is JSON, in which indentation means nothing.
    pub(super) fn is_json(&self) -> bool {
        self.text.trim_start().starts_with('{')
    }

    /// The text after a change.
    pub(super) fn with(&self, change: &Change) -> String {
        let (start, end) = (self.offset(change.span.start), self.offset(change.span.end));
        let before = self.text.get(..start).unwrap_or_default();
        let after = self.text.get(end.max(start)..).unwrap_or_default();
        [before, &change.after, after].concat()
    }

    /// The finding as it is told.
    pub(super) fn diagnostic(&self, finding: Finding) -> Diagnostic {
        let repair = |change: Change| Repair {
            place: self.place(change.span),
            before: self.within(change.span).to_owned(),
            after: change.after,
            label: change.label,
        };
        Diagnostic {
            place: self.marked(finding.span),
            severity: finding.severity,
            message: finding.message,
            advice: finding.advice,
            repairs: finding.repairs.into_iter().map(repair).collect(),
        }
    }

    fn place(&self, span: Span) -> Place {
        let ((line, column), (end_line, end_column)) = (self.at(span.start), self.at(span.end));
        Place { line, column, end_line, end_column }
    }

    /// A place as the editor counts; beyond the end it is the end.
    fn at(&self, place: Position) -> (usize, usize) {
        let last = self.lines.len().saturating_sub(1);
        let line = (place.line as usize).min(last);
        let text = self.lines.get(line).copied().unwrap_or_default();
        let units = text.chars().take(place.column as usize).map(char::len_utf16).sum::<usize>();
        (line + 1, units + 1)
    }

    /// What is underlined: of a long part its first line, of an empty one the rest of the line.
    fn marked(&self, span: Span) -> Place {
        let mut place = self.place(span);
        if place.end_line > place.line
            || (place.end_line, place.end_column) <= (place.line, place.column)
        {
            let text = self.lines.get(place.line - 1).copied().unwrap_or_default();
            let units = text.trim_end().chars().map(char::len_utf16).sum::<usize>();
            place.end_line = place.line;
            if units < place.column && units > 0 {
                // There is nothing behind it: the line's words are marked.
                let indent = text.chars().take_while(|c| c.is_whitespace()).count();
                place.column = indent + 1;
            }
            place.end_column = units.max(place.column) + 1;
        }
        place
    }
}

/// How many faults a text has that need no world: a broken document counts most. For choosing between repairs.
pub(super) fn faults(text: &str) -> usize {
    const BROKEN: usize = 1000;
    let count = |document: Result<Node, _>| match document {
        Err(_) => BROKEN,
        Ok(node) => super::items(&node)
            .iter()
            .filter_map(|item| {
                let of = |key| item.get(key).and_then(Node::as_str);
                let known = |info: &&crate::object::KindInfo| {
                    Some(info.name) == of("kind")
                        && Some(info.api_version().as_str()) == of("apiVersion")
                };
                let kind = KINDS.iter().find(known)?.kind();
                Object::from_node(kind, item).err().map(|error| error.faults.len())
            })
            .sum(),
    };
    documents(text.as_bytes()).map(count).sum()
}

/// Where an entry of a mapping stands: its key, and its value where there is one.
pub(super) fn entry_span(entry: &Entry) -> Span {
    Span { start: entry.key_span.start, end: entry.value.span.end.max(entry.key_span.end) }
}
