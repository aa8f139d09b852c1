//! `node`: the machines under the cluster: power, cable, new ones, old ones. A command of this sandbox; where machines
//! are real, this is done in a machine room or a cloud's console.
//!
//! Every act names machines; each is done or refused by itself, and the exit code says whether all were done.

use std::fmt::Write as _;

use super::tool::{Outcome, Spec, Tool, run, spec};
use crate::cluster::{BOOT, Cluster, Due, Fate, MachineError, NewMachine, aside};
use crate::controller::nodelifecycle::ready;
use crate::network::{Direction, Machine, Power};
use crate::object::{Key, Kind, Labels};
use crate::output::age;
use crate::output::tabwriter::{TABLE, align};
use crate::shell::{Candidate, Command, CompletionRequest, Sandbox};
use crate::time::Time;

static SPEC: Spec = spec(
    "node",
    "\
Usage: node COMMAND [NODE...]
Work on the machines under the cluster, as one would in a machine room.

  node list                 every machine: power, network, what comes next
  node status NODE          one machine, and what will happen to its Pods and when
  node power-off NODE...    cut the power: everything on it ends at once
  node power-on NODE...     switch it on again; starting up takes 20 seconds
  node reboot NODE...       power-off and power-on at once
  node disconnect NODE...   pull the network cable: everything on it goes on, unheard.
                            [--direction both|in|out] loses packets to it or from it alone
  node reconnect NODE...    plug the cable in again: [--direction both|in|out]
  node add [NAME]           add a machine: [--cpu 4] [--memory 8Gi] [--label KEY=VALUE]...
  node remove NODE...       take machines away for good

Examples:
  node power-off node-2 && kubectl get nodes --watch
  node disconnect node-2 --direction=in && node status node-2
  node add --cpu 8 --memory 16Gi --label disk=ssd
",
    "c:m:l:d:",
    &[("cpu", 'c'), ("memory", 'm'), ("label", 'l'), ("labels", 'l'), ("direction", 'd')],
);

/// `node`
pub(super) static NODE: Command = Command {
    name: "node",
    summary: "power machines off and on, cut their network, add and remove them",
    run: |invocation| run(&SPEC, invocation, node),
    complete,
};

/// Why writing to a text cannot fail.
const TEXT: &str = "a String takes everything";

/// What is done to machines by name; a direction means something to some.
type Act = fn(&mut Cluster, &str, Direction) -> Result<(), MachineError>;

/// The acts, and what each says when it is done.
static ACTS: &[(&str, Act, &str, &str)] = &[
    ("power-off", |cluster, node, _| cluster.power_off(node), "powered off", "cut the power"),
    ("power-on", |cluster, node, _| cluster.power_on(node), "starting up", "switch on again"),
    (
        "reboot",
        |cluster, node, _| cluster.reboot(node),
        "restarting",
        "power-off and power-on at once",
    ),
    ("disconnect", Cluster::disconnect, "disconnected", "pull the network cable"),
    ("reconnect", Cluster::reconnect, "reconnected", "plug the network cable in again"),
    ("remove", |cluster, node, _| cluster.remove_machine(node), "removed", "take away for good"),
];

/// The directions that `--direction` knows, and what is lost in each.
static DIRECTIONS: [(Direction, &str); 3] = [
    (Direction::Both, "packets to the machine and from it"),
    (Direction::In, "packets to the machine"),
    (Direction::Out, "packets from the machine"),
];

/// Commands that are no acts on machines by name.
static OTHERS: &[(&str, &str)] = &[
    ("add", "add a machine"),
    ("list", "every machine, and what comes next"),
    ("status", "one machine, and what will happen to its Pods"),
];

async fn node(tool: Tool) -> Outcome {
    let Some((command, names)) = tool.operands.split_first() else {
        tool.print(SPEC.usage)?;
        return Ok(0);
    };
    if command != "add" && ['c', 'm', 'l'].iter().any(|letter| tool.has(*letter)) {
        return tool.misused("--cpu, --memory and --label are for add alone", 1);
    }
    if !matches!(command.as_str(), "disconnect" | "reconnect") && tool.has('d') {
        return tool.misused("--direction is for disconnect and reconnect alone", 1);
    }
    match (command.as_str(), names) {
        ("help", _) => {
            tool.print(SPEC.usage)?;
            Ok(0)
        }
        ("list" | "ls", []) => {
            let table = tool.invocation.sandbox.read(list);
            tool.print(&table)?;
            Ok(0)
        }
        ("list" | "ls" | "add", [.., extra]) if command != "add" || names.len() > 1 => {
            tool.misused(&format!("extra operand '{extra}'"), 1)
        }
        ("add", names) => add(&tool, names.first()),
        ("status", [name]) => status(&tool, name),
        ("status", [_, extra, ..]) => tool.misused(&format!("extra operand '{extra}'"), 1),
        (word, names) => match ACTS.iter().find(|act| act.0 == word) {
            None if word == "status" => tool.misused("missing the name of a node", 1),
            None => tool.misused(&format!("unknown command '{word}'"), 1),
            Some(_) if names.is_empty() => tool.misused("missing the name of a node", 1),
            Some((_, act, done, _)) => each(&tool, names, *act, done),
        },
    }
}

