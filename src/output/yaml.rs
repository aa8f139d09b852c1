//! YAML as `kubectl -o yaml` prints it: block style, keys sorted, quotes only where a text would read as something else.
//!
//! Models go-yaml v2 `encode.go`, `sorter.go` and `emitterc.go` (through sigs.k8s.io/yaml).
//!
//! *Differs:* a text with Unicode's own line breaks is put in double quotes, where upstream breaks the line.

use std::cmp::Ordering;
use std::fmt::Write as _;

use serde_json::{Map, Value};

use crate::manifest::plain_is_string;
use crate::order;
use crate::quote::number_g;

/// A whole document, with a line break at the end.
pub fn print(value: &Value) -> String {
    let mut text = String::new();
    match value {
        Value::Object(map) if !map.is_empty() => write_mapping(&mut text, map, 0),
        Value::Array(items) if !items.is_empty() => write_sequence(&mut text, items, 0),
        Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_)
        | Value::Array(_)
        | Value::Object(_) => {
            write_scalar(&mut text, value, 0);
            text.push('\n');
        }
    }
    text
}

/// Keys longer than this are written behind `? `.
const SIMPLE_KEY_BYTES_MAX: usize = 128;

/// Writes the entries, the first where the cursor is, the others at `indent`.
fn write_mapping(text: &mut String, map: &Map<String, Value>, indent: usize) {
    let mut entries: Vec<(&String, &Value)> = map.iter().collect();
    order::sort_by(&mut entries, |(left, _), (right, _)| key_order(left, right));
    for (index, (key, value)) in entries.into_iter().enumerate() {
        if index > 0 {
            text.push_str(&" ".repeat(indent));
        }
        let simple = key.len() <= SIMPLE_KEY_BYTES_MAX && !key.contains('\n');
        if simple {
            write_string(text, key, None);
        } else {
            text.push_str("? ");
            write_string(text, key, Some(indent));
            text.push('\n');
            text.push_str(&" ".repeat(indent));
        }
        text.push(':');
        match value {
            Value::Object(map) if !map.is_empty() => {
                if simple {
                    break_line(text, indent + 2);
                } else {
                    text.push(' ');
                }
                write_mapping(text, map, indent + 2);
            }
            Value::Array(items) if !items.is_empty() => {
                // A list in a mapping stands under its key, not further in.
                let items_indent = if simple { indent } else { indent + 2 };
                if simple {
                    break_line(text, items_indent);
                } else {
                    text.push(' ');
                }
                write_sequence(text, items, items_indent);
            }
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_)
            | Value::Object(_) => {
                text.push(' ');
                write_scalar(text, value, indent);
                text.push('\n');
            }
        }
    }
}

/// Writes the items, the first where the cursor is, the others at `indent`.
fn write_sequence(text: &mut String, items: &[Value], indent: usize) {
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            text.push_str(&" ".repeat(indent));
        }
        text.push_str("- ");
        match item {
            Value::Object(map) if !map.is_empty() => write_mapping(text, map, indent + 2),
            Value::Array(items) if !items.is_empty() => write_sequence(text, items, indent + 2),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_)
            | Value::Object(_) => {
                write_scalar(text, item, indent);
                text.push('\n');
            }
        }
    }
}

fn break_line(text: &mut String, indent: usize) {
    text.push('\n');
    text.push_str(&" ".repeat(indent));
}

/// Writes a value that takes one line, or a block of text; empty lists and mappings too.
fn write_scalar(text: &mut String, value: &Value, indent: usize) {
    match value {
        Value::Null => text.push_str("null"),
        Value::Bool(flag) => text.push_str(if *flag { "true" } else { "false" }),
        Value::Number(number) => text.push_str(&number_g(number)),
        Value::String(string) => write_string(text, string, Some(indent)),
        Value::Array(_) => text.push_str("[]"),
        Value::Object(_) => text.push_str("{}"),
    }
}

/// Lines longer than this go on in the next, at a space.
const WIDTH: usize = 80;

