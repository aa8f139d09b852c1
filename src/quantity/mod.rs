//! `resource.Quantity`: amounts such as `250m`, `1.5Gi` or `12e6`, in integers only.
//!
//! An amount is a 64-bit mantissa with a power of ten, or, where that does not fit, a string of decimal digits with one.
//! It remembers its kind of suffix and, if it was written canonically, its text.
//!
//! Models kubernetes apimachinery `pkg/api/resource/{quantity,amount,suffix,scale_int}.go`, with what upstream does
//! on overflow (a small amount that does not fit answers 0, a big one wraps).

mod parse;

use std::cmp::Ordering;
use std::fmt;

/// The suffixes that a quantity is written with.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Format {
    /// `12e6`
    DecimalExponent,
    /// `12Mi`
    BinarySi,
    /// `12M`
    DecimalSi,
}

/// An amount of something.
#[derive(Clone, Debug)]
pub struct Quantity {
    amount: Amount,
    format: Format,
    /// The text it was parsed from, if that is how it is printed too.
    text: Option<String>,
}

/// Why a text is not a quantity; the sentences are upstream's.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum QuantityError {
    /// Not of the form number, suffix.
    Format,
    /// The number cannot be read.
    Numeric,
    /// No such suffix.
    Suffix,
}

impl fmt::Display for QuantityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Format => {
                "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
            }
            Self::Numeric => "unable to parse numeric part of quantity",
            Self::Suffix => "unable to parse quantity's suffix",
        })
    }
}

impl std::error::Error for QuantityError {}

/// `int64Amount` and `infDecAmount` of upstream. The value is mantissa times ten to the power of `scale`.
#[derive(Clone, Debug)]
enum Amount {
    Small {
        value: i64,
        scale: i32,
    },
    /// `digits` has no leading zero and is empty for zero.
    Big {
        negative: bool,
        digits: String,
        scale: i32,
    },
}

/// The finest scale: nothing below 1n.
const NANO: i32 = -9;

/// Suffixes, their base and their exponent.
const SUFFIXES: &[(&str, u32, i32)] = &[
    ("", 10, 0),
    ("n", 10, -9),
    ("u", 10, -6),
    ("m", 10, -3),
    ("k", 10, 3),
    ("M", 10, 6),
    ("G", 10, 9),
    ("T", 10, 12),
    ("P", 10, 15),
    ("E", 10, 18),
    ("Ki", 2, 10),
    ("Mi", 2, 20),
    ("Gi", 2, 30),
    ("Ti", 2, 40),
    ("Pi", 2, 50),
    ("Ei", 2, 60),
];

impl Quantity {
    /// Reads a quantity.
    pub fn parse(text: &str) -> Result<Self, QuantityError> {
        if text.is_empty() {
            return Err(QuantityError::Format);
        }
        if text == "0" {
            let amount = Amount::Small { value: 0, scale: 0 };
            return Ok(Self { amount, format: Format::DecimalSi, text: Some(text.to_owned()) });
        }
        parse::parse(text)
    }

    /// A whole number of something, printed with decimal suffixes.
    pub fn decimal(value: i64) -> Self {
        Self { amount: Amount::Small { value, scale: 0 }, format: Format::DecimalSi, text: None }
    }

    /// So many thousandths, printed with decimal suffixes.
    pub fn decimal_milli(value: i64) -> Self {
        Self { amount: Amount::Small { value, scale: -3 }, format: Format::DecimalSi, text: None }
    }

    /// A whole number of something, printed with binary suffixes.
    pub fn binary(value: i64) -> Self {
        Self { amount: Amount::Small { value, scale: 0 }, format: Format::BinarySi, text: None }
    }

    /// The whole number, rounded up.
    pub fn value(&self) -> i64 {
        self.scaled_value(0)
    }

    /// The number of thousandths, rounded up.
    pub fn milli_value(&self) -> i64 {
        self.scaled_value(-3)
    }

    /// Which suffixes it prints with.
    pub fn format(&self) -> Format {
        self.format
    }

    /// Whether it is nothing.
    pub fn is_zero(&self) -> bool {
        match &self.amount {
            Amount::Small { value, .. } => *value == 0,
            Amount::Big { digits, .. } => digits.is_empty(),
        }
    }

    /// Whether it is less than nothing.
    pub fn is_negative(&self) -> bool {
        match &self.amount {
            Amount::Small { value, .. } => *value < 0,
            Amount::Big { negative, digits, .. } => *negative && !digits.is_empty(),
        }
    }

