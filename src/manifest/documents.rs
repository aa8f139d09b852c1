//! A file's documents, one after the other, as kubectl finds them.
//!
//! A file whose first visible character is `{` is a stream of JSON until something in it is not; anything else is YAML,
//! cut at lines that begin with `---`. Empty documents are passed over. Reading stops at the first fault.
//!
//! Models kubernetes apimachinery `pkg/util/yaml/decoder.go` and cli-runtime `pkg/resource/visitor.go`.

use std::fmt;

use super::node::{Data, Node, Position, Span};
use super::{compose, json};

/// What is wrong with a text, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// kubectl's sentence, without its `error parsing FILE: `.
    pub message: String,
    /// The place at fault.
    pub position: Position,
}

impl SyntaxError {
    pub(super) fn new(message: &str, position: Position) -> Self {
        Self { message: message.to_owned(), position }
    }

    /// A fault that the YAML library names.
    pub(super) fn yaml(message: &str, position: Position) -> Self {
        Self::conversion(&format!("yaml: {message}"), position)
    }

    /// The same with the line that the library counts: from the chunk's first.
    pub(super) fn yaml_at_line(chunk: &Chunk<'_>, message: &str, position: Position) -> Self {
        let line = position.line - chunk.start.line + 1;
        Self::yaml(&format!("line {line}: {message}"), position)
    }

    /// A fault met when YAML is turned into JSON.
    pub(super) fn conversion(message: &str, position: Position) -> Self {
        Self::new(&format!("error converting YAML to JSON: {message}"), position)
    }
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for SyntaxError {}

/// A part of a text that is read by itself: the lines between two separators.
#[derive(Debug)]
pub(super) struct Chunk<'a> {
    pub(super) text: &'a [u8],
    /// Where it begins in the whole text.
    pub(super) start: Position,
}

impl Chunk<'_> {
    /// The place of a byte of this chunk.
    pub(super) fn position_at(&self, offset: usize) -> Position {
        position_after(self.start, self.text.get(..offset).unwrap_or(self.text))
    }
}

/// The place behind `text` if it begins at `start`.
pub(super) fn position_after(start: Position, text: &[u8]) -> Position {
    let newlines = text.split(|byte| *byte == b'\n').count() - 1;
    let line = text.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
    let columns = String::from_utf8_lossy(line).chars().count();
    let small = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    Position {
        line: start.line.saturating_add(small(newlines)),
        column: if newlines == 0 { start.column + small(columns) } else { small(columns) },
        offset: start.offset.saturating_add(small(text.len())),
    }
}

/// Reads the documents of a text; see [`Documents`].
pub fn documents(text: &[u8]) -> Documents<'_> {
    let first = String::from_utf8_lossy(text.get(..JSON_GUESS_BYTES).unwrap_or(text))
        .trim_start()
        .starts_with('{');
    Documents {
        rest: text,
        at: Position::default(),
        mode: if first { Mode::Json { read: 0 } } else { Mode::Yaml },
    }
}

/// The value of a text that is one JSON document.
pub fn read_json(text: &str) -> Result<serde_json::Value, SyntaxError> {
    let mut documents = Documents { mode: Mode::Json { read: 0 }, ..documents(text.as_bytes()) };
    documents.next().unwrap_or(Ok(Node::NULL)).map(|node| node.to_value())
}

/// kubectl looks so far for the brace that tells JSON from YAML.
const JSON_GUESS_BYTES: usize = 4096;

#[derive(Clone, Debug)]
enum Mode {
    Json { read: usize },
    Yaml,
    Done,
}

/// The documents of a text that are not empty, and at its end the first fault, if any. Lazy: what stands behind a
/// document is not looked at until the next is asked for.
#[derive(Clone, Debug)]
pub struct Documents<'a> {
    rest: &'a [u8],
    at: Position,
    mode: Mode,
}

impl Iterator for Documents<'_> {
    type Item = Result<Node, SyntaxError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let document = match self.mode {
                Mode::Done => return None,
                Mode::Json { read } => self.next_json(read),
                Mode::Yaml => self.next_yaml(),
            };
            match document {
                Ok(Some(Node { data: Data::Null, .. })) => {}
                Ok(Some(node)) => return Some(Ok(node)),
                Ok(None) => self.mode = Mode::Done,
                Err(error) => {
                    self.mode = Mode::Done;
                    return Some(Err(error));
                }
            }
        }
    }
}

