//! Where an object stands in the store: kind, namespace, name. Ordered as etcd orders its keys.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use super::Kind;
use crate::persistent::{Hashed, Ranked, hash_of};

/// A name shared by everyone who holds it.
pub type Name = Arc<str>;

/// The identity of an object among those of its time (its uid tells it from a later one of the same name).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// That of all the rest.
    hash: u64,
    /// The kind.
    pub kind: Kind,
    /// The namespace; empty for kinds that have none.
    pub namespace: Name,
    /// The name.
    pub name: Name,
}

impl Key {
    /// A key in a namespace.
    pub fn new(kind: Kind, namespace: impl Into<Name>, name: impl Into<Name>) -> Self {
        let (namespace, name) = (namespace.into(), name.into());
        Self { hash: Self::hash(kind, &namespace, &name), kind, namespace, name }
    }

    fn hash(kind: Kind, namespace: &str, name: &str) -> u64 {
        let place = kind.place() as u64;
        match kind {
            Kind::Custom(info) => hash_of(place, [info.plural, info.group, namespace, name]),
            _ => hash_of(place, [namespace, name]),
        }
    }

    /// A key of a kind that has no namespaces.
    pub fn cluster(kind: Kind, name: impl Into<Name>) -> Self {
        Self::new(kind, "", name)
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        self.kind
            .cmp(&other.kind)
            .then_with(|| compare(&self.namespace, &other.namespace))
            .then_with(|| compare(&self.name, &other.name))
    }
}

/// The kind, and the namespace's first seven bytes; of a kind that is defined, those of its name.
impl Ranked for Key {
    fn rank(&self) -> u64 {
        let rank = match self.kind {
            Kind::Custom(info) => info.plural.rank(),
            _ => self.namespace.rank(),
        };
        (self.kind.place() as u64) << 56 | rank >> 8
    }

    fn compare(&self, other: &Self) -> Ordering {
        let (one, two) = (self.namespace.len(), other.namespace.len());
        if one == two && one < 8 && !matches!(self.kind, Kind::Custom(_)) {
            // The rank holds all of the namespace.
            return compare(&self.name, &other.name);
        }
        self.cmp(other)
    }
}

impl Hashed for Key {
    fn hash(&self) -> u64 {
        self.hash
    }
}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The order of two texts by their bytes, eight at a time: names in a store begin alike, and in wasm the ordinary
/// comparison goes byte by byte.
fn compare(one: &Name, other: &Name) -> Ordering {
    if Arc::ptr_eq(one, other) {
        return Ordering::Equal;
    }
    let ((ones, one_rest), (others, other_rest)) =
        (one.as_bytes().as_chunks::<8>(), other.as_bytes().as_chunks::<8>());
    for (a, b) in ones.iter().zip(others) {
        let (a, b) = (u64::from_be_bytes(*a), u64::from_be_bytes(*b));
        if a != b {
            return a.cmp(&b);
        }
    }
    match ones.len().cmp(&others.len()) {
        Ordering::Equal => one_rest.cmp(other_rest),
        // What is left of the shorter one against the next eight of the longer.
        Ordering::Less => one_rest.cmp(&others[ones.len()][..]),
        Ordering::Greater => ones[others.len()][..].cmp(other_rest),
    }
}

/// `deployment/default/web`, or `node/node-1` without a namespace.
impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = self.kind.info().singular;
        if self.namespace.is_empty() {
            write!(f, "{kind}/{}", self.name)
        } else {
            write!(f, "{kind}/{}/{}", self.namespace, self.name)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_in_the_order_of_their_bytes() {
        let texts =
            ["", "a", "web", "web-1", "web-12345", "web-1234567890", "web-1234567891", "wéb"];
        for (one, other) in texts.iter().flat_map(|one| texts.map(|other| (*one, other))) {
            assert_eq!(compare(&one.into(), &other.into()), one.cmp(other), "{one} {other}");
            let key = |namespace: &str, name: &str| Key::new(Kind::Pod, namespace, name);
            let (a, b) = (key(one, "x"), key(other, "a"));
            if a.rank() == b.rank() {
                assert_eq!(Ranked::compare(&a, &b), a.cmp(&b), "{one} {other}");
            }
        }
    }
}
