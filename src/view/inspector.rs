//! The inspector: one selected object, a sheet at a time.
//!
//! Only the sheet that is shown is read. An object that is gone is shown as it was last, and marked.

mod placement;
mod rows;

use std::sync::Arc;

pub use placement::{Candidate, Placement};
pub use rows::Row;

use serde_json::Value;

use super::forecast::{self, Soon};
use super::picture::health_of;
use crate::cluster::Cluster;
use crate::controller::job::finished_by;
use crate::object::{Body, Key, Kind, Object};
use crate::order;
use crate::output::{age, yaml};
use crate::time::Time;

/// Lines of a log that are shown.
const LOG_LINES: usize = 500;

/// The sheets.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub enum Sheet {
    /// The main facts.
    #[default]
    Summary,
    /// The object as YAML.
    Yaml,
    /// Events about it.
    Events,
    /// What its containers print.
    Logs,
}

/// What a selected object shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspection {
    /// Which object.
    pub key: Key,
    /// Whether it no longer exists.
    pub gone: bool,
    /// The word for its state, and whether that is good (`Some(true)`), bad or neither.
    pub status: Option<(String, Option<bool>)>,
    /// What happens to it next by itself.
    pub soon: Option<Soon>,
    /// The sheet that is shown.
    pub page: Page,
}

/// The content of a sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Page {
    /// The main facts, and what the scheduler saw.
    Summary(Vec<Row>, Option<Placement>),
    /// The object as YAML.
    Yaml(String),
    /// Events about it, newest last.
    Events(Vec<EventRow>),
    /// What its containers printed, by container.
    Logs(Vec<(String, String)>),
}

/// An Event in few words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventRow {
    /// Whether it warns.
    pub warning: bool,
    /// Its reason.
    pub reason: String,
    /// Its message.
    pub message: String,
    /// How often it came.
    pub count: i32,
    /// When it came last.
    pub last: Time,
    /// Who reported it.
    pub source: String,
}

/// How long ago something was, in kubectl's few letters: `42s`, `3m`.
pub fn ago(then: Time, now: Time) -> String {
    age::since(then, now)
}

/// Which sheets a kind has.
pub fn sheets(kind: Kind) -> &'static [Sheet] {
    match kind {
        Kind::Pod => &[Sheet::Summary, Sheet::Yaml, Sheet::Events, Sheet::Logs],
        _ => &[Sheet::Summary, Sheet::Yaml, Sheet::Events],
    }
}

/// Looks into an object. `last` is the version seen last, for when it is gone.
pub fn inspect(
    cluster: &Cluster,
    key: &Key,
    sheet: Sheet,
    last: Option<&Arc<Object>>,
) -> Option<Inspection> {
    let stored = cluster.store().get(key);
    let object = stored.or(last)?;
    let sheet = if sheets(key.kind).contains(&sheet) { sheet } else { Sheet::Summary };
    let page = match sheet {
        Sheet::Summary => {
            Page::Summary(rows::rows(object, cluster), placement::placement(cluster, key))
        }
        Sheet::Yaml => Page::Yaml(yaml::print(&object.to_value())),
        Sheet::Events => Page::Events(events(cluster, object)),
        Sheet::Logs => Page::Logs(logs(cluster, object)),
    };
    Some(Inspection {
        key: key.clone(),
        gone: stored.is_none(),
        status: status(object),
        soon: soon(cluster, key),
        page,
    })
}

fn soon(cluster: &Cluster, key: &Key) -> Option<Soon> {
    match key.kind {
        Kind::Pod => forecast::of_one(cluster, key),
        Kind::Node => {
            let dues = cluster.outlook(&key.name);
            let first = dues.first()?;
            let same = dues.iter().filter(|due| due.at == first.at);
            Some(forecast::of_due(first, same.count()))
        }
        _ => None,
    }
}

