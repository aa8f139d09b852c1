//! `kubectl wait`: until objects are as wanted, or gone. Models kubectl `pkg/cmd/wait`.

use std::sync::Arc;

use serde_json::Value;

use super::call::Call;
use super::common::{ALL_NAMESPACES, FILES_BELOW_PLAIN, PRINT, SELECTOR};
use super::failure::Failure;
use super::format::Format;
use super::manifests;
use super::resource::{self, NOTHING_GIVEN, Request};
use super::verb::{Arguments, Flag, Group, Outcome, Verb};
use crate::object::{Key, Object};
use crate::output::jsonpath;
use crate::shell::LocalFuture;
use crate::time::Duration;

/// The verb.
pub(super) static WAIT: Verb = Verb {
    name: "wait",
    group: Group::Advanced,
    summary: "Wait for a specific condition on one or many resources",
    details: &[
        "The command takes multiple resources and waits until the specified condition is seen in the Status field of every given resource.",
        "Alternatively, the command can wait for the given set of resources to be created or deleted.",
    ],
    usage: "wait ([-f FILENAME] | resource.group/resource.name | resource.group [(-l label | --all)]) [--for=create|--for=delete|--for condition=available|--for=jsonpath='{}'[=value]]",
    examples: &[
        ("Wait for a Pod to be ready", "kubectl wait --for=condition=Ready pod/web"),
        (
            "Wait for a Deployment to be available, at most a minute",
            "kubectl wait --for=condition=Available --timeout=60s deploy/web",
        ),
        ("Wait for a field", "kubectl wait --for=jsonpath='{.status.readyReplicas}'=3 deploy/web"),
        ("Wait for a Pod to be gone", "kubectl wait --for=delete pod/web"),
    ],
    flags: &[FLAGS, PRINT, FILES_BELOW_PLAIN, SELECTOR, ALL_NAMESPACES],
    run,
    arguments: Arguments::Resources,
    ..Verb::BASE
};

static FLAGS: &[Flag] = &[
    Flag::switch("all", "Select all resources in the namespace of the specified resource types"),
    Flag::text("field-selector", "", "Selector (field query) to filter on."),
    Flag::array(
        "for",
        "The condition to wait on: [create|delete|condition=condition-name[=condition-value]|jsonpath='{JSONPath expression}'=[JSONPath value]].",
    ),
    Flag::switch("local", "If true, annotation will NOT contact api-server but run locally."),
    Flag::duration(
        "timeout",
        "30s",
        "The length of time to wait before giving up. Zero means check once and don't wait, negative means wait for a week.",
    ),
];

/// What is waited for.
#[derive(Debug)]
enum Goal {
    Created,
    Deleted,
    Condition { name: String, status: String },
    Path { template: jsonpath::Template, value: Option<String> },
}

fn goal(text: &str) -> Result<Goal, Failure> {
    let lower = text.to_lowercase();
    if lower == "delete" {
        return Ok(Goal::Deleted);
    }
    if lower == "create" {
        return Ok(Goal::Created);
    }
    if let Some(condition) = text.strip_prefix("condition=") {
        let (name, status) = condition.split_once('=').unwrap_or((condition, "true"));
        return Ok(Goal::Condition { name: name.to_owned(), status: status.to_owned() });
    }
    if let Some(rest) = text.strip_prefix("jsonpath=") {
        let parts = at_single_equals(rest);
        let (path, value) = match parts.as_slice() {
            [path] => (path, None),
            [path, value] => (path, Some(value)),
            _ => {
                return Err(Failure::plain(
                    "jsonpath wait format must be --for=jsonpath='{.status.readyReplicas}'=3 or --for=jsonpath='{.status.readyReplicas}'",
                ));
            }
        };
        if path.is_empty() {
            return Err(Failure::plain("jsonpath expression cannot be empty"));
        }
        let path = super::custom_columns::relaxed(path.trim_matches(['\'', '"']))?;
        let template = jsonpath::Template::parse(&path).map_err(|error| Failure::plain(error.0))?;
        let value = value.map(|value| value.trim_matches(['\'', '"']).to_owned());
        if value.as_deref() == Some("") {
            return Err(Failure::plain(
                "jsonpath wait has to have a value after equal sign, like --for=jsonpath='{.status.readyReplicas}'=3",
            ));
        }
        return Ok(Goal::Path { template, value });
    }
    Err(Failure::plain(format!("unrecognized condition: {text:?}")))
}

/// A text split at each `=` that does not stand doubled (`splitJSONPathInput`).
fn at_single_equals(text: &str) -> Vec<String> {
    let (mut parts, mut part) = (Vec::new(), String::new());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter != '=' {
            part.push(letter);
        } else if letters.next_if_eq(&'=').is_some() {
            part.push_str("==");
        } else {
            parts.push(std::mem::take(&mut part));
        }
    }
    parts.push(part);
    parts
}

