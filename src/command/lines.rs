//! `sort`, `uniq`, `cut`, `tr`: lines put in order, taken together and cut up. Models GNU coreutils 9 in the C locale.

use std::cmp::Ordering;

use super::tool::{Outcome, Spec, Tool, lines_of, run, spec, text_of};
use crate::order;
use crate::shell::Command;

static SORT_SPEC: Spec = Spec {
    usage_error: 2,
    ..spec(
        "sort",
        "Usage: sort [OPTION]... [FILE]...\nWrite sorted concatenation of all FILE(s) to standard output.\n\n  -r  reverse         -n  compare numbers     -h  compare sizes (2K 1G)   -V  compare versions\n  -u  without repetition   -f  ignore case    -b  ignore leading blanks\n  -k POS1[,POS2]  sort by fields   -t SEP  fields are parted by SEP\n",
        "rnhVufbk:t:",
        &[
            ("reverse", 'r'),
            ("numeric-sort", 'n'),
            ("human-numeric-sort", 'h'),
            ("version-sort", 'V'),
            ("unique", 'u'),
            ("ignore-case", 'f'),
            ("key", 'k'),
            ("field-separator", 't'),
        ],
    )
};

/// `sort`
pub(super) static SORT: Command = Command {
    name: "sort",
    summary: "put lines in order",
    run: |invocation| run(&SORT_SPEC, invocation, sort),
    complete: |_, _| Vec::new(),
};

/// One `-k`: fields (from 1), and letters of its own.
struct SortKey {
    first: usize,
    last: Option<usize>,
    letters: String,
}

fn sort_key(text: &str) -> Option<SortKey> {
    let (first, last) = match text.split_once(',') {
        Some((first, last)) => (first, Some(last)),
        None => (text, None),
    };
    let number = |part: &str| {
        let digits = part.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
        digits.parse::<usize>().ok().filter(|number| *number > 0)
    };
    let letters = text.chars().filter(char::is_ascii_alphabetic).collect();
    let last = match last {
        Some(last) => Some(number(last)?),
        None => None,
    };
    Some(SortKey { first: number(first)?, last, letters })
}

async fn sort(tool: Tool) -> Outcome {
    let mut keys = Vec::new();
    for text in tool.values('k') {
        let Some(key) = sort_key(text) else {
            tool.complain(format_args!(
                "invalid number at field start: invalid count at start of '{text}'"
            ));
            return Ok(2);
        };
        keys.push(key);
    }
    let (mut all, mut code) = (Vec::new(), 0);
    for name in tool.inputs() {
        match tool.open(&name) {
            Ok(input) => {
                let mut bytes = input.read_to_end().await;
                if !bytes.is_empty() && !bytes.ends_with(b"\n") {
                    bytes.push(b'\n');
                }
                all.extend(bytes);
            }
            Err(error) => {
                tool.complain(format_args!("cannot read: {name}: {error}"));
                code = 2;
            }
        }
    }
    if code != 0 {
        return Ok(code);
    }
    let global: String = "nhVfb".chars().filter(|letter| tool.has(*letter)).collect();
    let separator = tool.value('t').and_then(|text| text.chars().next());
    let by_keys = |a: &String, b: &String| {
        if keys.is_empty() {
            return turned(by(a, b, &global), tool.has('r'));
        }
        for key in &keys {
            let own = key.letters.chars().any(|letter| letter != 'b');
            let letters = if own { key.letters.as_str() } else { global.as_str() };
            let reverse = if own { key.letters.contains('r') } else { tool.has('r') };
            let order = by(&field(a, key, separator), &field(b, key, separator), letters);
            if order != Ordering::Equal {
                return turned(order, reverse);
            }
        }
        Ordering::Equal
    };
    let mut lines = lines_of(&all);
    // The whole line decides last, except where only one of those that are equal is kept.
    order::sort_by(&mut lines, |a, b| {
        by_keys(a, b).then_with(|| {
            if tool.has('u') {
                Ordering::Equal
            } else {
                turned(a.as_bytes().cmp(b.as_bytes()), tool.has('r'))
            }
        })
    });
    if tool.has('u') {
        lines.dedup_by(|a, b| by_keys(a, b) == Ordering::Equal);
    }
    for line in lines {
        tool.print(&format!("{line}\n"))?;
    }
    Ok(0)
}

