//! `kubectl autoscale`: a `HorizontalPodAutoscaler` for a workload. Models kubectl `pkg/cmd/autoscale/autoscale.go`.

use serde_json::{Value, json};

use super::apply::LAST_APPLIED;
use super::call::Call;
use super::common::{DRY_RUN, DryRun, FILES, PRINT, RECORD};
use super::create::require;
use super::failure::Failure;
use super::format::Format;
use super::kinds;
use super::manifests;
use super::record;
use super::resource::{self, NOTHING_GIVEN, Request};
use super::server;
use super::verb::{Arguments, Flag, Group, Outcome, Verb};
use crate::manifest::parse_float;
use crate::object::{Kind, Object, Quantity, official};
use crate::output::json;
use crate::quote::number_g;

/// The verb.
pub(super) static AUTOSCALE: Verb = Verb {
    name: "autoscale",
    group: Group::Deploy,
    summary: "Auto-scale a deployment, replica set, stateful set, or replication controller",
    long: "Creates an autoscaler that automatically chooses and sets the number of pods that run in a Kubernetes cluster.",
    details: &[
        "Looks up a deployment, replica set, stateful set, or replication controller by name and creates an autoscaler that uses the given resource as a reference.",
    ],
    usage: "autoscale (-f FILENAME | TYPE NAME | TYPE/NAME) [--min=MINPODS] --max=MAXPODS [--cpu=CPU] [--memory=MEMORY]",
    examples: &[
        (
            "Keep between 2 and 10 Pods, at 70% of the CPU they ask for",
            "kubectl autoscale deployment web --min=2 --max=10 --cpu=70%",
        ),
        (
            "At most 5 Pods, each using 200 MiB of memory",
            "kubectl autoscale deployment web --max=5 --memory=200Mi",
        ),
    ],
    flags: &[FLAGS, FILES, DRY_RUN, PRINT, RECORD],
    run: |call| Box::pin(async move { autoscale(&call).await }),
    arguments: Arguments::Resources,
    ..Verb::BASE
};

static FLAGS: &[Flag] = &[
    Flag::text(
        "cpu",
        "",
        "Target CPU over all the pods: a percentage of what they ask for (70%), or an amount each (500m).",
    ),
    Flag::int32("cpu-percent", "-1", "Deprecated: use --cpu with a percentage."),
    Flag::text(
        "field-manager",
        "kubectl-autoscale",
        "Name of the manager used to track field ownership.",
    ),
    Flag::int32("max", "-1", "The upper limit for the number of pods. Required."),
    Flag::text(
        "memory",
        "",
        "Target memory over all the pods: a percentage of what they ask for (60%), or an amount each (200Mi).",
    ),
    Flag::int32("min", "-1", "The lower limit for the number of pods."),
    Flag::text(
        "name",
        "",
        "The name for the newly created object; that of the workload, if not given.",
    ),
    Flag::switch("save-config", "Save the configuration in an annotation, for a later apply."),
];

/// The workloads that can be scaled.
const SCALABLE: [&str; 4] = ["Deployment", "ReplicaSet", "ReplicationController", "StatefulSet"];

async fn autoscale(call: &Call) -> Outcome {
    if call.flags.given("cpu-percent") {
        call.err("Flag --cpu-percent has been deprecated, Use --cpu with percentage or resource quantity format (e.g., '70%' for utilization or '500m' for milliCPU).")?;
    }
    require(call, &["max"])?;
    let dry_run = DryRun::of(call)?;
    let metrics = metrics(call)?;
    let found = objects(call).await?;
    let format = Format::of_writer(call)?;
    let mut failures = found.1;
    for object in &found.0 {
        let scaler = match scaler(call, object, &metrics) {
            Ok(scaler) => scaler,
            Err(failure) => {
                failures.push(failure);
                continue;
            }
        };
        match (send(call, dry_run, scaler), &format) {
            (Ok(body), Some(format)) => call.out(format.print_typed(&body)?)?,
            (Ok(body), None) => {
                let name =
                    body.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default();
                let done = if dry_run == DryRun::Client { "created" } else { "autoscaled" };
                let kind = "horizontalpodautoscaler.autoscaling";
                call.line(format!("{kind}/{name} {done}{}", dry_run.suffix()))?;
            }
            (Err(failure), _) => failures.push(failure),
        }
    }
    Failure::all(failures)
}

type Objects = (Vec<std::sync::Arc<Object>>, Vec<Failure>);

async fn objects(call: &Call) -> Result<Objects, Failure> {
    if call.flags.given("filename") || call.flags.given("kustomize") {
        let found = manifests::live(call).await?;
        return Ok((found.objects, found.failures));
    }
    let pairs = match resource::request(call.known(), call.args())? {
        Request::Nothing => return Err(Failure::plain(NOTHING_GIVEN)),
        Request::Lists(_) => {
            return Err(Failure::plain("resource(s) were provided, but no name was specified"));
        }
        Request::Names(pairs) => pairs,
    };
    let (mut objects, mut failures) = (Vec::new(), Vec::new());
    for (kind, name) in pairs {
        match resource::must_get(call, &call.key(kind, &name)) {
            Ok(object) => objects.push(object),
            Err(failure) => failures.push(failure),
        }
    }
    Ok((objects, failures))
}

