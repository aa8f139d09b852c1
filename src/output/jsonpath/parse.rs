//! A template's text to a list of nodes. Models client-go `util/jsonpath/parser.go`, its oddities included.

use crate::manifest;
use crate::quote::is_print;

/// One step or literal.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    /// What stands in one pair of braces.
    List(Vec<Self>),
    Text(String),
    Int(i64),
    Float(f64),
    Bool(bool),
    /// `range`, `end`
    Identifier(String),
    Field(String),
    /// `*` as a field
    Wildcard,
    /// `..`
    Recursive,
    /// `[from:to:step]`
    Slice([Bound; 3]),
    /// `[a,b]`
    Union(Vec<Vec<Self>>),
    /// `[?(left operator right)]`
    Filter(Vec<Self>, String, Vec<Self>),
}

/// A part of a slice.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Bound {
    /// The number; `None` if it was left out.
    pub(super) value: Option<i64>,
    /// Whether it follows from the index before it, as in `[3]`.
    pub(super) derived: bool,
}

/// Brackets in brackets go through this function again; nobody needs many.
const DEPTH_MAX: usize = 16;

pub(super) fn parse(text: &str, depth: usize) -> Result<Vec<Node>, String> {
    if depth > DEPTH_MAX {
        return Err("unterminated array".to_owned());
    }
    let mut parser = Parser { input: text.chars().collect(), at: 0, start: 0, depth };
    let mut nodes = Vec::new();
    loop {
        while parser.peek().is_some_and(|letter| letter != '{') {
            parser.at += 1;
        }
        let text = parser.take();
        if !text.is_empty() {
            nodes.push(Node::Text(text));
        }
        if parser.next().is_none() {
            return Ok(nodes);
        }
        parser.take();
        nodes.push(Node::List(parser.action()?));
    }
}

/// Reads an expression as if it stood in braces of its own.
fn parse_action(text: &str, depth: usize) -> Result<Vec<Node>, String> {
    match parse(&format!("{{{text}}}"), depth + 1)?.into_iter().next() {
        Some(Node::List(nodes)) => Ok(nodes),
        _ => Ok(Vec::new()),
    }
}

struct Parser {
    input: Vec<char>,
    at: usize,
    /// Where the text that was not taken yet begins.
    start: usize,
    depth: usize,
}

impl Parser {
    fn peek(&self) -> Option<char> {
        self.input.get(self.at).copied()
    }

    fn next(&mut self) -> Option<char> {
        let letter = self.peek()?;
        self.at += 1;
        Some(letter)
    }

    fn take(&mut self) -> String {
        let text = self.input.get(self.start..self.at).unwrap_or_default().iter().collect();
        self.start = self.at;
        text
    }

    fn starts_with(&self, prefix: &str) -> bool {
        let rest = self.input.iter().skip(self.at);
        prefix.chars().eq(rest.take(prefix.len()).copied())
    }

    /// Up to the closing brace.
    fn action(&mut self) -> Result<Vec<Node>, String> {
        let mut nodes = Vec::new();
        loop {
            if self.starts_with("[?(") {
                nodes.push(self.filter()?);
                continue;
            }
            if self.starts_with("..") {
                self.recursive(&mut nodes)?;
                continue;
            }
            match self.next() {
                None | Some('\r' | '\n') => return Err("unclosed action".to_owned()),
                Some('}') => {
                    self.take();
                    return Ok(nodes);
                }
                Some(' ' | '@' | '$') => {
                    self.take();
                }
                Some('[') => self.array(&mut nodes)?,
                Some(quote @ ('"' | '\'')) => nodes.push(self.quoted(quote)?),
                Some('.') => nodes.push(self.field()),
                Some(letter) if letter == '+' || letter == '-' || letter.is_numeric() => {
                    self.at -= 1;
                    nodes.push(self.number()?);
                }
                Some(letter) if is_alphanumeric(letter) => nodes.push(self.identifier()),
                Some(letter) => {
                    let code = u32::from(letter);
                    let shown =
                        if is_print(letter) { format!(" '{letter}'") } else { String::new() };
                    return Err(format!("unrecognized character in action: U+{code:04X}{shown}"));
                }
            }
        }
    }

