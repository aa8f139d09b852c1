//! How many replicas the metrics of an autoscaler want, and what they are.
//!
//! Models `computeReplicasForMetrics`, `validateAndParseSelector` and `computeStatusFor...Metric` of kubernetes
//! `pkg/controller/podautoscaler/horizontal.go`, `replica_calculator.go` and `metrics/client.go`; the sentences are theirs.

use std::sync::Arc;

use serde_json::{Value, json};

use super::replicas::{self, PodFacts, Question, Sample, Target, Tolerances};
use super::{ACTIVE, Round, selector_of, target_of};
use crate::controller::disruption::in_go;
use crate::controller::pods::{condition, phase};
use crate::manifest::{fill, parse_float};
use crate::object::value::look::{at, given, list, number, quantity, text};
use crate::object::{ContainerMetrics, Kind, Metrics, Object, Quantity};
use crate::store::Store;
use crate::time::{Duration, Time};

/// How far a ratio may be from 1 without any scaling (`--horizontal-pod-autoscaler-tolerance`).
const TOLERANCE: f64 = 0.1;
/// `--horizontal-pod-autoscaler-cpu-initialization-period`.
const INITIALIZATION_PERIOD: Duration = Duration::from_mins(5);
/// `--horizontal-pod-autoscaler-initial-readiness-delay`.
const INITIAL_READINESS_DELAY: Duration = Duration::from_secs(30);
/// What is said where no adapter serves the API of custom metrics.
const NO_CUSTOM: &str = "unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered";

/// What one metric says: how many replicas, its name, its status.
type Said = (i32, String, Value);

/// Why a metric says nothing: the reason, what is said of it, and what the round says.
struct Unsaid {
    reason: &'static str,
    message: String,
    outer: String,
}

impl Round<'_, '_> {
    /// The greatest number of replicas that a metric wants, and that metric's name; `statuses` becomes the status of each.
    /// An error if none says anything, or if some do not while the others want fewer.
    pub(super) fn propose(
        &mut self,
        target: &Object,
        current: i32,
        statuses: &mut Value,
    ) -> Result<(i32, String), String> {
        let pods = self.pods_of(target)?;
        let specs = list(self.body.spec(), "metrics");
        let mut all = Vec::new();
        let (mut best, mut failed): (Option<(i32, String)>, Vec<Unsaid>) = (None, Vec::new());
        for spec in specs {
            match self.ask(spec, current, &pods) {
                Ok((replicas, name, status)) => {
                    if best.as_ref().is_none_or(|(most, _)| *most == 0 || replicas > *most) {
                        best = Some((replicas, name));
                    }
                    all.push(status);
                }
                Err(unsaid) => {
                    self.warn(unsaid.reason, &unsaid.message);
                    failed.push(unsaid);
                    all.push(json!({ "type": "" }));
                }
            }
        }
        *statuses = Value::Array(all);
        let fewer = best.as_ref().is_none_or(|(replicas, _)| *replicas < current);
        if let Some(first) = failed.first().filter(|_| fewer) {
            let text =
                format!("the HPA was unable to compute the replica count: {}", first.message);
            let problem = format!(
                "invalid metrics ({} invalid out of {}), first error is: {}",
                failed.len(),
                specs.len(),
                first.outer
            );
            self.set(ACTIVE, false, first.reason, &text);
            return Err(problem);
        }
        let (replicas, name) = best.unwrap_or_default();
        let text =
            format!("the HPA was able to successfully calculate a replica count from {name}");
        self.set(ACTIVE, true, "ValidMetricFound", &text);
        Ok((replicas, name))
    }

