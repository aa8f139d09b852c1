//! Questions that commands have for somebody outside the sandbox, and wait for (`kubectl explain`).
//!
//! What the documentation says stands in documents that are too large for the page to load at once. The contract of a face
//! that fetches them when asked: it says so once ([`Asking::offer`]); after each poll it looks at [`Asking::waiting`], and it
//! hands in the answer ([`Asking::answer`]), which is written in the journal like any other act, so that doing it again needs
//! no document. A face that has the documents at hand gives their source instead ([`Asking::set_source`]). Without either
//! nobody waits. A command that is interrupted takes its question back.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;

use crate::output::explain::{Question, answer};

/// Where a document comes from, by its name.
pub type Source = fn(&str) -> Option<String>;

/// The text that is asked for, or what there is to complain of.
pub type Answer = Result<String, String>;

/// What is asked, and whether anybody answers.
#[derive(Debug, Default)]
pub struct Asking {
    offered: Cell<bool>,
    source: Cell<Option<Source>>,
    /// In the order of asking; the answer once there is one.
    questions: RefCell<Vec<(String, Option<Answer>)>>,
}

/// Takes a question back when its command ends, however it ends.
struct Asked<'a>(&'a Asking, String);

impl Drop for Asked<'_> {
    fn drop(&mut self) {
        self.0.questions.borrow_mut().retain(|(question, _)| *question != self.1);
    }
}

impl Asking {
    /// Says that there is somebody who answers.
    pub fn offer(&self) {
        self.offered.set(true);
    }

    /// For a copy of the world: it has the same source, but nobody who would fetch.
    #[must_use]
    pub(super) fn copied(&self) -> Self {
        Self { source: self.source.clone(), ..Self::default() }
    }

    /// Says where documents come from at once.
    pub fn set_source(&self, source: Source) {
        self.source.set(Some(source));
    }

    /// The questions that commands wait for, each once.
    pub fn waiting(&self) -> Vec<String> {
        let mut waiting: Vec<String> = Vec::new();
        for (question, answer) in self.questions.borrow().iter() {
            if answer.is_none() && !waiting.contains(question) {
                waiting.push(question.clone());
            }
        }
        waiting
    }

    /// Hands in an answer, to all who asked that.
    pub fn answer(&self, question: &str, answer: &Answer) {
        for (asked, slot) in self.questions.borrow_mut().iter_mut() {
            if asked == question {
                *slot = Some(answer.clone());
            }
        }
    }

    /// Asks, and waits for the answer.
    pub async fn ask(self: Rc<Self>, question: Question) -> Answer {
        let unreachable = || "the descriptions of fields cannot be read here".to_owned();
        if let Some(source) = self.source.get() {
            let document = source(&question.document()).ok_or_else(unreachable)?;
            return answer(&question, &document);
        }
        if !self.offered.get() {
            return Err(unreachable());
        }
        let line = question.line();
        self.questions.borrow_mut().push((line.clone(), None));
        let asked = Asked(&self, line);
        poll_fn(|_| {
            let questions = self.questions.borrow();
            let mine = questions.iter().find(|(question, _)| *question == asked.1);
            let answer = mine.and_then(|(_, answer)| answer.clone());
            answer.map_or(Poll::Pending, Poll::Ready)
        })
        .await
    }
}
