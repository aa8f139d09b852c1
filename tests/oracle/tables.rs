//! The tables: one question a row. A row matches where every field of the recorded answer is ours too.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use kobune::cluster::{Cluster, Profile, Settings};
use kobune::command::COMMANDS;
use kobune::controller::deployment::rolling_update_bounds;
use kobune::controller::podautoscaler::replicas::{
    PodFacts, Question, Sample, Target, Tolerances, replicas,
};
use kobune::manifest::Node;
use kobune::object::cron::Schedule;
use kobune::object::{Kind, Object, Quantity, Selector, names};
use kobune::output::age;
use kobune::output::jsonpath::Template;
use kobune::scheduler::cycle::rank_among;
use kobune::scheduler::decision::Verdict;
use kobune::shell::{HOME, Patience, Sandbox, Screen, Session, Stream};
use kobune::store::patch;
use kobune::time::{Duration, Time};
use kobune::transcript::same_text;
use serde_json::{Value, json};

use super::{Figure, say, unpanicked};

/// Answers a row with fields to compare with the recorded ones; `None` is a table that is not built yet.
type Answer = fn(&Value) -> Option<Value>;

/// Every table but `manifests`, in order of name.
const TABLES: &[(&str, Answer)] = &[
    ("age", |row| Some(json!({ "age": age::human(row["seconds"].as_i64()?) }))),
    ("cron", cron),
    ("hpa-replicas", hpa_replicas),
    ("jsonpath", jsonpath),
    ("label-selector", label_selector),
    ("names", name_rules),
    ("quantity", quantity),
    ("rolling-update-bounds", bounds),
    ("scheduling", scheduling),
    ("strategic-merge", strategic_merge),
    ("three-way-apply", three_way_apply),
];

/// Fields of a row that are the question, not the answer.
const QUESTIONS: &[&str] = &[
    "in",
    "labels",
    "seconds",
    "from",
    "replicas",
    "maxSurge",
    "maxUnavailable",
    "template",
    "object",
    "nodes",
    "pods",
    "pod",
    "original",
    "lastApplied",
    "live",
    "manifest",
    "currentReplicas",
    "targetUtilization",
    "tolerance",
];

/// The figures of all tables.
pub(super) fn figures(folder: &Path, show: Option<&str>) -> Vec<Figure> {
    let mut figures = Vec::new();
    for (name, answer) in TABLES {
        let rows = rows(folder, name);
        let mut matched = 0;
        for (index, row) in rows.iter().enumerate() {
            let got = unpanicked(&format!("{name} row {}", index + 1), || answer(row)).flatten();
            if got.as_ref().is_some_and(|got| same_answer(name, row, got)) {
                matched += 1;
            } else if show == Some(*name) {
                say(&format!(
                    "{name} row {}: {row}\n  ours: {}",
                    index + 1,
                    got.unwrap_or_default()
                ));
            }
        }
        figures.push(Figure { name: (*name).to_owned(), matched, all: rows.len() });
        if *name == "label-selector" {
            figures.extend(manifests(folder, show));
        }
    }
    figures
}

fn rows(folder: &Path, name: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(folder.join(format!("{name}.jsonl"))).unwrap_or_default();
    text.lines().map(|line| serde_json::from_str(line).expect("a row is JSON")).collect()
}

/// Whether an answer has exactly the recorded fields. `replicas` is a question in one table and an answer in another.
fn same_answer(table: &str, row: &Value, got: &Value) -> bool {
    let is_question = |key: &str| match (table, key) {
        ("hpa-replicas", "replicas") => false,
        ("strategic-merge", "patch") => true,
        _ => QUESTIONS.contains(&key),
    };
    let recorded: BTreeMap<_, _> =
        row.as_object().into_iter().flatten().filter(|(key, _)| !is_question(key)).collect();
    let ours: BTreeMap<_, _> = got.as_object().into_iter().flatten().collect();
    recorded == ours
}

