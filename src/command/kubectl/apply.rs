//! `kubectl apply`: objects as manifests want them, created or changed.
//!
//! Client-side apply: what was applied last stands in an annotation, and a three-way patch takes away only what an
//! earlier apply had put there. Models kubectl `pkg/cmd/apply/apply.go` and `patcher.go`.

use serde_json::{Value, json};

use super::call::Call;
use super::common::{DRY_RUN, DryRun, FILES, PRINT, RECORD, SELECTOR};
use super::failure::Failure;
use super::format::Format;
use super::manifests::{self, Info};
use super::record;
use super::verb::{Arguments, Flag, Group, Outcome, Verb};
use super::{apply_server, last_applied, prune, server};
use crate::manifest::read_json;
use crate::object::value::autoscaler_v1::{is_older, to_older};
use crate::object::{Key, Kind, Object, Reason, StatusError};
use crate::output::json;
use crate::shell::LocalFuture;
use crate::store::{PatchType, decode_body, patch};

/// Where the last applied configuration stands.
pub const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// The verb.
pub(super) static APPLY: Verb = Verb {
    name: "apply",
    group: Group::Advanced,
    summary: "Apply a configuration to a resource by file name or stdin",
    details: &[
        "The resource name must be specified. This resource will be created if it doesn't exist yet. To use 'apply', always create the resource initially with either 'apply' or 'create --save-config'.",
        "JSON and YAML formats are accepted.",
    ],
    usage: "apply (-f FILENAME | -k DIRECTORY)",
    examples: &[
        ("Apply the manifest in web.yaml", "kubectl apply -f web.yaml"),
        ("Apply what a kustomization makes", "kubectl apply -k overlays/production"),
        ("Apply every manifest in a folder", "kubectl apply -f manifests/"),
        ("Apply what comes on standard input", "cat web.yaml | kubectl apply -f -"),
        (
            "See what the server would say, without keeping it",
            "kubectl apply -f web.yaml --dry-run=server",
        ),
    ],
    flags: &[FLAGS, FILES, DRY_RUN, PRINT, SELECTOR, RECORD],
    run,
    arguments: Arguments::None,
    verbs: &[last_applied::EDIT, last_applied::SET, last_applied::VIEW],
    ..Verb::BASE
};

static FLAGS: &[Flag] = &[
    Flag::switch("all", "Select all resources in the namespace of the specified resource types."),
    Flag::text("cascade", "background", "Must be \"background\", \"orphan\", or \"foreground\".")
        .alone("background"),
    Flag::text(
        "field-manager",
        "kubectl-client-side-apply",
        "Name of the manager used to track field ownership.",
    ),
    Flag::switch(
        "force",
        "If true, immediately remove resources and recreate them where a change is not possible.",
    ),
    Flag::switch(
        "force-conflicts",
        "If true, server-side apply will force the changes against conflicts.",
    ),
    Flag::int(
        "grace-period",
        "-1",
        "Period of time in seconds given to the resource to terminate gracefully.",
    ),
    Flag::switch("openapi-patch", "If true, use openapi to calculate diff.").or("true"),
    Flag::switch(
        "overwrite",
        "Automatically resolve conflicts by using values from the modified configuration.",
    )
    .or("true"),
    Flag::switch("prune", "Delete resource objects that do not appear in the configs."),
    Flag::array(
        "prune-allowlist",
        "Overwrite the default allowlist with <group/version/kind> for --prune.",
    ),
    Flag::switch("server-side", "If true, apply runs in the server instead of the client."),
    Flag::text(
        "subresource",
        "",
        "If specified, apply will operate on the subresource of the requested object. Only allowed when using --server-side.",
    ),
    Flag::duration(
        "timeout",
        "0s",
        "How long to wait before giving up on a delete, zero means as long as it takes.",
    ),
    Flag::text("validate", "strict", "Must be one of: strict (or true), warn, ignore (or false).")
        .alone("strict"),
    Flag::switch("wait", "If true, wait for resources to be gone before returning."),
];

fn run(call: Call) -> LocalFuture<Outcome> {
    Box::pin(async move { apply(&call).await })
}

