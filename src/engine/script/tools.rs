//! The commands that a script in a container can run: the part of `BusyBox` that demonstrations use.
//!
//! Messages are `BusyBox`'s. A command that is none of these is left to the process, which may know a program of that
//! name; commands that talk to the network stop the script until they are answered.

use std::sync::Arc;

use super::{Op, Pause, Surroundings, Variables, files, is_shell};
use crate::engine::userland;
use crate::engine::{Ask, Launch, Signal, Stream};
use crate::text::printf::Field;
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
    /// Runs an inner script, with this on its standard input.
    Enter(Arc<[Op]>, String),
    /// Runs a function with arguments, and this on its standard input.
    Call(Arc<[Op]>, Vec<String>, String),
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

    pub(super) fn printed(text: String) -> Self {
        Self { output: vec![(Stream::Stdout, text)], then: Then::Ended(0) }
    }
}

const TOOLS: &[&str] = &[
    ":",
    "[",
    "awk",
    "base64",
    "basename",
    "cat",
    "cd",
    "chmod",
    "chown",
    "clear",
    "command",
    "cp",
    "curl",
    "cut",
    "date",
    "df",
    "dirname",
    "echo",
    "env",
    "exec",
    "exit",
    "export",
    "false",
    "free",
    "grep",
    "head",
    "hostname",
    "id",
    "kill",
    "ls",
    "mariadb",
    "mariadb-admin",
    "mkdir",
    "mongosh",
    "mv",
    "mysql",
    "mysqladmin",
    "nc",
    "nslookup",
    "pg_isready",
    "ping",
    "printenv",
    "printf",
    "ps",
    "psql",
    "pwd",
    "rabbitmq-diagnostics",
    "rabbitmqctl",
    "redis-cli",
    "rm",
    "rmdir",
    "sed",
    "seq",
    "set",
    "sleep",
    "sort",
    "tail",
    "tee",
    "test",
    "touch",
    "tr",
    "trap",
    "true",
    "type",
    "ulimit",
    "umask",
    "uname",
    "uniq",
    "unset",
    "wc",
    "wget",
    "which",
    "whoami",
    "xargs",
    "yes",
];

/// The process number of a command that runs beside the main process.
pub(super) const OWN_PID: &str = "30";

/// Whether a command of this name is one of the tools (shells aside).
pub(in crate::engine) fn is_tool(name: &str) -> bool {
    TOOLS.contains(&name)
}

/// Runs one command.
pub(super) fn run(
    words: &[String],
    input: &str,
    variables: &Variables,
    around: &mut Surroundings<'_>,
) -> Outcome {
    let Some((name, args)) = words.split_first() else { return Outcome::ended(0) };
    let name = name.rsplit('/').next().unwrap_or_default();
    if !is_tool(name) || !userland::has(around.launch, around.rules, name, false) {
        return Outcome::pause(Pause::Become { argv: words.to_vec(), replaces: false });
    }
    match name {
        ":" | "true" | "set" | "chmod" | "chown" | "umask" | "ulimit" => Outcome::ended(0),
        "clear" => Outcome::printed("\u{1b}[H\u{1b}[J".to_owned()),
        "false" => Outcome::ended(1),
        "echo" => Outcome::printed(echo(args)),
        "printf" => Outcome::printed(printf(args)),
        "sleep" => sleep(args, around.now),
        "yes" => Outcome::pause(Pause::Forever),
        "[" | "test" => Outcome::ended(i32::from(!test(args, variables, around))),
        "cat" | "head" | "tail" | "grep" | "wc" | "sort" => {
            files::text_tool(name, args, input, variables, around)
        }
        "sed" => super::edit::sed(args, input, variables, around),
        "awk" => super::edit::awk(args, input, variables, around),
        "base64" => super::edit::base64(args, input, variables, around),
        "xargs" => super::edit::xargs(args, input),
        "basename" | "dirname" => super::edit::part_of(name, args),
        "cut" | "tr" | "uniq" => super::lines::run(name, args, input, variables, around),
        "touch" | "rm" | "cp" | "mv" | "mkdir" | "rmdir" => {
            files::change(name, args, variables, around)
        }
        "ls" => files::ls(args, variables, around),
        "tee" => tee(args, input, variables, around),
        "date" => Outcome::printed(date(args, around.now)),
        "hostname" => Outcome::printed(hostname(args, around.launch) + "\n"),
        "whoami" => Outcome::printed("root\n".to_owned()),
        "id" => Outcome::printed("uid=0(root) gid=0(root) groups=0(root)\n".to_owned()),
        "pwd" => Outcome::printed(format!("{}\n", files::folder(variables))),
        "uname" => Outcome::printed(uname(args, around)),
        "ps" => Outcome::printed(processes(words, around)),
        "kill" => kill(args, around),
        "which" | "command" | "type" => which(args, around),
        "env" | "printenv" => environment(args, variables),
        "seq" => Outcome::printed(sequence(args)),
        "exec" if args.is_empty() => Outcome::ended(0),
        "exec" => match run(args, input, variables, around) {
            Outcome { output, then: Then::Ended(status) } => {
                Outcome { output, then: Then::Pause(Pause::Exit(status)) }
            }
            Outcome { then: Then::Pause(Pause::Become { argv, .. }), .. } => {
                Outcome::pause(Pause::Become { argv, replaces: true })
            }
            paused => paused,
        },
        "ping" => Outcome::failed(1, "ping: ICMP is not simulated\n".to_owned()),
        _ => match Ask::parse(words) {
            Ok(Some(ask)) => Outcome::pause(Pause::Ask(Box::new(ask))),
            Ok(None) => Outcome::failed(127, format!("{name}: not simulated in containers yet\n")),
            Err(message) => Outcome::failed(1, message),
        },
    }
}