    /// Go's struct as its dump prints it, for hashes. *Differs:* an amount beyond 128 bits prints as the greatest.
    pub fn go_dump(&self) -> String {
        let (small, big) = match &self.amount {
            Amount::Small { value, scale } => ((*value, *scale), "<nil>".to_owned()),
            Amount::Big { negative, scale, .. } => {
                // Counted in billionths, but where it was cut down to the greatest that is allowed.
                let (unit, scale) = if *scale == 0 { (1_000_000_000, 0) } else { (1, -NANO) };
                let number = self.nano().unsigned_abs() / unit;
                let (high, low) = (number >> 64, number & u128::from(u64::MAX));
                let words = if high == 0 { low.to_string() } else { format!("{low} {high}") };
                let value = format!("{{neg:(bool){negative} abs:(big.nat)[{words}]}}");
                ((0, 0), format!("{{unscaled:(big.Int){value} scale:(inf.Scale){scale}}}"))
            }
        };
        let format = match self.format {
            Format::DecimalExponent => "DecimalExponent",
            Format::BinarySi => "BinarySI",
            Format::DecimalSi => "DecimalSI",
        };
        format!(
            "{{i:(resource.int64Amount){{value:(int64){} scale:(resource.Scale){}}} \
             d:(resource.infDecAmount){{Dec:(*inf.Dec){big}}} s:(string){} Format:(resource.Format){format}}}",
            small.0,
            small.1,
            self.text.as_deref().unwrap_or_default(),
        )
    }

    fn sign(&self) -> i8 {
        i8::from(!self.is_zero()) - 2 * i8::from(self.is_negative())
    }

    /// The sum; the suffixes are those of the first that is not zero. Saturates where upstream would grow.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        self.combined(other, i128::saturating_add)
    }

    /// The difference; see [`Self::plus`].
    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        self.combined(other, i128::saturating_sub)
    }

    fn combined(&self, other: &Self, combine: fn(i128, i128) -> i128) -> Self {
        let format = if self.is_zero() { other.format } else { self.format };
        Self::from_nano(combine(self.nano(), other.nano()), format)
    }

    /// The number of billionths; saturates beyond 128 bits.
    fn nano(&self) -> i128 {
        let (negative, digits, scale) = self.amount.parts();
        let mut number = digits.bytes().fold(0_i128, |number, digit| {
            number.saturating_mul(10).saturating_add(i128::from(digit - b'0'))
        });
        for _ in 0..(scale.saturating_sub(NANO)).clamp(0, 40) {
            number = number.saturating_mul(10);
        }
        if negative { -number } else { number }
    }

    fn from_nano(nano: i128, format: Format) -> Self {
        let (mut value, mut scale) = (nano, NANO);
        while value != 0 && value % 10 == 0 && scale < 0 {
            value /= 10;
            scale += 1;
        }
        let amount = match i64::try_from(value) {
            Ok(value) => Amount::Small { value, scale: if value == 0 { 0 } else { scale } },
            Err(_) => {
                Amount::Big { negative: value < 0, digits: value.unsigned_abs().to_string(), scale }
            }
        };
        Self { amount, format, text: None }
    }

    fn scaled_value(&self, scale: i32) -> i64 {
        match &self.amount {
            Amount::Small { value, scale: own } => {
                scale_small(*value, i64::from(*own) - i64::from(scale))
            }
            Amount::Big { negative, digits, scale: own } => {
                scale_big(*negative, digits, i64::from(*own) - i64::from(scale))
            }
        }
    }
}

impl Amount {
    /// Sign, digits without leading zeros, scale.
    fn parts(&self) -> (bool, String, i32) {
        match self {
            Self::Small { value: 0, .. } => (false, String::new(), 0),
            Self::Small { value, scale } => (*value < 0, value.unsigned_abs().to_string(), *scale),
            Self::Big { negative, digits, scale } => (*negative, digits.clone(), *scale),
        }
    }

    /// Whether it is a whole number.
    fn is_whole(&self) -> bool {
        let (_, digits, scale) = self.parts();
        let zeros = digits.len() - digits.trim_end_matches('0').len();
        digits.is_empty() || i64::from(scale) + i64::try_from(zeros).unwrap_or(i64::MAX) >= 0
    }
}

impl PartialEq for Quantity {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Quantity {}

impl PartialOrd for Quantity {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Compares amounts, not texts: `1Ki` equals `1024`.
impl Ord for Quantity {
    fn cmp(&self, other: &Self) -> Ordering {
        let (left, right) = (self.amount.parts(), other.amount.parts());
        self.sign().cmp(&other.sign()).then_with(|| {
            if self.is_negative() { magnitude(&right, &left) } else { magnitude(&left, &right) }
        })
    }
}

/// Compares two amounts without their signs.
fn magnitude(left: &(bool, String, i32), right: &(bool, String, i32)) -> Ordering {
    let order = |parts: &(bool, String, i32)| {
        i64::try_from(parts.1.len()).unwrap_or(i64::MAX).saturating_add(i64::from(parts.2))
    };
    let trim = |parts: &(bool, String, i32)| parts.1.trim_end_matches('0').to_owned();
    order(left).cmp(&order(right)).then_with(|| trim(left).cmp(&trim(right)))
}

/// The canonical form.
impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(text) = &self.text {
            return f.write_str(text);
        }
        if self.is_zero() {
            return f.write_str("0");
        }
        if self.format == Format::BinarySi && self.amount.is_whole() {
            let value = self.nano() / 1_000_000_000;
            if value.abs() >= 1024 {
                return write_binary(f, value);
            }
        }
        self.write_decimal(f)
    }
}

