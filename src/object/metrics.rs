//! What Pods and Nodes use, as the metrics API tells it (`metrics.k8s.io/v1beta1`).

use std::sync::Arc;

use serde_json::{Value, json};

use super::Object;
use crate::quantity::Quantity;
use crate::time::{Duration, Time, go_duration};

/// An amount of each resource that is measured.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Billionths of a CPU.
    pub cpu_nanos: u64,
    /// Bytes of memory.
    pub memory_bytes: u64,
}

impl Usage {
    /// Adds what something else uses.
    pub fn add(&mut self, other: Self) {
        self.cpu_nanos = self.cpu_nanos.saturating_add(other.cpu_nanos);
        self.memory_bytes = self.memory_bytes.saturating_add(other.memory_bytes);
    }

    /// The CPU in thousandths, rounded up as `MilliValue` does.
    pub fn cpu_milli(self) -> i64 {
        i64::try_from(self.cpu_nanos.div_ceil(1_000_000)).unwrap_or(i64::MAX)
    }

    /// A resource in thousandths; `None` for one that is not measured.
    pub fn milli(self, resource: &str) -> Option<i64> {
        match resource {
            "cpu" => Some(self.cpu_milli()),
            "memory" => i64::try_from(self.memory_bytes.saturating_mul(1000)).ok(),
            _ => None,
        }
    }

    fn to_value(self) -> Value {
        let cpu = match self.cpu_nanos {
            0 => "0".to_owned(),
            nanos => Quantity::parse(&format!("{nanos}n"))
                .map_or_else(|_| String::new(), |cpu| cpu.to_string()),
        };
        let memory = Quantity::binary(i64::try_from(self.memory_bytes).unwrap_or(i64::MAX));
        json!({ "cpu": cpu, "memory": memory.to_string() })
    }
}

/// What one container uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContainerMetrics {
    /// Its name; empty for a Node as a whole.
    pub name: String,
    /// What it uses.
    pub usage: Usage,
}

/// What a Pod or a Node uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metrics {
    /// When it was read.
    pub at: Time,
    /// The average of how long before.
    pub window: Duration,
    /// Container by container.
    pub containers: Vec<ContainerMetrics>,
}

impl Metrics {
    /// The sum over the containers.
    pub fn total(&self) -> Usage {
        let mut total = Usage::default();
        for container in &self.containers {
            total.add(container.usage);
        }
        total
    }

    /// The object of the metrics API about a Pod or Node.
    pub fn to_value(&self, about: &Object) -> Value {
        let pod = about.as_pod().is_some();
        let mut metadata =
            json!({ "name": about.name(), "creationTimestamp": self.at.to_string() });
        if pod {
            metadata["namespace"] = Value::from(about.namespace());
        }
        if let Some(labels) = &about.meta.labels {
            metadata["labels"] = json!(labels);
        }
        let mut value = json!({
            "kind": if pod { "PodMetrics" } else { "NodeMetrics" },
            "apiVersion": "metrics.k8s.io/v1beta1",
            "metadata": metadata,
            "timestamp": self.at.to_string(),
            "window": go_duration(self.window),
        });
        if pod {
            let containers = self.containers.iter().map(
                |container| json!({ "name": container.name, "usage": container.usage.to_value() }),
            );
            value["containers"] = containers.collect();
        } else {
            value["usage"] = self.total().to_value();
        }
        value
    }
}

/// What is known of the Pods of a namespace.
pub type PodMetrics = Vec<(Arc<Object>, Metrics)>;
