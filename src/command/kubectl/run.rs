//! `kubectl run`: one Pod from an image, and with `-it` its main process at the terminal until it ends (`attach.rs`).
//! Models kubectl `pkg/cmd/run/run.go`.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::apply::{said, with_last_applied};
use super::call::Call;
use super::common::{
    DETACH_KEYS, DRY_RUN, DryRun, FILES, OVERRIDE_TYPE, OVERRIDES, PRINT, SAVE_CONFIG, manager,
    overridden, pod_running_timeout, within_pod_running_timeout,
};
use super::failure::Failure;
use super::format::Format;
use super::verb::{Arguments, Flag, Group, Outcome, Verb};
use super::{attach, logs, server};
use crate::object::{Key, Kind, Object};
use crate::order;
use crate::store::DeleteOptions;

/// The verb.
pub(super) static RUN: Verb = Verb {
    name: "run",
    group: Group::Beginner,
    summary: "Run a particular image on the cluster",
    details: &["Create and run a particular image in a pod."],
    usage: "run NAME --image=image [--env=\"key=value\"] [--port=port] [--dry-run=server|client] [--overrides=inline-json] [--command] -- [COMMAND] [args...]",
    examples: &[
        ("Start a Pod that runs nginx", "kubectl run web --image=nginx:1.27"),
        (
            "Print the manifest instead",
            "kubectl run web --image=nginx:1.27 --dry-run=client -o yaml",
        ),
        (
            "Start a Pod that runs a command once",
            "kubectl run nap --image=busybox:1.36 --restart=Never -- sleep 10",
        ),
    ],
    flags: &[FLAGS, DELETE, FILES, DRY_RUN, PRINT],
    run: |call| Box::pin(async move { run(&call).await }),
    arguments: Arguments::None,
    ..Verb::BASE
};

static FLAGS: &[Flag] = &[
    Flag::array("annotations", "Annotations to apply to the pod."),
    Flag::switch(
        "attach",
        "If true, wait for the Pod to start running, and then attach to the Pod.",
    ),
    Flag::switch(
        "command",
        "If true and extra arguments are present, use them as the 'command' field in the container, rather than the 'args' field which is the default.",
    ),
    Flag::array("env", "Environment variables to set in the container."),
    Flag::switch(
        "expose",
        "If true, create a ClusterIP service associated with the pod. Requires `--port`.",
    ),
    Flag::text("image", "", "The image for the container to run."),
    Flag::text("image-pull-policy", "", "The image pull policy for the container."),
    Flag::text("labels", "", "Comma separated labels to apply to the pod.").letter('l'),
    OVERRIDES,
    OVERRIDE_TYPE,
    manager("kubectl-run"),
    SAVE_CONFIG,
    DETACH_KEYS,
    Flag::switch(
        "leave-stdin-open",
        "If the pod is started in interactive mode or with stdin, leave stdin open after the first attach completes.",
    ),
    pod_running_timeout("1m0s"),
    Flag::text("port", "", "The port that this container exposes."),
    Flag::switch("privileged", "If true, run the container in privileged mode."),
    Flag::switch("quiet", "If true, suppress prompt messages.").letter('q'),
    Flag::text(
        "restart",
        "Always",
        "The restart policy for this Pod. Legal values [Always, OnFailure, Never].",
    ),
    Flag::switch("rm", "If true, delete the pod after it exits."),
    Flag::switch("stdin", "Keep stdin open on the container in the pod.").letter('i'),
    Flag::switch("tty", "Allocate a TTY for the container in the pod.").letter('t'),
];

/// How the Pod goes that `--rm` deletes.
static DELETE: &[Flag] = &[
    Flag::text("cascade", "background", "Must be \"background\", \"orphan\", or \"foreground\".")
        .alone("background"),
    Flag::switch(
        "force",
        "If true, immediately remove resources from API and bypass graceful deletion.",
    ),
    Flag::int(
        "grace-period",
        "-1",
        "Period of time in seconds given to the resource to terminate gracefully. Ignored if negative.",
    ),
    Flag::duration(
        "timeout",
        "0s",
        "The length of time to wait before giving up on a delete, zero means as long as it takes.",
    ),
    Flag::switch("wait", "If true, wait for resources to be gone before returning."),
];

/// Whether it stays with the Pod: asked for, or because something is typed to it.
fn attaches(call: &Call) -> bool {
    let flags = &call.flags;
    if flags.given("attach") { flags.on("attach") } else { flags.on("stdin") }
}

/// Stays with a Pod until its container ends; with `--rm` it goes then.
async fn attached(call: &Call, name: &str) -> Outcome {
    let key = call.key(Kind::Pod, name);
    let outcome = until_ended(call, &key).await;
    if call.flags.on("rm") {
        let options = DeleteOptions::default();
        let deleted = server::act(call, DryRun::None, |client| client.delete(&key, &options));
        if deleted.is_ok() && !call.flags.on("quiet") {
            call.line(format!("pod {name:?} deleted from {} namespace", call.namespace()))?;
        }
    }
    outcome
}

