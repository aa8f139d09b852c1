//! One JSON value to a tree, with Go's words for what is wrong.
//!
//! Models Go's `encoding/json` scanner as kubectl meets it (`json: offset 12: invalid character ...`). Text that is not
//! UTF-8 is replaced inside strings, as there.

use super::DEPTH_MAX;
use super::documents::{Chunk, SyntaxError, position_after};
use super::node::{Data, Entry, Node, Number, Position, Span};

/// Reads the first value; `None` if there is nothing but space. Also returns how many bytes were read.
pub(super) fn read(chunk: &Chunk<'_>) -> Result<Option<(Node, usize)>, SyntaxError> {
    let mut reader = Reader { chunk, at: 0, seen: 0, seen_at: chunk.start };
    reader.skip_space();
    if reader.peek().is_none() {
        return Ok(None);
    }
    let node = reader.value(0)?;
    Ok(Some((node, reader.at)))
}

/// Whether a text is one JSON object, as Go's `json.Unmarshal` into a map sees it; if not, in its words.
pub fn check_json_object(text: &[u8]) -> Result<(), String> {
    let chunk = Chunk { text, start: Position::default() };
    let plain = |error: SyntaxError| match error.message.split_once("invalid character") {
        Some((_, rest)) => format!("invalid character{rest}"),
        None => "unexpected end of JSON input".to_owned(),
    };
    let Some((node, read)) = read(&chunk).map_err(plain)? else {
        return Err("unexpected end of JSON input".to_owned());
    };
    let mut reader = Reader { chunk: &chunk, at: read, seen: 0, seen_at: chunk.start };
    reader.skip_space();
    if reader.peek().is_some() {
        return Err(plain(reader.unexpected("after top-level value")));
    }
    let kind = match node.data {
        Data::Mapping(_) | Data::Null => return Ok(()),
        Data::Bool(_) => "bool",
        Data::Number(_) => "number",
        Data::String(_) => "string",
        Data::Sequence(_) => "array",
    };
    Err(format!("json: cannot unmarshal {kind} into Go value of type map[string]interface {{}}"))
}

