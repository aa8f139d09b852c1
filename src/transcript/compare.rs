//! When a replayed transcript matches the recorded one.
//!
//! A recorded line is a pattern: runs of blanks match runs of blanks, a placeholder (`<age>`, `<rnd>`, `<node>`...) what
//! it stands for, a name's hash any hash; everything else itself. Lines stand in order, or in any order where the
//! recorded text holds what chance decides. Lines about pulling an image do not count: they depend on what ran before.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use regex_lite::Regex;

use super::{Step, Transcript};

use crate::order;

/// The letters of random suffixes and hashes (apimachinery `pkg/util/rand`).
const SUFFIX: &str = "[bcdfghjklmnpqrstvwxz2456789]";
const SUFFIX_LETTERS: &str = "bcdfghjklmnpqrstvwxz2456789";

/// Placeholders and what they match.
const PLACES: &[(&str, &str)] = &[
    ("age", r"(?:[0-9]+[smhdy](?:[0-9]+[smhd])?|<unknown>|<invalid>)"),
    ("dur", r"[0-9.]+(?:[a-zµ]+[0-9.]*)*"),
    (
        "time",
        r#"(?:[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d [+-]\d{4}|"?\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)"?|\d\d:\d\d:\d\d)"#,
    ),
    ("uid", r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"),
    ("rv", r#""?\d+"?"#),
    ("ip", r"(?:\d{1,3}\.){3}\d{1,3}"),
    ("npt", r"\d{5}"),
    ("id", r"[0-9a-z:/.-]+"),
    ("minute", r"\d+"),
    ("node", r"[a-z0-9-]+"),
    ("rnd", "[bcdfghjklmnpqrstvwxz2456789]{5}"),
    ("n", r"\d+"),
    ("kubeconfig", r"\S+"),
    ("log", r".*?"),
];

/// Lines that contain one of these do not count.
const PULL: [&str; 3] =
    ["Pulling image", "Successfully pulled image", "already present on machine"];

/// What became of one step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The command, `watch NAME`, or `events`.
    pub label: String,
    /// Whether it matched.
    pub matched: bool,
}

/// A part of a recorded line.
enum Token<'a> {
    /// Stands for itself.
    Text(&'a str),
    /// Blanks.
    Blank,
    /// A placeholder's pattern.
    Place(&'static str),
    /// The hash in a name.
    Hash,
}

/// Takes a recorded line apart.
fn tokens(line: &str) -> Vec<Token<'_>> {
    let (mut tokens, mut plain, mut at) = (Vec::new(), 0, 0);
    while let Some(rest) = line.get(at..).filter(|rest| !rest.is_empty()) {
        let before = line.get(..at).unwrap_or_default();
        let found = placeholder(rest)
            .map(|(length, place)| (length, Token::Place(place)))
            .or_else(|| hash(before, rest).map(|length| (length, Token::Hash)))
            .or_else(|| {
                let blanks = rest.len() - rest.trim_start().len();
                (blanks > 0).then_some((blanks, Token::Blank))
            });
        let length = found
            .as_ref()
            .map_or_else(|| rest.chars().next().map_or(1, char::len_utf8), |(length, _)| *length);
        if let Some((_, token)) = found {
            tokens.push(Token::Text(line.get(plain..at).unwrap_or_default()));
            tokens.push(token);
            plain = at + length;
        }
        at += length;
    }
    tokens.push(Token::Text(line.get(plain..).unwrap_or_default()));
    tokens
}

/// The placeholder at a text's start: its length and pattern. `<r01>` is a random suffix like `<rnd>`.
fn placeholder(rest: &str) -> Option<(usize, &'static str)> {
    let (name, _) = rest.strip_prefix('<')?.split_once('>')?;
    let numbered = name
        .strip_prefix('r')
        .filter(|digits| !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit()));
    let name = if numbered.is_some() { "rnd" } else { name };
    let (_, place) = PLACES.iter().find(|(known, _)| *known == name)?;
    let (inside, _) = rest.strip_prefix('<')?.split_once('>')?;
    Some((inside.len() + 2, place))
}

