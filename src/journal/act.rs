//! What can be done to a world, and how a line says it.
//!
//! A file that is written again is told by what changed, and a copy of another one by naming it, so that a large paste
//! is kept once and typing costs a few bytes. Writer and reader remember the same texts for that ([`Texts`]).

use std::collections::BTreeMap;

use crate::shell::{Answer, TOTAL_BYTES_MAX};

/// From how many bytes on it is worth looking for a text that is alike.
const LONG: usize = 200;

/// Something done to a world from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// A line is entered at the prompt.
    Enter(String),
    /// A line is run at the prompt, or beside it while that is busy.
    Run(String),
    /// A line, with its newline, is typed for the running command.
    Input(String),
    /// The running command's input ends, as with Ctrl+D.
    EndInput,
    /// The line that holds the prompt is stopped, as with Ctrl+C.
    Interrupt,
    /// The screen is emptied, as with Ctrl+L.
    Clear,
    /// A line from an earlier run goes into the history.
    Remember(String),
    /// A file is written, and the folders it stands in are made.
    Write {
        /// Its absolute path.
        path: String,
        /// All of its text.
        text: String,
    },
    /// The learner is done with a file that a command has in the editor (`kubectl edit`).
    Edited {
        /// Its absolute path.
        path: String,
        /// Whether what was typed is to count.
        keep: bool,
    },
    /// A command hears what it asked somebody outside (`kubectl explain`).
    Answered {
        /// What it asked.
        question: String,
        /// The text, or what there is to complain of.
        answer: Answer,
    },
    /// A file gets another path, and the folders it stands in are made.
    Rename {
        /// Where it is.
        from: String,
        /// Where it goes.
        to: String,
    },
}

/// What acts wrote last, by path.
#[derive(Clone, Debug, Default)]
pub(super) struct Texts {
    texts: BTreeMap<String, String>,
    bytes: usize,
}

impl Texts {
    /// The text that acts left at a path.
    pub(super) fn get(&self, path: &str) -> Option<&str> {
        self.texts.get(path).map(String::as_str)
    }

    /// Every path with its text.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.texts.iter().map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// Takes note of an act.
    pub(super) fn note(&mut self, act: &Act) {
        match act {
            Act::Write { path, text } => self.put(path, text.clone()),
            Act::Rename { from, to } => {
                if let Some(text) = self.texts.remove(from) {
                    self.bytes -= text.len();
                    self.put(to, text);
                }
            }
            Act::Enter(_)
            | Act::Run(_)
            | Act::Input(_)
            | Act::EndInput
            | Act::Interrupt
            | Act::Clear
            | Act::Edited { .. }
            | Act::Answered { .. }
            | Act::Remember(_) => {}
        }
    }

    fn put(&mut self, path: &str, text: String) {
        self.bytes += text.len();
        if let Some(old) = self.texts.insert(path.to_owned(), text) {
            self.bytes -= old.len();
        }
        if self.bytes > TOTAL_BYTES_MAX {
            // Whoever writes and whoever reads forget at the same act.
            *self = Self::default();
        }
    }

    /// The text to tell a new one by, and where it stands: what was there, unless another one is much more alike.
    fn base(&self, path: &str, text: &str) -> (&str, &str) {
        let saved = |base: &str| {
            let (head, tail) = common(base, text);
            head + tail
        };
        let (mut best, mut most) = (("", ""), 0);
        if let Some((path, old)) = self.texts.get_key_value(path) {
            (best, most) = ((path.as_str(), old.as_str()), saved(old));
        }
        if most < text.len() / 2 && text.len() > LONG {
            for (path, other) in self.iter() {
                let same = saved(other);
                if same > most {
                    (best, most) = ((path, other), same);
                }
            }
        }
        best
    }
}

impl Act {
    /// The fields of its line.
    pub(super) fn fields(&self, texts: &Texts) -> Vec<String> {
        let fields: &[&str] = match self {
            Self::Enter(line) => &["enter", line],
            Self::Run(line) => &["run", line],
            Self::Input(line) => &["input", line],
            Self::EndInput => &["end-input"],
            Self::Interrupt => &["interrupt"],
            Self::Clear => &["clear"],
            Self::Remember(line) => &["remember", line],
            Self::Rename { from, to } => &["rename", from, to],
            Self::Edited { path, keep: true } => &["edited", path],
            Self::Edited { path, keep: false } => &["dropped", path],
            Self::Answered { question, answer: Ok(text) } => &["answered", question, text],
            Self::Answered { question, answer: Err(text) } => &["unanswered", question, text],
            Self::Write { path, text } => {
                let (from, base) = texts.base(path, text);
                let (head, tail) = common(base, text);
                let new = text.get(head..text.len() - tail).unwrap_or_default();
                &["write", path, from, &head.to_string(), &tail.to_string(), new]
            }
        };
        fields.iter().map(|field| (*field).to_owned()).collect()
    }

