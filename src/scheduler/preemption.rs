//! `DefaultPreemption`: what is said about making room by evicting Pods of lower priority.
//!
//! Models the messages of kubernetes `plugins/defaultpreemption/default_preemption.go` and
//! `framework/preemption/preemption.go`. *Differs:* nothing is evicted yet, so a Pod that upstream would make room for
//! is told that no victims were found.

use super::cycle::{histogram, resolvable};
use super::decision::Verdict;
use super::pod_info::PodInfo;
use crate::object::Name;

/// The sentence behind `0/3 nodes are available: …`; the first half is the dynamic resources plugin's.
pub(super) fn message(pod: &PodInfo, nodes: &[(Name, Verdict)]) -> String {
    const PREFIX: &str = "no new claims to deallocate, preemption: ";
    if pod.spec().preemption_policy.as_deref() == Some("Never") {
        return format!("{PREFIX}not eligible due to preemptionPolicy=Never.");
    }
    let (candidates, hopeless): (Vec<_>, Vec<_>) =
        nodes.iter().partition(|(_, verdict)| resolvable(verdict));
    let reasons = [
        ("No preemption victims found for incoming pod", candidates.len()),
        ("Preemption is not helpful for scheduling", hopeless.len()),
    ];
    let counted = histogram(reasons.into_iter().filter(|(_, count)| *count > 0));
    format!("{PREFIX}0/{} nodes are available: {counted}.", nodes.len())
}
