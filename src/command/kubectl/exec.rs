//! `kubectl exec`: a command inside a container. Models kubectl `pkg/cmd/exec/exec.go`. What runs is
//! [`crate::cluster::ContainerExec`].
//!
//! With `-i` a shell reads commands from standard input, line by line; with `-t` as well, at a terminal, it prompts.
//! *Differs:* other commands get their whole input at once; Ctrl+C ends kubectl, not the command alone.

use super::call::Call;
use super::common::pod_running_timeout;
use super::failure::Failure;
use super::podcmd::{attachable, container};
use super::verb::{Arguments, Flag, Group, Outcome, Verb};
use crate::cluster::{Cluster, ContainerExec, ExecRefused, ExecStep};
use crate::engine::{Process, Stream};
use crate::object::Object;
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
    let pod = attachable(call, &target).await?;
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
