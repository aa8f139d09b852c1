//! `kubectl drain`: keeps new Pods off a node and moves those that are there.
//!
//! Models kubectl `pkg/cmd/drain/drain.go`, `pkg/drain/drain.go` (evict, wait until gone, time out) and
//! `pkg/drain/filters.go` (what may be deleted with which flag). *Differs:* an eviction is never refused, since there are
//! no `PodDisruptionBudget`s yet, and no DaemonSet is ever found; Pods are evicted in order of name.

use std::sync::Arc;

use super::apply::said;
use super::call::Call;
use super::common::{DRY_RUN, DryRun, SELECTOR};
use super::failure::Failure;
use super::verb::{Arguments, Flag, Group, Outcome, Verb};
use super::{cordon, server};
use crate::object::{Key, Kind, Object, PodBody, Reason, Selector};
use crate::store::DeleteOptions;
use crate::time::{Duration, Time, go_duration};

/// The verb.
pub(super) static DRAIN: Verb = Verb {
    name: "drain",
    group: Group::Cluster,
    summary: "Drain node in preparation for maintenance",
    details: &[
        "The node is cordoned first, so that no new Pods arrive. Then all its Pods are evicted but those of DaemonSets, and it is waited until they are gone.",
        "Pods that no controller would make anew are not deleted without --force, Pods with emptyDir volumes not without --delete-emptydir-data; with DaemonSet-managed Pods on the node, --ignore-daemonsets is needed.",
        "When the node is to take Pods again, use kubectl uncordon.",
    ],
    usage: "drain NODE",
    examples: &[
        ("Drain node-1", "kubectl drain node-1 --ignore-daemonsets"),
        (
            "Drain it even if there are Pods that no controller manages, with 15 minutes of grace",
            "kubectl drain node-1 --force --grace-period=900",
        ),
    ],
    flags: &[FLAGS, SELECTOR, DRY_RUN],
    run: |call| Box::pin(async move { drain(&call).await }),
    arguments: Arguments::Nodes,
    ..Verb::BASE
};

static FLAGS: &[Flag] = &[
    Flag::int(
        "chunk-size",
        "500",
        "Return large lists in chunks rather than all at once. Pass 0 to disable.",
    ),
    Flag::switch(
        "delete-emptydir-data",
        "Continue even if there are pods using emptyDir (local data that will be deleted when the node is drained).",
    ),
    Flag::switch(
        "disable-eviction",
        "Force drain to use delete, even if eviction is supported. This will bypass checking PodDisruptionBudgets, use with caution.",
    ),
    Flag::switch("force", "Continue even if there are pods that do not declare a controller."),
    Flag::int(
        "grace-period",
        "-1",
        "Period of time in seconds given to each pod to terminate gracefully. If negative, the default value specified in the pod will be used.",
    ),
    Flag::switch("ignore-daemonsets", "Ignore DaemonSet-managed pods."),
    Flag::text("pod-selector", "", "Label selector to filter pods on the node"),
    Flag::int(
        "skip-wait-for-delete-timeout",
        "0",
        "If pod DeletionTimestamp older than N seconds, skip waiting for the pod. Seconds must be greater than 0 to skip.",
    ),
    Flag::duration(
        "timeout",
        "0s",
        "The length of time to wait before giving up, zero means infinite",
    ),
];

/// As long as it takes: kubectl's own week.
const FOREVER: Duration = Duration::from_hours(168);
/// How often it looks whether Pods are gone.
const POLL: Duration = Duration::from_secs(1);

const LOCAL_STORAGE_FATAL: &str =
    "Pods with local storage (use --delete-emptydir-data to override)";
const UNMANAGED_FATAL: &str =
    "cannot delete Pods that declare no controller (use --force to override)";
const UNMANAGED_WARNING: &str = "deleting Pods that declare no controller";

async fn drain(call: &Call) -> Outcome {
    let dry_run = cordon::dry_run(call)?;
    let selector = call.flags.text("pod-selector");
    let selector = match Selector::parse(selector) {
        Ok(_) if selector.is_empty() => None,
        Ok(selector) => Some(selector),
        Err(_) => {
            return Err(Failure::plain(
                "--pod-selector=<pod_selector> must be a valid label selector",
            ));
        }
    };
    let nodes = cordon::nodes(call)?;
    cordon::mark(call, &nodes, true, dry_run)?;
    let (mut pending, mut fatal) = (Vec::new(), Vec::new());
    for node in &nodes {
        let name = node.name();
        match empty(call, name, selector.as_ref(), dry_run).await? {
            Ok(()) => call.line(said(Kind::Node, name, "drained", dry_run))?,
            Err(problems) => {
                let text = aggregate(&problems);
                call.err(format!(
                    "error: unable to drain node {name:?} due to error: {text}, continuing command..."
                ))?;
                pending.push(name);
                fatal.extend(problems.into_iter().map(Failure::Plain));
            }
        }
    }
    if pending.is_empty() {
        return Ok(());
    }
    call.err("There are pending nodes to be drained:")?;
    for name in pending {
        call.err(format!(" {name}"))?;
    }
    Err(Failure::Many(fatal))
}

