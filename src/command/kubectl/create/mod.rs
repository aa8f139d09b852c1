//! `kubectl create`: objects from files, or made from flags by a subcommand for each kind.
//!
//! A [`generator::Generator`] turns a call into the object as kubectl would send it; the rest (namespace, `--dry-run`, `-o`)
//! is the same for all. Models kubectl `pkg/cmd/create`.

mod configmap;
mod data;
mod deployment;
mod generator;
mod ingress;
mod job;
mod namespace;
mod pdb;
mod priorityclass;
mod quota;
mod role;
mod rolebinding;
mod secret;
mod service;
mod token;

pub(super) use self::generator::require;

use serde_json::Value;

use super::apply::{as_sent, said, with_last_applied};
use super::call::Call;
use super::common::{DRY_RUN, DryRun, FILES, PRINT, SELECTOR, WRITE};
use super::failure::Failure;
use super::format::Format;
use super::hash;
use super::manifests;
use super::verb::{Arguments, Flag, Group, Outcome, Verb};
use super::{review, server};
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
        role::CLUSTER_ROLE,
        rolebinding::CLUSTER_ROLE_BINDING,
        configmap::CONFIGMAP,
        job::CRON_JOB,
        deployment::DEPLOYMENT,
        ingress::INGRESS,
        job::JOB,
        namespace::NAMESPACE,
        pdb::POD_DISRUPTION_BUDGET,
        priorityclass::PRIORITY_CLASS,
        quota::QUOTA,
        role::ROLE,
        rolebinding::ROLE_BINDING,
        secret::SECRET,
        service::SERVICE,
        namespace::SERVICE_ACCOUNT,
        token::TOKEN,
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

fn run(call: Call) -> LocalFuture<Outcome> {
    Box::pin(async move { from_files(&call).await })
}

async fn from_files(call: &Call) -> Outcome {
    let dry_run = DryRun::of(call)?;
    let format = Format::of_writer(call)?;
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
    let loaded = manifests::load(call).await?;
    let mut failures = loaded.failures;
    if loaded.infos.is_empty() && loaded.reviews.is_empty() && failures.is_empty() {
        return Err(Failure::plain("no objects passed to create"));
    }
    let mut printed = 0;
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
                .map(|object| (as_sent(info, object.to_value()), object.name().to_owned()))
                .map_err(|error| Failure::from(error).while_doing("creating", &info.source))
        };
        match (created, &format) {
            (Ok((value, _)), Some(format)) => {
                call.out(if printed > 0 { format.separator() } else { "" })?;
                call.out(format.print(&value)?)?;
                printed += 1;
            }
            (Ok((_, name)), None) => call.line(said(info.kind, &name, "created", dry_run))?,
            (Err(failure), _) => failures.push(failure),
        }
    }
    for asked in loaded.reviews {
        let answered = if dry_run == DryRun::None { review::answer(call, asked) } else { asked };
        match &format {
            Some(format) => {
                call.out(if printed > 0 { format.separator() } else { "" })?;
                call.out(format.print(&answered)?)?;
                printed += 1;
            }
            None => {
                call.line(format!("{} created{}", review::name(&answered), dry_run.suffix()))?;
            }
        }
    }
    Failure::all(failures)
}

/// Puts the hash of the content behind the name, if that was asked for.
fn append_hash(call: &Call, name: &str, body: &mut Value) {
    if call.flags.on("append-hash") {
        body["metadata"]["name"] = Value::from(format!("{name}-{}", hash::of_content(body)));
    }
}
