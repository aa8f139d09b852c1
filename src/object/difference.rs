//! The difference of two texts, line by line, in the unified form without names of files.
//!
//! Models pmezard/go-difflib `GetUnifiedDiffString` with three lines of context, for texts of some hundred lines; among
//! differences of the same length it may choose another.

use std::fmt::Write as _;

/// Lines around a change.
const CONTEXT: usize = 3;
/// A part between the ends that both have in common may have at most so many lines of either for them to be paired.
const LINES_MAX: usize = 2000;

/// A run of lines: from where to where in the old text, and in the new one.
struct Run {
    equal: bool,
    old: std::ops::Range<usize>,
    new: std::ops::Range<usize>,
}

/// How the new text differs from the old one; empty if it does not.
pub(super) fn unified(old: &str, new: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.split('\n').collect(), new.split('\n').collect());
    let runs = runs(&old, &new);
    let mut out = String::new();
    let mut hunk: Vec<Run> = Vec::new();
    let last = runs.len();
    for (index, run) in runs.into_iter().enumerate() {
        if !run.equal {
            hunk.push(run);
            continue;
        }
        let count = run.old.len();
        let (first, closes) = (hunk.is_empty(), index + 1 == last || count > 2 * CONTEXT);
        if !first {
            let kept = if closes { count.min(CONTEXT) } else { count };
            hunk.push(part(&run, 0, kept));
        }
        if closes && !first {
            write_hunk(&mut out, &hunk, &old, &new);
            hunk.clear();
        }
        if hunk.is_empty() {
            hunk.push(part(&run, count.saturating_sub(CONTEXT), count));
        }
    }
    if hunk.iter().any(|run| !run.equal) {
        write_hunk(&mut out, &hunk, &old, &new);
    }
    out
}

/// The lines of an equal run from one place in it to another.
fn part(run: &Run, from: usize, to: usize) -> Run {
    let of = |range: &std::ops::Range<usize>| range.start + from..range.start + to;
    Run { equal: true, old: of(&run.old), new: of(&run.new) }
}

/// The runs of equal and of changed lines, in turn.
fn runs(old: &[&str], new: &[&str]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut add = |equal: bool, old: std::ops::Range<usize>, new: std::ops::Range<usize>| {
        if old.is_empty() && new.is_empty() {
            return;
        }
        match runs.last_mut() {
            Some(run) if run.equal == equal => {
                run.old.end = old.end;
                run.new.end = new.end;
            }
            _ => runs.push(Run { equal, old, new }),
        }
    };
    let same = |(a, b): &(&&str, &&str)| a == b;
    let before = old.iter().zip(new).take_while(same).count();
    let (old_rest, new_rest) = (&old[before..], &new[before..]);
    let after = old_rest.iter().rev().zip(new_rest.iter().rev()).take_while(same).count();
    add(true, 0..before, 0..before);
    let (old_end, new_end) = (old.len() - after, new.len() - after);
    let (old_middle, new_middle) = (&old[before..old_end], &new[before..new_end]);
    let (mut at, mut to) = (0, 0);
    for (one, other) in pairs(old_middle, new_middle) {
        add(false, before + at..before + one, before + to..before + other);
        add(true, before + one..before + one + 1, before + other..before + other + 1);
        (at, to) = (one + 1, other + 1);
    }
    add(false, before + at..old_end, before + to..new_end);
    add(true, old_end..old.len(), new_end..new.len());
    runs
}

/// The longest common subsequence, as pairs of places.
fn pairs(old: &[&str], new: &[&str]) -> Vec<(usize, usize)> {
    if old.len().max(new.len()) > LINES_MAX {
        return Vec::new();
    }
    let width = new.len() + 1;
    let mut lengths = vec![0_u32; (old.len() + 1) * width];
    for (row, one) in old.iter().enumerate().rev() {
        for (column, other) in new.iter().enumerate().rev() {
            let at = row * width + column;
            lengths[at] = if one == other {
                lengths[at + width + 1] + 1
            } else {
                lengths[at + width].max(lengths[at + 1])
            };
        }
    }
    let (mut row, mut column, mut found) = (0, 0, Vec::new());
    while row < old.len() && column < new.len() {
        let at = row * width + column;
        if old[row] == new[column] {
            found.push((row, column));
            (row, column) = (row + 1, column + 1);
        } else if lengths[at + width] >= lengths[at + 1] {
            row += 1;
        } else {
            column += 1;
        }
    }
    found
}

fn write_hunk(out: &mut String, hunk: &[Run], old: &[&str], new: &[&str]) {
    let (Some(first), Some(last)) = (hunk.first(), hunk.last()) else { return };
    let range = |from: usize, to: usize| match to - from {
        1 => format!("{}", from + 1),
        0 => format!("{from},0"),
        length => format!("{},{length}", from + 1),
    };
    let (before, after) =
        (range(first.old.start, last.old.end), range(first.new.start, last.new.end));
    let mut line = |sign: char, text: &str| {
        writeln!(out, "{sign}{text}").expect("a String takes everything");
    };
    line('@', &format!("@ -{before} +{after} @@"));
    for run in hunk {
        if run.equal {
            old[run.old.clone()].iter().for_each(|text| line(' ', text));
        } else {
            old[run.old.clone()].iter().for_each(|text| line('-', text));
            new[run.new.clone()].iter().for_each(|text| line('+', text));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hunks_with_their_context() {
        let text = |lines: &str| lines.split(' ').collect::<Vec<_>>().join("\n");
        for (old, new, expected) in [
            ("a b c", "a b c", ""),
            ("a b c", "a x c", "@@ -1,3 +1,3 @@ | a|-b|+x| c|"),
            ("a b", "a b c", "@@ -1,2 +1,3 @@ | a| b|+c|"),
            (
                "1 2 3 4 5 6 7 8 9 10",
                "1 2 3 4 x 6 7 8 9 10",
                "@@ -2,7 +2,7 @@ | 2| 3| 4|-5|+x| 6| 7| 8|",
            ),
            (
                "1 2 3 4 5 6 7 8 9 10",
                "x 2 3 4 5 6 7 8 9 y",
                "@@ -1,4 +1,4 @@ |-1|+x| 2| 3| 4|@@ -7,4 +7,4 @@ | 7| 8| 9|-10|+y|",
            ),
            (
                "1 2 3 4 5 6 7 8",
                "x 2 3 4 5 6 7 y",
                "@@ -1,8 +1,8 @@ |-1|+x| 2| 3| 4| 5| 6| 7|-8|+y|",
            ),
        ] {
            let found = unified(&text(old), &text(new)).replace('\n', "|");
            assert_eq!(found, expected.replace("@@ |", "@@|"), "{old} to {new}");
        }
    }
}
