//! One learner's way through a lesson: which goals are met, what was predicted, what broke and why.
//!
//! Goals that must hold once or always are checked at every event that could concern them ([`Play::observe`], after each
//! step of the world), those at the end once a frame ([`Play::look`]). A step that is done stays done. To try a step again is
//! to begin anew at it, in a world staged for it.

use std::rc::Rc;

use super::check::Copied;
use super::{Goal, Lesson, Question, Sign, Step, When};
use crate::object::{Key, Kind};
use crate::shell::Sandbox;
use crate::store::{Because, Change, ChangeLog};
use crate::time::Time;

/// The most lines of a step that are remembered.
const LINES_MAX: usize = 200;
/// The longest way back from a change to an act.
const CAUSES_MAX: usize = 200;

/// How a goal stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum GoalState {
    /// Not met yet.
    #[default]
    Open,
    /// Met; one that must always hold has held so far.
    Met,
    /// It had to hold always, and did not.
    Broken(Breach),
}

/// When and why a goal broke.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breach {
    /// The virtual time.
    pub at: Time,
    /// The object whose change broke it, if one did.
    pub object: Option<Key>,
    /// What the learner had typed that led to it, if anything.
    pub line: Option<String>,
}

/// What a learner expects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Guess {
    /// This.
    Said(String),
    /// Wants to see it first.
    Skipped,
}

/// What became of one step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// One state a goal.
    pub goals: Vec<GoalState>,
    /// What was predicted.
    pub guess: Option<Guess>,
    /// What there is to choose from, where the world says so.
    pub options: Vec<String>,
    /// The right answers, once the step is done.
    pub answer: Vec<String>,
    /// Which mistakes show.
    pub mistakes: Vec<bool>,
    /// How many hints were asked for.
    pub hints: usize,
    /// Whether it is done.
    pub done: bool,
}

/// A learner in a lesson.
#[derive(Clone, Debug)]
pub struct Play {
    lesson: Rc<Lesson>,
    /// The step that is worked on; those before are done.
    at: usize,
    /// The step that is shown.
    shown: usize,
    records: Vec<Record>,
    /// The revision up to which changes were looked at.
    seen: u64,
    /// What was typed since the step began.
    lines: Vec<(Time, String)>,
    /// What stands for the names in commands.
    values: Vec<(String, String)>,
}

impl Play {
    /// Begins at a step (from 0) in the world that is staged for it.
    pub fn begin(lesson: Rc<Lesson>, at: usize, world: &Sandbox) -> Self {
        let at = at.min(lesson.steps.len().saturating_sub(1));
        let records = vec![Record { done: true, ..Record::default() }; at];
        let mut play =
            Self { lesson, at, shown: at, records, seen: 0, lines: Vec::new(), values: Vec::new() };
        play.enter(world);
        play
    }

    /// The lesson.
    pub fn lesson(&self) -> &Rc<Lesson> {
        &self.lesson
    }

    /// The step that is worked on, from 0.
    pub fn at(&self) -> usize {
        self.at
    }

    /// The step that is shown, from 0.
    pub fn shown(&self) -> usize {
        self.shown
    }

    /// What became of a step; nothing yet of one further on.
    pub fn record(&self, step: usize) -> Option<&Record> {
        self.records.get(step)
    }

    /// Whether every step is done.
    pub fn finished(&self) -> bool {
        self.records.len() == self.lesson.steps.len()
            && self.records.iter().all(|record| record.done)
    }

    /// What stands for the names in commands now.
    pub fn values(&self) -> &[(String, String)] {
        &self.values
    }

    /// Shows a step: an earlier one, the current one, or the next once the current is done. False for others.
    pub fn show(&mut self, step: usize, world: &Sandbox) -> bool {
        let next =
            step == self.at + 1 && step < self.lesson.steps.len() && self.records[self.at].done;
        if next {
            self.at = step;
            self.enter(world);
        }
        if step <= self.at {
            self.shown = step;
        }
        step <= self.at
    }

    fn enter(&mut self, world: &Sandbox) {
        self.seen = revision(world);
        self.lines.clear();
        let step = &self.lesson.steps[self.at];
        let record = Record {
            goals: vec![GoalState::Open; step.goals.len()],
            mistakes: vec![false; step.mistakes.len()],
            ..Record::default()
        };
        self.records.truncate(self.at);
        self.records.push(record);
        self.check(world, &[]);
        self.look(world);
    }

    /// Notes what the learner typed, before it runs.
    pub fn typed(&mut self, now: Time, line: &str) {
        if self.lines.len() < LINES_MAX {
            self.lines.push((now, line.to_owned()));
        }
    }

    /// Takes a prediction for the current step, unless one was made or the step is done.
    pub fn guess(&mut self, guess: Guess, world: &Sandbox) {
        if let Some(record) = self.records.last_mut()
            && !record.done
            && !matches!(record.guess, Some(Guess::Said(_)))
        {
            record.guess = Some(guess);
        }
        self.look(world);
    }

    /// Reveals one more hint of the step that is shown.
    pub fn hint(&mut self) {
        let hints = self.lesson.steps[self.shown].en.hints.len();
        if let Some(record) = self.records.get_mut(self.shown) {
            record.hints = hints.min(record.hints + 1);
        }
    }

