//! The container's files as its tools see them: paths, folders, and the tools that read and change them.
//!
//! What is mounted or was written stands in [`Surroundings::files`]; a folder that was made is an entry whose path ends in
//! a slash. Beneath lie the files and folders that every image has ([`userland`]), which can be read and written over.
//! *Differs:* they cannot be removed; there are no owners and permissions.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::nest::complaint;
use super::tools::{Outcome, Then};
use super::{Surroundings, Variables};
use crate::engine::Stream;
use crate::engine::userland::{self, Userland};
use crate::order;

/// A path in full, without `.` and `..`.
pub(super) fn resolve(variables: &Variables, path: &str) -> String {
    let full = if path.starts_with('/') {
        path.to_owned()
    } else {
        format!("{}/{path}", folder(variables))
    };
    let mut parts: Vec<&str> = Vec::new();
    for part in full.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

/// The current folder.
pub(super) fn folder(variables: &Variables) -> String {
    variables.get("PWD").cloned().unwrap_or_else(|| "/".to_owned())
}

impl Surroundings<'_> {
    /// Whether its tools are GNU's.
    pub(super) fn gnu(&self) -> bool {
        self.launch.image.userland == Userland::Debian && self.launch.image.known
    }

    /// A file's text.
    pub(super) fn read(&self, path: &str) -> Option<Arc<str>> {
        if path == "/dev/null" {
            return Some("".into());
        }
        self.files.get(path).cloned().or_else(|| userland::file(self.launch, path))
    }

    /// Whether there is a folder.
    pub(super) fn is_folder(&self, path: &str) -> bool {
        let folder = format!("{}/", path.trim_end_matches('/'));
        folder == "/"
            || userland::FOLDERS.contains(&folder.as_str())
            || self.files.contains_key(&folder)
            || self.paths().any(|path| path.starts_with(&folder))
            || self.launch.mounts.iter().chain([&self.launch.folder]).any(|known| {
                let known = known.trim_end_matches('/');
                known
                    .strip_prefix(path.trim_end_matches('/'))
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            })
    }

    /// Whether a file can be written at a path: its folder is there. Where nothing is known of the image's folders,
    /// anything goes.
    pub(super) fn can_write(&self, path: &str) -> bool {
        let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
        !self.is_folder(path) && (self.is_folder(parent) || !self.launch.image.known)
    }

    /// All paths that stand somewhere.
    fn paths(&self) -> impl Iterator<Item = &str> {
        let image = userland::FOLDERS.iter().copied().chain(userland::files_of(self.launch));
        self.files
            .keys()
            .map(String::as_str)
            .chain(image.map(|path: &'static str| -> &str { path }))
    }

    /// The names in a folder, and whether each is a folder.
    fn list(&self, path: &str) -> BTreeMap<String, bool> {
        let folder = format!("{}/", path.trim_end_matches('/'));
        let mut names = BTreeMap::new();
        let mounts =
            self.launch.mounts.iter().map(|mount| format!("{}/", mount.trim_end_matches('/')));
        for mount in mounts.filter_map(|mount| mount.strip_prefix(&folder).map(str::to_owned)) {
            let name = mount.split('/').next().unwrap_or_default();
            if !name.is_empty() {
                names.insert(name.to_owned(), true);
            }
        }
        for rest in self.paths().filter_map(|path| path.strip_prefix(&folder)) {
            match rest.split_once('/') {
                Some((name, _)) => drop(names.insert(name.to_owned(), true)),
                None if rest.is_empty() => {}
                None => drop(names.entry(rest.to_owned()).or_insert(false)),
            }
        }
        names
    }
}

/// `touch`, `rm`, `cp`, `mv`, `mkdir`, `rmdir`.
pub(super) fn change(
    name: &str,
    args: &[String],
    variables: &Variables,
    around: &mut Surroundings<'_>,
) -> Outcome {
    let flag = |letter: char| args.iter().any(|arg| arg.starts_with('-') && arg.contains(letter));
    let operands: Vec<&String> = args.iter().filter(|arg| !arg.starts_with('-')).collect();
    let mut outcome = Outcome::ended(0);
    let missing = || Outcome::failed(1, format!("{name}: missing operand\n"));
    match (name, operands.as_slice()) {
        ("cp" | "mv", [from, to]) => return copy(name, from, to, variables, around),
        ("cp" | "mv", _) | (_, []) => return missing(),
        _ => {}
    }
    for given in operands {
        let path = resolve(variables, given);
        let refused = match name {
            "touch" => touch(&path, given, around),
            "mkdir" if !flag('p') && around.is_folder(&path) => {
                let text = format!("mkdir: can't create directory '{given}': File exists\n");
                Some((Stream::Stderr, text))
            }
            "mkdir" => {
                around.files.insert(format!("{path}/"), "".into());
                None
            }
            "rmdir" => {
                around.files.remove(&format!("{path}/"));
                None
            }
            _ if around.is_folder(&path) && !(flag('r') || flag('R')) => {
                Some((Stream::Stderr, format!("rm: '{given}' is a directory\n")))
            }
            _ => remove(&path, given, flag('f'), around),
        };
        if let Some(line) = refused {
            outcome.output.push(line);
            outcome.then = Then::Ended(1);
        }
    }
    outcome
}

/// `cp` and `mv` of one file.
fn copy(
    name: &str,
    from: &str,
    to: &str,
    variables: &Variables,
    around: &mut Surroundings<'_>,
) -> Outcome {
    let (source, mut target) = (resolve(variables, from), resolve(variables, to));
    let Some(text) = around.read(&source) else {
        let text = format!("{name}: can't stat '{from}': No such file or directory\n");
        return Outcome::failed(1, text);
    };
    if around.is_folder(&target) {
        target = format!("{target}/{}", source.rsplit('/').next().unwrap_or_default());
    }
    if name == "mv" {
        around.files.remove(&source);
    }
    around.files.insert(target, text);
    Outcome::ended(0)
}

fn touch(path: &str, given: &str, around: &mut Surroundings<'_>) -> Option<(Stream, String)> {
    if around.read(path).is_some() || around.is_folder(path) {
        return None;
    }
    if !around.can_write(path) {
        return Some(complaint(around.gnu(), "touch", given, "cannot touch"));
    }
    around.files.insert(path.to_owned(), "".into());
    None
}

/// `rm`: a file, or a folder with all that is in it.
fn remove(
    path: &str,
    given: &str,
    force: bool,
    around: &mut Surroundings<'_>,
) -> Option<(Stream, String)> {
    let folder = format!("{path}/");
    let within = |file: &&String| *file == path || file.starts_with(&folder);
    let inside: Vec<String> = around.files.keys().filter(within).cloned().collect();
    for file in &inside {
        around.files.remove(file);
    }
    if inside.is_empty() && around.read(path).is_some() {
        let text = format!("rm: {given}: removing files of the image is not simulated\n");
        return Some((Stream::Stderr, text));
    }
    (inside.is_empty() && !force).then(|| complaint(around.gnu(), "rm", given, "cannot remove"))
}

/// `ls`, a name a line; with `-l` in the long form.
pub(super) fn ls(args: &[String], variables: &Variables, around: &Surroundings<'_>) -> Outcome {
    let flag = |letter: char| args.iter().any(|arg| arg.starts_with('-') && arg.contains(letter));
    let mut operands: Vec<&str> =
        args.iter().filter(|arg| !arg.starts_with('-')).map(String::as_str).collect();
    if operands.is_empty() {
        operands.push("");
    }
    let mut outcome = Outcome::ended(0);
    let mut text = String::new();
    for (place, given) in operands.iter().enumerate() {
        let path = resolve(variables, given);
        let names = match around.read(&path) {
            Some(_) => [((*given).to_owned(), false)].into(),
            None if around.is_folder(&path) && flag('d') => [((*given).to_owned(), true)].into(),
            None if around.is_folder(&path) => around.list(&path),
            None => {
                outcome.output.push(complaint(around.gnu(), "ls", given, "cannot access"));
                outcome.then = Then::Ended(if around.gnu() { 2 } else { 1 });
                continue;
            }
        };
        if operands.len() > 1 && around.read(&path).is_none() && !flag('d') {
            let gap = if place > 0 { "\n" } else { "" };
            text.extend([gap, given, ":\n"]);
        }
        for (name, folder) in names.iter().filter(|(name, _)| flag('a') || !name.starts_with('.')) {
            if flag('l') {
                text.push_str(&long(&path, name, *folder, around));
            }
            text.push_str(name);
            text.push('\n');
        }
    }
    if !text.is_empty() {
        outcome.output.push((Stream::Stdout, text));
    }
    outcome
}

/// What `ls -l` puts before a name.
fn long(folder: &str, name: &str, is_folder: bool, around: &Surroundings<'_>) -> String {
    let file = around.read(&format!("{}/{name}", folder.trim_end_matches('/')));
    let size = file.or_else(|| around.read(folder)).map_or(4096, |text| text.len());
    let mode = if is_folder { "drwxr-xr-x    2" } else { "-rw-r--r--    1" };
    format!("{mode} root     root     {size:>9} Apr  1 00:00 ")
}

/// `cat`, `head`, `tail`, `grep`, `wc`, `sort`.
pub(super) fn text_tool(
    name: &str,
    args: &[String],
    input: &str,
    variables: &Variables,
    around: &Surroundings<'_>,
) -> Outcome {
    if name == "tail" && args.iter().any(|arg| matches!(arg.as_str(), "-f" | "-F")) {
        return Outcome::pause(super::Pause::Forever);
    }
    let counts = |index: usize| index > 0 && args[index - 1] == "-n" && name != "grep";
    let operands = args
        .iter()
        .enumerate()
        .filter(|(index, arg)| (!arg.starts_with('-') || *arg == "-") && !counts(*index));
    let mut operands: Vec<&String> = operands.map(|(_, arg)| arg).collect();
    let pattern = matches!(name, "grep")
        .then(|| if operands.is_empty() { "" } else { operands.remove(0).as_str() });
    let mut text = String::new();
    let mut outcome = Outcome::ended(0);
    for given in &operands {
        let path = resolve(variables, given);
        if given.as_str() == "-" {
            text.push_str(input);
        } else if let Some(content) = around.read(&path) {
            text.push_str(&content);
        } else {
            let message = match (around.is_folder(&path), around.gnu()) {
                (true, true) => format!("{name}: {given}: Is a directory\n"),
                (true, false) => format!("{name}: read error: Is a directory\n"),
                (false, true) => format!("{name}: {given}: No such file or directory\n"),
                (false, false) => {
                    format!("{name}: can't open '{given}': No such file or directory\n")
                }
            };
            outcome.output.push((Stream::Stderr, message));
            outcome.then = Then::Ended(1);
        }
    }
    if operands.is_empty() {
        input.clone_into(&mut text);
    }
    let shown = filtered(name, args, pattern, text, &mut outcome);
    if !shown.is_empty() {
        outcome.output.push((Stream::Stdout, shown));
    }
    outcome
}

fn filtered(
    name: &str,
    args: &[String],
    pattern: Option<&str>,
    text: String,
    outcome: &mut Outcome,
) -> String {
    let count = args
        .iter()
        .find_map(|arg| arg.trim_start_matches("-n").trim_start_matches('-').parse().ok());
    let lines: Vec<&str> = match (name, pattern) {
        (_, Some(pattern)) => match super::lines::grep(args, pattern, &text) {
            Ok(found) => {
                if found.is_empty() || found == "0\n" {
                    outcome.then = Then::Ended(1);
                }
                return if super::lines::flag(args, 'q') { String::new() } else { found };
            }
            Err(error) => {
                outcome.output.push((Stream::Stderr, format!("grep: {error}\n")));
                outcome.then = Then::Ended(2);
                return String::new();
            }
        },
        ("head", _) => text.lines().take(count.unwrap_or(10)).collect(),
        ("tail", _) => {
            let all: Vec<_> = text.lines().collect();
            all[all.len().saturating_sub(count.unwrap_or(10))..].to_vec()
        }
        ("sort", _) => {
            let mut all: Vec<_> = text.lines().collect();
            let numeric = super::lines::flag(args, 'n');
            let number = |line: &str| {
                let line = line.trim_start();
                let end =
                    line.find(|c: char| !c.is_ascii_digit() && c != '-').unwrap_or(line.len());
                line.get(..end).and_then(|digits| digits.parse::<i64>().ok()).unwrap_or(0)
            };
            order::sort(&mut all);
            if numeric {
                order::sort_by(&mut all, |a, b| number(a).cmp(&number(b)));
            }
            if super::lines::flag(args, 'r') {
                all.reverse();
            }
            if super::lines::flag(args, 'u') {
                all.dedup();
            }
            all
        }
        ("wc", _) => return format!("{}\n", text.lines().count()),
        _ => return text,
    };
    lines.into_iter().fold(String::new(), |all, line| all + line + "\n")
}