fn quantity(row: &Value) -> Option<Value> {
    Some(match Quantity::parse(row["in"].as_str()?) {
        Ok(quantity) => json!({
            "canonical": quantity.to_string(), "ceil": quantity.value(), "milli": quantity.milli_value()
        }),
        Err(error) => json!({ "error": error.to_string() }),
    })
}

fn name_rules(row: &Value) -> Option<Value> {
    let name = row["in"].as_str()?;
    let list =
        |messages: Vec<String>| if messages.is_empty() { Value::Null } else { json!(messages) };
    Some(json!({
        "label": list(names::dns1123_label(name)),
        "subdomain": list(names::dns1123_subdomain(name)),
        "service": list(names::dns1035_label(name)),
        "qualified": list(names::qualified_name(name)),
        "labelValue": list(names::label_value(name)),
        "configMapKey": list(names::config_map_key(name)),
        "envName": list(names::env_name(name)),
        "port": list(names::port_name(name)),
    }))
}

fn label_selector(row: &Value) -> Option<Value> {
    Some(match Selector::parse(row["in"].as_str()?) {
        Ok(selector) => {
            let sets = row["labels"].as_array()?.iter();
            let matches: Option<Vec<bool>> = sets
                .map(|set| Some(selector.matches(Some(&serde_json::from_value(set.clone()).ok()?))))
                .collect();
            json!({ "canonical": selector.to_string(), "matches": matches? })
        }
        Err(error) => json!({ "error": error }),
    })
}

fn cron(row: &Value) -> Option<Value> {
    let schedule = match Schedule::parse(row["in"].as_str()?) {
        Ok(schedule) => schedule,
        Err(error) => return Some(json!({ "error": error })),
    };
    let from: jiff::Timestamp = row["from"].as_str()?.parse().ok()?;
    let (mut time, mut next) = (Time::from_micros(from.as_microsecond()), Vec::new());
    while next.len() < 4 {
        let Some(found) = schedule.next(time) else {
            next.push("never".to_owned());
            break;
        };
        next.push(found.to_string());
        time = found;
    }
    Some(json!({ "next": next }))
}

fn hpa_replicas(row: &Value) -> Option<Value> {
    let now = Time::START + Duration::from_mins(10);
    let pod = |pod: &Value| {
        let state = pod["state"].as_str()?;
        let sample = |value| Sample { value, at: now, window: Duration::from_mins(1) };
        let since = if state == "unready" { 1 } else { 60 };
        Some(PodFacts {
            request: pod["requestMilli"].as_i64()?,
            usage: pod["usageMilli"].as_i64().map(sample),
            ended: state == "failed",
            pending: state == "pending",
            started: Some(Time::START),
            ready: Some((state != "unready", Time::START + Duration::from_secs(since))),
        })
    };
    let pods: Option<Vec<PodFacts>> = row["pods"].as_array()?.iter().map(pod).collect();
    let tolerance = row["tolerance"].as_f64()?;
    let question = Question {
        current: i32::try_from(row["currentReplicas"].as_i64()?).ok()?,
        target: Target::Utilization(i32::try_from(row["targetUtilization"].as_i64()?).ok()?),
        tolerances: Tolerances { down: tolerance, up: tolerance },
        cpu: true,
        initialization_period: Duration::from_mins(5),
        initial_readiness_delay: Duration::from_secs(30),
        now,
    };
    Some(match replicas(&question, &pods?) {
        Ok(answer) => json!({ "replicas": answer.replicas, "utilization": answer.usage }),
        Err(error) => json!({ "error": error }),
    })
}

fn jsonpath(row: &Value) -> Option<Value> {
    let printed = Template::parse(row["template"].as_str()?)
        .and_then(|template| template.print(&row["object"]));
    Some(match printed {
        Ok(out) => json!({ "out": out }),
        Err(error) => json!({ "error": error.to_string() }),
    })
}

fn bounds(row: &Value) -> Option<Value> {
    let bound =
        |key: &str| -> Option<IntOrString> { serde_json::from_value(row[key].clone()).ok() };
    let replicas = i32::try_from(row["replicas"].as_i64()?).ok()?;
    let resolved = rolling_update_bounds(
        bound("maxSurge").as_ref(),
        bound("maxUnavailable").as_ref(),
        replicas,
    );
    Some(match resolved {
        Ok(bounds) => json!({ "surge": bounds.surge, "unavailable": bounds.unavailable }),
        Err(error) => json!({ "error": error }),
    })
}

