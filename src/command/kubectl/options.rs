//! `kubectl options`: the flags that every verb takes.

use super::help;
use super::verb::{Group, Verb};

/// The verb.
pub(super) static OPTIONS: Verb = Verb {
    name: "options",
    group: Group::Other,
    summary: "Print the list of flags inherited by all commands",
    usage: "options",
    examples: &[("Print flags inherited by all commands", "kubectl options")],
    run: |call| Box::pin(async move { call.out(help::global_options()) }),
    ..Verb::BASE
};
