//! What will happen next if nobody does anything, and when: for countdowns.
//!
//! Of nodes and what they do to their Pods the cluster itself is asked ([`Cluster::outlook`]); of a Pod's own future its
//! status tells (kubernetes `pkg/kubelet/kuberuntime`: the end of the last run plus the back-off that the message names).

use k8s_openapi::api::core::v1::ContainerStatus;

use super::{Lang, Text};
use crate::cluster::{Cluster, Due, Fate};
use crate::object::{Key, Object, PodBody};
use crate::time::{Duration, Time};

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
        60..3600 => {
            let (minutes, rest) = ((secs / 60).to_string(), format!("{:02}", secs % 60));
            Text::MinutesSeconds.fill(lang, &[&minutes, &rest])
        }
        _ => format!("{}:{:02}:{:02}", secs / 3600, secs / 60 % 60, secs % 60),
    }
}

/// What is due to a node or its Pods, in a sentence; `count` Pods share it.
pub fn of_due(due: &Due, count: usize) -> Soon {
    let what = match due.fate {
        Fate::Started => Text::SoonStarted,
        Fate::NotReady => Text::SoonNotReady,
        Fate::Tainted => Text::SoonTainted,
        Fate::Evicted(_) => Text::SoonEvictsPods,
        Fate::Removed(_) => Text::SoonRemovesPods,
    };
    Soon { what, subject: count.to_string(), at: Some(due.at) }
}

/// What will happen to a Pod: because of its node, or by its own status.
pub fn of_one(cluster: &Cluster, key: &Key) -> Option<Soon> {
    let object = cluster.store().get(key)?;
    let pod = object.as_pod()?;
    if let Some(due) = cluster.pod_outlook(key) {
        let what = match due.fate {
            Fate::Evicted(_) => Text::SoonEvicted,
            Fate::Removed(_) | Fate::Started | Fate::NotReady | Fate::Tainted => Text::SoonRemoved,
        };
        return Some(Soon::at(what, due.at));
    }
    let lost = pod.own.node_name.as_ref().is_some_and(|node| !cluster.heard(node));
    if lost && object.terminating() {
        return Some(Soon { what: Text::SoonReturns, subject: String::new(), at: None });
    }
    of_pod(object, pod).or_else(|| restart(cluster, object))
}

/// When its kubelet starts a Pod's container again that crashed: the API says so only while the state is
/// `CrashLoopBackOff`, and for a while it is still `Error`.
pub fn restart(cluster: &Cluster, object: &Object) -> Option<Soon> {
    let node = object.as_pod()?.own.node_name.as_ref()?;
    let at = cluster.kubelets().get(node)?.restart_at(object, cluster.now())?;
    Some(Soon::at(Text::SoonRestart, at))
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
}