    /// The act that fields tell of.
    pub(super) fn from_fields(fields: &[String], texts: &Texts) -> Option<Self> {
        let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
        Some(match *fields.as_slice() {
            ["enter", line] => Self::Enter(line.to_owned()),
            ["run", line] => Self::Run(line.to_owned()),
            ["input", line] => Self::Input(line.to_owned()),
            ["end-input"] => Self::EndInput,
            ["interrupt"] => Self::Interrupt,
            ["clear"] => Self::Clear,
            ["remember", line] => Self::Remember(line.to_owned()),
            ["rename", from, to] => Self::Rename { from: from.to_owned(), to: to.to_owned() },
            ["edited", path] => Self::Edited { path: path.to_owned(), keep: true },
            ["dropped", path] => Self::Edited { path: path.to_owned(), keep: false },
            ["answered", question, text] => {
                Self::Answered { question: question.to_owned(), answer: Ok(text.to_owned()) }
            }
            ["unanswered", question, text] => {
                Self::Answered { question: question.to_owned(), answer: Err(text.to_owned()) }
            }
            ["write", path, from, head, tail, new] => {
                let base = if from.is_empty() { "" } else { texts.get(from)? };
                let (head, tail): (usize, usize) = (head.parse().ok()?, tail.parse().ok()?);
                let rest = base.len().checked_sub(head)?.checked_sub(tail)?;
                let (head, tail) = (base.get(..head)?, base.get(head + rest..)?);
                Self::Write { path: path.to_owned(), text: format!("{head}{new}{tail}") }
            }
            _ => return None,
        })
    }
}

/// How many bytes two texts have in common at their beginnings and at their ends, without overlap.
fn common(old: &str, new: &str) -> (usize, usize) {
    let same = |(a, b): &(char, char)| a == b;
    let bytes = |(c, _): (char, char)| c.len_utf8();
    let head: usize = old.chars().zip(new.chars()).take_while(same).map(bytes).sum();
    let (old, new) = (old.get(head..).unwrap_or_default(), new.get(head..).unwrap_or_default());
    let tail = old.chars().rev().zip(new.chars().rev()).take_while(same).map(bytes).sum();
    (head, tail)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(path: &str, text: &str) -> Act {
        Act::Write { path: path.to_owned(), text: text.to_owned() }
    }

    #[test]
    fn a_text_is_told_by_what_changed() {
        let mut texts = Texts::default();
        for (path, text, cost) in [
            ("/a", "replicas: 3\nimage: 小舟:1\n", 28),
            ("/a", "replicas: 30\nimage: 小舟:1\n", 1),
            ("/a", "replicas: 30\nimage: 小船:1\n", 3),
            ("/b", "replicas: 30\nimage: 小船:1\n", 29),
            ("/b", "aaa", 3),
            ("/b", "aa", 0),
            ("/b", "aaaa", 2),
            ("/b", "", 0),
            ("/c", &"long\n".repeat(99), 494),
            ("/d", &"long\n".repeat(100), 5),
        ] {
            let act = write(path, text);
            let fields = act.fields(&texts);
            assert_eq!(fields[5].len(), cost, "{fields:?}");
            assert_eq!(Act::from_fields(&fields, &texts), Some(act.clone()));
            texts.note(&act);
        }
    }

    #[test]
    fn a_line_that_makes_no_sense_is_none() {
        let mut texts = Texts::default();
        texts.note(&write("/a", "小舟"));
        for fields in [
            &["write", "/a", "/a", "1", "0", ""][..],
            &["write", "/a", "/a", "3", "4", ""],
            &["write", "/a", "/a", "99999999999999999999", "0", ""],
            &["write", "/a", "/b", "0", "0", ""],
            &["write", "/a"],
            &["enter"],
            &["dance", "x"],
            &[],
        ] {
            let fields: Vec<_> = fields.iter().map(|field| (*field).to_owned()).collect();
            assert_eq!(Act::from_fields(&fields, &texts), None, "{fields:?}");
        }
    }
}
