//! `grep`: lines that match. Models GNU grep 3.

use super::tool::{Outcome, Spec, Tool, run, text_of};
use crate::bash::regex::{Syntax, compile};
use crate::shell::Command;

static SPEC: Spec = Spec {
    name: "grep",
    usage: "Usage: grep [OPTION]... PATTERNS [FILE]...\nSearch for PATTERNS in each FILE.\n\n  -E, -F, -G   extended, fixed, basic patterns    -e PATTERN   several patterns\n  -i  ignore case          -v  lines that do not match     -w, -x  whole words, whole lines\n  -c  count                -n  line numbers                -o  only what matched\n  -q  print nothing        -l, -L  names of files          -h, -H  without, with file names\n  -m NUM  stop after NUM   -A, -B, -C NUM  lines around    -r  all files in folders\n  -s  no messages\n",
    letters: "EFGPiyvwxcnoqlLhHm:A:B:C:e:rRsZ?",
    long: &[
        ("extended-regexp", 'E'),
        ("fixed-strings", 'F'),
        ("ignore-case", 'i'),
        ("invert-match", 'v'),
        ("line-regexp", 'x'),
        ("count", 'c'),
        ("line-number", 'n'),
        ("only-matching", 'o'),
        ("quiet", 'q'),
        ("silent", 'q'),
        ("color", 'Z'),
        ("colour", 'Z'),
        ("perl-regexp", 'P'),
        ("word-regexp", 'w'),
        ("files-with-matches", 'l'),
        ("files-without-match", 'L'),
        ("no-filename", 'h'),
        ("with-filename", 'H'),
        ("max-count", 'm'),
        ("after-context", 'A'),
        ("before-context", 'B'),
        ("context", 'C'),
        ("regexp", 'e'),
        ("recursive", 'r'),
        ("no-messages", 's'),
    ],
    usage_error: 2,
    options_first: false,
};

/// `grep`
pub(super) static GREP: Command = Command {
    name: "grep",
    summary: "print lines that match a pattern",
    run: |invocation| run(&SPEC, invocation, grep),
    complete: |_, _| Vec::new(),
};

/// `egrep`: `grep -E`
pub(super) static EGREP: Command = Command {
    name: "egrep",
    summary: "print lines that match an extended pattern",
    run: |mut invocation| {
        invocation.args.insert(0, "-E".to_owned());
        run(&SPEC, invocation, grep)
    },
    complete: |_, _| Vec::new(),
};

/// `fgrep`: `grep -F`
pub(super) static FGREP: Command = Command {
    name: "fgrep",
    summary: "print lines that hold a text",
    run: |mut invocation| {
        invocation.args.insert(0, "-F".to_owned());
        run(&SPEC, invocation, grep)
    },
    complete: |_, _| Vec::new(),
};

struct Search {
    patterns: Vec<regex_lite::Regex>,
    invert: bool,
    before: usize,
    after: usize,
    max: usize,
}

impl Search {
    fn matches(&self, line: &str) -> bool {
        self.patterns.iter().any(|pattern| pattern.is_match(line)) != self.invert
    }
}

async fn grep(mut tool: Tool) -> Outcome {
    let mut patterns: Vec<String> = tool.values('e').map(str::to_owned).collect();
    if patterns.is_empty() {
        if tool.operands.is_empty() {
            tool.invocation.stderr.write(
                "Usage: grep [OPTION]... PATTERNS [FILE]...\nTry 'grep --help' for more information.\n",
            )?;
            return Ok(2);
        }
        patterns.push(tool.operands.remove(0));
    }
    let search = match prepare(&tool, &patterns) {
        Ok(search) => search,
        Err(message) => {
            tool.complain(message);
            return Ok(2);
        }
    };
    let recursive = tool.has('r') || tool.has('R');
    let (names, mut failed) = file_names(&tool, recursive);
    let with_names = tool.has('H') || ((names.len() > 1 || recursive) && !tool.has('h'));
    let mut found = false;
    for name in &names {
        let shown = if name == "-" { "(standard input)" } else { name.as_str() };
        match tool.open(name) {
            Ok(input) => found |= in_file(&tool, &search, shown, &input, with_names).await?,
            Err(error) => {
                if !tool.has('s') {
                    tool.complain(format_args!("{name}: {error}"));
                }
                failed = true;
            }
        }
        if found && tool.has('q') {
            return Ok(0);
        }
    }
    Ok(if failed { 2 } else { i32::from(!found) })
}

