//! Shell patterns: `*`, `?`, `[…]`, and `\` before a character that stands for itself.
//!
//! Matching keeps one place to come back to (the last `*`), so it takes time proportional to pattern times text.

use super::ast::Operator;

/// A pattern, taken apart.
#[derive(Clone, Debug)]
pub(crate) struct Pattern(Vec<Part>);

#[derive(Clone, Debug)]
enum Part {
    Exactly(char),
    Any,
    Many,
    OneOf { negated: bool, ranges: Vec<(char, char)> },
}

impl Part {
    fn takes(&self, c: char) -> bool {
        match self {
            Self::Exactly(wanted) => *wanted == c,
            Self::Any => true,
            Self::Many => false,
            Self::OneOf { negated, ranges } => {
                ranges.iter().any(|(first, last)| (*first..=*last).contains(&c)) != *negated
            }
        }
    }
}

impl Pattern {
    /// A pattern from its text.
    pub(crate) fn new(text: &str) -> Self {
        let text: Vec<char> = text.chars().collect();
        let (mut parts, mut at) = (Vec::new(), 0);
        while let Some(c) = text.get(at) {
            at += 1;
            match c {
                '*' => parts.push(Part::Many),
                '?' => parts.push(Part::Any),
                '\\' if at < text.len() => {
                    parts.push(Part::Exactly(text[at]));
                    at += 1;
                }
                '[' => match bracket(&text, at) {
                    Some((part, after)) => {
                        parts.push(part);
                        at = after;
                    }
                    None => parts.push(Part::Exactly('[')),
                },
                c => parts.push(Part::Exactly(*c)),
            }
        }
        Self(parts)
    }

    /// Whether the pattern is a plain text.
    pub(crate) fn is_plain(&self) -> bool {
        self.0.iter().all(|part| matches!(part, Part::Exactly(_)))
    }

    /// Whether the first character is asked for by name (`*` does not match a hidden file's dot).
    pub(crate) fn names_first(&self, c: char) -> bool {
        matches!(self.0.first(), Some(Part::Exactly(first)) if *first == c)
    }

    /// Whether the whole text matches.
    pub(crate) fn matches(&self, text: &str) -> bool {
        self.matches_chars(&text.chars().collect::<Vec<_>>())
    }

    pub(crate) fn matches_chars(&self, text: &[char]) -> bool {
        let (mut part, mut at, mut back) = (0, 0, None);
        while at < text.len() {
            match self.0.get(part) {
                Some(Part::Many) => {
                    back = Some((part, at));
                    part += 1;
                }
                Some(one) if one.takes(text[at]) => {
                    part += 1;
                    at += 1;
                }
                _ => match back {
                    Some((many, from)) => {
                        back = Some((many, from + 1));
                        part = many + 1;
                        at = from + 1;
                    }
                    None => return false,
                },
            }
        }
        self.0[part..].iter().all(|part| matches!(part, Part::Many))
    }
}

/// `[a-z]` from after its bracket: the part, and where it ends. `None` if it never closes.
fn bracket(text: &[char], start: usize) -> Option<(Part, usize)> {
    let negated = matches!(text.get(start), Some('!' | '^'));
    let mut at = start + usize::from(negated);
    let mut ranges = Vec::new();
    let first = at;
    loop {
        match text.get(at)? {
            ']' if at > first => return Some((Part::OneOf { negated, ranges }, at + 1)),
            low if text.get(at + 1) == Some(&'-')
                && text.get(at + 2).is_some_and(|c| *c != ']') =>
            {
                ranges.push((*low, *text.get(at + 2)?));
                at += 3;
            }
            c => {
                ranges.push((*c, *c));
                at += 1;
            }
        }
    }
}

/// The longest value that `#` and `%` look at: they try every end of a match.
const MATCHED_CHARS_MAX: usize = 10_000;
/// The longest value that `/` looks at: it tries every start too.
const REPLACED_CHARS_MAX: usize = 1_000;

/// A value without what a pattern matches at its start or end.
pub(crate) fn cut<'a>(value: &'a [char], pattern: &Pattern, operator: Operator) -> &'a [char] {
    if value.len() > MATCHED_CHARS_MAX {
        return value;
    }
    let mut sizes: Vec<usize> = (0..=value.len()).collect();
    if matches!(operator, Operator::CutStart(true) | Operator::CutEnd(true)) {
        sizes.reverse();
    }
    for size in sizes {
        if matches!(operator, Operator::CutStart(_)) {
            if pattern.matches_chars(&value[..size]) {
                return &value[size..];
            }
        } else if pattern.matches_chars(&value[value.len() - size..]) {
            return &value[..value.len() - size];
        }
    }
    value
}

/// A value with what a pattern matches replaced, once or everywhere.
pub(crate) fn replace(value: &[char], pattern: &Pattern, to: &str, everywhere: bool) -> String {
    let (mut out, mut at, mut done) = (String::new(), 0, value.len() > REPLACED_CHARS_MAX);
    while at < value.len() {
        let longest = (at + 1..=value.len())
            .rev()
            .find(|end| !done && pattern.matches_chars(&value[at..*end]));
        if let Some(end) = longest {
            out.push_str(to);
            at = end;
            done = !everywhere;
        } else {
            out.push(value[at]);
            at += 1;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_whole_texts() {
        for (pattern, text, want) in [
            ("*.yaml", "a.yaml", true),
            ("*.yaml", "a.yml", false),
            ("a*b*c", "aXbYbZc", true),
            ("a?c", "abc", true),
            ("[a-c]x[!0-9]", "bxz", true),
            ("[a-c]x[!0-9]", "bx1", false),
            ("[]]", "]", true),
            ("[", "[", true),
            ("\\*", "*", true),
            ("\\*", "a", false),
            ("", "", true),
            ("**", "", true),
            ("漁*", "漁船", true),
        ] {
            assert_eq!(Pattern::new(pattern).matches(text), want, "{pattern} on {text}");
        }
    }
}
