//! What a plain YAML scalar means: YAML 1.1 as go-yaml v2 reads it.
//!
//! `yes`, `on` and `y` are booleans, `010` is eight, `1_000` a thousand, a date a string. Models go-yaml v2
//! `resolve.go` (through sigs.k8s.io/yaml, which kubectl uses).

use super::node::{Data, Number};

const TRUE: &[&str] = &["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"];
const FALSE: &[&str] =
    &["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"];
const NULL: &[&str] = &["", "~", "null", "Null", "NULL"];
const NOT_FINITE: &[(&str, &str)] = &[
    (".nan", "NaN"),
    (".NaN", "NaN"),
    (".NAN", "NaN"),
    (".inf", "+Inf"),
    (".Inf", "+Inf"),
    (".INF", "+Inf"),
    ("+.inf", "+Inf"),
    ("+.Inf", "+Inf"),
    ("+.INF", "+Inf"),
    ("-.inf", "-Inf"),
    ("-.Inf", "-Inf"),
    ("-.INF", "-Inf"),
];
const TAG_PREFIX: &str = "tag:yaml.org,2002:";

/// What a scalar resolved to.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Resolved {
    /// A value.
    Data(Data),
    /// `.nan` or `.inf`: go-yaml reads it, JSON has no word for it (Go's is given).
    NotFinite(&'static str),
    /// The tag says otherwise; go-yaml's sentence.
    Refused(String),
}

/// Reads a scalar: its text, its tag, and whether it stood plain and untagged (`implicit`).
pub(super) fn resolve(text: &str, tag: Option<&str>, implicit: bool) -> Resolved {
    let Some(tag) = tag else {
        let data =
            if implicit { plain(text) } else { Resolved::Data(Data::String(text.to_owned())) };
        return data;
    };
    let Some(short) = tag.strip_prefix(TAG_PREFIX) else {
        return Resolved::Data(Data::String(text.to_owned()));
    };
    match short {
        "binary" => decode_binary(text),
        "null" | "bool" | "int" | "float" => tagged(text, short),
        // `str`, `timestamp` (which kubectl keeps as it is written) and tags that mean nothing here.
        _ => Resolved::Data(Data::String(text.to_owned())),
    }
}

/// Whether a text, written plain, would be read as that text: not as a number, boolean, null or timestamp.
pub fn plain_is_string(text: &str) -> bool {
    matches!(plain(text), Resolved::Data(Data::String(_))) && !is_timestamp(text)
}