impl Goal {
    /// Whether this version of an object is what is waited for.
    fn met(&self, object: Option<&Arc<Object>>) -> bool {
        match (self, object) {
            (Self::Deleted, object) => object.is_none(),
            (_, None) => false,
            (Self::Created, Some(_)) => true,
            (Self::Condition { name, status }, Some(object)) => {
                has_condition(&object.to_value(), name, status)
            }
            (Self::Path { template, value }, Some(object)) => {
                let found = template.find(&object.to_value(), true).unwrap_or_default();
                let mut found = found.iter().flatten();
                match (found.next(), value) {
                    (None, _) => false,
                    (Some(_), None) => true,
                    (Some(found), Some(value)) => crate::quote::go_value(found) == *value,
                }
            }
        }
    }
}

/// Whether a condition has a status; one that speaks of an older generation does not count.
fn has_condition(object: &Value, name: &str, status: &str) -> bool {
    let conditions = object.pointer("/status/conditions").and_then(Value::as_array);
    let text = |condition: &Value, key: &str| {
        condition.get(key).and_then(Value::as_str).unwrap_or_default().to_lowercase()
    };
    let generation = object.pointer("/metadata/generation").and_then(Value::as_i64);
    let observed = object.pointer("/status/observedGeneration").and_then(Value::as_i64);
    if observed.is_some_and(|observed| Some(observed) < generation) {
        return false;
    }
    conditions
        .into_iter()
        .flatten()
        .find(|condition| text(condition, "type") == name.to_lowercase())
        .is_some_and(|condition| text(condition, "status") == status.to_lowercase())
}

fn run(call: Call) -> LocalFuture<Outcome> {
    Box::pin(async move { wait(&call).await })
}

async fn wait(call: &Call) -> Outcome {
    Format::of_writer(call)?;
    let mut goals = Vec::new();
    for text in call.flags.list("for") {
        goals.push(goal(text)?);
    }
    if goals.is_empty() {
        return Err(Failure::plain("unrecognized condition: []"));
    }
    // What is to be created is waited for first.
    crate::order::sort_by_key(&mut goals, |goal| !matches!(goal, Goal::Created));
    let request = resource::request(call.known(), call.args())?;
    let keys: Vec<Key> = match &request {
        Request::Nothing if call.flags.given("filename") => {
            let loaded = manifests::load(call).await?;
            Failure::all(loaded.failures)?;
            let key = |info: &manifests::Info| {
                Key::new(info.kind, info.namespace.as_str(), info.name.as_str())
            };
            loaded.infos.iter().map(key).collect()
        }
        Request::Nothing => return Err(Failure::plain(NOTHING_GIVEN)),
        Request::Names(pairs) => pairs.iter().map(|(kind, name)| call.key(*kind, name)).collect(),
        Request::Lists(_) => {
            if !call.flags.on("all") && call.flags.text("selector").is_empty() {
                return Err(Failure::plain("resource(s) were provided, but no name was specified"));
            }
            let found = resource::find_request(call, &request)?;
            Failure::all(found.failures)?;
            found.objects.iter().map(|object| object.key()).collect()
        }
    };
    if keys.is_empty() {
        if goals.iter().all(|goal| matches!(goal, Goal::Deleted)) {
            return Ok(());
        }
        return Err(Failure::plain("no matching resources found"));
    }
    let duration = call.flags.duration("timeout");
    let timeout = match duration.positive() {
        Some(timeout) => timeout,
        None => Duration::from_hours(168),
    };
    let mut failures = Vec::new();
    for key in &keys {
        for (index, goal) in goals.iter().enumerate() {
            let last = index + 1 == goals.len();
            if let Err(failure) = one(call, key, goal, timeout, last).await {
                failures.push(failure);
                break;
            }
        }
    }
    Failure::all(failures)
}

async fn one(call: &Call, key: &Key, goal: &Goal, timeout: Duration, last: bool) -> Outcome {
    let named = format!("{}/{}", key.kind.info().qualified_singular(), key.name);
    let Some(before) = call.get(key) else {
        return match goal {
            Goal::Deleted => Ok(()),
            Goal::Created => done(call, key, goal, timeout, "", last.then_some(&named)).await,
            Goal::Condition { .. } | Goal::Path { .. } => resource::must_get(call, key).map(drop),
        };
    };
    done(call, key, goal, timeout, before.uid(), last.then_some(&named)).await
}

async fn done(
    call: &Call,
    key: &Key,
    goal: &Goal,
    timeout: Duration,
    uid: &str,
    named: Option<&String>,
) -> Outcome {
    let met = call.sandbox().until_within(timeout, |cluster| {
        let now = cluster.store().get(key);
        let deleted = matches!(goal, Goal::Deleted);
        let now = now.filter(|now| !deleted || now.uid() == uid);
        goal.met(now).then_some(())
    });
    if met.await.is_none() {
        let kind = key.kind.info().plural;
        let what = if timeout.is_zero() {
            "condition not met for"
        } else {
            "timed out waiting for the condition on"
        };
        let text = format!("{what} {kind}/{}", key.name);
        return Err(Failure::plain(text));
    }
    match named {
        Some(named) if !matches!(goal, Goal::Deleted) => {
            call.line(format!("{named} condition met"))
        }
        _ => Ok(()),
    }
}
