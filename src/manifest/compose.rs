//! One YAML document to a tree: libyaml's events, anchors, aliases, merges and go-yaml's bounds on them.
//!
//! Reading goes on after a fault of meaning (a bad key, too much aliasing), because go-yaml parses a whole document
//! before it decodes it: a fault of syntax further on wins. Models go-yaml v2 `decode.go`.

use std::collections::BTreeMap;
use std::io::{BufReader, Read as _};
use std::rc::Rc;

use libyaml_safer::{Encoding, ErrorKind, EventData, Mark, Parser};

use super::documents::SyntaxError;
use super::node::{Data, Entry, Node, Number, Position, Span};
use super::scalar::{Resolved, resolve};
use super::{DEPTH_MAX, documents::Chunk};
use crate::quote::quote;

/// go-yaml reads so many bytes at a time, and looks for forbidden characters in each piece before it parses it.
const READ_BYTES: usize = 512;

/// Composes the first document of a chunk; `None` if there is none.
pub(super) fn compose(chunk: &Chunk<'_>) -> Result<Option<Node>, SyntaxError> {
    let guarded = Guarded::new(chunk.text);
    let text = guarded.text.as_deref().unwrap_or(chunk.text);
    let mut parser = Parser::new();
    parser.set_encoding(Encoding::Utf8);
    // kubectl reads lines, and ends the last one too.
    let end: &[u8] = if text.ends_with(b"\n") { b"" } else { b"\n" };
    parser.set_input(BufReader::with_capacity(READ_BYTES, text.chain(end)));
    let mut composer = Composer::new(chunk, guarded.mark);
    for event in parser {
        let event = event.map_err(|error| syntax_error(chunk, &error))?;
        let span =
            Span { start: chunk.position(event.start_mark), end: chunk.position(event.end_mark) };
        match event.data {
            EventData::StreamStart { .. } | EventData::DocumentStart { .. } => {}
            EventData::StreamEnd => break,
            EventData::DocumentEnd { .. } => return composer.finish(),
            EventData::Alias { anchor } => composer.alias(&anchor, span)?,
            EventData::Scalar { anchor, tag, value, plain_implicit, .. } => {
                composer.scalar(anchor, tag.as_deref(), value, plain_implicit, span);
            }
            EventData::SequenceStart { anchor, .. } => {
                composer.open(Open::Sequence(Vec::new()), anchor, span)?;
            }
            EventData::MappingStart { anchor, .. } => {
                composer.open(Open::Mapping(Vec::new(), None), anchor, span)?;
            }
            EventData::SequenceEnd | EventData::MappingEnd => composer.close(span),
        }
    }
    Ok(None)
}

/// A text that the scanner can take.
///
/// The scanner would panic at a tag that a comma ends inside brackets (`[!a, b]`). A character that the text does not
/// have, put before such a comma, turns that into the error that go-yaml gives; it is taken out of scalars again.
struct Guarded {
    text: Option<Vec<u8>>,
    mark: char,
}

impl Guarded {
    fn new(text: &[u8]) -> Self {
        let mut at = Vec::new();
        let mut tag = false;
        for (index, byte) in text.iter().enumerate() {
            match byte {
                b'!' => tag = true,
                b',' if tag => at.push(index),
                b' ' | b'\t' | b'\r' | b'\n' => tag = false,
                _ => {}
            }
        }
        if at.is_empty() {
            return Self { text: None, mark: '\0' };
        }
        let valid = String::from_utf8_lossy(text);
        let mark =
            ('\u{e000}'..'\u{f8ff}').find(|mark| !valid.contains(*mark)).unwrap_or('\u{e000}');
        let mut guarded = Vec::with_capacity(text.len() + 3 * at.len());
        let mut from = 0;
        for index in at {
            guarded.extend_from_slice(text.get(from..index).unwrap_or_default());
            guarded.extend_from_slice(mark.encode_utf8(&mut [0; 4]).as_bytes());
            from = index;
        }
        guarded.extend_from_slice(text.get(from..).unwrap_or_default());
        Self { text: Some(guarded), mark }
    }
}

/// What a collection holds so far.
enum Open {
    Sequence(Vec<Node>),
    /// Entries, and the key whose value comes next.
    Mapping(Vec<Entry>, Option<Key>),
}

