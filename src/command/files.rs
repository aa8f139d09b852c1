//! `ls`, `mkdir`, `rmdir`, `rm`, `cp`, `mv`, `touch`, `pwd`, `basename`, `dirname`: the learner's files.
//! Models GNU coreutils 9.

use std::fmt::Write as _;

use super::tool::{Outcome, Spec, Tool, run, spec};
use crate::order;
use crate::shell::{Command, Entry, FileError, split};

static LS_SPEC: Spec = Spec {
    usage_error: 2,
    ..spec(
        "ls",
        "Usage: ls [OPTION]... [FILE]...\nList information about the FILEs (the current directory by default).\n\n  -a, -A  also names that start with .     -l  sizes and times     -1  one name a line\n  -d  folders themselves, not what is in them   -r  reverse order   -R  folders in folders\n  -t  newest first   -S  largest first   -F, -p  mark folders   -h  sizes with units\n",
        "aAl1drRtSFph",
        &[
            ("all", 'a'),
            ("almost-all", 'A'),
            ("directory", 'd'),
            ("reverse", 'r'),
            ("recursive", 'R'),
            ("classify", 'F'),
            ("human-readable", 'h'),
        ],
    )
};

/// `ls`
pub(super) static LS: Command = Command {
    name: "ls",
    summary: "list files",
    run: |invocation| run(&LS_SPEC, invocation, ls),
    complete: |_, _| Vec::new(),
};

async fn ls(tool: Tool) -> Outcome {
    let operands =
        if tool.operands.is_empty() { vec![".".to_owned()] } else { tool.operands.clone() };
    let (mut plain, mut folders, mut code) = (Vec::new(), Vec::new(), 0);
    for name in operands {
        let path = tool.path(&name);
        let entry = tool.invocation.sandbox.files(|files| {
            files
                .get(&path)
                .cloned()
                .ok_or_else(|| files.read(&path).err().unwrap_or(FileError::NotFound))
        });
        match entry {
            Ok(entry) if entry.bytes.is_some() || tool.has('d') => plain.push((name, entry)),
            Ok(_) => folders.push((name, path)),
            Err(error) => {
                tool.complain(format_args!("cannot access '{name}': {error}"));
                code = 2;
            }
        }
    }
    let several = folders.len() + plain.len() > 1 || tool.has('R') || code != 0;
    let mut gap = !plain.is_empty();
    show(&tool, plain)?;
    folders.reverse();
    while let Some((name, path)) = folders.pop() {
        let entries: Vec<(String, Entry)> = tool.invocation.sandbox.files(|files| {
            let listed = files.list(&path).unwrap_or_default().into_iter();
            let hidden = tool.has('a') || tool.has('A');
            listed
                .filter(|(name, _)| hidden || !name.starts_with('.'))
                .map(|(name, entry)| (name.to_owned(), entry.clone()))
                .collect()
        });
        if several {
            let gap = if gap { "\n" } else { "" };
            tool.print(&format!("{gap}{name}:\n"))?;
        }
        gap = true;
        if tool.has('R') {
            let inside = entries.iter().rev().filter(|(_, entry)| entry.bytes.is_none());
            folders.extend(
                inside.map(|(inner, _)| (format!("{name}/{inner}"), format!("{path}/{inner}"))),
            );
        }
        if tool.has('l') {
            tool.print("total 0\n")?;
        }
        show(&tool, entries)?;
    }
    Ok(code)
}

/// Prints entries in the order and form asked for.
fn show(tool: &Tool, mut entries: Vec<(String, Entry)>) -> Result<(), crate::shell::BrokenPipe> {
    let size = |entry: &Entry| entry.bytes.as_ref().map_or(4096, |bytes| bytes.len());
    if tool.has('t') {
        order::sort_by_key(&mut entries, |(_, entry)| std::cmp::Reverse(entry.modified));
    } else if tool.has('S') {
        order::sort_by_key(&mut entries, |(_, entry)| std::cmp::Reverse(size(entry)));
    }
    if tool.has('r') {
        entries.reverse();
    }
    let marked = |name: &str, entry: &Entry| {
        let mark = if entry.bytes.is_none() && (tool.has('F') || tool.has('p')) { "/" } else { "" };
        format!("{name}{mark}")
    };
    if tool.has('l') {
        let widest =
            entries.iter().map(|(_, entry)| size(entry).to_string().len()).max().unwrap_or(1);
        for (name, entry) in &entries {
            let mode = if entry.bytes.is_none() { "drwxr-xr-x" } else { "-rw-r--r--" };
            let date = entry.modified.format("%b %e %H:%M");
            let (bytes, name) = (size(entry), marked(name, entry));
            tool.print(&format!("{mode} 1 student student {bytes:>widest$} {date} {name}\n"))?;
        }
        return Ok(());
    }
    let names: Vec<String> = entries.iter().map(|(name, entry)| marked(name, entry)).collect();
    match tool.invocation.stdout.columns() {
        Some(columns) if !tool.has('1') => tool.print(&in_columns(&names, columns)),
        _ => names.iter().try_for_each(|name| tool.print(&format!("{name}\n"))),
    }
}

