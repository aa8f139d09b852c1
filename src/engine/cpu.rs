//! What a process uses of the CPU: a little all the time, and what its work costs, never more than it may.
//!
//! Work waits in line behind earlier work. Of its limit a process may use a period's worth (100 ms) at once, as the kernel's
//! CFS quota lets it; what needs more is slowed down to the limit. What was done is kept by windows of [`WINDOW`], in which the
//! metrics server reads the counters, so nothing has to be sampled while nobody asks.
//!
//! *Differs:* the containers of a machine do not slow each other down; one without a limit may use all of its machine.

use crate::time::{Duration, Time};

/// How far apart the counters are read (metrics-server `--metric-resolution`).
pub const WINDOW: Duration = Duration::from_secs(15);
/// The kernel's period (`cpu.cfs_period_us`): a quota is for so long.
const PERIOD_MICROS: u64 = 100_000;
/// Work that would have to wait for longer is never done.
const WAIT_MAX: Duration = Duration::from_secs(30);
/// How long a request takes that is never answered: longer than anybody waits.
pub const NEVER: Duration = Duration::from_hours(1);
/// The windows that are remembered: the last whole one, the present one, and those in which waiting work will be done.
const KEPT: usize = 5;

/// A process's account.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) struct Cpu {
    /// Thousandths of a CPU that it may use; never 0.
    capacity_milli: u64,
    /// What it uses all the time, in thousandths.
    idle_milli: u64,
    /// Until when it is busy with what it was given.
    busy_until: Time,
    /// Which window the first of `done` is.
    first: i64,
    /// Microseconds of CPU time by window.
    done: [u64; KEPT],
}

impl Cpu {
    pub(super) fn new(capacity_milli: u64, now: Time) -> Self {
        let capacity_milli = capacity_milli.max(1);
        Self { capacity_milli, idle_milli: 0, busy_until: now, first: window(now), done: [0; KEPT] }
    }

    /// Says what it uses all the time, in thousandths.
    pub(super) fn set_idle(&mut self, milli: u64) {
        self.idle_milli = milli;
    }

    /// Does work of so many microseconds of CPU time and returns how long that takes; [`NEVER`] if too much waits already.
    pub(super) fn work(&mut self, micros: u64, now: Time) -> Duration {
        let begin = self.busy_until.max(now);
        if begin - now > WAIT_MAX {
            return NEVER;
        }
        let span = micros.saturating_mul(1000) / self.capacity_milli;
        let end = begin + Duration::from_micros(span);
        self.note(begin, end, micros, now);
        self.busy_until = end;
        let waited = (end - now).saturating_sub(Duration::from_micros(PERIOD_MICROS));
        waited.max(Duration::from_micros(micros))
    }

    /// Writes work down in the windows in which it is done.
    fn note(&mut self, begin: Time, end: Time, micros: u64, now: Time) {
        let oldest = window(now) - 1;
        while self.first < oldest {
            let steps = usize::try_from(oldest - self.first).unwrap_or(KEPT).min(KEPT);
            self.done.rotate_left(steps);
            self.done[KEPT - steps..].fill(0);
            self.first = oldest;
        }
        let (mut at, mut left) = (begin, micros);
        let whole = u64::try_from((end - begin).as_micros()).unwrap_or(u64::MAX).max(1);
        loop {
            let here = window(at);
            let until = start_of(here + 1).min(end);
            let part = u64::try_from((until - at).as_micros()).unwrap_or(0);
            let share = if until == end { left } else { micros.saturating_mul(part) / whole };
            let place = usize::try_from(here - self.first).unwrap_or(0).min(KEPT - 1);
            self.done[place] = self.done[place].saturating_add(share);
            left = left.saturating_sub(share);
            if until == end {
                return;
            }
            at = until;
        }
    }

