//! The lesson pane as plain data: words in one language, commands with their names filled in, and what to say when
//! something ticks.

use std::rc::Rc;

use super::link::to_step;
use super::transport::clock_text;
use super::{Lang, Text};
use crate::lesson::{
    Block, Cover, GoalState, Guess, Inline, Lesson, Play, Question, Record, Sign, StepText, When,
    by_id,
};

/// One lesson of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// What stands in its link.
    pub id: String,
    /// Its title in Japanese.
    pub ja: String,
    /// Its title in English.
    pub en: String,
    /// How many steps it has.
    pub steps: i64,
}

/// Reads the list of lessons that the build made.
pub fn read_list(json: &str) -> Vec<Listed> {
    let document = crate::manifest::documents(json.as_bytes()).next();
    let Some(Ok(document)) = document else { return Vec::new() };
    let lessons = document.get("lessons").and_then(|lessons| lessons.items()).unwrap_or_default();
    let listed = lessons.iter().filter_map(|lesson| {
        let text = |key: &str| lesson.get(key).and_then(|value| value.as_str()).map(str::to_owned);
        let steps = match lesson.get("steps").map(|steps| &steps.data) {
            Some(crate::manifest::Data::Number(crate::manifest::Number::Int(steps))) => *steps,
            _ => 0,
        };
        Some(Listed { id: text("id")?, ja: text("ja")?, en: text("en")?, steps })
    });
    listed.collect()
}

impl Listed {
    /// Its title.
    pub fn title(&self, lang: Lang) -> &str {
        match lang {
            Lang::Ja => &self.ja,
            Lang::En => &self.en,
        }
    }
}

/// A lesson's title and summary.
pub fn cover(lesson: &Lesson, lang: Lang) -> &Cover {
    match lang {
        Lang::Ja => &lesson.ja,
        Lang::En => &lesson.en,
    }
}

/// The words of a step.
pub fn words(lesson: &Lesson, step: usize, lang: Lang) -> Option<&StepText> {
    let step = lesson.steps.get(step)?;
    Some(match lang {
        Lang::Ja => &step.ja,
        Lang::En => &step.en,
    })
}

/// One step in the row of steps.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Mark {
    /// It is done.
    Done,
    /// It is worked on.
    Current,
    /// It comes later.
    Later,
}

/// The row of steps.
pub fn marks(play: &Play) -> Vec<Mark> {
    let mark = |step: usize| match play.record(step) {
        Some(record) if record.done => Mark::Done,
        Some(_) => Mark::Current,
        None => Mark::Later,
    };
    (0..play.lesson().steps.len()).map(mark).collect()
}

/// One goal of the step that is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoalLine<'a> {
    /// At which moments it must hold.
    pub when: Text,
    /// How it stands.
    pub state: &'a GoalState,
    /// What must come true.
    pub text: &'a [Inline],
    /// How it stands, in a word.
    pub standing: Text,
    /// What to say when it broke.
    pub broken: &'a [Inline],
}

/// The goals of the step that is shown.
pub fn goals(play: &Play, lang: Lang) -> Vec<GoalLine<'_>> {
    let shown = play.shown();
    let (Some(step), Some(text)) =
        (play.lesson().steps.get(shown), words(play.lesson(), shown, lang))
    else {
        return Vec::new();
    };
    let record = play.record(shown);
    let line = |(index, goal): (usize, &'_ crate::lesson::Goal)| {
        let done = record.is_some_and(|record| record.done);
        let state = record.and_then(|record| record.goals.get(index));
        let state = state.unwrap_or(if done { &GoalState::Met } else { &GoalState::Open });
        let words = by_id(&text.goals, &goal.id)?;
        let standing = match (state, goal.when) {
            (GoalState::Met, When::Always) if !done => Text::GoalHolds,
            (GoalState::Met, When::End) if !done => Text::GoalNow,
            (GoalState::Met, _) => Text::GoalMet,
            (GoalState::Open, _) => Text::GoalOpen,
            (GoalState::Broken(_), _) => Text::GoalBroken,
        };
        let when = match goal.when {
            When::End => Text::GoalEnd,
            When::Once => Text::GoalOnce,
            When::Always => Text::GoalAlways,
        };
        Some(GoalLine { when, state, standing, text: &words.text, broken: &words.broken })
    };
    step.goals.iter().enumerate().filter_map(line).collect()
}

