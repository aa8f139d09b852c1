//! `kubectl logs`: what containers wrote. Models kubectl `pkg/cmd/logs/logs.go` and
//! `pkg/polymorphichelpers/logsforobject.go`. The lines come from the kubelet of the Pod's node.

use std::sync::Arc;

use super::call::Call;
use super::common::{SELECTOR, pod_running_timeout, within_pod_running_timeout};

use super::failure::Failure;
use super::kinds;
use super::podcmd::{all_containers, no_such_container, without_pods};
use super::resource::Selection;
use super::verb::{Arguments, Flag, Group, Outcome, Verb};
use crate::cluster::Cluster;
use crate::object::{Body, Key, Kind, Object, PodBody, Reason, StatusError, selector_matches};
use crate::order;
use crate::shell::LocalFuture;
use crate::time::Time;

/// The verb.
pub(super) static LOGS: Verb = Verb {
    name: "logs",
    aliases: &["log"],
    group: Group::Troubleshooting,
    summary: "Print the logs for a container in a pod",
    details: &[
        "Print the logs for a container in a pod or specified resource. If the pod has only one container, the container name is optional.",
    ],
    usage: "logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]",
    examples: &[
        ("Print what a Pod wrote", "kubectl logs web"),
        ("Go on printing what comes", "kubectl logs -f web"),
        ("The last 20 lines of a Deployment's first Pod", "kubectl logs --tail=20 deploy/web"),
        ("What a container wrote before it was restarted", "kubectl logs -p web -c app"),
    ],
    flags: &[FLAGS, SELECTOR],
    run,
    arguments: Arguments::Pods,
    ..Verb::BASE
};

static FLAGS: &[Flag] = &[
    Flag::switch("all-containers", "Get all containers' logs in the pod(s)."),
    Flag::switch("all-pods", "Get logs from all pod(s). Sets prefix to true."),
    Flag::text("container", "", "Print the logs of this container").letter('c'),
    Flag::switch("follow", "Specify if the logs should be streamed.").letter('f'),
    Flag::switch(
        "ignore-errors",
        "If watching / following pod logs, allow for any errors that occur to be non-fatal.",
    ),
    Flag::switch(
        "insecure-skip-tls-verify-backend",
        "Skip verifying the identity of the kubelet that logs are requested from.",
    ),
    Flag::int("limit-bytes", "0", "Maximum bytes of logs to return. Defaults to no limit."),
    Flag::int(
        "max-log-requests",
        "5",
        "Specify maximum number of concurrent logs to follow when using by a selector. Defaults to 5.",
    ),
    pod_running_timeout("20s"),
    Flag::switch(
        "prefix",
        "Prefix each log line with the log source (pod name and container name).",
    ),
    Flag::switch(
        "previous",
        "If true, print the logs for the previous instance of the container in a pod if it exists.",
    )
    .letter('p'),
    Flag::duration(
        "since",
        "0s",
        "Only return logs newer than a relative duration like 5s, 2m, or 3h. Defaults to all logs.",
    ),
    Flag::text("since-time", "", "Only return logs after a specific date (RFC3339)."),
    Flag::int(
        "tail",
        "-1",
        "Lines of recent log file to display. Defaults to -1 with no selector, showing all log lines otherwise 10, if a selector is provided.",
    ),
    Flag::switch("timestamps", "Include timestamps on each line in the log output"),
];

/// What a call without a Pod is told.
const USAGE: &str = "expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a required argument for the logs command";

fn run(call: Call) -> LocalFuture<Outcome> {
    Box::pin(async move { logs(&call).await })
}

/// One container's log.
struct Source {
    pod: Arc<Object>,
    container: String,
    prefix: bool,
}

async fn logs(call: &Call) -> Outcome {
    if call.args().len() > 2 || (call.args().is_empty() && call.flags.text("selector").is_empty()) {
        return Err(call.usage(USAGE));
    }
    if !call.args().is_empty() && !call.flags.text("selector").is_empty() {
        return Err(call.usage("only a selector (-l) or a POD name is allowed"));
    }
    since_time(call)?;
    wait_for_pods(call).await?;
    let pods = pods(call)?;
    check(call)?;
    let sources = sources(call, pods)?;
    if sources.is_empty() {
        return call.err(format!("No resources found in {} namespace.", call.namespace()));
    }
    let mut shown: Vec<u64> = Vec::new();
    for source in &sources {
        shown.push(first_lines(call, source)?);
    }
    if call.flags.on("follow") { follow(call, &sources, shown).await } else { Ok(()) }
}

