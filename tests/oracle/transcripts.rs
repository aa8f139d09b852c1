//! The transcripts: every file replayed in a world of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use kobune::command::COMMANDS;
use kobune::transcript::{Transcript, compare, replay};

use super::{Figure, explain, say, unpanicked};

/// One figure a group, one for all, and one for the hashes in names, which the comparison lets differ.
pub(super) fn figures(folder: &Path, show: Option<&str>) -> Vec<Figure> {
    let mut groups: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let mut hashes = Figure { name: "name-hashes".to_owned(), matched: 0, all: 0 };
    for path in files(folder) {
        let text = std::fs::read_to_string(&path).expect("a recording is readable");
        let recorded = Transcript::parse(&text).expect("a recording has the form of a transcript");
        let nothing = compare(&recorded, &Transcript::default());
        let replayed =
            unpanicked(&recorded.name, || replay(&recorded, COMMANDS, explain::document));
        let (wanted, made) = (names_hashes(&recorded), replayed.as_ref().map(names_hashes));
        let made = made.unwrap_or_default();
        for hash in &wanted {
            hashes.all += 1;
            hashes.matched += usize::from(made.contains(hash));
            if show == Some(hashes.name.as_str()) && !made.contains(hash) {
                say(&format!("{}: {hash}", recorded.name));
            }
        }
        let verdicts = replayed.map_or(nothing, |replayed| compare(&recorded, &replayed));
        let matched = verdicts.iter().filter(|verdict| verdict.matched).count();
        if show == Some(recorded.group.as_str()) {
            say(&format!("{}: {matched} of {} steps", recorded.name, verdicts.len()));
        }
        let (group_matched, group_all) = groups.entry(recorded.group).or_default();
        *group_matched += matched;
        *group_all += verdicts.len();
    }
    let all =
        groups.values().fold((0, 0), |(matched, all), group| (matched + group.0, all + group.1));
    groups
        .into_iter()
        .map(|(group, figure)| (format!("transcripts {group}"), figure))
        .chain([("transcripts".to_owned(), all)])
        .map(|(name, (matched, all))| Figure { name, matched, all })
        .chain([hashes])
        .collect()
}

/// The hashes of templates and revisions: parts of names, of six to ten of the letters that these are made of.
fn names_hashes(transcript: &Transcript) -> BTreeSet<String> {
    let letters =
        |part: &&str| part.bytes().all(|one| b"bcdfghjklmnpqrstvwxz2456789".contains(&one));
    let steps = transcript.steps.iter().flat_map(|step| step.sequence.iter().chain(&step.stdout));
    let texts = steps.chain(transcript.events.iter().flatten());
    let names =
        texts.flat_map(|text| text.split(|one: char| !one.is_ascii_alphanumeric() && one != '-'));
    let parts = names.flat_map(|name| name.split('-').skip(1));
    parts.filter(|part| (6..=10).contains(&part.len())).filter(letters).map(str::to_owned).collect()
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let mut files: Vec<_> = entries.map(|entry| entry.path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    kobune::order::sort(&mut files);
    files
}
