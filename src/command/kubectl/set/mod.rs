//! `kubectl set`: changes to what objects with Pods in them run, without writing a manifest.
//!
//! A subcommand says what becomes of an object; finding the objects, the patch, dry runs and the words are the same for
//! all. Models kubectl `pkg/cmd/set` (`helper.go`: `CalculatePatches`, `selectContainers`).

mod env;
mod env_list;
mod image;
mod resources;
mod selector;
mod service_account;
mod subject;

use serde_json::Value;

use super::apply::said;
use super::call::Call;
use super::common::DryRun;
use super::failure::Failure;
use super::format::Format;
use super::resource::{self, Request};
use super::verb::{Flag, Group, Outcome, Verb};
use super::{change, manifests, record, server};
use crate::object::{Key, Object};
use crate::store::{PatchType, patch};

/// The verb.
pub(super) static SET: Verb = Verb {
    name: "set",
    group: Group::Beginner,
    summary: "Set specific features on objects",
    long: "Configure application resources.",
    details: &["These commands help you make changes to existing application resources."],
    usage: "set SUBCOMMAND",
    verbs: &[
        env::ENV,
        image::IMAGE,
        resources::RESOURCES,
        selector::SELECTOR_OF,
        service_account::SERVICE_ACCOUNT,
        subject::SUBJECT,
    ],
    ..Verb::BASE
};

/// What every subcommand takes.
static SHARED: &[Flag] = &[
    Flag::switch("all", "Select all resources, in the namespace of the specified resource types"),
    Flag::text(
        "field-manager",
        "kubectl-set",
        "Name of the manager used to track field ownership.",
    ),
    Flag::switch("local", "If true, the command will not contact the server but run locally."),
];

/// Of those that change containers: which ones.
const CONTAINERS: Flag = Flag::text(
    "containers",
    "*",
    "The names of containers in the selected pod templates to change, all containers are selected by default - may use wildcards",
)
.letter('c');

/// One object to change: the one on the server, or with `--local` the one in the file.
struct Target {
    key: Key,
    value: Value,
}

impl Target {
    /// `deployments/web`, as errors name it (`Info.ObjectName`).
    fn object_name(&self) -> String {
        format!("{}/{}", self.key.kind.info().plural, self.key.name)
    }
}

/// What is looked at before the arguments: the form of the answer and whether it is a trial (`Complete`).
fn begin(call: &Call) -> Result<DryRun, Failure> {
    let dry_run = DryRun::of(call)?;
    Format::of_writer(call)?;
    Ok(dry_run)
}

/// The objects that a call names; nothing is changed unless all are found (`Infos`).
async fn targets(call: &Call, resources: &[String]) -> Result<Vec<Target>, Failure> {
    if !call.flags.on("local") {
        let found = change::named(call, resources, call.flags.on("all")).await?;
        Failure::all(found.failures)?;
        let target = |object: &std::sync::Arc<Object>| Target {
            key: object.key(),
            value: object.to_value(),
        };
        return Ok(found.objects.iter().map(target).collect());
    }
    let files = call.flags.given("filename") || call.flags.given("kustomize");
    if resources.is_empty() && !files {
        return Err(Failure::plain(resource::NOTHING_GIVEN));
    }
    if !resources.is_empty() || !files {
        return Err(Failure::plain(
            "you must specify resources by --filename when --local is set.\nExample resource specifications include:\n   '-f rsrc.yaml'\n   '--filename=rsrc.json'",
        ));
    }
    let loaded = manifests::load(call).await?;
    Failure::all(loaded.failures)?;
    let key =
        |info: &manifests::Info| Key::new(info.kind, info.namespace.as_str(), info.name.as_str());
    let infos = loaded.infos.into_iter();
    Ok(infos.map(|info| Target { key: key(&info), value: info.value }).collect())
}

/// Changes an object; what it pushes is told at the end.
type Apply<'c> = dyn Fn(&Target, &mut Value, &mut Vec<Failure>) -> Result<(), Failure> + 'c;

/// What a subcommand does with each object.
struct Change<'c> {
    /// `image updated`.
    done: &'static str,
    /// What stands before the server's refusal; empty where that stands alone.
    failed: &'static str,
    /// Whether an object that stays as it is is passed over without a word.
    quiet: bool,
    /// What becomes of it.
    apply: &'c Apply<'c>,
}

