//! A field of a `printf` format (`%-5.2s`): read out of the format, and filled. What a letter means, awk's function, bash's
//! builtin and the shells in containers each say themselves.
//!
//! Models C's `printf`. *Differs:* the flags `#` and blank do nothing.

use std::iter::Peekable;
use std::str::Chars;

/// The widest field, and the most decimal places, that a format fills.
const WIDTH_MAX: usize = 1000;

/// What stands behind a `%`.
pub(crate) struct Field {
    left: bool,
    plus: bool,
    zero: bool,
    width: usize,
    /// Decimal places, or how many letters of a text count.
    pub(crate) precision: Option<usize>,
    /// What is asked for; `%` is itself.
    pub(crate) letter: char,
}

impl Field {
    /// Reads what follows a `%`; none where the format ends. `star` gives the number that a `*` stands for.
    pub(crate) fn read(
        letters: &mut Peekable<Chars<'_>>,
        star: &mut dyn FnMut() -> String,
    ) -> Option<Self> {
        let mut flags = String::new();
        while let Some(flag) = letters.next_if(|letter| "-+ 0#.123456789*".contains(*letter)) {
            match flag {
                '*' => flags.push_str(&star()),
                flag => flags.push(flag),
            }
        }
        let letter = letters.next()?;
        let (width, precision) = flags.split_once('.').map_or((flags.as_str(), None), |(w, p)| {
            (w, Some(p.parse::<usize>().unwrap_or(0).min(WIDTH_MAX)))
        });
        let left = width.contains('-');
        let digits = width.trim_start_matches(['-', '+', ' ', '#']);
        Some(Self {
            left,
            plus: width.contains('+'),
            zero: digits.starts_with('0') && !left,
            width: digits.parse::<usize>().unwrap_or(0).min(WIDTH_MAX),
            precision,
            letter,
        })
    }

    /// A text, as many letters of it as count, in the field.
    pub(crate) fn text(&self, text: &str) -> String {
        let text: String = text.chars().take(self.precision.unwrap_or(usize::MAX)).collect();
        self.padded(&text)
    }

    /// A number that has been written, in the field: with its sign, and zeros before it, if they are asked for.
    pub(crate) fn number(&self, number: &str) -> String {
        let sign = if self.plus && !number.starts_with('-') { "+" } else { "" };
        if !self.zero {
            return self.padded(&format!("{sign}{number}"));
        }
        let (sign, digits) = number.strip_prefix('-').map_or((sign, number), |rest| ("-", rest));
        format!("{sign}{digits:0>0$}", self.width.saturating_sub(sign.len()))
    }

    fn padded(&self, text: &str) -> String {
        let width = self.width;
        if self.left { format!("{text:<width$}") } else { format!("{text:>width$}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_filled_as_c_does() {
        let field = |format: &str| Field::read(&mut format.chars().peekable(), &mut || "4".into());
        for (format, text, filled) in [
            ("s", "ab", "ab"),
            ("5s", "ab", "   ab"),
            ("-5s", "ab", "ab   "),
            ("5.1s", "ab", "    a"),
        ] {
            assert_eq!(field(format).unwrap().text(text), filled, "{format}");
        }
        for (format, number, filled) in [
            ("d", "-3", "-3"),
            ("+d", "3", "+3"),
            ("05d", "-3", "-0003"),
            ("+05d", "3", "+0003"),
            ("-05d", "3", "3    "),
            ("*d", "3", "   3"),
        ] {
            assert_eq!(field(format).unwrap().number(number), filled, "{format}");
        }
        assert!(field("5").is_none(), "the format ends");
    }
}
