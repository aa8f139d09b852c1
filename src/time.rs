//! Virtual time: the only clock there is.
//!
//! A [`Time`] is a whole number of microseconds since the Unix epoch. Nothing reads the wall clock; every world
//! starts at [`Time::START`] and moves only when an event is due. Wire forms (`metav1.Time` has whole seconds,
//! `metav1.MicroTime` has microseconds) are made here and nowhere else.

use std::fmt::{self, Write as _};
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

    /// Reads the form of `metav1.Time`.
    pub fn parse(text: &str) -> Option<Self> {
        text.parse::<Timestamp>().ok().map(|time| Self(time.as_microsecond()))
    }

    /// How long ago `earlier` was; zero if it is not earlier.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// So many seconds earlier.
    #[must_use]
    pub fn secs_before(self, secs: i64) -> Self {
        Self(self.0.saturating_sub(secs.saturating_mul(1_000_000)))
    }

    /// This moment in UTC by a `strftime` pattern; fields that are not known stand for themselves.
    pub fn format(self, pattern: &str) -> String {
        let (mut out, mut letters) = (String::new(), pattern.chars());
        while let Some(letter) = letters.next() {
            if letter == '%' {
                let field = letters.next().unwrap_or('%');
                self.write_field(&mut out, field).expect("a String takes everything");
            } else {
                out.push(letter);
            }
        }
        out
    }

    fn write_field(self, out: &mut String, field: char) -> fmt::Result {
        let (days, second) = (self.secs().div_euclid(86_400), self.secs().rem_euclid(86_400));
        let (year, month, day, day_of_year) = date(days);
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        let weekday = NAMES_OF_DAYS[usize::try_from((days + 3).rem_euclid(7)).unwrap_or(0)];
        let month_name = NAMES_OF_MONTHS[usize::try_from(month - 1).unwrap_or(0)];
        match field {
            'Y' => write!(out, "{year:04}"),
            'y' => write!(out, "{:02}", year.rem_euclid(100)),
            'm' => write!(out, "{month:02}"),
            'd' => write!(out, "{day:02}"),
            'e' => write!(out, "{day:2}"),
            'H' => write!(out, "{hour:02}"),
            'M' => write!(out, "{minute:02}"),
            'S' => write!(out, "{second:02}"),
            'N' => write!(out, "{:09}", self.0.rem_euclid(1_000_000) * 1000),
            's' => write!(out, "{}", self.secs()),
            'j' => write!(out, "{day_of_year:03}"),
            'F' => write!(out, "{year:04}-{month:02}-{day:02}"),
            'T' => write!(out, "{hour:02}:{minute:02}:{second:02}"),
            'R' => write!(out, "{hour:02}:{minute:02}"),
            'A' => out.write_str(weekday),
            'a' => write!(out, "{weekday:.3}"),
            'B' => out.write_str(month_name),
            'b' | 'h' => write!(out, "{month_name:.3}"),
            'Z' => out.write_str("UTC"),
            'z' => out.write_str("+0000"),
            'n' => out.write_char('\n'),
            't' => out.write_char('\t'),
            '%' => out.write_char('%'),
            other => write!(out, "%{other}"),
        }
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

const NAMES_OF_DAYS: [&str; 7] =
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

const NAMES_OF_MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Year, month, day and the number of the day in its year, of a day since 1970.
pub(crate) fn date(days: i64) -> (i64, i64, i64, i64) {
    // Years that begin on the 1st of March end with the leap day, if there is one.
    let shifted = days + 719_468;
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let years = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * years + years / 4 - years / 100);
    let months = (5 * of_year + 2) / 153;
    let (month, day) = ((months + 2) % 12 + 1, of_year - (153 * months + 2) / 5 + 1);
    let year = years + era * 400 + i64::from(month <= 2);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let day_of_year = if month > 2 { of_year + 60 + i64::from(leap) } else { of_year - 305 };
    (year, month, day, day_of_year)
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
        f.write_str(&self.format("%Y-%m-%dT%H:%M:%SZ"))
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

/// Go's `time.ParseDuration`, in nanoseconds: `1h15m30.5s`, `-5m`.
pub fn parse_go_duration(text: &str) -> Result<i64, String> {
    let invalid = || format!("time: invalid duration {text:?}");
    let (sign, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let mut total: i64 = 0;
    while !rest.is_empty() {
        if !rest.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
            return Err(invalid());
        }
        let number_end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, after) = rest.split_at_checked(number_end).ok_or_else(invalid)?;
        let unit_end = after.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(after.len());
        let (unit, after) = after.split_at_checked(unit_end).ok_or_else(invalid)?;
        let nanos_per_unit: i64 = match unit {
            "ns" => 1,
            "us" | "µs" | "μs" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            "" => return Err(format!("time: missing unit in duration {text:?}")),
            _ => return Err(format!("time: unknown unit {unit:?} in duration {text:?}")),
        };
        let nanos = scaled(number, nanos_per_unit).ok_or_else(invalid)?;
        total = total.checked_add(nanos).ok_or_else(invalid)?;
        rest = after;
    }
    Ok(sign * total)
}

/// `number`, which may have a fraction, times `unit`, rounded down.
fn scaled(number: &str, unit: i64) -> Option<i64> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let whole: i64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let mut nanos = whole.checked_mul(unit)?;
    let mut part = unit;
    for digit in fraction.chars() {
        part /= 10;
        nanos = nanos.checked_add(i64::from(digit.to_digit(10)?) * part)?;
    }
    Some(nanos)
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
    fn patterns_and_the_edges_of_years() {
        let on = |days: i64| Time::from_micros(days * 86_400_000_000);
        for (days, text) in [
            (0, "Thu  1 Jan 1970 001"),
            (-1, "Wed 31 Dec 1969 365"),
            (19_781, "Wed 28 Feb 2024 059"),
            (19_782, "Thu 29 Feb 2024 060"),
            (19_783, "Fri  1 Mar 2024 061"),
            (20_088, "Tue 31 Dec 2024 366"),
            (20_147, "Fri 28 Feb 2025 059"),
            (20_148, "Sat  1 Mar 2025 060"),
        ] {
            assert_eq!(on(days).format("%a %e %b %Y %j"), text);
        }
        let at = Time::START + Duration::from_millis(3_723_045);
        assert_eq!(
            at.format("%A %B %F %T.%N %s %q 100%"),
            "Wednesday April 2026-04-01 01:02:03.045000000 1775005323 %q 100%"
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