struct Reader<'a> {
    chunk: &'a Chunk<'a>,
    at: usize,
    /// The last place that was asked for, so that the next is counted from there.
    seen: usize,
    seen_at: Position,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.chunk.text.get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    fn position(&mut self) -> Position {
        let between = self.chunk.text.get(self.seen..self.at).unwrap_or_default();
        self.seen_at = position_after(self.seen_at, between);
        self.seen = self.at;
        self.seen_at
    }

    /// The character at hand does not belong here.
    fn unexpected(&mut self, context: &str) -> SyntaxError {
        let position = self.position();
        let Some(byte) = self.peek() else {
            return SyntaxError::new("unexpected EOF", position);
        };
        let letter = match byte {
            b'\'' => r"'\\''".replace(r"\\", r"\"),
            b'"' => "'\"'".to_owned(),
            b'\n' => r"'\n'".to_owned(),
            b'\r' => r"'\r'".to_owned(),
            b'\t' => r"'\t'".to_owned(),
            0..0x20 | 0x7f => format!(r"'\x{byte:02x}'"),
            0x80..0xa0 => format!(r"'\u{byte:04x}'"),
            _ => format!("'{}'", char::from(byte)),
        };
        let offset = position.offset + 1;
        let message = format!("json: offset {offset}: invalid character {letter} {context}");
        SyntaxError::new(&message, position)
    }

    fn value(&mut self, depth: usize) -> Result<Node, SyntaxError> {
        let start = self.position();
        if depth > DEPTH_MAX {
            return Err(SyntaxError::new("exceeded max depth", start));
        }
        let data = match self.peek() {
            Some(b'{') => self.object(depth)?,
            Some(b'[') => self.array(depth)?,
            Some(b'"') => Data::String(self.string()?),
            Some(b't') => self.literal("true", Data::Bool(true))?,
            Some(b'f') => self.literal("false", Data::Bool(false))?,
            Some(b'n') => self.literal("null", Data::Null)?,
            Some(b'-' | b'0'..=b'9') => Data::Number(self.number()?),
            Some(_) | None => return Err(self.unexpected("looking for beginning of value")),
        };
        Ok(Node { data, span: Span { start, end: self.position() } })
    }

    fn object(&mut self, depth: usize) -> Result<Data, SyntaxError> {
        let mut entries = Vec::new();
        self.at += 1;
        self.skip_space();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Data::Mapping(entries));
        }
        loop {
            self.skip_space();
            if self.peek() != Some(b'"') {
                return Err(self.unexpected("looking for beginning of object key string"));
            }
            let start = self.position();
            let key = self.string()?;
            let key_span = Span { start, end: self.position() };
            self.skip_space();
            if self.peek() != Some(b':') {
                return Err(self.unexpected("after object key"));
            }
            self.at += 1;
            self.skip_space();
            let value = self.value(depth + 1)?;
            entries.push(Entry { key, key_span, merged: false, value });
            self.skip_space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return Ok(Data::Mapping(entries));
                }
                Some(_) | None => return Err(self.unexpected("after object key:value pair")),
            }
        }
    }

    fn array(&mut self, depth: usize) -> Result<Data, SyntaxError> {
        let mut items = Vec::new();
        self.at += 1;
        self.skip_space();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Data::Sequence(items));
        }
        loop {
            self.skip_space();
            items.push(self.value(depth + 1)?);
            self.skip_space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(Data::Sequence(items));
                }
                Some(_) | None => return Err(self.unexpected("after array element")),
            }
        }
    }

    fn literal(&mut self, word: &str, data: Data) -> Result<Data, SyntaxError> {
        for expected in word.bytes() {
            if self.peek() != Some(expected) {
                let letter = char::from(expected);
                return Err(self.unexpected(&format!("in literal {word} (expecting '{letter}')")));
            }
            self.at += 1;
        }
        Ok(data)
    }

    fn digits(&mut self) -> usize {
        let from = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        self.at - from
    }

    fn number(&mut self) -> Result<Number, SyntaxError> {
        let from = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else if self.digits() == 0 {
            return Err(self.unexpected("in numeric literal"));
        }
        let mut whole = true;
        if self.peek() == Some(b'.') {
            self.at += 1;
            whole = false;
            if self.digits() == 0 {
                return Err(self.unexpected("after decimal point in numeric literal"));
            }
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            whole = false;
            if matches!(self.peek(), Some(b'-' | b'+')) {
                self.at += 1;
            }
            if self.digits() == 0 {
                return Err(self.unexpected("in exponent of numeric literal"));
            }
        }
        let text = self.chunk.text.get(from..self.at).unwrap_or_default();
        let text = String::from_utf8_lossy(text);
        if let (true, Ok(number)) = (whole, text.parse()) {
            return Ok(Number::Int(number));
        }
        super::parse_float(&text).map(Number::from_f64).ok_or_else(|| {
            let message =
                format!("json: cannot unmarshal number {text} into Go value of type float64");
            SyntaxError::new(&message, self.position())
        })
    }

    fn string(&mut self) -> Result<String, SyntaxError> {
        let mut bytes = Vec::new();
        self.at += 1;
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(String::from_utf8_lossy(&bytes).into_owned());
                }
                Some(b'\\') => {
                    self.at += 1;
                    let letter = self.escape()?;
                    bytes.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
                }
                Some(0..0x20) | None => return Err(self.unexpected("in string literal")),
                Some(byte) => {
                    bytes.push(byte);
                    self.at += 1;
                }
            }
        }
    }

    fn escape(&mut self) -> Result<char, SyntaxError> {
        let letter = match self.peek() {
            Some(letter @ (b'"' | b'\\' | b'/')) => char::from(letter),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                self.at += 1;
                return self.unicode();
            }
            Some(_) | None => return Err(self.unexpected("in string escape code")),
        };
        self.at += 1;
        Ok(letter)
    }

    /// Four hexadecimal digits, or two times four for a pair of surrogates; lone ones become U+FFFD.
    fn unicode(&mut self) -> Result<char, SyntaxError> {
        let first = self.hex()?;
        if !(0xd800..0xdc00).contains(&first) {
            return Ok(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        let back = self.at;
        if self.chunk.text.get(self.at..self.at + 2) == Some(b"\\u") {
            self.at += 2;
            let second = self.hex()?;
            if (0xdc00..0xe000).contains(&second) {
                let code = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            self.at = back;
        }
        Ok(char::REPLACEMENT_CHARACTER)
    }

    fn hex(&mut self) -> Result<u32, SyntaxError> {
        let mut code = 0;
        for _ in 0..4 {
            let digit = self.peek().and_then(|byte| char::from(byte).to_digit(16));
            let Some(digit) = digit else {
                return Err(self.unexpected("in \\u hexadecimal character escape"));
            };
            code = code << 4 | digit;
            self.at += 1;
        }
        Ok(code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(text: &str) -> String {
        let chunk = Chunk { text: text.as_bytes(), start: Position::default() };
        match read(&chunk) {
            Ok(Some((node, _))) => node.to_value().to_string(),
            Ok(None) => "nothing".to_owned(),
            Err(error) => error.message,
        }
    }

    #[test]
    fn reads_values_and_names_faults_as_go_does() {
        for (text, result) in [
            (
                r#"{"a": [1, -2.5e1, true, null, "x\n\u00e9\ud83d\ude00"]}"#,
                "{\"a\":[1,-25,true,null,\"x\\né😀\"]}",
            ),
            ("  ", "nothing"),
            (r#"{"a" 1}"#, "json: offset 6: invalid character '1' after object key"),
            (
                r#"{"a": 1,}"#,
                "json: offset 9: invalid character '}' looking for beginning of object key string",
            ),
            (
                r#"{"a": tru}"#,
                "json: offset 10: invalid character '}' in literal true (expecting 'e')",
            ),
            (r#"{"a": ["#, "unexpected EOF"),
            (r#"{"a": x}"#, "json: offset 7: invalid character 'x' looking for beginning of value"),
        ] {
            assert_eq!(first(text), result, "{text}");
        }
    }
}
