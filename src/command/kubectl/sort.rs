//! `--sort-by`: objects in the order of one field.
//!
//! Models kubectl `pkg/cmd/get/sorter.go`: numbers by size, texts as people order them (digits count as numbers), those
//! without the field first.

use std::cmp::Ordering;
use std::sync::Arc;

use serde_json::Value;

use super::failure::Failure;
use crate::object::Object;
use crate::order;

/// Sorts by a path such as `.metadata.name` or `{.spec.replicas}`.
pub(super) fn by(path: &str, objects: &mut [Arc<Object>]) -> Result<(), Failure> {
    let inner = path.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap_or(path);
    let steps: Vec<Step> = steps(inner)?;
    let mut keyed: Vec<(Option<Value>, Arc<Object>)> = objects
        .iter()
        .map(|object| (walk(object.to_value(), &steps), Arc::clone(object)))
        .collect();
    if !keyed.is_empty() && keyed.iter().all(|(key, _)| key.is_none()) {
        return Err(Failure::plain(format!(
            "couldn't find any field with path {:?} in the list of objects",
            braces(inner)
        )));
    }
    order::sort_by(&mut keyed, |(left, _), (right, _)| compare(left.as_ref(), right.as_ref()));
    for (slot, (_, object)) in objects.iter_mut().zip(keyed) {
        *slot = object;
    }
    Ok(())
}

fn braces(inner: &str) -> String {
    let dot = if inner.starts_with('.') { "" } else { "." };
    format!("{{{dot}{inner}}}")
}

#[derive(Debug, PartialEq, Eq)]
enum Step {
    Field(String),
    Index(usize),
}

/// `.spec.containers[0].image` in steps; a dot behind a backslash belongs to the name.
fn steps(path: &str) -> Result<Vec<Step>, Failure> {
    let mut steps = Vec::new();
    let mut name = String::new();
    let mut characters = path.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => name.extend(characters.next()),
            '.' | '[' => {
                if !name.is_empty() {
                    steps.push(Step::Field(std::mem::take(&mut name)));
                }
                if character == '[' {
                    let inside: String = characters.by_ref().take_while(|c| *c != ']').collect();
                    steps.push(index(&inside, path)?);
                }
            }
            other => name.push(other),
        }
    }
    if !name.is_empty() {
        steps.push(Step::Field(name));
    }
    Ok(steps)
}

fn index(inside: &str, path: &str) -> Result<Step, Failure> {
    let quoted = inside.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
    match (quoted, inside.parse()) {
        (Some(name), _) => Ok(Step::Field(name.to_owned())),
        (None, Ok(index)) => Ok(Step::Index(index)),
        (None, Err(_)) => Err(Failure::plain(format!("invalid array index {inside} in {path}"))),
    }
}

fn walk(mut value: Value, steps: &[Step]) -> Option<Value> {
    for step in steps {
        value = match step {
            Step::Field(name) => value.get_mut(name)?.take(),
            Step::Index(index) => value.get_mut(*index)?.take(),
        };
    }
    Some(value)
}

fn compare(left: Option<&Value>, right: Option<&Value>) -> Ordering {
    match (left, right) {
        (Some(Value::Number(left)), Some(Value::Number(right))) => {
            left.as_i64().cmp(&right.as_i64())
        }
        (Some(Value::String(left)), Some(Value::String(right))) => natural(left, right),
        (Some(left), Some(right)) => left.to_string().cmp(&right.to_string()),
        (left, right) => left.is_some().cmp(&right.is_some()),
    }
}

/// Texts with runs of digits compared as numbers: `web-2` before `web-10`.
fn natural(left: &str, right: &str) -> Ordering {
    let (mut left, mut right) = (left.chars().peekable(), right.chars().peekable());
    loop {
        match (left.peek().copied(), right.peek().copied()) {
            (Some(a), Some(b)) if a.is_ascii_digit() && b.is_ascii_digit() => {
                let order = digits(&mut left).cmp(&digits(&mut right));
                if order != Ordering::Equal {
                    return order;
                }
            }
            (Some(a), Some(b)) if a == b => {
                left.next();
                right.next();
            }
            (a, b) => return a.cmp(&b),
        }
    }
}

/// A run of digits as something that compares like its number: length without leading zeros, then digits.
fn digits(text: &mut std::iter::Peekable<std::str::Chars<'_>>) -> (usize, String) {
    let mut run = String::new();
    while let Some(digit) = text.next_if(char::is_ascii_digit) {
        run.push(digit);
    }
    let run = run.trim_start_matches('0').to_owned();
    (run.len(), run)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_count_as_numbers() {
        assert_eq!(natural("web-2", "web-10"), Ordering::Less);
        assert_eq!(natural("web-010", "web-10"), Ordering::Equal);
        assert_eq!(natural("a", "b"), Ordering::Less);
        assert_eq!(natural("a", "ab"), Ordering::Less);
    }

    #[test]
    fn paths_are_read_in_steps() {
        let field = |name: &str| Step::Field(name.to_owned());
        assert_eq!(
            steps(".a.b[0].c").unwrap(),
            [field("a"), field("b"), Step::Index(0), field("c")]
        );
        assert_eq!(steps("a\\.b").unwrap(), [field("a.b")]);
        assert!(steps("a[x]").is_err());
    }
}
