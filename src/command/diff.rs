//! `diff`: how two texts differ, line by line. Models GNU diffutils 3, plain and `-u`.
//!
//! *Differs:* where several shortest answers exist, deletions come as early as they can; texts that differ in more than
//! [`CELLS_MAX`] pairs of lines are taken as wholly different between their equal beginnings and ends.

use std::fmt::Write as _;
use std::ops::Range;

use super::tool::{Outcome, Spec, Tool, run, spec};
use crate::shell::Command;

static SPEC: Spec = Spec {
    usage_error: 2,
    ..spec(
        "diff",
        "Usage: diff [OPTION]... FILES\nCompare two FILES line by line.\n\n  -u, -U NUM   unified output, with 3 or NUM lines around\n  -q  only say whether they differ   -s  say so when they are equal\n  -i  ignore case    -w, -b  ignore blanks    -B  (accepted)\n  -r  whole folders  -N  a missing file counts as empty\n",
        "uU:qsiwbBrN",
        &[
            ("unified", 'u'),
            ("brief", 'q'),
            ("report-identical-files", 's'),
            ("ignore-case", 'i'),
            ("ignore-all-space", 'w'),
            ("recursive", 'r'),
            ("new-file", 'N'),
        ],
    )
};

/// `diff`
pub(super) static DIFF: Command = Command {
    name: "diff",
    summary: "show how two files differ",
    run: |invocation| run(&SPEC, invocation, diff),
    complete: |_, _| Vec::new(),
};

/// The largest table of pairs of lines that is filled.
const CELLS_MAX: usize = 4_000_000;

/// A place where two texts differ: lines (from 0) of either, one of which may be none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    old: Range<usize>,
    new: Range<usize>,
}

/// The places where two lists of lines differ, in order.
pub(crate) fn changes(old: &[String], new: &[String]) -> Vec<Change> {
    let start = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let (old_rest, new_rest) = (&old[start..], &new[start..]);
    let end = old_rest.iter().rev().zip(new_rest.iter().rev()).take_while(|(a, b)| a == b).count();
    let (a, b) = (&old_rest[..old_rest.len() - end], &new_rest[..new_rest.len() - end]);
    if a.is_empty() && b.is_empty() {
        return Vec::new();
    }
    let whole = Change { old: start..start + a.len(), new: start..start + b.len() };
    if a.is_empty() || b.is_empty() || a.len().saturating_mul(b.len()) > CELLS_MAX {
        return vec![whole];
    }
    // How long the longest common part of what follows is, for each pair of places.
    let width = b.len() + 1;
    let mut lengths = vec![0_u32; (a.len() + 1) * width];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            lengths[i * width + j] = if a[i] == b[j] {
                lengths[(i + 1) * width + j + 1] + 1
            } else {
                lengths[(i + 1) * width + j].max(lengths[i * width + j + 1])
            };
        }
    }
    let (mut found, mut i, mut j) = (Vec::<Change>::new(), 0, 0);
    while i < a.len() || j < b.len() {
        if i < a.len() && j < b.len() && a[i] == b[j] {
            (i, j) = (i + 1, j + 1);
            continue;
        }
        let deletes = i < a.len()
            && (j == b.len() || lengths[(i + 1) * width + j] >= lengths[i * width + j + 1]);
        let (old_end, new_end) = (start + i, start + j);
        (i, j) = if deletes { (i + 1, j) } else { (i, j + 1) };
        match found.last_mut() {
            Some(last) if last.old.end == old_end && last.new.end == new_end => {
                (last.old.end, last.new.end) = (start + i, start + j);
            }
            _ => found.push(Change { old: old_end..start + i, new: new_end..start + j }),
        }
    }
    found
}

/// `5` or `5,7`, lines counted from 1; an empty range names the line before it.
fn place(range: &Range<usize>) -> String {
    match range.len() {
        0 => range.start.to_string(),
        1 => range.end.to_string(),
        _ => format!("{},{}", range.start + 1, range.end),
    }
}

/// A range in a unified hunk's head.
fn extent(range: &Range<usize>) -> String {
    match range.len() {
        1 => range.end.to_string(),
        0 => format!("{},0", range.start),
        length => format!("{},{length}", range.start + 1),
    }
}

