//! `kubectl delete`: objects by file, name, label or all, and the wait until they are gone.
//!
//! Models kubectl `pkg/cmd/delete/delete.go` and `pkg/cmd/wait`.

use std::sync::Arc;

use super::call::Call;
use super::common::{ALL_NAMESPACES, DRY_RUN, DryRun, FILES, SELECTOR};
use super::failure::Failure;
use super::manifests::{self, Info};
use super::resource::{self, NOTHING_GIVEN, PATHS_AND_ARGUMENTS, Request, Selection};
use super::server;
use super::verb::{Arguments, Flag, Group, Outcome, Verb};
use crate::object::{Key, Object, StatusError};
use crate::shell::LocalFuture;
use crate::store::{DeleteOptions, Propagation};
use crate::time::Duration;

/// The verb.
pub(super) static DELETE: Verb = Verb {
    name: "delete",
    group: Group::Intermediate,
    summary: "Delete resources by file names, stdin, resources and names, or by resources and label selector",
    details: &[
        "JSON and YAML formats are accepted. Only one type of argument may be specified: file names, resources and names, or resources and label selector.",
        "Some resources, such as pods, support graceful deletion: they may take some time to end. The grace period can be changed with --grace-period, or with --now.",
        "Note that the delete command does NOT do resource version checks.",
    ],
    usage: "delete ([-f FILENAME] | [-k DIRECTORY] | TYPE [(NAME | -l label | --all)])",
    examples: &[
        ("Delete what a manifest describes", "kubectl delete -f web.yaml"),
        ("Delete a Pod", "kubectl delete pod web"),
        ("Delete Pods and Services with a label", "kubectl delete pods,services -l app=web"),
        ("Delete all Pods of the namespace", "kubectl delete pods --all"),
        ("Delete a Pod without waiting for it", "kubectl delete pod web --wait=false"),
    ],
    flags: &[FLAGS, FILES, DRY_RUN, SELECTOR, ALL_NAMESPACES],
    run,
    arguments: Arguments::Resources,
    ..Verb::BASE
};

static FLAGS: &[Flag] = &[
    Flag::switch("all", "Delete all resources, in the namespace of the specified resource types."),
    Flag::text("cascade", "background", "Must be \"background\", \"orphan\", or \"foreground\".")
        .alone("background"),
    Flag::text("field-selector", "", "Selector (field query) to filter on."),
    Flag::switch(
        "force",
        "If true, immediately remove resources from API and bypass graceful deletion.",
    ),
    Flag::int(
        "grace-period",
        "-1",
        "Period of time in seconds given to the resource to terminate gracefully. Ignored if negative.",
    ),
    Flag::switch("ignore-not-found", "Treat \"resource not found\" as a successful delete."),
    Flag::switch("interactive", "If true, delete resource only when user confirms.").letter('i'),
    Flag::switch(
        "now",
        "If true, resources are signaled for immediate shutdown (same as --grace-period=1).",
    ),
    Flag::text("output", "", "Output mode. Use \"-o name\" for shorter output (resource/name).")
        .letter('o'),
    Flag::text("raw", "", "Raw URI to DELETE to the server."),
    Flag::duration(
        "timeout",
        "0s",
        "The length of time to wait before giving up on a delete, zero means as long as it takes.",
    ),
    Flag::switch("wait", "If true, wait for resources to be gone before returning.").or("true"),
];

fn run(call: Call) -> LocalFuture<Outcome> {
    Box::pin(async move { delete(&call).await })
}

/// What the flags ask for.
struct Settings {
    options: DeleteOptions,
    dry_run: DryRun,
    wait: bool,
    force: bool,
    names_only: bool,
}

fn settings(call: &Call) -> Result<Settings, Failure> {
    let flags = &call.flags;
    let propagation = propagation(call)?;
    if let cascade @ ("true" | "false") = flags.text("cascade") {
        let new = if cascade == "true" { "background" } else { "orphan" };
        call.err(format!("warning: --cascade={cascade} is deprecated (boolean value) and can be replaced with --cascade={new}."))?;
    }
    if flags.on("now") && flags.given("grace-period") {
        return Err(Failure::plain("--now and --grace-period cannot be specified together"));
    }
    let mut grace = flags.int("grace-period");
    if flags.on("now") {
        grace = 1;
    }
    let force = flags.on("force");
    let mut wait = flags.on("wait");
    if grace == 0 && !force {
        // Without --force it is not sure to be gone at once: ask for the shortest grace and wait.
        grace = 1;
    }
    if force && grace < 0 {
        grace = 0;
    }
    if force && !flags.given("wait") {
        wait = false;
    }
    let output = flags.text("output");
    if !output.is_empty() && output != "name" {
        return Err(Failure::plain(format!(
            "unexpected -o output mode: {output}. We only support '-o name'"
        )));
    }
    let options = DeleteOptions {
        grace_secs: (grace >= 0).then_some(grace),
        propagation,
        ..DeleteOptions::default()
    };
    let dry_run = DryRun::of(call)?;
    Ok(Settings { options, dry_run, wait, force, names_only: output == "name" })
}