    /// What it used on average in the last whole window before `now`, in billionths of a CPU, if it has run since `started`
    /// for so much of it that the metrics server counts it.
    pub(super) fn used(&self, started: Time, now: Time) -> Option<(Duration, u64)> {
        let end = start_of(window(now));
        let length = if started <= end { (end - started).min(WINDOW) } else { return None };
        if length < FRESH {
            return None;
        }
        let place = usize::try_from(window(end) - 1 - self.first).ok();
        let micros = place.and_then(|place| self.done.get(place)).copied().unwrap_or(0);
        let length_micros = u64::try_from(length.as_micros()).unwrap_or(u64::MAX).max(1);
        let nanos = micros.saturating_mul(1_000_000_000) / length_micros;
        let idle = self.idle_milli.saturating_mul(1_000_000);
        Some((length, nanos.saturating_add(idle).min(self.capacity_milli * 1_000_000)))
    }
}

/// A container that runs for less than this when it is looked at is left out (`freshContainerMinMetricsResolution` of
/// metrics-server `pkg/storage/types.go`).
const FRESH: Duration = Duration::from_secs(10);

/// The moment at which the counters were read last.
pub fn last_reading(now: Time) -> Time {
    start_of(window(now))
}

fn window(time: Time) -> i64 {
    time.micros().div_euclid(window_micros())
}

fn start_of(window: i64) -> Time {
    Time::from_micros(window.saturating_mul(window_micros()))
}

fn window_micros() -> i64 {
    i64::try_from(WINDOW.as_micros()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Time {
        Time::START + Duration::from_millis(millis)
    }

    #[test]
    fn what_needs_more_than_the_quota_waits() {
        // Thousandths, then for each piece of work: when it comes, microseconds, how many milliseconds it takes.
        type Work = (u64, u64, u64);
        let table: &[(u64, &[Work])] = &[
            (4000, &[(0, 5_000, 5), (0, 5_000, 5), (1, 5_000, 5)]),
            // A period's worth at once, then a tenth of the speed.
            (
                100,
                &[(0, 5_000, 5), (0, 5_000, 5), (0, 5_000, 50), (0, 5_000, 100), (5000, 5_000, 5)],
            ),
            (100, &[(0, 1_000_000, 9_900)]),
        ];
        for (capacity, work) in table {
            let mut cpu = Cpu::new(*capacity, at(0));
            for (when, micros, millis) in *work {
                let took = cpu.work(*micros, at(*when));
                assert_eq!(took, Duration::from_millis(*millis), "{capacity} {when} {micros}");
            }
        }
    }

    #[test]
    fn a_line_that_is_too_long_takes_no_more() {
        let mut cpu = Cpu::new(100, at(0));
        assert_ne!(cpu.work(4_000_000, at(0)), NEVER);
        assert_eq!(cpu.work(1, at(0)), NEVER);
        assert_ne!(cpu.work(1, at(20_000)), NEVER);
    }

    #[test]
    fn use_is_read_for_whole_windows_and_never_above_the_capacity() {
        let mut cpu = Cpu::new(200, at(0));
        cpu.set_idle(1);
        assert_eq!(cpu.used(at(0), at(9_000)), None, "no window is over");
        cpu.work(1_500_000, at(1_000));
        assert_eq!(cpu.used(at(0), at(15_000)), Some((WINDOW, 101_000_000)));
        assert_eq!(cpu.used(at(3_000), at(15_000)).map(|(length, _)| length.as_secs()), Some(12));
        assert_eq!(cpu.used(at(6_000), at(15_000)), None, "it was there for 9 s");
        // What waits is done in later windows.
        for _ in 0..20 {
            cpu.work(1_000_000, at(16_000));
        }
        assert_eq!(cpu.used(at(0), at(30_000)), Some((WINDOW, 187_666_666)));
        assert_eq!(cpu.used(at(0), at(45_000)), Some((WINDOW, 200_000_000)));
        assert_eq!(cpu.used(at(0), at(200_000)), Some((WINDOW, 1_000_000)));
    }
}