#[expect(clippy::unnecessary_wraps, reason = "it is an `Answer`")]
fn strategic_merge(row: &Value) -> Option<Value> {
    let merged = patch::strategic_merge(
        Some(Kind::Deployment),
        row["original"].clone(),
        row["patch"].clone(),
    );
    Some(match merged {
        Ok(result) => json!({ "result": result }),
        Err(error) => json!({ "error": error.to_string() }),
    })
}

#[expect(clippy::unnecessary_wraps, reason = "it is an `Answer`")]
fn three_way_apply(row: &Value) -> Option<Value> {
    let made =
        patch::three_way(Kind::Deployment, &row["lastApplied"], &row["manifest"], &row["live"]);
    let applied = made.and_then(|made| {
        let result =
            patch::strategic_merge(Some(Kind::Deployment), row["live"].clone(), made.clone())?;
        Ok(json!({ "patch": made, "result": result }))
    });
    Some(applied.unwrap_or_else(|error| json!({ "error": error.to_string() })))
}

fn scheduling(row: &Value) -> Option<Value> {
    let object = |kind: Kind, value: &Value| {
        Object::from_node(kind, &Node::from_value(value)).ok().map(Arc::new)
    };
    let list = |kind: Kind, key: &str| -> Option<Vec<Arc<Object>>> {
        row[key].as_array().into_iter().flatten().map(|value| object(kind, value)).collect()
    };
    let (nodes, bound, pod) =
        (list(Kind::Node, "nodes")?, list(Kind::Pod, "pods")?, object(Kind::Pod, &row["pod"])?);
    let ranking = rank_among(&nodes, &bound, &pod);
    let message = ranking.message(nodes.len());
    if let Some(text) = row["expect"]["preFilter"].as_str() {
        let refused = message == format!("0/{} nodes are available: {text}.", nodes.len());
        return Some(
            json!({ "expect": if refused { row["expect"].clone() } else { json!(message) } }),
        );
    }
    let (mut rejected, mut scores) = (json!({}), json!({}));
    for (name, verdict) in &ranking.nodes {
        match verdict {
            Verdict::Rejected(plugin, refusal) => {
                rejected[&**name] = json!({
                    "plugin": plugin, "reasons": refusal.reasons, "code": format!("{:?}", refusal.code)
                });
            }
            Verdict::Scored(all) => {
                let by_plugin = ranking.scored_by.iter().zip(all.as_slice());
                let mut line: Value =
                    by_plugin.map(|(plugin, score)| ((*plugin).to_owned(), json!(score))).collect();
                line["total"] = json!(verdict.total());
                scores[&**name] = line;
            }
        }
    }
    let best: Vec<&str> = ranking.best().into_iter().map(|name| &**name).collect();
    Some(json!({ "expect": if best.is_empty() {
        json!({ "rejected": rejected, "message": message })
    } else {
        json!({ "rejected": rejected, "scores": scores, "best": best })
    } }))
}

