//! DaemonSets in a living cluster: a Pod on every node that should have one, and updates node by node.

use std::collections::BTreeSet;
use std::sync::Arc;

use k8s_openapi::api::apps::v1::{DaemonSetSpec, DaemonSetUpdateStrategy, RollingUpdateDaemonSet};
use k8s_openapi::api::core::v1::Taint;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use kobune::cluster::scenario::deployment;
use kobune::cluster::{Cluster, Profile, Settings};
use kobune::object::{Body, Key, Kind, Object, Split};
use kobune::order;
use kobune::time::Duration;

/// A cluster in which a DaemonSet `agent` runs.
fn running(max_unavailable: i32, max_surge: i32) -> (Cluster, Key) {
    let settings = Settings { profile: Profile::Oracle, nodes: 4, ..Settings::default() };
    let mut cluster = Cluster::new(settings);
    let pattern = deployment("agent", 1, "fluentd:v1");
    let from = &pattern.as_deployment().expect("a Deployment is one").spec;
    let spec = DaemonSetSpec {
        selector: from.selector.clone(),
        template: from.template.clone(),
        update_strategy: Some(DaemonSetUpdateStrategy {
            type_: Some("RollingUpdate".to_owned()),
            rolling_update: Some(RollingUpdateDaemonSet {
                max_unavailable: Some(IntOrString::Int(max_unavailable)),
                max_surge: Some(IntOrString::Int(max_surge)),
            }),
        }),
        ..DaemonSetSpec::default()
    };
    let body = Body::DaemonSet(Split { spec: Arc::new(spec), ..Split::default() });
    let set = Object::new((*pattern.meta).clone(), body);
    let key = cluster.act(|client| client.create(set)).expect("the DaemonSet is valid").key();
    cluster.advance_to(cluster.now() + Duration::from_mins(1));
    (cluster, key)
}

/// The nodes that have a Pod which is not being deleted, once for each Pod.
fn nodes(cluster: &Cluster) -> Vec<String> {
    let pods = cluster.store().list(Kind::Pod, Some("default"));
    let mut nodes: Vec<String> = pods
        .filter(|pod| !pod.terminating())
        .filter_map(|pod| Some(pod.as_pod()?.own.node_name.as_ref()?.to_string()))
        .collect();
    order::sort(&mut nodes);
    nodes
}

fn set_image(cluster: &mut Cluster, key: &Key, image: &str) {
    let set = |object: &mut Object| {
        if let Body::DaemonSet(body) = &mut object.body {
            let spec = Arc::make_mut(&mut body.spec).template.spec.get_or_insert_default();
            spec.containers[0].image = Some(image.to_owned());
        }
    };
    cluster.act(|client| client.modify(key, set)).expect("the image may change");
}

/// The available Pods on distinct nodes.
fn available(cluster: &Cluster) -> usize {
    let pods = cluster.store().list(Kind::Pod, Some("default"));
    let ready = pods.filter(|pod| {
        let status = pod.as_pod().map(|body| Arc::clone(&body.status));
        let conditions = status.and_then(|status| status.conditions.clone()).unwrap_or_default();
        !pod.terminating()
            && conditions.iter().any(|one| one.type_ == "Ready" && one.status == "True")
    });
    let nodes: BTreeSet<_> =
        ready.filter_map(|pod| pod.as_pod().and_then(|body| body.own.node_name.clone())).collect();
    nodes.len()
}

fn images(cluster: &Cluster) -> BTreeSet<String> {
    let pods = cluster.store().list(Kind::Pod, Some("default"));
    pods.filter_map(|pod| pod.as_pod()?.shared.containers.first()?.image.clone()).collect()
}