/// Names in as few rows as fit, filled column by column.
fn in_columns(names: &[String], columns: usize) -> String {
    let widths: Vec<usize> = names.iter().map(|name| name.chars().count()).collect();
    let layout = |rows: usize| -> Vec<usize> {
        widths.chunks(rows).map(|column| column.iter().max().copied().unwrap_or(0) + 2).collect()
    };
    // Trying every number of rows takes time in the square of names; a long list is one name a row.
    let rows = (1..=names.len().min(400))
        .find(|rows| layout(*rows).iter().sum::<usize>() <= columns + 2)
        .unwrap_or(names.len());
    let widths = if rows == 0 { Vec::new() } else { layout(rows) };
    let mut text = String::new();
    for row in 0..rows {
        let mut line = String::new();
        for (column, width) in widths.iter().enumerate() {
            if let Some(name) = names.get(column * rows + row) {
                write!(line, "{name:width$}").expect("a String takes everything");
            }
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

static MKDIR_SPEC: Spec = spec(
    "mkdir",
    "Usage: mkdir [-p] DIRECTORY...\nCreate the DIRECTORY(ies), if they do not already exist.\n\n  -p, --parents   no error if existing, make parent directories as needed\n",
    "pv",
    &[("parents", 'p')],
);

/// `mkdir`
pub(super) static MKDIR: Command = Command {
    name: "mkdir",
    summary: "make folders",
    run: |invocation| run(&MKDIR_SPEC, invocation, mkdir),
    complete: |_, _| Vec::new(),
};

async fn mkdir(tool: Tool) -> Outcome {
    if tool.operands.is_empty() {
        return tool.misused("missing operand", 1);
    }
    let mut code = 0;
    for name in &tool.operands {
        let (path, now) = (tool.path(name), tool.invocation.sandbox.now());
        let made = tool.invocation.sandbox.files_mut(|files| {
            if tool.has('p') {
                files.make_folders(&path, now)
            } else {
                files.make_folder(&path, now)
            }
        });
        if let Err(error) = made {
            tool.complain(format_args!("cannot create directory '{name}': {error}"));
            code = 1;
        }
    }
    Ok(code)
}

static RMDIR_SPEC: Spec = spec(
    "rmdir",
    "Usage: rmdir DIRECTORY...\nRemove the DIRECTORY(ies), if they are empty.\n",
    "",
    &[],
);

/// `rmdir`
pub(super) static RMDIR: Command = Command {
    name: "rmdir",
    summary: "remove empty folders",
    run: |invocation| run(&RMDIR_SPEC, invocation, rmdir),
    complete: |_, _| Vec::new(),
};

async fn rmdir(tool: Tool) -> Outcome {
    if tool.operands.is_empty() {
        return tool.misused("missing operand", 1);
    }
    let mut code = 0;
    for name in &tool.operands {
        let path = tool.path(name);
        let removed = tool.invocation.sandbox.files_mut(|files| {
            if files.list(&path)?.is_empty() {
                files.remove(&path)
            } else {
                Err(FileError::NotEmpty)
            }
        });
        if let Err(error) = removed {
            tool.complain(format_args!("failed to remove '{name}': {error}"));
            code = 1;
        }
    }
    Ok(code)
}

static RM_SPEC: Spec = spec(
    "rm",
    "Usage: rm [OPTION]... [FILE]...\nRemove the FILE(s).\n\n  -f, --force          ignore nonexistent files\n  -r, -R, --recursive  remove directories and their contents\n",
    "rRfvi",
    &[("recursive", 'r'), ("force", 'f'), ("verbose", 'v')],
);

/// `rm`
pub(super) static RM: Command = Command {
    name: "rm",
    summary: "remove files",
    run: |invocation| run(&RM_SPEC, invocation, rm),
    complete: |_, _| Vec::new(),
};

async fn rm(tool: Tool) -> Outcome {
    if tool.operands.is_empty() && !tool.has('f') {
        return tool.misused("missing operand", 1);
    }
    let mut code = 0;
    for name in &tool.operands {
        let path = tool.path(name);
        let recursive = tool.has('r') || tool.has('R');
        let removed = tool.invocation.sandbox.files_mut(|files| {
            if files.is_folder(&path) && !recursive {
                Err(FileError::IsFolder)
            } else {
                files.remove(&path)
            }
        });
        match removed {
            Ok(()) if tool.has('v') => tool.print(&format!("removed '{name}'\n"))?,
            Ok(()) => {}
            Err(FileError::NotFound) if tool.has('f') => {}
            Err(error) => {
                tool.complain(format_args!("cannot remove '{name}': {error}"));
                code = 1;
            }
        }
    }
    Ok(code)
}

static CP_SPEC: Spec = spec(
    "cp",
    "Usage: cp [-r] SOURCE... DEST\nCopy SOURCE to DEST, or multiple SOURCE(s) to DIRECTORY.\n\n  -r, -R, -a, --recursive   copy directories recursively\n",
    "rRafpv",
    &[("recursive", 'r'), ("archive", 'a'), ("force", 'f')],
);

/// `cp`
pub(super) static CP: Command = Command {
    name: "cp",
    summary: "copy files",
    run: |invocation| run(&CP_SPEC, invocation, |tool| async move { transfer(&tool, copy) }),
    complete: |_, _| Vec::new(),
};

static MV_SPEC: Spec = spec(
    "mv",
    "Usage: mv SOURCE... DEST\nRename SOURCE to DEST, or move SOURCE(s) to DIRECTORY.\n",
    "fnv",
    &[("force", 'f')],
);

/// `mv`
pub(super) static MV: Command = Command {
    name: "mv",
    summary: "move or rename files",
    run: |invocation| run(&MV_SPEC, invocation, |tool| async move { transfer(&tool, rename) }),
    complete: |_, _| Vec::new(),
};

/// What `cp` and `mv` have in common: finding the target of each source.
fn transfer(tool: &Tool, one: fn(&Tool, &str, &str) -> Result<(), String>) -> Outcome {
    let Some((target, sources)) = tool.operands.split_last() else {
        return tool.misused("missing file operand", 1);
    };
    if sources.is_empty() {
        return tool.misused(&format!("missing destination file operand after '{target}'"), 1);
    }
    let into_folder = tool.invocation.sandbox.files(|files| files.is_folder(&tool.path(target)));
    if !into_folder && (sources.len() > 1 || target.ends_with('/')) && sources.len() > 1 {
        tool.complain(format_args!("target '{target}' is not a directory"));
        return Ok(1);
    }
    let mut code = 0;
    for source in sources {
        let to = if into_folder {
            format!("{}/{}", target.trim_end_matches('/'), split(&tool.path(source)).1)
        } else {
            target.clone()
        };
        if let Err(message) = one(tool, source, &to) {
            tool.complain(message);
            code = 1;
        }
    }
    Ok(code)
}

fn copy(tool: &Tool, source: &str, target: &str) -> Result<(), String> {
    let (from, to, now) = (tool.path(source), tool.path(target), tool.invocation.sandbox.now());
    tool.invocation.sandbox.files_mut(|files| {
        let recursive = ['r', 'R', 'a'].iter().any(|letter| tool.has(*letter));
        if files.is_folder(&from) {
            if !recursive {
                return Err(format!("-r not specified; omitting directory '{source}'"));
            }
            if to == from || to.starts_with(&format!("{from}/")) {
                return Err(format!(
                    "cannot copy a directory, '{source}', into itself, '{target}'"
                ));
            }
            let refuse = |error: FileError| format!("cannot create directory '{target}': {error}");
            files.make_folders(&to, now).map_err(refuse)?;
            let inside: Vec<(String, Entry)> = files
                .below(&from)
                .map(|(name, entry)| (format!("{to}/{name}"), entry.clone()))
                .collect();
            for (path, entry) in inside {
                match entry.bytes {
                    Some(bytes) => files.write(&path, bytes.to_vec(), now),
                    None => files.make_folders(&path, now),
                }
                .map_err(refuse)?;
            }
            return Ok(());
        }
        let bytes =
            files.read(&from).map_err(|error| format!("cannot stat '{source}': {error}"))?;
        if from == to {
            return Err(format!("'{source}' and '{target}' are the same file"));
        }
        files
            .write(&to, bytes.to_vec(), now)
            .map_err(|error| format!("cannot create regular file '{target}': {error}"))
    })
}

fn rename(tool: &Tool, source: &str, target: &str) -> Result<(), String> {
    let (from, to, now) = (tool.path(source), tool.path(target), tool.invocation.sandbox.now());
    tool.invocation.sandbox.files_mut(|files| {
        if !files.exists(&from) {
            return Err(format!("cannot stat '{source}': {}", FileError::NotFound));
        }
        if from == to {
            return Err(format!("'{source}' and '{target}' are the same file"));
        }
        files
            .rename(&from, &to, now)
            .map_err(|error| format!("cannot move '{source}' to '{target}': {error}"))
    })
}

static TOUCH_SPEC: Spec = spec(
    "touch",
    "Usage: touch [-c] FILE...\nUpdate the modification time of each FILE to the current time.\n\n  -c, --no-create   do not create any files\n",
    "cam",
    &[("no-create", 'c')],
);

/// `touch`
pub(super) static TOUCH: Command = Command {
    name: "touch",
    summary: "make files, or set their time to now",
    run: |invocation| run(&TOUCH_SPEC, invocation, touch),
    complete: |_, _| Vec::new(),
};

async fn touch(tool: Tool) -> Outcome {
    if tool.operands.is_empty() {
        return tool.misused("missing file operand", 1);
    }
    let mut code = 0;
    for name in &tool.operands {
        let (path, now) = (tool.path(name), tool.invocation.sandbox.now());
        let touched = tool.invocation.sandbox.files_mut(|files| {
            if files.is_folder(&path) || (tool.has('c') && !files.exists(&path)) {
                return Ok(());
            }
            files.append(&path, b"", now)
        });
        if let Err(error) = touched {
            tool.complain(format_args!("cannot touch '{name}': {error}"));
            code = 1;
        }
    }
    Ok(code)
}

static PWD_SPEC: Spec = spec(
    "pwd",
    "Usage: pwd\nPrint the full filename of the current working directory.\n",
    "LP",
    &[],
);

/// `pwd`
pub(super) static PWD: Command = Command {
    name: "pwd",
    summary: "print the current folder",
    run: |invocation| {
        run(&PWD_SPEC, invocation, |tool| async move {
            tool.print(&format!("{}\n", tool.invocation.cwd))?;
            Ok(0)
        })
    },
    complete: |_, _| Vec::new(),
};

static BASENAME_SPEC: Spec = spec(
    "basename",
    "Usage: basename NAME [SUFFIX]\nPrint NAME with any leading directory components removed.\n",
    "",
    &[],
);

/// `basename`
pub(super) static BASENAME: Command = Command {
    name: "basename",
    summary: "the last part of a path",
    run: |invocation| {
        run(&BASENAME_SPEC, invocation, |tool| async move {
            let Some(name) = tool.operands.first() else {
                return tool.misused("missing operand", 1);
            };
            let name = name.trim_end_matches('/');
            let name = name.rsplit_once('/').map_or(name, |(_, last)| last);
            let suffix = tool.operands.get(1).map_or("", String::as_str);
            let name =
                if name == suffix { name } else { name.strip_suffix(suffix).unwrap_or(name) };
            tool.print(&format!("{name}\n"))?;
            Ok(0)
        })
    },
    complete: |_, _| Vec::new(),
};

static DIRNAME_SPEC: Spec = spec(
    "dirname",
    "Usage: dirname NAME...\nOutput each NAME with its last component removed.\n",
    "",
    &[],
);

/// `dirname`
pub(super) static DIRNAME: Command = Command {
    name: "dirname",
    summary: "a path without its last part",
    run: |invocation| {
        run(&DIRNAME_SPEC, invocation, |tool| async move {
            if tool.operands.is_empty() {
                return tool.misused("missing operand", 1);
            }
            for name in &tool.operands {
                let folder = match name.trim_end_matches('/').rsplit_once('/') {
                    Some(("", _)) => "/",
                    Some((folder, _)) => folder,
                    None => ".",
                };
                tool.print(&format!("{folder}\n"))?;
            }
            Ok(0)
        })
    },
    complete: |_, _| Vec::new(),
};
