//! `settle`: lets virtual time pass until the world has come to rest. A command of this sandbox; no real shell has it.

use super::tool::{Outcome, Spec, Tool, run, spec};
use crate::shell::Command;
use crate::time::Duration;

/// At rest is a world in which nothing but heartbeats, probes, leases and event counts was written for so long.
const QUIET: Duration = Duration::from_mins(1);
/// The longest it waits.
const TIMEOUT: Duration = Duration::from_mins(30);

static SPEC: Spec = spec(
    "settle",
    "Usage: settle\nLet virtual time pass until nothing but heartbeats was written for 60 seconds, at most 30 minutes.\n",
    "",
    &[],
);

/// `settle`
pub(super) static SETTLE: Command = Command {
    name: "settle",
    summary: "let virtual time pass until the world is at rest",
    run: |invocation| run(&SPEC, invocation, settle),
    complete: |_, _| Vec::new(),
};

async fn settle(tool: Tool) -> Outcome {
    if let Some(extra) = tool.operands.first() {
        return tool.misused(&format!("extra operand '{extra}'"), 1);
    }
    if tool.invocation.sandbox.settled(QUIET, TIMEOUT).await {
        return Ok(0);
    }
    tool.complain("the world has not come to rest within 30 minutes");
    Ok(1)
}
