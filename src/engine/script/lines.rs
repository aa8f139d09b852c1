//! Tools in containers that choose among lines and parts of them: `grep`, `cut`, `tr`, `uniq`.
//!
//! Models `BusyBox`, in part: flags without values for `grep`, fields and characters for `cut`, ranges and the common
//! classes for `tr`. *Differs:* flags that are not known here are passed over.

use std::fmt::Write as _;

use super::tools::Outcome;
use super::{Surroundings, Variables, files};
use crate::bash::regex::{Syntax, compile};
use crate::engine::Stream;

/// Whether a letter stands among the flags.
pub(super) fn flag(args: &[String], letter: char) -> bool {
    let mut flags = args.iter().filter(|arg| arg.starts_with('-') && !arg.starts_with("--"));
    flags.any(|arg| arg.contains(letter))
}

/// What `grep` prints of a text; the error is the pattern's.
pub(super) fn grep(args: &[String], pattern: &str, text: &str) -> Result<String, String> {
    let options: Vec<String> = args.iter().filter(|arg| *arg != pattern).cloned().collect();
    let has = |letter: char| flag(&options, letter);
    let syntax = match (has('F'), has('E')) {
        (true, _) => Syntax::Fixed,
        (_, true) => Syntax::Extended,
        _ => Syntax::Basic,
    };
    let mut regex = compile(pattern, syntax, has('i'))?;
    if has('w') {
        regex = compile(&format!("\\b({pattern})\\b"), Syntax::Extended, has('i'))?;
    }
    let (mut out, mut count) = (String::new(), 0);
    for (index, line) in text.lines().enumerate() {
        if regex.is_match(line) == has('v') {
            continue;
        }
        count += 1;
        let number = if has('n') { format!("{}:", index + 1) } else { String::new() };
        if has('o') && !has('v') {
            for found in regex.find_iter(line).filter(|found| !found.is_empty()) {
                out.extend([&number, found.as_str(), "\n"]);
            }
        } else {
            out.extend([&number, line, "\n"]);
        }
    }
    Ok(if has('c') { format!("{count}\n") } else { out })
}

/// `cut`, `tr`, `uniq`.
pub(super) fn run(
    name: &str,
    args: &[String],
    input: &str,
    variables: &Variables,
    around: &Surroundings<'_>,
) -> Outcome {
    let (mut values, mut operands) = (Vec::new(), Vec::new());
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        let letter = arg.strip_prefix('-').and_then(|flags| flags.chars().next());
        match letter {
            Some(letter @ ('d' | 'f' | 'c')) if name == "cut" => {
                let attached: String = arg.chars().skip(2).collect();
                let value = if attached.is_empty() {
                    rest.next().cloned().unwrap_or_default()
                } else {
                    attached
                };
                values.push((letter, value));
            }
            Some(_)
                if !(name == "tr" && flag(args, 'd') && !operands.is_empty()) && arg.len() > 1 => {}
            _ => operands.push(arg.as_str()),
        }
    }
    if name == "tr" && operands.is_empty() {
        // `tr -d -`: what looks like a flag is the set.
        operands.extend(args.last().map(String::as_str));
    }
    if name == "tr" {
        return printed(translate(&operands, flag(&args[..1.min(args.len())], 'd'), input));
    }
    let mut text = String::new();
    for given in &operands {
        let Some(content) = around.read(&files::resolve(variables, given)) else {
            let message = format!("{name}: {given}: No such file or directory\n");
            return Outcome::failed(1, message);
        };
        text.push_str(&content);
    }
    if operands.is_empty() {
        input.clone_into(&mut text);
    }
    if name == "uniq" {
        return printed(unique(&text, args));
    }
    let value = |letter: char| values.iter().find(|(l, _)| *l == letter).map(|(_, v)| v.as_str());
    match (value('f'), value('c')) {
        (Some(list), _) => printed(fields(&text, list, value('d').unwrap_or("\t"))),
        (None, Some(list)) => printed(characters(&text, list)),
        (None, None) => {
            Outcome::failed(1, "cut: expected a list of bytes, characters, or fields\n".to_owned())
        }
    }
}

fn printed(text: String) -> Outcome {
    let mut outcome = Outcome::ended(0);
    if !text.is_empty() {
        outcome.output.push((Stream::Stdout, text));
    }
    outcome
}

/// Whether a place (from 1) stands in `1,3-5,7-`.
fn wanted(list: &str, place: usize) -> bool {
    list.split(',').any(|range| {
        let (low, high) = range.split_once('-').unwrap_or((range, range));
        let (low, high) = (low.parse().unwrap_or(1), high.parse().unwrap_or(usize::MAX));
        (low..=high).contains(&place)
    })
}

fn fields(text: &str, list: &str, delimiter: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        if line.contains(delimiter) && !delimiter.is_empty() {
            let parts = line.split(delimiter).enumerate();
            let parts: Vec<&str> =
                parts.filter(|(at, _)| wanted(list, at + 1)).map(|(_, part)| part).collect();
            out.push_str(&parts.join(delimiter));
        } else {
            out.push_str(line);
        }
        out.push('\n');
    }
    out
}

fn characters(text: &str, list: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let letters = line.chars().enumerate();
        out.extend(letters.filter(|(at, _)| wanted(list, at + 1)).map(|(_, letter)| letter));
        out.push('\n');
    }
    out
}

fn unique(text: &str, args: &[String]) -> String {
    let (counted, repeated) = (flag(args, 'c'), flag(args, 'd'));
    let (mut out, mut lines) = (String::new(), text.lines().peekable());
    while let Some(line) = lines.next() {
        let mut count = 1;
        while lines.next_if_eq(&line).is_some() {
            count += 1;
        }
        if repeated && count == 1 {
            continue;
        }
        if counted {
            write!(out, "{count:7} ").expect("a String takes everything");
        }
        out.extend([line, "\n"]);
    }
    out
}

/// The letters of `a-z`, `[:upper:]`, `\\n`.
fn set(text: &str) -> Vec<char> {
    let text =
        [("[:lower:]", "a-z"), ("[:upper:]", "A-Z"), ("[:digit:]", "0-9"), ("[:space:]", " \t\n")]
            .iter()
            .fold(text.to_owned(), |text, (class, range)| text.replace(class, range))
            .replace("\\n", "\n")
            .replace("\\t", "\t");
    let letters: Vec<char> = text.chars().collect();
    let (mut out, mut at) = (Vec::new(), 0);
    while let Some(&low) = letters.get(at) {
        match (letters.get(at + 1), letters.get(at + 2)) {
            (Some('-'), Some(&high)) if low <= high && high.is_ascii() => {
                out.extend(low..=high);
                at += 3;
            }
            _ => {
                out.push(low);
                at += 1;
            }
        }
    }
    out
}

fn translate(operands: &[&str], deletes: bool, input: &str) -> String {
    let from = operands.first().map(|text| set(text)).unwrap_or_default();
    let to = operands.get(1).map(|text| set(text)).unwrap_or_default();
    let changed = input.chars().filter_map(|letter| match from.iter().position(|f| *f == letter) {
        None => Some(letter),
        Some(_) if deletes => None,
        Some(at) => Some(to.get(at).or(to.last()).copied().unwrap_or(letter)),
    });
    changed.collect()
}