/// The length of the hash that follows a hyphen: 6 to 10 letters of the suffix alphabet, and then no letter or digit.
fn hash(before: &str, rest: &str) -> Option<usize> {
    if !before.ends_with('-') {
        return None;
    }
    let length = rest.chars().take_while(|c| SUFFIX_LETTERS.contains(*c)).count();
    let next = rest.chars().nth(length);
    let ends = next.is_none_or(|c| !(c.is_ascii_lowercase() || c.is_ascii_digit()));
    ((6..=10).contains(&length) && ends).then_some(length)
}

/// One recorded line as a pattern.
struct Pattern(Regex);

impl Pattern {
    fn new(line: &str) -> Self {
        let mut pattern = String::from("^(?:");
        for token in tokens(line) {
            match token {
                Token::Text(text) => pattern.push_str(&regex_lite::escape(text)),
                Token::Blank => pattern.push_str(r"\s+"),
                Token::Place(place) => pattern.push_str(place),
                Token::Hash => {
                    write!(pattern, "{SUFFIX}{{6,10}}").expect("a String takes everything");
                }
            }
        }
        pattern.push_str(")$");
        // A line too long for a pattern matches nothing, which is seen as a difference.
        Self(
            Regex::new(&pattern)
                .unwrap_or_else(|_too_long| Regex::new("^.^").expect("a valid pattern")),
        )
    }

    fn matches(&self, line: &str) -> bool {
        self.0.is_match(line)
    }
}

/// Whether chance has a say in a recorded text, so that its lines may stand in another order.
fn by_chance(text: &str) -> bool {
    let (suffix, node) = (place_of("rnd"), place_of("node"));
    text.lines().flat_map(tokens).any(|token| match token {
        Token::Hash => true,
        Token::Place(place) => place == suffix || place == node,
        Token::Text(_) | Token::Blank => false,
    })
}

fn place_of(name: &str) -> &'static str {
    PLACES.iter().find(|(known, _)| *known == name).map_or("", |(_, place)| place)
}

fn is_pull(line: &str) -> bool {
    PULL.iter().any(|words| line.contains(words))
}

/// The lines that count, without trailing blanks.
fn counted_lines(text: &str) -> Vec<&str> {
    text.trim_end_matches('\n')
        .split('\n')
        .map(str::trim_end)
        .filter(|line| !is_pull(line))
        .collect()
}

/// Whether one text matches.
pub fn same_text(recorded: &str, actual: &str) -> bool {
    let (wanted, lines) = (counted_lines(recorded), counted_lines(actual));
    if wanted.len() != lines.len() {
        return false;
    }
    let patterns: Vec<Pattern> = wanted.iter().map(|line| Pattern::new(line)).collect();
    patterns.iter().zip(&lines).all(|(pattern, line)| pattern.matches(line))
        || (by_chance(recorded) && pair_up(&patterns, &lines))
}

/// Whether every recorded line finds an actual line of its own: a perfect matching, by augmenting paths.
fn pair_up(patterns: &[Pattern], lines: &[&str]) -> bool {
    let can: Vec<Vec<usize>> = patterns
        .iter()
        .map(|pattern| (0..lines.len()).filter(|at| pattern.matches(lines[*at])).collect())
        .collect();
    let mut owner: Vec<Option<usize>> = vec![None; lines.len()];
    (0..patterns.len()).all(|start| place(start, &can, &mut owner))
}

/// Finds a line for a pattern, moving the patterns that hold the lines it could have; breadth first.
fn place(start: usize, can: &[Vec<usize>], owner: &mut [Option<usize>]) -> bool {
    let mut came_from: Vec<Option<usize>> = vec![None; owner.len()];
    let mut seen = vec![false; owner.len()];
    let mut frontier = vec![start];
    while let Some(pattern) = frontier.pop() {
        for &line in &can[pattern] {
            if std::mem::replace(&mut seen[line], true) {
                continue;
            }
            came_from[line] = Some(pattern);
            if let Some(holder) = owner[line] {
                frontier.push(holder);
                continue;
            }
            // A free line: each pattern on the way takes the line it was reached for.
            let mut free = line;
            while let Some(pattern) = came_from[free] {
                let given_up = owner.iter().position(|holder| *holder == Some(pattern));
                owner[free] = Some(pattern);
                match given_up {
                    Some(line) => free = line,
                    None => return true,
                }
            }
            return true;
        }
    }
    false
}

