//! `date`: the virtual time, in UTC. Models GNU coreutils `date` with the usual fields of `+FORMAT`.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::fmt::Write as _;

use super::tool::{Outcome, Spec, Tool, run, spec};
use crate::shell::Command;
use crate::time::Time;

static SPEC: Spec = spec(
    "date",
    "Usage: date [-u] [-I] [+FORMAT]\nDisplay the virtual date and time in the given FORMAT.\n\n  -u, --utc        the sandbox's clock is in UTC anyway\n  -I, --iso-8601   the date as 2026-04-01\n",
    "uI?R",
    &[("utc", 'u'), ("iso-8601", 'I')],
);

/// `date`
pub(super) static DATE: Command = Command {
    name: "date",
    summary: "print the virtual time",
    run: |invocation| run(&SPEC, invocation, date),
    complete: |_, _| Vec::new(),
};

async fn date(tool: Tool) -> Outcome {
    let pattern = match tool.operands.as_slice() {
        [] => match tool.value('I') {
            Some("s" | "seconds") => "%Y-%m-%dT%H:%M:%S+00:00",
            Some(_) => "%Y-%m-%d",
            None if tool.has('R') => "%a, %d %b %Y %H:%M:%S +0000",
            None => "%a %b %e %H:%M:%S UTC %Y",
        },
        [one] => {
            let Some(pattern) = one.strip_prefix('+') else {
                tool.complain(format_args!("invalid date '{one}'"));
                return Ok(1);
            };
            pattern
        }
        [_, extra, ..] => return tool.misused(&format!("extra operand '{extra}'"), 1),
    };
    tool.print(&format!("{}\n", format(tool.invocation.sandbox.now(), pattern)))?;
    Ok(0)
}

const DAYS: [&str; 7] =
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// A moment by a `strftime` pattern; fields that are not known stand for themselves.
pub(super) fn format(time: Time, pattern: &str) -> String {
    let at = Timestamp::from_microsecond(time.micros())
        .unwrap_or(Timestamp::UNIX_EPOCH)
        .to_zoned(TimeZone::UTC);
    let day = DAYS[usize::try_from(at.weekday().to_monday_zero_offset()).unwrap_or(0) % 7];
    let month = MONTHS[usize::try_from(at.month() - 1).unwrap_or(0) % 12];
    let short = |name: &str| name.chars().take(3).collect::<String>();
    let (mut out, mut chars) = (String::new(), pattern.chars());
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('Y') => out.push_str(&at.year().to_string()),
            Some('y') => write!(out, "{:02}", at.year() % 100).expect("a String takes everything"),
            Some('m') => write!(out, "{:02}", at.month()).expect("a String takes everything"),
            Some('d') => write!(out, "{:02}", at.day()).expect("a String takes everything"),
            Some('e') => write!(out, "{:2}", at.day()).expect("a String takes everything"),
            Some('H') => write!(out, "{:02}", at.hour()).expect("a String takes everything"),
            Some('M') => write!(out, "{:02}", at.minute()).expect("a String takes everything"),
            Some('S') => write!(out, "{:02}", at.second()).expect("a String takes everything"),
            Some('N') => write!(out, "{:09}", time.micros().rem_euclid(1_000_000) * 1000)
                .expect("a String takes everything"),
            Some('s') => out.push_str(&time.secs().to_string()),
            Some('j') => write!(out, "{:03}", at.day_of_year()).expect("a String takes everything"),
            Some('F') => write!(out, "{}-{:02}-{:02}", at.year(), at.month(), at.day())
                .expect("a String takes everything"),
            Some('T') => write!(out, "{:02}:{:02}:{:02}", at.hour(), at.minute(), at.second())
                .expect("a String takes everything"),
            Some('R') => write!(out, "{:02}:{:02}", at.hour(), at.minute())
                .expect("a String takes everything"),
            Some('a') => out.push_str(&short(day)),
            Some('A') => out.push_str(day),
            Some('b' | 'h') => out.push_str(&short(month)),
            Some('B') => out.push_str(month),
            Some('Z') => out.push_str("UTC"),
            Some('z') => out.push_str("+0000"),
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('%') | None => out.push('%'),
            Some(other) => out.extend(['%', other]),
        }
    }
    out
}
