//! `kubectl drain`: keeps new Pods off a node and moves those that are there.
//!
//! Models kubectl `pkg/cmd/drain/drain.go`, `pkg/drain/drain.go` (evict, wait until gone, time out) and
//! `pkg/drain/filters.go` (what may be deleted with which flag). *Differs:* Pods are evicted in order of name.

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

/// How long it waits before it tries an eviction again that a budget did not allow.
const RETRY: Duration = Duration::from_secs(5);

const LOCAL_STORAGE_FATAL: &str =
    "Pods with local storage (use --delete-emptydir-data to override)";
const DAEMON_SET_FATAL: &str = "DaemonSet-managed Pods (use --ignore-daemonsets to ignore)";
const DAEMON_SET_WARNING: &str = "ignoring DaemonSet-managed Pods";
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
        Fate::Delete | Fate::Skip | Fate::Stay(_) | Fate::Warn(_) => None,
    });
    if !fatal.is_empty() {
        return Ok(Err(fatal));
    }
    let warnings = gather(&verdicts, |fate| match fate {
        Fate::Warn(message) => Some(message.clone()),
        Fate::Stay(message) => Some((*message).to_owned()),
        Fate::Delete | Fate::Skip | Fate::Fatal(_) => None,
    });
    if !warnings.is_empty() {
        call.warn(warnings.join("; "))?;
    }
    let goes = |fate: &Fate| matches!(fate, Fate::Delete | Fate::Warn(_));
    let pods: Vec<Arc<Object>> =
        verdicts.into_iter().filter(|(_, fate)| goes(fate)).map(|(pod, _)| pod).collect();
    let eviction = !call.flags.on("disable-eviction");
    if dry_run == DryRun::Client || (dry_run == DryRun::Server && !eviction) {
        let client = dry_run == DryRun::Client;
        for pod in &pods {
            doing(call, if client { "evicting" } else { "deleting" }, pod, dry_run)?;
        }
        return Ok(Ok(()));
    }
    let problems =
        if eviction { evict(call, &pods, dry_run).await? } else { delete(call, &pods).await? };
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
    /// It stays, and the user is told.
    Stay(&'static str),
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
        if call.get(&Key::new(Kind::DaemonSet, pod.namespace(), owner.name.as_str())).is_none() {
            let message = format!("daemonsets.apps {:?} not found", owner.name);
            return if force { Fate::Warn(message) } else { Fate::Fatal(message) };
        }
        return if call.flags.on("ignore-daemonsets") {
            Fate::Stay(DAEMON_SET_WARNING)
        } else {
            Fate::Fatal(DAEMON_SET_FATAL.to_owned())
        };
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

fn doing(call: &Call, what: &str, pod: &Object, dry_run: DryRun) -> Outcome {
    let (namespace, name) = (pod.namespace(), pod.name());
    call.line(format!("{what} pod {namespace}/{name}{}", dry_run.suffix()))
}

fn options(call: &Call) -> DeleteOptions {
    let grace = call.flags.int("grace-period");
    DeleteOptions { grace_secs: (grace >= 0).then_some(grace), ..DeleteOptions::default() }
}

/// Since when the node is being emptied, and for how long at most.
#[derive(Copy, Clone)]
struct Limit {
    start: Time,
    most: Duration,
}

impl Limit {
    fn of(call: &Call) -> Self {
        let given = call.flags.duration("timeout").positive().filter(|timeout| !timeout.is_zero());
        Self { start: call.now(), most: given.unwrap_or(FOREVER) }
    }

    fn left(self, call: &Call) -> Duration {
        self.most.saturating_sub(call.now() - self.start)
    }

    fn reached(self) -> String {
        format!("global timeout reached: {}", go_duration(self.most))
    }
}

/// A Pod that is being evicted.
struct Turn {
    pod: Arc<Object>,
    /// When to try, or to try again; none once it was let go.
    due: Option<Time>,
    /// Since when it is waited for.
    since: Time,
}

/// Evicts Pods, tries again every five seconds where a budget does not allow it, and waits until they are gone; the
/// problems of those that stay (`evictPods`).
async fn evict(call: &Call, pods: &[Arc<Object>], dry_run: DryRun) -> Result<Vec<String>, Failure> {
    let limit = Limit::of(call);
    let turn = |pod: &Arc<Object>| Turn {
        pod: Arc::clone(pod),
        due: Some(limit.start),
        since: limit.start,
    };
    let mut turns: Vec<Turn> = pods.iter().map(turn).collect();
    let mut problems = Vec::new();
    loop {
        let mut left = Vec::new();
        for mut turn in turns {
            let stays = match turn.due {
                Some(due) if due <= call.now() => attempt(call, &mut turn, limit, dry_run)?,
                None if is_gone(call, &turn.pod, "evicted")? => Ok(false),
                None if limit.left(call).is_zero() => Err(format!(
                    "error when waiting for pod {:?} in namespace {:?} to terminate: {}",
                    turn.pod.name(),
                    turn.pod.namespace(),
                    limit.reached()
                )),
                Some(_) | None => Ok(true),
            };
            match stays {
                Ok(true) => left.push(turn),
                Ok(false) => {}
                Err(problem) => problems.push(problem),
            }
        }
        if left.is_empty() {
            return Ok(problems);
        }
        turns = left;
        sleep(call, &turns, limit).await;
    }
}

/// One try at an eviction: whether the Pod is to be looked at again, or what is wrong.
fn attempt(
    call: &Call,
    turn: &mut Turn,
    limit: Limit,
    dry_run: DryRun,
) -> Result<Result<bool, String>, Failure> {
    let (key, options) = (turn.pod.key(), options(call));
    doing(call, "evicting", &turn.pod, dry_run)?;
    let start =
        format!("error when evicting pods/{:?} -n {:?}", turn.pod.name(), turn.pod.namespace());
    if limit.left(call).is_zero() {
        return Ok(Err(format!("{start}: {}", limit.reached())));
    }
    Ok(match server::act(call, dry_run, |client| client.evict(&key, &options)) {
        Ok(()) if dry_run == DryRun::Server => Ok(false),
        Ok(()) => {
            turn.due = None;
            turn.since = call.now();
            Ok(!is_gone(call, &turn.pod, "evicted")?)
        }
        Err(error) if error.reason == Reason::NotFound => Ok(false),
        Err(error) if error.reason == Reason::TooManyRequests => {
            call.err(format!("{start} (will retry after 5s): {error}"))?;
            turn.due = Some(call.now() + RETRY);
            Ok(true)
        }
        Err(error) => Err(format!("{start}: {error}")),
    })
}

/// Deletes Pods and waits until they are gone; the problems of those that stay (`deletePods`).
async fn delete(call: &Call, pods: &[Arc<Object>]) -> Result<Vec<String>, Failure> {
    let (limit, options) = (Limit::of(call), options(call));
    let mut turns = Vec::new();
    for pod in pods {
        let key = pod.key();
        match server::act(call, DryRun::None, |client| client.delete(&key, &options).map(drop)) {
            Err(error) if error.reason != Reason::NotFound => return Ok(vec![error.to_string()]),
            Ok(()) | Err(_) => {
                turns.push(Turn { pod: Arc::clone(pod), due: None, since: limit.start });
            }
        }
    }
    loop {
        let mut left = Vec::new();
        for turn in turns {
            if !is_gone(call, &turn.pod, "deleted")? {
                left.push(turn);
            }
        }
        if left.is_empty() || limit.left(call).is_zero() {
            return Ok(left.iter().map(|_| limit.reached()).collect());
        }
        turns = left;
        sleep(call, &turns, limit).await;
    }
}

/// Whether nobody waits for a Pod any more; it is said why.
fn is_gone(call: &Call, pod: &Object, done: &str) -> Result<bool, Failure> {
    let now = call.get(&pod.key());
    if now.as_ref().is_none_or(|now| now.uid() != pod.uid()) {
        call.line(said(Kind::Pod, pod.name(), done, DryRun::None))?;
        return Ok(true);
    }
    let skipped = now.is_some_and(|now| is_skipped(call, &now));
    if skipped {
        let secs = call.flags.int("skip-wait-for-delete-timeout");
        call.line(format!(
            "pod {:?} has DeletionTimestamp older than {secs} seconds, skipping",
            pod.name()
        ))?;
    }
    Ok(skipped)
}

/// Until the first look after one of the Pods is gone, until the next try, or until the time is over.
async fn sleep(call: &Call, turns: &[Turn], limit: Limit) {
    let waiting = turns.iter().filter(|turn| turn.due.is_none());
    let keys: Vec<(Key, String, Time)> =
        waiting.map(|turn| (turn.pod.key(), turn.pod.uid().to_owned(), turn.since)).collect();
    let now = call.now();
    let next = turns.iter().filter_map(|turn| turn.due).map(|due| due - now).min();
    let left = limit.left(call);
    // Who tries again looks at the time only then.
    let mut most = match next {
        Some(next) if keys.is_empty() || left.is_zero() => next,
        Some(next) => next.min(left),
        None => left,
    };
    if call.flags.int("skip-wait-for-delete-timeout") > 0 {
        most = most.min(POLL);
    }
    let gone = call.sandbox().until_within(most, |cluster| {
        let gone = keys
            .iter()
            .find(|(key, uid, _)| cluster.store().get(key).is_none_or(|pod| pod.uid() != uid));
        gone.map(|(_, _, since)| *since)
    });
    if let Some(since) = gone.await {
        let into = (call.now() - since).as_micros() % POLL.as_micros();
        let into = Duration::from_micros(u64::try_from(into).unwrap_or(0));
        let rest = POLL.saturating_sub(into);
        call.sandbox().sleep(rest).await;
    }
}