fn line(out: &mut String, mark: &str, text: &str) {
    out.push_str(mark);
    out.push_str(text);
    if !text.ends_with('\n') {
        out.push_str("\n\\ No newline at end of file\n");
    }
}

/// The classic form: `2c2`, `<`, `---`, `>`.
fn plain(old: &[String], new: &[String], changes: &[Change]) -> String {
    let mut out = String::new();
    for change in changes {
        let letter = match (change.old.is_empty(), change.new.is_empty()) {
            (true, _) => 'a',
            (_, true) => 'd',
            _ => 'c',
        };
        writeln!(out, "{}{letter}{}", place(&change.old), place(&change.new))
            .expect("a String takes everything");
        old[change.old.clone()].iter().for_each(|text| line(&mut out, "< ", text));
        if letter == 'c' {
            out.push_str("---\n");
        }
        new[change.new.clone()].iter().for_each(|text| line(&mut out, "> ", text));
    }
    out
}

/// The hunks of the unified form, without the two lines that name the files.
pub(crate) fn unified(old: &[String], new: &[String], changes: &[Change], around: usize) -> String {
    let mut out = String::new();
    let mut rest = changes;
    while let Some(first) = rest.first() {
        // Changes whose surroundings touch stand in one hunk.
        let near =
            rest.windows(2).take_while(|pair| pair[1].old.start - pair[0].old.end <= 2 * around);
        let (hunk, later) = rest.split_at(near.count() + 1);
        rest = later;
        let last = hunk.last().unwrap_or(first);
        let before = around.min(first.old.start).min(first.new.start);
        let after = around.min(old.len() - last.old.end).min(new.len() - last.new.end);
        let olds = first.old.start - before..last.old.end + after;
        let news = first.new.start - before..last.new.end + after;
        writeln!(out, "@@ -{} +{} @@", extent(&olds), extent(&news))
            .expect("a String takes everything");
        let mut at = olds.start;
        for change in hunk {
            old[at..change.old.start].iter().for_each(|text| line(&mut out, " ", text));
            old[change.old.clone()].iter().for_each(|text| line(&mut out, "-", text));
            new[change.new.clone()].iter().for_each(|text| line(&mut out, "+", text));
            at = change.old.end;
        }
        old[at..olds.end].iter().for_each(|text| line(&mut out, " ", text));
    }
    out
}

/// The lines of a text, each with its newline.
pub(crate) fn lines(text: &str) -> Vec<String> {
    text.split_inclusive('\n').map(str::to_owned).collect()
}

async fn diff(tool: Tool) -> Outcome {
    let [old, new] = tool.operands.as_slice() else {
        let problem = match tool.operands.as_slice() {
            [] => "missing operand after 'diff'".to_owned(),
            [one] => format!("missing operand after '{one}'"),
            [.., extra] => format!("extra operand '{extra}'"),
        };
        return tool.misused(&problem, 2);
    };
    let folders = [old, new].map(|name| {
        let path = tool.path(name);
        tool.invocation.sandbox.files(|files| files.is_folder(&path))
    });
    match folders {
        [false, false] => compare(&tool, old, new).await,
        // A file and a folder: the file of that name inside it.
        [false, true] => {
            let inside = format!("{new}/{}", old.rsplit('/').next().unwrap_or_default());
            compare(&tool, old, &inside).await
        }
        [true, false] => {
            let inside = format!("{old}/{}", new.rsplit('/').next().unwrap_or_default());
            compare(&tool, &inside, new).await
        }
        [true, true] => compare_folders(&tool, old, new).await,
    }
}

async fn compare_folders(tool: &Tool, old: &str, new: &str) -> Outcome {
    let names = |folder: &str| {
        let path = tool.path(folder);
        tool.invocation.sandbox.files(|files| {
            let below = files.below(&path).filter(|(_, entry)| entry.bytes.is_some());
            below
                .map(|(name, _)| name.to_owned())
                .filter(|name| tool.has('r') || !name.contains('/'))
                .collect::<Vec<String>>()
        })
    };
    let (olds, news) = (names(old), names(new));
    let mut all: Vec<String> = olds.iter().chain(&news).cloned().collect();
    crate::order::sort(&mut all);
    all.dedup();
    let mut code = 0;
    for name in all {
        let (a, b) = (format!("{old}/{name}"), format!("{new}/{name}"));
        let only = if !news.contains(&name) {
            old
        } else if !olds.contains(&name) {
            new
        } else {
            ""
        };
        if !only.is_empty() && !tool.has('N') {
            tool.print(&format!("Only in {only}: {name}\n"))?;
            code = code.max(1);
            continue;
        }
        let before = tool.print_when_differs(&a, &b);
        code = code.max(compare_with(tool, &a, &b, &before).await?);
    }
    Ok(code)
}