enum Key {
    Text(String, Span),
    /// `<<`
    Merge,
    /// One that JSON cannot have; the fault is noted.
    Refused,
}

struct Frame {
    open: Open,
    anchor: Option<String>,
    start: Position,
    /// Nodes composed before this one.
    count_before: u64,
}

/// A node with a name, and how many nodes it is.
enum Anchor {
    Open,
    Closed(Rc<Node>, u64),
}

struct Composer<'a> {
    chunk: &'a Chunk<'a>,
    /// The character that [`Guarded`] put in.
    mark: char,
    stack: Vec<Frame>,
    anchors: BTreeMap<String, Anchor>,
    root: Option<Node>,
    /// The first fault of meaning.
    fault: Option<SyntaxError>,
    /// Nodes, as go-yaml counts decode operations, and those of them that aliases made.
    count: u64,
    alias_count: u64,
}

impl<'a> Composer<'a> {
    fn new(chunk: &'a Chunk<'a>, mark: char) -> Self {
        Self {
            chunk,
            mark,
            stack: Vec::new(),
            anchors: BTreeMap::new(),
            root: None,
            fault: None,
            // The document itself.
            count: 1,
            alias_count: 0,
        }
    }

    fn finish(self) -> Result<Option<Node>, SyntaxError> {
        match self.fault {
            Some(fault) => Err(fault),
            None => Ok(self.root),
        }
    }

    fn refuse(&mut self, message: &str, at: Position) {
        if self.fault.is_none() {
            self.fault = Some(SyntaxError::yaml(message, at));
        }
    }

    fn scalar(
        &mut self,
        anchor: Option<String>,
        tag: Option<&str>,
        mut text: String,
        implicit: bool,
        span: Span,
    ) {
        if self.mark != '\0' {
            text.retain(|letter| letter != self.mark);
        }
        self.count += 1;
        let merge = text == "<<" && (implicit || tag == Some("tag:yaml.org,2002:merge"));
        if merge && self.expects_key() {
            self.set_key(Key::Merge);
            return;
        }
        let data = match resolve(&text, tag, implicit) {
            Resolved::Data(data) => data,
            Resolved::NotFinite(go) => {
                if self.fault.is_none() {
                    let message = format!("json: unsupported value: {go}");
                    self.fault = Some(SyntaxError::conversion(&message, span.start));
                }
                Data::Null
            }
            Resolved::Refused(message) => {
                self.refuse(&message, span.start);
                Data::Null
            }
        };
        let node = Node { data, span };
        if let Some(anchor) = anchor {
            self.anchors.insert(anchor, Anchor::Closed(Rc::new(node.clone()), 1));
        }
        self.attach(node);
    }

    fn open(&mut self, open: Open, anchor: Option<String>, span: Span) -> Result<(), SyntaxError> {
        if self.stack.len() >= DEPTH_MAX {
            let message = format!("exceeded max depth of {DEPTH_MAX}");
            return Err(SyntaxError::yaml_at_line(self.chunk, &message, span.start));
        }
        if let Some(anchor) = &anchor {
            self.anchors.insert(anchor.clone(), Anchor::Open);
        }
        self.count += 1;
        self.stack.push(Frame { open, anchor, start: span.start, count_before: self.count - 1 });
        Ok(())
    }

    fn close(&mut self, span: Span) {
        let Some(frame) = self.stack.pop() else { return };
        let data = match frame.open {
            Open::Sequence(items) => Data::Sequence(items),
            Open::Mapping(entries, _) => Data::Mapping(entries),
        };
        let end = Self::end_of(&data, span);
        let node = Node { data, span: Span { start: frame.start, end } };
        if let Some(anchor) = frame.anchor {
            let size = self.count - frame.count_before;
            self.anchors.insert(anchor, Anchor::Closed(Rc::new(node.clone()), size));
        }
        self.attach(node);
    }

