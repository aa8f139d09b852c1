//! `kubectl exec`: a command inside a container. Models kubectl `pkg/cmd/exec/exec.go`, `pkg/cmd/util/podcmd/podcmd.go`
//! and `pkg/polymorphichelpers/attachablepodforobject.go`. What runs is [`crate::cluster::ContainerExec`].
//!
//! With `-i` a shell reads commands from standard input, line by line; with `-t` as well, at a terminal, it prompts.
//! *Differs:* other commands get their whole input at once; Ctrl+C ends kubectl, not the command alone.

use std::sync::Arc;

use k8s_openapi::api::core::v1::Container;

use super::call::Call;
use super::common::{pod_running_timeout, within_pod_running_timeout};
use super::failure::Failure;
use super::kinds;
use super::verb::{Arguments, Flag, Group, Outcome, Verb};
use crate::cluster::{Cluster, ContainerExec, ExecRefused, ExecStep};
use crate::engine::{Process, Stream};
use crate::object::{Key, Kind, Object, PodBody, StatusError, selector_matches};
use crate::shell::LocalFuture;

/// The verb.
pub(super) static EXEC: Verb = Verb {
    name: "exec",
    group: Group::Troubleshooting,
    summary: "Execute a command in a container",
    details: &["Execute a command in a container."],
    usage: "exec (POD | TYPE/NAME) [-c CONTAINER] [flags] -- COMMAND [args...]",
    examples: &[
        (
            "Get output from running the 'date' command from pod mypod, using the first container by default",
            "kubectl exec mypod -- date",
        ),
        (
            "Get output from running the 'date' command in ruby-container from pod mypod",
            "kubectl exec mypod -c ruby-container -- date",
        ),
        ("Type commands into a shell inside the container", "kubectl exec mypod -i -t -- sh"),
        (
            "Get output from running 'date' command from the first pod of the deployment mydeployment",
            "kubectl exec deploy/mydeployment -- date",
        ),
    ],
    flags: &[FLAGS, SESSION],
    run,
    arguments: Arguments::Pods,
    ..Verb::BASE
};

static FLAGS: &[Flag] = &[Flag::array("filename", "to use to exec into the resource").letter('f')];

/// The container to talk to, and how; `attach` has them too.
pub(super) static SESSION: &[Flag] = &[
    Flag::text(
        "container",
        "",
        "Container name. If omitted, use the kubectl.kubernetes.io/default-container annotation for selecting the container to be attached or the first container in the pod will be chosen",
    )
    .letter('c'),
    pod_running_timeout("1m0s"),
    Flag::switch("quiet", "Only print output from the remote session").letter('q'),
    Flag::switch("stdin", "Pass stdin to the container").letter('i'),
    Flag::switch("tty", "Stdin is a TTY").letter('t'),
];

fn run(call: Call) -> LocalFuture<Outcome> {
    Box::pin(async move { exec(&call).await })
}

async fn exec(call: &Call) -> Outcome {
    let (target, argv) = words(call)?;
    let pod = pod(call, &target).await?;
    let container = container(call, &pod, "exec into")?;
    let terminal = call.shell.stdout.columns().is_some();
    let (stdin, wants_tty) = (call.flags.on("stdin"), call.flags.on("tty"));
    let tty = stdin && wants_tty && terminal;
    if stdin && wants_tty && !terminal && !call.flags.on("quiet") {
        call.err("Unable to use a TTY - input is not a terminal or the right kind of file")?;
    }
    let typed = stdin && Process::reads_commands(&argv);
    let input = if stdin && !typed && !tty {
        String::from_utf8_lossy(&call.shell.stdin.read_to_end().await).into_owned()
    } else {
        String::new()
    };
    let begun = call.sandbox().drive(|cluster| cluster.begin_exec(&pod, &container, &argv, input));
    let mut session = begun.map_err(refused)?;
    let code = if typed {
        converse(call, &mut session, tty).await?
    } else {
        to_end(call, &mut session, tty).await?
    };
    if code == 0 {
        return Ok(());
    }
    call.err(format!("command terminated with exit code {code}"))?;
    Err(Failure::Exit(code))
}