/// Whether two lists of Events say the same, whatever their order and repetition.
fn same_events(recorded: &[String], actual: &[String]) -> bool {
    let counted = |events: &[String]| -> Vec<String> {
        events.iter().filter(|event| !is_pull(event)).cloned().collect()
    };
    let (recorded, actual) = (counted(recorded), counted(actual));
    let patterns: Vec<Pattern> = recorded.iter().map(|event| Pattern::new(event)).collect();
    patterns.iter().all(|pattern| actual.iter().any(|event| pattern.matches(event)))
        && actual.iter().all(|event| patterns.iter().any(|pattern| pattern.matches(event)))
}

/// What counts of a rollout: how it ended, and the bounds it kept to.
#[derive(Debug, PartialEq, Eq)]
struct Rollout {
    end: BTreeMap<String, i64>,
    replica_sets: Vec<(i64, i64)>,
    most_replicas: i64,
    least_available: i64,
}

fn rollout(sequence: &[String]) -> Option<Rollout> {
    let mut sets: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
    let mut deployment: Vec<BTreeMap<String, i64>> = Vec::new();
    for state in sequence {
        let (kind, rest) = state.split_once('/')?;
        let (name, values) = rest.split_once(' ')?;
        let values: BTreeMap<String, i64> = values
            .split(' ')
            .filter_map(|pair| pair.split_once('='))
            .map(|(key, value)| value.parse().map(|value| (key.to_owned(), value)))
            .collect::<Result<_, _>>()
            .ok()?;
        if kind == "deployment" {
            deployment.push(values);
        } else {
            sets.entry(name).or_default().push(*values.get("spec")?);
        }
    }
    let mut replica_sets: Vec<(i64, i64)> =
        sets.values().filter_map(|specs| Some((*specs.first()?, *specs.last()?))).collect();
    order::sort(&mut replica_sets);
    let of = |key: &str| {
        deployment.iter().filter_map(|values| values.get(key).copied()).collect::<Vec<_>>()
    };
    Some(Rollout {
        end: deployment.last()?.clone(),
        replica_sets,
        most_replicas: of("replicas").into_iter().max()?,
        least_available: of("available").into_iter().min()?,
    })
}

fn same_sequence(recorded: &[String], actual: &[String]) -> bool {
    let (Some(recorded), Some(actual)) = (rollout(recorded), rollout(actual)) else { return false };
    recorded.end == actual.end
        && recorded.replica_sets == actual.replica_sets
        && actual.most_replicas <= recorded.most_replicas
        && actual.least_available >= recorded.least_available
}

/// Lays a replay beside the recording: one verdict for each step that counts, in order, and one for the Events.
pub fn compare(recorded: &Transcript, replayed: &Transcript) -> Vec<Verdict> {
    let mut steps = replayed.steps.iter().filter(|step| step.counts());
    let mut verdicts: Vec<Verdict> = recorded
        .steps
        .iter()
        .filter(|step| step.counts())
        .map(|wanted| {
            let actual = steps.next();
            match (&wanted.run, &wanted.watch_end) {
                (Some(run), _) => Verdict {
                    label: run.clone(),
                    matched: actual.is_some_and(|actual| same_run(wanted, actual)),
                },
                (None, name) => Verdict {
                    label: format!("watch {}", name.as_deref().unwrap_or_default()),
                    matched: actual
                        .is_some_and(|actual| same_sequence(&wanted.sequence, &actual.sequence)),
                },
            }
        })
        .collect();
    if let Some(events) = &recorded.events {
        let matched = same_events(events, replayed.events.as_deref().unwrap_or_default());
        verdicts.push(Verdict { label: "events".to_owned(), matched });
    }
    verdicts
}

