//! `kubectl set subject`: who else a binding gives its role to. Models kubectl `pkg/cmd/set/set_subject.go`.

use serde_json::{Value, json};

use super::super::call::Call;
use super::super::common::{DRY_RUN, FILES, PRINT, SELECTOR};
use super::super::failure::Failure;
use super::super::verb::{Arguments, Flag, Outcome, Verb};
use super::{Change, SHARED, begin, check, each, targets};
use crate::object::Kind;
use crate::order;

const GROUP: &str = "rbac.authorization.k8s.io";

pub(super) const SUBJECT: Verb = Verb {
    name: "subject",
    summary: "Update the user, group, or service account in a role binding or cluster role binding",
    long: "Update the user, group, or service account in a role binding or cluster role binding.",
    usage: "(-f FILENAME | TYPE NAME) [--user=username] [--group=groupname] [--serviceaccount=namespace:serviceaccountname] [--dry-run=server|client|none]",
    examples: &[(
        "Give a role to one more service account",
        "kubectl set subject rolebinding readers --serviceaccount=default:bot",
    )],
    flags: &[SUBJECTS, SHARED, FILES, SELECTOR, DRY_RUN, PRINT],
    run: |call| Box::pin(async move { run(&call).await }),
    arguments: Arguments::Resources,
    ..Verb::BASE
};

static SUBJECTS: &[Flag] = &[
    Flag::array("group", "Groups to bind to the role"),
    Flag::array("serviceaccount", "Service accounts to bind to the role"),
    Flag::array("user", "Usernames to bind to the role"),
];

async fn run(call: &Call) -> Outcome {
    let dry_run = begin(call)?;
    let targets = targets(call, call.args()).await?;
    check(call, dry_run)?;
    let subjects = subjects(call)?;
    let change = Change {
        done: "subjects updated",
        failed: "failed to patch subjects to rolebinding:",
        quiet: true,
        apply: &|target, value, _| {
            if !matches!(target.key.kind, Kind::RoleBinding | Kind::ClusterRoleBinding) {
                return Err(Failure::plain(format!(
                    "error: {} setting subjects is only supported for RoleBinding/ClusterRoleBinding\n",
                    target.object_name()
                )));
            }
            let mut all = value["subjects"].as_array().cloned().unwrap_or_default();
            all.extend(
                subjects.iter().filter(|one| !all.contains(one)).cloned().collect::<Vec<_>>(),
            );
            if !all.is_empty() {
                value["subjects"] = Value::Array(all);
            }
            Ok(())
        },
    };
    each(call, &targets, dry_run, &change)
}

/// Whom the flags name, each kind in alphabetical order.
fn subjects(call: &Call) -> Result<Vec<Value>, Failure> {
    let named = |flag: &str| {
        let mut names = call.flags.list(flag).to_vec();
        order::sort(&mut names);
        names.dedup();
        names
    };
    let mut subjects = Vec::new();
    for (flag, kind) in [("user", "User"), ("group", "Group")] {
        for name in named(flag) {
            subjects.push(json!({ "apiGroup": GROUP, "kind": kind, "name": name }));
        }
    }
    for account in named("serviceaccount") {
        let (namespace, name) = account
            .split_once(':')
            .filter(|(_, name)| !name.is_empty() && !name.contains(':'))
            .ok_or_else(|| Failure::plain("serviceaccount must be <namespace>:<name>"))?;
        let namespace = if namespace.is_empty() { call.namespace() } else { namespace };
        subjects.push(json!({ "kind": "ServiceAccount", "name": name, "namespace": namespace }));
    }
    if subjects.is_empty() {
        return Err(Failure::plain(
            "you must specify at least one value of user, group or serviceaccount",
        ));
    }
    Ok(subjects)
}
