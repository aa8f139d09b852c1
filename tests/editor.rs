//! What the editor tells of broken manifests: where, in whose words, and what mends them.
//!
//! `editor/advice.txt` holds cases: a title behind `## `, a manifest, and behind `=>` a line for each thing that is told
//! (place, weight, the server's words, the sentence in English, and what each repair writes). A repair is tried as well: the
//! text must be better after it. Where recordings of real clusters are at hand, each manifest that was refused there must
//! be marked, and none that was accepted.

use std::path::{Path, PathBuf};

use kobune::cluster::{Cluster, Settings};
use kobune::view::Lang;
use kobune::view::diagnostics::{Diagnostic, Place, Repair, Severity, World, check};

fn told(cluster: &Cluster, text: &str) -> Vec<Diagnostic> {
    check(text, &World { cluster, namespace: "default" })
}

fn world() -> Cluster {
    Cluster::new(Settings { nodes: 0, ..Settings::default() })
}

/// A line for each thing that is told.
fn lines(found: &[Diagnostic]) -> String {
    let tell = |one: &Diagnostic| {
        let Place { line, column, end_column, .. } = one.place;
        let repairs: Vec<String> =
            one.repairs.iter().map(|repair| format!("{:?}", repair.after)).collect();
        let parts = [one.message.clone(), one.tell(Lang::En), repairs.join(" ")];
        let parts: Vec<&str> =
            parts.iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
        format!("{line}:{column}-{end_column} {}: {}\n", one.severity.name(), parts.join(" | "))
    };
    found.iter().map(tell).collect()
}

/// Where a line and a UTF-16 column stand, in bytes.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let start: usize = text.split('\n').take(line - 1).map(|line| line.len() + 1).sum();
    let mut units = 1;
    let within = text.get(start..).unwrap_or_default().chars().take_while(|c| {
        let before = units < column;
        units += c.len_utf16();
        before
    });
    start + within.map(char::len_utf8).sum::<usize>()
}

/// The text after a repair, which must find what it replaces.
fn repaired(text: &str, repair: &Repair) -> String {
    let Place { line, column, end_line, end_column } = repair.place;
    let (from, to) = (offset(text, line, column), offset(text, end_line, end_column));
    let (before, rest) = text.split_at(from);
    let (replaced, after) = rest.split_at(to - from);
    assert_eq!(replaced, repair.before, "what a repair replaces is there");
    [before, &repair.after, after].concat()
}

/// How many things are told that are as weighty.
fn count(found: &[Diagnostic], severity: Severity) -> usize {
    found.iter().filter(|one| one.severity <= severity).count()
}

/// Repairs after which the text is no better.
fn useless(cluster: &Cluster, text: &str) -> Vec<String> {
    let found = told(cluster, text);
    let mut useless = Vec::new();
    for one in &found {
        for repair in &one.repairs {
            let after = told(cluster, &repaired(text, repair));
            let gone = !after.iter().any(|other| {
                (other.message.as_str(), &other.advice, other.place)
                    == (&one.message, &one.advice, one.place)
            });
            // A fault that hid others may make room for them.
            if !gone
                || (count(&after, one.severity) > count(&found, one.severity) && found.len() > 1)
            {
                useless.push(format!(
                    "{:?} for {:?}: {}",
                    repair.after,
                    one.message,
                    lines(&after)
                ));
            }
        }
    }
    useless
}

#[test]
fn broken_manifests_are_told_and_mended() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/editor/advice.txt");
    let text = std::fs::read_to_string(path).expect("the cases");
    let cluster = world();
    let (head, cases) = text.split_once("## ").expect("a first case");
    let (mut actual, mut complaints) = (head.to_owned(), Vec::new());
    for case in cases.split("## ") {
        let (title, rest) = case.split_once('\n').expect("a title");
        let (manifest, _) = rest.split_once("=>\n").expect("what is told");
        let found = told(&cluster, manifest);
        actual.extend(["## ", title, "\n", manifest, "=>\n", &lines(&found)]);
        complaints
            .extend(useless(&cluster, manifest).into_iter().map(|line| format!("{title}: {line}")));
    }
    assert!(complaints.is_empty(), "repairs that mend nothing:\n{}", complaints.join("\n"));
    if actual != text {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("advice.txt");
        std::fs::write(&path, &actual).expect("a place for what is told");
        panic!("other things are told; compare with {}", path.display());
    }
}

/// The folder of recordings, where there is one.
fn oracle() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/oracle");
    let folder = std::env::var_os("KOBUNE_ORACLE").map_or(beside, PathBuf::from);
    folder.is_dir().then_some(folder)
}

#[test]
fn what_a_real_cluster_refused_is_marked_and_nothing_else() {
    let Some(folder) = oracle() else { return };
    let table = std::fs::read_to_string(folder.join("tables/manifests.jsonl")).expect("the table");
    let cluster = world();
    let mut complaints = Vec::new();
    let (mut with_advice, mut refused) = (0, 0);
    for line in table.lines() {
        let case: serde_json::Value = serde_json::from_str(line).expect("a case");
        let manifest = case["manifest"].as_str().unwrap_or_default();
        let found = told(&cluster, manifest);
        // The table was tried with `--dry-run=server`, which gives out no ports and so lets any number through.
        if found.iter().any(|one| one.message.contains("port is not in the valid range")) {
            continue;
        }
        let errors: Vec<&Diagnostic> =
            found.iter().filter(|one| one.severity == Severity::Error).collect();
        let wanted = case["exit"].as_i64() != Some(0);
        if wanted {
            refused += 1;
            with_advice += usize::from(errors.iter().any(|one| one.advice.is_some()));
        }
        if wanted == errors.is_empty() {
            complaints.push(format!("{manifest}\n{}{}", case["stderr"], lines(&found)));
        }
        complaints.extend(
            useless(&cluster, manifest).into_iter().map(|line| format!("{manifest}\n{line}")),
        );
    }
    assert!(with_advice * 10 >= refused * 9, "{with_advice} of {refused} have a plain sentence");
    assert!(complaints.is_empty(), "{}\n{} in all", complaints.join("\n=====\n"), complaints.len());
}
