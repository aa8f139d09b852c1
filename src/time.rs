//! Virtual time: the only clock there is.
//!
//! A [`Time`] is a whole number of microseconds since the Unix epoch. Nothing reads the wall clock; every world
//! starts at [`Time::START`] and moves only when an event is due. Wire forms (`metav1.Time` has whole seconds,
//! `metav1.MicroTime` has microseconds) are made here and nowhere else.

use std::fmt;
use std::ops::{Add, AddAssign, Sub};
pub use std::time::Duration;

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1 as meta;

/// A moment of virtual time, in microseconds since the Unix epoch.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(i64);

impl Time {
    /// The moment at which every world starts: 2026-04-01T00:00:00Z.
    pub const START: Self = Self(1_775_001_600_000_000);

    /// A time from microseconds since the Unix epoch.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since the Unix epoch.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Whole seconds since the Unix epoch, rounded down.
    pub const fn secs(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// How long ago `earlier` was; zero if it is not earlier.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// `metav1.Time`: whole seconds, as objects carry it.
    pub fn to_meta(self) -> meta::Time {
        meta::Time(Timestamp::from_second(self.secs()).unwrap_or(Timestamp::UNIX_EPOCH))
    }

    /// `metav1.MicroTime`, as Leases and Events carry it.
    pub fn to_micro_time(self) -> meta::MicroTime {
        meta::MicroTime(Timestamp::from_microsecond(self.0).unwrap_or(Timestamp::UNIX_EPOCH))
    }
}

impl From<&meta::Time> for Time {
    fn from(time: &meta::Time) -> Self {
        Self(time.0.as_microsecond())
    }
}

impl From<&meta::MicroTime> for Time {
    fn from(time: &meta::MicroTime) -> Self {
        Self(time.0.as_microsecond())
    }
}

impl Add<Duration> for Time {
    type Output = Self;
    fn add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)))
    }
}

impl AddAssign<Duration> for Time {
    fn add_assign(&mut self, duration: Duration) {
        *self = *self + duration;
    }
}

impl Sub for Time {
    type Output = Duration;
    fn sub(self, earlier: Self) -> Duration {
        self.since(earlier)
    }
}

/// RFC 3339 in UTC with whole seconds, as Go's `time.RFC3339` prints it: `2026-04-01T00:00:00Z`.
impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Timestamp::from_second(self.secs()) {
            Ok(timestamp) => write!(f, "{timestamp}"),
            Err(_) => f.write_str("<unknown>"),
        }
    }
}

/// A duration as Go prints it, cut to milliseconds: `1.234s`, `560ms`, `1m40s`.
pub fn go_duration(duration: Duration) -> String {
    let millis = duration.as_millis();
    if millis < 1000 {
        return if millis == 0 { "0s".to_owned() } else { format!("{millis}ms") };
    }
    let (secs, rest) = (millis / 1000, millis % 1000);
    let fraction = if rest == 0 {
        String::new()
    } else {
        format!(".{rest:03}").trim_end_matches('0').to_owned()
    };
    match (secs / 3600, secs / 60 % 60, secs % 60) {
        (0, 0, secs) => format!("{secs}{fraction}s"),
        (0, mins, secs) => format!("{mins}m{secs}{fraction}s"),
        (hours, mins, secs) => format!("{hours}h{mins}m{secs}{fraction}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_as_go_does() {
        assert_eq!(Time::START.to_string(), "2026-04-01T00:00:00Z");
        assert_eq!(
            (Time::START + Duration::from_millis(61_999)).to_string(),
            "2026-04-01T00:01:01Z"
        );
    }

    #[test]
    fn never_runs_backwards() {
        let later = Time::START + Duration::from_secs(5);
        assert_eq!(later - Time::START, Duration::from_secs(5));
        assert_eq!(Time::START - later, Duration::ZERO);
    }

    #[test]
    fn durations_as_go_prints_them() {
        for (millis, text) in [
            (0, "0s"),
            (560, "560ms"),
            (1000, "1s"),
            (1230, "1.23s"),
            (100_000, "1m40s"),
            (20_000, "20s"),
            (300_000, "5m0s"),
        ] {
            assert_eq!(go_duration(Duration::from_millis(millis)), text);
        }
    }
}
