//! Damaged input: whatever a person pastes must be answered with a value, in time, and at its place.
//!
//! Good manifests are damaged by a seeded generator, in their text and in their tree, thousands of times. Nothing may
//! panic or hang; every fault has words and a place inside the text; what is accepted survives being printed and read
//! again. On failure the seed and the text are printed.

#[path = "../fuzz/src/lib.rs"]
#[expect(unreachable_pub, dead_code, reason = "to the fuzzer it is a crate")]
mod targets;

use std::fmt::Write as _;

use kobune::manifest;
use kobune::output::{json, yaml};
use kobune::random::Random;
use serde_json::Value;
use targets::check_document;

/// How many texts and how many trees are damaged in one run.
const TEXTS: usize = 9_000;
const TREES: usize = 4_000;
/// How many short texts of nothing but signs are tried.
const SOUPS: usize = 20_000;

const MANIFESTS: &[&str] = &[
    include_str!("damage/deployment.yaml"),
    include_str!("damage/pod.yaml"),
    include_str!("damage/several.yaml"),
    include_str!("damage/pod.json"),
];

/// Pieces that break YAML, or mean something in it.
const PIECES: &[&str] = &[
    "\0",
    "\t",
    "\n",
    "\r\n",
    "\r",
    "  ",
    "- ",
    ": ",
    ":",
    "{",
    "}",
    "[",
    "]",
    ",",
    "'",
    "\"",
    "&a ",
    "*a",
    "!!int ",
    "!x,",
    "!",
    "|",
    ">",
    ">-\n",
    "%",
    "@",
    "`",
    "#",
    "---\n",
    "...\n",
    "<<: *a\n",
    "? ",
    "~",
    "null",
    "yes",
    "0x1f",
    "1e999",
    ".nan",
    "-",
    "1_000",
    "99999999999999999999",
    "\u{feff}",
    "\u{85}",
    "\u{2028}",
    "😀",
    "日本",
    "\u{1b}",
    "{{ .Values.x }}",
    "\\",
    "\\x",
    "=",
    "spec:",
    "kind: Pod\n",
    "a: &a [*a]\n",
    "\u{7f}",
    "é",
];

/// A text with one to four damages.
fn damage(text: &str, random: &mut Random) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    for _ in 0..=random.below(4) {
        let at = random.below(letters.len() + 1);
        let until = (at + 1 + random.below(12)).min(letters.len());
        match random.below(9) {
            0 => drop(letters.drain(at..until)),
            1 => letters.truncate(at),
            2 => {
                let copy: Vec<char> = letters[at..until].to_vec();
                letters.splice(at..at, copy);
            }
            3 => {
                let line = line_at(&letters, at);
                drop(letters.drain(line));
            }
            4 => {
                let line: Vec<char> = letters[line_at(&letters, at)].to_vec();
                let other = line_at(&letters, random.below(letters.len() + 1)).start;
                letters.splice(other..other, line);
            }
            5 => {
                let start = line_at(&letters, at).start;
                letters.splice(start..start, " ".repeat(1 + random.below(3)).chars());
            }
            6 => {
                let start = line_at(&letters, at).start;
                if letters.get(start) == Some(&' ') {
                    letters.remove(start);
                }
            }
            _ => {
                let piece = PIECES[random.below(PIECES.len())];
                letters.splice(at..at, piece.chars());
            }
        }
    }
    letters.into_iter().collect()
}

/// The line around a place, with its line break.
fn line_at(letters: &[char], at: usize) -> std::ops::Range<usize> {
    let before = letters[..at.min(letters.len())].iter().rev();
    let start = at.min(letters.len()) - before.take_while(|letter| **letter != '\n').count();
    let length = letters[start..].iter().take_while(|letter| **letter != '\n').count();
    start..(start + length + 1).min(letters.len())
}

/// Changes one place in a tree: another type, another key, one more, one less.
fn damage_tree(value: &mut Value, random: &mut Random) {
    let odd = |random: &mut Random| match random.below(9) {
        0 => Value::Null,
        1 => Value::Bool(true),
        2 => Value::from(-1),
        3 => Value::from(1.5),
        4 => Value::from(u64::MAX),
        5 => Value::from(""),
        6 => Value::from(PIECES[random.below(PIECES.len())]),
        7 => Value::Array(vec![Value::Null, Value::from("x")]),
        _ => serde_json::json!({ "a": 1, "name": {} }),
    };
    let deeper = random.below(5) > 0;
    match value {
        Value::Object(map) if deeper && !map.is_empty() => {
            let key = map.keys().nth(random.below(map.len())).cloned().expect("there is one");
            match random.below(8) {
                0 => drop(map.remove(&key)),
                1 => {
                    let moved = map.remove(&key).expect("it is there");
                    map.insert(damage(&key, random), moved);
                }
                2 => drop(map.insert("foo".to_owned(), odd(random))),
                _ => damage_tree(map.get_mut(&key).expect("it is there"), random),
            }
        }
        Value::Array(items) if deeper && !items.is_empty() => {
            let at = random.below(items.len());
            match random.below(4) {
                0 => items.push(items[at].clone()),
                1 => drop(items.remove(at)),
                _ => damage_tree(&mut items[at], random),
            }
        }
        Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_)
        | Value::Array(_)
        | Value::Object(_) => *value = odd(random),
    }
}

