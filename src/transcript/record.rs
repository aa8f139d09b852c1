//! The form of a transcript file.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};

use crate::time::Duration;

/// A transcript, recorded or replayed.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Transcript {
    /// Its name.
    pub name: String,
    /// The group it counts in, as `4-deployments`.
    pub group: String,
    /// What was put on nodes before the first step.
    pub nodes: Vec<NodeSetup>,
    /// What was done, in order.
    pub steps: Vec<Step>,
    /// Every Event at the end, once each, as `Normal Scheduled pod/web: …`; `None` where it does not count.
    pub events: Option<Vec<String>>,
}

/// What a node carries from the start.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct NodeSetup {
    /// The node.
    pub name: String,
    /// Labels beside its own.
    pub labels: BTreeMap<String, String>,
    /// Taints.
    pub taints: Vec<k8s_openapi::api::core::v1::Taint>,
}

/// One step: a command, or an act that is no step to count.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Step {
    /// A shell line, and with it its `stdout`, `stderr` and `exit`.
    pub run: Option<String>,
    /// Files written before it runs.
    pub files: BTreeMap<String, String>,
    /// After it, time passes until nothing changes any more, at most so long.
    #[serde(deserialize_with = "seconds")]
    pub settle: Option<Duration>,
    /// After it, so much time passes.
    #[serde(deserialize_with = "seconds")]
    pub wait: Option<Duration>,
    /// What it printed; `None` in a replay in which it did not run.
    pub stdout: Option<String>,
    /// What it printed as errors.
    pub stderr: String,
    /// Its exit code.
    pub exit: i32,
    /// From here, the states of this Deployment and its ReplicaSets are written down.
    pub watch: Option<String>,
    /// Up to here; `sequence` holds them.
    pub watch_end: Option<String>,
    /// See `watch_end`.
    pub sequence: Vec<String>,
    /// This node's kubelet stops.
    pub node_stop: Option<String>,
    /// This node's kubelet goes on.
    pub node_start: Option<String>,
}

impl Step {
    /// Whether it counts.
    pub fn counts(&self) -> bool {
        self.run.is_some() || self.watch_end.is_some()
    }
}

impl Transcript {
    /// Reads a file's text.
    pub fn parse(text: &str) -> Result<Self, String> {
        serde_yaml::from_str(text).map_err(|error| error.to_string())
    }
}

fn seconds<'de, D: Deserializer<'de>>(source: D) -> Result<Option<Duration>, D::Error> {
    let seconds: Option<f64> = Option::deserialize(source)?;
    seconds.map(Duration::try_from_secs_f64).transpose().map_err(serde::de::Error::custom)
}
