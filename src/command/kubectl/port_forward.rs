//! `kubectl port-forward`: ports of the user's machine that lead into a Pod, as long as the command runs.
//!
//! Models kubectl `pkg/cmd/portforward/portforward.go`, `pkg/util/{service,pod}_port.go` and client-go
//! `tools/portforward/portforward.go`. *Differs:* `--address` is told in the lines and means nothing more; only HTTP
//! (`curl`) goes through.

use std::rc::Rc;

use serde_json::Value;

use super::call::Call;
use super::common::pod_running_timeout;
use super::failure::Failure;
use super::podcmd::{attachable, named};
use super::verb::{Arguments, Flag, Group, Outcome, Verb};
use crate::object::Object;
use crate::shell::Forward;

/// The verb.
pub(super) static PORT_FORWARD: Verb = Verb {
    name: "port-forward",
    group: Group::Troubleshooting,
    summary: "Forward one or more local ports to a pod",
    long: "Forward one or more local ports to a pod.",
    details: &[
        "Use resource type/name such as deployment/mydeployment to select a pod. Resource type defaults to 'pod' if omitted.",
        "If there are multiple pods matching the criteria, a pod will be selected automatically. The forwarding session ends when the selected pod terminates, and a rerun of the command is needed to resume forwarding.",
    ],
    usage: "port-forward TYPE/NAME [options] [LOCAL_PORT:]REMOTE_PORT [...[LOCAL_PORT_N:]REMOTE_PORT_N]",
    examples: &[
        (
            "Port 8080 of this machine leads to port 80 of a Pod",
            "kubectl port-forward pod/web 8080:80",
        ),
        ("To the Pod behind a Service", "kubectl port-forward service/web 8080:80"),
        ("To a free port of this machine", "kubectl port-forward deployment/web :80"),
    ],
    flags: &[FLAGS],
    run: |call| Box::pin(async move { forward(&call).await }),
    arguments: Arguments::Pods,
    ..Verb::BASE
};

static FLAGS: &[Flag] = &[
    Flag::list("address", "Addresses to listen on (comma separated).").or("[localhost]"),
    pod_running_timeout("1m0s"),
];

/// The first port that is tried where any will do.
const FREE_PORT_FIRST: u16 = 40_001;
/// Ports below belong to root.
const PRIVILEGED: u16 = 1024;

async fn forward(call: &Call) -> Outcome {
    let (target, specs) = match call.args() {
        [target, specs @ ..] if !specs.is_empty() => (target, specs),
        _ => return Err(call.usage("TYPE/NAME and list of ports are required for port-forward")),
    };
    let pod = attachable(call, target).await?;
    let service = named(call, target)?.filter(|object| object.as_service().is_some());
    let mut pairs = Vec::new();
    for spec in specs {
        pairs.push(pair(spec, &pod, service.as_deref())?);
    }
    let phase = pod.as_pod().and_then(|body| body.status.phase.clone()).unwrap_or_default();
    if phase != "Running" {
        return Err(Failure::plain(format!(
            "unable to forward port because pod is not running. Current status={phase}"
        )));
    }
    let mut held = Vec::new();
    let mut problems = Vec::new();
    for (local, remote) in &pairs {
        match listen(call, &pod, *local, *remote) {
            Ok(forward) => held.push(forward),
            Err(problem) => problems.push(problem),
        }
    }
    for problem in problems {
        call.err(problem)?;
    }
    if held.is_empty() {
        let ports: Vec<String> =
            pairs.iter().map(|(local, remote)| format!("{{{local} {remote}}}")).collect();
        return Err(Failure::plain(format!(
            "unable to listen on any of the requested ports: [{}]",
            ports.join(" ")
        )));
    }
    let (key, uid) = (pod.key(), pod.uid().to_owned());
    call.sandbox()
        .until(|cluster| {
            let there = cluster.store().get(&key).is_some_and(|now| now.uid() == uid);
            (!there || held.iter().any(|forward| forward.is_lost())).then_some(())
        })
        .await;
    Err(Failure::plain("lost connection to pod"))
}

