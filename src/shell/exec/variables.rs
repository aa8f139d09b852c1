//! Builtins for variables and short names: `export`, `local`, `readonly`, `unset`, `let`, `read`, `alias`.

use std::fmt::Write as _;

use super::redirect::written;
use super::simple::make_local;
use super::{Io, Running, Shell, expand};
use crate::bash::is_name;

/// `NAME=value` and `NAME` arguments of `export` and `local`.
fn declare(
    shell: &Shell,
    io: &Io,
    builtin: &str,
    argument: &str,
    mut declare: impl FnMut(&str),
) -> i32 {
    let (name, value) = match argument.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (argument, None),
    };
    if !is_name(name) {
        return shell.complain(io, &format!("{builtin}: `{argument}': not a valid identifier"), 1);
    }
    declare(name);
    if let Some(value) = value {
        shell.set(name, value.to_owned());
    }
    0
}

pub(super) fn export(shell: &Shell, arguments: &[String], io: &Io) -> i32 {
    if arguments.iter().all(|argument| argument == "-p") {
        let mut text = String::new();
        for (name, value) in shell.environment() {
            let value = value.replace('\\', "\\\\").replace('"', "\\\"").replace('$', "\\$");
            writeln!(text, "declare -x {name}=\"{value}\"").expect("a String takes everything");
        }
        return written(io.stdout.write(&text));
    }
    let mut status = 0;
    for argument in arguments {
        status |= declare(shell, io, "export", argument, |name| {
            shell.state().variables.entry(name.to_owned()).or_default().exported = true;
        });
    }
    status
}

pub(super) fn local(shell: &Shell, arguments: &[String], io: &Io) -> i32 {
    if shell.state().locals.is_empty() {
        return shell.complain(io, "local: can only be used in a function", 1);
    }
    let mut status = 0;
    for argument in arguments {
        status |= declare(shell, io, "local", argument, |name| {
            make_local(shell, name);
            shell.state().variables.remove(name);
        });
    }
    status
}

pub(super) fn readonly(shell: &Shell, arguments: &[String], io: &Io) -> i32 {
    arguments
        .iter()
        .fold(0, |status, argument| status | declare(shell, io, "readonly", argument, |_| {}))
}

pub(super) fn let_(shell: &Shell, arguments: &[String], io: &Io) -> i32 {
    let mut status = 1;
    for argument in arguments {
        match expand::calculate(shell, argument) {
            Ok(value) => status = i32::from(value == 0),
            Err(message) => return shell.complain(io, &format!("let: {message}"), 1),
        }
    }
    status
}

pub(super) fn alias(shell: &Shell, arguments: &[String], io: &Io) -> i32 {
    let mut status = 0;
    let shown = |name: &str, text: &str| format!("alias {name}='{text}'\n");
    if arguments.is_empty() {
        let aliases = shell.state().aliases.clone();
        let text: String = aliases.iter().map(|(name, text)| shown(name, text)).collect();
        return written(io.stdout.write(&text));
    }
    for argument in arguments {
        if let Some((name, text)) = argument.split_once('=') {
            shell.state().aliases.insert(name.to_owned(), text.to_owned());
            continue;
        }
        let known = shell.state().aliases.get(argument).map(|text| shown(argument, text));
        status |= match known {
            Some(text) => written(io.stdout.write(&text)),
            None => shell.complain(io, &format!("alias: {argument}: not found"), 1),
        };
    }
    status
}

pub(super) fn unalias(shell: &Shell, arguments: &[String], io: &Io) -> i32 {
    let mut status = 0;
    for name in arguments {
        if name == "-a" {
            shell.state().aliases.clear();
        } else if shell.state().aliases.remove(name).is_none() {
            status = shell.complain(io, &format!("unalias: {name}: not found"), 1);
        }
    }
    status
}

pub(super) fn unset(shell: &Shell, arguments: &[String], _: &Io) -> i32 {
    let mut state = shell.state();
    for name in arguments {
        state.variables.remove(name);
        state.functions.remove(name);
    }
    0
}

pub(super) fn read(shell: &Shell, arguments: Vec<String>, io: Io) -> Running<'_> {
    Box::pin(async move {
        let (mut names, mut rest) = (Vec::new(), arguments.into_iter());
        while let Some(name) = rest.next() {
            match name.as_str() {
                "-r" | "-s" | "-rs" | "-sr" => {}
                "-p" | "-rp" | "-sp" => {
                    let prompt = rest.next().unwrap_or_default();
                    io.stderr.write(&prompt).unwrap_or(());
                }
                "-t" | "-n" | "-d" => drop(rest.next()),
                _ => names.push(name),
            }
        }
        if let Some(wrong) = names.iter().find(|name| !is_name(name)) {
            return Ok(shell.complain(&io, &format!("read: `{wrong}': not a valid identifier"), 1));
        }
        let line = io.stdin.read_line().await;
        let text = String::from_utf8_lossy(line.as_deref().unwrap_or_default()).into_owned();
        let ifs = expand::separators(shell);
        let blank = |c: char| c.is_whitespace() && ifs.contains(c);
        let line = text.strip_suffix('\n').unwrap_or(&text);
        let mut rest = line.trim_matches(blank);
        let names = if names.is_empty() { vec!["REPLY".to_owned()] } else { names };
        for (index, name) in names.iter().enumerate() {
            let value = if index + 1 == names.len() {
                std::mem::take(&mut rest)
            } else {
                let (word, after) = match rest.find(|c| ifs.contains(c)) {
                    Some(at) => rest.split_at(at),
                    None => (rest, ""),
                };
                // Blanks and one other sign part two fields.
                let after = after.trim_start_matches(blank);
                let sign = after.chars().next().filter(|c| ifs.contains(*c));
                rest = after.get(sign.map_or(0, char::len_utf8)..).unwrap_or_default();
                rest = rest.trim_start_matches(blank);
                word
            };
            shell.set(name, value.to_owned());
        }
        Ok(i32::from(!text.ends_with('\n')))
    })
}