fn same_run(wanted: &Step, actual: &Step) -> bool {
    let Some(stdout) = &actual.stdout else { return false };
    same_text(wanted.stdout.as_deref().unwrap_or_default(), stdout)
        && same_text(&wanted.stderr, &actual.stderr)
        && wanted.exit == actual.exit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recorded_line_is_a_pattern() {
        for (recorded, actual, want) in [
            ("NAME   AGE", "NAME          AGE", true),
            ("web   1/1   <age>", "web 1/1 12s", true),
            ("web 1/1 <age>", "web 1/1 3d4h", true),
            ("web 1/1 <age>", "web 1/1 old", false),
            ("web 1/1 <age>  ", "web 1/1 <unknown>", true),
            ("web-5d78c9869d-<r01>", "web-7c5ddbdf54-x2kqp", true),
            ("web-5d78c9869d", "web-frontend", false),
            ("web-5d78c", "web-5d78x", false),
            ("<ip>:80", "10.244.1.7:80", true),
            ("<none>", "<none>", true),
            ("port <npt>", "port 3123", false),
            ("took <dur> (<time>)", "took 1.5s (2026-11-21T10:00:00Z)", true),
            ("rv <rv>", "rv \"4711\"", true),
            ("a.c", "abc", false),
            ("log: <log>", "log: anything at all", true),
            ("a\nPulling image x\nb", "a\nb", true),
            ("a\n\n", "a", true),
            ("a", "a\nextra", false),
            // Order is free only where chance has a say.
            ("a\nb", "b\na", false),
            ("p-<r01> node-1\np-<r02> node-2", "p-x2kqp node-2\np-bcdfg node-1", true),
            ("p-<rnd> a\np-<rnd> <log>", "p-x2kqp b\np-bcdfg a", true),
            ("p-<rnd> a\np-<rnd> a", "p-x2kqp b\np-bcdfg a", false),
            ("on <node>\nlast", "last\non node-3", true),
        ] {
            assert_eq!(same_text(recorded, actual), want, "{recorded:?} against {actual:?}");
        }
    }

    #[test]
    fn events_are_a_set() {
        let list =
            |events: &[&str]| events.iter().map(|event| (*event).to_owned()).collect::<Vec<_>>();
        let recorded = list(&[
            "Normal Scheduled pod/web-<rnd>: to <node>",
            "Normal Pulling pod/x: Pulling image \"a\"",
        ]);
        assert!(same_events(
            &recorded,
            &list(&[
                "Normal Scheduled pod/web-bcdfg: to node-1",
                "Normal Scheduled pod/web-x2kqp: to node-2"
            ])
        ));
        assert!(!same_events(
            &recorded,
            &list(&["Normal Scheduled pod/web-x2kqp: to node-2", "Normal Killing pod/a: b"])
        ));
        assert!(!same_events(&recorded, &[]));
    }

    #[test]
    fn a_rollout_is_judged_by_its_end_and_its_bounds() {
        let list =
            |states: &[&str]| states.iter().map(|state| (*state).to_owned()).collect::<Vec<_>>();
        let recorded = list(&[
            "replicaset/a-5d78c9869d spec=2 replicas=2 ready=2 available=2",
            "deployment/a spec=2 replicas=2 updated=2 ready=2 available=2 unavailable=0",
            "deployment/a spec=2 replicas=3 updated=1 ready=2 available=2 unavailable=1",
            "replicaset/a-5d78c9869d spec=0 replicas=0 ready=0 available=0",
            "deployment/a spec=2 replicas=2 updated=2 ready=2 available=2 unavailable=0",
        ]);
        assert!(same_sequence(&recorded, &recorded));
        let mut other = recorded.clone();
        other.remove(2);
        assert!(same_sequence(&recorded, &other), "fewer Pods on the way are fine");
        other.insert(
            2,
            "deployment/a spec=2 replicas=3 updated=1 ready=1 available=1 unavailable=2".to_owned(),
        );
        assert!(!same_sequence(&recorded, &other), "fewer available ones are not");
        assert!(!same_sequence(&recorded, &[]));
    }
}
