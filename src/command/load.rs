//! `load`: steady clients that send requests to a Service, so that a rollout, a crash or a lost node can be seen to
//! cost answers or not. A command of this sandbox; it stands for a load generator such as fortio or hey, run on the
//! user's own machine. What a client does and counts is [`crate::cluster::load`].

use std::fmt::Write as _;

use super::curl::parse_url;
use super::tool::{Outcome, Spec, Tool, run, spec};
use crate::cluster::Cluster;
use crate::cluster::load::{Ending, Load, Plan};
use crate::object::names::dns1123_label;
use crate::object::{Kind, Name};
use crate::output::{age, tabwriter};
use crate::shell::{Candidate, Command, CompletionRequest, Sandbox};
use crate::time::{Duration, Time};

/// Requests a second where none are given.
const PER_SECOND: u32 = 5;
/// How long a client waits for an answer where it is not said: fortio's default.
const TIMEOUT: Duration = Duration::from_secs(3);
/// How far back `load list` and `load status` look for what is happening now.
const RECENT_SECS: i64 = 10;

static SPEC: Spec = spec(
    "load",
    "Usage: load start URL [--rps N] [--name NAME] [--timeout SECONDS]
       load list
       load status [NAME]...
       load stop [NAME]...
Send requests to a Service at a steady rate, as seen from your own machine, and count what comes back.

  start    start a client; it goes on until it is stopped
  list     one line for each client
  status   what became of the requests, by kind
  stop     stop these clients, or all of them, and say how they did

  -r, --rps=N             requests a second, 1 to 200 (default 5)
  -n, --name=NAME         the client's name (default: from the host)
  -t, --timeout=SECONDS   give up a request after so long, 1 to 60 (default 3)

Examples:
  load start http://web --rps 10
  load start http://web:8080/healthz --name health
  load status web
  load stop
",
    "r:n:t:",
    &[("rps", 'r'), ("name", 'n'), ("timeout", 't')],
);

/// `load`
pub(super) static LOAD: Command = Command {
    name: "load",
    summary: "send requests to a Service at a steady rate and count what comes back",
    run: |invocation| run(&SPEC, invocation, load),
    complete,
};

async fn load(mut tool: Tool) -> Outcome {
    if tool.operands.is_empty() {
        return tool.misused("missing operand: start, list, status or stop", 1);
    }
    let word = tool.operands.remove(0);
    let options = tool.has('r') || tool.has('n') || tool.has('t');
    match word.as_str() {
        "start" => start(&tool),
        "list" | "ls" | "status" | "stop" if options => tool
            .misused(&format!("--rps, --name and --timeout belong to 'start', not to '{word}'"), 1),
        "list" | "ls" => match tool.operands.first() {
            Some(extra) => tool.misused(&format!("extra operand '{extra}'"), 1),
            None => list(&tool),
        },
        "status" => each(&tool, |tool, name| {
            let now = tool.invocation.sandbox.now();
            found(tool, name).map(|load| status(&load, now))
        }),
        "stop" => each(&tool, |tool, name| {
            let stopped = tool.invocation.sandbox.drive(|cluster| cluster.stop_load(name))?;
            Some(format!("load/{name} stopped: {}\n", summed_up(&stopped)))
        }),
        other => tool.misused(&format!("unknown word '{other}': start, list, status or stop"), 1),
    }
}

fn found(tool: &Tool, name: &str) -> Option<Load> {
    tool.invocation.sandbox.read(|cluster| {
        let load = cluster.loads().iter().find(|load| &*load.plan.name == name)?;
        Some(Load::clone(load))
    })
}

fn names(sandbox: &Sandbox) -> Vec<Name> {
    sandbox.read(|cluster| {
        cluster.loads().iter().map(|load| load.plan.name.clone()).collect::<Vec<_>>()
    })
}