impl Tool {
    /// The line that stands before each pair of files that differ.
    fn print_when_differs(&self, a: &str, b: &str) -> String {
        let flags: String = self
            .given()
            .flat_map(|(letter, value)| [" -".to_owned(), letter.to_string(), value.to_owned()])
            .collect();
        format!("diff{flags} {a} {b}\n")
    }
}

async fn compare(tool: &Tool, old: &str, new: &str) -> Outcome {
    compare_with(tool, old, new, "").await
}

async fn compare_with(tool: &Tool, old: &str, new: &str, before: &str) -> Outcome {
    let mut texts = Vec::new();
    for name in [old, new] {
        match tool.open(name) {
            Ok(input) => {
                texts.push(String::from_utf8_lossy(&input.read_to_end().await).into_owned());
            }
            Err(_) if tool.has('N') => texts.push(String::new()),
            Err(error) => {
                tool.complain(format_args!("{name}: {error}"));
                return Ok(2);
            }
        }
    }
    let (a, b) = (lines(&texts[0]), lines(&texts[1]));
    let fold = |line: &String| {
        let line = if tool.has('i') { line.to_lowercase() } else { line.clone() };
        match (tool.has('w'), tool.has('b')) {
            (true, _) => line.split_whitespace().collect(),
            (_, true) => line.split_whitespace().collect::<Vec<_>>().join(" "),
            _ => line,
        }
    };
    let folded = |lines: &[String]| lines.iter().map(fold).collect::<Vec<String>>();
    let found = changes(&folded(&a), &folded(&b));
    if found.is_empty() {
        if tool.has('s') {
            tool.print(&format!("Files {old} and {new} are identical\n"))?;
        }
        return Ok(0);
    }
    if tool.has('q') {
        tool.print(&format!("Files {old} and {new} differ\n"))?;
        return Ok(1);
    }
    tool.print(before)?;
    if tool.has('u') || tool.has('U') {
        let around = tool.value('U').and_then(|text| text.parse().ok()).unwrap_or(3);
        let stamp = tool.invocation.sandbox.now().format("%Y-%m-%d %H:%M:%S.000000000 +0000");
        tool.print(&format!("--- {old}\t{stamp}\n+++ {new}\t{stamp}\n"))?;
        tool.print(&unified(&a, &b, &found, around))?;
    } else {
        tool.print(&plain(&a, &b, &found))?;
    }
    Ok(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Both forms of the difference of two texts whose lines are letters.
    fn shown(old: &str, new: &str) -> (String, String) {
        let lines = |text: &str| text.chars().map(|c| format!("{c}\n")).collect::<Vec<_>>();
        let (old, new) = (lines(old), lines(new));
        let found = changes(&old, &new);
        let flat = |text: String| text.replace('\n', ";");
        (flat(plain(&old, &new, &found)), flat(unified(&old, &new, &found, 1)))
    }

    #[test]
    fn differences_stand_as_gnu_diff_shows_them() {
        for (old, new, plain, unified) in [
            ("abc", "abc", "", ""),
            ("abc", "axc", "2c2;< b;---;> x;", "@@ -1,3 +1,3 @@; a;-b;+x; c;"),
            ("ab", "abc", "2a3;> c;", "@@ -2 +2,2 @@; b;+c;"),
            ("abc", "bc", "1d0;< a;", "@@ -1,2 +1 @@;-a; b;"),
            ("", "ab", "0a1,2;> a;> b;", "@@ -0,0 +1,2 @@;+a;+b;"),
            (
                "abcdefg",
                "xbcdefy",
                "1c1;< a;---;> x;7c7;< g;---;> y;",
                "@@ -1,2 +1,2 @@;-a;+x; b;@@ -6,2 +6,2 @@; f;-g;+y;",
            ),
        ] {
            assert_eq!(shown(old, new), (plain.to_owned(), unified.to_owned()), "{old} {new}");
        }
    }
}