fn each(tool: &Tool, names: &[String], act: Act, done: &str) -> Outcome {
    let asked = tool.value('d').unwrap_or(Direction::Both.name());
    let Some((way, _)) = DIRECTIONS.iter().find(|(way, _)| way.name() == asked) else {
        return tool.misused(&format!("a direction is both, in or out, not '{asked}'"), 1);
    };
    let mut code = 0;
    for name in names {
        let plain = name.strip_prefix("node/").unwrap_or(name);
        match tool.invocation.sandbox.drive(|cluster| act(cluster, plain, *way)) {
            Ok(()) => tool.print(&format!("node/{plain} {done}{}\n", aside(*way)))?,
            Err(error) => {
                tool.complain(error);
                code = 1;
            }
        }
    }
    Ok(code)
}

fn add(tool: &Tool, name: Option<&String>) -> Outcome {
    let mut labels = Labels::new();
    for pair in tool.values('l').flat_map(|list| list.split(',')) {
        match pair.split_once('=') {
            Some((key, value)) if !key.is_empty() => {
                labels.insert(key.to_owned(), value.to_owned());
            }
            _ => return tool.misused(&format!("a label is KEY=VALUE, not '{pair}'"), 1),
        }
    }
    let text = |letter| tool.value(letter).map(str::to_owned);
    let new = NewMachine { name: name.cloned(), cpu: text('c'), memory: text('m'), labels };
    match tool.invocation.sandbox.drive(|cluster| cluster.add_machine(new)) {
        Ok(name) => {
            tool.print(&format!("node/{name} added, starting up ({}s)\n", BOOT.as_secs()))?;
            Ok(0)
        }
        Err(error) => {
            tool.complain(error);
            Ok(1)
        }
    }
}

fn list(cluster: &Cluster) -> String {
    let mut text = "NAME\tPOWER\tNETWORK\tSTATUS\tHEARTBEAT\tNEXT\n".to_owned();
    for (name, machine, _) in cluster.machines() {
        let heartbeat = cluster.last_heartbeat(name);
        let heartbeat = heartbeat.map_or_else(|| "<none>".to_owned(), |at| ago(at, cluster));
        let outlook = cluster.outlook(name);
        let next = outlook.first().map_or_else(|| "<none>".to_owned(), |due| said(due, cluster));
        let (power, (network, way)) = (power(machine.power), cable(machine));
        let status = node_status(cluster, name);
        writeln!(text, "{name}\t{power}\t{network}{way}\t{status}\t{heartbeat}\t{next}")
            .expect(TEXT);
    }
    align(&text, TABLE)
}

fn status(tool: &Tool, name: &str) -> Outcome {
    let name = name.strip_prefix("node/").unwrap_or(name);
    let text = tool.invocation.sandbox.read(|cluster| describe(cluster, name));
    let Some(text) = text else {
        tool.complain(MachineError::NotFound(name.to_owned()));
        return Ok(1);
    };
    tool.print(&text)?;
    Ok(0)
}

fn describe(cluster: &Cluster, name: &str) -> Option<String> {
    let machine = cluster.network().machine(name)?;
    let mut text = format!("Name:\t{name}\nAddress:\t{}\n", machine.address);
    writeln!(text, "Power:\t{}", power(machine.power)).expect(TEXT);
    let (network, way) = cable(machine);
    writeln!(text, "Network:\t{network}{way}").expect(TEXT);
    text.push_str(lost(machine));
    writeln!(text, "Node status:\t{}", node_status(cluster, name)).expect(TEXT);
    if let Some(at) = cluster.last_heartbeat(name) {
        writeln!(text, "Last heartbeat:\t{}", ago(at, cluster)).expect(TEXT);
    }
    let outlook = cluster.outlook(name);
    let mut lead = "What comes next:";
    for due in &outlook {
        writeln!(text, "{lead}\t{}", said(due, cluster)).expect(TEXT);
        lead = "";
    }
    if outlook.is_empty() {
        writeln!(text, "{lead}\t<none>").expect(TEXT);
    }
    Some(align(&text, TABLE))
}

