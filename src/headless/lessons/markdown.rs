//! Markdown to the small tree of a lesson: what the page cannot show is refused with its line.
//!
//! Read by comrak with `cjk_friendly_emphasis`, since `**「大事」**です` is no emphasis to plain Markdown. A line break
//! between Japanese letters is none; a fence called `run` holds commands to run by click, one line each.

use comrak::nodes::{ListType, Node, NodeValue};
use comrak::{Arena, Options, parse_document};
use kobune::lesson::{Block, Fault, Inline, Rich};

use super::folder::is_complete;

/// A part of a file, and its line.
#[derive(Debug)]
pub(super) enum Part {
    /// A heading of a level from 1 to 3.
    Heading(u8, String),
    /// Anything else.
    Block(Block),
}

/// Reads a file.
pub(super) fn parts(text: &str) -> Result<Vec<(u32, Part)>, Fault> {
    let mut options = Options::default();
    options.extension.cjk_friendly_emphasis = true;
    let arena = Arena::new();
    let root = parse_document(&arena, text, &options);
    let mut found = Vec::new();
    for node in root.children() {
        let line = line(node);
        let heading = if let NodeValue::Heading(heading) = &node.data().value {
            Some(heading.level)
        } else {
            None
        };
        match heading {
            Some(level @ 1..=3) => found.push((line, Part::Heading(level, plain(&rich(node)?)))),
            Some(_) => return fault(node, "a heading may have one, two or three #"),
            None => found.extend(blocks(node)?.into_iter().map(|block| (line, Part::Block(block)))),
        }
    }
    Ok(found)
}

fn line(node: Node<'_>) -> u32 {
    u32::try_from(node.data().sourcepos.start.line).unwrap_or(u32::MAX)
}

fn fault<T>(node: Node<'_>, message: &str) -> Result<T, Fault> {
    Err(Fault { line: line(node), message: message.to_owned() })
}

/// What a node is on the page: one block, or one for each command of a `run` fence.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "comrak knows fifty kinds of nodes, a lesson these"
)]
fn blocks(node: Node<'_>) -> Result<Vec<Block>, Fault> {
    let data = node.data();
    Ok(match &data.value {
        NodeValue::Paragraph => vec![Block::Paragraph(rich(node)?)],
        NodeValue::List(list) => {
            let mut items = Vec::new();
            for item in node.children() {
                let mut inside = Vec::new();
                for child in item.children() {
                    inside.extend(blocks(child)?);
                }
                items.push(inside);
            }
            vec![Block::List(list.list_type == ListType::Ordered, items)]
        }
        NodeValue::CodeBlock(code) if code.info.trim() == "run" => {
            let lines =
                lines_of(&code.literal).map_err(|message| Fault { line: line(node), message })?;
            lines.into_iter().map(Block::Run).collect()
        }
        NodeValue::CodeBlock(code) => vec![Block::Code(code.literal.trim_end().to_owned())],
        _ => return fault(node, "a lesson has paragraphs, lists and code, and nothing else"),
    })
}

/// The command lines of a text.
fn lines_of(text: &str) -> Result<Vec<String>, String> {
    let (mut found, mut begun) = (Vec::new(), String::new());
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        if !begun.is_empty() {
            begun.push('\n');
        }
        begun.push_str(line);
        // The braces of `{pod}` are words like others.
        if is_complete(&begun)? {
            found.push(std::mem::take(&mut begun));
        }
    }
    if begun.is_empty() { Ok(found) } else { Err(format!("the command `{begun}` has no end")) }
}

/// The words inside a node.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "comrak knows fifty kinds of nodes, a lesson these"
)]
fn rich(node: Node<'_>) -> Result<Rich, Fault> {
    let mut words = Rich::new();
    let mut broken = false;
    for child in node.children() {
        let data = child.data();
        let text = match &data.value {
            NodeValue::Text(text) => Inline::Text(text.to_string()),
            NodeValue::Code(code) => Inline::Code(code.literal.clone()),
            NodeValue::Strong => Inline::Strong(rich(child)?),
            NodeValue::Emph => Inline::Emphasis(rich(child)?),
            NodeValue::Link(link) => Inline::Link(link.url.clone(), rich(child)?),
            NodeValue::SoftBreak | NodeValue::LineBreak => {
                broken = true;
                continue;
            }
            _ => {
                return fault(
                    child,
                    "words may be plain, code, strong, stressed or a link, and nothing else",
                );
            }
        };
        if std::mem::take(&mut broken) {
            let last = words.last().and_then(|word| plain_of(word).chars().last());
            let first = plain_of(&text).chars().next();
            if !last.is_some_and(is_wide) || !first.is_some_and(is_wide) {
                push(&mut words, Inline::Text(" ".to_owned()));
            }
        }
        push(&mut words, text);
    }
    Ok(words)
}

/// Adds a word; plain ones are joined.
fn push(words: &mut Rich, word: Inline) {
    match (words.last_mut(), word) {
        (Some(Inline::Text(before)), Inline::Text(text)) => before.push_str(&text),
        (_, word) => words.push(word),
    }
}

/// Whether a letter stands in a text without spaces.
fn is_wide(letter: char) -> bool {
    matches!(u32::from(letter), 0x3000..=0x30ff | 0x3400..=0x9fff | 0xff00..=0xffef)
}

/// The letters of some words.
pub(super) fn plain(words: &[Inline]) -> String {
    words.iter().map(plain_of).collect()
}

fn plain_of(word: &Inline) -> String {
    match word {
        Inline::Text(text) | Inline::Code(text) => text.clone(),
        Inline::Strong(words) | Inline::Emphasis(words) | Inline::Link(_, words) => plain(words),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(text: &str) -> Block {
        match parts(text).map(|mut parts| parts.remove(0).1) {
            Ok(Part::Block(block)) => block,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn japanese_emphasis_and_line_breaks() {
        let text = |text: &str| Inline::Text(text.to_owned());
        assert_eq!(
            first("これは**「大事」**です。\n次の行と\n`kubectl` の\nword です"),
            Block::Paragraph(vec![
                text("これは"),
                Inline::Strong(vec![text("「大事」")]),
                text("です。次の行と "),
                Inline::Code("kubectl".to_owned()),
                text(" の word です"),
            ])
        );
    }

    #[test]
    fn a_run_fence_is_a_button_a_command() {
        let found = parts("```run\nkubectl get pods\necho a \\\n  b\n```\n").expect("it is good");
        assert_eq!(found.len(), 2);
    }

    #[test]
    fn what_cannot_be_shown_is_refused_with_its_line() {
        for (text, line) in [
            ("a\n\n<b>x</b>\n", 3),
            ("a <b>x</b>\n", 1),
            ("![x](y.png)\n", 1),
            ("a\n\n> b\n", 3),
            ("#### deep\n", 1),
            ("a\n\n```run\nif\n```\n", 3),
        ] {
            assert_eq!(parts(text).expect_err(text).line, line, "{text}");
        }
    }
}
