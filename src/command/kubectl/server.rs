//! The way from a verb to the API server, with dry runs on a copy of the world.

use std::sync::Arc;

use serde_json::Value;

use super::call::Call;
use super::common::DryRun;
use crate::manifest::{Node, is_unsimulated, unsimulated};
use crate::object::{Key, Kind, Object, StatusError, warnings};
use crate::store::{Actor, Because, Cause, Client, PatchRequest, PatchType, Patched, Subresource};

/// Does something as the user; with a server's dry run on a copy of the world that nobody sees.
pub(super) fn act<T>(call: &Call, dry_run: DryRun, work: impl FnOnce(&mut Client<'_>) -> T) -> T {
    let (user, manager) = (call.user(), manager(call));
    let work = |client: &mut Client<'_>| {
        client.impersonate(user);
        client.write_as(&manager);
        work(client)
    };
    if dry_run == DryRun::None {
        return call.sandbox().act(work);
    }
    call.sandbox().read(|cluster| {
        let mut store = cluster.store().clone();
        let cause = Cause { actor: Actor::User, because: Because::Act(0) };
        Client::new(&mut store, cluster.now(), cause).dry_run(work)
    })
}

/// Under which name a verb manages the fields that it writes.
fn manager(call: &Call) -> String {
    if call.flags.given("field-manager") {
        return call.flags.text("field-manager").to_owned();
    }
    match call.path.split(' ').nth(1) {
        Some("apply") => "kubectl-client-side-apply".to_owned(),
        Some(
            verb @ ("annotate" | "autoscale" | "create" | "edit" | "expose" | "label" | "patch"
            | "replace" | "rollout" | "run" | "set" | "taint"),
        ) => format!("kubectl-{verb}"),
        _ => "kubectl".to_owned(),
    }
}

/// Creates an object from what was sent.
pub(super) fn create(
    call: &Call,
    dry_run: DryRun,
    kind: Kind,
    value: &Value,
) -> Result<Arc<Object>, StatusError> {
    let created = act(call, dry_run, |client| client.create_body(kind, value))?;
    note_unsimulated(call, dry_run, kind, value);
    warn(call, &created);
    Ok(created)
}

/// Notes what somebody wrote and sent that is kept without an effect, for whoever shows it beside the output.
pub(super) fn note_unsimulated(call: &Call, dry_run: DryRun, kind: Kind, sent: &Value) {
    let written = ["filename", "kustomize"].iter().any(|flag| call.flags.given(flag))
        || matches!(call.verb.name, "edit" | "patch");
    if dry_run != DryRun::None || !written {
        return;
    }
    let info = kind.info();
    if is_unsimulated(info.name) {
        return call.sandbox().note_unsimulated(info.name.to_owned());
    }
    let Some(of) = info.wire_type() else { return };
    for (path, _) in unsimulated(of, &Node::from_value(sent)) {
        call.sandbox().note_unsimulated(format!("{}.{path}", info.singular));
    }
}

/// Says what the server warns about. That nobody may be listening does not undo what was done.
pub(super) fn warn(call: &Call, object: &Object) {
    for warning in warnings(object) {
        drop(call.warn(warning));
    }
}

/// Patches an object, as strictly as `--validate` asks for.
pub(super) fn patch(
    call: &Call,
    dry_run: DryRun,
    key: &Key,
    form: PatchType,
    body: &Value,
) -> Result<Arc<Object>, StatusError> {
    let subresource = Subresource::None;
    patch_as(call, dry_run, key, &PatchRequest { form, body, lenient: false, subresource })
}

/// Patches an object or a part of it.
pub(super) fn patch_as(
    call: &Call,
    dry_run: DryRun,
    key: &Key,
    request: &PatchRequest<'_>,
) -> Result<Arc<Object>, StatusError> {
    let before = call.get(key).and_then(|object| object.meta.generation);
    let Patched { object, warnings } = act(call, dry_run, |client| client.patch_as(key, request))?;
    note_unsimulated(call, dry_run, key.kind, request.body);
    for warning in warnings {
        drop(call.warn(warning));
    }
    let generation = object.meta.generation;
    if key.kind != Kind::Pod && (generation != before || generation.is_none()) {
        warn(call, &object);
    }
    Ok(object)
}
