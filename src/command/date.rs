//! `date`: the virtual time, in UTC. Models GNU coreutils `date` with the usual fields of `+FORMAT`.

use super::tool::{Outcome, Spec, Tool, run, spec};
use crate::shell::Command;

static SPEC: Spec = spec(
    "date",
    "Usage: date [-u] [-I] [+FORMAT]\nDisplay the virtual date and time in the given FORMAT.\n\n  -u, --utc        the sandbox's clock is in UTC anyway\n  -I, --iso-8601   the date as 2026-04-01\n",
    "uI?R",
    &[("utc", 'u'), ("iso-8601", 'I')],
);

/// `date`
pub(super) static DATE: Command = Command {
    name: "date",
    summary: "print the virtual time",
    run: |invocation| run(&SPEC, invocation, date),
    complete: |_, _| Vec::new(),
};

async fn date(tool: Tool) -> Outcome {
    let pattern = match tool.operands.as_slice() {
        [] => match tool.value('I') {
            Some("s" | "seconds") => "%Y-%m-%dT%H:%M:%S+00:00",
            Some(_) => "%Y-%m-%d",
            None if tool.has('R') => "%a, %d %b %Y %H:%M:%S +0000",
            None => "%a %b %e %H:%M:%S UTC %Y",
        },
        [one] => {
            let Some(pattern) = one.strip_prefix('+') else {
                tool.complain(format_args!("invalid date '{one}'"));
                return Ok(1);
            };
            pattern
        }
        [_, extra, ..] => return tool.misused(&format!("extra operand '{extra}'"), 1),
    };
    tool.print(&format!("{}\n", tool.invocation.sandbox.now().format(pattern)))?;
    Ok(0)
}