#[test]
fn every_node_has_one_and_a_taint_drives_it_away() {
    let (mut cluster, key) = running(1, 0);
    assert_eq!(nodes(&cluster), ["node-1", "node-2", "node-3", "node-4"]);
    let taint = |effect: Option<&'static str>| {
        move |object: &mut Object| {
            if let Body::Node(body) = &mut object.body {
                let taint = |effect: &str| Taint {
                    key: "k".to_owned(),
                    effect: effect.to_owned(),
                    ..Taint::default()
                };
                Arc::make_mut(&mut body.spec).taints = effect.map(|effect| vec![taint(effect)]);
            }
        }
    };
    let node = Key::cluster(Kind::Node, "node-2");
    cluster.act(|client| client.modify(&node, taint(Some("NoSchedule")))).expect("a taint");
    cluster.advance_to(cluster.now() + Duration::from_mins(1));
    assert_eq!(nodes(&cluster).len(), 4, "what runs may stay");
    cluster.act(|client| client.modify(&node, taint(Some("NoExecute")))).expect("a taint");
    cluster.advance_to(cluster.now() + Duration::from_mins(1));
    assert_eq!(nodes(&cluster), ["node-1", "node-3", "node-4"]);
    let set = cluster.store().get(&key).and_then(|set| set.as_daemon_set()).expect("it is there");
    assert_eq!(set.status.desired_number_scheduled, 3);
    cluster.act(|client| client.modify(&node, taint(None))).expect("no taint");
    cluster.advance_to(cluster.now() + Duration::from_mins(1));
    assert_eq!(nodes(&cluster), ["node-1", "node-2", "node-3", "node-4"]);
}

#[test]
fn an_update_goes_node_by_node() {
    for (unavailable, surge, least, most) in [(1, 0, 3, 4), (2, 0, 2, 4), (0, 1, 4, 5)] {
        let (mut cluster, key) = running(unavailable, surge);
        set_image(&mut cluster, &key, "fluentd:v2");
        let end = cluster.now() + Duration::from_mins(10);
        while cluster.next_due().is_some_and(|due| due <= end) {
            cluster.step();
            let (now, there) = (available(&cluster), nodes(&cluster).len());
            assert!(now >= least, "{unavailable} {surge}: {now} available");
            assert!(there <= most, "{unavailable} {surge}: {there} Pods");
        }
        assert_eq!(images(&cluster), BTreeSet::from(["fluentd:v2".to_owned()]));
        assert_eq!(available(&cluster), 4);
        let set = cluster.store().get(&key).and_then(|set| set.as_daemon_set()).expect("there");
        assert_eq!(set.status.updated_number_scheduled, Some(4));
    }
}

#[test]
fn a_surge_waits_until_the_new_pod_is_available() {
    let (mut cluster, key) = running(0, 1);
    let patient = |object: &mut Object| {
        if let Body::DaemonSet(body) = &mut object.body {
            Arc::make_mut(&mut body.spec).min_ready_seconds = Some(5);
        }
    };
    cluster.act(|client| client.modify(&key, patient)).expect("it may wait");
    set_image(&mut cluster, &key, "fluentd:v2");
    for _ in 0..60 {
        cluster.advance_to(cluster.now() + Duration::from_secs(1));
        assert!((4..=5).contains(&nodes(&cluster).len()), "one node has two Pods at most");
    }
    assert_eq!(images(&cluster).into_iter().collect::<Vec<_>>(), ["fluentd:v2"]);
    assert_eq!(nodes(&cluster).len(), 4);
}

#[test]
fn a_bad_image_stops_after_the_first_node() {
    let (mut cluster, key) = running(1, 0);
    set_image(&mut cluster, &key, "fluentd:doesnotexist");
    let end = cluster.now() + Duration::from_mins(10);
    while cluster.next_due().is_some_and(|due| due <= end) {
        cluster.step();
        assert!(available(&cluster) >= 3);
    }
    assert_eq!(images(&cluster).len(), 2);
    set_image(&mut cluster, &key, "fluentd:v1");
    cluster.advance_to(cluster.now() + Duration::from_mins(5));
    assert_eq!(available(&cluster), 4);
    let revisions = cluster.store().list(Kind::ControllerRevision, Some("default"));
    let mut revisions: Vec<i64> =
        revisions.filter_map(|one| Some(one.as_controller_revision()?.revision)).collect();
    order::sort(&mut revisions);
    assert_eq!(revisions, [2, 3]);
}
