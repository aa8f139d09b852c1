//! Redirections: where a command's output goes, in a container's shell.

use super::{Redirect, Script, Surroundings, files, tools};
use crate::engine::Stream;

/// Where a stream goes after a command's redirects.
#[derive(Clone, Debug)]
enum Sink {
    Nowhere,
    Stream(Stream),
    /// A stream of the main process, from beside it.
    Log(Stream),
    File(String),
}

impl Script {
    /// Sends a command's output where its redirects say, which count in their order.
    pub(super) fn redirect(
        &mut self,
        redirects: &[Redirect],
        outcome: &mut tools::Outcome,
        around: &mut Surroundings<'_>,
    ) -> Result<(), String> {
        let (mut out, mut error) = (Sink::Stream(Stream::Stdout), Sink::Stream(Stream::Stderr));
        for redirect in redirects {
            match redirect {
                Redirect::Duplicate(2, 1) => error = out.clone(),
                Redirect::Duplicate(1, 2) => out = error.clone(),
                Redirect::Duplicate(..) | Redirect::Read(_) | Redirect::Text(_) => {}
                Redirect::Write(descriptor, append, file) => {
                    let path = self.text(file, around)?;
                    let path = files::resolve(&self.variables, &path);
                    let sink = match path.as_str() {
                        "/dev/null" => Sink::Nowhere,
                        "/proc/1/fd/1" if around.beside => Sink::Log(Stream::Stdout),
                        "/proc/1/fd/2" if around.beside => Sink::Log(Stream::Stderr),
                        "/dev/stdout" | "/proc/1/fd/1" => Sink::Stream(Stream::Stdout),
                        "/dev/stderr" | "/proc/1/fd/2" => Sink::Stream(Stream::Stderr),
                        _ => {
                            if !around.can_write(&path) {
                                outcome.output.clear();
                                let message =
                                    format!("sh: can't create {path}: nonexistent directory\n");
                                outcome.output.push((Stream::Stderr, message));
                                outcome.then = tools::Then::Ended(1);
                                return Ok(());
                            }
                            let old = around.read(&path).filter(|_| *append);
                            around.files.insert(path.clone(), old.unwrap_or_default());
                            Sink::File(path)
                        }
                    };
                    *(if *descriptor == 2 { &mut error } else { &mut out }) = sink;
                }
            }
        }
        for (stream, part) in std::mem::take(&mut outcome.output) {
            match if stream == Stream::Stderr { &error } else { &out } {
                Sink::Nowhere => {}
                Sink::Stream(stream) => outcome.output.push((*stream, part)),
                Sink::Log(stream) => around.log.push((*stream, part)),
                Sink::File(path) => {
                    let old = around.files.get(path);
                    let mut text = old.map_or_else(String::new, ToString::to_string);
                    text.push_str(&part);
                    text.truncate(text.floor_char_boundary(tools::FILE_BYTES_MAX));
                    around.files.insert(path.clone(), text.into());
                }
            }
        }
        Ok(())
    }
}
