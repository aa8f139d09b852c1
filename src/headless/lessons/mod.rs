//! `kobune lessons`: tries lessons as an author would, and builds the files that the page fetches.
//!
//! `lessons [ID...]` tries those of the folder `lessons/` (or `--in DIR`) and lists what is wrong; `lessons build OUT` writes
//! one JSON file a lesson and the list of all, and fails at the first file that cannot be read, with its line.

mod folder;
mod markdown;
mod texts;

use std::path::Path;
use std::rc::Rc;

use kobune::lesson::{Lesson, encode, trial};
use serde_json::json;

use super::{complain, print};

/// Where lessons are.
const FOLDER: &str = "lessons";
/// The exit code when something is wrong with a lesson.
const WRONG: u8 = 1;

/// What is wrong in a file: `lessons/x/ja.md:12: …`.
type Refusal = String;

pub(super) fn main(arguments: &[String]) -> Result<u8, String> {
    let mut folder = FOLDER.to_owned();
    let mut names = Vec::new();
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "--in" => folder.clone_from(rest.next().ok_or("lessons: --in needs a folder")?),
            flag if flag.starts_with('-') => return Err(format!("lessons: unknown option {flag}")),
            name => names.push(name),
        }
    }
    let folder = Path::new(&folder);
    match names.as_slice() {
        ["build", out] => build(folder, Path::new(out)),
        ["build", ..] => Err("lessons: build takes one folder to write to".to_owned()),
        ids => try_out(folder, ids),
    }
}

/// Tries lessons, all of them if none is named.
fn try_out(folder: &Path, wanted: &[&str]) -> Result<u8, String> {
    let ids = folder::ids(folder)?;
    if let Some(unknown) = wanted.iter().find(|id| !ids.iter().any(|known| known == *id)) {
        return Err(format!("lessons: there is no lesson {unknown}; there are {}", ids.join(", ")));
    }
    let known: Vec<&str> = ids.iter().map(String::as_str).collect();
    let mut wrong = 0;
    for id in ids.iter().filter(|id| wanted.is_empty() || wanted.contains(&id.as_str())) {
        match folder::read(folder, id) {
            Err(refusal) => {
                wrong += 1;
                complain(&format!("{refusal}\n"));
            }
            Ok(lesson) => {
                let lesson = Rc::new(lesson);
                let complaints = trial(&lesson, &known);
                for complaint in &complaints {
                    complain(&format!("{}: {complaint}\n", folder.join(id).display()));
                }
                wrong += usize::from(!complaints.is_empty());
                let verdict = if complaints.is_empty() { "ok" } else { "NOT" };
                print(format!("{verdict} {id}: {}\n", summary(&lesson)).as_bytes());
            }
        }
    }
    Ok(if wrong == 0 { 0 } else { WRONG })
}

fn summary(lesson: &Lesson) -> String {
    let goals: usize = lesson.steps.iter().map(|step| step.goals.len()).sum();
    let mistakes: usize = lesson.steps.iter().map(|step| step.mistakes.len()).sum();
    format!("{} steps, {goals} goals, {mistakes} known mistakes", lesson.steps.len())
}

/// Writes what the page fetches. Files that did not change are left alone, so that nobody rebuilds for them.
fn build(folder: &Path, out: &Path) -> Result<u8, String> {
    let failed = |error: std::io::Error| format!("lessons: {}: {error}", out.display());
    std::fs::create_dir_all(out).map_err(failed)?;
    let mut list = Vec::new();
    let mut names = vec!["index.json".to_owned()];
    for id in folder::ids(folder)? {
        let lesson = match folder::read(folder, &id) {
            Ok(lesson) => lesson,
            Err(refusal) => {
                complain(&format!("{refusal}\n"));
                return Ok(WRONG);
            }
        };
        list.push(json!({ "id": id, "ja": lesson.ja.title, "en": lesson.en.title, "steps": lesson.steps.len() }));
        names.push(format!("{id}.json"));
        write(&out.join(format!("{id}.json")), &encode(&lesson).to_string()).map_err(failed)?;
    }
    write(&out.join("index.json"), &json!({ "lessons": list }).to_string()).map_err(failed)?;
    for entry in std::fs::read_dir(out).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !names.contains(&name) {
            std::fs::remove_file(&path).map_err(failed)?;
        }
    }
    Ok(0)
}

fn write(path: &Path, text: &str) -> std::io::Result<()> {
    if std::fs::read_to_string(path).is_ok_and(|old| old == text) {
        return Ok(());
    }
    std::fs::write(path, text)
}