    fn identifier(&mut self) -> Node {
        while self.peek().is_some_and(|letter| !is_terminator(letter)) {
            self.at += 1;
        }
        match self.take().as_str() {
            "true" => Node::Bool(true),
            "false" => Node::Bool(false),
            name => Node::Identifier(name.to_owned()),
        }
    }

    fn recursive(&mut self, nodes: &mut Vec<Node>) -> Result<(), String> {
        if nodes.last() == Some(&Node::Recursive) {
            return Err("invalid multiple recursive descent".to_owned());
        }
        self.at += 2;
        self.take();
        nodes.push(Node::Recursive);
        if self.peek().is_some_and(is_alphanumeric) {
            nodes.push(self.field());
        }
        Ok(())
    }

    fn number(&mut self) -> Result<Node, String> {
        if matches!(self.peek(), Some('+' | '-')) {
            self.at += 1;
        }
        while self.peek().is_some_and(|letter| letter == '.' || letter.is_numeric()) {
            self.at += 1;
        }
        let text = self.take();
        if let Ok(number) = text.parse() {
            return Ok(Node::Int(number));
        }
        let number = manifest::parse_float(&text).map(Node::Float);
        number.ok_or_else(|| format!("cannot parse number {text}"))
    }

    fn field(&mut self) -> Node {
        self.take();
        while let Some(letter) = self.peek() {
            if letter == '\\' {
                self.at += 1;
            } else if is_terminator(letter) {
                break;
            }
            self.at = (self.at + 1).min(self.input.len());
        }
        let name = self.take();
        if name == "*" { Node::Wildcard } else { Node::Field(name.replace('\\', "")) }
    }

    fn quoted(&mut self, quote: char) -> Result<Node, String> {
        loop {
            match self.next() {
                None | Some('\n') => return Err("unterminated quoted string".to_owned()),
                Some(letter) if letter == quote => {
                    if self.input.get(self.at.saturating_sub(2)) != Some(&'\\') {
                        break;
                    }
                }
                Some(_) => {}
            }
        }
        let text = self.take();
        match unquote(&text, quote) {
            Some(unquoted) => Ok(Node::Text(unquoted)),
            None => Err(format!("unquote string {text} error invalid syntax")),
        }
    }

    fn array(&mut self, nodes: &mut Vec<Node>) -> Result<(), String> {
        loop {
            match self.next() {
                None | Some('\n') => return Err("unterminated array".to_owned()),
                Some(']') => break,
                Some(_) => {}
            }
        }
        let bracketed = self.take();
        let text = bracketed.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
        let text = match text.unwrap_or_default() {
            "*" => ":",
            text => text,
        };
        if text.contains(',') {
            let parts: Result<Vec<_>, String> = text
                .split(',')
                .map(|part| parse_action(&format!("[{}]", part.trim_matches(' ')), self.depth))
                .collect();
            nodes.push(Node::Union(parts?));
            return Ok(());
        }
        let key = text.strip_prefix('\'').and_then(|text| text.strip_suffix('\''));
        if let Some(key) = key.filter(|key| !key.contains('\'')) {
            nodes.extend(parse_action(&format!(".{key}"), self.depth)?);
            return Ok(());
        }
        nodes.push(Node::Slice(slice(text)?));
        Ok(())
    }