/// When and why a goal broke, in a sentence.
pub fn breach(state: &GoalState, lang: Lang) -> Option<String> {
    let GoalState::Broken(breach) = state else { return None };
    let at = clock_text(breach.at);
    let object =
        breach.object.as_ref().map(|key| format!("{}/{}", key.kind.info().singular, key.name));
    Some(match (&breach.line, &object) {
        (Some(line), Some(object)) => Text::BrokeByLine.fill(lang, &[&at, object, line]),
        (None, Some(object)) => Text::BrokeByChange.fill(lang, &[&at, object]),
        (_, None) => Text::BrokeAt.fill(lang, &[&at]),
    })
}

/// The known mistakes that show.
pub fn mistakes(play: &Play, lang: Lang) -> Vec<&[Inline]> {
    let shown = play.shown();
    let (Some(step), Some(text), Some(record)) =
        (play.lesson().steps.get(shown), words(play.lesson(), shown, lang), play.record(shown))
    else {
        return Vec::new();
    };
    let showing = step.mistakes.iter().zip(&record.mistakes).filter(|(_, shows)| **shows);
    let own_words = showing.filter(|(mistake, _)| matches!(mistake.sign, Sign::Command(_)));
    own_words
        .filter_map(|(mistake, _)| by_id(&text.mistakes, &mistake.id).map(Vec::as_slice))
        .collect()
}

/// A command with its names filled in; none while one of them stands for nothing.
pub fn filled(command: &str, values: &[(String, String)]) -> Option<String> {
    let mut text = command.to_owned();
    for (name, value) in values {
        let place = format!("{{{name}}}");
        if text.contains(&place) {
            if value.is_empty() {
                return None;
            }
            text = text.replace(&place, value);
        }
    }
    Some(text)
}

/// What became of a prediction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// What the learner said, in words; none if nothing.
    pub said: Option<String>,
    /// What it was, in words.
    pub answer: String,
    /// Whether the learner was right.
    pub right: bool,
}

/// What became of the prediction of a step, once the world has answered.
pub fn verdict(question: &Question, text: &StepText, record: &Record) -> Option<Verdict> {
    if record.answer.is_empty() {
        return None;
    }
    let in_words = |id: &String| match question {
        Question::Choices(_) => {
            by_id(&text.options, id).map_or_else(|| id.clone(), |words| plain(words))
        }
        Question::Number | Question::Among(_) => id.clone(),
    };
    let said = match &record.guess {
        Some(Guess::Said(said)) => Some(said),
        Some(Guess::Skipped) | None => None,
    };
    let answers: Vec<String> = record.answer.iter().map(in_words).collect();
    Some(Verdict {
        said: said.map(in_words),
        answer: answers.join(" / "),
        right: said.is_some_and(|said| record.answer.contains(&said.trim().to_owned())),
    })
}

/// The letters of some words.
pub fn plain(words: &[Inline]) -> String {
    let letters = |word: &Inline| match word {
        Inline::Text(text) | Inline::Code(text) => text.clone(),
        Inline::Strong(words) | Inline::Emphasis(words) | Inline::Link(_, words) => plain(words),
    };
    words.iter().map(letters).collect()
}

