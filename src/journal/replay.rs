//! Doing again what a save tells, in slices, to the very same moment.
//!
//! Each act comes after exactly as many steps as it did, and at the same time. If the cluster goes another way (another
//! version of the engine), the replay notes the line and goes on by time alone: the world is then as near as it can be.

use super::act::Act;
use super::line::{Damage, Wrong};
use super::run::{News, Run};
use super::save::{Entry, Save};
use crate::time::{Duration, Time};

/// How many steps are done between two looks at the clock.
const STEPS_A_LOOK: u32 = 16;

/// A save being done again.
#[derive(Debug)]
pub struct Replay {
    save: Save,
    run: Run,
    /// The entry that is next: an act, or the end.
    next: usize,
    /// Where it lies.
    goal: Option<(u64, Time)>,
    /// The line at which the world went another way.
    strayed: Option<usize>,
}

impl Replay {
    /// Begins with a fresh world.
    pub fn new(save: Save) -> Self {
        let run = Run::new(&save.name, save.settings.clone());
        let mut replay = Self { save, run, next: 0, goal: None, strayed: None };
        replay.aim();
        replay
    }

    /// Goes on while `more` says so, which is asked now and then; whether all is done.
    pub fn go_on(&mut self, more: &mut dyn FnMut() -> bool) -> bool {
        while self.entry().is_some() {
            for _ in 0..STEPS_A_LOOK {
                self.once();
            }
            if !more() {
                break;
            }
        }
        self.entry().is_none()
    }

    /// How much is done, in thousandths.
    pub fn permille(&self) -> u32 {
        let (steps, acts) = (u128::from(self.save.steps()), self.save.acts.len() as u128);
        // An act costs as much as some steps.
        let all = steps + 20 * acts;
        let done = u128::from(self.run.steps()) + 20 * self.next as u128;
        u32::try_from((done * 1000).checked_div(all).unwrap_or(1000).min(1000)).unwrap_or(1000)
    }

    /// What the terminal should show, since it was last asked.
    pub fn take_news(&mut self) -> Vec<News> {
        self.run.take_news()
    }

    /// The world so far.
    pub fn run(&self) -> &Run {
        &self.run
    }

    /// The line at which the world went another way than when it was saved.
    pub fn strayed(&self) -> Option<usize> {
        self.strayed
    }

    /// What is wrong with the save, as far as it was found.
    pub fn damage(&self) -> Option<Damage> {
        self.save.damage
    }

    /// The world, and the save it came from.
    pub fn finish(self) -> (Run, Save) {
        (self.run, self.save)
    }

    fn entry(&self) -> Option<&Entry> {
        self.save.acts.get(self.next).or(self.save.end.as_ref().filter(|_| self.goal.is_some()))
    }

    /// Finds where the next entry lies.
    fn aim(&mut self) {
        let (steps, time) = self.goal.unwrap_or((0, self.run.now()));
        let entry = match self.next.cmp(&self.save.acts.len()) {
            std::cmp::Ordering::Less => self.save.acts.get(self.next),
            std::cmp::Ordering::Equal => self.save.end.as_ref(),
            std::cmp::Ordering::Greater => None,
        };
        self.goal = entry.map(|entry| {
            let time = time + Duration::from_micros(entry.micros);
            (steps.saturating_add(entry.steps), time)
        });
    }

    /// One step, or one act.
    fn once(&mut self) {
        let (Some((steps, time)), Some(entry)) = (self.goal, self.entry()) else { return };
        let (line, print) = (entry.line, entry.print);
        let due = self.run.sandbox().read(crate::cluster::Cluster::next_due);
        if self.strayed.is_some() {
            if due.is_some_and(|due| due <= time) {
                self.run.step();
                return;
            }
        } else if self.run.steps() < steps {
            if due.is_some_and(|due| due <= time) {
                self.run.step();
            } else {
                self.strayed = Some(line);
            }
            return;
        }
        self.run.pass(time);
        if self.strayed.is_none() && (self.run.now() != time || self.run.here().print != print) {
            self.strayed = Some(line);
            return;
        }
        self.perform();
    }

    fn perform(&mut self) {
        if let Some(entry) = self.save.acts.get(self.next) {
            let Some(act) = Act::from_fields(&entry.fields, self.run.texts()) else {
                self.save.damage = Some(Damage { line: entry.line, wrong: Wrong::Senseless });
                self.save.acts.truncate(self.next);
                (self.save.end, self.save.moment, self.goal) = (None, None, None);
                return;
            };
            self.run.act(act);
        }
        self.next += 1;
        self.aim();
    }
}
