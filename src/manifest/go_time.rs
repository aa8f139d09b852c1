//! Go's `time.Parse` for the layouts of Kubernetes' timestamps: whether a text fits, and Go's words if not.
//!
//! Models Go `time/format.go` for RFC 3339 (`metav1.Time`) and the same with six digits (`metav1.MicroTime`).

use crate::quote::quote;

/// Which timestamps are asked for.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    /// `metav1.Time`
    Seconds,
    /// `metav1.MicroTime`
    Micros,
}

/// The zero value, `time.Time{}`.
pub(super) const ZERO: &str = "0001-01-01T00:00:00Z";

impl Layout {
    fn text(self) -> &'static str {
        match self {
            Self::Seconds => "2006-01-02T15:04:05Z07:00",
            Self::Micros => "2006-01-02T15:04:05.000000Z07:00",
        }
    }
}

/// A number's name and bounds, or `None` for a separator.
type Range = Option<(&'static str, u32, u32)>;

/// The parts of the layouts before the fraction: what stands there, whether it is a number, its range's name.
const PARTS: &[(&str, Range)] = &[
    ("2006", Some(("year", 0, 9999))),
    ("-", None),
    ("01", Some(("month", 1, 12))),
    ("-", None),
    ("02", Some(("day", 1, 31))),
    ("T", None),
    ("15", Some(("hour", 0, 23))),
    (":", None),
    ("04", Some(("minute", 0, 59))),
    (":", None),
    ("05", Some(("second", 0, 59))),
];

/// Go's error for a text that is not such a timestamp.
pub(super) fn check(text: &str, layout: Layout) -> Result<(), String> {
    let fail = |rest: &str, element: &str| {
        format!(
            "parsing time {text:?} as {:?}: cannot parse {rest:?} as {element:?}",
            layout.text()
        )
    };
    let mut rest = text;
    let mut date = [0_u32; 6];
    let mut numbers = date.iter_mut();
    for (element, number) in PARTS {
        match number {
            None => rest = rest.strip_prefix(element).ok_or_else(|| fail(rest, element))?,
            Some((name, min, max)) => {
                let split = rest.split_at_checked(element.len());
                let (digits, after) = split.ok_or_else(|| fail(rest, element))?;
                if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                    return Err(fail(rest, element));
                }
                let number = digits.parse().unwrap_or(0);
                if !(*min..=*max).contains(&number) {
                    return Err(format!("parsing time {}: {name} out of range", quote(text)));
                }
                if let Some(slot) = numbers.next() {
                    *slot = number;
                }
                rest = after;
            }
        }
    }
    rest = fraction(rest, layout).ok_or_else(|| fail(rest, ".000000"))?;
    rest = zone(rest).ok_or_else(|| fail(rest, "Z07:00"))?;
    if !rest.is_empty() {
        return Err(format!("parsing time {}: extra text: {}", quote(text), quote(rest)));
    }
    let [year, month, day, ..] = date;
    if day > days_in(year, month) {
        return Err(format!("parsing time {}: day out of range", quote(text)));
    }
    Ok(())
}

/// A fraction may stand behind the seconds; in one layout it must, with six digits.
fn fraction(rest: &str, layout: Layout) -> Option<&str> {
    let Some(after) = rest.strip_prefix('.') else {
        return (layout == Layout::Seconds).then_some(rest);
    };
    let digits = after.bytes().take_while(u8::is_ascii_digit).count();
    match layout {
        Layout::Seconds if digits == 0 => Some(rest),
        Layout::Micros if digits != 6 => None,
        Layout::Seconds | Layout::Micros => after.get(digits..),
    }
}

fn zone(rest: &str) -> Option<&str> {
    if let Some(after) = rest.strip_prefix('Z') {
        return Some(after);
    }
    let (zone, after) = rest.split_at_checked(6)?;
    let mut bytes = zone.bytes();
    let sign = matches!(bytes.next(), Some(b'+' | b'-'));
    let digits: Vec<u8> = bytes.collect();
    let [h1, h2, b':', m1, m2] = digits.as_slice() else { return None };
    (sign && [h1, h2, m1, m2].iter().all(|digit| digit.is_ascii_digit())).then_some(after)
}

fn days_in(year: u32, month: u32) -> u32 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => {
            29
        }
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_as_go_does() {
        assert_eq!(check("2024-02-29T10:00:00Z", Layout::Seconds), Ok(()));
        assert_eq!(check("2024-02-29T10:00:00.5+09:00", Layout::Seconds), Ok(()));
        assert_eq!(check("2024-02-29T10:00:00.123456Z", Layout::Micros), Ok(()));
        for (text, error) in [
            (
                "tomorrow",
                "parsing time \"tomorrow\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"tomorrow\" as \"2006\"",
            ),
            ("2024-13-01T00:00:00Z", "parsing time \"2024-13-01T00:00:00Z\": month out of range"),
            ("2023-02-29T00:00:00Z", "parsing time \"2023-02-29T00:00:00Z\": day out of range"),
            (
                "2024-01-01",
                "parsing time \"2024-01-01\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"\" as \"T\"",
            ),
        ] {
            assert_eq!(check(text, Layout::Seconds).unwrap_err(), error);
        }
    }
}
