//! The shell: what turns a line of text into commands over one sandbox.
//!
//! A [`Command`] is one value (name, help, `run`, `complete`); the lists of commands are in `crate::command`. Commands
//! are futures: they take no virtual time unless they wait, and waiting is `sandbox.until(…)` or `sandbox.sleep(…)`.
//! Nobody wakes a future here: whoever owns the [`Session`] polls it again after each step of the cluster.

mod asking;
mod command;
mod editing;
mod exec;
mod files;
mod forward;
mod io;
mod sandbox;
mod session;

pub use crate::bash::ParseError;
pub use asking::{Answer, Asking, Source};
pub use command::{Candidate, Command, CompletionRequest, Invocation, LocalFuture};
pub use editing::Editing;
pub use exec::{BROKEN_PIPE, BUILTINS, Builtin, Patience, run_script};
pub use files::{
    ENTRIES_MAX, Entry, FILE_BYTES_MAX, FileError, Files, HOME, TOTAL_BYTES_MAX, resolve, split,
};
pub use forward::Forward;
pub use io::{BrokenPipe, Chunk, Input, Output, Screen, Stream, Writer, pipe};
pub use sandbox::Sandbox;
pub use session::{Completion, Session, Submitted};
