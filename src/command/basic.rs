//! `echo`, `printf`, `true`, `false`, `seq`, `sleep`, `clear`, `env`, `xargs`, `base64`, `help`. Models GNU coreutils 9
//! and findutils.

use super::tool::{Outcome, Spec, Tool, lines_of, run, spec};
use crate::shell::{BUILTINS, BrokenPipe, Command, Input, Invocation, LocalFuture};
use crate::time::Duration;

/// `echo`: takes its arguments as they are, as bash's builtin does.
pub(super) static ECHO: Command = Command {
    name: "echo",
    summary: "print words",
    run: |invocation| {
        Box::pin(async move { echo(&invocation).map_or(crate::shell::BROKEN_PIPE, |()| 0) })
    },
    complete: |_, _| Vec::new(),
};

fn echo(invocation: &Invocation) -> Result<(), BrokenPipe> {
    let (mut newline, mut escapes, mut from) = (true, false, 0);
    for argument in &invocation.args {
        let letters = argument.strip_prefix('-').unwrap_or_default();
        if letters.is_empty() || !letters.chars().all(|c| "neE".contains(c)) {
            break;
        }
        newline &= !letters.contains('n');
        escapes = letters.contains('e') || (escapes && !letters.contains('E'));
        from += 1;
    }
    let text = invocation.args.get(from..).unwrap_or_default().join(" ");
    let (text, stop) = if escapes { unescape(&text) } else { (text, false) };
    invocation.stdout.write(&text)?;
    if newline && !stop { invocation.stdout.write("\n") } else { Ok(()) }
}

/// Backslash escapes worked out; true if `\c` cut the text short.
fn unescape(text: &str) -> (String, bool) {
    let (mut out, mut chars) = (String::new(), text.chars());
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('r') => out.push('\r'),
            Some('a') => out.push('\u{7}'),
            Some('e') => out.push('\u{1b}'),
            Some('\\') => out.push('\\'),
            Some('"') => out.push('"'),
            Some('c') => return (out, true),
            Some('0') => {
                let digits: String = chars.clone().take_while(|c| c.is_digit(8)).take(3).collect();
                for _ in 0..digits.len() {
                    chars.next();
                }
                out.push(u8::from_str_radix(&digits, 8).map_or('\0', char::from));
            }
            Some(other) => out.extend(['\\', other]),
            None => out.push('\\'),
        }
    }
    (out, false)
}

/// `printf`
pub(super) static PRINTF: Command = Command {
    name: "printf",
    summary: "print by a format",
    run: |invocation| {
        Box::pin(async move {
            let written = match invocation.args.split_first() {
                None => invocation
                    .stderr
                    .write("printf: usage: printf [-v var] format [arguments]\n")
                    .map(|()| 2),
                Some((format, arguments)) => printf(&invocation, format, arguments),
            };
            written.unwrap_or(crate::shell::BROKEN_PIPE)
        })
    },
    complete: |_, _| Vec::new(),
};

/// The widest field that `printf` fills.
const FIELD_WIDTH_MAX: usize = 1000;

fn printf(invocation: &Invocation, format: &str, arguments: &[String]) -> Outcome {
    let (format, _) = unescape(format);
    let (mut rest, mut code) = (arguments.iter(), 0);
    loop {
        let (mut out, mut used) = (String::new(), false);
        let mut chars = format.chars().peekable();
        while let Some(c) = chars.next() {
            if c != '%' {
                out.push(c);
                continue;
            }
            let mut flags = String::new();
            while let Some(c) = chars.next_if(|c| "-+ 0#.123456789".contains(*c)) {
                flags.push(c);
            }
            let (width, precision) =
                flags.split_once('.').map_or((flags.as_str(), None), |(w, p)| (w, Some(p)));
            let left = width.contains('-');
            let digits = width.trim_start_matches(['-', '+', ' ', '#']);
            let zero = digits.starts_with('0') && !left;
            let width = digits.parse::<usize>().unwrap_or(0).min(FIELD_WIDTH_MAX);
            let Some(letter) = chars.next() else { break };
            if letter == '%' {
                out.push('%');
                continue;
            }
            used = true;
            let argument = rest.next().map_or("", String::as_str);
            let text = match letter {
                's' | 'q' => match precision.and_then(|precision| precision.parse().ok()) {
                    Some(precision) => argument.chars().take(precision).collect(),
                    None => argument.to_owned(),
                },
                'b' => unescape(argument).0,
                'c' => argument.chars().take(1).collect(),
                'd' | 'i' | 'u' | 'x' | 'X' | 'o' => match integer(argument) {
                    Some(value) => in_base(value, letter),
                    None => {
                        invocation
                            .stderr
                            .write(&format!("bash: printf: {argument}: invalid number\n"))?;
                        code = 1;
                        "0".to_owned()
                    }
                },
                other => {
                    invocation
                        .stderr
                        .write(&format!("bash: printf: `{other}': invalid format character\n"))?;
                    invocation.stdout.write(&out)?;
                    return Ok(1);
                }
            };
            out.push_str(&match (left, zero) {
                (true, _) => format!("{text:<width$}"),
                (false, true) => format!("{text:0>width$}"),
                (false, false) => format!("{text:>width$}"),
            });
        }
        invocation.stdout.write(&out)?;
        if !used || rest.len() == 0 {
            return Ok(code);
        }
    }
}

