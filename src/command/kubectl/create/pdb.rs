//! `kubectl create poddisruptionbudget`. Models kubectl `pkg/cmd/create/create_pdb.go`.

use serde_json::{Value, json};

use super::super::call::Call;
use super::super::common::{DRY_RUN, PRINT, WRITE};
use super::super::failure::Failure;
use super::super::verb::{Flag, Outcome, Verb};
use super::generator::{Generator, generate, int_or_string, text_map};
use crate::object::{Operator, Selector};

pub(super) const POD_DISRUPTION_BUDGET: Verb = Verb {
    name: "poddisruptionbudget",
    aliases: &["pdb"],
    summary: "Create a pod disruption budget with the specified name",
    usage: "NAME --selector=SELECTOR --min-available=N [--dry-run=server|client|none]",
    examples: &[
        (
            "Keep one Pod of an app running while nodes are drained",
            "kubectl create poddisruptionbudget web --selector=app=web --min-available=1",
        ),
        (
            "Keep half of them running",
            "kubectl create poddisruptionbudget web --selector=app=web --min-available=50%",
        ),
    ],
    flags: &[FLAGS, DRY_RUN, PRINT, WRITE],
    run: |call| generate(call, &BUDGETS),
    ..Verb::BASE
};

static BUDGETS: Generator = Generator {
    group: "policy",
    kind: "PodDisruptionBudget",
    required: &[],
    make: budget,
    refused: "failed to create poddisruptionbudgets: ",
};

static FLAGS: &[Flag] = &[
    Flag::text("max-unavailable", "", "How many Pods, or what part of them, may be unavailable."),
    Flag::text("min-available", "", "How many Pods, or what part of them, must be available."),
    Flag::text("selector", "", "A label selector to use for this budget."),
];

fn budget(call: &Call, name: &str, body: &mut Value) -> Outcome {
    let text = |flag: &str| call.flags.text(flag);
    let (least, most) = (text("min-available"), text("max-unavailable"));
    let amount = |text: &str| {
        let digits = text.strip_suffix('%').unwrap_or(text);
        !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
    };
    let problem = if name.is_empty() {
        "name must be specified"
    } else if text("selector").is_empty() {
        "a selector must be specified"
    } else if least.is_empty() && most.is_empty() {
        "one of min-available or max-unavailable must be specified"
    } else if !least.is_empty() && !most.is_empty() {
        "min-available and max-unavailable cannot be both specified"
    } else if !least.is_empty() && !amount(least) {
        "invalid format specified for min-available"
    } else if !most.is_empty() && !amount(most) {
        "invalid format specified for max-unavailable"
    } else {
        ""
    };
    if !problem.is_empty() {
        return Err(Failure::plain(problem));
    }
    let selector = label_selector(text("selector"))?;
    body["spec"] = if least.is_empty() {
        json!({"maxUnavailable": int_or_string(most), "selector": selector})
    } else {
        json!({"minAvailable": int_or_string(least), "selector": selector})
    };
    body["status"] = json!({
        "currentHealthy": 0, "desiredHealthy": 0, "disruptionsAllowed": 0, "expectedPods": 0,
    });
    Ok(())
}

/// A selector's text as the `LabelSelector` of a spec (`ParseToLabelSelector`).
fn label_selector(text: &str) -> Result<Value, Failure> {
    let selector = Selector::parse(text).map_err(|problem| {
        Failure::plain(format!("couldn't parse the selector string \"{text}\": {problem}"))
    })?;
    let (mut labels, mut expressions) = (Vec::new(), Vec::new());
    for requirement in selector.requirements() {
        let operator = match requirement.operator {
            Operator::Equals | Operator::DoubleEquals => {
                let value = requirement.values.first().map_or("", String::as_str);
                labels.push((requirement.key.as_str(), value));
                continue;
            }
            Operator::In => "In",
            Operator::NotIn => "NotIn",
            Operator::Exists => "Exists",
            Operator::DoesNotExist => "DoesNotExist",
            Operator::GreaterThan => {
                return Err(Failure::plain("\"gt\" isn't supported in label selectors"));
            }
            Operator::LessThan => {
                return Err(Failure::plain("\"lt\" isn't supported in label selectors"));
            }
            Operator::NotEquals => {
                return Err(Failure::plain("\"!=\" is not a valid label selector operator"));
            }
        };
        let mut expression = json!({"key": requirement.key, "operator": operator});
        if !requirement.values.is_empty() {
            expression["values"] = json!(requirement.values);
        }
        expressions.push(expression);
    }
    let mut selector = json!({});
    if !labels.is_empty() {
        selector["matchLabels"] = text_map(labels);
    }
    if !expressions.is_empty() {
        selector["matchExpressions"] = Value::Array(expressions);
    }
    Ok(selector)
}
