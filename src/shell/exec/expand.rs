//! Expansion: from a parsed word to the texts that a command gets.
//!
//! In bash's order: substitution, splitting of what was substituted outside quotes at blanks, then file names.

use super::super::files;
use super::{Io, Shell, capture};
use crate::bash::Pattern;
use crate::bash::arithmetic;
use crate::bash::ast::{Expansion, Operator, Piece, Word};
use crate::bash::pattern::{cut, replace};

/// The most that one word may become: a doubling loop ends with an error and not with the page's memory.
pub(super) const BYTES_MAX: usize = 4 << 20;

/// A text that is growing: characters, and whether each stands for itself.
#[derive(Clone, Debug, Default)]
struct Field {
    chars: Vec<(char, bool)>,
    /// Quotes make a word even if nothing stands between them.
    quoted: bool,
}

impl Field {
    fn text(&self) -> String {
        self.chars.iter().map(|(c, _)| c).collect()
    }

    /// The text as a pattern: characters that stand for themselves are escaped.
    fn pattern(&self) -> String {
        let mut pattern = String::new();
        for (c, literal) in &self.chars {
            if *literal && "*?[]\\!-^".contains(*c) {
                pattern.push('\\');
            }
            pattern.push(*c);
        }
        pattern
    }

    fn has_wildcard(&self) -> bool {
        self.chars.iter().any(|(c, literal)| !literal && "*?[".contains(*c))
    }
}

/// Words as a command gets them; the error is bash's, without `bash: `.
pub(super) async fn fields(shell: &Shell, words: &[Word], io: &Io) -> Result<Vec<String>, String> {
    let (mut texts, mut total) = (Vec::new(), 0);
    for word in words {
        for field in expand(shell, word, io, true).await? {
            let names = if field.has_wildcard() { file_names(shell, &field) } else { Vec::new() };
            if names.is_empty() { texts.push(field.text()) } else { texts.extend(names) }
        }
        total += texts.last().map_or(0, String::len);
        if total > BYTES_MAX {
            return Err("Argument list too long".to_owned());
        }
    }
    Ok(texts)
}

/// A word as one text: no splitting, no file names.
pub(super) async fn text(shell: &Shell, word: &Word, io: &Io) -> Result<String, String> {
    let fields = expand(shell, word, io, false).await?;
    Ok(fields.first().map(Field::text).unwrap_or_default())
}

/// A word as one pattern.
pub(super) async fn pattern(shell: &Shell, word: &Word, io: &Io) -> Result<String, String> {
    let fields = expand(shell, word, io, false).await?;
    Ok(fields.first().map(Field::pattern).unwrap_or_default())
}

/// Does the substitutions of a word; with `split` it may become several fields or none.
async fn expand(shell: &Shell, word: &Word, io: &Io, split: bool) -> Result<Vec<Field>, String> {
    let mut fields: Vec<Field> = Vec::new();
    let mut open: Option<Field> = if split { None } else { Some(Field::default()) };
    for piece in &word.0 {
        match piece {
            Piece::Text(text) => {
                let field = open.get_or_insert_default();
                field.chars.extend(text.chars().map(|c| (c, false)));
            }
            Piece::Quoted(text) => {
                let field = open.get_or_insert_default();
                field.quoted = true;
                field.chars.extend(text.chars().map(|c| (c, true)));
            }
            Piece::Tilde => {
                let home = shell.get("HOME").unwrap_or_default();
                open.get_or_insert_default().chars.extend(home.chars().map(|c| (c, true)));
            }
            Piece::Expand(expansion, quoted) => {
                if let Expansion::Parameter(name, None) = &**expansion
                    && split
                    && matches!(name.as_str(), "@" | "*")
                    && (!quoted || name == "@")
                {
                    let arguments = shell.state().arguments.clone();
                    let ifs = separators(shell);
                    all_arguments(&arguments, *quoted, &ifs, &mut open, &mut fields);
                    continue;
                }
                let text = Box::pin(value(shell, expansion, io)).await?;
                if *quoted || !split {
                    let field = open.get_or_insert_default();
                    field.quoted |= *quoted;
                    field.chars.extend(text.chars().map(|c| (c, *quoted)));
                } else {
                    split_into(&text, &separators(shell), &mut open, &mut fields);
                }
            }
        }
        let size = open.as_ref().map_or(0, |field| field.chars.len());
        if size > BYTES_MAX || fields.len() > BYTES_MAX / 16 {
            return Err("Argument list too long".to_owned());
        }
    }
    fields.extend(open);
    if split {
        fields.retain(|field| field.quoted || !field.chars.is_empty());
    }
    Ok(fields)
}