/// What `--cascade` asks for (`GetCascadingStrategy`).
pub(super) fn propagation(call: &Call) -> Result<Propagation, Failure> {
    Ok(match call.flags.text("cascade") {
        "background" | "true" => Propagation::Background,
        "foreground" => Propagation::Foreground,
        "orphan" | "false" => Propagation::Orphan,
        other => {
            return Err(Failure::plain(format!(
                "invalid cascade value ({other}). Must be \"background\", \"foreground\", or \"orphan\""
            )));
        }
    })
}

/// Deletes what is there of the objects that are to be replaced, and says so, without waiting.
pub(super) fn for_replacement(call: &Call, infos: &[Info]) -> Outcome {
    let settings = settings(call)?;
    warn_of_force(call, &settings)?;
    let mut failures = Vec::new();
    for info in infos {
        let key = Key::new(info.kind, info.namespace.as_str(), info.name.as_str());
        if call.get(&key).is_none() {
            continue;
        }
        let target = Target { key, source: Some(info.source.clone()) };
        match one(call, &target, &settings) {
            Ok(Some(object)) => call.line(sentence(&object, &settings))?,
            Ok(None) => {}
            Err(failure) => failures.push(failure),
        }
    }
    Failure::all(failures)
}

/// Warns of what is deleted without being sure; a grace with it makes no sense.
fn warn_of_force(call: &Call, settings: &Settings) -> Outcome {
    if settings.force && settings.options.grace_secs.is_some_and(|grace| grace > 0) {
        return Err(Failure::plain(
            "--force and --grace-period greater than 0 cannot be specified together",
        ));
    }
    if settings.force && settings.options.grace_secs == Some(0) {
        call.warn("Immediate deletion does not wait for confirmation that the running resource has been terminated. The resource may continue to run on the cluster indefinitely.")?;
    }
    Ok(())
}

async fn delete(call: &Call) -> Outcome {
    let settings = settings(call)?;
    let (targets, mut failures) = targets(call).await?;
    warn_of_force(call, &settings)?;
    if call.flags.on("interactive") && !confirmed(call, &targets).await? {
        return Ok(());
    }
    let mut deleted = Vec::new();
    for target in &targets {
        match one(call, target, &settings) {
            Ok(Some(object)) => {
                call.line(sentence(&object, &settings))?;
                deleted.push(object);
            }
            Ok(None) => {}
            Err(failure) => failures.push(failure),
        }
    }
    if deleted.is_empty() && failures.is_empty() && !asked_by_name(call) {
        call.line("No resources found")?;
    }
    if settings.wait && settings.dry_run == DryRun::None {
        wait_until_gone(call, &deleted).await?;
    }
    Failure::all(failures)
}

/// Asks whether what is there of the targets may go; any other answer than `y` means no.
async fn confirmed(call: &Call, targets: &[Target]) -> Result<bool, Failure> {
    let mut names = Vec::new();
    for Target { key, .. } in targets {
        if call.get(key).is_some() {
            names.push(format!("{}/{}\n", key.kind.info().qualified_singular(), key.name));
        } else if !call.flags.on("ignore-not-found") {
            return Err(StatusError::not_found(key).into());
        }
    }
    if names.is_empty() {
        call.line("No resources found")?;
        return Ok(false);
    }
    call.out(format!(
        "You are about to delete the following {} resource(s):\n{}Do you want to continue? (y/N): ",
        names.len(),
        names.concat()
    ))?;
    let answer = call.shell.stdin.read_line().await.unwrap_or_default();
    let confirmed = String::from_utf8_lossy(&answer).trim().eq_ignore_ascii_case("y");
    if !confirmed {
        call.line("deletion is cancelled")?;
    }
    Ok(confirmed)
}

fn asked_by_name(call: &Call) -> bool {
    call.flags.given("filename")
        || matches!(resource::request(call.known(), call.args()), Ok(Request::Names(_)))
}

