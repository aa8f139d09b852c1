//! `kubectl diff`: how the cluster differs from what it would be after an apply.
//!
//! Both versions of every object are written into two folders below `/tmp`, and a program compares these: `diff -u -N`, or
//! what `KUBECTL_EXTERNAL_DIFF` names. It ends with 1 where something differs, and with 2 or more where something went
//! wrong. Models kubectl `pkg/cmd/diff/{diff,prune}.go`.

use serde_json::{Map, Value, json};

use super::apply::{self, LAST_APPLIED};
use super::call::Call;
use super::common::{DryRun, FILES, SELECTOR};
use super::edit_file::free_path;
use super::failure::Failure;
use super::manifests::{self, Info};
use super::verb::{Flag, Group, Outcome, Verb};
use super::{apply_server, server};
use crate::manifest::read_json;
use crate::object::{Key, Object};
use crate::output::yaml;
use crate::shell::{Invocation, run_script};
use crate::store::{PatchType, patch};

/// The verb.
pub(super) static DIFF: Verb = Verb {
    name: "diff",
    group: Group::Advanced,
    summary: "Diff the live version against a would-be applied version",
    long: "Diff configurations specified by file name or stdin between the current online configuration, and the configuration as it would be if applied.",
    details: &[
        "The output is always YAML.",
        "KUBECTL_EXTERNAL_DIFF environment variable can be used to select your own diff command. By default, the \"diff\" command available in your path will be run with the \"-u\" (unified diff) and \"-N\" (treat absent files as empty) options.",
        "Exit status: 0 No differences were found. 1 Differences were found. >1 Kubectl or diff failed with an error.",
    ],
    usage: "diff -f FILENAME",
    examples: &[
        ("See what applying web.yaml would change", "kubectl diff -f web.yaml"),
        ("The same for what comes on standard input", "cat web.yaml | kubectl diff -f -"),
    ],
    flags: &[FLAGS, FILES, SELECTOR],
    run: |call| {
        Box::pin(async move {
            let Err(failure) = diff(&call).await else { return Ok(()) };
            if matches!(failure, Failure::Exit(_)) {
                return Err(failure);
            }
            call.shell.stderr.write(&failure.text())?;
            Err(Failure::Exit(failure.code() + 1))
        })
    },
    ..Verb::BASE
};

static FLAGS: &[Flag] = &[
    Flag::int("concurrency", "1", "Number of objects to process in parallel."),
    Flag::text(
        "field-manager",
        "kubectl-client-side-apply",
        "Name of the manager used to track field ownership.",
    ),
    Flag::switch(
        "force-conflicts",
        "If true, server-side apply will force the changes against conflicts.",
    ),
    Flag::switch("prune", "Include resources that would be deleted by pruning."),
    Flag::array(
        "prune-allowlist",
        "Overwrite the default allowlist with <group/version/kind> for --prune",
    ),
    Flag::switch("server-side", "If true, apply runs in the server instead of the client."),
    Flag::switch("show-managed-fields", "If true, include managed fields in the diff."),
    Flag::switch("show-secrets", "If true, do not mask secret values in the diff."),
];

async fn diff(call: &Call) -> Outcome {
    if !call.args().is_empty() {
        return Err(call.usage(format!("Unexpected args: [{}]", call.args().join(" "))));
    }
    if !call.flags.given("filename") && !call.flags.given("kustomize") {
        return Err(Failure::plain("must specify one of -f and -k"));
    }
    if call.flags.on("prune") {
        return Err(Failure::not_simulated("kubectl diff --prune"));
    }
    apply::check_server_side(call)?;
    let loaded = manifests::load(call).await?;
    let folders = ["LIVE-", "MERGED-"].map(|prefix| free_path(call, prefix, ""));
    let done = compare(call, loaded, &folders).await;
    for folder in &folders {
        // It may never have been made; what matters is that it is gone.
        call.sandbox().files_mut(|files| files.remove(folder)).unwrap_or(());
    }
    done
}

async fn compare(call: &Call, loaded: manifests::Loaded, folders: &[String; 2]) -> Outcome {
    let now = call.now();
    for folder in folders {
        let made = call.sandbox().files_mut(|files| files.make_folders(folder, now));
        made.map_err(|error| Failure::plain(format!("mkdir {folder}: {error}")))?;
    }
    let mut failures = loaded.failures;
    for info in &loaded.infos {
        if let Err(failure) = one(call, info, folders) {
            failures.push(failure);
        }
    }
    Failure::all(failures)?;
    let external = call.shell.env.get("KUBECTL_EXTERNAL_DIFF").filter(|line| !line.is_empty());
    let program = external.map_or_else(|| "diff -u -N".to_owned(), |line| words(line));
    let [before, after] = folders;
    let shell = Invocation { args: Vec::new(), ..call.shell.clone() };
    let line = format!("{program} {before} {after}");
    match run_script(shell, crate::command::COMMANDS, line).await {
        0 => Ok(()),
        1 => Err(Failure::Exit(1)),
        code => {
            let name = program.split(' ').next().unwrap_or_default();
            Err(Failure::plain(format!("failed to run {name:?}: exit status {code}")))
        }
    }
}