    fn filter(&mut self) -> Result<Node, String> {
        self.at += 3;
        self.take();
        let mut quote = None;
        let mut closed = false;
        loop {
            match self.next() {
                None | Some('\n') => return Err("unterminated filter".to_owned()),
                Some(letter @ ('"' | '\'')) => match quote {
                    None => quote = Some(letter),
                    Some(quote) => {
                        let escaped = self.input.get(self.at.saturating_sub(2)) == Some(&'\\');
                        closed |= !escaped && letter == quote;
                    }
                },
                Some(')') if quote.is_some() == closed => break,
                Some(_) => {}
            }
        }
        let text = self.take();
        let text = text.strip_suffix(')').unwrap_or(&text).to_owned();
        if self.next() != Some(']') {
            return Err("unclosed array expect ]".to_owned());
        }
        self.take();
        let is_operator = |letter: char| matches!(letter, '!' | '<' | '>' | '=');
        let from = text.find(is_operator).filter(|from| *from > 0);
        let parts = from.and_then(|from| {
            let (left, rest) = text.split_at_checked(from)?;
            let right = rest.trim_start_matches(is_operator);
            // All of `==` with nothing behind it: the last sign is then the right side.
            let length = rest.len() - right.len();
            let length = if right.is_empty() { length.checked_sub(1)? } else { length };
            let (operator, right) = rest.split_at_checked(length)?;
            (!operator.is_empty()).then_some((left, operator, right))
        });
        match parts {
            None => {
                let left = parse_action(&text, self.depth)?;
                Ok(Node::Filter(left, "exists".to_owned(), Vec::new()))
            }
            Some((left, operator, right)) => {
                let left = parse_action(left, self.depth)?;
                let right = parse_action(right, self.depth)?;
                Ok(Node::Filter(left, operator.to_owned(), right))
            }
        }
    }
}

fn slice(text: &str) -> Result<[Bound; 3], String> {
    let parts: Vec<&str> = text.split(':').collect();
    let well = |part: &&str| {
        part.strip_prefix('-').unwrap_or(part).bytes().all(|byte| byte.is_ascii_digit())
    };
    if parts.len() > 3 || !parts.iter().all(well) {
        return Err(format!("invalid array index {text}"));
    }
    let mut bounds = [Bound::default(); 3];
    for (bound, part) in bounds.iter_mut().zip(&parts) {
        if !part.is_empty() {
            let Ok(number) = part.parse() else {
                return Err(format!("array index {part} is not a number"));
            };
            bound.value = Some(number);
        }
    }
    if parts.len() == 1 {
        let after = bounds[0].value.unwrap_or(0).saturating_add(1);
        bounds[1] = Bound { value: Some(after), derived: true };
    }
    Ok(bounds)
}

/// Go's `strconv.UnquoteChar` over the whole text, for either quote.
pub(in crate::output) fn unquote(quoted: &str, quote: char) -> Option<String> {
    let inner = quoted.strip_prefix(quote)?.strip_suffix(quote)?;
    if !inner.contains('\\') {
        return Some(inner.to_owned());
    }
    let mut bytes = Vec::with_capacity(inner.len());
    let mut letters = inner.chars();
    while let Some(letter) = letters.next() {
        if letter == quote {
            return None;
        }
        if letter != '\\' {
            bytes.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
            continue;
        }
        let escape = letters.next()?;
        let mut code = |digits: usize, radix: u32, first: u32| {
            (0..digits).try_fold(first, |code, _| {
                Some(code.checked_mul(radix)? + letters.next()?.to_digit(radix)?)
            })
        };
        match escape {
            'a' => bytes.push(7),
            'b' => bytes.push(8),
            'f' => bytes.push(12),
            'n' => bytes.push(b'\n'),
            'r' => bytes.push(b'\r'),
            't' => bytes.push(b'\t'),
            'v' => bytes.push(11),
            '\\' => bytes.push(b'\\'),
            '\'' | '"' if escape == quote => bytes.push(u8::try_from(escape).ok()?),
            'x' => bytes.push(u8::try_from(code(2, 16, 0)?).ok()?),
            '0'..='7' => bytes.push(u8::try_from(code(2, 8, escape.to_digit(8)?)?).ok()?),
            'u' | 'U' => {
                let letter = char::from_u32(code(if escape == 'u' { 4 } else { 8 }, 16, 0)?)?;
                bytes.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
            }
            _ => return None,
        }
    }
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

fn is_terminator(letter: char) -> bool {
    matches!(letter, ' ' | '\t' | '\r' | '\n' | '.' | ',' | '[' | ']' | '$' | '@' | '{' | '}')
}

fn is_alphanumeric(letter: char) -> bool {
    letter == '_' || letter.is_alphanumeric()
}
