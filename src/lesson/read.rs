//! A lesson from its document, strictly: unknown keys, repeated ids and missing parts are faults with a line.
//!
//! Two forms have one reader: [`definition`] takes `lesson.yaml` as a teacher writes it, [`compiled`] the file that the
//! build makes of a whole folder, which holds texts, files and solutions too.

use super::text::{Block, Cover, GoalText, Inline, Rich, StepText};
use super::{Goal, Lesson, Mistake, Prediction, Question, Sign, Step, Take, When};
use crate::manifest::{Data, Node, Number, documents};
use crate::object::{KINDS, Kind};

/// What is wrong with a document, and in which of its lines (from 1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The line, from 1.
    pub line: u32,
    /// What is wrong.
    pub message: String,
}

type Read<T> = Result<T, Fault>;

const MACHINES_MAX: i64 = 100;
/// Texts nest no deeper than this.
const DEPTH_MAX: u32 = 12;

/// A lesson as a teacher defines it, without texts, files and solutions.
pub fn definition(id: &str, yaml: &str) -> Read<Lesson> {
    let document = document(yaml)?;
    let mut lesson = lesson(&document, false)?;
    id.clone_into(&mut lesson.id);
    Ok(lesson)
}

/// A whole lesson, in both languages, from the file that the build made.
pub fn compiled(json: &str) -> Read<Lesson> {
    lesson(&document(json)?, true)
}

fn document(text: &str) -> Read<Node> {
    let mut all = documents(text.as_bytes());
    match all.next() {
        Some(Ok(node)) => Ok(node),
        Some(Err(error)) => Err(Fault { line: error.position.line + 1, message: error.message }),
        None => Err(Fault { line: 1, message: "there is nothing in it".to_owned() }),
    }
}

fn fault<T>(node: &Node, message: impl Into<String>) -> Read<T> {
    Err(Fault { line: node.span.start.line + 1, message: message.into() })
}

/// A mapping with these keys and no others.
fn check_keys(node: &Node, what: &str, allowed: &[&str]) -> Read<()> {
    let Data::Mapping(entries) = &node.data else {
        return fault(node, format!("{what} must be a mapping"));
    };
    for (index, entry) in entries.iter().enumerate() {
        let wrong = |message: String| Err(Fault { line: entry.key_span.start.line + 1, message });
        if !allowed.contains(&entry.key.as_str()) {
            return wrong(format!(
                "{what} has no key \"{}\"; it may have {}",
                entry.key,
                allowed.join(", ")
            ));
        }
        if entries.iter().take(index).any(|other| other.key == entry.key) {
            return wrong(format!("\"{}\" stands here twice", entry.key));
        }
    }
    Ok(())
}

fn string(node: &Node, what: &str) -> Read<String> {
    match node.as_str() {
        Some(text) if !text.trim().is_empty() => Ok(text.to_owned()),
        Some(_) => fault(node, format!("{what} is empty")),
        None => fault(node, format!("{what} must be a text")),
    }
}

fn required(node: &Node, key: &str, what: &str) -> Read<String> {
    match node.get(key) {
        Some(value) => string(value, key),
        None => fault(node, format!("{what} lacks \"{key}\"")),
    }
}

fn optional(node: &Node, key: &str) -> Read<String> {
    node.get(key).map_or(Ok(String::new()), |value| string(value, key))
}

fn number(node: &Node, key: &str, least: i64, most: i64, default: i64) -> Read<i64> {
    match node.get(key).map(|value| (&value.data, value)) {
        None => Ok(default),
        Some((Data::Number(Number::Int(number)), _)) if (least..=most).contains(number) => {
            Ok(*number)
        }
        Some((_, value)) => {
            fault(value, format!("{key} must be a whole number from {least} to {most}"))
        }
    }
}

/// The items of a list; none if the key is missing.
fn items<'a>(node: &'a Node, key: &str) -> Read<&'a [Node]> {
    let Some(value) = node.get(key) else { return Ok(&[]) };
    value.items().map_or_else(|| fault(value, format!("{key} must be a list")), Ok)
}

