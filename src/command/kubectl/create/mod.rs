//! `kubectl create`: objects from files, or made from flags by a subcommand for each kind.
//!
//! A generator turns a call into the object as kubectl would send it; the rest (namespace, `--dry-run`, `-o`) is the same
//! for all. Models kubectl `pkg/cmd/create`.

mod configmap;
mod data;
mod deployment;
mod namespace;
mod secret;
mod service_account;

use serde_json::Value;

use super::apply::{said, with_last_applied};
use super::call::Call;
use super::common::{DRY_RUN, DryRun, FILES, PRINT, SELECTOR, WRITE, read_file};
use super::failure::Failure;
use super::format::Format;
use super::manifests;
use super::server;
use super::verb::{Arguments, Flag, Group, Outcome, Verb};
use crate::object::Kind;
use crate::shell::LocalFuture;

/// The verb.
pub(super) static CREATE: Verb = Verb {
    name: "create",
    group: Group::Beginner,
    summary: "Create a resource from a file or from stdin",
    details: &["JSON and YAML formats are accepted."],
    usage: "create -f FILENAME",
    examples: &[
        ("Create what the manifest in web.yaml describes", "kubectl create -f web.yaml"),
        ("Create a Deployment from an image", "kubectl create deployment web --image=nginx:1.27"),
        (
            "Write a manifest to start from",
            "kubectl create deployment web --image=nginx:1.27 --dry-run=client -o yaml",
        ),
    ],
    flags: &[FILES, DRY_RUN, PRINT, WRITE, SELECTOR, FLAGS],
    verbs: &[
        configmap::CONFIGMAP,
        deployment::DEPLOYMENT,
        namespace::NAMESPACE,
        secret::SECRET,
        service_account::SERVICE_ACCOUNT,
        not_yet("clusterrole", "Create a cluster role"),
        not_yet(
            "clusterrolebinding",
            "Create a cluster role binding for a particular cluster role",
        ),
        not_yet("cronjob", "Create a cron job with the specified name"),
        not_yet("ingress", "Create an ingress with the specified name"),
        not_yet("job", "Create a job with the specified name"),
        not_yet("poddisruptionbudget", "Create a pod disruption budget with the specified name"),
        not_yet("priorityclass", "Create a priority class with the specified name"),
        not_yet("quota", "Create a quota with the specified name"),
        not_yet("role", "Create a role with single rule"),
        not_yet("rolebinding", "Create a role binding for a particular role or cluster role"),
        not_yet("service", "Create a service using a specified subcommand"),
        not_yet("token", "Request a service account token"),
    ],
    run,
    arguments: Arguments::None,
    ..Verb::BASE
};

static FLAGS: &[Flag] = &[
    Flag::switch("edit", "Edit the API resource before creating."),
    Flag::text("raw", "", "Raw URI to POST to the server."),
    Flag::switch("windows-line-endings", "Only relevant if --edit=true."),
];

/// What the subcommands take beside their own flags.
const SHARED: &[&[Flag]] = &[DRY_RUN, PRINT, WRITE];

const fn not_yet(name: &'static str, summary: &'static str) -> Verb {
    Verb { name, summary, simulated: false, ..Verb::BASE }
}

fn run(call: Call) -> LocalFuture<Outcome> {
    Box::pin(async move { from_files(&call).await })
}

async fn from_files(call: &Call) -> Outcome {
    if !call.flags.given("filename") && !call.flags.given("kustomize") {
        if !call.args().is_empty() {
            return Err(call.usage(format!("Unexpected args: [{}]", call.args().join(" "))));
        }
        return Err(Failure::plain("must specify one of -f and -k"));
    }
    if !call.args().is_empty() {
        return Err(call.usage(format!("Unexpected args: [{}]", call.args().join(" "))));
    }
    if call.flags.on("edit") {
        return Err(Failure::not_simulated("kubectl create --edit"));
    }
    let dry_run = DryRun::of(call)?;
    let format = Format::parse_of_writer(call.flags.text("output"), |path| read_file(call, path))?;
    let loaded = manifests::load(call).await?;
    let mut failures = loaded.failures;
    if loaded.infos.is_empty() && failures.is_empty() {
        return Err(Failure::plain("no objects passed to create"));
    }
    let single = loaded.infos.len() == 1;
    let mut printed = Vec::new();
    for info in &loaded.infos {
        let body = if call.flags.on("save-config") {
            with_last_applied(&info.value)
        } else {
            info.value.clone()
        };
        let created = if dry_run == DryRun::Client {
            Ok((body, info.name.clone()))
        } else {
            server::create(call, dry_run, info.kind, &body)
                .map(|object| (object.to_value(), object.name().to_owned()))
                .map_err(|error| Failure::from(error).while_doing("creating", &info.source))
        };
        match created {
            Ok((value, _)) if format.is_some() => printed.push(value),
            Ok((_, name)) => call.line(said(info.kind, &name, "created", dry_run))?,
            Err(failure) => failures.push(failure),
        }
    }
    if let Some(format) = format.filter(|_| !printed.is_empty()) {
        call.out(format.print_all(printed, single)?)?;
    }
    Failure::all(failures)
}

/// Sends or prints what a generator made. `wrap` says how a refusal is worded.
fn finish(call: &Call, kind: Kind, mut body: Value, wrap: impl Fn(Failure) -> Failure) -> Outcome {
    let dry_run = DryRun::of(call)?;
    let format = Format::parse_of_writer(call.flags.text("output"), |path| read_file(call, path))?;
    let name =
        body.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default().to_owned();
    let namespaced = kind.info().namespaced;
    if namespaced && (dry_run != DryRun::Client || call.namespace_given()) {
        body["metadata"]["namespace"] = Value::String(call.namespace().to_owned());
    }
    if call.flags.on("save-config") {
        body = with_last_applied(&body);
    }
    if dry_run != DryRun::Client {
        let created = server::create(call, dry_run, kind, &body);
        body = created.map_err(|error| wrap(error.into()))?.to_value();
    }
    match format {
        Some(format) => call.out(format.print(&body)?),
        None => call.line(said(kind, &name, "created", dry_run)),
    }
}

/// The one name that a generator takes (`NameFromCommandArgs`).
fn name_of(call: &Call) -> Result<String, Failure> {
    let before_dash = call.flags.dash.unwrap_or(call.args().len());
    match call.args().split_at_checked(before_dash) {
        Some(([name], _)) => Ok(name.clone()),
        _ => Err(call.usage(format!("exactly one NAME is required, got {before_dash}"))),
    }
}

/// `required flag(s) "image" not set`, where it is not.
fn require(call: &Call, flag: &str) -> Outcome {
    if call.flags.given(flag) {
        return Ok(());
    }
    Err(Failure::plain(format!("required flag(s) {flag:?} not set")))
}

/// `failed to create deployment: …`, as most generators word a refusal.
fn failed_to_create(what: &str) -> impl Fn(Failure) -> Failure {
    move |failure| {
        if let Failure::Server(error) = failure {
            return Failure::plain(format!("failed to create {what}: {}", error.message));
        }
        failure
    }
}
