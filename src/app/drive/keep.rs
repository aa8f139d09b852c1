//! What the page's memory hears: where the run is, which files are open, and the files as they are.
//!
//! Acts reach the memory by the run's own keeper, before they are done. The moment follows them: now and then while time
//! runs, at once when it stands, and when the page may be about to go.

use kobune::journal::{Moment, SAVE_BYTES_MAX, STEPS_MAX};
use kobune::shell::Files;
use kobune::view::Text;
use kobune::view::desk::Desk;
use kobune::view::transport::Mode;

use super::{Driver, Room};
use crate::app::browser::{self, wall_micros};
use crate::app::state::{Action, Notice};

/// How often, by the wall clock, the page's memory hears where the run is while time runs.
const KEEP_MICROS: u64 = 1_000_000;

/// What was last handed to the page's memory.
pub(super) struct Keeping {
    /// When, by the wall clock, in microseconds.
    at: u64,
    moment: Moment,
    line: Option<String>,
    /// The revision of the files.
    files: u64,
    /// Whether it was told that the run is not kept any more.
    over: bool,
}

impl Keeping {
    /// Nothing was handed over yet; the page looks like this.
    pub(super) fn new(moment: Moment) -> Self {
        Self { at: 0, moment, line: None, files: 0, over: false }
    }
}

impl Driver {
    /// Which files are open now, for the next visit.
    pub(crate) fn set_desk(&self, desk: &Desk) {
        let room = &mut *self.0.borrow_mut();
        room.keeping.moment.open.clone_from(&desk.open);
        room.keeping.moment.active.clone_from(&desk.active);
        room.keep(true);
    }

    /// The page may be about to go: everything is handed to its memory.
    pub(crate) fn leave(&self) {
        let flush = self.0.borrow().flush.clone();
        if let Some(flush) = flush {
            flush();
        }
        self.0.borrow_mut().keep(true);
    }

    /// The whole save, and every file's path and bytes.
    pub(crate) fn save(&self) -> String {
        let room = self.0.borrow();
        room.run.save(&room.keeping.moment)
    }
}

impl Room {
    /// Tells the page's memory where the run is: now and then, or at once.
    pub(super) fn keep(&mut self, at_once: bool) {
        let (wall, mode) = (wall_micros(), self.transport.mode());
        let due = wall - self.keeping.at > KEEP_MICROS || mode == Mode::Paused;
        if !(at_once || due) {
            return;
        }
        let keeping = &mut self.keeping;
        keeping.at = wall;
        keeping.moment.speed = self.transport.speed();
        keeping.moment.playing = match mode {
            Mode::Paused => false,
            Mode::Playing => true,
            Mode::Seeking { resume, .. } => resume,
        };
        let files = self.sandbox.files(Files::revision);
        let line = self.run.moment(&keeping.moment);
        // The files first: the moment takes them along when there is hurry.
        if line.is_some() && keeping.files != files {
            browser::keep_files(&self.run.files());
            keeping.files = files;
        }
        if let Some(line) =
            line.as_ref().filter(|line| at_once || keeping.line.as_ref() != Some(*line))
        {
            browser::keep_moment(line, at_once);
        }
        if line.is_none() && !std::mem::replace(&mut keeping.over, true) {
            let limits =
                [SAVE_BYTES_MAX >> 20, usize::try_from(STEPS_MAX / 1_000_000).unwrap_or(0)];
            let values = limits.map(|limit| limit.to_string()).into();
            self.tell.emit(Action::Notice(Notice { text: Text::SaveTooLong, values }));
        }
        keeping.line = line;
    }
}
