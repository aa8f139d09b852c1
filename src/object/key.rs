//! Where an object stands in the store: kind, namespace, name. Ordered as etcd orders its keys.

use std::fmt;
use std::sync::Arc;

use super::Kind;

/// A name shared by everyone who holds it.
pub type Name = Arc<str>;

/// The identity of an object among those of its time (its uid tells it from a later one of the same name).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
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
        Self { kind, namespace: namespace.into(), name: name.into() }
    }

    /// A key of a kind that has no namespaces.
    pub fn cluster(kind: Kind, name: impl Into<Name>) -> Self {
        Self::new(kind, "", name)
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
