//! An ordered map whose clones are cheap, and a table: a map whose order means nothing and which is quicker to search.
//!
//! Entries stand in a [`Tree`] in the order of their keys; each key stands there once. See the module for why this is
//! not a generic tree: what is written here exists once per type of map, so each function is a line or two.

use std::borrow::Borrow;
use std::fmt;
use std::marker::PhantomData;
use std::ops::{Bound, Index, RangeBounds};
use std::sync::Arc;

use super::rank::{ByHash, Order, Sorted};
use super::tree::{self, Item, Tree};

/// An ordered map whose clones are cheap.
pub struct OrdMap<K, V, O = Sorted> {
    tree: Tree,
    of: Of<K, V, O>,
}

/// What a map is made of and ordered by, which the tree does not know.
type Of<K, V, O> = PhantomData<fn() -> (K, V, O)>;

/// A map in the order of its keys' hashes: the same for everybody, but of no meaning.
pub type Table<K, V> = OrdMap<K, V, ByHash>;

/// What may be a key or a value.
pub trait Held: Send + Sync + 'static {}
impl<T: Send + Sync + 'static> Held for T {}

/// The entry that an element is.
fn entry<K: Held, V: Held>(item: &Item) -> &(K, V) {
    item.downcast_ref().expect("a map holds entries of its own type")
}

/// The value of an entry, for a change: a copy of its own if a clone of the map holds it too.
fn value_mut<K: Held + Clone, V: Held + Clone>(item: &mut Item) -> &mut V {
    if Arc::get_mut(item).is_none() {
        let copy: (K, V) = entry::<K, V>(item).clone();
        *item = Arc::new(copy);
    }
    let entry = Arc::get_mut(item).and_then(|item| item.downcast_mut::<(K, V)>());
    &mut entry.expect("it is held by nobody else now").1
}

impl<K, V> OrdMap<K, V> {
    /// A map without entries.
    pub const fn new() -> Self {
        Self { tree: Tree::new(), of: PhantomData }
    }
}

impl<K, V, O> OrdMap<K, V, O> {
    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.tree.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Removes all entries.
    pub fn clear(&mut self) {
        self.tree = Tree::new();
    }
}

impl<K: Held, V: Held, O: Order<K>> OrdMap<K, V, O> {
    fn search<Q: ?Sized>(&self, key: &Q) -> tree::Found<'_>
    where
        K: Borrow<Q>,
        O: Order<Q>,
    {
        self.tree.search(O::rank(key), &mut |item| O::compare(entry::<K, V>(item).0.borrow(), key))
    }

    fn find<Q: ?Sized>(&self, key: &Q) -> Option<&Item>
    where
        K: Borrow<Q>,
        O: Order<Q>,
    {
        self.tree.find(O::rank(key), &mut |item| O::compare(entry::<K, V>(item).0.borrow(), key))
    }

    /// The value of a key.
    pub fn get<Q: ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
        O: Order<Q>,
    {
        self.find(key).map(|item| &entry::<K, V>(item).1)
    }

    /// Whether there is such a key.
    pub fn contains_key<Q: ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
        O: Order<Q>,
    {
        self.find(key).is_some()
    }

    /// Puts or replaces the value of a key.
    pub fn insert(&mut self, key: K, value: V) {
        let tree::Found { index, item } = self.search(&key);
        let exists = item.is_some();
        self.tree.put(index, exists, O::rank(&key), Arc::new((key, value)));
    }

    /// Puts or replaces the value of a key and returns the one before. The key that was there stays, so that whoever
    /// holds a copy of it shares what it is made of.
    pub fn replace(&mut self, key: &K, value: V) -> Option<V>
    where
        K: Clone,
        V: Clone,
    {
        let tree::Found { index, item } = self.search(key);
        let before = item.map(|item| entry::<K, V>(item).clone());
        let (key, before) = before.map_or_else(|| (key.clone(), None), |(k, v)| (k, Some(v)));
        self.tree.put(index, before.is_some(), O::rank(&key), Arc::new((key, value)));
        before
    }

    /// Takes out an entry. Returns whether there was one.
    pub fn discard<Q: ?Sized>(&mut self, key: &Q) -> bool
    where
        K: Borrow<Q>,
        O: Order<Q>,
    {
        let tree::Found { index, item } = self.search(key);
        item.is_some() && self.tree.remove(index).is_some()
    }

    /// Takes out an entry and returns its value.
    pub fn remove<Q: ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q> + Clone,
        O: Order<Q>,
        V: Clone,
    {
        let tree::Found { index, item } = self.search(key);
        item?;
        let item = self.tree.remove(index)?.downcast::<(K, V)>().ok()?;
        Some(Arc::try_unwrap(item).map_or_else(|shared| shared.1.clone(), |(_, value)| value))
    }

