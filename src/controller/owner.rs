//! Owners and what they claim.
//!
//! Models apimachinery `NewControllerRef` and kubernetes `pkg/controller/controller_ref_manager.go`: an owner keeps
//! what carries its uid, takes in orphans that its selector selects, and lets go of what it no longer selects.

use std::sync::Arc;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta, OwnerReference};

use crate::object::{Kind, Object, selector_matches};
use crate::order;
use crate::store::Client;

/// The reference by which a controller owns an object.
pub fn controller_ref(owner: &Object) -> OwnerReference {
    let kind = owner.kind().info();
    OwnerReference {
        api_version: kind.api_version(),
        kind: kind.name.to_owned(),
        name: owner.name().to_owned(),
        uid: owner.uid().to_owned(),
        controller: Some(true),
        block_owner_deletion: Some(true),
    }
}

/// Whether an owner manages this object.
pub fn is_controlled_by(object: &Object, owner: &Object) -> bool {
    object.controller().is_some_and(|controller| controller.uid == owner.uid())
}

/// The objects of a kind that an owner manages after adopting and releasing, in key order.
///
/// An object that could not be adopted or released (it vanished) is left out.
pub fn claim(
    client: &mut Client<'_>,
    owner: &Object,
    selector: &LabelSelector,
    kind: Kind,
    worth: impl Fn(&Object) -> bool,
) -> Vec<Arc<Object>> {
    let mut claimed = Vec::new();
    let mut released = Vec::new();
    for object in client.store().owned_by(owner.uid()) {
        if object.kind() != kind || !is_controlled_by(object, owner) {
            continue;
        }
        if selector_matches(selector, object.meta.labels.as_ref()) {
            if worth(object) {
                claimed.push(Arc::clone(object));
            }
        } else if !owner.terminating() {
            released.push(Arc::clone(object));
        }
    }
    let adopted: Vec<_> = client
        .store()
        .orphans(kind, owner.namespace())
        .filter(|object| !owner.terminating() && !object.terminating() && worth(object))
        .filter(|object| selector_matches(selector, object.meta.labels.as_ref()))
        .map(Arc::clone)
        .collect();
    for object in released {
        let change = |meta: &mut ObjectMeta| {
            meta.owner_references
                .iter_mut()
                .for_each(|owners| owners.retain(|one| one.uid != owner.uid()));
        };
        drop(rewrite(client, &object, change));
    }
    let any_adopted = !adopted.is_empty();
    for object in adopted {
        let reference = controller_ref(owner);
        let change = |meta: &mut ObjectMeta| {
            meta.owner_references.get_or_insert_default().push(reference);
        };
        claimed.extend(rewrite(client, &object, change));
    }
    if any_adopted {
        order::sort_by(&mut claimed, |a, b| a.name().cmp(b.name()));
    }
    claimed
}

fn rewrite(
    client: &mut Client<'_>,
    object: &Arc<Object>,
    change: impl FnOnce(&mut ObjectMeta),
) -> Option<Arc<Object>> {
    let mut next = Object::clone(object);
    change(Arc::make_mut(&mut next.meta));
    client.update(next).ok()
}
