//! `kubectl top`: what nodes and Pods use of CPU and memory, as the metrics server last read it.
//!
//! Models kubectl `pkg/cmd/top` and `pkg/metricsutil`.

use std::fmt::Write as _;
use std::sync::Arc;

use super::call::Call;
use super::common::SELECTOR;
use super::failure::Failure;
use super::resource::Selection;
use super::verb::{Arguments, Flag, Group, Outcome, Verb};
use crate::object::{Kind, Metrics, Object, Quantity, Reason, StatusError, Usage};
use crate::order;
use crate::output::tabwriter;
use crate::time::{Duration, Time, go_duration};

/// The verb.
pub(super) static TOP: Verb = Verb {
    name: "top",
    group: Group::Cluster,
    summary: "Display resource (CPU/memory) usage",
    details: &[
        "This command provides a view of recent resource consumption for nodes and pods. It fetches metrics from the Metrics Server, which aggregates this data from the kubelet on each node. The Metrics Server must be installed and running in the cluster for this command to work.",
        "The metrics shown are specifically optimized for Kubernetes autoscaling decisions, such as those made by the Horizontal Pod Autoscaler (HPA) and Vertical Pod Autoscaler (VPA). Because of this, the values may not match those from standard OS tools like 'top', as the metrics are designed to provide a stable signal for autoscalers rather than for pinpoint accuracy.",
        "FAQ for Metrics Server: https://github.com/kubernetes-sigs/metrics-server/blob/master/FAQ.md",
        "When to use this command:",
        " *  For on-the-fly spot-checks of resource usage (e.g. identify which pods are consuming the most resources at a glance, or get a quick sense of the load on your nodes)\n  *  Understand current resource consumption patterns\n  *  Validate the behavior of your HPA or VPA configurations by seeing the metrics they use for scaling decisions.",
        "It is not intended to be a replacement for full-featured monitoring solutions. Its primary design goal is to provide a low-overhead signal for autoscalers, not to be a perfectly accurate monitoring tool. For high-accuracy reporting, historical analysis, dashboarding, or alerting, you should use a dedicated monitoring solution.",
    ],
    usage: "top [flags]",
    verbs: &[NODE, POD],
    ..Verb::BASE
};

const NODE: Verb = Verb {
    name: "node",
    aliases: &["nodes", "no"],
    summary: "Display resource (CPU/memory) usage of nodes",
    details: &["The top-node command allows you to see the resource consumption of nodes."],
    usage: "node [NAME | -l label]",
    examples: &[
        ("Show metrics for all nodes", "kubectl top node"),
        ("Show metrics for a given node", "kubectl top node NODE_NAME"),
    ],
    flags: &[COMMON, SELECTOR, NODE_FLAGS],
    run: |call| Box::pin(async move { nodes(&call) }),
    arguments: Arguments::Nodes,
    ..Verb::BASE
};

const POD: Verb = Verb {
    name: "pod",
    aliases: &["pods", "po"],
    summary: "Display resource (CPU/memory) usage of pods",
    details: &[
        "The 'top pod' command allows you to see the resource consumption of pods.",
        "Due to the metrics pipeline delay, they may be unavailable for a few minutes since pod creation.",
    ],
    usage: "pod [NAME | -l label]",
    examples: &[
        ("Show metrics for all pods in the default namespace", "kubectl top pod"),
        (
            "Show metrics for all pods in the given namespace",
            "kubectl top pod --namespace=NAMESPACE",
        ),
        (
            "Show metrics for a given pod and its containers",
            "kubectl top pod POD_NAME --containers",
        ),
        (
            "Show metrics for the pods defined by label name=myLabel",
            "kubectl top pod -l name=myLabel",
        ),
    ],
    flags: &[COMMON, SELECTOR, POD_FLAGS],
    run: |call| Box::pin(async move { pods(&call) }),
    arguments: Arguments::Pods,
    ..Verb::BASE
};

static COMMON: &[Flag] = &[
    Flag::switch("no-headers", "If present, print output without headers."),
    Flag::text(
        "sort-by",
        "",
        "If non-empty, sort the list using specified field. The field can be either 'cpu' or 'memory'.",
    ),
    Flag::switch("use-protocol-buffers", "Enables using protocol-buffers to access Metrics API.")
        .or("true"),
    Flag::switch("show-swap", "Print resources related to swap memory."),
];

static NODE_FLAGS: &[Flag] = &[Flag::switch(
    "show-capacity",
    "Print node resources based on Capacity instead of Allocatable(default) of the nodes.",
)];

