//! The log of changes: what a watch delivers, with the version before and after.

use std::sync::Arc;

use crate::persistent::Vector;

use super::Cause;
use crate::object::{Key, Object};
use crate::time::Time;

/// One write.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The revision it made.
    pub revision: u64,
    /// When.
    pub time: Time,
    /// Which object.
    pub key: Key,
    /// The version before; `None` if the object was created.
    pub before: Option<Arc<Object>>,
    /// The version after; `None` if the object was removed.
    pub after: Option<Arc<Object>>,
    /// Who and why.
    pub cause: Cause,
}

impl Change {
    /// The object after the change, or the last version of a removed one.
    pub fn object(&self) -> &Arc<Object> {
        self.after
            .as_ref()
            .or(self.before.as_ref())
            .expect("a change has a version before or after")
    }
}

/// Changes in the order of their revisions, without gaps; compaction drops the oldest.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChangeLog {
    changes: Vector<Change>,
}

impl ChangeLog {
    /// Changes after `revision`, oldest first. Those already compacted are not among them.
    pub fn since(&self, revision: u64) -> impl Iterator<Item = &Change> {
        let first = self.changes.get(0).map_or(0, |change| change.revision);
        let skip = usize::try_from((revision + 1).saturating_sub(first)).unwrap_or(usize::MAX);
        self.changes.range(skip, self.changes.len())
    }

    /// All changes that are kept, newest first.
    pub fn newest_first(&self) -> impl Iterator<Item = &Change> {
        self.changes.iter().rev()
    }

    /// The newest change.
    pub fn last(&self) -> Option<&Change> {
        self.changes.last()
    }

    /// The change at a revision, if it is still kept.
    pub fn at(&self, revision: u64) -> Option<&Change> {
        let first = self.changes.get(0)?.revision;
        self.changes.get(usize::try_from(revision.checked_sub(first)?).ok()?)
    }

    pub(super) fn push(&mut self, change: Change) {
        self.changes.push_back(change);
    }

    pub(super) fn compact(&mut self, revision: u64) {
        while self.changes.get(0).is_some_and(|change| change.revision < revision) {
            self.changes.drop_front();
        }
    }
}