    /// A block collection ends where its last part ends, not where the next line begins.
    fn end_of(data: &Data, span: Span) -> Position {
        let last = match data {
            Data::Sequence(items) => items.last().map(|item| item.span.end),
            Data::Mapping(entries) => entries.last().map(|entry| entry.value.span.end),
            Data::Null | Data::Bool(_) | Data::Number(_) | Data::String(_) => None,
        };
        if span.start == span.end { last.unwrap_or(span.end) } else { span.end }
    }

    fn alias(&mut self, name: &str, span: Span) -> Result<(), SyntaxError> {
        self.count += 1;
        let (node, size) = match self.anchors.get(name) {
            None => {
                let message = format!("unknown anchor '{name}' referenced");
                return Err(SyntaxError::yaml(&message, span.start));
            }
            Some(Anchor::Open) => {
                self.refuse(&format!("anchor '{name}' value contains itself"), span.start);
                (None, 0)
            }
            Some(Anchor::Closed(node, size)) => (Some(Rc::clone(node)), *size),
        };
        self.count += size;
        self.alias_count += size;
        if excessive(self.alias_count, self.count) {
            self.refuse("document contains excessive aliasing", span.start);
        }
        let mut copy = Node { data: Data::Null, span };
        if let Some(node) = node.filter(|_| self.fault.is_none()) {
            if depth(&node) + self.stack.len() > DEPTH_MAX {
                self.refuse(&format!("exceeded max depth of {DEPTH_MAX}"), span.start);
            } else {
                copy = Node::clone(&node);
            }
        }
        self.attach(copy);
        Ok(())
    }

    fn expects_key(&self) -> bool {
        matches!(self.stack.last(), Some(Frame { open: Open::Mapping(_, None), .. }))
    }

    fn set_key(&mut self, new: Key) {
        if let Some(Frame { open: Open::Mapping(_, key), .. }) = self.stack.last_mut() {
            *key = Some(new);
        }
    }

    fn attach(&mut self, node: Node) {
        if self.expects_key() {
            let key = self.key_of(&node);
            self.set_key(key);
            return;
        }
        match self.stack.last_mut().map(|frame| &mut frame.open) {
            None => self.root = Some(node),
            Some(Open::Sequence(items)) => items.push(node),
            Some(Open::Mapping(entries, key)) => match key.take() {
                Some(Key::Text(key, key_span)) => {
                    entries.push(Entry { key, key_span, merged: false, value: node });
                }
                Some(Key::Merge) => self.merge(node),
                Some(Key::Refused) | None => {}
            },
        }
    }

    /// Later entries win over earlier ones, as in go-yaml v2; of several merged mappings the first wins.
    fn merge(&mut self, node: Node) {
        let at = node.span.start;
        let mappings = match node.data {
            Data::Mapping(_) => vec![node],
            Data::Sequence(items) => items.into_iter().rev().collect(),
            Data::Null | Data::Bool(_) | Data::Number(_) | Data::String(_) => Vec::new(),
        };
        let well = !mappings.is_empty()
            && mappings.iter().all(|mapping| matches!(mapping.data, Data::Mapping(_)));
        if !well {
            self.refuse("map merge requires map or sequence of maps as the value", at);
            return;
        }
        let Some(Frame { open: Open::Mapping(entries, _), .. }) = self.stack.last_mut() else {
            return;
        };
        for mapping in mappings {
            if let Data::Mapping(merged) = mapping.data {
                entries.extend(merged.into_iter().map(|entry| Entry { merged: true, ..entry }));
            }
        }
    }

    /// Keys become texts as sigs.k8s.io/yaml turns them into JSON's.
    fn key_of(&mut self, node: &Node) -> Key {
        let text = match &node.data {
            Data::String(text) => text.clone(),
            Data::Bool(flag) => flag.to_string(),
            Data::Number(number) => number.to_string(),
            Data::Null => {
                let message = "unsupported map key of type: %!s(<nil>), key: <nil>";
                if self.fault.is_none() {
                    self.fault = Some(SyntaxError::conversion(message, node.span.start));
                }
                return Key::Refused;
            }
            Data::Sequence(_) | Data::Mapping(_) => {
                self.refuse(&format!("invalid map key: {}", go_syntax(node)), node.span.start);
                return Key::Refused;
            }
        };
        Key::Text(text, node.span)
    }
}

