//! What Tab proposes after `kubectl`: verbs, flags and what they may be, kinds, names, namespaces, containers.
//!
//! Models kubectl `pkg/util/completion` and the flags' completion functions. Where nothing is proposed the shell proposes
//! file names.

use super::kinds::Known;
use super::resource::Request;
use super::verb::{Arguments, Flag, Takes, Verb};
use super::{VERBS, first_argument, global, kinds, resource, subcommand};
use crate::object::official::Resource;
use crate::object::{Key, Kind, KindInfo};
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
    let arguments = arguments(words, known);
    let namespace = namespace(words, known, sandbox);
    let context = Context { verb, arguments: &arguments, namespace: &namespace, sandbox };
    if let Some(flag) = words.last().and_then(|word| waiting_flag(word, known)) {
        return context.values(flag.name);
    }
    if let Some((name, _)) = last.strip_prefix("--").and_then(|rest| rest.split_once('=')) {
        return context
            .values(name)
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
    match verb.arguments {
        Arguments::OneOf(words) if arguments.is_empty() => {
            words.iter().map(|word| candidate(*word, "")).collect()
        }
        Arguments::Kubeconfig(entries) if arguments.is_empty() => listed(entries, sandbox),
        Arguments::None | Arguments::OneOf(_) | Arguments::Kubeconfig(_) => Vec::new(),
        // `kubectl logs POD CONTAINER`
        Arguments::Pods if !arguments.is_empty() => {
            if verb.name == "logs" && arguments.len() == 1 {
                context.containers()
            } else {
                Vec::new()
            }
        }
        Arguments::Resources if verb.name == "image" && arguments.len() > 1 => {
            let containers = context.containers().into_iter();
            containers.map(|name| Candidate { text: format!("{}=", name.text), ..name }).collect()
        }
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

/// What stands before the cursor.
struct Context<'a> {
    verb: Option<&'static Verb>,
    arguments: &'a [String],
    namespace: &'a str,
    sandbox: &'a Sandbox,
}

/// The forms of output of verbs that write.
const FORMS: &[&str] = &[
    "go-template",
    "go-template-file",
    "json",
    "jsonpath",
    "jsonpath-as-json",
    "jsonpath-file",
    "kyaml",
    "name",
    "template",
    "templatefile",
    "yaml",
];

impl Context<'_> {
    /// What a flag may be.
    fn values(&self, flag: &str) -> Vec<Candidate> {
        let verb = self.verb.map_or("", |verb| verb.name);
        let mut more: &[&str] = &[];
        let fixed: &[&str] = match (flag, verb) {
            ("namespace", _) => return names(Kind::Namespace, "", self.sandbox),
            ("container" | "containers", _) => return self.containers(),
            ("context", _) => return listed("contexts", self.sandbox),
            ("cluster", _) => return listed("clusters", self.sandbox),
            ("user", "" | "set-context") => return listed("users", self.sandbox),
            ("output", "delete") => &["name"],
            ("output", "api-resources") => &["json", "name", "wide", "yaml"],
            ("output", "version" | "view") => &["json", "yaml"],
            ("output", "explain") => &["plaintext", "plaintext-openapiv2"],
            ("output", "get") => {
                more = &["custom-columns", "custom-columns-file", "wide"];
                FORMS
            }
            ("output", _) => FORMS,
            ("dry-run", _) => &["client", "none", "server"],
            ("cascade", _) => &["background", "foreground", "orphan"],
            ("validate", _) => &["ignore", "strict", "warn"],
            ("for", "wait") => &["condition=", "create", "delete", "jsonpath="],
            ("type", "patch") => &["json", "merge", "strategic"],
            ("type", _) => &["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"],
            ("protocol", _) => &["SCTP", "TCP", "UDP"],
            ("restart", _) => &["Always", "Never", "OnFailure"],
            ("image-pull-policy", _) => &["Always", "IfNotPresent", "Never"],
            ("subresource", _) => &["resize", "scale", "status"],
            ("types", _) => &["Normal", "Warning"],
            ("sort-by", "api-resources") => &["kind", "name"],
            ("sort-by", "pod" | "node") => &["cpu", "memory"],
            ("sort-by", _) => &[".metadata.creationTimestamp", ".metadata.name"],
            _ => &[],
        };
        fixed.iter().chain(more).map(|value| candidate(*value, "")).collect()
    }

    /// The containers of the Pod, or of the Pods of what is named.
    fn containers(&self) -> Vec<Candidate> {
        let named = match self.arguments {
            [first, ..] if first.contains('/') => first.clone(),
            [kind, name, ..] if kinds::of_word(Known::Served(self.sandbox), kind).is_ok() => {
                format!("{kind}/{name}")
            }
            [name, ..] => format!("pod/{name}"),
            [] => return Vec::new(),
        };
        let (kind, name) = named.split_once('/').unwrap_or_default();
        let Ok(kind) = kinds::of_word(Known::Served(self.sandbox), kind) else { return Vec::new() };
        let namespace = if kind.info().namespaced { self.namespace } else { "" };
        let key = Key::new(kind, namespace, name);
        let Some(object) = self.sandbox.read(|cluster| cluster.store().get(&key).cloned()) else {
            return Vec::new();
        };
        let value = object.to_value();
        let spec = value.pointer("/spec/template/spec").or_else(|| value.pointer("/spec"));
        let lists = ["containers", "initContainers", "ephemeralContainers"];
        let containers = lists.iter().filter_map(|list| spec?.get(list)?.as_array()).flatten();
        containers
            .filter_map(|one| one.get("name")?.as_str())
            .map(|name| candidate(name, ""))
            .collect()
    }
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

/// Names out of a list of `~/.kube/config`.
fn listed(list: &str, sandbox: &Sandbox) -> Vec<Candidate> {
    let names = super::kubeconfig::home_names(sandbox, list);
    names.into_iter().map(|name| candidate(name, "")).collect()
}

fn namespace(words: &[String], known: &[&'static Flag], sandbox: &Sandbox) -> String {
    let flags = super::flags::parse(known.to_vec(), words).unwrap_or_default();
    let given = flags.text("namespace");
    if given.is_empty() { super::kubeconfig::home_namespace(sandbox) } else { given.to_owned() }
}

/// The kinds that can be asked for, by their plural names and then by their singular ones.
fn kind_names(sandbox: &Sandbox) -> Vec<Candidate> {
    let mut kinds: Vec<&'static KindInfo> = Vec::new();
    for kind in Known::Served(sandbox).all().filter_map(Resource::simulated) {
        if !kinds.contains(&kind.info()) {
            kinds.push(kind.info());
        }
    }
    let plural = kinds.iter().map(|info| candidate(info.plural, info.short_names.join(",")));
    let mut names: Vec<Candidate> = plural.collect();
    names.extend(kinds.iter().map(|info| candidate(info.singular, "")));
    names
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
        let mut proposals = kind_names(sandbox);
        proposals.push(candidate("all", ""));
        return proposals;
    };
    match resource::request(Known::Served(sandbox), std::slice::from_ref(first)) {
        Ok(Request::Lists(kinds)) => {
            let named = kinds.iter().flat_map(|kind| names(*kind, namespace, sandbox));
            named.filter(|name| !arguments.contains(&name.text)).collect()
        }
        Ok(Request::Nothing | Request::Names(_)) | Err(_) => Vec::new(),
    }
}

fn slashed(last: &str, namespace: &str, sandbox: &Sandbox) -> Vec<Candidate> {
    let Some((kind, _)) = last.split_once('/') else { return Vec::new() };
    let Ok(found) = kinds::of_word(Known::Served(sandbox), kind) else { return Vec::new() };
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
