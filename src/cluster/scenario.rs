//! A crowd to measure with: one Deployment of many Pods, from apply to all of them running.
//!
//! Nothing here reads a clock; whoever calls it measures. The bench (`benches/scenarios.rs`) and the tests run the same.

use std::sync::Arc;

use k8s_openapi::api::apps::v1::DeploymentSpec;
use k8s_openapi::api::core::v1::{Container, PodSpec, PodStatus, PodTemplateSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};

use super::{Cluster, Settings};
use crate::object::{Body, Kind, Object, PodBody, Split};
use crate::store::Change;
use crate::time::{Duration, Time};

/// How long, in virtual time, it is waited for the last Pod.
const PATIENCE: Duration = Duration::from_mins(30);

/// What came of a crowd.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Crowd {
    /// How many Pods were running at the end.
    pub running: usize,
    /// The virtual time that it took.
    pub took: Duration,
    /// How many steps the cluster took.
    pub steps: usize,
    /// How many writes the store saw.
    pub writes: u64,
}

/// A Deployment of one small container, as a user would apply it.
pub fn deployment(name: &str, replicas: i32, image: &str) -> Object {
    let labels = Some([("app".to_owned(), name.to_owned())].into());
    let container =
        Container { name: name.to_owned(), image: Some(image.to_owned()), ..Container::default() };
    let template = PodTemplateSpec {
        metadata: Some(ObjectMeta { labels: labels.clone(), ..ObjectMeta::default() }),
        spec: Some(PodSpec { containers: vec![container], ..PodSpec::default() }),
    };
    let spec = DeploymentSpec {
        replicas: Some(replicas),
        selector: LabelSelector { match_labels: labels, ..LabelSelector::default() },
        template,
        ..DeploymentSpec::default()
    };
    let meta = ObjectMeta {
        name: Some(name.to_owned()),
        namespace: Some("default".to_owned()),
        ..ObjectMeta::default()
    };
    Object::new(meta, Body::Deployment(Split { spec: Arc::new(spec), ..Split::default() }))
}

/// A fresh cluster with room for a crowd: not part of what is measured.
pub fn stage(nodes: usize) -> Cluster {
    Cluster::new(Settings { nodes, ..Settings::default() })
}

/// Applies one Deployment of so many Pods and runs the cluster until all of them run.
pub fn start(cluster: &mut Cluster, pods: usize) -> Crowd {
    let (began, first) = (cluster.now(), cluster.store().revision());
    let replicas = i32::try_from(pods).unwrap_or(i32::MAX);
    let applied = cluster.act(|client| client.create(deployment("crowd", replicas, "nginx:1.27")));
    let (mut steps, mut running, mut seen) = (0, 0, first);
    while applied.is_ok() && running < pods && cluster.now() < began + PATIENCE {
        if cluster.step().is_none() {
            break;
        }
        steps += 1;
        running += cluster.store().log().since(seen).filter(|change| starts_to_run(change)).count();
        seen = cluster.store().revision();
    }
    let ended: Time = cluster.now();
    Crowd { running, took: ended - began, steps, writes: seen - first }
}

/// Creates so many Pods that nobody controls, as `kubectl apply` would, and runs the cluster until all have a node.
/// Answers how many have.
pub fn place(cluster: &mut Cluster, pods: usize) -> usize {
    let began = cluster.now();
    let Body::Deployment(body) = deployment("plain", 1, "nginx:1.27").body else { return 0 };
    let spec = body.spec.template.spec.clone().unwrap_or_default();
    for number in 0..pods {
        let meta = ObjectMeta {
            name: Some(format!("plain-{number}")),
            namespace: Some("default".to_owned()),
            ..ObjectMeta::default()
        };
        let pod = PodBody::from_spec(spec.clone(), PodStatus::default());
        // What is refused is missing in the answer.
        drop(cluster.act(|client| client.create(Object::new(meta, Body::Pod(pod)))));
    }
    while cluster.now() < began + PATIENCE
        && cluster.scheduler().queue().next_due().is_some()
        && cluster.step().is_some()
    {}
    let all = cluster.store().list(Kind::Pod, Some("default"));
    all.filter(|pod| pod.as_pod().is_some_and(|body| body.own.node_name.is_some())).count()
}

/// Whether a change is a Pod's turn to `Running`.
fn starts_to_run(change: &Change) -> bool {
    let running = |object: &Arc<Object>| matches!(&object.body, Body::Pod(pod) if pod.status.phase.as_deref() == Some("Running"));
    change.key.kind == Kind::Pod
        && change.after.as_ref().is_some_and(running)
        && !change.before.as_ref().is_some_and(running)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_pods_find_a_node() {
        assert_eq!(place(&mut stage(2), 40), 40);
    }

    #[test]
    fn a_crowd_comes_to_run() {
        let mut cluster = stage(3);
        let crowd = start(&mut cluster, 30);
        assert_eq!(crowd.running, 30, "{crowd:?}");
    }
}
