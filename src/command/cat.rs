//! `cat`, `tee`, `head`, `tail`, `wc`: texts passed on, cut and counted. Models GNU coreutils 9.

use super::tool::{Outcome, Spec, Tool, run, spec};
use crate::shell::{Command, Input};

static CAT_SPEC: Spec = spec(
    "cat",
    "Usage: cat [-n] [FILE]...\nConcatenate FILE(s) to standard output.\n\n  -n, --number   number all output lines\n",
    "nu",
    &[("number", 'n')],
);

/// `cat`
pub(super) static CAT: Command = Command {
    name: "cat",
    summary: "print files",
    run: |invocation| run(&CAT_SPEC, invocation, cat),
    complete: |_, _| Vec::new(),
};

/// `less`: all at once, since the terminal itself scrolls.
pub(super) static LESS: Command = Command { name: "less", summary: "print files", ..CAT };

/// `more`
pub(super) static MORE: Command = Command { name: "more", summary: "print files", ..CAT };

async fn cat(tool: Tool) -> Outcome {
    let (mut code, mut number) = (0, 0);
    for name in tool.inputs() {
        let input = match tool.open(&name) {
            Ok(input) => input,
            Err(error) => {
                tool.complain(format_args!("{name}: {error}"));
                code = 1;
                continue;
            }
        };
        while let Some(line) = input.read_line().await {
            number += 1;
            if tool.has('n') {
                tool.print(&format!("{number:6}\t"))?;
            }
            tool.print_bytes(&line)?;
        }
    }
    Ok(code)
}

static TEE_SPEC: Spec = spec(
    "tee",
    "Usage: tee [-a] [FILE]...\nCopy standard input to each FILE, and also to standard output.\n\n  -a, --append   append to the given FILEs\n",
    "a",
    &[("append", 'a')],
);

/// `tee`
pub(super) static TEE: Command = Command {
    name: "tee",
    summary: "copy input to files and to output",
    run: |invocation| run(&TEE_SPEC, invocation, tee),
    complete: |_, _| Vec::new(),
};

async fn tee(tool: Tool) -> Outcome {
    let (mut code, mut append) = (0, tool.has('a'));
    loop {
        let line = if append { tool.invocation.stdin.read_line().await } else { Some(Vec::new()) };
        let Some(line) = line else { return Ok(code) };
        for name in &tool.operands {
            let (path, now) = (tool.path(name), tool.invocation.sandbox.now());
            let written = tool.invocation.sandbox.files_mut(|files| {
                if append {
                    files.append(&path, &line, now)
                } else {
                    files.write(&path, Vec::new(), now)
                }
            });
            if let Err(error) = written {
                tool.complain(format_args!("{name}: {error}"));
                code = 1;
            }
        }
        tool.print_bytes(&line)?;
        append = true;
    }
}

static HEAD_SPEC: Spec = spec(
    "head",
    "Usage: head [-n LINES] [-c BYTES] [FILE]...\nPrint the first 10 lines of each FILE.\n\n  -n, --lines=[-]NUM   print the first NUM lines; with '-', all but the last NUM\n  -c, --bytes=NUM      print the first NUM bytes\n  -q, --quiet          never print file names\n",
    "n:c:qv",
    &[("lines", 'n'), ("bytes", 'c'), ("quiet", 'q')],
);

/// `head`
pub(super) static HEAD: Command = Command {
    name: "head",
    summary: "print the first lines",
    run: |invocation| run(&HEAD_SPEC, invocation, head),
    complete: |_, _| Vec::new(),
};

/// A count with its sign: `5`, `-5`, `+5`.
fn count(text: &str) -> Option<(char, usize)> {
    let (sign, digits) = match text.strip_prefix(['-', '+']) {
        Some(digits) => (text.chars().next()?, digits),
        None => (' ', text),
    };
    let digits = digits.strip_suffix(['k', 'K']).unwrap_or(digits);
    digits.parse().ok().map(|count| (sign, count))
}

async fn head(tool: Tool) -> Outcome {
    let bytes = tool.value('c');
    let asked = bytes.or(tool.value('n')).unwrap_or("10");
    let unit = if bytes.is_some() { "bytes" } else { "lines" };
    let Some((sign, limit)) = count(asked) else {
        tool.complain(format_args!("invalid number of {unit}: '{asked}'"));
        return Ok(1);
    };
    let (names, mut code) = (tool.inputs(), 0);
    for (index, name) in names.iter().enumerate() {
        let input = match tool.open(name) {
            Ok(input) => input,
            Err(error) => {
                tool.complain(format_args!("cannot open '{name}' for reading: {error}"));
                code = 1;
                continue;
            }
        };
        heading(&tool, &names, index)?;
        if bytes.is_some() {
            let all = input.read_to_end().await;
            tool.print_bytes(&all[..limit.min(all.len())])?;
        } else if sign == '-' {
            let lines = all_lines(&input).await;
            for line in &lines[..lines.len().saturating_sub(limit)] {
                tool.print_bytes(line)?;
            }
        } else {
            for _ in 0..limit {
                let Some(line) = input.read_line().await else { break };
                tool.print_bytes(&line)?;
            }
        }
    }
    Ok(code)
}