    /// The Pods of the target, which no other autoscaler may scale.
    fn pods_of(&mut self, target: &Object) -> Result<Vec<Arc<Object>>, String> {
        let selector = match selector_of(target) {
            Ok(selector) => selector,
            Err(problem) => {
                let text = format!(
                    "couldn't convert selector into a corresponding internal selector object: {problem}"
                );
                self.warn("InvalidSelector", &text);
                self.set(ACTIVE, false, "InvalidSelector", &text);
                return Err(text);
            }
        };
        if selector.to_string().is_empty() {
            self.warn("SelectorRequired", "selector is required");
            let text = "the HPA target's scale is missing a selector";
            self.set(ACTIVE, false, "InvalidSelector", text);
            return Err("selector is required".to_owned());
        }
        let store = self.client.store();
        let pods = store.list(Kind::Pod, Some(self.hpa.namespace()));
        let pods: Vec<Arc<Object>> =
            pods.filter(|pod| selector.matches(pod.meta.labels.as_ref())).cloned().collect();
        let rivals = selecting(store, self.hpa, &pods);
        if rivals.len() > 1 {
            let text = format!(
                "pods by selector {selector} are controlled by multiple HPAs: [{}]",
                rivals.join(" ")
            );
            self.warn("AmbiguousSelector", &text);
            self.set(ACTIVE, false, "AmbiguousSelector", &text);
            return Err(text);
        }
        Ok(pods)
    }

    /// What one metric says.
    fn ask(&self, spec: &Value, current: i32, pods: &[Arc<Object>]) -> Result<Said, Unsaid> {
        let field = match text(spec, "type") {
            "Resource" => "resource",
            "ContainerResource" => "containerResource",
            "Pods" => "pods",
            "Object" => "object",
            _ => "external",
        };
        let source = at(spec, &[field]);
        match field {
            "resource" | "containerResource" => self.ask_resource(field, source, current, pods),
            _ => Err(self.unserved(field, source)),
        }
    }

    /// The metrics that need an adapter, which there is not.
    fn unserved(&self, field: &str, source: &Value) -> Unsaid {
        let name = text(at(source, &["metric"]), "name");
        let by_pods = given(at(source, &["target"]), "averageValue").is_some();
        let namespace = self.hpa.namespace();
        match field {
            "pods" => {
                let message = format!("unable to get metric {name}: {NO_CUSTOM}");
                let outer = format!("failed to get pods metric value: {message}");
                Unsaid { reason: "FailedGetPodsMetric", message, outer }
            }
            "object" => {
                // The order is upstream's.
                let object = at(source, &["describedObject"]);
                let (kind, of) = (text(object, "kind"), text(object, "name"));
                let message =
                    format!("unable to get metric {name}: {kind} on {namespace} {of}/{NO_CUSTOM}");
                let inner = if by_pods {
                    format!("failed to get {name} object metric: ")
                } else {
                    String::new()
                };
                let outer = format!("failed to get object metric value: {inner}{message}");
                Unsaid { reason: "FailedGetObjectMetric", message, outer }
            }
            _ => {
                let selector = given(at(source, &["metric"]), "selector");
                let selector =
                    selector.map_or_else(|| "nil".to_owned(), |selector| in_go(&fill(selector)));
                let message = format!(
                    "unable to get external metric {namespace}/{name}/{selector}: unable to fetch metrics from external metrics API: the server could not find the requested resource (get {name}.external.metrics.k8s.io)"
                );
                let inner = if by_pods {
                    format!("failed to get {name} external metric")
                } else {
                    format!("failed to get external metric {name}")
                };
                let outer =
                    format!("failed to get {name} external metric value: {inner}: {message}");
                Unsaid { reason: "FailedGetExternalMetric", message, outer }
            }
        }
    }

