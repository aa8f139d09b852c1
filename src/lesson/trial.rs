//! What an author asks of a lesson: the start does not pass, the solution does, each known mistake is noticed, both
//! languages say the same things, commands parse, links lead somewhere.
//!
//! Every step is tried in the world in which it begins. Complaints say where, in words for a teacher.

use std::fmt;
use std::rc::Rc;

use super::check::{Copied, Outcome, WOULD_WAIT};
use super::play::{GoalState, Play};
use super::stage::{Runner, stage, step as step_world};
use super::text::{Block, Inline, StepText, by_id, commands};
use super::{Lesson, Question, Sign, Step};
use crate::bash::Parser;
use crate::command::COMMANDS;
use crate::shell::{BUILTINS, Sandbox};
use crate::time::Duration;

/// How long the world may take after a solution until its goals are met.
const PATIENCE: Duration = Duration::from_mins(2);

/// What is wrong with a lesson.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// In which step, if in one.
    pub step: Option<String>,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.step {
            Some(step) => write!(f, "step {step}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

/// Tries a lesson; `lessons` are the ids that links may name. No complaint means that it may be taught.
pub fn trial(lesson: &Rc<Lesson>, lessons: &[&str]) -> Vec<Complaint> {
    let mut found = Vec::new();
    for step in &lesson.steps {
        let texts = texts(lesson, step, lessons);
        found.extend(texts.into_iter().map(|message| complaint(step, message)));
    }
    for (index, step) in lesson.steps.iter().enumerate() {
        match stage(lesson, index) {
            Ok(run) => {
                let acts = acts(lesson, index, run.sandbox());
                found.extend(acts.into_iter().map(|message| complaint(step, message)));
            }
            Err((script, outcome)) => {
                let message =
                    format!("the world before it fails at `{}`: {}", script.trim(), said(&outcome));
                found.push(complaint(step, message));
                break;
            }
        }
    }
    found
}

fn complaint(step: &Step, message: String) -> Complaint {
    Complaint { step: Some(step.id.clone()), message }
}

fn said(outcome: &Outcome) -> String {
    format!("exit {}, {} {}", outcome.code, outcome.stdout.trim(), outcome.stderr.trim())
}

/// The world against one step.
fn acts(lesson: &Rc<Lesson>, index: usize, world: &Sandbox) -> Vec<String> {
    let step = &lesson.steps[index];
    let mut found = Vec::new();
    let begun = Play::begin(Rc::clone(lesson), index, world);
    if begun.record(index).is_some_and(|record| record.done) && !step.goals.is_empty() {
        found.push("its goals are met before anything is done".to_owned());
    }
    for (name, value) in begun.values() {
        if value.is_empty() {
            found.push(format!("{{{name}}} stands for nothing when it begins"));
        }
    }
    let mut copied = Copied::of(world, String::new());
    for goal in &step.goals {
        if copied.run(&goal.check).code == WOULD_WAIT {
            found.push(format!("the goal {} waits: a check takes no time", goal.id));
        }
    }
    found.extend(step.mistakes.iter().filter_map(|mistake| {
        let world = world.copied();
        let play = played(lesson, index, &world, [&mistake.script]);
        let record = play.record(index)?;
        let position = step.mistakes.iter().position(|other| other.id == mistake.id)?;
        let seen = match &mistake.sign {
            Sign::Command(_) => record.mistakes[position],
            Sign::Breaks(goal) => {
                let goal = step.goals.iter().position(|other| other.id == *goal)?;
                !matches!(record.goals[goal], GoalState::Met)
            }
        };
        (!seen || record.done).then(|| format!("the mistake {} is not noticed", mistake.id))
    }));
    let play = played(lesson, index, world, &step.solution);
    found.extend(solved(step, index, &play, world));
    found
}

/// A step played by a script, and some time for the world to follow.
fn played<'a>(
    lesson: &Rc<Lesson>,
    index: usize,
    world: &Sandbox,
    scripts: impl IntoIterator<Item = &'a String>,
) -> Play {
    let mut play = Play::begin(Rc::clone(lesson), index, world);
    let mut runner = Runner::new(world);
    for script in scripts {
        play.typed(world.now(), script.trim());
        runner.run(script, &mut |world| play.observe(world));
    }
    let end = world.now() + PATIENCE;
    loop {
        play.look(world);
        let over = play.record(index).is_none_or(|record| record.done) || world.now() >= end;
        if over {
            return play;
        }
        step_world(world);
        play.observe(world);
    }
}

fn solved(step: &Step, index: usize, play: &Play, world: &Sandbox) -> Vec<String> {
    let Some(record) = play.record(index) else { return vec!["it never began".to_owned()] };
    let mut found = Vec::new();
    if !record.done && !step.goals.is_empty() {
        for (goal, state) in step.goals.iter().zip(&record.goals) {
            let outcome = Copied::of(world, step.solution.join("\n")).run(&goal.check);
            match state {
                GoalState::Met => {}
                GoalState::Open => found.push(format!(
                    "the solution does not reach {}: {}",
                    goal.id,
                    said(&outcome)
                )),
                GoalState::Broken(breach) => {
                    let object =
                        breach.object.as_ref().map(ToString::to_string).unwrap_or_default();
                    found.push(format!(
                        "the solution breaks {} at {} by {object}",
                        goal.id, breach.at
                    ));
                }
            }
        }
    }
    if let (true, Some(prediction)) = (record.done, &step.prediction) {
        let wrong = match &prediction.question {
            _ if record.answer.is_empty() => Some("the answer to its prediction is empty"),
            Question::Choices(choices)
                if !record.answer.iter().any(|answer| choices.contains(answer)) =>
            {
                Some("the answer to its prediction is none of the choices")
            }
            Question::Number
                if record.answer.iter().any(|answer| answer.parse::<i64>().is_err()) =>
            {
                Some("the answer to its prediction is no whole number")
            }
            Question::Choices(_) | Question::Number | Question::Among(_) => None,
        };
        found.extend(wrong.map(|wrong| format!("{wrong}: {}", record.answer.join(", "))));
    }
    found
}

/// The words of a step, in both languages.
fn texts(lesson: &Lesson, step: &Step, lessons: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for (file, text) in [("ja.md", &step.ja), ("en.md", &step.en)] {
        let mut say = |message: String| found.push(format!("{file}: {message}"));
        words(step, text, &mut say);
        let all: Vec<&[Block]> = [&text.body[..], &text.question, &text.act, &text.why]
            .into_iter()
            .chain(text.hints.iter().map(Vec::as_slice))
            .collect();
        for command in all.iter().flat_map(|blocks| commands(blocks)) {
            if let Some(wrong) = unparsable(lesson, command) {
                say(format!("`{command}`: {wrong}"));
            }
        }
        for link in all.iter().flat_map(|blocks| links(blocks)) {
            let inside = link
                .strip_prefix("#/lesson/")
                .map(|rest| rest.split('/').next().unwrap_or_default());
            if !link.starts_with("https://") && !inside.is_some_and(|id| lessons.contains(&id)) {
                say(format!("the link {link} leads nowhere"));
            }
        }
    }
    if commands(&step.ja.act) != commands(&step.en.act) {
        found.push("the commands to run differ between ja.md and en.md".to_owned());
    }
    if step.ja.hints.len() != step.en.hints.len() {
        found.push("ja.md and en.md have different numbers of hints".to_owned());
    }
    found
}

/// Every id has words, and no words lack their id.
fn words(step: &Step, text: &StepText, say: &mut dyn FnMut(String)) {
    let mut compare = |what: &str, wanted: Vec<&str>, given: Vec<&str>| {
        for id in wanted.iter().filter(|id| !given.contains(id)) {
            say(format!("the {what} {id} has no words"));
        }
        for id in given.iter().filter(|id| !wanted.contains(id)) {
            say(format!("there is no {what} {id}"));
        }
    };
    let ids = |goals: &[(String, super::GoalText)]| {
        goals.iter().map(|(id, _)| id.clone()).collect::<Vec<_>>()
    };
    let given = ids(&text.goals);
    compare(
        "goal",
        step.goals.iter().map(|goal| goal.id.as_str()).collect(),
        given.iter().map(String::as_str).collect(),
    );
    let own_words = step.mistakes.iter().filter(|mistake| matches!(mistake.sign, Sign::Command(_)));
    let given = text.mistakes.iter().map(|(id, _)| id.as_str()).collect();
    compare("mistake", own_words.map(|mistake| mistake.id.as_str()).collect(), given);
    let choices = match step.prediction.as_ref().map(|prediction| &prediction.question) {
        Some(Question::Choices(choices)) => choices.iter().map(String::as_str).collect(),
        Some(Question::Number | Question::Among(_)) | None => Vec::new(),
    };
    compare("choice", choices, text.options.iter().map(|(id, _)| id.as_str()).collect());
    if step.prediction.is_some() == text.question.is_empty() {
        say("the prediction and its question must both be there, or neither".to_owned());
    }
    for mistake in &step.mistakes {
        if let Sign::Breaks(goal) = &mistake.sign
            && by_id(&text.goals, goal).is_some_and(|words| words.broken.is_empty())
        {
            say(format!("the goal {goal} can break and has no words for it"));
        }
    }
    if text.why.is_empty() {
        say("there is no closing why".to_owned());
    }
}

/// Why a command to run by click cannot be run.
fn unparsable(lesson: &Lesson, command: &str) -> Option<String> {
    let mut plain = command.to_owned();
    for (name, _) in &lesson.values {
        plain = plain.replace(&format!("{{{name}}}"), "x");
    }
    let mut parser = Parser::new(&plain, false);
    loop {
        match parser.next_line() {
            Ok(Some(_)) => {}
            Ok(None) => break,
            Err(error) => return Some(error.message().to_owned()),
        }
    }
    for line in plain.lines() {
        let first = line.split_whitespace().next().unwrap_or_default();
        let known = COMMANDS.iter().any(|command| command.name == first)
            || BUILTINS.iter().any(|builtin| builtin.name == first);
        if !known {
            return Some(format!("there is no command {first}"));
        }
    }
    None
}

/// Where links in these blocks lead.
fn links(blocks: &[Block]) -> Vec<&str> {
    let mut found = Vec::new();
    for block in blocks {
        match block {
            Block::Paragraph(words) => found.extend(links_in(words)),
            Block::List(_, items) => found.extend(items.iter().flat_map(|item| links(item))),
            Block::Code(_) | Block::Run(_) => {}
        }
    }
    found
}

fn links_in(words: &[Inline]) -> Vec<&str> {
    let mut found = Vec::new();
    for word in words {
        match word {
            Inline::Link(href, _) => found.push(href.as_str()),
            Inline::Strong(words) | Inline::Emphasis(words) => found.extend(links_in(words)),
            Inline::Text(_) | Inline::Code(_) => {}
        }
    }
    found
}
