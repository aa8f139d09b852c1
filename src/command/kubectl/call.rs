//! One call of a verb: what was typed, where its words go, and the world it acts on.

use std::sync::Arc;

use super::failure::Failure;
use super::flags::Flags;
use super::kinds::Known;
use super::verb::{Outcome, Verb};
use crate::object::custom::in_version;
use crate::object::{Key, Kind, Object, StatusError};
use crate::shell::{Invocation, Sandbox};
use crate::store::{Store, User, authorize, not_served};
use crate::time::Time;

/// One call of a verb.
#[derive(Debug)]
pub(super) struct Call {
    /// The verb.
    pub verb: &'static Verb,
    /// `kubectl create deployment`.
    pub path: String,
    /// Flags and arguments.
    pub flags: Flags,
    /// Streams, folder, variables.
    pub shell: Invocation,
    /// The namespace of the current context.
    pub context_namespace: String,
}

impl Call {
    /// The world.
    pub(super) fn sandbox(&self) -> &Sandbox {
        &self.shell.sandbox
    }

    /// What the server is known to serve.
    pub(super) fn known(&self) -> Known<'_> {
        Known::Cached(self.sandbox())
    }

    /// The arguments.
    pub(super) fn args(&self) -> &[String] {
        &self.flags.args
    }

    /// The virtual time.
    pub(super) fn now(&self) -> Time {
        self.sandbox().read(crate::cluster::Cluster::now)
    }

    /// Reads the store.
    pub(super) fn read<T>(&self, read: impl FnOnce(&Store) -> T) -> T {
        self.sandbox().read(|cluster| read(cluster.store()))
    }

    /// One object.
    pub(super) fn get(&self, key: &Key) -> Option<Arc<Object>> {
        self.read(|store| store.get(key).cloned()).map(|object| in_version(object, key.kind))
    }

    /// Prints to standard output.
    pub(super) fn out(&self, text: impl AsRef<str>) -> Outcome {
        Ok(self.shell.stdout.write(text.as_ref())?)
    }

    /// Prints a line to standard output.
    pub(super) fn line(&self, text: impl AsRef<str>) -> Outcome {
        self.out(text.as_ref())?;
        self.out("\n")
    }

    /// Prints a line to standard error.
    pub(super) fn err(&self, text: impl AsRef<str>) -> Outcome {
        self.shell.stderr.write(text.as_ref())?;
        Ok(self.shell.stderr.write("\n")?)
    }

    /// Prints a warning to standard error.
    pub(super) fn warn(&self, text: impl AsRef<str>) -> Outcome {
        self.err(format!("Warning: {}", text.as_ref()))
    }

    /// The namespace that the call speaks of.
    pub(super) fn namespace(&self) -> &str {
        let given = self.flags.text("namespace");
        if given.is_empty() { &self.context_namespace } else { given }
    }

    /// Who is impersonated; nobody if the learner acts as they are.
    pub(super) fn user(&self) -> Option<User> {
        let name = self.flags.text("as");
        let given = self.flags.list("as-group");
        (!name.is_empty()).then(|| User::new(name, given))
    }

    /// Refuses what the impersonated may not do with an object; with all of a kind where the key has no name.
    pub(super) fn check(&self, verb: &str, key: &Key) -> Result<(), StatusError> {
        if !self.read(|store| store.serves(key.kind)) {
            return Err(not_served(verb, key));
        }
        match self.user() {
            None => Ok(()),
            user => self.read(|store| authorize(store, user.as_ref(), verb, key, "")),
        }
    }

    /// Whether a namespace was given with the call.
    pub(super) fn namespace_given(&self) -> bool {
        !self.flags.text("namespace").is_empty()
    }

    /// Whether the call speaks of all namespaces.
    pub(super) fn all_namespaces(&self) -> bool {
        self.flags.on("all-namespaces")
    }

    /// The key of an object of this kind and name, in the namespace of the call if the kind has namespaces.
    pub(super) fn key(&self, kind: Kind, name: &str) -> Key {
        let namespace = if kind.info().namespaced { self.namespace() } else { "" };
        Key::new(kind, namespace, name)
    }

    /// A mistake in how the verb was called.
    pub(super) fn usage(&self, text: impl AsRef<str>) -> Failure {
        Failure::usage(&self.path, text)
    }
}
