//! Exponential back-off of restarts and pulls. Models client-go `util/flowcontrol/backoff.go`.

use crate::time::{Duration, Time};

/// The first delay (`containerBackOffPeriod`, `imageBackOffPeriod`).
const FIRST: Duration = Duration::from_secs(10);
/// The longest (`MaxCrashLoopBackOff`).
const MAX: Duration = Duration::from_mins(5);

/// How long to wait before the next try, and since when this holds.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct BackOff {
    entry: Option<(Duration, Time)>,
}

impl BackOff {
    /// Until when a container that ended at `finished` must wait, if it must (`IsInBackOffSince`).
    pub(super) fn until_since(&self, finished: Time, now: Time) -> Option<Time> {
        let (delay, updated) = self.entry?;
        let until = finished + delay;
        (finished - updated <= MAX * 2 && until > now).then_some(until)
    }

    /// Whether the last update was less than the delay ago (`IsInBackOffSinceUpdate`).
    pub(super) fn holds(&self, now: Time) -> bool {
        self.entry.is_some_and(|(delay, updated)| now - updated <= MAX * 2 && now - updated < delay)
    }

    /// The present delay.
    pub(super) fn delay(&self) -> Duration {
        self.entry.map_or(Duration::ZERO, |(delay, _)| delay)
    }

    /// Counts a failure at `event`: 10 s first, then doubled up to 5 min; from the start again after 10 min of quiet.
    pub(super) fn next(&mut self, event: Time, now: Time) {
        let delay = match self.entry {
            Some((delay, updated)) if event - updated <= MAX * 2 => (delay * 2).min(MAX),
            _ => FIRST,
        };
        self.entry = Some((delay, now));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_up_to_five_minutes_and_forgets_after_ten() {
        let (mut backoff, mut now) = (BackOff::default(), Time::START);
        let mut delays = Vec::new();
        for _ in 0..7 {
            backoff.next(now, now);
            delays.push(backoff.delay().as_secs());
            now += backoff.delay();
        }
        assert_eq!(delays, [10, 20, 40, 80, 160, 300, 300]);
        now += Duration::from_secs(700);
        backoff.next(now, now);
        assert_eq!(backoff.delay().as_secs(), 10);
        assert_eq!(backoff.until_since(now, now), Some(now + FIRST));
        assert_eq!(backoff.until_since(now, now + FIRST), None);
    }
}
