//! What will happen next if nobody does anything, and when: for countdowns.
//!
//! Read from what the API shows (a Lease's renewal, a taint's time, a back-off in a container's status), so that the page
//! promises nothing that a learner could not work out. The times are those of kubernetes `pkg/controller/nodelifecycle`
//! (50 s of grace), `pkg/controller/tainteviction` (tolerationSeconds) and `pkg/kubelet` (restart back-off).

use k8s_openapi::api::core::v1::{ContainerStatus, Taint, Toleration};

use super::{Lang, Text};
use crate::object::{Key, Kind, Object, PodBody, tolerates};

use crate::store::Store;
use crate::time::{Duration, Time};

/// How long a node may be silent before it is called NotReady (`--node-monitor-grace-period`).
const GRACE: Duration = Duration::from_secs(50);

/// Something that is going to happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Soon {
    /// The sentence; `{0}` is the subject, `{1}` the time that is left.
    pub what: Text,
    /// To what it happens, where the sentence says it.
    pub subject: String,
    /// When; `None` if it waits for somebody.
    pub at: Option<Time>,
}

impl Soon {
    /// It happens at a time.
    pub fn at(what: Text, at: Time) -> Self {
        Self { what, subject: String::new(), at: Some(at) }
    }

    /// The sentence, as of now.
    pub fn tell(&self, lang: Lang, now: Time) -> String {
        let left = self.at.map(|at| span(at.since(now), lang)).unwrap_or_default();
        self.what.fill(lang, &[&self.subject, &left])
    }
}

/// A time that is left: `38 s`, `4:12`, `1:02:09`.
pub fn span(left: Duration, lang: Lang) -> String {
    let secs = (left + Duration::from_millis(999)).as_secs();
    match secs {
        0..60 => Text::Seconds.fill(lang, &[&secs.to_string()]),
        60..3600 => format!("{}:{:02}", secs / 60, secs % 60),
        _ => format!("{}:{:02}:{:02}", secs / 3600, secs / 60 % 60, secs % 60),
    }
}

/// When a silent node will be called NotReady: counted from the last renewal of its Lease.
pub fn not_ready_at(store: &Store, node: &Object) -> Option<Time> {
    let lease = store.get(&Key::new(Kind::Lease, "kube-node-lease", node.name()))?;
    let renewed = lease.as_lease()?.spec.as_ref()?.renew_time.as_ref()?;
    Some(Time::from(renewed) + GRACE)
}

/// When a Pod is evicted because of its node's `NoExecute` taints: the least of the times it tolerates, counted from
/// when the taint came. `None` if it is not.
pub fn evicted_at(pod: &PodBody, taints: &[Taint]) -> Option<Time> {
    let tolerations = pod.shared.tolerations.as_deref().unwrap_or_default();
    let executing = taints.iter().filter(|taint| taint.effect == "NoExecute");
    executing
        .filter_map(|taint| {
            let since = taint.time_added.as_ref().map(Time::from)?;
            let matching = || tolerations.iter().filter(|one| tolerates(one, taint));
            if matching().count() == 0 {
                return Some(since);
            }
            let secs = |one: &Toleration| one.toleration_seconds;
            let least = matching().filter_map(secs).min()?;
            Some(since + Duration::from_secs(u64::try_from(least).unwrap_or(0)))
        })
        .min()
}

/// What a Pod's own status says about its near future: a kill after its grace period, a restart after a back-off.
pub fn of_pod(object: &Object, pod: &PodBody) -> Option<Soon> {
    if let Some(deadline) = &object.meta.deletion_timestamp {
        return Some(Soon::at(Text::SoonKilled, Time::from(deadline)));
    }
    let status = &pod.status;
    let containers =
        status.init_container_statuses.iter().chain(&status.container_statuses).flatten();
    let at = containers.filter_map(restart_at).min()?;
    Some(Soon::at(Text::SoonRestart, at))
}

/// When a container in `CrashLoopBackOff` is started again: its end plus the delay that its message names.
fn restart_at(status: &ContainerStatus) -> Option<Time> {
    let waiting = status.state.as_ref()?.waiting.as_ref()?;
    if waiting.reason.as_deref() != Some("CrashLoopBackOff") {
        return None;
    }
    let message = waiting.message.as_deref()?.strip_prefix("back-off ")?;
    let delay = message.split(' ').next().and_then(go_duration)?;
    let ended = status.last_state.as_ref()?.terminated.as_ref()?.finished_at.as_ref()?;
    Some(Time::from(ended) + delay)
}

/// Go's short durations in whole seconds: `10s`, `1m20s`, `5m0s`.
fn go_duration(text: &str) -> Option<Duration> {
    let (minutes, rest) = text.split_once('m').unwrap_or(("0", text));
    let seconds = rest.strip_suffix('s').unwrap_or(if rest.is_empty() { "0" } else { rest });
    let minutes: u64 = minutes.parse().ok()?;
    let seconds: u64 = seconds.parse().ok()?;
    Some(Duration::from_secs(minutes * 60 + seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_that_is_left_reads_well() {
        for (millis, text) in
            [(0, "0 s"), (37_001, "38 s"), (60_000, "1:00"), (3_729_000, "1:02:09")]
        {
            assert_eq!(span(Duration::from_millis(millis), Lang::En), text);
        }
    }

    #[test]
    fn back_offs_are_read_from_go() {
        for (text, secs) in
            [("10s", Some(10)), ("1m20s", Some(80)), ("5m0s", Some(300)), ("x", None)]
        {
            assert_eq!(go_duration(text).map(|delay| delay.as_secs()), secs, "{text}");
        }
    }

    #[test]
    fn the_shortest_toleration_counts() {
        let taint = |effect: &str| Taint {
            key: "node.kubernetes.io/unreachable".to_owned(),
            effect: effect.to_owned(),
            time_added: Some(Time::START.to_meta()),
            value: None,
        };
        let tolerating = |secs: &[Option<i64>]| {
            let one = |secs: &Option<i64>| Toleration {
                operator: Some("Exists".to_owned()),
                toleration_seconds: *secs,
                ..Toleration::default()
            };
            let spec = k8s_openapi::api::core::v1::PodSpec {
                tolerations: Some(secs.iter().map(one).collect()),
                ..k8s_openapi::api::core::v1::PodSpec::default()
            };
            PodBody::from_spec(spec, k8s_openapi::api::core::v1::PodStatus::default())
        };
        let after = |secs: u64| Some(Time::START + Duration::from_secs(secs));
        for (tolerations, effect, expected) in [
            (&[Some(300)][..], "NoExecute", after(300)),
            (&[Some(300), Some(20)], "NoExecute", after(20)),
            (&[None], "NoExecute", None),
            (&[], "NoExecute", after(0)),
            (&[], "NoSchedule", None),
        ] {
            assert_eq!(
                evicted_at(&tolerating(tolerations), &[taint(effect)]),
                expected,
                "{tolerations:?}"
            );
        }
    }
}