/// What to tell a listener when a lesson went from one state to another.
pub fn announcements(before: &Play, after: &Play, lang: Lang) -> Vec<String> {
    if before.at() != after.at() || before.lesson().id != after.lesson().id {
        return Vec::new();
    }
    let mut told = Vec::new();
    let old = before.record(before.at()).map(|record| (&record.goals, record.done));
    let (Some((old, was_done)), Some(new), Some(text)) =
        (old, after.record(after.at()), words(after.lesson(), after.at(), lang))
    else {
        return told;
    };
    let step = &after.lesson().steps[after.at()];
    for (goal, (old, new)) in step.goals.iter().zip(old.iter().zip(&new.goals)) {
        let Some(words) = by_id(&text.goals, &goal.id) else { continue };
        match (old, new) {
            (GoalState::Open, GoalState::Met) => {
                told.push(Text::GoalTicked.fill(lang, &[&plain(&words.text)]));
            }
            (GoalState::Open | GoalState::Met, GoalState::Broken(_)) => {
                told.push(Text::GoalBroke.fill(lang, &[&plain(&words.broken)]));
            }
            _ => {}
        }
    }
    if new.done && !was_done {
        told.push(
            if after.finished() { Text::LessonDone } else { Text::StepDone }.tell(lang).to_owned(),
        );
    }
    told
}

/// The link to the step after the one shown, if it may be gone to.
pub fn next(play: &Play) -> Option<String> {
    let next = play.shown() + 1;
    let open = play.record(play.shown()).is_some_and(|record| record.done);
    (open && next < play.lesson().steps.len()).then(|| to_step(&play.lesson().id, next))
}

/// Whether commands may be run: a prediction comes first.
pub fn may_act(play: &Play) -> bool {
    let asked = play.lesson().steps.get(play.shown()).is_some_and(|step| step.prediction.is_some());
    !asked || play.record(play.shown()).is_some_and(|record| record.done || record.guess.is_some())
}

/// A playback of the solution: what is still to be run.
pub fn solution(play: &Rc<Play>) -> Vec<String> {
    play.lesson().steps.get(play.at()).map(|step| step.solution.clone()).unwrap_or_default()
}

/// Whether there is anything to run by click in these blocks.
pub fn has_commands(blocks: &[Block]) -> bool {
    !crate::lesson::commands(blocks).is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_commands_are_filled_in() {
        let values = [("pod".to_owned(), "web-1".to_owned()), ("node".to_owned(), String::new())];
        assert_eq!(
            filled("kubectl delete pod {pod}", &values).as_deref(),
            Some("kubectl delete pod web-1")
        );
        assert_eq!(filled("node power-off {node}", &values), None);
        assert_eq!(filled("echo {other}", &values).as_deref(), Some("echo {other}"));
    }

    #[test]
    fn the_world_says_whether_a_prediction_was_right() {
        let text = StepText {
            options: vec![
                ("2".to_owned(), vec![Inline::Text("two".to_owned())]),
                ("3".to_owned(), vec![Inline::Text("three".to_owned())]),
            ],
            ..StepText::default()
        };
        let question = Question::Choices(vec!["2".to_owned(), "3".to_owned()]);
        let mut record = Record { guess: Some(Guess::Said("2".to_owned())), ..Record::default() };
        assert_eq!(verdict(&question, &text, &record), None, "nothing has happened yet");
        record.answer = vec!["3".to_owned()];
        let told = verdict(&question, &text, &record).expect("it happened");
        assert_eq!(
            (told.said.as_deref(), told.answer.as_str(), told.right),
            (Some("two"), "three", false)
        );
        record.guess = Some(Guess::Said("3".to_owned()));
        assert!(verdict(&question, &text, &record).is_some_and(|told| told.right));
        record.guess = Some(Guess::Skipped);
        assert!(
            verdict(&question, &text, &record)
                .is_some_and(|told| told.said.is_none() && !told.right)
        );
    }

    #[test]
    fn the_list_is_read() {
        let list = read_list(r#"{"lessons":[{"id":"a","ja":"J","en":"E","steps":3}]}"#);
        assert_eq!(
            list,
            [Listed { id: "a".to_owned(), ja: "J".to_owned(), en: "E".to_owned(), steps: 3 }]
        );
        assert_eq!(read_list("<html>"), []);
    }
}
