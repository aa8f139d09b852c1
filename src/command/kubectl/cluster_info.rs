//! `kubectl cluster-info`: where the control plane answers, and `dump`: what there is, with what containers wrote.
//!
//! Models kubectl `pkg/cmd/clusterinfo/{clusterinfo,clusterinfo_dump}.go`. *Differs:* the fields of what is dumped stand in
//! the order of their names.

use std::sync::Arc;

use serde_json::json;

use super::call::Call;
use super::common::{
    ALLOW_MISSING_TEMPLATE_KEYS, SHOW_MANAGED_FIELDS, TEMPLATE, pod_running_timeout,
};
use super::failure::Failure;
use super::format::Format;
use super::logs;
use super::verb::{Flag, Group, Outcome, Verb};
use crate::object::{Kind, Object};
use crate::shell::resolve;

/// The verb about the cluster's address.
pub(super) static CLUSTER_INFO: Verb = Verb {
    name: "cluster-info",
    group: Group::Cluster,
    summary: "Display cluster information",
    details: &[
        "Display addresses of the control plane and services with label kubernetes.io/cluster-service=true.",
    ],
    usage: "cluster-info",
    examples: &[("Print the address of the control plane", "kubectl cluster-info")],
    verbs: &[Verb {
        name: "dump",
        summary: "Dump relevant information for debugging and diagnosis",
        details: &[
            "Everything goes to standard output, or into files below --output-directory. The current namespace and kube-system are dumped unless --namespaces or --all-namespaces says otherwise.",
        ],
        usage: "dump",
        examples: &[
            ("Dump the current state to standard output", "kubectl cluster-info dump"),
            (
                "Dump it into a folder",
                "kubectl cluster-info dump --all-namespaces --output-directory=state",
            ),
        ],
        flags: &[DUMP],
        run: |call| Box::pin(async move { dump(&call) }),
        ..Verb::BASE
    }],
    run: |call| Box::pin(async move { cluster_info(&call) }),
    ..Verb::BASE
};

fn cluster_info(call: &Call) -> Outcome {
    call.out("Kubernetes control plane is running at https://127.0.0.1:6443\n\nTo further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.\n")
}

static DUMP: &[Flag] = &[
    Flag::switch(
        "all-namespaces",
        "If true, dump all namespaces.  If true, --namespaces is ignored.",
    )
    .letter('A'),
    ALLOW_MISSING_TEMPLATE_KEYS,
    Flag::list("namespaces", "A comma separated list of namespaces to dump."),
    Flag::text(
        "output",
        "json",
        "Output format. One of: (json, yaml, kyaml, name, jsonpath, ...).",
    )
    .letter('o'),
    Flag::text(
        "output-directory",
        "",
        "Where to output the files.  If empty or '-' uses stdout, otherwise creates a directory hierarchy in that directory",
    ),
    SHOW_MANAGED_FIELDS,
    TEMPLATE,
    pod_running_timeout("20s"),
];

/// What is dumped of each namespace, and under which name.
const DUMPED: [(Kind, &str); 7] = [
    (Kind::Event, "events"),
    (Kind::ReplicationController, "replication-controllers"),
    (Kind::Service, "services"),
    (Kind::DaemonSet, "daemonsets"),
    (Kind::Deployment, "deployments"),
    (Kind::ReplicaSet, "replicasets"),
    (Kind::Pod, "pods"),
];

fn dump(call: &Call) -> Outcome {
    let format = Format::of_writer(call)?.unwrap_or(Format::Json);
    let folder = call.flags.text("output-directory");
    let mut namespaces = call.flags.list("namespaces").to_vec();
    if call.all_namespaces() {
        namespaces = call.read(|store| {
            store.list(Kind::Namespace, None).map(|one| one.name().to_owned()).collect()
        });
    } else if namespaces.is_empty() {
        namespaces = vec!["kube-system".to_owned(), call.namespace().to_owned()];
    }
    dump_kind(call, &format, Kind::Node, None, "nodes")?;
    for namespace in &namespaces {
        for (kind, name) in DUMPED {
            let name = format!("{namespace}/{name}");
            dump_kind(call, &format, kind, Some(namespace), &name)?;
        }
        let pods: Vec<Arc<Object>> =
            call.read(|store| store.list(Kind::Pod, Some(namespace)).cloned().collect());
        for pod in &pods {
            let Some(body) = pod.as_pod() else { continue };
            let mut text = String::new();
            for container in logs::containers(body) {
                let of =
                    format!("logs for container {container} of pod {namespace}/{}", pod.name());
                let said = logs::text(call, pod, &container)
                    .unwrap_or_else(|failure| format!("Request log error: {}", failure.text()));
                text.extend(["==== START ", &of, " ====\n", &said, "==== END ", &of, " ====\n"]);
            }
            put(call, &format!("{namespace}/{}/logs.txt", pod.name()), text)?;
        }
    }
    if matches!(folder, "" | "-") {
        return Ok(());
    }
    call.line(format!("Cluster info dumped to {folder}"))
}

fn dump_kind(
    call: &Call,
    format: &Format,
    kind: Kind,
    namespace: Option<&str>,
    name: &str,
) -> Outcome {
    let info = kind.info();
    let list = call.read(|store| {
        let items: Vec<_> = store.list(kind, namespace).map(|object| object.to_value()).collect();
        json!({
            "kind": format!("{}List", info.name), "apiVersion": info.api_version(),
            "metadata": { "resourceVersion": store.revision().to_string() }, "items": items,
        })
    });
    let ending = match format {
        Format::Yaml => "yaml",
        Format::Json => "json",
        _ => "txt",
    };
    put(call, &format!("{name}.{ending}"), format.print(&list)?)
}

/// Writes to a file below the folder that is asked for, or to standard output.
fn put(call: &Call, name: &str, text: String) -> Outcome {
    let folder = call.flags.text("output-directory");
    if matches!(folder, "" | "-") {
        return call.out(text);
    }
    let path = resolve(&call.shell.cwd, &format!("{folder}/{name}"));
    let now = call.now();
    let written = call.sandbox().files_mut(|files| files.write(&path, text.into_bytes(), now));
    written.map_err(|error| Failure::plain(format!("open {folder}/{name}: {error}")))
}
