//! Reads flags and arguments as kubectl does: anywhere in the line, `--name value`, `--name=value`, `-n value`,
//! `-nvalue`, letters together, and nothing but arguments after `--`.
//!
//! Models spf13/pflag `flag.go`; its sentences are kept.

use std::collections::BTreeMap;

use super::verb::{Flag, Takes};
use crate::time::{Duration, parse_go_duration};

/// What was given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Flags {
    known: Vec<&'static Flag>,
    given: BTreeMap<&'static str, Vec<String>>,
    /// Flags and their values as they were given.
    pub order: Vec<(&'static str, String)>,
    /// The arguments, flags taken out.
    pub args: Vec<String>,
    /// How many of the arguments stood before `--`, if there was one.
    pub dash: Option<usize>,
}

/// Splits words into flags and arguments.
pub(super) fn parse(known: Vec<&'static Flag>, words: &[String]) -> Result<Flags, String> {
    let mut flags = Flags { known, ..Flags::default() };
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        if word == "--" {
            flags.dash = Some(flags.args.len());
            flags.args.extend(rest.by_ref().cloned());
        } else if let Some(long) = word.strip_prefix("--") {
            flags.long(long, &mut rest)?;
        } else if let Some(letters) = word.strip_prefix('-').filter(|rest| !rest.is_empty()) {
            flags.letters(letters, &mut rest)?;
        } else {
            flags.args.push(word.clone());
        }
    }
    Ok(flags)
}

impl Flags {
    fn long<'a>(
        &mut self,
        word: &str,
        rest: &mut impl Iterator<Item = &'a String>,
    ) -> Result<(), String> {
        let (name, value) = match word.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (word, None),
        };
        if name.is_empty() || name.starts_with('-') {
            return Err(format!("bad flag syntax: --{word}"));
        }
        let Some(flag) = self.known.iter().find(|flag| flag.name == name).copied() else {
            return Err(format!("unknown flag: --{name}"));
        };
        let value = match (value, alone(flag.takes)) {
            (Some(value), _) => value,
            (None, Some(value)) => value.to_owned(),
            (None, None) => {
                rest.next().ok_or_else(|| format!("flag needs an argument: --{name}"))?.clone()
            }
        };
        self.set(flag, value)
    }

    fn letters<'a>(
        &mut self,
        letters: &str,
        rest: &mut impl Iterator<Item = &'a String>,
    ) -> Result<(), String> {
        let mut left = letters.chars();
        while let Some(letter) = left.next() {
            let Some(flag) = self.known.iter().find(|flag| flag.short == Some(letter)).copied()
            else {
                return Err(format!("unknown shorthand flag: '{letter}' in -{letters}"));
            };
            let attached = left.as_str();
            if let Some(value) = attached.strip_prefix('=') {
                return self.set(flag, value.to_owned());
            }
            if let Some(value) = alone(flag.takes) {
                self.set(flag, value.to_owned())?;
                continue;
            }
            if !attached.is_empty() {
                return self.set(flag, attached.to_owned());
            }
            let value = rest
                .next()
                .ok_or_else(|| format!("flag needs an argument: '{letter}' in -{letters}"))?;
            return self.set(flag, value.clone());
        }
        Ok(())
    }

    fn set(&mut self, flag: &'static Flag, value: String) -> Result<(), String> {
        if let Err(problem) = check(flag.takes, &value) {
            let name = match flag.short {
                Some(short) => format!("-{short}, --{}", flag.name),
                None => format!("--{}", flag.name),
            };
            return Err(format!("invalid argument {value:?} for \"{name}\" flag: {problem}"));
        }
        self.order.push((flag.name, value.clone()));
        let values = self.given.entry(flag.name).or_default();
        match flag.takes {
            Takes::List => {
                values.extend(value.split(',').filter(|part| !part.is_empty()).map(str::to_owned));
            }
            Takes::Array => values.push(value),
            Takes::Bool
            | Takes::Text
            | Takes::TextOr(_)
            | Takes::Int
            | Takes::Int32
            | Takes::Duration => {
                *values = vec![value];
            }
        }
        Ok(())
    }

    /// Whether a flag was given.
    pub(super) fn given(&self, name: &str) -> bool {
        self.given.contains_key(name)
    }

    /// A flag's text, its default if it was not given.
    pub(super) fn text(&self, name: &str) -> &str {
        let given = self.given.get(name).and_then(|values| values.last());
        given.map_or_else(|| self.default_of(name), String::as_str)
    }

    fn default_of(&self, name: &str) -> &'static str {
        self.known.iter().find(|flag| flag.name == name).map_or("", |flag| flag.default)
    }

    /// Whether a switch is on.
    pub(super) fn on(&self, name: &str) -> bool {
        parse_bool(self.text(name)).unwrap_or(false)
    }

    /// All values of a flag that may be given several times.
    pub(super) fn list(&self, name: &str) -> &[String] {
        self.given.get(name).map_or(&[], Vec::as_slice)
    }

    /// A whole number.
    pub(super) fn int(&self, name: &str) -> i64 {
        parse_int(self.text(name)).unwrap_or(0)
    }

    /// A duration; negative ones as seconds below zero.
    pub(super) fn duration(&self, name: &str) -> SignedDuration {
        parse_duration(self.text(name)).unwrap_or(SignedDuration(0))
    }
}