    /// The value of a key, for a change.
    pub fn get_mut<Q: ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q> + Clone,
        O: Order<Q>,
        V: Clone,
    {
        let tree::Found { index, item } = self.search(key);
        item?;
        self.tree.get_mut(index).map(value_mut::<K, V>)
    }

    /// The place of a key, taken or not.
    pub fn entry(&mut self, key: K) -> Entry<'_, K, V, O> {
        Entry { map: self, key }
    }

    /// The entry with the least key.
    pub fn get_min(&self) -> Option<&(K, V)> {
        self.tree.get(0).map(entry)
    }

    /// The entry with the greatest key.
    pub fn get_max(&self) -> Option<&(K, V)> {
        self.tree.get(self.len().checked_sub(1)?).map(entry)
    }

    /// Keeps the entries for which `keep` holds.
    pub fn retain(&mut self, mut keep: impl FnMut(&K, &V) -> bool) {
        self.tree.retain(&mut |item| {
            let (key, value) = entry::<K, V>(item);
            keep(key, value)
        });
    }

    /// The entries in the order of their keys.
    pub fn iter(&self) -> Iter<'_, K, V> {
        Iter { items: self.tree.iter(0, self.len()), of: PhantomData }
    }

    /// The entries within a range of keys, in order.
    pub fn range<Q: ?Sized>(&self, range: impl RangeBounds<Q>) -> Iter<'_, K, V>
    where
        K: Borrow<Q>,
        O: Order<Q>,
    {
        let place = |bound: Bound<&Q>, open: usize, beyond_equal: bool| match bound {
            Bound::Unbounded => open,
            Bound::Included(key) | Bound::Excluded(key) => {
                let found = self.search(key);
                found.index + usize::from(beyond_equal && found.item.is_some())
            }
        };
        let (start, end) = (range.start_bound(), range.end_bound());
        let from = place(start, 0, matches!(start, Bound::Excluded(_)));
        let to = place(end, self.len(), matches!(end, Bound::Included(_)));
        Iter { items: self.tree.iter(from, to), of: PhantomData }
    }

    /// The keys in order.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &K> + ExactSizeIterator + Clone {
        self.iter().map(|(key, _)| key)
    }

    /// The values in the order of their keys.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &V> + ExactSizeIterator + Clone {
        self.iter().map(|(_, value)| value)
    }
}

/// The place of a key in a map, taken or not.
pub struct Entry<'a, K, V, O = Sorted> {
    map: &'a mut OrdMap<K, V, O>,
    key: K,
}

impl<'a, K: Held + Clone, V: Held + Clone, O: Order<K>> Entry<'a, K, V, O> {
    /// The value there; if there was none, the default one.
    pub fn or_default(self) -> &'a mut V
    where
        V: Default,
    {
        self.or_insert_with(V::default)
    }

    /// The value there; if there was none, this one.
    pub fn or_insert(self, value: V) -> &'a mut V {
        self.or_insert_with(|| value)
    }

    /// The value there; if there was none, what `value` says.
    pub fn or_insert_with(self, value: impl FnOnce() -> V) -> &'a mut V {
        let tree::Found { index, item } = self.map.search(&self.key);
        if item.is_none() {
            let rank = O::rank(&self.key);
            self.map.tree.insert(index, rank, Arc::new((self.key, value())));
        }
        self.map.tree.get_mut(index).map(value_mut::<K, V>).expect("it was put there")
    }
}

impl<K, V, O> Clone for OrdMap<K, V, O> {
    fn clone(&self) -> Self {
        Self { tree: self.tree.clone(), of: PhantomData }
    }
}

impl<K, V, O> Default for OrdMap<K, V, O> {
    fn default() -> Self {
        Self { tree: Tree::new(), of: PhantomData }
    }
}

impl<K: Held + PartialEq, V: Held + PartialEq, O> PartialEq for OrdMap<K, V, O> {
    fn eq(&self, other: &Self) -> bool {
        self.tree.equals(&other.tree, &mut |one, two| entry::<K, V>(one) == entry::<K, V>(two))
    }
}

impl<K: Held + Eq, V: Held + Eq, O> Eq for OrdMap<K, V, O> {}

impl<K: Held + fmt::Debug, V: Held + fmt::Debug, O: Order<K>> fmt::Debug for OrdMap<K, V, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self).finish()
    }
}

impl<K: fmt::Debug, V, O> fmt::Debug for Entry<'_, K, V, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Entry").field(&self.key).finish()
    }
}

impl<K: Held + Borrow<Q>, V: Held, O: Order<K> + Order<Q>, Q: ?Sized> Index<&Q>
    for OrdMap<K, V, O>
{
    type Output = V;

    fn index(&self, key: &Q) -> &V {
        self.get(key).expect("the key is there")
    }
}