/// Writes a text; where it may take several lines, `block` is the indentation of the collection around it.
fn write_string(text: &mut String, string: &str, block: Option<usize>) {
    let form = Form::of(string);
    let multiline = string.contains('\n');
    let start = text.len();
    match block {
        Some(indent) if multiline && form.block => {
            return write_block(text, string, indent + 2);
        }
        _ if multiline || form.special => write_double_quoted(text, string),
        _ if !plain_is_string(string) || is_base_60(string) => write_double_quoted(text, string),
        _ if form.plain => text.push_str(string),
        _ => {
            write!(text, "'{}'", string.replace('\'', "''")).expect("a String takes everything");
        }
    }
    if let Some(indent) = block {
        let line = text.rfind('\n').map_or(0, |at| at + 1);
        let column = text.get(line..start).unwrap_or_default().chars().count();
        if column + (text.len() - start) > WIDTH && string.contains(' ') {
            let folded = fold(text.get(start..).unwrap_or_default(), column, indent + 2);
            text.truncate(start);
            text.push_str(&folded);
        }
    }
}

/// Breaks what was written at the first space beyond the width, and again; not at the first or last letter within quotes,
/// nor at one of several spaces, but where double quotes can say so.
fn fold(written: &str, mut column: usize, indent: usize) -> String {
    let double = written.starts_with('"');
    let quoted = double || written.starts_with('\'');
    let letters: Vec<char> = written.chars().collect();
    let last = letters.len().saturating_sub(if quoted { 2 } else { 1 });
    let mut text = String::with_capacity(written.len() + indent);
    let mut spaces = false;
    for (index, letter) in letters.iter().enumerate() {
        let space = *letter == ' ';
        let next_is_space = letters.get(index + 1) == Some(&' ');
        let inside = !quoted || index > 1 && index < last;
        if space && !spaces && column > WIDTH && inside && (double || !next_is_space) {
            break_line(&mut text, indent);
            column = indent;
            if next_is_space {
                text.push('\\');
                column += 1;
            }
        } else {
            text.push(*letter);
            column += 1;
        }
        spaces = space;
    }
    text
}

/// How a text may be written; `yaml_emitter_analyze_scalar` of upstream.
struct Form {
    /// Without quotes.
    plain: bool,
    /// As a `|` block.
    block: bool,
    /// It has characters that only double quotes can hold.
    special: bool,
}

impl Form {
    fn of(string: &str) -> Self {
        let mut form =
            Self { plain: !string.is_empty(), block: !string.is_empty(), special: false };
        let mut indicator = string.starts_with("---") || string.starts_with("...");
        let mut space_break = false;
        let mut break_space = false;
        let mut before = ' ';
        let mut letters = string.chars().enumerate().peekable();
        while let Some((index, letter)) = letters.next() {
            let next_is_blank =
                letters.peek().is_none_or(|(_, next)| matches!(next, ' ' | '\t' | '\n' | '\r'));
            indicator |= match letter {
                '#' => index == 0 || is_blank_or_break(before),
                ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%'
                | '@' | '`' => index == 0,
                '?' | '-' => index == 0 && next_is_blank,
                ':' => next_is_blank,
                _ => false,
            };
            form.special |= !is_printable(letter) || is_break(letter) && letter != '\n';
            space_break |= is_break(letter) && before == ' ' && index > 0;
            break_space |= letter == ' ' && is_break(before);
            before = letter;
        }
        let outer = |letter: char| letter == ' ' || is_break(letter);
        let edges = string.starts_with(outer) || string.ends_with(outer);
        if indicator || edges || string.contains(is_break) {
            form.plain = false;
        }
        if string.ends_with(' ') || space_break || form.special {
            form.block = false;
        }
        form.special |= space_break || break_space && !form.block;
        form
    }
}

fn is_blank_or_break(letter: char) -> bool {
    letter == ' ' || letter == '\t' || is_break(letter)
}