/// Nanoseconds, as Go's `time.Duration`.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct SignedDuration(pub i64);

impl SignedDuration {
    /// The same without its sign; `None` below zero.
    pub(super) fn positive(self) -> Option<Duration> {
        u64::try_from(self.0).ok().map(Duration::from_nanos)
    }
}

/// The value of a flag that stands alone, if it may.
fn alone(takes: Takes) -> Option<&'static str> {
    match takes {
        Takes::Bool => Some("true"),
        Takes::TextOr(value) => Some(value),
        Takes::Text | Takes::Int | Takes::Int32 | Takes::Duration | Takes::List | Takes::Array => {
            None
        }
    }
}

fn check(takes: Takes, value: &str) -> Result<(), String> {
    match takes {
        Takes::Bool if parse_bool(value).is_none() => {
            Err(format!("strconv.ParseBool: parsing {value:?}: invalid syntax"))
        }
        Takes::Int | Takes::Int32 => parse_int(value)
            .and_then(|number| match i32::try_from(number) {
                Err(_) if takes == Takes::Int32 => Err("value out of range"),
                Ok(_) | Err(_) => Ok(()),
            })
            .map_err(|problem| format!("strconv.ParseInt: parsing {value:?}: {problem}")),
        Takes::Duration => parse_duration(value).map(drop),
        Takes::Bool | Takes::Text | Takes::TextOr(_) | Takes::List | Takes::Array => Ok(()),
    }
}

/// Go's `strconv.ParseBool`.
fn parse_bool(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

/// Go's `strconv.ParseInt` with base 0, for decimal and hexadecimal numbers.
fn parse_int(text: &str) -> Result<i64, &'static str> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (digits, radix) = match digits.strip_prefix("0x") {
        Some(hexadecimal) => (hexadecimal, 16),
        None => (digits, 10),
    };
    if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(radix)) {
        return Err("invalid syntax");
    }
    let number = i64::from_str_radix(digits, radix).ok().ok_or("value out of range")?;
    Ok(if negative { -number } else { number })
}

/// Go's `time.ParseDuration`: `1h15m30.5s`.
pub(super) fn parse_duration(text: &str) -> Result<SignedDuration, String> {
    parse_go_duration(text).map(SignedDuration)
}

#[cfg(test)]
mod tests {
    use super::*;

    static KNOWN: &[Flag] = &[
        Flag::text("namespace", "", "").letter('n'),
        Flag::switch("watch", "").letter('w'),
        Flag::int("replicas", "0", ""),
        Flag::duration("timeout", "0s", ""),
        Flag::list("label-columns", "").letter('L'),
        Flag::text("dry-run", "none", "").alone("unchanged"),
    ];

    fn read(line: &str) -> Result<Flags, String> {
        let words: Vec<_> = line.split_whitespace().map(str::to_owned).collect();
        parse(KNOWN.iter().collect(), &words)
    }

    #[test]
    fn flags_stand_anywhere_and_in_every_form() {
        let flags = read("a -nkube -w b --replicas=3 -L x,y -L=z --dry-run c -- --w").unwrap();
        assert_eq!(flags.args, ["a", "b", "c", "--w"]);
        assert_eq!(flags.dash, Some(3));
        assert_eq!(flags.text("namespace"), "kube");
        assert!(flags.on("watch"));
        assert_eq!(flags.int("replicas"), 3);
        assert_eq!(flags.list("label-columns"), ["x", "y", "z"]);
        assert_eq!(flags.text("dry-run"), "unchanged");
    }

    #[test]
    fn mistakes_have_the_real_words() {
        let cases = [
            ("--nope", "unknown flag: --nope"),
            ("-wx", "unknown shorthand flag: 'x' in -wx"),
            ("-n", "flag needs an argument: 'n' in -n"),
            ("--namespace", "flag needs an argument: --namespace"),
            (
                "--replicas=x",
                "invalid argument \"x\" for \"--replicas\" flag: strconv.ParseInt: parsing \"x\": invalid syntax",
            ),
            (
                "-w=maybe",
                "invalid argument \"maybe\" for \"-w, --watch\" flag: strconv.ParseBool: parsing \"maybe\": invalid syntax",
            ),
            (
                "--timeout=5",
                "invalid argument \"5\" for \"--timeout\" flag: time: missing unit in duration \"5\"",
            ),
        ];
        for (line, message) in cases {
            assert_eq!(read(line).unwrap_err(), message, "{line}");
        }
    }

    #[test]
    fn durations_read_as_go_reads_them() {
        let nanos = |text| parse_duration(text).map(|duration| duration.0);
        assert_eq!(nanos("1h0m1.5s"), Ok(3_601_500_000_000));
        assert_eq!(nanos("-1s"), Ok(-1_000_000_000));
        assert_eq!(nanos("0"), Ok(0));
        assert!(nanos("x").is_err());
        assert!(nanos("99999999999h").is_err());
    }
}
