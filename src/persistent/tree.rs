//! A sequence of elements of any one type, as a tree whose parts are shared between clones.
//!
//! A B+ tree by position: leaves hold elements, inner nodes know how many lie below each child. All leaves have the
//! same depth. A change copies the nodes on its way that somebody else holds too, and no others. Nothing here is
//! generic: elements are `Arc<dyn Any>`, which the faces of the tree turn back into what they are, and comparisons come
//! as closures. The order of the elements is the business of whoever puts them in; each comes with a rank, a number that
//! stands beside it in the node: what has the smaller rank comes first. So a search looks at elements only where ranks
//! are the same, and at numbers side by side everywhere else.

use std::any::Any;
use std::cmp::Ordering;
use std::slice;
use std::sync::Arc;

/// One element.
pub(super) type Item = Arc<dyn Any + Send + Sync>;

/// How many elements a leaf holds at most, and how many children an inner node. Found by trying (`cargo bench`).
const WIDTH: usize = 32;
/// Neighbours that have no more than this together become one node.
const MERGED: usize = WIDTH / 2;

/// The sequence.
#[derive(Clone, Default)]
pub(super) struct Tree {
    len: usize,
    /// `None` if and only if there are no elements.
    root: Option<Arc<Node>>,
}

#[derive(Clone)]
enum Node {
    Leaf(Vec<Slot>),
    Inner(Vec<Child>),
}

#[derive(Clone)]
struct Slot {
    rank: u64,
    item: Item,
}

#[derive(Clone)]
struct Child {
    /// That of the first element below.
    rank: u64,
    /// How many elements lie below; never 0.
    len: usize,
    node: Arc<Node>,
}

impl Tree {
    pub(super) const fn new() -> Self {
        Self { len: 0, root: None }
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// The element at a position.
    pub(super) fn get(&self, mut index: usize) -> Option<&Item> {
        let mut node = self.root.as_deref()?;
        loop {
            match node {
                Node::Leaf(slots) => return Some(&slots.get(index)?.item),
                Node::Inner(children) => {
                    let child;
                    (child, index) = below(children, index);
                    node = &children.get(child)?.node;
                }
            }
        }
    }

    /// The place of the element at a position, for a change.
    pub(super) fn get_mut(&mut self, mut index: usize) -> Option<&mut Item> {
        if index >= self.len {
            return None;
        }
        let mut node = self.root.as_mut()?;
        loop {
            match Arc::make_mut(node) {
                Node::Leaf(slots) => return Some(&mut slots.get_mut(index)?.item),
                Node::Inner(children) => {
                    let child;
                    (child, index) = below(children, index);
                    node = &mut children.get_mut(child)?.node;
                }
            }
        }
    }

    /// The element that has this rank and for which `order` says `Equal`; see [`Self::search`].
    pub(super) fn find(
        &self,
        rank: u64,
        order: &mut dyn FnMut(&Item) -> Ordering,
    ) -> Option<&Item> {
        let mut node = self.root.as_deref()?;
        loop {
            match node {
                Node::Inner(children) => node = &children[child_for(children, rank, order)].node,
                Node::Leaf(slots) => {
                    return slots.get(slot_for(slots, rank, order).ok()?).map(|slot| &slot.item);
                }
            }
        }
    }

    /// Where the element is that has this rank and for which `order` says `Equal`, or else where it belongs. The elements
    /// are in the order that ranks and, among the same ones, `order` speak of: it compares an element with the one sought.
    pub(super) fn search(&self, rank: u64, order: &mut dyn FnMut(&Item) -> Ordering) -> Found<'_> {
        let Some(mut node) = self.root.as_deref() else { return Found { index: 0, item: None } };
        let mut before = 0;
        loop {
            match node {
                Node::Inner(children) => {
                    let at = child_for(children, rank, order);
                    before += children.iter().take(at).map(|child| child.len).sum::<usize>();
                    node = &children[at].node;
                }
                Node::Leaf(slots) => {
                    return match slot_for(slots, rank, order) {
                        Ok(at) => {
                            Found { index: before + at, item: slots.get(at).map(|slot| &slot.item) }
                        }
                        Err(at) => Found { index: before + at, item: None },
                    };
                }
            }
        }
    }

    /// Puts an element before the one at a position.
    pub(super) fn insert(&mut self, index: usize, rank: u64, item: Item) {
        assert!(index <= self.len, "an element is put inside or at the end");
        let root = self.root.get_or_insert_with(|| Arc::new(Node::Leaf(Vec::new())));
        if let Some(right) = insert(root, index, Slot { rank, item }) {
            let len = self.len + 1 - right.len;
            let left = Child { rank: root.rank(), len, node: Arc::clone(root) };
            *root = Arc::new(Node::Inner(vec![left, right]));
        }
        self.len += 1;
    }

