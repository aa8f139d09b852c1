//! The shell: what turns a line of text into commands over one sandbox.
//!
//! A [`Command`] is one value (name, help, `run`, `complete`); the lists of commands are in `crate::command`. Commands
//! are futures: they take no virtual time unless they wait, and waiting is `sandbox.until(…)` or `sandbox.sleep(…)`.
//! Nobody wakes a future here: whoever owns the session polls it again after each step of the cluster.

mod command;
mod io;
mod sandbox;

pub use command::{Candidate, Command, CompletionRequest, Invocation, LocalFuture};
pub use io::{BrokenPipe, Input, Output, pipe};
pub use sandbox::Sandbox;
