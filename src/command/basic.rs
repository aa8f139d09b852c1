//! `true`, `false`, `seq`, `sleep`, `clear`, `base64`, `help`. Models GNU coreutils 9.

use std::fmt::Write as _;

use super::tool::{Outcome, Spec, Tool, run, spec};
use crate::order;
use crate::shell::{BUILTINS, Command};
use crate::time::Duration;

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
        return Some(Duration::from_hours(100 * 365 * 24));
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
            order::sort(&mut all);
            let mut text =
                "Commands of this sandbox; most explain themselves with --help.\n\n".to_owned();
            for (name, summary) in all {
                writeln!(text, "  {name:<10} {summary}").expect("a String takes everything");
            }
            invocation.stdout.write(&text).map_or(crate::shell::BROKEN_PIPE, |()| 0)
        })
    },
    complete: |_, _| Vec::new(),
};