async fn all_lines(input: &Input) -> Vec<Vec<u8>> {
    let all = input.read_to_end().await;
    all.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect()
}

/// `==> name <==`, where there are several files.
fn heading(tool: &Tool, names: &[String], index: usize) -> Result<(), crate::shell::BrokenPipe> {
    if (names.len() > 1 && !tool.has('q')) || tool.has('v') {
        let gap = if index > 0 { "\n" } else { "" };
        let name = if names[index] == "-" { "standard input" } else { names[index].as_str() };
        tool.print(&format!("{gap}==> {name} <==\n"))?;
    }
    Ok(())
}

static TAIL_SPEC: Spec = spec(
    "tail",
    "Usage: tail [-n LINES] [-c BYTES] [FILE]...\nPrint the last 10 lines of each FILE.\n\n  -n, --lines=[+]NUM   print the last NUM lines; with '+', from line NUM on\n  -c, --bytes=NUM      print the last NUM bytes\n  -q, --quiet          never print file names\n",
    "n:c:qv",
    &[("lines", 'n'), ("bytes", 'c'), ("quiet", 'q')],
);

/// `tail`
pub(super) static TAIL: Command = Command {
    name: "tail",
    summary: "print the last lines",
    run: |invocation| run(&TAIL_SPEC, invocation, tail),
    complete: |_, _| Vec::new(),
};

async fn tail(tool: Tool) -> Outcome {
    let bytes = tool.value('c');
    let asked = bytes.or(tool.value('n')).unwrap_or("10");
    let unit = if bytes.is_some() { "bytes" } else { "lines" };
    let Some((sign, limit)) = count(asked) else {
        tool.complain(format_args!("invalid number of {unit}: '{asked}'"));
        return Ok(1);
    };
    let (names, mut code) = (tool.inputs(), 0);
    for (index, name) in names.iter().enumerate() {
        let input = match tool.open(name) {
            Ok(input) => input,
            Err(error) => {
                tool.complain(format_args!("cannot open '{name}' for reading: {error}"));
                code = 1;
                continue;
            }
        };
        heading(&tool, &names, index)?;
        let pieces = if bytes.is_some() {
            input.read_to_end().await.into_iter().map(|byte| vec![byte]).collect()
        } else {
            all_lines(&input).await
        };
        let skip =
            if sign == '+' { limit.saturating_sub(1) } else { pieces.len().saturating_sub(limit) };
        tool.print_bytes(&pieces[skip.min(pieces.len())..].concat())?;
    }
    Ok(code)
}

static WC_SPEC: Spec = spec(
    "wc",
    "Usage: wc [-lwcm] [FILE]...\nPrint newline, word, and byte counts for each FILE.\n\n  -l, --lines   print the newline counts\n  -w, --words   print the word counts\n  -c, --bytes   print the byte counts\n  -m, --chars   print the character counts\n",
    "lwcm",
    &[("lines", 'l'), ("words", 'w'), ("bytes", 'c'), ("chars", 'm')],
);

/// `wc`
pub(super) static WC: Command = Command {
    name: "wc",
    summary: "count lines, words and bytes",
    run: |invocation| run(&WC_SPEC, invocation, wc),
    complete: |_, _| Vec::new(),
};

async fn wc(tool: Tool) -> Outcome {
    let names = tool.inputs();
    let (mut rows, mut code) = (Vec::new(), 0);
    for name in &names {
        match tool.open(name) {
            Ok(input) => {
                let all = input.read_to_end().await;
                let text = String::from_utf8_lossy(&all);
                let lines = all.split(|byte| *byte == b'\n').count() - 1;
                rows.push((
                    [lines, text.split_whitespace().count(), text.chars().count(), all.len()],
                    name.as_str(),
                ));
            }
            Err(error) => {
                tool.complain(format_args!("{name}: {error}"));
                code = 1;
            }
        }
    }
    if names.len() > 1 {
        let mut total = [0; 4];
        for (counts, _) in &rows {
            for (sum, count) in total.iter_mut().zip(counts) {
                *sum += count;
            }
        }
        rows.push((total, "total"));
    }
    let chosen = ['l', 'w', 'm', 'c'].map(|letter| tool.has(letter));
    let chosen = if chosen == [false; 4] { [true, true, false, true] } else { chosen };
    let columns = chosen.iter().filter(|column| **column).count();
    // GNU wc is as wide as the total of bytes, 7 where that is not known beforehand (a pipe), 1 for a single count.
    let from_pipe = names.iter().any(|name| name == "-");
    let widest = rows.iter().map(|(counts, _)| counts[3].to_string().len()).max().unwrap_or(1);
    let width = if columns == 1 && rows.len() == 1 {
        1
    } else if from_pipe {
        7
    } else {
        widest
    };
    for (counts, name) in rows {
        let shown = counts.iter().zip(chosen).filter(|(_, chosen)| *chosen);
        let numbers: Vec<_> = shown.map(|(count, _)| format!("{count:width$}")).collect();
        let name = if tool.operands.is_empty() { String::new() } else { format!(" {name}") };
        tool.print(&format!("{}{name}\n", numbers.join(" ")))?;
    }
    Ok(code)
}