/// The Pod (or what has Pods) and the command.
fn words(call: &Call) -> Result<(String, Vec<String>), Failure> {
    let (words, dash) = (call.args(), call.flags.dash);
    let target = words.first().filter(|_| dash != Some(0)).cloned().unwrap_or_default();
    let argv = match dash {
        Some(dash) => words.get(dash..).unwrap_or_default(),
        None => words.get(1..).unwrap_or_default(),
    };
    let file = call.flags.given("filename");
    if dash.is_none() && (words.len() > 1 || (words.len() == 1 && file)) {
        return Err(call.usage(
            "exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead",
        ));
    }
    if file {
        return Err(Failure::not_simulated("kubectl exec -f"));
    }
    if target.is_empty() {
        return Err(Failure::plain("pod, type/name or --filename must be specified"));
    }
    if argv.is_empty() {
        return Err(Failure::plain("you must specify at least one command for the container"));
    }
    Ok((target, argv.to_vec()))
}

/// What `web` or `deployment/web` names.
fn key(call: &Call, target: &str) -> Result<Key, Failure> {
    Ok(match target.split_once('/') {
        Some((kind, name)) => call.key(kinds::of_word(call.known(), kind)?, name),
        None => call.key(Kind::Pod, target),
    })
}

/// The object that is named, if it is there.
pub(super) fn named(call: &Call, target: &str) -> Result<Option<Arc<Object>>, Failure> {
    Ok(call.get(&key(call, target)?))
}

/// The Pod that is named, or the best one of what is named: one that runs and is ready, the oldest of those.
pub(super) async fn pod(call: &Call, target: &str) -> Result<Arc<Object>, Failure> {
    let key = key(call, target)?;
    let object = call.get(&key).ok_or_else(|| StatusError::not_found(&key))?;
    if object.as_pod().is_some() {
        return Ok(object);
    }
    let Some(selector) = object.pod_selector() else {
        return Err(Failure::plain(format!("cannot attach to {}", without_pods(&object))));
    };
    let namespace = call.namespace().to_owned();
    let best = move |cluster: &Cluster| {
        let pods = cluster.store().list(Kind::Pod, Some(&namespace));
        let matching = pods.filter(|pod| selector_matches(&selector, pod.meta.labels.as_ref()));
        matching.max_by_key(|pod| rank(pod)).cloned()
    };
    within_pod_running_timeout(call, best).await
}

/// Why no Pods come of an object, in kubectl's own words (`SelectorsForObject` of `pkg/polymorphichelpers/helpers.go`,
/// "not implemented" included).
pub(super) fn without_pods(object: &Object) -> String {
    let (kind, name) = (object.kind().info().name, object.name());
    if object.kind() == Kind::Service {
        return format!(
            "*v1.Service: invalid service '{name}': Service is defined without a selector"
        );
    }
    format!("*v1.{kind}: selector for *v1.{kind} not implemented")
}

/// The names of a Pod's containers in one line (`AllContainerNames`).
pub(super) fn all_containers(body: &PodBody) -> String {
    let name = |container: &Container| container.name.clone();
    let mut all: Vec<String> = body.shared.containers.iter().map(name).collect();
    let inits = body.shared.init_containers.iter().flatten();
    all.extend(inits.map(|container| format!("{} (init)", container.name)));
    all.join(", ")
}

/// That a Pod has no such container.
pub(super) fn no_such_container(pod: &Object, body: &PodBody, name: &str) -> Failure {
    let all = all_containers(body);
    Failure::plain(format!("container {name} is not valid for pod {} out of: {all}", pod.name()))
}

/// How well a Pod serves to run something in (`podutils.ActivePods`, from its end).
fn rank(pod: &Object) -> (bool, bool, bool, std::cmp::Reverse<i64>) {
    let Some(body) = pod.as_pod() else { return (false, false, false, std::cmp::Reverse(0)) };
    let running = body.status.phase.as_deref() == Some("Running");
    let mut conditions = body.status.conditions.iter().flatten();
    let ready =
        conditions.any(|condition| condition.type_ == "Ready" && condition.status == "True");
    let created = pod.meta.creation_timestamp.as_ref().map_or(0, |time| time.0.as_second());
    (body.own.node_name.is_some(), running, ready, std::cmp::Reverse(created))
}

