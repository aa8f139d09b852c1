//! kubectl: verbs as values, read from one list.
//!
//! `start` finds the verb, reads its flags and calls it; help and completion derive from the same values. A verb's
//! file holds its value, its flags and what it does. Models kubectl v1.36 `pkg/cmd`.

mod auth;
mod call;
mod change;
mod common;
mod custom_columns;
mod failure;
mod flags;
mod global;
mod hash;
mod help;
mod verb;

mod fields;
mod format;
mod kinds;
mod kubeconfig;
mod manifests;
mod podcmd;
mod resource;
mod review;
mod server;
mod sort;
mod suggest;

mod api_resources;
mod apply;
mod apply_server;
mod attach;
mod autoscale;
mod cluster_info;
mod complete;
mod completion;
mod config;
mod config_flags;
mod config_words;
mod cordon;
mod cp;
mod create;
mod delete;
mod describe;
mod diff;
mod drain;
mod edit;
mod edit_file;
mod events;
mod exec;
mod explain;
mod expose;
mod get;
mod kustomize;
mod label;
mod last_applied;
mod logs;
mod not_yet;
mod options;
mod patch;
mod plugin;
mod port_forward;
mod prune;
mod record;
mod replace;
mod rollout;
mod run;
mod scale;
mod set;
mod taint;
mod top;
mod version;
mod wait;

pub use apply::LAST_APPLIED;
pub use kubeconfig::home_namespace;
pub use manifests::{mapping, problem};

use crate::shell::{Command, Invocation, LocalFuture};

use self::call::Call;
use self::failure::Failure;
use self::flags::Flags;
use self::verb::{Flag, Outcome, Takes, Verb};

/// The command.
pub static KUBECTL: Command = Command {
    name: "kubectl",
    summary: "Control the cluster: apply manifests, look at objects, scale and delete them",
    run: start,
    complete: complete::complete,
};

/// Every verb, in the order of `kubectl --help`.
static VERBS: &[&Verb] = &[
    &create::CREATE,
    &expose::EXPOSE,
    &run::RUN,
    &set::SET,
    &explain::EXPLAIN,
    &get::GET,
    &edit::EDIT,
    &delete::DELETE,
    &rollout::ROLLOUT,
    &scale::SCALE,
    &autoscale::AUTOSCALE,
    &not_yet::CERTIFICATE,
    &cluster_info::CLUSTER_INFO,
    &top::TOP,
    &cordon::CORDON,
    &cordon::UNCORDON,
    &drain::DRAIN,
    &taint::TAINT,
    &describe::DESCRIBE,
    &logs::LOGS,
    &attach::ATTACH,
    &exec::EXEC,
    &port_forward::PORT_FORWARD,
    &not_yet::PROXY,
    &cp::CP,
    &auth::AUTH,
    &not_yet::DEBUG,
    &events::EVENTS,
    &diff::DIFF,
    &apply::APPLY,
    &patch::PATCH,
    &replace::REPLACE,
    &wait::WAIT,
    &kustomize::KUSTOMIZE,
    &label::LABEL,
    &label::ANNOTATE,
    &completion::COMPLETION,
    &api_resources::API_RESOURCES,
    &config::CONFIG,
    &api_resources::API_VERSIONS,
    &options::OPTIONS,
    &not_yet::KUBERC,
    &plugin::PLUGIN,
    &version::VERSION,
];

fn start(shell: Invocation) -> LocalFuture<i32> {
    Box::pin(async move {
        let (stdout, stderr) = (shell.stdout.clone(), shell.stderr.clone());
        let args = shell.args.clone();
        let failure = match dispatch(shell, &args).await {
            Ok(()) => return 0,
            Err(failure) => failure,
        };
        // Whoever read standard error may be gone; there is nobody left to tell.
        match stdout.write(failure.shown()).and_then(|()| stderr.write(&failure.text())) {
            Ok(()) | Err(_) => failure.code(),
        }
    })
}