fn status(object: &Object) -> Option<(String, Option<bool>)> {
    use super::picture::Health;
    match &object.body {
        Body::Pod(_) => {
            let view = health_of(object)?;
            let good = match view.health {
                Health::Ready | Health::Done => Some(true),
                Health::Crashing | Health::Stuck | Health::Failed => Some(false),
                Health::Queued if view.waiting.is_some() => Some(false),
                Health::Queued | Health::Starting | Health::Unready | Health::Terminating => None,
            };
            Some((view.status, good))
        }
        Body::Node(node) => {
            let mut conditions = node.status.conditions.iter().flatten();
            let ready = conditions.any(|at| at.type_ == "Ready" && at.status == "True");
            Some((if ready { "Ready" } else { "NotReady" }.to_owned(), Some(ready)))
        }
        Body::Value(body) if body.kind == Kind::Job => {
            let number = |of: &Value, field: &str| of.get(field).and_then(Value::as_i64);
            let succeeded = number(&body.status, "succeeded").unwrap_or(0);
            let wanted = number(body.spec(), "completions").unwrap_or(1);
            Some(match finished_by(object) {
                Some((end, _)) => (end.clone(), Some(end == "Complete")),
                None => (format!("{succeeded}/{wanted}"), None),
            })
        }
        Body::DaemonSet(body) => {
            let wanted = body.status.desired_number_scheduled;
            let ready = body.status.number_ready;
            Some((format!("{ready}/{wanted}"), (ready == wanted).then_some(true)))
        }
        Body::Deployment(body) => {
            let wanted = body.spec.replicas.unwrap_or(1);
            let ready = body.status.ready_replicas.unwrap_or(0);
            Some((format!("{ready}/{wanted}"), (ready == wanted).then_some(true)))
        }
        Body::ReplicaSet(body) => {
            let wanted = body.spec.replicas.unwrap_or(1);
            let ready = body.status.ready_replicas.unwrap_or(0);
            Some((format!("{ready}/{wanted}"), (ready == wanted).then_some(true)))
        }
        _ => None,
    }
}

fn events(cluster: &Cluster, about: &Object) -> Vec<EventRow> {
    let namespace = if about.namespace().is_empty() { "default" } else { about.namespace() };
    let mut rows: Vec<_> = cluster
        .store()
        .list(Kind::Event, Some(namespace))
        .filter_map(|object| {
            let Body::Event(event) = &object.body else { return None };
            let involved = &event.involved_object;
            let same = involved.name.as_deref() == Some(about.name())
                && involved.kind.as_deref() == Some(about.kind().info().name);
            if !same {
                return None;
            }
            let last = event.last_timestamp.as_ref().map(Time::from);
            let last = last.or_else(|| event.event_time.as_ref().map(Time::from));
            let source = event.source.as_ref().and_then(|source| source.component.clone());
            Some(EventRow {
                warning: event.type_.as_deref() == Some("Warning"),
                reason: event.reason.clone().unwrap_or_default(),
                message: event.message.clone().unwrap_or_default(),
                count: event.count.unwrap_or(1),
                last: last.unwrap_or_default(),
                source: source.or_else(|| event.reporting_component.clone()).unwrap_or_default(),
            })
        })
        .collect();
    order::sort_by_key(&mut rows, |row| row.last);
    rows
}

/// The newest lines of each container; one that has not started has none.
fn logs(cluster: &Cluster, object: &Object) -> Vec<(String, String)> {
    let Body::Pod(pod) = &object.body else { return Vec::new() };
    let kubelet = pod.own.node_name.as_ref().and_then(|node| cluster.kubelets().get(node));
    let Some(kubelet) = kubelet else { return Vec::new() };
    let init = pod.shared.init_containers.iter().flatten();
    init.chain(&pod.shared.containers)
        .filter_map(|container| {
            let logs = kubelet.logs(object, &container.name, false).ok()?;
            let mut newest: Vec<&str> =
                logs.lines().rev().take(LOG_LINES).map(|line| &*line.text).collect();
            newest.reverse();
            Some((container.name.clone(), newest.join("\n")))
        })
        .collect()
}