static POD_FLAGS: &[Flag] = &[
    Flag::switch(
        "all-namespaces",
        "If present, list the requested object(s) across all namespaces. Namespace in current context is ignored even if specified with --namespace.",
    )
    .letter('A'),
    Flag::switch("containers", "If present, print usage of containers within a pod."),
    Flag::text(
        "field-selector",
        "",
        "Selector (field query) to filter on, supports '=', '==', and '!='.(e.g. --field-selector key1=value1,key2=value2). The server only supports a limited number of field queries per type.",
    ),
    Flag::switch("sum", "Print the sum of the resource usage"),
];

/// How long after its creation a Pod may be without metrics (`metricsCreationDelay`).
const CREATION_DELAY: Duration = Duration::from_mins(2);

type Measured = (Arc<Object>, Metrics);

/// What the two subcommands have in common: the name that was given, if one was, and the selectors.
fn begin<'a>(call: &'a Call, selectors: &str) -> Result<(Option<&'a str>, Selection), Failure> {
    let name = match call.args() {
        [] => None,
        [name] => Some(name.as_str()),
        _ => return Err(call.usage(call.verb.usage)),
    };
    if !matches!(call.flags.text("sort-by"), "" | "cpu" | "memory") {
        return Err(Failure::plain("--sort-by accepts only cpu or memory"));
    }
    let selects = !call.flags.text("selector").is_empty()
        || (call.verb.name == "pod" && !call.flags.text("field-selector").is_empty());
    if name.is_some_and(|name| !name.is_empty()) && selects {
        return Err(Failure::plain(format!("only one of NAME or {selectors} can be provided")));
    }
    let selection = Selection::of(call)?;
    if let Some(problem) = selection.problem() {
        return Err(Failure::plain(problem));
    }
    if !call.sandbox().read(crate::cluster::Cluster::has_metrics) {
        return Err(Failure::plain("Metrics API not available"));
    }
    Ok((name.filter(|name| !name.is_empty()), selection))
}

fn missing(resource: &str, name: &str) -> Failure {
    let message = format!("{resource} {name:?} not found");
    StatusError::new(Reason::NotFound, message).into()
}

fn pods(call: &Call) -> Outcome {
    let (name, selection) = begin(call, "selector")?;
    let namespace = Some(call.namespace()).filter(|_| !call.all_namespaces());
    if name.is_some() && namespace.is_none() {
        let text = "an empty namespace may not be set when a resource name is provided";
        return Err(Failure::plain(text));
    }
    let named = |pod: &Object| name.is_none_or(|name| pod.name() == name);
    let (found, measured): (Vec<Arc<Object>>, Vec<Measured>) = call.sandbox().read(|cluster| {
        let pods = cluster.store().list(Kind::Pod, namespace);
        let found: Vec<Arc<Object>> =
            pods.filter(|pod| named(pod) && selection.lets(pod)).cloned().collect();
        let measured = found
            .iter()
            .filter_map(|pod| Some((Arc::clone(pod), cluster.metrics_of_pod(pod)?)))
            .collect();
        (found, measured)
    });
    if let (Some(name), true) = (name, measured.is_empty()) {
        let named = format!("{}/{name}", call.namespace());
        return Err(if found.is_empty() {
            missing("pods", name)
        } else {
            missing("podmetrics.metrics.k8s.io", &named)
        });
    }
    if measured.is_empty() {
        for pod in &found {
            let created = pod.meta.creation_timestamp.as_ref().map(Time::from).unwrap_or_default();
            let age = call.now() - created;
            if age > CREATION_DELAY {
                return Err(Failure::plain(format!(
                    "Metrics not available for pod {}/{}, age: {}",
                    pod.namespace(),
                    pod.name(),
                    go_duration(age)
                )));
            }
        }
        if !found.is_empty() {
            return Err(Failure::plain("metrics not available yet"));
        }
        return call.err(match namespace {
            None => "No resources found".to_owned(),
            Some(namespace) => format!("No resources found in {namespace} namespace."),
        });
    }
    call.out(pod_table(call, measured, namespace.is_none()))
}

