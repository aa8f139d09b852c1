//! `ja.md` and `en.md`: a title, then `## a step` with its parts under `###` headings of fixed names.
//!
//! Steps follow `lesson.yaml` in order. In lists of goals, mistakes and choices every item begins with its id as code;
//! under a goal, a list of one item says what to tell when it broke.

use kobune::lesson::{Block, Fault, GoalText, Inline, Lesson, Rich, StepText};

use super::markdown::{Part, parts};

/// A part of a step.
#[derive(Copy, Clone, PartialEq, Eq)]
enum Section {
    Body,
    Prediction,
    Act,
    Goals,
    Mistakes,
    Hints,
    Why,
}

/// Their headings in English and Japanese.
const SECTIONS: [(&str, &str, Section); 6] = [
    ("Prediction", "予想", Section::Prediction),
    ("Do", "やってみる", Section::Act),
    ("Goals", "ゴール", Section::Goals),
    ("Mistakes", "つまずき", Section::Mistakes),
    ("Hints", "ヒント", Section::Hints),
    ("Why", "なぜ", Section::Why),
];

/// Reads a file's words into the lesson.
pub(super) fn read(lesson: &mut Lesson, text: &str, japanese: bool) -> Result<(), Fault> {
    let (mut step, mut section, mut last) = (None, Section::Body, 1);
    for (line, part) in parts(text)? {
        last = line;
        let fault = |message: String| Err(Fault { line, message });
        match part {
            Part::Heading(1, title) => {
                let cover = if japanese { &mut lesson.ja } else { &mut lesson.en };
                if !cover.title.is_empty() {
                    return fault("a lesson has one title".to_owned());
                }
                cover.title = title;
            }
            Part::Heading(2, title) => {
                let next = step.map_or(0, |step: usize| step + 1);
                let count = lesson.steps.len();
                let Some(words) = lesson.steps.get_mut(next) else {
                    return fault(format!("lesson.yaml has {count} steps; this is one too many"));
                };
                (step, section) = (Some(next), Section::Body);
                if japanese { &mut words.ja } else { &mut words.en }.title = title;
            }
            Part::Heading(_, name) => {
                let found =
                    SECTIONS.iter().find(|(en, ja, _)| name == if japanese { *ja } else { *en });
                match (found, step) {
                    (Some((.., named)), Some(_)) => section = *named,
                    (None, _) => {
                        let names: Vec<_> = SECTIONS
                            .iter()
                            .map(|(en, ja, _)| if japanese { *ja } else { *en })
                            .collect();
                        return fault(format!(
                            "a part of a step is one of {}, not \"{name}\"",
                            names.join(", ")
                        ));
                    }
                    (_, None) => return fault("a step begins with ##".to_owned()),
                }
            }
            Part::Block(block) => match step {
                None if japanese => lesson.ja.summary.push(block),
                None => lesson.en.summary.push(block),
                Some(step) => {
                    let words = &mut lesson.steps[step];
                    let words = if japanese { &mut words.ja } else { &mut words.en };
                    add(words, section, block).map_err(|message| Fault { line, message })?;
                }
            },
        }
    }
    let read = step.map_or(0, |step| step + 1);
    let title = if japanese { &lesson.ja.title } else { &lesson.en.title };
    if title.is_empty() {
        return Err(Fault { line: 1, message: "the title (# …) is missing".to_owned() });
    }
    match lesson.steps.get(read) {
        Some(missing) => {
            Err(Fault { line: last, message: format!("the step {} is missing", missing.id) })
        }
        None => Ok(()),
    }
}

/// Puts a block into its part of a step.
fn add(words: &mut StepText, section: Section, block: Block) -> Result<(), String> {
    match (section, block) {
        (Section::Body, block) => words.body.push(block),
        (Section::Act, block) => words.act.push(block),
        (Section::Why, block) => words.why.push(block),
        (Section::Prediction, Block::List(_, items)) => {
            for item in items {
                let (id, words_of_it, rest) = named(item)?;
                if !rest.is_empty() {
                    return Err(format!("the choice {id} has more than one line"));
                }
                words.options.push((id, words_of_it));
            }
        }
        (Section::Prediction, block) => words.question.push(block),
        (Section::Goals, Block::List(_, items)) => {
            for item in items {
                let (id, text, rest) = named(item)?;
                words.goals.push((id, GoalText { text, broken: one_line(rest)? }));
            }
        }
        (Section::Mistakes, Block::List(_, items)) => {
            for item in items {
                let (id, text, _) = named(item)?;
                words.mistakes.push((id, text));
            }
        }
        (Section::Hints, Block::List(_, items)) => words.hints.extend(items),
        (Section::Goals | Section::Mistakes | Section::Hints, _) => {
            return Err("here stands a list".to_owned());
        }
    }
    Ok(())
}

/// An item that begins with its id as code: the id, its words, and what follows.
fn named(mut item: Vec<Block>) -> Result<(String, Rich, Vec<Block>), String> {
    let unnamed = || "an item begins with its id, as `id`".to_owned();
    if item.is_empty() {
        return Err(unnamed());
    }
    let Block::Paragraph(mut words) = item.remove(0) else { return Err(unnamed()) };
    if words.is_empty() {
        return Err(unnamed());
    }
    let Inline::Code(id) = words.remove(0) else { return Err(unnamed()) };
    if let Some(Inline::Text(first)) = words.first_mut() {
        *first = first.trim_start().to_owned();
    }
    if words.is_empty() { Err(format!("{id} has no words")) } else { Ok((id, words, item)) }
}

/// The one line of a list below a goal.
fn one_line(blocks: Vec<Block>) -> Result<Rich, String> {
    match blocks.into_iter().next() {
        None => Ok(Rich::new()),
        Some(Block::List(_, items)) => {
            match items.into_iter().next().map(|mut item| (item.len(), item.pop())) {
                Some((1, Some(Block::Paragraph(words)))) => Ok(words),
                _ => Err("below a goal stands one line: what to tell when it broke".to_owned()),
            }
        }
        Some(_) => Err("below a goal stands a list of one line".to_owned()),
    }
}
