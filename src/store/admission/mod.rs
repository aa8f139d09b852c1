//! Admission: what the API server adds to a request, and what it refuses before it validates.
//!
//! Models the plugins that are on by default, in their order (kubernetes `pkg/kubeapiserver/options/plugins.go`):
//! `NamespaceLifecycle`, `ServiceAccount`, `Priority`, `DefaultTolerationSeconds`. *Differs:* limits and quotas
//! are not simulated yet.

mod pod;
mod priority;
mod storage;

use crate::persistent::Vector;

pub(super) use pod::{AdmittedPod, refuse};
pub(super) use priority::admit_class;

use super::{Client, Store};
use crate::object::{Key, Kind, Object, Reason, StatusError};

impl Client<'_> {
    /// Refuses a new object whose namespace is missing or going away.
    pub(super) fn admit_namespace(&self, object: &Object) -> Result<(), StatusError> {
        if !object.kind().info().namespaced {
            return Ok(());
        }
        let key = Key::cluster(Kind::Namespace, object.namespace());
        match self.store.get(&key) {
            None => Err(StatusError::not_found(&key)),
            Some(namespace) if namespace.terminating() => Err(forbidden(
                object,
                &format!(
                    "unable to create new content in namespace {} because it is being terminated",
                    key.name
                ),
            )),
            Some(_) => Ok(()),
        }
    }
}

/// `pods "web" is forbidden: …`; an object that has no name yet goes by what its name will begin with.
fn forbidden(object: &Object, why: &str) -> StatusError {
    let name = match object.name() {
        "" => object.meta.generate_name.as_deref().unwrap_or_default(),
        name => name,
    };
    let resource = object.kind().info().resource();
    StatusError::new(Reason::Forbidden, format!("{resource} \"{name}\" is forbidden: {why}"))
}

/// How many different specs are remembered: more than there are rollouts at one time.
const REMEMBERED_MAX: usize = 8;

impl Store {
    /// Remembers what became of a spec, so that the Pods of one template share it.
    fn remember(&mut self, admitted: AdmittedPod) {
        if self.admitted.len() == REMEMBERED_MAX {
            self.admitted.pop_front();
        }
        self.admitted.push_back(admitted);
    }

    /// Forgets admitted specs when something changes that admission reads.
    pub(super) fn forget_admitted(&mut self, kind: Kind) {
        if matches!(kind, Kind::ServiceAccount | Kind::Namespace | Kind::PriorityClass)
            && !self.admitted.is_empty()
        {
            self.admitted = Vector::new();
        }
    }
}