fn list<T>(node: &Node, key: &str, read: impl Fn(&Node) -> Read<T>) -> Read<Vec<T>> {
    let mut all = Vec::new();
    for item in items(node, key)? {
        all.push(read(item)?);
    }
    Ok(all)
}

/// The entries of a mapping, by their keys, as the build writes them; none if the key is missing.
fn pairs<T>(
    node: &Node,
    key: &str,
    read: impl Fn(&Node, &str) -> Read<T>,
) -> Read<Vec<(String, T)>> {
    let Some(value) = node.get(key) else { return Ok(Vec::new()) };
    let Data::Mapping(entries) = &value.data else {
        return fault(value, format!("{key} must be a mapping"));
    };
    let mut all: Vec<(String, T)> = Vec::new();
    for entry in entries {
        let at = all.partition_point(|(name, _)| *name < entry.key);
        if all.get(at).is_some_and(|(name, _)| *name == entry.key) {
            return fault(&entry.value, format!("\"{}\" stands in {key} twice", entry.key));
        }
        all.insert(at, (entry.key.clone(), read(&entry.value, &entry.key)?));
    }
    Ok(all)
}

/// An id: what stands in links, solutions and texts.
fn id(node: &Node, what: &str) -> Read<String> {
    let id = required(node, "id", what)?;
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if id.chars().all(plain) {
        Ok(id)
    } else {
        fault(node, format!("the id \"{id}\" may have a-z, 0-9 and -"))
    }
}

fn check_ids(nodes: &[Node], what: &str) -> Read<()> {
    let ids: Vec<_> = nodes.iter().map(|node| node.get("id").and_then(Node::as_str)).collect();
    for (index, node) in nodes.iter().enumerate() {
        if ids.iter().take(index).any(|other| *other == ids[index]) {
            return fault(
                node,
                format!("two {what} are called \"{}\"", ids[index].unwrap_or_default()),
            );
        }
    }
    Ok(())
}

const LESSON: &[&str] =
    &["nodes", "seed", "setup", "open", "values", "steps", "id", "files", "ja", "en"];
/// How many of [`LESSON`] a teacher writes; the build adds the others. Likewise for a step.
const LESSON_WRITTEN: usize = 6;
const STEP: &[&str] = &["id", "goals", "prediction", "mistakes", "solution", "ja", "en"];
const STEP_WRITTEN: usize = 4;

fn lesson(node: &Node, whole: bool) -> Read<Lesson> {
    check_keys(node, "a lesson", if whole { LESSON } else { &LESSON[..LESSON_WRITTEN] })?;
    let steps = items(node, "steps")?;
    if steps.is_empty() {
        return fault(node, "a lesson needs steps");
    }
    check_ids(steps, "steps")?;
    let cover = |key: &str| match node.get(key) {
        Some(node) => Ok(Cover {
            title: required(node, "title", "a cover")?,
            summary: blocks(node, "summary", 0)?,
        }),
        None if whole => fault(node, format!("a lesson lacks \"{key}\"")),
        None => Ok(Cover::default()),
    };
    Ok(Lesson {
        id: if whole { id(node, "a lesson")? } else { String::new() },
        nodes: usize::try_from(number(node, "nodes", 1, MACHINES_MAX, 3)?).unwrap_or(3),
        seed: u64::try_from(number(node, "seed", 0, i64::MAX, 1)?).unwrap_or(1),
        setup: optional(node, "setup")?,
        open: optional(node, "open")?,
        files: pairs(node, "files", string)?,
        values: pairs(node, "values", string)?,
        steps: list(node, "steps", |node| step(node, whole))?,
        ja: cover("ja")?,
        en: cover("en")?,
    })
}

fn step(node: &Node, whole: bool) -> Read<Step> {
    check_keys(node, "a step", if whole { STEP } else { &STEP[..STEP_WRITTEN] })?;
    check_ids(items(node, "goals")?, "goals")?;
    check_ids(items(node, "mistakes")?, "mistakes")?;
    let goals = list(node, "goals", goal)?;
    let words = |key: &str| match node.get(key) {
        Some(node) => step_text(node),
        None if whole => fault(node, format!("a step lacks \"{key}\"")),
        None => Ok(StepText::default()),
    };
    Ok(Step {
        id: id(node, "a step")?,
        prediction: node.get("prediction").map(prediction).transpose()?,
        mistakes: list(node, "mistakes", |node| mistake(node, &goals))?,
        solution: list(node, "solution", |node| string(node, "a line"))?,
        ja: words("ja")?,
        en: words("en")?,
        goals,
    })
}

