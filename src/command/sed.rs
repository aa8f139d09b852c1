//! `sed`: a text edited line by line (see `text::sed`). Models GNU sed 4.9's command line.

use super::tool::{Outcome, Spec, Tool, run, spec};
use crate::bash::regex::Syntax;
use crate::shell::Command;
use crate::text::sed::{Instruction, edit, edit_all, parse};

static SPEC: Spec = spec(
    "sed",
    "Usage: sed [OPTION]... {script} [FILE]...\n\n  -n              print only what the script prints\n  -e SCRIPT       add a script\n  -E, -r          extended regular expressions\n  -i[SUFFIX]      edit files in place\n  -s              treat files apart\n",
    "ne:Eri?s",
    &[
        ("quiet", 'n'),
        ("silent", 'n'),
        ("expression", 'e'),
        ("regexp-extended", 'E'),
        ("in-place", 'i'),
    ],
);

/// `sed`
pub(super) static SED: Command = Command {
    name: "sed",
    summary: "edit text line by line",
    run: |invocation| run(&SPEC, invocation, sed),
    complete: |_, _| Vec::new(),
};

async fn sed(mut tool: Tool) -> Outcome {
    let mut script: Vec<String> = tool.values('e').map(str::to_owned).collect();
    if script.is_empty() {
        if tool.operands.is_empty() {
            tool.invocation.stderr.write(SPEC.usage)?;
            return Ok(1);
        }
        script.push(tool.operands.remove(0));
    }
    let syntax = if tool.has('E') || tool.has('r') { Syntax::Extended } else { Syntax::Basic };
    let script = script.join("\n");
    let mut program = match parse(&script, syntax) {
        Ok(program) => program,
        Err((at, message)) => {
            tool.complain(format_args!("-e expression #1, char {at}: {message}"));
            return Ok(1);
        }
    };
    if tool.has('i') {
        return Ok(in_place(&tool, &mut program));
    }
    stream(&tool, &mut program).await
}

async fn stream(tool: &Tool, program: &mut [Instruction]) -> Outcome {
    let (mut code, mut number, mut ahead) = (0, 0, None);
    for name in tool.inputs() {
        let input = match tool.open(&name) {
            Ok(input) => input,
            Err(error) => {
                tool.complain(format_args!("can't read {name}: {error}"));
                code = 2;
                continue;
            }
        };
        // One line is held back, so that `$` is known.
        while let Some(line) = input.read_line().await {
            if let Some(line) = ahead.replace(line) {
                number += 1;
                let mut out = String::new();
                let quit = edit(program, tool.has('n'), &line, (number, false), &mut out);
                tool.print(&out)?;
                if quit {
                    return Ok(code);
                }
            }
        }
    }
    if let Some(line) = ahead {
        let mut out = String::new();
        edit(program, tool.has('n'), &line, (number + 1, true), &mut out);
        tool.print(&out)?;
    }
    Ok(code)
}

fn in_place(tool: &Tool, program: &mut [Instruction]) -> i32 {
    let mut code = 0;
    if tool.operands.is_empty() {
        tool.complain("no input files");
        return 1;
    }
    for name in &tool.operands {
        let bytes = match tool.read(name) {
            Ok(bytes) => bytes,
            Err(crate::shell::FileError::IsFolder) => {
                tool.complain(format_args!("couldn't edit {name}: not a regular file"));
                code = 4;
                continue;
            }
            Err(error) => {
                tool.complain(format_args!("can't read {name}: {error}"));
                code = 2;
                continue;
            }
        };
        let (mut out, rest) = edit_all(program, tool.has('n'), &bytes);
        out.push_str(&String::from_utf8_lossy(rest));
        let (path, now) = (tool.path(name), tool.invocation.sandbox.now());
        let suffix = tool.value('i').unwrap_or_default();
        let written = tool.invocation.sandbox.files_mut(|files| {
            if !suffix.is_empty() {
                files.write(&format!("{path}{suffix}"), bytes.to_vec(), now)?;
            }
            files.write(&path, out.into_bytes(), now)
        });
        if let Err(error) = written {
            tool.complain(format_args!("couldn't write {name}: {error}"));
            code = 4;
        }
    }
    code
}