async fn apply(call: &Call) -> Outcome {
    if !call.args().is_empty() {
        return Err(call.usage(format!("Unexpected args: [{}]", call.args().join(" "))));
    }
    if !call.flags.given("filename") && !call.flags.given("kustomize") {
        return Err(Failure::plain("must specify one of -f and -k"));
    }
    let dry_run = DryRun::of(call)?;
    check(call, dry_run)?;
    if call.flags.given("subresource") {
        return Err(if call.flags.on("server-side") {
            Failure::not_simulated("'kubectl apply --subresource'")
        } else {
            Failure::plain("--subresource can only be specified for --server-side")
        });
    }
    let format = Format::of_writer(call)?;
    let loaded = manifests::load(call).await?;
    let mut failures = loaded.failures;
    if loaded.infos.is_empty() && failures.is_empty() {
        return Err(Failure::plain("no objects passed to apply"));
    }
    let mut printed = Vec::new();
    for info in &loaded.infos {
        match one(call, info, dry_run) {
            Ok((object, done)) => {
                if format.is_none() {
                    call.line(said(info.kind, &info.name, done, dry_run))?;
                }
                printed.push(object);
            }
            Err(failure @ Failure::Exit(_)) => return Err(failure),
            Err(failure) => failures.push(failure),
        }
    }
    Failure::all(failures)?;
    if let Some(format) = format {
        call.out(format.print_all(printed, loaded.infos.len() == 1)?)?;
    }
    if call.flags.on("prune") {
        prune::prune(call, &loaded.infos, dry_run)?;
    }
    Ok(())
}

/// Flags that cannot stand together.
fn check(call: &Call, dry_run: DryRun) -> Outcome {
    let flags = &call.flags;
    let server_side = flags.on("server-side");
    check_server_side(call)?;
    let problem = if dry_run == DryRun::Client && server_side {
        "--dry-run=client doesn't work with --server-side (did you mean --dry-run=server instead?)"
    } else if server_side && flags.on("force") {
        "--force cannot be used with --server-side"
    } else if dry_run == DryRun::Server && flags.on("force") {
        "--dry-run=server cannot be used with --force"
    } else if flags.on("all") && !flags.text("selector").is_empty() {
        "cannot set --all and --selector at the same time"
    } else {
        return prune::check(call);
    };
    Err(Failure::plain(problem))
}

/// What `apply` and `diff` say of server-side apply.
pub(super) fn check_server_side(call: &Call) -> Outcome {
    if call.flags.on("force-conflicts") && !call.flags.on("server-side") {
        return Err(Failure::plain("--force-conflicts only works with --server-side"));
    }
    Ok(())
}

/// What is said of changes to an object that is on its way out.
pub(super) fn warn_of_deletion(call: &Call, name: &str) -> Outcome {
    call.warn(format!("Detected changes to resource {name} which is currently being deleted."))
}

/// `deployment.apps/web created (dry run)`.
pub(super) fn said(kind: Kind, name: &str, done: &str, dry_run: DryRun) -> String {
    format!("{}/{name} {done}{}", kind.info().qualified_singular(), dry_run.suffix())
}

/// Applies one object; what it is now and what was done.
fn one(call: &Call, info: &Info, dry_run: DryRun) -> Result<(Value, &'static str), Failure> {
    if info.name.is_empty() {
        let generated = info.value.pointer("/metadata/generateName").and_then(Value::as_str);
        if let Some(prefix) = generated.filter(|prefix| !prefix.is_empty()) {
            return Err(Failure::plain(format!(
                "from {prefix}: cannot use generate name with apply"
            )));
        }
    }
    check_name(info)?;
    let mut wanted = info.value.clone();
    record::record(call, &mut wanted);
    if call.flags.on("server-side") {
        let sent = Info { value: wanted, ..info.clone() };
        return Ok((apply_server::apply(call, &sent, dry_run)?, "serverside-applied"));
    }
    let modified = with_last_applied(&wanted);
    let key = Key::new(info.kind, info.namespace.as_str(), info.name.as_str());
    let Some(live) = call.get(&key) else {
        if dry_run == DryRun::Client {
            return Ok((modified, "created"));
        }
        let mut pruned = modified.clone();
        prune_nulls(&mut pruned);
        let created = server::create(call, dry_run, info.kind, &pruned)
            .map_err(|error| Failure::from(error).while_doing("creating", &info.source))?;
        return Ok((as_sent(info, created.to_value()), "created"));
    };
    if live.annotation(LAST_APPLIED).is_none() {
        call.warn(format!(
            "resource {}/{} is missing the {LAST_APPLIED} annotation which is required by kubectl apply. kubectl apply should only be used on resources created declaratively by either kubectl create --save-config or kubectl apply. The missing annotation will be patched automatically.",
            info.kind.info().plural,
            info.name
        ))?;
    }
    let changed = change(call, info, &live, &modified, dry_run)?;
    if live.terminating() {
        warn_of_deletion(call, &info.name)?;
    }
    Ok(changed)
}