fn integer(text: &str) -> Option<i64> {
    if text.is_empty() { Some(0) } else { text.parse().ok() }
}

fn in_base(value: i64, letter: char) -> String {
    match letter {
        'x' => format!("{value:x}"),
        'X' => format!("{value:X}"),
        'o' => format!("{value:o}"),
        _ => value.to_string(),
    }
}

/// `true`
pub(super) static TRUE: Command = Command {
    name: "true",
    summary: "succeed",
    run: |_| Box::pin(async { 0 }),
    complete: |_, _| Vec::new(),
};

/// `false`
pub(super) static FALSE: Command = Command {
    name: "false",
    summary: "fail",
    run: |_| Box::pin(async { 1 }),
    complete: |_, _| Vec::new(),
};

/// `clear`: the sequence that terminals clear their screen at.
pub(super) static CLEAR: Command = Command {
    name: "clear",
    summary: "clear the screen",
    run: |invocation| {
        Box::pin(
            async move { invocation.stdout.write("\u{1b}[H\u{1b}[2J\u{1b}[3J").map_or(1, |()| 0) },
        )
    },
    complete: |_, _| Vec::new(),
};

static SEQ_SPEC: Spec = spec(
    "seq",
    "Usage: seq [FIRST [INCREMENT]] LAST\nPrint numbers from FIRST to LAST.\n",
    "s:",
    &[("separator", 's')],
);

/// `seq`
pub(super) static SEQ: Command = Command {
    name: "seq",
    summary: "print numbers in order",
    run: |mut invocation| {
        // A negative number is no option.
        if invocation
            .args
            .iter()
            .any(|argument| argument.parse::<i64>().is_ok_and(|number| number < 0))
        {
            invocation.args.insert(0, "--".to_owned());
        }
        run(&SEQ_SPEC, invocation, seq)
    },
    complete: |_, _| Vec::new(),
};

/// The most numbers that `seq` prints; more would fill a pipe.
const SEQ_MAX: usize = 1_000_000;

async fn seq(tool: Tool) -> Outcome {
    let mut numbers = Vec::new();
    for operand in &tool.operands {
        match operand.parse::<i64>() {
            Ok(number) => numbers.push(number),
            Err(_) => {
                return tool.misused(&format!("invalid floating point argument: '{operand}'"), 1);
            }
        }
    }
    let (first, step, last) = match numbers.as_slice() {
        [last] => (1, 1, *last),
        [first, last] => (*first, 1, *last),
        [first, step, last] => (*first, *step, *last),
        [] => return tool.misused("missing operand", 1),
        [_, _, _, extra, ..] => return tool.misused(&format!("extra operand '{extra}'"), 1),
    };
    if step == 0 {
        return tool.misused("invalid Zero increment value: '0'", 1);
    }
    let numbers: Vec<String> =
        std::iter::successors(Some(first), |number| number.checked_add(step))
            .take_while(|number| if step > 0 { *number <= last } else { *number >= last })
            .take(SEQ_MAX)
            .map(|number| number.to_string())
            .collect();
    if !numbers.is_empty() {
        tool.print(&(numbers.join(tool.value('s').unwrap_or("\n")) + "\n"))?;
    }
    Ok(0)
}

static SLEEP_SPEC: Spec = spec(
    "sleep",
    "Usage: sleep NUMBER[SUFFIX]...\nPause for NUMBER seconds of virtual time. SUFFIX may be 's', 'm', 'h' or 'd'.\n",
    "",
    &[],
);

/// `sleep`
pub(super) static SLEEP: Command = Command {
    name: "sleep",
    summary: "let virtual time pass",
    run: |invocation| run(&SLEEP_SPEC, invocation, sleep),
    complete: |_, _| Vec::new(),
};

async fn sleep(tool: Tool) -> Outcome {
    if tool.operands.is_empty() {
        return tool.misused("missing operand", 1);
    }
    let mut total = Duration::ZERO;
    for operand in &tool.operands {
        match duration(operand) {
            Some(duration) => total = total.saturating_add(duration),
            None => return tool.misused(&format!("invalid time interval '{operand}'"), 1),
        }
    }
    tool.invocation.sandbox.sleep(total).await;
    Ok(0)
}