impl Documents<'_> {
    fn skip(&mut self, bytes: usize) {
        let (taken, rest) = self.rest.split_at_checked(bytes).unwrap_or((self.rest, b""));
        self.at = position_after(self.at, taken);
        self.rest = rest;
    }

    /// One JSON value. Where that fails, one or no value in, the rest is tried as YAML; if that fails too, it is
    /// the JSON reader's fault that is told.
    fn next_json(&mut self, read: usize) -> Result<Option<Node>, SyntaxError> {
        let chunk = Chunk { text: self.rest, start: self.at };
        match json::read(&chunk) {
            Ok(Some((node, length))) => {
                self.skip(length);
                self.mode = Mode::Json { read: read + 1 };
                Ok(Some(node))
            }
            Ok(None) => Ok(None),
            Err(fault) if read > 1 => Err(fault),
            Err(fault) => {
                self.skip(leading_space(self.rest));
                self.mode = Mode::Yaml;
                match self.next_yaml() {
                    Ok(Some(node)) => Ok(Some(node)),
                    Ok(None) => Ok(None),
                    Err(_) => Err(fault),
                }
            }
        }
    }

    /// The lines up to the next separator. A separator that comes first belongs to its document.
    fn next_yaml(&mut self) -> Result<Option<Node>, SyntaxError> {
        let mut length = 0;
        let mut consumed = 0;
        while let Some(line) = line_at(self.rest, consumed) {
            if let Some(after) = line.strip_prefix(b"---") {
                let after = String::from_utf8_lossy(after);
                let after = after.trim();
                if !after.is_empty() && !after.starts_with('#') {
                    let message = format!("invalid Yaml document separator: {after}");
                    let at = position_after(self.at, self.rest.get(..consumed).unwrap_or_default());
                    return Err(SyntaxError::new(&message, at));
                }
                if length > 0 {
                    consumed += line.len();
                    break;
                }
            }
            consumed += line.len();
            length = consumed;
        }
        if length == 0 {
            return Ok(None);
        }
        let text = self.rest.get(..length).unwrap_or(self.rest);
        let chunk = Chunk { text, start: self.at };
        let document = compose::compose(&chunk);
        self.skip(consumed);
        // A chunk of comments is an empty document, not the end.
        document.map(|node| node.or(Some(Node { data: Data::Null, span: Span::default() })))
    }
}

/// The line that begins at an offset, with its line break.
fn line_at(text: &[u8], from: usize) -> Option<&[u8]> {
    let rest = text.get(from..).filter(|rest| !rest.is_empty())?;
    let end = rest.iter().position(|byte| *byte == b'\n').map_or(rest.len(), |at| at + 1);
    rest.get(..end)
}

/// White space up to and with the first line break.
fn leading_space(text: &[u8]) -> usize {
    let space = text.iter().take_while(|byte| byte.is_ascii_whitespace());
    let upto = space.clone().take_while(|byte| **byte != b'\n').count();
    if text.get(upto) == Some(&b'\n') { upto + 1 } else { space.count() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<String> {
        documents(text.as_bytes())
            .map(|document| match document {
                Ok(node) => node.to_value().to_string(),
                Err(error) => format!("{} at {}", error.message, error.position),
            })
            .collect()
    }

    const YAML: &str = "error converting YAML to JSON: yaml: ";

    #[test]
    fn splits_documents_as_kubectl_does() {
        for (text, documents) in [
            ("a: 1\n---\nb: 2\n", vec![r#"{"a":1}"#, r#"{"b":2}"#]),
            ("---\na: 1\n---\n---\n# nothing\n---\nb: 2", vec![r#"{"a":1}"#, r#"{"b":2}"#]),
            ("", vec![]),
            ("# nothing\n", vec![]),
            ("--- # comment\r\na: yes\r\n", vec![r#"{"a":true}"#]),
            (r#"{"a": 1}"#, vec![r#"{"a":1}"#]),
            ("{\"a\": 1} {\"b\": 2}\n", vec![r#"{"a":1}"#, r#"{"b":2}"#]),
            (r#"{"a": 1,}"#, vec![r#"{"a":1}"#]),
            ("{a: 1}\n---\nb: 2", vec![r#"{"a":1}"#, r#"{"b":2}"#]),
            ("a: 1\na: 2\n", vec![r#"{"a":2}"#]),
            ("b: &x {c: 1}\na:\n  <<: *x\n  d: 2\n", vec![r#"{"a":{"c":1,"d":2},"b":{"c":1}}"#]),
        ] {
            assert_eq!(read(text), documents, "{text:?}");
        }
    }

    #[test]
    fn says_what_is_wrong_and_where() {
        for (text, message) in [
            (
                "a:\n\tb: 1\n",
                "line 2: found character that cannot start any token at line 2, column 1",
            ),
            ("a: 1\nb c\nd: 2\n", "line 3: could not find expected ':' at line 3, column 1"),
            (
                "a: 1\n---\nb: 2\n\n c: d: e\n",
                "line 3: mapping values are not allowed in this context at line 5, column 3",
            ),
            ("a: b\0\n", "control characters are not allowed at line 1, column 5"),
            ("a: *b\n", "unknown anchor 'b' referenced at line 1, column 4"),
            ("a: &b [*b]\n", "anchor 'b' value contains itself at line 1, column 8"),
            (
                "a: {{ .Values.x }}\n",
                "invalid map key: map[interface {}]interface {}{\".Values.x\":interface {}(nil)} at line 1, column 5",
            ),
            ("[!a, b]", "did not find expected whitespace or line break at line 1, column 4"),
        ] {
            assert_eq!(read(text).last().unwrap(), &format!("{YAML}{message}"), "{text:?}");
        }
        assert_eq!(
            read("a: 1\n---b\n"),
            vec!["invalid Yaml document separator: b at line 2, column 1"]
        );
    }

    #[test]
    fn a_comma_behind_an_exclamation_mark_is_text() {
        assert_eq!(read("a: 'Hello!, world'"), vec![r#"{"a":"Hello!, world"}"#]);
    }

    #[test]
    fn refuses_bombs() {
        let mut bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for (name, of) in ["ba", "cb", "dc", "ed", "fe", "gf", "hg"].map(|pair| pair.split_at(1)) {
            let line = format!("{name}: &{name} [{}]\n", vec![format!("*{of}"); 10].join(", "));
            bomb.push_str(&line);
        }
        assert!(read(&bomb).last().unwrap().contains("document contains excessive aliasing"));
        assert!(read(&"[".repeat(100_000)).last().unwrap().contains("exceeded max depth of 256"));
    }
}
