//! Storage: binding claims to volumes, keeping both while they are in use, and making volumes on demand.
//!
//! Models kubernetes `pkg/controller/volume`; a controller a file.

pub mod binder;
pub mod protection;
pub mod provisioner;

use std::sync::Arc;

use serde_json::Value;

use crate::object::{Key, Kind, Object};
use crate::store::Store;

/// Says which provisioner is to make a claim's volume, under the present name and the one before.
pub(crate) const PROVISIONER: [&str; 2] =
    ["volume.kubernetes.io/storage-provisioner", "volume.beta.kubernetes.io/storage-provisioner"];
/// Says which provisioner made a volume.
const PROVISIONED_BY: &str = "pv.kubernetes.io/provisioned-by";

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// The volume that a claim is bound to, or asks for by name.
fn volume_of(claim: &Object) -> Option<Key> {
    let name = claim.as_value().map(|body| text(&body.spec()["volumeName"]))?;
    (!name.is_empty()).then(|| Key::cluster(Kind::PersistentVolume, name))
}

/// The claim that a volume is kept for.
fn claim_of(volume: &Object) -> Option<Key> {
    let reference = &volume.as_value()?.spec()["claimRef"];
    let (namespace, name) = (reference["namespace"].as_str()?, reference["name"].as_str()?);
    Some(Key::new(Kind::PersistentVolumeClaim, namespace, name))
}

/// The storage class of a volume or a claim, if it is there.
fn class_of<'a>(store: &'a Store, object: &Object) -> Option<&'a Arc<Object>> {
    let name = crate::object::storage_class(object);
    if name.is_empty() { None } else { store.get(&Key::cluster(Kind::StorageClass, name)) }
}

fn annotate(object: &mut Object, key: &str, value: &str) {
    let annotations = Arc::make_mut(&mut object.meta).annotations.get_or_insert_default();
    annotations.insert(key.to_owned(), value.to_owned());
}
