//! `kobune transcript FILE...`: replays recorded transcripts and says how many steps answered as recorded.
//!
//! Each file runs in a fresh world of the oracle profile. With `-v` every step is listed, and of those that differ the
//! lines that do.

use std::fmt::Write as _;

use kobune::command::COMMANDS;
use kobune::order;
use kobune::transcript::{Step, Transcript, compare, replay};

use super::{explain, print};

pub(super) fn main(arguments: &[String]) -> Result<u8, String> {
    let (flags, names): (Vec<_>, Vec<_>) =
        arguments.iter().partition(|argument| argument.starts_with('-'));
    if let Some(unknown) = flags.iter().find(|flag| **flag != "-v") {
        return Err(format!("transcript: unknown option {unknown}"));
    }
    if names.is_empty() {
        return Err("transcript: a file is missing".to_owned());
    }
    let mut transcripts = Vec::new();
    for name in names {
        let text = std::fs::read_to_string(name)
            .map_err(|error| format!("transcript: {name}: {error}"))?;
        transcripts.push(
            Transcript::parse(&text).map_err(|error| format!("transcript: {name}: {error}"))?,
        );
    }
    let (mut all, mut all_matched) = (0, 0);
    for recorded in transcripts {
        let replayed = replay(&recorded, COMMANDS, explain::document);
        let verdicts = compare(&recorded, &replayed);
        let matched = verdicts.iter().filter(|verdict| verdict.matched).count();
        if !flags.is_empty() {
            print(differences(&recorded, &replayed).as_bytes());
        }
        print(format!("{}: {matched} of {} steps\n", recorded.name, verdicts.len()).as_bytes());
        all += verdicts.len();
        all_matched += matched;
    }
    print(format!("transcripts: {all_matched} of {all} steps\n").as_bytes());
    Ok(0)
}

/// Every step that does not match, as recorded and as replayed.
fn differences(recorded: &Transcript, replayed: &Transcript) -> String {
    let counted = |transcript: &Transcript| -> Vec<Step> {
        transcript.steps.iter().filter(|step| step.counts()).cloned().collect()
    };
    let (wanted, given) = (counted(recorded), counted(replayed));
    let mut text = String::new();
    for act in replayed.steps.iter().filter(|step| !step.counts() && !step.stderr.is_empty()) {
        writeln!(text, "!   {}", act.stderr).expect("a String takes everything");
    }
    for (index, verdict) in compare(recorded, replayed).into_iter().enumerate() {
        let mark = if verdict.matched { "ok " } else { "NOT" };
        writeln!(text, "{mark} {}", verdict.label).expect("a String takes everything");
        if verdict.matched {
            continue;
        }
        if let (Some(wanted), Some(given)) = (wanted.get(index), given.get(index)) {
            let stdout = |step: &Step| step.stdout.clone().unwrap_or_default();
            show(&mut text, "stdout", &stdout(wanted), &stdout(given));
            show(&mut text, "stderr", &wanted.stderr, &given.stderr);
            show(&mut text, "exit", &wanted.exit.to_string(), &given.exit.to_string());
            show(&mut text, "sequence", &wanted.sequence.join("\n"), &given.sequence.join("\n"));
        } else {
            let list = |transcript: &Transcript| {
                let mut events = transcript.events.clone().unwrap_or_default();
                order::sort(&mut events);
                events.join("\n")
            };
            show(&mut text, "events", &list(recorded), &list(replayed));
        }
    }
    text
}

/// One part that differs: recorded lines behind `-`, replayed ones behind `+`.
fn show(text: &mut String, part: &str, recorded: &str, replayed: &str) {
    if kobune::transcript::same_text(recorded, replayed) {
        return;
    }
    writeln!(text, "    {part}").expect("a String takes everything");
    for (mark, side) in [('-', recorded), ('+', replayed)] {
        for line in side.lines() {
            writeln!(text, "    {mark} {line}").expect("a String takes everything");
        }
    }
}