    /// `computeStatusForResourceMetricGeneric`.
    fn ask_resource(
        &self,
        field: &str,
        source: &Value,
        current: i32,
        pods: &[Arc<Object>],
    ) -> Result<Said, Unsaid> {
        let resource = text(source, "name");
        let container = given(source, "container").and_then(Value::as_str).unwrap_or_default();
        let target = at(source, &["target"]);
        let average = given(target, "averageValue").map(|value| quantity(value).milli_value());
        let percent = number(target, "averageUtilization").unwrap_or(0);
        let percent = Target::Utilization(i32::try_from(percent).unwrap_or(i32::MAX));
        let aim = average.map_or(percent, Target::AverageValue);
        let answer =
            self.calculate(resource, container, aim, current, pods).map_err(|problem| {
                let what = if average.is_some() { "usage" } else { "utilization" };
                let message = format!("failed to get {resource} {what}: {problem}");
                let (reason, of) = match field {
                    "resource" => ("FailedGetResourceMetric", format!("{resource} resource")),
                    _ => ("FailedGetContainerResourceMetric", format!("{container} container")),
                };
                let outer = format!("failed to get {of} metric value: {message}");
                Unsaid { reason, message, outer }
            })?;
        let mut now =
            json!({ "averageValue": Quantity::decimal_milli(answer.average).to_string() });
        let name = match (average, field) {
            (Some(_), _) => format!("{resource} resource"),
            (None, "resource") => {
                format!("{resource} resource utilization (percentage of request)")
            }
            (None, _) => {
                format!("{resource} container resource utilization (percentage of request)")
            }
        };
        if average.is_none() {
            now["averageUtilization"] = Value::from(answer.usage);
        }
        let mut status = json!({ "name": resource, "current": now });
        if field == "containerResource" {
            status["container"] = Value::from(container);
        }
        let kind = if field == "resource" { "Resource" } else { "ContainerResource" };
        let status = Value::Object(crate::order::json([
            ("type".to_owned(), Value::from(kind)),
            (field.to_owned(), status),
        ]));
        Ok((answer.replicas, name, status))
    }

    /// `GetResourceReplicas` and `GetRawResourceReplicas`.
    fn calculate(
        &self,
        resource: &str,
        container: &str,
        target: Target,
        current: i32,
        pods: &[Arc<Object>],
    ) -> Result<replicas::Answer, String> {
        let fetch =
            |problem: &str| format!("unable to get metrics for resource {resource}: {problem}");
        let Some(known) = self.client.metrics() else {
            return Err(fetch(
                "unable to fetch metrics from resource metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)",
            ));
        };
        let mut measured = Vec::new();
        for pod in pods {
            let metrics = known.iter().find(|(of, _)| of.uid() == pod.uid());
            measured.push((pod, metrics.map(|(_, metrics)| metrics)));
        }
        if measured.iter().all(|(_, metrics)| metrics.is_none()) {
            return Err(fetch("no metrics returned from resource metrics API"));
        }
        let mut facts = Vec::new();
        for (pod, metrics) in &measured {
            let lacks =
                |metrics: &&Metrics| metrics.containers.iter().all(|one| one.name != container);
            if !container.is_empty() && metrics.as_ref().is_some_and(lacks) {
                return Err(fetch(&format!(
                    "failed to get container metrics: container {container} not present in metrics for pod {}/{}",
                    pod.namespace(),
                    pod.name()
                )));
            }
            let usage = metrics.and_then(|metrics| sample(metrics, resource, container));
            facts.extend(facts_of(pod, usage));
        }
        if matches!(target, Target::Utilization(_)) {
            for (facts, (pod, _)) in facts.iter_mut().zip(&measured) {
                facts.request = request(pod, resource, container)?;
            }
        }
        let question = Question {
            current,
            target,
            tolerances: self.tolerances(),
            cpu: resource == "cpu",
            initialization_period: INITIALIZATION_PERIOD,
            initial_readiness_delay: INITIAL_READINESS_DELAY,
            now: self.client.now(),
        };
        replicas::replicas(&question, &facts)
    }

