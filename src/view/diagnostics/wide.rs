//! What a Japanese keyboard leaves where YAML wants its own characters: full-width spaces, colons, dashes, digits and quotes.
//! They look right, and most are letters to YAML, so that its own words lead astray.
//!
//! Only what has a form of YAML is looked at (the beginning of a line, its dash, the colon behind its key, a whole value), and
//! it is told only where the document can be read better without it: Japanese text in values and comments stays.

use super::Severity;
use super::finding::{Change, Finding, Source, faults};
use super::reindent::Chunk;
use crate::manifest::{Node, documents};
use crate::view::Text;

/// Dashes that are none.
const DASHES: [char; 5] = ['－', '―', '‐', '−', 'ー'];

/// Tells of them once a document, in place of what else is refused there.
pub(super) fn check(source: &Source<'_>, found: &mut Vec<Finding>) {
    let Some(line) = source.lines.iter().position(|line| narrowed(line).is_some()) else { return };
    let chunk = Chunk::around(source, u32::try_from(line).unwrap_or(u32::MAX));
    let Some(change) = change(&chunk.source) else { return };
    if badness(&chunk.source.with(&change)) >= badness(chunk.source.text) {
        return;
    }
    let span = chunk.shifted(change.span);
    let lines = u32::try_from(chunk.source.lines.len()).unwrap_or(u32::MAX);
    let document = chunk.first..chunk.first.saturating_add(lines);
    let refused = |finding: &Finding| {
        finding.severity == Severity::Error && document.contains(&finding.span.start.line)
    };
    let first = found.iter().filter(|one| refused(one)).min_by_key(|one| one.span.start.line);
    let message = first.map(|one| one.message.clone());
    found.retain(|finding| !refused(finding));
    let mark = source.in_line(span.start.line, 0, usize::MAX);
    let finding = Finding::error(mark, message.unwrap_or_default()).advise(Text::AdviceWide, &[]);
    found.push(finding.or(Change { span, ..change }));
}

/// How much cannot be read, how many documents have no kind, and how many faults are in the others.
fn badness(text: &str) -> (usize, usize, usize) {
    let error = documents(text.as_bytes()).find_map(Result::err);
    let unread = |line: u32| text.split('\n').count().saturating_sub(line as usize).max(1);
    let nameless = |tree: &Node| tree.get("kind").and_then(Node::as_str).is_none();
    let trees = documents(text.as_bytes()).filter_map(Result::ok);
    (
        error.map_or(0, |error| unread(error.position.line)),
        trees.filter(nameless).count(),
        faults(text),
    )
}

/// The lines of a document in narrow characters, from the first that changes to the last.
fn change(source: &Source<'_>) -> Option<Change> {
    let lines: Vec<Option<String>> = source.lines.iter().map(|line| narrowed(line)).collect();
    let first = lines.iter().position(Option::is_some)?;
    let last = lines.iter().rposition(Option::is_some)?;
    let number = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    let after: Vec<&str> = (first..=last)
        .map(|at| lines[at].as_deref().unwrap_or_else(|| source.line(number(at))))
        .collect();
    let span = source.whole_lines(number(first), number(last));
    Some(Change { span, after: after.join("\n"), label: Text::RepairWide })
}

fn is_wide_space(c: char) -> bool {
    matches!(c, '\u{3000}' | '\u{a0}')
}

fn is_space(c: char) -> bool {
    c == ' ' || is_wide_space(c)
}

/// A line with YAML's own characters; none if it has them already.
fn narrowed(line: &str) -> Option<String> {
    let rest = line.trim_start_matches(is_space);
    if rest.starts_with('#') {
        return None;
    }
    let lead = line.get(..line.len() - rest.len()).unwrap_or_default();
    // In the editor a full-width space is as wide as two.
    let mut out = lead.replace('\u{3000}', "  ").replace('\u{a0}', " ");
    let mut rest = rest;
    while let Some(behind) = rest.strip_prefix('-').or_else(|| rest.strip_prefix(DASHES)) {
        let next = behind.trim_start_matches(is_space);
        if next.len() == behind.len() {
            break;
        }
        out.push('-');
        out.extend(behind.chars().map_while(|c| is_space(c).then_some(' ')));
        rest = next;
    }
    let behind = rest.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || "-_./".contains(c));
    let (key, spaced) = rest.split_at_checked(rest.len() - behind.len()).unwrap_or((rest, ""));
    let colon = spaced.trim_start_matches(is_wide_space);
    let value = match colon.strip_prefix('：') {
        Some(value) if !key.is_empty() => value,
        _ => match colon.strip_prefix(':') {
            Some(value) if !key.is_empty() && (value.is_empty() || value.starts_with(is_space)) => {
                value
            }
            _ => {
                out.push_str(&narrow_value(rest));
                return (out != line).then_some(out);
            }
        },
    };
    out.push_str(key);
    out.push(':');
    let text = value.trim_start_matches(is_space);
    if value.starts_with(' ') && !value.trim_start_matches(' ').starts_with(is_wide_space) {
        out.push_str(value.get(..value.len() - text.len()).unwrap_or_default());
    } else if !text.trim().is_empty() {
        out.push(' ');
    }
    out.push_str(&narrow_value(text));
    (out != line).then_some(out)
}

/// A whole value in narrow characters: one that is wide from end to end, or in wide or curly quotes.
fn narrow_value(value: &str) -> String {
    let text = value.trim_end_matches(is_wide_space);
    let bare = text.trim_end();
    let is_wide = |c: char| ('\u{ff01}'..='\u{ff5e}').contains(&c);
    if !bare.is_empty() && bare.chars().all(is_wide) {
        return bare.chars().filter_map(|c| char::from_u32(u32::from(c) - 0xfee0)).collect();
    }
    let curly = ['“', '”', '＂', '„', '‟'];
    match bare.strip_prefix(curly).and_then(|inner| inner.strip_suffix(curly)) {
        Some(inner) => super::syntax::quoted(inner),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_has_a_form_of_yaml_is_narrowed() {
        for (line, expected) in [
            ("　name: web", Some("  name: web")),
            ("\u{a0}\u{a0}name: web", Some("  name: web")),
            ("  kind：Pod", Some("  kind: Pod")),
            ("  spec：", Some("  spec:")),
            ("  name:　web　", Some("  name: web")),
            ("  － name：web", Some("  - name: web")),
            ("  -　name: web", Some("  - name: web")),
            ("  replicas: ３", Some("  replicas: 3")),
            ("  image: “nginx:1.27”", Some("  image: \"nginx:1.27\"")),
            ("  - ８０", Some("  - 80")),
            ("  name: web", None),
            ("  # 　注意：これは", None),
            ("  note: 注意：これは", None),
            ("  これは：そう", None),
            ("  - -1", None),
            ("---", None),
            ("", None),
        ] {
            assert_eq!(narrowed(line).as_deref(), expected, "{line}");
        }
    }
}
