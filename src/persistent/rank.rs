//! By what maps order their keys: a number that is quick to compare, and the keys themselves where the numbers are the same.
//!
//! The number of a key in an ordered map goes with the key's order: what has the smaller rank is smaller. That of a key
//! in a table is its hash, which has nothing to do with order, but tells nearly all keys apart.

use std::cmp::Ordering;
use std::net::Ipv4Addr;
use std::sync::Arc;

use crate::time::Time;

/// A key of an ordered map.
pub trait Ranked: Ord {
    /// Of two keys, the one with the smaller rank is the smaller; equal ranks say nothing.
    fn rank(&self) -> u64;

    /// The order of two keys of the same rank.
    fn compare(&self, other: &Self) -> Ordering {
        self.cmp(other)
    }
}

/// A key of a table.
pub trait Hashed: Ord {
    /// The same for equal keys, and for hardly any others.
    fn hash(&self) -> u64;
}

/// How a map orders its keys.
pub trait Order<Q: ?Sized> {
    /// What is compared first.
    fn rank(key: &Q) -> u64;
    /// What decides where ranks are the same.
    fn compare(one: &Q, other: &Q) -> Ordering;
}

/// By the keys' own order.
#[derive(Debug)]
pub struct Sorted;

/// By the keys' hashes.
#[derive(Debug)]
pub struct ByHash;

impl<Q: Ranked + ?Sized> Order<Q> for Sorted {
    fn rank(key: &Q) -> u64 {
        key.rank()
    }

    fn compare(one: &Q, other: &Q) -> Ordering {
        one.compare(other)
    }
}

impl<Q: Hashed + ?Sized> Order<Q> for ByHash {
    fn rank(key: &Q) -> u64 {
        key.hash()
    }

    fn compare(one: &Q, other: &Q) -> Ordering {
        one.cmp(other)
    }
}

/// A text's first eight bytes.
impl Ranked for str {
    fn rank(&self) -> u64 {
        let bytes = self.as_bytes();
        bytes.first_chunk().map_or_else(
            || bytes.iter().zip((0..8).rev()).map(|(byte, at)| u64::from(*byte) << (8 * at)).sum(),
            |first| u64::from_be_bytes(*first),
        )
    }
}

impl Ranked for String {
    fn rank(&self) -> u64 {
        self.as_str().rank()
    }
}

impl<T: Ranked + ?Sized> Ranked for Arc<T> {
    fn rank(&self) -> u64 {
        (**self).rank()
    }
}

impl<T: Ranked + ?Sized> Ranked for &T {
    fn rank(&self) -> u64 {
        (**self).rank()
    }
}

impl Ranked for u64 {
    fn rank(&self) -> u64 {
        *self
    }
}

impl Ranked for u32 {
    fn rank(&self) -> u64 {
        (*self).into()
    }
}

impl Ranked for u16 {
    fn rank(&self) -> u64 {
        (*self).into()
    }
}

impl Ranked for usize {
    fn rank(&self) -> u64 {
        *self as u64
    }
}

impl Ranked for Ipv4Addr {
    fn rank(&self) -> u64 {
        u32::from(*self).into()
    }
}

impl Ranked for Time {
    fn rank(&self) -> u64 {
        // Negative ones come first.
        self.micros().cast_unsigned() ^ 1 << 63
    }
}

impl<A: Ranked, B: Ord> Ranked for (A, B) {
    fn rank(&self) -> u64 {
        self.0.rank()
    }
}

impl<A: Ranked, B: Ord, C: Ord, D: Ord, E: Ord> Ranked for (A, B, C, D, E) {
    fn rank(&self) -> u64 {
        self.0.rank()
    }
}

/// The hash of some texts, one after another: eight bytes at a time, by Firefox's multiplication.
pub fn hash_of<'a>(seed: u64, texts: impl IntoIterator<Item = &'a str>) -> u64 {
    let mix =
        |hash: u64, word: u64| (hash.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95);
    texts.into_iter().fold(seed, |hash, text| {
        let (words, rest) = text.as_bytes().as_chunks::<8>();
        let hash = words.iter().fold(hash, |hash, word| mix(hash, u64::from_le_bytes(*word)));
        let last = rest.iter().fold(text.len() as u64, |last, byte| last << 8 | u64::from(*byte));
        mix(hash, last)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_go_with_the_order() {
        let texts = ["", "\0", "a", "a\0", "a1", "node-1", "node-100", "node-1000", "web", "é"];
        for (one, other) in texts.iter().flat_map(|one| texts.map(|other| (*one, other))) {
            if one.rank() < other.rank() {
                assert!(one < other, "{one:?} {other:?}");
            }
        }
        assert!("node-1".rank() < "node-100".rank());
    }

    #[test]
    fn hashes_tell_texts_apart() {
        let texts = ["", "a", "b", "ab", "web-12345", "web-12346", "web-123456789012", "web-\0"];
        let hashes: std::collections::BTreeSet<u64> =
            texts.iter().map(|text| hash_of(1, [*text])).collect();
        assert_eq!(hashes.len(), texts.len());
        assert_ne!(hash_of(1, ["ab", "c"]), hash_of(1, ["a", "bc"]));
    }
}
