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

/// Everything that the flags name.
pub(super) fn gather(call: &Call, kind: &str) -> Result<BTreeMap<String, Vec<u8>>, Failure> {
    if call.flags.on("append-hash") {
        return Err(Failure::not_simulated("The flag --append-hash"));
    }
    let from_env = call.flags.list("from-env-file");
    let (files, literals) = (call.flags.list("from-file"), call.flags.list("from-literal"));
    if !from_env.is_empty() && (!files.is_empty() || !literals.is_empty()) {
        return Err(Failure::plain(
            "from-env-file cannot be combined with from-file or from-literal",
        ));
    }
    let mut data = Data { kind, entries: BTreeMap::new() };
    for literal in literals {
        let (key, value) = literal_parts(literal)?;
        data.add(&key, value.into_bytes())?;
    }
    for source in files {
        data.add_file(call, source)?;
    }
    for path in from_env {
        data.add_env_file(call, path)?;
    }
    Ok(data.entries)
}

struct Data<'a> {
    kind: &'a str,
    entries: BTreeMap<String, Vec<u8>>,
}

impl Data<'_> {
    fn add(&mut self, key: &str, value: Vec<u8>) -> Result<(), Failure> {
        let problems = names::config_map_key(key);
        if !problems.is_empty() {
            return Err(Failure::plain(format!(
                "{key:?} is not a valid key name for a {}: {}",
                self.kind,
                problems.join(",")
            )));
        }
        if self.entries.contains_key(key) {
            return Err(Failure::plain(format!(
                "cannot add key {key:?}, another key by that name already exists in Data for {}",
                self.kind
            )));
        }
        self.entries.insert(key.to_owned(), value);
        Ok(())
    }

    fn add_file(&mut self, call: &Call, source: &str) -> Result<(), Failure> {
        let (key, path) = match source.split_once('=') {
            Some((key, path)) => (Some(key), path),
            None => (None, source),
        };
        let absolute = resolve(&call.shell.cwd, path);
        let (exists, is_folder) =
            call.sandbox().files(|files| (files.exists(&absolute), files.is_folder(&absolute)));
        if !exists {
            return Err(Failure::plain(format!("error reading {path}: no such file or directory")));
        }
        if !is_folder {
            let name = path.rsplit('/').next().unwrap_or_default();
            return self.add(key.unwrap_or(name), read_bytes(call, path)?);
        }
        if key.is_some() {
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
            if names::config_map_key(&name).is_empty() {
                self.add(&name, bytes)?;
            }
        }
        Ok(())
    }

    fn add_env_file(&mut self, call: &Call, path: &str) -> Result<(), Failure> {
        let bytes = read_bytes(call, path)?;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        for line in text.lines() {
            let line = line.trim_start();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (key, value) = line.split_once('=').unwrap_or((line, ""));
            let problems = names::env_name(key);
            if !problems.is_empty() {
                return Err(Failure::plain(format!(
                    "{key:?} is not a valid key name: {}",
                    problems.join(";")
                )));
            }
            self.add(key, value.as_bytes().to_vec())?;
        }
        Ok(())
    }
}

/// `key=value`; quotes around the whole value fall away (`ParseLiteralSource`).
fn literal_parts(source: &str) -> Result<(String, String), Failure> {
    let invalid = || Failure::plain(format!("invalid literal source {source}, expected key=value"));
    let (key, value) = source.split_once('=').ok_or_else(invalid)?;
    if key.is_empty() {
        return Err(invalid());
    }
    let unquoted = ['"', '\'']
        .iter()
        .find_map(|quote| value.strip_prefix(*quote).and_then(|rest| rest.strip_suffix(*quote)));
    Ok((key.to_owned(), unquoted.unwrap_or(value).to_owned()))
}