/// Reads a text as far as the API server would, and checks what comes out. Returns how many objects were accepted.
fn check(text: &str) -> usize {
    let mut accepted = 0;
    let lines = text.split('\n').count();
    for document in manifest::documents(text.as_bytes()) {
        let node = match document {
            Ok(node) => node,
            Err(error) => {
                assert!(!error.message.is_empty());
                assert!(error.position.offset as usize <= text.len(), "{error:?}");
                // The scanner counts more characters as line breaks than a file does.
                let breaks = text.matches(['\r', '\u{85}', '\u{2028}', '\u{2029}']).count();
                assert!((error.position.line as usize) < lines + breaks + 1, "{error:?}");
                break;
            }
        };
        accepted += usize::from(check_document(&node));
    }
    accepted
}

#[test]
fn whole_manifests_are_accepted() {
    for text in MANIFESTS {
        assert!(check(text) > 0, "{text}");
    }
}

#[test]
fn damaged_texts_are_answered() {
    let mut random = Random::new(1).split("texts");
    let mut accepted = 0;
    for round in 0..TEXTS {
        let text = damage(MANIFESTS[random.below(MANIFESTS.len())], &mut random);
        let _guard = Guard { round, text: &text };
        accepted += check(&text);
    }
    // A generator that only makes rubbish, or never does, would prove nothing.
    assert!(accepted > TEXTS / 20 && accepted < TEXTS, "{accepted} accepted");
}

#[test]
fn damaged_trees_are_answered() {
    let mut random = Random::new(1).split("trees");
    for round in 0..TREES {
        let text = MANIFESTS[random.below(MANIFESTS.len())];
        for document in manifest::documents(text.as_bytes()) {
            let mut value = document.expect("it is whole").to_value();
            for _ in 0..=random.below(3) {
                damage_tree(&mut value, &mut random);
            }
            let text = if random.below(2) == 0 { yaml::print(&value) } else { json::print(&value) };
            let _guard = Guard { round, text: &text };
            check(&text);
        }
    }
}

#[test]
fn soups_are_answered() {
    const LETTERS: &str = "ab:-?,[]{}#&*!|>'\"%@`\\~<=0x. \n\n  \t\r\u{85}\u{2028}\u{feff}é";
    let letters: Vec<char> = LETTERS.chars().collect();
    let mut random = Random::new(1).split("soups");
    for round in 0..SOUPS {
        let mut text = String::new();
        for _ in 0..=random.below(24) {
            match random.below(4) {
                0 => text.push_str(PIECES[random.below(PIECES.len())]),
                _ => text.push(letters[random.below(letters.len())]),
            }
        }
        let _guard = Guard { round, text: &text };
        check(&text);
    }
}

/// Prints what was being tried when something panics.
struct Guard<'a> {
    round: usize,
    text: &'a str,
}

impl Drop for Guard<'_> {
    #[expect(clippy::print_stderr, reason = "a failing test has to show what failed")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("round {} failed on:\n{}\n{:?}", self.round, self.text, self.text);
        }
    }
}

/// The message of the first fault of a text, with its place.
fn fault(text: &[u8]) -> String {
    manifest::documents(text).find_map(Result::err).map_or_else(
        || "none".to_owned(),
        |error| format!("{} at {}", error.message, error.position),
    )
}

#[test]
fn huge_and_deep_texts_are_answered() {
    let many = "a: &x [1, 2, 3]\n".to_owned() + &"- {b: *x}\n".repeat(10);
    assert_ne!(fault(many.as_bytes()), "none");

    let mut big = String::from("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: big\ndata:\n");
    let mut line = 0;
    while big.len() < 5_000_000 {
        writeln!(big, "  key-{line}: {}", "x".repeat(120)).expect("a String takes everything");
        line += 1;
    }
    assert_eq!(check(&big), 1);
    big.push_str("  broken: [\n");
    assert!(
        fault(big.as_bytes()).contains("did not find expected node content"),
        "{}",
        fault(big.as_bytes())
    );

    let rubbish: String = std::iter::repeat_n("lorem ipsum: dolor, [sit amet} ", 160_000).collect();
    assert_ne!(fault(rubbish.as_bytes()), "none");
    assert_ne!(fault("\0".repeat(5_000_000).as_bytes()), "none");
    assert_ne!(fault(&vec![0xff; 1_000_000]), "none");
    for open in ["[", "{", "- ", "{\"a\":", "[\"a\",", "? ", "!!map {", "&a [", "a: {"] {
        assert_ne!(fault(open.repeat(200_000).as_bytes()), "none", "{open}");
    }
    let mut nested = String::new();
    for depth in 0..5_000 {
        writeln!(nested, "{}a:", " ".repeat(depth)).expect("a String takes everything");
    }
    assert!(fault(nested.as_bytes()).contains("exceeded max depth"));

    let mut flat = "[".repeat(250);
    flat.push_str(&"a, ".repeat(300_000));
    assert_ne!(fault(flat.as_bytes()), "none");
}

#[test]
fn alias_bombs_do_not_go_off() {
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let before = level - 1;
        let aliases = vec![format!("*a{before}"); 9].join(", ");
        writeln!(bomb, "a{level}: &a{level} [{aliases}]").expect("a String takes everything");
    }
    assert!(fault(bomb.as_bytes()).contains("document contains excessive aliasing"));
    assert!(fault(b"a: &a {<<: *a}\n").contains("contains itself"));
}
