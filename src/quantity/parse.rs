//! A quantity's text to an amount: the fast path for what fits 64 bits, the slow one for any number of digits.
//!
//! Models `ParseQuantity` of kubernetes apimachinery `pkg/api/resource/quantity.go` and the suffixes of `suffix.go`.

use std::cmp::Ordering;

use super::{Amount, Format, NANO, Quantity, QuantityError, SUFFIXES, magnitude};

/// Reads a text that is neither empty nor `0`.
pub(super) fn parse(text: &str) -> Result<Quantity, QuantityError> {
    let parts = split(text)?;
    let (exponent, format) = interpret(parts.suffix).ok_or(QuantityError::Suffix)?;
    match parse_small(&parts, exponent, format) {
        Some((value, scale, canonical)) => Ok(Quantity {
            amount: Amount::Small { value, scale },
            format,
            text: canonical.then(|| text.to_owned()),
        }),
        None => parse_big(&parts, exponent, format),
    }
}

/// A quantity's text in its parts; the numerator has no leading zeros and is `0` if there is none.
struct Parts<'a> {
    positive: bool,
    /// Whether sign and digits, as they stand, make a number.
    has_digits: bool,
    numerator: &'a str,
    denominator: &'a str,
    suffix: &'a str,
}

fn split(text: &str) -> Result<Parts<'_>, QuantityError> {
    let (positive, rest) = match text.strip_prefix('-') {
        Some(rest) => (false, rest),
        None => (true, text.strip_prefix('+').unwrap_or(text)),
    };
    let after_zeros = rest.trim_start_matches('0');
    let (numerator, after) = digits_of(after_zeros);
    let (denominator, suffix) = match after.strip_prefix('.') {
        Some(after) => digits_of(after),
        None => ("", after),
    };
    if !suffix.is_empty() {
        let exponent = suffix.trim_start_matches(|letter| "eEinumkKMGTP".contains(letter));
        let unsigned = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        if !unsigned.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(QuantityError::Format);
        }
    }
    let has_digits =
        after_zeros.len() < rest.len() || !numerator.is_empty() || !denominator.is_empty();
    let numerator = if numerator.is_empty() { "0" } else { numerator };
    Ok(Parts { positive, has_digits, numerator, denominator, suffix })
}

/// Splits leading digits from the rest.
fn digits_of(text: &str) -> (&str, &str) {
    let end = text.bytes().take_while(u8::is_ascii_digit).count();
    text.split_at_checked(end).unwrap_or((text, ""))
}

fn interpret(suffix: &str) -> Option<(i32, Format)> {
    if let Some((_, base, exponent)) = SUFFIXES.iter().find(|(text, ..)| *text == suffix) {
        let format = if *base == 2 { Format::BinarySi } else { Format::DecimalSi };
        return Some((*exponent, format));
    }
    let exponent = suffix.strip_prefix(['e', 'E']).filter(|rest| !rest.is_empty())?;
    let exponent: i64 = exponent.parse().ok()?;
    // Upstream cuts the exponent to 32 bits.
    let low = u32::try_from(exponent.cast_unsigned() & 0xffff_ffff).expect("32 bits were kept");
    Some((low.cast_signed(), Format::DecimalExponent))
}

/// The fast path: value, scale, and whether the text is canonical as it stands.
fn parse_small(parts: &Parts<'_>, exponent: i32, format: Format) -> Option<(i64, i32, bool)> {
    let length = i64::try_from(parts.numerator.len() + parts.denominator.len()).ok()?;
    let (mantissa, scale, precision) = if format == Format::BinarySi {
        if !parts.denominator.is_empty() {
            return None;
        }
        (1_i64 << exponent, 0, 14 - length - i64::from(exponent * 3 / 10))
    } else {
        (1, exponent, 18 - length)
    };
    if precision < 0 {
        return None;
    }
    let scale = scale.wrapping_sub(i32::try_from(parts.denominator.len()).ok()?);
    if scale < NANO {
        return None;
    }
    let shifted = format!("{}{}", parts.numerator, parts.denominator);
    let value: i64 = shifted.parse().ok()?;
    let result = value.checked_mul(mantissa)?;
    let canonical = if format == Format::BinarySi {
        value & 7 != 0
    } else {
        scale % 3 == 0 && !shifted.ends_with("000") && !shifted.starts_with('0')
    };
    Some((if parts.positive { result } else { -result }, scale, canonical))
}