fn power(power: Power) -> &'static str {
    match power {
        Power::Off => "off",
        Power::Starting(_) => "starting",
        Power::On => "on",
    }
}

/// Whether a machine is connected, and what of it is not where it is not all.
fn cable(machine: &Machine) -> (&'static str, &'static str) {
    machine.lost().map_or(("connected", ""), |way| ("disconnected", aside(way)))
}

/// What packets that are lost in one direction alone come to.
fn lost(machine: &Machine) -> &'static str {
    match machine.lost() {
        Some(Direction::In) => {
            "\
\tPackets to it are lost: no answer arrives, so no
\tconnection can be made. Over open ones a first
\tmessage still gets out.
"
        }
        Some(Direction::Out) => {
            "\
\tPackets from it are lost: nobody hears it, so no
\tconnection can be made. Over open ones the first
\tnews from the API server still gets in.
"
        }
        Some(Direction::Both) | None => "",
    }
}

/// What the API server says of the machine's Node.
fn node_status(cluster: &Cluster, name: &str) -> &'static str {
    let node = cluster.store().get(&Key::cluster(Kind::Node, name));
    match node.and_then(|node| node.as_node()).map(|body| ready(&body.status)) {
        None => "<none>",
        Some("True") => "Ready",
        Some(_) => "NotReady",
    }
}

fn ago(at: Time, cluster: &Cluster) -> String {
    format!("{} ago", age::human(i64::try_from((cluster.now() - at).as_secs()).unwrap_or(i64::MAX)))
}

/// Whole seconds from one moment to another, rounded up.
fn seconds(from: Time, to: Time) -> i64 {
    i64::try_from((to - from).as_millis().div_ceil(1000)).unwrap_or(i64::MAX)
}

/// `NotReady in 34s`.
fn said(due: &Due, cluster: &Cluster) -> String {
    let wait = age::human(seconds(cluster.now(), due.at));
    match &due.fate {
        Fate::Started => format!("started in {wait}"),
        Fate::NotReady => format!("NotReady in {wait}"),
        Fate::Tainted => format!("NoExecute taint in {wait}"),
        Fate::Evicted(pod) => format!("pod/{} evicted in {wait}", pod.name),
        Fate::Removed(pod) => format!("pod/{} removed in {wait}", pod.name),
    }
}

/// Commands first, then machines that the act makes sense for.
fn complete(request: &CompletionRequest, sandbox: &Sandbox) -> Vec<Candidate> {
    let Some((last, before)) = request.words.split_last() else { return Vec::new() };
    let candidate =
        |text: &str, note: &str| Candidate { text: text.to_owned(), note: note.to_owned() };
    let mut proposals: Vec<Candidate> = match before.split_first() {
        None => {
            let acts = ACTS.iter().map(|(word, _, _, note)| (*word, *note));
            acts.chain(OTHERS.iter().copied()).map(|(word, note)| candidate(word, note)).collect()
        }
        Some((command, _)) if command == "add" => {
            ["--cpu=", "--memory=", "--label="].iter().map(|flag| candidate(flag, "")).collect()
        }
        Some((command, _))
            if last.starts_with('-') && matches!(command.as_str(), "disconnect" | "reconnect") =>
        {
            let ways = DIRECTIONS.iter();
            ways.map(|(way, what)| candidate(&format!("--direction={}", way.name()), what))
                .collect()
        }
        Some((command, given)) => sandbox.read(|cluster| {
            let machines = cluster.machines().filter(|(_, machine, _)| match command.as_str() {
                "power-off" => machine.power != Power::Off,
                "power-on" => machine.power == Power::Off,
                "reboot" => machine.runs(),
                "disconnect" => machine.lost() != Some(Direction::Both),
                "reconnect" => machine.lost().is_some(),
                "status" | "remove" => true,
                _ => false,
            });
            let machines = machines.filter(|(name, ..)| !given.iter().any(|one| **one == ***name));
            machines.map(|(name, machine, _)| candidate(name, power(machine.power))).collect()
        }),
    };
    proposals.retain(|candidate| candidate.text.starts_with(last.as_str()));
    crate::order::sort(&mut proposals);
    proposals
}