    /// Puts an element at a position: instead of the one there, whose rank is the same, or before it.
    pub(super) fn put(&mut self, index: usize, instead: bool, rank: u64, item: Item) {
        if instead && let Some(place) = self.get_mut(index) {
            *place = item;
        } else {
            self.insert(index, rank, item);
        }
    }

    /// Takes out the element at a position.
    pub(super) fn remove(&mut self, index: usize) -> Option<Item> {
        if index >= self.len {
            return None;
        }
        let root = self.root.as_mut()?;
        let item = remove(root, index);
        self.len -= 1;
        while let Node::Inner(children) = &**root
            && let [only] = children.as_slice()
        {
            *root = Arc::clone(&only.node);
        }
        if self.len == 0 {
            self.root = None;
        }
        Some(item)
    }

    /// The places of all elements, for changes.
    pub(super) fn all_mut(&mut self) -> Vec<&mut Item> {
        let mut all = Vec::with_capacity(self.len);
        if let Some(root) = &mut self.root {
            all_mut(root, &mut all);
        }
        all
    }

    /// Keeps the elements for which `keep` holds.
    pub(super) fn retain(&mut self, keep: &mut dyn FnMut(&Item) -> bool) {
        let mut kept = Self::new();
        let mut slots = self.iter(0, self.len);
        while let Some(slot) = slots.next_slot() {
            if keep(&slot.item) {
                kept.insert(kept.len, slot.rank, Arc::clone(&slot.item));
            }
        }
        if kept.len < self.len {
            *self = kept;
        }
    }

    /// The elements from one position to before another.
    pub(super) fn iter(&self, from: usize, to: usize) -> Iter<'_> {
        let front = from.min(self.len);
        let back = to.clamp(front, self.len);
        Iter { tree: self, front, back, first: [].iter(), last: [].iter() }
    }

    /// Whether both have as many elements, and each two are the same one or `equal`.
    pub(super) fn equals(&self, other: &Self, equal: &mut dyn FnMut(&Item, &Item) -> bool) -> bool {
        let same = match (&self.root, &other.root) {
            (Some(one), Some(two)) => Arc::ptr_eq(one, two),
            (None, None) => true,
            _ => false,
        };
        same || self.len == other.len
            && self
                .iter(0, self.len)
                .zip(other.iter(0, other.len))
                .all(|(one, two)| Arc::ptr_eq(one, two) || equal(one, two))
    }

    /// The leaf that holds a position, and the position within it.
    fn leaf(&self, mut index: usize) -> Option<(&[Slot], usize)> {
        let mut node = self.root.as_deref()?;
        loop {
            match node {
                Node::Leaf(slots) => return Some((slots, index)),
                Node::Inner(children) => {
                    let child;
                    (child, index) = below(children, index);
                    node = &children.get(child)?.node;
                }
            }
        }
    }
}

/// What a search found.
pub(super) struct Found<'a> {
    /// The position of the element, or the one before which it belongs.
    pub(super) index: usize,
    pub(super) item: Option<&'a Item>,
}

impl Child {
    fn new(len: usize, node: Node) -> Self {
        Self { rank: node.rank(), len, node: Arc::new(node) }
    }
}

impl Node {
    fn first(&self) -> Option<&Item> {
        let mut node = self;
        loop {
            match node {
                Self::Leaf(slots) => return Some(&slots.first()?.item),
                Self::Inner(children) => node = &children.first()?.node,
            }
        }
    }

    fn rank(&self) -> u64 {
        match self {
            Self::Leaf(slots) => slots.first().map_or(0, |slot| slot.rank),
            Self::Inner(children) => children.first().map_or(0, |child| child.rank),
        }
    }

    fn width(&self) -> usize {
        match self {
            Self::Leaf(slots) => slots.len(),
            Self::Inner(children) => children.len(),
        }
    }
}