fn start(tool: &Tool) -> Outcome {
    let [url] = tool.operands.as_slice() else {
        let message = match tool.operands.get(1) {
            Some(extra) => format!("extra operand '{extra}'"),
            None => "missing URL".to_owned(),
        };
        return tool.misused(&message, 1);
    };
    let plan = match plan(tool, url) {
        Ok(plan) => plan,
        Err((code, message)) => {
            tool.complain(message);
            return Ok(code);
        }
    };
    match tool.invocation.sandbox.drive(|cluster| cluster.start_load(plan)) {
        Ok(load) => {
            let Plan { name, per_second, .. } = &load.plan;
            let unit = if *per_second == 1 { "request" } else { "requests" };
            tool.print(&format!(
                "load/{name} started: {per_second} {unit} a second to {}\n",
                load.url()
            ))?;
            match load.flights().next().map(|flight| flight.ending) {
                Some(Ending::Answered) | None => {}
                Some(ending) => tool.complain(format_args!(
                    "the first request failed: {}",
                    told(ending, &load.plan.host)
                )),
            }
            Ok(0)
        }
        Err(message) => {
            tool.complain(message);
            Ok(1)
        }
    }
}

/// What `load start` is asked to do, or curl's exit code and sentence on its URL.
fn plan(tool: &Tool, text: &str) -> Result<Plan, (i32, String)> {
    let url =
        parse_url(text).map_err(|failure| (failure.0, format!("({}) {}", failure.0, failure.1)))?;
    let whole = |letter: char, flag: &str, default: u32| match tool.value(letter) {
        None => Ok(default),
        Some(text) => text
            .parse::<u32>()
            .map_err(|_invalid| (1, format!("--{flag} must be a whole number, not '{text}'"))),
    };
    let per_second = whole('r', "rps", PER_SECOND)?;
    let secs = whole('t', "timeout", u32::try_from(TIMEOUT.as_secs()).unwrap_or(1))?;
    let name = match tool.value('n') {
        Some(name) if !dns1123_label(name).is_empty() => {
            return Err((
                1,
                format!("'{name}' is no name: use lower-case letters, digits and '-'"),
            ));
        }
        Some(name) => name.to_owned(),
        None => free_name(&url.host, &names(&tool.invocation.sandbox)),
    };
    Ok(Plan {
        name: name.into(),
        host: url.host.into(),
        port: url.port,
        path: url.path.into(),
        per_second,
        timeout: Duration::from_secs(u64::from(secs)),
    })
}

/// The host's first label, with a number if a client has that name already.
fn free_name(host: &str, taken: &[Name]) -> String {
    let label = host.split('.').next().unwrap_or_default().to_ascii_lowercase();
    let digits = host.chars().all(|c| c.is_ascii_digit() || c == '.');
    let base = if digits || !dns1123_label(&label).is_empty() { "load".to_owned() } else { label };
    let mut name = base.clone();
    let mut number = 2;
    while taken.iter().any(|taken| **taken == *name) {
        name = format!("{base}-{number}");
        number += 1;
    }
    name
}

/// An ending in a sentence, as curl would say it.
fn told(ending: Ending, host: &str) -> String {
    if ending == Ending::CouldNotResolve {
        format!("Could not resolve host: {host}")
    } else if ending == Ending::NoEndpoints {
        format!("connection refused: the Service behind {host} has no ready Pod")
    } else {
        ending.label().to_owned()
    }
}

/// Does something for each client that is named, or for all; 1 if one is not there.
fn each(tool: &Tool, act: fn(&Tool, &str) -> Option<String>) -> Outcome {
    let running = names(&tool.invocation.sandbox);
    let strip = |name: &String| Name::from(name.strip_prefix("load/").unwrap_or(name));
    let wanted: Vec<Name> =
        if tool.operands.is_empty() { running } else { tool.operands.iter().map(strip).collect() };
    if wanted.is_empty() {
        tool.complain("no client is running");
        return Ok(i32::from(!tool.operands.is_empty()));
    }
    let mut code = 0;
    for name in wanted {
        if let Some(text) = act(tool, &name) {
            tool.print(&text)?;
        } else {
            tool.complain(format_args!("no client named '{name}' is running"));
            code = 1;
        }
    }
    Ok(code)
}

fn list(tool: &Tool) -> Outcome {
    let (loads, now) =
        tool.invocation.sandbox.read(|cluster: &Cluster| (cluster.loads().to_vec(), cluster.now()));
    if loads.is_empty() {
        tool.complain("no client is running");
        return Ok(0);
    }
    let mut text = "NAME\tURL\tRPS\tREQUESTS\tFAILED\tSUCCESS\tLAST 10S\tAGE\n".to_owned();
    for load in loads {
        let recent = load.recent(now, RECENT_SECS);
        writeln!(
            text,
            "{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}",
            load.plan.name,
            load.url(),
            load.plan.per_second,
            load.sent,
            load.failed(),
            percent(load.success_permille()),
            percent(recent.success_permille()),
            age::human(now.secs() - load.started.secs()),
        )
        .expect("a String takes everything");
    }
    tool.print(&tabwriter::align(&text, tabwriter::TABLE))?;
    Ok(0)
}

