//! `kubectl set selector`: which Pods a Service leads to. Models kubectl `pkg/cmd/set/set_selector.go`.

use serde_json::{Map, Value};

use super::super::call::Call;
use super::super::common::{DRY_RUN, FILES_BELOW_PLAIN, PRINT, RECORD};
use super::super::failure::Failure;
use super::super::verb::{Arguments, Flag, Outcome, Verb};
use super::{Change, SHARED, begin, check, each, targets};
use crate::object::{Kind, Operator, Selector};

pub(super) const SELECTOR_OF: Verb = Verb {
    name: "selector",
    summary: "Set the selector on a resource",
    long: "Set the selector on a resource. Note that the new selector will overwrite the old selector if the resource had one prior to the invocation of 'set selector'.",
    details: &[
        "A selector must begin with a letter or number, and may contain letters, numbers, hyphens, dots, and underscores, up to 63 characters. If --resource-version is specified, then updates will use this resource version, otherwise the existing resource-version will be used. Note: currently selectors can only be set on Service objects.",
    ],
    usage: "(-f FILENAME | TYPE NAME) EXPRESSIONS [--resource-version=version]",
    examples: &[(
        "Let a Service lead to other Pods",
        "kubectl set selector service/web app=web,track=stable",
    )],
    flags: &[FLAGS, SHARED, FILES_BELOW_PLAIN, DRY_RUN, PRINT, RECORD],
    run: |call| Box::pin(async move { run(&call).await }),
    arguments: Arguments::Resources,
    ..Verb::BASE
};

static FLAGS: &[Flag] = &[Flag::text(
    "resource-version",
    "",
    "If non-empty, the selectors update will only succeed if this is the current resource-version for the object. Only valid when specifying a single resource.",
)];

async fn run(call: &Call) -> Outcome {
    let dry_run = begin(call)?;
    let Some((expression, resources)) = call.args().split_last() else {
        return Err(Failure::plain("one selector is required"));
    };
    let selector = Selector::parse(expression).map_err(|problem| {
        Failure::plain(format!("couldn't parse the selector string {expression:?}: {problem}"))
    })?;
    let labels = labels(&selector);
    check(call, dry_run)?;
    let targets = targets(call, resources).await?;
    let version = call.flags.text("resource-version");
    let change = Change {
        done: "selector updated",
        failed: "",
        quiet: false,
        apply: &|target, value, _| {
            if target.key.kind != Kind::Service {
                return Err(Failure::plain("setting a selector is only supported for Services"));
            }
            let Some(labels) = &labels else {
                if selector.requirements().iter().any(|one| one.operator == Operator::NotEquals) {
                    return Err(Failure::plain("\"!=\" is not a valid label selector operator"));
                }
                return Err(Failure::plain(format!(
                    "match expression [{}] not supported on this object",
                    expressions(&selector)
                )));
            };
            value["spec"]["selector"] = Value::Object(labels.clone());
            if !version.is_empty() {
                value["metadata"]["resourceVersion"] = Value::from(version);
            }
            Ok(())
        },
    };
    each(call, &targets, dry_run, &change)
}

/// What is more than plain labels, as Go prints it: `{app In [web api]}`.
fn expressions(selector: &Selector) -> String {
    let beyond = selector.requirements().iter().filter_map(|one| {
        let operator = match one.operator {
            Operator::Equals | Operator::DoubleEquals => return None,
            Operator::In => "In",
            Operator::NotEquals | Operator::NotIn => "NotIn",
            Operator::Exists => "Exists",
            _ => "DoesNotExist",
        };
        Some(format!("{{{} {operator} [{}]}}", one.key, one.values.join(" ")))
    });
    beyond.collect::<Vec<_>>().join(" ")
}

/// The selector as plain labels; `None` if it says more than a Service can.
fn labels(selector: &Selector) -> Option<Map<String, Value>> {
    let mut labels = Map::new();
    for requirement in selector.requirements() {
        match (&requirement.operator, requirement.values.as_slice()) {
            (Operator::Equals | Operator::DoubleEquals, [value]) => {
                labels.insert(requirement.key.clone(), Value::from(value.as_str()));
            }
            _ => return None,
        }
    }
    Some(labels)
}
