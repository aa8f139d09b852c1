//! The commands that a script in a container can run: the part of `BusyBox` that demonstrations use.
//!
//! Messages are `BusyBox`'s. A command that is none of these is left to the process, which may know a program of that
//! name; commands that talk to the network stop the script until they are answered.

use crate::order;
use crate::persistent::OrdMap;

use super::{Pause, Surroundings};
use crate::engine::{Ask, Stream};
use crate::time::{Duration, Time};

/// How large a file written by a script may become.
pub(super) const FILE_BYTES_MAX: usize = 64 * 1024;

/// What a command did.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) output: Vec<(Stream, String)>,
    pub(super) then: Then,
}

#[derive(Debug)]
pub(super) enum Then {
    Ended(i32),
    Pause(Pause),
}

impl Outcome {
    pub(super) fn ended(status: i32) -> Self {
        Self { output: Vec::new(), then: Then::Ended(status) }
    }

    pub(super) fn pause(pause: Pause) -> Self {
        Self { output: Vec::new(), then: Then::Pause(pause) }
    }

    pub(super) fn failed(status: i32, message: String) -> Self {
        Self { output: vec![(Stream::Stderr, message)], then: Then::Ended(status) }
    }

    fn printed(text: String) -> Self {
        Self { output: vec![(Stream::Stdout, text)], then: Then::Ended(0) }
    }
}

const TOOLS: &[&str] = &[
    ":", "[", "cat", "cd", "chmod", "chown", "clear", "cp", "curl", "cut", "date", "echo", "env",
    "exec", "false", "grep", "head", "hostname", "id", "kill", "ls", "mkdir", "mv", "nc",
    "nslookup", "ping", "printenv", "printf", "ps", "pwd", "rm", "rmdir", "seq", "set", "sleep",
    "sort", "tail", "test", "touch", "trap", "tr", "true", "ulimit", "umask", "uname", "wc",
    "wget", "whoami", "yes",
];

/// Whether a command of this name is one of the tools (shells aside).
pub(in crate::engine) fn is_tool(name: &str) -> bool {
    TOOLS.contains(&name)
}

/// Runs one command.
pub(super) fn run(
    words: &[String],
    input: &str,
    variables: &OrdMap<String, String>,
    around: &mut Surroundings<'_>,
) -> Outcome {
    let Some((name, args)) = words.split_first() else { return Outcome::ended(0) };
    let name = name.rsplit('/').next().unwrap_or_default();
    match name {
        ":" | "true" | "set" | "trap" | "cd" | "mkdir" | "rmdir" | "chmod" | "chown" | "umask"
        | "ulimit" | "clear" | "kill" => Outcome::ended(0),
        "false" => Outcome::ended(1),
        "echo" => Outcome::printed(echo(args)),
        "printf" => Outcome::printed(printf(args)),
        "sleep" => sleep(args, around.now),
        "yes" => Outcome::pause(Pause::Forever),
        "[" | "test" => Outcome::ended(i32::from(!test(args, around))),
        "cat" | "head" | "tail" | "grep" | "wc" | "sort" => text_tool(name, args, input, around),
        "touch" | "rm" | "cp" | "mv" | "ls" => file_tool(name, args, around),
        "date" => Outcome::printed(date(args, around.now)),
        "hostname" => Outcome::printed(format!("{}\n", around.hostname)),
        "whoami" => Outcome::printed("root\n".to_owned()),
        "id" => Outcome::printed("uid=0(root) gid=0(root) groups=0(root)\n".to_owned()),
        "pwd" => Outcome::printed("/\n".to_owned()),
        "uname" => Outcome::printed("Linux\n".to_owned()),
        "ps" => Outcome::printed("PID   USER     TIME  COMMAND\n".to_owned()),
        "env" | "printenv" => Outcome::printed(environment(args, variables)),
        "seq" => Outcome::printed(sequence(args)),
        "exec" if args.is_empty() => Outcome::ended(0),
        "exec" => match run(args, input, variables, around) {
            Outcome { output, then: Then::Ended(status) } => {
                Outcome { output, then: Then::Pause(Pause::Exit(status)) }
            }
            paused => paused,
        },
        "wget" | "curl" | "nc" | "nslookup" => match Ask::parse(words) {
            Ok(ask) => Outcome::pause(Pause::Ask(Box::new(ask))),
            Err(message) => Outcome::failed(1, message),
        },
        "tr" | "cut" => Outcome::failed(127, format!("{name}: not simulated in containers yet\n")),
        "ping" => Outcome::failed(1, "ping: ICMP is not simulated\n".to_owned()),
        _ => Outcome::pause(Pause::Become(words.to_vec())),
    }
}

fn echo(args: &[String]) -> String {
    let flags = args.iter().take_while(|arg| matches!(arg.as_str(), "-n" | "-e" | "-ne" | "-en"));
    let flags: String = flags.map(String::as_str).collect();
    let count =
        args.iter().take_while(|arg| matches!(arg.as_str(), "-n" | "-e" | "-ne" | "-en")).count();
    let mut text = args[count..].join(" ");
    if flags.contains('e') {
        text = text.replace("\\n", "\n").replace("\\t", "\t");
    }
    if !flags.contains('n') {
        text.push('\n');
    }
    text
}