fn pod_table(call: &Call, mut measured: Vec<Measured>, namespaces: bool) -> String {
    let by = call.flags.text("sort-by");
    let containers = call.flags.on("containers");
    let swap = call.flags.on("show-swap");
    if !by.is_empty() {
        order::sort_by_key(&mut measured, |(_, metrics)| {
            std::cmp::Reverse(rank(metrics.total(), by))
        });
    }
    let mut text = String::new();
    let mut columns = if swap { 4 } else { 3 };
    if !call.flags.on("no-headers") {
        for (shown, title) in [(namespaces, "NAMESPACE\t"), (containers, "POD\t")] {
            if shown {
                text.push_str(title);
                columns += 1;
            }
        }
        text.push_str("NAME\tCPU(cores)\tMEMORY(bytes)\t");
        text.push_str(if swap { "SWAP(bytes)\t\n" } else { "\n" });
    }
    let mut total = Usage::default();
    for (pod, metrics) in &measured {
        let mut line = |name: &str, usage: Usage| {
            if namespaces {
                text.extend([pod.namespace(), "\t"]);
            }
            if containers {
                text.extend([pod.name(), "\t"]);
            }
            text.extend([name, "\t"]);
            push_usage(&mut text, usage, swap);
        };
        total.add(metrics.total());
        if containers {
            let mut each = metrics.containers.clone();
            order::sort_by(&mut each, |a, b| match by {
                "" => a.name.cmp(&b.name),
                _ => rank(b.usage, by).cmp(&rank(a.usage, by)),
            });
            for one in &each {
                line(&one.name, one.usage);
            }
        } else {
            line(pod.name(), metrics.total());
        }
    }
    if call.flags.on("sum") {
        text.push_str(&"\t".repeat(columns - 2));
        text.push_str("________\t________\t\n");
        text.push_str(&"\t".repeat(columns - 2));
        push_usage(&mut text, total, swap);
    }
    tabwriter::align(&text, tabwriter::TABLE)
}

fn rank(usage: Usage, by: &str) -> i64 {
    usage.milli(by).unwrap_or(0)
}

/// Amounts as they are shown, and the end of the line.
fn push_usage(text: &mut String, usage: Usage, swap: bool) {
    write!(text, "{}m\t{}Mi\t", usage.cpu_milli(), usage.memory_bytes >> 20)
        .expect("a String takes everything");
    text.push_str(if swap { "0Mi\t\n" } else { "\n" });
}

fn nodes(call: &Call) -> Outcome {
    let (name, selection) = begin(call, "--selector")?;
    let found: Vec<(Arc<Object>, Option<Metrics>)> = call.sandbox().read(|cluster| {
        let nodes = cluster.store().list(Kind::Node, None);
        nodes
            .filter(|node| name.is_none_or(|name| node.name() == name) && selection.lets(node))
            .map(|node| (Arc::clone(node), cluster.metrics_of_node(node)))
            .collect()
    });
    let (mut known, unknown): (Vec<_>, Vec<_>) =
        found.into_iter().partition(|(_, metrics)| metrics.is_some());
    if known.is_empty() {
        return Err(match name {
            Some(name) if unknown.is_empty() => missing("node", name),
            Some(name) => missing("nodemetrics.metrics.k8s.io", name),
            None => Failure::plain("metrics not available yet"),
        });
    }
    let usage = |of: &Option<Metrics>| of.as_ref().map(Metrics::total).unwrap_or_default();
    let by = call.flags.text("sort-by");
    if !by.is_empty() {
        order::sort_by_key(&mut known, |(_, metrics)| std::cmp::Reverse(rank(usage(metrics), by)));
    }
    let swap = call.flags.on("show-swap");
    let mut text = String::new();
    if !call.flags.on("no-headers") {
        text.push_str("NAME\tCPU(cores)\tCPU(%)\tMEMORY(bytes)\tMEMORY(%)\t");
        text.push_str(if swap { "SWAP(bytes)\tSWAP(%)\t\n" } else { "\n" });
    }
    for (node, metrics) in &known {
        let usage = usage(metrics);
        let share = |resource: &str| percent(call, node, resource, usage);
        writeln!(
            text,
            "{}\t{}m\t{}\t{}Mi\t{}\t{}",
            node.name(),
            usage.cpu_milli(),
            share("cpu"),
            usage.memory_bytes >> 20,
            share("memory"),
            if swap { "<unknown>\t<unknown>\t" } else { "" },
        )
        .expect("a String takes everything");
    }
    for (node, _) in &unknown {
        let cells = "<unknown>\t".repeat(if swap { 6 } else { 4 });
        text.extend([node.name(), "\t", &cells, "\n"]);
    }
    call.out(tabwriter::align(&text, tabwriter::TABLE))
}

/// How much of what a node has, or may give to Pods, is used.
fn percent(call: &Call, node: &Object, resource: &str, usage: Usage) -> String {
    let Some(body) = node.as_node() else { return String::new() };
    let all = if call.flags.on("show-capacity") {
        &body.status.capacity
    } else {
        &body.status.allocatable
    };
    let there = all.as_ref().and_then(|all| Quantity::parse(&all.get(resource)?.0).ok());
    let there = there.map_or(0, |there| i128::from(there.milli_value()));
    let used = i128::from(usage.milli(resource).unwrap_or(0));
    format!("{}%", (used * 100).checked_div(there).unwrap_or(0))
}
