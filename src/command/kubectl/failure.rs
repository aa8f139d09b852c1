//! How a verb fails, and what is printed then.
//!
//! Models kubectl `pkg/cmd/util/helpers.go` (`checkErr`): what the server refused is shown with its reason, an invalid
//! object with a line for each cause, everything else after `error: `.

use std::fmt::Write as _;

use crate::object::{Reason, StatusError};
use crate::shell::BrokenPipe;

/// Why a verb ends without success.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// Everything is said; only the exit code is left.
    Exit(i32),
    /// A mistake of the caller's or something not possible: `error: …`.
    Plain(String),
    /// A sentence that stands as it is.
    Bare(String),
    /// A mistake, after what is shown of it on standard output.
    Shown(String, String),
    /// The API server refused.
    Server(StatusError),
    /// Several things went wrong, each with a line of its own.
    Many(Vec<Self>),
}

impl From<StatusError> for Failure {
    fn from(error: StatusError) -> Self {
        Self::Server(error)
    }
}

/// Whoever read the output has gone: the command ends as SIGPIPE would end it.
impl From<BrokenPipe> for Failure {
    fn from(_: BrokenPipe) -> Self {
        Self::Exit(128 + 13)
    }
}

impl Failure {
    /// `error: …`.
    pub(super) fn plain(text: impl Into<String>) -> Self {
        Self::Plain(text.into())
    }

    /// A mistake in how the verb was called, with where to look it up (`UsageErrorf`). `path` is `kubectl get`.
    pub(super) fn usage(path: &str, text: impl AsRef<str>) -> Self {
        Self::Plain(format!("{}\nSee '{path} -h' for help and examples", text.as_ref()))
    }

    /// Something that kubectl does and this sandbox does not do yet.
    pub(super) fn not_simulated(what: &str) -> Self {
        Self::Plain(format!("{what} is part of real Kubernetes, but is not simulated yet"))
    }

    /// One failure out of several; `Ok` if there is none.
    pub(super) fn all(mut failures: Vec<Self>) -> Result<(), Self> {
        match failures.len() {
            0 => Ok(()),
            1 => Err(failures.remove(0)),
            _ => Err(Self::Many(failures)),
        }
    }

    /// Puts what was being done to which source before the server's sentence (`AddSourceToErr`).
    #[must_use]
    pub(super) fn while_doing(self, verb: &str, source: &str) -> Self {
        match self {
            Self::Server(mut error) => {
                error.message = format!("error when {verb} {source:?}: {}", error.message);
                Self::Server(error)
            }
            Self::Plain(text) => Self::Plain(format!("error when {verb} {source:?}: {text}")),
            Self::Exit(_) | Self::Bare(_) | Self::Shown(..) | Self::Many(_) => self,
        }
    }

    /// What is printed to standard output first.
    pub(super) fn shown(&self) -> &str {
        if let Self::Shown(text, _) = self { text } else { "" }
    }

    /// The exit code.
    pub(super) fn code(&self) -> i32 {
        if let Self::Exit(code) = self { *code } else { 1 }
    }

    /// What is printed to standard error, newline included.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Exit(_) => String::new(),
            Self::Plain(text) if text.starts_with("error: ") => line(text),
            Self::Plain(text) | Self::Shown(_, text) => line(&format!("error: {text}")),
            Self::Bare(text) => line(text),
            Self::Server(error) => server(error),
            Self::Many(failures) => failures.iter().map(Self::in_a_list).collect(),
        }
    }

    /// Among several, those of our own lose their `error: `, and invalid objects stand in one line (`MultipleErrors`).
    fn in_a_list(&self) -> String {
        match self {
            Self::Plain(text) => line(text),
            Self::Server(error) => {
                format!("Error from server ({}): {}\n", reason(error.reason), error.message)
            }
            Self::Exit(_) | Self::Bare(_) | Self::Shown(..) | Self::Many(_) => self.text(),
        }
    }
}

fn line(text: &str) -> String {
    if text.ends_with('\n') { text.to_owned() } else { format!("{text}\n") }
}

fn server(error: &StatusError) -> String {
    let Some(details) = &error.invalid else {
        return format!("Error from server ({}): {}\n", reason(error.reason), error.message);
    };
    let mut text = if !details.kind.is_empty() || !details.name.is_empty() {
        format!("The {} {:?} is invalid", details.kind, details.name)
    } else if details.causes.is_empty() {
        format!("The request is invalid: {}", error.message)
    } else {
        "The request is invalid".to_owned()
    };
    let mut causes: Vec<&String> = Vec::new();
    for cause in &details.causes {
        if !causes.contains(&cause) {
            causes.push(cause);
        }
    }
    match causes.as_slice() {
        [] => text.push('\n'),
        [one] => writeln!(text, ": {one}").expect("a String takes everything"),
        many => {
            text.push_str(": \n");
            for cause in many {
                writeln!(text, "* {cause}").expect("a String takes everything");
            }
        }
    }
    text
}

fn reason(reason: Reason) -> String {
    format!("{reason:?}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::Kind;

    #[test]
    fn each_cause_of_an_invalid_object_has_its_line() {
        let causes = |causes: &[&str]| {
            let causes: Vec<_> = causes.iter().map(|cause| (*cause).to_owned()).collect();
            Failure::from(StatusError::invalid(Kind::Deployment.info(), "web", &causes)).text()
        };
        assert_eq!(causes(&["a: b"]), "The Deployment \"web\" is invalid: a: b\n");
        assert_eq!(
            causes(&["a: b", "c: d", "a: b"]),
            "The Deployment \"web\" is invalid: \n* a: b\n* c: d\n"
        );
    }

    #[test]
    fn several_failures_stand_in_lines() {
        let missing = |name: &str| {
            Failure::Server(StatusError::new(
                Reason::NotFound,
                format!("pods \"{name}\" not found"),
            ))
        };
        let failure = Failure::all(vec![missing("a"), Failure::plain("x")]).unwrap_err();
        assert_eq!(failure.text(), "Error from server (NotFound): pods \"a\" not found\nx\n");
        assert_eq!(Failure::plain("x").text(), "error: x\n");
    }
}
