//! Admission: what the API server adds to a request, and what it refuses before it validates.
//!
//! Models the plugins that are on by default, in their order (kubernetes `pkg/kubeapiserver/options/plugins.go`):
//! `NamespaceLifecycle`, `LimitRanger`, `ServiceAccount`, `Priority`, `DefaultTolerationSeconds`, `DefaultStorageClass`,
//! `DefaultIngressClass`, `ResourceQuota`. What one adds comes before the object is validated, what one refuses after it.

mod ingress_class;
mod limit_ranger;
mod pod;
mod priority;
mod quota;
mod storage;

use crate::persistent::Vector;

pub(super) use pod::{AdmittedPod, complete_update, refuse};

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

    /// What admission adds to a new object, Pods aside.
    pub(super) fn complete(&self, object: &mut Object) {
        self.default_storage_class(object);
        ingress_class::complete(self.store, object);
    }

    /// Refuses a valid object, Pods aside: a new one, or one that replaces another.
    #[inline(never)]
    pub(super) fn admit(
        &mut self,
        object: &Object,
        current: Option<&Object>,
    ) -> Result<(), StatusError> {
        priority::admit_class(self.store, object)?;
        if object.kind() == Kind::PersistentVolumeClaim {
            limit_ranger::check(self.store, object)?;
        }
        self.charge_quotas(object, current)
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
        let read = matches!(
            kind,
            Kind::ServiceAccount | Kind::Namespace | Kind::LimitRange | Kind::PriorityClass
        );
        if read && !self.admitted.is_empty() {
            self.admitted = Vector::new();
        }
    }
}