fn goal(node: &Node) -> Read<Goal> {
    check_keys(node, "a goal", &["id", "when", "check", "kinds"])?;
    let when = required(node, "when", "a goal")?;
    let Some((_, when)) = When::NAMES.into_iter().find(|(name, _)| *name == when) else {
        return fault(node, format!("when is end, once or always, not \"{when}\""));
    };
    let kinds = list(node, "kinds", kind)?;
    Ok(Goal { id: id(node, "a goal")?, when, check: required(node, "check", "a goal")?, kinds })
}

fn kind(node: &Node) -> Read<Kind> {
    let name = string(node, "a kind")?;
    match KINDS.iter().find(|info| info.name == name) {
        Some(info) => Ok(info.kind()),
        None => fault(node, format!("there is no kind \"{name}\"")),
    }
}

fn prediction(node: &Node) -> Read<Prediction> {
    const KEYS: &[&str] = &["choices", "number", "among", "answer", "take", "kinds"];
    check_keys(node, "a prediction", KEYS)?;
    let given: Vec<_> = ["choices", "number", "among"]
        .into_iter()
        .filter_map(|key| Some((key, node.get(key)?)))
        .collect();
    let question = match given.as_slice() {
        [("choices", _)] => {
            let choices = list(node, "choices", |node| string(node, "a choice"))?;
            if choices.len() < 2 {
                return fault(node, "a prediction needs two choices or more");
            }
            Question::Choices(choices)
        }
        [("number", Node { data: Data::Bool(true), .. })] => Question::Number,
        [("among", command)] => Question::Among(string(command, "among")?),
        _ => return fault(node, "a prediction has one of: choices, number: true, among"),
    };
    let take = optional(node, "take")?;
    let named = |(name, _): &(&str, Take)| *name == take || (take.is_empty() && *name == "last");
    let Some((_, take)) = Take::NAMES.into_iter().find(named) else {
        return fault(node, format!("take is last, most or least, not \"{take}\""));
    };
    if take != Take::Last && question != Question::Number {
        return fault(node, "most and least are answers to a prediction of a number");
    }
    let answer = required(node, "answer", "a prediction")?;
    Ok(Prediction { question, answer, take, kinds: list(node, "kinds", kind)? })
}

fn mistake(node: &Node, goals: &[Goal]) -> Read<Mistake> {
    check_keys(node, "a mistake", &["id", "script", "sign", "breaks"])?;
    let sign = match (node.get("sign"), node.get("breaks")) {
        (Some(command), None) => Sign::Command(string(command, "sign")?),
        (None, Some(goal)) => {
            let id = string(goal, "breaks")?;
            if !goals.iter().any(|goal| goal.id == id) {
                return fault(goal, format!("this step has no goal \"{id}\""));
            }
            Sign::Breaks(id)
        }
        _ => return fault(node, "a mistake has a sign, or a goal that it breaks"),
    };
    Ok(Mistake { id: id(node, "a mistake")?, script: required(node, "script", "a mistake")?, sign })
}

fn step_text(node: &Node) -> Read<StepText> {
    let goal = |node: &Node, _: &str| {
        Ok(GoalText { text: rich(node.get("text"), 0)?, broken: rich(node.get("broken"), 0)? })
    };
    Ok(StepText {
        title: required(node, "title", "a step's text")?,
        body: blocks(node, "body", 0)?,
        question: blocks(node, "question", 0)?,
        options: pairs(node, "options", |node, _| rich(Some(node), 0))?,
        act: blocks(node, "act", 0)?,
        goals: pairs(node, "goals", goal)?,
        mistakes: pairs(node, "mistakes", |node, _| rich(Some(node), 0))?,
        hints: list(node, "hints", |node| all_blocks(node.items().unwrap_or_default(), 0))?,
        why: blocks(node, "why", 0)?,
    })
}

