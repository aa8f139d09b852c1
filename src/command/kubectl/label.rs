//! `kubectl label` and `kubectl annotate`. Models kubectl `pkg/cmd/label` and `pkg/cmd/annotate`.

use serde_json::{Map, Value, json};

use super::apply::said;
use super::call::Call;
use super::change::{self, resources_and_pairs};
use super::common::{ALL_NAMESPACES, DRY_RUN, DryRun, FILES, PRINT, RECORD, SELECTOR, manager};
use super::failure::Failure;
use super::format::Format;
use super::record::{self, CHANGE_CAUSE};
use super::resource::Selection;
use super::verb::{Arguments, Flag, Group, Outcome, Verb};
use super::{manifests, server};
use crate::object::{Key, names};
use crate::order;
use crate::store::{PatchType, patch::json_merge};

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
    flags: &[
        &[manager("kubectl-label")],
        FLAGS,
        FILES,
        SELECTOR,
        ALL_NAMESPACES,
        DRY_RUN,
        PRINT,
        RECORD,
    ],
    run: |call| Box::pin(async move { run(&call, &LABELS).await }),
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
    flags: &[
        &[manager("kubectl-annotate")],
        FLAGS,
        FILES,
        SELECTOR,
        ALL_NAMESPACES,
        DRY_RUN,
        PRINT,
        RECORD,
    ],
    run: |call| Box::pin(async move { run(&call, &ANNOTATIONS).await }),
    arguments: Arguments::Resources,
    ..Verb::BASE
};

static FLAGS: &[Flag] = &[
    Flag::switch("all", "Select all resources, in the namespace of the specified resource types"),
    Flag::text("field-selector", "", "Selector (field query) to filter on."),
    Flag::switch("list", "If true, display the labels or annotations for a given resource."),
    Flag::switch("local", "If true, the command will not contact the server but run locally."),
    Flag::switch("overwrite", "If true, allow values to be overwritten."),
    Flag::text(
        "resource-version",
        "",
        "If non-empty, the update will only succeed if this is the current resource-version for the object. Only valid when specifying a single resource.",
    ),
];

/// What the two verbs differ in.
struct Kit {
    /// `label`
    what: &'static str,
    /// `labels`
    field: &'static str,
    parse: fn(&[String]) -> Result<Changes, Failure>,
    /// Refuses to write over what is there.
    taken: fn(&Map<String, Value>, &Changes) -> Outcome,
}

static LABELS: Kit = Kit { what: "label", field: "labels", parse: labels, taken: label_taken };
static ANNOTATIONS: Kit =
    Kit { what: "annotation", field: "annotations", parse: annotations, taken: annotation_taken };

/// Changes to a map: new values, and keys that go.
#[derive(Default)]
struct Changes {
    set: Vec<(String, String)>,
    remove: Vec<String>,
}

fn labels(pairs: &[String]) -> Result<Changes, Failure> {
    let mut changes = Changes::default();
    for pair in pairs {
        let parts: Vec<&str> = pair.split('=').collect();
        match parts.as_slice() {
            [key, value] => {
                let problems = names::label_value(value);
                if !problems.is_empty() {
                    let problems = problems.join(";");
                    return Err(Failure::plain(format!(
                        "invalid label value: {pair:?}: {problems}"
                    )));
                }
                changes.set.push(((*key).to_owned(), (*value).to_owned()));
            }
            [word] => match word.strip_suffix('-') {
                Some(key) => changes.remove.push(key.to_owned()),
                None => return Err(Failure::plain(format!("unknown label spec: {pair}"))),
            },
            _ => return Err(Failure::plain(format!("invalid label spec: {pair}"))),
        }
    }
    if changes.remove.iter().any(|gone| changes.set.iter().any(|(key, _)| key == gone)) {
        return Err(Failure::plain("can not both modify and remove a label in the same command"));
    }
    Ok(changes)
}

