//! The driver's part in a lesson: what the pane asks of it, and what the lesson sees of the world.

use std::rc::Rc;

use kobune::journal::Act;
use kobune::lesson::Play;
use kobune::shell::Sandbox;

use super::{Driver, Room};
use crate::app::browser;
use crate::app::classroom::Classroom;

/// How fast time runs at least while a solution is played back.
const PLAYBACK_SPEED: u32 = 10;

impl Driver {
    /// The lesson that is played, as it was last shown.
    pub(crate) fn lesson(&self) -> Option<Rc<Play>> {
        self.0.borrow().classroom.as_ref().map(Classroom::shown)
    }

    /// Whether nothing is lost if this world is left.
    pub(crate) fn may_leave(&self) -> bool {
        let room = self.0.borrow();
        room.stored || room.classroom.is_some() || room.timeline.acts() == 0
    }

    /// Changes something about the lesson.
    pub(crate) fn in_lesson(&self, change: impl FnOnce(&mut Play, &Sandbox)) {
        {
            let room = &mut *self.0.borrow_mut();
            if let Some(classroom) = &mut room.classroom {
                classroom.change(&room.sandbox, change);
            }
            room.told = None;
        }
        self.wake();
    }

    /// Shows a step of the lesson; false if it is too far on.
    pub(crate) fn show_step(&self, step: usize) -> bool {
        let mut shown = false;
        self.in_lesson(|play, world| shown = play.show(step, world));
        shown
    }

    /// Plays the solution of the current step back.
    pub(crate) fn show_solution(&self) {
        if let Some(classroom) = &mut self.0.borrow_mut().classroom {
            classroom.begin_playback();
        }
        if self.0.borrow().transport.speed() < PLAYBACK_SPEED {
            self.set_speed(PLAYBACK_SPEED);
        }
        self.0.borrow_mut().told = None;
        self.set_playing(true);
    }

    /// Begins the current step again, in a fresh world.
    pub(crate) fn restart_step(&self) {
        let at = self.lesson().map(|play| play.at());
        self.begin_again(at.unwrap_or_default());
    }

    /// Begins a step in a fresh world.
    pub(crate) fn begin_again(&self, step: usize) {
        if let Some(classroom) = &mut self.0.borrow_mut().classroom {
            classroom.forget(step);
        }
        browser::reload();
    }
}

impl Room {
    /// Runs the next line of a solution that is played back.
    pub(super) fn play_back(&mut self, wall: u64) {
        let busy = self.run.is_busy();
        let line = self.classroom.as_mut().and_then(|classroom| classroom.next_line(wall, busy));
        if let Some(line) = line {
            self.run.act(Act::Run(line));
            self.hear();
            self.observe();
        }
    }

    /// Lets the lesson see what changed.
    pub(super) fn observe(&mut self) {
        if let Some(classroom) = &mut self.classroom {
            classroom.observe(&self.sandbox);
        }
    }
}
