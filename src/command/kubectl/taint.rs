//! `kubectl taint`. Models kubectl `pkg/cmd/taint`.

use k8s_openapi::api::core::v1::Taint;
use serde_json::{Value, json};

use super::call::Call;
use super::change::send;
use super::common::{DRY_RUN, DryRun, PRINT, SELECTOR};
use super::failure::Failure;
use super::resource::{self, Request};
use super::verb::{Arguments, Flag, Group, Outcome, Verb};
use crate::manifest::encode;
use crate::object::{Body, Kind, Object};

/// The verb.
pub(super) static TAINT: Verb = Verb {
    name: "taint",
    group: Group::Cluster,
    summary: "Update the taints on one or more nodes",
    details: &[
        "A taint consists of a key, value, and effect: key=value:effect. The effect must be NoSchedule, PreferNoSchedule or NoExecute. Currently taint can only apply to node.",
    ],
    usage: "taint NODE NAME KEY_1=VAL_1:TAINT_EFFECT_1 ... KEY_N=VAL_N:TAINT_EFFECT_N",
    examples: &[
        (
            "Keep Pods that do not tolerate it off a node",
            "kubectl taint nodes node-1 dedicated=gpu:NoSchedule",
        ),
        ("Take the taint away", "kubectl taint nodes node-1 dedicated:NoSchedule-"),
    ],
    flags: &[FLAGS, SELECTOR, DRY_RUN, PRINT],
    run: |call| Box::pin(async move { run(&call) }),
    arguments: Arguments::Resources,
    ..Verb::BASE
};

static FLAGS: &[Flag] = &[
    Flag::switch("all", "Select all nodes in the cluster"),
    Flag::switch("overwrite", "If true, allow taints to be overwritten."),
];

const EFFECTS: [&str; 3] = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

/// A taint that goes; without an effect, every one of its key.
struct Removal {
    key: String,
    effect: String,
}

fn run(call: &Call) -> Outcome {
    let is_taint = |arg: &String| arg.contains('=') || arg.contains(':') || arg.ends_with('-');
    let at = call.args().iter().position(is_taint).unwrap_or(call.args().len());
    let (resources, specs) = call.args().split_at_checked(at).unwrap_or_default();
    if resources.is_empty() {
        return Err(Failure::plain(
            "one or more resources must be specified as <resource> <name> or <resource>/<name>",
        ));
    }
    if specs.is_empty() {
        return Err(Failure::plain("at least one taint update is required"));
    }
    let (add, remove) = parse(specs).map_err(|problem| call.usage(problem))?;
    let dry_run = DryRun::of(call)?;
    let request = resource::request(resources)?;
    let nodes_only = match &request {
        Request::Nothing => false,
        Request::Lists(kinds) => kinds.iter().all(|kind| *kind == Kind::Node),
        Request::Names(pairs) => pairs.iter().all(|(kind, _)| *kind == Kind::Node),
    };
    if !nodes_only {
        return Err(Failure::plain(format!(
            "invalid resource type {}, only node types are supported",
            resources.first().map_or("", String::as_str)
        )));
    }
    let all = call.flags.on("all") || !call.flags.text("selector").is_empty();
    if matches!(request, Request::Lists(_)) && !all {
        return Err(Failure::plain(
            "at least one resource name must be specified since 'all' parameter is not set",
        ));
    }
    let found = resource::find_request(call, &request)?;
    let mut failures = found.failures;
    for object in &found.objects {
        if let Err(failure) = one(call, object, &add, &remove, dry_run) {
            failures.push(failure);
        }
    }
    Failure::all(failures)
}

/// Taints to set and to take away (`parseTaints`).
fn parse(specs: &[String]) -> Result<(Vec<Taint>, Vec<Removal>), String> {
    let (mut add, mut remove) = (Vec::new(), Vec::new());
    for spec in specs {
        let (text, removes) = match spec.strip_suffix('-') {
            Some(text) => (text, true),
            None => (spec.as_str(), false),
        };
        let (pair, effect) = text.split_once(':').unwrap_or((text, ""));
        let (key, value) = match pair.split_once('=') {
            Some((key, value)) => (key, Some(value.to_owned())),
            None => (pair, None),
        };
        if !effect.is_empty() && !EFFECTS.contains(&effect) {
            return Err(format!("invalid taint effect: {effect}, unsupported taint effect"));
        }
        if removes {
            remove.push(Removal { key: key.to_owned(), effect: effect.to_owned() });
        } else if effect.is_empty() {
            return Err(format!("invalid taint spec: {spec}"));
        } else {
            add.push(Taint {
                key: key.to_owned(),
                value,
                effect: effect.to_owned(),
                ..Taint::default()
            });
        }
    }
    Ok((add, remove))
}

fn one(
    call: &Call,
    object: &Object,
    add: &[Taint],
    remove: &[Removal],
    dry_run: DryRun,
) -> Outcome {
    let Body::Node(node) = &object.body else { return Ok(()) };
    let old = node.spec.taints.clone().unwrap_or_default();
    let same = |left: &Taint, right: &Taint| left.key == right.key && left.effect == right.effect;
    let overwrite = call.flags.on("overwrite");
    if !overwrite {
        let taken: Vec<&str> = add
            .iter()
            .filter(|new| old.iter().any(|old| same(old, new)))
            .map(|taint| taint.key.as_str())
            .collect();
        if !taken.is_empty() {
            return Err(Failure::plain(format!(
                "node {} already has {} taint(s) with same effect(s) and --overwrite is false",
                object.name(),
                taken.join(",")
            )));
        }
    }
    let mut taints: Vec<Taint> = add.to_vec();
    let kept = old.iter().filter(|old| !add.iter().any(|new| same(old, new)));
    taints.extend(kept.cloned());
    let added = taints.len() != old.len();
    let mut deleted = false;
    let mut failures = Vec::new();
    for gone in remove {
        let before = taints.len();
        taints.retain(|taint| {
            taint.key != gone.key || (!gone.effect.is_empty() && taint.effect != gone.effect)
        });
        if taints.len() == before {
            let colon = if gone.effect.is_empty() { "" } else { ":" };
            let text = format!("taint \"{}{colon}{}\" not found", gone.key, gone.effect);
            failures.push(Failure::plain(text));
        } else {
            deleted = true;
        }
    }
    Failure::all(failures)?;
    let done = match (added && deleted) || overwrite {
        true => "modified",
        false if added => "tainted",
        false => "untainted",
    };
    let list: Vec<Value> = taints.iter().map(taint_value).collect();
    let patch =
        json!({"spec": {"taints": if list.is_empty() { Value::Null } else { list.into() }}});
    send(call, object, &patch, done, dry_run)
}

fn taint_value(taint: &Taint) -> Value {
    encode(taint)
}