async fn dispatch(shell: Invocation, args: &[String]) -> Outcome {
    let globals: Vec<&'static Flag> = global::GLOBAL.iter().chain([&global::HELP]).collect();
    let Some((at, word)) = first_argument(args, &globals) else {
        return root(&shell, globals, args);
    };
    let Some(verb) = VERBS.iter().find(|verb| verb.answers_to(word)) else {
        return match word {
            "help" => help_on(&shell, args.get(at + 1..).unwrap_or_default()),
            word => unknown_verb(word),
        };
    };
    let mut words = args.to_vec();
    words.remove(at);
    let (verb, path, words) = subcommand(verb, format!("kubectl {}", verb.name), words, &globals);
    let asks = words.iter().any(|word| matches!(word.as_str(), "-h" | "--help"));
    if !verb.simulated && asks {
        return Ok(shell.stdout.write(&help::verb(verb, &path))?);
    }
    if !verb.simulated {
        return Err(Failure::not_simulated(&format!("The command '{path}'")));
    }
    // A verb's own flag hides a global one of the same name: `create rolebinding --user`.
    let known: Vec<_> = verb.own_flags().chain(globals).collect();
    let flags = match flags::parse(known, &words) {
        Ok(flags) => flags,
        // To whom 1 means that something differs, this is more.
        Err(problem) if verb.name == "diff" => {
            shell.stderr.write(&Failure::usage(&path, problem).text())?;
            return Err(Failure::Exit(2));
        }
        Err(problem) => {
            return Err(Failure::plain(format!("{problem}\nSee '{path} --help' for usage.")));
        }
    };
    if flags.on("help") {
        return Ok(shell.stdout.write(&help::verb(verb, &path))?);
    }
    let local = ["config", "kustomize", "options", "completion", "plugin", "version"];
    let context_namespace = if path.split(' ').nth(1).is_some_and(|word| local.contains(&word)) {
        String::new()
    } else {
        let hides_user = verb.own_flags().any(|flag| flag.name == "user");
        kubeconfig::namespace(&shell, &flags, hides_user)?
    };
    let call = Call { verb, path, flags, shell, context_namespace };
    check_timeout(&call)?;
    record::warn(&call)?;
    (verb.run)(call).await
}

/// `--request-timeout` is read, and has nothing to do here.
fn check_timeout(call: &Call) -> Outcome {
    let text = call.flags.text("request-timeout");
    if text.parse::<u64>().is_ok() || crate::time::parse_go_duration(text).is_ok() {
        return Ok(());
    }
    Err(Failure::plain(
        "Invalid timeout value. Timeout must be a single integer in seconds, or an integer followed by a corresponding time unit (e.g. 1s | 2m | 3h)",
    ))
}

