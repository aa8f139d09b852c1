//! How often a component may call the API server: a bucket of tokens that fills up again at a steady rate.
//!
//! A call takes a token; who finds none waits for the next. Calls that belong together may overdraw the bucket; who
//! comes after them waits longer. Models client-go `util/flowcontrol/throttle.go` (`NewTokenBucketRateLimiter`).

use crate::time::{Duration, Time};

/// A limit on calls.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Calls a second, in the long run (`--kube-api-qps`).
    pub per_second: u32,
    /// Calls at once, after a rest (`--kube-api-burst`).
    pub burst: u32,
}

/// What a component has used of its rate, kept as the moment at which its bucket is full again.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct Throttle {
    full_at: Time,
}

impl Rate {
    /// From one token to the next.
    fn interval(self) -> Duration {
        Duration::from_secs(1) / self.per_second.max(1)
    }
}

impl Throttle {
    /// How many calls may be made now.
    pub fn tokens(&self, rate: Rate, now: Time) -> u32 {
        let missing = (self.full_at - now).as_nanos().div_ceil(rate.interval().as_nanos());
        rate.burst.saturating_sub(u32::try_from(missing).unwrap_or(u32::MAX))
    }

    /// Takes tokens, perhaps more than there are.
    pub fn take(&mut self, calls: u32, rate: Rate, now: Time) {
        self.full_at = self.full_at.max(now) + rate.interval().saturating_mul(calls);
    }

    /// When the next call may be made.
    pub fn ready_at(&self, rate: Rate, now: Time) -> Time {
        let rest = rate.interval().saturating_mul(rate.burst.saturating_sub(1));
        now + (self.full_at - now).saturating_sub(rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_and_then_one_at_a_time() {
        let rate = Rate { per_second: 20, burst: 3 };
        let mut throttle = Throttle::default();
        let at = |millis: u64| Time::START + Duration::from_millis(millis);
        // Moment, tokens then, ready at, calls made.
        let table = [(0, 3, 0, 2), (0, 1, 0, 1), (0, 0, 50, 0), (49, 0, 50, 0), (50, 1, 50, 3)];
        let later = [(50, 0, 200, 0), (200, 1, 200, 0), (250, 2, 250, 0), (900, 3, 900, 0)];
        for (now, tokens, ready, calls) in table.into_iter().chain(later) {
            let now_is = at(now);
            assert_eq!(throttle.tokens(rate, now_is), tokens, "tokens at {now}");
            assert_eq!(throttle.ready_at(rate, now_is), at(ready), "ready at {now}");
            throttle.take(calls, rate, now_is);
        }
    }
}
