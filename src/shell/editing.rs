//! An editor beside the terminal, which commands can ask to edit a file and wait for (`kubectl edit`).
//!
//! The contract of the face that has an editor: it says so once ([`Editing::offer`]); after each poll it looks at
//! [`Editing::waiting`] and opens what is new there; it writes what is typed to the sandbox's files; and it says when the
//! learner is done ([`Editing::finish`]), with whether the file is to count. A command that is interrupted takes its
//! file off the list. Without an editor on offer nobody waits.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;

/// What is edited, and whether anybody can.
#[derive(Debug, Default)]
pub struct Editing {
    offered: Cell<bool>,
    /// Paths, in the order of asking; the answer once there is one.
    files: RefCell<Vec<(String, Option<bool>)>>,
}

/// Takes a file off the list when its command ends, however it ends.
struct Asked<'e>(&'e Editing, String);

impl Drop for Asked<'_> {
    fn drop(&mut self) {
        self.0.files.borrow_mut().retain(|(path, _)| *path != self.1);
    }
}

impl Editing {
    /// Says that there is an editor.
    pub fn offer(&self) {
        self.offered.set(true);
    }

    /// Whether there is one.
    pub fn is_offered(&self) -> bool {
        self.offered.get()
    }

    /// The files that commands wait for.
    pub fn waiting(&self) -> Vec<String> {
        let files = self.files.borrow();
        files.iter().filter(|(_, done)| done.is_none()).map(|(path, _)| path.clone()).collect()
    }

    /// Says that the learner is done with a file; `keep` is false if nothing that was typed is to count.
    pub fn finish(&self, path: &str, keep: bool) {
        for (asked, done) in self.files.borrow_mut().iter_mut() {
            if asked == path {
                *done = Some(keep);
            }
        }
    }

    /// Has a file edited; whether it is to count.
    pub async fn edit(self: Rc<Self>, path: String) -> bool {
        self.files.borrow_mut().push((path.clone(), None));
        let asked = Asked(&self, path);
        poll_fn(|_| {
            let files = self.files.borrow();
            let done = files.iter().find(|(path, _)| *path == asked.1).and_then(|(_, done)| *done);
            done.map_or(Poll::Pending, Poll::Ready)
        })
        .await
    }
}