/// The manifests, each applied by the real command in an empty cluster.
fn manifests(folder: &Path, show: Option<&str>) -> [Figure; 3] {
    let rows = rows(folder, "manifests");
    let empty =
        Cluster::new(Settings { nodes: 0, profile: Profile::Oracle, ..Settings::default() });
    let [mut verdict, mut result, mut text] = ["verdict", "result", "text"].map(|part| Figure {
        name: format!("manifests-{part}"),
        matched: 0,
        all: rows.len(),
    });
    result.all = rows.iter().filter(|row| row.get("result").is_some()).count();
    for (index, row) in rows.iter().enumerate() {
        let manifest = row["manifest"].as_str().unwrap_or_default();
        let line = "kubectl apply --dry-run=server -f m.yaml";
        let place = format!("manifests row {}", index + 1);
        let Some((stdout, stderr, exit)) = unpanicked(&place, || apply(&empty, manifest, line))
        else {
            continue;
        };
        let texts = [("stdout", &stdout), ("stderr", &stderr)]
            .iter()
            .all(|(key, ours)| same_text(row[*key].as_str().unwrap_or_default(), ours));
        let exits = row["exit"].as_i64() == Some(i64::from(exit));
        let mut results = None;
        if let Some(recorded) = row.get("result") {
            let ours = unpanicked(&place, || apply(&empty, manifest, &format!("{line} -o json")).0);
            let ours = ours.and_then(|json| serde_json::from_str(&json).ok()).map(stripped);
            results = Some(ours.as_ref().is_some_and(|ours| same_value(recorded, ours)));
            if results == Some(false) && show == Some("manifests-result") {
                say(&format!("{place}: {recorded}\n  ours: {}", ours.unwrap_or_default()));
            }
        }
        if !exits && show == Some("manifests-verdict") || !texts && show == Some("manifests-text") {
            say(&format!(
                "{place}: exit {}\n{}{}  ours: exit {exit}\n{stdout}{stderr}",
                row["exit"], row["stdout"], row["stderr"]
            ));
        }
        verdict.matched += usize::from(exits);
        text.matched += usize::from(texts);
        result.matched += usize::from(results == Some(true));
    }
    [result, text, verdict]
}

/// Runs a line beside a manifest: what it printed, and its exit code.
fn apply(empty: &Cluster, manifest: &str, line: &str) -> (String, String, i32) {
    let sandbox = Sandbox::new(empty.clone());
    let path = format!("{HOME}/m.yaml");
    sandbox
        .files_mut(|files| files.write(&path, manifest.as_bytes().to_vec(), Time::START))
        .expect("a manifest is small");
    let mut session = Session::new(sandbox, COMMANDS, Screen::new(0));
    session.set_patience(Patience::HEADLESS);
    session.run_script(line);
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let exit = session.finish(|chunk| match chunk.stream {
        Stream::Stdout => stdout.extend(chunk.bytes),
        Stream::Stderr => stderr.extend(chunk.bytes),
    });
    (
        String::from_utf8_lossy(&stdout).into_owned(),
        String::from_utf8_lossy(&stderr).into_owned(),
        exit,
    )
}

/// An object without what the recording left out.
fn stripped(mut object: Value) -> Value {
    if let Some(meta) = object.get_mut("metadata").and_then(Value::as_object_mut) {
        for key in ["uid", "resourceVersion", "creationTimestamp", "managedFields"] {
            meta.remove(key);
        }
        if let Some(annotations) = meta.get_mut("annotations").and_then(Value::as_object_mut) {
            annotations.remove("kubectl.kubernetes.io/last-applied-configuration");
            if annotations.is_empty() {
                meta.remove("annotations");
            }
        }
    }
    object
}

/// Equal, placeholders in recorded texts aside.
fn same_value(recorded: &Value, ours: &Value) -> bool {
    match (recorded, ours) {
        (Value::Object(recorded), Value::Object(ours)) => {
            recorded.len() == ours.len()
                && recorded
                    .iter()
                    .all(|(key, value)| ours.get(key).is_some_and(|ours| same_value(value, ours)))
        }
        (Value::Array(recorded), Value::Array(ours)) => {
            recorded.len() == ours.len()
                && recorded.iter().zip(ours).all(|(value, ours)| same_value(value, ours))
        }
        (Value::String(pattern), Value::String(ours)) => {
            pattern == ours || (pattern.contains('<') && same_text(pattern, ours))
        }
        (Value::String(pattern), Value::Number(ours)) => {
            pattern.starts_with('<') && same_text(pattern, &ours.to_string())
        }
        // The recording writes `<ip>` for `clusterIPs` as a whole.
        (Value::String(pattern), Value::Array(ours)) => {
            pattern == "<ip>"
                && !ours.is_empty()
                && ours.iter().all(|ours| same_value(recorded, ours))
        }
        (recorded, ours) => recorded == ours,
    }
}