/// Several problems in one text, as Go prints an aggregate.
fn aggregate(problems: &[String]) -> String {
    if let [only] = problems { only.clone() } else { format!("[{}]", problems.join(", ")) }
}

/// Moves the Pods of one node away; the inner error is what keeps them there.
async fn empty(
    call: &Call,
    node: &str,
    selector: Option<&Selector>,
    dry_run: DryRun,
) -> Result<Result<(), Vec<String>>, Failure> {
    let verdicts = verdicts(call, node, selector);
    let fatal = gather(&verdicts, |fate| match fate {
        Fate::Fatal(message) if message.starts_with("cannot delete") => Some(message.clone()),
        Fate::Fatal(message) => Some(format!("cannot delete {message}")),
        Fate::Delete | Fate::Skip | Fate::Warn(_) => None,
    });
    if !fatal.is_empty() {
        return Ok(Err(fatal));
    }
    let warnings = gather(&verdicts, |fate| match fate {
        Fate::Warn(message) => Some(message.clone()),
        Fate::Delete | Fate::Skip | Fate::Fatal(_) => None,
    });
    if !warnings.is_empty() {
        call.warn(warnings.join("; "))?;
    }
    let goes = |fate: &Fate| matches!(fate, Fate::Delete | Fate::Warn(_));
    let pods: Vec<Arc<Object>> =
        verdicts.into_iter().filter(|(_, fate)| goes(fate)).map(|(pod, _)| pod).collect();
    let eviction = !call.flags.on("disable-eviction");
    if eviction || dry_run != DryRun::None {
        let client = dry_run == DryRun::Client;
        let doing = if eviction || client { "evicting" } else { "deleting" };
        for pod in &pods {
            let (namespace, name) = (pod.namespace(), pod.name());
            call.line(format!("{doing} pod {namespace}/{name}{}", dry_run.suffix()))?;
        }
    }
    if dry_run == DryRun::Client {
        return Ok(Ok(()));
    }
    let mut problems = send(call, &pods, eviction, dry_run);
    if dry_run == DryRun::None && problems.is_empty() {
        problems = wait(call, &pods, eviction).await?;
    }
    if problems.is_empty() {
        return Ok(Ok(()));
    }
    let left = self::verdicts(call, node, selector);
    let left: Vec<_> = left.iter().filter(|(_, fate)| goes(fate)).collect();
    if !left.is_empty() {
        let text = aggregate(&problems);
        call.err(format!(
            "There are pending pods in node {node:?} when an error occurred: {text}"
        ))?;
        for (pod, _) in left {
            call.err(format!("pod/{}", pod.name()))?;
        }
    }
    Ok(Err(problems))
}

/// What may become of a Pod.
enum Fate {
    Delete,
    Skip,
    /// It goes, and the user is told why that is no matter of course.
    Warn(String),
    /// It stays, and so does the node.
    Fatal(String),
}

/// The node's Pods that the selector selects, each with its fate.
fn verdicts(call: &Call, node: &str, selector: Option<&Selector>) -> Vec<(Arc<Object>, Fate)> {
    let pods: Vec<Arc<Object>> = call.read(|store| store.pods_on(node).cloned().collect());
    let selected =
        |pod: &Object| selector.is_none_or(|selector| selector.matches(pod.meta.labels.as_ref()));
    pods.into_iter()
        .filter(|pod| selected(pod))
        .filter_map(|pod| {
            let fate = fate(call, &pod, pod.as_pod()?);
            Some((pod, fate))
        })
        .collect()
}

/// The filters in their order; the first that keeps a Pod decides, else the last.
fn fate(call: &Call, pod: &Object, body: &PodBody) -> Fate {
    let ended = matches!(body.status.phase.as_deref(), Some("Succeeded" | "Failed"));
    let force = call.flags.on("force");
    let controller = pod.controller();
    if is_skipped(call, pod) || pod.annotation("kubernetes.io/config.mirror").is_some() {
        return Fate::Skip;
    }
    if let Some(owner) = controller.filter(|owner| owner.kind == "DaemonSet" && !ended) {
        // No DaemonSet is there, since the kind is not simulated yet.
        let message = format!("daemonsets.apps {:?} not found", owner.name);
        return if force { Fate::Warn(message) } else { Fate::Fatal(message) };
    }
    let local = body.shared.volumes.iter().flatten().any(|volume| volume.empty_dir.is_some());
    if local && !ended && !call.flags.on("delete-emptydir-data") {
        return Fate::Fatal(LOCAL_STORAGE_FATAL.to_owned());
    }
    match (ended || controller.is_some(), force) {
        (true, _) => Fate::Delete,
        (false, true) => Fate::Warn(UNMANAGED_WARNING.to_owned()),
        (false, false) => Fate::Fatal(UNMANAGED_FATAL.to_owned()),
    }
}