    /// What the autoscaler says is close enough, else what is so by default.
    fn tolerances(&self) -> Tolerances {
        let of = |direction: &str| {
            let rules = self.body.at(&["spec", "behavior", direction]);
            let tolerance = given(rules, "tolerance").map(quantity);
            tolerance.and_then(|amount| decimal(&amount)).unwrap_or(TOLERANCE)
        };
        Tolerances { down: of("scaleDown"), up: of("scaleUp") }
    }
}

/// An amount as a double (`AsApproximateFloat64`).
#[expect(clippy::float_arithmetic, reason = "upstream's tolerances are doubles")]
fn decimal(amount: &Quantity) -> Option<f64> {
    let text = amount.to_string();
    let small = [("n", 1e-9), ("u", 1e-6), ("m", 1e-3)];
    let unit =
        small.into_iter().find_map(|(suffix, unit)| Some((text.strip_suffix(suffix)?, unit)));
    match unit {
        Some((number, unit)) => Some(parse_float(number)? * unit),
        None => parse_float(&amount.value().to_string()),
    }
}

/// The autoscalers, in order of name, that scale any of these Pods: this one, and those that have had a round.
fn selecting(store: &Store, own: &Object, pods: &[Arc<Object>]) -> Vec<String> {
    let namespace = own.namespace();
    let others = store.list(Kind::HorizontalPodAutoscaler, Some(namespace));
    let selects = |hpa: &&Arc<Object>| {
        let Some(body) = hpa.as_value() else { return false };
        let seen = hpa.uid() == own.uid() || !list(&body.status, "conditions").is_empty();
        let target = target_of(store, namespace, body.at(&["spec", "scaleTargetRef"]));
        let selector = target.ok().and_then(|target| selector_of(&target).ok());
        seen && selector.is_some_and(|selector| {
            pods.iter().any(|pod| selector.matches(pod.meta.labels.as_ref()))
        })
    };
    others.filter(selects).map(|hpa| format!("{namespace}/{}", hpa.name())).collect()
}

/// A Pod's measurement of a resource, of one container or of all.
fn sample(metrics: &Metrics, resource: &str, container: &str) -> Option<Sample> {
    let counts = |one: &&ContainerMetrics| container.is_empty() || one.name == container;
    let counted = metrics.containers.iter().filter(counts);
    let value = counted.map(|one| one.usage.milli(resource)).sum::<Option<i64>>()?;
    Some(Sample { value, at: metrics.at, window: metrics.window })
}

/// What the calculation goes by, the request aside.
fn facts_of(pod: &Object, usage: Option<Sample>) -> Option<PodFacts> {
    let body = pod.as_pod()?;
    let ready = condition(&body.status, "Ready").map(|ready| {
        let since = ready.last_transition_time.as_ref().map(Time::from).unwrap_or_default();
        (ready.status != "False", since)
    });
    Some(PodFacts {
        request: 0,
        usage,
        ended: pod.terminating() || phase(body) == "Failed",
        pending: phase(body) == "Pending",
        started: body.status.start_time.as_ref().map(Time::from),
        ready,
    })
}

/// What a Pod's containers that stay request together, or one of them (`calculatePodRequestsFromContainers`).
fn request(pod: &Object, resource: &str, container: &str) -> Result<i64, String> {
    let Some(body) = pod.as_pod() else { return Ok(0) };
    let sidecars = body.shared.init_containers.iter().flatten();
    let sidecars = sidecars.filter(|one| one.restart_policy.as_deref() == Some("Always"));
    let mut sum = 0;
    for one in body.shared.containers.iter().chain(sidecars) {
        if !container.is_empty() && container != one.name {
            continue;
        }
        let requests = one.resources.as_ref().and_then(|resources| resources.requests.as_ref());
        let Some(amount) = requests.and_then(|requests| requests.get(resource)) else {
            let (name, pod) = (&one.name, pod.name());
            return Err(format!("missing request for {resource} in container {name} of Pod {pod}"));
        };
        sum += Quantity::parse(&amount.0).map_or(0, |amount| amount.milli_value());
    }
    Ok(sum)
}
