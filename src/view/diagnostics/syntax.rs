//! Texts that are no YAML: what the reader says, what a beginner most likely did, and the change that mends it.
//!
//! The reader names the line at which it gave up, which often is the one after. So both are looked at; what is done to
//! them was tried first ([`Chunk::best`]).

use super::finding::{Change, Finding, Source};
use super::reindent::{Chunk, columns_above, indent, moved};
use crate::manifest::{Span, SyntaxError};
use crate::view::Text;

/// A change, and what to say of it.
type Idea = (Change, Text, Vec<String>);

/// What there is to say of a text that cannot be read.
pub(super) fn finding(source: &Source<'_>, error: &SyntaxError) -> Finding {
    let span = Span { start: error.position, end: error.position };
    let finding = Finding::error(span, error.message.clone());
    if error.message.contains("invalid map key") {
        return finding.advise(Text::AdviceTemplate, &[]);
    }
    if error.message.contains("document separator") {
        return finding.advise(Text::AdviceSeparator, &[]);
    }
    let chunk = Chunk::around(source, error.position.line);
    let at = error.position.line.saturating_sub(chunk.first);
    let mut ideas = tabs(&chunk.source);
    for line in [Some(at), line_above(&chunk.source, at)].into_iter().flatten() {
        words(&chunk.source, line, &mut ideas);
    }
    open_ends(&chunk.source, at, &mut ideas);
    if !source.is_json() {
        for line in [Some(at), line_above(&chunk.source, at)].into_iter().flatten() {
            let now = indent(chunk.source.line(line));
            for to in columns_above(&chunk.source, line).into_iter().filter(|to| *to != now) {
                ideas.push((moved(&chunk.source, line, line, to), Text::AdviceIndent, Vec::new()));
            }
        }
    }
    let (changes, said): (Vec<_>, Vec<_>) =
        ideas.into_iter().map(|(change, text, values)| (change, (text, values))).unzip();
    if let Some((number, change)) = chunk.best(changes) {
        let advice = said.into_iter().nth(number);
        return Finding { advice, span: first_line(change.span, source), ..finding }.or(change);
    }
    let tab = error.message.contains("tab character")
        || source.line(error.position.line).starts_with('\t');
    finding.advise(if tab { Text::AdviceTab } else { Text::AdviceSyntax }, &[])
}

/// What is marked for a change of several lines.
fn first_line(span: Span, source: &Source<'_>) -> Span {
    if span.start.line == span.end.line && span.start.column > 0 {
        return span;
    }
    let line = span.start.line;
    let start = indent(source.line(line));
    source.in_line(line, start, usize::MAX)
}

/// The line above that says something.
fn line_above(source: &Source<'_>, line: u32) -> Option<u32> {
    (0..line).rev().find(|above| !source.line(*above).trim().is_empty())
}

/// Tabs that lines begin with, all of them at once.
fn tabs(source: &Source<'_>) -> Vec<Idea> {
    let lead = |line: &str| line.len() - line.trim_start_matches([' ', '\t', '-']).len();
    let has = |line: &str| line.get(..lead(line)).is_some_and(|lead| lead.contains('\t'));
    let number = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    let first = source.lines.iter().position(|line| has(line));
    let last = source.lines.iter().rposition(|line| has(line));
    let (Some(first), Some(last)) = (first, last) else { return Vec::new() };
    let lines = source.lines.get(first..=last).unwrap_or_default().iter().map(|line| {
        let (lead, rest) = line.split_at_checked(lead(line)).unwrap_or((line, ""));
        lead.replace('\t', "  ") + rest
    });
    let after = lines.collect::<Vec<_>>().join("\n");
    let span = source.whole_lines(number(first), number(last));
    vec![(Change { span, after, label: Text::RepairTabs }, Text::AdviceTab, Vec::new())]
}

/// What one line may lack: a space behind its colon, the colon, quotes.
fn words(source: &Source<'_>, line: u32, ideas: &mut Vec<Idea>) {
    let text = source.line(line);
    let start = text.len() - text.trim_start_matches([' ', '-']).len();
    let rest = text.get(start..).unwrap_or_default();
    let is_word = |word: &str| {
        !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || "-_./".contains(c))
    };
    let mut put = |from: usize, to: usize, after: String, advice: Text, label: Text| {
        let columns = |bytes: usize| text.get(..bytes).map_or(0, |part| part.chars().count());
        let span = source.in_line(line, columns(from), columns(to));
        ideas.push((Change { span, after, label }, advice, vec![rest.trim_end().to_owned()]));
    };
    let dash = text.trim_start().strip_prefix('-');
    if dash.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic())) {
        let at = text.len() - text.trim_start().len() + 1;
        put(at, at, " ".to_owned(), Text::AdviceDashSpace, Text::RepairDashSpace);
    }
    let (key, value) = rest.split_once(':').unwrap_or((rest, ""));
    if is_word(key) && !value.is_empty() && !value.starts_with([' ', '/', ':']) {
        let at = start + key.len() + 1;
        put(at, at, " ".to_owned(), Text::AdviceColonSpace, Text::RepairColonSpace);
    }
    if let Some((word, _)) = rest.split_once(' ').filter(|(word, _)| is_word(word)) {
        let at = start + word.len();
        put(at, at, ":".to_owned(), Text::AdviceColon, Text::RepairColon);
    } else if is_word(rest.trim_end()) {
        let at = start + rest.trim_end().len();
        put(at, at, ":".to_owned(), Text::AdviceColon, Text::RepairColon);
    }
    let bare = value.trim();
    let from = if bare.is_empty() {
        start
    } else {
        start + key.len() + 1 + value.len() - value.trim_start().len()
    };
    let bare = if bare.is_empty() { rest.trim_end() } else { bare };
    if !bare.is_empty() && !bare.starts_with(['"', '\'', '{', '[', '|', '>']) {
        let advice = match bare.chars().next() {
            Some('*' | '&' | '!' | '@' | '%' | '`') => Text::AdviceReserved,
            _ => Text::AdviceColonTwice,
        };
        put(from, from + bare.len(), quoted(bare), advice, Text::RepairChange);
    }
}

/// In how many lines above an end is looked for that is missing.
const LINES_MAX: usize = 200;
/// With so many ideas no more ends are looked for: of a long document only a few are tried.
const IDEAS_MAX: usize = 9;

/// Quotes and brackets that are not closed.
fn open_ends(source: &Source<'_>, at: u32, ideas: &mut Vec<Idea>) {
    for line in (0..=at).rev().take(LINES_MAX) {
        let text = source.line(line).trim_end();
        let count = |c: char| text.matches(c).count();
        let missing = [('"', '"', count('"') % 2 == 1), ('\'', '\'', count('\'') % 2 == 1)]
            .into_iter()
            .chain([('[', ']', count('[') > count(']')), ('{', '}', count('{') > count('}'))])
            .find(|(_, _, open)| *open);
        let Some((open, close, _)) = missing else { continue };
        let end = text.chars().count();
        let span = source.in_line(line, end, end);
        let change = Change { span, after: close.to_string(), label: Text::RepairClose };
        ideas.push((change, Text::AdviceOpen, vec![open.to_string(), close.to_string()]));
        if ideas.len() >= IDEAS_MAX {
            return;
        }
    }
}

/// A text in double quotes.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