/// Follows the words into subcommands.
fn subcommand(
    mut verb: &'static Verb,
    mut path: String,
    mut words: Vec<String>,
    globals: &[&'static Flag],
) -> (&'static Verb, String, Vec<String>) {
    loop {
        let known: Vec<_> = globals.iter().copied().chain(verb.own_flags()).collect();
        let next = first_argument(&words, &known).and_then(|(at, word)| {
            verb.verbs.iter().find(|verb| verb.answers_to(word)).map(|verb| (at, verb))
        });
        let Some((at, found)) = next else { return (verb, path, words) };
        words.remove(at);
        path = format!("{path} {}", found.name);
        verb = found;
    }
}

/// The first word that is neither a flag nor a flag's value (cobra's `stripFlags`).
fn first_argument<'a>(words: &'a [String], known: &[&'static Flag]) -> Option<(usize, &'a str)> {
    let mut index = 0;
    while let Some(word) = words.get(index) {
        if word == "--" {
            return None;
        }
        let flag = word.strip_prefix('-').filter(|rest| !rest.is_empty());
        let Some(flag) = flag else { return Some((index, word)) };
        index += if takes_next(flag, known) { 2 } else { 1 };
    }
    None
}

/// Whether the word after this flag (its first dash taken off) is its value.
fn takes_next(flag: &str, known: &[&'static Flag]) -> bool {
    if flag.contains('=') {
        return false;
    }
    let found = if let Some(name) = flag.strip_prefix('-') {
        known.iter().find(|flag| flag.name == name)
    } else {
        let mut letters = flag.chars();
        match (letters.next(), letters.next()) {
            (Some(letter), None) => known.iter().find(|flag| flag.short == Some(letter)),
            _ => None,
        }
    };
    found.is_some_and(|flag| !matches!(flag.takes, Takes::Bool | Takes::TextOr(_)))
}

/// `kubectl` without a verb.
fn root(shell: &Invocation, globals: Vec<&'static Flag>, args: &[String]) -> Outcome {
    let flags: Result<Flags, String> = flags::parse(globals, args);
    match flags {
        Ok(_) => Ok(shell.stdout.write(&help::root())?),
        Err(problem) => Err(Failure::plain(format!("{problem}\nSee 'kubectl --help' for usage."))),
    }
}

/// `kubectl help VERB SUBCOMMAND`
fn help_on(shell: &Invocation, words: &[String]) -> Outcome {
    let Some((first, rest)) = words.split_first() else {
        return Ok(shell.stdout.write(&help::root())?);
    };
    let Some(verb) = VERBS.iter().find(|verb| verb.answers_to(first)) else {
        let topics = words.join("` `");
        shell.stderr.write(&format!("Unknown help topic [`{topics}`]\n\n"))?;
        let root = help::root();
        let list = root.find("\nBasic Commands").and_then(|at| root.get(at..)).unwrap_or_default();
        return Ok(shell.stdout.write(list)?);
    };
    let (verb, path, _) = subcommand(verb, format!("kubectl {}", verb.name), rest.to_vec(), &[]);
    Ok(shell.stdout.write(&help::verb(verb, &path))?)
}

fn unknown_verb(word: &str) -> Outcome {
    let mut text = format!("unknown command {word:?} for \"kubectl\"");
    let near = suggest::near(word, VERBS.iter().map(|verb| verb.name));
    if !near.is_empty() {
        text.push_str("\n\nDid you mean this?\n");
        for word in near {
            text.push('\t');
            text.push_str(word);
            text.push('\n');
        }
    }
    Err(Failure::Plain(text))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Every verb and subcommand with the words that lead to it.
    fn all() -> Vec<(String, &'static Verb)> {
        let mut found: Vec<(String, &'static Verb)> =
            VERBS.iter().map(|verb| (verb.name.to_owned(), *verb)).collect();
        let mut next = 0;
        while let Some((path, verb)) = found.get(next).cloned() {
            found.extend(verb.verbs.iter().map(|inner| (format!("{path} {}", inner.name), inner)));
            next += 1;
        }
        found
    }

    #[test]
    fn verbs_have_names_of_their_own_and_say_what_they_do() {
        let mut paths = BTreeSet::new();
        for (path, verb) in all() {
            assert!(paths.insert(path.clone()), "{path} stands twice");
            assert!(!verb.summary.is_empty(), "{path} says nothing");
        }
        for verb in VERBS {
            let answering = VERBS.iter().filter(|other| other.answers_to(verb.name)).count();
            assert_eq!(answering, 1, "{}", verb.name);
        }
    }

    #[test]
    fn flags_of_a_verb_do_not_collide() {
        for (path, verb) in all() {
            let (mut names, mut letters) = (BTreeSet::new(), BTreeSet::new());
            for flag in verb.own_flags() {
                assert!(names.insert(flag.name), "{path} --{}", flag.name);
            }
            let globals = global::GLOBAL.iter().chain([&global::HELP]);
            let globals = globals.filter(|flag| !names.contains(flag.name));
            for flag in globals.chain(verb.own_flags()) {
                assert!(flag.short.is_none_or(|letter| letters.insert(letter)), "{path}: {flag:?}");
            }
        }
    }

    #[test]
    fn examples_call_their_verb_with_flags_it_has() {
        for (path, verb) in all() {
            for (_, line) in verb.examples {
                // What stands in `$(...)` is another command's.
                let line = line.split(" $(").next().unwrap_or(line);
                let command = line.rsplit("| ").next().unwrap_or(line);
                let words: Vec<String> = command
                    .split(" -- ")
                    .next()
                    .unwrap_or_default()
                    .split_whitespace()
                    .skip(1 + path.split(' ').count())
                    .map(str::to_owned)
                    .collect();
                assert!(command.starts_with(&format!("kubectl {path}")), "{line}");
                let globals: Vec<&'static Flag> = global::GLOBAL.iter().collect();
                let (verb, _, words) = subcommand(verb, path.clone(), words, &globals);
                let known = verb.own_flags().chain(globals).collect();
                assert!(flags::parse(known, &words).is_ok(), "{line}");
            }
        }
    }
}
