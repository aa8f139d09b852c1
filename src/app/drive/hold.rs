//! Commands that are entered before all of the page's code is here: they are shown, wait, and run in their order.
//!
//! What the page does by itself, and the world as long as no command ran in it, need no more than the first part of the
//! code; so time goes on, files are written, and only commands wait. A save that is brought back waits before it begins
//! (`restore`), so that its world never runs without the rest either.

use std::rc::Rc;

use kobune::journal::{Act, Outcome};

use super::Driver;
use crate::app::browser;
use crate::app::state::Action;

impl Driver {
    /// Enters a line at the prompt; whether it is complete.
    pub(crate) fn enter(&self, line: &str) -> bool {
        if browser::is_whole() {
            return self.act(Act::Enter(line.to_owned())) != Outcome::Incomplete;
        }
        let complete = self.0.borrow().run.is_complete(line);
        if complete {
            self.hold(Act::Enter(line.to_owned()));
        }
        complete
    }

    /// Runs a line at the prompt, or beside it while it is busy.
    pub(crate) fn run(&self, line: &str) {
        let act = Act::Run(line.to_owned());
        if browser::is_whole() {
            self.act(act);
        } else {
            self.hold(act);
        }
    }

    /// Stops what holds the prompt, or forgets what waits for it.
    pub(crate) fn interrupt(&self) {
        let held = std::mem::take(&mut self.0.borrow_mut().held);
        if held.is_empty() {
            self.act(Act::Interrupt);
        } else {
            self.tell_held();
        }
    }

    fn hold(&self, act: Act) {
        self.0.borrow_mut().held.push(act);
        self.tell_held();
        let driver = self.clone();
        browser::when_whole(move || driver.release());
    }

    /// Runs what was held.
    fn release(&self) {
        let held = std::mem::take(&mut self.0.borrow_mut().held);
        if held.is_empty() {
            return;
        }
        self.tell_held();
        for act in held {
            self.act(act);
        }
    }

    fn tell_held(&self) {
        let room = self.0.borrow();
        let line = |act: &Act| match act {
            Act::Enter(line) | Act::Run(line) => Some(line.clone()),
            _ => None,
        };
        let lines: Vec<String> = room.held.iter().filter_map(line).collect();
        room.tell.emit(Action::Held(Rc::new(lines)));
    }
}
