//! What Tab proposes after `kubectl`: verbs, flags, kinds, names, namespaces.

use super::resource::Request;
use super::verb::{Arguments, Flag, Takes, Verb};
use super::{VERBS, first_argument, global, kinds, resource, subcommand};
use crate::object::official::RESOURCES;
use crate::object::{KINDS, Kind};
use crate::order;
use crate::shell::{Candidate, CompletionRequest, Sandbox};

/// Proposes what could stand in place of the last word.
pub(super) fn complete(request: &CompletionRequest, sandbox: &Sandbox) -> Vec<Candidate> {
    let Some((last, before)) = request.words.split_last() else { return Vec::new() };
    let globals: Vec<&'static Flag> = global::GLOBAL.iter().collect();
    let mut words = before.to_vec();
    let found = first_argument(&words, &globals)
        .map(|(at, word)| (at, VERBS.iter().copied().find(|verb| verb.answers_to(word))));
    let (verb, words) = match found {
        None => (None, words),
        Some((_, None)) => return Vec::new(),
        Some((at, Some(verb))) => {
            words.remove(at);
            let (verb, _, words) = subcommand(verb, String::new(), words, &globals);
            (Some(verb), words)
        }
    };
    let own: Vec<&'static Flag> = verb.into_iter().flat_map(Verb::own_flags).collect();
    let known: Vec<&'static Flag> = own.iter().copied().chain(globals).collect();
    let mut proposals = propose(verb, &words, last, &known, sandbox);
    proposals.retain(|candidate| candidate.text.starts_with(last.as_str()));
    order::sort(&mut proposals);
    proposals.dedup();
    proposals
}

fn propose(
    verb: Option<&'static Verb>,
    words: &[String],
    last: &str,
    known: &[&'static Flag],
    sandbox: &Sandbox,
) -> Vec<Candidate> {
    if let Some(flag) = words.last().and_then(|word| waiting_flag(word, known)) {
        return values(flag.name, sandbox);
    }
    if let Some((name, _)) = last.strip_prefix("--").and_then(|rest| rest.split_once('=')) {
        return values(name, sandbox)
            .into_iter()
            .map(|value| Candidate { text: format!("--{name}={}", value.text), ..value })
            .collect();
    }
    if last.starts_with('-') {
        return known
            .iter()
            .map(|flag| candidate(format!("--{}", flag.name), flag.usage))
            .collect();
    }
    let Some(verb) = verb else {
        return VERBS.iter().map(|verb| candidate(verb.name, verb.summary)).collect();
    };
    if !verb.verbs.is_empty() {
        let verbs = verb.verbs.iter().map(|verb| candidate(verb.name, verb.summary)).collect();
        return verbs;
    }
    let arguments = arguments(words, known);
    let namespace = namespace(words, known);
    match verb.arguments {
        Arguments::None => Vec::new(),
        Arguments::Resources => resources(&arguments, last, &namespace, sandbox),
        Arguments::Pods if last.contains('/') => slashed(last, &namespace, sandbox),
        Arguments::Pods => names(Kind::Pod, &namespace, sandbox),
        Arguments::Nodes => names(Kind::Node, &namespace, sandbox),
    }
}

/// The flag that waits for the next word as its value.
fn waiting_flag(word: &str, known: &[&'static Flag]) -> Option<&'static Flag> {
    let flag = if let Some(name) = word.strip_prefix("--") {
        known.iter().find(|flag| flag.name == name)?
    } else {
        let mut letters = word.strip_prefix('-')?.chars();
        let (letter, None) = (letters.next()?, letters.next()) else { return None };
        known.iter().find(|flag| flag.short == Some(letter))?
    };
    let takes = !matches!(flag.takes, Takes::Bool | Takes::TextOr(_));
    takes.then_some(*flag)
}

/// What a flag may be.
fn values(flag: &str, sandbox: &Sandbox) -> Vec<Candidate> {
    let fixed: &[&str] = match flag {
        "namespace" => return names(Kind::Namespace, "", sandbox),
        "output" => &["custom-columns=", "json", "jsonpath=", "name", "wide", "yaml"],
        "dry-run" => &["client", "none", "server"],
        "cascade" => &["background", "foreground", "orphan"],
        "for" => &["condition=", "create", "delete", "jsonpath="],
        _ => &[],
    };
    fixed.iter().map(|value| candidate(*value, "")).collect()
}

fn candidate(text: impl Into<String>, note: impl Into<String>) -> Candidate {
    Candidate { text: text.into(), note: note.into() }
}

/// The arguments among words, flags and their values taken out.
fn arguments(words: &[String], known: &[&'static Flag]) -> Vec<String> {
    let mut rest = words.to_vec();
    let mut arguments = Vec::new();
    while let Some((at, word)) = first_argument(&rest, known) {
        arguments.push(word.to_owned());
        rest.drain(..=at);
    }
    arguments
}

fn namespace(words: &[String], known: &[&'static Flag]) -> String {
    let flags = super::flags::parse(known.to_vec(), words).unwrap_or_default();
    let given = flags.text("namespace");
    if given.is_empty() { "default".to_owned() } else { given.to_owned() }
}

fn kind_names() -> Vec<Candidate> {
    let simulated = RESOURCES.iter().filter(|resource| resource.simulated().is_some());
    simulated.map(|resource| candidate(resource.plural, resource.short_names.join(","))).collect()
}

fn resources(
    arguments: &[String],
    last: &str,
    namespace: &str,
    sandbox: &Sandbox,
) -> Vec<Candidate> {
    if last.contains('/') {
        return slashed(last, namespace, sandbox);
    }
    let Some(first) = arguments.first() else {
        let mut proposals = kind_names();
        proposals.extend(KINDS.iter().map(|info| candidate(info.singular, "")));
        proposals.push(candidate("all", ""));
        return proposals;
    };
    match resource::request(std::slice::from_ref(first)) {
        Ok(Request::Lists(kinds)) => {
            let named = kinds.iter().flat_map(|kind| names(*kind, namespace, sandbox));
            named.filter(|name| !arguments.contains(&name.text)).collect()
        }
        Ok(Request::Nothing | Request::Names(_)) | Err(_) => Vec::new(),
    }
}

fn slashed(last: &str, namespace: &str, sandbox: &Sandbox) -> Vec<Candidate> {
    let Some((kind, _)) = last.split_once('/') else { return Vec::new() };
    let Ok(found) = kinds::of_word(kind) else { return Vec::new() };
    names(found, namespace, sandbox)
        .into_iter()
        .map(|name| Candidate { text: format!("{kind}/{}", name.text), ..name })
        .collect()
}

fn names(kind: Kind, namespace: &str, sandbox: &Sandbox) -> Vec<Candidate> {
    let namespace = kind.info().namespaced.then_some(namespace);
    sandbox.read(|cluster| {
        let objects = cluster.store().list(kind, namespace);
        objects.map(|object| candidate(object.name(), "")).collect()
    })
}
