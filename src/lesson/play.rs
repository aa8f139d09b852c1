//! One learner's way through a lesson: which goals are met, what was predicted, what broke and why.
//!
//! Goals that must hold once or always are checked at every event that could concern them ([`Play::observe`], after each
//! step of the world), those at the end once a frame ([`Play::look`]). A step that is done stays done. To try a step again is
//! to begin anew at it, in a world staged for it.

use std::rc::Rc;

use super::check::Copied;
use super::{Lesson, Question, Sign, Step, Take, When};
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
    /// The greatest or smallest number so far, where that is the answer.
    pub extreme: Option<i64>,
    /// Which mistakes show.
    pub mistakes: Vec<bool>,
    /// How many hints were asked for.
    pub hints: usize,
    /// Whether it is done.
    pub done: bool,
}

/// A learner in a lesson.
#[derive(Clone, Debug, PartialEq, Eq)]
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

    /// Goes on where [`Play::memo`] was told, in the world as it was then; `None` if the memo does not fit the lesson.
    pub fn resume(lesson: Rc<Lesson>, memo: &str, world: &Sandbox) -> Option<Self> {
        let mut fields = memo.split('\t');
        let at: usize = fields.next()?.parse().ok()?;
        let step = lesson.steps.get(at)?;
        let done = fields.next()? == "done";
        let hints = fields.next()?.parse().ok()?;
        let guess = match fields.next()?.split_at_checked(1) {
            Some(("=", said)) => Some(Guess::Said(said.to_owned())),
            Some(("?", _)) => Some(Guess::Skipped),
            _ => None,
        };
        let extreme = fields.next()?.parse().ok();
        let goals: Vec<GoalState> = fields.map(remembered).collect();
        if goals.len() != step.goals.len() {
            return None;
        }
        let mut play = Self::begin(lesson, at, world);
        let record = Record { goals, guess, extreme, hints, ..play.records[at].clone() };
        play.records[at] = Record { done: false, ..record };
        play.look(world);
        play.records[at].done |= done;
        Some(play)
    }

    /// How far a memo lets its learner go: the last step that may be shown, from 0.
    pub fn reach(memo: &str) -> Option<usize> {
        let mut fields = memo.split('\t');
        let at: usize = fields.next()?.parse().ok()?;
        Some(if fields.next()? == "done" { at + 1 } else { at })
    }

    /// Whether a pane that shows this one shows the other as well.
    pub fn looks_like(&self, other: &Self) -> bool {
        (self.at, self.shown, &self.records, &self.values)
            == (other.at, other.shown, &other.records, &other.values)
    }

    /// Where the learner is, in a line that can be kept.
    pub fn memo(&self) -> String {
        let record = &self.records[self.at];
        let guess = match &record.guess {
            Some(Guess::Said(said)) => format!("={}", said.replace('\t', " ")),
            Some(Guess::Skipped) => "?".to_owned(),
            None => "-".to_owned(),
        };
        let state = if record.done { "done" } else { "open" };
        let extreme = record.extreme.map_or_else(String::new, |number| number.to_string());
        let mut fields =
            vec![self.at.to_string(), state.to_owned(), record.hints.to_string(), guess, extreme];
        fields.extend(record.goals.iter().map(|goal| match goal {
            GoalState::Open => "o".to_owned(),
            GoalState::Met => "m".to_owned(),
            GoalState::Broken(breach) => breach.at.micros().to_string(),
        }));
        fields.join("\t")
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
            log.filter(|change| self.concerned(change)).cloned().collect()
        });
        if !changes.is_empty() {
            self.check(world, &changes);
        }
    }

    /// Whether a change could matter to what is looked at in every event.
    fn concerned(&self, change: &Change) -> bool {
        let step = &self.lesson.steps[self.at];
        let mut goals = step.goals.iter().filter(|goal| goal.when != When::End);
        let asked = step.prediction.iter().find(|prediction| prediction.take != Take::Last);
        goals.any(|goal| concerns(&goal.kinds, change))
            || asked.is_some_and(|asked| concerns(&asked.kinds, change))
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
            let cause = changes.iter().find(|change| concerns(&goal.kinds, change));
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
        self.measure(&mut copied);
    }

    /// Asks for the number whose greatest or smallest value was predicted.
    fn measure(&mut self, copied: &mut Copied<'_>) {
        let Some(prediction) = &self.lesson.steps[self.at].prediction else { return };
        if prediction.take == Take::Last {
            return;
        }
        // kubectl prints nothing for a field that is 0.
        let said = copied.run(&prediction.answer).lines();
        let number = said.first().map_or(Some(0), |line| line.parse::<i64>().ok());
        let record = &mut self.records[self.at];
        record.extreme = match (record.extreme, number) {
            (Some(so_far), Some(number)) if prediction.take == Take::Most => {
                Some(so_far.max(number))
            }
            (Some(so_far), Some(number)) => Some(so_far.min(number)),
            (so_far, number) => so_far.or(number),
        };
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
                record.answer = match record.extreme {
                    Some(number) if prediction.take != Take::Last => vec![number.to_string()],
                    Some(_) | None => copied.run(&prediction.answer).lines(),
                };
            }
        }
    }

    fn typed_text(&self) -> String {
        let mut text = String::new();
        for (_, line) in &self.lines {
            text.push_str(line);
            text.push('\n');
        }
        text
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

/// A goal's state from a memo.
fn remembered(field: &str) -> GoalState {
    match (field, field.parse()) {
        ("m", _) => GoalState::Met,
        (_, Ok(micros)) => {
            GoalState::Broken(Breach { at: Time::from_micros(micros), object: None, line: None })
        }
        (_, Err(_)) => GoalState::Open,
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

/// Whether a change matters to something that depends on these kinds.
fn concerns(kinds: &[Kind], change: &Change) -> bool {
    match change.key.kind {
        kind if kinds.is_empty() => !matches!(kind, Kind::Event | Kind::Lease),
        kind => kinds.contains(&kind),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::{Cluster, Settings};
    use crate::lesson::{Runner, definition};

    const YAML: &str = "\
steps:
- id: make
  goals:
  - {id: never-two, when: always, check: 'test $(kubectl get cm -o name | grep -c x) -lt 2', kinds: [ConfigMap]}
  - {id: seen, when: once, check: kubectl get cm x-once, kinds: [ConfigMap]}
  - {id: there, when: end, check: kubectl get cm x}
  prediction: {number: true, answer: kubectl get cm -o name | grep -c x}
  mistakes:
  - {id: secret, script: '-', sign: kubectl get secret x}
- id: read
";

    fn begun() -> (Play, Sandbox) {
        let lesson = definition("t", YAML).expect("it is good");
        let world = Sandbox::new(Cluster::new(Settings { nodes: 0, ..Settings::default() }));
        (Play::begin(Rc::new(lesson), 0, &world), world)
    }

    fn type_in(play: &mut Play, world: &Sandbox, line: &str) {
        play.typed(world.now(), line);
        Runner::new(world).run(line, &mut |world| play.observe(world));
        play.look(world);
    }

    #[test]
    fn goals_tick_at_the_end_once_and_always() {
        let (mut play, world) = begun();
        type_in(&mut play, &world, "kubectl create cm x-once; sleep 1; kubectl delete cm x-once");
        let met = [GoalState::Met, GoalState::Met, GoalState::Open];
        assert_eq!(
            play.record(0).map(|record| record.goals.as_slice()),
            Some(&met[..]),
            "once is enough"
        );
        assert!(!play.show(1, &world), "the step is not done");
        play.guess(Guess::Said("1".to_owned()), &world);
        type_in(&mut play, &world, "kubectl create secret generic x");
        assert_eq!(play.record(0).map(|record| record.mistakes.as_slice()), Some(&[true][..]));
        type_in(&mut play, &world, "kubectl create cm x");
        let record = play.record(0).expect("it began").clone();
        assert!(record.done && record.answer == ["1"] && record.mistakes == [false], "{record:?}");
        type_in(&mut play, &world, "kubectl delete cm x");
        assert!(play.record(0).is_some_and(|record| record.done), "done stays done");
        assert!(play.show(1, &world) && play.finished() && play.show(0, &world));
    }

    #[test]
    fn a_broken_goal_says_when_and_by_what() {
        let (mut play, world) = begun();
        type_in(&mut play, &world, "kubectl create cm x");
        type_in(&mut play, &world, "sleep 5; kubectl create cm x2");
        type_in(&mut play, &world, "kubectl delete cm x2");
        let Some(GoalState::Broken(breach)) = play.record(0).map(|record| record.goals[0].clone())
        else {
            panic!("it broke: {:?}", play.record(0))
        };
        assert_eq!((breach.at - Time::START).as_secs(), 5);
        assert_eq!(breach.object.map(|key| key.name.to_string()).as_deref(), Some("x2"));
        assert_eq!(breach.line.as_deref(), Some("sleep 5; kubectl create cm x2"));
        assert!(play.record(0).is_some_and(|record| !record.done), "and stays broken");
    }

    #[test]
    fn a_memo_is_enough_to_go_on() {
        let (mut play, world) = begun();
        type_in(&mut play, &world, "kubectl create cm x-once");
        type_in(&mut play, &world, "kubectl create cm x2");
        play.guess(Guess::Skipped, &world);
        play.hint();
        let resumed =
            Play::resume(Rc::clone(play.lesson()), &play.memo(), &world).expect("it fits");
        let (was, is) = (play.record(0).expect("it began"), resumed.record(0).expect("it goes on"));
        assert_eq!((&was.guess, was.done, &was.goals[1..]), (&is.guess, is.done, &is.goals[1..]));
        assert!(matches!(is.goals[0], GoalState::Broken(_)));
        for memo in ["", "9\tdone\t0\t-\t", "0\topen\t0\t-\t\tm"] {
            assert_eq!(Play::resume(Rc::clone(play.lesson()), memo, &world), None, "{memo}");
        }
    }
}
