//! `whoami`, `id`, `hostname`, `uname`, `printenv`, `which`, `sudo`, `find`, `less`: the user's machine and what is on it.
//!
//! *Differs:* `sudo` runs a command as it is, since files have no owners; `find` knows `-name`, `-iname`, `-type`,
//! `-maxdepth` and `-path`; `less` and `more` print everything at once.

use super::tool::{Outcome, Spec, Tool, run, spec};
use super::xargs::start;
use crate::bash::Pattern;
use crate::shell::{BUILTINS, Command};

/// The options of a command that prints one line about the machine.
macro_rules! options {
    ($name:literal, $letters:literal) => {
        spec($name, concat!("Usage: ", $name, " [OPTION]...\n"), $letters, &[])
    };
}

static WHOAMI_SPEC: Spec = options!("whoami", "");

/// `whoami`
pub(super) static WHOAMI: Command = Command {
    name: "whoami",
    summary: "print the user's name",
    run: |invocation| run(&WHOAMI_SPEC, invocation, tell),
    complete: |_, _| Vec::new(),
};

static ID_SPEC: Spec = options!("id", "ugn");

/// `id`
pub(super) static ID: Command = Command {
    name: "id",
    summary: "print who the user is",
    run: |invocation| run(&ID_SPEC, invocation, tell),
    complete: |_, _| Vec::new(),
};

static HOSTNAME_SPEC: Spec = options!("hostname", "fsi");

/// `hostname`
pub(super) static HOSTNAME: Command = Command {
    name: "hostname",
    summary: "print the machine's name",
    run: |invocation| run(&HOSTNAME_SPEC, invocation, tell),
    complete: |_, _| Vec::new(),
};

static UNAME_SPEC: Spec = options!("uname", "asnrmo");

/// `uname`
pub(super) static UNAME: Command = Command {
    name: "uname",
    summary: "print what system this is",
    run: |invocation| run(&UNAME_SPEC, invocation, tell),
    complete: |_, _| Vec::new(),
};

async fn tell(tool: Tool) -> Outcome {
    let text = match tool.name {
        "whoami" => "student",
        "id" if tool.has('n') => "student",
        "id" if tool.has('u') || tool.has('g') => "1000",
        "id" => "uid=1000(student) gid=1000(student) groups=1000(student)",
        "hostname" if tool.has('i') => "127.0.1.1",
        "hostname" => "kobune",
        _ if tool.has('a') => "Linux kobune 6.1.0-kobune #1 SMP x86_64 GNU/Linux",
        _ if tool.has('r') => "6.1.0-kobune",
        _ if tool.has('m') => "x86_64",
        _ if tool.has('n') => "kobune",
        _ if tool.has('o') => "GNU/Linux",
        _ => "Linux",
    };
    tool.print(&format!("{text}\n"))?;
    Ok(0)
}

static PRINTENV_SPEC: Spec =
    spec("printenv", "Usage: printenv [VARIABLE]...\nPrint environment variables.\n", "", &[]);

/// `printenv`
pub(super) static PRINTENV: Command = Command {
    name: "printenv",
    summary: "print environment variables",
    run: |invocation| run(&PRINTENV_SPEC, invocation, printenv),
    complete: |_, _| Vec::new(),
};

async fn printenv(tool: Tool) -> Outcome {
    let mut code = 0;
    for (name, value) in &tool.invocation.env {
        if tool.operands.is_empty() {
            tool.print(&format!("{name}={value}\n"))?;
        }
    }
    for name in &tool.operands {
        match tool.invocation.env.get(name) {
            Some(value) => tool.print(&format!("{value}\n"))?,
            None => code = 1,
        }
    }
    Ok(code)
}

static WHICH_SPEC: Spec =
    spec("which", "Usage: which [-a] NAME...\nPrint where commands stand.\n", "a", &[]);

/// `which`
pub(super) static WHICH: Command = Command {
    name: "which",
    summary: "print where a command stands",
    run: |invocation| run(&WHICH_SPEC, invocation, which),
    complete: |_, _| Vec::new(),
};

async fn which(tool: Tool) -> Outcome {
    let mut code = 0;
    for name in &tool.operands {
        if super::find(name).is_some() || matches!(name.as_str(), "bash" | "sh") {
            tool.print(&format!("/usr/bin/{name}\n"))?;
        } else {
            code = 1;
        }
    }
    Ok(code)
}

