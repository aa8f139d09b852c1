//! `timeout` and `watch`: other commands, for so long or again and again. Models GNU coreutils 9 and procps-ng.

use std::future::poll_fn;
use std::task::Poll;

use super::basic::duration;
use super::tool::{Outcome, Spec, Tool, run, spec};
use super::xargs::start;
use crate::shell::{Command, Input, Invocation, LocalFuture, Screen, Stream};
use crate::time::Duration;

static TIMEOUT_SPEC: Spec = Spec {
    options_first: true,
    usage_error: 125,
    ..spec(
        "timeout",
        "Usage: timeout [-s SIGNAL] [-k DURATION] DURATION COMMAND [ARG]...\nStart COMMAND, and end it if it still runs after DURATION (seconds; suffix s, m, h or d).\n",
        "s:k:v",
        &[("signal", 's'), ("kill-after", 'k'), ("foreground", 'v'), ("preserve-status", 'v')],
    )
};

/// `timeout`
pub(super) static TIMEOUT: Command = Command {
    name: "timeout",
    summary: "run a command for so long at most",
    run: |invocation| run(&TIMEOUT_SPEC, invocation, timeout),
    complete: |_, _| Vec::new(),
};

async fn timeout(mut tool: Tool) -> Outcome {
    if tool.operands.len() < 2 {
        return tool.misused("missing operand", 125);
    }
    let limit = tool.operands.remove(0);
    let Some(limit) = duration(&limit) else {
        return tool.misused(&format!("invalid time interval '{limit}'"), 125);
    };
    let args = tool.operands.split_off(1);
    let name = tool.operands.remove(0);
    let stdin = tool.invocation.stdin.clone();
    let Some(mut running) = start(&tool, &name, args, stdin) else {
        tool.complain(format_args!("failed to run command '{name}': No such file or directory"));
        return Ok(127);
    };
    if limit.is_zero() {
        return Ok(running.await);
    }
    let mut over: LocalFuture<()> = {
        let sandbox = tool.invocation.sandbox.clone();
        Box::pin(async move { sandbox.sleep(limit).await })
    };
    let code = poll_fn(|context| match running.as_mut().poll(context) {
        Poll::Ready(code) => Poll::Ready(code),
        Poll::Pending => over.as_mut().poll(context).map(|()| TIMED_OUT),
    });
    Ok(code.await)
}

/// The exit code of a command whose time was over.
const TIMED_OUT: i32 = 124;

static WATCH_SPEC: Spec = Spec {
    options_first: true,
    ..spec(
        "watch",
        "Usage: watch [-n SECONDS] [-t] [-g] [-e] COMMAND [ARG]...\nRun COMMAND every 2 seconds and show what it prints, until Ctrl+C.\n\n  -n, --interval=SECONDS  wait so long between runs\n  -t, --no-title          no line on top\n  -g, --chgexit           end when the output changes\n  -e, --errexit           end when the command fails\n  -d, --differences       (accepted)\n",
        "n:tged?cxbp",
        &[
            ("interval", 'n'),
            ("no-title", 't'),
            ("chgexit", 'g'),
            ("errexit", 'e'),
            ("differences", 'd'),
            ("exec", 'x'),
        ],
    )
};

/// `watch`
pub(super) static WATCH: Command = Command {
    name: "watch",
    summary: "run a command again and again",
    run: |invocation| run(&WATCH_SPEC, invocation, watch),
    complete: |_, _| Vec::new(),
};

/// The shortest time between two runs.
const INTERVAL_MIN: Duration = Duration::from_millis(100);
/// Clears the screen and what can be scrolled back to.
const CLEAR: &str = "\u{1b}[H\u{1b}[2J\u{1b}[3J";

async fn watch(tool: Tool) -> Outcome {
    if tool.operands.is_empty() {
        tool.invocation.stderr.write(WATCH_SPEC.usage)?;
        return Ok(1);
    }
    let Some(interval) = tool.value('n').map_or(Some(Duration::from_secs(2)), duration) else {
        tool.complain("failed to parse argument: Invalid argument");
        return Ok(1);
    };
    let interval = interval.max(INTERVAL_MIN);
    // As the real one, it hands the words joined to a shell.
    let text = tool.operands.join(" ");
    let columns = tool.invocation.stdout.columns();
    let mut before = None;
    loop {
        let screen = Screen::new(columns.unwrap_or(0));
        let (stdout, stderr) = (screen.output(Stream::Stdout), screen.output(Stream::Stderr));
        let call =
            Invocation { stdin: Input::default(), stdout, stderr, ..tool.invocation.clone() };
        let code = crate::shell::run_script(call, super::COMMANDS, text.clone()).await;
        let shown: Vec<u8> = screen.take().into_iter().flat_map(|chunk| chunk.bytes).collect();
        if columns.is_some() {
            tool.print(CLEAR)?;
        }
        if !tool.has('t') {
            tool.print(&(title(&tool, interval, &text, columns.unwrap_or(80)) + "\n\n"))?;
        }
        tool.print_bytes(&shown)?;
        if code != 0 && tool.has('e') {
            return Ok(8);
        }
        if tool.has('g') && before.as_ref().is_some_and(|before| *before != shown) {
            return Ok(0);
        }
        before = Some(shown);
        // It ends by itself never, so that nobody who has patience only for a while waits for it.
        let sandbox = &tool.invocation.sandbox;
        let again = sandbox.now() + interval;
        sandbox.drive(|cluster| cluster.wake_at(again));
        sandbox.until(|cluster| (cluster.now() >= again).then_some(())).await;
    }
}

/// `Every 2.0s: kubectl get pods         kobune: Wed Apr  1 00:00:00 2026`
fn title(tool: &Tool, interval: Duration, text: &str, columns: usize) -> String {
    let tenths = interval.as_millis() / 100;
    let left = format!("Every {}.{}s: {text}", tenths / 10, tenths % 10);
    let now = tool.invocation.sandbox.now();
    let right = now.format("kobune: %a %b %e %H:%M:%S %Y");
    let room = columns.saturating_sub(right.chars().count());
    if room < 2 {
        return left.chars().take(columns).collect();
    }
    let left: String = left.chars().take(room - 1).collect();
    format!("{left:room$}{right}")
}
