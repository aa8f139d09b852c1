//! `kubectl label` and `kubectl annotate`. Models kubectl `pkg/cmd/label` and `pkg/cmd/annotate`.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::call::Call;
use super::change::{resources_and_pairs, send, targets};
use super::common::{ALL_NAMESPACES, DRY_RUN, DryRun, PRINT, RECORD, SELECTOR};
use super::failure::Failure;
use super::verb::{Arguments, Flag, Group, Outcome, Verb};
use crate::object::{Object, names};

/// The verb for labels.
pub(super) static LABEL: Verb = Verb {
    name: "label",
    group: Group::Settings,
    summary: "Update the labels on a resource",
    details: &[
        "If --overwrite is true, then existing labels can be overwritten, otherwise attempting to overwrite a label will result in an error.",
    ],
    usage: "label [--overwrite] (-f FILENAME | TYPE NAME) KEY_1=VAL_1 ... KEY_N=VAL_N [--resource-version=version]",
    examples: &[
        ("Label a Pod", "kubectl label pod web tier=front"),
        ("Take the label away", "kubectl label pod web tier-"),
    ],
    flags: &[FLAGS, SELECTOR, ALL_NAMESPACES, DRY_RUN, PRINT, RECORD],
    run: |call| Box::pin(async move { label(&call) }),
    arguments: Arguments::Resources,
    ..Verb::BASE
};

/// The verb for annotations.
pub(super) static ANNOTATE: Verb = Verb {
    name: "annotate",
    group: Group::Settings,
    summary: "Update the annotations on a resource",
    details: &[
        "If --overwrite is true, then existing annotations can be overwritten, otherwise attempting to overwrite an annotation will result in an error.",
    ],
    usage: "annotate [--overwrite] (-f FILENAME | TYPE NAME) KEY_1=VAL_1 ... KEY_N=VAL_N [--resource-version=version]",
    examples: &[(
        "Write a note on a Deployment",
        "kubectl annotate deployment web note='first try'",
    )],
    flags: &[FLAGS, SELECTOR, ALL_NAMESPACES, DRY_RUN, PRINT, RECORD],
    run: |call| Box::pin(async move { annotate(&call) }),
    arguments: Arguments::Resources,
    ..Verb::BASE
};

static FLAGS: &[Flag] = &[
    Flag::switch("all", "Select all resources, in the namespace of the specified resource types"),
    Flag::text("field-selector", "", "Selector (field query) to filter on."),
    Flag::switch("list", "If true, display the labels or annotations for a given resource."),
    Flag::switch("overwrite", "If true, allow values to be overwritten."),
];

/// Changes to a map: new values, and keys that go.
struct Changes {
    set: Vec<(String, String)>,
    remove: Vec<String>,
}

fn changes(pairs: &[String], what: &str) -> Result<Changes, Failure> {
    let mut changes = Changes { set: Vec::new(), remove: Vec::new() };
    for pair in pairs {
        if let Some((key, value)) = pair.split_once('=') {
            if key.is_empty() {
                return Err(Failure::plain(format!("invalid {what} spec: {pair}")));
            }
            if what == "label" {
                let problems = names::label_value(value);
                if !problems.is_empty() {
                    let problems = problems.join("; ");
                    return Err(Failure::plain(format!(
                        "invalid label value: {pair:?}: {problems}"
                    )));
                }
            }
            changes.set.push((key.to_owned(), value.to_owned()));
        } else if let Some(key) = pair.strip_suffix('-') {
            changes.remove.push(key.to_owned());
        }
    }
    Ok(changes)
}

impl Changes {
    /// As a merge patch to one field of the metadata.
    fn patch(&self, field: &str) -> Value {
        let mut map: Map<String, Value> =
            self.set.iter().map(|(key, value)| (key.clone(), json!(value))).collect();
        map.extend(self.remove.iter().map(|key| (key.clone(), Value::Null)));
        json!({"metadata": {field: map}})
    }
}

fn label(call: &Call) -> Outcome {
    let (resources, pairs) = resources_and_pairs(call, "label")?;
    if resources.is_empty() {
        return targets(call, &resources).map(drop);
    }
    let list = call.flags.on("list");
    if pairs.is_empty() && !list {
        return Err(Failure::plain("at least one label update is required"));
    }
    let changes = changes(&pairs, "label")?;
    let dry_run = DryRun::of(call)?;
    let found = targets(call, &resources)?;
    let mut failures = found.failures;
    for object in &found.objects {
        if let Err(failure) = label_one(call, object, &changes, dry_run) {
            failures.push(failure);
        }
    }
    Failure::all(failures)
}

fn label_one(call: &Call, object: &Object, changes: &Changes, dry_run: DryRun) -> Outcome {
    let before = object.meta.labels.clone().unwrap_or_default();
    let overwrite = call.flags.on("overwrite");
    for (key, value) in &changes.set {
        if let Some(old) = before.get(key).filter(|old| *old != value && !overwrite) {
            return Err(Failure::plain(format!(
                "'{key}' already has a value ({old}), and --overwrite is false"
            )));
        }
    }
    let mut after = before.clone();
    after.extend(changes.set.iter().cloned());
    for key in &changes.remove {
        if after.remove(key).is_none() {
            call.line(format!("label {key:?} not found."))?;
        }
    }
    let size = |labels: &BTreeMap<String, String>| -> usize {
        labels.iter().map(|(key, value)| key.len() + value.len() + 6).sum()
    };
    let done = match () {
        () if before == after => "not labeled",
        () if !overwrite && size(&after) < size(&before) => "unlabeled",
        () => "labeled",
    };
    let patch = changes.patch("labels");
    if !call.flags.on("list") {
        return send(call, object, &patch, done, dry_run);
    }
    let info = object.kind().info();
    call.line(format!("Listing labels for {}.{}/{}:", info.name, info.group, object.name()))?;
    after.iter().try_for_each(|(key, value)| call.line(format!(" {key}={value}")))
}

fn annotate(call: &Call) -> Outcome {
    let (resources, pairs) = resources_and_pairs(call, "annotation")?;
    if resources.is_empty() {
        return targets(call, &resources).map(drop);
    }
    if pairs.is_empty() && !call.flags.on("list") {
        return Err(Failure::plain("at least one annotation update is required"));
    }
    let changes = changes(&pairs, "annotation")?;
    let dry_run = DryRun::of(call)?;
    let found = targets(call, &resources)?;
    let mut failures = found.failures;
    for object in &found.objects {
        if let Err(failure) = annotate_one(call, object, &changes, dry_run) {
            failures.push(failure);
        }
    }
    Failure::all(failures)
}

fn annotate_one(call: &Call, object: &Object, changes: &Changes, dry_run: DryRun) -> Outcome {
    if call.flags.on("list") {
        let annotations = object.meta.annotations.iter().flatten();
        return annotations
            .map(|(key, value)| format!("{key}={value}"))
            .try_for_each(|line| call.line(line));
    }
    if !call.flags.on("overwrite") {
        let taken: Vec<String> = changes
            .set
            .iter()
            .filter_map(|(key, value)| {
                let old = object.annotation(key).filter(|old| old != value)?;
                Some(format!("'{key}' already has a value ({old})"))
            })
            .collect();
        if !taken.is_empty() {
            return Err(Failure::plain(format!(
                "--overwrite is false but found the following declared annotation(s): {}",
                taken.join("; ")
            )));
        }
    }
    send(call, object, &changes.patch("annotations"), "annotated", dry_run)
}
