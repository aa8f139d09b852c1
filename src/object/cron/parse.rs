//! Reading a schedule: fields of ranges with steps and names, and descriptors.
//!
//! Checks come in upstream's order, so that the first complaint is the same. Models robfig/cron v3 `parser.go`.

use super::{Calendar, Kind, STAR, Schedule, Zone};
use crate::quote::quote;
use crate::time::parse_go_duration;

/// The values a field may have, and the names of the first of them.
struct Bounds {
    min: u64,
    max: u64,
    /// Three letters a name, one after the other.
    names: &'static str,
}

const MINUTES: Bounds = Bounds { min: 0, max: 59, names: "" };
const HOURS: Bounds = Bounds { min: 0, max: 23, names: "" };
const DAYS: Bounds = Bounds { min: 1, max: 31, names: "" };
const MONTHS: Bounds = Bounds { min: 1, max: 12, names: "janfebmaraprmayjunjulaugsepoctnovdec" };
const WEEKDAYS: Bounds = Bounds { min: 0, max: 6, names: "sunmontuewedthufrisat" };

/// A schedule, perhaps with a zone before it.
pub(super) fn schedule(text: &str) -> Result<Schedule, String> {
    if text.is_empty() {
        return Err("empty spec string".to_owned());
    }
    let (zone, rest) = match text.strip_prefix("TZ=").or_else(|| text.strip_prefix("CRON_TZ=")) {
        None => (Zone::UTC, text),
        Some(zoned) => {
            let (name, rest) = zoned.split_once(' ').unwrap_or((zoned, ""));
            let zone = Zone::load(name)
                .map_err(|error| format!("provided bad location {name}: {error}"))?;
            (zone, rest.trim())
        }
    };
    let kind = if rest.starts_with('@') { descriptor(rest)? } else { calendar(rest)? };
    Ok(Schedule { kind, zone })
}

fn calendar(text: &str) -> Result<Kind, String> {
    let fields: Vec<&str> = text.split_whitespace().collect();
    let [minute, hour, day, month, weekday] = fields[..] else {
        let count = fields.len();
        return Err(format!("expected exactly 5 fields, found {count}: [{}]", fields.join(" ")));
    };
    Ok(Kind::Calendar(Calendar {
        minute: field(minute, &MINUTES)?,
        hour: field(hour, &HOURS)?,
        day: field(day, &DAYS)?,
        month: field(month, &MONTHS)?,
        weekday: field(weekday, &WEEKDAYS)?,
    }))
}

fn descriptor(text: &str) -> Result<Kind, String> {
    let fields = match text {
        "@yearly" | "@annually" => "0 0 1 1 *",
        "@monthly" => "0 0 1 * *",
        "@weekly" => "0 0 * * 0",
        "@daily" | "@midnight" => "0 0 * * *",
        "@hourly" => "0 * * * *",
        _ => {
            let Some(distance) = text.strip_prefix("@every ") else {
                return Err(format!("unrecognized descriptor: {text}"));
            };
            let nanos = parse_go_duration(distance)
                .map_err(|error| format!("failed to parse duration {text}: {error}"))?;
            return Ok(Kind::Every((nanos / 1_000_000_000).max(1)));
        }
    };
    calendar(fields)
}

/// Ranges with commas between them; empty ones do not count.
fn field(text: &str, bounds: &Bounds) -> Result<u64, String> {
    let mut bits = 0;
    for part in text.split(',').filter(|part| !part.is_empty()) {
        bits |= range(part, bounds)?;
    }
    Ok(bits)
}