fn printf(args: &[String]) -> String {
    let Some((format, rest)) = args.split_first() else { return String::new() };
    let format = format.replace("\\n", "\n").replace("\\t", "\t");
    let mut rest = rest.iter();
    let mut text = String::new();
    let mut letters = format.chars();
    while let Some(letter) = letters.next() {
        if letter != '%' {
            text.push(letter);
            continue;
        }
        match letters.next() {
            Some('%') => text.push('%'),
            Some('s' | 'd' | 'i') => text.push_str(rest.next().map_or("", String::as_str)),
            other => text.extend(std::iter::once('%').chain(other)),
        }
    }
    text
}

/// `5`, `0.5`, `1m`, `2h`, `1d`, `infinity`; several add up.
fn sleep(args: &[String], now: Time) -> Outcome {
    if args.is_empty() {
        return Outcome::failed(1, "sleep: missing operand\n".to_owned());
    }
    let mut total = Duration::ZERO;
    for arg in args {
        if matches!(arg.as_str(), "infinity" | "inf") {
            return Outcome::pause(Pause::Forever);
        }
        match sleep_duration(arg) {
            Some(duration) => total = total.saturating_add(duration),
            None => return Outcome::failed(1, format!("sleep: invalid number '{arg}'\n")),
        }
    }
    Outcome::pause(Pause::Until(now + total))
}