fn blocks(node: &Node, key: &str, depth: u32) -> Read<Vec<Block>> {
    all_blocks(items(node, key)?, depth)
}

fn all_blocks(nodes: &[Node], depth: u32) -> Read<Vec<Block>> {
    nodes.iter().map(|node| block(node, depth)).collect()
}

fn block(node: &Node, depth: u32) -> Read<Block> {
    let Data::Mapping(entries) = &node.data else { return fault(node, "no block") };
    let Some(entry) = entries.first().filter(|_| depth < DEPTH_MAX) else {
        return fault(node, "no block");
    };
    let value = &entry.value;
    Ok(match entry.key.as_str() {
        "p" => Block::Paragraph(rich(Some(value), depth + 1)?),
        "code" => Block::Code(string(value, "code")?),
        "run" => Block::Run(string(value, "run")?),
        key @ ("ul" | "ol") => {
            let mut all = Vec::new();
            for item in value.items().unwrap_or_default() {
                all.push(all_blocks(item.items().unwrap_or_default(), depth + 1)?);
            }
            Block::List(key == "ol", all)
        }
        other => return fault(node, format!("no block is called \"{other}\"")),
    })
}

fn rich(node: Option<&Node>, depth: u32) -> Read<Rich> {
    let nodes = node.and_then(Node::items).unwrap_or_default();
    nodes.iter().map(|node| inline(node, depth)).collect()
}

fn inline(node: &Node, depth: u32) -> Read<Inline> {
    if let Some(text) = node.as_str() {
        return Ok(Inline::Text(text.to_owned()));
    }
    if depth >= DEPTH_MAX {
        return fault(node, "the text nests too deep");
    }
    let inner = |key: &str| node.get(key).map(|words| rich(Some(words), depth + 1)).transpose();
    if let Some(code) = node.get("c") {
        return Ok(Inline::Code(string(code, "code")?));
    }
    if let Some(href) = node.get("a") {
        return Ok(Inline::Link(string(href, "a link")?, inner("t")?.unwrap_or_default()));
    }
    match (inner("b")?, inner("i")?) {
        (Some(words), _) => Ok(Inline::Strong(words)),
        (None, Some(words)) => Ok(Inline::Emphasis(words)),
        (None, None) => fault(node, "these are no words"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "nodes: 2\nsteps:\n- id: one\n  goals:\n  - id: g\n    when: end\n    check: 'true'\n    kinds: [Pod]\n";

    #[test]
    fn a_definition_is_read() {
        let lesson = definition("x", GOOD).expect("it is good");
        assert_eq!(
            (lesson.id.as_str(), lesson.nodes, lesson.steps[0].goals[0].kinds.as_slice()),
            ("x", 2, &[Kind::Pod][..])
        );
    }

    #[test]
    fn faults_have_a_line_and_a_sentence() {
        for (from, to, line, message) in [
            (
                "nodes: 2",
                "node: 2",
                1,
                "a lesson has no key \"node\"; it may have nodes, seed, setup, open, values, steps",
            ),
            ("nodes: 2", "nodes: 0", 1, "nodes must be a whole number from 1 to 100"),
            ("when: end", "when: later", 5, "when is end, once or always, not \"later\""),
            ("[Pod]", "[Pot]", 8, "there is no kind \"Pot\""),
            ("check: 'true'", "check: ''", 7, "check is empty"),
            ("id: g", "id: G", 5, "the id \"G\" may have a-z, 0-9 and -"),
            (
                "  goals:",
                "  prediction: {choices: [a, b]}\n  goals:",
                4,
                "a prediction lacks \"answer\"",
            ),
            (
                "  goals:",
                "  mistakes: [{id: m, script: x, breaks: h}]\n  goals:",
                4,
                "this step has no goal \"h\"",
            ),
        ] {
            let text = GOOD.replace(from, to);
            assert_ne!(text, GOOD, "{from}");
            let found = definition("x", &text).expect_err(&text);
            assert_eq!((found.line, found.message.as_str()), (line, message), "{text}");
        }
        assert_eq!(definition("x", "steps: [").expect_err("it is open").line, 2);
        assert_eq!(definition("x", "").expect_err("it is empty").line, 1);
    }
}
