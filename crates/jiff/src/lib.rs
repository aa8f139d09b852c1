//! A stand-in for the crate `jiff`, of which k8s-openapi's `Time` and `MicroTime` use one type and one function.
//!
//! The real one brings time zones and their error texts: 43 kB gzip of the page. What is here has its names and its
//! meaning, so that leaving out the `[patch]` in `Cargo.toml` gives the real one back. Years are 0 to 9999.
//! The calendar is the proleptic Gregorian one, in shifted years that begin in March.

use core::fmt::{self as format, Display, Write as _};
use core::str::FromStr;

const DAY: i64 = 86_400;

/// A moment, to the nanosecond.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp {
    second: i64,
    /// 0 to 999,999,999, also before 1970.
    nanosecond: u32,
}

/// What is no moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error(&'static str);

impl Display for Error {
    fn fmt(&self, f: &mut format::Formatter<'_>) -> format::Result {
        f.write_str(self.0)
    }
}

impl core::error::Error for Error {}

impl Timestamp {
    /// 1970-01-01T00:00:00Z
    pub const UNIX_EPOCH: Self = Self { second: 0, nanosecond: 0 };

    /// From seconds since 1970.
    pub fn from_second(second: i64) -> Result<Self, Error> {
        Self::new(second, 0)
    }

    /// From microseconds since 1970.
    pub fn from_microsecond(microsecond: i64) -> Result<Self, Error> {
        let rest = u32::try_from(microsecond.rem_euclid(1_000_000)).unwrap_or_default();
        Self::new(microsecond.div_euclid(1_000_000), rest * 1000)
    }

    fn new(second: i64, nanosecond: u32) -> Result<Self, Error> {
        if (days(0, 1, 1) * DAY..days(10_000, 1, 1) * DAY).contains(&second) {
            Ok(Self { second, nanosecond })
        } else {
            Err(Error("the year is not between 0 and 9999"))
        }
    }

    /// Seconds since 1970, rounded down.
    pub fn as_second(self) -> i64 {
        self.second
    }

    /// Microseconds since 1970, rounded down.
    pub fn as_microsecond(self) -> i64 {
        self.second * 1_000_000 + i64::from(self.nanosecond / 1000)
    }
}

/// RFC 3339 in UTC, with as much of a fraction as there is.
impl Display for Timestamp {
    fn fmt(&self, f: &mut format::Formatter<'_>) -> format::Result {
        let (year, month, day) = date(self.second.div_euclid(DAY));
        let (hour, minute, second) = clock(self.second);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")?;
        if self.nanosecond > 0 {
            let digits = std::format!("{:09}", self.nanosecond);
            write!(f, ".{}", digits.trim_end_matches('0'))?;
        }
        f.write_char('Z')
    }
}

impl format::Debug for Timestamp {
    fn fmt(&self, f: &mut format::Formatter<'_>) -> format::Result {
        Display::fmt(self, f)
    }
}

/// RFC 3339 with any offset.
impl FromStr for Timestamp {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        read(text.as_bytes()).ok_or(Error("it is no time as RFC 3339 writes it"))?
    }
}

fn read(text: &[u8]) -> Option<Result<Timestamp, Error>> {
    let number = |from: usize, to: usize| -> Option<i64> {
        text.get(from..to)?.iter().try_fold(0, |number, byte| {
            byte.is_ascii_digit().then(|| number * 10 + i64::from(byte - b'0'))
        })
    };
    let is = |at: usize, bytes: &[u8]| text.get(at).is_some_and(|byte| bytes.contains(byte));
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    let marked = is(4, b"-") && is(7, b"-") && is(10, b"Tt ") && is(13, b":") && is(16, b":");
    let days = days(year, month, day);
    if !marked || date(days) != (year, month, day) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let (mut at, mut nanosecond) = (19, 0);
    if is(at, b".") {
        at += 1;
        let mut unit = 100_000_000;
        while let Some(digit) = number(at, at + 1) {
            nanosecond += u32::try_from(digit).ok()? * unit;
            unit /= 10;
            at += 1;
        }
    }
    let offset = match text.get(at..)? {
        [b'Z' | b'z'] => 0,
        [sign @ (b'+' | b'-'), _, _, b':', _, _] => {
            let offset = number(at + 1, at + 3)? * 3600 + number(at + 4, at + 6)? * 60;
            if *sign == b'+' { offset } else { -offset }
        }
        _ => return None,
    };
    Some(Timestamp::new(days * DAY + hour * 3600 + minute * 60 + second - offset, nanosecond))
}