async fn until_ended(call: &Call, key: &Key) -> Outcome {
    let phase = |pod: &Object| {
        let status = pod.as_pod().map(|body| &body.status);
        let conditions = status.and_then(|status| status.conditions.as_ref());
        let mut conditions = conditions.into_iter().flatten();
        let ready = conditions.any(|one| one.type_ == "Ready" && one.status == "True");
        (status.and_then(|status| status.phase.clone()).unwrap_or_default(), ready)
    };
    let over = |phase: &str| matches!(phase, "Succeeded" | "Failed");
    let begun = within_pod_running_timeout(call, |cluster| {
        let pod = cluster.store().get(key)?;
        let (now, ready) = phase(pod);
        (over(&now) || now == "Running" && ready).then(|| Arc::clone(pod))
    });
    let pod = begun.await?;
    if over(&phase(&pod).0) {
        logs::stream(call, &pod, &key.name).await?;
    } else {
        attach::to(call, &pod, &key.name).await?;
    }
    if call.flags.on("leave-stdin-open") || call.flags.text("restart") == "Always" {
        return Ok(());
    }
    let ended = within_pod_running_timeout(call, |cluster| {
        let pod = cluster.store().get(key)?;
        over(&phase(pod).0).then(|| Arc::clone(pod))
    });
    let pod = ended.await?;
    let status = pod.as_pod().and_then(|body| body.status.container_statuses.as_ref()?.first());
    let ended = status.and_then(|status| status.state.as_ref()?.terminated.as_ref());
    match ended {
        Some(ended) if ended.exit_code != 0 => {
            let reason = ended.reason.as_deref().unwrap_or_default();
            let namespace = &key.namespace;
            call.err(format!("pod {namespace}/{} terminated ({reason})", key.name))?;
            Err(Failure::Exit(ended.exit_code))
        }
        _ => Ok(()),
    }
}

async fn run(call: &Call) -> Outcome {
    let flags = &call.flags;
    if !flags.given("image") {
        return Err(Failure::plain("required flag(s) \"image\" not set"));
    }
    let dry_run = DryRun::of(call)?;
    let format = Format::of_writer(call)?;
    let Some((name, rest)) = call.args().split_first() else {
        return Err(call.usage("NAME is required for run"));
    };
    check(call, dry_run)?;
    let labels = labels(name, flags.text("labels"))?;
    let pod = pod(call, name, rest, &labels)?;
    let mut objects = Vec::new();
    if flags.on("expose") {
        let port: Value = flags.text("port").parse::<i64>().map_or(Value::Null, Value::from);
        let mut service = json!({
            "apiVersion": "v1", "kind": "Service", "metadata": {"name": name},
            "spec": {"ports": [{"port": port, "protocol": "TCP", "targetPort": port}], "selector": labels},
            "status": {"loadBalancer": {}},
        });
        if !flags.text("labels").is_empty() {
            service["metadata"]["labels"] = json!(labels);
        }
        objects.push((Kind::Service, service));
    }
    objects.push((Kind::Pod, overridden(call, pod)?));
    for (kind, mut body) in objects {
        if dry_run != DryRun::Client || call.namespace_given() {
            body["metadata"]["namespace"] = Value::from(call.namespace());
        }
        if flags.on("save-config") {
            body = with_last_applied(&body);
        }
        if dry_run != DryRun::Client {
            body = server::create(call, dry_run, kind, &body)?.to_value();
        }
        if attaches(call) && kind == Kind::Pod {
            return attached(call, name).await;
        }
        match &format {
            Some(format) => call.out(format.print_typed(&body)?)?,
            None => call.line(said(kind, name, "created", dry_run))?,
        }
        // Both the printer and the command put a line between the two documents.
        if let (Kind::Service, Some(format)) = (kind, &format) {
            call.out(format.separator().repeat(2))?;
        }
    }
    Ok(())
}

/// What contradicts itself, in upstream's order.
fn check(call: &Call, dry_run: DryRun) -> Outcome {
    let flags = &call.flags;
    let image = flags.text("image");
    if image.is_empty() {
        return Err(Failure::plain("--image is required"));
    }
    if !is_reference(image) {
        return Err(Failure::plain(format!(
            "Invalid image name {image:?}: invalid reference format"
        )));
    }
    let attach = attaches(call);
    let (restart, policy) = (flags.text("restart"), flags.text("image-pull-policy"));
    let problem = if flags.on("tty") && !flags.on("stdin") {
        "-i/--stdin is required for containers with -t/--tty=true".to_owned()
    } else if flags.on("expose") && flags.text("port").is_empty() {
        "--port must be set when exposing a service".to_owned()
    } else if !["Always", "OnFailure", "Never"].contains(&restart) {
        format!("invalid restart policy: {restart}")
    } else if flags.on("rm") && !attach {
        "--rm should only be used for attached containers".to_owned()
    } else if attach && dry_run != DryRun::None {
        "--dry-run=[server|client] can't be used with attached containers options (--attach, --stdin, or --tty)".to_owned()
    } else if !["", "Always", "IfNotPresent", "Never"].contains(&policy) {
        format!("invalid image pull policy: {policy}")
    } else {
        return Ok(());
    };
    Err(call.usage(problem))
}