/// `99.8%`, `-` where nothing has ended yet.
fn percent(permille: Option<u64>) -> String {
    match permille {
        None => "-".to_owned(),
        Some(permille) if permille.is_multiple_of(10) => format!("{}%", permille / 10),
        Some(permille) => format!("{}.{}%", permille / 10, permille % 10),
    }
}

/// `12.345ms`
fn millis(duration: Duration) -> String {
    let micros = duration.as_micros();
    format!("{}.{}ms", micros / 1000, micros % 1000 / 100)
}

/// `120 requests, 118 ok (98.3%), 2 failed: connection refused 1, timed out 1`
fn summed_up(load: &Load) -> String {
    let mut text = format!(
        "{} requests, {} ok ({}), {} failed",
        load.sent,
        load.count(Ending::Answered),
        percent(load.success_permille()),
        load.failed()
    );
    let failures = Ending::ALL.into_iter().filter(|ending| *ending != Ending::Answered);
    let mut before = ": ";
    for ending in failures.filter(|ending| load.count(*ending) > 0) {
        write!(text, "{before}{} {}", ending.label(), load.count(ending))
            .expect("a String takes everything");
        before = ", ";
    }
    text
}

fn status(load: &Load, now: Time) -> String {
    let recent = load.recent(now, RECENT_SECS);
    let mut text = format!(
        "Name:\t{}\nURL:\t{}\nRate:\t{} a second\nTimeout:\t{}s\nRunning for:\t{}\nRequests:\t{}\n",
        load.plan.name,
        load.url(),
        load.plan.per_second,
        load.plan.timeout.as_secs(),
        age::human(now.secs() - load.started.secs()),
        load.sent,
    );
    for ending in Ending::ALL {
        let count = load.count(ending);
        if count > 0 || ending == Ending::Answered {
            writeln!(text, "  {}:\t{count}", ending.label()).expect("a String takes everything");
        }
    }
    writeln!(
        text,
        "Success:\t{}\nLast {RECENT_SECS}s:\t{} of {} ok, latency {} on average, {} at most",
        percent(load.success_permille()),
        recent.answered,
        recent.answered + recent.failed,
        millis(recent.latency_mean),
        millis(recent.latency_max),
    )
    .expect("a String takes everything");
    tabwriter::align(&text, tabwriter::TABLE)
}

fn complete(request: &CompletionRequest, sandbox: &Sandbox) -> Vec<Candidate> {
    let Some((last, before)) = request.words.split_last() else { return Vec::new() };
    let note = |text: String, note: &str| Candidate { text, note: note.to_owned() };
    let proposals = match before.first().map(String::as_str) {
        None => [
            ("list", "one line for each client"),
            ("start", "start a client"),
            ("status", "what became of the requests"),
            ("stop", "stop clients"),
        ]
        .map(|(word, text)| note(word.to_owned(), text))
        .into(),
        Some("start") if last.starts_with('-') => {
            ["--name", "--rps", "--timeout"].map(|flag| note(flag.to_owned(), "")).into()
        }
        Some("start") => services(sandbox),
        Some("status" | "stop") => {
            names(sandbox).iter().map(|name| note(name.to_string(), "")).collect()
        }
        Some(_) => Vec::new(),
    };
    proposals.into_iter().filter(|candidate| candidate.text.starts_with(last.as_str())).collect()
}

/// A URL for each Service.
fn services(sandbox: &Sandbox) -> Vec<Candidate> {
    sandbox.read(|cluster| {
        let services = cluster.store().list(Kind::Service, None);
        let named = services.filter_map(|object| {
            let ports = object.as_service()?.spec.ports.as_deref().unwrap_or_default();
            let port = ports.first().map_or(80, |port| port.port);
            let host = match object.namespace() {
                "default" => object.name().to_owned(),
                namespace => format!("{}.{namespace}", object.name()),
            };
            let text =
                if port == 80 { format!("http://{host}") } else { format!("http://{host}:{port}") };
            Some(Candidate { text, note: String::new() })
        });
        named.collect()
    })
}
