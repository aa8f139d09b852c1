//! The lines of a save: fields between tabs, each line checked together with all lines before it.
//!
//! A line is `CHECK<tab>FIELD<tab>FIELD…`; the check (FNV-1a, 32 bits, eight hex digits) covers the check before it, so a
//! line that is changed, missing or out of place is found at its number. It guards against accidents, not against
//! malice: whatever reads the fields must be ready for anything.

use std::fmt;

/// What is wrong with a save.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// It does not begin as a save does.
    NotASave,
    /// It has a format that this version does not know.
    TooNew,
    /// It is larger than any that we write.
    TooLarge,
    /// The line was changed, or one before it is missing.
    Changed,
    /// The line does not say what a line of its kind says.
    Senseless,
}

/// Something wrong with a save, and where.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// The line, from 1.
    pub line: usize,
    /// What.
    pub wrong: Wrong,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.wrong {
            Wrong::NotASave => "this is no save",
            Wrong::TooNew => "the save was made by a newer version",
            Wrong::TooLarge => "the save is larger than any that is read",
            Wrong::Changed => "the line was changed, or one before it is missing",
            Wrong::Senseless => "the line makes no sense",
        };
        write!(f, "line {}: {what}", self.line)
    }
}

/// The check of all lines so far.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Chain(u32);

impl Chain {
    /// A chain that begins with a first line, which carries no check of its own.
    pub(super) fn begin(first: &str) -> Self {
        Self(fnv(0x811c_9dc5, first.as_bytes()))
    }

    /// The next line, check and newline included.
    pub(super) fn write(&mut self, fields: &[&str]) -> String {
        let mut text = String::new();
        for (index, field) in fields.iter().enumerate() {
            if index > 0 {
                text.push('\t');
            }
            escape(field, &mut text);
        }
        self.0 = self.after(&text);
        format!("{:08x}\t{text}\n", self.0)
    }

    /// The fields of a line, if it is the next one.
    pub(super) fn read(&mut self, line: &str) -> Option<Vec<String>> {
        let (check, text) = line.split_once('\t')?;
        let after = self.after(text);
        if check != format!("{after:08x}") {
            return None;
        }
        self.0 = after;
        text.split('\t').map(unescape).collect()
    }

    fn after(self, text: &str) -> u32 {
        fnv(fnv(0x811c_9dc5, &self.0.to_le_bytes()), text.as_bytes())
    }
}

/// FNV-1a with 32 bits, going on from `hash`.
pub(super) fn fnv(hash: u32, bytes: &[u8]) -> u32 {
    bytes.iter().fold(hash, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}

fn escape(field: &str, text: &mut String) {
    for c in field.chars() {
        match c {
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            c => text.push(c),
        }
    }
}

fn unescape(text: &str) -> Option<String> {
    let mut field = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        field.push(match c {
            '\\' => match chars.next()? {
                '\\' => '\\',
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                _ => return None,
            },
            c => c,
        });
    }
    Some(field)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_comes_back() {
        for fields in
            [&["a"][..], &["", ""], &["a\tb\\n\r\n", "小舟\0\u{2028}"], &["\\", "\\\\t", ""]]
        {
            let mut chain = Chain::begin("x");
            let line = chain.write(fields);
            assert_eq!(line.matches('\n').count(), 1, "{line:?}");
            let read = Chain::begin("x").read(line.trim_end_matches('\n'));
            assert_eq!(read.unwrap(), fields);
        }
    }

    #[test]
    fn a_line_out_of_place_is_found() {
        let mut chain = Chain::default();
        let (one, two) = (chain.write(&["one"]), chain.write(&["two"]));
        let mut reader = Chain::default();
        assert_eq!(reader.read(two.trim_end()), None);
        assert!(reader.read(one.trim_end()).is_some());
        assert_eq!(reader.read(&two.replace("two", "too")), None);
        assert!(reader.read(two.trim_end()).is_some());
        assert_eq!(reader.read("deadbeef"), None);
    }
}