/// Whether a text names an image: `[HOST/]PATH[:TAG][@DIGEST]` (distribution's `ReferenceRegexp`).
fn is_reference(text: &str) -> bool {
    let (text, digest) = text.split_once('@').map_or((text, None), |(a, b)| (a, Some(b)));
    let digest_fits = digest.is_none_or(|digest| {
        digest.split_once(':').is_some_and(|(algorithm, hex)| {
            algorithm.starts_with(|letter: char| letter.is_ascii_alphabetic())
                && hex.len() >= 32
                && hex.bytes().all(|byte| byte.is_ascii_hexdigit())
        })
    });
    let (path, tag) = match text.rsplit_once(':') {
        Some((path, tag)) if !tag.contains('/') => (path, Some(tag)),
        _ => (text, None),
    };
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let tag_fits = tag.is_none_or(|tag| {
        tag.len() <= 128
            && tag.bytes().next().is_some_and(word)
            && tag.bytes().all(|byte| word(byte) || matches!(byte, b'.' | b'-'))
    });
    let host = |host: &str| {
        let name = host.split_once(':').map_or(host, |(name, _)| name);
        name.split('.').all(|part| {
            !part.is_empty()
                && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        })
    };
    let mut parts: Vec<&str> = path.split('/').collect();
    if parts.len() > 1 && host(parts[0]) {
        parts.remove(0);
    }
    digest_fits && tag_fits && parts.iter().all(|part| is_path_part(part))
}

/// Lower-case letters and digits, with single `.`, one or two `_` or any number of `-` between them.
fn is_path_part(part: &str) -> bool {
    let plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit();
    part.starts_with(plain)
        && part.ends_with(plain)
        && part.split(plain).all(|between| {
            matches!(between, "" | "." | "_" | "__") || between.bytes().all(|byte| byte == b'-')
        })
}

/// The labels given, or `run=NAME`.
fn labels(name: &str, text: &str) -> Result<Map<String, Value>, Failure> {
    if text.is_empty() {
        return Ok(order::json([("run".to_owned(), json!(name))]));
    }
    let pairs = text.split(',').filter(|part| !part.is_empty()).map(|part| pair(part, "label"));
    Ok(order::json(pairs.collect::<Result<Vec<_>, _>>()?))
}

fn pair(text: &str, what: &str) -> Result<(String, Value), Failure> {
    let (key, value) = text
        .split_once('=')
        .ok_or_else(|| Failure::plain(format!("unexpected {what} spec: {text}")))?;
    Ok((key.to_owned(), json!(value)))
}

fn pod(
    call: &Call,
    name: &str,
    rest: &[String],
    labels: &Map<String, Value>,
) -> Result<Value, Failure> {
    let flags = &call.flags;
    let mut container = json!({"name": name, "image": flags.text("image"), "resources": {}});
    if !rest.is_empty() {
        container[if flags.on("command") { "command" } else { "args" }] = json!(rest);
    }
    let env: Result<Vec<Value>, Failure> = flags
        .list("env")
        .iter()
        .map(|text| {
            let (name, value) = text
                .split_once('=')
                .ok_or_else(|| Failure::plain(format!("invalid env: {text}")))?;
            Ok(json!({"name": name, "value": value}))
        })
        .collect();
    let env = env?;
    if !env.is_empty() {
        container["env"] = Value::Array(env);
    }
    let port = flags.text("port");
    if !port.is_empty() {
        let number: i64 = port.parse().ok().ok_or_else(|| {
            Failure::plain(format!("strconv.Atoi: parsing {port:?}: invalid syntax"))
        })?;
        container["ports"] = json!([{"containerPort": number}]);
    }
    if !flags.text("image-pull-policy").is_empty() {
        container["imagePullPolicy"] = json!(flags.text("image-pull-policy"));
    }
    if flags.on("privileged") {
        container["securityContext"] = json!({"privileged": true});
    }
    if flags.on("stdin") {
        container["stdin"] = json!(true);
        if !flags.on("leave-stdin-open") {
            container["stdinOnce"] = json!(true);
        }
    }
    if flags.on("tty") {
        container["tty"] = json!(true);
    }
    let mut body = json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": name, "labels": labels},
        "spec": {
            "containers": [container],
            "dnsPolicy": "ClusterFirst",
            "restartPolicy": flags.text("restart"),
        },
        "status": {},
    });
    let annotations = flags.list("annotations").iter().map(|text| pair(text, "annotation"));
    let annotations = order::json(annotations.collect::<Result<Vec<_>, _>>()?);
    if !annotations.is_empty() {
        body["metadata"]["annotations"] = Value::Object(annotations);
    }
    Ok(body)
}