/// What `--since-time` says.
fn since_time(call: &Call) -> Result<Option<Time>, Failure> {
    let text = call.flags.text("since-time");
    if text.is_empty() {
        return Ok(None);
    }
    Time::parse(text).map(Some).ok_or_else(|| {
        Failure::plain(format!(
            "parsing time {text:?} as \"2006-01-02T15:04:05Z07:00\": cannot parse {text:?} as \"2006\""
        ))
    })
}

/// What contradicts itself (`Validate`).
fn check(call: &Call) -> Outcome {
    let flags = &call.flags;
    let container = match flags.text("container") {
        "" => call.args().get(1).map_or("", String::as_str),
        name => name,
    };
    if flags.on("all-containers") && !container.is_empty() {
        return Err(Failure::plain(format!(
            "--all-containers=true should not be specified with container name {container}"
        )));
    }
    let problem = if flags.given("since-time") && flags.duration("since").0 != 0 {
        "at most one of `sinceTime` or `sinceSeconds` may be specified"
    } else if call.args().len() == 2 && !flags.text("container").is_empty() {
        "only one of -c or an inline [CONTAINER] arg is allowed"
    } else if flags.int("limit-bytes") < 0 {
        "--limit-bytes must be greater than 0"
    } else if flags.duration("since").0 < 0 {
        "--since must be greater than 0"
    } else if flags.given("tail") && flags.int("tail") < -1 {
        "--tail must be greater than or equal to -1"
    } else {
        return Ok(());
    };
    Err(Failure::plain(problem))
}

/// Which containers of which Pods are asked for.
fn sources(call: &Call, pods: Vec<Arc<Object>>) -> Result<Vec<Source>, Failure> {
    let selector = !call.flags.text("selector").is_empty() || call.flags.on("all-pods");
    let mut sources = Vec::new();
    for pod in pods {
        let Body::Pod(body) = &pod.body else { continue };
        let names = containers(body);
        let all = call.flags.on("all-containers");
        let chosen = if all { names } else { vec![container_of(call, &pod, body, &names)?] };
        let prefix = call.flags.on("prefix") || call.flags.on("all-pods");
        sources.extend(chosen.into_iter().map(|container| Source {
            pod: Arc::clone(&pod),
            container,
            prefix,
        }));
    }
    let most = usize::try_from(call.flags.int("max-log-requests")).unwrap_or(0);
    if selector && call.flags.on("follow") && sources.len() > most {
        return Err(Failure::plain(format!(
            "you are attempting to follow {} log streams, but maximum allowed concurrency is {most}, use --max-log-requests to increase the limit",
            sources.len()
        )));
    }
    Ok(sources)
}

pub(super) fn containers(pod: &PodBody) -> Vec<String> {
    let init = pod.shared.init_containers.iter().flatten();
    init.chain(&pod.shared.containers).map(|container| container.name.clone()).collect()
}

/// The container that is meant: the one named, annotated or first.
fn container_of(
    call: &Call,
    pod: &Object,
    body: &PodBody,
    names: &[String],
) -> Result<String, Failure> {
    let wanted = call.flags.text("container");
    let wanted =
        if wanted.is_empty() { call.args().get(1).map_or("", String::as_str) } else { wanted };
    if !wanted.is_empty() {
        if names.iter().any(|name| name == wanted) {
            return Ok(wanted.to_owned());
        }
        return Err(no_such_container(pod, body, wanted));
    }
    let annotated = pod.annotation("kubectl.kubernetes.io/default-container");
    let first = body.shared.containers.first().map(|container| container.name.as_str());
    let name = annotated.filter(|name| names.iter().any(|known| known == name)).or(first);
    let name = name.unwrap_or_default();
    if names.len() > 1 && annotated.is_none() {
        call.err(format!("Defaulted container {name:?} out of: {}", all_containers(body)))?;
    }
    Ok(name.to_owned())
}

/// Waits until there is a Pod of what is named (`GetPodList`).
async fn wait_for_pods(call: &Call) -> Result<(), Failure> {
    let named = call.args().first().and_then(|arg| arg.split_once('/'));
    let Some((kind, name)) = named else { return Ok(()) };
    let object = call.get(&call.key(kinds::of_word(call.known(), kind)?, name));
    let Some(selector) = object.and_then(|object| object.pod_selector()) else { return Ok(()) };
    let namespace = call.namespace().to_owned();
    let any = move |cluster: &Cluster| {
        let mut pods = cluster.store().list(Kind::Pod, Some(&namespace));
        pods.any(|pod| selector_matches(&selector, pod.meta.labels.as_ref())).then_some(())
    };
    within_pod_running_timeout(call, any).await
}

