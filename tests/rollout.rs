//! Rollouts in a living cluster keep to their bounds at every moment, come to their end, or stop without harm.

use std::sync::Arc;

use k8s_openapi::api::apps::v1::{
    DeploymentSpec, DeploymentStatus, DeploymentStrategy, ReplicaSetSpec, RollingUpdateDeployment,
};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use kobune::cluster::scenario::deployment;
use kobune::cluster::{Cluster, Profile, Settings};
use kobune::controller::deployment::rolling_update_bounds;
use kobune::object::{Body, Key, Kind, Object};
use kobune::order;
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

/// A rolling update of so many more, and so many fewer.
fn rolling(surge: i32, unavailable: i32) -> DeploymentStrategy {
    DeploymentStrategy {
        rolling_update: Some(RollingUpdateDeployment {
            max_surge: Some(IntOrString::Int(surge)),
            max_unavailable: Some(IntOrString::Int(unavailable)),
        }),
        type_: Some("RollingUpdate".to_owned()),
    }
}

fn change(cluster: &mut Cluster, key: &Key, change: impl FnOnce(&mut DeploymentSpec)) {
    let set = |object: &mut Object| {
        if let Body::Deployment(body) = &mut object.body {
            change(Arc::make_mut(&mut body.spec));
        }
    };
    cluster.act(|client| client.modify(key, set)).expect("the change is valid");
}

fn status(cluster: &Cluster, key: &Key) -> DeploymentStatus {
    let object = cluster.store().get(key).expect("it is there");
    DeploymentStatus::clone(&object.as_deployment().expect("a Deployment is one").status)
}

/// The Progressing condition: `True NewReplicaSetAvailable`.
fn progressing(cluster: &Cluster, key: &Key) -> String {
    let status = status(cluster, key);
    let found = status.conditions.iter().flatten().find(|one| one.type_ == "Progressing");
    found.map_or_else(String::new, |one| {
        format!("{} {}", one.status, one.reason.as_deref().unwrap_or_default())
    })
}

/// Runs for a while; at every event no more Pods than `most`, no fewer available than `least`.
fn run_within(cluster: &mut Cluster, minutes: u64, most: i32, least: i32) {
    let end = cluster.now() + Duration::from_mins(minutes);
    while cluster.next_due().is_some_and(|due| due <= end) {
        cluster.step();
        let (total, available) = totals(cluster);
        assert!(total <= most, "{total} Pods at {}", cluster.now());
        assert!(available >= least, "{available} available at {}", cluster.now());
    }
    cluster.advance_to(end);
}

/// The specs of the ReplicaSets, oldest revision first, with the revision.
fn sets(cluster: &Cluster) -> Vec<(i64, Arc<ReplicaSetSpec>)> {
    let sets = cluster.store().list(Kind::ReplicaSet, Some("default"));
    let mut sets: Vec<_> = sets
        .filter_map(|set| {
            let revision = set.annotation("deployment.kubernetes.io/revision")?.parse().ok()?;
            Some((revision, Arc::clone(&set.as_replica_set()?.spec)))
        })
        .collect();
    order::sort_by_key(&mut sets, |(revision, _)| *revision);
    sets
}

fn sizes(cluster: &Cluster) -> Vec<i32> {
    sets(cluster).iter().map(|(_, spec)| spec.replicas.unwrap_or(0)).collect()
}

#[test]
fn a_bad_image_stalls_without_losing_the_old_pods_and_undoing_it_recovers() {
    let (mut cluster, key) = running(4, rolling(1, 1));
    change(&mut cluster, &key, |spec| spec.progress_deadline_seconds = Some(60));
    set_image(&mut cluster, &key, "nginx:doesnotexist");
    run_within(&mut cluster, 1, 5, 3);
    assert_eq!(progressing(&cluster, &key), "True ReplicaSetUpdated");
    run_within(&mut cluster, 5, 5, 3);
    assert_eq!(sizes(&cluster), [3, 2], "one old Pod made room for one of two new ones");
    assert_eq!(progressing(&cluster, &key), "False ProgressDeadlineExceeded");
    set_image(&mut cluster, &key, "nginx:1.27");
    run_within(&mut cluster, 5, 5, 3);
    assert_eq!(sizes(&cluster), [0, 4]);
    assert_eq!(sets(&cluster).iter().map(|(revision, _)| *revision).collect::<Vec<_>>(), [2, 3]);
    assert_eq!(progressing(&cluster, &key), "True NewReplicaSetAvailable");
}

#[test]
fn a_failing_readiness_probe_stalls_too() {
    let (mut cluster, key) = running(3, rolling(1, 0));
    change(&mut cluster, &key, |spec| {
        let containers = &mut spec.template.spec.get_or_insert_default().containers;
        let probe =
            serde_json::json!({"httpGet": {"path": "/fail", "port": 80}, "periodSeconds": 1});
        containers[0].readiness_probe = serde_json::from_value(probe).expect("a probe");
    });
    run_within(&mut cluster, 20, 4, 3);
    assert_eq!(sizes(&cluster), [3, 1]);
    assert_eq!(progressing(&cluster, &key), "False ProgressDeadlineExceeded");
    assert_eq!(status(&cluster, &key).available_replicas, Some(3));
}

