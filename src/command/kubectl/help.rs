//! Help, derived from the verbs: for kubectl as a whole, for a verb, and the list of global flags.
//!
//! Models kubectl `pkg/util/templates/templater.go`. *Differs:* the explanations and examples are in our own words.

use std::fmt::Write as _;

use super::call::Call;
use super::failure::Failure;
use super::verb::{Flag, Group, Outcome, Takes, Verb};
use super::{VERBS, global};
use crate::order;
use crate::shell::LocalFuture;

/// The headings of the list of verbs.
const HEADINGS: &[(Group, &str)] = &[
    (Group::Beginner, "Basic Commands (Beginner):"),
    (Group::Intermediate, "Basic Commands (Intermediate):"),
    (Group::Deploy, "Deploy Commands:"),
    (Group::Cluster, "Cluster Management Commands:"),
    (Group::Troubleshooting, "Troubleshooting and Debugging Commands:"),
    (Group::Advanced, "Advanced Commands:"),
    (Group::Settings, "Settings Commands:"),
    (Group::Other, "Other Commands:"),
];

/// `kubectl --help`.
pub(super) fn root() -> String {
    let mut text = String::from(
        "kubectl controls the Kubernetes cluster manager.\n\n Find more information at: https://kubernetes.io/docs/reference/kubectl/\n",
    );
    for (group, heading) in HEADINGS {
        let verbs: Vec<&Verb> = VERBS.iter().copied().filter(|verb| verb.group == *group).collect();
        if !verbs.is_empty() {
            text.push('\n');
            text.push_str(heading);
            text.push('\n');
            list(&mut text, &verbs);
        }
    }
    text.push_str("\nUsage:\n  kubectl [flags] [options]\n\n");
    text.push_str("Use \"kubectl <command> --help\" for more information about a given command.\n");
    text.push_str(OPTIONS_HINT);
    text
}

const OPTIONS_HINT: &str = "Use \"kubectl options\" for a list of global command-line options (applies to all commands).\n";

/// The help of one verb; `path` is `kubectl create`.
pub(super) fn verb(verb: &Verb, path: &str) -> String {
    let mut text = String::new();
    let long = if verb.long.is_empty() { verb.summary } else { verb.long };
    push(&mut text, &format!("{}\n\n", sentence(long)));
    for paragraph in verb.details {
        push(&mut text, &format!(" {paragraph}\n\n"));
    }
    if !verb.aliases.is_empty() {
        push(&mut text, &format!("Aliases:\n{}, {}\n\n", verb.name, verb.aliases.join(", ")));
    }
    if !verb.examples.is_empty() {
        let examples: Vec<_> =
            verb.examples.iter().map(|(what, line)| format!("  # {what}\n  {line}\n")).collect();
        push(&mut text, &format!("Examples:\n{}\n", examples.join("\n")));
    }
    if !verb.verbs.is_empty() {
        text.push_str("Available Commands:\n");
        list(&mut text, &verb.verbs.iter().collect::<Vec<_>>());
        text.push('\n');
    }
    // `--record` is on its way out: it is taken, and not shown.
    let mut flags: Vec<_> = verb.own_flags().filter(|flag| flag.name != "record").collect();
    if !flags.is_empty() {
        order::sort_by_key(&mut flags, |flag| flag.name);
        push(&mut text, &format!("Options:\n{}", options(&flags)));
    }
    // Where the usage names the verb, the path before it is enough.
    let named = verb.usage.split(' ').next() == Some(verb.name);
    let before = path.rsplit_once(' ').filter(|_| named).map_or(path, |(before, _)| before);
    let usage = if verb.usage.is_empty() { "" } else { " " };
    push(&mut text, &format!("Usage:\n  {before}{usage}{} [options]\n\n", verb.usage));
    if !verb.verbs.is_empty() {
        push(
            &mut text,
            &format!(
                "Use \"{path} <command> --help\" for more information about a given command.\n"
            ),
        );
    }
    text.push_str(OPTIONS_HINT);
    text
}

/// `kubectl options`.
pub(super) fn global_options() -> String {
    let flags: Vec<_> = global::GLOBAL.iter().collect();
    format!("The following options can be passed to any command:\n\n{}", options(&flags))
}

fn push(text: &mut String, more: &str) {
    text.push_str(more);
}

/// A summary as a sentence of its own.
fn sentence(summary: &str) -> String {
    if summary.ends_with('.') { summary.to_owned() } else { format!("{summary}.") }
}

fn list(text: &mut String, verbs: &[&Verb]) {
    let longest = verbs.iter().map(|verb| verb.name.len()).max().unwrap_or(0);
    let width = longest.max(11) + 3;
    for verb in verbs {
        writeln!(text, "  {:width$}{}", verb.name, verb.summary)
            .expect("a String takes everything");
    }
}

fn options(flags: &[&Flag]) -> String {
    let mut text = String::new();
    for flag in flags {
        let short = flag.short.map(|letter| format!("-{letter}, ")).unwrap_or_default();
        let quoted = match flag.takes {
            Takes::Text | Takes::TextOr(_) => format!("'{}'", flag.default),
            Takes::Bool
            | Takes::Int
            | Takes::Int32
            | Takes::Duration
            | Takes::List
            | Takes::Array => flag.default.to_owned(),
        };
        writeln!(text, "    {short}--{}={quoted}:\n\t{}\n", flag.name, flag.usage)
            .expect("a String takes everything");
    }
    text
}

/// A verb that is nothing without a subcommand prints its help to standard error and fails
/// (`DefaultSubCommandRun`).
pub(super) fn print_for_lack_of_subcommand(call: Call) -> LocalFuture<Outcome> {
    Box::pin(async move {
        if !call.args().is_empty() {
            return Err(call.usage(format!("unknown command {:?}", call.args().join(" "))));
        }
        // Which of the two it goes to is each verb's own habit.
        let to = if call.verb.name == "rollout" { &call.shell.stdout } else { &call.shell.stderr };
        to.write(&verb(call.verb, &call.path))?;
        Err(Failure::Exit(1))
    })
}
