//! Rolling updates in a living cluster keep to their bounds at every moment and come to their end.

use std::sync::Arc;

use k8s_openapi::api::apps::v1::{DeploymentStrategy, RollingUpdateDeployment};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use kobune::cluster::scenario::deployment;
use kobune::cluster::{Cluster, Profile, Settings};
use kobune::controller::deployment::rolling_update_bounds;
use kobune::object::{Body, Key, Kind, Object};
use kobune::time::Duration;

fn amount(text: &str) -> IntOrString {
    text.parse().map_or_else(|_| IntOrString::String(text.to_owned()), IntOrString::Int)
}

/// A cluster in which a Deployment `web` of these bounds runs.
fn running(replicas: i32, strategy: DeploymentStrategy) -> (Cluster, Key) {
    let settings = Settings { profile: Profile::Oracle, ..Settings::default() };
    let mut cluster = Cluster::new(settings);
    let mut web = deployment("web", replicas, "nginx:1.27");
    if let Body::Deployment(body) = &mut web.body {
        Arc::make_mut(&mut body.spec).strategy = Some(strategy);
    }
    let key = cluster.act(|client| client.create(web)).expect("the Deployment is valid").key();
    cluster.advance_to(cluster.now() + Duration::from_mins(2));
    (cluster, key)
}

fn set_image(cluster: &mut Cluster, key: &Key, image: &str) {
    let set = |object: &mut Object| {
        if let Body::Deployment(body) = &mut object.body {
            Arc::make_mut(&mut body.spec).template.spec.get_or_insert_default().containers[0]
                .image = Some(image.to_owned());
        }
    };
    cluster.act(|client| client.modify(key, set)).expect("the image may change");
}

/// How many Pods the ReplicaSets are told to have, and how many report to be available.
fn totals(cluster: &Cluster) -> (i32, i32) {
    let sets = cluster.store().list(Kind::ReplicaSet, Some("default"));
    sets.filter_map(|set| {
        let body = set.as_replica_set()?;
        Some((body.spec.replicas.unwrap_or(0), body.status.available_replicas.unwrap_or(0)))
    })
    .fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1))
}

/// What the Deployment controller said since a revision, hashes left out: `up new 0 to 3`.
fn scalings(cluster: &Cluster, since: u64) -> Vec<String> {
    let changes = cluster.store().log().since(since);
    let messages = changes.filter_map(|change| {
        let event = change.after.as_ref()?.as_event()?;
        event.message.clone().filter(|text| text.starts_with("Scaled "))
    });
    let short = |message: String| {
        let words: Vec<&str> = message.split(' ').collect();
        format!("{} {} {}", words[1], words[6], words[8])
    };
    messages.map(short).collect()
}

#[test]
fn a_rolling_update_keeps_to_its_bounds() {
    let table = [
        (1, "25%", "25%"),
        (3, "1", "0"),
        (3, "0", "1"),
        (3, "100%", "0"),
        (5, "0", "2"),
        (7, "30%", "0"),
        (8, "50%", "50%"),
        (10, "25%", "25%"),
    ];
    for (replicas, surge, unavailable) in table {
        let name = format!("{replicas} Pods, surge {surge}, unavailable {unavailable}");
        let (surge, unavailable) = (amount(surge), amount(unavailable));
        let bounds = rolling_update_bounds(Some(&surge), Some(&unavailable), replicas)
            .expect("the bounds parse");
        let rolling_update = Some(RollingUpdateDeployment {
            max_surge: Some(surge),
            max_unavailable: Some(unavailable),
        });
        let type_ = Some("RollingUpdate".to_owned());
        let (mut cluster, key) = running(replicas, DeploymentStrategy { rolling_update, type_ });
        assert_eq!(totals(&cluster), (replicas, replicas), "{name}: before");
        set_image(&mut cluster, &key, "nginx:1.28");
        let end = cluster.now() + Duration::from_mins(10);
        while cluster.now() < end && cluster.step().is_some() {
            let (total, available) = totals(&cluster);
            assert!(total <= replicas + bounds.surge, "{name}: {total} Pods");
            assert!(available >= replicas - bounds.unavailable, "{name}: {available} available");
        }
        assert_eq!(totals(&cluster), (replicas, replicas), "{name}: after");
        let deployment = cluster.store().get(&key).expect("it is there");
        let body = deployment.as_deployment().expect("a Deployment is one");
        assert_eq!(body.status.updated_replicas, Some(replicas), "{name}");
        let progressing =
            body.status.conditions.iter().flatten().find(|one| one.type_ == "Progressing");
        let reason = progressing.and_then(|one| one.reason.as_deref());
        assert_eq!(reason, Some("NewReplicaSetAvailable"), "{name}");
    }
}

#[test]
fn the_steps_are_those_of_the_real_controller() {
    let rolling = |surge, unavailable| DeploymentStrategy {
        rolling_update: Some(RollingUpdateDeployment {
            max_surge: Some(IntOrString::Int(surge)),
            max_unavailable: Some(IntOrString::Int(unavailable)),
        }),
        type_: Some("RollingUpdate".to_owned()),
    };
    let recreate = DeploymentStrategy { type_: Some("Recreate".to_owned()), rolling_update: None };
    let table = [
        (rolling(1, 0), "up 0 1, down 3 2, up 1 2, down 2 1, up 2 3, down 1 0"),
        (rolling(0, 1), "down 3 2, up 0 1, down 2 1, up 1 2, down 1 0, up 2 3"),
        (recreate, "down 3 0, up 0 3"),
    ];
    for (strategy, expected) in table {
        let name = format!("{strategy:?}");
        let (mut cluster, key) = running(3, strategy);
        let before = cluster.store().revision();
        set_image(&mut cluster, &key, "nginx:1.28");
        cluster.advance_to(cluster.now() + Duration::from_mins(10));
        assert_eq!(scalings(&cluster, before).join(", "), expected, "{name}");
    }
}