/// Opens one port and says so.
fn listen(call: &Call, pod: &Object, local: u16, remote: u16) -> Result<Rc<Forward>, String> {
    let taken = |port: u16| call.sandbox().forward(port).is_some();
    let port = match local {
        0 => (FREE_PORT_FIRST..u16::MAX).find(|port| !taken(*port)).unwrap_or(FREE_PORT_FIRST),
        port => port,
    };
    let problem = if port < PRIVILEGED {
        "permission denied"
    } else if taken(port) {
        "address already in use"
    } else {
        let shell = &call.shell;
        let forward =
            Forward::new(port, pod.key(), pod.uid(), remote, &shell.stdout, &shell.stderr);
        let given = call.flags.list("address");
        let addresses: Vec<&str> = match given {
            [] => vec!["127.0.0.1", "[::1]"],
            given => given
                .iter()
                .flat_map(|address| match address.as_str() {
                    "localhost" => vec!["127.0.0.1", "[::1]"],
                    other => vec![other],
                })
                .collect(),
        };
        for address in addresses {
            // Who reads no longer learns nothing more.
            call.line(format!("Forwarding from {address}:{port} -> {remote}")).unwrap_or(());
        }
        return Ok(call.sandbox().listen(forward));
    };
    Err(format!(
        "Unable to listen on port {port}: Listeners failed to create with the following errors: [unable to create listener: Error listen tcp4 127.0.0.1:{port}: bind: {problem} unable to create listener: Error listen tcp6 [::1]:{port}: bind: {problem}]"
    ))
}

/// The local and the container's port that `8080:80`, `:80`, `80` or `8080:http` name.
fn pair(spec: &str, pod: &Object, service: Option<&Object>) -> Result<(u16, u16), Failure> {
    let parts: Vec<&str> = spec.split(':').collect();
    let (local, remote) = match parts.as_slice() {
        [one] => (*one, *one),
        [local, remote] => (*local, *remote),
        _ => return Err(Failure::plain(format!("invalid port format '{spec}'"))),
    };
    if remote.is_empty() {
        return Err(Failure::plain("remote port cannot be empty"));
    }
    let remote_number = match service {
        Some(service) => through_service(remote, service, pod)?,
        None => match remote.parse::<i64>() {
            Ok(number) => number,
            Err(_) => container_port(pod, remote)?,
        },
    };
    let local_number = match local {
        "" => 0,
        same if same == remote && same.parse::<i64>().is_err() => remote_number,
        other => port_number(other, "local")?.into(),
    };
    let remote_number = port_number(&remote_number.to_string(), "remote")?;
    if remote_number == 0 {
        return Err(Failure::plain("remote port must be > 0"));
    }
    Ok((u16::try_from(local_number).unwrap_or(0), remote_number))
}

fn port_number(text: &str, which: &str) -> Result<u16, Failure> {
    text.parse().map_err(|error: std::num::ParseIntError| {
        let why = match error.kind() {
            std::num::IntErrorKind::PosOverflow => "value out of range",
            _ => "invalid syntax",
        };
        Failure::plain(format!(
            "error parsing {which} port '{text}': strconv.ParseUint: parsing {text:?}: {why}"
        ))
    })
}

/// The container's port behind a Service's.
fn through_service(remote: &str, service: &Object, pod: &Object) -> Result<i64, Failure> {
    let value = service.to_value();
    let name = service.name();
    let ports = value.pointer("/spec/ports").and_then(Value::as_array);
    let mut ports = ports.into_iter().flatten();
    let number = |port: &Value, key: &str| port.get(key).and_then(Value::as_i64);
    let found = match remote.parse::<i64>() {
        Ok(wanted) => ports.find(|port| number(port, "port") == Some(wanted)).ok_or_else(|| {
            Failure::plain(format!("Service {name} does not have a service port {wanted}"))
        })?,
        Err(_) => ports
            .find(|port| port.get("name").and_then(Value::as_str) == Some(remote))
            .ok_or_else(|| {
                Failure::plain(format!("Service '{name}' does not have a named port '{remote}'"))
            })?,
    };
    if found.get("protocol").and_then(Value::as_str) == Some("UDP") {
        return Err(Failure::plain(format!("UDP protocol is not supported for {remote}")));
    }
    let own = number(found, "port").unwrap_or(0);
    if value.pointer("/spec/clusterIP").and_then(Value::as_str) == Some("None") {
        return Ok(own);
    }
    match found.get("targetPort") {
        Some(Value::String(name)) => container_port(pod, name),
        Some(Value::Number(target)) => Ok(target.as_i64().filter(|port| *port != 0).unwrap_or(own)),
        _ => Ok(own),
    }
}

/// The number of a container's named port.
fn container_port(pod: &Object, name: &str) -> Result<i64, Failure> {
    let value = pod.to_value();
    let containers = ["/spec/containers", "/spec/initContainers"]
        .into_iter()
        .filter_map(|path| value.pointer(path)?.as_array())
        .flatten();
    containers
        .filter_map(|container| container.get("ports")?.as_array())
        .flatten()
        .find(|port| port.get("name").and_then(Value::as_str) == Some(name))
        .and_then(|port| port.get("containerPort")?.as_i64())
        .ok_or_else(|| {
            Failure::plain(format!("Pod '{}' does not have a named port '{name}'", pod.name()))
        })
}
