//! `kubectl create priorityclass NAME --value=NUMBER`. Models kubectl `pkg/cmd/create/create_priorityclass.go`.

use serde_json::Value;

use super::super::call::Call;
use super::super::common::{DRY_RUN, PRINT, WRITE};
use super::super::verb::{Flag, Verb};
use super::generator::{Generator, generate};

pub(super) const PRIORITY_CLASS: Verb = Verb {
    name: "priorityclass",
    aliases: &["pc"],
    summary: "Create a priority class with the specified name",
    usage: "NAME --value=VALUE --global-default=BOOL [--dry-run=server|client|none]",
    examples: &[(
        "Create a class for Pods that may push others away",
        "kubectl create priorityclass high --value=1000",
    )],
    flags: &[FLAGS, DRY_RUN, PRINT, WRITE],
    run: |call| generate(call, &PRIORITY_CLASSES),
    ..Verb::BASE
};

static PRIORITY_CLASSES: Generator = Generator {
    group: "scheduling.k8s.io",
    kind: "PriorityClass",
    required: &[],
    make: |call, _, body| {
        priority_class(call, body);
        Ok(())
    },
    refused: "failed to create priorityclass: ",
};

static FLAGS: &[Flag] = &[
    Flag::text("description", "", "When this priority class should be used."),
    Flag::switch("global-default", "Whether Pods that name no class get this one."),
    Flag::text("preemption-policy", "PreemptLowerPriority", "Whether its Pods push others away."),
    Flag::int32("value", "0", "The value of this priority class."),
];

fn priority_class(call: &Call, body: &mut Value) {
    body["value"] = Value::from(call.flags.int("value"));
    if call.flags.on("global-default") {
        body["globalDefault"] = Value::Bool(true);
    }
    if !call.flags.text("description").is_empty() {
        body["description"] = Value::from(call.flags.text("description"));
    }
    body["preemptionPolicy"] = Value::from(call.flags.text("preemption-policy"));
}
