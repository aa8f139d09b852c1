//! Standard base64 with Go's words for what is wrong.
//!
//! Models Go's `encoding/base64` `StdEncoding`: line breaks are skipped, padding is required, and the error names the
//! first byte that does not fit.

/// The offset of the byte at which decoding failed.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct CorruptInput(pub usize);

/// `illegal base64 data at input byte 4`
impl std::fmt::Display for CorruptInput {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "illegal base64 data at input byte {}", self.0)
    }
}

/// Decodes base64.
pub fn decode(text: &str) -> Result<Vec<u8>, CorruptInput> {
    let input: Vec<(usize, u8)> =
        text.bytes().enumerate().filter(|(_, byte)| !matches!(byte, b'\r' | b'\n')).collect();
    let mut output = Vec::with_capacity(input.len() / 4 * 3);
    let mut group: Vec<u8> = Vec::with_capacity(4);
    let mut rest = input.iter();
    while let Some((at, byte)) = rest.next() {
        if let Some(value) = value_of(*byte) {
            group.push(value);
            if group.len() == 4 {
                output.extend(bytes_of(&group));
                group.clear();
            }
            continue;
        }
        if *byte != b'=' || group.len() < 2 {
            return Err(CorruptInput(*at));
        }
        if group.len() == 2 {
            match rest.next() {
                Some((_, b'=')) => {}
                Some((at, _)) => return Err(CorruptInput(*at)),
                None => return Err(CorruptInput(text.len())),
            }
        }
        if let Some((at, _)) = rest.next() {
            return Err(CorruptInput(*at));
        }
        output.extend(bytes_of(&group));
        return Ok(output);
    }
    if group.is_empty() { Ok(output) } else { Err(CorruptInput(text.len() - group.len())) }
}

/// Encodes bytes.
pub fn encode(bytes: &[u8]) -> String {
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    encode_in(letters, true, bytes)
}

/// Encodes bytes as tokens have it: with other letters for `+` and `/`, and without padding (`RawURLEncoding`).
pub fn encode_url(bytes: &[u8]) -> String {
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    encode_in(letters, false, bytes)
}

fn encode_in(letters: &[u8; 64], padded: bool, bytes: &[u8]) -> String {
    let mut text = Vec::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte))
            << (8 * (3 - chunk.len()));
        for index in 0..4_usize {
            if index <= chunk.len() {
                text.push(letters[(bits >> (18 - 6 * index) & 63) as usize]);
            } else if padded {
                text.push(b'=');
            }
        }
    }
    String::from_utf8(text).expect("all letters are ASCII")
}

fn value_of(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

/// The bytes that two to four letters stand for.
fn bytes_of(group: &[u8]) -> Vec<u8> {
    let bits = group.iter().fold(0_u32, |bits, value| bits << 6 | u32::from(*value))
        << (6 * (4 - group.len()));
    let [_, first, second, third] = bits.to_be_bytes();
    [first, second, third].into_iter().take(group.len() - 1).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_what_it_encodes_and_names_the_bad_byte() {
        for text in ["", "a", "ab", "abc", "abcd", "hello world"] {
            assert_eq!(decode(&encode(text.as_bytes())).unwrap(), text.as_bytes());
        }
        assert_eq!((encode(b"\xfb\xff"), encode_url(b"\xfb\xff")), ("+/8=".into(), "-_8".into()));
        for (text, at) in [("abc!", 3), ("secret", 4), ("YQ=", 3), ("YQ==YQ==", 4), ("=", 0)] {
            assert_eq!(decode(text), Err(CorruptInput(at)), "{text}");
        }
    }
}
