//! The transcripts: every file replayed in a world of its own.

use std::collections::BTreeMap;
use std::path::Path;

use kobune::command::COMMANDS;
use kobune::transcript::{Transcript, compare, replay};

use super::{Figure, explain, say, unpanicked};

/// One figure a group, and one for all.
pub(super) fn figures(folder: &Path, show: Option<&str>) -> Vec<Figure> {
    let mut groups: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for path in files(folder) {
        let text = std::fs::read_to_string(&path).expect("a recording is readable");
        let recorded = Transcript::parse(&text).expect("a recording has the form of a transcript");
        let nothing = compare(&recorded, &Transcript::default());
        let replayed =
            unpanicked(&recorded.name, || replay(&recorded, COMMANDS, explain::document));
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
        .collect()
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let mut files: Vec<_> = entries.map(|entry| entry.path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    kobune::order::sort(&mut files);
    files
}