/// `1.5m`, to a microsecond; at most a hundred years.
pub(super) fn duration(text: &str) -> Option<Duration> {
    let (digits, unit_secs) = match text.chars().last()? {
        's' => (text.strip_suffix('s')?, 1),
        'm' => (text.strip_suffix('m')?, 60),
        'h' => (text.strip_suffix('h')?, 3600),
        'd' => (text.strip_suffix('d')?, 86_400),
        _ => (text, 1),
    };
    if digits == "infinity" || digits == "inf" {
        return Some(Duration::from_secs(100 * 365 * 86_400));
    }
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |text: &str| text.chars().all(|c| c.is_ascii_digit());
    if digits.is_empty() || digits == "." || !all_digits(whole) || !all_digits(fraction) {
        return None;
    }
    let fraction: String = format!("{fraction:0<6}").chars().take(6).collect();
    let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().unwrap_or(u64::MAX) };
    let micros = whole.saturating_mul(1_000_000).saturating_add(fraction.parse().ok()?);
    Some(Duration::from_micros(micros.saturating_mul(unit_secs).min(3_153_600_000_000_000)))
}

static ENV_SPEC: Spec = Spec {
    options_first: true,
    ..spec(
        "env",
        "Usage: env [NAME=VALUE]... [COMMAND [ARG]...]\nSet each NAME to VALUE in the environment and run COMMAND.\n",
        "",
        &[],
    )
};

/// `env`
pub(super) static ENV: Command = Command {
    name: "env",
    summary: "print the environment, or run a command in another",
    run: |invocation| run(&ENV_SPEC, invocation, env),
    complete: |_, _| Vec::new(),
};

async fn env(mut tool: Tool) -> Outcome {
    let mut operands = std::mem::take(&mut tool.operands).into_iter().peekable();
    while let Some(assignment) = operands.next_if(|operand| operand.contains('=')) {
        let (name, value) = assignment.split_once('=').unwrap_or_default();
        tool.invocation.env.insert(name.to_owned(), value.to_owned());
    }
    let Some(name) = operands.next() else {
        for (name, value) in &tool.invocation.env {
            tool.print(&format!("{name}={value}\n"))?;
        }
        return Ok(0);
    };
    let stdin = tool.invocation.stdin.clone();
    match start(&tool, &name, operands.collect(), stdin) {
        Some(running) => Ok(running.await),
        None => {
            tool.complain(format_args!("'{name}': No such file or directory"));
            Ok(127)
        }
    }
}

/// Starts another command by name, with a tool's surroundings.
pub(super) fn start(
    tool: &Tool,
    name: &str,
    args: Vec<String>,
    stdin: Input,
) -> Option<LocalFuture<i32>> {
    let command = super::find(name)?;
    Some((command.run)(Invocation { args, stdin, ..tool.invocation.clone() }))
}

static XARGS_SPEC: Spec = Spec {
    options_first: true,
    ..spec(
        "xargs",
        "Usage: xargs [-n MAX] [-I REPLACE] [-r] COMMAND [INITIAL-ARGS]...\nRun COMMAND with arguments INITIAL-ARGS and more arguments read from input.\n",
        "n:I:rt0L:d:",
        &[("no-run-if-empty", 'r'), ("max-args", 'n')],
    )
};

/// `xargs`
pub(super) static XARGS: Command = Command {
    name: "xargs",
    summary: "run a command with words from its input",
    run: |invocation| run(&XARGS_SPEC, invocation, xargs),
    complete: |_, _| Vec::new(),
};

async fn xargs(tool: Tool) -> Outcome {
    let bytes = tool.invocation.stdin.read_to_end().await;
    let echo = vec!["echo".to_owned()];
    let command = if tool.operands.is_empty() { &echo } else { &tool.operands };
    let (name, initial) = command.split_first().expect("there is at least the name");
    let runs: Vec<Vec<String>> = if let Some(mark) = tool.value('I') {
        let lines = lines_of(&bytes);
        let lines = lines.iter().map(|line| line.trim()).filter(|line| !line.is_empty());
        lines.map(|line| initial.iter().map(|word| word.replace(mark, line)).collect()).collect()
    } else {
        let words = words(&String::from_utf8_lossy(&bytes));
        let size = match tool.value('n').or(tool.value('L')).map(str::parse) {
            None => words.len().max(1),
            Some(Ok(size)) if size > 0 => size,
            Some(_) => return tool.misused("value for -n option should be >= 1", 1),
        };
        let with = |words: &[String]| initial.iter().chain(words).cloned().collect();
        if words.is_empty() && !tool.has('r') {
            vec![initial.to_vec()]
        } else {
            words.chunks(size).map(with).collect()
        }
    };
    let mut code = 0;
    for args in runs {
        let Some(running) = start(&tool, name, args, Input::default()) else {
            tool.complain(format_args!("{name}: No such file or directory"));
            return Ok(127);
        };
        if running.await != 0 {
            code = 123;
        }
    }
    Ok(code)
}