fn write_binary(f: &mut fmt::Formatter<'_>, mut value: i128) -> fmt::Result {
    let mut exponent = 0;
    while value % 1024 == 0 {
        value /= 1024;
        exponent += 10;
    }
    write!(f, "{value}{}", suffix_of(2, exponent))
}

impl Quantity {
    /// Strips zeros, then makes the exponent a multiple of three. Exponents without a suffix print none, as upstream.
    fn write_decimal(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (negative, digits, scale) = self.amount.parts();
        let stripped = digits.trim_end_matches('0');
        let zeros = i64::try_from(digits.len() - stripped.len()).unwrap_or(i64::MAX);
        let mut exponent = i64::from(scale).saturating_add(zeros);
        let pad = exponent.rem_euclid(3);
        exponent -= pad;
        if negative {
            f.write_str("-")?;
        }
        f.write_str(stripped)?;
        for _ in 0..pad {
            f.write_str("0")?;
        }
        match (self.format, exponent) {
            (Format::DecimalExponent, 0) => Ok(()),
            (Format::DecimalExponent, exponent) => write!(f, "e{exponent}"),
            (Format::BinarySi | Format::DecimalSi, exponent) => {
                f.write_str(suffix_of(10, i32::try_from(exponent).unwrap_or(i32::MAX)))
            }
        }
    }
}

fn suffix_of(base: u32, exponent: i32) -> &'static str {
    let found = SUFFIXES.iter().find(|(_, b, e)| *b == base && *e == exponent);
    found.map_or("", |(text, ..)| text)
}

/// `value * 10^by`, rounded away from zero; 0 where it overflows.
fn scale_small(value: i64, by: i64) -> i64 {
    if value == 0 {
        return 0;
    }
    let power = |by: i64| u32::try_from(by).ok().and_then(|by| 10_i64.checked_pow(by));
    if by >= 0 {
        return power(by).and_then(|factor| value.checked_mul(factor)).unwrap_or(0);
    }
    let Some(divisor) = power(-by).filter(|_| by > -18) else { return value.signum() };
    value / divisor + if value % divisor == 0 { 0 } else { value.signum() }
}

/// The same for many digits, wrapping as upstream's conversion of a big integer does.
fn scale_big(negative: bool, digits: &str, by: i64) -> i64 {
    if digits.is_empty() {
        return 0;
    }
    let low = |digits: &str| {
        let number = digits.bytes().fold(0_u64, |number, digit| {
            number.wrapping_mul(10).wrapping_add(u64::from(digit - b'0'))
        });
        if negative { number.cast_signed().wrapping_neg() } else { number.cast_signed() }
    };
    if by >= 0 {
        return (0..by.min(64)).fold(low(digits), |number, _| number.wrapping_mul(10));
    }
    if negative && let Some(divisor) = u32::try_from(-by).ok().and_then(|by| 10_i64.checked_pow(by))
    {
        // Upstream takes every negative number for a small one, cuts it to 64 bits and adds one to the quotient.
        let number = low(digits);
        return number / divisor + i64::from(number % divisor != 0);
    }
    let drop = usize::try_from(-by).unwrap_or(usize::MAX);
    let keep = digits.len().saturating_sub(drop);
    let (kept, dropped) = digits.split_at_checked(keep).unwrap_or((digits, ""));
    let exact = dropped.bytes().all(|digit| digit == b'0');
    low(kept).wrapping_add(i64::from(!exact))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_canonical_forms() {
        for (text, canonical, value, milli) in [
            ("1", "1", 1, 1000),
            ("0.5", "500m", 1, 500),
            ("1.5Gi", "1536Mi", 1_610_612_736, 1_610_612_736_000),
            ("1024Mi", "1Gi", 1_073_741_824, 1_073_741_824_000),
            ("1000m", "1", 1, 1000),
            ("1e3", "1e3", 1000, 1_000_000),
            ("0.1n", "1n", 1, 1),
            ("12345678901234567890", "12345678901234567890", -6_101_065_172_474_983_726, 0),
        ] {
            let quantity = Quantity::parse(text).unwrap();
            assert_eq!(quantity.to_string(), canonical, "{text}");
            if milli != 0 {
                assert_eq!((quantity.value(), quantity.milli_value()), (value, milli), "{text}");
            }
        }
    }

    #[test]
    fn compares_amounts_across_suffixes() {
        let parse = |text| Quantity::parse(text).unwrap();
        assert_eq!(parse("1Ki"), parse("1024"));
        assert!(parse("100m") < parse("1"));
        assert!(parse("-1") < parse("0"));
        assert!(parse("-2") < parse("-1"));
        assert_eq!(parse("250m").plus(&parse("750m")).to_string(), "1");
        assert_eq!(parse("1Gi").minus(&parse("512Mi")).to_string(), "512Mi");
    }

    #[test]
    fn refuses_what_is_not_a_quantity() {
        for (text, error) in [
            ("", QuantityError::Format),
            ("1 Gi", QuantityError::Format),
            ("1GB", QuantityError::Format),
            ("1K", QuantityError::Suffix),
        ] {
            assert_eq!(Quantity::parse(text).unwrap_err(), error, "{text}");
        }
    }
}
