//! A decimal number's nearest double, ties to even.
//!
//! `std` does it with a table of 10 kB that does not compress; numbers with a fraction are too rare in manifests to carry
//! that. Here it is long division of whole numbers of any size, and nothing is computed with doubles.

/// Digits beyond these decide only whether a number is above a tie; one digit says so as well.
const DIGITS_MAX: usize = 800;

/// The number that a text says: digits, perhaps a point, perhaps an exponent. `None` if it is no such text, or too big.
pub fn parse_float(text: &str) -> Option<f64> {
    let (negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (digits, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((digits, exponent)) => (digits, read_exponent(exponent)?),
        None => (unsigned, 0),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all = || whole.bytes().chain(fraction.bytes());
    if all().next().is_none() || !all().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let significant: Vec<u32> =
        all().map(|byte| u32::from(byte - b'0')).skip_while(|digit| *digit == 0).collect();
    // The place of the point, counted from the first significant digit.
    let leading = whole.len() + fraction.len() - significant.len();
    let point = i64::try_from(whole.len()).ok()? - i64::try_from(leading).ok()? + exponent;
    let magnitude = match point {
        _ if significant.is_empty() => 0.0,
        ..-400 => 0.0,
        400.. => return None,
        _ => nearest(&significant, point)?,
    };
    Some(if negative { magnitude.copysign(-1.0) } else { magnitude })
}

/// An exponent, which may have a sign; one with many digits is as good as any great one.
fn read_exponent(text: &str) -> Option<i64> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(sign * digits.parse().unwrap_or(i64::MAX).min(1 << 40))
}

/// The double nearest to `0.DIGITS` times ten to the `point`.
fn nearest(digits: &[u32], point: i64) -> Option<f64> {
    let (mut above, mut below) = (Big::default(), Big(vec![1]));
    let kept = digits.get(..DIGITS_MAX).unwrap_or(digits);
    for digit in kept {
        above.push_digit(*digit);
    }
    let mut exponent = point - i64::try_from(kept.len()).ok()?;
    if digits.iter().skip(DIGITS_MAX).any(|digit| *digit != 0) {
        above.push_digit(1);
        exponent -= 1;
    }
    let scaled = if exponent < 0 { &mut below } else { &mut above };
    (0..exponent.unsigned_abs()).for_each(|_| scaled.push_digit(0));
    // The quotient shall have 55 or 56 bits: two or three more than are kept.
    let shift = 55 - (above.bits() - below.bits());
    let shifted = if shift < 0 { &mut below } else { &mut above };
    shifted.shift(shift.unsigned_abs());
    let (quotient, rest) = divide(above, &below);
    round(quotient, rest, shift)
}

/// The double nearest to `quotient` (and a bit more, if there is a `rest`) times two to the `-shift`.
fn round(quotient: u64, rest: bool, shift: i64) -> Option<f64> {
    let bits = i64::from(64 - quotient.leading_zeros());
    // The last place that is kept: the 53rd, or that of the smallest double.
    let last = (bits - shift - 53).max(-1074);
    let dropped = u32::try_from(last + shift).ok()?;
    let (kept, tail) = match quotient.checked_shr(dropped) {
        Some(kept) => (kept, quotient - (kept << dropped)),
        None => (0, quotient),
    };
    let half = 1_u64.checked_shl(dropped.checked_sub(1)?).unwrap_or(u64::MAX);
    let up = tail > half || tail == half && (rest || kept % 2 == 1);
    let mantissa = kept + u64::from(up);
    // A mantissa that reaches the next power of two carries into the exponent, as it should.
    let exponent = u64::try_from(last + 1074).ok().filter(|exponent| *exponent < 2046)?;
    Some(f64::from_bits(mantissa + (exponent << 52))).filter(|number| number.is_finite())
}

/// A whole number in 32-bit digits, the lowest first; the highest is not 0.
#[derive(Default)]
struct Big(Vec<u32>);

impl Big {
    /// Ten times as much, and a digit more.
    fn push_digit(&mut self, digit: u32) {
        let mut carry = u64::from(digit);
        for part in &mut self.0 {
            carry += u64::from(*part) * 10;
            *part = low(carry);
            carry >>= 32;
        }
        if carry > 0 {
            self.0.push(low(carry));
        }
    }

    fn bits(&self) -> i64 {
        let top = self.0.last().map_or(0, |part| 32 - part.leading_zeros());
        i64::try_from(self.0.len()).unwrap_or(i64::MAX) * 32 - 32 + i64::from(top)
    }

    /// Two to the `count` times as much.
    fn shift(&mut self, count: u64) {
        let mut carry = 0_u64;
        for part in &mut self.0 {
            carry |= u64::from(*part) << (count % 32);
            *part = low(carry);
            carry >>= 32;
        }
        if carry > 0 {
            self.0.push(low(carry));
        }
        let zeros = usize::try_from(count / 32).unwrap_or(0);
        self.0.splice(0..0, std::iter::repeat_n(0, zeros));
    }

    fn less_than(&self, other: &Self) -> bool {
        let (one, two) = (&self.0, &other.0);
        one.len().cmp(&two.len()).then_with(|| one.iter().rev().cmp(two.iter().rev())).is_lt()
    }

    /// Takes away what is not more.
    fn subtract(&mut self, other: &Self) {
        let mut borrow = 0_i64;
        for (at, part) in self.0.iter_mut().enumerate() {
            borrow += i64::from(*part) - i64::from(other.0.get(at).copied().unwrap_or(0));
            *part = low(borrow.cast_unsigned());
            borrow >>= 32;
        }
        while self.0.last() == Some(&0) {
            self.0.pop();
        }
    }
}

fn low(number: u64) -> u32 {
    u32::try_from(number & 0xffff_ffff).unwrap_or(0)
}

/// The quotient, which has at most 56 bits, and whether something is left.
fn divide(mut above: Big, below: &Big) -> (u64, bool) {
    let mut quotient = 0;
    for bit in (0..57_u64).rev() {
        let mut part = Big(below.0.clone());
        part.shift(bit);
        if !above.less_than(&part) {
            above.subtract(&part);
            quotient |= 1 << bit;
        }
    }
    (quotient, !above.0.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    fn same_as_std(text: &str) {
        let std = text.parse::<f64>().ok().filter(|number| number.is_finite());
        assert_eq!(parse_float(text).map(f64::to_bits), std.map(f64::to_bits), "{text}");
    }

    #[test]
    fn what_std_reads() {
        for text in [
            "0",
            "-0",
            "1",
            "0.1",
            "1.5",
            ".5",
            "5.",
            "1e21",
            "1e22",
            "1e23",
            "123456789012345678",
            "9007199254740993",
            "9007199254740992.5",
            "2.2250738585072011e-308",
            "2.2250738585072014e-308",
            "4.9e-324",
            "2.4703282292062327e-324",
            "2.4703282292062328e-324",
            "1.7976931348623157e308",
            "1.7976931348623158e308",
            "1.7976931348623159e308",
            "1e400",
            "1e-400",
            "0e999999999999999999999",
            "1e-999999999999999999999",
            "",
            ".",
            "e5",
            "1e",
            "1e+",
            "--1",
            "0x1",
            "1_0",
            "NaN",
            "inf",
        ] {
            same_as_std(text);
        }
        same_as_std(&format!("1.{}1", "0".repeat(900)));
        same_as_std(&format!("9007199254740993.{}1", "0".repeat(900)));
        same_as_std(&format!("0.{}123e20", "0".repeat(300)));
    }

    #[test]
    fn any_number_as_std_reads_it() {
        let mut random = Random::new(5).split("float");
        for _ in 0..1_000 {
            let number = f64::from_bits(random.next_u64());
            if number.is_finite() {
                same_as_std(&format!("{number:e}"));
                same_as_std(&format!("{number:.20e}"));
                same_as_std(&format!("{number}"));
            }
        }
        for _ in 0..1_000 {
            let digits = random.next_u64().to_string();
            let at = random.below(digits.len());
            let (whole, fraction) = digits.split_at(at);
            same_as_std(&format!(
                "{whole}.{fraction}e{}",
                i64::try_from(random.below(700)).unwrap() - 350
            ));
        }
    }
}