/// `$@` and `$*`: each argument a field of its own.
fn all_arguments(
    arguments: &[String],
    quoted: bool,
    ifs: &str,
    open: &mut Option<Field>,
    fields: &mut Vec<Field>,
) {
    for (index, argument) in arguments.iter().enumerate() {
        if index > 0 {
            fields.extend(open.take());
        }
        if quoted {
            let field = open.get_or_insert_default();
            field.quoted = true;
            field.chars.extend(argument.chars().map(|c| (c, true)));
        } else {
            split_into(argument, ifs, open, fields);
        }
    }
}

/// What fields are parted by (`IFS`).
pub(super) fn separators(shell: &Shell) -> String {
    shell.get("IFS").unwrap_or_else(|| " \t\n".to_owned())
}

/// Adds a text, splitting it at what parts fields; of signs that are no blanks each ends a field, be it empty.
fn split_into(text: &str, ifs: &str, open: &mut Option<Field>, fields: &mut Vec<Field>) {
    for c in text.chars() {
        if !ifs.contains(c) {
            open.get_or_insert_default().chars.push((c, false));
        } else if matches!(c, ' ' | '\t' | '\n') {
            fields.extend(open.take());
        } else {
            fields.push(Field { quoted: true, ..open.take().unwrap_or_default() });
        }
    }
}

async fn value(shell: &Shell, expansion: &Expansion, io: &Io) -> Result<String, String> {
    match expansion {
        Expansion::Command(list) => {
            let (bytes, code) = capture(shell, list, io).await;
            let mut state = shell.state();
            state.status = code;
            state.substituted = Some(code);
            drop(state);
            let text = String::from_utf8_lossy(&bytes).replace('\0', "");
            Ok(text.trim_end_matches('\n').to_owned())
        }
        Expansion::Process(list) => {
            let (bytes, _) = capture(shell, list, io).await;
            let now = shell.sandbox.now();
            let free = |number: &usize| {
                shell.sandbox.files(|files| !files.exists(&format!("/tmp/sh-np.{number}")))
            };
            let number = (1..FILES_AT_ONCE_MAX).find(free).unwrap_or(0);
            let path = format!("/tmp/sh-np.{number}");
            shell
                .sandbox
                .files_mut(|files| files.write(&path, bytes, now))
                .map_err(|error| error.to_string())?;
            shell.state().substitutes.push(path.clone());
            Ok(path)
        }
        Expansion::Arithmetic(word) => {
            let text = text(shell, word, io).await?;
            calculate(shell, &text).map(|value| value.to_string())
        }
        Expansion::Length(name) if name == "@" || name == "*" => {
            Ok(shell.state().arguments.len().to_string())
        }
        Expansion::Length(name) => Ok(known(shell, name)?.chars().count().to_string()),
        Expansion::Parameter(name, None) => known(shell, name),
        Expansion::Parameter(name, Some((operator, word))) => {
            operate(shell, name, *operator, word, io).await
        }
    }
}

/// How many files can stand for `<(…)` at a time.
const FILES_AT_ONCE_MAX: usize = 1000;

/// The value of an arithmetic expression; what it sets is set.
pub(super) fn calculate(shell: &Shell, text: &str) -> Result<i64, String> {
    let (value, assigned) = arithmetic::evaluate(text, &|name| parameter(shell, name))?;
    for (name, value) in assigned {
        shell.set(&name, value.to_string());
    }
    Ok(value)
}

/// A parameter's text, if it is set.
fn parameter(shell: &Shell, name: &str) -> Option<String> {
    let state = shell.state();
    match name {
        "?" => Some(state.status.to_string()),
        "#" => Some(state.arguments.len().to_string()),
        "@" | "*" => Some(state.arguments.join(" ")),
        "$" => Some("1".to_owned()),
        "-" | "!" => Some(String::new()),
        "0" => Some(state.name.clone()),
        "RANDOM" | "SECONDS" | "EPOCHSECONDS" => {
            drop(state);
            let now = shell.sandbox.now();
            match name {
                "EPOCHSECONDS" => Some(now.secs().to_string()),
                "SECONDS" => Some((now - crate::time::Time::START).as_secs().to_string()),
                _ => shell.get(name),
            }
        }
        digits if digits.starts_with(|c: char| c.is_ascii_digit()) => {
            let index: usize = digits.parse().ok()?;
            state.arguments.get(index.checked_sub(1)?).cloned()
        }
        name => state.variables.get(name).map(|variable| variable.value.clone()),
    }
}

fn known(shell: &Shell, name: &str) -> Result<String, String> {
    match parameter(shell, name) {
        Some(text) => Ok(text),
        None if shell.state().refuse_unset => Err(format!("{name}: unbound variable")),
        None => Ok(String::new()),
    }
}

