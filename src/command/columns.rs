//! `paste`, `column`, `nl`, `rev`, `tac`: lines side by side, in columns, numbered, turned round. Models GNU coreutils 9
//! and util-linux.

use std::fmt::Write as _;

use super::tool::{Outcome, Spec, Tool, lines_of, run, spec};
use crate::shell::Command;

static PASTE_SPEC: Spec = spec(
    "paste",
    "Usage: paste [-s] [-d LIST] [FILE]...\nWrite lines made of the corresponding lines of each FILE, parted by TABs.\n\n  -d, --delimiters=LIST  use these characters instead of TABs\n  -s, --serial           one file after another, each as one line\n",
    "d:s",
    &[("delimiters", 'd'), ("serial", 's')],
);

/// `paste`
pub(super) static PASTE: Command = Command {
    name: "paste",
    summary: "put lines side by side",
    run: |invocation| run(&PASTE_SPEC, invocation, paste),
    complete: |_, _| Vec::new(),
};

async fn paste(tool: Tool) -> Outcome {
    let (names, mut files) = (tool.inputs(), Vec::new());
    let mut stdin: Option<Vec<String>> = None;
    let shared = names.iter().filter(|name| *name == "-").count();
    for name in &names {
        match tool.open(name) {
            // `paste - -` deals the lines of standard input out in turn.
            Ok(input) if name == "-" && shared > 1 && !tool.has('s') => {
                let all = lines_of(&input.read_to_end().await);
                files.push(if stdin.is_none() { stdin.insert(all).clone() } else { Vec::new() });
            }
            Ok(input) => files.push(lines_of(&input.read_to_end().await)),
            Err(error) => {
                tool.complain(format_args!("{name}: {error}"));
                return Ok(1);
            }
        }
    }
    if let Some(all) = stdin {
        let dashes = files.iter_mut().zip(&names).filter(|(_, name)| *name == "-");
        for (turn, (file, _)) in dashes.enumerate() {
            *file = all.iter().skip(turn).step_by(shared).cloned().collect();
        }
    }
    let delimiters: Vec<char> =
        tool.value('d').unwrap_or("\t").replace("\\n", "\n").replace("\\t", "\t").chars().collect();
    let joined = |parts: &[&str]| {
        let mut line = String::new();
        for (index, part) in parts.iter().enumerate() {
            if index > 0 && !delimiters.is_empty() {
                line.push(delimiters[(index - 1) % delimiters.len()]);
            }
            line.push_str(part);
        }
        line + "\n"
    };
    if tool.has('s') {
        for file in &files {
            tool.print(&joined(&file.iter().map(String::as_str).collect::<Vec<_>>()))?;
        }
        return Ok(0);
    }
    for row in 0..files.iter().map(Vec::len).max().unwrap_or(0) {
        let parts: Vec<&str> =
            files.iter().map(|file| file.get(row).map_or("", String::as_str)).collect();
        tool.print(&joined(&parts))?;
    }
    Ok(0)
}

static COLUMN_SPEC: Spec = spec(
    "column",
    "Usage: column [-t] [-s SEP] [-o SEP] [FILE]...\nPut lines into columns.\n\n  -t, --table             a table whose columns are the words of each line\n  -s, --separator=SEP     words are parted by these characters\n  -o, --output-separator  what stands between columns (two blanks)\n",
    "ts:o:",
    &[("table", 't'), ("separator", 's'), ("output-separator", 'o')],
);

/// `column`
pub(super) static COLUMN: Command = Command {
    name: "column",
    summary: "put words into columns",
    run: |invocation| run(&COLUMN_SPEC, invocation, column),
    complete: |_, _| Vec::new(),
};

async fn column(tool: Tool) -> Outcome {
    let (bytes, code) = tool.read_all().await;
    if code != 0 {
        return Ok(code);
    }
    let lines = lines_of(&bytes);
    if !tool.has('t') {
        for line in lines.iter().filter(|line| !line.is_empty()) {
            tool.print(&format!("{line}\n"))?;
        }
        return Ok(0);
    }
    let rows: Vec<Vec<&str>> = lines
        .iter()
        .map(|line| match tool.value('s') {
            Some(separators) => line.split(|c| separators.contains(c)).collect(),
            None => line.split_whitespace().collect(),
        })
        .filter(|row: &Vec<&str>| row.iter().any(|word| !word.is_empty()))
        .collect();
    let mut widths: Vec<usize> = Vec::new();
    for row in &rows {
        for (at, word) in row.iter().enumerate() {
            let width = word.chars().count();
            match widths.get_mut(at) {
                Some(widest) => *widest = width.max(*widest),
                None => widths.push(width),
            }
        }
    }
    let between = tool.value('o').unwrap_or("  ");
    for row in rows {
        let mut line = String::new();
        for (at, word) in row.iter().enumerate() {
            let last = at + 1 == row.len();
            let width = if last { 0 } else { widths[at] };
            let end = if last { "\n" } else { between };
            write!(line, "{word:width$}{end}").expect("a String takes everything");
        }
        tool.print(&line)?;
    }
    Ok(0)
}

static NL_SPEC: Spec = spec(
    "nl",
    "Usage: nl [-b a|t] [-w WIDTH] [-s SEP] [FILE]...\nNumber the lines of each FILE; empty ones only with -b a.\n",
    "b:w:s:",
    &[],
);

/// `nl`
pub(super) static NL: Command = Command {
    name: "nl",
    summary: "number lines",
    run: |invocation| run(&NL_SPEC, invocation, nl),
    complete: |_, _| Vec::new(),
};

/// The widest column of numbers.
const NUMBER_WIDTH_MAX: usize = 100;

async fn nl(tool: Tool) -> Outcome {
    let (bytes, code) = tool.read_all().await;
    let width: usize = tool.value('w').and_then(|text| text.parse().ok()).unwrap_or(6);
    let (width, separator) = (width.min(NUMBER_WIDTH_MAX), tool.value('s').unwrap_or("\t"));
    let mut number = 0;
    for line in lines_of(&bytes) {
        if line.is_empty() && tool.value('b') != Some("a") {
            tool.print(&format!("{:width$}\n", "", width = width + separator.len()))?;
            continue;
        }
        number += 1;
        tool.print(&format!("{number:width$}{separator}{line}\n"))?;
    }
    Ok(code)
}

static REV_SPEC: Spec =
    spec("rev", "Usage: rev [FILE]...\nReverse the characters of each line.\n", "", &[]);

/// `rev`
pub(super) static REV: Command = Command {
    name: "rev",
    summary: "reverse the characters of lines",
    run: |invocation| run(&REV_SPEC, invocation, turn),
    complete: |_, _| Vec::new(),
};

static TAC_SPEC: Spec =
    spec("tac", "Usage: tac [FILE]...\nPrint lines, the last one first.\n", "", &[]);

/// `tac`
pub(super) static TAC: Command = Command {
    name: "tac",
    summary: "print lines, the last one first",
    run: |invocation| run(&TAC_SPEC, invocation, turn),
    complete: |_, _| Vec::new(),
};

async fn turn(tool: Tool) -> Outcome {
    let (bytes, code) = tool.read_all().await;
    let mut lines = lines_of(&bytes);
    if tool.name == "tac" {
        lines.reverse();
    }
    for line in lines {
        let line = if tool.name == "rev" { line.chars().rev().collect() } else { line };
        tool.print(&format!("{line}\n"))?;
    }
    Ok(code)
}
