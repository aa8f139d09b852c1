//! What fuzzing found worth keeping, replayed, whole and damaged: `fuzz/corpus/TARGET/` holds small inputs, the entry
//! functions are the fuzzer's own. `KOBUNE_ROUNDS=100000` damages more than the usual few.

#[path = "../fuzz/src/lib.rs"]
#[expect(unreachable_pub, reason = "to the fuzzer it is a crate")]
mod targets;

use std::fs;
use std::path::Path;

use kobune::random::Random;
use targets::TARGETS;

/// How often each target gets a damaged input.
const ROUNDS: usize = 200;

/// The inputs of a target, by the names of their files.
fn inputs(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let files = fs::read_dir(folder).expect("each target has a folder");
    let mut inputs: Vec<_> = files
        .map(|file| {
            let path = file.expect("its entries can be read").path();
            let data = fs::read(&path).expect("it can be read");
            (path.display().to_string(), data)
        })
        .collect();
    assert!(!inputs.is_empty(), "{target}: an empty corpus tries nothing");
    kobune::order::sort(&mut inputs);
    inputs
}

#[test]
fn the_corpus_is_answered() {
    for (name, target) in TARGETS {
        for (path, data) in inputs(name) {
            let _guard = Guard(&path, &data);
            target(&data);
        }
    }
}

/// Bytes that mean something to one or another target.
const PIECES: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    "'",
    "\"",
    "\\",
    "$",
    "`",
    "|",
    "&",
    ";",
    "<",
    ">",
    "\n",
    "\t",
    " ",
    ":",
    "- ",
    "*",
    "&a ",
    "!!",
    "{{",
    "}}",
    "..",
    "[?(@",
    "$patch",
    "null",
    "-1",
    "99999999999999999999",
    "1e999",
    "%s",
    "%999999999d",
    "~1",
    "/-",
    "日",
    "\u{85}",
    "\0",
    "range ",
    "end",
    ",",
    "=",
    "!=",
    " in ",
    "#",
];

/// An input with a few bytes taken away, doubled, mixed with another's or put in.
fn damaged(all: &[(String, Vec<u8>)], random: &mut Random) -> Vec<u8> {
    let mut data = all[random.below(all.len())].1.clone();
    for _ in 0..=random.below(4) {
        let at = random.below(data.len() + 1);
        let end = (at + random.below(16)).min(data.len());
        match random.below(5) {
            0 => drop(data.drain(at..end)),
            1 => {
                let doubled = data[at..end].repeat(1 + random.below(4));
                data.splice(at..at, doubled);
            }
            2 => {
                let other = &all[random.below(all.len())].1;
                data.truncate(at);
                data.extend(&other[random.below(other.len() + 1)..]);
            }
            3 if at < data.len() => data[at] = u8::try_from(random.below(256)).unwrap_or(0),
            _ => {
                let piece = PIECES[random.below(PIECES.len())].bytes();
                data.splice(at..at, piece);
            }
        }
    }
    data
}

#[test]
fn damaged_inputs_are_answered() {
    let rounds = rounds();
    for (name, target) in TARGETS {
        let (all, mut random) = (inputs(name), Random::new(1).split(name));
        for _ in 0..rounds {
            let data = damaged(&all, &mut random);
            let _guard = Guard(name, &data);
            target(&data);
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "how much is tried is no input of what is tried")]
fn rounds() -> usize {
    std::env::var("KOBUNE_ROUNDS").map_or(ROUNDS, |text| text.parse().expect("a number"))
}

/// Says what was being tried when something panics.
struct Guard<'a>(&'a str, &'a [u8]);

impl Drop for Guard<'_> {
    #[expect(clippy::print_stderr, reason = "a failing test has to show what failed")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{} failed on {:?}", self.0, String::from_utf8_lossy(self.1));
        }
    }
}