/// Days since 1970 of a date.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month > 2 { year } else { year - 1 };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The date of a day since 1970.
fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let (month, day) = ((shifted + 2) % 12 + 1, of_year - (153 * shifted + 2) / 5 + 1);
    (year + era * 400 + i64::from(month <= 2), month, day)
}

fn clock(second: i64) -> (i64, i64, i64) {
    let second = second.rem_euclid(DAY);
    (second / 3600, second / 60 % 60, second % 60)
}

/// Formatting.
pub mod fmt {
    /// By pattern.
    pub mod strtime {
        use core::fmt::Write as _;

        use crate::{DAY, Error, Timestamp, clock, date};

        /// A moment in UTC by a pattern of `%Y %m %d %H %M %S %.6f`.
        pub fn format(pattern: &str, at: Timestamp) -> Result<String, Error> {
            let (year, month, day) = date(at.second.div_euclid(DAY));
            let (hour, minute, second) = clock(at.second);
            let mut out = String::new();
            let mut rest = pattern;
            while let Some((before, after)) = rest.split_once('%') {
                out.push_str(before);
                let mut letters = after.chars();
                let written = match letters.next() {
                    Some('Y') => write!(out, "{year:04}"),
                    Some('m') => write!(out, "{month:02}"),
                    Some('d') => write!(out, "{day:02}"),
                    Some('H') => write!(out, "{hour:02}"),
                    Some('M') => write!(out, "{minute:02}"),
                    Some('S') => write!(out, "{second:02}"),
                    Some('.') if letters.as_str().starts_with("6f") => {
                        letters = letters.as_str()[2..].chars();
                        write!(out, ".{:06}", at.nanosecond / 1000)
                    }
                    _ => return Err(Error("the pattern has a field that is not known")),
                };
                written.map_err(|_| Error("a String takes everything"))?;
                rest = letters.as_str();
            }
            out.push_str(rest);
            Ok(out)
        }
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for Timestamp {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reads;

        impl serde::de::Visitor<'_> for Reads {
            type Value = Timestamp;

            fn expecting(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str("a time as RFC 3339 writes it")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Timestamp, E> {
                text.parse().map_err(E::custom)
            }
        }

        deserializer.deserialize_str(Reads)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_has_its_date() {
        let mut day = days(0, 1, 1);
        for year in 0..=9999_i64 {
            let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            for (month, length) in
                (1..).zip([31, 28 + i64::from(leap), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
            {
                for of_month in 1..=length {
                    assert_eq!((days(year, month, of_month), date(day)), (day, (year, month, of_month)));
                    day += 1;
                }
            }
        }
        assert_eq!(days(1970, 1, 1), 0);
    }

    #[test]
    fn it_reads_what_it_writes() {
        let at = |text: &str| text.parse::<Timestamp>();
        for text in
            ["2026-04-01T00:00:00Z", "0001-01-01T00:00:00Z", "1969-12-31T23:59:59.5Z", "9999-12-31T23:59:59.000001Z"]
        {
            assert_eq!(at(text).unwrap().to_string(), text);
        }
        assert_eq!(at("2026-04-01T09:00:00+09:00"), Timestamp::from_second(1_775_001_600));
        assert_eq!(at("2026-04-01T00:00:00.000002Z").unwrap().as_microsecond(), 1_775_001_600_000_002);
        for text in ["", "2026-02-29T00:00:00Z", "2026-04-01T24:00:00Z", "2026-04-01", "2026-04-01T00:00:00", "2026-04-01T00:00:00.Zx"] {
            assert!(at(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_patterns_of_k8s_openapi() {
        let at = Timestamp::from_microsecond(1_775_001_661_000_042).unwrap();
        let format = |pattern| fmt::strtime::format(pattern, at);
        assert_eq!(format("%Y-%m-%dT%H:%M:%SZ").as_deref(), Ok("2026-04-01T00:01:01Z"));
        assert_eq!(format("%Y-%m-%dT%H:%M:%S%.6fZ").as_deref(), Ok("2026-04-01T00:01:01.000042Z"));
        assert!(format("%q").is_err());
    }
}
