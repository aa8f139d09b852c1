//! How long a Job waits with another Pod after failures: 10 s, doubled with each, 10 minutes at most.
//!
//! Models kubernetes `pkg/controller/job/backoff_utils.go`. *Differs:* failures since the last success are those of the
//! Pods that are still there, where upstream remembers others too.

use super::facts::{JobPod, Spec};
use crate::time::{Duration, Time};

/// After the first failure (`DefaultJobPodFailureBackOff`).
const FIRST: Duration = Duration::from_secs(10);
/// At most (`MaxJobPodFailureBackOff`).
const MAX: Duration = Duration::from_mins(10);

/// How long the next Pod of a Job has to wait; zero if it need not.
pub(super) fn remaining(spec: Spec<'_>, pods: &[JobPod], now: Time) -> Duration {
    let ended = |pod: &&JobPod| !spec.indexed() || pod.index_below(spec.completions()).is_some();
    let counted = || pods.iter().filter(ended);
    let succeeded = counted().filter(|pod| pod.succeeded()).map(JobPod::finished_at).max();
    let failed = counted().filter(|pod| pod.failed(spec)).map(JobPod::finished_at);
    let since: Vec<Time> =
        failed.filter(|at| succeeded.is_none_or(|success| *at > success)).collect();
    since.iter().max().map_or(Duration::ZERO, |last| after(since.len(), *last, now))
}

/// The same for one index, whose last Pod failed.
pub(super) fn remaining_of_index(last: &JobPod, now: Time) -> Duration {
    let before = last.failures() + last.ignored_failures();
    after(usize::try_from(before).unwrap_or(0) + 1, last.finished_at(), now)
}

fn after(failures: usize, last: Time, now: Time) -> Duration {
    let doublings = u32::try_from(failures.saturating_sub(1)).unwrap_or(u32::MAX);
    let factor = 1_u32.checked_shl(doublings).unwrap_or(u32::MAX);
    let until = last + FIRST.saturating_mul(factor).min(MAX);
    until - now
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::pod;
    use super::*;

    #[test]
    fn failures_since_the_last_success_count() {
        let spec = json!({});
        let failed = |at: u64| json!({ "phase": "Failed", "exit": 1, "at": at });
        let succeeded = |at: u64| json!({ "phase": "Succeeded", "exit": 0, "at": at });
        for (pods, now, secs) in [
            (vec![], 100, 0),
            (vec![failed(95)], 100, 5),
            (vec![failed(50), failed(95)], 100, 15),
            (vec![failed(50), succeeded(60), failed(95)], 100, 5),
            (vec![failed(95), succeeded(96)], 100, 0),
            (vec![failed(90)], 101, 0),
            ((0..40).map(failed).collect(), 100, 539),
        ] {
            let pods: Vec<JobPod> = pods.iter().map(pod).collect();
            let now = Time::START + Duration::from_secs(now);
            assert_eq!(remaining(Spec(&spec), &pods, now), Duration::from_secs(secs));
        }
    }

    #[test]
    fn an_index_waits_by_what_its_pods_carry() {
        let last = pod(&json!({ "phase": "Failed", "exit": 1, "at": 100, "failures": 2 }));
        let now = Time::START + Duration::from_secs(110);
        assert_eq!(remaining_of_index(&last, now), Duration::from_secs(30));
    }
}
