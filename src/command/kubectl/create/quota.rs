//! `kubectl create quota NAME --hard=cpu=1,pods=10`. Models kubectl `pkg/cmd/create/create_quota.go`.

use serde_json::{Value, json};

use super::super::call::Call;
use super::super::common::{DRY_RUN, PRINT, WRITE};
use super::super::failure::Failure;
use super::super::verb::{Flag, Outcome, Verb};
use super::generator::{Generator, generate};
use crate::quantity::Quantity;

pub(super) const QUOTA: Verb = Verb {
    name: "quota",
    aliases: &["resourcequota"],
    summary: "Create a quota with the specified name",
    usage: "NAME [--hard=key1=value1,key2=value2] [--scopes=Scope1,Scope2] [--dry-run=server|client|none]",
    examples: &[(
        "Allow a namespace two CPUs and ten Pods",
        "kubectl create quota team --hard=cpu=2,pods=10",
    )],
    flags: &[FLAGS, DRY_RUN, PRINT, WRITE],
    run: |call| generate(call, &QUOTAS),
    ..Verb::BASE
};

static QUOTAS: Generator = Generator {
    group: "",
    kind: "ResourceQuota",
    required: &[],
    make: quota,
    refused: "failed to create quota: ",
};

static FLAGS: &[Flag] = &[
    Flag::text("hard", "", "Comma-separated resource=quantity pairs that define a hard limit."),
    Flag::text("scopes", "", "Comma-separated scopes; all must match what the quota counts."),
];

fn quota(call: &Call, name: &str, body: &mut Value) -> Outcome {
    if name.is_empty() {
        return Err(Failure::plain("name must be specified"));
    }
    let mut spec = json!({});
    let (hard, scopes) = (call.flags.text("hard"), call.flags.text("scopes"));
    if !hard.is_empty() {
        for statement in hard.split(',') {
            let parts: Vec<&str> = statement.split('=').collect();
            let [resource, amount] = parts.as_slice() else {
                return Err(Failure::plain(format!(
                    "Invalid argument syntax {statement}, expected <resource>=<value>"
                )));
            };
            let amount =
                Quantity::parse(amount).map_err(|error| Failure::plain(error.to_string()))?;
            spec["hard"][*resource] = Value::from(amount.to_string());
        }
    }
    if !scopes.is_empty() {
        let scopes: Vec<&str> = scopes.split(',').collect();
        if scopes.contains(&"") {
            return Err(Failure::plain("invalid resource quota scope \"\""));
        }
        spec["scopes"] = json!(scopes);
    }
    body["spec"] = spec;
    body["status"] = json!({});
    Ok(())
}
