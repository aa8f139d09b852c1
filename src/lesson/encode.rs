//! A whole lesson as the JSON that the page fetches; [`super::compiled`] reads it back.

use serde_json::{Map, Value, json};

use super::text::{Block, Cover, Inline, StepText};
use super::{Goal, Lesson, Mistake, Question, Sign, Step, Take, When};
use crate::object::Kind;

/// The file of a lesson.
pub fn encode(lesson: &Lesson) -> Value {
    json!({
        "id": lesson.id,
        "nodes": lesson.nodes,
        "seed": lesson.seed,
        "setup": some(&lesson.setup),
        "open": some(&lesson.open),
        "files": texts(&lesson.files),
        "values": texts(&lesson.values),
        "steps": lesson.steps.iter().map(step).collect::<Vec<_>>(),
        "ja": cover(&lesson.ja),
        "en": cover(&lesson.en),
    })
    .pruned()
}

/// Drops the entries that are empty, so that the reader's defaults stand for them.
trait Pruned {
    fn pruned(self) -> Self;
}

impl Pruned for Value {
    fn pruned(mut self) -> Self {
        if let Self::Object(map) = &mut self {
            map.retain(|_, value| {
                !value.is_null()
                    && value.as_array().is_none_or(|items| !items.is_empty())
                    && value.as_object().is_none_or(|map| !map.is_empty())
            });
        }
        self
    }
}

fn some(text: &str) -> Value {
    if text.is_empty() { Value::Null } else { text.into() }
}

fn texts(pairs: &[(String, String)]) -> Value {
    Value::Object(pairs.iter().map(|(key, text)| (key.clone(), text.as_str().into())).collect())
}

fn each<T>(pairs: &[(String, T)], value: impl Fn(&T) -> Value) -> Value {
    Value::Object(
        pairs.iter().map(|(key, words)| (key.clone(), value(words))).collect::<Map<_, _>>(),
    )
}

fn cover(cover: &Cover) -> Value {
    json!({ "title": cover.title, "summary": blocks(&cover.summary) })
}

fn step(step: &Step) -> Value {
    let prediction = step.prediction.as_ref().map(|prediction| {
        let (key, value) = match &prediction.question {
            Question::Choices(choices) => ("choices", json!(choices)),
            Question::Number => ("number", json!(true)),
            Question::Among(command) => ("among", json!(command)),
        };
        let take = Take::NAMES.into_iter().find(|(_, take)| *take == prediction.take);
        let kinds = names_of(&prediction.kinds);
        json!({ key: value, "answer": prediction.answer, "take": take.map(|(name, _)| name), "kinds": kinds })
            .pruned()
    });
    json!({
        "id": step.id,
        "goals": step.goals.iter().map(goal).collect::<Vec<_>>(),
        "prediction": prediction,
        "mistakes": step.mistakes.iter().map(mistake).collect::<Vec<_>>(),
        "solution": step.solution,
        "ja": step_text(&step.ja),
        "en": step_text(&step.en),
    })
    .pruned()
}

fn names_of(kinds: &[Kind]) -> Vec<&'static str> {
    kinds.iter().map(|kind| kind.info().name).collect()
}

fn goal(goal: &Goal) -> Value {
    let when = When::NAMES.into_iter().find(|(_, when)| *when == goal.when).map(|(name, _)| name);
    json!({ "id": goal.id, "when": when, "check": goal.check, "kinds": names_of(&goal.kinds) })
        .pruned()
}

fn mistake(mistake: &Mistake) -> Value {
    let (key, value) = match &mistake.sign {
        Sign::Command(command) => ("sign", command),
        Sign::Breaks(goal) => ("breaks", goal),
    };
    json!({ "id": mistake.id, "script": mistake.script, key: value })
}