/// Refuses flags that contradict one another.
fn check(call: &Call, dry_run: DryRun) -> Outcome {
    if call.flags.on("all") && !call.flags.text("selector").is_empty() {
        return Err(Failure::plain("cannot set --all and --selector at the same time"));
    }
    if call.flags.on("local") && dry_run == DryRun::Server {
        return Err(Failure::plain(
            "cannot specify --local and --dry-run=server - did you mean --dry-run=client?",
        ));
    }
    Ok(())
}

/// Changes each object and says so.
fn each(call: &Call, targets: &[Target], dry_run: DryRun, change: &Change<'_>) -> Outcome {
    let format = Format::of_writer(call)?;
    let mut failures = Vec::new();
    for target in targets {
        if let Err(failure) = one(call, target, dry_run, change, format.as_ref(), &mut failures) {
            failures.push(failure);
        }
    }
    Failure::all(failures)
}

fn one(
    call: &Call,
    target: &Target,
    dry_run: DryRun,
    change: &Change<'_>,
    format: Option<&Format>,
    failures: &mut Vec<Failure>,
) -> Outcome {
    let mut after = target.value.clone();
    (change.apply)(target, &mut after, failures)?;
    record::record(call, &mut after);
    if change.quiet && after == target.value {
        return Ok(());
    }
    let kind = target.key.kind;
    if !call.flags.on("local") && dry_run != DryRun::Client {
        let change_of =
            patch::two_way(kind, &target.value, &after).map_err(|error| Failure::plain(error.0))?;
        let how = PatchType::of(kind);
        after = server::patch(call, dry_run, &target.key, how, &change_of)
            .map_err(|error| match change.failed {
                "" => Failure::from(error),
                failed => Failure::plain(format!("{failed} {error}")),
            })?
            .to_value();
    }
    match format {
        Some(format) => call.out(format.print(&after)?),
        None => call.line(said(kind, &target.key.name, change.done, dry_run)),
    }
}

/// The spec of the Pods that an object runs (`UpdatePodSpecForObject`).
fn pod_spec<'v>(target: &Target, value: &'v mut Value) -> Result<&'v mut Value, Failure> {
    let info = target.key.kind.info();
    if info.pod_spec.is_empty() {
        let name = target.object_name();
        return Err(Failure::plain(format!(
            "error: {name} the object is not a pod or does not have a pod template: *{}.{}\n",
            info.version, info.name
        )));
    }
    let mut place = value;
    for key in info.pod_spec {
        if !place[*key].is_object() {
            place[*key] = Value::Object(serde_json::Map::new());
        }
        place = &mut place[*key];
    }
    Ok(place)
}

/// The containers of a Pod's spec that `-c` means, regular ones first.
fn selected<'v>(spec: &'v mut Value, wanted: &str) -> Vec<&'v mut Value> {
    let mut found: Vec<&mut Value> = Vec::new();
    let mut init = Vec::new();
    for (key, list) in spec.as_object_mut().into_iter().flatten() {
        let containers = list.as_array_mut().into_iter().flatten();
        let meant =
            containers.filter(|one| one["name"].as_str().is_some_and(|name| wild(name, wanted)));
        match key.as_str() {
            "containers" => found.extend(meant),
            "initContainers" => init.extend(meant),
            _ => {}
        }
    }
    found.append(&mut init);
    found
}

/// Whether a name fits a pattern in which `*` stands for anything (`selectString`).
fn wild(name: &str, pattern: &str) -> bool {
    let parts: Vec<&str> = pattern.split('*').collect();
    let [first, middle @ .., last] = parts.as_slice() else { return name == pattern };
    let Some(rest) = name.strip_prefix(first) else { return false };
    let Some(mut rest) = rest.strip_suffix(last) else { return false };
    for part in middle {
        let Some((_, after)) = rest.split_once(part) else { return false };
        rest = after;
    }
    true
}

/// Whether no objects were named at all.
fn nothing_named(call: &Call, resources: &[String]) -> Result<bool, Failure> {
    let request = resource::request(call.known(), resources)?;
    Ok(request == Request::Nothing && !call.flags.given("filename"))
}

#[cfg(test)]
mod tests {
    use super::wild;

    #[test]
    fn a_star_stands_for_anything() {
        let table = [
            ("web", "*", true),
            ("web", "web", true),
            ("web", "we", false),
            ("web-1", "web*", true),
            ("a-web", "*web", true),
            ("a-web-b", "a*b", true),
            ("a-web-b", "a*x*b", false),
            ("ab", "ab*b", false),
        ];
        for (name, pattern, fits) in table {
            assert_eq!(wild(name, pattern), fits, "{name} {pattern}");
        }
    }
}
