//! `kobune run SCRIPT`: a script of the shell against a fresh cluster, in virtual time, to its exit code.

use std::io::Read;
use std::path::Path;

use kobune::cluster::{Cluster, Profile, Settings};
use kobune::command::COMMANDS;
use kobune::order;
use kobune::shell::{HOME, Patience, Sandbox, Screen, Session, Stream};
use kobune::time::Time;

use super::{complain, explain, print};

/// The most nodes that may be asked for.
const NODES_MAX: usize = 5000;

#[derive(Debug, Default)]
struct Call {
    script: Option<String>,
    files: Option<String>,
    settings: Settings,
}

pub(super) fn main(arguments: &[String]) -> Result<u8, String> {
    let call = parse(arguments)?;
    let name = call.script.ok_or("run: a script is missing; - reads it from standard input")?;
    let script = read_script(&name)?;
    let sandbox = Sandbox::new(Cluster::new(call.settings));
    sandbox.asking().set_source(explain::document);
    if let Some(folder) = &call.files {
        copy_in(&sandbox, Path::new(folder), HOME)?;
    }
    let mut session = Session::new(sandbox, COMMANDS, Screen::new(0));
    session.set_patience(Patience::HEADLESS);
    session.run_script(&script);
    let code = session.finish(|chunk| match chunk.stream {
        Stream::Stdout => print(&chunk.bytes),
        Stream::Stderr => complain(&String::from_utf8_lossy(&chunk.bytes)),
    });
    Ok(u8::try_from(code & 0xff).unwrap_or(1))
}

fn parse(arguments: &[String]) -> Result<Call, String> {
    let (mut call, mut rest) = (Call::default(), arguments.iter());
    while let Some(argument) = rest.next() {
        let (name, attached) = match argument.split_once('=') {
            Some((name, value)) if name.starts_with("--") => (name, Some(value.to_owned())),
            _ => (argument.as_str(), None),
        };
        let mut value = || {
            attached
                .clone()
                .or_else(|| rest.next().cloned())
                .ok_or_else(|| format!("run: {name} needs a value"))
        };
        match name {
            "--files" => call.files = Some(value()?),
            "--nodes" => {
                let text = value()?;
                let nodes = text.parse().ok().filter(|nodes| *nodes <= NODES_MAX);
                call.settings.nodes =
                    nodes.ok_or(format!("run: --nodes {text}: not a number up to {NODES_MAX}"))?;
            }
            "--seed" => {
                let text = value()?;
                call.settings.seed = text
                    .parse()
                    .map_err(|_invalid| format!("run: --seed {text}: not a whole number"))?;
            }
            "--profile" => {
                call.settings.profile = match value()?.as_str() {
                    "default" => Profile::Default,
                    "oracle" => Profile::Oracle,
                    other => {
                        return Err(format!("run: --profile {other}: neither default nor oracle"));
                    }
                };
            }
            flag if flag.starts_with('-') && flag != "-" => {
                return Err(format!("run: unknown option {flag}"));
            }
            _ if call.script.is_some() => {
                return Err(format!("run: one script is enough, what is {argument}?"));
            }
            _ => call.script = Some(argument.clone()),
        }
    }
    Ok(call)
}

fn read_script(name: &str) -> Result<String, String> {
    let mut bytes = Vec::new();
    let read = if name == "-" {
        std::io::stdin().read_to_end(&mut bytes)
    } else {
        std::fs::File::open(name).and_then(|mut file| file.read_to_end(&mut bytes))
    };
    read.map_err(|error| format!("run: {name}: {error}"))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Copies a folder of this machine into the sandbox; in order of name, so that runs are alike.
fn copy_in(sandbox: &Sandbox, folder: &Path, target: &str) -> Result<(), String> {
    let mut folders = vec![(folder.to_owned(), target.to_owned())];
    while let Some((folder, target)) = folders.pop() {
        let problem = |error: &dyn std::fmt::Display| format!("run: {}: {error}", folder.display());
        let mut entries: Vec<_> = std::fs::read_dir(&folder)
            .and_then(|entries| entries.map(|entry| entry.map(|entry| entry.path())).collect())
            .map_err(|error| problem(&error))?;
        order::sort(&mut entries);
        for path in entries {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let inside = format!("{target}/{name}");
            let refused =
                |error: kobune::shell::FileError| format!("run: {}: {error}", path.display());
            if path.is_dir() {
                sandbox
                    .files_mut(|files| files.make_folders(&inside, Time::START))
                    .map_err(refused)?;
                folders.push((path.clone(), inside));
            } else {
                let bytes = std::fs::read(&path)
                    .map_err(|error| format!("run: {}: {error}", path.display()))?;
                sandbox
                    .files_mut(|files| files.write(&inside, bytes, Time::START))
                    .map_err(refused)?;
            }
        }
    }
    Ok(())
}
