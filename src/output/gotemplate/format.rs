//! `printf` with Go's verbs: `%d`, `%-5s`, `%05.2f`, `%q`, `%v`, `%T`. Models Go `fmt/{print,format}.go`.
//!
//! *Differs:* a width or precision above ten thousand counts as none.

use std::fmt::Write as _;

use serde_json::{Number, Value};

use super::value::Val;
use crate::quote::{go_syntax, go_value, number_g, quote};

/// What stands between `%` and the verb.
#[derive(Clone, Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag that may stand after the percent sign"
)]
struct Spec {
    minus: bool,
    plus: bool,
    sharp: bool,
    space: bool,
    zero: bool,
    width: Option<usize>,
    precision: Option<usize>,
}

/// Wider than this is nothing anybody wants.
const WIDTH_MAX: usize = 10_000;

/// Fills a format; the first value is the format itself.
pub(super) fn printf(values: &[Val<'_>]) -> String {
    let Some((format, arguments)) = values.split_first() else { return String::new() };
    let format = format.text();
    let mut letters = format.chars().peekable();
    let (mut text, mut next) = (String::new(), 0);
    while let Some(letter) = letters.next() {
        if letter != '%' {
            text.push(letter);
            continue;
        }
        let mut spec = Spec::default();
        while let Some(flag) = letters.next_if(|letter| "-+# 0".contains(*letter)) {
            match flag {
                '-' => spec.minus = true,
                '+' => spec.plus = true,
                '#' => spec.sharp = true,
                ' ' => spec.space = true,
                _ => spec.zero = true,
            }
        }
        let star = letters.next_if_eq(&'*').is_some();
        spec.width = if star {
            star_value(arguments, &mut next, &mut spec.minus, &mut text)
        } else {
            number(&mut letters)
        };
        if letters.next_if_eq(&'.').is_some() {
            let star = letters.next_if_eq(&'*').is_some();
            let given = if star {
                star_value(arguments, &mut next, &mut false, &mut text)
            } else {
                number(&mut letters)
            };
            spec.precision = Some(given.unwrap_or(0));
        }
        let Some(verb) = letters.next() else {
            text.push_str("%!(NOVERB)");
            break;
        };
        if verb == '%' {
            text.push('%');
            continue;
        }
        match arguments.get(next) {
            None => write!(text, "%!{verb}(MISSING)").expect("a String takes everything"),
            Some(argument) => write_argument(&mut text, &spec, verb, argument),
        }
        next += 1;
    }
    let extra = arguments.get(next..).unwrap_or_default();
    if !extra.is_empty() {
        let shown: Vec<String> = extra.iter().map(typed).collect();
        write!(text, "%!(EXTRA {})", shown.join(", ")).expect("a String takes everything");
    }
    text
}

fn number(letters: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Option<usize> {
    let mut found = None;
    while let Some(digit) = letters.peek().and_then(|letter| letter.to_digit(10)) {
        letters.next();
        let number: usize = found.unwrap_or(0);
        found = Some(number.saturating_mul(10).saturating_add(digit as usize));
    }
    found.map(|number| if number > WIDTH_MAX { 0 } else { number })
}

/// A width or precision that is an argument; below zero it turns the text to the left.
fn star_value(
    arguments: &[Val<'_>],
    next: &mut usize,
    minus: &mut bool,
    text: &mut String,
) -> Option<usize> {
    let number = match arguments.get(*next) {
        Some(Val::Int(number)) => Some(*number),
        Some(Val::Json { value, .. }) => value.as_i64(),
        Some(Val::Missing) | None => None,
    };
    *next += 1;
    let size = number.and_then(|number| usize::try_from(number.unsigned_abs()).ok());
    let size = size.filter(|size| *size <= WIDTH_MAX);
    if size.is_none() {
        text.push_str("%!(BADWIDTH)");
    }
    *minus |= number.is_some_and(|number| number < 0);
    size
}

/// `int=3`, as messages about arguments show one.
fn typed(argument: &Val<'_>) -> String {
    match argument.clone().unwrapped() {
        Val::Missing => "<nil>".to_owned(),
        known => format!("{}={}", known.inner_type(), known.text()),
    }
}

fn write_argument(text: &mut String, spec: &Spec, verb: char, argument: &Val<'_>) {
    let kind = argument.inner_type();
    let value = argument.clone().into_json();
    match verb {
        'T' => pad(text, spec, kind),
        'v' if value.is_null() => pad(text, spec, "<nil>"),
        'v' if spec.sharp => text.push_str(&go_syntax(&value)),
        _ => write_value(text, spec, verb, &value, kind),
    }
}

/// A value; of lists and mappings each entry by itself.
fn write_value(text: &mut String, spec: &Spec, verb: char, value: &Value, kind: &str) {
    match value {
        Value::Null if verb == 'v' => pad(text, spec, "<nil>"),
        Value::Null => write!(text, "%!{verb}(<nil>)").expect("a String takes everything"),
        Value::Bool(flag) if verb == 'v' || verb == 't' => {
            pad(text, spec, if *flag { "true" } else { "false" });
        }
        Value::Number(number) if number.is_f64() => write_float(text, spec, verb, number, kind),
        Value::Number(number) => write_int(text, spec, verb, number, kind),
        Value::String(string) => write_string(text, spec, verb, string, kind),
        Value::Array(items) => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                text.push_str(if index > 0 { " " } else { "" });
                write_value(text, spec, verb, item, super::value::type_of(item));
            }
            text.push(']');
        }
        Value::Object(map) => {
            text.push_str("map[");
            for (index, (key, item)) in map.iter().enumerate() {
                text.push_str(if index > 0 { " " } else { "" });
                write_string(text, spec, verb, key, "string");
                text.push(':');
                write_value(text, spec, verb, item, super::value::type_of(item));
            }
            text.push(']');
        }
        Value::Bool(_) => bad_verb(text, verb, kind, value),
    }
}

fn bad_verb(text: &mut String, verb: char, kind: &str, value: &Value) {
    write!(text, "%!{verb}({kind}={})", go_value(value)).expect("a String takes everything");
}

fn pad(text: &mut String, spec: &Spec, shown: &str) {
    let missing = spec.width.unwrap_or(0).saturating_sub(shown.chars().count());
    let space = " ".repeat(missing);
    if spec.minus {
        text.push_str(shown);
        text.push_str(&space);
    } else {
        text.push_str(&space);
        text.push_str(shown);
    }
}

/// A number with its sign, filled up with zeros or spaces.
fn pad_number(text: &mut String, spec: &Spec, negative: bool, digits: &str) {
    let sign = match (negative, spec.plus, spec.space) {
        (true, ..) => "-",
        (false, true, _) => "+",
        (false, false, true) => " ",
        (false, false, false) => "",
    };
    let width = spec.width.unwrap_or(0).saturating_sub(sign.len());
    if spec.zero && !spec.minus {
        let zeros = "0".repeat(width.saturating_sub(digits.len()));
        return pad(text, spec, &format!("{sign}{zeros}{digits}"));
    }
    pad(text, spec, &format!("{sign}{digits}"));
}

fn write_int(text: &mut String, spec: &Spec, verb: char, number: &Number, kind: &str) {
    let negative = number.as_i64().is_some_and(i64::is_negative);
    let size = number.as_i64().map_or_else(|| number.as_u64().unwrap_or(0), i64::unsigned_abs);
    let letter = || u32::try_from(size).ok().and_then(char::from_u32).unwrap_or('\u{fffd}');
    let prefix = |prefix: &'static str| if spec.sharp { prefix } else { "" };
    let digits = match verb {
        'd' | 'v' => size.to_string(),
        'b' => format!("{}{size:b}", prefix("0b")),
        'o' => format!("{}{size:o}", prefix("0")),
        'O' => format!("0o{size:o}"),
        'x' => format!("{}{size:x}", prefix("0x")),
        'X' => format!("{}{size:X}", prefix("0X")),
        'c' => return pad(text, spec, &letter().to_string()),
        'q' => return pad(text, spec, &format!("'{}'", letter().escape_default())),
        'U' => return pad(text, spec, &format!("U+{size:04X}")),
        _ => return bad_verb(text, verb, kind, &Value::Number(number.clone())),
    };
    let plain = Spec { zero: spec.zero && spec.precision.is_none(), ..spec.clone() };
    let zeros = spec.precision.unwrap_or(0).saturating_sub(digits.len());
    pad_number(text, &plain, negative, &format!("{}{digits}", "0".repeat(zeros)));
}

fn write_float(text: &mut String, spec: &Spec, verb: char, number: &Number, kind: &str) {
    let float = number.as_f64().unwrap_or_default();
    let (negative, size) = (float.is_sign_negative(), float.abs());
    let precision = spec.precision.unwrap_or(6);
    let digits = match verb {
        'f' | 'F' => format!("{size:.precision$}"),
        'e' => exponent(&format!("{size:.precision$e}")),
        'E' => exponent(&format!("{size:.precision$e}")).to_uppercase(),
        'v' | 'g' | 'G' => {
            let digits = match spec.precision {
                None => Number::from_f64(size).map(|size| number_g(&size)).unwrap_or_default(),
                Some(precision) => general(size, precision.max(1)),
            };
            if verb == 'G' { digits.to_uppercase() } else { digits }
        }
        _ => return bad_verb(text, verb, kind, &Value::Number(number.clone())),
    };
    pad_number(text, spec, negative, &digits);
}

/// Rust's `1.5e6` as Go's `1.5e+06`.
fn exponent(text: &str) -> String {
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let (sign, digits) = match exponent.strip_prefix('-') {
        Some(digits) => ('-', digits),
        None => ('+', exponent),
    };
    format!("{mantissa}e{sign}{digits:0>2}")
}

/// `%.3g`: this many digits, with an exponent where it would take more.
fn general(size: f64, precision: usize) -> String {
    let scientific = format!("{size:.*e}", precision - 1);
    let power: i64 =
        scientific.split_once('e').and_then(|(_, power)| power.parse().ok()).unwrap_or(0);
    let digits_after = i64::try_from(precision).unwrap_or(0) - 1 - power;
    let shorter = |text: &str| {
        let trimmed = text.trim_end_matches('0').trim_end_matches('.');
        if text.contains('.') { trimmed.to_owned() } else { text.to_owned() }
    };
    match usize::try_from(digits_after) {
        Ok(after) if power >= -4 => shorter(&format!("{size:.after$}")),
        _ => {
            let (mantissa, power) = scientific.split_once('e').unwrap_or((&scientific, "0"));
            exponent(&format!("{}e{power}", shorter(mantissa)))
        }
    }
}

fn write_string(text: &mut String, spec: &Spec, verb: char, string: &str, kind: &str) {
    let cut: String = match spec.precision {
        Some(letters) if verb != 'x' && verb != 'X' => string.chars().take(letters).collect(),
        _ => string.to_owned(),
    };
    let mut hex = |upper: bool| {
        let bytes: Vec<String> = string
            .bytes()
            .map(|byte| if upper { format!("{byte:02X}") } else { format!("{byte:02x}") })
            .collect();
        pad(text, spec, &bytes.concat());
    };
    match verb {
        'x' => hex(false),
        'X' => hex(true),
        'v' | 's' => pad(text, spec, &cut),
        'q' if spec.sharp && !cut.contains('`') => pad(text, spec, &format!("`{cut}`")),
        'q' => pad(text, spec, &quote(&cut)),
        _ => bad_verb(text, verb, kind, &Value::from(string)),
    }
}
