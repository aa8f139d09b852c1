//! `kubectl taint`. Models kubectl `pkg/cmd/taint`.

use k8s_openapi::api::core::v1::Taint;
use serde_json::{Value, json};

use super::call::Call;
use super::change::send;
use super::common::{DRY_RUN, DryRun, PRINT, SELECTOR, manager};
use super::failure::Failure;
use super::resource::{self, Request};
use super::verb::{Arguments, Flag, Group, Outcome, Verb};
use crate::manifest::encode;
use crate::object::{Body, Kind, Object, names};

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
    manager("kubectl-taint"),
    Flag::text("validate", "strict", "Must be one of: strict (or true), warn, ignore (or false).")
        .alone("strict"),
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
    let dry_run = DryRun::of(call)?;
    let is_taint = |arg: &String| arg.contains('=') || arg.contains(':') || arg.ends_with('-');
    let at = call.args().iter().position(is_taint).unwrap_or(call.args().len());
    let (resources, specs) = call.args().split_at_checked(at).unwrap_or_default();
    if let Some(late) = specs.iter().find(|arg| !is_taint(arg)) {
        return Err(Failure::plain(format!(
            "all resources must be specified before taint changes: {late}"
        )));
    }
    if resources.is_empty() {
        return Err(Failure::plain("one or more resources must be specified as <resource> <name>"));
    }
    if specs.is_empty() {
        return Err(Failure::plain("at least one taint update is required"));
    }
    let (add, remove) = parse(specs).map_err(|problem| call.usage(problem))?;
    let request = resource::request(call.known(), resources)?;
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
    let conflicts: Vec<String> = remove
        .iter()
        .filter(|gone| {
            add.iter().any(|new| {
                new.key == gone.key && (gone.effect.is_empty() || new.effect == gone.effect)
            })
        })
        .map(|gone| format!("{}={}", gone.key, gone.effect))
        .collect();
    if !conflicts.is_empty() {
        return Err(Failure::plain(format!(
            "can not both modify and remove the following taint(s) in the same command: {}",
            conflicts.join(", ")
        )));
    }
    let (all, selected) = (call.flags.on("all"), !call.flags.text("selector").is_empty());
    if all && selected {
        return Err(Failure::plain(
            "setting 'all' parameter with a non empty selector is prohibited",
        ));
    }
    let all = all || selected;
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
        let (key, value, effect) = taken_apart(text)?;
        if removes {
            remove.push(Removal { key: key.to_owned(), effect: effect.to_owned() });
        } else if effect.is_empty() {
            return Err(format!("invalid taint spec: {spec}"));
        } else if add.iter().any(|other: &Taint| other.key == key && other.effect == effect) {
            let value = value.unwrap_or_default();
            return Err(format!(
                "duplicated taints with the same key and effect: {{{key} {value} {effect} <nil>}}"
            ));
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

/// `key=value:effect`, `key:effect` or `key` (`parseTaint`).
fn taken_apart(text: &str) -> Result<(&str, Option<String>, &str), String> {
    let mut parts = text.split(':');
    let (pair, effect) = match (parts.next(), parts.next(), parts.next()) {
        (Some(key), None, _) => (key, None),
        (Some(pair), Some(effect), None) => (pair, Some(effect)),
        _ => return Err(format!("invalid taint spec: {text}")),
    };
    let mut words = pair.split('=').take(if effect.is_some() { usize::MAX } else { 0 });
    let key = words.next().unwrap_or(pair);
    let value = words.next().map(str::to_owned);
    let effect = effect.unwrap_or_default();
    if text.contains(':') && !EFFECTS.contains(&effect) {
        return Err(format!("invalid taint effect: {effect}, unsupported taint effect"));
    }
    if words.next().is_some() {
        return Err(format!("invalid taint spec: {text}"));
    }
    let mut problems = value.as_deref().map(names::label_value).unwrap_or_default();
    if problems.is_empty() {
        problems = names::qualified_name(key);
    }
    if !problems.is_empty() {
        return Err(format!("invalid taint spec: {text}, {}", problems.join("; ")));
    }
    Ok((key, value, effect))
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
