//! `kubectl replace`: one object in the place of another, or, with `--force`, after it.
//!
//! Models kubectl `pkg/cmd/replace/replace.go`. *Differs:* `--raw` is refused.

use std::sync::Arc;

use serde_json::Value;

use super::apply::{said, with_last_applied};
use super::call::Call;
use super::common::{DRY_RUN, DryRun, FILES, PRINT, RECORD};
use super::failure::Failure;
use super::format::Format;
use super::manifests::{self, Info};
use super::patch::{shown, subresource};
use super::verb::{Flag, Group, Outcome, Verb};
use super::{delete, record, server};
use crate::object::{Key, StatusError};
use crate::store::{Subresource, decode_body, no_such_path, subresource_value};
use crate::time::Duration;

/// The verb.
pub(super) static REPLACE: Verb = Verb {
    name: "replace",
    group: Group::Advanced,
    summary: "Replace a resource by file name or stdin",
    details: &[
        "JSON and YAML formats are accepted. If replacing an existing resource, the complete resource spec must be provided. This can be obtained by",
        " $ kubectl get TYPE NAME -o yaml",
    ],
    usage: "replace -f FILENAME",
    examples: &[
        ("Replace what the manifest in web.yaml describes", "kubectl replace -f web.yaml"),
        ("Delete it and create it again", "kubectl replace --force -f web.yaml"),
    ],
    flags: &[FLAGS, FILES, DRY_RUN, PRINT, RECORD],
    run: |call| Box::pin(async move { replace(&call).await }),
    ..Verb::BASE
};

static FLAGS: &[Flag] = &[
    Flag::text("cascade", "background", "Must be \"background\", \"orphan\", or \"foreground\".")
        .alone("background"),
    Flag::text(
        "field-manager",
        "kubectl-replace",
        "Name of the manager used to track field ownership.",
    ),
    Flag::switch("force", "If true, immediately remove resources from API and create them again."),
    Flag::int(
        "grace-period",
        "-1",
        "Period of time in seconds given to the resource to terminate gracefully. Ignored if negative.",
    ),
    Flag::text("raw", "", "Raw URI to PUT to the server."),
    Flag::switch("save-config", "Save the configuration in an annotation, for a later apply."),
    Flag::text(
        "subresource",
        "",
        "If specified, replace will operate on the subresource of the requested object.",
    ),
    Flag::duration(
        "timeout",
        "0s",
        "The length of time to wait before giving up on a delete, zero means as long as it takes.",
    ),
    Flag::text("validate", "strict", "Must be one of: strict (or true), warn, ignore (or false).")
        .alone("strict"),
    Flag::switch("wait", "If true, wait for resources to be gone before returning."),
];

/// How long a forced replacement waits for the old object to go.
const GONE_WITHIN: Duration = Duration::from_mins(5);

async fn replace(call: &Call) -> Outcome {
    let flags = &call.flags;
    let dry_run = DryRun::of(call)?;
    Format::of_writer(call)?;
    delete::propagation(call)?;
    if !flags.given("filename") && !flags.given("kustomize") {
        return Err(Failure::plain("must specify one of -f and -k"));
    }
    let force = flags.on("force");
    if flags.int("grace-period") >= 0 && !force {
        return Err(Failure::plain("--grace-period must have --force specified"));
    }
    if flags.duration("timeout").0 != 0 && !force {
        return Err(Failure::plain("--timeout must have --force specified"));
    }
    if force && dry_run != DryRun::None {
        return Err(Failure::plain("--dry-run can not be used when --force is set"));
    }
    if flags.given("raw") {
        return Err(Failure::not_simulated("kubectl replace --raw"));
    }
    let format = Format::of_writer(call)?;
    let loaded = manifests::load(call).await?;
    if force {
        return again(call, loaded, format.as_ref()).await;
    }
    let part = subresource(call)?;
    let mut failures = loaded.failures;
    for info in &loaded.infos {
        match one(call, info, dry_run, part) {
            Ok(value) => say(call, info, &value, format.as_ref(), dry_run)?,
            Err(failure) => failures.push(failure.while_doing("replacing", &info.source)),
        }
    }
    Failure::all(failures)
}

fn say(
    call: &Call,
    info: &Info,
    value: &Value,
    format: Option<&Format>,
    dry_run: DryRun,
) -> Outcome {
    match format {
        Some(format) => call.out(format.print(value)?),
        None => call.line(said(info.kind, &info.name, "replaced", dry_run)),
    }
}

/// The object as it is sent.
fn wanted(call: &Call, info: &Info) -> Value {
    let mut value = if call.flags.on("save-config") {
        with_last_applied(&info.value)
    } else {
        info.value.clone()
    };
    record::record(call, &mut value);
    value
}

fn one(call: &Call, info: &Info, dry_run: DryRun, part: Subresource) -> Result<Value, Failure> {
    let wanted = wanted(call, info);
    if dry_run == DryRun::Client {
        return Ok(wanted);
    }
    let key = Key::new(info.kind, info.namespace.as_str(), info.name.as_str());
    let before = call.get(&key);
    let replaced = server::act(call, dry_run, |client| {
        if client.store().get(&key).is_none() {
            return Err(StatusError::not_found(&key));
        }
        if part == Subresource::Scale {
            let replicas = wanted.pointer("/spec/replicas").and_then(Value::as_i64).unwrap_or(0);
            return client.replace_scale(&key, replicas);
        }
        let object = decode_body(client.store(), info.kind, &wanted)?;
        if part == Subresource::Status {
            subresource_value(&object, part).ok_or_else(no_such_path)?;
            return client.update_status(&key, |body| *body = object.body);
        }
        client.update(object)
    })?;
    if before.is_some_and(|before| !Arc::ptr_eq(&before, &replaced)) {
        server::warn(call, &replaced);
    }
    shown(&replaced, part)
}

/// Deletes everything, waits until it is gone, and creates it anew (`forceReplace`).
async fn again(call: &Call, loaded: manifests::Loaded, format: Option<&Format>) -> Outcome {
    Failure::all(loaded.failures)?;
    delete::for_replacement(call, &loaded.infos)?;
    for info in &loaded.infos {
        let key = Key::new(info.kind, info.namespace.as_str(), info.name.as_str());
        let gone = call
            .sandbox()
            .until_within(GONE_WITHIN, |cluster| cluster.store().get(&key).is_none().then_some(()));
        if gone.await.is_none() {
            return Err(Failure::plain("timed out waiting for the condition"));
        }
    }
    let mut failures = Vec::new();
    for info in &loaded.infos {
        match server::create(call, DryRun::None, info.kind, &wanted(call, info)) {
            Ok(created) => say(call, info, &created.to_value(), format, DryRun::None)?,
            Err(error) => failures.push(Failure::from(error)),
        }
    }
    if loaded.infos.is_empty() {
        return Err(Failure::plain("no objects passed to replace"));
    }
    Failure::all(failures)
}
