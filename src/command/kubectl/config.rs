//! `kubectl config` and `kubectl cluster-info`: the one cluster there is. Models kubectl `pkg/cmd/config` and
//! `pkg/cmd/clusterinfo`. *Differs:* contexts, clusters and users cannot be added or changed; there is one of each.

use super::call::Call;
use super::failure::Failure;
use super::verb::{Arguments, Flag, Group, Outcome, Verb};
use crate::output::tabwriter;

/// The one context.
pub(super) const CONTEXT: &str = "kubernetes-admin@kubernetes";
/// The one cluster.
pub(super) const CLUSTER: &str = "kubernetes";
/// The one user.
pub(super) const USER: &str = "kubernetes-admin";

/// The verb about contexts.
pub(super) static CONFIG: Verb = Verb {
    name: "config",
    group: Group::Settings,
    summary: "Modify kubeconfig files",
    usage: "config SUBCOMMAND",
    verbs: &[
        CURRENT_CONTEXT,
        GET_CLUSTERS,
        GET_CONTEXTS,
        GET_USERS,
        USE_CONTEXT,
        not_yet("set-context", "Set a context entry in kubeconfig"),
        not_yet("view", "Display merged kubeconfig settings or a specified kubeconfig file"),
    ],
    ..Verb::BASE
};

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
    run: |call| Box::pin(async move { cluster_info(&call) }),
    ..Verb::BASE
};

const fn not_yet(name: &'static str, summary: &'static str) -> Verb {
    Verb { name, summary, simulated: false, ..Verb::BASE }
}

const CURRENT_CONTEXT: Verb = Verb {
    name: "current-context",
    summary: "Display the current-context",
    usage: "[flags]",
    run: |call| Box::pin(async move { call.line(CONTEXT) }),
    ..Verb::BASE
};

const GET_CLUSTERS: Verb = Verb {
    name: "get-clusters",
    summary: "Display clusters defined in the kubeconfig",
    usage: "[flags]",
    run: |call| Box::pin(async move { call.out(format!("NAME\n{CLUSTER}\n")) }),
    ..Verb::BASE
};

const GET_USERS: Verb = Verb {
    name: "get-users",
    summary: "Display users defined in the kubeconfig",
    usage: "[flags]",
    run: |call| Box::pin(async move { call.out(format!("NAME\n{USER}\n")) }),
    ..Verb::BASE
};

const GET_CONTEXTS: Verb = Verb {
    name: "get-contexts",
    summary: "Describe one or many contexts",
    usage: "[(-o|--output=)name)]",
    flags: &[&[
        Flag::switch(
            "no-headers",
            "When using the default or custom-column output format, don't print headers.",
        ),
        Flag::text("output", "", "Output format. One of: (name).").letter('o'),
    ]],
    run: |call| Box::pin(async move { contexts(&call) }),
    ..Verb::BASE
};

const USE_CONTEXT: Verb = Verb {
    name: "use-context",
    aliases: &["use"],
    summary: "Set the current-context in a kubeconfig file",
    usage: "CONTEXT_NAME",
    arguments: Arguments::OneOf(&[CONTEXT]),
    run: |call| Box::pin(async move { use_context(&call) }),
    ..Verb::BASE
};

fn contexts(call: &Call) -> Outcome {
    if call.flags.text("output") == "name" {
        return call.line(CONTEXT);
    }
    let headers = "CURRENT\tNAME\tCLUSTER\tAUTHINFO\tNAMESPACE\n";
    let headers = if call.flags.on("no-headers") { "" } else { headers };
    let row = format!("*\t{CONTEXT}\t{CLUSTER}\t{USER}\t{}\n", call.context_namespace);
    call.out(tabwriter::align(&format!("{headers}{row}"), tabwriter::TABLE))
}

fn use_context(call: &Call) -> Outcome {
    match call.args() {
        [name] if name == CONTEXT => call.line(format!("Switched to context {name:?}.")),
        [name] => Err(Failure::plain(format!("no context exists with the name: {name:?}"))),
        _ => Err(call.usage(format!("Unexpected args: [{}]", call.args().join(" ")))),
    }
}

fn cluster_info(call: &Call) -> Outcome {
    call.out("Kubernetes control plane is running at https://127.0.0.1:6443\n\nTo further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.\n")
}
