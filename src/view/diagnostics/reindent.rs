//! Which of several changes mends a document best: each is tried on its lines, and read again.
//!
//! A change is only ever offered after it was seen to leave fewer faults.

use super::finding::{Change, Source, faults};
use crate::manifest::{Position, Span, documents};

/// How many changes are tried of a short document, and of a long one.
const TRIES: [usize; 2] = [16, 5];
/// What a short document is, in lines.
const SHORT: usize = 150;

/// The lines of one document.
pub(super) struct Chunk<'a> {
    pub(super) source: Source<'a>,
    /// The number of its first line in the whole text.
    pub(super) first: u32,
}

impl<'a> Chunk<'a> {
    /// The document that a line belongs to.
    pub(super) fn around(source: &Source<'a>, line: u32) -> Self {
        let parts = |line: &str| line.starts_with("---");
        let line = (line as usize).min(source.lines.len());
        let (before, after) = source.lines.split_at(line);
        let first = before.iter().rposition(|line| parts(line)).map_or(0, |at| at + 1);
        let last =
            after.iter().position(|line| parts(line)).map_or(source.lines.len(), |at| line + at);
        let number = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let text = source.within(source.whole_lines(number(first), number(last.max(1) - 1)));
        Self { source: Source::new(text), first: number(first) }
    }

    /// The best of several changes of the chunk, and its number, as a change of the whole text.
    pub(super) fn best(&self, changes: Vec<Change>) -> Option<(usize, Change)> {
        let tries = TRIES[usize::from(self.source.lines.len() > SHORT)];
        let mut least = badness(self.source.text);
        let mut best = None;
        for (number, change) in changes.into_iter().enumerate().take(tries) {
            let bad = badness(&self.source.with(&change));
            if bad < least {
                least = bad;
                best = Some((number, change));
            }
            if least == 0 {
                break;
            }
        }
        best.map(|(number, change)| (number, Change { span: self.shifted(change.span), ..change }))
    }

    /// A span of the chunk in the whole text.
    pub(super) fn shifted(&self, span: Span) -> Span {
        let shift = |place: Position| Position { line: place.line + self.first, ..place };
        Span { start: shift(span.start), end: shift(span.end) }
    }
}

/// How bad a text is: its faults, or how much of it cannot be read.
fn badness(text: &str) -> usize {
    let count = faults(text);
    let error = documents(text.as_bytes()).find_map(Result::err);
    // Two lines at least must be won: the next line may be at fault instead.
    let unread = |line: u32| text.split('\n').count().saturating_sub(line as usize) / 2;
    count + error.map_or(0, |error| unread(error.position.line))
}

/// Moves lines so that the first begins at a column.
pub(super) fn moved(source: &Source<'_>, first: u32, last: u32, to: usize) -> Change {
    let from = indent(source.line(first));
    let lines = (first..=last).map(|line| {
        let line = source.line(line);
        let by = indent(line);
        let rest = line.get(by..).unwrap_or_default();
        if rest.is_empty() {
            String::new()
        } else {
            " ".repeat((by + to).saturating_sub(from)) + rest
        }
    });
    let after = lines.collect::<Vec<_>>().join("\n");
    Change { span: source.whole_lines(first, last), after, label: crate::view::Text::RepairIndent }
}

/// How many spaces a line begins with.
pub(super) fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// So many columns are enough to choose from.
const COLUMNS_ENOUGH: usize = 7;

/// The columns at which the lines above begin, or the keys in them, the nearest line first.
pub(super) fn columns_above(source: &Source<'_>, line: u32) -> Vec<usize> {
    let mut columns = Vec::new();
    for above in (0..line).rev() {
        let text = source.line(above);
        if text.trim().is_empty() || text.trim_start().starts_with('#') {
            continue;
        }
        let start = indent(text);
        let dashes = text.get(start..).unwrap_or_default();
        let key = start + (dashes.len() - dashes.trim_start_matches(['-', ' ']).len());
        for column in [key, start, start + 2] {
            if !columns.contains(&column) {
                columns.push(column);
            }
        }
        if columns.len() >= COLUMNS_ENOUGH {
            break;
        }
    }
    columns
}