fn sleep_duration(text: &str) -> Option<Duration> {
    let number = text.trim_end_matches(['s', 'm', 'h', 'd']);
    let unit = match text.strip_prefix(number)? {
        "" | "s" => 1_u64,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => return None,
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits = |text: &str| text.chars().all(|c| c.is_ascii_digit());
    if number.is_empty() || !digits(whole) || !digits(fraction) {
        return None;
    }
    let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let millis: u64 = format!("{fraction:0<3}").chars().take(3).collect::<String>().parse().ok()?;
    Some(Duration::from_millis(whole.checked_mul(1000)?.checked_add(millis)?.checked_mul(unit)?))
}

fn test(args: &[String], around: &Surroundings<'_>) -> bool {
    let mut args: Vec<&str> = args.iter().map(String::as_str).collect();
    if args.last() == Some(&"]") {
        args.pop();
    }
    let exists = |path: &str| {
        let folder = format!("{}/", path.trim_end_matches('/'));
        around.files.contains_key(path) || around.files.keys().any(|file| file.starts_with(&folder))
    };
    let number = |text: &str| text.trim().parse::<i64>().unwrap_or(0);
    match args.as_slice() {
        ["!", rest @ ..] => {
            let rest: Vec<String> = rest.iter().map(|&word| word.to_owned()).collect();
            !test(&rest, around)
        }
        ["-f" | "-e" | "-r" | "-x" | "-d", path] => exists(path),
        ["-s", path] => around.files.get(*path).is_some_and(|text| !text.is_empty()),
        ["-z", text] => text.is_empty(),
        [a, "=" | "==", b] => a == b,
        [a, "!=", b] => a != b,
        [a, "-eq", b] => number(a) == number(b),
        [a, "-ne", b] => number(a) != number(b),
        [a, "-lt", b] => number(a) < number(b),
        [a, "-le", b] => number(a) <= number(b),
        [a, "-gt", b] => number(a) > number(b),
        [a, "-ge", b] => number(a) >= number(b),
        ["-n", text] | [text] => !text.is_empty(),
        _ => false,
    }
}

fn text_tool(name: &str, args: &[String], input: &str, around: &Surroundings<'_>) -> Outcome {
    if name == "tail" && args.iter().any(|arg| matches!(arg.as_str(), "-f" | "-F")) {
        return Outcome::pause(Pause::Forever);
    }
    let counts = |index: usize| index > 0 && args[index - 1] == "-n";
    let operands =
        args.iter().enumerate().filter(|(index, arg)| !arg.starts_with('-') && !counts(*index));
    let mut operands: Vec<&String> = operands.map(|(_, arg)| arg).collect();
    let pattern = matches!(name, "grep")
        .then(|| if operands.is_empty() { "" } else { operands.remove(0).as_str() });
    let mut text = String::new();
    let mut outcome = Outcome::ended(0);
    for path in &operands {
        if let Some(content) = around.files.get(path.as_str()) {
            text.push_str(content);
        } else {
            let message = format!("{name}: can't open '{path}': No such file or directory\n");
            outcome.output.push((Stream::Stderr, message));
            outcome.then = Then::Ended(1);
        }
    }
    if operands.is_empty() {
        input.clone_into(&mut text);
    }
    let count = args
        .iter()
        .find_map(|arg| arg.trim_start_matches("-n").trim_start_matches('-').parse().ok());
    let lines: Vec<&str> = match (name, pattern) {
        (_, Some(pattern)) => {
            let found: Vec<_> = text.lines().filter(|line| line.contains(pattern)).collect();
            if found.is_empty() {
                outcome.then = Then::Ended(1);
            }
            if args.iter().any(|arg| arg == "-q") { Vec::new() } else { found }
        }
        ("head", _) => text.lines().take(count.unwrap_or(10)).collect(),
        ("tail", _) => {
            let all: Vec<_> = text.lines().collect();
            all[all.len().saturating_sub(count.unwrap_or(10))..].to_vec()
        }
        ("sort", _) => {
            let mut all: Vec<_> = text.lines().collect();
            order::sort(&mut all);
            all
        }
        ("wc", _) => {
            let total = format!("{}\n", text.lines().count());
            outcome.output.push((Stream::Stdout, total));
            return outcome;
        }
        _ => {
            if !text.is_empty() {
                outcome.output.push((Stream::Stdout, text));
            }
            return outcome;
        }
    };
    if !lines.is_empty() {
        outcome.output.push((Stream::Stdout, lines.join("\n") + "\n"));
    }
    outcome
}

fn file_tool(name: &str, args: &[String], around: &mut Surroundings<'_>) -> Outcome {
    let paths: Vec<&String> = args.iter().filter(|arg| !arg.starts_with('-')).collect();
    let missing = |path: &str| {
        Outcome::failed(1, format!("{name}: can't stat '{path}': No such file or directory\n"))
    };
    match (name, paths.as_slice()) {
        ("touch", paths) => {
            for path in paths {
                if !around.files.contains_key(path.as_str()) {
                    around.files.insert((*path).clone(), "".into());
                }
            }
            Outcome::ended(0)
        }
        ("rm", paths) => {
            let force = args.iter().any(|arg| arg.starts_with('-') && arg.contains('f'));
            for path in paths {
                if around.files.remove(path.as_str()).is_none() && !force {
                    return missing(path);
                }
            }
            Outcome::ended(0)
        }
        ("cp" | "mv", [from, to]) => {
            let Some(text) = around.files.get(from.as_str()).cloned() else { return missing(from) };
            if name == "mv" {
                around.files.remove(from.as_str());
            }
            around.files.insert((*to).clone(), text);
            Outcome::ended(0)
        }
        ("ls", paths) => {
            let folder =
                paths.first().map_or("", |path| path.trim_end_matches('/')).to_owned() + "/";
            let mut names: Vec<&str> = around
                .files
                .keys()
                .filter_map(|path| path.strip_prefix(&folder)?.split('/').next())
                .collect();
            names.dedup();
            Outcome::printed(as_lines(names.iter()))
        }
        _ => Outcome::failed(1, format!("{name}: missing operand\n")),
    }
}

/// `BusyBox`'s default form, `+%s` and the common letters of a format.
fn date(args: &[String], now: Time) -> String {
    let Ok(stamp) = jiff::Timestamp::from_second(now.secs()) else { return "\n".to_owned() };
    let format = args.iter().find_map(|arg| arg.strip_prefix('+')).unwrap_or(
        if args.iter().any(|arg| arg.contains('I')) {
            "%Y-%m-%dT%H:%M:%S+00:00"
        } else {
            "%a %b %e %H:%M:%S UTC %Y"
        },
    );
    let text = jiff::fmt::strtime::format(format, &stamp.to_zoned(jiff::tz::TimeZone::UTC));
    text.unwrap_or_default() + "\n"
}

fn environment(args: &[String], variables: &OrdMap<String, String>) -> String {
    match args.first() {
        Some(name) => variables.get(name).map_or_else(String::new, |value| format!("{value}\n")),
        None => as_lines(variables.iter().map(|(name, value)| format!("{name}={value}"))),
    }
}

fn sequence(args: &[String]) -> String {
    let numbers: Vec<i64> = args.iter().filter_map(|arg| arg.parse().ok()).collect();
    let (from, to) = match numbers.as_slice() {
        [to] => (1, *to),
        [from, to] => (*from, *to),
        _ => return String::new(),
    };
    // A longer list would not fit into a log anyway.
    as_lines((from..=to).take(10_000))
}

fn as_lines<T: std::fmt::Display>(items: impl Iterator<Item = T>) -> String {
    items.fold(String::new(), |text, item| text + &item.to_string() + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_of_sleep() {
        for (text, millis) in [
            ("5", Some(5000)),
            ("0.5", Some(500)),
            ("2m", Some(120_000)),
            (".25", Some(250)),
            ("x", None),
            ("5x", None),
            ("", None),
        ] {
            let expected = millis.map(Duration::from_millis);
            assert_eq!(sleep_duration(text), expected, "{text}");
        }
    }

    #[test]
    fn dates() {
        assert_eq!(date(&[], Time::START), "Wed Apr  1 00:00:00 UTC 2026\n");
        assert_eq!(date(&["+%H:%M".to_owned()], Time::START), "00:00\n");
    }
}
