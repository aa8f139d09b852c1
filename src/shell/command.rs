//! What a command is: one value, from which lists, help and completion derive.

use std::future::Future;
use std::pin::Pin;

use super::{Input, Output, Sandbox};

/// A future that stays on its thread.
pub type LocalFuture<T> = Pin<Box<dyn Future<Output = T>>>;

/// A command that can be typed at the prompt.
#[derive(Copy, Clone, Debug)]
pub struct Command {
    /// What is typed.
    pub name: &'static str,
    /// One line for lists of commands, in English (help text is command output).
    pub summary: &'static str,
    /// Runs it to its exit code.
    pub run: fn(Invocation) -> LocalFuture<i32>,
    /// Proposes what could stand at the cursor; file names are the default where it proposes nothing.
    pub complete: fn(&CompletionRequest, &Sandbox) -> Vec<Candidate>,
}

/// One run of a command.
#[derive(Clone, Debug)]
pub struct Invocation {
    /// The words after the command's name.
    pub args: Vec<String>,
    /// The folder it runs in, absolute.
    pub cwd: String,
    /// Exported variables, in order of name.
    pub env: std::collections::BTreeMap<String, String>,
    /// Standard input.
    pub stdin: Input,
    /// Standard output.
    pub stdout: Output,
    /// Standard error.
    pub stderr: Output,
    /// The world.
    pub sandbox: Sandbox,
}

/// A half-typed command line: the words before the cursor, the last one possibly empty or incomplete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompletionRequest {
    /// Words after the command's name; the last is the one to complete.
    pub words: Vec<String>,
    /// The folder it would run in.
    pub cwd: String,
}

/// One proposal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Candidate {
    /// What would stand in place of the last word.
    pub text: String,
    /// A few words on what it is; may be empty.
    pub note: String,
}
