//! `kubectl cordon` and `kubectl uncordon`. Models kubectl `pkg/cmd/drain/drain.go`.

use std::sync::Arc;

use serde_json::json;

use super::apply::said;
use super::call::Call;
use super::common::{DRY_RUN, DryRun, SELECTOR};
use super::failure::Failure;
use super::resource::{self, Request};
use super::verb::{Arguments, Group, Outcome, Verb};
use super::{kinds, server};
use crate::object::{Body, Kind, Object};
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
    let dry_run = dry_run(call)?;
    let nodes = nodes(call)?;
    mark(call, &nodes, wanted, dry_run)
}

/// What `--dry-run` asks for; a call that names nothing is told so first.
pub(super) fn dry_run(call: &Call) -> Result<DryRun, Failure> {
    if call.args().is_empty() && call.flags.text("selector").is_empty() {
        return Err(call.usage(format!("USAGE: {} NODE [flags]", call.verb.name)));
    }
    DryRun::of(call)
}

/// The nodes that a call names or selects; one that is missing keeps the call from all others.
pub(super) fn nodes(call: &Call) -> Result<Vec<Arc<Object>>, Failure> {
    let selector = !call.flags.text("selector").is_empty();
    if call.args().is_empty() && !selector {
        return Err(call.usage(format!("USAGE: {} NODE [flags]", call.verb.name)));
    }
    if !call.args().is_empty() && selector {
        return Err(call.usage("error: cannot specify both a node name and a --selector option"));
    }
    let request = if selector {
        Request::Lists(vec![Kind::Node])
    } else {
        let named = call.args().iter().map(|arg| node_name(call, arg));
        Request::Names(named.collect::<Result<_, _>>()?)
    };
    let mut found = resource::find_request(call, &request)?;
    if found.failures.is_empty() { Ok(found.objects) } else { Err(found.failures.remove(0)) }
}

/// `node-1` or `node/node-1`.
fn node_name(call: &Call, arg: &str) -> Result<(Kind, String), Failure> {
    let Some((kind, name)) = arg.split_once('/') else { return Ok((Kind::Node, arg.to_owned())) };
    let kind = kinds::of_word(call.known(), kind)?;
    if kind != Kind::Node {
        let resource = kind.info().resource();
        return Err(Failure::plain(format!("expected resource of type node, got {resource:?}")));
    }
    Ok((kind, name.to_owned()))
}

/// Cordons nodes or uncordons them (`RunCordonOrUncordon`).
pub(super) fn mark(call: &Call, nodes: &[Arc<Object>], wanted: bool, dry_run: DryRun) -> Outcome {
    let word = if wanted { "cordoned" } else { "uncordoned" };
    for object in nodes {
        let Body::Node(node) = &object.body else { continue };
        if node.spec.unschedulable.unwrap_or(false) == wanted {
            call.line(said(Kind::Node, object.name(), &format!("already {word}"), dry_run))?;
            continue;
        }
        let patch = if wanted {
            json!({"spec": {"unschedulable": true}})
        } else {
            json!({"spec": {"unschedulable": null}})
        };
        if dry_run != DryRun::Client
            && let Err(error) =
                server::patch(call, dry_run, &object.key(), PatchType::Merge, &patch)
        {
            let verb = word.trim_end_matches("ed");
            call.err(format!("error: unable to {verb} node {:?}: {error}", object.name()))?;
            continue;
        }
        call.line(said(Kind::Node, object.name(), word, dry_run))?;
    }
    Ok(())
}
