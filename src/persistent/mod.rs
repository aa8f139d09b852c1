//! Collections whose clones are cheap and live on alone: [`OrdMap`], [`Table`], [`OrdSet`] and [`Vector`].
//!
//! The world is made of them, so that a snapshot costs a few counters. All are thin faces of one `tree` whose
//! elements have no type: its code stands in the program once, whatever is kept in it, where a tree of a generic type
//! stands there once for each of some forty types (380 kB of wasm, measured with `imbl`). Names and meaning of the
//! methods are those of `std`'s and `imbl`'s collections.

mod map;
mod rank;
mod set;
mod tree;
mod vector;

pub use map::{Entry, Held, OrdMap, Table};
pub use rank::{ByHash, Hashed, Order, Ranked, Sorted, hash_of};
pub use set::OrdSet;
pub use vector::Vector;
