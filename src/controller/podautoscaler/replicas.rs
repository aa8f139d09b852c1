//! How many replicas a metric asks for.
//!
//! What is not known about a Pod never scales further than what is known: missing Pods count as busy when the answer is
//! "fewer" and as idle when it is "more". Usage and requests are integers in thousandths; ratios are doubles, because upstream's
//! are and their rounding decides at the edges. Models kubernetes `pkg/controller/podautoscaler/replica_calculator.go` and
//! `metrics/utilization.go`.

use crate::time::{Duration, Time};

/// What is known about one of the Pods that are scaled.
#[derive(Clone, Debug)]
pub struct PodFacts {
    /// What it requests of the resource.
    pub request: i64,
    /// What it uses, if that was measured.
    pub usage: Option<Sample>,
    /// Whether it failed or is being deleted.
    pub ended: bool,
    /// Whether it has not started yet.
    pub pending: bool,
    /// When it started.
    pub started: Option<Time>,
    /// Whether it is ready, and since when that has been so.
    pub ready: Option<(bool, Time)>,
}

/// A measurement.
#[derive(Copy, Clone, Debug)]
pub struct Sample {
    /// How much was used.
    pub value: i64,
    /// When the window of the measurement ended.
    pub at: Time,
    /// How long it was.
    pub window: Duration,
}

/// What is aimed at.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// So many percent of what is requested.
    Utilization(i32),
    /// So much a Pod.
    AverageValue(i64),
}

/// How far the ratio of usage and target may be from 1 without any scaling.
#[derive(Copy, Clone, Debug)]
pub struct Tolerances {
    /// For less than 1.
    pub down: f64,
    /// For more than 1.
    pub up: f64,
}

/// What the calculation goes by.
#[derive(Copy, Clone, Debug)]
pub struct Question {
    /// How many replicas there are.
    pub current: i32,
    /// What is aimed at.
    pub target: Target,
    /// What is close enough.
    pub tolerances: Tolerances,
    /// Whether the resource is CPU, whose usage says little while a program starts up.
    pub cpu: bool,
    /// For how long after its start a Pod may be initialising (`--horizontal-pod-autoscaler-cpu-initialization-period`).
    pub initialization_period: Duration,
    /// Until when after its start a Pod that is not ready has never been (`--horizontal-pod-autoscaler-initial-readiness-delay`).
    pub initial_readiness_delay: Duration,
    /// When it is asked.
    pub now: Time,
}

/// The answer.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// How many replicas there should be.
    pub replicas: i32,
    /// What the Pods use: percent of their requests, or the average, as the target is given.
    pub usage: i64,
    /// What they use on average.
    pub average: i64,
}

/// Whether a Pod's measurement counts.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
enum Group {
    Ready,
    Unready,
    Missing,
    Ignored,
}

/// How many replicas the Pods' usage asks for, or why that cannot be said.
pub fn replicas(question: &Question, pods: &[PodFacts]) -> Result<Answer, String> {
    if pods.is_empty() {
        return Err("no pods returned by selector while calculating replica count".to_owned());
    }
    let groups: Vec<Group> = pods.iter().map(|pod| question.group(pod)).collect();
    let count = |group: Group| groups.iter().filter(|one| **one == group).count();
    let with = |usage: &dyn Fn(Group, &PodFacts) -> Option<i64>| {
        let mut sums = Sums::default();
        for (group, pod) in groups.iter().zip(pods) {
            if let Some(usage) = usage(*group, pod) {
                sums.add(usage, pod.request);
            }
        }
        sums
    };
    let measured = |pod: &PodFacts| pod.usage.map(|sample| sample.value);
    let known = with(&|group, pod| if group == Group::Ready { measured(pod) } else { None });
    if known.pods == 0 {
        return Err("did not receive metrics for targeted pods (pods might be unready)".to_owned());
    }
    let (ratio, usage) = question.ratio(&known)?;
    let answer = |replicas| Ok(Answer { replicas, usage, average: known.usage / known.pods });
    let unready_count = count(Group::Unready) > 0 && ratio > 1.0;
    if !unready_count && count(Group::Missing) == 0 {
        let close = question.tolerances.hold(ratio);
        return answer(if close { question.current } else { times(ratio, known.pods) });
    }
    let assumed = with(&|group, pod| match group {
        Group::Ready => measured(pod),
        Group::Missing if ratio < 1.0 => Some(question.assumed(pod)),
        Group::Missing if ratio > 1.0 => Some(0),
        Group::Unready if unready_count => Some(0),
        Group::Missing | Group::Unready | Group::Ignored => None,
    });
    let (new_ratio, _) = question.ratio(&assumed)?;
    let turned = (ratio < 1.0 && new_ratio > 1.0) || (ratio > 1.0 && new_ratio < 1.0);
    if turned || question.tolerances.hold(new_ratio) {
        return answer(question.current);
    }
    let wanted = times(new_ratio, assumed.pods);
    let against = (new_ratio < 1.0 && wanted > question.current)
        || (new_ratio > 1.0 && wanted < question.current);
    answer(if against { question.current } else { wanted })
}