/// The forms of timestamps that go-yaml knows: a date, with or without a time; parts may lack their leading zeros.
fn is_timestamp(text: &str) -> bool {
    let (date, time) = match text.split_once(['T', 't', ' ']) {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let in_range = |part: &str, min: u32, max: u32| {
        matches!(part.len(), 1 | 2)
            && part.bytes().all(|byte| byte.is_ascii_digit())
            && part.parse().is_ok_and(|number: u32| (min..=max).contains(&number))
    };
    let date: Vec<&str> = date.split('-').collect();
    let [year, month, day] = date.as_slice() else { return false };
    let date_is_well = year.len() == 4
        && year.bytes().all(|byte| byte.is_ascii_digit())
        && in_range(month, 1, 12)
        && in_range(day, 1, 31);
    let Some(time) = time else { return date_is_well };
    // With `T` a zone is required, with a space none is allowed.
    let zoned = !text.contains(' ');
    let (clock, zone) = match time.find(['Z', '+', '-']) {
        Some(at) => time.split_at_checked(at).unwrap_or((time, "")),
        None => (time, ""),
    };
    let zone_is_well = match zone.strip_prefix(['+', '-']) {
        Some(zone) => zone.split_once(':').is_some_and(|(hours, minutes)| {
            zone.len() == 5 && in_range(hours, 0, 24) && in_range(minutes, 0, 60)
        }),
        None => zone == if zoned { "Z" } else { "" },
    };
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let parts: Vec<&str> = clock.split(':').collect();
    let [hour, minute, second] = parts.as_slice() else { return false };
    date_is_well
        && zone_is_well
        && (zoned || zone.is_empty())
        && in_range(hour, 0, 23)
        && in_range(minute, 0, 59)
        && in_range(second, 0, 59)
        && !fraction.is_empty()
        && fraction.bytes().all(|byte| byte.is_ascii_digit())
}

fn tagged(text: &str, tag: &str) -> Resolved {
    let resolved = plain(text);
    let actual = match &resolved {
        Resolved::NotFinite(_) | Resolved::Data(Data::Number(Number::Float(_))) => "float",
        Resolved::Data(Data::Null) => "null",
        Resolved::Data(Data::Bool(_)) => "bool",
        Resolved::Data(Data::Number(_)) if tag == "float" || !looks_float(text) => tag_of_int(tag),
        Resolved::Data(Data::Number(_)) => "float",
        Resolved::Data(Data::String(_) | Data::Sequence(_) | Data::Mapping(_))
        | Resolved::Refused(_) => "str",
    };
    if actual == tag {
        resolved
    } else {
        Resolved::Refused(format!("cannot decode !!{actual} `{text}` as a !!{tag}"))
    }
}

/// A whole number may stand where a float is asked for.
fn tag_of_int(tag: &str) -> &str {
    if tag == "float" { "float" } else { "int" }
}

fn looks_float(text: &str) -> bool {
    parse_int(&text.replace('_', "")).is_none()
}

fn decode_binary(text: &str) -> Resolved {
    match super::base64::decode(text) {
        Ok(bytes) => Resolved::Data(Data::String(String::from_utf8_lossy(&bytes).into_owned())),
        Err(_) => Resolved::Refused("!!binary value contains invalid base64 data".to_owned()),
    }
}

fn plain(text: &str) -> Resolved {
    if NULL.contains(&text) {
        return Resolved::Data(Data::Null);
    }
    if TRUE.contains(&text) {
        return Resolved::Data(Data::Bool(true));
    }
    if FALSE.contains(&text) {
        return Resolved::Data(Data::Bool(false));
    }
    if let Some((_, go)) = NOT_FINITE.iter().find(|(yaml, _)| *yaml == text) {
        return Resolved::NotFinite(go);
    }
    let number = match text.chars().next() {
        Some('.') => parse_float(text),
        Some('+' | '-' | '0'..='9') => {
            let digits = text.replace('_', "");
            parse_int(&digits).or_else(|| parse_float(&digits))
        }
        Some(_) | None => None,
    };
    Resolved::Data(number.map_or_else(|| Data::String(text.to_owned()), Data::Number))
}

/// Go's `ParseInt` and `ParseUint` with base 0: `0x`, `0o`, `0b`, and a leading zero for octal.
fn parse_int(text: &str) -> Option<Number> {
    let (negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let lower = unsigned.to_ascii_lowercase();
    let (radix, digits) = match lower.strip_prefix('0') {
        None | Some("") => (10, lower.as_str()),
        Some(rest) => match rest.chars().next() {
            Some('x') => (16, rest.strip_prefix('x')?),
            Some('o') => (8, rest.strip_prefix('o')?),
            Some('b') => (2, rest.strip_prefix('b')?),
            Some(_) | None => (8, rest),
        },
    };
    if !digits.chars().all(|digit| digit.is_digit(radix)) {
        return None;
    }
    let size = u64::from_str_radix(digits, radix).ok()?;
    if negative {
        return 0_i64.checked_sub_unsigned(size).map(Number::Int);
    }
    match i64::try_from(size) {
        Ok(number) => Some(Number::Int(number)),
        // ParseUint takes no sign.
        Err(_) if text.starts_with('+') => None,
        Err(_) => Some(Number::Unsigned(size)),
    }
}

/// Digits with a point, an exponent, or both; nothing else that a float parser may know.
fn parse_float(text: &str) -> Option<Number> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let mantissa_is_well =
        all_digits(whole) && all_digits(fraction) && !(whole.is_empty() && fraction.is_empty());
    let exponent_is_well = exponent.is_none_or(|exponent| {
        let digits = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        !digits.is_empty() && all_digits(digits)
    });
    if !mantissa_is_well || !exponent_is_well {
        return None;
    }
    super::parse_float(text).map(Number::from_f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_scalars_mean_what_yaml_1_1_says() {
        let int = |number| Data::Number(Number::Int(number));
        let string = |text: &str| Data::String(text.to_owned());
        for (text, data) in [
            ("", Data::Null),
            ("~", Data::Null),
            ("yes", Data::Bool(true)),
            ("y", Data::Bool(true)),
            ("Off", Data::Bool(false)),
            ("10", int(10)),
            ("010", int(8)),
            ("08", int(8)),
            ("0x1F", int(31)),
            ("0o17", int(15)),
            ("-0b11", int(-3)),
            ("1_000", int(1000)),
            ("1e3", int(1000)),
            ("1.5", Data::Number(Number::Float(1.5))),
            (".5", Data::Number(Number::Float(0.5))),
            ("18446744073709551615", Data::Number(Number::Unsigned(u64::MAX))),
            ("1.27.0", string("1.27.0")),
            ("2024-01-01", string("2024-01-01")),
            ("1Gi", string("1Gi")),
            ("yES", string("yES")),
            ("12:30", string("12:30")),
            ("-", string("-")),
            (".", string(".")),
        ] {
            assert_eq!(resolve(text, None, true), Resolved::Data(data), "{text:?}");
        }
        assert_eq!(resolve("yes", None, false), Resolved::Data(string("yes")));
        assert_eq!(resolve("3", Some("tag:yaml.org,2002:str"), false), Resolved::Data(string("3")));
    }
}
