//! Keys and values out of `--from-literal`, `--from-file` and `--from-env-file`, for ConfigMaps and Secrets.
//!
//! Models kubectl `pkg/cmd/create/create_configmap.go`, `create_secret.go` and `pkg/generate/file.go`.

use std::collections::BTreeMap;

use super::super::call::Call;
use super::super::common::read_bytes;
use super::super::failure::Failure;
use super::super::verb::Flag;
use crate::object::names;
use crate::shell::resolve;

/// The flags.
pub(super) static FROM: &[Flag] = &[
    Flag::switch("append-hash", "Append a hash of the content to its name."),
    Flag::list("from-env-file", "A file of key=value lines."),
    Flag::list(
        "from-file",
        "A file whose content is the value; the key is its name, or what stands before '='.",
    ),
    Flag::array("from-literal", "A key and a value, such as mykey=somevalue."),
];

/// Everything that the flags name, for a `ConfigMap` or a `Secret` of this name.
pub(super) fn gather(
    call: &Call,
    kind: &'static str,
    name: &str,
) -> Result<BTreeMap<String, Vec<u8>>, Failure> {
    if name.is_empty() {
        return Err(Failure::plain("name must be specified"));
    }
    let from_env = call.flags.list("from-env-file");
    let (files, literals) = (call.flags.list("from-file"), call.flags.list("from-literal"));
    if !from_env.is_empty() && (!files.is_empty() || !literals.is_empty()) {
        return Err(Failure::plain(
            "from-env-file cannot be combined with from-file or from-literal",
        ));
    }
    let mut data = Data { kind, name, entries: BTreeMap::new() };
    // Which comes first decides only what is said of the second one.
    if kind == "Secret" {
        data.add_literals(literals)?;
    }
    for source in files {
        data.add_file(call, source)?;
    }
    if kind != "Secret" {
        data.add_literals(literals)?;
    }
    for path in from_env {
        data.add_env_file(call, path)?;
    }
    Ok(data.entries)
}

/// One file's content under this key (`--from-file=key=path`), for a Secret.
pub(super) fn gather_file(call: &Call, source: &str) -> Result<BTreeMap<String, Vec<u8>>, Failure> {
    let mut data = Data { kind: "Secret", name: "", entries: BTreeMap::new() };
    data.add_file(call, source)?;
    Ok(data.entries)
}

struct Data<'a> {
    kind: &'static str,
    name: &'a str,
    entries: BTreeMap<String, Vec<u8>>,
}

impl Data<'_> {
    fn add(&mut self, key: &str, value: Vec<u8>) -> Result<(), Failure> {
        let problems = names::config_map_key(key);
        let secret = self.kind == "Secret";
        if !problems.is_empty() {
            return Err(Failure::plain(if secret {
                format!("{key:?} is not valid key name for a Secret {}", problems.join(";"))
            } else {
                format!("{key:?} is not a valid key name for a ConfigMap: {}", problems.join(","))
            }));
        }
        if let Some(there) = self.entries.get(key) {
            let field = if std::str::from_utf8(there).is_ok() { "Data" } else { "BinaryData" };
            return Err(Failure::plain(if secret {
                format!("cannot add key {key}, another key by that name already exists")
            } else {
                format!(
                    "cannot add key {key:?}, another key by that name already exists in {field} for ConfigMap {:?}",
                    self.name
                )
            }));
        }
        self.entries.insert(key.to_owned(), value);
        Ok(())
    }

    fn add_literals(&mut self, literals: &[String]) -> Result<(), Failure> {
        for literal in literals {
            let parts = literal.split_once('=').filter(|(key, _)| !key.is_empty());
            let (key, value) = parts.ok_or_else(|| {
                Failure::plain(format!("invalid literal source {literal}, expected key=value"))
            })?;
            self.add(key, value.as_bytes().to_vec())?;
        }
        Ok(())
    }

    fn add_file(&mut self, call: &Call, source: &str) -> Result<(), Failure> {
        let (key, path) = file_source(source)?;
        let absolute = resolve(&call.shell.cwd, path);
        let (exists, is_folder) =
            call.sandbox().files(|files| (files.exists(&absolute), files.is_folder(&absolute)));
        if !exists {
            return Err(Failure::plain(format!("error reading {path}: no such file or directory")));
        }
        if !is_folder {
            return self.add(key, read_bytes(call, path)?);
        }
        if source.contains('=') {
            return Err(Failure::plain("cannot give a key name for a directory path"));
        }
        let inside: Vec<(String, Vec<u8>)> = call.sandbox().files(|files| {
            let entries = files.list(&absolute).unwrap_or_default();
            let files = entries.into_iter().filter_map(|(name, entry)| {
                Some((name.to_owned(), entry.bytes.as_ref()?.to_vec()))
            });
            files.collect()
        });
        for (name, bytes) in inside {
            self.add(&name, bytes)?;
        }
        Ok(())
    }

    fn add_env_file(&mut self, call: &Call, path: &str) -> Result<(), Failure> {
        let absolute = resolve(&call.shell.cwd, path);
        let (exists, is_folder) =
            call.sandbox().files(|files| (files.exists(&absolute), files.is_folder(&absolute)));
        if !exists {
            return Err(Failure::plain(format!("error reading {path}: no such file or directory")));
        }
        if is_folder {
            let kind = if self.kind == "Secret" { "secret" } else { "config" };
            return Err(Failure::plain(format!("env {kind} file cannot be a directory")));
        }
        let bytes = read_bytes(call, path)?;
        for (index, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
            let Ok(line) = std::str::from_utf8(line) else {
                return Err(Failure::plain(format!(
                    "env file {path} contains invalid utf8 bytes at line {}: {}",
                    index + 1,
                    go_bytes(line)
                )));
            };
            let line =
                if index == 0 { line.strip_prefix('\u{feff}').unwrap_or(line) } else { line };
            let line = line.strip_suffix('\r').unwrap_or(line).trim_start();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (key, value) = match line.split_once('=') {
                Some((key, value)) => (key, value.to_owned()),
                // Without a value it is taken from the shell.
                None => (line, call.shell.env.get(line).cloned().unwrap_or_default()),
            };
            let problems = names::env_name(key);
            if !problems.is_empty() {
                return Err(Failure::plain(format!(
                    "{key:?} is not a valid key name: {}",
                    problems.join(";")
                )));
            }
            self.add(key, value.into_bytes())?;
        }
        Ok(())
    }
}

/// `[key=]path` (`ParseFileSource`): the key is the file's name where none is given.
fn file_source(source: &str) -> Result<(&str, &str), Failure> {
    let Some((key, path)) = source.split_once('=') else {
        let name = source.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        return Ok((if name.is_empty() { "/" } else { name }, source));
    };
    if path.contains('=') {
        return Err(Failure::plain("key names or file paths cannot contain '='"));
    }
    if key.is_empty() {
        return Err(Failure::plain(format!("key name for file path {path} missing")));
    }
    if path.is_empty() {
        return Err(Failure::plain(format!("file path for key name {key} missing")));
    }
    Ok((key, path))
}

/// Bytes as Go's `%v` prints them.
fn go_bytes(bytes: &[u8]) -> String {
    let bytes: Vec<String> = bytes.iter().map(u8::to_string).collect();
    format!("[{}]", bytes.join(" "))
}
