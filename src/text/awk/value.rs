//! awk's values: texts, numbers, and what was read and may be either; and how numbers are printed.

use std::cmp::Ordering;

use crate::manifest::parse_float;
use crate::text::printf::Field;

#[derive(Clone, Debug)]
pub(crate) enum Value {
    /// A variable that was never set: 0 and the empty text.
    Nothing,
    Number(f64),
    Text(String),
    /// A field or another piece of the input: a number if it looks like one.
    Input(String),
}

/// How many bytes at a text's beginning are a number.
fn number_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let digits = |mut at: usize| {
        while bytes.get(at).is_some_and(u8::is_ascii_digit) {
            at += 1;
        }
        at
    };
    let start = usize::from(matches!(bytes.first(), Some(b'+' | b'-')));
    let mut end = digits(start);
    let mut count = end - start;
    if bytes.get(end) == Some(&b'.') {
        let after = digits(end + 1);
        count += after - end - 1;
        end = after;
    }
    if count == 0 {
        return 0;
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        let after = digits(end + 1 + sign);
        if after > end + 1 + sign {
            return after;
        }
    }
    end
}

impl Value {
    fn looks_numeric(&self) -> bool {
        match self {
            Self::Nothing | Self::Number(_) => true,
            Self::Text(_) => false,
            Self::Input(text) => {
                let text = text.trim();
                !text.is_empty() && number_length(text) == text.len()
            }
        }
    }

    pub(super) fn number(&self) -> f64 {
        match self {
            Self::Nothing => 0.0,
            Self::Number(number) => *number,
            Self::Text(text) | Self::Input(text) => {
                let text = text.trim_start();
                text.get(..number_length(text)).and_then(parse_float).unwrap_or(0.0)
            }
        }
    }

    pub(super) fn text(&self) -> String {
        match self {
            Self::Nothing => String::new(),
            Self::Number(number) => shown(*number),
            Self::Text(text) | Self::Input(text) => text.clone(),
        }
    }

    pub(super) fn holds(&self) -> bool {
        if self.looks_numeric() { self.number() != 0.0 } else { !self.text().is_empty() }
    }

    /// As numbers if both are or may be, else as texts.
    pub(super) fn compare(&self, other: &Self) -> Ordering {
        let numbers = self.looks_numeric() && other.looks_numeric();
        if numbers {
            self.number().partial_cmp(&other.number()).unwrap_or(Ordering::Equal)
        } else {
            self.text().cmp(&other.text())
        }
    }

    /// As a place in a text or among the fields; negative ones are 0.
    pub(super) fn place(&self) -> usize {
        whole(self.number()).and_then(|place| usize::try_from(place).ok()).unwrap_or(0)
    }
}

/// A number without its fraction, if it is not too large.
pub(super) fn whole(number: f64) -> Option<i64> {
    #[expect(clippy::cast_possible_truncation, reason = "its size was checked")]
    (number.is_finite() && number.abs() < 9e15).then_some(number.trunc() as i64)
}

/// `%d` for whole numbers, else `%.6g`.
fn shown(number: f64) -> String {
    match whole(number) {
        Some(whole) if number.trunc().to_bits() == number.to_bits() || number == 0.0 => {
            whole.to_string()
        }
        _ => general(number, 6),
    }
}

/// `%g`
fn general(number: f64, precision: usize) -> String {
    if !number.is_finite() {
        return if number.is_nan() {
            "nan"
        } else if number > 0.0 {
            "inf"
        } else {
            "-inf"
        }
        .to_owned();
    }
    let precision = precision.max(1);
    let scientific = format!("{number:.*e}", precision - 1);
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i64 = exponent.parse().unwrap_or(0);
    let trimmed = |text: &str| {
        if text.contains('.') {
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        } else {
            text.to_owned()
        }
    };
    let places = i64::try_from(precision).unwrap_or(6) - 1 - exponent;
    if exponent < -4 || places < 0 {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{}e{sign}{:02}", trimmed(mantissa), exponent.abs());
    }
    trimmed(&format!("{number:.*}", usize::try_from(places).unwrap_or(0)))
}

/// `%c`: the letter of a number, or a text's first.
fn letter(value: &Value) -> String {
    match value {
        Value::Number(_) => {
            let code = u32::try_from(value.place()).ok();
            code.and_then(char::from_u32).map_or(String::new(), String::from)
        }
        _ => value.text().chars().take(1).collect(),
    }
}

/// `printf`: a format filled in.
pub(super) fn format(format: &str, arguments: &[Value]) -> Result<String, String> {
    let mut rest = arguments.iter();
    let mut out = String::new();
    let mut chars = format.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        let star = &mut || rest.next().map_or(String::new(), Value::text);
        let Some(field) = Field::read(&mut chars, star) else { break };
        if field.letter == '%' {
            out.push('%');
            continue;
        }
        let value = rest.next().unwrap_or(&Value::Nothing);
        let number = value.number();
        let places = field.precision.unwrap_or(6);
        let text = match field.letter {
            's' => field.text(&value.text()),
            'c' => field.text(&letter(value)),
            'd' | 'i' => field.number(&whole(number).unwrap_or(0).to_string()),
            'u' => field.number(&whole(number).unwrap_or(0).unsigned_abs().to_string()),
            'x' => field.number(&format!("{:x}", whole(number).unwrap_or(0))),
            'X' => field.number(&format!("{:X}", whole(number).unwrap_or(0))),
            'o' => field.number(&format!("{:o}", whole(number).unwrap_or(0))),
            'f' | 'F' => field.number(&format!("{number:.places$}")),
            'g' | 'G' => field.number(&general(number, places)),
            other => return Err(format!("the format %{other} is not simulated")),
        };
        out.push_str(&text);
    }
    Ok(out)
}