/// Words parted by blanks, with quotes and backslashes taken off.
fn words(text: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (c, quote) {
            (c, Some(open)) if c == open => quote = None,
            (c, Some(_)) => word.get_or_insert_default().push(c),
            ('\'' | '"', None) => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            ('\\', None) => word.get_or_insert_default().extend(chars.next()),
            (c, None) if c.is_whitespace() => words.extend(word.take()),
            (c, None) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

static BASE64_SPEC: Spec = spec(
    "base64",
    "Usage: base64 [-d] [-w COLS] [FILE]\nBase64 encode or decode FILE, or standard input.\n\n  -d, --decode      decode data\n  -w, --wrap=COLS   wrap encoded lines after COLS characters (default 76, 0 for no wrapping)\n",
    "dDw:i",
    &[("decode", 'd'), ("wrap", 'w')],
);

/// `base64`
pub(super) static BASE64: Command = Command {
    name: "base64",
    summary: "encode or decode base64",
    run: |invocation| run(&BASE64_SPEC, invocation, base64),
    complete: |_, _| Vec::new(),
};

const BASE64_LETTERS: &[u8; 64] =
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

async fn base64(tool: Tool) -> Outcome {
    let (bytes, code) = tool.read_all().await;
    if code != 0 {
        return Ok(code);
    }
    if tool.has('d') || tool.has('D') {
        let (decoded, whole) = decode(&bytes);
        tool.print_bytes(&decoded)?;
        if !whole {
            tool.complain("invalid input");
            return Ok(1);
        }
        return Ok(0);
    }
    let width = match tool.value('w').map(str::parse::<usize>) {
        None => 76,
        Some(Ok(width)) => width,
        Some(Err(_)) => {
            tool.complain(format_args!(
                "invalid wrap size: '{}'",
                tool.value('w').unwrap_or_default()
            ));
            return Ok(1);
        }
    };
    let encoded = encode(&bytes);
    if width == 0 {
        tool.print(&encoded)?;
        return Ok(0);
    }
    for line in encoded.as_bytes().chunks(width) {
        tool.print_bytes(line)?;
        tool.print("\n")?;
    }
    Ok(0)
}

fn encode(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().fold(0_usize, |bits, byte| bits << 8 | usize::from(*byte))
            << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let letter = if place <= chunk.len() {
                BASE64_LETTERS[bits >> (18 - 6 * place) & 63]
            } else {
                b'='
            };
            text.push(char::from(letter));
        }
    }
    text
}

/// The decoded bytes, and whether all of the text was valid.
fn decode(text: &[u8]) -> (Vec<u8>, bool) {
    let (mut bytes, mut bits, mut held, mut padding) = (Vec::new(), 0_u32, 0, 0);
    for letter in text.iter().filter(|letter| !letter.is_ascii_whitespace()) {
        let value = BASE64_LETTERS.iter().position(|known| known == letter);
        match (letter, value.and_then(|value| u32::try_from(value).ok())) {
            (b'=', _) => padding += 1,
            (_, Some(value)) if padding == 0 => {
                bits = (bits << 6 | value) & 0xff_ffff;
                held += 6;
                if held >= 8 {
                    held -= 8;
                    bytes.push(u8::try_from(bits >> held & 0xff).unwrap_or(0));
                }
            }
            _ => return (bytes, false),
        }
    }
    let whole = matches!((held, padding), (0, 0) | (4, 2) | (2, 1));
    (bytes, whole)
}

/// `help`
pub(super) static HELP: Command = Command {
    name: "help",
    summary: "list the commands there are",
    run: |invocation| {
        Box::pin(async move {
            let commands = super::COMMANDS.iter().map(|command| (command.name, command.summary));
            let mut all: Vec<_> = commands
                .chain(BUILTINS.iter().map(|builtin| (builtin.name, builtin.summary)))
                .collect();
            all.sort_unstable();
            let mut text =
                "Commands of this sandbox; most explain themselves with --help.\n\n".to_owned();
            for (name, summary) in all {
                text.push_str(&format!("  {name:<10} {summary}\n"));
            }
            invocation.stdout.write(&text).map_or(crate::shell::BROKEN_PIPE, |()| 0)
        })
    },
    complete: |_, _| Vec::new(),
};
