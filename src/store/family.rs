//! The Pods that one owner controls, counted as they come, change and go.
//!
//! An owner of thousands of Pods learns how many there are without walking over them: they are counted by their labels,
//! since Pods of the same labels are the same to every selector. The counts are always those of the Pods that stand here.

use std::sync::Arc;

use super::PodSummary;
use crate::object::{Key, Object};
use crate::persistent::OrdMap;

/// The Pods of one owner.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Family {
    pods: OrdMap<Key, PodSummary>,
    alike: Vec<Alike>,
}

/// How many Pods of an owner have the same labels.
#[derive(Clone, Debug, PartialEq)]
pub struct Alike {
    /// Stands for the labels, see [`PodSummary::labels`].
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
    /// The Pods in brief, in key order.
    pub fn pods(&self) -> impl Iterator<Item = &PodSummary> {
        self.pods.values()
    }

    /// The counts, a line for each set of labels.
    pub fn alike(&self) -> &[Alike] {
        &self.alike
    }

    pub(super) fn insert(&mut self, key: &Key, pod: PodSummary) {
        let before = self.pods.get(key).cloned();
        self.count(&pod, 1);
        self.pods.insert(key.clone(), pod);
        if let Some(before) = before {
            self.count(&before, -1);
        }
    }

    pub(super) fn remove(&mut self, key: &Key) {
        if let Some(before) = self.pods.remove(key) {
            self.count(&before, -1);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.pods.is_empty()
    }

    /// Adds or takes away one Pod.
    fn count(&mut self, pod: &PodSummary, sign: i32) {
        let place = self.alike.iter().position(|alike| alike.labels == pod.labels);
        let place = place.unwrap_or_else(|| {
            let example = Arc::clone(&pod.object);
            let (labels, none) = (pod.labels, 0);
            self.alike.push(Alike {
                labels,
                example,
                pods: none,
                active: none,
                ready: none,
                terminating: none,
            });
            self.alike.len() - 1
        });
        let alike = &mut self.alike[place];
        alike.pods += sign;
        if !pod.finished && !pod.terminating {
            alike.active += sign;
            alike.ready += if pod.ready_since.is_some() { sign } else { 0 };
        }
        if !pod.finished && pod.terminating {
            alike.terminating += sign;
        }
        if alike.pods == 0 {
            self.alike.remove(place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::pod;
    use crate::time::Time;

    /// A Pod in brief: its labels by number, and `r`eady, `t`erminating, `f`inished or just there.
    fn brief(labels: u64, state: &str) -> PodSummary {
        PodSummary {
            object: Arc::new(pod("p")),
            finished: state == "f",
            terminating: state == "t",
            ready_since: (state == "r").then_some(Time::START),
            labels,
        }
    }

    #[test]
    fn the_counts_follow_the_pods() {
        let mut family = Family::default();
        let key = |name: &str| Key::new(crate::object::Kind::Pod, "default", name);
        let table = [
            ("a", Some((1, "")), "1: 1 1 0 0"),
            ("b", Some((1, "r")), "1: 2 2 1 0"),
            ("c", Some((2, "r")), "1: 2 2 1 0, 2: 1 1 1 0"),
            ("a", Some((2, "f")), "1: 1 1 1 0, 2: 2 1 1 0"),
            ("b", Some((1, "t")), "1: 1 0 0 1, 2: 2 1 1 0"),
            ("b", None, "2: 2 1 1 0"),
            ("x", None, "2: 2 1 1 0"),
            ("c", None, "2: 1 0 0 0"),
        ];
        for (name, change, expected) in table {
            match change {
                Some((labels, state)) => family.insert(&key(name), brief(labels, state)),
                None => family.remove(&key(name)),
            }
            let lines: Vec<_> = family
                .alike()
                .iter()
                .map(|one| {
                    format!(
                        "{}: {} {} {} {}",
                        one.labels, one.pods, one.active, one.ready, one.terminating
                    )
                })
                .collect();
            assert_eq!(lines.join(", "), expected, "{name} {change:?}");
        }
    }
}
