//! A lesson while it is played: what the driver shows it, what the page shows of it, and the solution played back.
//!
//! The pane gets a new value only when something in it looks different. How far the learner came is stored whenever it
//! changes, unless another tab owns this world.

use std::collections::VecDeque;
use std::rc::Rc;

use kobune::lesson::Play;
use kobune::shell::Sandbox;
use kobune::time::Time;
use kobune::view::lesson::solution;
use kobune::view::link::to_step;

use super::browser;
use super::lessons::memo_name;

/// Between two lines of a solution, by the wall clock, in microseconds.
const PAUSE_MICROS: u64 = 900_000;

/// A lesson and who watches it.
pub(crate) struct Classroom {
    play: Play,
    shown: Rc<Play>,
    /// Whether progress is stored.
    stored: bool,
    memo: String,
    /// What is still to be played back.
    playback: VecDeque<String>,
    /// When the next line may run, by the wall clock.
    next_at: u64,
}

impl Classroom {
    /// A lesson as it begins or goes on.
    pub(crate) fn new(play: Play, stored: bool) -> Self {
        let shown = Rc::new(play.clone());
        let mut classroom = Self {
            play,
            shown,
            stored,
            memo: String::new(),
            playback: VecDeque::new(),
            next_at: 0,
        };
        classroom.keep();
        classroom
    }

    /// What the page shows.
    pub(crate) fn shown(&self) -> Rc<Play> {
        Rc::clone(&self.shown)
    }

    /// What the learner typed.
    pub(crate) fn typed(&mut self, at: Time, line: &str) {
        self.play.typed(at, line);
    }

    /// To be called after each step of the world.
    pub(crate) fn observe(&mut self, world: &Sandbox) {
        self.play.observe(world);
    }

    /// To be called once a frame.
    pub(crate) fn look(&mut self, world: &Sandbox) {
        self.play.look(world);
        if !self.play.looks_like(&self.shown) {
            self.shown = Rc::new(self.play.clone());
            self.keep();
        }
    }

    /// Changes something, and looks.
    pub(crate) fn change(&mut self, world: &Sandbox, change: impl FnOnce(&mut Play, &Sandbox)) {
        let at = self.play.at();
        change(&mut self.play, world);
        if self.play.at() != at {
            self.playback.clear();
        }
        self.look(world);
    }

    fn keep(&mut self) {
        let memo = self.play.memo();
        if self.stored && memo != self.memo {
            browser::save(&memo_name(&self.play.lesson().id), &memo);
            self.memo = memo;
        }
    }

    /// Forgets how far the learner came, so that the page, loaded afresh, begins at a step.
    pub(crate) fn forget(&mut self, step: usize) {
        self.stored = false;
        self.playback.clear();
        let id = &self.play.lesson().id;
        browser::forget(&memo_name(id));
        browser::replace_hash(&to_step(id, step));
    }

    /// Begins to play the solution of the current step back.
    pub(crate) fn begin_playback(&mut self) {
        self.playback = solution(&self.shown).into();
    }

    /// Whether a solution is being played back.
    pub(crate) fn plays_back(&self) -> bool {
        !self.playback.is_empty()
    }

    /// The next line to run, if its time has come.
    pub(crate) fn next_line(&mut self, wall: u64, busy: bool) -> Option<String> {
        if busy || wall < self.next_at {
            return None;
        }
        let line = self.playback.pop_front()?;
        self.next_at = wall + PAUSE_MICROS;
        Some(line)
    }
}
