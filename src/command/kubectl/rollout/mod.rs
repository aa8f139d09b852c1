//! `kubectl rollout`: watch, look back at, undo, repeat and pause the rollouts of Deployments.
//!
//! Models kubectl `pkg/cmd/rollout` and `pkg/polymorphichelpers`.

mod history;
mod status;
mod undo;

use std::sync::Arc;

use super::call::Call;
use super::common::{DRY_RUN, FILES, PRINT, SELECTOR};
use super::failure::Failure;
use super::resource::{self, Request};
use super::verb::{Arguments, Flag, Group, Verb};
use crate::object::{Body, Kind, Object};
use crate::order;

/// The verb.
pub(super) static ROLLOUT: Verb = Verb {
    name: "rollout",
    group: Group::Deploy,
    summary: "Manage the rollout of a resource",
    details: &[
        "Valid resource types include:",
        " *  deployments\n  *  daemonsets\n  *  statefulsets",
    ],
    usage: "rollout SUBCOMMAND",
    examples: &[
        ("Watch a rollout until it is done", "kubectl rollout status deployment/web"),
        ("Go back to the revision before", "kubectl rollout undo deployment/web"),
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
    run: |call| Box::pin(async move { history::run(&call) }),
    arguments: Arguments::Resources,
    ..Verb::BASE
};

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
    run: |call| Box::pin(async move { undo::run(&call) }),
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
    flags: &[FILES, SELECTOR, PRINT],
    run: |call| Box::pin(async move { undo::restart(&call) }),
    arguments: Arguments::Resources,
    ..Verb::BASE
};

const PAUSE: Verb = Verb {
    name: "pause",
    summary: "Mark the provided resource as paused",
    usage: "RESOURCE",
    examples: &[("Let changes of a Deployment pile up", "kubectl rollout pause deployment/web")],
    flags: &[FILES, SELECTOR, PRINT],
    run: |call| Box::pin(async move { undo::pause(&call, true) }),
    arguments: Arguments::Resources,
    ..Verb::BASE
};

const RESUME: Verb = Verb {
    name: "resume",
    summary: "Resume a paused resource",
    usage: "RESOURCE",
    examples: &[("Roll out what has piled up", "kubectl rollout resume deployment/web")],
    flags: &[FILES, SELECTOR, PRINT],
    run: |call| Box::pin(async move { undo::pause(&call, false) }),
    arguments: Arguments::Resources,
    ..Verb::BASE
};

/// The objects that a subcommand is about.
fn targets(call: &Call) -> Result<resource::Found, Failure> {
    if call.flags.given("filename") {
        return Err(Failure::not_simulated(&format!("{} -f", call.path)));
    }
    let request = resource::request(call.args())?;
    if request == Request::Nothing {
        return Err(Failure::plain("required resource not specified"));
    }
    resource::find_request(call, &request)
}

/// The ReplicaSets of a Deployment with their revisions, lowest first.
fn revisions(call: &Call, deployment: &Object) -> Vec<(i64, Arc<Object>)> {
    let mut sets: Vec<(i64, Arc<Object>)> = call.read(|store| {
        store
            .owned_by(deployment.uid())
            .filter(|object| matches!(object.body, Body::ReplicaSet(_)))
            .map(|set| (revision(set), Arc::clone(set)))
            .collect()
    });
    order::sort_by_key(&mut sets, |(revision, _)| *revision);
    sets
}

/// The revision that an object carries.
fn revision(object: &Object) -> i64 {
    let text = object.annotation("deployment.kubernetes.io/revision");
    text.and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// Only Deployments roll out here.
fn require_deployment(object: &Object, what: &str) -> Result<(), Failure> {
    if object.kind() == Kind::Deployment {
        return Ok(());
    }
    Err(Failure::plain(format!(
        "no {what} has been implemented for {:?}",
        object.kind().info().name
    )))
}