/// Sums over the Pods that count.
#[derive(Default)]
struct Sums {
    usage: i64,
    requests: i64,
    pods: i64,
}

impl Sums {
    fn add(&mut self, usage: i64, request: i64) {
        self.usage = self.usage.saturating_add(usage);
        self.requests = self.requests.saturating_add(request);
        self.pods += 1;
    }
}

impl Question {
    fn group(&self, pod: &PodFacts) -> Group {
        if pod.ended {
            return Group::Ignored;
        }
        if pod.pending {
            return Group::Unready;
        }
        let Some(sample) = pod.usage else { return Group::Missing };
        if self.cpu && self.starting(pod, &sample) { Group::Unready } else { Group::Ready }
    }

    /// Whether a Pod's usage may still be that of its start.
    fn starting(&self, pod: &PodFacts, sample: &Sample) -> bool {
        let (Some(started), Some((ready, since))) = (pod.started, pod.ready) else { return true };
        if started + self.initialization_period > self.now {
            !ready || sample.at < since + sample.window
        } else {
            !ready && started + self.initial_readiness_delay > since
        }
    }

    /// What a Pod without measurements is taken to use where the answer would be fewer replicas.
    fn assumed(&self, pod: &PodFacts) -> i64 {
        match self.target {
            Target::Utilization(percent) => {
                pod.request.saturating_mul(i64::from(percent).max(100)) / 100
            }
            Target::AverageValue(value) => value,
        }
    }

    /// The ratio of usage and target, and the usage.
    #[expect(
        clippy::float_arithmetic,
        clippy::cast_precision_loss,
        reason = "upstream's ratios are doubles, and their rounding decides"
    )]
    fn ratio(&self, sums: &Sums) -> Result<(f64, i64), String> {
        let (usage, target) = match self.target {
            Target::Utilization(percent) => {
                if sums.requests == 0 {
                    return Err("no metrics returned matched known pods".to_owned());
                }
                (sums.usage.saturating_mul(100) / sums.requests, i64::from(percent))
            }
            Target::AverageValue(value) => (sums.usage / sums.pods.max(1), value),
        };
        Ok((usage as f64 / target as f64, usage))
    }
}

impl Tolerances {
    #[expect(clippy::float_arithmetic, reason = "upstream's tolerances are doubles")]
    fn hold(self, ratio: f64) -> bool {
        1.0 - self.down <= ratio && ratio <= 1.0 + self.up
    }
}

/// A ratio of a count of Pods, rounded up.
#[expect(
    clippy::float_arithmetic,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "upstream multiplies doubles; what is too large stays the largest there is"
)]
fn times(ratio: f64, pods: i64) -> i32 {
    (ratio * pods as f64).ceil() as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(current: i32, target: Target) -> Question {
        Question {
            current,
            target,
            tolerances: Tolerances { down: 0.1, up: 0.1 },
            cpu: true,
            initialization_period: Duration::from_mins(5),
            initial_readiness_delay: Duration::from_secs(30),
            now: Time::START + Duration::from_mins(10),
        }
    }

    fn ready(request: i64, usage: i64) -> PodFacts {
        PodFacts {
            request,
            usage: Some(Sample {
                value: usage,
                at: Time::START + Duration::from_mins(10),
                window: Duration::from_secs(15),
            }),
            ended: false,
            pending: false,
            started: Some(Time::START),
            ready: Some((true, Time::START + Duration::from_mins(1))),
        }
    }

    #[test]
    fn edges_of_the_tolerance_are_within() {
        for (usage, expected) in [(90, 10), (110, 10), (89, 9), (111, 12)] {
            let pods = vec![ready(100, usage); 10];
            let answer = replicas(&question(10, Target::Utilization(100)), &pods);
            assert_eq!(answer.map(|answer| answer.replicas), Ok(expected), "{usage}");
        }
    }

    #[test]
    fn average_values_count_without_requests() {
        let mut pods = vec![ready(0, 300), ready(0, 500)];
        let asked = question(2, Target::AverageValue(200));
        let answer = Answer { replicas: 4, usage: 400, average: 400 };
        assert_eq!(replicas(&asked, &pods), Ok(answer));
        // One of which nothing is known counts as idle, so there are as many again.
        pods.push(PodFacts { usage: None, ..ready(0, 0) });
        assert_eq!(replicas(&asked, &pods), Ok(Answer { replicas: 4, ..answer }));
    }

    #[test]
    fn nothing_to_go_by() {
        let asked = question(1, Target::Utilization(50));
        assert_eq!(
            replicas(&asked, &[]).unwrap_err(),
            "no pods returned by selector while calculating replica count"
        );
        let pending = PodFacts { pending: true, ..ready(100, 100) };
        assert_eq!(
            replicas(&asked, &[pending]).unwrap_err(),
            "did not receive metrics for targeted pods (pods might be unready)"
        );
        assert_eq!(
            replicas(&asked, &[ready(0, 100)]).unwrap_err(),
            "no metrics returned matched known pods"
        );
    }
}