/// How well a Pod serves to read logs of, the best least (`podutils.ByLogging`).
fn rank(pod: &Object) -> impl Ord + use<> {
    let body = pod.as_pod();
    let phase = match body.and_then(|body| body.status.phase.as_deref()) {
        Some("Pending") => 2,
        Some("Unknown") => 1,
        _ => 0,
    };
    let conditions = body.and_then(|body| body.status.conditions.as_ref());
    let ready = conditions.into_iter().flatten().find(|condition| condition.type_ == "Ready");
    let ready = ready.filter(|ready| ready.status == "True");
    let since = ready.and_then(|ready| ready.last_transition_time.as_ref()).map(Time::from);
    let containers = body.and_then(|body| body.status.container_statuses.as_ref());
    let restarts = containers.into_iter().flatten().map(|status| status.restart_count).max();
    (
        body.is_none_or(|body| body.own.node_name.is_none()),
        phase,
        ready.is_none(),
        since,
        std::cmp::Reverse(restarts),
        pod.meta.creation_timestamp.as_ref().map(Time::from),
    )
}

/// The Pods that the arguments or the selector name.
fn pods(call: &Call) -> Result<Vec<Arc<Object>>, Failure> {
    let Some(first) = call.args().first() else {
        let selection = Selection::of(call)?;
        return Ok(call.read(|store| {
            let pods = store.list(Kind::Pod, Some(call.namespace()));
            pods.filter(|pod| selection.lets(pod)).cloned().collect()
        }));
    };
    let (kind, name) = match first.split_once('/') {
        Some((kind, name)) => (kinds::of_word(call.known(), kind)?, name),
        None => (Kind::Pod, first.as_str()),
    };
    let key = call.key(kind, name);
    let Some(object) = call.get(&key) else {
        let error = StatusError::not_found(&key);
        return Err(Failure::plain(format!(
            "error from server (NotFound): {} in namespace {:?}",
            error.message,
            call.namespace()
        )));
    };
    if object.as_pod().is_some() {
        return Ok(vec![object]);
    }
    let Some(selector) = object.pod_selector() else {
        return Err(Failure::plain(format!("cannot get the logs from {}", without_pods(&object))));
    };
    let mut pods: Vec<Arc<Object>> = call.read(|store| {
        let pods = store.list(Kind::Pod, Some(call.namespace()));
        let matching = pods.filter(|pod| selector_matches(&selector, pod.meta.labels.as_ref()));
        matching.cloned().collect()
    });
    order::sort_by_key(&mut pods, |pod| rank(pod));
    if pods.len() > 1 && !call.flags.on("all-pods") {
        let first = pods.first().map(|pod| pod.name().to_owned()).unwrap_or_default();
        call.err(format!("Found {} pods, using pod/{first}", pods.len()))?;
        pods.truncate(1);
    }
    Ok(pods)
}

/// Prints what is there; the number of the line to go on from.
fn first_lines(call: &Call, source: &Source) -> Result<u64, Failure> {
    let now = call.now();
    let since = call.flags.duration("since").positive().filter(|since| !since.is_zero());
    let after = since.map(|since| {
        Time::from_micros(now.micros() - i64::try_from(since.as_micros()).unwrap_or(0))
    });
    let after = after.or(since_time(call)?);
    let selector = !call.flags.text("selector").is_empty();
    let tail = match call.flags.int("tail") {
        -1 if selector && !call.flags.given("tail") => Some(10),
        negative if negative < 0 => None,
        count => usize::try_from(count).ok(),
    };
    let previous = call.flags.on("previous");
    let (text, next) = call.sandbox().read(|cluster| -> Result<(String, u64), Failure> {
        let logs = find(cluster, source, previous)?;
        let lines: Vec<_> =
            logs.lines().filter(|line| after.is_none_or(|after| line.time >= after)).collect();
        let skip = tail.map_or(0, |tail| lines.len().saturating_sub(tail));
        let text =
            lines.into_iter().skip(skip).map(|line| shown(call, source, line.time, &line.text));
        Ok((text.collect(), logs.written()))
    })?;
    let limit = usize::try_from(call.flags.int("limit-bytes")).unwrap_or(0);
    if limit > 0 && text.len() > limit {
        let bytes = text.into_bytes();
        call.shell.stdout.write_bytes(bytes.get(..limit).unwrap_or(&bytes))?;
    } else {
        call.out(text)?;
    }
    Ok(next)
}