fn prepare(tool: &Tool, patterns: &[String]) -> Result<Search, String> {
    let syntax = match tool.last_of(&['E', 'F', 'G', 'P']) {
        Some('E') => Syntax::Extended,
        Some('P') => Syntax::Perl,
        Some('F') => Syntax::Fixed,
        _ => Syntax::Basic,
    };
    let ignore_case = tool.has('i') || tool.has('y');
    let mut compiled = Vec::new();
    for pattern in patterns.iter().flat_map(|pattern| pattern.split('\n')) {
        let regex = compile(pattern, syntax, ignore_case)?;
        let wrapped = match tool.last_of(&['w', 'x']) {
            Some('w') => format!("\\b(?:{})\\b", regex.as_str()),
            Some(_) => format!("^(?:{})$", regex.as_str()),
            None => regex.as_str().to_owned(),
        };
        let builder = regex_lite::RegexBuilder::new(&wrapped).case_insensitive(ignore_case).build();
        compiled.push(builder.map_err(|_too_big| "Regular expression too big".to_owned())?);
    }
    let number = |letter: char, default: usize| match tool.value(letter) {
        None => Ok(default),
        Some(text) => {
            text.parse().map_err(|_invalid| format!("{text}: invalid context length argument"))
        }
    };
    let around = number('C', 0)?;
    Ok(Search {
        patterns: compiled,
        invert: tool.has('v'),
        before: number('B', around)?,
        after: number('A', around)?,
        max: number('m', usize::MAX)?,
    })
}

/// The files to search, and whether one of the operands was refused.
fn file_names(tool: &Tool, recursive: bool) -> (Vec<String>, bool) {
    if !recursive {
        return (tool.inputs(), false);
    }
    let operands =
        if tool.operands.is_empty() { vec![".".to_owned()] } else { tool.operands.clone() };
    let mut names = Vec::new();
    for operand in operands {
        let path = tool.path(&operand);
        tool.invocation.sandbox.files(|files| {
            if files.is_folder(&path) {
                let inside = files.below(&path).filter(|(_, entry)| entry.bytes.is_some());
                let prefix = if tool.operands.is_empty() {
                    String::new()
                } else {
                    format!("{}/", operand.trim_end_matches('/'))
                };
                names.extend(inside.map(|(name, _)| format!("{prefix}{name}")));
            } else {
                names.push(operand);
            }
        });
    }
    (names, false)
}

async fn in_file(
    tool: &Tool,
    search: &Search,
    name: &str,
    input: &crate::shell::Input,
    with_names: bool,
) -> Result<bool, crate::shell::BrokenPipe> {
    let silent = ['c', 'l', 'L', 'q'].iter().any(|letter| tool.has(*letter));
    let prefix = |number: usize, mark: char| {
        let name = if with_names { format!("{name}{mark}") } else { String::new() };
        if tool.has('n') { format!("{name}{number}{mark}") } else { name }
    };
    let mut held: Vec<(usize, String)> = Vec::new();
    let (mut count, mut number, mut last_shown, mut after_left) = (0, 0, 0, 0);
    while count < search.max || after_left > 0 {
        let Some(line) = input.read_line().await else { break };
        let line = text_of(&line);
        number += 1;
        if count < search.max && search.matches(&line) {
            count += 1;
            if tool.has('q') || tool.has('l') {
                break;
            }
            if silent {
                continue;
            }
            let first = held.first().map_or(number, |(first, _)| *first);
            if last_shown > 0 && first > last_shown + 1 && search.before + search.after > 0 {
                tool.print("--\n")?;
            }
            for (number, line) in held.drain(..) {
                tool.print(&format!("{}{line}\n", prefix(number, '-')))?;
            }
            if tool.has('o') && !search.invert {
                for found in search.patterns.iter().flat_map(|pattern| pattern.find_iter(&line)) {
                    if !found.is_empty() {
                        tool.print(&format!("{}{}\n", prefix(number, ':'), found.as_str()))?;
                    }
                }
            } else {
                tool.print(&format!("{}{line}\n", prefix(number, ':')))?;
            }
            (last_shown, after_left) = (number, search.after);
        } else if after_left > 0 {
            after_left -= 1;
            last_shown = number;
            if !silent {
                tool.print(&format!("{}{line}\n", prefix(number, '-')))?;
            }
        } else if search.before > 0 {
            held.push((number, line));
            if held.len() > search.before {
                held.remove(0);
            }
        }
    }
    if tool.has('c') && !tool.has('q') {
        let name = if with_names { format!("{name}:") } else { String::new() };
        tool.print(&format!("{name}{count}\n"))?;
    }
    if (tool.has('l') && count > 0) || (tool.has('L') && count == 0) {
        tool.print(&format!("{name}\n"))?;
    }
    Ok(count > 0)
}
