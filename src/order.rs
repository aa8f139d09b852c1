//! Putting things in order: sorts, and maps and sets from what comes in any order.
//!
//! `std` writes its sort into the program once for every type and every comparison, 4 kB of wasm each time, and its
//! `collect` into a `BTreeMap` or `BTreeSet` holds another such sort for each place that calls it (230 kB in all,
//! measured). Here the sort is there once, on positions; what is there for every type only moves elements. All sorts
//! are stable. `clippy.toml` sends here who calls the others.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

/// Sorts elements.
pub fn sort<T: Ord>(elements: &mut [T]) {
    sort_by(elements, T::cmp);
}

/// Sorts elements as `compare` says.
pub fn sort_by<T>(elements: &mut [T], compare: impl Fn(&T, &T) -> Ordering) {
    let order = |left: usize, right: usize| compare(&elements[left], &elements[right]);
    for (one, other) in swaps(elements.len(), &order) {
        elements.swap(one, other);
    }
}

/// Sorts elements by what `key` says of each.
pub fn sort_by_key<T, K: Ord>(elements: &mut [T], key: impl Fn(&T) -> K) {
    sort_by(elements, |left, right| key(left).cmp(&key(right)));
}

/// A map of entries; of several with one key the last one stays.
pub fn map<K: Ord, V>(entries: impl IntoIterator<Item = (K, V)>) -> BTreeMap<K, V> {
    let mut map = BTreeMap::new();
    for (key, value) in entries {
        map.insert(key, value);
    }
    map
}

/// A JSON object of entries; of several with one key the last one stays.
pub fn json(entries: impl IntoIterator<Item = (String, Value)>) -> Map<String, Value> {
    let mut object = Map::new();
    for (key, value) in entries {
        object.insert(key, value);
    }
    object
}

/// A set of elements.
pub fn set<T: Ord>(elements: impl IntoIterator<Item = T>) -> BTreeSet<T> {
    let mut set = BTreeSet::new();
    for element in elements {
        set.insert(element);
    }
    set
}

/// The swaps, one after the other, that sort so many elements.
fn swaps(len: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<(usize, usize)> {
    let mut order: Vec<usize> = (0..len).collect();
    #[expect(clippy::disallowed_methods, reason = "this is the one sort")]
    order.sort_by(|left, right| compare(*left, *right));
    let mut swaps = Vec::new();
    for first in 0..len {
        // What belongs here stands elsewhere, and what belongs there again elsewhere, until the circle closes.
        let mut at = first;
        while order[at] != first {
            let from = std::mem::replace(&mut order[at], at);
            swaps.push((at, from));
            at = from;
        }
        order[at] = at;
    }
    swaps
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "std's sort is what this one is compared with")]
    fn it_sorts_as_std_does_and_keeps_the_order_of_equals() {
        let mut random = Random::new(3).split("order");
        for len in [0, 1, 2, 3, 10, 100, 1_000] {
            for of in [1, 7, 10_000] {
                let elements: Vec<(usize, usize)> =
                    (0..len).map(|number| (random.below(of), number)).collect();
                let (mut ours, mut theirs) = (elements.clone(), elements.clone());
                sort_by_key(&mut ours, |(key, _)| *key);
                theirs.sort_by_key(|(key, _)| *key);
                assert_eq!(ours, theirs);
                sort(&mut ours);
                theirs.sort_unstable();
                assert_eq!(ours, theirs);
            }
        }
    }

    #[test]
    fn the_last_of_several_entries_stays() {
        assert_eq!(
            map([(2, 'a'), (1, 'b'), (2, 'c')]).into_iter().collect::<Vec<_>>(),
            [(1, 'b'), (2, 'c')]
        );
        assert_eq!(set([2, 1, 2]).into_iter().collect::<Vec<_>>(), [1, 2]);
    }
}
