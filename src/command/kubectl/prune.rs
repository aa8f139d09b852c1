//! `kubectl apply --prune`: what an earlier apply made and the manifests no longer have is deleted.
//!
//! Only objects with the annotation of client-side apply count, of the kinds of a list, in the namespaces that the apply
//! touched. Models kubectl `pkg/cmd/apply/prune.go` and `pkg/util/prune/prune.go`. *Differs:* sets (`--applyset`) are
//! not there, as in kubectl without `KUBECTL_APPLYSET`.

use super::apply::{LAST_APPLIED, said};
use super::call::Call;
use super::common::DryRun;
use super::failure::Failure;
use super::kinds;
use super::manifests::Info;
use super::resource::Selection;
use super::server;
use super::verb::Outcome;
use crate::object::{Key, Kind};
use crate::store::{DeleteOptions, Propagation};

/// What is pruned by default, in this order.
const DEFAULT: &str = "core/v1/ConfigMap core/v1/Endpoints core/v1/PersistentVolumeClaim core/v1/Pod core/v1/ReplicationController core/v1/Secret core/v1/Service batch/v1/Job batch/v1/CronJob networking.k8s.io/v1/Ingress apps/v1/DaemonSet apps/v1/Deployment apps/v1/ReplicaSet apps/v1/StatefulSet core/v1/Namespace core/v1/PersistentVolume";

/// What cannot stand together with `--prune`.
pub(super) fn check(call: &Call) -> Outcome {
    let flags = &call.flags;
    if !flags.on("prune") {
        return Ok(());
    }
    let problem = if flags.on("force") {
        "--force cannot be used with --prune"
    } else if !flags.on("all") && flags.text("selector").is_empty() {
        "all resources selected for prune without explicitly passing --all. To prune all resources, pass the --all flag. If you did not mean to prune all resources, specify a label selector"
    } else if flags.on("server-side") {
        "--prune is in alpha and doesn't currently work on objects created by server-side apply"
    } else {
        return allowed(call).map(drop);
    };
    Err(Failure::plain(problem))
}

/// The kinds that are pruned.
fn allowed(call: &Call) -> Result<Vec<Kind>, Failure> {
    let given = call.flags.list("prune-allowlist");
    if given.is_empty() {
        return Ok(DEFAULT.split(' ').filter_map(|one| known(call, one)?.ok()).collect());
    }
    let mut allowed = Vec::new();
    for one in given {
        let kind = known(call, one).ok_or_else(|| {
            Failure::plain(format!(
                "invalid GroupVersionKind format: {one}, please follow <group/version/kind>"
            ))
        })?;
        allowed.push(kind?);
    }
    Ok(allowed)
}

/// The kind that `apps/v1/Deployment` names; `None` if it is not of this form.
fn known(call: &Call, text: &str) -> Option<Result<Kind, Failure>> {
    let mut parts = text.split('/');
    let (group, version, kind) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let api = if group == "core" { version.to_owned() } else { format!("{group}/{version}") };
    let found = call.known().find(|one| one.kind == kind && one.api_version == api);
    Some(match found {
        Some(found) => kinds::simulated(found),
        None => Err(Failure::plain(format!("no matches for kind {kind:?} in version {api:?}"))),
    })
}

/// Deletes what is left of earlier applies; `infos` are what this one applied.
pub(super) fn prune(call: &Call, infos: &[Info], dry_run: DryRun) -> Outcome {
    let selection = Selection::of(call)?;
    let mut namespaces: Vec<&str> = Vec::new();
    if call.namespace_given() {
        namespaces.push(call.namespace());
    }
    for info in infos.iter().filter(|info| !info.namespace.is_empty()) {
        if !namespaces.contains(&info.namespace.as_str()) {
            namespaces.push(&info.namespace);
        }
    }
    let kinds = allowed(call)?;
    let (spaced, whole): (Vec<Kind>, Vec<Kind>) =
        kinds.into_iter().partition(|kind| kind.info().namespaced);
    let mut doomed: Vec<Key> = Vec::new();
    call.read(|store| {
        let mut add = |kind: Kind, namespace: Option<&str>| {
            for object in store.list(kind, namespace).filter(|object| selection.lets(object)) {
                let applied = infos.iter().any(|info| {
                    info.kind == kind
                        && info.name == object.name()
                        && info.namespace == object.namespace()
                });
                if object.annotation(LAST_APPLIED).is_some() && !applied {
                    doomed.push(object.key());
                }
            }
        };
        for namespace in namespaces {
            for kind in &spaced {
                add(*kind, Some(namespace));
            }
        }
        for kind in &whole {
            add(*kind, None);
        }
    });
    let propagation = match call.flags.text("cascade") {
        "foreground" => Propagation::Foreground,
        "orphan" | "false" => Propagation::Orphan,
        _ => Propagation::Background,
    };
    let grace = call.flags.int("grace-period");
    let grace_secs = (grace >= 0).then_some(grace);
    let options = DeleteOptions { grace_secs, propagation, ..DeleteOptions::default() };
    for key in doomed {
        if dry_run != DryRun::Client {
            server::act(call, dry_run, |client| client.delete(&key, &options).map(drop))?;
        }
        call.line(said(key.kind, &key.name, "pruned", dry_run))?;
    }
    Ok(())
}
