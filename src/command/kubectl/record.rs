//! `--record`: writes the command into the object it changes, for `rollout history` to show.
//!
//! Models cli-runtime `pkg/genericclioptions/record_flags.go` and kubectl `pkg/cmd/util/helpers.go`
//! (`parseCommandArguments`).

use serde_json::Value;

use super::apply::annotations;
use super::call::Call;
use super::verb::Outcome;

/// Where the cause of a change is written down.
pub(super) const CHANGE_CAUSE: &str = "kubernetes.io/change-cause";

/// What pflag says of the flag.
pub(super) fn warn(call: &Call) -> Outcome {
    if !call.flags.given("record") {
        return Ok(());
    }
    call.err("Flag --record has been deprecated, --record will be removed in the future")
}

/// Writes the command into an object, if asked to.
pub(super) fn record(call: &Call, value: &mut Value) {
    if call.flags.on("record") {
        annotations(value).insert(CHANGE_CAUSE.to_owned(), Value::String(command(call)));
    }
}

/// The merge patch that writes the command into an object.
pub(super) fn patch(call: &Call) -> Value {
    serde_json::json!({"metadata": {"annotations": {CHANGE_CAUSE: command(call)}}})
}

/// The command: its words first, then the flags as they were given.
pub(super) fn command(call: &Call) -> String {
    let words = [call.path.as_str()].into_iter().chain(call.args().iter().map(String::as_str));
    let flags = call.flags.order.iter().map(|(name, value)| format!(" --{name}={value}"));
    words.collect::<Vec<_>>().join(" ") + &flags.collect::<String>()
}
