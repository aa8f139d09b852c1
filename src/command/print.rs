//! `echo` and `printf`, as bash's builtins.

use super::tool::Outcome;
use crate::shell::{BrokenPipe, Command, Invocation};
use crate::text::printf::Field;

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
            Some('\\') | None => out.push('\\'),
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
            let arguments = match invocation.args.as_slice() {
                [first, rest @ ..] if first == "--" => rest,
                all => all,
            };
            let written = match arguments.split_first() {
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
            let star = &mut || {
                used = true;
                rest.next().cloned().unwrap_or_default()
            };
            let Some(field) = Field::read(&mut chars, star) else { break };
            if field.letter == '%' {
                out.push('%');
                continue;
            }
            used = true;
            let argument = rest.next().map_or("", String::as_str);
            let text = match field.letter {
                's' | 'q' => field.text(argument),
                'b' => field.text(&unescape(argument).0),
                'c' => field.text(&argument.chars().take(1).collect::<String>()),
                'd' | 'i' | 'u' | 'x' | 'X' | 'o' => {
                    if integer(argument).is_none() {
                        let text = format!("bash: printf: {argument}: invalid number\n");
                        invocation.stderr.write(&text)?;
                        code = 1;
                    }
                    field.number(&in_base(integer(argument).unwrap_or(0), field.letter))
                }
                other => {
                    invocation
                        .stderr
                        .write(&format!("bash: printf: `{other}': invalid format character\n"))?;
                    invocation.stdout.write(&out)?;
                    return Ok(1);
                }
            };
            out.push_str(&text);
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