/// The first of so many places for which `before` does not hold; it holds for all that stand before that one.
/// (That of `std` is three calls a step in wasm, where a loop is none.)
fn first_not(places: usize, mut before: impl FnMut(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, places);
    while low < high {
        let middle = usize::midpoint(low, high);
        if before(middle) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}

/// The last child whose first element is not behind the one sought, or the first child.
fn child_for(children: &[Child], rank: u64, order: &mut dyn FnMut(&Item) -> Ordering) -> usize {
    let others = children.get(1..).unwrap_or_default();
    let smaller = first_not(others.len(), |at| others[at].rank < rank);
    let same = &others[smaller..];
    smaller
        + first_not(same.len(), |at| {
            same[at].rank == rank && same[at].node.first().is_some_and(|item| order(item).is_le())
        })
}

/// Where the element sought stands in a leaf, or would stand.
fn slot_for(
    slots: &[Slot],
    rank: u64,
    order: &mut dyn FnMut(&Item) -> Ordering,
) -> Result<usize, usize> {
    let smaller = first_not(slots.len(), |at| slots[at].rank < rank);
    let same = &slots[smaller..];
    let mut found = false;
    let at = first_not(same.len(), |at| {
        let order = if same[at].rank == rank { order(&same[at].item) } else { Ordering::Greater };
        found |= order.is_eq();
        order.is_lt()
    });
    if found { Ok(smaller + at) } else { Err(smaller + at) }
}

/// The child that holds a position, and the position within it. The end belongs to nobody.
fn below(children: &[Child], mut index: usize) -> (usize, usize) {
    for (at, child) in children.iter().enumerate() {
        if index < child.len {
            return (at, index);
        }
        index -= child.len;
    }
    (children.len(), index)
}

/// How much of an overfull node stays where it is: nearly all if it grew at its end, since it will grow there again.
fn cut(width: usize, grown_at: usize) -> usize {
    if grown_at + 1 == width { width - 1 } else { width / 2 }
}

/// Inserts below a node. If it had to be split, its right half is returned.
fn insert(node: &mut Arc<Node>, index: usize, slot: Slot) -> Option<Child> {
    match Arc::make_mut(node) {
        Node::Leaf(slots) => {
            slots.insert(index, slot);
            if slots.len() <= WIDTH {
                return None;
            }
            let right = slots.split_off(cut(slots.len(), index));
            Some(Child::new(right.len(), Node::Leaf(right)))
        }
        Node::Inner(children) => {
            // Before the first element of a child is after the last of the one before it.
            let (at, inside) = match index.checked_sub(1) {
                None => (0, 0),
                Some(before) => {
                    let (at, inside) = below(children, before);
                    (at, inside + 1)
                }
            };
            let child = &mut children[at];
            child.len += 1;
            let right = insert(&mut child.node, inside, slot);
            child.rank = child.node.rank();
            let right = right?;
            child.len -= right.len;
            children.insert(at + 1, right);
            if children.len() <= WIDTH {
                return None;
            }
            let right = children.split_off(cut(children.len(), at + 1));
            let len = right.iter().map(|child| child.len).sum();
            Some(Child::new(len, Node::Inner(right)))
        }
    }
}

/// Removes below a node what is there.
fn remove(node: &mut Arc<Node>, index: usize) -> Item {
    match Arc::make_mut(node) {
        Node::Leaf(slots) => slots.remove(index).item,
        Node::Inner(children) => {
            let (at, inside) = below(children, index);
            let child = &mut children[at];
            let item = remove(&mut child.node, inside);
            child.len -= 1;
            child.rank = child.node.rank();
            if child.len == 0 {
                children.remove(at);
            } else if !merge(children, at) && at > 0 {
                merge(children, at - 1);
            }
            item
        }
    }
}

fn all_mut<'a>(node: &'a mut Arc<Node>, all: &mut Vec<&'a mut Item>) {
    match Arc::make_mut(node) {
        Node::Leaf(slots) => all.extend(slots.iter_mut().map(|slot| &mut slot.item)),
        Node::Inner(children) => {
            for child in children {
                all_mut(&mut child.node, all);
            }
        }
    }
}

/// Makes one of two neighbours that have become small. Returns whether it did.
fn merge(children: &mut Vec<Child>, at: usize) -> bool {
    let Some([left, right]) = children.get(at..at + 2) else { return false };
    if left.node.width() + right.node.width() > MERGED {
        return false;
    }
    let right = children.remove(at + 1);
    let left = &mut children[at];
    left.len += right.len;
    match (Arc::make_mut(&mut left.node), &*right.node) {
        (Node::Leaf(left), Node::Leaf(right)) => left.extend_from_slice(right),
        (Node::Inner(left), Node::Inner(right)) => left.extend_from_slice(right),
        _ => unreachable!("all leaves have the same depth"),
    }
    true
}

/// Elements in order, from either end.
#[derive(Clone)]
pub(super) struct Iter<'a> {
    tree: &'a Tree,
    /// The position of the next one at the front, and the one after the next at the back.
    front: usize,
    back: usize,
    /// What is left of the leaf at the front, which may reach beyond `back`; and of the one at the back.
    first: slice::Iter<'a, Slot>,
    last: slice::Iter<'a, Slot>,
}

impl<'a> Iter<'a> {
    fn next_slot(&mut self) -> Option<&'a Slot> {
        if self.front == self.back {
            return None;
        }
        if self.first.len() == 0 {
            let (slots, at) = self.tree.leaf(self.front)?;
            self.first = slots.get(at..)?.iter();
        }
        self.front += 1;
        self.first.next()
    }
}