/// The slow path: any number of digits, rounded up to billionths, capped at 2^63-1 for binary suffixes.
fn parse_big(
    parts: &Parts<'_>,
    exponent: i32,
    mut format: Format,
) -> Result<Quantity, QuantityError> {
    if !parts.has_digits {
        return Err(QuantityError::Numeric);
    }
    let all = format!("{}{}", parts.numerator, parts.denominator);
    let mut digits = all.trim_start_matches('0').to_owned();
    let mut scale = -i32::try_from(parts.denominator.len()).unwrap_or(i32::MAX);
    if format == Format::BinarySi {
        for _ in 0..exponent / 10 {
            digits = times_1024(&digits);
        }
    } else {
        scale = scale.saturating_add(exponent);
    }
    (digits, scale) = round_to_nano(digits, scale);
    if format == Format::BinarySi {
        let whole = i64::try_from(digits.len()).unwrap_or(i64::MAX) + i64::from(scale);
        let max = (false, i64::MAX.to_string(), 0);
        if magnitude(&(false, digits.clone(), scale), &max) == Ordering::Greater {
            (digits, scale) = (max.1, 0);
        } else if whole <= 0 && !digits.is_empty() {
            format = Format::DecimalSi;
        }
    }
    let amount = Amount::Big { negative: !parts.positive, digits, scale };
    Ok(Quantity { amount, format, text: None })
}

fn times_1024(digits: &str) -> String {
    let mut carry = 0_u32;
    let mut reversed: Vec<u8> = Vec::with_capacity(digits.len() + 4);
    for digit in digits.bytes().rev() {
        carry += u32::from(digit - b'0') * 1024;
        reversed.push(b'0' + u8::try_from(carry % 10).expect("one digit"));
        carry /= 10;
    }
    while carry > 0 {
        reversed.push(b'0' + u8::try_from(carry % 10).expect("one digit"));
        carry /= 10;
    }
    reversed.into_iter().rev().map(char::from).collect()
}

/// More zeros than this are not written out.
const ZEROS_MAX: usize = 4096;

/// Counts in billionths: drops digits below, rounding away from zero.
fn round_to_nano(digits: String, scale: i32) -> (String, i32) {
    if digits.is_empty() {
        return (digits, scale);
    }
    if scale >= NANO {
        // Upstream writes the zeros out, and its overflows show it; beyond reason the exponent is kept.
        let zeros = usize::try_from(i64::from(scale) - i64::from(NANO)).unwrap_or(usize::MAX);
        return if zeros > ZEROS_MAX {
            (digits, scale)
        } else {
            (digits + &"0".repeat(zeros), NANO)
        };
    }
    let drop = usize::try_from(i64::from(NANO) - i64::from(scale)).unwrap_or(usize::MAX);
    let keep = digits.len().saturating_sub(drop);
    let (kept, dropped) = digits.split_at_checked(keep).unwrap_or((&digits, ""));
    if dropped.bytes().all(|digit| digit == b'0') && drop <= digits.len() {
        return (kept.to_owned(), NANO);
    }
    (plus_one(kept), NANO)
}

fn plus_one(digits: &str) -> String {
    let stem = digits.trim_end_matches('9');
    let nines = digits.len() - stem.len();
    let mut chars: Vec<char> = stem.chars().collect();
    match chars.pop() {
        Some(last) => {
            chars.push(char::from_u32(u32::from(last) + 1).expect("a digit below nine"));
        }
        None => chars.push('1'),
    }
    chars.extend(std::iter::repeat_n('0', nines));
    chars.into_iter().collect()
}