/// What is to be deleted, and from which file it came.
struct Target {
    key: Key,
    source: Option<String>,
}

async fn targets(call: &Call) -> Result<(Vec<Target>, Vec<Failure>), Failure> {
    let selects =
        ["selector", "field-selector"].iter().any(|flag| !call.flags.text(flag).is_empty());
    if call.flags.on("all") && selects {
        return Err(Failure::plain("setting 'all' parameter but found a non empty selector. "));
    }
    if call.flags.given("filename") || call.flags.given("kustomize") {
        if !call.args().is_empty() {
            return Err(Failure::plain(PATHS_AND_ARGUMENTS));
        }
        let loaded = manifests::load(call).await?;
        let targets = loaded.infos.into_iter().map(|info| Target {
            key: Key::new(info.kind, info.namespace.as_str(), info.name.as_str()),
            source: Some(info.source),
        });
        return Ok((targets.collect(), loaded.failures));
    }
    let request = resource::request(call.known(), call.args())?;
    let target = |key| Target { key, source: None };
    match &request {
        Request::Nothing if call.flags.on("all") || !Selection::of(call)?.is_everything() => {
            Err(Failure::plain("at least one resource must be specified to use a selector"))
        }
        Request::Nothing => Err(Failure::plain(NOTHING_GIVEN)),
        Request::Names(pairs) => {
            if call.flags.on("all") || !Selection::of(call)?.is_everything() {
                return Err(Failure::plain("name cannot be provided when a selector is specified"));
            }
            let keys = pairs.iter().map(|(kind, name)| target(call.key(*kind, name)));
            Ok((keys.collect(), Vec::new()))
        }
        Request::Lists(_) => {
            if !call.flags.on("all") && Selection::of(call)?.is_everything() {
                return Err(Failure::plain("resource(s) were provided, but no name was specified"));
            }
            let found = resource::find_request(call, &request)?;
            let keys = found.objects.iter().map(|object| target(object.key()));
            Ok((keys.collect(), found.failures))
        }
    }
}

/// Deletes one object; `None` if it was not there and need not be.
fn one(call: &Call, target: &Target, settings: &Settings) -> Result<Option<Arc<Object>>, Failure> {
    let key = &target.key;
    let ignore = call.flags.on("ignore-not-found") || call.flags.on("all");
    let found = call.get(key);
    let allowed = call.check("delete", key);
    if found.is_none() && ignore && allowed.is_ok() {
        return Ok(None);
    }
    let done = allowed.and_then(|()| match found {
        Some(object) if settings.dry_run == DryRun::Client => Ok(object),
        Some(object) => {
            server::act(call, settings.dry_run, |client| client.delete(key, &settings.options))
                .map(|_| object)
        }
        None => Err(StatusError::not_found(key)),
    });
    match (done, &target.source) {
        (Ok(object), _) => Ok(Some(object)),
        (Err(error), None) => Err(error.into()),
        (Err(error), Some(source)) => Err(Failure::from(error).while_doing("deleting", source)),
    }
}

/// `pod "web" deleted from default namespace`.
fn sentence(object: &Object, settings: &Settings) -> String {
    let kind = object.kind().info().qualified_singular();
    let name = object.name();
    if settings.names_only {
        return format!("{kind}/{name}");
    }
    let how = if settings.options.grace_secs == Some(0) { "force deleted" } else { "deleted" };
    let from = match object.namespace() {
        "" => String::new(),
        namespace => format!(" from {namespace} namespace"),
    };
    format!("{kind} {name:?} {how}{from}{}", settings.dry_run.suffix())
}

/// Waits until every deleted object is gone, or another one of its name has come.
async fn wait_until_gone(call: &Call, deleted: &[Arc<Object>]) -> Outcome {
    let timeout = call.flags.duration("timeout").positive().filter(|timeout| !timeout.is_zero());
    // As long as it takes: kubectl's own week.
    let timeout = timeout.unwrap_or(Duration::from_hours(168));
    for object in deleted {
        let (key, uid) = (object.key(), object.uid());
        let gone = call.sandbox().until_within(timeout, |cluster| {
            let there = cluster.store().get(&key).is_some_and(|now| now.uid() == uid);
            (!there).then_some(())
        });
        if gone.await.is_none() {
            let kind = key.kind.info().plural;
            return Err(Failure::plain(format!(
                "timed out waiting for the condition on {kind}/{}",
                key.name
            )));
        }
    }
    Ok(())
}