impl<'a> Iterator for Iter<'a> {
    type Item = &'a Item;

    fn next(&mut self) -> Option<&'a Item> {
        Some(&self.next_slot()?.item)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.back - self.front;
        (left, Some(left))
    }

    fn nth(&mut self, skipped: usize) -> Option<&'a Item> {
        self.front = self.front.saturating_add(skipped).min(self.back);
        self.first = [].iter();
        self.next()
    }
}

impl DoubleEndedIterator for Iter<'_> {
    fn next_back(&mut self) -> Option<Self::Item> {
        if self.front == self.back {
            return None;
        }
        if self.last.len() == 0 {
            let (slots, at) = self.tree.leaf(self.back - 1)?;
            self.last = slots.get(..=at)?.iter();
        }
        self.back -= 1;
        Some(&self.last.next_back()?.item)
    }
}

impl ExactSizeIterator for Iter<'_> {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    fn numbers(tree: &Tree) -> Vec<u64> {
        tree.iter(0, tree.len()).map(|item| *item.downcast_ref().unwrap()).collect()
    }

    /// All leaves at one depth, counts that are right, no node empty or too wide. Returns depth and count.
    fn check(node: &Node) -> (usize, usize) {
        assert!((1..=WIDTH).contains(&node.width()));
        match node {
            Node::Leaf(slots) => (0, slots.len()),
            Node::Inner(children) => {
                let below: Vec<_> = children.iter().map(|child| check(&child.node)).collect();
                for (child, (depth, len)) in children.iter().zip(&below) {
                    assert_eq!((child.len, below[0].0), (*len, *depth));
                    assert_eq!(child.rank, child.node.rank());
                }
                (below[0].0 + 1, below.iter().map(|(_, len)| len).sum())
            }
        }
    }

    #[test]
    fn a_tree_is_a_vector_and_clones_are_worlds_of_their_own() {
        let mut random = Random::new(7).split("tree");
        let (mut tree, mut model) = (Tree::new(), Vec::new());
        let mut snapshots = Vec::new();
        for step in 0..20_000_u64 {
            // It grows to some thousands, shrinks to nothing and grows again.
            let grows = (step / 6_000) % 2 == 0;
            let index = |len: usize, random: &mut Random| match random.below(4) {
                0 => 0,
                1 => len,
                _ => random.below(len + 1),
            };
            if random.below(10) < if grows { 8 } else { 1 } {
                let at = index(model.len(), &mut random);
                tree.insert(at, step % 7, Arc::new(step));
                model.insert(at, step);
            } else {
                let at = index(model.len(), &mut random);
                let removed = tree.remove(at).map(|item| *item.downcast_ref::<u64>().unwrap());
                assert_eq!(removed, (at < model.len()).then(|| model.remove(at)));
            }
            if step % 1_000 == 0 {
                snapshots.push((tree.clone(), model.clone()));
            }
            if let Some(root) = &tree.root {
                if step % 100 == 0 {
                    assert_eq!(check(root).1, model.len());
                }
            } else {
                assert!(model.is_empty());
            }
        }
        for (tree, model) in snapshots.iter().chain([&(tree, model)]) {
            assert_eq!(numbers(tree), *model);
            let back: Vec<u64> =
                tree.iter(0, tree.len()).rev().map(|item| *item.downcast_ref().unwrap()).collect();
            assert!(back.iter().rev().eq(model));
        }
    }

    #[test]
    fn both_ends_of_an_iterator_meet() {
        let mut tree = Tree::new();
        for number in 0..100_u64 {
            tree.insert(tree.len(), number, Arc::new(number));
        }
        let mut iter = tree.iter(10, 90);
        assert_eq!(iter.len(), 80);
        let mut seen = Vec::new();
        while let Some(item) = iter.next() {
            seen.push(*item.downcast_ref::<u64>().unwrap());
            seen.extend(iter.next_back().map(|item| *item.downcast_ref::<u64>().unwrap()));
        }
        crate::order::sort(&mut seen);
        assert!(seen.into_iter().eq(10..90));
        assert_eq!(tree.iter(0, 100).nth(64).and_then(|item| item.downcast_ref()), Some(&64_u64));
        assert_eq!(tree.iter(40, 20).count(), 0, "an empty range is empty");
    }

    #[test]
    fn what_grows_at_its_end_has_full_leaves() {
        let mut tree = Tree::new();
        for number in 0..WIDTH as u64 * 40 {
            tree.insert(tree.len(), number, Arc::new(number));
        }
        let root = tree.root.as_deref().unwrap();
        assert_eq!(check(root).0, 2);
        let (leaf, _) = tree.leaf(100).unwrap();
        assert_eq!(leaf.len(), WIDTH);
    }
}