fn turned(order: Ordering, reverse: bool) -> Ordering {
    if reverse { order.reverse() } else { order }
}

fn field(line: &str, key: &SortKey, separator: Option<char>) -> String {
    let fields: Vec<&str> = match separator {
        Some(separator) => line.split(separator).collect(),
        None => line.split_whitespace().collect(),
    };
    let last = key.last.unwrap_or(fields.len()).min(fields.len());
    fields.get(key.first - 1..last).unwrap_or_default().join(" ")
}

fn by(a: &str, b: &str, letters: &str) -> Ordering {
    let (a, b) = if letters.contains('b') { (a.trim_start(), b.trim_start()) } else { (a, b) };
    if letters.contains('n') {
        number(a).cmp(&number(b))
    } else if letters.contains('h') {
        size(a).cmp(&size(b))
    } else if letters.contains('V') {
        versions(a, b)
    } else if letters.contains('f') {
        a.to_ascii_uppercase().cmp(&b.to_ascii_uppercase())
    } else {
        a.as_bytes().cmp(b.as_bytes())
    }
}

/// The number at a text's start, in billionths; 0 if there is none.
fn number(text: &str) -> i128 {
    let text = text.trim_start();
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let whole: String = digits.chars().take_while(char::is_ascii_digit).take(24).collect();
    let rest = digits.chars().skip(whole.len());
    let fraction: String =
        rest.skip_while(|c| *c == '.').take_while(char::is_ascii_digit).take(9).collect();
    let has_fraction = digits.chars().nth(whole.len()) == Some('.');
    let fraction = if has_fraction { format!("{fraction:0<9}") } else { "0".to_owned() };
    let value =
        whole.parse::<i128>().unwrap_or(0) * 1_000_000_000 + fraction.parse::<i128>().unwrap_or(0);
    if negative { -value } else { value }
}

/// A number with its unit (K, M, G...): the unit decides first.
fn size(text: &str) -> (usize, i128) {
    let unit = text
        .trim()
        .trim_start_matches(|c: char| c.is_ascii_digit() || c == '.' || c == '-')
        .chars()
        .next();
    let rank =
        unit.and_then(|unit| "KMGTPE".find(unit.to_ascii_uppercase())).map_or(0, |rank| rank + 1);
    (rank, number(text))
}

/// Runs of digits compare as numbers.
fn versions(a: &str, b: &str) -> Ordering {
    let parts = |text: &str| {
        let mut parts: Vec<(bool, String)> = Vec::new();
        for c in text.chars() {
            match parts.last_mut() {
                Some((digits, part)) if *digits == c.is_ascii_digit() => part.push(c),
                _ => parts.push((c.is_ascii_digit(), c.into())),
            }
        }
        parts
    };
    let (a_parts, b_parts) = (parts(a), parts(b));
    for ((a_digits, a), (b_digits, b)) in a_parts.iter().zip(&b_parts) {
        let order = if *a_digits && *b_digits { number(a).cmp(&number(b)) } else { a.cmp(b) };
        if order != Ordering::Equal {
            return order;
        }
    }
    a_parts.len().cmp(&b_parts.len())
}

static UNIQ_SPEC: Spec = spec(
    "uniq",
    "Usage: uniq [-cdui] [FILE]\nFilter adjacent matching lines.\n\n  -c, --count       prefix lines by the number of occurrences\n  -d, --repeated    only print duplicate lines\n  -u, --unique      only print unique lines\n  -i, --ignore-case\n",
    "cdui",
    &[("count", 'c'), ("repeated", 'd'), ("unique", 'u'), ("ignore-case", 'i')],
);

/// `uniq`
pub(super) static UNIQ: Command = Command {
    name: "uniq",
    summary: "take equal lines together",
    run: |invocation| run(&UNIQ_SPEC, invocation, uniq),
    complete: |_, _| Vec::new(),
};

