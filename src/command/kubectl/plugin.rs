//! `kubectl plugin`: there are none here. Models kubectl `pkg/cmd/plugin/plugin.go`.

use super::failure::Failure;
use super::verb::{Flag, Group, Verb};

/// The verb.
pub(super) static PLUGIN: Verb = Verb {
    name: "plugin",
    group: Group::Other,
    summary: "Provides utilities for interacting with plugins",
    details: &[
        "Plugins provide extended functionality that is not part of the major command-line distribution.",
    ],
    usage: "plugin [flags]",
    verbs: &[Verb {
        name: "list",
        summary: "List all visible plugin executables on a user's PATH",
        usage: "plugin list",
        flags: &[&[Flag::switch(
            "name-only",
            "If true, display only the binary name of each plugin, rather than its full path",
        )]],
        run: |_| {
            Box::pin(async {
                Err(Failure::plain("unable to find any kubectl plugins in your PATH"))
            })
        },
        ..Verb::BASE
    }],
    ..Verb::BASE
};
