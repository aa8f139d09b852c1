//! `test` and `[`: conditions on texts, numbers and files. Models bash's builtin (POSIX's rules by number of arguments).

use crate::shell::{Command, Invocation, LocalFuture, resolve};

/// `test`
pub(super) static TEST: Command = Command {
    name: "test",
    summary: "ask a condition",
    run: |invocation| answer("test", invocation),
    complete: |_, _| Vec::new(),
};

/// `[`
pub(super) static BRACKET: Command = Command {
    name: "[",
    summary: "ask a condition",
    run: |invocation| answer("[", invocation),
    complete: |_, _| Vec::new(),
};

fn answer(name: &'static str, mut invocation: Invocation) -> LocalFuture<i32> {
    Box::pin(async move {
        let mut result = Ok(());
        if name == "[" && invocation.args.pop().as_deref() != Some("]") {
            result = Err("missing `]'".to_owned());
        }
        let words: Vec<&str> = invocation.args.iter().map(String::as_str).collect();
        match result.and_then(|()| either(&invocation, &words)) {
            Ok(holds) => i32::from(!holds),
            Err(message) => {
                invocation.stderr.write(&format!("bash: {name}: {message}\n")).map_or(2, |()| 2)
            }
        }
    })
}

/// `… -o …`, weaker than `-a`.
fn either(invocation: &Invocation, words: &[&str]) -> Result<bool, String> {
    if words.len() <= 3 {
        return simple(invocation, words);
    }
    for part in words.split(|word| *word == "-o") {
        let mut all = true;
        for part in part.split(|word| *word == "-a") {
            all &= simple(invocation, part)?;
        }
        if all {
            return Ok(true);
        }
    }
    Ok(false)
}

fn simple(invocation: &Invocation, words: &[&str]) -> Result<bool, String> {
    match words {
        [] => Ok(false),
        [one] => Ok(!one.is_empty()),
        ["!", rest @ ..] => simple(invocation, rest).map(|holds| !holds),
        [flag, operand] => unary(invocation, flag, operand),
        [a, operator, b] => binary(a, operator, b),
        _ => Err("too many arguments".to_owned()),
    }
}

fn unary(invocation: &Invocation, flag: &str, operand: &str) -> Result<bool, String> {
    let path = resolve(&invocation.cwd, operand);
    invocation.sandbox.files(|files| {
        let file = || files.read(&path).ok();
        Ok(match flag {
            "-z" => operand.is_empty(),
            "-n" => !operand.is_empty(),
            "-e" | "-r" | "-w" | "-x" => !operand.is_empty() && files.exists(&path),
            "-f" => file().is_some(),
            "-d" => !operand.is_empty() && files.is_folder(&path),
            "-s" => files.is_folder(&path) || file().is_some_and(|bytes| !bytes.is_empty()),
            "-L" | "-h" => false,
            "-t" => invocation.stdout.columns().is_some(),
            other => return Err(format!("{other}: unary operator expected")),
        })
    })
}

fn binary(a: &str, operator: &str, b: &str) -> Result<bool, String> {
    let number = |text: &str| {
        text.trim()
            .parse::<i64>()
            .map_err(|_invalid| format!("{text}: integer expression expected"))
    };
    let compare = |holds: fn(&i64, &i64) -> bool| Ok(holds(&number(a)?, &number(b)?));
    match operator {
        "=" | "==" => Ok(a == b),
        "!=" => Ok(a != b),
        "<" => Ok(a < b),
        ">" => Ok(a > b),
        "-eq" => compare(i64::eq),
        "-ne" => compare(i64::ne),
        "-lt" => compare(i64::lt),
        "-le" => compare(i64::le),
        "-gt" => compare(i64::gt),
        "-ge" => compare(i64::ge),
        "-a" => Ok(!a.is_empty() && !b.is_empty()),
        "-o" => Ok(!a.is_empty() || !b.is_empty()),
        other => Err(format!("{other}: binary operator expected")),
    }
}