async fn uniq(tool: Tool) -> Outcome {
    let name = tool.operands.first().map_or("-", String::as_str);
    let input = match tool.open(name) {
        Ok(input) => input,
        Err(error) => {
            tool.complain(format_args!("{name}: {error}"));
            return Ok(1);
        }
    };
    let fold = |line: &str| if tool.has('i') { line.to_lowercase() } else { line.to_owned() };
    let show = |line: &str, count: usize| {
        let wanted = (count > 1 || !tool.has('d')) && (count == 1 || !tool.has('u'));
        match (wanted, tool.has('c')) {
            (false, _) => Ok(()),
            (true, true) => tool.print(&format!("{count:7} {line}\n")),
            (true, false) => tool.print(&format!("{line}\n")),
        }
    };
    let mut held: Option<(String, usize)> = None;
    while let Some(line) = input.read_line().await {
        let line = text_of(&line);
        match &mut held {
            Some((first, count)) if fold(first) == fold(&line) => *count += 1,
            _ => {
                if let Some((first, count)) = held.replace((line, 1)) {
                    show(&first, count)?;
                }
            }
        }
    }
    if let Some((line, count)) = held {
        show(&line, count)?;
    }
    Ok(0)
}

static CUT_SPEC: Spec = spec(
    "cut",
    "Usage: cut OPTION... [FILE]...\nPrint selected parts of lines.\n\n  -f, --fields=LIST      select these fields\n  -d, --delimiter=DELIM  fields are parted by DELIM instead of TAB\n  -c, --characters=LIST  select these characters\n  -s, --only-delimited   leave out lines without a delimiter\n",
    "f:d:c:b:so:n",
    &[
        ("output-delimiter", 'o'),
        ("fields", 'f'),
        ("delimiter", 'd'),
        ("characters", 'c'),
        ("bytes", 'b'),
        ("only-delimited", 's'),
    ],
);

/// `cut`
pub(super) static CUT: Command = Command {
    name: "cut",
    summary: "print parts of lines",
    run: |invocation| run(&CUT_SPEC, invocation, cut),
    complete: |_, _| Vec::new(),
};

/// `1,3-5,7-`: ranges of places from 1.
fn places(list: &str) -> Option<Vec<(usize, usize)>> {
    let place =
        |text: &str, open: usize| if text.is_empty() { Some(open) } else { text.parse().ok() };
    let range = |text: &str| {
        let (low, high) = text.split_once('-').unwrap_or((text, text));
        let (low, high) = (place(low, 1)?, place(high, usize::MAX)?);
        (low >= 1 && low <= high && text != "-" && !text.is_empty()).then_some((low, high))
    };
    list.split(',').map(range).collect()
}

async fn cut(tool: Tool) -> Outcome {
    let (list, by_field) = match (tool.value('f'), tool.value('c').or(tool.value('b'))) {
        (Some(list), None) => (list, true),
        (None, Some(list)) => (list, false),
        (None, None) => {
            return tool.misused("you must specify a list of bytes, characters, or fields", 1);
        }
        (Some(_), Some(_)) => return tool.misused("only one list may be specified", 1),
    };
    let Some(ranges) = places(list) else {
        return tool.misused(&format!("invalid field value '{list}'"), 1);
    };
    let delimiter = tool.value('d').unwrap_or("\t");
    if delimiter.chars().count() > 1 {
        return tool.misused("the delimiter must be a single character", 1);
    }
    let wanted =
        |place: usize| ranges.iter().any(|(first, last)| (*first..=*last).contains(&place));
    let mut code = 0;
    for name in tool.inputs() {
        let input = match tool.open(&name) {
            Ok(input) => input,
            Err(error) => {
                tool.complain(format_args!("{name}: {error}"));
                code = 1;
                continue;
            }
        };
        while let Some(line) = input.read_line().await {
            let line = text_of(&line);
            let chosen = if by_field {
                if !line.contains(delimiter) {
                    if !tool.has('s') {
                        tool.print(&format!("{line}\n"))?;
                    }
                    continue;
                }
                let fields = line.split(delimiter).enumerate();
                let fields: Vec<_> =
                    fields.filter(|(at, _)| wanted(at + 1)).map(|(_, field)| field).collect();
                fields.join(tool.value('o').unwrap_or(delimiter))
            } else {
                line.chars().enumerate().filter(|(at, _)| wanted(at + 1)).map(|(_, c)| c).collect()
            };
            tool.print(&format!("{chosen}\n"))?;
        }
    }
    Ok(code)
}