    /// Looks at what has changed since it was last asked; to be called after each step of the world.
    pub fn observe(&mut self, world: &Sandbox) {
        let to = revision(world);
        if to == self.seen {
            return;
        }
        let from = std::mem::replace(&mut self.seen, to);
        if self.records[self.at].done {
            return;
        }
        let changes: Vec<Change> = world.read(|cluster| {
            let log = cluster.store().log().since(from);
            log.filter(|change| self.goals().iter().any(|goal| concerns(goal, change)))
                .cloned()
                .collect()
        });
        if !changes.is_empty() {
            self.check(world, &changes);
        }
    }

    fn goals(&self) -> &[Goal] {
        &self.lesson.steps[self.at].goals
    }

    /// Checks what must hold once or always, if these changes concern it; with none, all of it.
    fn check(&mut self, world: &Sandbox, changes: &[Change]) {
        let lesson = Rc::clone(&self.lesson);
        let mut copied = Copied::of(world, self.typed_text());
        for (index, goal) in lesson.steps[self.at].goals.iter().enumerate() {
            let before = &self.records[self.at].goals[index];
            let open = match goal.when {
                When::End => false,
                When::Once => *before == GoalState::Open,
                When::Always => !matches!(before, GoalState::Broken(_)),
            };
            let cause = changes.iter().find(|change| concerns(goal, change));
            if !open || (cause.is_none() && !changes.is_empty()) {
                continue;
            }
            let holds = copied.run(&goal.check).code == 0;
            let after = match goal.when {
                _ if holds => GoalState::Met,
                When::Always => GoalState::Broken(self.breach(world, cause)),
                When::Once | When::End => GoalState::Open,
            };
            self.records[self.at].goals[index] = after;
        }
    }

    /// Looks at what is shown and decided once a frame: goals at the end, mistakes, and whether the step is done.
    pub fn look(&mut self, world: &Sandbox) {
        let lesson = Rc::clone(&self.lesson);
        let step = &lesson.steps[self.at];
        let mut copied = Copied::of(world, self.typed_text());
        self.values = lesson
            .values
            .iter()
            .filter(|(name, _)| names_it(&lesson.steps[self.shown], name))
            .map(|(name, command)| (name.clone(), copied.run(command).lines().join(" ")))
            .collect();
        if self.records[self.at].done {
            return;
        }
        for (index, goal) in
            step.goals.iter().enumerate().filter(|(_, goal)| goal.when == When::End)
        {
            let holds = copied.run(&goal.check).code == 0;
            self.records[self.at].goals[index] =
                if holds { GoalState::Met } else { GoalState::Open };
        }
        let record = &mut self.records[self.at];
        for (index, mistake) in step.mistakes.iter().enumerate() {
            if let Sign::Command(command) = &mistake.sign {
                record.mistakes[index] = copied.run(command).code == 0;
            }
        }
        if let Some(Question::Among(command)) =
            step.prediction.as_ref().map(|prediction| &prediction.question)
            && record.guess.is_none()
        {
            record.options = copied.run(command).lines();
        }
        let read = step.prediction.is_none() || record.guess.is_some();
        record.done = record.goals.iter().all(|goal| *goal == GoalState::Met)
            && (!step.goals.is_empty() || read);
        if record.done {
            record.mistakes.fill(false);
            if let Some(prediction) = &step.prediction {
                record.answer = copied.run(&prediction.answer).lines();
            }
        }
    }

    fn typed_text(&self) -> String {
        self.lines.iter().map(|(_, line)| format!("{line}\n")).collect()
    }

    fn breach(&self, world: &Sandbox, cause: Option<&Change>) -> Breach {
        let object = cause.map(|change| change.key.clone());
        let root = cause
            .and_then(|change| world.read(|cluster| act_behind(cluster.store().log(), change)));
        let line = root.and_then(|time| self.lines.iter().rfind(|(typed, _)| *typed <= time));
        let at = cause.map_or_else(|| world.now(), |change| change.time);
        Breach { at, object, line: line.map(|(_, line)| line.clone()) }
    }
}

/// When the learner did what a change comes from; `None` if nothing of the learner's led to it.
fn act_behind(log: &ChangeLog, change: &Change) -> Option<Time> {
    let mut change = change;
    for _ in 0..CAUSES_MAX {
        match change.cause.because {
            Because::Act(_) => return Some(change.time),
            Because::Change(revision) => change = log.at(revision)?,
            Because::Time => return None,
        }
    }
    None
}

/// Whether a change could make a goal come true or break it.
fn concerns(goal: &Goal, change: &Change) -> bool {
    match (goal.when, change.key.kind) {
        (When::End, _) => false,
        (_, Kind::Event | Kind::Lease) => goal.kinds.contains(&change.key.kind),
        (_, kind) => goal.kinds.is_empty() || goal.kinds.contains(&kind),
    }
}

/// Whether a step's commands name a value.
fn names_it(step: &Step, name: &str) -> bool {
    let place = format!("{{{name}}}");
    super::text::commands(&step.en.act).into_iter().any(|command| command.contains(&place))
}

fn revision(world: &Sandbox) -> u64 {
    world.read(|cluster| cluster.store().revision())
}
