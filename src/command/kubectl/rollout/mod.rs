//! `kubectl rollout`: watch, look back at, undo, repeat and pause the rollouts of Deployments, DaemonSets and StatefulSets.
//!
//! Models kubectl `pkg/cmd/rollout` and `pkg/polymorphichelpers`.

mod history;
mod status;
mod undo;

use std::sync::Arc;

use k8s_openapi::api::core::v1::PodTemplateSpec;

use super::call::Call;
use super::change;
use super::common::{DRY_RUN, FILES, PRINT, SELECTOR, manager};
use super::failure::Failure;
use super::record::CHANGE_CAUSE;
use super::resource::{self, Request};
use super::verb::{Arguments, Flag, Group, Verb};
use crate::manifest::Node;
use crate::object::{Kind, Object};
use crate::order;
use crate::store::decode_object;

/// The verb.
pub(super) static ROLLOUT: Verb = Verb {
    name: "rollout",
    group: Group::Deploy,
    summary: "Manage the rollout of a resource",
    long: "Manage the rollout of one or many resources.",
    details: &[
        "Valid resource types include:",
        " *  deployments\n  *  daemonsets\n  *  statefulsets",
    ],
    usage: "rollout SUBCOMMAND",
    examples: &[
        ("Rollback to the previous deployment", "kubectl rollout undo deployment/abc"),
        ("Check the rollout status of a daemonset", "kubectl rollout status daemonset/foo"),
        ("Restart a deployment", "kubectl rollout restart deployment/abc"),
        (
            "Restart deployments with the 'app=nginx' label",
            "kubectl rollout restart deployment --selector=app=nginx",
        ),
    ],
    verbs: &[HISTORY, PAUSE, RESTART, RESUME, STATUS, UNDO],
    ..Verb::BASE
};

const HISTORY: Verb = Verb {
    name: "history",
    summary: "View rollout history",
    usage: "(TYPE NAME | TYPE/NAME) [flags]",
    examples: &[("View the revisions of a Deployment", "kubectl rollout history deployment/web")],
    flags: &[HISTORY_FLAGS, FILES, SELECTOR, PRINT],
    run: |call| Box::pin(async move { history::run(&call).await }),
    arguments: Arguments::Resources,
    ..Verb::BASE
};

static MANAGER: &[Flag] = &[manager("kubectl-rollout")];

static HISTORY_FLAGS: &[Flag] = &[Flag::int(
    "revision",
    "0",
    "See the details, including podTemplate of the revision specified",
)];

const STATUS: Verb = Verb {
    name: "status",
    summary: "Show the status of the rollout",
    usage: "(TYPE NAME | TYPE/NAME) [flags]",
    examples: &[("Watch the rollout of a Deployment", "kubectl rollout status deployment/web")],
    flags: &[STATUS_FLAGS, FILES, SELECTOR],
    run: |call| Box::pin(async move { status::run(&call).await }),
    arguments: Arguments::Resources,
    ..Verb::BASE
};

static STATUS_FLAGS: &[Flag] = &[
    Flag::int(
        "revision",
        "0",
        "Pin to a specific revision for showing its status. Defaults to 0 (last revision).",
    ),
    Flag::duration(
        "timeout",
        "0s",
        "The length of time to wait before ending watch, zero means never.",
    ),
    Flag::switch("watch", "Watch the status of the rollout until it's done.")
        .or("true")
        .letter('w'),
];

const UNDO: Verb = Verb {
    name: "undo",
    summary: "Undo a previous rollout",
    usage: "(TYPE NAME | TYPE/NAME) [flags]",
    examples: &[
        ("Go back to the revision before", "kubectl rollout undo deployment/web"),
        ("Go back to a given revision", "kubectl rollout undo deployment/web --to-revision=3"),
    ],
    flags: &[UNDO_FLAGS, FILES, SELECTOR, DRY_RUN, PRINT],
    run: |call| Box::pin(async move { undo::run(&call).await }),
    arguments: Arguments::Resources,
    ..Verb::BASE
};