fn is_break(letter: char) -> bool {
    matches!(letter, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// go-yaml's idea of it: nothing beyond the basic plane, no tabs.
fn is_printable(letter: char) -> bool {
    matches!(letter, '\n' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}')
}

fn write_block(text: &mut String, string: &str, indent: usize) {
    text.push('|');
    if string.starts_with([' ', '\n']) {
        text.push('2');
    }
    let body = string.strip_suffix('\n');
    match body {
        None => text.push('-'),
        Some("") => text.push('+'),
        Some(body) if body.ends_with('\n') => text.push('+'),
        Some(_) => {}
    }
    for line in body.unwrap_or(string).split('\n') {
        text.push('\n');
        if !line.is_empty() {
            text.push_str(&" ".repeat(indent));
            text.push_str(line);
        }
    }
}

fn write_double_quoted(text: &mut String, string: &str) {
    text.push('"');
    for letter in string.chars() {
        let code = u32::from(letter);
        match letter {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\0' => text.push_str("\\0"),
            '\u{7}' => text.push_str("\\a"),
            '\u{8}' => text.push_str("\\b"),
            '\t' => text.push_str("\\t"),
            '\n' => text.push_str("\\n"),
            '\u{b}' => text.push_str("\\v"),
            '\u{c}' => text.push_str("\\f"),
            '\r' => text.push_str("\\r"),
            '\u{1b}' => text.push_str("\\e"),
            '\u{85}' => text.push_str("\\N"),
            '\u{2028}' => text.push_str("\\L"),
            '\u{2029}' => text.push_str("\\P"),
            _ if is_printable(letter) => text.push(letter),
            _ => {
                let written = match code {
                    0..0x100 => write!(text, "\\x{code:02X}"),
                    0x100..0x1_0000 => write!(text, "\\u{code:04X}"),
                    _ => write!(text, "\\U{code:08X}"),
                };
                written.expect("a String takes everything");
            }
        }
    }
    text.push('"');
}

/// `12:30:45`, which YAML 1.1 reads as a number of seconds.
fn is_base_60(string: &str) -> bool {
    let unsigned = string.strip_prefix(['-', '+']).unwrap_or(string);
    if !unsigned.starts_with(|letter: char| letter.is_ascii_digit()) {
        return false;
    }
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let mut parts = whole.split(':');
    let first = parts.next().is_some_and(digits);
    let rest: Vec<&str> = parts.collect();
    let sixtieth = |part: &&str| match part.as_bytes() {
        [one] => one.is_ascii_digit(),
        [ten, one] => (b'0'..=b'5').contains(ten) && one.is_ascii_digit(),
        _ => false,
    };
    first && !rest.is_empty() && rest.iter().all(sixtieth) && digits(fraction)
}

/// go-yaml's order of keys: signs before letters, runs of digits by their number.
fn key_order(left: &str, right: &str) -> Ordering {
    let (left, right): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
    let common = left.iter().zip(&right).take_while(|(a, b)| a == b).count();
    let (Some(a), Some(b)) = (left.get(common), right.get(common)) else {
        return left.len().cmp(&right.len());
    };
    match (a.is_alphabetic(), b.is_alphabetic()) {
        (true, true) => return a.cmp(b),
        (true, false) => return Ordering::Greater,
        (false, true) => return Ordering::Less,
        (false, false) => {}
    }
    // A zero at hand counts as a digit of a number that began before it.
    let begun = (*a == '0' || *b == '0')
        && left[..common]
            .iter()
            .rev()
            .take_while(|letter| letter.is_numeric())
            .any(|digit| *digit != '0');
    let number = |letters: &[char]| {
        letters.iter().skip(common).take_while(|letter| letter.is_numeric()).fold(
            (u64::from(begun), 0_usize),
            |(number, length), digit| {
                let digit = u64::from(u32::from(*digit)).wrapping_sub(48);
                (number.wrapping_mul(10).wrapping_add(digit), length + 1)
            },
        )
    };
    number(&left).cmp(&number(&right)).then_with(|| a.cmp(b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn writes_collections_as_kubectl_does() {
        let value = json!({
            "spec": {"containers": [{"name": "web", "args": ["-c", "true"], "env": []}], "empty": {}},
            "kind": "Pod", "list": [[1, 2], []], "null": null
        });
        let expected = "kind: Pod\nlist:\n- - 1\n  - 2\n- []\n\"null\": null\nspec:\n  containers:\n  - args:\n    - -c\n    - \"true\"\n    env: []\n    name: web\n  empty: {}\n";
        assert_eq!(print(&value), expected);
    }

    #[test]
    fn quotes_what_would_read_as_something_else() {
        for (text, yaml) in [
            ("web", "web"),
            ("", "\"\""),
            ("yes", "\"yes\""),
            ("y", "\"y\""),
            ("null", "\"null\""),
            ("1.25", "\"1.25\""),
            ("1.27.0", "1.27.0"),
            ("nginx:1.27", "nginx:1.27"),
            ("2024-01-01T00:00:00Z", "\"2024-01-01T00:00:00Z\""),
            ("2024-01-01", "\"2024-01-01\""),
            ("12:30", "\"12:30\""),
            ("a: b", "'a: b'"),
            ("it's", "it's"),
            ("'x'", "'''x'''"),
            ("- x", "'- x'"),
            ("-x", "-x"),
            ("*.html", "'*.html'"),
            ("a #b", "'a #b'"),
            ("{a}", "'{a}'"),
            (" x", "' x'"),
            ("a\tb", "\"a\\tb\""),
            ("😀", "\"\\U0001F600\""),
            ("日本", "日本"),
            ("100m", "100m"),
            ("0x1f", "\"0x1f\""),
            ("~", "\"~\""),
            ("25%", "25%"),
            ("=", "="),
        ] {
            assert_eq!(print(&json!(text)), format!("{yaml}\n"), "{text:?}");
        }
    }

    #[test]
    fn writes_lines_as_blocks() {
        for (text, yaml) in [
            ("a\nb\n", "k: |\n  a\n  b\n"),
            ("a\nb", "k: |-\n  a\n  b\n"),
            ("a\n\n", "k: |+\n  a\n\n"),
            (" a\nb\n", "k: |2\n   a\n  b\n"),
            ("a \nb\n", "k: \"a \\nb\\n\"\n"),
            ("a\n\tb\n", "k: \"a\\n\\tb\\n\"\n"),
            ("a\n  b\n", "k: |\n  a\n    b\n"),
        ] {
            assert_eq!(print(&json!({ "k": text })), yaml, "{text:?}");
        }
        assert_eq!(print(&json!({"a": [{"k": "x\ny"}]})), "a:\n- k: |-\n    x\n    y\n");
        assert_eq!(print(&json!({"a": ["x\ny"]})), "a:\n- |-\n  x\n  y\n");
    }

    #[test]
    fn long_lines_go_on_in_the_next() {
        for (text, yaml) in [
            (
                "a text with words so many that it goes far beyond the eighty columns which a line has",
                "k: a text with words so many that it goes far beyond the eighty columns which a line\n  has\n",
            ),
            (
                "so: a text with words so many that it goes far beyond the eighty columns which it's in",
                "k: 'so: a text with words so many that it goes far beyond the eighty columns which\n  it''s in'\n",
            ),
            (
                "\ta text with words so many that it goes far beyond the eighty columns aaa that  one  line",
                "k: \"\\ta text with words so many that it goes far beyond the eighty columns aaa that\n  \\ one  line\"\n",
            ),
        ] {
            assert_eq!(print(&json!({ "k": text })), yaml);
        }
        let one_word = "a".repeat(100);
        assert_eq!(print(&json!({ "k": one_word })), format!("k: {one_word}\n"));
    }

    #[test]
    fn sorts_keys_as_go_yaml_does() {
        let mut keys = vec!["a10", "a2", "b", "a", "_x", "1", "A", "a.b", "a/b", "10"];
        order::sort_by(&mut keys, |left, right| key_order(left, right));
        assert_eq!(keys, ["_x", "1", "10", "A", "a", "a.b", "a/b", "a2", "a10", "b"]);
    }
}
