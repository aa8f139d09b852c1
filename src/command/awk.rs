//! `awk`: a program over lines (see `text::awk`). Models gawk's command line and messages, in part.

use super::tool::{Outcome, Spec, Tool, run, spec};
use crate::shell::Command;
use crate::text::awk::{Leave, Machine, Value, When, parse};
use crate::text::line_of;

static SPEC: Spec = Spec {
    options_first: true,
    usage_error: 2,
    ..spec(
        "awk",
        "Usage: awk [-F SEP] [-v NAME=VALUE] [-f FILE | 'PROGRAM'] [FILE]...\nRun PROGRAM over the lines of each FILE, or of standard input.\n\n  -F SEP         fields are parted by SEP instead of blanks\n  -v NAME=VALUE  set a variable beforehand\n  -f FILE        read the program from FILE\n",
        "F:v:f:",
        &[("field-separator", 'F'), ("assign", 'v'), ("file", 'f')],
    )
};

/// `awk`
pub(super) static AWK: Command = Command {
    name: "awk",
    summary: "choose, count and print fields of lines",
    run: |invocation| run(&SPEC, invocation, awk),
    complete: |_, _| Vec::new(),
};

async fn awk(mut tool: Tool) -> Outcome {
    let program = match tool.value('f').map(str::to_owned) {
        Some(name) => match tool.read(&name) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(error) => {
                tool.complain(format_args!(
                    "fatal: cannot open source file `{name}' for reading: {error}"
                ));
                return Ok(2);
            }
        },
        None if tool.operands.is_empty() => {
            tool.invocation.stderr.write(SPEC.usage)?;
            return Ok(2);
        }
        None => tool.operands.remove(0),
    };
    let mut machine = match parse(&program) {
        Ok(items) => Machine::new(items),
        Err(message) => {
            tool.complain(format_args!("cmd. line:1: {message}"));
            return Ok(1);
        }
    };
    if let Some(separator) = tool.value('F') {
        machine.separate_by(separator);
    }
    for text in tool.values('v') {
        if !machine.set(text) {
            tool.complain(format_args!("fatal: `{text}' argument to `-v' not in `var=value' form"));
            return Ok(2);
        }
    }
    let mut code = 0;
    let result = work(&tool, &mut machine, &mut code).await?;
    match result {
        Err(Leave::Failed(message)) => {
            tool.complain(format_args!("cmd. line:1: fatal: {message}"));
            Ok(2)
        }
        _ if machine.code != 0 => Ok(machine.code),
        _ => Ok(code),
    }
}

/// Prints what has gathered.
fn show(tool: &Tool, machine: &mut Machine) -> Result<(), crate::shell::BrokenPipe> {
    if machine.out.is_empty() { Ok(()) } else { tool.print(&std::mem::take(&mut machine.out)) }
}

/// All of the program's moments; the inner result says how it ended.
async fn work(
    tool: &Tool,
    machine: &mut Machine,
    code: &mut i32,
) -> Result<Result<(), Leave>, crate::shell::BrokenPipe> {
    let mut result = machine.run(When::Begin);
    show(tool, machine)?;
    if result.is_err() || machine.only_begins() {
        return Ok(result);
    }
    let mut number = 0;
    'inputs: for name in tool.inputs() {
        let input = match tool.open(&name) {
            Ok(input) => input,
            Err(error) => {
                tool.complain(format_args!("warning: command line argument `{name}': {error}"));
                *code = 2;
                continue;
            }
        };
        machine.assign("FILENAME", Value::Text(if name == "-" { String::new() } else { name }));
        while let Some(line) = input.read_line().await {
            number += 1;
            result = machine.read(line_of(&line), number);
            if result.is_ok() {
                result = machine.run(When::Record);
            }
            show(tool, machine)?;
            match result {
                Err(Leave::Next) => result = Ok(()),
                Ok(()) => {}
                Err(_) => break 'inputs,
            }
        }
    }
    // `exit` still runs what stands at the end.
    if matches!(result, Ok(()) | Err(Leave::Exit)) {
        result = machine.run(When::End);
        show(tool, machine)?;
    }
    Ok(result)
}
