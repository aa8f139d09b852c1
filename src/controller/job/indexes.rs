//! Completion indexes: sets of numbers that are written `0,2-5,9`.
//!
//! Intervals are in order and do not touch. Models `orderedIntervals` of kubernetes
//! `pkg/controller/job/indexed_job_utils.go`.

use std::fmt;

use crate::order;

/// A set of indexes as its intervals, both ends included.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Indexes(Vec<(i64, i64)>);

impl Indexes {
    /// Reads the form in which a status holds them; what is malformed or not below `completions` does not count.
    pub(super) fn parse(text: &str, completions: i64) -> Self {
        let mut found = Vec::new();
        for part in text.split(',') {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let (Ok(first), Ok(last)) = (first.parse::<i64>(), last.parse::<i64>()) else {
                continue;
            };
            if first >= completions {
                break;
            }
            found.push((first, last.min(completions - 1)));
        }
        Self(joined(found))
    }

    /// These and others.
    #[must_use]
    pub(super) fn with(&self, others: impl IntoIterator<Item = i64>) -> Self {
        let others = others.into_iter().map(|index| (index, index));
        Self(joined(self.0.iter().copied().chain(others).collect()))
    }

    /// Both sets together.
    #[must_use]
    pub(super) fn and(&self, others: &Self) -> Self {
        Self(joined(self.0.iter().chain(&others.0).copied().collect()))
    }

    /// How many there are.
    pub(super) fn total(&self) -> i64 {
        self.0.iter().map(|(first, last)| last - first + 1).sum()
    }

    /// How many are in both sets.
    pub(super) fn common(&self, others: &Self) -> i64 {
        let overlap = |(first, last): (i64, i64)| {
            let of = |other: &(i64, i64)| (last.min(other.1) - first.max(other.0) + 1).max(0);
            others.0.iter().map(of).sum::<i64>()
        };
        self.0.iter().copied().map(overlap).sum()
    }

    pub(super) fn has(&self, index: i64) -> bool {
        self.0.iter().any(|(first, last)| (*first..=*last).contains(&index))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The first so many indexes below `completions` that are not here.
    pub(super) fn first_missing(&self, count: usize, completions: i64) -> Vec<i64> {
        let (mut missing, mut candidate) = (Vec::new(), 0);
        for (first, last) in self.0.iter().copied().chain([(completions, completions)]) {
            while missing.len() < count && candidate < first.min(completions) {
                missing.push(candidate);
                candidate += 1;
            }
            candidate = candidate.max(last + 1);
        }
        missing
    }
}

/// Intervals in order, those that overlap or touch made one.
fn joined(mut intervals: Vec<(i64, i64)>) -> Vec<(i64, i64)> {
    order::sort(&mut intervals);
    let mut joined: Vec<(i64, i64)> = Vec::new();
    for (first, last) in intervals {
        match joined.last_mut() {
            Some(before) if first <= before.1 + 1 => before.1 = before.1.max(last),
            _ => joined.push((first, last)),
        }
    }
    joined
}

impl fmt::Display for Indexes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = |(first, last): &(i64, i64)| match last - first {
            0 => first.to_string(),
            1 => format!("{first},{last}"),
            _ => format!("{first}-{last}"),
        };
        f.write_str(&self.0.iter().map(part).collect::<Vec<_>>().join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn read_joined_and_written() {
        for (text, completions, written, total) in [
            ("", 5, "", 0),
            ("0,1,2,4", 9, "0-2,4", 4),
            ("0-2,4", 2, "0,1", 2),
            ("3,x,5-y,7", 9, "3,7", 2),
        ] {
            let indexes = Indexes::parse(text, completions);
            assert_eq!((indexes.to_string().as_str(), indexes.total()), (written, total), "{text}");
        }
        let indexes = Indexes::parse("0,4-6", 10).with([1, 5, 9]);
        assert_eq!(indexes.to_string(), "0,1,4-6,9");
        assert!(indexes.has(6) && !indexes.has(7));
        assert_eq!(indexes.common(&Indexes::parse("1-5", 10)), 3);
    }

    #[test]
    fn what_is_missing_comes_in_order() {
        let indexes = Indexes::parse("1-2,5", 8);
        assert_eq!(indexes.first_missing(3, 8), [0, 3, 4]);
        assert_eq!(indexes.first_missing(9, 8), [0, 3, 4, 6, 7]);
        assert_eq!(indexes.first_missing(9, 4), [0, 3]);
        assert!(indexes.first_missing(0, 8).is_empty());
    }
}
