//! `kubectl attach`, and what `kubectl run -it` does once its Pod runs: talking to a container's main process.
//!
//! A shell that reads its commands waits for who attaches (`Process::waits_for_commands`); leaving it ends the container
//! with its exit code. Of any other program what it wrote and writes is shown until it ends. Models kubectl
//! `pkg/cmd/attach/attach.go` and `handleAttachPod` of `pkg/cmd/run/run.go`. *Differs:* what is said in a session does not
//! stand in the container's log; what a program wrote before is shown too; other programs than shells hear nothing.

use std::sync::Arc;

use super::call::Call;
use super::common::DETACH_KEYS;
use super::failure::Failure;
use super::podcmd::{attachable, container};
use super::verb::{Arguments, Flag, Group, Outcome, Verb};
use super::{exec, logs};
use crate::kubelet::Fault;
use crate::object::Object;
use crate::shell::LocalFuture;

/// The verb.
pub(super) static ATTACH: Verb = Verb {
    name: "attach",
    group: Group::Troubleshooting,
    summary: "Attach to a running container",
    details: &["Attach to a process that is already running inside an existing container."],
    usage: "attach (POD | TYPE/NAME) -c CONTAINER",
    examples: &[
        ("See what a Pod's first container writes from now on", "kubectl attach mypod"),
        ("Type to a shell that a Pod runs", "kubectl attach mypod -i -t"),
        ("See what one container writes", "kubectl attach mypod -c app"),
    ],
    flags: &[FLAGS, exec::SESSION],
    run,
    arguments: Arguments::Pods,
    ..Verb::BASE
};

static FLAGS: &[Flag] = &[DETACH_KEYS];

fn run(call: Call) -> LocalFuture<Outcome> {
    Box::pin(async move {
        let target = match call.args() {
            [] => return Err(Failure::plain("at least 1 argument is required for attach")),
            [target] => target.clone(),
            [kind, name] => format!("{kind}/{name}"),
            more => {
                return Err(Failure::plain(format!(
                    "expected POD, TYPE/NAME, or TYPE NAME, (at most 2 arguments) saw {}: [{}]",
                    more.len(),
                    more.join(" ")
                )));
            }
        };
        let pod = attachable(&call, &target).await?;
        let container = container(&call, &pod, "attach")?;
        to(&call, &pod, &container).await
    })
}

/// Talks to the main process of a container that runs.
pub(super) async fn to(call: &Call, pod: &Arc<Object>, container: &str) -> Outcome {
    let spec = pod.as_pod().map(|body| &body.shared.containers);
    let mut specs = spec.into_iter().flatten();
    let allocated = specs.any(|one| one.name == container && one.tty == Some(true));
    let quiet = call.flags.on("quiet");
    if call.flags.on("tty") && !allocated && !quiet {
        call.err(format!(
            "error: Unable to use a TTY - container {container} did not allocate one"
        ))?;
    }
    let terminal = call.shell.stdout.columns().is_some();
    let stdin = call.flags.on("stdin");
    let raw = stdin && allocated && terminal;
    if stdin && allocated && !terminal && !quiet {
        call.err("Unable to use a TTY - input is not a terminal or the right kind of file")?;
    }
    if !quiet {
        call.err("All commands and output from this session will be recorded in container logs, including credentials and sensitive information passed through the command prompt.")?;
        call.err("If you don't see a command prompt, try pressing enter.")?;
    }
    let shell = call.sandbox().read(|cluster| cluster.main_shell(pod, container));
    let Some(argv) = shell.filter(|_| stdin) else {
        return logs::stream(call, pod, container).await;
    };
    let begun =
        call.sandbox().drive(|cluster| cluster.begin_exec(pod, container, &argv, String::new()));
    let mut session = begun.map_err(exec::refused)?;
    let code = exec::converse(call, &mut session, raw).await?;
    // The session was the container's main process.
    let key = pod.key();
    let ended = call.sandbox().drive(|cluster| cluster.fault(&key, container, Fault::Crash(code)));
    // A container that was gone before has ended too.
    drop(ended);
    if raw && !quiet {
        call.line(format!(
            "Session ended, resume using 'kubectl attach {} -c {container} -n {} -i -t' command",
            pod.name(),
            pod.namespace()
        ))?;
    }
    Ok(())
}