impl<K: Held, V: Held, O: Order<K>> Extend<(K, V)> for OrdMap<K, V, O> {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, entries: I) {
        entries.into_iter().for_each(|(key, value)| self.insert(key, value));
    }
}

impl<K: Held, V: Held, O: Order<K>> FromIterator<(K, V)> for OrdMap<K, V, O> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let mut map = Self::default();
        map.extend(entries);
        map
    }
}

impl<K: Held, V: Held, O: Order<K>, const N: usize> From<[(K, V); N]> for OrdMap<K, V, O> {
    fn from(entries: [(K, V); N]) -> Self {
        entries.into_iter().collect()
    }
}

impl<'a, K: Held, V: Held, O: Order<K>> IntoIterator for &'a OrdMap<K, V, O> {
    type Item = (&'a K, &'a V);
    type IntoIter = Iter<'a, K, V>;

    fn into_iter(self) -> Iter<'a, K, V> {
        self.iter()
    }
}

/// Entries in the order of their keys.
pub struct Iter<'a, K, V> {
    items: tree::Iter<'a>,
    of: PhantomData<&'a (K, V)>,
}

impl<K, V> Clone for Iter<'_, K, V> {
    fn clone(&self) -> Self {
        Self { items: self.items.clone(), of: PhantomData }
    }
}

impl<K, V> fmt::Debug for Iter<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Iter").field(&self.items.len()).finish()
    }
}

/// Both parts of an entry.
fn parts<K: Held, V: Held>(item: &Item) -> (&K, &V) {
    let (key, value) = entry(item);
    (key, value)
}

impl<'a, K: Held, V: Held> Iterator for Iter<'a, K, V> {
    type Item = (&'a K, &'a V);

    fn next(&mut self) -> Option<Self::Item> {
        self.items.next().map(parts)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.items.size_hint()
    }

    fn nth(&mut self, skipped: usize) -> Option<Self::Item> {
        self.items.nth(skipped).map(parts)
    }
}

impl<K: Held, V: Held> DoubleEndedIterator for Iter<'_, K, V> {
    fn next_back(&mut self) -> Option<Self::Item> {
        self.items.next_back().map(parts)
    }
}

impl<K: Held, V: Held> ExactSizeIterator for Iter<'_, K, V> {}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::random::Random;

    fn same(map: &OrdMap<usize, String>, model: &BTreeMap<usize, String>) {
        assert!(map.iter().eq(model));
        assert!(map.iter().rev().eq(model.iter().rev()));
        assert_eq!(
            (map.len(), map.get_min().map(|it| it.0)),
            (model.len(), model.keys().next().copied())
        );
    }

    #[test]
    fn a_map_does_what_a_b_tree_map_does_and_its_clones_live_alone() {
        let mut random = Random::new(11).split("map");
        let (mut map, mut model) = (OrdMap::new(), BTreeMap::new());
        let mut snapshots = Vec::new();
        for step in 0..12_000 {
            let key = random.below(1_500);
            match random.below(8) {
                0..=3 => {
                    map.insert(key, step.to_string());
                    model.insert(key, step.to_string());
                }
                4 => {
                    map.entry(key).or_default().push('+');
                    model.entry(key).or_default().push('+');
                }
                5 => {
                    let (one, two) = (map.get_mut(&key), model.get_mut(&key));
                    assert_eq!(one, two);
                    one.into_iter().chain(two).for_each(|text| text.push('!'));
                }
                6 => assert_eq!(map.remove(&key), model.remove(&key)),
                _ => assert_eq!(map.discard(&key), model.remove(&key).is_some()),
            }
            let other = random.below(1_500);
            assert_eq!(map.get(&other), model.get(&other));
            if step % 500 == 0 {
                let to = other + random.below(300);
                assert!(map.range(other..to).eq(model.range(other..to)));
                assert!(map.range(..=to).eq(model.range(..=to)));
                let after = (Bound::Excluded(other), Bound::Unbounded);
                assert!(map.range::<usize>(after).eq(model.range::<usize, _>(after)));
                snapshots.push((map.clone(), model.clone()));
            }
        }
        map.retain(|key, _| key % 3 == 0);
        model.retain(|key, _| key % 3 == 0);
        same(&map, &model);
        for (map, model) in &snapshots {
            same(map, model);
        }
    }

    #[test]
    fn maps_are_equal_by_their_entries() {
        let one: OrdMap<u32, _> = [(1, "a"), (2, "b")].into();
        let mut two = one.clone();
        assert_eq!(one, two);
        two.insert(2, "b");
        assert_eq!(one, two, "another entry with the same content");
        two.insert(2, "c");
        assert_ne!(one, two);
        assert_eq!(format!("{one:?}"), r#"{1: "a", 2: "b"}"#);
    }
}
