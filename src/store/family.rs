//! What one owner has: the keys of its dependents, and counts of the Pods it controls.
//!
//! An owner of thousands of Pods learns how many there are without walking over them: they are counted by their labels,
//! since Pods of the same labels are the same to every selector. The counts follow each write ([`Difference`]).

use std::sync::Arc;

use super::tally::{Difference, Tally};
use crate::object::{Key, Object};
use crate::persistent::OrdSet;

/// The dependents of one owner.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Family {
    keys: OrdSet<Key>,
    alike: Vec<Alike>,
}

/// How many Pods of an owner have the same labels.
#[derive(Clone, Debug, PartialEq)]
pub struct Alike {
    /// Stands for the labels.
    labels: u64,
    /// One that had these labels; perhaps it is there no more.
    pub example: Arc<Object>,
    /// All of them.
    pub pods: i32,
    /// Those that have neither finished nor are being deleted.
    pub active: i32,
    /// The active ones that are ready.
    pub ready: i32,
    /// Those that are being deleted and have not finished.
    pub terminating: i32,
}

impl Family {
    pub(super) fn keys(&self) -> impl Iterator<Item = &Key> {
        self.keys.iter()
    }

    pub(super) fn alike(&self) -> &[Alike] {
        &self.alike
    }

    pub(super) fn insert(&mut self, key: &Key) {
        self.keys.insert(key.clone());
    }

    pub(super) fn remove(&mut self, key: &Key) {
        self.keys.remove(key);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Takes over what a write changed.
    pub(super) fn count(&mut self, change: &Difference<'_>) {
        if let Some((tally, object)) = &change.after {
            self.add(tally, 1, object);
        }
        if let Some((tally, object)) = &change.before {
            self.add(tally, -1, object);
            self.alike.retain(|alike| alike.pods > 0);
        }
    }

    fn add(&mut self, tally: &Tally, sign: i32, object: &Object) {
        let place = self.alike.iter().position(|alike| alike.labels == tally.labels);
        let place = place.unwrap_or_else(|| {
            let (labels, example) = (tally.labels, Arc::new(object.clone()));
            let (pods, active, ready, terminating) = (0, 0, 0, 0);
            self.alike.push(Alike { labels, example, pods, active, ready, terminating });
            self.alike.len() - 1
        });
        let alike = &mut self.alike[place];
        alike.pods += sign;
        alike.active += sign * i32::from(tally.active);
        alike.ready += sign * i32::from(tally.ready);
        alike.terminating += sign * i32::from(tally.terminating);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::Body;
    use crate::store::testing::pod;

    /// A Pod with a label, and `r`eady, `t`erminating, `f`inished or just there.
    fn one(label: &str, state: &str) -> Object {
        let mut object = pod("p");
        let meta = Arc::make_mut(&mut object.meta);
        meta.labels = Some([("l".to_owned(), label.to_owned())].into());
        meta.deletion_timestamp = (state == "t").then(|| crate::time::Time::START.to_meta());
        if let Body::Pod(body) = &mut object.body {
            let status = Arc::make_mut(&mut body.status);
            status.phase = (state == "f").then(|| "Failed".to_owned());
            let ready = k8s_openapi::api::core::v1::PodCondition {
                type_: "Ready".to_owned(),
                status: if state == "r" { "True" } else { "False" }.to_owned(),
                ..Default::default()
            };
            status.conditions = Some(vec![ready]);
        }
        object
    }

    #[test]
    fn the_counts_follow_the_pods() {
        let mut family = Family::default();
        let table = [
            (None, Some(("x", "")), "1 1 0 0"),
            (None, Some(("x", "r")), "2 2 1 0"),
            (None, Some(("y", "r")), "2 2 1 0, 1 1 1 0"),
            (Some(("x", "")), Some(("y", "f")), "1 1 1 0, 2 1 1 0"),
            (Some(("x", "r")), Some(("x", "r")), "1 1 1 0, 2 1 1 0"),
            (Some(("x", "r")), Some(("x", "t")), "1 0 0 1, 2 1 1 0"),
            (Some(("x", "t")), None, "2 1 1 0"),
            (Some(("y", "r")), None, "1 0 0 0"),
            (Some(("y", "f")), None, ""),
        ];
        for (before, after, expected) in table {
            let object = |of: Option<(&str, &str)>| of.map(|(label, state)| one(label, state));
            let (old, new) = (object(before), object(after));
            if let Some(change) = Difference::between(old.as_ref(), new.as_ref()) {
                family.count(&change);
            }
            let lines: Vec<_> = family
                .alike()
                .iter()
                .map(|one| format!("{} {} {} {}", one.pods, one.active, one.ready, one.terminating))
                .collect();
            assert_eq!(lines.join(", "), expected, "{before:?} to {after:?}");
        }
    }
}
