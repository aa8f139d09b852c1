//! A sequence whose clones are cheap, that grows and shrinks at both ends and changes anywhere.

use std::fmt;
use std::marker::PhantomData;
use std::ops::{Index, IndexMut};
use std::sync::Arc;

use super::map::Held;
use super::tree::{self, Item, Tree};

/// A sequence whose clones are cheap.
pub struct Vector<T> {
    tree: Tree,
    of: PhantomData<fn() -> T>,
}

fn element<T: Held>(item: &Item) -> &T {
    item.downcast_ref().expect("a vector holds elements of its own type")
}

/// An element, for a change: a copy of its own if a clone of the vector holds it too.
fn element_mut<T: Held + Clone>(item: &mut Item) -> &mut T {
    if Arc::get_mut(item).is_none() {
        let copy = element::<T>(item).clone();
        *item = Arc::new(copy);
    }
    let element = Arc::get_mut(item).and_then(|item| item.downcast_mut());
    element.expect("it is held by nobody else now")
}

/// An element that was taken out.
fn owned<T: Held + Clone>(item: Item) -> Option<T> {
    item.downcast::<T>().ok().map(Arc::unwrap_or_clone)
}

impl<T> Vector<T> {
    /// A vector without elements.
    pub const fn new() -> Self {
        Self { tree: Tree::new(), of: PhantomData }
    }

    /// How many elements there are.
    pub fn len(&self) -> usize {
        self.tree.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Removes all elements.
    pub fn clear(&mut self) {
        self.tree = Tree::new();
    }
}

impl<T: Held> Vector<T> {
    /// The element at a position.
    pub fn get(&self, index: usize) -> Option<&T> {
        self.tree.get(index).map(element)
    }

    /// The first element.
    pub fn front(&self) -> Option<&T> {
        self.get(0)
    }

    /// The last element.
    pub fn last(&self) -> Option<&T> {
        self.get(self.len().checked_sub(1)?)
    }

    /// Puts an element at the end.
    pub fn push_back(&mut self, element: T) {
        self.tree.insert(self.len(), 0, Arc::new(element));
    }

    /// Drops the first element. Returns whether there was one.
    pub fn drop_front(&mut self) -> bool {
        self.tree.remove(0).is_some()
    }

    /// The elements from the first to the last.
    pub fn iter(&self) -> Iter<'_, T> {
        self.range(0, self.len())
    }

    /// The elements from one position to before another.
    pub fn range(&self, from: usize, to: usize) -> Iter<'_, T> {
        Iter { items: self.tree.iter(from, to), of: PhantomData }
    }
}

impl<T: Held + Clone> Vector<T> {
    /// The element at a position, for a change.
    pub fn get_mut(&mut self, index: usize) -> Option<&mut T> {
        self.tree.get_mut(index).map(element_mut)
    }

    /// Takes out the first element.
    pub fn pop_front(&mut self) -> Option<T> {
        self.tree.remove(0).and_then(owned)
    }

    /// The elements from the first to the last, for changes.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.tree.all_mut().into_iter().map(element_mut)
    }
}

impl<T> Clone for Vector<T> {
    fn clone(&self) -> Self {
        Self { tree: self.tree.clone(), of: PhantomData }
    }
}

impl<T> Default for Vector<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Held + PartialEq> PartialEq for Vector<T> {
    fn eq(&self, other: &Self) -> bool {
        self.tree.equals(&other.tree, &mut |one, two| element::<T>(one) == element::<T>(two))
    }
}

impl<T: Held + Eq> Eq for Vector<T> {}

impl<T: Held + fmt::Debug> fmt::Debug for Vector<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self).finish()
    }
}

impl<T: Held> Index<usize> for Vector<T> {
    type Output = T;

    fn index(&self, index: usize) -> &T {
        self.get(index).expect("the index is within the vector")
    }
}

impl<T: Held + Clone> IndexMut<usize> for Vector<T> {
    fn index_mut(&mut self, index: usize) -> &mut T {
        self.get_mut(index).expect("the index is within the vector")
    }
}

impl<T: Held> FromIterator<T> for Vector<T> {
    fn from_iter<I: IntoIterator<Item = T>>(elements: I) -> Self {
        let mut vector = Self::new();
        elements.into_iter().for_each(|element| vector.push_back(element));
        vector
    }
}

impl<T: Held> From<Vec<T>> for Vector<T> {
    fn from(elements: Vec<T>) -> Self {
        elements.into_iter().collect()
    }
}

impl<'a, T: Held> IntoIterator for &'a Vector<T> {
    type Item = &'a T;
    type IntoIter = Iter<'a, T>;

    fn into_iter(self) -> Iter<'a, T> {
        self.iter()
    }
}

/// Elements from the first to the last.
pub struct Iter<'a, T> {
    items: tree::Iter<'a>,
    of: PhantomData<&'a T>,
}

impl<T> Clone for Iter<'_, T> {
    fn clone(&self) -> Self {
        Self { items: self.items.clone(), of: PhantomData }
    }
}

impl<T> fmt::Debug for Iter<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Iter").field(&self.items.len()).finish()
    }
}

impl<'a, T: Held> Iterator for Iter<'a, T> {
    type Item = &'a T;

    fn next(&mut self) -> Option<&'a T> {
        self.items.next().map(element)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.items.size_hint()
    }

    fn nth(&mut self, skipped: usize) -> Option<&'a T> {
        self.items.nth(skipped).map(element)
    }
}

impl<T: Held> DoubleEndedIterator for Iter<'_, T> {
    fn next_back(&mut self) -> Option<Self::Item> {
        self.items.next_back().map(element)
    }
}

impl<T: Held> ExactSizeIterator for Iter<'_, T> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_and_changes_that_a_clone_does_not_see() {
        let mut vector: Vector<String> = (0..200).map(|number: i32| number.to_string()).collect();
        let before = vector.clone();
        assert_eq!(vector.pop_front().as_deref(), Some("0"));
        assert!(vector.drop_front());
        vector.iter_mut().for_each(|text| text.push('!'));
        vector[0].push('?');
        assert_eq!((vector.front().unwrap().as_str(), vector.len()), ("2!?", 198));
        assert_eq!(vector.last().map(String::as_str), Some("199!"));
        assert!(before.iter().map(String::as_str).take(3).eq(["0", "1", "2"]));
        assert_eq!(before.range(198, 500).rev().count(), 2);
        assert_ne!(vector, before);
        assert_eq!(Vector::<u8>::new().pop_front(), None);
    }
}