static TR_SPEC: Spec = spec(
    "tr",
    "Usage: tr [-ds] STRING1 [STRING2]\nTranslate, squeeze, or delete characters from standard input.\n\n  -d, --delete           delete characters in STRING1\n  -s, --squeeze-repeats  replace each run of a character by one\n  -c, --complement       use the characters that are not in STRING1\n",
    "dscC",
    &[("delete", 'd'), ("squeeze-repeats", 's'), ("complement", 'c')],
);

/// `tr`
pub(super) static TR: Command = Command {
    name: "tr",
    summary: "exchange or delete characters",
    run: |invocation| run(&TR_SPEC, invocation, tr),
    complete: |_, _| Vec::new(),
};

/// The characters of `a-z`, `[:upper:]`, `\n`.
fn set(text: &str) -> Vec<char> {
    let classes = [
        ("[:lower:]", "a-z"),
        ("[:upper:]", "A-Z"),
        ("[:digit:]", "0-9"),
        ("[:alpha:]", "A-Za-z"),
        ("[:alnum:]", "0-9A-Za-z"),
        ("[:space:]", "\\t\\n\\v\\f\\r "),
        ("[:blank:]", "\\t "),
        ("[:punct:]", "!-/:-@[-`{-~"),
    ];
    let text =
        classes.iter().fold(text.to_owned(), |text, (name, range)| text.replace(name, range));
    let mut chars = Vec::new();
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        chars.push(match c {
            '\\' => match rest.next() {
                Some('n') => '\n',
                Some('t') => '\t',
                Some('r') => '\r',
                Some('v') => '\u{b}',
                Some('f') => '\u{c}',
                Some('0') => '\0',
                Some(other) => other,
                None => '\\',
            },
            c => c,
        });
        let mut ahead = rest.clone();
        if ahead.next() == Some('-')
            && let (Some(low), Some(high)) = (chars.last().copied(), ahead.next())
            && low <= high
            && u32::from(high) - u32::from(low) < 0x1_0000
        {
            chars.extend((low..=high).skip(1));
            rest = ahead;
        }
    }
    chars
}

async fn tr(tool: Tool) -> Outcome {
    let (from, to) = match tool.operands.as_slice() {
        [from] if tool.has('d') || tool.has('s') => (set(from), Vec::new()),
        [from, to] => (set(from), set(to)),
        [] => return tool.misused("missing operand", 1),
        [one] => {
            return tool.misused(
                &format!(
                    "missing operand after '{one}'\nTwo strings must be given when translating."
                ),
                1,
            );
        }
        [_, _, extra, ..] => return tool.misused(&format!("extra operand '{extra}'"), 1),
    };
    let complement = tool.has('c') || tool.has('C');
    let squeezed = if to.is_empty() { &from } else { &to };
    while let Some(line) = tool.invocation.stdin.read_line().await {
        let (mut out, mut last) = (String::new(), None);
        for c in String::from_utf8_lossy(&line).chars() {
            let place = from.iter().position(|f| *f == c);
            if tool.has('d') && place.is_some() != complement {
                continue;
            }
            let c = match (complement, place, to.last()) {
                (true, None, Some(with)) => *with,
                (false, Some(at), Some(with)) => to.get(at).copied().unwrap_or(*with),
                (_, _, None) | (true, Some(_), _) | (false, None, _) => c,
            };
            let squeeze = tool.has('s')
                && last == Some(c)
                && squeezed.contains(&c) != (complement && to.is_empty());
            if !squeeze {
                out.push(c);
            }
            last = Some(c);
        }
        tool.print(&out)?;
    }
    Ok(0)
}
