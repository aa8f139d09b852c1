//! Redirects: opening files, joining streams.

use std::cell::RefCell;
use std::rc::Rc;

use super::super::files::{self, FileError};
use super::super::{BrokenPipe, Input, Output};
use super::{BROKEN_PIPE, Io, Shell, Step, expand};
use crate::bash::ast::{Redirect, Target, Word};

/// Streams after redirection.
#[derive(Debug)]
pub(super) struct Redirected {
    /// The streams.
    pub(super) io: Io,
    /// Why writing to one of the files failed.
    refused: Rc<RefCell<Option<FileError>>>,
}

impl Redirected {
    /// The result of a command that ran with these streams: a full disk makes it fail.
    pub(super) fn finish(self, shell: &Shell, name: &str, result: Step) -> Step {
        match self.refused.take() {
            Some(error) => {
                Ok(shell.complain(&self.io, &format!("{name}: write error: {error}"), 1))
            }
            None => result,
        }
    }
}

/// Applies redirects in order; the error is bash's, without `bash: `.
pub(super) async fn apply(
    shell: &Shell,
    redirects: &[Redirect],
    mut io: Io,
) -> Result<Redirected, String> {
    let refused = Rc::default();
    for redirect in redirects {
        match &redirect.target {
            Target::Read(word) => {
                let name = one(shell, word, &io).await?;
                let path = files::resolve(&shell.state().cwd, &name);
                let bytes = shell.sandbox.files(|files| files.read(&path));
                let bytes = bytes.map_err(|error| format!("{name}: {error}"))?;
                io.stdin = Input::from_bytes(bytes.as_slice());
            }
            Target::Write(word) | Target::WriteBoth(word) => {
                let output = open(shell, &one(shell, word, &io).await?, false, &refused)?;
                put(&mut io, redirect, output);
            }
            Target::Append(word) | Target::AppendBoth(word) => {
                let output = open(shell, &one(shell, word, &io).await?, true, &refused)?;
                put(&mut io, redirect, output);
            }
            Target::Duplicate(from) => {
                let output = match from {
                    1 => io.stdout.clone(),
                    2 => io.stderr.clone(),
                    _ if redirect.stream == 0 => continue,
                    other => return Err(format!("{other}: Bad file descriptor")),
                };
                if redirect.stream == 0 {
                    return Err(format!("{from}: Bad file descriptor"));
                }
                put(&mut io, redirect, output);
            }
            Target::HereDocument(text) => {
                let word = text.get().ok_or("here-document: not read")?;
                io.stdin = Input::from_bytes(expand::text(shell, word, &io).await?);
            }
            Target::HereString(word) => {
                let text = expand::text(shell, word, &io).await? + "\n";
                io.stdin = Input::from_bytes(text);
            }
        }
    }
    Ok(Redirected { io, refused })
}

fn put(io: &mut Io, redirect: &Redirect, output: Output) {
    if matches!(redirect.target, Target::WriteBoth(_) | Target::AppendBoth(_)) {
        io.stdout = output.clone();
        io.stderr = output;
    } else if redirect.stream == 2 {
        io.stderr = output;
    } else {
        io.stdout = output;
    }
}

/// The one file name that a word stands for.
async fn one(shell: &Shell, word: &Word, io: &Io) -> Result<String, String> {
    let mut names = expand::fields(shell, std::slice::from_ref(word), io).await?;
    match (names.pop(), names.is_empty()) {
        (Some(name), true) => Ok(name),
        _ => Err(format!("{}: ambiguous redirect", expand::text(shell, word, io).await?)),
    }
}

fn open(
    shell: &Shell,
    name: &str,
    append: bool,
    refused: &Rc<RefCell<Option<FileError>>>,
) -> Result<Output, String> {
    let path = files::resolve(&shell.state().cwd, name);
    match path.as_str() {
        "/dev/null" => return Ok(Output::nothing()),
        "/dev/stdout" | "/dev/stderr" | "/dev/tty" => {
            return Err(format!("{name}: this device is not simulated"));
        }
        _ => {}
    }
    let now = shell.sandbox.now();
    let opened = shell.sandbox.files_mut(|files| {
        if append { files.append(&path, b"", now) } else { files.write(&path, Vec::new(), now) }
    });
    opened.map_err(|error| format!("{name}: {error}"))?;
    let (sandbox, refused) = (shell.sandbox.clone(), Rc::clone(refused));
    Ok(Output::to(Rc::new(move |bytes| {
        let now = sandbox.now();
        sandbox.files_mut(|files| files.append(&path, bytes, now)).map_err(|error| {
            refused.replace(Some(error));
            BrokenPipe
        })
    })))
}

/// A command's code once its writes went well or met a closed pipe.
pub(super) fn written(result: Result<(), BrokenPipe>) -> i32 {
    match result {
        Ok(()) => 0,
        Err(BrokenPipe) => BROKEN_PIPE,
    }
}