/// What the flags ask for, checked in kubectl's order (`Validate`).
fn metrics(call: &Call) -> Result<Vec<Value>, Failure> {
    let (min, max) = (call.flags.int("min"), call.flags.int("max"));
    let percent = call.flags.int("cpu-percent");
    let (cpu, memory) = (call.flags.text("cpu"), call.flags.text("memory"));
    if max < 1 {
        return Err(Failure::plain(format!(
            "--max=MAXPODS is required and must be at least 1, max: {max}"
        )));
    }
    if max < min {
        return Err(Failure::plain(format!(
            "--max=MAXPODS must be larger or equal to --min=MINPODS, max: {max}, min: {min}"
        )));
    }
    if percent > 0 && !cpu.is_empty() {
        return Err(Failure::plain("--cpu-percent and --cpu are mutually exclusive"));
    }
    let mut metrics = Vec::new();
    let metric = |name: &str, target: Value| json!({"type": "Resource", "resource": {"name": name, "target": target}});
    if percent > 0 {
        let target = json!({"type": "Utilization", "averageUtilization": percent});
        metrics.push(metric("cpu", target));
    }
    for (name, text, unit) in [("cpu", cpu, "m"), ("memory", memory, "Mi")] {
        if !text.is_empty() {
            metrics.push(metric(name, target(name, text, unit).map_err(Failure::Plain)?));
        }
    }
    Ok(metrics)
}

/// `70%`, `500m`, or a bare number of the unit (`parseResourceInput`).
fn target(name: &str, text: &str, unit: &str) -> Result<Value, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err("empty input".to_owned());
    }
    if let Some(number) = text.strip_suffix('%') {
        let percent = number.parse::<i32>().ok().filter(|percent| *percent >= 0);
        let percent = percent.ok_or_else(|| format!("invalid percentage value: {number}"))?;
        return Ok(json!({"type": "Utilization", "averageUtilization": percent}));
    }
    let bare = parse_float(text).and_then(serde_json::Number::from_f64);
    let amount = match bare {
        Some(number) => {
            let text = format!("{}{unit}", number_g(&number));
            Quantity::parse(&text).map_err(|error| error.to_string())?
        }
        None => Quantity::parse(text)
            .map_err(|_error| format!("invalid resource {name} value: {text}"))?,
    };
    Ok(json!({"type": "AverageValue", "averageValue": amount.to_string()}))
}

fn scaler(call: &Call, object: &Object, metrics: &[Value]) -> Result<Value, Failure> {
    let info = object.kind().info();
    if !SCALABLE.contains(&info.name) {
        return Err(Failure::plain(format!(
            "cannot autoscale a {}: could not find scale subresource for {}/{}, Resource={} in discovery information",
            info.name, info.group, info.version, info.plural
        )));
    }
    let name = match call.flags.text("name") {
        "" => object.name(),
        given => given,
    };
    let mut body = json!({
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": name},
        "spec": {
            "scaleTargetRef": {
                "apiVersion": info.api_version(), "kind": info.name, "name": object.name(),
            },
            "maxReplicas": call.flags.int("max"),
        },
        "status": {"currentMetrics": Value::Null, "desiredReplicas": 0},
    });
    if call.flags.int("min") > 0 {
        body["spec"]["minReplicas"] = Value::from(call.flags.int("min"));
    }
    if !metrics.is_empty() {
        body["spec"]["metrics"] = Value::Array(metrics.to_vec());
    }
    if call.namespace_given() {
        body["metadata"]["namespace"] = Value::from(call.namespace());
    }
    record::record(call, &mut body);
    Ok(body)
}

/// Creates the autoscaler, unless it is only to be shown.
fn send(call: &Call, dry_run: DryRun, mut body: Value) -> Result<Value, Failure> {
    if dry_run == DryRun::Client {
        return Ok(body);
    }
    if call.flags.on("save-config") {
        let text = json::compact_typed(&body) + "\n";
        body["metadata"]["annotations"][LAST_APPLIED] = Value::from(text);
    }
    body["metadata"]["namespace"] = Value::from(call.namespace());
    let resource = official::find("autoscaling", "HorizontalPodAutoscaler");
    let kind: Kind = kinds::simulated(resource.ok_or_else(|| Failure::plain("no autoscaling"))?)?;
    match server::create(call, dry_run, kind, &body) {
        Ok(object) => Ok(object.to_value()),
        // kubectl then tries the older version of the kind, which knows only a percentage of CPU.
        Err(error) => Err(match target("cpu", call.flags.text("cpu"), "m") {
            Ok(target)
                if target["type"] == "Utilization" && call.flags.text("memory").is_empty() =>
            {
                error.into()
            }
            _ if call.flags.int("cpu-percent") >= 0 && call.flags.text("memory").is_empty() => {
                error.into()
            }
            Ok(_) => incompatible("%!w(<nil>)"),
            Err(problem) => incompatible(&problem),
        }),
    }
}

fn incompatible(problem: &str) -> Failure {
    Failure::plain(format!(
        "failed to create autoscaling/v2 HPA and the configuration is incompatible with autoscaling/v1: {problem}"
    ))
}
