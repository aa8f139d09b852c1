//! `kubectl set resources`: what containers ask for and are limited to.
//!
//! Models kubectl `pkg/cmd/set/set_resources.go` and `pkg/generate/versioned/run.go` (`HandleResourceRequirementsV1`).

use serde_json::json;

use super::super::call::Call;
use super::super::common::{DRY_RUN, FILES, PRINT, RECORD, SELECTOR};
use super::super::failure::Failure;
use super::super::verb::{Arguments, Flag, Outcome, Verb};
use super::{CONTAINERS, Change, SHARED, begin, check, each, pod_spec, selected, targets};
use crate::quantity::Quantity;

pub(super) const RESOURCES: Verb = Verb {
    name: "resources",
    summary: "Update resource requests/limits on objects with pod templates",
    long: "Specify compute resource requirements (CPU, memory) for any resource that defines a pod template.  If a pod is successfully scheduled, it is guaranteed the amount of resource requested, but may burst up to its specified limits.",
    details: &[
        "For each compute resource, if a limit is specified and a request is omitted, the request will default to the limit.",
    ],
    usage: "(-f FILENAME | TYPE NAME)  ([--limits=LIMITS & --requests=REQUESTS]",
    examples: &[(
        "Give a container requests and limits",
        "kubectl set resources deployment/web -c=web --requests=cpu=100m --limits=cpu=200m,memory=512Mi",
    )],
    flags: &[FLAGS, SHARED, FILES, SELECTOR, DRY_RUN, PRINT, RECORD],
    run: |call| Box::pin(async move { run(&call).await }),
    arguments: Arguments::Resources,
    ..Verb::BASE
};

static FLAGS: &[Flag] = &[
    CONTAINERS,
    Flag::text(
        "limits",
        "",
        "The resource requirement limits for this container.  For example, 'cpu=100m,memory=256Mi'.",
    ),
    Flag::text(
        "requests",
        "",
        "The resource requirement requests for this container.  For example, 'cpu=100m,memory=256Mi'.",
    ),
];

async fn run(call: &Call) -> Outcome {
    let dry_run = begin(call)?;
    let targets = targets(call, call.args()).await?;
    check(call, dry_run)?;
    if call.flags.text("limits").is_empty() && call.flags.text("requests").is_empty() {
        return Err(Failure::plain(
            "you must specify an update to requests or limits (in the form of --requests/--limits)",
        ));
    }
    let wanted = [
        ("limits", list(call.flags.text("limits"))?),
        ("requests", list(call.flags.text("requests"))?),
    ];
    let containers = call.flags.text("containers");
    let change = Change {
        done: "resource requirements updated",
        failed: "failed to patch resources update to pod template",
        quiet: true,
        apply: &|target, value, failures| {
            let found = selected(pod_spec(target, value)?, containers);
            if found.is_empty() {
                failures.push(Failure::plain(format!(
                    "error: unable to find container named {containers}"
                )));
            }
            for container in found {
                for (field, amounts) in &wanted {
                    for (name, amount) in amounts {
                        container["resources"][*field][*name] = json!(amount);
                    }
                }
            }
            Ok(())
        },
    };
    each(call, &targets, dry_run, &change)
}

/// Reads `cpu=100m,memory=256Mi`.
fn list(text: &str) -> Result<Vec<(&str, String)>, Failure> {
    let mut amounts = Vec::new();
    for statement in text.split(',').filter(|_| !text.is_empty()) {
        let parts: Vec<&str> = statement.split('=').collect();
        let [name, amount] = parts.as_slice() else {
            return Err(Failure::plain(format!(
                "Invalid argument syntax {statement}, expected <resource>=<value>"
            )));
        };
        let amount =
            Quantity::parse(amount).map_err(|problem| Failure::plain(problem.to_string()))?;
        amounts.push((*name, amount.to_string()));
    }
    Ok(amounts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_and_canonical() {
        let read = |text| list(text).map_err(|failure| failure.text());
        assert_eq!(read(""), Ok(Vec::new()));
        assert_eq!(
            read("cpu=0.5,memory=1024Mi"),
            Ok(vec![("cpu", "500m".to_owned()), ("memory", "1Gi".to_owned())])
        );
        assert_eq!(
            read("cpu").unwrap_err(),
            "error: Invalid argument syntax cpu, expected <resource>=<value>\n"
        );
        assert!(read("cpu=x").unwrap_err().contains("quantities must match"));
    }

    #[test]
    fn a_field_of_a_field_that_is_not_there_comes_to_be() {
        let mut container = json!({"name": "web"});
        container["resources"]["limits"]["cpu"] = json!("1");
        assert_eq!(container["resources"], json!({"limits": {"cpu": "1"}}));
    }
}