/// `kill`: PID 1 is the container's program, everything else is not there. What is sent to PID 1 from within is lost
/// unless the program has a handler for it.
fn kill(args: &[String], around: &mut Surroundings<'_>) -> Outcome {
    let mut signal = "TERM".to_owned();
    let mut rest = args.iter().peekable();
    while let Some(flag) = rest.next_if(|arg| arg.starts_with('-')) {
        if flag == "-l" {
            return Outcome::printed(
                "HUP INT QUIT KILL USR1 USR2 PIPE ALRM TERM CHLD CONT STOP\n".to_owned(),
            );
        }
        signal = match flag.as_str() {
            "-s" | "-n" => rest.next().cloned().unwrap_or_default(),
            "--" => signal,
            flag => flag.trim_start_matches('-').to_owned(),
        };
    }
    let name = signal.trim_start_matches("SIG").to_ascii_uppercase();
    let known = [
        "0", "1", "2", "3", "9", "10", "12", "15", "HUP", "INT", "QUIT", "KILL", "USR1", "USR2",
        "TERM",
    ];
    if !known.contains(&name.as_str()) {
        return Outcome::failed(1, format!("kill: bad signal name '{signal}'\n"));
    }
    let mut outcome = match rest.peek() {
        None => return Outcome::failed(1, "kill: you need to specify whom to kill\n".to_owned()),
        Some(_) => Outcome::ended(0),
    };
    for pid in rest {
        match pid.parse::<i64>() {
            Ok(1) if matches!(name.as_str(), "15" | "TERM" | "2" | "INT" | "3" | "QUIT") => {
                around.signals.push(Signal::Terminate);
            }
            Ok(1 | -1) => {}
            Ok(number) if number.to_string() == OWN_PID => {
                return Outcome::pause(Pause::Exit(if name == "9" || name == "KILL" {
                    137
                } else {
                    143
                }));
            }
            found => {
                let text = match found {
                    Ok(_) if around.gnu() => "sh: 1: kill: No such process\n\n".to_owned(),
                    Ok(_) => format!("kill: can't kill pid {pid}: No such process\n"),
                    Err(_) => format!("kill: invalid number '{pid}'\n"),
                };
                outcome.output.push((Stream::Stderr, text));
                outcome.then = Then::Ended(1);
            }
        }
    }
    outcome
}

/// `ps`: the container's program, and what was run beside it.
fn processes(words: &[String], around: &Surroundings<'_>) -> String {
    let line = |pid: &str, command: &str| format!("{pid:>5} root      0:00 {command}\n");
    let mut text = "PID   USER     TIME  COMMAND\n".to_owned();
    text.push_str(&line("1", &around.launch.argv.join(" ")));
    if around.beside {
        text.push_str(&line(OWN_PID, &words.join(" ")));
    }
    text
}

/// The name of the machine that a container believes to be; its full name, its domain or its address.
fn hostname(args: &[String], launch: &Launch) -> String {
    let asked = |letter: char| args.iter().any(|arg| arg.starts_with('-') && arg.contains(letter));
    match (asked('i') || asked('I'), asked('f'), asked('d')) {
        (true, ..) => launch.ip.to_string(),
        (_, true, _) if !launch.domain.is_empty() => {
            format!("{}.{}", launch.hostname, launch.domain)
        }
        (_, _, true) => launch.domain.clone(),
        _ => launch.hostname.clone(),
    }
}