/// Sends the three-way patch.
fn change(
    call: &Call,
    info: &Info,
    live: &Object,
    modified: &Value,
    dry_run: DryRun,
) -> Result<(Value, &'static str), Failure> {
    let current = as_sent(info, live.to_value());
    let original: Value = live
        .annotation(LAST_APPLIED)
        .and_then(|text| read_json(text).ok())
        .filter(Value::is_object)
        .unwrap_or_else(|| json!({}));
    let kind = info.kind;
    let patch = patch::three_way(kind, &original, modified, &current)
        .map_err(|problem| cannot_patch(info, &live.key(), &problem.0))?;
    if patch.as_object().is_some_and(serde_json::Map::is_empty) {
        return Ok((current, "unchanged"));
    }
    if dry_run == DryRun::Client {
        let merged = patch::strategic_merge(Some(kind), current, patch)
            .map_err(|problem| cannot_patch(info, &live.key(), &problem.0))?;
        return Ok((merged, "configured"));
    }
    let patched = if is_older(&info.value) {
        apply_older(call, dry_run, info.kind, &current, &patch)
    } else {
        server::patch(call, dry_run, &live.key(), PatchType::of(kind), &patch)
    };
    let patched = patched.map_err(|error| applying_failed(info, &patch, &live.key(), error))?;
    Ok((as_sent(info, patched.to_value()), "configured"))
}

/// An object in the version in which it was sent.
pub(super) fn as_sent(info: &Info, value: Value) -> Value {
    if is_older(&info.value) { to_older(&value) } else { value }
}

/// What the server does with a patch that was sent to the older version of autoscalers.
fn apply_older(
    call: &Call,
    dry_run: DryRun,
    kind: Kind,
    current: &Value,
    patch: &Value,
) -> Result<std::sync::Arc<Object>, StatusError> {
    let merged = patch::strategic_merge(Some(kind), current.clone(), patch.clone())
        .map_err(|problem| StatusError::new(Reason::BadRequest, problem.0))?;
    server::act(call, dry_run, |client| {
        let object = decode_body(client.store(), kind, &merged)?;
        client.update(object)
    })
}

/// What kubectl says when it finds no patch.
fn cannot_patch(info: &Info, key: &Key, problem: &str) -> Failure {
    Failure::plain(format!(
        "creating patch with:\n{}for: {:?}: {problem}",
        described(info, key),
        info.source
    ))
    .while_doing("applying patch", &info.source)
}

/// What kubectl says when the server refuses its patch.
fn applying_failed(info: &Info, patch: &Value, key: &Key, error: StatusError) -> Failure {
    let what =
        format!("applying patch:\n{}\nto:\n{}for:", json::compact(patch), described(info, key));
    if error.reason == Reason::Invalid {
        return Failure::from(error);
    }
    Failure::from(error).while_doing("patching", &info.source).while_doing(&what, &info.source)
}

/// `Resource: …, Name: …` as kubectl describes an object in errors (`Info.String`).
fn described(info: &Info, key: &Key) -> String {
    let kind = info.kind.info();
    let group = kind.group;
    let version = if is_older(&info.value) { "v1" } else { kind.version };
    format!(
        "Resource: \"{group}/{version}, Resource={}\", GroupVersionKind: \"{group}/{version}, Kind={}\"\nName: {:?}, Namespace: {:?}\n",
        kind.plural, kind.name, &*key.name, &*key.namespace
    )
}

/// Names that cannot stand in a path never reach the server.
fn check_name(info: &Info) -> Result<(), Failure> {
    let name = info.name.as_str();
    let problem = if name.is_empty() {
        "resource name may not be empty".to_owned()
    } else {
        let mut problems: Vec<&str> = match name {
            "." => vec!["may not be '.'"],
            ".." => vec!["may not be '..'"],
            _ => Vec::new(),
        };
        problems.extend(name.contains('/').then_some("may not contain '/'"));
        problems.extend(name.contains('%').then_some("may not contain '%'"));
        if problems.is_empty() {
            return Ok(());
        }
        format!("invalid resource name {name:?}: [{}]", problems.join(" "))
    };
    let key = Key::new(info.kind, info.namespace.as_str(), name);
    Err(Failure::plain(format!(
        "error when retrieving current configuration of:\n{}from server for: {:?}: {problem}",
        described(info, &key),
        info.source
    )))
}

/// The object with itself in its annotation.
pub(super) fn with_last_applied(value: &Value) -> Value {
    let mut plain = value.clone();
    annotations(&mut plain).remove(LAST_APPLIED);
    let text = json::compact(&plain) + "\n";
    annotations(&mut plain).insert(LAST_APPLIED.to_owned(), Value::String(text));
    plain
}

/// What is null is left out of what apply creates, as it is of what it patches (`pruneNullsFromMap`).
fn prune_nulls(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|_, value| !value.is_null());
            map.values_mut().for_each(prune_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(prune_nulls),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// `metadata.annotations`, made if it is not there.
pub(super) fn annotations(value: &mut Value) -> &mut serde_json::Map<String, Value> {
    if !value.is_object() {
        *value = json!({});
    }
    let metadata = &mut value["metadata"];
    if !metadata.is_object() {
        *metadata = json!({});
    }
    let annotations = &mut metadata["annotations"];
    if !annotations.is_object() {
        *annotations = json!({});
    }
    annotations.as_object_mut().expect("made an object above")
}