#[test]
fn what_is_paused_scales_but_does_not_roll() {
    let (mut cluster, key) = running(3, rolling(1, 0));
    change(&mut cluster, &key, |spec| spec.paused = Some(true));
    run_within(&mut cluster, 1, 3, 3);
    assert_eq!(progressing(&cluster, &key), "Unknown DeploymentPaused");
    set_image(&mut cluster, &key, "nginx:1.28");
    change(&mut cluster, &key, |spec| spec.replicas = Some(5));
    run_within(&mut cluster, 30, 5, 3);
    assert_eq!(sizes(&cluster), [5], "no new ReplicaSet, and the old one was scaled");
    assert_eq!(progressing(&cluster, &key), "Unknown DeploymentPaused", "a pause has no deadline");
    change(&mut cluster, &key, |spec| spec.paused = None);
    run_within(&mut cluster, 5, 6, 5);
    assert_eq!(sizes(&cluster), [0, 5]);
    assert_eq!(progressing(&cluster, &key), "True NewReplicaSetAvailable");
}

#[test]
fn scaling_in_the_middle_of_a_rollout_keeps_the_proportion() {
    let (mut cluster, key) = running(10, rolling(3, 2));
    set_image(&mut cluster, &key, "nginx:doesnotexist");
    run_within(&mut cluster, 2, 13, 8);
    assert_eq!(sizes(&cluster), [8, 5]);
    change(&mut cluster, &key, |spec| spec.replicas = Some(20));
    run_within(&mut cluster, 2, 23, 8);
    // Of 23 instead of 13: 8 x 23/13 = 14.2 and 5 x 23/13 = 8.8.
    assert_eq!(sizes(&cluster), [14, 9]);
    change(&mut cluster, &key, |spec| spec.replicas = Some(5));
    run_within(&mut cluster, 2, 23, 3);
    // Of 8 instead of 23, and then unavailable Pods make way where old ones may not.
    assert_eq!(sizes(&cluster).iter().sum::<i32>(), 8);
    set_image(&mut cluster, &key, "nginx:1.28");
    run_within(&mut cluster, 5, 8, 3);
    assert_eq!(sizes(&cluster), [0, 0, 5]);
}

#[test]
fn recreate_never_lets_two_versions_meet() {
    let recreate = DeploymentStrategy { type_: Some("Recreate".to_owned()), rolling_update: None };
    let (mut cluster, key) = running(3, recreate);
    set_image(&mut cluster, &key, "nginx:1.28");
    let (end, mut none) = (cluster.now() + Duration::from_mins(10), false);
    while cluster.next_due().is_some_and(|due| due <= end) {
        cluster.step();
        let pods = cluster.store().list(Kind::Pod, Some("default"));
        let mut hashes: Vec<_> =
            pods.filter_map(|pod| pod.label("pod-template-hash").map(str::to_owned)).collect();
        order::sort(&mut hashes);
        hashes.dedup();
        assert!(hashes.len() <= 1, "Pods of {hashes:?} at {}", cluster.now());
        none |= hashes.is_empty();
    }
    assert!(none, "there was a moment without any");
    assert_eq!(sizes(&cluster), [0, 3]);
    assert_eq!(progressing(&cluster, &key), "True NewReplicaSetAvailable");
}

#[test]
fn a_pod_counts_as_available_once_it_was_ready_long_enough() {
    let (mut cluster, key) = running(2, rolling(1, 0));
    change(&mut cluster, &key, |spec| spec.min_ready_seconds = Some(20));
    run_within(&mut cluster, 1, 2, 0);
    assert_eq!(status(&cluster, &key).available_replicas, Some(2));
    let (began, mut waited) = (cluster.now(), false);
    set_image(&mut cluster, &key, "nginx:1.28");
    while sizes(&cluster) != [0, 2] {
        assert!(cluster.step().is_some() && cluster.now() < began + Duration::from_mins(5));
        let (total, available) = totals(&cluster);
        assert!(total <= 3 && available >= 2, "{total} Pods, {available} available");
        let status = status(&cluster, &key);
        waited |= status.ready_replicas > status.available_replicas;
    }
    assert!(waited, "some were ready and not yet available");
    // Two Pods, one after the other, 20 s each.
    assert!(cluster.now() >= began + Duration::from_secs(40), "{}", cluster.now());
}

#[test]
fn only_so_many_old_replica_sets_are_kept_and_each_knows_its_cause() {
    let (mut cluster, key) = running(1, rolling(1, 0));
    change(&mut cluster, &key, |spec| spec.revision_history_limit = Some(2));
    for image in ["nginx:1.26", "nginx:1.25", "nginx:1.24", "nginx:1.23"] {
        let cause = |object: &mut Object| {
            let annotations = Arc::make_mut(&mut object.meta).annotations.get_or_insert_default();
            annotations.insert("kubernetes.io/change-cause".to_owned(), image.to_owned());
        };
        set_image(&mut cluster, &key, image);
        cluster.act(|client| client.modify(&key, cause)).expect("annotations may change");
        run_within(&mut cluster, 2, 2, 1);
    }
    let kept: Vec<_> = sets(&cluster).iter().map(|(revision, _)| *revision).collect();
    assert_eq!(kept, [3, 4, 5]);
    let causes = cluster.store().list(Kind::ReplicaSet, Some("default"));
    let mut causes: Vec<_> =
        causes.filter_map(|set| set.annotation("kubernetes.io/change-cause")).collect();
    order::sort(&mut causes);
    assert_eq!(causes, ["nginx:1.23", "nginx:1.24", "nginx:1.25"]);
}
