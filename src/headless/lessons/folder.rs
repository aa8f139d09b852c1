//! A lesson's folder: `lesson.yaml`, `ja.md`, `en.md`, `solution.sh`, and beside them files that the learner finds at home.

use std::path::Path;

use kobune::bash::{ParseError, Parser};
use kobune::lesson::{Lesson, definition};
use kobune::order;

use super::{Refusal, texts};

/// What is no file for the learner.
const OWN: [&str; 4] = ["lesson.yaml", "ja.md", "en.md", "solution.sh"];
/// The order of lessons stands here, one id a line.
const ORDER: &str = "order.txt";
/// What begins a step's part of `solution.sh`.
const STEP_MARK: &str = "# step ";

/// The lessons, in the order in which they are to be taught.
pub(super) fn ids(folder: &Path) -> Result<Vec<String>, Refusal> {
    let path = folder.join(ORDER);
    let order =
        std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let ids: Vec<String> =
        order.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect();
    for entry in
        std::fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?
    {
        let entry = entry.map_err(|error| format!("{}: {error}", folder.display()))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.path().is_dir() && !ids.contains(&name) {
            return Err(format!(
                "{}:{}: the lesson {name} is missing here",
                path.display(),
                ids.len() + 1
            ));
        }
    }
    Ok(ids)
}

/// Reads one lesson.
pub(super) fn read(folder: &Path, id: &str) -> Result<Lesson, Refusal> {
    let folder = folder.join(id);
    let text = |name: &str| {
        let path = folder.join(name);
        std::fs::read_to_string(&path).map_err(|error| format!("{}:1: {error}", path.display()))
    };
    let at = |name: &str, line: u32, message: &str| {
        format!("{}:{line}: {message}", folder.join(name).display())
    };
    let mut lesson = definition(id, &text("lesson.yaml")?)
        .map_err(|fault| at("lesson.yaml", fault.line, &fault.message))?;
    for name in ["ja.md", "en.md"] {
        texts::read(&mut lesson, &text(name)?, name == "ja.md")
            .map_err(|fault| at(name, fault.line, &fault.message))?;
    }
    solutions(&mut lesson, &text("solution.sh")?)
        .map_err(|(line, message)| at("solution.sh", line, &message))?;
    let mut entries: Vec<_> = std::fs::read_dir(&folder)
        .and_then(|entries| {
            entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()
        })
        .map_err(|error| format!("{}: {error}", folder.display()))?;
    order::sort(&mut entries);
    for path in entries {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !OWN.contains(&name.as_str()) {
            lesson.files.push((name.clone(), text(&name)?));
        }
    }
    if !lesson.open.is_empty() && !lesson.files.iter().any(|(name, _)| *name == lesson.open) {
        return Err(at("lesson.yaml", 1, &format!("there is no file {} to open", lesson.open)));
    }
    Ok(lesson)
}

/// Gives each step the lines of its solution.
fn solutions(lesson: &mut Lesson, script: &str) -> Result<(), (u32, String)> {
    let mut step: Option<usize> = None;
    let (mut begun, mut begun_at) = (String::new(), 0);
    for (line, number) in script.lines().zip(1_u32..) {
        if let Some(id) = line.strip_prefix(STEP_MARK) {
            let next = step.map_or(0, |step| step + 1);
            match lesson.steps.get(next) {
                Some(wanted) if wanted.id == id.trim() => step = Some(next),
                Some(wanted) => {
                    return Err((
                        number,
                        format!("the next step is {}, not {}", wanted.id, id.trim()),
                    ));
                }
                None => return Err((number, format!("there is no step {} any more", id.trim()))),
            }
            continue;
        }
        if begun.is_empty() && (line.trim().is_empty() || line.starts_with('#')) {
            continue;
        }
        if begun.is_empty() {
            begun_at = number;
        } else {
            begun.push('\n');
        }
        begun.push_str(line);
        if is_complete(&begun).map_err(|message| (begun_at, message))? {
            let Some(step) = step else {
                return Err((number, format!("\"{STEP_MARK}ID\" comes first")));
            };
            lesson.steps[step].solution.push(std::mem::take(&mut begun));
        }
    }
    if !begun.is_empty() {
        return Err((begun_at, "this command has no end".to_owned()));
    }
    let reached = step.map_or(0, |step| step + 1);
    match lesson.steps.get(reached) {
        Some(missing) => Err((1, format!("the step {} is missing", missing.id))),
        None => Ok(()),
    }
}

/// Whether a text is a whole command line.
pub(super) fn is_complete(text: &str) -> Result<bool, String> {
    if text.ends_with('\\') {
        return Ok(false);
    }
    let mut parser = Parser::new(text, true);
    loop {
        match parser.next_line() {
            Ok(Some(_)) => {}
            Ok(None) => return Ok(true),
            Err(ParseError::Incomplete(_)) => return Ok(false),
            Err(error @ ParseError::Syntax(_)) => return Err(error.message().to_owned()),
        }
    }
}