fn uname(args: &[String], around: &Surroundings<'_>) -> String {
    match args.first().map(String::as_str) {
        Some("-a") => {
            format!("Linux {} 6.1.0-kobune #1 SMP x86_64 GNU/Linux\n", around.launch.hostname)
        }
        Some("-r") => "6.1.0-kobune\n".to_owned(),
        Some("-m") => "x86_64\n".to_owned(),
        Some("-n") => format!("{}\n", around.launch.hostname),
        _ => "Linux\n".to_owned(),
    }
}

/// Where a command stands, for `which` and `command -v`.
fn which(args: &[String], around: &Surroundings<'_>) -> Outcome {
    let mut outcome = Outcome::ended(0);
    for name in args.iter().filter(|arg| !arg.starts_with('-')) {
        let known = is_tool(name) || is_shell(name);
        if known && userland::has(around.launch, around.rules, name, true) {
            outcome.output.push((Stream::Stdout, format!("/bin/{name}\n")));
        } else {
            outcome.then = Then::Ended(1);
        }
    }
    outcome
}

fn tee(
    args: &[String],
    input: &str,
    variables: &Variables,
    around: &mut Surroundings<'_>,
) -> Outcome {
    let append = args.iter().any(|arg| arg == "-a");
    for name in args.iter().filter(|arg| !arg.starts_with('-')) {
        let path = files::resolve(variables, name);
        let old = around.read(&path).filter(|_| append).unwrap_or_default();
        let mut text = format!("{old}{input}");
        text.truncate(text.floor_char_boundary(FILE_BYTES_MAX));
        around.files.insert(path, text.into());
    }
    Outcome::printed(input.to_owned())
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

/// `printf`: the format again and again, until all arguments stand in it.
fn printf(args: &[String]) -> String {
    let Some((format, rest)) = args.split_first() else { return String::new() };
    let format = format.replace("\\n", "\n").replace("\\t", "\t");
    let mut rest = rest.iter();
    let mut text = String::new();
    loop {
        let (mut letters, before) = (format.chars().peekable(), rest.len());
        while let Some(letter) = letters.next() {
            if letter != '%' {
                text.push(letter);
                continue;
            }
            let mut next = || rest.next().cloned().unwrap_or_default();
            let Some(field) = Field::read(&mut letters, &mut next) else { break };
            match field.letter {
                '%' => text.push('%'),
                's' => text.push_str(&field.text(&next())),
                'd' | 'i' => text.push_str(&field.number(&next())),
                other => text.extend(['%', other]),
            }
        }
        if rest.len() == 0 || rest.len() == before {
            return text;
        }
    }
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
    // No wait at all: a loop of such counts as busy.
    if total.is_zero() {
        return Outcome::ended(0);
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

fn test(args: &[String], variables: &Variables, around: &Surroundings<'_>) -> bool {
    let mut args: Vec<&str> = args.iter().map(String::as_str).collect();
    if args.last() == Some(&"]") {
        args.pop();
    }
    let path = |path: &str| files::resolve(variables, path);
    let is_folder = |given: &str| around.is_folder(&path(given));
    let is_file = |given: &str| around.read(&path(given)).is_some();
    let number = |text: &str| text.trim().parse::<i64>().unwrap_or(0);
    match args.as_slice() {
        ["!", rest @ ..] => {
            let rest: Vec<String> = rest.iter().map(|&word| word.to_owned()).collect();
            !test(&rest, variables, around)
        }
        ["-f", path] => is_file(path),
        ["-d", path] => is_folder(path),
        ["-e" | "-r" | "-w" | "-x", path] => is_file(path) || is_folder(path),
        ["-s", given] => around.read(&path(given)).is_some_and(|text| !text.is_empty()),
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

/// `BusyBox`'s default form, `+%s` and the common letters of a format.
fn date(args: &[String], now: Time) -> String {
    let format = args.iter().find_map(|arg| arg.strip_prefix('+')).unwrap_or(
        if args.iter().any(|arg| arg.contains('I')) {
            "%Y-%m-%dT%H:%M:%S+00:00"
        } else {
            "%a %b %e %H:%M:%S UTC %Y"
        },
    );
    now.format(format) + "\n"
}

fn environment(args: &[String], variables: &Variables) -> Outcome {
    if let Some(name) = args.first() {
        let value = variables.get(name);
        return value
            .map_or_else(|| Outcome::ended(1), |value| Outcome::printed(format!("{value}\n")));
    }
    // The current folder is the shell's own affair.
    let lines = variables.iter().filter(|(name, _)| *name != "PWD");
    Outcome::printed(as_lines(lines.map(|(name, value)| format!("{name}={value}"))))
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