/// `N`, `N-M`, `*` or `?`, each perhaps with `/STEP`; with a step a lone `N` goes on to the largest value.
fn range(text: &str, bounds: &Bounds) -> Result<u64, String> {
    let mut by_slash = text.split('/');
    let span = by_slash.next().unwrap_or_default();
    let mut by_hyphen = span.split('-');
    let low = by_hyphen.next().unwrap_or_default();
    let (high, more) = (by_hyphen.next(), by_hyphen.next());
    let mut star = 0;
    let (start, mut end) = if low == "*" || low == "?" {
        star = STAR;
        (bounds.min, bounds.max)
    } else {
        let start = value(low, bounds)?;
        match (high, more) {
            (None, _) => (start, start),
            (Some(high), None) => (start, value(high, bounds)?),
            (Some(_), Some(_)) => return Err(format!("too many hyphens: {text}")),
        }
    };
    let step = match (by_slash.next(), by_slash.next()) {
        (None, _) => 1,
        (Some(step), None) => {
            let step = number(step)?;
            if high.is_none() {
                end = bounds.max;
            }
            if step > 1 {
                star = 0;
            }
            step
        }
        (Some(_), Some(_)) => return Err(format!("too many slashes: {text}")),
    };
    let (min, max) = (bounds.min, bounds.max);
    if start < min {
        return Err(format!("beginning of range ({start}) below minimum ({min}): {text}"));
    }
    if end > max {
        return Err(format!("end of range ({end}) above maximum ({max}): {text}"));
    }
    if start > end {
        return Err(format!("beginning of range ({start}) beyond end of range ({end}): {text}"));
    }
    if step == 0 {
        return Err(format!("step of range should be a positive number: {text}"));
    }
    let among = |value: &u64| value.is_multiple_of(step);
    Ok((0..=end - start).filter(among).fold(star, |bits, past| bits | 1 << (start + past)))
}

/// A number, or a name that stands for one.
fn value(text: &str, bounds: &Bounds) -> Result<u64, String> {
    let lower = text.to_lowercase();
    let named = bounds.names.as_bytes().chunks(3).position(|name| name == lower.as_bytes());
    match named {
        Some(index) => Ok(bounds.min + u64::try_from(index).unwrap_or(0)),
        None => number(text),
    }
}

fn number(text: &str) -> Result<u64, String> {
    let failed = |why: &str| {
        let quoted = quote(text);
        Err(format!("failed to parse int from {text}: strconv.Atoi: parsing {quoted}: {why}"))
    };
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return failed("invalid syntax");
    }
    match text.parse::<i64>() {
        Err(_) => failed("value out of range"),
        Ok(number) => u64::try_from(number)
            .ok()
            .ok_or_else(|| format!("negative number ({number}) not allowed: {text}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn complaints() {
        for (text, complaint) in [
            ("", "empty spec string"),
            ("   ", "expected exactly 5 fields, found 0: []"),
            ("1-2-3 * * * *", "too many hyphens: 1-2-3"),
            ("1/2/3 * * * *", "too many slashes: 1/2/3"),
            ("*/0 * * * *", "step of range should be a positive number: */0"),
            ("* * 0 * *", "beginning of range (0) below minimum (1): 0"),
            ("* * * 13 *", "end of range (13) above maximum (12): 13"),
            ("* * * * 7", "end of range (7) above maximum (6): 7"),
            ("*/-5 * * * *", "negative number (-5) not allowed: -5"),
            (
                "a * * * *",
                r#"failed to parse int from a: strconv.Atoi: parsing "a": invalid syntax"#,
            ),
            (
                "99999999999999999999 * * * *",
                "failed to parse int from 99999999999999999999: strconv.Atoi: parsing \"99999999999999999999\": value out of range",
            ),
            (
                "-1 * * * *",
                r#"failed to parse int from : strconv.Atoi: parsing "": invalid syntax"#,
            ),
            ("@fortnightly", "unrecognized descriptor: @fortnightly"),
            (
                "@every 5",
                r#"failed to parse duration @every 5: time: missing unit in duration "5""#,
            ),
            (
                "TZ=Mars/Base * * * * *",
                "provided bad location Mars/Base: unknown time zone Mars/Base",
            ),
        ] {
            assert_eq!(schedule(text).unwrap_err(), complaint, "{text}");
        }
    }

    #[test]
    fn names_count_in_any_case_and_steps_from_the_start() {
        assert_eq!(field("JAN,Mar-may", &MONTHS), Ok(0b11_1010));
        assert_eq!(field("5-20/7", &MINUTES), Ok(1 << 5 | 1 << 12 | 1 << 19));
        assert_eq!(field("*/1", &WEEKDAYS), Ok(STAR | 0b111_1111));
        assert_eq!(field("*/9223372036854775807", &HOURS), Ok(1));
    }
}
