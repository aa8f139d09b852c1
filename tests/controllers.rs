//! The controllers in a living cluster: what comes of a Deployment, a Service, a namespace, an owner.

use std::sync::Arc;

use k8s_openapi::api::core::v1::{ServicePort, ServiceSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kobune::cluster::scenario::deployment;
use kobune::cluster::{Cluster, Profile, Settings};
use kobune::object::{Body, Key, Kind, Object, Split};
use kobune::store::{Because, DeleteOptions, Propagation};
use kobune::time::Duration;

fn cluster(profile: Profile) -> Cluster {
    Cluster::new(Settings { profile, ..Settings::default() })
}

fn live(cluster: &mut Cluster, secs: u64) {
    cluster.advance_to(cluster.now() + Duration::from_secs(secs));
}

fn create(cluster: &mut Cluster, object: Object) -> Key {
    cluster.act(|client| client.create(object)).expect("the object is valid").key()
}

fn count(cluster: &Cluster, kind: Kind, namespace: &str) -> usize {
    cluster.store().list(kind, Some(namespace)).count()
}

fn meta(name: &str, namespace: Option<&str>) -> ObjectMeta {
    let (name, namespace) = (Some(name.to_owned()), namespace.map(str::to_owned));
    ObjectMeta { name, namespace, ..ObjectMeta::default() }
}

fn service(name: &str, type_: &str) -> Object {
    let spec = ServiceSpec {
        type_: Some(type_.to_owned()),
        selector: Some([("app".to_owned(), name.to_owned())].into()),
        ports: Some(vec![ServicePort { port: 80, ..ServicePort::default() }]),
        ..ServiceSpec::default()
    };
    let split = Split { spec: Arc::new(spec), ..Split::default() };
    Object::new(meta(name, Some("default")), Body::Service(split))
}

/// The addresses in a Service's slices, and how many of them are ready.
fn endpoints(cluster: &Cluster, service: &str) -> (usize, usize) {
    let slices = cluster.store().list(Kind::EndpointSlice, Some("default"));
    let endpoints: Vec<_> = slices
        .filter(|slice| slice.label("kubernetes.io/service-name") == Some(service))
        .filter_map(|slice| slice.as_endpoint_slice()?.endpoints.clone())
        .flatten()
        .collect();
    let ready = endpoints
        .iter()
        .filter(|one| one.conditions.as_ref().and_then(|conditions| conditions.ready) == Some(true))
        .count();
    (endpoints.len(), ready)
}

#[test]
fn a_service_follows_its_pods() {
    let mut cluster = cluster(Profile::Default);
    create(&mut cluster, service("web", "ClusterIP"));
    live(&mut cluster, 1);
    assert_eq!(endpoints(&cluster, "web"), (0, 0), "a slice without endpoints");
    let web = create(&mut cluster, deployment("web", 3, "nginx:1.27"));
    live(&mut cluster, 60);
    assert_eq!(endpoints(&cluster, "web"), (3, 3));
    cluster.act(|client| client.scale(&web, 1)).expect("it exists");
    live(&mut cluster, 60);
    assert_eq!(endpoints(&cluster, "web"), (1, 1));
}

#[test]
fn a_load_balancer_has_an_address_where_there_is_a_cloud() {
    for (profile, expected) in [(Profile::Default, Some("203.0.113.1")), (Profile::Oracle, None)] {
        let mut cluster = cluster(profile);
        let key = create(&mut cluster, service("web", "LoadBalancer"));
        live(&mut cluster, 5);
        let service = cluster.store().get(&key).expect("it is there");
        let address = service.as_service().and_then(|body| body.status.load_balancer.clone());
        let ingress = address.and_then(|balancer| balancer.ingress).unwrap_or_default();
        let first = ingress.first().and_then(|ingress| ingress.ip.as_deref());
        assert_eq!(first, expected, "{profile:?}");
        cluster.act(|client| client.delete(&key, &DeleteOptions::default())).expect("it exists");
        live(&mut cluster, 5);
        assert!(cluster.store().get(&key).is_none(), "it holds on in {profile:?}");
    }
}

#[test]
fn dependents_go_with_their_owner_or_stay_as_asked() {
    for (propagation, left) in
        [(Propagation::Background, 0), (Propagation::Foreground, 0), (Propagation::Orphan, 2)]
    {
        let mut cluster = cluster(Profile::Default);
        let web = create(&mut cluster, deployment("web", 2, "nginx:1.27"));
        live(&mut cluster, 60);
        let options = DeleteOptions { propagation, ..DeleteOptions::default() };
        cluster.act(|client| client.delete(&web, &options)).expect("it exists");
        live(&mut cluster, 120);
        assert!(cluster.store().get(&web).is_none(), "{propagation:?}");
        assert_eq!(count(&cluster, Kind::Pod, "default"), left, "{propagation:?}");
    }
}

#[test]
fn a_namespace_is_furnished_and_emptied() {
    let mut cluster = cluster(Profile::Default);
    let body = Body::Namespace(Split::default());
    let team = create(&mut cluster, Object::new(meta("team", None), body));
    live(&mut cluster, 1);
    assert_eq!(count(&cluster, Kind::ServiceAccount, "team"), 1);
    assert_eq!(count(&cluster, Kind::ConfigMap, "team"), 1);
    let mut web = deployment("web", 2, "nginx:1.27");
    Arc::make_mut(&mut web.meta).namespace = Some("team".to_owned());
    create(&mut cluster, web);
    live(&mut cluster, 60);
    assert_eq!(count(&cluster, Kind::Pod, "team"), 2);
    cluster.act(|client| client.delete(&team, &DeleteOptions::default())).expect("it exists");
    live(&mut cluster, 120);
    assert!(cluster.store().get(&team).is_none(), "it is still there");
    assert_eq!(count(&cluster, Kind::Pod, "team"), 0);
}

#[test]
fn every_change_leads_back_to_an_act_or_to_time() {
    let mut cluster = cluster(Profile::Default);
    create(&mut cluster, deployment("web", 3, "nginx:1.27"));
    live(&mut cluster, 60);
    let log = cluster.store().log();
    let mut of_the_act = 0;
    for change in log.since(0) {
        let mut because = change.cause.because;
        let mut steps = 0;
        while let Because::Change(revision) = because {
            assert!(revision < change.revision, "a cause comes before its effect");
            because = log.at(revision).expect("nothing is forgotten yet").cause.because;
            steps += 1;
            assert!(steps < 1000, "a circle of causes at {}", change.revision);
        }
        of_the_act += usize::from(because == Because::Act(1));
    }
    assert!(of_the_act > 20, "only {of_the_act} changes lead back to the act");
}

#[test]
fn a_controller_calls_as_often_as_it_may() {
    let mut cluster = cluster(Profile::Default);
    let web = create(&mut cluster, deployment("web", 300, "nginx:1.27"));
    let began = cluster.now();
    let mut counts = Vec::new();
    for secs in [5, 10] {
        while cluster.next_due().is_some_and(|due| due <= began + Duration::from_secs(secs)) {
            let before = cluster.store().revision();
            cluster.step();
            let writes = cluster.store().revision() - before;
            assert!(writes <= 40, "{writes} writes in one step");
        }
        counts.push(count(&cluster, Kind::Pod, "default"));
    }
    // 30 calls at once and 20 a second; 25 of the first are Events about what was created.
    assert!((100..=106).contains(&counts[0]) && counts[1] == counts[0] + 100, "{counts:?}");
    live(&mut cluster, 40);
    assert_eq!(count(&cluster, Kind::Pod, "default"), 300);
    cluster.act(|client| client.scale(&web, 100)).expect("it exists");
    live(&mut cluster, 5);
    let gone = cluster.store().list(Kind::Pod, Some("default"));
    let gone = 300 - gone.filter(|pod| !pod.terminating()).count();
    assert!((105..=130).contains(&gone), "{gone} in five seconds");
    live(&mut cluster, 90);
    assert_eq!(count(&cluster, Kind::Pod, "default"), 100);
}

#[test]
fn pods_are_created_in_batches_that_double() {
    let mut cluster = cluster(Profile::Oracle);
    let from = cluster.store().revision();
    create(&mut cluster, deployment("web", 9, "nginx:1.27"));
    live(&mut cluster, 10);
    let log = cluster.store().log();
    let made =
        log.since(from).filter(|change| change.key.kind == Kind::Pod && change.before.is_none());
    let times: Vec<_> = made.map(|change| change.time).collect();
    let millis: Vec<_> = times.iter().map(|time| (*time - times[0]).as_millis()).collect();
    // Each batch waits until the calls of the one before it have been answered.
    assert_eq!(millis, [0, 20, 20, 40, 40, 40, 40, 60, 60]);
    // What a round that created Pods reports is what there was before.
    let reports = log.since(from).filter_map(|change| {
        let body = change.after.as_ref()?.as_replica_set()?;
        Some(body.status.replicas)
    });
    let mut reports: Vec<_> = reports.collect();
    reports.dedup();
    assert_eq!(reports, [0, 9]);
}