async fn operate(
    shell: &Shell,
    name: &str,
    operator: Operator,
    word: &Word,
    io: &Io,
) -> Result<String, String> {
    let current = parameter(shell, name);
    let missing = |empty_counts: bool| match &current {
        None => true,
        Some(text) => empty_counts && text.is_empty(),
    };
    match operator {
        Operator::Default(empty) if missing(empty) => text(shell, word, io).await,
        Operator::Assign(empty) if missing(empty) => {
            let value = text(shell, word, io).await?;
            shell.set(name, value.clone());
            Ok(value)
        }
        Operator::Alternative(empty) if missing(empty) => Ok(String::new()),
        Operator::Alternative(_) => text(shell, word, io).await,
        Operator::Error(empty) if missing(empty) => {
            let message = text(shell, word, io).await?;
            let message =
                if message.is_empty() { "parameter null or not set".to_owned() } else { message };
            Err(format!("{name}: {message}"))
        }
        Operator::Default(_) | Operator::Assign(_) | Operator::Error(_) => {
            Ok(current.unwrap_or_default())
        }
        Operator::CutStart(_) | Operator::CutEnd(_) => {
            let value: Vec<char> = known(shell, name)?.chars().collect();
            let pattern = Pattern::new(&pattern(shell, word, io).await?);
            Ok(cut(&value, &pattern, operator).iter().collect())
        }
        Operator::Replace(everywhere) => {
            let value: Vec<char> = known(shell, name)?.chars().collect();
            let whole = pattern(shell, word, io).await?;
            let (from, to) = whole.split_once('/').unwrap_or((&whole, ""));
            let to = to.replace('\\', "");
            Ok(replace(&value, &Pattern::new(from), &to, everywhere))
        }
        Operator::Upper(all) | Operator::Lower(all) => {
            let value = known(shell, name)?;
            let end =
                if all { value.len() } else { value.chars().next().map_or(0, char::len_utf8) };
            let (changed, rest) = value.split_at(end);
            let upper = matches!(operator, Operator::Upper(_));
            let changed = if upper { changed.to_uppercase() } else { changed.to_lowercase() };
            Ok(changed + rest)
        }
        Operator::Slice => {
            let value: Vec<char> = known(shell, name)?.chars().collect();
            let bounds = text(shell, word, io).await?;
            slice(shell, &value, &bounds)
        }
    }
}

fn slice(shell: &Shell, value: &[char], bounds: &str) -> Result<String, String> {
    let (offset, length) = match bounds.split_once(':') {
        Some((offset, length)) => (offset, Some(length)),
        None => (bounds, None),
    };
    let size = i64::try_from(value.len()).unwrap_or(i64::MAX);
    let offset = calculate(shell, offset)?;
    let start = if offset < 0 { (size + offset).max(0) } else { offset.min(size) };
    let end = match length {
        None => size,
        Some(length) => match calculate(shell, length)? {
            length if length < 0 => (size + length).max(start),
            length => start.saturating_add(length).min(size),
        },
    };
    let index = |n: i64| usize::try_from(n).unwrap_or(0);
    Ok(value[index(start)..index(end)].iter().collect())
}

/// The files whose names match, in order; none if nothing matches (the word then stands for itself).
fn file_names(shell: &Shell, field: &Field) -> Vec<String> {
    let cwd = shell.state().cwd.clone();
    let whole = field.pattern();
    let absolute = whole.starts_with('/');
    let mut found = vec![if absolute { "/".to_owned() } else { String::new() }];
    let parts: Vec<&str> = whole.split('/').filter(|part| !part.is_empty()).collect();
    for (index, part) in parts.iter().enumerate() {
        let (pattern, last) = (Pattern::new(part), index + 1 == parts.len());
        let mut next = Vec::new();
        for base in &found {
            let folder = files::resolve(&cwd, base);
            if pattern.is_plain() {
                let name = part.replace('\\', "");
                if shell.sandbox.files(|files| files.exists(&files::resolve(&folder, &name))) {
                    next.push(join(base, &name, last));
                }
                continue;
            }
            shell.sandbox.files(|files| {
                for (name, entry) in files.list(&folder).unwrap_or_default() {
                    let hidden = name.starts_with('.') && !pattern.names_first('.');
                    if !hidden && (last || entry.bytes.is_none()) && pattern.matches(name) {
                        next.push(join(base, name, last));
                    }
                }
            });
        }
        found = next;
    }
    if parts.is_empty() { Vec::new() } else { found }
}

fn join(base: &str, name: &str, last: bool) -> String {
    format!("{base}{name}{}", if last { "" } else { "/" })
}