/// Whether a Pod has been terminating for so long that nobody waits for it.
fn is_skipped(call: &Call, pod: &Object) -> bool {
    let secs = call.flags.int("skip-wait-for-delete-timeout");
    let Ok(secs @ 1..) = u64::try_from(secs) else { return false };
    let deadline = pod.meta.deletion_timestamp.as_ref().map(Time::from);
    deadline.is_some_and(|deadline| call.now().since(deadline).as_secs() > secs)
}

/// Each message once, with the Pods that it is about.
fn gather(
    verdicts: &[(Arc<Object>, Fate)],
    message: impl Fn(&Fate) -> Option<String>,
) -> Vec<String> {
    let mut found: Vec<(String, Vec<String>)> = Vec::new();
    for (pod, fate) in verdicts {
        let Some(message) = message(fate) else { continue };
        let name = format!("{}/{}", pod.namespace(), pod.name());
        match found.iter_mut().find(|(known, _)| *known == message) {
            Some((_, names)) => names.push(name),
            None => found.push((message, vec![name])),
        }
    }
    found.into_iter().map(|(message, names)| format!("{message}: {}", names.join(", "))).collect()
}

/// Evicts or deletes; the problems, but for Pods that are gone.
fn send(call: &Call, pods: &[Arc<Object>], eviction: bool, dry_run: DryRun) -> Vec<String> {
    let grace = call.flags.int("grace-period");
    let options =
        DeleteOptions { grace_secs: (grace >= 0).then_some(grace), ..DeleteOptions::default() };
    let mut problems = Vec::new();
    for pod in pods {
        let key = pod.key();
        let done = server::act(call, dry_run, |client| {
            if eviction {
                client.evict(&key, &options)
            } else {
                client.delete(&key, &options).map(drop)
            }
        });
        match done {
            Ok(()) => {}
            Err(error) if error.reason == Reason::NotFound => {}
            Err(error) => problems.push(format!(
                "error when evicting pods/{:?} -n {:?}: {error}",
                pod.name(),
                pod.namespace()
            )),
        }
    }
    problems
}

/// Waits until all Pods are gone and says so of each; the problems of those that are not in time.
async fn wait(call: &Call, pods: &[Arc<Object>], eviction: bool) -> Result<Vec<String>, Failure> {
    let given = call.flags.duration("timeout").positive().filter(|timeout| !timeout.is_zero());
    let (start, limit) = (call.now(), given.unwrap_or(FOREVER));
    let done = if eviction { "evicted" } else { "deleted" };
    let mut waiting: Vec<Arc<Object>> = pods.to_vec();
    loop {
        let mut left = Vec::new();
        for pod in waiting {
            let now = call.get(&pod.key());
            if now.as_ref().is_none_or(|now| now.uid() != pod.uid()) {
                call.line(said(Kind::Pod, pod.name(), done, DryRun::None))?;
            } else if now.is_some_and(|now| is_skipped(call, &now)) {
                let secs = call.flags.int("skip-wait-for-delete-timeout");
                call.line(format!(
                    "pod {:?} has DeletionTimestamp older than {secs} seconds, skipping",
                    pod.name()
                ))?;
            } else {
                left.push(pod);
            }
        }
        let passed = call.now() - start;
        if left.is_empty() || passed >= limit {
            let timeout = go_duration(limit);
            return Ok(left.iter().map(|pod| late(pod, eviction, &timeout)).collect());
        }
        waiting = left;
        sleep(call, &waiting, start, limit.saturating_sub(passed)).await;
    }
}

/// Until the first look after one of the Pods is gone, or until the time is over.
async fn sleep(call: &Call, waiting: &[Arc<Object>], start: Time, limit: Duration) {
    let keys: Vec<(Key, String)> =
        waiting.iter().map(|pod| (pod.key(), pod.uid().to_owned())).collect();
    let skips = call.flags.int("skip-wait-for-delete-timeout") > 0;
    let most = if skips { limit.min(POLL) } else { limit };
    let gone = call.sandbox().until_within(most, |cluster| {
        let there = |(key, uid): &(Key, String)| {
            cluster.store().get(key).is_some_and(|pod| pod.uid() == uid)
        };
        (!keys.iter().all(there)).then_some(())
    });
    if gone.await.is_some() {
        let into = (call.now() - start).as_micros() % POLL.as_micros();
        let into = Duration::from_micros(u64::try_from(into).unwrap_or(0));
        let rest = POLL.saturating_sub(into);
        call.sandbox().sleep(rest).await;
    }
}

fn late(pod: &Object, eviction: bool, timeout: &str) -> String {
    if !eviction {
        return format!("global timeout reached: {timeout}");
    }
    format!(
        "error when waiting for pod {:?} in namespace {:?} to terminate: global timeout reached: {timeout}",
        pod.name(),
        pod.namespace()
    )
}