/// The container that is named, annotated or first, to do something with: `attach`, `exec into`.
pub(super) fn container(call: &Call, pod: &Object, act: &str) -> Result<String, Failure> {
    let body = pod.as_pod().ok_or_else(|| Failure::plain("the object is no Pod"))?;
    if let Some(phase @ ("Succeeded" | "Failed")) = body.status.phase.as_deref() {
        return Err(Failure::plain(format!(
            "cannot {act} a container in a completed pod; current phase is {phase}"
        )));
    }
    let named = call.flags.text("container");
    let inits = body.shared.init_containers.as_deref().unwrap_or_default();
    let containers = &body.shared.containers;
    let annotated = pod.annotation("kubectl.kubernetes.io/default-container");
    let known =
        |name: &&str| containers.iter().chain(inits).any(|container| container.name == *name);
    if !named.is_empty() {
        return match Some(named).filter(known) {
            Some(name) => Ok(name.to_owned()),
            None => Err(no_such_container(pod, body, named)),
        };
    }
    if let Some(name) = annotated.filter(known) {
        return Ok(name.to_owned());
    }
    let first = containers.first().map(|container| container.name.clone()).unwrap_or_default();
    if containers.len() + inits.len() > 1 && !call.flags.on("quiet") {
        call.err(format!("Defaulted container {first:?} out of: {}", all_containers(body)))?;
    }
    Ok(first)
}

/// Runs a command to its end for its exit code and what it writes, on either stream.
pub(super) async fn quietly(
    call: &Call,
    pod: &Object,
    container: &str,
    argv: &[String],
    input: String,
) -> Result<(i32, String), Failure> {
    let begun = call.sandbox().drive(|cluster| cluster.begin_exec(pod, container, argv, input));
    let mut session = begun.map_err(refused)?;
    let mut text = String::new();
    loop {
        let mut out = Vec::new();
        let step = call.sandbox().drive(|cluster| cluster.step_exec(&mut session, &mut out));
        text.extend(out.into_iter().map(|(_, more)| more));
        match step {
            ExecStep::Ended(code) => return Ok((code, text)),
            ExecStep::Waits(until) => {
                let rest = until - call.now();
                call.sandbox().sleep(rest).await;
            }
            ExecStep::Stays => return Ok((137, text)),
        }
    }
}

/// What a refusal is to the caller.
pub(super) fn refused(refused: ExecRefused) -> Failure {
    match refused {
        ExecRefused::Server(error) => Failure::Server(error),
        ExecRefused::Connection(text) => Failure::plain(text),
    }
}

/// Lets a command run until it ends, and shows what it writes.
async fn to_end(call: &Call, session: &mut ContainerExec, tty: bool) -> Result<i32, Failure> {
    loop {
        let mut out = Vec::new();
        let step = call.sandbox().drive(|cluster| cluster.step_exec(session, &mut out));
        for (stream, text) in out {
            match stream {
                Stream::Stderr if !tty => call.shell.stderr.write(&text)?,
                Stream::Stderr | Stream::Stdout => call.shell.stdout.write(&text)?,
            }
        }
        let killed = |cluster: &Cluster| (!cluster.exec_lives(session)).then_some(());
        match step {
            ExecStep::Ended(code) => return Ok(code),
            ExecStep::Waits(until) => {
                let rest = until - call.now();
                call.sandbox().until_within(rest, killed).await.unwrap_or_default();
            }
            ExecStep::Stays => call.sandbox().until(killed).await,
        }
    }
}

/// A shell that reads its commands from standard input; at a terminal it prompts and shows what was typed.
pub(super) async fn converse(
    call: &Call,
    session: &mut ContainerExec,
    tty: bool,
) -> Result<i32, Failure> {
    let mut code = 0;
    loop {
        if tty {
            call.out(call.sandbox().read(|cluster| cluster.exec_prompt(session)))?;
        }
        let Some(line) = call.shell.stdin.read_line().await else {
            if tty {
                call.out("\n")?;
            }
            return Ok(code);
        };
        let line = String::from_utf8_lossy(&line).into_owned();
        if tty {
            call.out(format!("{}\n", line.trim_end_matches('\n')))?;
        }
        match session.next_line(&line) {
            Ok(()) => code = to_end(call, session, tty).await?,
            Err(message) => {
                call.err(format!("sh: {message}"))?;
                code = 2;
            }
        }
        let lives = call.sandbox().read(|cluster| cluster.exec_lives(session));
        if session.left() || !lives {
            return Ok(if lives { code } else { 137 });
        }
    }
}