fn step_text(text: &StepText) -> Value {
    json!({
        "title": text.title,
        "body": blocks(&text.body),
        "question": blocks(&text.question),
        "options": each(&text.options, |words| rich(words)),
        "act": blocks(&text.act),
        "goals": each(&text.goals, |goal| json!({ "text": rich(&goal.text), "broken": rich(&goal.broken) })),
        "mistakes": each(&text.mistakes, |words| rich(words)),
        "hints": text.hints.iter().map(|hint| blocks(hint)).collect::<Vec<_>>(),
        "why": blocks(&text.why),
    })
    .pruned()
}

fn blocks(blocks: &[Block]) -> Value {
    blocks.iter().map(block).collect()
}

fn block(block: &Block) -> Value {
    match block {
        Block::Paragraph(words) => json!({ "p": rich(words) }),
        Block::List(numbered, items) => {
            let key = if *numbered { "ol" } else { "ul" };
            json!({ key: items.iter().map(|item| blocks(item)).collect::<Vec<_>>() })
        }
        Block::Code(text) => json!({ "code": text }),
        Block::Run(text) => json!({ "run": text }),
    }
}

fn rich(words: &[Inline]) -> Value {
    words.iter().map(inline).collect()
}

fn inline(inline: &Inline) -> Value {
    match inline {
        Inline::Text(text) => text.as_str().into(),
        Inline::Code(text) => json!({ "c": text }),
        Inline::Strong(words) => json!({ "b": rich(words) }),
        Inline::Emphasis(words) => json!({ "i": rich(words) }),
        Inline::Link(href, words) => json!({ "a": href, "t": rich(words) }),
    }
}

#[cfg(test)]
mod tests {
    use super::super::text::GoalText;
    use super::super::{Prediction, compiled};
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let words = vec![
            Inline::Text("a ".to_owned()),
            Inline::Code("b".to_owned()),
            Inline::Strong(vec![Inline::Emphasis(vec![Inline::Text("c".to_owned())])]),
            Inline::Link("#/lesson/x".to_owned(), vec![Inline::Text("d".to_owned())]),
        ];
        let paragraph = Block::Paragraph(words.clone());
        let list = Block::List(
            true,
            vec![vec![paragraph.clone(), Block::Run("kubectl get pods".to_owned())]],
        );
        let text = StepText {
            title: "T".to_owned(),
            body: vec![paragraph.clone(), list, Block::Code("x\n".to_owned())],
            options: vec![("0".to_owned(), Vec::new()), ("1".to_owned(), words.clone())],
            goals: vec![("g".to_owned(), GoalText { text: words.clone(), broken: words.clone() })],
            mistakes: vec![("m".to_owned(), words)],
            hints: vec![vec![paragraph.clone()]],
            why: vec![paragraph.clone()],
            ..StepText::default()
        };
        let lesson = Lesson {
            id: "x".to_owned(),
            nodes: 2,
            seed: 3,
            files: vec![("a.yaml".to_owned(), "kind: Pod\n".to_owned())],
            values: vec![("pod".to_owned(), "echo x".to_owned())],
            steps: vec![Step {
                id: "s".to_owned(),
                goals: vec![Goal {
                    id: "g".to_owned(),
                    when: When::Always,
                    check: "true".to_owned(),
                    kinds: vec![Kind::Pod],
                }],
                prediction: Some(Prediction {
                    question: Question::Among("echo a".to_owned()),
                    answer: "echo a".to_owned(),
                    take: Take::Last,
                    kinds: vec![Kind::Node],
                }),
                mistakes: vec![Mistake {
                    id: "m".to_owned(),
                    script: "x".to_owned(),
                    sign: Sign::Breaks("g".to_owned()),
                }],
                solution: vec!["true".to_owned()],
                ja: text.clone(),
                en: text,
            }],
            ja: Cover { title: "J".to_owned(), summary: vec![paragraph] },
            en: Cover { title: "E".to_owned(), summary: Vec::new() },
            ..Lesson::default()
        };
        assert_eq!(compiled(&encode(&lesson).to_string()), Ok(lesson));
    }
}
