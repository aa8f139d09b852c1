//! POSIX regular expressions (basic and extended), put into `regex-lite`'s syntax.
//!
//! *Differs:* of several alternatives the first that matches wins, not the longest; back-references inside a pattern
//! are refused; `\<` and `\>` are both any word boundary.

use regex_lite::{Regex, RegexBuilder};

/// Which of POSIX's two syntaxes.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Syntax {
    /// `\(` groups, `(` is itself.
    Basic,
    /// `(` groups.
    Extended,
    /// As `regex-lite` has it, which is much of Perl's.
    Perl,
    /// Nothing is special.
    Fixed,
}

/// What a compiled pattern may take.
const SIZE_BYTES_MAX: usize = 4 << 20;

/// Compiles a pattern; the error is glibc's wording.
pub(crate) fn compile(pattern: &str, syntax: Syntax, ignore_case: bool) -> Result<Regex, String> {
    let pattern = match syntax {
        Syntax::Fixed => regex_lite::escape(pattern),
        Syntax::Perl => pattern.to_owned(),
        Syntax::Basic | Syntax::Extended => translate(pattern, syntax)?,
    };
    RegexBuilder::new(&pattern)
        .case_insensitive(ignore_case)
        .size_limit(SIZE_BYTES_MAX)
        .build()
        .map_err(|error| describe(&error.to_string()))
}

fn describe(error: &str) -> String {
    let known = [
        ("group", "Unmatched ( or \\("),
        ("repetition", "Invalid preceding regular expression"),
        ("limit", "Regular expression too big"),
    ];
    let known = known.iter().find(|(word, _)| error.contains(word));
    known.map_or("Invalid regular expression", |(_, text)| text).to_owned()
}

fn translate(pattern: &str, syntax: Syntax) -> Result<String, String> {
    let basic = syntax == Syntax::Basic;
    let chars: Vec<char> = pattern.chars().collect();
    let (mut out, mut at) = (String::new(), 0);
    while let Some(&c) = chars.get(at) {
        at += 1;
        match c {
            '\\' => {
                let Some(&next) = chars.get(at) else {
                    return Err("Trailing backslash".to_owned());
                };
                at += 1;
                match next {
                    '(' | ')' | '{' | '}' | '|' | '+' | '?' if basic => out.push(next),
                    '1'..='9' => return Err("back-references are not simulated".to_owned()),
                    '<' | '>' | 'b' => out.push_str("\\b"),
                    'w' | 'W' | 's' | 'S' | 'B' => out.extend(['\\', next]),
                    'n' => out.push('\n'),
                    't' => out.push('\t'),
                    other => out.push_str(&regex_lite::escape(&other.to_string())),
                }
            }
            '[' => at = bracket(&chars, at, &mut out)?,
            '(' | ')' | '{' | '}' | '|' | '+' | '?' if basic => out.extend(['\\', c]),
            '*' if out.is_empty() || (basic && (out.ends_with('(') || out == "^")) => {
                out.push_str("\\*");
            }
            '{' if !is_count(&chars[at..]) => out.push_str("\\{"),
            '}' if !out.contains('{') => out.push_str("\\}"),
            '^' if basic && !(out.is_empty() || out.ends_with('(') || out.ends_with('|')) => {
                out.push_str("\\^");
            }
            '$' if basic
                && !(at == chars.len()
                    || chars[at..].starts_with(&['\\', ')'])
                    || chars[at..].starts_with(&['\\', '|'])) =>
            {
                out.push_str("\\$");
            }
            c => out.push(c),
        }
    }
    Ok(out)
}

/// Whether `{` begins a repetition: `2}`, `2,}`, `2,3}`.
fn is_count(rest: &[char]) -> bool {
    let inside: String = rest.iter().take_while(|c| **c != '}').take(16).collect();
    inside.starts_with(|c: char| c.is_ascii_digit())
        && inside.chars().all(|c| c.is_ascii_digit() || c == ',')
}

/// Copies a bracket expression; inside it a backslash and `[` are themselves.
fn bracket(chars: &[char], start: usize, out: &mut String) -> Result<usize, String> {
    let mut at = start;
    out.push('[');
    if chars.get(at) == Some(&'^') {
        out.push('^');
        at += 1;
    }
    let first = at;
    loop {
        let Some(&c) = chars.get(at) else {
            return Err("Unmatched [, [^, [:, [., or [=".to_owned());
        };
        at += 1;
        match c {
            ']' if at - 1 > first => break,
            '[' if chars.get(at) == Some(&':') => {
                let Some(end) = chars[at..].windows(2).position(|pair| pair == [':', ']']) else {
                    return Err("Unmatched [, [^, [:, [., or [=".to_owned());
                };
                out.push('[');
                out.extend(&chars[at..at + end + 2]);
                at += end + 2;
            }
            '\\' | '[' | ']' | '&' | '~' | '^' => out.extend(['\\', c]),
            '-' if at - 1 == first || chars.get(at) == Some(&']') => out.push_str("\\-"),
            c => out.push(c),
        }
    }
    out.push(']');
    Ok(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_syntaxes_match_as_grep_does() {
        for (pattern, syntax, text, want) in [
            ("a+", Syntax::Basic, "a+", true),
            ("^a\\+$", Syntax::Basic, "aa", true),
            ("a+", Syntax::Extended, "aa", true),
            ("(a|b)c", Syntax::Extended, "bc", true),
            ("(a)", Syntax::Basic, "(a)", true),
            ("a{2}", Syntax::Extended, "aa", true),
            ("a{x", Syntax::Extended, "a{x", true),
            ("[]a]", Syntax::Basic, "]", true),
            ("[^[:space:]]x", Syntax::Basic, " x", false),
            ("[a-c.*]", Syntax::Basic, "*", true),
            ("*a", Syntax::Basic, "*a", true),
            ("a.c", Syntax::Fixed, "abc", false),
            ("a^b$c", Syntax::Basic, "a^b$c", true),
            ("image:", Syntax::Basic, "  image: nginx", true),
        ] {
            let regex = compile(pattern, syntax, false).unwrap();
            assert_eq!(regex.is_match(text), want, "{pattern} on {text}");
        }
        assert_eq!(compile("(", Syntax::Extended, false).unwrap_err(), "Unmatched ( or \\(");
        assert_eq!(
            compile("[a", Syntax::Basic, false).unwrap_err(),
            "Unmatched [, [^, [:, [., or [="
        );
    }
}
