//! `kubectl create rolebinding` and `clusterrolebinding`.
//!
//! Models kubectl `pkg/cmd/create/create_rolebinding.go` and `create_clusterrolebinding.go`.

use serde_json::{Value, json};

use super::super::call::Call;
use super::super::common::{DRY_RUN, PRINT, WRITE};
use super::super::failure::Failure;
use super::super::verb::{Flag, Outcome, Verb};
use super::generator::{Generator, generate};

pub(super) const ROLE_BINDING: Verb = Verb {
    name: "rolebinding",
    summary: "Create a role binding for a particular role or cluster role",
    usage: "NAME --clusterrole=NAME|--role=NAME [--user=username] [--group=groupname] [--serviceaccount=namespace:serviceaccountname] [--dry-run=server|client|none]",
    examples: &[(
        "Let a user and a service account do what a Role allows",
        "kubectl create rolebinding readers --role=pod-reader --user=jane --serviceaccount=default:bot",
    )],
    flags: &[ROLE, CLUSTER_ROLE, SUBJECTS, DRY_RUN, PRINT, WRITE],
    run: |call| generate(call, &ROLE_BINDINGS),
    ..Verb::BASE
};

pub(super) const CLUSTER_ROLE_BINDING: Verb = Verb {
    name: "clusterrolebinding",
    summary: "Create a cluster role binding for a particular cluster role",
    usage: "NAME --clusterrole=NAME [--user=username] [--group=groupname] [--serviceaccount=namespace:serviceaccountname] [--dry-run=server|client|none]",
    examples: &[(
        "Let a group look at everything",
        "kubectl create clusterrolebinding auditors --clusterrole=view --group=audit",
    )],
    flags: &[CLUSTER_ROLE, SUBJECTS, DRY_RUN, PRINT, WRITE],
    run: |call| generate(call, &CLUSTER_ROLE_BINDINGS),
    ..Verb::BASE
};

static ROLE_BINDINGS: Generator = Generator {
    group: GROUP,
    kind: "RoleBinding",
    required: &[],
    make: role_binding,
    refused: "failed to create rolebinding: ",
};

static CLUSTER_ROLE_BINDINGS: Generator = Generator {
    group: GROUP,
    kind: "ClusterRoleBinding",
    required: &["clusterrole"],
    make: cluster_role_binding,
    refused: "failed to create clusterrolebinding: ",
};

const GROUP: &str = "rbac.authorization.k8s.io";

static ROLE: &[Flag] = &[Flag::text("role", "", "Role this RoleBinding should reference")];

static CLUSTER_ROLE: &[Flag] =
    &[Flag::text("clusterrole", "", "ClusterRole that the binding should reference")];

static SUBJECTS: &[Flag] = &[
    Flag::array("group", "Groups to bind to the role. May be repeated."),
    Flag::array(
        "serviceaccount",
        "Service accounts to bind to the role, as <namespace>:<name>. May be repeated.",
    ),
    Flag::array("user", "Usernames to bind to the role. May be repeated."),
];

fn role_binding(call: &Call, name: &str, body: &mut Value) -> Outcome {
    if name.is_empty() {
        return Err(Failure::plain("name must be specified"));
    }
    let (role, cluster_role) = (call.flags.text("role"), call.flags.text("clusterrole"));
    if role.is_empty() == cluster_role.is_empty() {
        return Err(Failure::plain("exactly one of clusterrole or role must be specified"));
    }
    let (kind, role) = if role.is_empty() { ("ClusterRole", cluster_role) } else { ("Role", role) };
    bind(call, kind, role, body)
}

fn cluster_role_binding(call: &Call, _: &str, body: &mut Value) -> Outcome {
    bind(call, "ClusterRole", call.flags.text("clusterrole"), body)
}

fn bind(call: &Call, kind: &str, role: &str, body: &mut Value) -> Outcome {
    body["roleRef"] = json!({"apiGroup": GROUP, "kind": kind, "name": role});
    let mut subjects = Vec::new();
    for (flag, kind) in [("user", "User"), ("group", "Group")] {
        for name in call.flags.list(flag) {
            subjects.push(json!({"apiGroup": GROUP, "kind": kind, "name": name}));
        }
    }
    for account in call.flags.list("serviceaccount") {
        let parts: Vec<&str> = account.split(':').collect();
        match parts.as_slice() {
            [namespace, name] if !namespace.is_empty() && !name.is_empty() => subjects
                .push(json!({"kind": "ServiceAccount", "name": name, "namespace": namespace})),
            _ => return Err(Failure::plain("serviceaccount must be <namespace>:<name>")),
        }
    }
    if !subjects.is_empty() {
        body["subjects"] = Value::Array(subjects);
    }
    Ok(())
}
