//! `pod`: faults on purpose, in the containers of a Pod: a crash, a program that answers badly, a probe that fails.
//! A command of this sandbox, of one family with `node`; what each fault does is [`crate::kubelet::Fault`].

use std::sync::Arc;

use super::tool::{Outcome, Spec, Tool, run, spec};
use crate::kubelet::{Fault, ProbeKind};
use crate::object::{Key, Kind, Object, PodBody};
use crate::shell::{Candidate, Command, CompletionRequest, Sandbox};

static SPEC: Spec = spec(
    "pod",
    "Usage: pod crash POD [-c CONTAINER] [--exit-code N | --signal N | --oom]
       pod break POD [-c CONTAINER]
       pod fail-probe POD readiness|liveness|startup [-c CONTAINER]
       pod heal POD [-c CONTAINER]
Let something go wrong inside a container, and watch what Kubernetes does about it.

  crash        the program ends at once (exit code 1 if nothing else is said)
  break        the program answers every request with 500, those of probes too
  fail-probe   one probe fails, whatever the program answers
  heal         undo break and fail-probe; a restart of the container does so as well

  -c, --container=NAME   the container (default: the Pod's first)
  -n, --namespace=NAME   the Pod's namespace (default: default)
  -e, --exit-code=N      the exit code of the crash, 0 to 255
  -s, --signal=N         crash as by this signal, 1 to 64 (exit code 128 + N)
  -o, --oom              be killed for lack of memory (OOMKilled, exit code 137)

Examples:
  pod crash web
  pod crash web -c app --signal 11
  pod fail-probe web readiness
",
    "c:n:e:s:o",
    &[("container", 'c'), ("namespace", 'n'), ("exit-code", 'e'), ("signal", 's'), ("oom", 'o')],
);

/// What stands before the Pod, and what it does.
const WORDS: [(&str, &str); 4] = [
    ("break", "the program answers every request with 500"),
    ("crash", "the program ends at once"),
    ("fail-probe", "one probe fails"),
    ("heal", "undo break and fail-probe"),
];

const PROBES: [(&str, ProbeKind); 3] = [
    ("liveness", ProbeKind::Liveness),
    ("readiness", ProbeKind::Readiness),
    ("startup", ProbeKind::Startup),
];

/// `pod`
pub(super) static POD: Command = Command {
    name: "pod",
    summary: "let a container crash, answer badly or fail its probes, on purpose",
    run: |invocation| run(&SPEC, invocation, pod),
    complete,
};

async fn pod(tool: Tool) -> Outcome {
    let operands: Vec<&str> = tool.operands.iter().map(String::as_str).collect();
    let crashes = tool.has('e') || tool.has('s') || tool.has('o');
    let (name, fault) = match operands.as_slice() {
        ["crash", name] => match crash(&tool) {
            Ok(fault) => (*name, fault),
            Err(message) => return tool.misused(&message, 1),
        },
        [word, ..] if crashes && WORDS.iter().any(|(known, _)| known == word) => {
            return tool.misused("--exit-code, --signal and --oom belong to 'crash'", 1);
        }
        ["break", name] => (*name, Fault::Broken),
        ["heal", name] => (*name, Fault::Healed),
        ["fail-probe", name, probe] => {
            let Some((_, kind)) = PROBES.iter().find(|(known, _)| known == probe) else {
                let message = format!("unknown probe '{probe}': readiness, liveness or startup");
                return tool.misused(&message, 1);
            };
            (*name, Fault::Probe(*kind))
        }
        ["fail-probe", _] => {
            return tool.misused("missing probe: readiness, liveness or startup", 1);
        }
        [] => return tool.misused("missing operand: crash, break, fail-probe or heal", 1),
        [word] if WORDS.iter().any(|(known, _)| known == word) => {
            return tool.misused("missing Pod", 1);
        }
        [word, _, extra, ..] if WORDS.iter().any(|(known, _)| known == word) => {
            return tool.misused(&format!("extra operand '{extra}'"), 1);
        }
        [word, ..] => {
            return tool
                .misused(&format!("unknown word '{word}': crash, break, fail-probe or heal"), 1);
        }
    };
    let name = name.strip_prefix("pod/").unwrap_or(name);
    let key = Key::new(Kind::Pod, tool.value('n').unwrap_or("default"), name);
    let Some(object) = tool.invocation.sandbox.read(|cluster| cluster.store().get(&key).cloned())
    else {
        let namespace = &key.namespace;
        tool.complain(format_args!("pod \"{name}\" not found in namespace \"{namespace}\""));
        return Ok(1);
    };
    let container = match tool.value('c') {
        Some(container) => container.to_owned(),
        None => container_of(&tool, &object),
    };
    match tool.invocation.sandbox.drive(|cluster| cluster.fault(&key, &container, fault)) {
        Ok(()) => tool.print(&told(name, &container, fault))?,
        Err(message) => {
            tool.complain(message);
            return Ok(1);
        }
    }
    Ok(0)
}

/// How the program is to end.
fn crash(tool: &Tool) -> Result<Fault, String> {
    let given = ['e', 's', 'o'].into_iter().filter(|letter| tool.has(*letter)).count();
    if given > 1 {
        return Err("--exit-code, --signal and --oom exclude each other".to_owned());
    }
    let number = |letter: char, flag: &str, least: i32, most: i32| match tool.value(letter) {
        None => Ok(None),
        Some(text) => match text.parse::<i32>() {
            Ok(number) if (least..=most).contains(&number) => Ok(Some(number)),
            _ => Err(format!("--{flag} must be a number from {least} to {most}, not '{text}'")),
        },
    };
    if tool.has('o') {
        return Ok(Fault::OutOfMemory);
    }
    let code = number('e', "exit-code", 0, 255)?;
    let signal = number('s', "signal", 1, 64)?;
    Ok(Fault::Crash(code.or(signal.map(|signal| 128 + signal)).unwrap_or(1)))
}

/// The container that is meant if none is named: the annotated or the first one.
fn container_of(tool: &Tool, pod: &Arc<Object>) -> String {
    let names = pod.as_pod().map(containers).unwrap_or_default();
    let annotated = pod.annotation("kubectl.kubernetes.io/default-container");
    let name = annotated.map(str::to_owned).or_else(|| names.first().cloned()).unwrap_or_default();
    if names.len() > 1 && annotated.is_none() {
        tool.complain(format_args!("Defaulted container {name:?} out of: {}", names.join(", ")));
    }
    name
}

fn containers(pod: &PodBody) -> Vec<String> {
    pod.shared.containers.iter().map(|container| container.name.clone()).collect()
}

fn told(pod: &str, container: &str, fault: Fault) -> String {
    let what = match fault {
        Fault::Crash(code) => format!("crashed (exit code {code})"),
        Fault::OutOfMemory => "was killed for lack of memory (exit code 137)".to_owned(),
        Fault::Probe(kind) => {
            let kind = kind.title().to_lowercase();
            format!("fails its {kind} probe until it restarts or you type: pod heal {pod}")
        }
        Fault::Broken => {
            format!("answers every request with 500 until it restarts or you type: pod heal {pod}")
        }
        Fault::Healed => "works as it should".to_owned(),
    };
    format!("pod/{pod}: container {container} {what}\n")
}

fn complete(request: &CompletionRequest, sandbox: &Sandbox) -> Vec<Candidate> {
    let Some((last, before)) = request.words.split_last() else { return Vec::new() };
    let note = |text: &str, note: &str| Candidate { text: text.to_owned(), note: note.to_owned() };
    let proposals: Vec<Candidate> = match before {
        [] => WORDS.iter().map(|(word, text)| note(word, text)).collect(),
        [.., flag] if flag == "-c" || flag == "--container" => sandbox.read(|cluster| {
            let pod = before.get(1).map(|name| Key::new(Kind::Pod, "default", name.as_str()));
            let body = pod.and_then(|key| cluster.store().get(&key)).and_then(|pod| pod.as_pod());
            let names = body.map(containers).unwrap_or_default();
            names.iter().map(|name| note(name, "")).collect()
        }),
        [word] if WORDS.iter().any(|(known, _)| known == word) => sandbox.read(|cluster| {
            let pods = cluster.store().list(Kind::Pod, Some("default"));
            pods.map(|pod| note(pod.name(), "")).collect()
        }),
        [word, _] if word == "fail-probe" => {
            PROBES.iter().map(|(name, _)| note(name, "")).collect()
        }
        [word, ..] if word == "crash" => ["--container", "--exit-code", "--oom", "--signal"]
            .iter()
            .map(|flag| note(flag, ""))
            .collect(),
        _ => Vec::new(),
    };
    proposals.into_iter().filter(|candidate| candidate.text.starts_with(last.as_str())).collect()
}