static SUDO_SPEC: Spec = Spec {
    options_first: true,
    ..spec(
        "sudo",
        "Usage: sudo COMMAND [ARG]...\nRun COMMAND; here everything is the user's anyway.\n",
        "Enu:",
        &[],
    )
};

/// `sudo`
pub(super) static SUDO: Command = Command {
    name: "sudo",
    summary: "run a command",
    run: |invocation| run(&SUDO_SPEC, invocation, sudo),
    complete: |_, _| Vec::new(),
};

async fn sudo(mut tool: Tool) -> Outcome {
    if tool.operands.is_empty() {
        tool.invocation.stderr.write(SUDO_SPEC.usage)?;
        return Ok(1);
    }
    let name = tool.operands.remove(0);
    let args = std::mem::take(&mut tool.operands);
    let stdin = tool.invocation.stdin.clone();
    match start(&tool, &name, args, stdin) {
        Some(running) => Ok(running.await),
        None if BUILTINS.iter().any(|builtin| builtin.name == name) => {
            tool.complain(format_args!("{name}: command not found; it is a part of the shell"));
            Ok(1)
        }
        None => {
            tool.complain(format_args!("{name}: command not found"));
            Ok(1)
        }
    }
}

/// `find`: its tests begin with one dash, so it reads its words itself.
pub(super) static FIND: Command = Command {
    name: "find",
    summary: "list files below a folder",
    run: |mut invocation| {
        static SPEC: Spec = spec(
            "find",
            "Usage: find [FOLDER]... [-name PATTERN] [-type f|d] [-maxdepth N]\nList what is below each FOLDER.\n",
            "",
            &[],
        );
        if invocation.args.first().is_none_or(|first| first != "--help") {
            invocation.args.insert(0, "--".to_owned());
        }
        run(&SPEC, invocation, find)
    },
    complete: |_, _| Vec::new(),
};

/// What `find` asks of a path.
struct Test {
    word: &'static str,
    value: String,
}

const TESTS: &[&str] = &["-name", "-iname", "-path", "-type", "-maxdepth", "-mindepth"];

fn holds(test: &Test, path: &str, folder: bool, depth: usize) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    let number = || test.value.parse::<usize>().unwrap_or(0);
    match test.word {
        "-name" => Pattern::new(&test.value).matches(name),
        "-iname" => Pattern::new(&test.value.to_lowercase()).matches(&name.to_lowercase()),
        "-path" => Pattern::new(&test.value).matches(path),
        "-type" => test.value == if folder { "d" } else { "f" },
        "-maxdepth" => depth <= number(),
        _ => depth >= number(),
    }
}

async fn find(tool: Tool) -> Outcome {
    let mut rest = tool.operands.iter();
    let (mut starts, mut tests) = (Vec::new(), Vec::new());
    while let Some(word) = rest.next() {
        if !word.starts_with('-') {
            starts.push(word.as_str());
        } else if let Some(word) = TESTS.iter().find(|test| *test == word) {
            let Some(value) = rest.next() else {
                tool.complain(format_args!("missing argument to `{word}'"));
                return Ok(1);
            };
            tests.push(Test { word, value: value.clone() });
        } else if word != "-print" {
            tool.complain(format_args!("unknown predicate `{word}'"));
            return Ok(1);
        }
    }
    if starts.is_empty() {
        starts.push(".");
    }
    let mut code = 0;
    for start in starts {
        let path = tool.path(start);
        let mut found = Vec::new();
        tool.invocation.sandbox.files(|files| {
            if let Some(entry) = files.get(&path) {
                found.push((start.to_owned(), entry.bytes.is_none(), 0));
            }
            for (name, entry) in files.below(&path) {
                let shown = format!("{}/{name}", start.trim_end_matches('/'));
                found.push((shown, entry.bytes.is_none(), name.split('/').count()));
            }
        });
        if found.is_empty() {
            tool.complain(format_args!("'{start}': No such file or directory"));
            code = 1;
        }
        for (path, folder, depth) in found {
            if tests.iter().all(|test| holds(test, &path, folder, depth)) {
                tool.print(&format!("{path}\n"))?;
            }
        }
    }
    Ok(code)
}
