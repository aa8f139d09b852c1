//! The main facts of an object, a row each: what a person would look for first in `kubectl describe`.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{NodeStatus, ServiceSpec};

use crate::cluster::Cluster;
use crate::object::{Body, Metrics, Object, PodBody};
use crate::output::age;
use crate::time::Time;
use crate::view::Text;
use crate::view::picture::{cores, health_of, memory};

/// A fact: its name, and one or more values, each on its own line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What it is.
    pub name: Text,
    /// What it says.
    pub values: Vec<String>,
}

/// The facts worth showing, most important first; what is not set is left out.
pub(super) fn rows(object: &Object, cluster: &Cluster) -> Vec<Row> {
    let mut rows = Rows(Vec::new());
    rows.one(Text::FieldNamespace, object.namespace());
    match &object.body {
        Body::Pod(pod) => {
            pod_rows(&mut rows, object, pod);
            rows.usage(cluster.metrics_of_pod(object));
            if let Some(steps) = health_of(object).and_then(|view| view.steps) {
                rows.one(Text::FieldSteps, &format!("{}/{}", steps.done, steps.all));
            }
        }
        Body::Node(node) => {
            node_rows(&mut rows, &node.status);
            rows.usage(cluster.metrics_of_node(object));
            let pods = cluster.store().pods_on(object.name()).count();
            rows.one(Text::FieldPods, &pods.to_string());
            let taints = node.spec.taints.iter().flatten().map(|taint| {
                let value = taint.value.as_deref().filter(|value| !value.is_empty());
                let value = value.map(|value| format!("={value}")).unwrap_or_default();
                format!("{}{value}:{}", taint.key, taint.effect)
            });
            rows.many(Text::FieldTaints, taints.collect());
        }
        Body::Service(service) => service_rows(&mut rows, &service.spec),
        Body::DaemonSet(body) => {
            rows.many(Text::FieldSelector, labels(body.spec.selector.match_labels.as_ref()));
            let template = body.spec.template.spec.as_ref();
            rows.many(Text::FieldImage, images(template.map(|spec| &spec.containers)));
        }
        Body::Deployment(body) => {
            let selector = body.spec.selector.match_labels.as_ref();
            rows.many(Text::FieldSelector, labels(selector));
            let template = body.spec.template.spec.as_ref();
            rows.many(Text::FieldImage, images(template.map(|spec| &spec.containers)));
        }
        Body::ReplicaSet(body) => {
            rows.many(Text::FieldSelector, labels(body.spec.selector.match_labels.as_ref()));
            let template = body.spec.template.as_ref().and_then(|template| template.spec.as_ref());
            rows.many(Text::FieldImage, images(template.map(|spec| &spec.containers)));
        }
        Body::ConfigMap(body) => {
            rows.many(
                Text::FieldData,
                body.data.iter().flatten().map(|(key, _)| key.clone()).collect(),
            );
        }
        Body::Secret(body) => {
            rows.many(
                Text::FieldData,
                body.data.iter().flatten().map(|(key, _)| key.clone()).collect(),
            );
        }
        _ => {}
    }
    if let Some(owner) = object.controller() {
        rows.one(Text::FieldOwner, &format!("{} {}", owner.kind, owner.name));
    }
    rows.many(Text::FieldLabels, labels(object.meta.labels.as_ref()));
    if let Some(created) = &object.meta.creation_timestamp {
        rows.one(Text::FieldAge, &age::since(Time::from(created), cluster.now()));
    }
    rows.0
}

struct Rows(Vec<Row>);

impl Rows {
    fn one(&mut self, name: Text, value: &str) {
        if !value.is_empty() {
            self.0.push(Row { name, values: vec![value.to_owned()] });
        }
    }

    /// What the metrics server last read, if it knows.
    fn usage(&mut self, metrics: Option<Metrics>) {
        let Some(usage) = metrics.map(|metrics| metrics.total()) else { return };
        let bytes = i64::try_from(usage.memory_bytes).unwrap_or(i64::MAX);
        let values = [format!("cpu {}m", usage.cpu_milli()), format!("memory {}", memory(bytes))];
        self.many(Text::FieldUsage, values.into());
    }

    fn many(&mut self, name: Text, values: Vec<String>) {
        if !values.is_empty() {
            self.0.push(Row { name, values });
        }
    }
}

fn pod_rows(rows: &mut Rows, object: &Object, pod: &PodBody) {
    let Some(view) = health_of(object) else { return };
    if let Some(waiting) = &view.waiting {
        rows.one(Text::FieldMessage, waiting);
    }
    let waiting = pod.status.container_statuses.iter().flatten().filter_map(|status| {
        let state = status.state.as_ref()?;
        state.waiting.as_ref()?.message.clone()
    });
    rows.many(Text::FieldMessage, waiting.collect());
    rows.one(Text::FieldNode, view.node.as_deref().unwrap_or_default());
    rows.one(Text::FieldAddress, pod.status.pod_ip.as_deref().unwrap_or_default());
    rows.many(Text::FieldImage, images(Some(&pod.shared.containers)));
    let mut requests = Vec::new();
    if view.cpu_milli > 0 {
        requests.push(format!("cpu {}", cores(view.cpu_milli)));
    }
    if view.memory_bytes > 0 {
        requests.push(format!("memory {}", memory(view.memory_bytes)));
    }
    rows.many(Text::FieldRequests, requests);
    if view.restarts > 0 {
        rows.one(Text::FieldRestarts, &view.restarts.to_string());
    }
}

fn node_rows(rows: &mut Rows, status: &NodeStatus) {
    let address = status.addresses.iter().flatten().find(|at| at.type_ == "InternalIP");
    rows.one(Text::FieldAddress, address.map(|at| at.address.as_str()).unwrap_or_default());
    let allocatable = status.allocatable.iter().flatten();
    let shown = allocatable
        .filter(|(name, _)| matches!(name.as_str(), "cpu" | "memory" | "pods"))
        .map(|(name, quantity)| format!("{name} {}", quantity.0));
    rows.many(Text::FieldAllocatable, shown.collect());
    let conditions = status.conditions.iter().flatten();
    let conditions = conditions.map(|at| format!("{} {}", at.type_, at.status));
    rows.many(Text::FieldConditions, conditions.collect());
    let version = status.node_info.as_ref().map(|info| info.kubelet_version.as_str());
    rows.one(Text::FieldVersion, version.unwrap_or_default());
}

fn service_rows(rows: &mut Rows, spec: &ServiceSpec) {
    rows.one(Text::FieldType, spec.type_.as_deref().unwrap_or_default());
    rows.one(Text::FieldAddress, spec.cluster_ip.as_deref().unwrap_or_default());
    let ports = spec.ports.iter().flatten().map(|port| {
        let node = port.node_port.map(|port| format!(":{port}")).unwrap_or_default();
        format!("{}{node}/{}", port.port, port.protocol.as_deref().unwrap_or("TCP"))
    });
    rows.many(Text::FieldPorts, ports.collect());
    rows.many(Text::FieldSelector, labels(spec.selector.as_ref()));
}

fn images(containers: Option<&Vec<k8s_openapi::api::core::v1::Container>>) -> Vec<String> {
    let images = containers.into_iter().flatten();
    images.filter_map(|container| container.image.clone()).collect()
}

fn labels(labels: Option<&BTreeMap<String, String>>) -> Vec<String> {
    labels.into_iter().flatten().map(|(key, value)| format!("{key}={value}")).collect()
}
