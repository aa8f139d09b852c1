//! What an owner counts of a Pod, and what a write changes in it: mostly nothing.

use std::sync::Arc;

use k8s_openapi::api::core::v1::PodStatus;

use crate::object::{Labels, Object};
use crate::time::Time;

/// How a Pod counts.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) struct Tally {
    /// Stands for its labels: Pods whose labels are the same have the same number.
    pub(super) labels: u64,
    /// Whether it has neither run to its end nor is being deleted.
    pub(super) active: bool,
    /// Whether it is active and ready.
    pub(super) ready: bool,
    /// Whether it is being deleted and has not run to its end.
    pub(super) terminating: bool,
}

/// How a Pod counted before a write and how it counts after it, with the Pod.
#[derive(Debug)]
pub(super) struct Difference<'a> {
    pub(super) before: Option<(Tally, &'a Object)>,
    pub(super) after: Option<(Tally, &'a Object)>,
}

impl<'a> Difference<'a> {
    /// What a write changes; `None` if it is nothing, or no Pod's.
    pub(super) fn between(before: Option<&'a Object>, after: Option<&'a Object>) -> Option<Self> {
        let state = |object: &'a Object| Some((state_of(object)?, object));
        let (old, new) = (before.and_then(state), after.and_then(state));
        if let (Some((was, one)), Some((is, other))) = (&old, &new) {
            let alike = Arc::ptr_eq(&one.meta, &other.meta) || one.meta.labels == other.meta.labels;
            if was == is && alike {
                return None;
            }
        }
        let labelled = |(tally, object): (Tally, &'a Object)| {
            (Tally { labels: fingerprint(object.meta.labels.as_ref()), ..tally }, object)
        };
        (old.is_some() || new.is_some())
            .then(|| Self { before: old.map(labelled), after: new.map(labelled) })
    }
}

/// How a Pod counts, its labels aside.
fn state_of(object: &Object) -> Option<Tally> {
    let pod = object.as_pod()?;
    let finished = matches!(pod.status.phase.as_deref(), Some("Succeeded" | "Failed"));
    let active = !finished && !object.terminating();
    Some(Tally {
        labels: 0,
        active,
        ready: active && ready_since(&pod.status).is_some(),
        terminating: !finished && object.terminating(),
    })
}

/// Since when a Pod has been ready, if it is.
pub fn ready_since(status: &PodStatus) -> Option<Time> {
    let mut conditions = status.conditions.iter().flatten();
    let ready = conditions.find(|one| one.type_ == "Ready").filter(|one| one.status == "True")?;
    Some(ready.last_transition_time.as_ref().map(Time::from).unwrap_or_default())
}

/// FNV-1a over the sorted labels; 255 stands in no UTF-8 text, so it separates.
fn fingerprint(labels: Option<&Labels>) -> u64 {
    let texts = labels.into_iter().flatten().flat_map(|(key, value)| [key, value]);
    let bytes = texts.flat_map(|text| text.bytes().chain([0xff]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_told_apart() {
        let labels = |pairs: &[(&str, &str)]| -> Labels {
            pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
        };
        let one = fingerprint(Some(&labels(&[("app", "web")])));
        assert_eq!(one, fingerprint(Some(&labels(&[("app", "web")]))));
        for other in [&[("app", "we"), ("b", "")][..], &[("appw", "eb")], &[]] {
            assert_ne!(one, fingerprint(Some(&labels(other))), "{other:?}");
        }
    }
}