fn shown(call: &Call, source: &Source, time: Time, text: &str) -> String {
    let prefix = if source.prefix {
        format!("[pod/{}/{}] ", source.pod.name(), source.container)
    } else {
        String::new()
    };
    let stamp = if call.flags.on("timestamps") {
        let micros = time.micros().rem_euclid(1_000_000);
        let text = time.to_string();
        format!("{}.{micros:06}000Z ", text.strip_suffix('Z').unwrap_or(&text))
    } else {
        String::new()
    };
    format!("{prefix}{stamp}{text}\n")
}

/// The log itself, from the node's kubelet.
fn find<'a>(
    cluster: &'a Cluster,
    source: &Source,
    previous: bool,
) -> Result<&'a crate::engine::Logs, Failure> {
    let bad = |text: String| StatusError::new(Reason::BadRequest, text);
    let Body::Pod(pod) = &source.pod.body else {
        return Err(bad("no Pod".to_owned()).into());
    };
    let Some(node) = &pod.own.node_name else {
        let text = format!("pod {} does not have a host assigned", source.pod.name());
        return Err(bad(text).into());
    };
    if cluster.store().get(&Key::cluster(Kind::Node, node.clone())).is_none() {
        let text = format!("nodes {node:?} not found");
        return Err(StatusError::new(Reason::NotFound, text).into());
    }
    let kubelet = cluster.kubelet(node).map_err(|problem| {
        let (namespace, pod) = (source.pod.namespace(), source.pod.name());
        let address = cluster.network().machine(node).map(|machine| machine.address.to_string());
        let address = address.unwrap_or_else(|| node.to_string());
        let container = &source.container;
        Failure::Bare(format!(
            "Error from server: Get \"https://{address}:10250/containerLogs/{namespace}/{pod}/{container}\": {problem}"
        ))
    })?;
    kubelet.logs(&source.pod, &source.container, previous).map_err(|text| bad(text).into())
}

/// What a container of a Pod wrote.
pub(super) fn text(call: &Call, pod: &Arc<Object>, container: &str) -> Result<String, Failure> {
    let container = container.to_owned();
    let source = Source { pod: Arc::clone(pod), container, prefix: false };
    call.sandbox().read(|cluster| {
        let logs = find(cluster, &source, false)?;
        Ok(logs.lines().map(|line| shown(call, &source, line.time, &line.text)).collect())
    })
}

/// Prints what a container of a Pod wrote and writes, until it is done.
pub(super) async fn stream(call: &Call, pod: &Arc<Object>, container: &str) -> Outcome {
    let container = container.to_owned();
    follow(call, &[Source { pod: Arc::clone(pod), container, prefix: false }], vec![0]).await
}

/// Prints lines as they come, until every container is done or its Pod gone.
async fn follow(call: &Call, sources: &[Source], mut shown_upto: Vec<u64>) -> Outcome {
    loop {
        let more = call.sandbox().until(|cluster| {
            let mut ended = true;
            for (source, upto) in sources.iter().zip(&shown_upto) {
                if let Ok(logs) = find(cluster, source, false)
                    && logs.written() > *upto
                {
                    return Some(true);
                }
                ended &= is_over(cluster, source);
            }
            ended.then_some(false)
        });
        let more = more.await;
        for (source, upto) in sources.iter().zip(&mut shown_upto) {
            let (text, next) = call.sandbox().read(|cluster| match find(cluster, source, false) {
                Ok(logs) => {
                    let lines = logs.since(*upto);
                    let text = lines.map(|line| shown(call, source, line.time, &line.text));
                    (text.collect::<String>(), logs.written())
                }
                Err(_) => (String::new(), *upto),
            });
            call.out(text)?;
            *upto = next;
        }
        if !more {
            return Ok(());
        }
    }
}

/// Whether a container writes no more: its Pod is gone, or it has ended.
fn is_over(cluster: &Cluster, source: &Source) -> bool {
    let key: Key = source.pod.key();
    let Some(object) = cluster.store().get(&key).filter(|now| now.uid() == source.pod.uid()) else {
        return true;
    };
    let Body::Pod(pod) = &object.body else { return true };
    let statuses = pod.status.container_statuses.iter().flatten();
    let statuses = statuses.chain(pod.status.init_container_statuses.iter().flatten());
    let mut own = statuses.filter(|status| status.name == source.container);
    own.any(|status| status.state.as_ref().is_some_and(|state| state.terminated.is_some()))
}