/// go-yaml's bound: of small documents 99 in 100 nodes may come from aliases, of very large ones 10.
fn excessive(alias_count: u64, count: u64) -> bool {
    const LOW: u64 = 400_000;
    const HIGH: u64 = 4_000_000;
    // In ten-thousandths, so that it stays whole.
    let allowed = match count {
        ..=LOW => 9_900,
        HIGH.. => 1_000,
        _ => 9_900 - 8_900 * (count - LOW) / (HIGH - LOW),
    };
    alias_count > 100 && count > 1000 && alias_count * 10_000 > allowed * count
}

fn depth(node: &Node) -> usize {
    match &node.data {
        Data::Sequence(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Data::Mapping(entries) => {
            1 + entries.iter().map(|entry| depth(&entry.value)).max().unwrap_or(0)
        }
        Data::Null | Data::Bool(_) | Data::Number(_) | Data::String(_) => 0,
    }
}

/// A value as Go's `%#v` prints it.
fn go_syntax(node: &Node) -> String {
    match &node.data {
        Data::Null => "interface {}(nil)".to_owned(),
        Data::Bool(flag) => flag.to_string(),
        Data::Number(Number::Unsigned(number)) => format!("{number:#x}"),
        Data::Number(number) => number.to_string(),
        Data::String(text) => quote(text),
        Data::Sequence(items) => {
            let items: Vec<String> = items.iter().map(go_syntax).collect();
            format!("[]interface {{}}{{{}}}", items.join(", "))
        }
        Data::Mapping(_) => {
            let entries: Vec<String> = node
                .sorted_entries()
                .iter()
                .map(|entry| format!("{}:{}", quote(&entry.key), go_syntax(&entry.value)))
                .collect();
            format!("map[interface {{}}]interface {{}}{{{}}}", entries.join(", "))
        }
    }
}

/// The line that go-yaml names: it counts from 0 but adds one for the scanner's errors, and leaves line 0 out.
fn syntax_error(chunk: &Chunk<'_>, error: &libyaml_safer::Error) -> SyntaxError {
    if error.kind() == ErrorKind::Reader || error.kind() == ErrorKind::Io {
        let (offset, problem) = unreadable(chunk.text);
        return SyntaxError::yaml(problem, chunk.position_at(offset));
    }
    let problem = error.problem_mark().unwrap_or_default();
    let line = match (problem.line, error.kind()) {
        (0, _) => error.context_mark().map_or(0, |mark| mark.line),
        (line, ErrorKind::Scanner) => line + 1,
        (line, _) => line,
    };
    let message = if line == 0 {
        error.problem().to_owned()
    } else {
        format!("line {line}: {}", error.problem())
    };
    SyntaxError::yaml(&message, chunk.position(problem))
}

/// The first byte that YAML does not allow, and go-yaml's words for it.
fn unreadable(text: &[u8]) -> (usize, &'static str) {
    let (valid, problem) = match std::str::from_utf8(text) {
        Ok(valid) => (valid, ""),
        Err(error) => {
            let bad = text.get(error.valid_up_to()).copied().unwrap_or_default();
            let problem = match (bad, error.error_len()) {
                (_, None) => "incomplete UTF-8 octet sequence",
                (0x80..=0xbf | 0xf8.., _) => "invalid leading UTF-8 octet",
                (_, Some(_)) => "invalid trailing UTF-8 octet",
            };
            let valid = text.get(..error.valid_up_to()).unwrap_or_default();
            (std::str::from_utf8(valid).unwrap_or_default(), problem)
        }
    };
    let allowed = |letter: char| matches!(letter, '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    match valid.char_indices().find(|(_, letter)| !allowed(*letter)) {
        Some((offset, _)) => (offset, "control characters are not allowed"),
        None => (valid.len(), problem),
    }
}

impl Chunk<'_> {
    /// Where a mark of the scanner stands in the whole text.
    fn position(&self, mark: Mark) -> Position {
        let offset = usize::try_from(mark.index).unwrap_or(usize::MAX).min(self.text.len());
        let small = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        Position {
            line: self.start.line.saturating_add(small(mark.line)),
            column: small(mark.column),
            offset: self.start.offset + u32::try_from(offset).unwrap_or(u32::MAX),
        }
    }
}
