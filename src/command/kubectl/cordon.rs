//! `kubectl cordon` and `kubectl uncordon`. Models kubectl `pkg/cmd/drain/drain.go`.

use serde_json::json;

use super::apply::said;
use super::call::Call;
use super::common::{DRY_RUN, DryRun, SELECTOR};
use super::failure::Failure;
use super::resource::{self, Request, Selection};
use super::server;
use super::verb::{Arguments, Group, Outcome, Verb};
use crate::object::{Body, Kind};
use crate::store::PatchType;

/// The verb that keeps new Pods off a node.
pub(super) static CORDON: Verb = Verb {
    name: "cordon",
    group: Group::Cluster,
    summary: "Mark node as unschedulable",
    usage: "cordon NODE",
    examples: &[("Mark node-1 as unschedulable", "kubectl cordon node-1")],
    flags: &[DRY_RUN, SELECTOR],
    run: |call| Box::pin(async move { run(&call, true) }),
    arguments: Arguments::Nodes,
    ..Verb::BASE
};

/// The verb that lets them on again.
pub(super) static UNCORDON: Verb = Verb {
    name: "uncordon",
    group: Group::Cluster,
    summary: "Mark node as schedulable",
    usage: "uncordon NODE",
    examples: &[("Mark node-1 as schedulable", "kubectl uncordon node-1")],
    flags: &[DRY_RUN, SELECTOR],
    run: |call| Box::pin(async move { run(&call, false) }),
    arguments: Arguments::Nodes,
    ..Verb::BASE
};

fn run(call: &Call, wanted: bool) -> Outcome {
    let selector = !call.flags.text("selector").is_empty();
    if call.args().is_empty() && !selector {
        return Err(call.usage(format!("USAGE: {} NODE [flags]", call.verb.name)));
    }
    Selection::of(call)?;
    let dry_run = DryRun::of(call)?;
    let request = if selector {
        Request::Lists(vec![Kind::Node])
    } else {
        Request::Names(call.args().iter().map(|name| (Kind::Node, name.clone())).collect())
    };
    let found = resource::find_request(call, &request)?;
    let mut failures = found.failures;
    let word = if wanted { "cordoned" } else { "uncordoned" };
    for object in &found.objects {
        let Body::Node(node) = &object.body else { continue };
        let now = node.spec.unschedulable.unwrap_or(false);
        if now == wanted {
            call.line(said(Kind::Node, object.name(), &format!("already {word}"), dry_run))?;
            continue;
        }
        let patch = if wanted {
            json!({"spec": {"unschedulable": true}})
        } else {
            json!({"spec": {"unschedulable": null}})
        };
        if dry_run != DryRun::Client {
            let done = server::patch(call, dry_run, &object.key(), PatchType::Merge, &patch);
            if let Err(error) = done {
                failures.push(error.into());
                continue;
            }
        }
        call.line(said(Kind::Node, object.name(), word, dry_run))?;
    }
    Failure::all(failures)
}