static UNDO_FLAGS: &[Flag] =
    &[Flag::int("to-revision", "0", "The revision to rollback to. Default to 0 (last revision).")];

const RESTART: Verb = Verb {
    name: "restart",
    summary: "Restart a resource",
    usage: "RESOURCE",
    examples: &[("Restart a Deployment", "kubectl rollout restart deployment/web")],
    flags: &[MANAGER, FILES, SELECTOR, PRINT],
    run: |call| Box::pin(async move { undo::restart(&call).await }),
    arguments: Arguments::Resources,
    ..Verb::BASE
};

const PAUSE: Verb = Verb {
    name: "pause",
    summary: "Mark the provided resource as paused",
    usage: "RESOURCE",
    examples: &[("Let changes of a Deployment pile up", "kubectl rollout pause deployment/web")],
    flags: &[MANAGER, FILES, SELECTOR, PRINT],
    run: |call| Box::pin(async move { undo::pause(&call, true).await }),
    arguments: Arguments::Resources,
    ..Verb::BASE
};

const RESUME: Verb = Verb {
    name: "resume",
    summary: "Resume a paused resource",
    usage: "RESOURCE",
    examples: &[("Roll out what has piled up", "kubectl rollout resume deployment/web")],
    flags: &[MANAGER, FILES, SELECTOR, PRINT],
    run: |call| Box::pin(async move { undo::pause(&call, false).await }),
    arguments: Arguments::Resources,
    ..Verb::BASE
};

/// The objects that a subcommand is about.
async fn targets(call: &Call) -> Result<resource::Found, Failure> {
    let request = resource::request(call.known(), call.args())?;
    if request == Request::Nothing && !call.flags.given("filename") {
        return Err(Failure::plain("required resource not specified"));
    }
    change::named(call, call.args(), true).await
}

/// One of the templates that an object had, and where it is kept.
struct Revision {
    number: i64,
    object: Arc<Object>,
    template: PodTemplateSpec,
}

impl Revision {
    /// Why it came to be.
    fn cause(&self) -> Option<&str> {
        self.object.annotation(CHANGE_CAUSE).filter(|cause| !cause.is_empty())
    }
}

/// The revisions of a Deployment (its ReplicaSets) or a DaemonSet (its ControllerRevisions), lowest first.
fn revisions(call: &Call, owner: &Object) -> Vec<Revision> {
    let mut all: Vec<Revision> = call.read(|store| {
        let kept = store.owned_by(owner.uid());
        kept.filter_map(|object| revision_of(owner, object)).collect()
    });
    order::sort_by_key(&mut all, |revision| revision.number);
    all
}

fn revision_of(owner: &Object, object: &Arc<Object>) -> Option<Revision> {
    let (number, template) = if let Some(set) = object.as_replica_set() {
        (revision(object), set.spec.template.clone().unwrap_or_default())
    } else {
        let kept = object.as_controller_revision()?;
        let mut value = owner.to_value();
        let mut template = kept.data.as_ref()?.0.pointer("/spec/template")?.clone();
        template.as_object_mut()?.remove("$patch");
        value["spec"]["template"] = template;
        let applied = decode_object(owner.kind(), &Node::from_value(&value)).ok()?;
        (kept.revision, applied.body.template()?)
    };
    Some(Revision { number, object: Arc::clone(object), template })
}

/// The revision that an object carries.
fn revision(object: &Object) -> i64 {
    let text = object.annotation("deployment.kubernetes.io/revision");
    text.and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// Only Deployments and DaemonSets roll out here.
fn require_template(object: &Object, what: &str) -> Result<(), Failure> {
    if rolls_out(object.kind()) {
        return Ok(());
    }
    let kind = object.kind().info().name;
    // Of the three, one does not quote.
    let kind = if what == "status viewer" { kind.to_owned() } else { format!("{kind:?}") };
    Err(Failure::plain(format!("no {what} has been implemented for {kind}")))
}

/// Whether objects of a kind have rollouts.
fn rolls_out(kind: Kind) -> bool {
    matches!(kind, Kind::Deployment | Kind::DaemonSet | Kind::StatefulSet)
}
