//! `env` and `xargs`: running other commands. Models GNU coreutils 9 and findutils.

use super::tool::{Outcome, Spec, Tool, lines_of, run, spec};
use crate::shell::{Command, Input, Invocation, LocalFuture};

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
    if let Some(running) = start(&tool, &name, operands.collect(), stdin) {
        return Ok(running.await);
    }
    tool.complain(format_args!("'{name}': No such file or directory"));
    Ok(127)
}

/// Starts another command by name, with a tool's surroundings.
pub(super) fn start(
    tool: &Tool,
    name: &str,
    args: Vec<String>,
    stdin: Input,
) -> Option<LocalFuture<i32>> {
    let call = Invocation { args, stdin, ..tool.invocation.clone() };
    if let Some(command) = super::find(name) {
        return Some((command.run)(call));
    }
    // A shell, or a script by its path: the shell itself knows what to do.
    if !matches!(name, "bash" | "sh") && !name.contains('/') {
        return None;
    }
    let quoted = |word: &str| format!("'{}'", word.replace('\'', "'\\''"));
    let words: Vec<String> =
        std::iter::once(name).chain(call.args.iter().map(String::as_str)).map(quoted).collect();
    Some(crate::shell::run_script(call, super::COMMANDS, words.join(" ")))
}

static XARGS_SPEC: Spec = Spec {
    options_first: true,
    ..spec(
        "xargs",
        "Usage: xargs [-n MAX] [-I REPLACE] [-r] COMMAND [INITIAL-ARGS]...\nRun COMMAND with arguments INITIAL-ARGS and more arguments read from input.\n",
        "n:I:rt0L:d:P:",
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
        let text = String::from_utf8_lossy(&bytes);
        let words = if tool.has('0') {
            let parts = text.split('\0').filter(|part| !part.is_empty());
            parts.map(str::to_owned).collect()
        } else {
            words(&text)
        };
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
            ('\'' | '"', None) => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            ('\\', None) => word.get_or_insert_default().extend(chars.next()),
            (c, None) if c.is_whitespace() => words.extend(word.take()),
            (c, _) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}