/// The words of a program of one's own; parameters of other letters than these are left out.
fn words(line: &str) -> String {
    let plain = |word: &&str| {
        !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || "-=".contains(c))
    };
    let mut words = line.split(' ');
    let program = words.next().unwrap_or_default().to_owned();
    words.filter(plain).fold(program, |line, word| format!("{line} {word}"))
}

/// Writes both versions of one object.
fn one(call: &Call, info: &Info, folders: &[String; 2]) -> Outcome {
    let key = Key::new(info.kind, info.namespace.as_str(), info.name.as_str());
    let live = call.get(&key);
    let mut merged = merged(call, info, live.as_deref())?;
    let mut before = live.as_ref().map(|live| live.to_value());
    if !call.flags.on("show-managed-fields") {
        for value in before.iter_mut().chain([&mut merged]) {
            if let Some(metadata) = value.get_mut("metadata").and_then(Value::as_object_mut) {
                metadata.remove("managedFields");
            }
        }
    }
    let kind = info.kind.info();
    if kind.name == "Secret" && !call.flags.on("show-secrets") {
        mask(before.as_mut(), &mut merged);
    }
    let group = if kind.group.is_empty() { String::new() } else { format!("{}.", kind.group) };
    let name = format!("{group}{}.{}.{}.{}", kind.version, kind.name, info.namespace, info.name);
    let now = call.now();
    for (folder, value) in folders.iter().zip([before.as_ref(), Some(&merged)]) {
        let text = value.map(yaml::print).unwrap_or_default();
        let path = format!("{folder}/{name}");
        let written = call.sandbox().files_mut(|files| files.write(&path, text.into_bytes(), now));
        written.map_err(|error| Failure::plain(format!("open {path}: {error}")))?;
    }
    if live.is_some_and(|live| live.terminating()) {
        apply::warn_of_deletion(call, &info.name)?;
    }
    Ok(())
}

/// The object as it would be if applied or created.
fn merged(call: &Call, info: &Info, live: Option<&Object>) -> Result<Value, Failure> {
    if call.flags.on("server-side") {
        return apply_server::apply(call, info, DryRun::Server);
    }
    let Some(live) = live else {
        let created = server::create(call, DryRun::Server, info.kind, &info.value)?;
        return Ok(created.to_value());
    };
    let mut wanted = info.value.clone();
    apply::annotations(&mut wanted).remove(LAST_APPLIED);
    let original: Value = live
        .annotation(LAST_APPLIED)
        .and_then(|text| read_json(text).ok())
        .filter(Value::is_object)
        .unwrap_or_else(|| json!({}));
    let current = live.to_value();
    let patch = patch::three_way(info.kind, &original, &wanted, &current)
        .map_err(|problem| Failure::plain(problem.0))?;
    if patch.as_object().is_some_and(Map::is_empty) {
        return Ok(current);
    }
    let patched =
        server::patch(call, DryRun::Server, &live.key(), PatchType::of(live.kind()), &patch)?;
    Ok(patched.to_value())
}

/// Hides what a Secret holds, but not that it differs.
fn mask(before: Option<&mut Value>, after: &mut Value) {
    let mut nothing = Map::new();
    let from = before
        .and_then(|value| value.get_mut("data"))
        .and_then(Value::as_object_mut)
        .unwrap_or(&mut nothing);
    let mut empty = Map::new();
    let to = after.get_mut("data").and_then(Value::as_object_mut).unwrap_or(&mut empty);
    for (key, old) in from.iter_mut() {
        match to.get_mut(key) {
            Some(new) if old != new => {
                *old = "*** (before)".into();
                *new = "*** (after)".into();
            }
            _ => *old = "***".into(),
        }
    }
    for (key, new) in to.iter_mut() {
        if from.get(key).and_then(Value::as_str) != Some("*** (before)") {
            *new = "***".into();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_hidden_but_not_that_they_differ() {
        let mut before = json!({"data": {"same": "YQ==", "other": "YQ==", "gone": "YQ=="}});
        let mut after = json!({"data": {"same": "YQ==", "other": "Yg==", "new": "YQ=="}});
        mask(Some(&mut before), &mut after);
        assert_eq!(
            before,
            json!({"data": {"same": "***", "other": "*** (before)", "gone": "***"}})
        );
        assert_eq!(after, json!({"data": {"same": "***", "other": "*** (after)", "new": "***"}}));
    }

    #[test]
    fn a_program_of_ones_own_keeps_plain_parameters() {
        assert_eq!(words("colordiff -N -u $(rm x) a=b"), "colordiff -N -u a=b");
    }
}
