//! An ordered set whose clones are cheap: the keys of a map.

use std::borrow::Borrow;
use std::fmt;
use std::ops::RangeBounds;

use super::OrdMap;
use super::map::Held;
use super::rank::{Order, Sorted};

/// An ordered set whose clones are cheap.
pub struct OrdSet<T> {
    map: OrdMap<T, ()>,
}

impl<T> OrdSet<T> {
    /// A set without elements.
    pub const fn new() -> Self {
        Self { map: OrdMap::new() }
    }

    /// How many elements there are.
    pub fn len(&self) -> usize {
        self.map.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.map.is_empty()
    }
}

impl<T: Held> OrdSet<T>
where
    Sorted: Order<T>,
{
    /// Whether it is among them.
    pub fn contains<Q: ?Sized>(&self, element: &Q) -> bool
    where
        T: Borrow<Q>,
        Sorted: Order<Q>,
    {
        self.map.contains_key(element)
    }

    /// Puts in an element.
    pub fn insert(&mut self, element: T) {
        self.map.insert(element, ());
    }

    /// Takes out an element. Returns whether it was there.
    pub fn remove<Q: ?Sized>(&mut self, element: &Q) -> bool
    where
        T: Borrow<Q>,
        Sorted: Order<Q>,
    {
        self.map.discard(element)
    }

    /// The elements in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &T> + ExactSizeIterator + Clone {
        self.map.keys()
    }

    /// The elements within a range, in order.
    pub fn range<Q: ?Sized>(&self, range: impl RangeBounds<Q>) -> impl Iterator<Item = &T>
    where
        T: Borrow<Q>,
        Sorted: Order<Q>,
    {
        self.map.range(range).map(|(element, ())| element)
    }

    /// The least element.
    pub fn get_min(&self) -> Option<&T> {
        self.map.get_min().map(|(element, ())| element)
    }
}

impl<T> Clone for OrdSet<T> {
    fn clone(&self) -> Self {
        Self { map: self.map.clone() }
    }
}

impl<T> Default for OrdSet<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Held + PartialEq> PartialEq for OrdSet<T> {
    fn eq(&self, other: &Self) -> bool {
        self.map == other.map
    }
}

impl<T: Held + Eq> Eq for OrdSet<T> {}

impl<T: Held + fmt::Debug> fmt::Debug for OrdSet<T>
where
    Sorted: Order<T>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_element_is_in_it_once_and_they_are_in_order() {
        let mut set = OrdSet::new();
        for element in ["b", "c", "a", "b"] {
            set.insert(element);
        }
        assert!(set.remove("c") && !set.remove("d"));
        assert_eq!(format!("{set:?}"), r#"{"a", "b"}"#);
        assert_eq!((set.len(), set.get_min()), (2, Some(&"a")));
    }
}