fn annotations(pairs: &[String]) -> Result<Changes, Failure> {
    let mut changes = Changes::default();
    for pair in pairs {
        if let Some((key, value)) = pair.split_once('=') {
            changes.set.push((key.to_owned(), value.to_owned()));
        } else if let Some(key) = pair.strip_suffix('-') {
            changes.remove.push(key.to_owned());
        }
    }
    let both = |gone: &&String| changes.set.iter().any(|(key, _)| key == *gone);
    let both: Vec<&str> = changes.remove.iter().filter(both).map(String::as_str).collect();
    if both.is_empty() {
        return Ok(changes);
    }
    Err(Failure::plain(format!(
        "can not both modify and remove the following annotation(s) in the same command: {}",
        both.join(", ")
    )))
}

fn label_taken(before: &Map<String, Value>, changes: &Changes) -> Outcome {
    let mut taken = Vec::new();
    for (key, value) in &changes.set {
        let old = before.get(key).and_then(Value::as_str).filter(|old| old != value);
        if let Some(old) = old {
            taken.push(Failure::plain(format!(
                "'{key}' already has a value ({old}), and --overwrite is false"
            )));
        }
    }
    Failure::all(taken)
}

fn annotation_taken(before: &Map<String, Value>, changes: &Changes) -> Outcome {
    let taken: Vec<String> = changes
        .set
        .iter()
        .filter(|(key, _)| key != CHANGE_CAUSE)
        .filter_map(|(key, value)| {
            let old = before.get(key).and_then(Value::as_str).filter(|old| old != value)?;
            Some(format!("'{key}' already has a value ({old})"))
        })
        .collect();
    if taken.is_empty() {
        return Ok(());
    }
    Err(Failure::plain(format!(
        "--overwrite is false but found the following declared annotation(s): {}",
        taken.join("; ")
    )))
}

/// What the flags and arguments ask for.
struct Asked {
    changes: Changes,
    dry_run: DryRun,
    format: Option<Format>,
    /// Whether one object was meant.
    single: bool,
}

/// An object to change: its key, and the whole of it.
type Subject = (Key, Value);

async fn run(call: &Call, kit: &Kit) -> Outcome {
    let dry_run = DryRun::of(call)?;
    let (resources, pairs) = resources_and_pairs(call, kit.what)?;
    let changes = (kit.parse)(&pairs)?;
    let format = || Format::of_writer(call);
    if kit.what == "annotation" {
        // `annotate` looks at the form of the answer first.
        format()?;
    }
    check(call, kit, &resources, &pairs, dry_run)?;
    let format = format()?;
    let (subjects, mut failures) = subjects(call, &resources).await?;
    // What a selector finds is a list, be it of one.
    let listed = call.flags.on("all") || !call.flags.text("selector").is_empty();
    let single = subjects.len() + failures.len() == 1 && !listed;
    if !single && call.flags.given("resource-version") {
        return Err(Failure::plain("--resource-version may only be used with a single resource"));
    }
    let asked = Asked { changes, dry_run, format, single };
    for (key, value) in subjects {
        if let Err(failure) = one(call, kit, &asked, &key, value) {
            failures.push(failure);
        }
    }
    Failure::all(failures)
}

/// What contradicts itself or is missing (`Validate`).
fn check(
    call: &Call,
    kit: &Kit,
    resources: &[String],
    pairs: &[String],
    dry_run: DryRun,
) -> Outcome {
    let flags = &call.flags;
    let files = flags.given("filename") || flags.given("kustomize");
    let problem = if flags.on("list") && !flags.text("output").is_empty() {
        "--list and --output may not be specified together"
    } else if flags.on("all") && !flags.text("selector").is_empty() {
        "cannot set --all and --selector at the same time"
    } else if flags.on("all") && !flags.text("field-selector").is_empty() {
        "cannot set --all and --field-selector at the same time"
    } else if flags.on("local") && dry_run == DryRun::Server {
        "cannot specify --local and --dry-run=server - did you mean --dry-run=client?"
    } else if flags.on("local") && !resources.is_empty() {
        let file = if kit.what == "label" { "pod" } else { "rsrc" };
        return Err(Failure::plain(format!(
            "can only use local files by -f {file}.yaml or --filename={file}.json when --local=true is set"
        )));
    } else if flags.on("local") && !files {
        let file = if kit.what == "label" { "pod" } else { "rsrc" };
        return Err(Failure::plain(format!(
            "one or more files must be specified as -f {file}.yaml or --filename={file}.json"
        )));
    } else if resources.is_empty() && !files {
        "one or more resources must be specified as <resource> <name> or <resource>/<name>"
    } else if pairs.is_empty() && !flags.on("list") {
        return Err(Failure::plain(format!("at least one {} update is required", kit.what)));
    } else {
        return Ok(());
    };
    Err(Failure::plain(problem))
}

