//! A Pod in brief, kept beside the index of owners, so that an owner of thousands of Pods can count them without
//! opening each one. It is worked out once a write, from the object alone.

use std::sync::Arc;

use k8s_openapi::api::core::v1::PodStatus;

use crate::object::{Labels, Object};
use crate::time::Time;

/// What an owner counts of a Pod.
#[derive(Clone, Debug, PartialEq)]
pub struct PodSummary {
    /// The Pod.
    pub object: Arc<Object>,
    /// Whether it has run to its end.
    pub finished: bool,
    /// Whether its deletion was asked for.
    pub terminating: bool,
    /// Since when it is ready, if it is.
    pub ready_since: Option<Time>,
    /// Stands for its labels: Pods whose labels are the same have the same number.
    pub labels: u64,
}

impl PodSummary {
    /// The summary of a Pod; `None` for any other kind.
    pub(super) fn of(object: &Arc<Object>) -> Option<Self> {
        let pod = object.as_pod()?;
        Some(Self {
            object: Arc::clone(object),
            finished: matches!(pod.status.phase.as_deref(), Some("Succeeded" | "Failed")),
            terminating: object.terminating(),
            ready_since: ready_since(&pod.status),
            labels: fingerprint(object.meta.labels.as_ref()),
        })
    }
}

fn ready_since(status: &PodStatus) -> Option<Time> {
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
