//! `kubectl completion`: what a shell sources to complete kubectl's words. Models kubectl `pkg/cmd/completion`.
//!
//! *Differs:* this terminal completes kubectl by itself, so the script only says so; it can be sourced all the same.

use super::call::Call;
use super::verb::{Arguments, Group, Outcome, Verb};

/// The shells there are scripts for.
const SHELLS: &[&str] = &["bash", "fish", "powershell", "zsh"];

/// The verb.
pub(super) static COMPLETION: Verb = Verb {
    name: "completion",
    group: Group::Settings,
    summary: "Output shell completion code for the specified shell (bash, zsh, fish, or powershell)",
    details: &[
        "On your own machine, put a line like the one below into the file that your shell reads when it starts. This terminal completes kubectl with the Tab key by itself, also behind an alias.",
    ],
    usage: "completion SHELL",
    examples: &[(
        "Load the completion code for bash into the current shell",
        "kubectl completion bash",
    )],
    run: |call| Box::pin(async move { run(&call) }),
    arguments: Arguments::OneOf(SHELLS),
    ..Verb::BASE
};

fn run(call: &Call) -> Outcome {
    match call.args() {
        [] => Err(call.usage("Shell not specified.")),
        [shell] if SHELLS.contains(&shell.as_str()) => call.line(script(shell)),
        [shell] => Err(call.usage(format!("Unsupported shell type {shell:?}."))),
        _ => Err(call.usage("Too many arguments. Expected only the shell type.")),
    }
}

fn script(shell: &str) -> String {
    let (head, last) = match shell {
        "zsh" => ("#compdef kubectl\n", "compdef kubectl"),
        "bash" => ("", "complete -o default -F __start_kubectl kubectl"),
        "fish" => ("", "complete -c kubectl"),
        _ => ("", "Register-ArgumentCompleter -CommandName kubectl -ScriptBlock {}"),
    };
    format!(
        "{head}# {shell} completion for kubectl\n# In this sandbox the terminal completes kubectl by itself: press Tab.\n# A real kubectl prints some hundred lines here, which ask kubectl what could follow.\n{last}"
    )
}