/// The objects on the server, or with `--local` those in the files.
async fn subjects(
    call: &Call,
    resources: &[String],
) -> Result<(Vec<Subject>, Vec<Failure>), Failure> {
    if call.flags.on("local") {
        let loaded = manifests::load(call).await?;
        let subject = |info: manifests::Info| {
            (Key::new(info.kind, info.namespace.as_str(), info.name.as_str()), info.value)
        };
        return Ok((loaded.infos.into_iter().map(subject).collect(), loaded.failures));
    }
    let all = call.flags.on("all") || !Selection::of(call)?.is_everything();
    let found = change::named(call, resources, all).await?;
    let subjects = found.objects.iter().map(|object| (object.key(), object.to_value()));
    Ok((subjects.collect(), found.failures))
}

fn one(call: &Call, kit: &Kit, asked: &Asked, key: &Key, value: Value) -> Outcome {
    let path = format!("/metadata/{}", kit.field);
    let before = value.pointer(&path).and_then(Value::as_object).cloned().unwrap_or_default();
    let (changes, list) = (&asked.changes, call.flags.on("list"));
    let here = asked.dry_run == DryRun::Client || call.flags.on("local") || list;
    let labels = kit.field == "labels";
    if labels && !here {
        for gone in changes.remove.iter().filter(|key| !before.contains_key(*key)) {
            call.line(format!("label {gone:?} not found."))?;
        }
    }
    if !call.flags.on("overwrite") {
        (kit.taken)(&before, changes)?;
    }
    let added = changes.set.iter().any(|(key, value)| before.get(key) != Some(&json!(value)));
    let removed = changes.remove.iter().any(|key| before.contains_key(key));
    let done = match (added, removed) {
        _ if !labels => "annotated",
        (true, true) => "modified",
        (true, false) => "labeled",
        (false, true) => "unlabeled",
        (false, false) => "not labeled",
    };
    let mut map: Map<String, Value> =
        order::json(changes.set.iter().map(|(key, value)| (key.clone(), json!(value))));
    map.extend(changes.remove.iter().map(|key| (key.clone(), Value::Null)));
    let mut wanted = json!({"metadata": {kit.field: map}});
    if call.flags.given("resource-version") {
        wanted["metadata"]["resourceVersion"] = json!(call.flags.text("resource-version"));
    }
    if call.flags.on("record") && !here {
        wanted["metadata"]["annotations"][CHANGE_CAUSE] = Value::String(record::command(call));
    }
    let after = if here || (labels && !added && !removed) {
        json_merge(value, wanted)
    } else {
        server::patch(call, asked.dry_run, key, PatchType::Merge, &wanted)?.to_value()
    };
    if list {
        return listed(call, kit, asked, key, after.pointer(&path));
    }
    match &asked.format {
        Some(format) => call.out(format.print(&after)?),
        None => call.line(said(key.kind, &key.name, done, asked.dry_run)),
    }
}

fn listed(call: &Call, kit: &Kit, asked: &Asked, key: &Key, map: Option<&Value>) -> Outcome {
    let indent = if asked.single { "" } else { " " };
    if !asked.single {
        let info = key.kind.info();
        call.line(format!("Listing {} for {}.{}/{}:", kit.field, info.name, info.group, key.name))?;
    }
    for (name, value) in map.and_then(Value::as_object).into_iter().flatten() {
        call.line(format!("{indent}{name}={}", value.as_str().unwrap_or_default()))?;
    }
    Ok(())
}
